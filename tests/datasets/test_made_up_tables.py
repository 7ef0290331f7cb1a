"""The made-up tables: their shape, that they never change, and what their columns hold."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import phonenumbers
import pytest

from riskscope.datasets import load_customers, load_register, planted_truth
from riskscope.datasets.contacts import phones
from riskscope.datasets.customers import PLANTED_MISSING

# First 16 figures of the SHA-256 of each column's values as text. They are the same under NumPy 2.0 with
# pandas 2.2 as under NumPy 2.4 with pandas 3.1. A change here is a change of the published tables.
CUSTOMERS: dict[str, str] = {
    "customer_hash": "4c25ef7c59e8abbe",
    "given_name": "bd55743cfdfd022e",
    "family_name": "8a606936b13b9b87",
    "email": "313fcd96e13c87ac",
    "phone": "18fc900ef669e891",
    "birth_date": "676d9dda5722f6ae",
    "sex": "692ff5cd8afda36b",
    "postcode": "8b867af12d0e01cd",
    "birth_country": "407df03fe5aebb25",
    "birth_region": "60e8bc2ad640f7dc",
    "occupation": "6f8b975cab401222",
    "household_id": "f237bd1c0ac2a073",
    "household_size": "9d5ae73a27e17962",
    "customer_since": "4d75efdf55b23ee3",
    "n_orders": "f1e006fb85ccd9fb",
    "total_spent": "8ed65b08360e5401",
    "last_order": "f33ea94ccba40638",
    "consent_marketing": "852029a277be6a5b",
    "consent_marketing_date": "7b87026a0f0ed4da",
    "consent_profiling": "6a16d95ad82cf6c8",
    "consent_profiling_date": "1453e89bcf6a172c",
    "consent_sharing": "1c8c04a805be193e",
    "consent_sharing_date": "8f77938a90a580d5",
    "top_category": "2dae30051bfa9864",
    "dietary_profile": "0ad9c9ebc3d5277a",
    "segment": "5f31d41145ff67e6",
    "credit_score": "6dc83c75a412903d",
    "instalment_approved": "fde44eba32f0ea83",
    "paid_on_time": "8b79ba741d19b759",
}
REGISTER: dict[str, str] = {
    "person_id": "6307b04917c0c3e2",
    "given_name": "0c88d7e2ba81ddc5",
    "family_name": "1dc90dc5f5d33ffd",
    "birth_date": "b491a9e407daaef3",
    "sex": "7612ed1a06e1381d",
    "postcode": "ed3c666fe9f14789",
    "commune": "153d623639a82dcb",
    "birth_country": "44330047b2314910",
    "occupation": "1b358521cfeb6354",
    "household_id": "840f8ec172afb40a",
    "household_size": "6ba00f5e1c58067b",
}

FICTION = ("063998", "019900", "026191", "035301", "046571", "053649")


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return load_customers()


@pytest.fixture(scope="module")
def register() -> pd.DataFrame:
    return load_register()


def digest(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.dt.strftime("%Y-%m-%d")
    lines = ["" if pd.isna(each) else repr(each) if isinstance(each, float) else str(each) for each in column.tolist()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def figures(phone: str) -> str:
    return phone.replace("+33", "0").replace(" ", "").replace(".", "")


def test_customers_never_change(customers):
    assert {name: digest(customers[name]) for name in customers} == CUSTOMERS


def test_register_never_changes(register):
    assert {name: digest(register[name]) for name in register} == REGISTER


def test_shapes(customers, register):
    assert customers.shape == (20_000, 29)
    assert list(customers) == list(CUSTOMERS)
    assert 195_000 < len(register) < 205_000
    assert list(register) == list(REGISTER)


@pytest.mark.parametrize("load", [load_customers, load_register])
def test_each_call_returns_a_copy_of_its_own(load):
    first = load()
    first.iloc[:, 1] = "changed"
    second, third = load(), load()
    assert not (second.iloc[:, 1] == "changed").any()
    pd.testing.assert_frame_equal(second, third)


def test_types(customers, register):
    for name in ("birth_date", "customer_since", "last_order", "consent_sharing_date"):
        assert customers[name].dtype == "datetime64[us]"
    assert register["birth_date"].dtype == "datetime64[us]"
    for name in ("household_size", "n_orders", "instalment_approved", "paid_on_time"):
        assert customers[name].dtype == "int64"
    for name in ("total_spent", "credit_score"):
        assert customers[name].dtype == "float64"
    for name in ("postcode", "household_id", "customer_hash"):
        assert pd.api.types.is_string_dtype(customers[name].dropna())


def test_nothing_is_missing_in_the_register(register):
    assert not register.isna().any(axis=None)


@pytest.mark.parametrize("column", PLANTED_MISSING)
def test_missing_values_have_the_planted_share(customers, column):
    planted = PLANTED_MISSING[column] / 1000
    noise = 4 * np.sqrt(planted * (1 - planted) / len(customers))
    assert abs(customers[column].isna().mean() - planted) < noise


def test_other_columns_miss_values_for_a_reason_only(customers):
    reasons = {"last_order": customers["n_orders"] == 0}
    for purpose in ("marketing", "profiling", "sharing"):
        reasons[f"consent_{purpose}_date"] = customers[f"consent_{purpose}"].isna()
    for column, reason in reasons.items():
        assert (customers[column].isna() == reason).all()
        assert 0 < reason.sum() < len(customers)
    explained = [*PLANTED_MISSING, *reasons, *(name.removesuffix("_date") for name in reasons)]
    assert not customers[[name for name in customers if name not in explained]].isna().any(axis=None)


def test_postcodes_are_text_of_five_figures(customers, register):
    for frame in (customers, register):
        assert frame["postcode"].dropna().str.fullmatch(r"[0-9]{5}").all()
    assert register["postcode"].str.startswith("0").any()
    assert {"01", "20", "75", "95"} <= set(register["postcode"].str[:2])


def test_emails_are_of_nobody(customers):
    present = customers["email"].dropna()
    assert present.str.fullmatch(r"[a-z0-9.-]+@example\.(org|com|net)").all()
    assert present.is_unique


def test_phones_come_from_the_ranges_kept_for_fiction(customers):
    present = customers["phone"].dropna()
    numbers = present.map(figures)
    assert numbers.str.fullmatch(r"0[0-9]{9}").all()
    assert numbers.str.startswith(FICTION).all()
    assert numbers.is_unique
    assert present.str.startswith("+33 ").any()
    assert present.str.contains(".", regex=False).any()
    for text in present.iloc[:200]:
        assert phonenumbers.is_possible_number(phonenumbers.parse(text, "FR"))


def test_landlines_fit_the_region():
    written = [figures(each) for each in phones(np.array(["75", "29", "67", "2A", "33"] * 40, dtype=object))]
    landlines = [(position % 5, each[:6]) for position, each in enumerate(written) if each[1] != "6"]
    assert set(landlines) == {(0, "019900"), (1, "026191"), (2, "035301"), (3, "046571"), (4, "053649")}


def test_hash_is_the_md5_of_the_customer_number(customers):
    numbers = planted_truth().customer_number
    assert [hashlib.md5(each.encode()).hexdigest() for each in numbers] == customers["customer_hash"].tolist()
    assert all(len(each) == 7 and each.isdigit() for each in numbers)
    assert len(set(numbers)) == len(numbers)


def test_customer_numbers_rise_with_the_day_of_the_first_visit(customers):
    number = pd.Series(planted_truth().customer_number, index=customers.index).astype("int64")
    in_order = customers["customer_since"][number.sort_values().index]
    assert in_order.is_monotonic_increasing


def test_dates_are_in_order(customers):
    extract = pd.Timestamp("2024-12-31")
    assert customers["customer_since"].between("2012-01-01", extract).all()
    for column in (
        "last_order",
        *(name for name in customers if name.endswith("_date") and "consent" in name),
    ):
        present = customers.dropna(subset=[column])
        assert (present[column] >= present["customer_since"]).all()
        assert (present[column] <= extract).all()
    grown = customers.dropna(subset=["birth_date"])
    # Eighteen years hold four or five leap days; the generator counts five.
    assert (grown["customer_since"] - grown["birth_date"] >= pd.Timedelta(days=18 * 365 + 4)).all()


def test_no_order_no_money(customers):
    never = customers[customers["n_orders"] == 0]
    assert (never["total_spent"].dropna() == 0).all()
    assert (customers[customers["n_orders"] > 0]["total_spent"].dropna() > 0).all()


def test_households_hold_together(register):
    by_household = register.groupby("household_id")
    assert (by_household["person_id"].transform("size") == register["household_size"]).all()
    assert (by_household["postcode"].transform("first") == register["postcode"]).all()
    assert (2024 - register["birth_date"].dt.year >= 18).groupby(register["household_id"]).any().all()


def test_some_households_have_several_customers(customers):
    members = customers["household_id"].map(customers["household_id"].value_counts())
    assert 0.05 < (members > 1).mean() < 0.25
    assert (members <= customers["household_size"]).all()


def test_population_looks_like_a_country(register):
    age = 2024 - register["birth_date"].dt.year
    assert 0.17 < (age < 18).mean() < 0.24
    assert 0.17 < (age >= 65).mean() < 0.25
    assert 0.50 < (register["sex"] == "F").mean() < 0.53
    assert (register["sex"][age >= 85] == "F").mean() > 0.6
    assert register.loc[age < 18, "occupation"].eq("not working").all()
    assert 400 < register["postcode"].nunique() < 600
    largest = register["postcode"].value_counts(normalize=True)
    assert largest.iloc[0] > 20 * largest.iloc[-1]


def test_given_names_fit_the_decade(register):
    year = register["birth_date"].dt.year
    assert year[register["given_name"] == "Monique"].median() < 1955
    assert year[register["given_name"] == "Jade"].median() > 1995


def test_birth_country_clusters(register):
    abroad = register["birth_country"] != "France"
    department = register["postcode"].str[:2]
    assert abroad[department == "93"].mean() > 3 * abroad[department == "61"].mean()


def test_small_levels_of_the_article_9_column_are_rare_but_present(customers):
    counts = customers["dietary_profile"].value_counts()
    assert len(counts) == 7
    assert counts["kosher"] > 50
    assert counts["kosher"] / len(customers) < 0.02
