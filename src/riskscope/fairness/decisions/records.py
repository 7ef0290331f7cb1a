"""What an audit of decisions shows, as records: the figures of each group, test and disparity that may be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskscope.fairness.decisions.evidence import coarse, detectable, gap_shown, wilson_of
from riskscope.fairness.decisions.intervals import named_with_interval
from riskscope.fairness.decisions.named import CHOICES, FAVOURABLE
from riskscope.fairness.disparities import DIFFERENCE, TO_REST, Disparity, departures
from riskscope.fairness.metrics import Told, divided
from riskscope.words import N_, _

if TYPE_CHECKING:
    from riskscope.fairness.decisions.result import DecisionAudit
    from riskscope.fairness.decisions.view import View

#: Why a figure is not told.
HELD_BACK = N_("held back: too few people of a group have one of the decisions, or one of the errors")
RANGED = N_("a range is told: too few people of a group have one of the decisions")

#: Metrics that are shown of each group where outcomes are known.
ERRORS = ("true_positive_rate", "false_positive_rate", "precision", "negative_predictive_value", "accuracy")


def group_records(audit: DecisionAudit) -> list[dict[str, Any]]:
    """Return what may be shown of each group that is not held back; None where a figure is.

    A group told in a range has ``selection_rate_at_least`` and ``selection_rate_at_most`` in place of its rate. A group
    that takes in others only where decisions are set against outcomes follows at the end.
    """
    view, names = audit.view, ["selection_rate", *(ERRORS if audit.counts.has_outcome else ())]
    told = {name: view.visible(name) for name in names}
    figures = {name: _figures(audit, rates) for name, rates in told.items()}
    favourable = view.rates_of(audit.favourable_metric)
    short = dict(zip(favourable.labels, shortfall_of(favourable), strict=True))
    people = dict(zip(view.against_outcome.labels, view.against_outcome.counts.sum(axis=(1, 2, 3)), strict=True))
    people |= dict(zip(view.decided.labels, view.decided.counts.sum(axis=(1, 2, 3)), strict=True))
    shown = [label for label, may in zip(view.decided.labels, view.told_of, strict=True) if may]
    exact = {label for label, may in zip(view.decided.labels, view.may_show, strict=True) if may}
    ranges = _ranges(audit)
    if view.joined_errors is not None and view.joined_errors.name not in shown:
        shown.append(view.joined_errors.name)
    none = dict.fromkeys(_ENDS)
    return [
        {
            "group": label,
            "n": int(people[label]),
            **{f"{name}{end}": value for name, each in figures.items() for end, value in each.get(label, none).items()},
            **ranges.get(label, {}),
            "shortfall": float(short[label]) if label in exact else None,
        }
        for label in shown
    ]


#: What is said of a metric of a group: its value, interval, distance from everybody else, and p.
_ENDS = ("", "_low", "_high", "_to_rest", "_p")


def _ranges(audit: DecisionAudit) -> dict[str, dict[str, float]]:
    """Return by group what is said of a selection rate that is told in a range."""
    view, p_groups = audit.view, audit.shown_tests["selection_rate"].p_groups
    sizes = view.rates_of("selection_rate").sizes
    low, high = (divided(each, sizes) for each in view.bounds_of("selection_rate"))
    return {
        label: {
            "selection_rate_at_least": float(low[at]),
            "selection_rate_at_most": float(high[at]),
            "selection_rate_p": coarse(float(p_groups[at])),
        }
        for at, label in enumerate(view.decided.labels)
        if view.is_ranged[at]
    }


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
    """Return the test of each metric, its gap among the groups that may be shown.

    ``gap_at_least`` stands in place of ``gap`` where a group is told in a range.
    """
    found = []
    for name, test in audit.shown_tests.items():
        rates, is_ranged = audit.view.comparable(name), audit.view.has_ranges(name)
        gap = gap_shown(audit.view, name, level=audit.level)
        ends = [(rates.labels[at], int(rates.people[at])) if at >= 0 else (None, None) for at in (gap.first, gap.last)]
        found.append(
            {
                "metric": name,
                "n_judged": test.n_judged,
                "gap": np.nan if is_ranged else gap.gap,
                **({"gap_at_least": gap.gap} if is_ranged else {}),
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
    """Return the disparities under their usual names, among the groups that may be shown.

    Where a group is told in a range, ``value`` is NaN and ``at_least`` tells how far apart they are for sure: a
    difference is so far from 0, or a ratio from 1, or further.
    """
    found = []
    for name in audit.disparity_names:
        choice = CHOICES[name]
        metrics = [audit.favourable_metric if each == FAVOURABLE else each for each in choice.metrics]
        reference = None if audit.reference is None else audit.view.named(audit.reference, metrics[0])
        each = named_with_interval(
            choice,
            audit.view.comparable,
            favourable=audit.favourable_metric,
            level=audit.level,
            reference=reference,
        )
        is_ranged = any(audit.view.has_ranges(metric) for metric in metrics)
        record = {
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
        if any(audit.view.holds_back(metric) for metric in metrics):
            record |= {"value": np.nan, "groups": [], "n": [], "undefined": _(HELD_BACK)}
        elif is_ranged and not each.undefined:
            record |= {"value": np.nan, "low": np.nan, "high": np.nan, "undefined": _(RANGED)}
            record |= _at_least(each, choice.kind, audit.view, metrics[0])
        found.append(record)
    return found


def _at_least(each: Disparity, kind: str, view: View, metric: str) -> dict[str, Any]:
    """Return how far apart two groups are for sure, by the ranges that they are told in; empty where it is open."""
    low, high = view.bounds_of(metric)
    sizes, labels = view.rates_of(metric).sizes, view.decided.labels
    hits = view.rates_of(metric).hits.sum()
    ends = []
    for own in (low, high):
        place = labels.index(each.groups[0])
        if each.groups[1] in labels:
            at = labels.index(each.groups[1])
            other = (high if own is low else low)[at] / sizes[at]
        else:
            other = (hits - own[place]) / (sizes.sum() - sizes[place])
        ours = own[place] / sizes[place]
        ends.append(float(ours - other) if kind == DIFFERENCE else float(divided(ours, other)))
    middle = 0 if kind == DIFFERENCE else 1
    nearest = min(ends, key=lambda end: abs(end - middle))
    is_open = min(ends) <= middle <= max(ends)
    return {} if is_open else {"at_least": nearest}
