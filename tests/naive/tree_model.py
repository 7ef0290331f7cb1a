"""The tree of the columns and the chance of each record's combination, from dictionaries and loops."""

from __future__ import annotations

import math
from collections.abc import Sequence

from naive.groups import Key, sizes


def entropy(values: Sequence[object]) -> float:
    counts, n = sizes(values), len(values)
    return -sum(count / n * math.log(count / n) for count in counts.values())


def information(keys: Sequence[Key], one: int, other: int) -> float:
    """Mutual information in nats, less its bias after Miller and Madow."""
    left, right = [key[one] for key in keys], [key[other] for key in keys]
    both = list(zip(left, right, strict=True))
    freedom = len(set(both)) - len(set(left)) - len(set(right)) + 1
    return entropy(left) + entropy(right) - entropy(both) - freedom / (2 * len(keys))


def total_information(keys: Sequence[Key], edges: Sequence[tuple[int, int]]) -> float:
    return sum(information(keys, parent, child) for parent, child in edges)


def spanning_trees(d: int) -> list[list[tuple[int, int]]]:
    """Every tree over d columns, as edges from the root 0 outwards, by adding one column at a time."""
    found = [([0], [])]
    for _step in range(d - 1):
        found = [
            ([*inside, child], [*edges, (parent, child)])
            for inside, edges in found
            for parent in inside
            for child in range(d)
            if child not in inside
        ]
    return [edges for _inside, edges in found]


def share_of_others(keys: Sequence[Key], column: int, value: object) -> float:
    """The smoothed share of a value among the records other than one that has it."""
    values = [key[column] for key in keys]
    return (values.count(value) - 1 + 0.5) / (len(values) - 1 + 0.5 * len(set(values)))


def under_parent(keys: Sequence[Key], record: Key, parent: int, child: int, strength: float) -> float:
    """The chance of a record's value under its parent's, one such record left out."""
    both = sum(1 for key in keys if (key[parent], key[child]) == (record[parent], record[child]))
    above = sum(1 for key in keys if key[parent] == record[parent])
    return (both - 1 + strength * share_of_others(keys, child, record[child])) / (above - 1 + strength)


def log_likelihood(keys: Sequence[Key], parent: int, child: int, strength: float) -> float:
    return sum(math.log(under_parent(keys, record, parent, child, strength)) for record in keys)


def chance(keys: Sequence[Key], record: Key, edges: Sequence[tuple[int, int, float]]) -> float:
    found = share_of_others(keys, 0, record[0])
    for parent, child, strength in edges:
        found *= under_parent(keys, record, parent, child, strength)
    return found


def expected_uniques(chances: Sequence[float], n: int, factor: float) -> float:
    """Sample uniques that the chances, stretched by a factor, expect."""
    return sum(math.exp(-(n - 1) * factor * each) for each in chances)


def correctness(f: int, p: float, others: int) -> float:
    """E[1 / (f + Binomial(others, p))], term by term."""
    return sum(
        math.comb(others, more) * p**more * (1 - p) ** (others - more) / (f + more) for more in range(others + 1)
    )
