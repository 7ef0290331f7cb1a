"""Rates of groups drawn to their mean, the more so the fewer people they are of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskscope.fairness.inputs import Numbers, Whole
from riskscope.intervals import wilson

#: Strengths of the prior, in people, that are tried; beyond the last, groups do not differ.
STRENGTHS = np.geomspace(0.1, 1e6, 36)
#: So much likelier than groups that do not differ at all must they be (log-likelihood), or rounding speaks.
ROUNDING = 1e-6


class Prior(NamedTuple):
    """How rates spread over groups: a beta with this mean, worth ``strength`` people; infinite: they do not differ."""

    mean: float
    strength: float


def spread(hits: Numbers, n: Numbers) -> Prior:
    """Return the beta under which the counts of the groups are likeliest (beta-binomial marginal likelihood).

    Examples
    --------
    >>> spread(np.array([30.0, 31, 29]), np.array([100.0, 100, 100]))
    Prior(mean=0.3, strength=inf)
    >>> round(spread(np.array([10.0, 90, 50]), np.array([100.0, 100, 100])).strength, 1)
    1.9
    """
    from scipy.optimize import minimize_scalar

    hits, n = hits[n > 0], n[n > 0]
    if not len(n):
        return Prior(np.nan, np.nan)
    pooled = float(hits.sum() / n.sum())
    if len(n) < 2 or pooled in (0.0, 1.0):
        return Prior(pooled, np.inf)
    pairs = _alike(hits, n)
    _means, heights = _profile(pairs)
    best = int(np.argmax(heights))
    if best == len(STRENGTHS) - 1 or heights[best] <= _binomial(hits, n, pooled) + ROUNDING:
        return Prior(pooled, np.inf)
    around = np.log(STRENGTHS[[max(best - 1, 0), best + 1]])
    finer = minimize_scalar(
        lambda log: -_likeliest(pairs, np.exp(log))[1], bounds=around, method="bounded", options={"xatol": 1e-8}
    )
    strength = float(np.exp(finer.x))
    return Prior(_likeliest(pairs, strength)[0], strength)


class Alike(NamedTuple):
    """Groups of the same counts, as one: hits, people, and how many such groups there are."""

    hits: Numbers
    n: Numbers
    times: Whole


def _alike(hits: Numbers, n: Numbers) -> Alike:
    pairs, times = np.unique(np.stack([hits, n], axis=1), axis=0, return_counts=True)
    return Alike(pairs[:, 0], pairs[:, 1], times)


def _profile(groups: Alike) -> tuple[Numbers, Numbers]:
    """Return for each strength the likeliest mean, and the log-likelihood there."""
    found = np.array([_likeliest(groups, strength) for strength in STRENGTHS])
    return found[:, 0], found[:, 1]


def _likeliest(groups: Alike, strength: float) -> tuple[float, float]:
    """Return the likeliest mean for a strength, and the log-likelihood there."""
    from scipy.optimize import minimize_scalar
    from scipy.special import expit

    found = minimize_scalar(
        lambda logit: -_height(groups, strength, logit), bounds=(-25, 25), method="bounded", options={"xatol": 1e-9}
    )
    return float(expit(found.x)), -float(found.fun)


def _height(groups: Alike, strength: float, logit: float) -> float:
    """Return the log-likelihood of the counts for a strength and the log-odds of the mean."""
    from scipy.special import betaln, expit

    a, b = strength * expit(logit), strength * expit(-logit)
    return float(((betaln(groups.hits + a, groups.n - groups.hits + b) - betaln(a, b)) * groups.times).sum())


def _binomial(hits: Numbers, n: Numbers, rate: float) -> float:
    """Return the log-likelihood where all groups have one rate."""
    return float(hits.sum() * np.log(rate) + (n - hits).sum() * np.log1p(-rate))


def shrunken(hits: Numbers, n: Numbers, prior: Prior) -> Numbers:
    """Return (hits + m p0) / (n + m): rates drawn to the mean, the more so the fewer people they are of.

    Examples
    --------
    >>> shrunken(np.array([20.0, 6.0]), np.array([40.0, 20.0]), Prior(26 / 60, 10)).round(6).tolist()
    [0.486667, 0.344444]
    """
    if np.isinf(prior.strength):
        return np.full(len(n), prior.mean)
    return (hits + prior.strength * prior.mean) / (n + prior.strength)


def shrunken_interval(hits: Numbers, n: Numbers, level: float) -> tuple[Numbers, Numbers]:
    """Return intervals of the groups' rates that also carry how little is known of their mean and spread.

    A mixture of beta posteriors: over ``STRENGTHS``, each weighted by its likelihood and by a prior under which the
    weight of the mean in a group of (harmonic) average size is uniform (Christiansen and Morris 1997), and over means
    around the likeliest one (normal in log-odds, by the curvature of the likelihood). Of 95 % intervals, 92 to 99 of
    100 hold on average over 4 to 12 groups of 10 to 1,000 people.
    """
    from scipy.special import betainc

    if not (n > 0).any() or hits.sum() in (0, n.sum()):
        return wilson(hits, n, level=level)
    a, b, weights = _mixture(_alike(hits[n > 0], n[n > 0]))
    pairs, group = np.unique(np.stack([hits, n - hits], axis=1), axis=0, return_inverse=True)
    a, b = pairs[:, [0]] + a, pairs[:, [1]] + b
    ends = []
    for share in ((1 - level) / 2, (1 + level) / 2):
        low, high = np.zeros(len(pairs)), np.ones(len(pairs))
        for _halving in range(30):
            middle = (low + high) / 2
            is_below = (betainc(a, b, middle[:, None]) * weights).sum(axis=1) < share
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        ends.append(((low + high) / 2)[group.ravel()])
    return ends[0], ends[1]


def _mixture(groups: Alike) -> tuple[Numbers, Numbers, Numbers]:
    """Return the betas that the groups' rates may come from, and the weight of each."""
    from scipy.special import expit, logit

    means, heights = _profile(groups)
    average = groups.times.sum() / (groups.times / groups.n).sum()
    weights = np.exp(heights - heights.max()) * STRENGTHS * average / (STRENGTHS + average) ** 2
    nodes, node_weights = np.polynomial.hermite_e.hermegauss(5)
    found = []
    for at in np.flatnonzero(weights > weights.max() * 1e-4):
        middle, strength = float(logit(means[at])), float(STRENGTHS[at])
        around = [_height(groups, strength, middle + step) for step in (-0.05, 0.05)]
        curvature = (2 * heights[at] - sum(around)) / 0.05**2
        deviation = 1 / np.sqrt(max(curvature, 0.1))
        mean = expit(middle + deviation * nodes)
        found.append((strength * mean, strength * (1 - mean), weights[at] * deviation * node_weights))
    a, b, share = (np.concatenate(each) for each in zip(*found, strict=True))
    return a, b, share / share.sum()
