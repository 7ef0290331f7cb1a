"""Draws on raw bits: known values, right shares, streams that do not touch."""

from __future__ import annotations

import numpy as np
import pytest

from riskscope.datasets.stable_random import bell, draw, draw_by, happens, shuffled, whole_numbers

N = 100_000
STANDARD_ERRORS = 5


def test_values_stay_the_same():
    assert whole_numbers("test", 5, 1000).tolist() == [622, 606, 361, 65, 571]
    assert shuffled("test", 6).tolist() == [3, 2, 4, 1, 5, 0]
    assert draw("test", [1, 2, 3], 6).tolist() == [2, 2, 1, 0, 2, 2]


def test_a_stream_starts_the_same_whatever_its_length():
    assert whole_numbers("test", 3, 10).tolist() == whole_numbers("test", 30, 10)[:3].tolist()


def test_streams_differ_by_name():
    assert (whole_numbers("one", N, 1000) == whole_numbers("two", N, 1000)).mean() < 0.01


@pytest.mark.parametrize("limit", [1, 2, 7, 365, 2**31])
def test_whole_numbers_fill_their_range(limit):
    values = whole_numbers("test", N, limit)
    assert values.min() >= 0
    assert values.max() < limit
    noise = limit / np.sqrt(12 * N)
    assert abs(values.mean() - (limit - 1) / 2) <= STANDARD_ERRORS * noise


def test_whole_numbers_take_a_limit_for_each_row():
    limits = np.array([1, 5, 100] * 1000)
    values = whole_numbers("test", 3000, limits)
    assert (values < limits).all()
    assert (values[::3] == 0).all()


def test_draw_keeps_to_the_weights():
    weights = np.array([5, 0, 3, 2])
    shares = np.bincount(draw("test", weights, N), minlength=4) / N
    assert shares[1] == 0
    assert np.abs(shares - weights / 10).max() < STANDARD_ERRORS * np.sqrt(0.25 / N)


def test_draw_by_keeps_to_the_weights_of_each_group():
    weights = np.array([[1, 0, 0], [0, 1, 3]])
    group = np.arange(N) % 2
    drawn = draw_by("test", weights, group)
    assert (drawn[group == 0] == 0).all()
    assert abs((drawn[group == 1] == 2).mean() - 0.75) < STANDARD_ERRORS * np.sqrt(0.1875 / (N / 2))


def test_draw_by_one_group_is_draw():
    weights = np.array([[4, 1, 2]])
    assert (draw_by("test", weights, np.zeros(N, dtype=np.int64)) == draw("test", weights[0], N)).all()


def test_happens_as_often_as_told():
    assert abs(happens("test", 300, N).mean() - 0.3) < STANDARD_ERRORS * np.sqrt(0.21 / N)
    assert not happens("test", 0, N).any()
    assert happens("test", 1000, N).all()


def test_shuffled_is_a_permutation():
    order = shuffled("test", 1000)
    assert sorted(order.tolist()) == list(range(1000))
    assert order.tolist() != list(range(1000))


def test_bell_is_even_and_bounded():
    values = bell("test", N, 10)
    assert values.min() == -10
    assert values.max() == 10
    assert abs(values.mean()) < STANDARD_ERRORS * np.sqrt(20 / N)
