"""Does a prediction change when the protected feature alone does?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import check_columns, check_names, check_number, check_whole, quoted
from riskscope.engines.columns import as_frame
from riskscope.errors import FrameError, RoleError
from riskscope.fairness.disclosure import shown_groups
from riskscope.fairness.group_figures import (
    GroupFigure,
    drawn,
    figures_frame,
    group_tables,
    of_100,
    sentence_of_ends,
    sentences_of_not_shown,
)
from riskscope.fairness.inputs import Numbers, grouping_of
from riskscope.intervals import wilson
from riskscope.results import Result, hidden, measured, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

#: A protected feature with more values than this is to be banded before it is switched.
MOST_VALUES = 50


@dataclass(frozen=True, kw_only=True)
class FlipTest(Result):
    """How many predictions change when only the protected feature is switched."""

    question: ClassVar[str] = N_("Does the decision change when the protected feature alone does?")
    source: ClassVar[str] = (
        "Galhotra, Brun and Meliou (2017), doi:10.1145/3106237.3106277 (causal discrimination); Kusner, Loftus, "
        "Russell and Silva (2017) on what it is not"
    )

    columns: tuple[str, ...] = hidden()
    flip_rate: float = measured(N_("people whose prediction changes for at least one other value"), "share")
    low: float = measured(N_("lower end of the interval"), "share")
    high: float = measured(N_("upper end of the interval"), "share")
    mean_change: float = measured(N_("mean absolute change of the score"))
    n_values: int = measured(N_("values of the protected feature tried"), "count")
    is_input: bool = hidden()
    min_cell: int = hidden()
    #: Groups that may be shown, most flips first.
    groups: tuple[GroupFigure, ...] = hidden()
    n_not_shown: int = hidden()
    exact_groups: tuple[GroupFigure, ...] = hidden()
    #: Mean absolute change of the score by group, exact.
    exact_changes: dict[str, float] = hidden()

    @property
    def by_group(self) -> pd.DataFrame:
        """Return the flip rate of every group: exact, small groups included; do not publish."""
        frame = figures_frame(self.exact_groups)
        return frame.assign(mean_change=[self.exact_changes[group] for group in frame.index])

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each group that may be shown."""
        groups = [plain(asdict(each)) for each in self.groups]
        return {**super().to_dict(), "columns": list(self.columns), "is_input": self.is_input, "groups": groups}

    def sentences(self) -> list[str]:
        """Return how many predictions change, and why none changing proves nothing."""
        names = quoted(self.columns)
        proxies = _(
            "This does not show that people are treated alike: other features may stand in for {columns} (proxies), "
            "and they stay as they are here."
        ).format(columns=names)
        if not self.is_input:
            none = _(
                "The model does not take {columns}, so switching it changes nothing: the flip rate is 0 by "
                "construction."
            )
            return [none.format(columns=names), proxies]
        if np.isnan(self.flip_rate):
            return [_("Nothing can be switched: {columns} has one value, or there is no record.").format(columns=names)]
        said = [
            _(
                "Of 100 people (n = {n}), {rate} get another prediction when {columns} alone is switched to one of its "
                "other values ({interval})."
            ).format(
                n=display.count(self.n_records),
                rate=of_100(self.flip_rate),
                interval=display.shares(self.low, self.high),
                columns=names,
            )
        ]
        if np.isfinite(self.mean_change):
            change = display.number(float(f"{self.mean_change:.2g}"))
            said.append(_("The score changes by {change} on average.").format(change=change))
        if len(self.groups) > 1:
            label = _("the share of predictions that change")
            said.append(sentence_of_ends(self.groups[-1], self.groups[0], label, display.share))
        return [*said, proxies, *sentences_of_not_shown(self.n_not_shown, self.min_cell)]

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the flip rate of each group that may be shown."""
        caption = _("Of each group, the people whose prediction changes when the protected feature is switched")
        return group_tables(self.groups, self.columns, _("predictions that change"), caption, display.share)

    @property
    def has_picture(self) -> bool:
        """Whether there is a group to draw."""
        return bool(self.groups)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the flip rate of each group, with its interval."""
        return drawn(self, self.groups, _("predictions that change, in %"), ax, scale=100)


