"""Which of the two values of a decision, or of an outcome, is the positive one; and what is no such column."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.errors import FrameError, RoleError
from riskscope.frequency import Levels
from riskscope.words import _

Whole = NDArray[np.int64]

#: The code of a value that is missing, beside 0 and 1.
NOT_KNOWN = 2


class Binary(NamedTuple):
    """How the codes of a column are read: ``sides`` (n_codes,) is 0, 1 or ``NOT_KNOWN``; the values of both sides.

    ``negative`` is None where no record has it and its value is not known.
    """

    sides: Whole
    negative: Any
    positive: Any


def binary(levels: Levels, name: str, pos_label: Any = None) -> Binary:
    """Return how a column of two values is read; one that is no such column is an error that says what to do.

    Parameters
    ----------
    levels : Levels
        The distinct values of the column.
    name : str
        What the user calls it.
    pos_label : value, optional
        The positive value. Not needed for 0 and 1, or False and True.

    Examples
    --------
    >>> binary(Levels(3, True, lambda: np.array([0, 1])), "y_pred").sides.tolist()
    [2, 0, 1]
    """
    values = levels.to_list()
    if len(values) > 2:
        raise FrameError(_too_many(values, name))
    where = [at for at, value in enumerate(values) if _equal(value, pos_label)]
    if pos_label is None:
        negative, positive = _by_convention(values, name)
        sides = [int(_equal(value, positive)) for value in values]
    elif where or len(values) < 2:
        if values and not where and _kind(values[0]) != _kind(pos_label):
            raise RoleError(_not_there(values, name, pos_label))
        sides = [int(at in where) for at in range(len(values))]
        positive = pos_label
        negative = next((value for value, side in zip(values, sides, strict=True) if not side), None)
        if negative is None and _kind(pos_label) in (_WHOLE, _TRUTH) and pos_label in (0, 1):
            negative = type(pos_label)(1 - pos_label)
    else:
        raise RoleError(_not_there(values, name, pos_label))
    return Binary(np.array([NOT_KNOWN] * levels.has_missing + sides, np.int64), negative, positive)


def favours_positive(decision: tuple[Any, Any], favourable_label: Any) -> bool:
    """Tell whether the positive decision (negative, positive) is the one that is good for a person."""
    negative, positive = decision
    if favourable_label is None or _equal(positive, favourable_label):
        return True
    is_other = _equal(negative, favourable_label)
    if not is_other and (negative is not None or _kind(positive) != _kind(favourable_label)):
        raise RoleError(
            _(
                "favourable_label ({kind}) is neither of the two values of y_pred ({theirs}); name the decision that "
                "is good for a person, written as in y_pred."
            ).format(kind=_(_kind(favourable_label)), theirs=_(_kind(positive)))
        )
    return False


def _by_convention(values: list[Any], name: str) -> tuple[Any, Any]:
    """Return the two values where 1 or True is positive by convention."""
    if all(isinstance(value, bool) for value in values) and values:
        return False, True
    if all(_kind(value) in (_WHOLE, _NUMBER) and value in (0, 1) for value in values):
        return 0, 1
    raise RoleError(
        _(
            "{name} is {kind} with {n} distinct values; 0 and 1, or False and True, are read by themselves. Name the "
            "positive value of {name} with pos_label."
        ).format(name=name, kind=_(_kind(values[0])), n=len(values))
    )


def _too_many(values: list[Any], name: str) -> str:
    kind = _kind(values[0])
    if kind == _NUMBER:
        remedy = _("Audit a score with audit_scores, or cut it into decisions first.")
    elif kind == _WHOLE:
        remedy = _("Audit a score with audit_scores, classes without an order with audit_profiles.")
    else:
        remedy = _("Audit segments or other classes without an order with audit_profiles.")
    return _("{name} is {kind} with {n} distinct values; decisions have two. {remedy}").format(
        name=name, kind=_(kind), n=len(values), remedy=remedy
    )


def _not_there(values: list[Any], name: str, pos_label: Any) -> str:
    return _(
        "pos_label ({kind}) is none of the {n} distinct values of {name} ({theirs}); write it as it stands in the data."
    ).format(kind=_(_kind(pos_label)), n=len(values), name=name, theirs=_(_kind(values[0])))


#: Kinds of values in words, for messages that must not show the values.
_TRUTH, _WHOLE, _NUMBER, _TEXT, _OTHER = "true or false", "whole numbers", "numbers", "text", "dates or other objects"


def _kind(value: Any) -> str:
    """Return the kind of a value in words; 1.0 is a whole number."""
    if isinstance(value, (bool, np.bool_)):
        return _TRUTH
    if isinstance(value, str):
        return _TEXT
    if isinstance(value, (int, float, np.number)):
        return _WHOLE if float(value).is_integer() else _NUMBER
    return _OTHER


def _equal(value: Any, other: Any) -> bool:
    """Tell whether two values are one; a missing label equals nothing."""
    return value is not None and other is not None and bool(value == other)
