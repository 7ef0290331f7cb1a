"""What an audit of decisions may show: only groups in which nobody is seen alone, as records and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskscope import display
from riskscope.fairness.decision_tests import detectable, gap_of, pairs_of, wilson_of
from riskscope.fairness.disclosure import few, shown_cells, shown_groups
from riskscope.fairness.disparities import DIFFERENCE, TO_REST, departures
from riskscope.fairness.disparity_intervals import named_with_interval
from riskscope.fairness.metrics import METRICS, Told
from riskscope.fairness.named_disparities import CHOICES
from riskscope.fairness.outcome import MOST_PAIRED, span
from riskscope.words import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskscope.fairness.decisions import DecisionAudit

Table = tuple[str, "Sequence[str]", "Sequence[Sequence[str]]"]

#: Metrics that are shown of each group where outcomes are known.
ERRORS = ("true_positive_rate", "false_positive_rate", "precision", "negative_predictive_value", "accuracy")
#: Strata are laid out in a table for so many of them at most.
MOST_STRATA = 30


def visible(audit: DecisionAudit, metric: str) -> Told:
    """Return a metric with only those groups to judge that may be shown with it."""
    rates = audit.rates_of(metric)
    return rates._replace(judged=rates.judged & audit.shown_in(metric))


def group_records(audit: DecisionAudit) -> list[dict[str, Any]]:
    """Return what may be shown of each group; None is held back."""
    n_shown = shown_groups(audit.counts.counts.sum(axis=(1, 2, 3))[:, None], audit.min_cell)
    people = audit.rates_of("selection_rate").people
    short = audit.shortfall()["shortfall"].to_numpy()
    metrics = ["selection_rate", *(ERRORS if audit.counts.has_outcome else ())]
    columns = {name: _figures(audit, name) for name in metrics}
    return [
        {
            "group": label,
            "n": int(people[at]) if n_shown[at] else None,
            **{f"{name}{end}": each[at] for name, figures in columns.items() for end, each in figures.items()},
            "shortfall": float(short[at]) if audit.shown[at] else None,
        }
        for at, label in enumerate(audit.labels)
    ]


def _figures(audit: DecisionAudit, metric: str) -> dict[str, list[float | None]]:
    """Return a metric of each group, its interval, how far it is from everybody else, and its p."""
    rates, seen = audit.rates_of(metric), audit.shown_in(metric)
    low, high = wilson_of(rates, level=audit.level)
    figures = {"": rates.rates, "_low": low, "_high": high}
    figures |= {"_to_rest": departures(rates, DIFFERENCE, TO_REST).values, "_p": audit.metric_tests[metric].p_groups}
    return {
        end: [float(value) if may else None for value, may in zip(each, seen, strict=True)]
        for end, each in figures.items()
    }


def records_of_tests(audit: DecisionAudit) -> list[dict[str, Any]]:
    """Return the test of each metric, its gap among the groups that may be shown."""
    found = []
    for name, test in audit.metric_tests.items():
        rates = visible(audit, name)
        gap = gap_of(rates, rates.judged, level=audit.level)
        ends = [(rates.labels[at], int(rates.people[at])) if at >= 0 else (None, None) for at in (gap.first, gap.last)]
        found.append(
            {
                "metric": name,
                "n_judged": test.n_judged,
                "gap": gap.gap,
                "low": gap.low,
                "high": gap.high,
                "highest": ends[0][0],
                "highest_n": ends[0][1],
                "lowest": ends[1][0],
                "lowest_n": ends[1][1],
                "p_corrected": test.p_corrected,
                "verdict": test.verdict,
                "smallest_detectable": detectable(rates, rates.judged, level=audit.level),
            }
        )
    return found


def disparity_records(audit: DecisionAudit) -> list[dict[str, Any]]:
    """Return the disparities under their usual names, among the groups that may be shown."""
    found = []
    for name in audit.disparity_names:
        reference = audit.reference
        if reference is not None and not _may_refer(audit, name, reference):
            reference = None
        choice = CHOICES[name]
        each = named_with_interval(
            choice,
            lambda metric: visible(audit, metric),
            favourable=audit.favourable_metric,
            level=audit.level,
            reference=reference,
        )
        found.append(
            {
                "name": name,
                "label": _(choice.label),
                "value": each.value,
                "low": each.low,
                "high": each.high,
                "groups": list(each.groups),
                "n": list(each.n),
                "definition": each.definition,
                "undefined": _(each.undefined) if each.undefined else "",
            }
        )
    return found


def _may_refer(audit: DecisionAudit, name: str, reference: str) -> bool:
    """Tell whether the reference group may be shown with the metrics of a disparity."""
    place = audit.labels.index(reference)
    metrics = [audit.favourable_metric if each not in METRICS else each for each in CHOICES[name].metrics]
    return all(bool(audit.shown_in(each)[place]) for each in metrics)


def tables(audit: DecisionAudit) -> list[Table]:
    """Return rates by group, tests, disparities by name, pairs, and strata where there are any."""
    groups = group_records(audit)
    found = [_selection_table(audit, groups)] if groups else []
    if audit.counts.has_outcome and groups:
        found.append(_error_table(audit, groups))
    found.append(_test_table(audit))
    found.append(_disparity_table(audit))
    found.extend(_pair_table(audit))
    found.extend(_strata_table(audit))
    return found


def _selection_table(audit: DecisionAudit, groups: list[dict[str, Any]]) -> Table:
    held = few(audit.min_cell)
    header = [", ".join(audit.counts.columns), _("people"), _("selection rate"), _("interval")]
    header += [_("less everybody else"), _("p (corrected)"), _("favourable decisions short of everybody else's rate")]
    rows = [
        (
            each["group"],
            held if each["n"] is None else display.count(each["n"]),
            *(
                (held, *["–"] * 4)
                if each["selection_rate"] is None
                else (
                    display.share(each["selection_rate"]),
                    span(each["selection_rate_low"], each["selection_rate_high"]),
                    display.number(each["selection_rate_to_rest"]),
                    _p(each["selection_rate_p"]),
                    _people(each["shortfall"]),
                )
            ),
        )
        for each in groups
    ]
    return _("Selection rate by group"), header, rows


def _error_table(audit: DecisionAudit, groups: list[dict[str, Any]]) -> Table:
    header = [", ".join(audit.counts.columns), *(_(METRICS[name].label) for name in ERRORS)]
    rows = [
        (
            each["group"],
            *(
                few(audit.min_cell)
                if each[name] is None
                else _("{rate} ({interval})").format(
                    rate=display.number(each[name]), interval=span(each[f"{name}_low"], each[f"{name}_high"])
                )
                for name in ERRORS
            ),
        )
        for each in groups
    ]
    return _("Decision against outcome by group, with intervals"), header, rows


def _test_table(audit: DecisionAudit) -> Table:
    header = [_("metric"), _("groups judged"), _("gap"), _("interval"), _("highest"), _("lowest"), _("p (corrected)")]
    header += [_("verdict"), _("mostly missed below"), _("what it means")]
    rows = []
    for each in records_of_tests(audit):
        metric = METRICS[each["metric"]]
        ends = [_end(each[name], each[f"{name}_n"]) for name in ("highest", "lowest")]
        numbers = [display.number(each["gap"]), span(each["low"], each["high"])]
        verdict = [_p(each["p_corrected"]), _(each["verdict"]), display.number(each["smallest_detectable"])]
        rows.append((_(metric.label), display.count(each["n_judged"]), *numbers, *ends, *verdict, _(metric.meaning)))
    return _("Tests: largest gap of each metric, and whether it is more than chance"), header, rows


def _disparity_table(audit: DecisionAudit) -> Table:
    header = [_("disparity"), _("value"), _("interval"), _("groups compared"), _("definition")]
    rows = []
    for each in disparity_records(audit):
        value = display.number(each["value"])
        if each["undefined"]:
            value = _("undefined ({reason})").format(reason=each["undefined"])
        named = [_end(label, n) for label, n in zip(each["groups"], each["n"], strict=True)]
        sides = "; ".join(" – ".join(named[at : at + 2]) for at in range(0, len(named), 2))
        ends = "–" if np.isnan(each["low"]) else span(each["low"], each["high"])
        rows.append((each["label"], value, ends, sides, each["definition"]))
    return _("Disparities under their usual names"), header, rows


def _pair_table(audit: DecisionAudit) -> list[Table]:
    rates = visible(audit, "selection_rate")
    if rates.judged.sum() > MOST_PAIRED:
        return []
    pairs = pairs_of(rates, rates.judged, level=audit.level)
    header = [_("groups"), _("difference"), _("interval of this pair"), _("interval that holds for all pairs")]
    header += [_("ratio"), _("interval")]
    rows = [
        (
            f"{rates.labels[each.first]} – {rates.labels[each.second]}",
            display.number(each.difference),
            span(each.low, each.high),
            span(each.simultaneous_low, each.simultaneous_high),
            display.number(each.ratio),
            span(each.ratio_low, each.ratio_high),
        )
        for each in pairs
    ]
    return [(_("Pairs of groups: selection rate"), header, rows)] if rows else []


def _strata_table(audit: DecisionAudit) -> list[Table]:
    """Return the selection rate of each group within each stratum, where both decisions fell on people enough."""
    counts = audit.counts
    if not counts.strata_columns or len(counts.strata) > MOST_STRATA or len(counts.labels) > MOST_PAIRED:
        return []
    decided = counts.counts.sum(axis=2)  # (n_groups, n_strata, 2)
    # The fewer of either decision: where enough of them are held back together, so are enough of both.
    seen = shown_cells(decided.min(axis=2), audit.min_cell) & audit.shown[:, None]
    cells = decided if counts.weights is None else counts.weights.sum(axis=2)
    with np.errstate(invalid="ignore"):
        rates = cells[..., 1] / cells.sum(axis=2)
    rows = [
        (
            stratum,
            *(
                _("{rate} of {n}").format(
                    rate=display.share(float(rates[group, at])), n=display.count(int(decided[group, at].sum()))
                )
                if seen[group, at]
                else few(audit.min_cell)
                for group in range(len(counts.labels))
            ),
        )
        for at, stratum in enumerate(counts.strata)
    ]
    return [(_("Selection rate within strata"), [", ".join(counts.strata_columns), *counts.labels], rows)]


def _end(label: str | None, n: int | None) -> str:
    """Return a group with its people."""
    return "–" if label is None or n is None else _("{group} (n = {n})").format(group=label, n=display.count(n))


def _p(value: float | None) -> str:
    if value is None or np.isnan(value):
        return _("not judged")
    return display.number(value) if value >= 0.001 else "<" + display.number(0.001)


def _people(value: float) -> str:
    return _("undefined") if np.isnan(value) else display.count(value)
