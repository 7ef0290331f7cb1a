"""Association of two unordered columns: the sheet's worked example, the twin, scipy, statsmodels, chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon
from statsmodels.stats.contingency_tables import Table as StatsmodelsTable

from naive import profiles as twin
from riskscope.fairness import association as ours
from riskscope.intervals import holm

CLOSE = 1e-9
G3 = np.array([[10, 20, 10], [10, 5, 5]])
PEOPLE = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz")), min_size=2, max_size=30)


def columns(people: list[tuple[str, str]]) -> tuple[list[str], list[str], np.ndarray]:
    groups, classes = (list(each) for each in zip(*people, strict=True))
    table = twin.counted(groups, classes)
    names = sorted(set(groups)), sorted(set(classes))
    return groups, classes, np.array([[table[g, c] for c in names[1]] for g in names[0]])


def test_g3() -> None:
    """FORMULAS G3, all digits."""
    found = ours.association(G3)
    assert ours.total_variation(G3)[0, 1] == 0.25
    assert ours.variation_to_pooled(G3) == pytest.approx([0.083333, 0.166667], abs=5e-7)
    assert (found.chi2, found.df) == (pytest.approx(4.5, rel=CLOSE), 2)
    assert found.cramers_v == pytest.approx(0.273861, abs=5e-7)
    assert found.cramers_v_corrected == pytest.approx(0.204476, abs=5e-7)
    assert found.g == pytest.approx(4.540267, abs=5e-7)
    assert found.mutual_information == pytest.approx(0.0378356, abs=5e-8)
    tested = ours.independence(G3)
    assert (tested.p_chi2, tested.p_g) == pytest.approx((0.105399, 0.103298), abs=5e-7)
    assert tested.method == ours.ASYMPTOTIC


@given(PEOPLE)
def test_twin(people: list[tuple[str, str]]) -> None:
    groups, classes, table = columns(people)
    expected = twin.counted(groups, classes)
    names = sorted(set(groups)), sorted(set(classes))
    found = ours.association(table)
    for name in ("chi2", "g", "mutual_information", "cramers_v", "cramers_v_corrected"):
        assert getattr(found, name) == pytest.approx(getattr(twin, name)(expected), abs=1e-7, nan_ok=True), name
    assert found.mutual_information == pytest.approx(found.g / 2 / len(people), abs=CLOSE)
    residuals, variation = ours.adjusted_residuals(table), ours.total_variation(table)
    divergence, pooled = ours.jensen_shannon(table), ours.variation_to_pooled(table)
    for a, g in enumerate(names[0]):
        assert pooled[a] == pytest.approx(twin.to_pooled(expected, g), abs=CLOSE)
        for at, c in enumerate(names[1]):
            assert residuals[a, at] == pytest.approx(twin.residual(expected, (g, c)), abs=CLOSE, nan_ok=True)
        for b, other in enumerate(names[0]):
            assert variation[a, b] == pytest.approx(twin.total_variation(expected, g, other), abs=CLOSE)
            assert divergence[a, b] == pytest.approx(twin.jensen_shannon(expected, g, other), abs=CLOSE)


@pytest.mark.parametrize(
    ("groups", "classes"),
    [("AAABBB", "xxyyyx"), ("AABBBBB", "xxyyyyy"), ("AAAABBB", "xyyyyyx"), ("ABBBBBB", "xyyyyyy")],
)
def test_two_by_two_is_exact(groups: str, classes: str) -> None:
    _groups, _classes, table = columns(list(zip(groups, classes, strict=True)))
    found = ours.independence(table)
    assert (found.p_chi2, found.p_g) == pytest.approx(twin.p_of_every_dealing(groups, classes), rel=CLOSE)
    assert (found.method, found.n_permutations) == (ours.EXACT, 0)
    assert found.p_cells == pytest.approx(np.full((2, 2), found.p_chi2))


def test_drawn_p_agrees_with_every_dealing() -> None:
    groups, classes = "AAABBCC", "xxyyzzz"
    _groups, _classes, table = columns(list(zip(groups, classes, strict=True)))
    found = ours.independence(table, n_permutations=20_000)
    exact, exact_g = twin.p_of_every_dealing(groups, classes)
    assert found.method == ours.RANDOM
    assert (found.p_chi2, found.p_g) == pytest.approx((exact, exact_g), abs=0.015)  # 4 standard errors at 20,000
    cells = twin.p_of_cells(groups, classes)
    for a, g in enumerate("ABC"):
        for at, c in enumerate("xyz"):
            assert found.p_cells[a, at] >= cells[g, c] - 0.015
    least = min(cells.values())
    assert found.p_any == pytest.approx(min(2 * min(least, exact), 1), abs=0.03)
    assert np.nanmin(found.p_cells) == pytest.approx(min(max(least, 2 * min(least, exact)), 1), abs=0.03)


def test_scipy_and_statsmodels() -> None:
    table = np.random.default_rng(3).integers(8, 60, (4, 6))
    found, tested = ours.association(table), ours.independence(table)
    pearson = stats.chi2_contingency(table, correction=False)
    likelihood = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert (found.chi2, tested.p_chi2, found.df) == pytest.approx((pearson.statistic, pearson.pvalue, pearson.dof))
    assert (found.g, tested.p_g) == pytest.approx((likelihood.statistic, likelihood.pvalue))
    assert ours.expected_counts(table) == pytest.approx(pearson.expected_freq)
    assert found.cramers_v == pytest.approx(stats.contingency.association(table, method="cramer"))
    theirs = StatsmodelsTable(table, shift_zeros=False)
    assert ours.adjusted_residuals(table) == pytest.approx(np.asarray(theirs.standardized_resids))
    shares = ours.class_shares(table)
    assert ours.jensen_shannon(table)[0, 1] == pytest.approx(jensenshannon(shares[0], shares[1]) ** 2)


def test_the_distribution_and_the_draws_agree() -> None:
    """Where both may be used, drawn tables give the p of the distribution, and of the largest residual its bound."""
    table = np.array([[30, 40, 30], [45, 35, 40], [20, 30, 60]])
    tested = ours.independence(table, n_permutations=20_000)
    draws = ours.drawn_tables(table, 20_000, np.random.default_rng(1))
    e = ours.expected_counts(table)
    drawn = ((draws - e) ** 2 / e).sum(axis=(1, 2))
    assert (drawn >= ours.association(table).chi2).mean() == pytest.approx(tested.p_chi2, abs=0.003)
    single = 2 * stats.norm.sf(np.abs(ours.adjusted_residuals(table)))
    assert (tested.p_cells <= np.minimum(2 * 9 * single, 1) + 0.02).all()
    assert (tested.p_cells >= single - 0.003).all()


def test_draws_keep_the_totals_and_have_the_right_moments() -> None:
    table = np.array([[3, 0, 7], [12, 5, 1], [0, 2, 2]])
    draws = ours.drawn_tables(table, 20_000, np.random.default_rng(2))
    assert (draws.sum(axis=2) == table.sum(axis=1)).all()
    assert (draws.sum(axis=1) == table.sum(axis=0)).all()
    assert draws.min() >= 0
    assert draws.mean(axis=0) == pytest.approx(ours.expected_counts(table), abs=0.05)
    theirs = stats.random_table(table.sum(axis=1), table.sum(axis=0)).rvs(20_000, random_state=4)
    assert draws.var(axis=0) == pytest.approx(theirs.var(axis=0), abs=0.1)


def test_draws_do_not_depend_on_how_many_fit_in_memory_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.array([[3, 4, 1], [2, 5, 9]])
    monkeypatch.setattr(ours, "_AT_ONCE", 60)
    pieces = list(ours._batches(table, 25, np.random.default_rng(0)))
    assert [len(each) for each in pieces] == [10, 10, 5]
    assert ours.independence(table).n_permutations == 1999


@pytest.mark.parametrize("sizes", [[20, 60, 400], [25] * 12])
def test_one_false_alarm_in_twenty(sizes: list[int]) -> None:
    """Table and cells together: among 400 tables of unequal groups and rare classes, about 5 % raise any alarm."""
    draw = np.random.default_rng(5)
    alarms = {"any": 0, "cells": 0}
    for _ in range(400):
        table = np.array([draw.multinomial(n, [0.6, 0.25, 0.1, 0.05]) for n in sizes])
        found = ours.independence(table, n_permutations=199, rng=draw)
        alarms["any"] += found.p_any <= 0.05
        alarms["cells"] += np.nanmin(found.p_cells) <= 0.05
    assert alarms["cells"] <= alarms["any"]
    assert 6 <= alarms["any"] <= 36  # binomial(400, .05) leaves it with a chance below 1e-3


def test_a_planted_cell_is_found_and_others_are_not() -> None:
    table = np.full((5, 8), 40)
    table[2, 3] = 90
    found = ours.independence(table)
    assert found.p_chi2 > 0.05 > found.p_any  # spread over 40 cells, chi-square does not see it
    assert np.argwhere(found.p_cells <= 0.05).tolist() == [[2, 3]]


def test_classes_not_looked_at_count_for_the_table_alone() -> None:
    table = np.array([[30, 20, 1], [20, 30, 1], [30, 20, 2]])
    found = ours.independence(table, judged=[True, True, False])
    assert np.isnan(found.p_cells[:, 2]).all()
    assert np.isfinite(found.p_cells[:, :2]).all()
    assert found.p_chi2 == ours.independence(table).p_chi2


def test_too_many_people_to_deal() -> None:
    table = np.array([[400_000_000, 300_000_000, 1], [300_000_000, 400_000_000, 3]])
    found = ours.independence(table)
    assert (found.method, found.n_permutations) == (ours.LARGE, 0)
    single = 2 * stats.norm.sf(np.abs(ours.adjusted_residuals(table))).ravel()
    assert found.p_cells.ravel() == pytest.approx(np.maximum(holm(single), 2 * found.p_chi2))


def test_within_strata() -> None:
    simpson = np.array([[[20, 5], [80, 20]], [[10, 40], [5, 20]]]) * 4
    assert ours.independence(simpson.sum(axis=0)).p_chi2 < 1e-6
    found = ours.independence_within(simpson)
    assert (found.chi2, found.p_chi2) == pytest.approx((0, 1))
    parts = [ours.association(each) for each in (G3, G3 + 5)]
    both = ours.independence_within([G3, G3 + 5])
    assert (both.chi2, both.g, both.df) == pytest.approx((*(sum(each[at] for each in parts) for at in (0, 1)), 4))
    assert both.p_g == pytest.approx(stats.chi2.sf(both.g, 4))


def test_within_sparse_strata() -> None:
    """The same stratum on its own gives the same p as the test of one table; empty strata change nothing."""
    table = np.array([[3, 0, 1], [0, 4, 1], [1, 1, 3]])
    alone = ours.independence_within([table], n_permutations=20_000)
    assert alone.method == ours.RANDOM
    assert alone.p_chi2 == pytest.approx(ours.independence(table, n_permutations=20_000, rng=1).p_chi2, abs=0.015)
    empty = np.zeros_like(table)
    assert ours.independence_within([table, empty], n_permutations=20_000) == alone
    assert math.isnan(ours.independence_within([empty]).p_chi2)


@pytest.mark.parametrize("table", [np.zeros((0, 0), int), np.zeros((2, 3), int), [[5]], [[5, 3]], [[5], [3]]])
def test_nothing_to_compare(table: list[list[int]] | np.ndarray) -> None:
    found, tested = ours.association(table), ours.independence(table)
    assert math.isnan(found.cramers_v)
    assert math.isnan(found.cramers_v_corrected)
    assert found.df == 0
    assert math.isnan(tested.p_chi2)
    assert tested.method == ours.UNTOLD
    assert np.isnan(tested.p_cells).all()
    assert np.isnan(ours.adjusted_residuals(table)).all()


def test_groups_without_people_change_nothing() -> None:
    more = np.zeros((3, 4), int)
    more[np.ix_([0, 2], [0, 1, 3])] = G3
    assert ours.association(more) == pytest.approx(ours.association(G3))
    found = ours.independence(more)
    assert found.p_chi2 == ours.independence(G3).p_chi2
    assert np.isnan(found.p_cells[1]).all()
    assert np.isnan(ours.total_variation(more)[1]).all()
