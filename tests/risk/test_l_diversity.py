"""l-diversity, three kinds, against their definitions."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

import riskscope as rs
from frames import QUASI, ROLES, keys_of, records, some_people
from naive import l_diversity as twin
from riskscope.errors import RiskscopeError, RoleError

CLOSE = 1e-12  # sums of a few logarithms


def one_class(counts: list[int]) -> pd.DataFrame:
    values = [name for name, n in enumerate(counts) for _ in range(n)]
    return pd.DataFrame({"q": [0] * len(values), "s": values})


ONE = rs.Roles(quasi_identifiers="q", sensitive="s")


def test_t8(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """FORMULAS A4: distinct (2, 2, 2, 1), entropy (1.889882, 2, 2, 1), c_min(2) = infinite because of row 8."""
    assert rs.l_diversity(t8, t8_roles).l == 1
    assert rs.l_diversity(t8, t8_roles).n_disclosed == 1
    assert rs.l_diversity(t8, t8_roles).share_disclosed == 1 / 8
    assert rs.l_diversity(t8, t8_roles, kind="entropy").l == 1
    assert rs.l_diversity(t8, t8_roles, kind="recursive").c_min == {"dis": math.inf}
    without = t8[:7]
    assert rs.l_diversity(without, t8_roles).l == 2
    assert rs.l_diversity(without, t8_roles, kind="entropy").l == pytest.approx(1.889882, abs=5e-7)
    assert rs.l_diversity(without, t8_roles, kind="recursive").c_min == {"dis": 2}


@pytest.mark.parametrize(("c", "l"), [(0.5, 1), (1, 1), (2, 2), (4, 3)])
def test_recursive_as_sdcmicro_gives_it(c: float, l: int) -> None:  # noqa: E741
    """FORMULAS A4: counts (3, 2, 1)."""
    assert rs.l_diversity(one_class([3, 2, 1]), ONE, kind="recursive", c=c).l == l


def test_recursive_is_strict() -> None:
    """r_1 < c (r_2 + ...): with 99 and 1, c must exceed 99; with 5, 3, 2 and l = 3, c must exceed 2.5."""
    assert rs.l_diversity(one_class([99, 1]), ONE, kind="recursive").c_min == {"s": 99}
    assert rs.l_diversity(one_class([99, 1]), ONE, kind="recursive", c=99).l == 1
    assert rs.l_diversity(one_class([99, 1]), ONE, kind="recursive", c=99.01).l == 2
    assert rs.l_diversity(one_class([5, 3, 2]), ONE, kind="recursive", l=3).c_min == {"s": 2.5}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("others", ["ignored", "known"])
def test_twin(seed: int, others: str) -> None:
    people = some_people(seed)
    frame = pd.DataFrame(people)
    for name, other in (("illness", "income"), ("income", "illness")):
        keys: list[Any] = keys_of(people, QUASI if others == "ignored" else [*QUASI, other])
        values = people[name]

        def ours(name: str = name, **options: Any) -> float:
            return rs.l_diversity(frame, ROLES, others=others, **options).by_column[name]

        assert ours() == twin.distinct(keys, values)
        assert ours(kind="entropy") == pytest.approx(twin.entropy(keys, values), rel=CLOSE)
        for c in (0.5, 1, 1.5, 3, 10):
            assert ours(kind="recursive", c=c) == twin.recursive(keys, values, c)
        for least in (1, 2, 3, 4):
            bounds = rs.l_diversity(frame, ROLES, kind="recursive", l=least, others=others).c_min
            assert bounds[name] == pytest.approx(twin.smallest_c(keys, values, least), rel=CLOSE)
        single = rs.l_diversity(frame, ROLES.replace(sensitive=[name]))
        assert single.n_disclosed == twin.n_disclosed(keys_of(people), values)
    assert rs.l_diversity(frame, ROLES).l == min(rs.l_diversity(frame, ROLES).by_column.values())


@pytest.mark.parametrize("kind", ["distinct", "entropy", "recursive"])
@pytest.mark.parametrize("seed", range(3))
def test_twin_of_large_classes(kind: str, seed: int) -> None:
    people = some_people(seed, n=2_000, missing=False)
    keys, values = keys_of(people, ["sex"]), people["illness"]
    roles = rs.Roles(quasi_identifiers=["sex"], sensitive=["illness"])
    ours = rs.l_diversity(pd.DataFrame(people), roles, kind=kind, c=2.0 if kind == "recursive" else None).l
    expected = {
        "distinct": twin.distinct(keys, values),
        "entropy": twin.entropy(keys, values),
        "recursive": twin.recursive(keys, values, 2.0),
    }[kind]
    assert ours == pytest.approx(expected, rel=CLOSE)


def test_a_missing_sensitive_value_is_one_value() -> None:
    frame = pd.DataFrame({"q": [0] * 4, "s": ["a", "a", None, None]})
    assert rs.l_diversity(frame, ONE).l == 2
    assert rs.l_diversity(frame, ONE, kind="entropy").l == pytest.approx(2, rel=CLOSE)


def test_c_not_given(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    result = rs.l_diversity(t8, t8_roles, kind="recursive")
    assert math.isnan(result.l)
    assert result.undefined == {"l": "c was not given"}
    assert result.to_dict()["c_min"] == {"dis": "Infinity"}


@pytest.mark.parametrize(("kind", "c", "is_shown"), [("distinct", None, False), ("recursive", 2, True)])
def test_c_is_shown_for_the_recursive_kind_alone(
    t8: pd.DataFrame, t8_roles: rs.Roles, kind: str, c: float | None, is_shown: bool
) -> None:
    result = rs.l_diversity(t8, t8_roles, kind=kind, c=c)
    assert ("c of recursive (c, ℓ)-diversity" in dict(result.rows())) == is_shown
    assert ("c of recursive" in result._repr_html_()) == is_shown


@pytest.mark.parametrize("kind", ["distinct", "entropy", "recursive"])
def test_no_record(kind: str) -> None:
    result = rs.l_diversity(pd.DataFrame({"q": [], "s": []}), ONE, kind=kind)
    assert math.isnan(result.l)
    assert math.isnan(result.share_disclosed)
    assert set(result.undefined) == {"l", "share_disclosed"}
    assert result.n_disclosed == result.n_classes == 0
    assert "undefined" in result.summary()


@pytest.mark.parametrize(("sensitive", "l"), [(["x"], 1), (["x"] * 5, 1), ([None] * 5, 1), (list(range(5)), 5)])
def test_degenerate(sensitive: list[Any], l: int) -> None:  # noqa: E741
    frame = pd.DataFrame({"q": ["q"] * len(sensitive), "s": sensitive})
    assert rs.l_diversity(frame, ONE).l == l
    assert rs.l_diversity(frame, ONE, kind="entropy").l == pytest.approx(l, rel=CLOSE)
    assert rs.l_diversity(frame, ONE, kind="recursive", c=1000).l == l
    assert rs.l_diversity(frame.assign(q=range(len(frame))), ONE).l == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "diverse"}, "kind is 'diverse'; it must be one of 'distinct', 'entropy', 'recursive'"),
        ({"kind": "recursive", "c": 0}, "c is 0; it must be a number, above 0"),
        ({"c": 2}, "c belongs to kind='recursive'; leave it out for 'distinct'"),
        ({"l": 0}, "l is 0; it must be a whole number of at least 1"),
        ({"others": "both"}, "others is 'both'"),
    ],
)
def test_options_are_checked(t8: pd.DataFrame, t8_roles: rs.Roles, options: dict[str, Any], message: str) -> None:
    with pytest.raises(RiskscopeError, match=message):
        rs.l_diversity(t8, t8_roles, **options)


def test_no_sensitive_column(t8: pd.DataFrame) -> None:
    with pytest.raises(RoleError, match="The roles name no sensitive column"):
        rs.l_diversity(t8, rs.Roles(quasi_identifiers=["sex"]))


def test_key_space_beyond_64_bits() -> None:
    frame = pd.DataFrame({f"c{at}": [(row // 3 * (at + 7)) % 50 for row in range(300)] for at in range(20)})
    frame["s"] = [row % 7 % 3 for row in range(300)]
    roles = rs.Roles(quasi_identifiers=list(frame.columns[:-1]), sensitive="s")
    keys = records({name: frame[name].tolist() for name in frame.columns[:-1]})
    values = frame["s"].tolist()
    assert rs.l_diversity(frame, roles).l == twin.distinct(keys, values)
    assert rs.l_diversity(frame, roles).n_disclosed == twin.n_disclosed(keys, values)


def test_one_value_does_not_vary() -> None:
    people = pd.DataFrame({"q": [0, 0, 1, 1], "s": list("aabc")})
    said = rs.l_diversity(people, rs.Roles(quasi_identifiers="q", sensitive="s"), kind="entropy").sentences()[0]
    assert said == "In the least diverse class the sensitive values vary as little as a single value."
