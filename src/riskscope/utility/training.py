"""Features and targets of both tables as a model takes them, a model fitted, and how well it does on others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.utility.covering import Covering

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]

#: Of a column of more categories, the commonest are kept and the others joined.
MOST_CATEGORIES = 200
#: Numbers of more distinct values than this are predicted as numbers, others as classes.
MOST_CLASSES = 10
#: The least chance that a model is held to give a class, for the log-loss.
LEAST_CHANCE = 1e-6


@dataclass(frozen=True)
class Feature:
    """A column for a model: NaN where missing or suppressed.

    Parameters
    ----------
    original, released : numbers (n_original,), (n_released,)
        The values as a model takes them: numbers, the centre of what a cell covers; categories, one code a cell.
    recoded : numbers (n_original,)
        The original values recoded as the release is.
    is_category : bool
    """

    original: Numbers
    released: Numbers
    recoded: Numbers
    is_category: bool


def feature_of(covering: Covering, rows: Whole | None) -> Feature:
    """Return a column as a model takes it, in the original, in the release, and the original recoded alike.

    ``rows`` (n,) are the released rows of the first n original records, -1 for none; None where nobody can say.
    """
    cells = best_cells(covering, rows)
    if covering.is_number:
        own, told = covering.numbers, centres(covering)
        told = np.where(covering.is_suppressed, np.nan, told)
    else:
        own, told = _category_codes(covering)
    recoded = np.where(cells >= 0, np.append(told, np.nan)[cells], own)
    return Feature(
        original=np.append(own, np.nan)[covering.original],
        released=told[covering.codes],
        recoded=np.append(recoded, np.nan)[covering.original],
        is_category=not covering.is_number,
    )


def centres(covering: Covering) -> Numbers:
    """Return the centre of the numbers that each released cell covers, or the number that it is; else NaN."""
    first, last = covering.ends()
    low, high = covering.numbers[np.minimum(first, covering.n_places - 1)], covering.numbers[np.maximum(last, 0)]
    return np.where(last >= 0, (low + high) / 2, covering.points)


def best_cells(covering: Covering, rows: Whole | None) -> Whole:
    """Return for each original value the released cell that most probably stands for it; -1 where none does.

    That is the cell with most records for each value that it covers; one that says nothing is taken where no other
    covers the value. A category that no cell covers takes the cell that its records mostly have; a number, none.
    """
    counts = np.bincount(covering.codes, minlength=covering.n_codes)
    score = np.where(covering.is_suppressed, -1.0, counts / np.maximum(1, covering.n_covered()))[covering.code]
    width = covering.high - covering.low
    best = np.full(covering.n_places, -1)
    for at in np.lexsort((-covering.code, -width, score)):  # the best last: it stays
        best[covering.low[at] : covering.high[at]] = covering.code[at]
    is_open = np.append(covering.is_suppressed, True)[best]
    if covering.is_number:
        return np.where(is_open & np.isfinite(covering.points).any(), -1, best)
    if rows is not None:
        mostly = _seen_cells(covering, rows)
        best = np.where(is_open & (mostly >= 0), mostly, best)
    return best


def _seen_cells(covering: Covering, rows: Whole) -> Whole:
    """Return the cell, not a suppressed one, that the records of each original value mostly have; -1 for none."""
    place, cell = covering.original[: len(rows)], np.append(covering.codes, -1)[rows]
    told = (place >= 0) & (cell >= 0) & ~np.append(covering.is_suppressed, True)[cell]
    pairs, counts = np.unique(np.stack([place[told], cell[told]]), axis=1, return_counts=True)
    order = np.argsort(counts, kind="stable")
    found = np.full(covering.n_places, -1)
    found[pairs[0, order]] = pairs[1, order]
    return found


def _category_codes(covering: Covering) -> tuple[Numbers, Numbers]:
    """Return the code of each original value and of each released cell: a cell of one value has the value's code."""
    first, _last = covering.ends()
    is_single = covering.n_covered() == 1
    cells = np.where(is_single, first, covering.n_places + np.arange(covering.n_codes))
    size = covering.n_places + covering.n_codes
    people = np.bincount(covering.original[covering.original >= 0], minlength=size)
    people = people + np.bincount(cells[covering.codes], minlength=size)
    rank = np.argsort(np.argsort(-people, kind="stable"), kind="stable")
    if np.count_nonzero(people) > MOST_CATEGORIES:
        rank = np.minimum(rank, MOST_CATEGORIES - 1)
    codes = rank.astype(float)
    return codes[: covering.n_places], np.where(covering.is_suppressed, np.nan, codes[cells])


