"""Predicates that isolate: worked example, twins, releases built to fall and to hold."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive import predicates as naive
from riskscope.attacks.attack import BETTER, CANNOT_TELL, NO_BETTER
from riskscope.attacks.conditions.found import (
    CLASS,
    DOWNWARDS,
    EXTREME,
    RARE,
    UPWARDS,
    Condition,
    Ground,
    Predicate,
    ground_of,
    predicates_of,
)
from riskscope.attacks.conditions.measures import chance_by_holdout, chance_when_dealt, isolation_chance
from riskscope.attacks.conditions.predicates import predicate_singling_out
from riskscope.errors import FrameError, RiskscopeError, RoleError

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"


def people(n: int, rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, n),
            "sex": rng.choice(["F", "M"], n),
            "income": np.round(np.exp(rng.normal(size=n)) * 1000),
            "zip": [f"{each:02d}" for each in rng.integers(0, 40, n)],
        }
    )


def generalised(table: pd.DataFrame) -> pd.DataFrame:
    low = table["age"] // 20 * 20
    return table.assign(
        age="[" + low.astype(str) + ", " + (low + 20).astype(str) + "[",
        income=np.where(table["income"] < 1000, "<1000", ">=1000"),
        zip=table["zip"].str[0] + "*",
    )


def test_worked_example_of_the_formula_sheet() -> None:
    assert float(isolation_chance(0.001, 1000)) == pytest.approx(0.368063, abs=1e-6)
    assert isolation_chance([0, 1], 5).tolist() == [0, 0]
    weights = np.linspace(0, 0.02, 2001)
    assert weights[isolation_chance(weights, 1000).argmax()] == pytest.approx(0.001)


@given(st.integers(1, 7), st.integers(1, 5), st.data())
@settings(deadline=None)
def test_the_chance_by_a_holdout_is_that_of_every_sample(n_holdout: int, n: int, data: st.DataObject) -> None:
    n_true = data.draw(st.integers(0, n_holdout))
    expected = naive.chance_by_holdout(n_true, n_holdout, n)
    assert float(chance_by_holdout(n_true, n_holdout, n)) == pytest.approx(expected)


def test_the_chance_by_a_holdout_has_no_bias() -> None:
    n, weight = 40, 0.02
    counts = np.random.default_rng(0).binomial(60, weight, 40_000)
    assert chance_by_holdout(counts, 60, n).mean() == pytest.approx(float(isolation_chance(weight, n)), abs=0.008)


@given(st.lists(st.sets(st.integers(0, 7), min_size=0, max_size=5), min_size=1, max_size=6), st.integers(2, 6))
@settings(deadline=None, max_examples=30)
def test_the_chance_when_dealt_is_near_that_of_every_deal(sets: list[set[int]], n: int) -> None:
    fulfilling = [sorted(each) for each in sets]
    found = chance_when_dealt([np.array(each, np.int64) for each in fulfilling], n, 8, np.random.default_rng(3))
    assert found == pytest.approx(naive.chance_when_dealt(fulfilling, n, 8), abs=0.06)  # 999 deals: four deviations


def ground(seed: int = 0, n: int = 120) -> tuple[Ground, pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    original, released = people(n, rng), people(n, rng)
    return ground_of([original], released, list(original.columns)), original, released


def test_what_is_isolated_is_what_loops_find() -> None:
    place, original, released = ground()
    predicates = predicates_of(place, 300, np.random.default_rng(1))
    assert {each.kind for each in predicates} == {EXTREME, RARE}
    record_of = {
        (column, int(code)): released.iloc[row, column]
        for row, codes in enumerate(place.released)
        for column, code in enumerate(codes)
    }

    def holds(person: tuple[object, ...], condition: Condition) -> bool:
        mine, theirs = person[condition.column], record_of[condition.column, condition.code]
        if condition.way == UPWARDS:
            return bool(mine >= theirs)  # type: ignore[operator]
        return bool(mine <= theirs if condition.way == DOWNWARDS else mine == theirs)  # type: ignore[operator]

    persons = [tuple(row) for row in original.itertuples(index=False)]
    for predicate in predicates:
        expected = [
            at for at, person in enumerate(persons) if all(holds(person, each) for each in predicate.conditions)
        ]
        assert place.fulfilling(predicate).tolist() == expected
        if predicate.kind == RARE:
            columns = [each.column for each in predicate.conditions]
            wanted = [record_of[each.column, each.code] for each in predicate.conditions]
            assert naive.occurs_once(released.to_numpy().tolist(), columns, wanted)
        else:
            records = [tuple(row) for row in released.itertuples(index=False)]
            assert sum(all(holds(record, each) for each in predicate.conditions) for record in records) == 1


def test_predicates_are_all_different_and_drawn_by_the_seed() -> None:
    place, _original, _released = ground()
    one, other = (predicates_of(place, 200, np.random.default_rng(seed)) for seed in (1, 1))
    assert one == other
    assert len({(each.kind, each.conditions) for each in one}) == len(one)
    assert predicates_of(place, 200, np.random.default_rng(2)) != one


def test_a_hash_leaves_one_of_k_people_in_about_37_of_100_classes() -> None:
    k, n = 10, 4000
    table = pd.DataFrame({"class": np.arange(n) // k, "own": np.arange(n)})
    found = predicate_singling_out(table, table[["class"]].astype(str), columns=["class"])
    assert [each.kind for each in found.kinds] == [CLASS]
    assert found.tried == n // k
    chance = k * (1 / k) * (1 - 1 / k) ** (k - 1)
    assert found.rate == pytest.approx(chance, abs=0.08)  # three standard deviations of 400 classes
    assert found.rate > 2 / k
    assert "exceed 1/k" in found.summary()


def test_tight_classes_are_better_than_guessing_beside_a_holdout() -> None:
    rng = np.random.default_rng(1)
    original, holdout = (pd.DataFrame(rng.normal(size=(400, 6)), columns=list("abcdef")) for _table in range(2))
    order = original["a"].argsort().to_numpy()
    original = original.iloc[order].reset_index(drop=True)
    released = original.copy().astype(object)
    for start in range(0, 400, 5):  # each class is written as the box that just holds it
        for name in original:
            low, high = original[name].iloc[start : start + 5].agg(["min", "max"])
            released.loc[start : start + 4, name] = f"[{low!r}, {high!r}]".replace("np.float64(", "").replace(")", "")
    found = predicate_singling_out(original, released, holdout=holdout)
    assert found.kinds[0].kind == CLASS
    assert found.rate == pytest.approx(0.41, abs=0.18)
    assert found.baseline_rate < 0.1
    assert found.verdict == BETTER


def test_a_copy_falls_with_and_without_a_holdout() -> None:
    rng = np.random.default_rng(1)
    original, holdout = people(150, rng), people(150, rng)
    for outside in (holdout, holdout.iloc[:40], None):
        found = predicate_singling_out(original, original, holdout=outside)
        assert found.rate == 1
        assert found.verdict == BETTER
        assert found.hit.sum() == found.n_isolated > 140


def test_an_independent_release_is_no_better_than_guessing() -> None:
    for turn in (lambda table: table, generalised):
        verdicts = []
        for seed in range(40):
            rng = np.random.default_rng(seed)
            original, released, holdout = (people(100, rng) for _table in range(3))
            found = predicate_singling_out(original, turn(released), holdout=holdout, n_predicates=60, rng=seed)
            verdicts.append(found.verdict)
        assert 34 <= verdicts.count(NO_BETTER) <= 40


def test_generalised_values_are_understood() -> None:
    original = pd.DataFrame({"age": [21, 25, 37], "zip": ["75011", "75020", "69001"]})
    released = pd.DataFrame({"age": ["[20, 30[", "[20, 30[", "[30, 40["], "zip": ["75***", "75***", "*"]})
    place = ground_of([original], released, ["age", "zip"])
    inside = Predicate(RARE, tuple(Condition(at, int(place.released[0, at])) for at in (0, 1)))
    assert place.fulfilling(inside).tolist() == [0, 1]
    upwards = Predicate(EXTREME, (Condition(0, int(place.released[2, 0]), UPWARDS),))
    assert place.fulfilling(upwards).tolist() == [2]
    assert not place.tells(1)[place.released[2, 1]]  # a suppressed value is no condition


def test_of_a_person_with_a_missing_value_no_condition_is_true() -> None:
    original = pd.DataFrame({"age": [21, np.nan, 37], "sex": ["F", None, "M"]})
    place = ground_of([original], original.dropna(), ["age", "sex"])
    for column in (0, 1):
        for way in (0, UPWARDS, DOWNWARDS):
            if column == 0 or way == 0:
                code = int(place.released[0, column])
                assert 1 not in place.fulfilling(Predicate(RARE, (Condition(column, code, way),)))


def test_values_not_understood_are_told() -> None:
    original = pd.DataFrame({"age": [21, 25, 37], "sex": ["F", "M", "F"]})
    found = predicate_singling_out(original, original.assign(age=["[30, 20[", "[20, 30[", "[30, 40["]))
    assert "1 intervals whose ends are reversed" in found.summary()


def test_every_kind_of_frame_gives_the_same() -> None:
    rng = np.random.default_rng(6)
    tables = [people(60, rng) for _table in range(3)]

    def of(turn: object) -> dict[str, object]:
        original, released, holdout = (turn(each) for each in tables)  # type: ignore[operator]
        return predicate_singling_out(original, released, holdout=holdout, n_predicates=90).to_dict()

    expected = of(lambda table: table)
    for turn in (pl.from_pandas, pa.Table.from_pandas):
        assert of(turn) == expected


def test_degenerate_tables() -> None:
    rng = np.random.default_rng(7)
    table = people(30, rng)
    suppressed = pd.DataFrame(dict.fromkeys(table.columns, ["*"] * 30))
    strangers = pd.DataFrame({"sex": ["X"] * 5, "zip": ["none"] * 5})
    for original, released in (
        (table, table.iloc[:0]),
        (table.iloc[:0], table),
        (table, suppressed),
        (table.iloc[:0], table.iloc[:0]),
    ):
        found = predicate_singling_out(original, released, holdout=table)
        assert (found.tried, found.verdict) == (0, CANNOT_TELL)
        assert "No predicate was tried" in found.summary()
        json.dumps(found.to_dict())
    assert predicate_singling_out(table, strangers, holdout=table).succeeded == 0
    assert predicate_singling_out(table.iloc[:1], table.iloc[:1]).tried >= 0


def test_what_cannot_be_measured_is_said() -> None:
    table = pd.DataFrame({"x": [1.0, 2.0]})
    with pytest.raises(FrameError, match="no column in common"):
        predicate_singling_out(table, table.rename(columns={"x": "y"}))
    with pytest.raises(RoleError, match="columns not found: 'z'"):
        predicate_singling_out(table, table, columns="z")
    with pytest.raises(RiskscopeError, match="n_predicates"):
        predicate_singling_out(table, table, n_predicates=0)


def test_what_is_shown_speaks_of_predicates_and_shows_no_value() -> None:
    rng = np.random.default_rng(7)
    original = people(60, rng)
    original.loc[3, "zip"] = "Xyzzyville"
    found = predicate_singling_out(original, original, holdout=people(60, rng))
    assert "Predicates were tried, not people" in found.summary()
    assert ("predicates tried", str(found.tried)) in found.rows()
    assert sum(each.tried for each in found.kinds) == found.tried
    assert sum(each.succeeded for each in found.kinds) == found.succeeded
    assert "Xyzzy" not in repr(found) + found.summary() + found._repr_html_() + json.dumps(found.to_dict())


@pytest.mark.skipif(not SHARED.exists(), reason="shared data not beside the checkout")
def test_the_pair_of_adults_runs() -> None:
    original, synthetic = (pd.read_csv(SHARED / f"anonymeter_adults_{kind}.csv") for kind in ("ori", "syn"))
    found = predicate_singling_out(original.iloc[:50], synthetic, holdout=original.iloc[50:])
    assert found.tried > 50
    assert found.summary()
