"""Conditional disparity on COMPAS, Adult, German credit and Ricci: every exact value, and smclarify's."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskscope.fairness.conditional import stratified
from riskscope.fairness.conditional import words as conditional_words
from riskscope.fairness.conditional.audit import ConditionalDisparity, conditional_disparity

#: Exact rationals, rounded to doubles; sums in another order.
CLOSE = 1e-12
#: statsmodels' p-values are 1 less a share; ours keep their digits.
CLOSE_P = 1e-9


@cache
def reference(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "reference.json").read_text(encoding="utf-8"))


@cache
def data(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "data" / f"{name}.csv", dtype={"priors_band": str})


def cases(folder: Path) -> list[tuple[str, str, str, dict[str, Any], str | None]]:
    """(data set, protected columns, control feature, exact values, reference group)."""
    found = []
    for name, exact in reference(folder)["exact"].items():
        attributes = exact.get("attributes", {"race": exact})
        for columns, values in attributes.items():
            group = values["uncertainty_selection_rate"]["reference"]
            found += [(name, columns, each, parts, group) for each, parts in values["conditional"].items()]
    return found


def audit(folder: Path, name: str, columns: str, control: str, **options: Any) -> ConditionalDisparity:
    frame = data(folder, name)
    return conditional_disparity(
        y_pred=frame["y_pred"],
        sensitive_features=frame[columns.split("|")],
        control_features=frame[control],
        favourable_label=reference(folder)["exact"][name]["favourable_y_pred"],
        **{"min_cell": 1, "n_permutations": 99} | options,
    )


def shown(name: str) -> str:
    return name.replace("|", " · ")


def exactly(value: dict[str, Any] | None) -> float:
    return np.nan if value is None else value["f"]


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "reference" / "fairness"


def test_disparity_of_every_group_and_stratum(folder: Path) -> None:
    n_values = 0
    for name, columns, control, parts, _group in cases(folder):
        dropped, zero = (audit(folder, name, columns, control, empty=empty) for empty in ("drop", "zero"))
        by_stratum = dropped.by_stratum.set_index(["group", "stratum"])
        for group, exact in parts["cdd"].items():
            row = dropped.by_group.loc[shown(group)]
            assert row["n_people"] == exact["n"]
            assert row["dd"] == pytest.approx(exactly(exact["dd"]), abs=CLOSE)
            assert row["cdd"] == pytest.approx(exactly(exact["cdd_drop"]), abs=CLOSE)
            assert zero.by_group.loc[shown(group), "cdd"] == pytest.approx(exactly(exact["cdd_zero"]), abs=CLOSE)
            for stratum, values in exact["strata"].items():
                cell = by_stratum.loc[(shown(group), stratum)]
                assert (cell["n_stratum"], cell["rejected"], cell["accepted"]) == (
                    values["n"],
                    values["rejected"],
                    values["accepted"],
                )
                for name_here in ("share_of_rejected", "share_of_accepted", "dd"):
                    wanted = exactly(values[name_here])
                    assert cell[name_here] == pytest.approx(wanted, abs=CLOSE, nan_ok=True)
                n_values += 1
    assert n_values > 300


def test_standardised_rates(folder: Path) -> None:
    names = {
        "difference": "difference",
        "standardised_rate": "standardised_rate",
        "standardised_rate_reference": "standardised_rate_other",
        "standardised_difference": "standardised_difference",
        "explained(Kamiran-Zliobaite)": "explained",
    }
    for name, columns, control, parts, group in cases(folder):
        table = audit(folder, name, columns, control, reference=shown(group)).by_group
        for each, exact in parts["standardised"].items():
            row = table.loc[shown(each)]
            for theirs, ours in names.items():
                assert row[ours] == pytest.approx(exactly(exact[theirs]), abs=CLOSE, nan_ok=True), (name, each, ours)
            unexplained = row["difference"] - row["explained"]
            assert unexplained == pytest.approx(exactly(exact["unexplained"]), abs=CLOSE, nan_ok=True)
            assert row["n_strata_skipped"] == len(exact["skipped_strata"])


def test_tests_over_strata(folder: Path) -> None:
    n_cases = 0
    for name, columns, control, parts, group in cases(folder):
        for title, exact in parts.items():
            if not title.startswith("cmh"):
                continue
            n_cases += 1
            each = title[len("cmh(") :].split(" vs ")[0]
            found = audit(folder, name, columns, control, reference=shown(group))
            row = found.by_group.loc[shown(each)]
            assert row["odds_ratio"] == pytest.approx(exact["oddsratio_pooled"], rel=CLOSE_P)
            for ours, theirs in (("cmh", "cmh"), ("breslow_day", "breslow_day_tarone")):
                assert row[ours] == pytest.approx(exact[theirs], rel=CLOSE_P)
                assert row[f"{ours}_p"] == pytest.approx(exact[f"{theirs}_p"], abs=CLOSE_P)
            tables = np.array(exact["tables[[a:1,a:0],[ref:1,ref:0]]"], float)
            hits, n = tables[:, :, 0].T, tables.sum(axis=2).T  # each (two sides, n_strata)
            sides = hits[[0]], n[[0]], hits[[1]], n[[1]]
            chi2, p = stratified.cochran_mantel_haenszel(*sides, correction=True)
            assert chi2[0] == pytest.approx(exact["cmh_continuity"], rel=CLOSE_P)
            assert p[0] == pytest.approx(exact["cmh_continuity_p"], abs=CLOSE_P)
            chi2, p = stratified.breslow_day(*sides, tarone=False)
            assert chi2[0] == pytest.approx(exact["breslow_day"], rel=CLOSE_P)
            assert p[0] == pytest.approx(exact["breslow_day_p"], abs=CLOSE_P)
    assert n_cases == 4


def test_smclarify(folder: Path) -> None:
    """The same number, undefined shares taken as 0."""
    n_values = 0
    for name, by_columns in reference(folder)["peers"]["smclarify"].items():
        for columns, by_group in by_columns.items():
            if not isinstance(by_group, dict):
                continue
            for group, values in by_group.items():
                for title, value in values.items() if isinstance(values, dict) else ():
                    if title.startswith("CDDPL by "):
                        control = title[len("CDDPL by ") :]
                        found = _zero(folder, name, columns, control)
                        assert found.by_group.loc[shown(group), "cdd"] == pytest.approx(value, abs=1e-9)
                        n_values += 1
    assert n_values > 60


@cache
def _zero(folder: Path, name: str, columns: str, control: str) -> ConditionalDisparity:
    return audit(folder, name, columns, control, empty="zero")


def test_aif360_has_no_strata(folder: Path) -> None:
    """D7: its 'conditional' disparity of COMPAS by race averages over the races; here is what that does."""
    theirs = reference(folder)["peers"]["aif360"]["compas"]["race"]["sklearn_api"]
    found = audit(folder, "compas", "race", "priors_band").by_group
    averaged = (found["dd"] * found["n_people"]).sum() / found["n_people"].sum()
    assert averaged == pytest.approx(theirs["conditional_demographic_disparity(pos_label=0)"], abs=1e-9)
    assert (found["cdd"] - averaged).abs().min() > 0.01


def test_what_the_notes_on_peers_say(folder: Path) -> None:
    ricci = audit(folder, "ricci", "race", "position", n_permutations=1999)
    assert ricci.by_group.loc["Non-White", "cdd"] == pytest.approx(0.295, abs=5e-4)
    assert ricci.by_group.loc["Non-White", "verdict"] == "disparity found"
    women = audit(folder, "compas", "sex", "priors_band").by_group.loc["Female"]
    assert (women["dd"], women["cdd"]) == pytest.approx((-0.031, 0.015), abs=5e-4)
    adult = audit(folder, "adult", "sex", "edu_band").by_group.loc["Female"]
    assert (adult["dd"], adult["cdd"]) == pytest.approx((0.261, 0.290), abs=5e-4)
    assert adult["simpson"] == conditional_words.REMAINS
