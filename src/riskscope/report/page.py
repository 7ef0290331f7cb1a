"""The report: an ordered list of results as one static HTML file, readable on paper, asking the network nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskscope._version import __version__
from riskscope.checks import shown
from riskscope.display import visible
from riskscope.report.files import write_text
from riskscope.report.pictures import picture
from riskscope.results import MISSING_WORDS, Result
from riskscope.words import _, language

if TYPE_CHECKING:
    import jinja2

#: Tables longer than this are cut, and the page says so.
MOST_ROWS = 60
#: A cell that stands at the right of its column.
_NUMBER = re.compile(r"[<>−-]?\d[\d.,\s]*(e[+-]?\d+)?( %|\+)?")


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one page shows.

    Parameters
    ----------
    title : heading of the page
    results : a section each, in order
    warning : what must be read before everything else
    next_step : what to do next, the first sentence of the answer
    lines : (label, value, meaning, whether it must be seen to first) of the answer on the first screen
    terms : what the words of the answer mean
    roles : (column, part, why) of the columns
    notes, limits : sentences
    """

    title: str
    results: Sequence[Result]
    warning: str = ""
    next_step: str = ""
    lines: Sequence[tuple[str, str, str, bool]] = ()
    terms: str = ""
    roles: Sequence[tuple[str, str, str]] = ()
    notes: Sequence[str] = ()
    limits: Sequence[str] = ()

    def html(self) -> str:
        """Return the page; the same results give the same bytes in one environment."""
        n = self.results[0].n_records if self.results else 0
        sections = [_section(result, at, n) for at, result in enumerate(self.results, start=1)]
        first = next((each for each in sections if each["picture"]), None)
        return _template().render(
            report=self,
            lang=language(),
            version=__version__,
            sections=sections,
            first_picture=first["picture"] if first else "",
            roles=[(shown(column)[1:-1], part, why) for column, part, why in self.roles[:MOST_ROWS]],
            n_more_roles=max(0, len(self.roles) - MOST_ROWS),
            words=_words(),
        )

    def write(self, path: str | Path) -> Path:
        """Write the page to a file at once or not at all, readable by its owner alone; return the path."""
        return write_text(path, self.html())


def _section(result: Result, number: int, n_records: int) -> dict[str, Any]:
    """Return what the template shows of one result; the table's number of records stands in the first one only."""
    tables = []
    for caption, header, rows in result.tables():
        cut = max(0, len(rows) - MOST_ROWS)
        kept = [list(row) for row in rows[:MOST_ROWS]]
        numeric = [False] + [all(_is_number(row[at]) for row in kept) for at in range(1, len(header))]
        tables.append({"caption": caption, "header": header, "rows": kept, "n_more": cut, "numeric": numeric})
    said = {label for name, label, *_rest in result.shown_fields() if name == "n_records"}
    repeats = number > 1 and result.n_records == n_records
    return {
        "id": f"q{number}",
        "question": result.heading(),
        "sentences": result.sentences(),
        "rows": [row for row in result.rows() if not (repeats and row[0] in said)],
        "tables": tables,
        "source": result.source,
        "missing": "" if result.missing == "category" else _(MISSING_WORDS[result.missing]),
        "picture": picture(result, f"q{number}-"),
        "more_pictures": [picture(result, f"q{number}-{method}-", method) for method in result.pictures[1:]],
    }


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) or text in (_("undefined"), _("infinite"), _("minus infinite"))


def _words() -> dict[str, str]:
    return {
        "answer": _("The answer"),
        "what_it_means": _("what it means"),
        "evidence": _("The evidence, by question"),
        "columns": _("The columns and the parts they play"),
        "column": _("column"),
        "part": _("part"),
        "why": _("why"),
        "measure": _("measure"),
        "value": _("value"),
        "missing": _("Missing values"),
        "picture_above": _("The picture stands at the top of the page."),
        "source": _("Source"),
        "limits": _("What these figures do not say"),
        "notes": _("Notes"),
        "question": _("question"),
        "contents": _("Contents"),
        "more": _("and {n} more"),
        "made_with": _("Made with riskscope {version}. This page shows no record; it asks the network for nothing."),
    }


def _visible(value: Any) -> Any:
    """Return a text with control characters shown; a picture, which is markup, as it is."""
    return visible(value) if type(value) is str else value


@cache
def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("riskscope.report"),
        autoescape=True,
        finalize=_visible,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")
