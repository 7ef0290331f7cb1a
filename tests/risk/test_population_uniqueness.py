"""People alone in the population: all estimates of one table side by side, the rules, the intervals, the edges."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import riskscope as rs
from frames import QUASI, ROLES, some_people
from riskscope.errors import RiskscopeError
from riskscope.risk.class_size_counts import ClassSizes
from riskscope.risk.frequency_models import Estimate, ewens, pitman, slide_negative_binomial, zayatz
from riskscope.risk.population_estimates import (
    ESTIMATORS,
    bounds_without_estimate,
    choice,
    dankar_choice,
    estimates_of,
    half_sample_intervals,
    spread_of,
    supported,
)

CLOSE = 1e-9
WORKED = {1: 60, 2: 12, 3: 5, 5: 3, 10: 2, 40: 1}
H = ClassSizes(np.array(list(WORKED)), np.array(list(WORKED.values())))


def worked(seed: int = 0) -> pd.DataFrame:
    """Records whose classes are the worked histogram, over two columns."""
    sizes = [size for size, n in WORKED.items() for _ in range(n)]
    classes = np.repeat(np.arange(len(sizes)), sizes)
    frame = pd.DataFrame({"a": classes // 9, "b": classes % 9})
    return frame.sample(frac=1, random_state=seed)


def drawn(n: int = 30_000, fraction: float = 0.1, seed: int = 1) -> tuple[pd.DataFrame, int, int]:
    """A sample of a made-up population of people, its size, and how many of it are alone."""
    rng = np.random.default_rng(7)
    home = rng.zipf(1.6, n) % 60
    people = pd.DataFrame({"home": home, "age": (rng.normal(40, 12, n) + home / 10).astype(int), "job": home % 7})
    people["job"] = np.where(rng.random(n) < 0.3, people["job"], rng.zipf(1.8, n) % 9)
    true = rs.uniqueness(people, list(people.columns)).n_unique
    return people.sample(frac=fraction, random_state=seed), n, true


def test_worked_histogram() -> None:
    """FORMULAS C6: π = .1: Pitman 299.72; N = 435 (π = .4): min(109.77, 103.56) = 103.56."""
    tenth = rs.population_uniqueness(worked(), ["a", "b"], population_size=1740, draws=0)
    assert tenth.dankar == pytest.approx(299.7245, abs=1e-4)
    assert tenth.estimates["zayatz"] == pytest.approx(321.2931, abs=1e-4)
    assert tenth.estimates["snb"] == pytest.approx(285.1002, abs=1e-4)
    assert tenth.estimates["ewens"] == pytest.approx(59.51859, abs=1e-5)
    assert (tenth.n_unique, tenth.fraction, tenth.n_cells) == (60, 0.1, 90)
    two_fifths = rs.population_uniqueness(worked(), ["a", "b"], population_size=435, draws=0)
    assert two_fifths.dankar == pytest.approx(103.5571, abs=1e-4)


def test_the_range_of_all_estimates_and_the_policy() -> None:
    """FORMULAS C6: H spreads from 59.5 to 321.3 at least: not estimable, and no number is given."""
    result = rs.population_uniqueness(worked(), ["a", "b"], population_size=1740)
    assert result.lowest <= 59.51860
    assert result.highest >= 321.293
    assert result.spread == result.highest / result.lowest > 3
    # Ewens expects 45.7 sample uniques and there are 60: it does not describe the sample, and is left out.
    assert "misses the table's own uniques" in result.states["ewens"]
    names = supported(estimates_of(rs.count(worked(), ["a", "b"]), 1740, 90).estimates, 60, 0.1)
    assert "ewens" not in names
    assert "zayatz" not in names
    values = [result.estimates[name] for name in names]
    assert result.supported_spread == pytest.approx(max(values) / min(values), rel=CLOSE)
    assert result.is_estimable == (result.supported_spread <= 3)
    assert math.isnan(result.estimate) != result.is_estimable


def of(**values: float) -> dict[str, Estimate]:
    """Estimates as given; those not named failed."""
    failed = Estimate(math.nan, "failed")
    return {name: Estimate(values[name], "", {}, 10) if name in values else failed for name in ESTIMATORS}


@pytest.mark.parametrize(
    ("values", "fraction", "expected"),
    [
        ({"pitman": 5, "zayatz": 9, "snb": 1}, 0.1, "pitman"),
        ({"zayatz": 9, "snb": 1}, 0.1, "zayatz"),
        ({"pitman": 0, "zayatz": 9}, 0.1, "zayatz"),
        ({"pitman": 5, "zayatz": 9, "snb": 10}, 0.11, "zayatz"),
        ({"pitman": 5, "zayatz": 9, "snb": 8}, 0.11, "snb"),
        ({"pitman": 5, "zayatz": 9}, 0.11, "zayatz"),
    ],
)
def test_rule_of_dankar(values: dict[str, float], fraction: float, expected: str) -> None:
    assert dankar_choice(of(**values), fraction) == expected
    assert choice(of(**values), fraction) == expected
    assert choice(of(**values, tree=4), fraction) == "tree"


def test_what_the_sample_supports() -> None:
    estimates = of(tree=3, zayatz=9, snb=8, ewens=1) | {"ewens": Estimate(1, "", {}, 12.1)}
    assert supported(estimates, 10, 0.1) == ["tree"]
    assert supported(estimates, 10, 0.2) == ["tree", "zayatz", "snb"]


def test_spreads() -> None:
    assert spread_of([2, 6, 3]) == 3
    assert spread_of([0, 0]) == 1
    assert spread_of([0, 2]) == math.inf
    assert math.isnan(spread_of([]))


def test_disagreement_gives_no_number() -> None:
    """The tree knows the 90 combinations of values seen and no others, Pitman's formula as many as there are people."""
    result = rs.population_uniqueness(worked(), ["a", "b"], population_size=17_400)
    assert result.supported_spread > 3
    assert not result.is_estimable
    for name in ("estimate", "share", "share_of_uniques", "low", "high"):
        assert math.isnan(getattr(result, name))
        assert result.undefined[name] == "the estimates that the table supports differ by more than a factor of 3"
    assert "not estimable" in result.summary()
    assert "do not pick the lowest" in result.summary()
    assert "(the one taken)" not in str(result.tables())
    assert json.dumps(result.to_dict(), allow_nan=False)


