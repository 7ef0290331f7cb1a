"""How an audit of profiles is told: sentences, tables and a picture, of nothing but what may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.fairness import testing
from riskscope.fairness.association import variation_to_pooled
from riskscope.fairness.disclosure import few, shown_groups
from riskscope.fairness.outcome import span
from riskscope.fairness.profile_tests import placed
from riskscope.fairness.profile_view import View, ends, significant
from riskscope.intervals import wilson
from riskscope.results import new_axes
from riskscope.words import N_, _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from riskscope.fairness.profile_tests import Judged
    from riskscope.fairness.profiles import ProfileAudit

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]
Record = dict[str, Any]

#: A table or a picture shows so many groups, segments or driving cells at most: those with the largest share of chi2.
MOST_GROUPS, MOST_SEGMENTS, MOST_CELLS = 10, 25, 20
#: Corrected p at which a cell, or a segment, is said to drive the difference.
ALPHA = 0.05


def headline(view: View, tested: Judged, *, level: float) -> Record:
    """Return the segment with the largest gap between groups that may be shown."""
    found = [(ends(view, tested, at), at) for at in range(len(view.columns))]
    told = [(each, at) for each, at in found if each.gap.first >= 0]
    if not told:
        return {
            "segment": None,
            "highest": None,
            "lowest": None,
            **dict.fromkeys(("gap", "gap_low", "gap_high"), np.nan),
        }
    best, column = max(told, key=lambda each: each[0].gap.gap)
    return {
        "segment": view.segments[column],
        "highest": view.groups[best.gap.first],
        "lowest": view.groups[best.gap.last],
        "gap": view.rounded(best.gap.gap),
        "gap_low": view.rounded(best.gap.low),
        "gap_high": view.rounded(best.gap.high),
    }


def segment_records(audit: ProfileAudit) -> list[Record]:
    """Return the figures of each segment that may be shown, that with the largest share of chi-square first."""
    view, tested, records = audit.view, audit.tested, []
    for at, place in enumerate(view.columns):
        test, found = tested.segments[place], ends(view, tested, at)
        is_told = found.gap.first >= 0
        records.append(
            {
                "segment": view.segments[at],
                "people": view.total(at),
                "highest": view.groups[found.gap.first] if is_told else None,
                "lowest": view.groups[found.gap.last] if is_told else None,
                **{name: view.rounded(getattr(found.gap, name)) for name in ("gap", "low", "high")},
                "ratio": significant(found.ratio, exact=view.is_whole),
                "share_of_chi2": significant(test.share_of_chi2, exact=view.is_whole),
                "p": significant(test.p, exact=view.is_whole),
                "verdict": test.verdict,
            }
        )
    return sorted(records, key=lambda each: -np.nan_to_num(each["share_of_chi2"]))


def cell_records(audit: ProfileAudit) -> list[Record]:
    """Return each group in each segment; figures are None where held back."""
    view = audit.view
    of_group, of_segment = (view.shares(axis=axis, level=audit.level) for axis in (1, 0))
    records = []
    for row, group in enumerate(view.groups):
        for at, segment in enumerate(view.segments):
            record: Record = {"group": group, "segment": segment, "people": view.cell(row, at)}
            for name, figures in (("share_of_group", of_group), ("share_of_segment", of_segment)):
                is_told = view.shown[row, at] and (figures is of_group or view.decimals is None)
                for end, values in zip(("", "_low", "_high"), figures, strict=True):
                    record[name + end] = view.rounded(float(values[row, at])) if is_told else None
            records.append(record | _judged(audit, row, at, of_group[0]))
    return records


def _judged(audit: ProfileAudit, row: int, at: int, shares: Any) -> Record:
    """Return how far a cell lies from what is expected, None where it is not judged or held back."""
    view, tested = audit.view, audit.tested
    record: Record = dict.fromkeys(("expected", "residual", "p", "to_reference"))
    if not view.shown[row, at] or row >= len(view.rows) or at >= len(view.columns):
        return record
    place = view.rows[row], view.columns[at]
    record["expected"] = None if view.decimals is not None else float(tested.expected[place])
    residual = float(tested.residuals[place])
    record["residual"] = residual if view.is_whole or np.isnan(residual) else round(residual, 1)
    record["p"] = significant(float(tested.p_cells[place]), exact=view.is_whole)
    if audit.reference in view.groups[: len(view.rows)]:
        other = view.groups.index(audit.reference)
        if view.shown[other, at]:
            record["to_reference"] = view.rounded(float(shares[row, at] - shares[other, at]))
    return record


def pair_records(audit: ProfileAudit) -> list[Record]:
    """Return the total variation of each two groups, and of each to everybody, where no cell of theirs is held back."""
    view = audit.view
    named = range(len(view.rows))
    if len(named) > MOST_GROUPS:
        return []
    pooled = variation_to_pooled(view.weights[named])
    found = [
        {"first": view.groups[a], "second": view.groups[b], "total_variation": view.rounded(far)}
        for a, b, far in view.pairs()
    ]
    if view.shown[named].all() and len(named) > 1:
        found += [
            {"first": view.groups[a], "second": None, "total_variation": view.rounded(float(pooled[a]))} for a in named
        ]
    return found


def recall_records(audit: ProfileAudit) -> list[Record]:
    """Return the recall of each true class in each group of people enough; None where held back."""
    records = []
    names = np.array([audit.counts.groups.index(each) for each in audit.view.groups[: len(audit.view.rows)]], int)
    for test in audit.recalls:
        if test.people[names].sum() < audit.min_cell:
            continue
        parts = np.stack([test.hit_people, test.people - test.hit_people], axis=1)
        others = np.delete(parts, names, axis=0).sum(axis=0, keepdims=True)
        seen = shown_groups(np.concatenate([parts[names], others[others.sum(axis=1) > 0]]), audit.min_cell)
        seen = seen[: len(names)] & test.judged[names]
        low, high = wilson(test.hits, test.sizes, level=audit.level)
        told = names[seen]
        gap = placed(testing.gap_interval(test.hits[told], test.sizes[told], level=audit.level), told)
        is_gap = gap.first >= 0
        records.append(
            {
                "truth": test.truth,
                "highest": audit.counts.groups[gap.first] if is_gap else None,
                "lowest": audit.counts.groups[gap.last] if is_gap else None,
                **{name: audit.view.rounded(getattr(gap, name)) for name in ("gap", "low", "high")},
                "p": significant(test.p, exact=bool(seen.all())),
                "verdict": test.verdict,
                "groups": [
                    {
                        "group": audit.counts.groups[place],
                        **{
                            name: audit.view.rounded(float(values[place])) if is_told else None
                            for name, values in (("recall", test.rates), ("low", low), ("high", high))
                        },
                    }
                    for place, is_told in zip(names.tolist(), seen.tolist(), strict=True)
                ],
            }
        )
    return records


def sentences(audit: ProfileAudit) -> list[str]:
    """Return what the figures mean for a person, how sure they are, what drives them, what they do not show."""
    said = [_found(audit), *_how_sure(audit), *_drivers(audit), *_truth(audit)]
    said.append(
        _(
            "This does not show whether the profile is right about a person, nor why groups differ, nor what harm or "
            "good comes of being in a segment."
        )
    )
    return [*said, *_left_out(audit)]


def _found(audit: ProfileAudit) -> str:
    if audit.segment is None or audit.highest is None or audit.lowest is None:
        return _(
            "Fewer than two groups of {columns} have people enough in one segment to be compared and shown."
        ).format(columns=quoted(audit.counts.columns))
    view = audit.view
    high, low = (view.groups.index(each) for each in (audit.highest, audit.lowest))
    shares = view.weights[:, view.segments.index(audit.segment)] / view.weights.sum(axis=1)
    said = _(
        "Of 100 people in {highest} (n = {n_high}), {high} are in segment {segment}; of 100 in {lowest} (n = {n_low}), "
        "{low}: among the groups of {columns}, no other segment shown has a larger gap ({interval} in shares, at a "
        "level of {level} for all segments and pairs of groups at once)."
    ).format(
        highest=shown(audit.highest),
        n_high=_people(view.size(high)),
        high=_of_100(view.rounded(float(shares[high]))),
        segment=shown(audit.segment),
        lowest=shown(audit.lowest),
        n_low=_people(view.size(low)),
        low=_of_100(view.rounded(float(shares[low]))),
        columns=quoted(audit.counts.columns),
        interval=span(audit.gap_low, audit.gap_high),
        level=display.share(audit.level),
    )
    if np.isfinite(audit.cramers_v):
        said += " " + _(
            "Cramér's V, 0 where segments tell nothing of the group and 1 where they tell all, is {v} ({corrected} "
            "less what chance adds)."
        ).format(v=display.number(audit.cramers_v), corrected=display.number(audit.cramers_v_corrected))
    return said


def _how_sure(audit: ProfileAudit) -> list[str]:
    """Return the verdict with its reason."""
    margin = display.number(audit.margin)
    if audit.verdict == testing.DISPARITY:
        said = _(
            "Disparity found: were people dealt to the groups at random, such differences would come with a chance of "
            "{p}."
        ).format(p=display.share(audit.p_value))
        if all(each.high <= audit.margin for each in audit.tested.segments):
            said += " " + _("It is small: no gap is larger than the margin of {margin}.").format(margin=margin)
    elif audit.verdict == testing.NO_LARGER:
        said = _(
            "No disparity larger than the margin: whichever groups and segments are compared, the whole interval of "
            "the gap lies within {margin}."
        ).format(margin=margin)
    elif np.isnan(audit.p_value):
        return []
    else:
        said = _(
            "Cannot tell: chance alone makes such differences often enough (p {p}), and the interval of a gap reaches "
            "beyond the margin of {margin}."
        ).format(p=display.share(audit.p_value), margin=margin)
    tested = _(
        "Tested are {groups} groups in {segments} segments, smaller segments together as one more where there are any."
    ).format(groups=display.count(audit.n_judged), segments=display.count(audit.n_segments_judged))
    return [said, tested]


def _drivers(audit: ProfileAudit) -> list[str]:
    """Return which segments drive the difference."""
    driving = [each for each in segment_records(audit) if each["p"] <= ALPHA][:3]
    if audit.verdict != testing.DISPARITY:
        return []
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
            ).format(p=display.share(audit.p_within_truth))
        )
    return said


def _left_out(audit: ProfileAudit) -> list[str]:
    said = []
    if audit.too_small != "0":
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


def tables(audit: ProfileAudit) -> list[Table]:
    """Return segments, shares both ways, the cells that drive the difference, distances, recall."""
    if not audit.view.shown.any():
        return []
    found = [
        _segment_table(audit),
        _share_table(audit, "share_of_group", _("Of each group, the share in each segment")),
    ]
    if audit.view.decimals is None:
        found.append(_share_table(audit, "share_of_segment", _("Of each segment, the share that is of each group")))
    return [*found, *_driving_table(audit), *_pair_table(audit), *_recall_table(audit)]


def _segment_table(audit: ProfileAudit) -> Table:
    header = [_("segment"), _("people"), _("gap"), _("interval"), _("highest"), _("lowest"), _("lowest to highest")]
    header += [_("share of chi-square"), _("p (corrected)"), _("verdict")]
    rows = [
        (
            each["segment"],
            _people(each["people"]),
            *(
                (_not_shown(), "–", "–", "–", "–")
                if each["highest"] is None
                else (
                    display.number(each["gap"]),
                    span(each["low"], each["high"]),
                    each["highest"],
                    each["lowest"],
                    display.number(each["ratio"]),
                )
            ),
            display.share(each["share_of_chi2"]),
            display.number(each["p"]),
            _(each["verdict"]),
        )
        for each in segment_records(audit)
    ]
    return _("Segments: largest gap between groups shown, and how much of the difference lies here"), header, rows


def _share_table(audit: ProfileAudit, name: str, caption: str) -> Table:
    """Return shares with intervals, a row a segment, a column a group."""
    groups, segments = _picked(audit)
    view = audit.view
    records = {(each["group"], each["segment"]): each for each in cell_records(audit)}

    def text(group: str, segment: str) -> str:
        return _with_interval(records[group, segment], name, f"{name}_low", f"{name}_high")

    labels, columns = (
        [names[at] for at in places] for names, places in ((view.segments, segments), (view.groups, groups))
    )
    header = [
        _("segment"),
        *(_("{group} (n = {n})").format(group=view.groups[at], n=_people(view.size(at))) for at in groups),
    ]
    return caption, header, [(segment, *(text(group, segment) for group in columns)) for segment in labels]


def _picked(audit: ProfileAudit) -> tuple[list[int], list[int]]:
    """Return the rows and columns that a table or picture has room for: the largest groups, the telling segments."""
    view = audit.view
    telling = [audit.tested.segments[at].share_of_chi2 for at in view.columns]
    telling += [-1.0] * (len(view.segments) - len(telling))
    segments = np.argsort(-np.nan_to_num(np.array(telling)), kind="stable")[:MOST_SEGMENTS]
    groups = np.argsort(-view.people.sum(axis=1), kind="stable")[:MOST_GROUPS]
    return sorted(groups.tolist()), segments.tolist()


def _driving_table(audit: ProfileAudit) -> list[Table]:
    cells = [each for each in cell_records(audit) if each["p"] is not None and each["p"] <= ALPHA]
    cells.sort(key=lambda each: -abs(each["residual"]))
    header = [_("group"), _("segment"), _("people"), _("expected"), _("standard deviations from expected")]
    header += [_("p (corrected)"), _("what it means")]
    rows = [
        (
            each["group"],
            each["segment"],
            _people(each["people"]),
            _not_shown() if each["expected"] is None else display.number(each["expected"]),
            display.number(each["residual"]),
            display.number(each["p"]),
            _("more often than others") if each["residual"] > 0 else _("less often than others"),
        )
        for each in cells[:MOST_CELLS]
    ]
    return [(_("Groups in segments that drive the difference"), header, rows)] if rows else []


def _pair_table(audit: ProfileAudit) -> list[Table]:
    header = [_("groups"), _("total variation"), _("what it means")]
    rows = [
        (
            f"{each['first']} – {each['second'] or _('everybody judged')}",
            display.number(each["total_variation"]),
            _("of 100 people of the first, {n} would change segment to be spread as the second").format(
                n=_of_100(each["total_variation"])
            ),
        )
        for each in pair_records(audit)
    ]
    return [(_("How differently groups are spread over all segments"), header, rows)] if rows else []


def _recall_table(audit: ProfileAudit) -> list[Table]:
    records = recall_records(audit)
    groups, _segments = _picked(audit)
    names = [audit.view.groups[at] for at in groups if at < len(audit.view.rows)]
    header = [_("true class"), *names, _("gap"), _("interval"), _("p (corrected)"), _("verdict")]
    rows = []
    for each in records[:MOST_SEGMENTS]:
        told = {one["group"]: one for one in each["groups"]}
        rates = [_with_interval(told[name], "recall", "low", "high") for name in names]
        gap = (
            [_not_shown(), "–"]
            if each["highest"] is None
            else [display.number(each["gap"]), span(each["low"], each["high"])]
        )
        rows.append((each["truth"], *rates, *gap, display.number(each["p"]), _(each["verdict"])))
    return [(_("Of people truly in a class, the share that the profile puts there"), header, rows)] if rows else []


def _not_shown() -> str:
    return _("not shown")


def _people(n: int | None) -> str:
    return _not_shown() if n is None else display.count(n)


def _with_interval(record: Record, share: str, low: str, high: str) -> str:
    """Return a share of a record with its interval."""
    if record[share] is None:
        return _not_shown()
    return _("{share} ({low} to {high} %)").format(
        share=display.share(record[share]), low=_of_100(record[low]), high=_of_100(record[high])
    )


def _of_100(share: float) -> str:
    """Return a share as people of 100."""
    return display.number(round(100 * share, 1))


def draw(audit: ProfileAudit, ax: Axes | None) -> Axes:
    """Draw share of each group in each segment, coloured by how far it lies from what is expected."""
    from matplotlib.patches import Rectangle

    groups, segments = _picked(audit)
    view = audit.view
    records = {(each["group"], each["segment"]): each for each in cell_records(audit)}
    picked = [[records[view.groups[row], view.segments[at]] for row in groups] for at in segments]
    colours = np.array([[np.nan if each["residual"] is None else each["residual"] for each in line] for line in picked])
    axes = new_axes(ax, (max(7.0, 2.6 + 1.1 * len(groups)), 2.2 + 0.36 * len(segments)))
    furthest = max(3.0, float(np.nanmax(np.abs(colours), initial=0)))
    image = axes.imshow(colours, cmap="PuOr_r", vmin=-furthest, vmax=furthest, aspect="auto")
    for down, line in enumerate(picked):
        for across, each in enumerate(line):
            if each["share_of_group"] is None:
                corner = (across - 0.5, down - 0.5)
                axes.add_patch(Rectangle(corner, 1, 1, fill=False, hatch="///", edgecolor="#8a93a3", linewidth=0))
                continue
            is_dark = abs(np.nan_to_num(colours[down, across])) > 0.6 * furthest
            text = display.share(each["share_of_group"])
            axes.text(across, down, text, ha="center", va="center", fontsize=8, color="w" if is_dark else "k")
    for ticks, names in (
        (axes.set_xticks, [view.groups[at] for at in groups]),
        (axes.set_yticks, [view.segments[at] for at in segments]),
    ):
        short = [display.visible(name if len(name) <= 24 else name[:23] + "…").replace("$", r"\$") for name in names]
        ticks(range(len(short)), short)
    axes.tick_params(axis="x", rotation=0 if len(groups) < 5 else 30)
    axes.figure.colorbar(image, ax=axes, label=_("residual"))
    axes.set_title(audit.heading(), loc="left")
    axes.set_xlabel(
        _("share of each group in each segment; colour: standard deviations from expected; hatched: not shown")
    )
    return axes
