"""All estimates of the people unique in the population side by side: their range, the rules that choose, intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.frequency import FrequencyTable
from riskscope.risk.class_size_counts import ClassSizes
from riskscope.risk.frequency_models import (
    Estimate,
    ewens,
    pitman,
    poisson_gamma,
    slide_negative_binomial,
    zayatz,
)
from riskscope.risk.scaling_law import scaling_law
from riskscope.risk.tree_model import Cells, Tree, cells_of, fit_tree, tree_estimate
from riskscope.words import N_

#: Name of each estimate to its name in words.
ESTIMATORS = {
    "tree": N_("tree of the columns"),
    "pitman": N_("Pitman"),
    "scaling_law": N_("Pitman-Yor scaling law"),
    "zayatz": N_("Zayatz"),
    "snb": N_("slide negative binomial"),
    "poisson_gamma": N_("Poisson-gamma"),
    "ewens": N_("Ewens"),
}
#: Estimates that differ by more than this factor are no estimate (FORMULAS, after Dankar et al.).
WIDEST_SPREAD = 3.0
#: A model that misses the sample's own uniques by more than this share does not describe the sample.
WORST_MISFIT = 0.2
#: Up to this sampling fraction Zayatz and the SNB are left aside (Dankar et al.).
SMALL_FRACTION = 0.1
#: Half-samples of more records cannot be drawn.
MOST_RECORDS = 10**9
#: 95 % of a normal distribution, and the chance that is left on one side of a bound.
_WIDTH, _LEFT = 1.959964, 0.05

Bounds = tuple[float, float]


class Fits(NamedTuple):
    """Every estimate by name, and the tree that one of them rests on."""

    estimates: Mapping[str, Estimate]
    tree: Tree


def all_estimates(
    classes: ClassSizes, cells: Cells, tree: Tree, population_size: int, n_cells: float, *, near: Mapping[str, Estimate]
) -> dict[str, Estimate]:
    """Return every estimate by name; ``near`` are the estimates of a table like this one, to start from.

    Nobody alone in the sample: every estimate is 0. The sample is the population: each is what was counted.
    """
    n_unique = classes.of_size(1)
    if n_unique == 0 or classes.n_records == population_size:
        return dict.fromkeys(ESTIMATORS, Estimate(float(n_unique), "", {}, n_unique))
    found = {
        "tree": tree_estimate(cells, tree, population_size),
        "pitman": pitman(classes, population_size, near=near.get("pitman")),
        "scaling_law": scaling_law(classes, population_size, near=near.get("scaling_law")),
        "zayatz": zayatz(classes, population_size),
        "snb": slide_negative_binomial(classes, population_size),
        "poisson_gamma": poisson_gamma(classes, population_size, n_cells),
        "ewens": ewens(classes, population_size),
    }
    return {
        name: each._replace(n_uniques=min(max(each.n_uniques, 0.0), float(population_size))) if each.converged else each
        for name, each in found.items()
    }


def estimates_of(table: FrequencyTable, population_size: int, n_cells: float) -> Fits:
    """Return every estimate from the classes of a table."""
    cells = cells_of(table.codes, table.counts)
    tree = fit_tree(cells)
    classes = ClassSizes.of(table.counts)
    return Fits(all_estimates(classes, cells, tree, population_size, n_cells, near={}), tree)


def supported(estimates: Mapping[str, Estimate], n_unique: int, fraction: float) -> list[str]:
    """Return the names of the estimates that the sample supports, whose range tells whether there is an estimate.

    They converged; their model expects the sample's own uniques to a fifth; and Zayatz and the SNB count above a
    sampling fraction of a tenth only, as in the rule of Dankar et al.
    """
    return [
        name
        for name, each in estimates.items()
        if each.converged
        and not misfits(each, n_unique)
        and not (fraction <= SMALL_FRACTION and name in ("zayatz", "snb"))
    ]


def misfits(estimate: Estimate, n_unique: int) -> bool:
    """Tell whether a model misses the sample's own uniques by more than a fifth."""
    return abs(estimate.expected_sample_uniques - n_unique) > WORST_MISFIT * n_unique


def spread_of(values: list[float]) -> float:
    """Return the largest over the smallest; NaN without any, infinite above a smallest of 0, 1 where all are 0.

    Examples
    --------
    >>> spread_of([2.0, 8.0]), spread_of([0.0, 1.0]), spread_of([0.0])
    (4.0, inf, 1.0)
    """
    if not values:
        return math.nan
    low, high = min(values), max(values)
    return (high / low if low else math.inf) if high else 1.0


