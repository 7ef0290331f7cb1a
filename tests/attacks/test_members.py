"""Membership: worked examples, twins, releases built to fall and to hold."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive import membership as naive
from riskscope.attacks import nearness
from riskscope.attacks.attack import BETTER, CANNOT_TELL, NO_BETTER
from riskscope.attacks.members.attack import closest, membership
from riskscope.attacks.members.measures import (
    advantage,
    area,
    catches_at,
    caught_share,
    chance_of_scores,
    curve,
    least_false_alarms,
)
from riskscope.attacks.nearness import mixed, smallest_distances
from riskscope.errors import FrameError, RoleError

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
CLOSE = 1e-9  # sums of a few dozen numbers of order one
SCORES = st.lists(st.integers(0, 6).map(float), min_size=2, max_size=12)


def people(n: int, rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, n),
            "sex": rng.choice(["F", "M"], n),
            "income": np.round(np.exp(rng.normal(size=n)) * 1000),
            "zip": rng.integers(0, 40, n).astype(str),
        }
    )


def test_worked_example_of_the_formula_sheet() -> None:
    members, others = [0.9, 0.8, 0.4], [0.7, 0.3, 0.2]
    assert area(members, others).auc == pytest.approx(8 / 9)
    assert advantage(members, others) == pytest.approx(2 / 3)


def test_closest_records_of_the_formula_sheet() -> None:
    (synthetic, real), _as_text = mixed([pd.DataFrame({"x": [1, 4, 10]}), pd.DataFrame({"x": [0, 2, 3, 9, 20]})], ["x"])
    dcr, nndr = closest(smallest_distances(synthetic, real, 2))
    assert (dcr * 20).tolist() == pytest.approx([1, 1, 1])
    assert nndr.tolist() == pytest.approx([1, 0.5, 1 / 7])


@given(SCORES, SCORES)
@settings(deadline=None)
def test_area_and_advantage_are_those_of_every_pair_and_threshold(members: list[float], others: list[float]) -> None:
    found = area(members, others)
    assert found.auc == pytest.approx(naive.auc(members, others), abs=CLOSE)
    assert advantage(members, others) == pytest.approx(naive.advantage(members, others), abs=CLOSE)
    if 0 < found.auc < 1:
        half = 1.959964 * math.sqrt(naive.delong(members, others))
        assert found.low == pytest.approx(max(0, found.auc - half), abs=1e-6)
        assert found.high == pytest.approx(min(1, found.auc + half), abs=1e-6)
    false_alarms, catches = curve(members, others)
    assert (np.diff(false_alarms) >= 0).all()
    assert np.trapezoid(catches, false_alarms) == pytest.approx(found.auc, abs=CLOSE)


@given(SCORES, SCORES, st.sampled_from([0.1, 0.25, 0.5, 1.0]))
@settings(deadline=None)
def test_catches_are_those_of_calling_others_one_by_one(
    members: list[float], others: list[float], false_alarms: float
) -> None:
    found = catches_at(members, others, false_alarms)
    assert found.others.sum() == pytest.approx(false_alarms * len(others))
    assert found.members.sum() == pytest.approx(naive.caught(members, others, false_alarms), abs=CLOSE)
    least = [naive.least_false_alarms(score, others) for score in members]
    assert least_false_alarms(members, others).tolist() == pytest.approx(least)


def test_people_caught_in_part_widen_the_bounds() -> None:
    share, low, high = caught_share(np.array([1, 1, 0.5, 0, 0, 0, 0, 0, 0, 0.0]))
    assert share == 0.25
    assert low == pytest.approx(caught_share(np.array([1.0] * 2 + [0.0] * 8))[1])
    assert high == pytest.approx(caught_share(np.array([1.0] * 3 + [0.0] * 7))[2])


def test_a_perfect_area_still_has_a_width() -> None:
    found = area([3.0, 4.0], [1.0, 2.0, 0.0])
    assert found.auc == 1 == found.high
    assert found.low == pytest.approx(0.025 ** (1 / 2))


VALUES = st.tuples(
    st.one_of(st.none(), st.integers(0, 5)), st.sampled_from(["a", "b", None]), st.one_of(st.none(), st.floats(-2, 2))
)


@given(st.lists(VALUES, min_size=1, max_size=8), st.lists(VALUES, min_size=1, max_size=12), st.integers(1, 3))
@settings(deadline=None, max_examples=60)
def test_distances_are_those_of_every_pair_on_both_paths(
    queries: list[tuple[Any, ...]], records: list[tuple[Any, ...]], k: int
) -> None:
    ranges = naive.ranges_of([*queries, *records], 3)
    expected = [naive.smallest(query, records, ranges, k) for query in queries]
    types = pa.schema([("x", pa.int64()), ("y", pa.string()), ("z", pa.float64())])
    tables = [
        pa.Table.from_pylist([dict(zip("xyz", row, strict=True)) for row in rows], schema=types)
        for rows in (queries, records)
    ]
    (ours, theirs), as_text = mixed(tables, list("xyz"))
    assert as_text == []
    assert smallest_distances(ours, theirs, k) == pytest.approx(np.array(expected), abs=CLOSE)
    compiled = nearness._compiled(ours, theirs, k, None, "") / 3
    assert compiled == pytest.approx(np.array(expected), abs=CLOSE)


def test_many_records_and_leaves_give_the_same_on_both_paths() -> None:
    rng = np.random.default_rng(4)
    tables = [people(300, rng), people(900, rng)]
    tables[1].loc[::7, "income"] = np.nan
    for columns in (["age", "sex", "income", "zip"], ["sex", "zip"], ["income", "age"]):
        (ours, theirs), _as_text = mixed(tables, columns)
        plain, compiled = nearness._plainly(ours, theirs, 4), nearness._compiled(ours, theirs, 4, None, "")
        assert compiled == pytest.approx(plain, abs=CLOSE)


def test_a_copy_falls() -> None:
    rng = np.random.default_rng(1)
    original, holdout = people(300, rng), people(300, rng)
    found = membership(original, original, holdout)
    assert found.verdict == BETTER
    assert found.n_copied == 300
    assert found.n_copied_expected < 5
    assert found.auc > 0.99
    assert found.rate > 0.95
    assert found.hit.mean() == pytest.approx(found.rate)
    assert found.worst.max() < 0.1
    assert found.similarity.share_closer > 0.95


def test_noised_copies_of_one_in_ten_are_seen_at_few_false_alarms() -> None:
    rng = np.random.default_rng(3)
    original, released, holdout = (people(1500, rng) for _table in range(3))
    copied = original.iloc[:150]
    released.iloc[:150] = copied.assign(age=copied["age"] + rng.integers(-1, 2, 150)).to_numpy()
    released = released.infer_objects()
    found = membership(original, released, pd.concat([holdout, people(1500, rng)]), rng=0)
    assert found.false_alarms == 0.01
    assert found.tpr_1 > 0.02
    assert found.tpr_1_low < found.tpr_1 < found.tpr_1_high
    assert np.isnan(found.tpr_01)
    assert "not resolvable" in found.undefined["tpr_01"]
    assert found.verdict == BETTER
    assert np.nanmean(found.hit[:150]) > 4 * np.nanmean(found.hit[150:])


def test_an_independent_release_is_no_better_than_guessing() -> None:
    verdicts = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        found = membership(people(120, rng), people(120, rng), people(140, rng), rng=seed)
        verdicts.append(found.verdict)
    assert 34 <= verdicts.count(NO_BETTER) <= 40  # of 40 at 95 %: outside in less than one run of a hundred


def test_scores_that_have_nothing_to_do_with_membership_are_told_so_in_95_of_100() -> None:
    rng = np.random.default_rng(8)
    for top, levels in ((None, 10), (0.01, 10**6), (0.01, 300)):
        n_better = 0
        for _seed in range(400):
            scores = rng.integers(0, levels, 3000).astype(float)
            n_better += chance_of_scores(scores[:1000], scores[1000:], top) <= 0.05
        assert 8 <= n_better <= 34  # 20 expected, three standard deviations


def test_a_few_people_at_the_top_are_seen_beside_an_area_of_one_half() -> None:
    rng = np.random.default_rng(2)
    members, others = rng.normal(size=1000), rng.normal(size=2000)
    members[:25] = 10
    members[25:] -= 0.06
    assert chance_of_scores(members, others) > 0.05
    assert chance_of_scores(members, others, 0.01) < 0.01


def test_the_release_is_judged_by_the_reference_given() -> None:
    rng = np.random.default_rng(5)
    original, holdout, reference = people(100, rng), people(60, rng), people(90, rng)
    found = membership(original, original, holdout, reference=reference)
    assert (found.n_judged, found.n_reference, found.score) == (60, 90, "density ratio")
    without = membership(original, original, holdout)
    assert (without.n_judged, without.n_reference, without.score) == (60, 0, "nearness")


def test_every_kind_of_frame_gives_the_same() -> None:
    rng = np.random.default_rng(6)
    tables = [people(80, rng) for _table in range(3)]
    expected = membership(*tables).to_dict()
    for turn in (pl.from_pandas, pa.Table.from_pandas, lambda table: table.convert_dtypes()):
        assert membership(*(turn(each) for each in tables)).to_dict() == expected


def test_the_order_of_records_does_not_matter() -> None:
    rng = np.random.default_rng(7)
    original, released, holdout = (people(90, rng) for _table in range(3))
    one = membership(original, released, holdout)
    other = membership(original.iloc[::-1], released.iloc[::-1], holdout.iloc[::-1])
    assert other.auc == pytest.approx(one.auc)
    assert other.hit[::-1] == pytest.approx(one.hit)


def test_people_are_drawn_where_pairs_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskscope.attacks.members.attack.MOST_PAIRS", 50 * 100)
    rng = np.random.default_rng(7)
    found = membership(people(200, rng), people(100, rng), people(90, rng))
    assert found.tried == 50
    assert found.coverage == 0.25
    assert np.isnan(found.hit).sum() == 150
    assert "drawn" in found.summary()


def test_progress_is_told_and_the_kernel_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    calls: list[tuple[str, int, int]] = []
    tables = [people(150, rng) for _table in range(3)]
    expected = membership(*tables)
    monkeypatch.setattr(nearness, "FEW", 0)
    monkeypatch.setattr(nearness, "_STRIDE", 64)
    found = membership(*tables, progress=lambda *call: calls.append(call))
    assert found.to_dict() == expected.to_dict()
    assert ("Distances to the release", 64, 150) in calls
    assert ("Distances to the release", 150, 150) in calls


def test_too_small_a_holdout_cannot_tell() -> None:
    rng = np.random.default_rng(7)
    original = people(50, rng)
    for holdout in (people(5, rng), people(50, rng).iloc[:0]):
        found = membership(original, original, holdout)
        assert found.verdict == CANNOT_TELL
        assert "fewer than 20" in found.summary()
        assert np.isnan(found.rate)
        json.dumps(found.to_dict())


def test_degenerate_tables() -> None:
    rng = np.random.default_rng(7)
    table = people(50, rng)
    for original, released in ((table, table.iloc[:0]), (table.iloc[:0], table), (table.iloc[:1], table.iloc[:1])):
        found = membership(original, released, people(60, rng))
        assert found.summary()
        assert found.tables()
    alike = pd.DataFrame({"x": ["a"] * 50})
    found = membership(alike, alike, alike)
    assert found.auc == 0.5
    assert found.verdict == NO_BETTER
    missing = pd.DataFrame({"x": [None] * 50, "y": [np.nan] * 50})
    assert membership(missing, missing, missing).verdict == NO_BETTER


def test_what_cannot_be_measured_is_said() -> None:
    table = pd.DataFrame({"x": [1.0, 2.0]})
    with pytest.raises(FrameError, match="no column in common"):
        membership(table, table.rename(columns={"x": "y"}), table)
    with pytest.raises(RoleError, match="columns not found: 'z'"):
        membership(table, table, table, columns=["z"])
    with pytest.raises(FrameError, match="Column 'x' holds 1 infinite numbers"):
        membership(table, pd.DataFrame({"x": [np.inf]}), table)


def test_numbers_beside_text_are_compared_as_text_which_is_said() -> None:
    table = pd.DataFrame({"x": range(40)})
    found = membership(table, table.astype(str), table)
    assert "compared as text" in found.summary()
    assert found.n_copied == 40


def test_distances_are_shown_with_their_warning_only() -> None:
    rng = np.random.default_rng(7)
    found = membership(people(60, rng), people(60, rng), people(60, rng))
    captions = [caption for caption, _header, _rows in found.tables()]
    assert "no evidence of anonymity" in captions[1]
    assert "no evidence of anonymity" in found.to_dict()["similarity"]["warning"]
    assert not any("closest" in label for label, _value in found.rows())


def test_the_picture_has_logarithmic_axes_and_both_marks() -> None:
    import matplotlib.pyplot as plt

    rng = np.random.default_rng(7)
    axes = membership(people(60, rng), people(60, rng), people(160, rng)).plot()
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    marks = [line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1]
    assert marks == [0.01, 0.001]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["guessing", "density ratio", "nearness"]
    plt.close("all")


def test_no_value_is_shown() -> None:
    rng = np.random.default_rng(7)
    original = people(60, rng)
    original.loc[3, "zip"] = "Xyzzyville"
    found = membership(original, original, people(60, rng))
    assert "Xyzzy" not in repr(found) + found.summary() + found._repr_html_() + json.dumps(found.to_dict())


@pytest.mark.skipif(not SHARED.exists(), reason="shared data not beside the checkout")
def test_the_pair_of_adults_runs() -> None:
    original, synthetic = (pd.read_csv(SHARED / f"anonymeter_adults_{kind}.csv") for kind in ("ori", "syn"))
    found = membership(original.iloc[:50], synthetic, original.iloc[50:])
    assert found.tried == 50
    assert found.summary()