def flip_test(
    *,
    estimator: Any,
    X: Any,
    sensitive_features: str | Sequence[str],
    level: float = 0.95,
    min_cell: int = display.MIN_CELL,
) -> FlipTest:
    """How many predictions change when only the protected column is switched to each of its other values.

    It tells whether the model itself uses the column. It does not tell that people are treated alike where nothing
    changes: other columns may stand in for it.

    Parameters
    ----------
    estimator : fitted scikit-learn estimator
        Its ``predict`` is asked, and ``predict_proba`` where it has one.
    X : data frame
        People as the estimator takes them, the protected column among them.
    sensitive_features : str or list of str
        Name of the protected column of ``X``; several are switched together, to combinations that occur.
    level : float, default 0.95
        Level of the intervals (Wilson's).
    min_cell : int, default 10
        Groups with fewer people in a part are not shown.

    Returns
    -------
    FlipTest
        ``flip_rate``, people whose prediction changes for at least one other value; ``mean_change`` of the score: over
        classes, half the sum of absolute changes of their probabilities (for two classes, the change of either), or
        the absolute change of a predicted number; mean over other values, then over people; ``groups``.

    Raises
    ------
    RoleError
        ``X`` has no such column.
    FrameError
        The column has more than 50 values.

    Notes
    -----
    Causal discrimination of Galhotra, Brun and Meliou (2017), on the people given. It is no counterfactual fairness
    (Kusner et al. 2017), which needs a causal model of what else would differ. Nothing is switched to a missing
    value. Where the estimator was fitted without the column (``feature_names_in_``), the rate is 0 by construction.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> people = pd.DataFrame({"sex": [0, 0, 1, 1], "income": [1, 2, 1, 2]})
    >>> model = DecisionTreeClassifier(random_state=0).fit(people, [0, 0, 1, 1])
    >>> flip_test(estimator=model, X=people, sensitive_features="sex").flip_rate
    1.0
    """
    check_number(level, "level", low=0.5, high=0.9999)
    check_whole(min_cell, "min_cell", low=1)
    names = check_names(sensitive_features, "sensitive_features")
    if not names:
        raise RoleError(_("sensitive_features names no column; name the protected column of X."))
    frame = as_frame(X)
    check_columns(names, frame.columns, "sensitive_features")
    grouping = grouping_of(frame.select(list(names)).to_native(), "sensitive_features")
    if len(grouping.labels) > MOST_VALUES:
        raise FrameError(
            _(
                "{columns} has {n} different values; cut it into bands, at most {most}, and fit the model on these."
            ).format(columns=quoted(names), n=len(grouping.labels), most=MOST_VALUES)
        )
    taken = _inputs(estimator)
    is_input = taken is None or any(name in taken for name in names)
    inputs = taken if taken is not None and set(taken) <= set(frame.columns) else list(frame.columns)
    flips, change = np.zeros(len(grouping.codes)), np.zeros(len(grouping.codes))
    if is_input:
        flips, change = _switched(estimator, frame, names, grouping, inputs)
    return _flip_result(flips, change, grouping, is_input, level, min_cell)


def _inputs(estimator: Any) -> list[str] | None:
    """Return the names of the columns that the estimator, or the first step of a pipeline, was fitted on, if known."""
    steps = [step for _name, step in getattr(estimator, "steps", []) if step not in (None, "passthrough")]
    for each in (estimator, *steps[:1]):
        names = getattr(each, "feature_names_in_", None)
        if names is not None:
            return [str(name) for name in names]
    return None


