"""Reading delimited text: small files made here, one for each kind of trouble."""

from __future__ import annotations

import gzip
import re
import time
import traceback
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskscope.errors import ReadError, RiskscopeError, RoleError
from riskscope.intake.read import TableFile, read_table


def written(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def read(folder: Path, content: str | bytes, name: str = "table.csv", **options: object) -> TableFile:
    return read_table(written(folder, content, name), **options)  # type: ignore[arg-type]


def is_text(column: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(column) and all(isinstance(cell, str) for cell in column.dropna())


# Whether the file is there, and what it is


def test_missing_file_folder_and_empty_file_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"There is no file 'none\.csv'"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(ReadError, match="is a folder"):
        read_table(str(tmp_path))
    with pytest.raises(ReadError, match=r"'table\.csv' is empty: it holds 0 bytes"):
        read(tmp_path, b"")
    with pytest.raises(ReadError, match="is empty"):
        read(tmp_path, "\r\n\n  \n")
    with pytest.raises(ReadError, match="is empty"):
        read(tmp_path, b"\xef\xbb\xbf")


def test_control_characters_of_a_file_name_are_escaped(tmp_path: Path) -> None:
    with pytest.raises(ReadError) as caught:
        read_table(tmp_path / "a\x1b[31m.csv")
    assert "\x1b" not in str(caught.value)
    assert "\\x1b" in str(caught.value)


def test_header_only_says_0_rows(tmp_path: Path) -> None:
    for content in ("id,age\n", "id,age", "id\n", "id;age\r\n\r\n"):
        with pytest.raises(ReadError, match="0 rows"):
            read(tmp_path, content)


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"BZh91AY", "bzip2"),
    ],
)
def test_other_formats_are_named(tmp_path: Path, start: bytes, what: str) -> None:
    with pytest.raises(ReadError, match=what):
        read(tmp_path, start + b"\x00" * 50)


def test_options_without_meaning_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="sheet= has no meaning"):
        read(tmp_path, "a,b\n1,2\n", sheet="data")
    with pytest.raises(ReadError, match="sep is"):
        read(tmp_path, "a,b\n1,2\n", sep="::")
    with pytest.raises(ReadError, match="decimal is"):
        read(tmp_path, "a,b\n1,2\n", decimal=";")
    with pytest.raises(RoleError, match="text not found: 'agee'"):
        read(tmp_path, "age,b\n1,2\n", text="agee")


def test_a_table_file_does_not_print_records(tmp_path: Path) -> None:
    table = read(tmp_path, "name,age\nDupont,34\n")
    assert repr(table) == "TableFile(name='table.csv')"


# Gzip, encodings


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t"])
def test_gzip_is_found_by_its_bytes(tmp_path: Path, name: str) -> None:
    table = read(tmp_path, gzip.compress(b"id,zip\n1,01000\n"), name)
    assert table.data["zip"].tolist() == ["01000"]
    assert any("gzip" in note for note in table.notes)


def test_damaged_gzip_is_one_clear_error(tmp_path: Path) -> None:
    packed = gzip.compress(b"id,zip\n" + b"1,01000\n" * 1000)
    for content in (packed[:-20], packed[:40] + b"\xff" * 30 + packed[70:]):
        with pytest.raises(ReadError, match="gzip but is cut short or damaged"):
            read(tmp_path, content)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_are_read(tmp_path: Path, encoding: str) -> None:
    table = read(tmp_path, "id\tville\r\n1\tNîmes\r\n".encode(encoding))
    assert table.data.columns.tolist() == ["id", "ville"]
    assert table.data["ville"].tolist() == ["Nîmes"]
    assert any("byte order mark" in note for note in table.notes) == (encoding != "utf-8-sig")


def test_cp1252_is_read_with_a_note(tmp_path: Path) -> None:
    table = read(tmp_path, "nom,pays\nZoé Œuvrard,10 €\n".encode("cp1252"))
    assert table.data["nom"].tolist() == ["Zoé Œuvrard"]
    assert table.data["pays"].tolist() == ["10 €"]
    assert any("byte 0xE9 at position 11" in note and "encoding=" in note for note in table.notes)


