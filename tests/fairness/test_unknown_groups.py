"""Bounds over unknown groups: all ways to fill them in, all that fit the chances, and what is not shown."""

from __future__ import annotations

import json
import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from naive import unknown_groups as twin
from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.fairness.unknown.audit import unknown_bounds
from riskscope.fairness.unknown.words import UnknownBounds
from riskscope.intervals import newcombe

CLOSE = 1e-12
EVERYTHING = {"min_cell": 1, "min_group": 1}

DECIDED = [1] * 60 + [0] * 40 + [1] * 30 + [0] * 70 + [1] * 20 + [0] * 20
GROUP = ["A"] * 100 + ["B"] * 100 + [None] * 40


def found_for(**options: Any) -> UnknownBounds:
    return unknown_bounds(**{"y_pred": DECIDED, "sensitive_features": GROUP, **options})


def test_worked_by_hand() -> None:
    found = found_for()
    assert (found.highest, found.lowest, found.n_unknown, found.is_exact) == ("A", "B", "40", True)
    assert found.known == pytest.approx(0.3, rel=CLOSE)
    assert found.low == pytest.approx(60 / 120 - 50 / 120, rel=CLOSE)
    assert found.high == pytest.approx(80 / 120 - 30 / 120, rel=CLOSE)
    assert (found.gap_low, found.gap_high) == (found.low, found.high)
    assert found.outer_low == pytest.approx(newcombe(60, 120, 50, 120)[0])
    assert found.outer_high == pytest.approx(newcombe(80, 120, 30, 120)[1])
    assert found.unknown_less_known == pytest.approx(0.5 - 0.45, rel=CLOSE)
    assert found.p_value == pytest.approx(stats.fisher_exact([[20, 20], [90, 110]]).pvalue, rel=CLOSE)
    assert "no way to fill in the unknown groups would reverse" in found.summary()
    assert "(n 100)" in found.summary()


tables = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["A", "B", "C", None]), st.booleans()), min_size=2, max_size=10
)


@settings(max_examples=80, deadline=None)
@given(tables)
def test_every_way_to_fill_them_in(records: list[tuple[bool, str | None, bool]]) -> None:
    hits, groups = [each[0] for each in records], [each[1] for each in records]
    names = sorted({each for each in groups if each is not None})
    assume(len(names) > 1)
    assume(sum(each is None for each in groups) <= 6)
    found = unknown_bounds(y_pred=hits, sensitive_features=groups, pos_label=True, **EVERYTHING)
    assert len(found.pairs) == len(names) * (len(names) - 1) // 2
    for pair in found.pairs:
        assert (pair.low, pair.high) == pytest.approx(
            twin.difference_bounds(hits, groups, pair.first, pair.second), abs=CLOSE
        )
        assert pair.outer_low <= pair.low <= pair.known + CLOSE
        assert pair.known - CLOSE <= pair.high <= pair.outer_high
    low, high = twin.gap_bounds(hits, groups)
    assert found.gap_high == pytest.approx(high, abs=CLOSE)
    assert found.gap_low <= low + CLOSE
    if len(names) == 2 and found.gap_low > 0:
        assert found.gap_low == pytest.approx(low, abs=CLOSE)