def test_a_known_population() -> None:
    sample, n, true = drawn()
    result = rs.population_uniqueness(sample, list(sample.columns), population_size=n)
    assert result.chosen == "tree"
    assert result.estimate == pytest.approx(true, rel=0.25)
    assert result.low < result.estimate < result.high
    assert result.share == pytest.approx(result.estimate / n, rel=CLOSE)
    assert result.share_of_uniques == pytest.approx(result.estimate * 0.1 / result.n_unique, rel=CLOSE)
    assert result.lowest <= true <= result.highest
    records = rs.record_uniqueness(sample, list(sample.columns), population_size=n)
    assert records.expected_uniques * 10 == pytest.approx(result.estimate, rel=CLOSE)
    assert f"{round(result.estimate):,} of 30,000 people" in result.summary()
    assert "(the one taken)" in result.tables()[0][2][0][0]


def test_growth_with_the_population() -> None:
    sample, n, _true = drawn()
    result = rs.population_uniqueness(sample, list(sample.columns), population_size=n, draws=0)
    sizes, alone, below, right = result.growth.T
    assert sizes.tolist() == [3000, 6000, 15_000, 30_000]
    assert alone[-1] * n == pytest.approx(result.estimates["scaling_law"], rel=CLOSE)
    for falling in (alone, below, right):
        assert (np.diff(falling) < 0).all()
    assert (below > alone).all()
    assert right[0] == pytest.approx(rs.reidentification_risk(sample, list(sample.columns)).average, rel=0.05)


