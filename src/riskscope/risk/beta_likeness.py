"""β-likeness: by how much, relatively, may a sensitive value be more frequent in a class than in the table?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import check_choice, quoted
from riskscope.engines.tables import table_of
from riskscope.results import hidden, measured
from riskscope.risk.sensitive import EMPTY, SensitiveResult, Within, within
from riskscope.roles import Roles
from riskscope.words import N_, _

KINDS = {N_("basic"): N_("basic β-likeness"), N_("enhanced"): N_("enhanced β-likeness")}
#: Above this many different values per person, more than half of the people have a value of their own.
_MANY = 0.75


@dataclass(frozen=True, kw_only=True)
class BetaLikeness(SensitiveResult):
    """The largest relative gain of a value's share."""

    question: ClassVar[str] = N_("How much larger is a sensitive value's share in a class than in the table?")
    source: ClassVar[str] = "Cao and Karras (2012), doi:10.14778/2350229.2350255"

    kind: str = measured(N_("kind"), "word")
    beta: float = measured(N_("largest relative gain of a value's share, class over table (β)"), "number")
    #: Columns in which most people have a value of their own.
    nearly_unique: tuple[str, ...] = hidden(default=())

    def heading(self) -> str:
        """Return the question, with the kind."""
        return f"{_(self.question)} ({_(KINDS[self.kind])})"

    def sentences(self) -> list[str]:
        """Return what β means for a person."""
        if not self.n_records:
            return [_("The table has no records, so β is undefined.")]
        if np.isinf(self.beta):
            return [
                _("No β will do: in some class a value gains more than the enhanced model allows for its frequency."),
                self._limit(),
            ]
        return [
            _(
                "In some class a sensitive value is {factor} times as frequent as in the whole table; for a rare value "
                "that is much to learn."
            ).format(factor=display.number(1 + self.beta)),
            *self._many_values(),
            self._limit(),
        ]

    def _many_values(self) -> list[str]:
        """Return the warning on columns with nearly as many values as people, where there are any."""
        if not self.nearly_unique:
            return []
        return [
            _(
                "In {columns} most people have a value of their own, so β says nothing there: put the values into "
                "bands first (as 1,000 to 1,999)."
            ).format(columns=quoted(self.nearly_unique))
        ]

    def _limit(self) -> str:
        return _(
            "β looks at values that become more frequent only: what a class rules out is not counted, nor is chance in "
            "small classes."
        )


def beta_likeness(data: Any, roles: Roles | None = None, *, kind: str = "basic") -> BetaLikeness:
    """Largest relative gain of a sensitive value's share, from the whole table to a class.

    Parameters
    ----------
    data : data frame or FrequencyTable
        Records, or counts over the quasi-identifiers and the sensitive columns.
    roles : Roles, optional
        Names the quasi-identifiers and the sensitive columns. Default: those of the table.
    kind : {"basic", "enhanced"}, default "basic"
        Enhanced: besides, no value may gain more than -ln of its share; where one does, no β will do (infinite).

    Returns
    -------
    BetaLikeness
        ``beta`` (0 or more), the largest over the sensitive columns; ``by_column``.

    Notes
    -----
    D = (q - p) / p over values with q > p; basic β = max D; enhanced: D <= min(β, -ln p) for all, so the smallest β
    is max D if D <= -ln p everywhere. Cao and Karras (2012), doi:10.14778/2350229.2350255, definitions 3 and 4.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 30, 40, 40], "illness": ["flu", "HIV", "flu", "flu"]})
    >>> roles = Roles(quasi_identifiers=["age"], sensitive=["illness"])
    >>> beta_likeness(people, roles).beta
    1.0
    """
    check_choice(kind, "kind", KINDS)
    table = table_of(data, roles, sensitive=True)
    columns = within(table)
    by_column = {name: _beta(column, kind) for name, column in columns.items()}
    n = table.n_records
    return BetaLikeness(
        n_records=n,
        n_classes=min(column.n_classes for column in columns.values()),
        kind=kind,
        beta=max(by_column.values()) if n else np.nan,
        by_column=by_column,
        nearly_unique=tuple(name for name, column in columns.items() if column.levels.n > _MANY * n),
        engine=table.engine,
        undefined={} if n else {"beta": EMPTY},
    )


def _beta(column: Within, kind: str) -> float:
    if column.is_empty:
        return np.nan
    p = column.p[column.values]
    gain = (column.q - p) / p
    if kind == "enhanced" and bool((gain > -np.log(p) + 1e-12).any()):
        return np.inf
    return float(gain.max(initial=0.0))
