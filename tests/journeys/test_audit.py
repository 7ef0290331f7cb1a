"""The audit as a whole: the planted bias is found, what is even is not accused, families are corrected, all is said."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import riskscope as rs
from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.fairness.conditional.words import ConditionalDisparity
from riskscope.fairness.testing import CANNOT_TELL, DISPARITY, NO_LARGER
from riskscope.journeys.findings import Audited, findings

ROLES = rs.Roles(
    protected=["sex", "birth_region"],
    inferred=["segment", "credit_score", "instalment_approved"],
    outcome="paid_on_time",
)


@pytest.fixture(scope="module")
def customers() -> rs.Audit:
    return rs.audit(rs.datasets.load_customers(), ROLES, with_models=False, name="customers")


def found(answer: rs.Audit) -> dict[tuple[str, str], str]:
    return {(each.inferred, each.protected): each.verdict for each in answer.findings}


def test_the_planted_bias_is_found_and_the_rest_is_not_accused(customers: rs.Audit) -> None:
    verdicts = found(customers)
    assert verdicts["credit_score", "birth_region"] == DISPARITY
    assert verdicts["instalment_approved", "birth_region"] == DISPARITY
    assert verdicts["segment", "sex"] == DISPARITY
    assert verdicts["credit_score", "sex"] == NO_LARGER
    assert verdicts["instalment_approved", "sex"] == NO_LARGER
    assert verdicts["segment", "birth_region"] != DISPARITY
    by_region = next(each for each in customers.findings if each[:2] == ("instalment_approved", "birth_region"))
    assert by_region.result.lowest == "outside EU"  # type: ignore[attr-defined]


def test_the_answer_is_told_in_every_form(customers: rs.Audit, tmp_path: Any) -> None:
    assert repr(customers).startswith(
        "Audit of 'customers'\n  'instalment_approved' by 'birth_region': disparity found"
    )
    assert [line.is_urgent for line in customers.lines()] == [True] * 3 + [False] * 3
    assert customers.next_step().startswith("Next: ask of each of the 3 disparities")
    assert customers.summary().endswith("its absence no proof of fair treatment.")
    told = json.loads(json.dumps(customers.to_dict(), allow_nan=False))
    assert len(told["results"]) == len(customers.results) == 7
    assert {each["about"] for each in told["results"]} >= {"'segment' by 'sex'"}
    page = customers.to_html(tmp_path / "audit.html").read_text(encoding="utf-8")
    assert "Does what &#39;customers&#39; says of people differ between groups?" in page
    assert len(customers.to_frame()) > 50
    for each in customers.results:
        assert each.sentences()
        assert each._repr_html_()


def test_the_evidence_begins_with_the_largest_disparity(customers: rs.Audit) -> None:
    told = customers.findings
    order = [DISPARITY, CANNOT_TELL, NO_LARGER]
    assert [each.verdict for each in told] == sorted((each.verdict for each in told), key=order.index)
    for verdict in order:
        sizes = [each.size for each in told if each.verdict == verdict]
        assert sizes == sorted(sizes, reverse=True)
    assert [each is one.result for each, one in zip(customers.results, told, strict=False)] == [True] * len(told)
    assert customers.results[0].about == "'instalment_approved' by 'birth_region'"


def test_any_frame_gives_the_same_answer(customers: rs.Audit) -> None:
    data = rs.datasets.load_customers()
    columns = list(ROLES.columns())
    other = rs.audit(pl.from_pandas(data[columns]), ROLES, with_models=False, name="customers")
    assert [line[:2] for line in other.lines()] == [line[:2] for line in customers.lines()]
    shuffled = data.sample(frac=1, random_state=1)
    assert found(rs.audit(shuffled, ROLES, with_models=False)) == found(customers)


def some_people(n: int = 800) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    sex = np.where(rng.random(n) < 0.5, "F", "M")
    level = rng.integers(0, 3, n)
    return pd.DataFrame(
        {
            "sex": sex,
            "age": rng.integers(18, 90, n),
            "level": level,
            "denied": np.where(rng.random(n) < 0.2 + 0.2 * level, "yes", "no"),
            "score": rng.normal(size=n).round(3),
            "mark": np.where(rng.random(n) < 0.02, None, "seen"),
        }
    )


def test_strata_bands_and_unknown_groups_are_told() -> None:
    people = some_people().assign(origin=lambda frame: frame["sex"].where(frame.index % 9 > 0))
    answer = rs.audit(
        people,
        rs.Roles(protected=["age", "origin"], inferred=["denied"]),
        control_features=["level"],
        favourable_label={"denied": "no"},
        with_models=False,
        notes=["read from a file"],
    )
    kinds = [type(each).__name__ for each in answer]
    assert kinds.count("DecisionAudit") == 2
    assert kinds.count("ConditionalDisparity") == 2
    assert kinds.count("UnknownBounds") == 1
    assert kinds.count("IntersectionAudit") == 1
    assert answer.notes[0] == "read from a file"
    assert "'age' has 72 distinct values; it was cut into bands" in answer.notes[1]
    within = [each.about for each in answer if isinstance(each, ConditionalDisparity)]
    assert within == [f"'denied' by '{each.protected}'" for each in answer.findings]


def test_the_margin_is_that_of_every_part() -> None:
    roles = rs.Roles(protected="sex", inferred="denied")
    answer = rs.audit(some_people(), roles, control_features=["level"], margin=0.3, with_models=False)
    [decisions, within] = answer.results
    assert (decisions.margin, within.margin) == (0.3, 0.3)  # type: ignore[attr-defined]
    assert within.verdict == NO_LARGER  # type: ignore[attr-defined]


def test_several_records_of_a_person_are_said() -> None:
    people = some_people().assign(who=lambda frame: frame.index // 2)
    answer = rs.audit(people, rs.Roles(protected="sex", inferred="score", person="who"), with_models=False)
    assert "Records are compared, not persons" in " ".join(answer.notes)


def test_nothing_to_find_is_found_seldom() -> None:
    rng = np.random.default_rng(0)
    alarms = 0
    for _each in range(40):
        people = pd.DataFrame(
            {
                "a": rng.choice(list("uvwxyz"), 500, p=[0.4, 0.3, 0.15, 0.08, 0.05, 0.02]),
                "b": rng.choice(list("pq"), 500),
                "made": (rng.random(500) < 0.1).astype(int),
                "kind": rng.choice(list("rst"), 500),
            }
        )
        answer = rs.audit(people, rs.Roles(protected=["a", "b"], inferred=["made", "kind"]), with_models=False)
        alarms += any(each.verdict == DISPARITY for each in answer.findings)
    assert alarms <= 5  # at 5 %: more than 5 of 40 with a chance of 1.4 %


def test_p_values_are_corrected_for_all_audits() -> None:
    rng = np.random.default_rng(3)
    sex = np.repeat(["F", "M"], 300)
    made = (rng.random(600) < np.where(sex == "F", 0.3, 0.42)).astype(int)
    alone = rs.fairness.audit_decisions(y_pred=made, sensitive_features=sex)
    one = findings([Audited("made", "sex", alone)])
    many = findings([Audited("made", str(at), alone) for at in range(5)])
    assert one[0].p_value == pytest.approx(alone.p_value)
    assert many[0].p_value == pytest.approx(min(1, 5 * alone.p_value))
    assert findings([]) == []


def test_one_group_leaves_nothing_to_tell() -> None:
    people = some_people().assign(sex="F")
    answer = rs.audit(people, rs.Roles(protected="sex", inferred=["denied", "score"]), with_models=False)
    assert {each.verdict for each in answer.findings} == {CANNOT_TELL}
    assert answer.next_step().startswith("Next: gather more people")


@pytest.mark.parametrize(
    ("roles", "how", "error", "words"),
    [
        (rs.Roles(protected="sex"), {}, RoleError, "No column is inferred"),
        (rs.Roles(inferred="score"), {}, RoleError, "No column is protected"),
        (rs.Roles(inferred="score", protected="score"), {}, RoleError, "both inferred and protected"),
        (rs.Roles(inferred="mark", protected="sex"), {}, FrameError, "1 distinct value"),
        (rs.Roles(inferred="sex", protected="age"), {}, RoleError, "pos_label"),
        (rs.Roles(inferred="score", protected="sex"), {"pos_label": {"sex": "F"}}, RoleError, "pos_label names 'sex'"),
        (rs.Roles(inferred="score", protected="sex"), {"kinds": {"score": "segment"}}, RiskscopeError, "kinds is"),
        (rs.Roles(inferred="score", protected="sex"), {"control_features": ["rank"]}, RoleError, "not found: 'rank'"),
    ],
)
def test_what_cannot_be_audited_says_what_to_do(roles: rs.Roles, how: Any, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        rs.audit(some_people(60), roles, with_models=False, **how)


def test_nobody_is_an_error() -> None:
    with pytest.raises(FrameError, match="0 rows"):
        rs.audit(some_people(60).head(0), rs.Roles(inferred="score", protected="sex"))


def test_roles_may_be_proposed() -> None:
    answer = rs.audit(rs.datasets.load_customers(), with_models=False)
    assert answer.warning
    assert answer.findings


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"control_features": ["denied"]}, RoleError, "both control and inferred"),
        ({"control_features": ["sex"]}, RoleError, "both control and protected"),
        ({"rng": -1}, RiskscopeError, "rng is int"),
        ({"rng": "x"}, RiskscopeError, "rng is str"),
        ({"name": None}, RiskscopeError, "name is NoneType"),
        ({"reference": "F"}, RoleError, "reference is str; it must be a dict"),
        ({"pos_label": 1}, RoleError, "pos_label is int"),
        ({"kinds": "score"}, RoleError, "kinds is str"),
    ],
)
def test_what_makes_no_sense_is_refused(how: Any, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        rs.audit(some_people(100), rs.Roles(protected="sex", inferred="denied"), with_models=False, **how)


@pytest.mark.parametrize(
    ("column", "roles", "how", "words"),
    [
        ("denied", {"inferred": "denied"}, {}, "The decision 'denied' is missing in"),
        ("score", {"inferred": "score"}, {}, "The score 'score' is missing or infinite in"),
        ("weight", {"inferred": "level", "weight": "weight"}, {}, "The weight 'weight' is missing or infinite in"),
        ("sex", {"inferred": "level"}, {"reference": {"sex": "X"}}, "reference names no group of the protected column"),
    ],
)
def test_errors_name_the_column_and_no_argument_of_an_audit(column: str, roles: Any, how: Any, words: str) -> None:
    people = some_people().assign(weight=1.5)
    people[column] = people[column].where(people.index % 100 > 0)
    with pytest.raises(RiskscopeError, match=words) as caught:
        rs.audit(people, rs.Roles(protected="sex", **roles), **how)
    for name in ("y_pred", "y_true", "sample_weight", "sensitive_features"):
        assert name not in str(caught.value)


def test_people_without_a_profile_are_audited_to_the_end() -> None:
    people = some_people().assign(kind=lambda frame: np.where(frame["level"] > 0, "a", "b"))
    people["kind"] = people["kind"].where(people["score"] < 1).astype("category")
    people.loc[people.index % 5 == 0, "kind"] = None
    people["kind"] = people["kind"].cat.add_categories("c")
    people.loc[people.index % 7 == 0, "kind"] = "c"
    answer = rs.audit(people, rs.Roles(protected="sex", inferred="kind"))
    assert "ProfileAudit" in {type(each).__name__ for each in answer}
    assert "Explanation" in str([type(each).__name__ for each in answer])


def test_an_outcome_is_not_held_against_itself() -> None:
    roles = rs.Roles(protected="sex", inferred="denied", outcome="denied")
    with pytest.raises(RoleError, match="both outcome and inferred"):
        rs.audit(some_people(100), roles, with_models=False)


def test_parity_is_not_claimed_where_nothing_could_differ() -> None:
    people = some_people().assign(decided=lambda frame: (frame["denied"] == "no").astype(int))
    people["came_true"] = people["level"].gt(0).astype(int).where(people["decided"] == 1)  # known of the accepted alone
    answer = rs.audit(people, rs.Roles(protected="sex", inferred="decided", outcome="came_true"), with_models=False)
    told = answer.findings[0].result.metric_tests  # type: ignore[attr-defined]
    assert told["false_positive_rate"].verdict == CANNOT_TELL
    assert np.isnan(told["false_positive_rate"].p_corrected)


def test_few_people_of_unknown_group_have_no_bounds() -> None:
    people = some_people().assign(sex=lambda frame: frame["sex"].where(frame.index > 13))
    answer = rs.audit(people, rs.Roles(protected="sex", inferred="denied"), with_models=False)
    assert "UnknownBounds" not in {type(each).__name__ for each in answer}
