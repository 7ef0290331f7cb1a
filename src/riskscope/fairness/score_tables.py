"""The tables of an audit of scores: figures of groups with people enough, as text."""

from __future__ import annotations

from collections.abc import Sequence

from riskscope import display
from riskscope.fairness.disclosure import few
from riskscope.fairness.outcome import span
from riskscope.fairness.score_figures import CalibrationBin
from riskscope.fairness.scores import TOP, ScoreAudit
from riskscope.words import _

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]


def tables_of(audit: ScoreAudit) -> list[Table]:
    """Return all tables that have a row."""
    makers = (_groups, _gaps, _pairs, _top, _rankings, _ranking_pairs, _calibrations, _curve, _errors)
    tables = [maker(audit) for maker in makers]
    return [table for table in tables if table[2]]


def _people(n: int | None) -> str:
    return _("not shown") if n is None else display.count(n)


def _share(value: float | None) -> str:
    return _("not shown") if value is None else display.share(min(max(value, 0.0), 1.0))


def _group_name(audit: ScoreAudit) -> str:
    return ", ".join(audit.columns)


def _interval() -> str:
    return _("interval")


def _groups(audit: ScoreAudit) -> Table:
    header = [
        _group_name(audit),
        _("people"),
        _("mean"),
        _interval(),
        _("standard deviation"),
        _("quartiles"),
        _("less the mean of the rest"),
        _interval(),
        _("Wasserstein to the rest"),
        _("Kolmogorov-Smirnov to the rest"),
        _("scoring rate (above the median of everybody)"),
    ]
    rows = [
        (
            each.group,
            _people(each.n_records),
            display.number(each.mean),
            span(each.low, each.high),
            display.number(each.deviation),
            _("not shown") if each.quartiles is None else " / ".join(display.number(one) for one in each.quartiles),
            display.number(each.to_rest),
            span(each.to_rest_low, each.to_rest_high),
            display.number(each.wasserstein),
            display.number(each.ks),
            _share(each.above_median),
        )
        for each in audit.groups
    ]
    return _("Scores by group"), header, [*rows, *_too_small(audit, len(header))]


def _too_small(audit: ScoreAudit, width: int) -> list[tuple[str, ...]]:
    """Return the row that stands for the groups too small to show, if there are any."""
    if audit.too_small == "0":
        return []
    label = _("groups of fewer than {n} people, together").format(n=display.count(max(audit.min_group, audit.min_cell)))
    return [(label, audit.too_small, *("–" for _column in range(width - 2)))]


def _gaps(audit: ScoreAudit) -> Table:
    header = [
        _("gap of"),
        _("highest"),
        _("lowest"),
        _("gap"),
        _("interval, whichever groups"),
        "p",
        _("p (Holm)"),
        _("margin"),
        _("what is known"),
    ]
    rows = [
        (
            _(each.measure),
            each.highest,
            each.lowest,
            display.number(each.gap),
            span(each.low, each.high),
            display.number(each.p_value),
            display.number(each.p_holm),
            display.number(each.margin),
            _(each.verdict),
        )
        for each in audit.gaps
    ]
    return _("Largest gaps between groups"), header, rows


def _pairs(audit: ScoreAudit) -> Table:
    header = [
        _("groups"),
        _("difference of means"),
        _("interval, all at once"),
        _("Wasserstein"),
        _("Kolmogorov-Smirnov"),
        "p",
        _("p (Holm)"),
    ]
    rows = [
        (
            f"{each.first} – {each.second}",
            display.number(each.difference),
            span(each.low, each.high),
            display.number(each.wasserstein),
            display.number(each.ks),
            display.number(each.p_value),
            display.number(each.p_holm),
        )
        for each in audit.pairs
    ]
    return _("Pairs of groups: scores"), header, rows


def _top(audit: ScoreAudit) -> Table:
    header = [_group_name(audit), *(_("top {share}").format(share=display.share(share)) for share in TOP)]
    rows = [(each.group, *(_share(one) for one in each.top)) for each in audit.groups]
    return _("Share of each group among the highest scores of everybody (ties drawn by lot)"), header, rows


