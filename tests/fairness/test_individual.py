"""Consistency: worked examples, the twin, row order, ties, sampling, AIF360's values, what is not shown."""

from __future__ import annotations

import json
import math
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive import individual as twin
from riskscope.errors import FrameError, RiskscopeError
from riskscope.fairness.individual import neighbours as individual
from riskscope.fairness.individual.neighbours import consistency

CLOSE = 1e-9
X10, Y10 = [0, 1, 2, 10, 11, 12], [1, 1, 0, 0, 0, 1]


def test_sheet() -> None:
    """FORMULAS G10."""
    assert consistency(y_pred=Y10, features=X10, n_neighbors=2).consistency == pytest.approx(1 / 3, abs=5e-7)
    own = consistency(y_pred=Y10, features=X10, n_neighbors=2, include_self=True)
    # Ties: 1 and 11 have both neighbours at the same distance, AIF360 takes one of them.
    assert own.consistency == pytest.approx(twin.consistency(Y10, [X10], [], 2, True), abs=CLOSE)
    assert "its own neighbour" in own.summary()


def test_aif360s_value_where_nothing_is_tied() -> None:
    """FORMULAS G10's AIF360-style .833333 takes, of two people at one distance, whom the search finds first."""
    apart = [0, 1, 2.5, 10, 11, 12.5]
    found = consistency(y_pred=Y10, features=apart, n_neighbors=2, include_self=True)
    assert found.consistency == pytest.approx(0.8333333, abs=5e-7)


ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 4), st.sampled_from([0.0, 0.5, 2.0]), st.sampled_from("pqr")),
    min_size=1,
    max_size=20,
)


@settings(max_examples=60)
@given(ROWS, st.integers(1, 4), st.booleans())
def test_twin(rows: list[tuple[int, int, float, str]], k: int, own: bool) -> None:
    y, one, two, word = (list(each) for each in zip(*rows, strict=True))
    found = consistency(
        y_pred=y, features=pd.DataFrame({"one": one, "two": two, "word": word}), n_neighbors=k, include_self=own
    )
    assert found.consistency == pytest.approx(twin.consistency(y, [one, two], [word], k, own), abs=1e-7, nan_ok=True)
    again = consistency(
        y_pred=y[::-1],
        features=pd.DataFrame({"word": word[::-1], "two": [9 - 3 * x for x in two[::-1]], "one": one[::-1]}),
        n_neighbors=k,
        include_self=own,
    )
    assert again.consistency == pytest.approx(found.consistency, abs=CLOSE, nan_ok=True)


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "reference" / "fairness"


def test_row_order_plays_no_part_on_compas(folder: Path) -> None:
    """D8: every other tool's value moves with the order of rows, from 0.702 to 0.694."""
    frame = pd.read_csv(folder / "data" / "compas.csv")
    theirs = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["peers"]["aif360"]["compas"][
        "individual"
    ]
    columns = theirs["features"]
    assert abs(theirs["consistency_score(raw features, k=5)"] - theirs["same with rows permuted(raw)"]) > 0.005
    shuffled = frame.sample(frac=1, random_state=1)
    first, second = (consistency(y_pred=each["y_pred"], features=each[columns]) for each in (frame, shuffled))
    assert first.consistency == pytest.approx(second.consistency, abs=CLOSE)
    assert first.n_distinct == len(frame) - theirs["duplicate_feature_rows"]
    assert first.mean_neighbors > 5
    assert first.consistency < theirs["consistency_score(z-scored, k=5)"] + 0.01


def test_german_without_duplicates_is_near_aif360s(folder: Path) -> None:
    frame = pd.read_csv(folder / "data" / "german.csv")
    theirs = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["peers"]["aif360"]["german"][
        "individual"
    ]
    own = consistency(y_pred=frame["y_pred"], features=frame[theirs["features"]], include_self=True)
    assert own.consistency == pytest.approx(theirs["consistency_score(z-scored, k=5)"], abs=2e-3)
    without = consistency(y_pred=frame["y_pred"], features=frame[theirs["features"]])
    assert without.consistency < own.consistency - 0.05


