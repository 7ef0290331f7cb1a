"""May this table leave the house? Everything that the roles allow, in one answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from riskscope.checks import check_choice, shown
from riskscope.engines.columns import as_frame
from riskscope.engines.tables import table_of
from riskscope.errors import FrameError, RoleError
from riskscope.intake import safe_harbor
from riskscope.intake.column_facts import column_facts
from riskscope.intake.suggest import described_columns, roles_of
from riskscope.journeys.answer import answer_lines, answer_summary, limits, next_step, terms
from riskscope.journeys.identifiers import direct_identifiers
from riskscope.journeys.journey import Answer, Line, Progress, run_parts, tell
from riskscope.journeys.measures import Question, parts
from riskscope.journeys.notes import column_notes, no_quasi_identifier, person_notes, without_part
from riskscope.results import MISSING_WORDS, Result
from riskscope.risk.uniqueness import Uniqueness
from riskscope.roles import Roles, as_roles
from riskscope.words import N_, _


@dataclass(frozen=True, repr=False)
class Assessment(Answer):
    """Who could be re-identified in a table, how surely, and because of which columns.

    Parameters
    ----------
    results, roles, name, notes, reasons : see ``Answer``
    missing : how missing values were read for k and the prosecutor's risk
    """

    title: ClassVar[str] = N_("Assessment of {name}")

    missing: str = "category"

    def heading(self) -> str:
        """Return the question."""
        return _("Who could be recognised in {name}?").format(name=shown(self.name))

    def lines(self) -> list[Line]:
        """Return the answer in at most twelve lines, direct identifiers first."""
        return list(answer_lines(self.results, self.roles))

    def next_step(self) -> str:
        """Return what to do before the table leaves, in one sentence; it is no verdict."""
        return next_step(self.results)

    def summary(self) -> str:
        """Return the answer in two to four plain sentences; ``lines`` has the figures."""
        return " ".join(answer_summary(self.results))

    def terms(self) -> str:
        """Return what the words of the answer mean."""
        return terms()

    def limits(self) -> list[str]:
        """Return what no figure of an assessment says."""
        return limits(self.missing)

    def plot(self) -> Any:
        """Draw in how large a crowd each person stands."""
        found = self.get(Uniqueness)
        return None if found is None else found.plot()


def assess(
    data: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    k: int = 5,
    threshold: float = 0.2,
    missing: str = "category",
    register: Any = None,
    population_size: int | None = None,
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
    population_size : int, optional
        How many people the table was drawn from, at random; then those alone in the population are estimated.
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
      singled out by three facts or fewer: 1
      least diverse class (ℓ): 1
      furthest class (t): 0.25
    """
    check_choice(missing, "missing", MISSING_WORDS)
    frame = as_frame(data)
    if len(frame) == 0:
        raise FrameError(_("The table has 0 rows; there is nobody to assess."))
    asked = Question(k=k, threshold=threshold, missing=missing, register=register, population_size=population_size)
    tell(progress, _("looking at the columns"), 0, 9)
    columns = described_columns(column_facts(data))
    proposal = roles_of(columns)
    said = list(notes)
    chosen: Roles = proposal
    if roles is not None:
        chosen = as_roles(roles)
        chosen.check_present(frame.columns)
    if not chosen.quasi_identifiers:
        raise RoleError(no_quasi_identifier(proposal))
    said += column_notes(data, chosen, missing)
    tell(progress, _("counting combinations"), 1, 9)
    table = table_of(data, chosen, sensitive=bool(chosen.sensitive), persons=True)
    said += person_notes(table)
    names = direct_identifiers(proposal, chosen, table.n_records)
    said += without_part(proposal.reasons, chosen, names)
    results: list[Result] = [names]
    planned = parts(data, table, asked)
    results += run_parts(planned, progress, done=2, after=1)
    tell(progress, _("the HIPAA Safe Harbor list"), len(planned) + 2, len(planned) + 3)
    results.append(safe_harbor.listed(columns, chosen))
    tell(progress, _("done"), len(planned) + 3, len(planned) + 3)
    return Assessment(tuple(results), chosen, name, tuple(said), proposal.reasons, missing)
