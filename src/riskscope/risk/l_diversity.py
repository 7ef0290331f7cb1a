"""ℓ-diversity: how many different sensitive values do the people of one class have?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_choice, check_number, check_whole
from riskscope.engines.tables import table_of
from riskscope.errors import RiskscopeError
from riskscope.results import measured, plain
from riskscope.risk.sensitive import EMPTY, Numbers, SensitiveResult, Within, within
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext

KINDS = {
    N_("distinct"): N_("different values"),
    N_("entropy"): N_("equally frequent values, by entropy"),
    N_("recursive"): N_("recursive (c, ℓ)"),
}


@dataclass(frozen=True, kw_only=True)
class LDiversity(SensitiveResult):
    """The least diverse class, and how many people are in classes with one sensitive value."""

    question: ClassVar[str] = N_("How varied are the sensitive values that a person hides among?")
    source: ClassVar[str] = "Machanavajjhala, Kifer, Gehrke and Venkitasubramaniam (2007), doi:10.1145/1217299.1217302"

    low_is_bad: ClassVar[bool] = True

    kind: str = measured(N_("kind"), "word")
    l: float = measured(N_("ℓ of the least diverse class"), "number")  # noqa: E741 - the literature's name
    n_disclosed: int = measured(N_("people whose class has one sensitive value only"), "count")
    share_disclosed: float = measured(N_("share of people whose class has one sensitive value only"), "share")
    c: float | None = measured(N_("c of recursive (c, ℓ)-diversity"), "number", default=None)
    #: Recursive only: column to the bound that c must exceed for ``l_asked``.
    c_min: dict[str, float] = measured("", "hidden", repr=False, default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with the bounds on c for the recursive kind."""
        return {**super().to_dict(), **({"c_min": plain(self.c_min)} if self.c_min else {})}

    def shown_fields(self) -> list[tuple[str, str, Any, str]]:
        """Return the numbers that are shown; c belongs to the recursive kind."""
        return [each for each in super().shown_fields() if each[0] != "c" or self.kind == "recursive"]

    def heading(self) -> str:
        """Return the question, with the kind."""
        return f"{_(self.question)} ({_(KINDS[self.kind])})"

    def sentences(self) -> list[str]:
        """Return what ℓ means for a person, and what it does not."""
        if not self.n_records:
            return [_("The table has no records, so ℓ is undefined.")]
        said = [self._least()] if np.isfinite(self.l) else []
        said.append(
            ngettext(
                "{n} person of {total} ({share}) is in a class where everybody has the same sensitive value: whoever "
                "finds the class learns the value without finding the record.",
                "{n} of {total} people ({share}) are in a class where everybody has the same sensitive value: whoever "
                "finds the class learns the value without finding the record.",
                self.n_disclosed,
            ).format(
                n=display.count(self.n_disclosed),
                total=display.count(self.n_records),
                share=display.share(self.share_disclosed),
            )
        )
        said.append(
            _(
                "Different values may still mean the same (three sorts of one illness), and a rare value may be far "
                "more frequent in a class than in the table: see t-closeness."
            )
        )
        return said

    def _least(self) -> str:
        """Return what ℓ is, by its kind."""
        if self.kind == "entropy" and display.number(self.l) == "1":
            return _("In the least diverse class the sensitive values vary as little as a single value.")
        if self.kind == "entropy":
            return _(
                "In the least diverse class the sensitive values vary as much as {l} equally frequent ones."
            ).format(l=display.number(self.l))
        if self.kind == "recursive":
            return _("The table is recursively ({c}, {l})-diverse.").format(
                c=display.number(self.c or 0), l=display.number(self.l)
            )
        return ngettext(
            "In the least diverse class there is {l} sensitive value.",
            "In the least diverse class there are {l} different sensitive values.",
            int(self.l),
        ).format(l=display.number(self.l))


