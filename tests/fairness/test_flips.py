"""Flip test: rate and change of the score, columns that are no input, values, frames, models of every kind."""

from __future__ import annotations

import json
import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from riskscope.errors import FrameError, RoleError
from riskscope.fairness.individual.flips import flip_test

CLOSE = 1e-9


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    sex = pd.Categorical(rng.choice(["F", "M"], 400))
    income = rng.normal(size=400) + (sex == "M")
    return pd.DataFrame({"sex": sex, "income": income}, index=np.arange(400)[::-1] * 2)


def fitted(people: pd.DataFrame, *columns: str) -> Any:
    y = ((people["income"] + 1.0 * (people["sex"] == "M")) > 0.8).astype(int)
    encoder = (
        make_column_transformer((OneHotEncoder(), ["sex"]), remainder="passthrough")
        if "sex" in columns
        else "passthrough"
    )
    return make_pipeline(encoder, LogisticRegression()).fit(people[list(columns)], y)


def test_flip_rate_and_change_of_the_score(people: pd.DataFrame) -> None:
    model = fitted(people, "sex", "income")
    found = flip_test(estimator=model, X=people, sensitive_features="sex", min_cell=1)
    other = people.assign(sex=people["sex"].map({"F": "M", "M": "F"}).astype(people["sex"].dtype))
    before, after = model.predict(people), model.predict(other)
    assert found.flip_rate == pytest.approx((before != after).mean(), rel=CLOSE)
    change = np.abs(model.predict_proba(people)[:, 1] - model.predict_proba(other)[:, 1])
    assert found.mean_change == pytest.approx(change.mean(), rel=CLOSE)
    women = (people["sex"] == "F").to_numpy()
    assert found.by_group.loc["F", "value"] == pytest.approx((before != after)[women].mean(), rel=CLOSE)
    assert found.by_group.loc["F", "mean_change"] == pytest.approx(change[women].mean(), rel=CLOSE)
    assert found.low < found.flip_rate < found.high
    assert "get another prediction when 'sex' alone is switched" in found.summary()
    assert "proxies" in found.summary()
    assert json.loads(json.dumps(found.to_dict()))["is_input"] is True
    axes = found.plot()
    plt.close(axes.figure)


def test_a_column_that_is_no_input_never_flips_and_this_proves_nothing(people: pd.DataFrame) -> None:
    found = flip_test(estimator=fitted(people, "income"), X=people, sensitive_features="sex")
    assert (found.flip_rate, found.mean_change, found.groups) == (0, 0, ())
    assert "0 by construction" in found.summary()
    assert "proxies" in found.summary()


def test_an_input_that_the_model_does_not_use(people: pd.DataFrame) -> None:
    model = DecisionTreeClassifier(max_depth=1).fit(people[["income"]].assign(a=0), people["income"] > 0)
    frame = people[["income"]].assign(a=[0, 1] * 200)
    found = flip_test(estimator=model, X=frame, sensitive_features="a", min_cell=1)
    assert (found.flip_rate, found.is_input) == (0, True)
    assert "does not show that people are treated alike" in found.summary()


class Table:
    """A model of a table: the prediction of each value; takes any frame with a column of that name."""

    def __init__(self, predictions: dict[str, Any], column: str = "group") -> None:
        self.predictions, self.column = predictions, column

    def predict(self, people: Any) -> np.ndarray:
        return np.array([self.predictions[value] for value in list(people[self.column])])


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_three_values_and_frames(make: Any) -> None:
    frame = make({"group": list("aabbbc") * 10, "x": range(60)})
    found = flip_test(estimator=Table({"a": 1, "b": 1, "c": 0}), X=frame, sensitive_features="group", min_cell=1)
    assert found.flip_rate == 1  # everybody's changes for some other value
    assert math.isnan(found.mean_change)
    number = flip_test(estimator=Table({"a": 1.0, "b": 2.0, "c": 4.0}), X=frame, sensitive_features="group")
    # a: |1| and |3|, b: 1 and 2, c: 3 and 2
    assert number.mean_change == pytest.approx((2 * 2 + 3 * 1.5 + 1 * 2.5) / 6, rel=CLOSE)


def test_several_columns_and_a_missing_value() -> None:
    frame = pd.DataFrame({"sex": ["F", "M", None, "M"] * 5, "old": [1, 0, 1, 1] * 5, "x": range(20)})

    class Model:
        def predict(self, people: Any) -> np.ndarray:
            assert people["sex"].isna().sum() in (0, 5)
            return ((people["sex"] == "F") & (people["old"] == 1)).to_numpy().astype(int)

    found = flip_test(estimator=Model(), X=frame, sensitive_features=["sex", "old"], min_cell=1)
    assert found.by_group["value"].to_dict() == {"F · 1": 1, "M · 0": 1, "M · 1": 1, "unknown · 1": 1}


def test_regression(people: pd.DataFrame) -> None:
    frame = people.assign(sex=(people["sex"] == "M").astype(float))
    model = LinearRegression().fit(frame, 3 * frame["sex"] + frame["income"])
    found = flip_test(estimator=model, X=frame, sensitive_features="sex", min_cell=1)
    assert (found.flip_rate, found.mean_change) == (1, pytest.approx(3, rel=1e-6))


def test_flip_degenerate_and_errors(people: pd.DataFrame) -> None:
    one = flip_test(estimator=Table({"a": 1}), X=pd.DataFrame({"group": ["a"] * 5}), sensitive_features="group")
    assert math.isnan(one.flip_rate)
    assert one.undefined["flip_rate"]
    assert "Nothing can be switched" in one.summary()
    empty = flip_test(estimator=Table({}), X=pd.DataFrame({"group": []}), sensitive_features="group")
    assert math.isnan(empty.flip_rate)
    with pytest.raises(RoleError, match="near: 'group'"):
        flip_test(estimator=Table({}), X=pd.DataFrame({"group": ["a"]}), sensitive_features="groupe")
    with pytest.raises(FrameError, match="60 different values"):
        flip_test(estimator=Table({}), X=pd.DataFrame({"group": range(60)}), sensitive_features="group")
    with pytest.raises(RoleError, match="names no column"):
        flip_test(estimator=Table({}), X=people, sensitive_features=[])


def test_flip_groups_of_few_people_are_not_shown() -> None:
    frame = pd.DataFrame({"group": ["a"] * 50 + ["b"] * 50 + ["rare"] * 4, "x": range(104)})

    class Model:
        def predict(self, people: Any) -> np.ndarray:
            return ((people["group"] == "a") & (people["x"] % 2 == 0)).to_numpy().astype(int)

    found = flip_test(estimator=Model(), X=frame, sensitive_features="group")
    assert "rare" not in found._repr_html_() + json.dumps(found.to_dict()) + repr(found) + found.summary()
    assert "rare" in found.by_group.index
