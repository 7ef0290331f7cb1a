"""Calibration by group: the twin, scikit-learn, statsmodels, the chance that any score errs, and what is not told."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from naive import scores as twin
from riskscope.errors import RiskscopeError
from riskscope.fairness.scores.audit import audit_scores
from riskscope.fairness.scores.calibration import (
    ALL_EQUAL,
    NO_LOGIT,
    ONE_OUTCOME,
    SEPARATED,
    Calibration,
    calibrated,
    edges_of,
    null_band,
    recalibration,
)
from riskscope.fairness.scores.records import scored


def curve_of(score, y, groups=None, weight=None, bins=10, n_draws=99) -> Calibration:  # type: ignore[no-untyped-def]
    records = scored(score, ["A"] * len(score) if groups is None else groups, y, weight, None)
    return calibrated(records, bins, level=0.95, n_draws=n_draws, rng=np.random.default_rng(0))


def some(n: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    score = rng.beta(2, 3, n)
    return score, (rng.random(n) < score**1.5).astype(int)


rows = st.lists(
    st.tuples(
        st.sampled_from([0.05, 0.1, 0.3, 0.33, 0.6, 0.7, 0.95, 1.0]),
        st.integers(0, 1),
        st.sampled_from("AB"),
        st.integers(1, 3),
    ),
    min_size=3,
    max_size=25,
)


@given(rows, st.sampled_from([1, 3, 10]))
@settings(max_examples=60)
def test_against_the_twin(rows: list[tuple[float, int, str, int]], n_bins: int) -> None:
    s, y, g, w = (list(each) for each in zip((0.5, 0, "A", 1), *rows, strict=True))
    found = curve_of(s, y, g, w, n_bins)
    for group, label in enumerate(sorted(set(g))):
        own = tuple(twin.of(each, g, label) for each in (s, y, w))
        assert found.ece[group] == pytest.approx(twin.ece(*own, n_bins), abs=1e-12)
        assert found.mce[group] == pytest.approx(twin.mce(*own, n_bins), abs=1e-12)
        off = [outcome - score for score, outcome in zip(own[0], own[1], strict=True)]
        if len(off) > 1:
            expected = twin.mean_and_variance(off, own[2])
            assert (found.in_the_large.mean[group], found.in_the_large.variance[group]) == pytest.approx(expected)


def test_the_curve_and_brier_are_those_of_scikit_learn() -> None:
    score, y = some()
    found = curve_of(score, y)
    observed, mean_score = calibration_curve(y, score, n_bins=10)
    some_people = found.people[0] > 0
    np.testing.assert_allclose(found.observed[0, some_people], observed)
    np.testing.assert_allclose(found.mean_score[0, some_people], mean_score)
    assert found.brier[0] == pytest.approx(brier_score_loss(y, score))


def test_tenths_lie_in_the_bin_that_they_open() -> None:
    """Edges are k / 10, not k steps of 0.1: 0.3 opens the fourth bin."""
    score = [at / 10 for at in range(11)]
    assert curve_of(score, [0, 1] * 5 + [0]).people.tolist() == [[1, 1, 1, 1, 1, 1, 1, 1, 1, 2]]


def test_groups_share_their_bins() -> None:
    found = curve_of([0.1, 0.2, 0.8, 0.9], [0, 1, 0, 1], list("AABB"), bins=[0, 0.15, 1])
    assert found.people.tolist() == [[1, 1], [0, 2]]
    assert np.isnan(found.observed[1, 0])


def test_the_line_is_that_of_statsmodels_and_scikit_learn() -> None:
    score, y = some()
    w = np.random.default_rng(1).integers(1, 4, len(y)).astype(float)
    logit = np.log(score / (1 - score))
    line = curve_of(score, y).lines[0]
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logit[:, None], y)
    assert (line.intercept, line.slope) == pytest.approx((fitted.intercept_[0], fitted.coef_[0, 0]), abs=1e-5)
    weighted = curve_of(score, y, weight=w).lines[0]
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logit[:, None], y, sample_weight=w)
    assert (weighted.intercept, weighted.slope) == pytest.approx((fitted.intercept_[0], fitted.coef_[0, 0]), abs=1e-5)


def test_the_interval_of_the_line_is_that_of_statsmodels() -> None:
    models = pytest.importorskip("statsmodels.api")
    score, y = some(500)
    line = curve_of(score, y).lines[0]
    fitted = models.Logit(y, models.add_constant(np.log(score / (1 - score)))).fit(disp=0)
    expected = fitted.conf_int()
    assert (line.intercept_low, line.intercept_high) == pytest.approx(tuple(expected[0]), abs=1e-6)
    assert (line.slope_low, line.slope_high) == pytest.approx(tuple(expected[1]), abs=1e-6)


def test_many_distinct_scores_give_the_same_line() -> None:
    """Beyond some thousands of scores the fit starts with neighbours joined."""
    score, y = some(30_000)
    line = curve_of(score, y).lines[0]
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(np.log(score / (1 - score))[:, None], y)
    assert (line.intercept, line.slope) == pytest.approx((fitted.intercept_[0], fitted.coef_[0, 0]), abs=1e-5)


def test_a_steep_line_is_found_too() -> None:
    x = np.array([0.45, 0.49, 0.51, 0.55])
    line = recalibration(x, np.array([1.0, 3.0, 97.0, 99.0]), np.array([99.0, 97.0, 3.0, 1.0]))
    assert line.reason == ""
    assert line.slope > 15
    assert line.intercept == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("score", "y", "reason"),
    [
        ([0.0, 0.4, 0.5], [0, 1, 0], NO_LOGIT),
        ([0.2, 0.4, 1.0], [0, 1, 0], NO_LOGIT),
        ([0.2, 0.4, 0.5], [0, 1, 1], SEPARATED),
        ([0.2, 0.4, 0.4, 0.5], [0, 1, 0, 1], SEPARATED),
        ([0.2, 0.4, 0.5], [1, 0, 0], SEPARATED),
        ([0.4, 0.4, 0.4], [0, 1, 0], ALL_EQUAL),
        ([0.2, 0.4, 0.5], [1, 1, 1], ONE_OUTCOME),
    ],
)
def test_lines_that_are_not_defined(score: list[float], y: list[int], reason: str) -> None:
    line = curve_of(score, y).lines[0]
    assert line.reason == reason
    assert np.isnan(line[:-1]).all()


def test_the_error_of_chance_is_that_of_every_pattern() -> None:
    score = np.array([0.1, 0.2, 0.6, 0.7, 0.9])
    bins = np.array([twin.bin_of(each, 2) for each in score])
    band = null_band(score, bins, np.ones(5), 0.0, n_draws=20_000, rng=np.random.default_rng(0))
    assert band.mean == pytest.approx(twin.ece_by_chance(score.tolist(), 2), abs=0.005)
    assert band.p_value == 1


def test_large_bins_are_drawn_alike() -> None:
    """A bin of 101 people is drawn as normal, of 100 person by person: the errors agree."""
    rng = np.random.default_rng(0)
    small, large = (
        null_band(np.full(n, 0.3), np.zeros(n, int), np.ones(n), 0.0, n_draws=20_000, rng=rng) for n in (100, 101)
    )
    assert small.mean == pytest.approx(large.mean, rel=0.03)
    assert small.high == pytest.approx(large.high, rel=0.06)


def test_a_calibrated_score_seldom_has_a_small_p() -> None:
    rng, small = np.random.default_rng(1), 0
    for _repetition in range(200):
        score = rng.random(60)
        found = curve_of(score, (rng.random(60) < score).astype(int))
        small += found.bands[0].p_value <= 0.05
        assert found.bands[0].mean > 0.05  # an error that means nothing
    assert small <= 20


def test_few_people_in_a_bin_are_not_shown() -> None:
    rng = np.random.default_rng(0)
    score = np.append(rng.random(300) * 0.5, [0.91, 0.92, 0.93])
    y = (rng.random(303) < score).astype(int)
    audit = audit_scores(y_pred=score, y_true=y, sensitive_features=["A", "B", "B"] * 101, bins=10)
    for each in audit.calibrations:
        assert each.bins[9].n_records is each.bins[9].mean_score is each.bins[9].observed is None
        for one in each.bins:
            assert one.n_records is None or one.n_records >= 10
            assert one.observed is None or one.mean_score is not None
        assert each.bins[0].mean_score is not None
        assert each.bins[0].observed is None
    axes = audit.plot_calibration()
    assert max(line.get_xdata().max() for line in axes.get_lines()[1:]) < 60
    plt.close(axes.figure)


def test_edges() -> None:
    assert edges_of(4, np.zeros(0))[0].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert edges_of("levels", np.array([0.2, 0.7])) == (pytest.approx([0.2, 0.7]), True)
    with pytest.raises(RiskscopeError, match="'levels' where there are at most 1000"):
        edges_of("levels", np.arange(2000) / 2000)
