"""Which pairs of records are compared at all: those that share a block in at least one pass."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.attacks.linking.comparable import Comparable
from riskscope.checks import check_columns, check_whole, quoted, shown
from riskscope.errors import CellLimitError, RoleError
from riskscope.words import _, ngettext

Positions = NDArray[np.int64]

#: Up to so many pairs, all are compared.
FEW = 1_000_000
#: Passes chosen by themselves make about so many pairs for each record.
PAIRS_A_RECORD = 50


class Pass(NamedTuple):
    """One pass: records that are equal on the columns, or within so many distinct values of each other on one."""

    columns: tuple[str, ...]
    window: int | None = None

    def words(self) -> str:
        """Return the pass in words."""
        if not self.columns:
            return _("every pair")
        if self.window is None:
            return _("equal {columns}").format(columns=quoted(self.columns))
        return ngettext(
            "{columns} within {n} value in their order", "{columns} within {n} values in their order", self.window
        ).format(columns=quoted(self.columns), n=self.window)


class Pairs(NamedTuple):
    """Pairs of records, each once, and the passes that made them: positions in the two tables (n_pairs,)."""

    people: Positions
    released: Positions
    passes: tuple[Pass, ...]


def passes_of(blocking: Iterable[Any], present: Sequence[str]) -> tuple[Pass, ...]:
    """Return what a user means by ``blocking``: names, several names together, or ``{name: window}``.

    Examples
    --------
    >>> [each.words() for each in passes_of([("name", "sex"), {"born": 3}], ["name", "sex", "born"])]
    ["equal 'name', 'sex'", "'born' within 3 values in their order"]
    """
    found: list[Pass] = []
    for each in [blocking] if isinstance(blocking, (str, Mapping)) else blocking:
        if isinstance(each, Mapping):
            found += [Pass((name,), check_whole(window, "blocking", low=0)) for name, window in each.items()]
        else:
            found.append(Pass((each,) if isinstance(each, str) else tuple(each)))
    named = [name for each in found for name in each.columns]
    check_columns([name for name in named if isinstance(name, str)], present, "blocking")
    if not found or not all(each.columns for each in found) or not all(isinstance(name, str) for name in named):
        raise RoleError(
            _(
                "blocking names no column; give a list of passes, each a column, several columns in brackets, or "
                "{{column: window}}; or leave it out."
            ).format()
        )
    return tuple(found)


def pairs_of(
    columns: Sequence[Comparable], blocking: Iterable[Any] | None = None, *, max_pairs: int = 20_000_000
) -> Pairs:
    """Return the pairs of records to compare: the union of all passes.

    Parameters
    ----------
    columns : columns made comparable
    blocking : passes, optional
        See ``passes_of``. Default: every pair where there are few, else the passes that make the fewest pairs.
    max_pairs : int
        Largest number of pairs that all passes together may make.

    Raises
    ------
    CellLimitError
        A pass makes more; the message names its columns.

    Notes
    -----
    A missing value is in no block. Sorted neighbourhoods: Hernández & Stolfo (1995), here on ranks of distinct values,
    so that records with equal values are never torn apart.
    """
    n_people, n_released = len(columns[0].people), len(columns[0].released)
    by_name = {column.name: column for column in columns}
    if blocking is not None:
        passes = passes_of(blocking, list(by_name))
    elif n_people * n_released <= min(FEW, max_pairs):
        everybody = np.arange(n_people * n_released, dtype=np.int64)
        return Pairs(*np.divmod(everybody, max(1, n_released)), (Pass(()),))
    else:
        passes = _chosen(columns, max_pairs)
    found, room = [], max_pairs
    for each in passes:
        blocks = _blocks([by_name[name] for name in each.columns], each.window or 0)
        if blocks.n_pairs > room:
            raise _too_many(each, blocks, room, max_pairs)
        room -= blocks.n_pairs
        found.append(blocks.keys(n_released))
    keys = np.concatenate(found)
    keys.sort()
    if len(keys):
        keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
    return Pairs(*np.divmod(keys, max(1, n_released)), passes)


class _Blocks(NamedTuple):
    """For each person the run of released records, in the order of their keys, that share the block."""

    people: Positions
    starts: Positions
    lengths: Positions
    order: Positions

    @property
    def n_pairs(self) -> int:
        return int(self.lengths.sum())

    def keys(self, n_released: int) -> Positions:
        """Return each pair as one number: person times records of the release, plus record."""
        before = np.cumsum(self.lengths) - self.lengths
        places = np.arange(self.n_pairs) + np.repeat(self.starts - before, self.lengths)
        return np.asarray(np.repeat(self.people, self.lengths) * n_released + self.order[places], np.int64)


def _blocks(columns: Sequence[Comparable], window: int) -> _Blocks:
    ours, theirs = _keys(columns)
    people, order = np.flatnonzero(ours >= 0), np.flatnonzero(theirs >= 0)
    order = order[np.argsort(theirs[order], kind="stable")]
    rising = theirs[order]
    starts = np.searchsorted(rising, ours[people] - window, "left")
    stops = np.searchsorted(rising, ours[people] + window, "right")
    return _Blocks(people, starts, stops - starts, order)


def _keys(columns: Sequence[Comparable]) -> tuple[Positions, Positions]:
    """Return one key a record over several columns, -1 where one is missing."""
    n = len(columns[0].people)
    keys = np.zeros(n + len(columns[0].released), np.int64)
    for at, column in enumerate(columns):
        codes = np.concatenate((column.people, column.released)).astype(np.int64)
        if at:
            keys = np.unique(keys, return_inverse=True)[1] - (1 if (keys < 0).any() else 0)
        keys = np.where((keys < 0) | (codes < 0), -1, keys * max(1, len(column.values)) + codes)
    return keys[:n], keys[n:]


def _chosen(columns: Sequence[Comparable], max_pairs: int) -> tuple[Pass, ...]:
    """Return passes on one or two columns, those that make fewest pairs first, while there is room."""
    names = [column.name for column in columns]
    tried = [(at,) for at in range(len(names))] + list(itertools.combinations(range(len(names)), 2))
    sizes = {each: _blocks([columns[at] for at in each], 0).n_pairs for each in tried}
    room = min(max_pairs, PAIRS_A_RECORD * (len(columns[0].people) + len(columns[0].released)))
    chosen: list[tuple[int, ...]] = []
    for each in sorted(tried, key=lambda places: (len(places), sizes[places])):
        covered = any(set(other) <= set(each) for other in chosen)
        if not covered and sizes[each] <= room // 2:
            chosen.append(each)
            room -= sizes[each]
    if not chosen:
        raise CellLimitError(
            _(
                "Of {n_people} people and {n_released} released records, no one or two of the known columns make "
                "blocks that are small enough to compare (the smallest: {n} pairs, {columns}); let the attacker know "
                "more, name passes of three columns in blocking, or raise max_pairs."
            ).format(
                n_people=len(columns[0].people),
                n_released=len(columns[0].released),
                n=min(sizes.values()),
                columns=quoted([names[at] for at in min(sizes, key=lambda places: sizes[places])]),
            )
        )
    return tuple(Pass(tuple(names[at] for at in each)) for each in chosen)


def _too_many(each: Pass, blocks: _Blocks, room: int, max_pairs: int) -> CellLimitError:
    return CellLimitError(
        _(
            "The pass on {columns} makes {n} pairs (up to {most} for one person) where {room} of max_pairs={max_pairs} "
            "are left; join it with a second column, as ({first}, …), take a smaller window, leave the pass out, or "
            "raise max_pairs."
        ).format(
            columns=quoted(each.columns),
            n=blocks.n_pairs,
            most=int(blocks.lengths.max()),
            room=room,
            max_pairs=max_pairs,
            first=shown(each.columns[0]),
        )
    )