def test_by_group_and_what_is_not_shown() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=300)
    group = np.array(["a"] * 150 + ["b"] * 144 + ["few"] * 6)
    y = np.where(group == "b", rng.integers(0, 2, 300), x > 0).astype(int)
    found = consistency(y_pred=y, features=x, sensitive_features=group)
    exact = found.by_group
    assert exact.loc["a", "value"] > exact.loc["b", "value"]
    whole = (exact["value"] * exact["n_people"]).sum() / exact["n_people"].sum()
    assert whole == pytest.approx(found.consistency, abs=CLOSE)
    shown = found._repr_html_() + json.dumps(found.to_dict()) + repr(found) + found.summary()
    assert "few" not in shown.replace("too few", "").replace("fewer", "")
    all_of_them = consistency(y_pred=y, features=x, sensitive_features=group, min_cell=1)
    assert [each.group for each in all_of_them.groups] == exact["value"].sort_values().index.tolist()
    axes = all_of_them.plot()
    assert len(axes.get_yticks()) == 3
    plt.close(axes.figure)
    assert "lowest for" in all_of_them.summary()
    assert all_of_them.tables()[0][2][0][0] == all_of_them.groups[0].group


def test_many_rows_are_drawn_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(3000, 2)).round(2)
    y = (x.sum(axis=1) + rng.normal(size=3000) > 0).astype(int)
    frame = pd.DataFrame(x, columns=["u", "v"])
    exact = consistency(y_pred=y, features=frame)
    monkeypatch.setattr(individual, "MOST_ROWS", 800)
    off = []
    for seed in range(12):
        drawn = consistency(y_pred=y, features=frame, rng=seed)
        assert (drawn.n_compared, drawn.seed) == (800, str(seed))
        off.append((drawn.consistency - exact.consistency) / drawn.standard_error)
    assert 0.4 < np.std(off) < 1.8
    assert "drawn at random" in drawn.summary()
    assert (exact.standard_error, exact.seed) == (0, None)
    given_generator = consistency(y_pred=y, features=frame, rng=np.random.default_rng(1))
    assert given_generator.seed == "that of the generator given"


def test_scores_missing_values_and_frames() -> None:
    frame = pd.DataFrame(
        {"income": [1.0, 2.0, None, 4.0, 5.0, None], "kind": ["a", None, "a", "b", "b", None], "ok": [True, False] * 3},
        index=[9, 3, 7, 1, 4, 0],
    )
    scores = [0.1, 0.9, 0.4, 0.3, 0.2, 0.8]
    found = consistency(y_pred=scores, features=frame, n_neighbors=2)
    assert 0 < found.consistency < 1
    columns = {name: [None if pd.isna(each) else each for each in frame[name]] for name in frame}
    for other in (pl.DataFrame(columns), pa.table(columns)):
        assert consistency(y_pred=scores, features=other, n_neighbors=2).consistency == pytest.approx(
            found.consistency, abs=CLOSE
        )


def test_degenerate() -> None:
    for y, x in (([], []), ([1], [3]), ([1, 0], [3, 4])):
        found = consistency(y_pred=y, features=x)
        assert math.isnan(found.consistency)
        assert found.undefined["consistency"]
        assert "too few people" in found.summary()
    same = consistency(y_pred=[0, 1] * 5, features=[7] * 10)
    assert same.consistency == pytest.approx(1 - 5 / 9, rel=CLOSE)
    assert consistency(y_pred=[1] * 10, features=range(10)).consistency == 1
    with pytest.raises(FrameError, match="from 0 to 1"):
        consistency(y_pred=[1, 2, 3], features=[1, 2, 3])
    with pytest.raises(FrameError, match="has 2 values"):
        consistency(y_pred=[1, 0], features=[1, 2, 3])
    with pytest.raises(RiskscopeError, match="n_neighbors"):
        consistency(y_pred=[1, 0], features=[1, 2], n_neighbors=0)
