"""Distinction and separation, over every pair of records: Motwani and Xu (2007)."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from typing import Any

from naive.groups import Key
from naive.persons import persons_with, records_of


def distinction(keys: Sequence[Hashable]) -> float:
    return len(set(keys)) / len(keys)


def separation(keys: Sequence[Hashable]) -> float:
    pairs = list(itertools.combinations(keys, 2))
    return sum(1 for one, other in pairs if one != other) / len(pairs)


def separation_of_persons(keys: Sequence[Key], people: Sequence[Any]) -> float:
    """Over every person and every other: does the other lack the key of the person that fewest persons have?"""
    records = records_of(keys, people)
    telling = {who: min(mine, key=lambda key: persons_with(keys, people, key)) for who, mine in records.items()}
    pairs = list(itertools.permutations(records, 2))
    return sum(1 for who, other in pairs if telling[who] not in records[other]) / len(pairs)
