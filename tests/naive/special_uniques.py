"""Minimal sample uniques and their scores, record by record: Elliot, Manning and Ford (2002)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from naive.groups import Key, sizes

Columns = tuple[int, ...]


def minimal_sample_uniques(keys: Sequence[Key], max_size: int | None = None) -> list[list[Columns]]:
    """For each record, the smallest sets of columns on which nobody equals it."""
    if not keys:
        return []
    d = len(keys[0])
    found: list[list[Columns]] = [[] for _ in keys]
    for size in range(1, (max_size or d) + 1):
        for columns in itertools.combinations(range(d), size):
            parts = [tuple(key[at] for at in columns) for key in keys]
            equal = sizes(parts)
            for record, part in enumerate(parts):
                if equal[part] == 1 and not any(set(known) <= set(columns) for known in found[record]):
                    found[record].append(columns)
    return found


def known_only(keys: Sequence[Key], found: list[list[Columns]]) -> list[list[Columns]]:
    """Without the sets in which the record's own value is missing."""
    return [
        [columns for columns in sets if all(key[at] is not None for at in columns)]
        for key, sets in zip(keys, found, strict=True)
    ]


def set_score(d: int, size: int, score: str) -> float:
    if score == "suda":
        return float(math.factorial(d - size))
    return (2 ** (d - size) - 1) / math.comb(d, size)


def scores(found: Iterable[list[Columns]], d: int, score: str) -> list[float]:
    return [sum(set_score(d, len(columns), score) for columns in sets) for sets in found]


def contributions(found: Iterable[list[Columns]], d: int, score: str) -> list[list[float]]:
    """For each record, the part of its score whose sets hold each column."""
    rows = []
    for sets in found:
        total = sum(set_score(d, len(columns), score) for columns in sets)
        parts = [sum(set_score(d, len(columns), score) for columns in sets if at in columns) for at in range(d)]
        rows.append([part / total if total else 0.0 for part in parts])
    return rows


def dis(keys: Sequence[Key], score: Sequence[float], d: int, fraction: float) -> list[float]:
    """DIS-SUDA: the uniques U, the pairs P and the fraction make DIS; each score takes its part of U / DIS - U."""
    equal = sizes(keys)
    unique = sum(1 for each in score if each > 0)
    paired = sum(1 for key in keys if equal[key] == 2)
    exponent = 1 + (8 - d) / 20
    spread = sum(each**-exponent for each in score if each > 0)
    if unique == 0:
        return [0.0] * len(score)
    whole = unique * fraction / (unique * fraction + paired * (1 - fraction))
    return [1 / (1 + (unique / whole - unique) / (each**exponent * spread)) if each > 0 else 0.0 for each in score]


def value_contributions(
    keys: Sequence[Key], found: Sequence[list[Columns]], d: int, score: str, column: int
) -> dict[object, float]:
    """For each value of a column, its share in what the sets that hold the column score."""
    sums: dict[object, float] = {}
    for key, sets in zip(keys, found, strict=True):
        part = sum(set_score(d, len(columns), score) for columns in sets if column in columns)
        sums[key[column]] = sums.get(key[column], 0.0) + part
    total = sum(sums.values())
    return {value: part / total if total else math.nan for value, part in sums.items()}
