"""Columns of two tables made comparable: one list of values for both, and each record's number in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskscope.attacks.knowledge import EXACT, MONTH, YEAR, Knowledge
from riskscope.checks import shown
from riskscope.engines.columns import arrow_columns
from riskscope.errors import RoleError
from riskscope.words import _

if TYPE_CHECKING:
    import pyarrow as pa

Codes = NDArray[np.int32]

#: One edit in so many letters leaves a text near.
LETTERS_AN_EDIT = 4
#: A number known exactly is near within this share of its standard deviation.
NEAR_SHARE = 0.1
#: Letters of a date as text (2026-03-31 or 20260331) up to the year, and up to the month.
_CUT = {YEAR: r"^(?P<cut>\d{4})-?\d\d", MONTH: r"^(?P<cut>\d{4}-?\d\d)"}


@dataclass(frozen=True)
class Comparable:
    """One column of both tables.

    Attributes
    ----------
    name : name of the column
    people, released : whole numbers (n_people,), (n_released,)
        Place of each record's value among the values, -1 where it is missing.
    values : distinct values of both tables, rising
    tolerance : number, or None for text
        Numbers at most so far apart are near.
    letters_an_edit : int
        Of text: one edit in so many letters is near; 0 means one edit at most (dates and codes of digits).
    """

    name: str
    people: Codes = field(repr=False)
    released: Codes = field(repr=False)
    values: pa.Array = field(repr=False)
    tolerance: float | None = None
    letters_an_edit: int = LETTERS_AN_EDIT

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The values of a column of numbers."""
        return np.asarray(self.values.to_numpy(zero_copy_only=False), np.float64)

    @cached_property
    def letters(self) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.uint64]]:
        """The letters of all texts, where each text begins and ends, and which letters it has, as bits."""
        import pyarrow.compute as pc

        letters = np.frombuffer("".join(self.values.to_pylist()).encode("utf-32-le"), np.uint32)
        lengths = np.asarray(pc.utf8_length(self.values).to_numpy(zero_copy_only=False), np.int64)
        ends = np.concatenate(([0], np.cumsum(lengths)))
        bits = np.uint64(1) << (letters & np.uint32(63)).astype(np.uint64)
        masks = np.bitwise_or.reduceat(bits, ends[:-1]) if len(lengths) else np.empty(0, np.uint64)
        return letters, ends, masks

    def levels(self, people: NDArray[Any], released: NDArray[Any]) -> NDArray[np.uint8]:
        """Return how well this column agrees in each pair of records (positions in the two tables)."""
        from riskscope.kernels.edits import number_levels, text_levels

        ones, others = self.people[people], self.released[released]
        levels = np.empty(len(ones), np.uint8)
        if self.tolerance is None:
            text_levels(ones, others, *self.letters, self.letters_an_edit, levels)
        else:
            number_levels(ones, others, self.numbers, self.tolerance, levels)
        return levels


def comparable(people: Any, released: Any, knowledge: Knowledge) -> tuple[Comparable, ...]:
    """Return the known columns of both tables, made comparable.

    Text is compared without regard to case and outer blanks; a blank is a missing value. Dates are compared by day,
    as text. A column of numbers in one table may be text in the other, if every text is a number.

    Raises
    ------
    RoleError
        A column holds numbers in one table and other things in the other, or is not known in a way that fits it.

    Examples
    --------
    >>> import pandas as pd
    >>> from riskscope.attacks.knowledge import knowledge_of
    >>> here, there = pd.DataFrame({"name": ["Ann", " "]}), pd.DataFrame({"name": ["ANN ", "bob", "ann"]})
    >>> (column,) = comparable(here, there, knowledge_of("name", ["name"]))
    >>> column.people.tolist(), column.released.tolist()
    ([0, -1], [0, 1, 0])
    """
    names = list(knowledge.columns)
    ours, theirs = arrow_columns(people, names), arrow_columns(released, names)
    return tuple(
        _column(name, (one, other), knowledge.exactness.get(name, EXACT))
        for name, one, other in zip(names, ours, theirs, strict=True)
    )


