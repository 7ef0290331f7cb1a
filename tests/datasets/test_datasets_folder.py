"""The files in ``datasets/`` are what the generator gives."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from riskscope.datasets import load_customers, load_register
from riskscope.datasets.__main__ import main
from riskscope.datasets.dictionary import CUSTOMER_COLUMNS, REGISTER_COLUMNS, readme

FOLDER = Path(__file__).parents[2] / "datasets"
LARGEST = 10_000_000  # bytes
FILES = ["README.md", "customers.csv", "customers.parquet", "register.parquet"]


def as_text(column: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.dt.strftime("%Y-%m-%d")
    return ["" if pd.isna(each) else str(each) for each in column.tolist()]


@pytest.mark.parametrize(("name", "load"), [("customers", load_customers), ("register", load_register)])
def test_parquet_is_what_the_generator_gives(name, load):
    read, made = pd.read_parquet(FOLDER / f"{name}.parquet"), load()
    assert read.dtypes.equals(made.dtypes)
    for column in made:
        assert as_text(read[column]) == as_text(made[column]), column


def test_csv_is_what_the_generator_gives():
    customers = load_customers()
    with (FOLDER / "customers.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == list(customers)
    for name, values in zip(header, zip(*rows, strict=True), strict=True):
        assert list(values) == as_text(customers[name]), name


def test_files_are_small_enough():
    for name in FILES:
        assert 0 < (FOLDER / name).stat().st_size < LARGEST


def test_dictionary_describes_every_column():
    assert list(CUSTOMER_COLUMNS) == list(load_customers())
    assert list(REGISTER_COLUMNS) == list(load_register())


def test_page_is_up_to_date():
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == readme(load_customers(), load_register())


def test_command_writes_the_folder(tmp_path):
    main([str(tmp_path / "made")])
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == FILES
    for name in ("README.md", "customers.csv"):
        assert (tmp_path / "made" / name).read_bytes() == (FOLDER / name).read_bytes()
