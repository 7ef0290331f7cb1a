"""How one released value is written: an interval, a bound, a decade, on a scale of numbers or of dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from riskscope.intake.released_scales import HIGHEST, LOWEST, Cut, Scale, Span
from riskscope.words import N_

EXACT, TRIMMED, INTERVAL, BOUND, MASK = "exact", "trimmed", "interval", "bound", "mask"
GROUP, SET, CUT_DATE, SUPPRESSED, REVERSED, UNKNOWN = "group", "set", "cut date", "suppressed", "reversed", "unknown"

#: Every form with its words, in the order in which they are told.
FORMS = {
    EXACT: N_("exact values"),
    TRIMMED: N_("exact values beside which only blanks differ"),
    INTERVAL: N_("intervals"),
    BOUND: N_("bounds, such as 60 and over"),
    MASK: N_("codes with masked characters"),
    GROUP: N_("groups of a hierarchy"),
    SET: N_("sets of values"),
    CUT_DATE: N_("dates cut short"),
    SUPPRESSED: N_("suppressed values, which fit everybody"),
    REVERSED: N_("intervals whose ends are reversed, which fit nobody"),
    UNKNOWN: N_("values not understood, which fit nobody"),
}


class Reading(NamedTuple):
    """What one text is: its form, and the span that it covers (None where it covers nothing)."""

    form: str
    span: Span | None


_SEPARATOR = r"\s*(?:,|;|-|–|—|\.{2,3}|…|\bto\b)\s*"
_RANGE_SEPARATOR = r"\s*(?:-|–|—|\.{2,3}|…|\bto\b)\s*"
_BELOW, _UP_TO = r"<|under |below |less than ", r"≤|<=|=<|⩽"
_ABOVE, _FROM = r">|over |above |more than ", r"≥|>=|=>|⩾|at least "
_AND = r"(?:and|or) "


def is_suppressed(text: str) -> bool:
    """Tell a text that says nothing: empty, or of stars alone."""
    return not text.strip("* ")


def read_text(text: str, scale: Scale, shared_ends: bool = False) -> Reading | None:
    """Return what a text says on a scale, or None where it is none of the forms.

    Parameters
    ----------
    text : without blanks around it
    scale : NUMBERS or DATES
    shared_ends : bool, default False
        Whether ranges of the column share their ends, as 20-30 beside 30-40: a range then reaches up to its end;
        else 20-29 covers everything below 30.

    Examples
    --------
    >>> from riskscope.intake.released_scales import NUMBERS
    >>> read_text("[20, 30[", NUMBERS)
    Reading(form='interval', span=((20, 0), (30, 0)))
    >>> read_text("20-29", NUMBERS).span, read_text("≥ 60", NUMBERS).span
    (((20, 0), (30, 0)), ((60, 0), (inf, 1)))
    """
    point = scale.span(text)
    if point is not None:
        return Reading(EXACT, point)
    return _bracketed(text, scale) or _from_to(text, scale, shared_ends) or _bound(text, scale) or _decade(text, scale)


def range_ends(text: str, scale: Scale) -> tuple[Cut, Cut] | None:
    """Return the places of both ends of a range without brackets ("20-29"), or None where it is none."""
    found = re.fullmatch(f"({scale.pattern}){_RANGE_SEPARATOR}({scale.pattern})", text, re.IGNORECASE)
    if found is None or scale.span(text) is not None:
        return None
    low, high = scale.span(found[1]), scale.span(found[2])
    return None if low is None or high is None else (low[0], high[0])


def share_ends(values: Sequence[Any], scale: Scale) -> bool:
    """Tell whether ranges such as 20-30 and 30-40 of one column share their ends."""
    texts = [value.strip() for value in values if isinstance(value, str)]
    ends = [each for each in (range_ends(text, scale) for text in texts) if each is not None]
    lows = {low for low, _high in ends}
    return any(high in lows and low != high for low, high in ends)


def _bracketed(text: str, scale: Scale) -> Reading | None:
    end = f"{scale.pattern}|[+-]?(?:inf|infinity|∞)"
    found = re.fullmatch(rf"([\[\](])\s*({end}){_SEPARATOR}({end})\s*([\[\])])", text, re.IGNORECASE)
    if found is None:
        return None
    low, high = _end(found[2], scale, LOWEST), _end(found[3], scale, HIGHEST)
    if low is None or high is None:
        return None
    if low[0] > high[0]:
        return Reading(REVERSED, None)
    return _spanned(low[0] if found[1] == "[" else low[1], high[1] if found[4] == "]" else high[0])


def _end(text: str, scale: Scale, unbounded: Cut) -> Span | None:
    return (unbounded, unbounded) if text.lower().lstrip("+-") in ("inf", "infinity", "∞") else scale.span(text)


def _spanned(low: Cut, high: Cut, form: str = INTERVAL) -> Reading:
    return Reading(form, (low, high) if low < high else None)


def _from_to(text: str, scale: Scale, shared_ends: bool) -> Reading | None:
    found = re.fullmatch(f"({scale.pattern}){_RANGE_SEPARATOR}(<|under |below )?({scale.pattern})", text, re.IGNORECASE)
    if found is None:
        return None
    low = scale.span(found[1])
    high = (scale.span if shared_ends or found[2] else scale.as_end)(found[3])
    if low is None or high is None:
        return None
    if low[0] > high[0]:
        return Reading(REVERSED, None)
    return _spanned(low[0], high[0] if found[2] else high[1])


def _bound(text: str, scale: Scale) -> Reading | None:
    before = re.fullmatch(rf"({_BELOW}|{_UP_TO}|up to |at most |{_ABOVE}|{_FROM})\s*({scale.pattern})", text, re.I)
    if before is not None:
        how, point = before[1], scale.span(before[2])
        if point is None:
            return None
        if re.fullmatch(_BELOW, how, re.I):
            return _spanned(LOWEST, point[0], BOUND)
        if re.fullmatch(_UP_TO, how, re.I):
            return _spanned(LOWEST, point[1], BOUND)
        if re.fullmatch(_ABOVE, how, re.I):
            return _spanned(point[1], HIGHEST, BOUND)
        if re.fullmatch(_FROM, how, re.I):
            return _spanned(point[0], HIGHEST, BOUND)
        whole = scale.as_end(before[2])
        return None if whole is None else _spanned(LOWEST, whole[1], BOUND)
    after = re.fullmatch(
        rf"({scale.pattern})\s*(?:(\+|{_AND}(?:over|above|more|older|later))|{_AND}(?:under|below|less|younger|earlier))",
        text,
        re.IGNORECASE,
    )
    if after is None:
        return None
    if after[2]:
        low = scale.span(after[1])
        return None if low is None else _spanned(low[0], HIGHEST, BOUND)
    high = scale.as_end(after[1])
    return None if high is None else _spanned(LOWEST, high[1], BOUND)


def _decade(text: str, scale: Scale) -> Reading | None:
    """Read "30s", "1990s"; not "1900s", which may be ten years or a hundred."""
    found = re.fullmatch(r"(\d{0,3}[1-9]0)s", text)
    if found is None:
        return None
    first, last = scale.span(found[1]), scale.as_end(str(int(found[1]) + 9))
    if first is None or last is None:
        return None
    return _spanned(first[0], last[1], INTERVAL if not scale.is_dates else CUT_DATE)
