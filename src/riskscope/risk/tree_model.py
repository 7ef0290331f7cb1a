"""A tree of the columns: how likely each combination is, from pairs of columns alone (Chow and Liu)."""

from __future__ import annotations

import itertools
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscope.risk.frequency_models import ALL_UNIQUE, NOT_FOUND, Estimate
from riskscope.words import N_

Numbers = NDArray[np.float64]

ONE_COLUMN = N_("one column alone makes no tree")
#: Strengths of smoothing that are tried: how many records the marginal distribution counts for.
STRENGTHS = tuple(float(10**power) for power in np.arange(-2, 5.5, 0.5))
#: Each value of a column counts for this many records more than were seen (Krichevsky and Trofimov).
_PRIOR = 0.5
#: The chances are stretched by at most e to this power.
_WIDEST = 12.0
#: Pairs of values are counted in an array up to this many pairs a cell of the table, else by sorting.
_DENSE = 16


class Edge(NamedTuple):
    """One column of the tree under another, with the strength of its smoothing."""

    parent: int
    child: int
    strength: float


class Tree(NamedTuple):
    """The columns as a tree: the first is the root, each other one hangs under an earlier one."""

    edges: tuple[Edge, ...]


class Cells(NamedTuple):
    """The cells of a table, column by column, with their records (n_cells,)."""

    codes: list[NDArray[np.int64]]
    counts: Numbers
    #: Records of each value of each column.
    marginals: list[Numbers]


class _Pairs(NamedTuple):
    """The pairs of values that occur in two columns, with their records (n_pairs,); ``keys`` of the cells."""

    keys: NDArray[np.int64]
    found: NDArray[np.int64]
    counts: Numbers
    first: NDArray[np.int64]
    second: NDArray[np.int64]

    def of_cells(self, values: Numbers) -> Numbers:
        """Return the value of each cell's pair."""
        space = int(self.found[-1]) + 1
        if space > _DENSE * len(self.keys) + 1024:
            return values[np.searchsorted(self.found, self.keys)]
        spread = np.zeros(space)
        spread[self.found] = values
        return spread[self.keys]


def cells_of(codes: NDArray[np.integer[Any]], counts: NDArray[np.int64]) -> Cells:
    """Return the cells of codes (n_cells, n_columns) and their records; cells of nobody are left out."""
    present = counts > 0
    kept = counts[present].astype(np.float64)
    columns = [codes[present, at].astype(np.int64) for at in range(codes.shape[1])]
    return Cells(columns, kept, [_summed(column, kept) for column in columns])


def fit_tree(cells: Cells) -> Tree:
    """Return the tree of strongest dependence between pairs of columns.

    Chow and Liu (1968), doi:10.1109/TIT.1968.1054142: the spanning tree of largest total mutual information. Mutual
    information is corrected for its bias (Miller and Madow), or columns of many values would look dependent. The
    strength of smoothing of each edge is the one of ``STRENGTHS`` under which each record, left out in turn, is
    most likely.
    """
    d = len(cells.codes)
    information = np.full((d, d), -np.inf)
    for one, other in itertools.combinations(range(d), 2):
        information[one, other] = information[other, one] = _mutual_information(cells, one, other)
    edges = []
    inside, outside = [0], list(range(1, d))
    while outside:
        parent, child = max(itertools.product(inside, outside), key=lambda pair: information[pair])
        edges.append(Edge(parent, child, _best_strength(cells, parent, child)))
        inside.append(child)
        outside.remove(child)
    return Tree(tuple(edges))


def cell_chances(cells: Cells, tree: Tree) -> Numbers:
    """Return the chance that somebody else has the combination of each cell (n_cells,).

    The record that is asked about is left out of every count, or each combination would vouch for itself. Under its
    parent y, a value x has the chance (n_xy - 1 + a q_x) / (n_y - 1 + a), with a the strength of smoothing and
    q_x = (n_x - 1 + 1/2) / (n - 1 + r/2) over the r values of the column.
    """
    chances = _share_of_others(cells.marginals[0])[cells.codes[0]]
    for parent, child, strength in tree.edges:
        pairs = _pairs(cells, parent, child)
        chances = chances * pairs.of_cells(_chance_under_parent(cells, pairs, parent, child, strength))
    return chances


def _summed(places: NDArray[np.int64], counts: Numbers) -> Numbers:
    return np.asarray(np.bincount(places, weights=counts), np.float64)


