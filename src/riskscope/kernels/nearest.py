"""The smallest Gower distances to a set of records: whole leaves of records are passed over where none is nearer."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def nearest_in_leaves(leaf_codes, starts, boxes, numbers, query_codes, query_numbers, smallest):
    """Write the smallest distances of each query into ``smallest``, rising.

    A distance is the sum of 1 for each code that differs and min(1, |x - y|) for each number.

    Parameters
    ----------
    leaf_codes : int32 array (n_leaves, n_codes)
        The codes that all records of a leaf share; leaves in lexicographic order of them.
    starts : int64 array (n_leaves + 1,)
        Where the records of each leaf begin.
    boxes : float64 array (n_leaves, n_numbers, 2)
        Least and greatest number among the records of each leaf.
    numbers : float64 array (n_records, n_numbers)
    query_codes : int32 array (n_queries, n_codes)
    query_numbers : float64 array (n_queries, n_numbers)
    smallest : float64 array (n_queries, k)
        Filled with infinity by the caller.
    """
    n_leaves, n_codes = leaf_codes.shape
    k = smallest.shape[1]
    shared = np.zeros(n_leaves, np.int64)  # columns in which a leaf starts like the one before it
    for leaf in range(1, n_leaves):
        while shared[leaf] < n_codes and leaf_codes[leaf, shared[leaf]] == leaf_codes[leaf - 1, shared[leaf]]:
            shared[leaf] += 1
    apart = np.empty(n_leaves, np.int32)
    gaps = np.empty(n_leaves, np.float64)
    prefix = np.zeros(n_codes + 1, np.int32)
    for query in range(query_codes.shape[0]):
        found, own = smallest[query], query_numbers[query]
        for leaf in range(n_leaves):
            for at in range(shared[leaf], n_codes):
                prefix[at + 1] = prefix[at] + (leaf_codes[leaf, at] != query_codes[query, at])
            apart[leaf] = prefix[n_codes]
        for base in range(n_codes + 1):
            if base >= found[k - 1]:
                break
            best = -1
            for leaf in range(n_leaves):
                if apart[leaf] == base:
                    gaps[leaf] = _gap(boxes[leaf], own, base, found[k - 1])
                    if best < 0 or gaps[leaf] < gaps[best]:
                        best = leaf
            if best < 0:
                continue
            _scan(numbers[starts[best] : starts[best + 1]], own, base, found)
            for leaf in range(n_leaves):
                if apart[leaf] == base and leaf != best and gaps[leaf] < found[k - 1]:
                    _scan(numbers[starts[leaf] : starts[leaf + 1]], own, base, found)


@njit(cache=True, nogil=True)
def _gap(box, own, base, most):
    """Return how far a leaf is at least, or ``most`` at the earliest where it is further."""
    total = float(base)
    for at in range(own.shape[0]):
        if own[at] < box[at, 0]:
            total += min(1.0, box[at, 0] - own[at])
        elif own[at] > box[at, 1]:
            total += min(1.0, own[at] - box[at, 1])
        if total >= most:
            return most
    return total


@njit(cache=True, nogil=True)
def _scan(numbers, own, base, found):
    """Keep the distances to the records of a leaf that are among the smallest."""
    last = found.shape[0] - 1
    for record in range(numbers.shape[0]):
        distance = float(base)
        for at in range(own.shape[0]):
            distance += min(1.0, abs(numbers[record, at] - own[at]))
            if distance >= found[last]:
                break
        if distance < found[last]:
            at = last
            while at > 0 and found[at - 1] > distance:
                found[at] = found[at - 1]
                at -= 1
            found[at] = distance
