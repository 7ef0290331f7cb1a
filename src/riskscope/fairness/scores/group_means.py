"""Means by group with intervals: each alone, pairs at once, and the largest gap; the chance of such a gap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from riskscope.fairness.outcomes.cells import Tied
from riskscope.fairness.outcomes.dealing import Dealt, deal
from riskscope.fairness.scores.records import Booleans, Numbers, Whole
from riskscope.fairness.testing import Gap
from riskscope.intervals import holm

#: Kinds of values dealt, shared among the groups: neighbours are dealt as equal beyond.
_MOST_KINDS, _LEAST_KINDS = 1024, 64
#: People from which on means of dealt groups are normal; skewness, over the root of the people, up to which they are.
_LARGE, _SKEWED = 1000, 0.1


class Means(NamedTuple):
    """A mean a group (n_groups,): ``mean``, the ``variance`` of that mean, and the ``people`` that it is of."""

    mean: Numbers
    variance: Numbers
    people: Whole

    def interval(self, level: float) -> tuple[Numbers, Numbers]:
        """Return Student's interval of each mean; NaN for fewer than two people."""
        from scipy.special import stdtrit

        with np.errstate(invalid="ignore"):
            half = stdtrit(np.maximum(self.people - 1, 1), (1 + level) / 2) * np.sqrt(self.variance)
        return self.mean - half, self.mean + half


class Pairs(NamedTuple):
    """Pairs of groups (n_pairs,): ``first`` less ``second``, intervals that hold all at once, Welch's p, Holm's."""

    first: Whole
    second: Whole
    difference: Numbers
    low: Numbers
    high: Numbers
    p_value: Numbers
    p_holm: Numbers


def means_of(values: Numbers, weight: Numbers, slices: Sequence[slice]) -> Means:
    """Return the weighted mean of each stretch of records.

    The variance is n / (n - 1) * sum of w² (x - mean)² / (sum of w)², that of the linearised ratio; without weights
    s² / n.
    """
    mean, variance, people = (np.full(len(slices), np.nan) for _each in range(3))
    for at, part in enumerate(slices):
        x, w = values[part], weight[part]
        n, total = len(x), w.sum()
        people[at] = n
        if total > 0:
            mean[at] = (w * x).sum() / total
            if n > 1:
                variance[at] = n / (n - 1) * ((w * (x - mean[at])) ** 2).sum() / total**2
    return Means(mean, variance, people.astype(np.int64))


def pairs_of(groups: Sequence[int], reference: int | None) -> tuple[Whole, Whole]:
    """Return the pairs that are compared: each with the reference, or all."""
    if reference is not None:
        others = np.array([group for group in groups if group != reference], np.int64)
        return others, np.full(len(others), reference, np.int64)
    first, second = np.triu_indices(len(groups), 1)
    numbers = np.array(groups, np.int64)
    return numbers[first], numbers[second]


def compare(means: Means, first: Whole, second: Whole, *, level: float) -> Pairs:
    """Return differences of means with Welch's intervals, widened by Bonferroni to hold all at once."""
    from scipy.special import stdtr, stdtrit

    difference = means.mean[first] - means.mean[second]
    one, other = means.variance[first], means.variance[second]
    variance = one + other
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = variance**2 / (one**2 / (means.people[first] - 1) + other**2 / (means.people[second] - 1))
        freedom = np.where(variance == 0, np.inf, freedom)
        t = np.where(difference == 0, 0.0, np.abs(difference) / np.sqrt(variance))
        half = stdtrit(np.minimum(freedom, 1e9), 1 - (1 - level) / (2 * max(1, len(first)))) * np.sqrt(variance)
        p = 2 * stdtr(np.minimum(freedom, 1e9), -np.minimum(t, 1e9))
    p_holm = np.full(len(p), np.nan)
    told = ~np.isnan(p)
    p_holm[told] = holm(p[told])
    return Pairs(first, second, difference, difference - half, difference + half, p, p_holm)


def largest_gap(means: Means, judged: Booleans, *, level: float) -> Gap:
    """Return the largest difference between two groups, with an interval that holds whichever groups these are.

    Where the intervals of all pairs hold at once, the true gap is at least the largest of their lower ends, and at
    most the largest of their upper ends.
    """
    groups = np.flatnonzero(judged & ~np.isnan(means.variance))
    if len(groups) < 2:
        return Gap(np.nan, np.nan, np.nan, -1, -1)
    found = compare(means, *pairs_of(groups.tolist(), None), level=level)
    low = np.maximum(found.low, -found.high).max()
    high = np.maximum(found.high, -found.low).max()
    first, last = groups[np.argmax(means.mean[groups])], groups[np.argmin(means.mean[groups])]
    if first == last:
        first, last = groups[:2]
    gap = float(means.mean[first] - means.mean[last])
    return Gap(gap, max(0.0, float(low)), float(high), int(first), int(last))


