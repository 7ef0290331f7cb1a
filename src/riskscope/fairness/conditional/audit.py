"""Is a group turned down more often among people who are alike in what may rightly count?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from riskscope import display
from riskscope.checks import check_choice, check_number, check_whole, quoted, shown
from riskscope.engines.columns import arrow_columns
from riskscope.errors import FrameError, RoleError
from riskscope.fairness.binary import favours_positive
from riskscope.fairness.bootstrap import bootstrap_counts, interval
from riskscope.fairness.conditional.evidence import (
    chances_within_strata,
    held_intervals,
    n_comparisons,
    simpson_of_groups,
)
from riskscope.fairness.conditional.shown import may_be_shown, rounded
from riskscope.fairness.conditional.stratified import (
    Standardised,
    conditional,
    disparity,
    explained,
    others,
    sides_of,
    standardised,
)
from riskscope.fairness.conditional.words import (
    REFERENCE,
    SMALL,
    ConditionalDisparity,
    GroupConditional,
    StratumDisparity,
)
from riskscope.fairness.counts import GroupCounts, counts_of
from riskscope.fairness.disclosure import few
from riskscope.fairness.inputs import Numbers, Whole, framed
from riskscope.fairness.joined_values import JoinedValue, with_values_joined
from riskscope.fairness.testing import CANNOT_TELL, DISPARITY, NO_LARGER, effective_counts, verdict
from riskscope.intervals import newcombe
from riskscope.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

#: Numbers with more different values than this make strata of too few people: they are to be banded.
MOST_VALUES = 50
#: Draws of the bootstrap.
N_DRAWS = 1999
#: Figures held at once while drawing.
MOST_HELD = 4_000_000


def conditional_disparity(
    *,
    y_pred: Any,
    sensitive_features: Any,
    control_features: Any,
    sample_weight: Any = None,
    pos_label: Any = None,
    favourable_label: Any = None,
    reference: str | None = None,
    empty: str = "drop",
    margin: float = 0.05,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    level: float = 0.95,
    n_permutations: int = 1999,
    rng: int | np.random.Generator = 0,
) -> ConditionalDisparity:
    """Conditional demographic disparity: who is turned down, among people alike in what may rightly count.

    It tells whether a group is turned down more often even within strata of legitimate attributes, and finds
    Simpson's paradox: a disparity that reverses, vanishes or appears there. It does not tell whether the attributes
    are legitimate, nor whether the groups differ in others.

    Parameters
    ----------
    y_pred : array, series or list of two values
        The decision.
    sensitive_features : array, series, list or data frame
        The group of each person; several columns give their intersections. A missing value is the group "unknown".
    control_features : array, series, list or data frame
        The legitimate attributes; each combination of values is a stratum. Numbers of many values are to be banded.
    sample_weight : array, series or list, optional
        How many people a record stands for. Tests (odds ratio, CMH, Breslow-Day, p) are of records, without weights.
    pos_label : value, optional
        Which decision is "selected". Not needed for 0 and 1, or False and True.
    favourable_label : value, optional
        Which decision is good for a person; the other one is "rejected". Default: ``pos_label``.
    reference : str, optional
        The group that the others are compared with. Default: each group with everybody else.
    empty : {"drop", "zero"}
        Strata where all have the same decision: left out of CDD, or shares of nobody taken as 0 (as smclarify does).
    margin : float, default 0.05
        Difference of selection rates (0 to 1) that is of no account: "no disparity larger than the margin" is said
        where, among people alike, the whole interval of every group lies within it.
    min_group : int, default 10
        Smaller groups are kept out of p-values and verdicts.
    min_cell : int, default 10
        Nothing is shown that tells of fewer people.
    level : float, default 0.95
        Level of the intervals.
    n_permutations : int, default 1999
        How often people are dealt to groups anew within strata.
    rng : int or numpy.random.Generator, default 0
        Seed of that, and of the bootstrap.

    Returns
    -------
    ConditionalDisparity
        ``groups``, one ``GroupConditional`` each that may be shown (``dd``, ``cdd``, ``standardised_difference``,
        ``odds_ratio``, ``simpson``, ...), ``strata``, ``p_any``; ``by_group`` and ``by_stratum``: all, exact.

    Raises
    ------
    FrameError
        Lengths differ, the decision has no two values, or a control feature is a number of many values.

    Notes
    -----
    DD of group g = n_rg / n_r - n_ag / n_a (rejected r, accepted a); CDD = sum of n_s DD_s / sum of n_s over strata.
    AIF360's function of that name has no strata: it averages DD over the protected groups themselves. CDD's interval:
    percentiles of the bootstrap of the counted cells. Simpson's paradox is judged by the difference of selection
    rates (Newcombe's interval) against what is left within strata, which is clear where the interval of the directly
    standardised difference (bootstrap) leaves out 0 and the CMH test, which weights strata otherwise, agrees. Both
    clear and of opposite sign: "reverses"; clear only as it is, and opposite or at most half as large within strata:
    "vanishes"; clear only within strata: "appears". This is for each group alone, not corrected for their number.

    ``p_adjusted``: everybody else: the largest CMH deviation of any group when people are dealt within strata
    (permutation); with a reference: each group dealt against it, corrected by Holm.

    Held against the margin is the wider of two intervals of the standardised difference: the bootstrap's, and
    Newcombe's of the people that the standardised rates are worth, corrected for the number of groups (Bonferroni).

    Where cells of strata are held back, pooled figures of that group are rounded, as exact ones give the cells away.

    Examples
    --------
    >>> men, women = ["M"] * 100, ["W"] * 100
    >>> department = ["1"] * 80 + ["2"] * 20 + ["1"] * 20 + ["2"] * 80
    >>> accepted = [1] * 48 + [0] * 32 + [1] * 4 + [0] * 16 + [1] * 12 + [0] * 8 + [1] * 16 + [0] * 64
    >>> found = conditional_disparity(
    ...     y_pred=accepted, sensitive_features=men + women, control_features=department, min_cell=1)
    >>> [(each.group, each.dd, each.cdd, each.simpson) for each in found.groups]
    [('W', 0.25, 0.0, 'vanishes'), ('M', -0.25, 0.0, 'vanishes')]
    """
    check_choice(empty, "empty", ("drop", "zero"))
    check_number(margin, "margin", low=0, high=1)
    check_number(level, "level", low=0.5, high=0.9999)
    for name, value, low in (
        ("n_permutations", n_permutations, 99),
        ("min_cell", min_cell, 1),
        ("min_group", min_group, 1),
    ):
        check_whole(value, name, low=low)
    _check_bands(control_features)
    counts = counts_of(
        y_pred=y_pred,
        sensitive_features=sensitive_features,
        control_features=control_features,
        sample_weight=sample_weight,
        pos_label=pos_label,
    )
    return disparity_of(
        counts,
        favours_selected=favours_positive(counts.decision, favourable_label),
        reference=reference,
        empty=empty,
        margin=margin,
        min_group=min_group,
        min_cell=min_cell,
        level=level,
        n_permutations=n_permutations,
        rng=rng,
    )


def _check_bands(control_features: Any) -> None:
    """Raise an error where a control feature is a number of many values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    frame, names = framed(control_features, "control_features")
    for name, array in zip(names, arrow_columns(frame, names), strict=True):
        kind = array.type
        is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        if is_number and (n := pc.count_distinct(array).as_py()) > MOST_VALUES:
            raise FrameError(
                _(
                    "control_features has {column}, {kind} with {n} distinct values; strata of so few people say "
                    "nothing. Cut it into bands first, five to ten say, at limits that mean something."
                ).format(column=shown(name), kind=str(kind), n=n)
            )


def disparity_of(
    counts: GroupCounts,
    *,
    favours_selected: bool,
    reference: str | None,
    empty: str,
    margin: float,
    min_group: int,
    min_cell: int,
    level: float,
    n_permutations: int,
    rng: int | np.random.Generator,
) -> ConditionalDisparity:
    """Return the conditional disparity of counts over groups and strata."""
    if reference is not None and reference not in counts.labels:
        raise RoleError(
            _("reference is none of the {n} groups of {columns}; write it as the group is shown.").format(
                n=len(counts.labels), columns=quoted(counts.columns)
            )
        )
    source = np.random.default_rng(rng)
    measured = partial(
        _every_group,
        favours_selected=favours_selected,
        empty=empty,
        margin=margin,
        min_group=min_group,
        level=level,
        n_permutations=n_permutations,
        rng=source,
    )
    against = None if reference is None else counts.labels.index(reference)
    exact = measured(counts, against)
    told, told_against, joined = _joined(counts, against, min_cell)
    found = measured(told, told_against) if joined else exact
    records = told.counts.sum(axis=2)  # (n_groups, n_strata, 2)
    groups, strata, pairs = may_be_shown(records, told.parts, min_cell)
    if told_against is not None and not groups[told_against]:  # what the others differ by would tell its rate
        groups, pairs = np.zeros_like(groups), np.zeros_like(pairs)
    order = sorted(np.flatnonzero(groups), key=lambda at: -np.nan_to_num(found[at].dd))
    _n, rejected, accepted = sides_of(told, favours_selected)
    by_stratum = disparity(rejected, accepted)
    p_values = [each.p_adjusted for each in found if np.isfinite(each.p_adjusted)]
    both = (records.sum(axis=0) > 0).all(axis=1)
    undefined_people = int(records[:, ~both].sum())
    return ConditionalDisparity(
        n_records=int(records.sum()),
        columns=counts.columns,
        control_columns=counts.strata_columns,
        reference=None if told_against is None else told.labels[told_against],
        favours_selected=favours_selected,
        n_strata=records.shape[1],
        n_strata_undefined=int((~both).sum()),
        undefined_people=few(min_cell) if 0 < undefined_people < min_cell else display.count(undefined_people),
        empty=empty,
        p_any=min(p_values, default=np.nan),
        n_judged=len(p_values),
        n_found=sum(each.verdict == DISPARITY for each in found),
        is_small=all(each.is_small for each in found if each.verdict == DISPARITY),
        verdict=_together([each.verdict for each in found if np.isfinite(each.p_adjusted)]),
        margin=margin,
        seed=_("that of the generator given") if isinstance(rng, np.random.Generator) else str(rng),
        level=level,
        min_cell=min_cell,
        min_group=min_group,
        groups=tuple(found[at] if pairs[at].all() else rounded(found[at], min_cell) for at in order),
        n_not_shown=int((~groups).sum()),
        strata=tuple(
            StratumDisparity(
                stratum=counts.strata[at],
                n_people=int(records[:, at].sum()),
                rejected=int(records[:, at, 0 if favours_selected else 1].sum()),
                accepted=int(records[:, at, 1 if favours_selected else 0].sum()),
                dd=tuple(float(by_stratum[group, at]) if pairs[group, at] else None for group in order),
            )
            for at in np.flatnonzero(strata)
        ),
        n_strata_not_shown=int((~strata).sum()),
        joined=joined,
        exact_groups=exact,
        counts=counts,
        undefined={} if p_values else {"p_any": N_("fewer than two groups to compare")},
    )


def _joined(
    counts: GroupCounts, against: int | None, min_cell: int
) -> tuple[GroupCounts, int | None, tuple[JoinedValue, ...]]:
    """Return the counts to show from, where the reference is in them, and which values are joined in them."""
    found = with_values_joined(counts, lambda each: each.counts.sum(axis=(1, 2)), min_cell)
    if against is None or not found.values:
        return found.counts, against, found.values
    place = int(found.places[against])
    if (found.counts.parts[place] != counts.parts[against]).any():  # asked for, so it must stand alone
        return counts, against, ()
    return found.counts, place, found.values


def _every_group(
    counts: GroupCounts,
    against: int | None,
    *,
    favours_selected: bool,
    empty: str,
    margin: float,
    min_group: int,
    level: float,
    n_permutations: int,
    rng: np.random.Generator,
) -> tuple[GroupConditional, ...]:
    """Return the figures and tests of every group, exact."""
    records = counts.counts.sum(axis=2)
    judged = records.sum(axis=(1, 2)) >= min_group
    n_compared = n_comparisons(judged, against)
    figures = _figures(counts, favours_selected, against, empty, level, rng, n_compared)
    figures |= chances_within_strata(records, against, judged, level, n_permutations, rng)
    compared = judged & (np.arange(len(judged)) != (-1 if against is None else against))
    figures["simpson"] = simpson_of_groups(figures, compared, 1 - level)
    low, high = (figures.pop(name) for name in ("held_low", "held_high"))
    figures["is_small"] = (-margin <= low) & (high <= margin)
    told = zip(figures["p_adjusted"], low, high, strict=True)
    figures["verdict"] = np.where(judged, [verdict(*each, margin, alpha=1 - level) for each in told], SMALL)
    if against is not None:
        for name in ("simpson", "verdict"):
            figures[name] = np.where(np.arange(len(judged)) == against, REFERENCE, figures[name])
    return tuple(
        GroupConditional(
            group=label,
            n_people=int(records[at].sum()),
            is_judged=bool(judged[at]),
            coarse=False,
            **{name: values[at].item() for name, values in figures.items()},
        )
        for at, label in enumerate(counts.labels)
    )


def _together(verdicts: Sequence[str]) -> str:
    """Return what is known of all groups: alike only where each is."""
    if DISPARITY in verdicts:
        return DISPARITY
    return NO_LARGER if verdicts and set(verdicts) == {NO_LARGER} else CANNOT_TELL


def _figures(
    counts: GroupCounts,
    favours_selected: bool,
    against: int | None,
    empty: str,
    level: float,
    rng: np.random.Generator,
    n_compared: int,
) -> dict[str, NDArray[Any]]:
    """Return the disparities of every group, each an array (n_groups,)."""
    records = counts.counts.sum(axis=2)
    cells = records.astype(np.float64) if counts.weights is None else counts.weights.sum(axis=2)
    squares = cells if counts.squares is None else counts.squares.sum(axis=2)
    cdd, alike = _measured(cells, favours_selected, against, empty)
    drawn_cdd, drawn_alike = [], []
    for size in _chunks(N_DRAWS, cells.size):
        some_cdd, some_alike = _measured(_drawn(records, cells, squares, size, rng), favours_selected, against, empty)
        drawn_cdd.append(some_cdd)
        drawn_alike.append(some_alike.difference)
    drawn = np.stack([np.concatenate(drawn_cdd), np.concatenate(drawn_alike)], axis=1)
    estimates = np.stack([cdd, alike.difference])
    lows, highs = interval(estimates, drawn, level=level, kind="percentile") if len(cells) else (estimates, estimates)
    hits, n = cells[..., 1], cells.sum(axis=-1)
    sums = [each.sum(axis=-1) for each in (hits, n, others(hits, against), others(n, against))]
    rate, other_rate = (up / np.where(down > 0, down, np.nan) for up, down in (sums[:2], sums[2:]))
    held_low, held_high = held_intervals(cells, squares, against, n_compared, level)
    crude_low, crude_high = _newcombe(cells, squares, against, level)
    found: dict[str, NDArray[Any]] = {
        "selection_rate": rate,
        "dd": disparity(*(each.sum(axis=-1, keepdims=True) for each in sides_of(counts, favours_selected)[1:]))[:, 0],
        "cdd": cdd,
        "cdd_low": lows[0],
        "cdd_high": highs[0],
        "difference": rate - other_rate,
        "difference_low": crude_low,
        "difference_high": crude_high,
        "standardised_rate": alike.rate,
        "standardised_rate_other": alike.other_rate,
        "standardised_difference": alike.difference,
        "standardised_low": lows[1],
        "standardised_high": highs[1],
        "held_low": np.minimum(held_low, lows[1]),
        "held_high": np.maximum(held_high, highs[1]),
        "explained": explained(hits, n, others(hits, against), others(n, against)),
    }
    if len(rate) < 2:  # one group: nobody to compare it with
        found |= {name: np.full(len(rate), np.nan) for name in found if name != "selection_rate"}
    if against is not None:
        compared = [name for name in found if name.startswith(("difference", "standardised", "held", "explained"))]
        for name in compared:
            found[name][against] = np.nan
    return found | {"n_strata_skipped": alike.n_skipped}


def _measured(cells: Numbers, favours_selected: bool, against: int | None, empty: str) -> tuple[Numbers, Standardised]:
    """Return CDD and standardised rates of cells (..., n_groups, n_strata, 2)."""
    hits, n = cells[..., 1], cells.sum(axis=-1)
    cdd = conditional(cells[..., 1 - favours_selected], cells[..., int(favours_selected)], empty)
    return cdd, standardised(hits, n, others(hits, against), others(n, against), n.sum(axis=-2, keepdims=True))


def _chunks(n_draws: int, n_figures: int) -> Iterator[int]:
    """Yield how many draws to hold at once."""
    most = max(1, MOST_HELD // max(n_figures, 1))
    for start in range(0, n_draws, most):
        yield min(most, n_draws - start)


def _drawn(records: Whole, cells: Numbers, squares: Numbers, size: int, rng: np.random.Generator) -> Numbers:
    """Return cells as a bootstrap of the records has them.

    Weights constant within cells: multinomial, exactly that bootstrap. Else each cell is gamma with the mean and
    variance of its sum of weights (the Bayesian bootstrap of as many records as the weights are worth).
    """
    each = cells / np.where(records > 0, records, 1)
    if np.allclose(each * cells, squares, rtol=1e-9):
        return bootstrap_counts(records, n_boot=size, rng=rng) * each
    scale = squares / np.where(cells > 0, cells, 1)
    drawn: Numbers = rng.gamma(cells / np.where(scale > 0, scale, 1), size=(size, *cells.shape)) * scale
    return drawn


def _newcombe(cells: Numbers, squares: Numbers, against: int | None, level: float) -> tuple[Numbers, Numbers]:
    """Return the interval of each group's difference to those it is compared with."""
    sums = [
        each.sum(axis=1, keepdims=True)
        for each in (cells[..., 1], cells.sum(axis=-1), squares[..., 1], squares.sum(axis=-1))
    ]
    own = effective_counts(*(each[:, 0] for each in sums))
    other = effective_counts(*(others(each, against)[:, 0] for each in sums))
    return newcombe(*own, *other, level=level)
