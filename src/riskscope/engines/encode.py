"""Turn a column into small whole numbers, one for each distinct value.

Text is coded straight from Arrow's buffers, categories are not hashed again, numbers that lie close together
are coded by their distance from the smallest. Small columns take a plain path that needs no compiler.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import shown
from riskscope.errors import FrameError
from riskscope.frequency import Codes, Levels
from riskscope.words import _

if TYPE_CHECKING:
    import pyarrow as pa

#: Up to so many rows, NumPy and Arrow alone are faster than loading the compiled kernels.
SMALL = 200_000
#: Whole numbers whose range is at most this (and four times the rows) are coded by distance.
CLOSE = 2**24


class Coded(NamedTuple):
    """One column as codes: ``codes`` (n,), and the ``levels`` that they stand for."""

    codes: Codes
    levels: Levels


def encode(array: pa.Array | pa.ChunkedArray, name: str) -> Coded:
    """Return a column as codes; a missing value (null, NaN, NaT) is code 0 where there is one."""
    import pyarrow as pa

    from riskscope.engines.columns import is_text

    kind = array.type
    types = pa.types
    if types.is_dictionary(kind):
        return _categories(array, name)
    if types.is_null(kind):
        return _all_missing(len(array))
    if is_text(kind):
        return _text(array.cast(pa.large_string()))
    if types.is_floating(kind):
        return _floats(array.cast(pa.float64()))
    if types.is_boolean(kind):
        return _whole(array.cast(pa.int8()), lambda levels: levels.astype(bool))
    if types.is_uint64(kind):
        return _whole(array.view(pa.int64()), lambda levels: levels.view(np.uint64), close=False)
    if types.is_integer(kind):
        return _whole(array, lambda levels: levels)
    if types.is_date32(kind) or types.is_time32(kind):
        return _whole(array.view(pa.int32()), lambda levels: _restored(levels, kind))
    if types.is_timestamp(kind) or types.is_date64(kind) or types.is_time64(kind) or types.is_duration(kind):
        codes, levels = _whole(array.view(pa.int64()), lambda levels: _restored(levels, kind))
        return Coded(codes, replace(levels, has_zone=types.is_timestamp(kind) and kind.tz is not None))
    if types.is_nested(kind):
        raise FrameError(
            _("Column {column} holds {kind}; take it apart into plain columns, or leave it out.").format(
                column=shown(name), kind=str(kind)
            )
        )
    return _by_arrow(array, _as_objects)


def _restored(levels: NDArray[Any], kind: pa.DataType) -> NDArray[Any]:
    import pyarrow as pa

    width = pa.int32() if pa.types.is_date32(kind) or pa.types.is_time32(kind) else pa.int64()
    return np.asarray(pa.array(levels, pa.int64()).cast(width).view(kind).to_numpy(zero_copy_only=False))


def _valid(array: pa.Array) -> NDArray[np.uint8]:
    """Return 1 where a value is present; an empty array when none is missing."""
    if array.null_count == 0:
        return np.empty(0, np.uint8)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False)).view(np.uint8)


def _all_missing(n: int) -> Coded:
    return Coded(np.zeros(n, np.uint16), Levels(1 if n else 0, n > 0, lambda: np.empty(0, object)))


def _by_arrow(array: pa.Array, restore: Callable[[pa.Array], NDArray[Any]]) -> Coded:
    """Code a small column with Arrow's own dictionary encoding."""
    coded = array.dictionary_encode()
    has_missing = coded.indices.null_count > 0
    codes = np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)) + int(has_missing)
    levels = coded.dictionary
    return Coded(codes, Levels(len(levels) + has_missing, has_missing, lambda: restore(levels)))


def _as_objects(values: pa.Array) -> NDArray[Any]:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=object)


def _text(array: pa.Array | pa.ChunkedArray) -> Coded:
    import pyarrow as pa

    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    if len(array) <= SMALL:
        return _by_arrow(pa.concat_arrays(chunks) if chunks else pa.array([], pa.large_string()), _as_objects)
    chunks = [chunk for chunk in chunks if len(chunk)]
    has_missing = any(chunk.null_count for chunk in chunks)
    levels: Any = None
    for wide in (np.uint8, np.uint16, np.int32):  # the last holds as many as a table has rows
        codes: Codes = np.empty(len(array), wide)
        levels = _text_levels(chunks, codes, has_missing)
        if levels is not None:
            break
    return Coded(codes, Levels(len(levels) + has_missing, has_missing, lambda: _as_objects(levels)))


