"""The eighteen identifiers of one US rule, HIPAA's Safe Harbor: which of them a table still holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from riskscope.checks import quoted
from riskscope.intake.column_facts import column_facts, share_matching
from riskscope.intake.proposal import Reason
from riskscope.intake.rules import DescribedColumn, proposed_reason
from riskscope.intake.suggest import described_columns
from riskscope.results import Result, hidden, measured
from riskscope.roles import Roles, as_roles
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    import pandas as pd

FOUND, NOT_FOUND, CANNOT_BE_SEEN, TO_CHECK = "found", "not found", "cannot be seen", "to check"

#: Letter of 45 CFR 164.514(b)(2)(i), the identifier in words, and the kinds of columns that are one.
ITEMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("A", N_("names"), ("person name", "login")),
    ("B", N_("places smaller than a state"), ("address", "place")),
    ("C", N_("dates finer than the year, and ages over 89"), ("birth date", "date", "age")),
    ("D", N_("telephone numbers"), ("phone",)),
    ("E", N_("fax numbers"), ("fax",)),
    ("F", N_("e-mail addresses"), ("email",)),
    ("G", N_("social security numbers"), ("national number",)),
    ("H", N_("medical record numbers"), ("medical record",)),
    ("I", N_("health plan beneficiary numbers"), ("health plan",)),
    ("J", N_("account numbers"), ("account",)),
    ("K", N_("certificate or licence numbers"), ("licence",)),
    ("L", N_("vehicle identifiers and plates"), ("vehicle",)),
    ("M", N_("device identifiers and serial numbers"), ("device",)),
    ("N", N_("web addresses (URLs)"), ("url",)),
    ("O", N_("IP addresses"), ("ip",)),
    ("P", N_("biometric identifiers (finger and voice prints)"), ("biometric",)),
    ("Q", N_("full-face photographs and the like"), ("photo",)),
    ("R", N_("any other unique identifying number, characteristic or code"), ()),
)  # fmt: skip
#: What a program cannot look for beyond a column's name.
_UNSEEN = frozenset("PQR")
_OLDEST = 89
_MASKED = r"^[*?#xX.\-_ ]*$"
_TO_CHECK_WORDS = {
    "B": N_("to check in {columns}: three-digit ZIP codes are allowed where over 20,000 people live, else 000"),
    "C": N_(
        'to check in {columns}: 90 is taken for "90 or older", which is allowed; an age of exactly 90 would not be'
    ),
}


@dataclass(frozen=True)
class SafeHarborItem:
    """One identifier of the list.

    Parameters
    ----------
    letter : A to R, as in 45 CFR 164.514(b)(2)(i)
    label : the identifier in words
    status : "found", "to check", "not found" or "cannot be seen"
    columns : names of the columns
    """

    letter: str
    label: str
    status: str
    columns: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the status in words, with the columns."""
        if self.status == FOUND:
            return _("found in {columns}").format(columns=quoted(self.columns))
        if self.status == TO_CHECK:
            return _(_TO_CHECK_WORDS[self.letter]).format(columns=quoted(self.columns))
        if self.status == CANNOT_BE_SEEN:
            return _("cannot be seen by a program")
        return _("not found")


