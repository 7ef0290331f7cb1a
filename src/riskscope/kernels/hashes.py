"""Hash many short texts at a time with MD5, SHA-1 and SHA-256, and sift out those whose digest is looked for.

A text of up to 55 bytes fills one block of 16 words. A batch of blocks goes through each round together, which the
compiler turns into vector instructions. A text is a head and a tail laid over each other, so that a thousand heads and
a thousand tails make a million texts without any of them being written down.

Rounds and constants: RFC 1321 (MD5), FIPS 180-4 (SHA-1, SHA-256).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

MD5, SHA1, SHA256 = 0, 1, 2
#: Texts that go through a round together.
LANES = 256

_MIX = np.uint64(0x9E3779B97F4A7C15)
_U1, _U6, _U32, _U63 = (np.uint64(n) for n in (1, 6, 32, 63))
_WIDTH = np.uint32(32)
_T1, _T2, _T3, _T5, _T6, _T7, _T10, _T11, _T13, _T17, _T18, _T19, _T22, _T25, _T30 = (
    np.uint32(n) for n in (1, 2, 3, 5, 6, 7, 10, 11, 13, 17, 18, 19, 22, 25, 30)
)

_START = np.array([0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0], np.uint32)
_MD5_ADDED = np.array([int(abs(math.sin(at + 1)) * 2**32) for at in range(64)], np.uint32)
_MD5_TURNS = np.array([[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]], np.uint32)
_MD5_STEPS = np.array([1, 5, 3, 7], np.int64)
_MD5_FIRST = np.array([0, 1, 5, 0], np.int64)
_SHA1_ADDED = np.array([0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6], np.uint32)


def _root_bits(degree, n):
    """Return the first 32 bits behind the point of a root of the first ``n`` primes, in whole numbers."""
    primes = [each for each in range(2, 400) if all(each % low for low in range(2, each))][:n]
    found = []
    for prime in primes:
        wanted = prime << (32 * degree)
        low, high = 0, 1 << 40
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if middle**degree <= wanted else (low, middle)
        found.append(low & 0xFFFFFFFF)
    return np.array(found, np.uint32)


_SHA256_START = _root_bits(2, 8)
_SHA256_ADDED = _root_bits(3, 64)


@njit(cache=True, nogil=True)
def _md5_round(kind, a, b, c, d, word, added, turn):  # one argument a part of the round: rows of a batch
    """Replace ``a`` by what a round of MD5 makes of it."""
    back = _WIDTH - turn
    for lane in range(a.shape[0]):
        x, y, z = b[lane], c[lane], d[lane]
        if kind == 0:
            mixed = z ^ (x & (y ^ z))
        elif kind == 1:
            mixed = y ^ (z & (x ^ y))
        elif kind == 2:
            mixed = x ^ y ^ z
        else:
            mixed = y ^ (x | ~z)
        total = np.uint32(a[lane] + mixed + word[lane] + added)
        a[lane] = x + ((total << turn) | (total >> back))


@njit(cache=True, nogil=True)
def _md5(words, state):
    """Fill four rows of ``state`` with the MD5 of each block; the words are read from the low byte up."""
    for row in range(4):
        state[row, :] = _START[row]
    for at in range(64):
        kind, one = at >> 4, -at & 3
        two, three, four = (one + 1) & 3, (one + 2) & 3, (one + 3) & 3
        word = words[(_MD5_STEPS[kind] * at + _MD5_FIRST[kind]) & 15]
        turn = _MD5_TURNS[kind, at & 3]
        _md5_round(kind, state[one], state[two], state[three], state[four], word, _MD5_ADDED[at], turn)
    for row in range(4):
        for lane in range(state.shape[1]):
            state[row, lane] += _START[row]


@njit(cache=True, nogil=True)
def _sha1_word(word, two, eight, thirteen):
    """Replace a word of the schedule by the one that stands sixteen further on."""
    for lane in range(word.shape[0]):
        mixed = np.uint32(word[lane] ^ two[lane] ^ eight[lane] ^ thirteen[lane])
        word[lane] = (mixed << _T1) | (mixed >> (_WIDTH - _T1))


@njit(cache=True, nogil=True)
def _sha1_round(kind, a, b, c, d, e, word, added):
    """Replace ``e`` by what a round of SHA-1 makes of it, and turn ``b``."""
    for lane in range(a.shape[0]):
        w, x, y, z = a[lane], b[lane], c[lane], d[lane]
        if kind == 0:
            mixed = z ^ (x & (y ^ z))
        elif kind == 2:
            mixed = (x & y) | (z & (x | y))
        else:
            mixed = x ^ y ^ z
        e[lane] = ((w << _T5) | (w >> (_WIDTH - _T5))) + mixed + e[lane] + word[lane] + added
    for lane in range(b.shape[0]):  # apart: with two rows written in one loop, the compiler gives up on vectors
        b[lane] = (b[lane] << _T30) | (b[lane] >> (_WIDTH - _T30))


@njit(cache=True, nogil=True)
def _sha1(words, state):
    """Fill five rows of ``state`` with the SHA-1 of each block; the words are used up."""
    for row in range(5):
        state[row, :] = _START[row]
    for at in range(80):
        here = at & 15
        if at >= 16:
            _sha1_word(words[here], words[(at + 2) & 15], words[(at + 8) & 15], words[(at + 13) & 15])
        kind, one = at // 20, -at % 5
        two, three, four, five = (one + 1) % 5, (one + 2) % 5, (one + 3) % 5, (one + 4) % 5
        _sha1_round(
            kind, state[one], state[two], state[three], state[four], state[five], words[here], _SHA1_ADDED[kind]
        )
    for row in range(5):
        for lane in range(state.shape[1]):
            state[row, lane] += _START[row]


@njit(cache=True, nogil=True)
def _sha256_word(word, one, nine, fourteen):
    """Replace a word of the schedule by the one that stands sixteen further on."""
    for lane in range(word.shape[0]):
        x, y = one[lane], fourteen[lane]
        low = ((x >> _T7) | (x << (_WIDTH - _T7))) ^ ((x >> _T18) | (x << (_WIDTH - _T18))) ^ (x >> _T3)
        high = ((y >> _T17) | (y << (_WIDTH - _T17))) ^ ((y >> _T19) | (y << (_WIDTH - _T19))) ^ (y >> _T10)
        word[lane] = word[lane] + low + nine[lane] + high


@njit(cache=True, nogil=True)
def _sha256_first(e, f, g, h, word, added):
    """Add to ``h`` the first sum of a round of SHA-256."""
    for lane in range(e.shape[0]):
        x = e[lane]
        turned = (
            ((x >> _T6) | (x << (_WIDTH - _T6)))
            ^ ((x >> _T11) | (x << (_WIDTH - _T11)))
            ^ ((x >> _T25) | (x << (_WIDTH - _T25)))
        )
        chosen = g[lane] ^ (x & (f[lane] ^ g[lane]))
        h[lane] = h[lane] + turned + chosen + word[lane] + added


@njit(cache=True, nogil=True)
def _sha256_second(a, b, c, d, h):
    """Add the first sum to ``d``, and the second sum to the first."""
    for lane in range(a.shape[0]):
        x, y, z = a[lane], b[lane], c[lane]
        turned = (
            ((x >> _T2) | (x << (_WIDTH - _T2)))
            ^ ((x >> _T13) | (x << (_WIDTH - _T13)))
            ^ ((x >> _T22) | (x << (_WIDTH - _T22)))
        )
        d[lane] += h[lane]
        h[lane] = h[lane] + turned + ((x & y) | (z & (x | y)))


@njit(cache=True, nogil=True)
def _sha256(words, state):
    """Fill eight rows of ``state`` with the SHA-256 of each block; the words are used up."""
    for row in range(8):
        state[row, :] = _SHA256_START[row]
    for at in range(64):
        here, one = at & 15, -at & 7
        if at >= 16:
            _sha256_word(words[here], words[(at + 1) & 15], words[(at + 9) & 15], words[(at + 14) & 15])
        last = state[(one + 7) & 7]
        _sha256_first(
            state[(one + 4) & 7], state[(one + 5) & 7], state[(one + 6) & 7], last, words[here], _SHA256_ADDED[at]
        )
        _sha256_second(state[one], state[(one + 1) & 7], state[(one + 2) & 7], state[(one + 3) & 7], last)
    for row in range(8):
        for lane in range(state.shape[1]):
            state[row, lane] += _SHA256_START[row]


@njit(cache=True, nogil=True)
def hash_blocks(scheme, words, state):
    """Hash one block a column: MD5, SHA1 or SHA256.

    Parameters
    ----------
    scheme : int
        ``MD5``, ``SHA1`` or ``SHA256``.
    words : uint32 array (16, n)
        The blocks, padded, as words of the scheme's byte order; used up.
    state : uint32 array (8, n)
        The digests: its first four, five or eight rows are filled.
    """
    if scheme == MD5:
        _md5(words, state)
    elif scheme == SHA1:
        _sha1(words, state)
    else:
        _sha256(words, state)


@njit(cache=True, nogil=True)
def _shift(n_slots):
    """Return the shift that leaves as many top bits as the slots need."""
    bits = 0
    while (1 << bits) < n_slots:
        bits += 1
    return np.uint64(64 - bits)


@njit(cache=True, nogil=True)
def fill_sieve(targets, sieve, slots):
    """Enter what is looked for into a bitmap and a table.

    Parameters
    ----------
    targets : uint64 array
        The first two words of each digest looked for, masked.
    sieve : uint64 array (power of two, at least 2)
        Bitmap, zeros; filled.
    slots : int64 array (power of two, above the number of targets)
        Table, all -1; filled with positions in ``targets``.
    """
    sieve_shift, slot_shift = _shift(64 * sieve.shape[0]), _shift(slots.shape[0])
    mask = slots.shape[0] - 1
    for at in range(targets.shape[0]):
        mixed = targets[at] * _MIX
        bit = mixed >> sieve_shift
        sieve[bit >> _U6] |= _U1 << (bit & _U63)
        slot = np.int64(mixed >> slot_shift)
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = at


@njit(cache=True, nogil=True)
def _sift(state, n, wanted, sieve, slots, marks):
    """Mark the lanes whose digest is looked for, and return how many there are.

    ``wanted`` holds the mask first, then the targets.
    """
    sieve_shift, slot_shift = _shift(64 * sieve.shape[0]), _shift(slots.shape[0])
    mask, n_marks = slots.shape[0] - 1, 0
    for lane in range(n):
        key = ((np.uint64(state[0, lane]) << _U32) | np.uint64(state[1, lane])) & wanted[0]
        mixed = key * _MIX
        bit = mixed >> sieve_shift
        if (sieve[bit >> _U6] >> (bit & _U63)) & _U1:
            slot = np.int64(mixed >> slot_shift)
            while slots[slot] >= 0:
                if wanted[slots[slot] + 1] == key:
                    marks[n_marks] = lane
                    n_marks += 1
                    break
                slot = (slot + 1) & mask
    return n_marks


@njit(cache=True, nogil=True)
def try_texts(scheme, heads, tails, wanted, sieve, slots, found, start):
    """Hash every head with every tail, and note those whose digest may be one looked for.

    Parameters
    ----------
    scheme : int
        ``MD5``, ``SHA1`` or ``SHA256``.
    heads : uint32 array (n_heads, 16)
        Blocks with the head, the padding and the length; the bytes of the tail are zero.
    tails : uint32 array (16, n_tails)
        Blocks with the tail alone.
    wanted : uint64 array (1 + n_targets,)
        The mask on the first two words of a digest, then the targets of ``fill_sieve``.
    sieve, slots : arrays
        As ``fill_sieve`` filled them.
    found : int64 array (2, at least n_tails)
        Filled with the head and the tail of each text noted.
    start : int
        The head to begin with.

    Returns
    -------
    int
        The head to go on with: n_heads, or fewer where ``found`` might not hold the next head's.
    int
        Texts noted.
    """
    n_heads, n_tails = heads.shape[0], tails.shape[1]
    words, state = np.zeros((16, LANES), np.uint32), np.zeros((8, LANES), np.uint32)
    marks = np.empty(LANES, np.int64)
    n_found = 0
    for head in range(start, n_heads):
        if n_found + n_tails > found.shape[1]:
            return head, n_found
        for first in range(0, n_tails, LANES):
            n = min(LANES, n_tails - first)
            for row in range(16):
                fixed, ours, theirs = heads[head, row], words[row], tails[row][first : first + n]
                for lane in range(n):
                    ours[lane] = fixed | theirs[lane]
            hash_blocks(scheme, words, state)  # lanes beyond n hold what was there before: nobody looks
            for at in range(_sift(state, n, wanted, sieve, slots, marks)):
                found[0, n_found], found[1, n_found] = head, first + marks[at]
                n_found += 1
    return n_heads, n_found
