"""What every journey hands back: its results in order, the answer in lines, the report; and progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from riskscope import display
from riskscope._version import __version__
from riskscope.checks import shown
from riskscope.intake.proposal import ProposedRoles, Reason
from riskscope.results import Result
from riskscope.roles import Roles
from riskscope.words import N_, _

if TYPE_CHECKING:
    import pandas as pd

    from riskscope.report.page import Report

_R = TypeVar("_R", bound=Result)

#: Called before each step with what it does, how many are done, and how many there are.
Progress = Callable[[str, int, int], None]
#: What a step says that it does, and what gives its results.
Part = tuple[str, Callable[[], list[Result]]]


class Line(NamedTuple):
    """One line of the answer: a label, a value, what it means, and whether it must be seen to first."""

    label: str
    value: str
    meaning: str
    is_urgent: bool = False


@dataclass(frozen=True)
class Answer:
    """The results of a journey, and the answer that they give together.

    Parameters
    ----------
    results : results in the order of the report
    roles : the roles that they rest on
    name : what to call the table
    notes : sentences on what was found out and decided on the way
    reasons : what the names and the values of all columns suggest
    """

    #: What it is called where it is printed.
    title: ClassVar[str] = N_("Answer on {name}")

    results: tuple[Result, ...]
    roles: Roles
    name: str = "table"
    notes: tuple[str, ...] = field(default=(), repr=False)
    reasons: tuple[Reason, ...] = field(default=(), repr=False)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def get(self, kind: type[_R]) -> _R | None:
        """Return the first result of a kind, or None where the roles did not allow it."""
        return first_of(self.results, kind)

    def heading(self) -> str:
        """Return the question that the journey answers."""
        raise NotImplementedError

    def lines(self) -> list[Line]:
        """Return the answer in at most twelve lines."""
        raise NotImplementedError

    def next_step(self) -> str:
        """Return what to do next, in one sentence; it is no verdict."""
        raise NotImplementedError

    def terms(self) -> str:
        """Return what the words of the answer mean, in one line."""
        raise NotImplementedError

    def limits(self) -> list[str]:
        """Return what no figure of the report says; the first is the one that must not be missed."""
        raise NotImplementedError

    @property
    def warning(self) -> str:
        """What must be read before the figures; empty where somebody gave the roles."""
        if not isinstance(self.roles, ProposedRoles):
            return ""
        return _("The roles are a proposal of riskscope's; confirm or edit them before you rely on the figures.")

    def to_dict(self) -> dict[str, Any]:
        """Return all results as plain numbers and texts, as the JSON output writes them."""
        return {
            "riskscope": __version__,
            "table": self.name,
            "roles": self.roles.to_dict(),
            "roles_proposed": isinstance(self.roles, ProposedRoles),
            "next_step": self.next_step(),
            "notes": self._said(),
            "results": [each.to_dict() for each in self.results],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return the shown numbers of all results: columns ``result``, ``measure``, ``value``."""
        import pandas as pd

        frames = [each.to_frame().assign(result=type(each).__name__) for each in self.results]
        return pd.concat(frames, ignore_index=True)[["result", "measure", "value"]]

    def report(self) -> Report:
        """Return the report page: the answer first, then the evidence by question, method and limits."""
        from riskscope.journeys.notes import role_rows
        from riskscope.report.page import Report

        return Report(
            title=self.heading(),
            results=self.results,
            warning=self.warning,
            next_step=self.next_step(),
            lines=self.lines(),
            terms=self.terms(),
            roles=role_rows(self.roles, self.reasons),
            notes=self.notes,
            limits=self.limits(),
        )

    def to_html(self, path: str | Path) -> Path:
        """Write the report as one static HTML file and return its path."""
        return self.report().write(path)

    def __repr__(self) -> str:
        heading = _(self.title).format(name=shown(self.name))
        lines = [f"{line.label}: {line.value}" for line in self.lines()]
        return "\n  ".join([heading, *([self.warning] if self.warning else []), *lines])

    def _repr_html_(self) -> str:
        header = [_("question"), _("answer"), _("what it means")]
        table = display.html_table(header, [line[:3] for line in self.lines()])
        return display.html_card(self.heading(), [*self._said(), self.next_step(), self.terms()], table)

    def _said(self) -> list[str]:
        """Return the warning, if there is one, before the notes."""
        return [*([self.warning] if self.warning else []), *self.notes]


def first_of(results: Iterable[Result], kind: type[_R]) -> _R | None:
    """Return the first result of a kind, or None."""
    return next((each for each in results if isinstance(each, kind)), None)


def run_parts(parts: Sequence[Part], progress: Progress | None, *, done: int = 0, after: int = 0) -> Iterator[Result]:
    """Run the parts in turn and yield their results, telling of each; ``done`` and ``after`` are steps around them."""
    total = done + len(parts) + after
    for at, (step, run) in enumerate(parts, start=done):
        tell(progress, step, at, total)
        yield from run()


def tell(progress: Progress | None, step: str, done: int, total: int) -> None:
    """Tell what is being done to whoever wants to show it."""
    if progress is not None:
        progress(step, done, total)
