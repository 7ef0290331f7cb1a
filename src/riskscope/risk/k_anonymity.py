"""k-anonymity: the smallest number of records that share one combination of quasi-identifiers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import check_whole
from riskscope.engines.tables import table_of
from riskscope.frequency import FrequencyTable
from riskscope.persons import in_one_cell
from riskscope.results import MISSING_WORDS, measured
from riskscope.risk.classes import Sizes, sizes_of, small_classes
from riskscope.risk.persons import PersonsResult, about_persons
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext


@dataclass(frozen=True, kw_only=True)
class KAnonymity(PersonsResult):
    """The smallest class, and how many records are in small ones."""

    question: ClassVar[str] = N_("How small is the smallest group that a person can hide in?")
    source: ClassVar[str] = "Sweeney (2002), doi:10.1142/S0218488502001648"

    k: float = measured(N_("smallest class (k)"), "count")
    n_classes: float = measured(N_("different combinations (classes)"), "count")
    n_unique: int = measured(N_("people alone in their class"), "count")
    threshold: int = measured(N_("threshold"), "count")
    n_below: int = measured(N_("people in classes below the threshold"), "count")
    share_below: float = measured(N_("share of people below the threshold"), "share")

    def sentences(self) -> list[str]:
        """Return what k means for a person here, and what it does not."""
        if not self.n_records:
            return [_("The table has no records, so k is undefined.")]
        first = self._of_all_records() if self.known_records == "all" else self._of_one_record()
        second = _("{share} of the people ({n}) are in classes smaller than {threshold}.").format(
            share=display.share(self.share_below), n=display.count(self.n_below), threshold=self.threshold
        )
        third = _(
            "k says nothing about what the members of a class have in common, nor about knowledge beyond these "
            "columns; here {missing}."
        ).format(missing=_(MISSING_WORDS[self.missing]))
        return [first, second, *self.on_persons(), third]

    def _of_one_record(self) -> str:
        """Return what k means where one record of a person is known."""
        if self.k < 2:
            return ngettext(
                "k = 1: {n} person of {total} is alone with their combination of quasi-identifiers; "
                "whoever knows these columns about them finds their record.",
                "k = 1: {n} people of {total} are alone with their combination of quasi-identifiers; "
                "whoever knows these columns about them finds their record.",
                self.n_unique,
            ).format(n=display.count(self.n_unique), total=display.count(self.n_records))
        return ngettext(
            "k = {k}: every person shares their combination of quasi-identifiers with at least {others} other.",
            "k = {k}: every person shares their combination of quasi-identifiers with at least {others} others.",
            int(self.k) - 1,
        ).format(k=display.number(self.k), others=display.number(self.k - 1))

    def _of_all_records(self) -> str:
        """Return what k means where all records of a person are known."""
        if self.k < 2:
            return ngettext(
                "k = 1: {n} person of {total} is alone with their records taken together; whoever knows the "
                "quasi-identifiers of all of them finds the person.",
                "k = 1: {n} people of {total} are alone with their records taken together; whoever knows the "
                "quasi-identifiers of all of them finds the person.",
                self.n_unique,
            ).format(n=display.count(self.n_unique), total=display.count(self.n_records))
        return ngettext(
            "k = {k}: every person has the same combinations, equally often, as at least {others} other.",
            "k = {k}: every person has the same combinations, equally often, as at least {others} others.",
            int(self.k) - 1,
        ).format(k=display.number(self.k), others=display.number(self.k - 1))


def k_anonymity(
    data: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    k: int = 5,
    missing: str = "category",
    alpha: float = 1.0,
    known_records: str = "one",
) -> KAnonymity:
    """Smallest number of records that share one combination of quasi-identifiers.

    A person hides among the k records of the smallest class; with k = 1 somebody stands alone. It does not
    protect what all members of a class have in common, nor against knowledge of further columns.

    Parameters
    ----------
    data : data frame or FrequencyTable
        Records, or counts over at least the quasi-identifiers.
    roles : Roles or names of columns, optional
        Names the quasi-identifiers. Default: those of the table.
    k : int, default 5
        Threshold, in records, for ``n_below``.
    missing : {"category", "wildcard", "sdcmicro"}, default "category"
        How missing values match; see ``class_sizes``. The last two are no partition: ``n_classes`` is undefined.
    alpha : float, default 1
        For ``missing="sdcmicro"``.
    known_records : {"one", "all"}, default "one"
        Where the roles name the person, who may have several records: what is known of a person.

    Returns
    -------
    KAnonymity
        ``k`` (records), ``n_records``, ``n_classes``, ``n_unique`` (records whose class size is 1), ``n_below``
        (records in classes smaller than the threshold), ``share_below`` (0 to 1). Where the roles name the person,
        all of them count persons, ``n_classes`` the combinations (known: one) or the classes of persons (known:
        all), and ``n_rows`` the records.

    Raises
    ------
    RoleError
        A quasi-identifier is not counted in the table, or not in the data; or no person is named, and all records
        shall be known.
    RiskscopeError
        Missing values shall match others, and persons have several combinations.

    Notes
    -----
    k = min over classes of the class size f. Sweeney (2002), doi:10.1142/S0218488502001648, definition 3;
    Samarati (2001), doi:10.1109/69.971193. No record is dropped: pandas' ``groupby`` would drop those with a
    missing value.

    Persons: the size of a combination is the number of distinct persons who have a record with it. Known is one
    record: a person's size is the smallest over their records, for somebody happens to know the most telling one
    (the worst case). Known are all records: persons with the same multiset of combinations form a class, and its size
    is the person's. Everybody in that class has each combination that the person has, so more knowledge never gives a
    larger size: k for all records is at most k for one. With one record a person, both are the plain k.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": ["F", "F", "F", "M"], "age": [30, 30, 30, 50]})
    >>> k_anonymity(people, ["sex", "age"], k=3)
    KAnonymity(n_records=4, k=1, n_classes=2, n_unique=1, threshold=3, n_below=1, share_below=0.25)

    Ann was there twice, Bob and Eve once; who knows that somebody was there twice knows Ann:

    >>> visits = pd.DataFrame({"who": ["Ann", "Ann", "Bob", "Eve"], "place": ["Metz"] * 4})
    >>> roles = Roles(quasi_identifiers=["place"], person="who")
    >>> k_anonymity(visits, roles).k, k_anonymity(visits, roles, known_records="all").k
    (3, 1)
    """
    threshold = check_whole(k, "k", low=1)
    table = table_of(data, roles, persons=True)
    counted = about_persons(table, known_records)
    groups = sizes_of(table, known_records=known_records, missing=missing, alpha=alpha)
    smallest, n_unique, n_below = small_classes(groups, threshold)
    n = table.n_people
    n_classes = _n_classes(table, groups)
    undefined = {}
    if n == 0:
        undefined = {"k": N_("the table has no records"), "share_below": N_("the table has no records")}
    if np.isnan(n_classes):
        undefined["n_classes"] = N_("under this reading of missing values the records form no classes")
    return KAnonymity(
        **counted,
        k=int(smallest) if smallest.is_integer() else smallest,
        n_classes=n_classes,
        n_unique=n_unique,
        threshold=threshold,
        n_below=n_below,
        share_below=n_below / n if n else np.nan,
        missing=missing,
        engine=table.engine,
        undefined=undefined,
    )


def _n_classes(table: FrequencyTable, groups: Sizes) -> float:
    """Return the number of classes; of combinations, where persons have several; NaN where missing values match."""
    if groups.is_partition:
        return len(groups.sizes)
    several = table.persons is not None and not in_one_cell(table.persons)
    return table.n_cells if several else np.nan
