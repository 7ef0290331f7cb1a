"""Distinction and separation, over every pair of records: Motwani and Xu (2007)."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence


def distinction(keys: Sequence[Hashable]) -> float:
    return len(set(keys)) / len(keys)


def separation(keys: Sequence[Hashable]) -> float:
    pairs = list(itertools.combinations(keys, 2))
    return sum(1 for one, other in pairs if one != other) / len(pairs)
