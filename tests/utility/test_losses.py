"""Information loss, by every name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskscope as rs
from naive import losses as twin
from riskscope.errors import FrameError, RoleError
from riskscope.utility.losses import information_loss

#: FORMULAS prints six decimals.
SIX = 5e-7
#: ARX publishes sums in single steps: they differ in the tenth decimal.
ARX = 1e-9
KEYS = ["sex", "age", "reg"]
VALUES = st.lists(st.sampled_from([30, 40, 50, 80]), min_size=2, max_size=10)
INTERVALS = {"[30, 45]": (30, 45), "[40, 80]": (40, 80), "*": None}


def recoded(t8: pd.DataFrame) -> pd.DataFrame:
    released = t8[KEYS].astype(object).assign(age="[30-40]")
    released.iloc[7] = "*"
    return released


def test_the_worked_example(t8: pd.DataFrame) -> None:
    found = information_loss(t8, recoded(t8), columns=KEYS, k=2)
    age = found.columns[1]
    assert age.loss == pytest.approx(0.708333, abs=SIX)
    assert (age.lm, age.ncp) == (0.5625, 0.5625)
    assert (found.discernibility, found.aecs, found.c_avg, found.n_suppressed) == (37, 3.5, 1.75, 1)
    assert age.non_uniform_entropy == pytest.approx(9.041844, abs=SIX)
    assert age.non_uniform_entropy_share == pytest.approx(9.041844 / 10.390360, abs=SIX)
    assert found.ambiguity == 5 * 2 + 2 * 2 + 12
    assert "rules out" in found.summary()
    assert "1 of 8 records is not in the release" in found.summary()


def test_a_row_left_out_is_a_suppressed_one(t8: pd.DataFrame) -> None:
    suppressed = information_loss(t8, recoded(t8), columns=KEYS)
    left_out = information_loss(t8, recoded(t8)[6::-1], columns=KEYS, truth=[6, 5, 4, 3, 2, 1, 0, -1])
    assert left_out.to_dict() == suppressed.to_dict()


def test_the_same_release_loses_nothing(t8: pd.DataFrame) -> None:
    found = information_loss(t8, t8, columns=KEYS)
    assert (found.lm, found.lm_geometric, found.ncp, found.non_uniform_entropy, found.sse, found.il1s) == (0,) * 6
    assert (found.n_suppressed, found.ambiguity, found.loss) == (0, 8, pytest.approx((1 / 2 + 1 / 3 + 1 / 2) / 3))


@given(VALUES, st.data())
def test_one_column_is_what_loops_give(values: list[int], data: st.DataObject) -> None:
    fits = {
        value: [str(value), "*", *(text for text, ends in INTERVALS.items() if ends and ends[0] <= value <= ends[1])]
        for value in set(values)
    }
    texts = [data.draw(st.sampled_from(fits[value])) for value in values]
    cells: list[twin.Cell] = []
    for text in texts:
        ends = INTERVALS[text] if text in INTERVALS else (int(text), int(text))
        cells.append(None if ends is None else frozenset(n for n in values if ends[0] <= n <= ends[1]))
    frame = pd.DataFrame({"x": values})
    found = information_loss(frame, pd.DataFrame({"x": texts}), columns="x")
    (column,) = found.columns
    assert column.n_changed == 0
    assert column.loss == pytest.approx(twin.loss(values, cells))
    lm = twin.lm(values, cells)
    assert column.lm == pytest.approx(lm)
    assert column.ncp == pytest.approx(twin.ncp(values, cells) if len(set(values)) > 1 else 0)
    assert (column.non_uniform_entropy, found.non_uniform_entropy) == pytest.approx(
        (twin.entropy(values, cells)[0],) * 2
    )
    assert found.discernibility == twin.discernibility(texts, [cell is not None for cell in cells])
    if len(set(values)) > 1:
        assert (column.sse, column.il1s) == pytest.approx(twin.errors(values, cells))
    else:
        assert np.isnan(column.sse)


def test_noise_is_judged_by_its_error_alone() -> None:
    original = pd.DataFrame({"x": [1, 2, 3, 4], "y": list("aabb")})
    found = information_loss(original, original.assign(x=[1, 3, 3, 5]), columns=["x", "y"])
    assert "No two records of the release have equal cells" in found.summary()
    column = found.columns[0]
    assert column.n_changed == 2
    assert np.isnan([column.loss, column.lm, column.ncp, column.non_uniform_entropy, found.ambiguity]).all()
    assert column.sse == pytest.approx(2 / 5)
    assert column.il1s == pytest.approx(2 / (np.sqrt(2) * np.std([1, 2, 3, 4], ddof=1)))
    assert found.lm == 0
    assert "noise, swapping" in found.summary()


def test_missing_that_stays_missing_is_no_loss() -> None:
    original = pd.DataFrame({"x": ["a", "b", None, None]})
    assert information_loss(original, original, columns="x").lm == 0
    found = information_loss(original, pd.DataFrame({"x": ["a", None, None, "*"]}), columns="x")
    assert found.lm == 0.5
    assert found.columns[0].non_uniform_entropy == pytest.approx(2 + 1)


def test_precision_needs_levels() -> None:
    tree = rs.Hierarchy.prefixes(["75001", "75002", "69001"], [2])
    original = pd.DataFrame({"zip": ["75001", "75002", "69001", "69001"]})
    released = pd.DataFrame({"zip": ["75***", "75***", "69001", "*"]})
    assert information_loss(original, released, columns="zip", hierarchies={"zip": tree}).precision == 0.5
    found = information_loss(original, released, columns="zip")
    assert "needs a hierarchy" in found.undefined["precision"]
    other = released.replace("75***", "750**")
    assert np.isnan(information_loss(original, other, columns="zip", hierarchies={"zip": tree}).precision)


def test_a_hierarchy_gives_the_domain() -> None:
    tree = rs.Hierarchy({each: (each, "*") for each in "abcd"})
    original = pd.DataFrame({"x": ["a", "b"]})
    assert information_loss(original, original, columns="x", hierarchies={"x": tree}).loss == 0.25
    assert information_loss(original, original, columns="x").loss == 0.5


@pytest.mark.parametrize("values", [[], [3], [3, 3, 3]])
def test_little_to_lose(values: list[int]) -> None:
    frame = pd.DataFrame({"x": pd.Series(values, dtype="int64")})
    found = information_loss(frame, frame, columns="x")
    if values:
        assert (found.loss, found.lm, found.ncp, found.non_uniform_entropy_share) == (1, 0, 0, 0)
        assert found.undefined["sse"] == "there is no column of numbers that vary"
    else:
        assert np.isnan(found.discernibility)
        assert set(found.undefined.values()) == {"the original has no records"}
    assert found.summary()


def test_all_suppressed() -> None:
    frame = pd.DataFrame({"x": [1, 2, 3], "y": list("abc")})
    found = information_loss(frame, frame.assign(x="*", y="*"), columns=["x", "y"], k=2)
    assert (found.loss, found.lm, found.ncp, found.non_uniform_entropy_share, found.sse) == (1, 1, 1, 1, 1)
    assert (found.discernibility, found.n_suppressed) == (9, 3)
    assert found.undefined["aecs"] == found.undefined["c_avg"] == "no record is left in the release"


def test_what_does_not_fit_is_said(t8: pd.DataFrame) -> None:
    with pytest.raises(FrameError, match="original has 8 records, the release 7"):
        information_loss(t8, t8[:7], columns="age")
    with pytest.raises(FrameError, match=r"of shape \(2,\); give one whole number for each of the 8"):
        information_loss(t8, t8[:7], columns="age", truth=[0, 1])
    with pytest.raises(FrameError, match="names 1 positions beyond the 7"):
        information_loss(t8, t8[:7], columns="age", truth=[0, 1, 2, 3, 4, 5, 6, 7])
    with pytest.raises(FrameError, match="names 1 positions more than once"):
        information_loss(t8, t8[:7], columns="age", truth=[0, 1, 2, 3, 4, 5, 6, 6])
    with pytest.raises(RoleError, match="near: 'age'"):
        information_loss(t8, t8, columns="agee")
    with pytest.raises(RoleError, match="No column"):
        information_loss(t8, t8, columns=[])
    with pytest.raises(ValueError, match="k is 0"):
        information_loss(t8, t8, columns="age", k=0)


def test_no_value_comes_out_and_the_picture_has_a_bar_a_column(t8: pd.DataFrame) -> None:
    original = t8.astype(object)
    original.loc[0, "sex"] = "Quetzal"
    found = information_loss(original, original.assign(sex="*"), columns=KEYS)
    texts = [repr(found), found.summary(), str(found.tables()), found._repr_html_(), json.dumps(found.to_dict())]
    assert not any("Quetzal" in each for each in texts)
    assert [bar.get_width() for bar in found.plot().patches] == [0, 0, 100]


@pytest.mark.parametrize(
    "name",
    ["adult Q9 k=5 supp=0.05 loss(geometric mean, default)", "adult Q9 k=2 supp=0.05 loss(arithmetic mean)"],
)
def test_arx_gives_the_same(shared: Path, name: str) -> None:
    answer: dict[str, Any] = json.loads((shared / "reference" / "arx" / "opt_adult_k.json").read_text())[name]
    levels, quality = answer["optimum_levels"], answer["quality_statistics_1_is_best"]
    original = pd.read_csv(shared / "data" / "adult_arx.csv", sep=";")
    folder = shared / "data" / "hierarchies_arx_adult"
    trees = {column: rs.Hierarchy.read_csv(folder / f"{column}.csv") for column in levels}
    released = pd.DataFrame({column: trees[column].level(original[column], level) for column, level in levels.items()})
    sizes = released.groupby(list(levels))["sex"].transform("size")
    released[sizes < answer["output"]["min_class"]] = "*"
    found = information_loss(original, released, columns=list(levels), hierarchies=trees)
    assert found.n_suppressed == answer["output"]["suppressed_records"]
    assert found.aecs == pytest.approx(answer["output"]["avg_class"], rel=ARX)
    for each in found.columns:
        assert 1 - each.lm == pytest.approx(quality["granularity"][each.column], abs=ARX)
        assert each.precision == pytest.approx(quality["generalization_intensity"][each.column], abs=ARX)
    mean = found.lm_geometric if "geometric" in name else found.lm
    assert mean == pytest.approx(float(answer["optimum_loss"]), abs=ARX)
    n, domain = len(original), np.prod([len(tree.values) for tree in trees.values()])
    least = information_loss(original, original, columns=list(levels)).discernibility
    assert (n * n - found.discernibility) / (n * n - least) == pytest.approx(quality["discernibility"], rel=ARX)
    assert (n * domain - found.ambiguity) / (n * domain - n) == pytest.approx(quality["ambiguity"], rel=ARX)
