"""FEBRL's originals and duplicates: precision and recall of the pairs claimed, known from the record numbers.

Peers on the same tables: benchmarks/LINKAGE.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskscope.attacks.linking.probabilistic import probabilistic_linkage


def febrl(folder: Path, number: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    read = pd.read_csv(
        folder / f"febrl_dataset{number}.csv", dtype=str, keep_default_na=False, skipinitialspace=True
    ).rename(columns=str.strip)
    read["person"] = read["rec_id"].str.extract(r"^rec-(\d+)-", expand=False)
    is_original = read["rec_id"].str.endswith("-org")
    return read[is_original].reset_index(drop=True), read[~is_original].reset_index(drop=True)


@pytest.mark.parametrize(("number", "n_originals", "n_duplicates"), [(1, 500, 500), (2, 4000, 1000), (3, 2000, 3000)])
@pytest.mark.parametrize("left_out", [(), ("soc_sec_id", "date_of_birth")])
def test_duplicates_find_their_originals(
    shared: Path, number: int, n_originals: int, n_duplicates: int, left_out: tuple[str, ...]
) -> None:
    originals, duplicates = febrl(shared / "data", number)
    assert (len(originals), len(duplicates)) == (n_originals, n_duplicates)
    known = [name for name in originals.columns if name not in ("rec_id", "person", *left_out)]
    nobody = np.full(n_originals, -1)  # an original may have several duplicates: judged here, pair by pair
    pairs = probabilistic_linkage(originals, duplicates, known=known, truth=nobody).pairs()
    claimed = pairs[pairs["posterior"] >= 0.9]
    same = originals["person"].to_numpy()[claimed["person"]] == duplicates["person"].to_numpy()[claimed["released"]]
    assert same.mean() >= 0.98
    assert same.sum() / n_duplicates >= 0.95


def test_every_original_of_the_first_table_is_found(shared: Path) -> None:
    originals, duplicates = febrl(shared / "data", 1)
    known = [name for name in originals.columns if name not in ("rec_id", "person")]
    found = probabilistic_linkage(originals, duplicates, known=known, truth="person")
    assert (found.tried, found.succeeded, found.precision, found.recall) == (500, 500, 1, 1)
