"""The metrics of a decision: each is some counted cells over others, with a sentence on what it means for a person."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import check_choice
from riskscope.fairness.counts import GroupCounts
from riskscope.words import N_

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
#: Cells that a metric counts: (outcome, decision).
Pairs = tuple[tuple[int, int], ...]


class Metric(NamedTuple):
    """One metric: people in the cells ``hits`` over people in the cells ``among``.

    ``complement`` is the metric that is 1 less this one: both tell the same. ``is_share`` is False where the hits are
    no part of those they are set against.
    """

    name: str
    label: str
    hits: Pairs
    among: Pairs
    complement: str | None
    meaning: str
    is_share: bool = True

    @property
    def needs_outcome(self) -> bool:
        """Whether it takes the outcome, and not only the decision."""
        return (2, 0) not in self.among and (2, 1) not in self.among


TP, FP, FN, TN = (1, 1), (0, 1), (1, 0), (0, 0)
_KNOWN: Pairs = (TP, FP, FN, TN)
_EVERYBODY: Pairs = (*_KNOWN, (2, 0), (2, 1))

METRICS = {
    each.name: each
    for each in (
        Metric(
            "selection_rate",
            N_("selection rate"),
            (TP, FP, (2, 1)),
            _EVERYBODY,
            "non_selection_rate",
            N_("How many in a hundred people get the positive decision."),
        ),
        Metric(
            "non_selection_rate",
            N_("rate of the other decision"),
            (FN, TN, (2, 0)),
            _EVERYBODY,
            "selection_rate",
            N_("How many in a hundred people get the decision that is not the positive one."),
        ),
        Metric(
            "base_rate",
            N_("base rate"),
            (TP, FN),
            _KNOWN,
            None,
            N_("How many in a hundred people have the positive outcome, whatever was decided."),
        ),
        Metric(
            "true_positive_rate",
            N_("true positive rate"),
            (TP,),
            (TP, FN),
            "false_negative_rate",
            N_("Of people with the positive outcome, the share that gets the positive decision."),
        ),
        Metric(
            "false_positive_rate",
            N_("false positive rate"),
            (FP,),
            (FP, TN),
            "true_negative_rate",
            N_("Of people without the positive outcome, the share that gets the positive decision all the same."),
        ),
        Metric(
            "true_negative_rate",
            N_("true negative rate"),
            (TN,),
            (FP, TN),
            "false_positive_rate",
            N_("Of people without the positive outcome, the share that rightly does not get the positive decision."),
        ),
        Metric(
            "false_negative_rate",
            N_("false negative rate"),
            (FN,),
            (TP, FN),
            "true_positive_rate",
            N_("Of people with the positive outcome, the share that does not get the positive decision."),
        ),
        Metric(
            "precision",
            N_("precision (positive predictive value)"),
            (TP,),
            (TP, FP),
            "false_discovery_rate",
            N_("Of people with the positive decision, the share whose outcome is positive, too."),
        ),
        Metric(
            "negative_predictive_value",
            N_("negative predictive value"),
            (TN,),
            (TN, FN),
            "false_omission_rate",
            N_("Of people without the positive decision, the share whose outcome is not positive either."),
        ),
        Metric(
            "false_discovery_rate",
            N_("false discovery rate"),
            (FP,),
            (TP, FP),
            "precision",
            N_("Of people with the positive decision, the share whose outcome is not positive."),
        ),
        Metric(
            "false_omission_rate",
            N_("false omission rate"),
            (FN,),
            (TN, FN),
            "negative_predictive_value",
            N_("Of people without the positive decision, the share whose outcome is positive."),
        ),
        Metric(
            "accuracy",
            N_("accuracy"),
            (TP, TN),
            _KNOWN,
            None,
            N_("How many in a hundred decisions agree with the outcome."),
        ),
        Metric(
            "false_negatives_per_false_positive",
            N_("false negatives for each false positive"),
            (FN,),
            (FP,),
            None,
            N_("Which of the two errors is the commoner one: above 1, people are wrongly passed over more often."),
            False,
        ),
    )
}

#: Other names that fairlearn, scikit-learn and AIF360 have for them.
ALIASES = {
    "tpr": "true_positive_rate",
    "recall": "true_positive_rate",
    "recall_score": "true_positive_rate",
    "sensitivity": "true_positive_rate",
    "fpr": "false_positive_rate",
    "tnr": "true_negative_rate",
    "specificity": "true_negative_rate",
    "fnr": "false_negative_rate",
    "ppv": "precision",
    "positive_predictive_value": "precision",
    "precision_score": "precision",
    "npv": "negative_predictive_value",
    "fdr": "false_discovery_rate",
    "for": "false_omission_rate",
    "accuracy_score": "accuracy",
}

#: Metrics that are tested: one of each two that are each other's complement.
TESTED = (
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "precision",
    "negative_predictive_value",
    "accuracy",
)


def metric_named(name: str) -> Metric:
    """Return the metric of a name, or of one of its other names.

    Examples
    --------
    >>> metric_named("tpr").name, metric_named("tpr").needs_outcome
    ('true_positive_rate', True)
    """
    found = ALIASES.get(name, name)
    return METRICS[check_choice(found, "metric", [*METRICS, *ALIASES] if found not in METRICS else METRICS)]


def metrics_of(counts: GroupCounts) -> list[Metric]:
    """Return the metrics that the counts can tell: without outcomes, only those of the decision."""
    return [each for each in METRICS.values() if counts.has_outcome or not each.needs_outcome]


def names_tested(counts: GroupCounts) -> list[str]:
    """Return the names of the metrics that are tested and that the counts can tell.

    Examples
    --------
    >>> from riskscope.fairness.counts import counts_of
    >>> names_tested(counts_of(y_pred=[1, 0], sensitive_features=["F", "M"]))
    ['selection_rate']
    """
    return [each.name for each in metrics_of(counts) if each.name in TESTED]


def divided(hits: Any, sizes: Any) -> Numbers:
    """Return hits over sizes: 0 / 0 is NaN, anything else over 0 infinite.

    Examples
    --------
    >>> divided([1, 0, 1], [2, 0, 0]).tolist()
    [0.5, nan, inf]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Numbers = np.asarray(hits, np.float64) / np.asarray(sizes, np.float64)
    return found


