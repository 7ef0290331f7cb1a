"""What every result is: frozen numbers, the question they answer, and one source for every way to show them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope._version import __version__
from riskscope.errors import RiskscopeError
from riskscope.words import N_, _

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: How missing values were read, in words.
MISSING_WORDS = {
    "category": N_("a missing value counts as a value of its own"),
    "wildcard": N_("a missing value matches every value, both ways"),
    "sdcmicro": N_("missing values are counted as sdcMicro does (alpha counting)"),
}


def measured(label: str, kind: str = "number", **options: Any) -> Any:
    """Declare a field that is shown: its label in words, and its format (a key of ``display.FORMATS``)."""
    return field(metadata={"label": label, "kind": kind}, **options)


def hidden(**options: Any) -> Any:
    """Declare a field that is there for programs (arrays, parts), and not shown in tables."""
    return field(repr=False, compare=False, metadata={"kind": "hidden"}, **options)


@dataclass(frozen=True, kw_only=True)
class Result:
    """Frozen numbers and the question they answer.

    ``to_dict`` is the one source of every other form. ``undefined`` names each number that is NaN, with the
    reason. Nothing here shows a record or a value that few people share.
    """

    question: ClassVar[str] = ""
    source: ClassVar[str] = ""
    #: Methods that draw a picture of their own, in the order of the report.
    pictures: ClassVar[tuple[str, ...]] = ("plot",)

    n_records: int = measured(N_("records"), "count")
    missing: str = field(default="category", repr=False)
    engine: str = field(default="memory", repr=False)
    undefined: dict[str, str] = field(default_factory=dict, repr=False)
    #: Which columns it speaks of, where a journey asks the question of several.
    about: str = field(default="", repr=False)

    def heading(self) -> str:
        """Return the question in words, with what tells this result from others that answer it."""
        return f"{self.about}: {_(self.question)}" if self.about else _(self.question)

    def summary(self) -> str:
        """Return two to four plain sentences: what the numbers mean for a person, and what they do not."""
        return " ".join(self.sentences())

    def sentences(self) -> list[str]:
        """Return the sentences of the summary, one a string."""
        raise NotImplementedError

    def shown_fields(self) -> list[tuple[str, str, Any, str]]:
        """Return (name, label in words, value, format) of each number that is shown, in order."""
        return [
            (each.name, _(each.metadata["label"]), getattr(self, each.name), each.metadata["kind"])
            for each in dataclasses.fields(self)
            if each.metadata.get("label")
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return every shown number, raw, with what is needed to read it again: semantics, engine, version."""
        numbers = {name: plain(value) for name, _label, value, _kind in self.shown_fields()}
        about = {"missing": self.missing, "engine": self.engine, "riskscope": __version__}
        if self.undefined:
            about["undefined"] = self.undefined  # type: ignore[assignment]
        if self.about:
            about["about"] = self.about
        return {"measure": type(self).__name__, **numbers, **about}

    def to_frame(self) -> pd.DataFrame:
        """Return the shown numbers as a data frame with the columns ``measure`` and ``value``."""
        import pandas as pd

        fields = self.shown_fields()
        values = pd.Series([value for _name, _label, value, _kind in fields], dtype=object)
        return pd.DataFrame({"measure": [name for name, *_rest in fields], "value": values})

    def rows(self) -> list[tuple[str, str]]:
        """Return (label, value as text) of each shown number; an undefined one gives its reason."""
        return [
            (label, self.undefined_text(name) or display.formatted(value, kind))
            for name, label, value, kind in self.shown_fields()
        ]

    def undefined_text(self, name: str) -> str:
        """Return ``undefined (reason)`` for a number that is undefined, else an empty text."""
        reason = self.undefined.get(name)
        return _("undefined ({reason})").format(reason=_(reason)) if reason else ""

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return further tables to show, each as (caption, header, rows of text)."""
        return []

    @property
    def has_picture(self) -> bool:
        """Whether the result has a picture of its own, which the report shows; ``plot`` else draws its shares."""
        return type(self).plot is not Result.plot

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the result: here its shares as bars; a result without any says that it has no picture."""
        shares = [
            (label, value)
            for name, label, value, kind in reversed(self.shown_fields())
            if kind == "share" and name != "threshold" and math.isfinite(value)
        ]
        if not shares:
            raise RiskscopeError(
                _("{name} has no picture; to_frame() gives its numbers.").format(name=type(self).__name__)
            )
        axes = new_axes(ax, (7.0, 1.2 + 0.45 * len(shares)))
        bars = axes.barh(range(len(shares)), [100 * value for _label, value in shares], color="#1f5fa8")
        axes.set_yticks(range(len(shares)), [label for label, _value in shares])
        axes.bar_label(bars, labels=[display.share(value) for _label, value in shares], fontsize=8, padding=2)
        axes.set_xlim(0, 112)
        axes.set_xlabel("%")
        axes.set_title(self.heading(), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes

    def _repr_html_(self) -> str:
        body = display.html_table([_("measure"), _("value")], self.rows())
        for caption, header, rows in self.tables():
            body += display.html_table(header, rows, caption=caption)
        return display.html_card(self.heading(), self.sentences(), body)


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: NumPy scalars become Python's, NaN None, infinity a text.

    Examples
    --------
    >>> plain(np.float64("nan")), plain(float("inf")), plain({"a": np.int64(1)})
    (None, 'Infinity', {'a': 1})
    """
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, np.ndarray):
        return [plain(each) for each in value.tolist()]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def new_axes(ax: Axes | None, size: tuple[float, float] = (7.0, 3.6)) -> Axes:
    """Return ``ax``, or the axes of a new figure (matplotlib is imported on use)."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    _figure, axes = plt.subplots(figsize=size, layout="constrained")
    return axes
