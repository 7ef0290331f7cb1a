"""k = min f: Sweeney (2002), definition 3."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from naive.groups import sizes


def k_anonymity(keys: Sequence[Hashable]) -> int:
    return min(sizes(keys).values())


def n_below(keys: Sequence[Hashable], threshold: int) -> int:
    size = sizes(keys)
    return sum(1 for key in keys if size[key] < threshold)
