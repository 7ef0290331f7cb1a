"""Does a number, a risk for instance, fall more heavily on some groups than on others?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import check_number, check_whole, quoted, shown
from riskscope.fairness.inputs import codes_of, grouping_of, numbers_of, same_length
from riskscope.fairness.outcomes.cells import Cells
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

#: What is dealt at random to see how large a gap chance makes, and the hypothesis that this tests.
RECORDS = N_("records: who belongs to which group has nothing to do with outcome or cluster")
CLUSTERS = N_("whole clusters: which group a cluster belongs to has nothing to do with its size or outcomes")
EVERY_SPLIT, RANDOM_SPLITS = N_("every way to deal"), N_("ways to deal drawn at random")

#: Colours told apart by colour-blind people, too (Okabe and Ito), and by their lightness in grey.
BAND, MEAN, OTHER = "#c3cad6", "#0072b2", "#d55e00"
#: Pairs are compared one by one for so many groups at most.
MOST_PAIRED = 10
#: A picture shows the groups at either end where there are more.
MOST_BARS = 20


@dataclass(frozen=True, kw_only=True)
class GroupOutcome:
    """One group of enough people: its mean with interval, and what random groups of its size have.

    ``n_records`` is None where it would give away how few people are in the groups that are not shown.
    ``random_mean``, ``random_low``, ``random_high``: mean and 95 % band of random groups of the same size.
    """

    group: str
    n_records: int | None
    mean: float
    low: float
    high: float
    to_overall: float
    share_above: float | None
    share_at_one: float | None
    random_mean: float
    random_low: float
    random_high: float


@dataclass(frozen=True, kw_only=True)
class PairOutcome:
    """Two groups: how much higher the mean of the first is, and the chance of such a gap, corrected by Holm."""

    first: str
    second: str
    difference: float
    low: float
    high: float
    wasserstein: float
    p_value: float
    p_holm: float


@dataclass(frozen=True, kw_only=True)
class OutcomeAudit(Result):
    """How far apart the groups are in a number, and how often chance alone sets them so far apart."""

    question: ClassVar[str] = N_("Does the number fall more heavily on some groups than on others?")
    source: ClassVar[str] = (
        "Theil (1967), Economics and Information Theory, chapter 4; Phipson and Smyth (2010), "
        "doi:10.2202/1544-6115.1585; Liang and Zeger (1986), doi:10.1093/biomet/73.1.13; Holm (1979)"
    )

    columns: tuple[str, ...] = hidden()
    min_cell: int = measured(N_("people that a group needs to be judged"), "count")
    n_judged: int = measured(N_("groups judged"), "count")
    too_small: str = measured(N_("people in groups too small to judge"), "text")
    overall: float = measured(N_("mean of everybody"))
    highest: str | None = measured(N_("group with the highest mean"), "text")
    lowest: str | None = measured(N_("group with the lowest mean"), "text")
    gap: float = measured(N_("gap (highest less lowest mean)"))
    gap_low: float = measured(N_("gap, lower end of the 95 % interval"))
    gap_high: float = measured(N_("gap, upper end of the 95 % interval"))
    ratio: float = measured(N_("ratio (highest to lowest mean)"))
    wasserstein: float = measured(N_("Wasserstein distance between these two groups"))
    p_value: float = measured(N_("chance of such a gap when groups are dealt at random (p)"))
    dealt: str = measured(N_("what is dealt, and the hypothesis tested"), "word")
    ways: str = measured(N_("how it is dealt"), "word")
    n_dealt: int = measured(N_("ways to deal tried"), "count")
    seed: str | None = measured(N_("seed"), "text")
    threshold: float | None = measured(N_("threshold"))
    theil: float = measured(N_("Theil's inequality among all people"))
    theil_within: float = measured(N_("of it, within groups"))
    theil_between: float = measured(N_("of it, between groups"))
    #: The groups judged, highest mean first.
    groups: tuple[GroupOutcome, ...] = hidden()
    #: Pairs of groups, where at least two and at most ``MOST_PAIRED`` are judged.
    pairs: tuple[PairOutcome, ...] = hidden()
    #: Decimals that rates are rounded to where exact ones would give away a group that is not shown; else None.
    decimals: int | None = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each group and pair."""
        groups, pairs = ([plain(asdict(each)) for each in several] for several in (self.groups, self.pairs))
        return {**super().to_dict(), "columns": list(self.columns), "groups": groups, "pairs": pairs}

    def sentences(self) -> list[str]:
        """Return which groups are furthest apart, whether chance does as much, and what a large p does not show."""
        said = []
        if self.highest is None or self.lowest is None:
            said.append(
                _("Fewer than two groups of {columns} have {n} people or more, so no groups are compared.").format(
                    columns=quoted(self.columns), n=display.count(self.min_cell)
                )
            )
        else:
            said.append(
                _(
                    "Among the groups of {columns}, the mean is highest for {highest} ({high}) and lowest for {lowest} "
                    "({low}): a gap of {gap}."
                ).format(
                    columns=quoted(self.columns),
                    highest=shown(self.highest),
                    high=display.number(self.groups[0].mean),
                    lowest=shown(self.lowest),
                    low=display.number(self.groups[-1].mean),
                    gap=display.number(self.gap),
                )
            )
            said.append(self._chance())
            said.append(
                _(
                    "A large p does not show that groups are treated alike: only an interval of the gap that holds "
                    "nothing but negligible gaps does (here {low} to {high})."
                ).format(low=display.number(self.gap_low), high=display.number(self.gap_high))
            )
        if self.n_judged > MOST_PAIRED:
            said.append(_("Pairs of groups are compared one by one for {n} groups at most.").format(n=MOST_PAIRED))
        if self.too_small != "0":
            said.append(
                _("Groups of fewer than {n} people are not shown, and are kept out of gap, ratio and p.").format(
                    n=display.count(self.min_cell)
                )
            )
        return said

    def _chance(self) -> str:
        if self.dealt == CLUSTERS:
            said = _("When whole clusters are dealt to the groups at random, a gap as large has a chance of {p}.")
        else:
            said = _("When people are dealt to the groups at random, a gap as large has a chance of {p}.")
        return said.format(p=display.share(self.p_value))

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the groups, and the pairs where there are more than two groups."""
        found: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = []
        if self.groups:
            found.append(self._group_table())
        if len(self.pairs) > 1:
            header = [_("groups"), _("difference"), _("95 % interval"), _("Wasserstein"), "p", _("p (Holm)")]
            rows = [
                (
                    f"{each.first} – {each.second}",
                    display.number(each.difference),
                    span(each.low, each.high),
                    display.number(each.wasserstein),
                    display.number(each.p_value),
                    display.number(each.p_holm),
                )
                for each in self.pairs
            ]
            found.append((_("Pairs of groups"), header, rows))
        return found

    def _group_table(self) -> tuple[str, Sequence[str], Sequence[Sequence[str]]]:
        further = [
            (heading, name)
            for heading, name in ((_("above the threshold"), "share_above"), (_("at exactly 1"), "share_at_one"))
            if getattr(self.groups[0], name) is not None
        ]
        header = [
            ", ".join(self.columns),
            _("people"),
            _("mean"),
            _("95 % interval"),
            _("less the mean of everybody"),
            _("random groups of this size"),
            *(heading for heading, _name in further),
        ]
        rows = [
            (
                each.group,
                _("not shown") if each.n_records is None else display.count(each.n_records),
                display.number(each.mean),
                span(each.low, each.high),
                display.number(each.to_overall),
                span(each.random_low, each.random_high),
                *(display.share(getattr(each, name)) for _heading, name in further),
            )
            for each in self.groups
        ]
        return _("Mean by group"), header, [*rows, *too_small_row(self, len(header))]

    @property
    def has_picture(self) -> bool:
        """Whether there is a group to draw."""
        return bool(self.groups)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the mean of each group with its interval, before the band of random groups of the same size."""
        groups = ends_of(self.groups)
        axes = new_axes(ax, (7.0, 1.8 + 0.4 * len(groups)))
        draw_bands(axes, [(each.group, each.random_low, each.random_high) for each in groups])
        draw_means(axes, [(each.mean, each.low, each.high) for each in groups], _("mean, with 95 % interval"))
        axes.set_xlabel(_("mean of the outcome"))
        finish(axes, self.heading())
        return axes


