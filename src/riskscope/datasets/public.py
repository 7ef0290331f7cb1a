"""Public data for people with a network: Adult and others, over fairlearn's fetchers, as one data frame each.

These are the only functions of the package that use a network, and only when they are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

import pandas as pd

from riskscope.errors import ReadError
from riskscope.words import _


def fetch_adult(*, data_home: str | PathLike[str] | None = None) -> pd.DataFrame:
    """Download the Adult census data (OpenML 1590): 48,842 people, income above 50,000 dollars or not.

    Parameters
    ----------
    data_home : path, optional
        Folder to keep the download in. Default: scikit-learn's.

    Returns
    -------
    pandas.DataFrame
        Features and target together, the target last.

    Raises
    ------
    ReadError
        The data cannot be reached and is not in ``data_home``.
    """
    return _fetch("fetch_adult", data_home)


def fetch_bank_marketing(*, data_home: str | PathLike[str] | None = None) -> pd.DataFrame:
    """Download the bank marketing data (OpenML 1461): 45,211 calls of a Portuguese bank.

    Parameters
    ----------
    data_home : path, optional
        Folder to keep the download in. Default: scikit-learn's.

    Returns
    -------
    pandas.DataFrame
        Features and target together, the target last.

    Raises
    ------
    ReadError
        The data cannot be reached and is not in ``data_home``.
    """
    return _fetch("fetch_bank_marketing", data_home)


def fetch_credit_card(*, data_home: str | PathLike[str] | None = None) -> pd.DataFrame:
    """Download the credit card default data (OpenML 42477): 30,000 clients of a bank in Taiwan.

    Parameters
    ----------
    data_home : path, optional
        Folder to keep the download in. Default: scikit-learn's.

    Returns
    -------
    pandas.DataFrame
        Features and target together, the target last.

    Raises
    ------
    ReadError
        The data cannot be reached and is not in ``data_home``.
    """
    return _fetch("fetch_credit_card", data_home)


def fetch_acs_income(
    *, states: Sequence[str] | None = None, data_home: str | PathLike[str] | None = None
) -> pd.DataFrame:
    """Download the American Community Survey's income data (OpenML 43141): 1.7 million people.

    Parameters
    ----------
    states : sequence of str, optional
        Two-letter codes of the states to keep. Default: all.
    data_home : path, optional
        Folder to keep the download in. Default: scikit-learn's.

    Returns
    -------
    pandas.DataFrame
        Features and target together, the target last.

    Raises
    ------
    ReadError
        The data cannot be reached and is not in ``data_home``.
    """
    return _fetch("fetch_acs_income", data_home, states=None if states is None else list(states))


def _fetch(name: str, data_home: str | PathLike[str] | None, **options: object) -> pd.DataFrame:
    """Return the frame of one of fairlearn's fetchers; say what to do when there is no network."""
    import fairlearn.datasets

    try:
        bunch = getattr(fairlearn.datasets, name)(as_frame=True, data_home=data_home, **options)
    except OSError as error:
        raise ReadError(
            _(
                "{name} could not reach openml.org ({kind}). It downloads once and keeps a copy in "
                "data_home: call it where there is a network, or pass data_home= with a copy. Without "
                "one, use load_customers()."
            ).format(name=name, kind=type(error).__name__)
        ) from error
    frame: pd.DataFrame = pd.concat([bunch.data, bunch.target], axis="columns")
    return frame
