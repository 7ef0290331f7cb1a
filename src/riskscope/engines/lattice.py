"""The lattice: every subset of the columns of a table counted, from its cells, never from the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.engines.memory import count_keys, in_threads, places_of, threads
from riskscope.frequency import Codes, FrequencyTable, key_type
from riskscope.persons import Persons, people_per_cell, regrouped, sizes_knowing_one

#: Counts of a subset, in the order of the columns of ``Figures.counts``.
CLASSES, UNIQUE, BELOW, PAIRS = range(4)
#: Cells times subsets, up to which NumPy is faster than loading the compiled kernels.
SMALL_WORK = 2**20
_SPLIT = 2  # columns decided one by one before the subtrees go to threads, at most: four subtrees


class Figures(NamedTuple):
    """What is counted of each subset of the columns.

    Parameters
    ----------
    counts : int64 array (n_subsets, 4)
        Classes, records alone, records in classes smaller than the threshold, and ordered pairs of records in one
        class. Of persons: combinations, persons whose crowd is themselves, persons whose crowd is smaller than the
        threshold, and the others in the crowds of all persons. A person's crowd is the smallest of the cells they
        stand in, in distinct persons.
    matches : float64 array (n_subsets,)
        The sum of one over the class size (or crowd): the right matches expected when all are tried. Where classes
        divide what is counted, it is their number.
    """

    counts: NDArray[np.int64]
    matches: NDArray[np.float64]


def count_subsets(table: FrequencyTable, threshold: int) -> Figures:
    """Return figures of every subset of the columns.

    Row ``mask`` is the subset of the columns whose bits are set (bit 0: the first column).
    """
    if n_walked(table) << len(table.columns) <= SMALL_WORK:
        return _counted_by_numpy(table, threshold)
    if table.persons is not None:
        return _counted_persons(table, table.persons, threshold)
    return _counted_by_kernels(table, threshold)


def n_walked(table: FrequencyTable) -> int:
    """Return what one subset is counted from: the cells or, of persons, each cell of each person."""
    return table.n_cells if table.persons is None else len(table.persons.cells)


_Found = tuple[Sequence[int], float]


def _stacked(found: Sequence[_Found]) -> Figures:
    counts, matches = zip(*found, strict=True)
    return Figures(np.array(counts, np.int64), np.array(matches, np.float64))


def _figures_of(table: FrequencyTable, threshold: int) -> _Found:
    """Return what is counted of a table's columns together."""
    if table.persons is not None:
        return _figures_of_persons(table.persons, table.counts, threshold)
    figures = _figures_of_sizes(table.counts, threshold)
    return figures, figures[CLASSES]


def _figures_of_sizes(counts: NDArray[np.int64], threshold: int) -> tuple[int, int, int, int]:
    """Return classes, uniques, records below the threshold, and ordered pairs of one class."""
    pairs = int((counts * (counts - 1)).sum())
    return len(counts), int((counts == 1).sum()), int(counts[counts < threshold].sum()), pairs


def _figures_of_persons(persons: Persons, counts: NDArray[np.int64], threshold: int) -> _Found:
    """Return what is counted of persons in cells of so many persons."""
    sizes = sizes_knowing_one(persons, counts)
    small = (int((sizes == 1).sum()), int((sizes < threshold).sum()))
    return (int((counts > 0).sum()), *small, int((sizes - 1).sum())), float((1 / sizes).sum())


def _counted_by_numpy(table: FrequencyTable, threshold: int) -> Figures:
    n_columns = len(table.columns)
    everything = (1 << n_columns) - 1
    finer, found = {everything: table}, {}
    for mask in range(everything, 0, -1):  # the subset with the lowest missing column added is counted before
        missing = ~mask & (mask + 1)
        if mask not in finer:
            names = [name for at, name in enumerate(table.columns) if mask >> at & 1]
            finer[mask] = finer[mask | missing].keep(names)
        found[mask] = _figures_of(finer[mask], threshold)
    figures = _figures_of_sizes(np.array([table.n_people] if table.n_people else [], np.int64), threshold)
    found[0] = figures, figures[CLASSES]
    return _stacked([found[mask] for mask in range(1 << n_columns)])


