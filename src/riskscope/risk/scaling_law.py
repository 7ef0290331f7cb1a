"""How uniqueness and correctness grow with the population: the Pitman-Yor scaling law."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscope.risk.class_size_counts import ClassSizes, expected_classes, log_rising
from riskscope.risk.frequency_models import ALL_UNIQUE, NOT_FOUND, Estimate
from riskscope.words import N_

#: Sub-samples of a half, a quarter, … of the table, down to this many records.
_FEWEST, _HALVINGS = 20, 6
#: Below this discount the formula cancels, and its limit is right to all digits that matter.
_NO_DISCOUNT = 1e-8
_TOO_SMALL = N_("the table has too few records for sub-samples of three sizes")


def uniqueness_at(n_people: ArrayLike, discount: float, concentration: float) -> NDArray[np.float64]:
    """Return the share of people alone among ``n_people`` after the Pitman-Yor process.

    Examples
    --------
    >>> uniqueness_at([400], 0.5, 5).round(6).tolist()
    [0.114025]
    """
    n = np.asarray(n_people, np.float64)
    start = discount + concentration
    share: NDArray[np.float64] = np.exp(log_rising(start, 1 - discount) - log_rising(n + start - 1, 1 - discount))
    return share


def correctness_at(n_people: ArrayLike, discount: float, concentration: float) -> NDArray[np.float64]:
    """Return the chance of picking the right person among ``n_people``: expected classes over people.

    Examples
    --------
    >>> correctness_at([400], 0.5, 5).round(6).tolist()
    [0.205615]
    """
    n = np.asarray(n_people, np.float64)
    d, a = discount, concentration
    if d < _NO_DISCOUNT:
        from scipy.special import digamma

        return np.asarray(a / n * (digamma(n + a) - digamma(a)))
    grown = log_rising(n + a, d)
    if a > 0:
        return np.asarray(a * np.expm1(grown - log_rising(a, d)) / (n * d))
    return np.asarray((np.exp(log_rising(a + d, 1 - d) + grown) - a) / (n * d))


def share_below(k: int, n_people: ArrayLike, discount: float, concentration: float) -> NDArray[np.float64]:
    """Return the share of people who share their combination with fewer than k - 1 others among ``n_people``.

    The number of others is beta-binomial: Binomial(n - 1, x) with x from Beta(1 - d, concentration + d).

    Examples
    --------
    >>> share_below(5, [400], 0.5, 5).round(6).tolist()
    [0.246662]
    """
    others = np.asarray(n_people, np.float64) - 1
    share = np.zeros(others.shape)
    for j in range(k - 1):
        chosen = log_rising(others - j + 1, j) - log_rising(1, j)
        inside = log_rising(1 - discount, j) + log_rising(concentration + discount, np.maximum(others - j, 0))
        share += np.where(others >= j, np.exp(chosen + inside - log_rising(concentration + 1, others)), 0.0)
    return share


def entropy_and_tail(discount: float, concentration: float) -> tuple[float, float]:
    """Return the expected entropy h of the process in nats, and the part γ of it (0 to 1) that the discount brings.

    Examples
    --------
    >>> [round(each, 6) for each in entropy_and_tail(0.5, 5)]
    [3.669628, 0.377775]
    """
    from scipy.special import digamma

    entropy = float(digamma(concentration + 1) - digamma(1 - discount))
    return entropy, float(digamma(1) - digamma(1 - discount)) / entropy


def scaling_law(classes: ClassSizes, population_size: int, *, near: Estimate | None = None) -> Estimate:
    """Return the estimate of the Pitman-Yor scaling law, fitted to correctness in sub-samples.

    Rocher, Hendrickx and de Montjoye (2025), Nature Communications, doi:10.1038/s41467-024-55296-6. The discount and
    the concentration minimise the mean of ln(n_k) (κ(n_k) - κ_k)². The correctness κ_k of sub-samples of n_k records
    is its mean over all of them, by rarefaction, so nothing is drawn. ``near``: the estimate of a table like this one,
    to start from.
    """
    from scipy.optimize import least_squares

    n = classes.n_records
    if classes.n_classes == n:
        return Estimate(math.nan, ALL_UNIQUE)
    sizes = [n >> halved for halved in range(_HALVINGS + 1) if n >> halved >= _FEWEST]
    if len(sizes) < 3:
        return Estimate(math.nan, _TOO_SMALL)
    seen = np.array([expected_classes(classes, size) / size for size in sizes])
    drawn = np.array(sizes, np.float64)
    weight = np.sqrt(np.log(drawn))

    def natural(point: NDArray[np.float64]) -> tuple[float, float]:
        discount = float(1 / (1 + np.exp(-point[0])))
        return discount, float(np.exp(point[1])) - discount

    def misses(point: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(weight * (correctness_at(drawn, *natural(point)) - seen))

    found = []
    for start in _starts(classes, near):
        fit = least_squares(misses, start, bounds=([-14, -14], [14, 40]), xtol=1e-12, ftol=1e-12, gtol=1e-14)
        if fit.success:
            found.append(fit)
    if not found:
        return Estimate(math.nan, NOT_FOUND)
    discount, concentration = natural(min(found, key=lambda fit: float(fit.cost)).x)
    expected, alone = (
        people * float(uniqueness_at(people, discount, concentration)) for people in (population_size, n)
    )
    entropy, tail = entropy_and_tail(discount, concentration)
    fitted = {"discount": discount, "concentration": concentration, "entropy": entropy, "tail": tail}
    return Estimate(expected, "", fitted, alone)


def _starts(classes: ClassSizes, near: Estimate | None) -> list[tuple[float, float]]:
    """Return (logit discount, ln(concentration + discount)) to start from."""
    if near and near.converged:
        discount, concentration = near.parameters["discount"], near.parameters["concentration"]
        return [(math.log(discount / (1 - discount)), math.log(concentration + discount))]
    size = math.log(classes.n_classes)
    return [(0.0, size), (1.0, 2.0), (-2.0, size + 1)]
