"""All attacks of a validation side by side: what each gets, beside guessing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from riskscope import display
from riskscope.attacks.attack import BETTER, COLOURS, NO_BETTER, Attack
from riskscope.attacks.conditions.predicates import PredicateSinglingOut
from riskscope.attacks.erased import Erasure
from riskscope.attacks.hashes.tried import Pseudonyms
from riskscope.attacks.isolation import SinglingOut
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from matplotlib.axes import Axes


#: What an attack goes by, where a validation says nothing more of it.
NAMES: dict[type[Attack], str] = {
    SinglingOut: N_("one record fits"),
    PredicateSinglingOut: N_("conditions read off the release"),
    Erasure: N_("people who must not be there"),
}


class Tried(NamedTuple):
    """One attack: its name, what it was tried on, its success, and that of guessing and on people outside."""

    name: str
    tried: int
    rate: float
    low: float
    high: float
    baseline_rate: float
    control_rate: float
    verdict: str


@dataclass(frozen=True, kw_only=True)
class AttacksTogether(Result):
    """What each attack gets, beside guessing and beside people who are not in the release."""

    question: ClassVar[str] = N_("What does each attack get?")
    source: ClassVar[str] = "Article 29 Working Party, Opinion 05/2014 on anonymisation techniques (WP216)"

    n_better: int = measured(N_("attacks that are better than guessing"), "count")
    n_attacks: int = measured(N_("attacks that could be judged"), "count")
    attacks: tuple[Tried, ...] = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each attack."""
        return {**super().to_dict(), "attacks": [plain(each._asdict()) for each in self.attacks]}

    def sentences(self) -> list[str]:
        """Return how many attacks are better than guessing, and how to read the picture."""
        return [
            ngettext(
                "{better} of {n} attack is better than guessing.",
                "{better} of {n} attacks are better than guessing.",
                self.n_attacks,
            ).format(better=display.count(self.n_better), n=display.count(self.n_attacks)),
            _(
                "What counts is how far an attack stands above guessing, and above what it gets on "
                "people who are not in "
                "the release. The attacks are not added up: they fall on the same people."
            ),
        ]

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return one row an attack."""
        header = [_("attack"), _("tried"), _("success"), _("guessing"), _("people outside"), _("verdict")]
        rows = [
            [
                each.name,
                display.count(each.tried),
                _share(each.rate),
                _share(each.baseline_rate),
                _share(each.control_rate),
                _(each.verdict),
            ]
            for each in self.attacks
        ]
        return [(_("The attacks side by side"), header, rows)]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the success of each attack with its interval, with marks for guessing and for people outside."""
        drawn = [each for each in self.attacks if math.isfinite(each.rate)][::-1]
        axes = new_axes(ax, (8.0, 1.4 + 0.42 * max(1, len(drawn))))
        for at, each in enumerate(drawn):
            axes.barh(at, 100 * each.rate, height=0.62, color=COLOURS["attack"])
            if math.isfinite(each.low):
                axes.plot([100 * each.low, 100 * each.high], [at, at], color="#1c2330", lw=1.4)
            for value, key, marker in ((each.baseline_rate, "guess", "D"), (each.control_rate, "control", "o")):
                if math.isfinite(value):
                    axes.plot(100 * value, at, marker, color=COLOURS[key], markeredgecolor="#1c2330", ms=7, zorder=3)
            end = 100 * (each.high if math.isfinite(each.high) else each.rate)
            axes.annotate(
                display.share(each.rate), (end, at), xytext=(7, 0), textcoords="offset points", va="center", fontsize=9
            )
        marks = [("D", "guess", _("guessing")), ("o", "control", _("people outside the release"))]
        if not any(math.isfinite(each.control_rate) for each in drawn):
            marks = marks[:1]
        for marker, key, label in marks:
            axes.plot([], [], marker, color=COLOURS[key], markeredgecolor="#1c2330", ms=7, label=label)
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, fontsize=9)
        axes.set_yticks(range(len(drawn)), [each.name for each in drawn])
        axes.set_xlim(0, 115)
        axes.set_xlabel(_("% of what was tried"))
        axes.set_title(self.heading(), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def attacks_together(results: Sequence[Result], n_records: int) -> AttacksTogether | None:
    """Return all attacks of a validation side by side; None where there is none."""
    found = [each for each in map(_tried, results) if each is not None]
    if not found:
        return None
    judged = [each for each in found if each.verdict in (BETTER, NO_BETTER)]
    return AttacksTogether(
        n_records=n_records,
        n_attacks=len(judged),
        n_better=sum(each.verdict == BETTER for each in judged),
        attacks=tuple(found),
    )


def _tried(result: Result) -> Tried | None:
    if isinstance(result, Pseudonyms):
        name = _("undoing pseudonyms of {column}").format(column=result.about)
        share, verdict = result.share_of_people, BETTER if result.n_recovered else NO_BETTER
        return Tried(name, result.n_distinct, share, math.nan, math.nan, 0.0, math.nan, verdict)
    if not isinstance(result, Attack):
        return None
    more = result.about or _(NAMES.get(type(result), ""))
    return Tried(
        f"{_(result.asks)}: {more}" if more else _(result.asks),
        result.tried,
        result.rate,
        result.rate_low,
        result.rate_high,
        result.baseline_rate,
        result.control_rate,
        result.verdict,
    )


def _share(value: float) -> str:
    return display.share(value) if math.isfinite(value) else "–"
