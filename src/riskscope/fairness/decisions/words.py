"""An audit of decisions in plain sentences and as a picture."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.fairness import testing
from riskscope.fairness.decisions.evidence import MetricTest, detectable
from riskscope.fairness.decisions.records import group_records
from riskscope.fairness.decisions.view import sentences_of
from riskscope.fairness.metrics import METRICS
from riskscope.fairness.outcomes.audit import MEAN, OTHER, ends_of
from riskscope.results import new_axes
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from riskscope.fairness.decisions.audit import DecisionAudit

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
    rates = audit.view.visible(audit.favourable_metric)
    if rates.judged.sum() < 2 or audit.highest is None or audit.lowest is None:
        return _("Fewer than two groups of {columns} have people enough to be compared and shown.").format(
            columns=quoted(audit.counts.columns)
        )
    least, most = audit.lowest, audit.highest
    text = N_(
        "Of 100 people in {least} ({n_least}) {rate_least} get the positive decision, of 100 in {most} ({n_most}) "
        "{rate_most}: a gap of {gap} ({interval})."
    )
    if audit.favourable_metric != "selection_rate":
        least, most = most, least
        text = N_(
            "Of 100 people in {least} ({n_least}) {rate_least} get the favourable decision, of 100 in {most} "
            "({n_most}) {rate_most}: a gap of {gap} ({interval})."
        )
    places = [rates.labels.index(each) for each in (least, most)]
    (n_least, n_most), (rate_least, rate_most) = rates.people[places].tolist(), rates.rates[places].tolist()
    return _(text).format(
        least=shown(least),
        n_least=display.count(n_least),
        rate_least=_of_hundred(rate_least),
        most=shown(most),
        n_most=display.count(n_most),
        rate_most=_of_hundred(rate_most),
        gap=display.points(audit.gap),
        interval=display.points_between(audit.gap_low, audit.gap_high),
    )


def _of_hundred(rate: float) -> str:
    """Return how many of 100 people, to one decimal; more where that would make nobody, or everybody, of a few."""
    people = round(100 * rate, 1)
    return display.number(100 * rate if people in (0, 100) else people)


def _how_sure(audit: DecisionAudit) -> list[str]:
    """Return the verdict on the selection rate, with its reason."""
    if np.isnan(audit.p_value):
        return []
    p, margin = display.chance(audit.p_value), display.points(audit.margin)
    if audit.verdict == testing.DISPARITY:
        said = _(
            "Selection rate: disparity found. A group differs from everybody else by more than chance (p {p}, "
            "corrected for all groups and metrics compared)."
        ).format(p=p)
        if _is_small(audit, audit.shown_tests["selection_rate"]):
            said += " " + _("It is small: the largest gap is within the margin of {margin}.").format(margin=margin)
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
        rates = audit.view.visible("selection_rate")
        smallest = detectable(rates, rates.judged, level=audit.level)
        if np.isfinite(smallest):
            said += " " + _(
                "Only a gap of {smallest} or more between the smallest group and everybody else would mostly be seen."
            ).format(smallest=display.points(smallest))
    if audit.p_within_strata is not None and np.isfinite(audit.p_within_strata):
        said += " " + _("Within strata of {columns}, chance makes such differences with p {p}.").format(
            columns=quoted(audit.counts.strata_columns), p=display.chance(audit.p_within_strata)
        )
    return [said]


def _is_small(audit: DecisionAudit, test: MetricTest) -> bool:
    """Tell whether a difference is within the margin, whichever groups are compared."""
    return bool(test.gap.gap <= audit.margin)


def _errors(audit: DecisionAudit) -> list[str]:
    """Return what was found in the metrics that take the outcome."""
    tests = [test for name, test in audit.shown_tests.items() if name != "selection_rate"]
    found = [
        (
            N_("A disparity is found in: {metrics}."),
            [each for each in tests if each.verdict == testing.DISPARITY and not _is_small(audit, each)],
        ),
        (
            N_("A disparity is found, but it is small, within the margin, in: {metrics}."),
            [each for each in tests if each.verdict == testing.DISPARITY and _is_small(audit, each)],
        ),
        (
            N_("No disparity larger than the margin: {metrics}."),
            [each for each in tests if each.verdict == testing.NO_LARGER],
        ),
        (N_("The data cannot tell: {metrics}."), [each for each in tests if each.verdict == testing.CANNOT_TELL]),
    ]
    said = [_(text).format(metrics=", ".join(_(each.metric.label) for each in which)) for text, which in found if which]
    return [" ".join(said)] if said else []


def _left_out(audit: DecisionAudit) -> list[str]:
    said, view = [], audit.view
    if audit.n_without_outcome and not view.leaves_out_unknown:
        said.append(
            _("{n} records have no known outcome; they count for the selection rate only.").format(
                n=display.count(audit.n_without_outcome)
            )
        )
    said.extend(sentences_of(view, audit.min_cell))
    n_hidden = int((~view.may_show).sum())
    if n_hidden:
        said.append(
            _(
                "Of {n} groups, the figures of {hidden} are held back: fewer than {min_cell} people would be seen in "
                "them, or in others by way of them; join small groups before the audit to see more. Groups of "
                "{min_group} people or more count for p and verdict all the same."
            ).format(n=len(view.decided.labels), hidden=n_hidden, min_cell=audit.min_cell, min_group=audit.min_group)
        )
    n_errors = int((~view.may_show_errors).sum()) - n_hidden if audit.counts.has_outcome else 0
    if n_errors > 0:
        said.append(
            ngettext(
                "Of 1 more group, rates that set decision against outcome are held back: too few people have one of "
                "the errors, or no known outcome.",
                "Of {n} more groups, rates that set decision against outcome are held back: in some of them too few "
                "people have one of the errors, or no known outcome.",
                n_errors,
            ).format(n=n_errors)
        )
    return said


def _level(audit: DecisionAudit) -> str:
    return f"{display.number(100 * audit.level)} %"


def draw(audit: DecisionAudit, ax: Axes | None) -> Axes:
    """Draw the rates of each group that may be shown, with their intervals, side by side."""
    groups = [each for each in group_records(audit) if any(each.get(name) is not None for name in DRAWN)]
    groups.sort(key=lambda each: (each["selection_rate"] is None, -(each["selection_rate"] or 0)))
    groups = list(ends_of(groups))
    drawn = [name for name in DRAWN if name in audit.shown_tests]
    axes = new_axes(ax, (7.0, 1.8 + (0.3 + 0.15 * len(drawn)) * len(groups)))
    for at, name in enumerate(drawn):
        points = [(place, each) for place, each in enumerate(groups) if each.get(name) is not None]
        points = [(place, each) for place, each in points if np.isfinite(each[name])]
        if not points:
            continue
        middle, low, high = (
            100 * np.array([each[f"{name}{end}"] for _place, each in points]) for end in ("", "_low", "_high")
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
        axes.axvline(100 * overall, color="#8a93a3", linewidth=1, linestyle=":", label=_("selection rate of everybody"))
    axes.set_xlabel(_("of 100 people, with {level} interval").format(level=_level(audit)))
    axes.set_title(fill(audit.heading(), 60), loc="left")
    axes.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.5, ncols=2)
    axes.spines[["top", "right"]].set_visible(False)
    return axes
