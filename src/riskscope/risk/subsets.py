"""The subsets of the quasi-identifiers: what somebody learns who knows some of the columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskscope.engines.lattice import BELOW, CLASSES, PAIRS, UNIQUE, Figures

if TYPE_CHECKING:
    import pandas as pd

#: Values of a subset whose change a column answers for.
MEASURES = ("uniqueness", "average_risk", "share_at_risk")


def values_of(figures: Figures, n_records: int) -> NDArray[np.float64]:
    """Return the three measures, each from 0 to 1, of each subset: (n_subsets, 3)."""
    counts, matches = figures
    if not n_records:
        return np.full((len(counts), 3), np.nan)
    return np.column_stack([counts[:, UNIQUE], matches, counts[:, BELOW]]) / n_records


@dataclass(frozen=True, eq=False)
class Subsets:
    """Subsets of the columns and what was counted of each.

    Parameters
    ----------
    columns : names
    members : bool array (n_subsets, n_columns)
        Which columns each subset holds. If ``complete``, row ``mask`` holds the columns whose bits are set.
    figures : Figures
        What was counted of each.
    n_records : int
        Records, or persons.
    complete : bool
        Whether every subset is there.
    """

    columns: tuple[str, ...]
    members: NDArray[np.bool_]
    figures: Figures
    n_records: int
    complete: bool

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Number of columns of each subset."""
        return np.asarray(self.members.sum(axis=1))

    @cached_property
    def measures(self) -> NDArray[np.float64]:
        """The three measures of each subset: (n_subsets, 3)."""
        return values_of(self.figures, self.n_records)

    @property
    def uniqueness(self) -> NDArray[np.float64]:
        """Share of the records that stand alone, for each subset."""
        return self.measures[:, 0]

    @property
    def alone(self) -> NDArray[np.int64]:
        """Number of the records that stand alone, for each subset."""
        return self.figures.counts[:, UNIQUE]

    def names(self, row: int) -> tuple[str, ...]:
        """Return the columns of a subset."""
        return tuple(self.columns[at] for at in np.flatnonzero(self.members[row]))

    def minimal(self, share: float) -> list[int]:
        """Return the rows of the smallest subsets that single out at least this share of the records.

        None of them has another one within it. Where not every subset was counted, those of one or two columns only.
        """
        enough = self.uniqueness >= share - 1e-12
        if self.complete:
            rows = np.arange(len(enough))
            least = enough.copy()
            for at in range(len(self.columns)):
                least &= ~(self.members[:, at] & enough[rows & ~(1 << at)])
        else:
            alone = self.members[enough & (self.sizes == 1)].any(axis=0)
            least = enough & (self.sizes <= 2) & ((self.sizes <= 1) | ~(self.members & alone).any(axis=1))
        found = np.flatnonzero(least)
        return [int(row) for row in found[np.lexsort((-self.uniqueness[found], self.sizes[found]))]]

    def best(self) -> list[int]:
        """Return, for each number of columns counted, the row of the subset that singles out most records."""
        order = np.lexsort((np.arange(len(self.sizes)), -self.alone, self.sizes))
        first = np.unique(self.sizes[order], return_index=True)[1]
        return [int(order[at]) for at in first]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a subset: its columns, how many, and what was counted."""
        import pandas as pd

        order = np.argsort(self.sizes, kind="stable")
        counts, values = self.figures.counts[order], self.measures[order]
        n = self.n_records
        pairs = counts[:, PAIRS] / (n * (n - 1)) if n > 1 else np.full(len(order), np.nan)
        names: list[Any] = [self.names(row) for row in order]
        return pd.DataFrame(
            {
                "columns": pd.Series(names, dtype=object),
                "n_columns": self.sizes[order],
                "classes": counts[:, CLASSES],
                "uniques": counts[:, UNIQUE],
                "below": counts[:, BELOW],
                **dict(zip(MEASURES, values.T, strict=True)),
                "separation": 1 - pairs,
            }
        )
