"""Value hierarchies: how a value is coarsened, level by level, up to everything."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskscope.checks import check_number, check_whole, shown
from riskscope.errors import FrameError, ReadError
from riskscope.words import _, ngettext

ALL = "*"


@dataclass(frozen=True)
class Hierarchy:
    """For each value, its ancestors from the value itself (level 0) to one root.

    Parameters
    ----------
    paths : mapping of text to a sequence of text
        ``paths[value]`` is ``(value, ancestor at level 1, …, root)``; all of one length; all end in one root;
        two values that share an ancestor at some level share all above it.

    Raises
    ------
    FrameError
        The paths differ in length, are not nested, or have no common root.

    Examples
    --------
    >>> tree = Hierarchy({"flu": ("flu", "airways", "*"), "asthma": ("asthma", "airways", "*")})
    >>> tree.height, tree.level(["asthma", "flu"], 1)
    (2, ['airways', 'airways'])
    """

    paths: Mapping[str, Sequence[str]]

    def __post_init__(self) -> None:
        paths = {str(value): tuple(map(str, path)) for value, path in self.paths.items()}
        if not paths:
            raise FrameError(_("The hierarchy is empty; give it at least one value."))
        lengths = sorted({len(path) for path in paths.values()})
        if len(lengths) > 1 or lengths[0] < 1:
            raise FrameError(
                _(
                    "The hierarchy has values with {low} to {high} levels; every value needs as many levels as "
                    "the others. Repeat a level where nothing changes."
                ).format(low=lengths[0], high=lengths[-1])
            )
        for i, (value, path) in enumerate(paths.items()):
            if path[0] != value:
                raise FrameError(
                    _("The hierarchy's value at position {i} does not stand at level 0 of its own path.").format(i=i)
                )
        for level in range(1, lengths[0] - 1):
            parents: dict[str, str] = {}
            for path in paths.values():
                if parents.setdefault(path[level], path[level + 1]) != path[level + 1]:
                    raise FrameError(
                        _(
                            "The hierarchy is not nested: a value of level {level} has two parents at level {next}. "
                            "Give each value of a level one parent."
                        ).format(level=level, next=level + 1)
                    )
        if len({path[-1] for path in paths.values()}) > 1:
            paths = {value: (*path, ALL) for value, path in paths.items()}
        object.__setattr__(self, "paths", paths)

    @property
    def height(self) -> int:
        """Number of steps from a value to the root."""
        return len(next(iter(self.paths.values()))) - 1

    @property
    def values(self) -> tuple[str, ...]:
        """The values of level 0, in order."""
        return tuple(self.paths)

    def level(self, values: Iterable[Any], level: int) -> list[str]:
        """Return the ancestor of each value at a level; a value that is not covered is an error.

        The message counts the values that are not covered and gives the first position, never the value.
        """
        check_whole(level, "level", low=0)
        if level > self.height:
            raise FrameError(
                _("level is {level}; the hierarchy goes up to {height}.").format(level=level, height=self.height)
            )
        texts = [text_of(value) for value in values]
        absent = [i for i, text in enumerate(texts) if text not in self.paths]
        if absent:
            raise FrameError(
                ngettext(
                    "{n} value is not covered by the hierarchy, at position {i}. Add it to the hierarchy at level 0.",
                    "{n} values are not covered by the hierarchy, the first at position {i}. "
                    "Add them to the hierarchy at level 0.",
                    len(absent),
                ).format(n=len(absent), i=absent[0])
            )
        return [self.paths[text][level] for text in texts]

    @classmethod
    def read_csv(cls, path: str | Path, *, sep: str = ";", encoding: str = "utf-8-sig") -> Hierarchy:
        """Read a hierarchy in ARX's layout: no header, one value a line, level 0 first."""
        path = Path(path)
        try:
            with path.open(encoding=encoding, newline="") as file:
                rows = [row for row in csv.reader(file, delimiter=sep) if row]
        except (OSError, UnicodeDecodeError) as error:
            raise ReadError(
                _("The hierarchy {name} cannot be read ({reason}). Give a CSV file, or its encoding.").format(
                    name=shown(path.name), reason=type(error).__name__
                )
            ) from None
        paths: dict[str, Sequence[str]] = {}
        for line, row in enumerate(rows, start=1):
            if row[0] in paths and tuple(paths[row[0]]) != tuple(row):
                raise ReadError(
                    _("The hierarchy {name} gives line {line}'s value two paths; keep one line a value.").format(
                        name=shown(path.name), line=line
                    )
                )
            paths[row[0]] = row
        return cls(paths)

    @classmethod
    def intervals(cls, values: Iterable[float], widths: Sequence[float], *, start: float = 0) -> Hierarchy:
        """Coarsen numbers into intervals of growing width, ``[20, 30[``, then to everything.

        Parameters
        ----------
        values : numbers
            The values to cover.
        widths : numbers
            Width at each level; each must be a whole multiple of the one before, so that levels nest.
        start : number, default 0
            Where an interval begins.

        Examples
        --------
        >>> Hierarchy.intervals([21, 34], [5, 10]).paths["34"]
        ('34', '[30, 35[', '[30, 40[', '*')
        """
        for width in widths:
            check_number(width, "widths", low=0, low_open=True)
        for narrow, wide in itertools.pairwise(widths):
            if wide % narrow:
                raise FrameError(
                    _("widths holds {narrow} before {wide}; each must be a multiple of the one before.").format(
                        narrow=narrow, wide=wide
                    )
                )
        paths: dict[str, Sequence[str]] = {}
        for value in sorted(set(values)):
            bounds = [start + (value - start) // width * width for width in widths]
            steps = [f"[{_tidy(low)}, {_tidy(low + width)}[" for low, width in zip(bounds, widths, strict=True)]
            paths[text_of(value)] = (text_of(value), *steps, ALL)
        return cls(paths)

    @classmethod
    def prefixes(cls, values: Iterable[str], lengths: Sequence[int]) -> Hierarchy:
        """Coarsen codes to their first characters, ``75***``, then to everything.

        Parameters
        ----------
        values : texts
            The codes to cover.
        lengths : whole numbers, falling
            Characters kept at each level.

        Examples
        --------
        >>> Hierarchy.prefixes(["75011", "01000"], [3, 2]).paths["01000"]
        ('01000', '010**', '01***', '*')
        """
        kept = [check_whole(length, "lengths", low=1) for length in lengths]
        if sorted(kept, reverse=True) != kept:
            raise FrameError(_("lengths must fall from level to level, as in [3, 2]."))
        paths: dict[str, Sequence[str]] = {}
        for value in sorted({str(value) for value in values}):
            steps = [value[:length] + ALL * (len(value) - length) for length in kept]
            paths[value] = (value, *steps, ALL)
        return cls(paths)


def text_of(value: Any) -> str:
    """Return a value as a hierarchy file writes it: 34.0 as 34, a date as 2026-01-31, text as it is.

    Examples
    --------
    >>> text_of(34.0), text_of("01000"), text_of(dt.date(2026, 1, 31))
    ('34', '01000', '2026-01-31')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time(0):
        return str(value.date())
    return str(value)


def _tidy(bound: float) -> str:
    return str(int(bound)) if float(bound).is_integer() else f"{bound:g}"
