"""How sure a disparity is: an interval that also holds where the groups compared are those that came out furthest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscope import intervals
from riskscope.fairness import testing
from riskscope.fairness.decisions.evidence import effective
from riskscope.fairness.decisions.named import Choice, choice_rates, method_of, named_disparity
from riskscope.fairness.disparities import (
    BETWEEN,
    DIFFERENCE,
    TO_REFERENCE,
    TO_REST,
    Disparity,
    compared,
)
from riskscope.fairness.metrics import Told

Numbers = NDArray[np.float64]
NONE = (np.nan, np.nan)


def compared_with_interval(
    rates: Told, kind: str, method: str, *, level: float, reference: str | None = None, group: str | None = None
) -> Disparity:
    """Return how far apart groups are in one metric, with an interval.

    Notes
    -----
    Between groups: the interval holds for the largest gap (smallest ratio) of all pairs at once, whichever groups come
    out. With a sign: that of the two compared, widened by Bonferroni where the group was picked for being furthest.
    There is none for means of pairs, for comparisons with everybody, and for metrics that are no shares.
    """
    found = compared(rates, kind, method, reference=reference, group=group)
    low, high = _interval(found, rates, kind, method, level=level, picked=group is None)
    return found._replace(low=low, high=high)


def named_with_interval(
    choice: Choice,
    rates_of: Callable[[str], Told],
    *,
    favourable: str,
    level: float,
    reference: str | None = None,
    group: str | None = None,
) -> Disparity:
    """Return a disparity under its usual name, with an interval.

    Notes
    -----
    The worst of several metrics lies between the worst lower and the worst upper end of their intervals, a mean
    between the means, each at a level raised by Bonferroni. A mean of signed differences, which are of different
    people, has the interval of Zou and Donner (2008), doi:10.1002/sim.3095. There is none for means without signs.
    """
    found = named_disparity(choice, rates_of, favourable=favourable, reference=reference, group=group)
    if np.isnan(found.value):
        return found
    method = method_of(choice, reference)
    parts = choice_rates(choice, rates_of, favourable)
    options = {"kind": choice.kind, "method": method}
    if len(parts) == 1:
        low, high = _interval(found, parts[0], **options, level=level, picked=group is None)
    elif choice.combined == "mean_absolute":
        low, high = NONE
    elif method == BETWEEN:
        raised = 1 - (1 - level) / len(parts)
        ends = [_interval(found, each, **options, level=raised, picked=True) for each in parts]
        low, high = (_joined(each, choice) for each in zip(*ends, strict=True))
    else:
        ends = [_interval(found, each, **options, level=level, picked=group is None) for each in parts]
        place = parts[0].labels.index(found.groups[0])
        middles = [compared(each, **options, reference=reference, group=parts[0].labels[place]).value for each in parts]
        low, high = _mean_of_sums(middles, ends)
    return found._replace(low=float(low), high=float(high))


def _joined(ends: tuple[float, ...], choice: Choice) -> float:
    """Return one end of the interval of several metrics joined."""
    if choice.combined == "mean":
        return float(np.mean(ends))
    return max(ends) if choice.kind == DIFFERENCE else min(ends)


def _mean_of_sums(middles: list[float], ends: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the interval of a mean of independent estimates from the interval of each."""
    middle, (low, high) = np.array(middles), np.array(ends).T
    below, above = np.sqrt(((middle - low) ** 2).sum()), np.sqrt(((high - middle) ** 2).sum())
    return float(middle.mean() - below / len(middle)), float(middle.mean() + above / len(middle))


def _interval(
    found: Disparity, rates: Told, kind: str, method: str, *, level: float, picked: bool
) -> tuple[float, float]:
    """Return the interval of one metric compared."""
    usable = rates.judged & ~np.isnan(rates.rates)
    if np.isnan(found.value) or not rates.metric.is_share:
        return NONE
    if method == BETWEEN:
        hits, sizes = (each[usable] for each in effective(rates))
        if kind == DIFFERENCE:
            gap = testing.gap_interval(hits, sizes, level=level)
            return gap.low, gap.high
        return _lowest_ratio(hits, sizes, level)
    if method not in (TO_REST, TO_REFERENCE):
        return NONE
    place, n_compared = rates.labels.index(found.groups[0]), int(usable.sum())
    ours = [each[place] for each in effective(rates)]
    if method == TO_REFERENCE:
        other = rates.labels.index(found.groups[1])
        theirs = [each[other] for each in effective(rates)]
        n_compared -= int(usable[other])
    else:
        theirs = _rest(rates, place)
    raised = 1 - (1 - level) / max(n_compared, 1) if picked else level
    between = intervals.newcombe if kind == DIFFERENCE else intervals.katz
    low, high = between(*ours, *theirs, level=raised)
    return float(low), float(high)


def _rest(rates: Told, place: int) -> list[ArrayLike]:
    """Return the hits and people of everybody but one group."""
    hits, sizes = (each.sum() - each[place] for each in (rates.hits, rates.sizes))
    if rates.squares is None:
        return [hits, sizes]
    squares = [each.sum() - each[place] for each in rates.squares]
    return list(testing.effective_counts(hits, sizes, *squares))


def _lowest_ratio(hits: Numbers, sizes: Numbers, level: float) -> tuple[float, float]:
    """Return the interval of the smallest ratio of all pairs, from Katz's intervals of all at once (Bonferroni)."""
    n_groups = len(hits)
    raised = 1 - (1 - level) / (n_groups * (n_groups - 1) / 2)
    low, high = intervals.katz(hits[:, None], sizes[:, None], hits, sizes, level=raised)
    others = ~np.eye(n_groups, dtype=bool)
    return float(low[others].min()), min(1.0, float(high[others].min()))
