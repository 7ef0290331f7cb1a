"""Data or a table already counted: what every measure takes, turned into the table it needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.engines.memory import count, count_rows, places_of
from riskscope.engines.persons import count_persons
from riskscope.errors import FrameError, RoleError
from riskscope.frequency import FrequencyTable
from riskscope.persons import in_one_cell
from riskscope.roles import Roles, as_roles
from riskscope.words import _, ngettext


def table_of(
    data: Any, roles: Roles | Iterable[str] | None = None, *, sensitive: bool = False, persons: bool = False
) -> FrequencyTable:
    """Return the counted quasi-identifiers (and sensitive columns) of data, or of a table already counted.

    ``persons`` says that the measure knows what to do with a person who stands in several cells. For the others
    such a table is an error; where each person stands in one cell, they get counts of persons as if of records.
    """
    roles = _asked(data, roles)
    if sensitive and not roles.sensitive:
        raise RoleError(_("The roles name no sensitive column; name what a person would not want to be learned."))
    wanted = roles.columns("quasi_identifiers", "sensitive") if sensitive else tuple(roles.quasi_identifiers)
    if not isinstance(data, FrequencyTable):
        counted = roles if sensitive else Roles(quasi_identifiers=roles.quasi_identifiers, person=roles.person)
        table = with_roles(count(data, counted), roles)
        return table if persons else one_cell_each(table)
    counted_columns = set(data.columns)
    absent = [name for name in wanted if name not in counted_columns]
    if absent:
        raise RoleError(
            _("{absent} is not counted in the table, which holds {present}. Count the data again with it.").format(
                absent=quoted(absent), present=quoted(data.columns)
            )
        )
    if roles.person is not None and data.persons is None:
        raise RoleError(
            _(
                "The roles name the person ({column}), and the table counts records. Count the data again under these "
                "roles, or leave the person out of them."
            ).format(column=shown(roles.person))
        )
    table = with_roles(data.keep(wanted), roles)
    return table if persons else one_cell_each(table)


def has_one_cell_each(table: FrequencyTable) -> bool:
    """Tell whether the cells divide what is counted: records, or persons who stand in one cell each."""
    return table.persons is None or in_one_cell(table.persons)


def one_cell_each(table: FrequencyTable) -> FrequencyTable:
    """Return a table of persons as a plain table, which it is where each person stands in one cell."""
    if table.persons is None:
        return table
    if not has_one_cell_each(table):
        n = int((np.bincount(table.persons.people) > 1).sum())
        raise RoleError(
            ngettext(
                "{n} person of {total} has records with different values, and this figure is defined for one record a "
                "person. Keep one record of each person, or leave the person out of the roles to count records.",
                "{n} persons of {total} have records with different values, and this figure is defined for one record "
                "a person. Keep one record of each person, or leave the person out of the roles to count records.",
                n,
            ).format(n=display.count(n), total=display.count(table.n_people))
        )
    roles = table.roles.replace(person=None)
    return FrequencyTable(
        table.columns, table.levels, table.keys, table.counts, table.packing, roles=roles, engine=table.engine
    )


def classes_of_records(
    data: Any, roles: Roles | Iterable[str] | None = None
) -> tuple[FrequencyTable, NDArray[np.int64]]:
    """Return the counted quasi-identifiers of records, and the cell that each record falls into (n_records,).

    Where the roles name the person, each person must have one record: what is asked is asked of records.
    """
    roles = _with_records(data, roles)
    if roles.person is not None:
        table, cells, _people = persons_of_records(data, roles)
        if table.n_people < table.n_records:
            raise RoleError(
                ngettext(
                    "The {n} records are of {people} person, and this figure is defined for one record a person. Keep "
                    "one record of each person, or leave the person out of the roles to count records.",
                    "The {n} records are of {people} persons, and this figure is defined for one record a person. Keep "
                    "one record of each person, or leave the person out of the roles to count records.",
                    table.n_people,
                ).format(n=display.count(table.n_records), people=display.count(table.n_people))
            )
        return one_cell_each(table), cells
    table, keys = count_rows(data, Roles(quasi_identifiers=roles.quasi_identifiers))
    return with_roles(table, roles), places_of(keys, table.keys, table.packing.space)


def persons_of_records(
    data: Any, roles: Roles | Iterable[str] | None = None
) -> tuple[FrequencyTable, NDArray[np.int64], NDArray[np.int64]]:
    """Return the table of persons over the quasi-identifiers, and the cell and the person of each record."""
    roles = _with_records(data, roles)
    if roles.person is None:
        raise RoleError(_("The roles name no person; name the column that joins the records of one person."))
    counted = Roles(quasi_identifiers=roles.quasi_identifiers, person=roles.person)
    table, keys, people = count_persons(data, counted, roles.person)
    return with_roles(table, roles), places_of(keys, table.keys, table.packing.space), people


def _with_records(data: Any, roles: Roles | Iterable[str] | None) -> Roles:
    """Return the roles given, for data that have single records."""
    if isinstance(data, FrequencyTable):
        raise FrameError(_("A table of counts has no single records; hand over the data frame."))
    return _asked(data, roles)


def _asked(data: Any, roles: Roles | Iterable[str] | None) -> Roles:
    """Return the roles given, or those of the table; they must name a quasi-identifier."""
    if roles is None:
        if not isinstance(data, FrequencyTable):
            raise RoleError(_("No roles given; name the quasi-identifiers, as in Roles(quasi_identifiers=[…])."))
        roles = data.roles
    roles = as_roles(roles)
    if not roles.quasi_identifiers:
        raise RoleError(_("The roles name no quasi-identifier; name the columns that somebody may know."))
    return roles


def with_roles(table: FrequencyTable, roles: Roles) -> FrequencyTable:
    """Return the same table under other roles."""
    return FrequencyTable(
        table.columns,
        table.levels,
        table.keys,
        table.counts,
        table.packing,
        roles=roles,
        engine=table.engine,
        persons=table.persons,
    )
