"""One sheet of an Excel workbook to a data frame: the type of each cell is the one that Excel stored."""

from __future__ import annotations

import datetime
import io
import warnings
import zipfile
import zlib
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from riskscope.checks import quoted, shown
from riskscope.errors import MissingExtraError, ReadError
from riskscope.intake.columnar import with_missing
from riskscope.intake.delimited import column_names
from riskscope.intake.option_names import option_use
from riskscope.intake.types import WOULD_MELT, Findings, all_plain_numbers, note_texts, text_dtype
from riskscope.words import N_, _, ngettext

_MIXED_CELLS = N_("Kept as text because its cells are of several kinds (text, number, date, truth value): {columns}.")
_NUMBERS_AS_TEXT = N_("Kept as text because the workbook stores texts, though all look like numbers: {columns}.")
_NO_STORED_VALUE = N_(
    "Read as missing because the workbook stores a formula and not its value (cells): {columns}. "
    "Open it in Excel and save it again."
)
_LARGEST_INTEGER = 2**63 - 1


def read_excel(
    content: bytes, name: str, sheet: str | None, missing: Collection[str], text: Collection[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Return the data frame of one sheet, with notes.

    Parameters
    ----------
    content : bytes
        The whole workbook.
    name : str
        The file's name, fit for a message.
    sheet : str or None
        The sheet's name; None takes the only visible sheet that holds something, or asks.
    missing : collection of str
        Texts that count as missing, beside the empty cell.
    text : collection of str
        Columns that become text.

    Returns
    -------
    tuple of pandas.DataFrame and list of str
        The columns, named by the first row, and the notes.

    Examples
    --------
    >>> import openpyxl
    >>> book, file = openpyxl.Workbook(), io.BytesIO()
    >>> for row in (["zip", "age"], ["01000", 34], [1000, 51]):
    ...     book.active.append(row)
    >>> book.save(file)
    >>> data, _notes = read_excel(file.getvalue(), "'staff.xlsx'", None, (), ())
    >>> data["zip"].tolist(), data["age"].tolist()
    (['01000', '1000'], [34, 51])
    """
    book = _workbook(content, name, data_only=False)
    chosen, notes = _chosen_sheet(book, name, sheet)
    written = _rows(book[chosen])
    merged = len(book[chosen].merged_cells.ranges)
    has_formulas = any(_is_formula(cell) for row in written for cell in row)
    rows = _rows(_workbook(content, name, data_only=True)[chosen]) if has_formulas else written
    header, records, n_empty = _header_and_records(rows, width=max(map(len, written), default=0))
    if not records:
        raise ReadError(
            _("Sheet {sheet} of {name} has 0 rows below its header. Name another sheet with {option}.").format(
                sheet=shown(chosen), name=name, option=option_use("sheet")
            )
        )
    names, header_notes = column_names(header)
    if n_empty:
        notes.append(
            ngettext(
                "{n} empty row was skipped: it is no record.",
                "{n} empty rows were skipped: they are no records.",
                n_empty,
            ).format(n=n_empty)
        )
    if merged:
        notes.append(
            ngettext(
                "The sheet has {n} merged area: its first cell holds the value, the others are missing.",
                "The sheet has {n} merged areas: their first cells hold the values, the rest is missing.",
                merged,
            ).format(n=merged)
        )
    findings = Findings()
    series = {}
    for position, column in enumerate(names):
        series[column] = _column([row[position] for row in records], column, column in text, findings)
        if has_formulas:
            n_lost = _n_without_value(written, rows, position)
            if n_lost:
                findings.add_cells(_NO_STORED_VALUE, column, n_lost, len(records) - n_lost)
    data = with_missing(pd.DataFrame(series), missing, findings)
    return data, notes + header_notes + findings.notes()


def _workbook(content: bytes, name: str, *, data_only: bool) -> Any:
    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError(
            _('{name} is an Excel workbook; reading it needs openpyxl: pip install "riskscope[excel]".').format(
                name=name
            )
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which hold no data
            return openpyxl.load_workbook(io.BytesIO(content), data_only=data_only)
    except (
        zipfile.BadZipFile,
        zlib.error,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
        SyntaxError,
    ):
        raise ReadError(
            _("{name} is a damaged Excel workbook. Open it in Excel and save it again.").format(name=name)
        ) from None


def _chosen_sheet(book: Any, name: str, sheet: str | None) -> tuple[str, list[str]]:
    """Return the sheet asked for, or the only visible one that holds something; else ask."""
    titles = [each.title for each in book.worksheets]
    if sheet is not None:
        if sheet not in titles:
            raise ReadError(
                _("{name} has no sheet {sheet}. Its sheets are {sheets}.").format(
                    name=name, sheet=shown(sheet), sheets=quoted(titles)
                )
            )
        return sheet, []
    filled = [each.title for each in book.worksheets if each.sheet_state == "visible" and _rows(each)]
    hidden = [each.title for each in book.worksheets if each.sheet_state != "visible"]
    if not filled:
        raise ReadError(
            _(
                "{name} is empty: no visible sheet holds anything. Its sheets are {sheets}; name one with {option}."
            ).format(name=name, sheets=quoted(titles), option=option_use("sheet"))
        )
    if len(filled) > 1:
        also = _(" (hidden: {hidden})").format(hidden=quoted(hidden)) if hidden else ""
        raise ReadError(
            _("{name} has several sheets: {sheets}{also}. Name the one to read with {option}.").format(
                name=name, sheets=quoted(filled), also=also, option=option_use("sheet", filled[-1])
            )
        )
    others = [title for title in titles if title != filled[0]]
    notes = [
        _("Sheet {sheet} was read; left out, empty or hidden: {others}.").format(
            sheet=shown(filled[0]), others=quoted(others)
        )
    ]
    return filled[0], notes if others else []


def _rows(sheet: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a sheet, without empty ones at the end."""
    rows = [tuple(row) for row in sheet.iter_rows(values_only=True)]
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    return rows


def _header_and_records(rows: Sequence[tuple[Any, ...]], width: int) -> tuple[list[str], list[tuple[Any, ...]], int]:
    """Return the first filled row as texts, those below it, and how many empty ones were skipped."""
    filled = [row + (None,) * (width - len(row)) for row in rows if any(cell is not None for cell in row)]
    n_empty = len(rows) - len(filled)
    while width and all(row[width - 1] is None for row in filled):
        width -= 1
    header = ["" if cell is None else _as_text(cell) for cell in filled[0][:width]] if filled else []
    return header, [row[:width] for row in filled[1:]], n_empty


def _column(cells: list[Any], name: str, is_text: bool, findings: Findings) -> pd.Series:
    """Return one column: of one type where all cells share it, else text."""
    kinds = {_kind(cell) for cell in cells if cell is not None}
    if is_text or kinds - {"text"}:
        if kinds == {"whole"} and not is_text:
            return pd.Series(cells, dtype="Int64" if None in cells else "int64")
        if kinds <= {"whole", "number"} and not is_text:
            return pd.Series(cells, dtype="float64")
        if kinds == {"truth"} and not is_text:
            return pd.Series(cells, dtype="boolean" if None in cells else "bool")
        if kinds == {"date"} and not is_text:
            return pd.Series(pd.to_datetime(pd.Series(cells, dtype=object)))
        if not is_text:
            findings.add(WOULD_MELT if kinds <= {"long", "whole"} else _MIXED_CELLS, name)
    texts = [None if cell is None else _as_text(cell) for cell in cells]
    counted = pc.value_counts(pa.array([each for each in texts if each is not None], pa.string()))
    note_texts(counted.field("values"), counted.field("counts"), name, findings)
    if kinds == {"text"} and not is_text and all_plain_numbers(texts):
        findings.add(_NUMBERS_AS_TEXT, name)
    return pd.Series(texts, dtype=text_dtype())


def _kind(cell: Any) -> str:
    if isinstance(cell, bool):
        return "truth"
    if isinstance(cell, int):
        return "whole" if abs(cell) <= _LARGEST_INTEGER else "long"
    if isinstance(cell, float):
        return "number"
    if isinstance(cell, datetime.datetime | datetime.date):
        return "date"
    return "text" if isinstance(cell, str) else "other"


def _as_text(cell: Any) -> str:
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


def _is_formula(cell: Any) -> bool:
    return (isinstance(cell, str) and cell.startswith("=")) or type(cell).__name__ in (
        "ArrayFormula",
        "DataTableFormula",
    )


def _n_without_value(written: Sequence[tuple[Any, ...]], rows: Sequence[tuple[Any, ...]], position: int) -> int:
    """Return how many formulas of one column come without a stored value."""
    n_lost = 0
    for number, row in enumerate(written):
        stored = rows[number] if number < len(rows) else ()
        value = stored[position] if position < len(stored) else None
        n_lost += position < len(row) and _is_formula(row[position]) and value is None
    return n_lost
