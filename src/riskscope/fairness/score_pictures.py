"""Pictures of an audit of scores: distributions and calibration curves by group, none showing a single record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskscope import display
from riskscope.errors import RiskscopeError
from riskscope.results import new_axes
from riskscope.words import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from riskscope.fairness.scores import ScoreAudit


#: Colours told apart by colour-blind people, too (Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a7500", "#444444")


def legible(label: str) -> str:
    """Return a group's label fit for a legend."""
    return display.visible(label if len(label) <= 28 else label[:27] + "…").replace("$", r"\$").lstrip("_")


def finish(axes: Axes, title: str) -> None:
    """Put title and legend to a picture of curves."""
    axes.set_title(title, loc="left")
    axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def draw_distribution(audit: ScoreAudit, ax: Axes | None) -> Axes:
    """Draw the share of each group that scores at most so much; between two points of a group lie people enough."""
    drawn = audit.distribution
    if not audit.has_picture:
        raise RiskscopeError(_("No group has people enough at any point, so there is nothing to draw."))
    axes = new_axes(ax, (7.0, 4.2))
    labels = audit.exact["group"]
    for number, group in enumerate(np.flatnonzero(drawn.is_shown.any(axis=1))[: len(COLOURS)]):
        seen = drawn.is_shown[group]
        axes.plot(
            drawn.points[seen],
            100 * drawn.shares[group, seen],
            color=COLOURS[number],
            marker="o",
            markersize=3,
            label=legible(labels[group]),
        )
    axes.set_xlabel(_("score"))
    axes.set_ylabel(_("% of the group that score at most so much"))
    axes.set_ylim(-2, 102)
    finish(axes, audit.heading())
    return axes


def draw_calibration(audit: ScoreAudit, ax: Axes | None) -> Axes:
    """Draw the observed rate of each group against the mean score of each bin with people enough."""
    curves = {
        each.group: [(one.mean_score, one.observed) for one in each.bins if one.observed is not None]
        for each in audit.calibrations
    }
    curves = {group: points for group, points in curves.items() if points}
    if not curves:
        raise RiskscopeError(_("There is no calibration to draw: {reason}.").format(reason=_no_curve(audit)))
    axes = new_axes(ax, (6.0, 5.0))
    axes.plot([0, 1], [0, 1], color="#888888", linewidth=1, linestyle="--", label=_("as promised"))
    for number, (group, points) in enumerate(list(curves.items())[: len(COLOURS)]):
        scores, observed = zip(*points, strict=True)
        axes.plot(scores, observed, color=COLOURS[number], marker="o", markersize=4, label=legible(group))
    axes.set_xlabel(_("mean score of the bin"))
    axes.set_ylabel(_("share with the outcome"))
    finish(axes, _("What does a score promise each group?"))
    return axes


def _no_curve(audit: ScoreAudit) -> str:
    return (
        _(audit.no_calibration) if audit.no_calibration else _("no bin has people enough with and without the outcome")
    )
