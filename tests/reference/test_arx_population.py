"""ARX 3.9.2's estimates of the people alone in the population, from the class sizes of its tables.

ARX's Zayatz is exact. Its Pitman is the asymptote for large populations, computed here from the same fit; at samples
of nine tenths it is 2 to 3 % above the exact value. Where Pitman's discount would be negative (the ages of Adult), ARX
leaves the model and reports almost nobody; here the discount stays at 0, which is Ewens's formula. ARX multiplies the
second equation of the SNB where it must divide, and reports 0 where a fit fails: the corrected values lie beside.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import gammaln

from riskscope.risk.class_size_counts import ClassSizes
from riskscope.risk.frequency_models import ewens, pitman, slide_negative_binomial, zayatz

#: Sums of logarithms of large factorials.
CLOSE = 1e-9
#: ARX stops its Newton steps early.
FITTED = 1e-6


def cases(shared: Path) -> list[tuple[str, str, ClassSizes, dict[str, Any]]]:
    """Return (table, fraction, class sizes, ARX's answer) of every case with a histogram."""
    found = []
    for file in ("risk-adult.json", "risk-other.json"):
        tables = json.loads((shared / "reference" / "arx" / file).read_text(encoding="utf-8"))
        for name, table in tables.items():
            pairs = [tuple(map(int, pair.split(":"))) for pair in table["class_size_histogram"].split()]
            sizes, n_classes = np.array(pairs).T
            for fraction, answer in table["population_uniqueness"].items():
                found.append((name, fraction, ClassSizes(sizes, n_classes), answer))
    return found


def test_zayatz(shared: Path) -> None:
    every = cases(shared)
    assert len(every) == 88
    for _name, _fraction, classes, answer in every:
        expected = answer["solver_unlimited_time"]["zayatz"]["num_unique"]
        assert zayatz(classes, answer["population_size"]).n_uniques == pytest.approx(expected, rel=CLOSE)


def test_pitman(shared: Path) -> None:
    n_compared = 0
    for name, fraction, classes, answer in cases(shared):
        theirs, n = answer["solver_unlimited_time"]["pitman"], answer["population_size"]
        ours = pitman(classes, n)
        assert ours.converged == theirs["available"]
        if name == "adult/Q1_age":
            assert ours == ewens(classes, n)
        elif ours.converged:
            alpha, theta = ours.parameters["alpha"], ours.parameters["theta"]
            asymptote = math.exp(gammaln(theta + 1) - gammaln(theta + alpha) + alpha * math.log(n))
            assert asymptote == pytest.approx(theirs["num_unique"], rel=FITTED)
            assert ours.n_uniques == pytest.approx(asymptote, rel=0.03 if fraction == "f=0.9" else 0.02)
            n_compared += 1
    assert n_compared == 48


def test_slide_negative_binomial_corrected(shared: Path) -> None:
    corrected = json.loads((shared / "reference" / "arx" / "snb_corrected.json").read_text(encoding="utf-8"))
    n_compared = 0
    for name, fraction, classes, answer in cases(shared):
        ours = slide_negative_binomial(classes, answer["population_size"])
        expected = corrected.get(name, {}).get(fraction)
        if expected is not None:
            assert ours.n_uniques == pytest.approx(expected["num_unique"], rel=FITTED)
            assert ours.parameters["classes"] == pytest.approx(expected["shlosser_sh3_K"], rel=FITTED)
            assert ours.parameters["alpha"] == pytest.approx(expected["alpha"], rel=FITTED)
            assert ours.parameters["beta"] == pytest.approx(expected["beta"], rel=FITTED)
            n_compared += 1
    assert n_compared == 48  # two more tables have no class sizes among ARX's answers
