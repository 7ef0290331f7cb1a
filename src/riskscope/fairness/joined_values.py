"""Values of protected columns that few people have: counted with the largest one in what is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from riskscope import display
from riskscope.checks import shown
from riskscope.fairness.counts import GroupCounts
from riskscope.fairness.disclosure import better_joined
from riskscope.fairness.inputs import Whole
from riskscope.words import _


class JoinedValue(NamedTuple):
    """People whose value of a column stands with few: how many they are, and which value they are counted with."""

    column: str
    into: str
    n_people: int


class Joined(NamedTuple):
    """Counts to show from; ``places`` (n_groups before,): the group that each group is counted in."""

    counts: GroupCounts
    places: Whole
    values: tuple[JoinedValue, ...]


def with_values_joined(counts: GroupCounts, parts_of: Callable[[GroupCounts], Whole], min_cell: int) -> Joined:
    """Return the counts with values that too few people have counted as the largest of their column.

    Parameters
    ----------
    counts : GroupCounts
    parts_of : function
        People of each group in each part, (n_groups, n_parts), of counts over one column.
    min_cell : int

    Notes
    -----
    Values are joined column by column, not combination by combination. So the totals of every other column stay as
    they are, and those of this one are as an audit of it alone shows them: no difference of two gives anybody away.

    Examples
    --------
    >>> from riskscope.fairness.counts import counts_of
    >>> counts = counts_of(y_pred=[1, 0, 0] * 40 + [1], sensitive_features=["F"] * 60 + ["M"] * 60 + [None])
    >>> found = with_values_joined(counts, lambda each: each.counts.sum(axis=(1, 2)), 10)
    >>> found.counts.labels, found.places.tolist()
    (('F', 'M'), [0, 1, 0])
    """
    parts, values, found = counts.parts.copy(), list(counts.values), []
    for at, column in enumerate(counts.columns if min_cell > 1 else ()):
        alone = counts.regrouped(column)
        too_few = better_joined(parts_of(alone), min_cell)
        if not too_few.any():
            continue
        people = alone.counts.sum(axis=(1, 2, 3))
        into = int(np.argmax(np.where(too_few, -1, people)))
        code, n_people = int(alone.parts[into, 0]), int(people[too_few].sum())
        parts[np.isin(parts[:, at], alone.parts[too_few, 0]), at] = code
        if n_people >= min_cell:
            name = _("{group} and others").format(group=values[at][code])
            values[at] = (*values[at][:code], name, *values[at][code + 1 :])
        found.append(JoinedValue(column, alone.labels[into], n_people))
    if not found:
        return Joined(counts, np.arange(len(counts.labels)), ())
    joined = replace(counts, parts=parts, values=tuple(values)).regrouped(counts.columns)
    places = [int((joined.parts == each).all(axis=1).argmax()) for each in parts]
    return Joined(joined, np.array(places, np.int64), tuple(found))


def sentences_of_joined(values: Sequence[JoinedValue], min_cell: int) -> list[str]:
    """Return whom the groups shown have taken in."""
    said = _(
        "{people} people whose {column} is too rare to show are counted with {group} in what is shown; by_group is "
        "exact."
    )
    return [
        said.format(
            people=_("Fewer than {n}").format(n=min_cell) if each.n_people < min_cell else display.count(each.n_people),
            column=shown(each.column),
            group=shown(each.into),
        )
        for each in values
    ]
