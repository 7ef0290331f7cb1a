"""Which column makes a person stand out of whom one record is known, against recounting person by person."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskscope as rs
from frames import some_people
from naive import persons as twin
from naive.column_risk import shapley
from riskscope.engines import lattice
from riskscope.errors import RoleError

MEASURES = {"uniqueness": 1, "average_risk": 4, "share_at_risk": 2}

#: Metz by train: Ann, Bob, Eve, Max; Metz by car: Zoe; Lyon by train: Ann, Bob; Brest by car: Max.
VISITS = [
    ("Ann", "Metz", "train"), ("Ann", "Metz", "train"), ("Ann", "Lyon", "train"),
    ("Bob", "Metz", "train"), ("Bob", "Lyon", "train"),
    ("Eve", "Metz", "train"),
    ("Zoe", "Metz", "car"),
    ("Max", "Brest", "car"), ("Max", "Metz", "train"),
]  # fmt: skip
NAMES = ["place", "by"]
ROLES = rs.Roles(quasi_identifiers=NAMES, person="who")


@pytest.fixture
def visits() -> pd.DataFrame:
    return pd.DataFrame(VISITS, columns=["who", *NAMES])


def against_twin(
    result: rs.results.Result, keys: list[tuple[Any, ...]], people: list[Any], names: list[str], threshold: int
) -> None:
    """Compare each subset, each share, the smallest keys, and the people alone by column."""
    everything = tuple(range(len(names)))
    known = {
        columns: twin.figures_knowing_one(keys, people, columns, threshold)
        for size in range(len(names) + 1)
        for columns in itertools.combinations(everything, size)
    }
    n = len(twin.records_of(keys, people))
    assert (result.n_records, result.n_subsets) == (n, len(known))
    for row in result.subsets.itertuples():
        found = known[tuple(sorted(names.index(name) for name in row.columns))]
        assert (row.classes, row.uniques, row.below) == found[:3]
        assert row.average_risk == pytest.approx(found[4] / n, abs=1e-12)
        assert n == 1 or row.separation == pytest.approx(1 - found[3] / (n * (n - 1)), abs=1e-12)
    assert result.n_unique == known[everything][1]
    for name, at in MEASURES.items():
        value = {columns: found[at] / n for columns, found in known.items()}
        mine = result.contributions.xs(name, level="measure")
        exact = shapley(lambda columns, value=value: value[tuple(sorted(columns))], len(names))
        assert mine["shapley"].tolist() == pytest.approx(exact, abs=1e-12)
        for column in everything:
            without = tuple(other for other in everything if other != column)
            ends = mine.loc[names[column]]
            assert ends["first_in"] == pytest.approx(value[column,] - value[()], abs=1e-12)
            assert ends["last_in"] == pytest.approx(value[everything] - value[without], abs=1e-12)
            assert result.alone[names[column]] == known[column,][1]
            assert result.without[names[column]] == known[without][1]
    enough = [set(columns) for columns, found in known.items() if found[1] == n]
    least = {frozenset(each) for each in enough if not any(other < each for other in enough)}
    assert {frozenset(names.index(name) for name in each) for each in result.minimal_keys} == least


def test_worked_example(visits: pd.DataFrame) -> None:
    """By place Max is alone (Brest); by car or train nobody; by both also Zoe (Metz by car)."""
    found = rs.column_risk(visits, ROLES, k=3)
    assert (found.known_records, found.n_records, found.n_rows, found.n_unique) == ("one", 5, 9, 2)
    assert (found.alone, found.without) == ({"place": 1, "by": 0}, {"place": 0, "by": 1})
    assert found.strongest == "place"
    assert found.shapley == pytest.approx({"place": 0.3, "by": 0.1})
    rows = {row.columns: row for row in found.subsets.itertuples()}
    # By place alone Ann and Bob are 2 (Lyon), Eve and Zoe 5 (Metz), Max 1; by train 4 (Ann, Bob, Eve), by car 2.
    assert rows[()].average_risk == pytest.approx(1 / 5)
    assert rows["place",].average_risk == pytest.approx((1 / 2 + 1 / 2 + 1 / 5 + 1 / 5 + 1) / 5)
    assert rows["by",].average_risk == pytest.approx((3 / 4 + 1 / 2 + 1 / 2) / 5)
    assert rows["place", "by"].average_risk == pytest.approx((1 / 2 + 1 / 2 + 1 / 4 + 1 + 1) / 5)
    assert [rows[each].below for each in ((), ("place",), ("by",), ("place", "by"))] == [0, 3, 2, 4]
    assert found.minimal_keys == []
    against_twin(found, [row[1:] for row in VISITS], [row[0] for row in VISITS], NAMES, 3)


@pytest.mark.parametrize("threshold", [2, 5])
@pytest.mark.parametrize("seed", range(3))
def test_every_subset_and_share(seed: int, threshold: int, path: str) -> None:
    base = some_people(seed, n=60)
    names = ["city", "age", "sex", "income"]
    rng = np.random.default_rng(seed)
    people = [int(each) if each < 20 else None for each in rng.integers(0, 22, 60)]
    keys = list(zip(*(base[name] for name in names), strict=True))
    frame = pd.DataFrame({**{name: base[name] for name in names}, "who": pd.array(people, dtype="Int64")})
    roles = rs.Roles(quasi_identifiers=names, person="who")
    against_twin(rs.column_risk(frame, roles, k=threshold), keys, people, names, threshold)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_visits(data: st.DataObject) -> None:
    d = data.draw(st.integers(1, 4))
    record = st.tuples(st.integers(0, 6), *[st.integers(0, 3)] * d)
    rows = data.draw(st.lists(record, min_size=1, max_size=25))
    names = [f"c{at}" for at in range(d)]
    frame = pd.DataFrame(rows, columns=["who", *names])
    found = rs.column_risk(frame, rs.Roles(quasi_identifiers=names, person="who"), k=3)
    against_twin(found, [row[1:] for row in rows], [row[0] for row in rows], names, 3)


@pytest.mark.parametrize("n_columns", [1, 2, 7])
def test_kernels_and_numpy_agree(n_columns: int) -> None:
    """Also where the columns come in no order of their levels, and a few tell all cells apart."""
    rng = np.random.default_rng(n_columns)
    columns = {f"c{at}": rng.integers(0, (5, 2, 60, 1, 3, 9, 2)[at], 150) for at in range(n_columns)}
    frame = pd.DataFrame({**columns, "who": rng.integers(0, 50, 150)})
    table = rs.count(frame, rs.Roles(quasi_identifiers=list(columns), person="who"))
    counted, matches = lattice._counted_persons(table, table.persons, 3)
    by_numpy, matches_by_numpy = lattice._counted_by_numpy(table, 3)
    assert np.array_equal(counted, by_numpy)
    assert matches == pytest.approx(matches_by_numpy, rel=1e-12)


def test_all_columns_together_are_the_figures_of_the_other_measures(visits: pd.DataFrame) -> None:
    found = rs.column_risk(visits, ROLES, k=3)
    everything = found.subsets.iloc[-1]
    k = rs.k_anonymity(visits, ROLES, k=3)
    assert (everything.classes, everything.uniques, everything.below) == (k.n_classes, k.n_unique, k.n_below)
    assert everything.uniqueness == rs.uniqueness(visits, ROLES).share_unique
    assert everything.average_risk == pytest.approx(rs.reidentification_risk(visits, ROLES).average)


def test_sampled_orders_come_near(path: str) -> None:
    rng = np.random.default_rng(4)
    names = [f"c{at}" for at in range(5)]
    frame = pd.DataFrame(rng.integers(0, 4, (200, 5)), columns=names).assign(who=rng.integers(0, 90, 200))
    roles = rs.Roles(quasi_identifiers=names, person="who")
    exact, drawn = rs.column_risk(frame, roles), rs.column_risk(frame, roles, n_orders=150, rng=1)
    assert (np.abs(drawn.shares[..., 2] - exact.shares[..., 2]) <= 5 * drawn.shares[..., 3] + 1e-12).all()
    assert np.allclose(drawn.shares[..., :2], exact.shares[..., :2])
    assert (drawn.alone, drawn.without, drawn.n_unique) == (exact.alone, exact.without, exact.n_unique)
    counted = exact.subsets.set_index("columns")
    for row in drawn.subsets.itertuples():
        assert row.average_risk == pytest.approx(counted.loc[[row.columns], "average_risk"].item())


def test_too_many_entries_of_persons_are_sampled(visits: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the cells of each person that cost, 8 here, not the 4 cells."""
    monkeypatch.setattr("riskscope.risk.column_risk.MOST_WORK_OF_PERSONS", 8 << 2)
    assert rs.column_risk(visits, ROLES).n_orders == 0
    monkeypatch.setattr("riskscope.risk.column_risk.MOST_WORK_OF_PERSONS", (8 << 2) - 1)
    assert rs.column_risk(visits, ROLES).n_orders > 0


