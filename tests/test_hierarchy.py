"""Hierarchies: nested or refused, ARX's files, intervals and prefixes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskscope as rs
from riskscope.errors import FrameError, ReadError, RiskscopeError
from riskscope.hierarchy import text_of

TREE = rs.Hierarchy({"a": ("a", "ab", "*"), "b": ("b", "ab", "*"), "c": ("c", "c", "*")})


def test_levels() -> None:
    assert (TREE.height, TREE.values) == (2, ("a", "b", "c"))
    assert [TREE.level(["c", "a"], level) for level in (0, 1, 2)] == [["c", "a"], ["c", "ab"], ["*", "*"]]
    assert TREE.level([], 1) == []


def test_a_root_is_put_above_several() -> None:
    assert rs.Hierarchy({"a": ("a",), "b": ("b",)}).paths == {"a": ("a", "*"), "b": ("b", "*")}


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ({}, "The hierarchy is empty"),
        ({"a": ("a", "*"), "b": ("b", "x", "*")}, "values with 2 to 3 levels"),
        ({"a": ()}, "values with 0 to 0 levels"),
        ({"a": ("b", "*")}, "value at position 0 does not stand at level 0 of its own path"),
        ({"a": ("a", "x", "p", "*"), "b": ("b", "x", "q", "*")}, "a value of level 1 has two parents at level 2"),
    ],
)
def test_paths_that_do_not_fit(paths: dict[str, tuple[str, ...]], message: str) -> None:
    with pytest.raises(FrameError, match=message):
        rs.Hierarchy(paths)


def test_a_value_that_is_not_covered_is_counted_not_shown() -> None:
    with pytest.raises(
        FrameError, match="2 values are not covered by the hierarchy, the first at position 1"
    ) as caught:
        TREE.level(["a", "secret", "other"], 1)
    assert "secret" not in str(caught.value)


def test_levels_beyond_the_root() -> None:
    with pytest.raises(FrameError, match="level is 3; the hierarchy goes up to 2"):
        TREE.level(["a"], 3)
    with pytest.raises(RiskscopeError, match="level is -1; it must be a whole number of at least 0"):
        TREE.level(["a"], -1)


def test_numbers_and_dates_are_written_as_files_write_them() -> None:
    values = [34, 34.0, 34.5, "034", dt.date(2026, 1, 31), dt.datetime(2026, 1, 31), dt.datetime(2026, 1, 31, 5), True]
    assert [text_of(value) for value in values] == [
        "34",
        "34",
        "34.5",
        "034",
        "2026-01-31",
        "2026-01-31",
        "2026-01-31 05:00:00",
        "True",
    ]


def test_arx_file(tmp_path: Path) -> None:
    file = tmp_path / "age.csv"
    file.write_text("1;0-4;*\n2;0-4;*\n\n7;5-9;*\n7;5-9;*\n", encoding="utf-8-sig")
    tree = rs.Hierarchy.read_csv(file)
    assert tree.level([7, 1.0], 1) == ["5-9", "0-4"]
    file.write_text('"a,b",x\nc,x\n', encoding="utf-8")
    assert rs.Hierarchy.read_csv(file, sep=",").paths["a,b"] == ("a,b", "x")


def test_arx_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"The hierarchy 'none.csv' cannot be read \(FileNotFoundError\)"):
        rs.Hierarchy.read_csv(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes(b"\xe9;*\n")
    with pytest.raises(ReadError, match=r"\(UnicodeDecodeError\)\. Give a CSV file, or its encoding"):
        rs.Hierarchy.read_csv(tmp_path / "latin.csv")
    assert rs.Hierarchy.read_csv(tmp_path / "latin.csv", encoding="latin-1").values == ("é",)
    (tmp_path / "two.csv").write_text("a;x;*\na;y;*\n", encoding="utf-8")
    with pytest.raises(ReadError, match="gives line 2's value two paths; keep one line a value"):
        rs.Hierarchy.read_csv(tmp_path / "two.csv")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    with pytest.raises(FrameError, match="The hierarchy is empty"):
        rs.Hierarchy.read_csv(tmp_path / "empty.csv")


def test_every_hierarchy_of_adult(shared: Path) -> None:
    heights = {
        file.stem: rs.Hierarchy.read_csv(file).height for file in (shared / "data" / "hierarchies_arx_adult").iterdir()
    }
    assert heights == {
        "age": 4,
        "education": 3,
        "marital-status": 2,
        "native-country": 2,
        "occupation": 2,
        "race": 1,
        "salary-class": 1,
        "sex": 1,
        "workclass": 2,
    }


def test_intervals() -> None:
    tree = rs.Hierarchy.intervals([-1, 0, 4, 5, 12.5], [5, 10])
    assert tree.paths == {
        "-1": ("-1", "[-5, 0[", "[-10, 0[", "*"),
        "0": ("0", "[0, 5[", "[0, 10[", "*"),
        "4": ("4", "[0, 5[", "[0, 10[", "*"),
        "5": ("5", "[5, 10[", "[0, 10[", "*"),
        "12.5": ("12.5", "[10, 15[", "[10, 20[", "*"),
    }
    assert rs.Hierarchy.intervals([3], [10], start=2).paths["3"] == ("3", "[2, 12[", "*")


@pytest.mark.parametrize(
    ("widths", "message"),
    [
        ([5, 12], "widths holds 5 before 12; each must be a multiple of the one before"),
        ([0], "widths is 0; it must be a number, above 0"),
        ([5, 0], "widths is 0; it must be a number, above 0"),
        ([-5], "widths is -5; it must be a number, above 0"),
    ],
)
def test_widths_that_do_not_nest(widths: list[float], message: str) -> None:
    with pytest.raises(RiskscopeError, match=message):
        rs.Hierarchy.intervals([1], widths)


@given(st.lists(st.integers(-1000, 1000), min_size=1), st.integers(1, 9), st.integers(1, 4), st.integers(-9, 9))
def test_intervals_hold_their_values(values: list[int], width: int, factor: int, start: int) -> None:
    tree = rs.Hierarchy.intervals(values, [width, width * factor], start=start)
    for level in (1, 2):
        for value, text in zip(values, tree.level(values, level), strict=True):
            low, high = map(int, text.strip("[").split(", "))  # "[low, high["
            assert low <= value < high


def test_prefixes() -> None:
    tree = rs.Hierarchy.prefixes(["75011", "01000", "2A004"], [3, 2])
    assert tree.paths["2A004"] == ("2A004", "2A0**", "2A***", "*")
    with pytest.raises(FrameError, match="lengths must fall from level to level"):
        rs.Hierarchy.prefixes(["75011"], [2, 3])
    with pytest.raises(RiskscopeError, match="lengths is 0"):
        rs.Hierarchy.prefixes(["75011"], [0])
