"""What must hold for every table, on both paths: hypothesis looks for one where it does not."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskscope as rs

pytestmark = pytest.mark.usefixtures("path")

COLUMNS = ["a", "b", "c"]
ROLES = rs.Roles(quasi_identifiers=COLUMNS, sensitive="s")
CELL = st.sampled_from(["x", "y", "z", None]) | st.integers(0, 3)
TEXT = st.sampled_from(["x", "y", "yy", "", "long enough for two words", None])
NUMBER = st.sampled_from([0.0, -0.0, 1.5, 2.0, float("nan"), None])
WHOLE = st.integers(-3, 3)


@st.composite
def tables(draw: st.DrawFn, least: int = 1) -> pd.DataFrame:
    """A table of text, numbers, whole numbers and mixed cells."""
    n = draw(st.integers(least, 25))
    column = {"a": TEXT, "b": NUMBER, "c": CELL, "s": WHOLE}
    drawn = {name: draw(st.lists(values, min_size=n, max_size=n)) for name, values in column.items()}
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in drawn.items()}).astype({"s": int})


def numbers(data: Any) -> dict[str, Any]:
    """Return what the measures say, rounded where sums may run in another order."""
    risk = rs.reidentification_risk(data, ROLES)
    found = {
        "k": rs.k_anonymity(data, ROLES).k,
        "below": rs.k_anonymity(data, ROLES, k=3).n_below,
        "classes": rs.k_anonymity(data, ROLES).n_classes,
        "wildcard": rs.k_anonymity(data, ROLES, missing="wildcard").k,
        "unique": rs.uniqueness(data, ROLES).n_unique,
        "average": round(risk.average, 9),
        "separation": round(rs.separation(data, ROLES).separation, 9),
        "l": rs.l_diversity(data, ROLES).l,
        "entropy": round(rs.l_diversity(data, ROLES, kind="entropy").l, 9),
        "c": rs.l_diversity(data, ROLES, kind="recursive").c_min["s"],
        "t": round(rs.t_closeness(data, ROLES).t, 9),
        "ordered": round(rs.t_closeness(data, ROLES, distance="ordered").t, 9),
        "beta": round(rs.beta_likeness(data, ROLES).beta, 9),
        "delta": round(rs.delta_disclosure(data, ROLES, zero="skip").delta, 9),
        "alpha": rs.alpha_k_anonymity(data, ROLES).alpha,
    }
    return {name: str(value) for name, value in found.items()}


@given(tables(least=2), st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_order_of_rows_columns_and_index_do_not_matter(frame: pd.DataFrame, draw: Any) -> None:
    rows = list(range(len(frame)))
    draw.shuffle(rows)
    shuffled = frame.iloc[rows][["s", "c", "a", "b"]].set_axis([0] * len(frame), axis=0)
    assert numbers(shuffled) == numbers(frame)


@given(tables(least=2))
@settings(max_examples=20)
def test_order_of_the_quasi_identifiers_does_not_matter(frame: pd.DataFrame) -> None:
    sizes = [sorted(rs.count(frame, list(order)).counts.tolist()) for order in itertools.permutations(COLUMNS)]
    assert all(each == sizes[0] for each in sizes)


@given(tables())
@settings(max_examples=30)
def test_counts_hold_everybody(frame: pd.DataFrame) -> None:
    table = rs.count(frame, COLUMNS)
    assert table.counts.sum() == table.n_records == len(frame)
    assert table.counts.min() >= 1
    assert len({tuple(code) for code in table.codes.tolist()}) == table.n_cells
    assert table.codes.tolist() == sorted(table.codes.tolist())


@given(tables())
@settings(max_examples=30)
def test_doubling_the_data_doubles_class_sizes(frame: pd.DataFrame) -> None:
    double = pd.concat([frame, frame])
    assert rs.count(double, COLUMNS).counts.tolist() == (2 * rs.count(frame, COLUMNS).counts).tolist()
    for missing in ("category", "wildcard", "sdcmicro"):
        once = rs.class_sizes(frame, COLUMNS, missing=missing)
        assert np.allclose(rs.class_sizes(double, COLUMNS, missing=missing), np.tile(2 * once, 2))
    assert rs.k_anonymity(double, COLUMNS).k == 2 * rs.k_anonymity(frame, COLUMNS).k
    assert rs.uniqueness(double, COLUMNS).n_unique == 0
    assert rs.t_closeness(double, ROLES).t == pytest.approx(rs.t_closeness(frame, ROLES).t, abs=1e-12)
    assert rs.l_diversity(double, ROLES).l == rs.l_diversity(frame, ROLES).l


@given(tables(), st.dictionaries(st.sampled_from(["x", "y", "yy"]), st.sampled_from(["x", "y"])))
@settings(max_examples=30)
def test_coarsening_never_lowers_k_or_l_and_never_raises_t(frame: pd.DataFrame, coarser: dict[str, str]) -> None:
    coarse = frame.assign(a=[coarser.get(value, value) for value in frame["a"]])
    assert rs.k_anonymity(coarse, COLUMNS).k >= rs.k_anonymity(frame, COLUMNS).k
    assert rs.k_anonymity(coarse, COLUMNS, k=3).n_below <= rs.k_anonymity(frame, COLUMNS, k=3).n_below
    assert rs.reidentification_risk(coarse, COLUMNS).average <= rs.reidentification_risk(frame, COLUMNS).average
    for kind in ("distinct", "entropy"):
        finer = rs.l_diversity(frame, ROLES, kind=kind).l
        assert rs.l_diversity(coarse, ROLES, kind=kind).l >= finer - 1e-12
    bounds = [rs.l_diversity(each, ROLES, kind="recursive").c_min["s"] for each in (coarse, frame)]
    assert bounds[0] <= bounds[1]
    for distance in ("equal", "ordered"):
        finer = rs.t_closeness(frame, ROLES, distance=distance).t
        assert rs.t_closeness(coarse, ROLES, distance=distance).t <= finer + 1e-12


@given(tables())
@settings(max_examples=30)
def test_another_quasi_identifier_never_raises_k(frame: pd.DataFrame) -> None:
    table = rs.count(frame, COLUMNS)
    for fewer in (["a"], ["b"], ["c"], ["a", "b"], ["b", "c"], ["c", "a"]):
        assert rs.k_anonymity(table, fewer).k >= rs.k_anonymity(table).k
        assert rs.uniqueness(table, fewer).n_unique <= rs.uniqueness(table).n_unique
        assert rs.separation(table, fewer).distinction <= rs.separation(table).distinction


@given(tables())
@settings(max_examples=30)
def test_fewer_columns_from_the_table_and_from_the_rows_are_one(frame: pd.DataFrame) -> None:
    table = rs.count(frame, COLUMNS)
    for d in (1, 2, 3):
        for names in itertools.permutations(COLUMNS, d):
            kept, counted = table.keep(names), rs.count(frame, list(names))
            assert kept.columns == counted.columns == names
            assert kept.codes.tolist() == counted.codes.tolist()
            assert kept.counts.tolist() == counted.counts.tolist()


@given(tables())
@settings(max_examples=30)
def test_bounds(frame: pd.DataFrame) -> None:
    table = rs.count(frame, ROLES)
    sizes = rs.class_sizes(frame, COLUMNS)
    wild = rs.class_sizes(frame, COLUMNS, missing="wildcard")
    assert (wild >= sizes).all()
    assert rs.l_diversity(table).l <= rs.uniqueness(table).largest
    assert rs.l_diversity(table, kind="entropy").l <= rs.l_diversity(table).l + 1e-12
    assert 0 <= rs.t_closeness(table, distance="ordered").t <= rs.t_closeness(table).t + 1e-12
    assert 0 <= rs.t_closeness(table).t <= 1
    assert rs.reidentification_risk(table).highest == 1 / rs.k_anonymity(table).k
    assert rs.reidentification_risk(table).expected_reidentifications == pytest.approx(table.classes().n_cells)


@given(tables(), tables())
@settings(max_examples=25)
def test_a_larger_register_never_lowers_k_map(frame: pd.DataFrame, others: pd.DataFrame) -> None:
    names = ["a", "s"]
    alone = rs.k_map(frame, names, register=frame)
    assert alone.k == rs.k_anonymity(frame, names).k
    more = pd.concat([frame, others])
    assert rs.k_map(frame, names, register=more).k >= alone.k
    marketer = rs.reidentification_risk(frame, names, attacker="marketer", register=more).average
    journalist = rs.reidentification_risk(frame, names, attacker="journalist", register=more).average
    prosecutor = rs.reidentification_risk(frame, names).average
    assert marketer <= journalist + 1e-12
    assert journalist <= prosecutor + 1e-12
