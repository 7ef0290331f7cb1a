"""Hold the classes of a table against a register: how many people of the population share each combination."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import shown
from riskscope.engines.tables import table_of
from riskscope.errors import FrameError
from riskscope.frequency import FrequencyTable, Levels, pack, squeeze
from riskscope.roles import Roles
from riskscope.words import _

#: Nanoseconds in each unit of time that a column may count.
NANOSECONDS = {"D": 86_400 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


class Population(NamedTuple):
    """The classes of a table in the population.

    ``sizes`` (n_classes,) holds at least the class size in the table: where the register has fewer people of a
    class than the table, it cannot be the whole population, and ``n_short`` counts those classes.
    """

    sizes: NDArray[np.int64]
    n_short: int
    n_classes_elsewhere: int
    n_people: int


def population_of(classes: FrequencyTable, register: Any) -> Population:
    """Return how many people of the register share the combination of each class."""
    names = classes.columns
    people = table_of(register, Roles(quasi_identifiers=names))
    matched = [
        _matched(name, ours, theirs) for name, ours, theirs in zip(names, classes.levels, people.levels, strict=True)
    ]
    codes = np.column_stack([numbers[people.codes[:, at]] for at, numbers in enumerate(matched)])
    inside = (codes >= 0).all(axis=1)
    both = np.concatenate((classes.codes, codes[inside]))
    keys, _packing = pack([both[:, at] for at in range(len(names))], [level.n for level in classes.levels], len(both))
    ours, theirs = keys[: classes.n_cells], keys[classes.n_cells :]
    order = np.argsort(theirs, kind="stable")
    found, counts = squeeze(theirs[order], people.counts[inside][order])
    sizes = np.zeros(classes.n_cells, np.int64)
    if len(found):
        at = np.minimum(np.searchsorted(found, ours), len(found) - 1)
        hit = found[at] == ours
        sizes[hit] = counts[at[hit]]
    n_elsewhere = people.n_cells - int((sizes > 0).sum())
    n_short = int((sizes < classes.counts).sum())
    return Population(np.maximum(sizes, classes.counts), n_short, n_elsewhere, people.n_records)


def _matched(name: str, ours: Levels, theirs: Levels) -> NDArray[np.int64]:
    """Return, for each code of the register's column, the table's code of the same value, or -1."""
    mine, other = ours.values, theirs.values
    if len(mine) and len(other) and _kind(mine) != _kind(other):
        raise FrameError(
            _(
                "Column {column} holds {ours} in the data and {theirs} in the register, so no value would match. "
                "Give both the same type."
            ).format(column=shown(name), ours=_kind(mine), theirs=_kind(other))
        )
    if len(mine) and len(other) and ours.has_zone != theirs.has_zone:
        zoned, naive = _("moments with a time zone"), _("dates or times without one")
        raise FrameError(
            _(
                "Column {column} holds {ours} in the data and {theirs} in the register, so which moments are the same "
                "cannot be told. Give both a time zone, or neither."
            ).format(
                column=shown(name),
                ours=zoned if ours.has_zone else naive,
                theirs=zoned if theirs.has_zone else naive,
            )
        )
    numbers = {value: at for at, value in enumerate(_comparable(mine), start=int(ours.has_missing))}
    found = [numbers.get(value, -1) for value in _comparable(other)]
    return np.array([*([0 if ours.has_missing else -1] * theirs.has_missing), *found], np.int64)


def _comparable(values: NDArray[Any]) -> list[Any]:
    """Return values such that equal ones are equal in Python: dates and times of any resolution as nanoseconds."""
    if values.dtype.kind not in "mM":
        return list(values.tolist())
    step = NANOSECONDS[np.datetime_data(values.dtype)[0]]
    return [int(value) * step for value in values.astype(np.int64).tolist()]


def _kind(values: NDArray[Any]) -> str:
    """Return the sort of values in a word: numbers of every width are one sort."""
    kind = values.dtype.kind
    if kind in "iuf":
        return _("numbers")
    if kind in "mM":
        return _("dates or times")
    if kind == "b":
        return _("true and false")
    sorts = {type(value).__name__ for value in values[:100]}
    return _("text") if sorts <= {"str"} else ", ".join(sorted(sorts))
