"""How far records are from one another: tables of mixed columns on one scale, and the smallest Gower distances."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import check_columns, check_names, shown
from riskscope.engines.columns import arrow_columns, as_frame
from riskscope.engines.encode import encode
from riskscope.engines.memory import in_threads, pack_rows, threads
from riskscope.errors import FrameError
from riskscope.words import _

if TYPE_CHECKING:
    import pyarrow as pa

Numbers = NDArray[np.float64]
#: Called with what is done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]

#: Number that stands for a missing one: as far from every number (0 to 1) as can be, and not from another missing one.
MISSING = 2.0
#: Up to so many differences are taken by NumPy alone, without loading the compiled kernel.
FEW = 20_000_000
#: Decimals of a distance that are kept, so that equal distances are equal whatever order they are added up in.
DECIMALS = 12
#: Queries answered between two calls of the progress.
_STRIDE = 4_096
#: Records in a leaf, at most.
_LEAF = 32


@dataclass(frozen=True)
class Mixed:
    """Records of mixed columns on the scale that several tables share.

    Attributes
    ----------
    codes : int32 array (n, n_codes)
        Columns that are equal or not.
    numbers : float array (n, n_numbers)
        Numbers and dates from 0 to 1 over the range of all tables; ``MISSING`` for a missing one.
    keys : array (n,)
        Equal keys mean equal values in all columns.
    """

    codes: NDArray[np.int32] = field(repr=False)
    numbers: Numbers = field(repr=False)
    keys: NDArray[Any] = field(repr=False)

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, rows: Any) -> Mixed:
        return Mixed(self.codes[rows], self.numbers[rows], self.keys[rows])

    @property
    def n_columns(self) -> int:
        """How many columns there are."""
        return int(self.codes.shape[1] + self.numbers.shape[1])


def shared_columns(tables: Sequence[Any], columns: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return the columns named, or all that the tables have in common; there must be one, in every table."""
    present = [list(as_frame(table).columns) for table in tables]
    if columns is not None:
        names = check_names(columns if isinstance(columns, str) else tuple(columns), "columns")
        for each in present:
            check_columns(names, each, "columns")
    else:
        names = tuple(name for name in present[0] if all(name in each for each in present[1:]))
    if not names:
        raise FrameError(
            _("The tables have no column in common; hand over tables with columns of the same names, or name columns.")
        )
    return names


def mixed(tables: Sequence[Any], columns: Sequence[str]) -> tuple[list[Mixed], list[str]]:
    """Return tables on one scale, and the columns that are compared as text because the tables write them differently.

    Parameters
    ----------
    tables : data frames
    columns : names of columns that all tables have

    Raises
    ------
    FrameError
        A column of numbers holds an infinite one.

    Examples
    --------
    >>> import pandas as pd
    >>> (one, other), as_text = mixed([pd.DataFrame({"age": [0, 10]}), pd.DataFrame({"age": [5]})], ["age"])
    >>> one.numbers.ravel().tolist(), other.numbers.ravel().tolist()
    ([0.0, 1.0], [0.5])
    """
    by_table = [arrow_columns(each, columns) for each in tables]
    sizes = [len(arrays[0]) for arrays in by_table]
    codes, numbers, coded, as_text = [], [], [], []
    for at, name in enumerate(columns):
        pieces = [_plain(arrays[at]) for arrays in by_table]
        kinds = {kind_of_values(piece) for piece in pieces} - {"null"}
        if len(kinds) > 1:
            as_text.append(name)
        joined = _joined(pieces, kinds)
        coded.append(encode(joined, name))
        if kinds <= {"number"} or kinds <= {"moment"}:
            numbers.append(_scaled(joined, name))
        else:
            codes.append(coded[-1].codes.astype(np.int32))
    n = sum(sizes)
    keys, _packing = pack_rows(coded)
    whole = Mixed(
        np.stack(codes, axis=1) if codes else np.empty((n, 0), np.int32),
        np.stack(numbers, axis=1) if numbers else np.empty((n, 0)),
        np.asarray(keys),
    )
    ends = np.cumsum([0, *sizes])
    return [whole[low:high] for low, high in itertools.pairwise(ends)], as_text


def column_of_tables(tables: Sequence[Any], name: str) -> pa.Array:
    """Return a column of several tables, one after the other, in a type that holds them all (else as text)."""
    pieces = [_plain(arrow_columns(each, [name])[0]) for each in tables]
    return _joined(pieces, {kind_of_values(piece) for piece in pieces} - {"null"})


