"""Log-linear risk with dictionaries: fit every cell of the full table, then sum over what the population may hold."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from naive.groups import Key, sizes


def fitted(keys: Sequence[Key], terms: Sequence[tuple[int, ...]], rounds: int = 2000) -> dict[Key, float]:
    """Iterative proportional fitting: every cell of the full table, until each margin is the sample's."""
    levels = [sorted({key[at] for key in keys}, key=str) for at in range(len(keys[0]))]
    mu = dict.fromkeys(itertools.product(*levels), 1.0)
    margins = [*terms, *((at,) for at in range(len(levels)))]
    for _round in range(rounds):
        before = dict(mu)
        for term in margins:
            wanted = sizes(tuple(key[at] for at in term) for key in keys)
            has: dict[Key, float] = {}
            for cell, value in mu.items():
                part = tuple(cell[at] for at in term)
                has[part] = has.get(part, 0) + value
            for cell in mu:
                part = tuple(cell[at] for at in term)
                mu[cell] *= wanted.get(part, 0) / has[part] if has[part] else 0
        if max(abs(mu[cell] - before[cell]) for cell in mu) < 1e-13:
            break
    return mu


def expected_share(f: int, v: float) -> float:
    """E[1 / F]: F = f + j people with the Poisson probability of j others."""
    probability, total = math.exp(-v), 0.0
    for j in range(int(v + 20 * math.sqrt(v + 1) + 40)):
        total += probability / (f + j)
        probability *= v / (j + 1)
    return total


def risks(keys: Sequence[Key], terms: Sequence[tuple[int, ...]], population_size: int) -> tuple[float, float, float]:
    """tau1, tau2, and the sum of E[1 / F] over all records."""
    mu = fitted(keys, terms)
    pi = len(keys) / population_size
    f = sizes(keys)
    others = {key: (1 - pi) * mu[key] / pi for key in f}
    alone = [key for key in f if f[key] == 1]
    tau1 = sum(math.exp(-others[key]) for key in alone)
    tau2 = sum(expected_share(1, others[key]) for key in alone)
    return tau1, tau2, sum(f[key] * expected_share(f[key], others[key]) for key in f)
