"""What an attacker knows of a person: which columns, and how exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from riskscope import display
from riskscope.checks import check_columns, check_names, shown
from riskscope.errors import RoleError
from riskscope.words import _

EXACT, YEAR, MONTH = "exact", "year", "month"


@dataclass(frozen=True)
class Knowledge:
    """The columns that an attacker knows, and how exactly.

    Parameters
    ----------
    columns : names of columns, in order
    exactness : for each column ``"exact"``, a number (known to within so much), ``"year"`` or ``"month"`` (of a date)
    """

    columns: tuple[str, ...]
    exactness: Mapping[str, str | float] = field(default_factory=dict)

    def words(self) -> str:
        """Return what is known in words.

        Examples
        --------
        >>> knowledge_of({"sex": "exact", "age": 2}, ["sex", "age"]).words()
        "'sex', 'age' to within 2"
        """
        return ", ".join(_how(shown(name), self.exactness.get(name, EXACT)) for name in self.columns)


def _how(column: str, exactness: str | float) -> str:
    if exactness == EXACT:
        return column
    if exactness == YEAR:
        return _("the year of {column}").format(column=column)
    if exactness == MONTH:
        return _("year and month of {column}").format(column=column)
    return _("{column} to within {number}").format(column=column, number=display.number(float(exactness)))


def knowledge_of(
    known: str | Iterable[str] | Mapping[str, str | float], present: Iterable[str], name: str = "known"
) -> Knowledge:
    """Return what ``known`` says that an attacker knows.

    Parameters
    ----------
    known : name of a column, names of columns, or mapping
        Columns known exactly; or for each column ``"exact"``, a number (known to within so much), ``"year"`` or
        ``"month"``.
    present : names of columns
        The columns that original and release have in common.

    Raises
    ------
    RoleError
        A column is not there, is named twice, or how exactly it is known is none of these.

    Examples
    --------
    >>> knowledge_of({"birth_date": "year"}, ["birth_date", "sex"])
    Knowledge(columns=('birth_date',), exactness={'birth_date': 'year'})
    """
    exactness = dict(known) if isinstance(known, Mapping) else {}
    columns = check_names(tuple(known) if not isinstance(known, str) else known, name)
    if not columns:
        raise RoleError(
            _("{name} names no column; say what the attacker knows, for instance age and sex.").format(name=name)
        )
    check_columns(columns, list(present), name)
    for column, how in exactness.items():
        is_number = isinstance(how, (int, float)) and not isinstance(how, bool) and how >= 0
        if not is_number and how not in (EXACT, YEAR, MONTH):
            raise RoleError(
                _(
                    "{name} gives {column} as {how!r}; it must be 'exact', 'year', 'month' or a number of at least 0 "
                    "(known to within so much)."
                ).format(name=name, column=shown(column), how=how)
            )
    return Knowledge(columns, {column: exactness.get(column, EXACT) for column in columns})
