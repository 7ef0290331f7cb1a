"""Measure riskscope's counting engine beside its peers: ``python -m benchmarks [--rows 1e6,1e7] [--rounds 5]``.

Every contender answers the same question on the same table in one run, in turns; the run stops where two answers
differ. Progress goes to the standard error stream, the results to ``RESULTS.md`` and ``results.svg``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

import riskscope as rs
from benchmarks import contenders as by
from benchmarks import fresh
from benchmarks.beyond_k import risk_goals
from benchmarks.generate import easy_table, stress_table, table_with_missing
from benchmarks.report import Goal, Memory, Section, write
from benchmarks.timing import Timing, in_rounds, progress, timed

OURS = "riskscope, pandas frame"
GIVEN_PANDAS = ("pandas", "Polars, from pandas", "DuckDB, on pandas")
NATIVE = ("pandas", "Polars", "DuckDB")
BY_HAND = "factorize, key, sort"
#: sdcMicro's freqCalc, CPU seconds by rows, quoted: it was measured once, elsewhere.
SDCMICRO = {10_000: 0.74, 100_000: 9.2}


def main() -> None:
    """Measure what the command line asks for, and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", default="1e6,1e7", help="table sizes, separated by commas (default: 1e6,1e7)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds beside the warm-up (default: 5)")
    parser.add_argument("--quick", action="store_true", help="one table of 300,000 rows, three rounds")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="folder of the results")
    asked = parser.parse_args()
    rows = [300_000] if asked.quick else sorted(int(float(each)) for each in asked.rows.split(","))
    rounds = 3 if asked.quick else asked.rounds

    sections: list[Section] = []
    goals: list[Goal] = []
    for n in rows:
        sections.append(k_section("Stress table", stress_table(n), rounds))
        if n == rows[-1]:
            goals += k_goals(sections[-1], n)
        sections.append(k_section("Easy table", easy_table(n), rounds))
        progress("l-diversity, t-closeness")
        frame = stress_table(n)
        for measure in ("l-diversity", "t-closeness"):
            sections.append(within_section(measure, frame, rounds))
            if n == rows[-1]:
                goals.append(within_goal(sections[-1], measure, n))
    goals += pycanon_goal(min(1_000_000, rows[-1]))
    goals += missing_goals(rounds)
    goals += risk_goals(rounds)
    memories = memory_rows(rows[-1])
    goals.append(memory_goal(memories, rows[-1]))
    goals += start_goals(rounds)
    write(asked.output, sections, goals, memories)
    progress(f"written: RESULTS.md, results.svg; goals missed: {sum(not goal.met for goal in goals)}")


def k_section(title: str, frame: Any, rounds: int) -> Section:
    """Return the timings of k, uniques and classes of one table by every contender."""
    n = len(frame)
    progress(f"k of {n:,} rows, {title.lower()}")
    columns = frame[by.NAMES]
    polars_frame, table = pl.from_pandas(columns), pa.Table.from_pandas(columns)
    connection = by.two_threads()
    connection.register("given", table)
    connection.execute("CREATE TABLE people AS SELECT * FROM given")
    calls = {
        OURS: (by.k_by_riskscope, frame),
        "riskscope, Polars frame": (by.k_by_riskscope, polars_frame),
        "riskscope, Arrow table": (by.k_by_riskscope, table),
        "pandas": (by.k_by_pandas, frame),
        "Polars, from pandas": (by.k_by_polars_from_pandas, frame),
        "DuckDB, on pandas": (by.k_by_duckdb_on_pandas, frame),
        "Polars": (by.k_by_polars, polars_frame),
        "DuckDB": (by.k_by_duckdb, connection),
        BY_HAND: (by.k_by_hand, frame),
        "reading the columns once": (by.read_once, table),
    }
    timings = _in_rounds(calls, rounds)
    connection.close()
    k, n_unique, n_classes = by.k_by_riskscope(frame)
    about = f"k = {k:.0f}, {n_unique:,.0f} people alone ({n_unique / n:.0%}), {n_classes:,.0f} classes."
    return Section(f"{title}, {n:,} rows: k, uniques, classes", about, OURS, timings, _described(calls))


def within_section(measure: str, frame: Any, rounds: int) -> Section:
    """Return the timings of l-diversity or t-closeness by riskscope, and by hand in Polars."""
    polars_frame = pl.from_pandas(frame)
    if measure == "l-diversity":
        ours, theirs = by.l_by_riskscope, {"Polars": by.l_by_polars, "Polars, two steps": by.l_by_polars_in_two_steps}
    else:
        ours, theirs = by.t_by_riskscope, {"Polars": by.t_by_polars, "Polars, wide": by.t_by_polars_wide}
    calls: dict[str, tuple[Any, Any]] = {OURS: (ours, frame), "riskscope, Polars frame": (ours, polars_frame)}
    calls |= {name: (call, polars_frame) for name, call in theirs.items()}
    about = "Within the classes of the six quasi-identifiers; a sensitive column of ten values."
    title = f"Stress table, {len(frame):,} rows: {measure}"
    return Section(title, about, OURS, _in_rounds(calls, rounds), _described(calls))


def _in_rounds(calls: dict[str, tuple[Any, Any]], rounds: int) -> dict[str, Timing]:
    return in_rounds({name: partial(call, data) for name, (call, data) in calls.items()}, rounds)


def _described(calls: dict[str, tuple[Any, Any]]) -> dict[str, str]:
    return {name: call.__doc__.splitlines()[0].rstrip(".") for name, (call, _data) in calls.items()}


