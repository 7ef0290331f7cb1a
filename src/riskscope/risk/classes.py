"""Class sizes: how many records share the combination of each record, under each reading of missing values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import check_choice, check_number
from riskscope.engines.columns import as_frame
from riskscope.engines.tables import class_of_record, table_of
from riskscope.errors import FrameError, RoleError
from riskscope.frequency import FrequencyTable, pack
from riskscope.results import MISSING_WORDS
from riskscope.roles import Roles
from riskscope.words import _

Numbers = NDArray[np.float64]


class Sizes(NamedTuple):
    """Sizes (n_groups,) and how many records have each; groups are classes where these are a partition."""

    sizes: NDArray[Any]
    records: NDArray[np.int64]
    is_partition: bool


def sizes_of(table: FrequencyTable, *, missing: str = "category", alpha: float = 1.0) -> Sizes:
    """Return the class size of the records of each cell of the quasi-identifiers."""
    check_choice(missing, "missing", MISSING_WORDS)
    classes = table.classes()
    if missing == "category" or not any(level.has_missing for level in classes.levels):
        return Sizes(classes.counts, classes.counts, True)
    sizes = matching_sizes(classes, classes.counts.astype(np.float64), missing=missing, alpha=alpha)
    return Sizes(sizes, classes.counts, False)


def class_sizes(
    data: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    missing: str = "category",
    alpha: float = 1.0,
    weighted: bool = False,
) -> Numbers:
    """How many records share the quasi-identifiers of each record.

    A person whose number is 1 stands alone: whoever knows these columns about them finds their record. The
    numbers come in the order of the records.

    Parameters
    ----------
    data : data frame
        One record a row.
    roles : Roles, or names of columns
        The quasi-identifiers (and the weight, if ``weighted``).
    missing : {"category", "wildcard", "sdcmicro"}, default "category"
        A missing value is a value of its own; or matches everything, both ways; or is counted as by sdcMicro.
    alpha : float, default 1
        For ``"sdcmicro"``: weight (0 to 1) of matches that rest on a missing value.
    weighted : bool, default False
        Sum the sampling weights of the matching records instead of counting them.

    Returns
    -------
    float64 array (n_records,)
        Records, or sums of weights.

    Raises
    ------
    RoleError
        No quasi-identifier is named, or no weight although ``weighted``.
    FrameError
        A weight is missing, negative or not a number.

    Notes
    -----
    Wildcard: f(i) counts the records that agree with i wherever both are known; this is no partition. sdcMicro's
    ``freqCalc``: a complete record counts equal ones and ``alpha`` times the partly missing ones that match; a
    partly missing record counts equal ones, complete ones that match, and ``alpha`` times the others; a record
    with nothing known counts all records. With two quasi-identifiers or more, such records count for no complete
    one. (``alpha=0`` is not "a value of its own": complete records still count for partly missing ones.)

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"city": ["a", "a", "b", None], "sex": ["1", None, "1", "1"]})
    >>> class_sizes(people, ["city", "sex"]).tolist()
    [1.0, 1.0, 1.0, 1.0]
    >>> class_sizes(people, ["city", "sex"], missing="wildcard").tolist()
    [3.0, 3.0, 2.0, 4.0]
    >>> class_sizes(people, ["city", "sex"], missing="sdcmicro", alpha=0).tolist()
    [1.0, 2.0, 1.0, 3.0]
    """
    check_choice(missing, "missing", MISSING_WORDS)
    table = table_of(data, roles).classes()
    cells = class_of_record(data, table)
    amounts = table.counts.astype(np.float64)
    if weighted:
        amounts = np.bincount(cells, weights=_weights(data, table.roles), minlength=table.n_cells).astype(np.float64)
    if missing != "category":
        amounts = matching_sizes(table, amounts, missing=missing, alpha=alpha)
    return amounts[cells]


def _weights(data: Any, roles: Roles) -> Numbers:
    if roles.weight is None:
        raise RoleError(_("The roles name no weight; name the column of sampling weights."))
    column = as_frame(data)[roles.weight]
    if not column.dtype.is_numeric():
        raise FrameError(_("The weight is {kind}; it must be a column of numbers.").format(kind=column.dtype))
    weights = np.asarray(column.to_numpy(), dtype=np.float64)
    bad = np.flatnonzero(~(weights >= 0) | ~np.isfinite(weights))
    if len(bad):
        raise FrameError(
            _("The weight is missing, negative or infinite in {n} records, the first at row {row}. Mend them.").format(
                n=len(bad), row=int(bad[0])
            )
        )
    return weights


def matching_sizes(table: FrequencyTable, amounts: Numbers, *, missing: str, alpha: float) -> Numbers:
    """Return, for each cell, the sum of ``amounts`` over the cells that match it where both are known.

    Cells are grouped by the pattern of what is missing; each pair of patterns is joined on the columns that both
    know: the number of joins grows with the patterns, not with the records.
    """
    check_number(alpha, "alpha", low=0, high=1)
    codes = table.codes
    has_missing = np.array([level.has_missing for level in table.levels])
    absent = (codes == 0) & has_missing
    patterns, pattern_of = np.unique(absent, axis=0, return_inverse=True)
    groups = [np.flatnonzero(pattern_of.ravel() == at) for at in range(len(patterns))]
    sizes = amounts.copy()
    for one in range(len(patterns)):
        for other in range(one):
            to_one, to_other = _pair_weights(patterns[one], patterns[other], missing, alpha)
            known = np.flatnonzero(~(patterns[one] | patterns[other]))
            _join(table, groups[one], groups[other], known, amounts, sizes, (to_one, to_other))
    if missing == "sdcmicro":
        everything = absent.all(axis=1)
        sizes[everything] = amounts.sum()
    return sizes


def _pair_weights(one: NDArray[np.bool_], other: NDArray[np.bool_], missing: str, alpha: float) -> tuple[float, float]:
    """Return how much a match counts for the records of each of two patterns."""
    if missing == "wildcard":
        return 1.0, 1.0

    def weight(mine: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> float:
        if not mine.any():  # a complete record: nothing-known ones count only where there is one column
            return 0.0 if theirs.all() and len(theirs) > 1 else alpha
        return alpha if theirs.any() else 1.0

    return weight(one, other), weight(other, one)


def _join(
    table: FrequencyTable,
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    known: NDArray[np.int64],
    amounts: Numbers,
    sizes: Numbers,
    weights: tuple[float, float],
) -> None:
    """Add to the sizes of two groups of cells what matches in the other, joined on the known columns."""
    few, many, to_few, to_many = (
        (one, other, *weights) if len(one) <= len(other) else (other, one, weights[1], weights[0])
    )
    columns = [np.concatenate((table.codes[few, at], table.codes[many, at])) for at in known]
    keys, packing = pack(columns, [table.levels[at].n for at in known], len(few) + len(many))
    few_keys, many_keys = keys[: len(few)], keys[len(few) :]
    if packing.space <= 4 * len(keys) + 1024:
        few_sums = np.bincount(few_keys, weights=amounts[few], minlength=packing.space)
        many_sums = np.bincount(many_keys, weights=amounts[many], minlength=packing.space)
        sizes[many] += to_many * few_sums[many_keys]
        sizes[few] += to_few * many_sums[few_keys]
        return
    distinct, places = np.unique(few_keys, return_inverse=True)
    found = np.minimum(np.searchsorted(distinct, many_keys), len(distinct) - 1)
    matched = np.flatnonzero(distinct[found] == many_keys)
    found = found[matched]
    few_sums = np.bincount(places, weights=amounts[few], minlength=len(distinct))
    many_sums = np.bincount(found, weights=amounts[many[matched]], minlength=len(distinct))
    sizes[many[matched]] += to_many * few_sums[found]
    sizes[few] += to_few * many_sums[places]
