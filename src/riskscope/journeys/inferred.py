"""How an audit reads the columns of a table: what an inferred column is, which value is positive, bands of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskscope.checks import check_choice, shown
from riskscope.engines.encode import Coded
from riskscope.engines.memory import coded_columns
from riskscope.errors import FrameError, RoleError
from riskscope.fairness.binary import NOT_KNOWN, Binary, binary, favours_positive
from riskscope.frequency import Levels
from riskscope.intake.option_names import option_name
from riskscope.journeys.refusals import (
    DECISION,
    OUTCOME,
    PROFILE,
    SCORE,
    check_all_decided,
    check_numbers,
    check_score,
    check_two_values,
    positive_not_said,
    value_not_there,
)
from riskscope.words import _, ngettext

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = (DECISION, SCORE, PROFILE)

#: A profile has so many classes at most.
MOST_CLASSES = 100
#: Numbers and dates with more distinct values than this are cut into bands, where groups are asked for.
MOST_LEVELS = 12
BANDS = 5
#: Words for a positive and a negative value that nobody need explain.
_YES = {"yes": "no", "y": "n", "true": "false", "oui": "non", "o": "n"}


class Inferred(NamedTuple):
    """One inferred column, ready to audit: its ``kind``, its ``array`` (n,), and which decision is favourable.

    The values of a decision are 0 and 1 (the positive one).
    """

    name: str
    kind: str
    array: pa.Array
    favours_positive: bool = True


def read_inferred(data: Any, name: str, *, kind: str | None, positive: Any, favourable: Any) -> Inferred:
    """Return an inferred column as what it is: by its type and number of values, or as the kind asked for.

    Raises
    ------
    FrameError
        The column has one value only, so many texts that it is no profile, or cannot be what it is said to be.
    RoleError
        Which of two values is positive must be said.
    """
    import pyarrow as pa

    column = coded_columns(data, [name])[0]
    kind = _kind_of(column.levels, name) if kind is None else check_choice(kind, "kinds", KINDS)
    if kind == DECISION:
        check_two_values(name, column.levels.n - column.levels.has_missing)
        read = _read(column, DECISION, name, positive)
        favoured = _level(column, DECISION, name, "favourable_label", favourable)
        sides = _sides(read, column)
        check_all_decided(name, sides.is_null().to_numpy(zero_copy_only=False))
        return Inferred(name, kind, sides, favours_positive((read.negative, read.positive), favoured))
    if kind == SCORE:
        score = _arrow(data, name)
        check_score(score, name)
        return Inferred(name, kind, score)
    if column.levels.n - column.levels.has_missing > MOST_CLASSES:
        raise FrameError(
            _(
                "Column {column} has {n} distinct values; a profile has at most {most} classes. Take it out of the "
                "inferred columns, or group its classes."
            ).format(column=shown(name), n=column.levels.n, most=MOST_CLASSES)
        )
    values = _arrow(data, name)
    return Inferred(name, kind, values if _is_text(column.levels) else values.cast(pa.string()))


def read_outcome(data: Any, name: str, positive: Any) -> tuple[pa.Array, bool]:
    """Return the outcome, and whether it has two values: those are 0, 1 or missing then."""
    column = coded_columns(data, [name])[0]
    if column.levels.n - column.levels.has_missing <= 2:
        return _sides(_read(column, OUTCOME, name, positive), column), True
    if _is_text(column.levels):
        raise FrameError(
            _(
                "The outcome {column} has {n} distinct texts; hand over one of two values, or a number. Take it out "
                "of the roles to audit without an outcome."
            ).format(column=shown(name), n=column.levels.n)
        )
    outcome = _arrow(data, name)
    check_numbers(outcome, OUTCOME, name, may_be_missing=True)
    return outcome, False


def read_groups(data: Any, names: Sequence[str]) -> tuple[pa.Table, list[str]]:
    """Return the columns that make groups as a table, and what was done: numbers of many values are cut into bands."""
    import pyarrow as pa

    notes, arrays = [], []
    for name, column in zip(names, coded_columns(data, names), strict=True):
        levels = column.levels
        if levels.n - levels.has_missing <= MOST_LEVELS or _is_text(levels):
            arrays.append(_arrow(data, name))
            continue
        arrays.append(_banded(column))
        notes.append(
            _(
                "{column} has {n} distinct values; it was cut into bands of about as many people each. Hand over "
                "groups of your own where the law or the question names them."
            ).format(column=shown(name), n=levels.n - levels.has_missing)
        )
    return pa.table(arrays, names=list(names)), notes


def _kind_of(levels: Levels, name: str) -> str:
    n = levels.n - levels.has_missing
    if n < 2:
        raise FrameError(
            ngettext(
                "Column {column} has {n} distinct value; there is nothing to compare. Take it out of the inferred "
                "columns.",
                "Column {column} has {n} distinct values; there is nothing to compare. Take it out of the inferred "
                "columns.",
                n,
            ).format(column=shown(name), n=n)
        )
    if n == 2:
        return DECISION
    return PROFILE if _is_text(levels) else SCORE


def _is_text(levels: Levels) -> bool:
    """Tell values that are no numbers and no moments."""
    return levels.values.dtype.kind not in "iufbmM"


def _read(column: Coded, role: str, name: str, positive: Any) -> Binary:
    """Return how a column of two values is read."""
    value = _yes(column.levels) if positive is None else _level(column, role, name, "pos_label", positive)
    try:
        return binary(column.levels, name, value)
    except RoleError:
        raise positive_not_said(role, name, column) from None


def _sides(read: Binary, column: Coded) -> pa.Array:
    """Return a column of two values as 0 and 1, missing where it is missing."""
    import pyarrow as pa

    sides = read.sides[column.codes]
    return pa.array(sides.astype(np.int8), mask=sides == NOT_KNOWN)


def _yes(levels: Levels) -> Any:
    """Return the value that says yes by itself, or None."""
    words = {str(value).casefold(): value for value in levels.to_list()} if _is_text(levels) else {}
    return next((words[yes] for yes, no in _YES.items() if set(words) in ({yes, no}, {yes})), None)


def _level(column: Coded, role: str, name: str, argument: str, given: Any) -> Any:
    """Return the value of a column that an option names, as it is or as text; None where none is named."""
    if given is None:
        return None
    for value in column.levels.to_list():
        if value == given or str(value) == str(given):
            return value
    raise value_not_there(argument, role, name, column)


def _banded(column: Coded) -> pa.Array:
    """Return a column of numbers or moments as ordered bands of about as many records each, its ends open."""
    import pyarrow as pa

    levels, base = column.levels, int(column.levels.has_missing)
    values = levels.values
    if values.dtype.kind in "mM":
        values = (
            values.astype("datetime64[Y]").astype(np.int64) + 1970
            if values.dtype.kind == "M"
            else values.astype(np.int64)
        )
    order = np.argsort(values, kind="stable")
    counts = np.bincount(column.codes, minlength=levels.n)[base:]
    below = np.cumsum(counts[order]) - counts[order]
    targets = np.arange(1, BANDS) * counts.sum() / BANDS
    starts = np.unique(values[order][np.minimum(np.searchsorted(below, targets), len(values) - 1)])
    starts = starts[starts > values.min()]
    band = np.searchsorted(starts, values, side="right")
    names = _band_names(starts)
    indices = np.concatenate([np.zeros(base, np.int64), band])[column.codes]
    mask = (column.codes == 0) if base else None
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32(), mask=mask), names, ordered=True)


def _band_names(starts: np.ndarray[Any, Any]) -> list[str]:
    """Return the names of the bands that begin at these values; the first has no beginning."""
    texts = [str(int(each)) if float(each).is_integer() else f"{float(each):.6g}" for each in starts]
    if not texts:
        return [_("all")]
    middle = [_("{low} to below {high}").format(low=low, high=high) for low, high in pairwise(texts)]
    return [_("below {value}").format(value=texts[0]), *middle, _("{value} or more").format(value=texts[-1])]


def _arrow(data: Any, name: str) -> Any:
    from riskscope.engines.columns import arrow_columns

    return arrow_columns(data, [name])[0]


def by_column(given: Mapping[str, Any] | None, columns: Sequence[str], name: str) -> dict[str, Any]:
    """Return what was given for each column; a column that the audit does not use is an error."""
    if given is not None and not isinstance(given, Mapping):
        raise RoleError(
            _("{name} is {kind}; it must be a dict from a column to its value.").format(
                name=option_name(name), kind=type(given).__name__
            )
        )
    found = dict(given or {})
    unknown = [column for column in found if column not in columns]
    if unknown:
        raise RoleError(
            _("{name} names {column}, which is not among the columns it can speak of: {columns}.").format(
                name=option_name(name), column=shown(unknown[0]), columns=", ".join(shown(each) for each in columns)
            )
        )
    return found
