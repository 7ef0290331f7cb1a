"""Prosecutor, journalist, marketer, against sums over records."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

import riskscope as rs
from frames import QUASI, keys_of, some_people
from naive import class_sizes as twin_sizes
from naive import reidentification as twin
from riskscope.errors import RiskscopeError

CLOSE = 1e-12


def test_t8_prosecutor(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS B1: threshold .4: A = .625, B = 1, C = .5; expected re-identifications J = 4."""
    risk = rs.reidentification_risk(t8, t8_roles, threshold=0.4)
    assert (risk.share_at_risk, risk.n_at_risk, risk.highest, risk.average) == (0.625, 5, 1, 0.5)
    assert risk.expected_reidentifications == 4


def test_t8_journalist_and_marketer(t8: pd.DataFrame, t8_roles: rs.Roles, t8_register: pd.DataFrame) -> None:
    """FORMULAS B1: threshold .1: A = .375, B = .333333, C = max(.076923, .110714)."""
    risk = rs.reidentification_risk(t8, t8_roles, attacker="journalist", register=t8_register, threshold=0.1)
    assert (risk.share_at_risk, risk.highest) == (0.375, pytest.approx(1 / 3, rel=CLOSE))
    assert risk.average == pytest.approx(0.1107142857142857, rel=CLOSE)
    marketer = rs.reidentification_risk(t8, t8_roles, attacker="marketer", register=t8_register)
    assert marketer.average == pytest.approx(0.1107142857142857, rel=CLOSE)
    assert math.isnan(marketer.highest)
    assert set(marketer.undefined) == {"highest", "n_at_risk", "share_at_risk"}


def test_strictly_above_the_threshold() -> None:
    people = pd.DataFrame({"a": [0] * 5 + [1] * 10 + [2] * 3})
    assert rs.reidentification_risk(people, ["a"], threshold=0.2).n_at_risk == 3
    assert rs.reidentification_risk(people, ["a"], threshold=0.1).n_at_risk == 8
    assert rs.reidentification_risk(people, ["a"], threshold=1 / 3).n_at_risk == 0
    assert rs.reidentification_risk(people, ["a"], threshold=0).n_at_risk == 18
    assert rs.reidentification_risk(people, ["a"], threshold=1).n_at_risk == 0


@pytest.mark.parametrize("size", range(1, 200))
def test_a_class_of_n_is_never_above_one_nth(size: int) -> None:
    people = pd.DataFrame({"a": [0] * size})
    assert rs.reidentification_risk(people, ["a"], threshold=1 / size).n_at_risk == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("threshold", [0.05, 0.2, 0.5])
def test_twin(seed: int, threshold: float) -> None:
    people, register = some_people(seed, n=80), some_people(seed + 50, n=600)
    keys, others = keys_of(people), keys_of(register)
    frame, second = pd.DataFrame(people), pd.DataFrame(register)
    ours = rs.reidentification_risk(frame, QUASI, threshold=threshold)
    assert (ours.highest, ours.average, ours.n_at_risk) == pytest.approx(twin.prosecutor(keys, threshold), rel=CLOSE)
    ours = rs.reidentification_risk(frame, QUASI, attacker="journalist", register=second, threshold=threshold)
    expected = twin.journalist(keys, others, threshold)
    assert (ours.highest, ours.average, ours.n_at_risk) == pytest.approx(expected, rel=CLOSE)
    ours = rs.reidentification_risk(frame, QUASI, attacker="marketer", register=second)
    assert ours.average == pytest.approx(twin.marketer(keys, others), rel=CLOSE)


@pytest.mark.parametrize("missing", ["wildcard", "sdcmicro"])
def test_average_where_missing_values_match(missing: str) -> None:
    """FORMULAS A0: (1 / n) sum of 1 / f over the records."""
    people = some_people(1, n=50)
    keys = keys_of(people)
    sizes = twin_sizes.wildcard(keys, [1.0] * 50) if missing == "wildcard" else twin_sizes.sdcmicro(keys, [1.0] * 50, 1)
    risk = rs.reidentification_risk(pd.DataFrame(people), QUASI, missing=missing)
    assert risk.average == pytest.approx(sum(1 / size for size in sizes) / 50, rel=CLOSE)
    assert risk.highest == pytest.approx(1 / min(sizes), rel=CLOSE)
    assert risk.n_at_risk == sum(size < 5 for size in sizes)


def test_without_a_register_the_table_is_the_population_and_says_so(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    prosecutor = rs.reidentification_risk(t8, t8_roles)
    journalist = rs.reidentification_risk(t8, t8_roles, attacker="journalist")
    assert (journalist.highest, journalist.average) == (prosecutor.highest, prosecutor.average)
    assert "No register was given" in journalist.summary()
    assert "No register" not in prosecutor.summary()


def test_average_is_over_people_not_classes() -> None:
    """Classes of 1 and 99: 2 / 100; pyCANON's average over classes is .505."""
    people = pd.DataFrame({"a": [0] + [1] * 99})
    assert rs.reidentification_risk(people, ["a"]).average == pytest.approx(0.02, rel=CLOSE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attacker": "thief"}, "attacker is 'thief'; it must be one of"),
        ({"threshold": 1.5}, "threshold is 1.5; it must be a number, at least 0 and at most 1"),
        ({"threshold": "0.2"}, "threshold is '0.2'"),
        ({"register": pd.DataFrame({"a": [1]})}, "A register was given for the prosecutor, who needs none"),
        ({"attacker": "journalist", "missing": "wildcard"}, "missing must be 'category' for the journalist"),
    ],
)
def test_options_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RiskscopeError, match=message):
        rs.reidentification_risk(pd.DataFrame({"a": [1]}), ["a"], **options)


@pytest.mark.parametrize("attacker", ["prosecutor", "journalist", "marketer"])
def test_degenerate(attacker: str) -> None:
    empty = rs.reidentification_risk(pd.DataFrame({"a": []}), ["a"], attacker=attacker)
    for name in ("highest", "average", "n_at_risk", "share_at_risk"):
        assert math.isnan(getattr(empty, name))
        assert empty.undefined[name] == "the table has no records"
    assert empty.expected_reidentifications == 0
    assert "undefined" in empty.summary()
    for column, average in ((["x"], 1), (["x"] * 4, 0.25), (range(4), 1), ([None] * 4, 0.25)):
        assert rs.reidentification_risk(pd.DataFrame({"a": column}), ["a"], attacker=attacker).average == average


def test_a_marketer_shows_no_rows_that_say_nothing() -> None:
    people = pd.DataFrame({"a": [0, 0, 1]})
    market = rs.reidentification_risk(people, ["a"], attacker="marketer")
    assert not [label for label, text in market.rows() if "undefined" in text]
    assert "highest" in market.to_dict()
    labels = [label for label, _text in rs.reidentification_risk(people, ["a"]).rows()]
    assert len(labels) == len(market.rows()) + 3
