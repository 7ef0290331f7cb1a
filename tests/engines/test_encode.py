"""Columns into codes: equal codes if and only if equal values, and the levels restored, on both paths."""

from __future__ import annotations

import datetime as dt
import decimal
import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscope.engines.encode import encode
from riskscope.errors import FrameError

pytestmark = pytest.mark.usefixtures("path")


def is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def check(array: pa.Array | pa.ChunkedArray, *, in_order: bool = False) -> list[Any]:
    """Check that each code leads back to its value, and return the levels as Python values."""
    coded = encode(array, "column")
    values = array.to_pylist()
    base = int(coded.levels.has_missing)
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    levels = pa.array(coded.levels.values, kind, from_pandas=False).to_pylist()
    assert base == int(any(map(is_missing, values)))
    assert len(levels) == len(set(levels)) == coded.levels.n - base
    assert set(coded.codes.tolist()) == set(range(coded.levels.n))
    for code, value in zip(coded.codes.tolist(), values, strict=True):
        if is_missing(value):
            assert code == 0
            assert base == 1
        else:
            assert levels[code - base] == value
    if in_order:
        assert levels == sorted(levels)
    return levels


def test_text() -> None:
    check(pa.array(["b", "a", "b", "", "c" * 40]))
    check(pa.array(["b", None, "b"]))
    check(pa.array(["b", "a"], pa.large_string()))
    check(pa.array(["b", None, "a long string of more bytes"], pa.string_view()))


def test_text_with_embedded_zero_bytes() -> None:
    assert len(check(pa.array(["a", "a\0", "a\0\0", "a"]))) == 3


def test_text_in_chunks_of_which_some_have_missing_values() -> None:
    check(pa.chunked_array([["a", "b"], ["b", None, "c"], [], ["c", "d", "a"]], pa.large_string()))
    check(pa.chunked_array([["a"], [None, None]], pa.string()))
    check(pa.chunked_array([], pa.string()))


def test_text_that_is_missing_throughout() -> None:
    assert check(pa.array([None, None], pa.string())) == []
    assert check(pa.chunked_array([[None], [None]], pa.large_string())) == []


def test_text_in_slices() -> None:
    whole = pa.array([None, "x", "yy", "abcdefghij", None, "x", "zz"])
    for start in range(7):
        for length in range(1, 8 - start):
            check(whole.slice(start, length))
    check(pa.chunked_array([whole.slice(2, 3), whole.slice(5)]))


def test_text_in_a_buffer_that_begins_at_no_whole_word() -> None:
    texts = ["abcdefghij", "b", "abcdefghik", "abcdefghij"]
    data = pa.py_buffer(b"?" + "".join(texts).encode()).slice(1)
    offsets = pa.py_buffer(b"???" + np.cumsum([0, *map(len, texts)]).astype(np.int64).tobytes()).slice(3)
    array = pa.Array.from_buffers(pa.large_string(), 4, [None, pa.py_buffer(offsets.to_pybytes()), data])
    assert len(check(array)) == 3
    assert len(check(pa.Array.from_buffers(pa.large_string(), 4, [None, offsets, data]))) == 3


@pytest.mark.parametrize(("n_levels", "missing"), [(65_535, True), (65_536, False), (65_536, True), (65_537, False)])
def test_text_of_more_levels_than_16_bits_hold(n_levels: int, missing: bool) -> None:
    texts = [f"{at:x}" for at in range(n_levels)]
    array = pa.array([*([None] if missing else []), *texts, *texts[:100]])
    coded = encode(array, "column")
    base = int(missing)
    assert coded.levels.n == n_levels + base
    assert coded.codes.astype(np.int64).tolist() == [*range(n_levels + base), *range(base, 100 + base)]


def test_chunks_that_together_have_more_levels_than_16_bits_hold() -> None:
    texts = [f"{at:x}" for at in range(70_000)]
    array = pa.chunked_array([pa.array(texts[:40_000]), pa.array([None, *texts[30_000:]])])
    coded = encode(array, "column")
    assert coded.levels.n == 70_001
    assert coded.codes.tolist() == [*range(1, 40_001), 0, *range(30_001, 70_001)]


