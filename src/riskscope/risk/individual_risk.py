"""The risk of each record in the population it was sampled from, after Benedetti and Franconi, and of households."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_choice, check_columns, check_number, check_whole
from riskscope.engines.columns import as_frame
from riskscope.engines.memory import key_rows
from riskscope.engines.tables import classes_of_records, table_of
from riskscope.errors import FrameError, RiskscopeError
from riskscope.frequency import FrequencyTable
from riskscope.kernels.individual import negative_binomial_risk
from riskscope.results import MISSING_WORDS, Result, hidden, measured, new_axes
from riskscope.risk.classes import weights_of
from riskscope.risk.matching import matching_sizes
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]

METHODS = ("exact", "approx")
WEIGHTS = N_("the sampling weights")
POPULATION_SIZE = N_("the population size given")
TABLE_ITSELF = N_("the table itself (neither weight nor population size given)")

#: Thresholds of the table of people above each.
STEPS = (0.5, 0.2, 0.1, 0.05, 0.01, 0.001)
#: What rounding may add to a risk, or take from a sum of weights.
ROUNDING = 1e-12
_OF_HOUSEHOLDS = ("n_households", "n_without_household", "expected_households", "mean_household_risk")


@dataclass(frozen=True, kw_only=True)
class IndividualRisk(Result):
    """The chance that each record is linked to the right person of the population."""

    question: ClassVar[str] = N_("How likely is each record to be linked to the right person of the population?")
    source: ClassVar[str] = (
        "Franconi and Polettini (2004), Individual risk estimation in mu-Argus, Privacy in Statistical Databases"
    )

    population: str = measured(N_("population estimated from"), "word")
    estimated_population: float = measured(N_("people in the population, as estimated"), "number")
    method: str = measured(N_("method"), "text")
    threshold: float = measured(N_("threshold"), "share")
    mean: float = measured(N_("mean risk"), "share")
    highest: float = measured(N_("highest risk"), "share")
    n_at_risk: float = measured(N_("people above the threshold"), "count")
    share_at_risk: float = measured(N_("share of people above the threshold"), "share")
    expected_reidentifications: float = measured(N_("people expected to be linked rightly"), "number")
    dis: float = measured(N_("chance that a match with a record alone is right (data intrusion simulation)"), "share")
    n_clamped: int = measured(N_("people in classes whose weights add up to less than the class"), "count")
    n_households: float = measured(N_("households"), "count")
    n_without_household: float = measured(N_("people without a household id"), "count")
    expected_households: float = measured(N_("households in which somebody is expected to be linked rightly"), "number")
    mean_household_risk: float = measured(N_("mean risk over people that their household is found"), "share")
    #: Risk of each record (n_records,), in their order; those of a counted table in the order of its cells.
    risk: Numbers = hidden()
    #: Risk that somebody of the record's household is found (n_records,); None where no household is given.
    household_risk: Numbers | None = hidden()

    def shown_fields(self) -> list[tuple[str, str, Any, str]]:
        """Return the numbers that are shown; those of households only where the roles name one."""
        every = super().shown_fields()
        return every if self.household_risk is not None else [one for one in every if one[0] not in _OF_HOUSEHOLDS]

    @cached_property
    def _levels(self) -> tuple[Numbers, NDArray[np.int64]]:
        """Distinct risks, falling, and how many records have at least each."""
        levels, records = np.unique(self.risk, return_counts=True)
        return levels[::-1], np.cumsum(records[::-1])

    def unsafe_at(self, threshold: float) -> int:
        """Return how many records have a risk strictly above a threshold.

        Examples
        --------
        >>> import pandas as pd
        >>> individual_risk(pd.DataFrame({"age": [30, 30, 40]}), ["age"]).unsafe_at(0.5)
        1
        """
        check_number(threshold, "threshold", low=0, high=1)
        levels, records = self._levels
        n_above = int(np.count_nonzero(_above(levels, threshold)))
        return int(records[n_above - 1]) if n_above else 0

    def threshold_for(self, n_unsafe: int) -> float:
        """Return the smallest threshold that leaves at most so many records above it.

        Examples
        --------
        >>> import pandas as pd
        >>> individual_risk(pd.DataFrame({"age": [30, 30, 40]}), ["age"]).threshold_for(1)
        0.5
        """
        check_whole(n_unsafe, "n_unsafe", low=0)
        levels, records = self._levels
        first_too_many = int(np.searchsorted(records, n_unsafe, side="right"))
        return float(levels[first_too_many]) if first_too_many < len(levels) else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with the people above each of a few thresholds."""
        return {**super().to_dict(), "above": {str(step): self.unsafe_at(step) for step in STEPS}}

    def sentences(self) -> list[str]:
        """Return what the risk means for people and households, and what it rests on."""
        if not self.n_records:
            return [_("The table has no records, so the risk is undefined.")]
        said = [
            ngettext(
                "Somebody who links the one record to one of the people of the population who share its columns is "
                "right in about {mean} of the cases.",
                "Somebody who links every record to one of the people of the population who share its columns is "
                "right for about {expected} of {total} people: {mean} each, on average.",
                self.n_records,
            ).format(
                expected=display.number(self.expected_reidentifications),
                total=display.count(self.n_records),
                mean=display.share(self.mean),
            ),
            ngettext(
                "For the person most at risk it is {highest}; {n} person has a risk above {threshold}.",
                "For the person most at risk it is {highest}; {n} people have a risk above {threshold}.",
                int(self.n_at_risk),
            ).format(
                highest=display.share(self.highest),
                n=display.count(self.n_at_risk),
                threshold=display.share(self.threshold),
            ),
        ]
        if self.household_risk is not None:
            said.append(" ".join(self._about_households()))
        said.append(self._about_population())
        if self.population != TABLE_ITSELF:
            said[-1] += " " + _(
                "Of those with the same weight, everybody alone in the table gets the same risk, however rare their "
                "combination; where many are alone, even the sum can be far off. record_uniqueness looks at how rare "
                "each combination is."
            )
        if self.n_clamped:
            said.append(
                ngettext(
                    "The weights of the class of {n} person add up to less than the class; it was taken for whole, "
                    "with the risk 1 / class size. Look at the weights below 1.",
                    "The weights of the classes of {n} people add up to less than the class; these were taken for "
                    "whole, with the risk 1 / class size. Look at the weights below 1.",
                    self.n_clamped,
                ).format(n=display.count(self.n_clamped))
            )
        return said

    def _about_households(self) -> list[str]:
        said = [
            ngettext(
                "Somebody of the one household is found with a risk of about {expected} (1 is certain); members are "
                "taken as independent, which over-states the risk of those who share columns.",
                "Somebody is found in about {expected} of {total} households; members are taken as independent, "
                "which over-states the risk of those who share columns.",
                int(self.n_households),
            ).format(expected=display.number(self.expected_households), total=display.count(self.n_households))
        ]
        if self.n_without_household:
            said.append(
                ngettext(
                    "{n} person without a household id was taken as a household of their own.",
                    "{n} people without a household id were each taken as a household of their own.",
                    int(self.n_without_household),
                ).format(n=display.count(self.n_without_household))
            )
        return said

    def _about_population(self) -> str:
        if self.population == TABLE_ITSELF:
            return _(
                "Neither a weight nor a population size was given, so the table was taken for the whole population: "
                "the risk is the prosecutor's, 1 / class size, and an upper bound for anybody else."
            )
        if self.population == POPULATION_SIZE:
            weight = display.number(self.estimated_population / self.n_records)
            return ngettext(
                "Every record was taken to stand for {weight} person of the population, which is right for a simple "
                "random sample only.",
                "Every record was taken to stand for {weight} people of the population, which is right for a simple "
                "random sample only.",
                1 if weight == "1" else 2,
            ).format(weight=weight)
        if not self.estimated_population:
            return _(
                "All weights are 0 and say nothing of the population, so the table was taken for the whole of it: the "
                "risk is the prosecutor's, 1 / class size."
            )
        people = display.number(self.estimated_population)
        return ngettext(
            "How many people share a combination was estimated from the sampling weights, which add up to {people} "
            "person; for small classes this is rough.",
            "How many people share a combination was estimated from the sampling weights, which add up to {people} "
            "people; for small classes this is rough.",
            1 if people == "1" else 2,
        ).format(people=people)

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return how many people are above each of a few thresholds."""
        if not self.n_records:
            return []
        above = [(step, self.unsafe_at(step)) for step in STEPS]
        rows = [(display.share(step), display.count(n), display.share(n / self.n_records)) for step, n in above]
        return [(_("People above a threshold"), [_("threshold"), _("people above it"), _("share")], rows)]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how many people are above each threshold, from the lowest risk to the highest."""
        axes = new_axes(ax)
        if self.n_records:
            levels, _records = self._levels
            thresholds = np.geomspace(levels[-1] / 2, 1, 400)
            axes.step(
                thresholds, [self.unsafe_at(float(min(each, 1))) for each in thresholds], where="post", color="#1f5fa8"
            )
            axes.set_xscale("log")
            axes.axvline(max(self.threshold, float(thresholds[0])), color="#b3261e", linestyle="--")
            axes.xaxis.set_major_formatter(lambda value, _place: f"{display.number(100 * value)} %")
        axes.yaxis.set_major_formatter(lambda value, _place: display.count(value))
        axes.set_xlabel(_("threshold of the risk (dashed: the one chosen)"))
        axes.set_ylabel(_("people above the threshold"))
        axes.set_title(_("How many people are above each threshold?"), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


class Households(NamedTuple):
    """Number of households, people without an id, expected households found, and each record's household risk."""

    n: int
    n_without: int
    expected: float
    risk: Numbers


def individual_risk(
    data: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    method: str = "exact",
    threshold: float = 0.2,
    missing: str = "category",
    alpha: float = 1.0,
    population_size: int | None = None,
) -> IndividualRisk:
    """Chance that each record is linked to the right person of the population from which the table was drawn.

    Somebody who does not know who is in the table finds several people of the population for a record, and picks
    one. How many there are is estimated from the sampling weights of the records that share the combination.

    Parameters
    ----------
    data : data frame or FrequencyTable
        One record a row. A counted table has neither weights nor households.
    roles : Roles or names of columns, optional
        The quasi-identifiers, and ``weight`` and ``household`` where there are such. Default: those of the table.
    method : {"exact", "approx"}, default "exact"
        The expected value itself; or sdcMicro's p / (f - 1 + p) for classes of more than two.
    threshold : float, default 0.2
        A record is at risk when its risk is strictly above it (0 to 1).
    missing : {"category", "wildcard", "sdcmicro"}, default "category"
        How missing values match; see ``class_sizes``.
    alpha : float, default 1
        For ``missing="sdcmicro"``.
    population_size : int, optional
        People in the population, where there is no weight: each record then stands for the same number of them.

    Returns
    -------
    IndividualRisk
        ``risk`` (n_records,), ``mean``, ``highest`` (0 to 1), ``n_at_risk``, ``expected_reidentifications``
        (people), ``dis`` (0 to 1), ``n_clamped``; with a household ``household_risk`` (n_records,),
        ``n_households``, ``expected_households``. ``unsafe_at(threshold)`` and ``threshold_for(n_unsafe)`` read
        the curve both ways.

    Raises
    ------
    RiskscopeError
        Both a weight and a population size, or a population smaller than the table.
    FrameError
        A weight is missing, negative or not a number; or a counted table although the roles name a weight or a
        household.

    Notes
    -----
    With f records of a class and F its sum of weights, p = f / F, the risk is E[1/F | f] under a negative binomial
    distribution: p times the integral over (0, 1) of u^(f-1) / (p + (1-p) u). Benedetti and Franconi (1998);
    Franconi and Polettini (2004). Where F < f the class is taken for whole: p = 1, risk 1/f (sdcMicro gives risks
    above 1 there). Without weights and population size p = 1. Between f = 1 and 2 (alpha counting) ``"approx"`` has
    no formula, and the exact one is used (sdcMicro gives 0). ``dis`` is pi c_1 / (pi c_1 + 2 (1-pi) c_2), with c_s
    classes of size s and pi = n / sum of weights, at most 1: Skinner and Elliot (2002, JRSS-B).
    Household: 1 minus the product of 1 - risk over its members; a missing household id
    is a household of its own.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 30, 40], "w": [50.0, 50.0, 40.0]})
    >>> answer = individual_risk(people, Roles(quasi_identifiers=["age"], weight="w"))
    >>> answer.risk.round(4).tolist(), round(answer.expected_reidentifications, 4)
    ([0.0188, 0.0188, 0.0946], 0.1321)
    """
    check_choice(method, "method", METHODS)
    check_number(threshold, "threshold", low=0, high=1)
    check_choice(missing, "missing", MISSING_WORDS)
    check_number(alpha, "alpha", low=0, high=1)
    table, cells = counted(data, roles)
    if cells is None and (table.roles.weight or table.roles.household):
        raise FrameError(
            _(
                "A table of counts has no single records, but the roles name a weight or a household; hand over the "
                "data frame, or leave these out of the roles."
            )
        )
    amounts, population = _weights_of_classes(data, table, cells, population_size)
    total = float(amounts.sum())
    sizes = table.counts.astype(np.float64)
    is_partition = missing == "category" or not any(level.has_missing for level in table.levels)
    if not is_partition:
        amounts = matching_sizes(table, amounts, missing=missing, alpha=alpha)
        sizes = matching_sizes(table, sizes, missing=missing, alpha=alpha)
    risks = class_risks(sizes, amounts, method=method)
    risk = of_records(risks, table, cells)
    households = _households(data, table.roles.household, risk) if table.roles.household else None
    n = table.n_records
    expected = float((table.counts * risks).sum())
    n_at_risk = int(table.counts.sum(where=_above(risks, threshold)))
    dis = data_intrusion(table.counts, total) if is_partition else np.nan
    return IndividualRisk(
        n_records=n,
        population=population,
        estimated_population=total,
        method=method,
        threshold=threshold,
        mean=expected / n if n else np.nan,
        highest=float(risks.max()) if n else np.nan,
        n_at_risk=n_at_risk,
        share_at_risk=n_at_risk / n if n else np.nan,
        expected_reidentifications=expected,
        dis=dis,
        n_clamped=int(table.counts.sum(where=amounts < sizes * (1 - ROUNDING))),
        n_households=households.n if households else np.nan,
        n_without_household=households.n_without if households else np.nan,
        expected_households=households.expected if households else np.nan,
        mean_household_risk=float(households.risk.mean()) if households and n else np.nan,
        risk=risk,
        household_risk=households.risk if households else None,
        missing=missing,
        engine=table.engine,
        undefined=_reasons(n, is_partition=is_partition, dis=dis, has_household=households is not None),
    )


def class_risks(sizes: Numbers, population: Numbers, *, method: str = "exact") -> Numbers:
    """Return the risk in classes of ``sizes`` records and ``population`` people, which count at least the records."""
    shares = sizes / np.maximum(population, sizes)
    if method == "exact":
        return negative_binomial_risk(sizes, shares)
    risks = shares / (sizes - (1 - shares))
    few = sizes <= 2
    risks[few] = negative_binomial_risk(sizes[few], shares[few])
    return risks


def data_intrusion(sizes: NDArray[np.int64], population: float) -> float:
    """Return the chance that a match with a record alone in the sample is right; NaN where it is 0 / 0."""
    share = min(1.0, sizes.sum() / population) if population else 1.0
    alone = share * np.count_nonzero(sizes == 1)
    among_two = 2 * (1 - share) * np.count_nonzero(sizes == 2)
    return float(alone / (alone + among_two)) if alone + among_two else np.nan


def counted(data: Any, roles: Roles | Iterable[str] | None) -> tuple[FrequencyTable, NDArray[np.int64] | None]:
    """Return the classes, and the class of each record (None for a table already counted)."""
    if not isinstance(data, FrequencyTable):
        return classes_of_records(data, roles)
    return table_of(data, roles).classes(), None


def of_records(values: Numbers, table: FrequencyTable, cells: NDArray[np.int64] | None) -> Numbers:
    """Return the value of each record's class; records of a counted table come in the order of its cells."""
    return np.repeat(values, table.counts) if cells is None else values[cells]


def check_population_size(population_size: int, n_records: int) -> int:
    """Return the population size, if it is at least the number of records."""
    check_whole(population_size, "population_size", low=1)
    if population_size < n_records:
        raise RiskscopeError(
            ngettext(
                "population_size is {size}, but the table has {n} record; give the number of people in the whole "
                "population, those in the table included.",
                "population_size is {size}, but the table has {n} records; give the number of people in the whole "
                "population, those in the table included.",
                n_records,
            ).format(size=population_size, n=n_records)
        )
    return population_size


def _weights_of_classes(
    data: Any, table: FrequencyTable, cells: NDArray[np.int64] | None, population_size: int | None
) -> tuple[Numbers, str]:
    """Return the people of the population that the records of each class stand for, and where this is from."""
    records = table.counts.astype(np.float64)
    if table.roles.weight is None or cells is None:
        if population_size is None:
            return records, TABLE_ITSELF
        check_population_size(population_size, table.n_records)
        return records * (population_size / max(1, table.n_records)), POPULATION_SIZE
    if population_size is not None:
        raise RiskscopeError(
            _(
                "Both a weight and a population size are given; leave out population_size, or take the weight out "
                "of the roles with roles.replace(weight=None)."
            )
        )
    weights = weights_of(data, table.roles)
    return np.bincount(cells, weights=weights, minlength=table.n_cells).astype(np.float64), WEIGHTS


def _households(data: Any, column: str, risk: Numbers) -> Households:
    """Return the risk that somebody of a household is found: 1 minus the product of 1 - risk over its members."""
    check_columns([column], as_frame(data).columns, "household")
    rows = key_rows(data, [column])
    numbers = rows.keys.astype(np.int64)
    with np.errstate(divide="ignore"):  # ln 0: somebody is found for sure
        missed = np.log1p(-risk)
    n_ids = rows.levels[0].n
    found = -np.expm1(np.bincount(numbers, weights=missed, minlength=n_ids))
    of_each = found[numbers]
    if not rows.levels[0].has_missing:
        return Households(n_ids, 0, float(found.sum()), of_each)
    without = numbers == 0
    of_each[without] = risk[without]
    n_without = int(np.count_nonzero(without))
    return Households(n_ids - 1 + n_without, n_without, float(found[1:].sum() + risk[without].sum()), of_each)


def _above(risks: Numbers, threshold: float) -> NDArray[np.bool_]:
    """Tell which risks are strictly above the threshold, rounding aside."""
    above: NDArray[np.bool_] = risks * (1 - ROUNDING) > threshold
    return above


def _reasons(n: int, *, is_partition: bool, dis: float, has_household: bool) -> dict[str, str]:
    """Return why each undefined number is undefined."""
    reasons: dict[str, str] = {}
    if not has_household:
        reasons = dict.fromkeys(_OF_HOUSEHOLDS, N_("the roles name no household"))
    if n == 0:
        for name in ("mean", "highest", "share_at_risk", "dis", "mean_household_risk"):
            reasons[name] = N_("the table has no records")
    elif not is_partition:
        reasons["dis"] = N_("where missing values match others there are no classes of two")
    elif np.isnan(dis):
        reasons["dis"] = N_("no record is alone, and none is one of two in a sample")
    return reasons
