"""sdcMicro 5.8.1's answers: frequency counts with missing keys at its alphas, l-diversity, violations of k-anonymity.

sdcMicro counts every missing *sensitive* value as a value of its own kind, so that two missing ones make l = 2; here
missing is one value (its issue 300). Its risks after Benedetti and Franconi, SUDA and the rest are other measures.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import riskscope as rs

CLOSE = 1e-12
COUNTS = [
    "francdat_na_w_alpha1",
    "francdat_na_w_alpha0",
    "testdata_K5_now",
    "testdata_K7_w_mgr1e-4",
    "testdata_K8_w_hh",
]
COUNTS += ["testdata_K7_hhweights", "testdata_na_K7_w_alpha1", "testdata_na_allna_K5_w_alpha1"]
COUNTS += ["testdata_na_allna_K5_w_alpha0", "testdata2_K7_w", "EIA_now"]
DIVERSITY = ["testdata_K5s_relat_c3", "testdata_K5s_electcon_relat_c2", "testdata_urbsex_relat", "free1_EDUC1"]
DIVERSITY += ["free1_EDUC1_POSLABM", "testdata_na_relat", "testdata_na_sensNA"]


def cases(shared: Path) -> dict[str, Any]:
    text = (shared / "reference" / "sdcmicro" / "reference.json").read_text(encoding="utf-8")
    return {case["id"]: case for case in json.loads(text)["cases"]}


def table(shared: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(shared / "reference" / "sdcmicro" / "data" / f"{name}.csv")


def vectors(shared: Path, case: dict[str, Any]) -> pd.DataFrame:
    return pd.read_csv(shared / "reference" / "sdcmicro" / case["vectors_csv"])


def test_every_case_is_tested(shared: Path) -> None:
    known = cases(shared)
    assert {name for name in known if name.startswith("risk_")} == {f"risk_{name}" for name in COUNTS}
    assert {name for name in known if name.startswith("ldiv_")} == {f"ldiv_{name}" for name in DIVERSITY}


@pytest.mark.parametrize("name", COUNTS)
def test_frequency_counts(name: str, shared: Path, path: str) -> None:
    case = cases(shared)[f"risk_{name}"]
    frame, expected = table(shared, case["dataset"]), vectors(shared, case)
    weight, alpha = case["params"]["w"], case["params"]["alpha"]
    roles = rs.Roles(quasi_identifiers=case["params"]["keyVars"], weight=weight)
    counts = rs.class_sizes(frame, roles, missing="sdcmicro", alpha=alpha)
    assert counts.tolist() == expected["fk"].tolist()
    if weight:
        sums = rs.class_sizes(frame, roles, missing="sdcmicro", alpha=alpha, weighted=True)
        assert sums.tolist() == pytest.approx(expected["Fk"].tolist(), rel=CLOSE)
    result = rs.k_anonymity(frame, roles, k=5, missing="sdcmicro", alpha=alpha)
    assert result.n_below == case["results"]["n_fk_lt5"]
    assert result.n_unique == case["results"]["n1"]


def test_violations_of_k_anonymity(shared: Path) -> None:
    case = cases(shared)["kAnon_violations_testdata_K7"]
    frame = table(shared, "testdata")
    names = case["params"]["keyVars"]
    for k in (2, 3, 5):
        assert rs.k_anonymity(frame, names, k=k).n_below == case["results"][f"k{k}"]
    roles = rs.Roles(quasi_identifiers=names, weight=case["params"]["weightVar"])
    sums = rs.class_sizes(frame, roles, weighted=True)
    assert [int((sums < k).sum()) for k in (2, 3, 500)] == [case["results"][f"k{k}w"] for k in (2, 3, 500)]


@pytest.mark.parametrize("name", DIVERSITY)
def test_diversity_of_the_class_of_each_record(name: str, shared: Path) -> None:
    """Keys with a missing value are a category of their own in sdcMicro's ldiversity too."""
    case = cases(shared)[f"ldiv_{name}"]
    frame, expected = table(shared, case["dataset"]), vectors(shared, case)
    keys, c = case["params"]["keyVars"], case["params"]["l_recurs_c"]
    sensitive = case["params"]["ldiv_index"]
    compared = 0
    for column in [sensitive] if isinstance(sensitive, str) else sensitive:
        roles = rs.Roles(quasi_identifiers=keys, sensitive=column)
        for rows in frame.groupby(keys, dropna=False).indices.values():
            theirs = expected.iloc[rows[0]]
            n_missing = int(frame[column].iloc[rows].isna().sum())
            people = rs.count(frame.iloc[rows], roles)
            ours = rs.l_diversity(people).l
            assert theirs[f"{column}_Distinct_Ldiversity"] == ours + max(n_missing - 1, 0)
            if n_missing < 2:  # with more, sdcMicro's shares are of values that nobody else has
                entropy = rs.l_diversity(people, kind="entropy").l
                assert entropy == pytest.approx(theirs[f"{column}_Entropy_Ldiversity"], rel=CLOSE)
                recursive = rs.l_diversity(people, kind="recursive", c=c).l
                assert recursive == theirs[f"{column}_Recursive_Ldiversity"]
                compared += 1
    assert compared > 0


@pytest.mark.parametrize("name", [name for name in DIVERSITY if not name.endswith("NA")])
def test_people_whose_value_is_disclosed(name: str, shared: Path) -> None:
    case = cases(shared)[f"ldiv_{name}"]
    frame = table(shared, case["dataset"])
    for label, n in case["results"]["n_distinct_lt2"].items():
        roles = rs.Roles(quasi_identifiers=case["params"]["keyVars"], sensitive=label.split("_")[0])
        result = rs.l_diversity(frame, roles)
        assert result.l == case["results"]["min"][label]
        assert result.n_disclosed == n


def test_two_missing_sensitive_values_are_one() -> None:
    """sdcMicro says 2: each missing value is a value of its own there."""
    frame = pd.DataFrame({"q": ["x", "x"], "s": [None, None]})
    assert rs.l_diversity(frame, rs.Roles(quasi_identifiers="q", sensitive="s")).l == 1


def test_an_example_of_the_alphas() -> None:
    """FORMULAS A0, executed: alpha = 0 is not `a value of its own`, whatever sdcMicro's manual says."""
    frame = pd.DataFrame({"x": ["a", "a", "b", None], "y": [1, None, 1, 1]})
    assert rs.class_sizes(frame, ["x", "y"], missing="sdcmicro", alpha=0).tolist() == [1, 2, 1, 3]
    assert rs.class_sizes(frame, ["x", "y"]).tolist() == [1, 1, 1, 1]
