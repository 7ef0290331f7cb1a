"""Who fits which released record: beside the twin, on releases made by hierarchies, and on published releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskscope as rs
from naive.matching import fitting
from riskscope.attacks.knowledge import Knowledge
from riskscope.attacks.matching import match
from riskscope.errors import FrameError, RoleError

AGE = st.sampled_from([18, 20, 24, 25, 29.5, 30, 61, None])
RELEASED_AGE = st.sampled_from(["[20, 30[", "20-29", "[24, 25[", "<25", "60+", "25", "61", "*", None, "[70, 80["])
CODE = st.sampled_from(["01000", "01200", "75011", "75020", None])
RELEASED_CODE = st.sampled_from(["01***", "75***", "7501*", "75011", "01000", "*", None, "99***"])
SEX = st.sampled_from(["F", "M", None])
PEOPLE = st.lists(st.tuples(AGE, CODE, SEX), min_size=1, max_size=12)
RELEASE = st.lists(st.tuples(RELEASED_AGE, RELEASED_CODE, SEX), min_size=1, max_size=12)
NAMES = ["age", "zip", "sex"]


def frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([row[at] for row in rows], dtype=object) for at, name in enumerate(NAMES)})


def whole_numbers(text: Any) -> Any:
    """Write a released number as the twin takes it."""
    return float(text) if isinstance(text, str) and text.isdigit() and len(text) == 2 else text


@pytest.mark.parametrize("small", [2**24, 0])
@given(people=PEOPLE, release=RELEASE, within=st.sampled_from([0, 0, 3, 7.5]))
def test_what_fits_is_what_the_twin_finds(
    small: int, people: list[tuple[Any, ...]], release: list[tuple[Any, ...]], within: float
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("riskscope.attacks.fitting.SMALL_WORK", small)
        knows_numbers = any(person[0] is not None for person in people)
        knowledge = Knowledge(tuple(NAMES), {"age": within} if within and knows_numbers else {})
        people_first = [*people, (18, "01000", "F")]  # so that each column has its kind
        matches = match(frame(people_first), frame(release), knowledge)
        twin = [
            fitting(
                person, [(whole_numbers(age), *rest) for age, *rest in release], [within if knows_numbers else 0, 0, 0]
            )
            for person in people_first
        ]
        # codes that no person has are unknown to the axis: they fit only people of whom nothing is known, as here
        assert [matches.records(at).tolist() for at in range(len(people_first))] == twin
        assert matches.n_fitting.tolist() == [len(rows) for rows in twin]
        weights = np.arange(2 * len(release), dtype=float).reshape(-1, 2)
        assert matches.sums(weights).tolist() == [weights[rows].sum(axis=0).tolist() for rows in twin]
        for row in range(-1, len(release)):
            found = matches.fits(np.full(len(people_first), row))
            assert found.tolist() == [row in rows for rows in twin]


@given(
    ages=st.lists(st.integers(0, 99), min_size=1, max_size=30),
    level=st.integers(0, 3),
    data=st.data(),
)
def test_a_generalised_record_fits_its_own_person(ages: list[int], level: int, data: st.DataObject) -> None:
    codes = data.draw(st.lists(st.text("0123456789", min_size=3, max_size=5), min_size=len(ages), max_size=len(ages)))
    by_age, by_code = rs.Hierarchy.intervals(ages, [5, 10]), rs.Hierarchy.prefixes(codes, [2, 1])
    original = pd.DataFrame({"age": ages, "zip": codes})
    released = pd.DataFrame({"age": by_age.level(ages, level), "zip": by_code.level(codes, min(level, 3))})
    knowledge = Knowledge(("age", "zip"))
    own = np.arange(len(ages))
    assert match(original, released, knowledge).fits(own).all()
    assert match(original, released, knowledge, {"age": by_age, "zip": by_code}).fits(own).all()


def test_an_exact_release_fits_as_often_as_the_combination_occurs() -> None:
    people = pd.DataFrame({"age": [30, 30, 40], "sex": ["F", "F", "M"]})
    matches = match(people, people, Knowledge(("age", "sex")))
    assert matches.n_fitting.tolist() == [2, 2, 1]
    assert (matches.n_original, matches.n_released) == (3, 3)
    assert matches.forms.counts() == {"age": {"exact": 3}, "sex": {"exact": 3}}
    assert "3 exact values" in matches.forms.sentence()


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize(("n_people", "n_released"), [(0, 2), (2, 0), (0, 0)])
def test_nobody_on_one_side(kind: Any, n_people: int, n_released: int) -> None:
    people, release = kind({"age": [30] * n_people}), kind({"age": [30] * n_released})
    matches = match(people, release, Knowledge(("age",)))
    assert matches.n_fitting.tolist() == [0] * n_people
    assert matches.sums(np.ones((n_released, 3))).shape == (n_people, 3)
    assert matches.fits(np.full(n_people, -1)).tolist() == [False] * n_people


def test_all_suppressed_fits_everybody_and_strangers_fit_nobody() -> None:
    people = pd.DataFrame({"age": [30, 40]})
    assert match(people, pd.DataFrame({"age": ["*"] * 3}), Knowledge(("age",))).n_fitting.tolist() == [3, 3]
    assert match(people, pd.DataFrame({"age": ["x", "y"]}), Knowledge(("age",))).n_fitting.tolist() == [0, 0]


def test_wrong_input_is_refused() -> None:
    people = pd.DataFrame({"age": [30, 40]})
    with pytest.raises(RoleError, match="knows no column"):
        match(people, people, Knowledge(()))
    with pytest.raises(RoleError, match="not found"):
        match(people, people, Knowledge(("agee",)))
    with pytest.raises(RoleError, match=r"riskscope\.Hierarchy"):
        match(people, people, Knowledge(("age",)), {"age": {}})  # type: ignore[dict-item]
    matches = match(people, people, Knowledge(("age",)))
    with pytest.raises(FrameError, match="one row for each of the 2"):
        matches.sums(np.ones(2))
    for rows in ([0], [0, 2], [-2, 0]):
        with pytest.raises(FrameError, match="position in the release"):
            matches.fits(rows)


def test_inputs_stay_as_they_are() -> None:
    people, release = pd.DataFrame({"age": [30, None]}), pd.DataFrame({"age": ["[20, 40[", "*"]})
    before = people.copy(), release.copy()
    match(people, release, Knowledge(("age",))).n_fitting  # noqa: B018
    pd.testing.assert_frame_equal(people, before[0])
    pd.testing.assert_frame_equal(release, before[1])


def expected_hits(matches: Any, rows: np.ndarray) -> float:
    """Return the mean chance to pick a released person's own record among those that fit."""
    own = rows >= 0
    chance = matches.fits(rows) / np.maximum(matches.n_fitting, 1)
    return float(chance[own].mean())


