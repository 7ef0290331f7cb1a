"""May this table leave the house? Everything that the roles allow, in one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from riskscope import display
from riskscope._version import __version__
from riskscope.checks import check_choice, check_columns, quoted, shown
from riskscope.engines.columns import as_frame
from riskscope.engines.tables import table_of
from riskscope.errors import FrameError, RoleError
from riskscope.frequency import FrequencyTable
from riskscope.intake import safe_harbor
from riskscope.intake.column_facts import column_facts
from riskscope.intake.proposal import ProposedRoles, Reason
from riskscope.intake.suggest import described_columns, roles_of
from riskscope.journeys.answer import Line, answer_lines, answer_summary, first_of, limits
from riskscope.journeys.identifiers import direct_identifiers
from riskscope.report.page import Report
from riskscope.results import MISSING_WORDS, Result
from riskscope.risk.alpha_k_anonymity import alpha_k_anonymity
from riskscope.risk.beta_likeness import beta_likeness
from riskscope.risk.column_risk import column_risk
from riskscope.risk.delta_disclosure import delta_disclosure
from riskscope.risk.delta_presence import delta_presence
from riskscope.risk.k_anonymity import k_anonymity
from riskscope.risk.k_map import k_map
from riskscope.risk.l_diversity import l_diversity
from riskscope.risk.reidentification import reidentification_risk
from riskscope.risk.separation import separation
from riskscope.risk.t_closeness import t_closeness
from riskscope.risk.uniqueness import Uniqueness, uniqueness
from riskscope.roles import Roles, as_roles
from riskscope.words import _, ngettext

_R = TypeVar("_R", bound=Result)

#: Called before each step with what it does, how many are done, and how many there are.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Assessment:
    """Who could be re-identified in a table, how surely, and because of which columns.

    Parameters
    ----------
    results : results in the order of the report
    roles : the roles assessed under
    name : what to call the table
    notes : sentences on what was found out and decided on the way
    missing : how missing values were read for k and the prosecutor's risk
    """

    results: tuple[Result, ...]
    roles: Roles
    name: str = "table"
    notes: tuple[str, ...] = field(default=(), repr=False)
    missing: str = "category"

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def get(self, kind: type[_R]) -> _R | None:
        """Return the first result of a kind, or None where the roles did not allow it."""
        return first_of(self.results, kind)

    def lines(self) -> list[Line]:
        """Return the answer in at most eight lines, direct identifiers first."""
        return list(answer_lines(self.results, self.roles))

    def summary(self) -> str:
        """Return the answer in two to four plain sentences; ``lines`` has the figures."""
        return " ".join(answer_summary(self.results))

    def to_dict(self) -> dict[str, Any]:
        """Return all results as plain numbers and texts, as the JSON output writes them."""
        return {
            "riskscope": __version__,
            "table": self.name,
            "roles": self.roles.to_dict(),
            "roles_proposed": isinstance(self.roles, ProposedRoles),
            "notes": list(self.notes),
            "results": [each.to_dict() for each in self.results],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return the shown numbers of all results: columns ``result``, ``measure``, ``value``."""
        frames = [each.to_frame().assign(result=type(each).__name__) for each in self.results]
        return pd.concat(frames, ignore_index=True)[["result", "measure", "value"]]

    def report(self) -> Report:
        """Return the report page: the answer first, then the evidence by question, method and limits."""
        return Report(
            title=_("Who could be recognised in {name}?").format(name=shown(self.name)),
            results=self.results,
            lines=self.lines(),
            roles=_role_rows(self.roles),
            notes=self.notes,
            limits=limits(self.missing),
        )

    def to_html(self, path: str | Path) -> Path:
        """Write the report as one static HTML file and return its path."""
        return self.report().write(path)

    def plot(self) -> Any:
        """Draw in how large a crowd each person stands."""
        found = self.get(Uniqueness)
        return None if found is None else found.plot()

    def __repr__(self) -> str:
        heading = _("Assessment of {name}").format(name=shown(self.name))
        return "\n".join([heading, *(f"  {line.label}: {line.value}" for line in self.lines())])

    def _repr_html_(self) -> str:
        table = display.html_table(
            [_("question"), _("answer"), _("what it means")], [line[:3] for line in self.lines()]
        )
        return display.html_card(
            _("Who could be recognised in {name}?").format(name=shown(self.name)), self.notes, table
        )


