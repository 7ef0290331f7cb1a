"""Records that share outcome, group and cluster, counted once: what every figure of an audit is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.intervals import cluster_interval

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """Records that share outcome, group and cluster; all arrays (n_cells,).

    Parameters
    ----------
    outcome : float64
        The number that is compared.
    group : int64
        Numbers of groups from 0.
    records : int64
        How many records each cell holds.
    cluster : int64, optional
        Records of one cluster are tied. Without it each record stands for itself.
    """

    outcome: Numbers
    group: Whole
    records: Whole
    cluster: Whole | None = None


class Tied(NamedTuple):
    """The part of a cluster that lies in one group; all arrays (n_entries,), in order of the group.

    ``sizes`` records in it, ``sums`` of their outcomes, ``times``: how many such parts there are. ``cluster`` joins
    the parts of one cluster.
    """

    cluster: Whole
    group: Whole
    sizes: Numbers
    sums: Numbers
    times: Whole

    def of(self, *groups: int) -> Tied:
        """Return the entries of some groups, given in rising order."""
        starts, ends = (np.searchsorted(self.group, groups, side=side) for side in ("left", "right"))
        parts = [slice(start, end) for start, end in zip(starts, ends, strict=True)]

        def taken(array: NDArray[Any]) -> Any:
            return array[parts[0]] if len(parts) == 1 else np.concatenate([array[part] for part in parts])

        return Tied(taken(self.cluster), taken(self.group), taken(self.sizes), taken(self.sums), taken(self.times))

    def is_nested(self) -> bool:
        """Tell whether every cluster lies within one group."""
        return len(np.unique(self.cluster)) == len(self.cluster)


def single_records(cells: Cells) -> Tied:
    """Return the records as clusters of one, those with equal outcome and group as one entry."""
    values, at = np.unique(cells.outcome, return_inverse=True)
    group, value, place = _pairs(cells.group, at, len(values))
    times = np.bincount(place, cells.records, minlength=len(group)).astype(np.int64)
    return Tied(np.arange(len(group)), group, np.ones(len(group)), values[value], times)


def clusters(cells: Cells) -> Tied:
    """Return the clusters, cut at the borders of groups; single records where no clusters are given."""
    if cells.cluster is None:
        return single_records(cells)
    group, cluster, place = _pairs(cells.group, cells.cluster, int(cells.cluster.max(initial=0)) + 1)
    sizes = np.bincount(place, cells.records, minlength=len(group)).astype(np.float64)
    sums = np.bincount(place, cells.records * cells.outcome, minlength=len(group)).astype(np.float64)
    return Tied(cluster, group, sizes, sums, np.ones(len(group), np.int64))


def _pairs(group: Whole, second: Whole, n_second: int) -> tuple[Whole, Whole, Whole]:
    """Return the distinct pairs in order of the group, each in its two parts, and the place of each cell's pair."""
    pairs, place = np.unique(group * max(1, n_second) + second, return_inverse=True)
    first, other = np.divmod(pairs, max(1, n_second))
    return first, other, place


def mean_interval(tied: Tied, group: int) -> tuple[float, float, float]:
    """Return the mean of a group and its cluster-robust interval."""
    ours = tied.of(group)
    mean, influences = _influences(ours)
    return mean, *cluster_interval(mean, influences, ours.times)


def difference_interval(tied: Tied, first: int, second: int) -> tuple[float, float, float]:
    """Return how much higher the mean of the first group is, and its interval; clusters may lie in both groups."""
    parts = [tied.of(first), tied.of(second)]
    (one, ours), (other, theirs) = (_influences(part) for part in parts)
    if min(part.times.sum() for part in parts) < 2:
        return one - other, np.nan, np.nan
    joined, at = np.unique(np.concatenate([part.cluster for part in parts]), return_inverse=True)
    influences = np.bincount(at, np.concatenate([ours, -theirs]), minlength=len(joined))
    times = np.ones(len(joined))
    times[at] = np.concatenate([part.times for part in parts])
    return one - other, *cluster_interval(one - other, influences, times)


def _influences(tied: Tied) -> tuple[float, Numbers]:
    """Return the mean over the entries, and by how much each entry moves it."""
    n = float((tied.times * tied.sizes).sum())
    mean = float((tied.times * tied.sums).sum()) / n
    return mean, (tied.sums - mean * tied.sizes) / n


def wasserstein(one: Tied, other: Tied) -> float:
    """Return the area between the distribution functions of two groups of single records."""
    points = np.unique(np.concatenate([one.sums, other.sums]))
    gaps = np.abs(_distribution(one, points) - _distribution(other, points))
    return float((gaps[:-1] * np.diff(points)).sum())


def _distribution(records: Tied, points: Numbers) -> Numbers:
    """Return the share of records at or below each point."""
    order = np.argsort(records.sums)
    below = np.concatenate([[0], np.cumsum(records.times[order])])
    shares: Numbers = below[np.searchsorted(records.sums[order], points, side="right")] / below[-1]
    return shares


def theil(records: Tied) -> tuple[float, float]:
    """Return Theil's inequality within the groups and between them, for outcomes of at least 0, not all 0."""
    people = np.bincount(records.group, records.times)
    means = np.bincount(records.group, records.times * records.sums) / np.maximum(people, 1)
    mean = float((people * means).sum() / people.sum())
    risen = records.sums > 0
    own = records.sums[risen]
    within = (records.times[risen] * own * np.log(own / means[records.group[risen]])).sum() / (people.sum() * mean)
    some = means > 0
    between = (people[some] * means[some] * np.log(means[some] / mean)).sum() / (people.sum() * mean)
    return float(within), float(between)


def share_above(records: Tied, threshold: float) -> float:
    """Return the share of single records strictly above a threshold, rounding aside."""
    above = records.sums - threshold > 1e-12 * np.abs(records.sums)
    return float(records.times[above].sum() / records.times.sum())


def share_at_one(records: Tied) -> float:
    """Return the share of single records whose outcome is exactly 1."""
    return float(records.times[records.sums == 1].sum() / records.times.sum())
