"""From sorted records to the audit of a score: every group exactly, then what may be shown and what may be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from riskscope.display import count
from riskscope.fairness.disclosure import few, shown_groups
from riskscope.fairness.scores import distances as score_distances
from riskscope.fairness.scores.audit import ScoreAudit
from riskscope.fairness.scores.by_outcome import errors_of, errors_shown, with_outcome
from riskscope.fairness.scores.figures import TOP, Distribution, GapFigure, GroupScore, PairScore
from riskscope.fairness.scores.group_means import Means, chance_of_gap, compare, largest_gap
from riskscope.fairness.scores.records import Booleans, Numbers, Scored
from riskscope.fairness.scores.setting import Setting, setting_of, settled, shown_steps
from riskscope.fairness.scores.thresholds import at_steps
from riskscope.fairness.testing import Gap, verdict
from riskscope.intervals import holm
from riskscope.words import N_

#: Largest gap of a share of no account, where the user names none; and of other numbers, in standard deviations.
MARGIN, MARGIN_DEVIATIONS = 0.05, 0.2
#: Points at which distributions are drawn.
_POINTS = 41

_FEW_GROUPS = N_("fewer than two groups have enough people")
_NO_RECORDS = N_("there are no records")
_FEW_OUTCOMES = N_("fewer than two groups have enough people with and without the outcome")
_FEW_KNOWN = N_("fewer than two groups have enough people whose outcome is known")


def assembled(
    records: Scored,
    *,
    bins: int | str | Sequence[float],
    reference: str | None,
    margin: float | None,
    min_group: int,
    min_cell: int,
    level: float,
    n_permutations: int,
    rng: int | np.random.Generator,
) -> ScoreAudit:
    """Return the audit of sorted records."""
    draws = np.random.default_rng(rng)
    everybody = records
    records = settled(everybody, min_cell)
    setting = setting_of(records, reference, min_group, min_cell, level)
    margin = _margin(records, margin)
    share_margin = margin if records.lies_within_one else MARGIN

    def dealt(values: Numbers, of: Scored, judged: Booleans) -> Any:
        return chance_of_gap(
            values,
            of.weight if of.is_weighted else None,
            of.groups,
            judged,
            n_permutations=n_permutations,
            rng=draws,
            every=setting.rounding is None,
        )

    chance = dealt(records.score, records, setting.judged)
    rest = score_distances.to_rest(records)
    found = [(N_("mean score"), largest_gap(setting.means, setting.judged, level=level), chance.p_value, margin)]
    parts: dict[str, Any] = {"no_calibration": ""}
    exact = _exact_scores(setting, rest)
    known = setting.with_known_outcome()
    if records.is_binary:
        parts |= with_outcome(known, bins, n_permutations, draws, share_margin, found, exact)
    elif known.records.outcome is not None:
        errors, judged = errors_of(known.records, level=level), setting.judged & (known.records.people >= setting.least)
        parts["errors"] = errors_shown(known, judged, errors)
        p_value = dealt(known.records.score - known.records.outcome, known.records, judged).p_value
        found.append((N_("mean error"), largest_gap(errors.bias, judged, level=level), p_value, margin))
        for name, means in (("bias", errors.bias), ("mae", errors.absolute), ("mse", errors.square)):
            exact[name] = means.mean
        exact["r2"] = errors.r2
    gaps = _gaps(setting, found)
    groups = _groups(setting, rest)
    first, last = (setting.order[at] if setting.several else -1 for at in (0, int(setting.judged.sum()) - 1))
    too_few = int(records.people[~setting.judged].sum())
    audit = ScoreAudit(
        n_records=len(everybody.score),
        n_without_outcome=None if records.outcome is None else int((~everybody.is_known).sum()),
        n_left_out=len(everybody.score) - len(records.score),
        columns=records.columns,
        outcome=_outcome(records),
        min_group=min_group,
        min_cell=min_cell,
        n_judged=int(setting.judged.sum()),
        too_small=count(too_few) if too_few == 0 or too_few >= min_cell else few(min_cell),
        level=level,
        overall=float(np.average(records.score, weights=records.weight)) if len(records.score) else np.nan,
        highest=setting.label(first) if setting.several else None,
        lowest=setting.label(last) if setting.several else None,
        margin=margin,
        wasserstein=_largest([each.wasserstein for each in groups]) if setting.several else np.nan,
        ks=_largest([each.ks for each in groups]) if setting.several else np.nan,
        scoring_ratio=_ratio(groups),
        n_dealt=chance.n_dealt,
        seed=None if chance.is_exact or not chance.n_dealt else _seed(rng),
        groups=groups,
        pairs=_pairs(setting),
        gaps=gaps,
        **{name: parts.get(name, ()) for name in ("rankings", "ranking_pairs", "calibrations", "errors")},
        no_calibration=parts["no_calibration"],
        **_gap_fields(records, gaps, has_calibration=not parts["no_calibration"]),
        sweep=at_steps(records if records.outcome is None else known.records, min_group=min_group, min_cell=min_cell),
        distribution=_distribution(setting),
        exact=exact,
    )
    rounded: ScoreAudit = setting.rounded(audit)
    return replace(rounded, undefined=_undefined(rounded))


def _margin(records: Scored, margin: float | None) -> float:
    if margin is not None:
        return float(margin)
    if records.lies_within_one or not len(records.score):
        return MARGIN
    centre = np.average(records.score, weights=records.weight)
    return MARGIN_DEVIATIONS * float(np.sqrt(np.average((records.score - centre) ** 2, weights=records.weight)))


def _outcome(records: Scored) -> str:
    if records.outcome is None:
        return N_("not known")
    return N_("one of two values") if records.is_binary else N_("a number")


def _seed(rng: int | np.random.Generator) -> str:
    return N_("that of the generator given") if isinstance(rng, np.random.Generator) else str(rng)


def _largest(values: list[float]) -> float:
    return max((value for value in values if not np.isnan(value)), default=np.nan)


def _ratio(groups: Sequence[GroupScore]) -> float:
    rates = [each.above_median for each in groups if each.above_median is not None]
    return min(rates) / max(rates) if len(rates) > 1 and max(rates) > 0 else np.nan


def _gaps(setting: Setting, found: list[tuple[str, Gap, float, float]]) -> tuple[GapFigure, ...]:
    """Return the gaps that there are, their p corrected for being several, and what is known of each."""
    told = [each for each in found if each[1].first >= 0]
    corrected = holm([p for _measure, _gap, p, _margin in told]) if told else np.zeros(0)
    return tuple(
        setting.rounded(
            GapFigure(
                measure=measure,
                highest=setting.label(gap.first),
                lowest=setting.label(gap.last),
                gap=gap.gap,
                low=gap.low,
                high=gap.high,
                p_value=p,
                p_holm=float(p_holm),
                margin=margin,
                verdict=verdict(float(p_holm), gap.low, gap.high, margin),
            ),
            on_scale=measure.startswith("mean"),
        )
        for (measure, gap, p, margin), p_holm in zip(told, corrected, strict=True)
    )


def _gap_fields(records: Scored, gaps: Sequence[GapFigure], *, has_calibration: bool) -> dict[str, Any]:
    """Return the fields of the audit that tell gaps; NaN where a gap is not told, None where it does not apply."""
    by_measure = {each.measure: each for each in gaps}
    applies = {
        "": ("mean score", True),
        "auc_": ("AUC", records.is_binary),
        "calibration_": ("calibration", records.is_binary and has_calibration),
        "error_": ("mean error", records.outcome is not None and not records.is_binary),
    }
    fields: dict[str, Any] = {}
    for prefix, (measure, is_asked) in applies.items():
        each = by_measure.get(measure)
        nothing = np.nan if is_asked else None
        fields |= {
            f"{prefix}gap": each.gap if each else nothing,
            f"{prefix}gap_low": each.low if each else nothing,
            f"{prefix}gap_high": each.high if each else nothing,
            f"{prefix}p_value": each.p_holm if each else nothing,
            f"{prefix}verdict": each.verdict if each else (N_("cannot tell") if is_asked else None),
        }
    return fields


def _undefined(audit: ScoreAudit) -> dict[str, str]:
    reason = _FEW_GROUPS if audit.n_records else _NO_RECORDS
    reasons = {}
    for name, _label, value, _kind in audit.shown_fields():
        if isinstance(value, float) and np.isnan(value):
            is_outcome = name.startswith(("auc_", "calibration_", "error_")) and audit.n_judged > 1
            few_known = _FEW_KNOWN if name.startswith("error_") else _FEW_OUTCOMES
            reasons[name] = few_known if is_outcome else reason
    if "scoring_ratio" in reasons and audit.n_judged > 1:
        reasons["scoring_ratio"] = N_("fewer than two groups have enough people above and below the median")
    return reasons


def _exact_scores(setting: Setting, rest: score_distances.Distances) -> dict[str, Any]:
    records, means = setting.records, setting.means
    low, high = means.interval(setting.level)
    quartiles = score_distances.quantiles(records, (0.25, 0.5, 0.75))
    return {
        "group": list(records.labels),
        "people": records.people,
        "mean": means.mean,
        "low": low,
        "high": high,
        "lower_quartile": quartiles[:, 0],
        "median": quartiles[:, 1],
        "upper_quartile": quartiles[:, 2],
        "wasserstein_to_rest": rest.wasserstein,
        "ks_to_rest": rest.ks,
        "above_median": _above_median(records).share[:, 0]
        if len(records.score)
        else np.full(len(records.labels), np.nan),
    }


def _above_median(records: Scored) -> score_distances.Selected:
    return score_distances.at_least(records, score_distances.quantiles_of_all(records, [0.5]) + 1)


def _groups(setting: Setting, rest: score_distances.Distances) -> tuple[GroupScore, ...]:
    """Return the scores of each group judged."""
    records = setting.records
    if not len(records.score):
        return ()
    low, high = setting.means.interval(setting.level)
    others = score_distances.rest_of(records.score, records)
    slices = [records.of(group) for group in range(len(records.labels))]
    both = Means(*(np.concatenate(each) for each in zip(setting.means, others, strict=True)))
    n_groups = len(slices)
    against = [
        compare(both, np.array([group]), np.array([group + n_groups]), level=setting.level) for group in setting.order
    ]
    deviation = np.sqrt(
        [
            np.average((records.score[p] - m) ** 2, weights=records.weight[p]) if records.weight[p].any() else np.nan
            for p, m in zip(slices, setting.means.mean, strict=True)
        ]
    )
    quartiles = score_distances.quantiles(records, (0.25, 0.5, 0.75))
    above, top = _above_median(records), [score_distances.top(records, share) for share in TOP]
    is_above = np.zeros(n_groups, bool)
    part = above.people[setting.judged, 0]
    is_above[setting.judged] = shown_groups(
        np.stack([part, records.people[setting.judged] - part], 1), setting.min_cell
    )
    is_top = shown_steps(np.stack([each.people for each in top], 1), records.people[:, None], setting.min_cell)
    found = []
    for group, pair in zip(setting.order.tolist(), against, strict=True):
        each = GroupScore(
            group=setting.label(group),
            n_records=setting.shown_people(group, records.people[group]),
            mean=float(setting.means.mean[group]),
            low=float(low[group]),
            high=float(high[group]),
            deviation=float(deviation[group]),
            quartiles=_coarse(quartiles[group], deviation[group])
            if records.people[group] >= 4 * setting.min_cell
            else None,
            to_rest=float(pair.difference[0]),
            to_rest_low=float(pair.low[0]),
            to_rest_high=float(pair.high[0]),
            wasserstein=float(rest.wasserstein[group]),
            ks=float(rest.ks[group]),
            above_median=float(above.share[group, 0]) if is_above[group] else None,
            top=tuple(float(one.share[group, 0]) if is_top[group, at] else None for at, one in enumerate(top)),
        )
        found.append(setting.rounded(each))
    return tuple(found)


def _coarse(quartiles: Numbers, deviation: float) -> tuple[float, float, float]:
    """Return quartiles to a hundredth of the deviation, about: the exact ones are scores of records."""
    if not deviation > 0:
        return float(quartiles[0]), float(quartiles[1]), float(quartiles[2])
    digits = 2 - int(np.floor(np.log10(deviation)))
    low, middle, high = (round(float(each), digits) for each in quartiles)
    return low, middle, high


def _pairs(setting: Setting) -> tuple[PairScore, ...]:
    first, second = setting.pairs(setting.judged)
    if not len(first):
        return ()
    apart = score_distances.between(setting.records, first, second)
    pairs = compare(setting.means, first, second, level=setting.level)
    return tuple(
        setting.rounded(
            PairScore(
                first=setting.label(first[at]),
                second=setting.label(second[at]),
                difference=float(pairs.difference[at]),
                low=float(pairs.low[at]),
                high=float(pairs.high[at]),
                wasserstein=float(apart.wasserstein[at]),
                ks=float(apart.ks[at]),
                p_value=float(pairs.p_value[at]),
                p_holm=float(pairs.p_holm[at]),
            )
        )
        for at in range(len(first))
    )


def _distribution(setting: Setting) -> Distribution:
    """Return the share of each group at or below round points, where enough people lie between points shown."""
    records = setting.records
    n_groups = len(records.labels)
    if not len(records.score):
        return Distribution(np.zeros(0), np.zeros((n_groups, 0)), np.zeros((n_groups, 0), bool))
    ends = records.values[score_distances.quantiles_of_all(records, [0.01, 0.99])]
    low, high = (0.0, 1.0) if records.lies_within_one else _round_ends(float(ends[0]), float(ends[1]))
    points = np.linspace(low, high, _POINTS)
    found = score_distances.at_least(records, np.searchsorted(records.values, points, side="right"))
    below = (records.people[:, None] - found.people)[..., None]
    large = np.flatnonzero(setting.judged)
    is_shown = np.zeros((n_groups, _POINTS), bool)
    is_shown[large] = shown_steps(below[large], records.people[large, None], setting.min_cell)
    return Distribution(points, 1 - found.share, is_shown)


def _round_ends(low: float, high: float) -> tuple[float, float]:
    """Return ends as round as a tenth of their distance, so that they are no record's score."""
    if high <= low:
        return low - 1, low + 1
    step = 10.0 ** np.floor(np.log10(high - low) - 0.5)
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)