def summed(cells: NDArray[Any], pairs: Pairs) -> NDArray[Any]:
    """Return the sum over some (outcome, decision) of an array (..., 3, 2)."""
    outcomes, decisions = zip(*pairs, strict=True)
    found: NDArray[Any] = cells[..., outcomes, decisions].sum(axis=-1)
    return found


class Told(NamedTuple):
    """One metric in each group; all arrays (n_groups,).

    ``hits`` and ``sizes`` are sums of weights where there are weights, else people; ``people`` are counted in the
    denominator. ``judged``: groups with people enough. ``squares``: where there are weights, the sums of their squares
    over hits and over all that these are set against.
    """

    metric: Metric
    labels: tuple[str, ...]
    hits: NDArray[Any]
    sizes: NDArray[Any]
    people: Whole
    judged: NDArray[np.bool_]
    squares: tuple[Numbers, Numbers] | None = None

    @property
    def rates(self) -> Numbers:
        """The metric; 0 / 0 is NaN."""
        return divided(self.hits, self.sizes)

    @property
    def overall(self) -> float:
        """The metric of everybody, small groups included."""
        return float(divided(self.hits.sum(), self.sizes.sum()))


def told(counts: GroupCounts, metric: Metric, *, min_group: int) -> Told:
    """Return a metric in each group, all strata together.

    Examples
    --------
    >>> from riskscope.fairness.counts import counts_of
    >>> counts = counts_of(y_pred=[1, 1, 0, 0], sensitive_features=["F", "F", "F", "M"])
    >>> rates = told(counts, metric_named("selection_rate"), min_group=2)
    >>> [round(rate, 3) for rate in rates.rates.tolist()], rates.judged.tolist()
    ([0.667, 0.0], [True, False])
    """
    people = summed(counts.counts.sum(axis=1), metric.among)
    if not metric.is_share:  # both errors count: without false positives there may still be people enough
        people = people + summed(counts.counts.sum(axis=1), metric.hits)
    cells = (counts.counts if counts.weights is None else counts.weights).sum(axis=1)
    hits, sizes = summed(cells, metric.hits), summed(cells, metric.among)
    squares = None
    if counts.squares is not None:
        squared = counts.squares.sum(axis=1)
        squares = summed(squared, metric.hits), summed(squared, metric.among)
    return Told(metric, counts.labels, hits, sizes, people, people >= max(1, min_group), squares)
