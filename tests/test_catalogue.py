"""The catalogue is complete, and another language needs a catalogue and no change of code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import riskscope as rs
from riskscope import words
from riskscope.cli import cli
from riskscope.cli.assess import assess as assess_command
from riskscope.errors import RiskscopeError

SOURCE = Path(rs.__file__).parent
#: Choices that a user types, shown as they are typed; citations stand in the language of their title.
TYPED = {"distinct", "entropy", "equal", "ordered", "basic", "inf"}

catalogs = pytest.importorskip("babel.messages.catalog")


def extracted() -> set[tuple[str, ...] | str]:
    from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

    keywords = {**DEFAULT_KEYWORDS, "N_": None}
    found = extract_from_dir(SOURCE, [("**.py", "python")], keywords=keywords)
    return {message for _file, _line, message, _comments, _context in found}


def test_the_catalogue_holds_exactly_the_sentences_of_the_code() -> None:
    from babel.messages.pofile import read_po

    with (SOURCE / "words" / "riskscope.pot").open("rb") as file:
        listed = {message.id for message in read_po(file, charset="utf-8") if message.id}
    missing, idle = extracted() - listed, listed - extracted()
    assert not missing and not idle, f"run `make words`: {len(missing)} missing, {len(idle)} idle"  # noqa: PT018


def test_the_catalogue_names_no_person_and_no_date() -> None:
    text = (SOURCE / "words" / "riskscope.pot").read_text(encoding="utf-8")
    assert not re.search(r"POT-Creation-Date|Last-Translator|EMAIL|Copyright", text)


@pytest.fixture
def pseudo(tmp_path: Path) -> Iterator[None]:
    """Speak a language in which every sentence is the English one in brackets."""
    from babel.messages.mofile import write_mo

    catalogue = catalogs.Catalog(locale="fr", charset="utf-8")
    for message in extracted():
        brackets = tuple(f"⟦{each}⟧" for each in message) if isinstance(message, tuple) else f"⟦{message}⟧"
        catalogue.add(message, brackets)
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "riskscope.mo").open("wb") as file:
        write_mo(file, catalogue)
    words.use_language("fr", folder=tmp_path)
    yield
    words.use_language("en")


def left(text: str, *known: str) -> str:
    """Return the letters of a text outside all brackets, without what is known to need no translation."""
    before = None
    while before != text:
        before, text = text, re.sub(r"⟦[^⟦⟧]*⟧", "", text)
    for each in sorted(known, key=len, reverse=True):
        text = text.replace(each, "")
    return "".join(re.findall(r"[^\W\d_]+", text))


def people() -> pd.DataFrame:
    n = 30
    return pd.DataFrame(
        {
            "SEX": ["FM"[at % 2] for at in range(n)],
            "AGE": [30 + at % 4 for at in range(n)],
            "INCOME": [at % 3 for at in range(n)],
            "ILLNESS": ["ab"[at % 2] for at in range(n)],
            "EMAIL": [f"p{at}@example.org" for at in range(n)],
        }
    )


COLUMNS = tuple(people().columns)
ROLES = rs.Roles(quasi_identifiers=["SEX", "AGE"], sensitive=["INCOME", "ILLNESS"], person="EMAIL")


class Texts(HTMLParser):
    """The texts of a page, and those read aloud."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tag = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tag = tag
        self.found += [value or "" for name, value in attrs if name in ("aria-label", "alt", "title")]

    def handle_data(self, data: str) -> None:
        if self.tag != "style":
            self.found.append(data)


@pytest.mark.usefixtures("pseudo")
@pytest.mark.parametrize("roles", [None, ROLES])
def test_every_text_of_the_report_is_translated(roles: rs.Roles | None) -> None:
    answer = rs.assess(people(), roles, register=people(), name="NAME")
    html = answer.report().html()
    assert '<html lang="fr">' in html
    sources = tuple(result.source for result in answer if result.source)
    for text in Texts(html).found:
        rest = "" if set(text.split(", ")) <= TYPED else left(text, "NAME", *COLUMNS, *sources)
        assert rest in ("", *"ABCDEFGHIJKLMNOPQR"), text


@pytest.mark.usefixtures("pseudo")
def test_every_sentence_of_an_assessment_is_translated() -> None:
    answer = rs.assess(people(), ROLES, register=people(), missing="wildcard", name="NAME")
    texts = [answer.summary(), repr(answer), *answer.notes]
    texts += [cell for line in answer.lines() for cell in line[:3]]
    texts += [text for result in answer for text in (result.heading(), *result.sentences())]
    texts += Texts(answer._repr_html_()).found
    assert len(texts) > 40
    for text in texts:
        assert left(text, "NAME", *COLUMNS) == "", text


@pytest.mark.usefixtures("pseudo")
def test_every_word_of_a_picture_is_translated() -> None:
    import matplotlib.pyplot as plt

    for result in rs.assess(people(), ROLES):
        if result.has_picture:
            axes = result.plot()
            assert axes.get_title(loc="left")
            for text in (axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()):
                assert left(text) == ""
            plt.close(axes.figure)


@pytest.mark.usefixtures("pseudo")
def test_every_line_of_the_terminal_is_translated(tmp_path: Path) -> None:
    people().to_csv(tmp_path / "T.csv", index=False)
    result = CliRunner().invoke(cli, ["assess", str(tmp_path / "T.csv")], env={"COLUMNS": "2000"})
    assert result.exit_code == 0, result.output
    outside = [line for line in result.output.splitlines() if not line.startswith("riskscope ")]
    assert len(outside) > 15
    for line in outside:
        if re.match(r" \S", line) and not line.startswith(" ⟦question"):
            continue  # a row of the table: its cells wrap, and the test above reads them whole
        assert left(line, "T.csv", *COLUMNS) == "", line


@pytest.mark.usefixtures("pseudo")
def test_help_and_errors_are_translated(tmp_path: Path) -> None:
    for parameter in assess_command.params:
        text = getattr(parameter, "help", None)
        assert text is None or text.startswith("⟦") or parameter.name == "help"
    assert "⟦" in CliRunner().invoke(cli, ["assess", "--help"]).output
    with pytest.raises(RiskscopeError) as caught:
        rs.assess(people(), ["AGEE"])
    assert left(str(caught.value), "AGEE", "quasi_identifiers", *COLUMNS) == ""


def test_help_is_english_again_afterwards() -> None:
    assert "⟦" not in CliRunner().invoke(cli, ["assess", "--help"]).output


def test_an_unknown_language_lists_the_known() -> None:
    with pytest.raises(ValueError, match="Known: en"):
        words.use_language("tlh")
    assert words.language() == "en"


@pytest.mark.parametrize("environment", [{}, {"LANG": "C"}, {"LANGUAGE": "tlh:en"}, {"LC_ALL": "en_GB.UTF-8"}])
def test_without_another_catalogue_the_environment_gives_english(environment: dict[str, str]) -> None:
    assert words.language_wanted(environment) == "en"
