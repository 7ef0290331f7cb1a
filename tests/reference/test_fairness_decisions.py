"""Exact values on four published data sets, ProPublica's figures, and where the tools disagree: who errs."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskscope.fairness.counts import GroupCounts, counts_of
from riskscope.fairness.decisions.audit import DecisionAudit, audit_counts, audit_decisions

#: Rounding of a few divisions of float64.
EXACT = 1e-12
#: The intervals come from statsmodels and SciPy, through logarithms and quantiles.
CLOSE = 1e-8

#: Their names of metrics, and ours.
METRICS = {"selection_rate": "selection_rate", "base_rate": "base_rate", "for": "false_omission_rate"}
METRICS |= {name: name for name in ("tpr", "fpr", "fnr", "tnr", "ppv", "npv", "fdr", "accuracy")}
NAMED = {
    "demographic_parity_difference": "demographic_parity_difference",
    "demographic_parity_ratio": "demographic_parity_ratio",
    "equalized_odds_difference_worst": "equalized_odds_difference",
    "equalized_odds_difference_mean": "equalized_odds_difference_mean",
    "equalized_odds_ratio_worst": "equalized_odds_ratio",
    "equalized_odds_ratio_mean": "equalized_odds_ratio_mean",
    "equal_opportunity_difference": "equal_opportunity_difference",
    "equal_opportunity_ratio": "equal_opportunity_ratio",
}
#: Differences of a group less the reference group, by the metric compared.
AGAINST = {
    "statistical_parity_difference": "selection_rate",
    "equal_opportunity_difference": "tpr",
    "predictive_equality_difference(fpr)": "fpr",
    "fnr_difference": "fnr",
    "ppv_difference": "ppv",
    "npv_difference": "npv",
    "for_difference": "for",
    "fdr_difference": "fdr",
    "accuracy_difference": "accuracy",
}
ATTRIBUTES = [("compas", each) for each in ("race", "sex", "age_cat", "race|sex")]
ATTRIBUTES += [("adult", each) for each in ("sex", "race", "sex|race")]
ATTRIBUTES += [("german", each) for each in ("sex", "age_group", "sex|age_group")]


@cache
def reference(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "reference" / "fairness" / "reference.json").read_text(encoding="utf-8"))


@cache
def table(shared: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(shared / "reference" / "fairness" / "data" / f"{name}.csv")


@cache
def counted(shared: Path, name: str, attribute: str, weighted: bool) -> GroupCounts:
    data = table(shared, name)
    return counts_of(
        y_true=data.get("y_true"),
        y_pred=data["y_pred"],
        sensitive_features=data[attribute.split("|")],
        sample_weight=data["w"] if weighted else None,
    )


@cache
def audited(shared: Path, name: str, attribute: str, weighted: bool = False, favourable: int = 1) -> DecisionAudit:
    """An audit in which no group is too small, as in the reference."""
    counts = counted(shared, name, attribute, weighted)
    return audit_counts(counts, favourable_label=favourable, min_group=1, n_permutations=99)


def same(found: float, exact: dict[str, Any] | None) -> bool:
    """Whether a number is the exact one; null there is NaN here."""
    if exact is None:
        return math.isnan(found)
    return found == pytest.approx(exact["f"], abs=EXACT, rel=EXACT)


def ours(label: str) -> str:
    return label.replace("|", " · ")


@pytest.mark.parametrize(("name", "attribute"), ATTRIBUTES)
def test_counts(name: str, attribute: str, shared: Path) -> None:
    expected = reference(shared)["exact"][name]["attributes"][attribute]["counts"]
    counts = counted(shared, name, attribute, weighted=False)
    cells = counts.counts.sum(axis=1)
    assert set(counts.labels) == {ours(label) for label in expected}
    for label, each in expected.items():
        (tn, fp), (fn, tp), unknown = cells[counts.labels.index(ours(label))].tolist()
        assert {"n": tn + fp + fn + tp, "tp": tp, "fp": fp, "fn": fn, "tn": tn} == each
        assert unknown == [0, 0]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "attribute"), ATTRIBUTES)
def test_by_group_and_overall(name: str, attribute: str, weighted: bool, shared: Path) -> None:
    exact = reference(shared)["exact"][name]
    audit = audited(shared, name, attribute, weighted)
    ending = "_weighted" if weighted else ""
    for label, metrics in exact["attributes"][attribute]["by_group" + ending].items():
        for metric, value in metrics.items():
            rates = audit.rates_of(METRICS[metric])
            assert same(rates.rates[audit.labels.index(ours(label))], value), (label, metric)
            assert audit.by_group.loc[ours(label), rates.metric.name] == pytest.approx(
                rates.rates[audit.labels.index(ours(label))], nan_ok=True
            )
    for metric, value in exact["overall" + ending].items():
        assert same(audit.rates_of(METRICS[metric]).overall, value), metric


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "attribute"), ATTRIBUTES)
def test_disparities(name: str, attribute: str, weighted: bool, shared: Path) -> None:
    expected = reference(shared)["exact"][name]["attributes"][attribute]
    expected = expected["disparity_weighted" if weighted else "disparity"]
    audit = audited(shared, name, attribute, weighted)
    for metric, each in expected.items():
        if metric in ("named", "vs_reference"):
            continue
        difference, ratio = audit.difference(METRICS[metric]), audit.ratio(METRICS[metric])
        assert same(difference.value, each["difference"]), metric
        assert same(ratio.value, each["ratio"]), metric
        by_label = dict(zip(audit.labels, audit.rates_of(METRICS[metric]).rates, strict=True))
        assert same(by_label[difference.groups[0]], each["max"]), metric
        assert same(by_label[difference.groups[1]], each["min"]), metric
        assert same(audit.difference(METRICS[metric], method="to_overall").value, each["difference_to_overall"])
        assert same(audit.ratio(METRICS[metric], method="to_overall").value, each["ratio_to_overall"])
        assert set(difference.left_out) == {ours(label) for label in each["undefined_groups"]}
    for theirs, name_here in NAMED.items():
        assert same(audit.disparity(name_here).value, expected["named"][theirs]), theirs


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "attribute"), ATTRIBUTES)
def test_against_a_reference_group(name: str, attribute: str, weighted: bool, shared: Path) -> None:
    expected = reference(shared)["exact"][name]["attributes"][attribute]
    expected = expected["disparity_weighted" if weighted else "disparity"]["vs_reference"]
    audit, other = (audited(shared, name, attribute, weighted, favourable) for favourable in (1, 0))
    base = ours(expected["reference"])
    assert expected["groups"]
    for label, each in expected["groups"].items():
        group = ours(label)
        for theirs, metric in AGAINST.items():
            found = audit.difference(METRICS[metric], method="to_reference", reference=base, group=group)
            assert same(found.value, each[theirs]), (label, theirs)
            assert found.groups == (group, base)
        named = {
            "statistical_parity_difference": audit.disparity(
                "statistical_parity_difference", reference=base, group=group
            ),
            "disparate_impact": audit.disparity("disparate_impact", reference=base, group=group),
            "disparate_impact_on_the_other_label": other.disparity("disparate_impact", reference=base, group=group),
            "average_odds_difference": audit.disparity("average_odds_difference", reference=base, group=group),
            "average_abs_odds_difference": audit.disparity(
                "average_absolute_odds_difference", reference=base, group=group
            ),
        }
        for theirs, found in named.items():
            assert same(found.value, each[theirs]), (label, theirs)
        odds = [
            abs(audit.difference(metric, method="to_reference", reference=base, group=group).value)
            for metric in ("tpr", "fpr")
        ]
        assert same(
            max(odds) if not any(map(math.isnan, odds)) else math.nan, each["equalized_odds_difference_max_abs"]
        )


@pytest.mark.parametrize(("name", "attribute"), [*ATTRIBUTES, ("ricci", "race")])
def test_intervals_of_groups_and_pairs(name: str, attribute: str, shared: Path) -> None:
    """Wilson, Newcombe and Katz, as statsmodels and SciPy give them."""
    exact = reference(shared)["exact"][name]
    expected = (exact["attributes"][attribute] if name != "ricci" else exact)["uncertainty_selection_rate"]
    audit = audited(shared, name, attribute)
    base, pairs = ours(expected["reference"]), audit.pairs()
    for label, each in expected["groups"].items():
        group = ours(label)
        row = audit.by_group.loc[group]
        assert row["n"] == each["n"]
        assert [row["selection_rate_low"], row["selection_rate_high"]] == pytest.approx(each["wilson95"], abs=CLOSE)
        pair = pairs[[{one, two} == {group, base} for one, two in zip(pairs["first"], pairs["second"], strict=True)]]
        pair = pair.iloc[0]
        sign = 1 if pair["first"] == group else -1
        ends = [sign * pair["low"], sign * pair["high"]][::sign]
        assert sign * pair["difference"] == pytest.approx(each["difference"], abs=EXACT)
        assert ends == pytest.approx(each["newcombe95(difference)"], abs=CLOSE)
        if 0 < each["k"] < each["n"] and each["katz95(ratio)"] is not None:
            found = [pair["ratio_low"] ** sign, pair["ratio_high"] ** sign][::sign]
            assert found == pytest.approx(each["katz95(ratio)"], rel=CLOSE)


def test_ricci(shared: Path) -> None:
    exact = reference(shared)["exact"]["ricci"]
    audit = audited(shared, "ricci", "race")
    assert {label: row["selection_rate"] for label, row in audit.by_group.iterrows()} == pytest.approx(
        {label: each["f"] for label, each in exact["selection_rate"].items()}, abs=EXACT
    )
    for name in ("disparate_impact", "statistical_parity_difference"):
        assert same(audit.disparity(name, reference="White", group="Non-White").value, exact[name])
    assert audit.disparity("four_fifths").value == pytest.approx(exact["disparate_impact"]["f"], abs=EXACT)
    group = exact["uncertainty_selection_rate"]["groups"]["Non-White"]
    for name, ends in (
        ("disparate_impact", "katz95(ratio)"),
        ("statistical_parity_difference", "newcombe95(difference)"),
    ):
        found = audit.disparity(name, reference="White", group="Non-White")
        assert (found.low, found.high) == pytest.approx(tuple(group[ends]), abs=CLOSE)
    fisher = exact["uncertainty_selection_rate"]["groups"]["Non-White"]["p_fisher_two_sided"]
    assert audit.metric_tests["selection_rate"].p_any <= 2 * fisher * (1 + CLOSE)
    assert list(audit.metric_tests) == ["selection_rate"]  # no outcome was handed over


def test_propublica(shared: Path) -> None:
    """Larson et al. (2016), How We Analyzed the COMPAS Recidivism Algorithm: the 7,214 people of the two-year file."""
    data = pd.read_csv(shared / "data" / "compas_two_years.csv")
    assert len(data) == 7214
    for flagged in (data["score_text"] != "Low", data["decile_score"] >= 5):
        audit = audit_decisions(
            y_true=data["two_year_recid"], y_pred=flagged, sensitive_features=data["race"], favourable_label=False
        )
        found = audit.by_group.loc[["African-American", "Caucasian"]]
        assert found["false_positive_rate"].round(4).tolist() == [0.4485, 0.2345]
        assert found["false_negative_rate"].round(4).tolist() == [0.2799, 0.4772]
        assert audit.metric_tests["false_positive_rate"].verdict == "disparity found"
        assert "false positive rate" in audit.summary()


def disagreement(shared: Path, which: str) -> dict[str, Any]:
    return next(each for each in reference(shared)["disagreements"] if each["id"] == which)


def test_undefined_is_no_zero(shared: Path) -> None:
    """D1. fairlearn, AIF360, holisticai and OxonFair err: a rate of nobody is not 0, and makes no difference of 1."""
    audit = audited(shared, "compas", "race|sex")
    place = audit.labels.index("Native American · Female")
    assert math.isnan(audit.rates_of("fpr").rates[place])
    assert math.isnan(audit.rates_of("tnr").rates[place])
    found = audit.difference("tnr")
    assert (found.value, audit.ratio("tnr").value) == (0.5, 0.5)
    assert found.left_out == ("Native American · Female",)
    assert "instead of 0.5" in disagreement(shared, "D1")["values"]["fairlearn 0.15.0"]


def test_each_difference_names_its_groups(shared: Path) -> None:
    """D2. Nobody errs; they compare different groups under one name. Here each is a choice with its groups."""
    audit = audited(shared, "compas", "race")
    theirs = disagreement(shared, "D2")["values"]["compas race, selection rate"]
    widest = audit.difference("selection_rate")
    assert widest.value == pytest.approx(theirs["fairlearn max-min"], abs=EXACT)
    assert (widest.groups, widest.n) == (("Native American", "Other"), (11, 343))
    rest = audit.difference("selection_rate", method="to_rest", group="Caucasian")
    assert -rest.value == pytest.approx(theirs["aif360 all others pooled minus Caucasian"], abs=EXACT)
    assert (rest.groups, rest.n) == (("Caucasian", "everybody else"), (2103, 4069))
    pair = {"reference": "Caucasian", "group": "African-American"}
    found = audit.difference("selection_rate", method="to_reference", **pair)
    assert found.value == pytest.approx(theirs["aif360/holisticai/jurity African-American minus Caucasian"], abs=EXACT)
    found = audit.difference("selection_rate", method="mean_of_pairs")
    assert found.value == pytest.approx(theirs["oxonfair mean over all pairs"], abs=EXACT)
    found = audit.ratio("selection_rate", method="to_reference", **pair)
    assert f"{found.value!r}"[:16] in theirs["aequitas"]
    judged = audit_counts(counted(shared, "compas", "race", weighted=False), min_group=30, n_permutations=99)
    assert "Native American" in judged.difference("selection_rate").left_out


def test_sign_and_orientation_follow_the_favourable_decision(shared: Path) -> None:
    """D3. AIF360's usual code errs where label 1 is bad for a person: its 1.74 passes for fair. Both are shown here."""
    theirs = disagreement(shared, "D3")["values"]["compas race AA vs Caucasian"]
    pair = {"reference": "Caucasian", "group": "African-American"}
    for favourable, name in ((1, "label 1 (flagged) as positive"), (0, "favourable label 0")):
        audit = audited(shared, "compas", "race", favourable=favourable)
        spd = audit.disparity("statistical_parity_difference", **pair)
        di = audit.disparity("disparate_impact", **pair)
        assert (spd.value, di.value) == pytest.approx((theirs[name]["spd"], theirs[name]["di"]), abs=EXACT)
        rows = dict(audit.rows())
        assert {
            "lowest to highest rate of the positive decision",
            "lowest to highest rate of the other decision",
        } <= set(rows)


