"""Fellegi and Sunter's linkage beside its naive twin: levels of agreement, pairs, EM, rare values, assignment."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive import fellegi_sunter as naive
from riskscope.attacks.knowledge import knowledge_of
from riskscope.attacks.linking import fellegi_sunter as ours
from riskscope.attacks.linking import one_to_one
from riskscope.attacks.linking.blocking import Pairs, pairs_of
from riskscope.attacks.linking.comparable import Comparable, comparable
from riskscope.errors import CellLimitError, RiskscopeError, RoleError

CLOSE = 1e-9  # sums of the same terms in another order
texts = st.none() | st.text("abcé", min_size=1, max_size=9)
tables = st.lists(st.tuples(texts, st.none() | st.integers(0, 4)), max_size=8)


def columns_of(people: list[Any], released: list[Any], known: Any = None) -> tuple[Comparable, ...]:
    frames = [
        pd.DataFrame({"name": pd.Series([a for a, _b in rows], dtype=object), "age": [b for _a, b in rows]}).astype(
            {"age": "Float64"}
        )
        for rows in (people, released)
    ]
    knowledge = knowledge_of(known or {"name": "exact", "age": 1}, ["name", "age"])
    return comparable(*frames, knowledge)


def every_pair(columns: tuple[Comparable, ...]) -> Pairs:
    return pairs_of(columns)


def test_the_worked_example() -> None:
    m, u = np.array([0.95, 0.9, 0.8]), np.array([0.5, 0.01, 0.001])
    weights = ours.weights_of(np.array([1 - m, m]).T, np.array([1 - u, u]).T)
    terms = weights[[0, 1, 2], [1, 1, 0]]
    assert terms == pytest.approx([0.925999, 6.491853, -2.320485], abs=1e-6)
    assert terms.sum() == pytest.approx(5.097368, abs=1e-6)
    assert float(ours.posterior_of(terms.sum(), 0.001)) == pytest.approx(0.033133, abs=1e-6)
    assert naive.posterior(terms.sum(), 0.001) == pytest.approx(0.033133, abs=1e-6)


@given(tables, tables)
def test_levels_of_agreement(people: list[Any], released: list[Any]) -> None:
    columns = columns_of(people, released)
    pairs = every_pair(columns)
    levels = ours.opened(ours.compared(columns, pairs.people, pairs.released), 2)
    for i, j, found in zip(pairs.people, pairs.released, levels, strict=True):
        (name, age), (other_name, other_age) = people[i], released[j]
        assert found[0] == naive.text_level(name, other_name)
        assert found[1] == naive.number_level(age, other_age, 1)


@given(st.text("ab1-é", min_size=1, max_size=14), st.text("ab1-é", min_size=1, max_size=14))
@settings(max_examples=300)
def test_edits_of_longer_texts(one: str, other: str) -> None:
    column = comparable(pd.DataFrame({"a": [one]}), pd.DataFrame({"a": [other]}), knowledge_of("a", ["a"]))[0]
    letters_an_edit = 0 if all(set(each) <= set("1-") for each in (one, other)) else 4
    found = column.levels(np.zeros(1, int), np.zeros(1, int))[0]
    assert column.letters_an_edit == letters_an_edit
    assert found == naive.text_level(one, other, letters_an_edit)


def test_a_swap_is_one_edit() -> None:
    column = comparable(
        pd.DataFrame({"born": ["1956-04-09"]}),
        pd.DataFrame({"born": ["1956-40-09", "1956-04-90", "1956-04-10"]}),
        knowledge_of("born", ["born"]),
    )[0]
    levels = column.levels(np.zeros(3, int), np.arange(3))
    assert levels.tolist() == [ours.NEAR, ours.NEAR, ours.DIFFERENT]


@given(tables.filter(len), tables.filter(len), st.integers(0, 2))
def test_blocked_pairs(people: list[Any], released: list[Any], window: int) -> None:
    columns = columns_of(people, released)
    pairs = pairs_of(columns, ["name", ("age", "name"), {"age": window}])
    found = list(zip(pairs.people.tolist(), pairs.released.tolist(), strict=True))
    names, ages = [[each[at] for each in people] for at in (0, 1)], [[each[at] for each in released] for at in (0, 1)]
    expected = naive.blocks([(each,) for each in names[0]], [(each,) for each in ages[0]])
    expected |= naive.blocks(people, released) | naive.neighbours(names[1], ages[1], window)
    assert found == sorted(expected)


@given(tables.filter(len), tables.filter(len))
def test_the_em(people: list[Any], released: list[Any]) -> None:
    columns = columns_of(people, released)
    pairs = every_pair(columns)
    patterns, counts = np.unique(ours.compared(columns, pairs.people, pairs.released), return_counts=True)
    levels = ours.opened(patterns, 2)
    drawn = ours.strangers(columns, np.random.default_rng(0))
    found = ours.fit(levels, counts, drawn, len(pairs.people), len(released))
    by_pattern = Counter({tuple(each): int(n) for each, n in zip(levels.tolist(), counts, strict=True)})
    by_column = [Counter(dict(enumerate(each))) for each in drawn.tolist()]
    assert by_column == [
        Counter({level: sum(n for p, n in by_pattern.items() if p[at] == level) for level in range(4)}) for at in (0, 1)
    ]
    if found.failure == ours.NOTHING_COMPARED:
        assert not any(level for pattern in by_pattern for level in pattern)
        return
    if found.failure == ours.NOT_SETTLED:
        with pytest.raises(AssertionError):
            naive.fit(by_pattern, by_column, len(pairs.people), len(released))
        return
    m, u, prior = naive.fit(by_pattern, by_column, len(pairs.people), len(released))
    for at in (0, 1):
        assert {level: found.u[at, level] for level in u[at]} == pytest.approx(u[at], abs=1e-7)
    if found.failure:
        assert found.failure == ours.NOT_MATCHES
        assert np.isnan(found.m).all()
        assert math.isnan(found.prior)
        return
    assert found.prior == pytest.approx(prior, rel=1e-6)
    for at in (0, 1):
        assert {level: found.m[at, level] for level in m[at]} == pytest.approx(m[at], rel=1e-6)
    weights = ours.scored(columns, pairs, ours.compared(columns, pairs.people, pairs.released), found)
    for i, j, total in zip(pairs.people, pairs.released, weights, strict=True):
        pattern = (naive.text_level(people[i][0], released[j][0]), naive.number_level(people[i][1], released[j][1], 1))
        expected = naive.weight(pattern, m, u)
        for at in (0, 1):
            if pattern[at] == ours.EQUAL:
                sides = [each[at] for each in people], [each[at] for each in released]
                expected += naive.rarity(people[i][at], *sides, u[at][ours.EQUAL])
        assert total == pytest.approx(expected, abs=1e-5)


#: How often columns of two strangers agree, and of one person.
U, M = (0.5, 0.05, 0.01, 0.1, 0.02), (0.95, 0.9, 0.85, 0.9, 0.8)


def planted(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return levels, counts and random levels of all pairs of n people."""
    rng = np.random.default_rng(seed)
    agree = rng.random((n * n, len(U))) < U
    agree[:n] = rng.random((n, len(U))) < M
    levels = np.where(agree, ours.EQUAL, ours.DIFFERENT).astype(np.uint8)
    distinct, counts = np.unique(levels, axis=0, return_counts=True)
    return distinct, counts, np.array([np.bincount(levels[:, at], minlength=4) for at in range(len(U))])


