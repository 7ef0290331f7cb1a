"""Classes and their sensitive values, in one pass over the cells: the last digit of a key is the sensitive value."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def class_starts(keys, radix, starts):
    """Write the first cell of each class into ``starts`` (as long as ``keys``); return the number of classes."""
    n_classes = 0
    current = keys[0] // radix
    starts[0] = 0
    for cell in range(1, keys.shape[0]):
        owner = keys[cell] // radix
        if owner != current:
            n_classes += 1
            starts[n_classes] = cell
            current = owner
    return n_classes + 1


@njit(cache=True, nogil=True)
def value_totals(keys, counts, radix, totals):
    """Add the counts of each sensitive value to ``totals``, by code."""
    for cell in range(keys.shape[0]):
        totals[np.int64(keys[cell] % radix)] += counts[cell]


@njit(cache=True, nogil=True)
def surplus(keys, counts, radix, starts, p, sums):
    """Write, for each class, the sum of what the shares of its values exceed those of the table (``p``, by code)."""
    n_classes = starts.shape[0]
    for at in range(n_classes):
        start = starts[at]
        stop = starts[at + 1] if at + 1 < n_classes else keys.shape[0]
        size = 0
        for cell in range(start, stop):
            size += counts[cell]
        total = 0.0
        for cell in range(start, stop):
            total += max(0.0, counts[cell] / size - p[np.int64(keys[cell] % radix)])
        sums[at] = total