class Target(NamedTuple):
    """What is to be predicted: in the original and in the release, NaN where unknown; ``n_classes`` 0 for numbers."""

    original: Numbers
    released: Numbers
    n_classes: int


def target_of(covering: Covering) -> Target:
    """Return the target of both tables; a released cell that leaves several classes open is unknown."""
    if covering.is_number and covering.n_places > MOST_CLASSES:
        told = np.where(covering.is_suppressed, np.nan, centres(covering))
        return Target(np.append(covering.numbers, np.nan)[covering.original], told[covering.codes], 0)
    first, _last = covering.ends()
    told = np.where(covering.n_covered() == 1, first.astype(float), np.nan)
    own = np.where(covering.original >= 0, covering.original.astype(float), np.nan)
    return Target(own, told[covering.codes], max(1, covering.n_places))


@contextmanager
def one_thread() -> Iterator[None]:
    """Fit in one thread: models this small lose time to several."""
    import_module("sklearn.ensemble")  # only threads of libraries that are loaded by now are limited
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        yield


def fitted(
    matrix: Numbers, target: Numbers, is_category: Sequence[bool], n_classes: int, seed: int
) -> Callable[[Numbers], Numbers]:
    """Return a function that predicts: (n,) numbers, or the chances (n, n_classes) of each class.

    Boosted trees; the mean, or the share of each class, where there is nothing to learn from.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    means: Any = target.mean() if not n_classes else np.bincount(target.astype(np.int64), minlength=n_classes)
    if n_classes:
        means = means / means.sum()
    varying = [at for at in range(matrix.shape[1]) if len(np.unique(matrix[:, at])) > 1]
    if not varying or len(np.unique(target)) < 2:
        return lambda others: np.full(len(others), means) if not n_classes else np.tile(means, (len(others), 1))
    options: dict[str, Any] = {
        "max_iter": 60,
        "max_leaf_nodes": 15,
        "min_samples_leaf": 10,
        "early_stopping": False,
        "categorical_features": [is_category[at] for at in varying],
        "random_state": seed,
    }
    if not n_classes:
        numbers = HistGradientBoostingRegressor(**options).fit(matrix[:, varying], target)
        return lambda others: np.asarray(numbers.predict(others[:, varying]))
    classes = HistGradientBoostingClassifier(**options).fit(matrix[:, varying], target.astype(np.int64))

    def chances(others: Numbers) -> Numbers:
        found = np.zeros((len(others), n_classes))
        found[:, classes.classes_] = classes.predict_proba(others[:, varying])
        return found

    return chances


def scores_of(predicted: Numbers, target: Numbers, n_classes: int) -> dict[str, float]:
    """Return how well predictions do.

    ``accuracy``, ``auc`` (of each class against the others, the mean) and ``log_loss`` for classes; ``r2`` and ``mae``
    for numbers.

    Examples
    --------
    >>> scores_of(np.array([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]]), np.array([0.0, 1.0, 1.0]), 2)["accuracy"]
    0.6666666666666666
    """
    if not n_classes:
        total = ((target - target.mean()) ** 2).sum()
        r2 = 1 - ((target - predicted) ** 2).sum() / total if total > 0 else float("nan")
        return {"r2": float(r2), "mae": float(np.abs(target - predicted).mean())}
    own = target.astype(np.int64)
    chance = np.clip(predicted[np.arange(len(own)), own], LEAST_CHANCE, 1)
    curves = [auc(predicted[:, each], own == each) for each in range(n_classes)]
    told = [each for each in curves if np.isfinite(each)]
    return {
        "accuracy": float((predicted.argmax(axis=1) == own).mean()),
        "auc": float(np.mean(told)) if told else float("nan"),
        "log_loss": float(-np.log(chance).mean()),
    }


def auc(scores: Numbers, is_one: Booleans) -> float:
    """Return the chance that a record of the class has a higher score than one that is not; ties count half.

    Examples
    --------
    >>> auc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True]))
    0.875
    """
    from scipy.stats import rankdata

    n_one, n = int(is_one.sum()), len(is_one)
    if n_one in (0, n):
        return float("nan")
    ranks = float(rankdata(scores)[is_one].sum())
    return (ranks - n_one * (n_one + 1) / 2) / (n_one * (n - n_one))
