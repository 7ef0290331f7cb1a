"""Does a score set groups apart: in height, in ranking, in what it promises, in its errors?"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from riskscope import display
from riskscope.checks import check_number, check_whole
from riskscope.fairness.scores.figures import (
    Distribution,
    GapFigure,
    GroupCalibration,
    GroupError,
    GroupRanking,
    GroupScore,
    PairRanking,
    PairScore,
)
from riskscope.fairness.scores.records import scored
from riskscope.fairness.scores.thresholds import Sweep
from riskscope.results import Result, hidden, measured, plain
from riskscope.words import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True)
class ScoreAudit(Result):
    """How far apart the scores of groups lie and, where the outcome is known, how well they serve each group.

    ``groups``, ``pairs``, ``rankings``, ``calibrations``, ``errors`` hold groups with people enough; ``by_group`` is
    exact for all, and for the user alone.
    """

    question: ClassVar[str] = N_("Does the score set groups apart?")
    source: ClassVar[str] = (
        "DeLong, DeLong and Clarke-Pearson (1988), doi:10.2307/2531595; Kallus and Zhou (2019), arXiv:1902.05826; "
        "Kleinberg, Mullainathan and Raghavan (2017), doi:10.4230/LIPIcs.ITCS.2017.43; Naeini, Cooper and Hauskrecht "
        "(2015); Bröcker and Smith (2007), doi:10.1175/WAF993.1; Cox (1958), doi:10.1093/biomet/45.3-4.562"
    )

    columns: tuple[str, ...] = hidden()
    outcome: str = measured(N_("outcome"), "word")
    n_without_outcome: int | None = measured(N_("records whose outcome is not known"), "count")
    min_group: int = measured(N_("people that a group needs to be judged"), "count")
    min_cell: int = measured(N_("people that a figure shown needs"), "count")
    n_judged: int = measured(N_("groups judged"), "count")
    too_small: str = measured(N_("people in groups too small to judge"), "text")
    level: float = measured(N_("share of intervals that hold the truth"), "share")
    overall: float = measured(N_("mean score of everybody"))
    highest: str | None = measured(N_("group with the highest mean score"), "text")
    lowest: str | None = measured(N_("group with the lowest mean score"), "text")
    gap: float = measured(N_("gap of mean scores"))
    gap_low: float = measured(N_("gap of mean scores, lower end of its interval"))
    gap_high: float = measured(N_("gap of mean scores, upper end of its interval"))
    p_value: float = measured(
        N_("chance of such a gap when people are dealt to groups at random (p, corrected)"), "chance"
    )
    margin: float = measured(N_("gap of mean scores that is of no account (margin)"))
    verdict: str = measured(N_("mean scores: what is known"), "word")
    wasserstein: float = measured(N_("largest Wasserstein distance of a group to the rest"))
    ks: float = measured(N_("largest Kolmogorov-Smirnov distance of a group to the rest"), "share")
    scoring_ratio: float = measured(N_("lowest to highest scoring rate (share above the median of everybody)"))
    auc_gap: float | None = measured(N_("gap of AUC"), "points")
    auc_gap_low: float | None = measured(N_("gap of AUC, lower end of its interval"), "points")
    auc_gap_high: float | None = measured(N_("gap of AUC, upper end of its interval"), "points")
    auc_p_value: float | None = measured(N_("chance of such a gap of AUC (p, corrected)"), "chance")
    auc_verdict: str | None = measured(N_("AUC: what is known"), "word")
    calibration_gap: float | None = measured(N_("gap of calibration in the large"), "points")
    calibration_gap_low: float | None = measured(N_("gap of calibration, lower end of its interval"), "points")
    calibration_gap_high: float | None = measured(N_("gap of calibration, upper end of its interval"), "points")
    calibration_p_value: float | None = measured(N_("chance of such a gap of calibration (p, corrected)"), "chance")
    calibration_verdict: str | None = measured(N_("calibration: what is known"), "word")
    error_gap: float | None = measured(N_("gap of mean errors"))
    error_gap_low: float | None = measured(N_("gap of mean errors, lower end of its interval"))
    error_gap_high: float | None = measured(N_("gap of mean errors, upper end of its interval"))
    error_p_value: float | None = measured(N_("chance of such a gap of mean errors (p, corrected)"), "chance")
    error_verdict: str | None = measured(N_("mean errors: what is known"), "word")
    n_dealt: int = measured(N_("ways to deal tried"), "count")
    seed: str | None = measured(N_("seed"), "text")
    #: Of those whose outcome is not known, how many are left out of everything.
    n_left_out: int = hidden()
    #: The groups shown, highest mean first; the like for the other tuples.
    groups: tuple[GroupScore, ...] = hidden()
    pairs: tuple[PairScore, ...] = hidden()
    gaps: tuple[GapFigure, ...] = hidden()
    rankings: tuple[GroupRanking, ...] = hidden()
    ranking_pairs: tuple[PairRanking, ...] = hidden()
    calibrations: tuple[GroupCalibration, ...] = hidden()
    errors: tuple[GroupError, ...] = hidden()
    #: Why there is no calibration; an empty text where there is, or where no outcome is known.
    no_calibration: str = hidden()
    sweep: Sweep = hidden()
    distribution: Distribution = hidden()
    #: Arrays of every group by name (n_groups,), and why some of their numbers are NaN.
    exact: dict[str, Any] = hidden()

    @property
    def by_group(self) -> pd.DataFrame:
        """Every figure of every group: exact, small groups included; do not publish."""
        import pandas as pd

        return pd.DataFrame(self.exact).set_index("group")

    def shown_fields(self) -> list[tuple[str, str, Any, str]]:
        """Return the fields shown, without those that this outcome does not have."""
        optional = ("auc_", "calibration_", "error_")
        return [field for field in super().shown_fields() if field[2] is not None or not field[0].startswith(optional)]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each group and pair that is shown."""
        names = ("groups", "pairs", "gaps", "rankings", "ranking_pairs", "calibrations", "errors")
        parts = {name: [plain(asdict(each)) for each in getattr(self, name)] for name in names}
        return {**super().to_dict(), "columns": list(self.columns), "no_calibration": self.no_calibration, **parts}

    def rows(self) -> list[tuple[str, str]]:
        """Return the fields shown; gaps that are told stand in a table of their own."""
        prefixes = {"mean score": "", "AUC": "auc_", "calibration": "calibration_", "mean error": "error_"}
        names = ("gap", "gap_low", "gap_high", "p_value", "verdict")
        tabled = {prefixes[each.measure] + name for each in self.gaps for name in names}
        tabled |= {"highest", "lowest", "margin"} if self.gaps else set()
        labels = {label for name, label, _value, _kind in self.shown_fields() if name in tabled}
        return [(label, text) for label, text in super().rows() if label not in labels]

    def sentences(self) -> list[str]:
        """Return which groups are furthest apart in each respect, what that means, and what it does not."""
        from riskscope.fairness.scores.words import sentences_of

        return sentences_of(self)

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the groups, pairs and bins with people enough."""
        from riskscope.fairness.scores.words import tables_of

        return tables_of(self)

    @property
    def pictures(self) -> tuple[str, ...]:  # type: ignore[override]
        """Names of the methods that have something to draw."""
        from riskscope.fairness.scores.pictures import curves_of

        further = {"plot_calibration": bool(curves_of(self)), "plot_sweep": self.sweep.has_picture}
        return ("plot", *(name for name, is_there in further.items() if is_there))

    @property
    def has_picture(self) -> bool:
        """Whether there is a group to draw."""
        return bool((self.distribution.is_shown.sum(axis=1) > 1).any())

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the share of each group that scores at most so much, in steps of people enough."""
        from riskscope.fairness.scores.pictures import draw_distribution

        return draw_distribution(self, ax)

    def plot_calibration(self, ax: Axes | None = None) -> Axes:
        """Draw the observed rate of each group against its mean score, bin by bin."""
        from riskscope.fairness.scores.pictures import draw_calibration

        return draw_calibration(self, ax)

    def plot_sweep(self, ax: Axes | None = None, *, metric: str | None = None) -> Axes:
        """Draw a rate of each group against the share of everybody that a cut-off selects."""
        return replace(self.sweep, about=self.about).plot(ax, metric=metric)


