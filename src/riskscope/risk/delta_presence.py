"""δ-presence: how surely can somebody tell that a person of the population is in the table?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.engines.tables import table_of
from riskscope.results import Result, measured
from riskscope.risk.population import population_of
from riskscope.roles import Roles
from riskscope.words import N_, _


@dataclass(frozen=True, kw_only=True)
class DeltaPresence(Result):
    """The lowest and highest share of a population class that is in the table."""

    question: ClassVar[str] = N_("How surely can somebody tell that a person is in the table at all?")
    source: ClassVar[str] = "Nergiz, Atzori and Clifton (2007), doi:10.1145/1247480.1247554"

    delta_min: float = measured(N_("lowest chance of being in the table"), "share")
    delta_max: float = measured(N_("highest chance of being in the table"), "share")
    n_population: int = measured(N_("people in the register"), "count")
    n_short: int = measured(N_("classes with fewer people in the register than in the table"), "count")

    def sentences(self) -> list[str]:
        """Return what presence means for a person of the population."""
        if self.undefined:
            return [_("Presence is undefined: {reason}.").format(reason=_(self.undefined["delta_max"]))]
        return [
            self._chance().format(low=display.share(self.delta_min), high=display.share(self.delta_max)),
            _("Where being in the table is itself sensitive (patients, debtors), the highest chance is what counts."),
        ]

    def _chance(self) -> str:
        """Return the sentence on the chance, in words where it is certain for somebody."""
        if self.delta_min == self.delta_max:
            return _("Somebody who holds the register gives each person of it a chance of {high} to be in the table.")
        if (self.delta_min, self.delta_max) == (0, 1):
            return _(
                "Somebody who holds the register and sees the table knows of some people that they are in it, and of "
                "others that they are not."
            )
        if self.delta_max == 1:
            return _("Somebody who holds the register and sees the table knows of some people that they are in it.")
        return _(
            "Somebody who holds the register and sees the table gives each person of it a chance of being in the "
            "table: the lowest is {low}, the highest {high}."
        )


def delta_presence(data: Any, roles: Roles | Iterable[str] | None = None, *, register: Any) -> DeltaPresence:
    """Lowest and highest chance, over the classes of a register, that a person of the class is in the table.

    A chance of 1 means that somebody who holds the register knows that certain people are in the table. It does
    not say which record is theirs.

    Parameters
    ----------
    data : data frame or FrequencyTable
        The table to be released.
    roles : Roles or names of columns, optional
        Names the quasi-identifiers. Default: those of the table.
    register : data frame or FrequencyTable
        The population, with columns of the same names and types.

    Returns
    -------
    DeltaPresence
        ``delta_min`` and ``delta_max`` (0 to 1).

    Raises
    ------
    RoleError
        A quasi-identifier is missing from the data or the register.
    FrameError
        A column is of another type in the register.

    Notes
    -----
    delta = f / F over *all* classes of the population, f = 0 where the table has none of it. Nergiz, Atzori and
    Clifton (2007), doi:10.1145/1247480.1247554, definition 2.1.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"age": [30, 40]})
    >>> register = pd.DataFrame({"age": [30, 30, 30, 40, 40]})
    >>> result = delta_presence(table, ["age"], register=register)
    >>> round(result.delta_min, 4), result.delta_max
    (0.3333, 0.5)
    """
    table = table_of(data, roles)
    classes = table.classes()
    population = population_of(classes, register)
    present = classes.counts / population.sizes
    undefined = {}
    low = high = np.nan
    if population.n_people == 0:
        undefined = dict.fromkeys(("delta_min", "delta_max"), N_("the register has no people"))
    else:
        high = float(present.max(initial=0.0))
        low = 0.0 if population.n_classes_elsewhere else float(present.min(initial=1.0))
    return DeltaPresence(
        n_records=table.n_records,
        delta_min=low,
        delta_max=high,
        n_population=population.n_people,
        n_short=population.n_short,
        engine=table.engine,
        undefined=undefined,
    )
