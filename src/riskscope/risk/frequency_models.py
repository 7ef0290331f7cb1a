"""How many people are unique in the population, from the class sizes of a sample: five published models."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.risk.class_size_counts import ClassSizes, chance_once, log_rising
from riskscope.words import N_

#: A solution of the equations must miss the logarithms of what was seen by less than this.
_RESIDUAL = 1e-8
#: Below this discount Pitman's model is Ewens's to all digits, and its formulas cancel.
_NO_DISCOUNT = 1e-6

ALL_UNIQUE = N_("everybody in the table is alone, so any number up to the whole population fits")
NO_PAIRS = N_("no combination is shared by exactly two people, so the equations have no solution")
NOT_FOUND = N_("no solution of the equations was found")
RAN_OFF = N_("the fit ran off to the edge of the model")


class Estimate(NamedTuple):
    """The number of people unique in the population after one model; NaN with a reason where the fit failed."""

    n_uniques: float
    failure: str = ""
    #: What was fitted, by name.
    parameters: Mapping[str, float] = MappingProxyType({})
    #: How many sample uniques the model expects; NaN where it is no model of the sample.
    expected_sample_uniques: float = math.nan

    @property
    def converged(self) -> bool:
        """Whether there is a number."""
        return not self.failure


def _failed(reason: str) -> Estimate:
    return Estimate(math.nan, reason)


def zayatz(classes: ClassSizes, population_size: int) -> Estimate:
    """Return Zayatz's estimate: sample uniques are shared out as if the population had the sample's class sizes.

    Zayatz (1991), US Bureau of the Census; Dankar et al. (2012), appendix A. θ = P(F = 1 | f = 1) =
    c_1 P(1 | 1) / sum of c_i P(1 | i), with P(1 | i) hypergeometric; S1 = c_1 θ N / n.

    Examples
    --------
    >>> sample = ClassSizes(np.array([1, 2, 4]), np.array([2, 1, 1]))
    >>> round(zayatz(sample, 20).n_uniques, 6)
    2.397328
    """
    n = classes.n_records
    once = chance_once(classes.sizes, n, population_size)
    n_unique = classes.of_size(1)
    share = n_unique * n / population_size / float(classes.n_classes_of_size @ once)
    return Estimate(n_unique * share * population_size / n, parameters={"share": share})


def shlosser_classes(classes: ClassSizes, fraction: float) -> float:
    """Return Shlosser's third estimate of the number of classes in the population.

    Haas and Stokes (1998), JASA 93, doi:10.1080/01621459.1998.10473807.
    """
    size, n_classes = classes.sizes.astype(np.float64), classes.n_classes_of_size
    left = 1 - fraction
    first = n_classes @ (size * fraction**2 * (1 - fraction**2) ** (size - 1))
    # (1 - π)^i ((1 + π)^i - 1) = (1 - π²)^i - (1 - π)^i
    second = n_classes @ ((1 - fraction**2) ** size - left**size)
    third = n_classes @ left**size / (n_classes @ (size * fraction * left ** (size - 1)))
    return float(classes.n_classes + classes.of_size(1) * first / second * third**2)


def slide_negative_binomial(classes: ClassSizes, population_size: int) -> Estimate:
    """Return the estimate of the slide negative binomial model (SNB).

    Chen and Keller-McNulty (1998), Journal of Official Statistics 14, 79-95: F - 1 is negative binomial (α, β) over
    K classes, K after Shlosser; α and β solve the equations of the expected c_1 and c_2. S1 = K β^α.
    """
    from scipy.optimize import root

    n_unique, n_pairs = classes.of_size(1), classes.of_size(2)
    if n_pairs == 0:
        return _failed(ALL_UNIQUE if classes.n_classes == classes.n_records else NO_PAIRS)
    fraction = classes.n_records / population_size
    n_population_classes = shlosser_classes(classes, fraction)
    seen = np.log([n_unique, n_pairs])

    def misses(point: NDArray[np.float64]) -> NDArray[np.float64]:
        return _snb_expected(point, n_population_classes, fraction) - seen

    with np.errstate(all="ignore"):
        for start in _snb_starts(n_population_classes, fraction, seen):
            found = root(misses, start, method="hybr", options={"xtol": 1e-13})
            if np.abs(found.fun).max() < _RESIDUAL:
                alpha, beta = math.exp(found.x[0]), 1 / (1 + math.exp(-found.x[1]))
                parameters = {"classes": n_population_classes, "alpha": alpha, "beta": beta}
                return Estimate(n_population_classes * beta**alpha, "", parameters, n_unique)
    return _failed(NOT_FOUND)


def _snb_expected(point: NDArray[np.float64], n_classes: float, fraction: float) -> NDArray[np.float64]:
    """Return the logarithms of the expected c_1 and c_2; point = (ln α, logit β), last axis first."""
    alpha = np.exp(point[0])
    beta, other = 1 / (1 + np.exp(-point[1])), 1 / (1 + np.exp(point[1]))
    left = (1 - fraction) * other
    inside = 1 - left
    power = alpha * (np.log(beta) - np.log(inside))
    first = math.log(n_classes * fraction) + power + np.log1p(alpha * left / inside)
    second = math.log(n_classes * fraction**2 / 2) + np.log(alpha * other) + power - 2 * np.log(inside)
    return np.stack([first, second + np.log(2 - (1 - alpha) * left)])


def _snb_starts(n_classes: float, fraction: float, seen: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return where to start: the points of a grid that miss the equations least."""
    points = np.stack(np.meshgrid(np.linspace(-9, 4, 40), np.linspace(-11, 5, 40))).reshape(2, -1)
    missed = np.abs(_snb_expected(points, n_classes, fraction) - seen[:, np.newaxis]).max(axis=0)
    return [points[:, at] for at in np.argsort(missed)[:8]]


