"""The prosecutor's risk by protected group, the group known and not known, beside random groups of the same size."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import riskscope as rs
from frames import keys_of, some_people
from naive import outcome as twin
from naive.groups import sizes
from riskscope.errors import RoleError
from riskscope.journeys.risk_by_group import RiskByGroup, random_group_risk
from riskscope.report.pictures import picture

CLOSE = 1e-9


def only(data: Any, roles: rs.Roles, **options: Any) -> RiskByGroup:
    (found,) = rs.risk_by_group(data, roles, **options)
    return found


def test_t8_sex_known_and_not_known(t8: pd.DataFrame) -> None:
    """FORMULAS G12: with sex and age F .4, M .666667; age alone F .32, M .466667."""
    roles = rs.Roles(quasi_identifiers=["sex", "age"], protected=["sex"])
    found = only(t8, roles, threshold=0.4, min_cell=1)
    men, women = found.groups
    assert (women.mean_released, women.mean_withheld) == pytest.approx((0.4, 0.32), rel=CLOSE)
    assert (men.mean_released, men.mean_withheld) == pytest.approx((0.6666667, 0.4666667), rel=1e-6)
    assert (women.by_release, men.by_release) == pytest.approx((0.08, 0.2), rel=CLOSE)
    assert (women.at_risk, men.at_risk) == (0.4, 1)
    assert (women.alone, men.alone) == (0, pytest.approx(1 / 3))
    assert found.gap_released == pytest.approx(0.266667, abs=5e-7)
    assert found.ratio_released == pytest.approx(1.666667, abs=5e-7)
    assert found.gap_withheld == pytest.approx(0.146667, abs=5e-7)
    assert found.released.theil == pytest.approx(0.071921, abs=5e-7)
    assert found.between_groups == pytest.approx(0.032269 / 0.071921, abs=5e-5)
    assert found.released.dealt.startswith("whole clusters")
    assert found.withheld.dealt.startswith("records")
    assert found.known == "among the quasi-identifiers"


def test_a_column_that_another_repeats_causes_nothing(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    """In T8 the region tells the sex."""
    found = only(t8, t8_roles.replace(protected=["sex"]), min_cell=1)
    assert [each.by_release for each in found.groups] == [0, 0]


def test_the_only_quasi_identifier(t8: pd.DataFrame) -> None:
    """Without it, everybody is in one class: 1 / n."""
    found = only(t8, rs.Roles(quasi_identifiers=["sex"], protected=["sex"]), min_cell=1)
    assert [each.mean_withheld for each in found.groups] == [0.125, 0.125]
    assert [each.mean_released for each in found.groups] == pytest.approx([1 / 3, 1 / 5])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("quasi", [["city", "age"], ["city", "age", "sex"], ["sex", "city"]])
def test_twin(seed: int, quasi: list[str]) -> None:
    people = some_people(seed)
    others = [name for name in quasi if name != "sex"]
    groups = ["unknown" if each is None else each for each in people["sex"]]
    found = only(pd.DataFrame(people), rs.Roles(quasi_identifiers=quasi, protected=["sex"]), min_cell=1)
    for names, mean in (([*others, "sex"], "mean_released"), (others, "mean_withheld")):
        keys = keys_of(people, names)
        f = sizes(keys)
        expected = twin.means([1 / f[key] for key in keys], groups)
        assert {each.group: getattr(each, mean) for each in found.groups} == pytest.approx(expected, rel=CLOSE)
    assert all(each.by_release >= 0 for each in found.groups)
    assert found.known.startswith("not") == ("sex" not in quasi)


def test_the_audits_are_those_of_the_records() -> None:
    """Counted cells give what the rows give."""
    people = pd.DataFrame(some_people(3, n=300))
    found = only(people, rs.Roles(quasi_identifiers=["city", "age"], protected=["sex"]))
    for names, audit in ((["city", "age", "sex"], found.released), (["city", "age"], found.withheld)):
        risk = 1 / rs.class_sizes(people, names)
        rows = rs.fairness.audit_outcome(risk, people["sex"], threshold=0.2, clusters=people[names])
        assert audit.to_dict().keys() == rows.to_dict().keys()
        for name in ("gap", "gap_low", "gap_high", "ratio", "wasserstein", "p_value", "theil", "theil_between"):
            assert getattr(audit, name) == pytest.approx(getattr(rows, name), rel=CLOSE)
        assert [each.group for each in audit.groups] == [each.group for each in rows.groups]


@pytest.mark.parametrize("keys", ["aaabbcd", "aaaaaaa", "abcdefg", "aabbccdd"])
@pytest.mark.parametrize("n_group", [1, 2, 3, 6, 7])
def test_random_groups_of_the_same_size(keys: str, n_group: int) -> None:
    """Mean and spread over every group there is."""
    every = twin.random_group_risks(keys, n_group)
    expected, low, high = random_group_risk(np.array(list(sizes(keys).values())), n_group)
    assert expected == pytest.approx(np.mean(every), rel=CLOSE)
    n_classes = len(set(keys))
    reach = 1.96 * np.std(every)
    assert low == pytest.approx(max(1 / n_group, expected - reach), abs=1e-7)
    assert high == pytest.approx(min(1, n_classes / n_group, expected + reach), abs=1e-7)


def test_random_groups_of_many_people() -> None:
    """Against groups drawn at random."""
    draw = np.random.default_rng(3)
    classes = draw.zipf(1.5, 20_000) % 4_000
    counts = np.bincount(classes)
    expected, low, high = random_group_risk(counts[counts > 0], 3_000)
    drawn = [len(np.unique(draw.choice(classes, 3_000, replace=False))) / 3_000 for _ in range(300)]
    assert expected == pytest.approx(np.mean(drawn), abs=4 * np.std(drawn) / math.sqrt(300))
    assert (high - low) / 3.92 == pytest.approx(np.std(drawn), rel=0.2)


def many_people(n: int = 400) -> pd.DataFrame:
    draw = np.random.default_rng(9)
    return pd.DataFrame(
        {
            "age": draw.integers(20, 40, n),
            "city": draw.choice(["Metz", "Lyon"], n),
            "sex": ["Xyzzy"] * 4 + draw.choice(["F", "M"], n - 4).tolist(),
        }
    )


ROLES = rs.Roles(quasi_identifiers=["age", "city", "sex"], protected=["sex"])


def test_small_groups_are_nowhere() -> None:
    found = only(many_people(), ROLES)
    axes = found.plot()
    shown = [found.summary(), repr(found), found._repr_html_(), json.dumps(found.to_dict()), str(found.tables())]
    shown += [str(picture(found)), *(label.get_text() for label in axes.get_yticklabels())]
    plt.close(axes.figure)
    assert not any("Xyzzy" in text for text in shown)
    assert found.too_small == "<10"
    assert sum(each.n_records is None for each in found.groups) == 1
    assert found.released.decimals == 2
    for each in found.groups:
        for value in (each.mean_released, each.mean_withheld, each.random_mean, each.low, each.at_risk):
            assert value == round(value, 2)


def test_summary_says_what_the_column_and_the_size_cause() -> None:
    found = only(many_people(), ROLES)
    first = found.groups[0]
    assert found.sentences()[0].startswith(f"'{first.group}' of 'sex' carries most: a guess at a person's record")
    assert found.sentences()[1].startswith(f"'{found.groups[-1].group}' of 'sex' carries least: a guess at a")
    assert "if 'sex' is not known" in found.summary()
    assert "for as many people taken at random" in found.summary()
    assert len(found.sentences()) <= 4
    for word in (" safe", "anonymous"):
        assert word not in found._repr_html_().lower()


def test_several_protected_columns_in_order(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    found = rs.risk_by_group(t8, t8_roles.replace(protected=["reg", "sex"]), min_cell=1)
    assert [each.column for each in found] == ["reg", "sex"]
    assert found[0].heading().endswith("(reg)")


def test_every_frame_and_the_counted_table(frame_of: Callable[[dict[str, list[Any]]], Any]) -> None:
    people = some_people(5)
    roles = rs.Roles(quasi_identifiers=["city", "age"], protected=["sex"])
    expected = only(pd.DataFrame(people), roles).to_dict()
    assert rounded(only(frame_of(people), roles).to_dict()) == rounded(expected)
    table = rs.count(frame_of(people), ["sex", "age", "city"])
    assert rounded(only(table, roles).to_dict()) == rounded(expected)


def rounded(value: Any) -> Any:
    """Return nested numbers with room for the order of sums."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return round(value, 9) if isinstance(value, float) else value