class Chance(NamedTuple):
    """How often dealing people at random sets groups as far apart; ways to deal tried, and whether these are all."""

    p_value: float
    n_dealt: int
    is_exact: bool


def chance_of_gap(
    values: Numbers,
    weight: Numbers | None,
    groups: Whole,
    judged: Booleans,
    *,
    n_permutations: int,
    rng: np.random.Generator,
    every: bool = True,
) -> Chance:
    """Return how often the means of groups dealt at random lie as far apart as those of the groups judged.

    ``every`` allows to try all ways where they are few; their number tells how many people there are.

    Values beyond some hundreds of distinct ones are first cut into so many steps, by number and by width, both in
    what is observed and in what is dealt: what is dealt then is a table, whatever the records. Where all groups are
    large, for values as skewed as they are, their means are drawn from the normal limit: Hájek (1960), Limiting
    distributions in simple random sampling from a finite population.
    """
    numbers = np.cumsum(judged) - 1
    n_groups = int(judged.sum())
    if n_groups < 2:
        return Chance(np.nan, 0, False)
    if not judged.all():
        inside = judged[groups]
        values, groups = values[inside], groups[inside]
        weight = None if weight is None else weight[inside]
    group = numbers[groups]
    drawn = _drawn(values, weight, group, n_permutations, rng)
    if drawn is None:
        tied = _counted(values, group, n_groups) if weight is None else _weighed(values, weight, group)
        sums, sizes = (
            np.bincount(tied.group, tied.times * each, minlength=n_groups).astype(np.float64)
            for each in (tied.sums, tied.sizes)
        )
        means = sums / sizes
        drawn = deal(tied, range(n_groups), n_permutations=n_permutations, rng=rng, every=every)
    else:
        means = _weighted_means(values, weight, group, n_groups)
    return Chance(drawn.chance_of_gap(float(np.ptp(means))), len(drawn.means), drawn.is_exact)


def _weighted_means(values: Numbers, weight: Numbers | None, group: Whole, n_groups: int) -> Numbers:
    w = np.ones(len(values)) if weight is None else weight
    means: Numbers = np.bincount(group, w * values, minlength=n_groups) / np.bincount(group, w, minlength=n_groups)
    return means


def _drawn(
    values: Numbers, weight: Numbers | None, group: Whole, n_permutations: int, rng: np.random.Generator
) -> Dealt | None:
    """Return means of dealt groups from their normal limit; None where a group is too small for it.

    With N people and the variance S² of their residuals, a mean of n has variance S² (1 / n - 1 / N), two of them
    the covariance - S² / N.
    """
    n = np.bincount(group)
    if n.min() < _LARGE:
        return None
    w = np.ones(len(values)) if weight is None else weight
    mean = np.average(values, weights=w)
    residual = w * (values - mean) / w.mean()
    deviation = residual.std(ddof=1)
    if deviation == 0 or abs(float(((residual / deviation) ** 3).mean())) > _SKEWED * np.sqrt(n.min()):
        return None
    z = rng.standard_normal((n_permutations, len(n)))
    shift = (z @ np.sqrt(n))[:, None] / n.sum()
    return Dealt(mean + deviation * (z / np.sqrt(n) - shift), False)


def _weighed(values: Numbers, weight: Numbers, group: Whole) -> Tied:
    """Return each record as what is dealt: its weight goes with it."""
    order = np.argsort(group, kind="stable")
    n = len(values)
    return Tied(np.arange(n), group[order], weight[order], (weight * values)[order], np.ones(n, np.int64))


def _counted(values: Numbers, group: Whole, n_groups: int) -> Tied:
    """Return how many people of each group have each value, or lie in each step."""
    most = max(_LEAST_KINDS, _MOST_KINDS // n_groups)
    cuts = np.unique(values)
    if len(cuts) > most:
        ends = np.quantile(values, np.linspace(0, 1, most // 2 + 1))
        cuts = np.unique(np.concatenate([ends, np.linspace(ends[0], ends[-1], most // 2 + 1)]))
    kind = np.searchsorted(cuts, values)
    n_kinds = len(cuts) + 1
    totals = np.bincount(kind, minlength=n_kinds)
    middle = np.bincount(kind, values, minlength=n_kinds) / np.maximum(totals, 1)
    times = np.bincount(group * n_kinds + kind, minlength=n_groups * n_kinds)
    entries = np.flatnonzero(times)
    return Tied(
        np.arange(len(entries)), entries // n_kinds, np.ones(len(entries)), middle[entries % n_kinds], times[entries]
    )
