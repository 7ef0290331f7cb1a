"""How closely two unordered columns hang together: strength, test, residuals and distances from a table of counts.

Tables are counts (n_groups, n_classes): people of each group in each class.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscope.fairness.testing import over_families
from riskscope.intervals import holm
from riskscope.words import N_

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]

#: Where a p-value comes from.
ASYMPTOTIC = N_("chi-square distribution, as 5 people or more are expected in every cell")
LARGE = N_("chi-square distribution, as there are too many people to deal them at random")
EXACT = N_("every table with the same totals")
RANDOM = N_("tables with the same totals, drawn at random")
UNTOLD = N_("not tested")

#: Expected people in a cell below which the chi-square distribution is not relied upon (Cochran 1954).
_LEAST_EXPECTED = 5
#: NumPy deals out fewer people than this.
_MOST_DEALT = 10**9
#: Numbers held at once while tables are drawn.
_AT_ONCE = 2**21
#: Statistics of equal tables differ by rounding alone.
_ROUNDING = 1e-9


class Association(NamedTuple):
    """How closely groups and classes hang together.

    ``mutual_information`` in nats; ``cramers_v`` and ``cramers_v_corrected`` from 0 to 1, NaN with fewer than two
    groups or classes; ``n_groups`` and ``n_classes`` are those with people.
    """

    chi2: float
    g: float
    df: int
    mutual_information: float
    cramers_v: float
    cramers_v_corrected: float


class Independence(NamedTuple):
    """The chance of a table as uneven where groups and classes have nothing to do with each other.

    ``p_chi2`` and ``p_g`` for either statistic, by ``method``. ``p_cells`` (n_groups, n_classes) for each cell's
    residual, and ``p_any`` for the table or any of its cells: corrected so that one false alarm among chi-square and
    all cells is as rare as in one test. ``n_permutations`` tables were drawn, 0 where none was.
    """

    p_any: float
    p_chi2: float
    p_g: float
    method: str
    p_cells: Numbers
    n_permutations: int


class Within(NamedTuple):
    """The association within strata, added up over them, and its chance where there is none in any stratum."""

    chi2: float
    g: float
    df: int
    p_chi2: float
    p_g: float
    method: str
    n_permutations: int


def expected_counts(counts: ArrayLike) -> Numbers:
    """Return the people expected in each cell where groups and classes have nothing to do with each other.

    Examples
    --------
    >>> expected_counts([[10, 20, 10], [10, 5, 5]]).round(4).tolist()
    [[13.3333, 16.6667, 10.0], [6.6667, 8.3333, 5.0]]
    """
    table = np.asarray(counts, np.float64)
    total = table.sum()
    expected: Numbers = table.sum(axis=1)[:, None] * table.sum(axis=0) / (total or np.nan)
    return expected


def association(counts: ArrayLike, *, n: float | None = None) -> Association:
    """Return how closely groups and classes hang together.

    Parameters
    ----------
    counts : numbers (n_groups, n_classes)
        People, or sums of weights.
    n : float, optional
        Effective number of people where records are weighted. Default: the sum of the counts.

    Notes
    -----
    chi2 = sum (O - E)² / E; G = 2 sum O ln(O / E); mutual information = G / 2n; V = √(chi2 / (n min(r - 1, c - 1))),
    Cramér (1946). Bias-corrected, Bergsma (2013), doi:10.1016/j.jkss.2012.10.002: φ² = max(0, chi2 / n -
    (r - 1)(c - 1) / (n - 1)), r̃ = r - (r - 1)² / (n - 1), V = √(φ² / min(r̃ - 1, c̃ - 1)). Groups and classes without
    people count for nothing.

    Examples
    --------
    >>> found = association([[10, 20, 10], [10, 5, 5]])
    >>> [round(each, 6) for each in found[:2]], found.df, [round(each, 6) for each in found[3:]]
    ([4.5, 4.540267], 2, [0.037836, 0.273861, 0.204476])
    """
    table = _peopled(np.asarray(counts, np.float64))
    r, c = table.shape
    total = float(table.sum())
    if not total:
        return Association(np.nan, np.nan, 0, np.nan, np.nan, np.nan)
    effective = total if n is None else n
    chi2, g = (float(each[0]) * effective / total for each in _statistics(table[None], expected_counts(table)))
    df = (r - 1) * (c - 1)
    v = corrected = np.nan
    if df:
        v = float(np.sqrt(chi2 / (effective * min(r - 1, c - 1))))
    if df and effective > 1:
        spread = max(0.0, chi2 / effective - df / (effective - 1))
        room = min(r - (r - 1) ** 2 / (effective - 1), c - (c - 1) ** 2 / (effective - 1)) - 1
        corrected = float(np.sqrt(spread / room)) if room > 0 else np.nan
    return Association(chi2, g, df, g / (2 * effective), v, corrected)


def adjusted_residuals(counts: ArrayLike) -> Numbers:
    """Return by how many standard deviations each cell lies above (or below) what is expected.

    Notes
    -----
    Haberman (1973), doi:10.2307/2529686: (O - E) / √(E (1 - group / n) (1 - class / n)); NaN where a group or a class
    has nobody, or everybody.

    Examples
    --------
    >>> adjusted_residuals([[10, 20, 10], [10, 5, 5]]).round(4).tolist()
    [[-1.9365, 1.8516, 0.0], [1.9365, -1.8516, 0.0]]
    """
    table = np.asarray(counts, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        residuals: Numbers = (table - expected_counts(table)) / _deviations(table)
    return residuals


def _deviations(table: Numbers) -> Numbers:
    """Return the standard deviation of each cell by which Haberman's residuals are divided; NaN for 0."""
    n = table.sum() or np.nan
    groups, classes = table.sum(axis=1, keepdims=True) / n, table.sum(axis=0, keepdims=True) / n
    variances = n * groups * (1 - groups) * classes * (1 - classes)
    return np.sqrt(np.where(variances > 0, variances, np.nan))


