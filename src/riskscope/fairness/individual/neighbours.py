"""Are people who are alike treated alike?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import check_whole, quoted
from riskscope.engines.columns import arrow_columns, is_text
from riskscope.errors import FrameError
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
from riskscope.fairness.inputs import Numbers, Whole, codes_of, framed, grouping_of, numbers_of, same_length
from riskscope.results import Result, hidden, measured, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

#: Beyond so many distinct rows, some are drawn at random, and compared with all.
MOST_ROWS = 20_000
#: Rows as far as the k-th neighbour but for rounding are as near.
ROUNDING = 1e-9
#: Rows that neighbours are looked for at once, so that ties do not fill the memory.
AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Consistency(Result):
    """How far decisions agree with those of people who are most alike."""

    question: ClassVar[str] = N_("Are people who are alike treated alike?")
    source: ClassVar[str] = "Zemel, Wu, Swersky, Pitassi and Dwork (2013), ICML, section 5.2; Dwork et al. (2012)"

    consistency: float = measured(N_("consistency (1: everybody is treated as those most alike)"))
    standard_error: float = measured(N_("standard error of having drawn rows"))
    n_neighbors: int = measured(N_("neighbours asked for"), "count")
    mean_neighbors: float = measured(N_("neighbours on average, ties included"))
    include_self: bool = hidden()
    is_score: bool = hidden()
    n_distinct: int = measured(N_("distinct rows of features"), "count")
    n_compared: int = measured(N_("of them, compared with their neighbours"), "count")
    seed: str | None = measured(N_("seed"), "text")
    features: tuple[str, ...] = hidden()
    columns: tuple[str, ...] = hidden()
    min_cell: int = hidden()
    #: Groups that may be shown, least consistent first.
    groups: tuple[GroupFigure, ...] = hidden()
    n_not_shown: int = hidden()
    exact_groups: tuple[GroupFigure, ...] = hidden()

    @property
    def by_group(self) -> pd.DataFrame:
        """Return the consistency of every group: exact, small groups included; do not publish."""
        return figures_frame(self.exact_groups)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each group that may be shown."""
        groups = [plain(asdict(each)) for each in self.groups]
        return {**super().to_dict(), "features": list(self.features), "columns": list(self.columns), "groups": groups}

    def sentences(self) -> list[str]:
        """Return what the number means, how likeness was measured, and what it does not show."""
        if np.isnan(self.consistency):
            return [_("There are too few people to compare anybody with others.")]
        gap, value = 1 - self.consistency, _short(self.consistency)
        if self.is_score:
            found = _(
                "On average, a person's score differs by {gap} from the mean score of the people most alike "
                "(consistency {value})."
            ).format(gap=display.number(gap), value=value)
        else:
            found = _(
                "Of 100 people who are most alike to a person, {gap} on average have the other decision (consistency "
                "{value})."
            ).format(gap=of_100(gap), value=value)
        said = [
            found,
            _(
                "Alike is said of {columns}: numbers scaled to one spread, categories equal or not; compared are the "
                "{k} nearest people on average, ties included. Other features, or another scale, give another number; "
                "it does not show that the features themselves are fair."
            ).format(columns=quoted(self.features), k=display.number(round(self.mean_neighbors, 1))),
        ]
        if self.include_self:
            said.append(_("Each person counts as its own neighbour, as in AIF360, which makes the number too high."))
        if len(self.groups) > 1:
            said.append(sentence_of_ends(self.groups[0], self.groups[-1], _("consistency"), _short))
        if self.n_compared < self.n_distinct:
            said.append(
                _("{n} of {total} distinct rows, drawn at random, were compared (standard error {error}).").format(
                    n=display.count(self.n_compared),
                    total=display.count(self.n_distinct),
                    error=display.number(self.standard_error),
                )
            )
        return said + sentences_of_not_shown(self.n_not_shown, self.min_cell)

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the consistency of each group that may be shown."""
        caption = _("Consistency by group: 1 where everybody is treated as those most alike, of whatever group")
        return group_tables(self.groups, self.columns, _("consistency"), caption, _short)

    @property
    def has_picture(self) -> bool:
        """Whether there is a group to draw."""
        return bool(self.groups)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the consistency of each group."""
        return drawn(self, self.groups, _("consistency"), ax)


def _short(value: float) -> str:
    return display.number(round(value, 3))


