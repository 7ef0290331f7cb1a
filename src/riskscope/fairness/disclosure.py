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
