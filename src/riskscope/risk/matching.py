"""Count matches where missing values match others: joins over the patterns of what is missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskscope.frequency import FrequencyTable, pack

Numbers = NDArray[np.float64]
Cells = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: From so many cells times patterns on, the compiled join pays for its loading.
MANY = 200_000


def matching_sizes(table: FrequencyTable, amounts: Numbers, *, missing: str, alpha: float) -> Numbers:
    """Return, for each cell, the sum of ``amounts`` over the cells that match it where both are known.

    Cells are grouped by the pattern of what is missing; each pair of patterns is joined on the columns that both
    know: the number of joins grows with the patterns, not with the records.
    """
    absent: Flags = (table.codes == 0) & np.array([level.has_missing for level in table.levels])
    flags, _packing = pack(list(absent.T), [2] * len(table.columns), table.n_cells)
    _flags, first, pattern_of = np.unique(flags, return_index=True, return_inverse=True)
    patterns = absent[first]
    order = np.argsort(pattern_of, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(pattern_of, minlength=len(patterns)))))
    weights = _match_weights(patterns, missing, alpha)
    widths = [max(1, (level.n - 1).bit_length()) for level in table.levels]
    if table.n_cells * len(patterns) > MANY and sum(widths) <= 64:
        sizes = _joined_at_once(table, patterns, order, starts, amounts, weights, widths)
    else:
        sizes = _joined_in_turn(table, patterns, order, starts, amounts, weights)
    if missing == "sdcmicro":
        sizes[absent.all(axis=1)] = amounts.sum()
    return sizes


def _match_weights(patterns: Flags, missing: str, alpha: float) -> Numbers:
    """Return how much a match counts for records of one pattern (row) with those of another (column)."""
    if missing == "wildcard":
        return np.ones((len(patterns), len(patterns)))
    complete: Flags = ~np.asarray(patterns.any(axis=1))
    nothing_known: Flags = np.asarray(patterns.all(axis=1))
    for_complete = np.where(nothing_known & (patterns.shape[1] > 1), 0.0, alpha)
    for_others = np.where(complete, 1.0, alpha)
    return np.where(complete[:, None], for_complete, for_others)


def _joined_at_once(
    table: FrequencyTable,
    patterns: Flags,
    order: Cells,
    starts: Cells,
    amounts: Numbers,
    weights: Numbers,
    widths: list[int],
) -> Numbers:
    """Join all pairs of patterns in a compiled loop; each column has bits of its own in a cell's key."""
    from riskscope.kernels.matching import join_groups

    bits = np.zeros(table.n_cells, np.uint64)
    known = np.zeros(len(patterns), np.uint64)
    place = 0
    for column, width in enumerate(widths):
        bits |= table.codes[order, column].astype(np.uint64) << np.uint64(place)
        known[~patterns[:, column]] |= np.uint64(((1 << width) - 1) << place)
        place += width
    ordered = amounts[order]
    join_groups(bits, known, starts, amounts[order], weights, ordered)
    sizes = np.empty_like(ordered)
    sizes[order] = ordered
    return sizes


def _joined_in_turn(
    table: FrequencyTable, patterns: Flags, order: Cells, starts: Cells, amounts: Numbers, weights: Numbers
) -> Numbers:
    """Join the pairs of patterns one after the other, on keys packed for each pair."""
    sizes = amounts.copy()
    groups = np.split(order, starts[1:-1])
    for one in range(len(patterns)):
        for other in range(one):
            known = np.flatnonzero(~(patterns[one] | patterns[other]))
            cells = np.concatenate((groups[one], groups[other]))
            columns = [table.codes[cells, at] for at in known]
            keys, _packing = pack(columns, [table.levels[at].n for at in known], len(cells))
            _distinct, places = np.unique(keys, return_inverse=True)
            split = len(groups[one])
            n_keys = int(places.max()) + 1
            sums_one = np.bincount(places[:split], weights=amounts[groups[one]], minlength=n_keys)
            sums_other = np.bincount(places[split:], weights=amounts[groups[other]], minlength=n_keys)
            sizes[groups[one]] += weights[one, other] * sums_other[places[:split]]
            sizes[groups[other]] += weights[other, one] * sums_one[places[split:]]
    return sizes
