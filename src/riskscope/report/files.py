"""Files written at once or not at all, readable by their owner alone."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from riskscope.checks import shown
from riskscope.errors import RiskscopeError
from riskscope.words import _


def write_text(path: str | Path, text: str) -> Path:
    """Write a text to a file in UTF-8, at once or not at all, readable by its owner alone; return the path."""
    path = Path(path)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".riskscope-")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
        Path(temporary).replace(path)
    except BaseException as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise _cannot_be_written(path, error) from None
    return path


def check_writable(path: str | Path) -> Path:
    """Return the path if a file can be written there, tried in its folder: to be asked before long work."""
    path = Path(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".riskscope-"):
            pass
    except OSError as error:
        raise _cannot_be_written(path, error) from None
    return path


def _cannot_be_written(path: Path, error: OSError) -> RiskscopeError:
    """Return what to say of a file that cannot be written."""
    name, folder = (shown(str(each), longest=200) for each in (path, path.parent))
    if isinstance(error, FileNotFoundError):
        return RiskscopeError(
            _("{name} cannot be written: the folder {folder} does not exist. Make it, or name another.").format(
                name=name, folder=folder
            )
        )
    return RiskscopeError(
        _("{name} cannot be written: {reason}. Name a file in a folder that can be written.").format(
            name=name, reason=error.strerror or type(error).__name__
        )
    )
