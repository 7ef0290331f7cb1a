"""Files written at once or not at all, readable by their owner alone."""

from __future__ import annotations

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
        name, folder = (shown(str(each), longest=200) for each in (path, path.parent))
        if isinstance(error, FileNotFoundError):
            raise RiskscopeError(
                _("{name} cannot be written: the folder {folder} does not exist. Make it, or name another.").format(
                    name=name, folder=folder
                )
            ) from None
        raise RiskscopeError(
            _("{name} cannot be written: {reason}. Name a file in a folder that can be written.").format(
                name=name, reason=error.strerror or type(error).__name__
            )
        ) from None
    return path
