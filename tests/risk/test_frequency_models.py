"""Zayatz, SNB, Pitman, Ewens, Poisson-gamma: the worked examples, and sums over classes in whole numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive import population_uniqueness as twin
from riskscope.risk.class_size_counts import ClassSizes, chance_missed, chance_once, expected_classes, log_rising
from riskscope.risk.frequency_models import (
    ewens,
    pitman,
    pitman_uniques,
    poisson_gamma,
    shlosser_classes,
    slide_negative_binomial,
    zayatz,
)
from riskscope.risk.scaling_law import correctness_at

CLOSE = 1e-9
#: What a fit leaves open: the likelihood is flat at its top.
FITTED = 1e-6
WORKED = {1: 60, 2: 12, 3: 5, 5: 3, 10: 2, 40: 1}


def of(histogram: dict[int, int]) -> ClassSizes:
    return ClassSizes(np.array(list(histogram)), np.array(list(histogram.values())))


H = of(WORKED)


def test_the_worked_histogram() -> None:
    assert (H.n_records, H.n_classes, H.of_size(1), H.of_size(7)) == (174, 83, 60, 0)


def test_zayatz() -> None:
    """FORMULAS C1: θ = .479466, S1 = 2.397328; H: θ = .535488, S1 = 321.2931; N = 435: 109.7717."""
    small = zayatz(of({1: 2, 2: 1, 4: 1}), 20)
    assert small.parameters["share"] == pytest.approx(0.479466, abs=1e-6)
    assert small.n_uniques == pytest.approx(2.397328, abs=1e-6)
    assert zayatz(H, 1740).parameters["share"] == pytest.approx(0.535488, abs=1e-6)
    assert zayatz(H, 1740).n_uniques == pytest.approx(321.2931, abs=1e-4)
    assert zayatz(H, 435).n_uniques == pytest.approx(109.7717, abs=1e-4)


def test_slide_negative_binomial() -> None:
    """FORMULAS C2: H: K = 404.1279, α = .112079, β = .0444720, S1 = 285.1002; N = 435: S1 = 103.5571."""
    fit = slide_negative_binomial(H, 1740)
    assert fit.parameters["classes"] == pytest.approx(404.1279, abs=1e-4)
    assert fit.parameters["alpha"] == pytest.approx(0.112079, abs=1e-6)
    assert fit.parameters["beta"] == pytest.approx(0.0444720, abs=1e-7)
    assert fit.n_uniques == pytest.approx(285.1002, abs=1e-4)
    assert slide_negative_binomial(H, 435).n_uniques == pytest.approx(103.5571, abs=1e-4)


@pytest.mark.parametrize("population", [435, 1740, 17400])
def test_slide_negative_binomial_solves_its_equations(population: int) -> None:
    """Chen and Keller-McNulty's equations, as printed, give back the uniques and pairs of the sample."""
    fitted = slide_negative_binomial(H, population).parameters
    fraction = 174 / population
    assert fitted["classes"] == pytest.approx(twin.shlosser(WORKED, fraction), rel=CLOSE)
    expected = twin.snb_expected(fitted["classes"], fitted["alpha"], fitted["beta"], fraction)
    assert expected == pytest.approx((60, 12), rel=FITTED)


def test_equations_of_the_slide_negative_binomial_by_simulation() -> None:
    """FORMULAS C2: with F - 1 negative binomial, the equations tell c_1, c_2 and the population uniques."""
    rng = np.random.default_rng(3)
    n_classes, alpha, beta, fraction = 200_000, 0.5, 0.15, 0.2
    people = 1 + rng.negative_binomial(alpha, beta, n_classes)
    drawn = rng.binomial(people, fraction)
    uniques, pairs = twin.snb_expected(n_classes, alpha, beta, fraction)
    assert np.count_nonzero(drawn == 1) == pytest.approx(uniques, rel=0.02)
    assert np.count_nonzero(drawn == 2) == pytest.approx(pairs, rel=0.03)
    # Shlosser's number of classes is too large here (by a tenth), and with it the estimate.
    found = slide_negative_binomial(ClassSizes.of(drawn), int(people.sum()))
    assert found.n_uniques == pytest.approx(np.count_nonzero(people == 1), rel=0.15)