def consistency(
    *,
    y_pred: Any,
    features: Any,
    sensitive_features: Any = None,
    n_neighbors: int = 5,
    include_self: bool = False,
    min_cell: int = display.MIN_CELL,
    rng: int | np.random.Generator = 0,
) -> Consistency:
    """How far each person's decision, or score, agrees with those of the people most alike.

    It tells whether people who are alike in the features are treated alike. It does not tell whether the features
    are fair, nor whether groups that differ in them are.

    Parameters
    ----------
    y_pred : array, series or list of numbers from 0 to 1
        The decision as 0 and 1, or a score.
    features : data frame
        What people are alike in. Numbers are scaled to variance 1; text, true or false, dates and missing values
        count as equal or not. Leave protected features out, or likeness includes them.
    sensitive_features : array, series, list or data frame, optional
        Also tell the consistency of each group.
    n_neighbors : int, default 5
        How many people most alike each is compared with; all as near as the last of them count, too.
    include_self : bool, default False
        Count each person among its own neighbours, as AIF360 does; where no distances are equal, this is its number
        (of features scaled so).
    min_cell : int, default 10
        Groups with fewer people in a part are not shown.
    rng : int or numpy.random.Generator, default 0
        Draws rows where more than 20,000 are distinct.

    Returns
    -------
    Consistency
        ``consistency`` = 1 - mean |y - mean y of the neighbours|, ``standard_error``, ``groups``.

    Raises
    ------
    FrameError
        Lengths differ, or ``y_pred`` is missing somewhere or not between 0 and 1.

    Notes
    -----
    Zemel et al. (2013), section 5.2. Unlike in other tools, the number is a function of the data: it does not change
    with the order of rows, as people at equal distance count together (weight 1 each), and not with the unit of a
    number. Equal rows are kept as one with its people, and the search runs on distinct rows. With one category, two
    people who differ are as far apart as two whose number differs by √2 standard deviations.

    Examples
    --------
    >>> found = consistency(y_pred=[1, 1, 0, 0, 0, 1], features=[0, 1, 2, 10, 11, 12], n_neighbors=2)
    >>> round(found.consistency, 6)
    0.333333
    """
    check_whole(n_neighbors, "n_neighbors", low=1)
    check_whole(min_cell, "min_cell", low=1)
    decisions = numbers_of(y_pred, "y_pred")
    if len(decisions) and (decisions.min() < 0 or decisions.max() > 1):
        raise FrameError(
            _("y_pred must be 0 and 1, or a score from 0 to 1; scale it, or give 1 for the positive decision.")
        )
    codes = codes_of(features, "features")
    points, names = _points(features, codes)
    lengths = {"y_pred": len(decisions), "features": len(codes)}
    grouping = None if sensitive_features is None else grouping_of(sensitive_features, "sensitive_features")
    if grouping is not None:
        lengths["sensitive_features"] = len(grouping.codes)
    same_length(**lengths)
    compared = np.arange(len(points))
    is_drawn = len(points) > MOST_ROWS
    if is_drawn:
        compared = np.sort(np.random.default_rng(rng).choice(len(points), MOST_ROWS, replace=False))
    apart, n_near = _apart(points, codes, decisions, compared, n_neighbors, include_self)
    known = np.isfinite(apart)
    value, error = _mean(apart[known], codes[known], is_drawn, len(points))
    groups = () if grouping is None else _group_means(apart, grouping.codes, grouping.labels)
    parts = _parts(grouping, decisions) if grouping is not None else np.zeros((0, 2), np.int64)
    may_show = np.ones(len(parts), bool) if min_cell == 1 else shown_groups(parts, min_cell)
    shown_ones = [each for each, seen in zip(groups, may_show, strict=True) if seen and np.isfinite(each.value)]
    return Consistency(
        n_records=len(decisions),
        consistency=1 - value,
        standard_error=error,
        n_neighbors=n_neighbors,
        mean_neighbors=float(n_near[known].mean()) if known.any() else np.nan,
        include_self=include_self,
        is_score=not np.isin(decisions, (0, 1)).all(),
        n_distinct=len(points),
        n_compared=len(compared),
        seed=_seed(rng) if is_drawn else None,
        features=names,
        columns=() if grouping is None else grouping.columns,
        min_cell=min_cell,
        groups=tuple(sorted(shown_ones, key=lambda each: each.value)),
        n_not_shown=int((~may_show).sum()),
        exact_groups=groups,
        undefined={} if known.any() else {"consistency": N_("too few people to compare")},
    )


def _seed(rng: int | np.random.Generator) -> str:
    return _("that of the generator given") if isinstance(rng, np.random.Generator) else str(rng)


