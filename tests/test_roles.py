"""Roles: which parts exclude each other, TOML there and back, near names."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import riskscope as rs
from riskscope.errors import RoleError
from riskscope.roles import PLURAL, SINGULAR, as_roles

ALL = rs.Roles(
    identifiers=["name"],
    quasi_identifiers=["age", "sex"],
    sensitive="illness",
    protected=["sex"],
    inferred=["score"],
    outcome="paid",
    weight="w",
    household="home",
    person="id",
)


def test_one_name_several_or_none() -> None:
    assert rs.Roles(sensitive="a").sensitive == ("a",)
    assert rs.Roles(sensitive=["a", "b"]).sensitive == ("a", "b")
    assert rs.Roles(quasi_identifiers=pd.Index(["a"])).quasi_identifiers == ("a",)
    assert rs.Roles().columns() == ()


def test_columns_each_once_in_order() -> None:
    assert ALL.columns() == ("name", "age", "sex", "illness", "score", "paid", "w", "home", "id")
    assert ALL.columns("protected", "quasi_identifiers") == ("sex", "age")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("identifiers", "quasi_identifiers"),
        ("identifiers", "sensitive"),
        ("quasi_identifiers", "sensitive"),
        ("weight", "quasi_identifiers"),
        ("weight", "sensitive"),
    ],
)
def test_parts_that_exclude_each_other(one: str, other: str) -> None:
    words = {**PLURAL, **SINGULAR}
    with pytest.raises(RoleError, match=f"'a' cannot be both {words[one]} and {words[other]}; leave it in one of them"):
        rs.Roles(**{one: "a", other: "a"})


def test_a_protected_column_may_play_another_part() -> None:
    assert rs.Roles(protected="sex", quasi_identifiers="sex").protected == ("sex",)
    assert rs.Roles(protected="origin", sensitive="origin").sensitive == ("origin",)


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ({"sensitive": ["a", "b", "a"]}, "sensitive names 'a' more than once; name each column once"),
        ({"sensitive": [1]}, "sensitive holds int; columns are named by text"),
        ({"sensitive": 5}, "sensitive is int; it must be a list of column names"),
        ({"weight": ["w"]}, "weight is list; it must be the name of one column, or None"),
    ],
)
def test_what_is_no_column_name(roles: dict, message: str) -> None:
    with pytest.raises(RoleError, match=message):
        rs.Roles(**roles)


def test_replace() -> None:
    changed = ALL.replace(weight=None, sensitive=[])
    assert (changed.weight, changed.sensitive, changed.household) == (None, (), "home")
    assert ALL.weight == "w"
    with pytest.raises(RoleError, match=r"There is no role 'sensible'. The roles are identifiers, quasi_identifiers"):
        ALL.replace(sensible="a")
    with pytest.raises(RoleError, match="cannot be both"):
        ALL.replace(sensitive="age")


def test_roles_are_frozen() -> None:
    with pytest.raises(AttributeError):
        ALL.weight = "other"


def test_toml_there_and_back(tmp_path: Path) -> None:
    assert rs.Roles.from_toml(ALL.to_toml()) == ALL
    assert rs.Roles.from_toml(rs.Roles().to_toml()) == rs.Roles()
    odd = rs.Roles(sensitive=['a"b', "é\n\t\\", "[roles]", " "])
    odd.save(tmp_path / "roles.toml")
    assert rs.Roles.read(tmp_path / "roles.toml") == odd


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[roles", "The roles are not valid TOML: .* Mend the file"),
        ("sensitive = 'a'", r"The TOML has no table \[roles\]"),
        ("roles = 3", r"The TOML has no table \[roles\]"),
        ("[roles]\nsensible = ['a']", "There is no role 'sensible'"),
        ("[roles]\nsensitive = [1]", "sensitive holds int"),
        ("[roles]\nsensitive = 1", "sensitive is int"),
        ("[roles]\nweight = 1", "weight is int"),
    ],
)
def test_toml_that_is_not_roles(text: str, message: str) -> None:
    with pytest.raises(RoleError, match=message):
        rs.Roles.from_toml(text)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RoleError, match=r"There is no file 'none.toml'; give the path of the TOML file"):
        rs.Roles.read(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"[roles]\nsensitive = ['\xe9']")
    with pytest.raises(RoleError, match=r"'latin.toml' cannot be read: it is not UTF-8"):
        rs.Roles.read(tmp_path / "latin.toml")


def test_check_present() -> None:
    ALL.check_present(ALL.columns())
    with pytest.raises(RoleError, match=r"weight not found: 'w'\. The columns are 'name', 'age'"):
        ALL.check_present([name for name in ALL.columns() if name != "w"])


def test_as_roles() -> None:
    assert as_roles(ALL) is ALL
    assert as_roles(["a"]) == rs.Roles(quasi_identifiers=["a"])
    assert as_roles("a") == rs.Roles(quasi_identifiers=["a"])
    assert as_roles(None) == rs.Roles()
    with pytest.raises(RoleError, match="The roles are a dict; hand over Roles"):
        as_roles({"sensitive": ["a"]})
