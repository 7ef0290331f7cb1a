from __future__ import annotations

import itertools
import os
import re
import shutil
import stat
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import riskscope as rs
from riskscope.errors import RiskscopeError
from riskscope.report.page import MOST_ROWS, Report

EVIL = "<script>alert('x')</script>\u202e\n\"&"


class Page(HTMLParser):
    """What a page holds: tags with attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"] and data.strip():
            self.texts.append(data.strip())


@pytest.fixture
def answer(t8: pd.DataFrame, t8_roles: rs.Roles) -> rs.Assessment:
    return rs.assess(t8.assign(email=[f"p{n}@example.org" for n in range(8)]), t8_roles, name="t8", notes=["A note."])


@pytest.fixture
def evil() -> rs.Assessment:
    people = pd.DataFrame({EVIL: [1, 1, 2], "b" * 300: [1, 2, 2], EVIL + "s": list("xyx"), "t$_^{": list("xyy")})
    names = list(people.columns)
    roles = rs.Roles(quasi_identifiers=names[:2], sensitive=names[2:])
    return rs.assess(people, roles, name=EVIL + ".csv", notes=[EVIL])


def test_the_page_is_well_formed_and_holds_every_section(answer: rs.Assessment) -> None:
    page = Page(answer.report().html())
    assert page.open == []
    assert sum(tag == "section" for tag, _attributes in page.tags) == len(answer.results) + 2
    assert "A note." in page.texts


def test_the_same_input_gives_the_same_bytes(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    first = rs.assess(t8, t8_roles).report().html()
    assert first == rs.assess(t8.copy(), t8_roles).report().html()


def test_no_id_stands_twice_and_every_link_has_its_place(answer: rs.Assessment) -> None:
    page = Page(answer.report().html())
    ids = [attributes["id"] for _tag, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [value for _tag, attributes in page.tags for name, value in attributes.items() if name.endswith("href")]
    assert links
    assert {str(link)[1:] for link in links} <= set(ids)


def test_nothing_is_fetched_and_nothing_runs(evil: rs.Assessment) -> None:
    html = evil.report().html()
    page = Page(html)
    assert not {"script", "link", "iframe", "img", "object", "form", "base"} & {tag for tag, _attributes in page.tags}
    for _tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "src"]
    outside = re.findall(r"(?:https?:)?//[\w.]+", html)
    assert set(outside) <= {"http://www.w3.org"}  # the names of SVG's namespaces: never fetched
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)
    assert "default-src 'none'" in html


def test_column_names_and_notes_are_escaped(evil: rs.Assessment) -> None:
    html = evil.report().html()
    assert "<script" not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;" in html
    assert r"\u202e" in html


def test_notebook_cards_are_escaped(evil: rs.Assessment) -> None:
    for each in (evil, *evil):
        card = each._repr_html_()
        assert "<script" not in card
        assert "\u202e" not in card


def test_direct_identifiers_are_the_first_line_of_the_answer(answer: rs.Assessment) -> None:
    html = answer.report().html()
    rows = html.split('<table class="answer">')[1].split("<tbody>")[1]
    assert rows.lstrip().startswith('<tr class="urgent"><th scope="row">direct identifiers')


def test_headings_follow_each_other(answer: rs.Assessment) -> None:
    levels = [int(tag[1]) for tag, _attributes in Page(answer.report().html()).tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


def test_every_table_cell_has_a_heading_and_every_picture_its_words(answer: rs.Assessment) -> None:
    page = Page(answer.report().html())
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in page.tags if tag == "th")
    pictures = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert pictures
    assert all(each["role"] == "img" and len(each["aria-label"] or "") > 40 for each in pictures)
    assert page.tags[0] == ("html", {"lang": "en"})


def test_long_tables_are_cut_and_the_page_says_so() -> None:
    people = pd.DataFrame({f"column_{at}": [1, 2, at] for at in range(100)})
    html = rs.assess(people, list(people.columns)).report().html()
    assert f"and {100 - MOST_ROWS} more" in html
    assert html.count("column_99") < 3


def test_the_limits_stand_in_every_report(answer: rs.Assessment) -> None:
    text = " ".join(Page(answer.report().html()).texts)
    assert "No figure proves anonymity" in text


def test_the_file_is_its_owners_alone(answer: rs.Assessment, tmp_path: Path) -> None:
    path = answer.to_html(tmp_path / "report.html")
    assert path.read_text(encoding="utf-8") == answer.report().html()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RiskscopeError, match=r"cannot be written: the folder .*none' does not exist"):
        Report(title="t", results=()).write(tmp_path / "none" / "report.html")


def test_a_folder_in_the_place_of_the_file_is_a_clear_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(RiskscopeError, match="cannot be written"):
        Report(title="t", results=()).write(tmp_path / "report.html")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_a_proposal_is_said_above_the_answer_and_the_next_step_in_it() -> None:
    people = pd.DataFrame({"sex": list("FFMM"), "age": [30, 30, 40, 41], "canal": list("abab")})
    html = rs.assess(people).report().html()
    assert html.index("The roles are a proposal") < html.index("The answer") < html.index("Before it leaves:")
    assert html.count("The roles are a proposal") == 1
    assert "proposal" not in rs.assess(people, ["sex"]).report().html()


def test_the_number_of_records_is_not_repeated_and_numbers_stand_at_the_right(answer: rs.Assessment) -> None:
    html = answer.report().html()
    assert html.count('<th scope="row">records</th>') == 2  # in the answer and in the first section
    bands = html.split("People by the size of their class")[1].split("</table>")[0]
    assert '<th scope="col" class="number">people</th>' in bands
    assert '<th scope="row">1</th>' in bands
    assert re.search(r'<td class="number">\d', bands)


def test_columns_without_a_part_are_listed_last() -> None:
    people = pd.DataFrame({"canal": list("abab"), "sex": list("FFMM"), "age": [30, 30, 40, 41]})
    for roles in (None, ["sex", "age"]):
        rows = rs.assess(people, roles).report().html().split('<table class="columns">')[1]
        assert rows.index(">sex<") < rows.index(">canal</th><td>none</td>")


def test_a_page_without_results_still_stands() -> None:
    assert "<h1>t</h1>" in Report(title="t", results=()).html()


@pytest.mark.browser
def test_a_browser_shows_the_page_and_runs_nothing(evil: rs.Assessment, tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no Chromium was found")
    path = evil.to_html(tmp_path / "report.html")
    switches = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    command = [browser, *switches, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", path.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert evil.lines()[1].meaning[:40] in shown
    page = Page(shown)
    assert not {"script", "img", "iframe", "link"} & {tag for tag, _attributes in page.tags}
    assert set(re.findall(r"(?:https?:)?//[\w.]+", shown)) <= {"http://www.w3.org"}
