"""What can still be said of a disparity when nobody knows the group of some people?"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_choice, check_number, check_whole, quoted, shown
from riskscope.engines.columns import as_frame
from riskscope.engines.memory import coded_columns
from riskscope.errors import FrameError, RoleError
from riskscope.fairness.binary import NOT_KNOWN, binary
from riskscope.fairness.disclosure import few, shown_groups
from riskscope.fairness.inputs import framed, grouping_of, same_length
from riskscope.intervals import newcombe
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]
Booleans = NDArray[np.bool_]

#: The metrics that can be bounded, in words.
METRICS = {
    "selection_rate": N_("selection rate"),
    "true_positive_rate": N_("true positive rate"),
    "false_negative_rate": N_("false negative rate"),
    "false_positive_rate": N_("false positive rate"),
    "true_negative_rate": N_("true negative rate"),
    "precision": N_("precision"),
    "accuracy": N_("accuracy"),
}
#: Those that count everybody; only for them does a chance of belonging to a group say how many people it has.
_OF_EVERYBODY = ("selection_rate", "accuracy")
#: A set of equal chances must hold so many people on average; else chances are rounded to steps of 1 / _STEPS.
_PEOPLE_A_SET, _STEPS = 30, 20
#: Pairs are listed one by one for so many groups at most.
_MOST_PAIRED = 10

_NO_PAIR = N_("fewer than two groups have enough people")
_NONE_UNKNOWN = N_("nobody's group is unknown")
_ALL_UNKNOWN = N_("nobody's group is known")
_FEW_UNKNOWN = N_("too few people of unknown group to show figures of")
_NO_CHANCES = N_("no chances of belonging to a group were given")


@dataclass(frozen=True, kw_only=True)
class BoundedPair:
    """Two groups: by how much the rate of the first is higher, and what the unknown people can make of it.

    ``known`` among those whose group is known; ``low`` to ``high``: whatever the groups of the others are;
    ``outer_low`` to ``outer_high``: with the chance of the draw, too. ``weighted``, ``frechet_low``,
    ``frechet_high`` come from the chances of belonging to a group; NaN without them.
    """

    first: str
    second: str
    known: float
    low: float
    high: float
    outer_low: float
    outer_high: float
    weighted: float
    frechet_low: float
    frechet_high: float


@dataclass(frozen=True, kw_only=True)
class KnownGroup:
    """A group of enough people: how many the metric counts (None where withheld), and their rate."""

    group: str
    n: int | None
    rate: float


@dataclass(frozen=True, kw_only=True)
class UnknownBounds(Result):
    """The difference between groups, bounded over all groups that people of unknown group may belong to."""

    question: ClassVar[str] = N_("What if some people's group is unknown?")
    source: ClassVar[str] = (
        "Manski (2003), Partial Identification of Probability Distributions; Kallus, Mao and Zhou (2022), "
        "doi:10.1287/mnsc.2020.3850; Chen, Kallus, Mao, Svacha and Udell (2019), doi:10.1145/3287560.3287594"
    )

    columns: tuple[str, ...] = hidden()
    min_cell: int = hidden()
    level: float = measured(N_("level of the intervals"), "share")
    metric: str = measured(N_("metric"), "word")
    n_unknown: str = measured(N_("people of unknown group that the metric counts"), "text")
    unknown_rate: float = measured(N_("rate of those of unknown group"), "share")
    known_rate: float = measured(N_("rate of those whose group is known"), "share")
    unknown_less_known: float = measured(N_("the first less the second"), "points")
    unknown_low: float = measured(N_("that, lower end of the interval"), "points")
    unknown_high: float = measured(N_("that, upper end of the interval"), "points")
    p_value: float = measured(
        N_("chance of such a difference were being unknown unrelated to it (p, Fisher)"), "chance"
    )
    highest: str | None = measured(N_("group with the highest rate among those known"), "text")
    lowest: str | None = measured(N_("group with the lowest rate among those known"), "text")
    known: float = measured(N_("difference of these two groups among those known"), "points")
    low: float = measured(N_("lowest that this difference can be"), "points")
    high: float = measured(N_("highest that this difference can be"), "points")
    outer_low: float = measured(N_("lowest, with the chance of the draw"), "points")
    outer_high: float = measured(N_("highest, with the chance of the draw"), "points")
    gap_low: float = measured(N_("largest gap between any two groups is at least"), "points")
    gap_high: float = measured(N_("largest gap between any two groups is at most"), "points")
    weighted: float = measured(N_("difference when people count by their chance of belonging to a group"), "points")
    frechet_low: float = measured(N_("lowest difference that fits these chances"), "points")
    frechet_high: float = measured(N_("highest difference that fits these chances"), "points")
    n_sets: int | None = measured(N_("sets of people of equal chances"), "count")
    is_exact: bool = hidden()
    groups: tuple[KnownGroup, ...] = hidden()
    pairs: tuple[BoundedPair, ...] = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each group and pair."""
        groups, pairs = ([plain(asdict(each)) for each in several] for several in (self.groups, self.pairs))
        return {**super().to_dict(), "columns": list(self.columns), "groups": groups, "pairs": pairs}

    def sentences(self) -> list[str]:
        """Return how many are unknown, whether that goes with the decision, and what the difference can be."""
        said = [
            _("The group in {columns} is unknown for {n} of the people that the {metric} counts.").format(
                columns=quoted(self.columns), n=self.n_unknown, metric=_(METRICS[self.metric])
            )
        ]
        if not np.isnan(self.p_value):
            said.append(self._related())
        if self.highest is None or self.lowest is None:
            return [*said, _("Fewer than two groups have enough people, so no difference is bounded.")]
        said.extend(self._bounded())
        if not np.isnan(self.weighted):
            said.append(
                _(
                    "Counting people by their chance of belonging to each group puts the difference at {weighted}; "
                    "that estimate is biased where group and decision go together beyond what the chances were made "
                    "from. Whatever they do, differences of {between} fit the chances, if those are right."
                ).format(
                    weighted=display.points(self.weighted),
                    between=display.points_between(self.frechet_low, self.frechet_high),
                )
            )
        return said

    def _related(self) -> str:
        said = _(
            "Their rate is {unknown}, that of the others {known} (difference {between}, p {p}). A large p does "
            "not show that being unknown has nothing to do with the decision."
        )
        return said.format(
            unknown=display.share(self.unknown_rate),
            known=display.share(self.known_rate),
            between=display.points_between(self.unknown_low, self.unknown_high),
            p=display.chance(self.p_value),
        )

    def _bounded(self) -> list[str]:
        people = {each.group: _("size not shown") if each.n is None else display.count(each.n) for each in self.groups}
        said = [
            _(
                "The difference between {first} (n {n_first}) and {second} (n {n_second}) is {known} among those "
                "known. Whatever groups the others belong to, it is {between}; with the chance of the draw, {outer}."
            ).format(
                first=shown(str(self.highest)),
                second=shown(str(self.lowest)),
                n_first=people.get(str(self.highest), "–"),
                n_second=people.get(str(self.lowest), "–"),
                known=display.points(self.known),
                between=display.points_between(self.low, self.high),
                outer=display.points_between(self.outer_low, self.outer_high),
            )
        ]
        if self.low <= 0 <= self.high:
            said.append(_("So these data alone do not settle which of the two has the higher rate."))
        else:
            said.append(
                _("So no way to fill in the unknown groups would reverse which of the two has the higher rate.")
            )
        if not self.is_exact:
            said.append(
                _(
                    "Few people are unknown on one side of the decision: the bounds are worked out as if they were "
                    "{n} on each side, which makes them wider and gives nobody away."
                ).format(n=display.count(self.min_cell))
            )
        said.append(_("The bounds do not tell which difference within them is likely."))
        return said

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the groups whose members are known, and the bounds of each pair."""
        found: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = []
        if self.groups:
            people = [_("not shown") if each.n is None else display.count(each.n) for each in self.groups]
            rows: list[Sequence[str]] = [
                (each.group, n, display.share(each.rate)) for each, n in zip(self.groups, people, strict=True)
            ]
            header = [", ".join(self.columns), _("people counted"), _(METRICS[self.metric])]
            found.append((_("Groups, among those known"), header, rows))
        if self.pairs:
            names = ["known", "low", "high", "outer_low", "outer_high"]
            header = [
                _("groups"),
                _("difference, among those known"),
                _("lowest"),
                _("highest"),
                _("lowest, with the draw"),
                _("highest, with the draw"),
            ]
            if self.n_sets is not None:
                names += ["weighted", "frechet_low", "frechet_high"]
                header += [_("by chances"), _("lowest by chances"), _("highest by chances")]
            rows = [
                (f"{each.first} – {each.second}", *(display.points(getattr(each, name)) for name in names))
                for each in self.pairs
            ]
            found.append((_("Pairs of groups"), header, rows))
        return found

    @property
    def has_picture(self) -> bool:
        """Whether there is a pair to draw."""
        return bool(self.pairs)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what each difference can be as a bar, with the difference among those known as a point."""
        from riskscope.fairness.outcomes.audit import BAND, MEAN, MOST_BARS, OTHER

        pairs = self.pairs[:MOST_BARS]
        axes = new_axes(ax, (7.0, 1.9 + 0.45 * len(pairs)))
        places = range(len(pairs))
        low, high = (np.array([getattr(each, name) for each in pairs]) for name in ("low", "high"))
        axes.barh(places, high - low, left=low, height=0.6, color=BAND, label=_("whatever the unknown groups are"))
        if self.n_sets is not None:
            lows, highs = ([getattr(each, f"frechet_{end}") for each in pairs] for end in ("low", "high"))
            axes.hlines(list(places), lows, highs, color=OTHER, linewidth=3, label=_("what fits the chances"))
        axes.plot([each.known for each in pairs], list(places), "o", color=MEAN, label=_("among those known"))
        axes.axvline(0, color=display.INK, linewidth=0.8)
        labels = [display.visible(f"{each.first} – {each.second}")[:48].replace("$", r"\$") for each in pairs]
        axes.set_yticks(list(places), labels)
        axes.invert_yaxis()
        axes.set_xlabel(_("difference in the {metric}").format(metric=_(METRICS[self.metric])))
        axes.set_title(self.heading(), loc="left")
        axes.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.5, ncols=3)
        axes.spines[["top", "right"]].set_visible(False)
        return axes


