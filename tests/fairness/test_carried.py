"""What features carry of a disparity: the twin, the planted proxy, what is known by construction, what is not shown."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import riskscope as rs
from frames import people_with_proxies
from naive import proxies as twin
from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.fairness.features import Predicted
from riskscope.fairness.proxy import measures
from riskscope.fairness.proxy.carried import Carried, DisparityCarried, disparity_carried

CLOSE = 1e-9


def one(found: DisparityCarried, name: str) -> Carried:
    return next(each for each in found.features if each.feature == name)


records = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), st.sampled_from([0.0, 1.0, 2.5])), min_size=4, max_size=30
)


@settings(max_examples=80, deadline=None)
@given(records)
def test_standardised_as_record_by_record(drawn: list[tuple[int, bool, float]]) -> None:
    strata, first, values = (list(each) for each in zip(*drawn, strict=True))
    assume(0 < sum(first) < len(first))
    assume(
        {s for s, f in zip(strata, first, strict=True) if f} & {s for s, f in zip(strata, first, strict=True) if not f}
    )
    sides, codes = np.array(first), (np.array(values) * 2).astype(np.int64)
    numbers = measures.standardised(np.array(strata), sides, Predicted(np.array(values), codes, 0))
    assert numbers.after == pytest.approx(twin.left(strata, first, values), abs=CLOSE)
    assert numbers.before == pytest.approx(twin.left([0] * len(first), first, values), abs=CLOSE)
    classes = measures.standardised(np.array(strata), sides, Predicted(np.array(values), codes, 6))
    assert classes.after == pytest.approx(twin.left_of_classes(strata, first, values), abs=CLOSE)
    assert classes.before == pytest.approx(twin.left_of_classes([0] * len(first), first, values), abs=CLOSE)
    lonely = [s for s in strata if len({f for t, f in zip(strata, first, strict=True) if t == s}) == 1]
    assert numbers.n_empty == len(set(lonely))
    assert numbers.share_alone == pytest.approx(len(lonely) / len(strata))
    assert numbers.n_strata == len(set(strata))


def test_kitagawas_identity() -> None:
    """With people of both groups in all strata, before = composition + rates (Kitagawa 1955)."""
    rng = np.random.default_rng(3)
    strata, first, values = rng.integers(0, 4, 500), rng.random(500) < 0.4, rng.random(500)
    found = measures.standardised(strata, first, Predicted(values, strata, 0))
    composition = sum(
        ((strata[first] == s).mean() - (strata[~first] == s).mean())
        * (values[first & (strata == s)].mean() + values[~first & (strata == s)].mean())
        / 2
        for s in range(4)
    )
    assert found.before - found.after == pytest.approx(composition, abs=CLOSE)


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return rs.datasets.load_customers()


def test_the_planted_proxy_carries_the_segment(customers: pd.DataFrame) -> None:
    """The segment depends on sex through top_category alone."""
    names = ["top_category", "occupation", "household_size", "n_orders"]
    found = disparity_carried(
        features=customers[names],
        sensitive_features=customers["sex"],
        y_pred=customers["segment"],
        max_records=6000,
        n_splits=3,
    )
    planted = one(found, "top_category")
    assert found.features[0] is planted
    assert planted.carried > 0.8
    assert planted.after < 2 * planted.by_chance
    assert all(each.carried < 0.1 for each in found.features if each is not planted)
    assert found.reachable > 0.7
    assert "A model that never sees the protected column repeats" in found.summary()
    assert "'top_category'" in found.sentences()[1]
    texts(found)


def test_a_score_without_a_gap_has_nothing_to_carry(customers: pd.DataFrame) -> None:
    found = disparity_carried(
        features=customers[["occupation", "household_size"]],
        sensitive_features=customers["sex"],
        y_pred=customers["credit_score"],
        max_records=2000,
        n_splits=2,
    )
    assert found.undefined["reachable"] == "the disparity is no larger than chance makes it"
    assert "nothing for a feature to carry" in found.summary()
    texts(found)


def test_the_part_that_a_proxy_carries_is_known() -> None:
    """Half of the gap runs through the feature, half is by group: 0.8 of 1.6 is carried, more is reachable."""
    rng = np.random.default_rng(6)
    first = rng.random(4000) < 0.5
    feature = rng.random(4000) < np.where(first, 0.9, 0.1)
    score = 1.0 * feature + 0.8 * first + rng.normal(0, 0.1, 4000)
    found = disparity_carried(
        features=pd.DataFrame({"feature": feature}),
        sensitive_features=np.where(first, "A", "B"),
        y_pred=score,
    )
    assert (found.highest, found.lowest) == ("A", "B")
    assert found.before == pytest.approx(1.6, abs=0.05)
    assert one(found, "feature").carried == pytest.approx(0.5, abs=0.03)
    assert found.carried_together == pytest.approx(0.5, abs=0.03)
    assert 0.6 < found.reachable < 1


def test_a_perfect_proxy_leaves_nobody_to_compare_but_reaches_all() -> None:
    first = np.arange(400) % 2 == 0
    decided = (np.random.default_rng(7).random(400) < np.where(first, 0.8, 0.3)).astype(int)
    found = disparity_carried(
        features=pd.DataFrame({"copy": np.where(first, "x", "y")}),
        sensitive_features=np.where(first, "A", "B"),
        y_pred=decided,
    )
    assert math.isnan(found.carried_together)
    assert found.undefined["carried_together"] == "no stratum holds people of both groups"
    assert one(found, "copy").share_alone == 1
    assert found.reachable == pytest.approx(1, abs=0.05)
    texts(found)


def texts(found: DisparityCarried) -> str:
    shown = [found.summary(), repr(found), found._repr_html_(), json.dumps(found.to_dict(), allow_nan=False)]
    shown += [str(found.tables()), str(found.rows()), str(found.to_frame())]
    if found.has_picture:
        axes = found.plot()
        shown += [label.get_text() for label in axes.get_yticklabels()]
        plt.close("all")
    for name, _label, value, _kind in found.shown_fields():
        assert not (isinstance(value, float) and math.isnan(value)) or found.undefined[name]
    for word in (" safe", " unfair", "discriminates"):
        assert word not in " ".join(shown).lower()
    return " ".join(shown)


def test_decisions_that_tell_of_few_people_are_not_compared() -> None:
    frame, sex = people_with_proxies(400)
    decided = np.zeros(400, np.int64)
    decided[:5] = 1
    found = disparity_carried(features=frame, sensitive_features=sex, y_pred=decided)
    assert found.highest is None
    assert found.undefined["before"] == "fewer than two groups have enough people"
    texts(found)


@pytest.mark.parametrize("kind", [pl.from_pandas, lambda frame: pa.Table.from_pandas(frame, preserve_index=False)])
def test_kinds_of_frames(kind: Any) -> None:
    frame, sex = people_with_proxies(300)
    kept = frame.copy()
    expected = disparity_carried(features=frame, sensitive_features=sex, y_pred=frame["weak"])
    found = disparity_carried(
        features=kind(frame),
        sensitive_features=pa.array(sex.tolist()),
        y_pred=pl.Series(frame["weak"].to_numpy()),
    )
    assert found.to_dict() == expected.to_dict()
    pd.testing.assert_frame_equal(frame, kept)


def test_values_of_features_and_small_groups_are_nowhere() -> None:
    frame, sex = people_with_proxies(400)
    frame["secret"] = ["Xyzzyville" if at % 2 else "Plugh" for at in range(400)]
    groups = [*sex[:-3], "Tiny", "Tiny", "Tiny"]
    found = disparity_carried(features=frame, sensitive_features=groups, y_pred=frame["strong"])
    said = texts(found)
    for word in ("Xyzzyville", "Plugh", "Tiny"):
        assert word not in said
    assert found.too_small == "<10"
    assert found.prediction.startswith("two values")
    assert "size not shown" in found.summary()


def test_two_of_three_groups_and_fewer_records_than_they_have() -> None:
    rng = np.random.default_rng(11)
    groups = np.repeat(["A", "B", "C"], [300, 300, 200])
    score = rng.normal(size=800) + 2 * (groups == "C") - 2 * (groups == "A")
    frame = pd.DataFrame({"a": score + rng.normal(size=800), "b": rng.integers(0, 3, 800)})
    found = disparity_carried(y_pred=score, features=frame, sensitive_features=groups, max_records=150, n_splits=3)
    assert (found.highest, found.lowest) == ("C", "A")
    assert found.modelled == "150"
    assert found.features[0].feature == "a"


@pytest.mark.parametrize(
    ("groups", "n"), [([], 0), (["A"], 1), (["A"] * 50, 50), ([None] * 50, 50), (["A"] * 45 + ["B"] * 5, 50)]
)
def test_degenerate(groups: Sequence[Any], n: int) -> None:
    frame = pd.DataFrame({"a": np.arange(n), "b": ["x"] * n})
    found = disparity_carried(features=frame, sensitive_features=groups, y_pred=np.arange(n, dtype=float))
    assert found.undefined["before"] == "fewer than two groups have enough people"
    assert "Fewer than two groups" in found.summary()
    assert not found.has_picture
    texts(found)


T8 = pd.DataFrame({"age": [30, 30, 30, 40, 40, 30, 30, 50], "reg": list("NNNNNSSS")})
SEX = list("FFFFFMMM")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (
            {"features": pd.DataFrame({"sex": SEX}), "sensitive_features": pd.Series(SEX, name="sex")},
            RoleError,
            "'sex' stands among",
        ),
        ({"y_pred": None}, RoleError, "y_pred is None"),
        ({"y_pred": [1.0] * 7 + [None]}, FrameError, "y_pred is missing or infinite in 1 of 8"),
        ({"y_pred": ["Xyzzy"] * 7 + [None]}, FrameError, "y_pred is missing in 1 of 8 records, the first at row 7"),
        ({"y_pred": [1.0] * 7}, FrameError, "y_pred has 7 values"),
        ({"n_splits": 1}, RiskscopeError, "n_splits is 1"),
    ],
)
def test_errors(options: dict[str, Any], kind: type[Exception], message: str) -> None:
    given = {"features": T8, "sensitive_features": SEX, "y_pred": [1.0] * 8, **options}
    with pytest.raises(kind, match=message) as caught:
        disparity_carried(**given)
    assert "Xyzzy" not in str(caught.value)


def test_a_prediction_that_is_the_same_for_all_has_no_disparity_to_carry() -> None:
    rng = np.random.default_rng(0)
    groups = ["a", "b"] * 100
    features = pd.DataFrame({"x": rng.normal(size=200)})
    found = disparity_carried(y_pred=np.ones(200), features=features, sensitive_features=groups)
    assert found.before == 0
    assert "chance" in found.undefined["carried_together"]
