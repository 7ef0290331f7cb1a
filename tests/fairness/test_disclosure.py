"""What an audit holds back: against every way in which totals could give a small count away."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskscope.fairness.disclosure import better_joined, few, shown_cells, shown_groups

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
