"""The tree of the columns and the chances of single records: twins, a simulated tree, whole populations, edges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskscope as rs
from frames import QUASI, ROLES, keys_of, some_people
from naive import tree_model as twin
from riskscope.errors import FrameError, RiskscopeError
from riskscope.risk.record_uniqueness import correctness_in_class
from riskscope.risk.tree_model import (
    STRENGTHS,
    cell_chances,
    cells_of,
    chance_unique,
    expected_correctness,
    fit_tree,
    matched,
    tree_estimate,
)

CLOSE = 1e-9


def tree_of(table: rs.FrequencyTable) -> tuple[Any, Any]:
    cells = cells_of(table.codes, table.counts)
    return cells, fit_tree(cells)


def test_chances_given_p() -> None:
    """FORMULAS C7: p = .01, n = 50: ξ = .611117, κ = .789988; p = 1e-4, n = 1e4: .367898, .632139; edges."""
    assert chance_unique([0.01, 1e-4], 50)[0] == pytest.approx(0.611117, abs=1e-6)
    assert chance_unique(1e-4, 10_000) == pytest.approx(0.367898, abs=1e-6)
    assert expected_correctness(0.01, 50) == pytest.approx(0.789988, abs=1e-6)
    assert expected_correctness(1e-4, 10_000) == pytest.approx(0.632139, abs=1e-6)
    assert chance_unique([0, 1], 50).tolist() == [1, 0]
    assert expected_correctness([0, 1], 50).tolist() == [1, 1 / 50]
    assert chance_unique([0.3, 1], 1).tolist() == [1, 1]
    assert expected_correctness([0.3, 1], 1).tolist() == [1, 1]


def test_chances_of_tiny_p_keep_their_digits() -> None:
    assert 1 - float(chance_unique(1e-14, 2)) == pytest.approx(1e-14, rel=0.01)
    assert float(expected_correctness(1e-18, 1000)) == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("f", [1, 2, 7, 40])
@pytest.mark.parametrize("p", [1e-6, 0.01, 0.3, 1.0])
@pytest.mark.parametrize("others", [0, 1, 60, 300])
def test_correctness_in_a_class(f: int, p: float, others: int) -> None:
    found = correctness_in_class(np.array([f]), np.array([p * 0.999999]), others)
    assert found == pytest.approx(twin.correctness(f, p * 0.999999, others), rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_twin(seed: int) -> None:
    people = some_people(seed, n=60)
    keys = keys_of(people)
    table = rs.count(pd.DataFrame(people), QUASI)
    cells, tree = tree_of(table)
    edges = [(edge.parent, edge.child) for edge in tree.edges]
    totals = [twin.total_information(keys, each) for each in twin.spanning_trees(3)]
    assert twin.total_information(keys, edges) == pytest.approx(max(totals), abs=1e-12)
    for parent, child, strength in tree.edges:
        likelihoods = [twin.log_likelihood(keys, parent, child, each) for each in STRENGTHS]
        best = twin.log_likelihood(keys, parent, child, strength)
        assert best == pytest.approx(max(likelihoods), rel=CLOSE)
    chances = matched(cells, cell_chances(cells, tree))
    naive = [twin.chance(keys, key, tree.edges) for key in keys]
    n_unique = sum(1 for key in keys if keys.count(key) == 1)
    assert chances[1] == pytest.approx(twin.expected_uniques(naive, 60, 1) / n_unique, rel=CLOSE)
    result = rs.record_uniqueness(pd.DataFrame(people), QUASI, population_size=200)
    factor = float(chances[0][0] / cell_chances(cells, tree)[0])
    assert twin.expected_uniques(naive, 60, factor) == pytest.approx(n_unique, rel=1e-5)
    for at, key in enumerate(keys):
        f, p = keys.count(key), min(1.0, naive[at] * factor)
        assert result.chance[at] == pytest.approx((1 - p) ** 140 if f == 1 else 0, rel=CLOSE)
        assert result.correctness[at] == pytest.approx(twin.correctness(f, p, 140), rel=1e-6)


COLUMN = st.lists(st.integers(0, 3), min_size=6, max_size=24)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4), st.sampled_from("xyz")), min_size=2, max_size=30))
def test_twin_of_chances(rows: list[tuple[int, int, str]]) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b", "c"])
    table = rs.count(frame, ["a", "b", "c"])
    cells, tree = tree_of(table)
    found = cell_chances(cells, tree)
    keys = [tuple(key) for key in table.codes.tolist() for _ in range(1)]
    everybody = [key for key, n in zip(keys, table.counts.tolist(), strict=True) for _ in range(n)]
    assert found == pytest.approx([twin.chance(everybody, key, tree.edges) for key in keys], rel=CLOSE)


def test_pairs_of_many_values_are_counted_by_sorting_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.integers(0, 60, 300), "b": rng.integers(0, 70, 300), "c": rng.integers(0, 2, 300)})
    cells, tree = tree_of(rs.count(frame, ["a", "b", "c"]))
    dense = cell_chances(cells, tree)
    monkeypatch.setattr("riskscope.risk.tree_model._DENSE", -10)
    assert fit_tree(cells) == tree
    assert cell_chances(cells, tree).tolist() == dense.tolist()


def made_up(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """People of a known tree a - b - c, a - d, with the true chance of each one's combination."""
    rng = np.random.default_rng(seed)
    first = rng.dirichlet(np.ones(30) * 0.7)
    under = {name: rng.dirichlet(np.ones(size) * 0.4, parents) for name, size, parents in TREE}
    a = rng.choice(30, n, p=first)
    found, chance = {"a": a}, first[a]
    for name, parent in (("b", "a"), ("c", "b"), ("d", "a")):
        table = under[name].cumsum(axis=1)
        table[:, -1] = 1
        found[name] = (rng.random(n)[:, np.newaxis] > table[found[parent]]).sum(axis=1)
        chance = chance * under[name][found[parent], found[name]]
    return pd.DataFrame(found), chance


