"""What would mitigation change, and what does it cost? A classifier as it is, and mitigated, on people held out."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_choice, check_names, check_number, check_whole
from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.fairness import with_fairlearn
from riskscope.fairness.bootstrap import bootstrap_counts, interval
from riskscope.fairness.mitigation.records import (
    Change,
    Figure,
    Gap,
    Method,
    Records,
    Shown,
    Views,
    records_of,
    telling_columns,
    views_of,
)
from riskscope.fairness.mitigation.words import GAP_NAMES, GAP_OF, NAMES, MitigationComparison, least_of
from riskscope.fairness.testing import gap_interval
from riskscope.intervals import wilson
from riskscope.words import N_, _

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Decide = Callable[[int], Whole]

METHODS = ("threshold", "reduction", "correlation")
#: Rates that each gap is about.
_RATES_OF = {"selection_gap": ("selection_rate",), "odds_gap": ("true_positive_rate", "false_positive_rate")}
#: Warnings that tell of versions of software, not of what was fitted.
_OF_VERSIONS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


class _NotPossibleError(RiskscopeError):
    """A method cannot be tried on this estimator or data; the message says why, without any content of a cell."""


class _Setting(NamedTuple):
    """How methods are judged: groups as they are shown, whose differences are followed, and the user's options."""

    views: Views
    pairs: dict[str, _Pair | None]
    n_boot: int
    level: float
    min_group: int


class _Pair(NamedTuple):
    """A rate, and the places of the groups where it is highest and lowest as it is, among those to learn from."""

    rate: str
    first: int
    last: int


