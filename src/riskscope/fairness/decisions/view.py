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
from riskscope.fairness.disclosure import better_joined, shown_groups
from riskscope.fairness.metrics import FN, FP, TN, TP, Told, metric_named, summed, told
from riskscope.words import _

Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]


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
        Which of their groups are shown; the others are held back.
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

    @property
    def is_exact(self) -> bool:
        """Whether nobody is counted in another group, or left out."""
        return self.joined is None and self.joined_errors is None and not self.leaves_out_unknown

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

    def named(self, label: str, metric: str) -> str | None:
        """Return what a group is called where a metric is shown, or None where it is not."""
        counts = self.counts_for(metric)
        for each in (self.joined, self.joined_errors if counts is self.against_outcome else None):
            if each is not None and each.into == label:
                label = each.name
        if label not in counts.labels or not self.shown_in(metric)[counts.labels.index(label)]:
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
    (('F', 'M'), [61, 60])
    """
    known = counts
    if 0 < counts.n_without_outcome < min_cell:
        known = counts.with_known_outcome()
    decided, joined = _joined(known, better_joined(_by_decision(known), min_cell), _by_decision, min_cell)
    may_show = shown_groups(_by_decision(decided), min_cell)
    against_outcome, joined_errors, may_show_errors = decided, None, may_show
    if counts.has_outcome:
        by_errors = partial(_by_errors, min_cell=min_cell)
        too_few = better_joined(by_errors(decided), min_cell, held=~may_show)
        against_outcome, joined_errors = _joined(decided, too_few, by_errors, min_cell)
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
    )


def _joined(
    counts: GroupCounts, too_few: Booleans, parts_of: Callable[[GroupCounts], Whole], min_cell: int
) -> tuple[GroupCounts, Joined | None]:
    """Return the counts with some groups counted with the largest of the others, and which that is."""
    if not too_few.any():
        return counts, None
    into = int(np.argmax(np.where(too_few, -1, counts.counts.sum(axis=(1, 2, 3)))))
    n_people = int(counts.counts[too_few].sum())
    label = counts.labels[into]
    name = label if n_people < min_cell else _("{group} and others").format(group=label)
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
                    "Fewer than {min_cell} people, whose groups are too small to show, are counted with the largest "
                    "group, {group}, {where}; by_group is exact."
                ).format(min_cell=min_cell, group=shown(each.into), where=where)
            )
        else:
            said.append(
                _(
                    "{n} people of groups too small to show are counted with the largest group, {group}, {where}; "
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
