"""Intervals and corrected p-values, from arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


def cluster_interval(
    estimate: float, influences: ArrayLike, times: ArrayLike, *, level: float = 0.95
) -> tuple[float, float]:
    """Return the cluster-robust interval of an estimate; NaN where there are fewer than two clusters.

    Parameters
    ----------
    estimate : float
        A mean, or a difference of means.
    influences : array (n_entries,)
        By how much each cluster moves the estimate, to first order; they add up to zero.
    times : array (n_entries,)
        How many clusters each entry stands for.
    level : float, default 0.95
        Share of intervals that hold the truth.

    Notes
    -----
    With C clusters: estimate ± t(C - 1) * sqrt(C / (C - 1) * sum of squared influences). Liang and Zeger (1986),
    doi:10.1093/biomet/73.1.13; where each cluster is one record, Student's interval of the mean.

    Examples
    --------
    >>> low, high = cluster_interval(2.0, [-1 / 3, 0, 1 / 3], [1, 1, 1])
    >>> round(low, 4), round(high, 4)
    (-0.4841, 4.4841)
    """
    from scipy.special import stdtrit

    influences, times = np.asarray(influences, np.float64), np.asarray(times, np.float64)
    n_clusters = times.sum()
    if n_clusters < 2:
        return np.nan, np.nan
    variance = n_clusters / (n_clusters - 1) * (times * influences**2).sum()
    half = float(stdtrit(n_clusters - 1, (1 + level) / 2) * np.sqrt(variance))
    return estimate - half, estimate + half


def normal_quantile(level: float) -> float:
    """Return how many standard deviations either way hold a share of a normal distribution.

    Examples
    --------
    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def wilson(hits: ArrayLike, n: ArrayLike, *, level: float = 0.95, z: float | None = None) -> tuple[Numbers, Numbers]:
    """Return the interval of a share: hits among n.

    Parameters
    ----------
    hits, n : arrays of one shape
        Numbers of people, or effective numbers where they are weighted; n = 0 gives NaN.
    level : float, default 0.95
        Share of intervals that hold the truth, about; for few people it moves around it.
    z : float, optional
        Standard deviations, in place of the level.

    Notes
    -----
    Wilson (1927), doi:10.1080/01621459.1927.10502953: all shares that a score test does not reject.

    Examples
    --------
    >>> low, high = wilson([20, 0], [40, 5])
    >>> low.round(6).tolist(), high.round(6).tolist()
    ([0.351995, 0.0], [0.648005, 0.434482])
    """
    hits, n = np.asarray(hits, np.float64), _people(n)
    square = (normal_quantile(level) if z is None else z) ** 2
    share = hits / n
    centre = (hits + square / 2) / (n + square)
    half = np.sqrt(square * (n * np.clip(share * (1 - share), 0, None) + square / 4)) / (n + square)
    low, high = np.where(share <= 0, 0.0, centre - half), np.where(share >= 1, 1.0, centre + half)
    return np.where(np.isnan(n), np.nan, low), np.where(np.isnan(n), np.nan, high)