def compare_mitigations(
    *,
    estimator: Any,
    X: Any,
    y_true: Any,
    sensitive_features: Any,
    X_test: Any = None,
    y_true_test: Any = None,
    sensitive_features_test: Any = None,
    test_size: float = 0.4,
    constraint: str = "demographic_parity",
    methods: Sequence[str] = METHODS,
    pos_label: Any = None,
    n_boot: int = 1000,
    level: float = 0.95,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    rng: int | np.random.Generator = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> MitigationComparison:
    """A classifier as it is, beside what fairlearn's mitigations make of it, judged on people held out.

    For a person it tells how many people of each group would get, or lose, the positive decision. It does not tell
    whether that is right or lawful: mitigation repairs figures, not causes.

    Parameters
    ----------
    estimator : scikit-learn classifier
        A Python object with ``fit`` and ``predict``, a pipeline for instance. A copy is fitted on the people who are
        not held out, whether or not it was fitted before. Files are never unpickled.
    X : data frame or array (n, n_features)
        Features as the estimator takes them.
    y_true : array, series or list
        The true outcome, two values; the decision predicts it.
    sensitive_features : array, series, list, data frame or dictionary
        The group of each person. Several columns give their intersections.
    X_test, y_true_test, sensitive_features_test : optional
        People held out, all three or none. Default: a share of those given.
    test_size : float, default 0.4
        That share, the same in each group and outcome.
    constraint : {"demographic_parity", "equalized_odds"}
        What the mitigations aim at: equal selection rates, or equal true and false positive rates.
    methods : sequence of {"threshold", "reduction", "correlation"}
        Which mitigations to try.
    pos_label : value, optional
        The positive value of ``y_true``; not needed for 0 and 1, or False and True.
    n_boot : int, default 1000
        How often the people held out are drawn anew, for the intervals of changes.
    level : float, default 0.95
        Of the intervals.
    min_group : int, default 10
        Groups with fewer people (with the outcome in question) are kept out of gaps.
    min_cell : int, default 10
        No figure is shown that tells of fewer people.
    rng : int or numpy.random.Generator, default 0
        Seed of the split, the lots and the intervals, and of an estimator without a seed of its own.
    progress : function, optional
        Called before each method as ``progress(step, done, total)``.

    Returns
    -------
    MitigationComparison
        ``by_method``, ``moves`` (exact); ``methods``; sentences, tables and a picture that protect.

    Raises
    ------
    RoleError
        The estimator is a path, or has no ``fit`` and ``predict``; the test data are given in part.
    FrameError
        Outcomes are missing or not binary; lengths differ; too few people to hold some out; no classifier.

    Notes
    -----
    ``"threshold"``: ThresholdOptimizer (Hardt, Price and Srebro 2016), which must know the group to decide.
    ``"reduction"``: ExponentiatedGradient (Agarwal et al. 2018), which need not. ``"correlation"``: CorrelationRemover
    before the estimator (before the last step of a pipeline), linear only, which must know it again. Gaps are the
    highest less the lowest rate of groups judged; the equalised-odds gap is the larger of those in true and false
    positive rates, undefined where either is. Their intervals hold whichever groups are furthest apart. A change is
    that of one difference, between the two groups furthest apart as it is among the people learned from: chosen on
    others, it is not large by luck. It is bootstrapped from counts of group, outcome, decision before and after, so
    that both are of the same people. Intervals tell of other people, not of an estimator trained on others. Groups with
    fewer than ``min_cell`` people with either decision, whatever the method, are counted with the largest group or held
    back; a method that would leave fewer than two groups shown is told without them. A method that fails is listed with
    its reason, one that warned with the kind of warning.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> draws = np.random.default_rng(1)
    >>> men = draws.integers(0, 2, 2000)
    >>> income = draws.normal(size=2000) + men
    >>> repaid = (income + draws.normal(size=2000) > 0.5).astype(int)
    >>> found = compare_mitigations(
    ...     estimator=LogisticRegression(), X=income[:, None], y_true=repaid, methods=["threshold"],
    ...     sensitive_features=np.where(men, "M", "F"),
    ... )
    >>> found.gap_before > 0.3, found.gap_after < 0.1, found.least
    (True, True, 'one threshold per group')
    """
    check_choice(constraint, "constraint", GAP_OF)
    asked = check_names(methods, "methods")
    for each in asked:
        check_choice(each, "methods", METHODS)
    check_number(level, "level", low=0.5, high=0.9999)
    for value, name, low in ((n_boot, "n_boot", 99), (min_group, "min_group", 1), (min_cell, "min_cell", 1)):
        check_whole(value, name, low=low)
    _check_estimator(estimator)
    draws = np.random.default_rng(rng)
    given = [(X, y_true, sensitive_features), (X_test, y_true_test, sensitive_features_test)]
    records = records_of(given, pos_label, test_size, draws)
    seeds = dict(zip(("as_it_is", *METHODS), draws.integers(2**31, size=(4, 3)).tolist(), strict=True))

    tell = progress or (lambda _step, _done, _total: None)
    tell(_(NAMES["as_it_is"]), 0, 1 + len(asked))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fitted = _seeded(estimator, seeds["as_it_is"][0]).fit(records.people[0], records.outcomes[0])
        learned, before = (_decided(fitted.predict(people)) for people in records.people)
    found = [(Method("as_it_is", "", warned=_kinds(caught)), before)]
    for at, name in enumerate(asked, start=1):
        tell(_(NAMES[name]), at, 1 + len(asked))
        first, second, _boot_seed = seeds[name]
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                decide = _mitigated(name, _seeded(estimator, first), fitted, constraint, records)
                after, again = decide(first), decide(second)
        except _NotPossibleError as error:
            found.append((Method(name, str(error)), before))
        except Exception as error:  # whatever the estimator or fairlearn raise: told by its kind, it may quote records
            reason = _("it raised {kind}, whose text is not repeated as it may quote records")
            found.append((Method(name, reason.format(kind=type(error).__name__)), before))
        else:
            method = Method(name, "", redrawn=float((after != again).mean()), warned=_kinds(caught))
            found.append((method, after))
    tables = {method.name: _tally(records, 1, before, after) for method, after in found}
    views = views_of(tables, records.labels, min_cell)
    training = _tally(records, 0, learned, learned)
    setting = _Setting(views, _pairs(training, tables["as_it_is"], views, min_group), n_boot, level, min_group)
    judged = [
        method if method.reason else _judge(method, tables[method.name], setting, seeds[method.name][2])
        for method, _after in found
    ]
    seen = telling_columns(records.people[0], records.groups[0], records.columns)
    return _comparison(judged, records, setting, constraint, seen, min_cell)


def _kinds(caught: Sequence[warnings.WarningMessage]) -> tuple[str, ...]:
    """Return the kinds of warnings raised; their texts are not repeated, as they may quote records."""
    return tuple(sorted({each.category.__name__ for each in caught if not issubclass(each.category, _OF_VERSIONS)}))


def _check_estimator(estimator: Any) -> None:
    if isinstance(estimator, (str, bytes, os.PathLike)):
        raise RoleError(
            _(
                "estimator is {kind}: riskscope opens no model files, as unpickling one can run any code. Load it "
                "yourself, with skops.io for instance, and hand over the object."
            ).format(kind=type(estimator).__name__)
        )
    if isinstance(estimator, type) or not (hasattr(estimator, "fit") and hasattr(estimator, "predict")):
        raise RoleError(
            _(
                "estimator is {kind}; hand over a scikit-learn classifier, an object with fit and predict. Decisions "
                "alone are audited with audit_decisions."
            ).format(kind=type(estimator).__name__)
        )


def _seeded(estimator: Any, seed: int) -> Any:
    """Return an unfitted copy, with a seed where it has none, so that the same call gives the same answer."""
    from sklearn.base import clone

    try:
        copied = clone(estimator)
    except TypeError:
        raise RoleError(
            _(
                "estimator ({kind}) cannot be copied unfitted; hand over a scikit-learn estimator, or one with "
                "get_params and set_params."
            ).format(kind=type(estimator).__name__)
        ) from None
    parameters = copied.get_params(deep=True).items()
    open_seeds = {name: seed for name, value in parameters if name.split("__")[-1] == "random_state" and value is None}
    return copied.set_params(**open_seeds) if open_seeds else copied


def _decided(predicted: Any) -> Whole:
    """Return decisions as 0 and 1, or say that the estimator does not classify."""
    found = np.asarray(predicted).reshape(-1)
    if not np.isin(found, (0, 1)).all():
        raise FrameError(
            _(
                "The estimator predicts other numbers than the two outcomes; hand over a classifier. A score is "
                "audited with audit_scores."
            )
        )
    return found.astype(np.int64)


def _mitigated(name: str, estimator: Any, fitted: Any, constraint: str, records: Records) -> Decide:
    """Return what decides on the people held out by a mitigation, learned from the others."""
    train, test = records.groups
    if name == "reduction":
        weight_name = _weight_name(estimator)
        return with_fairlearn.reduction(
            estimator, weight_name, constraint, records.people, records.outcomes[0], train, len(test)
        )
    n_groups = len(records.labels)
    if not np.isin(test, train).all():
        raise _NotPossibleError(N_("a group of the people held out is not among those to learn from"))
    if name == "threshold":
        by_outcome = np.bincount(2 * train + records.outcomes[0], minlength=2 * n_groups).reshape(-1, 2)
        if ((by_outcome == 0).any(axis=1) & by_outcome.any(axis=1)).any():
            raise _NotPossibleError(N_("a group to learn from has one outcome only, so no threshold can be found"))
        return with_fairlearn.one_threshold_a_group(
            fitted, constraint, records.people, records.outcomes[0], records.groups
        )
    return _without_correlation(estimator, records)


def _weight_name(estimator: Any) -> str:
    """Return how weights are handed to ``fit``: for a pipeline, to its last step."""
    from sklearn.pipeline import Pipeline
    from sklearn.utils.validation import has_fit_parameter

    if isinstance(estimator, Pipeline):
        last, step = estimator.steps[-1]
        return f"{last}__{_weight_name(step)}"
    if not has_fit_parameter(estimator, "sample_weight"):
        raise _NotPossibleError(N_("the estimator's fit takes no sample_weight, which the reduction needs"))
    return "sample_weight"


def _without_correlation(estimator: Any, records: Records) -> Decide:
    """Return what decides by features, those before the last step of a pipeline, that groups do not tell linearly."""
    from sklearn.pipeline import Pipeline

    people, last = records.people, estimator
    if isinstance(estimator, Pipeline) and len(estimator.steps) > 1:
        steps, last = estimator[:-1], estimator.steps[-1][1]
        people = steps.fit_transform(people[0], records.outcomes[0]), steps.transform(people[1])
    train, test = with_fairlearn.without_correlation(
        (_matrix(people[0]), _matrix(people[1])), records.groups, len(records.labels)
    )
    decided = _decided(last.fit(train, records.outcomes[0]).predict(test))
    return lambda _seed: decided


def _matrix(features: Any) -> Numbers:
    """Return features as a matrix of numbers."""
    dense = features.toarray() if hasattr(features, "toarray") else features
    try:
        found = np.asarray(dense, np.float64)
    except (TypeError, ValueError):
        found = np.full((1, 1), np.nan)
    if not np.isfinite(found).all():
        raise _NotPossibleError(
            N_(
                "correlation can be removed from numbers only, none of them missing: code text as columns of 0 and 1 "
                "(OneHotEncoder in a pipeline, for instance)"
            )
        )
    return found


def _tally(records: Records, part: int, before: Whole, after: Whole) -> Whole:
    """Return people learned from (0) or held out (1) by group, outcome, decision before, and after."""
    shape = (len(records.labels), 2, 2, 2)
    cells = np.ravel_multi_index((records.groups[part], records.outcomes[part], before, after), shape)
    return np.bincount(cells, minlength=int(np.prod(shape))).reshape(shape).astype(np.int64)


def _view(views: Views, gap_name: str) -> Shown:
    """Return the groups as they are shown with a gap."""
    return views.decided if gap_name == "selection_gap" else views.against_outcome


def _rate(cells: Whole, name: str) -> tuple[Whole, Whole]:
    """Return hits and people of a rate, from cells (…, outcome, decision)."""
    part = cells.sum(axis=-2) if name == "selection_rate" else cells[..., int(name == "true_positive_rate"), :]
    return part[..., 1], part.sum(axis=-1)


def _pairs(training: Whole, held_out: Whole, views: Views, min_group: int) -> dict[str, _Pair | None]:
    """Return whose difference is followed for each gap."""
    return {gap: _furthest(training, held_out, _view(views, gap), rates, min_group) for gap, rates in _RATES_OF.items()}


def _furthest(training: Whole, held_out: Whole, shown: Shown, rates: Sequence[str], min_group: int) -> _Pair | None:
    """Return the two groups furthest apart as it is among the people learned from, and in which of the rates.

    Chosen on other people than those it is judged on, their difference is not large by luck.
    """
    widest, found = -np.inf, None
    for name in rates:
        hits, people = _rate(shown.summed(training).sum(axis=-1), name)
        _hits, n_judged = _rate(shown.summed(held_out).sum(axis=-1), name)
        at = np.flatnonzero(shown.may_show & (np.minimum(people, n_judged) >= min_group))
        if len(at) < 2:
            return None
        share = hits[at] / people[at]
        if np.ptp(share) > widest:
            widest, found = np.ptp(share), _Pair(name, int(at[share.argmax()]), int(at[share.argmin()]))
    return found


def _accuracy(cells: Whole) -> Numbers:
    """Return the share of right decisions in cells (…, n_groups, outcome, decision)."""
    right = cells[..., 0, 0].sum(axis=-1) + cells[..., 1, 1].sum(axis=-1)
    found: Numbers = right / cells.sum(axis=(-1, -2, -3))
    return found


def _judge(method: Method, cells: Whole, setting: _Setting, seed: int) -> Method:
    """Return a method with its figures from cells (n_groups, outcome, before, after), and changes of a mitigation."""
    after = cells.sum(axis=2)
    n, right = int(after.sum()), int(after[:, 0, 0].sum() + after[:, 1, 1].sum())
    low, high = (float(end) for end in wilson(right, n, level=setting.level))
    both = 1 - (1 - setting.level) / 2  # of two gaps each at this level, the larger holds at the level asked for
    told = {name: method.name in _view(setting.views, name).methods for name in GAP_NAMES}
    odds = [_gap(name, after, setting, "odds_gap", both) for name in _RATES_OF["odds_gap"]]
    selection = _gap("selection_rate", after, setting, "selection_gap", setting.level)
    found = method._replace(
        accuracy=Figure(right / n, low, high),
        selection_gap=selection if told["selection_gap"] else None,
        odds_gap=_larger(*odds) if told["odds_gap"] else None,
        moves=np.stack([cells[:, :, 0, 1].sum(axis=1), cells[:, :, 1, 0].sum(axis=1)], axis=1),
    )
    if method.name == "as_it_is":
        return found
    changes = {name: _change(name, cells, setting, seed) for name in GAP_NAMES if told[name]}
    return found._replace(
        accuracy_change=_accuracy_change(cells, setting, seed),
        changes={name: each for name, each in changes.items() if each is not None},
    )


def _gap(name: str, cells: Whole, setting: _Setting, gap_name: str, level: float) -> Gap | None:
    """Return the largest difference of a rate between groups shown that have people enough to be judged."""
    shown = _view(setting.views, gap_name)
    hits, people = _rate(shown.summed(cells), name)
    at = np.flatnonzero(shown.may_show & (people >= setting.min_group))
    if len(at) < 2:
        return None
    found = gap_interval(hits[at], people[at], level=level)
    first, last = int(at[found.first]), int(at[found.last])
    return Gap(
        found.gap,
        found.low,
        found.high,
        name,
        (shown.labels[first], shown.labels[last]),
        (float(hits[first] / people[first]), float(hits[last] / people[last])),
        (int(people[first]), int(people[last])),
    )


def _larger(one: Gap | None, other: Gap | None) -> Gap | None:
    """Return the larger of two gaps, with an interval that holds for both; undefined where either is."""
    if one is None or other is None:
        return None
    larger = one if one.value >= other.value else other
    return larger._replace(low=max(one.low, other.low), high=max(one.high, other.high))


def _change(gap_name: str, cells: Whole, setting: _Setting, seed: int) -> Change | None:
    """Return the difference between the two groups followed, before and after, from the same people drawn anew."""
    pair, shown = setting.pairs[gap_name], _view(setting.views, gap_name)
    if pair is None:
        return None
    ends = shown.summed(cells)[[pair.first, pair.last]]
    rest = cells.sum(axis=0) - ends.sum(axis=0)  # drawn along, so that the number of people in the pair varies too
    drawn = bootstrap_counts(np.stack([*ends, rest]), n_boot=setting.n_boot, rng=seed)[:, :2]

    def differences(counts: Whole) -> Numbers:
        """Return first less last, before and after: (2, …)."""
        found = []
        for decision in (-1, -2):  # the other decision is summed over
            hits, people = _rate(counts.sum(axis=decision), pair.rate)
            with np.errstate(invalid="ignore", divide="ignore"):
                rates = hits / people
            found.append(rates[..., 0] - rates[..., 1])
        return np.array(found)

    (before, after), (drawn_before, drawn_after) = differences(ends), differences(drawn)
    figure = _drawn_figure(after - before, drawn_after - drawn_before, setting.level, widest=2)
    return Change(*figure, pair.rate, (shown.labels[pair.first], shown.labels[pair.last]), float(before), float(after))


def _accuracy_change(cells: Whole, setting: _Setting, seed: int) -> Figure:
    drawn = bootstrap_counts(cells.sum(axis=0, keepdims=True), n_boot=setting.n_boot, rng=seed)
    value, resampled = (_accuracy(each.sum(axis=-2)) - _accuracy(each.sum(axis=-1)) for each in (cells, drawn))
    return _drawn_figure(value, resampled, setting.level, widest=1)


def _drawn_figure(value: Any, drawn: Numbers, level: float, widest: float) -> Figure:
    """Return a change with its interval, clipped to what is possible."""
    low, high = np.clip(interval(value, drawn, level=level), -widest, widest)
    return Figure(float(value), float(low), float(high))


def _comparison(
    methods: list[Method], records: Records, setting: _Setting, constraint: str, seen: tuple[str, ...], min_cell: int
) -> MitigationComparison:
    """Return the result."""
    gap_name = GAP_OF[constraint]
    least = least_of(methods, gap_name)
    before, after = methods[0].gap(gap_name), least.gap(gap_name) if least else None
    no_groups = N_("no two groups with people enough to show it")
    no_method = N_("no mitigation whose gap may be shown")
    undefined = {} if before else {"gap_before": no_groups}
    undefined |= {} if least else {"gap_after": no_method, "accuracy_after": no_method}
    return MitigationComparison(
        n_records=sum(len(each) for each in records.outcomes),
        n_judged=len(records.outcomes[1]),
        columns=records.columns,
        constraint=constraint,
        gap_before=before.value if before else np.nan,
        gap_after=after.value if after else np.nan,
        accuracy_before=methods[0].accuracy.value if methods[0].accuracy else np.nan,
        accuracy_after=least.accuracy.value if least and least.accuracy else np.nan,
        least=_(NAMES[least.name]) if least else _("none"),
        min_group=setting.min_group,
        min_cell=min_cell,
        level=setting.level,
        labels=records.labels,
        group_sizes=np.bincount(records.groups[1], minlength=len(records.labels)).astype(np.int64),
        views=setting.views,
        methods=tuple(methods),
        seen_columns=seen,
        undefined=undefined,
    )
