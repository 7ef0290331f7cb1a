"""An outcome compared across groups: the sheet's worked example, the twin, chance, intervals, and what is not shown."""

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
from scipy import stats

import riskscope as rs
from naive import outcome as twin
from riskscope.errors import FrameError, RiskscopeError
from riskscope.fairness import OutcomeAudit, audit_outcome
from riskscope.fairness.outcomes import dealing
from riskscope.intervals import holm

CLOSE = 1e-9

RISK = [1 / 3, 1 / 3, 1 / 3, 1 / 2, 1 / 2, 1 / 2, 1 / 2, 1.0]
SEX = list("FFFFFMMM")
CLASS = [1, 1, 1, 2, 2, 3, 3, 4]


def test_t8() -> None:
    """FORMULAS G12, all digits."""
    audit = audit_outcome(RISK, SEX, threshold=0.4, min_cell=1)
    men, women = audit.groups
    assert (women.group, women.mean) == ("F", pytest.approx(0.4, rel=CLOSE))
    assert (men.group, men.mean) == ("M", pytest.approx(0.6666667, rel=1e-6))
    assert audit.gap == pytest.approx(0.266667, abs=5e-7)
    assert audit.ratio == pytest.approx(1.666667, abs=5e-7)
    assert (women.share_at_one, women.share_above) == (0, 0.4)
    assert (men.share_at_one, men.share_above) == (pytest.approx(1 / 3), 1)
    assert (audit.p_value, audit.n_dealt, audit.seed) == (0.125, 56, None)
    assert audit.theil == pytest.approx(0.071921, abs=5e-7)
    assert (audit.theil_between, audit.theil_within) == pytest.approx((0.032269, 0.039651), abs=5e-7)
    assert audit.wasserstein == pytest.approx(stats.wasserstein_distance(RISK[:5], RISK[5:]), rel=CLOSE)
    assert audit.overall == pytest.approx(0.5, rel=CLOSE)
    assert audit.dealt.startswith("records")


def test_t8_whole_classes_are_dealt_where_each_has_one_group() -> None:
    audit = audit_outcome(RISK, SEX, clusters=CLASS, min_cell=1)
    assert (audit.p_value, audit.n_dealt) == twin.p_clusters(RISK, SEX, CLASS)
    assert audit.n_dealt == 6
    assert audit.dealt.startswith("whole clusters")
    assert "whole clusters are dealt" in audit.summary()


def test_records_are_dealt_where_groups_share_a_class() -> None:
    shared = [1, 1, 1, 2, 2, 2, 2, 3]
    audit = audit_outcome(RISK, SEX, clusters=shared, min_cell=1)
    assert (audit.p_value, audit.n_dealt) == twin.p_records(RISK, SEX)
    assert audit.dealt.startswith("records")


RECORDS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), st.sampled_from("ABC"), st.integers(0, 3)),
    min_size=2,
    max_size=7,
)


@given(RECORDS)
def test_twin(records: list[tuple[float, str, int]]) -> None:
    outcome, groups, clusters = (list(each) for each in zip(*records, strict=True))
    audit = audit_outcome(outcome, groups, min_cell=1)
    expected = twin.means(outcome, groups)
    assert {each.group: each.mean for each in audit.groups} == pytest.approx(expected, rel=CLOSE)
    if len(expected) < 2:
        assert math.isnan(audit.gap)
        return
    assert audit.gap == pytest.approx(twin.gap(outcome, groups), abs=CLOSE)
    assert (audit.p_value, audit.n_dealt) == twin.p_records(outcome, groups)
    if sum(outcome):
        assert (audit.theil_within, audit.theil_between) == pytest.approx(twin.theil_parts(outcome, groups), abs=CLOSE)
    own = {name: [r for r, g in zip(outcome, groups, strict=True) if g == name] for name in expected}
    for pair in audit.pairs:
        assert pair.wasserstein == pytest.approx(twin.wasserstein(own[pair.first], own[pair.second]), abs=CLOSE)
        both = [*own[pair.first], *own[pair.second]]
        labels = [True] * len(own[pair.first]) + [False] * len(own[pair.second])
        assert pair.p_value == twin.p_records(both, labels)[0]
    assert [pair.p_holm for pair in audit.pairs] == pytest.approx(twin.holm([pair.p_value for pair in audit.pairs]))
    nested = [f"{group}{cluster}" for group, cluster in zip(groups, clusters, strict=True)]
    tied = audit_outcome(outcome, groups, clusters=nested, min_cell=1)
    assert (tied.p_value, tied.n_dealt) == twin.p_clusters(outcome, groups, nested)


