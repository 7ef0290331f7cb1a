"""The search for minimal sample uniques: every set, once, whatever the order of columns, and the limits kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive import special_uniques as twin
from riskscope.kernels.special import search

NO_LIMIT = 10**9


def found_by_search(
    rows: list[tuple[int, ...]], max_size: int, most: int = NO_LIMIT
) -> tuple[list[tuple[int, ...]], list[list[tuple[int, ...]]]]:
    """Return the distinct rows in order, and the sets found for each; count is how often a row comes."""
    cells, counts = np.unique(np.array(rows), axis=0, return_counts=True)
    codes = np.ascontiguousarray(cells.T, np.uint16)
    ranks = np.array([np.unique(cells[:, :k], axis=0, return_inverse=True)[1].ravel() for k in range(len(codes))])
    heads = np.full(len(cells), -1)
    found = search(codes, ranks.astype(np.int32), counts == 1, int(codes.max()) + 1, max_size, most, heads)
    sets: list[list[tuple[int, ...]]] = [[] for _ in cells]
    for mask, cell in found.T.tolist():
        sets[cell].append(tuple(at for at in range(len(codes)) if mask >> at & 1))
    return [tuple(cell) for cell in cells.tolist()], sets


def expected(rows: list[tuple[int, ...]], cells: list[tuple[int, ...]], max_size: int) -> list[list[tuple[int, ...]]]:
    by_row = dict(zip(rows, twin.minimal_sample_uniques(rows, max_size), strict=True))
    return [sorted(by_row[cell]) for cell in cells]


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[int, ...]]:
    d = draw(st.integers(1, 6))
    tops = [draw(st.integers(0, 4)) for _ in range(d)]
    return draw(st.lists(st.tuples(*[st.integers(0, top) for top in tops]), min_size=1, max_size=40))


@given(tables(), st.integers(1, 6))
@settings(max_examples=300)
def test_equals_brute_force(rows: list[tuple[int, ...]], max_size: int) -> None:
    size = min(max_size, len(rows[0]))
    cells, sets = found_by_search(rows, size)
    assert [sorted(each) for each in sets] == expected(rows, cells, size)


@pytest.mark.parametrize("levels", [(2, 3, 5, 8), (8, 5, 3, 2), (1, 12, 1, 12), (2,) * 7])
def test_larger_tables_and_any_order_of_columns(levels: tuple[int, ...]) -> None:
    rng = np.random.default_rng(5)
    rows = [tuple(int(rng.integers(0, n)) for n in levels) for _ in range(90)]
    cells, sets = found_by_search(rows, len(levels))
    assert [sorted(each) for each in sets] == expected(rows, cells, len(levels))
    assert sum(map(len, sets)) > 0


def test_sets_come_in_rising_order_and_room_is_made_for_more_than_at_first() -> None:
    rng = np.random.default_rng(1)
    cells = np.unique(rng.integers(0, 6, (900, 5)), axis=0)
    codes = np.ascontiguousarray(cells.T, np.uint16)
    ranks = np.array([np.unique(cells[:, :k], axis=0, return_inverse=True)[1].ravel() for k in range(5)])
    alone = np.ones(len(cells), bool)
    found = search(codes, ranks.astype(np.int32), alone, 6, 5, NO_LIMIT, np.full(len(cells), -1))
    assert found.shape[1] > 1_024
    assert (np.diff(found[0]) >= 0).all()
    rows = [tuple(cell) for cell in cells.tolist()]
    assert found.shape[1] == sum(map(len, twin.minimal_sample_uniques(rows)))


def test_gives_up_beyond_the_limit() -> None:
    rows = [(at, at) for at in range(20)]
    assert sum(map(len, found_by_search(rows, 2)[1])) == 40
    assert 5 < sum(map(len, found_by_search(rows, 2, most=5)[1])) < 40


def test_many_columns() -> None:
    """62 columns: two rows differ in the first and the last, a third equals the first twice."""
    one, other = [0] * 62, [0] * 62
    other[0] = other[61] = 1
    cells, sets = found_by_search([tuple(one), tuple(one), tuple(other)], 62)
    assert cells[0] == tuple(one)
    assert sets == [[], [(0,), (61,)]]
