"""Decisions by group, record by record: formula sheet G1; every rate counted by walking through all records."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from typing import NamedTuple


class Record(NamedTuple):
    group: Hashable
    decision: int
    outcome: int | None = None
    weight: Fraction = Fraction(1)
    stratum: Hashable = None


#: Of whom is the share taken, and who counts as a hit.
RATES: dict[str, tuple[Callable[[Record], bool], Callable[[Record], bool]]] = {
    "selection_rate": (lambda r: True, lambda r: r.decision == 1),
    "non_selection_rate": (lambda r: True, lambda r: r.decision == 0),
    "base_rate": (lambda r: r.outcome is not None, lambda r: r.outcome == 1),
    "true_positive_rate": (lambda r: r.outcome == 1, lambda r: r.decision == 1),
    "false_positive_rate": (lambda r: r.outcome == 0, lambda r: r.decision == 1),
    "true_negative_rate": (lambda r: r.outcome == 0, lambda r: r.decision == 0),
    "false_negative_rate": (lambda r: r.outcome == 1, lambda r: r.decision == 0),
    "precision": (lambda r: r.outcome is not None and r.decision == 1, lambda r: r.outcome == 1),
    "negative_predictive_value": (lambda r: r.outcome is not None and r.decision == 0, lambda r: r.outcome == 0),
    "false_discovery_rate": (lambda r: r.outcome is not None and r.decision == 1, lambda r: r.outcome == 0),
    "false_omission_rate": (lambda r: r.outcome is not None and r.decision == 0, lambda r: r.outcome == 1),
    "accuracy": (lambda r: r.outcome is not None, lambda r: r.outcome == r.decision),
}


def rate(records: Sequence[Record], metric: str) -> Fraction | None:
    """The share of hits; None where there is nobody to take it of."""
    among, hit = RATES[metric]
    total = sum((r.weight for r in records if among(r)), Fraction(0))
    if total == 0:
        return None
    return sum((r.weight for r in records if among(r) and hit(r)), Fraction(0)) / total


def people(records: Sequence[Record], metric: str) -> int:
    """How many records stand in the denominator, whatever they weigh."""
    return sum(RATES[metric][0](r) for r in records)


def groups(records: Sequence[Record]) -> dict[Hashable, list[Record]]:
    found: dict[Hashable, list[Record]] = {}
    for record in records:
        found.setdefault(record.group, []).append(record)
    return found


def rates(records: Sequence[Record], metric: str, min_group: int = 1) -> dict[Hashable, Fraction]:
    """The rate of each group that has one and people enough."""
    found = {group: rate(ours, metric) for group, ours in groups(records).items() if people(ours, metric) >= min_group}
    return {group: value for group, value in found.items() if value is not None}


def gap(records: Sequence[Record], metric: str, min_group: int = 1) -> Fraction | None:
    found = rates(records, metric, min_group).values()
    return max(found) - min(found) if len(found) > 1 else None


def ratio(records: Sequence[Record], metric: str, min_group: int = 1) -> Fraction | None:
    found = rates(records, metric, min_group).values()
    return min(found) / max(found) if len(found) > 1 and max(found) > 0 else None


def to_overall(records: Sequence[Record], metric: str, min_group: int = 1) -> Fraction | None:
    everybody = rate(records, metric)
    found = rates(records, metric, min_group).values()
    return max(abs(each - everybody) for each in found) if found and everybody is not None else None


def mean_of_pairs(records: Sequence[Record], metric: str) -> Fraction | None:
    found = list(rates(records, metric).values())
    gaps = [abs(one - other) for at, one in enumerate(found) for other in found[at + 1 :]]
    return sum(gaps, Fraction(0)) / len(gaps) if gaps else None


def less_rest(records: Sequence[Record], metric: str, group: Hashable) -> Fraction | None:
    """The rate of a group less that of everybody else together."""
    ours = rate([r for r in records if r.group == group], metric)
    rest = rate([r for r in records if r.group != group], metric)
    return None if ours is None or rest is None else ours - rest


def less_reference(records: Sequence[Record], metric: str, group: Hashable, reference: Hashable) -> Fraction | None:
    by_group = rates(records, metric)
    return by_group[group] - by_group[reference] if {group, reference} <= by_group.keys() else None


def shortfall(records: Sequence[Record], metric: str, group: Hashable) -> Fraction | None:
    """Decisions to change one by one until the group's rate is that of the others; fractions of one allowed."""
    behind = less_rest(records, metric, group)
    return None if behind is None else -behind * people([r for r in records if r.group == group], metric)
