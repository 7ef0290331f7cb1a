"""delta = max abs(ln(q / p)) over classes and values: Brickell and Shmatikov (2008), definition 3."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

from naive.groups import shares, sizes, values_by_class


def delta_disclosure(keys: Sequence[Hashable], values: Sequence[Any], *, zero: str) -> float:
    p = shares(sizes(values))
    worst = 0.0
    for q in map(shares, values_by_class(keys, values)):
        for value in p:
            if value in q:
                worst = max(worst, abs(math.log(q[value] / p[value])))
            elif zero == "inf":
                return math.inf
    return worst