@dataclass(frozen=True, kw_only=True)
class SafeHarbor(Result):
    """Which of HIPAA's eighteen Safe Harbor identifiers stand in a table."""

    question: ClassVar[str] = N_("Which of the eighteen HIPAA Safe Harbor identifiers are still in the table?")
    source: ClassVar[str] = "45 CFR 164.514(b)(2)(i)"

    n_found: int = measured(N_("identifiers of the list found (of 18)"), "count")
    n_not_seen: int = measured(N_("identifiers of the list that a program cannot see"), "count")
    items: tuple[SafeHarborItem, ...] = hidden(default=())

    def sentences(self) -> list[str]:
        """Return the sentences of the summary, one a string."""
        columns = tuple(dict.fromkeys(name for item in self.items if item.status == FOUND for name in item.columns))
        if columns:
            first = ngettext(
                "{n} of the 18 identifiers of HIPAA's Safe Harbor list is still in the table ({columns}).",
                "{n} of the 18 identifiers of HIPAA's Safe Harbor list are still in the table ({columns}).",
                self.n_found,
            ).format(n=self.n_found, columns=quoted(columns))
        else:
            first = _("None of the 18 identifiers of HIPAA's Safe Harbor list was recognised by name or pattern.")
        return [
            first,
            _("{n} of them cannot be seen by a program: look yourself.").format(n=self.n_not_seen),
            _(
                "This is the list of one US rule (45 CFR 164.514(b)(2)) and not a verdict: people can be "
                "recognised "
                "without any of the eighteen, and whether somebody has actual knowledge of that, the "
                "rule's second "
                "condition, is not checked."
            ),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, and each of the eighteen with its status and columns."""
        listed = {
            item.letter: {"identifier": _(item.label), "status": item.status, "columns": list(item.columns)}
            for item in self.items
        }
        return {**super().to_dict(), "identifiers": listed}

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each of the eighteen: letter, identifier, status, columns."""
        import pandas as pd

        return pd.DataFrame(
            {
                "letter": [item.letter for item in self.items],
                "identifier": [_(item.label) for item in self.items],
                "status": [item.status for item in self.items],
                "columns": [list(item.columns) for item in self.items],
            }
        )

    def tables(self) -> list[tuple[str, list[str], list[tuple[str, str, str]]]]:  # type: ignore[override]
        """Return the eighteen as a table to show."""
        rows = [(item.letter, _(item.label), item.text()) for item in self.items]
        return [(_("The list"), ["", _("identifier"), _("in this table")], rows)]


def safe_harbor(data: Any, roles: Roles | None = None) -> SafeHarbor:
    """Which of the eighteen identifiers of HIPAA's Safe Harbor list are still in a table.

    The list of one US rule, applied to column names and patterns of values. It is not a verdict: a table
    without any of the eighteen can still single people out, and the rule's second condition (no actual
    knowledge that somebody could be recognised) is not checked.

    Parameters
    ----------
    data : pandas, Polars or PyArrow table
        Records.
    roles : Roles, optional
        Its ``identifiers`` count, under R where no other letter fits.

    Returns
    -------
    SafeHarbor
        ``n_found``, ``n_not_seen`` and ``items`` (letter, label, status, columns).

    Raises
    ------
    FrameError
        The data are no table in memory.
    RoleError
        A role names a column that the data lacks.

    Notes
    -----
    45 CFR 164.514(b)(2)(i)(A) to (R). A state, a country and a year are allowed; a ZIP code may keep three
    digits where more than 20,000 people live there. Names are recognised by the column's name only, and ages
    only in a column that its name says: lists of surnames and a range of numbers flag *race* and *salary*.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"name": ["Ann", "Bob", "Cy"], "age": [34, 51, 93], "state": list("abc")})
    >>> checked = safe_harbor(data)
    >>> [(item.letter, item.columns) for item in checked.items if item.status == "found"]
    [('A', ('name',)), ('C', ('age',))]
    """
    return listed(described_columns(column_facts(data)), as_roles(roles))


def listed(columns: list[DescribedColumn], given: Roles) -> SafeHarbor:
    """Return the eighteen identifiers of the list, and which columns hold them."""
    given.check_present([column.facts.name for column in columns])
    found: dict[str, list[str]] = {letter: [] for letter, _label, _kinds in ITEMS}
    to_check: dict[str, list[str]] = {letter: [] for letter in _TO_CHECK_WORDS}
    for column in columns:
        name, reason = column.facts.name, proposed_reason(column)
        letters = _letters(column, reason)
        unique = name in given.identifiers or bool({"identifiers", "person"} & set(reason.roles))
        for letter in letters or ("R" if unique else ""):
            allowed = (letter == "B" and _three_digits(column)) or (letter == "C" and _may_be_top_coded(column))
            (to_check if allowed else found)[letter].append(name)
    items = tuple(_item(letter, label, found[letter], to_check.get(letter, [])) for letter, label, _kinds in ITEMS)
    return SafeHarbor(
        n_records=columns[0].facts.n_records if columns else 0,
        n_found=sum(item.status == FOUND for item in items),
        n_not_seen=sum(item.status == CANNOT_BE_SEEN for item in items),
        items=items,
    )


def _item(letter: str, label: str, columns: list[str], to_check: list[str]) -> SafeHarborItem:
    if columns:
        return SafeHarborItem(letter, label, FOUND, tuple(columns))
    if to_check:
        return SafeHarborItem(letter, label, TO_CHECK, tuple(to_check))
    return SafeHarborItem(letter, label, CANNOT_BE_SEEN if letter in _UNSEEN else NOT_FOUND)


def _letters(column: DescribedColumn, reason: Reason) -> list[str]:
    """Return the letters that a column falls under, by its values or by its name."""
    facts = column.facts
    if not facts.n_present or share_matching(facts.sample, _MASKED) == 1:
        return []
    kinds = {hit.pattern.kind for hit in column.hits}
    first = column.keys[:1]
    if first and (reason.roles or first[0] in ("date", "technical date", "dealings date", "place")):
        kinds.add(first[0])
    if first == ("fax",):
        kinds.discard("phone")
    letters = [letter for letter, _label, wanted in ITEMS if kinds & set(wanted)]
    if "C" in letters and not _too_fine(column):
        letters.remove("C")
    elif _is_date(column) and "C" not in letters:
        letters.append("C")
    return sorted(letters)


def _is_date(column: DescribedColumn) -> bool:
    return column.facts.kind == "date" or any(hit.pattern.key == "date" for hit in column.hits)


def _too_fine(column: DescribedColumn) -> bool:
    """Return whether a column of dates is finer than the year, or one of ages goes over 89."""
    facts = column.facts
    if _is_date(column):
        return True
    if column.keys[:1] == ("age",):
        months = {"months", "mois", "days", "jours"} & set(column.words)
        return facts.is_number and not months and facts.highest > _OLDEST
    year = facts.is_number and facts.lowest >= 1800 and facts.highest <= 2200
    return not year and not {"year", "annee", "jahr", "jaar", "yr", "yob"} & set(column.words)


def _may_be_top_coded(column: DescribedColumn) -> bool:
    return column.keys[:1] == ("age",) and column.facts.highest == _OLDEST + 1


def _three_digits(column: DescribedColumn) -> bool:
    """Return whether a column of places holds ZIP codes cut to three digits."""
    if "place" not in column.keys or not {"zip", "zipcode", "postcode", "postal", "cp", "zip3"} & set(column.words):
        return False
    return share_matching(column.facts.sample, r"^\d{3}([*xX]*|00)$") == 1
