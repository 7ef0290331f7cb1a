"""What an audit cannot take, told by the column, its role, and what to type instead."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from riskscope.checks import shown
from riskscope.display import MIN_CELL
from riskscope.engines.encode import Coded
from riskscope.errors import FrameError, RoleError
from riskscope.fairness.inputs import Numbers, grouping_of
from riskscope.intake.option_names import option_name
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    import pyarrow as pa

#: What an inferred column can be.
DECISION, SCORE, PROFILE = N_("decision"), N_("score"), N_("profile")
OUTCOME, WEIGHT = "outcome", "weight"

#: How a message speaks of a column, by its role.
_SPOKEN = {
    DECISION: N_("The decision {column}"),
    SCORE: N_("The score {column}"),
    PROFILE: N_("The profile {column}"),
    OUTCOME: N_("The outcome {column}"),
    WEIGHT: N_("The weight {column}"),
}
#: Longer values are not named in a message.
_LONGEST = 40


def spoken(role: str, name: str) -> str:
    """Return a column with its role, to begin a message with.

    Examples
    --------
    >>> spoken("decision", "approved")
    "The decision 'approved'"
    """
    return _(_SPOKEN[role]).format(column=shown(name))


def option_with(argument: str, column: str, value: Any) -> str:
    """Return what to type for an option that gives a column a value; a place to fill in where the value is None.

    Examples
    --------
    >>> option_with("pos_label", "approved", "yes"), option_with("pos_label", "approved", None)
    ("pos_label={'approved': 'yes'}", "pos_label={'approved': VALUE}")
    """
    option = option_name(argument)
    if option.startswith("--"):
        return f"{option} {shlex.quote(f'{column}={_place(argument) if value is None else value}')}"
    return f"{option}={{{column!r}: {_place(argument) if value is None else repr(value)}}}"


def kind_with(kind: str, column: str) -> str:
    """Return what to type to audit a column as this kind.

    Examples
    --------
    >>> kind_with("profile", "segment")
    "kinds={'segment': 'profile'}"
    """
    if option_name("kinds").startswith("--"):
        return f"--{kind} {shlex.quote(column)}"
    return f"kinds={{{column!r}: {kind!r}}}"


def _place(argument: str) -> str:
    return _("GROUP") if argument == "reference" else _("VALUE")


def which_is(argument: str, role: str, name: str, column: Coded) -> str:
    """Return how to say which value is meant; the values of a decision are named where many people have each."""
    base = int(column.levels.has_missing)
    counts = np.bincount(column.codes, minlength=column.levels.n)[base:]
    values = column.levels.to_list()
    is_short = all(len(str(value)) <= _LONGEST and str(value).isprintable() for value in values)
    if role == DECISION and len(values) == 2 and is_short and counts.min() >= MIN_CELL:
        one, other = (option_with(argument, name, value) for value in sorted(values, key=str))
        return _("Type {one} or {other}.").format(one=one, other=other)
    return _("Type {option}, with one of the two values of the column.").format(
        option=option_with(argument, name, None)
    )


def positive_not_said(role: str, name: str, column: Coded) -> RoleError:
    """Return the error where nobody can know which of two values is the positive one."""
    return RoleError(
        _("{what} holds other values than 0 and 1, false and true, or no and yes: which one is positive? {how}").format(
            what=spoken(role, name), how=which_is("pos_label", role, name, column)
        )
    )


def value_not_there(argument: str, role: str, name: str, column: Coded) -> RoleError:
    """Return the error where the value named does not occur."""
    return RoleError(
        _("{what} does not hold the value that {option} names. {how}").format(
            what=spoken(role, name), option=option_name(argument), how=which_is(argument, role, name, column)
        )
    )


def check_two_values(name: str, n: int) -> None:
    """Raise an error where a decision has more values than two."""
    if n > 2:
        raise FrameError(
            _(
                "{what} has {n} distinct values; a decision has two. Type {score} to audit numbers, {profile} to "
                "audit classes."
            ).format(what=spoken(DECISION, name), n=n, score=kind_with(SCORE, name), profile=kind_with(PROFILE, name))
        )


def check_all_decided(name: str, is_missing: np.ndarray[Any, Any]) -> None:
    """Raise an error where somebody has no decision."""
    n = int(is_missing.sum())
    if n:
        raise FrameError(
            _(
                "{what} is missing in {n} of {total} records; an audit needs every decision. Leave those records out "
                "of the table, or write a value that says what a missing one stands for."
            ).format(what=spoken(DECISION, name), n=n, total=len(is_missing))
        )


def check_score(array: pa.Array, name: str) -> None:
    """Raise an error where a score is no number, is not known of everybody, or is a decision."""
    numbers = check_numbers(array, SCORE, name)
    if len(numbers) and bool(np.isin(numbers, (0, 1)).all()):
        raise FrameError(
            _("{what} holds nothing but 0 and 1: a decision. Type {decision} to audit it as one.").format(
                what=spoken(SCORE, name), decision=kind_with(DECISION, name)
            )
        )


def check_weight(array: pa.Array, name: str) -> None:
    """Raise an error where a weight is no number of at least 0, or nobody has any."""
    numbers = check_numbers(array, WEIGHT, name)
    below = np.flatnonzero(numbers < 0)
    if len(below):
        raise FrameError(
            _(
                "{what} is negative in {n} of {total} records, the first at row {row}; a weight says how many people "
                "a record stands for. Correct those weights, or leave the records out of the table."
            ).format(what=spoken(WEIGHT, name), n=len(below), total=len(numbers), row=int(below[0]))
        )
    if not numbers.any():
        raise FrameError(
            _("{what} is 0 in every record; give some records a weight, or name no weight.").format(
                what=spoken(WEIGHT, name)
            )
        )


def check_numbers(array: pa.Array, role: str, name: str, *, may_be_missing: bool = False) -> Numbers:
    """Return a column as numbers, NaN where one is missing; an error where it holds anything else."""
    import pyarrow as pa

    values = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    kind, types = values.type, pa.types
    is_number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_boolean(kind)
    if not is_number and not types.is_null(kind):
        raise FrameError(_not_a_number(role, name, str(kind)))
    if types.is_boolean(kind):
        values = values.cast(pa.int8())
    numbers = np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    bad = np.flatnonzero(np.isinf(numbers) if may_be_missing else ~np.isfinite(numbers))
    if len(bad):
        text = N_(
            "{what} is missing or infinite in {n} of {total} records, the first at row {row}. Give those records a "
            "number, or leave them out of the table."
        )
        if may_be_missing:
            text = N_("{what} is infinite in {n} of {total} records, the first at row {row}. Give them a number.")
        raise FrameError(_(text).format(what=spoken(role, name), n=len(bad), total=len(numbers), row=int(bad[0])))
    return numbers


def _not_a_number(role: str, name: str, kind: str) -> str:
    """Return what to do about a column that must hold numbers and does not."""
    said = _("{what} is {kind}; it must hold one number a record.").format(what=spoken(role, name), kind=kind)
    if role == SCORE:
        return said + " " + _("Type {profile} to audit classes.").format(profile=kind_with(PROFILE, name))
    return said + " " + _("Make numbers of it, or take it out of the roles.")


def checked_references(groups: pa.Table, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the group to compare with by protected column; an error where the column has no such group."""
    for name, group in given.items():
        labels = grouping_of(groups.select([name]), name).labels
        if str(group) not in labels:
            raise RoleError(
                ngettext(
                    "{option} names no group of the protected column {column}, which has {n} group. Type {example}, "
                    "with the group as the column or the report shows it.",
                    "{option} names no group of the protected column {column}, which has {n} groups. Type {example}, "
                    "with one of them as the column or the report shows it.",
                    len(labels),
                ).format(
                    option=option_name("reference"),
                    column=shown(name),
                    n=len(labels),
                    example=option_with("reference", name, None),
                )
            )
    return {name: str(group) for name, group in given.items()}
