"""Counting decisions by group: the twin, all kinds of input, labels, missing values, weights, counted tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskscope as rs
from riskscope.errors import CellLimitError, FrameError, RiskscopeError, RoleError
from riskscope.fairness import counts as counting
from riskscope.fairness.binary import binary, favours_positive
from riskscope.fairness.counts import GroupCounts, counts_of, from_table
from riskscope.frequency import Levels

RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["b", "a", None]),
        st.sampled_from([30, 9, None]),
        st.sampled_from(["x", "y"]),
        st.sampled_from([0, 1, None]),
        st.sampled_from([0, 1]),
        st.sampled_from([0.0, 0.5, 2.0]),
    ),
    max_size=12,
)


def columns(records: list[tuple[Any, ...]]) -> dict[str, Any]:
    sex, age, stratum, outcome, decision, weight = zip(*records, strict=True) if records else ((),) * 6
    return {
        "sensitive_features": pd.DataFrame({"sex": list(sex), "age": list(age)}, dtype=object),
        "control_features": list(stratum),
        "y_true": list(outcome),
        "y_pred": list(decision),
        "sample_weight": np.array(weight, np.float64),
    }


def as_dict(counts: GroupCounts, cells: Any) -> dict[tuple[str, str, int, int], float]:
    """Every cell with people, by its names."""
    return {
        (counts.labels[group], counts.strata[stratum], outcome, decision): cells[group, stratum, outcome, decision]
        for group, stratum, outcome, decision in np.argwhere(counts.counts).tolist()
    }


def label(value: Any) -> str:
    return "unknown" if value is None else str(value)


@given(RECORDS)
def test_twin(records: list[tuple[Any, ...]]) -> None:
    counts = counts_of(**columns(records))
    expected: dict[tuple[str, str, int, int], list[float]] = {}
    for sex, age, stratum, outcome, decision, weight in records:
        key = (f"{label(sex)} · {label(age)}", stratum, 2 if outcome is None else outcome, decision)
        cell = expected.setdefault(key, [0, 0, 0])
        for at, more in enumerate((1, weight, weight**2)):
            cell[at] += more
    for at, cells in enumerate((counts.counts, counts.weights, counts.squares)):
        assert as_dict(counts, cells) == {key: cell[at] for key, cell in expected.items()}
    assert counts.n_records == len(records)
    assert counts.n_without_outcome == sum(outcome is None for _s, _a, _t, outcome, _d, _w in records)


@given(RECORDS)
def test_fewer_columns_are_not_counted_anew(records: list[tuple[Any, ...]]) -> None:
    given_columns = columns(records)
    both = counts_of(**given_columns)
    for names in (["sex"], ["age"], ["age", "sex"]):
        regrouped = both.regrouped(names)
        anew = counts_of(**given_columns | {"sensitive_features": given_columns["sensitive_features"][names]})
        assert regrouped.labels == anew.labels
        assert regrouped.columns == tuple(names)
        for name in ("counts", "weights", "squares", "parts"):
            assert np.array_equal(getattr(regrouped, name), getattr(anew, name))


@given(RECORDS, st.randoms())
def test_the_order_of_records_and_the_index_play_no_part(records: list[tuple[Any, ...]], random: Any) -> None:
    mixed = list(records)
    random.shuffle(mixed)
    one, other = counts_of(**columns(records)), counts_of(**columns(mixed))
    assert (one.labels, one.strata) == (other.labels, other.strata)
    assert one.counts.tolist() == other.counts.tolist()


def test_names_may_be_those_of_the_arguments() -> None:
    """A protected column called y_pred breaks fairlearn."""
    groups = pd.DataFrame({"y_pred": ["a", "b"], "y_true": ["c", "d"]}, index=[7, 7])
    counts = counts_of(y_pred=pd.Series([1, 0], index=[3, 1]), y_true=[0, 1], sensitive_features=groups)
    assert counts.labels == ("a · c", "b · d")
    assert counts.counts[:, 0].tolist() == [[[0, 1], [0, 0], [0, 0]], [[0, 0], [1, 0], [0, 0]]]


SERIES = {
    "list": list,
    "numpy": np.array,
    "pandas": pd.Series,
    "polars": pl.Series,
    "arrow": pa.array,
    "chunked": lambda values: pa.chunked_array([values[:2], values[2:]]),
    "categorical": lambda values: pd.Series(values).astype("category"),
}


@pytest.mark.parametrize("make", SERIES.values(), ids=SERIES)
def test_every_kind_of_array(make: Callable[[list[Any]], Any], path: str) -> None:
    counts = counts_of(
        y_pred=make([1, 0, 1, 1]),
        y_true=make([1, 1, 0, 1]),
        sensitive_features=make(["b", "a", "b", "b"]),
        sample_weight=[1, 2, 3, 4],
    )
    assert counts.labels == ("a", "b")
    assert counts.counts[:, 0, :2].tolist() == [[[0, 0], [1, 0]], [[0, 1], [0, 2]]]
    assert counts.weights is not None
    assert counts.weights[:, 0, :2].tolist() == [[[0, 0], [2, 0]], [[0, 3], [0, 5]]]


def test_every_kind_of_frame(frame_of: Callable[[dict[str, list[Any]]], Any]) -> None:
    frame = frame_of({"sex": ["F", "M", None], "age": [3, 3, 4], "hired": [1, 0, 1]})
    groups = frame.select(["sex", "age"]) if hasattr(frame, "select") else frame[["sex", "age"]]
    counts = counts_of(y_pred=frame["hired"], sensitive_features=groups, control_features=groups)
    assert counts.labels == ("F · 3", "M · 3", "unknown · 4")
    assert counts.strata == counts.labels
    assert counts.columns == counts.strata_columns == ("sex", "age")
    assert counts.counts[:, :, 2, 1].tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 1]]
    assert counts.counts[:, :, 2, 0].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert not counts.has_outcome


def test_ordered_categories_keep_their_order() -> None:
    ages = pd.Series(pd.Categorical(["old", "young", None, "middle"], ["young", "middle", "old"], ordered=True))
    assert counts_of(y_pred=[1, 0, 1, 0], sensitive_features=ages).labels == ("young", "middle", "old", "unknown")


@pytest.mark.parametrize(
    ("values", "pos_label", "expected"),
    [
        ([0, 1, 1], None, [0, 1, 1]),
        ([0.0, 1.0, 1.0], None, [0, 1, 1]),
        ([False, True, True], None, [0, 1, 1]),
        ([0, 0, 0], None, [0, 0, 0]),
        ([1, 1, 1], None, [1, 1, 1]),
        ([True, True, True], None, [1, 1, 1]),
        ([0, 1, 1], 0, [1, 0, 0]),
        ([1, 1, 1], 1, [1, 1, 1]),
        ([0.5, 2.5, 2.5], 2.5, [0, 1, 1]),
        (["no", "yes", "yes"], "yes", [0, 1, 1]),
        (["no", "no", "no"], "yes", [0, 0, 0]),
        ([-1, 1, 1], 1, [0, 1, 1]),
        ([1, 2, 2], 2, [0, 1, 1]),
    ],
)
def test_which_value_is_positive(values: list[Any], pos_label: Any, expected: list[int]) -> None:
    counts = counts_of(y_pred=values, sensitive_features=["a", "b", "c"], pos_label=pos_label)
    assert counts.counts[:, 0, 2].argmax(axis=1).tolist() == expected


SECRET = "Mrs Miller"


@pytest.mark.parametrize(
    ("values", "options", "error", "said"),
    [
        ([SECRET, "b", "b"], {}, RoleError, "y_pred is text with 2 distinct values.*pos_label"),
        ([SECRET] * 3, {}, RoleError, "y_pred is text with 1 distinct values.*pos_label"),
        ([1, 2, 2], {}, RoleError, "whole numbers with 2 distinct values.*pos_label"),
        (["a", "b", SECRET], {}, FrameError, "text with 3 distinct values.*audit_profiles"),
        ([0.1, 0.2, 0.3], {}, FrameError, "numbers with 3 distinct values.*audit_scores"),
        ([1, 2, 3], {}, FrameError, "audit_scores.*audit_profiles"),
        ([0.1, 0.2, 0.3], {"pos_label": 0.1}, FrameError, "audit_scores"),
        ([0, 1, 1], {"pos_label": 2}, RoleError, r"pos_label \(whole numbers\) is none of the 2 distinct values"),
        ([0, 1, 1], {"pos_label": "1"}, RoleError, r"pos_label \(text\) is none of"),
        ([1, 1, 1], {"pos_label": "yes"}, RoleError, r"pos_label \(text\) is none of the 1"),
        ([None, 1, 0], {}, FrameError, "y_pred is missing in 1 of 3 records.*Leave those records out"),
        ([None, None, None], {}, FrameError, "y_pred is missing in 3 of 3 records"),
        ([0, 1], {}, FrameError, "y_pred has 2 values"),
        (pd.DataFrame({"a": [0, 1, 1], "b": [0, 1, 1]}), {}, FrameError, "y_pred has 2 columns"),
        ([0, 1, 1], {"y_true": [0.1, 0.5, 0.7]}, FrameError, "y_true is numbers with 3 distinct"),
        ([0, 1, 1], {"sample_weight": [1, -1, 1]}, FrameError, "negative in 1 of 3 records, the first at row 1"),
        ([0, 1, 1], {"sample_weight": [1, np.nan, 1]}, FrameError, "missing or infinite in 1 of 3"),
        ([0, 1, 1], {"sample_weight": [1, np.inf, 1]}, FrameError, "missing or infinite in 1 of 3"),
        ([0, 1, 1], {"sample_weight": [1, 1]}, FrameError, "sample_weight has 2 values"),
    ],
)
def test_wrong_input_is_told_apart(values: Any, options: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=f"(?s){said}") as raised:
        counts_of(y_pred=values, sensitive_features=["a", "b", "c"], **options)
    assert SECRET not in str(raised.value)


def test_all_outcomes_missing_and_no_records() -> None:
    counts = counts_of(y_pred=[1, 0], y_true=[None, None], sensitive_features=["a", "a"])
    assert (counts.n_without_outcome, counts.has_outcome) == (2, True)
    empty = counts_of(y_pred=[], y_true=[], sensitive_features=[], control_features=[], sample_weight=[])
    assert empty.counts.shape == (0, 0, 3, 2)
    assert counts_of(y_pred=[], sensitive_features=[]).counts.shape == (0, 1, 3, 2)


def test_too_many_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_CELLS", 3)
    with pytest.raises(CellLimitError, match="2 groups in 2 strata"):
        counts_of(y_pred=[0, 1], sensitive_features=[1, 2], control_features=[1, 2])


@given(RECORDS.filter(bool))
def test_a_table_already_counted(records: list[tuple[Any, ...]]) -> None:
    frame = pd.DataFrame(records, columns=["sex", "age", "stratum", "outcome", "decision", "weight"]).astype(object)
    given_columns = columns(records)
    del given_columns["sample_weight"]
    expected = counts_of(**given_columns | {"control_features": frame[["stratum"]]})
    table = rs.count(frame, ["weight", "decision", "sex", "stratum", "age", "outcome"])
    counts = from_table(table, protected=["sex", "age"], decision="decision", outcome="outcome", strata="stratum")
    assert as_dict(counts, counts.counts) == as_dict(expected, expected.counts)
    assert (counts.labels, counts.columns, counts.strata) == (expected.labels, expected.columns, expected.strata)
    assert (counts.strata_columns, counts.has_outcome) == (("stratum",), True)


def test_a_table_names_its_columns() -> None:
    table = rs.count(pd.DataFrame({"sex": ["F", "M"], "hired": ["n", "y"]}), ["sex", "hired"])
    assert from_table(table, protected="sex", decision="hired", pos_label="y").counts[:, 0, 2].tolist() == [
        [1, 0],
        [0, 1],
    ]
    with pytest.raises(RoleError, match=r"(?s)not found: 'sexx' .near: 'sex'"):
        from_table(table, protected="sexx", decision="hired")
    with pytest.raises(RoleError, match="no column"):
        from_table(table, protected=[], decision="hired")
    with pytest.raises(RoleError, match="'sex' would be counted in two parts"):
        from_table(table, protected="sex", decision="sex")
    with pytest.raises(RoleError, match="hired is text with 2 distinct values"):
        from_table(table, protected="sex", decision="hired")
    counts = from_table(table, protected="sex", decision="hired", pos_label="y")
    with pytest.raises(RoleError, match="not found"):
        counts.regrouped("age")
    with pytest.raises(RoleError, match="no column"):
        counts.regrouped([])


def test_favourable_decision() -> None:
    assert favours_positive((0, 1), None)
    assert favours_positive(("no", "yes"), "yes")
    assert not favours_positive((False, True), 0)
    assert not favours_positive(("no", "yes"), "no")
    assert not favours_positive((None, "yes"), "no")  # nobody was refused
    for decision, label_given in (((0, 1), 2), ((0, 1), "0"), ((None, "yes"), 0)):
        with pytest.raises(RoleError, match="favourable_label"):
            favours_positive(decision, label_given)


def test_the_other_of_0_and_1_is_known_where_nobody_has_it() -> None:
    assert counts_of(y_pred=[1, 1], sensitive_features=["a", "b"], pos_label=1).decision == (0, 1)
    assert counts_of(y_pred=[True], sensitive_features=["a"], pos_label=True).decision == (False, True)
    assert counts_of(y_pred=["y"], sensitive_features=["a"], pos_label="y").decision == (None, "y")


def test_dates_as_values() -> None:
    days = Levels(2, False, lambda: np.array(["2026-01-01", "2026-01-02"], "datetime64[D]"))
    with pytest.raises(RiskscopeError, match="dates or other objects with 2 distinct"):
        binary(days, "y_pred")


SEX, OLD = ["F", "M", None, "F"], [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("given_groups", "names"),
    [
        ({"sex": SEX, "old": OLD}, ("sex", "old")),
        ({"sex": pd.Series(SEX, index=[7, 5, 3, 1], name="x"), "old": np.array(OLD)}, ("sex", "old")),
        ({"sex": pl.Series(SEX), "old": pa.array(OLD)}, ("sex", "old")),
        ([list(row) for row in zip(SEX, OLD, strict=True)], ("sensitive_features_0", "sensitive_features_1")),
        (list(zip(SEX, OLD, strict=True)), ("sensitive_features_0", "sensitive_features_1")),
        (np.array([SEX, OLD], object).T, ("sensitive_features_0", "sensitive_features_1")),
    ],
)
def test_several_columns_without_a_frame(given_groups: Any, names: tuple[str, ...]) -> None:
    counts = counts_of(y_pred=[1, 0, 1, 1], sensitive_features=given_groups)
    assert counts.columns == names
    assert counts.labels == ("F · 0", "F · 1", "M · 0", "unknown · 1")
    assert counts.counts.sum(axis=(1, 2))[:, 1].tolist() == [1, 1, 0, 1]


def test_a_column_of_two_dimensions_is_one_column() -> None:
    counts = counts_of(y_pred=np.array([[1], [0]]), sensitive_features=np.array([["F"], ["M"]]))
    assert (counts.columns, counts.labels) == (("sensitive_features",), ("F", "M"))


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ({}, "sensitive_features has no column"),
        ({"sex": SEX, "old": OLD[:2]}, "'sex' has 4 values, 'old' has 2 values"),
        ({"sex": "F"}, "sex is str; hand over an array"),
        ({"sex": pd.DataFrame({"a": SEX, "b": OLD})}, "'sex' of sensitive_features has 2 columns"),
        (np.zeros((4, 0)), "sensitive_features is ndarray; hand over"),
        (np.zeros((4, 2, 2)), "sensitive_features is ndarray; hand over"),
    ],
)
def test_what_is_no_set_of_columns(groups: Any, said: str) -> None:
    with pytest.raises(FrameError, match=said):
        counts_of(y_pred=[1, 0, 1, 1], sensitive_features=groups)


@given(RECORDS.filter(bool))
def test_joined_groups_are_counted_as_one(records: list[tuple[Any, ...]]) -> None:
    """As if those people had said to be of the other group; weights and their squares as well."""
    given_columns = columns(records) | {"sensitive_features": [record[1] for record in records]}
    counts = counts_of(**given_columns)
    others = np.arange(len(counts.labels)) > 0
    joined = counts.joined(others, 0, "everybody")
    alone = counts_of(**given_columns | {"sensitive_features": ["everybody"] * len(records)})
    assert joined.labels == alone.labels
    for name in ("counts", "weights", "squares"):
        assert getattr(joined, name) == pytest.approx(getattr(alone, name))
    known = counts.with_known_outcome()
    assert known.n_without_outcome == 0
    assert known.n_records == counts.n_records - counts.n_without_outcome
    assert (known.counts[:, :, :2] == counts.counts[:, :, :2]).all()
