"""The eighteen identifiers of HIPAA's Safe Harbor list: found, allowed, and not found by mistake."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from riskscope.errors import FrameError, RoleError
from riskscope.intake.safe_harbor import safe_harbor
from riskscope.roles import Roles

SHARED = Path(__file__).parents[2] / ".." / "shared"
N = 40


def status(data: pd.DataFrame, roles: Roles | None = None) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {item.letter: (item.status, item.columns) for item in safe_harbor(data, roles).items}


def numbered(text: str) -> list[str]:
    return [text.format(i) for i in range(N)]


@pytest.mark.parametrize(
    ("letter", "name", "values"),
    [
        ("A", "last_name", numbered("Person{}")),
        ("B", "zip", [str(90_210 + 7 * i) for i in range(N)]),
        ("B", "adresse", numbered("{} rue Longue")),
        ("C", "admission", [f"2020-03-{1 + i % 28:02}" for i in range(N)]),
        ("C", "age", [20 + 2 * i for i in range(N)]),
        ("C", "dob", [19_500_101 + 10_000 * i for i in range(N)]),
        ("D", "phone", numbered("(202) 456-11{:02}")),
        ("E", "fax", numbered("(202) 456-11{:02}")),
        ("F", "contact", numbered("a{}@example.org")),
        ("G", "ssn", numbered("219-09-10{:02}")),
        ("H", "mrn", numbered("MR{}")),
        ("I", "policy_number", numbered("P{}")),
        ("J", "account_number", numbered("AC{}")),
        ("K", "driver_license", numbered("DL{}")),
        ("L", "license_plate", numbered("AB-{}-CD")),
        ("M", "imei", numbered("dev{}")),
        ("N", "x", numbered("https://example.org/{}")),
        ("O", "x", numbered("192.0.2.{}")),
        ("P", "fingerprint", numbered("f{}")),
        ("Q", "photo", numbered("p{}.png")),
        ("R", "customer_hash", numbered("{:032x}")),
    ],
)
def test_each_identifier_is_found(letter, name, values):
    found = status(pd.DataFrame({name: values, "sex": ["F", "M"] * (N // 2)}))
    assert found[letter] == ("found", (name,))
    assert [key for key, (each, _columns) in found.items() if each == "found"] == [letter]


def test_what_the_rule_allows():
    data = pd.DataFrame(
        {
            "state": ["CA", "NY"] * 20,
            "country": ["US", "FR"] * 20,
            "year": [2019, 2020] * 20,
            "birth_year": [1950 + i for i in range(N)],
            "age": [30 + i for i in range(N)],
        }
    )
    checked = safe_harbor(data)
    assert checked.n_found == 0
    assert [item.letter for item in checked.items if item.status == "cannot be seen"] == ["P", "Q", "R"]
    assert checked.n_not_seen == 3


def test_cut_zip_codes_and_top_coded_ages_are_to_check():
    data = pd.DataFrame({"zip": ["902", "100"] * 20, "age": [51 + i for i in range(N)]})
    found = status(data)
    assert found["B"] == ("to check", ("zip",))
    assert found["C"] == ("to check", ("age",))
    texts = {item.letter: item.text() for item in safe_harbor(data).items}
    assert "20,000" in texts["B"]
    assert '90 is taken for "90 or older"' in texts["C"]


def test_one_place_for_everybody_is_a_place_and_a_mask_is_none():
    data = pd.DataFrame({"city": ["Delft"] * N, "name": ["*"] * N, "zip": ["***"] * N})
    found = status(data)
    assert found["B"] == ("found", ("city",))
    assert found["A"] == ("not found", ())


def test_no_false_alarm_of_name_and_age_lists():
    # A list of surnames takes race for names; a range of 0 to 130 takes a small salary for ages.
    data = pd.DataFrame({"race": ["White", "Black"] * 20, "Salary": [3 + i % 9 for i in range(N)]})
    assert safe_harbor(data).n_found == 0


def test_roles_count_under_other_numbers():
    data = pd.DataFrame({"opaque": ["a", "b"] * 20})
    assert status(data)["R"] == ("cannot be seen", ())
    assert status(data, Roles(identifiers="opaque"))["R"] == ("found", ("opaque",))
    with pytest.raises(RoleError, match="near: 'opaque'"):
        safe_harbor(data, Roles(identifiers="opaqe"))


def test_it_says_what_it_is_not():
    checked = safe_harbor(pd.DataFrame({"email": numbered("a{}@example.org")}))
    assert checked.summary().startswith("1 of the 18 identifiers")
    assert "one US rule" in checked.summary()
    assert "not a verdict" in checked.summary()
    assert "actual knowledge" in checked.summary()
    assert "not checked" in checked.summary()
    shown = checked._repr_html_() + repr(checked) + str(checked.to_dict()) + checked.to_frame().to_string()
    assert "example.org" not in shown
    assert checked.to_dict()["identifiers"]["F"]["columns"] == ["email"]
    assert list(checked.to_frame()["letter"]) == list("ABCDEFGHIJKLMNOPQR")


def test_no_rows_and_no_table():
    assert safe_harbor(pd.DataFrame({"name": [], "age": []})).n_found == 0
    assert safe_harbor(pd.DataFrame()).n_records == 0
    with pytest.raises(FrameError, match="a list; a pandas, Polars or PyArrow table is needed"):
        safe_harbor([1, 2])


@pytest.mark.skipif(not SHARED.exists(), reason="the shared tables are not beside the checkout")
def test_on_published_tables():
    adult = pd.read_csv(SHARED / "data" / "adult.csv", skipinitialspace=True)
    assert status(adult)["C"] == ("to check", ("age",))
    assert safe_harbor(adult).n_found == 0
    febrl = pd.read_csv(SHARED / "data" / "febrl_dataset1.csv", skipinitialspace=True)
    letters = {letter for letter, (each, _columns) in status(febrl).items() if each == "found"}
    assert letters == {"A", "B", "C", "G", "R"}
