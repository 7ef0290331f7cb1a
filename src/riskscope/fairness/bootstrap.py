"""Draw counts anew as resampled records would be counted, without touching a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscope.checks import check_choice
from riskscope.errors import FrameError
from riskscope.words import _

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

KINDS = ("basic", "percentile")


def bootstrap_counts(
    counts: ArrayLike,
    *,
    n_boot: int = 1000,
    rng: int | np.random.Generator = 0,
    fixed: int | Sequence[int] | None = None,
) -> Whole:
    """Return counts of cells as they come out when records are drawn anew, with replacement.

    Parameters
    ----------
    counts : whole numbers, any shape
        How many records are in each cell, such as group × outcome × decision.
    n_boot : int, default 1000
        How often all records are drawn anew.
    rng : int or numpy.random.Generator, default 0
        What draws them.
    fixed : int or sequence of int, optional
        Axes whose totals stay as they are, such as that of the groups. Default: only the number of all records stays.

    Returns
    -------
    int64 (n_boot, *counts.shape)

    Notes
    -----
    Counts of n records drawn with replacement are multinomial with n and the shares of the cells: exactly the
    bootstrap of rows (Efron 1979, doi:10.1214/aos/1176344552), at a cost that grows with cells, not with records. It
    is so for records that are independent, and whose weight depends on the cell alone.

    Examples
    --------
    >>> draws = bootstrap_counts([[30, 10], [5, 15]], n_boot=500, fixed=0)
    >>> draws.shape, draws.sum(axis=2)[0].tolist()
    ((500, 2, 2), [40, 20])
    """
    cells = np.asarray(counts)
    if cells.dtype.kind not in "iu" or cells.min(initial=0) < 0:
        raise FrameError(
            _("counts are {kind}; they must be whole numbers of at least 0, how many records each cell holds.").format(
                kind=str(cells.dtype)
            )
        )
    draws = np.random.default_rng(rng)
    kept = [] if fixed is None else [axis % cells.ndim for axis in np.atleast_1d(fixed).tolist()]
    order = kept + [axis for axis in range(cells.ndim) if axis not in kept]
    turned = cells.astype(np.int64).transpose(order)
    n_parts = int(np.prod([cells.shape[axis] for axis in kept]))
    parts = turned.reshape(n_parts, -1)
    drawn = np.zeros((n_boot, *parts.shape), np.int64)
    for at, part in enumerate(parts):
        some = np.flatnonzero(part)  # a cell without records must never be drawn, not even by rounding
        if len(some):
            total = part.sum()
            drawn[:, at, some] = draws.multinomial(total, part[some] / total, size=n_boot)
    back = [0, *(1 + np.argsort(order))]
    return drawn.reshape(n_boot, *turned.shape).transpose(back)


def interval(estimate: ArrayLike, draws: ArrayLike, *, level: float = 0.95, kind: str = "basic") -> tuple[Any, Any]:
    """Return the interval of an estimate from what it is in each resample.

    Parameters
    ----------
    estimate : numbers, any shape
        From the counts as they are.
    draws : numbers (n_boot, *shape)
        The same from drawn counts. Where it is undefined in some (NaN), these are left out.
    level : float, default 0.95
        Share of intervals that hold the truth, roughly.
    kind : {"basic", "percentile"}
        ``"basic"`` puts the spread of the resamples around the estimate, mirrored: estimate less (quantile less
        estimate). ``"percentile"`` takes the quantiles as they are.

    Returns
    -------
    low, high : numbers, of the estimate's shape
        NaN where the estimate is, or more than 1 - ``level`` of its draws.

    Notes
    -----
    Davison and Hinkley (1997), Bootstrap Methods and their Application, section 5.2. Use neither for a largest or
    smallest of several groups: such an estimate is too large by luck, resamples by twice the luck. Percentile
    intervals then lie wholly above the truth; basic ones take the luck off once, which is not exact either.
    ``riskscope.fairness.testing.gap_interval`` holds.

    Examples
    --------
    >>> low, high = interval(0.5, [0.3, 0.4, 0.5, 0.8], level=0.5)
    >>> round(float(low), 2), round(float(high), 2)
    (0.5, 0.7)
    """
    check_choice(kind, "kind", KINDS)
    value, drawn = np.asarray(estimate, np.float64), np.asarray(draws, np.float64)
    undefined = np.isnan(drawn)
    left_out = np.isnan(value) | (undefined.mean(axis=0) > 1 - level)
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    drawn = np.where(left_out, 0.0, drawn)
    low, high = np.nanquantile(drawn, ends, axis=0, method="inverted_cdf")
    if kind == "basic":
        low, high = 2 * value - high, 2 * value - low
    return np.where(left_out, np.nan, low)[()], np.where(left_out, np.nan, high)[()]
