"""What an audit of decisions shows: enough to compare, and nothing that gives few people of a group away."""

from __future__ import annotations

import json
from itertools import chain, combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscope.fairness.counts import GroupCounts, counts_of
from riskscope.fairness.decisions.audit import DecisionAudit, audit_decisions
from riskscope.fairness.decisions.view import View, view_of

#: (group, outcome, decision, people)
Row = tuple[Any, Any, int, int]
TWO: list[Row] = [(g, y, d, 100 + 20 * (g == "M")) for g in "FM" for y in (0, 1) for d in (0, 1)]


def columns(people: list[Row]) -> dict[str, list[Any]]:
    rows = [row[:3] for row in people for _person in range(row[3])]
    group, outcome, decision = (list(each) for each in zip(*rows, strict=True))
    return {"sensitive_features": group, "y_true": outcome, "y_pred": decision}


def audited(people: list[Row], **options: Any) -> DecisionAudit:
    return audit_decisions(**columns(people), n_permutations=99, **options)


def test_three_people_of_unknown_group_hide_nobody() -> None:
    audit = audited([*TWO, (None, 1, 1, 2), (None, 0, 0, 1)])
    shown = audit.to_dict()
    assert [(each["group"], each["n"]) for each in shown["groups"]] == [("F", 400), ("M and a few others", 483)]
    assert shown["groups"][1]["selection_rate"] == pytest.approx(242 / 483)
    assert shown["groups"][1]["true_positive_rate"] == pytest.approx(122 / 242)
    assert (shown["highest"], shown["lowest"]) == ("M and a few others", "F")
    assert shown["gap"] == pytest.approx(242 / 483 - 0.5)
    assert audit.by_group["n"].to_dict() == {"F": 400, "M": 480, "unknown": 3}
    assert audit.difference("selection_rate", method="to_reference", reference="F", group="M").value == 0
    said = "Fewer than 10 people, whose groups are too small to show, are counted with a large group, 'M'"
    assert said in audit.summary()
    assert "unknown" not in " ".join(str(each) for each in (audit.tables(), shown["groups"], shown["tests"]))


def test_what_is_shown_is_that_of_the_joined_groups() -> None:
    """All shown is the same as in an audit of people who say that they are of the largest group."""
    few: list[Row] = [("X", 1, 1, 3), ("X", 0, 0, 4)]
    audit, plain = audited([*TWO, *few]), audited([*TWO, *(("M", *row[1:]) for row in few)])
    ours, theirs = audit.to_dict(), plain.to_dict()
    assert (ours.pop("n_groups"), theirs.pop("n_groups")) == (3, 2)
    for each in (ours, theirs):
        each.pop("p_value")
        for record in (*each["tests"], *each["groups"]):  # people are dealt anew
            for name in [name for name in record if name.endswith("_p") or name == "p_corrected"]:
                record.pop(name)
    assert json.loads(json.dumps(ours).replace("M and a few others", "M")) == theirs


def test_many_groups_keep_the_smallest_where_few_people_are_too_few() -> None:
    people = [(g, y, d, 50 + at) for at, g in enumerate("ABCD") for y in (0, 1) for d in (0, 1)]
    audit = audited([*people, (None, 1, 1, 3)])
    assert [each["group"] for each in audit.to_dict()["groups"]] == ["A", "B", "C", "D and a few others"]
    held = audited([*people, ("X", 1, 1, 4), ("X", 1, 0, 10), ("Y", 0, 1, 14), ("Y", 1, 0, 5)])
    assert held.view.decided is held.counts
    assert [each["group"] for each in held.to_dict()["groups"]] == ["A", "B", "C", "D"]
    assert "2 groups held back" in [row[0] for row in held.tables()[0][2]]
    assert "held back" in held.summary()


def test_errors_may_need_a_larger_group_than_decisions() -> None:
    third: list[Row] = [("X", 1, 1, 12), ("X", 0, 1, 3), ("X", 1, 0, 3), ("X", 0, 0, 12)]
    audit = audited([*TWO, *third], reference="M")
    shown = {each["group"]: each for each in audit.to_dict()["groups"]}
    assert list(shown) == ["F", "M", "X", "M and others"]
    assert shown["X"]["selection_rate"] == 0.5
    assert shown["X"]["accuracy"] is shown["M"]["accuracy"] is shown["M and others"]["selection_rate"] is None
    assert shown["M and others"]["accuracy"] == pytest.approx((240 + 24) / 510)
    assert shown["M and others"]["n"] == 510
    disparities = {each["name"]: each for each in audit.to_dict()["disparities"]}
    assert disparities["disparate_impact"]["groups"][1] == "M"
    assert disparities["average_odds_difference"]["groups"][1] == "M and others"
    assert "30 people of groups too small to show are counted with a large group, 'M', where" in audit.summary()
    (table,) = [rows for caption, _header, rows in audit.tables() if caption.startswith("Decision against")]
    assert [row[0] for row in table] == ["F", "M and others"]
    axes = audit.plot()
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["F", "M", "X", "M and others"]
    axes.figure.clear()


