"""Measures of groups compared within strata, on arrays: counts (..., n_groups, n_strata); leading axes are draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskscope.fairness.inputs import Numbers, Whole
from riskscope.intervals import normal_quantile

if TYPE_CHECKING:
    from riskscope.fairness.counts import GroupCounts


def disparity(rejected: Numbers, accepted: Numbers) -> Numbers:
    """Return each group's share of the rejected less its share of the accepted; the groups on the last axis but one.

    Examples
    --------
    >>> disparity(np.array([[72.0], [48.0]]), np.array([[28.0], [52.0]])).ravel().tolist()
    [0.25, -0.25]
    """
    return share_of(rejected) - share_of(accepted)


def share_of(part: Numbers) -> Numbers:
    """Return each group's share of a part (rejected, accepted); NaN where the part is empty."""
    whole = part.sum(axis=-2, keepdims=True)
    return part / np.where(whole > 0, whole, np.nan)


def conditional(rejected: Numbers, accepted: Numbers, empty: str) -> Numbers:
    """Return the mean over strata of the disparity, each stratum weighted by its people.

    ``empty="drop"`` leaves out strata without both outcomes; ``"zero"`` takes a share of nobody as 0.

    Examples
    --------
    >>> rejected, accepted = np.array([[8.0, 64.0], [32.0, 16.0]]), np.array([[12.0, 16.0], [48.0, 4.0]])
    >>> conditional(rejected, accepted, "drop").tolist()
    [0.0, 0.0]
    """
    people = (rejected + accepted).sum(axis=-2, keepdims=True)
    if empty == "zero":
        by_stratum = np.nan_to_num(share_of(rejected)) - np.nan_to_num(share_of(accepted))
    else:
        by_stratum = disparity(rejected, accepted)
        people = np.where(np.isnan(by_stratum[..., :1, :]), 0, people)
        by_stratum = np.nan_to_num(by_stratum)
    whole = people.sum(axis=-1)
    result: Numbers = (by_stratum * people).sum(axis=-1) / np.where(whole > 0, whole, np.nan)
    return result


class Standardised(NamedTuple):
    """Rates that groups, and those they are compared with, would have with everybody's mix of strata."""

    rate: Numbers
    other_rate: Numbers
    difference: Numbers
    n_skipped: Whole


def standardised(hits: Numbers, n: Numbers, other_hits: Numbers, other_n: Numbers, weights: Numbers) -> Standardised:
    """Return directly standardised rates, over the strata where both sides have people.

    Examples
    --------
    >>> women, men = (np.array([[12.0, 16]]), np.array([[20.0, 80]])), (np.array([[48.0, 4]]), np.array([[80.0, 20]]))
    >>> standardised(*women, *men, np.array([100.0, 100])).difference.tolist()
    [0.0]
    """
    common = (n > 0) & (other_n > 0)
    used = np.where(common, weights, 0)
    whole = used.sum(axis=-1)
    whole = np.where(whole > 0, whole, np.nan)
    rate, other_rate = (
        (each / np.where(people > 0, people, 1) * used).sum(axis=-1) / whole
        for each, people in ((hits, n), (other_hits, other_n))
    )
    return Standardised(rate, other_rate, rate - other_rate, ((weights > 0) & ~common).sum(axis=-1))


def explained(hits: Numbers, n: Numbers, other_hits: Numbers, other_n: Numbers) -> Numbers:
    """Return the part of the difference of rates that comes from being in other strata; NaN where one side lacks one.

    Each stratum counts at the mean of both sides' rates there: Kamiran and Žliobaitė (2013).
    """
    both = (n > 0) & (other_n > 0)
    lacking = ((n > 0) != (other_n > 0)).any(axis=-1)
    rate = np.where(both, (hits / np.where(both, n, 1) + other_hits / np.where(both, other_n, 1)) / 2, 0)
    whole, other_whole = (np.where(each > 0, each, np.nan) for each in (n.sum(axis=-1), other_n.sum(axis=-1)))
    found = ((n / whole[..., None] - other_n / other_whole[..., None]) * rate).sum(axis=-1)
    result: Numbers = np.where(lacking, np.nan, found)
    return result


