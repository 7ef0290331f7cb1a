"""Every public measure over every kind of data frame, and over the counted table: the same numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import riskscope as rs
from frames import QUASI, ROLES, some_people
from riskscope.results import Result

PEOPLE = some_people(11, n=60)
REGISTER = some_people(12, n=300)
TREE = rs.Hierarchy(
    {
        "flu": ("flu", "airways", "*"),
        "asthma": ("asthma", "airways", "*"),
        "HIV": ("HIV", "virus", "*"),
        "cancer": ("cancer", "growth", "*"),
    }
)
Measure = Callable[[Any, Any], Result]

#: Each takes the data and a register of the same kind.
MEASURES: dict[str, Measure] = {
    "k_anonymity": lambda data, register: rs.k_anonymity(data, ROLES),
    "k_anonymity wildcard": lambda data, register: rs.k_anonymity(data, ROLES, missing="wildcard"),
    "k_anonymity sdcmicro": lambda data, register: rs.k_anonymity(data, ROLES, missing="sdcmicro", alpha=0.5),
    "uniqueness": lambda data, register: rs.uniqueness(data, ROLES),
    "k_map": lambda data, register: rs.k_map(data, ROLES, register=register),
    "delta_presence": lambda data, register: rs.delta_presence(data, ROLES, register=register),
    "alpha_k_anonymity": lambda data, register: rs.alpha_k_anonymity(data, ROLES),
    "alpha_k_anonymity values": lambda data, register: rs.alpha_k_anonymity(data, ROLES, values={"income": [3000]}),
    "l_diversity distinct": lambda data, register: rs.l_diversity(data, ROLES),
    "l_diversity entropy": lambda data, register: rs.l_diversity(data, ROLES, kind="entropy"),
    "l_diversity recursive": lambda data, register: rs.l_diversity(data, ROLES, kind="recursive", c=2),
    "l_diversity known": lambda data, register: rs.l_diversity(data, ROLES, others="known"),
    "t_closeness equal": lambda data, register: rs.t_closeness(data, ROLES),
    "t_closeness ordered": lambda data, register: rs.t_closeness(data, ROLES, distance="ordered"),
    "t_closeness tree": lambda data, register: rs.t_closeness(
        data, ROLES, distance={"illness": TREE, "income": "ordered"}
    ),
    "delta_disclosure": lambda data, register: rs.delta_disclosure(data, ROLES, zero="skip"),
    "beta_likeness": lambda data, register: rs.beta_likeness(data, ROLES),
    "prosecutor": lambda data, register: rs.reidentification_risk(data, ROLES),
    "journalist": lambda data, register: rs.reidentification_risk(
        data, ROLES, attacker="journalist", register=register
    ),
    "marketer": lambda data, register: rs.reidentification_risk(data, ROLES, attacker="marketer", register=register),
    "separation": lambda data, register: rs.separation(data, ROLES),
    "column_risk": lambda data, register: rs.column_risk(data, ROLES),
    "special_uniques": lambda data, register: rs.special_uniques(data, ROLES),
    "population_uniqueness": lambda data, register: rs.population_uniqueness(  # draws follow the order of the cells
        data, ROLES, population_size=500, draws=0
    ),
    "individual_risk": lambda data, register: rs.individual_risk(data, ROLES, population_size=500),
    "record_uniqueness": lambda data, register: rs.record_uniqueness(data, ROLES, population_size=500),
    "log_linear_risk": lambda data, register: rs.log_linear_risk(data, ROLES, population_size=500),
}
#: Measures that give numbers, not a Result: they answer record by record.
OF_RECORDS = {"class_sizes"}

#: What no paper defines.
WITHOUT_SOURCE = {"column_risk"}


def same(one: Any, other: Any) -> bool:
    """Tell whether two answers are one, leaving room for the order of sums."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return bool(one == other)


def test_every_public_measure_is_here() -> None:
    modules = {name: getattr(rs, name).__module__ for name in rs.__all__ if callable(getattr(rs, name))}
    public = {name for name, module in modules.items() if module.startswith("riskscope.risk.")}
    words = {"prosecutor", "journalist", "marketer"}
    here = {"reidentification_risk" if name in words else name.split()[0] for name in MEASURES}
    assert public == here | OF_RECORDS


