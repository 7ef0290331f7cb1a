"""Text kernel: every string gets the code of its bytes, wherever it lies in Arrow's buffers."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscope.kernels.text import code_text


def code(array: pa.Array, dtype: type = np.int32, most: int = 2**31 - 1) -> tuple[int, list[int], list[int]]:
    """Return rows done, codes and first rows of a large_string array, calling the kernel on its raw buffers."""
    n = len(array)
    _validity, offset_buffer, data = array.buffers()
    offsets = np.frombuffer(offset_buffer, np.int64)[array.offset : array.offset + n + 1]
    n_bytes = data.size if data is not None else 0
    words = np.frombuffer(data, np.uint64, n_bytes // 8) if n_bytes >= 8 else np.empty(0, np.uint64)
    last = np.zeros(8, np.uint8)
    if n_bytes % 8:
        last[: n_bytes % 8] = np.frombuffer(data, np.uint8)[n_bytes - n_bytes % 8 :]
    valid = np.array([value is not None for value in array.to_pylist()], np.uint8)
    codes = np.full(n, 7, dtype)
    done, first = code_text(
        words, last.view(np.uint64)[0], offsets, valid if array.null_count else valid[:0], codes, most
    )
    return done, codes.tolist(), first.tolist()


def exact(strings: list[str | None], *, lead: bytes = b"") -> pa.Array:
    """Return an array whose data buffer ends with the last byte: nothing lies behind it; ``lead`` shifts the rest."""
    texts = [(string or "").encode() for string in strings]
    offsets = np.cumsum([len(lead), *map(len, texts)]).astype(np.int64)
    bits = np.packbits([string is not None for string in strings], bitorder="little")
    return pa.Array.from_buffers(
        pa.large_string(),
        len(strings),
        [pa.py_buffer(bits.tobytes()), pa.py_buffer(offsets.tobytes()), pa.py_buffer(lead + b"".join(texts))],
    )


def expected(strings: list[str | None]) -> tuple[list[int], list[int]]:
    """Return codes in order of first appearance (0 for a missing value), and the row of each level."""
    base = int(None in strings)
    known: dict[str, int] = {}
    first = []
    codes = []
    for row, string in enumerate(strings):
        if string is None:
            codes.append(0)
            continue
        if string not in known:
            known[string] = len(known) + base
            first.append(row)
        codes.append(known[string])
    return codes, first


def check(strings: list[str | None], **options: bytes) -> None:
    array = exact(strings, **options)
    assert array.to_pylist() == strings
    done, codes, first = code(array)
    assert done == len(strings)
    assert (codes, first) == expected(strings)


@pytest.mark.parametrize("length", range(41))
def test_every_length_at_the_end_of_the_buffer(length: int) -> None:
    one, other = "x" * length, "x" * max(0, length - 1) + "y"
    check([one, other, one, other, other, one])
    check([one])


@pytest.mark.parametrize("shift", range(9))
def test_strings_that_begin_anywhere_in_a_word(shift: int) -> None:
    check(["ab", "abcdefgh", "abcdefghi", "ab", "", "abcdefghijklmnopq", "abcdefghi"], lead=b"z" * shift)


def test_equal_first_eight_bytes() -> None:
    check(["12345678", "123456789", "12345678a", "123456780", "12345678", "123456789"])


def test_one_byte_differs_at_any_place() -> None:
    texts = ["a" * at + "b" + "a" * (30 - at) for at in range(31)]
    check(texts + texts[::-1])


def test_embedded_zero_bytes_are_bytes_like_others() -> None:
    check(["a", "a\0", "a\0\0", "", "\0", "\0\0", "a", "\0", "abcdefgh", "abcdefgh\0", "abcdefgh\0\0", "abcdefgh"])


def test_unicode() -> None:
    check(["é", "e\u0301", "😀", "😀😀😀", "Łódź", "łódź", "北京市朝阳区", "北京市朝阳区", "é"])


def test_missing_and_empty_differ() -> None:
    check([None, "", None, "a", ""])


def test_all_missing_without_data() -> None:
    assert code(pa.array([None, None], pa.large_string())) == (2, [0, 0], [])


def test_table_grows_several_times() -> None:
    strings = [f"{at * 7919:x}-{'long ' * (at % 5)}" for at in range(6_000)]
    random.Random(0).shuffle(strings)
    check(strings + strings[::-3])


def test_stops_where_the_codes_do_not_suffice() -> None:
    strings = [str(at % 300) for at in range(1_000)]
    done, codes, first = code(exact(strings), np.uint8, 256)
    assert done == 256
    assert codes[:256] == list(range(256))
    assert len(first) == 256


def test_stops_one_earlier_with_a_missing_value() -> None:
    strings = [None, *(str(at) for at in range(300))]
    done, codes, _first = code(exact(strings), np.uint8, 256)
    assert done == 256  # the missing value and 255 levels
    assert max(codes[:256]) == 255


def test_exactly_as_many_levels_as_codes() -> None:
    strings = [str(at % 256) for at in range(1_000)]
    done, codes, _first = code(exact(strings), np.uint8, 256)
    assert done == 1_000
    assert codes == [at % 256 for at in range(1_000)]


@given(
    st.lists(st.none() | st.text(st.sampled_from("ab\0é😀"), max_size=20), min_size=1, max_size=60),
    st.binary(max_size=9),
)
def test_any_strings(strings: list[str | None], lead: bytes) -> None:
    check(strings, lead=lead)


@given(st.lists(st.text(st.sampled_from("ab"), max_size=3), min_size=3, max_size=40), st.data())
def test_any_slice(strings: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(strings) - 1))
    stop = data.draw(st.integers(start + 1, len(strings)))
    done, codes, first = code(exact(strings).slice(start, stop - start))
    assert done == stop - start
    assert (codes, first) == expected(strings[start:stop])
