"""Sample uniques and the frequency of frequencies."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import riskscope as rs
from frames import QUASI, keys_of, some_people
from naive import uniqueness as twin


def test_t8(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS A1: c_1 = 1, two classes of two, one of three; mean 2."""
    result = rs.uniqueness(t8, t8_roles)
    assert (result.n_unique, result.n_pairs, result.largest, result.mean_class_size) == (1, 2, 3, 2.0)
    assert result.share_unique == 1 / 8
    assert result.sizes.tolist() == [1, 2, 3]
    assert result.n_classes_of_size.tolist() == [1, 2, 1]


@pytest.mark.parametrize("seed", range(5))
def test_twin(seed: int) -> None:
    people = some_people(seed)
    result = rs.uniqueness(pd.DataFrame(people), QUASI)
    found = dict(zip(result.sizes.tolist(), result.n_classes_of_size.tolist(), strict=True))
    assert found == twin.classes_of_size(keys_of(people))
    assert result.n_unique == found.get(1, 0)
    assert int((result.sizes * result.n_classes_of_size).sum()) == result.n_records == 120


def test_bands_hold_everybody() -> None:
    sizes = [1, 2, 3, 4, 5, 9, 10, 19, 20, 49, 50, 99, 100, 250]
    people = pd.DataFrame({"a": [name for name, size in enumerate(sizes) for _ in range(size)]})
    bands = dict(rs.uniqueness(people, ["a"]).bands())
    assert bands == {"1": 1, "2": 2, "3–4": 7, "5–9": 14, "10–19": 29, "20–49": 69, "50–99": 149, "100+": 350}
    assert sum(bands.values()) == len(people)


def test_no_record() -> None:
    result = rs.uniqueness(pd.DataFrame({"a": []}), ["a"])
    assert (result.n_unique, result.n_pairs) == (0, 0)
    for name in ("share_unique", "mean_class_size", "largest"):
        assert math.isnan(getattr(result, name))
        assert result.undefined[name] == "the table has no records"
    assert sum(n for _label, n in result.bands()) == 0
    assert "undefined" in result.summary()
    assert "<table" in result._repr_html_()


@pytest.mark.parametrize(
    ("column", "n_unique"), [(["x"], 1), (["x"] * 9, 0), (list(range(9)), 9), ([None] * 9, 0), ([None], 1)]
)
def test_degenerate(column: list[object], n_unique: int) -> None:
    assert rs.uniqueness(pd.DataFrame({"a": column}), ["a"]).n_unique == n_unique


def test_summary_never_says_nobody_when_somebody_is_alone() -> None:
    people = pd.DataFrame({"a": [0] * 9_999 + [1]})
    assert "Fewer than 1 of 100 people (1 of 10,000) stand alone" in rs.uniqueness(people, ["a"]).summary()


@pytest.mark.parametrize(
    ("ages", "said"),
    [
        ([1, 1], "Nobody of 2 people stands alone"),
        ([1, 2], "Everybody (2 people) stands alone"),
        ([1, 1, *range(2, 1000)], "Nearly everybody (998 of 1,000 people) stands alone"),
        ([1, 1, 2], "33 of 100 people (1 of 3) stand alone"),
    ],
)
def test_summary_says_it_in_people(ages: list[int], said: str) -> None:
    assert said in rs.uniqueness(pd.DataFrame({"a": ages}), ["a"]).summary()


def test_plot_draws_the_bands(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    axes = rs.uniqueness(t8, t8_roles).plot()
    assert [patch.get_height() for patch in axes.patches] == [1, 4, 3, 0, 0, 0, 0, 0]


def test_the_picture_says_who_is_alone_and_who_nearly() -> None:
    import matplotlib.pyplot as plt

    axes = rs.uniqueness(pd.DataFrame({"a": [0, 1, 1, 2, 2, 2]}), ["a"]).plot()
    colours = [bar.get_facecolor() for bar in axes.patches]
    assert colours[1] == colours[2]
    assert len({colours[0], colours[1], colours[3]}) == 3
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "alone",
        "in a group of 2 to 4",
        "in a group of 5 or more",
    ]
    plt.close(axes.figure)
