"""How numbers and tables look."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscope import display


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.5, "50.0 %"),
        (1e-9, "<0.1 %"),
        (0.0005, "0.1 %"),
        (0.0004999, "<0.1 %"),
        (0.9995, ">99.9 %"),
        (0.99949, "99.9 %"),
        (1 - 1e-12, ">99.9 %"),
        (math.nan, "undefined"),
    ],
)
def test_share(value: float, text: str) -> None:
    assert display.share(value) == text


@pytest.mark.parametrize(
    ("value", "n_others", "text"),
    [(9, 1000, "<10"), (10, 10, "10"), (1234, 10, "1,234"), (1234, 9, "10+"), (9, 9, "<10"), (10, 0, "10+")],
)
def test_guarded_count(value: int, n_others: int, text: str) -> None:
    assert display.guarded_count(value, n_others) == text


@given(st.floats(0, 1))
def test_a_share_never_rounds_something_to_nothing_or_most_to_all(value: float) -> None:
    text = display.share(value)
    assert (text == "0 %") == (value == 0)
    assert (text == "100 %") == (value == 1)
    assert text not in ("0.0 %", "100.0 %")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.8898815, "1.89"), (2.0, "2"), (1234.56, "1,235"), (12_345.6, "12,346"), (-0.00012345, "-0.0001234")],
)
def test_number(value: float, text: str) -> None:
    assert display.number(value) == text


def test_numbers_that_are_none() -> None:
    assert [display.number(value) for value in (math.nan, math.inf, -math.inf)] == [
        "undefined",
        "infinite",
        "minus infinite",
    ]


def test_count_and_formats() -> None:
    assert display.count(1_234_567) == "1,234,567"
    assert display.formatted(None, "count") == "not given"
    assert display.formatted(math.nan, "count") == "undefined"
    assert display.formatted(math.inf, "count") == "infinite"
    assert display.formatted(3.0, "count") == "3"
    assert display.formatted(2.7, "count") == "3"  # an estimate, rounded as in the sentence beside it
    assert display.formatted("<b>", "text") == "<b>"
    assert display.formatted(0.25, "share") == "25.0 %"


def test_tables_and_cards_escape() -> None:
    table = display.html_table(["<h>", "b"], [("<x>", "&"), ("y", "<script>")], caption="<c>")
    for text in ("&lt;h&gt;", "&lt;x&gt;", "&amp;", "&lt;script&gt;", "&lt;c&gt;"):
        assert text in table
    assert '<th scope="col"' in table
    assert '<th scope="row"' in table
    assert table.count("<td") == 2
    card = display.html_card("<t>", ["<s>"], table)
    assert "&lt;t&gt;" in card
    assert "&lt;s&gt;" in card
    assert table in card
    assert card.count("<div") == card.count("</div>")
