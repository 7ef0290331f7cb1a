"""Sums over the released combinations that fit what is known of persons: ranges against ranges, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.engines.encode import Coded
from riskscope.engines.memory import count_keys, in_threads, pack_rows, places_of, threads
from riskscope.frequency import Levels

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Ranks = NDArray[np.int32]
Flags = NDArray[np.bool_]

#: Combinations known times combinations released, up to which NumPy is faster than loading the compiled kernel.
SMALL_WORK = 2**24
#: Combinations generalised in the same columns are looked up together, unless fewer than one in so many.
POOLED = 256
_CHUNK = 2**22  # flags at a time


class Sets(NamedTuple):
    """For each of some places, ranges of ranks: those of place ``p`` are ``ranges[first[p]:first[p + 1]]``."""

    first: Ranks
    ranges: Ranks

    @property
    def n(self) -> int:
        """Number of places."""
        return len(self.first) - 1


class Column(NamedTuple):
    """One column: what can be known of a person (ranges), and what the release can say (sets of ranges)."""

    spans: Ranks
    sets: Sets


def combinations(columns: Sequence[Coded]) -> tuple[Ranks, Places]:
    """Return the distinct combinations in lexicographic order, and which of them each record has."""
    keys, packing = pack_rows(columns)
    distinct, _counts = count_keys(keys, packing.space)
    return packing.unpack(distinct).astype(np.int32), places_of(keys, distinct, packing.space)


def coded(codes: NDArray[np.integer], n: int) -> Coded:
    """Return whole numbers below ``n`` as a coded column."""
    return Coded(codes, Levels(n, False, lambda: np.arange(n)))


def overlap(spans: Ranks, sets: Sets, places: Places) -> Flags:
    """Return whether each span overlaps the set of ranges at the place beside it."""
    hit = np.zeros(len(places), bool)
    first, last = sets.first[places], sets.first[places + 1]
    some = np.flatnonzero(first < last)
    step = 0
    while len(some):
        ranges = sets.ranges[first[some] + step]
        hit[some] |= (spans[some, 0] < ranges[:, 1]) & (ranges[:, 0] < spans[some, 1])
        step += 1
        some = some[first[some] + step < last[some]]
    return hit


def summed(columns: Sequence[Column], persons: Ranks, records: Ranks, totals: Numbers) -> Numbers:
    """Return for each combination known the sums over the released combinations that fit.

    Parameters
    ----------
    columns : one for each column known
    persons : int32 array (n_persons, n_columns)
        Rows of each column's ``spans``.
    records : int32 array (n_records, n_columns)
        Places in each column's ``sets``.
    totals : float64 array (n_records, n_sums)
        What is summed.
    """
    if len(persons) * len(records) <= SMALL_WORK:
        return _summed_at_once(columns, persons, records, totals)
    sums = np.zeros((len(persons), totals.shape[1]))
    ours = np.stack([_is_point(column.spans)[persons[:, at]] for at, column in enumerate(columns)], axis=1)
    theirs = np.stack([points(column.sets)[records[:, at]] >= 0 for at, column in enumerate(columns)], axis=1)
    record_groups = list(_groups(theirs))
    for some_persons, known_exactly in _groups(ours):
        for some_records, said_exactly in record_groups:
            some, part = _summed_group(
                columns,
                persons[some_persons],
                records[some_records],
                totals[some_records],
                np.flatnonzero(known_exactly & said_exactly),
            )
            sums[some_persons[some]] += part
    return sums


def _is_point(ranges: Ranks) -> Flags:
    return np.asarray(ranges[:, 1] - ranges[:, 0] == 1)


def points(sets: Sets) -> Ranks:
    """Return the rank of each place that covers one rank alone, -1 for the others."""
    found = np.full(sets.n, -1, np.int32)
    single = np.flatnonzero(np.diff(sets.first) == 1)
    ranges = sets.ranges[sets.first[single]]
    narrow = _is_point(ranges)
    found[single[narrow]] = ranges[narrow, 0]
    return found


def _groups(exact: Flags) -> Iterator[tuple[Places, Flags]]:
    """Return the rows that are exact in the same columns, with those columns; small groups as one."""
    if not len(exact):
        return
    patterns, which, counts = np.unique(exact, axis=0, return_inverse=True, return_counts=True)
    is_small = counts * POOLED < len(exact)
    for at in np.flatnonzero(~is_small):
        yield np.flatnonzero(which.ravel() == at), patterns[at]
    if is_small.any():
        yield np.flatnonzero(is_small[which.ravel()]), np.asarray(patterns[is_small].all(axis=0))


def _summed_at_once(columns: Sequence[Column], persons: Ranks, records: Ranks, totals: Numbers) -> Numbers:
    """Sum with a table of flags for each column; block by block of persons."""
    tables = []
    for column in columns:
        spans, places = np.divmod(np.arange(len(column.spans) * column.sets.n), max(1, column.sets.n))
        tables.append(overlap(column.spans[spans], column.sets, places).reshape(len(column.spans), column.sets.n))
    sums = np.zeros((len(persons), totals.shape[1]))
    step = max(1, _CHUNK // max(1, len(records)))
    for start in range(0, len(persons), step):
        block = persons[start : start + step]
        fitting = np.ones((len(block), len(records)), bool)
        for at, table in enumerate(tables):
            fitting &= table[block[:, at]][:, records[:, at]]
        sums[start : start + step] = fitting @ totals
    return sums


def _summed_group(
    columns: Sequence[Column], persons: Ranks, records: Ranks, totals: Numbers, exact: Places
) -> tuple[Places, Numbers]:
    """Return the persons whose values in the columns exact on both sides occur, and their sums."""
    others = np.setdiff1d(np.arange(len(columns)), exact)
    columns_left = [columns[at] for at in others]
    ours, theirs = persons[:, others], records[:, others]
    some = np.arange(len(persons))
    if len(exact):
        known, said, n = _joined(columns, persons, records, exact)
        some = np.flatnonzero(np.bincount(said, minlength=n)[known])
        known = known[some]
        if not len(others):
            sums = np.stack([np.bincount(said, weights=each, minlength=n) for each in totals.T], axis=1)
            return some, np.asarray(sums[known], np.float64)
        ranges = np.stack((np.arange(n), np.arange(1, n + 1)), axis=1).astype(np.int32)
        columns_left.insert(0, Column(ranges, Sets(np.arange(n + 1, dtype=np.int32), ranges)))
        ours = np.column_stack((known, ours[some]))
        theirs = np.column_stack((said, theirs))
    if not len(some):
        return some, np.empty((0, totals.shape[1]))
    order = sorted(range(len(columns_left)), key=lambda at: _breadth(columns_left[at], ours[:, at], theirs[:, at]))
    return some, _summed_by_kernel([columns_left[at] for at in order], ours[:, order], theirs[:, order], totals)


def _joined(columns: Sequence[Column], persons: Ranks, records: Ranks, exact: Places) -> tuple[Places, Places, int]:
    """Return one number for the values of each person, and of each record, in some columns; and how many there are."""
    both = []
    for at in exact:
        known = columns[at].spans[persons[:, at], 0]
        said = points(columns[at].sets)[records[:, at]]
        both.append(coded(np.concatenate((known, said)), int(max(known.max(), said.max())) + 1))
    distinct, which = combinations(both)
    return which[: len(persons)], which[len(persons) :], len(distinct)


def _breadth(column: Column, persons: Ranks, records: Ranks) -> float:
    """Return how much work a column leaves to those after it: small where it fits few of many.

    Two neighbouring columns are in the better order where this number rises: with ``n`` distinct things known and a
    share ``s`` of the records fitting one, the first costs ``n`` and leaves ``n s``.
    """
    known = np.unique(persons)
    some = records[np.unique(np.linspace(0, len(records) - 1, 512).astype(int))]
    spans = column.spans[known[np.unique(np.linspace(0, len(known) - 1, 64).astype(int))]]
    pairs = np.repeat(spans, len(some), axis=0)
    return float(overlap(pairs, column.sets, np.tile(some, len(spans))).mean()) - 1 / len(known)


def _summed_by_kernel(columns: Sequence[Column], persons: Ranks, records: Ranks, totals: Numbers) -> Numbers:
    """Sum over the records that fit, the columns in the order given; in threads over the persons."""
    from riskscope.kernels.boxes import add_fitting

    by_person = np.lexsort(persons.T[::-1])
    in_first = points(columns[0].sets)[records[:, 0]]
    by_record = np.argsort(np.where(in_first < 0, np.iinfo(np.int32).max, in_first), kind="stable")
    in_first = in_first[by_record][: np.count_nonzero(in_first >= 0)]
    bases = np.cumsum([(0, 0, 0), *((len(each.spans), each.sets.n, len(each.sets.ranges)) for each in columns)], axis=0)
    first = [each.sets.first[:-1] + base for each, base in zip(columns, bases[:-1, 2], strict=True)]
    places = np.concatenate([*first, bases[-1:, 2]]).astype(np.int32)
    spans = np.concatenate([each.spans for each in columns])
    ranges = np.concatenate([each.sets.ranges for each in columns])
    ours = np.ascontiguousarray((persons + bases[:-1, 0])[by_person], np.int32)
    theirs = np.ascontiguousarray((records + bases[:-1, 1])[by_record], np.int32)
    weights = np.ascontiguousarray(totals[by_record])
    ordered = np.zeros((len(persons), totals.shape[1]))
    n_parts = min(len(persons), 16 * threads())
    cuts = [len(persons) * at // n_parts for at in range(n_parts + 1)]

    def add(at: int) -> None:
        part = slice(cuts[at], cuts[at + 1])
        add_fitting(ours[part], spans, theirs, in_first, places, ranges, weights, ordered[part])

    in_threads(add, range(n_parts), n_rows=len(persons) * len(records))
    sums = np.empty_like(ordered)
    sums[by_person] = ordered
    return sums
