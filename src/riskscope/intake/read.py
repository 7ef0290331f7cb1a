"""The public door for files: CSV, Parquet, Feather or Excel to a data frame, with notes on the reading."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from riskscope.checks import check_columns, check_names, quoted, shown
from riskscope.errors import ReadError
from riskscope.intake import columnar, delimited, excel, sniff, types
from riskscope.intake.option_names import option_name, option_use
from riskscope.words import _


@dataclass(frozen=True, eq=False)
class TableFile:
    """A table read from a file, and how it was read.

    Attributes
    ----------
    name : str
        The file's name, without its folder.
    data : pandas.DataFrame
        One row for each record; not shown when the object is printed.
    notes : tuple of str
        What was found out and decided, one sentence each: delimiter, encoding, decimal comma, columns kept as
        text, what counts as missing. They name columns and counts, never a cell, except the usual marks
        for a missing value.
    """

    name: str
    data: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)


def read_table(
    path: str | Path,
    *,
    sep: str | None = None,
    encoding: str | None = None,
    decimal: str | None = None,
    sheet: str | None = None,
    missing: str | Iterable[str] = (),
    text: str | Iterable[str] = (),
) -> TableFile:
    r"""Table that a file holds, with sentences on how it was read.

    The format is told by the first bytes, not by the name. Nothing is guessed silently: what could be read
    in two ways is said in a note, stays text, or is an error that says what to do. A column becomes numbers,
    dates or truth values only where every cell is one and nothing is lost: 01000 stays text.

    Parameters
    ----------
    path : str or Path
        CSV or other delimited text, Parquet, Feather, or Excel (.xlsx), packed with gzip or not.
    sep : str, optional
        Delimiter, one character. Default: the one of ``, ; tab |`` that the first lines agree on.
    encoding : str, optional
        Such as ``"cp1252"``. Default: by the byte order mark, else UTF-8, else cp1252 with a note.
    decimal : {".", ","}, optional
        Decimal mark. Default: the comma where it is found and the delimiter is another, else the point.
    sheet : str, optional
        Sheet of a workbook; needed where several visible sheets hold something.
    missing : str or iterable of str, optional
        Texts that count as missing beside the empty cell, exactly as they are written: ``["?", "NA"]``.
    text : str or iterable of str, optional
        Columns that stay text.

    Returns
    -------
    TableFile
        ``data``, ``notes`` and ``name``.

    Raises
    ------
    ReadError
        The file is not there, is empty, has no records, is damaged, or cannot be read without guessing.
    MissingExtraError
        The file is a workbook and openpyxl is not installed.
    RoleError
        A column of ``text`` is not in the table.

    Notes
    -----
    The empty cell of a delimited file is missing; "NA" and "None" are values unless ``missing`` names them.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "staff.csv"
    ...     _n = file.write_text("zip;pay\n01000;2345,67\n69003;1980,00\n")
    ...     staff = read_table(file)
    >>> staff.data["pay"].tolist()
    [2345.67, 1980.0]
    >>> for note in staff.notes:
    ...     print(note)
    Columns are separated by ';'.
    Kept as text because of leading zeros: 'zip'.
    A decimal comma was found; read as numbers: 'pay'.
    """
    missing, text = check_names(missing, option_name("missing")), check_names(text, option_name("text"))
    _check_marks(sep, decimal)
    path = Path(path)
    name = shown(path.name, longest=120)
    content, notes = sniff.unpacked(_content(path, name), name)
    table_format = sniff.file_format(content, name)
    _check_options(name, table_format, sep=sep, encoding=encoding, decimal=decimal, sheet=sheet)
    notes += _name_note(path, name, table_format)
    if table_format == "delimited":
        decoded, found = sniff.decoded(content, name, encoding)
        table, sep, how = delimited.read_delimited(decoded, name, sep)
        check_columns(text, table.column_names, option_name("text"))
        data, decided = types.typed_columns(table, sep=sep, decimal=decimal, missing=missing, text=text)
        found += how + decided
    elif table_format == "excel":
        data, found = excel.read_excel(content, name, sheet, missing, text)
    else:
        data, found = columnar.read_columnar(content, name, table_format, missing)
    if table_format != "delimited":
        check_columns(text, list(data.columns), option_name("text"))
    return TableFile(name=path.name, data=data, notes=tuple(notes + found))


def _content(path: Path, name: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ReadError(_absent(path, name)) from None
    except IsADirectoryError:
        raise ReadError(_("{name} is a folder. Name one file in it.").format(name=name)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ReadError(_("{name} cannot be opened: {reason}.").format(name=name, reason=reason)) from None
    if not content:
        raise ReadError(_("{name} is empty: it holds 0 bytes. Name another file.").format(name=name))
    return content


def _absent(path: Path, name: str) -> str:
    """Return the message on a file that is not there, with the files of nearly that name in its folder."""
    if not path.parent.is_dir():
        return _("There is no file {name}: the folder {folder} does not exist.").format(
            name=name, folder=shown(str(path.parent), longest=200)
        )
    try:
        beside = [each.name for each in path.parent.iterdir() if each.is_file()]
    except OSError:
        beside = []
    near = difflib.get_close_matches(path.name, beside, n=3)
    if near:
        return _("There is no file {name} (near: {near}). Check its name and folder.").format(
            name=name, near=quoted(near)
        )
    return _("There is no file {name}. Check its name and folder.").format(name=name)


def _check_marks(sep: str | None, decimal: str | None) -> None:
    if sep is not None and (len(sep) != 1 or not sep.isascii() or sep in '"\r\n\0'):
        raise ReadError(
            _("{option} is {sep}; it must be one character such as ',', ';', '|' or a tab ('\\t').").format(
                option=option_name("sep"), sep=shown(sep)
            )
        )
    if decimal not in (None, ".", ","):
        raise ReadError(
            _("{option} is {decimal}; it must be '.' or ','.").format(
                option=option_name("decimal"), decimal=shown(decimal)
            )
        )


def _check_options(name: str, table_format: str, **options: str | None) -> None:
    """Raise an error on options that have no meaning for this format."""
    used = {"delimited": {"sep", "encoding", "decimal"}, "excel": {"sheet"}}.get(table_format, set())
    idle = [option for option, value in options.items() if value is not None and option not in used]
    if idle:
        raise ReadError(
            _("{name} is {format}: {options} has no meaning for it. Leave it out.").format(
                name=name,
                format=_format_name(table_format),
                options=", ".join(map(option_use, idle)),
            )
        )


def _name_note(path: Path, name: str, table_format: str) -> list[str]:
    """Return a note where the file's name promises another format than its bytes."""
    promised = {
        ".csv": "delimited",
        ".tsv": "delimited",
        ".txt": "delimited",
        ".xlsx": "excel",
        ".xlsm": "excel",
        ".parquet": "parquet",
        ".feather": "feather",
        ".arrow": "feather",
    }
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if not suffixes or promised.get(suffixes[-1], table_format) == table_format:
        return []
    return [
        _("{name} is {format}, whatever its name says; it was read as such.").format(
            name=name, format=_format_name(table_format)
        )
    ]


def _format_name(table_format: str) -> str:
    return {
        "delimited": _("delimited text (CSV)"),
        "excel": _("an Excel workbook"),
        "parquet": _("a Parquet file"),
        "feather": _("a Feather file"),
    }[table_format]
