"""Count every subset of the columns of a table of persons who may stand in several cells.

A person's crowd over some columns is the smallest of the classes they stand in, each counted in distinct persons. So
a subset takes two walks over the persons: one to count each class, one to find each person's smallest.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_MIX = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, nogil=True)
def figures(classes, n_classes, cells, starts, threshold, found):
    """Write classes, persons alone, persons below the threshold, and the others in all persons' crowds.

    ``classes`` (n_cells,) is the class of each cell, below ``n_classes``; ``cells`` are those of the persons, one
    person after the other, and ``starts`` (n_people + 1,) where each person's begin. Return the sum over the persons
    of one over their crowd.
    """
    counts, last = np.zeros(n_classes, np.int64), np.full(n_classes, -1, np.int64)
    n_people = starts.shape[0] - 1
    n_present, n_unique, n_below, n_pairs, matches = 0, 0, 0, 0, 0.0
    for who in range(n_people):
        for at in range(starts[who], starts[who + 1]):
            place = classes[cells[at]]
            if last[place] != who:
                n_present += 1 if counts[place] == 0 else 0
                last[place] = who
                counts[place] += 1
    for who in range(n_people):
        size = counts[classes[cells[starts[who]]]]
        for at in range(starts[who] + 1, starts[who + 1]):
            size = min(size, counts[classes[cells[at]]])
        n_unique += 1 if size == 1 else 0
        n_below += 1 if size < threshold else 0
        n_pairs += size - 1
        matches += 1 / size
    found[0], found[1], found[2], found[3] = n_present, n_unique, n_below, n_pairs
    return matches


@njit(cache=True, nogil=True)
def _numbered(classes, codes, radix, refined, slots, known):
    """Number the pairs of a class and a code densely, in order of first appearance; return how many there are."""
    bits = 0
    while (1 << bits) < slots.shape[0]:
        bits += 1
    shift, mask = np.uint64(64 - bits), np.uint64(slots.shape[0] - 1)
    n_known = 0
    for at in range(classes.shape[0]):
        key = classes[at] * radix + codes[at]
        slot = (np.uint64(key) * _MIX) >> shift
        place = slots[slot]
        while place >= 0 and known[place] != key:
            slot = (slot + np.uint64(1)) & mask
            place = slots[slot]
        if place < 0:
            place = n_known
            slots[slot] = place
            known[place] = key
            n_known += 1
        refined[at] = place
    slots[:] = -1
    return n_known


@njit(cache=True, nogil=True)
def explore(codes, radices, base, people, threshold, found, matches):
    """Count every subset of the columns, each together with the columns that ``base`` numbers already.

    Parameters
    ----------
    codes : integer array (n_columns, n_cells)
        The code of each cell in each column.
    radices : int64 array (n_columns,)
        Above every code of the column.
    base : int64 array (n_cells,)
        The class of each cell before any of these columns, numbered densely.
    people : (cells, starts)
        See ``figures``.
    threshold : int
        Crowds smaller than this are counted.
    found, matches : int64 array (2 ** n_columns, 4), float64 array (2 ** n_columns,)
        Filled, indexed by the bits of the columns; see ``figures``.

    Notes
    -----
    Subsets are met in the order of their bits: the one without the lowest column was the last kept at its place.
    Where a subset tells all cells apart, further columns change nothing.
    """
    n_columns, n = codes.shape
    cells, starts = people
    classes = np.empty((n_columns + 1, n), np.int64)
    classes[n_columns] = base
    n_slots = 16
    while n_slots < 2 * n:
        n_slots *= 2
    slots, known = np.full(n_slots, -1, np.int32), np.empty(n, np.int64)
    n_classes = np.zeros(1 << n_columns, np.int64)
    for mask in range(1 << n_columns):
        without = mask & (mask - 1)
        if mask and n_classes[without] == n:
            n_classes[mask], found[mask], matches[mask] = n, found[without], matches[without]
            continue
        lowest, next_lowest = n_columns, n_columns
        for column in range(n_columns - 1, -1, -1):
            if mask >> column & 1:
                next_lowest, lowest = lowest, column
        if mask:
            radix = radices[lowest]
            n_classes[mask] = _numbered(classes[next_lowest], codes[lowest], radix, classes[lowest], slots, known)
        else:
            n_classes[mask] = base.max() + 1
        matches[mask] = figures(classes[lowest], n_classes[mask], cells, starts, threshold, found[mask])
