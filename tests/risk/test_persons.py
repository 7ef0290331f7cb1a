"""Rows are not persons: both attackers against loops over persons, and what holds of them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskscope as rs
from frames import some_people
from naive import persons as twin
from riskscope.errors import RiskscopeError, RoleError

CLOSE = 1e-12
NAMES = ["city", "age", "sex"]
ROLES = rs.Roles(quasi_identifiers=NAMES, person="who")
BOTH = ["one", "all"]

#: Ann comes twice to Metz and once to Lyon, Bob once to each, Eve and Zoe once to Metz, Max alone to Brest and to Metz.
VISITS = [
    ("Ann", "Metz"), ("Ann", "Metz"), ("Ann", "Lyon"),
    ("Bob", "Metz"), ("Bob", "Lyon"),
    ("Eve", "Metz"),
    ("Zoe", "Metz"),
    ("Max", "Brest"), ("Max", "Metz"),
]  # fmt: skip
VISIT_ROLES = rs.Roles(quasi_identifiers=["place"], person="who")


@pytest.fixture
def visits() -> pd.DataFrame:
    return pd.DataFrame(VISITS, columns=["who", "place"])


def some_visits(seed: int, *, n: int = 90, n_people: int = 30) -> dict[str, list[Any]]:
    """Records of people who come several times and hardly change; some records name nobody."""
    rng = np.random.default_rng(seed)
    base = some_people(seed, n=n_people)
    who = rng.integers(0, n_people, n)
    columns = {name: [base[name][at] for at in who] for name in NAMES}
    for row in range(n):
        if rng.random() < 0.2:
            columns["city"][row] = "Metz"
    return {**columns, "who": [int(at) if rng.random() > 0.05 else None for at in who]}


def keys_of(people: dict[str, list[Any]]) -> list[tuple[Any, ...]]:
    return list(zip(*(people[name] for name in NAMES), strict=True))


def test_worked_example_knowing_one(visits: pd.DataFrame) -> None:
    """Metz 5 persons, Lyon 2, Brest 1; so Ann 2, Bob 2, Eve 5, Zoe 5, Max 1."""
    found = rs.k_anonymity(visits, VISIT_ROLES, k=3)
    assert (found.k, found.n_records, found.n_rows, found.n_classes) == (1, 5, 9, 3)
    assert (found.n_unique, found.n_below, found.share_below) == (1, 3, 0.6)
    crowd = rs.uniqueness(visits, VISIT_ROLES)
    assert (crowd.n_unique, crowd.share_unique, crowd.n_pairs, crowd.largest) == (1, 0.2, 1, 5)
    assert crowd.mean_class_size == pytest.approx(8 / 3, rel=CLOSE)
    assert (crowd.sizes.tolist(), crowd.n_people_of_size.tolist()) == ([1, 2, 5], [1, 2, 2])
    assert [n for _label, n in crowd.bands()][:4] == [1, 2, 0, 2]
    risk = rs.reidentification_risk(visits, VISIT_ROLES, threshold=0.4)
    assert (risk.highest, risk.n_at_risk, risk.share_at_risk) == (1, 3, 0.6)
    assert risk.average == pytest.approx((0.5 + 0.5 + 0.2 + 0.2 + 1) / 5, rel=CLOSE)
    assert risk.expected_reidentifications == pytest.approx(2.4, rel=CLOSE)
    assert rs.class_sizes(visits, VISIT_ROLES).tolist() == [5, 5, 2, 5, 2, 5, 5, 1, 5]


def test_worked_example_knowing_all(visits: pd.DataFrame) -> None:
    """Only Eve and Zoe have the same records: classes of 2, 1, 1, 1."""
    found = rs.k_anonymity(visits, VISIT_ROLES, k=2, known_records="all")
    assert (found.k, found.n_records, found.n_rows, found.n_classes) == (1, 5, 9, 4)
    assert (found.n_unique, found.n_below, found.share_below) == (3, 3, 0.6)
    crowd = rs.uniqueness(visits, VISIT_ROLES, known_records="all")
    assert (crowd.n_unique, crowd.n_pairs, crowd.mean_class_size, crowd.largest) == (3, 1, 1.25, 2)
    assert (crowd.sizes.tolist(), crowd.n_people_of_size.tolist()) == ([1, 2], [3, 2])
    risk = rs.reidentification_risk(visits, VISIT_ROLES, known_records="all")
    assert (risk.average, risk.expected_reidentifications) == (0.8, 4)
    assert rs.class_sizes(visits, VISIT_ROLES, known_records="all").tolist() == [1, 1, 1, 1, 1, 2, 2, 1, 1]


@pytest.mark.parametrize("known", BOTH)
@pytest.mark.parametrize("seed", range(5))
def test_twin(seed: int, known: str, path: str) -> None:
    people = some_visits(seed)
    sizes = twin.ATTACKERS[known](keys_of(people), people["who"])
    frame = pd.DataFrame(people)
    found = rs.k_anonymity(frame, ROLES, k=4, known_records=known)
    assert found.k == min(sizes.values())
    assert found.n_records == len(sizes)
    assert found.n_unique == sum(size == 1 for size in sizes.values())
    assert found.n_below == sum(size < 4 for size in sizes.values())
    crowd = rs.uniqueness(frame, ROLES, known_records=known)
    assert crowd.n_unique == found.n_unique
    people_of_size = {size: list(sizes.values()).count(size) for size in sizes.values()}
    shown = zip(crowd.sizes.tolist(), crowd.n_people_of_size.tolist(), strict=True)
    assert {size: n for size, n in shown if n} == people_of_size
    risk = rs.reidentification_risk(frame, ROLES, threshold=0.3, known_records=known)
    assert (risk.highest, risk.average, risk.n_at_risk) == pytest.approx(twin.prosecutor(sizes, 0.3), rel=CLOSE)


@pytest.mark.parametrize("seed", range(3))
def test_class_sizes_twin(seed: int, path: str) -> None:
    people = some_visits(seed)
    keys, who = keys_of(people), people["who"]
    frame = pd.DataFrame(people)
    assert rs.class_sizes(frame, ROLES).tolist() == [twin.persons_with(keys, who, key) for key in keys]
    sizes = twin.knowing_all(keys, who)
    found = rs.class_sizes(frame, ROLES, known_records="all")
    assert found.tolist() == [sizes[each] for each in twin.named(who)]


@pytest.mark.parametrize("known", BOTH)
def test_same_numbers_from_every_frame_and_from_the_table(
    known: str, frame_of: Callable[[dict[str, list[Any]]], Any], path: str
) -> None:
    people = some_visits(8)
    for measure in (rs.k_anonymity, rs.uniqueness, rs.reidentification_risk):
        expected = measure(pd.DataFrame(people), ROLES, known_records=known).to_dict()
        assert measure(frame_of(people), ROLES, known_records=known).to_dict() == pytest.approx(expected)
        counted = rs.count(frame_of(people), ROLES)
        assert measure(counted, known_records=known).to_dict() == pytest.approx(expected)


PLACE = st.sampled_from(["a", "b", "c", "d", None])
RECORD = st.tuples(st.sampled_from([1, 2, 3, 4, 5, 6, None]), PLACE, st.integers(0, 1))
RECORDS = st.lists(RECORD, min_size=1, max_size=30)
PAIR = rs.Roles(quasi_identifiers=["place", "day"], person="who")


def frame_of_records(records: list[tuple[Any, ...]]) -> pd.DataFrame:
    columns = zip(*records, strict=True)
    named = {
        name: pd.Series(values, dtype=object) for name, values in zip(("who", "place", "day"), columns, strict=True)
    }
    return pd.DataFrame(named)


def sizes_by_record(frame: pd.DataFrame, known: str) -> np.ndarray:
    """The size of each record's person."""
    sizes = rs.class_sizes(frame, PAIR, known_records=known)
    return sizes if known == "all" else sizes_of_persons(frame, sizes)