def class_shares(counts: ArrayLike) -> Numbers:
    """Return the share of each group that is in each class; NaN for a group without people."""
    table = np.asarray(counts, np.float64)
    totals = table.sum(axis=-1, keepdims=True)
    return table / np.where(totals > 0, totals, np.nan)


def total_variation(counts: ArrayLike) -> Numbers:
    """Return how many of 100 (as a share) of one group would change class to be spread as another is: (groups, groups).

    Notes
    -----
    Half the sum over classes of the differences of shares, without their signs; 0 to 1.

    Examples
    --------
    >>> total_variation([[10, 20, 10], [10, 5, 5]])[0, 1].item()
    0.25
    """
    shares = class_shares(counts)
    return np.array([np.abs(shares - each).sum(axis=1) / 2 for each in shares]).reshape(len(shares), len(shares))


def variation_to_pooled(counts: ArrayLike) -> Numbers:
    """Return the total variation of each group to everybody, its own people included.

    Examples
    --------
    >>> variation_to_pooled([[10, 20, 10], [10, 5, 5]]).round(6).tolist()
    [0.083333, 0.166667]
    """
    pooled = class_shares(np.asarray(counts).sum(axis=0, keepdims=True))
    distances: Numbers = np.abs(class_shares(counts) - pooled).sum(axis=1) / 2
    return distances


def jensen_shannon(counts: ArrayLike) -> Numbers:
    """Return the Jensen-Shannon divergence of each two groups in nats, both counted alike: (n_groups, n_groups).

    Notes
    -----
    Lin (1991), doi:10.1109/18.61115: the entropy of the mean of both distributions less the mean of their entropies;
    0 to ln 2. Its square root is a distance.

    Examples
    --------
    >>> round(float(jensen_shannon([[10, 20, 10], [10, 5, 5]])[0, 1]), 6)
    0.042475
    """
    from scipy.special import entr

    shares = class_shares(counts)
    own = entr(shares).sum(axis=1)
    found = [entr((shares + each) / 2).sum(axis=1) - (own + entr(each).sum()) / 2 for each in shares]
    divergences: Numbers = np.maximum(np.array(found).reshape(len(shares), len(shares)), 0)
    return divergences


