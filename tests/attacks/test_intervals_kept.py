"""Interval disclosure: the naive twin, sdcMicro's dRisk, negatives, random releases, words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive.interval_disclosure import disclosed
from riskscope.attacks.attack import BETTER, CANNOT_TELL, NO_BETTER
from riskscope.attacks.linking.intervals_kept import interval_disclosure
from riskscope.errors import RiskscopeError, RoleError

NUMBERS = st.one_of(st.none(), st.integers(-8, 8))
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=8)


@settings(max_examples=60)
@given(ROWS, st.sampled_from([0.0, 0.3, 1.1]), st.sampled_from(["sd", "value"]))
def test_whom_it_gives_away_is_the_naive_twins_answer(rows: list[Any], tolerance: float, of: str) -> None:
    original, released = [row[:2] for row in rows], [row[2:] for row in rows]
    ours, theirs = (pd.DataFrame(each, columns=["a", "b"]).astype(float) for each in (original, released))
    found = interval_disclosure(ours, theirs, columns=["a", "b"], tolerance=tolerance, of=of)
    hits, guesses = disclosed(original, released, tolerance, of)
    assert found.hit.tolist() == pytest.approx([np.nan if hit is None else float(hit) for hit in hits], nan_ok=True)
    expected = [guess for hit, guess in zip(hits, guesses, strict=True) if hit is not None]
    assert found.baseline_succeeded == pytest.approx(sum(expected))


def test_of_negative_numbers_the_size_counts() -> None:
    original = pd.DataFrame({"x": [-100.0, -100.0, 100.0, 0.0]})
    released = pd.DataFrame({"x": [-96.0, 500.0, 96.0, 0.0]})
    found = interval_disclosure(original, released, columns="x", of="value")
    assert found.hit.tolist() == [1, 0, 1, 1]
    assert found.shares == {"x": 0.75}


@pytest.mark.parametrize(
    "case", ["ma_mdav_testdata_k3", "ma_onedims_testdata2_k3", "ma_onedims_CASC_k3", "ma_mdav_free1_k3"]
)
def test_sdcmicro_finds_the_same(shared: Path, case: str) -> None:
    folder = shared / "reference" / "sdcmicro"
    found = next(each for each in json.loads((folder / "reference.json").read_text())["cases"] if each["id"] == case)
    columns = found["params"]["variables"]
    original = pd.read_csv(folder / "data" / f"{found['dataset']}.csv")[columns].astype(float)
    masked = pd.read_csv(folder / found["vectors_csv"])
    for tolerance, name in ((0.05, "dRisk_k0.05"), (0.01, "dRisk_k0.01")):
        rate = interval_disclosure(original, masked, columns=columns, tolerance=tolerance).rate
        assert rate == pytest.approx(found["results"][name], abs=1e-12)


@pytest.mark.parametrize("of", ["sd", "value"])
def test_numbers_of_somebody_else_are_no_better_than_guessing(of: str) -> None:
    verdicts = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        original = pd.DataFrame({"x": rng.lognormal(0, 1, 300), "y": rng.normal(100, 10, 300)})
        released = original.iloc[rng.permutation(300)]
        verdicts.append(interval_disclosure(original, released, columns=["x", "y"], tolerance=0.3, of=of).verdict)
    assert 0.95 - 3 * 0.0218 <= verdicts.count(NO_BETTER) / 100 <= 0.95 + 3 * 0.0218  # three standard errors


def test_words_and_tables() -> None:
    rng = np.random.default_rng(1)
    original = pd.DataFrame({"income": rng.lognormal(10, 1, 200)})
    found = interval_disclosure(original, original * 1.001, columns="income", of="value")
    assert (found.verdict, found.succeeded) == (BETTER, 200)
    told = (
        "For 200 of 200 released people, each released number differs from the true one by at most 5.0 % of its size."
    )
    assert found.sentences()[0] == told
    spread = interval_disclosure(original, original, columns="income")
    assert "at most 5.0 % of the column's standard deviation." in spread.sentences()[0]
    assert "record after record is taken for the same person" in spread.summary()
    assert spread.tables()[0][2] == [("income", "100 %")]
    assert spread.undefined["control_rate"] == "a person outside the release has no masked numbers"


def test_people_who_are_not_released_or_have_no_number() -> None:
    original = pd.DataFrame({"id": [1, 2, 3], "x": [5.0, None, 7.0]})
    released = pd.DataFrame({"id": [2, 1], "x": [5.0, 5.0]})
    found = interval_disclosure(original, released, columns="x", truth="id")
    assert found.hit.tolist() == pytest.approx([1, np.nan, np.nan], nan_ok=True)
    nobody = interval_disclosure(original.iloc[:0], released.iloc[:0], columns="x")
    assert (nobody.tried, nobody.verdict) == (0, CANNOT_TELL)
    assert nobody.summary().startswith("Nobody could be attacked")
    assert np.isnan(nobody.shares["x"])


def test_what_is_refused() -> None:
    people = pd.DataFrame({"x": [1, 2], "zip": ["1*", "2*"]})
    with pytest.raises(RoleError, match="intervals are looked at of plain numbers"):
        interval_disclosure(people, people, columns="zip")
    with pytest.raises(RoleError, match="names no column"):
        interval_disclosure(people, people, columns=[])
    with pytest.raises(RiskscopeError, match="Nobody said which of the 1 released records is whose"):
        interval_disclosure(people, people.iloc[:1], columns="x")
    with pytest.raises(RiskscopeError, match="of is 'range'"):
        interval_disclosure(people, people, columns="x", of="range")