def _plain(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column as one array without a dictionary."""
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.cast(array.type.value_type) if pa.types.is_dictionary(array.type) else array


def kind_of_values(array: pa.Array) -> str:
    """Return "number", "moment", "text", or "null" where every value is missing."""
    import pyarrow as pa

    if array.null_count == len(array):
        return "null"
    kind = array.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return "moment"
    return "text"


def _joined(pieces: list[pa.Array], kinds: set[str]) -> pa.Array:
    """Return the pieces of one column as one array of a type that holds them all."""
    import pyarrow as pa

    if not kinds:
        kind = pa.null()
    elif kinds == {"number"}:
        types = {piece.type for piece in pieces if piece.null_count < len(piece)}
        kind = types.pop() if len(types) == 1 else pa.float64()
    elif kinds == {"moment"}:
        zoned = any(getattr(piece.type, "tz", None) for piece in pieces)
        kind = pa.timestamp("us", "UTC" if zoned else None)
    else:
        kind = pa.large_string()
    return pa.concat_arrays(
        [pa.nulls(len(each), kind) if each.null_count == len(each) else each.cast(kind, safe=False) for each in pieces]
    )


def _scaled(array: pa.Array, name: str) -> Numbers:
    """Return numbers or moments from 0 to 1 over their range."""
    import pyarrow as pa

    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    if pa.types.is_null(array.type):
        return np.full(len(array), MISSING)
    values = np.asarray(array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
    missing = np.isnan(values)
    if np.isinf(values).any():
        raise FrameError(
            _(
                "Column {column} holds {n} infinite numbers, which are no distance from others; make them missing."
            ).format(column=shown(name), n=int(np.isinf(values).sum()))
        )
    if missing.all():
        return np.full(len(values), MISSING)
    low, high = values[~missing].min(), values[~missing].max()
    return np.where(missing, MISSING, (values - low) / (high - low) if high > low else 0.0)


def smallest_distances(
    queries: Mixed, records: Mixed, k: int, *, progress: Progress | None = None, text: str = ""
) -> Numbers:
    """Return the k smallest Gower distances of each query to the records, rising; infinity where there are fewer.

    Returns
    -------
    float array (n_queries, k), each from 0 to 1

    Notes
    -----
    Gower (1971), doi:10.2307/2528823: the mean over columns of |x - y| / range for numbers, else 0 or 1. A missing
    value is a value of its own: 0 from another one, 1 from all else.
    """
    n, width = len(queries), max(1, queries.n_columns)
    if not n or not len(records):
        return np.full((n, k), np.inf)
    if n * len(records) * width <= FEW:
        found = _plainly(queries, records, k)
    else:
        found = _compiled(queries, records, k, progress, text)
    return np.round(found / width, DECIMALS)


def _plainly(queries: Mixed, records: Mixed, k: int) -> Numbers:
    """Take every difference, some queries at a time."""
    n, kept = len(queries), min(k, len(records))
    found = np.full((n, k), np.inf)
    step = max(1, 2_000_000 // (len(records) * max(1, queries.n_columns)))
    for rows in _strides(0, n, step):
        apart = (queries.codes[rows, None, :] != records.codes[None]).sum(axis=2).astype(np.float64)
        gaps = np.abs(queries.numbers[rows, None, :] - records.numbers[None])
        total = apart + np.minimum(gaps, 1).sum(axis=2)
        found[rows, :kept] = np.sort(np.partition(total, kept - 1, axis=1)[:, :kept], axis=1)
    return found


def _compiled(queries: Mixed, records: Mixed, k: int, progress: Progress | None, text: str) -> Numbers:
    """Put the records into leaves of equal codes and near numbers, and let the kernel go from the nearest leaf on."""
    from riskscope.kernels.nearest import nearest_in_leaves

    n_levels = [int(column.max()) for column in records.codes.T]
    by_levels = np.argsort(n_levels, kind="stable")  # few levels first: neighbouring leaves start alike
    by_spread = np.argsort(-records.numbers.std(axis=0), kind="stable")  # what tells most is added first
    leaves = _leaves(records.codes[:, by_levels], records.numbers[:, by_spread])
    found = np.full((len(queries), k), np.inf)

    def answer(rows: slice) -> None:
        codes, numbers = queries.codes[rows][:, by_levels], queries.numbers[rows][:, by_spread]
        nearest_in_leaves(*leaves, np.ascontiguousarray(codes), np.ascontiguousarray(numbers), found[rows])

    for stride in _strides(0, len(queries), _STRIDE):
        if progress is not None:
            progress(text, stride.start, len(queries))
        parts = _strides(stride.start, stride.stop, -(-_STRIDE // threads()))
        in_threads(answer, parts, n_rows=len(queries) * len(records))
    if progress is not None:
        progress(text, len(queries), len(queries))
    return found


def _leaves(
    codes: NDArray[np.int32], numbers: Numbers
) -> tuple[NDArray[np.int32], NDArray[np.int64], Numbers, Numbers]:
    """Return codes, starts, boxes and numbers of leaves: groups of equal codes, halved until they are small."""
    order = np.lexsort(codes.T[::-1]) if codes.shape[1] else np.arange(len(codes))
    codes, numbers = codes[order], numbers[order]
    is_first = np.ones(len(order), bool)
    is_first[1:] = (codes[1:] != codes[:-1]).any(axis=1)
    bounds = [*np.flatnonzero(is_first).tolist(), len(order)]
    starts: list[int] = []
    waiting = [slice(low, high) for low, high in itertools.pairwise(bounds)][::-1]
    while waiting:
        rows = waiting.pop()
        spans = np.ptp(numbers[rows], axis=0) if numbers.shape[1] else np.zeros(1)
        if rows.stop - rows.start <= _LEAF or not spans.any():
            starts.append(rows.start)
            continue
        middle = (rows.stop - rows.start) // 2
        numbers[rows] = numbers[rows][np.argpartition(numbers[rows, spans.argmax()], middle)]
        waiting += [slice(rows.start + middle, rows.stop), slice(rows.start, rows.start + middle)]
    boxes = np.stack([np.minimum.reduceat(numbers, starts), np.maximum.reduceat(numbers, starts)], axis=2)
    return codes[starts], np.array([*starts, len(order)]), boxes, numbers


def _strides(start: int, stop: int, step: int) -> Iterator[slice]:
    for at in range(start, stop, step):
        yield slice(at, min(at + step, stop))
