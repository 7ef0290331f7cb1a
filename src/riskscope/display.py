"""How numbers and tables look: as text, and as HTML that survives an untrusted notebook."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from riskscope.words import _

INK, PAPER, LINE, ACCENT = "#1d2430", "#ffffff", "#d5dae2", "#1f5fa8"


#: Fewer people than this are not counted exactly where the count is tied to a value or a group.
MIN_CELL = 10


def count(value: float) -> str:
    """Return a whole number with its thousands set off.

    Examples
    --------
    >>> count(30162)
    '30,162'
    """
    return _marked(f"{round(value):,}")


def guarded_count(value: int, n_others: int) -> str:
    """Return how many cells of a column hold something, coarse where it tells of fewer than ``MIN_CELL`` people.

    Beside the number of records, a count of nearly all cells gives away how few the others are: it is coarse, too.

    Parameters
    ----------
    value : int
        Number of cells.
    n_others : int
        Number of the other cells.

    Examples
    --------
    >>> guarded_count(583, 20_000), guarded_count(3, 20_000), guarded_count(19_997, 3)
    ('583', '<10', '10+')
    """
    if value < MIN_CELL:
        return f"<{MIN_CELL}"
    return count(value) if n_others >= MIN_CELL else f"{MIN_CELL}+"


def share(value: float) -> str:
    """Return a share (0 to 1) as a percentage that never rounds something to nothing, or most to all.

    Examples
    --------
    >>> share(0.6844), share(0.0002), share(0.99996), share(0.0), share(1.0)
    ('68.4 %', '<0.1 %', '>99.9 %', '0 %', '100 %')
    """
    if math.isnan(value):
        return _("undefined")
    if value in (0, 1):
        return f"{100 * value:.0f} %"
    if 0 < value < 0.0005:
        return _marked("<0.1 %")
    if 0.9995 <= value < 1:
        return _marked(">99.9 %")
    return _marked(f"{100 * value:.1f} %")


def number(value: float) -> str:
    """Return a real number to four significant digits.

    Examples
    --------
    >>> number(1.8898815), number(2.0), number(float("inf")), number(-0.0)
    ('1.89', '2', 'infinite', '0')
    """
    if math.isnan(value):
        return _("undefined")
    if math.isinf(value):
        return _("infinite") if value > 0 else _("minus infinite")
    return _marked(f"{value + 0.0:.4g}" if abs(value) < 1e3 else f"{value:,.0f}")  # no minus before nothing


def shares(low: float, high: float) -> str:
    """Return an interval of a share as percentages.

    Examples
    --------
    >>> shares(0.0513, 0.06006), shares(float("nan"), 1.0)
    ('5.1 to 6.0 %', 'undefined')
    """
    if math.isnan(low) or math.isnan(high):
        return _("undefined")
    return _("{low} to {high} %").format(low=_tenths(low), high=_tenths(high))


def points(value: float) -> str:
    """Return a difference of shares in percentage points.

    Examples
    --------
    >>> points(0.1694), points(-0.00042), points(0.0)
    ('16.9 points', '0.0 points', '0.0 points')
    """
    if math.isnan(value):
        return _("undefined")
    return _("{n} points").format(n=_tenths(value))


def points_between(low: float, high: float) -> str:
    """Return an interval of a difference of shares in percentage points.

    Examples
    --------
    >>> points_between(0.138, 0.2118)
    '13.8 to 21.2 points'
    """
    if math.isnan(low) or math.isnan(high):
        return _("undefined")
    return _("{low} to {high} points").format(low=_tenths(low), high=_tenths(high))


def _tenths(value: float) -> str:
    """Return a hundredfold to one decimal; nothing is nothing, not less than it."""
    return _marked(f"{round(100 * value, 1) + 0.0:.1f}")


def chance(p_value: float) -> str:
    """Return a p-value to three decimals; smaller ones are not told apart.

    Examples
    --------
    >>> chance(0.0312), chance(1e-40), chance(float("nan"))
    ('0.031', '<0.001', 'undefined')
    """
    return _marked("<0.001") if p_value < 0.001 else number(round(p_value, 3))


def _marked(digits: str) -> str:
    """Return digits with the marks between thousands and before decimals that the language in use writes."""
    return digits.translate({ord(","): _(","), ord("."): _(".")})


def visible(text: str) -> str:
    r"""Return text with control and direction characters shown as escapes, so that no name drives a screen.

    Examples
    --------
    >>> print(visible("a\x1b[31mb"))
    a\x1b[31mb
    """
    return "".join(
        c if c.isprintable() or unicodedata.category(c) == "Zs" else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


def word(value: str) -> str:
    """Return a choice, or several joined by commas, in the language in use.

    Examples
    --------
    >>> word("equal, ordered")
    'equal, ordered'
    """
    return ", ".join(_(each) for each in value.split(", "))


FORMATS: dict[str, Callable[[Any], str]] = {
    "count": count,
    "share": share,
    "number": number,
    "points": points,
    "chance": chance,
    "text": str,
    "word": word,
}


def formatted(value: Any, kind: str) -> str:
    """Return a value in one of the ``FORMATS``."""
    if value is None:
        return _("not given")
    if kind == "count" and isinstance(value, float) and not math.isfinite(value):
        return number(value)
    return FORMATS[kind](value)


def html_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, caption: str = "") -> str:
    """Return an HTML table with inline styles only; every cell is escaped; the first column is a heading.

    Examples
    --------
    >>> "<td" in html_table(["a", "b"], [["x", "<y>"]]), "&lt;y&gt;" in html_table(["a", "b"], [["x", "<y>"]])
    (True, True)
    """
    cell = f"padding:4px 10px;border-bottom:1px solid {LINE};text-align:left;vertical-align:top"
    parts = [f'<table style="border-collapse:collapse;background:{PAPER};color:{INK};font-size:14px">']
    if caption:
        parts.append(f'<caption style="text-align:left;padding:4px 0">{escape(visible(caption))}</caption>')
    heads = "".join(f'<th scope="col" style="{cell};font-weight:600">{escape(visible(text))}</th>' for text in header)
    parts.append(f"<thead><tr>{heads}</tr></thead><tbody>")
    for first, *others in rows:
        tds = "".join(f'<td style="{cell}">{escape(visible(text))}</td>' for text in others)
        parts.append(f'<tr><th scope="row" style="{cell};font-weight:400">{escape(visible(first))}</th>{tds}</tr>')
    parts.append("</tbody></table>")
    return "".join(parts)


def html_card(title: str, sentences: Sequence[str], body: str = "") -> str:
    """Return a card with a title, sentences (escaped) and a body (HTML already)."""
    text = "".join(f'<p style="margin:6px 0;max-width:46em">{escape(visible(sentence))}</p>' for sentence in sentences)
    return (
        f'<div style="background:{PAPER};color:{INK};border:1px solid {LINE};border-left:4px solid {ACCENT};'
        f'padding:10px 16px;margin:8px 0;font-family:sans-serif;font-size:14px">'
        f'<div style="font-weight:600;font-size:16px">{escape(visible(title))}</div>{text}{body}</div>'
    )
