"""What can be said of each column without looking at a record: type, different values, lengths, steps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from riskscope.errors import FrameError
from riskscope.words import _

#: Patterns and words are tried on this many different values of a column, the first that stand in the file.
LARGEST_SAMPLE = 20_000
#: Beyond this many characters the rest of a cell is not read.
_LONGEST_CELL = 2_000
_FEW_TEXTS = 200
_WHOLE = r"^[+-]?\d{1,18}(\.0*)?$"
_REAL = r"^[+-]?\d{0,15}[.,]?\d{1,18}$"
#: Numbers in other writings; they show the kind of a column and are not read further.
_ODD_REAL = r"^[+-]?(\d{1,15}([.,]\d{0,15})?[eE][+-]?\d{1,3}|(?i:inf|infinity|nan))$"


@dataclass(frozen=True, kw_only=True)
class ColumnFacts:
    """Facts of one column. ``kind`` is text, whole, real, date, bool or other; missing cells are left out."""

    name: str
    kind: str
    n_records: int
    n_present: int
    n_distinct: int
    mean_length: float = float("nan")
    """Mean number of characters of the different values looked at."""
    lowest: float = float("nan")
    highest: float = float("nan")
    steps_of_one: bool = False
    is_monotone: bool = False
    is_dense: bool = False
    sample: pa.Array = field(repr=False, compare=False)
    """Different values as text without blanks around them, empty ones left out (at most LARGEST_SAMPLE)."""

    @property
    def distinct_ratio(self) -> float:
        """Different values per record that has one."""
        return self.n_distinct / self.n_present if self.n_present else float("nan")

    @property
    def is_sampled(self) -> bool:
        """Whether there are more different values than were looked at."""
        return self.n_distinct > LARGEST_SAMPLE

    @property
    def is_number(self) -> bool:
        """Whether the column holds numbers."""
        return self.kind in ("whole", "real")


def column_facts(data: Any) -> list[ColumnFacts]:
    """Return the facts of each column of a pandas, Polars or PyArrow table.

    Examples
    --------
    >>> import pandas as pd
    >>> facts = column_facts(pd.DataFrame({"age": [34, 51, 34]}))
    >>> facts[0].kind, facts[0].n_distinct
    ('whole', 2)
    """
    try:
        frame = nw.from_native(data, eager_only=True)
    except TypeError:
        raise FrameError(
            _(
                "The data are a {kind}; a pandas, Polars or PyArrow table is needed here. "
                "Collect it, or hand over a part of its rows."
            ).format(kind=type(data).__name__)
        ) from None
    except Exception as error:
        raise FrameError(
            _("The table cannot be read ({reason}). Give each column a name of its own, as text.").format(
                reason=type(error).__name__
            )
        ) from None
    names: list[Any] = list(frame.columns)
    if len(set(names)) < len(names):
        raise FrameError(_("Two columns have the same name. Give each column a name of its own."))
    for name in names:
        if not isinstance(name, str):
            raise FrameError(
                _("The name of a column is of type {kind}; columns are named by text. Rename it.").format(
                    kind=type(name).__name__
                )
            )
    return [_facts(name, _arrow(frame[name])) for name in names]


def _arrow(series: nw.Series[Any]) -> pa.Array:
    """Return one Arrow array; a column of mixed Python objects becomes text."""
    try:
        found = series.to_arrow()
        array = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
        if isinstance(array, pa.ChunkedArray):
            array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    except (
        pa.ArrowInvalid,
        pa.ArrowTypeError,
        pa.ArrowNotImplementedError,
        TypeError,
        ValueError,
        OverflowError,
    ):
        missing = series.is_null().to_list()
        cells = series.to_list()
        array = pa.array([None if gone else str(cell) for cell, gone in zip(cells, missing, strict=True)], pa.string())
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_floating(array.type):
        nan = pc.is_nan(array)
        array = pc.if_else(nan, pa.scalar(None, array.type), pc.add(array, pa.scalar(0, array.type)))
    return array


def _facts(name: str, array: pa.Array) -> ColumnFacts:
    n_records = len(array)
    present = array.drop_null()
    if _type_kind(array.type) == "other":
        return ColumnFacts(
            name=name, kind="other", n_records=n_records, n_present=len(present),
            n_distinct=0, sample=pa.array([], pa.string()),
        )  # fmt: skip
    coded = present.dictionary_encode()
    kind, sample = _as_text(coded.dictionary)
    numbers = _numbers(coded.dictionary, kind)
    return ColumnFacts(
        name=name,
        kind=kind,
        n_records=n_records,
        n_present=len(present),
        n_distinct=len(coded.dictionary),
        mean_length=pc.mean(pc.utf8_length(sample)).as_py() if len(sample) else float("nan"),
        lowest=float(numbers.min()) if numbers.size else float("nan"),
        highest=float(numbers.max()) if numbers.size else float("nan"),
        sample=sample,
        **_steps(numbers, kind == "whole" and len(present) == len(coded.dictionary) == n_records),
    )


def _type_kind(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "bool"
    if pa.types.is_integer(kind):
        return "whole"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "real"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return "date"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    return "text" if pa.types.is_null(kind) else "other"


def _as_text(values: pa.Array) -> tuple[str, pa.Array]:
    """Return the kind of the different values, and a sample of them as text."""
    kind = _type_kind(values.type)
    sample = values.slice(0, LARGEST_SAMPLE)
    if kind == "real" and _all_whole(sample):
        kind, sample = "whole", sample.cast(pa.float64()).cast(pa.int64())
    text = pc.utf8_trim_whitespace(sample.cast(pa.string()))
    text = pc.utf8_slice_codeunits(text.filter(pc.not_equal(text, "")), 0, _LONGEST_CELL)
    if kind == "text" and len(text):
        if share_matching(text, _WHOLE) >= 0.99:
            kind = "whole"
        elif share_matching(text, _REAL) >= 0.5 and share_matching(text, f"{_REAL}|{_ODD_REAL}") >= 0.99:
            kind = "real"
    return kind, text


def _all_whole(values: pa.Array) -> bool:
    if not len(values):
        return False
    numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return bool(np.all(np.isfinite(numbers)) and np.all(numbers == np.floor(numbers)) and np.abs(numbers).max() < 2**53)


def matches(text: pa.Array, pattern: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which texts a pattern, which begins with ``^``, fits.

    Arrow compiles a pattern anew for each column, so a few texts are quicker in Python.

    Examples
    --------
    >>> matches(pa.array(["75011", "Paris"]), "^[0-9]{5}$").tolist()
    [True, False]
    """
    if len(text) <= _FEW_TEXTS:
        compiled = re.compile(pattern, re.ASCII)
        return np.array([compiled.match(value) is not None for value in text.to_pylist()], dtype=bool)
    return np.asarray(pc.match_substring_regex(text, pattern).to_numpy(zero_copy_only=False), dtype=bool)