def sizes_of_persons(frame: pd.DataFrame, sizes: np.ndarray) -> np.ndarray:
    who = twin.named([None if pd.isna(each) else each for each in frame["who"]])
    return pd.Series(sizes).groupby(pd.Series(who)).transform("min").to_numpy()


@given(RECORDS)
@settings(max_examples=60)
def test_knowing_all_never_gives_a_larger_size_than_knowing_one(records: list[tuple[Any, ...]]) -> None:
    frame = frame_of_records(records)
    assert (sizes_by_record(frame, "all") <= sizes_by_record(frame, "one")).all()
    found = [rs.k_anonymity(frame, PAIR, known_records=known) for known in BOTH]
    assert found[1].k <= found[0].k
    assert found[1].n_unique >= found[0].n_unique
    assert found[0].k == sizes_by_record(frame, "one").min()


@given(RECORDS)
@settings(max_examples=40)
def test_with_one_record_a_person_both_are_the_plain_count(records: list[tuple[Any, ...]]) -> None:
    frame = frame_of_records(records).assign(who=range(len(records)))
    for measure in (rs.k_anonymity, rs.uniqueness, rs.reidentification_risk):
        plain = measure(frame, ["place", "day"]).to_dict()
        for known in BOTH:
            found = measure(frame, PAIR, known_records=known).to_dict()
            assert (found.pop("known_records"), found.pop("n_rows")) == (known, len(records))
            assert found == pytest.approx(plain)
    plain_sizes = rs.class_sizes(frame, ["place", "day"]).tolist()
    assert all(rs.class_sizes(frame, PAIR, known_records=known).tolist() == plain_sizes for known in BOTH)


