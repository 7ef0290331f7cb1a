"""What needs a process of its own: peak memory, the first call, what an import loads, pycanon and ours beside it.

Run as a script, it prints its answer as JSON; nothing heavy is imported before it is needed.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HEAVY = ("numba", "matplotlib", "sklearn", "fairlearn")
FIRST_ROWS = 30_000
OUR_ROUNDS = 11
WARM_ROWS = 300_000  # enough for the compiled kernels to be loaded
ROOT = Path(__file__).resolve().parents[1]


def run(task: str, *arguments: str, python: str = sys.executable, **environment: str) -> Any:
    """Run a task of this file in a fresh process and return its answer; None where pycanon is not installed."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [python, "-W", "ignore", __file__, task, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def first(_nothing: str = "") -> dict[str, float]:
    """Seconds to import pandas, then to import riskscope and to answer once on 30,000 rows."""
    start = time.perf_counter()
    import pandas as pd

    import_pandas = time.perf_counter() - start
    rows = range(FIRST_ROWS)
    sizes = {"c1": 2, "c2": 5, "c3": 16, "c4": 50, "c5": 100, "c6": 1000}
    columns = {name: [row * 7919 % size for row in rows] for name, size in sizes.items()}
    frame = pd.DataFrame(columns).astype(dict.fromkeys(list(sizes)[::2], "str"))
    start = time.perf_counter()
    import riskscope as rs

    rs.k_anonymity(frame, list(sizes))
    return {"import_pandas": import_pandas, "riskscope": time.perf_counter() - start}


def imported(_nothing: str = "") -> list[str]:
    """Heavy libraries that ``import riskscope`` loads."""
    __import__("riskscope")
    return [name for name in HEAVY if name in sys.modules]


def memory(contender: str, kind: str, n_rows: str) -> float | None:
    """Bytes that a contender needs at its peak beyond the input; None where the system does not tell."""
    import polars as pl
    import pyarrow as pa

    from benchmarks import contenders, generate

    call = getattr(contenders, contender)
    prepare = {"pandas": lambda frame: frame, "polars": pl.from_pandas, "arrow": pa.Table.from_pandas}
    call(prepare[kind](generate.stress_table(WARM_ROWS)))
    data = prepare[kind](generate.stress_table(int(n_rows)))
    pa.default_memory_pool().release_unused()
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    except OSError:
        return None
    before = _status("VmRSS")
    call(data)
    return _status("VmHWM") - before


def _status(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return float(line.split()[1]) * 1024
    raise KeyError(name)


def pycanon(path: str) -> dict[str, Any] | None:
    """Seconds and answer of pycanon's ``k_anonymity(frame, columns)`` on a Parquet file."""
    try:
        from pycanon.anonymity import k_anonymity  # type: ignore[import-untyped]
    except ImportError:
        return None
    import pandas as pd

    frame = pd.read_parquet(path)
    k_anonymity(frame.head(1000), list(frame.columns))
    wall, cpu = time.perf_counter(), time.process_time()
    k = k_anonymity(frame, list(frame.columns))
    return {"k": int(k), "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def ours(path: str) -> dict[str, Any]:
    """Medians of the seconds, and the answer, of ``rs.k_anonymity(frame, columns)`` on the same file."""
    import pandas as pd

    import riskscope as rs
    from benchmarks.timing import timed

    frame = pd.read_parquet(path)
    rounds = [timed(lambda: rs.k_anonymity(frame, list(frame.columns)).k) for _ in range(OUR_ROUNDS + 1)][1:]
    wall, cpu = (statistics.median(each[at] for each in rounds) for at in (0, 1))
    return {"k": int(rounds[0][2]), "wall": wall, "cpu": cpu}


TASKS: dict[str, Callable[..., Any]] = {
    "first": first,
    "imported": imported,
    "memory": memory,
    "pycanon": pycanon,
    "ours": ours,
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))
