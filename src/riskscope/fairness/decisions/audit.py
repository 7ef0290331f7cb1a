"""Do decisions fall differently on different groups? The audit of binary decisions, with or without outcomes."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.errors import FrameError
from riskscope.fairness.binary import favours_positive
from riskscope.fairness.counts import GroupCounts, counts_of
from riskscope.fairness.decisions.evidence import coarse, gap_shown, metric_tests, p_within_strata, verdicts_shown
from riskscope.fairness.decisions.records import HELD_BACK, RANGED
from riskscope.fairness.decisions.result import OTHER, POSITIVE, DecisionAudit
from riskscope.fairness.decisions.view import view_of
from riskscope.fairness.disparities import BETWEEN, RATIO, compared, place_of
from riskscope.fairness.inputs import check_options, seed_shown
from riskscope.fairness.metrics import METRICS, names_tested, told
from riskscope.words import N_, _

Booleans = NDArray[np.bool_]

__all__ = ["DecisionAudit", "audit_counts", "audit_decisions"]


def audit_decisions(
    *,
    y_pred: Any,
    sensitive_features: Any,
    y_true: Any = None,
    control_features: Any = None,
    sample_weight: Any = None,
    pos_label: Any = None,
    favourable_label: Any = None,
    reference: str | None = None,
    margin: float = 0.05,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    level: float = 0.95,
    n_permutations: int = 1999,
    rng: int | np.random.Generator = 0,
) -> DecisionAudit:
    """Whether yes-or-no decisions fall differently on different groups, and whether that is more than chance.

    For a person it tells whether people of their group get the decision more seldom, or are wronged by it more often.
    It does not tell why: rates are no causes, and an outcome may itself be recorded unfairly.

    Parameters
    ----------
    y_pred : array, series or list
        The decision on each record: 0 and 1, False and True, or any two values with ``pos_label``.
    sensitive_features : array, series, list, data frame or dictionary {name: values}
        The group of each record. Several columns: each combination that occurs is a group. A missing value is the
        group "unknown".
    y_true : array, series or list, optional
        The true outcome. Records without one count for the selection rate only.
    control_features : array, series, list or data frame, optional
        Strata within which groups are compared as well.
    sample_weight : array, series or list of numbers, optional
        How many people each record stands for.
    pos_label : value, optional
        The positive value of ``y_pred`` and ``y_true``.
    favourable_label : value, optional
        The decision that is good for a person. Default: the positive one.
    reference : label of a group, optional
        Whom signed disparities compare with. Default: everybody else together.
    margin : float, default 0.05
        Differences up to this are of no account; "no disparity larger than the margin" is said only where the whole
        interval lies within.
    min_group : int, default 10
        Groups with fewer people in a denominator are kept out of gaps, p-values and verdicts.
    min_cell : int, default 10
        No figure is shown that tells of fewer people.
    level : float, default 0.95
        Of the intervals.
    n_permutations : int, default 1999
        How often people are dealt to groups at random.
    rng : int or numpy.random.Generator, default 0
        Seed of that.

    Returns
    -------
    DecisionAudit
        ``gap`` in selection rate with ``highest`` and ``lowest`` group, ``p_value``, ``verdict``; ``by_group``,
        ``tests``, ``pairs()``, ``difference()``, ``ratio()``, ``disparity()``, ``shortfall()``: exact figures.

    Raises
    ------
    FrameError
        ``y_pred`` is a score or has classes, is missing in part, or lengths differ; weights are negative.
    RoleError
        Two values of which none is known to be positive; a reference that is no group.

    Notes
    -----
    All is computed from counts of group, stratum, outcome and decision. A rate without people in its denominator is
    NaN, and kept out of highest and lowest. Intervals of rates are Wilson's, of differences Newcombe's; the interval
    of the gap holds whichever groups are furthest apart (simultaneous intervals of all pairs). p-values are exact,
    each group against everybody else, adjusted over groups (Westfall and Young 1993) and metrics (Holm 1979);
    with weights, of as many people as tell as much (Rao and Scott 1981), and none within strata, where these would be
    rounded over and over. Metrics that are 1 less another are one test.

    Where holding back small groups would leave fewer than two to show, or they are fewer than ``min_cell`` people in
    all, they are counted with the largest group in what is shown (and a sentence says so); ``by_group`` is exact.

    Examples
    --------
    >>> sex = ["F"] * 40 + ["M"] * 40
    >>> hired = [1] * 12 + [0] * 28 + [1] * 28 + [0] * 12
    >>> audit = audit_decisions(y_pred=hired, sensitive_features=sex)
    >>> round(audit.gap, 2), audit.lowest, audit.verdict
    (0.4, 'F', 'disparity found')
    >>> impact = audit.disparity("disparate_impact", reference="M")
    >>> round(impact.value, 3), impact.groups, impact.n
    (0.429, ('F', 'M'), (40, 40))
    """
    for name, values in (("y_pred", y_pred), ("sensitive_features", sensitive_features)):
        if values is None:
            raise FrameError(_("{name} is not given; hand over one value a record.").format(name=name))
    counts = counts_of(
        y_pred=y_pred,
        sensitive_features=sensitive_features,
        y_true=y_true,
        control_features=control_features,
        sample_weight=sample_weight,
        pos_label=pos_label,
    )
    return audit_counts(
        counts,
        favourable_label=favourable_label,
        reference=reference,
        margin=margin,
        min_group=min_group,
        min_cell=min_cell,
        level=level,
        n_permutations=n_permutations,
        rng=rng,
    )


def audit_counts(
    counts: GroupCounts,
    *,
    favourable_label: Any = None,
    reference: str | None = None,
    margin: float = 0.05,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    level: float = 0.95,
    n_permutations: int = 1999,
    rng: int | np.random.Generator = 0,
) -> DecisionAudit:
    """Return the audit of decisions already counted; the arguments are those of ``audit_decisions``."""
    check_options(margin=margin, level=level, min_group=min_group, min_cell=min_cell, n_permutations=n_permutations)
    if reference is not None:
        place_of(counts.labels, reference, "reference")
    favours = favours_positive(counts.decision, favourable_label)
    draws = np.random.default_rng(rng)
    view = view_of(counts, min_cell=min_cell, min_group=min_group)
    names = names_tested(counts)
    tested = partial(metric_tests, level=level, margin=margin, n_permutations=n_permutations, rng=draws)
    tests = tested([told(counts, METRICS[name], min_group=min_group) for name in names])
    seen = tests if view.is_exact else tested([view.within_half(name) for name in names])
    shown_tests = verdicts_shown(view, seen, level=level, margin=margin)
    headline, judged = shown_tests["selection_rate"], view.rates_of("selection_rate").judged
    within = p_within_strata(view.decided, judged, n_permutations=n_permutations, rng=draws)
    if within is not None and not view.may_show.all():
        within = coarse(within)
    selected, is_ranged = view.comparable("selection_rate"), view.has_ranges("selection_rate")
    gap = gap_shown(view, "selection_rate", level=level)
    both = ("selection_rate", "non_selection_rate")
    ratios = [compared(view.comparable(name), RATIO, BETWEEN).value for name in both]
    if is_ranged:
        gap, ratios = gap._replace(gap=np.nan), [np.nan, np.nan]
    highest, lowest = (selected.labels[at] if at >= 0 else None for at in (gap.first, gap.last))
    undefined = _reasons(view.decided, judged, selected.judged, ratios, is_ranged=is_ranged)
    if np.isnan(headline.p_corrected):
        undefined["p_value"] = undefined.get("gap", N_("fewer than two groups have enough people"))
    if within is not None and np.isnan(within):
        undefined["p_within_strata"] = N_("no stratum has two groups with enough people")
    return DecisionAudit(
        n_records=counts.n_records,
        n_groups=len(counts.labels),
        n_judged=headline.n_judged,
        positive=str(counts.decision[1]),
        favourable=POSITIVE if favours else OTHER,
        n_without_outcome=counts.n_without_outcome if counts.has_outcome else None,
        selection_rate=view.rates_of("selection_rate").overall,
        highest=highest,
        lowest=lowest,
        gap=gap.gap,
        gap_low=gap.low,
        gap_high=gap.high,
        positive_ratio=ratios[0],
        other_ratio=ratios[1],
        p_value=headline.p_corrected,
        p_within_strata=within,
        margin=margin,
        level=level,
        verdict=headline.verdict,
        n_permutations=n_permutations,
        seed=seed_shown(rng),
        undefined=undefined,
        counts=counts,
        metric_tests=tests,
        view=view,
        shown_tests=shown_tests,
        reference=reference,
        min_group=min_group,
        min_cell=min_cell,
    )


def _reasons(
    counts: GroupCounts, judged: Booleans, visible: Booleans, ratios: list[float], *, is_ranged: bool
) -> dict[str, str]:
    """Return why numbers are NaN."""
    if not counts.n_records:
        reason = N_("there are no records")
    elif judged.sum() < 2:
        reason = N_("fewer than two groups have enough people")
    elif visible.sum() < 2:
        reason = HELD_BACK
    elif is_ranged:
        reason = RANGED
    else:
        reason = N_("all rates are 0")
    names = ["gap", "gap_low", "gap_high"] if visible.sum() < 2 else ["gap"] * is_ranged
    names += [name for name, value in zip(("positive_ratio", "other_ratio"), ratios, strict=True) if np.isnan(value)]
    undefined = dict.fromkeys(names, reason)
    total = counts.counts if counts.weights is None else counts.weights
    if not total.sum():
        undefined["selection_rate"] = N_("there are no records") if not counts.n_records else N_("all weights are 0")
    return undefined
