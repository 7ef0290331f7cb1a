"""(alpha, k)-anonymity against its definition."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import riskscope as rs
from frames import ROLES, keys_of, some_people
from naive import alpha_k_anonymity as twin
from naive.k_anonymity import k_anonymity as twin_k
from riskscope.errors import RoleError


def test_t8(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS A3: alpha = 1 (row 8); classes 2/3, 1/2, 1/2, 1."""
    result = rs.alpha_k_anonymity(t8, t8_roles)
    assert (result.alpha, result.k, result.n_classes) == (1, 1, 4)
    assert rs.alpha_k_anonymity(t8[:7], t8_roles).alpha == 2 / 3
    assert rs.alpha_k_anonymity(t8, t8_roles, values={"dis": ["HIV"]}).alpha == 1 / 2


@pytest.mark.parametrize("seed", range(5))
def test_twin(seed: int) -> None:
    people = some_people(seed)
    keys = keys_of(people)
    result = rs.alpha_k_anonymity(pd.DataFrame(people), ROLES)
    assert result.by_column == {name: twin.alpha(keys, people[name]) for name in ROLES.sensitive}
    assert result.alpha == max(result.by_column.values())
    assert result.k == twin_k(keys)
    some = rs.alpha_k_anonymity(pd.DataFrame(people), ROLES, values={"illness": ["HIV", "cancer"], "income": [3000]})
    assert some.by_column == {
        "illness": twin.alpha(keys, people["illness"], ["HIV", "cancer"]),
        "income": twin.alpha(keys, people["income"], [3000]),
    }


def test_a_value_that_nobody_has(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    assert rs.alpha_k_anonymity(t8, t8_roles, values={"dis": ["none of these"]}).alpha == 0


def test_a_column_that_is_not_sensitive(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    with pytest.raises(RoleError, match="values names 1 columns that are not sensitive"):
        rs.alpha_k_anonymity(t8, t8_roles, values={"age": [30]})


def test_degenerate(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    empty = rs.alpha_k_anonymity(t8[:0], t8_roles)
    assert math.isnan(empty.alpha)
    assert math.isnan(empty.k)
    assert set(empty.undefined) == {"alpha", "k"}
    assert math.isnan(empty.by_column["dis"])
    assert rs.alpha_k_anonymity(t8[:1], t8_roles).alpha == 1
    assert rs.alpha_k_anonymity(t8.assign(dis=None), t8_roles).alpha == 1
    assert rs.alpha_k_anonymity(t8.assign(dis=range(8)), t8_roles.replace(quasi_identifiers=["sex"])).alpha == 1 / 3


def test_one_value_to_protect_needs_no_list() -> None:
    people = pd.DataFrame({"age": [30] * 4, "illness": ["flu", "flu", "flu", "HIV"]})
    roles = rs.Roles(quasi_identifiers=["age"], sensitive=["illness"])
    assert rs.alpha_k_anonymity(people, roles, values={"illness": "HIV"}).alpha == 0.25


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_moments_to_protect(unit: str) -> None:
    moments = pd.to_datetime(["2024-01-01", "2024-01-01", "2024-02-02"]).astype(f"datetime64[{unit}]")
    roles = rs.Roles(quasi_identifiers=["age"], sensitive=["seen"])
    people = pd.DataFrame({"age": [30] * 3, "seen": moments})
    assert rs.alpha_k_anonymity(people, roles, values={"seen": [pd.Timestamp("2024-02-02")]}).alpha == pytest.approx(
        1 / 3
    )


def test_alpha_is_a_share_wherever_it_stands() -> None:
    people = pd.DataFrame({"q": [0, 0, 1, 1], "s": list("aabc"), "u": list("abab")})
    roles = rs.Roles(quasi_identifiers="q", sensitive=["s", "u"])
    [(_caption, _header, rows)] = rs.alpha_k_anonymity(people, roles).tables()
    assert rows == [("s", "100 %"), ("u", "50.0 %")]
