"""Special uniques against brute force on both paths, the worked example, edge cases, and what may be shown."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskscope as rs
from frames import QUASI, ROLES, keys_of, records, some_people
from naive import special_uniques as twin
from riskscope.errors import CellLimitError, RiskscopeError, RoleError

CLOSE = 1e-12
WHERE = "riskscope.risk.special_uniques"
BOOK = pd.DataFrame(
    {
        "age": ["20s"] * 7 + ["60s"],
        "gender": list("mmmmfffm"),
        "income": list("++------"),
        "edu": ["hs", "hs", "hs", "hs", "un", "hs", "mid", "un"],
    }
)


@pytest.fixture(params=["plain", "compiled"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path for few cells, and the search."""
    monkeypatch.setattr(f"{WHERE}.FEW", 10**9 if request.param == "plain" else 0)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    d, n = draw(st.integers(1, 5)), draw(st.integers(1, 20))
    column = st.lists(st.sampled_from(["x", "y", "z", None]), min_size=n, max_size=n)
    return pd.DataFrame({f"c{at}": pd.Series(draw(column), dtype=object) for at in range(d)})


@pytest.mark.usefixtures("either")
@given(tables(), st.sampled_from(["suda", "ihsn"]), st.sampled_from(["category", "sdcmicro"]), st.integers(1, 5))
@settings(max_examples=120)
def test_equals_brute_force(frame: pd.DataFrame, score: str, missing: str, max_size: int) -> None:
    names = list(frame.columns)
    keys, d, size = records(frame.to_dict("list")), len(names), min(max_size, len(names))
    ours = rs.special_uniques(frame, names, max_size=size, score=score, dis_fraction=0.1, missing=missing)
    found = twin.minimal_sample_uniques(keys, size)
    if missing == "sdcmicro":
        found = twin.known_only(keys, found)
    scores = twin.scores(found, d, score)
    assert ours.score.tolist() == pytest.approx(scores, rel=CLOSE)
    assert ours.dis.tolist() == pytest.approx(twin.dis(keys, scores, d, 0.1), rel=CLOSE)
    assert ours.contributions == pytest.approx(np.array(twin.contributions(found, d, score)), rel=CLOSE)
    assert ours.smallest.tolist() == [min(map(len, sets), default=0) for sets in found]
    assert ours.n_singled_out == sum(bool(sets) for sets in found)
    assert ours.n_special == sum(any(len(columns) < d for columns in sets) for sets in found)
    assert ours.n_sets == sum(map(len, found))
    sizes = [len(columns) for columns in itertools.chain(*found)]
    assert ours.sets_by_size == {at: sizes.count(at) for at in range(1, size + 1)}
    smallest = ours.smallest.tolist()
    assert ours.people_by_size == {at: smallest.count(at) for at in range(1, size + 1)}
    for at, name in enumerate(names):
        whole = sum(part[at] * each for part, each in zip(ours.contributions.tolist(), scores, strict=True))
        expected = whole / sum(scores) if sum(scores) else math.nan
        assert ours.contribution[name] == pytest.approx(expected, rel=1e-9, nan_ok=True)
        by_value = twin.value_contributions(keys, found, d, score, at)
        level = rs.count(frame, names).levels[at]
        values = [None] * level.has_missing + level.to_list()
        assert ours.by_code[name].tolist() == pytest.approx([by_value[value] for value in values], nan_ok=True)


@pytest.mark.parametrize(
    ("score", "scores", "fraction", "dis"),
    [
        ("suda", [4, 2, 6, 8], 0.1, [0.107749, 0.049939, 0.164190, 0.217182]),
        ("suda", [4, 2, 6, 8], 0.01, [0.010859, 0.004756, 0.017545, 0.024601]),
        ("ihsn", [1, 0.5, 1.75, 2.25], 0.1, None),
    ],
)
def test_the_example_of_the_sdcmicro_book(
    score: str, scores: list[float], fraction: float, dis: list[float] | None, either: None
) -> None:
    """FORMULAS B6."""
    found = rs.special_uniques(BOOK, list(BOOK.columns), score=score, dis_fraction=fraction)
    assert found.score.tolist() == [0, 0, 0, 0, *scores]
    if dis:
        assert found.dis.round(6).tolist() == [0, 0, 0, 0, *dis]
        assert found.contribution == pytest.approx({"age": 0.4, "gender": 0.3, "income": 0, "edu": 0.7}, rel=CLOSE)
    assert found.people_by_size == {1: 2, 2: 2, 3: 0, 4: 0}
    assert (found.highest_score, found.n_special) == (max(scores), 4)


def test_parts_of_a_pair_add_up_to_the_fraction() -> None:
    """Sum of 1 / dis - 1 over the scored records is P (1 - φ) / φ."""
    people = pd.DataFrame(some_people(3, n=60))
    found = rs.special_uniques(people, QUASI, dis_fraction=0.05)
    scored = found.dis[found.score > 0]
    paired = (rs.class_sizes(people, QUASI) == 2).sum()
    assert paired > 0
    assert (1 / scored - 1).sum() == pytest.approx(paired * 0.95 / 0.05, rel=1e-9)


