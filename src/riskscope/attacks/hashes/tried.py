"""Pseudonyms: what hides them, and who gets behind it by guessing, by counting, or by comparing tables."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.attacks.hashes.domains import coded_values, domains_of
from riskscope.attacks.hashes.forms import DIGEST_BITS, PseudonymColumn, pseudonym_column
from riskscope.attacks.hashes.frequencies import overlap, rank_matching_success, share_of_unique_frequency
from riskscope.attacks.hashes.guessing import Guesses, Progress
from riskscope.checks import check_number, shown
from riskscope.results import Result, hidden, measured, plain
from riskscope.words import N_, _, ngettext

#: Guesses a minute that times are told for: what MD5 reaches on one or two cores of an ordinary computer.
PACE = 10**9
#: Fewer bits than this are guessed at leisure.
FEW_BITS = 40


#: A table lists so many domains, those that fell and the largest; to_dict has all.
MOST_DOMAINS = 8


@dataclass(frozen=True, kw_only=True)
class DomainTried:
    """One domain tried with one hash: its texts, and how many of them were tried.

    ``fell``: pseudonyms were recovered by it that no domain explains better. ``share_recovered``: the share of the
    distinct pseudonyms that it recovers, NaN where it was not tried. ``bucket``: how many of its texts share a
    pseudonym on average, because of the length of the digests.
    """

    domain: str
    scheme: str
    size: int
    n_tried: int
    fell: bool
    share_recovered: float
    bucket: float


@dataclass(frozen=True, kw_only=True)
class Reuse:
    """Another column that holds the same pseudonyms: their share of the smaller of both columns."""

    table: str
    n_distinct: int
    share: float


@dataclass(frozen=True, kw_only=True)
class Pseudonyms(Result):
    """What hides a column of pseudonyms, and how many of them were undone."""

    question: ClassVar[str] = N_("Do the pseudonyms hide anybody?")
    source: ClassVar[str] = (
        "Article 29 Working Party, Opinion 05/2014, section 4; Pandurangan (2014), On taxis and rainbows; "
        "Naveed, Kamara and Wright (2015), doi:10.1145/2810103.2813651 (matching by frequency)"
    )

    n_missing: str = measured(N_("records without a pseudonym"), "text")
    n_distinct: int = measured(N_("distinct pseudonyms"), "count")
    other_form: str = measured(N_("distinct pseudonyms of another form"), "text")
    form: str | None = measured(N_("what they look like"), "text")
    scheme: str | None = measured(N_("unsalted hash found"), "text")
    n_recovered: int = measured(N_("distinct pseudonyms recovered"), "count")
    share_recovered: float = measured(N_("share of distinct pseudonyms recovered"), "share")
    share_of_people: float = measured(N_("share of records recovered"), "share")
    bits: float = measured(N_("bits between an attacker and the people"))
    bits_are_least: bool = hidden(default=False)
    n_guesses: int = measured(N_("guesses made"), "count")
    bucket: float | None = measured(N_("texts of the domain that share a pseudonym, on average"))
    share_unique_frequency: float = measured(N_("share of records whose pseudonym alone stands so often"), "share")
    frequency_success: float = measured(N_("share named by matching frequencies, at best"), "share")
    frequency_baseline: float = measured(N_("share named by always saying the most frequent value"), "share")
    #: What was tried, in the order of trying.
    domains: tuple[DomainTried, ...] = hidden(default=())
    #: Tables that hold the same pseudonyms.
    reuse: tuple[Reuse, ...] = hidden(default=())
    #: Success for each record, 0 to 1 (n_records,); NaN where there is no pseudonym.
    hit: NDArray[np.float64] = hidden()
    #: What stands behind each record's pseudonym, None where unknown (n_records,). Do not publish.
    recovered: NDArray[np.object_] = hidden()
    #: Time that trying took; it differs from run to run, and is shown by ``pace`` alone.
    seconds: float = hidden(default=0.0)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with what was tried and where the pseudonyms stand too; no time, no recovered value."""
        tried, reuse = ([plain(asdict(each)) for each in several] for several in (self.domains, self.reuse))
        return {**super().to_dict(), "bits_are_least": self.bits_are_least, "domains": tried, "reuse": reuse}

    def pace(self) -> str:
        """Return how fast guessing went here, and how long the whole domain takes at that speed."""
        if not self.n_guesses or not self.seconds:
            return _("Nothing was tried, so no speed was measured.")
        a_minute = 60 * self.n_guesses / self.seconds
        return _(
            "At the speed measured here ({n} million guesses a minute on this machine), {guesses} guesses take {time}."
        ).format(
            n=display.number(a_minute / 1e6),
            guesses=display.count(2**self.bits),
            time=duration(60 * 2**self.bits / a_minute),
        )

    def sentences(self) -> list[str]:
        """Return what was undone, how far the people are from an attacker, and what else the pseudonyms give away."""
        if not self.n_distinct:
            return [_("The column holds no pseudonym, so nothing was tried.")]
        return [*self._guessed(), *self._counted(), *self._compared(), self._limit()]

    def _guessed(self) -> list[str]:
        if self.form is None:
            return [_("The pseudonyms do not look like a hash that is known here, so none was guessed.")]
        if self.scheme is None:
            said = [
                _(
                    "They look like a hash ({form}). {n} guesses, tried without a key, gave none of them: they are "
                    "keyed, salted or random, or of a domain that was not tried."
                ).format(form=self.form, n=display.count(self.n_guesses))
            ]
            if self.n_guesses and any(each.n_tried < each.size for each in self.domains):
                said.append(_("Not all was tried: the table of domains says how much."))
            return said
        said = [
            _(
                "{share} of the different pseudonyms ({n} of {total}) are undone: they are plain {scheme} of texts "
                "that can be guessed ({domains}). Anybody can do the same, without any key."
            ).format(
                share=display.share(self.share_recovered),
                n=display.count(self.n_recovered),
                total=display.count(self.n_distinct),
                scheme=self.scheme.upper(),
                domains="; ".join(dict.fromkeys(each.domain for each in self.domains if each.fell)),
            ),
            _(
                "{bits} bits stand between an attacker and these people: {n} guesses, {time} at {pace} million guesses "
                "a minute."
            ).format(
                bits=display.number(round(self.bits, 1)),
                n=display.count(2**self.bits),
                time=duration(60 * 2**self.bits / PACE),
                pace=display.count(PACE / 1e6),
            ),
        ]
        if self.bucket is not None:
            said.append(
                _(
                    "Cutting the digests short hides few: {bucket} texts of the domain share one on average, and the "
                    "columns beside it tell those apart."
                ).format(bucket=display.number(self.bucket) if self.bucket >= 0.01 else _("fewer than 0.01"))
            )
        return said

    def _counted(self) -> list[str]:
        if math.isnan(self.frequency_success):
            return []
        return [
            _(
                "Without guessing, whoever knows how often each plain value occurs matches frequencies and names up to "
                "{success} of the records rightly; always saying the most frequent value names {baseline}."
            ).format(success=display.share(self.frequency_success), baseline=display.share(self.frequency_baseline))
        ]

    def _compared(self) -> list[str]:
        return [
            _(
                "{share} of the pseudonyms of the smaller table stand in {table}, too: records of one person can be "
                "linked across the two."
            ).format(share=display.share(each.share), table=shown(each.table))
            for each in self.reuse
            if each.share > 0
        ]

    def _limit(self) -> str:
        advice = _("Use a key of 128 random bits (HMAC), another for each table, and keep it apart.")
        if self.share_recovered == 1:
            return advice
        return " ".join(
            [_("What was not undone here may be by somebody with a better list, more time or the key."), advice]
        )

    def rows(self) -> list[tuple[str, str]]:
        """Return (label, value as text) of each shown number; a bound and what was not found are said as such."""
        bits = display.number(round(self.bits, 1))
        said = {
            "scheme": self.scheme or _("none"),
            "form": self.form or _("no hash known here"),
            "bits": _("at least {n}").format(n=bits) if self.bits_are_least else bits,
            "bucket": _("digests are not cut") if self.bucket is None else display.number(self.bucket),
        }
        shown_fields = self.shown_fields()
        return [
            (label, self.undefined_text(name) or said.get(name) or display.formatted(value, kind))
            for name, label, value, kind in shown_fields
        ]

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the domains that were tried, and the other tables that hold the same pseudonyms."""
        found: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = []
        if self.domains:
            header = [_("domain"), _("hash"), _("texts"), _("of them tried"), _("pseudonyms recovered")]
            fallen = [each for each in self.domains if each.share_recovered > 0]
            tried = [each for each in self.domains if each.n_tried and not each.share_recovered > 0]
            largest = sorted(tried, key=lambda each: -each.n_tried)[: max(0, MOST_DOMAINS - len(fallen))]
            rows = [
                (
                    each.domain,
                    each.scheme,
                    display.count(each.size),
                    display.share(each.n_tried / each.size),
                    display.share(each.share_recovered),
                )
                for each in (*fallen, *largest)
            ]
            for n_left, how, found_there in (
                (len(tried) - len(largest), _("tried"), display.share(0.0)),
                (len(self.domains) - len(fallen) - len(tried), _("not tried"), "–"),
            ):
                if n_left:
                    left = ngettext("{n} further domain", "{n} further domains", n_left).format(n=n_left)
                    rows.append((left, "–", "–", how, found_there))
            found.append((_("What was tried"), header, rows))
        if self.reuse:
            header = [_("table"), _("distinct pseudonyms"), _("shared, of the smaller table")]
            rows_of_reuse = [
                (display.visible(each.table), display.count(each.n_distinct), display.share(each.share))
                for each in self.reuse
            ]
            found.append((_("The same pseudonyms elsewhere"), header, rows_of_reuse))
        return found


def pseudonyms(
    column: Any,
    *,
    domain: Any = None,
    reference: Any = None,
    tables: Mapping[str, Any] | Iterable[Any] | None = None,
    budget_seconds: float = 60.0,
    progress: Progress | None = None,
) -> Pseudonyms:
    r"""What hides a column of pseudonyms: a hash without a key falls to guessing.

    It tells how many pseudonyms anybody can undo with a list of what may stand behind them. It does not tell that the
    others hold: a better list, more time or the key may undo them, and so may the columns beside them.

    Parameters
    ----------
    column : series, array or list
        One pseudonym a record.
    domain : str, list, array, series, or tuple of these, optional
        What may stand behind them: the name of a built-in domain ("birth_date", "number", "telephone_fr",
        "telephone_nl", "bsn", "luhn", "nir", "plate_fr", "taxi_nyc", "ipv4"); a pattern such as "9A99", where 9 is a
        digit, A a letter, and all else, or what follows a ``\``, itself; or candidate values, for instance a column of
        a register or a list of e-mail addresses (tried as they stand, in lower and in upper case). Several: a tuple.
        Default: all that is built in, small domains first.
    reference : series, array or list, optional
        Plain values of another source, one a record: how often each occurs is known to the attacker.
    tables : dict {name: column} or list of columns, optional
        Columns of other tables that may hold the same pseudonyms.
    budget_seconds : float, default 60
        Guessing ends after about so many seconds; the result says how much of each domain was tried.
    progress : function, optional
        Called with what is being tried, the guesses made, and the guesses there are.

    Returns
    -------
    Pseudonyms
        ``share_recovered`` (0 to 1, of the distinct pseudonyms), ``scheme`` ("md5", "sha1", "sha256", or None where
        nothing fell), ``bits`` (log2 of the texts of the domains that fell; where nothing fell, log2 of the guesses
        made, a lower bound, and ``bits_are_least`` is true), ``domains``, ``reuse``. ``hit`` (n_records,) is the
        success for each record, ``recovered`` (n_records,) what stands behind it: personal data, not to be published.

    Raises
    ------
    FrameError
        The column is no single column.
    RiskscopeError
        No built-in domain has that name.

    Notes
    -----
    Recovered = |{h(g): g in G} ∩ column| / |distinct column|. A digest cut to b bits is shared by |G| / 2^b texts of
    the domain on average; such a domain counts as fallen only where more pseudonyms match than chance explains
    (binomial, p < 1e-6), a record with several matching texts counts 1 / their number, and a domain so large that half
    of random pseudonyms would match is not tried. Matching by frequency: see ``rank_matching_success``; it is what an
    attacker gets at best, where both sources have the same order of frequencies. Records without a pseudonym are kept
    apart. Large domains are tried at 1,000 million guesses a minute and more on two cores (MD5).

    Examples
    --------
    >>> taxis = ["71b9c3f3ee5efb81ca05e9b90c91c88f", "98c2b1aeb8d40ff826c6f1580a600853"]
    >>> answer = pseudonyms(taxis, domain=("9A99", ["5296319"]))
    >>> answer.share_recovered, answer.scheme, round(answer.bits, 2)
    (1.0, 'md5', 14.67)
    """
    check_number(budget_seconds, "budget_seconds", low=0)
    domains = domains_of(domain)
    held = pseudonym_column(column, "column")
    guesses = Guesses(held.digests, compiled=os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0"))
    if held.form is not None:
        guesses.run(domains, held.form.schemes, budget_seconds=budget_seconds, progress=progress)
    matched = {held.digests[place]: texts for place, texts in guesses.matched().items()}
    behind = [matched.get(name, ()) for name in held.names]
    hit = np.array([*(1 / len(texts) if texts else 0.0 for texts in behind), np.nan])[held.places]
    recovered = np.array([*(texts[0] if len(texts) == 1 else None for texts in behind), None], object)[held.places]
    frequencies = _frequencies(held.counts, reference)
    present = held.places >= 0
    n_missing, n_distinct, n_other = int((~present).sum()), len(held.names), len(held.names) - len(held.digests)
    return Pseudonyms(
        n_records=len(held.places),
        n_missing=_guarded(n_missing, len(held.places) - n_missing),
        n_distinct=n_distinct,
        other_form=_guarded(n_other, len(held.digests)) if held.form else _("all"),
        form=held.form.words() if held.form else None,
        n_recovered=len(matched),
        share_recovered=len(matched) / n_distinct if n_distinct else np.nan,
        share_of_people=float(hit[present].mean()) if n_distinct else np.nan,
        n_guesses=guesses.n_tried,
        share_unique_frequency=share_of_unique_frequency(held.counts),
        domains=_domains_tried(guesses, held),
        reuse=_reuse(held, tables),
        hit=hit,
        recovered=recovered,
        seconds=guesses.seconds,
        undefined=_undefined(n_distinct, guesses.n_tried, frequencies),
        **_hardness(guesses, held),
        **frequencies,
    )


def _guarded(n: int, n_others: int) -> str:
    """Return a count of cells as text: none, or coarse where it is of few."""
    return display.guarded_count(n, n_others) if n else "0"


def _domains_tried(guesses: Guesses, held: PseudonymColumn) -> tuple[DomainTried, ...]:
    """Return what was tried, in the order of trying."""
    n, bits = len(held.digests), held.form.bits if held.form else 0
    needed = {id(each) for each in guesses.needed()}
    return tuple(
        DomainTried(
            domain=each.domain.label,
            scheme=each.scheme,
            size=each.domain.size,
            n_tried=each.n_tried,
            fell=id(each) in needed,
            share_recovered=(len(each.matches) / n if each.fell else 0.0) if each.n_tried else np.nan,
            bucket=each.domain.size / 2.0**bits,
        )
        for each in guesses.tries
    )


def _hardness(guesses: Guesses, held: PseudonymColumn) -> dict[str, Any]:
    """Return the hash that was found, and the bits: of the domains that fell, else of the guesses made."""
    fallen = guesses.needed()
    if not fallen or held.form is None:
        bits = math.log2(guesses.n_tried) if guesses.n_tried else np.nan
        return {"scheme": None, "bits": bits, "bits_are_least": True, "bucket": None}
    size = sum(each.domain.size for each in fallen)
    return {
        "scheme": fallen[0].scheme,
        "bits": math.log2(size),
        "bits_are_least": False,
        "bucket": size / 2.0**held.form.bits if held.form.bits < DIGEST_BITS[fallen[0].scheme] else None,
    }


def _frequencies(counts: NDArray[np.int64], reference: Any) -> dict[str, Any]:
    """Return what matching by frequency gives at best, and what always saying the most frequent value gives."""
    _levels, places = coded_values([] if reference is None else reference, "reference")
    known = np.bincount(places[places >= 0]).astype(np.int64)
    if not (len(known) and len(counts)):
        return {"frequency_success": np.nan, "frequency_baseline": np.nan}
    most = float(counts.max() / counts.sum())
    return {"frequency_success": rank_matching_success(counts, known), "frequency_baseline": most}


def _reuse(held: PseudonymColumn, tables: Mapping[str, Any] | Iterable[Any] | None) -> tuple[Reuse, ...]:
    """Return how much of each other column stands here, too."""
    if tables is None:
        return ()
    if not isinstance(tables, Mapping):
        tables = {_("table {n}").format(n=at): column for at, column in enumerate(tables, start=1)}
    others = {str(name): pseudonym_column(column, "tables", held.form).names for name, column in tables.items()}
    return tuple(
        Reuse(table=name, n_distinct=len(names), share=overlap(held.names, names)) for name, names in others.items()
    )


def _undefined(n_distinct: int, n_tried: int, frequencies: dict[str, Any]) -> dict[str, str]:
    """Return the reason of each number that is undefined."""
    reasons = {}
    if any(math.isnan(each) for each in frequencies.values()):
        reasons.update(dict.fromkeys(frequencies, N_("no reference was handed over")))
    if not n_distinct:
        shares = ("share_recovered", "share_of_people", "share_unique_frequency", *frequencies)
        reasons.update(dict.fromkeys(shares, N_("there is no pseudonym")))
    if not n_tried:
        reasons["bits"] = N_("nothing was tried")
    return reasons


def duration(seconds: float) -> str:
    """Return a time in words, in the unit that fits.

    Examples
    --------
    >>> duration(0.004), duration(90), duration(3 * 86400)
    ('less than a second', '1.5 minutes', '3 days')
    """
    if seconds < 1:
        return _("less than a second")
    units = (
        (60, 1, N_("{n} seconds")),
        (3600, 60, N_("{n} minutes")),
        (86_400, 3600, N_("{n} hours")),
        (365 * 86_400, 86_400, N_("{n} days")),
        (math.inf, 365 * 86_400, N_("{n} years")),
    )
    size, words = next((size, words) for below, size, words in units if seconds < below)
    return _(words).format(n=display.number(float(f"{seconds / size:.2g}")))
