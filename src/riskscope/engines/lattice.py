"""The lattice: every subset of the columns of a table counted, from its cells, never from the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.engines.memory import count_keys, in_threads, places_of, threads
from riskscope.frequency import Codes, FrequencyTable, key_type

#: Figures of a subset, in the order of the columns of ``count_subsets``.
CLASSES, UNIQUE, BELOW, PAIRS = range(4)
#: Cells times subsets, up to which NumPy is faster than loading the compiled kernels.
SMALL_WORK = 2**20
_SPLIT = 2  # columns decided one by one before the subtrees go to threads, at most: four subtrees


def count_subsets(table: FrequencyTable, threshold: int) -> NDArray[np.int64]:
    """Return figures of every subset of the columns: shape (2 ** n_columns, 4).

    Row ``mask`` is the subset of the columns whose bits are set (bit 0: the first column). Its figures: classes,
    classes of one record, records in classes smaller than the threshold, and ordered pairs of records in one class.
    """
    if table.n_cells << len(table.columns) <= SMALL_WORK:
        return _counted_by_numpy(table, threshold)
    return _counted_by_kernels(table, threshold)


def figures_of(counts: NDArray[np.int64], threshold: int) -> tuple[int, int, int, int]:
    """Return classes, uniques, records below the threshold, and ordered pairs of one class."""
    pairs = int((counts * (counts - 1)).sum())
    return len(counts), int((counts == 1).sum()), int(counts[counts < threshold].sum()), pairs


def _counted_by_numpy(table: FrequencyTable, threshold: int) -> NDArray[np.int64]:
    n_columns = len(table.columns)
    found = np.zeros((1 << n_columns, 4), np.int64)
    if table.n_cells:
        found[0] = figures_of(np.array([table.n_records]), threshold)
    finer = {(1 << n_columns) - 1: table}
    for mask in range((1 << n_columns) - 1, 0, -1):  # the subset with the lowest missing column added is counted before
        missing = ~mask & (mask + 1)
        if mask not in finer:
            names = [name for at, name in enumerate(table.columns) if mask >> at & 1]
            finer[mask] = finer[mask | missing].keep(names)
        found[mask] = figures_of(finer[mask].counts, threshold)
    return found


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


def _counted_by_kernels(table: FrequencyTable, threshold: int) -> NDArray[np.int64]:
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
    masks = np.zeros(1 << n_columns, np.int64)
    for place, column in enumerate(order):  # the kernels' bits tell dropped columns, in their order
        masks |= (~(np.arange(1 << n_columns) >> place) & 1) << column
    answer = np.empty_like(found)
    answer[masks] = found
    return answer


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


def count_along(table: FrequencyTable, order: NDArray[np.int64], threshold: int) -> NDArray[np.int64]:
    """Return figures of the first none, one, two, … columns of an order: shape (n_columns + 1, 4)."""
    found = np.zeros((len(order) + 1, 4), np.int64)
    classes, n_classes = np.zeros(table.n_cells, np.int64), 1
    for at in range(len(order) + 1):
        if at:
            classes, n_classes = paired(table.codes[:, order[at - 1]].astype(np.int64), classes, n_classes)
        found[at] = _figures_of_classes(classes, n_classes, table, threshold)
        if found[at, CLASSES] == table.n_cells:  # further columns tell nobody apart
            found[at:] = found[at]
            break
    return found


def count_without_each(table: FrequencyTable, threshold: int) -> NDArray[np.int64]:
    """Return figures of the table without each column in turn: shape (n_columns, 4).

    A key without one column is the number of what stands before it, paired with the number of what stands behind.
    """
    codes, n_columns = table.codes, len(table.columns)
    ends = [(np.zeros(table.n_cells, np.int64), 1)]
    for at in range(n_columns - 1, 0, -1):
        ends.append(paired(codes[:, at].astype(np.int64), *ends[-1]))
    found = np.zeros((n_columns, 4), np.int64)
    start = np.zeros(table.n_cells, np.int64)
    for at in range(n_columns):
        found[at] = _figures_of_classes(*paired(start, *ends.pop()), table, threshold)
        start = paired(start, codes[:, at].astype(np.int64), max(1, table.levels[at].n))[0]
    return found


def _figures_of_classes(
    classes: NDArray[np.int64], n_classes: int, table: FrequencyTable, threshold: int
) -> tuple[int, int, int, int]:
    sizes = np.bincount(classes, weights=table.counts, minlength=n_classes)
    return figures_of(sizes[sizes > 0].astype(np.int64), threshold)


def shares_of_cells(table: FrequencyTable, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each column adds to one over the class size of each cell: shape (n_cells, n_columns).

    ``weights`` (n_columns,) is the weight of an addition by the number of columns known before it.
    """
    from riskscope.kernels import lattice as kernels

    shares = np.zeros((table.n_cells, len(table.columns)))
    radices = np.array([max(1, level.n) for level in table.levels], np.int64)
    kernels.shares_of_cells(np.ascontiguousarray(table.codes.T), table.counts, radices, weights, shares)
    return shares
