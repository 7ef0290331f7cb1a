from __future__ import annotations

import pandas as pd
import pytest

import riskscope as rs
from riskscope.journeys.identifiers import DirectIdentifiers, direct_identifiers


@pytest.fixture
def people() -> pd.DataFrame:
    n = 40
    return pd.DataFrame(
        {
            "email": [f"person{i}@example.org" for i in range(n)],
            "age": [20 + i % 5 for i in range(n)],
            "code": [i % 3 for i in range(n)],
        }
    )


def found(people: pd.DataFrame, roles: rs.Roles) -> DirectIdentifiers:
    return direct_identifiers(rs.suggest_roles(people), roles, len(people))


def test_named_and_found_are_told_apart(people: pd.DataFrame) -> None:
    result = found(people, rs.Roles(identifiers=["code"], quasi_identifiers=["age"]))
    assert list(result.columns) == ["code", "email"]
    assert result.columns["code"] == ("Named in the roles.",)
    assert "Named in the roles." not in result.columns["email"]
    assert result.columns["email"]


def test_a_proposal_is_not_what_the_user_named(people: pd.DataFrame) -> None:
    result = found(people, rs.suggest_roles(people))
    assert list(result.columns) == ["email"]
    assert "Named in the roles." not in result.columns["email"]


def test_another_part_does_not_hide_a_direct_identifier(people: pd.DataFrame) -> None:
    assert list(found(people, rs.Roles(quasi_identifiers=["email", "age"])).columns) == ["email"]


def test_columns_that_join_records_are_left_out(people: pd.DataFrame) -> None:
    assert not found(people, rs.Roles(quasi_identifiers=["age"], person="email")).columns


def test_sentences_agree_in_number(people: pd.DataFrame) -> None:
    one = found(people, rs.Roles(quasi_identifiers=["age"]))
    two = found(people, rs.Roles(identifiers=["code"], quasi_identifiers=["age"]))
    assert one.sentences()[0].startswith("'email' identifies people")
    assert two.sentences()[0].startswith("'code', 'email' identify people")


def test_free_text_is_said_to_be_beyond_counting() -> None:
    text = [f"Called number {i} on Monday, she said that the parcel never came to her house." for i in range(60)]
    result = found(pd.DataFrame({"note": text, "age": [i % 4 for i in range(60)]}), rs.Roles(quasi_identifiers=["age"]))
    assert result.free_text == ("note",)
    assert "'note' holds free text" in result.summary()


def test_none_found_is_no_promise() -> None:
    result = found(pd.DataFrame({"age": [1, 1, 2]}), rs.Roles(quasi_identifiers=["age"]))
    assert result.n_identifiers == 0
    assert "not found" in result.summary()
    assert result.tables() == []


def test_to_dict_has_columns_with_reasons(people: pd.DataFrame) -> None:
    numbers = found(people, rs.Roles(quasi_identifiers=["age"])).to_dict()
    assert list(numbers["columns"]) == ["email"]
    assert numbers["n_identifiers"] == 1
