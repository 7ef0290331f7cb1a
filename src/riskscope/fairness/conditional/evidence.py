"""Tests of groups within strata, and what conditioning does to their difference; on counts of records."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.fairness.conditional.stratified import breslow_day, cochran_mantel_haenszel, mantel_haenszel, others
from riskscope.fairness.conditional.words import APPEARS, NEITHER, REMAINS, REVERSES, SMALL, VANISHES
from riskscope.fairness.inputs import Numbers, Whole
from riskscope.fairness.testing import CANNOT_TELL, effective_counts, one_against_rest
from riskscope.intervals import holm, newcombe


def chances_within_strata(
    records: Whole,
    against: int | None,
    judged: NDArray[np.bool_],
    level: float,
    n_permutations: int,
    rng: np.random.Generator,
) -> dict[str, NDArray[Any]]:
    """Return the tests of every group within strata, of records."""
    hits, n = records[..., 1].astype(np.float64), records.sum(axis=-1).astype(np.float64)
    sides = hits, n, others(hits, against), others(n, against)
    ratio, low, high = mantel_haenszel(*sides, level=level)
    chi2, p = cochran_mantel_haenszel(*sides)
    homogeneity, homogeneity_p = breslow_day(*sides)
    found: dict[str, NDArray[Any]] = {
        "odds_ratio": ratio,
        "odds_low": low,
        "odds_high": high,
        "cmh": chi2,
        "cmh_p": p,
        "breslow_day": homogeneity,
        "breslow_day_p": homogeneity_p,
        "p_adjusted": _adjusted(records, against, judged, n_permutations, rng),
    }
    if against is not None:
        for values in found.values():
            values[against] = np.nan
    return found


def _adjusted(
    records: Whole, against: int | None, judged: NDArray[np.bool_], n_permutations: int, rng: np.random.Generator
) -> Numbers:
    """Return p-values of the groups judged, by dealing people within strata, corrected for the number of groups."""
    hits, n = records[..., 1].T, records.sum(axis=-1).T  # (n_strata, n_groups)
    p_values = np.full(len(judged), np.nan)
    places = [at for at in np.flatnonzero(judged) if at != against]
    if not places or len(judged) < 2:
        return p_values
    if against is None:
        both = [
            np.column_stack([each[:, places], np.delete(each, places, axis=1).sum(axis=1)])[
                :, : len(places) + (~judged).any()
            ]
            for each in (hits, n)
        ]
        p_values[places] = one_against_rest(*both, n_permutations=n_permutations, rng=rng).p_adjusted[: len(places)]
    elif judged[against]:
        each_p = np.full(len(places), np.nan)
        for place, at in enumerate(places):
            present = n[:, [at, against]].sum(axis=1) > 0
            pair = (each[present][:, [at, against]] for each in (hits, n))
            each_p[place] = one_against_rest(*pair, n_permutations=n_permutations, rng=rng).p_values[0]
        are_together = np.isfinite(each_p)  # in one stratum at least; the others are no comparison to correct for
        p_values[np.array(places)[are_together]] = holm(each_p[are_together])
    return p_values


def held_intervals(
    cells: Numbers, squares: Numbers, against: int | None, n_compared: int, level: float
) -> tuple[Numbers, Numbers]:
    """Return intervals of the standardised differences (n_groups,) that hold for all groups at once.

    Standardising weights each person by the people of the stratum over those of their side in it: Newcombe's interval
    of as many people as these weights are worth, the level divided by the number of comparisons (Bonferroni). Unlike
    a bootstrap it does not close in on nothing where nobody, or everybody, of a few people is selected.
    """
    n, other_n = cells.sum(axis=-1), others(cells.sum(axis=-1), against)
    used = np.where((n > 0) & (other_n > 0), n.sum(axis=0), 0)
    sums = cells[..., 1], n, squares[..., 1], squares.sum(axis=-1)
    worth = []
    for people, side in ((n, sums), (other_n, [others(each, against) for each in sums])):
        weight = used / np.where(people > 0, people, 1)
        hits, whole = ((each * weight).sum(axis=1) for each in side[:2])
        worth.append(effective_counts(hits, whole, *((each * weight**2).sum(axis=1) for each in side[2:])))
    return newcombe(*worth[0], *worth[1], level=1 - (1 - level) / max(n_compared, 1))


def n_comparisons(judged: NDArray[np.bool_], against: int | None) -> int:
    """Return how many differences are looked at: of two groups alone, one is the other's with its sign turned."""
    if against is None:
        return 1 if len(judged) == 2 else int(judged.sum())
    return int(judged.sum()) - bool(judged[against])


def simpson_of_groups(figures: dict[str, NDArray[Any]], judged: NDArray[np.bool_], alpha: float) -> NDArray[Any]:
    """Return, in a word, what conditioning does to each group's difference."""
    crude, within = figures["difference"], figures["standardised_difference"]
    is_clear, is_clear_within = (
        (figures[low] > 0) | (figures[high] < 0)
        for low, high in (("difference_low", "difference_high"), ("standardised_low", "standardised_high"))
    )
    agree = np.sign(figures["odds_ratio"] - 1) == np.sign(within)
    is_clear_within &= agree & (figures["cmh_p"] <= alpha)
    is_opposite = np.sign(crude) * np.sign(within) < 0
    is_gone = is_opposite | (np.abs(within) <= np.abs(crude) / 2)
    return np.select(
        [
            ~judged | np.isnan(crude) | np.isnan(within),
            is_clear & is_clear_within & is_opposite,
            is_clear & is_clear_within,
            is_clear & is_gone,
            is_clear,
            is_clear_within,
        ],
        [np.where(judged, CANNOT_TELL, SMALL), REVERSES, REMAINS, VANISHES, CANNOT_TELL, APPEARS],
        NEITHER,
    )
