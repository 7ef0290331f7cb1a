"""Unordered profiles audited: worked example, twin, what is judged, what is not shown, what is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from naive import profiles as twin
from riskscope.errors import CellLimitError, FrameError, RiskscopeError, RoleError
from riskscope.fairness.profiles import counts as profile_counts
from riskscope.fairness.profiles.audit import ProfileAudit, audit_profiles, profile_audit_of
from riskscope.fairness.testing import CANNOT_TELL, DISPARITY, NO_LARGER, gap_interval
from riskscope.intervals import newcombe, wilson

CLOSE = 1e-9
PEOPLE = st.lists(
    st.tuples(st.sampled_from(["F", "M", None]), st.sampled_from(["golf", "opera", "chess", None])),
    min_size=1,
    max_size=60,
)


def of_table(table: dict[str, list[int]], segments: str = "xyz", **options: Any) -> ProfileAudit:
    return profile_audit_of(np.array(list(table.values())), list(table), list(segments[: len(table["A"])]), **options)


def people_of(table: dict[str, dict[str, int]]) -> tuple[list[str], list[str]]:
    rows = [(group, segment) for group, row in table.items() for segment, n in row.items() for _ in range(n)]
    return [group for group, _segment in rows], [segment for _group, segment in rows]


def test_g3() -> None:
    """FORMULAS G3 through the audit; 5 people are below the least cell, 1 is not."""
    audit = of_table({"A": [10, 20, 10], "B": [10, 5, 5]}, min_cell=1, min_group=1)
    assert (audit.chi2, audit.df, audit.p_chi2) == (pytest.approx(4.5), 2, pytest.approx(0.105399, abs=5e-7))
    assert (audit.g, audit.p_g) == pytest.approx((4.540267, 0.103298), abs=5e-7)
    assert (audit.cramers_v, audit.cramers_v_corrected) == pytest.approx((0.273861, 0.204476), abs=5e-7)
    assert (audit.total_variation, audit.mutual_information) == pytest.approx((0.25, 0.0378356), abs=5e-7)
    assert audit.distances["total_variation"].tolist() == pytest.approx([0.25, 0.083333, 0.166667], abs=5e-7)
    assert audit.by_segment["share_of_chi2"].sum() == pytest.approx(1)
    assert (audit.segment, audit.highest, audit.lowest, audit.gap) == ("x", "B", "A", 0.25)
    assert audit.verdict == CANNOT_TELL


@given(PEOPLE)
def test_twin(people: list[tuple[str | None, str | None]]) -> None:
    groups, segments = ([each or "unknown" for each in column] for column in zip(*people, strict=True))
    options: dict[str, Any] = {"min_group": 1, "min_cell": 1, "n_permutations": 99}
    audit = audit_profiles(y_pred=[s for _g, s in people], sensitive_features=[g for g, _s in people], **options)
    expected = twin.counted(groups, segments)
    of_group, of_segment = twin.totals(expected, 0), twin.totals(expected, 1)
    assert audit.by_cell["people"].to_dict() == expected
    strength = audit.tested.strength
    for name in ("chi2", "g", "cramers_v", "cramers_v_corrected", "mutual_information"):
        assert getattr(strength, name) == pytest.approx(getattr(twin, name)(expected), abs=1e-7, nan_ok=True), name
    for (group, segment), row in audit.by_cell.iterrows():
        n = expected[group, segment]
        assert row["share_of_group"] == pytest.approx(n / of_group[group])
        assert row["share_of_segment"] == pytest.approx(n / of_segment[segment])
        assert row["expected"] == pytest.approx(twin.expected(expected)[group, segment])
        assert row["residual"] == pytest.approx(twin.residual(expected, (group, segment)), nan_ok=True)
        low, high = wilson(n, of_group[group])
        assert (row["share_of_group_low"], row["share_of_group_high"]) == pytest.approx((float(low), float(high)))
    for segment, row in audit.by_segment.iterrows():
        shares = [twin.shares(expected, group)[segment] for group in of_group]
        if len(shares) > 1:
            assert row["gap"] == pytest.approx(max(shares) - min(shares), abs=CLOSE)
            assert row["ratio"] == pytest.approx(min(shares) / max(shares), abs=CLOSE)
    for each in audit.distances.itertuples():
        if each.second == "everybody":
            assert each.total_variation == pytest.approx(twin.to_pooled(expected, each.first), abs=CLOSE)
        else:
            found = twin.total_variation(expected, each.first, each.second)
            assert each.total_variation == pytest.approx(found, abs=CLOSE)
            assert each.jensen_shannon == pytest.approx(
                twin.jensen_shannon(expected, each.first, each.second), abs=CLOSE
            )


def test_the_sentence_for_a_person() -> None:
    audit = of_table({"A": [60, 40], "B": [30, 70]}, reference="B")
    assert audit.sentences()[0] == (
        "Of 100 people in 'A' (100) 60.0 are called 'x', of 100 in 'B' (100) 30.0: a gap of 30.0 points (16.3 to 42.2)."
    )
    assert len(audit.sentences()[0].split()) <= 35
    assert "does not show whether the profile is right about a person" in audit.summary()
    assert audit.verdict == DISPARITY
    low, high = newcombe(60, 100, 30, 100)
    row = audit.by_cell.loc["A", "x"]
    assert (row["to_reference"], row["to_reference_low"], row["to_reference_high"]) == pytest.approx(
        (0.3, float(low), float(high))
    )
    assert audit.to_dict()["cells"][0]["to_reference"] == pytest.approx(0.3)


def test_three_verdicts() -> None:
    assert of_table({"A": [3000, 3000, 4000], "B": [3010, 2990, 4000]}).verdict == NO_LARGER
    assert of_table({"A": [30, 30, 40], "B": [33, 28, 39]}).verdict == CANNOT_TELL
    small = of_table({"A": [30000, 30000, 40000], "B": [31000, 29500, 39500]})
    assert small.verdict == DISPARITY
    assert "It is small" in small.summary()
    assert small.tables()[0][2][0][-1] == "disparity found, small (within the margin)"
    driving = next(rows for caption, _header, rows in small.tables() if caption.startswith("Groups in segments"))
    assert [row[:2] for row in driving] == [("B", "x"), ("A", "y")]


def test_which_segment_drives_it() -> None:
    table = {group: [40, 40, 40, 40] for group in "ABC"} | {"A": [40, 40, 100, 40]}
    audit = profile_audit_of(list(table.values()), list("ABC"), ["w", "x", "y", "z"])
    assert audit.by_segment["share_of_chi2"].idxmax() == "y"
    assert audit.by_segment.loc["y", "verdict"] == DISPARITY
    assert audit.by_cell["p"].idxmin() == ("A", "y")
    driving = next(rows for caption, _header, rows in audit.tables() if caption.startswith("Groups in segments"))
    assert driving[0][:3] == ("A", "y", "100")
    assert "Segments that drive it: 'y'" in audit.summary()


def test_intervals_hold_for_all_segments() -> None:
    table = np.array([[50, 60, 90], [70, 80, 50]])
    audit = profile_audit_of(table, ["A", "B"], ["x", "y", "z"])
    expected = gap_interval(table[:, 2], table.sum(axis=1), level=1 - 0.05 / 3)
    assert (audit.gap, audit.gap_low, audit.gap_high) == pytest.approx((expected.gap, expected.low, expected.high))
    two = profile_audit_of(table[:, :2], ["A", "B"], ["x", "y"])
    expected = gap_interval(table[:, 0], table[:, :2].sum(axis=1), level=0.95)
    assert (two.gap_low, two.gap_high) == pytest.approx((expected.low, expected.high))


def test_one_false_alarm_in_twenty() -> None:
    """Ten unequal groups, rare segments, no bias: table and segments together."""
    draw = np.random.default_rng(8)
    sizes = [20, 30, 40, 60, 100, 200, 400, 1000, 2000, 5000]
    alarms = 0
    for _ in range(200):
        table = [draw.multinomial(n, [0.6, 0.25, 0.1, 0.04, 0.01]) for n in sizes]
        audit = profile_audit_of(table, list("ABCDEFGHIJ"), list("vwxyz"), n_permutations=199, rng=draw)
        alarms += audit.verdict == DISPARITY or (audit.by_segment["verdict"] == DISPARITY).any()
    assert 1 <= alarms <= 22  # binomial(200, .05) leaves it with a chance below 1e-3


def test_small_groups_and_segments_are_kept_and_not_judged() -> None:
    table = {"A": [50, 60, 2], "B": [70, 40, 3], "C": [4, 1, 0]}
    audit = of_table(table)
    alone = of_table({"A": [50, 60, 2], "B": [70, 40, 3]})
    assert (audit.n_groups, audit.n_judged, audit.n_segments, audit.n_segments_judged) == (3, 2, 3, 2)
    assert audit.by_cell.loc["C", "people"].tolist() == [4, 1, 0]
    assert audit.by_cell.loc["C", "residual"].isna().all()
    assert audit.by_segment.index.tolist() == ["x", "y"]
    assert audit.tested.cells.tolist() == [[50, 60, 2], [70, 40, 3]]
    assert (audit.tested.p_value, audit.verdict) == (alone.tested.p_value, alone.verdict)
    assert audit.too_small == "<10"
    assert of_table({**table, "D": [9, 0, 0]}).too_small == "14"


def texts(audit: ProfileAudit) -> str:
    found = [audit.summary(), repr(audit), audit._repr_html_(), json.dumps(audit.to_dict()), str(audit.tables())]
    found.append(str(audit.to_frame().to_numpy().tolist()))
    if audit.has_picture:
        axes = audit.plot()
        found += [each.get_text() for each in axes.figure.findobj(Text)]
        plt.close(axes.figure)
    return " ".join(found)


def test_nothing_small_is_named() -> None:
    sex, interest = people_of(
        {
            "F": {"golf": 200, "opera": 150, "Xyzzy": 2},
            "M": {"golf": 120, "opera": 190, "Xyzzy": 1},
            "Quetzal": {"golf": 3, "opera": 1},
        }
    )
    audit = audit_profiles(y_pred=interest, sensitive_features=sex)
    assert "Quetzal" in audit.by_cell.index.get_level_values(0)
    for name in ("Xyzzy", "Quetzal"):
        assert name not in texts(audit)
    assert audit.verdict == DISPARITY


def test_few_people_are_counted_with_the_largest_group() -> None:
    """352 + 311 + 4 = 667: with two exact sizes and the total, the 4 would be told."""
    table = {"A": [200, 152], "B": [120, 191]}
    exact, joined = of_table(table), of_table({**table, "C": [3, 1]})
    assert exact.view.joined is None
    assert joined.view.joined == "A"
    assert joined.verdict == exact.verdict == DISPARITY
    found = joined.to_dict()
    alike = of_table({"A": [203, 153], "B": [120, 191]}).to_dict()
    assert [each["people"] for each in found["cells"]] == [203, 153, 120, 191]
    for name in ("gap", "gap_low", "gap_high", "total_variation", "highest", "lowest"):
        assert found[name] == alike[name]
    for cell, other in zip(found["cells"], alike["cells"], strict=True):
        for name in ("share_of_group", "share_of_group_low", "share_of_segment", "share_of_segment_high", "expected"):
            assert cell[name] == other[name]
    assert joined.chi2 == float(f"{exact.chi2:.1e}")
    assert joined.by_cell["people"].tolist() == [200, 152, 120, 191, 3, 1]
    assert "352" not in texts(joined)
    assert "Fewer than 10 people of small groups are counted with the largest group, 'A'" in joined.summary()
    many = of_table({**table, "C": [3, 1], "D": [4, 5]})
    assert many.view.groups == ("A", "B", "smaller groups, together")
    assert many.view.joined is None


def test_weights_of_few_people_are_counted_with_the_largest_group() -> None:
    draw = np.random.default_rng(6)
    sex = ["F"] * 200 + ["M"] * 150 + ["X"] * 4
    interest = draw.choice(["golf", "tea"], len(sex)).tolist()
    options: dict[str, Any] = {"y_pred": interest, "sample_weight": draw.exponential(size=len(sex))}
    found = audit_profiles(sensitive_features=sex, **options)
    alike = audit_profiles(sensitive_features=[each.replace("X", "F") for each in sex], **options)
    assert found.view.joined == "F"
    for cell, other in zip(found.to_dict()["cells"], alike.to_dict()["cells"], strict=True):
        for name in ("people", "share_of_group", "share_of_group_high", "share_of_segment", "share_of_segment_low"):
            assert cell[name] == pytest.approx(other[name])


def test_few_people_are_counted_with_the_largest_group_in_recall() -> None:
    cells = np.array([[[90, 20], [60, 40], [2, 0]], [[20, 80], [40, 60], [0, 1]]])
    options: dict[str, Any] = {"truths": ["x", "y"]}
    found = profile_audit_of(cells, ["A", "B", "C"], ["x", "y"], **options)
    alike = profile_audit_of([[[92, 20], [60, 40]], [[20, 81], [40, 60]]], ["A", "B"], ["x", "y"], **options)
    for name in ("groups", "gap", "low", "high"):
        assert [each[name] for each in found.to_dict()["recall"]] == [each[name] for each in alike.to_dict()["recall"]]
    assert found.by_truth["people"].tolist() == [110, 100, 2, 100, 100, 1]


def test_figures_of_the_whole_are_rounded_where_a_judged_group_is_not_named() -> None:
    """A group of 12 is judged, and shown under no name of its own where 20 people are asked for."""
    audit = of_table({"A": [200, 152], "B": [120, 191], "C": [7, 5], "D": [9, 6]}, min_cell=20)
    assert audit.view.groups == ("A", "B", "smaller groups, together")
    assert not audit.view.is_whole
    assert audit.chi2 == float(f"{audit.tested.strength.chi2:.1e}") != audit.tested.strength.chi2


def test_cannot_tell_says_that_chance_suffices_and_what_is_not_excluded() -> None:
    audit = of_table({"A": [30, 30, 40], "B": [33, 28, 39]})
    largest = 100 * audit.by_segment["high"].max()
    assert f"chance alone suffices to explain these differences (p {audit.p_value:.4g})" in audit.sentences()[1]
    assert f"a gap of up to {largest:.1f} points in some segment is not excluded" in audit.sentences()[1]
    assert "margin of 5.0 points" in audit.sentences()[1]


def test_no_shown_cell_tells_of_few() -> None:
    """Over random tables: no count below min_cell, and in no row or column is a single cell held back."""
    draw = np.random.default_rng(7)
    for _ in range(60):
        table = draw.poisson(draw.choice([2, 9, 30, 60], (5, 6)))
        audit = profile_audit_of(table, list("ABCDE"), list("uvwxyz"), n_permutations=99)
        view = audit.view
        assert (view.people[view.shown] >= 10).all()
        for lines, seen in ((view.people, view.shown), (view.people.T, view.shown.T)):
            for line, mask in zip(lines, seen, strict=True):
                assert mask.all() or not mask.any() or ((~mask).sum() > 1 and line[~mask].sum() >= 10)
        shown = {(each["group"], each["segment"]): each for each in audit.to_dict()["cells"]}
        for (row, column), is_shown in np.ndenumerate(view.shown):
            each = shown[view.groups[row], view.segments[column]]
            assert (each["share_of_group"] is not None) == is_shown
            assert each["people"] is None or each["people"] >= 10
        json.dumps(audit.to_dict())
        audit.tables()


def test_a_gap_is_told_of_groups_that_are_shown() -> None:
    audit = of_table({"A": [200, 100, 60], "B": [150, 150, 70], "D": [99, 50, 50], "C": [1, 40, 30]})
    exact = audit.by_segment.loc["x"]
    assert exact["lowest"] == "C"
    shown = next(each for each in audit.to_dict()["segments"] if each["segment"] == "x")
    assert (shown["highest"], shown["lowest"]) == ("A", "B")


def test_true_classes() -> None:
    """The profile is right for 90 of 100 of A and 60 of 100 of B, whatever their true class."""
    cells = np.array([[[90, 10], [60, 40]], [[10, 90], [40, 60]]])
    audit = profile_audit_of(cells, ["A", "B"], ["x", "y"], truths=["x", "y"])
    assert audit.verdict != DISPARITY
    assert audit.gap == 0
    assert audit.by_truth["recall"].tolist() == [0.9, 0.6, 0.9, 0.6]
    assert [each.verdict for each in audit.recalls] == [DISPARITY, DISPARITY]
    assert audit.p_within_truth < 1e-6
    assert "People truly of these classes" in audit.summary()
    recall = audit.to_dict()["recall"][0]
    assert (recall["highest"], recall["gap"]) == ("A", pytest.approx(0.3))
    assert any("true" in caption or "truly" in caption for caption, _header, _rows in audit.tables())


def test_a_missing_true_class_is_counted_and_left_out() -> None:
    truth = ["x"] * 30 + ["y"] * 30 + [None] * 20
    audit = audit_profiles(y_pred=["x", "y"] * 40, sensitive_features=list("AABB") * 20, y_true=truth)
    assert audit.counts.n_without_truth == 20
    assert sorted(set(audit.by_truth["truth"])) == ["x", "y"]
    assert "20 records have no known true class" in audit.summary()
    assert audit_profiles(y_pred=["x", "y"] * 40, sensitive_features=list("AABB") * 20).p_within_truth is None


def test_no_true_class_is_known() -> None:
    audit = audit_profiles(
        y_pred=["x", "y"] * 40, sensitive_features=list("AABB") * 20, y_true=pd.Series([None] * 80, dtype=object)
    )
    assert audit.recalls == ()
    assert audit.by_truth.empty
    assert audit.undefined["p_within_truth"] == "no true class has two groups and two segments"
    texts(audit)


def test_a_true_class_that_is_never_inferred_has_no_recall() -> None:
    audit = audit_profiles(y_pred=["x", "y"] * 40, sensitive_features=list("AABB") * 20, y_true=["z"] * 40 + ["x"] * 40)
    assert audit.by_truth.set_index(["truth", "group"])["recall"]["z"].tolist() == [0, 0]


def test_a_rare_true_class_is_not_shown() -> None:
    cells = np.array([[[90, 10], [60, 40]], [[10, 90], [40, 60]], [[1, 0], [0, 3]]])
    audit = profile_audit_of(cells, ["A", "B"], ["x", "y"], truths=["x", "y", "Xyzzy"])
    assert "Xyzzy" in set(audit.by_truth["truth"])
    assert not math.isfinite(audit.recalls[2].p)
    assert "Xyzzy" not in texts(audit)


def test_small_cells_of_recall_are_not_shown() -> None:
    cells = np.array([[[90, 3], [60, 40], [70, 30]], [[10, 90], [40, 60], [30, 70]]])
    audit = profile_audit_of(cells, ["A", "B", "C"], ["x", "y"], truths=["x", "y"])
    told = {each["group"]: each["recall"] for each in audit.to_dict()["recall"][0]["groups"]}
    assert told["A"] is None
    assert list(told.values()).count(None) >= 2


def test_equal_weights_change_no_interval_and_unequal_ones_do() -> None:
    sex, interest = people_of({"F": {"golf": 60, "opera": 80, "tea": 60}, "M": {"golf": 90, "opera": 60, "tea": 50}})
    plain = audit_profiles(y_pred=interest, sensitive_features=sex)
    twos = audit_profiles(y_pred=interest, sensitive_features=sex, sample_weight=[2.0] * len(sex))
    assert (twos.gap, twos.gap_low, twos.gap_high) == pytest.approx((plain.gap, plain.gap_low, plain.gap_high))
    assert (twos.cramers_v, twos.cramers_v_corrected) == pytest.approx((plain.cramers_v, plain.cramers_v_corrected))
    assert twos.p_value == pytest.approx(plain.p_value, abs=0.02)
    assert math.isnan(twos.chi2)
    assert twos.undefined["chi2"] == "records have weights"
    assert twos.verdict == plain.verdict
    weights = np.random.default_rng(1).exponential(size=len(sex))
    uneven = audit_profiles(y_pred=interest, sensitive_features=sex, sample_weight=weights, y_true=interest)
    women = np.array(sex) == "F"
    share = weights[women & (np.array(interest) == "golf")].sum() / weights[women].sum()
    assert uneven.by_cell.loc[("F", "golf"), "share_of_group"] == pytest.approx(share)
    assert uneven.gap_high - uneven.gap_low > plain.gap_high - plain.gap_low
    assert uneven.by_truth["recall"].tolist() == [1.0] * 6
    texts(uneven)


def test_two_weighted_segments_are_one_test() -> None:
    audit = audit_profiles(y_pred=["x", "y"] * 40, sensitive_features=list("AABB") * 20, sample_weight=[1.0] * 80)
    assert len(set(audit.by_cell["p"])) == 1
    assert audit.p_value == 1


@pytest.mark.parametrize(
    ("y_pred", "error", "message"),
    [
        ([0, 1] * 20, FrameError, "y_pred is 0 or 1: a decision. Audit it with audit_decisions"),
        ([1.0, None] * 20, FrameError, "audit_decisions"),
        ([True, False] * 20, FrameError, "y_pred is true or false: a decision. Audit it with audit_decisions"),
        (
            np.linspace(0, 1, 40),
            FrameError,
            "40 distinct values: a score, whose order counts. Audit it with audit_scor",
        ),
        ([0.5, 1.5] * 20, FrameError, "audit_scores"),
        (list(range(51)), FrameError, "51 distinct values"),
        (pd.DataFrame({"a": [1], "b": [2]}), FrameError, "y_pred has 2 columns"),
        (["x"] * 39, FrameError, "y_pred has 39 values"),
    ],
)
def test_what_is_no_profile(y_pred: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        audit_profiles(y_pred=y_pred, sensitive_features=["A"] * max(40, len(y_pred)))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"reference": "Xyzzy"}, RoleError, "reference is none of the 2 groups"),
        ({"margin": 2}, RiskscopeError, "margin is 2"),
        ({"level": 1}, RiskscopeError, "level is 1"),
        ({"min_group": 0}, RiskscopeError, "min_group is 0"),
        ({"min_cell": 0}, RiskscopeError, "min_cell is 0"),
        ({"n_permutations": 5}, RiskscopeError, "n_permutations is 5"),
        ({"sample_weight": [-1.0] * 40}, FrameError, "sample_weight is negative"),
        ({"y_true": np.linspace(0, 1, 40)}, FrameError, "y_true is a number with 40 distinct values"),
    ],
)
def test_errors(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        audit_profiles(y_pred=["golf", "tea"] * 20, sensitive_features=["A", "B"] * 20, **options)
    assert "Xyzzy" not in str(caught.value)


def test_tables_of_the_wrong_shape_and_too_many_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FrameError, match="counts is a table of 1 x 2 x 2"):
        profile_audit_of([[1, 2], [3, 4]], ["A"], ["x", "y"])
    with pytest.raises(FrameError, match="counts is a table"):
        profile_audit_of([[1, -2]], ["A"], ["x", "y"])
    monkeypatch.setattr(profile_counts, "MOST_CELLS", 3)
    with pytest.raises(CellLimitError, match="2 groups in 2 segments"):
        audit_profiles(y_pred=["x", "y"], sensitive_features=["A", "B"])


def test_numbers_of_segments_pass() -> None:
    audit = audit_profiles(y_pred=[1, 2, 3, 4] * 20, sensitive_features=["A", "B"] * 40)
    assert audit.counts.segments == ("1", "2", "3", "4")
    assert audit_profiles(y_pred=[1.0, 2.0, None, 4.0] * 20, sensitive_features=["A", "B"] * 40).n_segments == 4


@pytest.mark.parametrize(
    ("y_pred", "groups", "reason"),
    [
        ([], [], "there are no records"),
        (["x"], ["A"], "fewer than two groups have enough people"),
        (["x"] * 40, ["A"] * 40, "fewer than two groups have enough people"),
        (["x", "y"] * 20, [None] * 40, "fewer than two groups have enough people"),
        (["x"] * 40, ["A", "B"] * 20, "everybody is in one segment, or all segments are small"),
        ([None] * 40, ["A", "B"] * 20, "everybody is in one segment, or all segments are small"),
        ([f"s{at}" for at in range(40)], ["A", "B"] * 20, "everybody is in one segment, or all segments are small"),
    ],
)
def test_nothing_to_compare(y_pred: list[Any], groups: list[Any], reason: str) -> None:
    audit = audit_profiles(y_pred=pd.Series(y_pred, dtype=object), sensitive_features=pd.Series(groups, dtype=object))
    assert math.isnan(audit.p_value)
    assert audit.undefined["p_value"] == reason
    assert audit.verdict == CANNOT_TELL
    texts(audit)
    assert len(audit.by_cell) == audit.n_groups * audit.n_segments


def test_one_segment_leaves_nothing_to_tell() -> None:
    audit = audit_profiles(y_pred=["x"] * 4000, sensitive_features=["A", "B"] * 2000)
    assert audit.verdict == CANNOT_TELL


def test_missing_values_and_intersections() -> None:
    frame = pd.DataFrame({"sex": ["F", "M", None, "M"] * 20, "old": [True, False] * 40})
    audit = audit_profiles(y_pred=["x", "y", None, "x"] * 20, sensitive_features=frame)
    assert audit.counts.groups == ("F · True", "M · False", "unknown · True")
    assert audit.counts.segments == ("x", "y", "unknown")
    assert audit.counts.columns == ("sex", "old")
    assert audit.n_records == 80


@pytest.mark.parametrize(
    "kind",
    [
        list,
        np.array,
        pd.Series,
        pl.Series,
        pa.array,
        lambda values: pa.chunked_array([values[:50], values[50:]]),
        lambda values: pd.Series(values, index=[0] * len(values)),
        lambda values: pd.Series(pd.Categorical(values)),
        lambda values: pd.DataFrame({"column": values}),
        lambda values: pl.DataFrame({"column": values}),
    ],
)
def test_kinds_of_arrays(kind: Callable[[list[Any]], Any]) -> None:
    interest, sex = ["golf", "tea", "golf", "opera"] * 40, list("FFMMM") * 32
    expected = audit_profiles(y_pred=interest, sensitive_features=sex).to_dict()
    found = audit_profiles(y_pred=kind(interest), sensitive_features=kind(sex)).to_dict()
    assert {**found, "columns": expected["columns"]} == expected


def test_from_counts_is_from_records() -> None:
    draw = np.random.default_rng(2)
    sex, interest, truth = (draw.choice(list(letters), 500).tolist() for letters in ("FM", "xyz", "xyz"))
    by_record = audit_profiles(y_pred=interest, sensitive_features=pd.Series(sex, name="sex"), y_true=truth)
    cells = pd.crosstab([truth, sex], interest).to_numpy().reshape(3, 2, 3)
    by_count = profile_audit_of(cells, ["F", "M"], list("xyz"), columns=["sex"], truths=list("xyz"))
    assert by_count.to_dict() == by_record.to_dict()


def test_the_order_of_records_plays_no_part_and_the_seed_is_given() -> None:
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({"s": draw.choice(list("vwxyz"), 300), "g": draw.choice(list("ABC"), 300)})
    mixed = frame.sample(frac=1, random_state=1)
    one, other = (audit_profiles(y_pred=each["s"], sensitive_features=each["g"], rng=5) for each in (frame, mixed))
    assert one.to_dict() == other.to_dict()
    assert one.seed == "5"
    by_generator = audit_profiles(y_pred=frame["s"], sensitive_features=frame["g"], rng=np.random.default_rng(5))
    assert by_generator.seed == "that of the generator given"
    assert by_generator.p_value == one.p_value


def test_picture() -> None:
    audit = of_table({"A": [200, 100, 60], "B": [150, 150, 70], "C": [1, 40, 30]})
    axes = audit.plot()
    hatched = [each for each in axes.patches if isinstance(each, Rectangle) and each.get_hatch()]
    assert len(hatched) == int((~audit.view.shown).sum())
    assert {each.get_text() for each in axes.texts} == {
        f"{100 * each['share_of_group']:.1f} %"
        for each in audit.to_dict()["cells"]
        if each["share_of_group"] is not None
    }
    plt.close(axes.figure)
    assert not audit_profiles(y_pred=["x"], sensitive_features=["A"]).has_picture


def test_many_groups_and_segments_fit() -> None:
    draw = np.random.default_rng(4)
    audit = profile_audit_of(
        draw.integers(10, 60, (14, 30)),
        [f"g{at}" for at in range(14)],
        [f"s{at}" for at in range(30)],
        n_permutations=99,
    )
    shares = next(each for each in audit.tables() if each[0].startswith("Of each group"))
    assert (len(shares[1]), len(shares[2])) == (8, 25)
    some = "the 7 largest of 14 groups, of 30 segments the 25 that differ most"
    assert some in shares[0]
    axes = audit.plot()
    assert axes.images[0].get_array().shape == (25, 7)
    assert some in axes.get_xlabel()
    plt.close(axes.figure)


def test_many_groups_go_down_and_long_names_stay_apart() -> None:
    groups = [f"a rather long name of a group that ends in {at}" for at in range(30)]
    table = np.random.default_rng(5).integers(20, 90, (30, 3))
    audit = profile_audit_of(table, groups, ["golf", "tea", "opera"], n_permutations=99)
    shares = next(each for each in audit.tables() if each[0].startswith("Of each group"))
    assert (len(shares[1]), len(shares[2])) == (4, 25)
    axes = audit.plot()
    assert axes.images[0].get_array().shape == (25, 3)
    labels = [each.get_text() for each in axes.get_yticklabels()]
    assert len(set(labels)) == 25
    assert max(map(len, labels)) <= 26
    plt.close(axes.figure)
    assert max(len(header) for _caption, header, _rows in audit.tables()) <= 8
