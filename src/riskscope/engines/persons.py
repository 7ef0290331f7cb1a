"""Count persons, not records: where one person has several records, they count once in each cell."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from riskscope.engines.encode import Coded
from riskscope.engines.memory import coded_columns, count_keys, counted_columns, pack_rows, places_of
from riskscope.frequency import KEY_SPACE, FrequencyTable, Keys, key_type
from riskscope.persons import Persons, Whole, people_per_cell, run_starts
from riskscope.roles import Roles


class CountedPersons(NamedTuple):
    """A table of persons, with the key and the person of each record (n_records,)."""

    table: FrequencyTable
    keys: Keys
    people: Whole


def count_persons(data: Any, roles: Roles, person: str) -> CountedPersons:
    """Return how many persons have each combination of values; ``person`` is the column that names them."""
    names = counted_columns(roles)
    *coded, named = coded_columns(data, [*names, person])
    keys, packing = pack_rows(coded)
    people, n_people, n_without_id = _numbered(named)
    numbers, space, dictionary = keys, packing.space, None
    if space * n_people >= KEY_SPACE:
        dictionary, _counts = count_keys(keys, space)
        numbers, space = places_of(keys, dictionary, space).astype(np.uint64), len(dictionary)
    radix = max(1, n_people)
    kind = key_type(space * radix)
    entries, times = count_keys(numbers.astype(kind) * kind(radix) + people.astype(kind), space * radix)
    found, who = np.divmod(entries, kind(radix))
    starts = run_starts(found)
    cells = found[starts].astype(keys.dtype) if dictionary is None else dictionary
    persons = Persons(np.cumsum(starts) - 1, who.astype(np.int64), times, n_people, n_without_id)
    counts = people_per_cell(persons, len(cells))
    levels = [column.levels for column in coded]
    table = FrequencyTable(names, levels, cells, counts, packing, roles=roles, persons=persons)
    return CountedPersons(table, keys, people)


def _numbered(named: Coded) -> tuple[Whole, int, int]:
    """Return the number of each record's person, how many persons there are, and how many records name none."""
    people, n_people = named.codes.astype(np.int64), named.levels.n
    if not named.levels.has_missing:
        return people, n_people, 0
    people -= 1
    nameless = np.flatnonzero(people < 0)
    people[nameless] = n_people - 1 + np.arange(len(nameless))
    return people, n_people - 1 + len(nameless), len(nameless)
