"""The statistics behind a verdict: every dealing one by one, scipy and statsmodels, FORMULAS G5 and G7, levels held."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import confint_proportions_2indep

from naive import testing as twin
from riskscope.errors import FrameError
from riskscope.fairness.testing import (
    CANNOT_TELL,
    DISPARITY,
    NO_LARGER,
    effective_counts,
    gap_interval,
    one_against_rest,
    one_against_rest_weighted,
    over_families,
    pair_intervals,
    people_needed,
    smallest_detectable,
    verdict,
)
from riskscope.intervals import holm, newcombe

CLOSE = 1e-9
#: Draws for a share told to within four standard errors, sqrt(.25 / draws) each at most.
MANY = 20_000
DRAWN = 4 * math.sqrt(0.25 / MANY)

SIZES = [20, 30, 50, 80, 150, 300, 600, 1200, 2500, 5000]


@st.composite
def groups(draw: st.DrawFn, *, most: int = 5, fewest: int = 2) -> tuple[list[int], list[int]]:
    sizes = draw(st.lists(st.integers(1, most), min_size=fewest, max_size=4))
    return [draw(st.integers(0, size)) for size in sizes], sizes


# verdict


@pytest.mark.parametrize(
    ("p", "low", "high", "said"),
    [
        (0.05, 0.10, 0.30, DISPARITY),
        (0.051, 0.0, 0.30, CANNOT_TELL),
        (0.30, 0.0, 0.05, NO_LARGER),
        (0.30, -0.05, 0.05, NO_LARGER),
        (0.30, -0.051, 0.02, CANNOT_TELL),
        (0.30, 0.0, 0.0501, CANNOT_TELL),
        (0.001, 0.01, 0.02, DISPARITY),
        (math.nan, 0.0, 0.01, CANNOT_TELL),
        (math.nan, math.nan, math.nan, CANNOT_TELL),
        (0.5, math.nan, 0.01, CANNOT_TELL),
        (0.5, 0.0, math.nan, CANNOT_TELL),
    ],
)
def test_three_words(p: float, low: float, high: float, said: str) -> None:
    assert verdict(p, low, high, 0.05) == said


def test_a_wide_margin_silences_no_disparity_and_alpha_is_asked_for() -> None:
    assert verdict(0.01, 0.0, 0.2, 1.0) == DISPARITY
    assert verdict(0.01, 0.0, 0.2, 1.0, alpha=0.005) == NO_LARGER


# each group against the rest


@given(groups(most=12))
def test_p_of_each_group_is_fishers(given_groups: tuple[list[int], list[int]]) -> None:
    hits, sizes = given_groups
    found = one_against_rest(hits, sizes, n_permutations=19)
    assert found.p_values == pytest.approx([float(p) for p in twin.fisher_of_each(hits, sizes)], rel=CLOSE)


@pytest.mark.parametrize("rate", [0.003, 0.05, 0.5, 0.98])
def test_p_of_large_groups_is_scipys(rate: float) -> None:
    rng = np.random.default_rng(1)
    sizes = np.array([*SIZES, 100_000])
    hits = rng.binomial(sizes, rate)
    found = one_against_rest(hits, sizes, n_permutations=9).p_values
    for h, n, p in zip(hits, sizes, found, strict=True):
        table = [[h, n - h], [hits.sum() - h, sizes.sum() - n - hits.sum() + h]]
        assert p == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6, abs=1e-25)


@settings(max_examples=15, deadline=None)
@given(groups(most=4))
def test_adjusted_p_is_the_chance_over_every_dealing(given_groups: tuple[list[int], list[int]]) -> None:
    hits, sizes = given_groups
    found = one_against_rest(hits, sizes, n_permutations=MANY - 1)
    assert found.p_adjusted == pytest.approx([float(p) for p in twin.min_p(hits, sizes)], abs=DRAWN)
    assert found.p_any == found.p_adjusted.min()
    assert (found.p_adjusted <= len(sizes) * found.p_values + DRAWN).all()
    assert (found.p_adjusted >= np.minimum(found.p_values, 1 / MANY) - DRAWN).all()


@pytest.mark.parametrize(("sizes", "n_hit"), [([3, 4, 6], 4), ([1, 2, 9], 3), ([5, 5, 2], 6)])
def test_level_holds_over_every_table(sizes: list[int], n_hit: int) -> None:
    """Among all tables with these margins, a p_any of at most alpha has a chance of at most alpha."""
    chances, smallest = [], []
    for hits, chance in twin.every_table(sizes, n_hit):
        chances.append(float(chance))
        smallest.append(min(float(p) for p in twin.min_p(hits, sizes)))
    for alpha in {round(p, 12) for p in smallest}:
        held = sum(c for c, p in zip(chances, smallest, strict=True) if p <= alpha + CLOSE)
        assert held <= alpha + 1e-9
        assert held == pytest.approx(alpha, abs=1e-9)  # exact: at its own values nothing is given away


def test_level_holds_for_unequal_groups_and_rare_hits() -> None:
    rng = np.random.default_rng(2)
    alarms = [
        one_against_rest(rng.binomial(SIZES, 0.03), SIZES, n_permutations=199, rng=rng).p_any <= 0.05
        for _ in range(600)
    ]
    assert np.mean(alarms) <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 600)
    assert np.mean(alarms) >= 0.01  # not merely never


def test_bonferroni_does_not_spoil_the_level() -> None:
    """The smaller of both everywhere would be too small too often: 99 draws tell 0.05 to within 0.02 only."""
    rng = np.random.default_rng(8)
    found = [
        one_against_rest(rng.binomial(9000, [0.4] * 10), [9000] * 10, n_permutations=99, rng=rng) for _ in range(1500)
    ]
    alarms = np.mean([each.p_any <= 0.05 for each in found])
    spoiled = np.mean([min(each.p_any, 10 * each.p_values.min()) <= 0.05 for each in found])
    assert alarms <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 1500)
    assert spoiled > alarms + 0.003


def test_bonferroni_bounds_at_the_floor() -> None:
    found = one_against_rest([900, 100, 500], [1000, 1000, 1000], n_permutations=99)
    assert found.p_any == 3 * found.p_values.min() < 1 / 100
    assert found.p_adjusted[2] == 1


def test_far_out_is_small_but_never_nothing() -> None:
    p = one_against_rest([50_000, 0], [50_000, 50_000], n_permutations=9).p_values
    assert ((p > 0) & (p < 1e-30)).all()


def test_two_groups_tell_the_same_from_either_side() -> None:
    found = one_against_rest([20, 6], [40, 20])
    assert found.p_values == pytest.approx([0.173920, 0.173920], abs=5e-7)  # FORMULAS G5
    assert found.p_adjusted[0] == found.p_adjusted[1]


@given(groups(most=30), st.randoms(use_true_random=False))
def test_order_of_groups_plays_no_part(given_groups: tuple[list[int], list[int]], random: object) -> None:
    hits, sizes = (np.array(each) for each in given_groups)
    order = np.random.default_rng(len(hits)).permutation(len(hits))
    one, other = (one_against_rest(h, n, n_permutations=1) for h, n in ((hits, sizes), (hits[order], sizes[order])))
    assert one.p_values[order] == pytest.approx(other.p_values, rel=CLOSE)


def test_same_seed_same_p_and_a_generator_is_taken() -> None:
    one, other, drawn = (one_against_rest([4, 9, 2], [20, 20, 20], rng=rng) for rng in (3, 3, np.random.default_rng(3)))
    assert one.p_adjusted.tolist() == other.p_adjusted.tolist() == drawn.p_adjusted.tolist()


@pytest.mark.parametrize(("hits", "sizes"), [([], []), ([3], [5]), ([3, 0], [5, 0]), ([0, 0], [0, 0])])
def test_nobody_to_compare_with_is_nan(hits: list[int], sizes: list[int]) -> None:
    for found in (
        one_against_rest(hits, sizes),
        one_against_rest([hits, hits], [sizes, sizes]),
        one_against_rest_weighted(hits, sizes, hits, sizes),
    ):
        assert np.isnan(found.p_values).all()
        assert np.isnan(found.p_adjusted).all()
        assert len(found.p_values) == len(sizes)
        assert math.isnan(found.p_any)


@pytest.mark.parametrize("share", [0, 1])
def test_nobody_or_everybody_hit_is_no_difference(share: int) -> None:
    sizes = np.array([5, 9, 1])
    for found in (
        one_against_rest(share * sizes, sizes),
        one_against_rest([share * sizes] * 2, [sizes] * 2),
        one_against_rest_weighted(share * sizes, sizes, share * sizes, sizes),
    ):
        assert found.p_values.tolist() == found.p_adjusted.tolist() == [1, 1, 1]


def test_an_empty_group_is_nan_and_changes_nothing() -> None:
    found, without = one_against_rest([9, 0, 2], [12, 0, 14]), one_against_rest([9, 2], [12, 14])
    assert np.isnan([found.p_values[1], found.p_adjusted[1]]).all()
    assert found.p_values[[0, 2]] == pytest.approx(without.p_values)
    assert found.p_any == pytest.approx(without.p_any, abs=0.02)


def test_more_people_than_can_be_dealt_are_corrected_by_holm() -> None:
    found = one_against_rest([500_300_000, 249_900_000, 250_000_000], [10**9, 5 * 10**8, 5 * 10**8])
    assert found.n_permutations == 0
    assert found.p_adjusted == pytest.approx(holm(found.p_values))
    assert found.p_any < 1e-6


@pytest.mark.parametrize(
    ("hits", "sizes"),
    [
        ([1.5, 2], [3, 4]),
        ([1, 2], [3, 4.5]),
        ([-1, 2], [3, 4]),
        ([4, 2], [3, 4]),
        ([[1, 5]], [[3, 4]]),
        ([math.nan, 1], [3, 4]),
    ],
)
def test_what_is_no_count_is_an_error(hits: list[float], sizes: list[float]) -> None:
    with pytest.raises(FrameError, match=r"whole numbers of people.*one_against_rest_weighted"):
        one_against_rest(hits, sizes)


# strata


@settings(max_examples=8, deadline=None)
@given(groups(most=3, fewest=3), st.data())
def test_strata_over_every_dealing(given_groups: tuple[list[int], list[int]], data: st.DataObject) -> None:
    first = given_groups[0][:3], given_groups[1][:3]
    sizes = [first[1], data.draw(st.lists(st.integers(0, 3), min_size=3, max_size=3))]
    hits = [first[0], [data.draw(st.integers(0, n)) for n in sizes[1]]]
    if sum(n > 0 for n in sizes[1]) < 2:
        return  # one stratum: the other test
    found = one_against_rest(hits, sizes, n_permutations=MANY - 1)
    alone, any_group = twin.max_t(hits, sizes)
    assert found.p_values == pytest.approx([float(p) for p in alone], abs=DRAWN)
    assert found.p_adjusted == pytest.approx([float(p) for p in any_group], abs=DRAWN)


def test_simpsons_paradox_is_no_disparity_within_strata() -> None:
    """FORMULAS G4: departments that treat women and men alike, and women apply where few are taken."""
    hits, sizes = np.array([[12, 48], [16, 4]]), np.array([[20, 80], [80, 20]])
    assert one_against_rest(hits.sum(axis=0), sizes.sum(axis=0)).p_any < 0.01
    assert one_against_rest(hits, sizes).p_any == 1


def test_a_stratum_of_one_group_tells_nothing() -> None:
    found = one_against_rest([[9, 2, 0], [0, 0, 7]], [[12, 14, 0], [0, 0, 7]])
    plain = one_against_rest([9, 2, 0], [12, 14, 0])
    assert found.p_values[:2].tolist() == plain.p_values[:2].tolist()
    assert np.isnan(found.p_values[2])


def test_strata_without_dealing_are_held_against_the_normal_distribution() -> None:
    hits, sizes = [[300, 250, 240], [70, 90, 65]], [[600, 600, 600], [700, 700, 600]]
    found, dealt = one_against_rest(hits, sizes, n_permutations=0), one_against_rest(hits, sizes, n_permutations=MANY)
    assert found.n_permutations == 0
    assert found.p_values == pytest.approx(dealt.p_values, abs=DRAWN)
    assert found.p_adjusted == pytest.approx(holm(found.p_values))


def test_level_holds_within_strata() -> None:
    rng = np.random.default_rng(4)
    sizes = np.array([[20, 300, 50], [100, 10, 50], [7, 40, 2000]])
    rates = np.array([[0.03], [0.3], [0.1]])
    alarms = [
        one_against_rest(rng.binomial(sizes, rates), sizes, n_permutations=199, rng=rng).p_any <= 0.05
        for _ in range(600)
    ]
    assert 0.01 <= np.mean(alarms) <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 600)


# weights

WEIGHTS = st.lists(st.floats(0.1, 10), max_size=5)


@given(st.lists(st.tuples(WEIGHTS, WEIGHTS).filter(lambda each: any(each)), min_size=2, max_size=4))
def test_weighted_p_is_that_of_effective_people(people: list[tuple[list[float], list[float]]]) -> None:
    hits, misses = [hit for hit, _miss in people], [miss for _hit, miss in people]
    sums = [
        [sum(h) for h in hits],
        [sum(h) + sum(m) for h, m in people],
        [sum(w * w for w in h) for h in hits],
        [sum(w * w for w in h + m) for h, m in people],
    ]
    found = one_against_rest_weighted(*sums, n_permutations=19)
    effective = twin.effective_people(hits, misses)
    assert found.p_values == pytest.approx([float(p) for p in twin.fisher_of_each(*effective)], rel=CLOSE)
    assert found.p_adjusted.tolist() == one_against_rest(*effective, n_permutations=19).p_adjusted.tolist()
    scaled = one_against_rest_weighted(*[np.array(each) * 4 ** (1 + at // 2) for at, each in enumerate(sums)])
    assert scaled.p_values == pytest.approx(found.p_values, rel=CLOSE)


@given(groups(most=40), st.floats(0.01, 100))
def test_equal_weights_give_the_plain_test(given_groups: tuple[list[int], list[int]], weight: float) -> None:
    hits, sizes = (np.array(each) for each in given_groups)
    found = one_against_rest_weighted(
        hits * weight, sizes * weight, hits * weight**2, sizes * weight**2, n_permutations=19
    )
    plain = one_against_rest(hits, sizes, n_permutations=19)
    assert found.p_values.tolist() == plain.p_values.tolist()
    assert found.p_adjusted.tolist() == plain.p_adjusted.tolist()


def test_level_holds_for_unequal_weights_and_rare_hits() -> None:
    rng = np.random.default_rng(6)
    group = np.repeat(np.arange(7), SIZES[:7])
    alarms = []
    for _ in range(500):
        weight, is_hit = np.exp(0.8 * rng.standard_normal(len(group))), rng.random(len(group)) < 0.05
        sums = [np.bincount(group, each) for each in (weight * is_hit, weight, weight**2 * is_hit, weight**2)]
        alarms.append(one_against_rest_weighted(*sums, n_permutations=199, rng=rng).p_any <= 0.05)
    assert 0.002 <= np.mean(alarms) <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 500)


@given(st.lists(st.floats(0.1, 10), max_size=6), st.lists(st.floats(0.1, 10), max_size=6))
def test_effective_counts_are_the_twins(hits: list[float], misses: list[float]) -> None:
    everybody = hits + misses
    found = effective_counts(sum(hits), sum(everybody), sum(w * w for w in hits), sum(w * w for w in everybody))
    assert [float(each) for each in found] == pytest.approx(twin.effective(hits, misses), rel=1e-7)


@given(st.integers(0, 20), st.integers(0, 20), st.floats(0.01, 100))
def test_equal_weights_count_as_people(n_hit: int, n_missed: int, weight: float) -> None:
    n = n_hit + n_missed
    hits, people = effective_counts(n_hit * weight, n * weight, n_hit * weight**2, n * weight**2)
    assert (float(hits), float(people)) == pytest.approx((n_hit, n), rel=CLOSE)


def test_sums_that_differ_by_rounding_alone_are_equal() -> None:
    """Everybody is hit, and the same weights were added up in another order."""
    weights = np.random.default_rng(7).random((3, 50))
    hits, sizes, hits_squares, squares = (
        np.array([sum(row[::step] ** power) for row in weights]) for power in (1, 2) for step in (1, -1)
    )
    found = one_against_rest_weighted(hits, sizes, hits_squares, squares)
    assert found.p_any == 1
    n = effective_counts(hits * (1 - 1e-15), sizes, hits_squares, squares)[1]
    assert n == pytest.approx(sizes**2 / squares)


# several metrics


def test_families() -> None:
    corrected = over_families([[0.01, 0.04, np.nan], [0.03, 0.5], [np.nan], [0.02]])
    assert corrected[0] == pytest.approx([0.03, 0.12, np.nan], nan_ok=True)
    assert corrected[1] == pytest.approx([0.04, 0.5 * 0.04 / 0.03])
    assert np.isnan(corrected[2]).all()
    assert corrected[3] == pytest.approx([0.04])
    assert over_families([]) == []


@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=4), min_size=1, max_size=5))
def test_families_are_holms_by_their_smallest_and_keep_order(families: list[list[float]]) -> None:
    corrected = over_families(families)
    assert [each.min() for each in corrected] == pytest.approx(holm([min(each) for each in families]))
    for ours, given_ones in zip(corrected, families, strict=True):
        assert ((ours >= given_ones) & (ours <= 1)).all()
        assert (np.diff(ours[np.argsort(given_ones)]) >= 0).all()


# intervals


def test_pairs_are_newcombes() -> None:
    hits, sizes = np.array([20, 6, 0]), np.array([40, 20, 15])
    difference, low, high = pair_intervals(hits, sizes)
    for row, column in itertools.permutations(range(3), 2):
        assert difference[row, column] == hits[row] / sizes[row] - hits[column] / sizes[column]
        ours = low[row, column], high[row, column]
        assert ours == pytest.approx(newcombe(hits[row], sizes[row], hits[column], sizes[column]), rel=CLOSE)
        theirs = confint_proportions_2indep(
            hits[row], sizes[row], hits[column], sizes[column], method="newcomb", compare="diff"
        )
        assert ours == pytest.approx(theirs, rel=1e-7)
        assert ours == pytest.approx((-high[column, row], -low[column, row]))
    assert (low[0, 1], high[0, 1]) == pytest.approx((-0.064300, 0.413969), abs=5e-7)  # FORMULAS G5
    assert np.diag(low).tolist() == np.diag(high).tolist() == [0, 0, 0]


@pytest.mark.parametrize("n_groups", [3, 10, 40])
def test_all_pairs_at_once_take_the_studentised_range_and_jeffreys(n_groups: int) -> None:
    hits, sizes = np.arange(n_groups), np.arange(50, 50 + n_groups)
    difference, low, high = pair_intervals(hits, sizes, level=0.9, simultaneous=True)
    tail = stats.norm.sf(stats.studentized_range.ppf(0.9, n_groups, np.inf) / math.sqrt(2))
    least, most = (stats.beta.ppf(each, hits + 0.5, sizes - hits + 0.5) for each in (tail, 1 - tail))
    least[0] = 0
    rates = hits / sizes
    for row, column in [(0, 1), (2, 1), (2, 0)]:
        below = math.hypot(rates[row] - least[row], most[column] - rates[column])
        above = math.hypot(most[row] - rates[row], rates[column] - least[column])
        assert low[row, column] == pytest.approx(difference[row, column] - below, rel=1e-6)
        assert high[row, column] == pytest.approx(difference[row, column] + above, rel=1e-6)
    assert low == pytest.approx(-high.T, nan_ok=True)


def test_two_groups_at_once_are_one_pair() -> None:
    at_once, alone = (pair_intervals([20, 6], [40, 20], simultaneous=each) for each in (True, False))
    assert np.array_equal(at_once, alone)
    assert gap_interval([20, 6], [40, 20])[1:3] == (0, alone[2][0, 1])


def test_a_group_without_people_is_nan_and_does_not_widen() -> None:
    for people in ([5, 9], [5, 9, 3]):
        found = pair_intervals([*people, 0], [*[10, 30, 20][: len(people)], 0], simultaneous=True)
        without = pair_intervals(people, [10, 30, 20][: len(people)], simultaneous=True)
        for each, plain in zip(found, without, strict=True):
            assert np.isnan(each[-1]).all()
            assert np.isnan(each[:, -1]).all()
            assert each[:-1, :-1] == pytest.approx(plain)


@given(groups(most=40))
def test_gap(given_groups: tuple[list[int], list[int]]) -> None:
    hits, sizes = given_groups
    found = gap_interval(hits, sizes)
    assert found.gap == pytest.approx(twin.gap(hits, sizes), rel=CLOSE)
    assert hits[found.first] / sizes[found.first] - hits[found.last] / sizes[found.last] == pytest.approx(found.gap)
    assert found.first != found.last
    assert 0 <= found.low <= found.gap <= found.high <= 1
    wider = gap_interval(hits, sizes, level=0.99)
    assert wider.low <= found.low
    assert wider.high >= found.high


@pytest.mark.parametrize(("hits", "sizes"), [([], []), ([3], [5]), ([3, 0], [5, 0])])
def test_no_gap_without_two_groups(hits: list[int], sizes: list[int]) -> None:
    found = gap_interval(hits, sizes)
    assert np.isnan(found[:3]).all()
    assert found[3:] == (-1, -1)


def test_gap_of_groups_alike_skips_those_without_people() -> None:
    assert gap_interval([0, 2, 2], [0, 4, 4])[3:] == (1, 2)


@pytest.mark.parametrize("sizes", [[100] * 10, SIZES])
@pytest.mark.parametrize("rates", [[0.3] * 10, [0.2, *[0.3] * 8, 0.5], [0.03] * 10])
def test_gap_interval_holds_its_level_under_parity_too(rates: list[float], sizes: list[int]) -> None:
    """A bootstrapped percentile interval holds a gap of 0 in no audit at all."""
    rng = np.random.default_rng(5)
    true, held = max(rates) - min(rates), 0
    for _ in range(400):
        found = gap_interval(rng.binomial(sizes, rates), sizes)
        held += found.low <= true <= found.high
    assert held / 400 >= 0.95 - 4 * math.sqrt(0.05 * 0.95 / 400)


# power


def test_smallest_detectable_difference() -> None:
    assert float(smallest_detectable(100, 100, 0.4)) == pytest.approx(0.194, abs=5e-4)  # FORMULAS G7
    noticed = NormalIndPower().power(0.194098 / math.sqrt(0.4 * 0.6), 100, 0.05)
    assert noticed == pytest.approx(0.8, abs=1e-4)
    found = smallest_detectable([0, 10, 1000], [50, 50, 50], 0.3)
    assert np.isnan(found[0])
    assert found[1] > found[2]


def test_people_needed() -> None:
    assert people_needed([0.5, 0.3, 0.4], [0.3, 0.5, 0.4]).tolist() == [91, 91, math.inf]  # FORMULAS G7: 90.26
    assert people_needed(0.5, 0.3, power=0.9) > people_needed(0.5, 0.3) < people_needed(0.5, 0.3, level=0.99)
