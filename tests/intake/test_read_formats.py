"""Reading workbooks, Parquet and Feather: small files made here, one for each kind of trouble."""

from __future__ import annotations

import datetime
import gzip
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from riskscope.errors import MissingExtraError, ReadError
from riskscope.intake.read import read_table

openpyxl = pytest.importorskip("openpyxl")


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


DATA = [["id", "zip"], [1, "01000"], [2, 1000], [3, "2A004"]]


def test_text_and_number_are_two_values(tmp_path: Path) -> None:
    table = read_table(workbook(tmp_path / "t.xlsx", data=DATA))
    assert table.data["zip"].tolist() == ["01000", "1000", "2A004"]
    assert table.data["id"].tolist() == [1, 2, 3]
    assert any("several kinds" in note and "'zip'" in note for note in table.notes)


def test_types_of_excel_are_kept(tmp_path: Path) -> None:
    day = datetime.datetime(1984, 3, 5)
    rows = [
        ["whole", "gap", "float", "date", "truth", "text", "long", 2019],
        [1, 5, 0.5, day, True, "7", 2**70, "x"],
        [2, None, 2, day, False, "8", 3, "NA"],
    ]
    table = read_table(workbook(tmp_path / "t.xlsx", data=rows), text=["whole"])
    assert table.data["whole"].tolist() == ["1", "2"]
    assert table.data["gap"].dtype == "Int64"
    assert table.data["float"].tolist() == [0.5, 2.0]
    assert str(table.data["date"].dtype).startswith("datetime64")
    assert table.data["truth"].dtype == bool
    assert table.data["text"].tolist() == ["7", "8"]
    assert table.data["2019"].tolist() == ["x", "NA"]
    notes = " ".join(table.notes)
    assert "all look like numbers: 'text'" in notes
    assert "'NA' in '2019' (<10)" in notes
    assert table.data["long"].map(lambda cell: isinstance(cell, str | float)).all()


