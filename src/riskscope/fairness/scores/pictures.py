"""Pictures of an audit of scores: distributions, calibration and cut-offs by group, none showing a single record."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from riskscope import display
from riskscope.errors import RiskscopeError
from riskscope.results import new_axes
from riskscope.words import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from riskscope.fairness.scores.audit import ScoreAudit
    from riskscope.fairness.scores.records import Booleans, Numbers, Whole
    from riskscope.fairness.scores.thresholds import Sweep

#: Colours told apart by colour-blind people, too (Okabe and Ito); as many groups are drawn, the largest.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")

#: Curves by the label of their group: horizontal and vertical places of its points.
Curves = dict[str, "tuple[Numbers, Numbers]"]


def draw_curves(axes: Axes, curves: Curves, people: dict[str, int], title: str) -> None:
    """Draw the curves of the largest groups, with a legend beside them that says how many there are."""
    largest = sorted(sorted(curves, key=lambda label: -people[label])[: len(COLOURS)])
    for label, colour in zip(largest, COLOURS, strict=False):
        axes.plot(*curves[label], color=colour, marker="o", markersize=3, label=_legible(label))
    axes.set_title(fill(title, 60), loc="left")
    n = _("largest {n} of {total} groups").format(n=len(largest), total=len(curves))
    axes.legend(
        title=n if len(largest) < len(curves) else None,
        title_fontsize=8,
        fontsize=8,
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
    )
    axes.spines[["top", "right"]].set_visible(False)


def _legible(label: str) -> str:
    """Return a group's label fit for a legend."""
    return display.visible(label if len(label) <= 28 else label[:27] + "…").replace("$", r"\$").lstrip("_")


def draw_distribution(audit: ScoreAudit, ax: Axes | None) -> Axes:
    """Draw the share of each group that scores at most so much; between two points of a group lie people enough."""
    drawn = audit.distribution
    if not audit.has_picture:
        raise RiskscopeError(_("No group has people enough at any point, so there is nothing to draw."))
    axes = new_axes(ax, (7.0, 3.6))
    curves = {
        audit.exact["group"][group]: (drawn.points[seen], 100 * drawn.shares[group, seen])
        for group, seen in enumerate(drawn.is_shown)
        if seen.sum() > 1
    }
    axes.set_xlabel(_("score"))
    axes.set_ylabel(_("% that score at most so much"))
    axes.set_ylim(-2, 102)
    draw_curves(axes, curves, _people(audit), audit.heading())
    return axes


def _people(audit: ScoreAudit) -> dict[str, int]:
    return dict(zip(audit.exact["group"], audit.exact["people"].tolist(), strict=True))


def curves_of(audit: ScoreAudit) -> Curves:
    """Return the calibration curve of each group that has two bins with people enough, or more."""
    curves = {}
    for each in audit.calibrations:
        points = [(one.mean_score, one.observed) for one in each.bins if one.observed is not None]
        if len(points) > 1:
            curves[each.group] = (np.array(points, np.float64)[:, 0], np.array(points, np.float64)[:, 1])
    return curves


def draw_calibration(audit: ScoreAudit, ax: Axes | None) -> Axes:
    """Draw the observed rate of each group against the mean score of each bin with people enough."""
    curves = {label: (100 * scores, 100 * observed) for label, (scores, observed) in curves_of(audit).items()}
    if not curves:
        raise RiskscopeError(_("There is no calibration to draw: {reason}.").format(reason=_no_curve(audit)))
    axes = new_axes(ax, (7.0, 4.2))
    axes.plot([0, 100], [0, 100], color="#888888", linewidth=1, linestyle="--", label=_("as promised"))
    axes.set_xlabel(_("% as scores promise (mean score of the bin)"))
    axes.set_ylabel(_("% with the outcome"))
    question = _("Does a score promise each group the same?")
    draw_curves(axes, curves, _people(audit), f"{audit.about}: {question}" if audit.about else question)
    return axes


def _no_curve(audit: ScoreAudit) -> str:
    return (
        _(audit.no_calibration)
        if audit.no_calibration
        else _("no two bins of a group have people enough with and without the outcome")
    )


def draw_sweep(sweep: Sweep, at: Whole, is_shown: Booleans, rates: Numbers, name: str, ax: Axes | None) -> Axes:
    """Draw a rate (n_groups, n_steps) of each group against the share of everybody selected, at the steps shown."""
    axes = new_axes(ax, (7.0, 3.6))
    curves = {
        label: (100 * sweep.share[at][seen], 100 * rates[group, seen])
        for group, (label, seen) in enumerate(zip(sweep.labels, is_shown, strict=True))
        if seen.sum() > 1
    }
    people = dict(zip(sweep.labels, sweep.people[:, 0].sum(axis=1).tolist(), strict=True))
    axes.set_xlabel(_("% of everybody selected"))
    axes.set_ylabel(fill(_("% {metric}").format(metric=name), 32))
    draw_curves(axes, curves, people, sweep.heading())
    return axes