@dataclass
class _Subtree:
    """Cells: columns kept (``front``, below ``space``), dropped (bits), and undecided (``rest``).

    ``base`` has the figures of the classes that no undecided column can merge; they are no cells any more.
    """

    front: NDArray[np.int32]
    rest: NDArray[np.int32]
    counts: NDArray[np.integer[Any]]
    dropped: int
    space: int
    base: NDArray[np.int64]


def _counted_by_kernels(table: FrequencyTable, threshold: int) -> Figures:
    from riskscope.kernels import lattice as kernels

    radices = [max(1, level.n) for level in table.levels]
    order = sorted(range(len(radices)), key=lambda at: -radices[at])  # the last one dropped has few levels: small steps
    steps = list(_steps(table.codes[:, order], [radices[at] for at in order]))
    n, n_columns = table.n_cells, len(order)
    found, none = np.zeros((1 << n_columns, 4), np.int64), np.zeros(4, np.int64)
    kernels.figures(table.counts, n, threshold, none, found[0])
    counts: NDArray[Any] = table.counts.astype(np.uint32 if table.n_people < 2**32 else np.int64)  # less to move
    trees = [_Subtree(np.zeros(n, np.int32), np.arange(n, dtype=np.int32), counts, 0, 1, none)]
    first = min(_SPLIT, n_columns - 1) if threads() > 1 else 0
    for at in range(first):
        split = partial(_split, at=at, step=steps[at], threshold=threshold, found=found)
        trees = [each for pair in in_threads(split, trees, n_rows=n << n_columns) for each in pair]
    trees.sort(key=lambda tree: -len(tree.counts))
    explore = partial(_explore, first=first, steps=steps, threshold=threshold, found=found)
    in_threads(explore, trees, n_rows=n << n_columns)
    counts = found[_masks_in_order(order)[::-1]]  # the kernels' bits tell dropped columns, in their order
    return Figures(counts, counts[:, CLASSES].astype(np.float64))


def _masks_in_order(order: Sequence[int]) -> NDArray[np.int64]:
    """Return, for the bits of each subset of the columns, its bits where bit b is the column ``order[b]``."""
    subsets = np.arange(1 << len(order))
    masks = np.zeros(len(subsets), np.int64)
    for place, column in enumerate(order):
        masks |= (subsets >> column & 1) << place
    return masks


def _counted_persons(table: FrequencyTable, persons: Persons, threshold: int) -> Figures:
    """Count with the compiled kernels; the columns of most levels are taken first, for they soon tell all apart."""
    from riskscope.kernels import persons as kernels

    radices = np.array([max(1, level.n) for level in table.levels], np.int64)
    order = np.argsort(radices, kind="stable")
    n_columns = len(order)
    n_free = n_columns - min(_SPLIT, n_columns - 1)
    codes = np.ascontiguousarray(table.codes[:, order].T)
    counts, matches = np.empty((1 << n_columns, 4), np.int64), np.empty(1 << n_columns)
    people = _by_person(persons)

    def explore(above: int) -> None:
        base, bound = np.zeros(table.n_cells, np.int64), 1
        for at in range(n_free, n_columns):
            if above >> (at - n_free) & 1:
                base, bound = paired(codes[at].astype(np.int64), base, bound)
        base = np.unique(base, return_inverse=True)[1]
        part = slice(above << n_free, (above + 1) << n_free)
        free = slice(n_free)
        kernels.explore(codes[free], radices[order[free]], base, people, threshold, counts[part], matches[part])

    in_threads(explore, range(1 << (n_columns - n_free)), n_rows=len(people[0]) << n_columns)
    masks = _masks_in_order(order.tolist())
    return Figures(counts[masks], matches[masks])


def _by_person(persons: Persons) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the cells of the persons, one person after the other, and where each person's begin (n_people + 1,)."""
    order = np.argsort(persons.people, kind="stable")
    lengths = np.bincount(persons.people, minlength=persons.n_people)
    return persons.cells[order].astype(np.int32), np.concatenate([[0], np.cumsum(lengths)])


