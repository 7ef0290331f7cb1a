"""The door for data frames: each column as one Arrow array, whatever the frame."""

from __future__ import annotations

import datetime as dt
import numbers
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

    native = nw.to_native(series)
    try:
        if isinstance(native, pa.ChunkedArray):  # to_arrow would copy its chunks together
            array = native
        else:
            array = _mixed(series.to_list(), name) if _is_mixed(series) else series.to_arrow()
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        array = _mixed(series.to_list(), name)
    if isinstance(getattr(array.type, "value_type", array.type), pa.BaseExtensionType):
        array = _as_text(series, array)
    if isinstance(array, pa.ChunkedArray) and not is_text(array.type):
        if pa.types.is_dictionary(array.type):
            array = array.unify_dictionaries()
        array = array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()
    return array


def _as_text(series: nw.Series[Any], array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return pandas' intervals and periods, or categories of them, as text in the order of the categories."""
    import pyarrow as pa

    if pa.types.is_dictionary(array.type):
        categories = pa.array([str(value) for value in nw.to_native(series).cat.categories], pa.large_string())
        return pa.DictionaryArray.from_arrays(array.indices, categories, ordered=array.type.ordered)
    return pa.array([None if _is_missing(value) else str(value) for value in series.to_list()], pa.large_string())


def _is_missing(value: Any) -> bool:
    """Tell None, and NaN, NaT and pandas' NA: what does not equal itself."""
    try:
        return value is None or bool(value != value)
    except TypeError:  # comparing pandas' NA gives NA, which is neither true nor false
        return True
    except ValueError:  # an array has no single answer
        return False


def _kind(value: Any) -> str:
    """Return the kind of a Python object: values of one kind may be equal."""
    if isinstance(value, (bool, np.bool_)):
        return "bool"
    if isinstance(value, numbers.Real):
        return "number"
    return "datetime" if isinstance(value, dt.datetime) else type(value).__name__


def _is_mixed(series: nw.Series[Any]) -> bool:
    """Tell whether Python objects are of several kinds; Arrow would make True and 1.0 one, and cut moments to days."""
    if series.dtype != nw.Object:
        return False
    kinds = {_kind(one) for one in {type(value): value for value in series if not _is_missing(value)}.values()}
    return len(kinds) > 1 or series.implementation.is_polars()


def is_text(kind: pa.DataType) -> bool:
    """Tell whether an Arrow type is text in one of its three layouts."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view())


def _mixed(values: list[Any], name: str) -> pa.Array:
    """Code a column of mixed Python objects: 1 and 1.0 are one value, "1" and True are others."""
    import pyarrow as pa

    known: dict[tuple[str, Any], int] = {}
    texts: list[str] = []
    indices: list[int | None] = []
    for row, value in enumerate(values):
        if _is_missing(value):
            indices.append(None)
            continue
        kind = _kind(value)
        try:
            number = known.setdefault((kind, value), len(known))
        except TypeError:
            raise FrameError(
                _(
                    "Column {column} holds {kind} at row {row}, which cannot be compared for equality; "
                    "turn it into text or a number, or leave the column out."
                ).format(column=shown(name), kind=type(value).__name__, row=row)
            ) from None
        if number == len(texts):
            text = str(int(value)) if kind == "number" and value % 1 == 0 else str(value)
            texts.append(text if kind == "str" else f"{text} ({kind})")
        indices.append(number)
    # Two values of different kinds may print alike: the position makes each text its own.
    labels = [f"{text}\x00{at}" for at, text in enumerate(texts)] if len(set(texts)) < len(texts) else texts
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(labels, pa.large_string()))
