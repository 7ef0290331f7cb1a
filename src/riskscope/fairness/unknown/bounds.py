"""What the difference of two rates can be when the group of some people is unknown; on arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.intervals import newcombe

Numbers = NDArray[np.float64]
Booleans = NDArray[np.bool_]

#: A set of equal chances must hold so many people on average; else chances are rounded to steps of 1 / _STEPS.
_PEOPLE_A_SET, _STEPS = 30, 20


class Counts(NamedTuple):
    """What bounds are read off: hits and people of each known group (n_groups,), and of those unknown."""

    hits: Numbers
    people: Numbers
    unknown_hits: float
    unknown_misses: float


class Chances(NamedTuple):
    """Sets of people of equal chances: ``people`` (n_sets,), their share of ``hits``, ``shares`` (n_sets, n_groups)."""

    people: Numbers
    hits: Numbers
    shares: Numbers


def rates_of(counts: Counts) -> Numbers:
    """Return the rate of each group among those known; NaN where nobody is."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(counts.hits / counts.people)


def bounds_of(counts: Counts) -> tuple[Numbers, Numbers]:
    """Return the least and the greatest difference of rates, row group less column group (n_groups, n_groups).

    Examples
    --------
    >>> low, high = bounds_of(Counts(np.array([6.0, 3.0]), np.array([10.0, 10.0]), 2.0, 2.0))
    >>> round(float(low[0, 1]), 4), round(float(high[0, 1]), 4)
    (0.0833, 0.4167)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        most = (counts.hits + counts.unknown_hits) / (counts.people + counts.unknown_hits)
        least = counts.hits / (counts.people + counts.unknown_misses)
    return least[:, None] - most[None, :], most[:, None] - least[None, :]


def with_draw(counts: Counts, low: Numbers, high: Numbers, level: float) -> tuple[Numbers, Numbers]:
    """Return the bounds widened by Newcombe's interval at either end."""
    most = counts.hits + counts.unknown_hits, counts.people + counts.unknown_hits
    least = counts.hits, counts.people + counts.unknown_misses
    ends = []
    for one, other in ((least, most), (most, least)):
        row, column = (
            (np.broadcast_to(part[:, None], low.shape) for part in one),
            (np.broadcast_to(part[None, :], low.shape) for part in other),
        )
        ends.append(newcombe(*row, *column, level=level))
    return np.minimum(ends[0][0], low), np.maximum(ends[1][1], high)


def largest_gap(low: Numbers, high: Numbers) -> tuple[float, float]:
    """Return bounds of the largest gap between two groups from the bounds of all pairs.

    The upper end is sharp. The lower is valid, and for two groups sharp where it is above 0 (whole people may not
    be able to make two rates equal).
    """
    nearest = np.where((low <= 0) & (high >= 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
    is_pair = ~np.eye(len(high), dtype=np.bool_)
    return float(nearest[is_pair].max()), float(high[is_pair].max())


def by_chances(counts: Counts, chances: Chances) -> tuple[Numbers, Numbers, Numbers]:
    """Return the weighted difference of each pair, and the least and greatest that fit the chances."""
    n, hit, share = chances.people[:, None], chances.hits[:, None], chances.shares
    people = counts.people + (n * share).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = (counts.hits + (n * hit * share).sum(axis=0)) / people
        most = (counts.hits + (n * np.minimum(hit, share)).sum(axis=0)) / people
        least = (counts.hits + (n * np.maximum(0, hit + share - 1)).sum(axis=0)) / people
    return rate[:, None] - rate[None, :], least[:, None] - most[None, :], most[:, None] - least[None, :]


def sets_of_equal_chances(probability: Numbers, hit: Booleans) -> Chances:
    """Return people of the same chances together; chances are rounded where hardly any two are the same."""
    keys = np.round(probability, 9)
    distinct, at = np.unique(keys, axis=0, return_inverse=True)
    if len(distinct) * _PEOPLE_A_SET > len(keys):
        distinct, at = np.unique(np.round(probability * _STEPS), axis=0, return_inverse=True)
    at = at.reshape(-1)
    people = np.bincount(at, minlength=len(distinct)).astype(np.float64)
    shares = np.stack([np.bincount(at, column, minlength=len(distinct)) for column in probability.T], axis=1)
    return Chances(people, np.bincount(at, hit, minlength=len(distinct)) / people, shares / people[:, None])