_Step = tuple[NDArray[np.int32], NDArray[np.int32]]


def _split(tree: _Subtree, *, at: int, step: _Step, threshold: int, found: NDArray[np.int64]) -> list[_Subtree]:
    """Return the subtree that keeps a column, and the one that drops it, whose figures are written to ``found``."""
    from riskscope.kernels import lattice as kernels

    n, space = len(tree.counts), tree.space * int(step[1][-1])
    direct = space <= 4 * n + 4096
    slots = np.full(max(space if direct else 0, 1 << (2 * n).bit_length()), -1, np.int32)
    cells = (tree.front, tree.rest, tree.counts)
    room = (np.empty(n, np.int32), np.empty(n, np.int32), np.empty_like(tree.counts))
    left = kernels.drop(cells, n, step[1], room, slots, direct)
    front, rest, counts = room
    less = _Subtree(
        front[:left].copy(), rest[:left].copy(), counts[:left].copy(), tree.dropped | 1 << at, tree.space, tree.base
    )
    kernels.figures(less.counts, left, threshold, tree.base, found[less.dropped])
    base = tree.base.copy()
    numbers = (slots, np.empty(n, np.int64), room[0])
    left, space = kernels.keep(cells, n, step, tree.space, numbers, threshold, base)
    kept = _Subtree(tree.front[:left], tree.rest[:left], tree.counts[:left], tree.dropped, space, base)
    return [kept, less]


def _explore(tree: _Subtree, *, first: int, steps: Sequence[_Step], threshold: int, found: NDArray[np.int64]) -> None:
    """Count every subset of a subtree whose columns from ``first`` on are undecided."""
    from riskscope.kernels import lattice as kernels

    shape = (len(steps) - first + 1, len(tree.counts))
    fronts, rests, counts = np.empty(shape, np.int32), np.empty(shape, np.int32), np.empty(shape, tree.counts.dtype)
    fronts[0], rests[0], counts[0] = tree.front, tree.rest, tree.counts
    digits, tails = (np.concatenate(each) for each in zip(*steps, strict=True))
    starts = np.cumsum([0, *(len(each) for each, _tails in steps)])
    kernels.explore(
        (fronts, rests, counts), first, tree.dropped, tree.space, (digits, tails, starts), threshold, tree.base, found
    )


def _steps(codes: Codes, radices: Sequence[int]) -> Iterator[_Step]:
    """Give, for each column, the code and the rest behind it of each rest; last its radix and the number of rests."""
    n = len(codes)
    suffixes = [(np.zeros(n, np.int64), 1)]
    for at in range(len(radices) - 1, 0, -1):
        tail, n_tails = suffixes[-1]
        if radices[at] * n_tails <= n + 1024:  # few enough to be numbered as they are, whether or not they occur
            suffixes.append((codes[:, at] * np.int64(n_tails) + tail, radices[at] * n_tails))
        else:
            suffixes.append(paired(codes[:, at].astype(np.int64), tail, n_tails))
    suffixes.append((np.arange(n), n))
    for at, radix in enumerate(radices):
        (rest, n_rests), (tail, n_tails) = suffixes[-1 - at], suffixes[-2 - at]
        digits, tails = np.zeros(n_rests + 1, np.int32), np.zeros(n_rests + 1, np.int32)
        if at and n_rests == radix * n_tails:
            digits[:-1], tails[:-1] = np.divmod(np.arange(n_rests, dtype=np.int32), np.int32(n_tails))
        else:
            digits[rest], tails[rest] = codes[:, at], tail
        digits[-1], tails[-1] = radix, n_tails
        yield digits, tails


def paired(left: NDArray[np.int64], right: NDArray[np.int64], n_right: int) -> tuple[NDArray[np.int64], int]:
    """Number the pairs of two numbers (the right ones below ``n_right``); return the numbers, and a bound on them.

    The numbers rise with the pairs, and are dense unless they are few anyway.
    """
    space = (int(left.max(initial=0)) + 1) * n_right
    keys = (left * n_right + right).astype(key_type(space))
    if space <= len(keys) + 1024:
        return keys.astype(np.int64), space
    distinct = count_keys(keys, space)[0]
    return places_of(keys, distinct, space), len(distinct)


