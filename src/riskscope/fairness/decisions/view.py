"""What an audit of decisions may show: counts in which groups too small to stand alone are joined or held back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import shown
from riskscope.fairness.counts import GroupCounts
from riskscope.fairness.disclosure import Ranges, better_joined, can_be_ranged, shown_groups, shown_ranges
from riskscope.fairness.metrics import FN, FP, TN, TP, Told, metric_named, summed, told
from riskscope.words import _

Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]


#: A range of fewer numbers is not halved for a test.
_LEAST_HALVED = 6


class Joined(NamedTuple):
    """Groups that are counted with a larger one: its name before and after, and how many people they have."""

    into: str
    name: str
    n_people: int


@dataclass(frozen=True, eq=False)
class View:
    """The counts that everything shown is computed from.

    Parameters
    ----------
    decided : GroupCounts
        For the rates of the decision.
    against_outcome : GroupCounts
        For what sets decision against outcome, which tells of fewer people: as ``decided``, or further joined.
    may_show, may_show_errors : bool arrays (n_groups,) of either
        Which of their groups are shown exactly; the others are held back, or in ``ranges``.
    ranges : Ranges, optional
        Between which numbers of people with the positive decision a group is told to have, where hardly anybody of a
        large group has one of the decisions.
    joined, joined_errors : Joined, optional
        Which groups are no longer alone in ``decided``, and which further ones in ``against_outcome``.
    leaves_out_unknown : bool
        Whether the few people whose outcome is not known are left out of all counts.
    min_group : int
        Groups with fewer people in a denominator are not judged.
    """

    decided: GroupCounts
    against_outcome: GroupCounts
    may_show: Booleans
    may_show_errors: Booleans
    joined: Joined | None
    joined_errors: Joined | None
    leaves_out_unknown: bool
    min_group: int
    ranges: Ranges | None = None

    @property
    def is_exact(self) -> bool:
        """Whether nobody is counted in another group, left out, or told in a range."""
        changed = (self.joined, self.joined_errors, self.ranges)
        return all(each is None for each in changed) and not self.leaves_out_unknown

    @property
    def is_ranged(self) -> Booleans:
        """Which groups of ``decided`` are told in a range."""
        return np.zeros(len(self.decided.labels), bool) if self.ranges is None else self.ranges.is_ranged

    @property
    def told_of(self) -> Booleans:
        """Which groups of ``decided`` anything is told of: shown exactly, or in a range."""
        return self.may_show | self.is_ranged

    def counts_for(self, metric: str) -> GroupCounts:
        """Return the counts that a metric is shown from."""
        return self.against_outcome if metric_named(metric).needs_outcome else self.decided

    def shown_in(self, metric: str) -> Booleans:
        """Return which groups of these counts may be shown with a metric."""
        return self.may_show_errors if metric_named(metric).needs_outcome else self.may_show

    def rates_of(self, metric: str) -> Told:
        """Return a metric in each group of the view, those held back included."""
        return told(self.counts_for(metric), metric_named(metric), min_group=self.min_group)

    def visible(self, metric: str) -> Told:
        """Return a metric with only those groups to judge that may be shown with it."""
        rates = self.rates_of(metric)
        return rates._replace(judged=rates.judged & self.shown_in(metric))

    def cautious(self, metric: str) -> Told:
        """Return a metric with the groups told in a range as near to everybody as it allows.

        What is computed of it tells no more than the ranges do, and makes no difference larger than it is.
        """
        rates = self.rates_of(metric)
        if self.ranges is None or rates.metric.needs_outcome:
            return rates
        return self._nearest(rates, *self.bounds_of(metric))

    def within_half(self, metric: str) -> Told:
        """Return a metric as ``cautious`` does, each group within that half of its range that it is in.

        So total exclusion is not taken for a few people selected. Tests are made of it: p, rounded up, may tell which
        half it is, and that is all.
        """
        rates = self.rates_of(metric)
        if self.ranges is None or rates.metric.needs_outcome:
            return rates
        low, high = (each.copy() for each in self.bounds_of(metric))
        few, others = self.ranges.is_few, self.is_ranged & ~self.ranges.is_few
        middle = low + (high - low + 1) // 2
        halved = few & (high - low + 1 >= _LEAST_HALVED)
        low, high = (
            np.where(halved & (rates.hits >= middle), middle, low),
            np.where(halved & (rates.hits < middle), middle - 1, high),
        )
        total = rates.hits[self.is_ranged].sum()
        low, high = (
            np.where(others, np.maximum(low, total - high[few].sum()), low),
            np.where(others, np.minimum(high, total - low[few].sum()), high),
        )
        return self._nearest(rates, low, high)

    def _nearest(self, rates: Told, low: Whole, high: Whole) -> Told:
        """Return a metric with groups told in a range as near to everybody as bounds allow."""
        hits = np.where(self.is_ranged, np.clip(np.rint(rates.sizes * rates.overall), low, high), rates.hits)
        return rates._replace(hits=hits.astype(np.int64))

    def bounds_of(self, metric: str) -> tuple[Whole, Whole]:
        """Return how many people at least, and at most, are hit by a rate of the decision in each group."""
        hits, sizes = self.rates_of(metric).hits, self.rates_of(metric).sizes
        if self.ranges is None or metric_named(metric).needs_outcome:
            return hits, hits
        ends = self.ranges.low, self.ranges.high
        low, high = ends if metric_named(metric).name == "selection_rate" else (sizes - ends[1], sizes - ends[0])
        return np.where(self.is_ranged, low, hits), np.where(self.is_ranged, high, hits)

    def comparable(self, metric: str) -> Told:
        """Return a metric with only those groups to judge that are shown with it, exactly or in a range."""
        rates = self.cautious(metric)
        seen = self.shown_in(metric) if rates.metric.needs_outcome else self.told_of
        return rates._replace(judged=rates.judged & seen)

    def has_ranges(self, metric: str) -> bool:
        """Whether a group is told in a range where a metric is shown."""
        return self.ranges is not None and not metric_named(metric).needs_outcome

    def holds_back(self, metric: str) -> bool:
        """Whether groups judged in a metric are held back, so that fewer than two are left to compare."""
        return bool(self.rates_of(metric).judged.sum() >= 2 > self.comparable(metric).judged.sum())

    def named(self, label: str, metric: str) -> str | None:
        """Return what a group is called where a metric is shown, or None where it is not."""
        counts = self.counts_for(metric)
        for each in (self.joined, self.joined_errors if counts is self.against_outcome else None):
            if each is not None and each.into == label:
                label = each.name
        seen = self.may_show_errors if metric_named(metric).needs_outcome else self.told_of
        if label not in counts.labels or not seen[counts.labels.index(label)]:
            return None
        return label


def view_of(counts: GroupCounts, *, min_cell: int, min_group: int) -> View:
    """Return what may be shown of counts.

    Notes
    -----
    The groups for errors are those for decisions, or several of these together; so the two, set against each other,
    tell no more than each does.

    Examples
    --------
    >>> from riskscope.fairness.counts import counts_of
    >>> counts = counts_of(y_pred=[1, 0, 0] * 40 + [1], sensitive_features=["F"] * 60 + ["M"] * 60 + [None])
    >>> view = view_of(counts, min_cell=10, min_group=10)
    >>> view.decided.labels, view.decided.counts.sum(axis=(1, 2, 3)).tolist()
    (('F and a few others', 'M'), [61, 60])
    """
    known = counts
    if 0 < counts.n_without_outcome < min_cell:
        known = counts.with_known_outcome()
    decided, joined, ranges = _with_ranges(known, min_cell)
    if ranges is None:
        decided, joined = _joined(known, better_joined(_by_decision(known), min_cell), _by_decision, min_cell)
    may_show = shown_groups(_by_decision(decided), min_cell) if ranges is None else ranges.may_show
    against_outcome, joined_errors, may_show_errors = decided, None, may_show
    if counts.has_outcome:
        by_errors = partial(_by_errors, min_cell=min_cell)
        too_few = better_joined(by_errors(decided), min_cell, held=~may_show)
        against_outcome, joined_errors = _joined(decided, too_few, by_errors, min_cell, joined)
        may_show_errors = shown_groups(by_errors(against_outcome), min_cell)
        if joined_errors is None:
            may_show_errors &= may_show
    return View(
        decided=decided,
        against_outcome=against_outcome,
        may_show=may_show,
        may_show_errors=may_show_errors,
        joined=joined,
        joined_errors=joined_errors,
        leaves_out_unknown=known is not counts,
        min_group=min_group,
        ranges=ranges,
    )


def _with_ranges(counts: GroupCounts, min_cell: int) -> tuple[GroupCounts, Joined | None, Ranges | None]:
    """Return the counts with small groups joined, but for large ones that are told in a range; with weights, none."""
    if counts.weights is not None:
        return counts, None, None

    def parts_of(some: GroupCounts) -> Whole:  # those told in a range stand alone
        parts = _by_decision(some)
        return np.where(can_be_ranged(parts, min_cell)[:, None], parts.clip(min=min_cell), parts)

    decided, joined = _joined(counts, better_joined(parts_of(counts), min_cell), parts_of, min_cell)
    ranges = shown_ranges(_by_decision(decided), min_cell)
    if ranges is not None and (ranges.may_show | ranges.is_ranged).sum() < 2:
        ranges = None
    return decided, joined, ranges


def _joined(
    counts: GroupCounts,
    too_few: Booleans,
    parts_of: Callable[[GroupCounts], Whole],
    min_cell: int,
    before: Joined | None = None,
) -> tuple[GroupCounts, Joined | None]:
    """Return the counts with some groups counted with the largest of the others, and which that is.

    ``before`` are those that were joined already.
    """
    if not too_few.any():
        return counts, None
    people, is_clear = counts.counts.sum(axis=(1, 2, 3)), (_by_decision(counts) >= min_cell).all(axis=1) & ~too_few
    into = int(np.argmax(np.where(is_clear if is_clear.any() else ~too_few, people, -1)))
    n_people = int(counts.counts[too_few].sum())
    label = counts.labels[into]
    text = _("{group} and a few others") if n_people < min_cell else _("{group} and others")
    name = text.format(group=label)
    if before is not None and label == before.name:
        name = _("{group} and further others").format(group=before.into)
    found = counts.joined(too_few, into, name)
    if (parts_of(found) < min_cell).any():  # those joined are the first of their group with unknown outcomes
        return counts, None
    return found, Joined(label, name, n_people)


def _by_decision(counts: GroupCounts) -> Whole:
    """Return the people of each group with either decision, (n_groups, 2)."""
    found: Whole = counts.counts.sum(axis=(1, 2))
    return found


def _by_errors(counts: GroupCounts, min_cell: int) -> Whole:
    """Return true and false positives and negatives of each group, and beside them those without a known outcome.

    The latter are two parts, by decision; nobody at all in both counts as enough.
    """
    cells = counts.counts.sum(axis=1)
    unknown = np.where(cells[:, 2].any(axis=1), cells[:, 2].min(axis=1), min_cell)
    found: Whole = np.stack([*(summed(cells, (pair,)) for pair in (TP, FP, FN, TN)), unknown], axis=1)
    return found


def sentences_of(view: View, min_cell: int) -> list[str]:
    """Return whom the groups shown have taken in."""
    said = []
    for each, where in (
        (view.joined, _("in what is shown")),
        (view.joined_errors, _("where decisions are set against outcomes")),
    ):
        if each is None:
            continue
        if each.n_people < min_cell:
            said.append(
                _(
                    "Fewer than {min_cell} people, whose groups are too small to show, are counted with a large "
                    "group, {group}, {where}; by_group is exact."
                ).format(min_cell=min_cell, group=shown(each.into), where=where)
            )
        else:
            said.append(
                _(
                    "{n} people of groups too small to show are counted with a large group, {group}, {where}; "
                    "by_group is exact."
                ).format(n=display.count(each.n_people), group=shown(each.into), where=where)
            )
    if view.leaves_out_unknown:
        said.append(
            _(
                "The people without a known outcome, fewer than {min_cell}, are left out of what is shown; by_group is "
                "exact."
            ).format(min_cell=min_cell)
        )
    return said
