"""Probabilistic linkage: hits, claims, verdict, words; the naive twin; degenerate tables; splink where it is there."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naive import fellegi_sunter as naive
from riskscope.attacks.attack import BETTER, CANNOT_TELL, NO_BETTER
from riskscope.attacks.linking import fellegi_sunter, judged
from riskscope.attacks.linking.blocking import Pairs
from riskscope.attacks.linking.probabilistic import ProbabilisticLinkage, probabilistic_linkage
from riskscope.errors import MissingExtraError, RiskscopeError, RoleError

NAMES = ["anna", "bernard", "chloe", "dimitri", "estelle", "farid", "gaston", "helene", "ibrahim", "jeanne"]
KNOWN = ["name", "born", "city"]


def people(n: int = 120, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    name = [f"{a}{b}" for a, b in zip(rng.choice(NAMES, n), rng.choice(NAMES, n), strict=True)]
    return pd.DataFrame(
        {"id": np.arange(n), "name": name, "born": rng.integers(1930, 2005, n), "city": rng.choice(NAMES[:4], n)}
    )


def misspelt(table: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Return the table in another order, with a letter less in some names and missing years."""
    rng = np.random.default_rng(seed)
    copy = table.sample(frac=1, random_state=seed).reset_index(drop=True)
    shorter = rng.random(len(copy)) < 0.3
    copy["name"] = copy["name"].where(~shorter, copy["name"].str[1:])
    copy["born"] = copy["born"].astype("Float64").where(rng.random(len(copy)) > 0.1)
    return copy


def attack(**options: Any) -> ProbabilisticLinkage:
    table = people()
    return probabilistic_linkage(table, misspelt(table), known=KNOWN, truth="id", **options)


def test_a_release_with_slips_of_the_pen_falls() -> None:
    found = attack()
    assert found.rate > 0.95
    assert found.verdict == BETTER
    assert found.precision > 0.9
    assert found.recall > 0.9
    assert (found.tried, found.n_compared, found.coverage) == (120, 120 * 120, 1)
    assert found.baseline_rate == pytest.approx(1 / 120)
    assert found.hit.sum() == pytest.approx(found.succeeded)
    assert "All 14,400 pairs were compared." in found.summary()


def test_hits_and_claims_are_those_of_the_pairs() -> None:
    for one_to_one in (False, True):
        found, table = attack(one_to_one=one_to_one), people()
        pairs = found.pairs()
        truth = [misspelt(table)["id"].tolist().index(each) for each in range(120)]
        claimed = pairs[(pairs["posterior"] >= 0.9) & (pairs["linked"] | (not one_to_one))]
        right = [truth[i] == j for i, j in zip(claimed["person"], claimed["released"], strict=True)]
        assert (found.n_claimed, found.precision, found.recall) == (len(right), np.mean(right), sum(right) / 120)
        if not one_to_one:
            weights = {(i, j): w for i, j, w in pairs[["person", "released", "weight"]].itertuples(index=False)}
            assert found.hit.tolist() == pytest.approx(naive.hits(weights, truth, 120))
        else:
            assert not pairs[pairs["linked"]][["person", "released"]].apply(lambda side: side.duplicated().any()).any()


@given(st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 3)), st.integers(0, 2), max_size=12), st.data())
def test_judging_beside_the_twin(weights: dict[tuple[int, int], int], data: st.DataObject) -> None:
    truth = np.array(data.draw(st.permutations([0, 1, 2, 3, -1]))[:4])
    keys = sorted(weights)
    pairs = Pairs(np.array([i for i, _j in keys], int), np.array([j for _i, j in keys], int), ())
    values = np.array([weights[each] for each in keys], float)
    rng = np.random.default_rng(0)
    linked, n_linked = judged.links(pairs, values, 4, one_to_one=False, rng=rng)
    found = judged.judged(pairs, linked, n_linked, truth, 4, rng)
    expected = [np.nan if each is None else each for each in naive.hits(dict(weights), truth.tolist(), 4)]
    assert found["hit"].tolist() == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("n_tied", [1, 7, 60])
def test_guessing_is_no_better_than_guessing_in_95_of_100_seeds(n_tied: int) -> None:
    """Links drawn at random: what figures say of them, without the fit."""
    n, verdicts = 60, []
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        linked_people = np.concatenate([rng.permutation(n)[:n_tied] for _record in range(n)])
        pairs = Pairs(linked_people, np.repeat(np.arange(n), n_tied), ())
        links = np.ones(len(linked_people), bool)
        found = judged.judged(pairs, links, np.full(n, n_tied), np.arange(n), n, rng)
        verdicts.append(found["verdict"])
    assert 930 <= verdicts.count(NO_BETTER) <= 970


