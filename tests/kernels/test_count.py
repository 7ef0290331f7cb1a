"""Counting kernels: every way gives the distinct keys, rising, with the counts of np.unique."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from riskscope.kernels.count import (
    append_digit,
    count_direct,
    count_few,
    count_parts,
    find_keys,
    number_keys,
    part_sizes,
    scatter,
)


def parts(keys: NDArray[np.unsignedinteger], space: int, part_bits: int) -> tuple[NDArray, NDArray]:
    """Count keys by parts: sizes, scatter, sort, as the engine does with one thread."""
    bits = max(1, (space - 1).bit_length())
    low_bits = max(0, bits - part_bits)
    shift = keys.dtype.type(low_bits)
    sizes = np.zeros(1 << (bits - low_bits), np.int64)
    part_sizes(keys, shift, sizes)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    places, parted = starts[:-1].copy(), np.empty_like(keys)
    scatter(keys, shift, places, parted)
    assert (places == starts[1:]).all()
    counts = np.empty(len(keys), np.uint32)
    n_cells = count_parts(parted, starts, low_bits, counts)
    return parted[:n_cells], counts[:n_cells]


def few(keys: NDArray[np.unsignedinteger], room: int) -> tuple[NDArray, NDArray] | None:
    found, counts = np.empty(room, keys.dtype), np.empty(room, np.int64)
    n_found = count_few(keys, np.full(4 * room, -1, np.int32), found, counts)
    if n_found < 0:
        return None
    order = np.argsort(found[:n_found])
    return found[order], counts[order]


def some_keys(dtype: type, space: int, skewed: bool) -> NDArray[np.unsignedinteger]:
    rng = np.random.default_rng(space % 1_000)
    keys = rng.integers(0, space, 3_000, dtype=np.uint64)
    if skewed:  # nearly all of one key, some at both ends of the space
        keys[:2_500] = keys[0]
        keys[2_500:2_520] = 0
        keys[2_520:2_530] = space - 1
        rng.shuffle(keys)
    else:
        keys[1_500:] = keys[:1_500]
    return keys.astype(dtype)


SPACES = [(np.uint32, 2), (np.uint32, 1_000), (np.uint32, 2**20 + 1), (np.uint32, 2**32 - 1)]
SPACES += [(np.uint64, 3), (np.uint64, 2**32 + 1), (np.uint64, 2**53 + 1), (np.uint64, 2**63 - 1)]


@pytest.mark.parametrize("skewed", [False, True])
@pytest.mark.parametrize("part_bits", [1, 5])
@pytest.mark.parametrize(("dtype", "space"), SPACES)
def test_parts(dtype: type, space: int, part_bits: int, skewed: bool) -> None:
    keys = some_keys(dtype, space, skewed)
    distinct, counts = np.unique(keys, return_counts=True)
    found, ours = parts(keys, space, part_bits)
    assert found.tolist() == distinct.tolist()
    assert ours.tolist() == counts.tolist()


@pytest.mark.parametrize("skewed", [False, True])
@pytest.mark.parametrize(("dtype", "space"), SPACES)
def test_few(dtype: type, space: int, skewed: bool) -> None:
    keys = some_keys(dtype, space, skewed)
    distinct, counts = np.unique(keys, return_counts=True)
    found, ours = few(keys, 4_096)
    assert found.tolist() == distinct.tolist()
    assert ours.tolist() == counts.tolist()


def test_few_says_when_there_are_too_many() -> None:
    keys = np.arange(9, dtype=np.uint64)
    assert few(keys, 8) is None
    assert few(keys[:8], 8) is not None


@pytest.mark.parametrize("dtype", [np.uint32, np.uint64])
def test_direct(dtype: type) -> None:
    keys = some_keys(dtype, 1_000, skewed=False)
    counters = np.zeros(1_000, np.int64)
    count_direct(keys, counters)
    assert counters.tolist() == np.bincount(keys.astype(np.int64), minlength=1_000).tolist()


@pytest.mark.parametrize("codes_type", [np.uint16, np.int32, np.int64])
@pytest.mark.parametrize(("dtype", "key"), [(np.uint32, 2**30 + 1), (np.uint64, 2**61 + 1)])
def test_append_digit_is_exact_in_every_width(dtype: type, key: int, codes_type: type) -> None:
    keys = np.array([key, 0, 5], dtype)
    append_digit(keys, np.array([2, 1, 0], codes_type), dtype(3))
    assert keys.tolist() == [3 * key + 2, 1, 15]


@given(st.lists(st.integers(0, 2**40 - 1) | st.integers(0, 3), min_size=1, max_size=80), st.sampled_from([1, 4, 10]))
def test_any_keys(values: list[int], part_bits: int) -> None:
    keys = np.array(values, np.uint64)
    distinct, counts = np.unique(keys, return_counts=True)
    for found, ours in (parts(keys, 2**40, part_bits), few(keys, 128)):
        assert found.tolist() == distinct.tolist()
        assert ours.tolist() == counts.tolist()


@pytest.mark.parametrize("wide", [np.uint32, np.uint64])
def test_keys_are_found_again(wide: type) -> None:
    rng = np.random.default_rng(2)
    distinct = np.unique(rng.integers(0, 2**31, 300).astype(wide))
    keys = rng.choice(distinct, 1000)
    slots, places = np.full(1024, -1, np.int32), np.empty(1000, np.int64)
    number_keys(distinct, slots)
    find_keys(keys, distinct, slots, places)
    assert places.tolist() == np.searchsorted(distinct, keys).tolist()
