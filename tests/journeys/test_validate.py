"""The journey of attacks on an original and its release."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest

import riskscope as rs
from riskscope.attacks.attack import BETTER, Attack
from riskscope.attacks.erased import Erasure
from riskscope.attacks.hashes.tried import Pseudonyms
from riskscope.attacks.inferring import Inference
from riskscope.attacks.isolation import SinglingOut
from riskscope.attacks.linking.links import Linkage
from riskscope.attacks.members.results import Membership
from riskscope.attacks.releases import Composition
from riskscope.errors import FrameError, RoleError
from riskscope.fairness.outcomes.audit import OutcomeAudit
from riskscope.journeys.attacks_together import AttacksTogether
from riskscope.utility.models import ModelUtility

ROLES = rs.Roles(
    identifiers=["name", "pseudonym"],
    quasi_identifiers=["sex", "age", "town"],
    sensitive=["illness"],
    protected=["sex"],
)


def people(n: int = 240, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    age, town = rng.integers(20, 80, n), rng.integers(0, 12, n)
    return pd.DataFrame(
        {
            "name": [f"Person{seed}x{at}" for at in range(n)],
            "pseudonym": [hashlib.md5(f"{at:04d}".encode()).hexdigest() for at in range(seed * 1000, seed * 1000 + n)],
            "sex": rng.choice(["F", "M"], n),
            "age": age,
            "town": [f"town{each}" for each in town],
            "illness": np.array(["flu", "HIV", "asthma"])[(age // 20 + town) % 3],
        }
    )


def naive(original: pd.DataFrame) -> pd.DataFrame:
    return original.drop(columns="name")


def better(original: pd.DataFrame) -> pd.DataFrame:
    ages = np.where(original["age"] < 50, "<50", ">=50")
    return original[["sex"]].assign(
        age=ages, town="*", illness=np.random.default_rng(1).permutation(original["illness"])
    )


def validated(released: Any, **options: Any) -> Any:
    return rs.validate(people(), released, ROLES, budget_seconds=2, **options)


@pytest.fixture(scope="module")
def fallen() -> Any:
    register = people()[["name", "sex", "age", "town"]].iloc[::-1]
    return validated(
        naive(people()),
        register=register,
        register_truth=np.arange(240)[::-1],
        holdout=people(120, 3),
        erased=people()[:5],
        target="illness",
    )


def test_a_naive_release_falls(fallen: Any) -> None:
    found = fallen.get(SinglingOut)
    assert found.rate > 0.8
    assert found.verdict == BETTER
    assert fallen.get(Pseudonyms).share_recovered == 1
    register = [each for each in fallen if isinstance(each, Linkage) and "register" in each.about]
    assert len(register) == 2
    assert all(each.rate > 0.8 and each.verdict == BETTER for each in register)
    assert fallen.get(Inference).rate > 0.9
    assert fallen.get(Membership) is not None
    assert fallen.get(Erasure).n_by_identifier == 5
    assert fallen.get(ModelUtility) is not None
    assert any(isinstance(each, OutcomeAudit) and each.about for each in fallen)
    assert "keyed" in fallen.next_step()


def test_all_attacks_stand_side_by_side(fallen: Any) -> None:
    together = fallen.get(AttacksTogether)
    attacks = [each for each in fallen if isinstance(each, (Attack, Pseudonyms))]
    assert [each.rate for each in together.attacks if "pseudonyms" not in each.name] == pytest.approx(
        [each.rate for each in attacks if isinstance(each, Attack)], nan_ok=True
    )
    assert len({each.name for each in together.attacks}) == len(attacks)
    assert together.n_better == sum(each.verdict == BETTER for each in together.attacks) > 5
    assert together.has_picture
    assert len(together.plot().patches) == len(together.attacks)
    plt.close("all")


def test_a_better_release_holds() -> None:
    found = validated(better(people()), truth=np.arange(240))
    assert found.get(SinglingOut).succeeded == 0
    exact, near = (each for each in found if isinstance(each, Linkage))
    assert exact.rate < 1 / 40
    assert near.rate < 1 / 40
    assert found.get(Pseudonyms) is None
    assert found.get(Inference).verdict != BETTER
    assert "proves nothing else" in found.next_step()


def test_the_answer_is_short_and_shows_nobody(fallen: Any) -> None:
    lines = fallen.lines()
    assert 5 <= len(lines) <= 12
    assert all(line.meaning for line in lines)
    told = json.dumps(fallen.to_dict(), allow_nan=False) + fallen._repr_html_() + repr(fallen) + fallen.summary()
    assert "Person" not in told
    assert people()["pseudonym"][0] not in told
    assert not {"safe", "anonymous"} & set(fallen.summary().lower().split())
    assert any("proves" in each or "proof" in each for each in fallen.limits())


def test_the_report_holds_every_part(fallen: Any, tmp_path: Any) -> None:
    page = fallen.to_html(tmp_path / "report.html").read_text(encoding="utf-8")
    for each in fallen:
        assert each.heading().split("'")[0] in page.replace("&#39;", "'")
    assert "Person" not in page


def test_any_frame_gives_the_same() -> None:
    released = better(people())
    by_pandas = validated(released, truth=np.arange(240)).to_dict()
    by_polars = rs.validate(
        pl.from_pandas(people()), pl.from_pandas(released), ROLES, budget_seconds=2, truth=np.arange(240)
    ).to_dict()
    assert by_polars == by_pandas


def test_earlier_releases_are_held_against_this_one() -> None:
    released = people().rename(columns={"name": "id"})[["id", "sex", "age", "town", "illness"]]
    earlier = released.assign(age="*")
    original = people().rename(columns={"name": "id"})
    roles = ROLES.replace(identifiers=["pseudonym"])
    found = rs.validate(
        original, released.assign(sex="*"), roles, truth="id", earlier=[earlier], known=["sex", "age", "town"]
    )
    assert found.get(Composition).n_releases == 2
    with pytest.raises(RoleError, match="truth="):
        rs.validate(original, released, roles, earlier=[earlier])


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(FrameError, match="released table has 0 rows"):
        validated(naive(people())[:0])
    with pytest.raises(RoleError, match="No quasi-identifier"):
        validated(people()[["illness"]])
    with pytest.raises(RoleError, match="rename them to match"):
        validated(naive(people()), register=pd.DataFrame({"wage": [1]}))
    with pytest.raises(RoleError, match="agee"):
        validated(naive(people()), known=["agee"])


def test_what_is_expected_is_as_urgent_as_what_is_seen() -> None:
    register = people()[["name", "sex", "age", "town"]]
    found = validated(naive(people()).drop(columns="pseudonym").sample(frac=1, random_state=3)[:200], register=register)
    by_fit = [line for line in found.lines() if line.label.startswith("linked")]
    assert by_fit
    assert all(line.is_urgent for line in by_fit)
    assert "coarsen or drop what the attacker knows" in found.next_step()
