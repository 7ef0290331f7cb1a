"""An audit of decisions in plain sentences and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.fairness import testing
from riskscope.fairness.decision_records import group_records, visible
from riskscope.fairness.decision_tests import detectable
from riskscope.fairness.metrics import METRICS
from riskscope.fairness.outcome import MEAN, OTHER, ends_of, span
from riskscope.results import new_axes
from riskscope.words import N_, _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from riskscope.fairness.decisions import DecisionAudit

#: What the picture draws, in colours told apart by colour-blind people, too (Okabe and Ito).
DRAWN = {"selection_rate": MEAN, "true_positive_rate": "#009e73", "false_positive_rate": OTHER}


def sentences(audit: DecisionAudit) -> list[str]:
    """Return what was found, for whom, how sure it is, and what it does not show."""
    said = [_found(audit), *_how_sure(audit), *_errors(audit)]
    limits = _("Rates say what happens, not why, and a large p is no proof that groups are treated alike.")
    if audit.counts.has_outcome:
        limits += " " + _(
            "Error rates are only as good as the recorded outcomes, which may themselves be unfair to a group."
        )
    said.append(limits)
    said.extend(_left_out(audit))
    return said


def _found(audit: DecisionAudit) -> str:
    columns = quoted(audit.counts.columns)
    if audit.highest is None or audit.lowest is None:
        return _("Fewer than two groups of {columns} have people enough to be compared and shown.").format(
            columns=columns
        )
    rates = audit.rates_of("selection_rate")
    high, low = (audit.labels.index(each) for each in (audit.highest, audit.lowest))
    return _(
        "Among the groups of {columns}, the positive decision ({positive}) is most frequent for {highest} ({high} of "
        "{n_high} people) and least frequent for {lowest} ({low} of {n_low}): a gap of {gap}, {interval} ({level} "
        "interval for all pairs at once)."
    ).format(
        columns=columns,
        positive=shown(audit.positive),
        highest=shown(audit.highest),
        high=display.share(float(rates.rates[high])),
        n_high=display.count(int(rates.people[high])),
        lowest=shown(audit.lowest),
        low=display.share(float(rates.rates[low])),
        n_low=display.count(int(rates.people[low])),
        gap=display.number(audit.gap),
        interval=span(audit.gap_low, audit.gap_high),
        level=_level(audit),
    )


def _how_sure(audit: DecisionAudit) -> list[str]:
    """Return the verdict on the selection rate, with its reason."""
    if np.isnan(audit.p_value):
        return []
    p, margin = display.share(audit.p_value), display.number(audit.margin)
    if audit.verdict == testing.DISPARITY:
        said = _(
            "Selection rate: disparity found. Were people dealt to the groups at random, such differences would come "
            "with a chance of {p}, corrected for all groups and metrics compared."
        ).format(p=p)
    elif audit.verdict == testing.NO_LARGER:
        said = _(
            "Selection rate: no disparity larger than the margin. Whichever groups are compared, the whole interval "
            "of the gap lies within {margin}."
        ).format(margin=margin)
    else:
        said = _(
            "Selection rate: cannot tell. Chance alone makes such differences often enough (p {p}), and the interval "
            "of the gap reaches beyond the margin of {margin}."
        ).format(p=p, margin=margin)
        rates = visible(audit, "selection_rate")
        smallest = detectable(rates, rates.judged, level=audit.level)
        if np.isfinite(smallest):
            said += " " + _(
                "Between the smallest group and everybody else, a difference below {smallest} would mostly be missed."
            ).format(smallest=display.number(smallest))
    if audit.p_within_strata is not None and np.isfinite(audit.p_within_strata):
        said += " " + _("Within strata of {columns}, the chance of such differences is {p}.").format(
            columns=quoted(audit.counts.strata_columns), p=display.share(audit.p_within_strata)
        )
    return [said]


def _errors(audit: DecisionAudit) -> list[str]:
    """Return what was found in the metrics that take the outcome."""
    tests = [test for name, test in audit.metric_tests.items() if name != "selection_rate"]
    said = []
    for verdict, text in (
        (testing.DISPARITY, N_("A disparity is found in: {metrics}.")),
        (testing.NO_LARGER, N_("No disparity larger than the margin: {metrics}.")),
        (testing.CANNOT_TELL, N_("The data cannot tell: {metrics}.")),
    ):
        metrics = [_(test.metric.label) for test in tests if test.verdict == verdict]
        if metrics:
            said.append(_(text).format(metrics=", ".join(metrics)))
    return [" ".join(said)] if said else []


def _left_out(audit: DecisionAudit) -> list[str]:
    said = []
    if audit.n_without_outcome:
        said.append(
            _("{n} records have no known outcome; they count for the selection rate only.").format(
                n=display.count(audit.n_without_outcome)
            )
        )
    n_hidden = int((~audit.shown).sum())
    if n_hidden:
        said.append(
            _(
                "Of {n} groups, the figures of {hidden} are held back: fewer than {min_cell} people would be seen in "
                "them, or in others by way of them; join small groups before the audit to see more. Groups of "
                "{min_group} people or more count for p and verdict all the same."
            ).format(n=len(audit.labels), hidden=n_hidden, min_cell=audit.min_cell, min_group=audit.min_group)
        )
    n_errors = int((audit.shown & ~audit.shown_errors).sum()) if audit.counts.has_outcome else 0
    if n_errors:
        said.append(
            _(
                "Of {n} more groups, rates that set decision against outcome are held back: in some group too few "
                "people have one of the errors, or too few have no known outcome (leave these records out to see more)."
            ).format(n=n_errors)
        )
    return said


def _level(audit: DecisionAudit) -> str:
    return f"{display.number(100 * audit.level)} %"


def draw(audit: DecisionAudit, ax: Axes | None) -> Axes:
    """Draw the rates of each group that may be shown, with their intervals, side by side."""
    groups = [each for each in group_records(audit) if each["selection_rate"] is not None]
    groups.sort(key=lambda each: -each["selection_rate"])
    groups = list(ends_of(groups))
    drawn = [name for name in DRAWN if name in audit.metric_tests]
    axes = new_axes(ax, (7.0, 1.8 + (0.3 + 0.15 * len(drawn)) * len(groups)))
    for at, name in enumerate(drawn):
        points = [(place, each) for place, each in enumerate(groups) if each[name] is not None]
        points = [(place, each) for place, each in points if np.isfinite(each[name])]
        if not points:
            continue
        middle, low, high = (
            np.array([each[f"{name}{end}"] for _place, each in points]) for end in ("", "_low", "_high")
        )
        axes.errorbar(
            middle,
            [place + 0.22 * (at - (len(drawn) - 1) / 2) for place, _each in points],
            xerr=np.stack([middle - low, high - middle]).clip(min=0),
            fmt="os^"[at],
            color=DRAWN[name],
            markersize=5,
            capsize=3,
            linewidth=1.4,
            label=_(METRICS[name].label),
        )
    names = [each["group"] if len(each["group"]) <= 28 else each["group"][:27] + "…" for each in groups]
    axes.set_yticks(range(len(groups)), [display.visible(name).replace("$", r"\$") for name in names])
    axes.set_ylim(len(groups) - 0.4, -0.6)
    overall = audit.selection_rate
    if np.isfinite(overall):
        axes.axvline(overall, color="#8a93a3", linewidth=1, linestyle=":", label=_("selection rate of everybody"))
    axes.set_xlabel(_("rate, with {level} interval").format(level=_level(audit)))
    axes.set_title(audit.heading(), loc="left")
    axes.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.5, ncols=2)
    axes.spines[["top", "right"]].set_visible(False)
    return axes
