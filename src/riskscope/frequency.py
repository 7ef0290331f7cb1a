"""The one table: how many records share each combination of values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import check_columns, check_names
from riskscope.persons import Persons, people_per_cell, regrouped, run_starts
from riskscope.roles import Roles
from riskscope.words import ngettext

#: Largest product of level numbers that one 64-bit key holds.
KEY_SPACE = 2**63

Codes = NDArray[np.integer[Any]]
Keys = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class Levels:
    """The distinct values of one column, in the order of their codes.

    Parameters
    ----------
    n : int
        Number of codes, the one for a missing value included.
    has_missing : bool
        Whether code 0 stands for a missing value.
    make : function
        Gives the values of the other codes as an array, when somebody asks.
    ordered : bool, default False
        Whether the order of the codes is the order that the data gives the values (ordered categories).
    has_zone : bool, default False
        Whether the values are moments of a time zone; ``make`` gives them in UTC.
    """

    n: int
    has_missing: bool
    make: Callable[[], NDArray[Any]] = field(repr=False, compare=False)
    ordered: bool = False
    has_zone: bool = False

    @cached_property
    def values(self) -> NDArray[Any]:
        """The values without the missing one: ``values[code - has_missing]``."""
        return self.make()

    def to_list(self) -> list[Any]:
        """Return the values as Python's own; moments as datetime, to the microsecond."""
        values = self.values
        listed: list[Any] = (values.astype("datetime64[us]") if _is_moment(values) else values).tolist()
        return listed


def _is_moment(values: NDArray[Any]) -> bool:
    """Tell moments that NumPy would list as numbers: those counted in nanoseconds."""
    return values.dtype.kind == "M" and np.datetime_data(values.dtype)[0] == "ns"


@dataclass(frozen=True)
class Packing:
    """How the codes of several columns become one key, in lexicographic order.

    A key is a mixed-radix number. Where the product of the radices would pass 64 bits, the keys so far are
    numbered anew, densely and in order (``dictionary``), and that number is the first digit of what follows.
    """

    radices: tuple[int, ...]
    dictionary: Keys | None = None
    before: Packing | None = None

    @property
    def space(self) -> int:
        """Number of possible keys."""
        space = 1 if self.dictionary is None else max(1, len(self.dictionary))
        for radix in self.radices:
            space *= radix
        return space

    def unpack(self, keys: Keys) -> Codes:
        """Return the codes of each key, shape (n_keys, n_columns)."""
        chain = [self]
        while chain[-1].before is not None:
            chain.append(chain[-1].before)
        at = sum(len(packing.radices) for packing in chain)
        codes = np.empty((len(keys), at), np.int32)
        rest = keys
        for packing in chain:
            for radix in reversed(packing.radices):
                at -= 1
                rest, codes[:, at] = np.divmod(rest, rest.dtype.type(radix))
            if packing.dictionary is not None:
                rest = packing.dictionary[rest.astype(np.int64)]
        return codes


def key_type(space: int) -> type[np.unsignedinteger[Any]]:
    """Return the narrowest unsigned type, of 32 bits or 64, that holds every key, and the number of keys."""
    return np.uint32 if space < 2**32 else np.uint64


def squeeze(keys: Keys, counts: NDArray[Any]) -> tuple[Keys, NDArray[np.int64]]:
    """Return the distinct keys of *sorted* keys, with their counts added up."""
    if len(keys) == 0:
        return keys, counts.astype(np.int64)
    starts = np.flatnonzero(run_starts(keys))
    return keys[starts], np.add.reduceat(counts, starts, dtype=np.int64)


