"""Fellegi and Sunter's linkage: how much each agreement speaks for one person, learnt from the tables alone."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscope.attacks.linking.blocking import Pairs
from riskscope.attacks.linking.comparable import Comparable
from riskscope.words import N_

Numbers = NDArray[np.float64]

#: Levels of agreement, by the number that ``kernels.edits`` gives them.
LEVELS = (N_("missing"), N_("different"), N_("near"), N_("equal"))
MISSING, DIFFERENT, NEAR, EQUAL = range(4)

#: Shares of the levels among true pairs before anything is learnt.
START = np.array([0.0, 0.1, 0.1, 0.8])
#: Random pairs that tell how often strangers agree.
DRAWN = 1_000_000
#: Rounds of the EM at most, and the gain in log-likelihood (nats, over all pairs) below which it has settled: no data
#: tell such fits apart.
ROUNDS, SETTLED = 1_000, 1e-2
#: Weights this close are ties: sums of the same terms in another order differ by less.
TIE = 1e-9

NO_PAIRS = N_("no two records share a block: nothing was compared")
NOTHING_COMPARED = N_("no pair of records has a value of the same column on both sides")
NOT_SETTLED = N_("the fit failed: the shares of agreement did not settle")
NOT_MATCHES = N_("the fit failed: the pairs that it takes for one person agree no more than strangers")


@dataclass(frozen=True)
class Fit:
    """What the EM learnt.

    Attributes
    ----------
    m, u : shares (n_columns, 4)
        Share of each level of agreement, among the pairs where the column can be compared: of one person (m), of
        strangers (u). NaN for "missing" and for levels that no pair has.
    prior : chance that a random pair of records, of all, is one person's (lambda)
    rounds : rounds of the EM
    failure : why there is no fit; then ``m`` and ``prior`` are NaN
    """

    m: Numbers = field(repr=False)
    u: Numbers = field(repr=False)
    prior: float
    rounds: int = 0
    failure: str = ""

    @property
    def weights(self) -> Numbers:
        """log2(m / u) of each column and level; 0 where a value is missing or a level does not occur."""
        return weights_of(self.m, self.u)


def weights_of(m: ArrayLike, u: ArrayLike) -> Numbers:
    """Return the weight log2(m / u) of each level, 0 where it is not defined (a missing value tells nothing)."""
    shares, others = np.asarray(m, float), np.asarray(u, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.log2(shares / others)
    return np.where(np.isnan(weights), 0.0, weights)


def posterior_of(weight: ArrayLike, prior: float) -> Numbers:
    """Return the chance that pairs of these weights are one person's: odds = prior / (1 - prior) * 2^weight.

    Notes
    -----
    Fellegi & Sunter (1969), JASA 64(328), in the form with base 2.

    Examples
    --------
    >>> m, u = np.array([0.95, 0.9, 0.8]), np.array([0.5, 0.01, 0.001])
    >>> weight = np.log2([m[0] / u[0], m[1] / u[1], (1 - m[2]) / (1 - u[2])]).sum()
    >>> round(weight, 6), round(float(posterior_of(weight, 0.001)), 6)
    (np.float64(5.097368), 0.033133)
    """
    from scipy.special import expit

    odds = np.log(prior) - np.log1p(-prior) + np.log(2) * np.asarray(weight, float)
    return np.asarray(expit(odds), float)


def compared(
    columns: Sequence[Comparable], people: NDArray[np.int64], released: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the pattern of agreement of each pair as one number: two bits a column, the first column lowest."""
    from riskscope.engines.memory import in_threads, threads

    cuts = np.linspace(0, len(people), 8 * threads() + 1).astype(int)
    patterns = np.zeros(len(people), np.int64)

    def fill(part: slice) -> None:
        for at, column in enumerate(columns):
            patterns[part] |= column.levels(people[part], released[part]).astype(np.int64) << (2 * at)

    in_threads(fill, [slice(*ends) for ends in itertools.pairwise(cuts)], n_rows=len(people))
    return patterns


def opened(patterns: NDArray[np.int64], n_columns: int) -> NDArray[np.uint8]:
    """Return the level of each column (n_patterns, n_columns)."""
    return (patterns[:, None] >> (2 * np.arange(n_columns)) & 3).astype(np.uint8)


