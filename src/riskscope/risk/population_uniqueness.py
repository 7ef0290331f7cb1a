"""How many people are alone in the population that a table was drawn from, by several estimates side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from riskscope import display
from riskscope.checks import check_number, check_whole
from riskscope.engines.tables import table_of
from riskscope.errors import RiskscopeError
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.risk.class_size_counts import ClassSizes
from riskscope.risk.frequency_models import ALL_UNIQUE, Estimate
from riskscope.risk.population_estimates import (
    ESTIMATORS,
    WIDEST_SPREAD,
    Bounds,
    bounds_without_estimate,
    choice,
    dankar_choice,
    estimates_of,
    half_sample_intervals,
    misfits,
    spread_of,
    supported,
)
from riskscope.risk.scaling_law import correctness_at, share_below, uniqueness_at
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Below this sampling fraction the published estimates have little to hold on to.
TINY_FRACTION = 0.005
#: Above this share of people alone in the table there is hardly a pair to learn from.
NEARLY_ALL = 0.9
#: The scaling law also tells how many people stand in a crowd smaller than this.
CROWD = 5
#: Estimates that differ by less are drawn on a plain scale from 0, where distances are people.
NEAR = 20
#: The scaling law is not to be trusted for populations larger than this many times the table.
FARTHEST = 1000

EMPTY = N_("the table has no records")
DISAGREE = N_("the estimates that the table supports differ by more than a factor of 3")
NOBODY = N_("nobody is alone in the table")
UNSUPPORTED = N_("the table supports none of the estimates")
NO_INTERVAL = N_("no interval: too few or too many records, no draws asked for, or too many half-samples without a fit")


@dataclass(frozen=True, kw_only=True)
class PopulationUniqueness(Result):
    """How many people are alone in the population, after several models, with their spread."""

    question: ClassVar[str] = N_("How many people are alone in the population?")
    source: ClassVar[str] = "Dankar, El Emam, Neisa and Roffey (2012), doi:10.1186/1472-6947-12-66"

    population_size: int = measured(N_("people in the population"), "count")
    fraction: float = measured(N_("sampling fraction"), "share")
    n_unique: int = measured(N_("people alone in the table (sample uniques)"), "count")
    estimate: float = measured(N_("people alone in the population"), "count")
    low: float = measured(N_("lower end of the 95 % interval"), "count")
    high: float = measured(N_("upper end of the 95 % interval"), "count")
    share: float = measured(N_("share of the population that is alone"), "share")
    share_of_uniques: float = measured(
        N_("chance that somebody alone in the table is alone in the population"), "share"
    )
    chosen: str = measured(N_("estimate taken"), "word")
    dankar: float = measured(N_("estimate after the rule of Dankar et al."), "count")
    lowest: float = measured(N_("lowest of all estimates"), "count")
    highest: float = measured(N_("highest of all estimates"), "count")
    spread: float = measured(N_("highest over lowest, of all estimates"), "number")
    supported_spread: float = measured(N_("highest over lowest, of the estimates that the table supports"), "number")
    n_cells: float = measured(N_("possible combinations (product of the values of the columns)"), "number")
    draws: int = measured(N_("half-samples drawn for the intervals"), "count")
    seed: int | None = measured(N_("seed"), "text")
    #: Name of each estimate to the number of people alone in the population; NaN where the fit failed.
    estimates: dict[str, float] = hidden()
    #: Name of each estimate to its 95 % interval, where there is one.
    intervals: dict[str, Bounds] = hidden()
    #: Name of each estimate to what became of the fit.
    states: dict[str, str] = hidden()
    #: Name of each estimate to what was fitted.
    parameters: dict[str, dict[str, float]] = hidden()
    #: Population sizes; after the scaling law the share alone, the share in a crowd below 5, and the chance to pick
    #: the right person (n_sizes, 4).
    growth: npt.NDArray[np.float64] = hidden()
    #: Parts in the roles that speak against a simple random sample of people: weight, household.
    not_simple: tuple[str, ...] = hidden()

    @property
    def is_estimable(self) -> bool:
        """Whether the estimates that the table supports lie within a factor of 3."""
        return not math.isnan(self.estimate)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with each estimate, its interval, its state and what was fitted, and the growth."""
        each = {
            name: {
                "n_uniques": self.estimates[name],
                "interval": self.intervals.get(name),
                "state": self.states[name],
                "parameters": self.parameters[name],
            }
            for name in self.estimates
        }
        return {**super().to_dict(), "estimates": plain(each), "growth": plain(self.growth)}

    def sentences(self) -> list[str]:
        """Return how many people are alone, how far the estimates agree, and when not to believe them."""
        if not self.n_records:
            return [_("The table has no records, so nothing can be said about the population.")]
        return [self._answer(), *self._range(), self._caution()]

    def _answer(self) -> str:
        if self.n_records == self.population_size:
            return ngettext(
                "The table is the whole population: {n} person is alone in it, counted, not estimated.",
                "The table is the whole population: {n} people are alone in it, counted, not estimated.",
                self.n_unique,
            ).format(n=display.count(self.n_unique))
        if self.n_unique == 0:
            most = math.ceil(self.high)
            return ngettext(
                "Nobody is alone in the table; so, of {total} people in the population, at most about {high} is alone "
                "(95 % bound).",
                "Nobody is alone in the table; so, of {total} people in the population, at most about {high} are alone "
                "(95 % bound).",
                most,
            ).format(total=display.count(self.population_size), high=display.count(most))
        if self.n_unique == self.n_records:
            least = math.floor(self.low)
            return ngettext(
                "Everybody in the table is alone, so the number cannot be estimated; of {total} people in the "
                "population, at least about {low} is alone (95 % bound).",
                "Everybody in the table is alone, so the number cannot be estimated; of {total} people in the "
                "population, at least about {low} are alone (95 % bound).",
                least,
            ).format(total=display.count(self.population_size), low=display.count(least))
        if not self.is_estimable:
            return _(
                "How many of {total} people are alone in the population is not estimable from this table: of the "
                "estimates that it supports, the highest is {factor} times the lowest. This is no good news; do not "
                "pick the lowest."
            ).format(total=display.count(self.population_size), factor=display.number(self.supported_spread))
        return ngettext(
            "About {n} person of {total} ({share}) is alone in the population; of every 100 people who are alone "
            "in the table, about {of_100} are.",
            "About {n} of {total} people ({share}) are alone in the population; of every 100 people who are alone "
            "in the table, about {of_100} are.",
            round(self.estimate),
        ).format(
            n=display.count(round(self.estimate)),
            total=display.count(self.population_size),
            share=display.share(self.share),
            of_100=round(100 * self.share_of_uniques),
        )

    def _range(self) -> list[str]:
        if self.n_records == self.population_size or self.n_unique in (0, self.n_records):
            return []
        n_numbers = sum(not math.isnan(value) for value in self.estimates.values())
        return [
            ngettext(
                "{n} estimate gave a number: {low}.",
                "{n} estimates gave a number, from {low} to {high}; the interval tells the luck of the draw, not "
                "a wrong model.",
                n_numbers,
            ).format(n=n_numbers, low=display.count(round(self.lowest)), high=display.count(round(self.highest)))
        ]

    def _caution(self) -> str:
        reasons = []
        if self.fraction < TINY_FRACTION:
            reasons.append(_("the table holds less than 0.5 % of the population"))
        if self.n_unique > NEARLY_ALL * self.n_records:
            reasons.append(_("nearly everybody in it is alone"))
        if self.not_simple:
            reasons.append(_("its roles name {parts}").format(parts=", ".join(_(part) for part in self.not_simple)))
        general = _(
            "Do not believe such figures where people were not drawn by simple chance from exactly this population: "
            "stratified or clustered samples, several records for one person."
        )
        if not reasons:
            return general
        return general + " " + _("Here be wary: {reasons}.").format(reasons="; ".join(reasons))

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return every estimate with its interval and state, and how uniqueness grows with the population."""
        header = [_("estimate"), _("people alone"), _("share"), _("95 % interval"), _("state")]
        found: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = [(_("Every estimate"), header, self._each())]
        if len(self.growth):
            rows = [(display.count(n), *map(display.share, shares)) for n, *shares in self.growth.tolist()]
            header = [
                _("people in the population"),
                _("share alone"),
                _("share in a crowd below {n}").format(n=CROWD),
                _("chance to pick the right person"),
            ]
            caption = _("As the population grows (scaling law; not to be trusted beyond {n} times the table)")
            found.append((caption.format(n=display.count(FARTHEST)), header, rows))
        return found

    def _each(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for name, value in self.estimates.items():
            interval = self.intervals.get(name)
            rows.append(
                (
                    _(ESTIMATORS[name]) + (_(" (the one taken)") if name == self.chosen and self.is_estimable else ""),
                    display.formatted(value, "count"),
                    display.share(value / self.population_size) if self.n_records else _("undefined"),
                    _("none") if interval is None else f"{display.count(interval[0])} – {display.count(interval[1])}",
                    _(self.states[name]),
                )
            )
        return rows

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw every estimate as a dot with its interval; the one taken is marked."""
        from matplotlib.ticker import SymmetricalLogLocator

        shown = [name for name, value in self.estimates.items() if not math.isnan(value)][::-1]
        axes = new_axes(ax, (7.0, 1.4 + 0.4 * max(1, len(shown))))
        for place, name in enumerate(shown):
            is_taken = name == self.chosen and self.is_estimable
            colour = "#b3261e" if is_taken else "#1f5fa8"
            if name in self.intervals:
                axes.plot(self.intervals[name], [place, place], color=colour, linewidth=2, alpha=0.6)
            axes.plot([self.estimates[name]], [place], "D" if is_taken else "o", color=colour)
        axes.set_yticks(range(len(shown)), [_(ESTIMATORS[name]) for name in shown])
        axes.set_ylim(-0.6, max(len(shown), 1) - 0.4)
        if self.spread < NEAR:
            axes.set_xlim(left=0)
        elif shown:
            axes.set_xscale("symlog", linthresh=1)
            axes.set_xlim(self.lowest / 3 if self.lowest >= 1 else 0, 3 * max(self.highest, 1))
            ticks = SymmetricalLogLocator(base=10, linthresh=1)
            ticks.set_params(numticks=6)
            axes.xaxis.set_major_locator(ticks)
        axes.xaxis.set_major_formatter(lambda value, _place: display.count(value))
        axes.set_xlabel(_("people alone in the population (red: the estimate taken)"))
        axes.set_title(self.heading(), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def population_uniqueness(
    data: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    population_size: int,
    n_cells: float | None = None,
    draws: int = 25,
    rng: int | np.random.Generator = 0,
) -> PopulationUniqueness:
    """People who are alone in the population that a table was drawn from, estimated from the table.

    Somebody alone in the table may share the combination with people outside it; somebody alone in the population is
    found by whoever knows the combination. Seven estimates are made and all are shown. Where those that the table
    supports differ by more than a factor of 3, the answer is "not estimable". None of them holds for stratified
    samples, several records per person, or a population that the people were not drawn from.

    Parameters
    ----------
    data : data frame or FrequencyTable
        The sample: records, or counts over at least the quasi-identifiers.
    roles : Roles or names of columns, optional
        Names the quasi-identifiers. Default: those of the table.
    population_size : int
        N, the people of the population that the sample was drawn from.
    n_cells : float, optional
        Combinations that could occur, for the Poisson-gamma model. Default: the product of the numbers of values
        seen in the columns.
    draws : int, default 25
        Half-samples drawn for the intervals; 0 for none.
    rng : int or numpy.random.Generator, default 0
        Seed of those draws.

    Returns
    -------
    PopulationUniqueness
        ``estimate`` (people; NaN where not estimable), ``low`` and ``high``, ``share`` (0 to 1), ``chosen``,
        ``dankar``, ``spread``; ``estimates``, ``intervals``, ``states``, ``parameters`` by estimate; ``growth``.

    Raises
    ------
    RiskscopeError
        The population is smaller than the table.

    Notes
    -----
    Taken is the tree of the columns (Chow and Liu 1968), which docs/CALIBRATION.md holds against the others on known
    populations; where it has no answer, the rule of Dankar et al. (2012) decides. Zayatz (1991); slide negative
    binomial: Chen and Keller-McNulty (1998), by their equations, which ARX 3.9 misprints; Pitman: Hoshino (2001),
    exact, not the asymptote; Ewens; Poisson-gamma: Bethlehem et al. (1990); scaling law: Rocher et al. (2025). A
    model supports the table when it expects the sample's own uniques to a fifth; Zayatz and the SNB count towards the
    spread above a sampling fraction of a tenth only. Intervals by half-samples without replacement.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 30, 40, 50, 60, 60], "sex": ["F", "F", "F", "M", "M", "M"]})
    >>> population_uniqueness(people, ["age", "sex"], population_size=6).estimate
    2.0
    """
    table = table_of(data, roles).classes()
    n = table.n_records
    population_size = check_whole(population_size, "population_size", low=0)
    draws = check_whole(draws, "draws", low=0)
    if population_size < n:
        raise RiskscopeError(
            ngettext(
                "population_size is {size} and the table has {n} record; a sample cannot be larger than its "
                "population. Give the size of the population that the record was drawn from.",
                "population_size is {size} and the table has {n} records; a sample cannot be larger than its "
                "population. Give the size of the population that the records were drawn from.",
                n,
            ).format(size=population_size, n=n)
        )
    if n_cells is None:
        n_cells = math.prod(float(max(1, len(np.unique(codes)))) for codes in table.codes.T)
    check_number(n_cells, "n_cells", low=table.n_cells)
    about: dict[str, Any] = {
        "n_records": n,
        "population_size": population_size,
        "n_cells": float(n_cells),
        "draws": draws,
        "seed": None if isinstance(rng, np.random.Generator) else int(rng),
        "engine": table.engine,
        "not_simple": tuple(part for part in ("weight", "household") if getattr(table.roles, part)),
    }
    if n == 0:
        return _judged(about, ClassSizes.of(table.counts), dict.fromkeys(ESTIMATORS, Estimate(math.nan, EMPTY)), {})
    classes = ClassSizes.of(table.counts)
    fits = estimates_of(table, population_size, n_cells)
    intervals: dict[str, Bounds] = {}
    if bounds_without_estimate(classes, population_size) is None:
        generator = np.random.default_rng(rng)
        intervals = half_sample_intervals(table, fits, population_size, n_cells, draws=draws, rng=generator)
    return _judged(about, classes, fits.estimates, intervals)


def _judged(
    about: Mapping[str, Any], classes: ClassSizes, estimates: Mapping[str, Estimate], intervals: Mapping[str, Bounds]
) -> PopulationUniqueness:
    """Return the answer: the estimate taken, or why there is none."""
    n, population_size, n_unique = about["n_records"], about["population_size"], classes.of_size(1)
    fraction = n / population_size if n else math.nan
    names = supported(estimates, n_unique, fraction)
    supported_spread = spread_of([estimates[name].n_uniques for name in names])
    failure = ""
    if n == 0:
        failure = EMPTY
    elif n_unique == n < population_size:
        failure = ALL_UNIQUE
    elif supported_spread > WIDEST_SPREAD:
        failure = DISAGREE
    chosen = choice(estimates, fraction)
    value = math.nan if failure else estimates[chosen].n_uniques
    bounds = bounds_without_estimate(classes, population_size) if n else None
    low, high = bounds or intervals.get("" if failure else chosen, (math.nan, math.nan))
    values = [each.n_uniques for each in estimates.values() if each.converged]
    numbers: dict[str, Any] = {
        "fraction": fraction,
        "estimate": value,
        "low": low,
        "high": high,
        "share": value / population_size if n else math.nan,
        "share_of_uniques": min(1.0, value * fraction / n_unique) if n_unique else math.nan,
        "dankar": estimates[dankar_choice(estimates, fraction)].n_uniques,
        "lowest": min(values, default=math.nan),
        "highest": max(values, default=math.nan),
        "spread": spread_of(values),
        "supported_spread": supported_spread,
    }
    if failure:
        numbers["share_of_uniques"] = math.nan
    reasons = {"low": NO_INTERVAL, "high": NO_INTERVAL, "share_of_uniques": NOBODY, "supported_spread": UNSUPPORTED}
    return PopulationUniqueness(
        **about,
        **numbers,
        n_unique=n_unique,
        chosen=chosen,
        estimates={name: each.n_uniques for name, each in estimates.items()},
        intervals=dict(intervals),
        states={name: _state(name, each, n_unique, names) for name, each in estimates.items()},
        parameters={name: dict(each.parameters) for name, each in estimates.items()},
        growth=_growth(n, population_size, estimates["scaling_law"]),
        undefined={
            name: failure or reasons.get(name, NO_INTERVAL) for name, number in numbers.items() if math.isnan(number)
        },
    )


def _state(name: str, estimate: Estimate, n_unique: int, supported_names: Sequence[str]) -> str:
    """Return in words what became of a fit."""
    if not estimate.converged:
        return estimate.failure
    if misfits(estimate, n_unique):
        return N_("converged, but misses the table's own uniques by more than a fifth: left out of the judgement")
    if name not in supported_names:
        return N_("converged; left out of the judgement up to a sampling fraction of a tenth")
    return N_("converged")


def _growth(n: int, population_size: int, law: Estimate) -> npt.NDArray[np.float64]:
    """Return population sizes from the table's to N (1, 2, 5, 10, … times), and what the law says of each."""
    if "discount" not in law.parameters:
        return np.empty((0, 4))
    steps = [n * factor * 10**power for power in range(12) for factor in (1, 2, 5)]
    sizes = np.array([*(size for size in steps if size < population_size), population_size], np.float64)
    shape = law.parameters["discount"], law.parameters["concentration"]
    below = share_below(CROWD, sizes, *shape)
    return np.column_stack([sizes, uniqueness_at(sizes, *shape), below, correctness_at(sizes, *shape)])
