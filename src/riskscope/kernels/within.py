"""Classes and their sensitive values, in one pass over the cells: the last digit of a key is the sensitive value.

Nothing as long as the cells is made: at ten million of them, fresh memory costs more than the pass.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def value_totals(keys, counts, radix, totals):
    """Add the counts of each sensitive value to ``totals``, by code."""
    for cell in range(keys.shape[0]):
        totals[np.int64(keys[cell] % radix)] += counts[cell]


@njit(cache=True, nogil=True)
def least_diverse(keys, counts, radix):
    """Return the number of classes, the fewest values in one, and the records in classes with one value."""
    n = keys.shape[0]
    n_classes, fewest, n_disclosed = 0, n, 0
    start = 0
    current = keys[0] // radix
    for cell in range(1, n + 1):
        owner = keys[cell] // radix if cell < n else current
        if cell == n or owner != current:
            n_classes += 1
            fewest = min(fewest, cell - start)
            if cell - start == 1:
                n_disclosed += counts[start]
            start, current = cell, owner
    return n_classes, fewest, n_disclosed


@njit(cache=True, nogil=True)
def largest_surplus(keys, counts, radix, p):
    """Return the largest sum, over a class, of what the shares of its values exceed those of the table.

    ``p`` (n_values,) holds the shares in the table, by code.
    """
    n = keys.shape[0]
    largest = 0.0
    start, size = 0, counts[0]
    current = keys[0] // radix
    for cell in range(1, n + 1):
        owner = keys[cell] // radix if cell < n else current
        if cell == n or owner != current:
            total = 0.0
            for inside in range(start, cell):
                total += max(0.0, counts[inside] / size - p[np.int64(keys[inside] % radix)])
            largest = max(largest, total)
            start, current, size = cell, owner, 0
        if cell < n:
            size += counts[cell]
    return largest
