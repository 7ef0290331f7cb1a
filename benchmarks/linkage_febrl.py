"""Linkage of FEBRL's duplicates to their originals: ours, splink and recordlinkage, on whatever is installed.

``python -m benchmarks.linkage_febrl FOLDER`` prints a line a tool; recordlinkage caps pandas below 3 and so needs an
environment of its own, where this file runs without riskscope: ``python benchmarks/linkage_febrl.py FOLDER``.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = ("given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state")
IDENTIFYING = ("date_of_birth", "soc_sec_id")
THRESHOLD = 0.9


def febrl(folder: Path, number: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return originals and duplicates; the column ``person`` tells whose each record is."""
    read = pd.read_csv(
        folder / f"febrl_dataset{number}.csv", dtype=str, keep_default_na=False, skipinitialspace=True
    ).rename(columns=str.strip)
    read["person"] = read["rec_id"].str.extract(r"^rec-(\d+)-", expand=False)
    is_original = read["rec_id"].str.endswith("-org")
    return read[is_original].reset_index(drop=True), read[~is_original].reset_index(drop=True)


def by_riskscope(people: pd.DataFrame, released: pd.DataFrame, known: list[str], engine: str) -> tuple[Any, Any, Any]:
    """Return both sides of every pair, and its posterior."""
    from riskscope.attacks.linking.probabilistic import probabilistic_linkage

    nobody = np.full(len(people), -1)
    pairs = probabilistic_linkage(people, released, known=known, truth=nobody, engine=engine).pairs()
    return pairs["person"].to_numpy(), pairs["released"].to_numpy(), pairs["posterior"].to_numpy()


def by_recordlinkage(people: pd.DataFrame, released: pd.DataFrame, known: list[str]) -> tuple[Any, Any, Any]:
    """Return the same by recordlinkage's ECM: equal or near (Damerau-Levenshtein, 0.75) as two levels."""
    import recordlinkage

    indexer = recordlinkage.Index()
    for name in known:
        if name != "state":
            indexer.block(name)
    blank = [table[known].replace("", None) for table in (people, released)]
    pairs = indexer.index(*blank)
    comparing = recordlinkage.Compare()
    for name in known:
        comparing.string(name, name, method="damerau_levenshtein", threshold=0.75, label=name)
    features = comparing.compute(pairs, *blank)
    model = recordlinkage.ECMClassifier()
    model.fit(features)
    return pairs.get_level_values(0), pairs.get_level_values(1), model.prob(features).to_numpy()


def main(folder: Path) -> None:
    """Print precision, recall, F1 at the threshold, the best F1, and seconds, as lines of a table."""
    tools: dict[str, Any] = {}
    if importlib.util.find_spec("riskscope"):
        tools["riskscope"] = lambda *tables: by_riskscope(*tables, "own")
        if importlib.util.find_spec("splink"):
            tools["splink"] = lambda *tables: by_riskscope(*tables, "splink")
    if importlib.util.find_spec("recordlinkage"):
        tools["recordlinkage"] = by_recordlinkage
    for number in (1, 2, 3):
        people, released = febrl(folder, number)
        for known in ([*COLUMNS, *IDENTIFYING], list(COLUMNS)):
            for name, tool in tools.items():
                start = time.perf_counter()
                ones, others, posterior = tool(people, released, known)
                seconds = time.perf_counter() - start
                same = people["person"].to_numpy()[ones] == released["person"].to_numpy()[others]
                claimed = posterior >= THRESHOLD
                precision, recall = same[claimed].mean(), same[claimed].sum() / len(released)
                f1 = 2 * precision * recall / (precision + recall)
                right = np.cumsum(same[np.argsort(-posterior, kind="stable")])
                best = (2 * right / (np.arange(len(right)) + 1 + len(released))).max()
                print(
                    f"| {number} | {len(known)} | {name} | {len(same):,} | {precision:.4f} | {recall:.4f} | {f1:.4f} "
                    f"| {best:.4f} | {seconds:.1f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
