"""Count matches where missing values match others: joins over the patterns of what is missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskscope.frequency import KEY_SPACE, FrequencyTable, pack

Numbers = NDArray[np.float64]
Cells = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Groups of more cells are first sieved by a table of 2**16 flags.
_SIEVED = 4096
_MIX = np.uint64(0x9E3779B97F4A7C15)


def matching_sizes(table: FrequencyTable, amounts: Numbers, *, missing: str, alpha: float) -> Numbers:
    """Return, for each cell, the sum of ``amounts`` over the cells that match it where both are known.

    Cells are grouped by the pattern of what is missing; each pair of patterns is joined on the columns that both
    know: the number of joins grows with the patterns, not with the records.
    """
    cells = _Cells(table)
    sizes = amounts.copy()
    for one in range(len(cells.patterns)):
        for other in range(one):
            weights = _pair_weights(cells.patterns[one], cells.patterns[other], missing, alpha)
            if len(cells.groups[one]) <= len(cells.groups[other]):
                _join(cells, one, other, amounts, sizes, *weights)
            else:
                _join(cells, other, one, amounts, sizes, *reversed(weights))
    if missing == "sdcmicro":
        sizes[cells.absent.all(axis=1)] = amounts.sum()
    return sizes


def _pair_weights(one: Flags, other: Flags, missing: str, alpha: float) -> tuple[float, float]:
    """Return how much a match counts for the records of each of two patterns."""
    if missing == "wildcard":
        return 1.0, 1.0

    def weight(mine: Flags, theirs: Flags) -> float:
        if not mine.any():  # a complete record: nothing-known ones count only where there is one column
            return 0.0 if theirs.all() and len(theirs) > 1 else alpha
        return alpha if theirs.any() else 1.0

    return weight(one, other), weight(other, one)


class _Cells:
    """The cells of a table by pattern, and their keys on any set of known columns.

    A key is a sum of one digit a column, so the key on fewer columns is a difference. Where the digits of all
    columns would pass 64 bits, the keys of each pair of groups are packed anew.
    """

    def __init__(self, table: FrequencyTable) -> None:
        self.table = table
        has_missing = np.array([level.has_missing for level in table.levels])
        self.absent: Flags = (table.codes == 0) & has_missing
        flags, _packing = pack(list(self.absent.T), [2] * len(table.columns), table.n_cells)
        _flags, first, pattern_of = np.unique(flags, return_index=True, return_inverse=True)
        self.patterns = self.absent[first]
        order = np.argsort(pattern_of, kind="stable")
        ends = np.cumsum(np.bincount(pattern_of, minlength=len(self.patterns)))
        self.groups = np.split(order, ends[:-1])
        radices = [max(1, level.n) for level in table.levels]
        self.digits = None
        space = 1
        for radix in radices:
            space *= radix
        if space < KEY_SPACE:
            strides = np.cumprod([1, *radices[:0:-1]], dtype=np.uint64)[::-1]
            digits = table.codes.astype(np.uint64) * strides
            keys = digits.sum(axis=1, dtype=np.uint64)
            self.digits = [np.ascontiguousarray(digits[group].T) for group in self.groups]
            self.keys = [keys[group] for group in self.groups]

    def pair_keys(self, one: int, other: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Return the keys of two groups on the columns that both know."""
        unknown = self.patterns[one] | self.patterns[other]
        if self.digits is not None:
            return self._without(one, unknown), self._without(other, unknown)
        cells = np.concatenate((self.groups[one], self.groups[other]))
        known = np.flatnonzero(~unknown)
        columns = [self.table.codes[cells, at] for at in known]
        keys, _packing = pack(columns, [self.table.levels[at].n for at in known], len(cells))
        split = len(self.groups[one])
        return keys[:split].astype(np.uint64), keys[split:].astype(np.uint64)

    def _without(self, group: int, unknown: Flags) -> NDArray[np.uint64]:
        assert self.digits is not None
        keys: NDArray[np.uint64] = self.keys[group]
        for at in np.flatnonzero(unknown & ~self.patterns[group]):
            keys = keys - self.digits[group][at]
        return keys


def _join(cells: _Cells, few: int, many: int, amounts: Numbers, sizes: Numbers, to_few: float, to_many: float) -> None:
    """Add to the sizes of two groups of cells what matches in the other."""
    few_keys, many_keys = cells.pair_keys(few, many)
    few_cells, many_cells = cells.groups[few], cells.groups[many]
    distinct, places = np.unique(few_keys, return_inverse=True)
    if len(many_keys) > _SIEVED:
        marked = np.zeros(2**16, bool)
        marked[(distinct * _MIX) >> np.uint64(48)] = True
        left = np.flatnonzero(marked[(many_keys * _MIX) >> np.uint64(48)])
        many_keys, many_cells = many_keys[left], many_cells[left]
    found = np.minimum(np.searchsorted(distinct, many_keys), len(distinct) - 1)
    matched = np.flatnonzero(distinct[found] == many_keys)
    found, many_cells = found[matched], many_cells[matched]
    few_sums = np.bincount(places, weights=amounts[few_cells], minlength=len(distinct))
    many_sums = np.bincount(found, weights=amounts[many_cells], minlength=len(distinct))
    sizes[many_cells] += to_many * few_sums[found]
    sizes[few_cells] += to_few * many_sums[places]