def test_rates_are_not_rounded_before_they_are_divided(shared: Path) -> None:
    """D9. dalex errs: it divides rates rounded to three decimals."""
    audit = audited(shared, "compas", "race")
    rates = audit.rates_of("selection_rate").rates
    found = audit.ratio("selection_rate").value
    assert found == pytest.approx(rates.min() / rates.max(), abs=EXACT)
    assert abs(found - round(rates.min(), 3) / round(rates.max(), 3)) > 1e-6


def test_p_is_exact_not_an_uncorrected_or_corrected_chi_square(shared: Path) -> None:
    """D11. audit-AI applies Yates' correction unasked; with two groups ours is Fisher's exact p."""
    theirs = disagreement(shared, "D11")["values"]["ricci"]
    found = audited(shared, "ricci", "race").metric_tests["selection_rate"]
    assert found.p_any >= theirs["p Fisher"] * (1 - CLOSE)
    from riskscope.fairness.testing import one_against_rest

    exact = one_against_rest([15, 41], [50, 68])
    assert exact.p_values.tolist() == pytest.approx([theirs["p Fisher"]] * 2, rel=CLOSE)


def test_selection_rate_is_within_the_group(shared: Path) -> None:
    """D14. Aequitas' `ppr` errs as a disparity, it grows with the group; `pprev` is the selection rate, as here."""
    audit = audited(shared, "compas", "race")
    rates = audit.rates_of("selection_rate")
    share_of_all_selected = rates.hits / rates.hits.sum()
    assert not np.allclose(rates.rates, share_of_all_selected)
    assert rates.rates == pytest.approx(rates.hits / rates.people)
    assert disagreement(shared, "D14")["values"]["pprev"] == "selection rate within the group"