@pytest.mark.parametrize("kind", [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32()])
def test_whole_numbers_close_together_are_in_order(kind: pa.DataType) -> None:
    check(pa.array([100, 3, 100, 7], kind), in_order=True)
    check(pa.array([100, None, 3, 100, 7], kind), in_order=True)


def test_whole_numbers_far_apart() -> None:
    check(pa.array([2**63 - 1, -(2**63), 0, 2**63 - 1]))
    check(pa.array([2**63 - 1, None, -(2**63), 0]))
    check(pa.array([-(10**12), 10**12]).slice(1))


def test_unsigned_above_63_bits() -> None:
    check(pa.array([2**64 - 1, 2**63, 0, 2**64 - 1], pa.uint64()))
    check(pa.array([2**64 - 1, None, 3], pa.uint64()))


def test_span_around_what_16_bits_hold() -> None:
    for last in (65_534, 65_535, 65_536):
        for values in ([0, last, 1], [0, last, None]):
            whole = values + [1] * 20_000  # so many rows that the span counts as close
            coded = encode(pa.array(whole), "column")
            assert coded.levels.values.tolist() == sorted({value for value in whole if value is not None})  # noqa: PD011


def test_numbers_with_a_point() -> None:
    check(pa.array([0.5, -1.25, 0.5, 1e300]))
    check(pa.array([0.5, None, math.inf, -math.inf]))
    check(pa.array([1.0, 2.0, None], pa.float32()))
    check(pa.array([np.float16(1.5), np.float16(2.0)], pa.float16()))


def test_nan_null_and_both_are_one_missing_value() -> None:
    coded = encode(pa.array([math.nan, None, 1.0, math.nan]), "column")
    assert coded.codes.tolist() == [0, 0, 1, 0]
    assert encode(pa.array([math.nan, None]), "column").levels.n == 1


def test_negative_zero_is_zero() -> None:
    for values in ([-0.0, 0.0, 1.0], [-0.0, 0.0, 0.5], [0.0, -0.0, math.nan, 0.5]):
        coded = encode(pa.array(values), "column")
        assert coded.codes[0] == coded.codes[1]


def test_whole_numbers_written_with_a_point() -> None:
    assert check(pa.array([3.0, 1.0, None, 3.0]), in_order=True) == [1.0, 3.0]
    check(pa.array([2.0**53, 2.0**53 + 2, -(2.0**60)]))


def test_true_and_false() -> None:
    assert check(pa.array([True, False, None, True])) == [False, True]
    assert encode(pa.array([True, False]), "column").levels.values.dtype == bool  # noqa: PD011


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_moments(unit: str) -> None:
    moments = [dt.datetime(2020, 1, 1), None, dt.datetime(1900, 1, 1, 5), dt.datetime(2020, 1, 1)]
    check(pa.array(moments, pa.timestamp(unit)))
    levels = encode(pa.array(moments, pa.timestamp(unit)), "column").levels.values  # noqa: PD011
    assert levels.dtype == np.dtype(f"datetime64[{unit}]")
    assert sorted(levels.astype("datetime64[s]").tolist()) == sorted({*moments} - {None})


def test_days_hours_and_durations() -> None:
    check(pa.array([dt.date(2020, 1, 2), None, dt.date(1890, 1, 1)]))
    check(pa.array([dt.date(2020, 1, 2), dt.date(2020, 1, 3)], pa.date64()))
    check(pa.array([dt.time(5, 6), dt.time(5, 7), None], pa.time64("us")))
    check(pa.array([dt.time(5, 6), dt.time(5, 7), None], pa.time32("s")))
    check(pa.array([dt.timedelta(1), dt.timedelta(2), None]))


