"""What every attack answers: how many were attacked, how many fell, and whether guessing does as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscope import display
from riskscope.intervals import gain, wilson
from riskscope.results import Result, hidden, measured, new_axes
from riskscope.words import N_, _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]

#: The three questions of the European opinion on anonymisation, and what else is attacked.
SINGLING_OUT, LINKABILITY, INFERENCE = N_("singling out"), N_("linkability"), N_("inference")
MEMBERSHIP, PSEUDONYMS = N_("membership"), N_("pseudonyms")

#: What is said of an attack beside guessing; tested at ``LEVEL``, one-sided.
BETTER, NO_BETTER, CANNOT_TELL = N_("better than guessing"), N_("no better than guessing"), N_("cannot tell")
LEVEL = 0.05

NOBODY = N_("nobody could be attacked")
NO_CONTROL = N_("no hold-out of people outside the release was given")
ALL_CONTROL = N_("the attack succeeds on everybody in the control")

#: Colours told apart by colour-blind people, too (Okabe and Ito), and by their lightness in grey.
COLOURS = {"attack": "#d55e00", "guess": "#8c96a8", "control": "#0072b2"}


@dataclass(frozen=True, kw_only=True)
class Attack(Result):
    """People attacked, and how many fell; beside guessing, and beside people who are not in the release.

    ``succeeded`` may be a fraction: where several records fit equally well, one of them is guessed, and what is
    counted is the chance to hit the right one. ``hit`` (n_records,) is that of each person, NaN for people who
    could not be attacked: exact, and tied to records; do not publish it.
    """

    #: Which of the questions above it answers, and what is counted as tried.
    asks: ClassVar[str] = ""
    counts: ClassVar[str] = N_("% of the people attacked")

    known: str = measured(N_("what the attacker knows"), "text", default="")
    tried: int = measured(N_("people attacked"), "count")
    coverage: float = measured(N_("people that could be attacked"), "share")
    succeeded: float = measured(N_("attacks that succeed"))
    rate: float = measured(N_("success of the attack"), "share")
    rate_low: float = measured(N_("success, lower end of the 95 % interval"), "share")
    rate_high: float = measured(N_("success, upper end of the 95 % interval"), "share")
    baseline_tried: int = measured(N_("guesses"), "count")
    baseline_succeeded: float = measured(N_("guesses that succeed"))
    baseline_rate: float = measured(N_("success of guessing"), "share")
    control_tried: int = measured(N_("people outside the release attacked"), "count")
    control_succeeded: float = measured(N_("attacks on them that succeed"))
    control_rate: float = measured(N_("success on people outside the release"), "share")
    risk_above_control: float = measured(N_("success above the control, of what is left to gain"), "share")
    risk_above_control_low: float = measured(N_("the same, lower end of the 95 % interval"), "share")
    risk_above_control_high: float = measured(N_("the same, upper end of the 95 % interval"), "share")
    p_value: float = measured(N_("chance that guessing does as well (p)"), "chance")
    verdict: str = measured(N_("verdict"), "word")
    hit: Numbers = hidden()

    def rows(self) -> list[tuple[str, str]]:
        """Return the figures that are shown: rates with their intervals, the control only where there is one."""
        left_out = {"rate_low", "rate_high", "risk_above_control_low", "risk_above_control_high", "baseline_tried"}
        if not self.control_tried:
            left_out |= {name for name, *_rest in self.shown_fields() if "control" in name}
        between = {
            "rate": (self.rate_low, self.rate_high),
            "risk_above_control": (self.risk_above_control_low, self.risk_above_control_high),
        }
        found = []
        for name, label, value, kind in self.shown_fields():
            is_extra = name not in ("rate", "p_value", "risk_above_control")
            if name in left_out or (is_extra and self.undefined_text(name)):
                continue
            text = self.undefined_text(name) or display.formatted(value, kind)
            if name in between and np.isfinite(between[name]).all():
                text = _("{value} (95 %: {low} to {high})").format(
                    value=text, low=display.share(between[name][0]), high=display.share(between[name][1])
                )
            found.append((label, text))
        return found

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the success of the attack with its interval, beside guessing and beside the control."""
        axes = new_axes(ax, (7.0, 2.4))
        bars: list[tuple[str, float, tuple[float, float] | None, str]] = [
            (_("guessing"), self.baseline_rate, None, COLOURS["guess"])
        ]
        if self.control_tried:
            others = _ends(self.control_succeeded, self.control_tried)
            bars.append((_("people outside the release"), self.control_rate, others, COLOURS["control"]))
        bars.append((_("this attack"), self.rate, (self.rate_low, self.rate_high), COLOURS["attack"]))
        for at, (_label, value, ends, colour) in enumerate(bars):
            width = 100 * value if np.isfinite(value) else 0
            axes.barh(at, width, color=colour)
            if ends is not None and np.isfinite(value):
                axes.plot([100 * each for each in ends], [at, at], color="#1c2330", lw=1.4, solid_capstyle="butt")
            text = display.share(value) if np.isfinite(value) else _("undefined")
            axes.annotate(
                text,
                (100 * max(value, ends[1] if ends else value) if np.isfinite(value) else 0, at),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
        axes.set_yticks(range(len(bars)), [label for label, *_rest in bars])
        axes.set_xlim(0, 115)
        axes.set_xlabel(_(self.counts))
        axes.set_title(self.heading(), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes

    def beside_guessing(self) -> str:
        """Return the sentence that sets the attack beside guessing, and beside the control where there is one."""
        if self.verdict == CANNOT_TELL:
            return _("Whether it is better than guessing cannot be told: {reason}.").format(
                reason=_(self.undefined.get("p_value") or self.undefined.get("rate", NOBODY))
            )
        guessed = display.share(self.baseline_rate)
        if self.verdict == NO_BETTER:
            said = _(
                "That is no better than guessing ({guessed}); yet with up to {high} falling, the same could be seen by "
                "chance."
            ).format(guessed=guessed, high=display.share(self.rate_high))
        else:
            said = _("Guessing would get {guessed}: the attack is better than that.").format(guessed=guessed)
        if self.control_tried and np.isfinite(self.risk_above_control):
            said += " " + _(
                "On people who are not in the release the same attack gets {control}: so much it learns of anybody."
            ).format(control=display.share(self.control_rate))
        return said


def figures(
    hit: ArrayLike,
    *,
    guess: ArrayLike,
    variance: ArrayLike | None = None,
    p_value: float | None = None,
    control: ArrayLike | None = None,
) -> dict[str, Any]:
    """Return the fields of an attack that follow from who was hit.

    Parameters
    ----------
    hit : numbers (n_records,) from 0 to 1
        Success of each person attacked, NaN for people who could not be.
    guess : numbers, one or (n_records,)
        Chance that a guess about the person succeeds.
    variance : numbers, one or (n_records,), optional
        Variance of a person's success if the attack only guesses; needed where successes are shared among ties and
        not 0 or 1. Default: that of a success that is 0 or 1.
    p_value : number, optional
        Chance that guessing does as well, where the attack has a sharper test of its own.
    control : numbers (n_control,), optional
        Success on each person of a hold-out, NaN for people who could not be attacked.

    Notes
    -----
    The test sets the number of successes beside a sum of guesses (Poisson-binomial), one-sided, mid-p.

    Examples
    --------
    >>> found = figures([1, 1, 0, 1, np.nan], guess=0.1)
    >>> found["tried"], found["succeeded"], found["coverage"], found["verdict"]
    (4, 3.0, 0.8, 'better than guessing')
    """
    hits = np.asarray(hit, float)
    attacked = np.isfinite(hits)
    guesses = np.broadcast_to(np.asarray(guess, float), hits.shape)[attacked]
    tried, succeeded = int(attacked.sum()), float(hits[attacked].sum())
    undefined: dict[str, str] = {}
    if not tried:
        undefined |= dict.fromkeys(("rate", "rate_low", "rate_high", "baseline_rate", "p_value"), NOBODY)
        p_value = float("nan")
    elif p_value is None:
        spread = guesses * (1 - guesses) if variance is None else np.broadcast_to(variance, hits.shape)[attacked]
        p_value = chance_of(succeeded, guesses, np.asarray(spread, float), is_whole=variance is None)
    low, high = wilson(succeeded, tried)
    verdict = CANNOT_TELL if np.isnan(p_value) else BETTER if p_value <= LEVEL else NO_BETTER
    beside = _beside(succeeded, tried, control, undefined)
    return {
        "tried": tried,
        "succeeded": succeeded,
        "coverage": tried / len(hits) if len(hits) else float("nan"),
        "rate": succeeded / tried if tried else float("nan"),
        "rate_low": float(low),
        "rate_high": float(high),
        "baseline_tried": tried,
        "baseline_succeeded": float(guesses.sum()),
        "baseline_rate": float(guesses.mean()) if tried else float("nan"),
        **beside,
        "p_value": p_value,
        "verdict": verdict,
        "hit": hits,
        "undefined": undefined,
    }


def _beside(succeeded: float, tried: int, control: ArrayLike | None, undefined: dict[str, str]) -> dict[str, Any]:
    """Return the fields that set the attack beside a control; writes into ``undefined`` what is so."""
    others = np.asarray([] if control is None else control, float)
    others = others[np.isfinite(others)]
    n_others, hits = len(others), float(others.sum())
    value, low, high = gain(succeeded, tried, hits, n_others)
    above = ("risk_above_control", "risk_above_control_low", "risk_above_control_high")
    if np.isnan(value):
        undefined |= dict.fromkeys(above, NO_CONTROL if not n_others else ALL_CONTROL if tried else NOBODY)
    if not n_others:
        undefined["control_rate"] = NO_CONTROL
    return {
        "control_tried": n_others,
        "control_succeeded": hits,
        "control_rate": hits / n_others if n_others else float("nan"),
        **dict(zip(above, (float(value), float(low), float(high)), strict=True)),
    }


def chance_of(succeeded: float, guesses: Numbers, variances: Numbers, *, is_whole: bool = True) -> float:
    """Return the chance that guesses alone succeed as often: one-sided, half of the chance of exactly so often.

    Exact for whole successes while their spread is small, else by the normal curve with its skewness.

    Examples
    --------
    >>> round(chance_of(3, np.full(4, 0.5), np.full(4, 0.25)), 4)  # 1/16 + 4/16 / 2
    0.1875
    """
    from scipy.special import ndtr

    mean, variance = guesses.sum(), variances.sum()
    if variance <= 0:
        return 0.5 if abs(succeeded - mean) < 1e-9 else float(succeeded < mean)
    if is_whole and variance < 400 and abs(succeeded - round(succeeded)) < 1e-9:
        return _exact_chance(round(succeeded), guesses)
    z = (succeeded - mean) / np.sqrt(variance)
    skewness = (guesses * (1 - guesses) * (1 - 2 * guesses)).sum() / variance**1.5 if is_whole else 0.0
    return float(np.clip(1 - ndtr(z) + skewness * (z**2 - 1) * np.exp(-(z**2) / 2) / (6 * np.sqrt(2 * np.pi)), 0, 1))


def _exact_chance(succeeded: int, guesses: Numbers) -> float:
    """Return the mid-p of a sum of independent guesses, by adding one after the other (equal ones at once)."""
    from scipy.stats import binom

    distinct, counts = np.unique(guesses, return_counts=True)
    if len(distinct) > 2000:  # beyond it, guesses are put together to 2,000 different chances
        edges = np.linspace(0, len(guesses), 2001).astype(int)
        ordered = np.sort(guesses)
        distinct = np.add.reduceat(ordered, edges[:-1]) / np.diff(edges)
        counts = np.diff(edges)
    length = min(len(guesses), succeeded) + 1
    chances = np.ones(1)
    for chance, n in zip(distinct, counts, strict=True):
        chances = np.convolve(chances, binom.pmf(np.arange(min(n, succeeded) + 1), n, chance))[:length]
    at = chances[succeeded] if succeeded < len(chances) else 0.0
    return float(np.clip(1 - chances.sum() + at / 2, 0, 1))


def _ends(hits: float, n: int) -> tuple[float, float]:
    low, high = wilson(hits, n)
    return float(low), float(high)
