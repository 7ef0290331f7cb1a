"""Does a released record fit what is known of a person? Values one by one, texts taken apart by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def covers(known: Any, released: Any, within: float = 0) -> bool:
    """Whether a released value may stand for a known one: numbers in "[a, b[", "a-b", "<b", "a+"; codes "75***"."""
    if known is None or released is None or released == "*":
        return True
    if released == known:
        return True
    if not isinstance(known, str):
        low, high = known - within, known + within
        if not isinstance(released, str):
            return low <= released <= high
        if released[0] == "[":
            start, stop = (float(end) for end in released[1:-1].split(","))
            return high >= start and low < stop
        if released[0] == "<":
            return low < float(released[1:])
        if released[-1] == "+":
            return high >= float(released[:-1])
        start, stop = (float(end) for end in released.split("-"))
        return high >= start and low < stop + 1
    if released.endswith("*"):
        kept = released.rstrip("*")
        return known.startswith(kept) and len(known) == len(released)
    return False


def fitting(person: Sequence[Any], release: Sequence[Sequence[Any]], within: Sequence[float]) -> list[int]:
    """The positions of the released records that fit a person."""
    return [
        row
        for row, record in enumerate(release)
        if all(covers(known, released, near) for known, released, near in zip(person, record, within, strict=True))
    ]
