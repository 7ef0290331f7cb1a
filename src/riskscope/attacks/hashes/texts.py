"""Texts that can be guessed, made piece by piece, never all at once: of a list, of a pattern, with check digits.

A piece is a set of heads and a set of tails of one length each; every head with every tail is one text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.words import _

Bytes = NDArray[np.uint8]

#: A piece has at most so many tails, and about so many texts.
MOST_TAILS, PIECE = 2**16, 2**21

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Piece(NamedTuple):
    """Texts: each of ``heads`` (n_heads, width) before each of ``tails`` (n_tails, width)."""

    heads: Bytes
    tails: Bytes

    @property
    def size(self) -> int:
        """Number of texts."""
        return len(self.heads) * len(self.tails)

    def texts(self) -> Iterator[bytes]:
        """Return the texts one by one."""
        tails = [each.tobytes() for each in self.tails]
        for head in self.heads:
            start = head.tobytes()
            yield from (start + tail for tail in tails)


@dataclass(frozen=True)
class Domain:
    """Texts of one kind in one written form.

    Parameters
    ----------
    kind : what they are, in words
    form : how they are written; empty for values that were handed over
    size : number of texts
    pieces : gives the texts; those of a large domain in an order that spreads over it
    """

    kind: str
    form: str
    size: int
    pieces: Callable[[], Iterator[Piece]] = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        """What they are, with the form, in the language in use."""
        return f"{_(self.kind)}: {self.form}" if self.form else _(self.kind)


def stacked(texts: Iterable[str]) -> Bytes:
    """Return texts of one length as rows of bytes.

    Examples
    --------
    >>> stacked(["01", "02"]).tolist()
    [[48, 49], [48, 50]]
    """
    written = [each.encode() for each in texts]
    width = len(written[0]) if written else 0
    return np.frombuffer(b"".join(written), np.uint8).reshape(len(written), width)


def cut(heads: Bytes, tails: Bytes) -> Iterator[Piece]:
    """Return heads and tails as pieces of a handy size."""
    a_piece = max(1, PIECE // max(1, len(tails)))
    for first in range(0, len(heads), a_piece):
        yield Piece(heads[first : first + a_piece], tails)


def listed(kind: str, form: str, size: int, texts: Callable[[], Sequence[str]]) -> Domain:
    """Return the domain of ``size`` listed texts, all different; the function gives them when they are tried."""

    def pieces() -> Iterator[Piece]:
        by_width: dict[int, list[str]] = {}
        for text in texts():
            by_width.setdefault(len(text.encode()), []).append(text)
        nothing = np.empty((1, 0), np.uint8)
        for _width, several in sorted(by_width.items()):
            for first in range(0, len(several), MOST_TAILS):
                yield Piece(nothing, stacked(several[first : first + MOST_TAILS]))

    return Domain(kind, form, size, pieces)


def of_pattern(kind: str, pattern: str) -> Domain:
    r"""Return the domain of a pattern: 9 is a digit, A a letter, all else (or what follows a ``\``) itself.

    Examples
    --------
    >>> of_pattern("plates", r"\9A9").size
    260
    """
    places, rest = [], iter(pattern)
    for mark in rest:
        places.append({"9": DIGITS, "A": LETTERS}.get(mark, mark) if mark != "\\" else next(rest, "\\"))
    return of_places(kind, pattern, places)


def of_places(kind: str, form: str, places: Sequence[str]) -> Domain:
    """Return the domain of all texts with one of the given characters in each place.

    Examples
    --------
    >>> domain = of_places("numbers", "0[67]", ["0", "67"])
    >>> [text for piece in domain.pieces() for text in piece.texts()]
    [b'06', b'07']
    """
    choices = [each for place in places for each in _choices(place)]
    n_tail_places, n_tails = 0, 1
    while n_tail_places < len(choices) and n_tails * len(choices[-1 - n_tail_places]) <= MOST_TAILS:
        n_tails *= len(choices[-1 - n_tail_places])
        n_tail_places += 1
    middle = len(choices) - n_tail_places
    n_heads = math.prod(len(each) for each in choices[:middle])
    step = _spreading_step(n_heads)

    def pieces() -> Iterator[Piece]:
        tails = _written(choices[middle:], np.arange(n_tails))
        a_piece = max(1, PIECE // n_tails)
        for first in range(0, n_heads, a_piece):
            visited = [turn * step % n_heads for turn in range(first, min(first + a_piece, n_heads))]
            yield Piece(_written(choices[:middle], np.array(visited, object)), tails)

    return Domain(kind, form, n_heads * n_tails, pieces)


def _choices(place: str) -> list[Bytes]:
    """Return the bytes that may stand in a place; one character beyond ASCII takes a place for each of its bytes."""
    written = np.frombuffer(place.encode(), np.uint8)
    return [written] if place.isascii() else [written[at : at + 1] for at in range(len(written))]


def _spreading_step(n: int) -> int:
    """Return a step that visits each of ``n`` places once, far apart, so that an unfinished try is spread over all."""
    step = max(1, round(n * 0.618))
    while math.gcd(step, n) > 1:
        step += 1
    return step


def _written(choices: Sequence[Bytes], numbers: NDArray[np.int64] | NDArray[np.object_]) -> Bytes:
    """Return the texts of the given numbers, read as digits of mixed radix; the last place turns fastest."""
    rows = np.empty((len(numbers), len(choices)), np.uint8)
    rest = numbers
    for at in range(len(choices) - 1, -1, -1):
        rest, digit = rest // len(choices[at]), (rest % len(choices[at])).astype(np.int64)
        rows[:, at] = choices[at][digit]
    return rows


def checked(
    heads: Bytes, head_residues: NDArray[np.int64], tails: Bytes, tail_residues: NDArray[np.int64], *, modulus: int
) -> Iterator[Piece]:
    """Return the texts whose residues add up to a multiple of the modulus, as pieces."""
    for residue in range(modulus):
        ours, theirs = heads[head_residues == residue], tails[tail_residues == -residue % modulus]
        if len(ours) and len(theirs):
            yield from cut(ours, theirs)


def digits(width: int) -> Bytes:
    """Return all numbers of a width, leading zeros included, as rows of digits."""
    return _written([np.frombuffer(DIGITS.encode(), np.uint8)] * width, np.arange(10**width))
