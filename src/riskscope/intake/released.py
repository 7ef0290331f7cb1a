"""A released column beside the original one: what each released value says of the values that are known.

All values of both lie on one axis of ranks. What is known of a person is a range of it (a single value, mostly), a
released value is one range or several; a record fits a person where they overlap in every column.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import shown
from riskscope.engines.columns import as_frame
from riskscope.engines.encode import Coded
from riskscope.engines.memory import coded_columns
from riskscope.errors import RoleError
from riskscope.hierarchy import Hierarchy, text_of
from riskscope.intake import released_forms as forms
from riskscope.intake import released_scales as scales
from riskscope.intake.released_forms import Reading
from riskscope.intake.released_scales import HIGHEST, LOWEST, Cut, Scale, Span
from riskscope.words import _

Ranks = NDArray[np.int32]


class Distinct(NamedTuple):
    """The distinct values of a column in the order of their codes, the missing one (None) included, and how often."""

    values: list[Any]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class ReleasedColumn:
    """A released column understood: ranges of ranks for each code of the original and of the released column.

    Parameters
    ----------
    column : str
        Its name.
    known : int32 array (n_original_codes, 2)
        What is known of a person with that code: half-open range of ranks.
    first, ranges : int32 arrays (n_released_codes + 1,), (n_ranges, 2)
        The ranges of released code ``c`` are ``ranges[first[c]:first[c + 1]]``, one at least. The last rank
        is of released values that cover nothing: only persons of whom nothing is known overlap it.
    forms : mapping of form to records
        How often the release writes each form (see ``released_forms.FORMS``).
    n_outside : int
        Records whose value is understood, but covers no value of the original.
    """

    column: str
    known: Ranks = field(repr=False)
    first: Ranks = field(repr=False)
    ranges: Ranks = field(repr=False)
    forms: Mapping[str, int]
    n_outside: int

    def sentence(self) -> str:
        """Return how the release writes the column, in words."""
        told = [
            _("{n:,} {form}").format(n=self.forms[form], form=_(words))
            for form, words in forms.FORMS.items()
            if self.forms.get(form)
        ]
        said = _("{column}: {forms}.").format(column=shown(self.column), forms=", ".join(told) or _("no records"))
        if self.n_outside:
            said += " " + _("Of them, {n:,} cover no value of the original, and fit nobody known exactly.").format(
                n=self.n_outside
            )
        return said


def distinct_columns(data: Any, names: Sequence[str]) -> tuple[list[Coded], list[Distinct]]:
    """Return the codes of the named columns, and the distinct values of each as Python's own."""
    coded = coded_columns(data, names)
    frame = as_frame(data)
    found = []
    for name, column in zip(names, coded, strict=True):
        values = column.levels.to_list()
        if str(frame[name].dtype) == "Object":  # values of mixed kinds come as texts that name the kind
            values = [_without_kind(value) for value in values]
        counts = np.bincount(column.codes, minlength=column.levels.n).astype(np.int64)
        found.append(Distinct([None] * column.levels.has_missing + values, counts))
    return coded, found


def _without_kind(value: Any) -> Any:
    return (
        re.sub(r"( \((number|bool|date|datetime|Decimal|Interval)\))?(\x00\d+)?$", "", value) if _is(value) else value
    )


def _is(value: Any) -> bool:
    return isinstance(value, str)


def read_released(
    column: str,
    original: Distinct,
    released: Distinct,
    *,
    exactness: str | float = "exact",
    hierarchy: Hierarchy | None = None,
) -> ReleasedColumn:
    """Understand a released column beside the original one.

    Parameters
    ----------
    column : str
        Its name, for messages.
    original, released : Distinct
        The distinct values of both.
    exactness : "exact", number, "year" or "month", default "exact"
        How exactly the original value of a person is known: to within so much (days, of dates), or the year or month
        of a date.
    hierarchy : Hierarchy, optional
        Says which original values stand under a released one. For values that it does not cover, and for released
        values that it does not name, the text is read.

    Returns
    -------
    ReleasedColumn
        Ranges of ranks for both.

    Raises
    ------
    RoleError
        A number or a part of a date is known of a column that holds none.

    Notes
    -----
    A released value that is a value of the original is that value, whatever else it looks like. Missing and empty
    values say nothing, on both sides: they fit everything. Of masked codes each star stands for one character; where
    no original value of that length fits, closing stars stand for any ending. A range "20-29" covers all below 30,
    unless ranges of the column share their ends. Moments that all lie at the start of a year (a month, a day), as
    original ones do not, are cut to it. Where the lower end of an interval lies above the upper one, the value is not
    understood: swapping the ends would be a guess.

    Examples
    --------
    >>> ages = Distinct([34, 38, 41], np.array([1, 1, 2]))
    >>> read = read_released("age", ages, Distinct(["[30, 40[", "41", "*"], np.array([2, 1, 1])))
    >>> print(read.sentence())
    'age': 1 exact values, 2 intervals, 1 suppressed values, which fit everybody.
    """
    return _Reader(column, original, released, exactness, hierarchy).read()


