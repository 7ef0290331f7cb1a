"""The tables and the picture of an audit of profiles: nothing but what may be shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from riskscope import display
from riskscope.fairness.group_figures import of_100, with_interval
from riskscope.fairness.profiles.records import (
    Record,
    cell_records,
    pair_records,
    picked,
    picked_text,
    recall_records,
    segment_records,
)
from riskscope.fairness.testing import DISPARITY
from riskscope.results import new_axes
from riskscope.words import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from riskscope.fairness.profiles.audit import ProfileAudit

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]

#: A table of groups by segments, and the picture, has so many rows and columns at most; recall so many groups.
MOST_DOWN, MOST_ACROSS, MOST_RECALLED = 25, 7, 4
#: So many segments, driving cells, pairs of groups and true classes are listed at most.
MOST_LISTED = 10
#: Corrected p at which a cell, or a segment, is said to drive the difference.
ALPHA = 0.05


def tables(audit: ProfileAudit) -> list[Table]:
    """Return segments, shares both ways, the cells that drive the difference, distances, recall."""
    if not audit.view.shown.any():
        return []
    return [
        _segment_table(audit),
        _share_table(audit, _of_group, _("Of each group, the share in each segment, with its interval")),
        _share_table(audit, _of_segment, _("Of each segment, the share that is of each group")),
        *_driving_table(audit),
        *_pair_table(audit),
        *_recall_table(audit),
    ]


def _segment_table(audit: ProfileAudit) -> Table:
    header = [_("segment"), _("people"), _("highest share"), _("lowest share"), _("gap, with its interval")]
    header += [_("share of chi-square"), _("p (corrected)"), _("verdict")]
    records = segment_records(audit)
    rows = [
        (
            each["segment"],
            display.count(each["people"]),
            *((_not_shown(), "–", "–") if each["highest"] is None else (*_ends(each), _gap(each))),
            display.share(each["share_of_chi2"]),
            display.chance(each["p"]),
            _verdict(each, audit.margin),
        )
        for each in records[:MOST_DOWN]
    ]
    caption = _("Segments: the groups furthest apart in each, and how much of the whole difference lies there")
    return _cut(caption, len(rows), len(records)), header, rows


def _ends(record: Record) -> tuple[str, str]:
    """Return the groups with the highest and lowest share in a segment, with these."""
    highest, lowest = (
        _("{share} {group}").format(group=record[name], share=display.share(record[f"{name}_share"]))
        for name in ("highest", "lowest")
    )
    return highest, lowest


def _share_table(audit: ProfileAudit, text: Callable[[Record], str], caption: str) -> Table:
    """Return shares of groups in segments, those of which there are more going down."""
    view = audit.view
    groups, segments, is_down = picked(audit, MOST_DOWN, MOST_ACROSS)
    records = {(each["group"], each["segment"]): each for each in cell_records(audit)}
    cells = [[text(records[view.groups[row], view.segments[at]]) for at in segments] for row in groups]
    group_names = [
        _("{name} ({n})").format(name=view.groups[row], n=display.count(view.people[row].sum())) for row in groups
    ]
    segment_names = [view.segments[at] for at in segments]
    some = picked_text(audit, groups, segments)
    caption = _("{caption} ({some})").format(caption=caption, some=some) if some else caption
    if is_down:
        rows = [(group, *line) for group, line in zip(group_names, cells, strict=True)]
        return caption, [_("group (people)"), *segment_names], rows
    rows = [(segment, *line) for segment, *line in zip(segment_names, *cells, strict=True)]
    return caption, [_("segment"), *group_names], rows


def _driving_table(audit: ProfileAudit) -> list[Table]:
    cells = [each for each in cell_records(audit) if each["p"] is not None and each["p"] <= ALPHA]
    if audit.n_judged == 2:  # what one group is more often, the other is less often
        cells = [each for each in cells if each["residual"] > 0]
    cells.sort(key=lambda each: -abs(each["residual"]))
    header = [_("group"), _("segment"), _("people"), _("expected"), _("standard deviations from expected")]
    header += [_("p (corrected)"), _("what it means")]
    rows = [
        (
            each["group"],
            each["segment"],
            display.count(each["people"]),
            display.count(each["expected"]),
            display.number(round(each["residual"], 1)),
            display.chance(each["p"]),
            _("more often than everybody else") if each["residual"] > 0 else _("less often than everybody else"),
        )
        for each in cells[:MOST_LISTED]
    ]
    caption = _cut(_("Groups in segments that drive the difference"), len(rows), len(cells))
    return [(caption, header, rows)] if rows else []


def _pair_table(audit: ProfileAudit) -> list[Table]:
    records = pair_records(audit)
    header = [_("first"), _("second"), _("people of 100")]
    rows = [
        (each["first"], each["second"] or _("everybody judged"), of_100(each["total_variation"]))
        for each in records[:MOST_LISTED]
    ]
    caption = _cut(
        _("Of 100 people of the first, how many would change segment to be spread as the second (total variation)"),
        len(rows),
        len(records),
    )
    return [(caption, header, rows)] if rows else []


def _recall_table(audit: ProfileAudit) -> list[Table]:
    records = recall_records(audit)
    groups, *_rest = picked(audit, MOST_RECALLED, MOST_RECALLED)
    names = [audit.view.groups[at] for at in groups if at < len(audit.view.rows)]
    header = [_("true class"), *names, _("gap, with its interval"), _("p (corrected)"), _("verdict")]
    rows = []
    for each in records[:MOST_LISTED]:
        told = {one["group"]: one for one in each["groups"]}
        rates = [_share_with_interval(told[name], "recall", "low", "high") for name in names]
        gap = _not_shown() if each["highest"] is None else _gap(each)
        rows.append((each["truth"], *rates, gap, display.chance(each["p"]), _verdict(each, audit.margin)))
    caption = _cut(_("Of people truly in a class, the share that the profile puts there"), len(rows), len(records))
    return [(caption, header, rows)] if rows else []


def _cut(caption: str, n: int, n_all: int) -> str:
    """Return a caption that says of how many rows these are the first, where some are left out."""
    if n == n_all:
        return caption
    return _("{caption} (the first {n} of {all})").format(caption=caption, n=display.count(n), all=display.count(n_all))


def _not_shown() -> str:
    return _("not shown")


def _verdict(record: Record, margin: float) -> str:
    """Return the verdict on a gap between groups shown, with what the margin makes of it."""
    if record["verdict"] == DISPARITY and record["high"] <= margin:
        return _("disparity found, small (within the margin)")
    return _(record["verdict"])


def _gap(record: Record) -> str:
    return with_interval(display.points(record["gap"]), record["low"], record["high"], tenths_between)


def _of_group(record: Record) -> str:
    return _share_with_interval(record, "share_of_group", "share_of_group_low", "share_of_group_high")


def _of_segment(record: Record) -> str:
    share = record["share_of_segment"]
    return _not_shown() if share is None else display.share(share)


def _share_with_interval(record: Record, name: str, low: str, high: str) -> str:
    if record[name] is None:
        return _not_shown()
    return with_interval(display.share(record[name]), record[low], record[high], tenths_between)


def tenths_between(low: float, high: float) -> str:
    """Return an interval of shares as people of 100.

    Examples
    --------
    >>> tenths_between(0.0978, 0.1211)
    '9.8 to 12.1'
    """
    return _("{low} to {high}").format(low=of_100(low), high=of_100(high))


def draw(audit: ProfileAudit, ax: Axes | None) -> Axes:
    """Draw share of each group in each segment, coloured by how far it lies from what is expected."""
    from matplotlib.patches import Rectangle

    view = audit.view
    groups, segments, is_down = picked(audit, MOST_DOWN, MOST_ACROSS)
    records = {(each["group"], each["segment"]): each for each in cell_records(audit)}
    lines = [[records[view.groups[row], view.segments[at]] for at in segments] for row in groups]
    down, across = [view.groups[row] for row in groups], [view.segments[at] for at in segments]
    if not is_down:
        lines, down, across = [list(line) for line in zip(*lines, strict=True)], across, down
    colours = np.array([[np.nan if each["residual"] is None else each["residual"] for each in line] for line in lines])
    axes = new_axes(ax, (7.0, 2.2 + 0.3 * len(down)))
    furthest = max(3.0, float(np.nanmax(np.abs(colours), initial=0)))
    image = axes.imshow(colours, cmap="PuOr_r", vmin=-furthest, vmax=furthest, aspect="auto")
    for y, line in enumerate(lines):
        for x, each in enumerate(line):
            if each["share_of_group"] is None:
                corner = (x - 0.5, y - 0.5)
                axes.add_patch(Rectangle(corner, 1, 1, fill=False, hatch="///", edgecolor="#8a93a3", linewidth=0))
                continue
            brightness = np.dot(image.to_rgba(np.nan_to_num(colours[y, x]))[:3], (0.299, 0.587, 0.114))
            text = display.share(each["share_of_group"])
            axes.text(x, y, text, ha="center", va="center", fontsize=8, color="k" if brightness > 0.5 else "w")
    width = max(9, 60 // len(across))
    axes.set_yticks(range(len(down)), [_label(name, 26) for name in down], fontsize=8)
    axes.set_xticks(range(len(across)), [fill(_label(name, 3 * width), width) for name in across], fontsize=8)
    axes.figure.colorbar(image, ax=axes, label=_("standard deviations from expected"))
    axes.set_title(fill(audit.heading(), 62), loc="left")
    below = _("share of the group in the segment; hatched: not shown")
    some = picked_text(audit, groups, segments)
    axes.set_xlabel(f"{below}\n{some}" if some else below, fontsize=8)
    return axes


def _label(name: str, longest: int) -> str:
    """Return a name fit for an axis; of a long one, beginning and end, as long names often differ in the end."""
    half = (longest - 1) // 2
    short = name if len(name) <= longest else f"{name[:half].rstrip()}…{name[-half:].lstrip()}"
    return display.visible(short).replace("$", r"\$")
