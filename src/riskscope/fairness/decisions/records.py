"""What an audit of decisions shows, as records: the figures of each group, test and disparity that may be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskscope.fairness.decisions.evidence import detectable, gap_of, wilson_of
from riskscope.fairness.decisions.intervals import named_with_interval
from riskscope.fairness.decisions.named import CHOICES, FAVOURABLE
from riskscope.fairness.disparities import DIFFERENCE, TO_REST, departures
from riskscope.fairness.metrics import Told, divided
from riskscope.words import _

if TYPE_CHECKING:
    from riskscope.fairness.decisions.audit import DecisionAudit

#: Metrics that are shown of each group where outcomes are known.
ERRORS = ("true_positive_rate", "false_positive_rate", "precision", "negative_predictive_value", "accuracy")


def group_records(audit: DecisionAudit) -> list[dict[str, Any]]:
    """Return what may be shown of each group that is not held back; None where a figure is.

    A group that takes in others only where decisions are set against outcomes follows at the end.
    """
    view, names = audit.view, ["selection_rate", *(ERRORS if audit.counts.has_outcome else ())]
    told = {name: view.visible(name) for name in names}
    figures = {name: _figures(audit, rates) for name, rates in told.items()}
    favourable = view.rates_of(audit.favourable_metric)
    short = dict(zip(favourable.labels, shortfall_of(favourable), strict=True))
    people = dict(zip(view.against_outcome.labels, view.against_outcome.counts.sum(axis=(1, 2, 3)), strict=True))
    people |= dict(zip(view.decided.labels, view.decided.counts.sum(axis=(1, 2, 3)), strict=True))
    shown = [label for label, may in zip(view.decided.labels, view.may_show, strict=True) if may]
    if view.joined_errors is not None and view.joined_errors.name not in shown:
        shown.append(view.joined_errors.name)
    none = dict.fromkeys(_ENDS)
    return [
        {
            "group": label,
            "n": int(people[label]),
            **{f"{name}{end}": value for name, each in figures.items() for end, value in each.get(label, none).items()},
            "shortfall": float(short[label]) if label in short else None,
        }
        for label in shown
    ]


#: What is said of a metric of a group: its value, interval, distance from everybody else, and p.
_ENDS = ("", "_low", "_high", "_to_rest", "_p")


def _figures(audit: DecisionAudit, rates: Told) -> dict[str, dict[str, float]]:
    """Return by group what is said of a metric, where it may be shown."""
    low, high = wilson_of(rates, level=audit.level)
    to_rest = departures(rates, DIFFERENCE, TO_REST).values
    p_groups = audit.shown_tests[rates.metric.name].p_groups
    columns = zip(rates.rates, low, high, to_rest, p_groups, strict=True)
    seen = audit.view.shown_in(rates.metric.name)
    return {
        label: dict(zip(_ENDS, map(float, values), strict=True))
        for label, values, may in zip(rates.labels, columns, seen, strict=True)
        if may
    }


def shortfall_of(rates: Told) -> Any:
    """Return how many people of each group would have to be decided on otherwise to reach everybody else's rate."""
    rest = divided(rates.hits.sum() - rates.hits, rates.sizes.sum() - rates.sizes)
    return rates.people * (rest - rates.rates)


def records_of_tests(audit: DecisionAudit) -> list[dict[str, Any]]:
    """Return the test of each metric, its gap among the groups that may be shown."""
    found = []
    for name, test in audit.shown_tests.items():
        rates = audit.view.visible(name)
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
        choice = CHOICES[name]
        metrics = [audit.favourable_metric if each == FAVOURABLE else each for each in choice.metrics]
        reference = None if audit.reference is None else audit.view.named(audit.reference, metrics[0])
        each = named_with_interval(
            choice,
            audit.view.visible,
            favourable=audit.favourable_metric,
            level=audit.level,
            reference=reference,
        )
        found.append(
            {
                "name": name,
                "label": _(choice.label),
                "kind": choice.kind,
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
