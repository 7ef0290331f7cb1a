"""What a model that learned from the release still knows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from riskscope.errors import FrameError, RoleError
from riskscope.utility.covering import coverings
from riskscope.utility.models import model_utility, relative_utility
from riskscope.utility.training import auc, best_cells, feature_of, fitted, scores_of


def people(n: int = 240, seed: int = 0) -> pd.DataFrame:
    """Give people whose illness follows their age and town, and whose income follows their age."""
    rng = np.random.default_rng(seed)
    age, town = rng.integers(20, 80, n), rng.choice(["75001", "75002", "69001", "69002"], n)
    ill = np.where((age > 50) ^ (town == "69001"), "yes", "no")
    return pd.DataFrame({"age": age, "town": town, "ill": ill, "income": age * 100 + rng.normal(0, 200, n).round()})


def test_the_same_release_keeps_all() -> None:
    found = model_utility(people(), people(), target="ill", features=["age", "town"])
    assert found.relative == 1
    assert (found.difference, found.difference_low, found.difference_high) == (0, 0, 0)
    assert found.accuracy_original > 0.9 > found.accuracy_majority
    assert found.auc_released == found.auc_original > 0.9
    assert found.log_loss_released == found.log_loss_original
    assert (found.n_suppressed, found.n_tested, found.repeats, found.seed) == (0, 72, 5, "0")
    assert "keeps 100 %" in found.summary()


def test_the_worked_example() -> None:
    assert relative_utility(0.85, 0.80, 0.70) == pytest.approx(0.666667, abs=5e-7)
    assert np.isnan(relative_utility(0.70, 0.75, 0.70))


def test_a_coarser_release_keeps_less_and_a_suppressed_one_nothing() -> None:
    original = people()
    coarse = original.assign(age=[f"[{20 + 30 * (each // 51)}, {50 + 30 * (each // 51)}]" for each in original["age"]])
    useful = original.assign(age=np.where(original["age"] > 50, "> 50", "≤ 50"))
    nothing = original.assign(age="*", town="*")
    kept = [
        model_utility(original, each, target="ill", features=["age", "town"], repeats=3).relative
        for each in (useful, coarse.assign(town="*"))
    ]
    assert kept[0] > 0.9 > kept[1]
    found = model_utility(original, nothing, target="ill", features=["age", "town"])
    assert found.n_suppressed == len(original)
    assert found.undefined["relative"] == "no released record is left to learn from"
    assert "cannot be told" in found.summary()


def test_a_release_that_teaches_wrong_keeps_nothing() -> None:
    original = people()
    wrong = original.assign(ill=np.where(original["ill"] == "yes", "no", "yes"))
    found = model_utility(original, wrong, target="ill", features=["age", "town"], repeats=3)
    assert found.relative < 0
    assert "keeps nothing" in found.summary()
    assert found.difference_high < 0


def test_suppressed_people_are_dropped_and_counted() -> None:
    original = people()
    is_kept = np.arange(len(original)) % 4 > 0
    truth = np.where(is_kept, np.cumsum(is_kept) - 1, -1)
    released = original[is_kept].reset_index(drop=True).astype({"age": float})
    released.loc[:4, "age"] = np.nan
    released.loc[:4, "town"] = "*"
    released.loc[5:7, "ill"] = "*"
    found = model_utility(original, released, target="ill", features=["age", "town"], truth=truth, repeats=2)
    assert found.n_suppressed == 60 + 5
    assert found.n_target_unknown == 3
    assert "65 people are not in the release" in found.summary()
    with pytest.raises(FrameError, match="which is whose cannot be seen"):
        model_utility(original, released, target="ill")


def test_numbers_are_judged_by_their_variance() -> None:
    steps: list[tuple[str, int, int]] = []
    noisy = people().assign(income=people()["income"] + np.random.default_rng(1).normal(0, 4000, 240))
    found = model_utility(
        people(), noisy, target="income", features="age", repeats=2, rng=7, progress=lambda *each: steps.append(each)
    )
    assert found.r2_original > 0.8 > found.r2_released
    assert found.mae_released > found.mae_original
    assert 0 < found.relative < 1
    assert np.isnan(found.accuracy_original)
    assert not any(name.startswith(("accuracy", "auc", "log_loss")) for name, *_rest in found.shown_fields())
    assert steps == [("training models", 0, 2), ("training models", 1, 2)]
    assert "of its variance" in found.summary()


def test_a_holdout_is_tested_whoever_is_whose() -> None:
    holdout = people(90, seed=5)
    synthetic = people(150, seed=9)
    found = model_utility(people(), synthetic, target="ill", features=["age", "town"], holdout=holdout, repeats=2)
    assert found.n_tested == 90
    assert found.relative > 0.7
    as_polars = model_utility(
        people(),
        pl.from_pandas(synthetic),
        target="ill",
        features=["age", "town"],
        holdout=pl.from_pandas(holdout.astype({"age": float})),
        repeats=2,
    )
    assert as_polars.relative == pytest.approx(found.relative)


def test_each_value_takes_the_cell_that_most_probably_is_its_own() -> None:
    original = pd.DataFrame({"age": [20, 21, 30, 31, 32], "town": ["a", "b", "c", "c", "c"]})
    released = pd.DataFrame({"age": ["[20, 29]"] * 3 + ["[20, 40]", "*"], "town": ["north", "north", "c", "c", "*"]})
    age, town = coverings(original, released, ["age", "town"])
    cells = [[each.cells[at] if at >= 0 else "" for at in best_cells(each, np.arange(5))] for each in (age, town)]
    assert cells == [["[20, 29]"] * 2 + ["[20, 40]"] * 3, ["north", "north", "c"]]
    assert feature_of(age, None).recoded.tolist() == [20.5, 20.5, 26, 26, 26]
    assert best_cells(town, None).tolist()[:2] == [list(town.cells).index("*")] * 2


def test_scores_are_what_scikit_learn_gives() -> None:
    from sklearn.metrics import log_loss, mean_absolute_error, r2_score, roc_auc_score

    rng = np.random.default_rng(0)
    chances = rng.dirichlet([1, 1, 1], 40)
    own = rng.integers(0, 3, 40)
    found = scores_of(chances, own.astype(float), 3)
    assert found["auc"] == pytest.approx(roc_auc_score(own, chances, multi_class="ovr"))
    assert found["log_loss"] == pytest.approx(log_loss(own, chances))
    assert found["accuracy"] == (chances.argmax(axis=1) == own).mean()
    numbers, told = rng.normal(size=(2, 40))
    assert scores_of(told, numbers, 0) == pytest.approx(
        {"r2": r2_score(numbers, told), "mae": mean_absolute_error(numbers, told)}
    )
    assert np.isnan(auc(numbers, np.ones(40, bool)))


def test_nothing_to_learn_gives_the_shares() -> None:
    same = fitted(np.ones((4, 1)), np.array([0.0, 0, 0, 1]), [False], 3, 0)
    assert same(np.ones((2, 1))).tolist() == [[0.75, 0.25, 0]] * 2
    assert fitted(np.ones((2, 0)), np.array([1.0, 3.0]), [], 0, 0)(np.ones((1, 0))).tolist() == [2]


@pytest.mark.parametrize("n", [0, 1, 19])
def test_too_few_people(n: int) -> None:
    found = model_utility(people(n), people(n), target="ill")
    assert np.isnan(found.relative)
    assert found.undefined["relative"] == "fewer than 20 people have a known target"
    assert found.summary()


def test_one_class_teaches_nothing() -> None:
    alike = people(60).assign(ill="no")
    found = model_utility(alike, alike, target="ill", repeats=2)
    assert (found.accuracy_original, found.accuracy_majority) == (1, 1)
    assert found.undefined["relative"].startswith("a model of the original does no better")
    assert "nothing that the release could keep" in found.summary()


def test_many_categories_are_joined() -> None:
    many = people(600).assign(street=[f"street {at}" for at in range(600)])
    (street,) = coverings(many, many, ["street"])
    found = feature_of(street, None)
    assert len(np.unique(found.original)) == 200
    assert np.array_equal(found.original, found.released)
    assert np.array_equal(found.original, found.recoded)


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(RoleError, match="'ill' is the target and a feature"):
        model_utility(people(), people(), target="ill", features=["ill"])
    with pytest.raises(RoleError, match="target not found: 'il'"):
        model_utility(people(), people(), target="il")
    with pytest.raises(RoleError, match="no feature to learn from"):
        model_utility(people(), people()[["ill"]], target="ill")
    with pytest.raises(RoleError, match="columns of the hold-out not found: 'age'"):
        model_utility(people(), people(), target="ill", holdout=people()[["ill", "town", "income"]])
    with pytest.raises(ValueError, match="repeats is 1"):
        model_utility(people(), people(), target="ill", repeats=1)


def test_no_value_comes_out_and_the_picture_has_three_bars() -> None:
    original = people(60)
    original.loc[3, "town"] = "Quetzal"
    original.loc[5, "ill"] = "wobble"
    found: Any = model_utility(original, original, target="ill", repeats=2)
    texts = [repr(found), found.summary(), found._repr_html_(), json.dumps(found.to_dict())]
    assert not any("Quetzal" in each or "wobble" in each for each in texts)
    axes = found.plot()
    assert len(axes.patches) == 3
    assert [len(line.get_xdata()) for line in axes.lines] == [2, 2, 2]
