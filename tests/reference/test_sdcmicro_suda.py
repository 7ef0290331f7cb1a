"""sdcMicro 5.8.1's SUDA2: scores, contributions and DIS-SUDA of every record, and of columns and values.

It works DIS-SUDA out in single precision (some 1e-7). A missing value, recoded to -999 there, is never part of a
set. Where it errs (fewer than three columns, NaN, columns that repeat each other) tests/risk has the definition.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import riskscope as rs

CLOSE = 1e-12
SINGLE_PRECISION = 1e-6
CASES = ["francdat", "francdat_ihsn", "testdata_K5", "testdata_K7", "testdata_K7_f0.1", "testdata_K7_ihsn"]
CASES += ["testdata_na_K7", "testdata2_K7", "free1_B", "free1_C"]


def cases(shared: Path) -> dict[str, Any]:
    text = (shared / "reference" / "sdcmicro" / "reference.json").read_text(encoding="utf-8")
    return {case["id"]: case for case in json.loads(text)["cases"]}


def test_every_case_is_tested(shared: Path) -> None:
    assert {name for name in cases(shared) if name.startswith("suda_")} == {f"suda_{name}" for name in CASES}


@pytest.mark.parametrize("few", [0, 10**9])
@pytest.mark.parametrize("name", CASES)
def test_suda(name: str, few: int, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskscope.risk.special_uniques.FEW", few)
    case = cases(shared)[f"suda_{name}"]
    folder = shared / "reference" / "sdcmicro"
    frame = pd.read_csv(folder / "data" / f"{case['dataset']}.csv")
    expected = pd.read_csv(folder / case["vectors_csv"])
    settings, results, names = case["params"], case["results"], case["params"]["variables"]
    ours = rs.special_uniques(
        frame,
        names,
        score="suda" if settings["original_scores"] else "ihsn",
        dis_fraction=settings["DisFraction"],
        missing="sdcmicro",
    )
    assert ours.score.tolist() == pytest.approx(expected["score"].tolist(), rel=CLOSE)
    assert ours.dis.tolist() == pytest.approx(expected["dis"].tolist(), rel=SINGLE_PRECISION)
    theirs = expected[[f"{column}_contribution" for column in names]].to_numpy()
    assert ours.contributions == pytest.approx(theirs, rel=CLOSE)
    assert (ours.score > 0).sum() == results["n_score_gt0"]
    assert ours.highest_score == pytest.approx(results["max_score"], rel=CLOSE)
    for each in results["attribute_contributions"]:
        assert 100 * ours.contribution[each["variable"]] == pytest.approx(each["contribution"], rel=1e-9)
    table = rs.count(frame, names)
    for each in results["attribute_level_contributions_first20"]:
        level = table.levels[names.index(each["variable"])]
        share = ours.by_code[each["variable"]][level.to_list().index(each["attribute"]) + level.has_missing]
        expected_share = math.nan if each["contribution"] == "NaN" else each["contribution"]
        assert 100 * share == pytest.approx(expected_share, rel=1e-9, nan_ok=True)
