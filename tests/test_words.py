"""The catalogue of sentences: English without a file, plurals, unknown languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from riskscope import words


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    words.use_language("en")


def test_english_is_the_source() -> None:
    words.use_language("en")
    assert words.language() == "en"
    assert words._("{n} records").format(n=3) == "3 records"
    assert words.N_("records") == "records"


def test_plurals() -> None:
    assert [words.ngettext("{n} person", "{n} people", n).format(n=n) for n in (0, 1, 2)] == [
        "0 people",
        "1 person",
        "2 people",
    ]


def test_an_unknown_language_lists_the_known() -> None:
    with pytest.raises(ValueError, match=r"no catalogue for the language 'tlh'\. Known: en"):
        words.use_language("tlh")
    assert words.language() == "en"