@given(RECORDS, st.data())
@settings(max_examples=40)
def test_a_record_twice_changes_nothing_for_who_knows_one(records: list[tuple[Any, ...]], data: st.DataObject) -> None:
    again = data.draw(st.sampled_from([each for each in records if each[0] is not None] or [(1, "a", 0)]))
    before, after = frame_of_records([*records, again]), frame_of_records([*records, again, again])
    for measure in (rs.k_anonymity, rs.uniqueness, rs.reidentification_risk):
        one, other = measure(before, PAIR).to_dict(), measure(after, PAIR).to_dict()
        assert other.pop("n_rows") == one.pop("n_rows") + 1
        assert one == other


@given(RECORDS, st.dictionaries(st.sampled_from("abcd"), st.sampled_from("abcd")))
@settings(max_examples=60)
def test_coarsening_never_lowers_anybodys_size(records: list[tuple[Any, ...]], coarser: dict[str, str]) -> None:
    frame = frame_of_records(records)
    coarse = frame.assign(place=[coarser.get(each, each) for each in frame["place"]])
    for known in BOTH:
        assert (sizes_by_record(coarse, known) >= sizes_by_record(frame, known)).all()
        assert rs.k_anonymity(coarse, PAIR, known_records=known).k >= rs.k_anonymity(frame, PAIR, known_records=known).k
        fewer = rs.k_anonymity(rs.count(frame, PAIR), ["day"], known_records=known)
        assert fewer.k >= rs.k_anonymity(frame, PAIR, known_records=known).k


