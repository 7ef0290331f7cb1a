"""Each contender's call, as one named function; all answer the same question with the same tuple of numbers.

Of k: (smallest class, people alone in theirs, classes). Of l: (l, people whose class has one sensitive value).
Of t: (t,). The first line of each docstring is the call as the results print it.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

import riskscope as rs
from benchmarks.generate import COLUMNS, SENSITIVE

NAMES = list(COLUMNS)
ROLES = rs.Roles(quasi_identifiers=NAMES, sensitive=[SENSITIVE])
Answer = tuple[float, ...]


def k_by_riskscope(frame: Any) -> Answer:
    """`rs.k_anonymity(frame, columns)`."""
    found = rs.k_anonymity(frame, NAMES)
    return found.k, found.n_unique, found.n_classes


def k_by_pandas(frame: pd.DataFrame) -> Answer:
    """`frame.groupby(columns, observed=True, sort=False).size()`."""
    return _of_sizes(frame.groupby(NAMES, observed=True, sort=False).size().to_numpy())


def k_by_polars(frame: pl.DataFrame) -> Answer:
    """`frame.group_by(columns).len()`."""
    return _of_sizes(frame.group_by(NAMES).len()["len"].to_numpy())


def k_by_polars_from_pandas(frame: pd.DataFrame) -> Answer:
    """`polars.from_pandas(frame[columns]).group_by(columns).len()`."""
    return k_by_polars(pl.from_pandas(frame[NAMES]))


def k_by_duckdb(connection: duckdb.DuckDBPyConnection) -> Answer:
    """`SELECT count(*) FROM people GROUP BY columns`."""
    found = connection.execute(
        "SELECT min(n), count(*) FILTER (n = 1), count(*) "
        f"FROM (SELECT count(*) AS n FROM people GROUP BY {', '.join(NAMES)})"
    ).fetchall()
    return tuple(found[0])


def k_by_duckdb_on_pandas(frame: pd.DataFrame) -> Answer:
    """`SELECT count(*) FROM frame GROUP BY columns`, the pandas frame registered as a view."""
    with two_threads() as connection:
        connection.register("people", frame[NAMES])
        return k_by_duckdb(connection)


def k_by_hand(frame: pd.DataFrame) -> Answer:
    """`pandas.factorize` of each column, one int64 key, `sort`, and the lengths of the runs."""
    keys = np.zeros(len(frame), np.int64)
    for name in NAMES:
        codes, levels = pd.factorize(frame[name], use_na_sentinel=False)
        keys = keys * len(levels) + codes
    keys.sort()
    starts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    return _of_sizes(np.diff(np.concatenate(([0], starts, [len(keys)]))))


def read_once(table: pa.Table) -> Answer:
    """Sum every eight bytes of the Arrow buffers of the columns: the time to read them once from memory."""
    total = 0
    for column in table.select(NAMES).columns:
        for chunk in column.chunks:
            for buffer in filter(None, chunk.buffers()):
                total += int(np.frombuffer(buffer, np.uint64, buffer.size // 8).sum())
    return ()


def l_by_riskscope(frame: Any) -> Answer:
    """`rs.l_diversity(frame, roles)`."""
    found = rs.l_diversity(frame, ROLES)
    return found.l, found.n_disclosed


def l_by_polars(frame: pl.DataFrame) -> Answer:
    """`frame.group_by(columns).agg(pl.col(sensitive).n_unique(), pl.len())`."""
    classes = frame.group_by(NAMES).agg(pl.col(SENSITIVE).n_unique().alias("values"), pl.len().alias("size"))
    return classes["values"].min(), classes.filter(pl.col("values") == 1)["size"].sum()


def l_by_polars_in_two_steps(frame: pl.DataFrame) -> Answer:
    """`frame.group_by([*columns, sensitive]).len()`, then `.group_by(columns)`."""
    cells = frame.group_by([*NAMES, SENSITIVE]).len("size")
    classes = cells.group_by(NAMES).agg(pl.len().alias("values"), pl.col("size").sum())
    return classes["values"].min(), classes.filter(pl.col("values") == 1)["size"].sum()


def t_by_riskscope(frame: Any) -> Answer:
    """`rs.t_closeness(frame, roles)`."""
    return (rs.t_closeness(frame, ROLES).t,)


def t_by_polars(frame: pl.DataFrame) -> Answer:
    """`frame.group_by(columns)`, classes numbered, counts within each joined with the shares in the whole table."""
    shares = frame.group_by(SENSITIVE).agg((pl.len() / frame.height).alias("p"))
    classes = frame.group_by(NAMES).agg(pl.col(SENSITIVE), pl.len().alias("size")).with_row_index("class")
    cells = classes.select("class", "size", SENSITIVE).explode(SENSITIVE).group_by("class", SENSITIVE)
    counted = cells.agg(pl.len().alias("n"), pl.col("size").first()).join(shares, on=SENSITIVE)
    above = (pl.col("n") / pl.col("size") - pl.col("p")).clip(lower_bound=0)
    return (counted.group_by("class").agg(above.sum().alias("t"))["t"].max(),)


def t_by_polars_wide(frame: pl.DataFrame) -> Answer:
    """`frame.group_by(columns).agg((pl.col(sensitive) == value).sum() for value in values)`, for few values."""
    shares = dict(frame.group_by(SENSITIVE).agg(pl.len() / frame.height).iter_rows())
    counts = [(pl.col(SENSITIVE) == value).sum().alias(f"n{value}") for value in shares]
    classes = frame.group_by(NAMES).agg(pl.len().alias("size"), *counts)
    above = [(pl.col(f"n{value}") / pl.col("size") - p).clip(lower_bound=0) for value, p in shares.items()]
    return (classes.select(pl.sum_horizontal(above).max()).item(),)


def two_threads() -> duckdb.DuckDBPyConnection:
    """Return a connection to an empty DuckDB in memory, on two threads."""
    return duckdb.connect(config={"threads": 2})


def _of_sizes(sizes: Any) -> Answer:
    return int(sizes.min()), int((sizes == 1).sum()), len(sizes)
