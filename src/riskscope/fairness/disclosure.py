"""Which counts of an audit may be shown: none that tells of few people, and none that gives such a one away."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]


def few(min_cell: int) -> str:
    """Return what stands in place of a number of people that is too small to show.

    Examples
    --------
    >>> few(10)
    '<10'
    """
    return f"<{min_cell}"


def shown_groups(parts: Whole, min_cell: int) -> Booleans:
    """Tell which groups may be shown when the people of each are cut into the same parts.

    Parameters
    ----------
    parts : array (n_groups, n_parts)
        People of each group in each part: those selected and those who are not, say.
    min_cell : int
        A group is shown where each of its parts has so many people at least.

    Returns
    -------
    array of bool (n_groups,)

    Notes
    -----
    What is known of everybody, less the groups shown, tells of the groups held back together. So where one is held
    back, further ones are, the smallest first, until they are at least two and have, in each part, at least
    ``min_cell`` people together.

    Examples
    --------
    >>> shown_groups(np.array([[500, 400], [300, 200], [30, 40], [3, 60]]), 10).tolist()
    [True, True, False, False]
    """
    shown: Booleans = np.asarray((np.asarray(parts) >= min_cell).all(axis=1))
    sizes = np.asarray(parts).sum(axis=1)
    while shown.any() and not shown.all():
        held = parts[~shown]
        if len(held) > 1 and (held.sum(axis=0) >= min_cell).all():
            break
        candidates = np.flatnonzero(shown)
        shown[candidates[np.argmin(sizes[candidates])]] = False
    return shown


def better_joined(parts: Whole, min_cell: int, *, held: Booleans | None = None) -> Booleans:
    """Tell which groups are to be counted with the largest of the others, as holding them back would show too little.

    Parameters
    ----------
    parts : array (n_groups, n_parts)
        People of each group in each part.
    min_cell : int
        A group may stand alone where each of its parts has so many people at least.
    held : array of bool (n_groups,), optional
        Groups that are held back already; they are joined with the others.

    Returns
    -------
    array of bool (n_groups,)
        None at all where ``shown_groups`` leaves two groups or more and holds back ``min_cell`` people or more, or
        where fewer than two groups may stand alone. Never the group with most people among those that may.

    Notes
    -----
    Joined, they add to a group that may be shown, so nothing else has to be held back: everybody less the groups
    shown is nobody.

    Examples
    --------
    >>> better_joined(np.array([[500, 400], [300, 200], [2, 1]]), 10).tolist()
    [False, False, True]
    """
    parts = np.asarray(parts)
    held = np.zeros(len(parts), bool) if held is None else held
    too_few: Booleans = np.asarray((parts < min_cell).any(axis=1)) | held
    if not too_few.any() or (~too_few).sum() < 2:
        return np.zeros(len(parts), bool)
    shows_enough = (shown_groups(parts, min_cell) & ~held).sum() >= 2
    if shows_enough and parts[too_few].sum() >= min_cell:
        return np.zeros(len(parts), bool)
    return too_few


class Ranges(NamedTuple):
    """What may be shown of groups whose people are cut in two: exactly, within a range, or not at all.

    ``may_show`` (n_groups,): the groups shown exactly. ``is_ranged`` (n_groups,): of these it is told that so many
    people at least (``low``), and at most (``high``), are in the second part; ``is_few``: as they have few in a part.
    The others are held back.
    """

    may_show: Booleans
    is_few: Booleans
    is_ranged: Booleans
    low: Whole
    high: Whole


def can_be_ranged(parts: Whole, min_cell: int) -> Booleans:
    """Tell which groups are large, but have fewer than ``min_cell`` people in one of two parts.

    Examples
    --------
    >>> can_be_ranged(np.array([[300, 0], [420, 280], [9, 1]]), 10).tolist()
    [True, False, False]
    """
    found: Booleans = (parts < min_cell).any(axis=1) & (parts.sum(axis=1) >= 2 * min_cell)
    return found


def shown_ranges(parts: Whole, min_cell: int) -> Ranges | None:
    """Return what may be shown where groups that hardly anybody of is in one of two parts are told in a range.

    Parameters
    ----------
    parts : array (n_groups, 2)
        People of each group in either part: those who do not get a decision, and those who do.
    min_cell : int
        A large group with fewer people in a part is told to have fewer; not how many.

    Returns
    -------
    Ranges or None
        None where there is no such group, or where no ranges can be told that leave each of its numbers possible.

    Notes
    -----
    The totals of everybody are known, and so is the sum over the groups that are not shown exactly. Further groups,
    the smallest first, are added to these until each number below ``min_cell`` is possible in each of the groups told
    to have fewer. A single one added is told in the range that follows from that sum and from the others' ranges: it
    says nothing new. Where there are but two groups and both have few, one alone is told to, and whether the other
    has is left open.

    Examples
    --------
    >>> found = shown_ranges(np.array([[300, 0], [420, 280]]), 10)
    >>> list(zip(found.low.tolist(), found.high.tolist(), strict=True))
    [(0, 9), (271, 280)]
    """
    parts = np.asarray(parts)
    is_few = can_be_ranged(parts, min_cell)
    if not is_few.any():
        return None
    sizes, held = parts.sum(axis=1), np.asarray((parts < min_cell).any(axis=1))
    low, high = _bounds(parts, min_cell)
    while not _all_stay_possible(parts, held, is_few, low, high, min_cell):
        clear = np.flatnonzero(~held)
        if len(clear):
            held[clear[np.argmin(sizes[clear])]] = True
            continue
        alone = _told_alone(parts, min_cell) if len(parts) == 2 else None
        if alone is None:
            return None
        is_few = np.arange(2) == alone
        break
    others = held & ~is_few
    is_ranged = is_few.copy()
    if others.sum() == 1 and sizes[others][0] >= 2 * min_cell:
        total = parts[held, 1].sum()
        low[others] = max(0, total - high[is_few].sum())
        high[others] = min(sizes[others][0], total - low[is_few].sum())
        is_ranged |= others
    return Ranges(~held, is_few, is_ranged, low, high)


def _bounds(parts: Whole, min_cell: int) -> tuple[Whole, Whole]:
    """Return how many people at least, and at most, a group has in the second part, by what is told of it."""
    sizes, clear, few_ = parts.sum(axis=1), (parts >= min_cell).all(axis=1), can_be_ranged(parts, min_cell)
    is_second = few_ & (parts[:, 1] < min_cell)
    low = np.where(clear, min_cell, np.where(few_ & ~is_second, sizes - min_cell + 1, 0))
    high = np.where(clear, sizes - min_cell, np.where(is_second, min_cell - 1, sizes))
    return low, high


def _all_stay_possible(parts: Whole, held: Booleans, is_few: Booleans, low: Whole, high: Whole, min_cell: int) -> bool:
    """Tell whether the sum over the groups held leaves each number in their range to those with few people."""
    others, total = held & ~is_few, parts[held, 1].sum()
    if others.any() and parts[others].sum() < min_cell:
        return False
    rest_low, rest_high = (each[held].sum() - each[is_few] for each in (low, high))
    return bool(((rest_low <= total - high[is_few]) & (total - low[is_few] <= rest_high)).all())


def _told_alone(parts: Whole, min_cell: int) -> int | None:
    """Return which of two groups may be told to have few people in a part, whatever is true of the other."""
    sizes, total = parts.sum(axis=1), int(parts[:, 1].sum())
    possible = []  # ranges of the first group's number that would be told, each as (group, lowest, highest)
    for group, size in enumerate(sizes.tolist()):
        for low, high in ((0, min_cell - 1), (size - min_cell + 1, size)):
            if size >= 2 * min_cell and total - high >= 0 and total - low <= sizes[1 - group]:
                ends = (low, high) if group == 0 else (total - high, total - low)
                possible.append((group, *ends))
    true = [each for each in possible if each[1] <= parts[0, 1] <= each[2]]
    if len(true) != 1:
        return None
    group, low, high = true[0]
    if any(other != true[0] and other[1] <= high and low <= other[2] for other in possible):
        return None
    return group


def shown_cells(counts: Whole, min_cell: int) -> Booleans:
    """Tell which cells of a two-way table may be shown when the totals of its rows and columns are known.

    Parameters
    ----------
    counts : array (n_rows, n_columns)
        People in each cell.
    min_cell : int
        A cell is shown where it has so many people at least.

    Returns
    -------
    array of bool (n_rows, n_columns)

    Notes
    -----
    In each row and column, those held back are none, or at least two with ``min_cell`` people together: else the
    smallest cell shown is held back as well. Cells of nobody count as small: they tell as much.

    Examples
    --------
    >>> shown_cells(np.array([[50, 40, 30], [30, 3, 20], [40, 60, 50]]), 10).tolist()
    [[True, False, False], [True, False, False], [True, True, True]]
    """
    counts = np.asarray(counts)
    shown: Booleans = counts >= min_cell
    while True:
        before = int(shown.sum())
        for table, mask in ((counts, shown), (counts.T, shown.T)):
            for line, seen in zip(table, mask, strict=True):
                _hold_back(line, seen, min_cell)
        if int(shown.sum()) == before:
            return shown


def _hold_back(line: Whole, seen: Booleans, min_cell: int) -> None:
    """Hide further cells of a line, in place, until those hidden do not give each other away."""
    while seen.any() and not seen.all() and ((~seen).sum() < 2 or line[~seen].sum() < min_cell):
        candidates = np.flatnonzero(seen)
        seen[candidates[np.argmin(line[candidates])]] = False
