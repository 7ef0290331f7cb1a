"""delta-presence against a register."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import riskscope as rs
from frames import QUASI, keys_of, some_people
from naive import delta_presence as twin


def test_t8(t8: pd.DataFrame, t8_roles: rs.Roles, t8_register: pd.DataFrame) -> None:
    """FORMULAS A8: (.1, .166667, .285714, .333333)."""
    result = rs.delta_presence(t8, t8_roles, register=t8_register)
    assert result.delta_min == pytest.approx(0.1, abs=1e-15)
    assert result.delta_max == pytest.approx(1 / 3, abs=1e-15)


def test_a_class_of_the_register_alone_has_chance_zero(
    t8: pd.DataFrame, t8_roles: rs.Roles, t8_register: pd.DataFrame
) -> None:
    more = pd.concat([t8_register, pd.DataFrame({"sex": ["M"], "age": [99], "reg": ["N"]})])
    assert rs.delta_presence(t8, t8_roles, register=more).delta_min == 0


@pytest.mark.parametrize("seed", range(5))
def test_twin(seed: int) -> None:
    people, register = some_people(seed, n=100), some_people(seed + 100, n=500)
    result = rs.delta_presence(pd.DataFrame(people), QUASI, register=pd.DataFrame(register))
    assert (result.delta_min, result.delta_max) == twin.delta_presence(keys_of(people), keys_of(register))


def test_everybody_of_the_register() -> None:
    table = pd.DataFrame({"a": ["x", "y", "y"]})
    result = rs.delta_presence(table, ["a"], register=table)
    assert (result.delta_min, result.delta_max, result.n_short) == (1, 1, 0)


def test_degenerate() -> None:
    empty, one = pd.DataFrame({"a": pd.Series([], dtype=str)}), pd.DataFrame({"a": ["x"]})
    nobody = rs.delta_presence(one, ["a"], register=empty)
    assert math.isnan(nobody.delta_min)
    assert math.isnan(nobody.delta_max)
    assert set(nobody.undefined) == {"delta_min", "delta_max"}
    assert "Presence is undefined: the register has no people" in nobody.summary()
    nothing = rs.delta_presence(empty, ["a"], register=one)
    assert (nothing.delta_min, nothing.delta_max) == (0, 0)


@pytest.mark.parametrize(
    ("table", "register", "words"),
    [
        ([0, 1], [0, 0, 1, 1], "gives each person of it a chance of 50.0 %"),
        ([0], [0, 1], "knows of some people that they are in it, and of others that they are not"),
        ([0, 1], [0, 1, 1], "knows of some people that they are in it."),
        ([0], [0, 0, 1], "the lowest is 0 %, the highest 50.0 %"),
    ],
)
def test_the_chance_is_said_in_words(table: list[int], register: list[int], words: str) -> None:
    result = rs.delta_presence(pd.DataFrame({"a": table}), ["a"], register=pd.DataFrame({"a": register}))
    assert words in result.summary()