class FrequencyTable:
    """How many records share each combination of values.

    Cells are in lexicographic order of their codes, so the cells of one class lie side by side when its
    columns come first.

    Parameters
    ----------
    columns : names
        The columns counted.
    levels : Levels of each column
        Their distinct values.
    keys, packing : array (n_cells,), Packing
        One key a cell, rising, and how to read it.
    counts : int64 array (n_cells,)
        Records (or persons, see ``persons``) in each cell, at least 1.
    roles : Roles
        The parts that the columns play.
    engine : str
        Where the rows were counted.
    persons : Persons, optional
        Who has records in which cell, where the roles name the person. The counts are then persons, each once in a
        cell; a person with records in several cells counts in each of them.
    """

    def __init__(
        self,
        columns: Sequence[str],
        levels: Sequence[Levels],
        keys: Keys,
        counts: NDArray[np.int64],
        packing: Packing,
        *,
        roles: Roles,
        engine: str = "memory",
        persons: Persons | None = None,
    ) -> None:
        self.columns = tuple(columns)
        self.levels = tuple(levels)
        self.keys = keys
        self.counts = counts
        self.packing = packing
        self.roles = roles
        self.engine = engine
        self.persons = persons
        for array in (keys, counts):
            array.flags.writeable = False

    @property
    def n_cells(self) -> int:
        """Number of combinations that occur."""
        return len(self.counts)

    @cached_property
    def n_records(self) -> int:
        """Number of records counted."""
        return int(self.counts.sum() if self.persons is None else self.persons.times.sum())

    @property
    def n_people(self) -> int:
        """Number of persons counted; each record is one where the roles name no person."""
        return self.n_records if self.persons is None else self.persons.n_people

    @cached_property
    def codes(self) -> Codes:
        """The code of each cell in each column, shape (n_cells, n_columns)."""
        codes = self.packing.unpack(self.keys)
        codes.flags.writeable = False
        return codes

    @cached_property
    def _places(self) -> dict[str, int]:
        """The place of each column."""
        return {name: at for at, name in enumerate(self.columns)}

    @property
    def quasi_identifiers(self) -> tuple[str, ...]:
        """The quasi-identifiers that the table counts."""
        return tuple(self.roles.quasi_identifiers)

    def keep(self, columns: Iterable[str]) -> FrequencyTable:
        """Return the table of fewer columns (in the order asked for), re-counted from the cells, never the rows."""
        wanted = check_names(columns, "columns")
        if not self._places.keys() >= set(wanted):
            check_columns(wanted, self.columns, "columns")
        if wanted == self.columns:
            return self
        places = [self._places[name] for name in wanted]
        levels = [self.levels[at] for at in places]
        if wanted == self.columns[: len(wanted)] and len(self.columns) - len(wanted) < len(self.packing.radices):
            dropped = self.packing.radices[len(wanted) - len(self.columns) :]
            divisor = int(np.prod(np.array(dropped, dtype=object)))
            kept = self.packing.radices[: len(self.packing.radices) - len(dropped)]
            packing = Packing(kept, self.packing.dictionary, self.packing.before)
            return self._merged(wanted, levels, self.keys // self.keys.dtype.type(divisor), packing)
        keys, packing = pack([self.codes[:, at] for at in places], [level.n for level in levels], self.n_cells)
        order = np.argsort(keys, kind="stable")
        return self._merged(wanted, levels, keys[order], packing, order)

    def drop(self, columns: Iterable[str]) -> FrequencyTable:
        """Return the table without some columns."""
        gone = check_names(columns, "columns")
        check_columns(gone, self.columns, "columns")
        return self.keep([name for name in self.columns if name not in gone])

    def classes(self) -> FrequencyTable:
        """Return the table of the quasi-identifiers alone: its cells are the equivalence classes."""
        return self.keep(self.quasi_identifiers)

    def _merged(
        self,
        columns: Sequence[str],
        levels: Sequence[Levels],
        keys: Keys,
        packing: Packing,
        order: NDArray[np.int64] | slice = slice(None),
    ) -> FrequencyTable:
        """Return the table of coarser keys, given in rising order; ``order`` tells whose each is."""
        if self.persons is None:
            keys, counts = squeeze(keys, self.counts[order])
            return FrequencyTable(columns, levels, keys, counts, packing, roles=self.roles, engine=self.engine)
        starts = run_starts(keys)
        cell_of = np.empty(self.n_cells, np.int64)
        cell_of[order] = np.cumsum(starts) - 1
        persons = regrouped(self.persons, cell_of)
        keys = keys[starts]
        counts = people_per_cell(persons, len(keys))
        return FrequencyTable(
            columns, levels, keys, counts, packing, roles=self.roles, engine=self.engine, persons=persons
        )

    def __repr__(self) -> str:
        cells = ngettext("{n:,} combination", "{n:,} combinations", self.n_cells).format(n=self.n_cells)
        records = ngettext("{n:,} record", "{n:,} records", self.n_records).format(n=self.n_records)
        if self.persons is not None:
            records += ngettext(" of {n:,} person", " of {n:,} persons", self.n_people).format(n=self.n_people)
        return f"FrequencyTable({cells}, {records}, columns={list(self.columns)})"


def pack(columns: Sequence[Codes], radices: Sequence[int], n_rows: int) -> tuple[Keys, Packing]:
    """Return one key a row from the codes of several columns, with NumPy.

    Keys never collide: where the product of the radices would pass 64 bits, the keys so far are numbered anew.
    """
    packing = Packing(())
    keys: Keys = np.zeros(n_rows, np.uint64)
    for codes, radix in zip(columns, radices, strict=True):
        if packing.space * radix >= KEY_SPACE:
            dictionary, numbers = np.unique(keys, return_inverse=True)
            packing = Packing((), dictionary, packing)
            keys = numbers.astype(np.uint64)
        keys = keys * np.uint64(radix) + codes.astype(np.uint64)
        packing = Packing((*packing.radices, radix), packing.dictionary, packing.before)
    return keys.astype(key_type(packing.space)), packing