def _switched(
    estimator: Any, frame: Any, names: Sequence[str], grouping: Any, inputs: Sequence[str]
) -> tuple[Numbers, Numbers]:
    """Return whether each person's prediction changes (NaN: nothing to switch to), and the mean change of score."""
    n = len(grouping.codes)
    first = [int(np.argmax(grouping.codes == code)) for code in range(len(grouping.labels))]
    known = [code for code, at in enumerate(first) if not any(_is_missing(frame[name][at]) for name in names)]
    flips, change, n_switched = np.zeros(n), np.zeros(n), np.zeros(n)
    if not n or not known:
        return np.full(n, np.nan), np.full(n, np.nan)
    labels, scores = _asked(estimator, frame.select(inputs).to_native())
    for code in known:
        switched = frame.with_columns(*(frame[name][[first[code]] * n].alias(name) for name in names))
        new_labels, new_scores = _asked(estimator, switched.select(inputs).to_native())
        is_other = grouping.codes != code
        flips = np.maximum(flips, is_other & (new_labels != labels))
        distance = np.abs(new_scores - scores)
        change += np.where(is_other, distance.sum(axis=1) / (2 if distance.shape[1] > 1 else 1), 0)
        n_switched += is_other
    some = n_switched > 0
    return np.where(some, flips, np.nan), np.where(some, change / np.where(some, n_switched, 1), np.nan)


def _asked(estimator: Any, people: Any) -> tuple[NDArray[Any], Numbers]:
    """Return predictions, and the score (n, n_classes), (n, 1) for a predicted number, NaN where there is none."""
    labels = np.asarray(estimator.predict(people)).reshape(-1)
    if hasattr(estimator, "predict_proba"):
        return labels, np.asarray(estimator.predict_proba(people), np.float64)
    is_number = labels.dtype.kind == "f"
    return labels, labels[:, None].astype(np.float64) if is_number else np.full((len(labels), 1), np.nan)


def _is_missing(value: Any) -> bool:
    return value is None or bool(value != value)


def _flip_result(
    flips: Numbers, change: Numbers, grouping: Any, is_input: bool, level: float, min_cell: int
) -> FlipTest:
    known = np.isfinite(flips)
    codes, n_groups = grouping.codes[known], len(grouping.labels)
    hits, n = (np.bincount(codes, each, minlength=n_groups) for each in (flips[known], np.ones(known.sum())))
    changes = np.bincount(codes, change[known], minlength=n_groups)
    safe = np.where(n > 0, n, np.nan)
    low, high = wilson(hits, n, level=level)
    exact = tuple(
        GroupFigure(
            group=label, n_people=int(n[at]), value=float(hits[at] / safe[at]), low=float(low[at]), high=float(high[at])
        )
        for at, label in enumerate(grouping.labels)
    )
    parts = np.stack([hits, n - hits], axis=1).astype(np.int64)
    may_show = np.ones(n_groups, bool) if min_cell == 1 else shown_groups(parts, min_cell)
    shown_ones = [
        each for each, seen in zip(exact, may_show, strict=True) if seen and is_input and np.isfinite(each.value)
    ]
    ends = [float(each) for each in wilson(hits.sum(), n.sum(), level=level)] if is_input else [0.0, 0.0]
    rate = float(flips[known].mean()) if known.any() else np.nan
    reason = N_("one value only, or no record")
    return FlipTest(
        n_records=len(flips),
        columns=grouping.columns,
        flip_rate=rate,
        low=ends[0],
        high=ends[1],
        mean_change=float(change[known].mean()) if known.any() else np.nan,
        n_values=n_groups,
        is_input=is_input,
        min_cell=min_cell,
        groups=tuple(sorted(shown_ones, key=lambda each: -each.value)),
        n_not_shown=int((~may_show).sum()) if is_input else 0,
        exact_groups=exact,
        exact_changes={label: float(changes[at] / safe[at]) for at, label in enumerate(grouping.labels)},
        undefined={} if known.any() else dict.fromkeys(("flip_rate", "low", "high", "mean_change"), reason),
    )
