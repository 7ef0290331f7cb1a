"""Delimited text to a table of texts: every cell as it is written, every row or an error."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.csv as pacsv

from riskscope.checks import quoted, shown
from riskscope.errors import ReadError
from riskscope.intake import sniff
from riskscope.intake.option_names import option_use
from riskscope.words import _, ngettext

_SENTINEL = "\x1d"  # the last row that we add: a quote that never ends would swallow it
_BLOCK_BYTES = 1 << 26
_LARGEST_BLOCK = 2**31 - 1
_EXCEL_FIRST_LINE = re.compile(r'\A"?sep=([^"\r\n])"?(?=[\r\n])')  # Excel's own way to name the delimiter
_LINE_END = re.compile(r"\r\n|\n|\r")
_EMPTY_LINE = re.compile(r"(?:\r\n|\n|\r(?!\n))(?:\r|\n)")


def read_delimited(text: str, name: str, sep: str | None) -> tuple[pa.Table, str, list[str]]:
    r"""Return the table of texts, its delimiter and what was found out on the way.

    Parameters
    ----------
    text : str
        The whole file, decoded.
    name : str
        The file's name, fit for a message.
    sep : str or None
        The delimiter; None looks for it.

    Returns
    -------
    tuple of pyarrow.Table, str and list of str
        The columns, all text without nulls; the delimiter; the notes.

    Examples
    --------
    >>> table, sep, notes = read_delimited("zip;city\n01000;Bourg", "'towns.csv'", None)
    >>> table.column_names, table.num_rows, sep
    (['zip', 'city'], 1, ';')
    """
    notes: list[str] = []
    named = _EXCEL_FIRST_LINE.match(text)
    if named and sep in (None, named[1]):
        text, sep = text[named.end() :], named[1]  # an empty line stays, so that lines count as in the file
        notes.append(_("The first line names the delimiter: {sep}.").format(sep=sniff.spoken(sep)))
    body = text.strip("\r\n")  # what is left starts with the header and ends with a cell
    if not body.strip():
        raise ReadError(_("{name} is empty: it holds no header and no row. Name another file.").format(name=name))
    if sep is None:
        sep = sniff.delimiter(body)
        if sep != ",":
            notes.append(_("Columns are separated by {sep}.").format(sep=sniff.spoken(sep)))
    n_columns = _n_columns(body, name, sep)
    content = (body + "\n" + _SENTINEL + sep * (n_columns - 1)).encode("utf-8")
    table, n_bad = _read_texts(content, name, sep, n_columns)
    if table.num_columns == n_columns and table.column(0)[-1].as_py() != _SENTINEL:
        raise ReadError(
            _(
                "In {name} a quotation mark opens a cell and none closes it before the end of the file. "
                "Close the quote, or double a quotation mark that belongs to a text."
            ).format(name=name)
        )
    if n_bad or table.num_columns != n_columns:
        raise _ragged(text, name, sep, n_columns, n_bad)
    header = [cell.as_py() for cell in (column[0] for column in table.columns)]
    table = table.slice(1, table.num_rows - 2)
    if table.num_rows == 0:
        raise ReadError(
            ngettext(
                "{name} has 0 rows: a header of {n} column and nothing below. Name a file with records.",
                "{name} has 0 rows: a header of {n} columns and nothing below. Name a file with records.",
                len(header),
            ).format(name=name, n=len(header))
        )
    n_empty = _n_empty_lines(text, content, name, sep, table)
    if n_empty:
        notes.append(
            ngettext(
                "{n} empty line was skipped: it is no record.",
                "{n} empty lines were skipped: they are no records.",
                n_empty,
            ).format(n=n_empty)
        )
    names, header_notes = column_names(header)
    return table.rename_columns(names), sep, notes + header_notes + _one_column_note(header, sep)


def column_names(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return a name for each column, each once, with notes on what was renamed or looks odd.

    Examples
    --------
    >>> column_names(["", "score", "score"])[0]
    ['Unnamed: 0', 'score', 'score.1']
    """
    names: list[str] = []
    seen: set[str] = set()
    taken = set(header)
    for position, name in enumerate(header):
        wanted = name or f"Unnamed: {position}"
        new, repeat = wanted, 0
        while new in seen or (new != name and new in taken):
            repeat += 1
            new = f"{wanted}.{repeat}"
        seen.add(new)
        names.append(new)
    return names, _name_notes(header, names)


