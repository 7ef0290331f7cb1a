"""Who is who: which record of the release is whose. For judging an attack only; no attacker knows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import check_columns, shown
from riskscope.engines.columns import arrow_columns, as_frame
from riskscope.errors import FrameError, RoleError
from riskscope.words import N_, _

Rows = NDArray[np.int64]

#: How it is known who is who.
BY_COLUMN = N_("The values of {column} tell which record of the release is whose; no attacker is given them.")
BY_ORDER = N_(
    "Both tables have as many records, so record after record is taken for the same person; give truth= "
    "where the "
    "release is in another order."
)
GIVEN = N_("Which record of the release is whose was handed over.")
UNKNOWN = N_(
    "Nobody said which record of the release is whose: the figures presume that each person is among the "
    "records that "
    "fit them, and so tell what is expected, not what was seen."
)


@dataclass(frozen=True)
class Truth:
    """Which record of the release is whose.

    Attributes
    ----------
    rows : whole numbers (n_original,), or None where nobody can say
        Position in the release of each person's record, -1 for a person who is not in it.
    said : how this is known, in a sentence
    is_presumed : whether it was taken from the order of the records, without anybody saying so
    """

    rows: Rows | None = field(repr=False)
    said: str
    is_presumed: bool = False

    @property
    def n_released(self) -> int | None:
        """How many of the people are in the release; None where nobody can say."""
        return None if self.rows is None else int(np.count_nonzero(self.rows >= 0))


def truth_of(original: Any, released: Any, truth: str | Any = None) -> Truth:
    """Return who is who in an original and a released table.

    Parameters
    ----------
    original, released : data frames
    truth : name of a column, whole numbers (n_original,), Truth, or None
        A column of both tables that tells one person's records from all others (it is never known to an attacker);
        or for each original record the position of its released one, -1 where it was not released. None: record
        after record in the same order where both tables have as many, else unknown.

    Raises
    ------
    RoleError
        The column is missing in a table, has missing values, or a value stands twice.
    FrameError
        The positions are not one a record, or name no record of the release.

    Examples
    --------
    >>> import pandas as pd
    >>> truth_of(pd.DataFrame({"id": [7, 8, 9]}), pd.DataFrame({"id": [9, 7]}), "id").rows.tolist()
    [1, -1, 0]
    """
    n_original, n_released = len(as_frame(original)), len(as_frame(released))
    if isinstance(truth, Truth):
        return truth
    if isinstance(truth, str):
        return Truth(_by_column(original, released, truth), _(BY_COLUMN).format(column=shown(truth)))
    if truth is not None:
        return Truth(_by_position(truth, n_original, n_released), _(GIVEN))
    if n_original == n_released:
        return Truth(np.arange(n_original), _(BY_ORDER), is_presumed=True)
    return Truth(None, _(UNKNOWN))


def _by_column(original: Any, released: Any, column: str) -> Rows:
    import pyarrow as pa
    import pyarrow.compute as pc

    arrays = []
    for data, which in ((original, _("the original")), (released, _("the release"))):
        check_columns([column], as_frame(data).columns, "truth")
        found = arrow_columns(data, [column])[0]
        array = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
        if pa.types.is_dictionary(array.type):
            array = array.cast(array.type.value_type)
        n_missing, n_distinct = array.null_count, len(pc.unique(array.drop_null()))
        if n_missing or n_distinct < len(array):
            raise RoleError(
                _(
                    "truth is the column {column}, which in {which} lacks {missing} values and repeats "
                    "{repeated}; "
                    "each person needs one value of their own."
                ).format(
                    column=shown(column),
                    which=which,
                    missing=n_missing,
                    repeated=len(array) - n_missing - n_distinct,
                )
            )
        arrays.append(array)
    if arrays[0].type != arrays[1].type:
        arrays = [each.cast(pa.large_string()) for each in arrays]
    places = pc.fill_null(pc.index_in(arrays[0], value_set=arrays[1]), -1)
    return np.asarray(places.to_numpy(zero_copy_only=False)).astype(np.int64)


def _by_position(truth: Any, n_original: int, n_released: int) -> Rows:
    rows = np.asarray(truth)
    if rows.shape != (n_original,) or rows.dtype.kind not in "iu":
        raise FrameError(
            _(
                "truth holds {shape} values of type {kind}; it needs one whole number for each of the "
                "{n} original "
                "records: the position of its released record, or -1."
            ).format(shape=" x ".join(map(str, rows.shape)), kind=rows.dtype, n=n_original)
        )
    rows = rows.astype(np.int64)
    named = rows[rows >= 0]
    outside = int(np.count_nonzero((rows < -1) | (rows >= n_released)))
    repeated = len(named) - len(np.unique(named))
    if outside or repeated:
        raise FrameError(
            _(
                "truth names {outside} positions outside the release's {n} records and {repeated} "
                "records twice; give "
                "each released record to one person at most, and -1 to a person who was not released."
            ).format(outside=outside, n=n_released, repeated=repeated)
        )
    return rows