def test_few_unknown_outcomes_are_left_out_of_what_is_shown() -> None:
    audit = audited([*TWO, ("F", None, 1, 4)])
    shown = {each["group"]: each for each in audit.to_dict()["groups"]}
    assert (shown["F"]["n"], shown["F"]["selection_rate"]) == (400, 0.5)
    assert shown["F"]["accuracy"] == 0.5
    assert audit.selection_rate == 0.5
    assert audit.by_group.loc["F", "n"] == 404
    assert "without a known outcome, fewer than 10, are left out of what is shown" in audit.summary()


def test_unknown_outcomes_of_some_groups() -> None:
    """Here joining would let the four of X who have no known outcome be told: errors are held back."""
    people = [*TWO, ("X", 1, 1, 20), ("X", 0, 0, 20), ("X", None, 1, 4), ("X", None, 0, 30)]
    view = audited(people).view
    assert view.joined_errors is None
    assert view.may_show.all()
    assert view.may_show_errors.sum() < 2
    enough = audited([*TWO, ("M", None, 1, 20), ("M", None, 0, 20)])
    assert enough.view.may_show_errors.all()
    assert "40 records have no known outcome" in enough.summary()


#: By people C is the smallest of A, B and C, by known outcomes B; P and Q are too small, even together.
ORDERS: list[Row] = [
    *((g, y, d, n) for g, n in (("A", 100), ("B", 15), ("C", 30)) for y in (0, 1) for d in (0, 1)),
    *(("B", None, d, 50) for d in (0, 1)),
    *((g, 0, d, n) for g in "PQ" for d, n in ((0, 16), (1, 3))),
]


def test_a_group_held_back_by_decision_is_held_back_by_errors() -> None:
    view = audited([*ORDERS, *(("E", y, d, 90) for y in (0, 1) for d in (0, 1))]).view
    assert view.is_exact
    assert [label for label, may in zip(view.decided.labels, view.may_show, strict=True) if may] == ["A", "B", "E"]
    errors = zip(view.against_outcome.labels, view.may_show_errors, strict=True)
    assert [label for label, may in errors if may] == ["A", "E"]


def test_a_group_held_back_by_decision_is_joined_by_errors() -> None:
    view = audited(ORDERS).view
    assert [label for label, may in zip(view.decided.labels, view.may_show, strict=True) if may] == ["A", "B"]
    assert view.against_outcome.labels == ("A and others", "B")
    assert view.may_show_errors.all()
    assert view.joined_errors is not None
    assert view.joined_errors.n_people == 120 + 38


def test_weights_go_with_their_people() -> None:
    given_columns = columns([*TWO, (None, 1, 1, 2), (None, 0, 0, 1)])
    audit = audit_decisions(**given_columns, sample_weight=[2.0] * 883, n_permutations=99)
    assert audit.view.decided.weights is not None
    assert audit.view.decided.weights.sum() == 2 * 883
    assert audit.to_dict()["groups"][1]["selection_rate"] == pytest.approx(242 / 483)


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from("ABCD"),
        st.sampled_from([0, 1, 0, 1, 0, 1, None]),
        st.sampled_from([0, 1]),
        st.one_of(st.integers(0, 14), st.integers(10, 60)),
    ),
    min_size=4,
    max_size=24,
)


