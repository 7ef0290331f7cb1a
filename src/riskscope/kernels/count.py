"""Count equal keys: directly where the keys are few, else by sorting parts that fit into the cache.

Every path gives the distinct keys in rising order with their counts, whatever the order of the rows and the
number of threads.
"""

from __future__ import annotations

import numpy as np
from numba import njit

DIGIT = 11  # bits sorted at a time: 2,048 counters stay in the first-level cache
MASK = np.uint64((1 << DIGIT) - 1)


@njit(cache=True, nogil=True)
def append_digit(keys, codes, radix):
    """Make ``key * radix + code`` of each key, in place."""
    for row in range(keys.shape[0]):
        keys[row] = keys[row] * radix + np.uint64(codes[row])


@njit(cache=True, nogil=True)
def count_direct(keys, counts):
    """Add one to the counter of each key."""
    for row in range(keys.shape[0]):
        counts[keys[row]] += 1


@njit(cache=True, nogil=True)
def count_few(keys, slots, found, counts):
    """Count keys that have few distinct values; return their number, or -1 as soon as they are too many.

    ``slots`` (int32, -1 where free, a power of two) has at least twice the room of ``found`` and ``counts``.
    """
    n_found = 0
    mask = slots.shape[0] - 1
    bits = 0
    while (1 << bits) < slots.shape[0]:
        bits += 1
    shift = np.uint64(64 - bits)
    for row in range(keys.shape[0]):
        key = keys[row]
        slot = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> shift)
        at = slots[slot]
        while at >= 0 and found[at] != key:
            slot = (slot + 1) & mask
            at = slots[slot]
        if at < 0:
            if n_found == found.shape[0]:
                return -1
            at = n_found
            slots[slot] = at
            found[at] = key
            counts[at] = 0
            n_found += 1
        counts[at] += 1
    return n_found


@njit(cache=True, nogil=True)
def part_sizes(keys, shift, sizes):
    """Add to ``sizes`` how many keys fall into each part (the bits above ``shift``)."""
    for row in range(keys.shape[0]):
        sizes[np.uint64(keys[row] >> shift)] += 1


@njit(cache=True, nogil=True)
def scatter(keys, shift, places, parted):
    """Write each key to the next place of its part; ``places`` moves on."""
    for row in range(keys.shape[0]):
        key = keys[row]
        part = np.uint64(key >> shift)
        parted[np.uint64(places[part])] = key
        places[part] += 1


@njit(cache=True, nogil=True)
def _sort(keys, spare, bits):
    """Sort keys by their lowest ``bits`` bits, least significant digit first; the answer ends in ``keys``."""
    counters = np.empty(1 << DIGIT, np.int64)
    done = 0
    source, target = keys, spare
    swapped = False
    while done < bits:
        counters[:] = 0
        for row in range(source.shape[0]):
            counters[np.uint64(source[row] >> done) & MASK] += 1
        total = 0
        for value in range(1 << DIGIT):
            here = counters[value]
            counters[value] = total
            total += here
        for row in range(source.shape[0]):
            key = source[row]
            place = np.uint64(key >> done) & MASK
            target[np.uint64(counters[place])] = key
            counters[place] += 1
        source, target = target, source
        swapped = not swapped
        done += DIGIT
    if swapped:
        keys[:] = source


@njit(cache=True, nogil=True)
def count_parts(parted, starts, bits, counts):
    """Sort each part and squeeze equal keys together, from the left of ``parted``; return how many are left.

    Parameters
    ----------
    parted : unsigned array
        Keys, part after part; on return its first entries are the distinct keys, rising.
    starts : int64 array (n_parts + 1,)
        Where each part begins.
    bits : int
        Bits of a key that differ within a part.
    counts : int64 array
        Filled as far as there are distinct keys.
    """
    largest = 0
    for part in range(starts.shape[0] - 1):
        largest = max(largest, starts[part + 1] - starts[part])
    spare = np.empty(largest, parted.dtype)
    n_cells = 0
    for part in range(starts.shape[0] - 1):
        keys = parted[starts[part] : starts[part + 1]]
        if keys.shape[0] == 0:
            continue
        _sort(keys, spare[: keys.shape[0]], bits)
        current, first = keys[0], 0
        parted[np.uint64(n_cells)] = current
        for row in range(1, keys.shape[0]):  # every turn writes, so that nothing is guessed wrong
            key = keys[row]
            differs = 1 if key != current else 0
            counts[np.uint64(n_cells)] = row - first
            first = row if differs else first
            n_cells += differs
            parted[np.uint64(n_cells)] = key
            current = key
        counts[np.uint64(n_cells)] = keys.shape[0] - first
        n_cells += 1
    return n_cells


@njit(cache=True, nogil=True)
def small_classes(sizes, threshold):
    """Return the smallest class, the number of classes of one, and the records in classes below the threshold."""
    smallest, n_unique, n_below = sizes[0], 0, 0
    for at in range(sizes.shape[0]):
        size = sizes[at]
        smallest = min(smallest, size)
        n_unique += 1 if size == 1 else 0
        n_below += size if size < threshold else 0
    return smallest, n_unique, n_below


@njit(cache=True, nogil=True)
def number_keys(distinct, slots):
    """Enter distinct keys into ``slots`` (int32, -1 where free, a power of two, at least twice as many)."""
    bits = 0
    while (1 << bits) < slots.shape[0]:
        bits += 1
    shift, mask = np.uint64(64 - bits), np.uint64(slots.shape[0] - 1)
    for at in range(distinct.shape[0]):
        slot = (np.uint64(distinct[at]) * np.uint64(0x9E3779B97F4A7C15)) >> shift
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = at


@njit(cache=True, nogil=True)
def find_keys(keys, distinct, slots, places):
    """Write where each key stands among the distinct ones entered into ``slots``; every key is there."""
    bits = 0
    while (1 << bits) < slots.shape[0]:
        bits += 1
    shift, mask = np.uint64(64 - bits), np.uint64(slots.shape[0] - 1)
    for row in range(keys.shape[0]):
        key = keys[row]
        slot = (np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> shift
        while distinct[slots[slot]] != key:
            slot = (slot + np.uint64(1)) & mask
        places[row] = slots[slot]
