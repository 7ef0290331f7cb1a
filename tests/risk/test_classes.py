"""Class sizes of records: a value of its own, wildcard, sdcMicro; sums of weights; against n by n comparison."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskscope as rs
from frames import QUASI, keys_of, some_people
from naive import class_sizes as twin
from riskscope.errors import FrameError, RiskscopeError, RoleError

FOUR = {"city": ["a", "a", "b", None], "n": [1, None, 1, 1]}


def naive(keys: list, weights: list[float], missing: str, alpha: float) -> list[float]:
    if missing == "category":
        return twin.category(keys, weights)
    return twin.wildcard(keys, weights) if missing == "wildcard" else twin.sdcmicro(keys, weights, alpha)


@pytest.mark.parametrize(
    ("missing", "alpha", "sizes"),
    [
        ("category", 1, [1, 1, 1, 1]),
        ("wildcard", 1, [3, 3, 2, 4]),
        ("sdcmicro", 1, [3, 3, 2, 4]),
        ("sdcmicro", 0, [1, 2, 1, 3]),
    ],
)
def test_formula_sheet(missing: str, alpha: float, sizes: list[float]) -> None:
    """FORMULAS A0, executed with sdcMicro."""
    result = rs.class_sizes(pd.DataFrame(FOUR), ["city", "n"], missing=missing, alpha=alpha)
    assert result.tolist() == sizes
    assert result.dtype == np.float64


def test_local_suppression_example(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS F4: with the age of row 8 blank."""
    blank = t8.assign(age=t8["age"].where(t8["age"] != 50))
    assert rs.class_sizes(blank, t8_roles, missing="wildcard").tolist() == [3, 3, 3, 2, 2, 3, 3, 3]
    assert rs.class_sizes(blank, t8_roles).min() == 1


@pytest.mark.parametrize("missing", ["category", "wildcard", "sdcmicro"])
@pytest.mark.parametrize("alpha", [0, 0.25, 1])
@pytest.mark.parametrize("seed", range(3))
def test_twin(missing: str, alpha: float, seed: int, path: str) -> None:
    people = some_people(seed, n=70)
    weights = [random.Random(seed).choice([0.0, 0.5, 1.0, 2.5]) for _ in range(70)]
    keys = keys_of(people)
    frame = pd.DataFrame(people).assign(weight=weights)
    plain = rs.class_sizes(frame, QUASI, missing=missing, alpha=alpha)
    assert plain.tolist() == pytest.approx(naive(keys, [1.0] * 70, missing, alpha), rel=1e-12)
    roles = rs.Roles(quasi_identifiers=QUASI, weight="weight")
    weighted = rs.class_sizes(frame, roles, missing=missing, alpha=alpha, weighted=True)
    assert weighted.tolist() == pytest.approx(naive(keys, weights, missing, alpha), rel=1e-12)


@pytest.mark.parametrize("alpha", [0, 0.5, 1])
def test_every_pattern_of_two_columns(alpha: float, path: str) -> None:
    keys = list(itertools.product(["a", "b", None], [1, 2, None])) * 2
    frame = pd.DataFrame(keys, columns=["x", "y"])
    for missing in ("wildcard", "sdcmicro"):
        sizes = rs.class_sizes(frame, ["x", "y"], missing=missing, alpha=alpha)
        assert sizes.tolist() == naive(keys, [1.0] * 18, missing, alpha)


@pytest.mark.parametrize("alpha", [0, 0.5, 1])
def test_one_column_counts_missing_records_for_complete_ones(alpha: float) -> None:
    """With one key variable sdcMicro adds alpha for each missing one; a missing one counts everybody."""
    sizes = rs.class_sizes(pd.DataFrame({"x": ["a", "a", "b", None]}), ["x"], missing="sdcmicro", alpha=alpha)
    assert sizes.tolist() == [2 + alpha, 2 + alpha, 1 + alpha, 4]


def test_a_record_with_nothing_known_counts_for_no_complete_one() -> None:
    frame = pd.DataFrame({"x": ["a", "b", None], "y": ["c", "c", None]})
    assert rs.class_sizes(frame, ["x", "y"], missing="sdcmicro").tolist() == [1, 1, 3]
    assert rs.class_sizes(frame, ["x", "y"], missing="wildcard").tolist() == [2, 2, 3]


