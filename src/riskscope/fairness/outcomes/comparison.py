"""From counted cells to the figures of an audit: groups too small set aside, means, gaps, chances, inequality."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import numpy as np

from riskscope.display import count
from riskscope.fairness.outcomes.audit import (
    CLUSTERS,
    EVERY_SPLIT,
    MOST_PAIRED,
    RANDOM_SPLITS,
    RECORDS,
    GroupOutcome,
    OutcomeAudit,
    PairOutcome,
)
from riskscope.fairness.outcomes.cells import (
    Cells,
    Tied,
    Whole,
    clusters,
    difference_interval,
    mean_interval,
    share_above,
    share_at_one,
    single_records,
    theil,
    wasserstein,
)
from riskscope.fairness.outcomes.dealing import Dealt, deal
from riskscope.intervals import holm
from riskscope.words import N_

_Figures = TypeVar("_Figures", GroupOutcome, PairOutcome, OutcomeAudit)

_INEQUALITY = ("theil", "theil_within", "theil_between")


class Judged(NamedTuple):
    """What is compared: single records, clusters, and what is dealt, over groups 0 to n - 1, highest mean first.

    Group n, where there is one, holds the people of all groups too small to judge.
    """

    records: Tied
    tied: Tied
    dealt: Tied
    labels: tuple[str, ...]
    people: Whole
    n_hidden: int
    decimals: int | None

    @property
    def groups(self) -> range:
        """The numbers of the groups judged."""
        return range(len(self.labels))

    def deal(self, groups: Sequence[int], n_permutations: int, rng: np.random.Generator) -> Dealt:
        """Return the means of some groups when what they have between them is dealt anew."""
        every = self.decimals is None
        return deal(self.dealt.of(*groups), groups, n_permutations=n_permutations, rng=rng, every=every)


def compared(
    cells: Cells,
    labels: Sequence[str],
    columns: Sequence[str],
    *,
    threshold: float | None,
    n_permutations: int,
    rng: int | np.random.Generator,
    min_cell: int,
) -> OutcomeAudit:
    """Return the audit of cells whose groups are numbered as the labels are."""
    judged = _judged(cells, labels, min_cell)
    source = np.random.default_rng(rng)
    n_records = int(judged.people.sum())
    several = len(judged.groups) > 1
    dealt = judged.deal(judged.groups, n_permutations, source) if several else None
    audit = OutcomeAudit(
        n_records=n_records,
        columns=tuple(columns),
        min_cell=min_cell,
        n_judged=len(judged.groups),
        too_small=_shown_people(judged.n_hidden, min_cell),
        overall=float(np.average(judged.records.sums, weights=judged.records.times)) if n_records else np.nan,
        **_gap(judged, dealt),
        dealt=RECORDS if judged.dealt is judged.records else CLUSTERS,
        ways=EVERY_SPLIT if dealt is not None and dealt.is_exact else RANDOM_SPLITS,
        n_dealt=0 if dealt is None else len(dealt.means),
        seed=_seed(dealt, rng),
        threshold=threshold,
        **_inequality(judged.records, len(judged.groups)),
        groups=_groups(judged, dealt, threshold),
        pairs=_pairs(judged, dealt, n_permutations, source),
        decimals=judged.decimals,
    )
    return _guarded(replace(audit, undefined=_undefined(audit, judged.records)))


def _judged(cells: Cells, labels: Sequence[str], min_cell: int) -> Judged:
    """Number the groups of enough people by their means, highest first, and the others as one after them."""
    people = np.bincount(cells.group, cells.records, minlength=len(labels)).astype(np.int64)
    sums = np.bincount(cells.group, cells.records * cells.outcome, minlength=len(labels))
    is_judged = people >= min_cell
    large = np.flatnonzero(is_judged)
    large = large[np.argsort(-sums[large] / people[large], kind="stable")]
    numbers = np.full(len(labels), len(large))
    numbers[large] = np.arange(len(large))
    cells = Cells(cells.outcome, numbers[cells.group], cells.records, cells.cluster)
    records = single_records(cells)
    tied = records if cells.cluster is None else clusters(cells)
    ours = tied.of(*range(len(large))) if len(large) else records
    n_hidden = int(people[~is_judged].sum())
    return Judged(
        records=records,
        tied=tied,
        dealt=ours if cells.cluster is not None and ours.is_nested() else records,
        labels=tuple(labels[int(at)] for at in large),
        people=np.array([*people[large], n_hidden]),
        n_hidden=n_hidden,
        decimals=_decimals(n_hidden, people[large], min_cell),
    )


def _shown_people(n: int, min_cell: int) -> str:
    return count(n) if n == 0 or n >= min_cell else f"<{min_cell}"


def _seed(dealt: Dealt | None, rng: int | np.random.Generator) -> str | None:
    """Return the seed where one was used."""
    if dealt is None or dealt.is_exact:
        return None
    return N_("that of the generator given") if isinstance(rng, np.random.Generator) else str(rng)


def _gap(judged: Judged, dealt: Dealt | None) -> Mapping[str, Any]:
    """Return how far the groups with the highest and the lowest mean are apart."""
    if dealt is None:
        names = ("gap", "gap_low", "gap_high", "ratio", "wasserstein", "p_value")
        return {"highest": None, "lowest": None, **dict.fromkeys(names, np.nan)}
    first, last = judged.groups[0], judged.groups[-1]
    gap, low, high = difference_interval(judged.tied, first, last)
    top, bottom = (mean_interval(judged.tied, group)[0] for group in (first, last))
    ratio = np.nan
    if judged.records.sums.min() >= 0 and top > 0:
        ratio = top / bottom if bottom > 0 else np.inf
    return {
        "highest": judged.labels[first],
        "lowest": judged.labels[last],
        "gap": gap,
        "gap_low": low,
        "gap_high": high,
        "ratio": ratio,
        "wasserstein": wasserstein(judged.records.of(first), judged.records.of(last)),
        "p_value": dealt.chance_of_gap(gap),
    }


def _inequality(records: Tied, n_judged: int) -> Mapping[str, Any]:
    if not len(records.sums) or records.sums.min() < 0 or records.sums.max() == 0:
        return dict.fromkeys(_INEQUALITY, np.nan)
    within, between = theil(records)
    parts = (within, between) if n_judged > 1 else (np.nan, np.nan)
    return dict(zip(_INEQUALITY, (within + between, *parts), strict=True))


def _groups(judged: Judged, dealt: Dealt | None, threshold: float | None) -> tuple[GroupOutcome, ...]:
    """Return the figures of each group."""
    records = judged.records
    overall = float(np.average(records.sums, weights=records.times)) if len(records.sums) else np.nan
    is_share = _is_share(records)
    found = []
    for group, label in enumerate(judged.labels):
        own = records.of(group)
        mean, low, high = mean_interval(judged.tied, group)
        if is_share:
            low, high = max(low, 0.0), min(high, 1.0)
        means = np.array([mean]) if dealt is None else dealt.means[:, group]
        band = np.quantile(means, [0.025, 0.975])
        found.append(
            GroupOutcome(
                group=label,
                n_records=int(judged.people[group]),
                mean=mean,
                low=low,
                high=high,
                to_overall=mean - overall,
                share_above=None if threshold is None else share_above(own, threshold),
                share_at_one=share_at_one(own) if is_share else None,
                random_mean=float(means.mean()),
                random_low=float(band[0]),
                random_high=float(band[1]),
            )
        )
    return tuple(found)


def _is_share(records: Tied) -> bool:
    """Tell whether every outcome lies within 0 and 1, as a risk does."""
    return bool(len(records.sums) and records.sums.min() >= 0 and records.sums.max() <= 1)


def _pairs(
    judged: Judged, dealt: Dealt | None, n_permutations: int, rng: np.random.Generator
) -> tuple[PairOutcome, ...]:
    """Return each pair of groups; its p deals what the two have between them alone."""
    if dealt is None or len(judged.groups) > MOST_PAIRED:
        return ()
    found = []
    for pair in itertools.combinations(judged.groups, 2):
        difference, low, high = difference_interval(judged.tied, *pair)
        ours = dealt
        if len(judged.groups) > 2:
            ours = judged.deal(pair, n_permutations, rng)
        found.append(
            PairOutcome(
                first=judged.labels[pair[0]],
                second=judged.labels[pair[1]],
                difference=difference,
                low=low,
                high=high,
                wasserstein=wasserstein(judged.records.of(pair[0]), judged.records.of(pair[1])),
                p_value=ours.chance_of_gap(difference),
                p_holm=np.nan,
            )
        )
    corrected = holm([each.p_value for each in found])
    return tuple(replace(each, p_holm=float(p)) for each, p in zip(found, corrected, strict=True))


def _undefined(audit: OutcomeAudit, records: Tied) -> dict[str, str]:
    """Return the reason of each number that is NaN."""
    if not audit.n_records:
        reason = N_("there are no records")
    elif audit.n_judged < 2:
        reason = N_("fewer than two groups have enough people")
    elif records.sums.min() < 0:
        reason = N_("some outcomes are negative")
    else:
        reason = N_("the means, or all outcomes, are 0")
    reasons = {
        name: reason
        for name, _label, value, _kind in audit.shown_fields()
        if isinstance(value, float) and np.isnan(value)
    }
    if audit.n_judged > 1:
        reasons |= {
            each: N_("a group has fewer than two clusters") for each in ("gap_low", "gap_high") if each in reasons
        }
    if audit.n_records and np.isnan(audit.theil):
        why = N_("some outcomes are negative") if records.sums.min() < 0 else N_("all outcomes are 0")
        reasons |= dict.fromkeys(_INEQUALITY, why)
    return reasons


def _decimals(n_hidden: int, people: Whole, min_cell: int) -> int | None:
    """Return the decimals that rates keep where exact ones tell how few people are hidden; None where all is exact.

    With so many decimals, rates of the largest group agree with any number of people near its own.
    """
    if n_hidden == 0 or n_hidden >= min_cell or not len(people):
        return None
    return len(str(people.max())) - 1


def _guarded(audit: OutcomeAudit) -> OutcomeAudit:
    """Return the audit with the size of the largest group withheld and rates rounded, where this is needed."""
    if audit.decimals is None:
        return audit
    largest = max(each.n_records or 0 for each in audit.groups)
    at = next(at for at, each in enumerate(audit.groups) if each.n_records == largest)
    groups = [_rounded(each, audit.decimals) for each in audit.groups]
    groups[at] = replace(groups[at], n_records=None)
    pairs = tuple(_rounded(each, audit.decimals) for each in audit.pairs)
    return replace(_rounded(audit, audit.decimals), groups=tuple(groups), pairs=pairs)


def _rounded(figures: _Figures, decimals: int) -> _Figures:
    """Return figures with their rates rounded; p-values, which depend on all groups, and the threshold stay."""
    exact = ("p_value", "p_holm", "threshold")
    rates: dict[str, Any] = {
        name: round(value, decimals)
        for name, value in vars(figures).items()
        if isinstance(value, float) and name not in exact
    }
    return replace(figures, **rates)
