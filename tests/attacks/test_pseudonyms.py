"""Pseudonyms: plain hashes fall, keyed ones do not; a cut digest is judged against chance; nothing is given away."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import math
import random
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import config
from stdnum import luhn
from stdnum.fr import nir
from stdnum.nl import bsn

import riskscope as rs
from naive import pseudonyms as naive
from riskscope.attacks.hashes import guessing
from riskscope.attacks.hashes.domains import BUILT_IN, domains_of
from riskscope.attacks.hashes.forms import HashForm, form_of
from riskscope.attacks.hashes.frequencies import rank_matching_success, share_of_unique_frequency
from riskscope.attacks.hashes.texts import Domain, Piece, of_pattern
from riskscope.attacks.hashes.tried import Pseudonyms, duration, pseudonyms
from riskscope.errors import FrameError, RiskscopeError

EXACT = 1e-12  # sums of few fractions

needs_compiler = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="ten million guesses need the compiler")


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def keyed(text: str) -> str:
    return hmac.new(b"a key that nobody guesses", text.encode(), "md5").hexdigest()


def texts_of(domain: Domain) -> list[str]:
    return [text.decode() for piece in domain.pieces() for text in piece.texts()]


# --- what falls -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digest", "text", "domain"),
    [
        ("71b9c3f3ee5efb81ca05e9b90c91c88f", "9Y99", "taxi_nyc"),
        ("98c2b1aeb8d40ff826c6f1580a600853", "5296319", "5299999"),
        ("cfcd208495d565ef66e7dff9f98764da", "0", "number"),
    ],
)
def test_vectors_of_the_new_york_taxis(digest: str, text: str, domain: str) -> None:
    found = pseudonyms([digest], domain=domain)
    assert (found.share_recovered, found.scheme, found.recovered.tolist()) == (1.0, "md5", [text])


@needs_compiler
def test_taxi_licence_among_all_taxis() -> None:
    found = pseudonyms([md5("9Y99"), md5("5296319"), md5("6296319")], domain="taxi_nyc")
    assert found.recovered.tolist() == ["9Y99", "5296319", None]
    assert found.bits == pytest.approx(math.log2(26_000 + 10**6))


def test_new_york_medallions_and_licences_are_as_many_as_published() -> None:
    sizes = {each.form: each.size for each in domains_of("taxi_nyc")}
    assert sizes["999999"] + sizes["5999999"] == 2_000_000
    assert sizes["9A99"] + sizes["AA999"] + sizes["AAA999"] == 18_278_000


def test_customers_fall_wholly() -> None:
    customers, truth = rs.datasets.load_customers(), rs.datasets.planted_truth()
    found = pseudonyms(customers["customer_hash"], domain="0099999")
    assert found.recovered.tolist() == truth.customer_number.tolist()
    assert (found.share_recovered, found.share_of_people, found.scheme) == (1.0, 1.0, "md5")
    assert found.n_recovered == found.n_distinct == len(customers)
    assert found.hit.tolist() == [1.0] * len(customers)


@needs_compiler
def test_customers_fall_to_numbers_without_a_hint() -> None:
    customers, truth = rs.datasets.load_customers(), rs.datasets.planted_truth()
    found = pseudonyms(customers["customer_hash"], domain="number", budget_seconds=600)
    assert found.recovered.tolist() == truth.customer_number.tolist()
    assert found.bits == pytest.approx(math.log2(10**7))
    assert "10,000,000 guesses" in found.summary()
    assert [each.domain for each in found.domains if each.fell] == ["numbers: 9999999"]


WRITTEN = {
    "hex": lambda digest: digest.hex(),
    "upper": lambda digest: digest.hex().upper(),
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "base64 without padding": lambda digest: base64.b64encode(digest).decode().rstrip("="),
    "base64 for addresses": lambda digest: base64.urlsafe_b64encode(digest).decode(),
    "cut": lambda digest: digest.hex()[:20],
    "cut to an odd digit": lambda digest: digest.hex()[:13],
}


@pytest.mark.parametrize("scheme", ["md5", "sha1", "sha256"])
@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("compiled", [False, True])
def test_each_hash_in_each_form(scheme: str, written: str, compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if compiled:
        if config.DISABLE_JIT:
            pytest.skip("the compiled path")
        monkeypatch.setattr(guessing, "FEW", 0)
    numbers = [f"{n:04d}" for n in range(0, 10_000, 613)]
    column = [WRITTEN[written](hashlib.new(scheme, each.encode()).digest()) for each in numbers]
    found = pseudonyms(column, domain="9999")
    assert (found.scheme, found.share_recovered, found.recovered.tolist()) == (scheme, 1.0, numbers)
    assert found.bits == pytest.approx(math.log2(10**4))


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        ("birth_date", "1987-02-28"),
        ("birth_date", "28/02/1987"),
        ("birth_date", "28021987"),
        ("number", "00042"),
        ("luhn", "000018"),
        (["Ann.Lee@example.org"], "ann.lee@example.org"),
        (pd.Series([dt.date(1987, 2, 28)]), "28.02.1987"),
        (np.array([4711]), "4711"),
        (pl.Series([4711.0]), "4711"),
        (pa.chunked_array([["é"]]), "É"),
        (r"\9\A-9A", "9A-3B"),
        ("é9", "é7"),
        (("99", ["x"]), "x"),
        ("99", "07"),
        (["birth_date", "number"], "7"),
        (["x" * 56], "x" * 56),
    ],
)
def test_each_kind_of_domain(domain: Any, text: str) -> None:
    if isinstance(domain, str) and domain == "luhn" and config.DISABLE_JIT:
        pytest.skip("ten million guesses need the compiler")
    found = pseudonyms([md5(text), md5("not to be guessed")], domain=domain, budget_seconds=5)
    assert found.recovered.tolist() == [text, None]
    assert (found.share_recovered, found.hit.tolist()) == (0.5, [1.0, 0.0])


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("telephone_fr", "+33 6 12 34 56 78", "+33 [67] 99 99 99 99"),
        ("telephone_fr", "0145678901", "0[123459]99999999"),
        ("telephone_nl", "+31612345678", "+31699999999"),
        ("plate_fr", "AB-123-CD", "AA-999-AA"),
        ("bsn", "111222333", "999999999"),
        ("ipv4", "192.168.0.1", "999.999.999.999"),
    ],
)
def test_large_domains_hold_what_they_should(name: str, text: str, form: str) -> None:
    domain = next(each for each in BUILT_IN[name]() if each.form == form)

    def holds(piece: Piece) -> bool:
        width = piece.heads.shape[1]
        head, tail = (np.frombuffer(part.encode(), np.uint8) for part in (text[:width], text[width:]))
        if len(tail) != piece.tails.shape[1]:
            return False
        return bool((piece.heads == head).all(axis=1).any() and (piece.tails == tail).all(axis=1).any())

    pieces = list(domain.pieces())
    assert sum(holds(piece) for piece in pieces) == 1
    assert sum(piece.size for piece in pieces) == domain.size


def test_check_digits_hold() -> None:
    for name, is_valid in (("bsn", bsn.is_valid), ("luhn", luhn.is_valid), ("nir", nir.is_valid)):
        for piece, _turn in zip(BUILT_IN[name]()[-1].pieces(), range(12), strict=False):
            some = Piece(piece.heads[::301], piece.tails[::97])
            texts = [text.decode() for text in some.texts()]
            assert texts
            assert all(is_valid(each) for each in texts if set(each) != {"0"})  # zeros alone pass, but are no number


def test_luhn_numbers_are_all_and_each_once() -> None:
    texts = texts_of(BUILT_IN["luhn"]()[0])
    assert len(texts) == len(set(texts)) == 10**5
    assert all(luhn.is_valid(each) for each in texts[::7])


def test_patterns_hold_each_text_once() -> None:
    domain = of_pattern("texts", "x9A99-9")
    texts = texts_of(domain)
    assert len(texts) == len(set(texts)) == domain.size == 260_000
    assert {len(text) for text in texts} == {7}


def test_birth_dates_are_those_of_120_years() -> None:
    sizes = {each.size for each in domains_of("birth_date")}
    assert sizes == {43_830}


# --- what is cut short, or does not fall ------------------------------------------------------------------------


@given(
    st.lists(st.integers(0, 299) | st.none(), min_size=1, max_size=30),
    st.sampled_from([8, 16, 32]),
    st.sampled_from(["md5", "sha256"]),
)
def test_as_the_naive_twin(numbers: list[int | None], length: int, scheme: str) -> None:
    candidates = [str(n) for n in range(200)]
    column = [None if n is None else hashlib.new(scheme, str(n).encode()).hexdigest()[:length] for n in numbers]
    found = pseudonyms(pd.Series(column, dtype=object), domain=candidates)
    schemes = [scheme] if length != 32 else ["md5", "sha256"]
    expected = [
        max(each, key=len) for each in zip(*(naive.recovered(column, candidates, s) for s in schemes), strict=True)
    ]
    if found.form is None:  # digits alone are a number, not a digest
        assert all(each is None or each.isdigit() for each in column)
        return
    assert found.recovered.tolist() == [texts[0] if len(texts) == 1 else None for texts in expected]
    present = [at for at, each in enumerate(column) if each is not None]
    assert np.isnan(found.hit[[each is None for each in column]]).all()
    assert found.hit[present].tolist() == [1 / len(expected[at]) if expected[at] else 0.0 for at in present]


def test_texts_that_share_a_cut_digest_share_the_success() -> None:
    by_start: dict[str, list[str]] = {}
    for n in range(20_000):
        by_start.setdefault(md5(str(n))[:6], []).append(str(n))
    crowds = [start for start, texts in by_start.items() if len(texts) == 2]
    assert crowds
    column = [*crowds, *list(by_start)[:50]]
    found = pseudonyms(column, domain=[str(n) for n in range(20_000)])
    expected = [1 / len(by_start[each]) for each in column]
    assert found.hit.tolist() == expected
    assert found.recovered[0] is None
    assert found.bucket == pytest.approx(20_000 / 2**24)


def test_chance_alone_is_no_success() -> None:
    rng = random.Random(1)
    column = [f"{rng.getrandbits(24):06x}" for _row in range(500)]
    found = pseudonyms(column, domain="99999")  # by chance 3 of 500 match one of 100,000 texts
    assert naive.recovered(column, [f"{n:05d}" for n in range(10**5)], "md5") != [()] * 500
    assert (found.n_recovered, found.scheme, found.share_recovered) == (0, None, 0.0)
    assert found.hit.sum() == 0


def test_domain_too_large_for_a_short_digest_is_not_tried() -> None:
    found = pseudonyms([md5(f"{n:09d}")[:6] for n in range(50)], domain="999999999")
    assert (found.n_guesses, found.scheme) == (0, None)
    assert math.isnan(found.bits)
    assert found.domains[0].bucket == pytest.approx(10**9 / 2**24)


def test_keyed_pseudonyms_do_not_fall() -> None:
    found = pseudonyms([keyed(f"{n:04d}") for n in range(500)], domain="9999")
    assert (found.n_recovered, found.share_recovered, found.scheme) == (0, 0.0, None)
    assert found.n_guesses == 3 * 10**4
    assert found.bits == pytest.approx(math.log2(3 * 10**4))
    assert found.bits_are_least
    assert ("bits between an attacker and the people", "at least 14.9") in found.rows()
    assert "keyed, salted or random" in found.summary()


def test_what_is_no_hash_is_not_guessed() -> None:
    for column in (["P1", "P2"], ["12345678", "23456789"], [1.5, 2.5], ["face", "dead"]):
        found = pseudonyms(column, domain="99")
        assert (found.form, found.scheme, found.n_guesses, found.share_recovered) == (None, None, 0, 0.0)
        assert "do not look like a hash" in found.summary()


def test_forms() -> None:
    assert form_of([md5("a"), "", "unknown"][:2]) == HashForm("hex", 32, 128)
    assert form_of([md5("a"), "x", "y"]) is None
    assert form_of([]) is None
    assert HashForm("hex", 32, 128).schemes == ("md5", "sha1", "sha256")
    assert HashForm("hex", 40, 160).schemes == ("sha1", "sha256")
    assert form_of(["_" * 23 + "="]) is None  # seventeen bytes are no digest
    assert form_of(["Ab" * 11]) == HashForm("hex", 22, 88)
    assert form_of(["Xb" * 10 + "XA"]) == HashForm("base64", 22, 128)


def test_cells_of_another_form_are_counted_apart() -> None:
    found = pseudonyms([*[md5(str(n)) for n in range(20)], "unknown", None], domain="9")
    assert (found.n_distinct, found.other_form, found.n_missing) == (21, "<10", "<10")
    assert found.share_recovered == pytest.approx(10 / 21)
    assert found.share_of_people == pytest.approx(10 / 21)


# --- what counting and comparing give away ----------------------------------------------------------------------

COUNTS = st.lists(st.integers(1, 5), min_size=1, max_size=7)


@given(COUNTS, COUNTS)
def test_rank_matching_as_the_naive_twin(ours: list[int], theirs: list[int]) -> None:
    column, reference = ({str(at): n for at, n in enumerate(each)} for each in (ours, theirs))
    found = rank_matching_success(np.array(ours), np.array(theirs))
    assert found == pytest.approx(naive.rank_matching_expected(column, reference), abs=EXACT)


def test_rank_matching_is_the_mean_of_draws() -> None:
    column = {"a": 5, "b": 3, "c": 3, "d": 3, "e": 1}
    reference = {"v": 50, "w": 50, "x": 20, "y": 10, "z": 10}
    rng = random.Random(0)
    draws = [naive.rank_matching_draw(column, reference, rng) for _turn in range(20_000)]
    expected = rank_matching_success(np.array([*column.values()]), np.array([*reference.values()]))
    assert np.mean(draws) == pytest.approx(expected, abs=5 * np.std(draws) / math.sqrt(len(draws)))


@given(COUNTS)
def test_share_of_unique_frequency_as_the_naive_twin(counts: list[int]) -> None:
    column = [str(at) for at, n in enumerate(counts) for _row in range(n)]
    assert share_of_unique_frequency(np.array(counts)) == pytest.approx(naive.share_of_unique_frequency(column))


def test_frequencies_name_keyed_pseudonyms() -> None:
    plain = ["Paris"] * 6 + ["Lyon"] * 3 + ["Nice"]
    found = pseudonyms([keyed(each) for each in plain], domain="9", reference=plain)
    assert (found.frequency_success, found.frequency_baseline, found.share_unique_frequency) == (1.0, 0.6, 1.0)
    assert "matches frequencies" in found.summary()
    unknown = pseudonyms([keyed("a")], domain="9", reference=[None])
    assert unknown.undefined["frequency_success"] == "no reference was handed over"
    tied = pseudonyms([keyed(each) for each in plain], domain="9", reference=["x", "y", "z", None])
    assert tied.frequency_success == pytest.approx(1 / 3)


def test_reuse_across_tables() -> None:
    here = [keyed(str(n)) for n in range(20)]
    found = pseudonyms(here, domain="9", tables={"orders": [each.upper() for each in here[:10]], "visits": ["x", "y"]})
    assert [(each.table, each.share) for each in found.reuse] == [("orders", 1.0), ("visits", 0.0)]
    assert "'orders'" in found.summary()
    assert "'visits'" not in found.summary()
    listed = pseudonyms(here, domain="9", tables=[here[5:]])
    assert [(each.table, each.n_distinct, each.share) for each in listed.reuse] == [("table 1", 15, 1.0)]
    assert len(listed.tables()) == 2


# --- budget, progress, speed ------------------------------------------------------------------------------------


def test_a_budget_ends_guessing_and_says_how_far_it_went() -> None:
    column = [keyed(str(n)) for n in range(50)]
    found = pseudonyms(column, domain=("99", "999"), budget_seconds=0)
    assert found.n_guesses == 100
    assert [(each.size, each.n_tried) for each in found.domains] == [(100, 100), (1000, 0)]
    assert math.isnan(found.domains[1].share_recovered)
    assert "Not all was tried" in found.summary()
    assert found.tables()[0][2][-1][0] == "1 further domain"


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    pseudonyms([keyed("a")], domain=("99", "999"), progress=lambda *step: told.append(step))
    assert told[0] == ("texts of a pattern: 99", 0, 3300)
    assert told[-1][1:] == (3300, 3300)
    assert [done for _text, done, _total in told] == sorted(done for _text, done, _total in told)


def test_guessing_ends_when_all_is_recovered() -> None:
    found = pseudonyms([md5("7")], domain=("9", "99999"))
    assert found.n_guesses == 10


def test_time_is_told_apart_from_the_figures() -> None:
    found = pseudonyms([md5("7")], domain="99999")
    again = pseudonyms([md5("7")], domain="99999")
    assert found.to_dict() == again.to_dict()
    assert found.summary() == again.summary()
    assert "million guesses a minute on this machine" in pseudonyms([md5("07")], domain="99").pace()
    assert "no speed was measured" in pseudonyms(["x"], domain="99").pace()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.5, "less than a second"),
        (12, "12 seconds"),
        (90, "1.5 minutes"),
        (7200, "2 hours"),
        (1e6, "12 days"),
        (1e9, "32 years"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


# --- inputs and disclosure --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [list, np.array, pd.Series, pl.Series, pa.array, pd.Categorical])
def test_columns_of_any_kind(kind: Any) -> None:
    column = [md5("1"), md5("2"), md5("1")]
    found = pseudonyms(kind(column), domain="9")
    assert (found.recovered.tolist(), found.n_distinct) == (["1", "2", "1"], 2)


def test_frames_of_one_column_and_unused_categories() -> None:
    column = pd.Series(pd.Categorical([md5("1")], categories=[md5("2"), md5("1")]))
    assert pseudonyms(column.to_frame("id"), domain="9").n_distinct == 1
    assert pseudonyms(pa.table({"id": [md5("1")]}), domain="9").recovered.tolist() == ["1"]


def test_upper_and_lower_case_are_one_pseudonym() -> None:
    assert pseudonyms([md5("1"), md5("1").upper()], domain="9").n_distinct == 1


@pytest.mark.parametrize("column", [[], [None, None], pd.Series([], dtype=str)])
def test_no_pseudonym_at_all(column: Any) -> None:
    found = pseudonyms(column, domain="9", reference=["a"], tables=[["a"]])
    assert found.n_distinct == 0
    assert math.isnan(found.share_recovered)
    assert len(found.hit) == len(found.recovered) == len(column)
    assert np.isnan(found.hit).all()
    assert "no pseudonym" in found.summary()
    assert found.undefined["share_recovered"] == "there is no pseudonym"
    json.dumps(found.to_dict(), allow_nan=False)


def test_no_candidates() -> None:
    found = pseudonyms([md5("1")], domain=[])
    assert (found.n_guesses, found.scheme, found.undefined["bits"]) == (0, None, "nothing was tried")


@pytest.mark.parametrize("column", ["abc", pd.DataFrame({"a": [1], "b": [2]}), np.zeros((2, 2)), 7])
def test_what_is_no_column(column: Any) -> None:
    with pytest.raises(FrameError, match=r"column is .*; hand over one column"):
        pseudonyms(column, domain="9")


def test_unknown_names() -> None:
    with pytest.raises(RiskscopeError, match="domain is 'telephone'; it must be one of 'birth_date'"):
        pseudonyms([md5("1")], domain="telephone")
    with pytest.raises(RiskscopeError, match="budget_seconds is -1"):
        pseudonyms([md5("1")], domain="9", budget_seconds=-1)


def shown_everywhere(found: Pseudonyms) -> str:
    frame = found.to_frame().to_string()
    return "\n".join(
        [repr(found), found.summary(), found._repr_html_(), json.dumps(found.to_dict()), frame, found.pace()]
    )


def test_nothing_shown_gives_anybody_away() -> None:
    secrets = ["ann.lee@example.org", "bob.ray@example.org"]
    column = [md5(each) for each in secrets]
    found = pseudonyms(column, domain=secrets, reference=secrets, tables={"orders": column})
    assert found.recovered.tolist() == secrets
    text = shown_everywhere(found)
    for each in [*secrets, *column, "ann.lee", column[0][:8]]:
        assert each not in text


def test_inputs_are_not_changed() -> None:
    column = pd.Series([md5("1"), None], name="id")
    before = column.copy()
    pseudonyms(column, domain="9")
    pd.testing.assert_series_equal(column, before)


def test_picture() -> None:
    axes = pseudonyms([md5("1"), md5("x")], domain="9").plot()
    assert 50.0 in [bar.get_width() for bar in axes.patches]
