"""Mitigations compared: what they leave of a planted gap, its price, whose decision changes, and what is refused."""

from __future__ import annotations

import itertools
import json
import pickle
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from riskscope.errors import FrameError, RoleError
from riskscope.fairness import mitigation
from riskscope.fairness.mitigation import compare_mitigations
from riskscope.fairness.mitigation_words import MitigationComparison

CLOSE = 1e-9


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Men earn more on paper, repay alike: a classifier of income passes women over."""
    rng = np.random.default_rng(8)
    n = 3000
    is_man = rng.random(n) < 0.5
    skill = rng.normal(size=n)
    return pd.DataFrame(
        {
            "sex": np.where(is_man, "M", "F"),
            "income": skill + 0.9 * is_man + 0.5 * rng.normal(size=n),
            "debt": rng.normal(size=n) - skill,
            "job": np.where(rng.random(n) < 0.3 + 0.4 * is_man, "metal", "care"),
            "repaid": (skill + 0.6 * is_man + rng.normal(size=n) > 0.3).astype(int),
        },
        index=np.arange(n)[::-1] * 2,
    )


def compared(people: pd.DataFrame, **options: Any) -> MitigationComparison:
    given = {"estimator": LogisticRegression(), "X": people[["income", "debt"]], "y_true": people["repaid"]}
    return compare_mitigations(**{**given, "sensitive_features": people["sex"], "n_boot": 200, **options})


@pytest.fixture(scope="module")
def found(people: pd.DataFrame) -> MitigationComparison:
    return compared(people)


def test_every_mitigation_narrows_the_planted_gap(found: MitigationComparison) -> None:
    assert [each.name for each in found.methods] == ["as_it_is", "threshold", "reduction", "correlation"]
    assert found.gap_before > 0.3
    assert found.n_records == 3000
    assert found.n_judged == 1200
    for each in found.methods[1:]:
        assert not each.reason
        assert each.selection_gap.value < 0.12
        assert each.changes["selection_gap"].high < -0.15
        assert each.changes["selection_gap"].value == pytest.approx(each.selection_gap.value - found.gap_before)
        assert each.changes["accuracy"].low <= each.changes["accuracy"].value <= each.changes["accuracy"].high
    smallest = min((each.selection_gap for each in found.methods[1:]), key=lambda gap: gap.value)
    alike = [each for each in found.methods[1:] if each.selection_gap.value <= smallest.high]
    best = max(alike, key=lambda each: each.accuracy.value)
    assert found.accuracy_after == best.accuracy.value
    assert found.gap_after == best.selection_gap.value


def test_figures_equal_those_counted_by_hand(people: pd.DataFrame) -> None:
    train, test = people.iloc[:1800], people.iloc[1800:]
    columns = ["income", "debt"]
    result = compared(
        train,
        X_test=test[columns],
        y_true_test=test["repaid"],
        sensitive_features_test=test["sex"],
        methods=["correlation"],
    )
    decided = LogisticRegression().fit(train[columns], train["repaid"]).predict(test[columns])
    is_right = [int(a == b) for a, b in zip(decided.tolist(), test["repaid"].tolist(), strict=True)]
    assert result.n_judged == 1200
    assert result.accuracy_before == pytest.approx(sum(is_right) / len(is_right), rel=CLOSE)
    rates = {}
    for sex in ("F", "M"):
        theirs = [one for one, group in zip(decided.tolist(), test["sex"], strict=True) if group == sex]
        rates[sex] = sum(theirs) / len(theirs)
    assert result.gap_before == pytest.approx(rates["M"] - rates["F"], rel=CLOSE)
    both = [
        sum(d for d, y, s in zip(decided, test["repaid"], test["sex"], strict=True) if y == truth and s == sex)
        / sum(1 for y, s in zip(test["repaid"], test["sex"], strict=True) if y == truth and s == sex)
        for truth in (1, 0)
        for sex in ("F", "M")
    ]
    odds = result.methods[0].odds_gap
    assert odds is not None
    assert odds.value == pytest.approx(max(abs(both[0] - both[1]), abs(both[2] - both[3])), rel=CLOSE)
    assert odds.low <= odds.value <= odds.high


def test_paired_counts_and_figures_equal_loops() -> None:
    rng = np.random.default_rng(2)
    groups, outcomes, before, after = (rng.integers(0, size, 400) for size in (3, 2, 2, 2))
    everybody = mitigation.Records((None, None), (outcomes, outcomes), (groups, groups), ("a", "b", "c"), ("g",))
    cells = mitigation._tally(everybody, before, after)
    records = list(zip(groups.tolist(), outcomes.tolist(), before.tolist(), after.tolist(), strict=True))
    for place in itertools.product(range(3), range(2), range(2), range(2)):
        assert cells[place] == sum(each == place for each in records)
    figures = mitigation._figures(cells.sum(axis=2), mitigation._judged(everybody, 10))
    rates = [
        sum(a for g, _y, _b, a in records if g == group) / sum(g == group for g, *_rest in records)
        for group in range(3)
    ]
    assert figures["selection_gap"] == pytest.approx(max(rates) - min(rates), rel=CLOSE)
    assert figures["accuracy"] == pytest.approx(sum(y == a for _g, y, _b, a in records) / 400, rel=CLOSE)
    gaps = []
    for truth in (0, 1):
        with_it = [
            sum(a for g, y, _b, a in records if (g, y) == (group, truth))
            / sum((g, y) == (group, truth) for g, y, *_rest in records)
            for group in range(3)
        ]
        gaps.append(max(with_it) - min(with_it))
    assert figures["odds_gap"] == pytest.approx(max(gaps), rel=CLOSE)


def test_moves_count_who_gains_and_who_loses(found: MitigationComparison) -> None:
    moves = found.moves["threshold"]
    assert list(moves.index) == ["F", "M"]
    method = found.methods[1]
    before, after = (
        found.methods[0].selection_gap.rates,
        dict(zip(method.selection_gap.groups, method.selection_gap.rates, strict=True)),
    )
    n_men = found.group_sizes[1]
    net = moves.loc["M", "gain"] - moves.loc["M", "lose"]
    assert net / n_men == pytest.approx(after[1] - before[0], rel=CLOSE)
    assert moves.loc["M", "lose"] > moves.loc["M", "gain"]
    assert moves.loc["F", "gain"] > moves.loc["F", "lose"]


def test_equalised_odds(people: pd.DataFrame) -> None:
    result = compared(people, constraint="equalized_odds", methods=["threshold"])
    odds = result.methods[1].odds_gap
    assert odds is not None
    assert result.gap_after == odds.value < result.gap_before
    assert "positive outcome get the positive decision" in result.sentences()[0]


def test_the_same_seed_gives_the_same_answer(people: pd.DataFrame) -> None:
    options = {"estimator": DecisionTreeClassifier(max_depth=3, max_features=1), "methods": ["threshold", "reduction"]}
    one, other = (json.dumps(compared(people, rng=5, **options).to_dict()) for _ in range(2))
    assert one == other
    assert one != json.dumps(compared(people, rng=6, **options).to_dict())


def test_sentences_tell_price_people_and_limits(found: MitigationComparison) -> None:
    said = found.sentences()
    assert said[0].startswith("As it is, of 100 people ")
    assert len(said[0].split()) <= 40
    text = " ".join(said)
    assert "Its price: accuracy is" in text
    assert "people of 'F' gain it" in text
    assert "must know the protected column: one threshold per group, correlation removed." in text
    assert "fairness without seeing the protected column at decision time is possible" in text
    assert "repairs figures, not causes" in text
    assert "lots decide in part" in text
    assert found.rows()


def test_a_protected_column_among_the_features_is_said(people: pd.DataFrame) -> None:
    coded = people.assign(sex=(people["sex"] == "M").astype(int))
    result = compared(coded, X=coded[["sex", "income", "debt"]], methods=["reduction"])
    assert "'sex' is a feature of the estimator itself" in result.summary()
    assert "without seeing" not in result.summary()


def test_tables_hold_back_few_people_and_to_dict_too(people: pd.DataFrame) -> None:
    few = people.iloc[:400].assign(sex=["X"] * 12 + people["sex"].iloc[12:400].tolist())
    result = compared(few, min_group=3, methods=["threshold", "correlation"])
    figures, moves = result.tables()
    assert len(figures[1]) == 8
    assert [row[0] for row in moves[2]] == ["F", "M", "X"]
    assert set(moves[2][2][1:]) == {"<10"}
    for row in moves[2]:
        assert all(cell == "<10" or int(cell.replace(",", "")) % 10 == 0 for cell in row[1:])
    before = result.methods[0].selection_gap
    assert before is not None
    if 2 in before.groups:  # a gap of a group of five people
        assert np.isnan(result.gap_before)
        assert "not shown" in figures[2][0]
    text = json.dumps(result.to_dict())
    assert '"moves"' in text
    assert not np.isnan(result.by_method.loc["as_it_is", "selection_gap"])


def test_picture_shows_each_method(found: MitigationComparison) -> None:
    assert found.has_picture
    axes = found.plot()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "as it is",
        "one threshold per group",
        "reduction",
        "correlation removed",
    ]
    assert len(axes.texts) == 3  # an arrow each
    plt.close(axes.figure)


@pytest.mark.parametrize("frame", ["polars", "arrow", "array", "list"])
def test_any_frame_gives_the_same(people: pd.DataFrame, frame: str) -> None:
    people = people.iloc[:600]
    columns = people[["income", "debt"]].reset_index(drop=True)
    X: Any = {
        "polars": lambda: pl.from_pandas(columns),
        "arrow": lambda: pa.Table.from_pandas(columns),
        "array": columns.to_numpy,
        "list": lambda: columns.to_numpy().tolist(),
    }[frame]()
    options = {"methods": ["threshold", "reduction", "correlation"]}
    one, other = compared(people, X=X, **options), compared(people, **options)
    assert one.accuracy_before == other.accuracy_before
    pd.testing.assert_frame_equal(one.moves, other.moves)


def test_text_goes_through_a_pipeline(people: pd.DataFrame) -> None:
    encoder = make_column_transformer((OneHotEncoder(), ["job"]), remainder=StandardScaler())
    model = make_pipeline(encoder, LogisticRegression())
    result = compared(people, estimator=model, X=people[["income", "debt", "job"]])
    assert [each.reason for each in result.methods] == ["", "", "", ""]
    assert all(each.selection_gap.value < result.gap_before for each in result.methods[1:])


def test_outcomes_in_words_and_several_protected_columns(people: pd.DataFrame) -> None:
    words = people["repaid"].map({0: "late", 1: "on time"})
    result = compared(
        people, y_true=words, pos_label="on time", sensitive_features=people[["sex", "job"]], methods=["threshold"]
    )
    assert result.labels == ("F · care", "F · metal", "M · care", "M · metal")
    assert result.columns == ("sex", "job")
    with pytest.raises(RoleError, match="Name the positive value of y_true with pos_label"):
        compared(people, y_true=words)


def test_a_method_that_fails_is_a_row_with_its_reason(people: pd.DataFrame) -> None:
    model = make_pipeline(KNeighborsClassifier(n_neighbors=25))
    result = compared(people, estimator=model)
    reasons = {each.name: each.reason for each in result.methods}
    assert "takes no sample_weight" in reasons.pop("reduction")
    assert set(reasons.values()) == {""}
    row = result.tables()[0][2][2]
    assert row[0] == "reduction"
    assert row[1].startswith("failed: the estimator's fit takes no sample_weight")
    assert "No result for reduction" in result.summary()
    assert result.by_method.loc["reduction", "reason"]


class Quoting(LogisticRegression):
    """An estimator whose errors quote records."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        if sample_weight is not None:
            raise ValueError("cannot learn from Anna Kowalska")
        return super().fit(X, y)


