"""How well scores tell members from other people: area, advantage, catches at few false alarms; from arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscope.intervals import clopper_pearson, normal_quantile

Numbers = NDArray[np.float64]

#: A share of false alarms is resolved where so many of the hold-out's people, or more, raise one.
LEAST_ALARMS = 10


class Area(NamedTuple):
    """The chance that a member scores above somebody else, ties counting half, with its 95 % interval."""

    auc: float
    low: float
    high: float


class Catches(NamedTuple):
    """Who is caught where a given share of the others is called, too.

    ``members`` and ``others`` hold 1 for who is called, 0 for who is not, and the same share in between for all who
    tie at the threshold.
    """

    members: Numbers
    others: Numbers


def area(members: ArrayLike, others: ArrayLike, *, level: float = 0.95) -> Area:
    """Return the area under the curve of catches over false alarms, with its interval; NaN where a side is empty.

    Notes
    -----
    Mann and Whitney (1947); interval: DeLong, DeLong and Clarke-Pearson (1988), doi:10.2307/2531595. Where no score
    of one side passes one of the other, that interval has no width: Clopper and Pearson's takes its place, with as
    many pairs as the smaller side has people.

    Examples
    --------
    >>> round(area([0.9, 0.8, 0.4], [0.7, 0.3, 0.2]).auc, 4)
    0.8889
    """
    ours, theirs = np.asarray(members, np.float64), np.asarray(others, np.float64)
    if not len(ours) or not len(theirs):
        return Area(np.nan, np.nan, np.nan)
    above, below = share_below(ours, theirs), 1 - share_below(theirs, ours)
    auc, fewest = float(above.mean()), min(len(ours), len(theirs))
    if auc in (0.0, 1.0):
        low, high = clopper_pearson(auc * fewest, fewest, level=level)
        return Area(auc, float(low), float(high))
    if fewest < 2:
        return Area(auc, np.nan, np.nan)
    variance = above.var(ddof=1) / len(ours) + below.var(ddof=1) / len(theirs)
    half = normal_quantile(level) * float(np.sqrt(variance))
    return Area(auc, max(0.0, auc - half), min(1.0, auc + half))


def share_below(scores: Numbers, others: Numbers) -> Numbers:
    """Return for each score the share of others that are smaller, equal ones counting half."""
    ordered = np.sort(others)
    return (np.searchsorted(ordered, scores, "left") + np.searchsorted(ordered, scores, "right")) / (2 * len(others))


def advantage(members: ArrayLike, others: ArrayLike) -> float:
    """Return the greatest gap between catches and false alarms over all thresholds; NaN where a side is empty.

    Notes
    -----
    Yeom et al. (2018), doi:10.1109/CSF.2018.00027. Being the best of many thresholds, it lies above 0 by chance.

    Examples
    --------
    >>> round(advantage([0.9, 0.8, 0.4], [0.7, 0.3, 0.2]), 4)
    0.6667
    """
    ours, theirs = np.sort(np.asarray(members, np.float64)), np.sort(np.asarray(others, np.float64))
    if not len(ours) or not len(theirs):
        return np.nan
    false_alarms, catches = curve(ours, theirs)
    return float((catches - false_alarms).max())


def curve(members: ArrayLike, others: ArrayLike) -> tuple[Numbers, Numbers]:
    """Return the share of others and the share of members called, for each threshold from the strictest on."""
    ours, theirs = np.sort(np.asarray(members, np.float64)), np.sort(np.asarray(others, np.float64))
    thresholds = np.unique(np.concatenate([ours, theirs]))[::-1]
    shares = [1 - np.searchsorted(each, thresholds, "left") / len(each) for each in (theirs, ours)]
    return np.concatenate([[0.0], shares[0]]), np.concatenate([[0.0], shares[1]])


def catches_at(members: ArrayLike, others: ArrayLike, false_alarms: float) -> Catches:
    """Return who is called where a share of the others is; who ties at the threshold is called in part.

    The threshold is the score of the last of the others who is called, and members with the same score are called.

    Examples
    --------
    >>> catches_at([0.9, 0.8, 0.4], [0.7, 0.3, 0.2], 1 / 3).members.tolist()
    [1.0, 1.0, 0.0]
    """
    ours, theirs = np.asarray(members, np.float64), np.asarray(others, np.float64)
    n_called = false_alarms * len(theirs)
    if not len(theirs) or n_called <= 0:
        return Catches(np.zeros(len(ours)), np.zeros(len(theirs)))
    ordered = np.sort(theirs)[::-1]
    threshold = ordered[min(len(ordered), int(np.ceil(n_called - 1e-9))) - 1]
    n_above, n_tied = np.count_nonzero(theirs > threshold), np.count_nonzero(theirs == threshold)
    part = (n_called - n_above) / n_tied
    called = [np.where(each == threshold, part, (each > threshold).astype(np.float64)) for each in (ours, theirs)]
    return Catches(*called)


def least_false_alarms(members: ArrayLike, others: ArrayLike) -> Numbers:
    """Return for each member the share of others who are called at the strictest threshold that calls the member.

    Examples
    --------
    >>> least_false_alarms([0.9, 0.4], [0.7, 0.3]).tolist()
    [0.0, 0.5]
    """
    ours, theirs = np.asarray(members, np.float64), np.sort(np.asarray(others, np.float64))
    if not len(theirs):
        return np.full(len(ours), np.nan)
    return 1 - np.searchsorted(theirs, ours, "left") / len(theirs)


def caught_share(caught: Numbers, *, level: float = 0.95) -> tuple[float, float, float]:
    """Return the share of members caught, with Clopper and Pearson's bounds (people caught in part widen them)."""
    if not len(caught):
        return np.nan, np.nan, np.nan
    total = float(caught.sum())
    low = clopper_pearson(np.floor(total + 1e-9), len(caught), level=level)[0]
    high = clopper_pearson(np.ceil(total - 1e-9), len(caught), level=level)[1]
    return total / len(caught), float(low), float(high)


