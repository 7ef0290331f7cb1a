"""The compiled ranking of people by distance, beside the plain one."""

from __future__ import annotations

import numpy as np
import pytest

from riskscope.attacks.linking import distances
from riskscope.attacks.linking.distances import Compared, ranked


def made_up(rng: np.random.Generator, n_people: int, n_columns: int, n_records: int) -> Compared:
    """People and records with ranges, missing values and many ties."""
    low = rng.integers(0, 6, (n_columns, n_people)).astype(float)
    people = np.stack([low, low + rng.integers(0, 2, low.shape)])
    start = rng.integers(0, 6, (n_columns, n_records)).astype(float)
    records = np.stack([start, start + rng.integers(0, 3, start.shape)])
    for table in (people, records):
        missing = rng.random(table.shape[1:]) < 0.1
        table[0][missing], table[1][missing] = np.inf, -np.inf
    most = np.full(n_columns, 1 / n_columns)
    counts = rng.integers(1, 4, n_people)
    place = np.repeat(np.arange(n_people), counts)
    return Compared(people, counts, place, records, np.stack([most / 5, most]), 1e-13, ())


@pytest.mark.parametrize(("n_people", "n_columns", "n_records"), [(1, 1, 1), (255, 2, 40), (256, 3, 40), (700, 4, 40)])
def test_the_kernel_ranks_as_the_plain_path(
    n_people: int, n_columns: int, n_records: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(n_people)
    data = made_up(rng, n_people, n_columns, n_records)
    records = rng.permutation(n_records)
    owners = rng.integers(0, data.n_people, n_records)
    plain = ranked(data, records, owners)
    monkeypatch.setattr(distances, "SMALL_WORK", 0)
    compiled = ranked(data, records, owners)
    for name in plain._fields:
        assert getattr(compiled, name).tolist() == getattr(plain, name).tolist(), name
