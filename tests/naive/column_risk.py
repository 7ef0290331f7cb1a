"""Subsets of the columns counted row by row, and Shapley shares from every order of the columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

from naive.groups import Key, sizes


def class_sizes(keys: Sequence[Key], columns: Sequence[int]) -> list[int]:
    """Size of the class of each record over some of the columns."""
    projected = [tuple(key[at] for at in columns) for key in keys]
    counted = sizes(projected)
    return [counted[each] for each in projected]


def n_unique(keys: Sequence[Key], columns: Sequence[int]) -> int:
    return sum(1 for size in class_sizes(keys, columns) if size == 1)


def figures(keys: Sequence[Key], columns: Sequence[int], threshold: int) -> tuple[int, int, int, int]:
    """Classes, records alone, records in classes below the threshold, ordered pairs of records in one class."""
    found = class_sizes(keys, columns)
    return (
        len({tuple(key[at] for at in columns) for key in keys}),
        found.count(1),
        sum(1 for size in found if size < threshold),
        sum(size - 1 for size in found),
    )


def shapley(value: Callable[[tuple[int, ...]], float], n_columns: int) -> list[float]:
    """Mean over all orders of what each column adds to those before it."""
    shares = [0.0] * n_columns
    orders = list(permutations(range(n_columns)))
    for order in orders:
        for at, column in enumerate(order):
            shares[column] += value(order[: at + 1]) - value(order[:at])
    return [share / len(orders) for share in shares]