def _name_notes(header: Sequence[str], names: Sequence[str]) -> list[str]:
    notes = []
    nameless = [new for new, name in zip(names, header, strict=True) if not name]
    renamed = [new for new, name in zip(names, header, strict=True) if name and new != name]
    blank = [new for new in names if new != new.strip()]
    if nameless:
        notes.append(_("Columns without a name are called {names}.").format(names=quoted(nameless)))
    if renamed:
        notes.append(
            _("The header names a column more than once; the repeats are called {names}.").format(names=quoted(renamed))
        )
    if blank:
        notes.append(_("Column names keep the blanks around them: {names}.").format(names=quoted(blank)))
    n_numbers = sum(bool(re.fullmatch(r"\s*-?\d+([.,]\d+)?\s*", name)) for name in header)
    if len(header) > 1 and n_numbers * 3 >= len(header):
        notes.append(
            _(
                "{n} of {n_columns} column names are numbers. The first line is taken as the header: "
                "if it is a record, put a header above it."
            ).format(n=n_numbers, n_columns=len(header))
        )
    return notes


def _n_columns(body: str, name: str, sep: str) -> int:
    try:
        return len(next(csv.reader(io.StringIO(body, newline=None), delimiter=sep)))
    except csv.Error:
        raise ReadError(
            _("The header of {name} cannot be read: a column name is too long. Is the first line a header?").format(
                name=name
            )
        ) from None


def _read_texts(
    content: bytes, name: str, sep: str, n_columns: int, *, keep_empty_lines: bool = False
) -> tuple[pa.Table, int]:
    """Return all rows, the header first, and how many rows of another width were left out."""
    one_column = n_columns == 1
    for block_bytes in (_BLOCK_BYTES, min(_LARGEST_BLOCK, len(content) + 1)):
        bad: list[int] = []

        def skip(row: pacsv.InvalidRow, bad: list[int] = bad) -> str:
            bad.append(row.actual_columns)
            return "skip"

        try:
            table = pacsv.read_csv(
                pa.BufferReader(content),
                read_options=pacsv.ReadOptions(autogenerate_column_names=True, block_size=block_bytes),
                parse_options=pacsv.ParseOptions(
                    delimiter=sep,
                    newlines_in_values=True,
                    # In one column an empty line is a missing cell.
                    ignore_empty_lines=not (one_column or keep_empty_lines),
                    invalid_row_handler=skip,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types={f"f{position}": pa.string() for position in range(n_columns)},
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:  # its text shows cells: never pass it on
            continue
        return table, len(bad)
    raise ReadError(
        _(
            "{name} cannot be read as columns separated by {sep}. "
            "Name the delimiter with {option}, or check its quotes."
        ).format(name=name, sep=sniff.spoken(sep), option=option_use("sep"))
    )


def _ragged(text: str, name: str, sep: str, n_columns: int, n_bad: int) -> ReadError:
    """Return the error on rows of another width: their lines and how many fields came, never a cell."""
    found: list[str] = []
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=sep)
    try:
        for row in reader:
            if row and len(row) != n_columns and len(found) < 5:
                found.append(
                    ngettext("line {line} has {n} field", "line {line} has {n} fields", len(row)).format(
                        line=reader.line_num, n=len(row)
                    )
                )
    except csv.Error:  # a cell longer than the csv module takes: the lines up to it are named
        pass
    lines = ": " + ", ".join(found) if found else ""
    return ReadError(
        ngettext(
            "In {name} the header has {columns} field (separated by {sep}); rows with more: {n}{lines}. "
            "Mend them (a title line, a delimiter inside a text without quotes), "
            "or name the delimiter with {option}.",
            "In {name} the header has {columns} fields (separated by {sep}); "
            "rows with more or fewer: {n}{lines}. "
            "Mend them (a title line, a delimiter inside a text without quotes), "
            "or name the delimiter with {option}.",
            n_columns,
        ).format(name=name, columns=n_columns, sep=sniff.spoken(sep), n=n_bad, lines=lines, option=option_use("sep"))
    )


def _n_empty_lines(text: str, content: bytes, name: str, sep: str, table: pa.Table) -> int:
    """Return how many empty lines are no record: between the rows, or at the end of a single column."""
    if table.num_columns == 1:
        return max(0, len(_LINE_END.findall(text[len(text.rstrip("\r\n")) :])) - 1)
    if not _EMPTY_LINE.search(text):
        return 0
    with_empty_lines, _n_bad = _read_texts(content, name, sep, table.num_columns, keep_empty_lines=True)
    return int(with_empty_lines.num_rows - table.num_rows - 2)  # the header and the sentinel


def _one_column_note(header: Sequence[str], sep: str) -> list[str]:
    others = [other for other in sniff.DELIMITERS if other != sep and other in header[0]]
    if len(header) > 1 or not others:
        return []
    return [
        _(
            "The table came out as one column, and its name {name} holds {sep}. "
            "If that separates columns, name it with {option}."
        ).format(
            name=shown(header[0]), sep=", ".join(sniff.spoken(other) for other in others), option=option_use("sep")
        )
    ]
