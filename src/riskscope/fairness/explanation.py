"""What drives a score, a decision or a segment: for everybody, and for each group?"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_whole, quoted, shown
from riskscope.engines.columns import as_frame
from riskscope.errors import FrameError
from riskscope.fairness.association import association
from riskscope.fairness.disclosure import few
from riskscope.fairness.features import (
    Feature,
    Predicted,
    boosted,
    features_of,
    folds_of,
    matrix_of,
    one_thread,
    predicted_of,
)
from riskscope.fairness.inputs import grouping_of, same_length
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Features that go together this strongly share their importance (rank correlation, or Cramér's V).
_TOGETHER = 0.6
#: So many features are held against each other at most.
_MOST_HELD = 60
#: A stand-in that repeats less of the predictions than this explains little.
_FAITHFUL = 0.5
#: A picture shows so many features and groups at most.
_MOST_BARS, _MOST_GROUPS = 12, 5

MODEL, STAND_IN = N_("the model itself"), N_("a stand-in, fitted to its predictions")
_NO_RECORDS = N_("there are too few records")
_ALL_ALIKE = N_("all predictions are alike")


@dataclass(frozen=True, kw_only=True)
class Importance:
    """How much worse a feature's shuffling makes the model: mean over the shufflings, and the interval of that mean."""

    feature: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class GroupImportance:
    """The importance of each feature for one group, shuffled within it; ``people`` as shown."""

    group: str
    people: str
    importances: tuple[Importance, ...]


