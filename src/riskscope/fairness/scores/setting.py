"""Which people count, which groups and steps of a score may be judged and shown, and how exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from riskscope.fairness.outcomes.audit import MOST_PAIRED
from riskscope.fairness.scores.figures import Rounding, rounding
from riskscope.fairness.scores.group_means import Means, means_of, pairs_of
from riskscope.fairness.scores.records import Booleans, Scored, Whole, place_of


@dataclass(frozen=True)
class Setting:
    """What the user asked for, and which groups may be judged and shown, those with the highest mean first."""

    records: Scored
    means: Means
    judged: Booleans
    order: Whole
    rounding: Rounding | None
    reference: int | None
    level: float
    min_cell: int
    least: int

    @property
    def several(self) -> bool:
        """Whether there are two groups to compare."""
        return int(self.judged.sum()) > 1

    def label(self, group: int) -> str:
        """Return the label of a group."""
        return self.records.labels[group]

    def pairs(self, judged: Booleans) -> tuple[Whole, Whole]:
        """Return the pairs that tables compare: with the reference, or all of some groups at most."""
        groups = [int(each) for each in self.order if judged[each]]
        if self.reference is not None and judged[self.reference]:
            return pairs_of(groups, self.reference)
        return pairs_of(groups if len(groups) <= MOST_PAIRED else [], None)

    def shown_people(self, group: int, n: int) -> int | None:
        """Return a number of people of a group; None for the largest, where it would give away a small group."""
        people = np.where(self.judged, self.means.people, -1)
        return None if self.rounding is not None and people[group] == people.max() else int(n)

    def rounded(self, figures: Any, *, on_scale: bool = True) -> Any:
        """Return figures rounded where exact ones would give away a small group."""
        return figures if self.rounding is None else self.rounding.of(figures, on_scale=on_scale)

    def with_known_outcome(self) -> Setting:
        """Return the same for the records whose outcome is known."""
        records = self.records.only(self.records.is_known)
        coarse = _rounding(records, self.judged, self.min_cell)
        return replace(self, records=records, rounding=self.rounding if coarse is None else coarse)


def setting_of(records: Scored, reference: str | None, min_group: int, min_cell: int, level: float) -> Setting:
    """Return the groups of enough people, those with the highest mean first."""
    slices = [records.of(group) for group in range(len(records.labels))]
    means = means_of(records.score, records.weight, slices)
    least = max(min_group, min_cell)
    judged = (records.people >= least) & ~np.isnan(means.mean)
    large = np.flatnonzero(judged)
    return Setting(
        records=records,
        means=means,
        judged=judged,
        order=large[np.argsort(-means.mean[large], kind="stable")],
        rounding=_rounding(records, judged, min_cell),
        reference=place_of(reference, records.labels),
        level=level,
        min_cell=min_cell,
        least=least,
    )


def _rounding(records: Scored, judged: Booleans, min_cell: int) -> Rounding | None:
    """Return how to round the figures of the groups judged."""
    largest = float(np.abs(records.values[[0, -1]]).max()) if len(records.values) else 0.0
    return rounding(np.where(judged, records.people, 0), records.people, min_cell, largest)


def settled(records: Scored, min_cell: int) -> Scored:
    """Return the records without those whose outcome is not known in groups where this holds for few people.

    Set beside the figures of all, those of people with a known outcome would tell of these few. Where fewer than
    ``min_cell`` are left out so, and outcomes are not known of others, the smaller of their groups follow: else it
    could be reckoned which groups the few are of.
    """
    if records.outcome is None or records.is_known.all():
        return records
    unknown = np.bincount(records.groups[~records.is_known], minlength=len(records.labels))
    is_left = (unknown > 0) & (unknown < min_cell)
    while 0 < unknown[is_left].sum() < min_cell and (unknown > 0)[~is_left].any():
        is_left[np.argmin(np.where(is_left | (unknown == 0), unknown.sum() + 1, unknown))] = True
    return records.only(records.is_known | ~is_left[records.groups])


def shown_steps(selected: Whole, everybody: Whole, min_cell: int) -> Booleans:
    """Tell at which steps the people selected of each group may be shown (n_groups, n_steps).

    Parameters
    ----------
    selected : array (n_groups, n_steps, n_parts)
        People selected at each step, rising, by part.
    everybody : array (n_groups, n_parts)
        All people of each group, selected or not.
    min_cell : int
        Between two steps shown of a group, before the first and after the last, there are so many of each part.

    Notes
    -----
    How many of everybody are selected is known at each step. So at a step where one group only, of those with enough
    people, is held back, or several with too few people selected or not, further ones are, those with the fewest
    people first; they wait for a later step.

    Examples
    --------
    >>> shown_steps(np.array([[[5], [12], [15], [30]]]), np.array([[45]]), 10).tolist()
    [[False, True, False, True]]
    """
    seen = np.zeros(selected.shape[:2], bool)
    last = np.zeros_like(everybody)
    sizes = everybody.sum(axis=1)
    large = sizes >= min_cell
    for step in range(selected.shape[1]):
        here = selected[:, step]
        ready = large & ((here - last >= min_cell) & (everybody - here >= min_cell)).all(axis=1)
        while ready.any():
            held = large & ~ready
            inside = here[held].sum(axis=0)
            few = np.minimum(inside, everybody[held].sum(axis=0) - inside) < min_cell
            if not held.any() or (held.sum() > 1 and not few.any()):
                break
            candidates = np.flatnonzero(ready)
            ready[candidates[np.argmin(sizes[candidates])]] = False
        seen[:, step] = ready
        last[ready] = here[ready]
    return seen
