"""Singling out by what is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive import fitting as twin
from riskscope.attacks.attack import BETTER, CANNOT_TELL, NO_BETTER
from riskscope.attacks.isolation import singling_out
from riskscope.errors import RoleError

PERSON = st.tuples(st.sampled_from(["F", "M"]), st.sampled_from(["a", "b", "c", None]))
RECORD = st.tuples(st.sampled_from(["F", "M", "*"]), st.sampled_from(["a", "b", "c", "*"]))


def frame(rows: Any) -> pd.DataFrame:
    return pd.DataFrame([tuple(row) for row in rows], columns=["sex", "town"], dtype="object")


def register(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"sex": rng.choice(["F", "M"], n), "town": rng.integers(0, 30, n), "age": rng.integers(20, 90, n)}
    )


@given(st.lists(PERSON, min_size=1, max_size=8), st.lists(RECORD, min_size=1, max_size=8), st.randoms())
@settings(deadline=None, max_examples=80)
def test_it_is_what_looking_one_by_one_gives(people: Any, records: Any, random: Any) -> None:
    places = [*range(len(records)), *[-1] * len(people)]
    random.shuffle(places)
    rows = places[: len(people)]
    original = frame(people)
    if original["town"].notna().any():
        found = singling_out(original, frame(records), known=["sex", "town"], truth=rows)
        expected = [np.nan if hit is None else hit for hit in twin.singled_out(people, records, rows)]
        np.testing.assert_array_equal(found.hit, expected)


def test_an_unchanged_release_singles_out_and_a_coarse_one_does_not() -> None:
    people = register(400, 1)
    bare = singling_out(people, people, known=["sex", "town", "age"])
    assert bare.rate > 0.8
    assert bare.verdict == BETTER
    coarse = people.assign(town="*", age=pd.cut(people["age"], [0, 50, 200], labels=["<=50", ">50"]).astype(object))
    held = singling_out(people, coarse, known=["sex", "town", "age"])
    assert (held.succeeded, held.coverage) == (0.0, 1.0)
    assert held.least > 50
    assert held.verdict == NO_BETTER  # its records do fit their people, but nobody is singled out
    assert "nobody is singled out" in held.summary()


def test_the_knowledge_is_explicit() -> None:
    people = register(400, 2)
    exactly = singling_out(people, people, known=["age", "town"])
    roughly = singling_out(people, people, known={"age": 10, "town": "exact"})
    assert roughly.succeeded < exactly.succeeded / 5
    assert "to within 10" in roughly.summary()


def test_a_shuffled_release_is_not_taken_for_one_in_order() -> None:
    people = register(400, 3)
    found = singling_out(people, people.sample(frac=1, random_state=0), known=["sex", "town", "age"])
    assert found.is_presumed
    assert "another order" in found.summary()
    assert found.succeeded > 300


def test_people_outside_the_release_are_the_control() -> None:
    people, others = register(400, 4), register(300, 5)
    found = singling_out(people, people, known=["town", "age"], holdout=others)
    known = [each[["town", "age"]].to_numpy().tolist() for each in (others, people)]
    n_alone = sum(sum(twin.fits(person, record) for record in known[1]) == 1 for person in known[0])
    assert (found.control_tried, found.control_succeeded) == (300, n_alone)
    assert found.risk_above_control < found.rate


def test_a_random_release_is_no_better_than_guessing_in_95_of_100() -> None:
    verdicts = []
    for seed in range(300):
        people = register(80, seed)
        shuffled = pd.DataFrame(
            {name: np.random.default_rng((seed, at)).permutation(people[name]) for at, name in enumerate(people)}
        )
        found = singling_out(people, shuffled, known=["sex", "town"], truth=np.arange(80))
        verdicts.append(found.verdict)
    assert verdicts.count(NO_BETTER) / 300 >= 0.915


@pytest.mark.parametrize("make", [pl.from_pandas, lambda frame: frame.set_index(np.zeros(len(frame), int))])
def test_any_frame(make: Any) -> None:
    people = register(50, 6)
    expected = singling_out(people, people, known=["sex", "age"], truth=np.arange(50))
    assert singling_out(make(people), people, known=["sex", "age"], truth=np.arange(50)).to_dict() == expected.to_dict()


def test_all_suppressed_or_nothing_in_common() -> None:
    people = register(20, 7)
    hidden = people.assign(sex="*", age="*")
    found = singling_out(people, hidden, known=["sex", "age"])
    assert (found.succeeded, found.least, found.verdict) == (0.0, 20, CANNOT_TELL)
    strange = singling_out(people, people.assign(age=people["age"] + 500), known="age")
    assert (strange.tried, strange.n_none) == (0, 20)
    assert "No person could be attacked" in strange.summary()
    with pytest.raises(RoleError, match="wage"):
        singling_out(people, people, known="wage")
    empty = singling_out(people, people[:0], known="age", truth=[-1] * 20)
    assert empty.tried == 0
