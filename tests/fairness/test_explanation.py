"""What drives predictions: known weights come out, groups differ where they do, and a bad stand-in says so."""

from __future__ import annotations

import json
import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression

import riskscope as rs
from riskscope.errors import FrameError, RiskscopeError
from riskscope.fairness.explanation.audit import explain_profile, explain_score
from riskscope.fairness.explanation.words import Explanation


def cost(found: Explanation, feature: str, group: str | None = None) -> float:
    several = (
        found.importances if group is None else next(each.importances for each in found.groups if each.group == group)
    )
    return next(each.mean for each in several if each.feature == feature)


def texts(found: Explanation) -> str:
    shown = [found.summary(), repr(found), found._repr_html_(), json.dumps(found.to_dict(), allow_nan=False)]
    shown += [str(found.tables()), str(found.rows()), str(found.to_frame())]
    if found.has_picture:
        axes = found.plot()
        shown += [label.get_text() for label in axes.get_yticklabels()]
        shown += [text.get_text() for text in axes.get_legend().get_texts()]
        plt.close("all")
    for name, _label, value, _kind in found.shown_fields():
        assert not (isinstance(value, float) and math.isnan(value)) or found.undefined[name]
    return " ".join(shown)


def table(n: int = 500, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n), "c": rng.normal(size=n)})


