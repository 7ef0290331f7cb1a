"""What an audit of profiles may show: groups and segments of people enough, and cells that give nobody away."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.display import count
from riskscope.fairness.association import total_variation
from riskscope.fairness.disclosure import few, shown_cells
from riskscope.fairness.profile_counts import ProfileCounts
from riskscope.fairness.profile_tests import Judged, placed
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
    their ``squares`` (n_rows, n_columns), ``shown`` which cells. ``decimals``: shares are rounded so, and sizes of the
    largest group and of segments withheld, where exact ones would tell how few people are in groups that are not shown;
    None where there are no such groups.
    """

    groups: tuple[str, ...]
    segments: tuple[str, ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    people: Whole
    weights: Numbers
    squares: Numbers
    shown: Booleans
    decimals: int | None
    too_small: str

    @property
    def is_whole(self) -> bool:
        """Whether every cell is shown, and exactly."""
        return bool(self.shown.all()) and self.decimals is None

    @property
    def largest(self) -> int:
        """The row whose size is withheld where shares are rounded."""
        return int(self.people.sum(axis=1).argmax())

    def shares(self, *, axis: int, level: float) -> tuple[Numbers, Numbers, Numbers]:
        """Return shares with Wilson's interval; ``axis`` 1: of the group, 0: of the segment."""
        sums = (self.weights, self.squares)
        weight, square = (np.broadcast_to(each.sum(axis=axis, keepdims=True), each.shape) for each in sums)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = self.weights / weight
        return shares, *wilson(*effective_counts(self.weights, weight, self.squares, square), level=level)

    def pairs(self) -> list[tuple[int, int, float]]:
        """Return the total variation of each two groups shown by name, none of whose cells is held back."""
        between = total_variation(self.weights)
        told = [row for row in range(len(self.rows)) if self.shown[row].all()]
        return [(a, b, float(between[a, b])) for a, b in itertools.combinations(told, 2)]

    def rounded(self, value: float) -> float:
        """Return a share as it may be shown."""
        return value if self.decimals is None else round(float(value), self.decimals)

    def size(self, row: int) -> int | None:
        """Return the people of a group, None where withheld."""
        return None if self.decimals is not None and row == self.largest else int(self.people[row].sum())

    def cell(self, row: int, column: int) -> int | None:
        """Return the people of a group in a segment, None where withheld."""
        is_told = self.shown[row, column] and self.size(row) is not None
        return int(self.people[row, column]) if is_told else None

    def total(self, column: int) -> int | None:
        """Return the people of a segment among the groups shown, None where withheld."""
        return None if self.decimals is not None else int(self.people[:, column].sum())


def view_of(counts: ProfileCounts, tested: Judged, *, min_group: int, min_cell: int) -> View:
    """Return what may be shown of counts."""
    table = counts.table
    ones = counts.cells.astype(np.float64)
    given = [ones if each is None else each for each in (counts.weights, counts.squares)]
    tables = [table, *(each.sum(axis=0) for each in given)]
    least = max(min_group, min_cell)
    sizes = table.sum(axis=1)
    rows = [at for at, place in enumerate(tested.group_places.tolist()) if sizes[place] >= least]
    places = tested.group_places[rows]
    n_small = int(sizes.sum() - sizes[places].sum())
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
    largest = int(people.sum(axis=1).max(initial=0))
    return View(
        groups=tuple(labels),
        segments=tuple(segments),
        rows=tuple(rows),
        columns=tuple(columns),
        people=people,
        weights=weights,
        squares=squares,
        shown=shown_cells(people, min_cell),
        decimals=max(0, int(np.log10(max(1, largest / min_cell)))) if 0 < n_small < min_cell else None,
        too_small=count(n_small) if n_small == 0 or n_small >= min_cell else few(min_cell),
    )


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
    at = view.columns[column]
    rows = [row for row in range(len(view.rows)) if view.shown[row, column]]
    places = np.array([view.rows[row] for row in rows], np.int64)
    gap = gap_interval(tested.hits[places, at], tested.sizes[places, at], level=tested.each_level)
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