def _points(features: Any, codes: Whole) -> tuple[Numbers, tuple[str, ...]]:
    """Return distinct rows of features as points: numbers over their spread, categories as one column each.

    A category's columns are 0 or 1, so that two that differ are √2 apart; numbers are over their standard deviation.
    """
    import pyarrow as pa

    frame, names = framed(features, "features")
    n_distinct = int(codes.max(initial=-1)) + 1
    first = np.zeros(n_distinct, np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    columns = []
    for name, array in zip(names, arrow_columns(frame, names), strict=True):
        kind = array.type
        types = pa.types
        is_number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
        if is_number and not is_text(kind):
            numbers = np.asarray(array.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
            is_known = np.isfinite(numbers)
            spread = numbers[is_known].std() if is_known.any() else 0.0
            middle = numbers[is_known].mean() if is_known.any() else 0.0
            columns.append(np.where(is_known, numbers - middle, 0)[first, None] / (spread or 1.0))
            if not is_known.all():
                columns.append((~is_known)[first, None].astype(np.float64))
        else:
            levels = codes_of(pa.table({name: array}), name)
            columns.append((levels[first, None] == np.arange(levels.max(initial=-1) + 1)).astype(np.float64))
    return np.concatenate(columns, axis=1) if columns else np.zeros((n_distinct, 0)), tuple(names)


def _apart(
    points: Numbers, codes: Whole, decisions: Numbers, compared: Whole, n_neighbors: int, include_self: bool
) -> tuple[Numbers, Numbers]:
    """Return how far each record's decision is from the mean of its neighbours, and how many these are.

    NaN for records of rows not compared, and for those with fewer neighbours than asked for.
    """
    apart, n_near = np.full(len(codes), np.nan), np.full(len(codes), np.nan)
    if not len(codes):
        return apart, n_near
    people = np.bincount(codes).astype(np.float64)
    sums = np.bincount(codes, decisions).astype(np.float64)
    reach_people, reach_sums = _within_reach(points, people, sums, compared, n_neighbors + (not include_self))
    row_people, row_sums = np.full(len(points), np.nan), np.full(len(points), np.nan)
    row_people[compared], row_sums[compared] = reach_people, reach_sums
    n_near = row_people[codes] - (not include_self)
    means = (row_sums[codes] - (0 if include_self else decisions)) / np.where(n_near > 0, n_near, np.nan)
    n_near = np.where(n_near >= n_neighbors, n_near, np.nan)
    apart = np.where(np.isnan(n_near), np.nan, np.abs(decisions - means))
    return apart, n_near


def _within_reach(
    points: Numbers, people: Numbers, sums: Numbers, compared: Whole, n_wanted: int
) -> tuple[Numbers, Numbers]:
    """Return people, and the sum of their decisions, up to the distance where ``n_wanted`` people are reached.

    Each row itself is among them. So the k-th other person is at the distance of the (k + 1)-th, itself included.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(algorithm="kd_tree").fit(points)  # brute force rounds: ties would be broken
    n_rows = min(n_wanted, len(points))
    found_people, found_sums = np.empty(len(compared)), np.empty(len(compared))
    for start in range(0, len(compared), AT_ONCE):
        some = compared[start : start + AT_ONCE]
        distances, rows = search.kneighbors(points[some], n_neighbors=n_rows)
        reached = np.cumsum(people[rows], axis=1) >= n_wanted
        last = np.where(reached.any(axis=1), reached.argmax(axis=1), n_rows - 1)
        radius = distances[np.arange(len(some)), last] * (1 + ROUNDING) + ROUNDING
        for at, near in enumerate(_near(search, points[some], radius)):
            found_people[start + at] = people[near].sum()
            found_sums[start + at] = sums[near].sum()
    return found_people, found_sums


def _near(search: Any, points: Numbers, radius: Numbers) -> list[NDArray[np.int64]]:
    """Return the rows within its own radius of each point."""
    found, order = [np.zeros(0, np.int64)] * len(points), np.argsort(radius, kind="stable")
    for part in np.array_split(order, max(1, len(order) // 50)):  # points of like radius together
        if len(part):
            distances, rows = search.radius_neighbors(points[part], radius=radius[part].max())
            for at, distance, row in zip(part, distances, rows, strict=True):
                found[at] = row[distance <= radius[at]]
    return found


def _mean(apart: Numbers, codes: Whole, is_drawn: bool, n_distinct: int) -> tuple[float, float]:
    """Return the mean over records, and its standard error for having drawn rows (0 where all were compared)."""
    if not len(apart):
        return np.nan, np.nan
    value = float(apart.mean())
    if not is_drawn:
        return value, 0.0
    _rows, row = np.unique(codes, return_inverse=True)
    people, sums = np.bincount(row), np.bincount(row, apart - value)
    n = len(people)
    error = np.sqrt((1 - n / n_distinct) * n / (n - 1) * (sums**2).sum()) / people.sum()
    return value, float(error)


def _group_means(apart: Numbers, codes: Whole, labels: Sequence[str]) -> tuple[GroupFigure, ...]:
    """Return the consistency of each group, over its records that were compared."""
    known = np.isfinite(apart)
    people = np.bincount(codes, minlength=len(labels))
    compared = np.bincount(codes[known], minlength=len(labels))
    sums = np.bincount(codes[known], apart[known], minlength=len(labels))
    values = 1 - sums / np.where(compared > 0, compared, np.nan)
    return tuple(
        GroupFigure(group=label, n_people=int(people[at]), value=float(values[at]), low=np.nan, high=np.nan)
        for at, label in enumerate(labels)
    )


def _parts(grouping: Any, decisions: Numbers) -> Whole:
    """Return people of each group by decision; scores are one part."""
    is_binary = bool(np.isin(decisions, (0, 1)).all())
    side = decisions.astype(np.int64) if is_binary else np.zeros(len(decisions), np.int64)
    cells = np.bincount(grouping.codes * 2 + side, minlength=2 * len(grouping.labels)).reshape(-1, 2)
    return cells.astype(np.int64) if is_binary else cells[:, :1].astype(np.int64)
