"""Add up what fits: boxes (a range in each column) of persons against boxes of released records.

Persons come in lexicographic order. The records that fit the columns so far are kept for each column, so that a
person begins where it differs from the one before; in the first column, single ranks are found by halving.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _first_from(points, rank):
    """Return the first place of ``points`` (rising) that is at least ``rank``."""
    low, high = 0, points.shape[0]
    while low < high:
        middle = (low + high) // 2
        if points[middle] < rank:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def add_fitting(persons, spans, records, points, first, ranges, weights, sums):
    """Add to ``sums`` of each person the weights of the records that fit it: whose ranges overlap in every column.

    Parameters
    ----------
    persons : int32 array (n_persons, n_columns)
        What is known of each: rows of ``spans``. In lexicographic order.
    spans : int32 array (n_spans, 2)
        Half-open ranges of ranks.
    records : int32 array (n_records, n_columns)
        What each says: places in ``first``. Those that are one rank wide in the first column come first, by rank.
    points : int32 array (n_points,)
        The rank in the first column of those.
    first, ranges : int32 arrays (n_sets + 1,), (n_ranges, 2)
        The ranges of place ``p`` are ``ranges[first[p]:first[p + 1]]``.
    weights : float64 array (n_records, n_sums)
    sums : float64 array (n_persons, n_sums)
        Added to.
    """
    n_persons, n_columns = persons.shape
    n_records, n_sums = weights.shape
    fitting = np.empty((n_columns, n_records), np.int32)
    n_fitting = np.zeros(n_columns, np.int64)
    for person in range(n_persons):
        column = 0
        if person > 0:
            while column < n_columns and persons[person, column] == persons[person - 1, column]:
                column += 1
        while column < n_columns:
            low, high = spans[persons[person, column], 0], spans[persons[person, column], 1]
            n = 0
            begin, n_before = 0, n_records
            if column == 0:
                begin = points.shape[0]
                for record in range(_first_from(points, low), _first_from(points, high)):
                    fitting[0, n] = record
                    n += 1
            else:
                n_before = n_fitting[column - 1]
            for at in range(begin, n_before):
                record = at if column == 0 else fitting[column - 1, at]
                place = records[record, column]
                for each in range(first[place], first[place + 1]):
                    if low < ranges[each, 1] and ranges[each, 0] < high:
                        fitting[column, n] = record
                        n += 1
                        break
            n_fitting[column] = n
            column += 1
        for at in range(n_fitting[n_columns - 1]):
            record = fitting[n_columns - 1, at]
            for one in range(n_sums):
                sums[person, one] += weights[record, one]
