"""What is said of the features that drive predictions: the result, its sentences, its table and its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: A stand-in that repeats less of the predictions than this explains little.
_FAITHFUL = 0.5
#: A picture shows so many features and groups at most.
_MOST_BARS, _MOST_GROUPS = 12, 5

MODEL, STAND_IN = N_("the model itself"), N_("a stand-in, fitted to its predictions")


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