@given(RECORDS)
def test_twin_of_the_intervals(records: list[tuple[float, str, int]]) -> None:
    outcome, groups, clusters = (list(each) for each in zip(*records, strict=True))
    audit = audit_outcome([r + 2 for r in outcome], groups, clusters=clusters, min_cell=1)
    for each in audit.groups:
        own = [(r, c) for r, g, c in records_of(outcome, groups, clusters) if g == each.group]
        if len({c for _r, c in own}) < 2:
            assert math.isnan(each.low)
            continue
        variance, c = twin.variance_of_mean(*zip(*own, strict=True))
        half = stats.t.ppf(0.975, c - 1) * math.sqrt(variance)
        assert (each.low, each.high) == pytest.approx((each.mean - half, each.mean + half), abs=CLOSE)
    for pair in audit.pairs:
        ours = [row for row in records_of(outcome, groups, clusters) if row[1] in (pair.first, pair.second)]
        if min(len({c for _r, g, c in ours if g == name}) for name in (pair.first, pair.second)) < 2:
            assert math.isnan(pair.low)
            continue
        variance, c = twin.variance_of_difference(
            [r for r, _g, _c in ours], [g == pair.first for _r, g, _c in ours], [c for _r, _g, c in ours]
        )
        half = stats.t.ppf(0.975, c - 1) * math.sqrt(variance)
        assert (pair.low, pair.high) == pytest.approx((pair.difference - half, pair.difference + half), abs=CLOSE)


def records_of(*columns: list[Any]) -> list[tuple[Any, ...]]:
    return list(zip(*columns, strict=True))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_twin_of_holm(p_values: list[float]) -> None:
    assert holm(p_values).tolist() == pytest.approx(twin.holm(p_values))


def test_without_clusters_the_interval_is_students() -> None:
    outcome = np.arange(20.0)
    audit = audit_outcome(outcome, [0] * 12 + [1] * 8, min_cell=1)
    own = outcome[:12]
    expected = stats.t.interval(0.95, 11, loc=own.mean(), scale=own.std(ddof=1) / math.sqrt(12))
    assert (audit.groups[1].low, audit.groups[1].high) == pytest.approx(expected, rel=CLOSE)