def test_seeds() -> None:
    sample, n, _true = drawn()
    names = list(sample.columns)
    first = rs.population_uniqueness(sample, names, population_size=n, draws=4)
    assert rs.population_uniqueness(sample, names, population_size=n, draws=4).to_dict() == first.to_dict()
    other = rs.population_uniqueness(sample, names, population_size=n, draws=4, rng=1)
    assert other.intervals != first.intervals
    assert other.estimates == first.estimates
    given = rs.population_uniqueness(sample, names, population_size=n, draws=4, rng=np.random.default_rng(0))
    assert given.intervals == first.intervals
    assert (first.seed, given.seed) == (0, None)


def test_a_seed_draws_the_same_however_values_are_coded() -> None:
    sample, n, _true = drawn(3000)
    names = list(sample.columns)
    expected = rs.population_uniqueness(sample, names, population_size=n, draws=5)
    homes = sample["home"].unique()[::-1]
    coded = sample.assign(home=pd.Categorical(sample["home"], categories=[*homes, -1], ordered=True))
    found = rs.population_uniqueness(coded, names, population_size=n, draws=5)
    assert found.n_cells == expected.n_cells
    assert found.estimate == pytest.approx(expected.estimate, rel=CLOSE)
    assert found.low == pytest.approx(expected.low, rel=CLOSE)
    mixed = pd.DataFrame({"a": [1, "x", 2.5, "x", None, 1] * 5 + ["y"], "b": [1, 2, 3] * 10 + [4]})
    assert rs.population_uniqueness(mixed, ["a", "b"], population_size=300, draws=3).intervals


def test_too_many_records_for_half_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskscope.risk.population_estimates.MOST_RECORDS", 100)
    sample, n, _true = drawn(3000)
    result = rs.population_uniqueness(sample, list(sample.columns), population_size=n, draws=5)
    assert result.intervals == {}
    assert "too many records" in result.undefined["low"]


def test_no_draws_no_interval() -> None:
    sample, n, _true = drawn()
    result = rs.population_uniqueness(sample, list(sample.columns), population_size=n, draws=0)
    assert result.intervals == {}
    assert "no interval" in result.undefined["low"]
    assert not math.isnan(result.estimate)


def test_intervals_match_the_spread_over_samples() -> None:
    """Over new samples of one population, Zayatz's estimate varies about as its half-sample interval says."""
    rng = np.random.default_rng(0)
    people = np.sort(rng.zipf(1.7, 40_000) % 30_000)
    classes = np.unique(people, return_inverse=True)[1]
    logs, widths = [], []
    for seed in range(40):
        sample = pd.DataFrame({"a": classes[np.random.default_rng(seed).choice(40_000, 2000, replace=False)]})
        table = rs.count(sample, ["a"])
        logs.append(math.log1p(zayatz(ClassSizes.of(table.counts), 40_000).n_uniques))
        if seed < 4:
            fits = estimates_of(table, 40_000, 30_000)
            found = half_sample_intervals(table, fits, 40_000, 30_000, draws=30, rng=np.random.default_rng(seed))
            low, high = found["zayatz"]
            widths.append(math.log((1 + high) / (1 + low)) / 2 / 1.96)
    assert np.mean(widths) == pytest.approx(np.std(logs), rel=0.35)


def test_half_samples_are_drawn_without_replacement(monkeypatch: pytest.MonkeyPatch) -> None:
    """With replacement a person could be drawn twice, and be alone no more: no class may grow."""
    table = rs.count(worked(), ["a", "b"])
    seen: list[Any] = []

    class Watched:
        def multivariate_hypergeometric(self, counts: Any, n: int, method: str) -> Any:
            drawn_counts = np.random.default_rng(len(seen)).multivariate_hypergeometric(counts, n, method=method)
            seen.append((counts, drawn_counts))
            return drawn_counts

    fits = estimates_of(table, 1740, 90)
    half_sample_intervals(table, fits, 1740, 90, draws=5, rng=Watched())  # type: ignore[arg-type]
    assert len(seen) == 5
    for counts, drawn_counts in seen:
        assert sorted(counts) == sorted(table.counts)
        assert drawn_counts.sum() == 87
        assert (drawn_counts <= counts).all()


