"""Every public audit over every kind of data frame: the same numbers, every form of output, nothing promised."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import riskscope as rs
from riskscope.results import Result

RNG = np.random.default_rng(21)
N = 240
PEOPLE: dict[str, list[Any]] = {
    "sex": RNG.choice(["F", "M"], N).tolist(),
    "area": [None if at % 40 == 7 else each for at, each in enumerate(RNG.choice(["north", "south"], N).tolist())],
    "level": RNG.integers(0, 3, N).tolist(),
    "decided": RNG.integers(0, 2, N).tolist(),
    "happened": [None if at % 30 == 4 else each for at, each in enumerate(RNG.integers(0, 2, N).tolist())],
    "score": RNG.random(N).round(3).tolist(),
    "kind": RNG.choice(["saver", "spender", "seeker"], N).tolist(),
    "weight": RNG.choice([0.5, 1.0, 2.0], N).tolist(),
}
Audit = Callable[[Callable[..., Any]], Result]
F = rs.fairness

#: Each takes a function that gives columns of the people as one kind of frame.
AUDITS: dict[str, Audit] = {
    "audit_outcome": lambda of: F.audit_outcome(of("score"), of("sex", "area")),
    "audit_decisions": lambda of: F.audit_decisions(y_pred=of("decided"), sensitive_features=of("sex")),
    "audit_decisions outcome": lambda of: F.audit_decisions(
        y_pred=of("decided"), y_true=of("happened"), sensitive_features=of("sex", "area"), control_features=of("level")
    ),
    "audit_decisions weights": lambda of: F.audit_decisions(
        y_pred=of("decided"), sensitive_features=of("sex"), sample_weight=of("weight")
    ),
    "audit_scores": lambda of: F.audit_scores(y_pred=of("score"), sensitive_features=of("sex")),
    "audit_scores outcome": lambda of: F.audit_scores(
        y_pred=of("score"), y_true=of("happened"), sensitive_features=of("area")
    ),
    "audit_profiles": lambda of: F.audit_profiles(y_pred=of("kind"), sensitive_features=of("sex")),
    "audit_intersections": lambda of: F.audit_intersections(y_pred=of("decided"), sensitive_features=of("sex", "area")),
    "conditional_disparity": lambda of: F.conditional_disparity(
        y_pred=of("decided"), sensitive_features=of("sex"), control_features=of("level")
    ),
    "consistency": lambda of: F.consistency(
        y_pred=of("decided"), features=of("level", "score"), sensitive_features=of("sex")
    ),
    "proxies": lambda of: F.proxies(
        features=of("level", "score", "kind"), sensitive_features=of("sex"), n_permutations=2, n_splits=2
    ),
    "disparity_carried": lambda of: F.disparity_carried(
        y_pred=of("score"), features=of("level", "kind"), sensitive_features=of("sex"), n_splits=2
    ),
    "explain_profile": lambda of: F.explain_profile(
        y_pred=of("decided"), features=of("level", "kind"), sensitive_features=of("sex"), n_splits=2
    ),
    "unknown_bounds": lambda of: F.unknown_bounds(y_pred=of("decided"), sensitive_features=of("area")),
}
#: Categories have the order that they were given: numbers kept as categories are other strata, features and scores.
ORDERED = {"pandas categorical", "pandas categories unused", "arrow dictionary"}
TAKE_NUMBERS = {
    "audit_decisions outcome",
    "audit_decisions weights",
    "audit_scores",
    "audit_scores outcome",
    "conditional_disparity",
    "consistency",
    "proxies",
    "disparity_carried",
    "explain_profile",
}
#: Which records a model sees follows the order of the rows.
IN_OTHER_ORDER = {"arrow sliced"}
WITH_MODELS = {"proxies", "disparity_carried", "explain_profile"}
#: These take the user's model, or answer for every cut-off.
OTHERS = {"flip_test", "explain_score", "compare_mitigations", "sweep"}


def pandas_of(*names: str) -> Any:
    return pd.DataFrame({name: PEOPLE[name] for name in names})


def same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(each, its) for each, its in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)


def test_every_public_audit_is_here() -> None:
    public = {name for name in rs.fairness.__all__ if not name[0].isupper()}
    assert public == {name.split()[0] for name in AUDITS} | OTHERS


def test_every_public_name_is_what_it_says() -> None:
    import riskscope.journeys.audit  # noqa: F401  (a module of the same name must not stand before a function)

    for name in rs.fairness.__all__:
        assert callable(getattr(rs.fairness, name)), name


@pytest.mark.parametrize("name", list(AUDITS))
def test_same_numbers_from_every_frame(
    name: str, frame_of: Callable[[dict[str, list[Any]]], Any], path: str, request: pytest.FixtureRequest
) -> None:
    kind = request.node.callspec.id
    if any(each in kind for each in ORDERED) and name in TAKE_NUMBERS:
        pytest.skip("numbers kept as categories are no numbers")
    if any(each in kind for each in IN_OTHER_ORDER) and name in WITH_MODELS:
        pytest.skip("the rows stand in another order")
    expected = AUDITS[name](pandas_of).to_dict()
    found = AUDITS[name](lambda *names: frame_of({each: PEOPLE[each] for each in names})).to_dict()
    assert same(found, expected)


@pytest.mark.parametrize("name", list(AUDITS))
def test_every_way_to_show_an_audit(name: str) -> None:
    result = AUDITS[name](pandas_of)
    told = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert told["measure"] == type(result).__name__
    assert told["n_records"] == N
    assert result.summary() == " ".join(result.sentences())
    assert type(result).__name__ in repr(result)
    html = result._repr_html_()
    assert html.count("<table") == html.count("</table>") >= 1
    assert result.question
    shown = " ".join([result.summary(), repr(result), html]).lower()
    for word in (" safe", "anonymous", "discriminates"):
        assert word not in shown
    for field, _label, value, _kind in result.shown_fields():
        if isinstance(value, float) and math.isnan(value):
            assert result.undefined[field], field


@pytest.mark.parametrize("name", list(AUDITS))
def test_the_answer_repeats_and_data_are_not_changed(name: str) -> None:
    kept: list[tuple[Any, Any]] = []

    def of(*names: str) -> Any:
        kept.append((pandas_of(*names), pandas_of(*names)))
        return kept[-1][0]

    assert same(AUDITS[name](of).to_dict(), AUDITS[name](pandas_of).to_dict())
    for given, before in kept:
        pd.testing.assert_frame_equal(given, before)
