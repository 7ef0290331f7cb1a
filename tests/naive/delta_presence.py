"""delta = f / F over all classes of the population: Nergiz, Atzori and Clifton (2007), definition 2.1."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from naive.groups import sizes


def delta_presence(keys: Sequence[Hashable], register: Sequence[Hashable]) -> tuple[float, float]:
    table, people = sizes(keys), sizes(register)
    chances = [table.get(key, 0) / max(people.get(key, 0), table.get(key, 0)) for key in {*table, *people}]
    return min(chances), max(chances)
