"""The chance of each record that its person is alone in the population, from a tree of the columns."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from riskscope import display
from riskscope.checks import check_whole
from riskscope.engines.tables import classes_of_records, table_of
from riskscope.errors import RiskscopeError
from riskscope.frequency import FrequencyTable
from riskscope.results import Result, hidden, measured
from riskscope.risk.tree_model import (
    Numbers,
    Tree,
    cell_chances,
    cells_of,
    chance_unique,
    expected_correctness,
    fit_tree,
    matched,
)
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext

#: Somebody is likely alone above this chance.
LIKELY = 0.8
#: Points of the integral of the correctness of those who are not alone in the table.
_POINTS = 32


@dataclass(frozen=True, kw_only=True)
class RecordUniqueness(Result):
    """How likely each person of the table is alone in the population."""

    question: ClassVar[str] = N_("Which people of the table are alone in the population?")
    source: ClassVar[str] = "Chow and Liu (1968), doi:10.1109/TIT.1968.1054142"

    population_size: int = measured(N_("people in the population"), "count")
    n_unique: int = measured(N_("people alone in the table"), "count")
    expected_uniques: float = measured(N_("of these, alone in the population (expected)"), "number")
    mean_chance: float = measured(N_("mean chance of a person of the table to be alone in the population"), "share")
    n_likely: float = measured(N_("people alone in the population with a chance above 80 %"), "count")
    share_likely: float = measured(N_("share of people with such a chance"), "share")
    mean_correctness: float = measured(N_("mean chance to pick the right person of the population"), "share")
    misfit: float = measured(N_("sample uniques that the tree expects, over those seen"), "number")
    #: Chance to be alone in the population: of each record, or of each class of a counted table.
    chance: npt.NDArray[np.float64] = hidden()
    #: Chance to pick the right person of the population who has the combination: as ``chance``.
    correctness: npt.NDArray[np.float64] = hidden()
    #: The tree: edges (parent, child, strength of smoothing) over the places of the columns.
    tree: Tree = hidden()

    def sentences(self) -> list[str]:
        """Return how many people of the table are expected to be alone in the population."""
        if not self.n_records:
            return [_("The table has no records, so nothing can be said about them.")]
        if math.isnan(self.expected_uniques):
            return [_("One record tells nothing about other people, so its chance is undefined.")]
        if not self.n_unique:
            return [_("Nobody is alone in the table, so nobody in it can be alone in the population.")]
        said = [
            _(
                "Of those alone in the table ({n}), about {expected} are expected to be alone among the {total} people "
                "of the population too; those with a chance above 80 %: {likely}."
            ).format(
                n=display.count(self.n_unique),
                expected=display.count(round(self.expected_uniques)),
                total=display.count(self.population_size),
                likely=display.count(self.n_likely),
            )
        ]
        if self.misfit > MISFIT:
            said.append(
                _(
                    "The columns hang together in ways that pairs of columns do not show (misfit {misfit}): the "
                    "chances are likely too high."
                ).format(misfit=display.number(self.misfit))
            )
        said.append(
            _(
                "The chances rest on pairs of columns and on a simple random sample; a single person's chance can be "
                "far off where three columns determine one another. Where the number of people alone in the population "
                "is not estimable, read the chances as an order of people, no more."
            )
        )
        return said


#: From this misfit on, the summary warns.
MISFIT = 1.2


def record_uniqueness(
    data: Any, roles: Roles | Iterable[str] | None = None, *, population_size: int
) -> RecordUniqueness:
    """Chance of each person of the table to be alone in the population.

    Whoever shares the combination with somebody in the table is not alone, for sure. For the others it depends on
    how likely the combination is: a tree of pairs of columns tells, smoothed. It says nothing about what is known
    beside the quasi-identifiers.

    Parameters
    ----------
    data : data frame or FrequencyTable
        The sample: records, or counts over at least the quasi-identifiers.
    roles : Roles or names of columns, optional
        Names the quasi-identifiers. Default: those of the table.
    population_size : int
        N, the people of the population that the sample was drawn from.

    Returns
    -------
    RecordUniqueness
        ``expected_uniques`` (people of the table), ``mean_chance``, ``share_likely`` (0 to 1; chance above 0.8),
        ``mean_correctness``; ``chance`` and ``correctness``, in the order of the records (n_records,), or of the
        classes where a counted table is given.

    Raises
    ------
    RiskscopeError
        The population is smaller than the table.

    Notes
    -----
    With p the chance of the combination after the tree, from the other records only, stretched so that the tree
    expects as many sample uniques as there are: a record alone among n has the chance ξ = (1 - p)^(N - n) that none
    of the N - n others shares the combination, and the correctness κ = (1 - (1 - p)^(M + 1)) / ((M + 1) p), M = N - n.
    A class of f >= 2 has the chance 0 and the correctness E[1 / (f + Binomial(M, p))]. Tree: Chow and Liu (1968);
    ξ and κ given p: Rocher, Hendrickx and de Montjoye (2019), doi:10.1038/s41467-019-10933-3, whose copula is not
    used here.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 30, 40, 50], "sex": ["F", "F", "M", "M"]})
    >>> record_uniqueness(people, ["age", "sex"], population_size=4).chance.tolist()
    [0.0, 0.0, 1.0, 1.0]
    """
    if isinstance(data, FrequencyTable):
        table, places = table_of(data, roles).classes(), None
    else:
        table, places = classes_of_records(data, roles)
    n = table.n_records
    population_size = check_whole(population_size, "population_size", low=0)
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
    chance, correctness, tree, misfit = _by_class(table, population_size)
    counts = table.counts
    n_likely = float(counts[chance > LIKELY].sum())
    undefined: dict[str, str] = {}
    if not n:
        undefined = dict.fromkeys(("mean_chance", "share_likely", "mean_correctness"), N_("the table has no records"))
    elif np.isnan(chance).any():
        names = ("expected_uniques", "mean_chance", "n_likely", "share_likely", "mean_correctness")
        n_likely, undefined = math.nan, dict.fromkeys(names, N_("one record tells nothing about other people"))
    if math.isnan(misfit):
        undefined["misfit"] = N_("nobody or everybody is alone in the table, so there is nothing to match")
    return RecordUniqueness(
        n_records=n,
        population_size=population_size,
        n_unique=int(np.count_nonzero(counts == 1)),
        expected_uniques=float(chance.sum()),
        mean_chance=float(chance.sum() / n) if n else math.nan,
        n_likely=n_likely,
        share_likely=n_likely / n if n else math.nan,
        mean_correctness=float(counts @ correctness / n) if n else math.nan,
        misfit=misfit,
        chance=chance if places is None else chance[places],
        correctness=correctness if places is None else correctness[places],
        tree=tree,
        engine=table.engine,
        undefined=undefined,
    )


def _by_class(table: FrequencyTable, population_size: int) -> tuple[Numbers, Numbers, Tree, float]:
    """Return the chance and the correctness of each class, the tree, and its misfit."""
    counts = table.counts
    if not len(counts):
        return np.empty(0), np.empty(0), Tree(()), math.nan
    cells = cells_of(table.codes, counts)
    tree = fit_tree(cells)
    others = population_size - table.n_records
    if table.n_records == 1 and others:
        return np.full(1, math.nan), np.full(1, math.nan), tree, math.nan
    p, misfit = matched(cells, cell_chances(cells, tree))
    alone = counts == 1
    chance = np.where(alone, chance_unique(p, others + 1), 0.0)
    correctness = np.empty(len(counts))
    correctness[alone] = expected_correctness(p[alone], others + 1)
    correctness[~alone] = correctness_in_class(counts[~alone], p[~alone], others)
    return chance, correctness, tree, misfit


def correctness_in_class(counts: npt.NDArray[np.int64], chances: Numbers, others: int) -> Numbers:
    """Return E[1 / (f + Binomial(others, p))] of each class, with f its records and p its chance.

    That is the integral from 0 to 1 of t^(f - 1) (1 - p + p t)^others, here with t = exp(-x / (f + others p)) by
    Gauss and Laguerre.

    Examples
    --------
    >>> correctness_in_class(np.array([1]), np.array([0.01]), 49).round(6).tolist()
    [0.789988]
    """
    points, weights = np.polynomial.laguerre.laggauss(_POINTS)
    rate = counts + others * chances
    total = np.zeros(len(counts))
    for x, weight in zip(points, weights, strict=True):
        log_other = others * np.log1p(chances * np.expm1(-x / rate)) if others else 0.0
        total += weight * np.exp(x - counts * x / rate + log_other)
    return np.asarray(total / rate)