def test_bytes_of_no_encoding_are_an_error_with_the_position(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"byte 0x81 at position 4 .*encoding="):
        read(tmp_path, b"a\nx\xe9\x81\n")
    with pytest.raises(ReadError, match=r"mostly UTF-8 .*byte 0xE9 at position"):
        read(tmp_path, "ville\nNîmes\nOrléans\n".encode() + b"Besan\xe9on\n")
    with pytest.raises(ReadError, match="cannot be read as ascii"):
        read(tmp_path, "ville\nNîmes\n", encoding="ascii")
    with pytest.raises(ReadError, match="There is no encoding 'utf-9'"):
        read(tmp_path, "a\n1\n", encoding="utf-9")


def test_an_encoding_asked_for_is_used(tmp_path: Path) -> None:
    assert read(tmp_path, "v\né\n".encode("cp850"), encoding="cp850").data["v"].tolist() == ["é"]


def test_utf16_without_mark_and_nul_bytes_are_errors(tmp_path: Path) -> None:
    content = "id,age\n1,34\n2,51\n"
    with pytest.raises(ReadError, match=r"UTF-16 without a byte order mark.*encoding='utf-16-le'"):
        read(tmp_path, content.encode("utf-16-le"))
    with pytest.raises(ReadError, match="encoding='utf-16-be'"):
        read(tmp_path, content.encode("utf-16-be"))
    assert read(tmp_path, content.encode("utf-16-le"), encoding="utf-16-le").data["age"].tolist() == [34, 51]
    with pytest.raises(ReadError, match="NUL characters, the first at position 4"):
        read(tmp_path, b"a,b\n\x00,2\n")
    with pytest.raises(ReadError, match="NUL characters, the first at position 0"):
        read(tmp_path, b"\x00" * 100)


def test_replacement_characters_are_noted(tmp_path: Path) -> None:
    table = read(tmp_path, "ville\nN\ufffdmes\nLyon\n")
    assert any("1 replacement characters" in note for note in table.notes)


# Delimiters, rows, header


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, sep: str) -> None:
    lines = [["id", "who", "pay"], ["1", '"a, b; c | d\te"', "10"], ["2", "plain", "20"]]
    table = read(tmp_path, "\n".join(sep.join(line) for line in lines))
    assert table.data.shape == (2, 3)
    assert table.data["who"].tolist() == ["a, b; c | d\te", "plain"]
    assert any("separated by" in note for note in table.notes) == (sep != ",")


def test_the_delimiter_asked_for_wins_and_one_column_says_so(tmp_path: Path) -> None:
    table = read(tmp_path, "id;age\n1;34\n2;51\n", sep=",")
    assert table.data.columns.tolist() == ["id;age"]
    assert any("one column" in note and "';'" in note for note in table.notes)


def test_a_first_line_that_names_the_delimiter(tmp_path: Path) -> None:
    table = read(tmp_path, "sep=;\r\nid;age\r\n1;34\r\n")
    assert table.data.columns.tolist() == ["id", "age"]
    assert "The first line names the delimiter: ';'." in table.notes
    with pytest.raises(ReadError, match="more or fewer: 1: line 3 has 3 fields"):
        read(tmp_path, "sep=;\nid;age\n1;34;5\n")


def test_one_column_keeps_its_empty_cells(tmp_path: Path) -> None:
    table = read(tmp_path, "age\n34\n\n51\n\n\n")
    assert table.data["age"].isna().tolist() == [False, True, False]
    assert "2 empty lines were skipped: they are no records." in table.notes
    assert "Empty cells are read as missing (cells): 'age' (<10)." in table.notes


@pytest.mark.parametrize("sep", [",", ";"])
def test_ragged_rows_name_lines_and_counts_but_no_cell(tmp_path: Path, sep: str) -> None:
    content = "id,who,x\n1,Durand,2\n3,Martin\n\n4,Petit,5,secret,more\n".replace(",", sep)
    with pytest.raises(ReadError) as caught:
        read(tmp_path, content)
    message = str(caught.value)
    assert "line 3 has 2 fields, line 5 has 5 fields" in message
    assert "3 fields" in message
    shown = "".join(traceback.format_exception(caught.value))
    for cell in ("Durand", "Martin", "Petit", "secret"):
        assert cell not in shown


def test_ragged_line_counts_physical_lines(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="line 4 has 1 field"):
        read(tmp_path, 'a,b\n1,"x\ny"\n2\n3,4\n')


def test_a_title_above_the_header_is_an_error_not_one_column(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"header has 1 field \(separated by ';'\).*line 2 has 3 fields"):
        read(tmp_path, "Export du mois\nid;age;sex\n1;34;F\n2;51;M\n")


