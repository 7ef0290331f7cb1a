"""k = min F over the classes of the table: Sweeney (2001). F is at least f."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from naive.groups import sizes


def k_map(keys: Sequence[Hashable], register: Sequence[Hashable]) -> int:
    people = sizes(register)
    return min(max(people.get(key, 0), n) for key, n in sizes(keys).items())


def n_short(keys: Sequence[Hashable], register: Sequence[Hashable]) -> int:
    people = sizes(register)
    return sum(1 for key, n in sizes(keys).items() if people.get(key, 0) < n)
