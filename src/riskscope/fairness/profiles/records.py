"""The figures of an audit of profiles that may be shown, of segments, cells, pairs of groups and true classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskscope import display
from riskscope.fairness.association import expected_counts, variation_to_pooled
from riskscope.fairness.disclosure import shown_groups
from riskscope.fairness.profiles.evidence import placed, recall_of
from riskscope.fairness.profiles.view import View, ends, significant
from riskscope.fairness.testing import gap_interval
from riskscope.intervals import wilson
from riskscope.words import _

if TYPE_CHECKING:
    from riskscope.fairness.profiles.audit import ProfileAudit
    from riskscope.fairness.profiles.evidence import Judged

Record = dict[str, Any]

#: Pairs are told of so many groups at most, the largest.
MOST_PAIRED = 20


def headline(view: View, tested: Judged) -> Record:
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
        "gap": best.gap.gap,
        "gap_low": best.gap.low,
        "gap_high": best.gap.high,
    }


def segment_records(audit: ProfileAudit) -> list[Record]:
    """Return the figures of each segment that may be shown, that with the largest share of chi-square first."""
    view, tested, records = audit.view, audit.tested, []
    shares, *_interval = view.shares(axis=1, level=audit.level)
    for at, place in enumerate(view.columns):
        test, found = tested.segments[place], ends(view, tested, at)
        is_told = found.gap.first >= 0
        records.append(
            {
                "segment": view.segments[at],
                "people": int(view.people[:, at].sum()),
                "highest": view.groups[found.gap.first] if is_told else None,
                "lowest": view.groups[found.gap.last] if is_told else None,
                "highest_share": float(shares[found.gap.first, at]) if is_told else None,
                "lowest_share": float(shares[found.gap.last, at]) if is_told else None,
                **{name: getattr(found.gap, name) for name in ("gap", "low", "high")},
                "ratio": found.ratio,
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
    expected = expected_counts(view.weights)
    records = []
    for row, group in enumerate(view.groups):
        for at, segment in enumerate(view.segments):
            is_told = bool(view.shown[row, at])
            record: Record = {"group": group, "segment": segment}
            record["people"] = int(view.people[row, at]) if is_told else None
            for name, figures in (("share_of_group", of_group), ("share_of_segment", of_segment)):
                for end, values in zip(("", "_low", "_high"), figures, strict=True):
                    record[name + end] = float(values[row, at]) if is_told else None
            record["expected"] = float(expected[row, at]) if is_told else None
            records.append(record | _judged(audit, row, at, of_group[0]))
    return records


def _judged(audit: ProfileAudit, row: int, at: int, shares: Any) -> Record:
    """Return how far a cell lies from what is expected, None where it is not judged or held back."""
    view, tested = audit.view, audit.tested
    record: Record = dict.fromkeys(("residual", "p", "to_reference"))
    if not view.shown[row, at] or row >= len(view.rows) or at >= len(view.columns):
        return record
    place = view.rows[row], view.columns[at]
    residual = float(tested.residuals[place])
    record["residual"] = residual if view.is_whole or np.isnan(residual) else round(residual, 1)
    record["p"] = significant(float(tested.p_cells[place]), exact=view.is_whole)
    if audit.reference is not None and audit.reference in view.groups[: len(view.rows)]:
        other = view.groups.index(audit.reference)
        if view.shown[other, at]:
            record["to_reference"] = float(shares[row, at] - shares[other, at])
    return record


def pair_records(audit: ProfileAudit) -> list[Record]:
    """Return the total variation of each two groups, and of each to everybody, where no cell of theirs is held back.

    Of the largest groups, where there are many; those furthest apart first.
    """
    view = audit.view
    named = range(len(view.rows))
    largest = set(sorted(named, key=lambda row: -int(view.people[row].sum()))[:MOST_PAIRED])
    found = [
        {"first": view.groups[a], "second": view.groups[b], "total_variation": far}
        for a, b, far in view.pairs()
        if a in largest and b in largest
    ]
    if view.shown[named].all() and len(named) > 1:
        pooled = variation_to_pooled(view.weights[named])
        found += [
            {"first": view.groups[row], "second": None, "total_variation": float(pooled[row])}
            for row in sorted(largest)
        ]
    return sorted(found, key=lambda each: -each["total_variation"])


def recall_records(audit: ProfileAudit) -> list[Record]:
    """Return the recall of each true class in each group of people enough; None where held back."""
    view, records = audit.view, []
    names = np.array([audit.counts.groups.index(each) for each in view.groups[: len(view.rows)]], int)
    for test in audit.recalls:
        recall = recall_of(view.counts, test.at)
        if recall.people[names].sum() < audit.min_cell:
            continue
        parts = np.stack([recall.hit_people, recall.people - recall.hit_people], axis=1)
        others = np.delete(parts, names, axis=0).sum(axis=0, keepdims=True)
        seen = shown_groups(np.concatenate([parts[names], others[others.sum(axis=1) > 0]]), audit.min_cell)
        seen = seen[: len(names)] & test.judged[names]
        low, high = wilson(recall.hits, recall.sizes, level=audit.level)
        told = names[seen]
        gap = placed(gap_interval(recall.hits[told], recall.sizes[told], level=audit.level), told)
        is_gap = gap.first >= 0
        records.append(
            {
                "truth": test.truth,
                "highest": audit.counts.groups[gap.first] if is_gap else None,
                "lowest": audit.counts.groups[gap.last] if is_gap else None,
                **{name: getattr(gap, name) for name in ("gap", "low", "high")},
                "p": significant(test.p, exact=bool(seen.all()) and view.joined is None),
                "verdict": test.verdict,
                "groups": [
                    {
                        "group": audit.counts.groups[place],
                        **{
                            name: float(values[place]) if is_told else None
                            for name, values in (("recall", recall.rates), ("low", low), ("high", high))
                        },
                    }
                    for place, is_told in zip(names.tolist(), seen.tolist(), strict=True)
                ],
            }
        )
    return records


def picked(audit: ProfileAudit, n_down: int, n_across: int) -> tuple[list[int], list[int], bool]:
    """Return the rows and columns that a table or picture has room for, and whether groups go down.

    The more numerous go down. The largest groups, in their order, and the segments with the largest share of chi2.
    """
    view = audit.view
    is_down = len(view.groups) >= len(view.segments)
    n_groups, n_segments = (n_down, n_across) if is_down else (n_across, n_down)
    telling = [audit.tested.segments[at].share_of_chi2 for at in view.columns]
    telling += [-1.0] * (len(view.segments) - len(telling))
    segments = np.argsort(-np.nan_to_num(np.array(telling)), kind="stable")[:n_segments]
    groups = np.argsort(-view.people.sum(axis=1), kind="stable")[:n_groups]
    return sorted(groups.tolist()), segments.tolist(), is_down


def picked_text(audit: ProfileAudit, groups: list[int], segments: list[int]) -> str:
    """Return which groups and segments were picked, an empty text where all were."""
    said = []
    if len(groups) < len(audit.view.groups):
        said.append(
            _("the {n} largest of {all} groups").format(
                n=display.count(len(groups)), all=display.count(len(audit.view.groups))
            )
        )
    if len(segments) < len(audit.view.segments):
        said.append(
            _("of {all} segments the {n} that differ most").format(
                n=display.count(len(segments)), all=display.count(len(audit.view.segments))
            )
        )
    return ", ".join(said)
