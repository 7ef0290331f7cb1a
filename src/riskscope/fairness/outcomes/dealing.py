"""Deal records, or whole clusters, at random among groups: how far apart means lie by chance alone."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from riskscope.fairness.outcomes.cells import Numbers, Tied, Whole

#: Up to so many ways to deal, all of them are tried.
MOST_SPLITS = 100_000
#: Kinds of unit told apart where dealing is random; beyond, units that nearly equal each other are dealt as equal.
MOST_KINDS = 512
#: Numbers drawn at most: fewer deals where there are hundreds of groups, and never fewer than this.
MOST_DRAWN, LEAST_DEALT = 20_000_000, 99


class Units(NamedTuple):
    """What is dealt, by kind: ``sizes`` and ``sums`` of outcomes (n_kinds,), ``counts`` (n_kinds, n_groups)."""

    sizes: Numbers
    sums: Numbers
    counts: Whole


class Dealt(NamedTuple):
    """The mean of each group (n_dealt, n_groups) each time all was dealt; whether these are all ways to deal."""

    means: Numbers
    is_exact: bool

    def chance_of_gap(self, observed: float) -> float:
        """Return how often the largest gap between means is at least as large as the one observed.

        Among random dealings the one observed counts as one: Phipson and Smyth (2010), doi:10.2202/1544-6115.1585.
        """
        gaps = self.means.max(axis=1) - self.means.min(axis=1)
        as_large = int((gaps >= observed - 1e-9 * np.abs(self.means).max(initial=0)).sum())
        return as_large / len(gaps) if self.is_exact else (as_large + 1) / (len(gaps) + 1)


def deal(
    tied: Tied, groups: Sequence[int], *, n_permutations: int, rng: np.random.Generator, every: bool = True
) -> Dealt:
    """Return the means of the groups when their units are dealt anew, each group keeping its number of units.

    ``every`` allows to try all ways to deal where they are few; their number tells how many people there are.
    """
    kinds, n_kinds = _exact_kinds(tied)
    units = _units(tied, kinds, n_kinds, groups)
    if every and _has_few_splits(units.counts.sum(axis=0).tolist()):
        return Dealt(_every_split(units), True)
    if n_kinds > MOST_KINDS:
        units = _units(tied, *_coarse_kinds(tied), groups)
    most = max(LEAST_DEALT, MOST_DRAWN // max(1, units.counts.size))
    return Dealt(_random_splits(units, min(n_permutations, most), rng), False)


def _exact_kinds(tied: Tied) -> tuple[Whole, int]:
    """Return the kind of each entry: entries of equal size and sum are of one kind."""
    sizes, sums = (np.unique(each, return_inverse=True)[1] for each in (tied.sizes, tied.sums))
    distinct, kinds = np.unique(sizes * (sums.max(initial=0) + 1) + sums, return_inverse=True)
    return kinds, len(distinct)


def _coarse_kinds(tied: Tied) -> tuple[Whole, int]:
    """Return fewer kinds: sizes and sums are cut into steps of equal width and, besides, of equal numbers."""
    axes = [each for each in (tied.sizes, tied.sums) if np.ptp(each) > 0]
    n_steps = int(MOST_KINDS ** (1 / len(axes))) // 2
    kinds = np.zeros(len(tied.sizes), np.int64)
    for axis in axes:
        ends = np.quantile(axis, np.linspace(0, 1, n_steps + 1))
        cuts = np.unique(np.concatenate([ends, np.linspace(axis.min(), axis.max(), n_steps + 1)]))
        kinds = kinds * len(cuts) + np.searchsorted(cuts, axis)
    distinct, kinds = np.unique(kinds, return_inverse=True)
    return kinds, len(distinct)


def _units(tied: Tied, kinds: Whole, n_kinds: int, groups: Sequence[int]) -> Units:
    """Return the units of each kind, each with the mean size and sum of its kind."""
    times = np.bincount(kinds, tied.times, minlength=n_kinds)
    counts = np.stack(
        [np.bincount(kinds, tied.times * (tied.group == group), minlength=n_kinds) for group in groups], axis=1
    )
    sizes, sums = (np.bincount(kinds, tied.times * each, minlength=n_kinds) / times for each in (tied.sizes, tied.sums))
    return Units(sizes, sums, counts.astype(np.int64))


def _has_few_splits(wanted: Sequence[int]) -> bool:
    """Tell whether there are at most ``MOST_SPLITS`` ways to deal so many units to each group."""
    log_splits = math.lgamma(sum(wanted) + 1) - sum(math.lgamma(n + 1) for n in wanted)
    return log_splits <= math.log(MOST_SPLITS) + 1e-9


def _every_split(units: Units) -> Numbers:
    """Return the means of the groups for every way to deal the units."""
    kinds = np.repeat(np.arange(len(units.sizes)), units.counts.sum(axis=1))
    wanted = units.counts.sum(axis=0)
    order = np.argsort(wanted, kind="stable")
    splits = list(_splits(tuple(range(len(kinds))), wanted[order[:-1]].tolist()))
    sizes, sums = units.sizes[kinds], units.sums[kinds]
    means = np.empty((len(splits), len(wanted)))
    left_sizes, left_sums = np.full(len(splits), sizes.sum()), np.full(len(splits), sums.sum())
    for at, group in enumerate(order[:-1]):
        chosen = np.array([split[at] for split in splits])
        their_sizes, their_sums = sizes[chosen].sum(axis=1), sums[chosen].sum(axis=1)
        means[:, group] = their_sums / their_sizes
        left_sizes, left_sums = left_sizes - their_sizes, left_sums - their_sums
    means[:, order[-1]] = left_sums / left_sizes
    return means


def _splits(units: tuple[int, ...], wanted: list[int]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Yield every way to choose so many units for each group; the last group, not named, gets what is left."""
    for chosen in itertools.combinations(units, wanted[0]):
        if len(wanted) == 1:
            yield (chosen,)
        else:
            rest = tuple(unit for unit in units if unit not in chosen)
            for others in _splits(rest, wanted[1:]):
                yield (chosen, *others)


def _random_splits(units: Units, n_permutations: int, rng: np.random.Generator) -> Numbers:
    """Return the means of the groups for random ways to deal, drawn kind by kind, never unit by unit."""
    totals, wanted = units.counts.sum(axis=1), units.counts.sum(axis=0)
    order = np.argsort(wanted, kind="stable")
    means = np.empty((n_permutations, len(wanted)))
    for at in range(n_permutations):
        left = totals.copy()
        for group in order[:-1]:
            drawn = rng.multivariate_hypergeometric(left, wanted[group])
            means[at, group] = (drawn @ units.sums) / (drawn @ units.sizes)
            left -= drawn
        means[at, order[-1]] = (left @ units.sums) / (left @ units.sizes)
    return means
