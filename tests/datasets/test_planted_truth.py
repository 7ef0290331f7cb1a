"""What was planted is there, and what was not planted is not."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from riskscope.datasets import load_customers, load_register, planted_truth
from riskscope.datasets.truth import KEYS

STANDARD_ERRORS = 4  # a gap of no bias stays within this many standard errors


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return load_customers()


@pytest.fixture(scope="module")
def register() -> pd.DataFrame:
    return load_register()


@pytest.fixture(scope="module")
def drawn(register) -> pd.DataFrame:
    """Return the register's rows of the customers, in the order of the customers."""
    return register.set_index("person_id").loc[planted_truth().person_id].reset_index()


def gap(values: pd.Series, of: pd.Series, against: pd.Series) -> tuple[float, float]:
    """Return the difference of two means and its standard error."""
    one, other = values[of], values[against]
    return one.mean() - other.mean(), np.sqrt(one.var() / len(one) + other.var() / len(other))


def test_every_customer_is_in_the_register_once(drawn):
    assert drawn["person_id"].is_unique
    assert (2024 - drawn["birth_date"].dt.year).min() == 18


@pytest.mark.parametrize(
    "column",
    [
        "given_name",
        "family_name",
        "birth_date",
        "sex",
        "postcode",
        "birth_country",
        "occupation",
        "household_size",
    ],
)
def test_customers_say_what_the_register_says(customers, drawn, column):
    present = customers[column].notna()
    assert (customers[column][present] == drawn[column][present]).all()


def test_every_shared_column_is_compared_or_renumbered(customers, register):
    assert set(customers) & set(register) == {
        "given_name",
        "family_name",
        "birth_date",
        "sex",
        "postcode",
        "birth_country",
        "occupation",
        "household_size",
        "household_id",
    }


def test_households_are_the_registers_renumbered(customers, drawn):
    pairs = pd.DataFrame({"own": customers["household_id"], "register": drawn["household_id"]}).drop_duplicates()
    assert pairs["own"].is_unique
    assert pairs["register"].is_unique
    assert (pairs["own"].str[1:].astype("int64") != pairs["register"]).mean() > 0.99


def test_sample_is_like_the_adults(customers, register, drawn):
    adults = register[2024 - register["birth_date"].dt.year >= 18]
    for condition in (
        "sex == 'F'",
        "birth_country != 'France'",
        "occupation == 'retired'",
        "household_size == 1",
    ):
        share, expected = drawn.eval(condition).mean(), adults.eval(condition).mean()
        noise = np.sqrt(expected * (1 - expected) / len(drawn))
        assert abs(share - expected) < STANDARD_ERRORS * noise


@pytest.mark.parametrize("key", KEYS)
def test_class_sizes_are_those_of_the_register(register, drawn, key):
    def values(frame: pd.DataFrame) -> list[tuple[object, ...]]:
        with_year = frame.assign(birth_year=frame["birth_date"].dt.year)
        return list(with_year[KEYS[key]].itertuples(index=False, name=None))

    counts = Counter(values(register))
    expected = [counts[each] for each in values(drawn)]
    truth = planted_truth()
    assert truth.population_class_size[key].tolist() == expected
    assert truth.population_unique[key].tolist() == [size == 1 for size in expected]


def test_share_of_uniques_is_believable():
    unique = planted_truth().population_unique.mean()
    assert 0.05 < unique["sex+birth_year+postcode"] < 0.2
    assert unique["sex+birth_date+postcode"] > 0.9


def test_twelve_customers_are_unique_by_construction(customers):
    truth = planted_truth()
    planted = truth.is_planted_unique
    assert planted.sum() == 12
    assert truth.population_unique["sex+birth_year+postcode+occupation"][planted].all()
    assert not customers.loc[planted, ["sex", "birth_date", "postcode", "occupation"]].isna().any(axis=None)


def test_planted_people_show_their_patterns(customers):
    people = planted_truth().planted_people()
    assert people["pattern"].value_counts().tolist() == [4, 4, 4]
    age = 2024 - people["birth_date"].dt.year
    at_work, farmers, managers = (people["pattern"].str.contains(word) for word in ("90", "Paris", "22"))
    assert (age[at_work] >= 90).all()
    assert not people["occupation"][at_work].isin(["retired", "not working"]).any()
    assert (people["commune"][farmers] == "Paris").all()
    assert (people["occupation"][farmers] == "farmer").all()
    assert (age[managers] < 22).all()
    assert (people["occupation"][managers] == "manager or professional").all()
    assert people["family_name"].tolist() == customers["family_name"][people["customer_row"]].tolist()