def test_nobody_alone() -> None:
    """c_1 = 0: every estimate is 0, and S1 uniques escape a sample of the fraction π with the chance (1 - π)^S1."""
    frame = pd.DataFrame({"a": [1, 1, 2, 2, 2], "b": [1, 1, 2, 2, 2]})
    result = rs.population_uniqueness(frame, ["a", "b"], population_size=50)
    assert (result.estimate, result.dankar, result.spread) == (0, 0, 1)
    assert set(result.estimates.values()) == {0}
    assert (result.low, result.high) == (0, pytest.approx(math.log(0.05) / math.log(0.9), rel=CLOSE))
    assert result.undefined["share_of_uniques"] == "nobody is alone in the table"
    assert "at most about 29" in result.summary()


def test_the_table_is_the_population() -> None:
    people = pd.DataFrame(some_people(1, n=90))
    result = rs.population_uniqueness(people, QUASI, population_size=90)
    n_unique = rs.uniqueness(people, QUASI).n_unique
    assert set(result.estimates.values()) == {n_unique}
    assert result.low == result.estimate == result.high == n_unique
    assert result.share_of_uniques == 1
    assert "counted, not estimated" in result.summary()


def test_everybody_alone() -> None:
    """Not identifiable: NaN with a reason and a bound; Zayatz would say that everybody is."""
    frame = pd.DataFrame({"a": range(300), "b": range(300)})
    result = rs.population_uniqueness(frame, ["a", "b"], population_size=3000)
    for name in ("tree", "pitman", "scaling_law", "snb", "ewens"):
        assert math.isnan(result.estimates[name])
        assert "everybody" in result.states[name]
    assert result.estimates["zayatz"] == pytest.approx(3000, rel=CLOSE)
    assert math.isnan(result.estimate)
    assert not result.is_estimable
    assert (result.low, result.high) == (pytest.approx(3000 + 2 * math.log(0.05) / 0.01, rel=CLOSE), 3000)
    assert "at least about 2,400 are alone" in result.summary()
    assert "nearly everybody in it is alone" in result.summary()


@pytest.mark.parametrize("size", [2, 3, 10])
def test_bound_where_everybody_is_alone_holds_for_pairs_and_larger_classes(size: int) -> None:
    """Populations at the bound: all of 200 classes of one size missed, however large, in at most 5 % of the samples."""
    population, fraction = 20_000, 0.05
    low, _high = bounds_without_estimate(ClassSizes(np.array([1]), np.array([1000])), population) or (0, 0)
    n_classes = int((population - low) / size)
    rng = np.random.default_rng(size)
    drawn_each = rng.binomial(size, fraction, (2000, n_classes))
    assert (drawn_each.max(axis=1) <= 1).mean() <= 0.07


def test_bounds_only_where_there_is_no_estimate() -> None:
    assert bounds_without_estimate(H, 1740) is None
    assert bounds_without_estimate(H, 174) == (60, 60)


def test_empty_one_record_all_equal_all_missing() -> None:
    empty = rs.population_uniqueness(pd.DataFrame({"a": []}), ["a"], population_size=10)
    assert math.isnan(empty.estimate)
    assert set(empty.undefined.values()) == {"the table has no records"}
    assert "no records" in empty.summary()
    one = rs.population_uniqueness(pd.DataFrame({"a": [1]}), ["a"], population_size=10)
    assert math.isnan(one.estimate)
    assert (one.low, one.high) == (0, 10)
    equal = rs.population_uniqueness(pd.DataFrame({"a": [1] * 9, "b": [None] * 9}), ["a", "b"], population_size=90)
    assert equal.estimate == 0
    lone = rs.population_uniqueness(pd.DataFrame({"a": [1] * 9 + [2]}), ["a"], population_size=100)
    assert lone.estimates.keys() == ESTIMATORS.keys()
    assert math.isnan(lone.estimates["tree"])
    assert lone.states["tree"] == "one column alone makes no tree"
    assert "exactly two people" in lone.states["snb"]