def assess(
    data: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    k: int = 5,
    threshold: float = 0.2,
    missing: str = "category",
    register: Any = None,
    name: str = "table",
    notes: Sequence[str] = (),
    progress: Progress | None = None,
) -> Assessment:
    """Who could be re-identified in a table, how surely, and because of which columns.

    The rows are counted once; every measure that the roles allow then works on the counts. The figures speak of
    somebody who knows the quasi-identifiers. No figure proves that a table is anonymous.

    Parameters
    ----------
    data : pandas, Polars or PyArrow data frame
        One record a row.
    roles : Roles, or names of quasi-identifiers, optional
        Default: those that ``suggest_roles`` proposes, and the answer says so.
    k : int, default 5
        Class size below which people count as badly hidden.
    threshold : float, default 0.2
        Risk above which a person counts as at risk.
    missing : {"category", "wildcard", "sdcmicro"}, default "category"
        How missing values match, for k and the prosecutor's risk; see ``class_sizes``.
    register : data frame, optional
        The population, for journalist and marketer risk, k-map and δ-presence.
    name : str, default "table"
        What to call the table in the report.
    notes : sentences, optional
        To be shown with the answer (what was decided while reading a file, say).
    progress : function, optional
        Called before each step as ``progress(step, done, total)``.

    Returns
    -------
    Assessment
        Iterates over its results; ``lines``, ``summary``, ``to_dict``, ``to_frame``, ``to_html``.

    Raises
    ------
    RoleError
        The roles do not fit the data, or no quasi-identifier is named or found.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": ["F", "F", "F", "M"], "age": [30, 30, 30, 50], "illness": list("aaba")})
    >>> answer = assess(people, Roles(quasi_identifiers=["sex", "age"], sensitive=["illness"]))
    >>> print(answer)
    Assessment of 'table'
      direct identifiers: 0
      records: 4
      smallest class (k): 1
      people alone: 1 (25.0 %)
      people at risk: 100 %
      column that matters most: none alone
      least diverse class (ℓ): 1
      furthest class (t): 0.25
    """
    check_choice(missing, "missing", MISSING_WORDS)
    frame = as_frame(data)
    if len(frame) == 0:
        raise FrameError(_("The table has 0 rows; there is nobody to assess."))
    steps = _Steps(progress)
    steps.begin(_("looking at the columns"))
    columns = described_columns(column_facts(data))
    proposal = roles_of(columns)
    said = list(notes)
    chosen: Roles = proposal
    if roles is None:
        said.append(_("The roles are a proposal of riskscope's; confirm or edit them before you rely on the figures."))
    else:
        chosen = as_roles(roles)
        chosen.check_present(frame.columns)
    if not chosen.quasi_identifiers:
        raise RoleError(_no_quasi_identifier(proposal))
    said += _column_notes(data, chosen, missing)
    steps.begin(_("counting combinations"))
    table = table_of(data, chosen, sensitive=bool(chosen.sensitive))
    results: list[Result] = [direct_identifiers(proposal, chosen, table.n_records)]
    results += _risk_results(table, steps, k=k, threshold=threshold, missing=missing)
    if chosen.sensitive:
        results += _sensitive_results(data, table, steps)
    if register is not None:
        results += _register_results(table, register, steps, k=k, threshold=threshold)
    steps.begin(_("the HIPAA Safe Harbor list"))
    results.append(safe_harbor.listed(columns, chosen))
    steps.end()
    return Assessment(tuple(results), chosen, name, tuple(said), missing)


