"""alpha = max over classes and protected values of q: Wong, Li, Fu and Wang (2006), definition 2."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import Any

from naive.groups import shares, values_by_class


def alpha(keys: Sequence[Hashable], values: Sequence[Any], protected: Collection[Any] | None = None) -> float:
    return max(
        (
            share
            for counts in values_by_class(keys, values)
            for value, share in shares(counts).items()
            if protected is None or value is None or value in protected
        ),
        default=0,
    )