def _rankings(audit: ScoreAudit) -> Table:
    header = [
        _group_name(audit),
        _("people with the outcome"),
        _("people without"),
        "AUC",
        _interval(),
        _("mean score of those with"),
        _("mean score of those without"),
    ]
    rows = [
        (
            each.group,
            _people(each.n_positive),
            _people(each.n_negative),
            display.number(each.auc),
            span(each.low, each.high),
            display.number(each.mean_positive),
            display.number(each.mean_negative),
        )
        for each in audit.rankings
    ]
    return _("How well the score ranks people of each group"), header, rows


def _ranking_pairs(audit: ScoreAudit) -> Table:
    header = [
        _("groups"),
        _("difference of AUC"),
        _("interval, all at once"),
        "p",
        _("p (Holm)"),
        _("with, of the first, above without, of the second"),
        _("with, of the second, above without, of the first"),
    ]
    rows = [
        (
            f"{each.first} – {each.second}",
            display.number(each.difference),
            span(each.low, each.high),
            display.number(each.p_value),
            display.number(each.p_holm),
            display.number(each.first_above_second),
            display.number(each.second_above_first),
        )
        for each in audit.ranking_pairs
    ]
    return _("Pairs of groups: AUC and cross-AUC"), header, rows


def _calibrations(audit: ScoreAudit) -> Table:
    header = [
        _group_name(audit),
        _("observed rate"),
        _("mean score"),
        _("observed less score"),
        _interval(),
        _("intercept"),
        _interval(),
        _("slope"),
        _interval(),
        "ECE",
        _("ECE by chance alone: mean, 95 %"),
        "p",
        _("largest error of a bin"),
        "Brier",
    ]
    rows = []
    for each in audit.calibrations:
        line = [
            display.number(each.intercept),
            span(each.intercept_low, each.intercept_high),
            display.number(each.slope),
            span(each.slope_low, each.slope_high),
        ]
        if each.no_line:
            line = [_("undefined ({reason})").format(reason=_(each.no_line)), "–", _("undefined"), "–"]
        rows.append(
            (
                each.group,
                display.number(each.observed),
                display.number(each.mean_score),
                display.number(each.in_the_large),
                span(each.in_the_large_low, each.in_the_large_high),
                *line,
                display.number(each.ece),
                f"{display.number(each.ece_random)}, {display.number(each.ece_random_high)}",
                display.number(each.ece_p_value),
                _("not shown") if each.mce is None else display.number(each.mce),
                display.number(each.brier),
            )
        )
    return _("Calibration by group"), header, rows


def _curve(audit: ScoreAudit) -> Table:
    header = [_("scores"), *(each.group for each in audit.calibrations)]
    rows = []
    for bins in zip(*(each.bins for each in audit.calibrations), strict=True):
        if any(one.mean_score is not None for one in bins):
            rows.append((_bin_name(bins[0]), *(_bin(one, audit.min_cell) for one in bins)))
    return _("Observed rate for each mean score (people), bins common to all groups"), header, rows


def _bin_name(one: CalibrationBin) -> str:
    return display.number(one.low) if one.low == one.high else span(one.low, one.high)


def _bin(one: CalibrationBin, min_cell: int) -> str:
    if one.mean_score is None:
        return _("not shown")
    people = "" if one.n_records is None else f" ({display.count(one.n_records)})"
    if one.observed is None:
        return _("{few} with or without the outcome").format(few=few(min_cell)) + people
    return (
        _("{observed} for {score}").format(observed=display.number(one.observed), score=display.number(one.mean_score))
        + people
    )


def _errors(audit: ScoreAudit) -> Table:
    header = [
        _group_name(audit),
        _("people"),
        _("mean error (prediction less outcome)"),
        _interval(),
        _("mean absolute error"),
        _interval(),
        _("root mean square error"),
        _interval(),
        "R²",
        _interval(),
    ]
    rows = [
        (
            each.group,
            _people(each.n_records),
            display.number(each.bias),
            span(each.bias_low, each.bias_high),
            display.number(each.mae),
            span(each.mae_low, each.mae_high),
            display.number(each.rmse),
            span(each.rmse_low, each.rmse_high),
            display.number(each.r2),
            span(each.r2_low, each.r2_high),
        )
        for each in audit.errors
    ]
    return _("Errors by group"), header, rows
