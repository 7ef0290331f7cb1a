"""How well pairs of values agree: equal, near (a few slips of the pen, or a small difference), or neither."""

from __future__ import annotations

import numpy as np
from numba import njit

#: Levels of agreement of one column of a pair.
MISSING, DIFFERENT, NEAR, EQUAL = 0, 1, 2, 3

#: Texts shorter than this are equal or different, never near.
SHORTEST = 3

_ZERO, _ONE = np.uint64(0), np.uint64(1)


@njit(cache=True, nogil=True)
def _within(letters, one, other, limit, rows):
    """Tell whether one text becomes the other by at most ``limit`` edits.

    An edit inserts, drops or replaces a letter, or swaps two neighbours (optimal string alignment). ``one`` and
    ``other`` are (start, stop) in ``letters``; ``rows`` is room for three rows of the table.
    """
    a, a_stop = one
    b, b_stop = other
    while a < a_stop and b < b_stop and letters[a] == letters[b]:
        a += 1
        b += 1
    while a < a_stop and b < b_stop and letters[a_stop - 1] == letters[b_stop - 1]:
        a_stop -= 1
        b_stop -= 1
    n, m = a_stop - a, b_stop - b
    if abs(n - m) > limit:
        return False
    far = limit + 1
    for at in range(m + 1):
        rows[0, at] = min(at, far)
    for i in range(1, n + 1):
        before, last, here = rows[(i - 2) % 3], rows[(i - 1) % 3], rows[i % 3]
        low, high = max(1, i - limit), min(m, i + limit)
        here[low - 1] = min(i, far) if low == 1 else far
        least = here[low - 1]
        for j in range(low, high + 1):
            cost = last[j - 1] + (letters[a + i - 1] != letters[b + j - 1])
            if j <= i - 1 + limit:  # beyond it the row above has not been filled
                cost = min(cost, last[j] + 1)
            cost = min(cost, here[j - 1] + 1)
            if (
                i > 1
                and j > 1
                and letters[a + i - 1] == letters[b + j - 2]
                and letters[a + i - 2] == letters[b + j - 1]
            ):
                cost = min(cost, before[j - 2] + 1)
            here[j] = min(cost, far)
            least = min(least, here[j])
        if least > limit:
            return False
    return rows[n % 3, m] <= limit


@njit(cache=True, nogil=True)
def text_levels(ones, others, letters, ends, masks, letters_an_edit, levels):
    """Write the level of agreement of each pair of texts into ``levels``.

    Parameters
    ----------
    ones, others : int32 arrays (n_pairs,)
        Number of the text on each side; -1 is a missing value.
    letters : uint32 array
        All texts, one after the other.
    ends : int64 array (n_texts + 1,)
        Where each text begins and ends.
    masks : uint64 array (n_texts,)
        Which letters a text has, one bit for several: texts that differ in many bits need no closer look.
    letters_an_edit : int
        One edit in so many letters of the longer text is near (at least one edit); 0: one edit, however long.
    levels : uint8 array (n_pairs,)
        Filled.
    """
    longest = 0
    for text in range(ends.shape[0] - 1):
        longest = max(longest, ends[text + 1] - ends[text])
    rows = np.zeros((3, longest + 2), np.int64)
    for pair in range(ones.shape[0]):
        one, other = ones[pair], others[pair]
        if one < 0 or other < 0:
            levels[pair] = MISSING
            continue
        if one == other:
            levels[pair] = EQUAL
            continue
        levels[pair] = DIFFERENT
        n, m = ends[one + 1] - ends[one], ends[other + 1] - ends[other]
        longer = max(n, m)
        limit = 1 if letters_an_edit == 0 else max(1, longer // letters_an_edit)
        if longer < SHORTEST or abs(n - m) > limit:
            continue
        differing = masks[one] ^ masks[other]
        n_bits = 0
        while differing != _ZERO and n_bits <= 2 * limit:
            differing &= differing - _ONE
            n_bits += 1
        if n_bits <= 2 * limit and _within(
            letters, (ends[one], ends[one + 1]), (ends[other], ends[other + 1]), limit, rows
        ):
            levels[pair] = NEAR


@njit(cache=True, nogil=True)
def number_levels(ones, others, numbers, tolerance, levels):
    """Write the level of agreement of each pair of numbers: equal, at most ``tolerance`` apart, or different.

    ``ones`` and ``others`` (n_pairs,) are positions in ``numbers``, -1 a missing value.
    """
    slack = 1e-9 * tolerance
    for pair in range(ones.shape[0]):
        one, other = ones[pair], others[pair]
        if one < 0 or other < 0:
            levels[pair] = MISSING
        elif one == other:
            levels[pair] = EQUAL
        elif abs(numbers[one] - numbers[other]) <= tolerance + slack:
            levels[pair] = NEAR
        else:
            levels[pair] = DIFFERENT
