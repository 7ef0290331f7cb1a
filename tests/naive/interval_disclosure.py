"""Interval disclosure by loops."""

from __future__ import annotations

from statistics import stdev


def is_near(x, y, tolerance, spread, of):
    """Whether a masked number is near the true one; a missing one is not compared."""
    if x is None or y is None:
        return True
    return abs(x - y) <= tolerance * (spread if of == "sd" else max(abs(x), 1e-12))


def disclosed(original, released, tolerance, of):
    """Whom all masked numbers give away (None: nothing to compare), and the share of all records that would."""
    columns = list(zip(*released, strict=True))
    numbers = [[y for y in column if y is not None] for column in columns]
    spreads = [stdev(each) if len(each) > 1 else 0.0 for each in numbers]

    def near(person, record):
        return all(is_near(x, y, tolerance, s, of) for x, y, s in zip(person, record, spreads, strict=True))

    hits = []
    for person, record in zip(original, released, strict=True):
        is_compared = any(x is not None and y is not None for x, y in zip(person, record, strict=True))
        hits.append(near(person, record) if is_compared else None)
    return hits, [sum(near(person, record) for record in released) / len(released) for person in original]
