"""Scores by group, record by record: formula sheet G2; every pair of people compared, every cut-off tried."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Sequence


def of(values: Sequence[float], groups: Sequence[Hashable], group: Hashable) -> list[float]:
    return [value for value, own in zip(values, groups, strict=True) if own == group]


def share_at_most(scores: Sequence[float], weights: Sequence[float], point: float) -> float:
    return sum(w for s, w in zip(scores, weights, strict=True) if s <= point) / sum(weights)


def ks(one: Sequence[float], v: Sequence[float], other: Sequence[float], w: Sequence[float]) -> float:
    return max(abs(share_at_most(one, v, s) - share_at_most(other, w, s)) for s in [*one, *other])


def wasserstein(one: Sequence[float], v: Sequence[float], other: Sequence[float], w: Sequence[float]) -> float:
    points = sorted({*one, *other})
    return sum(
        abs(share_at_most(one, v, low) - share_at_most(other, w, low)) * (high - low)
        for low, high in itertools.pairwise(points)
    )


def auc(positive: Sequence[float], v: Sequence[float], negative: Sequence[float], w: Sequence[float]) -> float:
    """Every positive against every negative; a tie counts half."""
    won = sum(
        a * b * ((p > q) + (p == q) / 2)
        for p, a in zip(positive, v, strict=True)
        for q, b in zip(negative, w, strict=True)
    )
    return won / (sum(v) * sum(w))


def delong_variance(positive: Sequence[float], negative: Sequence[float]) -> float:
    """DeLong et al. (1988): variance of the placements in each class, over its size."""
    m, n = len(positive), len(negative)
    ours = [auc([p], [1], negative, [1] * n) for p in positive]
    theirs = [auc(positive, [1] * m, [q], [1]) for q in negative]
    area = sum(ours) / m
    return sum((each - area) ** 2 for each in ours) / (m * (m - 1)) + sum((each - area) ** 2 for each in theirs) / (
        n * (n - 1)
    )


def bin_of(score: float, n_bins: int) -> int:
    """The last bin at or above whose lower edge the score lies."""
    return max(at for at in range(n_bins) if score >= at / n_bins)


def errors_of_bins(
    scores: Sequence[float], outcomes: Sequence[float], weights: Sequence[float], n_bins: int
) -> list[tuple[float, float]]:
    """(Share of the people, |observed - mean score|) of each bin with anybody in it."""
    found = []
    for b in range(n_bins):
        inside = [at for at, s in enumerate(scores) if bin_of(s, n_bins) == b]
        total = sum(weights[at] for at in inside)
        if total:
            off = sum(weights[at] * (outcomes[at] - scores[at]) for at in inside) / total
            found.append((total / sum(weights), abs(off)))
    return found


def ece(scores: Sequence[float], outcomes: Sequence[float], weights: Sequence[float], n_bins: int) -> float:
    return sum(share * off for share, off in errors_of_bins(scores, outcomes, weights, n_bins))


def mce(scores: Sequence[float], outcomes: Sequence[float], weights: Sequence[float], n_bins: int) -> float:
    return max(off for _share, off in errors_of_bins(scores, outcomes, weights, n_bins))


def ece_by_chance(scores: Sequence[float], n_bins: int) -> float:
    """The mean error of a perfectly calibrated score: every pattern of outcomes, with its chance."""
    mean = 0.0
    for pattern in range(2 ** len(scores)):
        outcomes = [pattern >> at & 1 for at in range(len(scores))]
        chance = math.prod(s if y else 1 - s for s, y in zip(scores, outcomes, strict=True))
        mean += chance * ece(scores, outcomes, [1.0] * len(scores), n_bins)
    return mean


def rates(scores: Sequence[float], outcomes: Sequence[float], weights: Sequence[float], cut: float) -> dict[str, float]:
    """Every rate when all who score at least the cut-off are selected; NaN where nobody is divided by."""
    cells = {(a, b): 0.0 for a in (0, 1) for b in (0, 1)}
    for s, y, w in zip(scores, outcomes, weights, strict=True):
        cells[int(y), int(s >= cut)] += w
    tn, fp, fn, tp = cells[0, 0], cells[0, 1], cells[1, 0], cells[1, 1]

    def over(part: float, whole: float) -> float:
        return part / whole if whole else math.nan

    n = tn + fp + fn + tp
    return {
        "selection_rate": over(tp + fp, n),
        "tpr": over(tp, tp + fn),
        "fpr": over(fp, fp + tn),
        "tnr": over(tn, fp + tn),
        "fnr": over(fn, tp + fn),
        "ppv": over(tp, tp + fp),
        "npv": over(tn, tn + fn),
        "accuracy": over(tp + tn, n),
    }


def top_share(scores: Sequence[float], groups: Sequence[Hashable], group: Hashable, n_selected: float) -> float:
    """Expected share of a group among so many with the highest scores, when those tied at the end draw lots."""
    left, expected = n_selected, 0.0
    for value in sorted(set(scores), reverse=True):
        tied = [own for s, own in zip(scores, groups, strict=True) if s == value]
        taken = min(left, len(tied))
        expected += taken * sum(own == group for own in tied) / len(tied)
        left -= taken
    return expected / sum(own == group for own in groups)


def rate_above_median(scores: Sequence[float], groups: Sequence[Hashable], group: Hashable) -> float:
    ranked = sorted(scores)
    n = len(ranked)
    median = (ranked[(n - 1) // 2] + ranked[n // 2]) / 2
    own = of(scores, groups, group)
    return sum(s > median for s in own) / len(own)


def mean_and_variance(values: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """Weighted mean, and its linearised variance."""
    n, total = len(values), sum(weights)
    mean = sum(w * x for w, x in zip(weights, values, strict=True)) / total
    return mean, n / (n - 1) * sum((w * (x - mean)) ** 2 for w, x in zip(weights, values, strict=True)) / total**2
