"""Intersections: worked examples, the twin, shrinkage that covers, additive effects, reference values, disclosure."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naive import intersections as twin
from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.fairness.counts import counts_of
from riskscope.fairness.intersections import audit as intersections
from riskscope.fairness.intersections import measures as intersection_measures
from riskscope.fairness.intersections import shrinkage
from riskscope.fairness.intersections.audit import audit_intersections, intersections_of
from riskscope.fairness.intersections.shrinkage import Prior
from riskscope.fairness.intersections.words import TOO_FEW, IntersectionAudit
from riskscope.intervals import wilson

CLOSE = 1e-9
EPSILON = "smoothed_empirical_differential_fairness(predictions)"


def people(table: dict[tuple[str, ...], tuple[int, int]]) -> tuple[list[int], pd.DataFrame]:
    """Selected and all people of each combination, as records."""
    rows = [(*key, int(at < hits)) for key, (hits, n) in table.items() for at in range(n)]
    frame = pd.DataFrame(rows, columns=[*["sex", "age", "origin"][: len(rows[0]) - 1], "y"])
    return frame.pop("y").tolist(), frame


def audit(table: dict[tuple[str, ...], tuple[int, int]], **options: Any) -> IntersectionAudit:
    selected, frame = people(table)
    return audit_intersections(
        y_pred=selected, sensitive_features=frame, **{"min_cell": 1, "n_permutations": 199} | options
    )


def test_sheet() -> None:
    """FORMULAS G6: G60 as two groups; raw epsilon .510826, smoothed .479573; m = 10 shrinks to .486667, .344444."""
    found = audit({("A", "x"): (20, 40), ("B", "x"): (6, 20)})
    assert found.epsilon_raw == pytest.approx(0.510826, abs=5e-7)
    assert found.epsilon == pytest.approx(0.479573, abs=5e-7)
    assert found.ratio == pytest.approx(math.exp(0.479573), abs=1e-6)
    hits, n = np.array([20.0, 6]), np.array([40.0, 20])
    assert shrinkage.shrunken(hits, n, Prior(26 / 60, 10)).tolist() == pytest.approx([0.486667, 0.344444], abs=5e-7)
    row = found.by_group.loc["A · x"]
    assert (row["low"], row["high"]) == pytest.approx((0.351995, 0.648005), abs=5e-7)
    assert math.isinf(found.prior_strength)
    assert row["shrunken"] == pytest.approx(26 / 60, rel=CLOSE)


COUNTS = st.lists(
    st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=8
)


@given(COUNTS, st.sampled_from([0.0, 1.0, 2.5]))
def test_twin(counts: list[tuple[int, int]], concentration: float) -> None:
    hits, n = (np.array(each, float) for each in zip(*counts, strict=True))
    assert intersection_measures.differential_fairness(hits, n, concentration) == pytest.approx(
        twin.epsilon(counts, concentration), abs=CLOSE, nan_ok=True
    )
    prior = shrinkage.spread(hits, n)
    assert shrinkage.shrunken(hits, n, prior).tolist() == pytest.approx(twin.shrunken(counts, *prior), rel=CLOSE)
    if not 0 < prior.mean < 1:
        return
    height = twin.likelihood(counts, *prior)
    for mean in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, prior.mean):
        for strength in (0.3, 1, 3, 10, 30, 100, 1000, 1e5, prior.strength * 1.05):
            if not math.isinf(strength) and strength >= shrinkage.STRENGTHS[0]:
                assert twin.likelihood(counts, mean, strength) <= height + 1e-5


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from("ab"), st.sampled_from("xyz")), min_size=2, max_size=30),
)
def test_audit_of_records_is_the_twins(records: list[tuple[bool, str, str]]) -> None:
    selected, first, second = (list(each) for each in zip(*records, strict=True))
    found = audit_intersections(
        y_pred=selected,
        sensitive_features=pd.DataFrame({"one": first, "two": second}),
        min_group=1,
        min_cell=1,
        n_permutations=99,
    )
    counts = twin.tallies(selected, [f"{a} · {b}" for a, b in zip(first, second, strict=True)])
    rates = found.by_group
    assert rates["rate"].to_dict() == pytest.approx({key: k / n for key, (k, n) in counts.items()}, rel=CLOSE)
    assert rates["n_people"].to_dict() == {key: n for key, (_k, n) in counts.items()}
    raw = twin.epsilon(list(counts.values()), 0)
    assert found.epsilon_raw == pytest.approx(raw, rel=CLOSE, nan_ok=True)
    for each, values in zip(found.marginals, (first, second), strict=True):
        own = list(twin.tallies(selected, values).values())
        assert each.epsilon == pytest.approx(twin.epsilon(own, 1), rel=CLOSE, nan_ok=True)
        if len(own) > 1:  # the subset property
            assert twin.epsilon(own, 0) <= raw + CLOSE


def test_shrunken_intervals_cover() -> None:
    """Rates that spread as a beta, and rates that do not: about 95 of 100 intervals hold, also for small groups."""
    rng = np.random.default_rng(11)
    n = np.array([10, 12, 15, 20, 30, 40, 60, 100, 150, 300, 600, 1000], float)
    for draw in (lambda: rng.beta(3, 7, len(n)), lambda: rng.beta(30, 70, len(n)), lambda: np.full(len(n), 0.3)):
        held, width, raw_width = 0.0, 0.0, 0.0
        for _repetition in range(40):
            truth = draw()
            hits = rng.binomial(n.astype(int), truth).astype(float)
            low, high = shrinkage.shrunken_interval(hits, n, 0.95)
            held += ((low <= truth) & (truth <= high)).mean()
            width += (high - low)[:4].mean()
            least, most = wilson(hits, n)
            raw_width += (most - least)[:4].mean()
        assert held / 40 > 0.91
        assert width < raw_width


def test_spread_finds_the_beta() -> None:
    rng = np.random.default_rng(5)
    n = np.full(400, 200)
    found = shrinkage.spread(rng.binomial(n, rng.beta(6, 14, 400)).astype(float), n.astype(float))
    assert found.mean == pytest.approx(0.3, abs=0.02)
    assert found.strength == pytest.approx(20, rel=0.2)


def test_additive_effects_and_the_combination_they_miss() -> None:
    """statsmodels' logistic model of main effects, and a combination that is worse than both of its parts."""
    import statsmodels.api as sm

    table = {
        ("F", "old", "a"): (20, 200),
        ("F", "young", "a"): (100, 200),
        ("M", "old", "a"): (110, 200),
        ("M", "young", "a"): (105, 210),
        ("F", "old", "b"): (15, 120),
        ("M", "young", "b"): (60, 130),
    }
    found = audit(table, n_permutations=1999)
    keys = list(table)
    design = np.array([[1, key[0] == "M", key[1] == "young", key[2] == "b"] for key in keys], float)
    hits, n = (np.array(each, float) for each in zip(*table.values(), strict=True))
    model = sm.GLM(np.column_stack([hits, n - hits]), design, family=sm.families.Binomial()).fit()
    ours = found.by_group.loc[[" · ".join(key) for key in keys]]
    np.testing.assert_allclose(ours["expected"], model.fittedvalues, rtol=1e-4)
    residual = model.get_influence().resid_studentized
    np.testing.assert_allclose(ours["residual"], residual, rtol=1e-3)
    assert "let expect" in found.summary()
    assert ours["residual"].abs().max() > 7
    assert found.n_found >= 1


