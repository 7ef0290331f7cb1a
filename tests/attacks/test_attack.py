"""What every attack answers: rates, intervals, verdict, control."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscope.attacks.attack import BETTER, CANNOT_TELL, NO_BETTER, chance_of, figures
from riskscope.intervals import gain


def naive_chance(succeeded: int, guesses: list[float]) -> float:
    """Return the mid-p by going through every pattern of successes."""
    chance = 0.0
    for pattern in product((0, 1), repeat=len(guesses)):
        weight = math.prod(p if hit else 1 - p for p, hit in zip(guesses, pattern, strict=True))
        if sum(pattern) > succeeded:
            chance += weight
        elif sum(pattern) == succeeded:
            chance += weight / 2
    return chance


@given(st.lists(st.sampled_from([0.01, 0.2, 0.5, 0.9]), min_size=1, max_size=9), st.data())
@settings(deadline=None)
def test_the_chance_of_guessing_as_well_is_that_of_every_pattern(guesses: list[float], data: st.DataObject) -> None:
    succeeded = data.draw(st.integers(0, len(guesses)))
    p = np.array(guesses)
    assert chance_of(succeeded, p, p * (1 - p)) == pytest.approx(naive_chance(succeeded, guesses), abs=1e-12)


def test_many_different_guesses_are_put_together_without_losing_the_answer() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.001, 0.02, 5000)
    spread = p * (1 - p)
    exact = np.ones(1)
    for each in p:
        exact = np.convolve(exact, [1 - each, each])[:121]
    assert chance_of(65, p, spread) == pytest.approx(1 - exact[:65].sum() - exact[65] / 2, abs=2e-4)


def test_the_curve_takes_over_smoothly() -> None:
    from scipy.stats import binom

    n, p, hits = 4000, 0.2, 850
    expected = binom.sf(hits, n, p) + binom.pmf(hits, n, p) / 2
    guesses = np.full(n, p)
    assert chance_of(hits, guesses, guesses * (1 - guesses)) == pytest.approx(expected, rel=0.01)


def test_guessing_is_no_better_than_guessing_in_95_of_100_seeds() -> None:
    rng = np.random.default_rng(5)
    for n, p in ((1000, 0.3), (300, 0.05), (20_000, 0.5)):
        verdicts = [figures(rng.random(n) < p, guess=p)["verdict"] for _seed in range(1000)]
        assert 930 <= verdicts.count(NO_BETTER) <= 970


def test_the_gain_above_a_control_is_the_published_example() -> None:
    found = figures([1] * 30 + [0] * 70, guess=0.05, control=[1] * 20 + [0] * 80)
    assert found["risk_above_control"] == pytest.approx(0.125)
    assert found["risk_above_control_low"] == pytest.approx(-0.0276, abs=5e-5)
    assert found["risk_above_control_high"] == pytest.approx(0.2597, abs=5e-5)
    assert (found["control_tried"], found["control_succeeded"], found["control_rate"]) == (100, 20.0, 0.2)
    assert found["verdict"] == BETTER


def test_without_a_control_the_gain_says_why_it_is_undefined() -> None:
    found = figures([1, 0], guess=0.5)
    assert math.isnan(found["risk_above_control"])
    assert "hold-out" in found["undefined"]["risk_above_control"]


def test_a_control_that_always_falls_leaves_nothing_to_gain() -> None:
    found = figures([1, 1, 0], guess=0.5, control=[1, 1])
    assert math.isnan(found["risk_above_control"])
    assert "everybody" in found["undefined"]["risk_above_control"]


def test_nobody_attacked_is_undefined_not_zero() -> None:
    found = figures([np.nan, np.nan], guess=0.5)
    assert found["tried"] == 0
    assert found["coverage"] == 0
    assert math.isnan(found["rate"])
    assert found["verdict"] == CANNOT_TELL


@given(st.integers(1, 60), st.integers(1, 60), st.data())
@settings(deadline=None)
def test_the_interval_of_the_gain_holds_its_value(n: int, m: int, data: st.DataObject) -> None:
    hits, others = data.draw(st.integers(0, n)), data.draw(st.integers(0, m - 1))
    value, low, high = (float(each) for each in gain(hits, n, others, m))
    assert low <= value + 1e-12
    assert value <= high + 1e-12
    assert high <= 1 + 1e-12
