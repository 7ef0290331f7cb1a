"""What the values of a column look like: patterns and check digits, each with how often chance would pass.

The check digits come from python-stdnum and the telephone numbers from phonenumbers, both imported on use.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from riskscope.intake.column_facts import ColumnFacts, matches, share_matching
from riskscope.words import N_

#: Telephone numbers are slow to check: this many different values are enough.
LARGEST_PHONE_SAMPLE = 2_000
_WRITTEN_PHONE = r"^(\+\d|0\d{8,10}$|0\d([ .\-]?\d\d){4}$|\(?0?\d{2,4}\)?[ .\-]\d{3}|1[ .\-])"
_PHONE_REGIONS = ("FR", "GB", "US", "DE", "NL")


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """One pattern: what it shows, its regular expression, its check, and how sure it must be.

    ``share`` of the different values must fit, and at least ``least`` different values, unless the column's
    name says one of the kinds ``names``. ``needs_name`` patterns say nothing without such a name.
    ``chance`` is the share of random digits of the right length that would fit.
    """

    key: str
    label: str
    kind: str
    regex: str
    check: str = ""
    share: float = 0.8
    least: int = 3
    chance: float = 0.0
    names: tuple[str, ...] = ()
    needs_name: bool = False


@dataclass(frozen=True)
class Hit:
    """A pattern that a column's values fit, and the share of ``n_tried`` different values that do."""

    pattern: Pattern
    share: float
    n_tried: int


_SEP = r"[ .\-]?"
PATTERNS = (
    Pattern(
        key="email",
        label=N_("e-mail addresses"),
        kind="email",
        regex=r"^[^@\s]+@[^@\s]+\.[^\s@.]{2,}$",
    ),
    Pattern(
        key="iban",
        label=N_("IBANs (check digits hold)"),
        kind="account",
        check="iban",
        regex=r"(?i)^[A-Z]{2}\d{2}[ ]?[A-Z0-9]{2}[A-Z0-9 ]{8,36}$",
        chance=1 / 97,
    ),
    Pattern(
        key="nir",
        label=N_("French social security numbers (NIR, check digits hold)"),
        kind="national number",
        regex=rf"(?i)^[1-478]{_SEP}\d{{2}}{_SEP}\d{{2}}{_SEP}(\d{{2}}|2[AB]){_SEP}\d{{3}}{_SEP}\d{{3}}{_SEP}\d{{2}}$",
        check="nir",
        chance=1 / 97,
        least=5,
    ),
    Pattern(
        key="nir without key",
        label=N_("French social security numbers without their check digits"),
        kind="national number",
        least=30,
        share=0.95,
        chance=0.15,
        regex=r"(?i)^[12]\d{2}(0[1-9]|1[0-2]|[2-3]\d|4[0-2]|[5-9]\d)(0[1-9]|[1-8]\d|9[0-9]|2[AB])\d{6}$",
    ),
    Pattern(
        key="siret",
        label=N_("French SIRET numbers (check digits hold)"),
        kind="company number",
        check="siret",
        regex=r"^\d{3}[ ]?\d{3}[ ]?\d{3}[ ]?\d{5}$",
        least=30,
        share=0.9,
        chance=1 / 100,
        names=("company number",),
    ),
    Pattern(
        key="siren",
        label=N_("French SIREN numbers (check digit holds)"),
        kind="company number",
        check="siren",
        regex=r"^\d{3}[ ]?\d{3}[ ]?\d{3}$",
        least=30,
        share=0.9,
        chance=1 / 10,
        names=("company number",),
    ),
    Pattern(
        key="card",
        label=N_("payment card numbers (Luhn's check digit holds)"),
        kind="account",
        check="luhn",
        regex=r"^[2-6]\d{3}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}$",
        least=30,
        share=0.9,
        chance=1 / 10,
        names=("account",),
    ),
    Pattern(
        key="bsn",
        label=N_("Dutch citizen service numbers (BSN, the eleven test holds)"),
        kind="national number",
        check="bsn",
        regex=r"^\d{8,9}$",
        least=30,
        share=0.9,
        chance=1 / 11,
        names=("national number",),
    ),
    Pattern(
        key="ssn",
        label=N_("US social security numbers"),
        kind="national number",
        check="ssn",
        regex=r"^\d{3}-\d{2}-\d{4}$",
        least=5,
    ),
    Pattern(
        key="ip",
        label=N_("IP addresses"),
        kind="ip",
        check="ip",
        regex=r"^[0-9A-Fa-f:.]*[.:][0-9A-Fa-f:.]+$",
        least=5,
    ),
    Pattern(
        key="mac",
        label=N_("MAC addresses of devices"),
        kind="device",
        regex=r"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$",
    ),
    Pattern(
        key="url",
        label=N_("web addresses"),
        kind="url",
        regex=r"(?i)^(https?://|www\.)\S+$",
    ),
    Pattern(
        key="uuid",
        label=N_("UUIDs"),
        kind="pseudonym",
        regex=r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
    ),
    Pattern(
        key="hash",
        label=N_("hash codes (32, 40 or 64 hexadecimal digits)"),
        kind="pseudonym",
        regex=r"^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9A-F]{32}|[0-9A-F]{40}|[0-9A-F]{64})$",
    ),
    Pattern(
        key="date",
        label=N_("dates"),
        kind="date",
        share=0.9,
        regex=r"^(\d{4}[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])|(0?[1-9]|[12]\d|3[01])[-/.](0?[1-9]|1[0-2])[-/.](\d{2}|\d{4})"
        r"|(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])/(\d{2}|\d{4}))([ T]\d{1,2}:\d{2}.*)?$",
    ),
    Pattern(
        key="phone",
        label=N_("telephone numbers"),
        kind="phone",
        check="phone",
        regex=r"^[+(]?\d[\d\s().\-/]{5,22}\d$",
        least=30,
        chance=0.5,
        names=("phone", "fax"),
    ),
    Pattern(
        key="french postcode",
        label=N_("French postcodes"),
        kind="place",
        needs_name=True,
        names=("place",),
        chance=0.9,
        regex=r"^(0[1-9]|[1-8]\d|9[0-8]|2[AB])\d{3}$",
        share=0.9,
    ),
    Pattern(
        key="icd-10",
        label=N_("ICD-10 codes of diseases"),
        kind="health",
        names=("health",),
        share=0.95,
        least=10,
        regex=r"^[A-TV-Z]\d[0-9AB](\.?[0-9A-Z]{1,4})?[+*]?$",
    ),
)


