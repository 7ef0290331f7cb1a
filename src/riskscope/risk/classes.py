"""Class sizes: how many records share the combination of each record, under each reading of missing values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import check_choice, check_columns, check_number
from riskscope.engines import encode
from riskscope.engines.columns import as_frame
from riskscope.engines.tables import classes_of_records, persons_of_records
from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.frequency import FrequencyTable
from riskscope.persons import classes_knowing_all, in_one_cell, sizes_knowing_one
from riskscope.results import MISSING_WORDS
from riskscope.risk.matching import matching_sizes
from riskscope.risk.persons import about_persons
from riskscope.roles import Roles
from riskscope.words import _, ngettext

Numbers = NDArray[np.float64]


class Sizes(NamedTuple):
    """Sizes (n_groups,) and how many records (or persons) have each; groups are classes where these are a partition."""

    sizes: NDArray[Any]
    records: NDArray[np.int64]
    is_partition: bool


def sizes_of(
    table: FrequencyTable, *, known_records: str = "one", missing: str = "category", alpha: float = 1.0
) -> Sizes:
    """Return the class size of the records of each cell of the quasi-identifiers; of the persons, in their table.

    For somebody who knows one record of a person, at worst the most telling one, a person's size is the least number
    of persons who have a combination that the person has: no partition, as soon as somebody has two combinations. For
    somebody who knows all records, persons with the same combinations equally often are a class.
    """
    check_choice(missing, "missing", MISSING_WORDS)
    check_number(alpha, "alpha", low=0, high=1)
    about_persons(table, known_records)
    classes = table.classes()
    persons = classes.persons
    if persons is not None and known_records == "all":
        check_reading(classes, missing, known_records)
        sizes = np.bincount(classes_knowing_all(persons))
        return Sizes(sizes, sizes, True)
    if persons is not None and not in_one_cell(persons):
        check_reading(classes, missing, known_records)
        people_of_size = np.bincount(sizes_knowing_one(persons, classes.counts))
        sizes = np.flatnonzero(people_of_size)
        return Sizes(sizes, people_of_size[sizes], False)
    if missing == "category" or not any(level.has_missing for level in classes.levels):
        return Sizes(classes.counts, classes.counts, True)
    matched = matching_sizes(classes, classes.counts.astype(np.float64), missing=missing, alpha=alpha)
    return Sizes(matched, classes.counts, False)


def check_reading(classes: FrequencyTable, missing: str, known_records: str) -> None:
    """Raise an error where missing values shall match others, and records are taken together by person."""
    if missing == "category" or not any(level.has_missing for level in classes.levels):
        return
    if known_records == "all" or (classes.persons is not None and not in_one_cell(classes.persons)):
        raise RiskscopeError(
            _(
                "missing is {missing!r}, which is defined for one record a person; take 'category', or leave the "
                "person out of the roles to count records."
            ).format(missing=missing)
        )


def small_classes(groups: Sizes, threshold: int) -> tuple[float, int, int]:
    """Return the smallest size (NaN where there is none), the records of size 1, and those below the threshold."""
    sizes, records, is_partition = groups
    if not len(sizes):
        return np.nan, 0, 0
    if is_partition and len(sizes) > encode.SMALL:
        from riskscope.kernels import count

        smallest, n_unique, n_below = count.small_classes(sizes, threshold)
        return float(smallest), int(n_unique), int(n_below)
    return float(sizes.min()), int(records[sizes == 1].sum()), int(records[sizes < threshold].sum())


def class_sizes(
    data: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    missing: str = "category",
    alpha: float = 1.0,
    weighted: bool = False,
    known_records: str = "one",
) -> Numbers:
    """How many records share the quasi-identifiers of each record; how many persons, where the roles name the person.

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
    known_records : {"one", "all"}, default "one"
        Where the roles name the person: how many persons have this record's combination; or how many have the same
        combinations, equally often, as the person of this record.

    Returns
    -------
    float64 array (n_records,)
        Records, persons, or sums of weights.

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
    check_number(alpha, "alpha", low=0, high=1)
    if not isinstance(data, FrequencyTable) and isinstance(roles, Roles) and roles.person is not None:
        return _sizes_of_persons(data, roles, missing, alpha, known_records, weighted=weighted)
    table, cells = classes_of_records(data, roles)
    about_persons(table, known_records)
    amounts = table.counts.astype(np.float64)
    if weighted:
        amounts = np.bincount(cells, weights=weights_of(data, table.roles), minlength=table.n_cells).astype(np.float64)
    if missing != "category":
        amounts = matching_sizes(table, amounts, missing=missing, alpha=alpha)
    return amounts[cells]


def _sizes_of_persons(
    data: Any, roles: Roles, missing: str, alpha: float, known_records: str, *, weighted: bool
) -> Numbers:
    """Return the size of each record, in persons."""
    if weighted:
        raise RiskscopeError(
            _("weighted sums the weights of records; leave the person out of the roles, or weighted away.")
        )
    table, cells, people = persons_of_records(data, roles)
    about_persons(table, known_records)
    check_reading(table, missing, known_records)
    if table.persons is not None and known_records == "all":
        classes = classes_knowing_all(table.persons)
        return np.bincount(classes)[classes][people].astype(np.float64)
    amounts = table.counts.astype(np.float64)
    if missing != "category":
        amounts = matching_sizes(table, amounts, missing=missing, alpha=alpha)
    return amounts[cells]


def weights_of(data: Any, roles: Roles) -> Numbers:
    """Return the sampling weight of each record: numbers from 0 up."""
    if roles.weight is None:
        raise RoleError(_("The roles name no weight; name the column of sampling weights."))
    frame = as_frame(data)
    check_columns([roles.weight], frame.columns, "weight")
    column = frame[roles.weight]
    if not column.dtype.is_numeric():
        raise FrameError(_("The weight is {kind}; it must be a column of numbers.").format(kind=column.dtype))
    weights = np.asarray(column.to_numpy(), dtype=np.float64)
    bad = np.flatnonzero(~(weights >= 0) | ~np.isfinite(weights))
    if len(bad):
        raise FrameError(
            ngettext(
                "The weight is missing, negative or infinite in {n} record, at row {row}. Mend it.",
                "The weight is missing, negative or infinite in {n} records, the first at row {row}. Mend them.",
                len(bad),
            ).format(n=len(bad), row=int(bad[0]))
        )
    return weights
