"""The distance of one column, and of two columns together, between an original and a released table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.utility.covering import Covering, means, spread
from riskscope.words import N_

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Parts into which numbers are cut for pairs; categories kept apart for pairs, the commonest.
PARTS, MOST_CATEGORIES = 10, 20
#: What rounding leaves of nothing.
ROUNDING = 1e-12

NUMBERS, CATEGORIES = N_("numbers"), N_("categories")


@dataclass(frozen=True, kw_only=True)
class ColumnDistance:
    """How far a released column lies from the original one; NaN where a distance is not one of its kind.

    ``distance`` is ``kolmogorov_smirnov`` for numbers, ``total_variation`` for categories, both 0 to 1.
    ``n_coarse`` cells stand for several values, ``n_suppressed`` for all, ``n_not_compared`` for nothing known.
    """

    column: str
    kind: str
    distance: float
    kolmogorov_smirnov: float
    wasserstein: float
    total_variation: float
    jensen_shannon: float
    n_coarse: int
    n_suppressed: int
    n_not_compared: int


@dataclass(frozen=True, kw_only=True)
class PairDistance:
    """How far the released counts of two columns together lie from the original ones.

    ``association`` is the correlation of two columns of numbers, else Cramér's V of the parts compared.
    """

    columns: tuple[str, str]
    total_variation: float
    association: str
    original: float
    released: float
    difference: float


class Side:
    """A column of both tables, with the share of each released cell that is taken to be missing in the original."""

    def __init__(self, covering: Covering) -> None:
        self.covering = covering
        n_original, n_released = len(covering.original), len(covering.codes)
        self.counts = np.bincount(covering.codes, minlength=covering.n_codes).astype(float)
        n_missing = np.count_nonzero(covering.original < 0)
        n_blank = self.counts[covering.is_blank].sum()
        kept = min(1.0, n_missing / n_original * n_released / n_blank) if n_blank and n_original else 0.0
        self.missing = np.where(covering.is_blank, kept, 0.0)
        self.is_covering = covering.n_covered() > 0
        self.is_point = np.isfinite(covering.points)
        #: Cells that say nothing that can be compared; a cell that is missing in the original, too, does.
        self.is_unread = ~self.is_covering & ~self.is_point & (self.missing < 1)
        self.table: tuple[Whole, Numbers] | None = None

    def parts(self) -> tuple[Whole, Numbers]:
        """Return the part of each original record, and the share of each released cell in each part.

        The last part but one is missing, the last one what the original does not have.
        """
        if self.table is None:
            covering = self.covering
            part, n_parts = _parts(covering)
            shares = np.zeros((covering.n_codes, n_parts + 2))
            shares[:, :n_parts] = means(covering, np.eye(n_parts)[part])
            if self.is_point.any():
                first = np.array([covering.numbers[part == at].min() for at in range(n_parts)])
                at = np.maximum(np.searchsorted(first, covering.points[self.is_point], "right") - 1, 0)
                shares[np.flatnonzero(self.is_point), at] = 1
            shares *= (1 - self.missing)[:, None]
            shares[:, n_parts] = self.missing
            shares[:, n_parts + 1] = np.where(self.is_unread, 1 - self.missing, 0)
            own = np.append(part, n_parts)[covering.original]
            self.table = own, shares
        return self.table

    def moments(self) -> tuple[Numbers, Numbers, Numbers]:
        """Return the weight, the mean and the mean square of the number that each released cell stands for."""
        numbers = self.covering.numbers - self.covering.numbers.mean()
        first, second = means(self.covering, np.stack([numbers, numbers**2], axis=1)).T
        points = np.nan_to_num(self.covering.points - self.covering.numbers.mean())
        weight = np.where(self.is_unread, 0.0, 1 - self.missing)
        return weight, first + points, second + points**2


def _parts(covering: Covering) -> tuple[Whole, int]:
    """Return the part of each original value: between deciles, or the commonest categories and all others."""
    counts = np.bincount(covering.original[covering.original >= 0], minlength=covering.n_places)
    if covering.is_number:
        middle = (np.cumsum(counts) - counts / 2) / max(1, counts.sum())
        part = np.unique(np.minimum((PARTS * middle).astype(np.int64), PARTS - 1), return_inverse=True)[1]
    else:
        part = np.argsort(np.argsort(-counts, kind="stable"), kind="stable")
        part = np.minimum(part, MOST_CATEGORIES)
    return part, int(part.max(initial=-1)) + 1


def distance_of(side: Side) -> ColumnDistance:
    """Return how far a released column lies from the original one."""
    covering, undefined = side.covering, float("nan")
    ks = wasserstein = variation = shannon = undefined
    if covering.is_number:
        support, ours, theirs = _over_numbers(side)
        if ours.sum() and theirs.sum():
            ours, theirs = ours / ours.sum(), theirs / theirs.sum()
            apart = np.abs(np.cumsum(ours - theirs))
            ks = _tidy(apart[:-1].max(initial=0.0))
            moved = float((apart[:-1] * np.diff(support)).sum())
            mean = float((ours * support).sum())
            n = int(np.count_nonzero(covering.original >= 0))
            deviation = float(np.sqrt((ours * (support - mean) ** 2).sum() * n / (n - 1))) if n > 1 else 0.0
            wasserstein = _tidy(moved / deviation) if deviation > 0 else undefined if moved else 0.0
    else:
        ours, theirs = _over_categories(side)
        if ours.sum() and theirs.sum():
            ours, theirs = ours / ours.sum(), theirs / theirs.sum()
            variation = _tidy(float(np.abs(ours - theirs).sum() / 2))
            shannon = _jensen_shannon(ours, theirs)
    several = side.covering.n_covered() > 1
    is_suppressed = covering.is_suppressed & (side.missing < 1)
    return ColumnDistance(
        column=covering.column,
        kind=NUMBERS if covering.is_number else CATEGORIES,
        distance=ks if covering.is_number else variation,
        kolmogorov_smirnov=ks,
        wasserstein=wasserstein,
        total_variation=variation,
        jensen_shannon=shannon,
        n_coarse=int(side.counts[several & ~covering.is_suppressed].sum()),
        n_suppressed=round(float((side.counts * (1 - side.missing))[is_suppressed].sum())),
        n_not_compared=round(float((side.counts * (1 - side.missing))[side.is_unread].sum())),
    )


def _tidy(distance: float) -> float:
    """Return a distance without what rounding leaves of nothing."""
    return 0.0 if distance < ROUNDING else float(distance)


def _over_numbers(side: Side) -> tuple[Numbers, Numbers, Numbers]:
    """Return the numbers of both, rising, with the weight of each in the original and in the release."""
    covering = side.covering
    ours = np.bincount(covering.original[covering.original >= 0], minlength=covering.n_places).astype(float)
    theirs = spread(covering, side.counts * (1 - side.missing))
    points = covering.points[side.is_point]
    support, place = np.unique(np.concatenate((covering.numbers, points)), return_inverse=True)
    released = np.concatenate((theirs, side.counts[side.is_point]))
    mine, their = (
        np.bincount(place[: len(each)], each, minlength=len(support)).astype(float) for each in (ours, released)
    )
    return support, mine, their


def _over_categories(side: Side) -> tuple[Numbers, Numbers]:
    """Return the weight of each category, of the missing value, and of what the original does not have."""
    covering = side.covering
    ours = np.bincount(
        np.where(covering.original >= 0, covering.original, covering.n_places), minlength=covering.n_places + 2
    ).astype(float)
    present = side.counts * (1 - side.missing)
    theirs = np.append(spread(covering, present), [(side.counts * side.missing).sum(), present[side.is_unread].sum()])
    return ours, theirs


def _jensen_shannon(ours: Numbers, theirs: Numbers) -> float:
    """Return the Jensen–Shannon distance of two distributions, in bits: 0 to 1."""
    middle = (ours + theirs) / 2
    divergence = 0.0
    for each in (ours, theirs):
        there = each > 0
        divergence += float((each[there] * np.log2(each[there] / middle[there])).sum()) / 2
    return float(np.sqrt(max(0.0, divergence))) if divergence > 1e-15 else 0.0


class _Change(NamedTuple):
    original: float
    released: float


def pair_of(one: Side, other: Side) -> PairDistance:
    """Return how far the released counts of two columns together lie from the original ones."""
    from scipy.sparse import coo_matrix

    (own_one, shares_one), (own_other, shares_other) = one.parts(), other.parts()
    width = shares_other.shape[1]
    ours = np.bincount(own_one * width + own_other, minlength=shares_one.shape[1] * width).astype(float)
    ours = ours.reshape(-1, width)
    codes = one.covering.codes, other.covering.codes
    together = coo_matrix((np.ones(len(codes[0])), codes), shape=(one.covering.n_codes, other.covering.n_codes))
    theirs = shares_one.T @ (together.tocsr() @ shares_other)
    variation = float("nan")
    if ours.sum() and theirs.sum():
        variation = _tidy(float(np.abs(ours / ours.sum() - theirs / theirs.sum()).sum() / 2))
    if one.covering.is_number and other.covering.is_number:
        name, change = N_("correlation"), _correlations(one, other)
    else:
        name, change = N_("Cramér's V"), _Change(_cramers_v(ours), _cramers_v(theirs))
    difference = change.released - change.original
    return PairDistance(
        columns=(one.covering.column, other.covering.column),
        total_variation=variation,
        association=name,
        original=change.original,
        released=change.released,
        difference=0.0 if abs(difference) < ROUNDING else difference,
    )


def _cramers_v(table: Numbers) -> float:
    """Return Cramér's V of a table of counts; NaN with fewer than two rows or columns that hold anything."""
    held = table[table.sum(axis=1) > 1e-9][:, table.sum(axis=0) > 1e-9]
    if min(held.shape) < 2:
        return float("nan")
    expected = held.sum(axis=1)[:, None] * held.sum(axis=0) / held.sum()
    return _tidy(float(np.sqrt(((held - expected) ** 2 / expected).sum() / held.sum() / (min(held.shape) - 1))))


