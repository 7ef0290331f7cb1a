"""Which column makes people stand out: every subset of the quasi-identifiers, and each column's fair share."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_number, check_whole, quoted, shown
from riskscope.engines.lattice import (
    Figures,
    count_along,
    count_each,
    count_subsets,
    count_without_each,
    n_walked,
    shares_of_cells,
)
from riskscope.engines.tables import classes_of_records, has_one_cell_each, one_cell_each, table_of
from riskscope.errors import RoleError
from riskscope.frequency import FrequencyTable
from riskscope.results import hidden, measured, new_axes, plain
from riskscope.risk.persons import PersonsResult, about_persons
from riskscope.risk.shapley import sampled_shapley, shapley, weights_by_size
from riskscope.risk.subsets import MEASURES, Subsets, values_of
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Cells times subsets: up to so many every subset is counted, in half a minute or so.
MOST_WORK = 2**33
#: The same of persons whose records differ: each cell of each person costs some sixteen times as much.
MOST_WORK_OF_PERSONS = 2**29
#: Where there are more, at most so many random orders of the columns are drawn.
MOST_ORDERS = 200
#: Shares of single records are worked out for so many columns at most.
MOST_COLUMNS_BY_RECORD = 12
#: Pairs of columns are counted for so many columns at most, where not every subset is.
MOST_PAIRED = 60


@dataclass(frozen=True, kw_only=True)
class ColumnRisk(PersonsResult):
    """How much each quasi-identifier adds to the risk: alone, last, and on average over all orders."""

    question: ClassVar[str] = N_("Which column makes people stand out?")
    source: ClassVar[str] = "Shapley (1953), doi:10.1515/9781400881970-018; Motwani and Xu (2007)"
    pictures: ClassVar[tuple[str, ...]] = ("plot", "plot_ladder")

    n_unique: int = measured(N_("people alone with all quasi-identifiers"), "count")
    strongest: str | None = measured(N_("column whose removal helps most"), "text")
    threshold: int = measured(N_("threshold"), "count")
    n_subsets: int = measured(N_("combinations of columns counted"), "count")
    n_minimal_keys: float = measured(N_("smallest combinations that single out everybody"), "count")
    #: Random orders drawn; 0 where every combination of columns was counted.
    n_orders: int = measured(N_("random orders drawn (0: exact)"), "count")
    #: Column to the number of people alone when only this column is known.
    alone: dict[str, int] = measured("", "hidden", repr=False)
    #: Column to the number of people alone when this column is left out.
    without: dict[str, int] = measured("", "hidden", repr=False)
    #: Column to its Shapley share of uniqueness; the shares add up to v(all) - v(none).
    shapley: dict[str, float] = measured("", "hidden", repr=False)
    #: First-in, last-in, Shapley share and its standard error by measure: (n_columns, 3, 4).
    shares: NDArray[np.float64] = hidden()
    #: What was counted, subset by subset.
    lattice: Subsets = hidden()
    #: What each column adds to one over the class size of each record (n_records, n_columns), if asked for.
    by_record: NDArray[np.float64] | None = hidden(default=None)

    @property
    def subsets(self) -> pd.DataFrame:
        """Every subset counted: its columns, classes, people alone, average risk, separation."""
        return self.lattice.to_frame()

    @property
    def contributions(self) -> pd.DataFrame:
        """First-in, last-in, Shapley share and its standard error, of each column for each measure."""
        import pandas as pd

        names = self.lattice.columns
        keys = pd.MultiIndex.from_product([names, MEASURES], names=["column", "measure"])
        kinds = ["first_in", "last_in", "shapley", "standard_error"]
        return pd.DataFrame(self.shares.reshape(-1, 4), index=keys, columns=kinds)

    def quasi_keys(self, share: float = 0.8, *, most_columns: int | None = None) -> list[tuple[str, ...]]:
        """Return the smallest sets of columns that single out at least this share of the people.

        Parameters
        ----------
        share : float, default 0.8
            From 0 to 1.
        most_columns : int, optional
            Leave out larger sets.

        Returns
        -------
        list of tuples of column names
            Fewest columns first; none of them holds another one of them.
        """
        check_number(share, "share", low=0, high=1)
        found = [self.lattice.names(row) for row in self.lattice.minimal(share)]
        return [names for names in found if most_columns is None or len(names) <= most_columns]

    @property
    def minimal_keys(self) -> list[tuple[str, ...]]:
        """The smallest sets of columns that single out everybody."""
        return self.quasi_keys(1.0)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each column."""
        return {**super().to_dict(), "alone": self.alone, "without": self.without, "shapley": plain(self.shapley)}

    def sentences(self) -> list[str]:
        """Return which column matters most, how few are enough, and what the shares do not say."""
        if self.n_unique == 0:
            return [_("Nobody is alone, so no column makes anybody stand out by itself.")]
        return [self._removal(), *self._few_columns(), self._largest_share(), *self.on_persons(), *self._sampled()]

    def _removal(self) -> str:
        if self.strongest is None:
            return ngettext(
                "Whichever column is left out, {n} person is still alone: several must be coarsened together.",
                "Whichever column is left out, {n} people are still alone: several must be coarsened together.",
                self.n_unique,
            ).format(n=display.count(self.n_unique))
        left = self.without[self.strongest]
        if not left:
            return _("Without {column} nobody would be alone: it is the first to coarsen or drop.").format(
                column=shown(self.strongest)
            )
        return ngettext(
            "Without {column}, {n} person would still be alone, not {all}: it is the first to coarsen or drop.",
            "Without {column}, {n} people would still be alone, not {all}: it is the first to coarsen or drop.",
            left,
        ).format(column=shown(self.strongest), n=display.count(left), all=display.count(self.n_unique))

    def _few_columns(self) -> list[str]:
        """Return what two or three columns are enough for."""
        said = []
        for row in self.lattice.best():
            if self.lattice.sizes[row] in (2, 3) and self.lattice.sizes[row] < len(self.lattice.columns):
                said.append(
                    _("{n} columns are enough to single out {share} of the people: {columns}.").format(
                        n=int(self.lattice.sizes[row]),
                        share=display.share(float(self.lattice.uniqueness[row])),
                        columns=quoted(self.lattice.names(row)),
                    )
                )
        return said

    def _largest_share(self) -> str:
        name = max(self.shapley, key=lambda each: self.shapley[each])
        return _(
            "Averaged over every order in which somebody may learn the columns, {column} answers for {share} of those "
            "who are alone; unlike removal, this shares out fairly what columns tell together or twice."
        ).format(column=shown(name), share=display.share(self.shapley[name] * self.n_records / self.n_unique))

    def _sampled(self) -> list[str]:
        if self.n_orders == 0:
            return []
        return [
            _(
                "There are too many combinations of columns to count all: the shares are estimated from {n} random "
                "orders, with standard errors up to {error}."
            ).format(n=display.count(self.n_orders), error=display.share(float(self.shares[:, 0, 3].max())))
        ]

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return people alone by column, the shares of the other measures, and the ladder of subsets."""
        n = self.n_records
        ranked = sorted(self.without, key=lambda name: -self.shapley[name])
        place = {name: at for at, name in enumerate(self.lattice.columns)}
        people = [
            (
                name,
                display.count(self.alone[name]),
                display.count(self.n_unique - self.without[name]),
                display.count(round(self.shapley[name] * n)),
                *(display.share(float(self.shares[place[name], at, 2])) for at in (1, 2)),
            )
            for name in ranked
        ]
        header = [
            _("column"),
            _("alone when only it is known"),
            _("no longer alone without it"),
            _("Shapley share of the people alone"),
            _("Shapley share of the average risk"),
            _("Shapley share of the people below the threshold"),
        ]
        ladder = [
            (
                str(size),
                ", ".join(self.lattice.names(row)) if self.lattice.alone[row] else _("none singles anybody out"),
                display.count(int(self.lattice.alone[row])),
                display.share(float(self.lattice.uniqueness[row])),
            )
            for row in self.lattice.best()
            if 0 < (size := int(self.lattice.sizes[row])) <= 4
        ]
        columns = [_("columns known"), _("which single out most people"), _("people alone"), _("share")]
        return [
            (_("What each column adds"), header, people),
            (_("How few columns are enough"), columns, ladder),
        ]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each column's Shapley share of the people alone, with what it does alone and what its removal does."""
        ranked = sorted(self.shapley, key=lambda name: self.shapley[name])[-15:]
        axes = new_axes(ax, (7.0, 1.4 + 0.35 * len(ranked)))
        n = self.n_records
        people = [self.shapley[name] * n for name in ranked]
        places = range(len(ranked))
        axes.barh(places, people, color="#1f5fa8", label=_("Shapley share"))
        axes.plot([self.alone[name] for name in ranked], places, "o", color="#d98c00", label=_("alone with it only"))
        freed = [self.n_unique - self.without[name] for name in ranked]
        axes.plot(freed, places, "D", color="#b3261e", label=_("no longer alone without it"))
        names = [name if len(name) <= 28 else name[:27] + "…" for name in ranked]
        labels = [f"{name}: {display.count(round(each))}" for name, each in zip(names, people, strict=True)]
        axes.set_yticks(places, [label.replace("$", r"\$") for label in labels])
        axes.xaxis.set_major_formatter(lambda value, _place: display.count(value))
        axes.set_xlabel(_("people"))
        axes.set_title(_("Which column makes people stand out?"), loc="left")
        axes.legend(fontsize=8, frameon=False, loc="lower right")
        axes.spines[["top", "right"]].set_visible(False)
        return axes

    def plot_ladder(self, ax: Axes | None = None) -> Axes:
        """Draw the share of people alone against the number of columns known, one dot a subset."""
        axes = new_axes(ax, (7.0, 4.0))
        sizes, shares = self.lattice.sizes, 100 * self.lattice.uniqueness
        if not self.lattice.complete:
            few = (sizes <= 2) | (sizes >= len(self.lattice.columns) - 1)
            sizes, shares = sizes[few], shares[few]
        beside = 0.5 * ((np.arange(len(sizes)) * 0.618034) % 1 - 0.5)
        axes.plot(
            sizes + beside,
            shares,
            ".",
            color="#1f5fa8",
            alpha=0.35,
            label=_("one set of columns"),
            rasterized=len(sizes) > 2000,
        )
        best = self.lattice.best()
        axes.plot(
            self.lattice.sizes[best],
            100 * self.lattice.uniqueness[best],
            "o-",
            color="#b3261e",
            label=_("the set that singles out most"),
        )
        highest = min(108, 1.25 * max(100 * float(self.lattice.uniqueness[best].max()), 0.01))
        for row in best:
            size, share = int(self.lattice.sizes[row]), 100 * float(self.lattice.uniqueness[row])
            if size in (1, 2, 3) and share:
                text = ", ".join(self.lattice.names(row)).replace("$", r"\$")
                low = share < 0.2 * highest  # then the name stands above, clear of the dots and of the next name
                axes.annotate(
                    text if len(text) <= 40 else text[:39] + "…",
                    (size, share),
                    xytext=(size - 0.1, 0.54 - 0.1 * size) if low else (9, 3 - 13 * size),
                    textcoords=axes.get_xaxis_transform() if low else "offset points",
                    fontsize=8,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.7},
                    arrowprops={"arrowstyle": "-", "color": "#8a93a3", "linewidth": 0.6},
                )
        axes.set_xlabel(_("columns that somebody knows"))
        axes.set_ylabel(_("people alone (%)"))
        axes.set_ylim(-0.03 * highest, highest)
        axes.set_title(_("How few columns are enough?"), loc="left")
        axes.legend(fontsize=8, frameon=False, loc="upper left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def column_risk(
    data: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    k: int = 5,
    by_record: bool = False,
    n_orders: int | None = None,
    rng: int | np.random.Generator = 0,
) -> ColumnRisk:
    """Count every subset of the quasi-identifiers, and share out the risk among the columns.

    The column whose removal frees most people is the first to coarsen or drop. Two columns that repeat each other
    free nobody when only one of them goes; the Shapley share, the mean of what a column adds over every order in
    which columns may be learned, gives both their due.

    Parameters
    ----------
    data : data frame or FrequencyTable
        Records, or counts over at least the quasi-identifiers.
    roles : Roles or names of columns, optional
        Names the quasi-identifiers. Default: those of the table. Where they name the person, persons are counted.
    k : int, default 5
        Class size below which records count as at risk.
    by_record : bool, default False
        Also work out what each column adds to the risk of each record (up to 12 columns; needs records).
    n_orders : int, optional
        Draw so many random orders of the columns instead of counting every subset. Default: count every subset as
        long as cells times subsets are at most 2**33 (100,000 combinations of 16 columns), else draw up to 200. Of
        persons whose records differ, as long as subsets times the cells of each person are at most 2**29.
    rng : int or numpy Generator, default 0
        Draws the orders.

    Returns
    -------
    ColumnRisk
        ``n_unique`` (records), ``alone`` and ``without`` (column to records alone), ``shapley`` (column to its share
        of uniqueness; they add up to uniqueness), ``contributions`` (first-in, last-in, Shapley share and standard
        error of uniqueness, average risk and share at risk), ``subsets`` (a frame, one row a subset),
        ``minimal_keys``, ``quasi_keys(share)``, ``strongest``: the column whose removal leaves fewest alone (the
        first in order where several tie), None where no removal frees anybody; ``by_record`` (n_records, n_columns).

    Raises
    ------
    RoleError
        No quasi-identifier is named, or more than 12 for ``by_record``, or persons of several records for it.
    FrameError
        ``by_record`` is asked of counts, which have no single records.

    Notes
    -----
    v(S) is the share of records alone over the columns S, the mean risk J/n, or the share in classes below k. The
    share of a is the sum over S without a of ``|S|! (d - |S| - 1)! / d! (v(S with a) - v(S))``; first-in is
    v(a) - v(none), last-in v(all) - v(all but a). By record, v(S) is one over the class size; the mean over the
    records is the share of the average risk. Shapley (1953), doi:10.1515/9781400881970-018.

    Where the roles name the person and the records of some differ, what is known over S is one record of a person,
    at worst the most telling one: the class size of a person is the fewest distinct persons in a class that the
    person stands in, as in ``k_anonymity`` with ``known_records="one"``. All shares are of persons; ``separation``
    is that of pairs of a person and another, told apart by that record.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": ["F", "F", "M", "M"], "age": [30, 40, 30, 40]})
    >>> found = column_risk(people, ["sex", "age"])
    >>> found.shapley, found.minimal_keys
    ({'sex': 0.5, 'age': 0.5}, [('sex', 'age')])
    """
    threshold = check_whole(k, "k", low=1)
    if by_record:
        table, cells = classes_of_records(data, roles)
    else:
        table = table_of(data, roles, persons=True).classes()
    table = one_cell_each(table) if has_one_cell_each(table) else table
    n, n_columns = table.n_people, len(table.columns)
    if by_record and n_columns > MOST_COLUMNS_BY_RECORD:
        raise RoleError(
            _("by_record works with {most} quasi-identifiers at most, and there are {n}; name fewer.").format(
                most=MOST_COLUMNS_BY_RECORD, n=n_columns
            )
        )
    most_work = MOST_WORK if table.persons is None else MOST_WORK_OF_PERSONS
    if n_orders is None and n_walked(table) << min(n_columns, 64) > most_work:
        n_orders = max(20, min(MOST_ORDERS, most_work // 4 // (n_columns * (n_walked(table) + 2000))))
    if n_orders is None:
        lattice = all_subsets(table, threshold)
        mean, error = shapley(values_of(lattice.figures, n), n_columns), np.zeros((n_columns, len(MEASURES)))
    else:
        check_whole(n_orders, "n_orders", low=2)
        lattice = _some_subsets(table, threshold)
        generator = np.random.default_rng(rng)
        mean, error = sampled_shapley(
            lambda order: values_of(count_along(table, order, threshold), n), n_columns, n_orders, generator
        )
    none, alone, without, everything = _ends(lattice)
    first, last = (
        lattice.measures[high] - lattice.measures[low] for high, low in ((alone, none), (everything, without))
    )
    by_column = [dict(zip(table.columns, lattice.alone[rows].tolist(), strict=True)) for rows in (alone, without)]
    total = int(lattice.alone[everything[0]])
    strongest = min(table.columns, key=lambda name: by_column[1][name])
    complete = n_orders is None and n > 0
    reason = N_("the table has no records") if n == 0 else N_("not every combination of columns was counted")
    return ColumnRisk(
        **about_persons(table, "one"),
        n_unique=total,
        strongest=strongest if by_column[1][strongest] < total else None,
        threshold=threshold,
        n_subsets=len(lattice.sizes),
        n_minimal_keys=len(lattice.minimal(1.0)) if complete else np.nan,
        n_orders=n_orders or 0,
        alone=by_column[0],
        without=by_column[1],
        shapley=dict(zip(table.columns, mean[:, 0].tolist(), strict=True)),
        shares=np.stack([first, last, mean, error], axis=-1),
        lattice=lattice,
        by_record=shares_of_cells(table, weights_by_size(n_columns))[cells] if by_record else None,
        engine=table.engine,
        undefined={} if complete else {"n_minimal_keys": reason},
    )


def all_subsets(table: FrequencyTable, threshold: int) -> Subsets:
    """Return every subset of the columns, counted."""
    n_columns = len(table.columns)
    members = (np.arange(1 << n_columns)[:, np.newaxis] >> np.arange(n_columns) & 1).astype(bool)
    return Subsets(table.columns, members, count_subsets(table, threshold), table.n_people, complete=True)


def _some_subsets(table: FrequencyTable, threshold: int) -> Subsets:
    """Return the subsets of no, one and two columns (of two only where these are few), of all but one, and of all."""
    n_columns = len(table.columns)
    everything = tuple(range(n_columns))
    sizes = (0, 1, 2) if n_columns <= MOST_PAIRED else (0, 1)
    few = [each for size in sizes for each in itertools.combinations(everything, size)]
    members = np.zeros((len(few) + n_columns + 1, n_columns), bool)
    for row, columns in enumerate(few):
        members[row, list(columns)] = True
    members[len(few) :] = ~np.eye(n_columns + 1, n_columns, dtype=bool)
    parts = [count_each(table, few, threshold), count_without_each(table, threshold)]
    parts.append(count_each(table, [everything], threshold))
    once = np.sort(np.unique(members, axis=0, return_index=True)[1])  # of two columns, all but one are one
    figures = Figures(*(np.concatenate(each)[once] for each in zip(*parts, strict=True)))
    return Subsets(table.columns, members[once], figures, table.n_people, complete=False)


def _ends(lattice: Subsets) -> tuple[list[int], ...]:
    """Return the rows of no column (one), of each alone, of all but each (n_columns), and of all (one)."""
    n_columns = len(lattice.columns)
    rows = {
        lattice.members[row].tobytes(): int(row)
        for row in np.flatnonzero((lattice.sizes <= 1) | (lattice.sizes >= n_columns - 1))
    }
    one = np.eye(n_columns, dtype=bool)
    none = np.zeros((1, n_columns), bool)
    return tuple([rows[each.tobytes()] for each in sets] for sets in (none, one, ~one, ~none))
