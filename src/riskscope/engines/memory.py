"""Count records that are in memory: encode the columns, pack the codes into one key, count equal keys."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from riskscope.engines.columns import arrow_columns
from riskscope.engines.encode import SMALL, Coded, encode
from riskscope.errors import RoleError
from riskscope.frequency import KEY_SPACE, FrequencyTable, Keys, Levels, Packing, key_type, pack
from riskscope.roles import Roles, as_roles
from riskscope.words import _

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")

_BLOCK = 65_536  # rows packed at a time: keys and codes stay in the cache, threads seldom wait for each other
_DIRECT = 2**20  # key spaces up to this are counted in one array of counters
_FEW = 2**13  # so many distinct keys are counted by a table that stays in the cache
_PART = 8_192  # keys in a part that is sorted in the cache, about; there are 1,024 parts at most


def count(data: Any, columns: Roles | Iterable[str]) -> FrequencyTable:
    """How many records share each combination of values.

    The rows are read once; every measure works on the table that comes back.

    Parameters
    ----------
    data : pandas, Polars or PyArrow data frame
        One record a row.
    columns : Roles, or names of columns
        Roles: the quasi-identifiers, then the sensitive columns. Names: those columns, as quasi-identifiers.
        Where the roles name the person, several records of one person count as one.

    Returns
    -------
    FrequencyTable
        One cell for each combination that occurs, with its number of records (int64, at least 1); of persons, where
        the roles name the person. A record that names no person is a person of its own.

    Raises
    ------
    RoleError
        A column is not there, or none is named.
    FrameError
        The data is not a data frame, or a column holds what cannot be compared.

    Notes
    -----
    A missing value (NaN, None, NaT, null) is a value of its own, whatever its kind; -0.0 equals 0.0; 1 and 1.0
    are one value, the text "1" another. No record is dropped.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 30, 40], "sex": ["F", "F", "M"]})
    >>> table = count(people, ["age", "sex"])
    >>> table.counts.tolist(), table.codes.tolist()
    ([2, 1], [[0, 0], [1, 1]])
    """
    roles = as_roles(columns)
    if roles.person is None:
        return count_rows(data, roles)[0]
    from riskscope.engines.persons import count_persons

    return count_persons(data, roles, roles.person).table


def count_rows(data: Any, roles: Roles) -> tuple[FrequencyTable, Keys]:
    """Return the table of counts of records, and the key of each record: a cell of the table has the same key."""
    names = counted_columns(roles)
    rows = key_rows(data, names)
    keys, counts = count_keys(rows.keys, rows.packing.space)
    return FrequencyTable(names, rows.levels, keys, counts, rows.packing, roles=roles), rows.keys


def counted_columns(roles: Roles) -> tuple[str, ...]:
    """Return the columns that the roles ask to count, quasi-identifiers first; there must be one."""
    names = roles.columns("quasi_identifiers", "sensitive")
    if not names:
        raise RoleError(_("No column to count; name the quasi-identifiers."))
    return names


class KeyedRows(NamedTuple):
    """The records as keys: ``keys`` (n,), how to read them, and the levels of each column."""

    keys: Keys
    packing: Packing
    levels: tuple[Levels, ...]


def key_rows(data: Any, names: Sequence[str]) -> KeyedRows:
    """Return one key a record over the named columns; equal keys mean equal values."""
    coded = coded_columns(data, names)
    keys, packing = pack_rows(coded)
    return KeyedRows(keys, packing, tuple(column.levels for column in coded))


def coded_columns(data: Any, names: Sequence[str]) -> list[Coded]:
    """Return the named columns as codes."""
    arrays = arrow_columns(data, names)
    return in_threads(lambda at: encode(arrays[at], names[at]), range(len(names)), n_rows=_longest(arrays))


def pack_rows(coded: Sequence[Coded]) -> tuple[Keys, Packing]:
    """Return one key a row from coded columns."""
    n = len(coded[0].codes)
    radices = [max(1, column.levels.n) for column in coded]
    if n <= SMALL:
        return pack([column.codes for column in coded], radices, n)
    packing = Packing(())
    keys: Keys | None = None
    group: list[Coded] = []
    for column, radix in zip(coded, radices, strict=True):
        if packing.space * radix >= KEY_SPACE:
            keys = _appended(keys, group, packing)
            dictionary, _counts = count_keys(keys, packing.space)
            keys = places_of(keys, dictionary, packing.space).astype(np.uint64)
            packing, group = Packing((), dictionary, packing), []
        packing = Packing((*packing.radices, radix), packing.dictionary, packing.before)
        group.append(column)
    return _appended(keys, group, packing), packing


def _appended(keys: Keys | None, group: Sequence[Coded], packing: Packing) -> Keys:
    """Return keys with the codes of a group of columns appended, block by block."""
    from riskscope.kernels.count import append_digit

    n = len(group[0].codes)
    wide = key_type(packing.space)
    target = np.empty(n, wide)

    def fill(part: slice) -> None:
        for start in range(part.start, part.stop, _BLOCK):
            block = slice(start, min(start + _BLOCK, part.stop))
            ours = target[block]
            ours[:] = 0 if keys is None else keys[block]
            for column in group:
                append_digit(ours, column.codes[block], wide(max(1, column.levels.n)))

    in_threads(fill, _slices(n, threads()), n_rows=n)
    return target


def count_keys(keys: Keys, space: int) -> tuple[Keys, NDArray[np.int64]]:
    """Return the distinct keys, rising, with the number of rows of each."""
    n = len(keys)
    if n <= SMALL:
        distinct, counts = np.unique(keys, return_counts=True)
        return distinct, counts.astype(np.int64)
    if space <= _DIRECT:
        return _counted_directly(keys, space)
    few = _counted_few(keys)
    return few if few is not None else _counted_in_parts(keys, space)


def _counted_directly(keys: Keys, space: int) -> tuple[Keys, NDArray[np.int64]]:
    from riskscope.kernels.count import count_direct

    parts = _slices(len(keys), threads())
    counters = np.zeros((len(parts), space), np.int64)
    in_threads(lambda at: count_direct(keys[parts[at]], counters[at]), range(len(parts)), n_rows=len(keys))
    totals = counters.sum(axis=0)
    found = np.flatnonzero(totals)
    return found.astype(keys.dtype), totals[found]


def _counted_few(keys: Keys) -> tuple[Keys, NDArray[np.int64]] | None:
    """Count keys that have few distinct values, or return None as soon as they prove to be many."""
    from riskscope.kernels.count import count_few

    parts = _slices(len(keys), threads())

    def one(part: slice) -> tuple[Keys, NDArray[np.int64]] | None:
        found, counts = np.empty(_FEW, keys.dtype), np.empty(_FEW, np.int64)
        n_found = count_few(keys[part], np.full(4 * _FEW, -1, np.int32), found, counts)
        return None if n_found < 0 else (found[:n_found], counts[:n_found])

    counted = [each for each in in_threads(one, parts, n_rows=len(keys)) if each is not None]
    if len(counted) < len(parts):
        return None
    distinct, places = np.unique(np.concatenate([each[0] for each in counted]), return_inverse=True)
    totals = np.zeros(len(distinct), np.int64)
    np.add.at(totals, places, np.concatenate([each[1] for each in counted]))
    return distinct, totals


def _counted_in_parts(keys: Keys, space: int) -> tuple[Keys, NDArray[np.int64]]:
    """Split keys by their top bits into parts that fit into the cache, then sort and count each part."""
    from riskscope.kernels.count import DIGIT, count_parts, part_sizes, scatter

    n = len(keys)
    bits = max(1, (space - 1).bit_length())
    low_bits = max(0, bits - max(1, min(10, (n // _PART).bit_length())))
    if low_bits % DIGIT <= 2:  # rather four times the parts than one more pass over all keys
        low_bits -= low_bits % DIGIT
    shift = keys.dtype.type(low_bits)
    slices = _slices(n, threads())
    sizes = np.zeros((len(slices), 1 << (bits - low_bits)), np.int64)
    in_threads(lambda at: part_sizes(keys[slices[at]], shift, sizes[at]), range(len(slices)), n_rows=n)
    ends = np.cumsum(sizes.T.ravel())
    places = np.concatenate(([0], ends[:-1])).reshape(sizes.T.shape).T.copy()
    starts = np.append(places[0], n)
    parted = np.empty_like(keys)
    in_threads(lambda at: scatter(keys[slices[at]], shift, places[at], parted), range(len(slices)), n_rows=n)

    counts = np.empty(n, np.int64)
    bounds = np.searchsorted(starts, [part.start for part in slices])
    bounds = np.append(np.maximum.accumulate(bounds), len(starts) - 1)

    def sort(at: int) -> tuple[Keys, NDArray[Any]]:
        ours = starts[bounds[at] : bounds[at + 1] + 1]
        low, high = ours[0], ours[-1]
        n_cells = count_parts(parted[low:high], ours - low, low_bits, counts[low:high])
        return parted[low : low + n_cells], counts[low : low + n_cells]

    n_cells = 0
    for distinct, their_counts in in_threads(sort, range(len(slices)), n_rows=n):
        ours = slice(n_cells, n_cells + len(distinct))  # moved together in place: fresh memory costs more than this
        parted[ours], counts[ours] = distinct, their_counts
        n_cells = ours.stop
    if n_cells < n // 4:
        return parted[:n_cells].copy(), counts[:n_cells].copy()
    return parted[:n_cells], counts[:n_cells]


def places_of(keys: Keys, distinct: Keys, space: int) -> NDArray[np.int64]:
    """Return where each key stands among the distinct keys, rising, that hold them all."""
    if len(keys) <= SMALL:
        return np.searchsorted(distinct, keys)
    if space <= max(_DIRECT, len(keys)):
        numbers = np.empty(space, np.int64)
        numbers[distinct] = np.arange(len(distinct))
        return numbers[keys]
    from riskscope.kernels.count import find_keys, number_keys

    slots = np.full(1 << (2 * len(distinct)).bit_length(), -1, np.int32)
    number_keys(distinct, slots)
    places = np.empty(len(keys), np.int64)
    parts = _slices(len(keys), threads())
    in_threads(lambda part: find_keys(keys[part], distinct, slots, places[part]), parts, n_rows=len(keys))
    return places


def threads() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def _slices(n: int, parts: int) -> list[slice]:
    cuts = [n * at // parts for at in range(parts + 1)]
    return [slice(low, high) for low, high in itertools.pairwise(cuts)]


def _longest(arrays: Sequence[Any]) -> int:
    return max((len(array) for array in arrays), default=0)


def in_threads(work: Callable[[_Item], _Answer], items: Iterable[_Item], *, n_rows: int) -> list[_Answer]:
    """Return the answer for each item, side by side where there are rows enough to pay for it."""
    items = list(items)
    n_threads = min(threads(), len(items))
    if n_rows <= SMALL or n_threads < 2:
        return [work(item) for item in items]
    answers: dict[int, _Answer] = {}
    waiting = iter(range(len(items)))

    def take() -> None:
        for at in waiting:
            answers[at] = work(items[at])

    with ThreadPoolExecutor(n_threads - 1) as pool:  # the calling thread works too: one thread fewer to wake
        others = [pool.submit(take) for _ in range(n_threads - 1)]
        take()
    for other in others:
        other.result()
    return [answers[at] for at in range(len(items))]
