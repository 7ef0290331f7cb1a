"""Conditional demographic disparity: worked examples, the twin, statsmodels, Simpson's paradox, what is not shown."""

from __future__ import annotations

import json
import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from naive import conditional as twin
from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.fairness.conditional import audit as conditional
from riskscope.fairness.conditional import stratified
from riskscope.fairness.conditional import words as conditional_words
from riskscope.fairness.conditional.audit import ConditionalDisparity, conditional_disparity
from riskscope.fairness.conditional.evidence import held_intervals, n_comparisons
from riskscope.fairness.testing import CANNOT_TELL, DISPARITY, NO_LARGER
from riskscope.intervals import newcombe

CLOSE = 1e-9

#: Applicants to the six largest departments of Berkeley's graduate school, autumn 1973: men admitted, rejected, women
#: admitted, rejected. Bickel, Hammel and O'Connell (1975), Science 187:398; counts as in Freedman, Pisani and Purves,
#: Statistics, chapter 2, and in R's UCBAdmissions.
BERKELEY = {
    "A": (512, 313, 89, 19),
    "B": (353, 207, 17, 8),
    "C": (120, 205, 202, 391),
    "D": (138, 279, 131, 244),
    "E": (53, 138, 94, 299),
    "F": (22, 351, 24, 317),
}


def people(table: dict[str, tuple[int, int, int, int]]) -> pd.DataFrame:
    rows = [
        (stratum, group, decision)
        for stratum, counts in table.items()
        for (group, decision), n in zip([("M", 1), ("M", 0), ("W", 1), ("W", 0)], counts, strict=True)
        for _ in range(n)
    ]
    return pd.DataFrame(rows, columns=["department", "sex", "admitted"])


def audit(frame: pd.DataFrame, **options: Any) -> ConditionalDisparity:
    return conditional_disparity(
        y_pred=frame["admitted"],
        sensitive_features=frame["sex"],
        control_features=frame["department"],
        **{"min_cell": 1, "min_group": 1, "n_permutations": 199} | options,
    )


def test_sheet() -> None:
    """FORMULAS G4."""
    found = audit(people({"1": (48, 32, 12, 8), "2": (4, 16, 16, 64)}))
    women = found.by_group.loc["W"]
    assert women["dd"] == pytest.approx(0.25, rel=CLOSE)
    assert (women["cdd"], women["standardised_difference"]) == pytest.approx((0, 0), abs=CLOSE)
    by_stratum = found.by_stratum
    assert by_stratum["dd"].tolist() == pytest.approx([0, 0, 0, 0], abs=CLOSE)
    assert women["simpson"] == conditional_words.VANISHES
    assert "Simpson's paradox" in found.summary()


def test_berkeley() -> None:
    """Peers' notes: DD(women) +0.144, CDD by department -0.019, CMH p 0.22, Breslow-Day p 0.002."""
    found = audit(people(BERKELEY), min_cell=8)
    women = found.by_group.loc["W"]
    assert women["dd"] == pytest.approx(0.144, abs=5e-4)
    assert women["cdd"] == pytest.approx(-0.019283267035269242, rel=CLOSE)  # as smclarify has it, too
    assert women["cmh_p"] == pytest.approx(0.22, abs=5e-3)
    assert women["breslow_day_p"] == pytest.approx(0.002, abs=5e-4)
    assert (women["simpson"], women["verdict"]) == ("vanishes", "cannot tell")
    text = found.summary()
    assert "'W' is selected 14.2 points less often than everybody else, yet among people alike in 'department'" in text
    assert "Breslow-Day" in text
    assert women["cdd_low"] < women["cdd"] < women["cdd_high"] < 0.02


def test_reversal_is_named() -> None:
    found = audit(people({"1": (400, 100, 95, 5), "2": (20, 80, 150, 350)}))
    women = found.by_group.loc["W"]
    assert women["simpson"] == conditional_words.REVERSES
    assert women["difference"] < 0 < women["standardised_difference"]
    assert women["verdict"] == "disparity found"
    assert "more often among people alike in 'department'" in found.summary()


def test_hidden_disparity_appears() -> None:
    frame = people({"1": (80, 20, 200, 100), "2": (60, 240, 10, 90)})
    women = audit(frame).by_group.loc["W"]
    assert women["difference"] > 0 > women["standardised_difference"]
    assert women["simpson"] == conditional_words.REVERSES
    frame = people({"1": (80, 20, 190, 110), "2": (130, 170, 20, 80)})
    women = audit(frame).by_group.loc["W"]
    assert women["difference_low"] < 0 < women["difference_high"]
    assert women["simpson"] == conditional_words.APPEARS


