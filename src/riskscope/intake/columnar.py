"""Parquet and Feather to a data frame: types as stored, levels kept, whole numbers with gaps kept whole."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import pyarrow as pa

from riskscope.checks import quoted
from riskscope.errors import ReadError
from riskscope.intake.delimited import column_names
from riskscope.intake.types import EMPTY, MISSING_MARKS, Findings, as_series
from riskscope.words import _, ngettext


def read_columnar(
    content: bytes, name: str, table_format: str, missing: Collection[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Return the data frame that the bytes of a Parquet or Feather file stand for, with notes.

    Parameters
    ----------
    content : bytes
        The whole file.
    name : str
        The file's name, fit for a message.
    table_format : str
        ``"parquet"`` or ``"feather"``.
    missing : collection of str
        Texts that count as missing; the empty text counts only when it is named here.

    Returns
    -------
    tuple of pandas.DataFrame and list of str
        The columns and the notes.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> pd.DataFrame({"grade": pd.Categorical(["low"], ["low", "high"])}).to_parquet(file)
    >>> data, _notes = read_columnar(file.getvalue(), "'grades.parquet'", "parquet", ())
    >>> data["grade"].cat.categories.tolist()
    ['low', 'high']
    """
    table = _table(content, name, table_format)
    if table.num_columns == 0 or table.num_rows == 0:
        raise ReadError(
            _("{name} has {rows} and {columns}. Name a file with records.").format(
                name=name,
                rows=ngettext("{n} row", "{n} rows", table.num_rows).format(n=table.num_rows),
                columns=ngettext("{n} column", "{n} columns", table.num_columns).format(n=table.num_columns),
            )
        )
    names, notes = column_names(table.column_names)
    index = _index_names(table)
    if index:
        notes.append(
            _("The row labels stored in {name} became columns: {index}.").format(name=name, index=quoted(index))
        )
    nested = [column for column, kind in zip(names, table.schema.types, strict=True) if pa.types.is_nested(kind)]
    if nested:
        notes.append(
            _("Columns of lists or records cannot be counted; split them or leave them out: {columns}.").format(
                columns=quoted(nested)
            )
        )
    data = pd.DataFrame({each: as_series(table.column(i)) for i, each in enumerate(names)})
    findings = Findings()
    data = with_missing(data, missing, findings)
    return data, notes + findings.notes()


def with_missing(data: pd.DataFrame, missing: Collection[str], findings: Findings) -> pd.DataFrame:
    """Return the data with the named texts as missing values; columns without any value are noted."""
    marked = data.copy(deep=False)
    for name in data.columns:
        column = data[name]
        if missing and (isinstance(column.dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(column.dtype)):
            marked[name] = column.mask(column.isin(list(missing)))
            n_present = int(marked[name].notna().sum())
            for mark in missing:
                n_cells = int((column == mark).sum())
                if n_cells:
                    findings.add_cells(MISSING_MARKS, name, n_cells, n_present, mark=mark)
        if marked[name].isna().all():
            findings.add(EMPTY, name)
    return marked


def _table(content: bytes, name: str, table_format: str) -> pa.Table:
    try:
        if table_format == "parquet":
            import pyarrow.parquet

            return pyarrow.parquet.ParquetFile(pa.BufferReader(content)).read()  # takes a name twice
        import pyarrow.feather

        return pyarrow.feather.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError):
        raise ReadError(
            _(
                "{name} starts like {format} but cannot be read: it is cut short or damaged ({n} bytes). "
                "Copy or write it again."
            ).format(name=name, format=table_format.capitalize(), n=len(content))
        ) from None


def _index_names(table: pa.Table) -> list[str]:
    """Return the columns that pandas stored as row labels."""
    metadata = table.schema.pandas_metadata or {}
    return [name for name in metadata.get("index_columns", []) if isinstance(name, str)]
