"""Checks return the value or raise in words: what came, what is allowed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskscope import checks
from riskscope.errors import RiskscopeError, RoleError


def test_choice() -> None:
    assert checks.check_choice("a", "kind", ["a", "b"]) == "a"
    with pytest.raises(RiskscopeError, match="kind is 'c'; it must be one of 'a', 'b'"):
        checks.check_choice("c", "kind", {"a": 1, "b": 2})


@pytest.mark.parametrize("value", [0, 1, 0.5, np.float64(0.25), np.int64(1)])
def test_number(value: float) -> None:
    assert checks.check_number(value, "share", low=0, high=1) is value


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf"), "0.5", None, True, [0.5]])
def test_what_is_no_number_from_0_to_1(value: Any) -> None:
    with pytest.raises(RiskscopeError, match=r"share is .*; it must be a number, at least 0 and at most 1\."):
        checks.check_number(value, "share", low=0, high=1)


def test_number_above_its_bound() -> None:
    assert checks.check_number(1e-300, "base", low=0, low_open=True) == 1e-300
    with pytest.raises(RiskscopeError, match="base is 0; it must be a number, above 0"):
        checks.check_number(0, "base", low=0, low_open=True)


def test_whole() -> None:
    found = checks.check_whole(np.int32(5), "k", low=1)
    assert found == 5
    assert type(found) is int
    for value in (0, 5.0, "5", None, True):
        with pytest.raises(RiskscopeError, match="it must be a whole number of at least 1"):
            checks.check_whole(value, "k", low=1)


def test_names() -> None:
    assert checks.check_names("a", "columns") == ("a",)
    assert checks.check_names(iter(["a", "b"]), "columns") == ("a", "b")
    assert checks.check_names(None, "columns") == ()
    for value, message in (
        (["a", 1], "columns holds int; columns are named by text"),
        (["b", "a", "b"], "columns names 'b' more than once"),
        (7, "columns is int; it must be a list of column names"),
    ):
        with pytest.raises(RoleError, match=message):
            checks.check_names(value, "columns")


def test_columns_with_near_names() -> None:
    checks.check_columns(["a"], ["a", "b"], "columns")
    with pytest.raises(RoleError, match=r"columns not found: 'Zip ' \(near: 'zip'\)\. The columns are 'zip', 'age'\."):
        checks.check_columns(["Zip "], ["zip", "age"], "columns")
    with pytest.raises(RoleError) as caught:
        checks.check_columns([f"x{at}" for at in range(9)], [f"column {at}" for at in range(50)], "columns")
    assert "and 30 more" in str(caught.value)
    assert "'x4'" in str(caught.value)
    assert "'x5'" not in str(caught.value)


def test_shown_names_cannot_drive_a_screen() -> None:
    assert checks.shown("a\x1b[31mb\n") == r"'a\x1b[31mb\n'"
    assert checks.shown("é ü") == "'é ü'"
    assert len(checks.shown("x" * 1_000)) == 62
    assert checks.quoted(["a", "b", "c"], most=2) == "'a', 'b' and 1 more"
    assert checks.quoted([]) == ""
