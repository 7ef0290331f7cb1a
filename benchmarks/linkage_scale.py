"""Linkage of 100,000 records to 100,000 people of the register, slips of the pen planted: seconds and memory."""

from __future__ import annotations

import resource
import time

import numpy as np
import pandas as pd

import riskscope as rs
from riskscope.attacks.linking.probabilistic import probabilistic_linkage

KNOWN = ("given_name", "family_name", "birth_date", "sex", "postcode", "occupation")
LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))


def register_pair(n: int, share_common: float = 0.5, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Return people and released records of the register, ``n`` each, and each person's released record or -1.

    A released name has one letter exchanged in 10 of 100 records, dates move by a day in 3, a postcode is another
    person's in 8, and in 5 of 100 a value is missing.
    """
    rng = np.random.default_rng(seed)
    register = rs.datasets.load_register()
    n_common = round(n * share_common)
    drawn = rng.permutation(len(register))[: 2 * n - n_common]
    people, copy = register.iloc[drawn[:n]], register.iloc[drawn[n - n_common :]]
    order = rng.permutation(n)
    released = copy.iloc[order][list(KNOWN)].reset_index(drop=True)
    for name in ("given_name", "family_name"):
        text = released[name].to_numpy(object).copy()
        for row in np.flatnonzero(rng.random(n) < 0.1):
            if isinstance(text[row], str):
                at = int(rng.integers(len(text[row])))
                text[row] = text[row][:at] + str(rng.choice(LETTERS)) + text[row][at + 1 :]
        released[name] = text
    moved = rng.random(n) < 0.03
    released.loc[moved, "birth_date"] = released.loc[moved, "birth_date"] + pd.Timedelta(days=1)
    removed = rng.random(n) < 0.08
    released.loc[removed, "postcode"] = rng.permutation(released["postcode"].to_numpy())[removed]
    for name in KNOWN:
        released[name] = released[name].where(rng.random(n) >= 0.05)
    truth = np.full(n, -1)
    truth[n - n_common :] = np.argsort(order)[:n_common]
    return people[list(KNOWN)].reset_index(drop=True), released, truth


def main(n: int = 100_000) -> None:
    people, released, truth = register_pair(n)
    for one_to_one in (False, True):
        start = time.perf_counter()
        found = probabilistic_linkage(people, released, known=KNOWN, truth=truth, one_to_one=one_to_one)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"| {one_to_one} | {found.n_compared:,} | {found.rate:.4f} | {found.precision:.4f} | {found.recall:.4f} "
            f"| {seconds:.1f} | {peak:.2f} |"
        )


if __name__ == "__main__":
    main()