def positions(original: Any, released: Any) -> np.ndarray:
    return pd.Series(np.arange(len(released)), released).reindex(original).fillna(-1).astype(int).to_numpy()


KNOWN_OF_ADULTS = ("age", "education", "marital-status", "occupation", "sex", "native-country")


def test_a_published_release_of_adult_with_k_10(shared: Path) -> None:
    """Everybody fits their own record; knowing what the release was not made for, more are found than one in ten."""
    original = pd.read_csv(shared / "data" / "adult.csv")
    released = pd.read_csv(shared / "data" / "adult_k10_anjana.csv")
    rows = positions(np.arange(len(original)), released["index"])
    matches = match(original, released, Knowledge(KNOWN_OF_ADULTS))
    assert matches.fits(rows).sum() == len(released)
    assert matches.n_fitting[rows >= 0].min() >= 10
    assert expected_hits(matches, rows) == pytest.approx(644 / 18_327)  # classes by records: all records are attacked
    assert matches.forms.counts()["age"] == {"interval": 18_327}
    more = match(original, released, Knowledge((*KNOWN_OF_ADULTS, "race", "workclass")))
    assert more.fits(rows).sum() == len(released)
    assert more.forms.counts()["race"] == {"suppressed": 18_327}
    assert expected_hits(more, rows) > 1 / 10


def test_a_published_release_of_stroke_with_k_10(shared: Path) -> None:
    """Ages below two have decimals and were all released as 0: wrongly, so that these 115 records fit nobody."""
    original = pd.read_csv(shared / "data" / "stroke.csv", keep_default_na=False)
    released = pd.read_csv(shared / "data" / "stroke_k10_pycanon.csv", keep_default_na=False)
    rows = positions(original["id"], released["id"])
    known = ("gender", "age", "hypertension", "heart_disease", "ever_married", "work_type", "Residence_type")
    matches = match(original, released, Knowledge((*known, "smoking_status")))
    wrong = (rows >= 0) & ~matches.fits(rows)
    assert wrong.sum() == 115
    assert (original["age"].to_numpy()[wrong] % 1 > 0).all()
    assert matches.forms.columns[1].n_outside == 115
    assert matches.forms.counts()["age"] == {"interval": 4_430, "exact": 115}
    assert expected_hits(matches, rows) <= 1 / 10


def test_a_published_release_of_drugs_with_k_5(shared: Path) -> None:
    """Its concentrations are one interval with reversed ends: not understood, fits nobody, and is said."""
    original = pd.read_csv(shared / "data" / "drug_type.csv")
    released = pd.read_csv(shared / "data" / "drugs_k5_pycanon.csv")
    known = ("Age", "Sex", "BP", "Cholesterol")
    matches = match(original, released, Knowledge(known))
    assert matches.n_fitting[matches.n_fitting > 0].min() >= 5
    reversed_ends = match(original, released, Knowledge((*known, "Na_to_K")))
    assert reversed_ends.n_fitting.max() == 0
    assert "185 intervals whose ends are reversed" in reversed_ends.forms.sentence()