def independence(
    counts: ArrayLike,
    *,
    judged: ArrayLike | None = None,
    n_permutations: int = 1999,
    rng: int | np.random.Generator = 0,
) -> Independence:
    """Return the chance of a table as uneven, and of each cell's residual, where groups and classes are unrelated.

    Parameters
    ----------
    counts : whole numbers (n_groups, n_classes)
        People.
    judged : array of bool (n_classes,), optional
        Classes whose cells are looked at one by one. Default: all.
    n_permutations : int, default 1999
        How many tables with the same totals are drawn, as if people were dealt to the groups at random.
    rng : int or numpy.random.Generator, default 0
        What draws them.

    Returns
    -------
    Independence
        NaN with fewer than two groups or classes.

    Notes
    -----
    Of the whole table: the chi-square distribution where every expected count is 5 or more; else, for 2 x 2, all
    tables with the same totals, weighed by their hypergeometric chance; else tables drawn, the data counting as one
    draw (Phipson and Smyth 2010, doi:10.2202/1544-6115.1585). Of cells: how often the largest residual of all cells
    looked at, drawn, is as large (single-step max-T, Westfall and Young 1993); in a 2 x 2 table all residuals are
    equal, and theirs is the p of the table. chi-square sees what is spread over many cells, the largest residual what
    lies in one; both are asked, and corrected for being two (Holm, ``testing.over_families``). Beyond 10^9 people no
    tables are drawn: chi-square distribution, and cells corrected by Holm.

    Examples
    --------
    >>> found = independence([[10, 20, 10], [10, 5, 5]])
    >>> round(found.p_chi2, 6), round(found.p_g, 6), found.p_cells[0].round(2).tolist(), round(found.p_any, 6)
    (0.105399, 0.103298, [0.21, 0.33, 1.0], 0.210798)
    """
    table = np.asarray(counts, np.int64)
    looked_at = np.ones(table.shape[1], bool) if judged is None else np.asarray(judged, bool)
    groups, classes = table.sum(axis=1) > 0, table.sum(axis=0) > 0
    p_cells = np.full(table.shape, np.nan)
    if groups.sum() < 2 or classes.sum() < 2:
        return Independence(np.nan, np.nan, np.nan, UNTOLD, p_cells, 0)
    inner, cells = table[np.ix_(groups, classes)], looked_at[classes]
    p_chi2, p_g, method, p_inner, n_drawn = _tested(inner, cells, n_permutations, np.random.default_rng(rng))
    p_any = p_chi2
    if inner.shape != (2, 2):
        table_p, cell_p = over_families([[p_chi2], p_inner[:, cells].ravel()])
        p_any = float(min(table_p.min(), cell_p.min(initial=1)))
        p_inner[:, cells] = cell_p.reshape(-1, int(cells.sum()))
    p_cells[np.ix_(groups, classes)] = np.where(cells, p_inner, np.nan)
    return Independence(p_any, p_chi2, p_g, method, p_cells, n_drawn)


def _tested(
    table: Whole, cells: Booleans, n_permutations: int, rng: np.random.Generator
) -> tuple[float, float, str, Numbers, int]:
    """Return both p-values, their method, those of the cells, and the number of tables drawn; every total above 0."""
    expected = expected_counts(table)
    chi2, g = (float(each[0]) for each in _statistics(table[None], expected))
    by_chi_square = _chi_square_p(chi2, g, _df(table))
    is_dense = expected.min() >= _LEAST_EXPECTED
    residuals = np.abs(adjusted_residuals(table))
    if table.shape == (2, 2):
        p_chi2, p_g = by_chi_square if is_dense else _every_table(table)
        return p_chi2, p_g, ASYMPTOTIC if is_dense else EXACT, np.full((2, 2), p_chi2), 0
    if table.sum() >= _MOST_DEALT or not n_permutations:
        from scipy.special import ndtr

        held = np.full(table.shape, np.nan)
        held[:, cells] = holm((2 * ndtr(-residuals[:, cells])).ravel()).reshape(-1, int(cells.sum()))
        return *by_chi_square, ASYMPTOTIC if is_dense else LARGE, held, 0
    deviations = _deviations(table.astype(np.float64))
    statistics, largest = [], []
    for drawn in _batches(table, n_permutations, rng):
        statistics.append(np.stack(_statistics(drawn, expected)))
        furthest = np.abs(drawn - expected)[:, :, cells] / deviations[:, cells]
        largest.append(furthest.max(axis=(1, 2), initial=0))
    as_large = n_permutations - np.searchsorted(np.sort(np.concatenate(largest)), residuals * (1 - _ROUNDING))
    p_cells = (1 + as_large) / (n_permutations + 1)
    if is_dense:
        return *by_chi_square, ASYMPTOTIC, p_cells, n_permutations
    p_chi2, p_g = _drawn_p(np.concatenate(statistics, axis=1), np.stack(_statistics(table[None], expected)))
    return p_chi2, p_g, RANDOM, p_cells, n_permutations


