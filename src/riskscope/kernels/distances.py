"""Set the distance of each released record to its own person beside its distances to everybody else."""

from __future__ import annotations

import numpy as np
from numba import njit

_BLOCK = 256  # people whose distances are held at a time: they stay in the cache


@njit(cache=True, nogil=True)
def rank_records(people, counts, records, own, rules, tolerance, answers):
    """Write for each record how many people are nearer than its own person, as near, and nearest of all.

    Parameters
    ----------
    people : float64 array (2, n_columns, n_people)
        Lower and upper ends of what is known of each distinct person; infinity and minus infinity where missing.
    counts : int64 array (n_people,)
        How many people share these values.
    records : float64 array (2, n_columns, n_records)
        The same of each record.
    own : int64 array (n_records,)
        The person whose record it is.
    rules : float64 array (2, n_columns)
        Per column, what a gap of one costs, and what a value costs at most.
    tolerance : float
        Distances that differ by no more are equal.
    answers : float64 array (3, n_records)
        Written to: people nearer, people as near (the own one too), people nearest of all.
    """
    n_columns, n_people = people.shape[1], people.shape[2]
    sums = np.empty(_BLOCK, np.float64)
    for record in range(own.shape[0]):
        true = 0.0
        for column in range(n_columns):
            gap = max(
                records[0, column, record] - people[1, column, own[record]],
                people[0, column, own[record]] - records[1, column, record],
                0.0,
            )
            true += min(gap * rules[0, column], rules[1, column])
        low, high = true - tolerance, true + tolerance
        nearer, equal, nearest, least = 0, 0, 0, np.inf
        for start in range(0, n_people, _BLOCK):
            width = min(_BLOCK, n_people - start)
            sums[:width] = 0.0
            for column in range(n_columns):
                lower, upper = records[0, column, record], records[1, column, record]
                cost, most = rules[0, column], rules[1, column]
                starts = people[0, column, start : start + width]
                ends = people[1, column, start : start + width]
                for at in range(width):
                    below, above = lower - ends[at], starts[at] - upper
                    gap = below if below > above else above
                    gap = gap if gap > 0.0 else 0.0
                    price = gap * cost
                    sums[at] += price if price < most else most
            theirs = counts[start : start + width]
            near, same, least_here = 0, 0, least
            for at in range(width):  # without branches: the compiler takes several at a time
                near += theirs[at] if sums[at] < low else 0
                same += theirs[at] if sums[at] <= high else 0
            nearer += near
            equal += same - near
            if near > 0:
                for at in range(width):
                    least_here = sums[at] if sums[at] < least_here else least_here
                if least_here < least - tolerance:
                    nearest, least = 0, least_here
                for at in range(width):
                    nearest += theirs[at] if sums[at] <= least + tolerance else 0
        answers[0, record] = nearer
        answers[1, record] = equal
        answers[2, record] = equal if nearer == 0 else nearest