def pitman(classes: ClassSizes, population_size: int, *, near: Estimate | None = None) -> Estimate:
    """Return the estimate of Pitman's sampling formula (two-parameter Poisson-Dirichlet), by maximum likelihood.

    Hoshino (2001), Journal of Official Statistics 17, 499-520; S1 = N Γ(θ+1) Γ(N+θ+α-1) / (Γ(θ+α) Γ(N+θ)), exactly.
    Without a discount (α = 0) this is Ewens's formula. ``near`` is the estimate of a table like this one, to start
    from.
    """
    from scipy.optimize import minimize

    if classes.n_classes == classes.n_records:
        return _failed(ALL_UNIQUE)
    surface = _PitmanSurface(classes)
    known = near.parameters if near else {}
    starts = [(known["alpha"], known["theta"])] if "alpha" in known else _pitman_starts(classes)
    found = []
    for alpha, theta in starts:
        start = np.array([math.log(alpha / (1 - alpha)), math.log(theta + alpha)])
        with np.errstate(all="ignore"):
            fit = minimize(
                surface,
                start,
                jac=True,
                hess=surface.hessian,
                method="trust-exact",
                options={"gtol": 1e-7, "maxiter": 200},
            )
        if math.isfinite(fit.fun):
            found.append(fit)
    if not found:
        return _failed(NOT_FOUND)
    best = min(found, key=lambda fit: float(fit.fun))
    alpha, theta = surface.natural(best.x)
    if alpha < _NO_DISCOUNT:
        return ewens(classes, population_size)
    if alpha > 1 - _NO_DISCOUNT:
        return _failed(RAN_OFF)
    parameters = {"alpha": alpha, "theta": theta, "log_likelihood": -float(best.fun)}
    n_uniques = pitman_uniques(theta, alpha, population_size)
    return Estimate(n_uniques, "", parameters, pitman_uniques(theta, alpha, classes.n_records))


def pitman_uniques(theta: float, alpha: float, n_people: float) -> float:
    """Return the expected number of classes of one among ``n_people`` after Pitman's formula."""
    above = log_rising(theta + alpha + n_people - 1, 1 - alpha)
    return float(n_people * np.exp(log_rising(theta + alpha, 1 - alpha) - above))