def test_says_what_is_known_of_a_person(visits: pd.DataFrame) -> None:
    found = rs.column_risk(visits, ROLES)
    assert "one record of a person, at worst the most telling one" in found.summary()
    assert "(5 persons, 9 records)" in found.summary()
    assert found.heading().endswith("(one record known)")
    shown = json.loads(json.dumps(found.to_dict()))
    assert (shown["known_records"], shown["n_records"], shown["n_rows"]) == ("one", 5, 9)
    assert "Zoe" not in repr(found) + found.summary()


def test_persons_with_one_combination_are_as_many_records(visits: pd.DataFrame) -> None:
    one_each = visits[visits["place"] == "Metz"]
    once = one_each.drop_duplicates("who")
    found = rs.column_risk(one_each, ROLES)
    assert found == rs.column_risk(once, NAMES)
    assert found.known_records is None


def test_one_person_with_all_records() -> None:
    frame = pd.DataFrame({"who": [1, 1, 1], "a": [1, 2, 3], "b": [1, 1, 2]})
    found = rs.column_risk(frame, rs.Roles(quasi_identifiers=["a", "b"], person="who"))
    assert (found.n_records, found.n_unique, found.alone, found.minimal_keys) == (1, 1, {"a": 1, "b": 1}, [()])


def test_by_record_needs_one_record_a_person(visits: pd.DataFrame) -> None:
    with pytest.raises(RoleError, match="The 9 records are of 5 persons"):
        rs.column_risk(visits, ROLES, by_record=True)
