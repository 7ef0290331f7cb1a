"""The domains that are tried: those built in (telephone numbers, birth dates, ...), and what a user hands over."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.attacks.hashes.texts import (
    DIGITS,
    Domain,
    Piece,
    checked,
    cut,
    digits,
    listed,
    of_pattern,
    of_places,
    stacked,
)
from riskscope.checks import check_choice
from riskscope.engines.columns import arrow_columns
from riskscope.engines.encode import encode
from riskscope.errors import FrameError
from riskscope.words import N_, _

#: Letters of French number plates since 2009: without I, O and U.
_PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTVWXYZ"
#: Births of 120 years, 43,830 days; fixed, so that an answer does not depend on the day it was asked for.
FIRST_BIRTH, LAST_BIRTH = dt.date(1910, 1, 1), dt.date(2029, 12, 31)
_DATE_FORMS = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD/MM/YYYY": "%d/%m/%Y",
    "YYYYMMDD": "%Y%m%d",
    "DDMMYYYY": "%d%m%Y",
    "DD-MM-YYYY": "%d-%m-%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "YYYY/MM/DD": "%Y/%m/%d",
    "YYYY-MM-DD 00:00:00": "%Y-%m-%d 00:00:00",
}
#: Written forms of a French number; N stands for the first digit after 0 or +33.
_FRENCH = (
    "0N99999999",
    "+33N99999999",
    "33N99999999",
    "0033N99999999",
    "0N 99 99 99 99",
    "0N.99.99.99.99",
    "0N-99-99-99-99",
    "+33 N 99 99 99 99",
)
_DUTCH = ("0699999999", "06-99999999", "+31699999999", "31699999999", "0031699999999")


def domains_of(domain: Any = None) -> list[Domain]:
    """Return the domains that a user names, small ones first.

    Parameters
    ----------
    domain : str, list, array, series, or tuple of these, optional
        Name of a built-in domain (a key of ``BUILT_IN``), a pattern, or candidate values; see ``pseudonyms``.
        None: all that is built in.

    Examples
    --------
    >>> [(each.label, each.size) for each in domains_of(("9A99", ["1", "2"]))]
    [('values handed over', 2), ('texts of a pattern: 9A99', 26000)]
    """
    if domain is None:
        domain = tuple(BUILT_IN)
    if isinstance(domain, list) and domain and all(isinstance(each, str) and each in BUILT_IN for each in domain):
        domain = tuple(domain)
    parts = domain if isinstance(domain, tuple) else (domain,)
    return sorted((each for part in parts for each in _domains_of_one(part)), key=lambda each: each.size)


def _domains_of_one(domain: Any) -> list[Domain]:
    """Return the domains of one name, one pattern, or one set of candidate values."""
    if not isinstance(domain, str):
        texts = candidate_texts(domain)
        return [listed(N_("values handed over"), "", len(texts), lambda: texts)]
    if domain in BUILT_IN:
        return BUILT_IN[domain]()
    if not any(mark in domain for mark in "9A"):
        check_choice(domain, "domain", (*BUILT_IN, _("a pattern: 9 for a digit, A for a letter")))
    return [of_pattern(N_("texts of a pattern"), domain)]


def candidate_texts(values: Any) -> list[str]:
    """Return candidate values as texts: as they stand, in lower and in upper case; dates in all usual forms.

    Examples
    --------
    >>> candidate_texts(["Ann@example.org", "7", None])
    ['7', 'ANN@EXAMPLE.ORG', 'Ann@example.org', 'ann@example.org']
    """
    texts: set[str] = set()
    for value in coded_values(values, "domain")[0]:
        texts.add(text_of(value))
        if isinstance(value, dt.date):
            texts.update(value.strftime(each) for each in _DATE_FORMS.values())
    return sorted(texts | {each.lower() for each in texts} | {each.upper() for each in texts})


def text_of(value: Any) -> str:
    """Return a value as people write it: a whole number without a point.

    Examples
    --------
    >>> text_of(7.0), text_of("a")
    ('7', 'a')
    """
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def coded_values(values: Any, name: str) -> tuple[list[Any], NDArray[np.int64]]:
    """Return the distinct present values of one column, and the place of each record's among them (-1: missing)."""
    frame, column = _framed(values, name)
    coded = encode(arrow_columns(frame, [column])[0], column)
    return coded.levels.to_list(), coded.codes.astype(np.int64) - int(coded.levels.has_missing)


def _framed(values: Any, name: str) -> tuple[Any, str]:
    """Return a series, an array or a list as a frame of one column, and that column's name."""
    import pandas as pd
    import pyarrow as pa

    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return pa.table({name: values}), name
    if hasattr(values, "columns") and len(values.columns) == 1 and hasattr(values, "shape"):
        first = values.column_names[0] if isinstance(values, pa.Table) else values.columns[0]
        return values, first
    try:
        if hasattr(values, "columns") or isinstance(values, (str, bytes)) or getattr(values, "ndim", 1) != 1:
            raise TypeError
        if hasattr(values, "to_frame"):
            return values.to_frame(name=name), name
        return pd.DataFrame({name: pd.Series(values if hasattr(values, "dtype") else list(values))}), name
    except (TypeError, ValueError):
        raise FrameError(
            _("{name} is {kind}; hand over one column: a series, an array or a list of values.").format(
                name=name, kind=type(values).__name__
            )
        ) from None


def birth_dates() -> list[Domain]:
    """Return the days of 120 years in the usual forms."""
    n_days = (LAST_BIRTH - FIRST_BIRTH).days + 1

    def in_form(form: str, code: str) -> Domain:
        written = lambda: [(FIRST_BIRTH + dt.timedelta(n)).strftime(code) for n in range(n_days)]  # noqa: E731
        return listed(N_("birth dates"), form, n_days, written)

    return [in_form(form, code) for form, code in _DATE_FORMS.items()]