@dataclass(frozen=True, kw_only=True)
class Explanation(Result):
    """Which features drive the predictions, overall and by group."""

    question: ClassVar[str] = N_("What drives the predictions?")
    source: ClassVar[str] = (
        "Breiman (2001), doi:10.1023/A:1010933404324; Fisher, Rudin and Dominici (2019), JMLR 20; "
        "GDPR, articles 13 (2) (f), 14 (2) (g) and 15 (1) (h)"
    )

    of: str = measured(N_("what is explained"), "word")
    scoring: str = measured(N_("measured by"), "text")
    performance: float = measured(N_("of that, on held-out records"))
    n_used: str = measured(N_("records used"), "text")
    n_repeats: int = measured(N_("times each feature is shuffled"), "count")
    too_small: str = measured(N_("people in groups too small to explain"), "text")
    seed: str = measured(N_("seed"), "text")
    #: One a feature, the most important first.
    importances: tuple[Importance, ...] = hidden()
    groups: tuple[GroupImportance, ...] = hidden()
    columns: tuple[str, ...] = hidden()
    #: Pairs of features that go together, and so share their importance.
    correlated: tuple[tuple[str, str], ...] = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each feature and group."""
        features, groups = ([plain(asdict(each)) for each in several] for several in (self.importances, self.groups))
        pairs = [list(each) for each in self.correlated]
        more = {"importances": features, "columns": list(self.columns), "groups": groups, "correlated": pairs}
        return {**super().to_dict(), **more}

    def sentences(self) -> list[str]:
        """Return how far to trust the explanation, what drives the predictions, and where groups differ."""
        if not self.importances:
            return [_("There are too few records, or all predictions are alike: there is nothing to explain.")]
        said = [self._trust()]
        driving = [each for each in self.importances if each.low > 0]
        if driving:
            most = driving[0]
            said.append(
                _(
                    "What drives the predictions most is {feature}: shuffling it costs {mean} ({low} to {high}). "
                    "{n} of {total} features matter beyond the chance of shuffling: {names}."
                ).format(
                    feature=shown(most.feature),
                    mean=display.number(most.mean),
                    low=display.number(most.low),
                    high=display.number(most.high),
                    n=len(driving),
                    total=len(self.importances),
                    names=quoted([each.feature for each in driving], most=6),
                )
            )
        else:
            said.append(_("No feature matters beyond the chance of shuffling."))
        leading = {each.group: each.importances[0] for each in self.groups if each.importances[0].low > 0}
        others = {name: each for name, each in leading.items() if driving and each.feature != driving[0].feature}
        for name, each in list(others.items())[:3]:
            people = next(group.people for group in self.groups if group.group == name)
            said.append(
                _("For {group} (n {n}) it is {feature} ({mean}).").format(
                    group=shown(name), n=people, feature=shown(each.feature), mean=display.number(each.mean)
                )
            )
        if self.correlated:
            pairs = [_("{one} with {other}").format(one=shown(a), other=shown(b)) for a, b in self.correlated[:5]]
            more = len(self.correlated) - len(pairs)
            listed = "; ".join(pairs) + (_(" and {n} more").format(n=more) if more > 0 else "")
            said.append(
                _("Some features go together ({pairs}): they share their importance, and each looks weaker.").format(
                    pairs=listed
                )
            )
        said.append(
            _(
                "This tells what the predictions rest on for people in general, not why one person got theirs, and not "
                "what causes the outcome. The intervals cover the chance of shuffling alone."
            )
        )
        return said

    def _trust(self) -> str:
        if self.of == MODEL:
            return _("On held-out records, the model reaches {performance} ({scoring}).").format(
                performance=display.number(self.performance), scoring=self.scoring
            )
        if self.performance < _FAITHFUL:
            said = _(
                "A stand-in that learned the predictions from these features repeats only {share} of how they vary on "
                "records it had not seen: what follows explains little of them. Something else drives the rest, or "
                "chance."
            )
        else:
            said = _(
                "A stand-in that learned the predictions from these features repeats {share} of how they vary on "
                "records it had not seen; what follows explains that part."
            )
        return said.format(share=display.share(max(0.0, self.performance)))

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the importance of each feature, overall and for each group."""
        if not self.importances:
            return []
        by_group = [{each.feature: each for each in group.importances} for group in self.groups]
        header = [_("feature"), _("everybody"), _("interval")]
        header += [_("{group} (n {n})").format(group=each.group, n=each.people) for each in self.groups]
        rows = [
            (
                each.feature,
                display.number(each.mean),
                _("{low} to {high}").format(low=display.number(each.low), high=display.number(each.high)),
                *(display.number(group[each.feature].mean) for group in by_group),
            )
            for each in self.importances
        ]
        return [(_("What shuffling a feature costs"), header, rows)]

    @property
    def has_picture(self) -> bool:
        """Whether there is a feature to draw."""
        return bool(self.importances)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what shuffling each feature costs, with its interval, for everybody and for each group."""
        if not self.importances:
            return super().plot(ax)
        names = [each.feature for each in self.importances[:_MOST_BARS]]
        axes = new_axes(ax, (7.0, 2.0 + 0.5 * len(names)))
        places = np.arange(len(names), dtype=np.float64)
        colours = ("#c3cad6", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9")
        series = [(_("everybody"), self.importances)]
        series += [(each.group, each.importances) for each in self.groups[:_MOST_GROUPS]]
        for at, (label, importances) in enumerate(series):
            found = {each.feature: each for each in importances}
            means, lows, highs = np.array([(found[n].mean, found[n].low, found[n].high) for n in names]).T
            text = display.visible(label[:24]).replace("$", r"\$")
            if at == 0:
                axes.barh(places, means, height=0.7, color=colours[0], label=text)
                continue
            reach = np.nan_to_num(np.stack([means - lows, highs - means])).clip(min=0)
            shift = 0.5 * (at / len(series) - 0.5)
            axes.errorbar(
                means, places + shift, xerr=reach, fmt="o", color=colours[at], markersize=4, capsize=2, label=text
            )
        axes.set_yticks(places, [display.visible(name[:28]).replace("$", r"\$") for name in names])
        axes.invert_yaxis()
        axes.axvline(0, color=display.INK, linewidth=0.8)
        axes.set_xlabel(_("cost of shuffling the feature ({scoring})").format(scoring=self.scoring))
        axes.set_title(self.heading(), loc="left")
        axes.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.5, ncols=3)
        axes.spines[["top", "right"]].set_visible(False)
        return axes


class _Groups(NamedTuple):
    """The rows of each group that is explained, and how they are shown."""

    labels: list[str]
    rows: list[Whole]
    people: list[str]
    too_small: str
    columns: tuple[str, ...]


#: (sets of rows, feature, orders (n_orders, n_records): whose value of the feature each record takes) -> how well the
#: predictions are met in each set under each order (n_orders, n_sets).
Meets = Callable[[Sequence[Whole], int, Whole], Numbers]


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

    check_whole(n_repeats, "n_repeats", low=2)
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

    def meets(sets: Sequence[Whole], feature: int, orders: Whole) -> Numbers:
        found = np.empty((len(orders), len(sets)))
        for turn, order in enumerate(orders):
            shuffled = _shuffled(frame, names[feature], feature, order)
            for at, chosen in enumerate(sets):
                own = shuffled[chosen]
                found[turn, at] = scorer(estimator, own if is_array else own.to_native(), outcome[chosen])
        return found

    groups = _groups(sensitive_features, len(outcome), rows, min_group, min_cell)
    default = _("its own score: accuracy of a classifier, R² of a regression")
    table = X if not is_array else pd.DataFrame(X, columns=names)
    features, _joined = features_of(table, "X") if len(names) else ([], ())
    return _explained(
        meets,
        features,
        rows,
        groups,
        n_records=len(outcome),
        of=MODEL,
        scoring=default if scoring is None else scoring if isinstance(scoring, str) else _("the scoring given"),
        n_repeats=n_repeats,
        rng=source,
        seed=_seed(rng),
    )


def _shuffled(frame: Any, name: str, feature: int, order: Whole) -> Any:
    """Return records in which each takes one column from another record."""
    if isinstance(frame, np.ndarray):
        copy = frame.copy()
        copy[:, feature] = frame[order, feature]
        return copy
    return frame.with_columns(frame[name][order].alias(name))


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
    check_whole(n_splits, "n_splits", low=2)
    check_whole(n_repeats, "n_repeats", low=2)
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
        "seed": _seed(rng),
    }
    if len(rows) < 10 * n_splits:
        return _explained(None, columns, rows, groups, reason=_NO_RECORDS, **fitted)
    wanted = _wanted(predicted)
    if not wanted[rows].var(axis=0).any():
        return _explained(None, columns, rows, groups, reason=_ALL_ALIKE, **fitted)
    with one_thread():
        meets = _stand_in(columns, predicted, wanted, rows, n_splits, source)
        return _explained(meets, columns, rows, groups, **fitted)


def _wanted(predicted: Predicted) -> Numbers:
    """Return what a stand-in should give: (n, 1) numbers, or (n, n_classes) indicators."""
    return np.stack(predicted.parts(), axis=1)


def _stand_in(
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
    varying = [at for at in range(matrix.shape[1]) if len(np.unique(matrix[rows, at])) > 1]
    target = predicted.numbers if predicted.is_number else predicted.codes
    folds = np.full(len(wanted), -1)
    folds[rows] = folds_of(predicted.codes[rows], n_splits, rng)
    seed = int(rng.integers(2**31))
    models: list[Any] = []
    for fold in range(n_splits):
        own = rows[folds[rows] != fold]
        is_constant = not varying or len(np.unique(target[own])) < 2
        model = (
            None
            if is_constant
            else boosted("numbers" if predicted.is_number else "classes", [kinds[at] for at in varying], seed=seed).fit(
                matrix[own][:, varying], target[own]
            )
        )
        models.append((model, wanted[own].mean(axis=0)))
    spread = float(((wanted[rows] - wanted[rows].mean(axis=0)) ** 2).sum() / len(rows))

    def meets(sets: Sequence[Whole], feature: int, orders: Whole) -> Numbers:
        errors = np.zeros((len(orders), len(wanted)))
        for fold, (model, mean) in enumerate(models):
            held = rows[folds[rows] == fold]
            taken = np.tile(matrix[held], (len(orders), 1))
            taken[:, feature] = matrix[orders[:, held].reshape(-1), feature]
            told = np.tile(mean, (len(taken), 1))
            if model is not None and predicted.is_number:
                told[:, 0] = model.predict(taken[:, varying])
            elif model is not None:
                told = np.zeros_like(told)
                told[:, model.classes_] = model.predict_proba(taken[:, varying])
            gaps = told.reshape(len(orders), len(held), -1) - wanted[held]
            errors[:, held] = (gaps**2).sum(axis=2)
        return 1 - np.stack([errors[:, chosen].mean(axis=1) for chosen in sets], axis=1) / spread

    return meets


def _drawn(n: int, most: int, rng: np.random.Generator) -> Whole:
    check_whole(most, "max_records", low=100)
    return np.sort(rng.choice(n, most, replace=False)) if n > most else np.arange(n)


def _seed(rng: int | np.random.Generator) -> str:
    return _("that of the generator given") if isinstance(rng, np.random.Generator) else str(rng)


def _groups(sensitive_features: Any, n_records: int, rows: Whole, min_group: int, min_cell: int) -> _Groups:
    """Return the groups among the records used that have enough people."""
    check_whole(min_group, "min_group", low=1)
    check_whole(min_cell, "min_cell", low=1)
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
        everybody = _importances(meets, [rows], names, n_repeats, n_records, rng)[0]
        if groups.labels:
            by_group = _importances(meets, groups.rows, names, n_repeats, n_records, rng)
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


def _importances(
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
