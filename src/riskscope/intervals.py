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
