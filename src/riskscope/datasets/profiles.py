"""What the retailer infers about a customer: diet, segment, score, decision; and the outcome that came later.

The bias is planted here: see ``SCORE_SHIFT``. Probabilities and scores are whole thousandths throughout.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from riskscope.datasets.names import ORIGINS
from riskscope.datasets.stable_random import Booleans, Integers, bell, draw_by, happens

REGIONS = ("France", "other EU", "outside EU")
OUTSIDE = 2
# The score of people born outside the EU is this much lower at the same true probability (thousandths).
SCORE_SHIFT = -120
SCORE_NOISE = 50
APPROVED_FROM = 600

DIETS = ("none", "vegetarian", "gluten-free", "diabetic range", "halal", "kosher", "low salt")
_DIET_WEIGHTS = np.array(  # two rows for each kind of origin: below 60 years of age, and from 60 on
    [
        [800, 95, 60, 20, 12, 8, 5],
        [790, 35, 40, 90, 5, 10, 30],
        [470, 20, 20, 20, 465, 3, 2],
        [430, 10, 15, 110, 410, 5, 20],
        [680, 40, 30, 25, 220, 3, 2],
        [650, 20, 20, 100, 190, 5, 15],
    ]
)

CATEGORIES = ("food", "home", "beauty", "fashion", "children", "tools and garden", "electronics")
_CATEGORY_WEIGHTS = np.array([[26, 12, 5, 12, 5, 20, 20], [25, 18, 22, 18, 9, 4, 4]])  # men, women

SEGMENTS = (
    "bargain hunter",
    "family basket",
    "home lover",
    "trend follower",
    "tech enthusiast",
    "occasional visitor",
)
_SEGMENT_WEIGHTS = np.array(  # one row a category: sex plays no part but through the category
    [
        [300, 320, 60, 40, 40, 240],
        [150, 150, 420, 60, 30, 190],
        [160, 90, 60, 480, 20, 190],
        [200, 80, 60, 440, 40, 180],
        [150, 550, 60, 40, 30, 170],
        [180, 90, 300, 20, 220, 190],
        [140, 60, 40, 50, 530, 180],
    ]
)

# Reliability of a customer before rank: points for the occupation, in the order of OCCUPATIONS.
_OCCUPATION_POINTS = np.array([10, 0, 60, 40, 15, -10, 50, -50])
# True probability of paying on time (thousandths) at these ranks within the group (ten-thousandths).
_RANKS = np.array([0, 1000, 3000, 5000, 8000, 10000])
_PROBABILITIES = np.array([200, 450, 650, 770, 900, 950])


class Payment(NamedTuple):
    """Truth, score, decision and outcome, one entry a customer."""

    probability: Integers  # thousandths
    score: Integers  # thousandths
    approved: Integers
    paid_on_time: Integers


def diets(origin: Integers, age: Integers) -> npt.NDArray[np.object_]:
    """Return the diet inferred from what is bought, drawn by origin of the household and age."""
    kinds = [0] + [{"Maghreb": 1, "Turkey": 1, "sub-Saharan Africa": 2}.get(name, 0) for name in ORIGINS]
    group = np.array(kinds)[origin] * 2 + (age >= 60)
    return np.array(DIETS, dtype=object)[draw_by("profile/diet", _DIET_WEIGHTS, group)]


def segments(is_woman: Booleans) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Return the category bought most, which depends on sex, and the segment, which depends on it alone."""
    category = draw_by("profile/category", _CATEGORY_WEIGHTS, is_woman.astype(np.int64))
    segment = draw_by("profile/segment", _SEGMENT_WEIGHTS, category)
    return np.array(CATEGORIES, dtype=object)[category], np.array(SEGMENTS, dtype=object)[segment]


def payments(
    is_woman: Booleans, region: Integers, occupation: Integers, age: Integers, tenure_days: Integers
) -> Payment:
    """Return who can be expected to pay on time, what the score says, and what came to pass.

    The true probability has the same distribution in each sex and region of birth: it is read off the rank
    within them. So any gap by region is the planted bias, and a gap by sex is chance.
    """
    n = len(age)
    points = _OCCUPATION_POINTS[occupation] + age // 2 + tenure_days // 100 + bell("profile/reliability", n, 150)
    probability = _by_rank(points, region * 2 + is_woman)
    score = probability + bell("profile/score noise", n, SCORE_NOISE) + SCORE_SHIFT * (region == OUTSIDE)
    return Payment(
        probability=probability,
        score=score,
        approved=(score >= APPROVED_FROM).astype(np.int64),
        paid_on_time=happens("profile/paid on time", probability, n).astype(np.int64),
    )


def _by_rank(points: Integers, group: Integers) -> Integers:
    """Return the probability (thousandths) at each row's rank within its group."""
    order = np.lexsort((np.arange(len(points)), points, group))
    size = np.bincount(group)
    start = np.cumsum(size) - size
    rank = np.empty(len(points), dtype=np.int64)
    rank[order] = np.arange(len(points)) - start[group[order]]
    share = (2 * rank + 1) * 10_000 // (2 * size[group])
    piece = np.searchsorted(_RANKS, share, side="right") - 1
    rise, run = np.diff(_PROBABILITIES)[piece], np.diff(_RANKS)[piece]
    return np.asarray(_PROBABILITIES[piece] + (share - _RANKS[piece]) * rise // run)
