"""Add up what matches where both are known: groups of cells with the same values missing, joined two by two."""

from __future__ import annotations

import numpy as np
from numba import njit

_MIX = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, nogil=True)
def join_groups(bits, known, starts, amounts, weights, sizes):
    """Add to ``sizes`` of every cell the weighted amounts of the cells of other groups that match it.

    Parameters
    ----------
    bits : uint64 array (n_cells,)
        The codes of a cell, each column in bits of its own; cells of one group side by side.
    known : uint64 array (n_groups,)
        The bits of the columns that the cells of a group know.
    starts : int64 array (n_groups + 1,)
        Where each group begins.
    amounts : float64 array (n_cells,)
        What a cell counts.
    weights : float64 array (n_groups, n_groups)
        What a match counts for cells of the first group with those of the second.
    sizes : float64 array (n_cells,)
        Added to.
    """
    n_groups = known.shape[0]
    largest = 0
    for group in range(n_groups):
        largest = max(largest, starts[group + 1] - starts[group])
    power = 1
    while (1 << power) < 2 * largest:
        power += 1
    owners = np.empty(1 << power, np.int64)
    few_sums = np.empty(1 << power, np.float64)
    many_sums = np.empty(1 << power, np.float64)
    for one in range(n_groups):
        for other in range(one):
            few, many = one, other
            if starts[one + 1] - starts[one] > starts[other + 1] - starts[other]:
                few, many = other, one
            to_few, to_many = weights[few, many], weights[many, few]
            if to_few == 0 and to_many == 0:
                continue
            both = known[one] & known[other]
            width = 1
            while (1 << width) < 2 * (starts[few + 1] - starts[few]):
                width += 1
            shift = np.uint64(64 - width)
            mask = np.uint64((1 << width) - 1)
            owners[: 1 << width] = -1
            for cell in range(starts[few], starts[few + 1]):
                key = bits[cell] & both
                slot = (key * _MIX) >> shift
                while owners[slot] >= 0 and (bits[owners[slot]] & both) != key:
                    slot = (slot + np.uint64(1)) & mask
                if owners[slot] < 0:
                    owners[slot] = cell
                    few_sums[slot] = 0.0
                    many_sums[slot] = 0.0
                few_sums[slot] += amounts[cell]
            for cell in range(starts[many], starts[many + 1]):
                key = bits[cell] & both
                slot = (key * _MIX) >> shift
                while owners[slot] >= 0 and (bits[owners[slot]] & both) != key:
                    slot = (slot + np.uint64(1)) & mask
                if owners[slot] >= 0:
                    many_sums[slot] += amounts[cell]
                    sizes[cell] += to_many * few_sums[slot]
            for cell in range(starts[few], starts[few + 1]):
                key = bits[cell] & both
                slot = (key * _MIX) >> shift
                while (bits[owners[slot]] & both) != key:
                    slot = (slot + np.uint64(1)) & mask
                sizes[cell] += to_few * many_sums[slot]
