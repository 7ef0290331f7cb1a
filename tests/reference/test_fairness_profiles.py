"""COMPAS risk classes by race and sex against exact values; the market segments of a bank against scipy."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from riskscope.fairness.association import jensen_shannon
from riskscope.fairness.profiles.audit import ProfileAudit, audit_profiles

CLOSE = 1e-9


@pytest.fixture(scope="module", params=["race", "sex"])
def compas(request: pytest.FixtureRequest, shared: Path) -> tuple[ProfileAudit, dict[str, Any]]:
    folder = shared / "reference" / "fairness"
    exact = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["exact"]["compas"]
    frame = pd.read_csv(folder / "data" / "compas.csv")
    audit = audit_profiles(y_pred=frame["score_text"], sensitive_features=frame[request.param])
    return audit, exact["score_text_segments"][request.param]


def test_counts_and_shares_both_ways(compas: tuple[ProfileAudit, dict[str, Any]]) -> None:
    audit, exact = compas
    for (group, segment), row in audit.by_cell.iterrows():
        assert row["people"] == exact["counts"][group][segment]
        assert row["share_of_group"] == exact["segment_share_within_group"][group][segment]["f"]
        assert row["share_of_segment"] == exact["group_share_within_segment"][segment][group]["f"]
    assert len(audit.by_cell) == sum(len(each) for each in exact["counts"].values())


def test_segments(compas: tuple[ProfileAudit, dict[str, Any]]) -> None:
    audit, exact = compas
    for segment, expected in exact["per_segment_parity"].items():
        row = audit.by_segment.loc[segment]
        assert (row["highest"], row["lowest"]) == (expected["argmax"], expected["argmin"])
        assert (row["gap"], row["ratio"]) == pytest.approx((expected["difference"], expected["ratio"]), rel=CLOSE)


def test_distances(compas: tuple[ProfileAudit, dict[str, Any]]) -> None:
    audit, exact = compas
    pairs = audit.distances[audit.distances["second"] != "everybody"]
    assert len(pairs) == len(exact["pairs"])
    for each in pairs.itertuples():
        expected = exact["pairs"][f"{each.first}~{each.second}"]
        assert each.total_variation == pytest.approx(expected["total_variation"], rel=CLOSE)
        bits = expected["jensen_shannon_divergence_bits"]
        assert each.jensen_shannon == pytest.approx(bits * math.log(2), rel=1e-7)
    assert pairs["total_variation"].max() == pytest.approx(exact["max_total_variation"], rel=CLOSE)
    assert pairs["total_variation"].mean() == pytest.approx(exact["mean_total_variation"], rel=CLOSE)
    pooled = audit.distances[audit.distances["second"] == "everybody"].set_index("first")["total_variation"]
    assert pooled.to_dict() == pytest.approx(exact["tv_to_marginal"], rel=CLOSE)


def test_strength(compas: tuple[ProfileAudit, dict[str, Any]]) -> None:
    audit, exact = compas
    strength = audit.tested.strength
    assert (strength.chi2, strength.df) == (pytest.approx(exact["chi2"], rel=CLOSE), exact["dof"])
    assert strength.cramers_v == pytest.approx(exact["cramers_v"], rel=CLOSE)
    assert strength.mutual_information == pytest.approx(exact["mutual_information_nats"], rel=CLOSE)
    if len(exact["counts"]) == 2:
        assert audit.p_chi2 == pytest.approx(exact["p"], rel=1e-7)
    else:  # 11 people of one group: expected counts below 5, so tables are drawn
        assert audit.p_chi2 == 0.0005
    assert audit.verdict == "disparity found"


def test_marketing_segments_of_a_bank(shared: Path) -> None:
    """Occupations by marital status, as a profile without an order: many cells, some of them small."""
    frame = pd.read_csv(shared / "data" / "bank_marketing.csv", sep=None, engine="python")
    audit = audit_profiles(y_pred=frame["job"], sensitive_features=frame["marital"])
    table = pd.crosstab(frame["marital"], frame["job"]).to_numpy()
    judged = table[table.sum(axis=1) >= 10]
    expected = stats.chi2_contingency(judged, correction=False)
    assert audit.tested.strength.chi2 == pytest.approx(expected.statistic)
    assert audit.tested.expected == pytest.approx(expected.expected_freq)
    assert audit.verdict == "disparity found"
    assert np.nanmax(audit.by_segment["share_of_chi2"]) < 1
    assert jensen_shannon(judged).max() == pytest.approx(np.nanmax(audit.distances["jensen_shannon"]))
