"""Which counts of an audit may be shown: none that tells of few people, and none that gives such a one away."""

from __future__ import annotations

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
