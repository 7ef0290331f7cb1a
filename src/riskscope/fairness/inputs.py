"""What a user hands over: numbers, and groups with their labels, one value a record, as arrays; and options."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import check_number, check_whole, shown
from riskscope.engines.columns import arrow_columns, as_frame
from riskscope.engines.memory import KeyedRows, count_keys, key_rows
from riskscope.errors import FrameError
from riskscope.frequency import Keys, Levels
from riskscope.words import _

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Options that are numbers: from where to where they may lie.
_BETWEEN = {"margin": (0, 1), "level": (0.5, 0.9999)}
#: Options that are whole numbers: the least that they may be.
_AT_LEAST = {"min_group": 1, "min_cell": 1, "n_permutations": 99, "n_splits": 2, "n_repeats": 2, "max_records": 100}


class Grouping(NamedTuple):
    """The group of each record: ``codes`` (n,), the ``labels`` they stand for, and the columns they come from."""

    codes: Whole
    labels: tuple[str, ...]
    columns: tuple[str, ...]


def numbers_of(values: Any, name: str) -> Numbers:
    """Return one finite number a record, or raise an error that counts what is none."""
    import pyarrow as pa

    frame, columns = framed(values, name)
    if len(columns) != 1:
        raise FrameError(
            _("{name} has {n} columns; hand over one array or series, one number a record.").format(
                name=name, n=len(columns)
            )
        )
    array = arrow_columns(frame, columns)[0]
    if pa.types.is_dictionary(array.type):  # numbers kept as categories are numbers
        array = array.dictionary_decode()
    kind = array.type
    types = pa.types
    is_number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_boolean(kind)
    if not is_number and not types.is_null(kind):
        raise FrameError(_("{name} is {kind}; it must hold one number a record.").format(name=name, kind=str(kind)))
    if types.is_boolean(kind):
        array = array.cast(pa.int8())
    numbers = np.asarray(array.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise FrameError(
            _(
                "{name} is missing or infinite in {n} of {total} records, the first at row {row}. Leave those records "
                "out of {name} and of the groups, or give them a number."
            ).format(name=name, n=len(bad), total=len(numbers), row=int(bad[0]))
        )
    return numbers


def grouping_of(values: Any, name: str) -> Grouping:
    """Return the group of each record; several columns give their intersections, a missing value is its own group."""
    frame, columns = framed(values, name)
    rows = key_rows(frame, columns)
    keys, codes = _numbered(rows)
    words = [level_labels(levels) for levels in rows.levels]
    parts = rows.packing.unpack(keys).tolist()
    labels = tuple(" · ".join(words[at][code] for at, code in enumerate(group)) for group in parts)
    return Grouping(codes, labels, tuple(columns))


def codes_of(values: Any, name: str) -> Whole:
    """Return a number for each record, equal where all columns are equal; a missing value equals another."""
    return _numbered(key_rows(*framed(values, name)))[1]


def _numbered(rows: KeyedRows) -> tuple[Keys, Whole]:
    """Return the distinct keys, and the place of each record's key among them."""
    keys, _counts = count_keys(rows.keys, rows.packing.space)
    return keys, np.searchsorted(keys, rows.keys)


def level_labels(levels: Levels) -> list[str]:
    """Return the label of each code of a column.

    Examples
    --------
    >>> level_labels(Levels(3, True, lambda: np.array([30.0, 0.5])))
    ['unknown', '30', '0.5']
    """
    values = [str(int(each)) if isinstance(each, float) and each % 1 == 0 else str(each) for each in levels.to_list()]
    unknown = _("unknown") if _("unknown") not in values else _("unknown (no value)")
    return [unknown, *values] if levels.has_missing else values


def same_length(**given: int) -> None:
    """Raise an error where what was handed over has different numbers of records."""
    if len(set(given.values())) > 1:
        raise FrameError(
            _("{lengths}; hand over one value a record in each.").format(
                lengths=", ".join(_("{name} has {n} values").format(name=name, n=n) for name, n in given.items())
            )
        )


def check_options(**given: Any) -> None:
    """Raise an error where an option of an audit is not what it may be; the first in the order given.

    Examples
    --------
    >>> check_options(margin=0.05, level=0.95, min_cell=10)
    """
    for name, value in given.items():
        if name in _BETWEEN:
            low, high = _BETWEEN[name]
            check_number(value, name, low=low, high=high)
        else:
            check_whole(value, name, low=_AT_LEAST[name])


def seed_shown(rng: int | np.random.Generator) -> str:
    """Return the seed as shown: that of a generator is not known."""
    return _("that of the generator given") if isinstance(rng, np.random.Generator) else str(rng)


def framed(values: Any, name: str) -> tuple[Any, list[str]]:
    """Return what was handed over as a frame, and the names of its columns.

    A frame is taken as it is, an array, a series or a list is one column; a dictionary {name: values}, an array of two
    dimensions and a list of equally long lists (one a record) are several.

    Examples
    --------
    >>> framed([[30, "F"], [41, "M"]], "groups")[1], framed({"sex": ["F", "M"], "old": [0, 1]}, "groups")[1]
    (['groups_0', 'groups_1'], ['sex', 'old'])
    """
    import pandas as pd
    import pyarrow as pa

    if hasattr(values, "columns"):
        columns = list(as_frame(values).columns)
        if not columns:
            raise FrameError(_("{name} has no column; hand over at least one.").format(name=name))
        return values, columns
    if isinstance(values, dict):
        return _from_dictionary(values, name)
    own = getattr(values, "name", None)
    name_here = own if isinstance(own, str) and own else name
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return pa.table({name_here: values}), [name_here]
    if hasattr(values, "to_frame"):
        return values.to_frame(name=name_here), [name_here]
    n_columns = _n_columns(values)
    if n_columns is not None:
        names = [f"{name}_{at}" for at in range(n_columns)] if n_columns > 1 else [name]
        return pd.DataFrame(values, columns=names), names
    try:
        return pd.DataFrame({name_here: values}), [name_here]
    except ValueError:
        raise FrameError(
            _("{name} is {kind}; hand over an array, a series or a list with one value a record.").format(
                name=name, kind=type(values).__name__
            )
        ) from None


def _from_dictionary(values: dict[Any, Any], name: str) -> tuple[Any, list[str]]:
    """Return a dictionary of columns as a table; rows stand as they come, whatever their index."""
    import pyarrow as pa

    if not values:
        raise FrameError(_("{name} has no column; hand over at least one.").format(name=name))
    names = [str(key) for key in values]
    arrays = {}
    for key, each in zip(names, values.values(), strict=True):
        frame, columns = framed(each, key)
        if len(columns) != 1:
            raise FrameError(
                _("{column} of {name} has {n} columns; hand over one array or series, one value a record.").format(
                    column=shown(key), name=name, n=len(columns)
                )
            )
        arrays[key] = arrow_columns(frame, columns)[0]
    same_length(**{shown(key): len(array) for key, array in arrays.items()})
    return pa.table(arrays), names


def _n_columns(values: Any) -> int | None:
    """Return the number of columns of an array of two dimensions, or of a list of equally long lists; else None."""
    if isinstance(values, np.ndarray):
        return values.shape[1] if values.ndim == 2 and values.shape[1] else None
    if not isinstance(values, (list, tuple)) or not values:
        return None
    if not all(isinstance(each, (list, tuple, np.ndarray)) for each in values):
        return None
    lengths = {len(each) for each in values}
    return lengths.pop() if len(lengths) == 1 and 0 not in lengths else None
