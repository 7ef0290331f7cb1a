"""D = (q - p) / p over values with q > p: Cao and Karras (2012), definitions 3 and 4."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

from naive.groups import shares, sizes, values_by_class

ROUNDING = 1e-12  # a gain of exactly -ln p is allowed


def beta(keys: Sequence[Hashable], values: Sequence[Any], *, kind: str) -> float:
    p = shares(sizes(values))
    worst = 0.0
    for q in map(shares, values_by_class(keys, values)):
        for value, share in q.items():
            gain = (share - p[value]) / p[value]
            if kind == "enhanced" and gain > -math.log(p[value]) + ROUNDING:
                return math.inf
            worst = max(worst, gain)
    return worst
