"""Every way to fill in the unknown groups, one by one; and every way that fits the chances, set by set."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence


def rate(hits: Sequence[bool], groups: Sequence[Hashable], group: Hashable) -> float:
    own = [hit for hit, each in zip(hits, groups, strict=True) if each == group]
    return sum(own) / len(own)


def filled(groups: Sequence[Hashable | None]) -> Iterator[tuple[Hashable, ...]]:
    """All tables in which each unknown person belongs to one of the known groups."""
    names = sorted({each for each in groups if each is not None}, key=str)
    places = [at for at, each in enumerate(groups) if each is None]
    for chosen in itertools.product(names, repeat=len(places)):
        table = list(groups)
        for at, name in zip(places, chosen, strict=True):
            table[at] = name
        yield tuple(table)


def difference_bounds(
    hits: Sequence[bool], groups: Sequence[Hashable | None], first: Hashable, second: Hashable
) -> tuple[float, float]:
    found = [rate(hits, table, first) - rate(hits, table, second) for table in filled(groups)]
    return min(found), max(found)


def gap_bounds(hits: Sequence[bool], groups: Sequence[Hashable | None]) -> tuple[float, float]:
    names = {each for each in groups if each is not None}
    gaps = []
    for table in filled(groups):
        rates = [rate(hits, table, name) for name in names]
        gaps.append(max(rates) - min(rates))
    return min(gaps), max(gaps)


def chance_bounds(
    sets: Sequence[tuple[Sequence[bool], Sequence[Hashable]]], first: Hashable, second: Hashable
) -> tuple[float, float]:
    """Each set: the hits of its people, and as many groups; who of them belongs to which is not known."""
    found = []
    for dealt in itertools.product(*(set(itertools.permutations(groups)) for _hits, groups in sets)):
        hits = [hit for own, _groups in sets for hit in own]
        groups = [each for way in dealt for each in way]
        found.append(rate(hits, groups, first) - rate(hits, groups, second))
    return min(found), max(found)
