"""Distances of distributions, with dicts; a cell is the list of values that it covers."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Hashable, Sequence

Weights = dict[Hashable, float]


def shares(values: Sequence[Hashable]) -> Weights:
    """Return the share of each value."""
    return {value: n / len(values) for value, n in Counter(values).items()}


def evenly(cells: Sequence[Sequence[Hashable]]) -> Weights:
    """Return the share of each value when each cell's record is dealt evenly among the values that it covers."""
    found: Weights = {}
    for covered in cells:
        for value in covered:
            found[value] = found.get(value, 0.0) + 1 / len(covered) / len(cells)
    return found


def evenly_between(cells: Sequence[Sequence[float]]) -> dict[float, float]:
    """Return the share of each number; within a cell one weighs as much as the numbers nearest to it."""
    found: dict[float, float] = {}
    for covered in cells:
        numbers = sorted(covered)
        weights = {}
        for at, number in enumerate(numbers):
            below = number - numbers[at - 1] if at else None
            above = numbers[at + 1] - number if at + 1 < len(numbers) else None
            gaps = [each for each in (below, above) if each is not None] or [1.0]
            weights[number] = sum(gaps) / len(gaps)
        for number, weight in weights.items():
            found[number] = found.get(number, 0.0) + weight / sum(weights.values()) / len(cells)
    return found


def total_variation(one: Weights, other: Weights) -> float:
    """Return half the sum of the differences of shares."""
    return sum(abs(one.get(each, 0) - other.get(each, 0)) for each in {*one, *other}) / 2


def jensen_shannon(one: Weights, other: Weights) -> float:
    """Return the root of the mean divergence from the middle, in bits."""
    total = 0.0
    for each in {*one, *other}:
        middle = (one.get(each, 0) + other.get(each, 0)) / 2
        for weights in (one, other):
            if weights.get(each, 0):
                total += weights[each] * math.log2(weights[each] / middle) / 2
    return math.sqrt(max(0.0, total))


def kolmogorov_smirnov(one: dict[float, float], other: dict[float, float]) -> float:
    """Return the largest difference of the shares up to a number."""
    largest = 0.0
    for edge in {*one, *other}:
        below = [sum(weight for number, weight in each.items() if number <= edge) for each in (one, other)]
        largest = max(largest, abs(below[0] - below[1]))
    return largest


def wasserstein(one: dict[float, float], other: dict[float, float]) -> float:
    """Return the area between the shares up to a number."""
    edges, area = sorted({*one, *other}), 0.0
    for low, high in itertools.pairwise(edges):
        below = [sum(weight for number, weight in each.items() if number <= low) for each in (one, other)]
        area += abs(below[0] - below[1]) * (high - low)
    return area
