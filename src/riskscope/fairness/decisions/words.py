"""An audit of decisions in plain sentences and as a picture."""

from __future__ import annotations

import math
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.fairness import testing
from riskscope.fairness.decisions.evidence import MetricTest, detectable, gap_shown
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
    rates = audit.view.comparable(audit.favourable_metric)
    if rates.judged.sum() < 2 or audit.highest is None or audit.lowest is None:
        return _not_compared(audit)
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
    n_least, n_most = rates.people[places].tolist()
    rate_least, rate_most = (_people(audit, audit.favourable_metric, at) for at in places)
    gap, interval = points_apart(audit.gap), display.points_between(audit.gap_low, audit.gap_high)
    if audit.view.has_ranges("selection_rate"):
        gap, interval = _ranged_gap(audit)
    return _(text).format(
        least=shown(least),
        n_least=display.count(n_least),
        rate_least=rate_least,
        most=shown(most),
        n_most=display.count(n_most),
        rate_most=rate_most,
        gap=gap,
        interval=interval,
    )


def _not_compared(audit: DecisionAudit) -> str:
    """Return why no two groups are set against each other."""
    columns, view = quoted(audit.counts.columns), audit.view
    if view.rates_of("selection_rate").judged.sum() < 2:
        return _(
            "Fewer than two groups of {columns} have {min_group} people or more: there is nobody to compare."
        ).format(columns=columns, min_group=audit.min_group)
    if audit.selection_rate in (0, 1):
        said = _("Nobody of all {n} gets the positive decision, so no group of {columns} differs.")
        if audit.selection_rate:
            said = _("Everybody of all {n} gets the positive decision, so no group of {columns} differs.")
        return said.format(n=display.count(audit.n_records), columns=columns)
    if view.comparable("selection_rate").judged.sum() < 2:
        return _(
            "The rates of the groups of {columns} are held back: in a group, fewer than {min_cell} people have one of "
            "the two decisions, and other figures would tell how many."
        ).format(columns=columns, min_cell=audit.min_cell)
    if view.has_ranges("selection_rate"):
        return _(
            "Which group of {columns} is ahead is left open: fewer than {min_cell} people of a group have one of the "
            "two decisions, so its rate is told in a range only."
        ).format(columns=columns, min_cell=audit.min_cell)
    return _("No rate of the groups of {columns} is defined.").format(columns=columns)


def _people(audit: DecisionAudit, metric: str, at: int) -> str:
    """Return how many of 100 people of a group are hit, in a range where no more may be told."""
    rates, low, high, text = audit.view.rates_of(metric), *hundreds_of(audit, metric, at)
    if not audit.view.is_ranged[at]:
        return _of_hundred(float(rates.rates[at]))
    return text.format(low=low, high=high)


def hundreds_of(audit: DecisionAudit, metric: str, at: int) -> tuple[int, int, str]:
    """Return between which whole numbers of 100 people the rate of a group lies, and how that is said."""
    rates, (least, most) = audit.view.rates_of(metric), audit.view.bounds_of(metric)
    low, high, size = int(least[at]), int(most[at]), int(rates.sizes[at])
    if low == 0:
        return 0, math.ceil(100 * min(high + 1, size) / size), _("under {high}")
    if high == size:
        return math.floor(100 * max(low - 1, 0) / size), 100, _("over {low}")
    return math.floor(100 * low / size), math.ceil(100 * high / size), _("{low} to {high}")


def _ranged_gap(audit: DecisionAudit) -> tuple[str, str]:
    """Return how far apart the rates are for sure, and the interval, in whole points as rates in a range are told."""
    gap = gap_shown(audit.view, "selection_rate", level=audit.level)
    low, high = math.floor(100 * gap.low), math.ceil(100 * gap.high)
    return at_least(gap.gap), _("{low} to {high} points").format(low=low, high=high)


def at_least(gap: float) -> str:
    """Return a gap of which a range is known, in whole points."""
    if math.isnan(gap):
        return _("undefined")
    return _("at least {n} points").format(n=math.floor(100 * gap + 1e-9))


def points_apart(gap: float) -> str:
    """Return a gap in percentage points that never rounds something to nothing."""
    return _("under 0.1 points") if 0 < abs(gap) < 0.0005 else display.points(gap)


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
        rates = audit.view.comparable("selection_rate")
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
    """Tell whether a difference is within the margin, whichever groups are compared; never of a gap held back."""
    name = test.metric.name
    if audit.view.comparable(name).judged.sum() < max(2, test.n_judged):
        return False
    return bool((test.gap.high if audit.view.has_ranges(name) else test.gap.gap) <= audit.margin)


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
    said.extend(_one_outcome(audit))
    said.extend(_held_back(audit))
    return said