def test_no_surprise_is_said() -> None:
    found = audit(
        {("F", "old"): (50, 100), ("F", "young"): (40, 100), ("M", "old"): (52, 100), ("M", "young"): (45, 100)}
    )
    assert "No combination is further from what the features alone let expect" in found.summary()
    assert "spread no more than chance" in found.summary()
    assert found.n_found == 0


def test_effects_stay_finite_where_a_level_has_no_hit() -> None:
    found = audit({("F", "old"): (0, 50), ("F", "young"): (0, 60), ("M", "old"): (20, 50), ("M", "young"): (30, 40)})
    expected = found.by_group["expected"]
    assert expected.between(0, 1).all()
    assert expected["F · old"] < 1e-3
    assert math.isinf(found.epsilon_raw)  # type: ignore[arg-type]
    assert math.isfinite(found.epsilon)


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "reference" / "fairness"


@pytest.mark.parametrize(
    ("name", "columns"), [("compas", "race|sex"), ("adult", "sex|race"), ("german", "sex|age_group")]
)
def test_reference(folder: Path, name: str, columns: str) -> None:
    """Exact rates and Wilson's intervals; AIF360's smoothed differential fairness."""
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
    frame = pd.read_csv(folder / "data" / f"{name}.csv")
    found = audit_intersections(
        y_pred=frame["y_pred"], sensitive_features=frame[columns.split("|")], min_group=1, min_cell=1, n_permutations=99
    )
    rates = found.by_group
    exact = reference["exact"][name]["attributes"][columns]["uncertainty_selection_rate"]["groups"]
    for group, values in exact.items():
        row = rates.loc[group.replace("|", " · ")]
        assert row["n_people"] == values["n"]
        assert row["rate"] == pytest.approx(values["rate"], rel=1e-12)
        assert (row["low"], row["high"]) == pytest.approx(values["wilson95"], abs=1e-12)
    theirs = reference["peers"]["aif360"][name]
    assert found.epsilon == pytest.approx(theirs[columns]["favorable_label=1"][EPSILON], rel=CLOSE)
    for each in found.marginals:
        if (single := theirs.get("|".join(each.columns))) is not None:
            assert each.epsilon == pytest.approx(single["favorable_label=1"][EPSILON], rel=CLOSE)