def test_reasons_quote_no_record(people: pd.DataFrame) -> None:
    result = compared(people, estimator=Quoting(), methods=["reduction"])
    assert result.methods[1].reason == "it raised ValueError, whose text is not repeated as it may quote records"
    assert "Kowalska" not in json.dumps(result.to_dict()) + result.summary()
    assert result.undefined == dict.fromkeys(("gap_after", "accuracy_after"), "no mitigation whose gap may be shown")


def test_features_that_are_missing_and_groups_of_one_outcome(people: pd.DataFrame) -> None:
    holes = people.assign(
        debt=people["debt"].where(people["debt"] < 2), sex=people["sex"].where(people["debt"] < 1.9, "X")
    )
    holes.loc[holes["sex"] == "X", "repaid"] = 0
    result = compared(holes, estimator=DecisionTreeClassifier(max_depth=3), methods=["threshold", "correlation"])
    assert "has one outcome only" in result.methods[1].reason
    assert "numbers only" in result.methods[2].reason


def test_a_group_that_nobody_was_learned_from(people: pd.DataFrame) -> None:
    train, test = people.iloc[:1800], people.iloc[1800:]
    groups = test["sex"].where(test["debt"] < 1, "X")
    given = {"X_test": test[["income", "debt"]], "y_true_test": test["repaid"], "sensitive_features_test": groups}
    result = compared(train, **given)
    assert result.labels == ("F", "M", "X")
    assert "not among those to learn from" in result.methods[1].reason
    assert not result.methods[2].reason
    assert "not among those to learn from" in result.methods[3].reason


