"""Count every subset of the columns of a table, from cells alone.

Columns are decided one after the other: kept or dropped. The columns already kept are one number a cell (``front``),
those still to be decided another one (``rest``), whatever their number: two numbers fit into one key, and keys never
collide. Keeping a column counts nothing anew; dropping it merges cells, and the next subset starts from what is left.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_MIX = np.uint64(0x9E3779B97F4A7C15)
#: Figures of a subset: classes, classes of one record, records below the threshold, ordered pairs within classes.
N_FIGURES = 4


@njit(cache=True, nogil=True)
def figures(counts, n, threshold, base, found):
    """Write classes, uniques, records below the threshold and ordered pairs of a class, on top of ``base``."""
    n_unique, n_below, n_pairs = 0, 0, 0
    for at in range(n):
        size = int(counts[at])
        n_unique += 1 if size == 1 else 0
        n_below += size if size < threshold else 0
        n_pairs += size * (size - 1)
    found[0], found[1], found[2], found[3] = base[0] + n, base[1] + n_unique, base[2] + n_below, base[3] + n_pairs


@njit(cache=True, nogil=True)
def _strip(size, threshold, base):
    """Add a class that no further column can merge to ``base``."""
    base[0] += 1
    base[1] += 1 if size == 1 else 0
    base[2] += size if size < threshold else 0
    base[3] += size * (size - 1)


@njit(cache=True, nogil=True)
def keep(cells, n, step, space, room, threshold, base):
    """Move the next column from the rest to the front of each cell, in place; return cells left, bound of fronts.

    A cell whose front is now its own never merges with another: it leaves the cells, and is counted in ``base``.
    ``step`` is (digits, tails): the code and the rest behind it of each rest, and last the radix; ``room`` is
    (slots, known, seen), the last two as long as the cells.
    """
    front, rest, counts = cells
    digits, tails = step
    slots, known, seen = room
    radix = np.int64(digits[digits.shape[0] - 1])
    n_left = 0
    if space * radix <= slots.shape[0]:
        for at in range(n):
            key = np.int64(front[at]) * radix + digits[rest[at]]
            front[at] = key
            slots[key] = at if slots[key] == -1 else -2
        for at in range(n):
            key = front[at]
            if slots[key] >= 0:
                slots[key] = -1
                _strip(int(counts[at]), threshold, base)
            else:
                front[n_left], rest[n_left], counts[n_left] = key, tails[rest[at]], counts[at]
                n_left += 1
        for at in range(n_left):
            slots[front[at]] = -1
        return n_left, space * radix
    bits = 0
    while (1 << bits) < 2 * n:
        bits += 1
    shift, mask = np.uint64(64 - bits), np.uint64((1 << bits) - 1)
    n_known = 0
    for at in range(n):
        key = np.int64(front[at]) * radix + digits[rest[at]]
        slot = (np.uint64(key) * _MIX) >> shift
        place = slots[slot]
        while place >= 0 and known[place] != key:
            slot = (slot + np.uint64(1)) & mask
            place = slots[slot]
        if place < 0:
            place = n_known
            slots[slot] = place
            known[place], seen[place] = key, 0
            n_known += 1
        seen[place] += 1
        front[at] = place
    slots[: 1 << bits] = -1
    for at in range(n):
        if seen[front[at]] == 1:
            _strip(int(counts[at]), threshold, base)
        else:
            front[n_left], rest[n_left], counts[n_left] = front[at], tails[rest[at]], counts[at]
            n_left += 1
    return n_left, np.int64(n_known)


@njit(cache=True, nogil=True)
def drop(source, n, tails, target, slots, direct):
    """Merge the cells that are equal but for the next column; return how many are left.

    ``source`` and ``target`` are (front, rest, counts); the last of ``tails`` is how many rests there are without the
    column. ``slots`` (int32, -1 everywhere, left so) has room for every key if ``direct``, else it is a power of two
    of at least twice the cells.
    """
    front, rest, counts = source
    new_front, new_rest, new_counts = target
    n_rests = np.int64(tails[tails.shape[0] - 1])
    n_left = 0
    if direct:
        for at in range(n):
            tail = tails[rest[at]]
            key = np.int64(front[at]) * n_rests + tail
            place = slots[np.uint64(key)]
            if place < 0:
                slots[np.uint64(key)] = n_left
                new_front[n_left], new_rest[n_left], new_counts[n_left] = front[at], tail, counts[at]
                n_left += 1
            else:
                new_counts[np.uint64(place)] += counts[at]
        for at in range(n_left):
            slots[np.uint64(np.int64(new_front[at]) * n_rests + new_rest[at])] = -1
        return n_left
    bits = 0
    while (1 << bits) < 2 * n:
        bits += 1
    shift, mask = np.uint64(64 - bits), np.uint64((1 << bits) - 1)
    for at in range(n):
        tail = tails[rest[at]]
        here = np.int64(front[at])
        slot = (np.uint64(here * n_rests + tail) * _MIX) >> shift
        place = slots[slot]
        while place >= 0 and (new_front[place] != here or new_rest[place] != tail):
            slot = (slot + np.uint64(1)) & mask
            place = slots[slot]
        if place < 0:
            slots[slot] = n_left
            new_front[n_left], new_rest[n_left], new_counts[n_left] = here, tail, counts[at]
            n_left += 1
        else:
            new_counts[place] += counts[at]
    slots[: 1 << bits] = -1
    return n_left


@njit(cache=True, nogil=True)
def explore(cells, first, dropped, space, steps, threshold, base, found):
    """Count every subset that drops columns from ``first`` on, on top of those already ``dropped`` (bits).

    Parameters
    ----------
    cells : (front int32, rest int32, counts) of shape (n_columns - first + 1, n_cells)
        Row 0 holds the cells; the others are room to work in.
    space : int
        Fronts are smaller than this.
    steps : (digits, tails, starts)
        For each column, one after the other as ``starts`` tells: the code and the rest behind it of each rest; then
        the radix, or the number of rests behind.
    base : int64 array (4,)
        Figures of the classes that have left the cells already.
    found : int64 array (2 ** n_columns, 4)
        Filled, indexed by the bits of the columns dropped.
    """
    fronts, rests, counts = cells
    digits, tails, starts = steps
    n_columns = starts.shape[0] - 1
    n_cells = fronts.shape[1]
    n_slots = 4096
    while n_slots < 4 * n_cells:
        n_slots *= 2
    room = (np.full(n_slots, -1, np.int32), np.empty(n_cells, np.int64), np.empty(n_cells, np.int32))
    bases = np.zeros((n_columns + 1, N_FIGURES), np.int64)
    bases[0] = base
    n = np.empty(n_columns + 1, np.int64)
    spaces, gone, column = np.empty_like(n), np.empty_like(n), np.empty_like(n)
    n[0], spaces[0], gone[0], column[0] = n_cells, space, dropped, first
    depth = 0
    while depth >= 0:
        at = column[depth]
        if at == n_columns:
            depth -= 1
            continue
        step = (digits[starts[at] : starts[at + 1]], tails[starts[at] : starts[at + 1]])
        source = (fronts[depth], rests[depth], counts[depth])
        target = (fronts[depth + 1], rests[depth + 1], counts[depth + 1])
        direct = spaces[depth] * step[1][step[1].shape[0] - 1] <= n_slots
        n[depth + 1] = drop(source, n[depth], step[1], target, room[0], direct)
        gone[depth + 1] = gone[depth] | (1 << at)
        figures(counts[depth + 1], n[depth + 1], threshold, bases[depth], found[gone[depth + 1]])
        spaces[depth + 1], column[depth + 1], bases[depth + 1] = spaces[depth], at + 1, bases[depth]
        n[depth], spaces[depth] = keep(source, n[depth], step, spaces[depth], room, threshold, bases[depth])
        column[depth] = at + 1
        depth += 1


@njit(cache=True, nogil=True)
def _refine(classes, codes, radix, refined, slots, known):
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
def shares_of_cells(codes, counts, radices, weights, shares):
    """Add to ``shares`` (n_cells, n_columns) what each column adds to one over the class size of each cell.

    Subsets are met in the order of their bits: the one without the lowest column was the last kept at its place.
    """
    n_columns, n = codes.shape
    classes = np.zeros((n_columns + 1, n), np.int64)
    n_slots = 16
    while n_slots < 2 * n:
        n_slots *= 2
    slots, known, sizes = np.full(n_slots, -1, np.int32), np.empty(n, np.int64), np.zeros(n + 1, np.int64)
    for mask in range(1 << n_columns):
        n_bits, lowest, next_lowest = 0, n_columns, n_columns
        for column in range(n_columns - 1, -1, -1):
            if mask >> column & 1:
                n_bits, next_lowest, lowest = n_bits + 1, lowest, column
        if n_bits:
            _refine(classes[next_lowest], codes[lowest], radices[lowest], classes[lowest], slots, known)
        ids = classes[lowest]
        sizes[:] = 0
        for at in range(n):
            sizes[ids[at]] += counts[at]
        for at in range(n):
            value = 1 / sizes[ids[at]]
            for column in range(n_columns):
                if mask >> column & 1:
                    shares[at, column] += weights[n_bits - 1] * value
                else:
                    shares[at, column] -= weights[n_bits] * value