def test_disparity_remains_or_is_none() -> None:
    alike = people({"1": (50, 50, 50, 50), "2": (30, 70, 30, 70)})
    assert audit(alike).by_group.loc["W", "simpson"] == conditional_words.NEITHER
    apart = people({"1": (80, 20, 40, 60), "2": (70, 30, 30, 70)})
    found = audit(apart)
    assert found.by_group.loc["W", "simpson"] == conditional_words.REMAINS
    assert "Simpson" not in found.summary()


def test_nothing_larger_than_the_margin_is_said_where_every_interval_lies_within_it() -> None:
    many = people({"1": (5000, 5000, 5000, 5000), "2": (3000, 7000, 3000, 7000)})
    found = audit(many)
    assert found.verdict == NO_LARGER
    assert set(found.by_group["verdict"]) == {NO_LARGER}
    assert "No disparity larger than the margin: among people alike in 'department'" in found.summary()
    assert "lies within 5.0 points" in found.summary()
    narrow = audit(many, margin=0.001)
    assert narrow.verdict == CANNOT_TELL
    assert "an interval reaches beyond the margin of 0.1 points" in narrow.summary()
    few = people({"1": (50, 50, 50, 50), "2": (30, 70, 30, 70)})
    assert audit(few).verdict == CANNOT_TELL
    assert audit(few, margin=0.3).verdict == NO_LARGER


def test_few_people_of_whom_nobody_is_selected_prove_nothing() -> None:
    found = audit(people({"1": (0, 20, 0, 20), "2": (0, 20, 0, 20)}))
    assert found.by_group["standardised_high"].tolist() == [0, 0]  # the bootstrap sees no luck here
    assert found.verdict == CANNOT_TELL


def test_a_disparity_within_the_margin_is_found_and_small() -> None:
    frame = people({"1": (5300, 4700, 5000, 5000), "2": (3300, 6700, 3000, 7000)})
    small = audit(frame)
    assert small.verdict == DISPARITY
    assert "It is small: within the margin of 5.0 points." in small.summary()
    assert "It is small" not in audit(frame, margin=0.02).summary()
    with pytest.raises(RiskscopeError, match="margin is 2"):
        audit(frame, margin=2)


def test_the_interval_held_against_the_margin_is_newcombes_in_one_stratum() -> None:
    cells = np.array([[[60.0, 40]], [[45.0, 55]], [[70.0, 30]]])  # (n_groups, n_strata, 2)
    low, high = held_intervals(cells, cells, 0, 2, 0.95)
    expected = newcombe([55, 30], [100, 100], 40, 100, level=0.975)
    np.testing.assert_allclose(low[1:], expected[0], rtol=CLOSE)
    np.testing.assert_allclose(high[1:], expected[1], rtol=CLOSE)
    assert n_comparisons(np.array([True, True, True]), 0) == 2
    assert n_comparisons(np.array([True, True, False]), None) == 2
    assert n_comparisons(np.array([True, True]), None) == 1


def test_the_interval_held_against_the_margin_holds_the_truth_often_enough() -> None:
    rng = np.random.default_rng(11)
    sizes = np.array([[30, 90], [60, 40], [25, 50]])  # (n_groups, n_strata)
    chances = np.array([[0.1, 0.5], [0.15, 0.45], [0.1, 0.5]])
    mix = sizes.sum(axis=0) / sizes.sum()
    others = ((sizes * chances).sum(axis=0) - sizes * chances) / (sizes.sum(axis=0) - sizes)
    truth = ((chances - others) * mix).sum(axis=1)
    held = 0
    for hits in rng.binomial(sizes, chances, size=(1500, 3, 2)):
        cells = np.stack([sizes - hits, hits], axis=-1).astype(float)
        low, high = held_intervals(cells, cells, None, 3, 0.95)
        held += bool(((low <= truth) & (truth <= high)).all())
    assert held / 1500 >= 0.95


RECORDS = st.lists(
    st.tuples(st.booleans(), st.sampled_from("ABC"), st.sampled_from("xyz")), min_size=4, max_size=30
).filter(lambda rows: len({row[0] for row in rows}) == 2)


