"""The made-up customers of a French retailer: a random sample of the register, and what is known of it."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskscope.datasets import contacts, profiles
from riskscope.datasets.geography import communes
from riskscope.datasets.names import EUROPEAN_UNION
from riskscope.datasets.register import ADULT, EXTRACT_DATE, OCCUPATIONS, Population, population, sexes
from riskscope.datasets.stable_random import Booleans, Integers, draw, happens, shuffled, whole_numbers

Dates = npt.NDArray[np.datetime64]

OPENED = np.datetime64("2012-01-01", "D")
# Column -> share of missing values planted in it, per mille. The people made unique are spared.
PLANTED_MISSING = {
    "email": 40,
    "phone": 60,
    "birth_date": 10,
    "postcode": 20,
    "occupation": 40,
    "total_spent": 30,
    "dietary_profile": 60,
}
# Purpose -> ever asked, per mille; then weights of granted, refused, withdrawn among those asked.
_CONSENTS = {
    "marketing": (920, (58, 30, 12)),
    "profiling": (700, (42, 48, 10)),
    "sharing": (550, (18, 76, 6)),
}
_ANSWERS = np.array(["granted", "refused", "withdrawn"], dtype=object)


@dataclass(frozen=True)
class Customers:
    """The table before values were taken out, and what the table does not say."""

    frame: pd.DataFrame
    person: Integers  # row of each customer in the register
    number: list[str]  # the customer number under the hash
    pattern: npt.NDArray[np.object_]  # why the customer was made unique, or ""
    payment: profiles.Payment


@functools.lru_cache(maxsize=1)
def customers() -> Customers:
    """Return the customers with the truth about them."""
    everybody = population()
    person = everybody.customers
    since = _customer_since(everybody.birth_date[person])
    number = _customer_numbers(since)
    tenure = (EXTRACT_DATE - since).astype(np.int64)
    region = _regions(everybody)
    payment = profiles.payments(
        everybody.people.is_woman[person],
        region,
        everybody.occupation[person],
        everybody.age[person],
        tenure,
    )
    columns = _identity(everybody, number, region)
    columns |= _loyalty(since, tenure)
    for purpose in _CONSENTS:
        columns |= _consent(purpose, since, tenure)
    columns |= _inferred(everybody, payment)
    return Customers(pd.DataFrame(columns), person, number, _patterns(everybody), payment)


def customers_frame() -> pd.DataFrame:
    """Return the customer table as the retailer has it, with values missing."""
    known = customers()
    frame = known.frame.copy()
    for column, per_mille in PLANTED_MISSING.items():
        gone = happens(f"missing/{column}", per_mille, len(frame)) & (known.pattern == "")
        frame[column] = frame[column].mask(gone)
    return frame


def _customer_since(birth_date: Dates) -> Dates:
    """Return the day of the first visit: since the shop opened, and not before the age of 18."""
    of_age = birth_date + np.timedelta64(ADULT * 365 + 5, "D")
    first_day = np.minimum(np.maximum(of_age, OPENED), EXTRACT_DATE)
    days = (EXTRACT_DATE - first_day).astype(np.int64) + 1
    return np.asarray(first_day + whole_numbers("customer_since", len(days), days))


def _customer_numbers(since: Dates) -> list[str]:
    """Return customer numbers of seven figures that rise with the day of the first visit, with gaps."""
    n = len(since)
    order = np.lexsort((shuffled("customer number/same day", n), since))
    number = np.empty(n, dtype=np.int64)
    number[order] = np.cumsum(1 + whole_numbers("customer number/gap", n, 5))
    return [f"{each:07d}" for each in number]


def _regions(everybody: Population) -> Integers:
    """Return the position in REGIONS of each customer's country of birth."""
    region = [0 if name == "France" else 1 if name in EUROPEAN_UNION else 2 for name in everybody.country_names]
    return np.array(region)[everybody.country[everybody.customers]]


