"""Counting in memory: both paths, any number of threads, any order of rows, keys beyond 64 bits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import riskscope as rs
from riskscope.engines import memory
from riskscope.errors import RoleError


def cells(table: rs.FrequencyTable) -> dict[tuple[Any, ...], int]:
    """Return the cells as values (None where missing) with their counts."""
    levels = [([None] if level.has_missing else []) + level.values.tolist() for level in table.levels]  # noqa: PD011
    return {
        tuple(level[code] for level, code in zip(levels, row, strict=True)): n
        for row, n in zip(table.codes.tolist(), table.counts.tolist(), strict=True)
    }


def digits(n: int, n_columns: int, n_levels: int, seed: int = 0) -> pd.DataFrame:
    codes = np.random.default_rng(seed).integers(0, n_levels, (n, n_columns))
    return pd.DataFrame(codes, columns=[f"c{at}" for at in range(n_columns)])


def test_counts_of_t8(t8: pd.DataFrame, path: str) -> None:
    table = rs.count(t8, ["sex", "age", "reg"])
    assert cells(table) == {("F", 30, "N"): 3, ("F", 40, "N"): 2, ("M", 30, "S"): 2, ("M", 50, "S"): 1}
    assert table.counts.dtype == np.int64
    assert table.engine == "memory"


def test_counts_over_every_frame(frame_of: Callable[[dict[str, list[Any]]], Any], path: str) -> None:
    columns = {
        "word": ["b", "a", None, "b", "a", "b"],
        "whole": [1, None, None, 1, 2, 1],
        "point": [0.5, 1.5, None, 0.5, 2.0, 0.5],
        "flag": [True, None, False, True, True, True],
    }
    table = rs.count(frame_of(columns), list(columns))
    assert cells(table) == Counter(zip(*columns.values(), strict=True))


def test_no_column_named() -> None:
    with pytest.raises(RoleError, match="No column to count; name the quasi-identifiers"):
        rs.count(pd.DataFrame({"a": [1]}), [])


def test_roles_as_a_dict_are_refused() -> None:
    with pytest.raises(RoleError, match="The roles are a dict"):
        rs.count(pd.DataFrame({"a": [1]}), {"quasi_identifiers": ["a"]})


def test_roles_count_the_sensitive_columns_last(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    assert rs.count(t8[["dis", "reg", "age", "sex"]], t8_roles).columns == ("sex", "age", "reg", "dis")


@pytest.mark.parametrize("n", [0, 1])
def test_no_record_and_one(n: int, path: str) -> None:
    table = rs.count(pd.DataFrame({"a": ["x"] * n, "b": [1.5] * n}), ["a", "b"])
    assert (table.n_records, table.n_cells, table.codes.tolist()) == (n, n, [[0, 0]] * n)


def test_all_equal_all_unique_all_missing(path: str) -> None:
    frame = pd.DataFrame({"equal": ["x"] * 50, "unique": range(50), "missing": [None] * 50})
    assert rs.count(frame, ["equal"]).counts.tolist() == [50]
    assert rs.count(frame, ["unique"]).counts.tolist() == [1] * 50
    assert rs.count(frame, ["missing"]).counts.tolist() == [50]
    assert rs.count(frame, ["equal", "unique", "missing"]).n_cells == 50


@pytest.mark.parametrize(("n_columns", "n_levels"), [(20, 50), (40, 3), (64, 2), (9, 1000), (130, 2)])
def test_key_space_beyond_64_bits(n_columns: int, n_levels: int, path: str) -> None:
    frame = digits(400, n_columns, n_levels)
    frame = pd.concat([frame, frame[:100], frame[:50]], ignore_index=True)
    table = rs.count(frame, list(frame.columns))
    assert cells(table) == Counter(frame.itertuples(index=False, name=None))
    assert table.codes.tolist() == sorted(table.codes.tolist())


def test_key_space_beyond_64_bits_of_rows_that_differ_in_one_column_only(path: str) -> None:
    frame = pd.DataFrame({f"c{at}": np.zeros(60, int) for at in range(30)})
    for at in range(30):
        frame.loc[at, f"c{at}"] = 1
    frame = pd.concat([frame, digits(100, 30, 50)], ignore_index=True)
    table = rs.count(frame, list(frame.columns))
    assert cells(table) == Counter(frame.itertuples(index=False, name=None))


def test_key_space_of_exactly_32_bits(path: str) -> None:
    n = 65_536
    frame = pd.DataFrame({"a": np.zeros(n, int), "b": np.arange(n), "c": np.arange(n)[::-1]})
    table = rs.count(frame, ["a", "b", "c"])
    assert table.n_cells == n
    assert table.keep(["a"]).counts.tolist() == [n]
    assert table.keep(["a", "b"]).n_cells == n
    assert table.codes[-1].tolist() == [0, n - 1, 0]


def test_keys_of_64_bits_keep_every_bit(path: str) -> None:
    """60 columns of 2 levels: neighbouring keys differ in the last bit of 60, beyond what a float holds."""
    frame = digits(300, 60, 2)
    twin = frame.copy()
    twin["c59"] = 1 - twin["c59"]
    both = pd.concat([frame, twin], ignore_index=True)
    assert rs.count(both, list(both.columns)).n_cells == 600


@pytest.mark.parametrize("n_threads", [1, 2, 3, 7, 32])
@pytest.mark.parametrize("n_levels", [2, 40, 3_000])
def test_same_table_for_any_number_of_threads_and_order(
    n_threads: int, n_levels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = digits(5_000, 4, n_levels)
    plain = rs.count(frame, list(frame.columns))
    for module in ("encode", "memory"):
        monkeypatch.setattr(f"riskscope.engines.{module}.SMALL", 0)
    monkeypatch.setattr(memory, "threads", lambda: n_threads)
    for rows in (frame, frame.sample(frac=1, random_state=1), frame[::-1]):
        table = rs.count(rows, list(frame.columns))
        assert table.keys.tolist() == plain.keys.tolist()
        assert table.counts.tolist() == plain.counts.tolist()


def keys_of(kind: str, dtype: type, space: int) -> NDArray[Any]:
    rng = np.random.default_rng(1)
    keys = {
        "uniform": rng.integers(0, space, 9_000, dtype=np.uint64),
        "skewed": np.minimum(rng.zipf(1.3, 9_000).astype(np.uint64), space - 1),
        "one": np.full(9_000, space - 1, np.uint64),
        "ends": rng.choice(np.array([0, 1, space - 1], np.uint64), 9_000),
        "many": np.arange(9_000, dtype=np.uint64) * (space // 9_000) if space > 9_000 else np.zeros(9, np.uint64),
    }[kind]
    return rng.permutation(keys).astype(dtype)


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("kind", ["uniform", "skewed", "one", "ends", "many"])
@pytest.mark.parametrize(
    ("dtype", "space"),
    [(np.uint32, 1_000), (np.uint32, 2**20), (np.uint32, 2**20 + 1), (np.uint32, 2**32 - 1), (np.uint64, 2**62)],
)
def test_count_keys_equals_numpy(
    dtype: type, space: int, kind: str, n_threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "SMALL", 0)
    monkeypatch.setattr(memory, "threads", lambda: n_threads)
    if not numba.config.DISABLE_JIT:  # many parts of few keys; sorting them would take the interpreter minutes
        monkeypatch.setattr(memory, "_PART", 4)
    keys = keys_of(kind, dtype, space)
    if space > 9_000 or kind != "many":
        distinct, counts = np.unique(keys, return_counts=True)
        found, ours = memory.count_keys(keys, space)
        assert found.dtype == dtype
        assert found.tolist() == distinct.tolist()
        assert ours.tolist() == counts.tolist()
        assert ours.dtype == np.int64


def test_more_threads_than_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "SMALL", 0)
    monkeypatch.setattr(memory, "threads", lambda: 8)
    for space in (10, 2**31, 2**62):
        keys = np.array([3, 1, 3], np.uint64)
        found, counts = memory.count_keys(keys, space)
        assert (found.tolist(), counts.tolist()) == ([1, 3], [1, 2])


def test_threads_is_at_least_one() -> None:
    assert memory.threads() >= 1


@pytest.mark.slow
def test_large_table_takes_the_compiled_path_by_itself() -> None:
    frame = digits(200_001, 3, 60)
    frame["word"] = frame["c0"].map(lambda code: f"word {code}")
    table = rs.count(frame, ["word", "c1", "c2"])
    expected = frame.groupby(["word", "c1", "c2"]).size()
    assert table.n_cells == len(expected)
    assert cells(table) == expected.to_dict()


@pytest.mark.parametrize("space", [50, 2**40])
def test_places_of_keys_by_every_way(space: int, path: str) -> None:
    keys = np.random.default_rng(3).integers(0, min(space, 2**34), 500).astype(np.uint64)
    distinct = np.unique(keys)
    assert memory.places_of(keys, distinct, space).tolist() == np.searchsorted(distinct, keys).tolist()