@pytest.mark.parametrize("path", ["model.pkl", Path("model.pkl"), pickle.dumps(LogisticRegression())])
def test_files_are_never_unpickled(people: pd.DataFrame, path: Any) -> None:
    with pytest.raises(RoleError, match=r"opens no model files.*skops\.io"):
        compared(people, estimator=path)


def test_what_is_refused(people: pd.DataFrame) -> None:
    with pytest.raises(RoleError, match="hand over a scikit-learn classifier"):
        compared(people, estimator=LogisticRegression)
    with pytest.raises(FrameError, match="hand over a classifier"):
        compared(people, estimator=LinearRegression())
    with pytest.raises(RoleError, match="belong together"):
        compared(people, X_test=people[["income", "debt"]])
    with pytest.raises(FrameError, match="is missing in 1 of 3000 records"):
        compared(people, y_true=[None, *people["repaid"].tolist()[1:]])
    with pytest.raises(FrameError, match="sensitive_features has 2 values"):
        compared(people, sensitive_features=["F", "M"])
    with pytest.raises(FrameError, match="too few"):
        compared(people, y_true=np.zeros(len(people), int))
    with pytest.raises(ValueError, match="constraint"):
        compared(people, constraint="parity")
    with pytest.raises(ValueError, match="methods"):
        compared(people, methods=["magic"])


def test_one_group_has_no_gap(people: pd.DataFrame) -> None:
    result = compared(people, sensitive_features=["all"] * len(people), methods=["threshold"])
    assert np.isnan(result.gap_before)
    assert "fewer than two groups" in result.sentences()[0]
    assert not result.has_picture


def test_progress_is_told(people: pd.DataFrame) -> None:
    steps: list[tuple[str, int, int]] = []
    compared(people, methods=["correlation"], progress=lambda *step: steps.append(step))
    assert steps == [("as it is", 0, 2), ("correlation removed", 1, 2)]


def test_nothing_handed_over_is_changed(people: pd.DataFrame) -> None:
    before, model = people.copy(), LogisticRegression()
    compared(people, estimator=model, methods=["correlation"])
    pd.testing.assert_frame_equal(people, before)
    assert not hasattr(model, "coef_")
