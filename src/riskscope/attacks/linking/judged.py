"""Which links are right: hits of people, precision and recall of the pairs claimed, and what guessing would get."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.attacks.attack import figures
from riskscope.attacks.linking.blocking import Pairs
from riskscope.attacks.linking.fellegi_sunter import TIE
from riskscope.attacks.linking.one_to_one import assigned
from riskscope.intervals import wilson
from riskscope.words import N_

Numbers = NDArray[np.float64]
Positions = NDArray[np.int64]

#: Sums of guesses that are drawn to judge the successes by.
GUESSES_DRAWN = 20_000

NO_TRUTH = N_("nobody said which record of the release is whose")
NO_CLAIM = N_("no pair reaches the threshold")
NO_TRUE_PAIR = N_("nobody of the people is in the release")

_PRECISION = ("precision", "precision_low", "precision_high")
_RECALL = ("recall", "recall_low", "recall_high")
_RATES = ("rate", "rate_low", "rate_high", "baseline_rate", "p_value")


def links(
    pairs: Pairs, weights: Numbers, n_released: int, *, one_to_one: bool, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], Positions]:
    """Return which pairs are links, and how many people each released record is linked to (n_released,).

    A record's links are its pairs of the highest weight; one to one, that of the best assignment.
    """
    if one_to_one:
        linked = assigned(pairs, weights, rng)
    else:
        top = np.full(n_released, -np.inf)
        np.maximum.at(top, pairs.released, weights)
        linked = weights >= top[pairs.released] - TIE
    return linked, np.bincount(pairs.released[linked], minlength=n_released)


def judged(
    pairs: Pairs,
    linked: NDArray[np.bool_],
    n_linked: Positions,
    truth: Positions | None,
    n_people: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Return the figures of an attack from its links: a record that is linked to nobody is guessed among all people."""
    if truth is None:
        return undecided(n_people, NO_TRUTH)
    inside = np.flatnonzero(truth >= 0)
    hit = np.full(n_people, np.nan)
    n_tied = n_linked[truth[inside]]
    hit[inside] = np.where(n_tied, 0.0, 1 / max(n_people, 1))
    right = linked & is_true(pairs, truth)
    hit[pairs.people[right]] = 1 / n_linked[pairs.released[right]]
    ties = np.where(n_tied, n_tied, n_people)
    p_value = _chance(float(hit[inside].sum()), ties, n_people, rng) if len(inside) else None
    return figures(hit, guess=1 / max(n_people, 1), p_value=p_value)


def undecided(n_people: int, reason: str) -> dict[str, Any]:
    """Return the figures of an attack that cannot be judged, with the reason."""
    found = figures(np.full(n_people, np.nan), guess=1 / max(n_people, 1))
    if n_people:
        found["undefined"] |= dict.fromkeys(_RATES, reason)
    return found


def is_true(pairs: Pairs, truth: Positions) -> NDArray[np.bool_]:
    """Tell which pairs are one person's."""
    return np.asarray(truth[pairs.people] == pairs.released)


def _chance(succeeded: float, ties: Positions, n_people: int, rng: np.random.Generator) -> float:
    """Return the chance that guesses do as well, by drawing: a record linked to t people counts 1/t.

    At best one guess in all is expected to succeed, so "exactly as often" is likely: how much of it counts is drawn by
    lot (a randomised test), which makes the test's level what it says.
    """
    sums = np.zeros(GUESSES_DRAWN)
    for n_tied, n_records in zip(*np.unique(ties, return_counts=True), strict=True):
        sums += rng.binomial(n_records, min(1.0, n_tied / n_people), GUESSES_DRAWN) / n_tied
    above = np.count_nonzero(sums > succeeded + TIE)
    equal = np.count_nonzero(np.abs(sums - succeeded) <= TIE)
    return float((above + rng.random() * (equal + 1)) / (GUESSES_DRAWN + 1))


def claims(pairs: Pairs, claimed: NDArray[np.bool_], truth: Positions | None) -> dict[str, Any]:
    """Return precision and recall of the pairs claimed, with their intervals and the reasons where undefined."""
    n_claimed = int(claimed.sum())
    found: dict[str, Any] = {"n_claimed": n_claimed, "undefined": {}}
    n_true = 0 if truth is None else int(np.count_nonzero(truth >= 0))
    n_right = 0 if truth is None else int(np.count_nonzero(claimed & is_true(pairs, truth)))
    for names, n, reason in ((_PRECISION, n_claimed, NO_CLAIM), (_RECALL, n_true, NO_TRUE_PAIR)):
        if truth is None or not n:
            found |= dict.fromkeys(names, float("nan"))
            found["undefined"] |= dict.fromkeys(names, NO_TRUTH if truth is None else reason)
        else:
            low, high = wilson(n_right, n)
            found |= dict(zip(names, (n_right / n, float(low), float(high)), strict=True))
    return found
