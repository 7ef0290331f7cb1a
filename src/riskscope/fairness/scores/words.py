"""An audit of scores in plain sentences, and its tables: figures of groups with people enough, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.fairness.disclosure import few
from riskscope.fairness.scores.figures import TOP, GapFigure, GroupError, GroupScore
from riskscope.fairness.testing import DISPARITY, NO_LARGER
from riskscope.words import N_, _

if TYPE_CHECKING:
    from riskscope.fairness.scores.audit import ScoreAudit

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]

#: Gaps of shares; the others are on the scale of the score.
_OF_SHARES = ("AUC", "calibration")
#: What each gap is called at the start of a sentence.
_NAMES = {
    "mean score": N_("Mean score"),
    "AUC": N_("Ranking (AUC)"),
    "calibration": N_("Calibration"),
    "mean error": N_("Mean error"),
}


def sentences_of(audit: ScoreAudit) -> list[str]:
    """Return which groups are furthest apart in each respect, what that means, and what it does not."""
    said = []
    if not audit.gaps:
        said.append(
            _("Fewer than two groups of {columns} have {n} people or more, so no groups are compared.").format(
                columns=quoted(audit.columns), n=_enough(audit)
            )
        )
    for each in audit.gaps:
        said += (
            [_headline(audit, each), _how_sure(audit, each)]
            if each.measure == "mean score"
            else [f"{_headline(audit, each)} {_how_sure(audit, each)}"]
        )
    if audit.gaps:
        said.append(
            _(
                "A large p does not show that groups are treated alike, and a gap does not tell why: groups may "
                "differ in what the score measures, or the score in how it measures them."
            )
        )
    if audit.no_calibration:
        said.append(_("Calibration is not told: {reason}.").format(reason=_(audit.no_calibration)))
    return [*said, *_left_out(audit)]


def _left_out(audit: ScoreAudit) -> list[str]:
    """Return who does not count in what."""
    said = []
    n_unknown = (audit.n_without_outcome or 0) - audit.n_left_out
    if n_unknown:
        said.append(
            _(
                "The outcome of {n} people is not known: they count where scores are compared, and are left out of all "
                "that sets scores against outcomes."
            ).format(n=display.count(n_unknown))
        )
    if audit.n_left_out:
        said.append(
            _(
                "{n} people are left out of everything: their outcome is not known, and in their groups this holds for "
                "so few that figures with and without them would tell of these few."
            ).format(n=few(audit.min_cell) if audit.n_left_out < audit.min_cell else display.count(audit.n_left_out))
        )
    if audit.too_small != "0":
        said.append(
            _("Groups of fewer than {n} people are not shown, and are kept out of gaps and p.").format(n=_enough(audit))
        )
    return said


def _enough(audit: ScoreAudit) -> str:
    return display.count(max(audit.min_group, audit.min_cell))


def _headline(audit: ScoreAudit, each: GapFigure) -> str:
    """Return both ends of a gap, in people, and the gap with its interval."""
    groups = {"lowest": shown(each.lowest), "highest": shown(each.highest)}
    gap = {"gap": _gap(audit, each, each.gap), "interval": _gap_span(audit, each)}
    if each.measure == "mean score":
        means = {one.group: one for one in audit.groups}
        ends = {name: means[group] for name, group in (("low", each.lowest), ("high", each.highest))}
        return _(
            "Mean scores run from {low} for {lowest}{n_lowest} to {high} for {highest}{n_highest}: a gap of {gap} "
            "({interval})."
        ).format(
            **groups,
            **gap,
            **{name: _on_scale(audit, one.mean) for name, one in ends.items()},
            n_lowest=_with_people(ends["low"].n_records),
            n_highest=_with_people(ends["high"].n_records),
        )
    if each.measure == "AUC":
        areas = {one.group: one.auc for one in audit.rankings}
        return _(
            "Of 100 pairs of one person with the outcome and one without it, the former scores higher in {high} among "
            "{highest} and in {low} among {lowest}: a gap of {gap} ({interval})."
        ).format(**groups, **gap, high=_of_hundred(areas[each.highest]), low=_of_hundred(areas[each.lowest]))
    if each.measure == "calibration":
        told = {one.group: one for one in audit.calibrations}
        high, low = told[each.highest], told[each.lowest]
        return _(
            "Of 100 people of {highest}, {observed_high} have the outcome where scores promise {score_high}; of "
            "{lowest}, {observed_low} where they promise {score_low}. On average, an equal score stands for {gap} "
            "({interval}) more among the former."
        ).format(
            **groups,
            **gap,
            observed_high=_of_hundred(high.observed),
            score_high=_of_hundred(high.mean_score),
            observed_low=_of_hundred(low.observed),
            score_low=_of_hundred(low.mean_score),
        )
    bias = {one.group: one.bias for one in audit.errors}
    return _(
        "Predictions less outcomes are {low} on average for {lowest} and {high} for {highest}: a gap of {gap} "
        "({interval})."
    ).format(**groups, **gap, low=_on_scale(audit, bias[each.lowest]), high=_on_scale(audit, bias[each.highest]))


def _how_sure(audit: ScoreAudit, each: GapFigure) -> str:
    """Return the verdict on a gap, with its reason."""
    p, margin, name = display.chance(each.p_holm), _gap(audit, each, each.margin), _(_NAMES[each.measure])
    if each.verdict == DISPARITY:
        said = _("{name}: disparity found (p {p}, corrected for all groups and measures).").format(name=name, p=p)
        if each.gap <= each.margin:
            said += " " + _("It is small: the gap is within the margin of {margin}.").format(margin=margin)
        return said
    if each.verdict == NO_LARGER:
        return _(
            "{name}: no disparity larger than the margin. Whichever groups are compared, the interval lies within "
            "{margin}."
        ).format(name=name, margin=margin)
    return _(
        "{name}: cannot tell. Chance alone makes such gaps often enough (p {p}), and the interval reaches beyond the "
        "margin of {margin}."
    ).format(name=name, p=p, margin=margin)


def _with_people(n: int | None) -> str:
    return "" if n is None else " " + _("(n = {n})").format(n=display.count(n))


def _of_hundred(rate: float) -> str:
    """Return how many of 100, to one decimal."""
    return display.number(round(100 * rate, 1))


def _gap(audit: ScoreAudit, each: GapFigure, value: float) -> str:
    return display.points(value) if each.measure in _OF_SHARES else _on_scale(audit, value)


def _gap_span(audit: ScoreAudit, each: GapFigure) -> str:
    if each.measure in _OF_SHARES:
        return display.points_between(each.low, each.high)
    return _span(audit, each.low, each.high)


def _on_scale(audit: ScoreAudit, value: float) -> str:
    """Return a number on the scale of the score, to a hundredth of the scores' standard deviation, about."""
    spread = max((each.deviation for each in audit.groups), default=0.0)
    if not spread > 0 or not np.isfinite(value):
        return display.number(value)
    digits = 2 - int(np.floor(np.log10(spread)))
    return display.number(round(value, digits)) if digits > 0 else display.count(value)


