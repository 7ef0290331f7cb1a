"""t-closeness, three distances, against closed forms and against the linear program of moving earth."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pandas as pd
import pytest

import riskscope as rs
from frames import QUASI, ROLES, keys_of, some_people
from naive import t_closeness as twin
from riskscope.errors import FrameError, RiskscopeError, RoleError

CLOSE = 1e-12  # sums of a few shares
PROGRAM = 1e-9  # what the solver promises
ONE = rs.Roles(quasi_identifiers="q", sensitive="s")
TREE = {
    "flu": ("flu", "airways", "body", "*"),
    "asthma": ("asthma", "airways", "body", "*"),
    "HIV": ("HIV", "virus", "body", "*"),
    "cancer": ("cancer", "growth", "rest", "*"),
}


def test_t8(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS A5: equal .75, ordered .5, by the tree of airways and the rest .5."""
    tree = rs.Hierarchy({"flu": ("flu", "resp", "*"), "asthma": ("asthma", "resp", "*"), "HIV": ("HIV", "sti", "*")})
    assert rs.t_closeness(t8, t8_roles).t == pytest.approx(0.75, abs=CLOSE)
    assert rs.t_closeness(t8, t8_roles, distance=tree).t == pytest.approx(0.5, abs=CLOSE)
    small = t8.assign(dis=t8["dis"].str.lower())  # in FORMULAS asthma < flu < HIV; by code point HIV comes first
    assert rs.t_closeness(small, t8_roles, distance="ordered").t == pytest.approx(0.5, abs=CLOSE)


