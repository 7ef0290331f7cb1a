"""How far a released table's counts lie from the original ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskscope as rs
from naive import distributions as twin
from riskscope.errors import RoleError
from riskscope.utility.distributions import DistributionDistances, compare_distributions

#: Sums of shares in another order differ by rounding.
ROUNDING = 1e-9
NUMBERS = st.lists(st.sampled_from([0, 1, 2, 5, 9, 20]), min_size=2, max_size=12)
#: Cells of numbers: one value, an interval, or suppressed.
CELLS = st.lists(st.sampled_from(["[0, 5]", "[1, 9[", "*", "≥ 5", "2", "20"]), min_size=1, max_size=8)
SPANS = {"[0, 5]": (0, 5), "[1, 9[": (1, 8), "*": (0, 99), "≥ 5": (5, 99), "2": (2, 2), "20": (20, 20)}


def one(original: list[Any], released: list[Any], **options: Any) -> Any:
    before, after = (pd.DataFrame({"x": pd.Series(each, dtype=object)}) for each in (original, released))
    return compare_distributions(before, after, **options).columns[0]


@given(NUMBERS, NUMBERS)
def test_numbers_are_what_scipy_gives(original: list[int], released: list[int]) -> None:
    from scipy.stats import ks_2samp, wasserstein_distance

    found = compare_distributions(pd.DataFrame({"x": original}), pd.DataFrame({"x": released})).columns[0]
    assert found.kolmogorov_smirnov == pytest.approx(
        ks_2samp(original, released, method="asymp").statistic, abs=ROUNDING
    )
    moved = wasserstein_distance(original, released)
    deviation = np.std(original, ddof=1)
    if deviation:
        assert found.wasserstein == pytest.approx(moved / deviation, abs=ROUNDING)
    else:
        assert found.wasserstein == 0 if not moved else np.isnan(found.wasserstein)


@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=12),
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=12),
)
def test_categories_are_what_scipy_gives(original: list[str], released: list[str]) -> None:
    from scipy.spatial.distance import jensenshannon

    shares = [[each.count(letter) / len(each) for letter in "abcd"] for each in (original, released)]
    found = one(original, released)
    assert found.total_variation == pytest.approx(twin.total_variation(twin.shares(original), twin.shares(released)))
    if shares[0] != shares[1]:
        assert found.jensen_shannon == pytest.approx(jensenshannon(*shares, base=2), abs=1e-7)
    assert found.jensen_shannon == pytest.approx(
        twin.jensen_shannon(twin.shares(original), twin.shares(released)), abs=1e-7
    )


@given(st.lists(st.sampled_from([0, 1, 2, 5, 9, 20]), max_size=6), CELLS)
def test_a_coarse_number_is_spread_evenly_between_its_ends(more: list[int], cells: list[str]) -> None:
    original = [0, 1, 2, 5, 9, 20, *more]
    covered = [[n for n in sorted(set(original)) if low <= n <= high] for low, high in map(SPANS.__getitem__, cells)]
    expected = twin.evenly_between(covered)
    found, ours = one(original, cells), twin.shares(original)
    assert found.kolmogorov_smirnov == pytest.approx(twin.kolmogorov_smirnov(ours, expected), abs=ROUNDING)  # type: ignore[arg-type]
    assert found.wasserstein * np.std(original, ddof=1) == pytest.approx(
        twin.wasserstein(ours, expected),  # type: ignore[arg-type]
        abs=ROUNDING,
    )


@given(st.lists(st.sampled_from(["75001", "75002", "69001", "13001"]), min_size=1, max_size=8))
def test_a_masked_code_is_spread_over_the_codes_that_it_covers(more: list[str]) -> None:
    original = ["75001", "75002", "69001", "13001", *more]
    released = ["75***", "69***", "*", "75001"]
    covered = [["75001", "75002"], ["69001"], ["75001", "75002", "69001", "13001"], ["75001"]]
    found = one(original, released)
    expected = twin.evenly(covered)
    assert found.kind == "categories"
    assert found.total_variation == pytest.approx(twin.total_variation(twin.shares(original), expected), abs=ROUNDING)
    assert (found.n_coarse, found.n_suppressed, found.n_not_compared) == (1, 1, 0)


def table() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    n = 60
    return pd.DataFrame(
        {
            "age": rng.integers(20, 60, n),
            "income": np.exp(rng.normal(10, 1, n)),
            "zip": rng.choice(["75001", "75002", "69001"], n),
            "sex": rng.choice(["F", "M", None], n),  # type: ignore[arg-type]
            "born": pd.to_datetime("1980-01-01") + pd.to_timedelta(rng.integers(0, 9000, n), unit="D"),
        }
    )


def all_distances(found: DistributionDistances) -> list[float]:
    by_column = [
        value
        for each in found.columns
        for value in (each.kolmogorov_smirnov, each.wasserstein, each.total_variation, each.jensen_shannon)
        if np.isfinite(value)
    ]
    return [*by_column, *(each.total_variation for each in found.pairs), *(each.difference for each in found.pairs)]


def test_the_same_records_in_another_order_are_at_no_distance() -> None:
    found = compare_distributions(table(), table().sample(frac=1, random_state=1))
    assert set(all_distances(found)) == {0.0}
    assert [each.kind for each in found.columns] == ["numbers", "numbers", "categories", "categories", "numbers"]
    assert "as they stand in the original" in found.summary()


def test_what_all_kinds_of_frame_give(frame_of: Callable[[dict[str, list[Any]]], Any]) -> None:
    original = {"age": [20, 31, 35, 47], "sex": ["F", "M", None, "M"]}
    found = compare_distributions(frame_of(original), frame_of({"age": [20, 20, 31, 35], "sex": ["F", "F", "M", None]}))
    assert [each.distance for each in found.columns] == [0.25, 0.25]
    assert found.pairs[0].total_variation == pytest.approx(0.25)


def test_coarser_is_further() -> None:
    skewed = pd.DataFrame({"x": [0] * 50 + list(range(1, 11)), "y": ["a"] * 50 + ["b"] * 10})
    steps = [skewed, skewed.assign(x=["[0, 5]"] * 55 + ["[6, 10]"] * 5), skewed.assign(x="*", y="*")]
    found = [compare_distributions(skewed, each) for each in steps]
    assert found[0].largest_distance < found[1].largest_distance < found[2].largest_distance
    assert found[0].mean_pair_distance < found[1].mean_pair_distance < found[2].mean_pair_distance
    assert found[2].pairs[0].released == 0 < found[2].pairs[0].original
    assert "spread evenly" in found[1].summary()


def test_noise_stands_for_itself_and_weakens_a_correlation() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=400)
    original = pd.DataFrame({"x": x, "y": x + rng.normal(size=400) / 10})
    found = compare_distributions(original, original.assign(y=original["y"] + rng.normal(size=400)))
    assert found.columns[1].n_not_compared == 0 < found.columns[1].kolmogorov_smirnov
    (pair,) = found.pairs
    assert pair.association == "correlation"
    assert pair.original == pytest.approx(np.corrcoef(x, original["y"])[0, 1])
    assert pair.difference < -0.2


def test_cramers_v_is_what_scipy_gives() -> None:
    from scipy.stats.contingency import association

    original = table().dropna()
    found = compare_distributions(original, original, columns=["zip", "sex"]).pairs[0]
    assert found.original == pytest.approx(association(pd.crosstab(original["zip"], original["sex"])))


def test_missing_cells_are_missing_as_far_as_the_original_has_them() -> None:
    original = [1, 2, 3, None]
    assert one(original, [1, 2, 3, None]).distance == 0
    assert one(original, [1, 2, 3, None]).n_suppressed == 0
    assert one(original, [1, 2, None, None]).n_suppressed == 1
    assert one(["a", "b", None], ["a", None, None]).total_variation == pytest.approx(1 / 6)


def test_a_hierarchy_says_what_stands_under_a_name() -> None:
    tree = rs.Hierarchy(
        {"flu": ("flu", "airways", "*"), "asthma": ("asthma", "airways", "*"), "HIV": ("HIV", "sti", "*")}
    )
    original, released = (
        pd.DataFrame({"ill": each}) for each in (["flu", "asthma", "HIV"], ["airways", "airways", "sti"])
    )
    assert compare_distributions(original, released).largest_distance == 1
    assert compare_distributions(original, released, hierarchies={"ill": tree}).largest_distance == 0


def test_cells_not_understood_are_counted() -> None:
    found = one([1, 2, 3], [1, "young", 3])
    assert (found.n_not_compared, found.kolmogorov_smirnov) == (1, pytest.approx(1 / 6))
    summary = compare_distributions(pd.DataFrame({"x": [1, 2, 3]}), pd.DataFrame({"x": ["1", "young", "3"]})).summary()
    assert "not understood" in summary


@pytest.mark.parametrize("n", [0, 1])
def test_few_records(n: int) -> None:
    few = table()[:n]
    found = compare_distributions(few, few)
    if n:
        assert found.largest_distance == 0
    else:
        assert np.isnan(found.largest_distance)
        assert found.undefined["largest_distance"] == "there is no value to compare"
        assert "no column with values" in found.summary()


def test_all_missing_and_one_column() -> None:
    missing = pd.DataFrame({"x": pd.Series([None, None], dtype=object)})
    assert compare_distributions(missing, missing).largest_distance == 0
    found = compare_distributions(table(), table(), columns="age")
    assert found.undefined["mean_pair_distance"] == "there are no two columns"
    assert not compare_distributions(table(), table(), pairs=False).pairs


def test_columns_that_are_not_there() -> None:
    found = compare_distributions(table(), table()[["age"]])
    assert found.left_out == ("income", "zip", "sex", "born")
    assert "4 columns of the original are not in the release" in found.summary()
    with pytest.raises(RoleError, match="none in common"):
        compare_distributions(table(), pd.DataFrame({"other": [1]}))
    with pytest.raises(RoleError, match=r"columns of the release not found: 'age'"):
        compare_distributions(table(), pd.DataFrame({"sex": ["F"]}), columns="age")
    with pytest.raises(RoleError, match="No column"):
        compare_distributions(table(), table(), columns=[])


def test_no_rare_value_comes_out_and_the_picture_has_a_bar_a_column() -> None:
    original = table()
    original.loc[3, "zip"] = "99999"
    original.loc[4, "sex"] = "Quetzal"
    found = compare_distributions(original, original.assign(zip="*", sex="M"))
    texts = [repr(found), found.summary(), str(found.tables()), found._repr_html_(), json.dumps(found.to_dict())]
    axes = found.plot()
    texts += [each.get_text() for each in axes.get_yticklabels()]
    assert not any("99999" in each or "Quetzal" in each for each in texts)
    assert len(axes.patches) == 5


def test_inputs_are_left_as_they_were() -> None:
    original, released = table(), table().assign(zip="*")
    compare_distributions(original, released)
    pd.testing.assert_frame_equal(original, table())
    pd.testing.assert_frame_equal(released, table().assign(zip="*"))