def dankar_choice(estimates: Mapping[str, Estimate], fraction: float) -> str:
    """Return the name of the estimate that the rule of Dankar et al. takes.

    Dankar, El Emam, Neisa and Roffey (2012), doi:10.1186/1472-6947-12-66: up to a sampling fraction of a tenth
    Pitman's where it converged to something, else Zayatz's; above it the smaller of Zayatz's and the SNB's.
    """
    if fraction <= SMALL_FRACTION:
        return "pitman" if estimates["pitman"].n_uniques > 0 else "zayatz"
    return "snb" if estimates["snb"].n_uniques < estimates["zayatz"].n_uniques else "zayatz"


def choice(estimates: Mapping[str, Estimate], fraction: float) -> str:
    """Return the name of the estimate that riskscope takes: the tree of the columns, else as Dankar et al.

    Chosen on the tables that docs/CALIBRATION.md names, judged on others.
    """
    return "tree" if estimates["tree"].converged else dankar_choice(estimates, fraction)


def half_sample_intervals(
    table: FrequencyTable,
    fits: Fits,
    population_size: int,
    n_cells: float,
    *,
    draws: int,
    rng: np.random.Generator,
) -> dict[str, Bounds]:
    """Return a 95 % interval of each estimate from half-samples without replacement.

    Cells are drawn (multivariate hypergeometric), never rows, and never with replacement: a person drawn twice would
    no longer be alone. With s the standard deviation of ln(1 + S1) over half-samples of m of n records, the interval
    is (1 + S1) exp(± 1.96 s sqrt(m / (n - m))) - 1. That factor, 1 for a half, is that of the delete-d jackknife
    (Shao and Wu 1989, doi:10.1214/aos/1176347263): sqrt(m / n), the factor for small sub-samples, forgets that a half
    shares half its records with the next. Fewer than half of the draws with a number: no interval.
    """
    n = table.n_records
    if n >= MOST_RECORDS:
        return {}
    half = n // 2
    order = order_of_values(table)
    codes, sizes = table.codes[order], table.counts[order]
    found: dict[str, list[float]] = {name: [] for name in ESTIMATORS}
    for _draw in range(draws):
        counts = rng.multivariate_hypergeometric(sizes, half, method="marginals")
        cells = cells_of(codes, counts)
        sample = ClassSizes.of(counts)
        again = all_estimates(sample, cells, fits.tree, population_size, n_cells, near=fits.estimates)
        for name, each in again.items():
            if each.converged:
                found[name].append(math.log1p(each.n_uniques))
    intervals = {}
    for name, logs in found.items():
        centre = fits.estimates[name].n_uniques
        if len(logs) >= max(2, draws / 2) and not math.isnan(centre):
            half_width = _WIDTH * float(np.std(logs, ddof=1)) * math.sqrt(half / (n - half))
            low, high = ((1 + centre) * math.exp(side * half_width) - 1 for side in (-1, 1))
            intervals[name] = (max(low, 0.0), min(high, float(population_size)))
    return intervals


def order_of_values(table: FrequencyTable) -> NDArray[np.int64]:
    """Return the cells in the order of their values, so that a seed draws the same however a frame codes them."""
    ranks = []
    for at, level in enumerate(table.levels):
        values = level.to_list()
        try:
            places = sorted(range(len(values)), key=values.__getitem__)
        except TypeError:  # values of several types
            places = sorted(range(len(values)), key=lambda place: (type(values[place]).__name__, str(values[place])))
        rank = np.zeros(level.n, np.int64)
        rank[np.array(places, np.int64) + level.has_missing] = np.arange(1, len(places) + 1)
        ranks.append(rank[table.codes[:, at]])
    return np.lexsort(ranks)


def bounds_without_estimate(classes: ClassSizes, population_size: int) -> Bounds | None:
    """Return 95 % bounds where nobody, or everybody, is alone in a random sample; None in between.

    Nobody alone: S1 uniques all escape a sample of the fraction π with the chance (1 - π)^S1. Everybody alone: of P
    pairs of people alike, none is caught with the chance exp(-P π²), and each pair takes two people off the N.
    """
    n, n_unique = classes.n_records, classes.of_size(1)
    fraction = n / population_size
    if n == population_size:
        return float(n_unique), float(n_unique)
    if n_unique == 0:
        return 0.0, min(float(population_size), math.log(_LEFT) / math.log1p(-fraction))
    if n_unique == n:
        return max(0.0, population_size + 2 * math.log(_LEFT) / fraction**2), float(population_size)
    return None