class Counts(NamedTuple):
    """What bounds are read off: hits and people of each known group (n_groups,), and of those unknown."""

    hits: Numbers
    people: Numbers
    unknown_hits: float
    unknown_misses: float


class Chances(NamedTuple):
    """Sets of people of equal chances: ``people`` (n_sets,), their share of ``hits``, ``shares`` (n_sets, n_groups)."""

    people: Numbers
    hits: Numbers
    shares: Numbers


def bounds(counts: Counts) -> tuple[Numbers, Numbers]:
    """Return the least and the greatest difference of rates, row group less column group (n_groups, n_groups).

    Examples
    --------
    >>> low, high = bounds(Counts(np.array([6.0, 3.0]), np.array([10.0, 10.0]), 2.0, 2.0))
    >>> round(float(low[0, 1]), 4), round(float(high[0, 1]), 4)
    (0.0833, 0.4167)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        most = (counts.hits + counts.unknown_hits) / (counts.people + counts.unknown_hits)
        least = counts.hits / (counts.people + counts.unknown_misses)
    return least[:, None] - most[None, :], most[:, None] - least[None, :]


def largest_gap(low: Numbers, high: Numbers) -> tuple[float, float]:
    """Return bounds of the largest gap between two groups from the bounds of all pairs.

    The upper end is sharp. The lower is valid, and for two groups sharp where it is above 0 (whole people may not
    be able to make two rates equal).
    """
    nearest = np.where((low <= 0) & (high >= 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
    is_pair = ~np.eye(len(high), dtype=np.bool_)
    return float(nearest[is_pair].max()), float(high[is_pair].max())


def by_chances(counts: Counts, chances: Chances) -> tuple[Numbers, Numbers, Numbers]:
    """Return the weighted difference of each pair, and the least and greatest that fit the chances."""
    n, hit, share = chances.people[:, None], chances.hits[:, None], chances.shares
    people = counts.people + (n * share).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = (counts.hits + (n * hit * share).sum(axis=0)) / people
        most = (counts.hits + (n * np.minimum(hit, share)).sum(axis=0)) / people
        least = (counts.hits + (n * np.maximum(0, hit + share - 1)).sum(axis=0)) / people
    return rate[:, None] - rate[None, :], least[:, None] - most[None, :], most[:, None] - least[None, :]


def sets_of_equal_chances(probability: Numbers, hit: Booleans) -> Chances:
    """Return people of the same chances together; chances are rounded where hardly any two are the same."""
    keys = np.round(probability, 9)
    distinct, at = np.unique(keys, axis=0, return_inverse=True)
    if len(distinct) * _PEOPLE_A_SET > len(keys):
        distinct, at = np.unique(np.round(probability * _STEPS), axis=0, return_inverse=True)
    at = at.reshape(-1)
    people = np.bincount(at, minlength=len(distinct)).astype(np.float64)
    shares = np.stack([np.bincount(at, column, minlength=len(distinct)) for column in probability.T], axis=1)
    return Chances(people, np.bincount(at, hit, minlength=len(distinct)) / people, shares / people[:, None])


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
    check_whole(min_group, "min_group", low=1)
    check_whole(min_cell, "min_cell", low=1)
    check_number(level, "level", low=0.5, high=0.9999)
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
    low, high = bounds(widened)
    outer_low, outer_high = _with_draw(widened, low, high, level)
    rates = _rates(counts)
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


def _rates(counts: Counts) -> Numbers:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(counts.hits / counts.people)


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


def _with_draw(counts: Counts, low: Numbers, high: Numbers, level: float) -> tuple[Numbers, Numbers]:
    """Return the bounds widened by Newcombe's interval at either end."""
    most = counts.hits + counts.unknown_hits, counts.people + counts.unknown_hits
    least = counts.hits, counts.people + counts.unknown_misses
    ends = []
    for one, other in ((least, most), (most, least)):
        row, column = (
            (np.broadcast_to(part[:, None], low.shape) for part in one),
            (np.broadcast_to(part[None, :], low.shape) for part in other),
        )
        ends.append(newcombe(*row, *column, level=level))
    return np.minimum(ends[0][0], low), np.maximum(ends[1][1], high)


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
