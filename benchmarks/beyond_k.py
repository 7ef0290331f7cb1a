"""The goals of what goes beyond k: every subset, special uniques, individual and household risk, the population.

The peers' seconds are quoted: they were measured once, on another machine, and neither ARX nor sdcMicro runs here.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

import riskscope as rs
from benchmarks.generate import COLUMNS, stress_table, table_with_missing
from benchmarks.report import Goal
from benchmarks.timing import progress, timed

#: ARX, all 63 subsets of the six keys of a million records, CPU seconds, warm.
ARX_SUBSETS = 20.0
#: sdcMicro's suda2 on eight keys, CPU seconds by rows.
SDCMICRO_SUDA = {100_000: 1.2, 1_000_000: 24.0}
#: sdcMicro, individual and household risk of a million records, CPU seconds.
SDCMICRO_INDIVIDUAL = 12.0


def risk_goals(rounds: int) -> list[Goal]:
    """Return the goals, each timed after a warm-up, from the data frame to the answer."""
    stress = rs.count(stress_table(1_000_000), list(COLUMNS))
    goals = [
        _goal("all 63 subsets of 6 keys, 1,000,000 rows: ARX", ARX_SUBSETS, 40, partial(rs.column_risk, stress), rounds)
    ]
    for n, seconds in SDCMICRO_SUDA.items():
        frame = table_with_missing(n, share_missing=0)
        text = f"special uniques, 8 keys, {n:,} rows: sdcMicro `suda2`"
        goals.append(_goal(text, seconds, 10, partial(rs.special_uniques, frame, list(frame)), rounds))
    frame, roles = _with_households(table_with_missing(1_000_000, share_missing=0))
    text = "individual and household risk, 8 keys, 1,000,000 rows: sdcMicro"
    goals.append(_goal(text, SDCMICRO_INDIVIDUAL, 20, partial(rs.individual_risk, frame, roles), rounds))
    table = rs.count(frame, roles.quasi_identifiers)
    seconds = _seconds(partial(rs.population_uniqueness, table, population_size=10_000_000), rounds)
    text = f"population estimators with their interval, 1,000,000 counted rows: {seconds[1]:.2f} s CPU, no peer quoted"
    return [*goals, Goal(text, None, met=True)]


def _goal(text: str, quoted: float, needed: float, call: Callable[[], Any], rounds: int) -> Goal:
    progress(text)
    wall, cpu = _seconds(call, rounds)
    return Goal(f"{text}, {quoted:g} s CPU *quoted*; ours {cpu:.3f} s", needed, quoted / wall, quoted / cpu)


def _seconds(call: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Return the median seconds on the wall and of the processor."""
    calls = [timed(call) for _ in range(rounds + 1)][1:]
    return statistics.median(each[0] for each in calls), statistics.median(each[1] for each in calls)


def _with_households(frame: pd.DataFrame, seed: int = 0) -> tuple[pd.DataFrame, rs.Roles]:
    """Return the frame with sampling weights and households of one to six people, and its roles."""
    rng = np.random.default_rng(seed)
    keys, n = list(frame), len(frame)
    weights = np.round(rng.gamma(4.0, 25.0, n) + 1, 3)
    households = np.repeat(np.arange(n), rng.integers(1, 7, n))[:n]
    roles = rs.Roles(quasi_identifiers=keys, weight="weight", household="household")
    return frame.assign(weight=weights, household=households), roles
