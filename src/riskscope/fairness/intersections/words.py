"""An audit of combinations of protected features in numbers, sentences, tables and a picture."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.fairness.group_figures import marked, of_100, with_interval
from riskscope.fairness.joined_values import JoinedValue, sentences_of_joined
from riskscope.fairness.metrics import METRICS
from riskscope.fairness.outcomes.audit import ends_of
from riskscope.fairness.testing import DISPARITY, NO_LARGER
from riskscope.intervals import normal_quantile
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

TOO_FEW = N_("too few people to judge")
INK, GREY, BLUE = "#1d2430", "#8a93a3", "#0072b2"


@dataclass(frozen=True, kw_only=True)
class Intersection:
    """One combination of protected features: its rate as it is, drawn to the mean, and as features alone expect it.

    ``n_people`` are those in the metric's denominator. ``residual``: standard deviations that hits are above what
    main effects expect (NaN where these leave nothing free).
    """

    group: str
    n_people: int
    is_judged: bool
    rate: float
    low: float
    high: float
    shrunken: float
    shrunken_low: float
    shrunken_high: float
    expected: float
    residual: float
    p_adjusted: float
    verdict: str


@dataclass(frozen=True, kw_only=True)
class MarginalFairness:
    """Differential fairness over some of the protected columns; exp(epsilon) is the largest ratio of chances."""

    columns: tuple[str, ...]
    n_groups: int
    epsilon: float
    ratio: float


@dataclass(frozen=True, kw_only=True)
class IntersectionAudit(Result):
    """Every combination of the protected features that occurs, with what its size lets say."""

    question: ClassVar[str] = N_("Do some combinations of protected features fare worse?")
    source: ClassVar[str] = (
        "Foulds, Islam, Keya and Pan (2020), doi:10.1109/ICDE48307.2020.00203; Efron and Morris (1975), "
        "doi:10.2307/2285814; Christiansen and Morris (1997); Westfall and Young (1993); Wilson (1927)"
    )

    columns: tuple[str, ...] = hidden()
    metric: str = measured(N_("metric"), "text")
    n_groups: int = measured(N_("combinations that occur"), "count")
    n_judged: int = measured(N_("combinations of enough people to judge"), "count")
    n_not_shown: int = measured(N_("combinations not shown"), "count")
    overall: float = measured(N_("rate of everybody"), "share")
    gap: float = measured(N_("largest gap between combinations shown"), "points")
    gap_low: float = measured(N_("gap, lower end of the interval"), "points")
    gap_high: float = measured(N_("gap, upper end of the interval"), "points")
    margin: float = measured(N_("margin"), "points")
    p_any: float = measured(N_("chance that one stands out so when people are dealt at random (p)"), "chance")
    n_found: int = measured(N_("combinations that differ from everybody else"), "count")
    verdict: str = measured(N_("verdict"), "word")
    prior_mean: float = measured(N_("mean that rates are drawn to"), "share")
    prior_strength: float = measured(N_("strength of the draw, in people (infinite: no spread beyond chance)"))
    epsilon: float = measured(N_("differential fairness (epsilon, smoothed)"))
    ratio: float = measured(N_("largest ratio of chances, exp(epsilon)"))
    epsilon_raw: float | None = measured(N_("differential fairness (epsilon, counts as they are)"))
    concentration: float = measured(N_("concentration (smoothing)"))
    seed: str = measured(N_("seed"), "text")
    level: float = measured(N_("level of the intervals"), "share")
    #: Whether the gap between any two combinations judged lies within the margin, with its whole interval.
    is_within_margin: bool = hidden()
    #: Whether records have weights, which play no part here.
    has_weights: bool = hidden()
    min_cell: int = hidden()
    min_group: int = hidden()
    #: Combinations that may be shown, highest shrunken rate first.
    groups: tuple[Intersection, ...] = hidden()
    #: Differential fairness over each choice of some columns.
    marginals: tuple[MarginalFairness, ...] = hidden()
    #: Values of the protected columns that too few people have to stand alone in what is shown.
    joined: tuple[JoinedValue, ...] = hidden()
    exact_groups: tuple[Intersection, ...] = hidden()

    @property
    def by_group(self) -> pd.DataFrame:
        """Return the figures of every combination: exact, small groups included; do not publish."""
        import pandas as pd

        return pd.DataFrame([asdict(each) for each in self.exact_groups]).set_index("group")

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each combination that may be shown."""
        parts = {name: [plain(asdict(each)) for each in getattr(self, name)] for name in ("groups", "marginals")}
        return {**super().to_dict(), "columns": list(self.columns), **parts}

    def sentences(self) -> list[str]:
        """Return which combinations stand out, how surely, and what small numbers do to rates."""
        told_of = [each for each in self.groups if each.is_judged and np.isfinite(each.rate)]
        said = [self._headline(told_of), *self._how_sure()]
        said.append(
            _("{n} combinations of {columns} occur; {judged} have {least} people or more and are judged.").format(
                n=display.count(self.n_groups),
                columns=quoted(self.columns),
                judged=display.count(self.n_judged),
                least=display.count(self.min_group),
            )
        )
        said += self._of_surprises(told_of)
        if np.isfinite(self.epsilon):
            said.append(
                _(
                    "Differential fairness: each of the two results is at most {ratio} times as likely in one "
                    "combination as in another (epsilon {epsilon})."
                ).format(
                    ratio=display.number(float(f"{self.ratio:.3g}")), epsilon=display.number(round(self.epsilon, 2))
                )
            )
        if np.isinf(self.prior_strength):
            said.append(_("The rates spread no more than chance makes them, so shrunken rates are all the same."))
        elif np.isfinite(self.prior_strength):
            said.append(
                _(
                    "Shrunken rates draw each combination to the mean as if {m} people of average rate were added: a "
                    "second opinion where few people make a rate extreme."
                ).format(m=_people(self.prior_strength))
            )
        said += sentences_of_joined(self.joined, self.min_cell)
        if self.has_weights:
            said.append(_("Records count one each here: their weights play no part."))
        if self.n_not_shown:
            said.append(
                _(
                    "{n} combinations are not shown: fewer than {least} people in a part, or they give such away."
                ).format(n=display.count(self.n_not_shown), least=display.count(self.min_cell))
            )
        return said

    def _headline(self, groups: Sequence[Intersection]) -> str:
        if len(groups) < 2:
            said = _("Fewer than two combinations of {columns} have people enough to be compared and shown.")
            return said.format(columns=quoted(self.columns))
        high, low = max(groups, key=lambda each: each.rate), min(groups, key=lambda each: each.rate)
        if high.rate == low.rate:
            said = _("All combinations of {columns} that are shown have the same {metric}: {rate} of 100 people.")
            return said.format(
                columns=quoted(self.columns), metric=_(METRICS[self.metric].label), rate=of_100(low.rate)
            )
        return _(
            "Lowest {metric}: {rate_low} of 100 people in {low} (n = {n_low}); highest: {rate_high} of 100 in {high} "
            "(n = {n_high}); a gap of {gap}."
        ).format(
            metric=_(METRICS[self.metric].label),
            low=shown(low.group),
            rate_low=of_100(low.rate),
            n_low=display.count(low.n_people),
            high=shown(high.group),
            rate_high=of_100(high.rate),
            n_high=display.count(high.n_people),
            gap=with_interval(display.points(self.gap), self.gap_low, self.gap_high, display.points_between),
        )

    def _how_sure(self) -> list[str]:
        """Return the verdict with its reason."""
        if np.isnan(self.p_any):
            return []
        margin = display.points(self.margin)
        if self.verdict == DISPARITY:
            said = ngettext(
                "Disparity found: {n} of {judged} combinations differs from everybody else, corrected for their number "
                "(p: {p}).",
                "Disparity found: {n} of {judged} combinations differ from everybody else, corrected for their number "
                "(p: {p}).",
                self.n_found,
            ).format(n=display.count(self.n_found), judged=display.count(self.n_judged), p=display.chance(self.p_any))
            if self.is_within_margin:
                said += " " + _("It is small: no gap is larger than the margin of {margin}.").format(margin=margin)
            return [said]
        if self.verdict == NO_LARGER:
            said = _(
                "No disparity larger than the margin: whichever combinations are compared, the whole interval of the "
                "gap lies within {margin}."
            )
            return [said.format(margin=margin)]
        said = _(
            "Cannot tell: chance alone makes one combination stand out from everybody else as much (p: {p}), and the "
            "interval of the gap reaches beyond the margin of {margin}."
        )
        return [said.format(p=display.chance(self.p_any), margin=margin)]

    def _of_surprises(self, groups: Sequence[Intersection]) -> list[str]:
        """Return a sentence on the combination furthest from what features alone expect, where chance is no answer."""
        free = [each for each in groups if np.isfinite(each.residual)]
        if not free:
            return []
        furthest = max(free, key=lambda each: abs(each.residual))
        if abs(furthest.residual) < normal_quantile(1 - (1 - self.level) / self.n_judged):
            return [_("No combination is further from what the features alone let expect than chance makes it.")]
        return [
            _(
                "In {group}, it is {rate} of 100 people where the features alone, their effects adding up, let expect "
                "{expected}: what happens to this combination is told by no feature alone."
            ).format(
                group=shown(furthest.group),
                rate=of_100(furthest.rate),
                expected=of_100(furthest.expected),
            )
        ]

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the combinations, and differential fairness over some of the columns."""
        found: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = []
        if self.groups:
            header = [" · ".join(self.columns), _("people"), _("rate"), _("shrunken rate")]
            header += [_("expected from features alone"), _("p (corrected)"), _("verdict")]
            rows = [
                (
                    each.group,
                    display.count(each.n_people),
                    with_interval(display.share(each.rate), each.low, each.high, display.shares),
                    with_interval(display.share(each.shrunken), each.shrunken_low, each.shrunken_high, display.shares),
                    display.share(each.expected),
                    display.chance(each.p_adjusted),
                    _(each.verdict),
                )
                for each in self.groups
            ]
            caption = _(
                "Each combination: its {metric} as it is, drawn to the mean, and as the features alone let expect it; "
                "p and verdict: against everybody else"
            )
            found.append((caption.format(metric=_(METRICS[self.metric].label)), header, rows))
        if self.marginals:
            header = [_("columns"), _("groups judged"), _("epsilon"), _("largest ratio of chances")]
            lines = [
                (
                    ", ".join(each.columns),
                    display.count(each.n_groups),
                    display.number(round(each.epsilon, 2)),
                    display.number(float(f"{each.ratio:.3g}")),
                )
                for each in self.marginals
            ]
            caption = _("Differential fairness by some of the columns: how many times as likely a result is at most")
            found.append((caption, header, lines))
        return found

    @property
    def has_picture(self) -> bool:
        """Whether there is a combination to draw."""
        return bool(self.groups)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the rate of each combination as it is (grey) and shrunken (blue), each with its interval."""
        groups = ends_of(self.groups)
        axes = new_axes(ax, (8.0, 1.8 + 0.45 * len(groups)))
        places = np.arange(len(groups))
        names = (("rate", "low", "high"), ("shrunken", "shrunken_low", "shrunken_high"))
        looks = ((-0.16, "D", GREY, _("as it is")), (0.16, "o", BLUE, _("drawn to the mean (shrunken)")))
        for (middle, low, high), (shift, marker, colour, label) in zip(names, looks, strict=True):
            value, least, most = (
                100 * np.array([getattr(each, name) for each in groups]) for name in (middle, low, high)
            )
            reach = np.nan_to_num(np.stack([value - least, most - value])).clip(min=0)
            axes.errorbar(
                value, places + shift, xerr=reach, fmt=marker, color=colour, markersize=5, capsize=2, label=label
            )
        axes.axvline(100 * self.overall, color=INK, linewidth=0.8, linestyle=":", label=_("everybody"))
        axes.set_yticks(places, [marked(each.group, each.n_people) for each in groups])
        axes.set_ylim(len(groups) - 0.4, -0.6)
        axes.set_xlabel(_("{metric}, in %").format(metric=_(METRICS[self.metric].label)))
        axes.set_title(fill(self.heading(), 60), loc="left")
        axes.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.5, ncols=3)
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def _people(n: float) -> str:
    """Return a number of people that need not be whole: two digits, or all before the point."""
    return display.count(n) if n >= 10 else display.number(float(f"{n:.2g}"))