def test_t8_class_by_class(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    from riskscope.risk.sensitive import within
    from riskscope.risk.t_closeness import class_distances

    column = within(rs.count(t8.assign(dis=t8["dis"].str.lower()), t8_roles))["dis"]
    assert class_distances(column, "equal").tolist() == pytest.approx([0.25, 0.25, 0.25, 0.75], abs=CLOSE)
    assert class_distances(column, "ordered").tolist() == pytest.approx([1 / 6, 0.25, 0.25, 0.5], abs=CLOSE)
    tree = rs.Hierarchy({"flu": ("flu", "resp", "*"), "asthma": ("asthma", "resp", "*"), "hiv": ("hiv", "sti", "*")})
    assert class_distances(column, tree).tolist() == pytest.approx([1 / 6, 0.25, 0.25, 0.5], abs=CLOSE)


def test_salaries_of_the_paper() -> None:
    """Li et al. (2007), section 4.3: salaries 3k to 11k; class {3, 4, 5} .375, class {6, 8, 11} .167."""
    salaries = pd.DataFrame({"q": [1, 1, 1, 2, 3, 2, 3, 3, 2], "s": [3, 4, 5, 6, 7, 8, 9, 10, 11]})
    assert rs.t_closeness(salaries, ONE, distance="ordered").t == pytest.approx(0.375, abs=CLOSE)
    distances = twin.ordered([(0,)] * 3 + [(1,)] * 6, [6, 8, 11, 3, 4, 5, 7, 9, 10])
    middle = salaries.assign(q=[1, 1, 1, 2, 1, 2, 1, 1, 2])
    assert rs.t_closeness(middle, ONE, distance="ordered").t == pytest.approx(distances, abs=CLOSE)
    assert distances == pytest.approx(0.1667, abs=5e-5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("others", ["ignored", "known"])
def test_twin(seed: int, others: str) -> None:
    people = some_people(seed)
    frame = pd.DataFrame(people)
    for name, other in (("illness", "income"), ("income", "illness")):
        keys: list[Any] = keys_of(people, QUASI if others == "ignored" else [*QUASI, other])
        ours = rs.t_closeness(frame, ROLES, others=others).by_column[name]
        assert ours == pytest.approx(twin.equal(keys, people[name]), abs=CLOSE)
        ours = rs.t_closeness(frame, ROLES, distance="ordered", others=others).by_column[name]
        assert ours == pytest.approx(twin.ordered(keys, people[name]), abs=CLOSE)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("missing", [False, True])
def test_twin_of_hierarchies(seed: int, missing: bool) -> None:
    people = some_people(seed, missing=missing)
    ours = rs.t_closeness(pd.DataFrame(people), ROLES.replace(sensitive="illness"), distance=rs.Hierarchy(TREE)).t
    assert ours == pytest.approx(twin.hierarchical(keys_of(people), people["illness"], TREE), abs=CLOSE)


@pytest.mark.parametrize("seed", range(3))
def test_linear_program(seed: int) -> None:
    """The definition itself: the least work of moving the table's shares onto the class's."""
    people = some_people(seed, n=60)
    frame, keys = pd.DataFrame(people), keys_of(people, ["city"])
    roles = rs.Roles(quasi_identifiers=["city"], sensitive=["illness"])
    values = people["illness"]
    rising = twin.in_order(set(values))

    def by_rank(one: Any, other: Any) -> float:
        return abs(rising.index(one) - rising.index(other)) / (len(rising) - 1)

    grounds: list[tuple[Any, twin.Ground]] = [
        ("equal", lambda one, other: float(one != other)),
        ("ordered", by_rank),
        (rs.Hierarchy(TREE), twin.ancestor_distance(TREE)),
    ]
    for distance, ground in grounds:
        program = twin.by_program(keys, values, ground)
        assert rs.t_closeness(frame, roles, distance=distance).t == pytest.approx(program, abs=PROGRAM)


@pytest.mark.parametrize("categories", list(itertools.permutations([1, 2, 3])))
def test_ordered_categories_are_taken_in_their_order(categories: tuple[int, ...]) -> None:
    values = [1, 1, 1, 2, 3, 3]
    keys = [0, 0, 1, 1, 2, 2]
    frame = pd.DataFrame({"q": keys, "s": pd.Categorical(values, categories=categories, ordered=True)})
    expected = twin.ordered(keys, values, order=categories)
    assert rs.t_closeness(frame, ONE, distance="ordered").t == pytest.approx(expected, abs=CLOSE)


def test_order_of_text_is_by_code_point_and_a_missing_value_is_last() -> None:
    frame = pd.DataFrame({"q": [0, 0, 1, 1], "s": ["b", None, "Z", "é"]})
    expected = twin.ordered([0, 0, 1, 1], ["b", None, "Z", "é"], order=["Z", "b", "é", None])
    assert rs.t_closeness(frame, ONE, distance="ordered").t == pytest.approx(expected, abs=CLOSE)


def test_constant_column_is_at_no_distance() -> None:
    """Where pyCANON 1.3.5 divides by zero."""
    frame = pd.DataFrame({"q": [0, 0, 1], "s": [5, 5, 5]})
    for distance in ("equal", "ordered", rs.Hierarchy({"5": ("5", "*")})):
        assert rs.t_closeness(frame, ONE, distance=distance).t == 0


def test_a_distance_for_each_column(t8: pd.DataFrame) -> None:
    roles = rs.Roles(quasi_identifiers=["sex"], sensitive=["dis", "age"])
    result = rs.t_closeness(t8, roles, distance={"dis": "equal", "age": "ordered"})
    assert result.distance == "equal, ordered"
    assert result.by_column["age"] == pytest.approx(
        twin.ordered([(sex,) for sex in t8["sex"]], t8["age"].tolist()), abs=CLOSE
    )
    with pytest.raises(RoleError, match="a mapping without the sensitive column 'age'; add it"):
        rs.t_closeness(t8, roles, distance={"dis": "equal"})


def test_unknown_distance(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    with pytest.raises(RiskscopeError, match="distance is 'euclidean'; it must be one of 'equal', 'ordered'"):
        rs.t_closeness(t8, t8_roles, distance="euclidean")


def test_a_hierarchy_that_lacks_a_value(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    tree = rs.Hierarchy({"flu": ("flu", "*"), "asthma": ("asthma", "*")})
    with pytest.raises(FrameError, match=r"1 value is not covered by the hierarchy, at position \d") as caught:
        rs.t_closeness(t8, t8_roles, distance=tree)
    assert "HIV" not in str(caught.value)


def test_hierarchy_of_numbers() -> None:
    frame = pd.DataFrame({"q": [0, 0, 1, 1], "s": [1.0, 2.0, 11.0, 12.0]})
    tree = rs.Hierarchy.intervals([1, 2, 11, 12], [10])
    assert rs.t_closeness(frame, ONE, distance=tree).t == pytest.approx(0.5, abs=CLOSE)
    near = rs.t_closeness(frame.assign(q=[0, 1, 0, 1]), ONE, distance=tree).t
    assert near == pytest.approx(0.25, abs=CLOSE)


def test_degenerate() -> None:
    for distance in ("equal", "ordered", rs.Hierarchy({"x": ("x", "*")})):
        empty = rs.t_closeness(pd.DataFrame({"q": [], "s": pd.Series([], dtype=str)}), ONE, distance=distance)
        assert math.isnan(empty.t)
        assert set(empty.undefined) == {"t"}
        assert "undefined" in empty.summary()
        for values in (["x"], ["x"] * 4, [None] * 4):
            frame = pd.DataFrame({"q": ["q"] * len(values), "s": pd.Series(values, dtype=object)})
            assert rs.t_closeness(frame, ONE, distance=distance).t == 0
    unique = pd.DataFrame({"q": range(4), "s": range(4)})
    assert rs.t_closeness(unique, ONE).t == pytest.approx(0.75, abs=CLOSE)
    assert rs.t_closeness(unique, ONE, distance="ordered").t == pytest.approx(0.5, abs=CLOSE)


def test_never_beyond_one() -> None:
    frame = pd.DataFrame({"q": [*range(1, 50), 0], "s": [0] * 49 + [1]})
    assert rs.t_closeness(frame, ONE).t <= 1
    assert rs.t_closeness(frame, ONE, distance="ordered").t <= 1


@pytest.mark.parametrize("unit", ["s", "ns"])
def test_a_hierarchy_over_dates_of_any_resolution(unit: str) -> None:
    tree = rs.Hierarchy({day: (day, day[:7], day[:4]) for day in ("2024-01-01", "2024-01-02", "2024-03-01")})
    days = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-03-01", "2024-03-01"]).astype(f"datetime64[{unit}]")
    people = pd.DataFrame({"age": [1, 1, 2, 2], "day": days})
    roles = rs.Roles(quasi_identifiers=["age"], sensitive=["day"])
    # class 1 has (1/2, 1/2, 0) against (1/4, 1/4, 1/2): half of all must move from March to January, over the root
    assert rs.t_closeness(people, roles, distance=tree).t == pytest.approx(0.5)


def test_a_missing_value_stands_beside_the_only_value_of_a_hierarchy() -> None:
    people = pd.DataFrame({"age": [1, 1, 2, 2], "illness": ["flu", "flu", None, None]})
    roles = rs.Roles(quasi_identifiers=["age"], sensitive=["illness"])
    assert rs.t_closeness(people, roles, distance=rs.Hierarchy({"flu": ("flu",)})).t == pytest.approx(0.5)


def test_many_cells_take_the_compiled_path_to_the_same_distances(monkeypatch: pytest.MonkeyPatch) -> None:
    people = pd.DataFrame(some_people(3, n=400))
    plain = rs.t_closeness(people, ROLES), rs.l_diversity(people, ROLES), rs.alpha_k_anonymity(people, ROLES)
    monkeypatch.setattr("riskscope.engines.encode.SMALL", 0)
    monkeypatch.setattr("riskscope.engines.memory.SMALL", 0)
    compiled = rs.t_closeness(people, ROLES), rs.l_diversity(people, ROLES), rs.alpha_k_anonymity(people, ROLES)
    assert compiled[0].t == pytest.approx(plain[0].t, abs=1e-12)
    assert compiled[1:] == plain[1:]
