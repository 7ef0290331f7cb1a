"""Which column makes people stand out: uniqueness with each column alone, and with each left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import shown
from riskscope.engines.memory import count_keys
from riskscope.engines.tables import table_of
from riskscope.frequency import FrequencyTable, Keys, key_type
from riskscope.results import Result, measured, new_axes
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True)
class ColumnRisk(Result):
    """How many people stand alone with each quasi-identifier alone, and without it."""

    question: ClassVar[str] = N_("Which column makes people stand out?")
    source: ClassVar[str] = "Elliot, Manning and Ford (2002), doi:10.1142/S0218488502001600"

    n_unique: int = measured(N_("people alone with all quasi-identifiers"), "count")
    strongest: str | None = measured(N_("column whose removal helps most"), "text")
    #: Column to the number of people alone when only this column is known.
    alone: dict[str, int] = measured("", "hidden", repr=False)
    #: Column to the number of people alone when this column is left out.
    without: dict[str, int] = measured("", "hidden", repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with the people alone by column."""
        return {**super().to_dict(), "alone": self.alone, "without": self.without}

    def sentences(self) -> list[str]:
        """Return which column matters most, and why leaving one out is not the whole answer."""
        if self.n_unique == 0:
            return [_("Nobody is alone, so no column makes anybody stand out by itself.")]
        if self.strongest is None:
            first = ngettext(
                "Whichever column is left out, {n} person is still alone: several must be coarsened together.",
                "Whichever column is left out, {n} people are still alone: several must be coarsened together.",
                self.n_unique,
            ).format(n=display.count(self.n_unique))
        else:
            left = self.without[self.strongest]
            first = ngettext(
                "Without {column}, {n} person would still be alone, not {all}: it is the first to coarsen or drop.",
                "Without {column}, {n} people would still be alone, not {all}: it is the first to coarsen or drop.",
                left,
            ).format(column=shown(self.strongest), n=display.count(left), all=display.count(self.n_unique))
        return [
            first,
            _(
                "A column that another one repeats changes nothing when it alone is left out, and still tells people "
                "apart: read both columns of the table."
            ),
        ]

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return people alone with each column alone and without it."""
        rows = [
            (name, display.count(self.alone[name]), display.count(left), display.count(self.n_unique - left))
            for name, left in sorted(self.without.items(), key=lambda item: item[1])
        ]
        header = [
            _("column"),
            _("alone when only it is known"),
            _("alone without it"),
            _("no longer alone without it"),
        ]
        return [(_("People alone, by column"), header, rows)]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how many people are no longer alone when each column is left out."""
        ranked = sorted(self.without.items(), key=lambda item: -item[1])[-15:]
        axes = new_axes(ax, (7.0, 1.2 + 0.35 * len(ranked)))
        names = [name if len(name) <= 28 else name[:27] + "…" for name, _left in ranked]
        freed = [self.n_unique - left for _name, left in ranked]
        bars = axes.barh(range(len(ranked)), freed, color="#1f5fa8")
        axes.set_yticks(range(len(ranked)), [name.replace("$", r"\$") for name in names])
        axes.bar_label(bars, labels=[display.count(n) for n in freed], fontsize=8, padding=2)
        axes.xaxis.set_major_formatter(lambda value, _place: display.count(value))
        axes.set_xlabel(_("people no longer alone when the column is left out"))
        axes.set_title(_("Which column makes people stand out?"), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def column_risk(data: Any, roles: Roles | Iterable[str] | None = None) -> ColumnRisk:
    """People who stand alone with each quasi-identifier alone, and when it is left out.

    The column whose removal frees most people is the first to coarsen or drop. Two columns that repeat each other
    free nobody when only one of them goes.

    Parameters
    ----------
    data : data frame or FrequencyTable
        Records, or counts over at least the quasi-identifiers.
    roles : Roles or names of columns, optional
        Names the quasi-identifiers. Default: those of the table.

    Returns
    -------
    ColumnRisk
        ``n_unique`` (records), ``alone`` and ``without``: column to records alone; ``strongest``: the column
        whose removal leaves fewest alone (the first in order where several tie), None where no removal frees anybody.

    Notes
    -----
    v(S) = number of sample uniques over the columns S; ``alone`` is v({a}), ``without`` is v(all but a).

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": ["F", "F", "M", "M"], "age": [30, 40, 30, 40]})
    >>> column_risk(people, ["sex", "age"]).without
    {'sex': 0, 'age': 0}
    """
    table = table_of(data, roles).classes()
    names = table.columns
    without = dict(zip(names, uniques_without_each(table), strict=True))
    total = n_unique(table)
    strongest = min(names, key=lambda name: without[name])
    return ColumnRisk(
        n_records=table.n_records,
        n_unique=total,
        strongest=strongest if without[strongest] < total else None,
        alone={name: n_unique(table.keep([name])) for name in names},
        without=without,
        engine=table.engine,
    )


def uniques_without_each(table: FrequencyTable) -> list[int]:
    """Return how many records are alone when each column in turn is left out, from the cells alone.

    A key without one column is the number of what stands before it paired with the number of what stands behind.
    Cells of several records are entered twice, so that what appears once is one record alone.
    """
    twice = np.concatenate((np.arange(table.n_cells), np.flatnonzero(table.counts > 1)))
    codes = table.codes[twice]
    ends: list[NDArray[np.int64]] = [np.zeros(len(twice), np.int64)]
    for at in range(len(table.columns) - 1, 0, -1):
        ends.append(_paired(codes[:, at].astype(np.int64), ends[-1]))
    found = []
    start = np.zeros(len(twice), np.int64)
    for at in range(len(table.columns)):
        end = ends.pop()
        keys, space = _key(start, end)
        found.append(int(np.count_nonzero(count_keys(keys, space)[1] == 1)))
        start = _paired(start, codes[:, at].astype(np.int64))
    return found


def _key(left: NDArray[np.int64], right: NDArray[np.int64]) -> tuple[Keys, int]:
    """Return one key for each pair of numbers, and how many keys there could be."""
    radix = int(right.max(initial=0)) + 1
    space = (int(left.max(initial=0)) + 1) * radix
    return (left * radix + right).astype(key_type(space)), space


def _paired(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the pairs of two numbers, densely."""
    keys, space = _key(left, right)
    if space <= len(keys) + 1024:
        return keys.astype(np.int64)
    return np.searchsorted(count_keys(keys, space)[0], keys)


def n_unique(table: FrequencyTable) -> int:
    """Return how many records are alone in their cell."""
    return int(np.count_nonzero(table.counts == 1))
