"""Exact and sampled Shapley shares: what each column adds, averaged over every order in which columns are learned."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def weights_by_size(n_columns: int) -> Numbers:
    """Return the weight of a marginal contribution by the number of columns known before: |S|! (d - |S| - 1)! / d!."""
    return np.array([1 / (n_columns * math.comb(n_columns - 1, size)) for size in range(n_columns)])


def shapley(values: Numbers, n_columns: int) -> Numbers:
    """Return the Shapley share of each column, from the value of every subset.

    Parameters
    ----------
    values : float array (2 ** n_columns, …)
        Row ``mask`` is the value of the columns whose bits are set.
    n_columns : int
        Number of columns, d.

    Returns
    -------
    float array (n_columns, …)
        The shares; they add up to the value of all columns less that of none.

    Examples
    --------
    >>> shapley(np.array([0.0, 0.0, 1.0, 2.0]), 2).tolist()
    [0.5, 1.5]
    """
    masks = np.arange(1 << n_columns)
    sizes = np.bitwise_count(masks)
    weights = weights_by_size(n_columns)
    shares = np.empty((n_columns, *values.shape[1:]))
    for column in range(n_columns):
        without = masks[(masks >> column & 1) == 0]
        shares[column] = np.tensordot(weights[sizes[without]], values[without | 1 << column] - values[without], axes=1)
    return shares


def sampled_shapley(
    values_along: Callable[[NDArray[np.int64]], Numbers], n_columns: int, n_orders: int, rng: np.random.Generator
) -> tuple[Numbers, Numbers]:
    """Return estimated shares and their standard errors, from random orders of the columns.

    Parameters
    ----------
    values_along : function
        Gives the values of the first none, one, two, … columns of an order: shape (n_columns + 1, n_values).
    n_columns, n_orders : int
        Number of columns, and of orders drawn (at least 2).
    rng : numpy Generator
        Draws the orders.

    Returns
    -------
    two float arrays (n_columns, n_values)
        Means of what each column added, and their standard errors.

    Notes
    -----
    Castro, Gómez and Tejada (2009), doi:10.1016/j.cor.2008.04.004.
    """
    added = []
    for _order in range(n_orders):
        order = rng.permutation(n_columns)
        steps = np.diff(values_along(order), axis=0)
        by_column = np.empty_like(steps)
        by_column[order] = steps
        added.append(by_column)
    drawn = np.array(added)
    return drawn.mean(axis=0), drawn.std(axis=0, ddof=1) / math.sqrt(n_orders)
