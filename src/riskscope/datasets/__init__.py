"""Demonstration data: people made up by this package, truth known; and fetchers of public data."""

from __future__ import annotations

import functools

import pandas as pd

from riskscope.datasets.customers import customers_frame
from riskscope.datasets.public import fetch_acs_income as fetch_acs_income
from riskscope.datasets.public import fetch_adult as fetch_adult
from riskscope.datasets.public import fetch_bank_marketing as fetch_bank_marketing
from riskscope.datasets.public import fetch_credit_card as fetch_credit_card
from riskscope.datasets.register import register_frame
from riskscope.datasets.truth import PlantedTruth as PlantedTruth
from riskscope.datasets.truth import planted_truth as planted_truth

_customers = functools.lru_cache(maxsize=1)(customers_frame)
_register = functools.lru_cache(maxsize=1)(register_frame)

__all__ = [
    "PlantedTruth",
    "fetch_acs_income",
    "fetch_adult",
    "fetch_bank_marketing",
    "fetch_credit_card",
    "load_customers",
    "load_register",
    "planted_truth",
]


def load_customers() -> pd.DataFrame:
    """Return 20,000 made-up customers of a French retailer.

    Nobody in it exists. It is a simple random sample of the adults of ``load_register``, with what a retailer
    knows, infers and decides about them: planted bias, planted unique people, missing values. The data
    dictionary is ``datasets/README.md``; what is planted is told by ``planted_truth``.

    Returns
    -------
    pandas.DataFrame
        One row a customer, a fresh copy each time. Missing text is NaN (NaN or None before pandas 3),
        a missing date NaT; postcodes are text of five figures.

    Examples
    --------
    >>> customers = load_customers()
    >>> customers.shape
    (20000, 29)
    >>> customers["birth_region"].value_counts().index.tolist()
    ['France', 'outside EU', 'other EU']
    """
    return _customers().copy()


def load_register() -> pd.DataFrame:
    """Return the made-up register of about 200,000 people from which the customers were drawn.

    It stands for the other source that an attacker holds: names, dates of birth and addresses of the whole
    population. Nobody in it exists.

    Returns
    -------
    pandas.DataFrame
        One row a person, nothing missing, a fresh copy each time.

    Examples
    --------
    >>> load_register().columns[:6].tolist()
    ['person_id', 'given_name', 'family_name', 'birth_date', 'sex', 'postcode']
    """
    return _register().copy()
