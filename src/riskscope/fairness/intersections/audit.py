"""Does a combination of protected features fare worse than each feature alone lets expect?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskscope import display
from riskscope.checks import check_number, check_whole
from riskscope.errors import FrameError, RoleError
from riskscope.fairness.counts import GroupCounts, counts_of
from riskscope.fairness.disclosure import shown_groups
from riskscope.fairness.inputs import Numbers, Whole
from riskscope.fairness.intersections.measures import additive, differential_fairness
from riskscope.fairness.intersections.shrinkage import Prior, shrunken, shrunken_interval, spread
from riskscope.fairness.intersections.words import TOO_FEW, Intersection, IntersectionAudit, MarginalFairness
from riskscope.fairness.joined_values import with_values_joined
from riskscope.fairness.metrics import Metric, Told, metric_named, told
from riskscope.fairness.testing import CANNOT_TELL, DISPARITY, gap_interval, one_against_rest, verdict
from riskscope.intervals import wilson
from riskscope.words import N_, _

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Up to so many columns, differential fairness is told for every choice of some of them.
MOST_COLUMNS = 5


def audit_intersections(
    *,
    y_pred: Any,
    sensitive_features: Any,
    y_true: Any = None,
    metric: str = "selection_rate",
    pos_label: Any = None,
    margin: float = 0.05,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    level: float = 0.95,
    concentration: float = 1.0,
    n_permutations: int = 1999,
    rng: int | np.random.Generator = 0,
) -> IntersectionAudit:
    """Every combination of several protected columns, with rates that few people do not throw off.

    It tells which combinations fare otherwise than everybody else, and whether one does so in a way that no column
    alone tells. It does not tell why, nor that combinations of few people are treated alike.

    Parameters
    ----------
    y_pred : array, series or list of two values
        The decision.
    sensitive_features : data frame of two or more columns
        The protected features. A missing value is a value of its own, "unknown".
    y_true : array, series or list, optional
        The outcome, for metrics that need it.
    metric : str, default "selection_rate"
        A metric of decisions, such as "true_positive_rate".
    pos_label : value, optional
        Which decision, and outcome, is positive. Not needed for 0 and 1, or False and True.
    margin : float, default 0.05
        Largest difference between rates that is of no account.
    min_group : int, default 10
        Combinations of fewer people in the metric's denominator are kept out of p-values, epsilon and verdicts.
    min_cell : int, default 10
        Combinations with fewer people in a part are not shown, nor what would give them away.
    level : float, default 0.95
        Level of the intervals.
    concentration : float, default 1
        Smoothing of differential fairness: pseudo-people a group, half of them each outcome (AIF360's default).
    n_permutations : int, default 1999
        How often people are dealt to the combinations anew.
    rng : int or numpy.random.Generator, default 0
        Seed of that.

    Returns
    -------
    IntersectionAudit
        ``groups``, one ``Intersection`` each that may be shown; ``by_group``: all, exact; ``gap`` between those shown
        with an interval that holds for all pairs at once, ``verdict``, ``p_any``, ``epsilon``, ``ratio``,
        ``prior_strength``; ``marginals``, differential fairness over some of the columns.

    Raises
    ------
    RoleError
        Fewer than two protected columns, or the metric needs the outcome.

    Notes
    -----
    Shrunken rate (k + m p0) / (n + m), the beta (m p0, m (1 - p0)) maximising the beta-binomial likelihood of all
    combinations (m infinite: no spread beyond chance); its interval also carries how uncertain m is. Epsilon (Foulds
    et al. 2020, definition 3.1): the largest |ln P(y | g) - ln P(y | h)| over both results and all pairs judged; that
    of some of the columns is never above that of all, where counts are taken as they are and no group is left out.
    Where a combination that is judged may not be shown, epsilon is rounded.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": list("FFMM") * 50, "age": ["old", "young"] * 100})
    >>> accepted = ([0, 1, 1, 1] * 20 + [0, 1, 1, 0] * 30)
    >>> found = audit_intersections(y_pred=accepted, sensitive_features=people, min_cell=1)
    >>> found.groups[-1].group, found.groups[-1].rate, round(found.groups[-1].shrunken, 3), found.n_found
    ('F · old', 0.0, 0.002, 4)
    """
    wanted = metric_named(metric)
    if wanted.needs_outcome and y_true is None:
        raise RoleError(_("{metric} needs the outcome; hand it over as y_true.").format(metric=wanted.name))
    counts = counts_of(y_pred=y_pred, y_true=y_true, sensitive_features=sensitive_features, pos_label=pos_label)
    return intersections_of(
        counts,
        metric=metric,
        margin=margin,
        min_group=min_group,
        min_cell=min_cell,
        level=level,
        concentration=concentration,
        n_permutations=n_permutations,
        rng=rng,
    )


def intersections_of(
    counts: GroupCounts,
    *,
    metric: str = "selection_rate",
    margin: float = 0.05,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    level: float = 0.95,
    concentration: float = 1.0,
    n_permutations: int = 1999,
    rng: int | np.random.Generator = 0,
) -> IntersectionAudit:
    """Return the audit of combinations already counted; see ``audit_intersections``.

    Records count one each: weights that were counted play no part, and the sentences say so.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": list("FFMM") * 50, "age": ["old", "young"] * 100})
    >>> counts = counts_of(y_pred=[0, 1, 1, 0] * 50, sensitive_features=people)
    >>> intersections_of(counts, min_cell=1).gap
    1.0
    """
    check_number(level, "level", low=0.5, high=0.9999)
    check_number(margin, "margin", low=0, high=1)
    check_number(concentration, "concentration", low=0)
    for name, value, low in (
        ("n_permutations", n_permutations, 99),
        ("min_cell", min_cell, 1),
        ("min_group", min_group, 1),
    ):
        check_whole(value, name, low=low)
    wanted = metric_named(metric)
    if wanted.needs_outcome and not counts.has_outcome:
        raise RoleError(_("{metric} needs the outcome; hand it over as y_true.").format(metric=wanted.name))
    if not wanted.is_share:
        raise RoleError(_("{metric} is no share of people; choose another metric.").format(metric=wanted.name))
    if len(counts.columns) < 2:
        raise RoleError(
            _(
                "sensitive_features has {n} column; intersections are of two or more. One alone: audit_decisions."
            ).format(n=len(counts.columns))
        )
    if not counts.n_records:
        raise FrameError(_("There is no record; hand over at least one."))
    has_weights = counts.weights is not None
    counts = replace(counts, weights=None, squares=None)
    measured = partial(
        _every_group, metric=wanted, min_group=min_group, level=level, n_permutations=n_permutations, rng=rng
    )
    parts_of = partial(_parts, metric=wanted)
    counts, _places, joined = with_values_joined(every := counts, parts_of, min_cell)
    rates, prior, p_values, p_any, groups = measured(counts)
    hits, n = rates.hits.astype(np.float64), rates.sizes.astype(np.float64)
    may_show = shown_combinations(parts_of(counts), counts.parts, min_cell)
    order = sorted(np.flatnonzero(may_show), key=lambda at: -np.nan_to_num(groups[at].shrunken))
    every_gap, gap = (
        gap_interval(hits[some], n[some], level=level) for some in (rates.judged, rates.judged & may_show)
    )
    is_coarse = bool((rates.judged & ~may_show).any())
    epsilon = differential_fairness(hits[rates.judged], n[rates.judged], concentration)
    epsilon_raw = differential_fairness(hits[rates.judged], n[rates.judged], 0)
    if is_coarse:
        epsilon = round(epsilon, 1)
    undefined: dict[str, str] = {}
    if (rates.judged & may_show).sum() < 2:
        undefined = dict.fromkeys(("gap", "gap_low", "gap_high"), N_("fewer than two groups to compare and show"))
    if rates.judged.sum() < 2:
        undefined |= dict.fromkeys(("p_any", "epsilon", "ratio", "epsilon_raw"), N_("fewer than two groups to compare"))
    return IntersectionAudit(
        n_records=counts.n_records,
        columns=counts.columns,
        metric=rates.metric.name,
        n_groups=len(counts.labels),
        n_judged=int(rates.judged.sum()),
        n_not_shown=int((~may_show).sum()),
        overall=rates.overall,
        gap=gap.gap,
        gap_low=gap.low,
        gap_high=gap.high,
        margin=margin,
        verdict=verdict(p_any, every_gap.low, every_gap.high, margin, alpha=1 - level),
        is_within_margin=every_gap.high <= margin,
        p_any=p_any,
        n_found=int((p_values <= 1 - level).sum()),
        prior_mean=prior.mean,
        prior_strength=prior.strength,
        epsilon=epsilon,
        ratio=_ratio(epsilon, is_coarse),
        epsilon_raw=None if is_coarse else epsilon_raw,
        concentration=concentration,
        seed=_("that of the generator given") if isinstance(rng, np.random.Generator) else str(rng),
        level=level,
        has_weights=has_weights,
        min_cell=min_cell,
        min_group=min_group,
        groups=tuple(groups[at] for at in order),
        marginals=_marginals(counts, rates, min_group, min_cell, concentration),
        joined=joined,
        exact_groups=measured(every).groups if joined else groups,
        undefined=undefined,
    )


class Measured(NamedTuple):
    """Every combination: rates, how they spread, corrected p, the smallest of it, and all that is told of each."""

    rates: Told
    prior: Prior
    p_values: Numbers
    p_any: float
    groups: tuple[Intersection, ...]


def _every_group(
    counts: GroupCounts,
    *,
    metric: Metric,
    min_group: int,
    level: float,
    n_permutations: int,
    rng: int | np.random.Generator,
) -> Measured:
    rates = told(counts, metric, min_group=min_group)
    prior = spread(rates.hits.astype(np.float64), rates.sizes.astype(np.float64))
    p_values, p_any = _chances(rates, n_permutations, rng)
    return Measured(rates, prior, p_values, p_any, _intersections(counts, rates, prior, p_values, level))


def _parts(counts: GroupCounts, metric: Metric) -> Whole:
    """Return the people of each group in both parts of the metric's denominator, (n_groups, 2)."""
    rates = told(counts, metric, min_group=1)
    return np.stack([rates.hits, rates.sizes - rates.hits], axis=1)


def _chances(rates: Told, n_permutations: int, rng: int | np.random.Generator) -> tuple[Numbers, float]:
    """Return the corrected p of each group judged, the others being one more group, and the smallest of them."""
    p_values = np.full(len(rates.judged), np.nan)
    if not rates.judged.any():
        return p_values, np.nan
    hits, n = (
        [*each[rates.judged].tolist(), *([int(each[~rates.judged].sum())] if each[~rates.judged].any() else [])]
        for each in (rates.hits, rates.sizes)
    )
    hits += [0] * (len(n) - len(hits))
    found = one_against_rest(hits, n, n_permutations=n_permutations, rng=rng).p_adjusted
    p_values[rates.judged] = found[: int(rates.judged.sum())]
    return p_values, float(np.nanmin(p_values)) if np.isfinite(p_values).any() else np.nan


def _intersections(
    counts: GroupCounts, rates: Told, prior: Prior, p_values: Numbers, level: float
) -> tuple[Intersection, ...]:
    hits, n = rates.hits.astype(np.float64), rates.sizes.astype(np.float64)
    figures = {
        "rate": rates.rates,
        **dict(zip(("low", "high"), wilson(hits, n, level=level), strict=True)),
        "shrunken": shrunken(hits, n, prior),
        **dict(zip(("shrunken_low", "shrunken_high"), shrunken_interval(hits, n, level), strict=True)),
        **dict(zip(("expected", "residual"), additive(hits, n, counts.parts), strict=True)),
        "p_adjusted": p_values,
    }
    return tuple(
        Intersection(
            group=label,
            n_people=int(rates.people[at]),
            is_judged=bool(rates.judged[at]),
            verdict=TOO_FEW if not rates.judged[at] else DISPARITY if p_values[at] <= 1 - level else CANNOT_TELL,
            **{name: float(values[at]) for name, values in figures.items()},
        )
        for at, label in enumerate(counts.labels)
    )


def _marginals(
    counts: GroupCounts, rates: Told, min_group: int, min_cell: int, concentration: float
) -> tuple[MarginalFairness, ...]:
    """Return differential fairness over each choice of some columns, rounded where a group judged may not be shown."""
    found = []
    sizes = range(1, len(counts.columns)) if len(counts.columns) <= MOST_COLUMNS else (1, 2)
    for columns in (each for size in sizes for each in combinations(counts.columns, size)):
        some = told(counts.regrouped(columns), rates.metric, min_group=min_group)
        hits, n = (each[some.judged].astype(np.float64) for each in (some.hits, some.sizes))
        epsilon = differential_fairness(hits, n, concentration)
        parts = np.stack([some.hits, some.sizes - some.hits], axis=1)
        is_coarse = min_cell > 1 and not shown_groups(parts, min_cell)[some.judged].all()
        epsilon = round(epsilon, 1) if is_coarse else epsilon
        ratio = _ratio(epsilon, is_coarse)
        found.append(MarginalFairness(columns=columns, n_groups=len(n), epsilon=epsilon, ratio=ratio))
    return tuple(found)


def _ratio(epsilon: float, is_coarse: bool) -> float:
    return float(f"{np.exp(epsilon):.2g}") if is_coarse else float(np.exp(epsilon))


def shown_combinations(people: Whole, parts: Whole, min_cell: int) -> NDArray[np.bool_]:
    """Return which combinations may be shown where the totals of each level of each column are known.

    ``people`` (n_groups, 2): hits and the others; ``parts`` (n_groups, n_columns). In every level of a column, those
    held back are none, or at least two with ``min_cell`` people together in each part.
    """
    if min_cell == 1:
        return np.ones(len(people), bool)
    may_show = shown_groups(people, min_cell)
    sizes = people.sum(axis=1)
    lines = [parts[:, at] == level for at in range(parts.shape[1]) for level in np.unique(parts[:, at])]
    is_settled = False
    while not is_settled:
        is_settled = True
        for line in lines:
            held = people[line & ~may_show]
            left = np.flatnonzero(line & may_show)
            if len(held) and len(left) and (len(held) == 1 or (held.sum(axis=0) < min_cell).any()):
                may_show[left[np.argmin(sizes[left])]] = False
                is_settled = False
    return may_show
