"""The known populations that the calibration draws samples from, and which of them choose and which judge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

import riskscope as rs

#: Published tables may lie in a folder beside the checkout; those that are absent are left out, and said so.
SHARED = Path(__file__).parents[1] / ".." / "shared" / "data"

FRACTIONS = (0.01, 0.05, 0.1, 0.2)
CHOOSING, JUDGING, FRESH = "choosing", "judging", "judging, fresh"


class Population(NamedTuple):
    """One population under one set of quasi-identifiers."""

    name: str
    part: str
    people: pd.DataFrame

    @property
    def columns(self) -> list[str]:
        """The quasi-identifiers."""
        return [str(name) for name in self.people.columns]


class Source(NamedTuple):
    """A file, how to read it, its part, and its sets of quasi-identifiers, coarse to fine."""

    file: str
    separator: str
    part: str
    sets: dict[str, list[str]]


_ADULT = ["age", "sex", "race", "marital-status", "education", "occupation"]
_LABOUR = ["SEX", "AGE", "DEGURBA", "NATIONAL", "HATLEV1D", "YEAR"]
SOURCES = [
    Source(
        "adult.csv",
        ",",
        CHOOSING,
        {
            "Adult, 3 columns": _ADULT[:3],
            "Adult, 4 columns": [*_ADULT[:3], "native-country"],
            "Adult, 4 others": ["age", "sex", "education", "workclass"],
            "Adult, 6 columns": _ADULT,
            "Adult, 8 columns": [*_ADULT, "native-country", "workclass"],
        },
    ),
    Source(
        "fr_lfs_puf_50k.csv.gz",
        ",",
        JUDGING,
        {
            "Labour force, 6 columns": _LABOUR,
            "Labour force, 8 columns": [*_LABOUR, "HHTYPE", "ISCO1D"],
            "Labour force, 11 columns": [*_LABOUR, "HHTYPE", "ISCO1D", "COUNTRYB", "ILOSTAT", "NACE1D"],
        },
    ),
    Source(
        "bank_marketing.csv",
        ";",
        FRESH,
        {
            "Bank, 3 columns": ["age", "job", "marital"],
            "Bank, 7 columns": ["age", "job", "marital", "education", "default", "housing", "loan"],
        },
    ),
    Source(
        "credit_default_taiwan.csv",
        ",",
        FRESH,
        {
            "Credit, 4 columns": ["SEX", "EDUCATION", "MARRIAGE", "AGE"],
            "Credit, 5 columns": ["SEX", "EDUCATION", "MARRIAGE", "AGE", "LIMIT_BAL"],
        },
    ),
    Source(
        "cup_arx.csv",
        ";",
        FRESH,
        {
            "Donors, 3 columns": ["STATE", "AGE", "GENDER"],
            "Donors, 4 columns": ["STATE", "AGE", "GENDER", "INCOME"],
        },
    ),
]
REGISTER_SETS = {
    "Register, 4 columns": ["sex", "birth_year", "department", "occupation"],
    "Register, 3 columns": ["sex", "birth_year", "postcode"],
    "Register, 5 others": ["sex", "birth_year", "birth_country", "occupation", "household_size"],
    "Register, 5 columns": ["sex", "birth_year", "postcode", "occupation", "household_size"],
}


def absent() -> list[str]:
    """Return the files that are not there."""
    return [source.file for source in SOURCES if not (SHARED / source.file).is_file()]


def populations() -> Iterator[Population]:
    """Give each population that is there, under each of its sets of quasi-identifiers."""
    for source in SOURCES:
        path = SHARED / source.file
        if path.is_file():
            frame = pd.read_csv(path, sep=source.separator, dtype=str, keep_default_na=False)
            for name, columns in source.sets.items():
                yield Population(name, source.part, frame[columns])
    register = rs.datasets.load_register()
    derived = register.assign(birth_year=register["birth_date"].dt.year, department=register["postcode"].str[:2])
    for name, columns in REGISTER_SETS.items():
        yield Population(name, JUDGING, derived[columns])
