"""Probabilistic linkage with loops and dicts: agreement, the EM, the weight of a rare value, links, hits."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

MISSING, DIFFERENT, NEAR, EQUAL = range(4)
START = {DIFFERENT: 0.1, NEAR: 0.1, EQUAL: 0.8}
Shares = list[dict[int, float]]


def edits(one: str, other: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours: the whole table (optimal string alignment)."""
    cost = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i, j in itertools.product(range(1, len(one) + 1), range(1, len(other) + 1)):
        choices = [cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + (one[i - 1] != other[j - 1])]
        if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
            choices.append(cost[i - 2, j - 2] + 1)
        cost[i, j] = min(choices)
    return cost[len(one), len(other)]


def text_level(one: str | None, other: str | None, letters_an_edit: int = 4) -> int:
    if one is None or other is None:
        return MISSING
    if one == other:
        return EQUAL
    longer = max(len(one), len(other))
    limit = max(1, longer // letters_an_edit) if letters_an_edit else 1
    return NEAR if longer >= 3 and edits(one, other) <= limit else DIFFERENT


def number_level(one: float | None, other: float | None, tolerance: float) -> int:
    if one is None or other is None:
        return MISSING
    if one == other:
        return EQUAL
    return NEAR if abs(one - other) <= tolerance * (1 + 1e-9) else DIFFERENT


def weight(pattern: Sequence[int], m: Shares, u: Shares) -> float:
    return sum(math.log2(m[at][level] / u[at][level]) for at, level in enumerate(pattern) if level != MISSING)


def posterior(total: float, prior: float) -> float:
    odds = prior / (1 - prior) * 2**total
    return odds / (1 + odds)


def strangers(drawn: Sequence[Counter[int]], seen: Sequence[set[int]], m: Shares, prior: float) -> Shares:
    shares = []
    for at, levels in enumerate(seen):
        n = sum(drawn[at][level] for level in levels)
        left = {level: max(drawn[at][level] - prior * n * m[at][level], 0) + 0.5 for level in levels}
        shares.append({level: left[level] / sum(left.values()) for level in levels})
    return shares


def fit(
    patterns: Counter[tuple[int, ...]],
    drawn: Sequence[Counter[int]],
    n_all: int,
    n_released: int,
    settled: float = 1e-2,
) -> tuple[Shares, Shares, float]:
    """Return m, u and lambda of the EM."""
    n_columns = len(drawn)
    seen = [
        ({level for level in drawn[at] if drawn[at][level]} | {pattern[at] for pattern in patterns}) - {MISSING}
        for at in range(n_columns)
    ]
    start = [{level: START[level] / sum(START[each] for each in levels) for level in levels} for levels in seen]
    most = min(n_released, n_all / 2) + 1
    m, prior = start, 0.5 * most / (n_all + 2)
    before = -math.inf
    u = strangers(drawn, seen, m, prior)
    for _round in range(1000):
        likelihood = (n_all - sum(patterns.values())) * math.log1p(-prior)
        likelihood += sum(n * math.log(prior * 2 ** weight(each, m, u) + 1 - prior) for each, n in patterns.items())
        expected = {each: n * posterior(weight(each, m, u), prior) for each, n in patterns.items()}
        new = []
        for at in range(n_columns):
            sums = dict(start[at])
            for pattern, n in expected.items():
                if pattern[at] != MISSING:
                    sums[pattern[at]] += n
            new.append({level: each / sum(sums.values()) for level, each in sums.items()})
        m, prior = new, min(sum(expected.values()) + 1, most) / (n_all + 2)
        u = strangers(drawn, seen, m, prior)
        if abs(likelihood - before) < settled:
            return m, u, prior
        before = likelihood
    raise AssertionError("not settled")


def rarity(value: Any, people: Sequence[Any], released: Sequence[Any], agree_u: float) -> float:
    """log2 of u over the share of the value among all other records."""
    others = [each for each in (*people, *released) if each is not None]
    n = len(others)
    share = (others.count(value) - 2) / max(n - 2, 1)
    return math.log2(agree_u / max(share, min(agree_u, 1 / n)))


def blocks(people: Sequence[tuple[Any, ...]], released: Sequence[tuple[Any, ...]]) -> set[tuple[int, int]]:
    """Pairs that are equal on all values, none missing."""
    return {
        (i, j) for i, one in enumerate(people) for j, other in enumerate(released) if one == other and None not in one
    }


def neighbours(people: Sequence[Any], released: Sequence[Any], window: int) -> set[tuple[int, int]]:
    """Pairs whose values are within so many distinct values of each other."""
    order = sorted({each for each in (*people, *released) if each is not None})
    return {
        (i, j)
        for i, one in enumerate(people)
        for j, other in enumerate(released)
        if one is not None and other is not None and abs(order.index(one) - order.index(other)) <= window
    }


def hits(weights: dict[tuple[int, int], float], truth: Sequence[int], n_people: int) -> list[float | None]:
    """Success of each person: the share of their pair among the best pairs of their released record."""
    found: list[float | None] = []
    for person, record in enumerate(truth):
        pairs = {i: w for (i, j), w in weights.items() if j == record}
        if record < 0:
            found.append(None)
        elif not pairs:
            found.append(1 / n_people)
        else:
            best = [i for i, w in pairs.items() if w >= max(pairs.values()) - 1e-9]
            found.append((person in best) / len(best))
    return found


def best_sum(weights: dict[tuple[int, int], float]) -> float:
    """Greatest sum of positive weights that uses each record once, by trying all."""
    pairs = [each for each in weights if weights[each] > 0]
    best = 0.0
    for n in range(1, len(pairs) + 1):
        for chosen in itertools.combinations(pairs, n):
            if len({i for i, _j in chosen}) == len({j for _i, j in chosen}) == n:
                best = max(best, sum(weights[each] for each in chosen))
    return best
