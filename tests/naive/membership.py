"""Membership by loops: Gower distances, every member against every other person, every threshold tried."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

Record = Sequence[Any]


def ranges_of(records: Sequence[Record], n_columns: int) -> list[float | None]:
    """Return the range of each column of numbers, None for other columns."""
    found: list[float | None] = []
    for at in range(n_columns):
        values = [record[at] for record in records if record[at] is not None]
        is_number = bool(values) and all(isinstance(value, (int, float)) for value in values)
        found.append(max(values) - min(values) if is_number else None)
    return found


def gower(one: Record, other: Record, ranges: Sequence[float | None]) -> float:
    total = 0.0
    for x, y, span in zip(one, other, ranges, strict=True):
        if x is None or y is None:
            total += not (x is None and y is None)
        elif span is None:
            total += x != y
        else:
            total += abs(x - y) / span if span else 0.0
    return total / len(ranges)


def smallest(query: Record, records: Sequence[Record], ranges: Sequence[float | None], k: int) -> list[float]:
    distances = sorted(gower(query, record, ranges) for record in records)[:k]
    return distances + [math.inf] * (k - len(distances))


def auc(members: Sequence[float], others: Sequence[float]) -> float:
    won = sum((a > b) + (a == b) / 2 for a in members for b in others)
    return won / (len(members) * len(others))


def delong(members: Sequence[float], others: Sequence[float]) -> float:
    """Return the variance of the area, from the placement of each person among the other side."""
    centre = auc(members, others)
    parts = [
        [sum((a > b) + (a == b) / 2 for b in others) / len(others) for a in members],
        [sum((a > b) + (a == b) / 2 for a in members) / len(members) for b in others],
    ]
    return sum(sum((each - centre) ** 2 for each in part) / (len(part) - 1) / len(part) for part in parts)


def called(scores: Sequence[float], threshold: float) -> float:
    return sum(score >= threshold for score in scores) / len(scores)


def advantage(members: Sequence[float], others: Sequence[float]) -> float:
    gaps = [called(members, each) - called(others, each) for each in [*members, *others]]
    return max(0.0, *gaps)


def caught(members: Sequence[float], others: Sequence[float], false_alarms: float) -> float:
    """Return the members called, where the highest others are called one by one until they are so many."""
    wanted, n_above = false_alarms * len(others), 0
    for threshold in sorted(set(others), reverse=True):
        n_tied = sum(each == threshold for each in others)
        if n_above + n_tied >= wanted - 1e-9:
            part = (wanted - n_above) / n_tied
            return sum(each > threshold for each in members) + part * sum(each == threshold for each in members)
        n_above += n_tied
    raise AssertionError


def least_false_alarms(score: float, others: Sequence[float]) -> float:
    return sum(each >= score for each in others) / len(others)
