"""Tables to count, made up from a seed: a stress case, an easy case, and one with missing keys."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

#: Levels of the six quasi-identifiers; those in odd places are text, the others int64.
STRESS = (2, 5, 16, 50, 100, 1000)
EASY = (2, 2, 3, 5, 6, 10)
COLUMNS = tuple(f"c{at}" for at in range(1, 7))
SENSITIVE = "sensitive"

#: Levels of the eight keys of the table with missing values.
KEYS = (2, 3, 5, 8, 12, 25, 50, 100)


def stress_table(n_rows: int, seed: int = 0) -> pd.DataFrame:
    """Return six independent quasi-identifiers, most combinations unique, and a sensitive column of ten values."""
    return _mixed_table(n_rows, STRESS, seed)


def easy_table(n_rows: int, seed: int = 0) -> pd.DataFrame:
    """Return the same with at most 3,600 combinations: few, large classes."""
    return _mixed_table(n_rows, EASY, seed)


def _mixed_table(n_rows: int, levels: tuple[int, ...], seed: int) -> pd.DataFrame:
    """Return columns whose level j has a probability proportional to 1 / j ** 0.8; text looks like ``val_0007``."""
    rng = np.random.default_rng(seed)
    columns = {}
    for name, n_levels in zip((*COLUMNS, SENSITIVE), (*levels, 10), strict=True):
        weights = 1 / np.arange(1, n_levels + 1) ** 0.8
        codes = rng.choice(n_levels, size=n_rows, p=weights / weights.sum())
        if name in COLUMNS[::2]:
            texts = pa.array([f"val_{at:04d}" for at in range(n_levels)], pa.large_string())
            columns[name] = texts.take(pa.array(codes))
        else:
            columns[name] = pa.array(codes.astype(np.int64))
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    return frame


def table_with_missing(n_rows: int, seed: int = 0, share_missing: float = 0.05) -> pd.DataFrame:
    """Return eight skewed keys, tied together by a hidden group, with values missing at random.

    Level j of a key has a probability proportional to 1 / j ** 2.4; 85 % of the people follow the order of levels
    that their group prefers, the others the common one.
    """
    rng = np.random.default_rng(seed)
    n_groups = 6
    sizes = np.arange(n_groups, 0, -1, dtype=float)
    group = rng.choice(n_groups, size=n_rows, p=sizes / sizes.sum())
    columns = {}
    for at, n_levels in enumerate(KEYS, 1):
        weights = 1 / np.arange(1, n_levels + 1) ** 2.4
        common = rng.choice(n_levels, size=n_rows, p=weights / weights.sum())
        preferred = rng.permuted(np.tile(np.arange(n_levels), (n_groups, 1)), axis=1)
        values = np.where(rng.random(n_rows) < 0.85, preferred[group, common], common) + 1
        columns[f"k{at}"] = pd.array(values, dtype="Int64")
        columns[f"k{at}"][rng.random(n_rows) < share_missing] = pd.NA
    return pd.DataFrame(columns)
