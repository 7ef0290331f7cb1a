"""The report: an ordered list of results as one static HTML file, readable on paper, asking the network nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskscope._version import __version__
from riskscope.checks import shown
from riskscope.errors import RiskscopeError
from riskscope.report.pictures import picture
from riskscope.results import Result
from riskscope.words import _, language

if TYPE_CHECKING:
    import jinja2

#: Tables longer than this are cut, and the page says so.
MOST_ROWS = 60


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one page shows.

    Parameters
    ----------
    title : heading of the page
    results : a section each, in order
    lines : (label, value, meaning) of the answer on the first screen
    roles : (column, part, why) of the columns
    notes, limits : sentences
    """

    title: str
    results: Sequence[Result]
    lines: Sequence[Sequence[str]] = ()
    roles: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()
    limits: Sequence[str] = ()

    def html(self) -> str:
        """Return the page; the same results give the same bytes in one environment."""
        sections = [_section(result, at) for at, result in enumerate(self.results, start=1)]
        first = next((each["picture"] for each in sections if each["picture"]), "")
        return _template().render(
            report=self,
            lang=language(),
            version=__version__,
            sections=sections,
            first_picture=first,
            roles=[(shown(column)[1:-1], part, why) for column, part, why in self.roles[:MOST_ROWS]],
            n_more_roles=max(0, len(self.roles) - MOST_ROWS),
            words=_words(),
        )

    def write(self, path: str | Path) -> Path:
        """Write the page to a file at once or not at all, readable by its owner alone; return the path."""
        path = Path(path)
        try:
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".riskscope-", suffix=".html")
        except OSError as error:
            raise RiskscopeError(
                _("The report cannot be written to {folder} ({reason}); give a folder that can be written.").format(
                    folder=shown(str(path.parent)), reason=type(error).__name__
                )
            ) from None
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(self.html())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return path


def _section(result: Result, number: int) -> dict[str, Any]:
    """Return what the template shows of one result."""
    tables = []
    for caption, header, rows in result.tables():
        cut = max(0, len(rows) - MOST_ROWS)
        tables.append({"caption": caption, "header": header, "rows": list(rows)[:MOST_ROWS], "n_more": cut})
    return {
        "id": f"q{number}",
        "question": result.heading(),
        "sentences": result.sentences(),
        "rows": result.rows(),
        "tables": tables,
        "source": result.source,
        "picture": picture(result),
    }


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
        "source": _("Source"),
        "limits": _("What these figures do not say"),
        "notes": _("Notes"),
        "question": _("question"),
        "contents": _("Contents"),
        "more": _("and {n} more"),
        "made_with": _("Made with riskscope {version}. This page shows no record; it asks the network for nothing."),
    }


@cache
def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("riskscope.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")
