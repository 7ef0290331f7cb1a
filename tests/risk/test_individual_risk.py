"""Individual and household risk: the integral in high precision, the twin, the worked examples, the curve."""

from __future__ import annotations

import json
import math
from decimal import Decimal, getcontext
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskscope as rs
from naive import individual_risk as twin
from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.kernels.individual import negative_binomial_risk
from riskscope.risk.individual_risk import IndividualRisk, _households, class_risks, data_intrusion

mpl.use("Agg")

#: What the integral promises, for all f and p.
CLOSE = 1e-12
#: The twin stops its sums where 1e-14 is left.
CLOSE_TWIN = 1e-9

SHARES = [1e-300, 1e-12, 1e-6, 0.001, 0.1, 0.3, 0.49, 0.4999999, 0.5, 0.5000001, 0.6, 0.9, 0.999999, 1 - 2**-53]


@pytest.fixture(autouse=True)
def _digits() -> Any:
    before = getcontext().prec
    yield
    getcontext().prec = before


def by_recursion(largest: int, share: float) -> list[Decimal]:
    """r(1) to r(largest) from r(f+1) = p/q (1/f - r(f)), with digits enough that its instability does no harm."""
    p = Decimal(share)
    odds = p / (1 - p)
    getcontext().prec = 60 + max(0, int(largest * float(odds.log10()) + 1))
    p = Decimal(share)
    odds = p / (1 - p)
    found = [odds * (1 / p).ln()]
    for f in range(1, largest):
        found.append(odds * (1 / Decimal(f) - found[-1]))
    return found


def by_series(f: float, share: float) -> Decimal:
    getcontext().prec = 50
    p, size, term, total, k = Decimal(share), Decimal(f), Decimal(1), Decimal(1), 0
    while term > total * Decimal(10) ** -30:
        k += 1
        term *= (1 - p) * k / (size + k)
        total += term
    return p / size * total