def _text_levels(chunks: list[pa.Array], codes: Codes, has_missing: bool) -> pa.Array | None:
    """Write the code of each string into ``codes``, return the levels; None where they are too many for the type."""
    import pyarrow as pa

    from riskscope.kernels.integers import renumber

    most = min(2**31 - 1, 2 ** (8 * codes.itemsize))
    ends = np.cumsum([0, *(len(chunk) for chunk in chunks)])
    pieces = [codes[low:high] for low, high in itertools.pairwise(ends)]
    found = []
    for chunk, piece in zip(chunks, pieces, strict=True):
        done, first = _code_chunk(chunk, piece, most)
        if done < len(chunk):
            return None
        found.append(chunk.take(first))
    if len(chunks) == 1:
        return found[0]
    joined = pa.concat_arrays(found).dictionary_encode()
    if len(joined.dictionary) + has_missing > most:
        return None
    numbers, level = np.asarray(joined.indices) + int(has_missing), 0
    for chunk, piece, own in zip(chunks, pieces, found, strict=True):  # each chunk has numbered its levels by itself
        ranks = numbers[level : level + len(own)]
        renumber(piece, (np.concatenate(([0], ranks)) if chunk.null_count else ranks).astype(codes.dtype))
        level += len(own)
    return joined.dictionary


