"""Metrics and disparities: the sheet's worked example, the twin, which groups are compared, what is undefined."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive import decisions as twin
from riskscope.errors import RiskscopeError, RoleError
from riskscope.fairness.decisions.audit import DecisionAudit, audit_decisions
from riskscope.fairness.decisions.named import CHOICES
from riskscope.fairness.disparities import METHODS
from riskscope.fairness.metrics import ALIASES, METRICS, TESTED, metric_named

CLOSE = 1e-12

RECORDS = st.lists(
    st.builds(
        twin.Record,
        st.sampled_from("ABC"),
        st.sampled_from([0, 1]),
        st.sampled_from([0, 1, None]),
        st.sampled_from([Fraction(1), Fraction(1, 4), Fraction(3)]),
    ),
    min_size=1,
    max_size=14,
)


def g60() -> list[twin.Record]:
    """The test set of the formula sheet: TP, FP, FN, TN of two groups."""
    cells = {"A": (15, 5, 5, 15), "B": (4, 2, 4, 10)}
    kinds = ((1, 1), (1, 0), (0, 1), (0, 0))
    return [
        twin.Record(group, decision, outcome)
        for group, numbers in cells.items()
        for (decision, outcome), n in zip(kinds, numbers, strict=True)
        for _person in range(n)
    ]


def audited(records: list[twin.Record], *, weights: bool = False, **options: Any) -> DecisionAudit:
    return audit_decisions(
        y_pred=[r.decision for r in records],
        y_true=[r.outcome for r in records],
        sensitive_features=[r.group for r in records],
        sample_weight=[float(r.weight) for r in records] if weights else None,
        **{"min_group": 1, "min_cell": 1, "n_permutations": 99} | options,
    )


def test_g60() -> None:
    """FORMULAS G1, all digits."""
    audit = audited(g60())
    rates = {name: audit.rates_of(name).rates.tolist() for name in ("selection_rate", "tpr", "fpr", "ppv", "base_rate")}
    assert rates["selection_rate"] == [0.5, 0.3]
    assert rates["tpr"] == [0.75, 0.5]
    assert rates["fpr"] == pytest.approx([0.25, 0.166667], abs=5e-7)
    assert rates["ppv"] == pytest.approx([0.75, 0.666667], abs=5e-7)
    assert rates["base_rate"] == [0.5, 0.4]
    against = {"reference": "A", "group": "B"}
    expected = {
        "demographic_parity_difference": 0.2,
        "demographic_parity_ratio": 0.6,
        "equal_opportunity_difference": 0.25,
        "equalized_odds_difference": 0.25,
    }
    for name, value in expected.items():
        assert audit.disparity(name).value == pytest.approx(value, abs=CLOSE)
    assert audit.disparity("statistical_parity_difference", **against).value == pytest.approx(-0.2, abs=CLOSE)
    assert audit.disparity("disparate_impact", **against).value == pytest.approx(0.6, abs=CLOSE)
    assert audit.disparity("average_odds_difference", **against).value == pytest.approx(-0.166667, abs=5e-7)
    assert audit.disparity("predictive_parity_difference").value == pytest.approx(0.75 - 4 / 6, abs=CLOSE)
    assert audit.disparity("accuracy_difference").value == pytest.approx(30 / 40 - 14 / 20, abs=CLOSE)
    errors = audit.rates_of("false_negatives_per_false_positive")
    assert (errors.rates.tolist(), errors.people.tolist()) == ([1, 2], [10, 6])
    treatment = audit.disparity("treatment_equality_ratio")
    assert (treatment.value, treatment.groups, treatment.n) == (0.5, ("A", "B"), (10, 6))


def same(found: float, exact: Fraction | None) -> bool:
    return math.isnan(found) if exact is None else found == pytest.approx(float(exact), abs=CLOSE)


@settings(max_examples=50)
@given(RECORDS, st.booleans())
def test_twin(records: list[twin.Record], weights: bool) -> None:
    if not weights:
        records = [r._replace(weight=Fraction(1)) for r in records]
    audit = audited(records, weights=weights)
    by_group = twin.groups(records)
    for name in twin.RATES:
        rates = audit.rates_of(name)
        for group, rate, people in zip(rates.labels, rates.rates, rates.people, strict=True):
            assert same(rate, twin.rate(by_group[group], name))
            assert people == twin.people(by_group[group], name)
        assert same(rates.overall, twin.rate(records, name))
        assert same(audit.difference(name).value, twin.gap(records, name))
        assert same(audit.ratio(name).value, twin.ratio(records, name))
        assert same(audit.difference(name, method="to_overall").value, twin.to_overall(records, name))
        assert same(audit.difference(name, method="mean_of_pairs").value, twin.mean_of_pairs(records, name))
        short = audit.shortfall(name)["shortfall"]
        for group in by_group:
            found = audit.difference(name, method="to_rest", group=group)
            assert same(found.value, twin.less_rest(records, name, group))
            assert same(short[group], twin.shortfall(records, name, group))
            if group != audit.labels[0]:
                found = audit.difference(name, method="to_reference", reference=audit.labels[0], group=group)
                assert same(found.value, twin.less_reference(records, name, group, audit.labels[0]))


@given(RECORDS, st.integers(1, 4))
def test_small_groups_are_kept_out(records: list[twin.Record], min_group: int) -> None:
    records = [r._replace(weight=Fraction(1)) for r in records]
    audit = audited(records, min_group=min_group)
    for name in twin.RATES:
        found = audit.difference(name)
        assert same(found.value, twin.gap(records, name, min_group))
        assert set(found.left_out) == twin.groups(records).keys() - twin.rates(records, name, min_group).keys()
        assert same(audit.difference(name, method="to_overall").value, twin.to_overall(records, name, min_group))


@given(RECORDS, st.sampled_from([0, 1]), st.sampled_from([None, "A"]))
def test_the_value_is_that_of_the_groups_named(records: list[twin.Record], favourable: int, base: str | None) -> None:
    """Every single-metric disparity can be recomputed from the groups that it names."""
    base = base if base in twin.groups(records) else None
    audit = audited(records, favourable_label=favourable, reference=base)
    good = "selection_rate" if favourable else "non_selection_rate"
    for name in audit.disparity_names:
        choice, found = CHOICES[name], audit.disparity(name)
        if len(choice.metrics) > 1 or math.isnan(found.value):
            continue
        rates = audit.rates_of(good if choice.metrics == ("favourable_rate",) else choice.metrics[0])
        if found.groups[1] == "everybody else":
            group = rates.labels.index(found.groups[0])
            other = (rates.hits.sum() - rates.hits[group]) / (rates.sizes.sum() - rates.sizes[group])
            sides = (rates.rates[group], other)
            assert found.n[1] == rates.people.sum() - rates.people[group]
        else:
            sides = tuple(rates.rates[rates.labels.index(each)] for each in found.groups)
        value = sides[0] - sides[1] if choice.kind == "difference" else sides[0] / sides[1] if sides[1] else math.inf
        assert found.value == pytest.approx(value, abs=CLOSE)
        assert found.n[0] == rates.people[rates.labels.index(found.groups[0])]


def test_furthest_group_keeps_its_sign() -> None:
    records = [twin.Record(group, at < hits) for group, hits in (("A", 9), ("B", 5), ("C", 4)) for at in range(10)]
    audit = audited([r._replace(decision=int(r.decision), outcome=0) for r in records])
    assert audit.difference("selection_rate", method="to_reference", reference="A").groups == ("C", "A")
    assert audit.difference("selection_rate", method="to_reference", reference="A").value == pytest.approx(-0.5)
    assert audit.ratio("selection_rate", method="to_reference", reference="C").value == pytest.approx(9 / 4)
    found = audit.ratio("selection_rate", method="to_overall")
    assert (found.groups, found.value) == (("C", "everybody"), pytest.approx(6 / 9))
    assert found.value == pytest.approx(6 / 9)
    assert audit.ratio("selection_rate", method="mean_of_pairs").value == pytest.approx((5 / 9 + 4 / 9 + 4 / 5) / 3)
    assert audit.difference("selection_rate", method="mean_of_pairs").groups == ("A", "B", "C")


def test_equalized_odds_says_which_metric_is_the_worst_and_averages_name_all() -> None:
    audit = audited(g60())
    worst = audit.disparity("equalized_odds_difference")
    assert (worst.groups, worst.n) == (("A", "B"), (20, 8))
    mean = audit.disparity("equalized_odds_difference_mean")
    assert (mean.groups, mean.n) == (("A", "B", "A", "B"), (20, 8, 20, 12))
    odds = audit.disparity("average_odds_difference", reference="A")
    assert (odds.groups, odds.n) == (("B", "A", "B", "A"), (8, 20, 12, 20))
    assert "reference group" in odds.definition
    assert "everybody else" in audit.disparity("average_odds_difference").definition


def test_zero_and_infinity() -> None:
    """0/0 is NaN with a reason, x/0 infinite."""
    records = [twin.Record(*each) for each in (("A", 0, 0), ("A", 0, 1), ("B", 0, 0), ("B", 0, 1))]
    audit = audited(records)
    found = audit.ratio("selection_rate")
    assert math.isnan(found.value)
    assert found.undefined
    assert audit.difference("selection_rate").value == 0
    assert math.isnan(audit.difference("precision").value)
    assert audit.difference("precision").left_out == ("A", "B")
    assert math.isnan(audit.disparity("equalized_odds_ratio").value)
    assert math.isnan(audit.ratio("selection_rate", method="mean_of_pairs").value)
    assert math.isnan(audit.difference("precision", method="to_rest").value)
    assert math.isnan(audit.difference("precision", method="to_rest", group="A").value)
    more = audited([*records, twin.Record("B", 1, 1)])
    assert more.ratio("selection_rate", method="to_reference", reference="A").value == math.inf
    assert more.ratio("selection_rate", method="to_rest", group="B").value == math.inf
    assert more.ratio("selection_rate").value == 0
    errors = more.rates_of("false_negatives_per_false_positive")
    assert errors.rates.tolist() == [math.inf, math.inf]
    assert math.isnan(more.disparity("treatment_equality_ratio").value)


def test_names() -> None:
    assert metric_named("recall").name == "true_positive_rate"
    assert {METRICS[each].name for each in ALIASES.values()} <= METRICS.keys()
    for metric in METRICS.values():
        assert metric.label
        assert metric.meaning
        if metric.complement:
            other = METRICS[metric.complement]
            assert (other.complement, set(other.among)) == (metric.name, set(metric.among))
            assert {*metric.hits, *other.hits} == set(metric.among)
            assert (metric.name in TESTED) + (other.name in TESTED) == 1
    audit = audited(g60())
    with pytest.raises(RiskscopeError, match="metric is 'rate'; it must be one of 'selection_rate'"):
        audit.difference("rate")
    with pytest.raises(RiskscopeError, match="method is 'groups'"):
        audit.difference("tpr", method="groups")
    with pytest.raises(RiskscopeError, match="name is 'parity'"):
        audit.disparity("parity")
    with pytest.raises(RoleError, match="There is no reference group"):
        audit.difference("tpr", method="to_reference")
    with pytest.raises(RoleError, match="reference is none of the 2 groups") as raised:
        audit.difference("tpr", method="to_reference", reference="Q")
    assert "'A'" not in str(raised.value)
    with pytest.raises(RoleError, match="group is none of the 2 groups"):
        audit.difference("tpr", method="to_rest", group="Q")
    with pytest.raises(RiskscopeError, match="metric is 'false_negatives_per_false_positive'"):
        audit.pairs("false_negatives_per_false_positive")
    assert len(METHODS) == 5