def test_where_no_two_are_equal_dis_is_one(either: None) -> None:
    """sdcMicro gives NaN for these two records (two uniques of one hash)."""
    found = rs.special_uniques(pd.DataFrame({"a": [1, 2], "b": [3, 1], "c": [1, 1]}), ["a", "b", "c"])
    assert found.dis.tolist() == [1, 1]
    assert found.score.tolist() == [4, 4]


@pytest.mark.parametrize(("n_columns", "score"), [(1, 1.0), (2, 1.0), (3, 2.0)])
def test_fewer_than_three_columns_are_not_padded(n_columns: int, score: float, either: None) -> None:
    """One column singles the third record out: (d - 1)!; sdcMicro has 2 for each of these."""
    frame = pd.DataFrame({"a": [1, 1, 2], "b": [5, 5, 5], "c": [6, 6, 6]}).iloc[:, :n_columns]
    found = rs.special_uniques(frame, list(frame.columns))
    assert found.score.tolist() == [0, 0, score]


def test_columns_that_repeat_each_other_contribute_alike(either: None) -> None:
    """Two columns that say the same share alike; with five such, sdcMicro gave some all and others nothing."""
    frame = pd.DataFrame({"a": [1, 1, 2, 2], "same": [7, 7, 8, 8], "b": [1, 2, 2, 2]})
    found = rs.special_uniques(frame, ["a", "same", "b"])
    assert found.contributions.tolist() == [[0, 0, 1], [0.5, 0.5, 1], [0, 0, 0], [0, 0, 0]]


def test_a_missing_value_as_in_sdcmicro_is_no_fact(either: None) -> None:
    frame = pd.DataFrame({"a": [None, "x", "x", "x"], "b": [1, 1, 1, 2]})
    assert rs.special_uniques(frame, ["a", "b"]).smallest.tolist() == [1, 0, 0, 1]
    assert rs.special_uniques(frame, ["a", "b"], missing="sdcmicro").smallest.tolist() == [0, 0, 0, 1]


def test_the_same_in_any_order_of_records_and_columns(either: None) -> None:
    people = pd.DataFrame(some_people(8, n=70))
    found = rs.special_uniques(people, QUASI)
    order = np.random.default_rng(0).permutation(70)
    other = rs.special_uniques(people.iloc[order].set_axis([0] * 70), QUASI[::-1])
    assert other.score.tolist() == found.score[order].tolist()
    assert other.contributions[:, ::-1] == pytest.approx(found.contributions[order], rel=CLOSE)
    assert found.n_singled_out > 5


def test_every_kind_of_frame(frame_of: Callable[[Any], Any]) -> None:
    people = some_people(8, n=40)
    found = rs.special_uniques(frame_of(people), QUASI)
    scores = twin.scores(twin.minimal_sample_uniques(keys_of(people)), 3, "suda")
    assert sorted(found.score.tolist()) == sorted(scores)


def test_counted_table_gives_records_in_the_order_of_cells() -> None:
    people = pd.DataFrame(some_people(4, n=50))
    table = rs.count(people, ROLES)
    ours, direct = rs.special_uniques(table), rs.special_uniques(people, ROLES)
    assert ours.to_dict() == direct.to_dict()
    assert ours.score.shape == (50,)
    assert sorted(ours.dis.tolist()) == sorted(direct.dis.tolist())
    classes = table.classes()
    repeated = np.repeat(classes.counts, classes.counts)
    assert (repeated[ours.score > 0] == 1).all()