def l_diversity(
    data: Any,
    roles: Roles | None = None,
    *,
    kind: str = "distinct",
    c: float | None = None,
    l: int = 2,  # noqa: E741 - the literature's name
    others: str = "ignored",
) -> LDiversity:
    """Diversity of the sensitive values within the least diverse class.

    With ℓ = 1 everybody of some class has the same sensitive value: whoever knows that a person is in that class
    knows the value, without finding the record. It does not see that values resemble each other.

    Parameters
    ----------
    data : data frame or FrequencyTable
        Records, or counts over the quasi-identifiers and the sensitive columns.
    roles : Roles, optional
        Names the quasi-identifiers and the sensitive columns. Default: those of the table.
    kind : {"distinct", "entropy", "recursive"}, default "distinct"
        Number of different values; exp of the entropy (a real number); the largest ℓ such that the table is
        recursively (c, ℓ)-diverse.
    c : float, optional
        For ``"recursive"``: above 0. Without it ``l`` is undefined, and ``c_min`` says which c would do.
    l : int, default 2
        For ``"recursive"``: the ℓ that ``c_min`` is for.
    others : {"ignored", "known"}, default "ignored"
        Whether the other sensitive columns join the quasi-identifiers (an attacker who has learned them).

    Returns
    -------
    LDiversity
        ``l`` (1 or more), the least over the sensitive columns; ``by_column``; ``n_disclosed`` (records in a class
        with one value of some sensitive column), ``share_disclosed`` (0 to 1); ``c_min``: column to the bound
        that c must exceed (infinite where a class has fewer than ℓ values).

    Raises
    ------
    RoleError
        No sensitive column is named, or one is not counted in the table.

    Notes
    -----
    Machanavajjhala et al. (2007), doi:10.1145/1217299.1217302, definitions 3.1, 4.1, 4.2. Distinct: min over
    classes of #values. Entropy: min of exp(-sum q ln q); not cut to a whole number. Recursive: with counts
    r_1 >= r_2 >= ... the class is (c, ℓ)-diverse when r_1 < c (r_ℓ + ... + r_m); ℓ = 1 where nothing larger
    holds. A missing sensitive value is a value of its own.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 30, 40, 40], "illness": ["flu", "asthma", "flu", "flu"]})
    >>> roles = Roles(quasi_identifiers=["age"], sensitive=["illness"])
    >>> l_diversity(people, roles).l, l_diversity(people, roles).n_disclosed
    (1, 2)
    """
    check_choice(kind, "kind", KINDS)
    check_choice(others, "others", ("ignored", "known"))
    check_whole(l, "l", low=1)
    if c is not None:
        check_number(c, "c", low=0, low_open=True)
        if kind != "recursive":
            raise RiskscopeError(_("c belongs to kind='recursive'; leave it out for {kind!r}.").format(kind=kind))
    table = table_of(data, roles, sensitive=True)
    columns = within(table, others=others)
    undefined = {}
    by_column: dict[str, float] = {}
    c_min: dict[str, float] = {}
    disclosed = 0
    for name, column in columns.items():
        if column.is_empty:
            by_column[name] = np.nan
            continue
        if kind == "distinct":
            by_column[name] = column.least_diverse[1]
        elif kind == "entropy":
            by_column[name] = float(np.exp(_entropy(column)).min())
        else:
            by_column[name] = np.nan if c is None else int(_recursive(column, c).min())
            c_min[name] = float(_smallest_c(column, l).max())
        disclosed = max(disclosed, column.least_diverse[2])
    n = table.n_records
    if not n:
        undefined = {"l": EMPTY, "share_disclosed": EMPTY}
    elif kind == "recursive" and c is None:
        undefined = {"l": N_("c was not given")}
    return LDiversity(
        n_records=n,
        kind=kind,
        n_classes=min((column.n_classes for column in columns.values()), default=0),
        l=min(by_column.values()) if not undefined else np.nan,
        n_disclosed=disclosed,
        share_disclosed=disclosed / n if n else np.nan,
        c=c,
        by_column=by_column,
        c_min=c_min,
        engine=table.engine,
        undefined=undefined,
    )


def _entropy(column: Within) -> Numbers:
    """Return the entropy of each class, in nats."""
    entropies: Numbers = -column.sum(column.q * np.log(column.q))
    return entropies


def _falling(column: Within) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return each cell's rank in its class by falling count (from 1), the tail sum from it on, and the top count."""
    order = np.lexsort((-column.counts, column.class_of))
    counts = column.counts[order]
    ranks = np.arange(len(counts)) - np.repeat(column.starts, column.n_values) + 1
    before = np.cumsum(counts) - counts
    tails = column.class_sizes[column.class_of] - (before - before[column.starts][column.class_of])
    return ranks, tails, counts[column.starts][column.class_of]


def _recursive(column: Within, c: float) -> NDArray[np.int64]:
    """Return, for each class, the largest ℓ such that r_1 < c (r_ℓ + ... + r_m), at least 1."""
    _ranks, tails, top = _falling(column)
    holding = column.sum((top < c * tails).astype(np.int64))
    largest: NDArray[np.int64] = np.maximum(holding, 1)
    return largest


def _smallest_c(column: Within, least: int) -> Numbers:
    """Return, for each class, r_1 / (r_ℓ + ... + r_m): what c must exceed; infinite with fewer than ℓ values."""
    ranks, tails, top = _falling(column)
    bounds = np.full(len(column.starts), np.inf)
    there = ranks == least
    bounds[column.class_of[there]] = top[there] / tails[there]
    return bounds
