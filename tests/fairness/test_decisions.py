"""The audit of decisions: verdicts, corrections, weights, strata, what is said, drawn and held back."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import stats

from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.fairness import testing
from riskscope.fairness.counts import counts_of
from riskscope.fairness.decisions.audit import DecisionAudit, audit_counts, audit_decisions
from riskscope.fairness.metrics import TESTED
from riskscope.intervals import holm, wilson

CLOSE = 1e-9

#: (group, outcome, decision, people): women are selected less often, wrongly so; ten people are of a third group.
PEOPLE = [
    ("F", 1, 1, 60),
    ("F", 1, 0, 140),
    ("F", 0, 1, 20),
    ("F", 0, 0, 180),
    ("M", 1, 1, 130),
    ("M", 1, 0, 70),
    ("M", 0, 1, 30),
    ("M", 0, 0, 170),
    ("X", 1, 1, 4),
    ("X", 0, 0, 6),
]


def columns(people: list[tuple[Any, Any, int, int]] = PEOPLE) -> dict[str, list[Any]]:
    rows = [row[:3] for row in people for _person in range(row[3])]
    group, outcome, decision = (list(each) for each in zip(*rows, strict=True))
    return {"sensitive_features": group, "y_true": outcome, "y_pred": decision}


TWO = [row for row in PEOPLE if row[0] != "X"]


@pytest.fixture(scope="module")
def audit() -> DecisionAudit:
    return audit_decisions(**columns(), favourable_label=1)


def test_planted_disparity_is_found_and_named(audit: DecisionAudit) -> None:
    two = audit_decisions(**columns(TWO))
    assert (two.highest, two.lowest, two.gap) == ("M", "F", pytest.approx(0.2))
    assert (two.positive_ratio, two.other_ratio) == pytest.approx((0.5, 240 / 320))
    said = two.sentences()[0]
    assert said.startswith("Of 100 people in 'F' (400) 20 get the positive decision, of 100 in 'M' (400) 40: a gap of ")
    assert len(said.split()) <= 35
    assert two.verdict == audit.verdict == testing.DISPARITY
    assert audit.metric_tests["true_positive_rate"].verdict == testing.DISPARITY
    assert audit.metric_tests["false_positive_rate"].verdict == testing.CANNOT_TELL
    assert (audit.n_groups, audit.tests.loc["selection_rate", "n_judged"], audit.n_records) == (3, 3, 810)
    assert audit.by_group.loc["F", "selection_rate"] == 0.2
    assert audit.overall["selection_rate"] == pytest.approx(244 / 810)


def test_p_values_are_exact_and_corrected_for_groups_and_metrics() -> None:
    audit = audit_decisions(**columns(TWO), n_permutations=20_000)
    fisher = {
        "selection_rate": stats.fisher_exact([[80, 320], [160, 240]]).pvalue,
        "true_positive_rate": stats.fisher_exact([[60, 140], [130, 70]]).pvalue,
        "false_positive_rate": stats.fisher_exact([[20, 180], [30, 170]]).pvalue,
        "precision": stats.fisher_exact([[60, 20], [130, 30]]).pvalue,
        "negative_predictive_value": stats.fisher_exact([[180, 140], [170, 70]]).pvalue,
        "accuracy": stats.fisher_exact([[240, 160], [300, 100]]).pvalue,
    }
    assert tuple(fisher) == TESTED
    alone = {name: audit.metric_tests[name].p_any for name in TESTED}
    for name, p in fisher.items():
        # Both groups have this p: nothing to correct, but for 20,000 dealings in place of all.
        error = math.sqrt(p * (1 - p) / 20_000)
        assert p <= alone[name] + 4 * error
        assert alone[name] <= max(2 * p * (1 + CLOSE), p + 4 * error + 1 / 20_000)
    corrected = [audit.metric_tests[name].p_corrected for name in TESTED]
    assert corrected == pytest.approx(holm(list(alone.values())).tolist(), rel=CLOSE)
    assert audit.p_value == corrected[0]
    assert audit.by_group["selection_rate_p"].min() == pytest.approx(audit.p_value)


def test_figures_of_groups_and_pairs(audit: DecisionAudit) -> None:
    by_group, low_high = audit.by_group, wilson([80, 160, 4], [400, 400, 10])
    assert by_group["selection_rate_low"].tolist() == pytest.approx(low_high[0].tolist())
    assert by_group["selection_rate_high"].tolist() == pytest.approx(low_high[1].tolist())
    assert by_group["true_positive_rate_n"].tolist() == [200, 200, 4]
    assert math.isnan(by_group.loc["X", "true_positive_rate_p"])  # four people: not judged
    assert audit.tests.loc["true_positive_rate", "n_judged"] == 2
    pairs = audit.pairs()
    assert list(zip(pairs["first"], pairs["second"], strict=True)) == [("M", "X"), ("M", "F"), ("X", "F")]
    assert (pairs["simultaneous_low"] < pairs["low"]).all()
    assert (pairs["simultaneous_high"] > pairs["high"]).all()
    assert (pairs["difference"] >= 0).all()
    row = pairs[(pairs["first"] == "M") & (pairs["second"] == "F")].iloc[0]
    assert (row["difference"], row["ratio"], row["first_n"], row["second_n"]) == pytest.approx((0.2, 2.0, 400, 400))
    assert len(audit.pairs("tpr")) == 1
    assert audit.tests.loc["selection_rate", "verdict"] == audit.verdict
    captions = [caption for caption, *_rest in audit.tables()]
    assert "Pairs of groups: selection rate" not in captions  # only two are shown, and their gap stands elsewhere


def test_shortfall_counts_people(audit: DecisionAudit) -> None:
    short = audit.shortfall()
    assert short.loc["F", "shortfall"] == pytest.approx(400 * (164 / 410 - 0.2))
    assert short.loc["M", "shortfall"] < 0
    other = audit_decisions(**columns(), favourable_label=0)
    assert other.shortfall().loc["M", "shortfall"] > 0
    assert other.favourable == "the other decision"


@pytest.mark.parametrize(
    ("n", "hits", "margin", "expected"),
    [
        (10_000, (5000, 5050), 0.05, testing.NO_LARGER),
        (100, (50, 52), 0.05, testing.CANNOT_TELL),
        (100, (30, 60), 0.05, testing.DISPARITY),
        (10_000, (5000, 5050), 0.001, testing.CANNOT_TELL),
    ],
)
def test_the_three_verdicts(n: int, hits: tuple[int, int], margin: float, expected: str) -> None:
    decisions = [at < hit for hit in hits for at in range(n)]
    audit = audit_decisions(y_pred=decisions, sensitive_features=["A"] * n + ["B"] * n, margin=margin)
    assert audit.verdict == expected
    assert expected in audit.summary()
    assert dict(audit.rows())["verdict on the selection rate"] == expected
    for word in ("unfair", "discriminat", "safe", "compliant"):
        assert word not in audit.summary()


def test_simpsons_paradox_within_strata() -> None:
    """Two departments: women apply where few are accepted, and are treated alike in each (formula sheet G4)."""
    cells = [("F", "1", 12, 20), ("M", "1", 48, 80), ("F", "2", 16, 80), ("M", "2", 4, 20)]
    rows = [(g, s, int(at < hit)) for g, s, hit, n in cells for at in range(n)]
    sex, department, decision = (list(each) for each in zip(*rows, strict=True))
    audit = audit_decisions(
        y_pred=decision, sensitive_features=sex, control_features=pd.Series(department, name="dept")
    )
    assert audit.gap == pytest.approx(0.52 - 0.28)
    assert audit.p_value < 0.01
    assert audit.p_within_strata is not None
    assert audit.p_within_strata > 0.9
    assert "Within strata of 'dept'" in audit.summary()
    by_stratum = audit.by_stratum.set_index(["stratum", "group"])
    assert by_stratum["selection_rate"].to_dict() == pytest.approx(
        {("1", "F"): 0.6, ("1", "M"): 0.6, ("2", "F"): 0.2, ("2", "M"): 0.2}
    )
    (table,) = [table for table in audit.tables() if table[0] == "Selection rate within strata"]
    assert {text for row in table[2] for text in row[1:]} == {"<10"}  # 20 people with 4 accepted hide the others
    shown = audit_decisions(
        y_pred=decision * 3, sensitive_features=sex * 3, control_features=department * 3, min_cell=5
    )
    (table,) = [table for table in shown.tables() if table[0] == "Selection rate within strata"]
    assert table[1:] == (
        ["control_features", "F", "M"],
        [("1", "60.0 % of 60", "60.0 % of 240"), ("2", "20.0 % of 240", "20.0 % of 60")],
    )


def test_weights() -> None:
    """Weights of two equal records twice as many; unequal weights count for rates, not for people."""
    given_columns = columns(TWO)
    plain = audit_decisions(**given_columns)
    twice = audit_decisions(**given_columns, sample_weight=[2.0] * 800)
    assert twice.by_group["selection_rate"].tolist() == plain.by_group["selection_rate"].tolist()
    assert twice.by_group["n"].tolist() == plain.by_group["n"].tolist()
    assert twice.by_group["selection_rate_low"].tolist() == pytest.approx(plain.by_group["selection_rate_low"].tolist())
    assert twice.gap_high == pytest.approx(plain.gap_high)
    assert twice.metric_tests["selection_rate"].p_any == plain.metric_tests["selection_rate"].p_any
    assert twice.n_permutations == plain.n_permutations
    weights = np.where(np.array(given_columns["y_pred"]) == 1, 3.0, 1.0)
    heavy = audit_decisions(**given_columns, sample_weight=weights)
    assert heavy.by_group.loc["F", "selection_rate"] == pytest.approx(240 / (240 + 320))
    assert heavy.selection_rate == pytest.approx(3 * 240 / (3 * 240 + 560))
    assert heavy.view.may_show.tolist() == plain.view.may_show.tolist()
    none = audit_decisions(**given_columns, sample_weight=[0.0] * 800)
    assert math.isnan(none.selection_rate)
    assert "all weights are 0" in none.undefined_text("selection_rate")
    assert none.verdict == testing.CANNOT_TELL
    assert none.summary()
    assert none.tables()


def test_outcomes_known_in_part() -> None:
    given_columns = columns()
    given_columns["y_true"] = [None] * 30 + given_columns["y_true"][30:]
    audit = audit_decisions(**given_columns)
    assert audit.n_without_outcome == 30
    assert audit.by_group.loc["F", "selection_rate"] == 0.2
    assert audit.by_group.loc["F", "true_positive_rate"] == pytest.approx(30 / 170)
    assert "30 records have no known outcome" in audit.summary()


def test_without_outcomes() -> None:
    given_columns = columns()
    del given_columns["y_true"]
    audit = audit_decisions(**given_columns)
    assert list(audit.metric_tests) == ["selection_rate"]
    assert audit.n_without_outcome is None
    assert "true_positive_rate" not in audit.by_group
    assert set(audit.disparity_names) == {
        "demographic_parity_difference",
        "demographic_parity_ratio",
        "statistical_parity_difference",
        "disparate_impact",
        "four_fifths",
    }
    assert "outcome" not in audit.summary()


@pytest.mark.parametrize(
    ("groups", "decisions", "outcomes"),
    [
        ([], [], []),
        (["a"], [1], [1]),
        (["a"] * 40, [1, 0] * 20, [0, 1] * 20),
        (["a", "b"] * 20, [1] * 40, [1] * 40),
        (["a", "b"] * 20, [0] * 40, [0] * 40),
        ([None] * 40, [1, 0] * 20, [1] * 40),
        (["a", "b"] * 20, [1, 0] * 20, [None] * 40),
        (list(range(40)), [1, 0] * 20, [1, 0] * 20),
        (["a", "b"] * 20, [1, 0] * 20, [0] * 40),
    ],
    ids=["empty", "one", "one group", "all", "nobody", "unknown", "no outcome", "each alone", "no positives"],
)
def test_degenerate_input_has_a_stated_answer(groups: list[Any], decisions: list[int], outcomes: list[Any]) -> None:
    audit = audit_decisions(y_pred=decisions, y_true=outcomes, sensitive_features=groups)
    numbers = {name: value for name, _label, value, kind in audit.shown_fields() if isinstance(value, float)}
    for name, value in numbers.items():
        assert not math.isnan(value) or audit.undefined_text(name), name
    assert audit.n_records == len(groups)
    assert audit.verdict in (testing.DISPARITY, testing.NO_LARGER, testing.CANNOT_TELL)
    assert audit.summary()
    json.dumps(audit.to_dict(), allow_nan=False)
    assert audit.to_frame().shape[1] == 2
    for _caption, header, rows in audit.tables():
        assert all(len(row) == len(header) for row in rows)
    assert audit._repr_html_()
    assert len(audit.by_group) == len(audit.labels) == len(audit.shortfall())
    assert len(audit.pairs()) >= 0
    assert len(audit.disparities) == len(audit.disparity_names)
    assert len(audit.by_stratum) == len(audit.labels)
    if audit.has_picture:
        plt.close(audit.plot().figure)


def told(cells: list[tuple[Any, int, int]], **options: Any) -> DecisionAudit:
    """Give the audit of groups of (name, people, of whom selected)."""
    groups = [group for group, n, _hits in cells for _person in range(n)]
    decisions = [int(person < hits) for _group, n, hits in cells for person in range(n)]
    return audit_decisions(y_pred=decisions, sensitive_features=groups, **options)


def test_many_groups_and_one_that_nobody_is_selected_of() -> None:
    """A rate of 0 % tells of every single person: it is judged, and told in a range, as is another of its size."""
    audit = told([(f"g{at}", 100, 40 * (at > 0)) for at in range(14)])
    assert audit.verdict == testing.DISPARITY
    assert (audit.lowest, audit.tests.loc["selection_rate", "lowest"]) == ("g0", "g0")
    assert [name for name, ranged in zip(audit.labels, audit.view.is_ranged, strict=True) if ranged] == ["g0", "g1"]
    assert audit.sentences()[0].startswith("Of 100 people in 'g0' (100) under 10 get the positive decision, of 100 in")
    assert not [caption for caption, *_rest in audit.tables() if caption.startswith("Pairs")]


def test_total_exclusion_is_told_and_found() -> None:
    audit = told([("A", 300, 0), ("B", 700, 280)])
    said = audit.sentences()
    assert said[0] == (
        "Of 100 people in 'A' (300) under 4 get the positive decision, of 100 in 'B' (700) 38 to 40: a gap of at least "
        "35 points (31 to 44 points)."
    )
    assert len(said[0].split()) <= 35
    assert audit.verdict == testing.DISPARITY
    assert "(p <0.001, corrected" in said[1]
    assert (audit.highest, audit.lowest, audit.selection_rate) == ("B", "A", 0.28)
    assert "a range is told" in audit.undefined_text("gap")
    shown = audit.to_dict()
    assert [each["selection_rate"] for each in shown["groups"]] == [None, None]
    assert [each["selection_rate_at_most"] for each in shown["groups"]] == [9 / 300, 280 / 700]
    disparities = {each["name"]: each for each in shown["disparities"]}
    for each in disparities.values():
        assert each["value"] is None
        assert "range" in each["undefined"]
    assert disparities["four_fifths"]["at_least"] == pytest.approx((9 / 300) / (271 / 700))
    assert disparities["disparate_impact"]["at_least"] == pytest.approx((9 / 300) / (271 / 700))
    assert [row[2] for row in audit.tables()[0][2]] == ["under 4 %", "38 to 40 %"]
    axes = audit.plot()
    assert "selection rate, told in a range" in [text.get_text() for text in axes.get_legend().get_texts()]
    plt.close(axes.figure)


def test_what_is_told_of_few_selected_is_the_same_whichever_few() -> None:
    """Nobody selected, or three: all that comes out is the same, so it does not tell how many."""
    shown = [told([("A", 300, few), ("B", 700, 280 - few)]) for few in (0, 1, 3)]
    assert shown[0].to_dict() == shown[1].to_dict() == shown[2].to_dict()
    assert shown[0].tables() == shown[1].tables() == shown[2].tables()
    assert shown[0].sentences() == shown[1].sentences() == shown[2].sentences()


@pytest.mark.parametrize(
    ("cells", "rates"),
    [
        ([("A", 300, 300), ("B", 700, 280)], ["over 96 %", "40 to 42 %"]),
        ([("A", 300, 0), ("B", 700, 700)], ["under 4 %", "over 98 %"]),
        ([("A", 300, 0), ("B", 300, 295)], ["under 4 %", "95 to 99 %"]),
        ([("A", 300, 0), ("B", 700, 280), ("C", 600, 200)], ["under 4 %", "40.0 %", "31 to 34 %"]),
        ([("A", 300, 0), ("B", 700, 280), (None, 4, 2)], ["under 4 %", "38 to 41 %"]),
        ([("A", 20, 0), ("B", 20, 20)], ["under 50 %", "over 50 %"]),
    ],
)
def test_nobody_or_everybody_selected(cells: list[tuple[Any, int, int]], rates: list[str]) -> None:
    audit = told(cells)
    assert [row[2] for row in audit.tables()[0][2]] == rates
    assert audit.verdict == testing.DISPARITY
    assert "at least" in audit.sentences()[0]
    turned = told([(group, n, n - hits) for group, n, hits in cells], favourable_label=0)
    assert turned.sentences()[0].replace("favourable", "positive") == audit.sentences()[0]
    assert turned.verdict == audit.verdict


def test_ranges_hold_what_they_stand_for() -> None:
    audit = told([("A", 300, 4), ("B", 700, 260), ("C", 90, 30)])
    exact = audit.by_group["selection_rate"]
    for each in audit.to_dict()["groups"]:
        if each["selection_rate"] is None:
            assert each["selection_rate_at_least"] <= exact[each["group"]] <= each["selection_rate_at_most"]
    gap = audit.tests.loc["selection_rate"]
    (test,) = audit.to_dict()["tests"]
    assert test["gap_at_least"] <= gap["gap"]
    assert audit.gap_low <= gap["low"] < gap["high"] <= audit.gap_high
    for each in audit.to_dict()["disparities"]:
        if each["kind"] == "difference":
            assert abs(each["at_least"]) <= abs(audit.disparities.loc[each["name"], "value"])
        else:
            assert each["at_least"] >= audit.disparities.loc[each["name"], "value"]
    assert audit.p_value >= gap["p_corrected"]


def test_reasons_are_true() -> None:
    held = told([("A", 15, 0), ("B", 700, 280)])
    assert "fewer than 10 people have one of the two decisions" in held.sentences()[0]
    assert "join small groups" not in held.summary()
    assert "held back" in held.undefined_text("gap")
    assert {each["undefined"] for each in held.to_dict()["disparities"]} == {
        "held back: too few people of a group have one of the decisions, or one of the errors"
    }
    assert (held.verdict, held.p_value) == (testing.DISPARITY, 0.005)
    alone = told([("A", 15, 5), ("B", 3, 1)])
    assert alone.sentences()[0].startswith("Fewer than two groups of 'sensitive_features' have 10 people or more")
    assert told([("A", 300, 0), ("B", 700, 0)]).sentences()[0].startswith("Nobody of all 1,000 gets")
    assert told([("A", 300, 300), ("B", 700, 700)]).sentences()[0].startswith("Everybody of all 1,000 gets")
    open_ = told([("A", 20, 2), ("B", 200, 40)], min_group=10)
    assert open_.sentences()[0].startswith("Which group of 'sensitive_features' is ahead is left open")


def test_groups_are_counted_once_where_errors_are_held_back() -> None:
    rows = [(group, 1, int(at < 90)) for group in "AB" for at in range(100)]
    rows += [(group, 0, int(at < 5)) for group in "AB" for at in range(100)]
    group, outcome, decision = (list(each) for each in zip(*rows, strict=True))
    said = audit_decisions(y_pred=decision, y_true=outcome, sensitive_features=group).summary()
    assert "Of 2 of the 2 groups, rates that set decision against outcome are held back" in said
    assert "more group" not in said


def test_a_gap_held_back_is_not_called_small() -> None:
    rows = [(group, 1, int(at >= miss)) for group, miss in (("A", 5), ("B", 800)) for at in range(40_000)]
    rows += [(group, 0, 0) for group in "AB" for _at in range(40_000)]
    group, outcome, decision = (list(each) for each in zip(*rows, strict=True))
    audit = audit_decisions(y_pred=decision, y_true=outcome, sensitive_features=group)
    test = audit.metric_tests["true_positive_rate"]
    assert (test.verdict, test.gap.gap < 0.05) == (testing.DISPARITY, True)
    assert not audit.view.may_show_errors.any()
    assert "A disparity is found in: true positive rate" in audit.summary()
    assert "it is small, within the margin, in: true" not in audit.summary()
    (table,) = [rows for caption, _header, rows in audit.tables() if caption.startswith("Tests")]
    assert [row[1] for row in table if row[0] == "true positive rate"] == ["held back"]


def test_a_difference_is_not_rounded_to_nothing() -> None:
    audit = told([("A", 40_000, 20_001), ("B", 40_000, 20_010)])
    assert "a gap of under 0.1 points" in audit.sentences()[0]
    (tests,) = [rows for caption, _header, rows in audit.tables() if caption.startswith("Tests")]
    assert tests[0][1] == "under 0.1 points"
    assert "a gap of 0.0 points" in told([("A", 400, 200), ("B", 400, 200)]).sentences()[0]


def test_intervals_are_told_apart() -> None:
    audit = told([("A", 400, 100), ("B", 400, 150), ("C", 400, 200)])
    headers = {caption.split(":")[0].split(";")[0]: header for caption, header, _rows in audit.tables()}
    assert "interval (all pairs at once)" in headers["Tests"]
    assert "interval (this group alone)" in headers["Selection rate by group"]
    pairs = headers["Pairs of groups"]
    assert {"interval (this pair alone)", "interval (all pairs at once, wider)"} <= set(pairs)
    (caption,) = [caption for caption, *_rest in audit.tables() if caption.startswith("Disparities")]
    assert "wider than those of one pair" in caption


@pytest.mark.parametrize(("outcome", "said"), [(0, "Nobody has the positive"), (1, "Everybody has the positive")])
def test_one_outcome_only_is_said(outcome: int, said: str) -> None:
    given_columns = columns(TWO) | {"y_true": [outcome] * 800}
    audit = audit_decisions(**given_columns)
    assert said in audit.summary()
    assert audit.verdict == testing.DISPARITY
    assert said not in audit_decisions(**columns(TWO)).summary()
    unknown = audit_decisions(**columns(TWO) | {"y_true": [None] * 800})
    assert "No outcome is known" in unknown.summary()


def test_what_is_not_given_is_an_error() -> None:
    for name in ("y_pred", "sensitive_features"):
        with pytest.raises(FrameError, match=f"{name} is not given"):
            audit_decisions(**columns(TWO) | {name: None})
    with pytest.raises(FrameError, match="y_pred has 0 values"):
        audit_decisions(**columns(TWO) | {"y_pred": []})


def test_strata_hold_back_few_people_and_no_more() -> None:
    cells = {("F", "s"): (30, 40), ("M", "s"): (50, 60), ("X", "s"): (3, 40), ("Y", "s"): (25, 25)}
    cells |= {(group, "t"): (40 + at, 70) for at, group in enumerate("FMXY")}
    rows = [(g, s, int(at < hit)) for (g, s), (hit, other) in cells.items() for at in range(hit + other)]
    group, stratum, decision = (list(each) for each in zip(*rows, strict=True))
    audit = audit_decisions(y_pred=decision, sensitive_features=group, control_features=stratum)
    (table,) = [table for table in audit.tables() if table[0] == "Selection rate within strata"]
    held = [[text == "<10" for text in row[1:]] for row in table[2]]
    assert held == [[True, False, True, True]] * 2  # X, and others that would give X away by the totals


def test_a_reference_that_may_not_be_shown_is_not_compared_with() -> None:
    audit = audit_decisions(**columns(), reference="X")
    assert audit.disparity("disparate_impact").groups[1] == "X"
    shown = {each["name"]: each for each in audit.to_dict()["disparities"]}
    assert shown["disparate_impact"]["groups"][1] == "everybody else"
    audit = audit_decisions(**columns(TWO), reference="M")
    shown = {each["name"]: each for each in audit.to_dict()["disparities"]}
    assert shown["disparate_impact"]["groups"] == ["F", "M"]
    assert shown["disparate_impact"]["value"] == pytest.approx(0.5)
    four_fifths = shown["four_fifths"]
    assert "29 CFR 1607.4 D" in four_fifths["label"]
    assert four_fifths["low"] < four_fifths["value"] < four_fifths["high"]
    assert "0.8" not in four_fifths["definition"]


def test_the_headline_speaks_of_the_favourable_decision() -> None:
    said = audit_decisions(**columns(TWO), favourable_label=0).sentences()[0]
    assert said.startswith("Of 100 people in 'M' (400) 60 get the favourable decision, of 100 in 'F' (400) 80: a gap ")


def test_a_disparity_within_the_margin_is_said_to_be_small() -> None:
    decisions = [at < hit for hit in (20_000, 20_900) for at in range(40_000)]
    groups = ["A"] * 40_000 + ["B"] * 40_000
    audit = audit_decisions(y_pred=decisions, y_true=decisions, sensitive_features=groups)
    assert audit.verdict == testing.DISPARITY
    assert "It is small: the largest gap is within the margin of 5.0 points." in audit.summary()
    assert "It is small" not in audit_decisions(y_pred=decisions, sensitive_features=groups, margin=0.02).summary()


def test_tables_fit_a_page(audit: DecisionAudit) -> None:
    tables = audit.tables()
    assert max(len(header) for _caption, header, _rows in tables) <= 8
    assert len({caption for caption, *_rest in tables}) == len(tables) <= 7
    (tests,) = [rows for caption, _header, rows in tables if caption.startswith("Tests")]
    assert tests[0][:5] == ("selection rate", "19.5 points", tests[0][2], "M (400)", "F and others (410)")


def test_the_picture_draws_rates_with_intervals() -> None:
    audit = audit_decisions(**columns(TWO))
    axes = audit.plot()
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert {"selection rate", "true positive rate", "false positive rate"} <= set(labels)
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["M", "F"]
    drawn = sorted(float(x) for line in axes.get_lines() if line.get_marker() in "os^" for x in line.get_xdata())
    rates = audit.by_group[["selection_rate", "true_positive_rate", "false_positive_rate"]].to_numpy().ravel()
    assert drawn == pytest.approx(sorted(100 * rates))
    plt.close(axes.figure)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table])
def test_every_kind_of_frame(kind: Any, audit: DecisionAudit) -> None:
    frame = kind(columns())
    found = audit_decisions(
        y_pred=frame["y_pred"],
        y_true=frame["y_true"],
        sensitive_features=frame["sensitive_features"],
        favourable_label=1,
    )
    assert found.to_dict() == audit.to_dict()


def test_an_odd_index_plays_no_part(audit: DecisionAudit) -> None:
    frame = pd.DataFrame(columns())
    frame.index = pd.Index(range(len(frame))) % 7
    found = audit_decisions(
        y_pred=frame["y_pred"].reset_index(drop=True),
        y_true=frame["y_true"],
        sensitive_features=frame["sensitive_features"][::-1][::-1],
        favourable_label=1,
    )
    assert found.by_group.equals(audit.by_group)


def test_the_same_seed_gives_the_same_answer(audit: DecisionAudit) -> None:
    again = audit_decisions(**columns(), favourable_label=1)
    assert again.to_dict() == audit.to_dict()
    drawn = audit_decisions(**columns(), rng=np.random.default_rng(0))
    assert (drawn.p_value, drawn.seed) == (audit.p_value, "that of the generator given")


def test_counted_once_for_columns_and_intersections() -> None:
    given_columns = columns()
    groups = pd.DataFrame({"sex": given_columns["sensitive_features"], "old": [at % 2 for at in range(810)]})
    both = counts_of(**given_columns | {"sensitive_features": groups})
    alone = audit_counts(both.regrouped("sex"))
    assert alone.by_group.equals(audit_decisions(**given_columns | {"sensitive_features": groups[["sex"]]}).by_group)
    assert audit_counts(both).n_groups == 6


def test_wrong_options() -> None:
    given_columns = columns()
    for options, said in (
        ({"margin": 2}, "margin is 2"),
        ({"level": 1}, "level is 1"),
        ({"min_group": 0}, "min_group is 0"),
        ({"min_cell": 0}, "min_cell is 0"),
        ({"n_permutations": 5}, "n_permutations is 5"),
    ):
        with pytest.raises(RiskscopeError, match=said):
            audit_decisions(**given_columns, **options)
    with pytest.raises(RoleError, match="reference is none of the 3 groups"):
        audit_decisions(**given_columns, reference="men")
    with pytest.raises(RoleError, match="favourable_label"):
        audit_decisions(**given_columns, favourable_label="yes")
    with pytest.raises(FrameError, match="audit_scores"):
        audit_decisions(y_pred=np.linspace(0, 1, 810), sensitive_features=given_columns["sensitive_features"])
    with pytest.raises(TypeError):
        audit_decisions(given_columns["y_true"], given_columns["y_pred"])  # type: ignore[misc]


def test_a_real_metric_frame_of_the_same_decisions() -> None:
    pytest.importorskip("fairlearn")
    audit = audit_decisions(**columns())
    frame = audit.to_metric_frame()
    assert frame.by_group["selection_rate"].to_dict() == pytest.approx(audit.by_group["selection_rate"].to_dict())
    assert frame.difference()["selection_rate"] == pytest.approx(audit.difference("selection_rate").value)


def test_strata_without_two_groups() -> None:
    audit = audit_decisions(y_pred=[1, 0] * 20, sensitive_features=["a"] * 40, control_features=["s"] * 40)
    assert audit.p_within_strata is not None
    assert math.isnan(audit.p_within_strata)
    assert "no stratum has two groups" in audit.undefined_text("p_within_strata")


def test_what_has_no_interval_has_none(audit: DecisionAudit) -> None:
    for found in (
        audit.difference("selection_rate", method="mean_of_pairs"),
        audit.difference("selection_rate", method="to_overall"),
        audit.disparity("average_absolute_odds_difference"),
        audit.disparity("treatment_equality_ratio"),
    ):
        assert math.isfinite(found.value)
        assert math.isnan(found.low)
        assert math.isnan(found.high)


def test_a_group_picked_for_being_furthest_has_a_wider_interval(audit: DecisionAudit) -> None:
    picked = audit.disparity("disparate_impact")
    asked = audit.disparity("disparate_impact", group=picked.groups[0])
    assert picked.value == asked.value
    assert picked.low < asked.low < asked.value < asked.high < picked.high
    weighted = audit_decisions(**columns(), sample_weight=[2.0] * 810).disparity("disparate_impact")
    assert (weighted.low, weighted.high) == pytest.approx((picked.low, picked.high))


#: True chances of (outcome, decision) in three groups of unequal size.
TRUTH = {
    60: [[0.4, 0.2], [0.15, 0.25]],
    200: [[0.5, 0.1], [0.2, 0.2]],
    700: [[0.45, 0.15], [0.1, 0.3]],
}
NAMES = ("demographic_parity_difference", "demographic_parity_ratio", "equalized_odds_difference")
NAMES += ("equalized_odds_ratio", "equalized_odds_difference_mean", "disparate_impact", "average_odds_difference")


def test_intervals_hold_the_truth() -> None:
    """At least 95 in 100 (less two standard errors of 200 audits), the largest and smallest of groups included."""
    rng = np.random.default_rng(41)
    base = counts_of(y_pred=[0, 1] * 3, y_true=[0, 1] * 3, sensitive_features=["a", "b", "c"] * 2)
    chances = np.array(list(TRUTH.values()))
    asked = {"reference": "c", "group": "a"}

    def audited(numbers: Any) -> DecisionAudit:
        cells = np.zeros((3, 1, 3, 2), np.int64)
        cells[:, 0, :2] = numbers
        return audit_counts(dataclasses.replace(base, counts=cells), n_permutations=99)

    def values(audit: DecisionAudit) -> dict[str, Any]:
        return {name: audit.disparity(name, **(asked if name in NAMES[-2:] else {})) for name in NAMES}

    truth = {name: each.value for name, each in values(audited(np.rint(chances * 100_000))).items()}
    held = dict.fromkeys(NAMES, 0)
    for _audit in range(200):
        drawn = [rng.multinomial(n, np.ravel(each)).reshape(2, 2) for n, each in TRUTH.items()]
        for name, each in values(audited(drawn)).items():
            held[name] += each.low <= truth[name] <= each.high
    assert min(held.values()) >= 184, held
