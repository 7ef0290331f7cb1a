"""Releases held against each other, with sets."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

#: One release: person to (class, sensitive value or None where it is missing).
Release = dict[Hashable, tuple[Hashable, Hashable]]


def values_of(release: Release, own: Hashable, every: set[Hashable]) -> set[Hashable]:
    """Return the values that stand in a class; a missing one may be any."""
    held = {value for each, value in release.values() if each == own}
    return set(every) if None in held else held


def left(releases: Sequence[Release]) -> dict[Hashable, tuple[int, int, int]]:
    """Return for each person: people left, values left, values left in the release that tells most."""
    every = {value for release in releases for _own, value in release.values() if value is not None}
    found = {}
    for person in {person for release in releases for person in release}:
        crowd: set[Hashable] | None = None
        possible, alone = set(every), len(every)
        for release in releases:
            if person not in release:
                continue
            own = release[person][0]
            ids = {other for other, (each, _value) in release.items() if each == own}
            crowd = ids if crowd is None else crowd & ids
            held = values_of(release, own, every)
            possible &= held
            alone = min(alone, len(held))
        found[person] = (len(crowd or ()), len(possible), alone)
    return found


def m_invariance(releases: Sequence[Release]) -> int:
    """Return m, or 0: every class has distinct values only, and the same set of them wherever a person stands."""
    sizes = []
    for release in releases:
        for own in {each for each, _value in release.values()}:
            values = [value for each, value in release.values() if each == own]
            if None in values or len(set(values)) < len(values):
                return 0
            sizes.append(len(values))
    for person in {person for release in releases for person in release}:
        signatures = [
            frozenset(value for each, value in release.values() if each == release[person][0])
            for release in releases
            if person in release
        ]
        if len(set(signatures)) > 1:
            return 0
    return min(sizes)