TREE = (("b", 25, 30), ("c", 20, 25), ("d", 8, 30))


def test_a_known_tree_is_found_and_tells_who_is_alone() -> None:
    people, true = made_up(60_000, seed=5)
    sizes = rs.class_sizes(people, list("abcd"))
    drawn = np.random.default_rng(1).choice(60_000, 6000, replace=False)
    sample = people.iloc[drawn]
    result = rs.record_uniqueness(sample, list("abcd"), population_size=60_000)
    assert {frozenset(edge[:2]) for edge in result.tree.edges} == {frozenset(pair) for pair in ((0, 1), (1, 2), (0, 3))}
    is_alone = sizes[drawn] == 1
    assert result.expected_uniques == pytest.approx(is_alone.sum(), rel=0.15)
    likely = result.chance > 0.8
    assert is_alone[likely].mean() > 0.75
    assert is_alone[result.chance == 0].sum() == 0
    middle = (result.chance > 0.3) & (result.chance < 0.7)
    assert is_alone[middle].mean() == pytest.approx(result.chance[middle].mean(), abs=0.12)
    assert result.mean_correctness == pytest.approx((1 / sizes[drawn]).mean(), rel=0.1)
    cells, tree = tree_of(rs.count(sample, list("abcd")))
    ratio = np.log(cell_chances(cells, tree)) - np.log(true[drawn][np.unique(rs_keys(sample), return_index=True)[1]])
    assert abs(np.median(ratio)) < 0.25


def rs_keys(frame: pd.DataFrame) -> np.ndarray:
    """One number a record, in the order of the cells."""
    key = np.zeros(len(frame), np.int64)
    for name in frame.columns:
        key = key * 100 + frame[name].to_numpy()
    return key


def test_the_whole_population_is_counted() -> None:
    people = pd.DataFrame(some_people(2, n=80))
    result = rs.record_uniqueness(people, QUASI, population_size=80)
    sizes = rs.class_sizes(people, QUASI)
    assert result.chance.tolist() == (sizes == 1).astype(float).tolist()
    assert result.correctness == pytest.approx(1 / sizes, rel=1e-6)
    assert result.expected_uniques == result.n_unique == (sizes == 1).sum()


