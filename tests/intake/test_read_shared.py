"""Reading the files beside the checkout: malformed ones with their facts, real ones with their counts.

Skipped where the folder ``shared`` is not there.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskscope.errors import ReadError
from riskscope.intake.read import TableFile, read_table

SHARED = Path(__file__).parents[2] / ".." / "shared"
NASTY, DATA = SHARED / "nasty", SHARED / "data"

if not (NASTY / "expected.json").exists() or not (DATA / "index.json").exists():
    pytest.skip("no folder 'shared' beside the checkout", allow_module_level=True)

EXPECTED: dict[str, dict[str, Any]] = {
    entry["file"]: entry for entry in json.loads((NASTY / "expected.json").read_text(encoding="utf-8"))
}
TABLES: list[dict[str, Any]] = json.loads((DATA / "index.json").read_text(encoding="utf-8"))
ERRORS = {
    "07_empty.csv": "is empty: it holds 0 bytes",
    "08_header_only.csv": "0 rows",
    "09_ragged_rows.csv": "line 4 has 6 fields",
    "37_workbook_three_sheets.xlsx": r"'Lisez-moi', 'données' \(hidden: 'caché'\).*sheet=",
    "41_truncated.parquet": "cut short or damaged",
}
READ = sorted(set(EXPECTED) - set(ERRORS))


def nasty(name: str, **options: Any) -> TableFile:
    return read_table(NASTY / name, **options)


def class_counts(data: pd.DataFrame, columns: list[str]) -> Counter[tuple[str, ...]]:
    """Return how many rows share each combination, every cell as text: a loop and a dict."""
    texts = [data[column].astype(str).tolist() for column in columns]
    return Counter(zip(*texts, strict=True))


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_what_must_be_refused_is_one_clear_error(name: str) -> None:
    with pytest.raises(ReadError, match=ERRORS[name]) as caught:
        nasty(name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", READ)
def test_rows_and_columns_are_those_expected(name: str) -> None:
    start = time.perf_counter()
    table = nasty(name)
    assert time.perf_counter() - start < 10
    facts = EXPECTED[name]["facts"]
    known = {"43_everybody_equal.csv": 12, "28_html_in_values.csv": 16}
    assert len(table.data) == facts.get("rows", known.get(name))
    if "columns" in facts:
        assert table.data.columns.tolist() == facts["columns"]
    if "n_columns" in facts:
        assert table.data.shape[1] == facts["n_columns"]
    assert not any("\ufffd" in str(column) or "\x00" in str(column) for column in table.data.columns)


@pytest.mark.parametrize(
    ("name", "column", "fact"),
    [
        ("03_fr_semicolon_decimal_comma.csv", "code_postal", "distinct_code_postal"),
        ("17_mixed_int_str.csv", "code", "distinct_code_as_text"),
        ("17_mixed_int_str.csv", "dept", "distinct_dept_as_text"),
        ("19_huge_integers.csv", "person_id", "distinct_person_id"),
        ("19_huge_integers.csv", "account", "distinct_account"),
        ("20_leading_zero_postcodes.csv", "code_postal", "distinct_code_postal"),
        ("22_infinities_negative_zero.csv", "y", "distinct_y_numeric"),
        ("25_hash_that_looks_like_a_number.csv", "pseudonym", "distinct_pseudonym"),
        ("28_html_in_values.csv", "city", "distinct_city"),
        ("29_formula_injection.csv", "name", "distinct_name"),
    ],
)
def test_distinct_values_are_those_expected(name: str, column: str, fact: str) -> None:
    assert nasty(name).data[column].nunique() == EXPECTED[name]["facts"][fact]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("32_fine.csv.gz", ["age", "sex", "zip"]),
        ("10_one_column.csv", ["age"]),
        ("43_everybody_equal.csv", ["age", "sex", "zip", "disease"]),
        ("44_everybody_unique.csv", ["uid", "age", "sex", "zip"]),
    ],
)
def test_class_sizes_are_those_expected(name: str, columns: list[str]) -> None:
    counts = class_counts(nasty(name).data, columns)
    facts = EXPECTED[name]["facts"]
    assert min(counts.values()) == facts["k"]
    assert list(counts.values()).count(1) == facts.get("unique", 0)


def test_latin_letters_are_right() -> None:
    table = nasty("02_latin1.csv")
    assert table.data["ville"].tolist() == ["Saint-Étienne", "Orléans", "Nîmes"]
    assert table.data["nom"].tolist() == ["LEFÈVRE", "MUÑOZ", "Cœur"]
    assert any("cp1252" in note and "0xE9 at position 6" in note for note in table.notes)


def test_french_export_is_read() -> None:
    table = nasty("03_fr_semicolon_decimal_comma.csv")
    facts = EXPECTED["03_fr_semicolon_decimal_comma.csv"]["facts"]
    assert table.data["salaire_mensuel"].tolist() == facts["salaire"]
    assert table.data["naissance"].iloc[0] == pd.Timestamp(1984, 3, 5)
    assert table.data["code_postal"].iloc[0] == "01000"
    assert table.data["taux"].tolist() == [0.125, 0.5, 1.0, 0.333]


def test_columns_without_values_change_no_class() -> None:
    table = nasty("11_all_null_column.csv")
    facts = EXPECTED["11_all_null_column.csv"]["facts"]
    assert min(class_counts(table.data, ["age", "sex"]).values()) == facts["k_age_sex"]
    assert min(class_counts(table.data, ["age", "sex", "comment"]).values()) == facts["k_with_comment"]
    assert "No cell holds a value: 'comment', 'score'." in table.notes


def test_long_cells_and_line_breaks_are_kept() -> None:
    assert nasty("16_very_long_strings.csv").data["text"].str.len().tolist() == [400_000, 200_002, 5]
    assert nasty("14_line_ends_mixed.csv").data["note"].iloc[1] == "two\r\nlines"


def test_na_is_namibia() -> None:
    table = nasty("21_na_strings_namibia.csv")
    facts = EXPECTED["21_na_strings_namibia.csv"]["facts"]
    assert table.data["country"].isna().sum() == facts["country_missing"]
    assert (table.data["country"] == "NA").sum() == facts["country_NA"]
    assert table.data["surname"].isna().sum() == facts["surname_missing"]
    assert any("'NA' in 'country' (<10)" in note for note in table.notes)
    asked = nasty("21_na_strings_namibia.csv", missing=["NA", "?"])
    assert asked.data["country"].isna().sum() == 3
    assert any("as asked" in note and "'NA' in 'country' (<10)" in note for note in asked.notes)


def test_infinities_are_noted_and_never_numbers() -> None:
    table = nasty("22_infinities_negative_zero.csv")
    assert any("nan and inf" in note and "'score', 'x'" in note for note in table.notes)
    numbers = table.data.select_dtypes("number")
    assert np.isfinite(numbers.to_numpy()).all()


def test_booleans_written_every_way_stay_text() -> None:
    table = nasty("23_booleans_every_way.csv")
    assert table.data["a"].nunique() == 10
    assert not pd.api.types.is_bool_dtype(table.data["label"])


def test_packed_and_misnamed_files_say_so() -> None:
    assert any("gzip" in note for note in nasty("31_gzip_named_csv.csv").notes)
    assert any("Excel workbook" in note for note in nasty("34_xlsx_named_csv.csv").notes)
    assert any("delimited text" in note for note in nasty("35_csv_named_xlsx.xlsx").notes)
    assert any("UTF-16" in note for note in nasty("04_utf16_tab.txt").notes)


def test_the_sheet_asked_for_is_read() -> None:
    table = nasty("37_workbook_three_sheets.xlsx", sheet="données")
    assert len(table.data) == EXPECTED["37_workbook_three_sheets.xlsx"]["facts"]["rows_donnees"]
    assert table.data["code_postal"].tolist()[:2] == ["01000", "1000"]
    notes = " ".join(table.notes)
    for part in ("several kinds", "formula and not its value", "merged area"):
        assert part in notes


def test_categories_stay_categories() -> None:
    table = nasty("38_categorical_unused_levels.parquet")
    facts = EXPECTED["38_categorical_unused_levels.parquet"]["facts"]
    assert isinstance(table.data["grade"].dtype, pd.CategoricalDtype)
    assert table.data["grade"].cat.categories.tolist() == ["low", "mid", "high"]
    counts = class_counts(table.data, ["region", "grade", "age"])
    assert (len(counts), min(counts.values())) == (facts["n_classes"], facts["k_region_grade_age"])


def test_groups_without_a_name_are_missing() -> None:
    table = nasty("45_fairness_edge_groups.csv")
    facts = EXPECTED["45_fairness_edge_groups.csv"]["facts"]
    assert table.data["group"].isna().sum() == facts["n_missing_group"]
    assert table.data["group"].value_counts().to_dict() == facts["groups"]


@pytest.mark.parametrize("entry", TABLES, ids=lambda entry: str(entry["file"]))
def test_real_tables_have_their_rows_columns_and_classes(entry: dict[str, Any]) -> None:
    table = read_table(DATA / entry["file"])
    assert table.data.shape == (entry["rows"], entry["cols"])
    repeats = Counter(entry["columns"])
    once = [column for column in entry["columns"] if repeats[column] == 1]
    assert [column for column in table.data.columns if column in set(once)] == once
    reference = entry["reference"]
    if reference is None:
        return
    counts = class_counts(table.data, reference["qi"])
    sizes = list(counts.values())
    assert sum(sizes) == reference["rows"]
    assert len(sizes) == reference["classes"]
    assert sizes.count(1) == reference["unique"]
    assert (min(sizes), max(sizes)) == (reference["k"], reference["largest"])
    assert sum(size for size in sizes if size < 5) == reference["below5"]


def test_adult_is_read_quickly() -> None:
    read_table(DATA / "adult_test.csv")
    start = time.perf_counter()
    read_table(DATA / "adult.csv")
    assert time.perf_counter() - start < 3  # about 0.2 s; the bound allows for a busy machine