def test_a_quote_that_never_ends_is_an_error(tmp_path: Path) -> None:
    for content in ('a,b\n1,"x\n2,3\n4,5\n', 'a\n"1\n2\n', 'a,b\n1,2\n3,"'):
        with pytest.raises(ReadError, match="quotation mark opens"):
            read(tmp_path, content)


def test_mixed_line_ends_and_quoted_line_breaks(tmp_path: Path) -> None:
    table = read(tmp_path, b'id,note\r\n1,a\n2,"two\r\nlines"\r3,b\r\n\r\n4,"\r=1"\n5,end')
    assert table.data["id"].tolist() == [1, 2, 3, 4, 5]
    assert table.data["note"].tolist() == ["a", "two\r\nlines", "b", "\r=1", "end"]
    assert any("1 empty line was skipped" in note for note in table.notes)
    assert any("Line breaks inside texts are kept (cells): 'note' (<10)" in note for note in table.notes)
    assert read(tmp_path, b"a,b\r1,2\r3,4\r").data["b"].tolist() == [2, 4]


def test_quotes_inside_texts(tmp_path: Path) -> None:
    table = read(tmp_path, 'id,t\n1,5" disk\n2,"he said ""no"""\n')
    assert table.data["t"].tolist() == ['5" disk', 'he said "no"']


def test_headers_are_renamed_with_a_note(tmp_path: Path) -> None:
    table = read(tmp_path, ",x,x.1,x, pad\n1,2,3,4,5\n")
    assert table.data.columns.tolist() == ["Unnamed: 0", "x", "x.1", "x.2", " pad"]
    assert any("more than once" in note and "'x.2'" in note for note in table.notes)
    assert any("without a name" in note for note in table.notes)
    assert any("keep the blanks" in note and "' pad'" in note for note in table.notes)


def test_a_header_of_numbers_is_noted_without_showing_it(tmp_path: Path) -> None:
    table = read(tmp_path, "39,77516,State-gov\n50,83311,Self\n")
    notes = [note for note in table.notes if "column names are numbers" in note]
    assert len(notes) == 1
    assert "77516" not in notes[0]


def test_odd_header_texts_are_kept(tmp_path: Path) -> None:
    names = ["two\nlines", "é", "e\u0301", "a,b", '"quoted"', "<b>", "\u202egnp", "0"]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    table = read(tmp_path, f"{header}\n1,2,3,4,5,6,7,8\n")
    assert table.data.columns.tolist() == names
    assert table.data.iloc[0].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_long_cells_and_wide_tables(tmp_path: Path) -> None:
    table = read(tmp_path, "id,t\n1," + "x" * 400_000 + '\n2,"' + "y" * 200_000 + '"\n')
    assert table.data["t"].str.len().tolist() == [400_000, 200_000]
    n_columns = 3000
    wide = ",".join(f"v{i}" for i in range(n_columns)) + "\n"
    wide += "".join(",".join(str(i * row) for i in range(n_columns)) + "\n" for row in range(40))
    start = time.perf_counter()
    table = read(tmp_path, wide)
    assert time.perf_counter() - start < 20  # about 1 s; a quadratic reader takes minutes
    assert table.data.shape == (40, n_columns)


def test_a_long_cell_beside_a_ragged_row_is_still_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="rows with more or fewer: 1"):
        read(tmp_path, "id,t\n1," + "x" * 400_000 + "\n2\n")


# Column types