def _no_quasi_identifier(proposal: ProposedRoles) -> str:
    """Return the message of the error; direct identifiers come first, there too."""
    said = [
        _(
            "No quasi-identifier is named, or was found among the {n} columns; name the columns that somebody may know "
            "about a person, as in Roles(quasi_identifiers=[…]) or --quasi age,sex."
        ).format(n=display.count(len(proposal.reasons)))
    ]
    if proposal.identifiers:
        said.insert(0, direct_identifiers(proposal, proposal, 0).sentences()[0])
    return " ".join(said)


class _Steps:
    """Tell what is being done, to whoever wants to show it."""

    total = 8

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.done = 0

    def begin(self, step: str) -> None:
        if self.progress is not None:
            self.progress(step, min(self.done, self.total), self.total)
        self.done += 1

    def end(self) -> None:
        if self.progress is not None:
            self.progress(_("done"), self.total, self.total)


def _risk_results(table: FrequencyTable, steps: _Steps, *, k: int, threshold: float, missing: str) -> list[Result]:
    classes = table.classes()
    steps.begin(_("class sizes"))
    found: list[Result] = [
        k_anonymity(classes, k=k, missing=missing),
        uniqueness(classes),
        reidentification_risk(classes, threshold=threshold, missing=missing),
    ]
    steps.begin(_("each column left out"))
    return [*found, column_risk(classes), separation(classes)]


def _sensitive_results(data: Any, table: FrequencyTable, steps: _Steps) -> list[Result]:
    """Return what can be learned of the sensitive columns; numbers are compared by their order."""
    frame = as_frame(data)
    distances = {
        each: "ordered" if frame[each].dtype.is_numeric() or frame[each].dtype.is_temporal() else "equal"
        for each in table.roles.sensitive
    }
    steps.begin(_("sensitive columns"))
    return [
        l_diversity(table),
        l_diversity(table, kind="entropy"),
        t_closeness(table, distance=distances),
        alpha_k_anonymity(table),
        beta_likeness(table),
        delta_disclosure(table),
    ]


def _register_results(table: FrequencyTable, register: Any, steps: _Steps, *, k: int, threshold: float) -> list[Result]:
    steps.begin(_("the register"))
    classes = table.classes()
    people = table_of(register, Roles(quasi_identifiers=table.quasi_identifiers))
    return [
        reidentification_risk(classes, attacker="journalist", register=people, threshold=threshold),
        reidentification_risk(classes, attacker="marketer", register=people, threshold=threshold),
        k_map(classes, register=people, k=k),
        delta_presence(classes, register=people),
    ]


def _column_notes(data: Any, roles: Roles, missing: str) -> list[str]:
    """Return notes on columns that hold nothing, on the reading of missing values, and on what counts as a person."""
    frame = as_frame(data)
    check_columns(roles.columns(), frame.columns, "roles")
    empty = [each for each in roles.columns() if frame[each].null_count() == len(frame)]
    said = []
    if empty:
        said.append(
            ngettext(
                "{columns} holds no value at all: it tells nobody apart, and nothing can be measured of it.",
                "{columns} hold no value at all: they tell nobody apart, and nothing can be measured of them.",
                len(empty),
            ).format(columns=quoted(empty))
        )
    if missing != "category":
        said.append(
            _(
                "For k and the prosecutor's risk, {missing}; in all other figures a missing value counts as a value "
                "of its own."
            ).format(missing=_(MISSING_WORDS[missing]))
        )
    if roles.person is not None:
        said.append(_("Records are counted, not persons: where one person has several records, k is too high."))
    return said


def _role_rows(roles: Roles) -> list[tuple[str, str, str]]:
    """Return (column, part, why) of each column that plays a part."""
    if isinstance(roles, ProposedRoles):
        return [(each.column, each.role, " ".join(each.evidence)) for each in roles.reasons if each.roles]
    why = _("You named it so.")
    return [
        (column, Reason(column, tuple(each for each in roles.to_dict() if column in roles.columns(each)), ()).role, why)
        for column in roles.columns()
    ]
