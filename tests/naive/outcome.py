"""An outcome by group, record by record: formula sheet G12; every dealing one by one, everyone moved by hand."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Sequence

from naive.groups import sizes

ROUNDING = 1e-9


def means(outcome: Sequence[float], groups: Sequence[Hashable]) -> dict[Hashable, float]:
    n = sizes(groups)
    return {group: sum(r for r, g in zip(outcome, groups, strict=True) if g == group) / n[group] for group in n}


def gap(outcome: Sequence[float], groups: Sequence[Hashable]) -> float:
    found = means(outcome, groups).values()
    return max(found) - min(found)


def theil(outcome: Sequence[float]) -> float:
    mean = sum(outcome) / len(outcome)
    return sum(r / mean * math.log(r / mean) for r in outcome if r > 0) / len(outcome)


def theil_parts(outcome: Sequence[float], groups: Sequence[Hashable]) -> tuple[float, float]:
    """Within and between, as the sheet has them."""
    n, mean, by_group = len(outcome), sum(outcome) / len(outcome), means(outcome, groups)
    within = between = 0.0
    for group, n_group in sizes(groups).items():
        own = [r for r, g in zip(outcome, groups, strict=True) if g == group]
        share = n_group / n * by_group[group] / mean
        if share > 0:
            within += share * theil(own)
            between += share * math.log(by_group[group] / mean)
    return within, between


def wasserstein(one: Sequence[float], other: Sequence[float]) -> float:
    """Both repeated to one length and sorted: the mean distance of those in one place."""
    n = math.lcm(len(one), len(other))
    first = sorted(r for r in one for _ in range(n // len(one)))
    second = sorted(r for r in other for _ in range(n // len(other)))
    return sum(abs(a - b) for a, b in zip(first, second, strict=True)) / n


def p_records(outcome: Sequence[float], groups: Sequence[Hashable]) -> tuple[float, int]:
    """Labels dealt to records in every distinct way."""
    ways = set(itertools.permutations(groups))
    as_large = sum(gap(outcome, way) >= gap(outcome, groups) - ROUNDING for way in ways)
    return as_large / len(ways), len(ways)


def p_clusters(outcome: Sequence[float], groups: Sequence[Hashable], clusters: Sequence[Hashable]) -> tuple[float, int]:
    """Labels dealt to whole clusters in every distinct way; each cluster lies within one group."""
    group_of = dict(zip(clusters, groups, strict=True))
    names = list(group_of)
    ways = set(itertools.permutations(group_of.values()))
    as_large = 0
    for way in ways:
        dealt = dict(zip(names, way, strict=True))
        as_large += gap(outcome, [dealt[cluster] for cluster in clusters]) >= gap(outcome, groups) - ROUNDING
    return as_large / len(ways), len(ways)


def variance_of_mean(outcome: Sequence[float], clusters: Sequence[Hashable]) -> tuple[float, int]:
    """Of the mean of one group: C / (C - 1) * sum over clusters of (sum of residuals)^2 / n^2; and C."""
    mean = sum(outcome) / len(outcome)
    residuals: dict[Hashable, float] = {}
    for r, cluster in zip(outcome, clusters, strict=True):
        residuals[cluster] = residuals.get(cluster, 0.0) + r - mean
    c = len(residuals)
    return c / (c - 1) * sum(each**2 for each in residuals.values()) / len(outcome) ** 2, c


def variance_of_difference(
    outcome: Sequence[float], is_first: Sequence[bool], clusters: Sequence[Hashable]
) -> tuple[float, int]:
    """Of the difference of two groups that may share clusters."""
    by_group = means(outcome, is_first)
    n = sizes(is_first)
    residuals: dict[Hashable, float] = {}
    for r, first, cluster in zip(outcome, is_first, clusters, strict=True):
        sign = 1 if first else -1
        residuals[cluster] = residuals.get(cluster, 0.0) + sign * (r - by_group[first]) / n[first]
    c = len(residuals)
    return c / (c - 1) * sum(each**2 for each in residuals.values()), c


def holm(p_values: Sequence[float]) -> list[float]:
    m = len(p_values)
    ranked = sorted(range(m), key=lambda at: p_values[at])
    corrected, worst = [0.0] * m, 0.0
    for rank, at in enumerate(ranked):
        worst = max(worst, min(1.0, (m - rank) * p_values[at]))
        corrected[at] = worst
    return corrected


def random_group_risks(keys: Sequence[Hashable], n_group: int) -> list[float]:
    """The mean risk of every group of so many records, were it known who belongs to it."""
    risks = []
    for group in itertools.combinations(range(len(keys)), n_group):
        f = sizes(keys[at] for at in group)
        risks.append(sum(1 / f[keys[at]] for at in group) / n_group)
    return risks
