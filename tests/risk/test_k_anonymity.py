"""k-anonymity against its definition, under three readings of missing values."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import riskscope as rs
from frames import QUASI, keys_of, some_people
from naive import class_sizes as twin_sizes
from naive import k_anonymity as twin
from riskscope.errors import RiskscopeError


def test_t8(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS A1: k = 1; records below 3: 5; one unique; four classes."""
    result = rs.k_anonymity(t8, t8_roles, k=3)
    assert (result.k, result.n_below, result.n_unique, result.n_classes) == (1, 5, 1, 4)
    assert (result.n_records, result.share_below, result.threshold) == (8, 5 / 8, 3)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [8, 40, 300])
def test_twin(seed: int, n: int) -> None:
    people = some_people(seed, n=n)
    result = rs.k_anonymity(pd.DataFrame(people), QUASI, k=4)
    assert result.k == twin.k_anonymity(keys_of(people))
    assert result.n_below == twin.n_below(keys_of(people), 4)


@pytest.mark.parametrize("missing", ["wildcard", "sdcmicro"])
@pytest.mark.parametrize("alpha", [0, 0.3, 1])
def test_twin_where_missing_values_match(missing: str, alpha: float) -> None:
    people = some_people(3, n=60)
    keys = keys_of(people)
    ones = [1.0] * len(keys)
    sizes = twin_sizes.wildcard(keys, ones) if missing == "wildcard" else twin_sizes.sdcmicro(keys, ones, alpha)
    result = rs.k_anonymity(pd.DataFrame(people), QUASI, k=5, missing=missing, alpha=alpha)
    assert result.k == pytest.approx(min(sizes), rel=1e-12)
    assert result.n_below == sum(size < 5 for size in sizes)
    assert result.n_unique == sum(size == 1 for size in sizes)
    assert math.isnan(result.n_classes)
    assert "form no classes" in result.undefined["n_classes"]
    assert result.missing == missing


def test_the_readings_are_one_where_nothing_is_missing(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    results = [rs.k_anonymity(t8, t8_roles, missing=each) for each in ("category", "wildcard", "sdcmicro")]
    assert len({(each.k, each.n_classes, each.n_below) for each in results}) == 1


def test_formula_sheet_on_missing_values() -> None:
    people = pd.DataFrame({"city": ["a", "a", "b", None], "n": [1, None, 1, 1]})
    assert rs.k_anonymity(people, ["city", "n"]).k == 1
    assert rs.k_anonymity(people, ["city", "n"], missing="wildcard").k == 2
    assert rs.k_anonymity(people, ["city", "n"], missing="sdcmicro", alpha=0).k == 1


def test_no_record() -> None:
    result = rs.k_anonymity(pd.DataFrame({"a": []}), ["a"])
    assert math.isnan(result.k)
    assert math.isnan(result.share_below)
    assert (result.n_below, result.n_unique, result.n_classes) == (0, 0, 0)
    assert set(result.undefined) == {"k", "share_below"}
    assert "undefined" in result.summary()


@pytest.mark.parametrize(
    ("column", "k"), [(["x"], 1), (["x"] * 7, 7), (list(range(7)), 1), ([None] * 7, 7), (["x"] * 3 + ["y"] * 4, 3)]
)
def test_one_record_all_equal_all_unique_all_missing(column: list[object], k: int) -> None:
    assert rs.k_anonymity(pd.DataFrame({"a": column}), ["a"]).k == k


def test_a_table_already_counted(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    assert rs.k_anonymity(rs.count(t8, t8_roles)) == rs.k_anonymity(t8, t8_roles)
    assert rs.k_anonymity(rs.count(t8, t8_roles), ["sex"]).k == 3


@pytest.mark.parametrize("k", [0, -1, 2.5, True, "5", None])
def test_threshold_must_be_a_whole_number(t8: pd.DataFrame, t8_roles: rs.Roles, k: object) -> None:
    with pytest.raises(RiskscopeError, match=r"k is .*; it must be a whole number of at least 1\."):
        rs.k_anonymity(t8, t8_roles, k=k)


def test_unknown_reading(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    with pytest.raises(RiskscopeError, match="missing is 'drop'; it must be one of 'category', 'wildcard', 'sdcmicro'"):
        rs.k_anonymity(t8, t8_roles, missing="drop")


def test_summary_says_what_k_means(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    assert "k = 1: 1 person of 8 is alone" in rs.k_anonymity(t8, t8_roles).summary()
    assert "at least 2 others" in rs.k_anonymity(t8, ["sex"]).summary()
