"""The expected value of 1 / F for a class of f records in the sample: two integrals, exact to rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

#: From so many records on, the series needs few terms whatever the sampling fraction.
_LARGE = 40
#: A term of a series below this share of its sum changes nothing.
_NOTHING = 1e-17
#: Steps of the continued fraction: 40 already give every digit, for any f and v.
_DEPTH = 60


def negative_binomial_risk(sizes: Numbers, shares: Numbers) -> Numbers:
    """Return p times the integral over (0, 1) of u^(f-1) / (p + (1-p) u), for f >= 1 and p in (0, 1].

    Parameters
    ----------
    sizes : float64 array (n_classes,)
        f, records of a class in the sample; not always whole where missing values match.
    shares : float64 array (n_classes,)
        p, the share of the class that was sampled.

    Notes
    -----
    No branch subtracts large numbers: a closed form for f = 1; the series in 1 - p where it is short (f large, or
    p at least a half); the recursion r(f+1) = p/(1-p) (1/f - r(f)) where p is below a half, which it needs to be
    stable; else, for a fraction of a record, double-exponential quadrature.
    """
    risks = np.empty(len(sizes))
    alone = sizes == 1
    short = ~alone & ((sizes >= _LARGE) | (shares >= 0.5))
    whole = ~alone & ~short & (sizes == np.floor(sizes))
    rest = ~alone & ~short & ~whole
    for chosen, formula in ((short, _by_series), (whole, _by_recursion), (rest, _by_quadrature)):
        if chosen.any():
            risks[chosen] = formula(sizes[chosen], shares[chosen])
    risks[alone] = _of_uniques(shares[alone])
    return risks


def _of_uniques(shares: Numbers) -> Numbers:
    """Return p/(1-p) ln(1/p), and 1 for p = 1."""
    others = 1 - shares
    risks = np.ones(len(shares))
    some = others > 0
    p, q = shares[some], others[some]
    risks[some] = p / q * np.where(p < 0.5, -np.log(p), -np.log1p(-np.minimum(q, 0.5)))
    return risks


def _by_series(sizes: Numbers, shares: Numbers) -> Numbers:
    """Return p/f times the sum of (1-p)^k k! / ((f+1) … (f+k)): every term is positive."""
    others = 1 - shares
    term = np.ones(len(sizes))
    total = np.ones(len(sizes))
    k = 0
    while term.max() > _NOTHING:
        k += 1
        term *= others * k / (sizes + k)
        total += term
    return shares / sizes * total


def _by_recursion(sizes: Numbers, shares: Numbers) -> Numbers:
    """Return r(f) from r(1), for whole f and p below a half; classes with the largest f come first."""
    order = np.argsort(-sizes, kind="stable")
    falling = sizes[order]
    odds = (shares / (1 - shares))[order]
    risks = _of_uniques(shares[order])
    for f in range(1, int(falling[0])):
        going = np.searchsorted(-falling, -f, side="left")  # classes larger than f
        risks[:going] = odds[:going] * (1 / f - risks[:going])
    found = np.empty(len(sizes))
    found[order] = risks
    return found


def _by_quadrature(sizes: Numbers, shares: Numbers) -> Numbers:
    """Return the integral over w = -ln(p + (1-p) u) from 0 to ln(1/p) =: L, at 1 / (1 + exp(-pi sinh t)) = w / L."""
    step = 1 / 32
    odds = shares / (1 - shares)
    length = -np.log(shares)
    total = np.zeros(len(sizes))
    for t in np.arange(-3.5, 3.5 + step / 2, step):
        far = 1 / (1 + np.exp(-np.pi * np.sinh(t)))  # w / L
        near = 1 / (1 + np.exp(np.pi * np.sinh(t)))  # 1 - w / L, without subtracting
        low = 1 + np.expm1(-length * far) / (1 - shares) if far < 0.5 else odds * np.expm1(length * near)
        total += low ** (sizes - 1) * (np.pi * np.cosh(t) * far * near * step)
    return odds * length * total


def poisson_risk(sizes: Numbers, others: Numbers) -> Numbers:
    """Return the integral over (0, 1) of t^(f-1) exp(-v (1-t)), the expected 1 / (f + Poisson(v)).

    Parameters
    ----------
    sizes : float64 array (n_classes,)
        f, records of a class in the sample, at least 1.
    others : float64 array (n_classes,)
        v, people of the class expected outside the sample, at least 0.

    Notes
    -----
    For f = 1: (1 - exp(-v)) / v. Else 1/(f+v - v/(f+1+v - 2v/(f+2+v - …))), from below.
    """
    risks = np.ones(len(sizes))
    alone = (sizes == 1) & (others > 0)
    risks[alone] = -np.expm1(-others[alone]) / others[alone]
    more = sizes > 1
    f, v = sizes[more], others[more]
    denominator = f + _DEPTH
    for k in range(_DEPTH, 0, -1):
        denominator = f + (k - 1) + v - k * v / denominator
    risks[more] = 1 / denominator
    return risks