@settings(max_examples=60, deadline=None)
@given(tables, st.sampled_from(["true_positive_rate", "false_positive_rate", "precision", "accuracy"]))
def test_other_metrics_are_bounded_among_those_they_count(
    records: list[tuple[bool, str | None, bool]], metric: str
) -> None:
    kept = {
        "true_positive_rate": lambda pred, true: (true, pred),
        "false_positive_rate": lambda pred, true: (not true, pred),
        "precision": lambda pred, true: (pred, true),
        "accuracy": lambda pred, true: (True, pred == true),
    }[metric]
    cases = [(kept(pred, true), group) for pred, group, true in records]
    hits = [hit for (counts, hit), _group in cases if counts]
    groups = [group for (counts, _hit), group in cases if counts]
    assume(sum(each is None for each in groups) <= 6)
    found = unknown_bounds(
        y_pred=[each[0] for each in records],
        y_true=[each[2] for each in records],
        sensitive_features=[each[1] for each in records],
        pos_label=True,
        metric=metric,
        **EVERYTHING,
    )
    assert {each for pair in found.pairs for each in (pair.first, pair.second)} == (
        {each for each in groups if each} if len({each for each in groups if each}) > 1 else set()
    )
    for pair in found.pairs:
        assert (pair.low, pair.high) == pytest.approx(
            twin.difference_bounds(hits, groups, pair.first, pair.second), abs=CLOSE
        )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.booleans(), min_size=1, max_size=4), st.lists(st.sampled_from("ABC"), min_size=4, max_size=4)
        ),
        min_size=1,
        max_size=3,
    )
)
def test_every_way_that_fits_the_chances(drawn: list[tuple[list[bool], list[str]]]) -> None:
    sets: list[tuple[list[bool], list[str]]] = []
    for hits, groups in drawn:
        own = groups[: len(hits)]
        if all(sorted(own) != sorted(other) or len(own) != len(other) for _hits, other in sets):
            sets.append((hits, own))
    shares = [tuple(own.count(name) / len(own) for name in "ABC") for _hits, own in sets]
    assume(len(set(shares)) == len(shares))
    decided = [hit for hits, _own in sets for hit in hits]
    chances = [share for share, (hits, _own) in zip(shares, sets, strict=True) for _hit in hits]
    present = {name for _hits, own in sets for name in own}
    known = [("A", True), ("B", False), ("C", True)]
    found = unknown_bounds(
        y_pred=decided * 40 + [hit for _name, hit in known],
        sensitive_features=[None] * (40 * len(decided)) + [name for name, _hit in known],
        probability=pd.DataFrame(chances * 40 + [(1.0, 0.0, 0.0)] * 3, columns=list("ABC")),
        pos_label=True,
        **EVERYTHING,
    )
    assert found.n_sets == len(sets)
    for pair in found.pairs:
        assert pair.low - CLOSE <= pair.frechet_low <= pair.weighted + CLOSE
        assert pair.weighted - CLOSE <= pair.frechet_high <= pair.high + CLOSE
    if {"A", "B"} <= present:
        alone = unknown_bounds(
            y_pred=decided * 40,
            sensitive_features=pd.Series([None] * (40 * len(decided)), dtype=object),
            probability=pd.DataFrame(chances * 40, columns=list("ABC")),
            pos_label=True,
            min_cell=1,
            min_group=1,
        )
        for pair in alone.pairs:
            low, high = twin.chance_bounds(sets, pair.first, pair.second)
            assert (pair.frechet_low, pair.frechet_high) == pytest.approx((low, high), abs=1e-9)


def test_only_chances() -> None:
    rng = np.random.default_rng(1)
    chance = rng.choice([0.2, 0.8], 2000)
    group = rng.random(2000) < chance
    decided = (rng.random(2000) < 0.3 + 0.2 * group).astype(int)
    found = unknown_bounds(
        y_pred=decided,
        sensitive_features=[None] * 2000,
        probability=pl.DataFrame({"A": chance, "B": 1 - chance}),
    )
    assert (found.n_sets, found.known_rate) == (2, pytest.approx(math.nan, nan_ok=True))
    assert found.undefined["known"] == "nobody's group is known"
    truth = decided[group].mean() - decided[~group].mean()
    assert {found.highest, found.lowest} == {"A", "B"}
    sign = 1 if found.highest == "A" else -1
    assert found.frechet_low < sign * truth < found.frechet_high
    assert abs(found.weighted) < abs(truth)  # biased towards nothing: decision and group go together within the sets
    assert (found.low, found.high) == (-1, 1)
    texts(found)


def test_hardly_any_two_have_the_same_chances() -> None:
    rng = np.random.default_rng(2)
    chance = rng.random(1000)
    found = unknown_bounds(
        y_pred=(rng.random(1000) < 0.5).astype(int),
        sensitive_features=["A"] * 100 + ["B"] * 100 + [None] * 800,
        probability=np.column_stack([chance, 1 - chance]),
    )
    assert found.n_sets is not None
    assert found.n_sets <= 21
    assert found.frechet_low < found.weighted < found.frechet_high
    assert len(found.tables()[1][1]) == 9


def texts(found: UnknownBounds) -> str:
    shown = [found.summary(), repr(found), found._repr_html_(), json.dumps(found.to_dict(), allow_nan=False)]
    shown += [str(found.tables()), str(found.rows()), str(found.to_frame())]
    if found.has_picture:
        axes = found.plot()
        shown += [label.get_text() for label in axes.get_yticklabels()]
        plt.close("all")
    for name, _label, value, _kind in found.shown_fields():
        assert not (isinstance(value, float) and math.isnan(value)) or found.undefined[name]
    return " ".join(shown)


def test_few_unknown_people_are_not_given_away() -> None:
    decided = [*DECIDED[:200], 1, 1, 0]
    groups = GROUP[:200] + [None] * 3
    found = unknown_bounds(y_pred=decided, sensitive_features=groups)
    other = unknown_bounds(y_pred=[*decided[:-1], 1], sensitive_features=groups)
    assert found.n_unknown == "<10"
    assert found.to_dict() == other.to_dict()
    assert (found.low, found.high) == pytest.approx((60 / 110 - 40 / 110, 70 / 110 - 30 / 110))
    assert found.undefined["p_value"] == "too few people of unknown group to show figures of"
    assert [each.n for each in found.groups].count(None) == 1
    assert "as if they were 10 on each side" in found.summary()
    texts(found)


