"""Who fits which released record: what an attacker knows of a person beside what the release says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscope.attacks.fitting import Column, Flags, Numbers, Places, Ranks, Sets, coded, combinations, overlap, summed
from riskscope.attacks.knowledge import EXACT, Knowledge
from riskscope.checks import shown
from riskscope.errors import FrameError, RoleError
from riskscope.hierarchy import Hierarchy
from riskscope.intake.released import ReleasedColumn, distinct_columns, read_released
from riskscope.words import _


@dataclass(frozen=True)
class Forms:
    """How the release writes each column that the attacker knows."""

    columns: tuple[ReleasedColumn, ...]

    def counts(self) -> dict[str, dict[str, int]]:
        """Return for each column how many records have each form ("exact", "interval", "suppressed", …)."""
        return {column.column: dict(column.forms) for column in self.columns}

    def sentence(self) -> str:
        """Return how the release was understood, in words; no cell's content."""
        told = " ".join(column.sentence() for column in self.columns)
        return _("How the release writes what the attacker knows: {columns}").format(columns=told)


@dataclass(frozen=True)
class Matches:
    """Which released records fit which persons, as combinations rather than records.

    Parameters
    ----------
    n_original, n_released : int
        Records on both sides.
    forms : Forms
        How the release writes the columns.
    columns : one for each column known
    known, said : int32 arrays (n_combinations, n_columns)
        The distinct combinations: of ``Column.spans`` and ``Column.sets``.
    person_of, record_of : int64 arrays (n_original,), (n_released,)
        The combination of each record.
    """

    n_original: int
    n_released: int
    forms: Forms
    columns: tuple[Column, ...] = field(repr=False)
    known: Ranks = field(repr=False)
    said: Ranks = field(repr=False)
    person_of: Places = field(repr=False)
    record_of: Places = field(repr=False)

    @cached_property
    def n_fitting(self) -> Places:
        """How many released records fit each person, (n_original,)."""
        n_records = np.bincount(self.record_of, minlength=len(self.said)).astype(np.float64)
        return (
            summed(self.columns, self.known, self.said, n_records[:, None])[:, 0]
            .round()
            .astype(np.int64)[self.person_of]
        )

    def sums(self, weights: ArrayLike) -> Numbers:
        """Return for each person the sums of weights over the released records that fit.

        Parameters
        ----------
        weights : numbers (n_released, t)

        Returns
        -------
        float64 array (n_original, t)
        """
        given = np.asarray(weights, np.float64)
        if given.ndim != 2 or len(given) != self.n_released:
            raise FrameError(
                _("The weights have the shape {shape}; they need one row for each of the {n} released records.").format(
                    shape=" x ".join(map(str, given.shape)), n=self.n_released
                )
            )
        totals = np.empty((len(self.said), given.shape[1]))
        for at, column in enumerate(given.T):
            totals[:, at] = np.bincount(self.record_of, weights=column, minlength=len(self.said))
        return summed(self.columns, self.known, self.said, totals)[self.person_of]

    def fits(self, rows: ArrayLike) -> Flags:
        """Return whether released record ``rows[i]`` fits person ``i``; a row of -1 fits nobody."""
        wanted = np.asarray(rows, np.int64)
        if wanted.shape != (self.n_original,) or (
            len(wanted) and not -1 <= wanted.min() <= wanted.max() < self.n_released
        ):
            raise FrameError(
                _(
                    "The rows have the shape {shape}; they need for each of the {n} original records a position in the "
                    "release, or -1."
                ).format(shape=" x ".join(map(str, wanted.shape)), n=self.n_original)
            )
        fitting = wanted >= 0
        some = np.flatnonzero(fitting)
        ours, theirs = self.known[self.person_of[some]], self.said[self.record_of[wanted[some]]]
        for at, column in enumerate(self.columns):
            pairs, which = np.unique(
                ours[:, at].astype(np.int64) * max(1, column.sets.n) + theirs[:, at], return_inverse=True
            )
            spans, places = np.divmod(pairs, max(1, column.sets.n))
            fitting[some] &= overlap(column.spans[spans], column.sets, places)[which]
        return fitting

    def records(self, person: int) -> Places:
        """Return the positions of the released records that fit one person."""
        fitting = np.ones(len(self.said), bool)
        for at, column in enumerate(self.columns):
            span = column.spans[self.known[self.person_of[person], at]]
            places = np.arange(column.sets.n)
            hit = overlap(np.broadcast_to(span, (len(places), 2)), column.sets, places)
            fitting &= hit[self.said[:, at]]
        return np.flatnonzero(fitting[self.record_of])