def test_reference_rates_of_outcomes(folder: Path) -> None:
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["exact"]["compas"]["attributes"]
    frame = pd.read_csv(folder / "data" / "compas.csv")
    for metric, theirs in (("false_positive_rate", "fpr"), ("fnr", "fnr"), ("precision", "ppv")):
        found = audit_intersections(
            y_pred=frame["y_pred"],
            y_true=frame["y_true"],
            sensitive_features=frame[["race", "sex"]],
            metric=metric,
            n_permutations=99,
        )
        for group, values in reference["race|sex"]["by_group"].items():
            wanted = values[theirs]["f"] if values[theirs] else math.nan
            assert found.by_group.loc[group.replace("|", " · "), "rate"] == pytest.approx(
                wanted, rel=1e-12, nan_ok=True
            )
        assert not found.by_group.loc["Native American · Female", "is_judged"]
        assert "Native American · Female" not in found._repr_html_() + json.dumps(found.to_dict()) + repr(found)


def test_lines_never_give_a_hidden_combination_away() -> None:
    rng = np.random.default_rng(2)
    for _repetition in range(30):
        sizes = rng.integers(0, 60, (4, 5)) * rng.integers(0, 2, (4, 5))
        table = {
            (f"a{i}", f"b{j}"): (int(rng.integers(0, n + 1)), int(n)) for (i, j), n in np.ndenumerate(sizes) if n > 0
        }
        parts = np.array([[int(a[1]), int(b[1])] for a, b in table])
        counts = np.array([[k, n - k] for k, n in table.values()])
        seen = intersections.shown_combinations(counts, parts, 10)
        assert (counts[seen] >= 10).all()
        for at in (0, 1):
            for level in set(parts[:, at]):
                line = parts[:, at] == level
                if seen[line].any() and not seen[line].all():
                    assert (~seen[line]).sum() >= 2
                    assert (counts[line & ~seen].sum(axis=0) >= 10).all()


