"""How far apart combinations of features are, and how far from what the features alone let expect; on arrays."""

from __future__ import annotations

import numpy as np

from riskscope.fairness.inputs import Numbers, Whole

#: People of the mean rate that keep the fit of main effects finite.
TINY = 1e-3


def differential_fairness(hits: Numbers, n: Numbers, concentration: float) -> float:
    """Return the largest absolute log ratio between two groups of the chance of either outcome.

    Each chance is (count + concentration / 2) / (n + concentration); 0 takes counts as they are.

    Examples
    --------
    >>> hits, n = np.array([20.0, 6.0]), np.array([40.0, 20.0])
    >>> round(differential_fairness(hits, n, 0), 6), round(differential_fairness(hits, n, 1), 6)
    (0.510826, 0.479573)
    """
    if (n > 0).sum() < 2:
        return np.nan
    hits, n = hits[n > 0], n[n > 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        ranges = [np.log(part + concentration / 2) - np.log(n + concentration) for part in (hits, n - hits)]
    return float(max(np.ptp(each) if np.isfinite(each).any() else 0.0 for each in ranges))


def additive(hits: Numbers, n: Numbers, parts: Whole) -> tuple[Numbers, Numbers]:
    """Return the rates that features alone let expect, their effects adding up (log-odds), and standardised residuals.

    A logistic model of main effects, fitted by iterated least squares on the cells; a thousandth of a person of the
    mean rate in each group keeps it finite.
    """
    columns = [parts[:, [at]] == np.arange(1, parts[:, at].max(initial=0) + 1) for at in range(parts.shape[1])]
    design = np.column_stack([np.ones(len(parts)), *columns]).astype(np.float64)
    pooled = hits.sum() / n.sum()
    if pooled in (0.0, 1.0):
        return np.full(len(n), pooled), np.full(len(n), np.nan)
    observed, people = hits + TINY * pooled, n + TINY
    score = np.full(len(n), np.log(pooled / (1 - pooled)))
    for _step in range(50):
        rate = 1 / (1 + np.exp(-score))
        weight = people * rate * (1 - rate)
        root = np.sqrt(weight)[:, None]
        step, *_rest = np.linalg.lstsq(
            root * design, root[:, 0] * (score + (observed - people * rate) / weight), rcond=None
        )
        moved = np.clip(design @ step, -30, 30)
        is_done = np.abs(moved - score).max() < 1e-10
        score = moved
        if is_done:
            break
    rate = 1 / (1 + np.exp(-score))
    weight = people * rate * (1 - rate)
    directions, sizes, _right = np.linalg.svd(np.sqrt(weight)[:, None] * design, full_matrices=False)
    unexplained = 1 - (directions[:, sizes > sizes.max() * 1e-9] ** 2).sum(axis=1)
    is_free = (unexplained > 1e-8) & (n > 0)
    residual = (hits - n * rate) / np.sqrt(np.where(is_free, n * rate * (1 - rate) * unexplained, np.nan))
    return rate, residual
