"""Every rate at every cut-off: the twin, what steps are shown, and what is not."""

from __future__ import annotations

import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_curve

from naive import scores as twin
from riskscope.errors import CellLimitError, FrameError, RiskscopeError
from riskscope.fairness.scores import thresholds
from riskscope.fairness.scores.setting import shown_steps
from riskscope.fairness.scores.thresholds import METRICS, sweep

records = st.lists(
    st.tuples(st.sampled_from([-2.0, 0.1, 0.5, 7.0]), st.integers(0, 1), st.sampled_from("AB"), st.integers(1, 3)),
    min_size=1,
    max_size=20,
)


@given(records, st.booleans())
@settings(max_examples=60)
def test_against_the_twin(rows: list[tuple[float, int, str, int]], weighted: bool) -> None:
    s, y, g, w = (list(each) for each in zip(*rows, strict=True))
    w = w if weighted else [1] * len(w)
    found = sweep(
        y_pred=s, y_true=y, sensitive_features=g, sample_weight=w if weighted else None, min_group=1, min_cell=1
    )
    assert found.cuts.tolist() == [*sorted(set(s)), math.inf]
    for metric in METRICS:
        rates = found.rates(metric)
        expected = [
            [twin.rates(*(twin.of(each, g, group) for each in (s, y, w)), cut)[metric] for cut in found.cuts]
            for group in sorted(set(g))
        ]
        np.testing.assert_allclose(rates, expected, rtol=1e-12)
        for at, gap in enumerate(found.gaps(metric)):
            told = [row[at] for row in expected if not math.isnan(row[at])]
            assert (len(told) > 1) == (not math.isnan(gap))
            if len(told) > 1:
                assert gap == pytest.approx(max(told) - min(told))


def some(n: int = 2000, groups: str = "ABC") -> dict[str, Any]:
    draw = np.random.default_rng(0)
    score = draw.random(n).round(3)
    return {
        "y_pred": score,
        "sensitive_features": draw.choice(list(groups), n),
        "y_true": (draw.random(n) < score).astype(int),
    }


def test_true_and_false_positive_rates_are_the_roc_curve() -> None:
    data = some()
    found = sweep(**data)
    for group, label in enumerate("ABC"):
        inside = data["sensitive_features"] == label
        fpr, tpr, cuts = roc_curve(data["y_true"][inside], data["y_pred"][inside], drop_intermediate=False)
        at = np.searchsorted(found.cuts, cuts)
        np.testing.assert_allclose(found.rates("tpr")[group, at], tpr)
        np.testing.assert_allclose(found.rates("fpr")[group, at], fpr)


def test_the_gap_leaves_groups_out_that_are_too_small() -> None:
    found = sweep(y_pred=[0.1, 0.2, 0.3, 0.4] * 5, sensitive_features=["A"] * 12 + ["B"] * 8)
    assert np.isnan(found.gaps("selection_rate")).all()
    assert found.undefined["gap"] == "no two groups have enough people at one step"


def test_the_frame_has_every_group_and_cut() -> None:
    found = sweep(**some())
    assert len(found.by_group) == 3 * found.n_cuts
    assert list(found.by_group.columns) == ["group", "cut", "share", "selected", *METRICS]
    assert found.share[0] == 1
    assert found.share[-1] == 0


def test_without_an_outcome_there_is_a_selection_rate_alone() -> None:
    found = sweep(**{**some(), "y_true": None})
    assert found.metrics == ("selection_rate",)
    with pytest.raises(RiskscopeError, match="metric is 'tpr'"):
        found.rates("tpr")


steps = st.lists(st.lists(st.integers(0, 30), min_size=6, max_size=6), min_size=1, max_size=4)


@given(steps)
def test_between_steps_that_are_shown_lie_people_enough(bands: list[list[int]]) -> None:
    counts = np.array(bands)
    selected, everybody = np.cumsum(counts, axis=1)[:, :5, None], counts.sum(axis=1)[:, None]
    seen = shown_steps(selected, everybody, 10)
    for group in range(len(bands)):
        inside = [0, *selected[group, seen[group], 0], everybody[group, 0]]
        if seen[group].any():
            assert (np.diff(inside) >= 10).all()
    large = everybody[:, 0] >= 10
    for step in range(5):
        held = large & ~seen[:, step]
        if seen[:, step].any() and held.any():
            inside = selected[held, step, 0].sum()
            assert held.sum() > 1
            assert min(inside, everybody[held, 0].sum() - inside) >= 10


def test_what_is_shown_is_drawn_and_tabled() -> None:
    found = sweep(**some())
    at, is_shown = found.steps()
    assert is_shown.sum() > 10
    axes = found.plot(metric="fpr")
    for group, line in enumerate(axes.get_lines()):
        np.testing.assert_allclose(line.get_ydata(), 100 * found.rates("fpr")[group, at[is_shown[group]]])
    plt.close(axes.figure)
    assert [caption.split(",")[0] for caption, *_rest in found.tables()] == [
        "share selected",
        "share selected of those with the outcome",
        "share selected of those without the outcome",
    ]
    assert found.gap == pytest.approx(np.nanmax(found.gaps(found.metric)[at]), abs=0.05)
    assert "differ most" in found.summary()


def test_a_small_group_is_nowhere() -> None:
    data = some(400, "AB")
    data["sensitive_features"] = np.where(np.arange(400) < 4, "Xyzzy", data["sensitive_features"])
    data["y_pred"][0] = 0.98765
    found = sweep(**data)
    axes = found.plot()
    legend = [each.get_text() for each in axes.get_legend().get_texts()]
    plt.close(axes.figure)
    text = " ".join([repr(found), found.summary(), found._repr_html_(), str(found.to_dict()), *legend])
    assert "Xyzzy" not in text
    assert "0.98765" not in text
    assert "Xyzzy" in set(found.by_group["group"])


def test_degenerate() -> None:
    empty = sweep(y_pred=[], sensitive_features=[])
    assert (empty.n_cuts, empty.has_picture, empty.tables()) == (1, False, [])
    one = sweep(y_pred=[3.0], sensitive_features=["A"], y_true=[1])
    assert one.rates("tpr").tolist() == [[1, 0]]
    assert np.isnan(one.rates("fpr")).all()
    with pytest.raises(RiskscopeError, match="nothing to draw"):
        one.plot()
    for each in (empty, one):
        assert each.sentences()
        assert each._repr_html_()


def test_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RiskscopeError, match="more than two distinct numbers"):
        sweep(y_pred=[0.1, 0.2, 0.3], sensitive_features=list("ABA"), y_true=[1.5, 2.5, 3.5])
    with pytest.raises(FrameError, match="audit_decisions"):
        sweep(y_pred=[0, 1], sensitive_features=list("AB"))
    monkeypatch.setattr(thresholds, "MOST_CELLS", 5)
    with pytest.raises(CellLimitError, match="2 groups times 4 cut-offs are too many"):
        sweep(y_pred=[0.1, 0.2, 0.3], sensitive_features=list("ABA"))
