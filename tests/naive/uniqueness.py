"""c_s, the number of classes of size s."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from naive.groups import sizes


def classes_of_size(keys: Sequence[Hashable]) -> dict[int, int]:
    found: dict[int, int] = {}
    for size in sizes(keys).values():
        found[size] = found.get(size, 0) + 1
    return found
