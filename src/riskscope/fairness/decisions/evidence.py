"""What the counts of decisions say surely: a test of each metric over all groups, and intervals of groups and pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope import intervals
from riskscope.fairness import testing
from riskscope.fairness.counts import GroupCounts
from riskscope.fairness.metrics import Metric, Told, divided, metric_named, summed

if TYPE_CHECKING:
    from riskscope.fairness.decisions.view import View

Numbers = NDArray[np.float64]
Booleans = NDArray[np.bool_]


#: What a chance is rounded up to where groups are held back; the last is beyond rounding.
_STEPS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, np.inf)


class MetricTest(NamedTuple):
    """Whether the groups judged differ in one metric; its complement differs as much.

    ``gap``, ``low``, ``high``: the largest difference, with an interval that holds for all pairs at once; ``first``
    and ``last`` are the numbers of the groups that are furthest apart, -1 where fewer than two are judged. ``p_any``:
    chance that any group differs as strikingly from everybody else; ``p_corrected`` is corrected for the metrics, too.
    ``p_groups`` (n_groups,) the same for each group.
    """

    metric: Metric
    n_judged: int
    gap: testing.Gap
    p_any: float
    p_corrected: float
    verdict: str
    p_groups: Numbers


def metric_tests(
    rates: Sequence[Told], *, level: float, margin: float, n_permutations: int, rng: np.random.Generator
) -> dict[str, MetricTest]:
    """Return the test of each metric, corrected for being several."""
    alone = [_one_test(each, n_permutations=n_permutations, rng=rng) for each in rates]
    corrected = testing.over_families(
        [
            np.full(len(one.p_adjusted), np.nan) if _is_given(each) else one.p_adjusted
            for each, one in zip(rates, alone, strict=True)
        ]
    )
    found = {}
    for each, one, p_judged in zip(rates, alone, corrected, strict=True):
        gap = gap_of(each, each.judged, level=level)
        p_corrected = float(p_judged.min()) if len(p_judged) and not np.isnan(p_judged).all() else np.nan
        p_groups = np.full(len(each.labels), np.nan)
        p_groups[each.judged] = p_judged
        found[each.metric.name] = MetricTest(
            metric=each.metric,
            n_judged=int(each.judged.sum()),
            gap=gap,
            p_any=one.p_any,
            p_corrected=p_corrected,
            verdict=testing.verdict(p_corrected, gap.low, gap.high, margin),
            p_groups=p_groups,
        )
    return found


def _is_given(rates: Told) -> bool:
    """Tell a rate that the outcome gives nobody the chance to differ in: nobody judged has it, or everybody."""
    hits, sizes = rates.hits[rates.judged].sum(), rates.sizes[rates.judged].sum()
    return bool(rates.metric.needs_outcome and hits in (0, sizes))


def _one_test(rates: Told, *, n_permutations: int, rng: np.random.Generator) -> testing.OneAgainstRest:
    """Return each judged group against the other judged ones; with weights, of effective people."""
    hits, sizes = rates.hits[rates.judged], rates.sizes[rates.judged]
    if rates.squares is None:
        return testing.one_against_rest(hits, sizes, n_permutations=n_permutations, rng=rng)
    squares = (each[rates.judged] for each in rates.squares)
    return testing.one_against_rest_weighted(hits, sizes, *squares, n_permutations=n_permutations, rng=rng)


def p_within_strata(
    counts: GroupCounts, judged: Booleans, *, n_permutations: int, rng: np.random.Generator
) -> float | None:
    """Return the chance of such differences in selection rate within strata; None without strata, or with weights.

    Within strata people are dealt to the groups anew. Weights cannot be dealt: effective people, which stand in for
    them in one stratum, are rounded, and over many small strata that adds up.
    """
    if not counts.strata_columns or counts.weights is not None:
        return None
    metric = metric_named("selection_rate")
    hits, sizes = (summed(counts.counts[judged], pairs).T for pairs in (metric.hits, metric.among))
    return testing.one_against_rest(hits, sizes, n_permutations=n_permutations, rng=rng).p_any


def effective(rates: Told) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return hits and people of each group; where there are weights, the numbers of people that tell as much."""
    if rates.squares is None:
        return rates.hits, rates.sizes
    return testing.effective_counts(rates.hits, rates.sizes, *rates.squares)


def wilson_of(rates: Told, *, level: float) -> tuple[Numbers, Numbers]:
    """Return Wilson's interval of the metric in each group."""
    hits, sizes = effective(rates)
    return intervals.wilson(hits, sizes, level=level)


def gap_of(rates: Told, among: Booleans, *, level: float) -> testing.Gap:
    """Return the largest gap among some groups, with its interval, the groups by their numbers among all."""
    hits, sizes = (each[among] for each in effective(rates))
    gap = testing.gap_interval(hits, sizes, level=level)
    places = np.flatnonzero(among)
    if gap.first < 0:
        return gap
    return gap._replace(first=int(places[gap.first]), last=int(places[gap.last]))


