"""What results say where persons are counted: how much is known of a person who has several records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from riskscope import display
from riskscope.checks import check_choice
from riskscope.errors import RoleError
from riskscope.frequency import FrequencyTable
from riskscope.results import Result, measured
from riskscope.words import N_, _, ngettext

#: What somebody may know of a person who has several records.
KNOWN_RECORDS = {
    N_("one"): N_(
        "What is known is one record of a person, at worst the most telling one; a person counts once, however many "
        "records they have ({people}, {records})."
    ),
    N_("all"): N_(
        "What is known is all records of a person: which combinations they have, and how often; a person counts once, "
        "however many records they have ({people}, {records})."
    ),
}


@dataclass(frozen=True, kw_only=True)
class PersonsResult(Result):
    """A result that counts persons where the roles name the person: ``n_records`` is then the number of persons."""

    #: "one" or "all"; None where records are counted.
    known_records: str | None = measured(N_("known records of a person"), "word", default=None, repr=False)
    #: The records of these persons; None where records are counted.
    n_rows: int | None = measured(N_("records of these persons"), "count", default=None, repr=False)

    def shown_fields(self) -> list[tuple[str, str, Any, str]]:
        """Return the numbers that are shown, with the word for what is counted."""
        fields = super().shown_fields()
        if self.known_records is None:
            return [each for each in fields if each[0] not in ("known_records", "n_rows")]
        return [
            (name, _("persons"), *rest) if name == "n_records" else (name, label, *rest)
            for name, label, *rest in fields
        ]

    def heading(self) -> str:
        """Return the question, with what is known of a person."""
        if self.known_records is None:
            return super().heading()
        known = _("all records known") if self.known_records == "all" else _("one record known")
        return f"{super().heading()} ({known})"

    def on_persons(self) -> list[str]:
        """Return the sentence on what is known of a person; none where records are counted."""
        if self.known_records is None:
            return []
        n_rows = self.n_rows or 0
        people = ngettext("{n} person", "{n} persons", self.n_records).format(n=display.count(self.n_records))
        records = ngettext("{n} record", "{n} records", n_rows).format(n=display.count(n_rows))
        return [_(KNOWN_RECORDS[self.known_records]).format(people=people, records=records)]


def about_persons(table: FrequencyTable, known_records: str) -> dict[str, Any]:
    """Return the fields of a ``PersonsResult`` for a table, after a check that the table allows what is asked."""
    check_choice(known_records, "known_records", KNOWN_RECORDS)
    if table.persons is not None:
        return {"n_records": table.n_people, "known_records": known_records, "n_rows": table.n_records}
    if known_records == "all":
        raise RoleError(
            _(
                "known_records is 'all', and no column says which records are of one person; name it, as in "
                "Roles(quasi_identifiers=[…], person='id')."
            )
        )
    return {"n_records": table.n_records}
