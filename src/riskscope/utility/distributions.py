"""Distances between the distributions of an original and a released table, column by column and pair by pair."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import check_columns, check_names, quoted, shown
from riskscope.engines.columns import as_frame
from riskscope.errors import RoleError
from riskscope.hierarchy import Hierarchy
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.utility.comparison import ColumnDistance, PairDistance, Side, distance_of, pair_of
from riskscope.utility.covering import coverings
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Rows of a table of pairs, bars of a picture.
MOST_SHOWN = 15

EMPTY = N_("there is no value to compare")
ONE_COLUMN = N_("there are no two columns")
NOT_ASKED = N_("pairs were not asked for")
NO_ASSOCIATION = N_("no pair of columns varies in both tables")


@dataclass(frozen=True, kw_only=True)
class DistributionDistances(Result):
    """Distances between the distributions of an original and a released table.

    ``columns`` holds a ``ColumnDistance`` each, ``pairs`` a ``PairDistance`` each.
    """

    question: ClassVar[str] = N_("How far are the released counts from the original ones?")
    source: ClassVar[str] = (
        "Kolmogorov (1933); Lin (1991), doi:10.1109/18.61115; Cramér (1946), Mathematical Methods of Statistics"
    )

    n_released: int = measured(N_("released records"), "count")
    n_columns: int = measured(N_("columns compared"), "count")
    mean_distance: float = measured(N_("distance of a column, on average"), "share")
    largest_distance: float = measured(N_("distance of a column, the largest"), "share")
    mean_pair_distance: float = measured(N_("distance of two columns together, on average"), "share")
    largest_pair_distance: float = measured(N_("distance of two columns together, the largest"), "share")
    largest_association_change: float = measured(N_("change of an association between two columns, the largest"))
    columns: tuple[ColumnDistance, ...] = hidden()
    pairs: tuple[PairDistance, ...] = hidden()
    left_out: tuple[str, ...] = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each column and each pair."""
        columns = [plain(asdict(each)) for each in self.columns]
        return {**super().to_dict(), "columns": columns, "pairs": [plain(asdict(each)) for each in self.pairs]}

    def sentences(self) -> list[str]:
        """Return which counts the release still gives, and how that was judged."""
        said = []
        judged = [each for each in self.columns if np.isfinite(each.distance)]
        if judged:
            worst = max(judged, key=lambda each: each.distance)
            if worst.distance < 1e-12:
                said.append(
                    _("Counts and shares of each column come out of the release as they stand in the original.")
                )
            else:
                said.append(
                    _(
                        "Counts and shares of one column are off by {mean} on average; most in {column}, where a share "
                        "taken from the release may be off by up to {distance}."
                    ).format(
                        mean=display.points(self.mean_distance),
                        column=shown(worst.column),
                        distance=display.points(worst.distance),
                    )
                )
        else:
            said.append(_("There is no column with values to compare."))
        if np.isfinite(self.mean_pair_distance):
            said.append(
                _("Tables of two columns are off by {mean} on average, and by up to {most} at worst.").format(
                    mean=display.points(self.mean_pair_distance), most=display.points(self.largest_pair_distance)
                )
            )
        if any(each.n_coarse or each.n_suppressed for each in self.columns):
            said.append(
                _(
                    "A coarser cell is spread evenly over the original values that it covers, so that what it no "
                    "longer tells counts as distance."
                )
            )
        unread = [each.column for each in self.columns if each.n_not_compared]
        if unread:
            said.append(
                _("In {columns} some released cells cover no value of the original, or are not understood.").format(
                    columns=quoted(unread)
                )
            )
        if self.left_out:
            said.append(
                ngettext(
                    "{n} column of the original is not in the release: all that it told is lost.",
                    "{n} columns of the original are not in the release: all that they told is lost.",
                    len(self.left_out),
                ).format(n=len(self.left_out))
            )
        return said

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the distances of each column, and the pairs that lie furthest apart."""
        columns = [
            [
                each.column,
                _(each.kind),
                *(
                    write(value) if np.isfinite(value) else "–"
                    for value, write in (
                        (each.kolmogorov_smirnov, display.number),
                        (each.wasserstein, display.number),
                        (each.total_variation, display.number),
                        (each.jensen_shannon, display.number),
                    )
                ),
                *(self._cells(n) for n in (each.n_coarse, each.n_suppressed)),
            ]
            for each in self.columns
        ]
        header = [
            _("column"),
            _("kind"),
            _("Kolmogorov–Smirnov"),
            _("Wasserstein, in standard deviations"),
            _("total variation"),
            _("Jensen–Shannon"),
            _("coarser cells"),
            _("suppressed cells"),
        ]
        found: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = []
        if columns:
            found.append((_("Distance of each column"), header, columns))
        if self.pairs:
            far = sorted(self.pairs, key=lambda each: -each.total_variation)[:MOST_SHOWN]
            rows = [
                [
                    " × ".join(each.columns),
                    display.number(each.total_variation),
                    _(each.association),
                    *(display.number(value) if np.isfinite(value) else "–" for value in (each.original, each.released)),
                ]
                for each in far
            ]
            header = [_("columns"), _("total variation"), _("association"), _("in the original"), _("in the release")]
            found.append((_("Two columns together, the furthest apart first"), header, rows))
        return found

    def _cells(self, n: int) -> str:
        """Return a number of cells, coarse where it tells of few people."""
        is_all_or_none = n in (0, self.n_released)
        return display.count(n) if is_all_or_none else display.guarded_count(n, self.n_released - n)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the distance of each column as a bar, the largest on top."""
        judged = sorted((each for each in self.columns if np.isfinite(each.distance)), key=lambda each: each.distance)[
            -MOST_SHOWN:
        ]
        axes = new_axes(ax, (7.0, 1.4 + 0.32 * len(judged)))
        bars = axes.barh(range(len(judged)), [100 * each.distance for each in judged], color=display.ACCENT)
        labels = [shown(each.column, 30)[1:-1] for each in judged]
        axes.set_yticks(range(len(judged)), [label.replace("$", r"\$") for label in labels])
        axes.bar_label(bars, labels=[display.share(each.distance) for each in judged], fontsize=8, padding=2)
        axes.set_xlim(0, max([5.0, *(115 * each.distance for each in judged)]))
        axes.set_xlabel(_("by how much a share may be off, in percentage points"))
        axes.set_title(self.heading(), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def compare_distributions(
    original: Any,
    released: Any,
    *,
    columns: str | Iterable[str] | None = None,
    pairs: bool = True,
    hierarchies: Mapping[str, Hierarchy] | None = None,
) -> DistributionDistances:
    """Tell how far the released counts of each column, and of each two columns, lie from the original ones.

    A small distance means that shares and tables drawn from the release come out as from the original. It says nothing
    of three columns together, nor of the risk for anybody.

    Parameters
    ----------
    original, released : data frames
        Their records need not stand in the same order, nor be as many.
    columns : names of columns, optional
        Default: all that both tables have.
    pairs : bool, default True
        Whether each two columns are compared, too.
    hierarchies : mapping of a column to its Hierarchy, optional
        Says which values stand under a released one, where its text alone does not.

    Returns
    -------
    DistributionDistances
        ``columns`` and ``pairs`` with the distances of each; the mean and the largest of them.

    Raises
    ------
    RoleError
        A column is not in both tables, or there is none in both.

    Notes
    -----
    Numbers and dates: Kolmogorov–Smirnov sup |F - G|, and Wasserstein's distance over the original's standard deviation
    (n - 1). Categories: total variation (half the sum of the differences of shares), and the Jensen–Shannon distance
    (its square root, in bits). Two columns: total variation of their counts together, numbers cut at the original's
    deciles, the 20 commonest categories kept apart; the change of the correlation of numbers, else of Cramér's V.

    A released cell that is coarser ("[20-30[", "75***", "*") is spread evenly over the original values that it covers:
    over categories alike, over numbers evenly from the lowest to the highest, whatever the original's crowding, which
    the release no longer tells. Spreading it as the original is spread would hide the loss. A missing cell is taken to
    be missing in the original as far as the original has missing values, else suppressed; missing values of numbers are
    left out of the distances of one column, and are a part of their own in those of two. Released values that the
    original does not have count as different where they are categories; of numbers, cells that are understood by no
    rule, or cover no value, are left out and counted.

    Examples
    --------
    >>> import pandas as pd
    >>> original = pd.DataFrame({"age": [30, 31, 31, 39], "sex": ["F", "F", "M", "M"]})
    >>> found = compare_distributions(original, original.assign(sex="*"))
    >>> [(each.column, each.distance) for each in found.columns]
    [('age', 0.0), ('sex', 0.0)]
    """
    names, left_out = _columns(original, released, columns)
    n_original, n_released = len(as_frame(original)), len(as_frame(released))
    sides = [Side(each) for each in coverings(original, released, names, hierarchies)]
    distances = tuple(distance_of(each) for each in sides)
    together = tuple(pair_of(one, other) for one, other in itertools.combinations(sides, 2)) if pairs else ()
    undefined: dict[str, str] = {}
    by_column = [each.distance for each in distances if np.isfinite(each.distance)]
    if not by_column:
        undefined |= dict.fromkeys(("mean_distance", "largest_distance"), EMPTY)
    by_pair = [each.total_variation for each in together if np.isfinite(each.total_variation)]
    if not by_pair:
        why = NOT_ASKED if not pairs else ONE_COLUMN if len(sides) < 2 else EMPTY
        undefined |= dict.fromkeys(("mean_pair_distance", "largest_pair_distance"), why)
    changes = [abs(each.difference) for each in together if np.isfinite(each.difference)]
    if not changes:
        undefined["largest_association_change"] = undefined.get("mean_pair_distance", NO_ASSOCIATION)
    return DistributionDistances(
        n_records=n_original,
        n_released=n_released,
        n_columns=len(names),
        mean_distance=float(np.mean(by_column)) if by_column else float("nan"),
        largest_distance=max(by_column, default=float("nan")),
        mean_pair_distance=float(np.mean(by_pair)) if by_pair else float("nan"),
        largest_pair_distance=max(by_pair, default=float("nan")),
        largest_association_change=max(changes, default=float("nan")),
        columns=distances,
        pairs=together,
        left_out=left_out,
        undefined=undefined,
    )


def _columns(original: Any, released: Any, columns: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns to compare, and those that the release lacks."""
    ours, theirs = list(as_frame(original).columns), list(as_frame(released).columns)
    if columns is None:
        names = tuple(name for name in ours if name in set(theirs))
        if not names:
            raise RoleError(
                _(
                    "The original has the columns {ours}, the release {theirs}: none in common. Rename them alike."
                ).format(ours=quoted(ours), theirs=quoted(theirs))
            )
        return names, tuple(name for name in ours if name not in set(theirs))
    names = check_names(columns, "columns")
    check_columns(names, ours, _("columns of the original"))
    check_columns(names, theirs, _("columns of the release"))
    if not names:
        raise RoleError(_("No column to compare; name one, or leave columns away to compare all."))
    return names, ()
