"""The list of communes: French postcodes, every département, no entry twice."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from riskscope.datasets.geography import communes

OFFICIAL = Path(__file__).parents[2] / ".." / "shared" / "data" / "fr_codes_postaux.csv"


def test_every_metropolitan_departement_is_there():
    expected = {f"{number:02d}" for number in range(1, 96)} - {"20"} | {"2A", "2B"}
    assert set(communes().department) == expected


def test_postcodes_belong_to_their_departement():
    listed = communes()
    for postcode, department in zip(listed.postcode, listed.department, strict=True):
        assert len(postcode) == 5
        assert postcode.isdigit()
        assert postcode[:2] == department or (postcode[:2] == "20" and department in ("2A", "2B"))


def test_corsica_is_two_departements():
    listed = communes()
    corsica = dict(zip(listed.name, listed.department, strict=True))
    assert (corsica["Ajaccio"], corsica["Bastia"]) == ("2A", "2B")


def test_no_entry_stands_twice():
    listed = communes()
    entries = list(zip(listed.postcode, listed.name, strict=True))
    assert len(set(entries)) == len(entries)


def test_sizes_are_skewed():
    inhabitants = communes().inhabitants
    assert inhabitants.min() >= 100
    assert (inhabitants < 3000).sum() > 80
    assert inhabitants.max() > 150_000


def test_some_places_share_a_postcode():
    listed = communes()
    assert len(set(listed.postcode)) < len(listed.postcode)


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official list of postcodes is not beside the checkout")
def test_names_are_those_of_the_official_list():
    official = defaultdict(set)
    with OFFICIAL.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            official[row["codePostal"]].add(row["nomCommune"].split(" ")[0])
    listed = communes()
    for postcode, name in zip(listed.postcode, listed.name, strict=True):
        assert name.split(" ")[0] in official[postcode]
