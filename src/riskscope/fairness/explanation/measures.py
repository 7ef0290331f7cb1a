"""How much worse predictions are met when a feature is shuffled: by the model, or by a stand-in that learned them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.fairness.association import association
from riskscope.fairness.explanation.words import Importance
from riskscope.fairness.features import Feature, Predicted, folds_of, learned, matrix_of, varying_in

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Features that go together this strongly share their importance (rank correlation, or Cramér's V).
_TOGETHER = 0.6
#: So many features are held against each other at most.
_MOST_HELD = 60

#: (sets of rows, feature, orders (n_orders, n_records): whose value of the feature each record takes) -> how well the
#: predictions are met in each set under each order (n_orders, n_sets).
Meets = Callable[[Sequence[Whole], int, Whole], Numbers]


def of_model(scorer: Any, estimator: Any, frame: Any, names: Sequence[str], outcome: NDArray[Any]) -> Meets:
    """Return what tells how well a model meets the outcome, by a scorer of scikit-learn."""

    def meets(sets: Sequence[Whole], feature: int, orders: Whole) -> Numbers:
        found = np.empty((len(orders), len(sets)))
        for turn, order in enumerate(orders):
            shuffled = _shuffled(frame, names[feature], feature, order)
            for at, chosen in enumerate(sets):
                own = shuffled[chosen]
                own = own if isinstance(own, np.ndarray) else own.to_native()
                found[turn, at] = scorer(estimator, own, outcome[chosen])
        return found

    return meets


def _shuffled(frame: Any, name: str, feature: int, order: Whole) -> Any:
    """Return records in which each takes one column from another record."""
    if isinstance(frame, np.ndarray):
        copy = frame.copy()
        copy[:, feature] = frame[order, feature]
        return copy
    return frame.with_columns(frame[name][order].alias(name))


def stand_in(
    columns: Sequence[Feature],
    predicted: Predicted,
    wanted: Numbers,
    rows: Whole,
    n_splits: int,
    rng: np.random.Generator,
) -> Meets:
    """Fit a stand-in on each part's others; return what tells how much of the predictions it repeats."""
    everything = np.arange(len(wanted))
    matrix, kinds = matrix_of(columns, everything)
    varying = varying_in(matrix[rows])
    folds = np.full(len(wanted), -1)
    folds[rows] = folds_of(predicted.codes[rows], n_splits, rng)
    seed = int(rng.integers(2**31))
    models = []
    for fold in range(n_splits):
        own = rows[folds[rows] != fold]
        models.append(learned(matrix[own], kinds, predicted.taken(own), varying, seed=seed))
    spread = float(((wanted[rows] - wanted[rows].mean(axis=0)) ** 2).sum() / len(rows))

    def meets(sets: Sequence[Whole], feature: int, orders: Whole) -> Numbers:
        errors = np.zeros((len(orders), len(wanted)))
        for fold, told in enumerate(models):
            held = rows[folds[rows] == fold]
            taken = np.tile(matrix[held], (len(orders), 1))
            taken[:, feature] = matrix[orders[:, held].reshape(-1), feature]
            gaps = told(taken).reshape(len(orders), len(held), -1) - wanted[held]
            errors[:, held] = (gaps**2).sum(axis=2)
        return 1 - np.stack([errors[:, chosen].mean(axis=1) for chosen in sets], axis=1) / spread

    return meets


def importances_of(
    meets: Meets, sets: Sequence[Whole], names: Sequence[str], n_repeats: int, n_records: int, rng: np.random.Generator
) -> list[tuple[Importance, ...]]:
    """Return what shuffling each feature within each set of records costs there, the most important first."""
    from scipy.special import stdtrit

    found: list[list[Importance]] = [[] for _set in sets]
    whole = meets(sets, 0, np.arange(n_records)[None])[0]
    for at, name in enumerate(names):
        orders = np.tile(np.arange(n_records), (n_repeats, 1))
        for order, chosen in itertools.product(orders, sets):
            order[chosen] = rng.permutation(chosen)
        costs = whole - meets(sets, at, orders)
        means = costs.mean(axis=0)
        halves = stdtrit(n_repeats - 1, 0.975) * costs.std(axis=0, ddof=1) / np.sqrt(n_repeats)
        for own, mean, half in zip(found, means.tolist(), halves.tolist(), strict=True):
            own.append(Importance(feature=name, mean=mean, low=mean - half, high=mean + half))
    return [tuple(sorted(each, key=lambda one: -one.mean if np.isfinite(one.mean) else np.inf)) for each in found]


def correlated(features: Sequence[Feature], rows: Whole) -> tuple[tuple[str, str], ...]:
    """Return pairs of features that go together: numbers by rank correlation, others by Cramér's V, corrected."""
    from scipy.stats import rankdata

    held = features[:_MOST_HELD]
    cells = [each.cells[rows] for each in held]
    taken, _kinds = matrix_of(held, rows)
    ranks = [
        None if each.is_category else rankdata(np.nan_to_num(own, nan=-1))
        for each, own in zip(held, taken.T, strict=True)
    ]
    found = []
    for one, other in itertools.combinations(range(len(held)), 2):
        first, second = ranks[one], ranks[other]
        if first is not None and second is not None:
            varies = first.std() > 0 and second.std() > 0
            strength = abs(float(np.corrcoef(first, second)[0, 1])) if varies else 0.0
        else:
            sizes = held[one].n_cells, held[other].n_cells
            table = np.bincount(cells[one] * sizes[1] + cells[other], minlength=sizes[0] * sizes[1]).reshape(sizes)
            strength = association(table).cramers_v_corrected
        if strength > _TOGETHER:
            found.append((held[one].name, held[other].name))
    return tuple(found)