def test_decimals_and_bytes() -> None:
    ten = decimal.Decimal
    assert len(check(pa.array([ten("1.1"), ten("1.10"), None, ten("2")]))) == 2
    assert len(check(pa.array([b"a", b"b", None, b"a"]))) == 2
    assert len(check(pa.array([b"a", b"b", b"a"], pa.binary(1)))) == 2
    assert len(check(pa.array([ten("1.1"), None, ten("2")]).dictionary_encode())) == 2


def test_null_type() -> None:
    assert check(pa.nulls(3)) == []


def test_nested_columns_are_refused() -> None:
    with pytest.raises(FrameError, match=r"Column 'column' holds list<.*; take it apart"):
        encode(pa.array([[1], [2]]), "column")
    with pytest.raises(FrameError, match=r"holds struct<"):
        encode(pa.array([{"a": 1}]), "column")


def test_categories_that_nobody_has_are_left_out() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([2, 0, None, 2], pa.int8()), pa.array(["a", "b", "c"]))
    assert check(array) == ["a", "c"]


def test_categories_that_are_equal_are_one() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2], pa.int8()), pa.array(["a", "b", "a"]))
    assert encode(array, "column").codes.tolist() == [0, 1, 0]


def test_a_missing_category_is_missing() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1], pa.int8()), pa.array(["a", None]))
    coded = encode(array, "column")
    assert coded.codes.tolist() == [1, 0, 0, 0]
    assert coded.levels.n == 2


def test_categories_in_slices() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 2, 0], pa.int8()), pa.array(["a", "b", "c"]))
    check(array.slice(1, 3))
    check(array.slice(3))


@pytest.mark.parametrize("categories", [["x", "w", "y"], [3, 1, 2], [0.5, -1.0, 0.25], [True, False]])
def test_ordered_categories_keep_their_order(categories: list[Any]) -> None:
    indices = pa.array([len(categories) - 1, 0, None, 1], pa.int8())
    array = pa.DictionaryArray.from_arrays(indices, pa.array(categories), ordered=True)
    coded = encode(array, "column")
    assert coded.levels.ordered
    found = [at for at in range(len(categories)) if at in indices.to_pylist()]
    assert coded.levels.values.tolist() == [categories[at] for at in found]  # noqa: PD011
    check(array)


def test_ordered_categories_with_a_missing_one_among_them() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([2, 0, 1], pa.int8()), pa.array([9, None, 4]), ordered=True)
    coded = encode(array, "column")
    assert coded.codes.tolist() == [2, 1, 0]
    assert coded.levels.values.tolist() == [9, 4]  # noqa: PD011


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32(), pa.null(), pa.decimal128(5, 2)]
)
def test_empty_columns(kind: pa.DataType) -> None:
    coded = encode(pa.array([], kind), "column")
    assert len(coded.codes) == 0
    assert coded.levels.n == 0
    assert len(coded.levels.values) == 0
    assert not coded.levels.has_missing


def test_empty_dictionary() -> None:
    assert encode(pa.array([], pa.string()).dictionary_encode(), "column").levels.n == 0
    only_missing = pa.DictionaryArray.from_arrays(pa.array([None], pa.int8()), pa.array([], pa.string()))
    assert encode(only_missing, "column").codes.tolist() == [0]


@given(st.lists(st.none() | st.text(max_size=12), min_size=1), st.integers(1, 4))
def test_any_text(values: list[str | None], n_chunks: int) -> None:
    cuts = [len(values) * at // n_chunks for at in range(n_chunks + 1)]
    check(pa.chunked_array([values[low:high] for low, high in itertools.pairwise(cuts)], pa.large_string()))


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(-5, 5), min_size=1))
def test_any_whole_numbers(values: list[int | None]) -> None:
    check(pa.array(values, pa.int64()))


@given(st.lists(st.none() | st.floats() | st.integers(-5, 5).map(float), min_size=1))
def test_any_numbers(values: list[float | None]) -> None:
    check(pa.array(values, pa.float64()))


def test_pandas_categories_of_whole_numbers() -> None:
    values = pd.Categorical([30, 40, None, 30], categories=[99, 40, 30])
    assert check(pa.array(values)) == [30, 40]
