"""What a file is by its bytes: packed or not, which format, which encoding, which delimiter."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
import zlib
from collections import Counter

from riskscope.checks import shown
from riskscope.errors import ReadError
from riskscope.intake.option_names import option_use
from riskscope.words import N_, _

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_CHARACTERS = 1 << 18
LIKELY = 0.8  # share of the rows below that must agree on a delimiter that the first line does not hold

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_TABLE_FORMATS = ((b"PAR1", "parquet"), (b"ARROW1", "feather"), (b"FEA1", "feather"))
_OTHER_FORMATS = (
    (b"\xd0\xcf\x11\xe0", N_("an old Excel workbook (.xls) or a workbook with a password")),
    (b"PK\x05\x06", N_("an empty zip archive")),
    (b"%PDF", N_("a PDF document")),
    (b"SQLite format 3", N_("an SQLite database")),
    (b"BZh", N_("packed with bzip2")),
    (b"\xfd7zXZ", N_("packed with xz")),
    (b"\x28\xb5\x2f\xfd", N_("packed with zstd")),
    (b"7z\xbc\xaf", N_("a 7z archive")),
    (b"PARE", N_("an encrypted Parquet file")),
)
_MARKS = (  # the longer mark first: UTF-32 starts like UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def unpacked(content: bytes, name: str) -> tuple[bytes, list[str]]:
    """Return the content without gzip, with a note where it was packed."""
    notes: list[str] = []
    while content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise ReadError(
                _("{name} starts like gzip but is cut short or damaged. Copy it again.").format(name=name)
            ) from None
        notes.append(_("{name} is packed with gzip; it was unpacked.").format(name=name))
    return content, notes


def file_format(content: bytes, name: str) -> str:
    """Return ``parquet``, ``feather``, ``excel`` or ``delimited``; other known formats are an error."""
    for start, table_format in _TABLE_FORMATS:
        if content.startswith(start):
            return table_format
    if content.startswith(_ZIP):
        return _zip_format(content, name)
    for start, what in _OTHER_FORMATS:
        if content.startswith(start):
            raise _not_a_table(name, _(what))
    return "delimited"


def _zip_format(content: bytes, name: str) -> str:
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except zipfile.BadZipFile:
        raise ReadError(
            _(
                "{name} starts like an Excel workbook or a zip archive but is cut short or damaged. Copy it again."
            ).format(name=name)
        ) from None
    if "xl/workbook.xml" in members:
        return "excel"
    if "xl/workbook.bin" in members:
        raise _not_a_table(name, _("a binary Excel workbook (.xlsb)"))
    if "content.xml" in members:
        raise _not_a_table(name, _("an OpenDocument file"))
    raise _not_a_table(name, _("a zip archive"))


def _not_a_table(name: str, what: str) -> ReadError:
    return ReadError(
        _(
            "{name} is {what}. CSV, Parquet, Feather and Excel (.xlsx) are read, packed with gzip or not. "
            "Unpack it, or save the table as one of these."
        ).format(name=name, what=what)
    )


def decoded(content: bytes, name: str, encoding: str | None) -> tuple[str, list[str]]:
    """Return the text of the content, with a note where the encoding is not UTF-8."""
    notes: list[str] = []
    if encoding is not None:
        text = _decoded_as(content, name, encoding)
    else:
        text, notes = _decoded_as_found(content, name)
    text = text.removeprefix("\ufeff")
    if "\x00" in text:
        raise _holds_nul(text, name)
    if "\ufffd" in text:
        notes.append(
            _(
                "{name} holds {n} replacement characters (U+FFFD): letters were lost before this file was written."
            ).format(name=name, n=text.count("\ufffd"))
        )
    return text, notes


def _decoded_as_found(content: bytes, name: str) -> tuple[str, list[str]]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            text = _decoded_as(content, name, encoding)
            note = _("{name} is encoded in {encoding}, as its byte order mark says.")
            return text, [] if encoding == "utf-8" else [note.format(name=name, encoding=encoding.upper())]
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError as error:
        position, byte = error.start, content[error.start]
    lenient = content.decode("utf-8", errors="replace")
    n_wrong = lenient.count("\ufffd")
    n_letters = sum(map(lenient.count, set(lenient) - {chr(code) for code in range(128)} - {"\ufffd"}))
    if n_letters >= n_wrong:
        raise ReadError(
            _(
                "{name} is mostly UTF-8 but not everywhere: "
                "byte 0x{byte:02X} at position {position} does not fit. "
                "Mend the file, or name another encoding, such as {option}."
            ).format(name=name, byte=byte, position=position, option=option_use("encoding", "cp1252"))
        )
    text = _decoded_as(content, name, "cp1252")
    return text, [
        _(
            "{name} is not UTF-8 (byte 0x{byte:02X} at position {position}); it was read as Windows-1252 "
            "(cp1252). Where letters look wrong, name the encoding with {option}."
        ).format(name=name, byte=byte, position=position, option=option_use("encoding"))
    ]


def _decoded_as(content: bytes, name: str, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except LookupError:
        raise ReadError(
            _("There is no encoding {encoding!r}. Common ones are utf-8, cp1252, latin-1, utf-16 and cp850.").format(
                encoding=encoding
            )
        ) from None
    except UnicodeDecodeError as error:
        raise ReadError(
            _(
                "{name} cannot be read as {encoding}: byte 0x{byte:02X} at position {position} does not fit. "
                "Name another encoding, such as {one} or {other}."
            ).format(
                name=name,
                encoding=encoding,
                byte=content[error.start],
                position=error.start,
                one=option_use("encoding", "cp1252"),
                other=option_use("encoding", "utf-16"),
            )
        ) from None


def _holds_nul(text: str, name: str) -> ReadError:
    sample = text[:SAMPLE_CHARACTERS]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        n_other = sample[1 - offset :: 2].count("\x00")
        if sample[offset::2].count("\x00") > len(sample) // 4 > n_other:
            return ReadError(
                _(
                    "{name} looks like UTF-16 without a byte order mark: every other byte is NUL. "
                    "Read it with {option}."
                ).format(name=name, option=option_use("encoding", encoding))
            )
    return ReadError(
        _(
            "{name} holds NUL characters, the first at position {position}: "
            "it is not a text file, or it is damaged. "
            "Save the table as CSV, Parquet or Excel (.xlsx)."
        ).format(name=name, position=text.index("\x00"))
    )


def delimiter(text: str) -> str:
    r"""Return the delimiter of the first lines: the one that gives most rows as many fields as the header.

    Text inside quotes does not count. A file without any delimiter has one column; it gets the comma.

    Examples
    --------
    >>> delimiter("id;pay\n1;2345,67\n2;1980,00\n")
    ';'
    """
    best, best_score = ",", (0.0, 1)
    for candidate in DELIMITERS:
        widths = _widths(text, candidate)
        if not widths:
            continue
        # A title above the header is an error later; its delimiter is that of the rows.
        width = widths[0] if widths[0] > 1 else Counter(widths).most_common(1)[0][0]
        score = (widths.count(width) / len(widths), width)
        is_likely = widths[0] > 1 or widths[1:].count(width) > LIKELY * len(widths[1:])
        if width > 1 and is_likely and score > best_score:
            best, best_score = candidate, score
    return best


def _widths(text: str, candidate: str) -> list[int]:
    """Return how many fields each of the first rows has."""
    is_cut = len(text) > SAMPLE_CHARACTERS
    sample = io.StringIO(text[:SAMPLE_CHARACTERS], newline=None)
    widths = []
    try:
        for row in csv.reader(sample, delimiter=candidate):
            if row:
                widths.append(len(row))
    except csv.Error:  # a cell longer than the csv module takes: what came before it decides
        return widths
    return widths[:-1] if is_cut and len(widths) > 1 else widths


def spoken(sep: str) -> str:
    """Return a delimiter as a word or in quotes."""
    return _("a tab") if sep == "\t" else shown(sep)