def test_hidden_groups_leave_no_trace_and_epsilon_is_rounded() -> None:
    table = {("F", "old"): (3, 40), ("F", "young"): (90, 200), ("M", "old"): (60, 150), ("M", "young"): (75, 140)}
    table |= {("D", "old"): (40, 90), ("D", "young"): (44, 97)}
    found = audit(table, min_cell=10)
    assert {each.group for each in found.groups} == {"D · young", "D · old"} or len(found.groups) < 5
    assert "F · old" not in found._repr_html_() + json.dumps(found.to_dict()) + repr(found)
    assert (found.epsilon, found.epsilon_raw) == (round(found.epsilon, 1), None)
    assert found.by_group.loc["F · old", "rate"] == pytest.approx(3 / 40)
    assert "not shown" in found.summary()


def test_small_groups_are_kept_and_not_judged() -> None:
    found = audit({("F", "old"): (9, 9), ("F", "young"): (20, 50), ("M", "old"): (22, 50), ("M", "young"): (21, 50)})
    row = found.by_group.loc["F · old"]
    assert (row["is_judged"], row["verdict"]) == (False, TOO_FEW)
    assert math.isnan(row["p_adjusted"])
    assert found.n_judged == 3
    assert found.epsilon < 0.2


def test_chance_alone_is_rarely_called_a_disparity() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.choice(list("uvw"), 900, p=[0.7, 0.2, 0.1]), "b": rng.choice(list("xyz"), 900)})
    alarms = sum(
        audit_intersections(
            y_pred=rng.integers(0, 2, 900), sensitive_features=frame, n_permutations=199, rng=at
        ).n_found
        > 0
        for at in range(40)
    )
    assert alarms <= 6  # 2 expected; more than 6 has a chance of 0.3 %


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
def test_frames(kind: str) -> None:
    selected, frame = people({("F", "old"): (20, 40), ("F", "young"): (6, 20), ("M", "old"): (9, 20)})
    frame.index = pd.Index(np.arange(len(frame))[::-1])
    given_frame: Any = frame
    if kind == "polars":
        given_frame = pl.DataFrame({name: frame[name].to_list() for name in frame})
    elif kind == "arrow":
        given_frame = pa.table({name: frame[name].to_list() for name in frame})
    found = audit_intersections(y_pred=pd.Series(selected), sensitive_features=given_frame, min_cell=1)
    assert found.by_group["rate"].to_dict() == {"F · old": 0.5, "F · young": 0.3, "M · old": 0.45}


def test_missing_values_are_a_level() -> None:
    frame = pd.DataFrame({"sex": ["F", None] * 20, "age": ["old", "old", "young", None] * 10})
    found = audit_intersections(y_pred=[0, 1, 1, 1] * 10, sensitive_features=frame, min_cell=1)
    assert set(found.by_group.index) == {"F · old", "F · young", "unknown · old", "unknown · unknown"}


def test_a_few_people_of_unknown_value_hide_nothing_and_are_not_given_away() -> None:
    """3 people of unknown sex: with the largest sex, so each age has as many people as it has."""
    frame = pd.DataFrame({"sex": ["F"] * 200 + ["M"] * 240, "age": ["old", "young"] * 220})
    frame.loc[[0, 1, 3], "sex"] = None
    selected = [0, 0, 1, 1, 0, 1, 1, 0] * 55
    found = audit_intersections(y_pred=selected, sensitive_features=frame)
    assert {each.group: each.n_people for each in found.groups} == {
        "F · old": 99,
        "F · young": 98,
        "M · old": 121,
        "M · young": 122,
    }
    assert (found.n_groups, found.n_not_shown) == (4, 0)
    assert found.by_group["n_people"].to_dict()["unknown · old"] == 1
    assert "unknown" not in json.dumps(found.to_dict()) + "".join(str(table) for table in found.tables())
    assert "Fewer than 10 people whose 'sex' is too rare to show are counted with 'M'" in found.summary()
    filled = audit_intersections(y_pred=selected, sensitive_features=frame.fillna({"sex": "M"}))
    assert found.to_dict() == filled.to_dict()


