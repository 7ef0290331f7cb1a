"""Distinction and separation: how far a set of columns tells people apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.engines.tables import has_one_cell_each, one_cell_each, table_of
from riskscope.frequency import FrequencyTable
from riskscope.persons import sizes_knowing_one
from riskscope.results import measured, plain
from riskscope.risk.persons import PersonsResult, about_persons
from riskscope.roles import Roles
from riskscope.words import N_, _


@dataclass(frozen=True, kw_only=True)
class Separation(PersonsResult):
    """How far the columns together, and each alone, tell people apart."""

    question: ClassVar[str] = N_("How far do the columns tell people apart?")
    source: ClassVar[str] = "Motwani and Xu (2007), Efficient algorithms for masking and finding quasi-identifiers"

    distinction: float = measured(N_("distinction: combinations per person"), "share")
    separation: float = measured(N_("separation: pairs of people told apart"), "share")
    by_column: dict[str, tuple[float, float]] = measured(N_("of each column alone"), "hidden", repr=False)

    def shown_fields(self) -> list[tuple[str, str, Any, str]]:
        """Return the numbers of all columns together; those of each column stand in a table."""
        return [each for each in super().shown_fields() if each[0] != "by_column"]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with distinction and separation of each column."""
        each = {
            name: {"distinction": distinction, "separation": separation}
            for name, (distinction, separation) in self.by_column.items()
        }
        return {**super().to_dict(), "by_column": plain(each)}

    def sentences(self) -> list[str]:
        """Return what the two numbers mean."""
        if "separation" in self.undefined:
            return [_("Separation needs at least two records.")]
        return [
            _("The quasi-identifiers together tell {share} of all pairs of people apart.").format(
                share=display.share(self.separation)
            ),
            _("A column that alone tells nearly all pairs apart is close to a name."),
            *self.on_persons(),
        ]

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return distinction and separation of each column alone."""
        rows = [(name, display.share(d), display.share(s)) for name, (d, s) in self.by_column.items()]
        return [(_("Each column alone"), [_("column"), _("distinction"), _("separation")], rows)]


def separation(data: Any, roles: Roles | Iterable[str] | None = None) -> Separation:
    """Distinction and separation of the quasi-identifiers, together and each alone.

    Parameters
    ----------
    data : data frame or FrequencyTable
        Records, or counts over at least the quasi-identifiers.
    roles : Roles or names of columns, optional
        Names the quasi-identifiers. Default: those of the table. Where they name the person, persons are counted.

    Returns
    -------
    Separation
        ``distinction`` (1/n to 1) and ``separation`` (0 to 1); ``by_column``: name to both. Where a person has several
        combinations, ``distinction`` is undefined.

    Notes
    -----
    distinction = J / n; separation = 1 - sum f(f-1) / (n(n-1)): the share of pairs of records that differ.
    Motwani and Xu (2007); undefined for fewer than two records.

    Where the records of some persons differ, what is known is one record of a person, at worst the most telling one
    (``k_anonymity`` with ``known_records="one"``): of the n(n-1) pairs of a person and another, those are told apart
    where the other has no record with that combination, so separation = 1 - sum (size - 1) / (n(n-1)) over persons.
    There may be more combinations than persons, so J / n is no share.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": ["F", "F", "M"], "age": [30, 40, 30]})
    >>> result = separation(people, ["sex", "age"])
    >>> result.separation, round(result.by_column["sex"][1], 4)
    (1.0, 0.6667)
    """
    table = table_of(data, roles, persons=True).classes()
    table = one_cell_each(table) if has_one_cell_each(table) else table
    together = pair(table)
    undefined = {}
    if table.n_people < 2:
        undefined["separation"] = N_("it takes at least two records to tell two apart")
    if not table.n_records:
        undefined["distinction"] = N_("the table has no records")
    elif table.persons is not None:
        undefined["distinction"] = N_("a person may have several combinations")
    return Separation(
        **about_persons(table, "one"),
        distinction=together[0],
        separation=together[1],
        by_column={name: pair(table.keep([name])) for name in table.quasi_identifiers},
        engine=table.engine,
        undefined=undefined,
    )


def pair(table: FrequencyTable) -> tuple[float, float]:
    """Return (distinction, separation) of a table's columns together."""
    n = table.n_people
    if table.persons is not None and not has_one_cell_each(table):
        others = int((sizes_knowing_one(table.persons, table.counts) - 1).sum())
        return np.nan, 1 - others / (n * (n - 1)) if n > 1 else np.nan
    counts = table.counts.astype(object) if n > 2**31 else table.counts
    alike = int((counts * (counts - 1)).sum())
    distinction = table.n_cells / n if n else np.nan
    return distinction, 1 - alike / (n * (n - 1)) if n > 1 else np.nan
