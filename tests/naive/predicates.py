"""Isolation by predicates, by loops: who fulfils what, and samples of a hold-out gone through one by one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any


def isolated(predicates: Iterable[Callable[[Any], bool]], people: Sequence[Any]) -> list[bool]:
    """Return for each predicate whether it is true of exactly one person."""
    return [sum(bool(predicate(person)) for person in people) == 1 for predicate in predicates]


def chance_by_holdout(n_true: int, n_holdout: int, n: int) -> float:
    """Return the share of samples from a hold-out in which one person fulfils, raised in proportion to n."""
    size = min(n, n_holdout)
    people = [True] * n_true + [False] * (n_holdout - n_true)
    samples = list(itertools.combinations(people, size))
    return min(1.0, sum(sum(sample) == 1 for sample in samples) / len(samples) * n / size)


def chance_when_dealt(fulfilling: Sequence[Sequence[int]], n: int, n_pooled: int) -> float:
    """Return the mid-p over every way to deal n of the pooled people to the original."""

    def count(original: set[int]) -> int:
        return sum(sum(person in original for person in people) == 1 for people in fulfilling)

    seen = count(set(range(n)))
    counts = [count(set(dealt)) for dealt in itertools.combinations(range(n_pooled), n)]
    return (sum(each > seen for each in counts) + sum(each == seen for each in counts) / 2) / len(counts)


def occurs_once(release: Sequence[Sequence[Any]], columns: Sequence[int], values: Sequence[Any]) -> bool:
    return sum(all(record[at] == value for at, value in zip(columns, values, strict=True)) for record in release) == 1
