"""Time contenders in turns: each once a round, so that a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Call = Callable[[], tuple[float, ...]]
#: Answers of different summation orders may differ in the last digits.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Timing:
    """Seconds of one contender, one entry a round."""

    wall: Sequence[float]
    cpu: Sequence[float]

    def median(self, clock: str) -> float:
        """Return the median seconds by ``"wall"`` or ``"cpu"``."""
        return float(statistics.median(getattr(self, clock)))

    def ratio(self, other: Timing, clock: str) -> tuple[float, float, float]:
        """Return how many times longer the other takes: median, least and largest over the rounds."""
        ratios = [theirs / ours for ours, theirs in zip(getattr(self, clock), getattr(other, clock), strict=True)]
        return statistics.median(ratios), min(ratios), max(ratios)


def in_rounds(calls: Mapping[str, Call], rounds: int) -> dict[str, Timing]:
    """Return the timing of each call after a warm-up round; stop where two answers differ.

    The order turns from round to round, so that none always runs after the same neighbour.
    """
    names = list(calls)
    expected: tuple[float, ...] | None = None
    wall: dict[str, list[float]] = {name: [] for name in names}
    cpu: dict[str, list[float]] = {name: [] for name in names}
    for at in range(rounds + 1):
        for name in names[at % len(names) :] + names[: at % len(names)]:
            seconds, busy, answer = timed(calls[name])
            progress(f"  {'warm-up' if at == 0 else f'round {at}'}: {name}: {seconds:.3f} s, CPU {busy:.3f} s")
            if answer:
                expected = expected or answer
                if not same(expected, answer):
                    raise AssertionError(f"{name} answers {answer}, another contender {expected}")
            if at:
                wall[name].append(seconds)
                cpu[name].append(busy)
    return {name: Timing(wall[name], cpu[name]) for name in names}


def timed(call: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return the seconds on the wall and of the processor that a call takes, and its answer."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    answer = call()
    return time.perf_counter() - wall, time.process_time() - cpu, answer


def same(one: Sequence[float], other: Sequence[float]) -> bool:
    """Tell whether two answers are equal but for rounding."""
    pairs = zip(one, other, strict=True)
    return all(math.isclose(mine, theirs, rel_tol=TOLERANCE, abs_tol=TOLERANCE) for mine, theirs in pairs)


def progress(line: str) -> None:
    """Say on the standard error stream how far the run is."""
    print(line, file=sys.stderr, flush=True)
