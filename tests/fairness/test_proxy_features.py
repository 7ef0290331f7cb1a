"""What stands in for the protected column: the sheet's figures, the twin, the planted proxy, and what is not shown."""

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
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from frames import people_with_proxies
from naive import proxies as twin
from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.fairness import features as module
from riskscope.fairness.proxy import measures
from riskscope.fairness.proxy.features import Proxies, Proxy, proxies

CLOSE = 1e-9
T8 = pd.DataFrame({"age": [30, 30, 30, 40, 40, 30, 30, 50], "reg": list("NNNNNSSS")})
SEX = list("FFFFFMMM")


def one(found: Proxies, name: str) -> Proxy:
    return next(each for each in found.features if each.feature == name)


def test_t8() -> None:
    """FORMULAS G11: region is a perfect proxy of sex, age goes with it at V = 0.6."""
    found = proxies(features=T8, sensitive_features=SEX, n_splits=2, n_permutations=1, min_group=3, min_cell=1)
    assert one(found, "reg").cramers_v == pytest.approx(1, rel=CLOSE)
    assert one(found, "age").cramers_v == pytest.approx(0.6, rel=CLOSE)
    assert one(found, "reg").auc == 1
    assert one(found, "reg").ber == 0
    for name in T8:
        assert one(found, name).mutual_information == pytest.approx(twin.mutual_information(T8[name], SEX), rel=CLOSE)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=6, max_size=25), st.integers(0, 9))
def test_alone_as_record_by_record(drawn: list[tuple[int, int]], seed: int) -> None:
    feature, groups = (list(each) for each in zip(*drawn, strict=True))
    assume(set(groups) == {0, 1, 2})
    assume(min(groups.count(each) for each in range(3)) >= 2)
    codes = np.array(groups)
    folds = module.folds_of(codes, 2, np.random.default_rng(seed))
    scores = measures.alone(np.array(feature), 4, codes, folds)
    np.testing.assert_allclose(scores, twin.told_alone(feature, groups, folds.tolist(), 4), rtol=1e-12)
    told = scores.argmax(axis=1)
    assert measures.balanced_error(scores, codes) == pytest.approx(twin.balanced_error(told.tolist(), groups))
    assert measures.balanced_error(scores, codes) == pytest.approx(1 - balanced_accuracy_score(codes, told))
    areas = [
        twin.auc(scores[folds == fold, group].tolist(), (codes[folds == fold] == group).tolist())
        for fold in (0, 1)
        for group in range(3)
    ]
    assert measures.macro_auc(scores, codes, folds) == pytest.approx(float(np.mean(areas)))


def test_auc_as_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    score, positive = rng.integers(0, 9, 200) / 9, rng.random(200) < 0.3
    ours = measures.auc(score, positive.astype(float), 1.0 - positive)
    assert ours == pytest.approx(roc_auc_score(positive, score))
    assert math.isnan(measures.auc(score, np.ones(200), np.zeros(200)))


def test_every_part_holds_every_group_evenly() -> None:
    groups = np.array([0] * 7 + [1] * 23 + [2] * 5)
    folds = module.folds_of(groups, 5, np.random.default_rng(0))
    for group in range(3):
        counts = np.bincount(folds[groups == group], minlength=5)
        assert counts.max() - counts.min() <= 1


def test_strong_and_weak_proxies_and_noise() -> None:
    frame, sex = people_with_proxies(3000)
    found = proxies(features=frame, sensitive_features=sex, n_permutations=9)
    assert [each.feature for each in found.features] == ["strong", "weak", "noise"]
    assert found.features[0].auc == pytest.approx(0.9, abs=0.04)
    assert found.auc > 0.88
    assert found.p_value == 0.1
    assert abs(found.auc_shuffled - 0.5) < 0.05
    assert found.ber < 0.2 < found.ber_blind == 0.5
    drops = {each.feature: each.auc_drop for each in found.features}
    assert drops["strong"] > drops["weak"] > abs(drops["noise"])
    texts(found)


def test_nothing_to_find() -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"a": rng.normal(size=500), "b": rng.choice(list("xyz"), 500)})
    found = proxies(features=frame, sensitive_features=rng.choice(["F", "M"], 500), n_permutations=19)
    assert found.auc == pytest.approx(0.5, abs=0.07)
    assert found.p_value > 0.05
    assert found.ber == pytest.approx(0.5, abs=0.07)


def test_two_features_tell_only_together() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.integers(0, 2, (2, 800))
    found = proxies(
        features=pd.DataFrame({"a": a, "b": b}), sensitive_features=np.where(a ^ b, "F", "M"), n_permutations=1
    )
    assert max(each.auc for each in found.features) < 0.6
    assert found.auc > 0.95
    assert min(each.auc_drop for each in found.features) > 0.3