def worst(found: Any, expected: list[Decimal]) -> float:
    return max(float(abs((Decimal(float(one)) - other) / other)) for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("share", SHARES)
def test_whole_sizes_in_high_precision(share: float) -> None:
    sizes = np.arange(1, 101.0)
    assert worst(negative_binomial_risk(sizes, np.full(100, share)), by_recursion(100, share)) < CLOSE


@pytest.mark.parametrize("size", [40, 41, 1000, 10**4, 10**6])
def test_large_classes_in_high_precision(size: int) -> None:
    shares = [1e-300, 1e-12, 0.001, 0.2, 0.5, 0.99, 1.0]
    found = negative_binomial_risk(np.full(len(shares), float(size)), np.array(shares))
    assert worst(found, [by_series(size, share) for share in shares]) < CLOSE
    assert found[-1] == 1 / size


@pytest.mark.parametrize("size", [1.0000001, 1.3, 1.5, 1.99999999, 2.5, 10.3, 39.99, 40.5])
def test_fractions_of_a_record_in_high_precision(size: float) -> None:
    shares = [0.01, 0.1, 0.3, 0.499, 0.5, 0.7, 0.999]
    found = negative_binomial_risk(np.full(len(shares), size), np.array(shares))
    assert worst(found, [by_series(size, share) for share in shares]) < CLOSE


@pytest.mark.parametrize("share", [1e-100, 1e-9, 1e-4])
def test_fractions_lie_smoothly_between_whole_sizes(share: float) -> None:
    """Small shares, where no series is short: nearly whole sizes give nearly the recursion's values."""
    sizes = np.array([2.0, 3, 10, 39])
    whole = negative_binomial_risk(sizes, np.full(4, share))
    nearly = negative_binomial_risk(np.nextafter(sizes, 100), np.full(4, share))
    assert nearly == pytest.approx(whole, rel=CLOSE)


def test_the_hypergeometric_function() -> None:
    """r = p^f / f 2F1(f, f; f + 1; 1 - p), FORMULAS B3."""
    from scipy.special import hyp2f1

    for f in (1, 2, 3, 7):
        for p in (0.2, 0.5, 0.9):
            risk = negative_binomial_risk(np.array([float(f)]), np.array([p]))[0]
            assert risk == pytest.approx(p**f / f * hyp2f1(f, f, f + 1, 1 - p), rel=1e-10)


def test_limits() -> None:
    """p -> 0: p ln(1/p) for f = 1, p / (f - 1) beyond; p = 1: 1 / f."""
    tiny = 1e-200
    risks = negative_binomial_risk(np.array([1.0, 2, 5]), np.full(3, tiny))
    assert risks == pytest.approx([tiny * math.log(1 / tiny), tiny, tiny / 4], rel=CLOSE, abs=0)
    sizes = np.array([1.0, 2, 3, 50, 1.5])
    assert negative_binomial_risk(sizes, np.ones(5)).tolist() == (1 / sizes).tolist()
    assert negative_binomial_risk(np.zeros(0), np.zeros(0)).tolist() == []


FRANC = pd.DataFrame(
    {
        "a": [2, 3, 2, 2, 3, 3, 1, 2],
        "b": [3, 3, 3, 3, 3, 3, 4, 3],
        "c": [1, 3, 1, 2, 1, 1, 1, 1],
        "w": [18, 45.5, 39, 17, 92, 8, 123.5, 51],
    }
)
FRANC_ROLES = rs.Roles(quasi_identifiers=["a", "b", "c"], weight="w")


def test_worked_example() -> None:
    """FORMULAS B3."""
    approx = rs.individual_risk(FRANC, FRANC_ROLES, method="approx")
    expected = [0.0136986301, 0.0857912882, 0.0136986301, 0.1770758340]
    expected += [0.0187788326, 0.0187788326, 0.0393162543, 0.0136986301]
    assert approx.risk == pytest.approx(expected, abs=5e-11)
    assert approx.expected_reidentifications == pytest.approx(0.3808369, abs=5e-8)
    assert approx.mean == pytest.approx(0.0476046, abs=5e-8)
    exact = rs.individual_risk(FRANC, FRANC_ROLES)
    assert exact.risk[0] == pytest.approx(0.0135529684, abs=5e-11)
    assert exact.risk[[1, 3, 4, 6]] == pytest.approx(approx.risk[[1, 3, 4, 6]], rel=CLOSE)
    assert exact.highest == exact.risk[3]
    assert exact.estimated_population == 394
    assert (exact.n_at_risk, exact.share_at_risk) == (0, 0)
    assert rs.individual_risk(FRANC, FRANC_ROLES, threshold=0.05).n_at_risk == 2


def test_data_intrusion_simulation() -> None:
    """FORMULAS B2: n1 = 3, n2 = 2, pi = .1 gives .076923; pi = 1 gives 1."""
    sizes = np.array([1, 1, 1, 2, 2])
    assert data_intrusion(sizes, 70) == pytest.approx(0.3 / 3.9, rel=CLOSE)
    assert data_intrusion(sizes, 7) == 1
    assert data_intrusion(sizes, 3.5) == 1  # weights below 1
    assert data_intrusion(sizes, 0) == 1
    assert math.isnan(data_intrusion(np.array([3, 4]), 70))


def test_households() -> None:
    """FORMULAS B5: r = (.1, .2, .05) gives .316; who has no id is alone."""
    # risks of .5 (two who are equal) and 1 (alone), without weights
    people = pd.DataFrame({"a": [1, 1, 2, 2, 3, 4, 4], "home": ["x", "x", "x", "y", None, None, "y"]})
    risk = rs.individual_risk(people, rs.Roles(quasi_identifiers="a", household="home"))
    assert risk.household_risk == pytest.approx([0.875, 0.875, 0.875, 0.75, 1, 0.5, 0.75], rel=CLOSE)
    assert (risk.n_households, risk.n_without_household) == (4, 2)
    assert risk.expected_households == pytest.approx(0.875 + 0.75 + 1 + 0.5, rel=CLOSE)
    assert risk.mean_household_risk == pytest.approx(5.625 / 7, rel=CLOSE)
    assert "2 people without a household id were each taken" in risk.summary()
    three = pd.DataFrame({"home": [9, 9, 9]})
    assert _households(three, "home", np.array([0.1, 0.2, 0.05])).risk == pytest.approx([0.316] * 3, rel=CLOSE)
    assert twin.household_risks([0.1, 0.2, 0.05], [9, 9, 9]) == pytest.approx([0.316] * 3, rel=CLOSE)


def test_a_household_with_somebody_found_for_sure() -> None:
    people = pd.DataFrame({"a": [1, 2, 2], "home": [7, 7, 8]})
    risk = rs.individual_risk(people, rs.Roles(quasi_identifiers="a", household="home"))
    assert risk.household_risk is not None
    assert risk.household_risk.tolist() == [1, 1, 0.5]


def test_households_without_any_id() -> None:
    people = pd.DataFrame({"a": [1, 2, 2], "home": [None, None, None]})
    risk = rs.individual_risk(people, rs.Roles(quasi_identifiers="a", household="home"))
    assert risk.household_risk is not None
    assert risk.household_risk.tolist() == risk.risk.tolist() == [1, 0.5, 0.5]
    assert (risk.n_households, risk.n_without_household, risk.expected_households) == (3, 3, 2)


def test_no_household_no_numbers_of_households() -> None:
    risk = rs.individual_risk(FRANC, FRANC_ROLES)
    assert risk.household_risk is None
    assert math.isnan(risk.n_households)
    assert risk.undefined["expected_households"] == "the roles name no household"
    assert "n_households" not in risk.to_dict()


def test_weights_below_one() -> None:
    """sdcMicro gives .730 (f = 2, F = 1.1) and 1.189 (f = 1, F = .7): a risk above 1."""
    people = pd.DataFrame({"a": [1, 1, 2, 3], "w": [0.6, 0.5, 0.7, 30]})
    for method in ("exact", "approx"):
        risk = rs.individual_risk(people, rs.Roles(quasi_identifiers="a", weight="w"), method=method)
        assert risk.risk[:3].tolist() == [0.5, 0.5, 1]
        assert risk.n_clamped == 3
        assert "add up to less than the class" in risk.summary()
    nothing = people.assign(w=0.0)
    risk = rs.individual_risk(nothing, rs.Roles(quasi_identifiers="a", weight="w"))
    assert (risk.risk.tolist(), risk.n_clamped) == ([0.5, 0.5, 1, 1], 4)


def test_population_size_is_a_weight_for_all() -> None:
    sized = rs.individual_risk(FRANC, ["a", "b", "c"], population_size=400)
    weighted = rs.individual_risk(FRANC.assign(w=50.0), FRANC_ROLES)
    assert sized.risk == pytest.approx(weighted.risk, rel=CLOSE)
    assert sized.dis == pytest.approx(weighted.dis, rel=CLOSE)
    assert sized.estimated_population == 400
    assert "to stand for 50 people" in sized.summary()
    whole = rs.individual_risk(FRANC, ["a", "b", "c"], population_size=8)
    assert whole.risk.tolist() == rs.individual_risk(FRANC, ["a", "b", "c"]).risk.tolist()
    assert whole.n_clamped == 0


def test_without_weights_it_is_the_prosecutors_risk() -> None:
    risk = rs.individual_risk(FRANC, ["a", "b", "c"])
    assert risk.risk == pytest.approx(1 / rs.class_sizes(FRANC, ["a", "b", "c"]), rel=0, abs=0)
    prosecutor = rs.reidentification_risk(FRANC, ["a", "b", "c"])
    assert risk.mean == pytest.approx(prosecutor.average, rel=CLOSE)
    assert (risk.highest, risk.n_at_risk) == (prosecutor.highest, prosecutor.n_at_risk)
    assert risk.dis == 1
    assert "the risk is the prosecutor's" in risk.summary()


@pytest.mark.parametrize("size", range(1, 60))
def test_a_class_of_n_is_never_above_one_nth(size: int) -> None:
    people = pd.DataFrame({"a": [0] * size})
    risk = rs.individual_risk(people, ["a"], threshold=1 / size)
    assert risk.n_at_risk == risk.unsafe_at(1 / size) == 0


def test_alpha_counting_between_one_and_two() -> None:
    """A class of 1.5 records: sdcMicro's branches give risk 0 there."""
    people = pd.DataFrame({"a": ["x", "x", "y"], "b": ["1", None, "2"], "w": [10.0, 20.0, 30.0]})
    roles = rs.Roles(quasi_identifiers=["a", "b"], weight="w")
    for method in ("exact", "approx"):
        risk = rs.individual_risk(people, roles, method=method, missing="sdcmicro", alpha=0.5)
        assert risk.risk[0] == pytest.approx(twin.expected_share(1.5, 20), rel=CLOSE_TWIN)
        assert math.isnan(risk.dis)
        assert risk.undefined["dis"] == "where missing values match others there are no classes of two"


CITY = st.sampled_from(["x", "y", "z", None])
PERSON = st.tuples(CITY, st.sampled_from([1, 2, None]), st.sampled_from([0.0, 0.4, 1.0, 2.5, 7.0]), CITY)


@given(
    st.lists(PERSON, min_size=1, max_size=12),
    st.sampled_from([("category", 1.0), ("wildcard", 1.0), ("sdcmicro", 1.0), ("sdcmicro", 0.3), ("sdcmicro", 0.0)]),
)
@settings(max_examples=60)
def test_twin(people: list[tuple[Any, ...]], reading: tuple[str, float]) -> None:
    missing, alpha = reading
    frame = pd.DataFrame(people, columns=["a", "b", "w", "home"], index=[5] * len(people))
    keys, weights, homes = [one[:2] for one in people], [one[2] for one in people], [one[3] for one in people]
    roles = rs.Roles(quasi_identifiers=["a", "b"], weight="w", household="home")
    ours = rs.individual_risk(frame, roles, missing=missing, alpha=alpha)
    risks = twin.record_risks(keys, weights, missing=missing, alpha=alpha)
    assert ours.risk == pytest.approx(risks, rel=CLOSE_TWIN)
    assert ours.expected_reidentifications == pytest.approx(sum(risks), rel=CLOSE_TWIN)
    assert ours.household_risk == pytest.approx(twin.household_risks(risks, homes), rel=CLOSE_TWIN)
    assert ours.expected_households == pytest.approx(twin.expected_households(risks, homes), rel=CLOSE_TWIN)
    assert 0 < ours.risk.min() <= ours.risk.max() == ours.highest <= 1
    if missing == "category":
        theta = twin.data_intrusion(keys, weights)
        assert ours.dis == pytest.approx(math.nan if theta is None else theta, rel=CLOSE_TWIN, nan_ok=True)
        assert ours.n_clamped == twin.n_clamped(keys, weights)


@given(st.lists(PERSON, min_size=1, max_size=25), st.floats(0, 1), st.integers(0, 30))
@settings(max_examples=40)
def test_the_curve_both_ways(people: list[tuple[Any, ...]], threshold: float, n_unsafe: int) -> None:
    frame = pd.DataFrame(people, columns=["a", "b", "w", "home"])
    ours = rs.individual_risk(frame, rs.Roles(quasi_identifiers=["a", "b"], weight="w"), threshold=threshold)
    assert ours.unsafe_at(threshold) == ours.n_at_risk == sum(risk * (1 - 1e-12) > threshold for risk in ours.risk)
    found = ours.threshold_for(n_unsafe)
    assert ours.unsafe_at(found) <= n_unsafe
    if found > 0:  # nothing smaller does: just below, the records at that risk come above
        assert sum(risk >= found for risk in ours.risk) > n_unsafe
    else:
        assert len(people) <= n_unsafe


def test_the_curve_by_hand() -> None:
    people = pd.DataFrame({"a": [1, 2, 2, 3, 3, 3, 3]})
    risk = rs.individual_risk(people, ["a"])
    assert [risk.unsafe_at(each) for each in (0, 0.2, 0.25, 0.4, 0.5, 0.9, 1)] == [7, 7, 3, 3, 1, 1, 0]
    assert [risk.threshold_for(n) for n in (0, 1, 2, 3, 6, 7, 100)] == [1, 0.5, 0.5, 0.25, 0.25, 0, 0]
    assert risk.to_dict()["above"]["0.2"] == 7
    for wrong in ({"threshold": 1.5}, {"threshold": "a"}):
        with pytest.raises(RiskscopeError, match="threshold is"):
            risk.unsafe_at(**wrong)
    with pytest.raises(RiskscopeError, match="n_unsafe is -1"):
        risk.threshold_for(-1)


def test_more_weight_less_risk() -> None:
    lighter, heavier = (rs.individual_risk(FRANC.assign(w=FRANC["w"] * by), FRANC_ROLES) for by in (1, 3))
    assert (heavier.risk < lighter.risk).all()


def test_other_frames_give_the_same() -> None:
    expected = rs.individual_risk(FRANC, FRANC_ROLES)
    for frame in (pl.from_pandas(FRANC), pl.from_pandas(FRANC).to_arrow(), FRANC.set_index(np.zeros(8, int))):
        assert rs.individual_risk(frame, FRANC_ROLES).risk.tolist() == expected.risk.tolist()


def test_a_counted_table() -> None:
    people = pd.DataFrame({"a": [2, 1, 2, 3]})
    risk = rs.individual_risk(rs.count(people, ["a"]), population_size=40)
    expected = rs.individual_risk(people, ["a"], population_size=40)
    assert risk.to_dict() == expected.to_dict()
    assert risk.risk.tolist() == expected.risk[[1, 0, 2, 3]].tolist()  # in the order of the cells
    for roles in (FRANC_ROLES, FRANC_ROLES.replace(weight=None, household="w")):
        with pytest.raises(FrameError, match="A table of counts has no single records"):
            rs.individual_risk(rs.count(FRANC, roles))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "fast"}, "method is 'fast'; it must be one of 'exact', 'approx'"),
        ({"missing": "drop"}, "missing is 'drop'"),
        ({"alpha": 2}, "alpha is 2"),
        ({"threshold": -1}, "threshold is -1"),
        ({"population_size": 400}, "Both a weight and a population size are given"),
    ],
)
def test_options_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RiskscopeError, match=message):
        rs.individual_risk(FRANC, FRANC_ROLES, **options)


