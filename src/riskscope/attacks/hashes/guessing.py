"""Guess what stands behind hashes: try the texts of domains, small ones first, within a budget of time."""

from __future__ import annotations

import hashlib
import itertools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.attacks.hashes.texts import Domain, Piece
from riskscope.engines.memory import in_threads
from riskscope.words import _

#: Called with the domain that is tried, the guesses made, and the guesses there are.
Progress = Callable[[str, int, int], None]

#: Up to so many texts, hashlib alone is faster than loading the compiled kernels.
FEW = 500_000
#: The longest text that fits into one block of a hash.
LONGEST = 55
#: Pieces tried before budget and progress are looked at again; the same on every machine, and so are the guesses made.
_PIECES_A_TURN = 4
#: Where a random column would lose this share of its pseudonyms to a domain, trying that domain tells nothing.
_TELLS_NOTHING = 0.5
#: A domain has fallen where chance alone would give as many matches with a probability below this.
_BY_CHANCE = 1e-6
_KINDS = {"md5": 0, "sha1": 1, "sha256": 2}  # numbers of kernels.hashes


@dataclass
class Try:
    """One domain tried with one hash: how far it went, and what it matched."""

    domain: Domain
    scheme: str
    n_tried: int = 0
    #: Position of the pseudonym -> the texts that it may stand for.
    matches: dict[int, tuple[str, ...]] = field(default_factory=dict)
    #: Whether it tells anything: a digest cut short matches large domains by chance.
    tells: bool = True
    #: Whether more pseudonyms matched than chance explains.
    fell: bool = False

    def __post_init__(self) -> None:
        self.pieces = self.domain.pieces()

    @property
    def is_done(self) -> bool:
        """Whether every text was tried."""
        return self.n_tried == self.domain.size


