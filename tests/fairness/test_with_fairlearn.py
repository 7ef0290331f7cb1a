"""A real fairlearn MetricFrame from counted cells: equal to the one made from records, and what it refuses."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics as fairlearn_metrics
from fairlearn.metrics import MetricFrame
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, precision_score

from riskscope.errors import FrameError
from riskscope.fairness.decisions.audit import DecisionAudit, audit_decisions
from riskscope.fairness.with_fairlearn import metric_frame

CLOSE = 1e-12  # sums in another order
RATES = ("true_positive_rate", "false_positive_rate", "true_negative_rate", "false_negative_rate")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    n = 900
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["F", "M", "X"], n, p=[0.5, 0.47, 0.03]),
            "age": rng.choice(["old", "young"], n),
            "town": rng.choice(["A", "B"], n),
            "weight": rng.integers(1, 5, n).astype(float),
            "y_true": rng.integers(0, 2, n),
        },
        index=np.arange(n)[::-1] * 3,
    )
    return frame.assign(y_pred=(rng.random(n) < 0.3 + 0.3 * frame["y_true"]).astype(int))


def audited(people: pd.DataFrame, sensitive: Any = "sex", **options: Any) -> DecisionAudit:
    return audit_decisions(
        y_true=people["y_true"],
        y_pred=people["y_pred"],
        sensitive_features=people[sensitive],
        n_permutations=99,
        **options,
    )


def from_records(people: pd.DataFrame, metrics: Any, **options: Any) -> MetricFrame:
    return MetricFrame(metrics=metrics, y_true=people["y_true"], y_pred=people["y_pred"], **options)


def usual() -> dict[str, Any]:
    found = {name: getattr(fairlearn_metrics, name) for name in ("count", "selection_rate", *RATES)}
    return {**found, "precision": partial(precision_score, zero_division=np.nan), "accuracy": accuracy_score}


def assert_same(one: MetricFrame, other: MetricFrame) -> None:
    pd.testing.assert_frame_equal(
        one.by_group.astype(float), other.by_group[list(one.by_group)].astype(float), rtol=CLOSE, check_names=False
    )
    for name in ("difference", "ratio", "group_min", "group_max"):
        mine, theirs = (getattr(each, name)() for each in (one, other))
        np.testing.assert_allclose(mine.astype(float), theirs[mine.index].astype(float), rtol=1e-9)
    np.testing.assert_allclose(one.overall.astype(float), other.overall[one.overall.index].astype(float), rtol=CLOSE)


def test_equals_the_frame_made_from_the_records(people: pd.DataFrame) -> None:
    found = audited(people).to_metric_frame()
    assert isinstance(found, MetricFrame)
    assert found.sensitive_levels == ["sex"]
    assert_same(found, from_records(people, usual(), sensitive_features=people["sex"]))


def test_metrics_of_ones_own(people: pd.DataFrame) -> None:
    several = {"f1": f1_score, "balanced": balanced_accuracy_score, "count": fairlearn_metrics.count}
    found = metric_frame(audited(people), several)
    assert_same(found, from_records(people, several, sensitive_features=people["sex"]))
    one = metric_frame(audited(people), f1_score)
    theirs = from_records(people, f1_score, sensitive_features=people["sex"])
    pd.testing.assert_series_equal(one.by_group.astype(float), theirs.by_group.astype(float), check_names=False)
    assert one.overall == pytest.approx(theirs.overall, rel=CLOSE)


def test_several_columns_are_one_feature_of_intersections(people: pd.DataFrame) -> None:
    found = audited(people, ["sex", "age"]).to_metric_frame()
    joined = people["sex"] + " · " + people["age"]
    theirs = from_records(people, usual(), sensitive_features=joined)
    assert_same(found, theirs)
    assert found.sensitive_levels == ["sex · age"]


def test_strata_are_control_features(people: pd.DataFrame) -> None:
    found = audited(people, control_features=people["town"]).to_metric_frame(fairlearn_metrics.selection_rate)
    theirs = from_records(
        people,
        fairlearn_metrics.selection_rate,
        sensitive_features=people["sex"],
        control_features=people["town"],
    )
    assert found.control_levels == ["town"]
    np.testing.assert_allclose(found.by_group.astype(float), theirs.by_group.astype(float), rtol=CLOSE)
    np.testing.assert_allclose(found.difference(), theirs.difference(), rtol=1e-9)


def test_weights_weigh(people: pd.DataFrame) -> None:
    found = audited(people, sample_weight=people["weight"]).to_metric_frame(fairlearn_metrics.true_positive_rate)
    theirs = from_records(
        people,
        fairlearn_metrics.true_positive_rate,
        sensitive_features=people["sex"],
        sample_params={"sample_weight": people["weight"]},
    )
    np.testing.assert_allclose(found.by_group.astype(float), theirs.by_group.astype(float), rtol=CLOSE)


def test_nobody_to_divide_by_is_0_for_fairlearn_and_undefined_here() -> None:
    people = pd.DataFrame({"sex": list("FFMM"), "y_true": [0, 0, 0, 1], "y_pred": [0, 1, 1, 1]})
    audit = audited(people)
    assert audit.to_metric_frame().by_group.loc["F", "true_positive_rate"] == 0
    assert np.isnan(audit.by_group["true_positive_rate"]["F"])


def test_unknown_outcomes_count_for_the_decision_alone() -> None:
    people = pd.DataFrame({"sex": list("FFFMMM"), "y_true": [0, 1, None, 1, 0, None], "y_pred": [0, 1, 1, 0, 1, 1]})
    found = audited(people).to_metric_frame().by_group
    assert found.loc["F", "count"] == 3
    assert found.loc["F", "selection_rate"] == pytest.approx(2 / 3)
    assert found.loc["F", "accuracy"] == 1
    assert found.loc["M", "accuracy"] == 0


def test_a_group_without_a_known_outcome() -> None:
    people = pd.DataFrame({"sex": list("FFMM"), "y_true": [0, 1, None, None], "y_pred": [0, 1, 1, 0]})
    found = audited(people).to_metric_frame().by_group
    assert found.loc["M", "selection_rate"] == 0.5
    assert np.isnan(found.loc["M", "accuracy"])
    assert found.loc["F", "accuracy"] == 1


def test_without_outcomes_only_metrics_of_the_decision(people: pd.DataFrame) -> None:
    audit = audit_decisions(y_pred=people["y_pred"], sensitive_features=people["sex"], n_permutations=99)
    found = audit.to_metric_frame()
    assert list(found.by_group) == ["count", "selection_rate"]
    expected = people.groupby("sex")["y_pred"].mean()
    np.testing.assert_allclose(found.by_group["selection_rate"].astype(float), expected, rtol=CLOSE)
    with pytest.raises(FrameError, match="'accuracy_score' need the true outcome, and the audit has none"):
        audit.to_metric_frame(accuracy_score)


def test_a_metric_without_weights_is_refused(people: pd.DataFrame) -> None:
    def hits(y_true: Any, y_pred: Any) -> float:
        return float(np.sum(y_true == y_pred))

    with pytest.raises(FrameError, match="'mine' take no sample_weight: they would count cells, not people"):
        audited(people).to_metric_frame({"mine": hits})


def test_a_column_named_as_fairlearns_own(people: pd.DataFrame) -> None:
    named = people["sex"].rename("y_pred")
    audit = audit_decisions(y_pred=people["y_pred"], sensitive_features=named, n_permutations=99)
    assert audit.to_metric_frame().sensitive_levels == ["y_pred (group)"]