def mantel_haenszel(
    hits: Numbers, n: Numbers, other_hits: Numbers, other_n: Numbers, *, level: float = 0.95
) -> tuple[Numbers, Numbers, Numbers]:
    """Return the odds ratio pooled over strata, with its interval (Robins, Breslow and Greenland 1986).

    Examples
    --------
    >>> ratio, low, high = mantel_haenszel(*(np.array([[each]]) for each in (8.0, 20.0, 5.0, 20.0)))
    >>> round(float(ratio[0]), 4), round(float(low[0]), 4), round(float(high[0]), 4)
    (2.0, 0.5181, 7.7211)
    """
    a, b, c, d = hits, n - hits, other_hits, other_n - other_hits
    total = np.where(n + other_n > 0, n + other_n, 1)
    p, q, r, s = (a + d) / total, (b + c) / total, a * d / total, b * c / total
    up, down = r.sum(axis=-1), s.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = up / down
        variance = (
            (p * r).sum(axis=-1) / (2 * up**2)
            + (p * s + q * r).sum(axis=-1) / (2 * up * down)
            + (q * s).sum(axis=-1) / (2 * down**2)
        )
        reach = np.exp(normal_quantile(level) * np.sqrt(variance))
        low, high = ratio / reach, ratio * reach
    return ratio, np.where(np.isfinite(reach), low, np.nan), np.where(np.isfinite(reach), high, np.nan)


def cmh_z(hits: Numbers, n: Numbers, other_hits: Numbers, other_n: Numbers) -> tuple[Numbers, Numbers]:
    """Return hits above those expected within strata, and their variance: the parts of the CMH test."""
    people, selected = n + other_n, hits + other_hits
    safe = np.where(people > 1, people, 2)
    above = (hits - n * selected / np.where(people > 0, people, 1)).sum(axis=-1)
    variance = n * other_n * selected * (people - selected) / (safe**2 * (safe - 1))
    return above, np.where(people > 1, variance, 0).sum(axis=-1)


def cochran_mantel_haenszel(
    hits: Numbers, n: Numbers, other_hits: Numbers, other_n: Numbers, *, correction: bool = False
) -> tuple[Numbers, Numbers]:
    """Return the test statistic, and p, that the odds are the same on both sides within every stratum.

    Examples
    --------
    >>> chi2, p = cochran_mantel_haenszel(*(np.array([[each]]) for each in (8.0, 20.0, 5.0, 20.0)))
    >>> round(float(chi2[0]), 4), round(float(p[0]), 4)
    (1.0, 0.3173)
    """
    from scipy.special import chdtrc

    above, variance = cmh_z(hits, n, other_hits, other_n)
    above = np.abs(above) - (0.5 if correction else 0)
    chi2 = above**2 / np.where(variance > 0, variance, np.nan)
    return chi2, np.asarray(chdtrc(1, chi2))


def breslow_day(
    hits: Numbers, n: Numbers, other_hits: Numbers, other_n: Numbers, *, tarone: bool = True
) -> tuple[Numbers, Numbers]:
    """Return the test statistic, and p, that the odds ratio is the same in every stratum (Tarone's correction).

    Strata where one side lacks people, or all have the same decision, tell nothing and are left out; fewer than two
    others give NaN.
    """
    from scipy.special import chdtrc

    ratio = mantel_haenszel(hits, n, other_hits, other_n)[0][..., None]
    selected, people = hits + other_hits, n + other_n
    told = (n > 0) & (other_n > 0) & (selected > 0) & (selected < people)
    with np.errstate(divide="ignore", invalid="ignore"):
        square, linear, fixed = 1 - ratio, ratio * (n + selected) + people - n - selected, -ratio * n * selected
        root = np.sqrt(linear**2 - 4 * square * fixed)
        expected = np.where(linear > 0, -2 * fixed / (linear + root), (root - linear) / (2 * square))
        rests = (expected, selected - expected, n - expected, people - n - selected + expected)
        variance = 1 / sum(1 / each for each in rests)
        statistic = np.where(told, (hits - expected) ** 2 / variance, 0).sum(axis=-1)
        if tarone:
            off, spread = (np.where(told, each, 0).sum(axis=-1) for each in (hits - expected, variance))
            statistic = statistic - off**2 / spread
    freedom = told.sum(axis=-1) - 1
    usable = (freedom > 0) & np.isfinite(ratio[..., 0]) & (ratio[..., 0] > 0)
    statistic = np.where(usable, statistic, np.nan)
    return statistic, np.where(usable, chdtrc(np.maximum(freedom, 1), statistic), np.nan)


def others(values: Numbers, reference: int | None) -> Numbers:
    """Return what each group is compared with: the reference group, or everybody else."""
    if reference is None:
        result: Numbers = values.sum(axis=-2, keepdims=True) - values
        return result
    return np.broadcast_to(values[..., [reference], :], values.shape)


def sides_of(counts: GroupCounts, favours_selected: bool) -> tuple[Numbers, Numbers, Numbers]:
    """Return people, rejected and accepted (n_groups, n_strata), weighted where there are weights."""
    cells = (counts.counts if counts.weights is None else counts.weights).sum(axis=2).astype(np.float64)
    rejected, accepted = cells[..., 1 - favours_selected], cells[..., int(favours_selected)]
    return rejected + accepted, rejected, accepted
