"""The value that an attacker wants to learn: what each released value says of it, and when a guess is right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import check_columns, shown
from riskscope.engines.columns import as_frame
from riskscope.errors import RoleError
from riskscope.hierarchy import Hierarchy
from riskscope.intake.released import distinct_columns, read_released
from riskscope.words import _

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]

#: A number with more distinct values than this in both tables is guessed as a number, others by their values.
FEW = 50
#: Distinct original times distinct released values that are held beside each other at most.
MOST_PAIRS = 2**27


@dataclass(frozen=True)
class Target:
    """The sensitive column in both tables.

    Attributes
    ----------
    is_number : whether a guess is a number, right where it is near enough; else it is a released value
    people : whole numbers (n_original,)
        Code of each person's true value; -1 where it is missing.
    records : whole numbers (n_released,)
        Code of each released value; -1 where it says nothing.
    covers : booleans (n_released_codes, n_original_codes)
        Whether a released value holds the original one under it; empty for numbers.
    numbers, released_numbers : numbers (n_original,), (n_released,)
        The values themselves where it is a number, else empty.
    """

    is_number: bool
    people: Whole = field(repr=False)
    records: Whole = field(repr=False)
    covers: Booleans = field(repr=False)
    numbers: Numbers = field(repr=False)
    released_numbers: Numbers = field(repr=False)
    tolerance: float = 0.05

    def right(self, guesses: Numbers) -> Numbers:
        """Return 1 where a guessed number is near the person's own, by the share of its size; NaN where unknown.

        The size is the absolute value: a tolerance that is set against signed values passes every negative guess.
        """
        near = np.abs(guesses - self.numbers) <= self.tolerance * np.maximum(np.abs(self.numbers), 1e-12)
        return np.where(np.isfinite(self.numbers) & np.isfinite(guesses), near.astype(float), np.nan)


def target_of(
    original: Any, released: Any, column: str, *, hierarchy: Hierarchy | None = None, tolerance: float = 0.05
) -> Target:
    """Return the sensitive column of both tables, ready to be guessed.

    Raises
    ------
    RoleError
        The column is missing in a table, or holds too many values to hold each beside each.
    """
    for data in (original, released):
        check_columns([column], as_frame(data).columns, "target")
    (ours,), (our_values,) = distinct_columns(original, [column])
    (theirs,), (their_values,) = distinct_columns(released, [column])
    numbers, released_numbers = _numbers(our_values.values), _numbers(their_values.values)
    if numbers is not None and released_numbers is not None and min(len(numbers), len(released_numbers)) > FEW:
        own, said = _dealt(numbers, ours.codes), _dealt(released_numbers, theirs.codes)
        nothing = np.zeros((0, 0), bool)
        people, records = np.where(np.isfinite(own), 0, -1), np.where(np.isfinite(said), 0, -1)
        return Target(True, people, records, nothing, own, said, tolerance)
    if len(our_values.values) * len(their_values.values) > MOST_PAIRS:
        raise RoleError(
            _(
                "target is {column}, which has {n} different values: too many to guess; coarsen it, or take another."
            ).format(column=shown(column), n=len(our_values.values))
        )
    read = read_released(column, our_values, their_values, hierarchy=hierarchy)
    covers = np.zeros((len(their_values.values), len(our_values.values)), bool)
    low, high = read.known.T
    for code in range(len(covers)):
        for start, stop in read.ranges[read.first[code] : read.first[code + 1]]:
            covers[code] |= (low < stop) & (start < high)
    known = np.array([value is not None and str(value).strip() != "" for value in our_values.values], bool)
    tells = ~covers[:, known].all(axis=1) if known.sum() > 1 else np.ones(len(covers), bool)
    tells &= np.array([value is not None for value in their_values.values], bool)
    return Target(
        False,
        np.where(known[ours.codes], ours.codes, -1).astype(np.int64) if len(known) else np.zeros(0, np.int64),
        np.where(tells[theirs.codes], theirs.codes, -1).astype(np.int64) if len(tells) else np.zeros(0, np.int64),
        covers,
        np.empty(0),
        np.empty(0),
        tolerance,
    )


def _numbers(values: list[Any]) -> Numbers | None:
    """Return values as numbers, NaN where missing; None where one is no number."""
    if any(
        value is not None and (isinstance(value, (bool, str)) or not hasattr(value, "__float__")) for value in values
    ):
        return None
    return np.array([np.nan if value is None else float(value) for value in values], float)


def _dealt(values: Numbers, codes: Any) -> Numbers:
    return values[codes] if len(values) else np.empty(0)
