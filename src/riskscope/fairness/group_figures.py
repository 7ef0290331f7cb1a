"""One figure of each group that may be shown: as a frame, a sentence, a table, a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from riskscope import display
from riskscope.checks import shown
from riskscope.fairness.outcomes.audit import ends_of
from riskscope.results import Result, new_axes
from riskscope.words import _

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]

BLUE = "#0072b2"


@dataclass(frozen=True, kw_only=True)
class GroupFigure:
    """One group of enough people, and its figure with an interval (NaN where none is told)."""

    group: str
    n_people: int
    value: float
    low: float
    high: float


def figures_frame(groups: Sequence[GroupFigure]) -> pd.DataFrame:
    """Return the figures of groups as a frame, the group as its index."""
    import pandas as pd

    return pd.DataFrame(
        [asdict(each) for each in groups], columns=["group", "n_people", "value", "low", "high"]
    ).set_index("group")


def sentence_of_ends(low: GroupFigure, high: GroupFigure, label: str, written: Callable[[float], str]) -> str:
    """Return which group has the lowest figure, and which the highest."""
    return _(
        "By group, {label} is lowest for {low} ({value_low}; n = {n_low}) and highest for {high} ({value_high}; "
        "n = {n_high})."
    ).format(
        label=label,
        low=shown(low.group),
        value_low=written(low.value),
        n_low=display.count(low.n_people),
        high=shown(high.group),
        value_high=written(high.value),
        n_high=display.count(high.n_people),
    )


def sentences_of_not_shown(n: int, min_cell: int) -> list[str]:
    """Return that groups are held back, if any are."""
    if not n:
        return []
    said = _("{n} groups are not shown: fewer than {least} people in a part, or they give such away.")
    return [said.format(n=display.count(n), least=display.count(min_cell))]


def group_tables(
    groups: Sequence[GroupFigure], columns: Sequence[str], label: str, caption: str, written: Callable[[float], str]
) -> list[Table]:
    """Return a table of the groups; the interval has a column where there is one."""
    if not groups:
        return []
    has_interval = any(np.isfinite(each.low) for each in groups)
    rows = []
    for each in groups:
        row = [each.group, display.count(each.n_people), written(each.value)]
        rows.append([*row, display.shares(each.low, each.high)] if has_interval else row)
    header = [", ".join(columns), _("people"), label, *([_("interval")] if has_interval else [])]
    return [(caption, header, rows)]


def drawn(result: Result, groups: Sequence[GroupFigure], label: str, ax: Axes | None, *, scale: float = 1) -> Axes:
    """Draw the figure of each group, times ``scale``, with its interval where there is one."""
    groups = ends_of(groups)
    axes = new_axes(ax, (7.0, 1.6 + 0.4 * len(groups)))
    places = np.arange(len(groups))
    value, low, high = (scale * np.array([getattr(each, name) for each in groups]) for name in ("value", "low", "high"))
    reach = np.nan_to_num(np.stack([value - low, high - value])).clip(min=0)
    axes.errorbar(value, places, xerr=reach, fmt="o", color=BLUE, capsize=3)
    axes.set_yticks(places, [marked(each.group, each.n_people) for each in groups])
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.margins(x=0.1)
    axes.set_xlabel(label)
    axes.set_title(fill(result.heading(), 60), loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def marked(group: str, n_people: int) -> str:
    """Return how a picture names a group: shortened, with its people, nothing in it read as a formula."""
    short = group if len(group) <= 44 else group[:43] + "…"
    return f"{display.visible(short)} ({display.count(n_people)})".replace("$", r"\$")


def of_100(share: float) -> str:
    """Return how many of 100 people a share makes.

    Examples
    --------
    >>> of_100(0.1692), of_100(0.0), of_100(0.0002)
    ('16.9', '0', '<0.1')
    """
    return display.share(share).removesuffix(" %")


def with_interval(value: str, low: float, high: float, between: Callable[[float, float], str]) -> str:
    """Return a figure, already text, with its interval in brackets where there is one.

    Examples
    --------
    >>> with_interval("16.9 %", 0.138, 0.2118, display.shares), with_interval("0 %", 0, float("nan"), display.shares)
    ('16.9 % (13.8 to 21.2 %)', '0 %')
    """
    if np.isnan(low) or np.isnan(high):
        return value
    return _("{value} ({interval})").format(value=value, interval=between(low, high))