def count_each(table: FrequencyTable, sets: Iterable[Sequence[int]], threshold: int) -> Figures:
    """Return figures of some sets of columns, each given by the places of its columns."""
    found, count = [], _counter(table, threshold)
    for columns in sets:
        classes, n_classes = np.zeros(table.n_cells, np.int64), 1
        for at in columns:
            classes, n_classes = paired(table.codes[:, at].astype(np.int64), classes, n_classes)
        found.append(count(classes, n_classes))
    return _stacked(found)


def count_along(table: FrequencyTable, order: NDArray[np.int64], threshold: int) -> Figures:
    """Return figures of the first none, one, two, … columns of an order."""
    count = _counter(table, threshold)
    classes, n_classes = np.zeros(table.n_cells, np.int64), 1
    found = [count(classes, n_classes)]
    for at in order:
        if found[-1][0][CLASSES] < table.n_cells:  # else further columns tell nobody apart
            classes, n_classes = paired(table.codes[:, at].astype(np.int64), classes, n_classes)
            found.append(count(classes, n_classes))
        else:
            found.append(found[-1])
    return _stacked(found)


def count_without_each(table: FrequencyTable, threshold: int) -> Figures:
    """Return figures of the table without each column in turn.

    A key without one column is the number of what stands before it, paired with the number of what stands behind.
    """
    codes, n_columns = table.codes, len(table.columns)
    ends = [(np.zeros(table.n_cells, np.int64), 1)]
    for at in range(n_columns - 1, 0, -1):
        ends.append(paired(codes[:, at].astype(np.int64), *ends[-1]))
    found, count = [], _counter(table, threshold)
    start = np.zeros(table.n_cells, np.int64)
    for at in range(n_columns):
        found.append(count(*paired(start, *ends.pop())))
        start = paired(start, codes[:, at].astype(np.int64), max(1, table.levels[at].n))[0]
    return _stacked(found)


def _counter(table: FrequencyTable, threshold: int) -> Callable[[NDArray[np.int64], int], _Found]:
    """Return the function that counts where the cells are grouped in classes, numbered below ``n_classes``."""
    persons = table.persons
    if persons is None:
        return partial(_figures_of_classes, table.counts, threshold)
    if len(persons.cells) << 8 <= SMALL_WORK:
        return partial(_figures_of_shared_classes, persons, threshold)
    from riskscope.kernels import persons as kernels

    people = _by_person(persons)

    def count(classes: NDArray[np.int64], n_classes: int) -> _Found:
        found = np.zeros(4, np.int64)
        matches = kernels.figures(classes, n_classes, *people, threshold, found)
        return found.tolist(), matches

    return count


def _figures_of_classes(
    counts: NDArray[np.int64], threshold: int, classes: NDArray[np.int64], n_classes: int
) -> _Found:
    sizes = np.bincount(classes, weights=counts, minlength=n_classes)
    figures = _figures_of_sizes(sizes[sizes > 0].astype(np.int64), threshold)
    return figures, figures[CLASSES]


def _figures_of_shared_classes(persons: Persons, threshold: int, classes: NDArray[np.int64], n_classes: int) -> _Found:
    persons = regrouped(persons, classes)
    return _figures_of_persons(persons, people_per_cell(persons, n_classes), threshold)


def shares_of_cells(table: FrequencyTable, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each column adds to one over the class size of each cell: shape (n_cells, n_columns).

    ``weights`` (n_columns,) is the weight of an addition by the number of columns known before it.
    """
    from riskscope.kernels import lattice as kernels

    shares = np.zeros((table.n_cells, len(table.columns)))
    radices = np.array([max(1, level.n) for level in table.levels], np.int64)
    kernels.shares_of_cells(np.ascontiguousarray(table.codes.T), table.counts, radices, weights, shares)
    return shares
