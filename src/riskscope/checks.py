"""Checks of what a user hands over; each returns the value, so that a check reads as an assignment."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence

from riskscope.errors import RiskscopeError, RoleError
from riskscope.words import _


def check_choice(value: str, name: str, allowed: Collection[str]) -> str:
    """Return ``value`` if it is one of ``allowed``.

    Examples
    --------
    >>> check_choice("distinct", "kind", ["distinct", "entropy"])
    'distinct'
    """
    if value not in allowed:
        raise RiskscopeError(
            _("{name} is {value!r}; it must be one of {allowed}.").format(
                name=name, value=value, allowed=", ".join(repr(choice) for choice in allowed)
            )
        )
    return value


def check_number(value: float, name: str, *, low: float, high: float = float("inf"), low_open: bool = False) -> float:
    """Return ``value`` if it is a number from ``low`` (itself excluded when ``low_open``) to ``high``.

    Examples
    --------
    >>> check_number(0.2, "threshold", low=0, high=1)
    0.2
    """
    is_number = isinstance(value, (int, float)) or hasattr(value, "__float__")
    inside = is_number and not isinstance(value, str) and low <= float(value) <= high
    if not inside or isinstance(value, bool) or (low_open and float(value) == low):
        bound = _("above {low}") if low_open else _("at least {low}")
        raise RiskscopeError(
            _("{name} is {value!r}; it must be a number, {bound} and at most {high}.").format(
                name=name, value=value, bound=bound.format(low=low), high=high
            )
        )
    return value


def check_whole(value: int, name: str, *, low: int) -> int:
    """Return ``value`` if it is a whole number of at least ``low``.

    Examples
    --------
    >>> check_whole(5, "k", low=1)
    5
    """
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) < low:
        raise RiskscopeError(
            _("{name} is {value!r}; it must be a whole number of at least {low}.").format(
                name=name, value=value, low=low
            )
        )
    return int(value)


def check_names(value: str | Iterable[str] | None, name: str) -> tuple[str, ...]:
    """Return a tuple of column names from one name, several, or none.

    Examples
    --------
    >>> check_names("age", "sensitive"), check_names(None, "sensitive")
    (('age',), ())
    """
    if value is None:
        return ()
    if not isinstance(value, Iterable):
        raise RoleError(
            _("{name} is {kind}; it must be a list of column names.").format(name=name, kind=type(value).__name__)
        )
    names = (value,) if isinstance(value, str) else tuple(value)
    for each in names:
        if not isinstance(each, str):
            raise RoleError(
                _("{name} holds {kind}; columns are named by text. Rename the column, or pass its name.").format(
                    name=name, kind=type(each).__name__
                )
            )
    if len(set(names)) < len(names):
        doubled = sorted({each for each in names if names.count(each) > 1})
        raise RoleError(
            _("{name} names {columns} more than once; name each column once.").format(
                name=name, columns=quoted(doubled)
            )
        )
    return names


def check_columns(wanted: Sequence[str], present: Sequence[str], name: str) -> None:
    """Raise an error that offers near names where a wanted column is not present."""
    known = set(present)
    absent = [column for column in wanted if column not in known]
    if not absent:
        return
    hints = []
    for column in absent[:5]:
        near = difflib.get_close_matches(column, present, n=3, cutoff=0.6)
        by_case = [each for each in present if each.strip().casefold() == column.strip().casefold()]
        near = list(dict.fromkeys(by_case + near))
        hints.append(f"{shown(column)}" + (_(" (near: {near})").format(near=quoted(near)) if near else ""))
    raise RoleError(
        _("{name} not found: {absent}. The columns are {present}.").format(
            name=name, absent="; ".join(hints), present=quoted(present, most=20)
        )
    )


def shown(name: str, longest: int = 60) -> str:
    """Return a column name fit for a message: quoted, control characters escaped, cut when long."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)
    return "'" + (text if len(text) <= longest else text[: longest - 1] + "…") + "'"


def quoted(names: Sequence[str], most: int = 12) -> str:
    """Return names as a readable list, cut after ``most``.

    Examples
    --------
    >>> quoted(["age", "sex", "zip"], most=2)
    "'age', 'sex' and 1 more"
    """
    listed = ", ".join(shown(name) for name in names[:most])
    if len(names) > most:
        listed += _(" and {n} more").format(n=len(names) - most)
    return listed
