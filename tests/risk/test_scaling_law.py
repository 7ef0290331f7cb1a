"""The Pitman-Yor scaling law: the published examples, a simulated process, the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from riskscope.risk.class_size_counts import ClassSizes
from riskscope.risk.scaling_law import correctness_at, entropy_and_tail, scaling_law, share_below, uniqueness_at
from riskscope.risk.tree_model import chance_unique, expected_correctness

DIGITS = 1e-6


def test_published_example() -> None:
    """FORMULAS C8: d = .5, α = 5, n = 400: U = .114025, κ = .205615; violations .114025, .246662, .388651; h, γ."""
    assert uniqueness_at([400], 0.5, 5) == pytest.approx(0.114025, abs=DIGITS)
    assert correctness_at([400], 0.5, 5) == pytest.approx(0.205615, abs=DIGITS)
    below = [float(share_below(k, [400], 0.5, 5)[0]) for k in (2, 5, 11)]
    assert below == pytest.approx([0.114025, 0.246662, 0.388651], abs=DIGITS)
    assert entropy_and_tail(0.5, 5) == pytest.approx((3.669628, 0.377775), abs=DIGITS)


def test_base_line_of_equally_likely_combinations() -> None:
    """FORMULAS C8: 2^10 combinations (bits), n = 1000: U = .376792, κ = .638542: ξ and κ of one chance."""
    assert chance_unique(2**-10, 1000) == pytest.approx(0.376792, abs=DIGITS)
    assert expected_correctness(2**-10, 1000) == pytest.approx(0.638542, abs=DIGITS)


@pytest.mark.parametrize(("discount", "concentration"), [(0.5, 5.0), (0.5, -0.2), (0.9, 0.0), (1e-9, 40.0), (0.2, 1e6)])
def test_growth_of_the_expected_number_of_classes(discount: float, concentration: float) -> None:
    """Person n + 1 founds a class with the chance (α + d K_n) / (n + α); the next joins nobody's as U tells."""
    classes = uniques = 1.0
    for n in range(1, 300):
        founded = (concentration + discount * classes) / (n + concentration)
        uniques += founded - uniques * (1 - discount) / (n + concentration)
        classes += founded
        assert float(correctness_at([n + 1], discount, concentration)[0]) * (n + 1) == pytest.approx(classes, rel=1e-6)
        assert float(uniqueness_at([n + 1], discount, concentration)[0]) * (n + 1) == pytest.approx(uniques, rel=1e-6)


def test_without_a_discount() -> None:
    """FORMULAS C8, d = 0: U = α / (n + α - 1), κ = (α / n) (ψ(n + α) - ψ(α)), the limit of small discounts."""
    assert float(uniqueness_at([400], 0, 5)[0]) == pytest.approx(5 / 404, rel=1e-9)
    assert float(correctness_at([400], 0, 5)[0]) == pytest.approx(float(correctness_at([400], 1e-9, 5)[0]), rel=1e-6)


def test_crowds_hold_everybody() -> None:
    assert share_below(1, [400], 0.5, 5).tolist() == [0]
    assert share_below(401, [400], 0.5, 5) == pytest.approx(1, rel=1e-9)
    assert float(share_below(2, [400], 0.5, 5)[0]) == pytest.approx(float(uniqueness_at([400], 0.5, 5)[0]), rel=1e-9)


def simulated(people: int, discount: float, concentration: float, seed: int) -> np.ndarray:
    """The class of each person, by the Chinese restaurant process."""
    rng = np.random.default_rng(seed)
    sizes: list[int] = []
    found = np.empty(people, np.int64)
    for n in range(people):
        if rng.random() * (n + concentration) < concentration + discount * len(sizes):
            sizes.append(1)
            found[n] = len(sizes) - 1
            continue
        while True:  # a person joins a class with a chance of its size less the discount
            at = found[rng.integers(n)]
            if rng.random() >= discount / sizes[at]:
                break
        sizes[at] += 1
        found[n] = at
    return found


def test_law_found_again_in_a_simulated_process() -> None:
    people = simulated(20_000, 0.5, 50.0, seed=1)
    sample = np.random.default_rng(2).permutation(people)[:2000]
    fit = scaling_law(ClassSizes.of(np.bincount(sample)), 20_000)
    true = np.count_nonzero(np.bincount(people) == 1)
    assert fit.n_uniques == pytest.approx(true, rel=0.25)
    assert fit.parameters["discount"] == pytest.approx(0.5, abs=0.1)
    near = scaling_law(ClassSizes.of(np.bincount(sample)), 20_000, near=fit)
    assert near.n_uniques == pytest.approx(fit.n_uniques, rel=1e-4)


def test_failures_have_reasons() -> None:
    for sizes, reason in (([1] * 100, "everybody"), ([1, 2, 3], "too few records")):
        fit = scaling_law(ClassSizes.of(np.array(sizes)), 1000)
        assert math.isnan(fit.n_uniques)
        assert reason in fit.failure