def _span(audit: ScoreAudit, low: float, high: float) -> str:
    if np.isnan(low) or np.isnan(high):
        return _("undefined")
    return _("{low} to {high}").format(low=_on_scale(audit, low), high=_on_scale(audit, high))


def _with_span(audit: ScoreAudit, value: float, low: float, high: float) -> str:
    return f"{_on_scale(audit, value)} ({_span(audit, low, high)})"


def tables_of(audit: ScoreAudit) -> list[Table]:
    """Return all tables that have a row."""
    makers = (_groups, _gaps, _against_rest, _pairs, _rankings, _calibrations, _lines, _errors)
    tables = [maker(audit) for maker in makers]
    return [table for table in tables if table[2]]


def _people(n: int | None) -> str:
    return _("not shown") if n is None else display.count(n)


def _share(value: float | None) -> str:
    return _("not shown") if value is None else display.share(min(max(value, 0.0), 1.0))


def _points(value: float, low: float, high: float) -> str:
    """Return a difference of shares with its interval, in percentage points."""
    if np.isnan([value, low, high]).any():
        return display.points(value)
    told = {"value": value, "low": low, "high": high}
    return _("{value} ({low} to {high}) points").format(
        **{name: display.number(round(100 * each, 1)) for name, each in told.items()}
    )


