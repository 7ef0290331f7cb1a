"""Distinction and separation against a count of all pairs."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskscope as rs
from frames import QUASI, keys_of, some_people
from naive import separation as twin
from riskscope.frequency import FrequencyTable, Levels, Packing
from riskscope.risk.separation import pair

CLOSE = 1e-12


def test_t8(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS E1: sex (.25, .535714), age (.375, .607143), sex and age (.5, .821429), all (.5, .821429)."""
    result = rs.separation(t8, t8_roles)
    assert (result.distinction, result.separation) == (0.5, pytest.approx(23 / 28, rel=CLOSE))
    assert result.by_column["sex"] == (0.25, pytest.approx(15 / 28, rel=CLOSE))
    assert result.by_column["age"] == (0.375, pytest.approx(17 / 28, rel=CLOSE))
    assert rs.separation(t8, ["sex", "age"]).separation == pytest.approx(23 / 28, rel=CLOSE)


@pytest.mark.parametrize("seed", range(5))
def test_twin(seed: int) -> None:
    people = some_people(seed)
    result = rs.separation(pd.DataFrame(people), QUASI)
    assert result.distinction == twin.distinction(keys_of(people))
    assert result.separation == pytest.approx(twin.separation(keys_of(people)), rel=CLOSE)
    for name in QUASI:
        keys = keys_of(people, [name])
        assert result.by_column[name] == pytest.approx((twin.distinction(keys), twin.separation(keys)), rel=CLOSE)


def test_no_overflow_for_billions_of_people() -> None:
    import numpy as np

    counts = np.array([4 * 10**9, 4 * 10**9], np.int64)
    levels = Levels(2, False, lambda: np.array(["x", "y"], object))
    table = FrequencyTable(
        ["a"], [levels], np.array([0, 1], np.uint32), counts, Packing((2,)), roles=rs.Roles(quasi_identifiers="a")
    )
    assert pair(table) == (2 / (8 * 10**9), pytest.approx(0.5, abs=1e-9))


def test_degenerate() -> None:
    empty = rs.separation(pd.DataFrame({"a": []}), ["a"])
    assert math.isnan(empty.separation)
    assert math.isnan(empty.distinction)
    assert set(empty.undefined) == {"separation", "distinction"}
    one = rs.separation(pd.DataFrame({"a": ["x"]}), ["a"])
    assert one.distinction == 1
    assert set(one.undefined) == {"separation"}
    assert "at least two" in one.summary()
    assert rs.separation(pd.DataFrame({"a": ["x"] * 9}), ["a"]).separation == 0
    assert rs.separation(pd.DataFrame({"a": [None] * 9}), ["a"]).separation == 0
    assert rs.separation(pd.DataFrame({"a": range(9)}), ["a"]).separation == 1


def test_one_record_is_json() -> None:
    found = rs.separation(pd.DataFrame({"a": [1], "b": [2]}), ["a", "b"]).to_dict()
    assert found["by_column"]["a"]["separation"] is None


def test_persons_with_several_combinations() -> None:
    """Ann 2 (Lyon), Bob 2, Eve 4 (Metz), Max 1 (Brest): told apart from 2, 2, 0 and 3 of the 3 others."""
    visits = [("Ann", "Metz"), ("Ann", "Lyon"), ("Bob", "Metz"), ("Bob", "Lyon"), ("Eve", "Metz"), ("Max", "Metz")]
    frame = pd.DataFrame([*visits, ("Max", "Brest")], columns=["who", "place"]).assign(sex=list("FFMMFMM"))
    result = rs.separation(frame, rs.Roles(quasi_identifiers=["place"], person="who"))
    assert (result.n_records, result.n_rows, result.known_records) == (4, 7, "one")
    assert result.separation == pytest.approx(7 / 12, rel=CLOSE)
    assert math.isnan(result.distinction)
    assert set(result.undefined) == {"distinction"}
    assert "tell 58.3 % of all pairs of people apart" in result.summary()
    assert "(4 persons, 7 records)" in result.summary()
    both = rs.separation(frame, rs.Roles(quasi_identifiers=["place", "sex"], person="who"))
    assert both.by_column["place"][1] == result.separation
    assert both.by_column["sex"] == (0.5, pytest.approx(2 / 3, rel=CLOSE))  # each has one: as of records


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=20))
def test_any_persons(rows: list[tuple[int, int, int]]) -> None:
    names = ["a", "b"]
    result = rs.separation(pd.DataFrame(rows, columns=["who", *names]), rs.Roles(quasi_identifiers=names, person="who"))
    people = [row[0] for row in rows]
    assert result.n_records == len(set(people))
    if result.n_records < 2:
        assert "separation" in result.undefined
        return
    expected = twin.separation_of_persons([row[1:] for row in rows], people)
    assert result.separation == pytest.approx(expected, abs=1e-12)
    for at, name in enumerate(names, start=1):
        expected = twin.separation_of_persons([(row[at],) for row in rows], people)
        assert result.by_column[name][1] == pytest.approx(expected, abs=1e-12)


def test_one_person_with_one_record_is_said_in_the_singular() -> None:
    roles = rs.Roles(quasi_identifiers=["a"], person="who")
    assert "(1 person, 1 record)" in rs.k_anonymity(pd.DataFrame({"who": [1], "a": [1]}), roles).summary()
