"""Mitigations compared: what they leave of a planted gap, its price, whose decision changes, and what is refused."""

from __future__ import annotations

import itertools
import json
import pickle
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.sparse import csr_array
from sklearn.compose import make_column_transformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from riskscope.errors import FrameError, RoleError
from riskscope.fairness.mitigation import audit as mitigation
from riskscope.fairness.mitigation.audit import compare_mitigations
from riskscope.fairness.mitigation.records import telling_columns, views_of
from riskscope.fairness.mitigation.words import MitigationComparison

CLOSE = 1e-9


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Men earn more on paper, repay alike: a classifier of income passes women over."""
    rng = np.random.default_rng(8)
    n = 1500
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
    return compare_mitigations(**{**given, "sensitive_features": people["sex"], "n_boot": 99, **options})


@pytest.fixture(scope="module")
def found(people: pd.DataFrame) -> MitigationComparison:
    return compared(people)


def test_every_mitigation_narrows_the_planted_gap(found: MitigationComparison) -> None:
    assert [each.name for each in found.methods] == ["as_it_is", "threshold", "reduction", "correlation"]
    assert found.gap_before > 0.25
    assert found.n_records == 1500
    assert found.n_judged == 600
    for each in found.methods[1:]:
        assert not each.reason
        assert each.selection_gap.value < 0.15
        change = each.changes["selection_gap"]
        assert change.groups == ("M", "F")
        assert change.before == pytest.approx(found.gap_before)
        assert abs(change.after) == pytest.approx(each.selection_gap.value)
        assert change.value == pytest.approx(change.after - change.before)
        assert change.low <= change.value <= change.high < -0.1
        assert each.accuracy_change.low <= each.accuracy_change.value <= each.accuracy_change.high
    smallest = min((each.selection_gap for each in found.methods[1:]), key=lambda gap: gap.value)
    alike = [each for each in found.methods[1:] if each.selection_gap.value <= smallest.high]
    best = max(alike, key=lambda each: each.accuracy.value)
    assert found.accuracy_after == best.accuracy.value
    assert found.gap_after == best.selection_gap.value


def test_figures_equal_those_counted_by_hand(people: pd.DataFrame) -> None:
    train, test = people.iloc[:700], people.iloc[700:]
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
    assert result.n_judged == 800
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


Cells = np.ndarray[Any, np.dtype[np.int64]]


def setting(cells: Cells, training: Cells, *, n_boot: int = 99) -> mitigation._Setting:
    views = views_of({"reduction": cells}, tuple("abcdefghij"[: len(cells)]), 1)
    return mitigation._Setting(views, mitigation._pairs(training, cells, views, 10), n_boot, 0.95, 10)


def test_paired_counts_and_figures_equal_loops() -> None:
    rng = np.random.default_rng(2)
    groups, outcomes, before, after = (rng.integers(0, size, 400) for size in (3, 2, 2, 2))
    everybody = mitigation.Records((None, None), (outcomes, outcomes), (groups, groups), ("a", "b", "c"), ("g",))
    cells = mitigation._tally(everybody, 1, before, after)
    records = list(zip(groups.tolist(), outcomes.tolist(), before.tolist(), after.tolist(), strict=True))
    for place in itertools.product(range(3), range(2), range(2), range(2)):
        assert cells[place] == sum(each == place for each in records)
    given = setting(cells, cells)
    judged = mitigation._judge(mitigation.Method("reduction", ""), cells, given, 1)

    def rate(group: int, at: int, truths: tuple[int, ...]) -> float:
        theirs = [each[at] for each in records if each[0] == group and each[1] in truths]
        return sum(theirs) / len(theirs)

    def furthest(at: int, truths: tuple[int, ...]) -> tuple[float, int, int]:
        rates = [rate(group, at, truths) for group in range(3)]
        return max(rates) - min(rates), rates.index(max(rates)), rates.index(min(rates))

    assert judged.selection_gap is not None
    assert judged.odds_gap is not None
    assert judged.accuracy is not None
    assert judged.selection_gap.value == pytest.approx(furthest(3, (0, 1))[0], rel=CLOSE)
    assert judged.odds_gap.value == pytest.approx(max(furthest(3, (truth,))[0] for truth in (0, 1)), rel=CLOSE)
    right = [sum(each[1] == each[at] for each in records) / 400 for at in (2, 3)]
    assert judged.accuracy.value == pytest.approx(right[1], rel=CLOSE)
    assert judged.accuracy_change is not None
    assert judged.accuracy_change.value == pytest.approx(right[1] - right[0], rel=CLOSE)
    aims = {"selection_gap": [(0, 1)], "odds_gap": [(1,), (0,)]}
    for name, several in aims.items():
        truths = max(several, key=lambda each: furthest(2, each)[0])
        _gap, first, last = furthest(2, truths)
        change = (judged.changes or {})[name]
        assert change.groups == ("abc"[first], "abc"[last])
        ends = [rate(first, at, truths) - rate(last, at, truths) for at in (2, 3)]
        assert [change.before, change.after] == pytest.approx(ends, rel=CLOSE)


def test_changes_of_a_pair_chosen_on_others_are_covered() -> None:
    """Six groups, equal after, of whose largest gap an interval covered the change in 76 % of cases."""
    rng = np.random.default_rng(5)
    sizes, before = (800, 400, 200, 100, 60, 40), np.array([0.5, 0.3, 0.4, 0.4, 0.45, 0.35])
    after, n_hit, n_draws = 0.4, 0, 200
    shares = np.stack([(1 - before) * (1 - after), (1 - before) * after, before * (1 - after), before * after], axis=1)

    def drawn() -> Cells:
        cells = np.stack([rng.multinomial(n, each) for n, each in zip(sizes, shares, strict=True)]).reshape(6, 2, 2)
        return np.stack([cells // 2, cells - cells // 2], axis=1)

    for seed in range(n_draws):
        cells = drawn()
        change = mitigation._change("selection_gap", cells, setting(cells, drawn(), n_boot=199), seed)
        assert change is not None
        first, last = ("abcdef".index(each) for each in change.groups)
        n_hit += change.low <= before[last] - before[first] <= change.high
    assert n_hit / n_draws >= 0.91


def test_changes_stay_within_what_is_possible() -> None:
    drawn = np.array([1.2, 1.8, 2.0])
    assert mitigation._drawn_figure(1.8, drawn, 0.95, widest=2) == pytest.approx((1.8, 1.6, 2.0))
    assert mitigation._drawn_figure(-0.9, -drawn / 2, 0.95, widest=1) == pytest.approx((-0.9, -1.0, -0.8))


def gap_of(method: mitigation.Method) -> mitigation.Gap:
    assert method.selection_gap is not None
    return method.selection_gap


def test_moves_count_who_gains_and_who_loses(found: MitigationComparison) -> None:
    moves = found.moves["threshold"]
    assert list(moves.index) == ["F", "M"]
    n_men = found.group_sizes[1]
    net = moves.loc["M", "gain"] - moves.loc["M", "lose"]
    before, after = (dict(zip(each.groups, each.rates, strict=True)) for each in map(gap_of, found.methods[:2]))
    assert net / n_men == pytest.approx(after["M"] - before["M"], rel=CLOSE)
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
    people = people.iloc[:300]
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
    assert "Followed is 'M' less 'F' (all people), the two groups furthest apart as it is among those" in text
    assert found.tables()[0][1][4] == "change of M less F, all people"
    assert found.rows()


COPIES = {
    "by name": lambda people: people.assign(sex=0)[["sex", "income"]],
    "coded": lambda people: people.assign(old=(people["sex"] == "M") * 1.0)[["income", "old"]],
    "array": lambda people: np.c_[people["income"], people["sex"] == "M"],
    "sparse": lambda people: csr_array(np.c_[people["income"], people["sex"] == "M"]),
    "polars": lambda people: pl.DataFrame({"income": people["income"].to_numpy(), "old": people["sex"].to_numpy()}),
    "nothing": lambda people: people[["income", "job"]],
}


@pytest.mark.parametrize(
    ("copied", "expected"),
    [
        ("by name", ("sex",)),
        ("coded", ("old",)),
        ("array", ("X[:, 1]",)),
        ("sparse", ("X[:, 1]",)),
        ("polars", ("old",)),
        ("nothing", ()),
    ],
)
def test_features_that_tell_groups_are_found(people: pd.DataFrame, copied: str, expected: tuple[str, ...]) -> None:
    codes = (people["sex"] == "M").to_numpy(np.int64)
    assert telling_columns(COPIES[copied](people), codes, ("sex",)) == expected


def test_features_that_tell_one_group_or_more_than_groups() -> None:
    rng = np.random.default_rng(3)
    groups = rng.integers(0, 3, 600)
    spoilt = groups.copy()
    spoilt[:2] = 1
    features = pd.DataFrame(
        {
            "is_first": groups == 0,
            "country": groups * 10 + rng.integers(0, 10, 600),
            "with_mistakes": spoilt,
            "one_each": np.arange(600),
            "nearly": np.where(rng.random(600) < 0.9, groups, 0),
            "same": 1,
            "lists": [[1]] * 600,
        }
    )
    assert telling_columns(features, groups, ("region",)) == ("is_first", "country", "with_mistakes")
    assert telling_columns(pd.Series(["a b"] * 600), groups, ("region",)) == ()


@pytest.mark.parametrize("kind", ["frame", "array"])
def test_a_model_that_sees_the_groups_is_said_to(people: pd.DataFrame, kind: str) -> None:
    features = people.iloc[:500][["income", "debt"]].assign(old=(people["sex"] == "M") * 1.0)
    X: Any = features if kind == "frame" else features.to_numpy()
    result = compared(people.iloc[:500], X=X, methods=["correlation"])
    name = "old" if kind == "frame" else "X[:, 2]"
    assert f"X tells groups outright ('{name}')" in result.summary()
    assert result.to_dict()["features_that_tell_groups"] == [name]


def test_the_reduction_does_without_only_where_no_feature_tells(found: MitigationComparison) -> None:
    told = replace(found, seen_columns=("old",))
    assert "without seeing" in found.summary()
    assert "without seeing" not in told.summary()
    assert [row[-1] for row in found.tables()[0][2]] == ["no", "yes", "no", "yes"]
    assert [row[-1] for row in told.tables()[0][2]] == ["a feature tells it", "yes", "a feature tells it", "yes"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"low": -0.3, "high": 0.1}, "may be chance"),
        ({"value": -0.8, "low": -0.9, "high": -0.7, "after": -0.4}, "leaves no smaller gap"),
        ({"value": 0.2, "low": 0.1, "high": 0.3, "after": 0.6}, "leaves no smaller gap"),
    ],
)
def test_the_reduction_is_not_praised_for_chance_or_harm(
    found: MitigationComparison, change: dict[str, float], said: str
) -> None:
    reduction = found.methods[2]
    changes = {**reduction.changes, "selection_gap": reduction.changes["selection_gap"]._replace(**change)}
    methods = (*found.methods[:2], reduction._replace(changes=changes), found.methods[3])
    text = replace(found, methods=methods).summary()
    assert "without seeing" not in text
    assert said in text


def test_few_people_are_counted_with_the_largest_group(people: pd.DataFrame) -> None:
    sex = [None] * 8 + people["sex"].tolist()[8:]
    result = compared(people, sensitive_features=pd.Series(sex, name="sex"), methods=["threshold", "correlation"])
    assert result.labels == ("F", "M", "unknown")
    n_unknown = int(result.group_sizes[2])
    assert 0 < n_unknown < 10
    largest = max(result.group_sizes)
    for gap in map(gap_of, result.methods):
        assert sum(gap.n_people) == result.n_judged  # what is shown leaves nobody over
        assert largest + n_unknown in gap.n_people
    figures, moves = result.tables()
    assert len(figures[1]) == 8
    assert [row[0] for row in moves[2]] == ["F", "M"]
    for row in moves[2]:
        assert all(cell == "<10" or int(cell.replace(",", "")) % 10 == 0 for cell in row[1:])
    text = json.dumps(result.to_dict()) + result.summary() + str(result.tables())
    assert "Fewer than 10 people, whose groups are too small to show, are counted with the largest group" in text
    assert "unknown" not in text
    assert str(n_unknown) not in result.summary().split("are counted with")[0].split()
    assert list(result.moves.index) == ["F", "M", "unknown"]  # exact


def people_of(sizes: list[int], selected: int | None = None) -> Cells:
    """Return the people of groups, spread evenly over outcomes; so many of the last selected after, or half of them."""
    cells = np.stack([np.full((2, 2, 2), n // 8) for n in sizes])
    if selected is not None:
        cells[-1] = 0
        cells[-1, :, :, 0] = sizes[-1] // 4
        cells[-1, 0, 0] = [sizes[-1] // 4 - selected, selected]
    return cells


def test_groups_are_held_back_by_the_parts_of_any_method() -> None:
    names = tuple("abcde")
    plain, mitigated = people_of([800, 400, 400, 160, 80]), people_of([800, 400, 400, 160, 80], selected=7)
    assert views_of({"as_it_is": plain, "threshold": plain}, names, 10).against_outcome.may_show.all()
    views = views_of({"as_it_is": plain, "threshold": mitigated}, names, 10)
    for view in views:
        assert view.labels == names
        assert view.joined is None
        assert not view.may_show[4]
        assert view.may_show[:3].sum() >= 2
        held = ~view.may_show
        assert held.sum() > 1  # all less those shown is not the one group
    both = {"as_it_is": plain[[0, 4]], "threshold": mitigated[[0, 4]], "reduction": plain[[0, 4]]}
    two = views_of(both, ("a", "e"), 10).decided
    assert two.may_show.all()
    assert two.methods == {"as_it_is", "reduction"}


@pytest.mark.parametrize("n_methods", [1, 2, 4])
def test_few_people_are_joined_however_many_methods(n_methods: int) -> None:
    cells = people_of([400, 800, 400, 0])
    cells[3, 0, 0, 0] = 6
    decided, errors = views_of({str(at): cells for at in range(n_methods)}, tuple("abcd"), 10)
    assert decided.labels == errors.labels == ("a", "b", "c")
    assert decided.place.tolist() == [0, 1, 2, 1]
    assert decided.may_show.all()
    assert decided.joined == ("b", "b", 6)
    assert decided.summed(cells).sum() == cells.sum()


def test_many_people_joined_are_named() -> None:
    cells = people_of([400, 800, 0])
    cells[2, 0, 0, 0] = 30
    decided, errors = views_of({"as_it_is": cells}, tuple("abc"), 10)
    assert decided.labels == errors.labels == ("a", "b and others")
    assert decided.joined == ("b", "b and others", 30)
    cells = people_of([400, 800, 0, 0])
    cells[2, 0, 0, 0] = 30
    cells[3, 0, [0, 1], [0, 1]] = 50  # either decision, one outcome
    decided, errors = views_of({"as_it_is": cells}, tuple("abcd"), 10)
    assert errors.labels == ("a", "b and others")
    assert errors.may_show.all()


def test_a_method_that_leaves_nobody_selected_does_not_hide_the_others(
    people: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mitigation.with_fairlearn, "reduction", lambda *given: lambda _seed: np.zeros(given[-1], int))
    result = compared(people.iloc[:500], methods=["threshold", "reduction"])
    assert gap_of(result.methods[1]).value < result.gap_before
    reduction = result.methods[2]
    assert reduction.accuracy is not None
    assert reduction.selection_gap is None
    assert reduction.changes == {}
    assert "No gap is shown for reduction: it leaves fewer than 10 people" in result.summary()
    assert {row[3] for row in result.tables()[1][2]} == {"not shown"}
    assert set(result.to_dict()["methods"][2]["moves"].values()) == {("not shown", "not shown")}


class Unsettled(LogisticRegression):
    """An estimator that warns of two kinds, and quotes a record."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        warnings.warn("Anna Kowalska did not converge", ConvergenceWarning, stacklevel=1)
        warnings.warn("old way", FutureWarning, stacklevel=1)
        return super().fit(X, y, sample_weight)


