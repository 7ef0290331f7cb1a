"""What an audit holds back: against every way in which totals could give a small count away."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskscope.fairness.disclosure import better_joined, few, shown_cells, shown_groups, shown_ranges

tables = st.tuples(st.integers(1, 6), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 60))
)


@given(tables, st.integers(1, 15))
def test_no_total_less_the_groups_shown_tells_of_few(parts: np.ndarray, min_cell: int) -> None:
    shown = shown_groups(parts, min_cell)
    assert (parts[shown] >= min_cell).all()
    held = parts[~shown]
    if shown.any() and len(held):
        assert len(held) > 1
        assert (held.sum(axis=0) >= min_cell).all()


@given(tables, st.integers(1, 15))
def test_no_line_has_one_cell_held_back(counts: np.ndarray, min_cell: int) -> None:
    shown = shown_cells(counts, min_cell)
    assert (counts[shown] >= min_cell).all()
    for table, mask in ((counts, shown), (counts.T, shown.T)):
        for line, seen in zip(table, mask, strict=True):
            if seen.any() and not seen.all():
                assert (~seen).sum() > 1
                assert line[~seen].sum() >= min_cell


def test_nothing_is_held_back_without_need() -> None:
    plenty = np.full((3, 2), 10)
    assert shown_groups(plenty, 10).all()
    assert shown_cells(plenty, 10).all()
    assert few(10) == "<10"


def test_no_group_at_all() -> None:
    assert shown_groups(np.zeros((0, 2), np.int64), 10).tolist() == []
    assert shown_cells(np.zeros((0, 2), np.int64), 10).shape == (0, 2)
    assert better_joined(np.zeros((0, 2), np.int64), 10).tolist() == []


@given(tables, st.integers(1, 15))
def test_groups_are_joined_where_too_little_would_be_shown(parts: np.ndarray, min_cell: int) -> None:
    joined, alone = better_joined(parts, min_cell), (parts >= min_cell).all(axis=1)
    assert not (joined & alone).any()
    if joined.any():
        assert (joined == ~alone).all()
        assert alone.sum() >= 2
        assert shown_groups(parts, min_cell).sum() < 2 or parts[joined].sum() < min_cell
    elif alone.sum() >= 2:
        assert shown_groups(parts, min_cell).sum() >= 2
        assert alone.all() or parts[~alone].sum() >= min_cell


def test_groups_held_back_already_are_joined_too() -> None:
    parts = np.array([[50, 50], [40, 40], [45, 45], [3, 3]])
    held = np.array([False, False, True, False])
    assert better_joined(parts, 10, held=held).tolist() == [False, False, True, True]
    assert better_joined(parts, 10).tolist() == [False, False, False, True]


def told(parts: np.ndarray, min_cell: int) -> tuple[object, ...] | None:
    """Everything that comes out of groups told in ranges: which they are, and what is told of them."""
    found = shown_ranges(parts, min_cell)
    if found is None:
        return None
    ends = [each[found.is_ranged].tolist() for each in (found.low, found.high)]
    return found.may_show.tolist(), found.is_ranged.tolist(), parts[found.may_show].tolist(), *ends


SIZES_AND_HITS = st.lists(st.integers(1, 14).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=4)


@settings(max_examples=150, deadline=None)
@given(SIZES_AND_HITS)
def test_who_knows_how_ranges_are_made_cannot_compute_a_small_number(groups: list[tuple[int, int]]) -> None:
    """Of all tables with these sizes and this total that look the same, several numbers are left to each group."""
    sizes, hits = (np.array(each, np.int64) for each in (zip(*groups, strict=True) if groups else ([], [])))
    parts = np.stack([sizes - hits, hits], axis=1)
    seen = told(parts, 3)
    if seen is None:
        return
    found = shown_ranges(parts, 3)
    assert found is not None
    assert (parts[found.may_show] >= 3).all()
    assert ((found.low <= hits) & (hits <= found.high))[found.is_ranged].all()
    possible = []
    for others in product(*(range(n + 1) for n in sizes[:-1].tolist())):
        last = int(hits.sum()) - sum(others)
        if 0 <= last <= sizes[-1]:
            second = np.array([*others, last])
            if told(np.stack([sizes - second, second], axis=1), 3) == seen:
                possible.append(second)
    for group in np.flatnonzero((parts < 3).any(axis=1)).tolist():
        assert len({int(each[group]) for each in possible}) > 1


def test_ranges_of_large_groups_with_hardly_anybody_in_a_part() -> None:
    assert shown_ranges(np.array([[300, 200], [20, 30]]), 10) is None
    assert shown_ranges(np.array([[300, 0], [700, 0]]), 10) is None  # nobody at all: the total says so
    assert shown_ranges(np.array([[300, 0], [688, 12]]), 10) is None  # 12 of both leave 0 to 2 to the first
    found = shown_ranges(np.array([[300, 0], [420, 280], [900, 800]]), 10)
    assert found is not None
    assert found.may_show.tolist() == [False, False, True]
    assert (found.low[:2].tolist(), found.high[:2].tolist()) == ([0, 271], [9, 280])