#: What a released value covers: spans of the scale, and values of the original by their places; all, or nothing.
class _Covered(NamedTuple):
    form: str
    span: Span | None = None
    places: Sequence[int] = ()
    is_all: bool = False


class _Reader:
    """One column while it is read."""

    def __init__(
        self,
        column: str,
        original: Distinct,
        released: Distinct,
        exactness: str | float,
        hierarchy: Hierarchy | None,
    ) -> None:
        self.column, self.original, self.released, self.exactness = column, original, released, exactness
        self.is_known = [value is not None and text_of(value).strip() != "" for value in original.values]
        self.values = [value for value, is_known in zip(original.values, self.is_known, strict=True) if is_known]
        self.written = [text_of(value) for value in self.values]
        self.texts = [text.strip() for text in self.written]
        self.scale = scales.scale_of(self.values)
        self.spans = [None if self.scale is None else scales.span_of(value, self.scale) for value in self.values]
        self.by_written = _places(self.written)
        self.by_text = _places(self.texts)
        self.by_span = _places(self.spans)
        self.paths = [() if hierarchy is None else tuple(hierarchy.paths.get(text, ())) for text in self.texts]
        self.under = _places_under(self.paths)
        self.shared_ends = self.scale is not None and forms.share_ends(released.values, self.scale)
        self.sorted_texts: list[tuple[str, int]] = []
        self.finest = min((_width(span) for span in self.spans if span is not None), default=0.0)
        self.unit = ""
        if self.scale is not None and self.scale.is_dates:
            counts = original.counts[np.array(self.is_known, bool)]
            self.unit = scales.cut_unit((self.values, counts), released)

    def read(self) -> ReleasedColumn:
        covered = [self._covered(value) for value in self.released.values]
        people = self._people()
        axis = self._axis(covered, people)
        known = np.empty((len(self.original.values), 2), np.int32)
        known[:] = (0, axis.size)
        places = [axis.items[place] if span is None else axis.of(span) for place, span in enumerate(people)]
        known[np.flatnonzero(self.is_known)] = np.array(places, np.int32).reshape(-1, 2)
        ranges = [axis.ranges(each) for each in covered]
        first = np.concatenate(([0], np.cumsum([len(each) for each in ranges]))).astype(np.int32)
        flat = np.array(list(itertools.chain.from_iterable(ranges)), np.int32).reshape(-1, 2)
        counts: dict[str, int] = {}
        for each, n in zip(covered, self.released.counts, strict=True):
            counts[each.form] = counts.get(each.form, 0) + int(n)
        return ReleasedColumn(self.column, known, first, flat, counts, self._outside(covered, first, flat, axis))

    def _outside(self, covered: list[_Covered], first: Ranks, ranges: Ranks, axis: _Axis) -> int:
        """Return the records whose value is understood and covers no original value."""
        if not covered:
            return 0
        starts, stops = np.sort(np.array(axis.items, np.int64).reshape(-1, 2), axis=0).T
        n_inside = np.searchsorted(starts, ranges[:, 1]) - np.searchsorted(stops, ranges[:, 0], "right")
        is_inside = np.logical_or.reduceat(n_inside > 0, first[:-1])
        passed_over = (forms.SUPPRESSED, forms.UNKNOWN, forms.REVERSED)
        is_understood = np.array([each.form not in passed_over for each in covered])
        return int(self.released.counts[is_understood & ~is_inside].sum())

    def _people(self) -> list[Span | None]:
        """Return the span known of a person with each original value; None for a value that is off the scale."""
        if self.exactness == "exact":
            return self.spans
        is_part = isinstance(self.exactness, str)
        if self.scale is None or (is_part and not self.scale.is_dates):
            if not self.values:
                return self.spans
            raise RoleError(
                _(
                    "The attacker knows {how} of {column}, which holds no {kind}; say that it is known 'exact', or "
                    "turn the column into {kind}."
                ).format(
                    how=repr(self.exactness) if is_part else _("a number to within {n}").format(n=self.exactness),
                    column=shown(self.column),
                    kind=_("dates (2024-05-17)") if is_part else _("numbers"),
                )
            )
        return [None if span is None else self._blurred(span, self.scale) for span in self.spans]

    def _blurred(self, span: Span, scale: Scale) -> Span:
        if isinstance(self.exactness, str):
            low, high = scales.span_of_unit(span[0][0], self.exactness), span
            return low[0], max(low[1], high[1])
        if not scale.is_dates:
            return scales.around(span, self.exactness)
        distance = round(self.exactness * scales.DAY)
        return (span[0][0] - distance, span[0][1]), (span[1][0] + distance, span[1][1])

    def _axis(self, covered: list[_Covered], people: list[Span | None]) -> _Axis:
        spans = [span for span in (*self.spans, *people, *(each.span for each in covered)) if span is not None]
        off = [place for place, span in enumerate(self.spans) if span is None]
        off.sort(key=lambda place: (*reversed(self.paths[place]), self.texts[place]))
        return _Axis(spans, self.spans, off)

    def _covered(self, value: Any) -> _Covered:
        """Return what a released value covers."""
        if value is None:
            return _Covered(forms.SUPPRESSED, is_all=True)
        written = text_of(value)
        text = written.strip()
        if text == "":
            return _Covered(forms.SUPPRESSED, is_all=True)
        if text in self.under:
            return self._group(value, written, text)
        return self._exact(value, written, text) or self._read(value, text)

    def _group(self, value: Any, written: str, text: str) -> _Covered:
        """Return what the hierarchy puts under a value; values that it does not cover are read."""
        places = self.under[text]
        if places == self.by_text.get(text):
            return self._exact(value, written, text) or _Covered(forms.EXACT, places=places)
        read = self._read(value, text)
        if read.is_all:
            return read
        form = forms.GROUP if read.form in (forms.UNKNOWN, forms.REVERSED, forms.EXACT) else read.form
        beyond: list[int] = [place for place in read.places if not self.paths[place]]
        if read.span is not None:
            low, high = read.span
            for place, span in enumerate(self.spans):
                if not self.paths[place] and span is not None and span[0] < high and low < span[1]:
                    beyond.append(place)
        return _Covered(form, places=sorted({*places, *beyond}))

    def _exact(self, value: Any, written: str, text: str) -> _Covered | None:
        """Return the values of the original that a released one is, or None."""
        if self.scale is not None and self.scale.is_dates:
            return None  # a moment may stand for a year: dates are read
        found = self.by_written.get(written)
        if found is not None:
            return _Covered(forms.EXACT, places=found)
        span = None if self.scale is None else scales.span_of(value, self.scale)
        found = None if span is None else self.by_span.get(span)
        if found is not None:
            return _Covered(forms.EXACT, places=found)
        found = self.by_text.get(text)
        return None if found is None else _Covered(forms.TRIMMED, places=found)

    def _read(self, value: Any, text: str) -> _Covered:
        """Return what a released value that is no value of the original says."""
        if forms.is_suppressed(text):
            return _Covered(forms.SUPPRESSED, is_all=True)
        if self.scale is not None:
            read = self._on_scale(value, text, self.scale)
            if read is not None:
                return _Covered(read.form, span=read.span)
        if "*" in text:
            return _Covered(forms.MASK, places=self._masked(text))
        found = self.by_text.get(text)
        if found is not None:
            return _Covered(forms.EXACT, places=found)
        members = self._members(text)
        return _Covered(forms.UNKNOWN) if members is None else _Covered(forms.SET, places=members)

    def _on_scale(self, value: Any, text: str, scale: Scale) -> Reading | None:
        span = scales.span_of(value, scale)
        if span is None:
            return forms.read_text(text, scale, self.shared_ends)
        if not scale.is_dates:
            return Reading(forms.EXACT, span)
        if self.unit and scales.unit_of_value(value) in scales.UNITS[: scales.UNITS.index(self.unit)]:
            return Reading(forms.CUT_DATE, scales.span_of_unit(span[0][0], self.unit))
        return Reading(forms.EXACT if self._is_finest(span) else forms.CUT_DATE, span)

    def _is_finest(self, span: Span) -> bool:
        """Tell whether a released date is as exact as those of the original."""
        return _width(span) <= self.finest or span in self.by_span

    def _masked(self, text: str) -> list[int]:
        """Return the values that a code with stars in it covers."""
        if not self.sorted_texts:
            self.sorted_texts = sorted((text, place) for place, text in enumerate(self.texts))
        prefix = text[: text.index("*")]
        low = bisect.bisect_left(self.sorted_texts, (prefix, -1))
        begun = itertools.takewhile(
            lambda each: each[0].startswith(prefix), itertools.islice(self.sorted_texts, low, None)
        )
        candidates = list(begun)
        pattern = re.compile("".join("." if letter == "*" else re.escape(letter) for letter in text), re.DOTALL)
        found = [place for each, place in candidates if pattern.fullmatch(each)]
        if not found and text.rstrip("*") == prefix:
            found = [place for each, place in candidates if len(each) > len(prefix)]
        return sorted(found)

    def _members(self, text: str) -> list[int] | None:
        """Return the values of a set: "{A, B}", or "A | B" where each is a value of the original."""
        braced = re.fullmatch(r"\{(.+)\}", text, re.DOTALL)
        if braced is None and "|" not in text:
            return None
        inner = text if braced is None else braced[1]
        mark = next(mark for mark in "|;," if mark in inner or mark == ",")
        parts = [part.strip().strip("'\"") for part in inner.split(mark)]
        found = [self._exact(part, part, part) for part in parts]
        if braced is None and any(each is None for each in found):
            return None
        if all(each is None for each in found):
            return None
        return sorted({place for each in found if each is not None for place in each.places})