def test_wrong_task() -> None:
    frame = pd.DataFrame({"sex": list("FMF"), "age": list("oyo")})
    with pytest.raises(RoleError, match=r"1 column; .* audit_decisions"):
        audit_intersections(y_pred=[0, 1, 1], sensitive_features=frame["sex"])
    with pytest.raises(RoleError, match="hand it over as y_true"):
        audit_intersections(y_pred=[0, 1, 1], sensitive_features=frame, metric="tpr")
    with pytest.raises(RoleError, match="no share of people"):
        audit_intersections(
            y_pred=[0, 1, 1], y_true=[0, 1, 1], sensitive_features=frame, metric="false_negatives_per_false_positive"
        )
    with pytest.raises(FrameError, match="audit_scores"):
        audit_intersections(y_pred=[0.1, 0.5, 0.7], sensitive_features=frame)
    with pytest.raises(FrameError, match="no record"):
        audit_intersections(y_pred=[], sensitive_features=frame[:0])
    with pytest.raises(RiskscopeError, match="concentration"):
        audit_intersections(y_pred=[0, 1, 1], sensitive_features=frame, concentration=-1)


@pytest.mark.parametrize("hits", [0, 30])
def test_nobody_or_everybody_selected(hits: int) -> None:
    found = audit({("F", "old"): (hits, 30), ("M", "old"): (hits, 30)})
    assert found.by_group["shrunken"].tolist() == [hits / 30] * 2
    assert (found.epsilon_raw, found.n_found) == (0, 0)
    assert found.summary()
    plt.close(found.plot().figure)


def test_one_combination() -> None:
    found = audit({("F", "old"): (12, 30)})
    assert math.isnan(found.p_any)
    assert math.isnan(found.epsilon)
    assert found.undefined["epsilon"]
    assert found.summary()
    assert found._repr_html_()


def test_picture_tables_and_dict() -> None:
    table = {("F", "old"): (3, 40), ("F", "young"): (90, 200), ("M", "old"): (60, 150), ("M", "young"): (75, 140)}
    found = audit(table)
    axes = found.plot()
    assert [label.get_text() for label in axes.get_yticklabels()][-1] == "F · old (40)"
    assert len(axes.containers) == 2
    plt.close(axes.figure)
    (caption, header, rows), (caption_by, _header, rows_by) = found.tables()
    assert "its selection rate as it is, drawn to the mean" in caption
    assert header[0] == "sex · age"
    assert [row[0] for row in rows] == [each.group for each in found.groups]
    assert "Differential fairness by some of the columns" in caption_by
    assert [row[0] for row in rows_by] == ["sex", "age"]
    assert json.loads(json.dumps(found.to_dict()))["marginals"][0]["columns"] == ["sex"]
    assert audit(table).to_dict() == found.to_dict()


def test_counts_already_made_and_their_weights_play_no_part() -> None:
    selected, frame = people({("F", "old"): (20, 40), ("F", "young"): (90, 200), ("M", "old"): (60, 150)})
    options: dict[str, Any] = {"n_permutations": 199}
    direct = audit_intersections(y_pred=selected, sensitive_features=frame, **options)
    plain = intersections_of(counts_of(y_pred=selected, sensitive_features=frame), **options)
    assert plain.to_dict() == direct.to_dict()
    weights = np.resize([1.0, 1.5, 3.25], len(selected))
    weighted = intersections_of(counts_of(y_pred=selected, sensitive_features=frame, sample_weight=weights), **options)
    assert weighted.to_dict() == plain.to_dict()
    assert "weights play no part" in weighted.summary()
    assert "weights" not in plain.summary()
