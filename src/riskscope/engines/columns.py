"""The door for data frames: each column as one Arrow array, whatever the frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from riskscope.checks import check_columns, quoted, shown
from riskscope.errors import FrameError
from riskscope.words import _

if TYPE_CHECKING:
    import pyarrow as pa


def as_frame(data: Any) -> nw.DataFrame[Any]:
    """Return data as an eager narwhals frame, or say what is accepted."""
    try:
        frame = nw.from_native(data)
    except TypeError:
        raise FrameError(
            _(
                "The data is {kind}; hand over a pandas, Polars or PyArrow data frame "
                "(riskscope.read_table reads files)."
            ).format(kind=type(data).__name__)
        ) from None
    except nw.exceptions.DuplicateError:
        raise FrameError(_("The data has columns of one name; rename them so that each name stands once.")) from None
    if not isinstance(frame, nw.DataFrame):
        raise FrameError(_("The data is a lazy {kind}; collect it into memory first.").format(kind=type(data).__name__))
    names = list(frame.columns)
    unnamed = [type(name).__name__ for name in names if not isinstance(name, str)]
    if unnamed:
        raise FrameError(
            _("{n} column names are {kind}, not text; rename them, for instance with str.").format(
                n=len(unnamed), kind=unnamed[0]
            )
        )
    doubled = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if doubled:
        raise FrameError(
            _("{columns} stands more than once among the columns; rename so that each name stands once.").format(
                columns=quoted(doubled)
            )
        )
    return frame


def arrow_columns(data: Any, names: Sequence[str], what: str = "columns") -> list[pa.Array | pa.ChunkedArray]:
    """Return the named columns as Arrow arrays, text in the chunks that it comes in (a copy would cost much)."""
    frame = as_frame(data)
    check_columns(names, frame.columns, what)
    return [_arrow(frame[name], name) for name in names]


def _arrow(series: nw.Series[Any], name: str) -> pa.Array | pa.ChunkedArray:
    import pyarrow as pa

    try:
        array = series.to_arrow()
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        array = _mixed(series.to_list(), name)
    if isinstance(array, pa.ChunkedArray) and not is_text(array.type):
        if pa.types.is_dictionary(array.type):
            array = array.unify_dictionaries()
        array = array.combine_chunks()
    return array


def _is_missing(value: Any) -> bool:
    """Tell NaN, NaT and pandas' NA: what does not equal itself."""
    try:
        return bool(np.isscalar(value) and value != value)
    except TypeError:  # comparing pandas' NA gives NA, which is neither true nor false
        return True


def is_text(kind: pa.DataType) -> bool:
    """Tell whether an Arrow type is text in one of its three layouts."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view())


def _mixed(values: list[Any], name: str) -> pa.Array:
    """Code a column of mixed Python objects: 1 and 1.0 are one value, "1" and True are others."""
    import pyarrow as pa

    numbers: dict[tuple[str, Any], int] = {}
    texts: list[str] = []
    indices: list[int | None] = []
    for row, value in enumerate(values):
        if value is None or _is_missing(value):
            indices.append(None)
            continue
        kind = "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__
        try:
            number = numbers.setdefault((kind, value), len(numbers))
        except TypeError:
            raise FrameError(
                _(
                    "Column {column} holds {kind} at row {row}, which cannot be compared for equality; "
                    "turn it into text or a number, or leave the column out."
                ).format(column=shown(name), kind=type(value).__name__, row=row)
            ) from None
        if number == len(texts):
            texts.append(f"{value} ({kind})" if kind != "str" else str(value))
        indices.append(number)
    # Two values of different kinds may print alike: the position makes each text its own.
    labels = [f"{text}\x00{at}" for at, text in enumerate(texts)] if len(set(texts)) < len(texts) else texts
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(labels, pa.large_string()))
