"""What an audit of profiles says in plain sentences, of nothing but what may be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.fairness import testing
from riskscope.fairness.disclosure import few
from riskscope.fairness.group_figures import of_100
from riskscope.fairness.profiles.records import recall_records, segment_records
from riskscope.fairness.profiles.tables import ALPHA, tenths_between
from riskscope.words import N_, _

if TYPE_CHECKING:
    from riskscope.fairness.profiles.audit import ProfileAudit


def sentences(audit: ProfileAudit) -> list[str]:
    """Return what the figures mean for a person, how sure they are, what drives them, what they do not show."""
    said = [_found(audit), *_how_sure(audit), *_drivers(audit), *_how_strong(audit), *_truth(audit)]
    said.append(
        _(
            "This does not show whether the profile is right about a person, nor why groups differ, nor what harm or "
            "good comes of being in a segment."
        )
    )
    return [*said, *_left_out(audit)]


def _found(audit: ProfileAudit) -> str:
    """Return the headline: the two groups furthest apart in one segment."""
    if audit.segment is None or audit.highest is None or audit.lowest is None:
        return _(
            "Fewer than two groups of {columns} have people enough in one segment to be compared and shown."
        ).format(columns=quoted(audit.counts.columns))
    view = audit.view
    high, low = (view.groups.index(each) for each in (audit.highest, audit.lowest))
    shares = view.weights[:, view.segments.index(audit.segment)] / view.weights.sum(axis=1)
    return _(
        "Of 100 people in {highest} ({n_high}) {high} are called {segment}, of 100 in {lowest} ({n_low}) {low}: a gap "
        "of {gap} ({interval})."
    ).format(
        highest=shown(audit.highest),
        n_high=display.count(view.people[high].sum()),
        high=of_100(float(shares[high])),
        segment=shown(audit.segment),
        lowest=shown(audit.lowest),
        n_low=display.count(view.people[low].sum()),
        low=of_100(float(shares[low])),
        gap=display.points(audit.gap),
        interval=tenths_between(audit.gap_low, audit.gap_high),
    )


def _how_sure(audit: ProfileAudit) -> list[str]:
    """Return the verdict with its reason, and what was tested."""
    if np.isnan(audit.p_value) and audit.verdict != testing.NO_LARGER:
        return []
    margin = display.points(audit.margin)
    largest = display.points(audit.tested.largest if audit.view.is_whole else round(audit.tested.largest, 2))
    if audit.verdict == testing.DISPARITY:
        said = _(
            "Disparity found: were people dealt to the groups at random, such differences would come with a chance of "
            "{p}."
        ).format(p=display.chance(audit.p_value))
        if audit.tested.largest <= audit.margin:
            said += " " + _("It is small: in no segment is a gap larger than the margin of {margin}.").format(
                margin=margin
            )
    elif audit.verdict == testing.NO_LARGER:
        said = _(
            "No disparity larger than the margin: whichever groups and segments are compared, the whole interval of "
            "the gap lies within {margin}."
        ).format(margin=margin)
    else:
        said = _(
            "Cannot tell: chance alone suffices to explain these differences (p {p}), but a gap of up to {largest} in "
            "some segment is not excluded, more than the margin of {margin}."
        ).format(p=display.chance(audit.p_value), largest=largest, margin=margin)
    tested = _(
        "Compared are {groups} groups of {columns} in {segments} segments; intervals hold for all segments and pairs "
        "of groups at once ({level})."
    ).format(
        groups=display.count(audit.n_judged),
        columns=quoted(audit.counts.columns),
        segments=display.count(audit.n_segments_judged),
        level=f"{display.number(100 * audit.level)} %",
    )
    return [said, tested]


def _how_strong(audit: ProfileAudit) -> list[str]:
    if not np.isfinite(audit.cramers_v_corrected):
        return []
    return [
        _(
            "Over all segments, Cramér's V is {corrected} (0: segments tell nothing of the group, 1: they tell all; "
            "{v} before what chance adds is taken off)."
        ).format(v=_to_hundredths(audit.cramers_v), corrected=_to_hundredths(audit.cramers_v_corrected))
    ]


def _to_hundredths(value: float) -> str:
    return display.number(round(value, 2))


def _drivers(audit: ProfileAudit) -> list[str]:
    """Return which segments drive the difference."""
    if audit.verdict != testing.DISPARITY:
        return []
    driving = [each for each in segment_records(audit) if each["p"] <= ALPHA][:3]
    if not driving:
        return [_("No single segment shown stands out by itself.")]
    parts = [
        _("{segment} ({share} of chi-square)").format(
            segment=shown(each["segment"]), share=display.share(each["share_of_chi2"])
        )
        for each in driving
    ]
    return [_("Segments that drive it: {segments}.").format(segments=", ".join(parts))]


def _truth(audit: ProfileAudit) -> list[str]:
    """Return what was found among people of one true class."""
    said = []
    for verdict, text in (
        (
            testing.DISPARITY,
            N_("People truly of these classes are recognised as such more often in some groups: {names}."),
        ),
        (
            testing.NO_LARGER,
            N_("In how often true classes are recognised, no disparity larger than the margin: {names}."),
        ),
    ):
        names = [shown(each["truth"]) for each in recall_records(audit) if each["verdict"] == verdict]
        if names:
            said.append(_(text).format(names=", ".join(names)))
    if audit.p_within_truth is not None and np.isfinite(audit.p_within_truth):
        said.append(
            _(
                "Among people of one true class, differences between groups as large as these have a chance of {p} if "
                "the profile tells people apart by their true class alone."
            ).format(p=display.chance(audit.p_within_truth))
        )
    return said


def _left_out(audit: ProfileAudit) -> list[str]:
    said = []
    if audit.view.joined is not None:
        said.append(
            _(
                "Fewer than {min_cell} people of small groups are counted with the largest group, {group}, in what is "
                "shown; by_cell is exact."
            ).format(min_cell=audit.min_cell, group=shown(audit.view.joined))
        )
    elif audit.too_small != "0":
        said.append(
            _(
                "Groups of fewer than {n} people ({people} people in all) are not shown by themselves, nor judged."
            ).format(n=display.count(max(audit.min_group, audit.min_cell)), people=audit.too_small)
        )
    n_small = audit.n_segments - audit.n_segments_judged
    if n_small:
        said.append(
            _("{n} segments of fewer than {least} people are not judged by themselves.").format(
                n=display.count(n_small), least=display.count(audit.min_group)
            )
        )
    n_held = int((~audit.view.shown).sum())
    if n_held:
        said.append(
            _(
                "Of {n} cells (a group in a segment), {held} are not shown: fewer than {min_cell} people would be seen "
                "in them, or in others by way of them. They count for p and verdict all the same, and figures of the "
                "whole table are rounded."
            ).format(n=display.count(audit.view.shown.size), held=display.count(n_held), min_cell=audit.min_cell)
        )
    if audit.counts.n_without_truth:
        n = audit.counts.n_without_truth
        said.append(
            _("{n} records have no known true class; they count for the segments only.").format(
                n=display.count(n) if n >= audit.min_cell else few(audit.min_cell)
            )
        )
    return said
