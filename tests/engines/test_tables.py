"""Data or a table already counted, turned into the table that a measure needs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import riskscope as rs
from riskscope.engines.tables import classes_of_records, table_of, with_roles
from riskscope.errors import FrameError, RoleError


def test_table_of_data(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    assert table_of(t8, t8_roles).columns == ("sex", "age", "reg")
    assert table_of(t8, t8_roles, sensitive=True).columns == ("sex", "age", "reg", "dis")


def test_table_of_a_table_with_its_own_roles(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    table = rs.count(t8, t8_roles)
    assert table_of(table).columns == ("sex", "age", "reg")
    assert table_of(table, sensitive=True) is not None


def test_table_of_a_table_with_other_roles(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    fewer = table_of(rs.count(t8, t8_roles), ["age"])
    assert fewer.columns == ("age",)
    assert fewer.counts.tolist() == [5, 2, 1]


def test_a_sensitive_column_may_be_asked_for_as_a_quasi_identifier(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    assert table_of(rs.count(t8, t8_roles), ["dis"]).counts.sum() == 8


@pytest.mark.parametrize(
    ("roles", "sensitive", "message"),
    [
        (None, False, "No roles given; name the quasi-identifiers"),
        ([], False, "The roles name no quasi-identifier"),
        (rs.Roles(sensitive="dis"), True, "The roles name no quasi-identifier"),
        (["sex"], True, "The roles name no sensitive column"),
        (["sax"], False, r"not found: 'sax' \(near: 'sex'\)"),
    ],
)
def test_roles_that_do_not_suffice(
    t8: pd.DataFrame, roles: rs.Roles | list[str] | None, sensitive: bool, message: str
) -> None:
    with pytest.raises(RoleError, match=message):
        table_of(t8, roles, sensitive=sensitive)


def test_a_column_that_the_table_does_not_count(t8: pd.DataFrame) -> None:
    with pytest.raises(
        RoleError, match=r"'reg' is not counted in the table, which holds 'sex', 'age'\. Count the data"
    ):
        table_of(rs.count(t8, ["sex", "age"]), ["sex", "reg"])


def test_with_roles_shares_the_counts(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    table = rs.count(t8, t8_roles)
    other = with_roles(table, rs.Roles(quasi_identifiers=["sex"]))
    assert other.counts is table.counts
    assert other.quasi_identifiers == ("sex",)


def test_classes_of_records(t8: pd.DataFrame, t8_roles: rs.Roles, path: str) -> None:
    table, found = classes_of_records(t8, t8_roles)
    assert found.tolist() == [0, 0, 0, 1, 1, 2, 2, 3]
    assert table.roles is t8_roles
    assert table.counts.tolist() == [3, 2, 2, 1]


def test_a_table_of_counts_has_no_records(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    with pytest.raises(FrameError, match="no single records; hand over the data frame"):
        classes_of_records(rs.count(t8, t8_roles))


def test_classes_of_records_beyond_64_bits(path: str) -> None:
    codes = np.random.default_rng(0).integers(0, 50, (200, 20))
    frame = pd.DataFrame(np.vstack([codes, codes[:30]]), columns=[f"c{at}" for at in range(20)])
    table, cells = classes_of_records(frame, list(frame.columns))
    assert table.codes[cells].shape == (230, 20)
    sizes = table.counts[cells]
    assert sizes.tolist() == [2] * 30 + [1] * 170 + [2] * 30