def _code_chunk(array: pa.Array, codes: Codes, most: int) -> tuple[int, NDArray[np.int64]]:
    """Code the text of one chunk; return the rows done and where each level appeared first."""
    from riskscope.kernels.text import code_text

    n = len(array)
    _validity, offset_buffer, data = array.buffers()
    offsets = np.frombuffer(offset_buffer, np.int64)[array.offset : array.offset + n + 1]
    n_bytes = data.size if data is not None else 0
    words = np.frombuffer(data, np.uint64, n_bytes // 8) if n_bytes >= 8 else np.empty(0, np.uint64)
    last = np.zeros(8, np.uint8)
    if n_bytes % 8:
        last[: n_bytes % 8] = np.frombuffer(data, np.uint8)[n_bytes - n_bytes % 8 :]
    done, first = code_text(words, last.view(np.uint64)[0], offsets, _valid(array), codes, most)
    return done, first


def _floats(array: pa.Array) -> Coded:
    """Code numbers by their bits, with -0.0 made 0.0 and NaN made missing first."""
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = np.asarray(array.fill_null(np.nan).to_numpy(zero_copy_only=False)) + 0.0
    missing = np.isnan(filled)
    if missing.all():
        return _all_missing(len(filled))
    whole = pa.array(filled.view(np.int64), mask=missing if missing.any() else None)
    if pc.all(pc.equal(pc.floor(array), array)).as_py():
        present = filled[~missing] if missing.any() else filled
        if abs(present).max() < CLOSE:
            exact = np.where(missing, 0, filled).astype(np.int64)
            whole = pa.array(exact, mask=missing if missing.any() else None)
            return _whole(whole, lambda levels: levels.astype(np.float64))
    return _whole(whole, lambda levels: levels.view(np.float64), close=False)


def _whole(array: pa.Array, restore: Callable[[NDArray[Any]], NDArray[Any]], *, close: bool = True) -> Coded:
    """Code whole numbers: by distance from the smallest where they lie close together, else by hashing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    n = len(array)
    if n == array.null_count:
        return _all_missing(n)
    valid = _valid(array)
    if close:
        ends = pc.min_max(array).as_py()
        low, span = ends["min"], ends["max"] - ends["min"] + 1
        if span <= min(CLOSE, max(1024, 4 * n)):
            values = np.asarray((array.fill_null(low) if len(valid) else array).to_numpy(zero_copy_only=False))
            return _offsets(values.astype(np.int64, copy=False), valid, low, span, restore)
    array = array.cast(pa.int64())
    if n <= SMALL:
        return _by_arrow(array, lambda levels: restore(np.asarray(levels.to_numpy(zero_copy_only=False))))
    from riskscope.kernels.integers import code_hashed

    values = np.asarray((array.fill_null(0) if len(valid) else array).to_numpy(zero_copy_only=False))
    codes = np.empty(n, np.int32)
    levels = code_hashed(values, valid, codes)
    has_missing = len(valid) > 0
    return Coded(codes, Levels(len(levels) + has_missing, has_missing, lambda: restore(levels)))


def _offsets(
    values: NDArray[np.int64],
    valid: NDArray[np.uint8],
    low: int,
    span: int,
    restore: Callable[[NDArray[Any]], NDArray[Any]],
) -> Coded:
    base = int(len(valid) > 0)
    present = np.zeros(span, np.uint8)
    codes: Codes = np.empty(len(values), _narrowest(span + base))
    if len(values) <= SMALL:
        distances = values - low
        codes[:] = distances + base
        if base:
            codes[valid == 0] = 0
            distances = distances[valid == 1]
        present[distances] = 1
    else:
        from riskscope.kernels.integers import code_offsets

        code_offsets(values, valid, low, present, codes)
    found = np.flatnonzero(present)
    if len(found) < span:
        _renumber(codes, np.concatenate((np.zeros(base, np.int64), np.cumsum(present, dtype=np.int64) - 1 + base)))
    return Coded(codes, Levels(len(found) + base, base == 1, lambda: restore(found + low)))


def _narrowest(n_codes: int) -> type[np.integer[Any]]:
    """Return the narrowest type that holds so many codes."""
    return np.uint8 if n_codes <= 2**8 else np.uint16 if n_codes <= 2**16 else np.int32


def _renumber(codes: Codes, ranks: NDArray[np.int64]) -> None:
    """Replace each code by its rank, in place."""
    if len(codes) <= SMALL:
        codes[:] = ranks[codes]
    else:
        from riskscope.kernels.integers import renumber

        renumber(codes, ranks.astype(codes.dtype))


def _in_order(values: Coded) -> Coded:
    """Renumber the values of an ordered dictionary in its own order, a missing one staying 0."""
    base = int(values.levels.has_missing)
    distinct, first = np.unique(values.codes, return_index=True)
    order = np.argsort(first[base:]) + base  # code at each place of the new order
    ranks = np.zeros(len(distinct), np.int64)
    ranks[order] = np.arange(len(order)) + base
    return Coded(ranks[values.codes], replace(values.levels, make=lambda: values.levels.values[order - base]))


def _categories(array: pa.Array, name: str) -> Coded:
    """Code categories by their own numbers; those that no record has are left out, equal ones made one."""
    values = _in_order(encode(array.dictionary, name)) if array.type.ordered else encode(array.dictionary, name)
    indices = np.asarray(array.indices.fill_null(0).to_numpy(zero_copy_only=False))
    valid = _valid(array.indices)
    n_values = values.levels.n
    # codes of the dictionary's values; a missing one (null index, or null among the values) becomes 0
    base = 1
    value_codes = values.codes.astype(np.int64) + (base - int(values.levels.has_missing))
    lookup = value_codes if len(value_codes) else np.zeros(1, np.int64)
    n_codes = n_values + base - int(values.levels.has_missing)
    codes: Codes = lookup.astype(np.uint16 if n_codes <= 2**16 else np.int32)[indices]
    if len(valid):
        codes[valid == 0] = 0
    present = np.zeros(n_codes, np.uint8)
    if len(codes) <= SMALL:
        present[codes] = 1
    else:
        from riskscope.kernels.integers import mark

        mark(codes, present)
    has_missing = bool(present[0])
    found = np.flatnonzero(present[1:])
    if len(found) + 1 < n_codes or not has_missing:
        _renumber(codes, np.maximum(np.cumsum(present, dtype=np.int64) - 1, 0))
    return Coded(
        codes,
        Levels(
            len(found) + has_missing,
            has_missing,
            lambda: values.levels.values[found],
            bool(array.type.ordered),
            values.levels.has_zone,
        ),
    )
