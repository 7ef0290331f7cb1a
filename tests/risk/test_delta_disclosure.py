"""delta-disclosure against its definition."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import riskscope as rs
from frames import ROLES, keys_of, some_people
from naive import delta_disclosure as twin
from riskscope.errors import RiskscopeError

CLOSE = 1e-12


def test_t8(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS A6: skipping what a class lacks 1.386294, 2.0 in base 2; by the definition infinite."""
    assert rs.delta_disclosure(t8, t8_roles).delta == math.inf
    assert rs.delta_disclosure(t8, t8_roles, zero="skip").delta == pytest.approx(math.log(4), rel=CLOSE)
    assert rs.delta_disclosure(t8, t8_roles, zero="skip", base=2).delta == pytest.approx(2, rel=CLOSE)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [120, 3_000])
@pytest.mark.parametrize("zero", ["inf", "skip"])
def test_twin(seed: int, n: int, zero: str) -> None:
    people = some_people(seed, n=n)
    names = ["sex"] if n == 3_000 else ["city", "age", "sex"]
    result = rs.delta_disclosure(pd.DataFrame(people), ROLES.replace(quasi_identifiers=names), zero=zero)
    for name in ROLES.sensitive:
        expected = twin.delta_disclosure(keys_of(people, names), people[name], zero=zero)
        assert result.by_column[name] == pytest.approx(expected, rel=CLOSE)
    assert result.delta == max(result.by_column.values())


def test_one_class_is_the_table() -> None:
    frame = pd.DataFrame({"q": [0] * 4, "s": ["a", "a", "b", None]})
    assert rs.delta_disclosure(frame, rs.Roles(quasi_identifiers="q", sensitive="s")).delta == pytest.approx(
        0, abs=CLOSE
    )


def test_degenerate(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    empty = rs.delta_disclosure(t8[:0], t8_roles)
    assert math.isnan(empty.delta)
    assert set(empty.undefined) == {"delta"}
    assert rs.delta_disclosure(t8[:1], t8_roles).delta == 0
    assert rs.delta_disclosure(t8.assign(dis="flu"), t8_roles).delta == 0
    assert rs.delta_disclosure(t8.assign(dis=None), t8_roles).delta == 0
    assert rs.delta_disclosure(t8.assign(dis=range(8)), t8_roles).delta == math.inf


def test_infinite_is_said_and_kept_in_the_dict(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    result = rs.delta_disclosure(t8, t8_roles)
    assert "infinite" in result.summary()
    assert result.to_dict()["delta"] == "Infinity"


@pytest.mark.parametrize(
    ("options", "message"), [({"base": 1}, "base is 1; .* above 1"), ({"zero": "drop"}, "zero is 'drop'")]
)
def test_options_are_checked(t8: pd.DataFrame, t8_roles: rs.Roles, options: dict, message: str) -> None:
    with pytest.raises(RiskscopeError, match=message):
        rs.delta_disclosure(t8, t8_roles, **options)


def test_what_becomes_of_a_value_that_a_class_lacks_is_said_in_words(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    assert ("a value that a class lacks", "makes δ infinite") in rs.delta_disclosure(t8, t8_roles).rows()
    skipped = rs.delta_disclosure(t8, t8_roles, zero="skip")
    assert ("a value that a class lacks", "is left out") in skipped.rows()
    assert skipped.to_dict()["zero"] == "skip"
