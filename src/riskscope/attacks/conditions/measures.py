"""What chance has a predicate to be true of exactly one person? From weights and counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]

#: A predicate that is true of so many people of the original, by expectation, has no chance to isolate one.
HOPELESS = 64
#: How often people are dealt to original and hold-out at random.
N_DEALT = 999


def isolation_chance(weight: ArrayLike, n: int) -> Numbers:
    """Return the chance that a predicate of a weight, chosen without the data, is true of exactly one of n people.

    Notes
    -----
    n w (1 - w)^(n - 1), Cohen and Nissim (2020), doi:10.1073/pnas.1914598117; greatest at w = 1 / n, about 1 / e.

    Examples
    --------
    >>> round(float(isolation_chance(0.001, 1000)), 6)
    0.368063
    """
    w = np.asarray(weight, np.float64)
    return n * w * (1 - w) ** max(0, n - 1)


def chance_by_holdout(n_true: ArrayLike, n_holdout: int, n: int) -> Numbers:
    """Return the isolation chance of predicates that are true of so many of a hold-out, without bias.

    Notes
    -----
    The share of all samples of n people from the hold-out in which exactly one person fulfils the predicate (a
    U-statistic of n w (1 - w)^(n - 1); putting the observed share in the place of w would be too low for small ones).
    From a hold-out of fewer than n people samples of its own size are taken, and the chance is raised in proportion
    to n, to 1 at most.

    Examples
    --------
    >>> chance_by_holdout([0, 1, 2], 4, 2).round(4).tolist()
    [0.0, 0.5, 0.6667]
    """
    from scipy.stats import hypergeom

    size = min(n, n_holdout)
    if not size:
        return np.full(np.shape(n_true), np.nan)
    chances: Numbers = np.minimum(1.0, hypergeom.pmf(1, n_holdout, np.asarray(n_true), size) * n / size)
    return chances


def chance_when_dealt(fulfilling: Sequence[Rows], n: int, n_pooled: int, generator: np.random.Generator) -> float:
    """Return the chance (p) of as many isolations when people are dealt to original and hold-out at random.

    Parameters
    ----------
    fulfilling : positions among the pooled people, one array a predicate
        Positions below n are the original's.
    n, n_pooled : int
        People of the original, and of original and hold-out together.
    generator : numpy.random.Generator

    Notes
    -----
    A permutation test, one-sided, half of the ties counted: predicates may hang together as they will. Whether a
    predicate isolates depends on who of those who fulfil it is dealt to the original.
    """
    kept = [rows for rows in fulfilling if 0 < len(rows) <= HOPELESS * n_pooled / max(1, n)]
    if not kept:
        return 0.5
    people, places = np.unique(np.concatenate(kept), return_inverse=True)
    starts = np.concatenate([[0], np.cumsum([len(rows) for rows in kept])[:-1]])

    def isolated(is_original: NDArray[np.bool_]) -> int:
        return int(np.count_nonzero(np.add.reduceat(is_original[places].astype(np.int64), starts) == 1))

    seen = isolated(people < n)
    n_as_many = n_more = 0
    for _deal in range(N_DEALT):
        dealt = np.zeros(len(people), bool)
        n_dealt = int(generator.hypergeometric(len(people), n_pooled - len(people), n)) if n else 0
        dealt[generator.permutation(len(people))[:n_dealt]] = True
        found = isolated(dealt)
        n_more += found > seen
        n_as_many += found == seen
    return (n_more + (n_as_many + 1) / 2) / (N_DEALT + 1)
