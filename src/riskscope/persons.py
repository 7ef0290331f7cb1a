"""Persons with several records: who has how many records in each cell of a table, and how many others have the same."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


class Persons(NamedTuple):
    """Which person has how many records in each cell of a table.

    An entry is a cell and a person who has a record in it. Entries are in order of the cell, then of the person.

    Parameters
    ----------
    cells, people, times : int64 arrays (n_entries,)
        The cell, the person (numbered from 0), and how many of the person's records fall into the cell.
    n_people : int
        Number of persons; each has an entry.
    n_without_id : int
        Records that name no person; each is a person of its own.
    """

    cells: Whole
    people: Whole
    times: Whole
    n_people: int
    n_without_id: int = 0


def in_one_cell(persons: Persons) -> bool:
    """Tell whether each person has all their records in one cell, so that the cells divide the persons."""
    return len(persons.cells) == persons.n_people


def people_per_cell(persons: Persons, n_cells: int) -> Whole:
    """Return how many persons have a record in each cell."""
    return np.bincount(persons.cells, minlength=n_cells).astype(np.int64)


def regrouped(persons: Persons, cell_of: Whole) -> Persons:
    """Return the persons over coarser cells: ``cell_of`` (n_cells,) is the coarser cell of each cell.

    A person with records in several cells that become one counts there once, with all those records.
    """
    keys = cell_of[persons.cells] * max(1, persons.n_people) + persons.people
    order = np.argsort(keys)
    keys = keys[order]
    starts = np.flatnonzero(run_starts(keys))
    times = np.add.reduceat(persons.times[order], starts) if len(starts) else persons.times
    cells, people = np.divmod(keys[starts], max(1, persons.n_people))
    return persons._replace(cells=cells, people=people, times=times)


def run_starts(keys: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell where each run of equal keys begins."""
    starts = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=starts[1:])
    return starts


def sizes_knowing_one(persons: Persons, counts: Whole) -> Whole:
    """Return each person's crowd for somebody who knows their most telling record: the smallest of their cells.

    ``counts`` (n_cells,) holds the persons of each cell.
    """
    sizes = np.full(persons.n_people, np.iinfo(np.int64).max)
    np.minimum.at(sizes, persons.people, counts[persons.cells])
    return sizes


def classes_knowing_all(persons: Persons) -> Whole:
    """Return the class of each person: two persons share it when they have the same cells equally often.

    Exact, without hashing: a person's sorted (cell, times) are numbered, then neighbours are paired and the pairs
    numbered, until one number is left of each person.
    """
    numbers, n_numbers = _numbered(persons.cells, persons.times)
    keys = persons.people * (n_numbers + 1) + numbers
    keys.sort()
    numbers = keys % (n_numbers + 1)
    lengths = np.bincount(persons.people, minlength=persons.n_people)
    who = np.arange(persons.n_people)
    classes = np.empty(persons.n_people, np.int64)
    n_classes = 0
    while len(who):
        is_done = lengths == 1
        firsts = np.cumsum(lengths) - lengths
        classes[who[is_done]] = n_classes + numbers[firsts[is_done]]
        n_classes += n_numbers + 1
        numbers = numbers[np.repeat(~is_done, lengths)]
        who, lengths = who[~is_done], lengths[~is_done]
        numbers, n_numbers = _paired(numbers, lengths)
        lengths = (lengths + 1) // 2
    return np.unique(classes, return_inverse=True)[1]


def _paired(numbers: Whole, lengths: Whole) -> tuple[Whole, int]:
    """Number the pairs of neighbours in each sequence; the last of an odd sequence is paired with nothing (0)."""
    places = np.arange(len(numbers)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    is_left = places % 2 == 0
    is_followed = (places + 1 < np.repeat(lengths, lengths))[is_left]
    right = np.zeros(len(is_followed), np.int64)
    right[is_followed] = numbers[~is_left]
    return _numbered(numbers[is_left], right)


def _numbered(left: Whole, right: Whole) -> tuple[Whole, int]:
    """Number the distinct pairs from 1 on; return the number of each, and how many there are."""
    distinct, numbers = np.unique(left * (right.max(initial=0) + 1) + right, return_inverse=True)
    return numbers + 1, len(distinct)
