"""Link each record to one person at most, each person to one record at most, with the greatest sum of weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskscope.attacks.linking.blocking import Pairs

#: Largest table of a group of records hanging together that is solved exactly; a larger one is linked greedily.
CELLS = 1_000_000


def assigned(pairs: Pairs, weights: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Tell which pairs are linked; only pairs of positive weight may be.

    Records that hang together by pairs of positive weight are a group. A group is solved exactly (Hungarian method)
    where it has at most ``CELLS`` cells, else the heaviest free pair is taken again and again. Ties are drawn by lot:
    the order of the tables tells nothing.

    Examples
    --------
    >>> pairs = Pairs(np.array([0, 0, 1]), np.array([0, 1, 0]), ())
    >>> assigned(pairs, np.array([5.0, 4.0, 4.0]), np.random.default_rng(0)).tolist()
    [False, True, True]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    linked = np.zeros(len(weights), bool)
    able = rng.permutation(np.flatnonzero(weights > 0))
    if not len(able):
        return linked
    _names, people = np.unique(pairs.people[able], return_inverse=True)
    _names, released = np.unique(pairs.released[able], return_inverse=True)
    n = int(people.max()) + 1
    size = n + int(released.max()) + 1
    graph = coo_array((np.ones(len(able), np.int8), (people, n + released)), (size, size))
    group = connected_components(graph, directed=False)[1][people]
    order = np.argsort(group, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        if len(part) == 1:
            linked[able[part]] = True
        else:
            linked[able[part[_group(people[part], released[part], weights[able[part]], rng)]]] = True
    return linked


def _group(
    people: NDArray[np.int64], released: NDArray[np.int64], weights: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return which pairs of one group are linked."""
    from scipy.optimize import linear_sum_assignment

    (rows, ours), (columns, theirs) = (np.unique(each, return_inverse=True) for each in (people, released))
    ours, theirs = rng.permutation(len(rows))[ours], rng.permutation(len(columns))[theirs]
    if len(rows) * len(columns) > CELLS:
        return _greedy(ours, theirs, weights)
    gains = np.zeros((len(rows), len(columns)))
    at = np.full(gains.shape, -1, np.int64)
    gains[ours, theirs], at[ours, theirs] = weights, np.arange(len(weights))
    found = at[linear_sum_assignment(gains, maximize=True)]
    return np.asarray(found[found >= 0], np.int64)


def _greedy(people: NDArray[np.int64], released: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Take the heaviest pair whose records are both free, again and again; ties in the order given."""
    is_taken = np.zeros(people.max() + 1, bool), np.zeros(released.max() + 1, bool)
    taken = []
    for pair in np.argsort(-weights, kind="stable"):
        if not is_taken[0][people[pair]] and not is_taken[1][released[pair]]:
            is_taken[0][people[pair]] = is_taken[1][released[pair]] = True
            taken.append(pair)
    return np.array(taken, np.int64)