class _PitmanSurface:
    """Minus the log likelihood of (logit α, ln(θ + α)), with gradient and Hessian.

    With t = θ + α: ln L = (u-1) ln α + ln (t/α)_(u-1) - ln (t+1-α)_(n-1) + sum of c_s ln (1-α)_(s-1), where (x)_m is
    the rising factorial.
    """

    def __init__(self, classes: ClassSizes) -> None:
        self.sizes, self.n_classes_of_size = classes.sizes, classes.n_classes_of_size
        self.n, self.u = classes.n_records, classes.n_classes

    def natural(self, point: NDArray[np.float64]) -> tuple[float, float]:
        """Return (α, θ)."""
        alpha = float(1 / (1 + np.exp(-np.clip(point[0], -30, 30))))
        return alpha, float(np.exp(np.clip(point[1], -30, 60))) - alpha

    def _derivatives(self, alpha: float, t: float, order: int) -> tuple[float, float, float]:
        from scipy.special import polygamma

        def grown(start: float | NDArray[np.float64], steps: float | NDArray[np.int64]) -> NDArray[np.float64]:
            rise: NDArray[np.float64] = polygamma(order, start + steps) - polygamma(order, start)
            return rise

        return (
            float(grown(t / alpha, self.u - 1)),
            float(grown(t + 1 - alpha, self.n - 1)),
            float(self.n_classes_of_size @ grown(1 - alpha, self.sizes - 1)),
        )

    def __call__(self, point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        alpha, theta = self.natural(point)
        t = theta + alpha
        value = (
            (self.u - 1) * math.log(alpha)
            + float(log_rising(t / alpha, self.u - 1) - log_rising(t + 1 - alpha, self.n - 1))
            + float(self.n_classes_of_size @ log_rising(1 - alpha, self.sizes - 1))
        )
        a, b, c = self._derivatives(alpha, t, 0)
        by_alpha = (self.u - 1) / alpha - a * t / alpha**2 + b - c
        return -value, -np.array([by_alpha * alpha * (1 - alpha), (a / alpha - b) * t])

    def hessian(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the second derivatives of minus the log likelihood."""
        alpha, theta = self.natural(point)
        t = theta + alpha
        a, b, c = self._derivatives(alpha, t, 0)
        a2, b2, c2 = self._derivatives(alpha, t, 1)
        slope_alpha = (self.u - 1) / alpha - a * t / alpha**2 + b - c
        slope_t = a / alpha - b
        tt = a2 / alpha**2 - b2
        ta = -a / alpha**2 - a2 * t / alpha**3 + b2
        aa = -(self.u - 1) / alpha**2 + a2 * t**2 / alpha**4 + 2 * a * t / alpha**3 - b2 + c2
        step = alpha * (1 - alpha)
        corner = aa * step**2 + slope_alpha * step * (1 - 2 * alpha)
        return -np.array([[corner, ta * step * t], [ta * step * t, tt * t**2 + slope_t * t]])


def _pitman_starts(classes: ClassSizes) -> list[tuple[float, float]]:
    """Return (α, θ) to start from: a moment start, and two of other shapes."""
    n, u, n_unique = classes.n_records, classes.n_classes, classes.of_size(1)
    share = min(max(n_unique / u, 0.02), 0.98)
    starts = [(share, 1.0), (0.1, float(u) / 4 + 1)]
    ratio = n_unique * (n_unique - 1) / max(classes.of_size(2), 1)
    below = 2 * n_unique * u + n_unique * ratio - n * ratio
    if below:
        theta = (n * u * ratio - n_unique * (n - 1) * (2 * u + ratio)) / below
        alpha = (theta * (n_unique - n) + (n - 1) * n_unique) / (n * u)
        if 0 < alpha < 1 and theta > -alpha:
            starts.insert(0, (alpha, theta))
    return starts


def ewens(classes: ClassSizes, population_size: int) -> Estimate:
    """Return the estimate of Ewens's sampling formula: Pitman's without a discount.

    θ solves u = θ (ψ(θ + n) - ψ(θ)); S1 = N θ / (θ + N - 1).
    """
    from scipy.optimize import brentq
    from scipy.special import digamma

    n, u = classes.n_records, classes.n_classes
    if u == n:
        return _failed(ALL_UNIQUE)

    def missed(log_theta: float) -> float:
        theta = math.exp(log_theta)
        return float(theta * (digamma(theta + n) - digamma(theta)) - u)

    low, high = -30.0, 2 * math.log(n) + 5
    if u == 1 or missed(low) > 0 or missed(high) < 0:
        return _failed(RAN_OFF)
    theta = math.exp(brentq(missed, low, high, xtol=1e-13))
    expected, seen = (people * theta / (theta + people - 1) for people in (population_size, n))
    return Estimate(expected, "", {"theta": theta}, seen)


def poisson_gamma(classes: ClassSizes, population_size: int, n_cells: float) -> Estimate:
    """Return the estimate of the Poisson-gamma model over ``n_cells`` possible combinations, empty ones included.

    Bethlehem, Keller and Pannekoek (1990), JASA 85, 38-45, by moments: with m the mean count of a cell and s² its
    variance, β = (s² - m) / (m n), α = 1 / (K β), S1 = N (1 + N β)^-(α + 1).
    """
    n = classes.n_records
    mean = n / n_cells
    square = float(classes.n_classes_of_size @ (classes.sizes.astype(np.float64) ** 2)) / n_cells
    variance = square - mean**2
    if variance <= mean:
        expected, seen = (people * math.exp(-people / n_cells) for people in (population_size, n))
        return Estimate(expected, "", {"cells": n_cells}, seen)
    beta = (variance - mean) / (mean * n)
    alpha = 1 / (n_cells * beta)
    expected, seen = (people * math.exp(-(alpha + 1) * math.log1p(people * beta)) for people in (population_size, n))
    return Estimate(expected, "", {"cells": n_cells, "alpha": alpha, "beta": beta}, seen)