def k_goals(section: Section, n: int) -> list[Goal]:
    """Return the goals on k of the largest stress table."""
    fastest = min(GIVEN_PANDAS, key=lambda name: section.timings[name].median("wall"))
    native = min(NATIVE, key=lambda name: section.timings[name].median("wall"))
    return [
        section.goal(f"k of {n:,} rows, the fastest peer given the pandas frame ({fastest})", 6, fastest),
        section.goal(f"k of {n:,} rows, the fastest peer in its own frame ({native})", 5, native),
        section.goal(f"k of {n:,} rows, by hand: factorize, int64 key, sort", 2.5, BY_HAND),
    ]


def within_goal(section: Section, measure: str, n: int) -> Goal:
    """Return the goal on a measure of the sensitive column: both given the Polars frame."""
    ours = "riskscope, Polars frame"
    peers = [name for name in section.timings if name.startswith("Polars")]
    fastest = min(peers, key=lambda name: section.timings[name].median("wall"))
    return section.goal(f"{measure} of {n:,} rows, by hand in Polars, the same Polars frame", 3, fastest, ours)


def pycanon_goal(n: int) -> list[Goal]:
    """Return the goal against pycanon; none where it is not installed (BENCH_PYCANON may name a Python)."""
    progress(f"pycanon, {n:,} rows")
    frame = stress_table(n)[by.NAMES]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.parquet"
        frame.to_parquet(path)
        before = fresh.run("ours", str(path))
        theirs = fresh.run("pycanon", str(path), python=os.environ.get("BENCH_PYCANON", sys.executable))
        ours = [before, fresh.run("ours", str(path))]
    if theirs is None:
        progress("  pycanon is not installed; set BENCH_PYCANON to a Python that has it")
        return []
    if {theirs["k"]} != {run["k"] for run in ours}:
        raise AssertionError(f"pycanon answers k = {theirs['k']}, riskscope {ours[0]['k']}")
    wall, cpu = (theirs[clock] / statistics.mean(run[clock] for run in ours) for clock in ("wall", "cpu"))
    text = (
        f"k of {n:,} rows, each in a process of its own: pycanon `k_anonymity` ({theirs['wall']:.1f} s, one call), "
        f"ours before and after it ({1000 * ours[0]['wall']:.0f} and {1000 * ours[1]['wall']:.0f} ms)"
    )
    return [Goal(text, 300, wall, cpu)]


def missing_goals(rounds: int) -> list[Goal]:
    """Return the goals against sdcMicro's counts with missing keys, whose seconds are quoted."""
    goals = []
    for n, quoted in SDCMICRO.items():
        frame = table_with_missing(n)
        call = partial(rs.class_sizes, frame, list(frame), missing="sdcmicro")
        calls = [timed(call) for _ in range(rounds + 1)]
        wall, cpu = (statistics.median(each[at] for each in calls[1:]) for at in (0, 1))
        text = f"counts with missing keys, {n:,} rows, 8 keys: sdcMicro `freqCalc`, {quoted} s CPU *quoted*"
        goals.append(Goal(f"{text}; ours {cpu:.3f} s", 50, quoted / wall, quoted / cpu))
    return goals


def memory_rows(n: int) -> list[Memory]:
    """Return the peak memory beyond the input of each contender, each in a fresh process."""
    rows = {
        OURS: ("k_by_riskscope", "pandas"),
        "riskscope, Polars frame": ("k_by_riskscope", "polars"),
        "riskscope, Arrow table": ("k_by_riskscope", "arrow"),
        "pandas": ("k_by_pandas", "pandas"),
        "Polars, from pandas": ("k_by_polars_from_pandas", "pandas"),
        "DuckDB, on pandas": ("k_by_duckdb_on_pandas", "pandas"),
        "Polars": ("k_by_polars", "polars"),
        BY_HAND: ("k_by_hand", "pandas"),
    }
    found = []
    for name, (call, kind) in rows.items():
        n_bytes = fresh.run("memory", call, kind, str(n))
        if n_bytes is not None:
            progress(f"  peak memory: {name}: {n_bytes / 1e6:,.0f} MB")
            found.append(Memory(name, n, n_bytes))
    return found


def memory_goal(memories: list[Memory], n: int) -> Goal:
    """Return the goal on memory: 1.5 times 8 bytes a row for half the columns and one more."""
    allowed = 1.5 * 8 * n * (len(by.NAMES) / 2 + 1)
    ours = next((memory.n_bytes for memory in memories if memory.name == OURS), float("nan"))
    text = f"peak memory beyond the input, k of {n:,} rows: at most {allowed / 1e6:,.0f} MB, {ours / 1e6:,.0f} MB found"
    return Goal(text, 1, allowed / ours)


def start_goals(rounds: int) -> list[Goal]:
    """Return the goals on the first call in a fresh process, with nothing compiled yet, and on imports."""
    progress("first call in a fresh process")
    runs = []
    for _ in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(fresh.run("first", NUMBA_CACHE_DIR=folder))
    pandas = statistics.median(run["import_pandas"] for run in runs[1:])
    total = statistics.median(run["import_pandas"] + run["riskscope"] for run in runs[1:])
    first = (
        f"import pandas, import riskscope, k of {fresh.FIRST_ROWS:,} rows in a fresh process, nothing compiled: "
        f"{total:.2f} s, at most 1.5 times `import pandas` ({pandas:.2f} s) and 1 s"
    )
    loaded = fresh.run("imported")
    light = f"`import riskscope` loads none of {', '.join(fresh.HEAVY)}" + (f"; it loads {loaded}" if loaded else "")
    return [Goal(first, 1, (1.5 * pandas + 1) / total), Goal(light, None, met=not loaded)]


if __name__ == "__main__":
    main()
