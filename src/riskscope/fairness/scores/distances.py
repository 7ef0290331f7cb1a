"""How far apart the scores of groups lie: Wasserstein and Kolmogorov-Smirnov, quantiles, shares above a cut-off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from riskscope.fairness.scores.group_means import Means
from riskscope.fairness.scores.records import Numbers, Scored, Whole


class Distances(NamedTuple):
    """Distances between distributions: the area between them, and the largest distance at any cut-off."""

    wasserstein: Numbers
    ks: Numbers


def heights(records: Scored, group: int) -> Numbers:
    """Return how much weight a group has at each distinct score (n_levels,)."""
    part = records.of(group)
    found: Numbers = np.bincount(records.level[part], records.weight[part], minlength=len(records.values)).astype(float)
    return found


def _apart(one: Numbers, other: Numbers, widths: Numbers) -> tuple[float, float]:
    """Return both distances of two distribution functions over the same levels."""
    gaps = np.abs(one - other)
    return float(gaps[:-1] @ widths), float(gaps.max())


def _shares(cumulated: Numbers) -> Numbers:
    shares: Numbers = cumulated / cumulated[-1]
    return shares


def to_rest(records: Scored) -> Distances:
    """Return the distances of each group to everybody else (n_groups,); NaN where there is nobody else.

    With F of a group that is the share a of everybody, F - F of the rest = (F - F of everybody) / (1 - a): one
    distribution function serves all groups, and is looked up at each group's own scores.
    """
    n_groups, values = len(records.labels), records.values
    found = np.full((2, n_groups), np.nan)
    if not len(values):
        return Distances(*found)
    weights = np.bincount(records.groups, records.weight, minlength=n_groups)
    everybody = _shares(np.cumsum(np.bincount(records.level, records.weight, minlength=len(values))))
    areas = np.concatenate([[0.0], np.cumsum(everybody[:-1] * np.diff(values))])
    for group in np.flatnonzero((weights > 0) & (weights < (1 - 1e-12) * weights.sum())):
        part = records.of(int(group))
        own = _shares(np.cumsum(records.weight[part]))
        level = records.level[part]
        last = np.concatenate([level[1:] != level[:-1], [True]])
        steps = level[last], own[last]
        found[:, group] = np.array(_from(*steps, everybody, areas, values)) / (1 - weights[group] / weights.sum())
    return Distances(*found)


def _from(level: Whole, own: Numbers, everybody: Numbers, areas: Numbers, values: Numbers) -> tuple[float, float]:
    """Return both distances of a step function, given where it steps and how high, to that of everybody.

    ``areas`` (n_levels,) is the area under that of everybody, left of each level. Between two of its own steps the
    function is flat, and that of everybody crosses it once at most.
    """
    start, end = np.concatenate([[0], level]), np.concatenate([level, [len(values) - 1]])
    flat = np.concatenate([[0.0], own])
    cross = np.clip(np.searchsorted(everybody, flat), start, end)
    left = flat * (values[cross] - values[start]) - (areas[cross] - areas[start])
    right = (areas[end] - areas[cross]) - flat * (values[end] - values[cross])
    wide = end > start
    at_start = np.abs(flat - everybody[start])[wide]
    at_end = np.abs(flat - everybody[np.maximum(end - 1, 0)])[wide]
    return float((left + right).sum()), float(max(at_start.max(initial=0), at_end.max(initial=0)))


def between(records: Scored, first: Whole, second: Whole) -> Distances:
    """Return the distances of pairs of groups (n_pairs,)."""
    widths = np.diff(records.values)
    own = {group: _shares(np.cumsum(heights(records, group))) for group in {*first.tolist(), *second.tolist()}}
    found = [_apart(own[one], own[other], widths) for one, other in zip(first.tolist(), second.tolist(), strict=True)]
    return Distances(*np.array(found).reshape(-1, 2).T)


def rest_of(values: Numbers, records: Scored) -> Means:
    """Return the mean of everybody but the group, for each group."""
    w, n, groups = records.weight, len(values), records.groups
    centre = np.average(values, weights=w) if n else 0.0
    x = values - centre
    n_groups = len(records.labels)

    def others(terms: Numbers) -> Numbers:
        sums = np.bincount(groups, terms, minlength=n_groups)
        found: Numbers = sums.sum() - sums
        return found

    people = n - records.people
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.where(people > 0, others(w), np.nan)
        mean = others(w * x) / total
        squares = others((w * x) ** 2) - 2 * mean * others(w**2 * x) + mean**2 * others(w**2)
        variance = people / (people - 1) * np.clip(squares, 0, None) / total**2
    return Means(mean + centre, np.where(people > 1, variance, np.nan), people)


def quantiles(records: Scored, shares: Sequence[float]) -> Numbers:
    """Return the lowest score that at least so great a share of each group does not exceed (n_groups, n_shares)."""
    found = np.full((len(records.labels), len(shares)), np.nan)
    for group in range(len(records.labels)):
        part = records.of(group)
        below = np.cumsum(records.weight[part])
        if below.any():
            at = np.searchsorted(below, np.array(shares) * below[-1] * (1 - 1e-12))
            found[group] = records.score[part][np.minimum(at, len(below) - 1)]
    return found


def quantiles_of_all(records: Scored, shares: Sequence[float]) -> Whole:
    """Return the levels of the quantiles of everybody (n_shares,)."""
    below = np.cumsum(np.bincount(records.level, records.weight, minlength=len(records.values)))
    at = np.searchsorted(below, np.array(shares) * below[-1] * (1 - 1e-12))
    levels: Whole = np.minimum(at, len(below) - 1)
    return levels


class Selected(NamedTuple):
    """How many people (n_groups, n_steps) have a score of at least each of some levels; and their share by weight."""

    people: Whole
    share: Numbers


def at_least(records: Scored, levels: Whole) -> Selected:
    """Return who has a score at or above each level."""
    people = np.zeros((len(records.labels), len(levels)), np.int64)
    share = np.full(people.shape, np.nan)
    for group in range(len(records.labels)):
        part = records.of(group)
        at = np.searchsorted(records.level[part], levels)
        above = np.concatenate([np.cumsum(records.weight[part][::-1])[::-1], [0.0]])
        people[group] = records.people[group] - at
        if above[0] > 0:
            share[group] = above[at] / above[0]
    return Selected(people, share)


def top(records: Scored, share: float) -> Selected:
    """Return who is among the top share of everybody; those tied at the cut-off are drawn by lot (expected numbers).

    ``people`` counts whole people, those who are in for certain and, rounded down, those expected of the tied.
    """
    weights = np.bincount(records.level, records.weight, minlength=len(records.values))
    above = np.concatenate([np.cumsum(weights[::-1])[::-1], [0.0]])
    wanted = share * above[0]
    level = int(np.flatnonzero(above >= wanted * (1 - 1e-12)).max())
    lot = (wanted - above[level + 1]) / weights[level] if level < len(weights) and weights[level] > 0 else 0.0
    found = at_least(records, np.array([level, level + 1]))
    people = found.people[:, 1] + lot * (found.people[:, 0] - found.people[:, 1])
    expected = found.share[:, 1] + lot * (found.share[:, 0] - found.share[:, 1])
    return Selected(np.floor(people + 1e-9).astype(np.int64)[:, None], expected[:, None])