def known_sums(audit: DecisionAudit) -> tuple[np.ndarray, np.ndarray]:
    """What all that is shown tells at most: sums over (group, outcome, decision), one a row, and the people."""
    view, labels = audit.view, audit.labels
    cells = audit.counts.counts.sum(axis=1).astype(float)
    if view.leaves_out_unknown:
        cells[:, 2] = 0
    rows = []
    shown = [
        (view.decided, view.may_show, [[(0, d), (1, d), (2, d)] for d in (0, 1)]),
        (view.against_outcome, view.may_show_errors, [[(y, d)] for y in (0, 1, 2) for d in (0, 1)]),
    ]
    for counts, may_show, parts in shown:
        groups = blocks(view, counts, labels)
        for part in parts:
            for group in [g for g, may in zip(groups, may_show, strict=True) if may] + [set(labels)]:
                row = np.zeros(cells.shape)
                for outcome, decision in part:
                    row[[label in group for label in labels], outcome, decision] = 1
                rows.append(row.ravel())
    for group, is_ranged in zip(blocks(view, view.decided, labels), view.is_ranged, strict=True):
        if is_ranged:  # how many they are is told
            row = np.zeros(cells.shape)
            row[[label in group for label in labels]] = 1
            rows.append(row.ravel())
    for joined, before, after in (
        (view.joined, audit.counts, view.decided),
        (view.joined_errors, view.decided, view.against_outcome),
    ):
        if joined is not None and joined.n_people >= 10:  # a sentence says how many
            gone = set(before.labels) - set(after.labels) - {joined.into}
            members = set().union(*(each for each in blocks(view, before, labels) if each & gone))
            row = np.zeros(cells.shape)
            row[[label in members for label in labels]] = 1
            assert (row * cells).sum() == joined.n_people
            rows.append(row.ravel())
    return np.array(rows), cells


def blocks(view: View, counts: GroupCounts, labels: tuple[str, ...]) -> list[set[str]]:
    """Return the groups first counted that are in each group of the view."""
    into: dict[str, str] = {}
    for joined in (view.joined, view.joined_errors if counts is view.against_outcome else None):
        if joined is not None:
            into[joined.into] = joined.name
    found = []
    alone = {label for label in labels if label in counts.labels}
    for label in counts.labels:
        first = next((old for old, new in into.items() if new == label), label)
        gone = set(labels) - alone - {first} if label in into.values() else set()
        found.append({first} | gone)
    return found


@settings(max_examples=150, deadline=None)
@given(PEOPLE)
def test_nothing_shown_tells_of_few_people(people: list[Row]) -> None:
    """No sum of what is shown counts few people, in any part, of any groups: none is in the span of what is known."""
    audit = audited([*people, ("A", 1, 1, 1)], min_group=1)
    known, cells = known_sums(audit)
    labels = range(len(audit.labels))
    some = chain.from_iterable(combinations(labels, n) for n in range(1, len(labels)))
    parts = [[(y, d)] for y in (0, 1, 2) for d in (0, 1)] + [[(0, d), (1, d), (2, d)] for d in (0, 1)]
    parts += [[(y, 0), (y, 1)] for y in (0, 1, 2)] + [[(y, d) for y in (0, 1, 2) for d in (0, 1)]]
    for which in some:
        for part in parts:
            aim = np.zeros(cells.shape)
            for outcome, decision in part:
                aim[list(which), outcome, decision] = 1
            count = (aim * cells).sum()
            if count >= 10 or (part[0][0] == 2 and count == 0):
                continue
            weights, *_rest = np.linalg.lstsq(known.T, aim.ravel(), rcond=None)
            assert not np.allclose(known.T @ weights, aim.ravel(), atol=1e-6), (which, part, count)


@settings(max_examples=150, deadline=None)
@given(PEOPLE)
def test_two_groups_are_shown_wherever_two_may_stand_alone(people: list[Row]) -> None:
    audit = audited([*people, ("A", 1, 1, 1)], min_group=1)
    decided = audit.counts.counts[:, 0, :2].sum(axis=1) if audit.view.leaves_out_unknown else None
    decided = audit.counts.counts.sum(axis=(1, 2)) if decided is None else decided
    enough = int((decided >= 10).all(axis=1).sum()) >= 2
    assert (audit.view.told_of.sum() >= 2) >= enough
    shown = audit.to_dict()
    names = {label for label, may in zip(audit.view.decided.labels, audit.view.told_of, strict=True) if may}
    names |= {
        label for label, may in zip(audit.view.against_outcome.labels, audit.view.may_show_errors, strict=True) if may
    }
    assert {each["group"] for each in shown["groups"]} == names
    assert all(each["n"] >= 20 for each in shown["groups"])
    for record in shown["disparities"]:
        assert set(record["groups"]) <= names | {"everybody else"}
    for record in shown["tests"]:
        assert {record["highest"], record["lowest"]} <= names | {None}
    assert {shown["highest"], shown["lowest"]} <= names | {None}
    for caption, _header, rows in audit.tables():
        if caption.startswith("Pairs"):
            assert {name for row in rows for name in row[0].split(" – ")} <= names


def test_a_view_of_nobody() -> None:
    view = view_of(counts_of(y_pred=[], y_true=[], sensitive_features=[]), min_cell=10, min_group=10)
    assert view.is_exact
    assert view.named("A", "accuracy") is None
