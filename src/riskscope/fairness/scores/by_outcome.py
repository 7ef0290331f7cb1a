"""What a known outcome adds to the audit of a score: ranking, calibration, errors, for groups that may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from riskscope.fairness.disclosure import shown_cells
from riskscope.fairness.outcomes.audit import MOST_PAIRED
from riskscope.fairness.scores import calibration, ranking
from riskscope.fairness.scores.figures import (
    CalibrationBin,
    GroupCalibration,
    GroupError,
    GroupRanking,
    PairRanking,
)
from riskscope.fairness.scores.group_means import Means, compare, largest_gap, means_of, pairs_of
from riskscope.fairness.scores.records import Booleans, Numbers, Scored, Whole
from riskscope.fairness.scores.setting import Setting
from riskscope.fairness.testing import Gap
from riskscope.intervals import normal_quantile
from riskscope.words import N_


def with_outcome(
    setting: Setting,
    bins: int | str | Sequence[float],
    n_draws: int,
    draws: np.random.Generator,
    margin: float,
    found: list[tuple[str, Gap, float, float]],
    exact: dict[str, Any],
) -> dict[str, Any]:
    """Return what a binary outcome adds; the gaps and exact figures that it adds are put into those given.

    The records of the setting are those whose outcome is known.
    """
    records, level = setting.records, setting.level
    people = [records.people_with(outcome) for outcome in (0, 1)]
    judged = setting.judged & (np.minimum(*people) >= setting.least)
    ranked = ranking.by_group(records)
    gap, p = ranking.gap_of(ranked, judged, level=level)
    found.append((N_("AUC"), gap, p, margin))
    balance = [_balance(records, outcome) for outcome in (0, 1)]
    exact |= {"auc": ranked.auc, "auc_variance": ranked.variance, "without": people[0], "with": people[1]}
    exact |= {"mean_negative": balance[0], "mean_positive": balance[1]}
    one_class = np.minimum(*people) == 0
    exact["no_auc"] = [N_("all have the same outcome") if each else "" for each in one_class]
    parts: dict[str, Any] = {
        "rankings": _rankings(setting, judged, ranked, people, balance),
        "ranking_pairs": _ranking_pairs(setting, judged, ranked),
        "no_calibration": "",
    }
    if not records.lies_within_one:
        parts["no_calibration"] = calibration.OUTSIDE if len(records.score) else N_("there are no records")
        return parts
    curve = calibration.calibrated(records, bins, level=level, n_draws=n_draws, rng=draws)
    parts["calibrations"] = _calibrations(setting, judged, curve)
    gap = largest_gap(curve.in_the_large, judged, level=level)
    p = np.nan
    if gap.first >= 0:
        p = float(
            compare(curve.in_the_large, *pairs_of(np.flatnonzero(judged).tolist(), None), level=level).p_holm.min()
        )
    found.append((N_("calibration"), gap, p, margin))
    exact |= {"ece": curve.ece, "mce": curve.mce, "brier": curve.brier, "in_the_large": curve.in_the_large.mean}
    exact |= {name: [getattr(line, name) for line in curve.lines] for name in ("intercept", "slope")}
    exact["no_line"] = [line.reason for line in curve.lines]
    return parts


def _balance(records: Scored, outcome: int) -> Numbers:
    """Return the mean score of those of each group with an outcome."""
    weight = records.weight * (records.outcome == outcome)
    sums = [
        np.bincount(records.groups, each, minlength=len(records.labels)) for each in (weight * records.score, weight)
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Numbers = sums[0] / sums[1]
    return means


def _rankings(
    setting: Setting, judged: Booleans, ranked: ranking.Ranked, people: list[Whole], balance: list[Numbers]
) -> tuple[GroupRanking, ...]:
    low, high = ranked.interval(setting.level)
    return tuple(
        setting.rounded(
            GroupRanking(
                group=setting.label(group),
                n_positive=setting.shown_people(group, people[1][group]),
                n_negative=setting.shown_people(group, people[0][group]),
                auc=float(ranked.auc[group]),
                low=float(low[group]),
                high=float(high[group]),
                mean_positive=float(balance[1][group]),
                mean_negative=float(balance[0][group]),
            ),
            on_scale=setting.records.lies_within_one,
        )
        for group in setting.order
        if judged[group]
    )


def _ranking_pairs(setting: Setting, judged: Booleans, ranked: ranking.Ranked) -> tuple[PairRanking, ...]:
    first, second = setting.pairs(judged)
    if not len(first):
        return ()
    groups = sorted({*first.tolist(), *second.tolist()})
    place = {group: at for at, group in enumerate(groups)}
    pairs = ranking.differences(ranked, first, second, level=setting.level)
    crossed = _crossed(setting.records, groups, first, second, place)
    return tuple(
        setting.rounded(
            PairRanking(
                first=setting.label(one),
                second=setting.label(other),
                difference=float(pairs.difference[at]),
                low=float(pairs.low[at]),
                high=float(pairs.high[at]),
                p_value=float(pairs.p_value[at]),
                p_holm=float(pairs.p_holm[at]),
                first_above_second=crossed[place[one], place[other]],
                second_above_first=crossed[place[other], place[one]],
            ),
            on_scale=False,
        )
        for at, (one, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True))
    )


def _crossed(records: Scored, groups: list[int], first: Whole, second: Whole, place: dict[int, int]) -> Any:
    """Return cross-AUC of the groups; only those of the pairs where there are many groups."""
    if len(groups) <= MOST_PAIRED:
        return ranking.across(records, groups)
    crossed = np.full((len(groups), len(groups)), np.nan)
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        both = [place[one], place[other]]
        crossed[np.ix_(both, both)] = ranking.across(records, [one, other])
    return crossed


def _calibrations(setting: Setting, judged: Booleans, curve: calibration.Calibration) -> tuple[GroupCalibration, ...]:
    large = curve.in_the_large
    low, high = large.interval(setting.level)
    groups = [int(group) for group in setting.order if judged[group]]
    seen = np.zeros(curve.people.shape, bool)
    seen[groups] = shown_cells(curve.people[groups], setting.min_cell) if groups else seen[groups]
    negatives = curve.people - curve.positives
    told = seen & (np.minimum(curve.positives, negatives) >= setting.min_cell)
    found = []
    for group in groups:
        line, band, part = curve.lines[group], curve.bands[group], setting.records.of(group)
        off = np.abs(curve.observed[group] - curve.mean_score[group])
        score = float(np.average(setting.records.score[part], weights=setting.records.weight[part]))
        found.append(
            setting.rounded(
                GroupCalibration(
                    group=setting.label(group),
                    mean_score=score,
                    observed=score + float(large.mean[group]),
                    in_the_large=float(large.mean[group]),
                    in_the_large_low=float(low[group]),
                    in_the_large_high=float(high[group]),
                    **{name: value for name, value in line._asdict().items() if name != "reason"},
                    no_line=line.reason,
                    ece=float(curve.ece[group]),
                    ece_random=band.mean,
                    ece_random_high=band.high,
                    ece_p_value=band.p_value,
                    mce=float(off[told[group]].max()) if told[group].any() else None,
                    brier=float(curve.brier[group]),
                    bins=_bins(setting, curve, group, seen[group], told[group]),
                )
            )
        )
    return tuple(found)


def _bins(
    setting: Setting, curve: calibration.Calibration, group: int, seen: Booleans, told: Booleans
) -> tuple[CalibrationBin, ...]:
    lows, highs = (curve.edges, curve.edges) if curve.is_levels else (curve.edges[:-1], curve.edges[1:])
    found = []
    for at in range(len(lows)):
        one = CalibrationBin(
            low=float(lows[at]),
            high=float(highs[at]),
            n_records=int(curve.people[group, at]) if seen[at] and setting.rounding is None else None,
            mean_score=float(curve.mean_score[group, at]) if seen[at] else None,
            observed=float(curve.observed[group, at]) if told[at] else None,
        )
        found.append(replace(setting.rounded(one), low=one.low, high=one.high))
    return tuple(found)


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


def errors_shown(setting: Setting, judged: Booleans, errors: Errors) -> tuple[GroupError, ...]:
    """Return the errors of each group judged."""
    level, records = setting.level, setting.records
    bias_low, bias_high = errors.bias.interval(level)
    mae_low, mae_high = errors.absolute.interval(level)
    rmse, rmse_low, rmse_high = errors.rmse(level)
    return tuple(
        setting.rounded(
            GroupError(
                group=setting.label(group),
                n_records=setting.shown_people(group, records.people[group]),
                bias=float(errors.bias.mean[group]),
                bias_low=float(bias_low[group]),
                bias_high=float(bias_high[group]),
                mae=float(errors.absolute.mean[group]),
                mae_low=max(0.0, float(mae_low[group])),
                mae_high=float(mae_high[group]),
                rmse=float(rmse[group]),
                rmse_low=float(rmse_low[group]),
                rmse_high=float(rmse_high[group]),
                r2=float(errors.r2[group]),
                r2_low=float(errors.r2_low[group]),
                r2_high=float(errors.r2_high[group]),
            )
        )
        for group in setting.order
        if judged[group]
    )