def some_outcomes(n: int = 600, n_groups: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(4)
    return draw.random(n), draw.integers(0, n_groups, n), draw.integers(0, 150, n)


def test_random_dealing_is_reproducible_and_gives_its_seed() -> None:
    outcome, groups, _clusters = some_outcomes()
    one, other = (audit_outcome(outcome, groups, rng=7) for _ in range(2))
    assert one.to_dict() == other.to_dict()
    assert (one.seed, one.n_dealt) == ("7", 999)
    assert audit_outcome(outcome, groups, rng=8).groups != one.groups
    by_generator = audit_outcome(outcome, groups, rng=np.random.default_rng(7))
    assert by_generator.p_value == one.p_value
    assert by_generator.seed == "that of the generator given"


def test_random_dealing_agrees_with_every_dealing(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, groups = [1, 2, 3, 4, 5, 6, 7, 8, 20, 30, 9, 4], list("AAAAABBBBBCC")
    exact = audit_outcome(outcome, groups, min_cell=1)
    assert exact.n_dealt == 16_632
    monkeypatch.setattr(dealing, "MOST_SPLITS", 1)
    drawn = audit_outcome(outcome, groups, min_cell=1, n_permutations=4_000)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.03)  # 4 standard errors at 4,000
    for one, other in zip(exact.groups, drawn.groups, strict=True):
        assert (one.random_low, one.random_high) == pytest.approx((other.random_low, other.random_high), abs=1.0)
        assert one.random_mean == pytest.approx(np.mean(outcome), rel=1e-6)


def test_the_least_p_of_random_dealing_is_not_zero() -> None:
    audit = audit_outcome([0.0] * 50 + [1.0] * 50, ["A"] * 50 + ["B"] * 50, n_permutations=99)
    assert audit.p_value == 0.01


@pytest.mark.parametrize("with_clusters", [False, True])
def test_many_different_outcomes_are_dealt_by_kinds(with_clusters: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds that lie close together take the place of equal ones, and the band does not move."""
    draw = np.random.default_rng(5)
    n = 3_000
    clusters = np.sort(draw.integers(0, 900, n)) if with_clusters else None
    groups = (clusters % 2) if clusters is not None else draw.integers(0, 2, n)
    outcome = draw.lognormal(size=n)
    coarse = audit_outcome(outcome, groups, clusters=clusters)
    monkeypatch.setattr(dealing, "MOST_KINDS", 10**9)
    fine = audit_outcome(outcome, groups, clusters=clusters)
    for one, other in zip(coarse.groups, fine.groups, strict=True):
        width = other.random_high - other.random_low
        assert (one.random_low, one.random_high) == pytest.approx((other.random_low, other.random_high), abs=width / 10)
    assert coarse.p_value == pytest.approx(fine.p_value, abs=0.06)


def test_p_is_uniform_where_nothing_is_the_matter() -> None:
    """Among 200 tables without any tie between group and outcome, about 5 % have p of 0.05 at most."""
    draw = np.random.default_rng(6)
    classes = np.repeat(np.arange(40), draw.integers(1, 6, 40))
    risk = 1 / np.bincount(classes)[classes]
    rejected = {"records": 0, "clusters": 0}
    for _ in range(200):
        people = draw.permutation(len(risk)) % 2
        rejected["records"] += audit_outcome(risk, people, clusters=classes, n_permutations=99).p_value <= 0.05
        whole = (draw.permutation(40) % 2)[classes]
        rejected["clusters"] += audit_outcome(risk, whole, clusters=classes, n_permutations=99).p_value <= 0.05
    assert all(1 <= n <= 22 for n in rejected.values())  # binomial(200, .05) leaves it with a chance below 1e-3


def test_intersections_missing_values_and_labels() -> None:
    frame = pd.DataFrame({"sex": ["F", "F", "M", None] * 5, "old": [True, True, False, False] * 5})
    audit = audit_outcome(range(20), frame, min_cell=5)
    assert [each.group for each in audit.groups] == ["unknown · False", "M · False", "F · True"]
    assert audit.columns == ("sex", "old")
    assert sum(each.n_records or 0 for each in audit.groups) == 20
    numbers = audit_outcome(range(20), [1.0, 2.0, float("nan"), 2.5] * 5, min_cell=5)
    assert {each.group for each in numbers.groups} == {"1", "2", "unknown", "2.5"}
    texts = audit_outcome(range(20), ["unknown", None] * 10)
    assert {each.group for each in texts.groups} == {"unknown", "unknown (no value)"}


@pytest.mark.parametrize(
    "kind",
    [
        list,
        np.array,
        pd.Series,
        pl.Series,
        pa.array,
        lambda values: pa.chunked_array([values[:5], values[5:]]),
        lambda values: pd.Series(values, index=[0] * len(values)),
        lambda values: pd.Series(values).convert_dtypes(),
        lambda values: pd.DataFrame({"column": values}),
        lambda values: pl.DataFrame({"column": values}),
        lambda values: pa.table({"column": values}),
    ],
)
def test_kinds_of_arrays(kind: Callable[[list[Any]], Any]) -> None:
    outcome, groups = [0.5, 0.25, 1.0, 0.5] * 5, list("AABB") * 5
    expected = audit_outcome(outcome, groups, clusters=list(range(10)) * 2).to_dict()
    found = audit_outcome(kind(outcome), kind(groups), clusters=kind(list(range(10)) * 2)).to_dict()
    assert {**found, "columns": ["groups"]} == expected


def test_names_of_series_and_categories() -> None:
    series = pd.Series(pd.Categorical(list("AB") * 10, categories=["B", "A", "nobody"]), name="sex")
    audit = audit_outcome(pl.Series("risk", [True, False] * 10), series)
    assert audit.columns == ("sex",)
    assert [each.group for each in audit.groups] == ["A", "B"]
    assert "'sex'" in audit.summary()


@pytest.mark.parametrize(
    ("outcome", "groups", "options", "message"),
    [
        ([1, 2], ["A"], {}, "outcome has 2 values, groups has 1 values; hand over one value a record"),
        ([1, 2], ["A", "B"], {"clusters": [1]}, "clusters has 1 values"),
        (
            [1, None, float("nan")],
            list("ABA"),
            {},
            "outcome is missing or infinite in 2 of 3 records, the first at row 1",
        ),
        ([1, float("inf")], list("AB"), {}, "missing or infinite in 1 of 2"),
        (
            ["Xyzzyville", "b"],
            list("AB"),
            {},
            "outcome is large_string; it must hold one number a record|outcome is string",
        ),
        (np.ones((2, 2)), list("AB"), {}, "outcome has 2 columns; hand over one array or series"),
        (3, list("AB"), {}, "outcome is int; hand over"),
        (pd.DataFrame({"a": [1], "b": [2]}), ["A"], {}, "outcome has 2 columns"),
        ([1.0], pd.DataFrame(index=[0]), {}, "groups has no column"),
        ([1, 2], list("AB"), {"n_permutations": 5}, "n_permutations is 5; it must be a whole number of at least 99"),
        ([1, 2], list("AB"), {"min_cell": 0}, "min_cell is 0"),
        ([1, 2], list("AB"), {"threshold": "x"}, "threshold is 'x'; it must be a number"),
    ],
)
def test_errors(outcome: Any, groups: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(RiskscopeError, match=message) as caught:
        audit_outcome(outcome, groups, **options)
    assert "Xyzzyville" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_wrong_length_is_a_frame_error() -> None:
    with pytest.raises(FrameError):
        audit_outcome([1], [])


def of_sizes(**people: int) -> tuple[list[float], list[str]]:
    groups = [label for label, n in people.items() for _ in range(n)]
    draw = np.random.default_rng(len(groups))
    return draw.integers(1, 5, len(groups)).astype(float).tolist(), groups


def texts(audit: OutcomeAudit) -> str:
    shown = [audit.summary(), repr(audit), audit._repr_html_(), json.dumps(audit.to_dict()), str(audit.tables())]
    axes = audit.plot()
    shown += [label.get_text() for label in axes.get_yticklabels()]
    plt.close(axes.figure)
    return " ".join(shown)


def test_a_small_group_is_nowhere_and_no_total_gives_it_away() -> None:
    outcome, groups = of_sizes(F=60, M=52, Xyzzy=3)
    audit = audit_outcome(outcome, groups)
    assert audit.too_small == "<10"
    assert "Xyzzy" not in texts(audit)
    assert {each.group: each.n_records for each in audit.groups} == {"F": None, "M": 52}  # 115 - 52 = F and hidden
    assert audit.decimals == 1
    for each in audit.groups:
        assert each.mean == round(each.mean, 1)
        assert each.to_overall == round(each.to_overall, 1)
    assert audit.ways == "ways to deal drawn at random"
    assert ("groups of fewer than 10 people, together", "<10", "–", "–", "–", "–") in audit.tables()[0][2]


def test_the_gap_leaves_small_groups_out() -> None:
    outcome, groups = of_sizes(F=60, M=52)
    expected = audit_outcome(outcome, groups)
    found = audit_outcome([*outcome, *[1000.0] * 3], [*groups, *["X"] * 3])
    assert found.gap == round(expected.gap, 1)
    assert found.overall > 20


def test_many_hidden_people_are_counted_together() -> None:
    outcome, groups = of_sizes(F=60, M=52, one=7, two=6)
    audit = audit_outcome(outcome, groups)
    assert audit.too_small == "13"
    assert {each.group: each.n_records for each in audit.groups} == {"F": 60, "M": 52}
    assert audit.decimals is None
    assert "one" not in [each.group for each in audit.groups]


def test_every_rounded_rate_agrees_with_any_number_of_hidden_people() -> None:
    """With n hidden among 1 to 9, the largest group's share at 1 fits each size that is possible."""
    outcome = [1.0] * 37 + [0.5] * 86 + [0.5] * 40 + [0.5] * 4
    audit = audit_outcome(outcome, ["F"] * 123 + ["M"] * 40 + ["X"] * 4)
    largest = next(each for each in audit.groups if each.n_records is None)
    assert largest.share_at_one is not None
    total = 167 - 40
    for hidden in range(1, 10):
        people = total - hidden
        assert any(round(n / people, 2) == largest.share_at_one for n in range(people + 1))


def test_ten_groups_are_paired_and_eleven_are_not() -> None:
    ten = audit_outcome(np.arange(100.0), np.arange(100) // 10, n_permutations=99)
    assert len(ten.pairs) == 45
    assert len(ten.tables()) == 2
    eleven = audit_outcome(np.arange(110.0), np.arange(110) // 10, n_permutations=99)
    assert eleven.pairs == ()
    assert "compared one by one for 10 groups at most" in eleven.summary()


def test_degenerate() -> None:
    empty = audit_outcome([], [])
    assert empty.n_records == 0
    assert "there are no records" in empty.undefined["gap"]
    one_group = audit_outcome([0.5] * 20, ["A"] * 20)
    assert one_group.undefined["p_value"] == "fewer than two groups have enough people"
    assert one_group.groups[0].mean == 0.5
    equal = audit_outcome([0.5] * 40, list("AB") * 20)
    assert (equal.gap, equal.p_value, equal.ratio, equal.theil) == (0, 1, 1, 0)
    zero = audit_outcome([0.0] * 40, list("AB") * 20)
    assert zero.undefined["ratio"] == "the means, or all outcomes, are 0"
    assert zero.undefined["theil"] == "all outcomes are 0"
    half_zero = audit_outcome([0.0] * 20 + [1.0] * 20, ["A"] * 20 + ["B"] * 20)
    assert half_zero.ratio == math.inf
    negative = audit_outcome([-1.0, 2.0] * 20, ["A", "A", "B", "B"] * 10)
    assert negative.undefined["theil"] == negative.undefined["ratio"] == "some outcomes are negative"
    assert negative.groups[0].share_at_one is None
    lone = audit_outcome([1.0] * 20 + [0.5] * 20, ["A"] * 20 + ["B"] * 20, clusters=[0] * 20 + [1] * 20)
    assert lone.undefined["gap_low"] == "a group has fewer than two clusters"
    for audit in (empty, one_group, equal, zero, half_zero, negative, lone):
        assert audit.sentences()
        json.dumps(audit.to_dict(), allow_nan=False)
        for name, _label, value, _kind in audit.shown_fields():
            assert not (isinstance(value, float) and math.isnan(value)) or audit.undefined[name]


def test_strictly_above_the_threshold() -> None:
    audit = audit_outcome([1 / 5] * 20 + [1 / 3] * 20, ["A"] * 20 + ["B"] * 20, threshold=0.2)
    assert [each.share_above for each in audit.groups] == [1, 0]
    assert audit_outcome([1 / 3] * 20, ["A"] * 20, threshold=1 / 3).groups[0].share_above == 0
    assert audit_outcome([1 / 3] * 20, ["A"] * 20).groups[0].share_above is None


def test_order_of_records_does_not_matter() -> None:
    outcome, groups, clusters = some_outcomes()
    order = np.random.default_rng(1).permutation(len(outcome))
    one = audit_outcome(outcome, groups, clusters=clusters)
    other = audit_outcome(outcome[order], groups[order], clusters=clusters[order])
    assert (one.p_value, one.gap, one.gap_low) == pytest.approx((other.p_value, other.gap, other.gap_low), rel=CLOSE)


def test_inputs_are_not_changed() -> None:
    outcome, groups = np.array([0.5, 1.0] * 10), np.array(list("AB") * 10)
    kept = outcome.copy(), groups.copy()
    audit_outcome(outcome, groups)
    np.testing.assert_array_equal(outcome, kept[0])
    np.testing.assert_array_equal(groups, kept[1])


def test_the_picture_draws_means_bands_and_ends() -> None:
    outcome, groups, _clusters = some_outcomes()
    audit = audit_outcome(outcome, groups)
    axes = audit.plot()
    means = axes.containers[1].lines[0].get_xdata()
    assert list(means) == [each.mean for each in audit.groups]
    bars = axes.containers[0].patches
    assert [bar.get_x() for bar in bars] == pytest.approx([each.random_low for each in audit.groups])
    assert [label.get_text() for label in axes.get_yticklabels()] == [each.group for each in audit.groups]
    many = audit_outcome(np.arange(300.0), np.arange(300) // 10, n_permutations=99).plot()
    assert len(many.get_yticklabels()) == 20
    plt.close("all")


def test_summary_promises_nothing() -> None:
    outcome, groups, _clusters = some_outcomes()
    audit = audit_outcome(outcome, groups)
    assert "A large p does not show that groups are treated alike" in audit.summary()
    assert len(audit.sentences()) <= 4
    for word in (" safe", "anonymous", "no disparity"):
        assert word not in audit._repr_html_().lower()


def test_fairness_is_a_room_of_its_own() -> None:
    assert rs.fairness.audit_outcome is audit_outcome
    assert {"audit_outcome", "OutcomeAudit"} <= set(dir(rs.fairness))
    with pytest.raises(AttributeError, match="no attribute 'audit_outcom'"):
        _ = rs.fairness.audit_outcom


def test_hundreds_of_groups_are_dealt_fewer_times() -> None:
    rng = np.random.default_rng(0)
    groups = [f"g{at % 300}" for at in range(6000)]
    found = rs.fairness.audit_outcome(rng.random(6000), groups)
    assert 99 <= found.n_dealt < 999
