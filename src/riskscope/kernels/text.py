"""Code text: each distinct string gets a number, in order of first appearance, straight from Arrow's buffers.

Strings are read eight bytes at a time. A string of up to eight bytes *is* its word; a longer one is hashed, and
the hash is only a first sieve: the bytes themselves are compared, so two strings never share a code.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_MIX = np.uint64(0x9E3779B97F4A7C15)
_FULL = np.uint64(0xFFFFFFFFFFFFFFFF)
_CODE = np.uint64(0xFFFFFFFF)
_ZERO, _ONE, _U3, _U7, _U32, _U63, _U64 = (np.uint64(n) for n in (0, 1, 3, 7, 32, 63, 64))


@njit(cache=True, nogil=True)
def _word(words, tail, position, n_bytes):
    """Return up to eight bytes from a byte position on, zeros beyond ``n_bytes``; safe at the very end."""
    at = position >> 3
    shift = np.uint64((position & 7) << 3)
    low = words[at] if at < words.shape[0] else tail
    high = words[at + 1] if at + 1 < words.shape[0] else (tail if at + 1 == words.shape[0] else _ZERO)
    word = (low >> shift) | ((high << _ONE) << (_U63 - shift))
    return word & (_FULL >> (_U64 - np.uint64(n_bytes << 3)))


@njit(cache=True, nogil=True)
def _signature(words, tail, start, length):
    """Return the word of a short string, or a 64-bit hash of a long one."""
    if length == 0:
        return _ZERO
    if length <= 8:
        return _word(words, tail, start, length)
    mixed = np.uint64(length) * _MIX
    for at in range(0, length, 8):
        mixed = (mixed ^ _word(words, tail, start + at, min(8, length - at))) * _MIX
        mixed ^= mixed >> _U32
    return mixed


@njit(cache=True, nogil=True)
def _same(words, tail, one, other, length):
    """Tell whether two strings of one length hold the same bytes."""
    for at in range(0, length, 8):
        n_bytes = min(8, length - at)
        if _word(words, tail, one + at, n_bytes) != _word(words, tail, other + at, n_bytes):
            return False
    return True


@njit(cache=True, nogil=True)
def _shift(n_slots):
    """Return the shift that leaves as many top bits as the slots need."""
    bits = 0
    while (1 << bits) < n_slots:
        bits += 1
    return np.uint64(64 - bits)


@njit(cache=True, nogil=True)
def _spread(signatures, entries, n_slots):
    """Return slots that hold the entries: row 0 the signature, row 1 the length and the code in one number."""
    slots = np.full((2, n_slots), _FULL, np.uint64)
    mask, shift = n_slots - 1, _shift(n_slots)
    for code in range(entries.shape[0]):
        slot = np.int64(((signatures[code] + (entries[code] >> _U32)) * _MIX) >> shift)
        while slots[1, slot] != _FULL:
            slot = (slot + 1) & mask
        slots[0, slot] = signatures[code]
        slots[1, slot] = entries[code]
    return slots


@njit(cache=True, nogil=True)
def _code_on(words, tail, offsets, valid, codes, slots, first, progress):
    """Code rows until all are done or the slots are half full.

    ``progress`` holds the next row, the number of levels, and how many levels are allowed; it is brought up to
    date. No array is replaced inside the loop: that alone makes it many times faster.
    """
    row, n_levels, allowed = progress
    n, n_words = offsets.shape[0] - 1, words.shape[0]
    some_missing = valid.shape[0] > 0
    base = 1 if some_missing else 0
    mask = np.uint64(slots.shape[1] - 1)
    shift = _shift(slots.shape[1])
    stop = offsets[row]
    while row < n:  # positions are unsigned: numba then does not ask whether they count from the end
        here = np.uint64(row)
        start, stop = stop, offsets[here + _ONE]
        if some_missing and not valid[here]:
            codes[here] = 0
            row += 1
            continue
        length = stop - start
        at = np.uint64(start) >> _U3
        if 0 < length <= 8 and np.int64(at) + 1 < n_words:  # the common case, without a call
            turn = (np.uint64(start) & _U7) << _U3
            signature = (words[at] >> turn) | ((words[at + _ONE] << _ONE) << (_U63 - turn))
            signature &= _FULL >> (_U64 - np.uint64(length << 3))
        else:
            signature = _signature(words, tail, start, length)
        slot = ((signature + np.uint64(length)) * _MIX) >> shift
        entry = slots[1, slot]
        while entry != _FULL:
            if slots[0, slot] == signature and np.int64(entry >> _U32) == length:  # noqa: SIM102 - hot path
                if length <= 8 or _same(words, tail, offsets[first[np.int64(entry & _CODE)]], start, length):
                    break
            slot = (slot + _ONE) & mask
            entry = slots[1, slot]
        if entry == _FULL:
            if n_levels == allowed:
                break
            entry = (np.uint64(length) << _U32) | np.uint64(n_levels)
            slots[0, slot] = signature
            slots[1, slot] = entry
            first[n_levels] = row
            n_levels += 1
        codes[here] = np.int64(entry & _CODE) + base
        row += 1
    progress[0], progress[1] = row, n_levels


@njit(cache=True, nogil=True)
def code_text(words, tail, offsets, valid, codes, most):
    """Write the code of each string into ``codes``; stop early where ``most`` codes do not suffice.

    Parameters
    ----------
    words : uint64 array
        The text bytes, eight at a time.
    tail : uint64
        The last bytes that fill no whole word.
    offsets : int64 array (n + 1,)
        Where each string begins and ends.
    valid : uint8 array (n,) or (0,)
        1 where a value is present; empty when all are. A missing value gets code 0, levels then start at 1.
    codes : integer array (n,)
        Filled.
    most : int
        How many codes ``codes`` can hold.

    Returns
    -------
    int
        Rows coded: n, or fewer when ``most`` was met.
    int64 array (n_levels,)
        The row where each level appeared first.
    """
    n = offsets.shape[0] - 1
    most -= 1 if valid.shape[0] else 0
    size = 1024
    progress = np.zeros(3, np.int64)
    first = np.empty(size, np.int64)
    slots = np.full((2, 2 * size), _FULL, np.uint64)
    while True:
        progress[2] = min(size, most)
        _code_on(words, tail, offsets, valid, codes, slots, first, progress)
        row, n_levels = progress[0], progress[1]
        if row == n or n_levels == most:
            return row, first[:n_levels].copy()
        size *= 4
        signatures, entries = np.empty(n_levels, np.uint64), np.empty(n_levels, np.uint64)
        for slot in range(slots.shape[1]):
            if slots[1, slot] != _FULL:
                code = np.int64(slots[1, slot] & _CODE)
                signatures[code], entries[code] = slots[0, slot], slots[1, slot]
        slots = _spread(signatures, entries, 2 * size)
        first = np.concatenate((first, np.empty(size - n_levels, np.int64)))