@given(RECORDS, st.sampled_from(["drop", "zero"]), st.booleans(), st.booleans())
def test_twin(records: list[tuple[bool, str, str]], empty: str, favours: bool, paired: bool) -> None:
    selected, groups, strata = (list(each) for each in zip(*records, strict=True))
    reference = groups[0] if paired else None
    found = conditional_disparity(
        y_pred=selected,
        sensitive_features=groups,
        control_features=strata,
        favourable_label=favours,
        reference=reference,
        empty=empty,
        min_cell=1,
        n_permutations=99,
    ).by_group
    rejected = [each is not favours for each in selected]
    one = len(set(groups)) == 1
    for group in set(groups):
        row = found.loc[group]
        dd = math.nan if one else twin.disparity(rejected, groups, group)
        cdd = math.nan if one else twin.conditional(rejected, groups, strata, group, empty)
        assert row["dd"] == pytest.approx(dd, abs=CLOSE, nan_ok=True)
        assert row["cdd"] == pytest.approx(cdd, abs=CLOSE, nan_ok=True)
        if group == reference:
            assert math.isnan(row["standardised_difference"])
            continue
        rate, other_rate, skipped = twin.standardised(selected, groups, strata, group, reference)
        assert (row["standardised_rate"], row["standardised_rate_other"]) == pytest.approx(
            (rate, other_rate), abs=CLOSE, nan_ok=True
        )
        assert row["n_strata_skipped"] == skipped
        tables = twin.tables(selected, groups, strata, group, reference)
        assert row["odds_ratio"] == pytest.approx(twin.odds_ratio(tables), rel=CLOSE, nan_ok=True)
        assert row["cmh"] == pytest.approx(twin.cmh(tables), rel=1e-6, abs=CLOSE, nan_ok=True)


def test_statsmodels() -> None:
    tables = [np.array([[30, 12], [25, 40]]), np.array([[11, 18], [16, 9]]), np.array([[7, 41], [9, 63]])]
    theirs = StratifiedTable([each.astype(float) for each in tables])
    a, b, c, d = np.array([each.ravel() for each in tables], float).T
    sides = a[None], (a + b)[None], c[None], (c + d)[None]
    ratio, low, high = stratified.mantel_haenszel(*sides, level=0.9)
    assert ratio[0] == pytest.approx(theirs.oddsratio_pooled, rel=CLOSE)
    assert (low[0], high[0]) == pytest.approx(theirs.oddsratio_pooled_confint(alpha=0.1), rel=CLOSE)
    for correction in (False, True):
        ours = stratified.cochran_mantel_haenszel(*sides, correction=correction)
        other = theirs.test_null_odds(correction=correction)
        assert (ours[0][0], ours[1][0]) == pytest.approx((other.statistic, other.pvalue), rel=CLOSE)
    for tarone in (False, True):
        ours = stratified.breslow_day(*sides, tarone=tarone)
        other = theirs.test_equal_odds(adjust=tarone)
        assert (ours[0][0], ours[1][0]) == pytest.approx((other.statistic, other.pvalue), rel=CLOSE)


def test_breslow_day_where_the_pooled_ratio_is_one_or_a_stratum_tells_nothing() -> None:
    """statsmodels divides by 0 at a pooled ratio of exactly 1."""
    hits, n = np.array([[10.0, 20, 5]]), np.array([[20.0, 30, 5]])
    other_hits, other_n = np.array([[20.0, 10, 0]]), np.array([[30.0, 20, 0]])
    ratio = stratified.mantel_haenszel(hits, n, other_hits, other_n)[0]
    assert ratio[0] == pytest.approx(1, rel=CLOSE)
    chi2, p = stratified.breslow_day(hits, n, other_hits, other_n, tarone=False)
    # Margins 20 and 30, 30 selected of 50: 12 expected, variance 1 / (1/12 + 1/18 + 1/8 + 1/12) a stratum.
    assert chi2[0] == pytest.approx(2 * 4 * (1 / 12 + 1 / 18 + 1 / 8 + 1 / 12), rel=CLOSE)
    assert 0 < p[0] < 1


