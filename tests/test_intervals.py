"""Intervals and corrected p-values against statsmodels, SciPy, the formula sheet's figures, and their edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from riskscope.intervals import benjamini_hochberg, clopper_pearson, holm, katz, newcombe, normal_quantile, wilson

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, st.sampled_from([0.8, 0.95, 0.99]))
def test_intervals_of_a_share_are_those_of_statsmodels(people: tuple[int, int], level: float) -> None:
    for ours, method in ((wilson, "wilson"), (clopper_pearson, "beta")):
        theirs = proportion_confint(*people, alpha=1 - level, method=method)
        assert np.allclose(ours(*people, level=level), theirs, atol=1e-9), method


@given(counts, counts)
def test_interval_of_a_difference_is_that_of_statsmodels(one: tuple[int, int], other: tuple[int, int]) -> None:
    theirs = confint_proportions_2indep(*one, *other, method="newcomb")
    assert np.allclose(newcombe(*one, *other), theirs, atol=1e-9)


@given(counts, counts)
def test_interval_of_a_ratio(one: tuple[int, int], other: tuple[int, int]) -> None:
    low, high = (float(end) for end in katz(*one, *other))
    assert low <= high
    if one[0] and other[0]:
        theirs = confint_proportions_2indep(*one, *other, method="log", compare="ratio")
        assert (low, high) == pytest.approx(theirs, rel=1e-9)
    assert (low == 0) == (one[0] == 0)
    assert np.isinf(high) == (other[0] == 0)


def test_nobody_gives_no_interval() -> None:
    for ends in (wilson(0, 0), clopper_pearson(0, 0), newcombe(0, 0, 1, 2), newcombe(1, 2, 0, 0), katz(0, 0, 1, 2)):
        assert np.isnan(ends).all()


def test_everybody_and_nobody_reach_the_ends() -> None:
    assert wilson([0, 7], [7, 7])[0][0] == 0
    assert wilson([0, 7], [7, 7])[1][1] == 1


def test_clopper_pearson_is_never_too_narrow() -> None:
    n = 12
    low, high = clopper_pearson(np.arange(n + 1), n)
    for share in np.linspace(0.01, 0.99, 50):
        holds = (low <= share) & (share <= high)
        assert binom.pmf(np.arange(n + 1), n, share)[holds].sum() >= 0.95


def test_a_wider_level_is_a_wider_interval() -> None:
    low, high = wilson(5, 20)
    wide_low, wide_high = wilson(5, 20, z=normal_quantile(0.99))
    assert wide_low < low < high < wide_high


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_corrections_are_those_of_statsmodels(p_values: list[float]) -> None:
    for ours, method in ((holm, "holm"), (benjamini_hochberg, "fdr_bh")):
        assert np.allclose(ours(p_values), multipletests(p_values, method=method)[1], atol=1e-12)


def test_no_p_value_stays_none() -> None:
    assert holm([]).tolist() == benjamini_hochberg([]).tolist() == []
