"""Rates of combinations, record by record: shrinkage, differential fairness; loops and the standard library."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Sequence


def tallies(selected: Sequence[bool], groups: Sequence[Hashable]) -> dict[Hashable, tuple[int, int]]:
    """Selected people and all people of each group."""
    found: dict[Hashable, tuple[int, int]] = {}
    for y, group in zip(selected, groups, strict=True):
        hits, n = found.get(group, (0, 0))
        found[group] = hits + bool(y), n + 1
    return found


def likelihood(counts: Sequence[tuple[int, int]], mean: float, strength: float) -> float:
    """Log-likelihood of the groups' counts (binomial coefficients left out); an infinite strength is one rate."""
    if math.isinf(strength):
        return sum(k * math.log(mean) + (n - k) * math.log(1 - mean) for k, n in counts)
    a, b = strength * mean, strength * (1 - mean)

    def beta(x: float, y: float) -> float:
        return math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y)

    return sum(beta(k + a, n - k + b) - beta(a, b) for k, n in counts)


def shrunken(counts: Sequence[tuple[int, int]], mean: float, strength: float) -> list[float]:
    return [mean if math.isinf(strength) else (k + strength * mean) / (n + strength) for k, n in counts]


def epsilon(counts: Sequence[tuple[int, int]], concentration: float) -> float:
    """Largest log ratio over both outcomes and all ordered pairs of groups."""
    if len(counts) < 2:
        return math.nan
    largest = 0.0
    for (k, n), (other_k, other_n) in itertools.permutations(counts, 2):
        for up, down in ((k, other_k), (n - k, other_n - other_k)):
            own = (up + concentration / 2) / (n + concentration)
            other = (down + concentration / 2) / (other_n + concentration)
            if own > 0 and other > 0:
                largest = max(largest, math.log(own / other))
            elif own > 0:
                largest = math.inf
    return largest
