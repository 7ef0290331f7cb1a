"""The scales on which values lie, numbers and dates: which span of its scale a written value covers.

A span goes from one cut to another; a cut lies before or after a value, so that no value is ever rounded.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: A place on a scale: just before (0) or just after (1) a value.
Cut = tuple[Any, int]
#: From one cut to another.
Span = tuple[Cut, Cut]

LOWEST: Cut = (-math.inf, 0)
HIGHEST: Cut = (math.inf, 1)

#: Values, and how often each occurs.
_Counted = tuple[Sequence[Any], NDArray[np.int64]]

#: So seldom may chance put every released date at the start of a year, before they are read as cut to the year.
_CHANCE = 1e-6


@dataclass(frozen=True)
class Scale:
    """Numbers, or dates: how one point of it is written, and the span that a written point covers."""

    is_dates: bool
    pattern: str
    span: Callable[[str], Span | None]
    #: The span of a point written as the end of a range: "29" of "20-29" reaches up to 30.
    as_end: Callable[[str], Span | None]


_NUMBER = r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,4})?"


def number_of(text: str) -> int | float | None:
    """Return the number that a text is, whole where it is whole; None where it is none.

    Examples
    --------
    >>> number_of("39.0"), number_of(" 39"), number_of("0.5"), number_of("39 years")
    (39, 39, 0.5, None)
    """
    text = text.strip().replace("−", "-")
    if re.fullmatch(_NUMBER, text) is None:
        return None
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    number = float(text)
    return None if math.isinf(number) else int(number) if number.is_integer() else number


def point_of(number: Any) -> Span:
    """Return the span of one number."""
    return (number, 0), (number, 1)


def _number_span(text: str) -> Span | None:
    number = number_of(text)
    return None if number is None else point_of(number)


def _number_as_end(text: str) -> Span | None:
    """Return the span from a number up to the next one written with as many decimals."""
    number = number_of(text)
    if number is None:
        return None
    written = Decimal(text.strip().replace("−", "-"))
    step = Decimal(1).scaleb(min(0, int(written.as_tuple().exponent)))
    return (number, 0), (number_of(str(written + step)), 0)


def around(span: Span, distance: float) -> Span:
    """Return the span of all numbers to within a distance of one, as exact as they are written."""
    low, high = Decimal(str(span[0][0])), Decimal(str(span[1][0]))
    return (_tidy(low - Decimal(str(distance))), 0), (_tidy(high + Decimal(str(distance))), 1)


def _tidy(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


_DATE = r"\d{4}(?:-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?)?)?"
#: Microseconds of a day.
DAY = 86_400_000_000
#: How exactly a date is written, the finest first.
UNITS = ("moment", "day", "month", "year")


def moment_of(value: dt.date) -> int:
    """Return the microseconds from the year 1 to a date or a moment (of UTC, where it has a zone)."""
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(dt.UTC).replace(tzinfo=None)
        return (value - dt.datetime(1, 1, 1)) // dt.timedelta(microseconds=1)
    return (value.toordinal() - 1) * DAY


def unit_of(text: str) -> str:
    """Return how exactly a date that a text is written: "year", "month", "day" or "moment"."""
    return {4: "year", 7: "month", 10: "day"}.get(len(text), "moment")


def span_of_unit(moment: int, unit: str) -> Span:
    """Return the span of the year, month or day in which a moment lies; of the moment alone for "moment".

    Examples
    --------
    >>> span_of_unit(moment_of(dt.date(2024, 5, 17)), "month") == DATES.span("2024-05")
    True
    """
    if unit == "moment":
        return point_of(moment)
    day = dt.date.fromordinal(moment // DAY + 1)
    if unit == "day":
        return (moment // DAY * DAY, 0), ((moment // DAY + 1) * DAY, 0)
    first = day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)
    years, months = divmod(first.month, 12) if unit == "month" else (1, 0)
    if first.year + years > dt.MAXYEAR:
        return (moment_of(first), 0), HIGHEST
    return (moment_of(first), 0), (moment_of(dt.date(first.year + years, months + 1, 1)), 0)


def _date_span(text: str) -> Span | None:
    if re.fullmatch(_DATE, text) is None:
        return None
    unit = unit_of(text)
    try:
        whole = dt.datetime.fromisoformat(text + {"year": "-01-01", "month": "-01"}.get(unit, ""))
    except ValueError:  # a month 13, a day 31 of February, the year 0
        return None
    return span_of_unit(moment_of(whole), unit)


NUMBERS = Scale(False, _NUMBER, _number_span, _number_as_end)
DATES = Scale(True, _DATE, _date_span, _date_span)


def scale_of(values: Collection[Any]) -> Scale | None:
    """Return the scale on which the original values of a column lie, or None for names and codes.

    Texts lie on the scale of numbers if half of them or more are numbers and none has a leading zero, which marks a
    code; on that of dates, if all are written as 2024-05-17 (or cut to the month).
    """
    if not values:
        return None
    if all(isinstance(value, dt.date) for value in values):
        return DATES
    texts = [value.strip() for value in values if isinstance(value, str)]
    numbers = sum(_is_number(value) for value in values)
    if not texts:
        return NUMBERS if numbers == len(values) else None
    if len(texts) == len(values) and all(unit_of(text) != "year" and _date_span(text) is not None for text in texts):
        return DATES
    if any(re.match(r"[+-]?0\d", text) and number_of(text) is not None for text in texts):
        return None
    numbers += sum(number_of(text) is not None for text in texts)
    return NUMBERS if 2 * numbers >= len(values) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def span_of(value: Any, scale: Scale) -> Span | None:
    """Return the span of a value as it is in a column, or None where it does not lie on the scale."""
    if isinstance(value, str):
        return scale.span(value.strip())
    if scale.is_dates:
        if isinstance(value, dt.date):
            return span_of_unit(moment_of(value), "moment" if isinstance(value, dt.datetime) else "day")
        return scale.span(str(value)) if isinstance(value, int) and not isinstance(value, bool) else None
    if not _is_number(value):
        return None
    if not math.isfinite(value):
        return None
    return point_of(int(value) if value == int(value) else float(value))


def unit_of_value(value: Any) -> str:
    """Return how exactly a date is given."""
    if isinstance(value, str):
        return unit_of(value.strip())
    return "moment" if isinstance(value, dt.datetime) else "day" if isinstance(value, dt.date) else "year"


def cut_unit(original: _Counted, released: _Counted) -> str:
    """Return the part of a date to which all released moments were cut, or nothing where chance could be why.

    They all lie at its start, though so few original ones do that chance would put all of them there less than once
    in a million.
    """
    theirs = _moments(*released)
    ours = _moments(*original)
    n_theirs, n_ours = sum(n for _moment, n in theirs), sum(n for _moment, n in ours)
    if not n_theirs or not n_ours:
        return ""
    for unit in reversed(UNITS[1:]):
        share = sum(n for moment, n in ours if _begins(moment, unit)) / n_ours
        if all(_begins(moment, unit) for moment, _n in theirs) and share**n_theirs < _CHANCE:
            return str(unit)
    return ""


def _begins(moment: int, unit: str) -> bool:
    """Tell whether a year, month or day begins with a moment."""
    return bool(span_of_unit(moment, unit)[0][0] == moment)


def _moments(values: Sequence[Any], counts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return the days and moments among values, each with its count."""
    found = []
    for value, n in zip(values, counts.tolist(), strict=True):
        span = None if value is None else span_of(value, DATES)
        if span is not None and unit_of_value(value) in ("day", "moment"):
            found.append((span[0][0], n))
    return found
