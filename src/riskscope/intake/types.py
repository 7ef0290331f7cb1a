"""From texts to column types: a number, a date or a truth value only where every cell is one, else text.

Decisions are taken on the distinct values of a column. Whatever would lose something (a leading zero, the
last digit of a long number, a blank) stays text, and a sentence says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from riskscope import display
from riskscope.checks import shown
from riskscope.intake.option_names import option_use
from riskscope.words import N_, _

_INTEGER = r"^(?:0|-?[1-9][0-9]*)$"
# A float keeps fifteen digits of any whole number. A bare 1e5 may be a code; 1.0e5 and 1e+05 are numbers.
_MANTISSA = r"(?:0|[1-9][0-9]{0,14})"
_WITH_POINT = rf"(?:{_MANTISSA}\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?"
_POINT = rf"^-?(?:{_WITH_POINT}|{_MANTISSA}(?:[eE][+-][0-9]{{1,3}})?)$"
_BARE_EXPONENT = r"^-?[1-9][eE][0-9]{1,3}$"
_BLANKS = r"[ \x{00A0}\x{202F}]"  # plain, no-break and narrow no-break
_COMMA = (
    rf"^-?(?:(?:{_MANTISSA}|[1-9][0-9]{{0,2}}(?:{_BLANKS}[0-9]{{3}}){{1,4}})(?:,[0-9]+)?|,[0-9]+)"
    r"(?:[eE][+-][0-9]{1,3})?$"
)
_THOUSANDS_COMMA = r"^-?[1-9][0-9]{0,2}(?:,[0-9]{3})+$"
_THOUSANDS_MARK = rf"^[+-]?[0-9]{{1,3}}(?:(?:{_BLANKS}|[.'’])[0-9]{{3}})+(?:[.,][0-9]+)?$"
_ISO_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_ISO_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?$"
_SLASH_DATE = r"^[0-9]{2}[/.-][0-9]{2}[/.-][0-9]{4}$"
_NUMBER_LIKE = r"^\s*[+-]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?\s*$"
_NO_NUMBER_WORD = r"(?i)^\s*[+-]?(?:nan|inf|infinity)\s*$"
_LEADING_ZERO = r"^\s*[+-]?0[0-9]"
_EDGE_BLANK = r"^[\s\p{Z}]|[\s\p{Z}]$"
_ONLY_BLANK = r"^[\s\p{Z}]+$"
_TRUTH_VALUES = (("True", "False"), ("true", "false"), ("TRUE", "FALSE"))
_USUAL_MARKS = (
    *("?", "-", "--", ".", "na", "n/a", "n.a.", "#n/a", "<na>", "n.d.", "null", "none", "nan", "nil"),
    *("unknown", "missing", "inconnu", "inconnue", "non renseigné"),
)

DECIMAL_COMMA = N_("A decimal comma was found; read as numbers: {columns}.")
DECIMAL_COMMA_ASKED = N_("Read as numbers with a decimal comma: {columns}.")
LEADING_BLANK = N_("Every cell starts with a blank; read without it: {columns}.")
ONE_NUMBER = N_("Numbers written in several ways, such as 0.1 and 0.10, became one value: {columns}.")
DAY_FIRST = N_("Dates read as day/month/year: {columns}.")
EMPTY = N_("No cell holds a value: {columns}.")
LEADING_ZEROS = N_("Kept as text because of leading zeros: {columns}.")
NO_NUMBER_WORDS = N_(
    "Kept as text because of words such as nan and inf, or numbers too large, among numbers: {columns}. "
    "Mend these cells, or name the words with {missing}."
)
WOULD_MELT = N_("Kept as text because numbers so long lose digits or become equal: {columns}.")
COMMA_UNSURE = N_("Kept as text because a comma stands in numbers: {columns}. If it is a decimal comma: {decimal}.")
POINT_UNSURE = N_("Kept as text because a point stands in numbers while the comma is the decimal mark: {columns}.")
THOUSANDS_MARKS = N_("Kept as text because marks for thousands stand in numbers: {columns}.")
MIXED = N_("Kept as text because only some cells are plain numbers (how many are not): {columns}.")
NOT_PLAIN = N_("Kept as text because numbers are written in ways that codes are, too (+1, 1e5): {columns}.")
DATE_UNSURE = N_("Kept as text because day and month cannot be told apart, or a date does not exist: {columns}.")
EMPTY_CELLS = N_("Empty cells are read as missing (cells): {columns}.")
MISSING_MARKS = N_("Read as missing, beside empty cells, as asked (cells): {columns}.")
MARKS_KEPT = N_(
    "Kept as values, though they often mean that a value is missing (cells): {columns}. "
    "To count one as missing, name it with {missing}."
)
LINE_BREAKS = N_(
    "Line breaks inside texts are kept (cells): {columns}. Where none should be, a quotation mark is not closed."
)
EDGE_BLANKS = N_("Blanks at the start or end of texts are kept (cells): {columns}.")


@dataclass
class Findings:
    """Which sentence goes for which columns, in the order in which they were found."""

    columns: dict[str, list[str]] = field(default_factory=dict)

    def add(self, sentence: str, column: str) -> None:
        """Remember that a sentence goes for a column."""
        self.columns.setdefault(sentence, []).append(shown(column))

    def add_cells(self, sentence: str, column: str, n_cells: int, n_others: int, *, mark: str | None = None) -> None:
        """Remember that a sentence goes for some cells of a column (those that hold ``mark``), and not for others."""
        place = shown(column)
        if mark is not None:
            place = _("{mark} in {column}").format(mark=shown(mark), column=place)
        self.columns.setdefault(sentence, []).append(f"{place} ({display.guarded_count(n_cells, n_others)})")

    def notes(self, most: int = 12) -> list[str]:
        """Return one sentence for each finding, with the columns it goes for."""
        notes = []
        for sentence, columns in self.columns.items():
            listed = ", ".join(columns[:most])
            if len(columns) > most:
                listed += _(" and {n} more").format(n=len(columns) - most)
            advised = {"missing": option_use("missing"), "decimal": option_use("decimal", ",")}
            notes.append(_(sentence).format(columns=listed, **advised))
        return notes


@dataclass(frozen=True)
class _Texts:
    """One column as it is written, without what counts as missing: cells, distinct values, counts."""

    cells: pa.ChunkedArray  # (n_rows,), null where missing
    distinct: pa.Array  # (n_distinct,), no null
    counts: pa.Array  # (n_distinct,)

    def match(self, pattern: str) -> bool:
        """Return whether every value is of this form (not where there is no value)."""
        if len(self.distinct) == 0 or not _all_match(self.distinct[:50], pattern):
            return False
        return _all_match(self.distinct, pattern)

    def n_cells(self, pattern: str) -> int:
        """Return how many cells hold this form."""
        return _sum(self.counts.filter(pc.match_substring_regex(self.distinct, pattern)))

    def holds(self, text: str) -> bool:
        """Return whether this text stands in any value."""
        return bool(pc.any(pc.match_substring(self.distinct, text)).as_py())

    def apply(self, function: object, *arguments: object, **options: object) -> _Texts:
        """Return the column with a text function applied to cells and values."""
        return _Texts(
            function(self.cells, *arguments, **options),  # type: ignore[operator]
            function(self.distinct, *arguments, **options),  # type: ignore[operator]
            self.counts,
        )


def typed_columns(
    table: pa.Table,
    *,
    sep: str | None = None,
    decimal: str | None = None,
    missing: Collection[str] = (),
    text: Collection[str] = (),
) -> tuple[pd.DataFrame, list[str]]:
    """Return the data frame that a table of texts stands for, with what was decided.

    Parameters
    ----------
    table : pyarrow.Table
        Columns of text without nulls.
    sep : str, optional
        The delimiter it came with; a decimal comma is looked for only where it is no comma.
    decimal : str, optional
        ``"."`` or ``","``. Default: look for a decimal comma.
    missing : collection of str
        Texts that count as missing beside the empty one.
    text : collection of str
        Columns that stay text.

    Returns
    -------
    tuple of pandas.DataFrame and list of str
        The typed columns and the notes.

    Examples
    --------
    >>> data, notes = typed_columns(pa.table({"zip": ["01000", "69003"], "age": ["34", "51"]}))
    >>> data["age"].tolist(), data["zip"].tolist()
    ([34, 51], ['01000', '69003'])
    >>> notes
    ["Kept as text because of leading zeros: 'zip'."]
    """
    findings = Findings()
    marks = pa.array(["", *missing], pa.string())
    columns = {}
    for name in table.column_names:
        columns[name] = _without_missing(table.column(name), marks, name, findings)
    open_columns = [column for name, column in columns.items() if name not in set(text)]
    comma = decimal == "," or (decimal is None and sep != "," and _decimal_comma_found(open_columns))
    day_first = comma and sep == ";"
    series = {}
    for name, column in columns.items():
        cells = column.cells
        if name not in set(text):
            cells, sentences = _typed(column, comma=comma, day_first=day_first)
            for sentence in sentences:
                if sentence == DECIMAL_COMMA and decimal == ",":
                    sentence = DECIMAL_COMMA_ASKED
                if sentence == MIXED:
                    n_not_numbers = _n_not_numbers(column)
                    findings.add_cells(MIXED, name, n_not_numbers, _sum(column.counts) - n_not_numbers)
                else:
                    findings.add(sentence, name)
        if pa.types.is_string(cells.type):
            note_texts(column.distinct, column.counts, name, findings)
        series[name] = as_series(cells)
    return pd.DataFrame(series), findings.notes()


def as_series(cells: pa.ChunkedArray) -> pd.Series:
    """Return a pandas column that loses nothing: whole numbers with gaps stay whole numbers."""
    nullable = {pa.bool_(): pd.BooleanDtype()}
    for bits in (8, 16, 32, 64):
        nullable[getattr(pa, f"int{bits}")()] = getattr(pd, f"Int{bits}Dtype")()
        nullable[getattr(pa, f"uint{bits}")()] = getattr(pd, f"UInt{bits}Dtype")()
    if cells.null_count == len(cells) and pa.types.is_string(cells.type):
        return pd.Series([None] * len(cells), dtype=text_dtype())
    types_mapper = nullable.get if cells.null_count else None
    return cells.to_pandas(types_mapper=types_mapper, date_as_object=False)  # type: ignore[no-any-return]


def text_dtype() -> Any:
    """Return the type that this version of pandas gives to texts."""
    return pd.Series(["text"]).dtype


def all_plain_numbers(texts: Iterable[str | None]) -> bool:
    """Return whether every text that is there is a whole number or a number with a decimal point."""
    present = pa.array([text for text in texts if text is not None], pa.string())
    return len(present) > 0 and _all_match(present, f"(?:{_INTEGER})|(?:{_POINT})")


def _without_missing(cells: pa.ChunkedArray, marks: pa.Array, name: str, findings: Findings) -> _Texts:
    counted = pc.value_counts(cells)
    values, counts = counted.field("values"), counted.field("counts")
    is_missing = pc.is_in(values, value_set=marks)
    is_present = pc.invert(is_missing)
    present = values.filter(is_present)
    if len(present) < len(values):
        # Not pc.if_else: in pyarrow 18.1 it spoils texts that stand beside a null.
        cells = present.take(pc.index_in(cells, value_set=present))
        n_present = _sum(counts.filter(is_present))
        for value, n in zip(values.filter(is_missing).to_pylist(), counts.filter(is_missing).to_pylist(), strict=True):
            if value:
                findings.add_cells(MISSING_MARKS, name, n, n_present, mark=value)
            elif n_present:
                findings.add_cells(EMPTY_CELLS, name, n, n_present)
    return _Texts(cells, present, counts.filter(is_present))


def _decimal_comma_found(columns: Iterable[_Texts]) -> bool:
    """Return whether some column has a clear decimal comma, and none a decimal point."""
    found = False
    for column in columns:
        if column.match(_POINT) and column.holds("."):
            return False
        found = found or (
            column.match(_COMMA)
            and column.n_cells(r",") > 0
            and column.n_cells(r",") > column.n_cells(_THOUSANDS_COMMA)
        )
    return found


def _typed(column: _Texts, *, comma: bool, day_first: bool) -> tuple[pa.ChunkedArray, list[str]]:
    """Return the cells as the narrowest type that loses nothing, and the sentences that go with it."""
    if len(column.distinct) == 0:
        return column.cells, [EMPTY]
    if len(column.distinct) <= 2 and any(set(pair).issuperset(column.distinct.to_pylist()) for pair in _TRUTH_VALUES):
        return pc.equal(pc.utf8_lower(column.cells), "true"), []
    if column.match(r"^ [^\s]"):
        trimmed = column.apply(pc.utf8_ltrim_whitespace)
        cells, sentences = _typed(trimmed, comma=comma, day_first=day_first)
        is_text = pa.types.is_string(cells.type)
        return (column.cells, []) if is_text else (cells, [LEADING_BLANK, *sentences])
    if column.match(_INTEGER):
        cells = _cast(column, pa.int64())
        return (column.cells, [WOULD_MELT]) if cells is None else (cells, [])
    if not comma and _is_point_number(column):
        return _float(column)
    if comma and column.match(_COMMA) and (column.holds(",") or not column.n_cells(_BLANKS)):
        plain = column.apply(pc.replace_substring_regex, pattern=_BLANKS, replacement="")
        cells, sentences = _float(plain.apply(pc.replace_substring, pattern=",", replacement="."))
        is_text = pa.types.is_string(cells.type)
        return (column.cells, sentences) if is_text else (cells, [DECIMAL_COMMA, *sentences])
    if column.match(_ISO_DATE) or column.match(_ISO_TIME):
        cells = _cast(column, pa.timestamp("us"))
        return (column.cells, [DATE_UNSURE]) if cells is None else (cells, [])
    if column.match(_SLASH_DATE):
        return _slash_date(column, day_first=day_first)
    reason = POINT_UNSURE if comma and _is_point_number(column) else _why_text(column)
    return column.cells, [reason] if reason else []


def _is_point_number(column: _Texts) -> bool:
    if column.match(_POINT):
        return True
    with_bare_exponent = f"(?:{_POINT})|(?:{_BARE_EXPONENT})"
    return column.holds(".") and column.match(with_bare_exponent)


def _float(column: _Texts) -> tuple[pa.ChunkedArray, list[str]]:
    numbers = pc.cast(column.distinct, pa.float64()).to_numpy(zero_copy_only=False)
    if not np.isfinite(numbers).all():
        return column.cells, [NO_NUMBER_WORDS]
    is_one_number = len(np.unique(numbers)) < len(numbers)
    if is_one_number and _melts(column.distinct.to_pylist(), numbers.tolist()):
        return column.cells, [WOULD_MELT]
    return pc.cast(column.cells, pa.float64()), [ONE_NUMBER] if is_one_number else []


def _melts(texts: list[str], numbers: list[float]) -> bool:
    """Return whether two texts that are different numbers become the same float."""
    exact: dict[float, Decimal] = {}
    return any(
        exact.setdefault(number, Decimal(text)) != Decimal(text) for text, number in zip(texts, numbers, strict=True)
    )


def _cast(column: _Texts, kind: pa.DataType) -> pa.ChunkedArray | None:
    """Return the cells cast, or None where that fails or makes two texts one value."""
    try:
        values = pc.cast(column.distinct, kind)
    except pa.ArrowInvalid:
        return None
    return pc.cast(column.cells, kind) if pc.count_distinct(values).as_py() == len(values) else None


def _slash_date(column: _Texts, *, day_first: bool) -> tuple[pa.ChunkedArray, list[str]]:
    highest_first = pc.max(pc.utf8_slice_codeunits(column.distinct, 0, 2)).as_py()
    highest_second = pc.max(pc.utf8_slice_codeunits(column.distinct, 3, 5)).as_py()
    if highest_second > "12" or (highest_first <= "12" and not day_first):
        return column.cells, [DATE_UNSURE]
    iso = column.apply(pc.replace_substring_regex, pattern=r"^(..).(..).(....)$", replacement=r"\3-\2-\1")
    cells = _cast(iso, pa.timestamp("us"))
    return (column.cells, [DATE_UNSURE]) if cells is None else (cells, [DAY_FIRST])


def _why_text(column: _Texts) -> str | None:
    """Return the sentence on a column that looks like numbers and stays text; None for a plain text."""
    n_cells = _sum(column.counts)
    n_words = column.n_cells(_NO_NUMBER_WORD)
    n_plain = n_cells - _n_not_numbers(column)
    n_thousands = column.n_cells(_THOUSANDS_MARK)
    n_commas = column.n_cells(r"^-?[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?$|^-?[0-9]+,[0-9]+$")
    if (n_plain + n_thousands + n_words) * 2 < n_cells and n_commas < n_cells:
        return None
    if column.n_cells(_LEADING_ZERO):
        return LEADING_ZEROS
    if n_commas == n_cells and column.holds(","):
        return COMMA_UNSURE
    if n_words and n_words < n_cells and n_plain + n_words == n_cells:
        return NO_NUMBER_WORDS
    if n_thousands and n_plain + n_thousands == n_cells:
        return THOUSANDS_MARKS
    if n_plain < n_cells:
        return MIXED if n_plain else None
    return WOULD_MELT if column.n_cells(r"[0-9]{16}") else NOT_PLAIN


def _n_not_numbers(column: _Texts) -> int:
    return _sum(column.counts) - column.n_cells(_NUMBER_LIKE)


def note_texts(distinct: pa.Array, counts: pa.Array, name: str, findings: Findings) -> None:
    """Note the usual marks for a missing value and the blanks around texts."""
    is_blank = pc.match_substring_regex(distinct, _ONLY_BLANK)
    trimmed = pc.utf8_lower(pc.utf8_trim_whitespace(distinct))
    is_mark = pc.or_(pc.is_in(trimmed, value_set=pa.array(_USUAL_MARKS, pa.string())), is_blank)
    n_cells = _sum(counts)
    if pc.any(is_mark).as_py():
        marked = zip(distinct.filter(is_mark).to_pylist(), counts.filter(is_mark).to_pylist(), strict=True)
        for mark, n in sorted(marked):
            findings.add_cells(MARKS_KEPT, name, n, n_cells - _sum(counts.filter(is_mark)), mark=mark)
    n_broken = _sum(counts.filter(pc.match_substring_regex(distinct, r"[\r\n]")))
    if n_broken:
        findings.add_cells(LINE_BREAKS, name, n_broken, n_cells - n_broken)
    is_edged = pc.and_not(pc.match_substring_regex(distinct, _EDGE_BLANK), is_blank)
    n_edged = _sum(counts.filter(is_edged))
    if n_edged:
        findings.add_cells(EDGE_BLANKS, name, n_edged, n_cells - n_edged)


def _all_match(values: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(values, pattern)).as_py())


def _sum(counts: pa.Array) -> int:
    return int(pc.sum(counts).as_py() or 0)