def test_the_em_finds_what_was_planted() -> None:
    n = 700
    levels, counts, drawn = planted(n, 3)
    found = ours.fit(levels, counts, drawn, n * n, n)
    assert found.prior * n * n == pytest.approx(n, rel=0.1)
    assert found.m[:, ours.EQUAL] == pytest.approx(M, abs=0.03)
    assert found.u[:, ours.EQUAL] == pytest.approx(U, rel=0.03)
    assert found.weights[:, ours.MISSING].tolist() == [0] * len(U)
    assert found.weights[:, ours.NEAR].tolist() == [0] * len(U)  # no pair is near


def test_a_fit_that_does_not_settle_is_a_failed_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "ROUNDS", 1)
    levels, counts, drawn = planted(60, 3)
    found = ours.fit(levels, counts, drawn, 3600, 60)
    assert found.failure == ours.NOT_SETTLED
    assert np.isnan(found.m).all()
    assert np.isnan(found.prior)


def test_a_fit_turned_upside_down_is_a_failed_fit() -> None:
    levels = np.array([[ours.DIFFERENT] * 2, [ours.EQUAL] * 2], np.uint8)
    counts, drawn = np.array([900, 100]), np.array([[0, 10, 0, 990]] * 2)
    found = ours.fit(levels, counts, drawn, 1000, 900)
    assert found.failure == ours.NOT_MATCHES
    assert np.isnan(found.m).all()


