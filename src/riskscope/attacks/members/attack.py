"""Membership: was a person's record in the data that the release was made from?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.attacks.attack import figures
from riskscope.attacks.members.measures import (
    LEAST_ALARMS,
    advantage,
    area,
    catches_at,
    caught_share,
    chance_of_scores,
    curve,
    least_false_alarms,
)
from riskscope.attacks.members.results import ONE_IN_THOUSAND, ONE_PERCENT, Membership, ScoreFigures, Similarity
from riskscope.attacks.nearness import Mixed, Progress, mixed, shared_columns, smallest_distances
from riskscope.checks import quoted
from riskscope.words import N_, _

Numbers = NDArray[np.float64]

#: The two scores. The density ratio is judged where there is a reference: it knows who lies in a crowd anyway.
RATIO, NEARNESS = N_("density ratio"), N_("nearness")
#: Density of a reference: from the distance to so many neighbours; of the release, from the nearest record, so that
#: copies are seen.
NEIGHBOURS = 5
#: Added to both distances of a ratio, so that records at no distance from either are at a ratio of one.
BLUR = 1e-6
#: A hold-out of fewer people is not parted into people judged and reference, and of fewer still judges nobody.
LEAST_PARTED, LEAST_JUDGED = 100, 2 * LEAST_ALARMS
#: Pairs of a person and a released record, beyond which people are drawn.
MOST_PAIRS = 2 * 10**10

UNRESOLVED = N_("not resolvable: at this share fewer than 10 people of the hold-out raise a false alarm")
TOO_FEW = N_("fewer than 20 people of the hold-out are there to judge by")
NO_RELEASE = N_("the release or the original has no record")


class _People(NamedTuple):
    """Tables on one scale, and who of them is judged: positions among original and hold-out."""

    original: Mixed
    released: Mixed
    holdout: Mixed
    reference: Mixed
    members: NDArray[np.int64]
    others: NDArray[np.int64]


def membership(
    original: Any,
    released: Any,
    holdout: Any,
    *,
    columns: str | Iterable[str] | None = None,
    reference: Any = None,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> Membership:
    """Can it be told whose records a synthetic, or otherwise released, table was made from?

    The attacker knows a person's whole record and asks whether it was in the data. Each person of the original (the
    members) and of the hold-out (the others) is scored by how near the release comes to their record.

    Parameters
    ----------
    original, released, holdout : pandas, Polars or PyArrow data frames
        The people whose records went into the release; the release; people of the same population whose did not.
    columns : names of columns, optional
        What the attacker knows. Default: all columns that the tables have in common.
    reference : data frame, optional
        Further people of the same population, to see where records are crowded anyway. Default: half of the hold-out
        (as many as there are released records at most), which then is not judged; none where it has fewer than 100.
    rng : int or numpy.random.Generator, default 0
        Parts the hold-out, and draws people where there are too many.
    progress : callable, optional
        Called with (text, done, total).

    Returns
    -------
    Membership
        ``auc``, ``advantage``, ``tpr_1`` and ``tpr_01`` with bounds, ``n_copied``, ``verdict``; ``hit`` and ``worst``
        (n_original,).

    Raises
    ------
    RoleError
        A column is missing in a table.
    FrameError
        The tables have no column in common, or one holds an infinite number.

    Notes
    -----
    Nearness: less the Gower distance to the closest released record. Density ratio, in the manner of DOMIAS: a
    density goes down with the distance to a neighbour (Loftsgaarden and Quesenberry 1965), so p_release / p_reference
    rises with the distance to the fifth neighbour in the reference over that to the first in the release; both enlarged
    by a millionth for records at no distance. The score is set before anything is seen: the ratio where there is a
    reference, else nearness.

    Success is counted at 1 % false alarms, or where the hold-out is too small for that, at the share that 10 of its
    people are. The bounds take the threshold as given. p: see ``members_measures.chance_of_scores``.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": range(20, 80), "income": [1000 + age**2 % 700 for age in range(60)]})
    >>> found = membership(people[::2], people[::2], people[1::2])
    >>> found.n_copied, found.auc, found.verdict
    (30, 1.0, 'better than guessing')
    """
    generator = np.random.default_rng(rng)
    tables = [original, released, holdout, *([] if reference is None else [reference])]
    names = shared_columns(tables, columns)
    known, as_text = mixed(tables, names)
    people, drawn = _people(known, generator)
    scores = _scores(people, progress)
    notes = [*drawn, *_said_of(as_text)]
    return _judged(people, scores, names, notes, _similarity(people, generator, progress), _seed(rng))


def _seed(rng: int | np.random.Generator) -> str | None:
    return str(rng) if isinstance(rng, (int, np.integer)) else None


def _people(known: Sequence[Mixed], generator: np.random.Generator) -> tuple[_People, list[str]]:
    """Return who is judged, and who serves as reference; sentences on what was drawn."""
    original, released, holdout = known[:3]
    said = []
    others = np.arange(len(holdout))
    if len(known) == 4:
        reference = known[3]
    elif len(holdout) >= LEAST_PARTED:
        order = generator.permutation(len(holdout))
        n_reference = min(len(holdout) // 2, max(len(released), 1))
        reference, others = holdout[np.sort(order[:n_reference])], np.sort(order[n_reference:])
    else:
        reference = holdout[:0]
    members = np.arange(len(original))
    most = max(1, MOST_PAIRS // max(1, len(released)))
    if len(members) > most or len(others) > most:
        said.append(
            _(
                "{n} of {all} original people and {m} of {others} others were drawn to be judged, as every pair with a "
                "released record would take long."
            ).format(
                n=display.count(min(most, len(members))),
                all=display.count(len(members)),
                m=display.count(min(most, len(others))),
                others=display.count(len(others)),
            )
        )
        members, others = (
            np.sort(generator.choice(each, min(most, len(each)), replace=False)) for each in (members, others)
        )
    return _People(original, released, holdout, reference, members, others), said


def _said_of(as_text: Sequence[str]) -> list[str]:
    if not as_text:
        return []
    return [
        _(
            "The tables write {columns} differently (numbers and text): values are compared as text, and differ where "
            "they are written differently."
        ).format(columns=quoted(as_text))
    ]


def _scores(people: _People, progress: Progress | None) -> list[tuple[str, Numbers, Numbers]]:
    """Return each score of members and of others, that which is judged first."""
    text = _("Distances to the release")
    both = [people.original[people.members], people.holdout[people.others]]
    near = [smallest_distances(each, people.released, 1, progress=progress, text=text)[:, 0] for each in both]
    found = [(NEARNESS, -near[0], -near[1])]
    n_reference = len(people.reference)
    if n_reference:
        text = _("Distances to the reference")
        k = min(NEIGHBOURS, n_reference)
        usual = [smallest_distances(each, people.reference, k, progress=progress, text=text)[:, -1] for each in both]
        ratios = [(far + BLUR) / (close + BLUR) for far, close in zip(usual, near, strict=True)]
        found.insert(0, (RATIO, ratios[0], ratios[1]))
    return found


def _judged(
    people: _People,
    scores: Sequence[tuple[str, Numbers, Numbers]],
    names: Sequence[str],
    notes: Sequence[str],
    similarity: Similarity,
    seed: str | None,
) -> Membership:
    score, ours, theirs = scores[0]
    n_others, n_original = len(theirs), len(people.original)
    is_judged = n_others >= LEAST_JUDGED and len(ours) > 0 and len(people.released) > 0
    false_alarms = max(ONE_PERCENT, LEAST_ALARMS / n_others) if is_judged else np.nan
    hit, worst, outside = np.full(n_original, np.nan), np.full(n_original, np.nan), np.empty(0)
    p_value = None
    if is_judged:
        caught = catches_at(ours, theirs, false_alarms)
        hit[people.members], outside = caught.members, caught.others
        worst[people.members] = np.minimum.reduce([least_false_alarms(a, b) for _score, a, b in scores])
        p_value = chance_of_scores(ours, theirs, ONE_PERCENT if false_alarms == ONE_PERCENT else None)
    fields = figures(hit, guess=false_alarms, p_value=p_value, control=outside)
    if not is_judged:
        reason = TOO_FEW if n_others < LEAST_JUDGED else NO_RELEASE
        fields["undefined"] |= dict.fromkeys(("rate", "rate_low", "rate_high", "baseline_rate", "p_value"), reason)
        fields["undefined"]["false_alarms"] = reason
    each = tuple(_figures_of(*one) for one in scores)
    shown = {name: value for name, value in asdict(each[0]).items() if name != "score"}
    fields["undefined"] |= {
        name: UNRESOLVED if name.startswith("tpr") else TOO_FEW for name, value in shown.items() if np.isnan(value)
    }
    n_copied, expected = _copies(people)
    if np.isnan(expected):
        fields["undefined"]["n_copied_expected"] = TOO_FEW
    return Membership(
        n_records=n_original,
        known=quoted(names),
        score=score,
        false_alarms=false_alarms,
        n_released=len(people.released),
        n_judged=n_others,
        n_reference=len(people.reference),
        n_copied=n_copied,
        n_copied_expected=expected,
        seed=seed,
        scores=each,
        similarity=similarity,
        curves=tuple((one, *curve(a, b)) for one, a, b in scores) if is_judged else (),
        worst=worst,
        notes=tuple(notes),
        **shown,
        **fields,
    )


def _figures_of(score: str, members: Numbers, others: Numbers) -> ScoreFigures:
    """Return the figures of one score; catches are NaN where too few of the others raise a false alarm."""
    shares: list[float] = []
    for false_alarms in (ONE_PERCENT, ONE_IN_THOUSAND):
        is_resolved = len(others) * false_alarms >= LEAST_ALARMS and len(members) > 0
        caught = caught_share(catches_at(members, others, false_alarms).members) if is_resolved else (np.nan,) * 3
        shares.extend(caught)
    return ScoreFigures(score, *area(members, others), advantage(members, others), *shares)


def _copies(people: _People) -> tuple[int, float]:
    """Return how many original records stand in the release, and how many would by chance, going by the hold-out."""
    ours, theirs = (np.isin(each.keys, people.released.keys) for each in (people.original, people.holdout))
    return int(ours.sum()), float(theirs.mean() * len(ours)) if len(theirs) else np.nan


def _similarity(people: _People, generator: np.random.Generator, progress: Progress | None) -> Similarity:
    """Return the distances of released records to the closest original ones."""
    released, original, holdout = people.released, people.original, people.holdout
    if not len(released) or not len(original):
        return Similarity(np.nan, np.nan, np.nan, np.nan)
    most = max(1, MOST_PAIRS // max(1, len(original), len(holdout)))
    if len(released) > most:
        released = released[np.sort(generator.choice(len(released), most, replace=False))]
    text = _("Distances of the release")
    near = smallest_distances(released, original, 2, progress=progress, text=text)
    dcr, nndr = closest(near)
    if not len(holdout):
        return Similarity(float(np.median(dcr)), float(np.median(nndr)), np.nan, np.nan)
    n = min(len(original), len(holdout))
    ours, theirs = near[:, 0], np.empty(0)
    if len(original) > n:
        some = original[np.sort(generator.choice(len(original), n, replace=False))]
        ours = smallest_distances(released, some, 1, progress=progress, text=text)[:, 0]
    if len(holdout) > n:
        holdout = holdout[np.sort(generator.choice(len(holdout), n, replace=False))]
    theirs = smallest_distances(released, holdout, 1, progress=progress, text=text)[:, 0]
    closer = float(((ours < theirs) + (ours == theirs) / 2).mean())
    return Similarity(float(np.median(dcr)), float(np.median(nndr)), closer, 0.5)


def closest(two_smallest: Numbers) -> tuple[Numbers, Numbers]:
    """Return distance to the closest record (DCR) and its ratio to the second closest (NNDR); 1 where both are 0.

    Examples
    --------
    >>> dcr, nndr = closest(np.array([[1.0, 1.0], [1.0, 2.0], [0.0, 0.0]]))
    >>> dcr.tolist(), nndr.tolist()
    ([1.0, 1.0, 0.0], [1.0, 0.5, 1.0])
    """
    first, second = two_smallest.T
    usable = np.isfinite(second) & (second > 0)
    ratio = np.where(np.isfinite(second), 1.0, np.nan)
    return first, np.divide(first, second, out=ratio, where=usable)