class ByGroup(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Goes by a for those with a flag, by b for the others."""

    def fit(self, X: Any, y: Any) -> ByGroup:
        self.is_fitted_ = True
        return self

    def predict(self, X: pd.DataFrame) -> Any:
        return np.where(X["flag"] == 1, X["a"], X["b"])


def test_the_weights_of_a_line_come_out() -> None:
    """With R², shuffling a feature of weight w costs 2 w² var(x) / var(y) on average."""
    X = table(4000)
    y = 2 * X["a"] + X["b"]
    found = explain_score(estimator=LinearRegression().fit(X, y), X=X, y_true=y, n_repeats=20)
    for name, weight in (("a", 2.0), ("b", 1.0), ("c", 0.0)):
        assert cost(found, name) == pytest.approx(2 * weight**2 * X[name].var() / y.var(), abs=0.03)
    assert [each.feature for each in found.importances] == ["a", "b", "c"]
    assert found.performance == pytest.approx(1)
    assert all(each.low <= each.mean <= each.high for each in found.importances)
    texts(found)


def test_as_scikit_learns_on_the_same_model() -> None:
    X = table(400)
    y = (X["a"] + 0.5 * X["b"] > 0).astype(int)
    model = RandomForestClassifier(20, random_state=0).fit(X[:200], y[:200])
    ours = explain_score(estimator=model, X=X[200:], y_true=y[200:], n_repeats=20, scoring="roc_auc")
    theirs = permutation_importance(model, X[200:], y[200:], scoring="roc_auc", n_repeats=20, random_state=1)
    for name, mean in zip(X, theirs.importances_mean, strict=True):
        assert cost(ours, name) == pytest.approx(mean, abs=0.03)
    assert ours.scoring == "roc_auc"


def test_groups_go_by_different_features() -> None:
    X = table(600).assign(flag=np.arange(600) % 2)
    model = ByGroup().fit(X, None)
    groups = np.where(X["flag"] == 1, "one", "other")
    found = explain_score(estimator=model, X=X, y_true=model.predict(X), sensitive_features=groups)
    assert cost(found, "a", "one") > 1.5
    assert cost(found, "b", "one") == 0
    assert cost(found, "b", "other") > 1.5
    assert cost(found, "flag", "one") == 0  # within a group the flag is the same for all
    assert cost(found, "flag") > 0.5
    assert "'other' (n 300) it is 'b'" in found.summary() or "'one' (n 300) it is 'a'" in found.summary()
    texts(found)


@pytest.mark.parametrize("kind", [lambda frame: frame.to_numpy(), pl.from_pandas])
def test_kinds_of_tables(kind: Any) -> None:
    X = table(200)
    y = X["a"]
    given = kind(X)
    model = LinearRegression().fit(given, y)
    expected = explain_score(estimator=LinearRegression().fit(X, y), X=X, y_true=y)
    found = explain_score(estimator=model, X=given, y_true=pa.array(y))
    assert [each.mean for each in found.importances] == pytest.approx([each.mean for each in expected.importances])


def test_odd_index_and_inputs_left_alone() -> None:
    X = table(200)
    odd = X.set_axis([3] * 200)
    kept = odd.copy()
    model = LinearRegression().fit(X, X["b"])
    found = explain_score(estimator=model, X=odd, y_true=odd["b"])
    assert found.to_dict() == explain_score(estimator=model, X=X, y_true=X["b"]).to_dict()
    pd.testing.assert_frame_equal(odd, kept)


def test_a_pipeline_of_text_labels_and_a_generator() -> None:
    X = table(300)
    y = np.where(X["a"] > 0, "yes", "no")
    model = LogisticRegression().fit(X, y)
    found = explain_score(estimator=model, X=X, y_true=y, rng=np.random.default_rng(1), max_records=100)
    assert found.importances[0].feature == "a"
    assert (found.seed, found.n_used) == ("that of the generator given", "100")


def test_features_that_go_together_are_named() -> None:
    X = table(300)
    X = X.assign(twin=X["a"] + 0.01 * X["c"], kind=np.where(X["b"] > 0, "x", "y"), same=np.where(X["b"] > 0, "u", "v"))
    found = explain_profile(y_pred=X["a"], features=X)
    assert ("a", "twin") in found.correlated
    assert ("kind", "same") in found.correlated
    assert ("a", "c") not in found.correlated
    assert "'a' with 'twin'" in found.summary()
    assert "share their importance" in found.summary()


def test_a_stand_in_that_repeats_the_predictions() -> None:
    X = table(1500)
    X["shop"] = np.random.default_rng(1).choice(list("pqr"), 1500)
    segment = np.select([X["shop"] == "p", X["a"] > 0], ["first", "second"], "third")
    found = explain_profile(y_pred=segment, features=X)
    assert found.performance > 0.9
    assert {each.feature for each in found.importances[:2]} == {"shop", "a"}
    assert cost(found, "b") == pytest.approx(0, abs=0.01)
    assert "what follows explains that part" in found.summary()
    texts(found)


def test_a_stand_in_that_repeats_little_says_so_first() -> None:
    X = table(600)
    found = explain_profile(y_pred=np.random.default_rng(9).random(600), features=X)
    assert found.performance < 0.1
    assert "explains little" in found.sentences()[0]
    texts(found)


def test_what_drives_a_profile_by_group() -> None:
    rng = np.random.default_rng(2)
    X = table(3000)
    group = rng.choice(["A", "B"], 3000)
    X["flag"] = (group == "A").astype(int)
    score = np.where(group == "A", X["a"], X["b"])
    found = explain_profile(y_pred=score, features=X, sensitive_features=group, max_records=3000)
    assert cost(found, "a", "A") > 5 * abs(cost(found, "b", "A"))
    assert cost(found, "b", "B") > 5 * abs(cost(found, "a", "B"))
    texts(found)


def test_the_planted_segment_goes_by_the_category() -> None:
    customers = rs.datasets.load_customers()
    found = explain_profile(
        y_pred=customers["segment"],
        features=customers[["top_category", "occupation", "n_orders"]],
        sensitive_features=customers["sex"],
        max_records=2000,
        n_repeats=2,
        n_splits=2,
    )
    assert found.importances[0].feature == "top_category"
    assert all(each.importances[0].feature == "top_category" for each in found.groups)
    said = texts(found)
    for segment in customers["segment"].unique():
        assert segment not in said


def test_small_groups_are_not_explained_and_values_are_nowhere() -> None:
    X = table(400).assign(place=["Xyzzyville", "Plugh"] * 200)
    groups = ["F"] * 250 + ["M"] * 147 + ["Tiny"] * 3
    found = explain_profile(y_pred=X["a"] > 0, features=X, sensitive_features=groups)
    said = texts(found)
    for word in ("Xyzzyville", "Plugh", "Tiny"):
        assert word not in said
    assert found.too_small == "<10"
    assert {each.group: each.people for each in found.groups} == {"F": "not shown", "M": "147"}
    whole = explain_profile(y_pred=X["a"] > 0, features=X, sensitive_features=["F"] * 250 + [None] * 150)
    assert {each.group for each in whole.groups} == {"F", "unknown"}


@pytest.mark.parametrize(
    ("n", "y", "reason"),
    [
        (0, 0.0, "there are too few records"),
        (1, 0.0, "there are too few records"),
        (200, 3.0, "all predictions are alike"),
    ],
)
def test_degenerate(n: int, y: float, reason: str) -> None:
    found = explain_profile(y_pred=np.full(n, y), features=table(n), sensitive_features=["A"] * n)
    assert found.undefined["performance"] == reason
    assert not found.has_picture
    assert "nothing to explain" in found.summary()
    texts(found)
    with pytest.raises(RiskscopeError, match="no picture"):
        found.plot()


def test_a_class_that_hardly_anybody_has() -> None:
    X = table(300)
    segment = ["rare", *np.where(X["a"][1:] > 0, "x", "y")]
    assert explain_profile(y_pred=segment, features=X.assign(one=1)).performance > 0.8


class Constant(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Says the same of everybody."""

    def fit(self, X: Any, y: Any) -> Constant:
        self.classes_ = np.array([0, 1])
        return self

    def predict(self, X: Any) -> Any:
        return np.zeros(len(X), np.int64)


def test_a_model_that_looks_at_nothing() -> None:
    X = table(100)
    found = explain_score(estimator=Constant().fit(X, None), X=X, y_true=[0, 1] * 50)
    assert [each.mean for each in found.importances] == [0, 0, 0]
    assert "No feature matters beyond the chance of shuffling" in found.summary()
    assert found.performance == 0.5


def test_errors() -> None:
    X = table(20)
    model = LinearRegression().fit(X, X["a"])
    with pytest.raises(FrameError, match="y_true is missing in 1 of 20 records, the first at row 19"):
        explain_score(estimator=model, X=X, y_true=[*X["a"][:-1], None])
    with pytest.raises(FrameError, match="X has 20 values, y_true has 19 values"):
        explain_score(estimator=model, X=X, y_true=X["a"][:-1])
    with pytest.raises(FrameError, match="sensitive_features has 3 values"):
        explain_score(estimator=model, X=X, y_true=X["a"], sensitive_features=list("abc"))
    with pytest.raises(FrameError, match="features has 20 values"):
        explain_profile(y_pred=[1.0] * 19, features=X)
    with pytest.raises(RiskscopeError, match="n_repeats is 1"):
        explain_profile(y_pred=X["a"], features=X, n_repeats=1)
    with pytest.raises(RiskscopeError, match="max_records is 5"):
        explain_profile(y_pred=X["a"], features=X, max_records=5)