def test_interval_covers() -> None:
    """CDD of known rates: the 95 % interval holds it in about 95 of 100 samples."""
    rng = np.random.default_rng(7)
    sizes = np.array([[120, 60, 40], [50, 90, 20], [30, 30, 60]])
    rates = np.array([[0.3, 0.5, 0.2], [0.4, 0.4, 0.1], [0.2, 0.6, 0.25]])
    share = sizes / sizes.sum()
    truth = stratified.conditional(share * (1 - rates), share * rates, "drop")
    cells = np.stack([share * (1 - rates), share * rates], axis=-1)
    held = np.zeros(3)
    n_samples = 200
    for _ in range(n_samples):
        drawn = rng.multinomial(500, cells.ravel()).reshape(cells.shape)
        found = conditional.bootstrap_counts(drawn, n_boot=400, rng=rng)
        cdd = stratified.conditional(found[..., 0].astype(float), found[..., 1].astype(float), "drop")
        own = stratified.conditional(drawn[..., 0].astype(float), drawn[..., 1].astype(float), "drop")
        low, high = conditional.interval(own, cdd, kind="percentile")
        held += (low <= truth) & (truth <= high)
    assert (held / n_samples > 0.91).all()


def test_weights() -> None:
    """Whole weights are copies of records, but for the tests and the width of the intervals."""
    frame = people({"1": (20, 30, 10, 25), "2": (8, 11, 30, 12)})
    weights = np.where(frame["admitted"] == 1, 2, 3)
    copied = audit(frame.loc[frame.index.repeat(weights)]).by_group
    weighted = audit(frame, sample_weight=weights).by_group
    same = ["dd", "cdd", "difference", "standardised_rate", "standardised_difference", "explained", "selection_rate"]
    np.testing.assert_allclose(weighted[same].to_numpy(float), copied[same].to_numpy(float), rtol=CLOSE)
    plain = audit(frame).by_group
    assert weighted["cmh_p"].tolist() == plain["cmh_p"].tolist()
    width = weighted["cdd_high"] - weighted["cdd_low"]
    assert (width > 1.2 * (copied["cdd_high"] - copied["cdd_low"])).all()


def test_weights_that_differ_within_cells() -> None:
    frame = people({"1": (20, 30, 10, 25), "2": (8, 11, 30, 12)})
    weights = np.resize([1.0, 1.25, 1.5, 1.75, 2.0], len(frame))
    found, equal = audit(frame, sample_weight=weights).by_group, audit(frame).by_group
    ratio = (found["cdd_high"] - found["cdd_low"]) / (equal["cdd_high"] - equal["cdd_low"])
    assert ratio.between(0.9, 1.2).all()


def test_strata_without_both_outcomes() -> None:
    frame = people({"1": (48, 32, 12, 8), "2": (14, 0, 16, 0)})
    dropped, zero = audit(frame), audit(frame, empty="zero")
    assert (dropped.n_strata_undefined, dropped.undefined_people) == (1, "30")
    assert dropped.by_group.loc["W", "cdd"] == pytest.approx(0, abs=CLOSE)
    assert zero.by_group.loc["W", "cdd"] == pytest.approx(30 / 130 * (0 - 16 / 30), rel=CLOSE)
    assert "are left out" in dropped.summary()
    assert "taken as 0" in zero.summary()
    assert audit(frame, min_cell=31).undefined_people == "<31"


def test_reference_group() -> None:
    frame = people(BERKELEY)
    frame.loc[::7, "sex"] = "D"
    found = audit(frame, reference="M")
    table = found.by_group
    assert np.isnan(table.loc["M", ["difference", "odds_ratio", "p_adjusted"]].astype(float)).all()
    both = audit(frame[frame["sex"] != "D"]).by_group
    for name in ("odds_ratio", "cmh_p", "breslow_day", "difference"):
        assert table.loc["W", name] == pytest.approx(both.loc["W", name], rel=CLOSE)
    assert table.loc["W", "p_adjusted"] >= 0.01
    with pytest.raises(RoleError, match="reference is none of the 3 groups of 'sex'"):
        audit(frame, reference="X")


def test_a_group_never_in_one_stratum_with_the_reference_is_no_comparison_to_correct_for() -> None:
    frame = people({"1": (60, 40, 40, 60), "2": (30, 70, 45, 55)})
    alone = pd.DataFrame({"department": ["3"] * 40, "sex": ["X"] * 40, "admitted": [0, 1] * 20})
    found = audit(pd.concat([frame, alone]), reference="M").by_group
    assert math.isnan(found.loc["X", "p_adjusted"])
    assert (found.loc["X", "verdict"], found.loc["X", "simpson"]) == ("cannot tell", "cannot tell")
    only = audit(frame, reference="M").by_group
    assert found.loc["W", "p_adjusted"] == pytest.approx(only.loc["W", "p_adjusted"], abs=0.1)
    assert found.loc["W", "p_adjusted"] < 2 * only.loc["W", "p_adjusted"]


