"""Hold the estimates of population uniqueness against known populations: ``python -m benchmarks.calibration``.

Samples of 1, 5, 10 and 20 % are drawn from populations that are known to the last person, and every estimate is
compared with the truth, failures included. Progress goes to the standard error stream, the tables to
``docs/CALIBRATION.md``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import riskscope as rs
from benchmarks.calibration_report import page
from benchmarks.known_populations import FRACTIONS, Population, absent, populations
from benchmarks.timing import progress


def main() -> None:
    """Draw, estimate, compare, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="samples of each fraction (default: 3)")
    parser.add_argument("--draws", type=int, default=20, help="half-samples for each interval (default: 20)")
    docs = Path(__file__).parents[1] / "docs"
    parser.add_argument("--output", type=Path, default=docs / "CALIBRATION.md", help="the page to write")
    asked = parser.parse_args()
    about: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    for population in populations():
        table = rs.count(population.people, population.columns)
        true = rs.uniqueness(table).n_unique
        about.append(
            {
                "table": population.name,
                "part": population.part,
                "columns": ", ".join(population.columns),
                "people": table.n_records,
                "alone": true,
            }
        )
        progress(f"{population.name}: {true:,} of {table.n_records:,} alone")
        runs += list(measured(population, true, seeds=asked.seeds, draws=asked.draws))
    asked.output.write_text(
        page(pd.DataFrame(about), pd.DataFrame(runs), seeds=asked.seeds, draws=asked.draws, absent=absent()), "utf-8"
    )


def measured(population: Population, true: int, *, seeds: int, draws: int) -> Iterator[dict[str, Any]]:
    """Give one row for each sample of a population: the truth, the estimates, and whether their ranges hold it."""
    n, columns = len(population.people), population.columns
    sizes = rs.class_sizes(population.people, columns)
    for fraction in FRACTIONS:
        for seed in range(seeds):
            places = np.random.default_rng(seed).choice(n, round(fraction * n), replace=False)
            sample = population.people.iloc[places]
            whole = rs.population_uniqueness(sample, columns, population_size=n, draws=draws, rng=seed)
            records = rs.record_uniqueness(sample, columns, population_size=n)
            is_alone, is_likely = sizes[places] == 1, records.chance > 0.8
            yield {
                "table": population.name,
                "part": population.part,
                "fraction": fraction,
                "true": true,
                **whole.estimates,
                "dankar": whole.dankar,
                "default": whole.estimates[whole.chosen] if whole.n_unique < whole.n_records else np.nan,
                "is_estimable": whole.is_estimable,
                "in_range": whole.lowest <= true <= whole.highest,
                "in_interval": held(whole.intervals.get(whole.chosen), true),
                "in_pitman_interval": held(whole.intervals.get("pitman"), true),
                "alone_in_sample": int(is_alone.sum()),
                "expected_in_sample": records.expected_uniques,
                "likely": int(is_likely.sum()),
                "likely_and_alone": int((is_likely & is_alone).sum()),
            }


def held(interval: tuple[float, float] | None, true: int) -> float:
    """Tell whether an interval holds the truth; NaN without an interval."""
    return np.nan if interval is None else float(interval[0] <= true <= interval[1])


if __name__ == "__main__":
    main()
