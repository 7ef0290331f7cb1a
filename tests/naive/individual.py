"""Consistency of decisions among those most alike, person by person: all distances, ties included."""

from __future__ import annotations

import math
from collections.abc import Sequence

ROUNDING = 1e-9


def scaled(column: Sequence[float]) -> list[float]:
    mean = sum(column) / len(column)
    spread = math.sqrt(sum((x - mean) ** 2 for x in column) / len(column))
    return [(x - mean) / (spread or 1.0) for x in column]


def consistency(
    y: Sequence[float], numbers: Sequence[Sequence[float]], words: Sequence[Sequence[str]], k: int, own: bool
):
    """1 - the mean gap between a decision and the mean of the k nearest; NaN where nobody has so many."""
    columns = [scaled(column) for column in numbers]
    gaps = []
    for i in range(len(y)):
        away = []
        for j in range(len(y)):
            if i == j and not own:
                continue
            square = sum((column[i] - column[j]) ** 2 for column in columns)
            square += sum(2 * (column[i] != column[j]) for column in words)
            away.append((math.sqrt(square), y[j]))
        if len(away) < k:
            return math.nan
        kth = sorted(distance for distance, _y in away)[k - 1]
        near = [other for distance, other in away if distance <= kth + ROUNDING]
        gaps.append(abs(y[i] - sum(near) / len(near)))
    return 1 - sum(gaps) / len(gaps) if gaps else math.nan
