"""Guessing a sensitive value from a release."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive import fitting as twin
from riskscope.attacks.attack import BETTER, NO_BETTER
from riskscope.attacks.inferring import inference
from riskscope.attacks.targets import target_of
from riskscope.errors import RiskscopeError, RoleError

PERSON = st.tuples(
    st.sampled_from(["F", "M"]), st.sampled_from(["a", "b"]), st.sampled_from(["flu", "HIV", "asthma", None])
)
RECORD = st.tuples(
    st.sampled_from(["F", "M", "*"]),
    st.sampled_from(["a", "b", "*"]),
    st.sampled_from(["flu", "HIV", "asthma", "*", None]),
)
COLUMNS = ["sex", "town", "illness"]


def frame(rows: Any) -> pd.DataFrame:
    return pd.DataFrame([tuple(row) for row in rows], columns=COLUMNS, dtype="object")


def people_of(n: int, seed: int, strength: float = 0.9) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    age, town = rng.integers(20, 60, n), rng.integers(0, 8, n)
    told = np.array(["flu", "HIV", "asthma", "none"])[(age // 10 + town) % 4]
    illness = np.where(rng.random(n) < strength, told, rng.choice(["flu", "HIV", "asthma", "none"], n))
    return pd.DataFrame(
        {"age": age, "town": town, "illness": illness, "income": age * 1000 + town * 10.0 + rng.random(n)}
    )


@given(st.lists(PERSON, min_size=1, max_size=8), st.lists(RECORD, min_size=1, max_size=8))
@settings(deadline=None, max_examples=100)
def test_it_is_what_looking_one_by_one_gives(people: Any, records: Any) -> None:
    original, released = frame(people), frame(records)
    if len(original["illness"].dropna().unique()) < 2:
        return
    found = inference(original, released, known=["sex", "town"], target="illness")
    expected = twin.guessed(
        [each[:2] for each in people],
        [each[2] for each in people],
        [each[:2] for each in records],
        [each[2] for each in records],
    )
    np.testing.assert_allclose(found.hit, [np.nan if each is None else each[0] for each in expected])
    np.testing.assert_allclose(found.posterior, [np.nan if each is None else each[1] for each in expected])


def test_the_published_example_of_correct_attribution() -> None:
    table = pd.DataFrame({"K": list("xxyyy"), "T": [1, 0, 1, 1, 0]})
    found = inference(table, table, known="K", target="T")
    np.testing.assert_allclose(found.posterior, [0.5, 0.5, 2 / 3, 2 / 3, 1 / 3])
    assert found.attribution == pytest.approx(8 / 15)
    assert found.baseline_succeeded == 3


def test_a_release_that_keeps_the_value_beside_the_keys_falls() -> None:
    people = people_of(800, 1)
    found = inference(people, people, known=["age", "town"], target="illness", holdout=people_of(500, 2))
    assert found.verdict == BETTER
    assert found.rate > 0.85
    assert 0.6 < found.control_rate < found.rate
    assert "outside the release" in found.summary()


@pytest.mark.parametrize("how", ["class", "model"])
def test_a_release_whose_values_are_shuffled_holds(how: str) -> None:
    people = people_of(600, 3)
    shuffled = people.assign(illness=np.random.default_rng(0).permutation(people["illness"]))
    found = inference(people, shuffled, known=["age", "town"], target="illness", how=how, holdout=people_of(300, 4))
    assert found.verdict == NO_BETTER
    assert found.risk_above_control < 0.05


def test_a_model_learns_what_classes_are_too_thin_to_show() -> None:
    people = people_of(1500, 5, strength=1.0)
    released = people.assign(town=people["town"].astype(str), age=people["age"] // 10 * 10)
    released["age"] = [f"{age}-{age + 9}" for age in released["age"]]
    found = inference(
        people, released, known=["age", "town"], target="illness", how="model", holdout=people_of(1500, 6, 1.0)
    )
    assert found.rate > 0.98
    assert found.control_rate > 0.98
    assert "random forest" in found.summary()


def test_numbers_are_right_within_a_share_of_their_size_and_negative_ones_too() -> None:
    people = pd.DataFrame({"id": np.arange(120), "debt": -np.arange(1, 121) * 10.0})
    exact = inference(people, people, known="id", target="debt")
    assert exact.succeeded == 120
    wrong = inference(people, people.assign(debt=people["debt"] * 1.2), known="id", target="debt")
    assert wrong.succeeded == 0
    near = inference(people, people.assign(debt=people["debt"] * 1.04), known="id", target="debt")
    assert near.succeeded == 120


def test_a_generalised_target_is_right_where_it_holds_the_value() -> None:
    people = pd.DataFrame({"town": list("aabb"), "age": [31, 38, 52, 57]})
    released = pd.DataFrame({"town": list("aabb"), "age": ["30-39", "30-39", "50-59", "*"]})
    found = inference(people, released, known="town", target="age")
    assert found.hit.tolist() == [1, 1, 1, 1]
    assert target_of(people, released, "age").records.tolist()[3] == -1


def test_nothing_is_told() -> None:
    people = people_of(30, 7)
    found = inference(people, people.assign(illness="*"), known="age", target="illness")
    assert found.tried == 0
    assert "tells no value" in found.summary()


def test_any_frame_gives_the_same() -> None:
    people = people_of(100, 8)
    expected = inference(people, people, known=["age", "town"], target="illness").to_dict()
    assert inference(pl.from_pandas(people), people, known=["age", "town"], target="illness").to_dict() == expected


def test_what_does_not_fit_is_said() -> None:
    people = people_of(30, 9)
    with pytest.raises(RoleError, match="leave it out of known"):
        inference(people, people, known=["age", "illness"], target="illness")
    with pytest.raises(RoleError, match="ilness"):
        inference(people, people, known="age", target="ilness")
    with pytest.raises(RiskscopeError, match="'class', 'model'"):
        inference(people, people, known="age", target="illness", how="magic")
