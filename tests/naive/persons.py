"""Persons with several records, as dictionaries: the two attackers by their definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

from naive.groups import Key

ROUNDING = 1e-12


def named(people: Sequence[Any]) -> list[Hashable]:
    """The person of each record; a record that names none is a person of its own."""
    return [("nameless", at) if who is None else ("named", who) for at, who in enumerate(people)]


def records_of(keys: Sequence[Key], people: Sequence[Any]) -> dict[Hashable, Counter[Key]]:
    """The multiset of the keys of each person."""
    found: dict[Hashable, Counter[Key]] = {}
    for key, who in zip(keys, named(people), strict=True):
        found.setdefault(who, Counter())[key] += 1
    return found


def persons_with(keys: Sequence[Key], people: Sequence[Any], key: Key) -> int:
    """How many distinct persons have a record with this key."""
    return len({who for other, who in zip(keys, named(people), strict=True) if other == key})


def knowing_one(keys: Sequence[Key], people: Sequence[Any]) -> dict[Hashable, int]:
    """Each person's size: the fewest persons with one of their keys."""
    return {who: min(persons_with(keys, people, key) for key in mine) for who, mine in records_of(keys, people).items()}


def knowing_all(keys: Sequence[Key], people: Sequence[Any]) -> dict[Hashable, int]:
    """Each person's size: the persons with the same multiset of keys."""
    records = records_of(keys, people)
    return {who: sum(1 for theirs in records.values() if theirs == mine) for who, mine in records.items()}


def figures_knowing_one(
    keys: Sequence[Key], people: Sequence[Any], columns: Sequence[int], threshold: int
) -> tuple[int, int, int, int, float]:
    """Of some of the columns: keys that occur, persons alone, persons below the threshold, others like each person,
    and the sum of one over the size."""
    projected = [tuple(key[at] for at in columns) for key in keys]
    found = list(knowing_one(projected, people).values())
    return (
        len(set(projected)),
        found.count(1),
        sum(1 for size in found if size < threshold),
        sum(size - 1 for size in found),
        sum(1 / size for size in found),
    )


ATTACKERS = {"one": knowing_one, "all": knowing_all}


def prosecutor(sizes: dict[Hashable, int], threshold: float) -> tuple[float, float, int]:
    """Highest risk, average over persons, number of persons above the threshold."""
    risks = [1 / size for size in sizes.values()]
    return max(risks), sum(risks) / len(risks), sum(1 for risk in risks if risk > threshold + ROUNDING)
