"""Results: one source for every way to show them; undefined numbers say why."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import matplotlib.pyplot as plt
import numpy as np
import pytest

import riskscope as rs
from riskscope.errors import RiskscopeError
from riskscope.results import Result, hidden, measured, new_axes, plain


@dataclass(frozen=True, kw_only=True)
class Example(Result):
    """A result for these tests."""

    question: ClassVar[str] = "How <many>?"

    mean: float = measured("mean & more", "number")
    part: float = measured("part", "share")
    note: str | None = measured("note", "text", default=None)
    array: Any = hidden(default=None)

    def sentences(self) -> list[str]:
        return ["One <b>.", "Two."]

    def tables(self) -> list[Any]:
        return [("By <column>", ["column", "value"], [("<a>", "1")])]


GOOD = Example(n_records=12_345, mean=2.5, part=0.25, array=np.arange(3))
UNDEFINED = Example(n_records=0, mean=np.nan, part=np.nan, undefined={"mean": "no record", "part": "no record"})


def test_to_dict_is_plain_and_complete() -> None:
    found = GOOD.to_dict()
    assert found == {
        "measure": "Example",
        "n_records": 12_345,
        "mean": 2.5,
        "part": 0.25,
        "note": None,
        "missing": "category",
        "engine": "memory",
        "riskscope": rs.__version__,
    }
    json.dumps(found, allow_nan=False)


def test_undefined_numbers_say_why() -> None:
    assert UNDEFINED.to_dict()["mean"] is None
    assert UNDEFINED.to_dict()["undefined"] == {"mean": "no record", "part": "no record"}
    assert dict(UNDEFINED.rows())["mean & more"] == "undefined (no record)"
    assert UNDEFINED.undefined_text("n_records") == ""


def test_rows_frame_and_repr() -> None:
    assert GOOD.rows() == [("records", "12,345"), ("mean & more", "2.5"), ("part", "25.0 %"), ("note", "not given")]
    assert GOOD.to_frame()["value"].tolist() == [12_345, 2.5, 0.25, None]
    assert repr(GOOD) == "Example(n_records=12345, mean=2.5, part=0.25, note=None)"
    assert GOOD.summary() == "One <b>. Two."


def test_html_escapes_everything() -> None:
    html = GOOD._repr_html_()
    for text in ("How &lt;many&gt;?", "One &lt;b&gt;.", "mean &amp; more", "By &lt;column&gt;", "&lt;a&gt;"):
        assert text in html
    for text in ("<b>", "<many>", "<column>", "<a>", "<script"):
        assert text not in html


def test_equal_results_are_equal_whatever_is_hidden() -> None:
    assert Example(n_records=12_345, mean=2.5, part=0.25) == GOOD


def test_a_result_draws_its_shares() -> None:
    axes = GOOD.plot()
    assert [bar.get_width() for bar in axes.patches] == [25]
    assert not GOOD.has_picture
    plt.close(axes.figure)


def test_a_result_without_a_picture_says_so() -> None:
    with pytest.raises(RiskscopeError, match="Result has no picture; to_frame"):
        Result(n_records=1).plot()
    with pytest.raises(NotImplementedError):
        Result(n_records=1).summary()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (float("nan"), None),
        (np.float64("nan"), None),
        (float("-inf"), "-Infinity"),
        (np.array([1.0, np.nan, np.inf]), [1.0, None, "Infinity"]),
        ({1: (np.int8(2), [np.nan])}, {"1": [2, [None]]}),
        ("text", "text"),
        (None, None),
    ],
)
def test_plain(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)
    assert not isinstance(found, float) or math.isfinite(found)


def test_new_axes_keeps_the_axes_given() -> None:
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    mpl.use("Agg")
    axes = new_axes(None, (4.0, 3.0))
    assert new_axes(axes) is axes
    assert axes.figure.get_size_inches().tolist() == [4.0, 3.0]
    plt.close("all")