def test_order_of_the_records_and_tables_of_counts() -> None:
    people = pd.DataFrame(some_people(3, n=70))
    result = rs.record_uniqueness(people, ROLES, population_size=900)
    back = rs.record_uniqueness(people.iloc[::-1], ROLES, population_size=900)
    assert back.chance.tolist() == pytest.approx(result.chance[::-1].tolist(), rel=CLOSE)
    counted = rs.record_uniqueness(rs.count(people, ROLES), population_size=900)
    assert len(counted.chance) == rs.uniqueness(people, ROLES).n_classes_of_size.sum()
    assert counted.to_dict() == result.to_dict()
    assert "chance" not in repr(result).replace("mean_chance", "")


def test_misfit_is_said() -> None:
    """Where three columns determine one another (c is a + b), pairs are independent and the tree expects too many."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 20, 500), rng.integers(0, 20, 500)
    frame = pd.DataFrame({"a": a, "b": b, "c": (a + b) % 20})
    result = rs.record_uniqueness(frame, ["a", "b", "c"], population_size=5000)
    assert result.misfit > 1.5
    assert "in ways that pairs of columns do not show" in result.summary()


def test_degenerate() -> None:
    empty = rs.record_uniqueness(pd.DataFrame({"a": []}), ["a"], population_size=10)
    assert (empty.expected_uniques, len(empty.chance)) == (0, 0)
    assert math.isnan(empty.mean_chance)
    one = rs.record_uniqueness(pd.DataFrame({"a": [1]}), ["a"], population_size=10)
    assert math.isnan(one.expected_uniques)
    assert one.undefined["share_likely"] == "one record tells nothing about other people"
    assert "undefined" in one.summary()
    assert rs.record_uniqueness(pd.DataFrame({"a": [1]}), ["a"], population_size=1).chance.tolist() == [1]
    equal = rs.record_uniqueness(pd.DataFrame({"a": [1] * 5, "b": [2] * 5}), ["a", "b"], population_size=50)
    assert equal.chance.tolist() == [0] * 5
    assert equal.correctness == pytest.approx(np.full(5, 1 / 50), rel=1e-3)
    assert math.isnan(equal.misfit)
    unique = rs.record_uniqueness(pd.DataFrame({"a": range(9), "b": range(9)}), ["a", "b"], population_size=90)
    assert unique.n_unique == 9
    assert (unique.chance > 0).all()
    missing = rs.record_uniqueness(pd.DataFrame({"a": [None] * 4, "b": [1, 2, 3, 3]}), ["a", "b"], population_size=40)
    assert missing.chance[2:].tolist() == [0, 0]


def test_errors() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3]})
    with pytest.raises(RiskscopeError, match="population_size is 2 and the table has 3 records"):
        rs.record_uniqueness(frame, ["a"], population_size=2)
    with pytest.raises(RiskscopeError, match=r"population_size is 5\.5; it must be a whole number"):
        rs.record_uniqueness(frame, ["a"], population_size=5.5)  # type: ignore[arg-type]
    with pytest.raises(FrameError):
        rs.record_uniqueness([1, 2], ["a"], population_size=5)


def test_one_column_makes_no_tree() -> None:
    cells, tree = tree_of(rs.count(pd.DataFrame({"a": [1, 1, 2]}), ["a"]))
    assert tree.edges == ()
    estimate = tree_estimate(cells, tree, 30)
    assert math.isnan(estimate.n_uniques)
    assert estimate.failure == "one column alone makes no tree"


def test_nobody_alone_is_said() -> None:
    frame = pd.DataFrame({"a": [1] * 20, "b": [2] * 20})
    said = rs.record_uniqueness(frame, ["a", "b"], population_size=1000).summary()
    assert said == "Nobody is alone in the table, so nobody in it can be alone in the population."
