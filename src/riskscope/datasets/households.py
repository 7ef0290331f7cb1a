"""Households of the made-up register: where they live, who lives in them, how old the people are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskscope.datasets.geography import communes
from riskscope.datasets.names import ORIGINS
from riskscope.datasets.stable_random import Booleans, Integers, bell, draw, draw_by, happens, whole_numbers

N_HOUSEHOLDS = 94_000
# An entry of the list of communes stands for the places around it too, so a village is more than a house.
AROUND = 5_000
VILLAGE_BELOW = 3_000  # inhabitants

ONE_PERSON, COUPLE, COUPLE_WITH_CHILDREN, ONE_PARENT = range(4)
_KINDS = (370, 270, 270, 90)

# Weights of the age of the first adult, in bands of five years from 20 to 99: one row a kind of household.
_FIRST_AGE = np.array(
    [
        [70, 80, 70, 60, 50, 50, 60, 70, 80, 90, 90, 80, 70, 50, 25, 5],
        [30, 60, 40, 30, 20, 30, 50, 80, 110, 130, 130, 90, 50, 25, 8, 1],
        [10, 60, 130, 190, 200, 170, 110, 60, 25, 5, 0, 0, 0, 0, 0, 0],
        [10, 40, 90, 150, 180, 180, 140, 90, 20, 5, 0, 0, 0, 0, 0, 0],
    ]
)
_WOMEN_ALONE = np.array([420] * 6 + [500] * 3 + [660] * 3 + [780] * 4)  # per mille, by the same bands
_N_CHILDREN = np.array(
    [
        [1, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0],
        [0, 360, 430, 155, 40, 15],
        [0, 550, 320, 100, 22, 8],
    ]
)
_LEAVES_HOME_AT = 27

# Weights of the origin of a household (per mille), French first, then as in ORIGINS: one row a kind of place.
_ORIGIN = np.array(
    [
        [480, 70, 35, 220, 120, 25, 50],  # Seine-Saint-Denis and its neighbours
        [650, 75, 40, 110, 70, 12, 43],  # the rest of Île-de-France
        [760, 30, 50, 70, 20, 60, 10],  # Alsace, Moselle, Belfort
        [780, 55, 20, 100, 25, 10, 10],  # départements with a large city
        [870, 40, 22, 40, 14, 7, 7],  # other towns
        [940, 32, 20, 5, 1, 1, 1],  # villages
    ]
)
_PLACES = ("93 94 95", "75 77 78 91 92", "67 68 57 90", "13 69 59 31 34 06 38 84 30 83 42 33 44 63")
_TOWNS, _VILLAGES = 4, 5


@dataclass(frozen=True)
class Households:
    """The members of all households, one entry a person; households stand one after the other."""

    household: Integers  # (n_people,)
    commune: Integers  # position in the list of communes
    origin: Integers  # 0 is French, then the order of ORIGINS
    age: Integers  # in whole years on the day of the extract
    is_woman: Booleans
    is_child: Booleans
    is_first: Booleans
    size: Integers
    village: Booleans


def households() -> Households:
    """Return the people of the register, by household."""
    kind = draw("household/kind", _KINDS, N_HOUSEHOLDS)
    commune = draw("household/commune", communes().inhabitants + AROUND, N_HOUSEHOLDS)
    origin = draw_by("household/origin", _ORIGIN, _kind_of_place()[commune])
    band = draw_by("household/first age band", _FIRST_AGE, kind)
    first_age = 20 + 5 * band + whole_numbers("household/first age in band", N_HOUSEHOLDS, 5)
    adults = _adults(kind, band, first_age)
    children = _children(kind, first_age)
    household = np.concatenate([adults[0], children[0]])
    order = np.argsort(household, kind="stable")
    n_adults = len(adults[0])
    position = np.arange(len(household))
    household = household[order]
    return Households(
        household=household,
        commune=commune[household],
        origin=origin[household],
        age=np.concatenate([adults[1], children[1]])[order],
        is_woman=np.concatenate([adults[2], children[2]])[order],
        is_child=(position >= n_adults)[order],
        is_first=(position < N_HOUSEHOLDS)[order],
        size=np.bincount(household, minlength=N_HOUSEHOLDS)[household],
        village=(communes().inhabitants < VILLAGE_BELOW)[commune[household]],
    )


def origin_countries() -> tuple[list[str], Integers]:
    """Return the countries of birth, France first, and their weights (n_origins, n_countries)."""
    parsed = [[each.split("*") for each in origin["countries"]] for origin in ORIGINS.values()]
    names = ["France", *(name.replace("_", " ") for row in parsed for name, _weight in row)]
    weights = np.zeros((len(parsed) + 1, len(names)), dtype=np.int64)
    weights[0, 0] = 1
    column = 1
    for row, countries in enumerate(parsed, start=1):
        for _name, weight in countries:
            weights[row, column] = int(weight)
            column += 1
    return names, weights


def _kind_of_place() -> Integers:
    """Return for each commune the row of the table of origins."""
    listed = communes()
    place = np.full(len(listed.name), _TOWNS)
    for row, departments in enumerate(_PLACES):
        place[np.isin(listed.department.astype(str), departments.split())] = row
    place[listed.inhabitants < VILLAGE_BELOW] = _VILLAGES
    return place


def _adults(kind: Integers, band: Integers, first_age: Integers) -> tuple[Integers, Integers, Booleans]:
    """Return household, age and sex of first adults, and then of their partners."""
    women_per_mille = np.select(
        [kind == ONE_PERSON, kind == ONE_PARENT], [_WOMEN_ALONE[band], np.full(len(band), 830)], default=150
    )
    first_is_woman = happens("household/first is a woman", women_per_mille, len(kind))
    coupled = np.flatnonzero((kind == COUPLE) | (kind == COUPLE_WITH_CHILDREN))
    same_sex = happens("household/same sex", 15, len(coupled))
    partner_is_woman = first_is_woman[coupled] == same_sex
    shift = np.where(partner_is_woman, -2, 2) + bell("household/partner age", len(coupled), 7)
    partner_age = np.clip(first_age[coupled] + shift, 18, 99)
    everyone = np.arange(len(kind))
    return (
        np.concatenate([everyone, coupled]),
        np.concatenate([first_age, partner_age]),
        np.concatenate([first_is_woman, partner_is_woman]),
    )


def _children(kind: Integers, first_age: Integers) -> tuple[Integers, Integers, Booleans]:
    """Return household, age and sex of the children who still live at home."""
    wanted = draw_by("household/children", _N_CHILDREN, kind)
    oldest_possible = np.minimum(_LEAVES_HOME_AT - 1, first_age - 19)
    youngest_possible = np.clip(first_age - 42, 0, oldest_possible)
    span = oldest_possible - youngest_possible + 1
    age = youngest_possible + whole_numbers("household/youngest child", len(kind), span)
    household, ages = [], []
    for child in range(_N_CHILDREN.shape[1] - 1):
        at_home = (wanted > child) & (age <= oldest_possible)
        household.append(np.flatnonzero(at_home))
        ages.append(age[at_home])
        age = age + 1 + whole_numbers(f"household/gap {child}", len(kind), 5)
    together = np.concatenate(household)
    return together, np.concatenate(ages), happens("household/girl", 488, len(together))
