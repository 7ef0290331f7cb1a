"""Pseudonyms by loops and dictionaries."""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterable


def recovered(column: list[str | None], candidates: Iterable[str], scheme: str) -> list[tuple[str, ...]]:
    """Return the candidates behind each record's pseudonym: those whose digest begins with it."""
    found: dict[str, list[str]] = defaultdict(list)
    lengths = {len(each) for each in column if each is not None}
    for text in sorted(set(candidates)):
        digest = hashlib.new(scheme, text.encode()).hexdigest()
        for length in lengths:
            found[digest[:length]].append(text)
    return [() if each is None else tuple(found.get(each.lower(), ())) for each in column]


def share_of_unique_frequency(column: list[str]) -> float:
    """Return the share of records whose pseudonym is the only one that stands so often."""
    counts = Counter(column)
    alike = Counter(counts.values())
    return sum(alike[counts[each]] == 1 for each in column) / len(column)


def rank_matching_draw(column: dict[str, int], reference: dict[str, int], rng: random.Random) -> float:
    """Return the share of records named rightly in one draw: attacker and truth both deal ties at random."""

    def dealt(counts: dict[str, int]) -> list[str]:
        return sorted(counts, key=lambda each: (-counts[each], rng.random()))

    guess = dict(zip(dealt(column), dealt(reference), strict=False))
    truth = dict(zip(dealt(column), dealt(reference), strict=False))
    right = sum(rows for each, rows in column.items() if each in guess and guess[each] == truth[each])
    return right / sum(column.values())


def rank_matching_expected(column: dict[str, int], reference: dict[str, int]) -> float:
    """Return the mean of such draws, from the ranks that each pseudonym and each value may get."""

    def ranks(counts: dict[str, int]) -> dict[str, set[int]]:
        return {
            each: {
                sum(other > rows for other in counts.values()) + at
                for at in range(sum(other == rows for other in counts.values()))
            }
            for each, rows in counts.items()
        }

    ours, theirs = ranks(column), ranks(reference)
    total = 0.0
    for each, rows in column.items():
        for value_ranks in theirs.values():
            chance = len(ours[each] & value_ranks) / (len(ours[each]) * len(value_ranks))
            total += rows * chance * chance
    return total / sum(column.values())
