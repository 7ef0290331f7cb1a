"""Direct identifiers still in a table: what must leave before any k is worth reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from riskscope.checks import quoted, shown
from riskscope.intake.proposal import ProposedRoles
from riskscope.results import Result, measured
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext


@dataclass(frozen=True, kw_only=True)
class DirectIdentifiers(Result):
    """Columns that name a person by themselves, and columns of free text."""

    question: ClassVar[str] = N_("Does the table still name people?")
    source: ClassVar[str] = "GDPR art. 4(1) and 4(5)"

    n_identifiers: int = measured(N_("columns that identify people directly"), "count")
    #: Column to the reasons for taking it as a direct identifier.
    columns: dict[str, tuple[str, ...]] = measured("", "hidden", repr=False)
    #: Columns of free text, in which names and places may stand.
    free_text: tuple[str, ...] = measured("", "hidden", repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the columns with their reasons."""
        reasons = {name: list(each) for name, each in self.columns.items()}
        return {**super().to_dict(), "columns": reasons, "free_text": list(self.free_text)}

    def sentences(self) -> list[str]:
        """Return which columns must leave the table first."""
        if self.columns:
            said = [
                ngettext(
                    "{columns} identifies people directly and must leave the table, or be replaced, first of all.",
                    "{columns} identify people directly and must leave the table, or be replaced, first of all.",
                    len(self.columns),
                ).format(columns=quoted(list(self.columns))),
                _("Whoever knows such a value of a person finds their record, however large k is."),
            ]
        else:
            said = [
                _("No column was recognised as one that identifies people directly."),
                _("Columns are recognised by their names and their values; what neither shows is not found."),
            ]
        if self.free_text:
            said.append(
                ngettext(
                    "{columns} holds free text, which counting cannot judge: names and places may stand in it.",
                    "{columns} hold free text, which counting cannot judge: names and places may stand in it.",
                    len(self.free_text),
                ).format(columns=quoted(self.free_text))
            )
        return said

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return each direct identifier with the reasons."""
        if not self.columns:
            return []
        rows = [(shown(name), " ".join(reasons)) for name, reasons in self.columns.items()]
        return [(_("Direct identifiers"), [_("column"), _("why")], rows)]


def direct_identifiers(proposal: ProposedRoles, roles: Roles, n_records: int) -> DirectIdentifiers:
    """Return the direct identifiers that the roles name, and those that the proposal finds besides.

    A column that the roles give another part (as a quasi-identifier, say) is listed all the same: what it shows
    does not change by its part. Only the columns that join persons and households are left out.
    """
    reasons = {each.column: each.evidence for each in proposal.reasons}
    named = () if isinstance(roles, ProposedRoles) else roles.identifiers
    joining = roles.columns("person", "household")
    found = [each for each in proposal.identifiers if each not in joining]
    columns = {
        name: ((_("Named in the roles."),) if name in named else ()) + (reasons[name] if name in found else ())
        for name in dict.fromkeys([*named, *found])
    }
    return DirectIdentifiers(
        n_records=n_records,
        n_identifiers=len(columns),
        columns=columns,
        free_text=tuple(each.column for each in proposal.reasons if each.is_free_text),
    )
