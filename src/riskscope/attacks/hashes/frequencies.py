"""What pseudonyms give away though nobody can undo them: how often each stands, and where else it stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def share_of_unique_frequency(counts: Counts) -> float:
    """Return the share of rows whose pseudonym is the only one that stands so often; NaN without rows.

    Parameters
    ----------
    counts : int64 array (n_distinct,)
        Rows of each pseudonym.

    Examples
    --------
    >>> share_of_unique_frequency(np.array([5, 3, 1, 1]))
    0.8
    """
    frequencies, n_pseudonyms = np.unique(counts, return_counts=True)
    total = counts.sum()
    return float(frequencies[n_pseudonyms == 1].sum() / total) if total else float("nan")


def rank_matching_success(counts: Counts, reference: Counts) -> float:
    """Return the share of rows that matching by rank names rightly, where both sides have one order of frequencies.

    The most frequent pseudonym is taken for the most frequent value, and so on; those that stand equally often are
    dealt at random on either side.

    Parameters
    ----------
    counts : int64 array (n_distinct,)
        Rows of each pseudonym.
    reference : int64 array (n_values,)
        Rows of each plain value in the reference.

    Returns
    -------
    float
        Expected share, 0 to 1; NaN without rows.

    Notes
    -----
    A pseudonym tied with t others spans t ranks, a value tied with u others u ranks; where they share o ranks, the
    pseudonym is dealt a given one of these values with the probability o / (t * u). The truth is dealt in the same
    way, so that the expected credit is the sum of o^2 / (t^2 * u) over the ties of the reference. Without ties on one
    side it is 1 over the size of the tie on the other.

    Examples
    --------
    >>> rank_matching_success(np.array([6, 3, 1]), np.array([50, 20, 20]))
    0.8
    """
    total = counts.sum()
    if not total:
        return float("nan")
    ours, theirs = _ties(counts), _ties(reference)
    expected = 0.0
    at = 0
    for first, last, rows in ours:
        while at < len(theirs) and theirs[at][1] <= first:
            at += 1
        here = at
        while here < len(theirs) and theirs[here][0] < last:
            low, high, _rows = theirs[here]
            shared = min(last, high) - max(first, low)
            expected += rows * shared**2 / ((last - first) * (high - low))  # of last - first pseudonyms together
            here += 1
    return float(expected / total)


def _ties(counts: Counts) -> list[tuple[int, int, int]]:
    """Return (first rank, rank behind the last, rows of each) of those that stand equally often, highest first."""
    frequencies, sizes = np.unique(counts[counts > 0], return_counts=True)
    ends = np.cumsum(sizes[::-1]).tolist()
    starts = [0, *ends[:-1]]
    return list(zip(starts, ends, frequencies[::-1].tolist(), strict=True))


def overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of the smaller of two columns, of its distinct values, that stands in both; NaN if one is empty.

    Examples
    --------
    >>> overlap(["a", "b", "c"], ["b", "d"])
    0.5
    """
    smaller = min(len(set(one)), len(set(other)))
    return len(set(one) & set(other)) / smaller if smaller else float("nan")
