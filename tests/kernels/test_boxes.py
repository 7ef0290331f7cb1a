"""The kernel of matching: what fits, beside loops over all pairs."""

from __future__ import annotations

import numpy as np
import pytest

from riskscope.attacks.fitting import Column, Sets, _summed_at_once, _summed_by_kernel, summed
from riskscope.kernels.boxes import add_fitting


def test_ranges_that_touch_do_not_overlap() -> None:
    spans = np.array([[0, 2], [2, 3]], np.int32)
    persons = np.array([[0], [1]], np.int32)
    first, ranges = np.array([0, 1, 2], np.int32), np.array([[2, 4], [0, 2]], np.int32)
    sums = np.zeros((2, 1))
    add_fitting(
        persons,
        spans,
        np.array([[0], [1]], np.int32),
        np.empty(0, np.int32),
        first,
        ranges,
        np.array([[1.0], [10.0]]),
        sums,
    )
    assert sums.tolist() == [[10.0], [1.0]]


def made_up(
    seed: int, n_persons: int = 60, n_records: int = 50
) -> tuple[list[Column], np.ndarray, np.ndarray, np.ndarray]:
    """Three columns: single ranks, ranges, and sets of several ranges (some empty)."""
    rng = np.random.default_rng(seed)
    columns = []
    for at in range(3):
        low = rng.integers(0, 6, 8)
        spans = np.stack((low, low + (1 if at < 2 else rng.integers(1, 4, 8))), axis=1).astype(np.int32)
        lengths = np.ones(7, int) if at == 0 else rng.integers(0 if at == 2 else 1, 3, 7)
        start = rng.integers(0, 6, lengths.sum())
        width = 1 if at == 0 else rng.integers(1, 5, lengths.sum())
        first = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
        columns.append(Column(spans, Sets(first, np.stack((start, start + width), axis=1).astype(np.int32))))
    persons = np.unique(rng.integers(0, 8, (n_persons, 3)), axis=0).astype(np.int32)
    records = np.unique(rng.integers(0, 7, (n_records, 3)), axis=0).astype(np.int32)
    return columns, persons, records, rng.integers(1, 9, (len(records), 2)).astype(float)


def by_loops(columns: list[Column], persons: np.ndarray, records: np.ndarray, totals: np.ndarray) -> list[list[float]]:
    sums = []
    for person in persons.tolist():
        own = [0.0, 0.0]
        for record, total in zip(records.tolist(), totals.tolist(), strict=True):
            hits = 0
            for column, span, place in zip(columns, person, record, strict=True):
                low, high = column.spans[span].tolist()
                ranges = column.sets.ranges[column.sets.first[place] : column.sets.first[place + 1]].tolist()
                hits += any(set(range(low, high)) & set(range(start, stop)) for start, stop in ranges)
            if hits == len(columns):
                own = [one + other for one, other in zip(own, total, strict=True)]
        sums.append(own)
    return sums


@pytest.mark.parametrize("seed", range(8))
def test_every_path_sums_what_loops_find(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    columns, persons, records, totals = made_up(seed)
    expected = by_loops(columns, persons, records, totals)
    assert sum(map(sum, expected)) > 0
    assert _summed_at_once(columns, persons, records, totals).tolist() == expected
    assert _summed_by_kernel(columns, persons, records, totals).tolist() == expected
    monkeypatch.setattr("riskscope.attacks.fitting.SMALL_WORK", 0)
    for pooled in (1, 4, 10**6):
        monkeypatch.setattr("riskscope.attacks.fitting.POOLED", pooled)
        assert summed(columns, persons, records, totals).tolist() == expected


def test_in_threads_the_sums_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    columns, persons, records, totals = made_up(1)
    monkeypatch.setattr("riskscope.engines.memory.SMALL", 0)
    assert _summed_by_kernel(columns, persons, records, totals).tolist() == by_loops(columns, persons, records, totals)
