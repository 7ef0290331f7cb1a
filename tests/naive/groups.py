"""Records in groups, as dictionaries."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

Key = tuple[Any, ...]


def sizes(keys: Iterable[Hashable]) -> dict[Hashable, int]:
    """How many records have each key."""
    found: dict[Hashable, int] = {}
    for key in keys:
        found[key] = found.get(key, 0) + 1
    return found


def values_by_class(keys: Sequence[Hashable], values: Sequence[Any]) -> list[dict[Any, int]]:
    """For each class, how many of its records have each sensitive value."""
    found: dict[Hashable, dict[Any, int]] = {}
    for key, value in zip(keys, values, strict=True):
        inside = found.setdefault(key, {})
        inside[value] = inside.get(value, 0) + 1
    return list(found.values())


def shares(counts: dict[Any, int]) -> dict[Any, float]:
    """The share of each value."""
    total = sum(counts.values())
    return {value: n / total for value, n in counts.items()}
