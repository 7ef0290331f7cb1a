"""How many people fit each released record: the matching read from the other side."""

from __future__ import annotations

import numpy as np

from riskscope.attacks.fitting import Column, Places, Sets
from riskscope.attacks.matching import Matches


def people_fitting(matches: Matches) -> Places:
    """Return for each released record how many people fit it, (n_released,).

    Examples
    --------
    >>> import pandas as pd
    >>> from riskscope.attacks.knowledge import Knowledge
    >>> from riskscope.attacks.matching import match
    >>> people = pd.DataFrame({"age": [34, 38, 41]})
    >>> people_fitting(match(people, pd.DataFrame({"age": ["[30, 40[", "*", "50"]}), Knowledge(("age",)))).tolist()
    [2, 3, 0]
    """
    swapped = Matches(
        matches.n_released,
        matches.n_original,
        matches.forms,
        tuple(_swapped(column) for column in matches.columns),
        matches.said,
        matches.known,
        matches.record_of,
        matches.person_of,
    )
    return swapped.n_fitting


def _swapped(column: Column) -> Column:
    """Return the column with what records say as spans, and what is known of people as sets."""
    lengths = np.diff(column.sets.first)
    if (lengths == 1).all():
        return Column(column.sets.ranges, Sets(np.arange(len(column.spans) + 1, dtype=np.int32), column.spans))
    return _by_table(column)


def _by_table(column: Column) -> Column:
    """Return the column on an axis of the sets themselves: a person is the sets that overlap what is known."""
    n = column.sets.n
    overlaps = np.zeros((len(column.spans), n + 1), np.int8)  # the last place fits nobody: it ends every run
    for place in range(n):
        for low, high in column.sets.ranges[column.sets.first[place] : column.sets.first[place + 1]]:
            overlaps[:, place] |= (column.spans[:, 0] < high) & (low < column.spans[:, 1])
    steps = np.diff(overlaps, axis=1, prepend=np.int8(0))
    who, starts = np.nonzero(steps == 1)
    stops = np.nonzero(steps == -1)[1]
    first = np.concatenate(([0], np.cumsum(np.bincount(who, minlength=len(column.spans))))).astype(np.int32)
    places = np.arange(n)
    spans = np.stack((places, places + 1), axis=1).astype(np.int32)
    return Column(spans, Sets(first, np.stack((starts, stops), axis=1).astype(np.int32)))
