"""Kinds of data frame that the tests hand over, the worked example that the formula sheet calls T8, and proxies."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

import riskscope as rs

Columns = dict[str, list[Any]]

T8_ROWS = [
    ("F", 30, "N", "flu"),
    ("F", 30, "N", "flu"),
    ("F", 30, "N", "HIV"),
    ("F", 40, "N", "flu"),
    ("F", 40, "N", "asthma"),
    ("M", 30, "S", "flu"),
    ("M", 30, "S", "HIV"),
    ("M", 50, "S", "asthma"),
]
T8_POPULATION = {("F", 30, "N"): 30, ("F", 40, "N"): 12, ("M", 30, "S"): 7, ("M", 50, "S"): 3}


def _numpy(columns: Columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


def _object(columns: Columns) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def _nullable(columns: Columns) -> pd.DataFrame:
    return pd.DataFrame(columns).convert_dtypes(dtype_backend="numpy_nullable")


def _arrow_backed(columns: Columns) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: pd.Series(pa.array(values), dtype=pd.ArrowDtype(pa.array(values).type))
            for name, values in columns.items()
        }
    )


def _categorical(columns: Columns) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Categorical(values) for name, values in columns.items()})


def _categorical_unused(columns: Columns) -> pd.DataFrame:
    """Categories in an order of their own, with some that no record has."""
    frame = {}
    for name, values in columns.items():
        known = list(dict.fromkeys(value for value in reversed(values) if value is not None))
        extra = {str: ["(nobody)"], int: [-12345], float: [-0.125]}.get(type(known[0]), []) if known else []
        frame[name] = pd.Categorical(values, categories=extra + known)
    return pd.DataFrame(frame)


def _odd_index(columns: Columns) -> pd.DataFrame:
    """An index that repeats itself, as after a concatenation."""
    frame = pd.DataFrame(columns)
    return frame.set_index(np.zeros(len(frame), int))


def _polars(columns: Columns) -> pl.DataFrame:
    return pl.DataFrame(columns, strict=False)


def _polars_categorical(columns: Columns) -> pl.DataFrame:
    frame = pl.DataFrame(columns, strict=False)
    return frame.with_columns(pl.col(pl.String).cast(pl.Categorical))


def _polars_chunks(columns: Columns) -> pl.DataFrame:
    frame = pl.DataFrame(columns, strict=False)
    half = len(frame) // 2
    return pl.concat([frame[:half], frame[half:]], rechunk=False)


def _table(columns: Columns) -> pa.Table:
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def _table_sliced(columns: Columns) -> pa.Table:
    """Chunks that begin within their buffers."""
    table = _table(columns)
    double = pa.concat_tables([table, table])
    return double.slice(len(table) // 2, len(table))


def _table_dictionary(columns: Columns) -> pa.Table:
    return pa.table({name: pa.array(values).dictionary_encode() for name, values in columns.items()})


def _table_views(columns: Columns) -> pa.Table:
    table = _table(columns)
    kinds = [pa.string_view() if pa.types.is_string(field.type) else field.type for field in table.schema]
    return table.cast(pa.schema(list(zip(table.column_names, kinds, strict=True))))


#: Name to a function from columns to a frame that holds the same records (in any order).
KINDS: dict[str, Callable[[Columns], Any]] = {
    "pandas": _numpy,
    "pandas object": _object,
    "pandas nullable": _nullable,
    "pandas arrow": _arrow_backed,
    "pandas categorical": _categorical,
    "pandas categories unused": _categorical_unused,
    "pandas odd index": _odd_index,
    "polars": _polars,
    "polars categorical": _polars_categorical,
    "polars chunks": _polars_chunks,
    "arrow": _table,
    "arrow sliced": _table_sliced,
    "arrow dictionary": _table_dictionary,
    "arrow string view": _table_views,
}


def records(columns: Columns) -> list[tuple[Any, ...]]:
    """Return the rows of columns as tuples, for the naive twins."""
    return list(zip(*columns.values(), strict=True))


def some_people(seed: int, *, n: int = 120, missing: bool = True) -> Columns:
    """Made-up people with three quasi-identifiers and two sensitive columns, some values missing."""
    draw = random.Random(seed)

    def values(choices: list[Any], share: float) -> list[Any]:
        return [None if missing and draw.random() < share else draw.choice(choices) for _ in range(n)]

    return {
        "city": values(["Metz", "Lyon", "Brest"], 0.1),
        "age": values([20, 30, 40, 50], 0.1),
        "sex": values(["F", "M"], 0.05),
        "illness": values(["flu", "flu", "flu", "asthma", "HIV", "cancer"], 0.05),
        "income": values([900, 900, 1200, 1500, 3000], 0.05),
    }


#: The roles of some_people.
QUASI = ["city", "age", "sex"]
ROLES = rs.Roles(quasi_identifiers=QUASI, sensitive=["illness", "income"])


def keys_of(columns: Columns, names: list[str] | None = None) -> list[tuple[Any, ...]]:
    """Return each record's quasi-identifiers as a tuple."""
    return records({name: columns[name] for name in names or QUASI})


def people_with_proxies(n: int = 600, seed: int = 0) -> tuple[pd.DataFrame, Any]:
    """Sex, a strong proxy, a weak one, and noise."""
    rng = np.random.default_rng(seed)
    is_woman = rng.random(n) < 0.5
    frame = pd.DataFrame(
        {
            "strong": np.where(rng.random(n) < 0.9, is_woman, ~is_woman).astype(int),
            "weak": rng.normal(0, 1, n) + 0.5 * is_woman,
            "noise": rng.choice(list("abc"), n),
        }
    )
    return frame, np.where(is_woman, "F", "M")