def _pairs(cells: Cells, first: int, second: int) -> _Pairs:
    n_second = len(cells.marginals[second])
    keys = cells.codes[first] * n_second + cells.codes[second]
    space = len(cells.marginals[first]) * n_second
    if space <= _DENSE * len(keys) + 1024:
        spread = _summed(keys, cells.counts)
        found = np.flatnonzero(spread)
        counts = spread[found]
    else:
        found, numbers = np.unique(keys, return_inverse=True)
        counts = _summed(numbers, cells.counts)
    return _Pairs(keys, found, counts, found // n_second, found % n_second)


def _share_of_others(marginal: Numbers) -> Numbers:
    """Return the smoothed share of each value among the records other than one that has it."""
    n_values = np.count_nonzero(marginal)
    share: Numbers = (marginal - 1 + _PRIOR) / (marginal.sum() - 1 + _PRIOR * n_values)
    return share


def _chance_under_parent(cells: Cells, pairs: _Pairs, parent: int, child: int, strength: float) -> Numbers:
    """Return the chance of each pair's second value under its first, one record left out."""
    share = _share_of_others(cells.marginals[child])[pairs.second]
    above = cells.marginals[parent][pairs.first]
    chance: Numbers = (pairs.counts - 1 + strength * share) / (above - 1 + strength)
    return chance


def _best_strength(cells: Cells, parent: int, child: int) -> float:
    """Return the strength of smoothing under which the records, each left out in turn, are most likely."""
    pairs = _pairs(cells, parent, child)

    def likelihood(strength: float) -> float:
        chances = _chance_under_parent(cells, pairs, parent, child, strength)
        return float((pairs.counts * np.log(chances)).sum())

    return max(STRENGTHS, key=likelihood)


def _mutual_information(cells: Cells, one: int, other: int) -> float:
    """Return the mutual information of two columns in nats, its bias taken off."""
    pairs = _pairs(cells, one, other)
    n = float(cells.counts.sum())
    plain = _entropy(cells.marginals[one]) + _entropy(cells.marginals[other]) - _entropy(pairs.counts)
    values = sum(int(np.count_nonzero(cells.marginals[at])) for at in (one, other))
    return plain - (len(pairs.counts) - values + 1) / (2 * n)


def _entropy(counts: Numbers) -> float:
    shares = counts[counts > 0] / counts.sum()
    return -float(shares @ np.log(shares))


def matched(cells: Cells, chances: Numbers) -> tuple[Numbers, float]:
    """Return the chances stretched until the model expects as many sample uniques as there are, with the misfit.

    The misfit is the sample uniques that the model expects before that, over those seen: above 1 where three or more
    columns hang together in ways that no tree of pairs knows. Where nobody or everybody is alone there is nothing to
    match: the chances stay, and the misfit is NaN.
    """
    from scipy.optimize import brentq

    n = float(cells.counts.sum())
    n_unique = float(np.count_nonzero(cells.counts == 1))
    if n_unique in (0, n):
        return chances, math.nan

    def expected(log_factor: float) -> float:
        return float((cells.counts * np.exp(-(n - 1) * math.exp(log_factor) * chances)).sum())

    low, high = -_WIDEST, _WIDEST
    if not expected(low) > n_unique > expected(high):
        return chances, math.nan
    factor = math.exp(brentq(lambda log_factor: expected(log_factor) - n_unique, low, high, xtol=1e-6))
    return np.minimum(chances * factor, 1.0), expected(0.0) / n_unique


def tree_estimate(cells: Cells, tree: Tree, population_size: int) -> Estimate:
    """Return the number of people unique in the population after the tree of the columns.

    Those alone in the table are alone in the population when none of the N - n others has their combination:
    S1 = (N / n) sum of (1 - p)^(N - n) over the sample uniques.
    """
    n = int(cells.counts.sum())
    if len(cells.codes) < 2:
        return Estimate(math.nan, ONE_COLUMN)
    chances, misfit = matched(cells, cell_chances(cells, tree))
    if math.isnan(misfit):
        return Estimate(math.nan, ALL_UNIQUE if (cells.counts == 1).all() else NOT_FOUND)
    alone = chance_unique(chances[cells.counts == 1], population_size - n + 1)
    n_unique = float(np.count_nonzero(cells.counts == 1))
    return Estimate(population_size / n * float(alone.sum()), "", {"misfit": misfit}, n_unique)


def chance_unique(chance: ArrayLike, n_people: float) -> Numbers:
    """Return ξ: the chance that nobody else of ``n_people`` has a combination that a person has with ``chance``.

    ξ = (1 - p)^(n - 1).

    Examples
    --------
    >>> chance_unique([0.01, 0, 1], 50).round(6).tolist()
    [0.611117, 1.0, 0.0]
    """
    p = np.asarray(chance, np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(np.exp((n_people - 1) * np.log1p(-p)) if n_people > 1 else np.ones_like(p))


def expected_correctness(chance: ArrayLike, n_people: float) -> Numbers:
    """Return κ: the chance to pick the right one of those of ``n_people`` who have a combination.

    κ = (1 - (1 - p)^n) / (n p), the mean of 1 / (1 + Binomial(n - 1, p)).

    Examples
    --------
    >>> expected_correctness([0.01, 0, 1], 50).round(6).tolist()
    [0.789988, 1.0, 0.02]
    """
    p = np.asarray(chance, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = -np.expm1(n_people * np.log1p(-p)) / (n_people * p)
    return np.asarray(np.where(p == 0, 1.0, share))