def texts(found: Proxies) -> str:
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


def test_values_of_features_and_small_groups_are_nowhere() -> None:
    frame, sex = people_with_proxies(400)
    frame["secret"] = ["Xyzzyville" if at % 2 else "Plugh" for at in range(400)]
    groups = [*sex[:-3], "Tiny", "Tiny", "Tiny"]
    found = proxies(features=frame, sensitive_features=groups, n_permutations=1)
    said = texts(found)
    for word in ("Xyzzyville", "Plugh", "Tiny"):
        assert word not in said
    assert found.too_small == "<10"
    assert found.modelled == "all of the groups judged"


def test_several_groups_dates_missing_values_and_many_categories() -> None:
    rng = np.random.default_rng(8)
    group = rng.choice(["A", "B", "C"], 900, p=[0.6, 0.3, 0.1])
    frame = pd.DataFrame(
        {
            "date": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, 900) + 300 * (group == "B"), "D"),
            "missing": np.where(rng.random(900) < 0.5, np.nan, rng.normal(size=900) + (group == "C")),
            "name": [f"n{at}" for at in range(900)],
            "constant": 1,
            "empty": pd.Series([None] * 900, dtype=object),
        },
        index=[0] * 900,
    )
    found = proxies(features=frame, sensitive_features=group, n_permutations=1)
    assert found.n_judged == 3
    assert found.joined == ("name",)
    assert one(found, "date").auc > 0.55
    assert one(found, "constant").auc == 0.5
    assert math.isnan(one(found, "constant").cramers_v)
    assert found.ber_blind == pytest.approx(2 / 3)
    texts(found)
    as_polars = proxies(features=pl.from_pandas(frame), sensitive_features=pl.Series(group), n_permutations=1)
    assert as_polars.to_dict() == {**found.to_dict()}


@pytest.mark.parametrize("kind", [pl.from_pandas, lambda frame: pa.Table.from_pandas(frame, preserve_index=False)])
def test_kinds_of_frames(kind: Any) -> None:
    frame, sex = people_with_proxies(200)
    expected = proxies(features=frame, sensitive_features=sex, n_permutations=1)
    found = proxies(
        features=kind(frame),
        sensitive_features=pa.array(sex.tolist()),
        n_permutations=1,
    )
    assert found.to_dict() == expected.to_dict()


def test_more_records_than_the_model_sees() -> None:
    frame, sex = people_with_proxies(700)
    groups = [*sex[:-11], *["rare"] * 11]
    found = proxies(features=frame, sensitive_features=groups, max_records=100, n_permutations=1)
    assert found.modelled == "100"
    assert found.n_judged == 3
    assert np.isfinite(found.auc)


def test_many_features_are_shuffled() -> None:
    frame, sex = people_with_proxies(300)
    for at in range(11):
        frame[f"noise {at}"] = np.random.default_rng(at).normal(size=300)
    found = proxies(features=frame, sensitive_features=sex, n_permutations=1, n_splits=3)
    assert max(found.features, key=lambda each: each.auc_drop).feature == "strong"


@pytest.mark.parametrize(
    ("groups", "n"), [([], 0), (["A"], 1), (["A"] * 50, 50), ([None] * 50, 50), (["A"] * 45 + ["B"] * 5, 50)]
)
def test_degenerate(groups: Sequence[Any], n: int) -> None:
    frame = pd.DataFrame({"a": np.arange(n), "b": ["x"] * n})
    found = proxies(features=frame, sensitive_features=groups, n_permutations=1)
    assert found.undefined["auc"] == "fewer than two groups have enough people"
    assert "Fewer than two groups" in found.summary()
    assert not found.has_picture
    texts(found)


def test_inputs_are_not_changed_and_answers_repeat() -> None:
    frame, sex = people_with_proxies(200)
    kept = frame.copy()
    first = proxies(features=frame, sensitive_features=sex, n_permutations=2)
    second = proxies(features=frame, sensitive_features=sex, n_permutations=2)
    pd.testing.assert_frame_equal(frame, kept)
    assert first.to_dict() == second.to_dict()


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (
            {"features": pd.DataFrame({"sex": SEX}), "sensitive_features": pd.Series(SEX, name="sex")},
            RoleError,
            "'sex' stands among",
        ),
        ({"sensitive_features": SEX[:3]}, FrameError, "hand over one value a record"),
        ({"n_splits": 1}, RiskscopeError, "n_splits is 1"),
        ({"n_permutations": 0}, RiskscopeError, "n_permutations is 0"),
    ],
)
def test_errors(options: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        proxies(**{"features": T8, "sensitive_features": SEX, **options})
    assert "Xyzzy" not in str(caught.value)
