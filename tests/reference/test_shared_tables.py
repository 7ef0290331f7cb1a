"""Class counts of every published table beside the checkout, as its index states them, on both paths."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import riskscope as rs

FILES = ["adult", "adult_arx", "compas_two_years", "bank_marketing", "credit_default_taiwan", "law_school", "cup_arx"]
FILES += ["sd2011_poland", "sdc_testdata", "sdc_free1", "sdc_francdat", "telco_churn", "stroke_k10_pycanon"]
FILES += ["drugs_k5_pycanon", "hospital_anonymized_pycanon", "adult_k10_anjana", "fr_lfs_puf_50k", "fr_motor_freMPL1"]


def index(shared: Path) -> dict[str, dict]:
    entries = json.loads((shared / "data" / "index.json").read_text(encoding="utf-8"))
    return {entry["file"].split(".")[0]: entry for entry in entries if entry.get("reference")}


def test_every_table_with_an_answer_is_tested(shared: Path) -> None:
    assert set(index(shared)) == set(FILES)


@pytest.mark.parametrize("file", FILES)
def test_class_counts(file: str, shared: Path, path: str) -> None:
    entry = index(shared)[file]
    expected = entry["reference"]
    frame = pd.read_csv(
        shared / "data" / entry["file"],
        sep=entry["sep"],
        encoding=entry["encoding"],
        dtype=str,
        keep_default_na=False,
        usecols=expected["qi"],
    )
    table = rs.count(frame, expected["qi"])
    result, unique = rs.k_anonymity(table, k=5), rs.uniqueness(table)
    found = {
        "rows": table.n_records,
        "classes": table.n_cells,
        "unique": unique.n_unique,
        "k": result.k,
        "largest": unique.largest,
        "below5": result.n_below,
    }
    assert found == {name: expected[name] for name in found}