@pytest.mark.parametrize("name", list(MEASURES))
def test_same_numbers_from_every_frame(name: str, frame_of: Callable[[dict[str, list[Any]]], Any], path: str) -> None:
    expected = MEASURES[name](pd.DataFrame(PEOPLE), pd.DataFrame(REGISTER)).to_dict()
    found = MEASURES[name](frame_of(PEOPLE), frame_of(REGISTER)).to_dict()
    assert same(found, expected)


@pytest.mark.parametrize("name", list(MEASURES))
def test_same_numbers_from_a_counted_table(name: str) -> None:
    expected = MEASURES[name](pd.DataFrame(PEOPLE), pd.DataFrame(REGISTER)).to_dict()
    found = MEASURES[name](rs.count(pd.DataFrame(PEOPLE), ROLES), rs.count(pd.DataFrame(REGISTER), QUASI)).to_dict()
    assert same(found, expected)


@pytest.mark.parametrize("missing", ["category", "wildcard", "sdcmicro"])
def test_same_sizes_from_every_frame(missing: str, frame_of: Callable[[dict[str, list[Any]]], Any], path: str) -> None:
    expected = rs.class_sizes(pd.DataFrame(PEOPLE), QUASI, missing=missing)
    assert sorted(rs.class_sizes(frame_of(PEOPLE), QUASI, missing=missing)) == sorted(expected)


@pytest.mark.parametrize("name", list(MEASURES))
def test_no_record_and_one_record_in_every_frame(
    name: str, frame_of: Callable[[dict[str, list[Any]]], Any], path: str
) -> None:
    """No measure fails on a table of no record or one, and what is undefined has a reason."""
    for n in (0, 1):
        people = frame_of({column: values[:n] for column, values in PEOPLE.items()})
        result = MEASURES[name](people, frame_of(REGISTER))
        assert result.n_records == n
        for field, _label, value, _kind in result.shown_fields():
            if isinstance(value, float) and math.isnan(value):
                assert result.undefined[field], field


@pytest.mark.parametrize("name", list(MEASURES))
def test_every_way_to_show_a_result(name: str) -> None:
    result = MEASURES[name](pd.DataFrame(PEOPLE), pd.DataFrame(REGISTER))
    written = json.dumps(result.to_dict(), allow_nan=False)
    assert json.loads(written)["measure"] == type(result).__name__
    assert {"missing", "engine", "riskscope", "n_records"} <= set(result.to_dict())
    assert result.to_frame()["measure"].tolist()[0] == "n_records"
    assert 1 <= len(result.sentences()) <= 5
    assert result.summary() == " ".join(result.sentences())
    assert type(result).__name__ in repr(result)
    html = result._repr_html_()
    assert html.count("<table") == html.count("</table>") >= 1
    assert result.question
    assert result.source or name in WITHOUT_SOURCE


@pytest.mark.parametrize("name", list(MEASURES))
def test_no_result_promises_safety_or_shows_a_value(name: str) -> None:
    result = MEASURES[name](pd.DataFrame(PEOPLE), pd.DataFrame(REGISTER))
    shown = " ".join([result.summary(), repr(result), result._repr_html_(), json.dumps(result.to_dict())])
    for value in ("Metz", "Lyon", "Brest", "asthma", "HIV", "cancer"):
        assert value not in shown
    for word in (" safe", "anonymous"):
        assert word not in shown.lower()


@pytest.mark.parametrize("name", list(MEASURES))
def test_results_are_frozen(name: str) -> None:
    result = MEASURES[name](pd.DataFrame(PEOPLE), pd.DataFrame(REGISTER))
    with pytest.raises(AttributeError):
        result.n_records = 0


@pytest.mark.parametrize("name", list(MEASURES))
def test_data_are_not_changed(name: str) -> None:
    people, register = pd.DataFrame(PEOPLE), pd.DataFrame(REGISTER)
    MEASURES[name](people, register)
    pd.testing.assert_frame_equal(people, pd.DataFrame(PEOPLE))
    pd.testing.assert_frame_equal(register, pd.DataFrame(REGISTER))