def test_columns_and_weights_are_checked() -> None:
    with pytest.raises(RiskscopeError, match="population_size is 7, but the table has 8 records"):
        rs.individual_risk(FRANC, ["a"], population_size=7)
    with pytest.raises(RiskscopeError, match="population_size is 0; it must be a whole number"):
        rs.individual_risk(FRANC, ["a"], population_size=0)
    with pytest.raises(FrameError, match="missing, negative or infinite in 1 record, at row 2"):
        rs.individual_risk(FRANC.assign(w=[1, 1, None, 1, 1, 1, 1, 1]), FRANC_ROLES)
    with pytest.raises(FrameError, match="missing, negative or infinite in 8 records"):
        rs.individual_risk(FRANC.assign(w=-1.0), FRANC_ROLES)
    with pytest.raises(RoleError, match="weight not found: 'v'"):
        rs.individual_risk(FRANC, FRANC_ROLES.replace(weight="v"))
    with pytest.raises(RoleError, match="household not found: 'home'"):
        rs.individual_risk(FRANC, FRANC_ROLES.replace(household="home"))


@pytest.mark.parametrize("population_size", [None, 5])
def test_no_records(population_size: int | None) -> None:
    roles = rs.Roles(quasi_identifiers="a", household="home")
    risk = rs.individual_risk(pd.DataFrame({"a": [], "home": []}), roles, population_size=population_size)
    for name in ("mean", "highest", "share_at_risk", "dis", "mean_household_risk"):
        assert math.isnan(getattr(risk, name))
        assert risk.undefined[name] == "the table has no records"
    assert (risk.expected_reidentifications, risk.n_at_risk, len(risk.risk)) == (0, 0, 0)
    assert (risk.unsafe_at(0.5), risk.threshold_for(0)) == (0, 0)
    assert "undefined" in risk.summary()
    assert risk.tables() == []


