"""People alone with each column alone and without it, against recounting."""

from __future__ import annotations

import pandas as pd
import pytest

import riskscope as rs
from frames import QUASI, keys_of, some_people
from naive import column_risk as twin


def test_t8(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS E2: with age alone one person stands out, without age nobody; sex and region repeat each other."""
    result = rs.column_risk(t8, t8_roles)
    assert result.n_unique == 1
    assert result.alone == {"sex": 0, "age": 1, "reg": 0}
    assert result.without == {"sex": 1, "age": 0, "reg": 1}
    assert result.strongest == "age"


@pytest.mark.parametrize("seed", range(6))
def test_twin(seed: int, path: str) -> None:
    people = some_people(seed, n=40 + 30 * seed)
    names = [*QUASI, "illness", "income"]
    keys = keys_of(people, names)
    result = rs.column_risk(pd.DataFrame(people), names)
    assert result.n_unique == twin.n_unique(keys, range(5))
    for at, name in enumerate(names):
        assert result.alone[name] == twin.n_unique(keys, [at])
        assert result.without[name] == twin.n_unique(keys, [other for other in range(5) if other != at])
    assert result.without[result.strongest] == min(result.without.values())


def test_key_space_beyond_64_bits(path: str) -> None:
    frame = pd.DataFrame({f"c{at}": [(row // 2 * (at + 7)) % 50 for row in range(100)] for at in range(20)})
    frame.loc[3, "c4"] = 51
    keys = list(frame.itertuples(index=False, name=None))
    result = rs.column_risk(frame, list(frame.columns))
    for at, name in enumerate(frame.columns):
        assert result.without[name] == twin.n_unique(keys, [other for other in range(20) if other != at])
    assert result.strongest == "c4"


def test_columns_that_repeat_each_other_free_nobody_alone() -> None:
    frame = pd.DataFrame({"a": range(5), "b": range(5)})
    assert rs.column_risk(frame, ["a", "b"]).without == {"a": 5, "b": 5}
    assert rs.column_risk(frame, ["a", "b"]).strongest is None
    assert "Whichever column is left out, 5 people are still alone" in rs.column_risk(frame, ["a", "b"]).summary()


def test_degenerate() -> None:
    empty = rs.column_risk(pd.DataFrame({"a": [], "b": []}), ["a", "b"])
    assert (empty.n_unique, empty.strongest) == (0, None)
    assert empty.without == empty.alone == {"a": 0, "b": 0}
    one = rs.column_risk(pd.DataFrame({"a": ["x"]}), ["a"])
    assert (one.n_unique, one.without, one.alone) == (1, {"a": 1}, {"a": 1})
    equal = rs.column_risk(pd.DataFrame({"a": ["x"] * 3, "b": [None] * 3}), ["a", "b"])
    assert equal.strongest is None
    assert "Nobody is alone" in equal.summary()
    two = rs.column_risk(pd.DataFrame({"a": ["x", "y"]}), ["a"])
    assert (two.n_unique, two.without) == (2, {"a": 0})
