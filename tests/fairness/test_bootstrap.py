"""Cells drawn anew: the bootstrap of rows enumerated, totals kept, and intervals that hold, or say that they do not."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskscope.errors import FrameError, RiskscopeError
from riskscope.fairness.bootstrap import bootstrap_counts, interval

DRAWS = 40_000
#: Chance of a false alarm of a goodness-of-fit test; seeds are fixed.
RARE = 1e-4


def by_rows(counts: Sequence[int]) -> dict[tuple[int, ...], Fraction]:
    """Chances of the counts of every way to draw as many rows as there are, with replacement."""
    rows = [cell for cell, n in enumerate(counts) for _ in range(n)]
    ways = Counter(
        tuple(drawn.count(cell) for cell in range(len(counts))) for drawn in itertools.product(rows, repeat=len(rows))
    )
    return {each: Fraction(n, len(rows) ** len(rows)) for each, n in ways.items()}


def fits(drawn: np.ndarray, chances: dict[tuple[int, ...], Fraction]) -> float:
    """Chance of counts of draws so far from those expected."""
    seen = Counter(map(tuple, drawn.tolist()))
    assert set(seen) <= set(chances)
    expected = np.array([float(each) for each in chances.values()]) * len(drawn)
    observed = np.array([seen[each] for each in chances])
    rare = expected < 5
    if rare.any():
        observed, expected = (np.append(each[~rare], each[rare].sum()) for each in (observed, expected))
    return float(stats.chisquare(observed, expected).pvalue)


def test_rows_of_the_sheet() -> None:
    """FORMULAS G8: rows x, x, y."""
    chances = by_rows([2, 1])
    assert chances == {
        (3, 0): Fraction(8, 27),
        (2, 1): Fraction(12, 27),
        (1, 2): Fraction(6, 27),
        (0, 3): Fraction(1, 27),
    }
    assert fits(bootstrap_counts([2, 1], n_boot=DRAWS), chances) > RARE


@pytest.mark.parametrize("counts", [[1, 1, 1], [3, 1, 2], [0, 4, 1], [2, 0, 0, 3]])
def test_cells_are_drawn_as_rows_are(counts: list[int]) -> None:
    """Enumerated by rows, the law is the multinomial one; and draws follow it."""
    n, chances = sum(counts), by_rows(counts)
    for cell, chance in chances.items():
        law = stats.multinomial.pmf(cell, n, [each / n for each in counts])
        assert float(chance) == pytest.approx(law, rel=1e-9)
    assert fits(bootstrap_counts(counts, n_boot=DRAWS, rng=1), chances) > RARE


def test_fixed_groups_are_drawn_each_on_its_own() -> None:
    first, other = [2, 1], [1, 3]
    drawn = bootstrap_counts([first, other], n_boot=DRAWS, fixed=0)
    both = {
        (*one, *two): p * q for (one, p), (two, q) in itertools.product(by_rows(first).items(), by_rows(other).items())
    }
    assert fits(drawn.reshape(DRAWS, 4), both) > RARE


@given(
    st.lists(st.integers(0, 30), min_size=12, max_size=12),
    st.sampled_from([None, 0, 1, -1, (0, 2), (2, 1), (0, 1, 2), ()]),
)
def test_totals_stay(cells: list[int], fixed: int | tuple[int, ...] | None) -> None:
    counts = np.array(cells).reshape(2, 3, 2)
    drawn = bootstrap_counts(counts, n_boot=7, fixed=fixed)
    assert drawn.shape == (7, 2, 3, 2)
    assert drawn.dtype == np.int64
    kept = set() if fixed is None else {axis % 3 for axis in np.atleast_1d(np.array(fixed, int)).tolist()}
    free = tuple(axis for axis in range(3) if axis not in kept)
    wanted = counts.sum(axis=free)
    assert (drawn.sum(axis=tuple(1 + axis for axis in free)) == wanted).all()
    assert (drawn[:, counts == 0] == 0).all()


def test_mean_and_spread_are_those_of_rows() -> None:
    counts = np.array([[300, 100], [50, 150]])
    drawn = bootstrap_counts(counts, n_boot=20_000)
    share = counts / 600
    assert drawn.mean(axis=0) == pytest.approx(counts, rel=0.01)
    assert drawn.var(axis=0) == pytest.approx(600 * share * (1 - share), rel=0.06)


@pytest.mark.parametrize("counts", [[], [0, 0], [[0, 0], [0, 0]], [5], [0, 7]])
def test_nothing_to_draw(counts: list[int]) -> None:
    given_counts = np.array(counts, np.int64)
    assert (bootstrap_counts(given_counts, n_boot=3) == given_counts).all()


def test_same_seed_same_draws_and_nothing_changed() -> None:
    counts = np.array([3, 4, 5], np.uint8)
    one, other = (bootstrap_counts(counts, rng=rng) for rng in (9, np.random.default_rng(9)))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, bootstrap_counts(counts, rng=8))
    assert counts.tolist() == [3, 4, 5]


@pytest.mark.parametrize("counts", [[0.5, 1.5], [1, -1], ["a"]])
def test_only_counts_are_drawn(counts: list[object]) -> None:
    with pytest.raises(FrameError, match=r"counts are .*whole numbers of at least 0"):
        bootstrap_counts(np.array(counts))


def test_basic_is_the_percentile_interval_mirrored() -> None:
    draws = np.arange(1001) / 1000
    assert interval(0.4, draws, kind="percentile") == pytest.approx((0.025, 0.975), abs=1e-3)
    assert interval(0.4, draws) == pytest.approx((-0.175, 0.775), abs=1e-3)
    low, high = interval([0.4, 0.6], np.stack([draws, draws], axis=1), level=0.9, kind="percentile")
    assert low == pytest.approx([0.05, 0.05], abs=1e-3)
    assert high == pytest.approx([0.95, 0.95], abs=1e-3)


def test_undefined_draws_are_left_out_while_they_are_few() -> None:
    draws = np.stack([np.arange(100.0), np.arange(100.0), np.arange(100.0)], axis=1)
    draws[:5, 1] = np.nan
    draws[:6, 2] = np.nan
    low, high = interval([50, 50, 50], draws, kind="percentile", level=0.95)
    assert low[:2].tolist() == [2, 7]
    assert np.isnan([low[2], high[2]]).all()
    assert np.isnan(interval(np.nan, np.arange(10.0))).all()


def test_an_infinite_ratio_is_an_end() -> None:
    draws = np.array([1.0] * 50 + [np.inf] * 50)
    assert interval(2.0, draws, kind="percentile") == (1, np.inf)


def test_another_kind_is_an_error() -> None:
    with pytest.raises(RiskscopeError, match="kind is 'normal'"):
        interval(0.5, [0.5], kind="normal")


def test_the_interval_of_a_rate_holds_its_level() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for at in range(300):
        hits = int(rng.binomial(400, 0.3))
        low, high = interval(hits / 400, bootstrap_counts([hits, 400 - hits], n_boot=300, rng=at)[:, 0] / 400)
        held += low <= 0.3 <= high
    assert 0.91 <= held / 300 <= 0.985


def test_percentile_of_a_gap_never_holds_parity() -> None:
    """Ten groups of 100, as with fairlearn: why ``gap_interval`` is another."""
    rng = np.random.default_rng(4)
    above = 0
    for at in range(100):
        hits = rng.binomial(100, 0.3, size=10)
        drawn = bootstrap_counts(np.stack([hits, 100 - hits], axis=1), n_boot=200, rng=at)
        gaps = np.ptp(drawn[:, :, 0] / drawn.sum(axis=2), axis=1)
        above += interval(np.ptp(hits / 100), gaps, kind="percentile")[0] > 0
    assert above == 100
