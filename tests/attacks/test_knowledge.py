"""What the attacker knows, and who is who."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskscope.attacks.knowledge import knowledge_of
from riskscope.attacks.truth import truth_of
from riskscope.errors import FrameError, RoleError

PEOPLE = pd.DataFrame({"id": ["a", "b", "c"], "age": [30, 40, 50]}, index=[7, 7, 7])


def test_columns_are_known_exactly_unless_told() -> None:
    found = knowledge_of(["sex", "age"], ["age", "sex", "zip"])
    assert found.columns == ("sex", "age")
    assert found.exactness == {"sex": "exact", "age": "exact"}


@pytest.mark.parametrize("how", [-1, "week", True, None, float("nan")])
def test_an_exactness_that_is_none_says_what_is_allowed(how: object) -> None:
    with pytest.raises(RoleError, match="'year', 'month' or a number"):
        knowledge_of({"age": how}, ["age"])


def test_a_column_that_is_missing_is_named() -> None:
    with pytest.raises(RoleError, match="agee"):
        knowledge_of(["agee"], ["age"])
    with pytest.raises(RoleError, match="names no column"):
        knowledge_of([], ["age"])


def test_a_column_tells_who_is_who_whatever_its_type() -> None:
    numbers = pd.DataFrame({"id": pd.array([3, 1, 2], dtype="Int64")})
    texts = pd.DataFrame({"id": ["2", "3"]})
    assert truth_of(numbers, texts, "id").rows.tolist() == [1, -1, 0]  # type: ignore[union-attr]
    assert truth_of(numbers, texts, "id").n_released == 2


def test_values_that_repeat_tell_nobody_apart() -> None:
    with pytest.raises(RoleError, match="repeats 1") as raised:
        truth_of(PEOPLE, pd.DataFrame({"id": ["a", "a"]}), "id")
    assert "'a'" not in str(raised.value)


def test_positions_are_checked() -> None:
    assert truth_of(PEOPLE, PEOPLE, [2, -1, 0]).rows.tolist() == [2, -1, 0]  # type: ignore[union-attr]
    with pytest.raises(FrameError, match="1 positions outside"):
        truth_of(PEOPLE, PEOPLE, [2, 3, 0])
    with pytest.raises(FrameError, match="1 records twice"):
        truth_of(PEOPLE, PEOPLE, [2, 2, 0])
    with pytest.raises(FrameError, match="3 original records"):
        truth_of(PEOPLE, PEOPLE, [0.0, 1.0])


def test_equal_lengths_are_taken_in_order_and_said() -> None:
    found = truth_of(PEOPLE, PEOPLE)
    assert found.is_presumed
    assert "another order" in found.said
    assert np.array_equal(found.rows, [0, 1, 2])  # type: ignore[arg-type]


def test_otherwise_nobody_can_say() -> None:
    found = truth_of(PEOPLE, PEOPLE[:2])
    assert found.rows is None
    assert found.n_released is None
    assert "presume" in found.said