def gap_shown(view: View, metric: str, *, level: float, among: Booleans | None = None) -> testing.Gap:
    """Return the largest gap among the groups shown; where some are told in a range, the least that it is for sure.

    Notes
    -----
    With ranges, ``low`` and ``high`` hold wherever in their ranges the groups are, and ``first`` and ``last`` are -1
    where the ranges leave it open which group is ahead. ``among``: other groups than those shown.
    """
    rates = view.comparable(metric)
    among = rates.judged if among is None else among
    if not view.has_ranges(metric) or among.sum() < 2:
        return gap_of(rates, among, level=level)
    least, most = view.bounds_of(metric)
    nearest = gap_of(rates, among, level=level)
    first, last = nearest.first, nearest.last
    hits = rates.hits.copy()
    hits[first], hits[last] = least[first], most[last]
    at_least = float(hits[first] / rates.sizes[first] - hits[last] / rates.sizes[last])
    pair = np.flatnonzero(np.flatnonzero(among) == first)[0], np.flatnonzero(np.flatnonzero(among) == last)[0]
    _same, lows, _highs = testing.pair_intervals(hits[among], rates.sizes[among], level=level, simultaneous=True)
    high = 0.0
    for at in [-1, *np.flatnonzero(view.is_ranged & among)]:
        apart = np.where(np.arange(len(hits)) == at, most, least)
        high = max(high, testing.gap_interval(apart[among], rates.sizes[among], level=level).high)
    ends = (first, last) if at_least > 0 else (-1, -1)
    return testing.Gap(max(0.0, at_least), max(0.0, float(lows[pair])), high, *ends)


def verdicts_shown(
    view: View, tests: Mapping[str, MetricTest], *, level: float, margin: float
) -> dict[str, MetricTest]:
    """Return the tests of a view, with p rounded up where groups are held back, or told in a range."""
    found = {}
    for name, test in tests.items():
        judged = view.rates_of(name).judged
        found[name] = test
        if view.has_ranges(name) or (judged & ~view.comparable(name).judged).any():
            gap = gap_shown(view, name, level=level, among=judged) if view.has_ranges(name) else test.gap
            p = coarse(test.p_corrected)
            verdict = testing.verdict(p, gap.low, gap.high, margin)
            found[name] = test._replace(gap=gap, p_any=coarse(test.p_any), p_corrected=p, verdict=verdict)
    return found


def coarse(p: float) -> float:
    """Return a chance rounded up so far that no number of people can be computed from it.

    Examples
    --------
    >>> coarse(1.7e-45), coarse(0.0312), coarse(float("nan"))
    (0.0005, 0.05, nan)
    """
    return p if np.isnan(p) else next(step for step in _STEPS if p <= step)


def detectable(rates: Told, among: Booleans, *, level: float) -> float:
    """Return the difference that the smallest group must have to everybody else, to be noticed in 4 of 5 audits."""
    _hits, sizes = (each[among] for each in effective(rates))
    if len(sizes) < 2:
        return np.nan
    rate = divided(rates.hits[among].sum(), rates.sizes[among].sum())
    return float(testing.smallest_detectable(sizes.min(), sizes.sum() - sizes.min(), rate, level=level))


class Pair(NamedTuple):
    """Two groups by their numbers: difference of their rates and its intervals, ratio and its interval."""

    first: int
    second: int
    difference: float
    low: float
    high: float
    simultaneous_low: float
    simultaneous_high: float
    ratio: float
    ratio_low: float
    ratio_high: float


def pairs_of(rates: Told, among: Booleans, *, level: float) -> list[Pair]:
    """Return all pairs of some groups, the one with the higher rate first."""
    places = np.flatnonzero(among)
    if len(places) < 2:
        return []
    hits, sizes = (each[among] for each in effective(rates))
    ours = divided(hits, sizes)
    order = np.argsort(-np.nan_to_num(ours, nan=-1), kind="stable")
    places, hits, sizes, ours = places[order], hits[order], sizes[order], ours[order]
    difference, low, high = testing.pair_intervals(hits, sizes, level=level)
    _same, wide_low, wide_high = testing.pair_intervals(hits, sizes, level=level, simultaneous=True)
    one, other = np.triu_indices(len(places), 1)
    ratio_low, ratio_high = intervals.katz(hits[one], sizes[one], hits[other], sizes[other], level=level)
    columns = [each[one, other] for each in (difference, low, high, wide_low, wide_high)]
    columns += [divided(ours[one], ours[other]), ratio_low, ratio_high]
    return [
        Pair(int(first), int(second), *map(float, numbers))
        for first, second, *numbers in zip(places[one], places[other], *columns, strict=True)
    ]
