"""The one table: packing, unpacking, keeping fewer columns, and what it says of itself."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskscope as rs
from frames import keys_of, some_people
from riskscope.errors import RoleError
from riskscope.frequency import Packing, key_type, pack, squeeze


@given(st.lists(st.integers(1, 2**20), min_size=1, max_size=12), st.data())
def test_packing_is_undone_by_unpacking_and_keeps_the_order(radices: list[int], data: st.DataObject) -> None:
    row = st.tuples(*[st.integers(0, radix - 1) for radix in radices])
    rows = data.draw(st.lists(row, min_size=1, max_size=20))
    columns = [np.array(column, np.int64) for column in zip(*rows, strict=True)]
    keys, packing = pack(columns, radices, len(rows))
    assert packing.unpack(keys).tolist() == [list(row) for row in rows]
    assert keys.dtype == key_type(packing.space)
    for (one, key), (other, second) in itertools.combinations(zip(rows, keys.tolist(), strict=True), 2):
        assert (one < other, one == other) == (key < second, key == second)


def test_thousands_of_columns_are_unpacked_and_kept() -> None:
    rows = np.random.default_rng(0).integers(0, 2, (5, 70_000))
    keys, packing = pack(list(rows.T), [2] * 70_000, 5)
    assert np.array_equal(packing.unpack(keys), rows)
    table = rs.count(pd.DataFrame(rows[:, :3_000]).rename(columns=str), [str(at) for at in range(3_000)])
    assert table.keep(["2999"]).counts.tolist() == [count for count in np.bincount(rows[:, 2_999]) if count]


def test_packing_renumbers_where_64_bits_do_not_suffice() -> None:
    radices = [2**20] * 10
    rows = np.random.default_rng(0).integers(0, 2**20, (50, 10))
    keys, packing = pack(list(rows.T), radices, 50)
    assert packing.before is not None
    assert packing.space < 2**63
    assert packing.unpack(keys).tolist() == rows.tolist()


def test_packing_of_no_column() -> None:
    keys, packing = pack([], [], 3)
    assert keys.tolist() == [0, 0, 0]
    assert packing.space == 1
    assert packing.unpack(keys).shape == (3, 0)
    assert Packing((3, 4)).space == 12


@pytest.mark.parametrize(
    ("space", "kind"), [(1, np.uint32), (2**32 - 1, np.uint32), (2**32, np.uint64), (2**62, np.uint64)]
)
def test_key_type(space: int, kind: type) -> None:
    assert key_type(space) is kind


def test_squeeze() -> None:
    keys, counts = squeeze(np.array([1, 1, 4, 9, 9, 9], np.uint64), np.array([2, 3, 1, 1, 1, 5]))
    assert (keys.tolist(), counts.tolist()) == ([1, 4, 9], [5, 1, 7])
    keys, counts = squeeze(np.array([], np.uint32), np.array([], np.int32))
    assert (len(keys), counts.dtype) == (0, np.int64)


@pytest.fixture
def counted() -> rs.FrequencyTable:
    columns = some_people(0)
    return rs.count(pd.DataFrame(columns), list(columns))


def test_keep_every_subset_in_every_order(counted: rs.FrequencyTable) -> None:
    columns = some_people(0)
    for d in range(1, 6):
        for names in itertools.permutations(columns, d):
            kept = counted.keep(names)
            assert kept.columns == names
            assert sorted(kept.counts.tolist()) == sorted(Counter(keys_of(columns, list(names))).values())
            assert kept.codes.shape == (kept.n_cells, d)
            assert kept.n_records == 120


def test_keep_of_a_kept_table(counted: rs.FrequencyTable) -> None:
    for names in itertools.permutations(counted.columns, 2):
        direct = counted.keep(names)
        chained = counted.drop(["income"]).keep(names) if "income" not in names else direct
        assert chained.codes.tolist() == direct.codes.tolist()
        assert chained.counts.tolist() == direct.counts.tolist()


@pytest.mark.parametrize("n_columns", [20, 45])
def test_keep_where_keys_were_renumbered(n_columns: int, path: str) -> None:
    codes = np.random.default_rng(1).integers(0, 50, (150, n_columns))
    frame = pd.DataFrame(np.vstack([codes, codes[:40]]), columns=[f"c{at}" for at in range(n_columns)])
    table = rs.count(frame, list(frame.columns))
    for d in range(n_columns):
        kept = table.keep(table.columns[: d + 1])
        assert sorted(kept.counts.tolist()) == sorted(Counter(map(tuple, frame.to_numpy()[:, : d + 1])).values())
        one = table.keep([f"c{d}"])
        assert one.counts.tolist() == np.unique(frame[f"c{d}"], return_counts=True)[1].tolist()


def test_keep_nothing_is_one_cell_of_everybody(counted: rs.FrequencyTable) -> None:
    nothing = counted.keep([])
    assert (nothing.counts.tolist(), nothing.codes.shape) == ([120], (1, 0))


def test_keep_and_drop_name_what_is_absent(counted: rs.FrequencyTable) -> None:
    with pytest.raises(RoleError, match=r"columns not found: 'cty' \(near: 'city'\)"):
        counted.keep(["cty"])
    with pytest.raises(RoleError, match="columns not found: 'cty'"):
        counted.drop(["cty"])
    with pytest.raises(RoleError, match="names 'city' more than once"):
        counted.keep(["city", "city"])


def test_keep_all_is_the_table_itself(counted: rs.FrequencyTable) -> None:
    assert counted.keep(counted.columns) is counted


def test_classes_are_those_of_the_quasi_identifiers(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    table = rs.count(t8, t8_roles)
    assert table.n_cells == 7
    assert table.classes().columns == ("sex", "age", "reg")
    assert table.classes().counts.tolist() == [3, 2, 2, 1]
    assert table.drop(["dis"]).counts.tolist() == [3, 2, 2, 1]


def test_levels_give_the_values_back(counted: rs.FrequencyTable) -> None:
    level = counted.levels[counted.columns.index("age")]
    assert level.has_missing
    assert sorted(level.values.tolist()) == [20, 30, 40, 50]  # noqa: PD011
    assert level.n == 5


def test_arrays_cannot_be_written(counted: rs.FrequencyTable) -> None:
    for array in (counted.counts, counted.keys, counted.codes):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_counting_leaves_the_frame_writeable() -> None:
    frame = pd.DataFrame({"a": np.array([3, 1, 2], np.uint64)})
    rs.count(frame, ["a"])
    frame.loc[0, "a"] = 7
    assert frame["a"].tolist() == [7, 1, 2]


def test_repr_names_columns_and_no_value(counted: rs.FrequencyTable) -> None:
    text = repr(counted)
    assert "120 records, columns=['city', 'age', 'sex', 'illness', 'income']" in text
    for value in ("Metz", "flu", "3000"):
        assert value not in text
    assert "Levels(n=" in repr(counted.levels[0])
    assert "Metz" not in repr(counted.levels[0])
