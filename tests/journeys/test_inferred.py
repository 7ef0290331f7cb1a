"""How an audit reads columns: kinds by type, the positive value, bands; nothing guessed that is not said."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.intake.option_names import options_written_as
from riskscope.journeys.inferred import by_column, read_groups, read_inferred, read_outcome
from riskscope.journeys.refusals import DECISION, PROFILE, SCORE, check_weight, checked_references


def read(values: Any, **how: Any) -> Any:
    how = {"kind": None, "positive": None, "favourable": None, **how}
    return read_inferred(pd.DataFrame({"made": values}), "made", **how)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0, 1, 1], DECISION),
        ([True, False, False], DECISION),
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
    assert read([1, 2, 2], kind=SCORE).array.to_pylist() == [1, 2, 2]
    with pytest.raises(RiskscopeError, match="must be one of 'decision', 'score', 'profile'"):
        read([0, 1], kind="segment")


def test_a_decision_is_0_and_1() -> None:
    assert read(["no", "yes", "no"]).array.to_pylist() == [0, 1, 0]
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
        (["reject", "accept"], {}, RoleError, "decision 'made' .* Type pos_label={'made': VALUE}, with one of the two"),
        (["reject", "accept"], {"positive": "granted"}, RoleError, "'made' does not hold the value that pos_label"),
        (["no", "yes"], {"favourable": "x"}, RoleError, "names. Type favourable_label={'made': VALUE}"),
        ([1, 1], {}, FrameError, "1 distinct value; there is nothing to compare"),
        ([None, None], {}, FrameError, "0 distinct values; there is nothing to compare"),
        ([f"text {at}" for at in range(101)], {}, FrameError, "101 distinct values; a profile has at most 100"),
        ([True, False, None], {}, FrameError, "The decision 'made' is missing in 1 of 3 records; an audit needs every"),
        ([1, 2, 3], {"kind": DECISION}, FrameError, "The decision 'made' has 3 distinct values; a decision has two"),
        (list("abc"), {"kind": SCORE}, FrameError, "The score 'made' is .*; it must hold one number a record. Type k"),
        ([0, 1, 1], {"kind": SCORE}, FrameError, "The score 'made' holds nothing but 0 and 1: a decision. Type kinds="),
        ([True, False], {"kind": SCORE}, FrameError, "Type kinds={'made': 'decision'} to audit it as one"),
        ([0.1, 0.7, np.inf, None], {}, FrameError, "The score 'made' is missing or infinite in 2 of 4 .* at row 2"),
        (pd.date_range("2020-01-01", periods=4), {}, FrameError, "The score 'made' is timestamp"),
    ],
)
def test_what_is_not_clear_is_an_error(values: Any, how: Any, error: type, words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        read(values, **how)
    assert "accept" not in str(caught.value)
    assert "text 1" not in str(caught.value)


def test_the_two_values_of_a_decision_are_named_where_they_are_frequent() -> None:
    with pytest.raises(RoleError) as caught:
        read(["reject", "accept"] * 10)
    assert str(caught.value).endswith("Type pos_label={'made': 'accept'} or pos_label={'made': 'reject'}.")
    for values in (["reject"] * 30 + ["accept"] * 9, ["reject" * 9, "accept" * 9] * 10):
        with pytest.raises(RoleError) as caught:
            read(values)
        assert "accept" not in str(caught.value)
        assert "VALUE" in str(caught.value)


def test_messages_write_options_as_the_command_line_does() -> None:
    written = {"pos_label": "--pos-label", "kinds": "--decision, --score, --profile"}
    with options_written_as(written):
        with pytest.raises(RoleError, match="Type --pos-label made=accept or --pos-label made=reject"):
            read(["reject", "accept"] * 10)
        with pytest.raises(RoleError, match="Type --pos-label 'made=not now' or --pos-label made=now"):
            read(["not now", "now"] * 10)
        with pytest.raises(FrameError, match="Type --score made to audit numbers, --profile made to audit classes"):
            read([1, 2, 3], kind=DECISION)
        with pytest.raises(RoleError, match="--pos-label names 'c', which is not among"):
            by_column({"c": 1}, ("a", "b"), "pos_label")


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1.0, None, 2.0], "The weight 'w' is missing or infinite in 1 of 3 records, the first at row 1"),
        ([1.0, 2.0, -1.0], "The weight 'w' is negative in 1 of 3 records, the first at row 2"),
        ([0, 0, 0], "The weight 'w' is 0 in every record"),
        (["a", "b", "c"], "The weight 'w' is string; it must hold one number a record. Make numbers of it"),
    ],
)
def test_weights_that_weigh_nothing_are_told_by_their_column(weights: list[Any], words: str) -> None:
    with pytest.raises(FrameError, match=words):
        check_weight(pa.array(weights), "w")
    check_weight(pa.array([True, False]), "w")


def test_a_reference_that_is_no_group_is_told_without_naming_any() -> None:
    groups = pa.table({"origin": ["north", "south", "rare", None], "one": ["x"] * 4, "level": [1, 2, 2, 1]})
    with pytest.raises(
        RoleError, match="reference names no group of the protected column 'origin', which has 4 gr"
    ) as at:
        checked_references(groups, {"origin": "east"})
    assert "Type reference={'origin': GROUP}, with one of them" in str(at.value)
    assert not {"north", "rare", "east"} & set(str(at.value).replace("'", " ").split())
    with pytest.raises(RoleError, match=r"which has 1 group. Type"):
        checked_references(groups, {"one": "y"})
    assert checked_references(groups, {"origin": "unknown", "level": 1}) == {"origin": "unknown", "level": "1"}


def test_an_outcome_has_two_values_or_is_a_number() -> None:
    frame = pd.DataFrame({"paid": [1, 0, None], "amount": [1.5, 2.5, 9.0], "words": ["a", "b", "c"]})
    assert read_outcome(frame, "paid", None)[0].to_pylist() == [1, 0, None]
    assert read_outcome(frame, "paid", None)[1]
    assert not read_outcome(frame, "amount", None)[1]
    with pytest.raises(FrameError, match="3 distinct texts"):
        read_outcome(frame, "words", None)
    frame = pd.DataFrame({"day": pd.date_range("2020-01-01", periods=3), "a": list("xyx")})
    with pytest.raises(FrameError, match=r"The outcome 'day' is timestamp.*Make numbers of it, or take it out"):
        read_outcome(frame, "day", None)
    with pytest.raises(RoleError, match=r"The outcome 'a' .* Type pos_label={'a': VALUE}, with one of the two values"):
        read_outcome(pd.concat([frame] * 20), "a", None)
    with pytest.raises(FrameError, match="The outcome 'far' is infinite in 1 of 4 records, the first at row 3"):
        read_outcome(pd.DataFrame({"far": [1.0, None, 3.0, np.inf]}), "far", None)


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
