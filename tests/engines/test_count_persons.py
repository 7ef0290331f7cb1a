"""Persons counted from records: who is in which cell, how often, and which records name nobody."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskscope as rs
from frames import keys_of, some_people
from naive import persons as twin
from riskscope.engines.persons import count_persons
from riskscope.engines.tables import classes_of_records, has_one_cell_each, persons_of_records, table_of, with_roles
from riskscope.errors import FrameError, RoleError
from riskscope.persons import Persons, classes_knowing_all, in_one_cell, people_per_cell, regrouped, sizes_knowing_one

NAMES = ["city", "age", "sex"]
ROLES = rs.Roles(quasi_identifiers=NAMES, person="who")


def visits(seed: int, *, n: int = 120, n_people: int = 40) -> dict[str, list[Any]]:
    """Records of people who come several times; some name nobody."""
    rng = np.random.default_rng(seed)
    who = [f"p{at}" if rng.random() > 0.05 else None for at in rng.integers(0, n_people, n)]
    return {**{name: some_people(seed, n=n)[name] for name in NAMES}, "who": who}


def entries_of(table: rs.FrequencyTable) -> Counter[tuple[int, int]]:
    persons = table.persons
    assert persons is not None
    pairs = zip(persons.cells.tolist(), persons.people.tolist(), strict=True)
    return Counter(dict(zip(pairs, persons.times.tolist(), strict=True)))


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_distinct_persons(seed: int, path: str) -> None:
    people = visits(seed)
    keys = keys_of(people, NAMES)
    table = rs.count(pd.DataFrame(people), ROLES)
    assert sorted(table.counts.tolist()) == sorted(twin.persons_with(keys, people["who"], key) for key in set(keys))
    assert table.n_records == 120
    assert table.n_people == len(set(twin.named(people["who"])))
    assert table.persons is not None
    assert table.persons.n_without_id == people["who"].count(None) > 0


def test_each_record_is_in_the_cell_and_of_the_person_that_the_table_says(path: str) -> None:
    people = visits(5)
    table, keys, who = count_persons(pd.DataFrame(people), ROLES, "who")
    cells = np.searchsorted(table.keys, keys)
    assert entries_of(table) == Counter(zip(cells.tolist(), who.tolist(), strict=True))
    assert len(set(zip(who.tolist(), twin.named(people["who"]), strict=True))) == table.n_people
    again, their_cells, theirs = persons_of_records(pd.DataFrame(people), ROLES)
    assert entries_of(again) == entries_of(table)
    assert (their_cells.tolist(), theirs.tolist()) == (cells.tolist(), who.tolist())


def test_same_counts_from_every_frame(frame_of: Callable[[dict[str, list[Any]]], Any], path: str) -> None:
    people = visits(6)
    expected = rs.count(pd.DataFrame(people), ROLES)
    found = rs.count(frame_of(people), ROLES)
    assert sorted(found.counts.tolist()) == sorted(expected.counts.tolist())
    assert (found.n_records, found.n_people) == (expected.n_records, expected.n_people)


@pytest.mark.parametrize("seed", range(3))
def test_fewer_columns_from_the_table_and_from_the_rows_are_one(seed: int, path: str) -> None:
    people = pd.DataFrame(visits(seed))
    table = rs.count(people, ROLES)
    for d in (1, 2, 3):
        for names in itertools.permutations(NAMES, d):
            kept = table.keep(names)
            counted = rs.count(people, ROLES.replace(quasi_identifiers=names))
            assert kept.codes.tolist() == counted.codes.tolist()
            assert kept.counts.tolist() == counted.counts.tolist()
            assert entries_of(kept) == entries_of(counted)
            assert (kept.n_records, kept.n_people) == (table.n_records, table.n_people)


def test_the_classes_of_a_table_with_sensitive_columns() -> None:
    people = pd.DataFrame({"who": [1, 1, 2, 2, 3], "age": [30, 30, 30, 40, 40], "illness": list("abaaa")})
    roles = rs.Roles(quasi_identifiers=["age"], sensitive="illness", person="who")
    table = rs.count(people, roles)
    assert table.counts.tolist() == [2, 1, 2]
    assert table.classes().counts.tolist() == [2, 2]
    assert entries_of(table.classes()) == Counter({(0, 0): 2, (0, 1): 1, (1, 1): 1, (1, 2): 1})


def test_keys_do_not_collide_beyond_64_bits(path: str) -> None:
    codes = np.random.default_rng(0).integers(0, 50, (200, 20))
    frame = pd.DataFrame(np.vstack([codes, codes[:30], codes[:10]]), columns=[f"c{at}" for at in range(20)])
    who = [*range(200), *range(300, 330), *range(10)]
    roles = rs.Roles(quasi_identifiers=list(frame.columns), person="who")
    table = rs.count(frame.assign(who=who), roles)
    assert Counter(table.counts.tolist()) == {1: 170, 2: 30}
    assert Counter(entries_of(table).values()) == {1: 220, 2: 10}
    assert (table.codes == rs.count(frame, list(frame.columns)).codes).all()


def test_keys_that_fill_64_bits_before_the_person_comes(path: str) -> None:
    frame = pd.DataFrame({f"c{at}": np.arange(64) % 40 for at in range(11)}, dtype=int)
    roles = rs.Roles(quasi_identifiers=list(frame.columns), person="who")
    table = rs.count(frame.assign(who=np.arange(64) // 2), roles)
    assert 2**63 > table.packing.space >= 2**63 // 64
    assert (table.counts == rs.count(frame, list(frame.columns)).counts).all()
    assert (table.codes == rs.count(frame, list(frame.columns)).codes).all()


def test_what_the_table_says_of_itself() -> None:
    people = pd.DataFrame({"who": ["Ann", "Ann", "Bob"], "age": [30, 30, 30]})
    table = rs.count(people, rs.Roles(quasi_identifiers=["age"], person="who"))
    assert repr(table) == "FrequencyTable(1 combination, 3 records of 2 persons, columns=['age'])"
    assert rs.count(people, ["age"]).n_people == rs.count(people, ["age"]).n_records == 3


def test_no_record_and_nobody_named(path: str) -> None:
    empty = rs.count(pd.DataFrame({"who": [], "age": []}), rs.Roles(quasi_identifiers=["age"], person="who"))
    assert (empty.n_cells, empty.n_records, empty.n_people) == (0, 0, 0)
    assert empty.keep(["age"]).classes().n_people == 0
    people = pd.DataFrame({"who": [None] * 5, "age": [30, 30, 30, 40, 40]})
    nameless = rs.count(people, rs.Roles(quasi_identifiers=["age"], person="who"))
    assert (nameless.n_people, nameless.counts.tolist()) == (5, [3, 2])


def test_no_column_to_count() -> None:
    with pytest.raises(RoleError, match="No column to count"):
        rs.count(pd.DataFrame({"who": [1]}), rs.Roles(person="who"))
    with pytest.raises(RoleError, match="near: 'who'"):
        rs.count(pd.DataFrame({"who": [1], "age": [1]}), rs.Roles(quasi_identifiers=["age"], person="whos"))


def test_tables_keep_their_persons_under_other_roles() -> None:
    people = pd.DataFrame(visits(1))
    table = rs.count(people, ROLES)
    assert with_roles(table, rs.Roles(quasi_identifiers=["sex"])).persons is table.persons
    assert table_of(table, ["sex"], persons=True).n_people == table.n_people
    with pytest.raises(RoleError, match=r"name the person \('who'\), and the table counts records\. Count the data"):
        table_of(rs.count(people, NAMES), ROLES, persons=True)


def test_a_measure_of_records_gets_persons_who_stand_in_one_cell_or_an_error() -> None:
    people = pd.DataFrame({"who": [1, 1, 2, 3], "age": [30, 30, 30, 40], "sex": list("FMFF")})
    roles = rs.Roles(quasi_identifiers=["age"], person="who")
    plain = table_of(people, roles)
    assert (plain.persons, plain.roles.person, plain.counts.tolist(), plain.n_records) == (None, None, [2, 1], 3)
    with pytest.raises(RoleError, match=r"1 person of 3 has records with different values.* Keep one record of each"):
        table_of(people, roles.replace(quasi_identifiers=["age", "sex"]))
    with pytest.raises(RoleError, match="1 person of 3 has records with different values"):
        table_of(people, roles.replace(sensitive="sex"), sensitive=True)
    assert has_one_cell_each(rs.count(people, ["age", "sex"]))
    assert not has_one_cell_each(rs.count(people, rs.Roles(quasi_identifiers=["sex"], person="who")))


def test_a_measure_of_single_records_asks_for_one_record_a_person() -> None:
    roles = rs.Roles(quasi_identifiers=["age"], person="who")
    people = pd.DataFrame({"who": [1, 1, 2], "age": [30, 30, 40]})
    with pytest.raises(RoleError, match=r"The 3 records are of 2 persons.* leave the person out of the roles"):
        classes_of_records(people, roles)
    table, cells = classes_of_records(people[1:], roles)
    assert (table.persons, table.counts.tolist(), cells.tolist()) == (None, [1, 1], [0, 1])
    with pytest.raises(RoleError, match="name no person"):
        persons_of_records(people, ["age"])
    with pytest.raises(FrameError, match="no single records"):
        persons_of_records(rs.count(people, roles), roles)


@st.composite
def persons(draw: st.DrawFn) -> Persons:
    """Persons over a few cells, each in at least one."""
    n_people, n_cells = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    times = {}
    for who in range(n_people):
        for cell in draw(st.lists(st.integers(0, n_cells - 1), min_size=1, max_size=9)):
            times[cell, who] = times.get((cell, who), 0) + 1
    entries = sorted((cell, who, n) for (cell, who), n in times.items())
    cells, people, often = (np.array(each, np.int64) for each in zip(*entries, strict=True))
    return Persons(cells, people, often, n_people)


def as_records(found: Persons) -> tuple[list[tuple[int]], list[int]]:
    """The cell and the person of each record."""
    cells = [(cell,) for cell in np.repeat(found.cells, found.times).tolist()]
    return cells, np.repeat(found.people, found.times).tolist()


@given(persons())
def test_both_attackers_on_arrays(found: Persons) -> None:
    cells, people = as_records(found)
    counts = people_per_cell(found, 6)
    assert counts.tolist() == [twin.persons_with(cells, people, (cell,)) for cell in range(6)]
    one, every = twin.knowing_one(cells, people), twin.knowing_all(cells, people)
    classes = classes_knowing_all(found)
    sizes = np.bincount(classes)[classes]
    assert sizes_knowing_one(found, counts).tolist() == [one["named", who] for who in range(found.n_people)]
    assert sizes.tolist() == [every["named", who] for who in range(found.n_people)]
    assert set(classes.tolist()) == set(range(classes.max() + 1))


@given(persons(), st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_coarser_cells(found: Persons, coarser: list[int]) -> None:
    again = regrouped(found, np.array(coarser))
    cells, people = as_records(found)
    expected = twin.records_of([(coarser[cell],) for (cell,) in cells], people)
    assert twin.records_of(*as_records(again)) == expected
    assert list(zip(again.cells, again.people, strict=True)) == sorted(zip(again.cells, again.people, strict=True))
    assert in_one_cell(again) == all(len(mine) == 1 for mine in expected.values())


def test_long_sequences_that_differ_at_one_place() -> None:
    """Every length up to 40, each three times: twice alike, once with another last cell."""
    records = [
        (cell if (kind, cell) != (2, length - 1) else 1000 + cell, 3 * length + kind - 3)
        for length in range(1, 41)
        for kind in range(3)
        for cell in range(length)
    ]
    cells, people = (np.array(each) for each in zip(*sorted(records), strict=True))
    classes = classes_knowing_all(Persons(cells, people, np.ones(len(cells), np.int64), 120))
    assert np.bincount(classes)[classes].reshape(40, 3).tolist() == [[2, 2, 1]] * 40