def test_the_headline_says_where_being_selected_is_bad() -> None:
    found = audit(people({"1": (60, 40, 40, 60), "2": (30, 70, 45, 55)}), favourable_label=0)
    assert "45.0 of 100 people get the unfavourable decision, of everybody else (n = 200) 42.5" in found.sentences()[0]
    assert found.by_group.loc["M", "dd"] > 0


def test_a_few_people_of_unknown_group_hide_nothing_and_are_not_given_away() -> None:
    frame = people({"1": (60, 40, 40, 60), "2": (30, 70, 45, 55)})
    frame.loc[[0, 150, 390], "sex"] = None  # counted with the largest group, M
    options: dict[str, Any] = {"min_cell": 10, "min_group": 10}
    found = audit(frame, **options)
    assert {each.group: each.n_people for each in found.groups} == {"M": 202, "W": 198}
    assert found.by_group["n_people"].to_dict() == {"M": 199, "W": 198, "unknown": 3}
    assert set(found.by_stratum["group"]) == {"M", "W", "unknown"}
    assert "unknown" not in json.dumps(found.to_dict()) + "".join(str(table) for table in found.tables())
    assert "Fewer than 10 people whose 'sex' is too rare to show are counted with 'M'" in found.summary()
    filled = audit(frame.fillna({"sex": "M"}), **options)
    same = ("dd", "cdd", "difference", "standardised_difference", "cmh_p")
    for ours, theirs in zip(found.groups, filled.groups, strict=True):
        assert [getattr(ours, name) for name in same] == [getattr(theirs, name) for name in same]
    against = audit(frame, reference="M", **options)
    assert (against.reference, len(against.groups)) == ("M", 2)
    assert against.by_group.loc["M", ["simpson", "verdict"]].tolist() == [conditional_words.REFERENCE] * 2
    unknown = audit(frame, reference="unknown", **options)
    assert unknown.groups == ()  # a difference from it would tell its rate
    assert "No two groups" in unknown.sentences()[0]
    assert unknown.tables() == []


def test_small_groups_are_not_judged_and_not_shown() -> None:
    frame = people(BERKELEY)
    frame.loc[[0, 1, 2000, 3000, 4000], "sex"] = "Z"
    found = conditional_disparity(
        y_pred=frame["admitted"], sensitive_features=frame["sex"], control_features=frame["department"]
    )
    exact = found.by_group.loc["Z"]
    assert (exact["is_judged"], exact["simpson"], exact["verdict"]) == (
        False,
        conditional_words.SMALL,
        conditional_words.SMALL,
    )
    assert math.isnan(exact["p_adjusted"])
    assert "Z" not in {each.group for each in found.groups}
    for text in (repr(found), found._repr_html_(), json.dumps(found.to_dict()), found.summary()):
        assert "Z" not in text.replace("Žliobaitė", "")


def test_small_cells_of_strata_are_held_back_and_figures_rounded() -> None:
    found = audit(people(BERKELEY), min_cell=10)
    strata = {each.stratum: each for each in found.strata}
    assert strata["B"].dd == (None, None)  # 8 women rejected
    assert sum(each.dd == (None, None) for each in found.strata) >= 2
    shown = {each.group: each for each in found.groups}["W"]
    exact = found.by_group.loc["W"]
    assert shown.coarse
    assert (shown.cdd, exact["cdd"]) == (-0.02, pytest.approx(-0.01928, abs=1e-5))  # 10 of 1,835: steps of 0.01
    assert len(str(shown.odds_ratio)) <= 3
    assert shown.dd == exact["dd"]
    assert "&lt;10" in found._repr_html_()
    assert not any(each.coarse for each in audit(people(BERKELEY), min_cell=8).groups)


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "list"])
def test_frames(kind: str) -> None:
    frame = people({"1": (48, 32, 12, 8), "2": (4, 16, 16, 64)})
    frame.index = pd.Index(np.arange(len(frame))[::-1] * 3)
    columns: dict[str, Any] = {name: frame[name] for name in frame}
    if kind == "polars":
        columns = {name: pl.Series(name, each.to_list()) for name, each in columns.items()}
    elif kind == "arrow":
        columns = {name: pa.array(each.to_list()) for name, each in columns.items()}
    elif kind == "list":
        columns = {name: each.to_list() for name, each in columns.items()}
    found = audit(columns)  # type: ignore[arg-type]
    assert found.by_group.loc["W", "dd"] == pytest.approx(0.25, rel=CLOSE)


