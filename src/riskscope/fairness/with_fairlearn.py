"""The one file of this package that knows fairlearn: its MetricFrame from counted cells, and its mitigations."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import quoted
from riskscope.errors import FrameError
from riskscope.words import _

if TYPE_CHECKING:
    from riskscope.fairness.decisions.audit import DecisionAudit

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Metric = Callable[..., float]

#: Metrics of fairlearn that do not look at the true outcome, by the name of the function.
_WITHOUT_TRUTH = frozenset({"selection_rate", "count", "mean_prediction", "people"})
#: Names that MetricFrame takes for its own columns.
_TAKEN = frozenset({"y_true", "y_pred"})
#: The constraints offered, by fairlearn's names for them, and its class for the reductions.
CONSTRAINTS = {"demographic_parity": "DemographicParity", "equalized_odds": "EqualizedOdds"}


def metric_frame(audit: DecisionAudit, metrics: Metric | Mapping[str, Metric] | None = None) -> Any:
    """A real fairlearn MetricFrame of the decisions audited.

    Its values equal those of a MetricFrame made from the records, though it is made from the counted cells (group,
    stratum, outcome, decision), each weighted with its people: milliseconds where records take seconds. It does not
    protect anybody: every group is in it exactly, however small; do not publish it.

    Parameters
    ----------
    audit : DecisionAudit
        What ``audit_decisions`` returned.
    metrics : callable or dict of callables, optional
        Metrics that take ``y_true, y_pred, sample_weight``, as fairlearn's and scikit-learn's do; ``count`` counts
        people here. Default: count, selection rate, and where outcomes are known the rates of true and false positives
        and negatives, precision and accuracy.

    Returns
    -------
    fairlearn.metrics.MetricFrame
        One sensitive feature, the groups as the audit names them; strata are its control features.

    Raises
    ------
    FrameError
        A metric takes no ``sample_weight``, or needs the true outcome where the audit has none.

    Notes
    -----
    Never ask it for a bootstrap (``n_boot``): fairlearn would resample the cells as if each were one person. The
    intervals of the audit are right. fairlearn demands a true outcome: where there is none it gets zeros, and only
    metrics that do not look at it are let through. Records of unknown outcome weigh nothing in metrics that look at it.
    Where a group has nobody to divide by (no positives for a true positive rate), fairlearn answers 0; the audit
    answers NaN and says why.
    """
    from fairlearn.metrics import MetricFrame

    counts = audit.counts
    people = np.asarray(counts.counts)
    weights = people if counts.weights is None else np.asarray(counts.weights)
    group, stratum, outcome, decision = np.nonzero(people)
    weight = weights[group, stratum, outcome, decision].astype(np.float64)
    known = np.where(outcome == 2, 0.0, weight)
    chosen = _metrics(metrics, has_truth=bool((outcome < 2).any()))
    frame: dict[str, Any] = {
        "y_true": np.where(outcome == 2, 0, outcome),
        "y_pred": decision,
        "sensitive_features": {_feature(counts.columns, "group"): np.array(counts.labels, dtype=object)[group]},
    }
    if counts.strata_columns:
        strata = np.array(counts.strata, dtype=object)[stratum]
        frame["control_features"] = {_feature(counts.strata_columns, "stratum"): strata}
    if callable(chosen):
        given = {"sample_weight": weight if _ignores_truth(chosen) else known}
        return MetricFrame(metrics=_of_known(chosen), sample_params=given, **frame)
    several = {name: {"sample_weight": weight if _ignores_truth(each) else known} for name, each in chosen.items()}
    guarded = {name: _of_known(each) for name, each in chosen.items()}
    return MetricFrame(metrics=guarded, sample_params=several, **frame)


def people(y_true: Any, y_pred: Any, sample_weight: Any) -> float:
    """Return the number of people, which fairlearn's ``count`` cannot count from cells."""
    return float(np.sum(sample_weight))


def _metrics(metrics: Metric | Mapping[str, Metric] | None, *, has_truth: bool) -> Metric | dict[str, Metric]:
    """Return the metrics asked for, or all usual ones; fairlearn's count replaced by one that counts people."""
    from fairlearn import metrics as theirs
    from sklearn.metrics import accuracy_score, precision_score

    if metrics is None:
        usual: dict[str, Metric] = {"count": people, "selection_rate": theirs.selection_rate}
        if has_truth:
            rates = ("true_positive_rate", "false_positive_rate", "true_negative_rate", "false_negative_rate")
            usual |= {name: getattr(theirs, name) for name in rates}
            usual |= {"precision": partial(precision_score, zero_division=np.nan), "accuracy": accuracy_score}
        return usual
    named = {_name(metrics): metrics} if callable(metrics) else dict(metrics)
    named = {name: people if each is theirs.count else each for name, each in named.items()}
    unweighted = [name for name, each in named.items() if not _takes_weights(each)]
    if unweighted:
        raise FrameError(
            _(
                "The metrics {names} take no sample_weight: they would count cells, not people. Hand over metrics that "
                "take it, or make a MetricFrame from the records."
            ).format(names=quoted(unweighted))
        )
    truthful = [name for name, each in named.items() if not _ignores_truth(each)]
    if truthful and not has_truth:
        raise FrameError(
            _(
                "The metrics {names} need the true outcome, and the audit has none. Give y_true to audit_decisions, or "
                "ask for selection_rate and count alone."
            ).format(names=quoted(truthful))
        )
    return next(iter(named.values())) if callable(metrics) else named


