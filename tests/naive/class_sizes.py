"""Class sizes under three readings of missing values, by comparing every record with every other.

Wildcard and sdcMicro's alpha counting as in the formula sheet, A0, which reads sdcMicro 5.8.1's freqCalc.
"""

from __future__ import annotations

from collections.abc import Sequence

from naive.groups import Key


def matches(one: Key, other: Key) -> bool:
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))


def category(keys: Sequence[Key], weights: Sequence[float]) -> list[float]:
    return [sum(w for key, w in zip(keys, weights, strict=True) if key == mine) for mine in keys]


def wildcard(keys: Sequence[Key], weights: Sequence[float]) -> list[float]:
    return [sum(w for key, w in zip(keys, weights, strict=True) if matches(mine, key)) for mine in keys]


def sdcmicro(keys: Sequence[Key], weights: Sequence[float], alpha: float) -> list[float]:
    return [
        sum(w * _weight(mine, key, alpha) for key, w in zip(keys, weights, strict=True) if matches(mine, key))
        for mine in keys
    ]


def _weight(mine: Key, other: Key, alpha: float) -> float:
    """How much a record that matches counts for mine."""
    if mine == other or all(value is None for value in mine):
        return 1
    if None not in mine:  # all others that match lack something; what lacks everything counts only for one column
        return 0 if len(mine) > 1 and all(value is None for value in other) else alpha
    return 1 if None not in other else alpha