@given(
    st.lists(st.tuples(*[st.sampled_from(["a", "b", None])] * 4), min_size=1, max_size=25),
    st.sampled_from(["category", "wildcard", "sdcmicro"]),
    st.sampled_from([0, 0.5, 1]),
)
def test_any_records(keys: list, missing: str, alpha: float) -> None:
    frame = pd.DataFrame(keys, columns=list("wxyz")).astype(object)
    sizes = rs.class_sizes(frame, list("wxyz"), missing=missing, alpha=alpha)
    assert sizes.tolist() == naive(keys, [1.0] * len(keys), missing, alpha)


def test_columns_of_many_levels(path: str) -> None:
    """A key space far above the number of cells, both ways of joining."""
    draw = random.Random(0)
    keys = [tuple(None if draw.random() < 0.2 else draw.randrange(60) for _ in range(3)) for _ in range(250)]
    keys += keys[:60]
    frame = pd.DataFrame({name: pd.array([key[at] for key in keys], dtype="Int64") for at, name in enumerate("xyz")})
    for missing in ("wildcard", "sdcmicro"):
        sizes = rs.class_sizes(frame, list("xyz"), missing=missing, alpha=0.5)
        assert sizes.tolist() == naive(keys, [1.0] * len(keys), missing, 0.5)


@pytest.mark.parametrize("missing", ["wildcard", "sdcmicro"])
def test_more_columns_than_a_key_of_64_bits_holds(missing: str, path: str) -> None:
    draw = random.Random(1)
    names = [f"c{at}" for at in range(14)]
    keys = [tuple(None if draw.random() < 0.03 else draw.randrange(40) for _ in names) for _ in range(120)]
    keys += [tuple(None if draw.random() < 0.2 else value for value in key) for key in keys]
    frame = pd.DataFrame({name: pd.array([key[at] for key in keys], dtype="Int64") for at, name in enumerate(names)})
    sizes = rs.class_sizes(frame, names, missing=missing, alpha=0.5)
    assert sizes.tolist() == naive(keys, [1.0] * len(keys), missing, 0.5)


def test_degenerate(path: str) -> None:
    empty = pd.DataFrame({"a": pd.Series([], dtype=object)})
    missing = pd.DataFrame({"a": [None, None], "b": [None, None]})
    for reading in ("category", "wildcard", "sdcmicro"):
        assert rs.class_sizes(empty, ["a"], missing=reading).tolist() == []
        assert rs.class_sizes(missing, ["a", "b"], missing=reading).tolist() == [2, 2]
        assert rs.class_sizes(pd.DataFrame({"a": ["x"]}), ["a"], missing=reading).tolist() == [1]


def test_alpha_is_a_share() -> None:
    with pytest.raises(RiskscopeError, match="alpha is 2; it must be a number, at least 0 and at most 1"):
        rs.class_sizes(pd.DataFrame(FOUR), ["city"], missing="sdcmicro", alpha=2)


def test_weight_must_be_named_and_there() -> None:
    with pytest.raises(RoleError, match="The roles name no weight"):
        rs.class_sizes(pd.DataFrame(FOUR), ["city"], weighted=True)
    with pytest.raises(RoleError, match="weight not found: 'w'"):
        rs.class_sizes(pd.DataFrame(FOUR), rs.Roles(quasi_identifiers="city", weight="w"), weighted=True)


@pytest.mark.parametrize("bad", [-1.0, None, np.inf, np.nan])
def test_a_weight_that_is_none_is_refused_by_row(bad: float | None) -> None:
    frame = pd.DataFrame({"city": ["a", "b", "c"], "w": [1.0, bad, bad]})
    with pytest.raises(FrameError, match=r"missing, negative or infinite in 2 records, the first at row 1\."):
        rs.class_sizes(frame, rs.Roles(quasi_identifiers="city", weight="w"), weighted=True)


def test_a_weight_of_text_is_refused() -> None:
    frame = pd.DataFrame({"city": ["a"], "w": ["1"]})
    with pytest.raises(FrameError, match="The weight is String; it must be a column of numbers"):
        rs.class_sizes(frame, rs.Roles(quasi_identifiers="city", weight="w"), weighted=True)


def test_alpha_is_checked_also_where_nothing_is_missing() -> None:
    with pytest.raises(RiskscopeError, match="alpha is 2; it must be a number, at least 0 and at most 1"):
        rs.class_sizes(pd.DataFrame({"a": [1]}), ["a"], missing="sdcmicro", alpha=2)
