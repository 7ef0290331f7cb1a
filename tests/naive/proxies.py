"""Proxies, record by record: association, how well a feature tells the group, and what is left when it is alike."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

from naive.groups import sizes


def cramers_v(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    n, rows, columns = len(one), sizes(one), sizes(other)
    cells = sizes(zip(one, other, strict=True))
    chi = 0.0
    for row in rows:
        for column in columns:
            expected = rows[row] * columns[column] / n
            chi += (cells.get((row, column), 0) - expected) ** 2 / expected
    return math.sqrt(chi / n / (min(len(rows), len(columns)) - 1))


def mutual_information(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    n, rows, columns = len(one), sizes(one), sizes(other)
    return sum(
        count / n * math.log(count * n / (rows[row] * columns[column]))
        for (row, column), count in sizes(zip(one, other, strict=True)).items()
    )


def auc(scores: Sequence[float], is_positive: Sequence[bool]) -> float:
    """The share of pairs of one of either kind that are in order; ties are half."""
    own = [score for score, positive in zip(scores, is_positive, strict=True) if positive]
    others = [score for score, positive in zip(scores, is_positive, strict=True) if not positive]
    won = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a in own for b in others)
    return won / (len(own) * len(others))


def balanced_error(told: Sequence[Hashable], groups: Sequence[Hashable]) -> float:
    missed: dict[Hashable, int] = {}
    for guess, group in zip(told, groups, strict=True):
        missed[group] = missed.get(group, 0) + (guess != group)
    n = sizes(groups)
    return sum(missed[group] / n[group] for group in n) / len(n)


def told_alone(
    feature: Sequence[Hashable], groups: Sequence[int], folds: Sequence[int], n_cells: int
) -> list[list[float]]:
    """The balanced chance of each group, from the people of the other parts who share the value."""
    names = sorted(set(groups))
    found = []
    for value, fold in zip(feature, folds, strict=True):
        likely = []
        for name in names:
            others = [v for v, g, f in zip(feature, groups, folds, strict=True) if f != fold and g == name]
            likely.append((others.count(value) + 1 / n_cells) / (len(others) + 1))
        found.append([each / sum(likely) for each in likely])
    return found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def left(strata: Sequence[Hashable], is_first: Sequence[bool], values: Sequence[float]) -> float:
    """The difference of means when both groups have, in each stratum, the mean of their two shares."""
    sides: dict[bool, dict[Hashable, list[float]]] = {True: {}, False: {}}
    for stratum, first, value in zip(strata, is_first, values, strict=True):
        sides[first].setdefault(stratum, []).append(value)
    n = {side: sum(len(own) for own in by.values()) for side, by in sides.items()}
    shared = [stratum for stratum in sides[True] if stratum in sides[False]]
    weights = {s: len(sides[True][s]) / n[True] + len(sides[False][s]) / n[False] for s in shared}
    total = sum(weights.values())
    return sum(weights[s] / total * (_mean(sides[True][s]) - _mean(sides[False][s])) for s in shared)


def left_of_classes(strata: Sequence[Hashable], is_first: Sequence[bool], classes: Sequence[Hashable]) -> float:
    """Total variation of the classes under the same weights."""
    return sum(abs(left(strata, is_first, [float(each == name) for each in classes])) for name in set(classes)) / 2
