"""People alone with each column alone and without it, against recounting."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import riskscope as rs
from frames import QUASI, keys_of, some_people
from naive import column_risk as twin
from riskscope.engines import lattice
from riskscope.errors import FrameError, RoleError


def test_t8(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS E2: with age alone one person stands out, without age nobody; sex and region repeat each other."""
    result = rs.column_risk(t8, t8_roles)
    assert result.n_unique == 1
    assert result.alone == {"sex": 0, "age": 1, "reg": 0}
    assert result.without == {"sex": 1, "age": 0, "reg": 1}
    assert result.strongest == "age"


@pytest.mark.parametrize("seed", range(6))
def test_twin(seed: int, path: str) -> None:
    people = some_people(seed, n=40 + 30 * seed)
    names = [*QUASI, "illness", "income"]
    keys = keys_of(people, names)
    result = rs.column_risk(pd.DataFrame(people), names)
    assert result.n_unique == twin.n_unique(keys, range(5))
    for at, name in enumerate(names):
        assert result.alone[name] == twin.n_unique(keys, [at])
        assert result.without[name] == twin.n_unique(keys, [other for other in range(5) if other != at])
    assert result.without[result.strongest] == min(result.without.values())


@pytest.mark.parametrize("n_orders", [None, 3])
def test_key_space_beyond_64_bits(n_orders: int | None, path: str) -> None:
    n_columns = 12 if n_orders is None else 20
    frame = pd.DataFrame({f"c{at}": [(row // 2 * (at + 7)) % 50 for row in range(100)] for at in range(n_columns)})
    frame.loc[3, "c4"] = 51
    keys = list(frame.itertuples(index=False, name=None))
    result = rs.column_risk(frame, list(frame.columns), n_orders=n_orders)
    for at, name in enumerate(frame.columns):
        assert result.without[name] == twin.n_unique(keys, [other for other in range(n_columns) if other != at])
    assert result.strongest == "c4"


def test_columns_that_repeat_each_other_free_nobody_alone() -> None:
    frame = pd.DataFrame({"a": range(5), "b": range(5)})
    assert rs.column_risk(frame, ["a", "b"]).without == {"a": 5, "b": 5}
    assert rs.column_risk(frame, ["a", "b"]).strongest is None
    assert "Whichever column is left out, 5 people are still alone" in rs.column_risk(frame, ["a", "b"]).summary()


def test_degenerate() -> None:
    empty = rs.column_risk(pd.DataFrame({"a": [], "b": []}), ["a", "b"])
    assert (empty.n_unique, empty.strongest) == (0, None)
    assert empty.without == empty.alone == {"a": 0, "b": 0}
    one = rs.column_risk(pd.DataFrame({"a": ["x"]}), ["a"])
    assert (one.n_unique, one.without, one.alone) == (1, {"a": 1}, {"a": 1})
    equal = rs.column_risk(pd.DataFrame({"a": ["x"] * 3, "b": [None] * 3}), ["a", "b"])
    assert equal.strongest is None
    assert "Nobody is alone" in equal.summary()
    two = rs.column_risk(pd.DataFrame({"a": ["x", "y"]}), ["a"])
    assert (two.n_unique, two.without) == (2, {"a": 0})


def value_of(keys: list[tuple[object, ...]], measure: str, threshold: int) -> Callable[[tuple[int, ...]], float]:
    """The value of a set of columns by one of the three measures, as the definition reads."""
    n = len(keys)
    at = {"average_risk": 0, "uniqueness": 1, "share_at_risk": 2}[measure]
    return lambda columns: twin.figures(keys, columns, threshold)[at] / n


def test_t8_shapley(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS E2: average risk (.0625, .25, .0625), uniqueness (0, .125, 0)."""
    result = rs.column_risk(t8, t8_roles)
    assert result.shapley == pytest.approx({"sex": 0, "age": 0.125, "reg": 0})
    average = result.contributions.xs("average_risk", level="measure")["shapley"]
    assert average.to_dict() == pytest.approx({"sex": 0.0625, "age": 0.25, "reg": 0.0625})
    by_names = {frozenset(row.columns): row for row in result.subsets.itertuples()}
    values = {names: row.average_risk for names, row in by_names.items()}
    assert values[frozenset()] == 0.125
    assert values[frozenset({"sex"})] == values[frozenset({"reg"})] == values[frozenset({"sex", "reg"})] == 0.25
    assert values[frozenset({"age"})] == 0.375
    assert values[frozenset({"sex", "age"})] == values[frozenset({"sex", "age", "reg"})] == 0.5
    assert by_names[frozenset({"sex"})].separation == pytest.approx(0.535714, abs=1e-6)
    assert by_names[frozenset({"age"})].separation == pytest.approx(0.607143, abs=1e-6)
    assert by_names[frozenset({"sex", "age"})].separation == pytest.approx(0.821429, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("threshold", [2, 5])
def test_every_subset_and_share_against_the_twin(seed: int, threshold: int, path: str) -> None:
    people = some_people(seed, n=30 + 20 * seed)
    names = [*QUASI, "illness"]
    keys = keys_of(people, names)
    result = rs.column_risk(pd.DataFrame(people), names, k=threshold, by_record=True)
    for row in result.subsets.itertuples():
        columns = [names.index(name) for name in row.columns]
        found = twin.figures(keys, columns, threshold)
        assert (row.classes, row.uniques, row.below) == found[:3]
        assert row.separation == pytest.approx(1 - found[3] / (len(keys) * (len(keys) - 1)))
    for measure in ("uniqueness", "average_risk", "share_at_risk"):
        value = value_of(keys, measure, threshold)
        mine = result.contributions.xs(measure, level="measure")
        assert mine["shapley"].tolist() == pytest.approx(twin.shapley(value, len(names)), abs=1e-12)
        everything = tuple(range(len(names)))
        for at, name in enumerate(names):
            assert mine.loc[name, "first_in"] == pytest.approx(value((at,)) - value(()))
            without = tuple(other for other in everything if other != at)
            assert mine.loc[name, "last_in"] == pytest.approx(value(everything) - value(without))
        assert mine["shapley"].sum() == pytest.approx(value(everything) - value(()))
    one = result.by_record[7]
    assert one.tolist() == pytest.approx(
        twin.shapley(lambda columns: 1 / twin.class_sizes(keys, columns)[7], len(names)), abs=1e-12
    )
    average = result.contributions.xs("average_risk", level="measure")["shapley"]
    assert result.by_record.mean(axis=0).tolist() == pytest.approx(average.tolist(), abs=1e-12)


@pytest.mark.parametrize("n_columns", [5, 9])
def test_kernels_and_numpy_agree(n_columns: int) -> None:
    """Both ways to count the lattice give the same figures, with key spaces beyond 2**31 too."""
    rng = np.random.default_rng(n_columns)
    frame = pd.DataFrame({f"c{at}": rng.integers(0, 3 + 40 * (at % 2) * at, 150) for at in range(n_columns)})
    table = rs.count(frame, list(frame.columns))
    for mine, other in zip(lattice._counted_by_kernels(table, 3), lattice._counted_by_numpy(table, 3), strict=True):
        assert np.array_equal(mine, other)


def test_minimal_keys_against_trying_all() -> None:
    people = some_people(3, n=60)
    names = [*QUASI, "illness", "income"]
    keys = keys_of(people, names)
    result = rs.column_risk(pd.DataFrame(people), names)
    for share in (0.2, 0.5, 0.9, 1.0):
        enough = [
            frozenset(columns)
            for size in range(len(names) + 1)
            for columns in itertools.combinations(range(len(names)), size)
            if twin.n_unique(keys, columns) >= share * len(keys)
        ]
        least = {each for each in enough if not any(other < each for other in enough)}
        assert {frozenset(names.index(name) for name in each) for each in result.quasi_keys(share)} == least
    assert result.n_minimal_keys == len(result.minimal_keys)
    assert all(len(each) <= 2 for each in result.quasi_keys(0.2, most_columns=2))


def test_repeated_and_constant_columns() -> None:
    """Two columns that repeat each other share alike; one that never varies has no share."""
    frame = pd.DataFrame({"a": range(6), "again": range(6), "same": ["x"] * 6})
    found = rs.column_risk(frame, list(frame.columns)).shapley
    assert found == pytest.approx({"a": 0.5, "again": 0.5, "same": 0.0})


def test_sampled_orders_come_near_and_say_so() -> None:
    people = some_people(5, n=300)
    names = [*QUASI, "illness", "income"]
    exact = rs.column_risk(pd.DataFrame(people), names)
    drawn = rs.column_risk(pd.DataFrame(people), names, n_orders=200, rng=1)
    assert (exact.n_orders, drawn.n_orders) == (0, 200)
    gap = np.abs(drawn.shares[..., 2] - exact.shares[..., 2])
    assert (gap <= 5 * drawn.shares[..., 3] + 1e-12).all()
    assert np.allclose(drawn.shares[..., :2], exact.shares[..., :2])
    assert (drawn.alone, drawn.without, drawn.strongest) == (exact.alone, exact.without, exact.strongest)
    assert "200 random orders" in drawn.summary()
    assert np.isnan(drawn.n_minimal_keys)
    again = rs.column_risk(pd.DataFrame(people), names, n_orders=200, rng=1)
    assert np.array_equal(drawn.shares, again.shares)
    frame = exact.subsets.set_index("columns")
    for row in drawn.subsets.itertuples():
        assert row.uniques == frame.loc[[row.columns], "uniques"].item()
    few = {each for each in exact.quasi_keys(0.3) if len(each) <= 2}
    assert set(drawn.quasi_keys(0.3)) == few


def test_too_many_subsets_are_sampled() -> None:
    frame = pd.DataFrame({f"c{at}": [row >> at & 1 for row in range(64)] for at in range(70)})
    result = rs.column_risk(frame, list(frame.columns))
    assert result.n_orders > 0
    assert sum(result.shapley.values()) == pytest.approx(result.n_unique / 64)


def test_by_record_needs_records_and_few_columns() -> None:
    frame = pd.DataFrame({f"c{at}": [1, 2] for at in range(13)})
    with pytest.raises(RoleError, match="12 quasi-identifiers"):
        rs.column_risk(frame, list(frame.columns), by_record=True)
    with pytest.raises(FrameError, match="no single records"):
        rs.column_risk(rs.count(frame, ["c0"]), by_record=True)


def test_pictures() -> None:
    found = rs.column_risk(pd.DataFrame(some_people(1, n=50)), QUASI)
    assert found.plot().get_title(loc="left")
    axes = found.plot_ladder()
    assert axes.get_title(loc="left")
    named = [text.get_text() for text in axes.texts]
    best = {int(found.lattice.sizes[row]): row for row in found.lattice.best()}
    assert named == [
        ", ".join(found.lattice.names(best[size])) for size in (1, 2, 3) if found.lattice.uniqueness[best[size]]
    ]
    assert found.to_dict()["shapley"] == found.shapley


def test_an_empty_table_is_json() -> None:
    found = rs.column_risk(pd.DataFrame({"a": []}), ["a"]).to_dict()
    assert found["shapley"] == {"a": None}
    assert json.dumps(found, allow_nan=False)


def test_a_column_that_frees_everybody() -> None:
    said = rs.column_risk(pd.DataFrame({"a": [1, 1, 2]}), ["a"]).summary()
    assert "Without 'a' nobody would be alone" in said