def test_patterns_are_found_nowhere_else(register):
    age = 2024 - register["birth_date"].dt.year
    in_paris = register["postcode"].str.startswith("75")
    working = ~register["occupation"].isin(["retired", "not working"])
    assert (working & (age >= 75)).sum() == 4
    assert (in_paris & (register["occupation"] == "farmer")).sum() == 4
    assert ((age < 22) & (register["occupation"] == "manager or professional")).sum() == 4


def test_score_of_people_born_outside_the_eu_is_shifted(customers):
    truth = planted_truth()
    error = customers["credit_score"] - truth.payment_probability
    outside = customers["birth_region"] == "outside EU"
    difference, noise = gap(error, outside, ~outside)
    assert truth.score_shift == -0.12
    assert abs(difference - truth.score_shift) < STANDARD_ERRORS * noise
    # The noise is at most 0.05 on either side: the shift explains every row.
    assert (error - np.where(outside, truth.score_shift, 0)).abs().max() <= 0.05 + 1e-9


def test_decision_follows_the_score_and_harms_people_born_outside_the_eu(customers):
    approved = customers["instalment_approved"]
    assert (approved == (customers["credit_score"] >= 0.6)).all()
    outside, france = (customers["birth_region"] == region for region in ("outside EU", "France"))
    ratio = approved[outside].mean() / approved[france].mean()
    assert 0.7 < ratio < 0.8  # below the four-fifths rule
    payers = customers["paid_on_time"] == 1
    difference, noise = gap(approved, outside & payers, france & payers)
    assert difference < -10 * noise


def test_people_born_outside_the_eu_pay_as_often(customers):
    outside = customers["birth_region"] == "outside EU"
    difference, noise = gap(customers["paid_on_time"], outside, ~outside)
    assert abs(difference) < STANDARD_ERRORS * noise


@pytest.mark.parametrize("column", ["credit_score", "instalment_approved", "paid_on_time"])
def test_no_bias_by_sex(customers, column):
    women = customers["sex"] == "F"
    for rows in (
        customers["paid_on_time"] >= 0,
        customers["paid_on_time"] == 1,
        customers["paid_on_time"] == 0,
    ):
        difference, noise = gap(customers[column], women & rows, ~women & rows)
        assert abs(difference) <= 3 * noise


@pytest.mark.parametrize("column", ["credit_score", "instalment_approved", "paid_on_time"])
def test_no_bias_against_people_born_elsewhere_in_the_eu(customers, column):
    other, france = (customers["birth_region"] == region for region in ("other EU", "France"))
    difference, noise = gap(customers[column], other, france)
    assert abs(difference) < STANDARD_ERRORS * noise


def test_true_probability_has_the_same_distribution_in_each_group(customers):
    probability = pd.Series(planted_truth().payment_probability)
    groups = probability.groupby([customers["sex"], customers["birth_region"]])
    for share in (0.1, 0.5, 0.9):
        quantiles = groups.quantile(share)
        assert len(quantiles) == 6
        assert quantiles.max() - quantiles.min() < 0.01


def test_outcome_is_drawn_with_the_true_probability(customers):
    probability = planted_truth().payment_probability
    band = np.floor(probability * 10)
    for each in np.unique(band):
        rows = band == each
        expected = probability[rows].mean()
        noise = np.sqrt(expected * (1 - expected) / rows.sum())
        assert abs(customers["paid_on_time"][rows].mean() - expected) < STANDARD_ERRORS * noise


def test_older_people_do_pay_more_often(customers):
    year = customers["birth_date"].dt.year
    difference, noise = gap(customers["paid_on_time"], year < 1960, year > 1990)
    assert difference > 5 * noise


def test_segment_goes_with_sex_through_the_proxy_alone(customers):
    women = customers["sex"] == "F"
    marginal = {}
    for segment in customers["segment"].unique():
        chosen = (customers["segment"] == segment).astype("float64")
        marginal[segment] = gap(chosen, women, ~women)[0]
        for category in customers["top_category"].unique():
            within = customers["top_category"] == category
            difference, noise = gap(chosen, women & within, ~women & within)
            assert abs(difference) < STANDARD_ERRORS * noise
    assert marginal["trend follower"] > 0.08
    assert marginal["tech enthusiast"] < -0.08


def test_truth_shows_nobody(customers):
    truth = planted_truth()
    shown = repr(truth) + truth.summary()
    for column in ("family_name", "customer_hash"):
        assert not any(name in shown for name in customers.loc[truth.is_planted_unique, column])
    assert "12 of them" in truth.summary()


def test_truth_can_be_changed_by_its_reader_only():
    truth = planted_truth()
    truth.person_id[:] = 0
    truth.population_class_size.iloc[:, 0] = 0
    truth.planted_pattern[:] = ""
    again = planted_truth()
    assert again.person_id.min() > 0
    assert again.population_class_size.iloc[:, 0].min() > 0
    assert again.is_planted_unique.sum() == 12
