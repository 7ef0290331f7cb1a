"""The subsets of the quasi-identifiers: what somebody learns who knows some of the columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskscope.engines.lattice import BELOW, CLASSES, PAIRS, UNIQUE

if TYPE_CHECKING:
    import pandas as pd

#: Values of a subset whose change a column answers for.
MEASURES = ("uniqueness", "average_risk", "share_at_risk")


def values_of(figures: NDArray[np.int64], n_records: int) -> NDArray[np.float64]:
    """Return the three measures, each from 0 to 1, of figures (n_subsets, 4)."""
    return figures[:, [UNIQUE, CLASSES, BELOW]] / n_records if n_records else np.full((len(figures), 3), np.nan)


@dataclass(frozen=True, eq=False)
class Subsets:
    """Subsets of the columns and what was counted of each.

    Parameters
    ----------
    columns : names
    members : bool array (n_subsets, n_columns)
        Which columns each subset holds. If ``complete``, row ``mask`` holds the columns whose bits are set.
    figures : int64 array (n_subsets, 4)
        Classes, classes of one record, records below the threshold, ordered pairs of records in one class.
    n_records : int
    complete : bool
        Whether every subset is there.
    """

    columns: tuple[str, ...]
    members: NDArray[np.bool_]
    figures: NDArray[np.int64]
    n_records: int
    complete: bool

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Number of columns of each subset."""
        return np.asarray(self.members.sum(axis=1))

    @cached_property
    def uniqueness(self) -> NDArray[np.float64]:
        """Share of the records that stand alone, for each subset."""
        return values_of(self.figures, self.n_records)[:, 0]

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
        order = np.lexsort((np.arange(len(self.sizes)), -self.figures[:, UNIQUE], self.sizes))
        first = np.unique(self.sizes[order], return_index=True)[1]
        return [int(order[at]) for at in first]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a subset: its columns, how many, and what was counted."""
        import pandas as pd

        order = np.argsort(self.sizes, kind="stable")
        figures, values = self.figures[order], values_of(self.figures, self.n_records)[order]
        n = self.n_records
        pairs = figures[:, PAIRS] / (n * (n - 1)) if n > 1 else np.full(len(order), np.nan)
        names: list[Any] = [self.names(row) for row in order]
        return pd.DataFrame(
            {
                "columns": pd.Series(names, dtype=object),
                "n_columns": self.sizes[order],
                "classes": figures[:, CLASSES],
                "uniques": figures[:, UNIQUE],
                "below": figures[:, BELOW],
                **dict(zip(MEASURES, values.T, strict=True)),
                "separation": 1 - pairs,
            }
        )