def audit_scores(
    *,
    y_pred: Any,
    sensitive_features: Any,
    y_true: Any = None,
    sample_weight: Any = None,
    pos_label: Any = None,
    bins: int | str | Sequence[float] = 10,
    reference: str | None = None,
    margin: float | None = None,
    min_group: int = display.MIN_CELL,
    min_cell: int = display.MIN_CELL,
    level: float = 0.95,
    n_permutations: int = 999,
    rng: int | np.random.Generator = 0,
) -> ScoreAudit:
    """A score, or any predicted number, compared across protected groups; with its outcome where that is known.

    It tells how much higher a group scores, whether the score ranks its people as well, whether a score promises each
    group the same, and how far predictions are off. It does not tell why, nor what a cut-off should be.

    Parameters
    ----------
    y_pred : array, series or list of numbers
        The score of each record; none may be missing. Decisions go to ``audit_decisions``, classes to
        ``audit_profiles``.
    sensitive_features : array, series, list or data frame
        The group of each record; several columns give their intersections. A missing value is the group "unknown".
    y_true : array, series or list, optional
        The outcome: of two values (AUC, calibration, rates at each cut-off) or a number (errors). Who has none counts
        where scores are compared, and is left out of the rest; where few of a group have none, they are left out.
    sample_weight : array, series or list of numbers, optional
        Weight of each record, 0 or more.
    pos_label : value, optional
        The positive outcome; not needed for 0 and 1, or False and True.
    bins : int, "levels", or edges from 0 to 1, default 10
        Bins of the calibration, the same for all groups: so many of equal width, or each distinct score.
    reference : str, optional
        Label of the group that each other one is compared with in the tables of pairs. Default: all pairs, of ten
        groups at most.
    margin : float, optional
        Gap of mean scores (mean errors) of no account. Default 0.05 for scores within 0 and 1, else a fifth of the
        standard deviation of all scores. Gaps of AUC and of calibration are held against it where scores lie within
        0 and 1, else against 0.05.
    min_group, min_cell : int, default 10
        Groups of fewer people, or of fewer with or without the outcome where this counts, are not judged (kept out of
        gaps, p and verdicts), and not shown.
    level : float, default 0.95
        Share of intervals that hold the truth.
    n_permutations : int, default 999
        How often people are dealt at random, and outcomes drawn for the calibration that chance alone would show.
    rng : int or numpy.random.Generator, default 0
        Seed of that.

    Returns
    -------
    ScoreAudit
        ``gap``, ``auc_gap``, ``calibration_gap`` or ``error_gap`` with interval, p and verdict; ``groups``, ``pairs``,
        ``rankings``, ``calibrations``, ``errors``; ``sweep``, the rates at a hundred cut-offs.

    Raises
    ------
    FrameError
        y_pred holds decisions or classes, lengths differ, or a number is missing or infinite.
    RoleError
        y_true has two values and none is named the positive one; no group is the reference.

    Notes
    -----
    Intervals of gaps hold whichever groups turn out to be at either end: they are made of intervals that hold for all
    pairs at once (Welch's with Bonferroni for means; Wilson's and Newcombe's with the range for AUC, at the number of
    people that DeLong's variance amounts to, fewer where few tell that variance). p-values of mean scores and mean
    errors deal people to groups; those of AUC and calibration compare each pair (by Newcombe's interval, by Welch's t)
    and are corrected by Holm; all are then corrected by Holm for the several gaps. Among ten groups of 20 to 5,000
    people that do not differ, with an outcome of 5 %, anything is found in 4 % of audits
    (``benchmarks/audit_levels.py``).

    Scoring rate: the share that scores above the median of everybody, strictly; so named in New York City's Local Law
    144 on hiring (6 RCNY 5-300). Top shares draw those tied at the cut-off by lot. Balance for the positive (negative)
    class: mean scores of those with (without) the outcome. A score cannot have both, and be calibrated, where groups
    differ in their rates, unless it is perfect (Kleinberg et al. 2017).

    Where fewer than ``min_cell`` people in all are not shown, the size of the largest group is withheld and rates are
    rounded, so that no difference from the total gives those few away.

    Examples
    --------
    >>> audit = audit_scores(
    ...     y_pred=[.2, .4, .6, .1, .4, .9], y_true=[0, 1, 1, 0, 1, 0], sensitive_features=list("AAABBB"),
    ...     bins=2, min_group=1, min_cell=1)
    >>> [(group, auc, round(ece, 4)) for group, auc, ece in audit.by_group[["auc", "ece"]].itertuples()]
    [('A', 1.0, 0.2667), ('B', 0.5, 0.4667)]
    >>> round(audit.pairs[0].wasserstein, 4), round(audit.pairs[0].ks, 4)
    (0.1333, 0.3333)
    """
    from riskscope.fairness.scores.assembly import assembled

    for name, number in (("min_group", min_group), ("min_cell", min_cell)):
        check_whole(number, name, low=1)
    check_whole(n_permutations, "n_permutations", low=99)
    check_number(level, "level", low=0.5, high=0.9999)
    if margin is not None:
        check_number(margin, "margin", low=0)
    records = scored(y_pred, sensitive_features, y_true, sample_weight, pos_label)
    return assembled(
        records,
        bins=bins,
        reference=reference,
        margin=margin,
        min_group=min_group,
        min_cell=min_cell,
        level=level,
        n_permutations=n_permutations,
        rng=rng,
    )