def pattern_hits(facts: ColumnFacts, names: tuple[str, ...] = ()) -> list[Hit]:
    """Return the patterns that a column's values fit far above chance.

    ``names`` are the kinds that the column's name says: where the name says it, few values are enough.

    Examples
    --------
    >>> import pandas as pd
    >>> from riskscope.intake.column_facts import column_facts
    >>> facts = column_facts(pd.DataFrame({"x": ["a@b.fr", "c@d.org", "e@f.nl"]}))
    >>> [(hit.pattern.key, hit.share) for hit in pattern_hits(facts[0])]
    [('email', 1.0)]
    """
    if facts.kind in ("bool", "real", "date", "other") or not len(facts.sample):
        return []
    found: list[Hit] = []
    for pattern in PATTERNS:
        named = bool({pattern.kind, *pattern.names} & set(names))
        if (pattern.needs_name and not named) or (len(facts.sample) < pattern.least and not named):
            continue
        hit = _hit(pattern, facts, named)
        if hit is not None:
            found.append(hit)
            if pattern.kind == "date":  # a date is no telephone number
                break
    return found


def _hit(pattern: Pattern, facts: ColumnFacts, named: bool) -> Hit | None:
    fits = matches(facts.sample, pattern.regex)
    n_fits, n_tried = int(fits.sum()), len(facts.sample)
    if n_fits < pattern.share * n_tried:
        return None
    if pattern.check == "phone":
        share = _phone_share(facts.sample.slice(0, LARGEST_PHONE_SAMPLE), named)
        tried = min(n_tried, LARGEST_PHONE_SAMPLE)
        return Hit(pattern, share, tried) if share >= pattern.share else None
    if pattern.key == "icd-10" and not named and not _has_points(facts.sample):
        return None
    if pattern.check:
        check = _checks()[pattern.check]
        n_fits = sum(check(value) for value in facts.sample.filter(pa.array(fits)).to_pylist())
    share = n_fits / n_tried
    return Hit(pattern, share, n_tried) if share >= pattern.share else None


def _has_points(sample: pa.Array) -> bool:
    """Return whether a third of the codes carry a point, as ICD-10 codes do and seats or rooms do not."""
    return share_matching(sample, r"^[^.]*\.") >= 1 / 3


def _checks() -> dict[str, Callable[[str], bool]]:
    from stdnum import iban, luhn
    from stdnum.fr import nir, siren, siret
    from stdnum.nl import bsn
    from stdnum.us import ssn

    return {
        "iban": iban.is_valid,
        "nir": lambda value: nir.is_valid(value.replace("-", "")),
        "siren": siren.is_valid,
        "siret": siret.is_valid,
        "luhn": lambda value: luhn.is_valid(value.replace(" ", "").replace("-", "")),
        "bsn": lambda value: bsn.is_valid(value.zfill(9)),
        "ssn": ssn.is_valid,
        "ip": _is_ip,
    }


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _phone_share(sample: pa.Array, named: bool) -> float:
    """Return the share of telephone numbers in the one region where most are valid.

    Bare digits are valid somewhere too often: unless the column's name says telephone, most values must be
    written as numbers are (a plus, a leading zero, or marks between the digits).
    """
    import phonenumbers

    if not named and share_matching(sample, _WRITTEN_PHONE) < 0.8:
        return 0.0
    values = sample.to_pylist()
    best = 0
    for region in _PHONE_REGIONS:
        valid = 0
        for value in values:
            text = "0" + value if region == "FR" and len(value) == 9 and value.isdigit() and named else value
            try:
                valid += phonenumbers.is_valid_number(phonenumbers.parse(text, region))
            except phonenumbers.NumberParseException:
                continue
        best = max(best, valid)
        if best == len(values):
            break
    return best / len(values)