def _correlations(one: Side, other: Side) -> _Change:
    """Return the correlation of two columns of numbers in the original, and in the release with its spread cells."""
    ours = [each.covering.original for each in (one, other)]
    both = (ours[0] >= 0) & (ours[1] >= 0)
    values = [
        (each.covering.numbers - each.covering.numbers.mean())[own[both]]
        for each, own in zip((one, other), ours, strict=True)
    ]
    found = _correlation(np.ones(int(both.sum())), values[0], values[1], values[0] ** 2, values[1] ** 2)
    (weight, first, square), (other_weight, other_first, other_square) = (
        [each[side.covering.codes] for each in side.moments()] for side in (one, other)
    )
    return _Change(found, _correlation(weight * other_weight, first, other_first, square, other_square))


def _correlation(weight: Numbers, x: Numbers, y: Numbers, xx: Numbers, yy: Numbers) -> float:
    """Return the correlation of numbers known by their means and mean squares; NaN where one does not vary."""
    total = weight.sum()
    if total <= 0:
        return float("nan")
    mean_x, mean_y, mean_xx, mean_yy, mean_xy = ((weight * each).sum() / total for each in (x, y, xx, yy, x * y))
    spreads = (mean_xx - mean_x**2, mean_yy - mean_y**2)
    if spreads[0] <= 1e-12 * mean_xx or spreads[1] <= 1e-12 * mean_yy:
        return float("nan")
    return float(np.clip((mean_xy - mean_x * mean_y) / np.sqrt(spreads[0] * spreads[1]), -1, 1))
