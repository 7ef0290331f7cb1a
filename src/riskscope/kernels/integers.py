"""Code whole numbers: by their distance from the smallest where they lie close together, else by hashing."""

from __future__ import annotations

import numpy as np
from numba import njit

_MIX = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, nogil=True)
def code_offsets(values, valid, low, present, codes):
    """Write ``value - low`` into ``codes`` and mark in ``present`` which distances occur.

    A missing value (``valid`` 0) gets code 0; all others are then one higher. ``valid`` is empty when no value
    is missing.
    """
    some_missing = valid.shape[0] > 0
    base = 1 if some_missing else 0
    for row in range(values.shape[0]):
        if some_missing and not valid[row]:
            codes[row] = 0
        else:
            distance = values[row] - low
            present[distance] = 1
            codes[row] = distance + base


@njit(cache=True, nogil=True)
def renumber(codes, ranks):
    """Replace each code by its rank, in place."""
    for row in range(codes.shape[0]):
        codes[row] = ranks[codes[row]]


@njit(cache=True, nogil=True)
def _code_on(values, valid, codes, places, levels, progress):
    """Code rows until all are done or ``levels`` is full; ``progress`` holds the next row and number of levels."""
    row, n_levels = progress
    some_missing = valid.shape[0] > 0
    base = 1 if some_missing else 0
    mask = places.shape[0] - 1
    bits = 0
    while (1 << bits) < places.shape[0]:
        bits += 1
    shift = np.uint64(64 - bits)
    while row < values.shape[0]:
        if some_missing and not valid[row]:
            codes[row] = 0
            row += 1
            continue
        value = values[row]
        slot = np.int64((np.uint64(value) * _MIX) >> shift)
        code = places[slot]
        while code >= 0 and levels[code] != value:
            slot = (slot + 1) & mask
            code = places[slot]
        if code < 0:
            if n_levels == levels.shape[0]:
                break
            code = n_levels
            places[slot] = code
            levels[code] = value
            n_levels += 1
        codes[row] = code + base
        row += 1
    progress[0], progress[1] = row, n_levels


@njit(cache=True, nogil=True)
def code_hashed(values, valid, codes):
    """Write the code of each int64 into ``codes`` (int32), in order of first appearance; return the levels."""
    size = 1024
    progress = np.zeros(2, np.int64)
    levels = np.empty(size, np.int64)
    while True:
        n_levels = progress[1]
        bits = 0
        while (1 << bits) < 2 * size:
            bits += 1
        shift = np.uint64(64 - bits)
        places = np.full(2 * size, -1, np.int32)
        for code in range(n_levels):
            slot = np.int64((np.uint64(levels[code]) * _MIX) >> shift)
            while places[slot] >= 0:
                slot = (slot + 1) & (2 * size - 1)
            places[slot] = code
        _code_on(values, valid, codes, places, levels, progress)
        if progress[0] == values.shape[0]:
            return levels[: progress[1]].copy()
        size *= 4
        levels = np.concatenate((levels, np.empty(size - levels.shape[0], np.int64)))


@njit(cache=True, nogil=True)
def mark(codes, present):
    """Mark in ``present`` which codes occur."""
    for row in range(codes.shape[0]):
        present[codes[row]] = 1