@pytest.mark.parametrize(("column", "mean"), [(["x"], 1), (["x"] * 4, 0.25), (list(range(4)), 1), ([None] * 4, 0.25)])
def test_degenerate(column: list[Any], mean: float) -> None:
    assert rs.individual_risk(pd.DataFrame({"a": column}), ["a"]).mean == mean


def drawn(risk: IndividualRisk) -> Any:
    axes = risk.plot()
    line = axes.get_lines()[0]
    xs, ys = line.get_xdata(), line.get_ydata()
    mpl.pyplot.close(axes.figure)
    return xs, ys, axes


def test_picture() -> None:
    people = pd.DataFrame({"a": [1, 2, 2, 3, 3, 3, 3]})
    risk = rs.individual_risk(people, ["a"])
    thresholds, above, axes = drawn(risk)
    assert list(above) == [risk.unsafe_at(min(float(each), 1)) for each in thresholds]
    assert (above[0], above[-1]) == (7, 0)
    assert axes.get_lines()[1].get_xdata()[0] == 0.2
    axes = rs.individual_risk(pd.DataFrame({"a": []}), ["a"]).plot()
    assert not axes.get_lines()
    mpl.pyplot.close(axes.figure)


def test_summary_says_that_the_rule_does_not_see_how_rare_a_combination_is() -> None:
    people = pd.DataFrame({"a": [1, 2, 2]})
    said = "everybody alone in the table gets the same risk"
    assert said in rs.individual_risk(people, ["a"], population_size=30).summary()
    assert said not in rs.individual_risk(people, ["a"]).summary()  # the prosecutor's risk: nothing is estimated


def test_nothing_of_a_record_is_shown() -> None:
    people = FRANC.assign(home=["Xyzzy"] + ["y"] * 7)
    risk = rs.individual_risk(people, FRANC_ROLES.replace(household="home"))
    shown = [repr(risk), risk.summary(), risk._repr_html_(), json.dumps(risk.to_dict(), allow_nan=False)]
    assert not any("Xyzzy" in text or "45.5" in text for text in shown)
    assert "array" not in repr(risk)
    assert 2 <= len(risk.sentences()) <= 5


def test_approx_is_the_published_formula() -> None:
    sizes, population = np.array([3.0, 10, 400]), np.array([108.0, 12, 401])
    p = sizes / population
    assert class_risks(sizes, population, method="approx").tolist() == (p / (sizes - (1 - p))).tolist()


def test_weights_that_are_all_0_are_said_to_tell_nothing() -> None:
    frame = pd.DataFrame({"a": [1, 2, 2], "w": [0, 0, 0]})
    found = rs.individual_risk(frame, rs.Roles(quasi_identifiers=["a"], weight="w"))
    assert found.risk.tolist() == [1, 0.5, 0.5]
    assert "All weights are 0" in found.summary()