def test_more_columns_than_a_lattice_holds() -> None:
    """Thirty columns, sets of two at most, against brute force; DIS-SUDA has no exponent from 28 on."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({f"c{at}": rng.integers(0, 9, 60) for at in range(30)})
    found = rs.special_uniques(frame, list(frame.columns), max_size=2)
    scores = twin.scores(twin.minimal_sample_uniques(records(frame.to_dict("list")), 2), 30, "suda")
    assert found.score.tolist() == pytest.approx(scores, rel=CLOSE)
    assert np.isnan(found.dis[found.score > 0]).all()
    assert "not positive" in found.undefined["highest_dis"]
    assert "More than 2 facts together were not tried" in found.summary()
    assert not np.isnan(rs.special_uniques(frame, list(frame.columns)[:27], max_size=1).dis).any()


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({f"c{at}": range(5) for at in range(63)})
    with pytest.raises(RoleError, match="63 quasi-identifiers are named; at most 62 can be searched"):
        rs.special_uniques(frame, list(frame.columns))
    monkeypatch.setattr(f"{WHERE}.FEW", 0)
    assert rs.special_uniques(frame, list(frame.columns)[:62]).n_sets == 5 * 62
    monkeypatch.setattr(f"{WHERE}.MOST_SETS", 20)
    with pytest.raises(CellLimitError, match=r"more than 20 minimal sets .* Set max_size"):
        rs.special_uniques(frame, list(frame.columns)[:62])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"score": "elliot"}, "score is 'elliot'; it must be one of 'suda', 'ihsn'"),
        ({"missing": "wildcard"}, "missing is 'wildcard'; it must be one of 'category', 'sdcmicro'"),
        ({"dis_fraction": 0}, "dis_fraction is 0; it must be a number, above 0 and at most 1"),
        ({"max_size": 0}, "max_size is 0; it must be a whole number of at least 1"),
    ],
)
def test_options_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RiskscopeError, match=message):
        rs.special_uniques(BOOK, ["age"], **options)


def test_no_record(either: None) -> None:
    empty = rs.special_uniques(pd.DataFrame({"a": [], "b": []}), ["a", "b"])
    assert math.isnan(empty.highest_score)
    assert math.isnan(empty.highest_dis)
    assert math.isnan(empty.contribution["a"])
    assert empty.undefined["highest_score"] == "the table has no records"
    assert "no records" in empty.summary()
    assert empty.contributions.shape == (0, 2)
    assert (empty.n_singled_out, empty.people_by_size) == (0, {1: 0, 2: 0})


def test_one_record(either: None) -> None:
    one = rs.special_uniques(pd.DataFrame({"a": [1], "b": [None]}), ["a", "b"])
    assert (one.n_sets, one.people_by_size, one.score.tolist(), one.dis.tolist()) == (2, {1: 1, 2: 0}, [2], [1])


def test_all_equal(either: None) -> None:
    equal = rs.special_uniques(pd.DataFrame({"a": [1] * 4, "b": [None] * 4}), ["a", "b"])
    assert (equal.n_singled_out, equal.highest_score, equal.highest_dis) == (0, 0, 0)
    assert equal.score.tolist() == [0] * 4
    assert math.isnan(equal.contribution["a"])
    assert equal.undefined == {"contribution": "no record has a score"}
    assert "No 2 facts of these together single anybody out" in equal.summary()
    assert equal.to_dict()["contribution"] == {"a": None, "b": None}


def test_all_unique(either: None) -> None:
    unique = rs.special_uniques(pd.DataFrame({"a": range(6), "b": range(6)}), ["a", "b"])
    assert unique.people_by_size == {1: 6, 2: 0}
    assert unique.dis.tolist() == [1] * 6
    assert "6 of 6 people (100 %) are singled out" in unique.summary()


def test_a_value_is_shown_where_ten_people_are_singled_out_by_it() -> None:
    """Ten people each, alone by group and number: 'a' and 'b' may be told; 'rare' has nine."""
    groups = ["a"] * 12 + ["b"] * 14 + ["rare"] * 9
    frame = pd.DataFrame({"group": groups, "number": [f"n{at}" for at in [*range(12), *range(14), *range(9)]]})
    frame = pd.concat([frame, pd.DataFrame({"group": ["common"] * 28, "number": [f"n{at}" for at in range(14)] * 2})])
    found = rs.special_uniques(frame, ["group", "number"])
    assert found.n_singled_out == 35
    assert found.by_value == {"group": {"b": pytest.approx(14 / 35)}, "number": {}}
    assert found.by_code["group"].tolist() == pytest.approx([12 / 35, 14 / 35, 9 / 35, 0])
    everything = [repr(found), found._repr_html_(), found.summary(), json.dumps(found.to_dict()), str(found.tables())]
    assert rs.count(frame, ["group"]).levels[0].to_list() == ["a", "b", "rare", "common"]
    assert all("rare" not in text and "n3" not in text for text in everything)
    assert ("group", "b", "40.0 %") in found.tables()[2][2]
    fewer = rs.special_uniques(frame[frame["group"] != "rare"], ["group", "number"]).by_value["group"]
    assert fewer == {"b": pytest.approx(14 / 26), "a": pytest.approx(12 / 26)}


def test_what_is_said_and_drawn() -> None:
    found = rs.special_uniques(BOOK, list(BOOK.columns), max_size=3)
    said = found.summary()
    assert "4 of 8 people (50.0 %) are singled out by three facts or fewer, 2 of them by one fact alone" in said
    one = rs.special_uniques(pd.DataFrame({"a": [1, 1, 2]}), ["a"]).summary()
    assert "1 person of 3 (33.3 %) is singled out by three facts or fewer (1 by one fact alone, 0 by two)" in one
    assert "'edu' contributes most: it takes part in 70.0 % of the score" in said
    assert "More than 3 facts together were not tried" in said
    assert found.tables()[0][2] == [("1", "2", "2"), ("2", "2", "4"), ("3", "0", "0")]
    axes = found.plot()
    assert [bar.get_height() for bar in axes.patches] == [2, 2, 0]
    assert json.loads(json.dumps(found.to_dict()))["people_by_size"] == {"1": 2, "2": 2, "3": 0}
    import matplotlib.pyplot as plt

    plt.close(axes.figure)
