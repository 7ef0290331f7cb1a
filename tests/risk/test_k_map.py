"""k-map against a register."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import riskscope as rs
from frames import QUASI, keys_of, some_people
from naive import k_map as twin
from riskscope.errors import FrameError, RoleError


def test_t8(t8: pd.DataFrame, t8_roles: rs.Roles, t8_register: pd.DataFrame) -> None:
    """FORMULAS A2: 3."""
    result = rs.k_map(t8, t8_roles, register=t8_register)
    assert (result.k, result.n_below, result.n_population, result.n_short) == (3, 1, 52, 0)
    assert result.share_below == 1 / 8


@pytest.mark.parametrize("seed", range(5))
def test_twin(seed: int) -> None:
    people, register = some_people(seed, n=50), some_people(seed + 100, n=400)
    result = rs.k_map(pd.DataFrame(people), QUASI, register=pd.DataFrame(register))
    assert result.k == twin.k_map(keys_of(people), keys_of(register))
    assert result.n_short == twin.n_short(keys_of(people), keys_of(register))


def test_a_class_that_the_register_lacks_counts_its_own_people() -> None:
    result = rs.k_map(pd.DataFrame({"a": ["x", "x", "y"]}), ["a"], register=pd.DataFrame({"a": ["y"] * 9}))
    assert (result.k, result.n_short) == (2, 1)
    assert "fewer people in the register than in the table" in result.summary()


def test_register_of_another_kind_of_frame(t8: pd.DataFrame, t8_roles: rs.Roles, t8_register: pd.DataFrame) -> None:
    registers: list[Any] = [
        pl.from_pandas(t8_register),
        pa.Table.from_pandas(t8_register, preserve_index=False),
        t8_register.astype({"age": float}),
        t8_register.astype({"sex": "category", "reg": "category"}),
        t8_register.sample(frac=1, random_state=0),
        t8_register[["reg", "age", "sex"]],
        rs.count(t8_register, ["sex", "age", "reg"]),
        rs.count(t8_register, ["reg", "age", "sex"]),
    ]
    assert [rs.k_map(t8, t8_roles, register=each).k for each in registers] == [3] * len(registers)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_dates_of_another_resolution_are_the_same_dates(unit: str) -> None:
    days = [dt.date(2020, 1, 1), dt.date(2020, 1, 2), None]
    table = pa.table({"born": pa.array(days)})
    register = pd.DataFrame({"born": pd.to_datetime(pd.Series(days * 4)).astype(f"datetime64[{unit}]")})
    result = rs.k_map(table, ["born"], register=register)
    assert (result.k, result.n_short) == (4, 0)
    assert rs.k_map(register, ["born"], register=pl.DataFrame({"born": days * 9})).k == 9


def test_missing_matches_missing() -> None:
    table = pd.DataFrame({"a": [None, "x"]})
    assert rs.k_map(table, ["a"], register=pd.DataFrame({"a": [None, None, None, "x", "x"]})).k == 2
    assert rs.k_map(table, ["a"], register=pd.DataFrame({"a": ["x", "x"]})).n_short == 1
    assert rs.k_map(table[1:], ["a"], register=pd.DataFrame({"a": [None, "x", "x"]})).k == 2


@pytest.mark.parametrize("other", [["30", "40"], [True, False], pd.to_datetime(["2020-01-01", "2020-01-02"])])
def test_a_register_of_another_type_is_refused(other: Any) -> None:
    with pytest.raises(FrameError, match=r"Column 'age' holds numbers in the data and .* so no value would match"):
        rs.k_map(pd.DataFrame({"age": [30, 40]}), ["age"], register=pd.DataFrame({"age": other}))


def _seen(*, zone: str | None = None, kind: str = "pandas") -> Any:
    moments = pd.Series(pd.to_datetime(["2020-01-01 12:00", "2020-07-01 12:00"] * 2))
    frame = pd.DataFrame({"seen": moments if zone is None else moments.dt.tz_localize("UTC").dt.tz_convert(zone)})
    if kind == "categories":
        return frame.astype({"seen": "category"})
    return {"pandas": frame, "polars": pl.from_pandas(frame), "counted": rs.count(frame, ["seen"])}[kind]


@pytest.mark.parametrize("kind", ["pandas", "polars", "counted", "categories"])
def test_moments_with_a_time_zone_and_without_one_are_not_compared(kind: str) -> None:
    zoned, naive = _seen(zone="Europe/Paris", kind=kind), _seen(kind=kind)
    with_zone, without = "moments with a time zone", "dates or times without one"
    ways = [(zoned, naive, with_zone, without), (naive, zoned, without, with_zone)]
    for data, register, ours, theirs in ways:
        said = f"Column 'seen' holds {ours} in the data and {theirs} in the register, .* Give both a time zone, or nei"
        for measure in (rs.k_map, rs.delta_presence):
            with pytest.raises(FrameError, match=said):
                measure(data, ["seen"], register=register)
        with pytest.raises(FrameError, match=said):
            rs.reidentification_risk(data, ["seen"], attacker="journalist", register=register)


@pytest.mark.parametrize("kind", ["pandas", "polars", "counted", "categories"])
def test_moments_of_two_time_zones_are_the_same_instants(kind: str) -> None:
    result = rs.k_map(_seen(zone="Europe/Paris", kind=kind), ["seen"], register=_seen(zone="Asia/Tokyo"))
    assert (result.k, result.n_short) == (2, 0)


def test_a_register_without_the_column_is_refused() -> None:
    with pytest.raises(RoleError, match="not found: 'age'"):
        rs.k_map(pd.DataFrame({"age": [30]}), ["age"], register=pd.DataFrame({"Age": [30]}))


def test_degenerate() -> None:
    empty, one = pd.DataFrame({"a": pd.Series([], dtype=str)}), pd.DataFrame({"a": ["x"]})
    result = rs.k_map(empty, ["a"], register=one)
    assert math.isnan(result.k)
    assert math.isnan(result.share_below)
    assert set(result.undefined) == {"k", "share_below"}
    assert "undefined" in result.summary()
    nobody = rs.k_map(one, ["a"], register=empty)
    assert (nobody.k, nobody.n_short, nobody.n_population) == (1, 1, 0)
    assert rs.k_map(one, ["a"], register=one).k == 1


def test_key_space_beyond_64_bits() -> None:
    """Twenty columns of fifty levels: the register is a table of its own, with levels in another order."""
    frame = pd.DataFrame({f"c{at}": [(row * (at + 7)) % 50 for row in range(200)] for at in range(20)})
    register = pd.concat([frame[::-1]] * 3 + [frame[:10] + 1])
    result = rs.k_map(frame, list(frame.columns), register=register)
    keys, people = list(frame.itertuples(index=False, name=None)), list(register.itertuples(index=False, name=None))
    assert result.k == twin.k_map(keys, people)


def test_one_person_of_the_register_is_a_person() -> None:
    people = pd.DataFrame({"a": [0, 1]})
    assert "at least 1 person of the register (2 people)" in rs.k_map(people, ["a"], register=people).summary()
