"""k-map: the smallest number of people of the population who share a combination found in the table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import check_whole
from riskscope.engines.tables import table_of
from riskscope.results import Result, measured
from riskscope.risk.population import population_of
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext


@dataclass(frozen=True, kw_only=True)
class KMap(Result):
    """The smallest population class among those in the table."""

    question: ClassVar[str] = N_("How many people of the population could a record belong to, at the least?")
    source: ClassVar[str] = "El Emam and Dankar (2008), doi:10.1197/jamia.M2716"

    k: float = measured(N_("smallest class in the population (k-map)"), "count")
    threshold: int = measured(N_("threshold"), "count")
    n_below: int = measured(N_("people in the table whose population class is below the threshold"), "count")
    share_below: float = measured(N_("share of people below the threshold"), "share")
    n_population: int = measured(N_("people in the register"), "count")
    n_short: int = measured(N_("classes with fewer people in the register than in the table"), "count")

    def sentences(self) -> list[str]:
        """Return what the k-map means for a person in the table."""
        if not self.n_records:
            return [_("The table has no records, so the k-map is undefined.")]
        said = [
            ngettext(
                "Every record could belong to at least {k} person of the register ({people}).",
                "Every record could belong to at least {k} people of the register ({people}).",
                int(self.k),
            ).format(
                k=display.number(self.k),
                people=ngettext("one person", "{n} people", self.n_population).format(
                    n=display.count(self.n_population)
                ),
            ),
            self._below(),
        ]
        if self.n_short:
            said.append(
                ngettext(
                    "{n} class has fewer people in the register than in the table, so the register is not the "
                    "whole population; the table's own count was used there.",
                    "{n} classes have fewer people in the register than in the table, so the register is not the "
                    "whole population; the table's own count was used there.",
                    self.n_short,
                ).format(n=display.count(self.n_short))
            )
        return said

    def _below(self) -> str:
        """Return how many people match fewer people of the register than the threshold."""
        if self.threshold == 1:
            said = ngettext(
                "{n} person of {total} matches nobody of the register.",
                "{n} people of {total} match nobody of the register.",
                self.n_below,
            )
        else:
            said = ngettext(
                "{n} person of {total} matches fewer than {threshold} people of the register.",
                "{n} people of {total} match fewer than {threshold} people of the register.",
                self.n_below,
            )
        return said.format(n=display.count(self.n_below), total=display.count(self.n_records), threshold=self.threshold)


def k_map(data: Any, roles: Roles | Iterable[str] | None = None, *, register: Any, k: int = 5) -> KMap:
    """Smallest number of people of a register who share a combination that occurs in the table.

    Somebody who holds the register, and does not know who is in the table, cannot tell fewer than k people
    apart. It holds for this register only: another may know more.

    Parameters
    ----------
    data : data frame or FrequencyTable
        The table to be released.
    roles : Roles or names of columns, optional
        Names the quasi-identifiers. Default: those of the table.
    register : data frame or FrequencyTable
        The population, with columns of the same names and types.
    k : int, default 5
        Threshold, in people, for ``n_below``.

    Returns
    -------
    KMap
        ``k`` (people of the register), ``n_below`` (records), ``share_below`` (0 to 1), ``n_short`` (classes that
        the register holds fewer people of than the table).

    Raises
    ------
    RoleError
        A quasi-identifier is missing from the data or the register.
    FrameError
        A column is of another type in the register.

    Notes
    -----
    k = min over classes of the table of F, the size of the class in the population. Sweeney (2001), PhD thesis,
    MIT; El Emam and Dankar (2008), doi:10.1197/jamia.M2716. F is at least the class size in the table.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"age": [30, 40]})
    >>> register = pd.DataFrame({"age": [30, 30, 30, 40, 40, 50]})
    >>> k_map(table, ["age"], register=register, k=3).k
    2
    """
    threshold = check_whole(k, "k", low=1)
    table = table_of(data, roles)
    classes = table.classes()
    population = population_of(classes, register)
    n = table.n_records
    n_below = int(classes.counts[population.sizes < threshold].sum())
    reason = N_("the table has no records")
    return KMap(
        n_records=n,
        k=int(population.sizes.min()) if n else np.nan,
        threshold=threshold,
        n_below=n_below,
        share_below=n_below / n if n else np.nan,
        n_population=population.n_people,
        n_short=population.n_short,
        engine=table.engine,
        undefined={} if n else {"k": reason, "share_below": reason},
    )
