"""Predicates derived from a release: conditions on a record that no attacker needs the original for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.attacks.nearness import column_of_tables, kind_of_values
from riskscope.engines.encode import Coded
from riskscope.engines.memory import coded_columns, pack_rows
from riskscope.hierarchy import Hierarchy
from riskscope.intake.released import ReleasedColumn, distinct_columns, read_released
from riskscope.words import N_

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: The kinds of predicates.
CLASS, EXTREME, RARE = N_("class and a hash"), N_("extreme value"), N_("combination that occurs once")
KINDS = (CLASS, EXTREME, RARE)
#: How a condition on a column reads: the value lies under the released one, or from there on upwards or downwards.
UNDER, UPWARDS, DOWNWARDS = 0, 1, -1
#: Draws for each predicate wanted, before the release is taken to yield no more.
_PATIENCE = 4


class Condition(NamedTuple):
    """One column's condition: its place, the code of a released value, and which way."""

    column: int
    code: int
    way: int = UNDER


@dataclass(frozen=True)
class Predicate:
    """Conditions that all must hold; of ``one_in`` people who fulfil them, a hash of the record picks about one."""

    kind: str
    conditions: tuple[Condition, ...]
    one_in: int = 1
    salt: int = 0


@dataclass(frozen=True)
class Ground:
    """Release and people, column by column, on which predicates are found and judged.

    Attributes
    ----------
    columns : what each released value covers of the values of the people
    is_ordered : whether the column holds numbers or dates
    released : int64 array (n_released, n_columns), codes of released values
    people : int64 array (n_people, n_columns), codes of people's values
    records : uint64 array (n_people,), equal where all that is known of two people is equal
    """

    columns: tuple[ReleasedColumn, ...]
    is_ordered: tuple[bool, ...]
    released: Rows = field(repr=False)
    people: Rows = field(repr=False)
    records: NDArray[np.uint64] = field(repr=False)

    def fulfilling(self, predicate: Predicate) -> Rows:
        """Return the positions of the people for whom a predicate is true."""
        rows = np.arange(len(self.people))
        for condition in predicate.conditions:
            rows = rows[self._flags(condition)[self.people[rows, condition.column]]]
        if predicate.one_in > 1:
            rows = rows[_mixed(self.records[rows], predicate.salt) % np.uint64(predicate.one_in) == 0]
        return rows

    def _flags(self, condition: Condition) -> Flags:
        """Return for each code of people whether a condition holds."""
        column = self.columns[condition.column]
        known = column.known
        ranges = self.ranges(condition.column, condition.code)
        if condition.way == UPWARDS:
            return np.asarray(known[:, 0] >= ranges[:, 0].min(initial=2**30)) & ~self.is_unknown(condition.column)
        if condition.way == DOWNWARDS:
            return np.asarray(known[:, 1] <= ranges[:, 1].max(initial=-1)) & ~self.is_unknown(condition.column)
        inside = (known[:, None, 0] >= ranges[None, :, 0]) & (known[:, None, 1] <= ranges[None, :, 1])
        return np.asarray(inside.any(axis=1))

    def ranges(self, column: int, code: int) -> NDArray[np.int32]:
        """Return the ranges of ranks that a released value covers."""
        read = self.columns[column]
        return read.ranges[read.first[code] : read.first[code + 1]]

    def is_unknown(self, column: int) -> Flags:
        """Return for each code of people whether their value is missing: it may be anything."""
        known = self.columns[column].known
        size = int(known[:, 1].max(initial=0))
        return np.asarray((known[:, 0] == 0) & (known[:, 1] == size) & (size > 1))

    def tells(self, column: int) -> Flags:
        """Return for each released code whether it says anything: whether some known value does not lie under it."""
        read = self.columns[column]
        told = np.zeros(len(read.first) - 1, bool)
        some = ~self.is_unknown(column)
        for code in range(len(told)):
            told[code] = not self._flags(Condition(column, code))[some].all()
        return told


def ground_of(
    tables: Sequence[Any], released: Any, names: Sequence[str], hierarchies: Mapping[str, Hierarchy] | None = None
) -> Ground:
    """Return the ground on which predicates of a release are judged: the people of all tables, one after the other.

    Parameters
    ----------
    tables : data frames of people with the same columns
    released : data frame
    names : columns that all of them have
    hierarchies : mapping of column to Hierarchy, optional
    """
    import pyarrow as pa

    joined = {name: column_of_tables(tables, name) for name in names}
    pooled = pa.table(joined)
    ours, our_values = distinct_columns(pooled, names)
    theirs, their_values = distinct_columns(released, names)
    columns = tuple(
        read_released(name, our_values[at], their_values[at], hierarchy=(hierarchies or {}).get(name))
        for at, name in enumerate(names)
    )
    return Ground(
        columns,
        tuple(kind_of_values(joined[name]) != "text" for name in names),
        _stacked(theirs),
        _stacked(ours),
        _records(tables),
    )


def _stacked(coded: Sequence[Coded]) -> Rows:
    return np.stack([column.codes.astype(np.int64) for column in coded], axis=1)