def _column(name: str, pair: tuple[Any, Any], exactness: str | float) -> Comparable:
    import pyarrow as pa
    import pyarrow.compute as pc

    arrays = [_plain(each) for each in pair]
    are_numbers = [_is_number(each) for each in arrays]
    tolerance = None
    if any(are_numbers):
        arrays = [
            each if is_number else _as_numbers(each, name) for each, is_number in zip(arrays, are_numbers, strict=True)
        ]
        arrays = [pc.if_else(pc.is_nan(each), None, each) for each in (a.cast(pa.float64()) for a in arrays)]
        tolerance = _tolerance(arrays, exactness, name)
    else:
        arrays = [_as_text(each, exactness, name) for each in arrays]
    joined = pa.chunked_array(arrays).combine_chunks()
    if isinstance(joined, pa.ChunkedArray):
        joined = pa.concat_arrays(joined.chunks)
    coded = joined.dictionary_encode()
    order = pc.sort_indices(coded.dictionary)
    places = np.empty(len(order) + 1, np.int32)
    places[np.asarray(order)] = np.arange(len(order))
    places[-1] = -1
    codes = places[np.asarray(coded.indices.fill_null(-1))]
    values = coded.dictionary.take(order)
    n = len(arrays[0])
    return Comparable(name, codes[:n], codes[n:], values, tolerance, 0 if _is_digits(values) else LETTERS_AN_EDIT)


def _plain(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column without dictionary and chunks; an empty or all-missing one as text."""
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array


def _is_number(array: pa.Array) -> bool:
    """Tell numbers that a float holds without loss."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if pa.types.is_integer(kind) and array.null_count < len(array):
        ends = pc.min_max(array).as_py()
        return bool(max(abs(ends["min"]), abs(ends["max"])) <= 2**53)
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _as_numbers(array: pa.Array, name: str) -> pa.Array:
    """Return text as numbers, where the other table holds numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = _as_text(array, EXACT, name)
    try:
        return text.cast(pa.float64())
    except pa.ArrowInvalid:
        looks = pc.match_substring_regex(text.drop_null(), r"^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$")
        n_other = len(looks) - (pc.sum(looks).as_py() or 0)
        raise RoleError(
            _(
                "Column {column} holds numbers in one table and, in the other, {n} values that are not; write it alike "
                "in both, leave it out of known, or use linkage(), which understands intervals and cut codes."
            ).format(column=shown(name), n=n_other)
        ) from None


def _tolerance(arrays: Sequence[pa.Array], exactness: str | float, name: str) -> float:
    if exactness in (YEAR, MONTH):
        raise RoleError(
            _("known gives {column} as {how!r}, but it holds numbers; give a number (known to within so much).").format(
                column=shown(name), how=exactness
            )
        )
    if exactness != EXACT:
        return float(exactness)
    values = np.concatenate([np.asarray(each.drop_null()) for each in arrays])
    finite = values[np.isfinite(values)]
    return float(NEAR_SHARE * finite.std()) if len(finite) else 0.0


def _as_text(array: pa.Array, exactness: str | float, name: str) -> pa.Array:
    """Return a column as text in small letters without outer blanks, dates by day and cut as they are known."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
        array = array.cast(pa.date32(), safe=False)
    text = pc.utf8_lower(pc.utf8_trim_whitespace(array.cast(pa.large_string())))
    text = pc.if_else(pc.equal(text, ""), None, text)
    if exactness == EXACT:
        return text
    if exactness not in _CUT:
        raise RoleError(
            _(
                "known gives {column} to within a number, but it does not hold numbers; give 'exact', or leave it out."
            ).format(column=shown(name))
        )
    cut = pc.struct_field(pc.extract_regex(text, _CUT[str(exactness)]), "cut")
    n_other = cut.null_count - text.null_count
    if n_other:
        raise RoleError(
            _("known gives {column} as {how!r}, but {n} of its values are not dates; turn it into dates first.").format(
                column=shown(name), how=exactness, n=n_other
            )
        )
    return cut


def _is_digits(values: pa.Array) -> bool:
    """Tell whether every text is made of digits and the marks between them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_large_string(values.type) or not len(values):
        return False
    return bool(pc.all(pc.match_substring_regex(values, r"^[0-9 ./:-]+$")).as_py())
