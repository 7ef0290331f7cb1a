"""How an audit reads columns: kinds by type, the positive value, bands; nothing guessed that is not said."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.journeys.inferred import DECISION, PROFILE, SCORE, by_column, read_groups, read_inferred, read_outcome


def read(values: Any, **how: Any) -> Any:
    how = {"kind": None, "positive": None, "favourable": None, **how}
    return read_inferred(pd.DataFrame({"made": values}), "made", **how)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0, 1, 1], DECISION),
        ([True, False, None], DECISION),
        (["yes", "no", "no"], DECISION),
        (["Oui", "Non", "Non"], DECISION),
        ([0.1, 0.2, 0.7], SCORE),
        ([1, 2, 3], SCORE),
        (["a", "b", "c"], PROFILE),
        (pd.Categorical(["a", "b", "c"]), PROFILE),
    ],
)
def test_the_type_tells_the_kind(values: Any, kind: str) -> None:
    assert read(values).kind == kind


def test_the_kind_asked_for_wins() -> None:
    classes = read([1, 2, 3], kind=PROFILE)
    assert classes.kind == PROFILE
    assert classes.array.to_pylist() == ["1", "2", "3"]
    assert read([0, 1, 1], kind=SCORE).array.to_pylist() == [0, 1, 1]
    with pytest.raises(RiskscopeError, match="must be one of 'decision', 'score', 'profile'"):
        read([0, 1], kind="segment")


def test_a_decision_is_0_and_1() -> None:
    assert read(["no", "yes", None]).array.to_pylist() == [0, 1, None]
    assert read(["reject", "accept"], positive="accept").array.to_pylist() == [0, 1]
    assert read([1, 2], positive="2").array.to_pylist() == [0, 1]
    assert read([0, 1], positive=0).array.to_pylist() == [1, 0]


def test_which_decision_is_good() -> None:
    assert read([0, 1]).favours_positive
    assert not read([0, 1], favourable="0").favours_positive
    assert not read(["yes", "no"], favourable="no").favours_positive
    assert read([0, 1], positive=0, favourable=0).favours_positive


@pytest.mark.parametrize(
    ("values", "how", "error", "words"),
    [
        (["reject", "accept"], {}, RoleError, "pos_label"),
        (["reject", "accept"], {"positive": "granted"}, RoleError, "does not occur in it"),
        ([1, 1], {}, FrameError, "1 distinct value; there is nothing to compare"),
        ([None, None], {}, FrameError, "0 distinct values; there is nothing to compare"),
        ([f"text {at}" for at in range(101)], {}, FrameError, "101 distinct values; a profile has at most 100"),
    ],
)
def test_what_is_not_clear_is_an_error(values: Any, how: Any, error: type, words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        read(values, **how)
    assert "accept" not in str(caught.value)
    assert "text 1" not in str(caught.value)


def test_an_outcome_has_two_values_or_is_a_number() -> None:
    frame = pd.DataFrame({"paid": [1, 0, None], "amount": [1.5, 2.5, 9.0], "words": ["a", "b", "c"]})
    assert read_outcome(frame, "paid", None)[0].to_pylist() == [1, 0, None]
    assert read_outcome(frame, "paid", None)[1]
    assert not read_outcome(frame, "amount", None)[1]
    with pytest.raises(FrameError, match="3 distinct texts"):
        read_outcome(frame, "words", None)


def test_numbers_and_dates_of_many_values_become_bands_with_open_ends() -> None:
    ages = list(range(18, 98))
    born = [dt.date(1900 + age, 5, 1) for age in ages]
    frame = pd.DataFrame({"age": ages, "born": pd.to_datetime(born), "sex": ["F", "M"] * 40})
    groups, said = read_groups(frame, ("age", "born", "sex"))
    assert groups["sex"].to_pylist() == ["F", "M"] * 40
    bands = pd.Series(groups["age"].to_pylist())
    assert bands.value_counts(sort=False).to_dict() == {
        "below 34": 16,
        "34 to below 50": 16,
        "50 to below 66": 16,
        "66 to below 82": 16,
        "82 or more": 16,
    }
    assert groups["born"].to_pylist()[0] == "below 1934"
    assert len(said) == 2
    assert "'age' has 80 distinct values" in said[0]


def test_bands_keep_missing_and_ties() -> None:
    frame = pd.DataFrame({"age": [np.nan] * 5 + [0.0] * 100 + list(range(1, 21))})
    groups, _said = read_groups(frame, ("age",))
    values = groups["age"].to_pylist()
    assert values[:5] == [None] * 5
    assert len(set(values[5:105])) == 1
    assert all(each is not None for each in values[5:])


def test_few_numbers_stay_as_they_are() -> None:
    groups, said = read_groups(pa.table({"children": [0, 1, 2, None]}), ("children",))
    assert groups["children"].to_pylist() == [0, 1, 2, None]
    assert said == []


def test_what_is_given_for_a_column_names_one_of_them() -> None:
    assert by_column({"a": 1}, ("a", "b"), "pos_label") == {"a": 1}
    assert by_column(None, ("a",), "pos_label") == {}
    with pytest.raises(RoleError, match="pos_label names 'c', which is not among"):
        by_column({"c": 1}, ("a", "b"), "pos_label")