def test_small_groups_are_neither_shown_nor_compared() -> None:
    found = unknown_bounds(
        y_pred=[*DECIDED, *[1, 0] * 30, 1, 0, 1],
        sensitive_features=[*GROUP, *["D"] * 60, *["Xyzzy"] * 3],
    )
    assert "Xyzzy" not in texts(found)
    assert {each.group for each in found.groups} == {"A", "B"}  # D is held back so that Xyzzy cannot be worked out


def test_nobody_unknown() -> None:
    found = unknown_bounds(y_pred=DECIDED[:200], sensitive_features=GROUP[:200])
    assert (found.low, found.high) == (found.known, found.known)
    assert (found.outer_low, found.outer_high) == pytest.approx(newcombe(60, 100, 30, 100))
    assert found.undefined["p_value"] == "nobody's group is unknown"
    assert found.n_unknown == "0"
    texts(found)


@pytest.mark.parametrize(
    ("decided", "groups"),
    [([], []), ([1], ["A"]), ([1, 0], [None, None]), ([1] * 50, ["A"] * 50), ([0] * 50, ["A"] * 25 + ["B"] * 25)],
)
def test_degenerate(decided: list[int], groups: list[str | None]) -> None:
    found = unknown_bounds(y_pred=decided, sensitive_features=groups)
    assert found.highest is None
    assert "no difference is bounded" in found.summary()
    texts(found)


def test_any_column_missing_is_unknown() -> None:
    frame = pd.DataFrame({"sex": GROUP, "region": ["N"] * 239 + [None]}, index=[7] * 240)
    found = unknown_bounds(y_pred=DECIDED, sensitive_features=frame)
    assert found.columns == ("sex", "region")
    assert found.n_unknown == "40"
    assert found.highest == "A · N"


@pytest.mark.parametrize(
    "kind", [np.array, pl.Series, pa.array, lambda values: pd.Series(values, index=[0] * len(values))]
)
def test_kinds_of_arrays(kind: Any) -> None:
    groups = kind(GROUP) if kind is not np.array else np.array(GROUP, dtype=object)
    found = unknown_bounds(y_pred=kind(DECIDED), sensitive_features=groups)
    assert found.to_dict() == found_for().to_dict()


def test_text_decisions() -> None:
    found = found_for(y_pred=["yes" if each else "no" for each in DECIDED], pos_label="yes")
    assert found.low == found_for().low


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"metric": "recall"}, RiskscopeError, "metric is 'recall'; it must be one of 'selection_rate'"),
        ({"metric": "precision"}, RoleError, "hand over y_true"),
        ({"y_pred": [0.1, 0.2, 0.3] * 80}, FrameError, "audit_scores"),
        ({"y_pred": ["Xyzzy", "b"] * 120}, RoleError, "pos_label"),
        ({"y_pred": [*DECIDED[:-1], None]}, FrameError, "y_pred is missing in 1 of 240 records, the first at row 239"),
        ({"y_pred": DECIDED[:-1]}, FrameError, "hand over one value a record"),
        ({"probability": np.ones((240, 3)) / 3}, FrameError, "2 groups are known"),
        ({"probability": np.ones((240, 2))}, FrameError, "no chance in 240 of 240"),
        ({"probability": np.ones((2, 2)) / 2}, FrameError, "probability has 2 values"),
        ({"probability": pd.DataFrame({"A": np.ones(240)})}, RoleError, "no column for 1 of the groups"),
        (
            {"probability": np.ones((240, 2)) / 2, "metric": "precision", "y_true": DECIDED},
            RoleError,
            "probability goes with the metrics",
        ),
    ],
)
def test_errors(options: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        found_for(**options)
    assert "Xyzzy" not in str(caught.value)


def test_the_truth_lies_within() -> None:
    """People whose group is hidden by chance, or because of the decision: the bounds hold the difference either way."""
    rng = np.random.default_rng(5)
    for related in (False, True):
        group = rng.choice(["A", "B", "C"], 3000)
        decided = (rng.random(3000) < np.where(group == "A", 0.6, 0.4)).astype(int)
        lost = rng.random(3000) < np.where(decided == 1, 0.3, 0.1 if related else 0.3)
        found = unknown_bounds(y_pred=decided, sensitive_features=np.where(lost, None, group))
        truth = decided[group == found.highest].mean() - decided[group == found.lowest].mean()
        assert found.low <= truth <= found.high
        assert (found.p_value < 0.001) == related
