"""A conditional disparity in numbers, sentences, tables and a picture."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.fairness.conditional.stratified import share_of, sides_of
from riskscope.fairness.disclosure import few
from riskscope.fairness.group_figures import marked, of_100, with_interval
from riskscope.fairness.joined_values import JoinedValue, sentences_of_joined
from riskscope.fairness.outcomes.audit import ends_of
from riskscope.fairness.testing import NO_LARGER
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from riskscope.fairness.counts import GroupCounts

#: Groups that a sentence each is written for, and columns of the table of strata.
MOST_SAID, MOST_COLUMNS = 3, 5

#: What conditioning does to the difference between a group and those it is compared with.
REVERSES, VANISHES, APPEARS = N_("reverses"), N_("vanishes"), N_("appears")
REMAINS, NEITHER, SMALL = N_("remains"), N_("none seen"), N_("too few people to judge")
#: What stands in place of either for the group that the others are compared with.
REFERENCE = N_("the reference")

GREY, BLUE = "#8a93a3", "#0072b2"


@dataclass(frozen=True, kw_only=True)
class GroupConditional:
    """One group: its disparity among all, among people alike in the control features, and what that does to it.

    ``dd``, ``cdd``: share of the rejected less share of the accepted, above 0 to the group's disadvantage.
    ``difference``, ``standardised_difference``: selection rate less that of those it is compared with, as it is and
    with everybody's mix of strata. ``explained``: the part of ``difference`` that being in other strata makes.
    ``is_small``: among people alike, its difference surely lies within the margin. ``coarse``: figures are rounded, as
    exact ones give away strata of few people.
    """

    group: str
    n_people: int
    is_judged: bool
    selection_rate: float
    dd: float
    cdd: float
    cdd_low: float
    cdd_high: float
    difference: float
    difference_low: float
    difference_high: float
    standardised_rate: float
    standardised_rate_other: float
    standardised_difference: float
    standardised_low: float
    standardised_high: float
    explained: float
    odds_ratio: float
    odds_low: float
    odds_high: float
    cmh: float
    cmh_p: float
    breslow_day: float
    breslow_day_p: float
    p_adjusted: float
    n_strata_skipped: int
    simpson: str
    verdict: str
    is_small: bool
    coarse: bool


@dataclass(frozen=True, kw_only=True)
class StratumDisparity:
    """One stratum of enough people; ``dd`` of each shown group, None where it would tell of few people."""

    stratum: str
    n_people: int
    rejected: int
    accepted: int
    dd: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True)
class ConditionalDisparity(Result):
    """How much more often groups are turned down among all, and among people alike in the control features."""

    question: ClassVar[str] = N_("Is a group turned down more often, even among people who are alike in what counts?")
    source: ClassVar[str] = (
        "Wachter, Mittelstadt and Russell (2021), doi:10.1016/j.clsr.2021.105567; Mantel and Haenszel (1959); "
        "Robins, Breslow and Greenland (1986), doi:10.2307/2531052; Breslow and Day (1980), Tarone (1985); "
        "Kamiran and Žliobaitė (2013); Simpson (1951)"
    )

    columns: tuple[str, ...] = hidden()
    control_columns: tuple[str, ...] = hidden()
    reference: str | None = measured(N_("compared with (not given: with everybody else)"), "text")
    favours_selected: bool = hidden()
    n_strata: int = measured(N_("strata"), "count")
    n_strata_undefined: int = measured(N_("strata where all have the same decision"), "count")
    undefined_people: str = measured(N_("people in them"), "text")
    empty: str = measured(N_("what is done with them (CDD)"), "word")
    p_any: float = measured(
        N_("chance that any group is so far from the others when dealt within strata (p)"), "chance"
    )
    n_judged: int = measured(N_("groups compared"), "count")
    n_found: int = measured(N_("groups that differ within strata"), "count")
    verdict: str = measured(N_("what is known"), "word")
    is_small: bool = hidden()
    margin: float = measured(N_("largest difference of no account (margin)"), "points")
    seed: str = measured(N_("seed"), "text")
    level: float = measured(N_("level of the intervals"), "share")
    min_cell: int = hidden()
    min_group: int = hidden()
    #: Groups of enough people, furthest to their disadvantage first.
    groups: tuple[GroupConditional, ...] = hidden()
    n_not_shown: int = hidden()
    strata: tuple[StratumDisparity, ...] = hidden()
    n_strata_not_shown: int = hidden()
    #: Values of the protected columns that too few people have to stand alone in what is shown.
    joined: tuple[JoinedValue, ...] = hidden()
    exact_groups: tuple[GroupConditional, ...] = hidden()
    counts: GroupCounts = hidden()

    @property
    def by_group(self) -> pd.DataFrame:
        """Return the figures of every group: exact, small groups included; do not publish."""
        import pandas as pd

        return pd.DataFrame([asdict(each) for each in self.exact_groups]).set_index("group")

    @property
    def by_stratum(self) -> pd.DataFrame:
        """Return the figures of every group in every stratum: exact, small ones included; do not publish."""
        import pandas as pd

        n, rejected, accepted = sides_of(self.counts, self.favours_selected)
        shares = share_of(rejected), share_of(accepted)
        rows = [
            {
                "stratum": stratum,
                "group": group,
                "n_people": int(self.counts.counts[g, s].sum()),
                "n_stratum": float(n[:, s].sum()),
                "rejected": float(rejected[:, s].sum()),
                "accepted": float(accepted[:, s].sum()),
                "share_of_rejected": float(shares[0][g, s]),
                "share_of_accepted": float(shares[1][g, s]),
                "dd": float(shares[0][g, s] - shares[1][g, s]),
            }
            for s, stratum in enumerate(self.counts.strata)
            for g, group in enumerate(self.counts.labels)
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each group and stratum that may be shown."""
        parts = {name: [plain(asdict(each)) for each in getattr(self, name)] for name in ("groups", "strata")}
        columns = {"columns": list(self.columns), "control_columns": list(self.control_columns)}
        return {**super().to_dict(), **columns, **parts}

    def sentences(self) -> list[str]:
        """Return what conditioning does to the disparities, how surely, and what it cannot show."""
        control = quoted(self.control_columns)
        told = [each for each in self.groups if each.is_judged and each.group != self.reference]
        told.sort(key=lambda each: -abs(np.nan_to_num(each.dd)))
        if self.reference is None and len(self.groups) == 2:  # what is one's gain is the other's loss
            told = [each for each in told if each.dd > 0] or told[:1]
        said = [self._headline(told, control), *self._how_sure(control)]
        found = [each for each in told if each.simpson in (REVERSES, VANISHES, APPEARS)]
        said += [self._of_paradox(each, control) for each in found[:MOST_SAID]]
        if told and np.isfinite(told[0].cdd):
            said.append(self._of_disparity(told[0], control))
        if any(each.breslow_day_p <= 1 - self.level for each in told):
            said.append(
                _("The strata differ among themselves (Breslow-Day): one figure for all hides that; read the strata.")
            )
        if self.n_strata_undefined:
            said.append(self._of_undefined())
        said.append(
            _(
                "Whether {control} may rightly count is a question of law, not of these numbers: a feature that itself "
                "carries discrimination explains it away."
            ).format(control=control)
        )
        said += sentences_of_joined(self.joined, self.min_cell)
        if self.n_not_shown or self.n_strata_not_shown:
            said.append(
                _(
                    "Groups and strata with fewer than {n} people in a part are not shown, nor is what would give them "
                    "away."
                ).format(n=display.count(self.min_cell))
            )
        return said

    def _headline(self, groups: Sequence[GroupConditional], control: str) -> str:
        if not groups:
            said = _("No two groups of {columns} have people enough to be compared and shown.")
            return said.format(columns=quoted(self.columns))
        group = groups[0]
        n_others = self.n_records - group.n_people
        if self.reference is not None:
            n_others = next((each.n_people for each in self.groups if each.group == self.reference), 0)
        if np.isnan(group.difference) or not n_others:
            said = _("{group} (n = {n}) has nobody to be compared with who may be shown.")
            return said.format(group=shown(group.group), n=display.count(group.n_people))
        text = N_(
            "In {group} (n = {n}), {rate} of 100 people get the positive decision, of {others} (n = {n_others}) "
            "{other}; the gap is {gap}, and {within} among people alike in {control}."
        )
        if not self.favours_selected:
            text = N_(
                "In {group} (n = {n}), {rate} of 100 people get the unfavourable decision, of {others} "
                "(n = {n_others}) {other}; the gap is {gap}, and {within} among people alike in {control}."
            )
        return _(text).format(
            group=shown(group.group),
            n=display.count(group.n_people),
            rate=of_100(group.selection_rate),
            others=self._others(),
            n_others=display.count(n_others),
            other=of_100(group.selection_rate - group.difference),
            gap=display.points(group.difference),
            control=control,
            within=with_interval(
                display.points(group.standardised_difference),
                group.standardised_low,
                group.standardised_high,
                display.points_between,
            ),
        )

    def _others(self) -> str:
        return _("everybody else") if self.reference is None else shown(self.reference)

    def _how_sure(self, control: str) -> list[str]:
        """Return the verdict with its reason."""
        if np.isnan(self.p_any):
            return []
        if self.n_found:
            said = ngettext(
                "Disparity found: among people alike in {control}, {n} of {judged} groups differs from {others} by "
                "more than chance (p: {p}, corrected for their number).",
                "Disparity found: among people alike in {control}, {n} of {judged} groups differ from {others} by "
                "more than chance (p: {p}, corrected for their number).",
                self.n_found,
            )
            if self.is_small:
                said += " " + _("It is small: within the margin of {margin}.")
        elif self.verdict == NO_LARGER:
            said = _(
                "No disparity larger than the margin: among people alike in {control}, on average over the strata that "
                "hold both, the whole interval of each group's difference from {others} lies within {margin}."
            )
        else:
            said = _(
                "Cannot tell: among people alike in {control}, chance alone sets a group as far apart from {others} "
                "(p: {p}, corrected for their number), and an interval reaches beyond the margin of {margin}."
            )
        return [
            said.format(
                margin=display.points(self.margin),
                control=control,
                n=display.count(self.n_found),
                judged=display.count(self.n_judged),
                others=self._others(),
                p=display.chance(self.p_any),
            )
        ]

    def _of_disparity(self, group: GroupConditional, control: str) -> str:
        said = _(
            "Conditional demographic disparity: the share of {group} among those turned down less its share among "
            "those accepted is {dd}, and {cdd} among people alike in {control}; above 0 is to its disadvantage."
        )
        return said.format(
            group=shown(group.group),
            dd=display.points(group.dd),
            control=control,
            cdd=with_interval(display.points(group.cdd), group.cdd_low, group.cdd_high, display.points_between),
        )

    def _of_paradox(self, group: GroupConditional, control: str) -> str:
        said = {
            REVERSES: _(
                "Simpson's paradox: {group} is selected {crude} {way} often than {others}, and {within} "
                "{other_way} often among people alike in {control}."
            ),
            VANISHES: _(
                "Simpson's paradox: {group} is selected {crude} {way} often than {others}, yet among people "
                "alike in {control} no clear difference is left ({signed})."
            ),
            APPEARS: _(
                "Simpson's paradox: {group} is selected about as often as {others} ({signed_crude}), yet "
                "{within} {other_way} often among people alike in {control}."
            ),
        }[group.simpson]
        more, less = _("more"), _("less")
        return said.format(
            group=shown(group.group),
            others=self._others(),
            control=control,
            crude=display.points(abs(group.difference)),
            signed_crude=display.points(group.difference),
            way=more if group.difference > 0 else less,
            within=display.points(abs(group.standardised_difference)),
            signed=display.points(group.standardised_difference),
            other_way=more if group.standardised_difference > 0 else less,
        )

    def _of_undefined(self) -> str:
        if self.empty == "drop":
            said = _("In {n} strata ({people} people) all have the same decision: these tell nothing and are left out.")
        else:
            said = _(
                "In {n} strata ({people} people) all have the same decision: there, a share of nobody is taken as 0, "
                "which looks like a disparity."
            )
        return said.format(n=display.count(self.n_strata_undefined), people=self.undefined_people)

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the groups, their tests, and the strata."""
        if not self.groups:
            return []
        name = " · ".join(self.columns)
        disparities = [
            (
                each.group,
                display.count(each.n_people),
                display.share(each.selection_rate),
                _span(each.difference, each.difference_low, each.difference_high),
                _span(each.standardised_difference, each.standardised_low, each.standardised_high),
                _points(each.dd),
                _span(each.cdd, each.cdd_low, each.cdd_high),
                _(each.simpson),
            )
            for each in self.groups
        ]
        tests = [
            (
                each.group,
                with_interval(display.number(float(f"{each.odds_ratio:.3g}")), each.odds_low, each.odds_high, _between),
                display.chance(each.cmh_p),
                display.chance(each.breslow_day_p),
                display.chance(each.p_adjusted),
                _(each.verdict),
            )
            for each in self.groups
        ]
        header = [name, _("people"), _("selected"), _("difference"), _("difference, alike")]
        header += [_("disparity (DD)"), _("disparity, alike (CDD)"), _("the difference")]
        header_tests = [name, _("odds ratio, alike"), _("p, alike"), _("p, strata differ"), _("p (corrected)")]
        found: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = [
            (self._caption(), header, disparities),
            (
                _(
                    "Each group against {others}, strata pooled: odds ratio and p (Mantel-Haenszel), whether strata "
                    "differ (Breslow-Day), and the verdict by dealing people within strata"
                ).format(others=self._others()),
                [*header_tests, _("verdict")],
                tests,
            ),
        ]
        if self.strata:
            found.append(self._stratum_table())
        return found

    def _caption(self) -> str:
        return _(
            "Each group, in percentage points. Difference: its selection rate less that of {others}, among all and "
            "among people alike in {control}. Disparity: its share of those turned down less its share of those "
            "accepted, likewise; above 0 is to its disadvantage."
        ).format(others=self._others(), control=quoted(self.control_columns))

    def _stratum_table(self) -> tuple[str, Sequence[str], Sequence[Sequence[str]]]:
        groups = [each.group for each in self.groups[:MOST_COLUMNS]]
        header = [
            " · ".join(self.control_columns),
            _("people"),
            _("rejected"),
            *(_("DD, {g}").format(g=g) for g in groups),
        ]
        rows = [
            (
                each.stratum,
                display.count(each.n_people),
                display.share(each.rejected / each.n_people),
                *(few(self.min_cell) if dd is None else _points(dd) for dd in each.dd[: len(groups)]),
            )
            for each in self.strata
        ]
        return _("Each stratum: the disparity (DD) of each group in it, in percentage points"), header, rows

    @property
    def has_picture(self) -> bool:
        """Whether there is a group to draw."""
        return bool(self.groups)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each group's disparity among all, and among people who are alike, with its interval."""
        groups = ends_of(self.groups)
        axes = new_axes(ax, (8.0, 1.8 + 0.45 * len(groups)))
        places = np.arange(len(groups))
        dd, cdd, low, high = (
            100 * np.array([getattr(each, name) for each in groups]) for name in ("dd", "cdd", "cdd_low", "cdd_high")
        )
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.plot(dd, places, "D", color=GREY, label=_("among all (DD)"))
        reach = np.nan_to_num(np.stack([cdd - low, high - cdd])).clip(min=0)
        label = _("among people who are alike (CDD)")
        axes.errorbar(cdd, places, xerr=reach, fmt="o", color=BLUE, capsize=3, linewidth=1.6, label=label)
        axes.set_yticks(places, [marked(each.group, each.n_people) for each in groups])
        axes.set_ylim(len(groups) - 0.4, -0.6)
        axes.set_xlabel(_("share of those turned down less share of those accepted, in percentage points"))
        axes.set_title(fill(self.heading(), 60), loc="left")
        axes.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.5, ncols=2)
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def _points(value: float) -> str:
    """Return a difference of shares in percentage points, one decimal, without the word."""
    return _("undefined") if np.isnan(value) else display.number(round(100 * value, 1) + 0.0)


def _span(value: float, low: float, high: float) -> str:
    """Return a difference in percentage points with its interval as text."""
    return with_interval(_points(value), low, high, _points_between)


def _points_between(low: float, high: float) -> str:
    return _("{low} to {high}").format(low=_points(low), high=_points(high))


def _between(low: float, high: float) -> str:
    """Return an interval of an odds ratio, as exactly as it is worth."""
    return _("{low} to {high}").format(
        low=display.number(float(f"{low:.3g}")), high=display.number(float(f"{high:.3g}"))
    )