@given(RECORDS, st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_order_and_names_of_persons_do_not_matter(records: list[tuple[Any, ...]], draw: Any) -> None:
    shuffled = [(None if who is None else f"person {7 - who}", *rest) for who, *rest in records]
    draw.shuffle(shuffled)
    for known in BOTH:
        expected = rs.uniqueness(frame_of_records(records), PAIR, known_records=known).to_dict()
        assert rs.uniqueness(frame_of_records(shuffled), PAIR, known_records=known).to_dict() == expected


@pytest.mark.parametrize("known", BOTH)
@pytest.mark.parametrize(
    ("who", "age", "k"),
    [
        ([1], [30], 1),
        ([1, 1, 1], [30, 30, 40], 1),
        ([1, 2, 3], [30, 30, 30], 3),
        ([1, 1, 2, 2], [30, 40, 40, 30], 2),
        ([None, None], [30, 30], 2),
        ([1, 2, 2, 1], [None, None, None, None], 2),
    ],
)
def test_degenerate(who: list[Any], age: list[Any], k: int, known: str) -> None:
    frame = pd.DataFrame({"who": who, "age": age})
    assert rs.k_anonymity(frame, rs.Roles(quasi_identifiers=["age"], person="who"), known_records=known).k == k


@pytest.mark.parametrize("known", BOTH)
def test_no_record(known: str) -> None:
    empty, roles = pd.DataFrame({"who": [], "age": []}), rs.Roles(quasi_identifiers=["age"], person="who")
    for measure, name in ((rs.k_anonymity, "k"), (rs.uniqueness, "largest"), (rs.reidentification_risk, "highest")):
        result = measure(empty, roles, known_records=known)
        assert (result.n_records, result.n_rows) == (0, 0)
        assert math.isnan(getattr(result, name))
        assert name in result.undefined
        assert "undefined" in result.summary()
    assert len(rs.class_sizes(empty, roles, known_records=known)) == 0


def test_results_say_what_is_counted_and_what_is_known(visits: pd.DataFrame) -> None:
    for known, words in (
        ("one", "at worst the most telling one"),
        ("all", "which combinations they have, and how often"),
    ):
        for measure in (rs.k_anonymity, rs.uniqueness, rs.reidentification_risk):
            result = measure(visits, VISIT_ROLES, known_records=known)
            assert words in result.summary()
            assert "(5 persons, 9 records)" in result.summary()
            assert ("persons", "5") in result.rows()
            assert ("known records of a person", known) in result.rows()
            assert f"({known} record" in result.heading()
            written = json.loads(json.dumps(result.to_dict(), allow_nan=False))
            assert (written["n_records"], written["n_rows"], written["known_records"]) == (5, 9, known)
            assert 1 <= len(result.sentences()) <= 5
            shown = result.summary() + repr(result) + result._repr_html_()
            assert not any(name in shown for name in ("Ann", "Bob", "Max", "Brest", "Lyon"))


def test_the_sentence_on_k_for_who_knows_all(visits: pd.DataFrame) -> None:
    alone = rs.k_anonymity(visits, VISIT_ROLES, known_records="all").sentences()[0]
    assert alone.startswith("k = 1: 3 people of 5 are alone with their records taken together")
    pairs = pd.concat([visits, visits.assign(who=visits["who"] + "'s twin")])
    shared_by_two = rs.k_anonymity(pairs, VISIT_ROLES, known_records="all").sentences()[0]
    assert shared_by_two == "k = 2: every person has the same combinations, equally often, as at least 1 other."


def test_without_a_person_results_are_as_they_were(visits: pd.DataFrame) -> None:
    result = rs.k_anonymity(visits, ["place"])
    assert (result.known_records, result.n_rows, result.n_records) == (None, None, 9)
    assert not {"known_records", "n_rows"} & set(result.to_dict())
    assert "persons" not in result.summary() + result._repr_html_()
    assert result.heading() == "How small is the smallest group that a person can hide in?"


@pytest.mark.parametrize("measure", [rs.k_anonymity, rs.uniqueness, rs.reidentification_risk, rs.class_sizes])
def test_knowing_all_needs_the_person(visits: pd.DataFrame, measure: Callable[..., Any]) -> None:
    with pytest.raises(RoleError, match=r"known_records is 'all', and no column says .* person='id'"):
        measure(visits, ["place"], known_records="all")
    with pytest.raises(RiskscopeError, match="known_records is 'some'; it must be one of 'one', 'all'"):
        measure(visits, VISIT_ROLES, known_records="some")


@pytest.mark.parametrize("missing", ["wildcard", "sdcmicro"])
def test_missing_values_that_match_others_need_one_combination_a_person(missing: str) -> None:
    roles = rs.Roles(quasi_identifiers=["age"], person="who")
    several = pd.DataFrame({"who": [1, 1, 2], "age": [30, None, 30]})
    for measure in (rs.k_anonymity, rs.reidentification_risk, rs.class_sizes):
        with pytest.raises(RiskscopeError, match=f"missing is '{missing}', which is defined for one record a person"):
            measure(several, roles, missing=missing)
    one_each = pd.DataFrame({"who": [1, 2], "age": [30, None]})
    with pytest.raises(RiskscopeError, match="defined for one record a person"):
        rs.k_anonymity(one_each, roles, missing=missing, known_records="all")
    known = several.fillna({"age": 40.0})
    assert rs.k_anonymity(known, roles, missing=missing).k == rs.k_anonymity(known, roles).k
    twice = pd.DataFrame({"who": [1, 1, 2, 3], "age": [30, 30, None, 40]})
    once = twice[1:]
    found = rs.k_anonymity(twice, roles, missing=missing)
    assert (found.k, found.n_below) == (rs.k_anonymity(once, ["age"], missing=missing).k, 3)
    assert math.isnan(found.n_classes)
    sizes = rs.class_sizes(once, ["age"], missing=missing).tolist()
    assert rs.class_sizes(twice, roles, missing=missing).tolist() == [sizes[0], *sizes]


def test_figures_of_records_refuse_persons_with_several_combinations(visits: pd.DataFrame) -> None:
    register = pd.DataFrame({"place": ["Metz", "Lyon", "Brest"] * 9})
    with_sensitive = visits.assign(illness=list("abcabcabc"))
    sensitive = VISIT_ROLES.replace(sensitive="illness")
    words = "3 persons of 5 have records with different values"
    for ask in (
        lambda: rs.k_map(visits, VISIT_ROLES, register=register),
        lambda: rs.reidentification_risk(visits, VISIT_ROLES, attacker="journalist", register=register),
        lambda: rs.l_diversity(with_sensitive, sensitive),
        lambda: rs.t_closeness(with_sensitive, sensitive),
    ):
        with pytest.raises(RoleError, match=words):
            ask()
    with pytest.raises(RiskscopeError, match="known_records must be 'one' for the journalist"):
        rs.reidentification_risk(visits, VISIT_ROLES, attacker="journalist", known_records="all")
    with pytest.raises(RiskscopeError, match="weighted sums the weights of records"):
        rs.class_sizes(visits.assign(w=1.0), VISIT_ROLES.replace(weight="w"), weighted=True)


def test_figures_of_records_count_persons_who_have_one_combination(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """Everybody of T8 with their record three times over: the figures are those of T8."""
    panel = pd.concat([t8.assign(who=range(8))] * 3)
    roles = t8_roles.replace(person="who")
    assert rs.l_diversity(panel, roles) == rs.l_diversity(t8, t8_roles)
    assert rs.l_diversity(panel, roles).n_disclosed == rs.l_diversity(t8, t8_roles).n_disclosed
    assert rs.t_closeness(panel, roles).t == rs.t_closeness(t8, t8_roles).t
    assert rs.separation(panel, roles) == rs.separation(t8, t8_roles)
    assert rs.k_anonymity(panel, roles).k == rs.k_anonymity(t8, t8_roles).k
    assert rs.k_anonymity(panel, t8_roles).k == 3 * rs.k_anonymity(t8, t8_roles).k


def test_a_resampled_survey_hides_people_behind_their_own_copies(shared: Any) -> None:
    """NHANES as the R package has it: 10,000 rows, resampled with repetition from 6,779 persons."""
    file = shared / "data" / "nhanes.csv"
    survey = pd.read_csv(file, keep_default_na=False, na_values=[""], low_memory=False)
    names = ["Gender", "Age", "Race1", "Education", "MaritalStatus", "HHIncome"]
    rows = rs.uniqueness(survey, names)
    persons = rs.uniqueness(survey, rs.Roles(quasi_identifiers=names, person="ID"))
    once = rs.uniqueness(survey.drop_duplicates("ID"), names)
    assert (persons.n_records, persons.n_rows, persons.n_unique) == (6779, 10_000, once.n_unique)
    assert (rows.n_unique, persons.n_unique) == (3045, 4338)