def test_pitman() -> None:
    """FORMULAS C3: θ = 6.547377, α = .682209, ln L = -359.425427, S1 = 299.7245 (asymptote 300.0465), κ = .247885."""
    fit = pitman(H, 1740)
    alpha, theta = fit.parameters["alpha"], fit.parameters["theta"]
    assert theta == pytest.approx(6.547377, abs=2e-6)
    assert alpha == pytest.approx(0.682209, abs=1e-6)
    assert fit.parameters["log_likelihood"] == pytest.approx(-359.425427, abs=1e-6)
    assert fit.n_uniques == pytest.approx(299.7245, abs=1e-4)
    asymptote = math.exp(math.lgamma(theta + 1) - math.lgamma(theta + alpha)) * 1740**alpha
    assert asymptote == pytest.approx(300.0465, abs=1e-4)
    assert correctness_at([1740], alpha, theta) * 1740 == pytest.approx(431.32, abs=0.005)
    assert correctness_at([1740], alpha, theta) == pytest.approx(0.247885, abs=1e-6)
    assert twin.pitman_log_likelihood(WORKED, theta, alpha) == pytest.approx(-359.425427, abs=1e-6)


def test_pitman_from_a_known_neighbour_is_the_same() -> None:
    first = pitman(H, 1740)
    assert pitman(H, 1740, near=first).n_uniques == pytest.approx(first.n_uniques, rel=FITTED)


@settings(max_examples=20)
@given(st.dictionaries(st.integers(1, 12), st.integers(1, 30), min_size=3, max_size=6))
def test_no_neighbour_of_pitmans_fit_is_likelier(histogram: dict[int, int]) -> None:
    histogram = {1: 20, **histogram}
    fit = pitman(of(histogram), 10 * twin.records(histogram))
    if "alpha" not in fit.parameters:  # ran to the discount 0, where the formula is Ewens's
        assert fit == ewens(of(histogram), 10 * twin.records(histogram)) or not fit.converged
        return
    alpha, theta = fit.parameters["alpha"], fit.parameters["theta"]
    top = twin.pitman_log_likelihood(histogram, theta, alpha)
    assert fit.parameters["log_likelihood"] == pytest.approx(top, rel=1e-9)
    for other_alpha in (alpha * 0.98, alpha, alpha + 0.02 * (1 - alpha)):
        for other_theta in (theta - 0.02 * (theta + alpha), theta, theta + 0.02 * (theta + alpha)):
            if other_theta > -other_alpha:
                assert twin.pitman_log_likelihood(histogram, other_theta, other_alpha) <= top + 1e-6


@pytest.mark.parametrize(("theta", "alpha"), [(6.5, 0.68), (0.3, 0.1), (-0.2, 0.5), (4000.0, 0.01)])
def test_expected_uniques_by_the_product(theta: float, alpha: float) -> None:
    for n in (1, 2, 50, 3000):
        expected = twin.pitman_uniques(theta, alpha, n)
        assert pitman_uniques(theta, alpha, n) == pytest.approx(expected, rel=CLOSE)


def test_ewens() -> None:
    """FORMULAS C4: θ = 61.59118, S1 = 59.51859."""
    fit = ewens(H, 1740)
    assert fit.parameters["theta"] == pytest.approx(61.59118, abs=1e-5)
    assert fit.n_uniques == pytest.approx(59.51859, abs=1e-5)
    assert twin.ewens_classes(fit.parameters["theta"], 174) == pytest.approx(83, rel=CLOSE)