def numbers() -> list[Domain]:
    """Return numbers of one to nine digits, leading zeros included."""
    return [of_pattern(N_("numbers"), "9" * width) for width in range(1, 10)]


def telephones_fr() -> list[Domain]:
    """Return French telephone numbers, mobile (06, 07) and landline (01 to 05, 09), in the usual forms."""
    kinds = ((N_("French mobile numbers"), "67"), (N_("French landline numbers"), "123459"))
    return [
        of_places(kind, form.replace("N", f"[{first}]"), [{"9": DIGITS, "N": first}.get(each, each) for each in form])
        for kind, first in kinds
        for form in _FRENCH
    ]


def telephones_nl() -> list[Domain]:
    """Return Dutch mobile numbers in the usual forms."""
    return [of_pattern(N_("Dutch mobile numbers"), each) for each in _DUTCH]


def plates_fr() -> list[Domain]:
    """Return French number plates since 2009, with and without hyphens."""
    letters, figures = [_PLATE_LETTERS] * 2, [DIGITS] * 3
    return [
        of_places(N_("French number plates"), "AA-999-AA", [*letters, "-", *figures, "-", *letters]),
        of_places(N_("French number plates"), "AA999AA", [*letters, *figures, *letters]),
    ]


def taxis_nyc() -> list[Domain]:
    """Return medallions and driver licences of New York taxis, as published in 2014."""
    medallions = [of_pattern(N_("New York taxi medallions"), each) for each in ("9A99", "AA999", "AAA999")]
    return [*medallions, *(of_pattern(N_("New York taxi licences"), each) for each in ("999999", "5999999"))]


def citizen_numbers_nl() -> list[Domain]:
    """Return Dutch citizen service numbers (BSN): nine digits that pass the eleven test."""

    def pieces() -> Iterator[Piece]:
        heads, tails = digits(5), digits(4)
        yield from checked(
            heads, _weighted(heads, (9, 8, 7, 6, 5)) % 11, tails, _weighted(tails, (4, 3, 2, -1)) % 11, modulus=11
        )

    return [Domain(N_("Dutch citizen service numbers (BSN)"), "999999999", 90_909_091, pieces)]


def luhn_numbers() -> list[Domain]:
    """Return numbers of six to nine digits that pass Luhn's test; those of nine hold the French SIREN."""

    def of_width(width: int) -> Domain:
        def pieces() -> Iterator[Piece]:
            heads, tails = digits(width - 4), digits(4)
            yield from checked(heads, _luhn(heads) % 10, tails, _luhn(tails) % 10, modulus=10)

        return Domain(N_("numbers with Luhn's check digit"), "9" * width, 10 ** (width - 1), pieces)

    return [of_width(width) for width in range(6, 10)]


def _weighted(rows: NDArray[np.uint8], weights: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the weighted sum of the digits of each row."""
    return (rows.astype(np.int64) - ord("0")) @ np.array(weights, np.int64)


def _luhn(rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return Luhn's sum of each row, whose last digit is the check digit or stands an even number before it."""
    figures = rows[:, ::-1].astype(np.int64) - ord("0")
    figures[:, 1::2] = 2 * figures[:, 1::2] - 9 * (figures[:, 1::2] > 4)
    return np.asarray(figures.sum(axis=1))


def social_security_numbers_fr() -> list[Domain]:
    """Return French social security numbers (NIR): 15 digits with the key, of births in departments 01 to 95.

    They are many, the work of hours; a usual budget allows a part, and the result says how much.
    """
    years = [*range(30, 100), *range(30)]

    def pieces() -> Iterator[Piece]:
        places = stacked(f"{where:02d}{commune:03d}" for where in range(1, 96) for commune in range(1, 991))
        tails = stacked(f"{order:03d}{key:02d}" for order in range(1, 1000) for key in range(1, 98))
        tail_residues = (_weighted(tails, (100, 10, 1, 0, 0)) + _weighted(tails, (0, 0, 0, 10, 1))) % 97
        powers = tuple(pow(10, power, 97) for power in range(12, 2, -1))
        for year, month, sex in itertools.product(years, range(1, 13), "12"):
            start = np.broadcast_to(stacked([f"{sex}{year:02d}{month:02d}"]), (len(places), 5))
            heads = np.concatenate([start, places], axis=1)
            yield from checked(heads, _weighted(heads, powers) % 97, tails, tail_residues, modulus=97)

    size = 2 * len(years) * 12 * 95 * 990 * 999
    return [Domain(N_("French social security numbers (NIR)"), "[12]99999999999999", size, pieces)]


def addresses() -> list[Domain]:
    """Return IPv4 addresses."""
    bytes_of = [[str(n) for n in range(256) if len(str(n)) == width] for width in (1, 2, 3)]

    def pieces() -> Iterator[Piece]:
        for a, b, c, d in itertools.product(bytes_of, repeat=4):
            heads = stacked(f"{one}.{two}." for one in a for two in b)
            yield from cut(heads, stacked(f"{one}.{two}" for one in c for two in d))

    return [Domain(N_("IPv4 addresses"), "999.999.999.999", 2**32, pieces)]


#: The domains that are built in, by name.
BUILT_IN: dict[str, Callable[[], list[Domain]]] = {
    "birth_date": birth_dates,
    "number": numbers,
    "taxi_nyc": taxis_nyc,
    "bsn": citizen_numbers_nl,
    "luhn": luhn_numbers,
    "telephone_nl": telephones_nl,
    "telephone_fr": telephones_fr,
    "plate_fr": plates_fr,
    "ipv4": addresses,
    "nir": social_security_numbers_fr,
}