def match(
    original: Any, released: Any, knowledge: Knowledge, hierarchies: Mapping[str, Hierarchy] | None = None
) -> Matches:
    """Return which released records fit what an attacker knows of each person in the original.

    A generalised value fits every value under it, a suppressed or missing one fits everybody, and of a person whose
    value is missing in the original the attacker knows nothing in that column.

    Parameters
    ----------
    original, released : pandas, Polars or PyArrow data frames
        Both with the columns known.
    knowledge : Knowledge
        The columns that the attacker knows, and how exactly.
    hierarchies : mapping of column to Hierarchy, optional
        Where the release has groups of values.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [34, 38, 41], "zip": ["75011", "75020", "69001"]})
    >>> release = pd.DataFrame({"age": ["[30, 40[", "[30, 40[", "*"], "zip": ["75***", "75***", "69***"]})
    >>> match(people, release, Knowledge(("age", "zip"))).n_fitting.tolist()
    [2, 2, 1]
    """
    names = knowledge.columns
    if not names:
        raise RoleError(_("The attacker knows no column; name at least one."))
    hierarchies = hierarchies or {}
    ours, our_values = distinct_columns(original, names)
    theirs, their_values = distinct_columns(released, names)
    read = tuple(
        read_released(
            name,
            our_values[at],
            their_values[at],
            exactness=knowledge.exactness.get(name, EXACT),
            hierarchy=_hierarchy(hierarchies, name),
        )
        for at, name in enumerate(names)
    )
    columns, known, said = [], [], []
    for at, column in enumerate(read):
        ours_coarse, theirs_coarse = _coarsened(column)
        spans, our_place = np.unique(ours_coarse, axis=0, return_inverse=True)
        sets, their_place = _distinct_sets(Sets(column.first, theirs_coarse))
        columns.append(Column(spans, sets))
        known.append(coded(_taken(our_place.ravel(), ours[at].codes), len(spans)))
        said.append(coded(_taken(their_place, theirs[at].codes), sets.n))
    persons, person_of = combinations(known)
    records, record_of = combinations(said)
    return Matches(len(person_of), len(record_of), Forms(read), tuple(columns), persons, records, person_of, record_of)


def _hierarchy(hierarchies: Mapping[str, Hierarchy], name: str) -> Hierarchy | None:
    found = hierarchies.get(name)
    if found is not None and not isinstance(found, Hierarchy):
        raise RoleError(
            _("hierarchies holds {kind} for {column}; give a riskscope.Hierarchy.").format(
                kind=type(found).__name__, column=shown(name)
            )
        )
    return found


def _distinct_sets(sets: Sets) -> tuple[Sets, Places]:
    """Return the distinct sets of ranges, and which of them each place has."""
    known: dict[bytes, int] = {}
    place_of = np.empty(sets.n, np.int64)
    kept: list[Ranks] = []
    for place in range(sets.n):
        ranges = sets.ranges[sets.first[place] : sets.first[place + 1]]
        place_of[place] = known.setdefault(ranges.tobytes(), len(known))
        if len(known) > len(kept):
            kept.append(ranges)
    first = np.concatenate(([0], np.cumsum([len(ranges) for ranges in kept]))).astype(np.int32)
    return Sets(first, np.concatenate(kept) if kept else np.empty((0, 2), np.int32)), place_of


def _coarsened(column: ReleasedColumn) -> tuple[Ranks, Ranks]:
    """Return the ranges of both sides on an axis cut only where a released range begins or ends.

    What the release does not tell apart becomes one rank: where it has whole groups throughout, so are its values.
    """
    cuts = np.unique(column.ranges)

    def coarse(ranges: Ranks) -> Ranks:
        starts, stops = np.searchsorted(cuts, ranges[:, 0], "right"), np.searchsorted(cuts, ranges[:, 1], "left") + 1
        return np.stack((starts, stops), axis=1).astype(np.int32)

    return coarse(column.known), coarse(column.ranges)


def _taken(places: Places, codes: NDArray[np.integer[Any]]) -> Ranks:
    """Return the place of each code; of no records, none."""
    return places.astype(np.int32)[codes] if len(places) else np.empty(0, np.int32)
