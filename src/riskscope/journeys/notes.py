"""What is said of the columns and the roles beside the figures: what was left out, and why each plays its part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from riskscope import display
from riskscope.checks import check_columns, quoted
from riskscope.engines.columns import as_frame
from riskscope.engines.tables import has_one_cell_each
from riskscope.frequency import FrequencyTable
from riskscope.intake.proposal import PROTECTED_FOR, ProposedRoles, Reason
from riskscope.journeys.identifiers import DirectIdentifiers, direct_identifiers
from riskscope.results import MISSING_WORDS
from riskscope.roles import Roles
from riskscope.words import _, ngettext


def no_quasi_identifier(proposal: ProposedRoles) -> str:
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


def column_notes(data: Any, roles: Roles, missing: str) -> list[str]:
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
    return said


def person_notes(table: FrequencyTable) -> list[str]:
    """Return notes on persons with several records: how they count, and what is left out because of them."""
    if table.persons is None:
        return []
    n, n_without_id = table.n_records, table.persons.n_without_id
    said = [
        ngettext(
            "Persons are counted, not records: {people} person has {records}, and counts once.",
            "Persons are counted, not records: {people} persons have {records}, and each person counts once.",
            table.n_people,
        ).format(
            people=display.count(table.n_people),
            records=ngettext("{n} record", "{n} records", n).format(n=display.count(n)),
        )
    ]
    if n_without_id:
        said.append(
            _("Records that name no person count as a person each: {n}.").format(
                n=display.guarded_count(n_without_id, n - n_without_id)
            )
        )
    if not has_one_cell_each(table.classes()):
        said.append(
            _(
                "Some persons have several combinations. k is given for somebody who knows one record of a person, and "
                "for somebody who knows all; the figures on columns, for somebody who knows one. Left out are the "
                "figures that are defined for one record a person: on few facts, the population, weights, households, "
                "protected groups, sensitive columns and a register. Without the person among the roles they count "
                "records."
            )
        )
    elif table.roles.weight or table.roles.household:
        said.append(_("Weights and households belong to records: where persons are counted, they are left out."))
    if has_one_cell_each(table.classes()) and not has_one_cell_each(table):
        said.append(
            _(
                "Some persons have several values of a sensitive column. Left out are the figures on sensitive "
                "columns, which are defined for one record a person; without the person among the roles they count "
                "records."
            )
        )
    return said


def without_part(reasons: Sequence[Reason], roles: Roles, names: DirectIdentifiers) -> list[str]:
    """Return the note on columns that no figure looks at."""
    seen = {*roles.columns(), *names.columns, *names.free_text}
    left = [each.column for each in reasons if each.column not in seen]
    if not left:
        return []
    return [
        _(
            "No part is given to: {columns}. The figures leave such a column out: name it a quasi-identifier (--quasi) "
            "if others may know it of a person, sensitive (--sensitive) if nobody should learn it."
        ).format(columns=quoted(left))
    ]


def role_rows(roles: Roles, reasons: Sequence[Reason]) -> list[tuple[str, str, str]]:
    """Return (column, part, why) of each column, those without a part last."""
    if isinstance(roles, ProposedRoles):
        ranked = sorted(roles.reasons, key=lambda each: not each.roles)
        return [(each.column, each.role, " ".join(each.evidence)) for each in ranked]
    parts: dict[str, tuple[str, ...]] = {}
    for role in roles.to_dict():
        for column in roles.columns(role):
            parts[column] = (*parts.get(column, ()), role)
    by_column = {each.column: each for each in reasons}
    named = [
        (column, Reason(column, parts[column], ()).role, " ".join(_why(parts[column], by_column.get(column))))
        for column in roles.columns()
    ]
    others = [
        (each.column, Reason(each.column, (), (), each.is_free_text).role, " ".join(each.evidence))
        for each in reasons
        if each.column not in parts
    ]
    return named + others


def _why(part: tuple[str, ...], reason: Reason | None) -> list[str]:
    """Return why a column plays the part that it was given: what it suggests itself, where it suggests the same."""
    said = [_("Named in the roles.")]
    if reason is not None and set(part) & set(reason.roles):
        said += reason.evidence
    if "protected" in part and _(PROTECTED_FOR) not in said:
        said.append(_(PROTECTED_FOR))
    return said