def span(low: float, high: float) -> str:
    """Return an interval as text."""
    if np.isnan(low) or np.isnan(high):
        return _("undefined")
    return _("{low} to {high}").format(low=display.number(low), high=display.number(high))


def too_small_row(audit: OutcomeAudit, width: int) -> list[tuple[str, ...]]:
    """Return the row of a table that stands for the groups too small to show, if there are any."""
    if audit.too_small == "0":
        return []
    label = _("groups of fewer than {n} people, together").format(n=display.count(audit.min_cell))
    return [(label, audit.too_small, *("–" for _column in range(width - 2)))]


def ends_of(groups: Sequence[Any]) -> Sequence[Any]:
    """Return the groups that a picture has room for: those at either end."""
    return groups if len(groups) <= MOST_BARS else [*groups[: MOST_BARS // 2], *groups[-MOST_BARS // 2 :]]


def draw_bands(axes: Axes, bands: Sequence[tuple[str, float, float]]) -> None:
    """Draw a labelled grey band (label, low, high) a group, the first at the top."""
    places = range(len(bands))
    lows, highs = (np.array([band[at] for band in bands]) for at in (1, 2))
    axes.barh(places, highs - lows, left=lows, height=0.62, color=BAND, label=_("random groups of the same size"))
    labels = [display.visible(label if len(label) <= 28 else label[:27] + "…") for label, *_ends in bands]
    axes.set_yticks(places, [label.replace("$", r"\$") for label in labels])
    axes.invert_yaxis()


def draw_means(axes: Axes, means: Sequence[tuple[float, float, float]], label: str) -> None:
    """Draw a point with its interval (mean, low, high) a group, in the order of the bands."""
    middle, low, high = np.array(means).reshape(-1, 3).T
    reach = np.nan_to_num(np.stack([middle - low, high - middle])).clip(min=0)
    axes.errorbar(
        middle, range(len(means)), xerr=reach, fmt="o", color=MEAN, markersize=6, capsize=3, linewidth=1.6, label=label
    )


def finish(axes: Axes, title: str) -> None:
    """Put title and legend to a picture of groups."""
    axes.set_title(title, loc="left")
    axes.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.5, ncols=3)
    axes.spines[["top", "right"]].set_visible(False)


def audit_outcome(
    outcome: Any,
    groups: Any,
    *,
    threshold: float | None = None,
    clusters: Any = None,
    n_permutations: int = 999,
    rng: int | np.random.Generator = 0,
    min_cell: int = display.MIN_CELL,
) -> OutcomeAudit:
    """Any number per record, a risk too, compared across protected groups.

    It tells whether one group carries more than another, and how often groups made up at random are as far apart.
    It does not tell why, nor that a gap too small to be seen in few people is not there.

    Parameters
    ----------
    outcome : array, series or list of numbers
        One number a record; none may be missing.
    groups : array, series, list or data frame
        The group of each record. Several columns: each combination of values that occurs is a group (their
        intersections). A missing value is a group of its own, "unknown".
    threshold : float, optional
        Also give the share of each group strictly above it.
    clusters : array, series, list or data frame, optional
        Records that are tied: the equivalence class for a risk, the household. A missing value is a cluster of
        its own. Default: each record stands for itself.
    n_permutations : int, default 999
        How often all is dealt at random, where there are too many ways to try them all (100,000).
    rng : int or numpy.random.Generator, default 0
        Seed of that.
    min_cell : int, default 10
        Groups of fewer people are not shown, and are kept out of gap, ratio and p.

    Returns
    -------
    OutcomeAudit
        ``gap`` and ``ratio`` of the highest to the lowest mean, ``p_value``, ``theil`` with its parts ``theil_within``
        and ``theil_between``, ``wasserstein``; ``groups``, one ``GroupOutcome`` each, highest mean first;
        ``pairs``, one ``PairOutcome`` each, where at most ten groups are judged.

    Raises
    ------
    FrameError
        Lengths differ, or an outcome is missing, infinite or no number.

    Notes
    -----
    The p-value belongs to the largest gap between means of the groups judged. Which hypothesis it tests depends on
    the clusters, and the result says so:

    - every cluster lies within one group (equivalence classes whose key holds the protected column): whole clusters
      are dealt, each group keeping its number of clusters. Tested: clusters are exchangeable between groups, so that
      the group has nothing to do with the size of a cluster and its outcomes;
    - else (no clusters, or clusters that groups share): records are dealt, each group keeping its number of records.
      Tested: who belongs to which group has nothing to do with the outcome, nor with the cluster. Ties within
      clusters do no harm to this p, as outcomes stay where they are; a p below the level may come from a tie between
      group and cluster alone. (Labels dealt within a cluster of equal outcomes would change nothing.)

    All ways to deal are tried where they are at most 100,000, else p = (b + 1) / (m + 1). Beyond 512 different
    outcomes (or sizes of clusters), neighbouring ones are dealt as one. The random groups of the same size are these
    dealings: the mean of a group of so many records (or clusters), made up from the people in the groups judged.

    Intervals of means and differences are cluster-robust (linearised, with C / (C - 1) and Student's t): they cover
    what would change if other clusters of the same kind had been drawn, taking the numbers as given. They do not
    cover how the numbers themselves (class sizes, say) would change in another sample.

    Gap, ratio and the like are those of FORMULAS G12: with mean R of everybody and R_g of group g, Theil's
    T = mean of (r / R) ln(r / R) = sum of (n_g / n)(R_g / R) ln(R_g / R), between, + sum of (n_g / n)(R_g / R) T_g,
    within. Groups that are not shown count there as one group.

    Where fewer than ``min_cell`` people in all are not shown, the size of the largest group is withheld and rates are
    rounded, so that no difference from the total gives those few away.

    Examples
    --------
    >>> risk = [1/3, 1/3, 1/3, 1/2, 1/2, 1/2, 1/2, 1]
    >>> audit = audit_outcome(risk, list("FFFFFMMM"), min_cell=1)
    >>> round(audit.gap, 4), round(audit.ratio, 4), audit.p_value, audit.n_dealt
    (0.2667, 1.6667, 0.125, 56)
    """
    from riskscope.fairness.outcomes.comparison import compared

    if threshold is not None:
        check_number(threshold, "threshold", low=-np.inf)
    check_whole(n_permutations, "n_permutations", low=99)
    check_whole(min_cell, "min_cell", low=1)
    numbers = numbers_of(outcome, "outcome")
    grouping = grouping_of(groups, "groups")
    lengths = {"outcome": len(numbers), "groups": len(grouping.codes)}
    cluster = None
    if clusters is not None:
        cluster = codes_of(clusters, "clusters")
        lengths["clusters"] = len(cluster)
    same_length(**lengths)
    cells = Cells(numbers, grouping.codes, np.ones(len(numbers), np.int64), cluster)
    return compared(
        cells,
        grouping.labels,
        grouping.columns,
        threshold=threshold,
        n_permutations=n_permutations,
        rng=rng,
        min_cell=min_cell,
    )
