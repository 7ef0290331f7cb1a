"""The made-up register: about 200,000 people in households, of whom the customers are a random sample."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskscope.datasets import names
from riskscope.datasets.geography import communes
from riskscope.datasets.households import Households, households, origin_countries
from riskscope.datasets.stable_random import (
    Booleans,
    Integers,
    bell,
    draw,
    draw_by,
    happens,
    shuffled,
    whole_numbers,
)

EXTRACT_DATE = np.datetime64("2024-12-31", "D")
N_CUSTOMERS = 20_000
ADULT = 18
PLANTED_EACH = 4

OCCUPATIONS = (
    "farmer",
    "craft or shop owner",
    "manager or professional",
    "intermediate occupation",
    "clerk",
    "manual worker",
    "retired",
    "not working",
)
FARMER, CRAFT, MANAGER, INTERMEDIATE, CLERK, WORKER, RETIRED, NOT_WORKING = range(8)
_OCCUPATION_AGES = (ADULT, 22, 30, 60, 65, 75)  # where the next row of the tables below begins
# Weights of the occupations (per mille) by band of age.
_MEN_WORK = (
    [0, 0, 0, 0, 0, 0, 0, 1000],
    [4, 4, 0, 30, 90, 170, 0, 702],
    [8, 30, 140, 210, 150, 300, 0, 162],
    [18, 85, 215, 220, 120, 260, 0, 82],
    [20, 50, 110, 90, 50, 110, 480, 90],
    [8, 20, 20, 8, 4, 6, 925, 9],
    [0, 0, 0, 0, 0, 0, 985, 15],
)
_WOMEN_WORK = (
    [0, 0, 0, 0, 0, 0, 0, 1000],
    [1, 2, 0, 30, 160, 40, 0, 767],
    [4, 15, 130, 240, 340, 90, 0, 181],
    [8, 40, 165, 250, 330, 85, 0, 122],
    [8, 25, 75, 95, 150, 40, 440, 167],
    [6, 8, 10, 8, 8, 3, 860, 97],
    [0, 0, 0, 0, 0, 0, 870, 130],
)
# Factors on those weights, times ten: in a town, in a village, in Paris (no farmer but the planted ones).
_PLACE_FACTORS = np.array(
    [
        [5, 10, 10, 10, 10, 10, 10, 10],
        [60, 12, 5, 8, 9, 12, 10, 10],
        [0, 8, 22, 10, 7, 4, 10, 10],
    ]
)
_ABROAD = np.array([120, 120, 450, 450, 750, 800, 800, 700, 650, 600])  # born abroad, per mille, by decade of age


@dataclass(frozen=True)
class Population:
    """Everybody in the register as arrays, one entry a person, and which of them are customers."""

    people: Households
    age: Integers
    occupation: Integers
    country: Integers  # position in ``country_names``
    country_names: list[str]
    given_name: npt.NDArray[np.object_]
    family_name: npt.NDArray[np.object_]
    birth_date: npt.NDArray[np.datetime64]
    customers: Integers  # rows of the customers, in the order of the customer table
    planted: dict[str, Integers]  # pattern -> rows of the people made unique


@functools.lru_cache(maxsize=1)
def population() -> Population:
    """Return everybody in the register and the sample that became customers."""
    people = households()
    occupation = _occupation(people)
    adults = np.flatnonzero(people.age >= ADULT)
    # A simple random sample without replacement: every adult has the same chance.
    customers = adults[shuffled("customers/sample", len(adults))[:N_CUSTOMERS]]
    age, occupation, planted = _plant_uniques(people, occupation, customers)
    country, country_names = _birth_country(people, age)
    return Population(
        people=people,
        age=age,
        occupation=occupation,
        country=country,
        country_names=country_names,
        given_name=_given_names(people, age, country > 0),
        family_name=_family_names(people),
        birth_date=_birth_dates(age),
        customers=customers,
        planted=planted,
    )


def register_frame() -> pd.DataFrame:
    """Return the register as a data frame, one row a person."""
    everybody = population()
    people, listed = everybody.people, communes()
    return pd.DataFrame(
        {
            "person_id": np.arange(1, len(everybody.age) + 1, dtype=np.int64),
            "given_name": everybody.given_name,
            "family_name": everybody.family_name,
            "birth_date": everybody.birth_date.astype("datetime64[us]"),
            "sex": sexes(people.is_woman),
            "postcode": listed.postcode[people.commune],
            "commune": listed.name[people.commune],
            "birth_country": np.array(everybody.country_names, dtype=object)[everybody.country],
            "occupation": np.array(OCCUPATIONS, dtype=object)[everybody.occupation],
            "household_id": people.household + 1,
            "household_size": people.size.astype(np.int64),
        }
    )


def sexes(is_woman: Booleans) -> npt.NDArray[np.object_]:
    """Return the letters F and M as text."""
    return np.array(["M", "F"], dtype=object)[is_woman.astype(np.int64)]


def _occupation(people: Households) -> Integers:
    """Return the occupation of everybody, drawn by sex, band of age and place."""
    weights = np.array([_MEN_WORK, _WOMEN_WORK])[None] * _PLACE_FACTORS[:, None, None, :]
    n_bands = len(_MEN_WORK)
    place = np.where(_in_paris(people), 2, people.village)
    band = np.searchsorted(np.array(_OCCUPATION_AGES), people.age, side="right")
    group = (place * 2 + people.is_woman) * n_bands + band
    return draw_by("register/occupation", weights.reshape(-1, len(OCCUPATIONS)), group)


def _in_paris(people: Households) -> Booleans:
    """Return who lives in Paris."""
    return np.asarray((communes().department == "75")[people.commune])


def _plant_uniques(
    people: Households, occupation: Integers, customers: Integers
) -> tuple[Integers, Integers, dict[str, Integers]]:
    """Make a few customers unique by an occupation that nobody else of their age, or place, has.

    Each is a person who lives alone, and the only one of the pattern in the postcode: so nobody else can
    share sex, year of birth, postcode and occupation with them.
    """
    age, occupation = people.age.copy(), occupation.copy()
    alone = customers[(people.size[customers] == 1)]
    in_village, in_paris = people.village[alone], _in_paris(people)[alone]
    patterns = {
        "still at work at 90 or more, in a village": alone[in_village & (age[alone] >= 70)],
        "farmer in Paris": alone[in_paris & (age[alone] >= 30) & (age[alone] < 60)],
        "manager before 22": alone[~in_paris & (age[alone] < 22)],
    }
    planted = {}
    for name, matching in patterns.items():
        candidates = matching[shuffled(f"register/planted/{name}", len(matching))]
        _codes, first = np.unique(communes().postcode[people.commune[candidates]].astype(str), return_index=True)
        planted[name] = candidates[np.sort(first)[:PLANTED_EACH]]
    at_work, farmers, managers = planted.values()
    age[at_work] = np.arange(90, 90 + PLANTED_EACH)
    occupation[at_work] = [CRAFT, FARMER, CRAFT, FARMER]
    occupation[farmers] = FARMER
    occupation[managers] = MANAGER
    return age, occupation, planted


def _birth_dates(age: Integers) -> npt.NDArray[np.datetime64]:
    """Return dates of birth: the extract is of 31 December, so age gives the year; the day is any."""
    year = EXTRACT_DATE.astype("datetime64[Y]") - age
    first_day = year.astype("datetime64[D]")
    days = ((year + 1).astype("datetime64[D]") - first_day).astype(np.int64)
    return np.asarray(first_day + whole_numbers("register/day of birth", len(age), days))


def _birth_country(people: Households, age: Integers) -> tuple[Integers, list[str]]:
    """Return the position of each person's country of birth, and the countries."""
    countries, weights = origin_countries()
    abroad = happens("register/born abroad", _ABROAD[age // 10], len(age)) & (people.origin > 0)
    household_country = draw_by("register/country", weights, people.origin[people.is_first])
    return np.where(abroad, household_country[people.household], 0), countries


def _given_names(people: Households, age: Integers, abroad: Booleans) -> npt.NDArray[np.object_]:
    """Return given names that fit sex and decade of birth, or the origin of the household."""
    n = len(age)
    year = 2024 - age + bell("register/fashion", n, 12)
    decade = np.clip((year - names.GIVEN_DECADES[0]) // 10, 0, len(names.GIVEN_DECADES) - 1)
    foreign = (people.origin > 0) & (abroad | happens("register/foreign given name", 550, n))
    lists = [chosen for sex in "MF" for chosen in names.GIVEN_FRENCH[sex]]
    lists += [origin[sex] for sex in ("men", "women") for origin in names.ORIGINS.values()]
    n_french, n_origins = len(names.GIVEN_DECADES), len(names.ORIGINS)
    group = np.where(
        foreign,
        2 * n_french + people.is_woman * n_origins + people.origin - 1,
        people.is_woman * n_french + decade,
    )
    return _from_lists("register/given name", lists, group, lead=8)


def _family_names(people: Households) -> npt.NDArray[np.object_]:
    """Return family names: shared within the household, but by three partners in ten."""
    lists = [names.FAMILY_FRENCH, *(origin["family"] for origin in names.ORIGINS.values())]
    origin = people.origin
    own = _from_lists("register/family name", lists, origin, lead=40)
    rare = (origin == 0) & happens("register/rare family name", 400, len(origin))
    beginning = draw("register/rare beginning", [1] * len(names.FAMILY_BEGINNINGS), len(origin))
    ending = draw("register/rare ending", [1] * len(names.FAMILY_ENDINGS), len(origin))
    composed = np.array([b + e for b in names.FAMILY_BEGINNINGS for e in names.FAMILY_ENDINGS], dtype=object)
    own = np.where(rare, composed[beginning * len(names.FAMILY_ENDINGS) + ending], own)
    is_partner = ~people.is_first & ~people.is_child
    keeps = is_partner & happens("register/keeps own name", 300, len(origin))
    return np.asarray(np.where(keeps, own, own[people.is_first][people.household]))


def _from_lists(stream: str, lists: list[list[str]], group: Integers, lead: int) -> npt.NDArray[np.object_]:
    """Return for each row a word of its group's list; the first words are the most frequent.

    The weight of the word at place r is proportional to 1 / (r + lead), so that a larger ``lead`` is flatter.
    """
    longest = max(len(words) for words in lists)
    weights = np.zeros((len(lists), longest), dtype=np.int64)
    vocabulary = np.empty((len(lists), longest), dtype=object)
    for row, words in enumerate(lists):
        weights[row, : len(words)] = 1_000_000 // (np.arange(len(words)) + lead)
        vocabulary[row, : len(words)] = words
    word = np.empty(len(group), dtype=np.int64)
    for row in np.unique(group):
        members = np.flatnonzero(group == row)
        word[members] = draw(f"{stream}/{row}", weights[row], len(members))
    return np.asarray(vocabulary[group, word])
