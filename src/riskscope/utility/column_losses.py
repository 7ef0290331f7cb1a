"""Information loss of one column: each original value beside the released cell that stands for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscope.hierarchy import Hierarchy
from riskscope.utility.covering import Covering

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class ColumnLoss:
    """The information loss of one column; NaN where a measure does not apply.

    ``n_changed`` cells do not cover the value that the original had.
    """

    column: str
    loss: float
    lm: float
    ncp: float
    precision: float
    non_uniform_entropy: float
    non_uniform_entropy_share: float
    sse: float
    il1s: float
    n_changed: int


class Recoded:
    """A column of every original record: what its released cell covers.

    Parameters
    ----------
    covering : Covering
    rows : whole numbers (n_original,)
        Released row of each original record, -1 where it was not released.
    is_kept : truth values (n_original,)
        Whether the record is in the release and says something in any column.
    tree : Hierarchy, optional
    """

    def __init__(self, covering: Covering, rows: Whole, is_kept: Booleans, tree: Hierarchy | None) -> None:
        self.covering, self.tree = covering, tree
        self.place = covering.original
        self.domain = max(1, covering.n_places)
        cell = np.append(covering.codes, -1)[np.where(is_kept, rows, -1)]
        self.is_missing = self.place < 0
        blank = np.append(covering.is_blank, False)[cell]
        #: The cell says as much as the original: both are missing.
        self.is_missing_kept = self.is_missing & is_kept & blank
        self.is_suppressed = ~self.is_missing_kept & np.append(covering.is_suppressed, True)[cell]
        self.cell = np.where(self.is_suppressed | self.is_missing_kept, -1, cell)
        told = np.flatnonzero(self.cell >= 0)
        covers = np.zeros(len(rows), bool)
        covers[told] = covering.covers(self.cell[told], self.place[told])
        self.told = told
        self.n_changed = int(np.count_nonzero(~covers[told]))
        leaves = np.append(covering.n_covered(), self.domain)[self.cell]
        self.leaves: Numbers = np.where(self.is_missing_kept, 1, leaves).astype(float)


def column_loss(column: Recoded) -> ColumnLoss:
    """Return every measure of the loss of one column."""
    undefined = float("nan")
    n, covering = len(column.place), column.covering
    is_coarsened = n > 0 and not column.n_changed
    loss = lm = ncp = precision = entropy = share = undefined
    if is_coarsened:
        shares = np.where(column.is_suppressed, 1.0, column.leaves / column.domain)
        loss = float(shares.mean())
        others = (column.leaves - 1) / max(1, column.domain - 1)
        is_gone = column.is_suppressed & (column.domain > 1)
        lm = float(np.where(is_gone, 1.0, others).mean())
        ncp = float(np.where(is_gone, 1.0, _widths(column)).mean()) if covering.is_number else lm
        entropy, most = _entropy(column)
        share = entropy / most if most > 0 else 0.0
        precision = _precision(column)
    sse, il1s = _errors(column)
    return ColumnLoss(
        column=covering.column,
        loss=loss,
        lm=lm,
        ncp=ncp,
        precision=precision,
        non_uniform_entropy=entropy,
        non_uniform_entropy_share=share,
        sse=sse,
        il1s=il1s,
        n_changed=column.n_changed,
    )


def _widths(column: Recoded) -> Numbers:
    """Return highest minus lowest number that each record's cell covers, over that of the column."""
    covering = column.covering
    first, last = covering.ends()
    numbers = covering.numbers
    width = np.append(numbers[np.maximum(last, 0)] - numbers[np.minimum(first, covering.n_places - 1)], 0.0)
    whole = float(numbers[-1] - numbers[0])
    found: Numbers = width[column.cell] / whole if whole > 0 else np.zeros(len(column.cell))
    return found


def _entropy(column: Recoded) -> tuple[float, float]:
    """Return the bits lost to each record's cell, and those lost if all were suppressed, summed."""
    covering, n = column.covering, len(column.place)
    place = np.where(column.is_missing, covering.n_places, column.place)
    counts = np.bincount(place, minlength=covering.n_places + 1).astype(float)
    before = np.concatenate(([0.0], np.cumsum(counts[:-1])))
    under = np.bincount(covering.code, before[covering.high] - before[covering.low], minlength=covering.n_codes)
    own = counts[place]
    under = np.where(column.is_suppressed, n, np.append(under, 1.0)[column.cell])
    under = np.where(column.is_missing_kept, own, under)
    return float(np.log2(under / own).sum()) + 0.0, float(np.log2(n / own).sum())


def _precision(column: Recoded) -> float:
    """Return 1 - mean of level / height; NaN without a hierarchy, or where a cell is none of its labels."""
    tree, covering = column.tree, column.covering
    if tree is None:
        return float("nan")
    if tree.height == 0:
        return 1.0
    levels: dict[str, int] = {}
    for path in tree.paths.values():
        for level in range(len(path) - 1, -1, -1):
            label = path[level].strip()
            levels[label] = min(level, levels.get(label, level))
    by_cell = np.array([float("nan") if each is None else levels.get(each, float("nan")) for each in covering.cells])
    height = np.append(by_cell, np.nan)[column.cell]
    height = np.where(column.is_suppressed, tree.height, np.where(column.is_missing_kept, 0, height))
    return float(1 - height.mean() / tree.height)


def _errors(column: Recoded) -> tuple[float, float]:
    """Return SSE / SST and IL1s of a column of numbers; NaN for categories, or numbers that do not vary."""
    covering = column.covering
    is_there = ~column.is_missing
    if not covering.is_number or np.count_nonzero(is_there) < 2:
        return float("nan"), float("nan")
    own = covering.numbers[column.place[is_there]]
    mean = float(own.mean())
    total = float(((own - mean) ** 2).sum())
    if total <= 0:
        return float("nan"), float("nan")
    first, last = covering.ends()
    centre = (covering.numbers[np.minimum(first, covering.n_places - 1)] + covering.numbers[np.maximum(last, 0)]) / 2
    centre = np.where(last >= 0, centre, covering.points)
    told = np.append(centre, mean)[column.cell[is_there]]
    told = np.where(np.isnan(told), mean, told)
    distance = np.abs(own - told)
    deviation = float(np.sqrt(total / (len(own) - 1)))
    return float((distance**2).sum() / total), float(distance.sum() / (np.sqrt(2) * deviation))
