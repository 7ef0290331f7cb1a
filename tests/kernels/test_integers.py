"""Integer kernels: offsets, renumbering, hashing; gaps, extremes, missing values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscope.kernels.integers import code_hashed, code_offsets, mark, renumber

NONE_MISSING = np.empty(0, np.uint8)
INT64 = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([-(2**63), 2**63 - 1, 0, -1, 1])


def expected(values: list[int], valid: list[int]) -> tuple[list[int], list[int]]:
    """Return codes in order of first appearance (0 where missing), and the levels."""
    base = int(bool(valid))
    levels: list[int] = []
    codes = []
    for row, value in enumerate(values):
        if valid and not valid[row]:
            codes.append(0)
            continue
        if value not in levels:
            levels.append(value)
        codes.append(levels.index(value) + base)
    return codes, levels


def hashed(values: list[int], valid: list[int]) -> tuple[list[int], list[int]]:
    codes = np.full(len(values), -5, np.int32)
    levels = code_hashed(np.array(values, np.int64), np.array(valid, np.uint8), codes)
    return codes.tolist(), levels.tolist()


def test_offsets_with_gaps_and_negative_numbers() -> None:
    values = np.array([-3, 5, -3, 0], np.int64)
    present, codes = np.zeros(9, np.uint8), np.zeros(4, np.uint16)
    code_offsets(values, NONE_MISSING, -3, present, codes)
    assert codes.tolist() == [0, 8, 0, 3]
    assert np.flatnonzero(present).tolist() == [0, 3, 8]


def test_offsets_with_a_missing_value() -> None:
    values = np.array([4, 4, 6], np.int64)
    present, codes = np.zeros(3, np.uint8), np.full(3, 9, np.int32)
    code_offsets(values, np.array([1, 0, 1], np.uint8), 4, present, codes)
    assert codes.tolist() == [1, 0, 3]
    assert present.tolist() == [1, 0, 1]


@pytest.mark.parametrize("low", [-(2**63), 2**63 - 10])
def test_offsets_at_the_ends_of_64_bits(low: int) -> None:
    values = np.array([low, low + 9, low + 3], np.int64)
    present, codes = np.zeros(10, np.uint8), np.zeros(3, np.uint16)
    code_offsets(values, NONE_MISSING, low, present, codes)
    assert codes.tolist() == [0, 9, 3]


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.int64])
def test_renumber(dtype: type) -> None:
    codes = np.array([2, 0, 1, 2], dtype)
    renumber(codes, np.array([5, 0, 7], dtype))
    assert codes.tolist() == [7, 5, 0, 7]


@pytest.mark.parametrize("dtype", [np.uint16, np.int32])
def test_mark(dtype: type) -> None:
    present = np.zeros(4, np.uint8)
    mark(np.array([3, 0, 3], dtype), present)
    assert present.tolist() == [1, 0, 0, 1]


def test_hashed_extremes() -> None:
    values = [-(2**63), 2**63 - 1, 0, -1, -(2**63), 2**63 - 1]
    assert hashed(values, []) == expected(values, [])


def test_hashed_unsigned_above_63_bits_by_their_bits() -> None:
    unsigned = np.array([2**64 - 1, 2**63, 0, 2**64 - 1], np.uint64)
    codes = np.empty(4, np.int32)
    levels = code_hashed(unsigned.view(np.int64), NONE_MISSING, codes)
    assert codes.tolist() == [0, 1, 2, 0]
    assert levels.view(np.uint64).tolist() == [2**64 - 1, 2**63, 0]


def test_hashed_with_missing_values() -> None:
    values, valid = [7, 7, 8, 7, 8], [0, 1, 1, 0, 1]
    assert hashed(values, valid) == ([0, 1, 2, 0, 2], [7, 8])


def test_hashed_all_missing() -> None:
    assert hashed([0, 0], [0, 0]) == ([0, 0], [])


@pytest.mark.parametrize("step", [1, 2**10, 2**32, 2**53 + 1])
def test_hashed_table_grows_several_times(step: int) -> None:
    values = [((at * 37) % 6_000 - 3_000) * step % 2**63 for at in range(9_000)]
    codes = np.empty(len(values), np.int32)
    levels = code_hashed(np.array(values, np.int64), NONE_MISSING, codes)
    assert levels[codes].tolist() == values
    assert len(set(levels.tolist())) == len(levels)


@given(st.lists(INT64, min_size=1, max_size=50), st.data())
def test_hashed_any(values: list[int], data: st.DataObject) -> None:
    valid = data.draw(st.just([]) | st.lists(st.integers(0, 1), min_size=len(values), max_size=len(values)))
    assert hashed(values, valid) == expected(values, valid)