def independence_within(tables: ArrayLike, *, n_permutations: int = 1999, rng: int | np.random.Generator = 0) -> Within:
    """Return the association within strata: whether people alike in the stratum are in the same classes.

    Parameters
    ----------
    tables : whole numbers (n_strata, n_groups, n_classes)
        People; groups and classes are compared within each stratum, and strata that tell nothing are passed over.

    Notes
    -----
    The statistics and their degrees of freedom added up over strata; people are dealt to the groups within them.

    Examples
    --------
    >>> found = independence_within([[[10, 20, 10], [10, 5, 5]], [[10, 20, 10], [10, 5, 5]]])
    >>> found.chi2, found.df, round(found.p_chi2, 6)
    (9.0, 4, 0.061099)
    """
    every = (_peopled(each) for each in np.asarray(tables, np.int64))
    telling = [each for each in every if min(each.shape) > 1]
    if not telling:
        return Within(np.nan, np.nan, 0, np.nan, np.nan, UNTOLD, 0)
    expected = [expected_counts(each) for each in telling]
    seen = sum(np.stack(_statistics(t[None], e)) for t, e in zip(telling, expected, strict=True))
    chi2, g = (float(each) for each in np.asarray(seen)[:, 0])
    df = sum(_df(each) for each in telling)
    is_dense = min(each.min() for each in expected) >= _LEAST_EXPECTED
    most = max(int(each.sum()) for each in telling)
    if is_dense or most >= _MOST_DEALT or not n_permutations:
        return Within(chi2, g, df, *_chi_square_p(chi2, g, df), ASYMPTOTIC if is_dense else LARGE, 0)
    draws = np.random.default_rng(rng)
    drawn = np.zeros((2, n_permutations))
    for t, e in zip(telling, expected, strict=True):
        drawn += np.concatenate([np.stack(_statistics(b, e)) for b in _batches(t, n_permutations, draws)], axis=1)
    return Within(chi2, g, df, *_drawn_p(drawn, np.asarray(seen)), RANDOM, n_permutations)


def drawn_tables(counts: ArrayLike, size: int, rng: np.random.Generator) -> Whole:
    """Return tables (size, n_groups, n_classes) with the same totals, as if people were dealt to the groups at random.

    One hypergeometric number a cell, whatever the number of people.
    """
    table = np.asarray(counts, np.int64)
    n_groups, n_classes = table.shape
    left = np.tile(table.sum(axis=0), (size, 1))
    drawn = np.empty((size, n_groups, n_classes), np.int64)
    for group, people in enumerate(table.sum(axis=1)[:-1].tolist()):
        wanted, others = np.full(size, people), left.sum(axis=1)
        for at in range(n_classes - 1):
            others -= left[:, at]
            drawn[:, group, at] = rng.hypergeometric(left[:, at], others, wanted)
            wanted -= drawn[:, group, at]
        drawn[:, group, -1] = wanted
        left -= drawn[:, group]
    drawn[:, -1] = left
    return drawn


def _batches(table: Whole, n: int, rng: np.random.Generator) -> Iterator[Whole]:
    """Return n tables drawn, as many at once as memory is given for."""
    at_once = max(1, _AT_ONCE // table.size)
    for start in range(0, n, at_once):
        yield drawn_tables(table, min(at_once, n - start), rng)


def _peopled(table: NDArray[Any]) -> NDArray[Any]:
    """Return the table without groups and classes that have nobody."""
    return table[np.ix_(table.sum(axis=1) > 0, table.sum(axis=0) > 0)]


def _df(table: NDArray[Any]) -> int:
    return int((table.shape[0] - 1) * (table.shape[1] - 1))


def _statistics(tables: NDArray[Any], expected: Numbers) -> tuple[Numbers, Numbers]:
    """Return chi-square and G of tables (n_tables, n_groups, n_classes) with the same expected counts, all above 0."""
    from scipy.special import xlogy

    seen = np.asarray(tables, np.float64)
    chi2 = ((seen - expected) ** 2 / expected).sum(axis=(1, 2))
    return chi2, np.maximum(2 * xlogy(seen, seen / expected).sum(axis=(1, 2)), 0)


def _chi_square_p(chi2: float, g: float, df: int) -> tuple[float, float]:
    from scipy.special import chdtrc

    return float(chdtrc(df, chi2)), float(chdtrc(df, g))


def _drawn_p(drawn: Numbers, seen: Numbers) -> tuple[float, float]:
    """Return the share of draws (2, n), the data among them, whose chi-square, or G, is as large as that seen."""
    as_large = (drawn >= seen * (1 - _ROUNDING) - _ROUNDING).sum(axis=1)
    p_chi2, p_g = (1 + as_large) / (drawn.shape[1] + 1)
    return float(p_chi2), float(p_g)


def _every_table(table: Whole) -> tuple[float, float]:
    """Return the exact chance of chi-square, and of G, at least as large, over all 2 x 2 tables with these totals."""
    from scipy.special import gammaln

    (first, second), (column, other) = table.sum(axis=1), table.sum(axis=0)
    x = np.arange(max(0, column - second), min(first, column) + 1)
    tables = np.stack([x, first - x, column - x, other - first + x], axis=1).reshape(-1, 2, 2)
    logs = -gammaln(tables + 1).sum(axis=(1, 2))
    chances = np.exp(logs - logs.max())
    found = np.stack(_statistics(tables, expected_counts(table)))
    seen = found[:, [int(table[0, 0] - x[0])]]
    as_large = found >= seen * (1 - _ROUNDING) - _ROUNDING
    p_chi2, p_g = (chances * as_large).sum(axis=1) / chances.sum()
    return float(p_chi2), float(p_g)