def test_a_model_that_did_not_converge_is_told(people: pd.DataFrame) -> None:
    result = compared(people.iloc[:300], estimator=Unsettled(), methods=["correlation"])
    assert [each.warned for each in result.methods] == [("ConvergenceWarning",)] * 2
    text = json.dumps(result.to_dict()) + result.summary()
    assert "Correlation removed: a model did not converge when fitted (ConvergenceWarning)" in text
    assert "Kowalska" not in text
    assert "FutureWarning" not in text


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
    people = people.iloc[:400]
    columns = people[["income", "debt"]].reset_index(drop=True)
    X: Any = {
        "polars": lambda: pl.from_pandas(columns),
        "arrow": lambda: pa.Table.from_pandas(columns),
        "array": columns.to_numpy,
        "list": lambda: columns.to_numpy().tolist(),
    }[frame]()
    options = {"methods": ["threshold", "correlation"]}
    one, other = compared(people, X=X, **options), compared(people, **options)
    assert one.accuracy_before == other.accuracy_before
    pd.testing.assert_frame_equal(one.moves, other.moves)


def test_text_goes_through_a_pipeline(people: pd.DataFrame) -> None:
    encoder = make_column_transformer((OneHotEncoder(), ["job"]), remainder=StandardScaler())
    model = make_pipeline(encoder, LogisticRegression())
    features = people[["income", "debt", "job"]]
    result = compared(people, estimator=model, X=features, methods=["threshold", "correlation"])
    assert [each.reason for each in result.methods] == ["", "", ""]
    assert all(gap_of(each).value < result.gap_before for each in result.methods[1:])


def test_the_reduction_weighs_the_last_step_of_a_pipeline(people: pd.DataFrame) -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression())
    result = compared(people.iloc[:200], estimator=model, methods=["reduction"])
    assert not result.methods[1].reason
    assert gap_of(result.methods[1]).value < result.gap_before


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
    train, test = people.iloc[:400], people.iloc[400:900]
    groups = test["sex"].where(test["debt"] < 1, "X")
    given = {"X_test": test[["income", "debt"]], "y_true_test": test["repaid"], "sensitive_features_test": groups}
    tree = DecisionTreeClassifier(max_depth=1)
    result = compared(train, estimator=tree, **given)
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
    with pytest.raises(FrameError, match="is missing in 1 of 1500 records"):
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
