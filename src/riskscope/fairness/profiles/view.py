"""What an audit of profiles may show: groups and segments of people enough, and cells that give nobody away."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.display import count
from riskscope.fairness.association import total_variation
from riskscope.fairness.disclosure import few, shown_cells
from riskscope.fairness.profiles.counts import ProfileCounts
from riskscope.fairness.profiles.evidence import Judged, placed
from riskscope.fairness.testing import Gap, effective_counts, gap_interval
from riskscope.intervals import wilson
from riskscope.words import _

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]


class Ends(NamedTuple):
    """A gap between two groups shown, with their rows; ``ratio`` of the lowest to the highest share."""

    gap: Gap
    ratio: float


@dataclass(frozen=True, eq=False)
class View:
    """The table that may be shown: rows are groups, columns segments.

    ``groups`` and ``segments`` are labels. ``rows`` and ``columns`` say where those shown by name stand among the ones
    judged; a row more has all smaller groups together, a column more all smaller segments. ``people``, ``weights`` and
    their ``squares`` (n_rows, n_columns), ``shown`` which cells. ``is_whole``: whether that is all that is judged.
    Where fewer people than may be told of are in smaller groups, they are counted with the largest group, ``joined``:
    so all shown adds up to everybody. ``counts`` are these counts.
    """

    counts: ProfileCounts

    groups: tuple[str, ...]
    segments: tuple[str, ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    people: Whole
    weights: Numbers
    squares: Numbers
    shown: Booleans
    is_whole: bool
    joined: str | None
    too_small: str

    def shares(self, *, axis: int, level: float) -> tuple[Numbers, Numbers, Numbers]:
        """Return shares with Wilson's interval; ``axis`` 1: of the group, 0: of the segment."""
        return shares_with_intervals(self.weights, self.squares, axis=axis, level=level)

    def pairs(self) -> list[tuple[int, int, float]]:
        """Return the total variation of each two groups shown by name, none of whose cells is held back."""
        between = total_variation(self.weights)
        told = [row for row in range(len(self.rows)) if self.shown[row].all()]
        return [(a, b, float(between[a, b])) for a, b in itertools.combinations(told, 2)]


def effective(weights: Numbers, squares: Numbers, *, axis: int) -> tuple[Numbers, Numbers]:
    """Return effective hits and people (n_groups, n_segments); ``axis`` 1: of the group, 0: of the segment."""
    weight, square = (np.broadcast_to(each.sum(axis, keepdims=True), each.shape) for each in (weights, squares))
    return effective_counts(weights, weight, squares, square)


def shares_with_intervals(
    weights: Numbers, squares: Numbers, *, axis: int, level: float
) -> tuple[Numbers, Numbers, Numbers]:
    """Return shares (n_groups, n_segments) with Wilson's interval; ``axis`` 1: of the group, 0: of the segment."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = weights / weights.sum(axis=axis, keepdims=True)
    return shares, *wilson(*effective(weights, squares, axis=axis), level=level)


def view_of(counts: ProfileCounts, tested: Judged, *, min_group: int, min_cell: int) -> View:
    """Return what may be shown of counts."""
    sizes = counts.table.sum(axis=1)
    least = max(min_group, min_cell)
    rows = [at for at, place in enumerate(tested.group_places.tolist()) if sizes[place] >= least]
    places = tested.group_places[rows]
    n_small = int(sizes.sum() - sizes[places].sum())
    joined = None
    if places.size and 0 < n_small < min_cell:
        into = int(places[sizes[places].argmax()])
        joined, counts = counts.groups[into], _joined(counts, np.delete(np.arange(len(sizes)), places), into)
    tables: list[NDArray[Any]] = [counts.table, *counts.sums]
    labels = [counts.groups[place] for place in places]
    if n_small >= min_cell:
        labels.append(_("smaller groups, together"))
    tables = [_others_together(each, places)[: len(labels)] for each in tables]
    columns = _columns(tables[0], tested, least, min_cell)
    kept = tested.segment_places[columns]
    tables = [_others_together(each.T, kept).T for each in tables]
    segments = [counts.segments[place] for place in kept]
    if tables[0][:, -1].any():
        segments.append(_("other segments, together"))
    people, weights, squares = (each[:, : len(segments)] for each in tables)
    shown = shown_cells(people, min_cell)
    is_named = len(rows) == len(tested.group_places) and len(columns) == len(tested.segment_places)
    return View(
        counts=counts,
        groups=tuple(labels),
        segments=tuple(segments),
        rows=tuple(rows),
        columns=tuple(columns),
        people=people,
        weights=weights,
        squares=squares,
        shown=shown,
        is_whole=bool(shown.all()) and is_named and joined is None,
        joined=joined,
        too_small=count(n_small) if n_small == 0 or n_small >= min_cell else few(min_cell),
    )


def _joined(counts: ProfileCounts, small: Whole, into: int) -> ProfileCounts:
    """Return the counts with the people of small groups counted in the group number ``into``, in their segments."""

    def moved(cells: NDArray[Any] | None) -> Any:
        if cells is None:
            return None
        cells = cells.copy()
        cells[:, into] += cells[:, small].sum(axis=1)
        cells[:, small] = 0
        return cells

    cells, weights, squares = (moved(each) for each in (counts.cells, counts.weights, counts.squares))
    return replace(counts, cells=cells, weights=weights, squares=squares)


def _others_together(table: NDArray[Any], places: Whole) -> NDArray[Any]:
    """Return the rows at some places, and one more of all others together."""
    return np.concatenate([table[places], np.delete(table, places, axis=0).sum(axis=0, keepdims=True)])


def _columns(people: Whole, tested: Judged, least: int, min_cell: int) -> list[int]:
    """Return the segments shown by name: those of people enough, such that all others together have enough, too."""
    totals = people.sum(axis=0)
    kept = [at for at, place in enumerate(tested.segment_places.tolist()) if totals[place] >= least]
    kept.sort(key=lambda at: -int(totals[tested.segment_places[at]]))
    while kept and 0 < totals.sum() - totals[tested.segment_places[kept]].sum() < min_cell:
        kept.pop()
    return sorted(kept)


def ends(view: View, tested: Judged, column: int) -> Ends:
    """Return the two groups furthest apart in a segment among those shown there."""
    rows = [row for row in range(len(view.rows)) if view.shown[row, column]]
    hits, sizes = (each[rows, column] for each in effective(view.weights, view.squares, axis=1))
    gap = gap_interval(hits, sizes, level=tested.each_level)
    gap = placed(gap, np.array(rows, np.int64))
    if gap.first < 0:
        return Ends(gap, np.nan)
    shares = view.weights[:, column] / view.weights.sum(axis=1)
    return Ends(gap, float(shares[gap.last] / shares[gap.first]))


def significant(value: float, *, exact: bool) -> float:
    """Return a figure of the whole table, to two significant digits where an exact one would tell of hidden cells.

    Examples
    --------
    >>> significant(0.10539, exact=True), significant(0.10539, exact=False)
    (0.10539, 0.11)
    """
    return value if exact or not np.isfinite(value) else float(f"{value:.1e}")
