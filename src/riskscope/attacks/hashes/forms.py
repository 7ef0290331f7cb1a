"""What the pseudonyms of a column look like: the digest of which hash, written how, cut to how many bits."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.attacks.hashes.domains import coded_values, text_of
from riskscope.words import _

#: Bits of the digest of each hash that is tried, in the order of their age.
DIGEST_BITS = {"md5": 128, "sha1": 160, "sha256": 256}
#: Fewer hexadecimal characters than this are no digest, but a code or a word.
SHORTEST_HEX = 6
#: Characters of a digest in base64: with padding, without.
_BASE64_BITS = {24: 128, 22: 128, 28: 160, 27: 160, 44: 256, 43: 256}
#: Base64 for addresses and file names has two characters of its own.
_PLAIN_BASE64 = str.maketrans("-_", "+/")
_HEX = re.compile(r"[0-9a-fA-F]+")
_BASE64 = re.compile(r"[0-9A-Za-z+/_-]+={0,2}")


@dataclass(frozen=True)
class HashForm:
    """How digests are written: ``encoding`` ("hex" or "base64"), characters, bits, and the case of letters."""

    encoding: str
    n_characters: int
    bits: int

    @property
    def schemes(self) -> tuple[str, ...]:
        """The hashes that may have made them: first the one with just so many bits, then those that were cut."""
        long_enough = [name for name, bits in DIGEST_BITS.items() if bits >= self.bits]
        return tuple(sorted(long_enough, key=lambda name: DIGEST_BITS[name] != self.bits))

    def words(self) -> str:
        """Return the form in words."""
        name = _("hexadecimal digits") if self.encoding == "hex" else _("characters of base64")
        return _("{n} {characters} ({bits} bits)").format(n=self.n_characters, characters=name, bits=self.bits)

    def digest_start(self, text: str) -> str | None:
        """Return the digest that a text writes, in lower-case hexadecimal digits; None where it is of another form.

        Examples
        --------
        >>> HashForm("base64", 24, 128).digest_start("z80ghJXVZe9m59/5+Ydk2g==")
        'cfcd208495d565ef66e7dff9f98764da'
        """
        if _form_of(text) != self:
            return None
        if self.encoding == "hex":
            return text.lower()
        return base64.b64decode(text.translate(_PLAIN_BASE64) + "=" * (-len(text) % 4)).hex()


def form_of(texts: Sequence[str]) -> HashForm | None:
    """Return the form that at least half of the distinct texts have, or None where there is none.

    Examples
    --------
    >>> form_of(["cfcd208495d565ef66e7dff9f98764da"])
    HashForm(encoding='hex', n_characters=32, bits=128)
    """
    forms = Counter(form for form in map(_form_of, texts) if form is not None)
    if not forms:
        return None
    form, n = forms.most_common(1)[0]
    if 2 * n < len(texts):
        return None
    # Digits alone are a number, not a digest: among letters and digits, none lacks letters throughout.
    has_letters = form.encoding == "base64" or any(not text.isdigit() for text in texts if _form_of(text) == form)
    return form if has_letters or form.bits >= min(DIGEST_BITS.values()) else None


def _form_of(text: str) -> HashForm | None:
    """Return the form of one text, or None where it writes no digest."""
    n = len(text)
    if SHORTEST_HEX <= n <= 64 and _HEX.fullmatch(text):
        return HashForm("hex", n, 4 * n)
    if n in _BASE64_BITS and _BASE64.fullmatch(text) and text.endswith("=") == (n % 4 == 0):
        try:
            digest = base64.b64decode(text.translate(_PLAIN_BASE64) + "=" * (-n % 4), validate=True)
        except binascii.Error:
            return None
        return HashForm("base64", n, _BASE64_BITS[n]) if 8 * len(digest) == _BASE64_BITS[n] else None
    return None


class PseudonymColumn(NamedTuple):
    """A column of pseudonyms: the distinct ``names``, and the place of each record's among them (-1: missing).

    A name in the ``form`` of most is its digest in lower-case hexadecimal digits; ``digests`` are these alone.
    """

    names: list[str]
    places: NDArray[np.int64]
    form: HashForm | None
    digests: list[str]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Rows of each pseudonym."""
        return np.bincount(self.places[self.places >= 0], minlength=len(self.names)).astype(np.int64)


def pseudonym_column(values: Any, name: str, form: HashForm | None = None) -> PseudonymColumn:
    """Return the distinct pseudonyms of a column, read in a form, or in the one that most of them have."""
    levels, places = coded_values(values, name)
    used = np.unique(places[places >= 0])
    texts = [text_of(levels[place]) for place in used.tolist()]
    form = form or form_of(texts)
    read = [form.digest_start(text) if form else None for text in texts]
    names = sorted({digest or text for digest, text in zip(read, texts, strict=True)})
    number = {each: at for at, each in enumerate(names)}
    place_of_level = np.full(len(levels) + 1, -1, np.int64)
    place_of_level[used] = [number[digest or text] for digest, text in zip(read, texts, strict=True)]
    return PseudonymColumn(names, place_of_level[places], form, sorted({digest for digest in read if digest}))
