"""Released columns beside original ones: each form, what it covers, what it does not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import riskscope as rs
from riskscope.errors import RoleError
from riskscope.intake.released import Distinct, ReleasedColumn, distinct_columns, read_released


def distinct(values: list[Any], times: int = 1) -> Distinct:
    return Distinct(values, np.full(len(values), times, np.int64))


def read(original: list[Any], released: list[Any], times: int = 1, **options: Any) -> ReleasedColumn:
    return read_released("x", distinct(original, times), distinct(released, times), **options)


def covered(column: ReleasedColumn, at: int = 0) -> list[int]:
    """Return the places of the original values that a released value fits."""
    ranges = column.ranges[column.first[at] : column.first[at + 1]]
    return [
        place
        for place, (low, high) in enumerate(column.known.tolist())
        if any(low < stop and start < high for start, stop in ranges.tolist())
    ]


AGES = [19, 20, 25, 29, 30, 31, 60, 61]


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("[20-30[", "interval", [20, 25, 29]),
        ("[20, 30[", "interval", [20, 25, 29]),
        ("[20.0, 30.0)", "interval", [20, 25, 29]),
        ("(20,30]", "interval", [25, 29, 30]),
        ("]20;30]", "interval", [25, 29, 30]),
        ("[20, 30]", "interval", [20, 25, 29, 30]),
        ("(20, 30)", "interval", [25, 29]),
        ("(-inf, 20]", "interval", [19, 20]),
        ("[60, ∞[", "interval", [60, 61]),
        ("20-29", "interval", [20, 25, 29]),
        ("20–29", "interval", [20, 25, 29]),
        ("20 - 29", "interval", [20, 25, 29]),
        ("20 to 29", "interval", [20, 25, 29]),
        (" 20-29 ", "interval", [20, 25, 29]),
        ("20 to under 30", "interval", [20, 25, 29]),
        ("20s", "interval", [20, 25, 29]),
        ("<30", "bound", [19, 20, 25, 29]),
        ("< 30", "bound", [19, 20, 25, 29]),
        ("under 30", "bound", [19, 20, 25, 29]),
        ("≤30", "bound", [19, 20, 25, 29, 30]),
        ("<=30", "bound", [19, 20, 25, 29, 30]),
        ("30 and under", "bound", [19, 20, 25, 29, 30]),
        ("up to 30", "bound", [19, 20, 25, 29, 30]),
        ("≥ 60", "bound", [60, 61]),
        (">60", "bound", [61]),
        ("over 60", "bound", [61]),
        ("60+", "bound", [60, 61]),
        ("60 and over", "bound", [60, 61]),
        ("60 or older", "bound", [60, 61]),
        ("*", "suppressed", AGES),
        ("**", "suppressed", AGES),
        ("", "suppressed", AGES),
        (" ", "suppressed", AGES),
        (None, "suppressed", AGES),
        ("25", "exact", [25]),
        ("25.0", "exact", [25]),
        (25.0, "exact", [25]),
        ("2*", "mask", [20, 25, 29]),
        ("*0", "mask", [20, 30, 60]),
        ("{20, 61}", "set", [20, 61]),
        ("20 | 61", "set", [20, 61]),
        ("26", "exact", []),
        ("[40, 50[", "interval", []),
        ("[25, 25[", "interval", []),
        ("9*", "mask", []),
        ("[30, 20[", "reversed", []),
        ("30-20", "reversed", []),
        ("about 20", "unknown", []),
        ("20 | nobody", "unknown", []),
        ("1,000", "unknown", []),
        (True, "unknown", []),
    ],
)
def test_forms_of_numbers(text: Any, form: str, expected: list[int]) -> None:
    column = read(AGES, [text])
    assert [AGES[at] for at in covered(column)] == expected
    assert column.forms == {form: 1}
    assert column.n_outside == (1 if not expected and form not in ("unknown", "reversed") else 0)


def test_a_range_of_whole_numbers_reaches_up_to_the_next_one() -> None:
    column = read([19.9, 20.0, 29.5, 30.0], ["20-29", "2.0-2.9"])
    assert covered(column) == [1, 2]
    assert covered(read([1.99, 2.0, 2.95, 3.0], ["2.0-2.9"])) == [1, 2]


def test_ranges_that_share_their_ends_reach_up_to_them() -> None:
    column = read([20, 29.5, 30, 30.5, 40], ["20-30", "30-40"])
    assert covered(column, 0) == [0, 1, 2]
    assert covered(column, 1) == [2, 3, 4]


def test_what_is_a_value_of_the_original_is_that_value() -> None:
    column = read(["*", "20-29", "A*", "AB"], ["*", "20-29", "A*", None])
    assert [covered(column, at) for at in range(4)] == [[0], [1], [2], [0, 1, 2, 3]]
    assert column.forms == {"exact": 3, "suppressed": 1}


def test_blanks_around_text_do_not_matter() -> None:
    column = read([" State-gov", " Private"], ["State-gov", " Private", "Private  "])
    assert [covered(column, at) for at in range(3)] == [[0], [1], [1]]
    assert column.forms == {"trimmed": 2, "exact": 1}


def test_codes_with_leading_zeros_stay_text() -> None:
    codes = ["01000", "01500", "75011", "75020"]
    column = read(codes, ["01***", "75*", "75**", "1000", "[1000, 2000[", "*1*"])
    assert [covered(column, at) for at in range(6)] == [[0, 1], [2, 3], [2, 3], [], [], []]
    assert column.forms == {"mask": 4, "unknown": 2}


def test_a_star_is_one_character_where_a_value_of_that_length_fits() -> None:
    column = read(["750", "7501", "75", "13750"], ["75*", "*50", "75*****"])
    assert [covered(column, at) for at in range(3)] == [[0], [0], [0, 1]]


def test_numbers_written_as_text_beside_numbers() -> None:
    column = read(["39", "N/A", "8"], [39, "39.0", "[0, 10[", "N/A"])
    assert [covered(column, at) for at in range(4)] == [[0], [0], [2], [1]]


def test_groups_of_a_hierarchy() -> None:
    tree = rs.Hierarchy(
        {
            "flu": ("flu", "airways", "*"),
            "gout": ("gout", "joints", "*"),
            "asthma": ("asthma", "airways", "*"),
        }
    )
    column = read(["asthma", "flu", "gout", "other"], ["airways", "flu", "*", "joints"], hierarchy=tree)
    assert [covered(column, at) for at in range(4)] == [[0, 1], [1], [0, 1, 2, 3], [2]]
    assert column.forms == {"group": 2, "exact": 1, "suppressed": 1}
    assert np.diff(column.first).tolist() == [1, 1, 1, 1]  # the axis keeps groups together


def test_a_hierarchy_that_covers_some_values_only() -> None:
    tree = rs.Hierarchy.intervals([20, 25], [10])
    column = read([20, 25, 29, 30], ["[20, 30["], hierarchy=tree)
    assert covered(column) == [0, 1, 2]
    assert column.forms == {"interval": 1}


def test_a_group_named_like_one_of_its_values() -> None:
    tree = rs.Hierarchy({"A": ("A", "A", "*"), "B": ("B", "A", "*"), "C": ("C", "C", "*")})
    column = read(["A", "B", "C"], ["A", "C"], hierarchy=tree)
    assert [covered(column, at) for at in range(2)] == [[0, 1], [2]]


DAYS = [dt.date(2023, 12, 31), dt.date(2024, 1, 1), dt.date(2024, 5, 17), dt.date(2025, 2, 3)]


@pytest.mark.parametrize(
    "written", [DAYS, [str(day) for day in DAYS], [dt.datetime.combine(d, dt.time()) for d in DAYS]]
)
@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        ("2024", "cut date", [1, 2]),
        (2024, "cut date", [1, 2]),
        ("2024-05", "cut date", [2]),
        ("2024-05-17", "exact", [2]),
        (dt.date(2024, 5, 17), "exact", [2]),
        (dt.datetime(2024, 5, 17), "exact", [2]),
        ("2020s", "cut date", [0, 1, 2, 3]),
        ("2023-2024", "interval", [0, 1, 2]),
        ("[2024-01-01, 2025-01-01[", "interval", [1, 2]),
        ("(2024-01-01, 2025-01-01]", "interval", [2]),
        ("≥ 2024-05", "bound", [2, 3]),
        ("<2024", "bound", [0]),
        ("2024-13", "unknown", []),
        ("2024-05-**", "mask", [2]),
        (17, "unknown", []),
    ],
)
def test_dates(written: list[Any], value: Any, form: str, expected: list[int]) -> None:
    column = read(written, [value])
    assert covered(column) == expected
    if not isinstance(written[0], dt.datetime):
        assert column.forms == {form: 1}


def test_moments_cut_to_the_year_are_seen_where_chance_cannot_be_why() -> None:
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=at) for at in range(1000)]
    years = [dt.datetime(2020, 1, 1), dt.datetime(2021, 1, 1), dt.datetime(2022, 1, 1)]
    assert len(covered(read(days, years))) == 366
    assert read(days, years).forms == {"cut date": 3}
    alone = read(days, years[:1])  # one record may well stand on the first day of a year
    assert covered(alone) == [0]
    assert alone.forms == {"exact": 1}
    months = [dt.date(2020, month, 1) for month in range(1, 13)]
    assert len(covered(read(days, months), 1)) == 29
    assert covered(read(years, years), 1) == [1]  # all original ones lie there, too


def test_moments_cut_to_the_day() -> None:
    moments = [dt.datetime(2024, 1, 1 + at // 24, at % 24, 30) for at in range(72)]
    column = read(moments, [dt.date(2024, 1, 1), dt.date(2024, 1, 2)])
    assert covered(column, 1) == list(range(24, 48))
    assert column.forms == {"cut date": 2}


def test_what_is_known_to_within_a_number() -> None:
    column = read([34, 40, None], ["35.5-36.5", "38", "[30, 32[", "hm"], exactness=2)
    assert [covered(column, at) for at in range(4)] == [[0, 2], [1, 2], [2], [2]]
    assert covered(read([0.7], [0.8, "0.81"], exactness=0.1), 0) == [0]
    assert covered(read([0.7], [0.8, "0.81"], exactness=0.1), 1) == []


def test_what_is_known_of_a_date() -> None:
    assert covered(read(DAYS, ["2024-11-30"], exactness="year")) == [1, 2]
    assert covered(read(DAYS, ["2024-05-01", "2024-04-30"], exactness="month"), 0) == [2]
    assert covered(read(DAYS, ["2024-01-02"], exactness=1)) == [1]


@pytest.mark.parametrize(("exactness", "said"), [(2, "numbers"), ("year", "dates")])
def test_a_part_known_of_text_is_refused(exactness: Any, said: str) -> None:
    with pytest.raises(RoleError, match=f"which holds no {said}"):
        read(["secret", "hidden"], ["secret"], exactness=exactness)


def test_a_missing_known_value_fits_everything() -> None:
    column = read([None, "A", ""], ["A", "nobody", None])
    assert [covered(column, at) for at in range(3)] == [[0, 1, 2], [0, 2], [0, 1, 2]]


@pytest.mark.parametrize("values", [[], [None]])
def test_nothing_known_or_nothing_released(values: list[Any]) -> None:
    column = read(values, ["A", None, 3])
    assert [covered(column, at) for at in range(3)] == [list(range(len(values)))] * 3
    assert len(read(["A"], []).ranges) == 0


def test_large_whole_numbers_are_not_rounded() -> None:
    near = [2**60, 2**60 + 1]
    assert covered(read(near, [str(2**60 + 1)])) == [1]
    assert covered(read(["9" * 50, "8"], ["9" * 50])) == [0]


def test_sentences_hold_counts_and_no_content() -> None:
    column = read(["secret", "hidden"], ["secret", "other", "**", None, "se*"], times=1000)
    said = column.sentence()
    assert "1,000 exact values" in said
    assert "2,000 suppressed values" in said
    assert "1,000 values not understood" in said
    assert not any(word in said for word in ("secret", "hidden", "other", "se*"))
    outside = read([1, 2], ["[8, 9["], times=7).sentence()
    assert "7 cover no value of the original" in outside


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_columns_of_frames(kind: Any) -> None:
    data = kind({"age": [34, None, 34], "when": [dt.date(2024, 5, 1)] * 3})
    codes, found = distinct_columns(data, ["age", "when"])
    assert list(found[0]._asdict()["values"]) == [None, 34]
    assert found[0].counts.tolist() == [1, 2]
    assert codes[0].codes.tolist() == [1, 0, 1]
    assert list(found[1]._asdict()["values"]) == [dt.date(2024, 5, 1)]


def test_intervals_of_pandas_and_columns_of_mixed_kinds() -> None:
    cut = pd.DataFrame({"x": pd.cut(pd.Series([1, 5, 9]), [0, 4, 8, 12])})
    _codes, found = distinct_columns(cut, ["x"])
    column = read_released("x", distinct([1, 4, 5, 9]), found[0])
    assert [covered(column, at) for at in range(3)] == [[0, 1], [2], [3]]
    mixed = pd.DataFrame({"x": pd.Series([1, "[4, 6[", 9.0], dtype=object)})
    _codes, found = distinct_columns(mixed, ["x"])
    column = read_released("x", distinct([1, 4, 5, 9]), found[0])
    assert sorted(covered(column, at) for at in range(3)) == [[0], [1, 2], [3]]