def _of_known(metric: Metric) -> Metric:
    """Return a metric that leaves out cells of no weight, and is NaN where none is left."""

    def guarded(y_true: Any, y_pred: Any, sample_weight: Any) -> float:
        kept = np.flatnonzero(np.asarray(sample_weight) > 0)
        if not len(kept):
            return np.nan
        truth, decided, weights = (np.asarray(each)[kept] for each in (y_true, y_pred, sample_weight))
        return metric(truth, decided, sample_weight=weights)

    guarded.__name__ = _name(metric)
    return guarded


def _name(metric: Any) -> str:
    """Return the name of a metric's function."""
    while isinstance(metric, partial):
        metric = metric.func
    return str(getattr(metric, "__name__", type(metric).__name__))


def _ignores_truth(metric: Metric) -> bool:
    return _name(metric) in _WITHOUT_TRUTH


def _takes_weights(metric: Metric) -> bool:
    parameters = inspect.signature(metric).parameters.values()
    return any(each.name == "sample_weight" or each.kind is each.VAR_KEYWORD for each in parameters)


def _feature(columns: tuple[str, ...], kind: str) -> str:
    """Return the name of a feature that MetricFrame does not confuse with its own."""
    name = " · ".join(columns) or kind
    return f"{name} ({kind})" if name in _TAKEN else name


class _Whole:
    """An estimator that fairlearn asks for all training people (0) or all held-out people (1), and for no others.

    fairlearn hands an estimator what it made of the records; this one takes the records as the user has them.
    """

    def __init__(self, estimator: Any, people: tuple[Any, Any], weight_name: str) -> None:
        self.estimator, self.people, self.weight_name = estimator, people, weight_name

    def __sklearn_clone__(self) -> _Whole:
        from sklearn.base import clone

        return _Whole(clone(self.estimator), self.people, self.weight_name)

    def fit(self, block: Whole, y: Any, sample_weight: Any) -> _Whole:
        weights = {self.weight_name: np.asarray(sample_weight)}
        self.estimator.fit(self.people[int(block[0, 0])], np.asarray(y), **weights)
        return self

    def predict(self, block: Whole) -> Whole:
        return np.asarray(self.estimator.predict(self.people[int(block[0, 0])])).astype(np.int64)


class _Scores:
    """The scores of a fitted estimator, asked for in the same way; it is as fitted as it will be."""

    def __init__(self, fitted: Any, people: tuple[Any, Any]) -> None:
        self.fitted, self.people = fitted, people

    def __sklearn_tags__(self) -> Any:
        from sklearn.base import BaseEstimator

        return BaseEstimator().__sklearn_tags__()

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, block: Whole, y: Any) -> _Scores:
        """Stay as it is: only what can be fitted is taken for an estimator."""
        return self

    def predict(self, block: Whole) -> Numbers:
        people = self.people[int(block[0, 0])]
        if hasattr(self.fitted, "predict_proba"):
            return np.asarray(self.fitted.predict_proba(people), np.float64)[:, 1]
        ask = getattr(self.fitted, "decision_function", self.fitted.predict)
        return np.asarray(ask(people), np.float64)


def one_threshold_a_group(
    fitted: Any, constraint: str, people: tuple[Any, Any], y: Whole, groups: tuple[Whole, Whole]
) -> Callable[[int], Whole]:
    """Return what decides on the held-out people, given a seed, by one threshold a group (sometimes by lot).

    ``people`` and ``groups`` are those for training and those held out; ``y`` (0 or 1) is of the former. Hardt, Price
    and Srebro (2016), equality of opportunity in supervised learning.
    """
    from fairlearn.postprocessing import ThresholdOptimizer

    optimizer = ThresholdOptimizer(
        estimator=_Scores(fitted, people), constraints=constraint, prefit=True, predict_method="predict"
    )
    train, test = (np.full((len(each), 1), at) for at, each in enumerate(groups))
    optimizer.fit(train, y, sensitive_features=groups[0])

    def decide(seed: int) -> Whole:
        decided = optimizer.predict(test, sensitive_features=groups[1], random_state=seed)
        return np.asarray(decided).reshape(-1).astype(np.int64)

    return decide


def reduction(
    estimator: Any, weight_name: str, constraint: str, people: tuple[Any, Any], y: Whole, groups: Whole, n_test: int
) -> Callable[[int], Whole]:
    """Return what decides on the held-out people, given a seed, by classifiers drawn by lot; groups train them only.

    Agarwal et al. (2018), a reductions approach to fair classification, algorithm 1.
    """
    from fairlearn import reductions

    moment = getattr(reductions, CONSTRAINTS[constraint])()
    gradient = reductions.ExponentiatedGradient(_Whole(estimator, people, weight_name), moment)
    gradient.fit(np.zeros((len(y), 1), np.int64), y, sensitive_features=groups)
    test = np.ones((n_test, 1), np.int64)
    return lambda seed: np.asarray(gradient.predict(test, random_state=seed)).reshape(-1).astype(np.int64)


def without_correlation(
    matrices: tuple[Numbers, Numbers], groups: tuple[Whole, Whole], n_groups: int
) -> tuple[Numbers, Numbers]:
    """Return the columns less what a linear regression on the groups tells of them, learned from the first matrix."""
    from fairlearn.preprocessing import CorrelationRemover

    beside = [np.hstack([np.eye(n_groups)[codes][:, 1:], each]) for codes, each in zip(groups, matrices, strict=True)]
    remover = CorrelationRemover(sensitive_feature_ids=list(range(n_groups - 1))).fit(beside[0])
    train, test = (np.asarray(remover.transform(each), np.float64) for each in beside)
    return train, test