def _identity(everybody: Population, number: list[str], region: Integers) -> dict[str, object]:
    """Return the columns that say who the customers are."""
    person, people, listed = everybody.customers, everybody.people, communes()
    given_name, family_name = everybody.given_name[person], everybody.family_name[person]
    birth_date = everybody.birth_date[person]
    commune = people.commune[person]
    countries = np.array(everybody.country_names, dtype=object)
    household = shuffled("customers/household numbers", int(people.household[-1]) + 1)[people.household[person]]
    hashes = [hashlib.md5(each.encode(), usedforsecurity=False).hexdigest() for each in number]
    return {
        "customer_hash": hashes,
        "given_name": given_name,
        "family_name": family_name,
        "email": contacts.emails(given_name, family_name, 2024 - everybody.age[person]),
        "phone": contacts.phones(listed.department[commune]),
        "birth_date": birth_date.astype("datetime64[us]"),
        "sex": sexes(people.is_woman[person]),
        "postcode": listed.postcode[commune],
        "birth_country": countries[everybody.country[person]],
        "birth_region": np.array(profiles.REGIONS, dtype=object)[region],
        "occupation": np.array(OCCUPATIONS, dtype=object)[everybody.occupation[person]],
        "household_id": [f"H{each + 1:06d}" for each in household],
        "household_size": people.size[person],
    }


def _loyalty(since: Dates, tenure: Integers) -> dict[str, object]:
    """Return the columns of the loyalty card; one customer in 25 has never ordered."""
    n = len(since)
    a_year = 1 + whole_numbers("n_orders/a", n, 5) * whole_numbers("n_orders/b", n, 5)
    ever = ~happens("n_orders/never", 40, n)
    n_orders = np.where(ever, 1 + a_year * tenure // 365, 0)
    basket = 1200 + whole_numbers("total_spent/a", n, 3000) * whole_numbers("total_spent/b", n, 3000) // 1000
    cents = n_orders * basket + whole_numbers("total_spent/cents", n, 400) * ever
    recent = whole_numbers("last_order/a", n, 500) * whole_numbers("last_order/b", n, 500) // 500
    dormant = happens("last_order/dormant", 200, n)
    before = np.where(dormant, whole_numbers("last_order/dormant day", n, tenure + 1), np.minimum(recent, tenure))
    return {
        "customer_since": since.astype("datetime64[us]"),
        "n_orders": n_orders,
        "total_spent": cents / 100,
        "last_order": _where(ever, EXTRACT_DATE - before),
    }


def _consent(purpose: str, since: Dates, tenure: Integers) -> dict[str, object]:
    """Return the latest answer for one purpose and its date; both are missing where never asked."""
    n = len(since)
    per_mille, weights = _CONSENTS[purpose]
    column = f"consent_{purpose}"
    asked = happens(f"{column}/asked", per_mille, n)
    answer = draw(f"{column}/answer", weights, n)
    at_once = happens(f"{column}/at once", 600, n) & (answer < 2)
    days = np.where(at_once, 0, whole_numbers(f"{column}/day", n, tenure + 1))
    return {
        column: np.where(asked, _ANSWERS[answer], np.nan),
        f"{column}_date": _where(asked, since + days),
    }


def _inferred(everybody: Population, payment: profiles.Payment) -> dict[str, object]:
    """Return what the retailer infers, the decision it takes and the outcome."""
    person, people = everybody.customers, everybody.people
    category, segment = profiles.segments(people.is_woman[person])
    return {
        "top_category": category,
        "dietary_profile": profiles.diets(people.origin[person], everybody.age[person]),
        "segment": segment,
        "credit_score": payment.score / 1000,
        "instalment_approved": payment.approved,
        "paid_on_time": payment.paid_on_time,
    }


def _patterns(everybody: Population) -> npt.NDArray[np.object_]:
    """Return for each customer the pattern by which it was made unique, or an empty text."""
    pattern = np.full(len(everybody.age), "", dtype=object)
    for name, rows in everybody.planted.items():
        pattern[rows] = name
    return pattern[everybody.customers]


def _where(condition: Booleans, dates: Dates) -> Dates:
    """Return the dates, missing where the condition does not hold, in the resolution of the tables."""
    return np.where(condition, dates, np.datetime64("NaT", "D")).astype("datetime64[us]")