def test_several_control_features_and_missing_values() -> None:
    frame = people({"1": (48, 32, 12, 8), "2": (4, 16, 16, 64)})
    frame["shift"] = np.resize(["day", None], len(frame))
    frame["sex"] = frame["sex"].where(np.arange(len(frame)) % 5 > 0, None)
    found = conditional_disparity(
        y_pred=frame["admitted"], sensitive_features=frame["sex"], control_features=frame[["department", "shift"]]
    )
    assert found.n_strata == 4
    assert found.control_columns == ("department", "shift")
    assert "unknown" in found.by_group.index


def test_numbers_of_many_values_are_to_be_banded() -> None:
    with pytest.raises(FrameError, match=r"'age', int64 with 60 distinct values.*Cut it into bands"):
        conditional_disparity(
            y_pred=[0, 1] * 60,
            sensitive_features=["a", "b"] * 60,
            control_features=pd.Series(range(60), name="age").repeat(2),
        )


def test_wrong_task() -> None:
    with pytest.raises(FrameError, match="audit_scores"):
        conditional_disparity(y_pred=[0.1, 0.2, 0.3], sensitive_features=list("aab"), control_features=list("xxx"))
    with pytest.raises(FrameError, match="audit_profiles"):
        conditional_disparity(y_pred=list("pqr"), sensitive_features=list("aab"), control_features=list("xxx"))


def test_degenerate() -> None:
    one = conditional_disparity(
        y_pred=[0, 1] * 20, sensitive_features=["a"] * 40, control_features=["x", "x", "y", "y"] * 10
    )
    assert math.isnan(one.p_any)
    assert one.undefined["p_any"]
    assert math.isnan(one.by_group.loc["a", "dd"])
    none = conditional_disparity(
        y_pred=[0] * 40, sensitive_features=["a", "b"] * 20, control_features=["x"] * 40, min_cell=1
    )
    assert none.by_group["cdd"].isna().all()
    assert none.n_strata_undefined == 1
    assert none.summary()
    empty = conditional_disparity(y_pred=[], sensitive_features=[], control_features=[])
    assert (empty.n_records, empty.groups) == (0, ())
    assert empty.summary()


def test_same_seed_same_answer_and_row_order_plays_no_part() -> None:
    frame = people(BERKELEY)
    first, second = audit(frame), audit(frame.sample(frac=1, random_state=3))
    assert first.to_dict() == second.to_dict()


def test_picture_and_tables() -> None:
    found = audit(people(BERKELEY), min_cell=8)
    axes = found.plot()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["W (1,835)", "M (2,691)"]
    plt.close(axes.figure)
    captions = [caption for caption, _header, _rows in found.tables()]
    assert [caption[:10] for caption in captions] == ["Each group", "Each group", "Each strat"]
    assert all(len(header) <= 8 for _caption, header, _rows in found.tables())
    women = found.tables()[0][2][0]
    assert women[:4] == ("W", "1,835", "30.4 %", "-14.2 (-17 to -11.3)")
    assert found.sentences()[0].startswith(
        "In 'W' (n = 1,835), 30.4 of 100 people get the positive decision, of everybody"
    )
    assert json.loads(json.dumps(found.to_dict()))["groups"][0]["simpson"] == "vanishes"


def test_combinations_are_hidden_with_the_totals_of_each_column_known() -> None:
    """A combination of few people takes another of its sex, and of its age, along."""
    table = {("F", "old"): (5, 30), ("F", "young"): (90, 60), ("M", "old"): (60, 90), ("M", "young"): (75, 140)}
    rows = [(*key, int(side)) for key, counts in table.items() for side in (0, 1) for _ in range(counts[side])]
    frame = pd.DataFrame(rows, columns=["sex", "age", "y"])
    stratum = np.resize(["p", "q"], len(frame))
    found = conditional_disparity(y_pred=frame["y"], sensitive_features=frame[["sex", "age"]], control_features=stratum)
    assert found.groups == ()
    assert len(found.by_group) == 4
    assert "No two groups" in found.summary()
    assert found.tables() == []
