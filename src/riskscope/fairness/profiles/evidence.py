"""From counted profiles to what is judged: the whole table, each segment, recall of each true class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.fairness.association import (
    UNTOLD,
    Association,
    Within,
    adjusted_residuals,
    association,
    class_shares,
    expected_counts,
    independence,
    independence_within,
)
from riskscope.fairness.profiles.counts import ProfileCounts
from riskscope.fairness.testing import (
    Gap,
    effective_counts,
    gap_interval,
    one_against_rest,
    one_against_rest_weighted,
    over_families,
    verdict,
)
from riskscope.words import N_

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]

#: Where p comes from when records have weights.
WEIGHTED = N_("normal distribution of each weighted share, corrected for all groups and segments (Holm)")


class SegmentTest(NamedTuple):
    """One segment: the largest gap between groups judged (places of both), and how much of the whole lies in it."""

    people: int
    highest: int
    lowest: int
    gap: float
    low: float
    high: float
    ratio: float
    share_of_chi2: float
    p: float
    verdict: str


class Recall(NamedTuple):
    """Of the people of one true class, those put into the segment of the same name; arrays (n_groups,).

    ``hits`` and ``sizes`` are effective numbers where records are weighted, ``people`` are counted.
    """

    people: Whole
    hit_people: Whole
    hits: Numbers
    sizes: Numbers
    rates: Numbers


class RecallTest(NamedTuple):
    """Recall of one true class: its place, the groups judged (n_groups,), and what was found."""

    at: int
    truth: str
    recall: Recall
    judged: Booleans
    gap: Gap
    p: float
    verdict: str


@dataclass(frozen=True, eq=False)
class Judged:
    """The groups and segments judged, and what was found.

    Parameters
    ----------
    group_places, segment_places : int64 arrays
        Which groups and segments of the counts are judged.
    cells : int64 array (n_judged, n_columns)
        Their people; where smaller segments have anybody, these together are one more column, the last.
    weights, hits, sizes : float64 arrays (n_judged, n_columns)
        What they weigh; effective people in the cell, and in the group.
    expected, residuals, p_cells : float64 arrays (n_judged, n_columns)
    strength, p_value, p_chi2, p_g, method, n_permutations
        Of the whole table; ``p_value`` of the table or any of its cells, corrected.
    segments : SegmentTest of each segment judged
    largest : upper ends of the intervals of gaps, the largest of all segments
    verdict : over all segments
    each_level : level of each segment's interval, such that all hold at once
    """

    group_places: Whole
    segment_places: Whole
    cells: Whole
    weights: Numbers
    hits: Numbers
    sizes: Numbers
    expected: Numbers
    residuals: Numbers
    p_cells: Numbers
    strength: Association
    p_value: float
    p_chi2: float
    p_g: float
    method: str
    n_permutations: int
    segments: tuple[SegmentTest, ...]
    largest: float
    verdict: str
    each_level: float

    def spread(self, values: Numbers, shape: tuple[int, ...]) -> Numbers:
        """Return figures of what is judged in a table of all groups and segments, NaN elsewhere."""
        table = np.full(shape, np.nan)
        table[np.ix_(self.group_places, self.segment_places)] = values[:, : len(self.segment_places)]
        return table


def segments_tested(
    counts: ProfileCounts,
    *,
    min_group: int,
    level: float,
    margin: float,
    n_permutations: int,
    rng: np.random.Generator,
) -> Judged:
    """Return what is found in groups and segments of people enough."""
    table = counts.table
    groups = np.flatnonzero(table.sum(axis=1) >= min_group)
    segments = np.flatnonzero(table[groups].sum(axis=0) >= min_group)
    cells = judged_columns(table[groups], segments)
    weights, hits, sizes, n = _weighed(counts, groups, segments, cells)
    expected = expected_counts(weights) if cells.size else np.zeros(cells.shape)
    strength = association(weights, n=n)
    looked_at = np.arange(cells.shape[1]) < len(segments)
    if counts.squares is None:
        found = independence(cells, judged=looked_at, n_permutations=n_permutations, rng=rng)
        p_value, p_chi2, p_g, method = found.p_any, found.p_chi2, found.p_g, found.method
        p_cells, n_drawn = found.p_cells, found.n_permutations
    else:
        p_cells = _weighted_cells(weights, judged_columns(counts.squares.sum(axis=0)[groups], segments), looked_at)
        p_value = float(np.nanmin(p_cells)) if np.isfinite(p_cells).any() else np.nan
        p_chi2, p_g, n_drawn = np.nan, np.nan, 0
        method = WEIGHTED if np.isfinite(p_value) else UNTOLD
        strength = strength._replace(chi2=np.nan, g=np.nan)
    n_columns = cells.shape[1]
    each_level = 1 - (1 - level) / (n_columns if n_columns > 2 else 1)
    gaps = [gap_interval(hits[:, at], sizes[:, at], level=each_level) for at in range(n_columns)]
    largest = max((each.high for each in gaps), default=np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = np.nansum((weights - expected) ** 2 / expected, axis=0)
        residuals = adjusted_residuals(weights * (n or 1) / (weights.sum() or 1))
    return Judged(
        group_places=groups,
        segment_places=segments,
        cells=cells,
        weights=weights,
        hits=hits,
        sizes=sizes,
        expected=expected,
        residuals=residuals,
        p_cells=p_cells,
        strength=strength,
        p_value=p_value,
        p_chi2=p_chi2,
        p_g=p_g,
        method=method,
        n_permutations=n_drawn,
        segments=tuple(
            _segment(at, cells, class_shares(weights), gaps[at], groups, parts, p_cells[:, at], margin)
            for at in range(len(segments))
        ),
        largest=largest,
        verdict=verdict(p_value, 0.0, largest, margin),
        each_level=each_level,
    )


def judged_columns(table: NDArray[Any], segments: Whole) -> NDArray[Any]:
    """Return the columns of the segments judged, and all others together as one more where they hold anybody."""
    rest = np.delete(table, segments, axis=-1).sum(axis=-1, keepdims=True)
    kept = table[..., segments]
    return np.concatenate([kept, rest], axis=-1) if rest.any() else kept


def _weighed(
    counts: ProfileCounts, groups: Whole, segments: Whole, cells: Whole
) -> tuple[Numbers, Numbers, Numbers, float]:
    """Return weights, effective hits and people of what is judged, and the effective number of people in all."""
    people = cells.astype(np.float64)
    if counts.weights is None or counts.squares is None:
        sizes = np.broadcast_to(people.sum(axis=1, keepdims=True), people.shape)
        return people, people, sizes, float(people.sum())
    weights, squares = (
        judged_columns(each.sum(axis=0)[groups], segments)[:, : cells.shape[1]]
        for each in (counts.weights, counts.squares)
    )
    totals, total_squares = (
        np.broadcast_to(each.sum(axis=1, keepdims=True), each.shape) for each in (weights, squares)
    )
    hits, sizes = effective_counts(weights, totals, squares, total_squares)
    return weights, hits, sizes, float(weights.sum() ** 2 / squares.sum()) if squares.sum() else 0.0


def _weighted_cells(weights: Numbers, squares: Numbers, looked_at: Booleans) -> Numbers:
    """Return the corrected p of each weighted cell; in two columns, both say the same."""
    n_columns = weights.shape[1]
    p_cells = np.full(weights.shape, np.nan)
    if n_columns < 2:
        return p_cells
    totals, total_squares = weights.sum(axis=1), squares.sum(axis=1)
    columns = [0] if n_columns == 2 else np.flatnonzero(looked_at).tolist()
    found = [
        one_against_rest_weighted(weights[:, at], totals, squares[:, at], total_squares).p_adjusted for at in columns
    ]
    for at, p in zip(columns, over_families(found), strict=True):
        p_cells[:, at] = p
    if n_columns == 2:
        p_cells[:, 1] = p_cells[:, 0]
    return p_cells


def _segment(
    at: int, cells: Whole, shares: Numbers, gap: Gap, groups: Whole, parts: Numbers, p_cells: Numbers, margin: float
) -> SegmentTest:
    p = float(np.nanmin(p_cells)) if np.isfinite(p_cells).any() else np.nan
    is_told = gap.first >= 0
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = float(shares[gap.last, at] / shares[gap.first, at]) if is_told else np.nan
    return SegmentTest(
        people=int(cells[:, at].sum()),
        highest=int(groups[gap.first]) if is_told else -1,
        lowest=int(groups[gap.last]) if is_told else -1,
        gap=gap.gap,
        low=gap.low,
        high=gap.high,
        ratio=ratio,
        share_of_chi2=float(parts[at] / parts.sum()) if parts.sum() > 0 else np.nan,
        p=p,
        verdict=verdict(p, gap.low, gap.high, margin),
    )


def recalls_of(
    counts: ProfileCounts,
    *,
    min_group: int,
    level: float,
    margin: float,
    n_permutations: int,
    rng: np.random.Generator,
) -> tuple[RecallTest, ...]:
    """Return, for each true class, how many of its people each group has in the segment of the same name."""
    found, families = [], []
    for at, truth in enumerate(counts.truths[: len(counts.truths) - counts.truth_unknown]):
        recall = recall_of(counts, at)
        judged = recall.people >= min_group
        if counts.weights is not None and counts.squares is not None:
            sums = (
                each for cells in (counts.weights, counts.squares) for each in _hit(cells[at], counts.segments, truth)
            )
            total, hit, square, hit_square = (each[judged] for each in sums)
            tested = one_against_rest_weighted(hit, total, hit_square, square)
        else:
            hit_people, people = recall.hit_people[judged], recall.people[judged]
            tested = one_against_rest(hit_people, people, n_permutations=n_permutations, rng=rng)
        gap = gap_interval(recall.hits[judged], recall.sizes[judged], level=level)
        families.append([tested.p_any])
        found.append(RecallTest(at, truth, recall, judged, placed(gap, np.flatnonzero(judged)), np.nan, ""))
    return tuple(
        each._replace(p=float(p[0]), verdict=verdict(float(p[0]), each.gap.low, each.gap.high, margin))
        for each, p in zip(found, over_families(families), strict=True)
    )


def recall_of(counts: ProfileCounts, at: int) -> Recall:
    """Return how many people of the true class number ``at`` each group has, and has in the segment of that name."""
    truth = counts.truths[at]
    people, hit_people = _hit(counts.cells[at], counts.segments, truth)
    total, hit = sizes, hits = people.astype(np.float64), hit_people.astype(np.float64)
    if counts.weights is not None and counts.squares is not None:
        total, hit = _hit(counts.weights[at], counts.segments, truth)
        square, hit_square = _hit(counts.squares[at], counts.segments, truth)
        hits, sizes = effective_counts(hit, total, hit_square, square)
    return Recall(people, hit_people, hits, sizes, hit / np.where(total > 0, total, np.nan))


def _hit(table: NDArray[Any], segments: tuple[str, ...], truth: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the totals of the groups, and what of them is in the segment of that name, 0 where there is none."""
    totals = table.sum(axis=1)
    return totals, table[:, segments.index(truth)] if truth in segments else np.zeros_like(totals)


def placed(gap: Gap, places: Whole) -> Gap:
    """Return a gap among some groups with their places among all."""
    if gap.first < 0:
        return gap
    return gap._replace(first=int(places[gap.first]), last=int(places[gap.last]))


def within_truths(counts: ProfileCounts, tested: Judged, *, n_permutations: int, rng: np.random.Generator) -> Within:
    """Return the association of groups and segments judged among people of one true class, added up over these."""
    if counts.weights is not None:
        return Within(np.nan, np.nan, 0, np.nan, np.nan, UNTOLD, 0)
    known = counts.cells[: len(counts.truths) - counts.truth_unknown]
    tables = judged_columns(known[:, tested.group_places], tested.segment_places)
    return independence_within(tables, n_permutations=n_permutations, rng=rng)