def chance_of_scores(members: ArrayLike, others: ArrayLike, top: float | None = None) -> float:
    """Return the chance (p) that scores tell members apart as well if who is a member has nothing to do with them.

    One-sided. Two statistics are looked at together, so that neither a slight shift of all nor a few people at the
    top goes unseen: the area, and the number of members among the ``top`` share of all scores (None: the area alone).

    Notes
    -----
    The area by the normal curve with ties (Mann and Whitney 1947), the number at the top hypergeometric, mid-p. The
    greater of both as normal deviates is referred to a bivariate normal with the correlation that the two have when
    membership is dealt at random.

    Examples
    --------
    >>> round(chance_of_scores([3.0, 4.0, 6.0, 8.0], [1.0, 2.0, 5.0, 7.0]), 3)
    0.193
    """
    from scipy.special import ndtr, ndtri
    from scipy.stats import hypergeom, multivariate_normal, rankdata

    ours, theirs = np.asarray(members, np.float64), np.asarray(others, np.float64)
    n, m = len(ours), len(theirs)
    if not n or not m:
        return np.nan
    pooled = np.concatenate([ours, theirs])
    ranks = rankdata(pooled)
    spread = n * m / (n + m) * ranks.var(ddof=1)
    if spread <= 0:
        return 0.5
    z_area = (ranks[:n].sum() - n * ranks.mean()) / np.sqrt(spread)
    if top is None:
        return float(1 - ndtr(z_area))
    threshold = np.sort(pooled)[::-1][max(1, int(np.ceil(top * len(pooled)))) - 1]
    is_top = pooled >= threshold
    n_top, caught = int(is_top.sum()), int(is_top[:n].sum())
    if n_top == len(pooled):
        return float(1 - ndtr(z_area))
    p_top = hypergeom.sf(caught, n + m, n_top, n) + hypergeom.pmf(caught, n + m, n_top, n) / 2
    most = max(float(z_area), float(-ndtri(np.clip(p_top, 1e-300, 1 - 1e-16))))
    together = min(0.999999, float(np.corrcoef(ranks, is_top)[0, 1]))
    if most > 5:  # the chance of either is at most the sum of both
        return float(2 * ndtr(-most))
    return float(1 - multivariate_normal.cdf([most, most], cov=[[1, together], [together, 1]]))
