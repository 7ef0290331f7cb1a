"""Hash kernels: the vectors of the standards, any text against hashlib, and nothing missed when sifting."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import config

from riskscope.kernels.hashes import LANES, MD5, SHA1, SHA256, fill_sieve, hash_blocks, try_texts

SCHEMES = {"md5": MD5, "sha1": SHA1, "sha256": SHA256}
ORDER = {"md5": "<u4", "sha1": ">u4", "sha256": ">u4"}
LONGEST = 55
#: Without the compiler a batch takes a good part of a second: one is enough.
N_EXAMPLES = 3 if config.DISABLE_JIT else 100


def padded(text: bytes, scheme: str) -> bytes:
    """Return the one block of a text, written as the standards say."""
    length = (8 * len(text)).to_bytes(8, "little" if scheme == "md5" else "big")
    return text + b"\x80" + bytes(LONGEST - len(text)) + length


def words_of(texts: list[bytes], scheme: str) -> np.ndarray:
    """Return blocks as words (n, 16)."""
    blocks = b"".join(padded(text, scheme) for text in texts)
    return np.frombuffer(blocks, ORDER[scheme]).reshape(-1, 16).astype(np.uint32)


def digests(texts: list[bytes], scheme: str) -> list[str]:
    state = np.zeros((8, len(texts)), np.uint32)
    hash_blocks(SCHEMES[scheme], np.ascontiguousarray(words_of(texts, scheme).T), state)
    n_rows = hashlib.new(scheme).digest_size // 4
    return [column.astype(ORDER[scheme]).tobytes().hex() for column in state[:n_rows].T]


# RFC 1321 A.5; FIPS 180-4 examples (csrc.nist.gov), and the empty text.
VECTORS = [
    ("md5", b"", "d41d8cd98f00b204e9800998ecf8427e"),
    ("md5", b"a", "0cc175b9c0f1b6a831c399e269772661"),
    ("md5", b"abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("md5", b"message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("md5", b"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    ("md5", b"9Y99", "71b9c3f3ee5efb81ca05e9b90c91c88f"),
    ("md5", b"5296319", "98c2b1aeb8d40ff826c6f1580a600853"),
    ("md5", b"0", "cfcd208495d565ef66e7dff9f98764da"),
    ("sha1", b"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("sha1", b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("sha256", b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("sha256", b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
]


@pytest.mark.parametrize(("scheme", "text", "digest"), VECTORS)
def test_vectors_of_the_standards(scheme: str, text: bytes, digest: str) -> None:
    assert digests([text], scheme) == [digest]


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=N_EXAMPLES, deadline=None)
@given(texts=st.lists(st.binary(max_size=LONGEST), min_size=1, max_size=4))
def test_any_text_as_hashlib(scheme: str, texts: list[bytes]) -> None:
    assert digests(texts, scheme) == [hashlib.new(scheme, text).hexdigest() for text in texts]


def sieve_of(targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    sieve, slots = np.zeros(2, np.uint64), np.full(1 << (2 * len(targets)).bit_length(), -1, np.int64)
    fill_sieve(targets, sieve, slots)
    return sieve, slots


def looked_for(text: bytes, scheme: str) -> int:
    """Return the first two words of a digest as one number."""
    first, second = np.frombuffer(hashlib.new(scheme, text).digest()[:8], ORDER[scheme]).tolist()
    return first << 32 | second


def tried(heads: list[bytes], tails: list[bytes], scheme: str, wanted: list[int], mask: int, room: int) -> list[bytes]:
    """Return the texts noted, all heads with all tails, going on where ``room`` is full."""
    width = len(heads[0]) + len(tails[0])
    fixed = words_of([each + bytes(len(tails[0])) for each in heads], scheme)
    blank = np.frombuffer(bytes(64), ORDER[scheme])
    moving = np.stack(
        [np.frombuffer((bytes(len(heads[0])) + each).ljust(64, b"\0"), ORDER[scheme]) | blank for each in tails]
    )
    assert width <= LONGEST
    targets = np.unique(np.array([each & mask for each in wanted], np.uint64))
    sieve, slots = sieve_of(targets)
    masked = np.concatenate([np.array([mask], np.uint64), targets])
    found = np.empty((2, room), np.int64)
    noted, head, calls = [], 0, 0
    while head < len(heads):
        head, n_found = try_texts(
            SCHEMES[scheme], fixed, np.ascontiguousarray(moving.T, np.uint32), masked, sieve, slots, found, head
        )
        noted += [heads[one] + tails[other] for one, other in found[:, :n_found].T.tolist()]
        calls += 1
        assert calls <= len(heads)
    return noted


FULL = 2**64 - 1


@pytest.mark.parametrize("scheme", SCHEMES)
def test_finds_each_text_looked_for_and_no_other(scheme: str) -> None:
    n_heads = 1 if config.DISABLE_JIT else 5
    heads, tails = [b"06%d" % n for n in range(n_heads)], [b"%03d" % n for n in range(LANES + 44)]
    hidden = [heads[0] + tails[0], heads[-1] + tails[LANES - 1], heads[-1] + tails[LANES], heads[0] + tails[-1]]
    wanted = [looked_for(each, scheme) for each in [*hidden, b"elsewhere"]]
    assert sorted(tried(heads, tails, scheme, wanted, FULL, 1000)) == sorted(hidden)


def test_goes_on_where_the_room_was_full() -> None:
    heads, tails = [b"a", b"b", b"c"], [b"1", b"2"]
    texts = [head + tail for head in heads for tail in tails]
    assert tried(heads, tails, "md5", [looked_for(each, "md5") for each in texts], FULL, 3) == texts


@pytest.mark.parametrize("scheme", SCHEMES)
def test_masked_digests_match_by_their_beginning(scheme: str) -> None:
    order = ORDER[scheme]
    first, second = np.frombuffer(bytes.fromhex("fffff00000000000"), order).tolist()  # the first five digits
    mask = first << 32 | second
    tails = [b"%04d" % n for n in range(LANES)]
    text = tails[17]
    same = [
        each for each in tails if hashlib.new(scheme, each).hexdigest()[:5] == hashlib.new(scheme, text).hexdigest()[:5]
    ]
    assert tried([b""], tails, scheme, [looked_for(text, scheme)], mask, LANES) == same
