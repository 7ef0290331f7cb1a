"""What drives a score, a decision or a segment: for everybody, and for each group?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskscope import display
from riskscope.engines.columns import as_frame
from riskscope.errors import FrameError
from riskscope.fairness.disclosure import few
from riskscope.fairness.explanation.measures import Meets, Whole, correlated, importances_of, of_model, stand_in
from riskscope.fairness.explanation.words import MODEL, STAND_IN, Explanation, GroupImportance, Importance
from riskscope.fairness.features import Feature, features_of, one_thread, predicted_of
from riskscope.fairness.inputs import check_options, grouping_of, same_length, seed_shown
from riskscope.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO_RECORDS = N_("there are too few records")
_ALL_ALIKE = N_("all predictions are alike")


class _Groups(NamedTuple):
    """The rows of each group that is explained, and how they are shown."""

    labels: list[str]
    rows: list[Whole]
    people: list[str]
    too_small: str
    columns: tuple[str, ...]


def explain_score(
    *,
    estimator: Any,
    X: Any,
    y_true: Any,
    sensitive_features: Any = None,
    n_repeats: int = 5,
    max_records: int = 10_000,
    scoring: Any = None,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    rng: int | np.random.Generator = 0,
) -> Explanation:
    """What drives a model at hand, on records that it was not fitted on: permutation importance, overall and by group.

    It tells which columns the model's success rests on, and whether that differs between groups. It does not tell why
    one person was scored so, nor that a column is harmless because it matters little: another may stand in for it.

    Parameters
    ----------
    estimator : object
        A fitted scikit-learn model or pipeline.
    X : data frame or array (n_records, n_features)
        Held-out records, as the model takes them.
    y_true : array, series or list
        What came true for them.
    sensitive_features : array, series, list or data frame, optional
        The group of each record; a missing value is a group of its own.
    n_repeats : int, default 5
        How often each feature is shuffled.
    max_records : int, default 10,000
        So many records are used, drawn at random.
    scoring : str or function, optional
        As in scikit-learn. Default: accuracy of a classifier, R² of a regression (the model's own ``score``).
    min_group : int, default 10
        Groups of fewer people have no importance of their own.
    min_cell : int, default 10
        So do groups of fewer people than this.
    rng : int or numpy.random.Generator, default 0
        Seed of the shuffles.

    Returns
    -------
    Explanation
        ``importances``, one ``Importance`` a feature, highest first; ``groups``, one ``GroupImportance`` each.

    Raises
    ------
    FrameError
        Lengths differ, or an outcome is missing.

    Notes
    -----
    Importance = score as it is less the score with the feature shuffled among the records (Breiman 2001). For a group,
    both are taken among its records alone and the feature is shuffled within it: what the feature tells apart inside
    the group. The interval is Student's over the repeats: it covers the chance of shuffling, not of drawing records.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> X = pd.DataFrame({"a": range(40), "b": [1, 2] * 20})
    >>> found = explain_score(estimator=LinearRegression().fit(X, X["a"]), X=X, y_true=X["a"])
    >>> [each.feature for each in found.importances], round(found.performance, 6)
    (['a', 'b'], 1.0)
    """
    import pandas as pd
    from sklearn.metrics import check_scoring

    check_options(n_repeats=n_repeats)
    outcome = np.asarray(y_true).reshape(-1)
    missing = np.flatnonzero(pd.isna(outcome))
    if len(missing):
        raise FrameError(
            _("y_true is missing in {n} of {total} records, the first at row {row}. Leave those records out.").format(
                n=len(missing), total=len(outcome), row=int(missing[0])
            )
        )
    is_array = isinstance(X, np.ndarray)
    frame: Any = X if is_array else as_frame(X)
    names = [_("column {n}").format(n=at) for at in range(X.shape[1])] if is_array else list(frame.columns)
    same_length(X=len(X), y_true=len(outcome))
    source = np.random.default_rng(rng)
    rows = _drawn(len(outcome), max_records, source)
    scorer = check_scoring(estimator, scoring=scoring)
    groups = _groups(sensitive_features, len(outcome), rows, min_group, min_cell)
    default = _("its own score: accuracy of a classifier, R² of a regression")
    table = X if not is_array else pd.DataFrame(X, columns=names)
    features, _joined = features_of(table, "X") if len(names) else ([], ())
    return _explained(
        of_model(scorer, estimator, frame, names, outcome),
        features,
        rows,
        groups,
        n_records=len(outcome),
        of=MODEL,
        scoring=default if scoring is None else scoring if isinstance(scoring, str) else _("the scoring given"),
        n_repeats=n_repeats,
        rng=source,
        seed=seed_shown(rng),
    )


def explain_profile(
    *,
    y_pred: Any,
    features: Any,
    sensitive_features: Any = None,
    n_splits: int = 5,
    n_repeats: int = 5,
    max_records: int = 5_000,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    rng: int | np.random.Generator = 0,
) -> Explanation:
    """What drives a column of predictions (score, decision, segment) when the model is not at hand.

    A stand-in learns the predictions from the features; how much of them it repeats on records that it did not see is
    told first. Where that is little, the explanation explains little. It tells what goes with the predictions, which
    need not be what the model that made them uses.

    Parameters
    ----------
    y_pred : array, series or list
        A score or decision as numbers (or truth values); a decision or segment as text or categories.
    features : data frame
        What the predictions may have been made from.
    sensitive_features : array, series, list or data frame, optional
        The group of each record; a missing value is a group of its own.
    n_splits : int, default 5
        Parts of the cross-validation.
    n_repeats : int, default 5
        How often each feature is shuffled.
    max_records : int, default 5,000
        So many records are used, drawn at random.
    min_group, min_cell : int, default 10
        Groups of fewer people than either have no importance of their own.
    rng : int or numpy.random.Generator, default 0
        Seed of parts, models and shuffles.

    Returns
    -------
    Explanation
        ``performance``: the share of how the predictions vary that the stand-in repeats; ``importances``; ``groups``.

    Raises
    ------
    FrameError
        Lengths differ, or a prediction is missing.

    Notes
    -----
    The stand-in: few boosted trees, cross-validated. Share repeated = 1 - squared error / squared error of the mean
    (R²; of classes, summed over their indicators: Brier's skill). Importance: what a shuffle of the feature among the
    held-out records takes from that share; for a group, its own squared error over its people's part in everybody's,
    shuffled within it, so that groups can be held against each other.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"colour": ["red", "blue"] * 100, "size": [1, 1, 2, 2] * 50})
    >>> found = explain_profile(y_pred=["A", "B"] * 100, features=X)
    >>> found.importances[0].feature, found.performance > 0.9
    ('colour', True)
    """
    check_options(n_splits=n_splits, n_repeats=n_repeats)
    predicted = predicted_of(y_pred, "y_pred")
    columns, _joined = features_of(features)
    n_records = len(predicted.codes)
    same_length(y_pred=n_records, features=len(columns[0].cells))
    source = np.random.default_rng(rng)
    rows = _drawn(n_records, max_records, source)
    groups = _groups(sensitive_features, n_records, rows, min_group, min_cell)
    fitted: dict[str, Any] = {
        "n_records": n_records,
        "of": STAND_IN,
        "scoring": _("share of how predictions vary that is repeated"),
        "n_repeats": n_repeats,
        "rng": source,
        "seed": seed_shown(rng),
    }
    if len(rows) < 10 * n_splits:
        return _explained(None, columns, rows, groups, reason=_NO_RECORDS, **fitted)
    wanted = np.stack(predicted.parts(), axis=1)
    if not wanted[rows].var(axis=0).any():
        return _explained(None, columns, rows, groups, reason=_ALL_ALIKE, **fitted)
    with one_thread():
        meets = stand_in(columns, predicted, wanted, rows, n_splits, source)
        return _explained(meets, columns, rows, groups, **fitted)


def _drawn(n: int, most: int, rng: np.random.Generator) -> Whole:
    check_options(max_records=most)
    return np.sort(rng.choice(n, most, replace=False)) if n > most else np.arange(n)


def _groups(sensitive_features: Any, n_records: int, rows: Whole, min_group: int, min_cell: int) -> _Groups:
    """Return the groups among the records used that have enough people."""
    check_options(min_group=min_group, min_cell=min_cell)
    if sensitive_features is None:
        return _Groups([], [], [], "0", ())
    grouping = grouping_of(sensitive_features, "sensitive_features")
    same_length(records=n_records, sensitive_features=len(grouping.codes))
    codes = grouping.codes[rows]
    people = np.bincount(codes, minlength=len(grouping.labels))
    large = [int(at) for at in np.flatnonzero(people >= max(min_group, min_cell))]
    n_hidden = int(people.sum() - people[large].sum())
    is_withheld = 0 < n_hidden < min_cell
    largest = int(people.argmax()) if is_withheld else -1
    return _Groups(
        [grouping.labels[at] for at in large],
        [rows[codes == at] for at in large],
        [_("not shown") if at == largest else display.count(int(people[at])) for at in large],
        few(min_cell) if is_withheld else display.count(n_hidden),
        grouping.columns,
    )


def _explained(
    meets: Meets | None,
    features: Sequence[Feature],
    rows: Whole,
    groups: _Groups,
    *,
    n_records: int,
    of: str,
    scoring: str,
    n_repeats: int,
    rng: np.random.Generator,
    seed: str,
    reason: str = _NO_RECORDS,
) -> Explanation:
    """Return the explanation; ``meets`` is None where there is nothing to explain, for a reason."""
    names = [each.name for each in features]
    everybody: tuple[Importance, ...] = ()
    listed: tuple[GroupImportance, ...] = ()
    performance = np.nan
    if meets is not None and len(rows) and names:
        performance = float(meets([rows], 0, np.arange(n_records)[None])[0, 0])
        everybody = importances_of(meets, [rows], names, n_repeats, n_records, rng)[0]
        if groups.labels:
            by_group = importances_of(meets, groups.rows, names, n_repeats, n_records, rng)
            listed = tuple(
                GroupImportance(group=label, people=n, importances=importances)
                for label, n, importances in zip(groups.labels, groups.people, by_group, strict=True)
            )
    return Explanation(
        n_records=n_records,
        of=of,
        scoring=scoring,
        performance=performance,
        n_used=_("all") if len(rows) == n_records else display.count(len(rows)),
        n_repeats=n_repeats,
        too_small=groups.too_small,
        seed=seed,
        importances=everybody,
        groups=listed,
        columns=groups.columns,
        correlated=correlated(features, rows) if everybody else (),
        undefined={"performance": reason} if np.isnan(performance) else {},
    )
