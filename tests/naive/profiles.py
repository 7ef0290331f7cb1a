"""Loop-and-dict twin of the audit of profiles: association of two unordered columns."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Sequence

Table = dict[tuple[Hashable, Hashable], int]
ROUNDING = 1e-9


def counted(groups: Sequence[Hashable], classes: Sequence[Hashable]) -> Table:
    table = {(g, c): 0 for g in groups for c in classes}
    for pair in zip(groups, classes, strict=True):
        table[pair] += 1
    return table


def totals(table: Table, place: int) -> dict[Hashable, int]:
    sums: dict[Hashable, int] = {}
    for key, n in table.items():
        sums[key[place]] = sums.get(key[place], 0) + n
    return sums


def expected(table: Table) -> dict[tuple[Hashable, Hashable], float]:
    rows, columns, n = totals(table, 0), totals(table, 1), sum(table.values())
    return {(g, c): rows[g] * columns[c] / n for g, c in table}


def chi2(table: Table) -> float:
    e = expected(table)
    return sum((n - e[key]) ** 2 / e[key] for key, n in table.items())


def g(table: Table) -> float:
    e = expected(table)
    return 2 * sum(n * math.log(n / e[key]) for key, n in table.items() if n)


def mutual_information(table: Table) -> float:
    rows, columns, n = totals(table, 0), totals(table, 1), sum(table.values())
    joint = {key: each / n for key, each in table.items() if each}
    return sum(p * math.log(p / (rows[r] / n * columns[c] / n)) for (r, c), p in joint.items())


def cramers_v(table: Table) -> float:
    r, c = len(totals(table, 0)), len(totals(table, 1))
    if min(r, c) < 2:
        return math.nan
    return math.sqrt(chi2(table) / (sum(table.values()) * (min(r, c) - 1)))


def cramers_v_corrected(table: Table) -> float:
    r, c, n = len(totals(table, 0)), len(totals(table, 1)), sum(table.values())
    if min(r, c) < 2:
        return math.nan
    phi = max(0.0, chi2(table) / n - (r - 1) * (c - 1) / (n - 1))
    room = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return math.sqrt(phi / room) if room > 0 else math.nan


def residual(table: Table, key: tuple[Hashable, Hashable]) -> float:
    n = sum(table.values())
    row, column = totals(table, 0)[key[0]], totals(table, 1)[key[1]]
    if row in (0, n) or column in (0, n):
        return math.nan
    return (table[key] - row * column / n) / math.sqrt(row * column / n * (1 - row / n) * (1 - column / n))


def shares(table: Table, group: Hashable) -> dict[Hashable, float]:
    n = totals(table, 0)[group]
    return {c: each / n for (r, c), each in table.items() if r == group}


def total_variation(table: Table, one: Hashable, other: Hashable) -> float:
    p, q = shares(table, one), shares(table, other)
    return sum(abs(p[c] - q[c]) for c in p) / 2


def to_pooled(table: Table, group: Hashable) -> float:
    n = sum(table.values())
    p, columns = shares(table, group), totals(table, 1)
    return sum(abs(p[c] - columns[c] / n) for c in p) / 2


def jensen_shannon(table: Table, one: Hashable, other: Hashable) -> float:
    p, q = shares(table, one), shares(table, other)
    found = 0.0
    for c in p:
        middle = (p[c] + q[c]) / 2
        found += sum(each[c] * math.log(each[c] / middle) / 2 for each in (p, q) if each[c])
    return found


def p_of_every_dealing(groups: Sequence[Hashable], classes: Sequence[Hashable]) -> tuple[float, float]:
    """The exact chance of chi2, and of G, at least as large when people are dealt to the groups anew."""
    seen = counted(groups, classes)
    ways = list(itertools.permutations(range(len(groups))))
    as_large = [0, 0]
    for way in ways:
        dealt = counted([groups[at] for at in way], classes)
        as_large[0] += chi2(dealt) >= chi2(seen) - ROUNDING
        as_large[1] += g(dealt) >= g(seen) - ROUNDING
    return as_large[0] / len(ways), as_large[1] / len(ways)


def p_of_cells(groups: Sequence[Hashable], classes: Sequence[Hashable]) -> dict[tuple[Hashable, Hashable], float]:
    """The exact chance that the largest residual of all cells is as large as that of a cell."""
    seen = counted(groups, classes)
    ways = list(itertools.permutations(range(len(groups))))
    largest = []
    for way in ways:
        dealt = counted([groups[at] for at in way], classes)
        largest.append(max(abs(residual(dealt, key)) for key in dealt))
    return {key: sum(each >= abs(residual(seen, key)) - ROUNDING for each in largest) / len(ways) for key in seen}
