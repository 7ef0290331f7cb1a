"""What an audit of scores shows of groups, pairs and bins with people enough; all of them plain figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from riskscope.fairness.scores.records import Booleans, Numbers, Whole

#: Shares of everybody selected for which it is told who is among them.
TOP = (0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True, kw_only=True)
class GroupScore:
    """Scores of one group, and how they differ from those of everybody else (``to_rest``).

    ``n_records`` is None where it would give away how few people are in the groups that are not shown; quartiles are
    None where fewer than four times ``min_cell`` people would stand behind them; ``above_median``, the share that
    scores above the median of everybody, is None where few people do, or do not.
    """

    group: str
    n_records: int | None
    mean: float
    low: float
    high: float
    deviation: float
    quartiles: tuple[float, float, float] | None
    to_rest: float
    to_rest_low: float
    to_rest_high: float
    wasserstein: float
    ks: float
    above_median: float | None
    #: Of those expected among the top shares of everybody: the share of this group, None where it may not be shown.
    top: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True)
class PairScore:
    """Two groups: how much higher the first scores on average, with an interval that holds for all pairs at once."""

    first: str
    second: str
    difference: float
    low: float
    high: float
    wasserstein: float
    ks: float
    p_value: float
    p_holm: float


@dataclass(frozen=True, kw_only=True)
class GapFigure:
    """The largest gap of one measure, with an interval that holds whichever groups these are, and what it shows.

    ``p_value`` is corrected for the pairs of groups, ``p_holm`` for the several measures as well.
    """

    measure: str
    highest: str
    lowest: str
    gap: float
    low: float
    high: float
    p_value: float
    p_holm: float
    margin: float
    verdict: str


@dataclass(frozen=True, kw_only=True)
class GroupRanking:
    """How well the score ranks the people of one group, and the mean score of those with and without the outcome."""

    group: str
    n_positive: int | None
    n_negative: int | None
    auc: float
    low: float
    high: float
    mean_positive: float
    mean_negative: float


@dataclass(frozen=True, kw_only=True)
class PairRanking:
    """Two groups: the difference of AUC, and cross-AUC: those with the outcome against those without of the other."""

    first: str
    second: str
    difference: float
    low: float
    high: float
    p_value: float
    p_holm: float
    first_above_second: float
    second_above_first: float


@dataclass(frozen=True, kw_only=True)
class CalibrationBin:
    """One bin of the curve; ``n_records`` and all rates are None where few people are in it.

    ``observed`` is None where few of them have the outcome, or have not.
    """

    low: float
    high: float
    n_records: int | None
    mean_score: float | None
    observed: float | None


@dataclass(frozen=True, kw_only=True)
class GroupCalibration:
    """Calibration of one group; ``ece_random`` and ``ece_random_high`` are those of a perfectly calibrated score."""

    group: str
    mean_score: float
    observed: float
    in_the_large: float
    in_the_large_low: float
    in_the_large_high: float
    intercept: float
    intercept_low: float
    intercept_high: float
    slope: float
    slope_low: float
    slope_high: float
    no_line: str
    ece: float
    ece_random: float
    ece_random_high: float
    ece_p_value: float
    mce: float | None
    brier: float
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True, kw_only=True)
class GroupError:
    """Errors of a predicted number in one group; ``bias`` is the mean of prediction less outcome."""

    group: str
    n_records: int | None
    bias: float
    bias_low: float
    bias_high: float
    mae: float
    mae_low: float
    mae_high: float
    rmse: float
    rmse_low: float
    rmse_high: float
    r2: float
    r2_low: float
    r2_high: float


@dataclass(frozen=True)
class Distribution:
    """The share of each group that scores at most each of some points; what ``is_shown`` may be drawn."""

    points: Numbers
    shares: Numbers
    is_shown: Booleans


_Figures = TypeVar("_Figures")

#: Figures on the scale of the score; the others are shares or lie near 0 and 1.
ON_SCALE = (
    {
        "mean",
        "quartiles",
        "low",
        "high",
        "deviation",
        "to_rest",
        "to_rest_low",
        "to_rest_high",
        "wasserstein",
        "difference",
        "gap",
    }
    | {"bias", "bias_low", "bias_high", "mae", "mae_low", "mae_high", "rmse", "rmse_low", "rmse_high", "overall"}
    | {
        "gap_low",
        "gap_high",
        "error_gap",
        "error_gap_low",
        "error_gap_high",
        "mean_positive",
        "mean_negative",
    }
)
#: Figures that stay exact: p-values depend on all groups.
_EXACT = {"margin", "p_value", "p_holm", "ece_p_value", "auc_p_value", "calibration_p_value", "error_p_value", "level"}


@dataclass(frozen=True)
class Rounding:
    """Decimals of shares, and of figures on the scale of the score, where exact ones would give away a small group."""

    shares: int
    scale: int

    def of(self, figures: _Figures, *, on_scale: bool = True) -> _Figures:
        """Return figures with all rates rounded."""

        def rounded(name: str, value: Any) -> Any:
            if isinstance(value, tuple) and value and isinstance(value[0], (float, type(None))):
                return tuple(rounded(name, each) for each in value)
            if not isinstance(value, float) or not np.isfinite(value) or name in _EXACT:
                return value
            return round(value, self.scale if on_scale and name in ON_SCALE else self.shares)

        return replace(figures, **{name: rounded(name, value) for name, value in vars(figures).items()})  # type: ignore[type-var]


def rounding(judged: Whole, people: Whole, min_cell: int, largest_score: float) -> Rounding | None:
    """Return how to round where fewer than ``min_cell`` people in all are not shown; None where all is exact.

    ``judged`` has the people of the groups shown, and 0 for the others. With so many decimals, rates of the largest
    group agree with any number of people near its own.
    """
    n_hidden = int(people.sum() - judged.sum())
    if not 0 < n_hidden < min_cell or not judged.any():
        return None
    decimals = len(str(judged.max())) - 1
    return Rounding(decimals, decimals - (int(np.ceil(np.log10(largest_score))) if largest_score > 0 else 0))
