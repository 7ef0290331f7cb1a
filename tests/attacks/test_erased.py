"""People who must not be in a release."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from riskscope.attacks.attack import BETTER, CANNOT_TELL
from riskscope.attacks.erased import erasure
from riskscope.errors import RoleError

RELEASE = pd.DataFrame(
    {
        "email": ["a@example.org", "B@example.org", None, ""],
        "number": [1, 2, 3, 4],
        "age": ["30-39", "40-49", "40-49", "60-69"],
        "sex": ["F", "M", "M", "*"],
    }
)
LISTED = pd.DataFrame(
    {
        "email": [" A@example.org", "z@example.org", None, "", "b@example.org"],
        "number": ["1", "9", "8", "7", "2"],
        "age": [31, 44, 62, 25, 44],
        "sex": ["F", "M", "F", "F", "F"],
    }
)


def test_identifiers_are_compared_as_text_and_missing_ones_are_nobodys() -> None:
    found = erasure(LISTED, RELEASE, identifiers=["email", "number"])
    assert found.n_by_identifier == 2
    assert dict(found.found_by) == {"email": 2, "number": 2}
    assert found.hit.tolist() == [1, 0, 0, 0, 1]
    assert "2 are in the release" in found.summary()
    assert "example.org" not in found.summary() + found._repr_html_() + str(found.to_dict())


def test_what_is_known_fits_one_several_or_none() -> None:
    found = erasure(LISTED, RELEASE, known=["age", "sex"])
    assert (found.n_alone, found.n_several, found.n_none) == (2, 1, 2)
    assert found.fitting.tolist() == [1, 2, 1, 0, 0]
    assert found.verdict == CANNOT_TELL
    assert "no released record fits 2 of 5" in found.summary()


def test_people_who_were_never_in_it_show_what_chance_does() -> None:
    rng = np.random.default_rng(0)
    release = pd.DataFrame({"age": rng.integers(0, 2000, 500)})
    never = pd.DataFrame({"age": rng.integers(0, 2000, 1000)})
    still_in = erasure(release[:100], release, known="age", holdout=never)
    gone = erasure(pd.DataFrame({"age": rng.integers(0, 2000, 100)}), release, known="age", holdout=never)
    assert still_in.verdict == BETTER
    assert still_in.risk_above_control > 0.5
    assert abs(gone.risk_above_control) < 0.15
    assert "all the same" in gone.summary()


def test_any_frame_and_an_empty_list() -> None:
    expected = erasure(LISTED, RELEASE, known="age", identifiers="email").to_dict()
    assert (
        erasure(pl.from_pandas(LISTED), pl.from_pandas(RELEASE), known="age", identifiers="email").to_dict() == expected
    )
    empty = erasure(LISTED[:0], RELEASE, known="age", identifiers="email")
    assert (empty.tried, empty.n_by_identifier) == (0, 0)


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(RoleError, match="identifiers="):
        erasure(LISTED, RELEASE)
    with pytest.raises(RoleError, match="mail"):
        erasure(LISTED, RELEASE, identifiers="mail")