def test_frames_of_all_kinds_and_any_order_give_the_same() -> None:
    table = people()
    released = misspelt(table)
    first = probabilistic_linkage(table, released, known=KNOWN, truth="id")
    for kind in (pl.from_pandas, pa.Table.from_pandas):
        again = probabilistic_linkage(kind(table), kind(released), known=KNOWN, truth="id")
        assert again.to_dict() == first.to_dict()
    other = probabilistic_linkage(table.iloc[::-1], released, known=KNOWN[::-1], truth="id")
    assert other.hit[::-1].tolist() == first.hit.tolist()


def test_the_tables_and_pictures_show_columns_not_cells() -> None:
    found = attack()
    frame = found.weights_frame()
    assert set(frame["column"]) == set(KNOWN)
    assert frame["weight"].tolist() == pytest.approx(np.log2(frame["m"] / frame["u"]).tolist())
    shown = found._repr_html_() + repr(found) + found.summary() + str(found.to_dict())
    assert not any(name in shown for name in NAMES)
    axes = found.plot_weights()
    assert len(axes.patches) == len(frame)
    assert found.plot().get_title(loc="left") == found.heading()


def test_progress_is_told() -> None:
    steps: list[tuple[str, int, int]] = []
    attack(progress=lambda *step: steps.append(step))
    assert [done for _text, done, _total in steps] == [0, 1, 2, 3, 4]


def test_nobody_can_say_who_is_who() -> None:
    table = people()
    found = probabilistic_linkage(table, misspelt(table).head(50), known=KNOWN)
    assert np.isnan(found.hit).all()
    assert found.verdict == CANNOT_TELL
    assert found.undefined["rate"] == found.undefined["precision"] == judged.NO_TRUTH
    assert found.n_claimed > 30
    assert "No linkage can be judged" in found.summary()


def test_a_failed_fit_is_not_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fellegi_sunter, "ROUNDS", 1)
    found = attack()
    assert found.undefined["rate"] == found.undefined["precision"] == fellegi_sunter.NOT_SETTLED
    assert np.isnan([found.rate, found.precision, found.matches_expected]).all()
    assert found.verdict == CANNOT_TELL
    assert found.tables() == []
    assert "did not settle" in found.summary()


@pytest.mark.parametrize("n", [(0, 0), (0, 3), (3, 0), (1, 1)])
def test_few_records(n: tuple[int, int]) -> None:
    table = people(5)
    found = probabilistic_linkage(table.head(n[0]), table.head(n[1]), known=KNOWN, truth="id")
    assert found.n_compared == n[0] * n[1]
    assert found.tried == 0  # of one pair, nothing can be learnt: a failed fit
    assert found.summary()
    assert found.verdict != BETTER


def test_nothing_in_common_leaves_guessing() -> None:
    table = people()
    empty = table.assign(name=None, born=None, city=None)
    found = probabilistic_linkage(table, empty, known=KNOWN, truth="id")
    assert found.succeeded == pytest.approx(1)
    assert found.verdict == NO_BETTER
    assert found.n_claimed == 0
    apart = probabilistic_linkage(table, empty, known=KNOWN, truth="id", blocking=["name"])
    assert apart.undefined["matches_expected"] == fellegi_sunter.NO_PAIRS
    assert apart.verdict == NO_BETTER


def test_wrong_arguments() -> None:
    table = people()
    with pytest.raises(RoleError, match="'id' is both truth and known"):
        probabilistic_linkage(table, table, known=["id", "name"], truth="id")
    with pytest.raises(RiskscopeError, match="engine is 'other'"):
        probabilistic_linkage(table, table, known=KNOWN, engine="other")
    with pytest.raises(RiskscopeError, match="threshold is 2"):
        probabilistic_linkage(table, table, known=KNOWN, threshold=2)


def test_splink_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(MissingExtraError, match=r'pip install "riskscope\[linkage\]"'):
        attack(engine="splink")


needs_splink = pytest.mark.skipif(importlib.util.find_spec("splink") is None, reason="splink is not installed")


@needs_splink
def test_splink_links_the_same_people() -> None:
    ours, theirs = attack(), attack(engine="splink")
    assert theirs.engine == "splink"
    assert theirs.n_compared == ours.n_compared
    assert theirs.rate == pytest.approx(ours.rate, abs=0.03)
    assert theirs.precision > 0.9
    assert set(theirs.weights_frame()["column"]) == set(KNOWN)


@needs_splink
def test_splink_knows_no_neighbourhoods() -> None:
    with pytest.raises(RiskscopeError, match="knows no neighbourhoods"):
        attack(engine="splink", blocking=[{"born": 2}])
