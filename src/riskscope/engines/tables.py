"""Data or a table already counted: what every measure takes, turned into the table it needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import quoted
from riskscope.engines.memory import count, count_rows
from riskscope.errors import FrameError, RoleError
from riskscope.frequency import FrequencyTable
from riskscope.roles import Roles, as_roles
from riskscope.words import _


def table_of(data: Any, roles: Roles | Iterable[str] | None = None, *, sensitive: bool = False) -> FrequencyTable:
    """Return the counted quasi-identifiers (and sensitive columns) of data, or of a table already counted."""
    roles = _asked(data, roles)
    if sensitive and not roles.sensitive:
        raise RoleError(_("The roles name no sensitive column; name what a person would not want to be learned."))
    wanted = roles.columns("quasi_identifiers", "sensitive") if sensitive else tuple(roles.quasi_identifiers)
    if not isinstance(data, FrequencyTable):
        counted = roles if sensitive else Roles(quasi_identifiers=roles.quasi_identifiers)
        return with_roles(count(data, counted), roles)
    absent = [name for name in wanted if name not in data.columns]
    if absent:
        raise RoleError(
            _("{absent} is not counted in the table, which holds {present}. Count the data again with it.").format(
                absent=quoted(absent), present=quoted(data.columns)
            )
        )
    return with_roles(data.keep(wanted), roles)


def classes_of_records(
    data: Any, roles: Roles | Iterable[str] | None = None
) -> tuple[FrequencyTable, NDArray[np.int64]]:
    """Return the counted quasi-identifiers of records, and the cell that each record falls into (n_records,)."""
    if isinstance(data, FrequencyTable):
        raise FrameError(_("A table of counts has no single records; hand over the data frame."))
    roles = _asked(data, roles)
    table, keys = count_rows(data, Roles(quasi_identifiers=roles.quasi_identifiers))
    cells: NDArray[np.int64] = np.searchsorted(table.keys, keys)
    return with_roles(table, roles), cells


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
        table.columns, table.levels, table.keys, table.counts, table.packing, roles=roles, engine=table.engine
    )
