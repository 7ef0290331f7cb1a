"""An audit of decisions as tables of text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from riskscope import display
from riskscope.fairness.decisions.evidence import pairs_of
from riskscope.fairness.decisions.records import (
    ERRORS,
    HELD_BACK,
    RANGED,
    disparity_records,
    group_records,
    records_of_tests,
)
from riskscope.fairness.decisions.words import at_least, hundreds_of, points_apart
from riskscope.fairness.disclosure import few, shown_cells
from riskscope.fairness.disparities import DIFFERENCE
from riskscope.fairness.metrics import METRICS
from riskscope.fairness.outcomes.audit import MOST_PAIRED, span
from riskscope.words import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskscope.fairness.decisions.audit import DecisionAudit

Table = tuple[str, "Sequence[str]", "Sequence[Sequence[str]]"]

#: Strata are laid out in a table for so many of them, and so many groups, at most.
MOST_STRATA, MOST_ACROSS = 30, 7


def tables(audit: DecisionAudit) -> list[Table]:
    """Return rates by group, tests, disparities by name, pairs, and strata where there are any."""
    groups = group_records(audit)
    found = [_selection_table(audit, groups)] if groups else []
    if audit.counts.has_outcome and any(each["accuracy"] is not None for each in groups):
        found.append(_error_table(audit, groups))
    found.append(_test_table(audit))
    found.append(_meaning_table(audit))
    found.append(_disparity_table(audit))
    found.extend(_pair_table(audit))
    found.extend(_strata_table(audit))
    return found


def _selection_table(audit: DecisionAudit, groups: list[dict[str, Any]]) -> Table:
    header = [", ".join(audit.counts.columns), _("people"), _("selection rate"), _("interval (this group alone)")]
    header += [_("less everybody else"), _("p (corrected)"), _("favourable decisions missing to everybody else's rate")]
    told = [each for each in groups if each["selection_rate"] is not None or "selection_rate_at_most" in each]
    rows = [_selection_row(audit, each) for each in told]
    n_held = int((~audit.view.told_of).sum())
    if n_held:
        rows.append((_held(n_held), *["–"] * 6))
    return _("Selection rate by group: how many get the positive decision"), header, rows


def _selection_row(audit: DecisionAudit, group: dict[str, Any]) -> tuple[str, ...]:
    start = (group["group"], display.count(group["n"]))
    if "selection_rate_at_most" in group:
        at = audit.view.decided.labels.index(group["group"])
        low, high, text = hundreds_of(audit, "selection_rate", at)
        rate = _("{share} %").format(share=text.format(low=low, high=high))
        return (*start, rate, "–", "–", _p(group["selection_rate_p"]), "–")
    return (
        *start,
        display.share(group["selection_rate"]),
        display.shares(group["selection_rate_low"], group["selection_rate_high"]),
        points_apart(group["selection_rate_to_rest"]),
        _p(group["selection_rate_p"]),
        display.count(group["shortfall"]) if group["shortfall"] > 0 else "–",
    )


def _held(n: int) -> str:
    return ngettext("1 group held back", "{n} groups held back", n).format(n=display.count(n))


def _error_table(audit: DecisionAudit, groups: list[dict[str, Any]]) -> Table:
    header = [", ".join(audit.counts.columns), *(_(METRICS[name].label) for name in ERRORS)]
    rows = [(each["group"], *(_rate(each, name) for name in ERRORS)) for each in groups if each["accuracy"] is not None]
    n_held = int((~audit.view.may_show_errors).sum())
    if n_held:
        rows.append((_held(n_held), *["–"] * len(ERRORS)))
    return _("Decision against outcome by group, with intervals of each rate alone"), header, rows


def _rate(group: dict[str, Any], name: str) -> str:
    if np.isnan(group[name]):
        return _("undefined")
    return _("{value} ({interval})").format(
        value=display.share(group[name]), interval=display.shares(group[f"{name}_low"], group[f"{name}_high"])
    )


def _test_table(audit: DecisionAudit) -> Table:
    header = [
        _("metric"),
        _("gap"),
        _("interval (all pairs at once)"),
        _("highest"),
        _("lowest"),
        _("p (corrected)"),
        _("verdict"),
    ]
    header += [_("smallest gap that would mostly be seen")]
    rows = []
    for each in records_of_tests(audit):
        metric = METRICS[each["metric"]]
        ends = [_end(each[name], each[f"{name}_n"]) for name in ("highest", "lowest")]
        gap = points_apart(each["gap"])
        if "gap_at_least" in each:
            gap = at_least(each["gap_at_least"])
        if audit.view.holds_back(each["metric"]):
            gap = _("held back")
        numbers = [gap, display.points_between(each["low"], each["high"])]
        verdict = [_p(each["p_corrected"]), _(each["verdict"]), _seen(each["smallest_detectable"])]
        rows.append((_(metric.label), *numbers, *ends, *verdict))
    return _("Tests: largest gap of each metric, and whether it is more than chance"), header, rows


def _meaning_table(audit: DecisionAudit) -> Table:
    rows = [(_(test.metric.label), _(test.metric.meaning)) for test in audit.shown_tests.values()]
    return _("What each metric tells"), [_("metric"), _("what it tells")], rows


def _seen(smallest: float) -> str:
    return display.points(smallest) if np.isfinite(smallest) else _("none")


def _disparity_table(audit: DecisionAudit) -> Table:
    header = [_("disparity"), _("value"), _("interval"), _("groups compared"), _("definition")]
    rows = []
    for each in disparity_records(audit):
        is_difference = each["kind"] == DIFFERENCE
        value = (points_apart if is_difference else display.number)(each["value"])
        if "at_least" in each:
            value = _("{value} or further apart").format(value=_toward(each["at_least"], is_difference))
        elif each["undefined"] in (_(HELD_BACK), _(RANGED)):
            value = each["undefined"]
        elif each["undefined"]:
            value = _("undefined ({reason})").format(reason=each["undefined"])
        named = [_end(label, n) for label, n in zip(each["groups"], each["n"], strict=True)]
        sides = "; ".join(" – ".join(named[at : at + 2]) for at in range(0, len(named), 2))
        ends = "–"
        if not np.isnan(each["low"]):
            ends = (display.points_between if is_difference else span)(each["low"], each["high"])
        rows.append((each["label"], value, ends, sides or "–", each["definition"]))
    caption = _(
        "Disparities under their usual names; intervals hold for all groups that could have come out furthest, so they "
        "are wider than those of one pair"
    )
    return caption, header, rows


def _toward(value: float, is_difference: bool) -> str:
    """Return how far apart two groups are at least, rounded so that it stays true."""
    if is_difference:
        return _("{n} points").format(n=math.floor(100 * abs(value)) * (1 if value > 0 else -1))
    return display.number((math.ceil if value < 1 else math.floor)(100 * value) / 100)


def _pair_table(audit: DecisionAudit) -> list[Table]:
    rates = audit.view.visible("selection_rate")
    if not 1 + (not audit.view.has_ranges("selection_rate")) < rates.judged.sum() <= MOST_PAIRED:
        return []
    pairs = pairs_of(rates, rates.judged, level=audit.level)
    header = [_("groups"), _("difference"), _("interval (this pair alone)"), _("interval (all pairs at once, wider)")]
    header += [_("ratio"), _("interval (this pair alone)")]
    rows = [
        (
            f"{rates.labels[each.first]} – {rates.labels[each.second]}",
            points_apart(each.difference),
            display.points_between(each.low, each.high),
            display.points_between(each.simultaneous_low, each.simultaneous_high),
            display.number(each.ratio),
            span(each.ratio_low, each.ratio_high),
        )
        for each in pairs
    ]
    return [(_("Pairs of groups: selection rate"), header, rows)]


def _strata_table(audit: DecisionAudit) -> list[Table]:
    """Return the selection rate of each group within each stratum, where both decisions fell on people enough."""
    counts, may_show = audit.view.decided, audit.view.may_show
    across = np.flatnonzero(may_show).tolist()
    if not counts.strata_columns or len(counts.strata) > MOST_STRATA or not 0 < len(across) <= MOST_ACROSS:
        return []
    decided = counts.counts.sum(axis=2)  # (n_groups, n_strata, 2)
    # The fewer of either decision: where enough of them are held back together, so are enough of both.
    seen = shown_cells(decided.min(axis=2), audit.min_cell) & may_show[:, None]
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
                for group in across
            ),
        )
        for at, stratum in enumerate(counts.strata)
    ]
    header = [", ".join(counts.strata_columns), *(counts.labels[group] for group in across)]
    return [(_("Selection rate within strata"), header, rows)]


def _end(label: str | None, n: int | None) -> str:
    """Return a group with its people."""
    return "–" if label is None or n is None else _("{group} ({n})").format(group=label, n=display.count(n))


def _p(value: float) -> str:
    return _("not judged") if np.isnan(value) else display.chance(value)
