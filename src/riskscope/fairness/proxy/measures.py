"""How well features tell a group, and what is left of a disparity when groups are alike in them; on arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.fairness.features import Predicted, boosted, varying_in

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]


class Standardised(NamedTuple):
    """A disparity before and after the groups are weighted to the same strata, and what chance alone leaves."""

    before: float
    after: float
    by_chance: float
    n_strata: int
    n_empty: int
    share_alone: float

    @property
    def carried(self) -> float:
        """The share of the disparity that goes when the strata are alike."""
        return 1 - self.after / self.before


def chances_held_out(
    matrix: Numbers,
    is_category: Sequence[bool],
    groups: Whole,
    folds: Whole,
    seed: int,
    shuffled: Sequence[int] = (),
) -> list[Numbers]:
    """Return the chance of each group for each record (n, n_groups), from models that did not see the record.

    One array; then one for each column of ``shuffled``, which is shuffled among the held-out records of each part.
    """
    n_groups = int(groups.max(initial=0)) + 1
    found = [np.full((len(groups), n_groups), 1 / n_groups) for _each in range(1 + len(shuffled))]
    varying = varying_in(matrix)
    if not varying:
        return found
    kinds = [is_category[at] for at in varying]
    rng = np.random.default_rng(seed)
    for fold in np.unique(folds):
        held = folds == fold
        model = boosted("classes", kinds, seed=seed, balanced=True).fit(matrix[~held][:, varying], groups[~held])
        for chances, column in zip(found, [None, *shuffled], strict=True):
            own = matrix[held]
            if column is not None:
                own[:, column] = rng.permutation(own[:, column])
            chances[np.ix_(held, model.classes_)] = model.predict_proba(own[:, varying])
    return found


def auc(score: Numbers, positive: Numbers, negative: Numbers) -> float:
    """Return the chance that a positive record scores above a negative one, ties half; NaN without one of either.

    Examples
    --------
    >>> round(auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1.0]), np.array([1, 1, 0, 0.0])), 4)
    0.75
    """
    if not positive.sum() or not negative.sum():
        return float("nan")
    distinct, at = np.unique(score, return_inverse=True)
    ours, theirs = (np.bincount(at, weights, minlength=len(distinct)) for weights in (positive, negative))
    below = np.cumsum(theirs) - theirs
    return float((ours * (below + theirs / 2)).sum() / (ours.sum() * theirs.sum()))


def macro_auc(scores: Numbers, groups: Whole, folds: Whole) -> float:
    """Return the AUC of each group against the others, within each part, averaged."""
    found = []
    for fold in np.unique(folds):
        held = folds == fold
        for group in range(scores.shape[1]):
            own = (groups[held] == group).astype(np.float64)
            found.append(auc(scores[held, group], own, 1 - own))
    return float(np.mean(found))


def balanced_error(scores: Numbers, groups: Whole) -> float:
    """Return the share of each group that is not told, averaged over the groups."""
    told = scores.argmax(axis=1) == groups
    people = np.bincount(groups)
    return float(1 - (np.bincount(groups, told) / people).mean())


def alone(cells: Whole, n_cells: int, groups: Whole, folds: Whole) -> Numbers:
    """Return the chance of each group (balanced) from one feature: shares in its cell among the other parts."""
    n_groups, n_folds = int(groups.max()) + 1, int(folds.max()) + 1
    flat = (folds * n_cells + cells) * n_groups + groups
    held = np.bincount(flat, minlength=n_folds * n_cells * n_groups).reshape(n_folds, n_cells, n_groups)
    seen = held.sum(axis=0) - held
    likely = (seen + 1 / n_cells) / (seen.sum(axis=1, keepdims=True) + 1)
    return np.asarray((likely / likely.sum(axis=2, keepdims=True))[folds, cells])


def standardised(strata: Whole, is_first: Booleans, predicted: Predicted) -> Standardised:
    """Return the disparity of two groups before and after both are weighted to the same strata.

    Direct standardisation to the mean of the two groups' distributions over the strata that hold people of both: what
    goes is Kitagawa's composition part. Numbers: difference of means; classes: total variation.
    """
    n_strata = int(strata.max(initial=0)) + 1
    people = [np.bincount(strata[side], minlength=n_strata).astype(np.float64) for side in (is_first, ~is_first)]
    both = (people[0] > 0) & (people[1] > 0)
    used = (people[0] > 0) | (people[1] > 0)
    weight = np.where(both, (people[0] / people[0].sum() + people[1] / people[1].sum()) / 2, 0)
    weight = weight / weight.sum() if both.any() else np.full(n_strata, np.nan)
    before, after, spread = [], [], []
    everybody = people[0] + people[1]
    for values in predicted.parts():
        sums = [np.bincount(strata[side], values[side], minlength=n_strata) for side in (is_first, ~is_first)]
        before.append(sums[0].sum() / people[0].sum() - sums[1].sum() / people[1].sum())
        gap = np.divide(sums[0], people[0], out=np.zeros(n_strata), where=both)
        gap -= np.divide(sums[1], people[1], out=np.zeros(n_strata), where=both)
        after.append(float((weight * gap).sum()))
        mean = np.divide(sums[0] + sums[1], everybody, out=np.zeros(n_strata), where=used)
        squares = np.bincount(strata, values**2, minlength=n_strata)
        variance = np.maximum(squares - everybody * mean**2, 0) / np.maximum(everybody - 1, 1)
        inverse = sum(np.divide(1.0, each, out=np.zeros(n_strata), where=both) for each in people)
        spread.append(float(np.sqrt((weight**2 * variance * inverse).sum())))
    chance = float(np.sqrt(2 / np.pi) * np.sum(spread))
    alone_share = float(everybody[~both].sum() / everybody.sum())
    n_used, n_empty = int(used.sum()), int((used & ~both).sum())
    if predicted.is_number:
        return Standardised(float(before[0]), after[0], chance, n_used, n_empty, alone_share)
    halves = float(np.abs(before).sum() / 2), float(np.abs(after).sum() / 2), chance / 2
    return Standardised(*halves, n_used, n_empty, alone_share)


def widest_pair(codes: Whole, n_groups: int, predicted: Predicted) -> tuple[int, int]:
    """Return the two groups that are furthest apart in the predictions, the one with the higher mean first."""
    people = np.bincount(codes, minlength=n_groups)
    means = np.stack([np.bincount(codes, values, minlength=n_groups) / people for values in predicted.parts()], axis=1)
    if predicted.is_number:
        first, second = int(means[:, 0].argmax()), int(means[:, 0].argmin())
        return (first, second) if first != second else (0, 1)
    gaps = np.abs(means[:, None] - means[None]).sum(axis=2)
    first, second = np.unravel_index(gaps.argmax(), gaps.shape)
    return (int(first), int(second)) if gaps.any() else (0, 1)


def is_chance(is_first: Booleans, predicted: Predicted, n_pairs: int) -> bool:
    """Tell whether chance sets two groups, picked among so many pairs, as far apart in 5 of 100 cases or more."""
    from scipy import stats

    if predicted.is_number:
        own, other = predicted.numbers[is_first], predicted.numbers[~is_first]
        spread = np.sqrt(own.var() / len(own) + other.var() / len(other))
        gap = abs(own.mean() - other.mean())
        return bool(gap == 0 or 2 * stats.norm.sf(gap / max(spread, 1e-300)) * n_pairs >= 0.05)
    classes = [np.bincount(predicted.codes[side], minlength=predicted.n_classes) for side in (is_first, ~is_first)]
    table = np.stack(classes)
    table = table[:, table.sum(axis=0) > 0]
    return bool(table.shape[1] < 2 or stats.chi2_contingency(table, correction=False).pvalue * n_pairs >= 0.05)