def _one_outcome(audit: DecisionAudit) -> list[str]:
    """Return what is undefined where all outcomes that are known are the same, or none is known."""
    if not audit.counts.has_outcome or not audit.n_records:
        return []
    other, positive = audit.view.against_outcome.counts.sum(axis=(0, 1, 3))[:2].tolist()
    if not other and not positive:
        return [_("No outcome is known: whatever sets decision against outcome is undefined.")]
    if positive and other:
        return []
    if other:
        return [
            _(
                "Nobody has the positive outcome: the true positive rate and all that is made of it are undefined, and "
                "in precision and negative predictive value no group can differ."
            )
        ]
    return [
        _(
            "Everybody has the positive outcome: the false positive rate and all that is made of it are undefined, and "
            "in precision and negative predictive value no group can differ."
        )
    ]


def _held_back(audit: DecisionAudit) -> list[str]:
    """Return of how many groups figures are not told, or in a range, and why."""
    said, view = [], audit.view
    if view.ranges is not None:
        said.append(
            _(
                "In at least one group, fewer than {min_cell} people have one of the two decisions. Its rate, and "
                "any that would give it away, are told in a range; the interval holds wherever in these the rates "
                "are, and p is rounded up."
            ).format(min_cell=audit.min_cell)
        )
    n_groups, n_hidden = len(view.decided.labels), int((~view.told_of).sum())
    if n_hidden:
        said.append(
            _(
                "Of {n} groups, the figures of {hidden} are held back: in one of them at least, fewer than {min_cell} "
                "people have one of the two decisions, and the figures of others would give that away by way of "
                "totals. Groups of {min_group} people or more count for verdict and p, rounded up, all the same."
            ).format(n=n_groups, hidden=n_hidden, min_cell=audit.min_cell, min_group=audit.min_group)
        )
    n_errors = int((~view.may_show_errors).sum()) - n_hidden if audit.counts.has_outcome else 0
    if n_errors > 0:
        said.append(_errors_held_back(len(view.against_outcome.labels), n_errors, n_hidden))
    return said


def _errors_held_back(n_groups: int, n_errors: int, n_hidden: int) -> str:
    if n_hidden:
        return ngettext(
            "Of 1 more group, rates that set decision against outcome are held back: too few people have one of "
            "the errors, or no known outcome.",
            "Of {n} more groups, rates that set decision against outcome are held back: in some of them too few "
            "people have one of the errors, or no known outcome.",
            n_errors,
        ).format(n=n_errors)
    return _(
        "Of {n_errors} of the {n} groups, rates that set decision against outcome are held back: in some of them too "
        "few people are rightly or wrongly decided on in one of the two ways, or have no known outcome."
    ).format(n_errors=n_errors, n=n_groups)


def _level(audit: DecisionAudit) -> str:
    return f"{display.number(100 * audit.level)} %"


def _rank(group: dict[str, Any]) -> tuple[bool, float]:
    """Return where a group stands in the picture: the highest selection rate first, those without one last."""
    rate = group.get("selection_rate_at_most", group["selection_rate"])
    return rate is None, -(rate or 0)


def _draw_ranges(axes: Axes, groups: list[dict[str, Any]]) -> None:
    """Draw the selection rates that are told in a range as bars without a middle."""
    ranged = [(place, each) for place, each in enumerate(groups) if "selection_rate_at_most" in each]
    if ranged:
        ends = [
            100 * np.array([each[f"selection_rate_{end}"] for _place, each in ranged])
            for end in ("at_least", "at_most")
        ]
        axes.barh(
            [place for place, _each in ranged],
            (ends[1] - ends[0]).clip(min=0.4),
            left=ends[0],
            height=0.3,
            color="none",
            edgecolor=MEAN,
            hatch="////",
            label=_("selection rate, told in a range"),
        )


def draw(audit: DecisionAudit, ax: Axes | None) -> Axes:
    """Draw the rates of each group that may be shown, with their intervals, side by side."""
    wanted = (*DRAWN, "selection_rate_at_most")
    groups = [each for each in group_records(audit) if any(each.get(name) is not None for name in wanted)]
    groups.sort(key=_rank)
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
    _draw_ranges(axes, groups)
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