def strangers(columns: Sequence[Comparable], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return how many random pairs show each level (n_columns, 4); all pairs where there are few."""
    n_people, n_released = len(columns[0].people), len(columns[0].released)
    n_all = n_people * n_released
    drawn = np.arange(n_all) if n_all <= DRAWN else rng.integers(0, n_all, DRAWN)
    people, released = np.divmod(drawn, max(1, n_released))
    return np.array([np.bincount(column.levels(people, released), minlength=4) for column in columns], np.int64)


def fit(
    levels: NDArray[np.uint8], counts: NDArray[np.int64], drawn: NDArray[np.int64], n_all: int, n_released: int
) -> Fit:
    """Learn m and lambda by EM, under conditional independence of the columns.

    Parameters
    ----------
    levels : (n_patterns, n_columns)
        Distinct patterns of agreement of the pairs compared.
    counts : (n_patterns,)
        Pairs of each pattern.
    drawn : (n_columns, 4)
        Levels among random pairs of all pairs; see ``strangers``.
    n_all : int
        All pairs of records; those that were not compared are taken for strangers.
    n_released : int
        Released records: each is one person's at most, so there are no more true pairs (nor more than half of all).

    Notes
    -----
    Fellegi & Sunter (1969); the EM of Winkler (1988). u is the share of a level among random pairs, with the true pairs
    that lambda and m expect among them taken out (in small tables they are not few), and half a pair added to each
    level. One made-up true pair that agrees like ``START`` is added too: it keeps the fit defined where no pair is one
    person's. m is that of the true pairs that were compared: blocking makes agreement on its columns look surer.
    """
    n_columns = drawn.shape[0]
    nothing = np.full((n_columns, 4), np.nan)
    if not len(counts):
        return Fit(nothing, nothing, np.nan, failure=NO_PAIRS)
    is_seen = drawn > 0
    for at in range(n_columns):
        is_seen[at, np.unique(levels[:, at])] = True
    is_seen[:, MISSING] = False
    if not is_seen.any():
        return Fit(nothing, nothing, np.nan, failure=NOTHING_COMPARED)
    start = np.where(is_seen, START, 0)
    start /= np.maximum(start.sum(axis=1, keepdims=True), 1e-300)
    spots = np.zeros((len(counts), n_columns, 4))  # 1 where a pattern shows a level
    np.put_along_axis(spots, levels[:, :, None].astype(np.int64), 1.0, axis=2)
    shown_levels = spots.reshape(len(counts), -1)
    most = min(n_released, n_all / 2) + 1
    m, prior = start, 0.5 * most / (n_all + 2)
    u = _strangers_alone(drawn, is_seen, m, prior)
    rounds, gained, likelihood = 0, np.inf, -np.inf
    while gained >= SETTLED and rounds < ROUNDS:
        rounds += 1
        weights = np.where(is_seen, weights_of(np.where(is_seen, m, np.nan), u), 0)
        totals = shown_levels @ weights.ravel()
        expected = counts * posterior_of(totals, prior)
        before, likelihood = likelihood, _likelihood(totals, counts, prior, n_all)
        gained = abs(likelihood - before)
        sums = (expected @ shown_levels).reshape(n_columns, 4) * is_seen + start
        m = sums / np.maximum(sums.sum(axis=1, keepdims=True), 1e-300)
        prior = min(expected.sum() + 1, most) / (n_all + 2)
        u = _strangers_alone(drawn, is_seen, m, prior)
    if gained >= SETTLED:
        return Fit(nothing, np.where(is_seen, u, np.nan), np.nan, ROUNDS, NOT_SETTLED)
    m, u = np.where(is_seen, m, np.nan), np.where(is_seen, u, np.nan)
    if not np.nansum(m * weights_of(m, u)) > 0 or weights_of(m, u)[:, EQUAL].sum() < 0:
        return Fit(nothing, u, np.nan, rounds, NOT_MATCHES)
    return Fit(m, u, float(prior), rounds)


def _likelihood(totals: Numbers, counts: NDArray[np.int64], prior: float, n_all: int) -> float:
    """Return the log-likelihood of the patterns beside that of strangers alone."""
    pairs = np.logaddexp(np.log(prior) + np.log(2) * totals, np.log1p(-prior))
    return float(counts @ pairs + (n_all - counts.sum()) * np.log1p(-prior))


def _strangers_alone(drawn: NDArray[np.int64], is_seen: NDArray[np.bool_], m: Numbers, prior: float) -> Numbers:
    """Return the shares of the levels among random pairs without the true pairs that are expected among them."""
    comparable_pairs = np.where(is_seen, drawn, 0)
    n_drawn = comparable_pairs.sum(axis=1, keepdims=True)
    left = np.where(is_seen, np.maximum(comparable_pairs - prior * n_drawn * m, 0) + 0.5, 0)
    return np.asarray(left / np.maximum(left.sum(axis=1, keepdims=True), 1e-300), float)


def rarities(column: Comparable, agree_u: float) -> Numbers:
    """Return what agreement on each value weighs beyond agreement as such: log2(u / share of the value).

    The share is that among all other records of the two tables: the pair itself tells nothing of strangers. A value
    that nobody else has gets the smallest share that the tables can tell, or ``u``, whichever is smaller.

    Examples
    --------
    >>> import pyarrow as pa
    >>> column = Comparable("name", np.array([0, 0, 0, 1], np.int32), np.array([0, 0, 1, -1], np.int32), pa.array("ab"))
    >>> rarities(column, 0.5).round(4).tolist()  # 3 of 5 others; nobody else: 1 of 7
    [-0.263, 1.8074]
    """
    n_values = len(column.values)
    counts = np.zeros(n_values, np.int64)
    for codes in (column.people, column.released):
        counts += np.bincount(codes[codes >= 0], minlength=n_values)
    n = int(counts.sum())
    least = min(agree_u, 1 / max(n, 1))
    return np.log2(agree_u / np.maximum((counts - 2) / max(n - 2, 1), least))


def scored(columns: Sequence[Comparable], pairs: Pairs, patterns: NDArray[np.int64], fitted: Fit) -> Numbers:
    """Return the weight of each pair: the sum over its columns, agreement on a rare value counting for more."""
    distinct, places = np.unique(patterns, return_inverse=True)
    levels = opened(distinct, len(columns))
    weights = fitted.weights
    total = np.take_along_axis(weights.T, levels.astype(np.int64), axis=0).sum(axis=1)[places]
    for at, column in enumerate(columns):
        if np.isfinite(fitted.u[at, EQUAL]):
            rows = np.flatnonzero(levels[places, at] == EQUAL)
            total[rows] += rarities(column, fitted.u[at, EQUAL])[column.people[pairs.people[rows]]]
    return np.asarray(total, float)
