"""Does a score of 0.3 mean three in ten, in each group? Curves over common bins, their errors, recalibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from riskscope.checks import check_whole
from riskscope.errors import RiskscopeError
from riskscope.fairness.scores.group_means import Means, means_of
from riskscope.fairness.scores.records import Numbers, Scored, Whole
from riskscope.intervals import normal_quantile
from riskscope.words import N_, _

#: So many distinct scores at most are bins of their own.
MOST_LEVELS = 1000
#: In a bin of more people, the number with the outcome is drawn from its normal approximation.
_MOST_TOSSED = 100
#: Steps of Newton's method, and the change of the coefficients at which it has arrived.
_MOST_STEPS, _ARRIVED = 60, 1e-8
#: A longer step of Newton's method is halved where it leads downhill.
_LONG = 0.1
#: Distinct scores from which a fit starts with neighbours joined.
_MOST_AT_ONCE = 4096

OUTSIDE = N_("a score outside 0 to 1 is no probability, so it cannot be calibrated")
NO_LOGIT = N_("scores of exactly 0 or 1 have no logit")
SEPARATED = N_("the score separates those with the outcome from those without it, so no finite curve fits best")
ALL_EQUAL = N_("all scores are equal")
ONE_OUTCOME = N_("all have the same outcome")
NOT_FITTED = N_("the fit did not arrive")


class Line(NamedTuple):
    """Logistic recalibration: logit P(outcome) = intercept + slope * logit(score); NaN with a ``reason``."""

    intercept: float
    intercept_low: float
    intercept_high: float
    slope: float
    slope_low: float
    slope_high: float
    reason: str = ""


class Band(NamedTuple):
    """Errors of calibration that a perfectly calibrated score shows among as many people, and how often as large a one.

    ``mean`` and ``high`` (95 % lie below) of it, ``p_value`` of the error seen.
    """

    mean: float
    high: float
    p_value: float


@dataclass(frozen=True)
class Calibration:
    """Calibration of each group over common bins; exact, small groups and bins included: do not publish.

    ``edges`` (n_bins + 1,), the last bin closed, others closed below only; where each distinct score is a bin,
    ``edges`` holds the scores (n_bins,). ``people`` and ``positives`` (n_groups, n_bins) count people;
    ``mean_score``, ``observed`` (n_groups, n_bins) are weighted, NaN in empty bins. All else is (n_groups,):
    ``in_the_large`` is the observed rate less the mean score.
    """

    edges: Numbers
    is_levels: bool
    people: Whole
    positives: Whole
    mean_score: Numbers
    observed: Numbers
    in_the_large: Means
    ece: Numbers
    mce: Numbers
    brier: Numbers
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]


def edges_of(bins: int | str | Sequence[float], values: Numbers) -> tuple[Numbers, bool]:
    """Return the edges of common bins, and whether each distinct score is a bin of its own.

    Parameters
    ----------
    bins : int, "levels", or edges from 0 to 1
        So many bins of equal width; each distinct score; or rising edges.
    values : array (n_levels,)
        The distinct scores.

    Examples
    --------
    >>> edges_of(2, np.array([0.2, 0.4]))
    (array([0. , 0.5, 1. ]), False)
    """
    if isinstance(bins, str):
        if bins != "levels" or len(values) > MOST_LEVELS:
            raise RiskscopeError(
                _(
                    "bins is {bins!r} with {n} distinct scores; it must be a whole number, edges from 0 to 1, or "
                    "'levels' where there are at most {most} distinct scores."
                ).format(bins=bins, n=len(values), most=MOST_LEVELS)
            )
        return values, True
    if isinstance(bins, (int, np.integer)):
        n = check_whole(int(bins), "bins", low=1)
        return np.arange(n + 1) / n, False
    edges = np.asarray(bins, np.float64)
    if edges.ndim != 1 or len(edges) < 2 or edges[0] != 0 or edges[-1] != 1 or bool((np.diff(edges) <= 0).any()):
        raise RiskscopeError(_("bins has {n} edges; they must rise from 0 to 1.").format(n=edges.size))
    return edges, False


def calibrated(
    records: Scored,
    bins: int | str | Sequence[float],
    *,
    level: float,
    n_draws: int,
    rng: np.random.Generator,
) -> Calibration:
    """Return the calibration of each group, for scores within 0 and 1 and a binary outcome.

    Notes
    -----
    ECE: sum over bins of the share of people in it times |observed rate - mean score| (Naeini, Cooper and Hauskrecht
    2015, doi:10.1609/aaai.v29i1.9602), with the mean score of the bin, not its middle. MCE: the largest of these.
    Brier (1950): mean of (score - outcome)². Intercept and slope: Cox (1958), doi:10.1093/biomet/45.3-4.562, both
    fitted together, with Wald's interval (of the sandwich where there are weights).
    """
    edges, is_levels = edges_of(bins, records.values)
    if is_levels:
        bin_of, n_bins = records.level, len(edges)
    else:
        n_bins = len(edges) - 1
        bin_of = np.clip(np.searchsorted(edges, records.score, side="right") - 1, 0, n_bins - 1)
    y = records.outcome
    assert y is not None
    n_groups, w = len(records.labels), records.weight
    place = records.groups * n_bins + bin_of

    def table(terms: Numbers | None) -> Numbers:
        ones = np.ones(len(place)) if terms is None else terms
        found: Numbers = np.bincount(place, ones, minlength=n_groups * n_bins).astype(np.float64)
        return found.reshape(n_groups, n_bins)

    people, positives, weights = table(None).astype(np.int64), table(y).astype(np.int64), table(w)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_score, observed = table(w * records.score) / weights, table(w * y) / weights
        shares = weights / weights.sum(axis=1, keepdims=True)
    off = np.abs(observed - mean_score)
    ece = np.where(np.isnan(shares).all(axis=1), np.nan, np.nansum(shares * np.nan_to_num(off), axis=1))
    slices = [records.of(group) for group in range(n_groups)]
    return Calibration(
        edges=edges,
        is_levels=is_levels,
        people=people,
        positives=positives,
        mean_score=mean_score,
        observed=observed,
        in_the_large=means_of(y - records.score, w, slices),
        ece=ece,
        mce=np.nanmax(np.where(np.isnan(off), -1.0, off), axis=1, initial=-1.0),
        brier=means_of((records.score - y) ** 2, w, slices).mean,
        lines=tuple(_line_of(records, group, level) for group in range(n_groups)),
        bands=tuple(
            null_band(records.score[part], bin_of[part], w[part], ece[group], n_draws=n_draws, rng=rng)
            for group, part in enumerate(slices)
        ),
    )


def _line_of(records: Scored, group: int, level: float) -> Line:
    """Return the recalibration of a group from its distinct scores."""
    part = records.of(group)
    levels = records.level[part]
    y = records.outcome[part]  # type: ignore[index]
    new = np.diff(levels, prepend=-1) > 0
    at = np.cumsum(new) - 1
    w = records.weight[part]
    terms = (w * y, w * (1 - y), w**2 * y, w**2 * (1 - y)) if records.is_weighted else (w * y, w * (1 - y))
    return recalibration(
        records.score[part][new], *(np.bincount(at, each).astype(np.float64) for each in terms), level=level
    )


def recalibration(
    score: Numbers,
    positive: Numbers,
    negative: Numbers,
    positive_squares: Numbers | None = None,
    negative_squares: Numbers | None = None,
    *,
    level: float = 0.95,
) -> Line:
    """Return intercept and slope of logit P(outcome) on logit(score), by maximum likelihood.

    Parameters
    ----------
    score : numbers (n,)
        Rising scores.
    positive, negative : numbers (n,)
        Weights of those with and without the outcome at each.
    positive_squares, negative_squares : numbers (n,), optional
        Sums of squared weights, where there are weights: the interval then is that of the sandwich.

    Examples
    --------
    >>> line = recalibration(np.array([0.25, 0.75]), np.array([25.0, 75.0]), np.array([75.0, 25.0]))
    >>> abs(round(line.intercept, 6)), round(line.slope, 6)
    (0.0, 1.0)
    """
    if positive.sum() == 0 or negative.sum() == 0:
        return _no_line(ONE_OUTCOME)
    some = positive + negative > 0
    if score[some][0] <= 0 or score[some][-1] >= 1:
        return _no_line(NO_LOGIT)
    if score[some][0] == score[some][-1]:
        return _no_line(ALL_EQUAL)
    with_it, without = score[positive > 0], score[negative > 0]
    if without[-1] <= with_it[0] or with_it[-1] <= without[0]:
        return _no_line(SEPARATED)
    x = np.log(score[some]) - np.log1p(-score[some])
    squares = (each if each is None else each[some] for each in (positive_squares, negative_squares))
    return _fitted(x, positive[some], negative[some], *squares, level=level)


def _no_line(reason: str) -> Line:
    return Line(np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, reason)


def _fitted(
    x: Numbers,
    positive: Numbers,
    negative: Numbers,
    positive_squares: Numbers | None = None,
    negative_squares: Numbers | None = None,
    *,
    level: float,
) -> Line:
    """Return the fit by Newton's method with halved steps; it has a finite maximum where the outcomes overlap."""
    from scipy.special import expit

    n = positive + negative
    design = np.stack([np.ones(len(x)), x])

    def loss(at: Numbers) -> float:
        eta = at @ design
        return float((positive * np.logaddexp(0, -eta) + negative * np.logaddexp(0, eta)).sum())

    line = np.array([0.0, 1.0])
    if len(x) > 2 * _MOST_AT_ONCE:  # a first line from neighbours joined, so that few steps over all are left
        cuts = np.arange(0, len(x), len(x) // _MOST_AT_ONCE)
        weights = np.maximum(np.add.reduceat(n, cuts), 1e-300)
        first = _fitted(
            np.add.reduceat(n * x, cuts) / weights,
            *(np.add.reduceat(each, cuts) for each in (positive, negative)),
            level=level,
        )
        line = np.array([first.intercept, first.slope]) if not first.reason else line
    for _step in range(_MOST_STEPS):
        p = expit(line @ design)
        spread = n * p * (1 - p)
        off_diagonal = spread @ x
        information = np.array([[spread.sum(), off_diagonal], [off_diagonal, (spread * x) @ x]])
        if not np.linalg.det(information) > 0:
            return _no_line(NOT_FITTED)
        change = np.linalg.solve(information, design @ (positive - n * p))
        if np.abs(change).max() > _LONG:
            here = loss(line)
            while loss(line + change) > here + 1e-12 * abs(here):
                change = change / 2
        line = line + change
        if np.abs(change).max() <= _ARRIVED * max(1.0, float(np.abs(line).max())):
            break
    else:
        return _no_line(NOT_FITTED)
    inverse = np.linalg.inv(information)
    if positive_squares is not None and negative_squares is not None:
        meat = (design * (positive_squares * (1 - p) ** 2 + negative_squares * p**2)) @ design.T
        inverse = inverse @ meat @ inverse
    half = normal_quantile(level) * np.sqrt(np.diag(inverse))
    low, high = line - half, line + half
    (a, b), (a_low, b_low), (a_high, b_high) = line.tolist(), low.tolist(), high.tolist()
    return Line(a, a_low, a_high, b, b_low, b_high)


def null_band(
    score: Numbers, bin_of: Whole, weight: Numbers, seen: float, *, n_draws: int, rng: np.random.Generator
) -> Band:
    """Return what a perfectly calibrated score would show: outcomes drawn with the scores as their chances.

    An error of calibration is a sum of absolute values: it is above 0 for any score, the more the fewer people there
    are. Bröcker and Smith (2007), doi:10.1175/WAF993.1 (consistency resampling); p = (b + 1) / (m + 1).

    Parameters
    ----------
    score, bin_of, weight : arrays (n,)
        Scores within 0 and 1, their bins and weights.
    seen : float
        The error that is compared.
    n_draws : int
        How often outcomes are drawn. In bins of more than a hundred people their sum is drawn from its normal
        approximation.
    """
    total = weight.sum()
    if not total > 0:
        return Band(np.nan, np.nan, np.nan)
    errors = np.zeros(n_draws)
    order = np.argsort(bin_of, kind="stable")
    p_all, w_all = score[order], weight[order]
    _bins, first = np.unique(bin_of[order], return_index=True)
    for start, end in zip(first, [*first[1:], len(order)], strict=True):
        p, w = p_all[start:end], w_all[start:end]
        if end - start > _MOST_TOSSED:
            off = rng.standard_normal(n_draws) * np.sqrt((w**2 * p * (1 - p)).sum())
        else:
            off = (rng.random((n_draws, end - start)) < p) @ w - (w * p).sum()
        errors += np.abs(off)
    errors /= total
    as_large = int((errors >= seen - 1e-12).sum())
    return Band(float(errors.mean()), float(np.quantile(errors, 0.95)), (as_large + 1) / (n_draws + 1))