def _group_name(audit: ScoreAudit) -> str:
    return ", ".join(audit.columns)


def _row(audit: ScoreAudit, each: GroupScore | GroupError, *spans: tuple[float, float, float]) -> tuple[str, ...]:
    """Return a group's name, its people, and figures on the scale of the score with their intervals."""
    return each.group, _people(each.n_records), *(_with_span(audit, *span) for span in spans)


def _groups(audit: ScoreAudit) -> Table:
    header = [
        _group_name(audit),
        _("people"),
        _("mean (interval)"),
        _("less everybody else (interval)"),
        _("quartiles"),
        _("above the median of all"),
    ]
    rows = [
        (
            *_row(audit, each, (each.mean, each.low, each.high), (each.to_rest, each.to_rest_low, each.to_rest_high)),
            _("not shown") if each.quartiles is None else " / ".join(_on_scale(audit, one) for one in each.quartiles),
            _share(each.above_median),
        )
        for each in audit.groups
    ]
    return _("Scores by group, highest mean first"), header, [*rows, *_too_small(audit, len(header))]


def _too_small(audit: ScoreAudit, width: int) -> list[tuple[str, ...]]:
    """Return the row that stands for the groups too small to show, if there are any."""
    if audit.too_small == "0":
        return []
    label = _("groups of fewer than {n} people, together").format(n=_enough(audit))
    return [(label, audit.too_small, *("–" for _column in range(width - 2)))]


def _gaps(audit: ScoreAudit) -> Table:
    header = [
        _("gap of"),
        _("highest"),
        _("lowest"),
        _("gap"),
        _("interval"),
        _("p (corrected)"),
        _("margin"),
        _("what is known"),
    ]
    rows = [
        (
            _(each.measure),
            each.highest,
            each.lowest,
            _gap(audit, each, each.gap),
            _gap_span(audit, each),
            display.chance(each.p_holm),
            _gap(audit, each, each.margin),
            _(each.verdict),
        )
        for each in audit.gaps
    ]
    return _("Largest gaps between groups; intervals hold whichever groups are compared"), header, rows


def _against_rest(audit: ScoreAudit) -> Table:
    header = [
        _group_name(audit),
        "Wasserstein",
        "Kolmogorov-Smirnov",
        *(_("in the top {n} %").format(n=display.number(100 * share)) for share in TOP),
    ]
    rows = [
        (each.group, _on_scale(audit, each.wasserstein), _share(each.ks), *(_share(one) for one in each.top))
        for each in audit.groups
    ]
    caption = _(
        "Distance to everybody else (Wasserstein: in scores; Kolmogorov-Smirnov: where shares at a cut-off differ "
        "most), and share among the highest scores of all"
    )
    return caption, header, rows if any(not np.isnan(each.ks) for each in audit.groups) else []


def _pairs(audit: ScoreAudit) -> Table:
    ranked = {(each.first, each.second): each for each in audit.ranking_pairs}
    header = [
        _("groups"),
        _("difference of means (interval)"),
        _("p (Holm)"),
        "Wasserstein / Kolmogorov-Smirnov",
        *([_("difference of AUC (interval)"), _("p (Holm)"), "cross-AUC"] if ranked else []),
    ]
    rows = []
    for each in audit.pairs:
        row = [
            f"{each.first} – {each.second}",
            _with_span(audit, each.difference, each.low, each.high),
            display.chance(each.p_holm),
            f"{_on_scale(audit, each.wasserstein)} / {_share(each.ks)}",
        ]
        areas = ranked.get((each.first, each.second))
        if areas is not None:
            row += [
                _points(areas.difference, areas.low, areas.high),
                display.chance(areas.p_holm),
                f"{_share(areas.first_above_second)} / {_share(areas.second_above_first)}",
            ]
        rows.append([*row, *("–" for _column in range(len(header) - len(row)))])
    caption = _("Pairs of groups; intervals hold for all pairs at once")
    if ranked:
        caption += "; " + _(
            "cross-AUC: how often a person with the outcome of the first group scores above one without it of the "
            "second, and the other way round"
        )
    return caption, header, rows


