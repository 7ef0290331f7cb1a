"""What the measures of sensitive columns share: the distribution of a column within each class, from the cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.engines import encode
from riskscope.frequency import FrequencyTable, Levels
from riskscope.results import Result, measured, new_axes, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]

#: A picture shows so many columns, the worst.
MOST_BARS = 15
EMPTY = N_("the table has no records")


@dataclass(frozen=True, kw_only=True)
class SensitiveResult(Result):
    """A number for each sensitive column; the worst of them stands for the table."""

    #: Whether a low number is the bad one, as for ℓ.
    low_is_bad: ClassVar[bool] = False
    #: How the number of a column is written.
    column_format: ClassVar[str] = "number"

    n_classes: int = measured(N_("classes"), "count")
    #: Column to its number.
    by_column: dict[str, float] = measured("", "hidden", repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with the one of each sensitive column."""
        return {**super().to_dict(), "by_column": plain(self.by_column)}

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the number of each sensitive column."""
        if len(self.by_column) < 2:
            return []
        rows = [(name, display.formatted(value, self.column_format)) for name, value in self.by_column.items()]
        return [(_("Each sensitive column"), [_("column"), _("value")], rows)]

    @property
    def has_picture(self) -> bool:
        """One number needs no picture; several are compared."""
        return len(self.by_column) > 1

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the number of each sensitive column."""
        names = sorted(self.by_column, key=lambda name: self.by_column[name], reverse=self.low_is_bad)[-MOST_BARS:]
        axes = new_axes(ax, (7.0, 1.0 + 0.4 * len(names)))
        values = [self.by_column[name] for name in names]
        finite = [value if np.isfinite(value) else 0.0 for value in values]
        bars = axes.barh(range(len(names)), finite, color="#1f5fa8")
        axes.set_yticks(range(len(names)), [name[:28].replace("$", r"\$") for name in names])
        axes.bar_label(
            bars, labels=[display.formatted(value, self.column_format) for value in values], fontsize=8, padding=2
        )
        axes.set_title(self.heading(), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


class Within:
    """One sensitive column within the classes of the other columns of a table.

    The cells of a class lie side by side; cell i belongs to class ``class_of[i]``.

    Parameters
    ----------
    table : FrequencyTable
        Its columns but the last are the quasi-identifiers, the last is the sensitive column.
    """

    def __init__(self, table: FrequencyTable) -> None:
        self.levels: Levels = table.levels[-1]
        self.keys, self.counts = table.keys, table.counts
        self.radix = table.keys.dtype.type(max(1, table.packing.radices[-1]))

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The first cell of each class: where the key without its last digit changes."""
        classes = self.keys // self.radix
        return np.flatnonzero(np.concatenate((np.ones(min(1, len(classes)), bool), classes[1:] != classes[:-1])))

    @cached_property
    def values(self) -> NDArray[np.int64]:
        """The code of the sensitive value of each cell."""
        return (self.keys % self.radix).astype(np.int64)

    @property
    def is_empty(self) -> bool:
        """Whether there is no record."""
        return len(self.keys) == 0

    @property
    def is_large(self) -> bool:
        """Whether one compiled pass pays, instead of arrays as long as the cells."""
        return len(self.keys) > encode.SMALL

    @cached_property
    def n_classes(self) -> int:
        """Number of classes."""
        return self.least_diverse[0]

    @cached_property
    def least_diverse(self) -> tuple[int, int, int]:
        """Number of classes, fewest values in one, and records in classes with one value."""
        if self.is_large:
            from riskscope.kernels.within import least_diverse

            n_classes, fewest, n_disclosed = least_diverse(self.keys, self.counts, self.radix)
            return int(n_classes), int(fewest), int(n_disclosed)
        n_values = self.n_values
        return len(n_values), int(n_values.min(initial=len(self.keys))), int(self.class_sizes[n_values == 1].sum())

    @cached_property
    def class_of(self) -> NDArray[np.int64]:
        """The class of each cell."""
        return np.repeat(np.arange(len(self.starts)), self.n_values)

    @cached_property
    def n_values(self) -> NDArray[np.int64]:
        """Number of different sensitive values in each class."""
        return np.diff(np.append(self.starts, len(self.counts)))

    @cached_property
    def class_sizes(self) -> NDArray[np.int64]:
        """Number of records of each class."""
        return self.sum(self.counts)

    @cached_property
    def q(self) -> Numbers:
        """Share of each cell's value within its class."""
        shares: Numbers = self.counts / self.class_sizes[self.class_of]
        return shares

    @cached_property
    def p(self) -> Numbers:
        """Share of each value in the whole table, by code."""
        totals = np.zeros(self.levels.n, np.int64)
        if self.is_large:
            from riskscope.kernels.within import value_totals

            value_totals(self.keys, self.counts, self.radix, totals)
        else:
            np.add.at(totals, self.values, self.counts)
        shares: Numbers = totals / totals.sum()
        return shares

    def sum(self, amounts: NDArray[Any]) -> NDArray[Any]:
        """Sum over the cells of each class."""
        return np.add.reduceat(amounts, self.starts)

    def largest(self, amounts: NDArray[Any]) -> NDArray[Any]:
        """Return the largest over the cells of each class."""
        return np.maximum.reduceat(amounts, self.starts)

    def by_rank(self, ranks: NDArray[np.int64]) -> Within:
        """Return the same with values renumbered by ``ranks`` (by code), cells in that order within a class."""
        values = ranks[self.values]
        other = object.__new__(Within)
        order = np.lexsort((values, self.class_of)) if np.any(np.diff(ranks) < 0) else slice(None)
        other.levels, other.radix = self.levels, self.radix
        other.keys = (self.keys - self.keys % self.radix + values.astype(self.keys.dtype))[order]
        other.counts = self.counts[order]
        return other


def within(table: FrequencyTable, *, others: str = "ignored") -> dict[str, Within]:
    """Return each sensitive column within its classes.

    ``others`` says what becomes of the other sensitive columns: ``"ignored"``, or ``"known"``: they join the
    quasi-identifiers, as for an attacker who has learned them already.
    """
    found = {}
    for name in table.roles.sensitive:
        known = [each for each in table.roles.sensitive if each != name] if others == "known" else []
        found[name] = Within(table.keep([*table.quasi_identifiers, *known, name]))
    return found
