"""A score compared across groups: the sheet's example, the twin, other tools' numbers, verdicts, what is not shown."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mean_absolute_error, r2_score, roc_auc_score, root_mean_squared_error

from naive import outcome as outcome_twin
from naive import scores as twin
from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.fairness.scores.audit import ScoreAudit, audit_scores
from riskscope.fairness.scores.group_means import chance_of_gap, compare, largest_gap, means_of
from riskscope.fairness.scores.ranking import _errors_apart, by_group
from riskscope.fairness.scores.records import scored
from riskscope.intervals import newcombe, wilson
from riskscope.report.page import Report

CLOSE = 1e-9
SHEET: dict[str, Any] = {
    "y_pred": [0.2, 0.4, 0.6, 0.1, 0.4, 0.9],
    "y_true": [0, 1, 1, 0, 1, 0],
    "sensitive_features": list("AAABBB"),
}
SMALL: dict[str, Any] = {"min_group": 1, "min_cell": 1, "n_permutations": 99}


def some(n: int = 300, groups: str = "ABC", seed: int = 0, digits: int = 2) -> dict[str, Any]:
    draw = np.random.default_rng(seed)
    score = draw.beta(2, 3, n).round(digits).clip(0.01, 0.99)
    return {
        "y_pred": score,
        "sensitive_features": draw.choice(list(groups), n),
        "y_true": (draw.random(n) < score).astype(int),
    }


def test_the_sheet() -> None:
    """FORMULAS G2, all digits."""
    audit = audit_scores(**SHEET, bins=2, **SMALL)
    pair = audit.pairs[0]
    assert (pair.wasserstein, pair.ks) == pytest.approx((0.133333, 0.333333), abs=5e-7)
    found = audit.by_group
    assert found["auc"].to_dict() == {"A": 1.0, "B": 0.5}
    assert found["ece"].tolist() == pytest.approx([0.266667, 0.466667], abs=5e-7)
    assert audit.p_value == 1.0  # the mean gap's p, Holm over three gaps


records = st.lists(
    st.tuples(
        st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]), st.integers(0, 1), st.sampled_from("AB"), st.integers(1, 3)
    ),
    min_size=2,
    max_size=24,
)


@given(records, st.booleans())
@settings(max_examples=60)
def test_against_the_twin(rows: list[tuple[float, int, str, int]], weighted: bool) -> None:
    s, y, g, w = (list(each) for each in zip(*rows, strict=True))
    w = w if weighted else [1] * len(w)
    audit = audit_scores(y_pred=s, y_true=y, sensitive_features=g, sample_weight=w if weighted else None, **SMALL)
    found = audit.by_group
    for group in sorted(set(g)):
        own, weights, outcomes = (twin.of(each, g, group) for each in (s, w, y))
        row = found.loc[group]
        assert row["mean"] == pytest.approx(twin.mean_and_variance([*own, 0], [*weights, 0])[0])
        rest = [at for at, each in enumerate(g) if each != group]
        if rest:
            others, theirs = [s[at] for at in rest], [w[at] for at in rest]
            assert row["ks_to_rest"] == pytest.approx(twin.ks(own, weights, others, theirs), abs=CLOSE)
            assert row["wasserstein_to_rest"] == pytest.approx(
                twin.wasserstein(own, weights, others, theirs), abs=CLOSE
            )
        parts = [[at for at, each in enumerate(outcomes) if each == side] for side in (1, 0)]
        if all(parts):
            (p, v), (n, u) = (([own[at] for at in part], [weights[at] for at in part]) for part in parts)
            assert row["auc"] == pytest.approx(twin.auc(p, v, n, u))
            if not weighted and min(len(p), len(n)) > 1:
                assert row["auc_variance"] == pytest.approx(twin.delong_variance(p, n), abs=1e-12)
            assert row["mean_positive"] == pytest.approx(np.average(p, weights=v))
            assert row["mean_negative"] == pytest.approx(np.average(n, weights=u))
        else:
            assert math.isnan(row["auc"])
            assert row["no_auc"] == "all have the same outcome"
        if not weighted:
            assert row["above_median"] == pytest.approx(twin.rate_above_median(s, g, group))
            for share, at in zip((0.05, 0.1, 0.2, 0.5), range(4), strict=True):
                shown = next(each for each in audit.groups if each.group == group).top[at]
                if shown is not None:
                    assert shown == pytest.approx(twin.top_share(s, g, group, share * len(s)))


def test_distances_and_quartiles_are_those_of_scipy_and_numpy() -> None:
    data = some()
    s, g = data["y_pred"], data["sensitive_features"]
    audit = audit_scores(**data)
    for pair in audit.pairs:
        one, other = s[g == pair.first], s[g == pair.second]
        assert pair.ks == pytest.approx(stats.ks_2samp(one, other).statistic, rel=CLOSE)
        assert pair.wasserstein == pytest.approx(stats.wasserstein_distance(one, other), rel=CLOSE)
        assert pair.difference == pytest.approx(one.mean() - other.mean(), rel=CLOSE)
        assert pair.p_value == pytest.approx(stats.ttest_ind(one, other, equal_var=False).pvalue, rel=1e-6)
    for each in audit.groups:
        own, rest = s[g == each.group], s[g != each.group]
        welch = stats.ttest_ind(own, rest, equal_var=False).confidence_interval(0.95)
        assert (each.to_rest_low, each.to_rest_high) == pytest.approx((welch.low, welch.high), rel=1e-6)
        assert (each.low, each.high) == pytest.approx(stats.t.interval(0.95, len(own) - 1, own.mean(), stats.sem(own)))
        assert each.ks == pytest.approx(stats.ks_2samp(own, rest).statistic, rel=CLOSE)
        assert each.wasserstein == pytest.approx(stats.wasserstein_distance(own, rest), rel=CLOSE)
        exact = audit.by_group.loc[each.group, ["lower_quartile", "median", "upper_quartile"]].tolist()
        assert exact == np.quantile(own, [0.25, 0.5, 0.75], method="inverted_cdf").tolist()


def test_weighted_quartiles_are_numpys() -> None:
    data = some()
    w = np.random.default_rng(1).random(300)
    found = audit_scores(**data, sample_weight=w).by_group
    for group in "ABC":
        inside = data["sensitive_features"] == group
        expected = np.quantile(data["y_pred"][inside], [0.25, 0.5, 0.75], method="inverted_cdf", weights=w[inside])
        assert found.loc[group, ["lower_quartile", "median", "upper_quartile"]].tolist() == expected.tolist()


def test_two_pairs_at_once_take_bonferroni() -> None:
    rng = np.random.default_rng(3)
    values = rng.random(90)
    means = means_of(values, np.ones(90), [slice(0, 30), slice(30, 60), slice(60, 90)])
    found = compare(means, np.array([0, 1]), np.array([2, 2]), level=0.95)
    welch = stats.ttest_ind(values[:30], values[60:], equal_var=False).confidence_interval(0.975)
    assert (found.low[0], found.high[0]) == pytest.approx((welch.low, welch.high), rel=1e-6)


def test_aucs_are_those_of_scikit_learn() -> None:
    data = some(600)
    s, g, y = data["y_pred"], data["sensitive_features"], data["y_true"]
    w = np.random.default_rng(1).random(600)
    plain, weighted = audit_scores(**data), audit_scores(**data, sample_weight=w)
    for group in "ABC":
        inside = g == group
        assert plain.by_group.loc[group, "auc"] == pytest.approx(roc_auc_score(y[inside], s[inside]), rel=CLOSE)
        expected = roc_auc_score(y[inside], s[inside], sample_weight=w[inside])
        assert weighted.by_group.loc[group, "auc"] == pytest.approx(expected, rel=CLOSE)
    pair = plain.ranking_pairs[0]
    ours, theirs = s[(g == pair.first) & (y == 1)], s[(g == pair.second) & (y == 0)]
    expected = twin.auc(ours.tolist(), [1] * len(ours), theirs.tolist(), [1] * len(theirs))
    assert pair.first_above_second == pytest.approx(expected, rel=CLOSE)


def test_weights_of_two_are_two_records_to_every_estimate() -> None:
    data = some(60, "AB")
    w = np.random.default_rng(1).integers(1, 4, 60)
    twice = {name: np.repeat(values, w) for name, values in data.items()}
    weighted, repeated = (
        audit_scores(**data, sample_weight=w, **SMALL).by_group,
        audit_scores(**twice, **SMALL).by_group,
    )
    columns = ["mean", "lower_quartile", "median", "wasserstein_to_rest", "ks_to_rest", "above_median", "auc", "brier"]
    columns += ["ece", "mce", "in_the_large", "mean_positive", "mean_negative"]
    pd.testing.assert_frame_equal(weighted[columns], repeated[columns], rtol=1e-9)
    lines = ["intercept", "slope"]
    pd.testing.assert_frame_equal(weighted[lines], repeated[lines], rtol=1e-5)


def test_the_interval_of_an_auc_holds_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(20)
    truth, held = stats.norm.cdf(1.5 / math.sqrt(2)), 0
    for _repetition in range(400):
        y = np.repeat([1, 0], [20, 40])
        ranked = by_group(scored(rng.normal(size=60) + 1.5 * y, ["A"] * 60, y, None, None))
        low, high = ranked.interval(0.95)
        held += low[0] <= truth <= high[0]
    assert 0.92 <= held / 400 <= 0.985


def test_the_interval_of_an_auc_is_wider_where_few_tell_its_variance() -> None:
    rng = np.random.default_rng(2)
    y = np.repeat([1, 0], [12, 400])
    ranked = by_group(scored(rng.normal(size=412) + y, ["A"] * 412, y, None, None))
    low, high = ranked.interval(0.95)
    narrow_low, narrow_high = wilson(ranked.auc * ranked.n, ranked.n)
    wider = stats.t.ppf(0.975, ranked.freedom[0]) / stats.norm.ppf(0.975)
    assert 1.1 < wider < 1.2
    assert ((high - low) / (narrow_high - narrow_low))[0] == pytest.approx(wider, rel=0.03)


def test_a_perfect_score_has_an_interval() -> None:
    data = {"y_pred": [0.1] * 15 + [0.9] * 15, "y_true": [0] * 15 + [1] * 15, "sensitive_features": ["A"] * 30}
    audit = audit_scores(**data)
    (only,) = audit.rankings
    assert (only.auc, only.high) == (1, 1)
    assert 0.7 < only.low < 0.9
    assert audit.calibrations[0].no_line.startswith("the score separates")


def test_the_largest_gap_holds_the_truth_where_groups_do_not_differ() -> None:
    rng, false_alarms, missed = np.random.default_rng(5), 0, 0
    sizes = [12, 20, 35, 60, 100, 150]
    ends = np.cumsum([0, *sizes])
    slices = [slice(int(a), int(b)) for a, b in itertools.pairwise(ends)]
    groups = np.repeat(np.arange(6), sizes)
    for _repetition in range(100):
        values = rng.exponential(size=ends[-1])
        gap = largest_gap(means_of(values, np.ones(len(values)), slices), np.ones(6, bool), level=0.95)
        missed += not gap.low <= 0 <= gap.high
        chance = chance_of_gap(values, None, groups, np.ones(6, bool), n_permutations=99, rng=rng)
        false_alarms += chance.p_value <= 0.05
    assert false_alarms <= 10  # 100 * 0.05 and more than twice the standard error
    assert missed <= 15  # skewed scores in 12 people: Welch is a bit too sure of itself


def test_the_p_value_is_that_of_every_way_to_deal() -> None:
    s, g = [0.1, 0.2, 0.3, 0.5, 0.8, 0.9, 0.4], list("AABBABB")
    audit = audit_scores(y_pred=s, sensitive_features=g, **SMALL)
    assert (audit.p_value, audit.n_dealt) == outcome_twin.p_records(s, g)
    assert audit.seed is None


def test_the_normal_limit_agrees_with_dealing() -> None:
    rng = np.random.default_rng(2)
    groups = np.repeat([0, 1, 2], [1000, 1500, 4000])
    values = rng.random(6500) + 0.02 * (groups == 0)
    judged = np.ones(3, bool)
    limit = chance_of_gap(values, None, groups, judged, n_permutations=3999, rng=rng).p_value
    dealt = chance_of_gap(
        np.append(values, 0.5), None, np.append(groups, 3), np.array([1, 1, 1, 0], bool), n_permutations=3999, rng=rng
    ).p_value
    means = [rng.permutation(values) for _each in range(1500)]
    ends = [0, 1000, 2500]
    gaps = np.ptp([np.add.reduceat(each, ends) / [1000, 1500, 4000] for each in means], axis=1)
    observed = np.ptp(np.add.reduceat(values, ends) / [1000, 1500, 4000])
    assert limit == pytest.approx((gaps >= observed).mean(), abs=0.05)
    assert dealt == pytest.approx(limit, abs=0.03)


def test_verdicts() -> None:
    rng = np.random.default_rng(0)
    g = np.repeat(["A", "B"], 4000)
    alike = audit_scores(y_pred=rng.random(8000), sensitive_features=g)
    assert alike.verdict == "no disparity larger than the margin"
    apart = audit_scores(y_pred=rng.random(8000) + 0.2 * (g == "B"), sensitive_features=g)
    assert (apart.verdict, apart.highest, apart.lowest) == ("disparity found", "B", "A")
    assert apart.gap_low <= apart.gap <= apart.gap_high
    assert apart.margin == pytest.approx(0.2 * np.std(rng.random(8000)), rel=0.3)
    small = audit_scores(y_pred=np.arange(8000) / 9000 + 0.02 * (g == "B"), sensitive_features=g, margin=0.9)
    assert small.verdict == "disparity found"
    assert "It is small: the gap is within the margin of 0.9." in small.summary()
    assert "within the margin" not in apart.summary()
    few = audit_scores(y_pred=rng.random(40), sensitive_features=list("AB") * 20)
    assert few.verdict == "cannot tell"
    assert audit_scores(y_pred=rng.random(40), sensitive_features=list("AB") * 20, margin=0.9).verdict.startswith("no ")


def test_bias_in_ranking_alone_is_found() -> None:
    rng = np.random.default_rng(0)
    g, y = np.repeat(["A", "B"], 2000), rng.integers(0, 2, 4000)
    s = np.where(g == "A", 0.2 * y, 0.0) + 0.8 * rng.random(4000)
    audit = audit_scores(y_pred=s - 0.1 * (g == "A"), y_true=y, sensitive_features=g)
    assert audit.auc_verdict == "disparity found"
    assert audit.auc_gap == pytest.approx(np.ptp(audit.by_group["auc"]), rel=CLOSE)
    assert audit.no_calibration.startswith("a score outside 0 to 1")
    assert audit.calibration_gap is None
    assert "Calibration is not told" in audit.summary()


def test_regression_errors() -> None:
    rng = np.random.default_rng(0)
    g, y = np.repeat(["A", "B"], 300), rng.normal(10, 3, 600)
    s = y + rng.normal(0, 1, 600) + 0.8 * (g == "B")
    audit = audit_scores(y_pred=s, y_true=y, sensitive_features=g)
    for each in audit.errors:
        own, true = s[g == each.group], y[g == each.group]
        assert each.bias == pytest.approx((own - true).mean(), rel=CLOSE)
        assert each.mae == pytest.approx(mean_absolute_error(true, own), rel=CLOSE)
        assert each.rmse == pytest.approx(root_mean_squared_error(true, own), rel=CLOSE)
        assert each.r2 == pytest.approx(r2_score(true, own), rel=CLOSE)
        boot = [r2_score(true[at], own[at]) for at in rng.integers(0, 300, (400, 300))]
        assert (each.r2_high - each.r2_low) / 3.92 == pytest.approx(np.std(boot), rel=0.15)
        interval = stats.t.interval(0.95, 299, (own - true).mean(), stats.sem(own - true))
        assert (each.bias_low, each.bias_high) == pytest.approx(interval)
    assert (audit.error_verdict, audit.error_gap) == ("disparity found", pytest.approx(0.8, abs=0.2))
    assert audit.auc_gap is None
    assert not audit.rankings
    assert any(caption.startswith("Errors by group") for caption, *_rest in audit.tables())
    assert re.search(r"Predictions less outcomes are -?[\d.]+ on average for 'A' and [\d.]+ for 'B'", audit.summary())
    constant = audit_scores(
        y_pred=[1.5, 2.0, 3.0, 4.5], y_true=[7.0, 7.0, 1.5, 2.5], sensitive_features=list("AABB"), **SMALL
    )
    assert math.isnan(constant.by_group.loc["A", "r2"])


def test_the_reference_is_one_end_of_each_pair() -> None:
    audit = audit_scores(**some(), reference="B")
    assert {each.second for each in audit.pairs} == {each.second for each in audit.ranking_pairs} == {"B"}
    assert len(audit.pairs) == 2
    with pytest.raises(RoleError, match="reference is 'X'; it must be the label of a group"):
        audit_scores(**some(), reference="X")


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"y_pred": [True, False] * 3}, FrameError, "audit_decisions"),
        ({"y_pred": [0, 1] * 3}, FrameError, "audit_decisions"),
        ({"y_pred": [0.0] * 6}, FrameError, "audit_decisions"),
        ({"y_pred": ["Xyzzy", "b"] * 3}, FrameError, "audit_profiles"),
        ({"y_pred": pd.Categorical(["Xyzzy", "b"] * 3)}, FrameError, "audit_profiles"),
        ({"y_pred": [0.5] * 5}, FrameError, "y_pred has 5 values"),
        ({"y_pred": [0.5, None] * 3}, FrameError, "y_pred is missing or infinite in 3 of 6"),
        ({"y_true": [0, 1, math.inf] * 2}, FrameError, "y_true is missing or infinite in 2 of 6.*first at row 2"),
        ({"y_true": ["a", "b"] * 3}, RoleError, "pos_label"),
        ({"y_true": ["a", "Xyzzy", "c"] * 2, "pos_label": "a"}, FrameError, "y_true"),
        ({"y_true": [1, 2] * 3}, RoleError, "pos_label"),
        ({"sample_weight": [-1.0] * 6}, FrameError, "sample_weight is negative in 6"),
        ({"sample_weight": [0.0] * 6}, FrameError, "sample_weight is 0 in every record"),
        ({"bins": "deciles"}, RiskscopeError, "bins is 'deciles'"),
        ({"bins": [0, 0.5]}, RiskscopeError, "they must rise from 0 to 1"),
        ({"bins": 0}, RiskscopeError, "bins is 0"),
        ({"min_cell": 0}, RiskscopeError, "min_cell is 0"),
        ({"level": 1}, RiskscopeError, "level is 1"),
        ({"margin": -1}, RiskscopeError, "margin is -1"),
        ({"n_permutations": 5}, RiskscopeError, "n_permutations is 5"),
    ],
)
def test_errors(change: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        audit_scores(**{**SHEET, **change})
    assert "Xyzzy" not in str(caught.value)


def test_labels_of_the_outcome() -> None:
    words = ["yes" if y else "no" for y in SHEET["y_true"]]
    expected = audit_scores(**SHEET, **SMALL).by_group
    pd.testing.assert_frame_equal(
        audit_scores(**{**SHEET, "y_true": words}, pos_label="yes", **SMALL).by_group, expected
    )
    ones = [y + 1 for y in SHEET["y_true"]]
    pd.testing.assert_frame_equal(audit_scores(**{**SHEET, "y_true": ones}, pos_label=2, **SMALL).by_group, expected)


@pytest.mark.parametrize(
    "kind",
    [
        list,
        np.array,
        pl.Series,
        pa.array,
        lambda values: pd.Series(values, index=[0] * len(values)),
        lambda values: pd.Series(values).convert_dtypes(),
        lambda values: pl.DataFrame({"column": values}),
        lambda values: pa.table({"column": values}),
    ],
)
def test_kinds_of_arrays(kind: Callable[[list[Any]], Any]) -> None:
    data = {name: list(values) for name, values in some(60, "AB").items()}
    data["sensitive_features"] = [str(each) for each in data["sensitive_features"]]
    data["y_pred"], data["y_true"] = [float(each) for each in data["y_pred"]], [int(each) for each in data["y_true"]]
    expected = audit_scores(**data).to_dict()
    found = audit_scores(**{name: kind(values) for name, values in data.items()}).to_dict()
    assert {**found, "columns": ["sensitive_features"]} == expected


def texts(audit: ScoreAudit) -> str:
    shown = [audit.summary(), repr(audit), audit._repr_html_(), json.dumps(audit.to_dict()), str(audit.tables())]
    shown += [audit.sweep.summary(), repr(audit.sweep), audit.sweep._repr_html_(), json.dumps(audit.sweep.to_dict())]
    for name in audit.pictures:
        axes = getattr(audit, name)()
        axes.figure.canvas.draw()
        shown += [each.get_text() for each in axes.get_legend().get_texts()]
        plt.close(axes.figure)
    return " ".join(shown)


def test_a_small_group_is_nowhere() -> None:
    data = some(400, "AB")
    data = {name: list(values) for name, values in data.items()}
    data["y_pred"] += [0.123456, 0.987654, 0.5]
    data["y_true"] += [0, 1, 1]
    data["sensitive_features"] += ["Xyzzy"] * 3
    audit = audit_scores(**data)
    said = texts(audit)
    assert "Xyzzy" not in said
    assert "0.9877" not in said
    assert audit.too_small == "<10"
    assert "Xyzzy" in audit.by_group.index
    assert sorted(each.n_records is None for each in audit.groups) == [False, True]
    for each in audit.groups:
        assert each.mean == round(each.mean, 2)
    hidden = next(each.group for each in audit.groups if each.n_records is None)
    ranked = next(each for each in audit.rankings if each.group == hidden)
    assert (ranked.n_positive, ranked.n_negative) == (None, None)


def test_no_extreme_and_no_lone_record_is_drawn() -> None:
    data = some(2000, "AB", digits=12)
    data["y_pred"] = np.append(data["y_pred"][:-1] * 40, 8675.309)
    audit = audit_scores(**{**data, "y_true": None})
    assert "8675" not in texts_without_outcome(audit).replace(",", "")
    drawn = audit.distribution
    assert drawn.points[-1] < 100
    for group, label in enumerate(audit.exact["group"]):
        own = np.sort(data["y_pred"][data["sensitive_features"] == label])
        at = np.searchsorted(own, drawn.points[drawn.is_shown[group]], side="right")
        assert (np.diff([0, *at, len(own)]) >= 10).all()


def texts_without_outcome(audit: ScoreAudit) -> str:
    return " ".join([audit.summary(), repr(audit), audit._repr_html_(), json.dumps(audit.to_dict())])


def test_few_with_the_outcome_are_not_judged() -> None:
    data = some(300, "AB")
    data["y_true"] = np.where((data["sensitive_features"] == "A") & (np.arange(300) > 20), 0, data["y_true"])
    audit = audit_scores(**data)
    assert [each.group for each in audit.rankings] == [each.group for each in audit.calibrations] == ["B"]
    assert math.isnan(audit.auc_gap)
    assert audit.undefined["auc_gap"] == "fewer than two groups have enough people with and without the outcome"
    assert audit.auc_verdict == "cannot tell"
    assert len(audit.groups) == 2


def test_degenerate() -> None:
    empty = audit_scores(y_pred=[], sensitive_features=[])
    assert empty.undefined["gap"] == "there are no records"
    one = audit_scores(y_pred=[0.5], sensitive_features=["A"], y_true=[1], **SMALL)
    assert one.undefined["gap"] == "fewer than two groups have enough people"
    one_group = audit_scores(y_pred=np.arange(30) / 31, sensitive_features=["A"] * 30)
    assert one_group.groups[0].mean == pytest.approx(29 / 62)
    equal = audit_scores(y_pred=[0.5] * 40, sensitive_features=list("AB") * 20, y_true=[0, 0, 1, 1] * 10)
    assert (equal.gap, equal.p_value, equal.ks, equal.wasserstein, equal.auc_gap) == (0, 1, 0, 0, 0)
    assert equal.calibrations[0].no_line == "all scores are equal"
    one_class = audit_scores(y_pred=np.arange(40) / 41, sensitive_features=list("AB") * 20, y_true=[1] * 40)
    assert one_class.rankings == ()
    assert set(one_class.by_group["no_auc"]) == {"all have the same outcome"}
    assert set(one_class.by_group["no_line"]) == {"all have the same outcome"}
    missing = audit_scores(y_pred=np.arange(40) / 41, sensitive_features=[None] * 40)
    assert [each.group for each in missing.groups] == ["unknown"]
    outside = audit_scores(y_pred=np.arange(40.0), sensitive_features=list("AB") * 20, y_true=[0, 0, 1, 1] * 10)
    assert outside.auc_gap == pytest.approx(0)
    both_ends = audit_scores(y_pred=[0.0, 0.5, 0.5, 1.0] * 20, sensitive_features=list("AABB") * 20, y_true=[0, 1] * 40)
    assert both_ends.calibrations[0].no_line == "scores of exactly 0 or 1 have no logit"
    for audit in (empty, one, one_group, equal, one_class, missing, outside, both_ends):
        assert audit.sentences()
        json.dumps(audit.to_dict(), allow_nan=False)
        audit._repr_html_()
        for name, _label, value, _kind in audit.shown_fields():
            assert not (isinstance(value, float) and math.isnan(value)) or audit.undefined[name]


def test_nothing_to_draw_is_said() -> None:
    audit = audit_scores(y_pred=np.arange(9) / 10 + 0.05, sensitive_features=["A"] * 9)
    assert not audit.has_picture
    for name in audit.pictures:
        with pytest.raises(RiskscopeError, match=r"nothing to draw|no calibration to draw"):
            getattr(audit, name)()


def test_pictures_draw_what_is_shown() -> None:
    audit = audit_scores(**some(2000))
    lines = {line.get_label(): line for line in audit.plot_calibration().get_lines()[1:]}
    for each in audit.calibrations:
        observed = [100 * one.observed for one in each.bins if one.observed is not None]
        assert lines[each.group].get_ydata().tolist() == observed
    assert len(audit.plot().get_lines()) == len(audit.plot_sweep().get_lines()) == 3
    plt.close("all")


def test_of_many_groups_the_largest_are_drawn_and_the_legend_says_so() -> None:
    data = some(3000, "ABCDEFGHIJ")
    data["sensitive_features"][data["sensitive_features"] == "J"] = "A"
    axes = audit_scores(**data).plot()
    legend = axes.get_legend()
    assert legend.get_title().get_text() == "largest 6 of 9 groups"
    assert legend.get_texts()[0].get_text() == "A"
    assert len(axes.get_lines()) == 6
    plt.close("all")


@pytest.mark.parametrize(
    ("change", "pictures"),
    [
        ({}, ("plot", "plot_calibration", "plot_sweep")),
        ({"y_true": None}, ("plot", "plot_sweep")),
        ({"y_pred": some(2000)["y_pred"] * 40}, ("plot", "plot_sweep")),
    ],
)
def test_the_page_shows_the_pictures_that_there_are(change: dict[str, Any], pictures: tuple[str, ...]) -> None:
    audit = audit_scores(**{**some(2000), **change})
    assert audit.pictures == pictures
    assert Report(title="scores", results=[audit]).html().count("<svg") == len(pictures)


@pytest.mark.parametrize("groups", ["AB", "ABCDEFGHIJ"])
def test_the_page_stays_readable(groups: str) -> None:
    audit = audit_scores(**some(3000, groups))
    headline = audit.sentences()[0]
    assert len(headline.split()) <= 35
    assert all(
        f" {round(audit.by_group.loc[each, 'mean'], 3):.4g} for {each!r}" in headline
        for each in (audit.highest, audit.lowest)
    )
    assert len(audit.tables()) + len(audit.pictures) <= 10
    assert max(len(header) for _caption, header, _rows in audit.tables()) <= 8
    assert all(len(row) == len(header) for _caption, header, rows in audit.tables() for row in rows)
    assert not {"gap of mean scores", "AUC: what is known"} & {label for label, _value in audit.rows()}


def test_whose_outcome_is_not_known_counts_among_scores_alone() -> None:
    data = some(600)
    known = np.arange(600) % 4 > 0
    asked = {**data, "y_true": np.where(known, data["y_true"], np.nan)}
    audit, everybody = audit_scores(**asked), audit_scores(**{**data, "y_true": None})
    of_known = audit_scores(**{name: values[known] for name, values in data.items()})
    assert (audit.n_records, audit.n_without_outcome, audit.n_left_out) == (600, 150, 0)
    assert audit.groups == everybody.groups
    assert audit.gap == everybody.gap
    assert {each.group: each for each in audit.rankings} == {each.group: each for each in of_known.rankings}
    assert (audit.auc_gap, audit.calibration_gap) == pytest.approx((of_known.auc_gap, of_known.calibration_gap))
    for one, other in zip(
        sorted(audit.calibrations, key=lambda each: each.group),
        sorted(of_known.calibrations, key=lambda each: each.group),
        strict=True,
    ):
        assert (one.ece, one.brier, one.slope) == pytest.approx((other.ece, other.brier, other.slope))
        assert [each.n_records for each in one.bins] == [each.n_records for each in other.bins]
    assert audit.sweep.to_dict() == of_known.sweep.to_dict()
    assert "The outcome of 150 people is not known" in audit.summary()


@pytest.mark.parametrize("kind", ["text", "truth", "pandas", "arrow"])
def test_outcomes_missing_of_any_kind(kind: str) -> None:
    data = some(200, "AB")
    given = [None if at % 3 == 0 else int(y) for at, y in enumerate(data["y_true"])]
    expected = audit_scores(**{**data, "y_true": [math.nan if y is None else y for y in given]}).to_dict()
    outcome, positive = {
        "text": ([None if y is None else "yes" if y else "no" for y in given], "yes"),
        "truth": ([None if y is None else bool(y) for y in given], None),
        "pandas": (pd.Series(given, dtype="Int64"), None),
        "arrow": (pa.array(given), None),
    }[kind]
    assert audit_scores(**{**data, "y_true": outcome}, pos_label=positive).to_dict() == expected


def test_errors_of_those_whose_outcome_is_known() -> None:
    rng = np.random.default_rng(0)
    g, y = np.array(list("AB") * 100), rng.normal(10, 3, 200)
    s = y + rng.normal(0, 1, 200)
    known = np.arange(200) % 5 > 0
    audit = audit_scores(y_pred=s, y_true=np.where(known, y, np.nan), sensitive_features=g)
    for each in audit.errors:
        own = known & (g == each.group)
        assert (each.n_records, each.bias) == (80, pytest.approx((s - y)[own].mean()))
    few = audit_scores(y_pred=s, y_true=np.where(np.arange(200) < 12, y, np.nan), sensitive_features=g)
    assert few.errors == ()
    assert few.undefined["error_gap"] == "fewer than two groups have enough people whose outcome is known"


def test_few_without_an_outcome_are_left_out() -> None:
    data = some(300)
    place = np.flatnonzero(data["sensitive_features"] == "A")
    y = data["y_true"].astype(float)
    y[place[:3]] = np.nan
    audit = audit_scores(**{**data, "y_true": y})
    of_known = audit_scores(**{name: values[~np.isnan(y)] for name, values in data.items()})
    assert (audit.n_records, audit.n_without_outcome, audit.n_left_out) == (300, 3, 3)
    assert (audit.groups, audit.rankings) == (of_known.groups, of_known.rankings)
    assert "<10 people are left out of everything" in audit.summary()
    more = y.copy()
    more[np.flatnonzero(data["sensitive_features"] == "B")[:20]] = np.nan
    both = audit_scores(**{**data, "y_true": more})
    assert both.n_left_out == 23  # with B's 20 told, A's three could be reckoned
    more[np.flatnonzero(data["sensitive_features"] == "A")[3:12]] = np.nan
    assert audit_scores(**{**data, "y_true": more}).n_left_out == 0


def test_a_group_that_is_left_out_altogether() -> None:
    data = some(300)
    small = np.arange(300) < 5
    groups = np.where(small, "Xyzzy", data["sensitive_features"])
    y = np.where(small, np.nan, data["y_true"])
    audit = audit_scores(**{**data, "sensitive_features": groups, "y_true": y})
    assert (audit.n_left_out, audit.too_small) == (5, "0")
    assert audit.by_group.loc["Xyzzy", "people"] == 0
    assert "Xyzzy" not in texts(audit)
    nobody = audit_scores(y_pred=[0.1, 0.2, 0.4], y_true=[None] * 3, sensitive_features=list("AAB"))
    assert (nobody.n_records, nobody.n_left_out) == (3, 3)
    assert nobody.by_group["people"].tolist() == [0, 0]
    assert nobody.sentences()


def test_a_group_without_any_known_outcome() -> None:
    data = some(300)
    y = np.where(data["sensitive_features"] == "A", np.nan, data["y_true"])
    audit = audit_scores(**{**data, "y_true": y})
    assert {each.group for each in audit.rankings} == {"B", "C"}
    assert {each.group for each in audit.groups} == {"A", "B", "C"}
    assert math.isnan(audit.by_group.loc["A", "auc"])
    unknown = audit_scores(**{**data, "y_true": [None] * 300})
    assert (unknown.rankings, unknown.auc_verdict, unknown.n_without_outcome) == ((), "cannot tell", 300)
    json.dumps(unknown.to_dict(), allow_nan=False)


def test_order_of_records_does_not_matter() -> None:
    data = some(400)
    order = np.random.default_rng(1).permutation(400)
    one, other = audit_scores(**data), audit_scores(**{name: values[order] for name, values in data.items()})
    pd.testing.assert_frame_equal(one.by_group, other.by_group, rtol=1e-9)
    assert one.p_value == other.p_value


def test_the_summary_claims_nothing() -> None:
    for data in (some(), some(2000), {**some(), "y_true": None}):
        said = audit_scores(**data)._repr_html_().lower()
        for word in (" safe", "anonymous", "unfair", "discriminat", " fair "):
            assert word not in said


def test_one_auc_and_its_degrees_of_freedom_are_brunner_and_munzels() -> None:
    """Their test of AUC = 1/2 stands on the same variance (for a tie-free score) and degrees of freedom."""
    rng = np.random.default_rng(4)
    positive, negative = rng.normal(0.5, 2, 15), rng.normal(0, 1, 25)
    ranked = by_group(scored([*positive, *negative], ["A"] * 40, [1] * 15 + [0] * 25, None, None))
    t = (ranked.auc[0] - 0.5) / math.sqrt(ranked.variance[0])
    expected = stats.brunnermunzel(negative, positive)
    assert t == pytest.approx(expected.statistic, rel=1e-9)
    assert 2 * stats.t.sf(abs(t), ranked.freedom[0]) == pytest.approx(expected.pvalue, rel=1e-9)


def test_the_p_of_two_aucs_is_the_difference_over_its_error() -> None:
    data = some(400, "AB")
    audit = audit_scores(**data)
    found, pair = audit.by_group, audit.ranking_pairs[0]
    t = abs(np.diff(found["auc"])[0]) / math.sqrt(found["auc_variance"].sum())
    assert pair.p_value == pytest.approx(2 * stats.norm.sf(t), rel=0.05)
    assert pair.low <= pair.difference <= pair.high
    half = (pair.high - pair.low) / 2
    assert half == pytest.approx(1.96 * math.sqrt(found["auc_variance"].sum()), rel=0.03)


def test_many_groups_are_compared_with_the_reference_alone() -> None:
    audit = audit_scores(**some(1300, "ABCDEFGHIJKLM"), reference="C")
    assert len(audit.pairs) == len(audit.ranking_pairs) == 12
    assert all(not math.isnan(each.first_above_second) for each in audit.ranking_pairs)
    assert not audit_scores(**some(1300, "ABCDEFGHIJKLM")).pairs


def test_a_group_without_weight_is_not_judged() -> None:
    data = some(90, "AB")
    audit = audit_scores(**data, sample_weight=(data["sensitive_features"] == "A").astype(float))
    assert [each.group for each in audit.groups] == ["A"]
    assert math.isnan(audit.by_group.loc["B", "mean"])
    assert audit.undefined["gap"] == "fewer than two groups have enough people"


def test_the_seed_is_told() -> None:
    data = some(60, "AB")
    assert audit_scores(**data, rng=7).seed == "7"
    assert audit_scores(**data, rng=np.random.default_rng(7)).seed == "that of the generator given"


def test_where_figures_are_rounded_margins_edges_and_chances_are_not() -> None:
    data = some(60, "AB")
    data["sensitive_features"] = np.where(np.arange(60) < 3, "Xyzzy", data["sensitive_features"])
    audit = audit_scores(**data, bins=[0, 0.15, 0.45, 1], margin=0.03)
    assert audit.margin == 0.03
    assert [one.low for one in audit.calibrations[0].bins] == [0, 0.15, 0.45]
    assert all(one.n_records is None for each in audit.calibrations for one in each.bins)
    assert any(each.p_value != round(each.p_value, 1) for each in audit.gaps)
    assert audit.overall == round(audit.overall, 1)


def test_the_number_of_ways_to_deal_gives_no_small_group_away() -> None:
    score = np.arange(13) / 14
    open_book = audit_scores(y_pred=score[:12], sensitive_features=["A"] * 6 + ["B"] * 6, min_group=5, min_cell=5)
    assert (open_book.n_dealt, open_book.seed) == (924, None)
    closed = audit_scores(y_pred=score, sensitive_features=["A"] * 6 + ["B"] * 6 + ["X"], min_group=5, min_cell=5)
    assert (closed.n_dealt, closed.seed) == (999, "0")


def test_the_chance_of_a_gap_of_auc_is_that_of_the_interval_that_ends_in_0() -> None:
    data = some(150, "AB", seed=3)
    audit = audit_scores(**data)
    ranked = by_group(scored(data["y_pred"], data["sensitive_features"], data["y_true"], None, None))
    z = float(_errors_apart(ranked, np.array([0]), np.array([1]))[0])
    low, high = newcombe(
        *(float(each) for pair in zip(ranked.auc * ranked.n, ranked.n, strict=True) for each in pair), z=z
    )
    assert min(abs(low), abs(high)) < 1e-9
    assert 2 * stats.norm.sf(z) < audit.ranking_pairs[0].p_value < 1.2 * 2 * stats.norm.sf(z)
