"""What the membership attack answers: figures of each score, copies, and the picture of catches over false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.attacks.attack import CANNOT_TELL, LEVEL, MEMBERSHIP, Attack
from riskscope.results import hidden, measured, new_axes, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]

#: The shares of false alarms at which catches are told.
ONE_PERCENT, ONE_IN_THOUSAND = 0.01, 0.001
WARNING = N_(
    "Distances to the closest record are no evidence of anonymity: they look at the average record, not at the people "
    "who stand out, depend on the scale of the columns, and data that pass such a test have been broken by membership "
    "attacks (Ganev and De Cristofaro 2023; Yao et al. 2025)."
)


@dataclass(frozen=True)
class ScoreFigures:
    """What one score tells: area with interval, advantage, catches at 1 % and at 0.1 % false alarms with bounds."""

    score: str
    auc: float
    auc_low: float
    auc_high: float
    advantage: float
    tpr_1: float
    tpr_1_low: float
    tpr_1_high: float
    tpr_01: float
    tpr_01_low: float
    tpr_01_high: float


@dataclass(frozen=True)
class Similarity:
    """Distances to the closest record; only ever shown with the warning that they are no evidence of anonymity.

    ``dcr`` and ``nndr``: medians over released records of the distance to the closest original record, and of its
    ratio to the second closest. ``share_closer``: share of released records that are closer to the originals than to
    as many people of the hold-out, ties counting half; ``share_expected``: that of a release that knows neither.
    """

    dcr: float
    nndr: float
    share_closer: float
    share_expected: float


@dataclass(frozen=True, kw_only=True)
class Membership(Attack):
    """How well nearness to the release tells people whose records it was made from, from other people.

    ``hit`` (n_records,) tells who is caught at the share of false alarms ``false_alarms``; ``worst`` (n_records,) the
    smallest share of false alarms at which either score catches each person: small is exposed. Both are exact; do not
    publish them.
    """

    question: ClassVar[str] = N_("Can it be told whose records the release was made from?")
    source: ClassVar[str] = (
        "van Breugel et al. (2023), DOMIAS; Carlini et al. (2022), doi:10.1109/SP46214.2022.9833649; DeLong, DeLong "
        "and Clarke-Pearson (1988), doi:10.2307/2531595; Clopper and Pearson (1934)"
    )
    asks: ClassVar[str] = MEMBERSHIP
    pictures: ClassVar[tuple[str, ...]] = ("plot",)

    score: str = measured(N_("score that is judged"), "word")
    false_alarms: float = measured(N_("false alarms at which success is counted"), "share")
    n_released: int = measured(N_("released records"), "count")
    n_judged: int = measured(N_("people of the hold-out judged"), "count")
    n_reference: int = measured(N_("people in the reference"), "count")
    auc: float = measured(N_("area under the curve"))
    auc_low: float = measured(N_("area, lower end of the 95 % interval (DeLong)"))
    auc_high: float = measured(N_("area, upper end of the 95 % interval (DeLong)"))
    advantage: float = measured(N_("advantage (greatest gap of catches and false alarms)"), "points")
    tpr_1: float = measured(N_("caught at 1 % false alarms"), "share")
    tpr_1_low: float = measured(N_("the same, lower 95 % bound (Clopper-Pearson)"), "share")
    tpr_1_high: float = measured(N_("the same, upper 95 % bound (Clopper-Pearson)"), "share")
    tpr_01: float = measured(N_("caught at 0.1 % false alarms"), "share")
    tpr_01_low: float = measured(N_("the same, lower 95 % bound (Clopper-Pearson)"), "share")
    tpr_01_high: float = measured(N_("the same, upper 95 % bound (Clopper-Pearson)"), "share")
    n_copied: int = measured(N_("original people whose record is in the release as it is"), "count")
    n_copied_expected: float = measured(N_("of them by chance, going by the hold-out"))
    seed: str | None = measured(N_("seed"), "text", default=None)
    scores: tuple[ScoreFigures, ...] = hidden()
    similarity: Similarity = hidden()
    curves: tuple[tuple[str, Numbers, Numbers], ...] = hidden()
    worst: Numbers = hidden()
    notes: tuple[str, ...] = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each score; distances with their warning."""
        similarity = {**plain(asdict(self.similarity)), "warning": _(WARNING)}
        return {**super().to_dict(), "scores": [plain(asdict(each)) for each in self.scores], "similarity": similarity}

    def sentences(self) -> list[str]:
        """Return who can be told to be in the data, beside guessing, the copies, and what it does not say."""
        return [*self._found(), self.beside_guessing(), self._copies(), *self.notes]

    def beside_guessing(self) -> str:
        """Return whether the scores tell members apart at all."""
        if self.verdict == CANNOT_TELL:
            return super().beside_guessing()
        if self.p_value > LEVEL:
            return _(
                "That is no better than guessing (p: {p}); yet with up to {high} caught, the same could be seen by "
                "chance, and a stronger attack may see more."
            ).format(p=display.chance(self.p_value), high=display.share(self.rate_high))
        return _(
            "Scores tell members from others better than guessing does (p: {p}): the area under the curve is {auc} "
            "({low} to {high}; 0.5 is guessing)."
        ).format(
            p=display.chance(self.p_value),
            auc=display.number(self.auc),
            low=display.number(self.auc_low),
            high=display.number(self.auc_high),
        )

    def _found(self) -> list[str]:
        if not self.tried:
            return [_("Nobody's membership could be judged: {reason}.").format(reason=_(self.undefined["rate"]))]
        said = _(
            "Of 1,000 people whose records went into the release, {n} are told to be in it by their {score}, where {m} "
            "of 1,000 people whose records did not are taken for members, too."
        ).format(
            n=display.number(round(1000 * self.rate, 1)),
            m=display.number(round(1000 * self.false_alarms, 1)),
            score=_(self.score),
        )
        return [said]

    def _copies(self) -> str:
        return _(
            "The records of {n} original people stand in the release as they are; going by the hold-out, {m} would by "
            "chance."
        ).format(n=display.count(self.n_copied), m=display.number(self.n_copied_expected))

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return each score, and the distances to the closest record with their warning."""
        header = [_("score"), _("area (DeLong)"), _("advantage"), _("caught at 1 %"), _("caught at 0.1 %")]
        rows = [
            (
                _(each.score),
                _with_ends(display.number, each.auc, each.auc_low, each.auc_high),
                display.points(each.advantage),
                _with_ends(display.share, each.tpr_1, each.tpr_1_low, each.tpr_1_high, _("not resolvable")),
                _with_ends(display.share, each.tpr_01, each.tpr_01_low, each.tpr_01_high, _("not resolvable")),
            )
            for each in self.scores
        ]
        near = self.similarity
        distances = [
            (_("distance to the closest original record, median"), display.number(near.dcr)),
            (_("its ratio to the second closest, median"), display.number(near.nndr)),
            (_("released records closer to originals than to the hold-out"), display.share(near.share_closer)),
            (_("the same, of a release that knows neither"), display.share(near.share_expected)),
        ]
        return [
            (_("How well each score tells members from others"), header, rows),
            (_(WARNING), [_("distance (Gower, 0 to 1)"), _("value")], distances),
        ]

    @property
    def has_picture(self) -> bool:
        """Whether there is a curve to draw."""
        return bool(self.curves)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw catches over false alarms, both on logarithmic axes, with marks at 1 % and 0.1 %."""
        axes = new_axes(ax, (5.4, 4.6))
        least = min(ONE_IN_THOUSAND / 2, 1 / max(2, self.n_judged))
        axes.plot([least, 1], [least, 1], color="#8c96a8", ls="--", lw=1, label=_("guessing"))
        for (score, false_alarms, catches), colour in zip(self.curves, ("#d55e00", "#0072b2"), strict=False):
            axes.plot(
                np.maximum(false_alarms, least),
                np.maximum(catches, least),
                color=colour,
                lw=1.6,
                drawstyle="steps-post",
                label=_(score),
            )
        for mark, is_resolved in (
            (ONE_PERCENT, not np.isnan(self.tpr_1)),
            (ONE_IN_THOUSAND, not np.isnan(self.tpr_01)),
        ):
            axes.axvline(mark, color="#1c2330", lw=0.8, ls="-" if is_resolved else ":")
            label = (
                display.share(mark) if is_resolved else _("{share}: not resolvable").format(share=display.share(mark))
            )
            axes.annotate(
                label, (mark, 1), xytext=(3, -3), textcoords="offset points", fontsize=8, rotation=90, va="top"
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(least, 1)
        axes.set_ylim(least, 1.05)
        axes.set_xlabel(_("false alarms: share of others called"))
        axes.set_ylabel(_("catches: share of members called"))
        axes.set_title(self.heading(), loc="left", fontsize=10)
        axes.legend(fontsize=8, frameon=False, loc="lower right")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def _with_ends(shown_as: Any, value: float, low: float, high: float, undefined: str | None = None) -> str:
    if np.isnan(value):
        return undefined or _("undefined")
    return _("{value} ({low} to {high})").format(value=shown_as(value), low=shown_as(low), high=shown_as(high))