def test_poisson_gamma() -> None:
    """FORMULAS C5: β = .09, α = 1.111111, S1 = .399429."""
    counts = [7, 0, 1, 2, 0, 0, 5, 1, 0, 4]
    fit = poisson_gamma(ClassSizes.of(np.array(counts)), 200, 10)
    assert fit.parameters["beta"] == pytest.approx(0.09, rel=CLOSE)
    assert fit.parameters["alpha"] == pytest.approx(1.111111, abs=1e-6)
    assert fit.n_uniques == pytest.approx(0.399429, abs=1e-6)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=30).filter(any), st.integers(1, 50))
def test_poisson_gamma_twin(counts: list[int], more: int) -> None:
    population = sum(counts) * more
    fit = poisson_gamma(ClassSizes.of(np.array(counts)), population, len(counts))
    assert fit.n_uniques == pytest.approx(twin.poisson_gamma(counts, population), rel=CLOSE, abs=1e-12)


@settings(max_examples=30)
@given(st.dictionaries(st.integers(2, 20), st.integers(1, 9), max_size=5), st.integers(1, 40), st.integers(1, 60))
def test_zayatz_and_shlosser_twins(others: dict[int, int], uniques: int, more: int) -> None:
    histogram = {1: uniques, **others}
    population = twin.records(histogram) + more
    assert zayatz(of(histogram), population).n_uniques == pytest.approx(twin.zayatz(histogram, population), rel=CLOSE)
    fraction = twin.records(histogram) / population
    assert shlosser_classes(of(histogram), fraction) == pytest.approx(twin.shlosser(histogram, fraction), rel=CLOSE)


@settings(max_examples=30)
@given(st.dictionaries(st.integers(1, 20), st.integers(1, 9), min_size=1, max_size=5), st.data())
def test_rarefaction_twin(histogram: dict[int, int], data: st.DataObject) -> None:
    drawn = data.draw(st.integers(1, twin.records(histogram)))
    assert expected_classes(of(histogram), drawn) == pytest.approx(twin.rarefied(histogram, drawn), rel=CLOSE)


def test_chances_of_a_draw() -> None:
    """The Zayatz example of FORMULAS C1: P = (.4, .505263, .363261); what is larger than the rest is never missed."""
    assert chance_once([1, 2, 4], 8, 20) == pytest.approx([0.4, 0.505263, 0.363261], abs=1e-6)
    assert chance_missed([12, 13], 8, 20) == pytest.approx([1 / math.comb(20, 8), 0], rel=CLOSE)
    assert chance_once([14], 8, 20).tolist() == [0]


@pytest.mark.parametrize("start", [0.3, 7.0, 99.9, 100.0, 1e6, 1e12])
@pytest.mark.parametrize("steps", [0, 1, 2, 30])
def test_rising_factorials(start: float, steps: int) -> None:
    expected = math.fsum(math.log(start + step) for step in range(steps))
    assert float(log_rising(start, steps)) == pytest.approx(expected, rel=1e-13, abs=1e-13)


def test_all_alone_is_a_failure_with_a_reason_never_zero() -> None:
    for model in (pitman, ewens, slide_negative_binomial):
        fit = model(of({1: 50}), 500)
        assert math.isnan(fit.n_uniques)
        assert "everybody in the table is alone" in fit.failure
        assert not fit.converged
    assert zayatz(of({1: 50}), 500).n_uniques == pytest.approx(500, rel=CLOSE)


def test_no_pairs_leave_the_slide_negative_binomial_without_a_solution() -> None:
    fit = slide_negative_binomial(of({1: 50, 3: 4}), 500)
    assert math.isnan(fit.n_uniques)
    assert "exactly two people" in fit.failure


def test_one_class_alone_runs_off() -> None:
    assert math.isnan(ewens(of({40: 1}), 500).n_uniques)


def test_a_flat_poisson_has_no_gamma() -> None:
    """FORMULAS C5: s² <= m: S1 = N exp(-N / K)."""
    assert poisson_gamma(of({2: 10}), 40, 10).n_uniques == pytest.approx(40 * math.exp(-4), rel=CLOSE)
