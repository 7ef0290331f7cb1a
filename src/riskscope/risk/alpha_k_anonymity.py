"""(α, k)-anonymity: k-anonymity, and no sensitive value too frequent within a class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.engines.tables import table_of
from riskscope.errors import RoleError
from riskscope.results import measured
from riskscope.risk.k_anonymity import k_anonymity
from riskscope.risk.sensitive import EMPTY, SensitiveResult, Within, within
from riskscope.roles import Roles
from riskscope.words import N_, _


@dataclass(frozen=True, kw_only=True)
class AlphaKAnonymity(SensitiveResult):
    """The smallest class, and the highest share of one sensitive value within a class."""

    question: ClassVar[str] = N_("How surely does a class give a sensitive value away?")
    source: ClassVar[str] = "Wong, Li, Fu and Wang (2006), doi:10.1145/1150402.1150499"

    column_format: ClassVar[str] = "share"

    alpha: float = measured(N_("highest share of one value within a class (α)"), "share")
    k: float = measured(N_("smallest class (k)"), "count")

    def sentences(self) -> list[str]:
        """Return what α means for a person."""
        if not self.n_records:
            return [_("The table has no records, so α is undefined.")]
        return [
            _(
                "Whoever finds a person's class guesses their sensitive value rightly in up to {alpha} of the cases "
                "by naming the most frequent one."
            ).format(alpha=display.share(self.alpha)),
            _("Where the value is as frequent in the whole table, the class adds nothing: see t-closeness."),
        ]


def alpha_k_anonymity(
    data: Any, roles: Roles | None = None, *, values: Mapping[str, Iterable[Any]] | None = None
) -> AlphaKAnonymity:
    """Highest share of one sensitive value within a class, beside k.

    With α = 1 some class has one value only. Lower is better. It does not compare with the whole table.

    Parameters
    ----------
    data : data frame or FrequencyTable
        Records, or counts over the quasi-identifiers and the sensitive columns.
    roles : Roles, optional
        Names the quasi-identifiers and the sensitive columns. Default: those of the table.
    values : mapping of column to a value or values, optional
        The values to protect. Default: all.

    Returns
    -------
    AlphaKAnonymity
        ``alpha`` (0 to 1), ``k`` (records), ``by_column``.

    Raises
    ------
    RoleError
        ``values`` names a column that is not sensitive.

    Notes
    -----
    alpha = max over classes and values of q, the share of the value within the class. Wong, Li, Fu and Wang (2006),
    doi:10.1145/1150402.1150499, definition 2. A missing sensitive value is a value of its own, and one to protect.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 30, 30, 30], "illness": ["flu", "flu", "flu", "HIV"]})
    >>> roles = Roles(quasi_identifiers=["age"], sensitive=["illness"])
    >>> alpha_k_anonymity(people, roles).alpha, alpha_k_anonymity(people, roles, values={"illness": ["HIV"]}).alpha
    (0.75, 0.25)
    """
    table = table_of(data, roles, sensitive=True)
    protected = dict(values or {})
    unknown = sorted(set(protected) - set(table.roles.sensitive))
    if unknown:
        raise RoleError(
            _("values names {n} columns that are not sensitive; name sensitive columns only.").format(n=len(unknown))
        )
    columns = within(table)
    by_column = {name: _alpha(column, protected.get(name)) for name, column in columns.items()}
    n = table.n_records
    return AlphaKAnonymity(
        n_records=n,
        n_classes=min(column.n_classes for column in columns.values()),
        alpha=max(by_column.values()) if n else np.nan,
        k=k_anonymity(table).k,
        by_column=by_column,
        engine=table.engine,
        undefined={} if n else {"alpha": EMPTY, "k": EMPTY},
    )


def _alpha(column: Within, values: Iterable[Any] | None) -> float:
    if column.is_empty:
        return np.nan
    if values is None:
        return float(column.q.max())
    asked = {values} if isinstance(values, str) else set(values)
    listed = [value in asked for value in column.levels.to_list()]
    chosen = np.array([*([True] * column.levels.has_missing), *listed], bool)
    return float(column.q[chosen[column.values]].max(initial=0.0))