def test_from_counts_and_in_any_order() -> None:
    sample, n, _true = drawn(3000)
    names = list(sample.columns)
    result = rs.population_uniqueness(sample, names, population_size=n, draws=5)
    assert rs.population_uniqueness(rs.count(sample, names), population_size=n, draws=5).to_dict() == result.to_dict()
    shuffled = sample.sample(frac=1, random_state=3).set_axis([0] * len(sample), axis=0)
    assert rs.population_uniqueness(shuffled, names, population_size=n, draws=5).to_dict() == result.to_dict()


def test_from_the_class_sizes_alone() -> None:
    """A table of one column of class numbers is the histogram: all but the tree answer as from the full table."""
    frame = worked()
    single = pd.DataFrame({"class": frame["a"] * 9 + frame["b"]})
    full = rs.population_uniqueness(frame, ["a", "b"], population_size=1740, draws=0, n_cells=90)
    alone = rs.population_uniqueness(single, ["class"], population_size=1740, draws=0, n_cells=90)
    for name in set(ESTIMATORS) - {"tree"}:
        assert alone.estimates[name] == pytest.approx(full.estimates[name], rel=1e-6)
    assert alone.chosen == "pitman"
    assert alone.is_estimable
    assert alone.estimate == pytest.approx(pitman(H, 1740).n_uniques, rel=1e-6)
    assert alone.estimates["ewens"] == ewens(H, 1740).n_uniques
    assert alone.estimates["snb"] == slide_negative_binomial(H, 1740).n_uniques


def test_warnings_in_words() -> None:
    sample, _n, _true = drawn(3000)
    roles = rs.Roles(quasi_identifiers=["home", "age"], weight="job")
    said = rs.population_uniqueness(sample, roles, population_size=10_000_000, draws=0).summary()
    assert "stratified or clustered samples, several records for one person" in said
    assert "less than 0.5 % of the population" in said
    assert "its roles name weight" in said
    assert "Here be wary" not in rs.population_uniqueness(sample, ["home"], population_size=3000, draws=0).summary()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"population_size": 2}, "population_size is 2 and the table has 3 records"),
        ({"population_size": 9.5}, "population_size is 9.5; it must be a whole number"),
        ({"population_size": 9, "draws": -1}, "draws is -1"),
        ({"population_size": 9, "n_cells": 1}, "n_cells is 1; it must be a number, at least 3"),
    ],
)
def test_options_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RiskscopeError, match=message):
        rs.population_uniqueness(pd.DataFrame({"a": [1, 2, 3]}), ["a"], **options)


def test_picture() -> None:
    import matplotlib.pyplot as plt

    people = pd.DataFrame(some_people(4, n=100))
    result = rs.population_uniqueness(people, ROLES, population_size=700)
    axes = result.plot()
    drawn_names = [label.get_text() for label in axes.get_yticklabels()]
    assert len(drawn_names) == sum(not math.isnan(value) for value in result.estimates.values())
    dots = [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1]
    assert sorted(dots) == sorted(value for value in result.estimates.values() if not math.isnan(value))
    ranges = [tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2]
    assert sorted(ranges) == sorted(result.intervals.values())
    assert [line.get_marker() for line in axes.lines].count("D") == int(result.is_estimable)
    plt.close(axes.figure)


@pytest.mark.parametrize(("spread", "scale"), [(19.9, "linear"), (20.0, "symlog"), (math.nan, "symlog")])
def test_picture_has_a_plain_scale_from_0_where_estimates_are_near(spread: float, scale: str) -> None:
    import matplotlib.pyplot as plt

    result = rs.population_uniqueness(pd.DataFrame(some_people(4, n=100)), ROLES, population_size=700, draws=0)
    axes = dataclasses.replace(result, spread=spread).plot()
    low, high = axes.get_xlim()
    drawn = [value for value in result.estimates.values() if not math.isnan(value)]
    assert axes.get_xscale() == scale
    assert low <= min(drawn) <= max(drawn) <= high
    assert low == 0 or scale == "symlog"
    plt.close(axes.figure)
