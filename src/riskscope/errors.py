"""What can go wrong, one class for each remedy.

A message has three parts: what came (column, type, position, count; never a cell's content), what is
allowed, and what to do.
"""

from __future__ import annotations


class RiskscopeError(ValueError):
    """Base of every error that riskscope raises on purpose."""


class RoleError(RiskscopeError):
    """The roles do not fit each other or the data; edit the roles."""


class FrameError(RiskscopeError):
    """The data cannot be measured as it is; change the data or how it is handed over."""


class ReadError(RiskscopeError):
    """A file cannot be read without guessing; say how to read it or mend the file."""


class CellLimitError(RiskscopeError):
    """The table of combinations would grow too large; drop or coarsen a column."""


class MissingExtraError(RiskscopeError, ImportError):
    """An optional dependency is not installed; install the extra that the message names."""
