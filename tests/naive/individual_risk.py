"""Individual risk as an expected value: sums over every number of people that a class may have in the population."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from naive import class_sizes
from naive.groups import Key


def expected_share(f: float, population: float) -> float:
    """E[1 / F]: F = f + j people with the negative binomial probability of j people outside the sample."""
    p = min(1.0, f / population) if population else 1.0
    probability, total, left, j = p**f, 0.0, 1.0, 0
    while left > 1e-14:
        total += probability / (f + j)
        left -= probability
        probability *= (f + j) / (j + 1) * (1 - p)
        j += 1
        if probability < 1e-18 and j > f / p:
            break
    return total


def record_risks(
    keys: Sequence[Key], weights: Sequence[float], *, missing: str = "category", alpha: float = 1.0
) -> list[float]:
    """Risk of each record from its class size and its sum of weights."""
    ones = [1.0] * len(keys)
    if missing == "sdcmicro":
        f, population = (class_sizes.sdcmicro(keys, amounts, alpha) for amounts in (ones, weights))
    else:
        sizes = class_sizes.wildcard if missing == "wildcard" else class_sizes.category
        f, population = sizes(keys, ones), sizes(keys, weights)
    return [expected_share(one, other) for one, other in zip(f, population, strict=True)]


def n_clamped(keys: Sequence[Key], weights: Sequence[float]) -> int:
    """Records whose class has a sum of weights below its size."""
    f, population = class_sizes.category(keys, [1.0] * len(keys)), class_sizes.category(keys, weights)
    return sum(1 for one, other in zip(f, population, strict=True) if other < one - 1e-9)


def household_risks(risks: Sequence[float], households: Sequence[Any]) -> list[float]:
    """1 minus the product of 1 - risk over the household; None is a household of its own."""
    found = []
    for mine, home in zip(risks, households, strict=True):
        members = [risk for risk, other in zip(risks, households, strict=True) if other == home]
        found.append(mine if home is None else 1 - math.prod(1 - risk for risk in members))
    return found


def expected_households(risks: Sequence[float], households: Sequence[Any]) -> float:
    """Sum of the risk over households, each counted once."""
    seen: set[Any] = set()
    total = 0.0
    for risk, home in zip(household_risks(risks, households), households, strict=True):
        if home is None or home not in seen:
            total += risk
        seen.add(home)
    return total


def data_intrusion(keys: Sequence[Key], weights: Sequence[float]) -> float | None:
    """Skinner and Elliot's theta."""
    sizes = [keys.count(key) for key in set(keys)]
    pi = min(1.0, len(keys) / sum(weights)) if sum(weights) else 1.0
    alone, pairs = pi * sizes.count(1), 2 * (1 - pi) * sizes.count(2)
    return alone / (alone + pairs) if alone + pairs else None
