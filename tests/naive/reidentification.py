"""Prosecutor, journalist and marketer, record by record: El Emam (2013), chapter 16."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from naive.groups import sizes

ROUNDING = 1e-12


def prosecutor(keys: Sequence[Hashable], threshold: float) -> tuple[float, float, int]:
    """Highest risk, average over records, number of records above the threshold."""
    f = sizes(keys)
    risks = [1 / f[key] for key in keys]
    return max(risks), sum(risks) / len(risks), sum(1 for risk in risks if risk > threshold + ROUNDING)


def journalist(keys: Sequence[Hashable], register: Sequence[Hashable], threshold: float) -> tuple[float, float, int]:
    f, people = sizes(keys), sizes(register)
    size = {key: max(people.get(key, 0), n) for key, n in f.items()}
    risks = [1 / size[key] for key in keys]
    average = max(len(f) / sum(size.values()), sum(risks) / len(risks))
    return max(risks), average, sum(1 for risk in risks if risk > threshold + ROUNDING)


def marketer(keys: Sequence[Hashable], register: Sequence[Hashable]) -> float:
    f, people = sizes(keys), sizes(register)
    return sum(1 / max(people.get(key, 0), f[key]) for key in keys) / len(keys)
