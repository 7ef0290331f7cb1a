"""Machanavajjhala, Kifer, Gehrke and Venkitasubramaniam (2007), definitions 3.1, 4.1 and 4.2."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

from naive.groups import shares, values_by_class


def distinct(keys: Sequence[Hashable], values: Sequence[Any]) -> int:
    return min(len(counts) for counts in values_by_class(keys, values))


def entropy(keys: Sequence[Hashable], values: Sequence[Any]) -> float:
    return min(
        math.exp(-sum(q * math.log(q) for q in shares(counts).values())) for counts in values_by_class(keys, values)
    )


def recursive(keys: Sequence[Hashable], values: Sequence[Any], c: float) -> int:
    """The largest l such that r_1 < c (r_l + ... + r_m) in every class, at least 1."""
    return min(_largest(counts, c) for counts in values_by_class(keys, values))


def _largest(counts: dict[Any, int], c: float) -> int:
    falling = sorted(counts.values(), reverse=True)
    return max((l for l in range(1, len(falling) + 1) if falling[0] < c * sum(falling[l - 1 :])), default=1)  # noqa: E741


def smallest_c(keys: Sequence[Hashable], values: Sequence[Any], least: int) -> float:
    """What c must exceed for recursive (c, l)-diversity."""
    found = []
    for counts in values_by_class(keys, values):
        falling = sorted(counts.values(), reverse=True)
        tail = sum(falling[least - 1 :])
        found.append(falling[0] / tail if tail else math.inf)
    return max(found)


def n_disclosed(keys: Sequence[Hashable], values: Sequence[Any]) -> int:
    return sum(sum(counts.values()) for counts in values_by_class(keys, values) if len(counts) == 1)
