"""Several releases held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive import composition as twin
from riskscope.attacks.attack import CANNOT_TELL
from riskscope.attacks.releases import composition
from riskscope.errors import FrameError, RoleError

RELEASE = st.dictionaries(
    st.integers(0, 7),
    st.tuples(st.sampled_from("ab"), st.sampled_from(["flu", "HIV", "asthma", None])),
    min_size=1,
    max_size=8,
)


def frame(release: Mapping[int, tuple[str, str | None]]) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "id": list(release),
        "age": [own for own, _value in release.values()],
        "illness": pd.Series([value for _own, value in release.values()], dtype="object"),
    }
    return pd.DataFrame(columns)


def composed(releases: list[Any]) -> Any:
    return composition(releases, known="age", sensitive="illness", person="id")


@given(st.lists(RELEASE, min_size=2, max_size=3))
@settings(deadline=None, max_examples=60)
def test_it_is_what_sets_give(releases: list[dict[int, tuple[str, str | None]]]) -> None:
    found = composed([frame(each) for each in releases])
    expected = twin.left(releases)  # type: ignore[arg-type]
    order = list(dict.fromkeys(person for release in releases for person in release))
    for at, person in enumerate(order):
        crowd, values, alone = expected[person]
        assert (found.people_left[at], found.values_left[at]) == (crowd, values)
        several = sum(person in release for release in releases) >= 2
        assert (found.hit[at] == (values == 1)) if several else np.isnan(found.hit[at])
        assert several or crowd >= 1
        assert alone >= values
    assert found.m == twin.m_invariance(releases)  # type: ignore[arg-type]


def test_two_diverse_releases_give_one_value_away_together() -> None:
    first = frame({1: ("30s", "flu"), 2: ("30s", "HIV")})
    second = frame({1: ("30-34", "flu"), 3: ("30-34", "asthma")})
    found = composed([first, second])
    assert (found.tried, found.succeeded, found.baseline_succeeded) == (1, 1.0, 0.0)
    assert (found.k, found.l, found.n_alone) == (1, 1, 1)
    assert [each.l for each in found.releases] == [2, 2]
    assert "gives away" in found.summary()


def test_equal_classes_tell_nothing_more() -> None:
    same = {1: ("a", "flu"), 2: ("a", "HIV"), 3: ("b", "flu"), 4: ("b", "HIV")}
    found = composed([frame(same), frame(same)])
    assert (found.succeeded, found.k, found.l, found.m) == (0.0, 2, 2, 2)
    assert "m-invariant with m = 2" in found.summary()


def test_a_value_that_changed_is_told_apart() -> None:
    found = composed([frame({1: ("a", "flu")}), frame({1: ("a", "HIV")})])
    assert (found.n_changed, found.succeeded) == (1, 0.0)


def test_nobody_in_two_releases_is_no_attack() -> None:
    found = composed([frame({1: ("a", "flu")}), frame({2: ("a", "HIV")})])
    assert (found.tried, found.verdict) == (0, CANNOT_TELL)
    assert "Nobody is in two" in found.summary()


def test_any_frame_and_arrays_of_identifiers() -> None:
    first, second = frame({1: ("30s", "flu"), 2: ("30s", "HIV")}), frame({1: ("30-34", "flu"), 3: ("30-34", "asthma")})
    by_array = composition(
        [pl.from_pandas(first), second], known=["age"], sensitive="illness", person=[first["id"], second["id"]]
    )
    assert by_array.to_dict() == composed([first, second]).to_dict()


def test_what_does_not_fit_is_said() -> None:
    good = frame({1: ("a", "flu"), 2: ("b", "HIV")})
    with pytest.raises(FrameError, match="two releases or more"):
        composed([good])
    with pytest.raises(RoleError, match="repeats 1 times in release 2"):
        composed([good, good.assign(id=1)])
    with pytest.raises(FrameError, match="2, 1 values; the releases have 2, 2"):
        composition([good, good], known="age", sensitive="illness", person=[[1, 2], [1]])
    with pytest.raises(RoleError, match="missing in 1 records"):
        composed([good, good.assign(id=[1.0, np.nan])])
    with pytest.raises(RoleError, match="ilness"):
        composition([good, good], known="age", sensitive="ilness", person="id")
