"""Time the attacks at scale: ``python -m benchmarks.attack_speed [--records N]``.

100,000 people against 100,000 released records of six columns, and guesses of pseudonyms a minute against a plain loop
over hashlib. The table, with wall and CPU seconds and the largest memory so far, goes to the standard output.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.timing import progress
from riskscope import attacks

SEED = 20261124
KNOWN = ["sex", "age", "town", "job", "income", "since"]


def people(n: int, seed: int) -> pd.DataFrame:
    """Return people of six columns, one of them nearly unique."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "sex": rng.choice(["F", "M"], n),
            "age": rng.integers(18, 95, n),
            "town": rng.integers(10_000, 12_000, n).astype(str),
            "job": rng.choice([f"job {at}" for at in range(12)], n),
            "income": rng.lognormal(10, 0.6, n).round(-1),
            "since": pd.Timestamp("2010-01-01") + pd.to_timedelta(rng.integers(0, 5000, n), unit="D"),
        }
    )


def coarse(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with ages in tens, towns cut short, incomes in thousands and one cell in ten suppressed."""
    tens, thousands = table["age"] // 10 * 10, (table["income"] // 1000 * 1000).astype(int)
    released = table.assign(
        age=[f"{low}-{low + 9}" for low in tens],
        town=table["town"].str[:3] + "**",
        income=[f"[{low}, {low + 1000}[" for low in thousands],
        since=table["since"].dt.year,
    )
    rng = np.random.default_rng(SEED)
    released["job"] = released["job"].where(rng.random(len(table)) > 0.1, "*")
    return released


def timed(name: str, call: Callable[[], Any]) -> None:
    """Print one row: what was done, wall and CPU seconds, memory."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"| {name} | {wall:.1f} | {cpu:.1f} | {memory:.2f} |", flush=True)
    progress(name)


def guesses(scheme: str) -> None:
    """Print guesses a minute of one hash, riskscope and a loop over hashlib."""
    digests = [hashlib.new(scheme, f"none{at}".encode()).hexdigest() for at in range(20_000)]
    attacks.pseudonyms(digests, domain="999")  # what is compiled is compiled now
    attacks.pseudonyms(digests, domain="999999")
    wall, cpu = time.perf_counter(), time.process_time()
    found = attacks.pseudonyms(digests, domain="99999999", budget_seconds=20)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    start = time.process_time()
    for at in range(300_000):
        hashlib.new(scheme, b"%08d" % at, usedforsecurity=False).digest()
    loop = 300_000 / (time.process_time() - start)
    millions = found.n_guesses / 1e6
    print(f"| {scheme} | {millions / wall * 60:.0f} | {millions / cpu * 60:.0f} | {loop / 1e6 * 60:.0f} |", flush=True)


def main() -> None:
    """Time every attack once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    options = parser.parse_args()
    n = options.records
    original, others = people(n, SEED), people(n, SEED + 1)
    released = coarse(original)
    print("| hash | million guesses a minute, wall | the same by CPU | loop over hashlib, CPU |\n|---|---:|---:|---:|")
    for scheme in ("md5", "sha1", "sha256"):
        guesses(scheme)
    print("\n| attack | wall, s | CPU, s | memory so far, GiB |\n|---|---:|---:|---:|")
    rows = np.arange(n)
    timed("singling out, exact release", lambda: attacks.singling_out(original, original, known=KNOWN, truth=rows))
    timed("singling out, coarse release", lambda: attacks.singling_out(original, released, known=KNOWN, truth=rows))
    timed("linkage by fit", lambda: attacks.linkage(original, released, known=KNOWN, truth=rows, method="exact"))
    timed("linkage by distance", lambda: attacks.linkage(original, released, known=KNOWN, truth=rows))
    timed("inference by class", lambda: attacks.inference(original, released, known=KNOWN[:3], target="job"))
    timed(
        "inference by a model",
        lambda: attacks.inference(original, released, known=KNOWN[:3], target="job", how="model"),
    )
    timed("predicates", lambda: attacks.predicate_singling_out(original, released, holdout=others))
    timed("membership", lambda: attacks.membership(original, people(n, SEED + 2), others))


if __name__ == "__main__":
    main()
