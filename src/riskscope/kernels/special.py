"""Minimal sample uniques: the smallest sets of columns on which a record stands alone, from cells alone.

Sets of columns are bit masks, visited in rising order, so that every set comes after its subsets. Each is reached
from the set without its lowest column: the groups of cells that agree on it are split by that column. A cell that is
alone leaves the groups for good. A group that the column does not split is dropped, for no minimal set lies further
down. Before the lower columns are tried, cells that agree on all of them are made one, and a group is dropped where
nobody could be alone any more. What is left is small where the columns with most values come last (rare items first).

A cell in a group is twice its number, plus one if it is a record that could still be alone. Groups lie side by side;
the last cell of each is written as its complement.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MASK, OWNER, BEFORE = 0, 1, 2  # rows of ``found``: the set, its record, the place of that record's set before it
DROPPED, ALONE = -2, -1


@njit(cache=True, nogil=True)
def search(codes, ranks, alone, radix, max_size, most, heads):
    """Find the minimal sets of columns on which cells are alone.

    Parameters
    ----------
    codes : unsigned array (n_columns, n_cells)
        The cells in lexicographic order; at most 62 columns.
    ranks : int32 array (n_columns, n_cells)
        In row k, a number for each combination of the first k columns.
    alone : bool array (n_cells,)
        Whether the cell is one record.
    radix : int
        Above every code.
    max_size : int
        The largest set to look for.
    most : int
        Give up when more sets than this are found.
    heads : int64 array (n_cells,)
        All -1; used up.

    Returns
    -------
    int64 array (2, n_found)
        Sets and their cells, sets rising; more than ``most`` where the search was given up.
    """
    n_columns, n_cells = codes.shape
    groups = np.empty(2 * n_cells, np.int32)
    for cell in range(n_cells):
        groups[cell] = 2 * cell + alone[cell]
    groups[n_cells - 1] = ~groups[n_cells - 1]
    bounds = np.zeros((n_columns + 1, n_columns, 2), np.int64)  # the groups to split, by depth and column
    free = np.zeros(n_columns + 1, np.int64)  # where the groups of the next set on the way begin
    groups, free[0] = _merge_down(groups, np.int64(0), n_cells, bounds[0], n_columns, ranks)
    way = np.zeros(n_columns + 1, np.int64)  # the sets on the way to this one
    counters = np.zeros((3, radix), np.int32)
    found = np.empty((3, 1024), np.int64)
    depth, n_found = np.int64(0), np.int64(0)
    mask = np.int64(1)
    while mask < np.int64(1) << n_columns and n_found <= most:
        without = mask & (mask - 1)
        while way[depth] != without:
            depth -= 1
        step = mask ^ without
        column = 0
        while (np.int64(1) << column) < step:
            column += 1
        low, high = bounds[depth, column, 0], bounds[depth, column, 1]
        start = free[depth]
        is_last = column == 0 or depth + 1 == max_size
        groups = _with_room(groups, start, high - low)
        if n_found + high - low > found.shape[1]:
            found = _more_room(found, n_found, high - low)
        end, n_found = _split(codes[column], groups, low, high, start, mask, is_last, counters, heads, found, n_found)
        if end == start:
            mask += step
        else:
            depth += 1
            way[depth] = mask
            groups, free[depth] = _merge_down(groups, start, end, bounds[depth], column, ranks)
            mask += 1
    return found[:2, :n_found]


@njit(cache=True, nogil=True)
def _with_room(groups, used, more):
    """Return ``groups`` with room for so many more."""
    if used + more <= groups.shape[0]:
        return groups
    wider = np.empty(2 * (used + more), np.int32)
    for place in range(used):
        wider[place] = groups[place]
    return wider


@njit(cache=True, nogil=True)
def _more_room(found, n_found, more):
    """Return ``found`` with room for so many more."""
    wider = np.empty((3, 2 * (n_found + more)), np.int64)
    for at in range(n_found):
        for row in range(3):
            wider[row, at] = found[row, at]
    return wider


@njit(cache=True, nogil=True)
def _merge_down(groups, low, high, bounds, n_columns, ranks):
    """Write behind each other the groups to split by each lower column, the last of them first.

    Groups that would hardly shrink are used again as they are.
    """
    bounds[n_columns - 1, 0], bounds[n_columns - 1, 1] = low, high
    free = high
    for column in range(n_columns - 2, -1, -1):
        groups = _with_room(groups, free, high - low)
        end = _merge(groups, low, high, free, ranks[column + 1])
        if end - free <= (high - low) * 3 // 4:
            low, high, free = free, end, end
        bounds[column, 0], bounds[column, 1] = low, high
    return groups, free


@njit(cache=True, nogil=True)
def _merge(groups, low, high, end, ranks):
    """Write groups at ``end`` with cells of equal rank made one, unless nobody in them can be alone; return the end."""
    begin, n_alone, before = end, 0, -1
    for place in range(low, high):
        cell = groups[place]
        member = max(cell, ~cell)
        rank = ranks[member >> 1]
        if rank == before:
            n_alone -= groups[end - 1] & 1
            groups[end - 1] &= ~1
        else:
            groups[end] = member
            n_alone += member & 1
            end += 1
            before = rank
        if cell < 0:
            if n_alone == 0:
                end = begin
            else:
                groups[end - 1] = ~groups[end - 1]
            begin, n_alone, before = end, 0, -1
    return end


@njit(cache=True, nogil=True)
def _split(column, groups, low, high, end, mask, is_last, counters, heads, found, n_found):
    """Split groups by a column, note who is alone, write the new groups at ``end``; return both ends."""
    counts, places, present = counters[0], counters[1], counters[2]  # by code, all zero before and after
    start = low
    while start < high:
        if groups[start] >= 0 and groups[start + 1] < 0:  # of two cells, both are alone or none
            one, other = groups[start], ~groups[start + 1]
            start += 2
            if column[one >> 1] != column[other >> 1]:
                if one & 1:
                    n_found = _note(found, n_found, heads, one >> 1, mask)
                if other & 1:
                    n_found = _note(found, n_found, heads, other >> 1, mask)
            continue
        stop, n_codes, cell = start, 0, 0
        while cell >= 0:
            cell = groups[stop]
            member = max(cell, ~cell)
            code = column[member >> 1]
            if counts[code] == 0:
                present[n_codes] = code
                n_codes += 1
            counts[code] += 1
            places[code] += member & 1
            stop += 1
        is_split = n_codes > 1 or stop - start == 1
        matters = False
        for at in range(n_codes):
            code = present[at]
            if not is_split or places[code] == 0 or (is_last and counts[code] > 1):
                places[code] = DROPPED
            elif counts[code] == 1:
                places[code] = ALONE
                matters = True
            else:
                places[code] = end
                end += counts[code]
                matters = True
        if matters:
            for place in range(start, stop):
                member = max(groups[place], ~groups[place])
                code = column[member >> 1]
                if places[code] == ALONE:
                    n_found = _note(found, n_found, heads, member >> 1, mask)
                elif places[code] >= 0:
                    counts[code] -= 1
                    groups[places[code]] = member if counts[code] else ~member
                    places[code] += 1
        for at in range(n_codes):
            counts[present[at]] = 0
            places[present[at]] = 0
        start = stop
    return end, n_found


@njit(cache=True, nogil=True)
def _note(found, n_found, heads, cell, mask):
    """Note a set for a cell unless one of its subsets is noted already; return how many are."""
    at = heads[cell]
    while at >= 0:
        if found[MASK, at] & ~mask == 0:
            return n_found
        at = found[BEFORE, at]
    found[MASK, n_found] = mask
    found[OWNER, n_found] = cell
    found[BEFORE, n_found] = heads[cell]
    heads[cell] = n_found
    return n_found + 1
