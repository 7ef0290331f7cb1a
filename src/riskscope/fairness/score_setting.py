"""Which groups of a score may be judged and shown, and how exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from riskscope.fairness.group_means import Means, means_of, pairs_of
from riskscope.fairness.outcome import MOST_PAIRED
from riskscope.fairness.score_figures import (
    Rounding,
    rounding,
)
from riskscope.fairness.score_records import Booleans, Scored, Whole, place_of


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
        people = np.where(self.judged, self.records.people, -1)
        return None if self.rounding is not None and people[group] == people.max() else int(n)

    def rounded(self, figures: Any, *, on_scale: bool = True) -> Any:
        """Return figures rounded where exact ones would give away a small group."""
        return figures if self.rounding is None else self.rounding.of(figures, on_scale=on_scale)


def setting_of(records: Scored, reference: str | None, min_group: int, min_cell: int, level: float) -> Setting:
    """Return the groups of enough people, those with the highest mean first."""
    slices = [records.of(group) for group in range(len(records.labels))]
    means = means_of(records.score, records.weight, slices)
    least = max(min_group, min_cell)
    judged = (records.people >= least) & ~np.isnan(means.mean)
    large = np.flatnonzero(judged)
    largest = float(np.abs(records.values[[0, -1]]).max()) if len(records.values) else 0.0
    return Setting(
        records=records,
        means=means,
        judged=judged,
        order=large[np.argsort(-means.mean[large], kind="stable")],
        rounding=rounding(np.where(judged, records.people, 0), records.people, min_cell, largest),
        reference=place_of(reference, records.labels),
        level=level,
        min_cell=min_cell,
        least=least,
    )