def share_matching(text: pa.Array, pattern: str) -> float:
    """Return the share of texts that a pattern fits (0 where there is none)."""
    return float(matches(text, pattern).mean()) if len(text) else 0.0


def _numbers(values: pa.Array, kind: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the different values as numbers, in the order of the file, where the column holds numbers."""
    if kind not in ("whole", "real"):
        return np.empty(0)
    if _type_kind(values.type) == "text":
        trimmed = pc.utf8_trim_whitespace(values.cast(pa.string()))
        fits = matches(trimmed, _WHOLE) | matches(trimmed, _REAL)
        point = pc.replace_substring(trimmed.filter(pa.array(fits)), ",", ".")
        values = pc.replace_substring_regex(point, r"^\+", "").cast(pa.float64())
    numbers = np.asarray(values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    finite: np.ndarray[Any, np.dtype[np.float64]] = numbers[np.isfinite(numbers)]
    return finite


def _steps(numbers: np.ndarray[Any, Any], is_key: bool) -> dict[str, bool]:
    """Return how the numbers of a column without repeats follow each other from record to record."""
    if not is_key or numbers.size < 2:
        return {}
    steps = np.diff(numbers)
    return {
        "steps_of_one": bool(np.all(steps == 1) or np.all(steps == -1)),
        "is_monotone": bool(np.all(steps > 0) or np.all(steps < 0)),
        "is_dense": bool(numbers.max() - numbers.min() + 1 <= 1.1 * numbers.size),
    }
