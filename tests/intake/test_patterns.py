"""Patterns and check digits: made-up numbers that must be seen, random digits that must not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskscope.intake.column_facts import column_facts
from riskscope.intake.column_names import name_kinds, name_words
from riskscope.intake.patterns import PATTERNS, pattern_hits

N_VALUES = 200


def found(values: list[object], names: tuple[str, ...] = ()) -> dict[str, float]:
    facts = column_facts(pd.DataFrame({"x": values}))[0]
    return {hit.pattern.key: hit.share for hit in pattern_hits(facts, names)}


def random_digits(length: int, rng: np.random.Generator) -> list[str]:
    return ["".join(map(str, rng.integers(0, 10, length))) for _ in range(N_VALUES)]


def luhn_digit(digits: str) -> str:
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def with_luhn(length: int, rng: np.random.Generator, start: str = "") -> list[str]:
    bodies = [start + each[: length - 1 - len(start)] for each in random_digits(length, rng)]
    return [body + luhn_digit(body) for body in bodies]


def made_up_siret(rng: np.random.Generator) -> list[str]:
    bodies = [company + f"{rng.integers(0, 10_000):04}" for company in with_luhn(9, rng)]
    return [body + luhn_digit(body) for body in bodies]


def made_up_nir(rng: np.random.Generator) -> list[str]:
    numbers = []
    for _ in range(N_VALUES):
        body = f"{rng.integers(1, 3)}{rng.integers(0, 100):02}{rng.integers(1, 13):02}{rng.integers(1, 96):02}"
        body += f"{rng.integers(1, 990):03}{rng.integers(1, 999):03}"
        numbers.append(body + f"{97 - int(body) % 97:02}")
    return numbers


def made_up_iban(rng: np.random.Generator) -> list[str]:
    numbers = []
    for body in random_digits(18, rng):
        check = 98 - int(body + "131400") % 97  # Germany: D=13, E=14; eighteen digits and no other check
        numbers.append(f"DE{check:02}{body}")
    return numbers


def made_up_bsn(rng: np.random.Generator) -> list[str]:
    numbers: list[str] = []
    while len(numbers) < N_VALUES:
        digits = [int(d) for d in rng.integers(0, 10, 8)]
        last = sum((9 - place) * d for place, d in enumerate(digits)) % 11
        if last < 10 and digits[0]:
            numbers.append("".join(map(str, [*digits, last])))
    return numbers


def test_published_examples_pass():
    # FORMULAS E3: BSN 111222333, IBAN NL91ABNA0417164300, Luhn 79927398713, NIR key 38.
    assert "bsn" in found(["111222333"], ("national number",))
    assert "iban" in found(["NL91ABNA0417164300"], ("account",))
    assert luhn_digit("7992739871") == "3"
    assert "nir" in found(["255081416802538"], ("national number",))
    # Corsica: 2A counts as 19, 2B as 18.
    assert "nir" in found(["253072A07300443", "253072B07300470"], ("national number",))


@pytest.mark.parametrize(
    ("key", "make"),
    [
        ("nir", made_up_nir),
        ("iban", made_up_iban),
        ("bsn", made_up_bsn),
        ("siren", lambda rng: with_luhn(9, rng)),
        ("siret", made_up_siret),
        ("card", lambda rng: with_luhn(16, rng, start="4")),
    ],
)
def test_made_up_numbers_are_seen(key, make):
    values = make(np.random.default_rng(1))
    assert found(values)[key] == 1.0
    # As many wrong ones beside them, and it is no longer far above chance.
    wrong = [value[:-1] + str((int(value[-1]) + 1) % 10) for value in values]
    assert key not in found(values + wrong)


@pytest.mark.parametrize("length", [5, 7, 8, 9, 10, 11, 13, 14, 15, 16, 18])
def test_random_digits_are_nothing(length):
    values = random_digits(length, np.random.default_rng(length))
    assert found(values) == {}
    assert found([int(value) for value in values]) == {}


def test_few_values_need_a_name():
    values = with_luhn(9, np.random.default_rng(3))[:8]
    assert found(values) == {}
    assert "siren" in found(values, ("company number",))


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("email", [f"someone{i}@example.org" for i in range(5)]),
        ("ip", [f"192.0.2.{i}" for i in range(9)]),
        ("ip", [f"2001:db8::{i:x}" for i in range(9)]),
        ("mac", [f"00:00:5e:00:53:{i:02x}" for i in range(9)]),
        ("url", [f"https://example.org/{i}" for i in range(5)]),
        ("uuid", [f"00000000-0000-4000-8000-{i:012x}" for i in range(5)]),
        ("hash", [f"{i:040x}" for i in range(5)]),
        ("hash", ["79e8035325861c89cd424130e194bc4ef9313c4a", "0e462097" + "1" * 24 + "a" * 8, "1e214748" + "a" * 32]),
        ("ssn", [f"219-09-{1000 + i}" for i in range(9)]),
        ("date", [f"2020-01-{i:02}" for i in range(1, 20)]),
        ("date", [f"{i:02}/03/1984" for i in range(1, 20)]),
        ("icd-10", [f"E11.{i}" for i in range(10)] + [f"I2{i}" for i in range(5)]),
    ],
)  # fmt: skip
def test_shapes_are_seen(key, values):
    assert found(values)[key] >= 0.8


def test_phone_numbers_of_several_countries():
    rng = np.random.default_rng(2)
    french = ["06 " + " ".join(f"{rng.integers(0, 100):02}" for _ in range(4)) for _ in range(60)]
    assert found(french)["phone"] > 0.9
    dutch = [f"+316{rng.integers(10_000_000, 60_000_000)}" for _ in range(60)]
    assert found(dutch)["phone"] > 0.9
    # A fifth left out or written otherwise is no hindrance; decimals and dates are no telephone numbers.
    assert "phone" in found(french + ["none given"] * 5 + [None] * 15)
    assert "phone" not in found([f"{i}.{i:07}" for i in range(100, 160)])
    assert "phone" not in found([f"2020-01-{i:02}" for i in range(1, 31)] + [f"2021-01-{i:02}" for i in range(1, 31)])


def test_french_postcode_only_where_the_name_says_a_place():
    values = [f"{department:02}{i}00" for department in range(1, 96) for i in range(3)]
    assert "french postcode" in found(values, ("place",))
    assert "french postcode" not in found(values)


def test_every_chance_is_far_below_its_threshold():
    for pattern in PATTERNS:
        assert pattern.chance < pattern.share - 0.25 or pattern.needs_name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("prénom", "person name"), ("customer_name", "person name"), ("Nom", "person name"),
        ("courriel", "email"), ("tel_portable", "phone"), ("dateNaissance", "birth date"),
        ("dob", "birth date"), ("code_postal", "place"), ("nomCommune", "place"),
        ("Residence_type", "urbanisation"), ("id_ménage", "household"), ("HHIncome", "money"),
        ("AGE", "age"), ("tranche_age", "age"), ("Race1", "origin"),
        ("native-country", "nationality"), ("COEFF", "weight"), ("décile_score", "inferred"),
        ("adresse_ip", "ip"), ("adresse", "address"), ("situation_familiale", "family"),
        ("syndiqué", "union"), ("confession", "religion"), ("geboortedatum", "birth date"),
        ("Krankheit", "health"), ("Postleitzahl", "place"), ("SexOrientation", "sex life"),
        ("created_at", "technical date"), ("client_id", "person key"),
        ("customer_hash", "pseudonym"), ("Contact Name", "person name"), ("BMI", "health"),
    ],
)  # fmt: skip
def test_what_names_say(name, kind):
    assert name_kinds(name)[0].key == kind


@pytest.mark.parametrize(
    "name", ["product_name", "v0042", "manage", "message", "agencement", "usage", "essex", "", "🙂", "column"]
)
def test_names_that_say_nothing(name):
    assert name_kinds(name) == ()


def test_words_of_a_name():
    assert name_words("IPAddress") == ["ip", "address"]
    assert name_words("Âge_2") == ["age", "2"]
