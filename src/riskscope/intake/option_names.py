"""How messages write the options of the reader: as Python's arguments, or as another door to it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from riskscope.checks import shown

_written: ContextVar[Mapping[str, str] | None] = ContextVar("_written", default=None)


@contextmanager
def options_written_as(names: Mapping[str, str]) -> Iterator[None]:
    """Let messages name options as the command line does, while a file is read.

    Examples
    --------
    >>> with options_written_as({"text": "--as-text"}):
    ...     option_name("text")
    '--as-text'
    """
    token = _written.set(names)
    try:
        yield
    finally:
        _written.reset(token)


def option_name(argument: str) -> str:
    """Return the option for an argument of ``read_table``, such as ``missing``."""
    names = _written.get()
    return argument if names is None else names[argument]


def option_use(argument: str, value: str | None = None) -> str:
    """Return the option as somebody writes it, with a value or ready for one.

    Examples
    --------
    >>> option_use("missing"), option_use("decimal", ",")
    ('missing=', "decimal=','")
    >>> with options_written_as({"missing": "--missing-mark", "decimal": "--decimal"}):
    ...     option_use("missing"), option_use("decimal", ",")
    ('--missing-mark', "--decimal ','")
    """
    name = option_name(argument)
    if _written.get() is None:
        return f"{name}={'' if value is None else shown(value)}"
    return name if value is None else f"{name} {shown(value)}"
