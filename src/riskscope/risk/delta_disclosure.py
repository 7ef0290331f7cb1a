"""δ-disclosure privacy: by what factor is a sensitive value more, or less, frequent in a class than in the table?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import check_choice, check_number
from riskscope.engines.tables import table_of
from riskscope.results import measured
from riskscope.risk.sensitive import EMPTY, SensitiveResult, Within, within
from riskscope.roles import Roles
from riskscope.words import N_, _

#: What becomes of a value that a class lacks, in words.
ZEROS = {"inf": N_("makes δ infinite"), "skip": N_("is left out")}


@dataclass(frozen=True, kw_only=True)
class DeltaDisclosure(SensitiveResult):
    """The largest logarithm of that factor."""

    question: ClassVar[str] = N_("By what factor does a sensitive value's share change from the table to a class?")
    source: ClassVar[str] = "Brickell and Shmatikov (2008), doi:10.1145/1401890.1401904"

    delta: float = measured(N_("largest log ratio of a value's share, class to table (δ)"), "number")
    base: float = measured(N_("base of the logarithm"), "number")
    zero: str = measured(N_("a value that a class lacks"), "word")

    def rows(self) -> list[tuple[str, str]]:
        """Return (label, value as text) of each shown number, and what becomes of a value that a class lacks."""
        names = [name for name, *_rest in self.shown_fields()]
        return [
            (label, _(ZEROS[self.zero]) if name == "zero" else text)
            for name, (label, text) in zip(names, super().rows(), strict=True)
        ]

    def sentences(self) -> list[str]:
        """Return what δ means for a person."""
        if not self.n_records:
            return [_("The table has no records, so δ is undefined.")]
        if np.isinf(self.delta):
            return [
                _(
                    "Some class lacks a sensitive value altogether, so finding that class rules the value out: δ is "
                    "infinite, as it is in nearly every real table."
                ),
                self._limit(),
            ]
        return [
            _(
                "In some class a sensitive value is {factor} times as frequent, or as rare, as in the whole table."
            ).format(factor=display.number(self.base**self.delta)),
            self._limit(),
        ]

    def _limit(self) -> str:
        return _("One small class is enough for a large δ; it does not say how many people are concerned.")


def delta_disclosure(
    data: Any, roles: Roles | None = None, *, base: float = np.e, zero: str = "inf"
) -> DeltaDisclosure:
    """Largest logarithm of the ratio between a value's share in a class and in the whole table.

    Parameters
    ----------
    data : data frame or FrequencyTable
        Records, or counts over the quasi-identifiers and the sensitive columns.
    roles : Roles, optional
        Names the quasi-identifiers and the sensitive columns. Default: those of the table.
    base : float, default e
        Base of the logarithm, above 1 (ARX takes 2).
    zero : {"inf", "skip"}, default "inf"
        A value that a class lacks makes δ infinite, as the definition has it; or is skipped, as other tools do.

    Returns
    -------
    DeltaDisclosure
        ``delta`` (0 or more), the largest over the sensitive columns; ``by_column``.

    Notes
    -----
    delta = max abs(log(q / p)); the table is δ-disclosure private for every larger bound. Brickell and Shmatikov
    (2008), doi:10.1145/1401890.1401904, definition 3.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 30, 40, 40], "illness": ["flu", "HIV", "flu", "flu"]})
    >>> roles = Roles(quasi_identifiers=["age"], sensitive=["illness"])
    >>> delta_disclosure(people, roles).delta, delta_disclosure(people, roles, zero="skip", base=2).delta
    (inf, 1.0)
    """
    check_number(base, "base", low=1, low_open=True)
    check_choice(zero, "zero", ZEROS)
    table = table_of(data, roles, sensitive=True)
    columns = within(table)
    by_column = {name: _delta(column, zero) / float(np.log(base)) for name, column in columns.items()}
    n = table.n_records
    return DeltaDisclosure(
        n_records=n,
        n_classes=min(column.n_classes for column in columns.values()),
        delta=float(max(by_column.values())) if n else np.nan,
        base=base,
        zero=zero,
        by_column=by_column,
        engine=table.engine,
        undefined={} if n else {"delta": EMPTY},
    )


def _delta(column: Within, zero: str) -> float:
    if column.is_empty:
        return np.nan
    if zero == "inf" and bool((column.n_values < column.levels.n).any()):
        return np.inf
    return float(np.abs(np.log(column.q / column.p[column.values])).max())
