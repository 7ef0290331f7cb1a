"""Information loss of one column, with loops; a cell is the set of values that it covers, None a suppressed one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence

Cell = frozenset[float] | None


def loss(values: Sequence[float], cells: Sequence[Cell]) -> float:
    """Return the mean share of the domain that a cell covers."""
    domain = len(set(values))
    return sum(1 if cell is None else len(cell) / domain for cell in cells) / len(cells)


def lm(values: Sequence[float], cells: Sequence[Cell]) -> float:
    """Return the mean share of the other values that a cell covers."""
    domain = len(set(values))
    if domain == 1:
        return 0.0
    return sum(1 if cell is None else (len(cell) - 1) / (domain - 1) for cell in cells) / len(cells)


def ncp(values: Sequence[float], cells: Sequence[Cell]) -> float:
    """Return the mean width of a cell over that of the column."""
    width = max(values) - min(values)
    if not width:
        return 0.0
    return sum(1 if cell is None else (max(cell) - min(cell)) / width for cell in cells) / len(cells)


def entropy(values: Sequence[float], cells: Sequence[Cell]) -> tuple[float, float]:
    """Return the bits lost, and those lost if all were suppressed."""
    counts = Counter(values)
    lost = most = 0.0
    for value, cell in zip(values, cells, strict=True):
        under = len(values) if cell is None else sum(counts[each] for each in cell)
        lost -= math.log2(counts[value] / under)
        most -= math.log2(counts[value] / len(values))
    return lost, most


def errors(values: Sequence[float], cells: Sequence[Cell]) -> tuple[float, float]:
    """Return SSE / SST and IL1s; the values vary."""
    mean = sum(values) / len(values)
    total = sum((value - mean) ** 2 for value in values)
    told = [mean if cell is None else (max(cell) + min(cell)) / 2 for cell in cells]
    squared = sum((value - each) ** 2 for value, each in zip(values, told, strict=True))
    deviation = math.sqrt(total / (len(values) - 1))
    absolute = sum(abs(value - each) for value, each in zip(values, told, strict=True))
    return squared / total, absolute / (math.sqrt(2) * deviation)


def discernibility(keys: Sequence[Hashable], is_kept: Sequence[bool]) -> float:
    """Return the sum of the squared class sizes, and n for each suppressed record."""
    sizes = Counter(key for key, kept in zip(keys, is_kept, strict=True) if kept)
    return sum(size**2 for size in sizes.values()) + len(keys) * (len(keys) - sum(is_kept))