def _rankings(audit: ScoreAudit) -> Table:
    header = [
        _group_name(audit),
        _("people with the outcome"),
        _("people without"),
        _("AUC (interval)"),
        _("mean score of those with"),
        _("mean score of those without"),
    ]
    rows = [
        (
            each.group,
            _people(each.n_positive),
            _people(each.n_negative),
            f"{_share(each.auc)} ({display.shares(each.low, each.high)})",
            _on_scale(audit, each.mean_positive),
            _on_scale(audit, each.mean_negative),
        )
        for each in audit.rankings
    ]
    caption = _(
        "How well the score ranks people of each group (AUC: how often a person with the outcome scores above one "
        "without it)"
    )
    return caption, header, rows


def _calibrations(audit: ScoreAudit) -> Table:
    header = [
        _group_name(audit),
        _("have the outcome"),
        _("as scores promise"),
        _("difference (interval)"),
        "ECE",
        _("ECE by chance (95 % below)"),
        _("p of the ECE"),
    ]
    rows = [
        (
            each.group,
            _share(each.observed),
            _share(each.mean_score),
            _points(each.in_the_large, each.in_the_large_low, each.in_the_large_high),
            display.points(each.ece),
            f"{display.points(each.ece_random)} ({display.points(each.ece_random_high)})",
            display.chance(each.ece_p_value),
        )
        for each in audit.calibrations
    ]
    caption = _(
        "Does a score keep its promise? (ECE: distance of observed rate and mean score over common bins; by chance: of "
        "a score that keeps it)"
    )
    return caption, header, rows


def _lines(audit: ScoreAudit) -> Table:
    header = [
        _group_name(audit),
        _("intercept (interval)"),
        _("slope (interval)"),
        _("largest error of a bin"),
        _("Brier score"),
    ]
    rows = []
    for each in audit.calibrations:
        line = [_("undefined ({reason})").format(reason=_(each.no_line)), "–"]
        if not each.no_line:
            ends = (each.intercept_low, each.intercept_high, each.slope_low, each.slope_high)
            low, high, slope_low, slope_high = (display.number(round(one, 3)) for one in ends)
            line = [
                f"{display.number(round(each.intercept, 3))} ({_('{low} to {high}').format(low=low, high=high)})",
                f"{display.number(round(each.slope, 3))} "
                f"({_('{low} to {high}').format(low=slope_low, high=slope_high)})",
            ]
        largest = _("not shown") if each.mce is None else display.points(each.mce)
        rows.append((each.group, *line, largest, display.number(round(each.brier, 4))))
    caption = _(
        "Recalibration (0 and 1: scores keep their promise; a slope below 1: high ones promise too much, low ones too "
        "little)"
    )
    return caption, header, rows


def _errors(audit: ScoreAudit) -> Table:
    header = [
        _group_name(audit),
        _("people"),
        _("mean error (interval)"),
        _("mean absolute error (interval)"),
        _("root mean square error (interval)"),
        _("R² (interval)"),
    ]
    rows = [
        (
            *_row(
                audit,
                each,
                (each.bias, each.bias_low, each.bias_high),
                (each.mae, each.mae_low, each.mae_high),
                (each.rmse, each.rmse_low, each.rmse_high),
            ),
            _r2(each.r2, each.r2_low, each.r2_high),
        )
        for each in audit.errors
    ]
    return _("Errors by group (error: prediction less outcome)"), header, rows


def _r2(value: float, low: float, high: float) -> str:
    if np.isnan(value):
        return _("undefined")
    ends = _("{low} to {high}").format(low=display.number(round(low, 3)), high=display.number(round(high, 3)))
    return f"{display.number(round(value, 3))} ({ends})"