class _Axis:
    """Ranks: those of the scale first (from cut to cut), then one for each value that is off the scale.

    The last one is for released values that cover nothing: only those of whom nothing is known may fit them.
    """

    def __init__(self, spans: Sequence[Span], items: Sequence[Span | None], off: Sequence[int]) -> None:
        cuts: set[Cut] = {LOWEST, HIGHEST} if spans else set()
        for span in spans:
            cuts.update(span)
        self.ranks = {cut: rank for rank, cut in enumerate(sorted(cuts))}
        base = max(0, len(self.ranks) - 1)
        self.elsewhere = base + len(off)
        self.size = self.elsewhere + 1
        where = {place: base + at for at, place in enumerate(off)}
        self.items = [
            (where[place], where[place] + 1) if span is None else self.of(span) for place, span in enumerate(items)
        ]
        order = sorted(range(len(items)), key=self.items.__getitem__)
        self.turn = {place: at for at, place in enumerate(order)}

    def of(self, span: Span) -> tuple[int, int]:
        return self.ranks[span[0]], self.ranks[span[1]]

    def ranges(self, covered: _Covered) -> list[tuple[int, int]]:
        """Return what a released value covers as ranges; values that follow one another become one."""
        if covered.is_all:
            return [(0, self.size)]
        if covered.span is not None:
            return [self.of(covered.span)]
        found: list[tuple[int, int]] = []
        last = -2
        for place in sorted(covered.places, key=self.turn.__getitem__):
            low, high = self.items[place]
            if self.turn[place] == last + 1 and found:
                found[-1] = (found[-1][0], max(high, found[-1][1]))
            else:
                found.append((low, high))
            last = self.turn[place]
        return found or [(self.elsewhere, self.size)]


def _places(keys: Iterable[Any]) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = {}
    for place, key in enumerate(keys):
        if key is not None:
            found.setdefault(key, []).append(place)
    return found


def _places_under(paths: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    """Return the places of the values under each label of a hierarchy, themselves included."""
    found: dict[str, list[int]] = {}
    for place, path in enumerate(paths):
        for label in dict.fromkeys(label.strip() for label in path):
            found.setdefault(label, []).append(place)
    return found


def _width(span: Span) -> float:
    return float(span[1][0] - span[0][0])