class Guesses:
    """Digests that are looked for, what was tried on them, and the time that it took.

    Parameters
    ----------
    digests : list of str
        Distinct digests, or their first digits, in lower-case hexadecimal digits; all of one length.
    compiled : bool
        Whether large domains may use the compiled kernels.
    """

    def __init__(self, digests: Sequence[str], *, compiled: bool) -> None:
        self.places = {digest: at for at, digest in enumerate(digests)}
        self.n_digits = len(digests[0]) if digests else 0
        self.compiled = compiled
        self.tries: list[Try] = []
        self.seconds = 0.0
        self._tables: dict[str, tuple[Any, ...]] = {}

    @property
    def n_tried(self) -> int:
        """Guesses made."""
        return sum(each.n_tried for each in self.tries)

    def matched(self) -> dict[int, tuple[str, ...]]:
        """Return the different texts that each recovered pseudonym may stand for, by its position."""
        found: dict[int, tuple[str, ...]] = {}
        for each in self.tries:
            if each.fell:
                for place, texts in each.matches.items():
                    before = found.get(place, ())
                    found[place] = (*before, *(text for text in texts if text not in before))
        return found

    def needed(self) -> list[Try]:
        """Return the domains that explain what was recovered, without those that others explain, too."""
        explained: set[int] = set()
        found = []
        for each in sorted(self.tries, key=lambda each: (-len(each.matches), each.domain.size)):
            if each.fell and not explained.issuperset(each.matches):
                explained.update(each.matches)
                found.append(each)
        return found

    def run(
        self, domains: Sequence[Domain], schemes: Sequence[str], *, budget_seconds: float, progress: Progress | None
    ) -> None:
        """Try domains with one hash after the other, until all is recovered, all is tried, or the time is over.

        Of each domain a part is tried first, all of it where that gives anything; then the others, small ones first.
        """
        start = time.monotonic()
        total = len(schemes) * sum(each.size for each in domains)
        for scheme in schemes:
            ours = [Try(domain, scheme) for domain in domains]
            for each in ours:
                each.tells = self._chance(each.domain.size) < _TELLS_NOTHING
            self.tries += ours
            waiting = [each for each in ours if each.tells]
            for is_first_round in (True, False):
                for each in waiting:
                    while not (each.is_done or self._all_recovered(each)):
                        if time.monotonic() - start >= budget_seconds and self.n_tried:
                            self.seconds += time.monotonic() - start
                            return
                        if progress is not None:
                            progress(each.domain.label, self.n_tried, total)
                        self._go_on(each)
                        if is_first_round and not each.fell:
                            break
            if any(each.fell for each in ours):
                break
        self.seconds += time.monotonic() - start
        if progress is not None:
            progress(_("pseudonyms tried"), total, total)

    def _go_on(self, tried: Try) -> None:
        """Try the next pieces of a domain."""
        large = self.compiled and tried.domain.size > FEW
        pieces = list(itertools.islice(tried.pieces, _PIECES_A_TURN if large else 1))
        size = sum(piece.size for piece in pieces)
        work = self._compiled_matches if large else self._plain_matches
        if large:
            self._table(tried.scheme)
        for found in in_threads(lambda piece: work(piece, tried.scheme), pieces, n_rows=size if large else 0):
            for text in found:
                place = self._place(text, tried.scheme)
                if place is not None:
                    tried.matches[place] = (*tried.matches.get(place, ()), text.decode())
        tried.n_tried += size
        tried.fell = self._beats_chance(len(tried.matches), tried.n_tried)

    def _place(self, text: bytes, scheme: str) -> int | None:
        """Return the position of the pseudonym that a text gives, if there is one."""
        return self.places.get(hashlib.new(scheme, text, usedforsecurity=False).hexdigest()[: self.n_digits])

    def _plain_matches(self, piece: Piece, scheme: str) -> list[bytes]:
        """Return the texts of a piece that match, one by one."""
        make, n, places = getattr(hashlib, scheme), self.n_digits, self.places
        return [text for text in piece.texts() if make(text, usedforsecurity=False).hexdigest()[:n] in places]

    def _compiled_matches(self, piece: Piece, scheme: str) -> list[bytes]:
        """Return the texts of a piece that may match, by the compiled kernels."""
        from riskscope.kernels.hashes import try_texts

        width = piece.heads.shape[1] + piece.tails.shape[1]
        if width > LONGEST:
            return self._plain_matches(piece, scheme)
        heads, tails = blocks(piece, scheme)
        wanted, sieve, slots = self._table(scheme)
        noted = np.empty((2, max(2**17, tails.shape[1])), np.int64)
        found: list[bytes] = []
        head = 0
        while head < len(heads):
            head, n_found = try_texts(_KINDS[scheme], heads, tails, wanted, sieve, slots, noted, head)
            for one, other in noted[:, :n_found].T.tolist():
                found.append(piece.heads[one].tobytes() + piece.tails[other].tobytes())
        return found

    def _table(self, scheme: str) -> tuple[Any, ...]:
        """Return what the kernel looks for: mask and targets, bitmap, table; the same for all of a scheme."""
        if scheme not in self._tables:
            from riskscope.kernels.hashes import fill_sieve

            order = word_type(scheme)
            starts = b"".join(bytes.fromhex(digest[:16].ljust(16, "0")) for digest in self.places)
            mask = np.frombuffer(bytes.fromhex(("f" * min(16, self.n_digits)).ljust(16, "0")), order).astype(np.uint64)
            words = np.frombuffer(starts, order).reshape(-1, 2).astype(np.uint64)
            shift = np.uint64(32)
            targets = np.unique((words[:, 0] << shift) | words[:, 1])
            wanted = np.concatenate([mask[:1] << shift | mask[1:], targets])
            sieve = np.zeros(max(2, 1 << (len(targets) // 4).bit_length()), np.uint64)  # 16 bits and more a target
            slots = np.full(1 << (2 * len(targets)).bit_length(), -1, np.int64)
            fill_sieve(targets, sieve, slots)
            self._tables[scheme] = (wanted, sieve, slots)
        return self._tables[scheme]

    def _all_recovered(self, tried: Try) -> bool:
        """Tell whether nothing is left to find; where digests are cut short, further texts may share them."""
        if self._chance(tried.domain.size) >= _BY_CHANCE:
            return False
        at_most = sum(len(each.matches) for each in self.tries if each.fell)  # quick, and seldom enough
        return at_most >= len(self.places) and len(self.matched()) == len(self.places)

    def _chance(self, n_texts: int) -> float:
        """Return the probability that a random pseudonym is met by chance among so many texts."""
        return -math.expm1(n_texts * math.log1p(-(2.0 ** (-4 * self.n_digits))))

    def _beats_chance(self, n_matched: int, n_texts: int) -> bool:
        """Tell whether more pseudonyms matched than chance explains."""
        if not n_matched:
            return False
        from scipy.stats import binom

        return bool(binom.sf(n_matched - 1, len(self.places), self._chance(n_texts)) < _BY_CHANCE)


def word_type(scheme: str) -> str:
    """Return how a hash reads words from bytes: MD5 from the low byte up, the others from the high one down."""
    return "<u4" if scheme == "md5" else ">u4"


def blocks(piece: Piece, scheme: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return heads (n_heads, 16) and tails (16, n_tails) as words of one block; laid over each other, a padded text."""
    n_head, n_tail = piece.heads.shape[1], piece.tails.shape[1]
    width = n_head + n_tail
    heads, tails = np.zeros((len(piece.heads), 64), np.uint8), np.zeros((len(piece.tails), 64), np.uint8)
    heads[:, :n_head] = piece.heads
    heads[:, width] = 0x80
    heads[:, 56:] = np.frombuffer((8 * width).to_bytes(8, "little" if scheme == "md5" else "big"), np.uint8)
    tails[:, n_head:width] = piece.tails
    order = word_type(scheme)
    return (
        np.ascontiguousarray(heads.view(order), np.uint32),
        np.ascontiguousarray(tails.view(order).T, np.uint32),
    )