def test_plain_types(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "i,gap,f,d,t,b,s\n1,5,0.5,2024-02-29,2024-01-01 10:00,True,x\n-2,,1e-05,1999-12-31,2024-01-02 11:30,False,\n",
    )
    kinds = {name: str(kind) for name, kind in table.data.dtypes.items()}
    assert kinds["i"] == "int64"
    assert kinds["gap"] == "Int64"
    assert kinds["f"] == "float64"
    assert kinds["d"].startswith("datetime64")
    assert kinds["t"].startswith("datetime64")
    assert kinds["b"] == "bool"
    assert table.data["f"].tolist() == [0.5, 1e-05]
    assert table.data["d"].dt.strftime("%d %m %Y").tolist() == ["29 02 2024", "31 12 1999"]
    assert table.data["gap"].isna().tolist() == [False, True]
    assert is_text(table.data["s"])
    assert table.data["s"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "cells",
    [
        ["01000", "1000"],
        ["1", "01", "1.0"],
        ["1 ", "1"],
        ["+33612345678", "0612345678"],
        ["007", "008"],
        ["1", "2A"],
        ["1e0", "2e5"],
        ["00", "0"],
        ["١", "1"],
        ["1_000", "2"],
        ["0x10", "16"],
        ["-01", "1"],
        ["True", "1"],
        ["yes", "no"],
        ["true", "False"],
        ["2024-02-30", "2024-01-01"],
        ["2024-01-01", "2024-01-01 00:00"],
        ["5/3/1984", "31/12/1975"],
        ["1 000", "2 000"],
        ["732 829 320", "404 833 048"],
    ],
)
def test_mixed_or_lossy_columns_stay_text(tmp_path: Path, cells: list[str]) -> None:
    content = "id,code\n" + "".join(f'{i},"{cell}"\n' for i, cell in enumerate(cells))
    assert read(tmp_path, content).data["code"].tolist() == cells


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["01000", "1000"], "leading zeros"),
        (["1", "2", "A1"], r"only some cells are plain numbers .* 'code' \(<10\)"),
        (["9223372036854775808", "1"], "lose digits"),
        (["1e5", "2e5"], "codes are"),
        (["0.5", "inf", "nan"], "nan and inf"),
        (["12 345", "1 000"], "marks for thousands"),
        (["1'234.5", "12'000"], "marks for thousands"),
        (["01/02/2003", "03/04/2005"], "day and month cannot be told apart"),
        (["12/31/2003", "01/15/2005"], "day and month cannot be told apart"),
    ],
)
def test_a_note_says_why_a_column_stays_text(tmp_path: Path, cells: list[str], words: str) -> None:
    table = read(tmp_path, "id,code\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)))
    assert table.data["code"].tolist() == cells
    notes = " ".join(table.notes)
    assert re.search(words, notes), notes
    assert "'code'" in notes


def test_huge_integers_never_melt(tmp_path: Path) -> None:
    cells = ["12345678901234567890", "12345678901234567891", "-9223372036854775809", "1"]
    mixed = ["9007199254740993", "9007199254740992.0", "0.5", "2"]
    content = "a,b\n" + "".join(f"{a},{b}\n" for a, b in zip(cells, mixed, strict=True))
    table = read(tmp_path, content)
    assert table.data["a"].tolist() == cells
    assert table.data["b"].tolist() == mixed
    edge = read(tmp_path, "a\n9223372036854775807\n-9223372036854775808\n")
    assert edge.data["a"].tolist() == [2**63 - 1, -(2**63)]


def test_whole_numbers_with_gaps_keep_every_digit(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n9007199254740993,1\n,2\n")
    assert table.data["a"].tolist()[0] == 9007199254740993


def test_decimals_that_a_float_cannot_tell_apart_stay_text(tmp_path: Path) -> None:
    cells = ["0.12345678901234567890", "0.12345678901234567891"]
    assert read(tmp_path, "x\n" + "\n".join(cells)).data["x"].tolist() == cells


def test_one_number_written_in_several_ways_is_one_number(tmp_path: Path) -> None:
    table = read(tmp_path, "y\n0.0\n-0.0\n0\n-0\n5e-324\n0.1\n0.10\n")
    assert table.data["y"].nunique() == 3
    assert any("became one value: 'y'" in note for note in table.notes)


def test_words_among_numbers_can_be_named_as_missing(tmp_path: Path) -> None:
    content = "s\n0.5\nnan\ninf\n"
    assert is_text(read(tmp_path, content).data["s"])
    table = read(tmp_path, content, missing=["nan", "inf"])
    assert table.data["s"].tolist()[0] == 0.5
    assert table.data["s"].isna().sum() == 2
    assert np.isfinite(table.data["s"].dropna()).all()
    assert is_text(read(tmp_path, "s\n0.5\n1.0e400\n").data["s"])


@pytest.mark.parametrize("first", [0, 3])
def test_pseudonyms_that_look_like_numbers_stay_text(tmp_path: Path, first: int) -> None:
    cells = [
        "79e8035325861389424130119442195313453413",
        "123456789012345678901234567890123456789e",
        "00e9999999999999999999999999999999999999",
        "1234567890123456789012345678901234567890",
        "12e45678",
        "7e8035325",
    ]
    cells = cells[first:] + cells[:first]
    assert read(tmp_path, "p\n" + "\n".join(cells)).data["p"].tolist() == cells


def test_text_asked_for_stays_text(tmp_path: Path) -> None:
    table = read(tmp_path, "zip,age\n75011,34\n69003,51\n", text="zip")
    assert table.data["zip"].tolist() == ["75011", "69003"]
    assert table.data["age"].tolist() == [34, 51]


def test_a_column_whose_every_cell_starts_with_a_blank(tmp_path: Path) -> None:
    table = read(tmp_path, "age, pay, who\n39, 77516, State\n50, 83311, ?\n")
    assert table.data[" pay"].tolist() == [77516, 83311]
    assert table.data[" who"].tolist() == [" State", " ?"]
    assert any("starts with a blank" in note and "' pay'" in note for note in table.notes)
    assert any("are kept (cells): ' who' (<10)" in note for note in table.notes)
    assert is_text(read(tmp_path, "a, b\n1, 2\n3,4\n").data[" b"])


def test_blanks_before_french_dates(tmp_path: Path) -> None:
    table = read(tmp_path, "pay; né\n1,5; 05/03/1984\n2,5; 06/04/1990\n")
    assert table.data[" né"].dt.month.tolist() == [3, 4]
    notes = " ".join(table.notes)
    assert "starts with a blank; read without it: ' né'" in notes
    assert "day/month/year: ' né'" in notes


def test_cells_beside_missing_ones_are_whole(tmp_path: Path) -> None:
    """In pyarrow 18.1, pc.if_else with a null scalar spoils texts after the first null."""
    cells = ["5", "", "7", "", "12345", "été", "", "a longer text"]
    table = read(tmp_path, "id,t\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)))
    assert table.data["t"].fillna("").tolist() == cells


def test_blanks_and_usual_marks_are_kept_and_noted(tmp_path: Path) -> None:
    table = read(tmp_path, "c,d\nNA,x\nNA,x \n?,Null\n,None\n \u00a0,y\n")
    assert table.data["c"].tolist()[:3] == ["NA", "NA", "?"]
    assert table.data["c"].isna().sum() == 1
    kept = next(note for note in table.notes if "often mean" in note)
    for part in ("'NA' in 'c' (<10)", "'?' in 'c' (<10)", "'Null' in 'd' (<10)", "'None' in 'd' (<10)"):
        assert part in kept
    assert any("are kept (cells): 'd' (<10)" in note for note in table.notes)


def test_missing_marks_are_those_asked_for(tmp_path: Path) -> None:
    table = read(tmp_path, "c,n\nNA,1\n?,?\nFR,3\n,\n", missing="?")
    assert table.data["c"].isna().tolist() == [False, True, False, True]
    assert table.data["n"].dtype == "Int64"
    assert "Read as missing, beside empty cells, as asked (cells): '?' in 'c' (<10), '?' in 'n' (<10)." in table.notes
    assert "Empty cells are read as missing (cells): 'c' (<10), 'n' (<10)." in table.notes


def test_counts_of_cells_are_exact_where_ten_or_more_stand_on_either_side(tmp_path: Path) -> None:
    def cells(filled: str, n: int, other: str) -> list[str]:
        return [filled] * n + [other] * (1_200 - n)

    columns = {
        "nine": cells("", 9, "x"),
        "ten": cells("", 10, "x"),
        "many": cells("", 1_190, "x"),
        "most": cells("", 1_191, "x"),
        "marks": ["NA"] * 600 + ["?"] * 591 + ["x"] * 9,
        "asked": ["gone"] * 1_191 + ["x"] * 9,
        "blanks": cells(" x", 1_191, "x"),
        "mixed": cells("5x", 11, "5"),
    }
    rows = "\n".join(map(",".join, zip(*columns.values(), strict=True)))
    notes = read(tmp_path, f"{','.join(columns)}\n{rows}\n", missing="gone").notes
    assert "Empty cells are read as missing (cells): 'nine' (<10), 'ten' (10), 'many' (1,190), 'most' (10+)." in notes
    assert "Read as missing, beside empty cells, as asked (cells): 'gone' in 'asked' (10+)." in notes
    assert any("'?' in 'marks' (10+), 'NA' in 'marks' (10+)." in note for note in notes)
    assert any("are kept (cells): 'blanks' (10+)" in note for note in notes)
    assert any("how many are not): 'mixed' (11)" in note for note in notes)


def test_columns_without_any_value_are_noted(tmp_path: Path) -> None:
    table = read(tmp_path, "id,a,b\n1,,\n2,,\n")
    assert table.data["a"].isna().all()
    assert "No cell holds a value: 'a', 'b'." in table.notes


# French exports


def test_french_export(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "id;cp;né;pay;part\r\n"
        "1;01000;05/03/1984;2\u202f345,67;0,125\r\n"
        "2;06000;12/11/1990;1\u00a0980,00;0,5\r\n"
        "3;2A004;01/02/1975;3 100,50;1\r\n4;75011;01/02/2001;-12,00;0,333\r\n",
    )
    assert table.data["pay"].tolist() == [2345.67, 1980.0, 3100.5, -12.0]
    assert table.data["part"].tolist() == [0.125, 0.5, 1.0, 0.333]
    assert table.data["cp"].tolist()[0] == "01000"
    assert table.data["né"].dt.strftime("%Y-%m-%d").tolist()[0] == "1984-03-05"
    assert any("decimal comma was found" in note for note in table.notes)
    assert any("day/month/year: 'né'" in note for note in table.notes)


def test_decimal_comma_asked_for_in_a_comma_file(tmp_path: Path) -> None:
    content = 'a,b\n"1,5",x\n"2,25",y\n'
    kept = read(tmp_path, content)
    assert kept.data["a"].tolist() == ["1,5", "2,25"]
    assert any("decimal=','" in note for note in kept.notes)
    assert read(tmp_path, content, decimal=",").data["a"].tolist() == [1.5, 2.25]


def test_commas_that_may_be_thousands_are_not_guessed(tmp_path: Path) -> None:
    content = "a;b\n1,234;x\n12,500;y\n"
    kept = read(tmp_path, content)
    assert kept.data["a"].tolist() == ["1,234", "12,500"]
    assert any("decimal=','" in note for note in kept.notes)
    assert read(tmp_path, content, decimal=",").data["a"].tolist() == [1.234, 12.5]
    assert read(tmp_path, "a;b\n1,5;x\n2,5;y\n", decimal=".").data["a"].tolist() == ["1,5", "2,5"]


def test_a_file_with_points_and_commas_is_not_guessed(tmp_path: Path) -> None:
    table = read(tmp_path, "a;b\n1,5;0.5\n2,5;0.25\n")
    assert table.data["b"].tolist() == [0.5, 0.25]
    assert table.data["a"].tolist() == ["1,5", "2,5"]
    asked = read(tmp_path, "a;b\n1,5;0.5\n2,5;0.25\n", decimal=",")
    assert asked.data["a"].tolist() == [1.5, 2.5]
    assert any("point stands in numbers" in note and "'b'" in note for note in asked.notes)


def test_points_for_thousands_beside_a_decimal_comma_are_not_guessed(tmp_path: Path) -> None:
    table = read(tmp_path, "a;b\n1.234,56;1,5\n-12,5;2,5\n")
    assert table.data["a"].tolist() == ["1.234,56", "-12,5"]
    assert table.data["b"].tolist() == [1.5, 2.5]
    assert any("marks for thousands" in note and "'a'" in note for note in table.notes)


def test_day_first_when_a_day_shows_it(tmp_path: Path) -> None:
    table = read(tmp_path, "d\n05/03/1984\n31/12/1975\n\n")
    assert table.data["d"].dt.month.tolist() == [3, 12]
    assert read(tmp_path, "d,e\n31.12.1975,1\n30.06.1980,2\n").data["d"].dt.day.tolist() == [31, 30]
    assert is_text(read(tmp_path, "d,e\n31/12/1975,1\n31/02/1980,2\n").data["d"])


# Nothing discloses


def test_no_note_holds_a_cell(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        'id;nom;pay\n1;"Zoé Secret ";12,5\n2;Caché;x77\n3;0042;8 000,5\n\n4;;inf\n'.encode("cp1252"),
        missing=["x77"],
    )
    notes = " ".join(table.notes)
    for cell in ("Zoé", "Secret", "Caché", "0042", "12,5", "8 000"):
        assert cell not in notes


def test_errors_are_riskscope_errors() -> None:
    assert issubclass(ReadError, RiskscopeError)