def clopper_pearson(hits: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> tuple[Numbers, Numbers]:
    """Return the interval of a share that is never too narrow: hits among n.

    Notes
    -----
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404: it holds the truth at least as often as the level says,
    for every share and every n.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 5)
    >>> float(low), round(float(high), 6)
    (0.0, 0.521824)
    """
    from scipy.special import betaincinv

    hits, n = np.asarray(hits, np.float64), _people(n)
    tail = (1 - level) / 2
    misses = n - hits
    low = np.where(hits > 0, betaincinv(np.maximum(hits, 1e-300), misses + 1, tail), 0.0)
    high = np.where(misses > 0, betaincinv(hits + 1, np.maximum(misses, 1e-300), 1 - tail), 1.0)
    return np.where(np.isnan(n), np.nan, low), np.where(np.isnan(n), np.nan, high)


def newcombe(
    hits: ArrayLike,
    n: ArrayLike,
    other_hits: ArrayLike,
    other_n: ArrayLike,
    *,
    level: float = 0.95,
    z: float | None = None,
) -> tuple[Numbers, Numbers]:
    """Return the interval of a difference of shares, the first less the other, from the interval of each.

    Notes
    -----
    Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, method 10.

    Examples
    --------
    >>> low, high = newcombe(20, 40, 6, 20)
    >>> round(float(low), 6), round(float(high), 6)
    (-0.0643, 0.413969)
    """
    (low, high), (other_low, other_high) = (
        wilson(hits, n, level=level, z=z),
        wilson(other_hits, other_n, level=level, z=z),
    )
    one, other = np.asarray(hits, np.float64) / _people(n), np.asarray(other_hits, np.float64) / _people(other_n)
    below = np.sqrt((one - low) ** 2 + (other_high - other) ** 2)
    above = np.sqrt((high - one) ** 2 + (other - other_low) ** 2)
    return one - other - below, one - other + above


def katz(
    hits: ArrayLike, n: ArrayLike, other_hits: ArrayLike, other_n: ArrayLike, *, level: float = 0.95
) -> tuple[Numbers, Numbers]:
    """Return the interval of a ratio of shares, the first over the other.

    Notes
    -----
    Katz, Baptista, Azen and Pike (1978), Biometrics 34: normal on the logarithm. Where a number of hits is 0, one
    half is added to both, and to both n. Neither group with any hit: nothing is known, from 0 to infinity.

    Examples
    --------
    >>> low, high = katz(6, 20, 20, 40)
    >>> round(float(low), 6), round(float(high), 6)
    (0.286926, 1.254677)
    """
    hits, other_hits = np.asarray(hits, np.float64), np.asarray(other_hits, np.float64)
    n, other_n = _people(n), _people(other_n)
    more = np.where((hits == 0) | (other_hits == 0), 0.5, 0.0)
    k, m, other_k, other_m = hits + more, n + more, other_hits + more, other_n + more
    deviation = np.sqrt(np.clip(1 / k - 1 / m + 1 / other_k - 1 / other_m, 0, None))
    middle, half = np.log(k / m) - np.log(other_k / other_m), normal_quantile(level) * deviation
    nobody = (hits == 0) & (other_hits == 0)
    low = np.where(nobody | ((hits == 0) & ~np.isnan(m)), 0.0, np.exp(middle - half))
    high = np.where(nobody | ((other_hits == 0) & ~np.isnan(other_m)), np.inf, np.exp(middle + half))
    unknown = np.isnan(n) | np.isnan(other_n)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def _people(n: ArrayLike) -> Numbers:
    """Return numbers of people with NaN in place of 0, over which nothing is divided."""
    people = np.asarray(n, np.float64)
    return np.where(people > 0, people, np.nan)


def holm(p_values: ArrayLike) -> Numbers:
    """Return p-values corrected for being several, so that one false alarm among them is as rare as in one test.

    Notes
    -----
    Holm (1979), Scandinavian Journal of Statistics 6: the smallest of m is multiplied by m, the next by m - 1, ...;
    none is below the one before it, none above 1.

    Examples
    --------
    >>> [round(p, 2) for p in holm([0.01, 0.02, 0.03, 0.20]).tolist()]
    [0.04, 0.06, 0.06, 0.2]
    """
    given = np.asarray(p_values, np.float64)
    order = np.argsort(given, kind="stable")
    steps = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    corrected = np.empty(len(given))
    corrected[order] = np.minimum(steps, 1)
    return corrected


def benjamini_hochberg(p_values: ArrayLike) -> Numbers:
    """Return p-values corrected so that, among those called small, few are so by chance.

    Notes
    -----
    Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x: the share of false alarms among all alarms
    is held, not the chance of any (``holm``).

    Examples
    --------
    >>> [round(p, 2) for p in benjamini_hochberg([0.01, 0.02, 0.03, 0.20]).tolist()]
    [0.04, 0.04, 0.04, 0.2]
    """
    given = np.asarray(p_values, np.float64)
    order = np.argsort(-given, kind="stable")
    steps = np.minimum.accumulate(given[order] * len(given) / np.arange(len(given), 0, -1))
    corrected = np.empty(len(given))
    corrected[order] = np.minimum(steps, 1)
    return corrected


def gain(
    hits: ArrayLike, n: ArrayLike, other_hits: ArrayLike, other_n: ArrayLike, *, level: float = 0.95
) -> tuple[Numbers, Numbers, Numbers]:
    """Return (a - c) / (1 - c) of two shares a and c, and its interval: what is gained of what there was to gain.

    The interval is recovered from the two Wilson intervals of the shares (MOVER for the ratio of 1 - a to 1 - c).

    Parameters
    ----------
    hits, n, other_hits, other_n : numbers (any shape that broadcasts)
        Successes and trials of the first and of the second share.
    level : number in ]0, 1[, default 0.95

    Returns
    -------
    value, low, high : float arrays; NaN where a share has no trials or the second is 1

    References
    ----------
    Donner and Zou (2012), Closed-form confidence intervals for functions of the normal mean and standard deviation,
    doi:10.1177/0962280210383082, formula for the ratio.

    Examples
    --------
    >>> value, low, high = gain(30, 100, 20, 100)
    >>> round(float(value), 4), round(float(low), 4), round(float(high), 4)
    (0.125, -0.0276, 0.2597)
    """
    low, high = wilson(hits, n, level=level)
    other_low, other_high = wilson(other_hits, other_n, level=level)
    with np.errstate(divide="ignore", invalid="ignore"):
        miss = 1 - np.asarray(hits, float) / _people(n)
        other = 1 - np.asarray(other_hits, float) / _people(other_n)
        other = np.where(other > 0, other, np.nan)
        l1, u1, l2, u2 = 1 - high, 1 - low, 1 - other_high, 1 - other_low
        product = miss * other
        least = (product - np.sqrt(np.maximum(product**2 - l1 * u2 * (2 * miss - l1) * (2 * other - u2), 0))) / (
            u2 * (2 * other - u2)
        )
        most = (product + np.sqrt(np.maximum(product**2 - u1 * l2 * (2 * miss - u1) * (2 * other - l2), 0))) / (
            l2 * (2 * other - l2)
        )
        return 1 - miss / other, 1 - most, 1 - least
