"""Which values of the original a released cell covers, and a cell's weight spread evenly over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.engines.encode import Coded
from riskscope.errors import FrameError
from riskscope.hierarchy import Hierarchy, text_of
from riskscope.intake import released_forms as forms
from riskscope.intake import released_scales as scales
from riskscope.intake.released import Distinct, distinct_columns, read_released
from riskscope.words import _

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Covering:
    """A column of both tables: the original values in order, and which of them each released cell covers.

    Parameters
    ----------
    column : str
        Its name.
    numbers : numbers (n_places,)
        The distinct values of the original, rising; dates in days. Empty for categories, and for codes: texts of
        four digits or more, all as many, or masked in the release.
    n_places : int
        How many distinct values the original has.
    original : whole numbers (n_original,)
        Place of each record's value; -1 where it is missing.
    codes : whole numbers (n_released,)
        Which distinct cell each released record has.
    cells : texts or None (n_codes,)
        The distinct released cells.
    code, low, high : whole numbers (n_ranges,)
        Distinct cell ``code`` covers the places ``low`` to ``high - 1``; a cell may have several ranges, or none.
    is_blank, is_suppressed : truth values (n_codes,)
        Whether a cell is missing or empty; whether it says nothing (blank, or of stars alone).
    points : numbers (n_codes,)
        The number that a cell is though the original has no such value (noise); else NaN.
    """

    column: str
    numbers: Numbers
    n_places: int
    original: Whole
    codes: Whole
    cells: tuple[str | None, ...]
    code: Whole
    low: Whole
    high: Whole
    is_blank: Booleans
    is_suppressed: Booleans
    points: Numbers

    @property
    def is_number(self) -> bool:
        """Whether the column holds numbers or dates."""
        return len(self.numbers) > 0

    @property
    def n_codes(self) -> int:
        """Number of distinct released cells."""
        return len(self.cells)

    def n_covered(self) -> Whole:
        """Return how many distinct values each released cell covers."""
        return np.bincount(self.code, self.high - self.low, minlength=self.n_codes).astype(np.int64)

    def ends(self) -> tuple[Whole, Whole]:
        """Return the first and the last place that each released cell covers; first after last where it has none."""
        first, last = np.full(self.n_codes, self.n_places), np.full(self.n_codes, -1)
        np.minimum.at(first, self.code, self.low)
        np.maximum.at(last, self.code, self.high - 1)
        return first, last

    def covers(self, codes: Whole, places: Whole) -> Booleans:
        """Tell for pairs of a released cell and an original value whether the cell covers the value."""
        order = np.lexsort((self.low, self.code))
        width = self.n_places + 1
        keys = self.code[order] * width + self.low[order]
        at = np.searchsorted(keys, codes * width + places, side="right") - 1
        if not len(order):
            return np.zeros(len(codes), bool)
        found = order[np.maximum(at, 0)]
        inside = (at >= 0) & (self.code[found] == codes) & (places < self.high[found])
        return np.asarray(inside & (places >= 0))


def coverings(
    original: Any,
    released: Any,
    columns: Sequence[str],
    hierarchies: Mapping[str, Hierarchy] | None = None,
    *,
    with_domain: bool = False,
) -> list[Covering]:
    """Return the named columns of both tables, understood beside each other.

    Parameters
    ----------
    original, released : data frames
    columns : names of columns that both have
    hierarchies : mapping of a column to its Hierarchy, optional
        Says which values stand under a released one.
    with_domain : bool, default False
        Whether the values of a hierarchy that no record has count as values of the original.
    """
    trees = hierarchies or {}
    before = zip(*distinct_columns(original, columns), strict=True)
    after = zip(*distinct_columns(released, columns), strict=True)
    return [
        _covering(column, *ours, *theirs, trees.get(column), with_domain)
        for column, ours, theirs in zip(columns, before, after, strict=True)
    ]


def _covering(
    column: str,
    coded: Coded,
    known: Distinct,
    coded_after: Coded,
    after: Distinct,
    tree: Hierarchy | None,
    with_domain: bool,
) -> Covering:
    texts = [None if value is None else text_of(value).strip() for value in known.values]
    values = list(known.values)
    there = set(texts)
    if tree is not None and with_domain:
        values += [value for value in tree.values if value.strip() not in there]
    counts = np.zeros(len(values), np.int64)
    counts[: len(known.counts)] = known.counts
    read = read_released(column, Distinct(values, counts), after, hierarchy=tree)
    present = np.array([value is not None and text_of(value).strip() != "" for value in values], bool)
    spans = read.known[present].astype(np.int64)
    distinct, place = np.unique(spans, axis=0, return_inverse=True)
    places = np.full(len(values), -1)
    places[present] = place.ravel()
    starts, stops = distinct[:, 0], np.maximum.accumulate(distinct[:, 1]) if len(distinct) else distinct[:, 1]
    low = np.searchsorted(stops, read.ranges[:, 0], "right")
    high = np.searchsorted(starts, read.ranges[:, 1], "left")
    code = np.repeat(np.arange(len(after.values)), np.diff(read.first))
    covers = high > low
    held = [value for value, is_there in zip(values, present, strict=True) if is_there]
    is_code = bool(read.forms.get(forms.MASK)) or _are_codes(held)
    numbers = np.empty(0) if is_code else _numbers(held, place.ravel())
    blank = np.array([value is None or text_of(value).strip() == "" for value in after.values], bool)
    said = [None if is_blank else text_of(value) for value, is_blank in zip(after.values, blank, strict=True)]
    points = np.full(len(after.values), np.nan)
    if len(numbers):
        is_bare = np.bincount(code[covers], minlength=len(after.values)) == 0
        scale = scales.scale_of(held)
        for at in np.flatnonzero(is_bare & ~blank):
            points[at] = _number(after.values[at], scale)
    return Covering(
        column=column,
        numbers=numbers,
        n_places=len(distinct),
        original=places[np.asarray(coded.codes, np.int64)],
        codes=np.asarray(coded_after.codes, np.int64),
        cells=tuple(said),
        code=code[covers],
        low=low[covers],
        high=high[covers],
        is_blank=blank,
        is_suppressed=np.array(
            [text is None or (forms.is_suppressed(text) and text not in there) for text in said], bool
        ),
        points=points,
    )


def _are_codes(values: Sequence[Any]) -> bool:
    """Tell texts of digits, four or more and all as many: postal codes, not numbers."""
    if not all(isinstance(value, str) and value.strip().isdigit() for value in values):
        return False
    lengths = {len(value.strip()) for value in values}
    return len(lengths) == 1 and min(lengths) >= 4


def _number(value: Any, scale: scales.Scale | None) -> float:
    span = None if scale is None else scales.span_of(value, scale)
    if scale is None or span is None:
        return float("nan")
    return float(span[0][0]) / (scales.DAY if scale.is_dates else 1)


def _numbers(values: Sequence[Any], places: Whole) -> Numbers:
    """Return the number at each place; none where the values are no numbers or dates, or overlap."""
    scale = scales.scale_of(values)
    found = np.array([_number(value, scale) for value in values], float)
    numbers = np.full(int(places.max(initial=-1)) + 1, np.nan)
    numbers[places] = found
    return numbers if len(numbers) and bool(np.all(np.diff(numbers) > 0)) and not np.isnan(found).any() else found[:0]


class _Pieces:
    """The ranges of a covering with the weight of their values: of their two ends, of those between, of all.

    Categories weigh alike. A number weighs as much as the numbers that are nearest to it: so a cell's weight lies
    evenly between its ends, however the original crowds there. A range takes part by the values that it holds.
    """

    def __init__(self, covering: Covering) -> None:
        n, self.low, self.last = covering.n_places, covering.low, covering.high - 1
        self.inner = np.ones(n)
        gaps = np.diff(covering.numbers) if covering.is_number else np.ones(max(0, n - 1))
        if covering.is_number and n > 2:
            self.inner[1:-1] = (gaps[:-1] + gaps[1:]) / 2
        is_single = self.low == self.last
        bounded = np.append(gaps, 1.0)
        self.at_low = np.where(is_single, 1.0, bounded[self.low])
        self.at_last = np.where(is_single, 0.0, bounded[self.last - 1])
        self.between = (np.minimum(self.low + 1, self.last), self.last)
        before = np.concatenate(([0.0], np.cumsum(self.inner)))
        self.total = self.at_low + self.at_last + before[self.between[1]] - before[self.between[0]]
        widths = covering.high - covering.low
        self.part = widths / covering.n_covered()[covering.code]


def spread(covering: Covering, mass: Numbers) -> Numbers:
    """Return the weight of each original value when the cells' weights (n_codes,) are spread evenly: (n_places,)."""
    pieces = _Pieces(covering)
    unit = mass[covering.code] * pieces.part / pieces.total
    found = np.zeros(covering.n_places + 1)
    np.add.at(found, pieces.between[0], unit * (pieces.between[1] > pieces.between[0]))
    np.add.at(found, pieces.between[1], -unit * (pieces.between[1] > pieces.between[0]))
    found = np.maximum(np.cumsum(found)[:-1], 0.0) * pieces.inner
    np.add.at(found, pieces.low, unit * pieces.at_low)
    np.add.at(found, pieces.last, unit * pieces.at_last)
    return found


