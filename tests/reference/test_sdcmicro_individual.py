"""sdcMicro 5.8.1's individual and household risks; and the fit behind its modRisk, which itself is no reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import riskscope as rs
from reference.test_sdcmicro import COUNTS, cases, table, vectors
from riskscope.risk.individual_risk import IndividualRisk

#: Sums in another order.
CLOSE = 1e-12
#: From f = 111 on R's hypergeometric series loses digits (f = 176, F = 3247.1: 6e-10; in 50-digit arithmetic ours is
#: right to 1e-16).
LARGE, CLOSE_LARGE = 111, 1e-9
HOUSEHOLDS = ["testdata_K8_w_hh", "testdata_na_K7_w_alpha1", "testdata2_K7_w"]


def answer(shared: Path, case: dict[str, Any], method: str) -> IndividualRisk:
    options = case["params"]
    roles = rs.Roles(quasi_identifiers=options["keyVars"], weight=options["w"], household=options["hid"])
    frame = table(shared, case["dataset"])
    return rs.individual_risk(frame, roles, method=method, missing="sdcmicro", alpha=options["alpha"])


def test_every_household_case_is_tested(shared: Path) -> None:
    known = cases(shared)
    assert {f"risk_{name}" for name in HOUSEHOLDS} == {
        name for name, case in known.items() if name.startswith("risk_") and case["params"]["hid"]
    }


@pytest.mark.parametrize("name", COUNTS)
def test_individual_risk(name: str, shared: Path) -> None:
    case = cases(shared)[f"risk_{name}"]
    expected = vectors(shared, case)
    approx = answer(shared, case, "approx")
    assert approx.risk == pytest.approx(expected["risk_approx"].to_numpy(), rel=CLOSE)
    assert approx.expected_reidentifications == pytest.approx(case["results"]["expected_reidentifications"], rel=CLOSE)
    assert approx.mean == pytest.approx(case["results"]["global_risk"], rel=CLOSE)
    exact = answer(shared, case, "exact")
    small = (expected["risk_exact"].notna() & (expected["fk"] < LARGE)).to_numpy()
    large = (expected["risk_exact"].notna() & (expected["fk"] >= LARGE)).to_numpy()
    theirs = expected["risk_exact"].to_numpy()
    assert exact.risk[small] == pytest.approx(theirs[small], rel=CLOSE)
    assert exact.risk[large] == pytest.approx(theirs[large], rel=CLOSE_LARGE)
    assert small.any() or case["params"]["w"] is None


@pytest.mark.parametrize("name", HOUSEHOLDS)
def test_household_risk(name: str, shared: Path) -> None:
    case = cases(shared)[f"risk_{name}"]
    approx = answer(shared, case, "approx")
    assert approx.household_risk == pytest.approx(vectors(shared, case)["hier_risk"].to_numpy(), rel=CLOSE)
    assert approx.household_risk is not None
    assert approx.household_risk.sum() == pytest.approx(case["results"]["hier_risk_ER"], rel=CLOSE)
    assert approx.mean_household_risk == pytest.approx(case["results"]["hier_risk"], rel=CLOSE)


def test_the_object_of_sdcmicro(shared: Path) -> None:
    case = cases(shared)["sdcObj_testdata_K7"]
    options, expected = case["params"], case["results"]["global"]
    roles = rs.Roles(quasi_identifiers=options["keyVars"], weight=options["weightVar"], household=options["hhId"])
    risk = rs.individual_risk(table(shared, "testdata"), roles, method="approx")
    assert risk.expected_reidentifications == pytest.approx(expected["risk_ER"], rel=CLOSE)
    assert risk.mean_household_risk == pytest.approx(expected["hier_risk"], rel=CLOSE)


def test_the_fit_is_sdcmicros_and_its_modrisk_does_not_divide_it(shared: Path) -> None:
    """Its gr1 comes out of our fit when mu is not divided by pi and the sum is divided by the number of all classes."""
    case = cases(shared)["modRisk_testdata_K7_factor"]
    frame = table(shared, "testdata")
    names = ["urbrur", "roof", "walls", "water", "electcon", "relat", "sex"]
    n, pi = len(frame), 1 / 100  # every sampling weight is 100
    at_half = rs.log_linear_risk(frame, names, population_size=2 * n)  # v = mu
    mu = -np.log(at_half.population_unique[at_half.population_unique > 0])
    assert len(mu) == at_half.n_unique
    gr1 = np.exp(-(1 - pi) * mu).sum() / rs.count(frame, names).n_cells
    assert gr1 == pytest.approx(case["results"]["IPF"]["gr1"], rel=1e-9)
    assert at_half.n_cells == case["results"]["IPF"]["n_cells_fitted"]
    ours = rs.log_linear_risk(frame, names, population_size=100 * n)
    assert ours.tau1 == pytest.approx(5.47, abs=0.005)  # not gr1 * 412 = 92.7