def test_nothing_to_compare() -> None:
    none = ours.fit(np.empty((0, 1), np.uint8), np.empty(0, int), np.zeros((1, 4), int), 0, 0)
    assert none.failure == ours.NO_PAIRS
    missing = ours.fit(np.zeros((1, 1), np.uint8), np.array([4]), np.array([[4, 0, 0, 0]]), 4, 2)
    assert missing.failure == ours.NOTHING_COMPARED


def test_many_random_pairs_are_drawn_with_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "DRAWN", 50)
    columns = columns_of([("ab", 1)] * 9 + [("cd", 2)] * 3, [("ab", 1)] * 8)
    drawn = [ours.strangers(columns, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert drawn[0].sum(axis=1).tolist() == [50, 50]
    assert drawn[0].tolist() == drawn[1].tolist() != drawn[2].tolist()


def test_threads_give_the_same_patterns(path: str) -> None:
    rng = np.random.default_rng(1)
    rows = [(str(rng.choice(["anna", "hanna", "bob", "rob"])), int(rng.integers(9))) for _ in range(120)]
    columns = columns_of(rows[:60], rows[60:])
    pairs = every_pair(columns)
    levels = ours.opened(ours.compared(columns, pairs.people, pairs.released), 2)
    expected = [
        naive.text_level(rows[i][0], rows[60 + j][0]) for i, j in zip(pairs.people, pairs.released, strict=True)
    ]
    assert levels[:, 0].tolist() == expected


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), unique=True, max_size=8), st.data())
def test_the_assignment_has_the_greatest_sum(chosen: list[tuple[int, int]], data: st.DataObject) -> None:
    values = data.draw(st.lists(st.integers(-3, 9), min_size=len(chosen), max_size=len(chosen)))
    pairs = Pairs(np.array([i for i, _j in chosen], int), np.array([j for _i, j in chosen], int), ())
    weights = np.array(values, float)
    linked = one_to_one.assigned(pairs, weights, np.random.default_rng(0))
    assert weights[linked].sum() == naive.best_sum(dict(zip(chosen, values, strict=True)))
    for side in (pairs.people[linked], pairs.released[linked]):
        assert len(np.unique(side)) == len(side)


def test_large_groups_are_linked_greedily(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_to_one, "CELLS", 0)
    pairs = Pairs(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 2]), ())
    linked = one_to_one.assigned(pairs, np.array([5.0, 4.0, 4.0, 0.5]), np.random.default_rng(0))
    assert linked.tolist() == [True, False, False, True]


def test_ties_of_an_assignment_are_drawn_by_lot() -> None:
    everybody = np.arange(400)
    pairs = Pairs(*np.divmod(everybody, 20), ())
    right = []
    for seed in range(20):
        linked = one_to_one.assigned(pairs, np.ones(400), np.random.default_rng(seed))
        right.append(np.count_nonzero(pairs.people[linked] == pairs.released[linked]))
    assert np.mean(right) < 4  # of 20; the order of the tables gives nothing away