def test_missing_group_is_a_group(shared: Path) -> None:
    """D15. Every peer errs or refuses; here people of unknown group are counted, shown and judged."""
    data = table(shared, "compas")
    race = data["race"].where(np.arange(len(data)) % 10 > 0)
    audit = audit_decisions(y_pred=data["y_pred"], sensitive_features=race, n_permutations=99)
    assert audit.labels[-1] == "unknown"
    assert audit.by_group.loc["unknown", "n"] == race.isna().sum()
    assert audit.by_group["n"].sum() == len(data)
    assert any("unknown" in row for _caption, _header, rows in audit.tables() for row in rows)


def test_the_interval_of_a_gap_holds_no_gap() -> None:
    """D16. fairlearn's bootstrap errs: it held the true gap of 0 in 0 of 200 audits, ten groups of 100."""
    rng = np.random.default_rng(20261124)
    groups = np.repeat(np.arange(10), 100)
    held, found = 0, 0
    for _audit in range(200):
        decisions = rng.random(1000) < 0.3
        audit = audit_decisions(y_pred=decisions, sensitive_features=groups, n_permutations=99)
        held += audit.gap_low <= 0 <= audit.gap_high
        found += audit.verdict == "disparity found"
        assert audit.gap_low <= audit.gap <= audit.gap_high
    assert held >= 186  # 95 %, less two standard errors
    assert found <= 20