def _records(tables: Sequence[Any]) -> NDArray[np.uint64]:
    """Return a number for each person that stands for all columns that the tables of people share."""
    import pyarrow as pa

    from riskscope.engines.columns import as_frame

    present = [list(as_frame(table).columns) for table in tables]
    shared = [name for name in present[0] if all(name in each for each in present[1:])]
    pooled = pa.table({name: column_of_tables(tables, name) for name in shared})
    return np.asarray(pack_rows(coded_columns(pooled, shared))[0]).astype(np.uint64)


def _mixed(values: NDArray[np.uint64], salt: int) -> NDArray[np.uint64]:
    """Return a hash of numbers (splitmix64)."""
    mixed = values + np.uint64(salt)
    with np.errstate(over="ignore"):
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def predicates_of(ground: Ground, n_predicates: int, generator: np.random.Generator) -> list[Predicate]:
    """Return different predicates derived from the release alone, of all kinds that it yields."""
    found: list[Predicate] = []
    tells = [ground.tells(at) for at in range(len(ground.columns))]
    for at, draw in enumerate((_classes, _extremes, _rare)):
        found += draw(ground, tells, (n_predicates - len(found)) // (len(KINDS) - at), generator)
    return found


def _classes(ground: Ground, tells: list[Flags], n: int, generator: np.random.Generator) -> list[Predicate]:
    """Describe classes of two released records or more; a hash leaves about one person of each."""
    if not len(ground.released):
        return []
    classes, sizes = np.unique(ground.released, axis=0, return_counts=True)
    chosen = np.flatnonzero(sizes > 1)
    chosen = generator.permutation(chosen)[:n]
    found = []
    for at in chosen:
        conditions = tuple(
            Condition(column, int(code)) for column, code in enumerate(classes[at]) if tells[column][code]
        )
        if conditions:
            found.append(Predicate(CLASS, conditions, int(sizes[at]), int(generator.integers(2**63))))
    return found


def _extremes(ground: Ground, tells: list[Flags], n: int, generator: np.random.Generator) -> list[Predicate]:
    """Find the one record with the greatest, or least, number: in the whole release, or under a value of a column."""
    ordered = [at for at, is_ordered in enumerate(ground.is_ordered) if is_ordered]
    if not ordered or not len(ground.released):
        return []
    ends = {at: _ends(ground, at) for at in ordered}
    found: dict[tuple[Condition, ...], Predicate] = {}
    for column in ordered:
        for way in (UPWARDS, DOWNWARDS):
            _add_extreme(ground, ends, np.arange(len(ground.released)), (), column, way, found)
    for _draw in range(_PATIENCE * n):
        if len(found) >= n:
            break
        column, way = int(generator.choice(ordered)), int(generator.choice([UPWARDS, DOWNWARDS]))
        group = int(generator.integers(len(ground.columns)))
        code = int(ground.released[generator.integers(len(ground.released)), group])
        if group == column or not tells[group][code]:
            continue
        rows = np.flatnonzero(ground.released[:, group] == code)
        if len(rows) > 1:
            _add_extreme(ground, ends, rows, (Condition(group, code),), column, way, found)
    return list(found.values())[:n]


def _ends(ground: Ground, column: int) -> NDArray[np.float64]:
    """Return for each released code its ends on the axis, NaN where it is no single range or covers everything."""
    read, size = ground.columns[column], int(ground.columns[column].known[:, 1].max(initial=0))
    ends = np.full((len(read.first) - 1, 2), np.nan)
    for code in range(len(ends)):
        ranges = ground.ranges(column, code)
        if len(ranges) == 1 and not (ranges[0, 0] == 0 and ranges[0, 1] >= size):
            ends[code] = ranges[0]
    return ends


def _add_extreme(
    ground: Ground,
    ends: Mapping[int, NDArray[np.float64]],
    rows: Rows,
    conditions: tuple[Condition, ...],
    column: int,
    way: int,
    found: dict[tuple[Condition, ...], Predicate],
) -> None:
    """Add the predicate of the extreme among released rows, where one record alone holds it."""
    codes = ground.released[rows, column]
    values = ends[column][codes, 0] if way == UPWARDS else -ends[column][codes, 1]
    if np.isnan(values).all():
        return
    top = np.flatnonzero(values == np.nanmax(values))
    if len(top) == 1:
        every = (*conditions, Condition(column, int(codes[top[0]]), way))
        found.setdefault(every, Predicate(EXTREME, every))


def _rare(ground: Ground, tells: list[Flags], n: int, generator: np.random.Generator) -> list[Predicate]:
    """Find for a released record few values that together occur in it alone; at most one predicate a record."""
    found: dict[tuple[Condition, ...], Predicate] = {}
    for row in generator.permutation(len(ground.released)):
        if len(found) >= n:
            break
        alike = np.arange(len(ground.released))
        conditions: list[Condition] = []
        for column in generator.permutation(len(ground.columns)):
            code = int(ground.released[row, column])
            if not tells[column][code]:
                continue
            alike = alike[ground.released[alike, column] == code]
            conditions.append(Condition(int(column), code))
            if len(alike) == 1:
                every = tuple(sorted(conditions))
                found.setdefault(every, Predicate(RARE, every))
                break
    return list(found.values())
