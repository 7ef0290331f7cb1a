"""Re-identification risk under three attackers: prosecutor, journalist, marketer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_choice, check_number
from riskscope.engines.tables import table_of
from riskscope.errors import RiskscopeError
from riskscope.results import measured
from riskscope.risk.classes import sizes_of
from riskscope.risk.persons import PersonsResult, about_persons
from riskscope.risk.population import population_of
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext

ATTACKER_NAMES = {"prosecutor": N_("prosecutor"), "journalist": N_("journalist"), "marketer": N_("marketer")}
ATTACKERS = {
    "prosecutor": N_("somebody who knows that the person is in the table"),
    "journalist": N_(
        "somebody who wants to show that anyone at all can be recognised, not knowing who is in the table"
    ),
    "marketer": N_("somebody who matches the whole table to a register and wants as many hits as possible"),
}


@dataclass(frozen=True, kw_only=True)
class ReidentificationRisk(PersonsResult):
    """The chance of picking the right record, at worst and on average."""

    question: ClassVar[str] = N_("How likely is it that an attacker picks the right record?")
    source: ClassVar[str] = "El Emam (2013), Guide to the De-Identification of Personal Health Information, chapter 16"

    attacker: str = measured(N_("attacker"), "word")
    population: str = measured(N_("population"), "word")
    threshold: float = measured(N_("threshold"), "share")
    highest: float = measured(N_("highest risk"), "share")
    average: float = measured(N_("average risk"), "share")
    n_at_risk: float = measured(N_("people above the threshold"), "count")
    share_at_risk: float = measured(N_("share of people above the threshold"), "share")
    expected_reidentifications: float = measured(N_("expected right matches when all records are tried"), "number")

    def heading(self) -> str:
        """Return the question, with the attacker."""
        return f"{super().heading()} ({_(ATTACKER_NAMES[self.attacker])})"

    def rows(self) -> list[tuple[str, str]]:
        """Return (label, value as text) of each shown number; a marketer is measured by the average alone."""
        hidden = set(self.undefined) if self.attacker == "marketer" and self.n_records else set()
        names = [name for name, *_rest in self.shown_fields()]
        return [row for name, row in zip(names, super().rows(), strict=True) if name not in hidden]

    def sentences(self) -> list[str]:
        """Return what the risk means for a person, and under which attacker."""
        if not self.n_records:
            return [_("The table has no records, so the risk is undefined.")]
        said = [
            _("For {attacker}, a guess at a person's record is right in {average} of the cases on average.").format(
                attacker=_(ATTACKERS[self.attacker]), average=display.share(self.average)
            )
        ]
        if self.attacker != "marketer":
            said.append(
                ngettext(
                    "For the person most at risk it is {highest}; {n} person of {total} ({share}) has a risk above "
                    "{threshold}.",
                    "For the person most at risk it is {highest}; {n} people of {total} ({share}) have a risk above "
                    "{threshold}.",
                    int(self.n_at_risk),
                ).format(
                    highest=display.share(self.highest),
                    n=display.count(self.n_at_risk),
                    total=display.count(self.n_records),
                    share=display.share(self.share_at_risk),
                    threshold=display.share(self.threshold),
                )
            )
        if self.attacker != "prosecutor" and self.population == OWN_POPULATION:
            said.append(
                _(
                    "No register was given, so the table was taken for the whole population: the figures are those "
                    "of the prosecutor, an upper bound."
                )
            )
        said += self.on_persons()
        said.append(
            _("The risk counts knowledge of the quasi-identifiers only, and takes them to be known without error.")
        )
        return said


OWN_POPULATION = N_("the table itself (no register given)")
REGISTER = N_("the register given")


def reidentification_risk(
    data: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    attacker: str = "prosecutor",
    register: Any = None,
    threshold: float = 0.2,
    missing: str = "category",
    alpha: float = 1.0,
    known_records: str = "one",
) -> ReidentificationRisk:
    """Chance that an attacker who knows the quasi-identifiers picks the right record.

    Parameters
    ----------
    data : data frame or FrequencyTable
        The table to be released.
    roles : Roles or names of columns, optional
        Names the quasi-identifiers. Default: those of the table.
    attacker : {"prosecutor", "journalist", "marketer"}, default "prosecutor"
        Knows that the person is in the table; wants to show that anyone can be recognised; matches the whole
        table to a register.
    register : data frame or FrequencyTable, optional
        The population, for the journalist and the marketer. Without it the table is taken for the population, and
        the result says so.
    threshold : float, default 0.2
        A record is at risk when its risk is strictly above it (0 to 1).
    missing : {"category", "wildcard", "sdcmicro"}, default "category"
        How missing values match, for the prosecutor; see ``class_sizes``.
    alpha : float, default 1
        For ``missing="sdcmicro"``.
    known_records : {"one", "all"}, default "one"
        Where the roles name the person, who may have several records: what the prosecutor knows of a person; see
        ``k_anonymity``.

    Returns
    -------
    ReidentificationRisk
        ``highest``, ``average`` and ``share_at_risk`` (0 to 1), ``n_at_risk`` (records),
        ``expected_reidentifications`` (records). For the marketer only the average is defined. Where the roles name
        the person, all of them speak of persons.

    Raises
    ------
    RiskscopeError
        An unknown attacker, a register for the prosecutor, or all records known to another attacker.
    RoleError
        A journalist or a marketer, and persons with several combinations: their figures are of records.

    Notes
    -----
    With f the size of a class in the table and F in the population, J classes and n records: prosecutor 1/f,
    average J/n; journalist 1/F, average max(J / sum F, sum(f/F) / n); marketer sum(f/F) / n. El Emam (2013),
    chapter 16; the average is over records, not over classes. At risk means f * threshold < 1, so that a class of
    5 is not above 0.2 by rounding. The risk of a person with several records is 1 / size, with the size of
    ``k_anonymity``.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 30, 30, 40]})
    >>> risk = reidentification_risk(people, ["age"], threshold=0.5)
    >>> risk.highest, risk.average, risk.share_at_risk
    (1.0, 0.5, 0.25)
    """
    check_choice(attacker, "attacker", ATTACKERS)
    check_number(threshold, "threshold", low=0, high=1)
    if attacker == "prosecutor" and register is not None:
        raise RiskscopeError(
            _("A register was given for the prosecutor, who needs none; ask for the journalist or the marketer.")
        )
    if attacker != "prosecutor" and missing != "category":
        raise RiskscopeError(_("missing must be 'category' for the {attacker}.").format(attacker=attacker))
    if attacker != "prosecutor" and known_records != "one":
        raise RiskscopeError(
            _("known_records must be 'one' for the {attacker}; only the prosecutor may know all.").format(
                attacker=attacker
            )
        )
    table = table_of(data, roles, persons=attacker == "prosecutor")
    counted = about_persons(table, known_records)
    groups = sizes_of(table, known_records=known_records, missing=missing, alpha=alpha)
    sizes, records, n = groups.sizes, groups.records, table.n_people
    if register is not None:
        sizes = population_of(table.classes(), register).sizes
    undefined: dict[str, str] = {}
    highest = average = n_at_risk = np.nan
    if n == 0:
        undefined = dict.fromkeys(("highest", "average", "n_at_risk", "share_at_risk"), N_("the table has no records"))
    else:
        highest = 1 / float(sizes.min())
        average = float((records / sizes).sum() / n)
        n_at_risk = int(records.sum(where=_above(sizes, threshold)))
        if attacker == "journalist":
            average = max(average, len(sizes) / float(sizes.sum()))
        if attacker == "marketer":
            undefined = dict.fromkeys(
                ("highest", "n_at_risk", "share_at_risk"), N_("a marketer is measured by the average alone")
            )
            highest = n_at_risk = np.nan
    return ReidentificationRisk(
        **counted,
        attacker=attacker,
        population=OWN_POPULATION if register is None else REGISTER,
        threshold=threshold,
        highest=highest,
        average=average,
        n_at_risk=n_at_risk,
        share_at_risk=n_at_risk / n if n else np.nan,
        expected_reidentifications=n * average if n else 0.0,
        missing=missing,
        engine=table.engine,
        undefined=undefined,
    )


def _above(sizes: NDArray[Any], threshold: float) -> NDArray[np.bool_]:
    """Tell which sizes give a risk strictly above the threshold, rounding aside."""
    above: NDArray[np.bool_] = sizes * threshold < 1 - 1e-12
    return above
