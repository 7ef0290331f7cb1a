"""What is said of bounds over unknown groups: the result, its sentences, its tables and its picture."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

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
