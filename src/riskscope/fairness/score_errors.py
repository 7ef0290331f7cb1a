"""How far a predicted number is off, by group: mean error, mean absolute error, root mean square, R²."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskscope.fairness.group_means import Means, means_of
from riskscope.fairness.score_records import Numbers, Scored
from riskscope.intervals import normal_quantile


class Errors(NamedTuple):
    """Errors of each group; ``bias`` is the mean of prediction less outcome. Arrays are (n_groups,)."""

    bias: Means
    absolute: Means
    square: Means
    r2: Numbers
    r2_low: Numbers
    r2_high: Numbers

    def rmse(self, level: float) -> tuple[Numbers, Numbers, Numbers]:
        """Return the root of the mean square with the roots of its interval's ends."""
        low, high = self.square.interval(level)
        return np.sqrt(self.square.mean), np.sqrt(np.maximum(low, 0)), np.sqrt(high)


def errors_of(records: Scored, *, level: float) -> Errors:
    """Return the errors of each group, for a numeric outcome.

    Notes
    -----
    Intervals: Student's, of the mean of errors, of absolute and of squared errors (and the root of their ends). R² =
    1 - mean squared error / variance of the group's own outcomes (divided by n), NaN where these are all equal; its
    interval is the normal one of the delta method (infinitesimal jackknife). With weights as in ``means_of``.
    """
    y = records.outcome
    assert y is not None
    error, w = records.score - y, records.weight
    slices = [records.of(group) for group in range(len(records.labels))]
    r2 = np.array([_r2(error[part], y[part], w[part], level) for part in slices]).reshape(-1, 3).T
    return Errors(means_of(error, w, slices), means_of(np.abs(error), w, slices), means_of(error**2, w, slices), *r2)


def _r2(error: Numbers, y: Numbers, w: Numbers, level: float) -> tuple[float, float, float]:
    n, total = len(y), w.sum()
    if n < 2 or not total > 0 or y.min() == y.max():
        return np.nan, np.nan, np.nan
    off = (y - np.average(y, weights=w)) ** 2
    square, spread = np.average(error**2, weights=w), np.average(off, weights=w)
    r2 = 1 - square / spread
    influence = -(error**2 - square) / spread + square * (off - spread) / spread**2
    half = normal_quantile(level) * np.sqrt(n / (n - 1) * ((w * influence) ** 2).sum()) / total
    return float(r2), float(r2 - half), float(r2 + half)