def means(covering: Covering, values: Numbers) -> Numbers:
    """Return the mean of values (n_places, t) over what each released cell covers, spread evenly: (n_codes, t).

    Zero for a cell that covers nothing.
    """
    pieces = _Pieces(covering)
    before = np.concatenate((np.zeros((1, values.shape[1])), np.cumsum(pieces.inner[:, None] * values, axis=0)))
    sums = before[pieces.between[1]] - before[pieces.between[0]]
    sums += pieces.at_low[:, None] * values[pieces.low] + pieces.at_last[:, None] * values[pieces.last]
    found = np.zeros((covering.n_codes, values.shape[1]))
    np.add.at(found, covering.code, sums * (pieces.part / pieces.total)[:, None])
    return found


def rows_of(truth: Any, n_original: int, n_released: int) -> Whole:
    """Return the released row of each original record, -1 for one that was not released.

    Parameters
    ----------
    truth : whole numbers (n_original,), or None
        None: the same order, where both have as many records.

    Raises
    ------
    FrameError
        It is not known which record is whose, or the positions do not fit.
    """
    if truth is None:
        if n_original == n_released:
            return np.arange(n_original)
        raise FrameError(
            _(
                "The original has {n} records, the release {m}: which is whose cannot be seen. Give truth=, for each "
                "original record the position of its released one, -1 where it was not released."
            ).format(n=n_original, m=n_released)
        )
    rows = np.asarray(truth)
    if rows.shape != (n_original,) or rows.dtype.kind not in "iu":
        raise FrameError(
            _("truth is {kind} of shape {shape}; give one whole number for each of the {n} original records.").format(
                kind=rows.dtype, shape=rows.shape, n=n_original
            )
        )
    rows = rows.astype(np.int64)
    kept = rows[rows >= 0]
    if (rows < -1).any() or (kept >= n_released).any():
        raise FrameError(
            _("truth names {n} positions beyond the {m} released records; -1 stands for not released.").format(
                n=int(np.count_nonzero((rows < -1) | (rows >= n_released))), m=n_released
            )
        )
    if len(np.unique(kept)) < len(kept):
        raise FrameError(
            _("truth names {n} positions more than once; a released record is one original record's.").format(
                n=len(kept) - len(np.unique(kept))
            )
        )
    return rows
