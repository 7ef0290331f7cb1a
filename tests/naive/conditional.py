"""Conditional demographic disparity, record by record: loops and dicts."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

Values = Sequence[Hashable]


def disparity(rejected: Sequence[bool], groups: Values, group: Hashable) -> float:
    """The group's share of the rejected less its share of the accepted."""
    shares = []
    for side in (True, False):
        people = [g for g, r in zip(groups, rejected, strict=True) if r is side]
        if not people:
            return math.nan
        shares.append(sum(g == group for g in people) / len(people))
    return shares[0] - shares[1]


def conditional(rejected: Sequence[bool], groups: Values, strata: Values, group: Hashable, empty: str) -> float:
    total, people = 0.0, 0
    for stratum in set(strata):
        rows = [at for at, s in enumerate(strata) if s == stratum]
        inside_rejected, inside = [rejected[at] for at in rows], [groups[at] for at in rows]
        found = disparity(inside_rejected, inside, group)
        if math.isnan(found):
            if empty == "drop":
                continue
            share = sum(g == group for g in inside) / len(inside)
            found = share if inside_rejected[0] else -share
        total += len(rows) * found
        people += len(rows)
    return total / people if people else math.nan


def standardised(selected: Sequence[bool], groups: Values, strata: Values, group: Hashable, other: Hashable | None):
    """Rates of the group and of the other one (None: of everybody else) with everybody's mix of the common strata."""
    own_sum = other_sum = people = skipped = 0.0
    for stratum in set(strata):
        rows = [at for at, s in enumerate(strata) if s == stratum]
        own = [selected[at] for at in rows if groups[at] == group]
        others = [selected[at] for at in rows if (groups[at] != group if other is None else groups[at] == other)]
        if not own or not others:
            skipped += 1
            continue
        people += len(rows)
        own_sum += len(rows) * sum(own) / len(own)
        other_sum += len(rows) * sum(others) / len(others)
    if not people:
        return math.nan, math.nan, skipped
    return own_sum / people, other_sum / people, skipped


def tables(selected: Sequence[bool], groups: Values, strata: Values, group: Hashable, other: Hashable | None):
    """One table [[own selected, own not], [other selected, other not]] a stratum."""
    found = {}
    for s, g, y in zip(strata, groups, selected, strict=True):
        table = found.setdefault(s, [[0, 0], [0, 0]])
        if g == group:
            table[0][0 if y else 1] += 1
        elif other is None or g == other:
            table[1][0 if y else 1] += 1
    return list(found.values())


def odds_ratio(tables: Sequence[Sequence[Sequence[int]]]) -> float:
    up = down = 0.0
    for (a, b), (c, d) in tables:
        if n := a + b + c + d:
            up += a * d / n
            down += b * c / n
    return up / down if down else math.inf if up else math.nan


def cmh(tables: Sequence[Sequence[Sequence[int]]]) -> float:
    above = variance = 0.0
    for (a, b), (c, d) in tables:
        n = a + b + c + d
        if n > 1:
            above += a - (a + b) * (a + c) / n
            variance += (a + b) * (c + d) * (a + c) * (b + d) / (n**2 * (n - 1))
    return above**2 / variance if variance else math.nan
