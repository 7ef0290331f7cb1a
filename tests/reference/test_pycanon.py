"""pyCANON 1.3.5's answers on small released tables, and the published definitions where it strays from them.

Right in pyCANON: k, alpha, distinct l, t, basic beta, delta over the values present. Wrong: entropy l is cut to a whole
number below it; recursive (c, l) sorts counts the wrong way; enhanced beta is given where none will do; delta skips
values that a class lacks; the average risk is over classes, not people; records with a missing key are dropped.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import riskscope as rs
from riskscope.errors import RoleError

CLOSE = 1e-12
CASES = ["hospital", "math_raw", "math_k2", "math_k2_l3", "math_k5", "drug_raw", "stroke_raw", "stroke_k2"]
CASES += ["stroke_k5", "stroke_k10", "stroke_k25", "adult_k20", "adult_k10"]
ONE = rs.Roles(quasi_identifiers="q", sensitive="s")


def read(shared: Path) -> dict[str, Any]:
    text = (shared / "reference" / "pycanon" / "reference.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def test_every_case_is_tested(shared: Path) -> None:
    assert set(read(shared)["cases"]) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_released_tables(name: str, shared: Path) -> None:
    case = read(shared)["cases"][name]
    frame = pd.read_csv(shared / "reference" / "pycanon" / case["file"])
    (sensitive,) = case["sensitive_attributes"]
    counted = rs.count(frame, rs.Roles(quasi_identifiers=case["quasi_identifiers"], sensitive=sensitive))
    peer, definition = case["pycanon"], case["published_definition"]
    values = definition["sa"][sensitive]

    smallest, risk = rs.k_anonymity(counted), rs.reidentification_risk(counted)
    assert smallest.k == peer["k_anonymity"] == definition["k_anonymity"]
    assert (smallest.n_records, smallest.n_classes) == (definition["n_rows"], definition["n_classes"])
    assert smallest.n_unique == definition["n_unique_records"]
    assert rs.uniqueness(counted).largest == definition["max_class"]
    assert risk.highest == pytest.approx(definition["max_risk"], rel=CLOSE)
    assert risk.average == pytest.approx(definition["avg_risk_per_record (classes/n)"], rel=CLOSE)

    alpha = rs.alpha_k_anonymity(counted)
    assert [alpha.alpha, alpha.k] == pytest.approx(peer["alpha_k_anonymity"], rel=CLOSE)
    assert alpha.alpha == pytest.approx(values["alpha"], rel=CLOSE)
    assert rs.l_diversity(counted).l == peer["l_diversity"] == values["l_distinct"]
    entropy = rs.l_diversity(counted, kind="entropy").l
    assert entropy == pytest.approx(values["l_entropy = exp(min H)"], rel=CLOSE)
    assert peer["entropy_l_diversity"] <= entropy + CLOSE  # a whole number below
    for least, bound in values["recursive: infimum of c for each l (need c > value)"].items():
        ours = rs.l_diversity(counted, kind="recursive", l=int(least)).c_min[sensitive]
        assert ours == pytest.approx(bound, rel=CLOSE)

    assert rs.t_closeness(counted).t == pytest.approx(values["t_equal_distance"], rel=CLOSE)
    ordered = rs.t_closeness(counted, distance="ordered").t
    assert ordered == pytest.approx(values["t_ordered_distance"], rel=CLOSE)
    chosen = "ordered" if values["numeric"] else "equal"  # pyCANON picks by the type of the column
    assert rs.t_closeness(counted, distance=chosen).t == pytest.approx(peer["t_closeness"], rel=CLOSE)
    assert rs.beta_likeness(counted).beta == pytest.approx(peer["basic_beta_likeness"], rel=CLOSE)
    assert rs.beta_likeness(counted, kind="enhanced").beta == math.inf
    assert values["enhanced_beta (inf if no beta can satisfy it)"] == "inf"
    assert math.isfinite(peer["enhanced_beta_likeness"])  # given although none will do
    assert rs.delta_disclosure(counted, zero="skip").delta == pytest.approx(peer["delta_disclosure"], rel=CLOSE)
    assert rs.delta_disclosure(counted).delta == math.inf
    assert values["delta_disclosure (inf if a value is missing from a class)"] == "inf"


def test_average_risk_of_pycanon_is_over_classes(shared: Path) -> None:
    case = read(shared)["cases"]["stroke_k2"]
    frame = pd.read_csv(shared / "reference" / "pycanon" / case["file"])
    ours = rs.reidentification_risk(frame, case["quasi_identifiers"]).average
    assert ours == pytest.approx(0.076892, abs=5e-7)
    assert case["pycanon"]["metrics.average_rir"] == pytest.approx(0.237911, abs=5e-7)


def one_class(counts: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"q": "x", "s": [f"v{at}" for at, n in enumerate(counts) for _ in range(n)]})


@pytest.mark.parametrize(
    ("case", "counts", "least", "c", "pycanon_c"), [("C1", [99, 1], 2, 99, 1), ("C2", [5, 3, 2], 3, 2.5, 1)]
)
def test_recursive(case: str, counts: list[int], least: int, c: float, pycanon_c: int) -> None:
    """PYCANON_COUNTEREXAMPLES C1, C2: pyCANON takes the smallest count for r_1."""
    frame = one_class(counts)
    ours = rs.l_diversity(frame, ONE, kind="recursive", l=least).c_min["s"]
    assert ours == pytest.approx(c, rel=CLOSE), case
    assert rs.l_diversity(frame, ONE, kind="recursive", c=pycanon_c).l < least
    assert rs.l_diversity(frame, ONE, kind="recursive", c=c + 0.01).l == least


@pytest.mark.parametrize(
    ("case", "counts", "l", "pycanon_l"),
    [("E1", [1, 1], 2, 1), ("E2", [1, 1, 1, 1], 4, 3), ("E3", [3, 2, 1], 2.7495, 2)],
)
def test_entropy(case: str, counts: list[int], l: float, pycanon_l: int) -> None:  # noqa: E741
    """E1 to E3: pyCANON cuts exp(H) to a whole number, after rounding has taken it below 2 and 4."""
    ours = rs.l_diversity(one_class(counts), ONE, kind="entropy").l
    assert ours == pytest.approx(l, abs=5e-5), case
    assert ours > pycanon_l


def test_delta_of_a_class_that_lacks_a_value() -> None:
    """D1: by the definition infinite; pyCANON gives ln 2, as `zero="skip"` does."""
    frame = pd.DataFrame({"q": ["x", "x", "y", "y"], "s": ["a", "a", "b", "b"]})
    assert rs.delta_disclosure(frame, ONE).delta == math.inf
    assert rs.delta_disclosure(frame, ONE, zero="skip").delta == pytest.approx(0.6931471805599453, rel=CLOSE)


def test_enhanced_beta_that_does_not_exist() -> None:
    """B1: the gain 1 is above -ln .5, so no beta will do; pyCANON gives .693."""
    frame = pd.DataFrame({"q": ["x", "x", "y", "y"], "s": ["a", "a", "b", "b"]})
    assert rs.beta_likeness(frame, ONE).beta == 1
    assert rs.beta_likeness(frame, ONE, kind="enhanced").beta == math.inf


@pytest.mark.parametrize(
    ("case", "frame", "distance", "t"),
    [
        ("T1", pd.DataFrame({"q": list("xxyy"), "s": [7] * 4}), "ordered", 0),  # pyCANON divides by zero
        ("T2", pd.DataFrame({"q": list("xxyy"), "s": pd.Categorical(list("abab"), ordered=True)}), "ordered", 0),
        ("T3", pd.DataFrame({"q": list("xxxyyyyyy"), "s": range(3, 12)}), "ordered", 0.375),
        ("T4", pd.DataFrame({"q": list("xxxxyyyy"), "s": [True] * 3 + [False] * 4 + [True]}), "equal", 0.25),
        (
            "T5",  # pyCANON takes the equal distance: 1/3
            pd.DataFrame(
                {
                    "q": list("xxyyzz"),
                    "s": pd.Categorical(
                        ["lo", "mid", "mid", "hi", "lo", "hi"], categories=["lo", "mid", "hi"], ordered=True
                    ),
                }
            ),
            "ordered",
            0.25,
        ),
    ],
)
def test_closeness(case: str, frame: pd.DataFrame, distance: str, t: float) -> None:
    assert rs.t_closeness(frame, ONE, distance=distance).t == pytest.approx(t, abs=CLOSE), case


def test_the_index_does_not_matter() -> None:
    """I1 to I4: pyCANON gives l = 2, an IndexError, and t = .333333 for the same rows under other labels."""
    rows = pd.DataFrame({"q": list("xxxyyy"), "s": list("abcddd")})
    relabelled = rows.set_axis([0, 3, 1, 4, 2, 5], axis=0)
    filtered = pd.concat([pd.DataFrame({"q": list("zzz"), "s": list("abc")}), rows], ignore_index=True)[3:]
    for frame in (rows, relabelled, filtered):
        assert rs.l_diversity(frame, ONE).l == 1
        assert rs.t_closeness(frame, ONE).t == pytest.approx(0.5, abs=CLOSE)


def test_no_record_is_dropped_for_a_missing_key() -> None:
    """N1: 1, or 4 where a missing value matches everything; pyCANON drops the record and says 3."""
    frame = pd.DataFrame({"q": ["x", "x", "x", None]})
    assert rs.k_anonymity(frame, ["q"]).k == 1
    assert rs.k_anonymity(frame, ["q"], missing="wildcard").k == 4
    assert rs.k_anonymity(frame, ["q"]).n_records == 4


def test_missing_sensitive_values_are_one_value() -> None:
    """N2 to N6: pyCANON raises, or skips them and sums to less than one; here they are a value of their own."""
    text = pd.DataFrame({"q": list("xxxyy"), "s": ["a", "b", None, "a", "b"]})
    number = pd.DataFrame({"q": list("xxxyy"), "s": [1, 2, np.nan, 1, 2]})
    assert rs.l_diversity(text, ONE).l == 2
    assert rs.l_diversity(number, ONE).l == 2
    assert rs.l_diversity(number[:3], ONE).l == 3
    assert rs.l_diversity(number, ONE, kind="entropy").l == pytest.approx(2, abs=CLOSE)
    # shares 1/3 each in x, (1/2, 1/2, 0) in y, (.4, .4, .2) in the table
    assert rs.t_closeness(number, ONE).t == pytest.approx(0.2, abs=CLOSE)
    assert rs.t_closeness(number, ONE, distance="ordered").t == pytest.approx((0.1 + 0.2) / 2, abs=CLOSE)
    assert rs.beta_likeness(number, ONE).beta == pytest.approx(2 / 3, rel=CLOSE)


def test_keys() -> None:
    """K1 to K5: unused categories make no class of nobody; an empty table and a plain name are met in words."""
    unused = pd.DataFrame({"q": pd.Categorical(["x", "x"], categories=["x", "y"])})
    assert rs.k_anonymity(unused, ["q"]).k == 2
    two = pd.DataFrame({"q": pd.Categorical(["x", "x", "y", "y"]), "r": pd.Categorical(["u", "u", "v", "v"])})
    assert rs.k_anonymity(two, ["q", "r"]).k == 2
    assert rs.k_anonymity(two, "q").k == 2
    with pytest.raises(RoleError, match="The roles name no quasi-identifier"):
        rs.k_anonymity(two, [])
    assert math.isnan(rs.k_anonymity(two[:0], ["q"]).k)


def test_other_sensitive_columns_as_known() -> None:
    """G0 to G2: with the other sensitive column known, the class of v has one value only."""
    frame = pd.DataFrame({"q": list("xxx"), "s1": list("aba"), "s2": list("uuv")})
    roles = rs.Roles(quasi_identifiers="q", sensitive=["s1", "s2"])
    assert rs.l_diversity(frame, roles).by_column == {"s1": 2, "s2": 2}
    assert rs.l_diversity(frame, roles, others="known").by_column == {"s1": 1, "s2": 1}
    known = rs.l_diversity(frame, roles, kind="recursive", others="known")
    assert known.c_min["s1"] == math.inf