def test_several_sheets_are_named_and_asked_for(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", notice=[["Export"]], data=DATA, other=[["x"], [1]])
    with pytest.raises(ReadError, match=r"several sheets: 'notice', 'data', 'other'.*sheet="):
        read_table(path)
    assert len(read_table(path, sheet="data").data) == 3
    with pytest.raises(ReadError, match=r"no sheet 'Data'.*'notice', 'data', 'other'"):
        read_table(path, sheet="Data")
    with pytest.raises(ReadError, match="0 rows"):
        read_table(path, sheet="notice")


def test_the_only_visible_sheet_is_taken_with_a_note(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", data=DATA, hidden=DATA, empty=[])
    book = openpyxl.load_workbook(path)
    book["hidden"].sheet_state = "hidden"
    book.save(path)
    table = read_table(path)
    assert len(table.data) == 3
    assert any("Sheet 'data' was read" in note and "'hidden', 'empty'" in note for note in table.notes)
    assert len(read_table(path, sheet="hidden").data) == 3


def test_an_empty_workbook_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no visible sheet holds anything"):
        read_table(workbook(tmp_path / "t.xlsx", data=[]))


def test_formulas_merged_areas_and_empty_rows_are_noted(tmp_path: Path) -> None:
    rows: list[list[object]] = [["a", "b"], [1, "=A2*2"], [None, None], [3, "x"], [4, None]]
    path = workbook(tmp_path / "t.xlsx", data=rows)
    book = openpyxl.load_workbook(path)
    book["data"].merge_cells("B4:B5")
    book.save(path)
    table = read_table(path)
    assert table.data["a"].tolist() == [1, 3, 4]
    assert table.data["b"].isna().tolist() == [True, False, True]
    notes = " ".join(table.notes)
    assert "formula and not its value (cells): 'b' (<10)" in notes
    assert "1 merged area" in notes
    assert "1 empty row was skipped" in notes


def test_missing_marks_in_a_workbook(tmp_path: Path) -> None:
    table = read_table(workbook(tmp_path / "t.xlsx", data=[["a"], ["?"], ["x"]]), missing=["?"])
    assert table.data["a"].isna().tolist() == [True, False]
    assert any("'?' in 'a' (<10)" in note for note in table.notes)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_workbook_named_csv_is_read_with_a_note(tmp_path: Path, pack: type) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(pack(workbook(tmp_path / "t.xlsx", data=DATA).read_bytes()))
    table = read_table(path)
    assert len(table.data) == 3
    assert any("is an Excel workbook, whatever its name says" in note for note in table.notes)
    with pytest.raises(ReadError, match="sep= has no meaning"):
        read_table(path, sep=";")


def test_text_named_xlsx_is_read_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_text("id,zip\n1,01000\n")
    table = read_table(path)
    assert table.data["zip"].tolist() == ["01000"]
    assert any("delimited text" in note for note in table.notes)


def test_damaged_and_other_zips_are_clear_errors(tmp_path: Path) -> None:
    content = workbook(tmp_path / "t.xlsx", data=DATA).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(content[: len(content) // 2])
    with pytest.raises(ReadError, match="cut short or damaged"):
        read_table(tmp_path / "cut.xlsx")
    for member, what in (
        ("data.csv", "a zip archive"),
        ("content.xml", "OpenDocument"),
        ("xl/workbook.bin", "xlsb"),
    ):
        with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
            archive.writestr(member, "x")
        with pytest.raises(ReadError, match=what):
            read_table(tmp_path / "t.zip")
    with zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<no workbook")
    with pytest.raises(ReadError, match="damaged Excel workbook"):
        read_table(tmp_path / "bad.xlsx")


def test_without_openpyxl_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "t.xlsx", data=DATA)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r'pip install "riskscope\[excel\]"'):
        read_table(path)


# Parquet and Feather


def columnar(folder: Path, table: pa.Table, kind: str) -> Path:
    path = folder / f"t.{kind}"
    if kind == "parquet":
        pyarrow.parquet.write_table(table, path)
    else:
        pyarrow.feather.write_feather(table, path)
    return path


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_types_as_stored(tmp_path: Path, kind: str) -> None:
    grade = pd.Categorical(["low", "high", "low"], ["low", "mid", "high", ""], ordered=True)
    frame = pd.DataFrame({"grade": grade, "zip": ["01000", "", None]})
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.append_column("big", pa.array([2**53 + 1, None, 3], pa.int64()))
    table = table.append_column("day", pa.array([datetime.date(2020, 1, 2)] * 3))
    table = table.append_column("none", pa.array([None] * 3, pa.string()))
    read = read_table(columnar(tmp_path, table, kind))
    assert read.data["grade"].cat.categories.tolist() == ["low", "mid", "high", ""]
    assert read.data["grade"].cat.ordered
    assert read.data["big"].tolist()[0] == 2**53 + 1
    assert read.data["big"].isna().sum() == 1
    assert read.data["zip"].tolist()[:2] == ["01000", ""]
    assert str(read.data["day"].dtype).startswith("datetime64")
    assert "No cell holds a value: 'none'." in read.notes
    marked = read_table(tmp_path / f"t.{kind}", missing=["", "low"])
    assert marked.data["grade"].isna().sum() == 2
    assert marked.data["zip"].isna().sum() == 2
    assert any("'low' in 'grade' (<10)" in note for note in marked.notes)


def test_row_labels_of_pandas_become_columns(tmp_path: Path) -> None:
    frame = pd.DataFrame({"age": [34, 51]}, index=pd.Index(["a", "b"], name="uid"))
    frame.to_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert table.data["uid"].tolist() == ["a", "b"]
    assert any("became columns: 'uid'" in note for note in table.notes)


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_a_column_name_that_comes_twice(tmp_path: Path, kind: str) -> None:
    twice = pa.Table.from_arrays([pa.array([1, 2]), pa.array(["x", "y"])], names=["a", "a"])
    table = read_table(columnar(tmp_path, twice, kind))
    assert table.data.columns.tolist() == ["a", "a.1"]
    assert table.data["a.1"].tolist() == ["x", "y"]
    assert any("more than once" in note for note in table.notes)


def test_columns_of_lists_are_noted(tmp_path: Path) -> None:
    nested = pa.table({"a": [[1], [2]], "b": [1, 2]})
    table = read_table(columnar(tmp_path, nested, "parquet"), missing=["x"])
    assert any("cannot be counted" in note and "'a'" in note and "'b'" not in note for note in table.notes)


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_damaged_or_empty_columnar_files(tmp_path: Path, kind: str) -> None:
    path = columnar(tmp_path, pa.table({"a": list(range(1000))}), kind)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ReadError, match=r"cut short or damaged") as caught:
        read_table(path)
    assert caught.value.__suppress_context__
    path = columnar(tmp_path, pa.table({"a": pa.array([], pa.int64())}), kind)
    with pytest.raises(ReadError, match="0 rows"):
        read_table(path)


def test_options_of_text_are_refused_for_parquet(tmp_path: Path) -> None:
    path = columnar(tmp_path, pa.table({"a": [1]}), "parquet")
    with pytest.raises(ReadError, match="encoding= has no meaning"):
        read_table(path, encoding="utf-8")