def test_roles_of_a_table(t8: pd.DataFrame) -> None:
    table = rs.count(t8, rs.Roles(quasi_identifiers=["sex", "age"], protected=["sex"]))
    (found,) = rs.risk_by_group(table, min_cell=1)
    assert found.n_records == 8


def test_persons_are_counted_where_the_roles_name_them(t8: pd.DataFrame) -> None:
    twice = pd.concat([t8.assign(person=range(8))] * 2)
    roles = rs.Roles(quasi_identifiers=["sex", "age"], protected=["sex"], person="person")
    found = only(twice, roles, min_cell=1)
    assert [each.n_records for each in found.groups] == [3, 5]
    assert found.groups[1].mean_released == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        (["sex", "age"], "The roles name no protected column"),
        (None, "The roles name no protected column"),
        (rs.Roles(protected=["sex"]), "The roles name no quasi-identifier"),
        (rs.Roles(quasi_identifiers=["age"], protected=["sx"]), "not found: 'sx'"),
    ],
)
def test_errors(t8: pd.DataFrame, roles: Any, message: str) -> None:
    with pytest.raises(RoleError, match=message):
        rs.risk_by_group(t8, roles)


def test_degenerate() -> None:
    roles = rs.Roles(quasi_identifiers=["a"], protected=["g"])
    empty = only(pd.DataFrame({"a": [], "g": []}), roles)
    one = only(pd.DataFrame({"a": [1], "g": ["x"]}), roles)
    equal = only(pd.DataFrame({"a": [1] * 40, "g": list("xy") * 20}), roles)
    unique = only(pd.DataFrame({"a": range(40), "g": list("xy") * 20}), roles)
    missing = only(pd.DataFrame({"a": [1] * 40, "g": [None] * 40}), roles)
    for found in (empty, one, equal, unique, missing):
        json.dumps(found.to_dict(), allow_nan=False)
        assert found.sentences()
        assert found._repr_html_()
        assert bool(picture(found)) == found.has_picture == bool(found.groups)
        for name, _label, value, _kind in found.shown_fields():
            assert not (isinstance(value, float) and math.isnan(value)) or found.undefined[name]
    assert (equal.gap_released, equal.p_released, equal.ratio_withheld) == (0, 1, 1)
    assert [each.mean_released for each in unique.groups] == [1, 1]
    assert [each.group for each in missing.groups] == ["unknown"]
    assert "Fewer than two groups" in missing.summary()


def test_the_picture_draws_both_keys_and_the_band() -> None:
    found = only(many_people(), ROLES)
    axes = found.plot()
    assert list(axes.containers[1].lines[0].get_xdata()) == [100 * each.mean_released for each in found.groups]
    bars = axes.containers[0].patches
    assert [bar.get_x() for bar in bars] == pytest.approx([100 * each.random_low for each in found.groups])
    diamonds = axes.collections[-1].get_offsets()
    assert [float(place[0]) for place in diamonds] == pytest.approx([100 * g.mean_withheld for g in found.groups])
    plt.close(axes.figure)
