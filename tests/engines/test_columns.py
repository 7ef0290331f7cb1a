"""The door for data frames: each kind in, Arrow out; what cannot be counted is refused in words."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import riskscope as rs
from riskscope.engines.columns import arrow_columns, as_frame
from riskscope.errors import FrameError, RoleError


def partition(values: Any) -> list[list[int]]:
    """Return the rows of each class, of a column handed over as an object column of pandas."""
    return classes(pd.DataFrame({"a": pd.Series(values, dtype=object)}))


def classes(frame: Any) -> list[list[int]]:
    from riskscope.engines.tables import classes_of_records

    table, cells = classes_of_records(frame, ["a"])
    found: dict[int, list[int]] = {}
    for row, cell in enumerate(cells.tolist()):
        found.setdefault(cell, []).append(row)
    assert sorted(map(len, found.values())) == sorted(table.counts.tolist())
    return sorted(found.values())


@pytest.mark.parametrize("data", [[1, 2], {"a": [1]}, np.zeros((2, 2)), "a", None, 3])
def test_what_is_no_frame(data: Any) -> None:
    with pytest.raises(FrameError, match=f"The data is {type(data).__name__}; hand over a pandas, Polars or PyArrow"):
        as_frame(data)


def test_a_series_is_no_frame() -> None:
    with pytest.raises(FrameError, match="The data is Series; hand over"):
        as_frame(pd.Series([1]))


def test_lazy_frames_are_refused() -> None:
    with pytest.raises(FrameError, match="is a lazy LazyFrame; collect it"):
        as_frame(pl.LazyFrame({"a": [1]}))
    with duckdb.connect() as connection, pytest.raises(FrameError, match=r"is a lazy .*; collect it"):
        as_frame(connection.sql("select 1 as a"))


def test_columns_of_one_name() -> None:
    with pytest.raises(FrameError, match="of one name; rename them"):
        as_frame(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(FrameError, match=r"'a' stands more than once|of one name"):
        as_frame(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]))


def test_columns_that_are_not_named_by_text() -> None:
    with pytest.raises(FrameError, match="2 column names are int, not text"):
        as_frame(pd.DataFrame([[1, 2]]))
    with pytest.raises(FrameError, match="1 column names are tuple, not text"):
        as_frame(pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])))


def test_an_absent_column_gets_near_names() -> None:
    with pytest.raises(RoleError, match=r"columns not found: 'Age' \(near: 'age'\)\. The columns are 'age', 'sex'\."):
        arrow_columns(pd.DataFrame({"age": [1], "sex": ["F"]}), ["Age"])


def test_input_is_not_changed() -> None:
    frame = pd.DataFrame({"a": [-0.0, np.nan, 1.0], "b": pd.Categorical(["x", None, "y"]), "c": ["u", None, "v"]})
    before = frame.copy(deep=True)
    rs.count(frame, ["a", "b", "c"])
    pd.testing.assert_frame_equal(frame, before)
    assert np.signbit(frame["a"].iloc[0])


@pytest.mark.parametrize(
    "missing",
    [[None, np.nan], [pd.NA, None], [pd.NaT, np.nan], [None, pd.NA, np.nan, pd.NaT], [np.float64("nan"), None]],
)
@pytest.mark.parametrize("others", [[1, 2.5], ["x", "y"], ["x", 1], [True, False]])
def test_all_missing_marks_are_one_value(missing: list[Any], others: list[Any]) -> None:
    rows = partition([*others, *missing])
    assert rows == [[0], [1], list(range(2, 2 + len(missing)))]


def test_one_and_one_point_zero_are_one_value_and_text_another() -> None:
    assert partition([1, 1.0, "1", np.int64(1), np.float64(1), np.float32(1)]) == [[0, 1, 3, 4, 5], [2]]


@pytest.mark.parametrize("values", [[1, True, 1.0], [True, 1, 1.0], [1.0, True, 1], [1, True, 1, "x"]])
def test_true_is_not_one_whatever_the_order(values: list[Any]) -> None:
    is_true = [row for row, value in enumerate(values) if value is True]
    assert is_true in partition(values)


def test_true_false_and_missing_stay_true_and_false() -> None:
    frame = pd.DataFrame({"a": pd.Series([True, False, None, np.nan, True], dtype=object)})
    assert rs.count(frame, ["a"]).levels[0].values.tolist() == [False, True]  # noqa: PD011


def test_a_moment_is_not_its_day() -> None:
    day, moment = dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 5)
    assert partition([day, moment, day]) == [[0, 2], [1]]
    assert partition([moment, day, day]) == [[0], [1, 2]]


def test_timestamps_of_pandas_and_python_are_one() -> None:
    moment = dt.datetime(2020, 1, 1, 5)
    assert partition([moment, pd.Timestamp(moment), pd.NaT]) == [[0, 1], [2]]


def test_text_and_bytes_differ() -> None:
    assert partition(["a", b"a", "a"]) == [[0, 2], [1]]


def test_decimals() -> None:
    ten = decimal.Decimal
    assert partition([ten("1.1"), ten("1.10"), ten("2")]) == [[0, 1], [2]]
    assert classes(pl.DataFrame({"a": [ten("1.1"), None, ten("1.1")]})) == [[0, 2], [1]]


def test_numbers_beyond_64_bits() -> None:
    assert partition([2**70, 2**70 + 1, 2**70, 3]) == [[0, 2], [1], [3]]
    assert partition([2**60, 2**60 + 1, 0.5]) == [[0], [1], [2]]


def test_values_that_print_alike_stay_apart() -> None:
    assert partition(["1 (number)", 1, "1 (number)"]) == [[0, 2], [1]]


def test_unhashable_values_are_refused_by_row_and_type_not_content() -> None:
    with pytest.raises(FrameError, match="Column 'a' holds list at row 1, which cannot be compared") as caught:
        partition(["x", ["secret"]])
    assert "secret" not in str(caught.value)


def test_intervals_of_pandas() -> None:
    ages = pd.Series([1, 2, 11, np.nan])
    assert classes(pd.DataFrame({"a": pd.cut(ages, [0, 10, 20])})) == [[0, 1], [2], [3]]
    frame = pd.DataFrame({"a": pd.cut([1, 11, 11], [0, 10, 20, 30])})
    levels = rs.count(frame, ["a"]).levels[0]
    assert levels.values.tolist() == ["(0, 10]", "(10, 20]"]  # noqa: PD011
    assert levels.ordered
    plain = pd.DataFrame({"a": pd.arrays.IntervalArray.from_tuples([(0, 1), None, (1, 2), (0, 1)])})
    assert classes(plain) == [[0, 3], [1], [2]]


def test_periods_of_pandas() -> None:
    assert classes(pd.DataFrame({"a": pd.PeriodIndex(["2020-01", "2020-02", None, "2020-01"], freq="M")})) == [
        [0, 3],
        [1],
        [2],
    ]


def test_objects_in_polars() -> None:
    assert classes(pl.DataFrame({"a": pl.Series([1, "x", None, 1], dtype=pl.Object)})) == [[0, 3], [1], [2]]


def test_enumerations_and_categories_of_polars() -> None:
    for kind in (pl.Categorical, pl.Enum(["b", "a", "unused"])):
        assert classes(pl.DataFrame({"a": pl.Series(["b", "a", None, "b"], dtype=kind)})) == [[0, 3], [1], [2]]


def test_lists_in_polars_are_refused() -> None:
    with pytest.raises(FrameError, match="take it apart"):
        rs.count(pl.DataFrame({"a": [[1], [2]]}), ["a"])


def test_moments_with_a_time_zone() -> None:
    moments = pd.to_datetime(["2020-01-01", "2020-01-02", None, "2020-01-01"]).tz_localize("Europe/Paris")
    assert classes(pd.DataFrame({"a": moments})) == [[0, 3], [1], [2]]


def test_sparse_and_complex_columns() -> None:
    assert classes(pd.DataFrame({"a": pd.arrays.SparseArray([0, 0, 1])})) == [[0, 1], [2]]
    assert classes(pd.DataFrame({"a": [1j, 2j, 1j]})) == [[0, 2], [1]]


def test_dictionaries_that_differ_from_chunk_to_chunk() -> None:
    one, other = pa.array(["x", "y"]).dictionary_encode(), pa.array(["y", None, "x", "z"]).dictionary_encode()
    assert classes(pa.table({"a": pa.chunked_array([one, other])})) == [[0, 4], [1, 2], [3], [5]]


def test_columns_without_rows_or_chunks() -> None:
    assert rs.count(pa.table({"a": pa.chunked_array([], pa.string())}), ["a"]).n_records == 0
    assert rs.count(pl.DataFrame({"a": pl.Series([], dtype=pl.Categorical)}), ["a"]).n_records == 0
    assert rs.count(pd.DataFrame({"a": []}), ["a"]).n_records == 0
    assert rs.count(pd.DataFrame({"a": pd.Categorical([], categories=["x"])}), ["a"]).n_records == 0
