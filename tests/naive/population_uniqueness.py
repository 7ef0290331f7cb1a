"""Estimates of the people alone in the population, from sums over classes: FORMULAS C1 to C5 and C8."""

from __future__ import annotations

import math
from fractions import Fraction

Histogram = dict[int, int]


def records(classes: Histogram) -> int:
    return sum(size * n for size, n in classes.items())


def zayatz(classes: Histogram, population: int) -> float:
    """S1 = c_1 θ N / n with hypergeometric P(1 | i) = i C(N - i, n - 1) / C(N, n), in whole numbers."""
    n = records(classes)
    once = {i: Fraction(i * math.comb(population - i, n - 1), math.comb(population, n)) for i in classes}
    share = classes[1] * once[1] / sum(classes[i] * once[i] for i in classes)
    return float(classes[1] * share * population / n)


def shlosser(classes: Histogram, fraction: float) -> float:
    """Shlosser's third estimate of the number of classes: Haas and Stokes (1998)."""
    left = 1 - fraction
    first = sum(i * fraction**2 * (1 - fraction**2) ** (i - 1) * c for i, c in classes.items())
    second = sum(left**i * ((1 + fraction) ** i - 1) * c for i, c in classes.items())
    third = sum(left**i * c for i, c in classes.items())
    fourth = sum(i * fraction * left ** (i - 1) * c for i, c in classes.items())
    return sum(classes.values()) + classes[1] * (first / second) * (third / fourth) ** 2


def snb_expected(n_classes: float, alpha: float, beta: float, fraction: float) -> tuple[float, float]:
    """Expected sample uniques and pairs of the slide negative binomial, as Chen and Keller-McNulty write them."""
    left = (1 - fraction) * (1 - beta)
    inside = 1 - left
    uniques = n_classes * fraction * (beta / inside) ** alpha * (1 + alpha * left / inside)
    pairs = n_classes * alpha * beta**alpha * fraction**2 * (1 - beta) / 2
    return uniques, pairs * (2 - (1 - alpha) * left) / inside ** (alpha + 2)


def pitman_log_likelihood(classes: Histogram, theta: float, alpha: float) -> float:
    """The logarithm of Pitman's sampling formula, but for a constant."""
    n, u = records(classes), sum(classes.values())
    return (
        sum(math.log(theta + i * alpha) for i in range(1, u))
        - sum(math.log(theta + i) for i in range(1, n))
        + sum(c * sum(math.log(j - alpha) for j in range(1, size)) for size, c in classes.items())
    )


def pitman_uniques(theta: float, alpha: float, population: int) -> float:
    """Expected classes of one, by the chance that the next person founds a class and nobody joins it.

    N Γ(θ+1) Γ(N+θ+α-1) / (Γ(θ+α) Γ(N+θ)) is the product over i of (θ + α + i) / (θ + 1 + i), i = 0 … N - 2, times N.
    """
    product = 1.0
    for i in range(population - 1):
        product *= (theta + alpha + i) / (theta + 1 + i)
    return population * product


def ewens_classes(theta: float, n: int) -> float:
    """Expected number of classes among n."""
    return sum(theta / (theta + i) for i in range(n))


def poisson_gamma(counts: list[int], population: int) -> float:
    """By moments over every cell, the empty ones among them."""
    cells, n = len(counts), sum(counts)
    mean = n / cells
    variance = sum((count - mean) ** 2 for count in counts) / cells
    if variance <= mean:
        return population * math.exp(-population / cells)
    beta = (variance - mean) / (mean * n)
    return population * (1 + population * beta) ** (-(1 / (cells * beta) + 1))


def rarefied(classes: Histogram, drawn: int) -> float:
    """Mean number of classes in a sub-sample, in whole numbers."""
    n = records(classes)
    return float(
        sum(c * (1 - Fraction(math.comb(n - size, drawn), math.comb(n, drawn))) for size, c in classes.items())
    )
