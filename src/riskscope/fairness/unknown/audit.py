"""What can still be said of a disparity when nobody knows the group of some people?"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from riskscope import display
from riskscope.checks import check_choice
from riskscope.engines.columns import as_frame
from riskscope.engines.memory import coded_columns
from riskscope.errors import FrameError, RoleError
from riskscope.fairness.binary import NOT_KNOWN, binary
from riskscope.fairness.disclosure import few, shown_groups
from riskscope.fairness.inputs import check_options, framed, grouping_of, same_length
from riskscope.fairness.unknown.bounds import (
    Booleans,
    Chances,
    Counts,
    Numbers,
    bounds_of,
    by_chances,
    largest_gap,
    rates_of,
    sets_of_equal_chances,
    with_draw,
)
from riskscope.fairness.unknown.words import METRICS, BoundedPair, KnownGroup, UnknownBounds
from riskscope.intervals import newcombe
from riskscope.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Those that count everybody; only for them does a chance of belonging to a group say how many people it has.
_OF_EVERYBODY = ("selection_rate", "accuracy")
#: Pairs are listed one by one for so many groups at most.
_MOST_PAIRED = 10

_NO_PAIR = N_("fewer than two groups have enough people")
_NONE_UNKNOWN = N_("nobody's group is unknown")
_ALL_UNKNOWN = N_("nobody's group is known")
_FEW_UNKNOWN = N_("too few people of unknown group to show figures of")
_NO_CHANCES = N_("no chances of belonging to a group were given")


def unknown_bounds(
    *,
    y_pred: Any,
    sensitive_features: Any,
    metric: str = "selection_rate",
    y_true: Any = None,
    pos_label: Any = None,
    probability: Any = None,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    level: float = 0.95,
) -> UnknownBounds:
    """Bounds of the difference between groups when the group of some people is unknown.

    It tells what the difference can be at worst and at best, whoever the unknown people are, and whether being
    unknown itself goes with the decision. It does not tell which difference within the bounds is the likely one.

    Parameters
    ----------
    y_pred : array, series or list
        The decision about each person, of two values.
    sensitive_features : array, series, list or data frame
        The group of each person; a missing value is an unknown group. Of several columns, each combination is a
        group, and it is unknown where one of them is missing.
    metric : str, default "selection_rate"
        Also ``"accuracy"``, ``"precision"``, ``"true_positive_rate"``, ``"false_negative_rate"``,
        ``"false_positive_rate"``, ``"true_negative_rate"``, which need ``y_true``.
    y_true : array, series or list, optional
        What came true, of two values.
    pos_label : value, optional
        The positive value where it is neither 1 nor True.
    probability : data frame or array (n_records, n_groups), optional
        The chance of each person to belong to each group. The columns of a frame bear the labels of the groups; those
        of an array follow the sorted labels. Used for those of unknown group alone. With selection rate or accuracy.
    min_group : int, default 10
        Groups of fewer people are not compared.
    min_cell : int, default 10
        Groups with fewer people on either side of the metric are neither shown nor compared.
    level : float, default 0.95
        Share of intervals that hold the truth.

    Returns
    -------
    UnknownBounds
        ``known``, ``low``, ``high`` for the groups with the highest and the lowest known rate; ``pairs`` for all.

    Raises
    ------
    FrameError
        Lengths differ, a decision is missing, the decision has more than two values, or chances are none.
    RoleError
        The metric needs what was not given.

    Notes
    -----
    The first group less the second is largest when every unknown person with a hit belongs to the first and every
    one without to the second: (h1 + U) / (n1 + U) - h2 / (n2 + V), with U unknown hits and V unknown others. These
    bounds are sharp for a pair, with any number of groups (Manski's worst case). Intervals "with the chance of the
    draw" take Newcombe's interval at either end: they hold the truth at least at the level.

    The weighted estimate counts each person by chance; its bias is the covariance of group and decision within sets
    of equal chances (Chen et al. 2019). Fréchet's bounds (Kallus et al. 2022): within a set where a
    share h is hit and a share q belongs to the group, hits in the group are a share between max(0, h + q - 1) and
    min(h, q). Where hardly two people have the same chances, these are rounded to steps of 0.05 first; that widens
    the bounds. Both take the chances as right.

    Where fewer than ``min_cell`` people of unknown group are on one side, bounds are worked out with ``min_cell``
    there: wider, so that they give nobody away.

    Examples
    --------
    >>> decided = [1] * 60 + [0] * 40 + [1] * 30 + [0] * 70 + [1] * 20 + [0] * 20
    >>> group = ["A"] * 100 + ["B"] * 100 + [None] * 40
    >>> found = unknown_bounds(y_pred=decided, sensitive_features=group)
    >>> round(found.known, 3), round(found.low, 3), round(found.high, 3)
    (0.3, 0.083, 0.417)
    """
    check_choice(metric, "metric", tuple(METRICS))
    check_options(min_group=min_group, min_cell=min_cell, level=level)
    if metric != "selection_rate" and y_true is None:
        raise RoleError(_("{metric} compares with what came true; hand over y_true.").format(metric=repr(metric)))
    if probability is not None and metric not in _OF_EVERYBODY:
        raise RoleError(
            _(
                "probability goes with the metrics {metrics}: {metric} counts only some people, and how likely those "
                "belong to a group is not known from it. Choose one of these metrics, or leave probability out."
            ).format(metrics=", ".join(map(repr, _OF_EVERYBODY)), metric=repr(metric))
        )
    grouping = grouping_of(sensitive_features, "sensitive_features")
    is_unknown = _missing(sensitive_features)
    selected = _two_sided(y_pred, "y_pred", pos_label)
    lengths = {"y_pred": len(selected), "sensitive_features": len(is_unknown)}
    truth = None
    if y_true is not None:
        truth = _two_sided(y_true, "y_true", pos_label)
        lengths["y_true"] = len(truth)
    same_length(**lengths)
    labels = sorted({grouping.labels[code] for code in np.unique(grouping.codes[~is_unknown])})
    where = {label: at for at, label in enumerate(labels)}
    group = np.array([where.get(label, -1) for label in grouping.labels], np.int64)[grouping.codes]
    group[is_unknown] = -1
    counted, hit = _counted(metric, selected, truth)
    chances = None
    if probability is not None:
        wanted, labels, group = _chances(probability, labels, group)
        if len(wanted) != len(selected):
            same_length(y_pred=len(selected), probability=len(wanted))
        chances = sets_of_equal_chances(wanted[is_unknown], hit[is_unknown]) if is_unknown.any() else None
    known = counted & ~is_unknown
    counts = Counts(
        np.bincount(group[known], hit[known], minlength=len(labels)).astype(np.float64),
        np.bincount(group[known], minlength=len(labels)).astype(np.float64),
        float((counted & is_unknown & hit).sum()),
        float((counted & is_unknown & ~hit).sum()),
    )
    found = _bounded(counts, labels, chances, min_group=min_group, min_cell=min_cell, level=level)
    return UnknownBounds(
        n_records=len(selected), columns=grouping.columns, min_cell=min_cell, level=level, metric=metric, **found
    )


def _missing(values: Any) -> Booleans:
    """Tell which records miss a value in at least one column."""
    coded = coded_columns(*framed(values, "sensitive_features"))
    missing = [(column.codes == 0) & column.levels.has_missing for column in coded]
    return np.asarray(np.logical_or.reduce(missing))


def _two_sided(values: Any, name: str, pos_label: Any) -> Booleans:
    """Return which records have the positive value of a column of two."""
    frame, columns = framed(values, name)
    if len(columns) != 1:
        raise FrameError(_("{name} has {n} columns; hand over one value a record.").format(name=name, n=len(columns)))
    column = coded_columns(frame, columns)[0]
    if not len(column.codes):
        return np.zeros(0, np.bool_)
    sides = binary(column.levels, name, pos_label).sides[column.codes]
    missing = np.flatnonzero(sides == NOT_KNOWN)
    if len(missing):
        raise FrameError(
            _(
                "{name} is missing in {n} of {total} records, the first at row {row}. Leave those records out, or give "
                "them a value."
            ).format(name=name, n=len(missing), total=len(sides), row=int(missing[0]))
        )
    return np.asarray(sides == 1)


def _counted(metric: str, selected: Booleans, truth: Booleans | None) -> tuple[Booleans, Booleans]:
    """Return whom a metric counts, and which of them are hits."""
    everybody = np.ones(len(selected), np.bool_)
    if truth is None:
        return everybody, selected
    return {
        "selection_rate": (everybody, selected),
        "accuracy": (everybody, selected == truth),
        "precision": (selected, truth),
        "true_positive_rate": (truth, selected),
        "false_negative_rate": (truth, ~selected),
        "false_positive_rate": (~truth, selected),
        "true_negative_rate": (~truth, ~selected),
    }[metric]


def _chances(probability: Any, labels: list[str], group: NDArray[np.int64]) -> tuple[Numbers, list[str], Any]:
    """Return chances (n_records, n_groups), the labels of their columns, and the groups numbered as these."""
    if hasattr(probability, "columns"):
        frame = as_frame(probability)
        columns = list(frame.columns)
        table = np.column_stack([np.asarray(frame[name].to_numpy(), np.float64) for name in columns])
        absent = [label for label in labels if label not in columns]
        if absent:
            raise RoleError(
                _("probability has no column for {n} of the groups; name its columns as the groups are.").format(
                    n=len(absent)
                )
            )
    else:
        table, columns = np.asarray(probability, np.float64), labels
        if table.ndim != 2 or table.shape[1] != len(labels):
            raise FrameError(
                _(
                    "probability has the shape {shape}, and {n} groups are known; hand over a column a group, or a "
                    "data frame whose columns bear the labels of the groups."
                ).format(shape=table.shape, n=len(labels))
            )
    sums = table.sum(axis=1)
    bad = np.flatnonzero(~((table >= 0).all(axis=1) & (np.abs(sums - 1) < 1e-6)))
    if len(bad):
        raise FrameError(
            _(
                "probability is no chance in {n} of {total} records, the first at row {row}; each row must sum to 1."
            ).format(n=len(bad), total=len(table), row=int(bad[0]))
        )
    moved = np.array([*(columns.index(label) for label in labels), -1], np.int64)
    return table, columns, moved[group]


def _bounded(
    counts: Counts,
    labels: Sequence[str],
    chances: Chances | None,
    *,
    min_group: int,
    min_cell: int,
    level: float,
) -> dict[str, Any]:
    """Return the fields of the result."""
    n_unknown = int(counts.unknown_hits + counts.unknown_misses)
    sides = np.array([counts.unknown_hits, counts.unknown_misses])
    is_exact = n_unknown == 0 or min_cell == 1 or bool((sides >= min_cell).all())
    widened = counts
    if not is_exact:
        chances = None
        hits, misses = (float(each) for each in np.maximum(sides, min_cell))
        widened = counts._replace(unknown_hits=hits, unknown_misses=misses)
    judged = _judged(counts, chances, min_group, min_cell)
    low, high = bounds_of(widened)
    outer_low, outer_high = with_draw(widened, low, high, level)
    rates = rates_of(counts)
    weighted = frechet_low = frechet_high = np.full_like(low, np.nan)
    if chances is not None:
        weighted, frechet_low, frechet_high = by_chances(counts, chances)
    height = weighted[:, 0] if np.isnan(rates[judged]).any() else rates
    order = judged[np.argsort(-height[judged], kind="stable")]
    ends = [(int(order[0]), int(order[-1]))] if len(order) > 1 else []
    tables = {
        "known": rates[:, None] - rates[None, :],
        "low": low,
        "high": high,
        "outer_low": outer_low,
        "outer_high": outer_high,
        "weighted": weighted,
        "frechet_low": frechet_low,
        "frechet_high": frechet_high,
    }
    pairs = itertools.combinations([int(at) for at in order], 2) if len(order) <= _MOST_PAIRED else ends
    listed = tuple(
        BoundedPair(
            first=labels[one],
            second=labels[other],
            **{name: float(table[one, other]) for name, table in tables.items()},
        )
        for one, other in pairs
    )
    inner = np.ix_(judged, judged)
    gap_low, gap_high = largest_gap(low[inner], high[inner]) if ends else (np.nan, np.nan)
    headline = {name: float(table[ends[0]]) if ends else np.nan for name, table in tables.items()}
    related = _relation(counts, level) if is_exact and n_unknown else dict.fromkeys(_RELATION, np.nan)
    return {
        **headline,
        **related,
        "n_unknown": display.count(n_unknown) if n_unknown == 0 or n_unknown >= min_cell else few(min_cell),
        "highest": labels[ends[0][0]] if ends else None,
        "lowest": labels[ends[0][1]] if ends else None,
        "gap_low": gap_low,
        "gap_high": gap_high,
        "n_sets": None if chances is None else len(chances.people),
        "is_exact": is_exact,
        "groups": _groups(counts, labels, order, rates, is_withheld=0 < n_unknown < min_cell),
        "pairs": listed,
        "undefined": _reasons(headline, related, n_unknown=n_unknown, has_pair=bool(ends), is_exact=is_exact),
    }


def _judged(counts: Counts, chances: Chances | None, min_group: int, min_cell: int) -> NDArray[np.int64]:
    """Return the groups that are compared: enough people, and none of their figures tells of few."""
    parts = np.stack([counts.hits, counts.people - counts.hits], axis=1).astype(np.int64)
    if chances is not None and not counts.people.any():
        expected = chances.people @ (chances.shares * chances.hits[:, None]), chances.people @ chances.shares
        fewest = np.minimum(expected[0], expected[1] - expected[0])
        return np.flatnonzero((fewest >= min_cell) & (expected[1] >= min_group))
    present = np.flatnonzero(counts.people >= 1)
    seen = present[shown_groups(parts[present], min_cell)] if min_cell > 1 else present
    return np.asarray(seen[counts.people[seen] >= min_group])


_RELATION = ("unknown_rate", "known_rate", "unknown_less_known", "unknown_low", "unknown_high", "p_value")


def _relation(counts: Counts, level: float) -> dict[str, float]:
    """Return how the rate of those unknown differs from that of those known, and the chance of that."""
    from scipy.stats import fisher_exact

    hits, people = counts.hits.sum(), counts.people.sum()
    n_unknown = counts.unknown_hits + counts.unknown_misses
    if people == 0:
        return dict.fromkeys(_RELATION, np.nan) | {"unknown_rate": counts.unknown_hits / n_unknown}
    low, high = newcombe(counts.unknown_hits, n_unknown, hits, people, level=level)
    table = [[int(counts.unknown_hits), int(counts.unknown_misses)], [int(hits), int(people - hits)]]
    own, other = counts.unknown_hits / n_unknown, float(hits / people)
    found = (own, other, own - other, float(low), float(high), float(fisher_exact(table).pvalue))
    return dict(zip(_RELATION, found, strict=True))


def _groups(
    counts: Counts, labels: Sequence[str], order: NDArray[np.int64], rates: Numbers, *, is_withheld: bool
) -> tuple[KnownGroup, ...]:
    """Return the groups compared; the size of the largest is withheld where the total would give few away."""
    largest = int(order[np.argmax(counts.people[order])]) if is_withheld and len(order) else -1
    return tuple(
        KnownGroup(group=labels[int(at)], n=None if at == largest else int(counts.people[at]), rate=float(rates[at]))
        for at in order
    )


def _reasons(
    headline: dict[str, float], related: dict[str, float], *, n_unknown: int, has_pair: bool, is_exact: bool
) -> dict[str, str]:
    """Return why each number that is NaN is so."""
    found = {}
    for name, value in related.items():
        if np.isnan(value):
            found[name] = _NONE_UNKNOWN if n_unknown == 0 else _FEW_UNKNOWN if not is_exact else _ALL_UNKNOWN
    for name, value in headline.items():
        if np.isnan(value):
            reason = _ALL_UNKNOWN if name == "known" else _NO_CHANCES if is_exact else _FEW_UNKNOWN
            found[name] = reason if has_pair else _NO_PAIR
    if not has_pair:
        found |= {"gap_low": _NO_PAIR, "gap_high": _NO_PAIR}
    return found
