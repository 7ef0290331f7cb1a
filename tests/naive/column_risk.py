"""Sample uniques over some of the columns."""

from __future__ import annotations

from collections.abc import Sequence

from naive.groups import Key, sizes


def n_unique(keys: Sequence[Key], columns: Sequence[int]) -> int:
    return sum(1 for n in sizes(tuple(key[at] for at in columns) for key in keys).values() if n == 1)