class TestColumns:
    def test_case_blanks_and_missing(self) -> None:
        column = comparable(
            pd.DataFrame({"a": [" Éva", "", None]}), pd.DataFrame({"a": ["éva ", "  "]}), knowledge_of("a", ["a"])
        )[0]
        assert column.people.tolist() == [0, -1, -1]
        assert column.released.tolist() == [0, -1]

    def test_numbers_written_as_text(self) -> None:
        column = comparable(
            pd.DataFrame({"a": [1.0, 2.5, np.nan]}), pd.DataFrame({"a": ["2.5", " 1", ""]}), knowledge_of("a", ["a"])
        )[0]
        assert column.people.tolist() == [0, 1, -1]
        assert column.released.tolist() == [1, 0, -1]

    def test_numbers_beyond_a_float_stay_apart(self) -> None:
        people = pd.DataFrame({"a": [2**60, 2**60 + 1]})
        assert comparable(people, people, knowledge_of("a", ["a"]))[0].people.tolist() == [0, 1]

    def test_dates_to_the_year_and_the_month(self) -> None:
        people = pd.DataFrame({"born": pd.to_datetime(["1960-05-01", "1960-06-30", None])})
        released = pd.DataFrame({"born": ["19600615", None]})
        (year,) = comparable(people, released, knowledge_of({"born": "year"}, ["born"]))
        assert (year.people.tolist(), year.released.tolist()) == ([0, 0, -1], [0, -1])
        (month,) = comparable(people, people, knowledge_of({"born": "month"}, ["born"]))
        assert month.people.tolist() == [0, 1, -1]

    @pytest.mark.parametrize(
        ("here", "there", "how", "says"),
        [
            ([1, 2], ["20-29", "secret"], "exact", r"'a' holds numbers in one table and, in the other, 2 values"),
            (["x"], ["y"], 2, "to within a number, but it does not hold numbers"),
            ([1], [2], "year", "but it holds numbers"),
            (["spring"], ["2001-01-01"], "year", "1 of its values are not dates"),
        ],
    )
    def test_columns_that_cannot_be_compared(self, here: list[Any], there: list[Any], how: Any, says: str) -> None:
        with pytest.raises(RoleError, match=says) as caught:
            comparable(pd.DataFrame({"a": here}), pd.DataFrame({"a": there}), knowledge_of({"a": how}, ["a"]))
        assert "secret" not in str(caught.value)
        assert "spring" not in str(caught.value)


class TestBlocking:
    def many(self) -> tuple[Comparable, ...]:
        rows = [(f"name{at}", at % 2) for at in range(1200)]
        return columns_of(rows, rows)

    def test_passes_are_chosen_where_pairs_are_many(self) -> None:
        pairs = pairs_of(self.many())
        assert [each.words() for each in pairs.passes] == ["equal 'name'"]
        assert len(pairs.people) == 1200

    def test_a_block_that_explodes_is_named(self) -> None:
        with pytest.raises(
            CellLimitError, match=r"pass on 'age' makes 720000 pairs \(up to 600 for one person\)"
        ) as caught:
            pairs_of(self.many(), ["name", "age"], max_pairs=10_000)
        assert "8800 of max_pairs=10000 are left" in str(caught.value)

    def test_no_pass_is_small_enough(self) -> None:
        columns = columns_of([("ann", 1)] * 1200, [("ann", 1)] * 1200)
        with pytest.raises(CellLimitError, match="no one or two of the known columns"):
            pairs_of(columns)

    def test_passes_must_name_columns(self) -> None:
        columns = columns_of([("ann", 1)], [("ann", 1)])
        for wrong, says in (
            ([], "names no column"),
            ([()], "names no column"),
            ([3], "names no column|holds int|not iterable"),
            (["nme"], r"near: 'name'"),
            ({"age": -1}, "at least 0"),
        ):
            with pytest.raises((RiskscopeError, TypeError), match=says):
                pairs_of(columns, wrong)
