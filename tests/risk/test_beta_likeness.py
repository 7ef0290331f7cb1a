"""beta-likeness, basic and enhanced, against its definition."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import riskscope as rs
from frames import ROLES, keys_of, some_people
from naive import beta_likeness as twin
from riskscope.errors import RiskscopeError

CLOSE = 1e-12
ONE = rs.Roles(quasi_identifiers="q", sensitive="s")


def test_t8(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS A7: gains (1/3, 1, 1, 3): basic 3; 3 > -ln .25, so no beta makes it enhanced."""
    assert rs.beta_likeness(t8, t8_roles).beta == pytest.approx(3, rel=CLOSE)
    assert rs.beta_likeness(t8, t8_roles, kind="enhanced").beta == math.inf


@pytest.mark.parametrize("kind", ["basic", "enhanced"])
@pytest.mark.parametrize("n", [120, 3_000])
@pytest.mark.parametrize("seed", range(5))
def test_twin(seed: int, n: int, kind: str) -> None:
    people = some_people(seed, n=n)
    names = ["sex"] if n == 3_000 else ["city", "age", "sex"]
    result = rs.beta_likeness(pd.DataFrame(people), ROLES.replace(quasi_identifiers=names), kind=kind)
    for name in ROLES.sensitive:
        expected = twin.beta(keys_of(people, names), people[name], kind=kind)
        assert result.by_column[name] == pytest.approx(expected, rel=CLOSE)
    if n == 3_000:
        assert math.isfinite(result.beta)


def test_a_gain_of_exactly_what_is_allowed() -> None:
    """One class: no gain, so every beta does, the smallest being 0."""
    frame = pd.DataFrame({"q": [0] * 3, "s": ["a", "a", "b"]})
    assert rs.beta_likeness(frame, ONE, kind="enhanced").beta == 0
    assert rs.beta_likeness(frame.assign(s="a"), ONE, kind="enhanced").beta == 0


def test_degenerate(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    for kind in ("basic", "enhanced"):
        empty = rs.beta_likeness(t8[:0], t8_roles, kind=kind)
        assert math.isnan(empty.beta)
        assert set(empty.undefined) == {"beta"}
        assert rs.beta_likeness(t8[:1], t8_roles, kind=kind).beta == 0
        assert rs.beta_likeness(t8.assign(dis=None), t8_roles, kind=kind).beta == 0
    unique = pd.DataFrame({"q": range(5), "s": range(5)})
    assert rs.beta_likeness(unique, ONE).beta == pytest.approx(4, rel=CLOSE)
    assert "No β will do" in rs.beta_likeness(unique, ONE, kind="enhanced").summary()


def test_unknown_kind(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    with pytest.raises(RiskscopeError, match="kind is 'strict'; it must be one of 'basic', 'enhanced'"):
        rs.beta_likeness(t8, t8_roles, kind="strict")


def test_a_column_with_nearly_as_many_values_as_people_is_named() -> None:
    people = pd.DataFrame({"q": [0, 1] * 20, "s": range(40)})
    assert "In 's' most people have a value of their own" in rs.beta_likeness(people, ONE).summary()
    assert "value of their own" not in rs.beta_likeness(people.assign(s=people["s"] // 10), ONE).summary()
