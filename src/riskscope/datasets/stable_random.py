"""Draws that stay the same for ever: raw bits of NumPy's PCG64 and whole-number arithmetic, nothing else.

NumPy promises the raw bits of a bit generator, and not what the methods of ``Generator`` make of them. Each
column draws from its own stream, named by the column, so that a new column changes no other one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

SEED = 20241231


def _raw(stream: str, n: int) -> npt.NDArray[np.uint64]:
    """Return ``n`` raw 64-bit numbers of the named stream."""
    digest = hashlib.sha256(f"{SEED}:{stream}".encode()).digest()
    generator = np.random.PCG64(int.from_bytes(digest[:16], "big"))
    return np.asarray(generator.random_raw(n), dtype=np.uint64)


def whole_numbers(stream: str, n: int, limit: int | Integers) -> Integers:
    """Return ``n`` whole numbers, each from 0 to its limit (at most 2³¹) less one, all equally likely."""
    high_bits = _raw(stream, n) >> np.uint64(32)
    product = high_bits * np.asarray(limit).astype(np.uint64)
    return (product >> np.uint64(32)).astype(np.int64)


def happens(stream: str, per_mille: int | Integers, n: int) -> Booleans:
    """Return for each of ``n`` rows whether an event of this probability (in thousandths) happens."""
    return np.asarray(whole_numbers(stream, n, 1000) < per_mille)


def draw(stream: str, weights: Sequence[int] | Integers, n: int) -> Integers:
    """Return ``n`` positions in ``weights`` (whole numbers), each drawn in proportion to its weight."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.int64))
    ticket = whole_numbers(stream, n, int(cumulative[-1]))
    return np.searchsorted(cumulative, ticket, side="right").astype(np.int64)


def draw_by(stream: str, weights: Integers, group: Integers) -> Integers:
    """Return for each row a position in the row of ``weights`` (n_groups, n_levels) that its group names."""
    cumulative = np.cumsum(weights, axis=1, dtype=np.int64)
    ticket = whole_numbers(stream, len(group), cumulative[group, -1])
    position = np.zeros(len(group), dtype=np.int64)
    for level in range(cumulative.shape[1] - 1):
        position += ticket >= cumulative[group, level]
    return position


def shuffled(stream: str, n: int) -> Integers:
    """Return the numbers 0 to ``n`` less one in random order."""
    return np.argsort(_raw(stream, n), kind="stable").astype(np.int64)


def bell(stream: str, n: int, half_width: int) -> Integers:
    """Return ``n`` whole numbers around 0, at most ``half_width`` away: the triangular distribution."""
    first = whole_numbers(f"{stream}/first", n, half_width + 1)
    second = whole_numbers(f"{stream}/second", n, half_width + 1)
    return first - second
