"""The roles proposed for a table, each with its reasons; a person edits and owns them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskscope import display
from riskscope.checks import check_columns, quoted
from riskscope.roles import PLURAL, SINGULAR, Roles
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    import pandas as pd

#: In a table of reasons, columns without a part beyond this many are counted and not listed.
_MOST_WITHOUT_PART = 40
#: Why a column is protected, in every reason for one.
PROTECTED_FOR = N_("Protected: for comparisons between groups.")
_ONE_COLUMN = {
    "identifiers": N_("direct identifier"),
    "quasi_identifiers": N_("quasi-identifier"),
    **{role: label for role, label in {**PLURAL, **SINGULAR}.items() if not role.endswith("identifiers")},
}


@dataclass(frozen=True)
class Reason:
    """Why a part is proposed for a column, or none: what its name and its values show, never a value.

    Parameters
    ----------
    column : name of the column
    roles : names of the roles proposed (empty for none)
    evidence : sentences
    is_free_text : whether the column holds sentences, which counting classes cannot judge
    """

    column: str
    roles: tuple[str, ...]
    evidence: tuple[str, ...]
    is_free_text: bool = False

    @property
    def role(self) -> str:
        """The parts in words: ``quasi-identifier + protected``, ``free text`` or ``none``."""
        if self.roles:
            return " + ".join(_(_ONE_COLUMN[role]) for role in self.roles)
        return _("free text") if self.is_free_text else _("none")


@dataclass(frozen=True, kw_only=True, repr=False)
class ProposedRoles(Roles):
    """Roles that riskscope proposes, with a reason for every column. Usable wherever ``Roles`` are.

    ``replace`` returns plain ``Roles``: from there on they are yours.

    Parameters
    ----------
    reasons : one Reason for each column, in the order of the table
    """

    reasons: tuple[Reason, ...] = dataclasses.field(default=(), compare=False)

    def reason(self, column: str) -> Reason:
        """Return the reason for one column."""
        check_columns([column], [each.column for each in self.reasons], "column")
        return next(each for each in self.reasons if each.column == column)

    def to_code(self) -> str:
        """Return the Python code of these roles, to copy, edit and keep.

        Examples
        --------
        >>> print(ProposedRoles(quasi_identifiers=["age"], outcome="churn").to_code())
        roles = rs.Roles(
            quasi_identifiers=['age'],
            outcome='churn',
        )
        """
        parts = "".join(f"    {role}={value!r},\n" for role, value in self.to_dict().items())
        return f"roles = rs.Roles(\n{parts})" if parts else "roles = rs.Roles()"

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each column: its name, the part proposed, and the evidence."""
        import pandas as pd

        return pd.DataFrame(
            {
                "column": [reason.column for reason in self.reasons],
                "role": [reason.role for reason in self.reasons],
                "evidence": [" ".join(reason.evidence) for reason in self.reasons],
            }
        )

    def summary(self) -> str:
        """Return the proposal in a few plain sentences, direct identifiers first."""
        return " ".join(self.sentences())

    def sentences(self) -> list[str]:
        """Return the sentences of the summary, one a string."""
        found = []
        if self.identifiers:
            n = len(self.identifiers)
            found.append(
                ngettext(
                    "Direct identifiers are still in the table: {n} column ({columns}). It must leave "
                    "before any release.",
                    "Direct identifiers are still in the table: {n} columns ({columns}). They must leave "
                    "before any release.",
                    n,
                ).format(n=n, columns=quoted(self.identifiers))
            )
        else:
            found.append(_("No direct identifier was recognised; that is not a proof that there is none."))
        found.append(
            _("Proposed as quasi-identifiers: {quasi}. Proposed as sensitive: {sensitive}.").format(
                quasi=quoted(self.quasi_identifiers) or _("none"),
                sensitive=quoted(self.sensitive) or _("none"),
            )
        )
        texts = [reason.column for reason in self.reasons if reason.is_free_text]
        if texts:
            found.append(
                _("Free text is beyond class counting: names or places inside {columns} are not found here.").format(
                    columns=quoted(texts)
                )
            )
        without = sum(not reason.roles for reason in self.reasons)
        found.append(
            _(
                "Without a part: {without} of {n} columns. These are proposals from names and values: "
                "whoever knows "
                "the data decides (to_code() gives the roles to edit)."
            ).format(without=without, n=len(self.reasons))
        )
        return found

    def __repr__(self) -> str:
        lines = [_("ProposedRoles (a proposal to check; .reasons says why)")]
        for role in (*PLURAL, *SINGULAR):
            if self.columns(role):
                lines.append(f"  {role}: {quoted(self.columns(role))}")
        lines.append("  " + _("columns without a part: {n}").format(n=sum(not reason.roles for reason in self.reasons)))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        with_part = [reason for reason in self.reasons if reason.roles]
        without = [reason for reason in self.reasons if not reason.roles]
        listed = with_part[: 5 * _MOST_WITHOUT_PART] + without[:_MOST_WITHOUT_PART]
        body = display.html_table([_("column"), _("part proposed"), _("evidence")], _rows(listed))
        left = len(self.reasons) - len(listed)
        sentences = self.sentences()
        if left:
            sentences.append(_("{n} more columns are not listed here; to_frame() has them all.").format(n=left))
        return display.html_card(_("Which column plays which part?"), sentences, body)


def _rows(reasons: list[Reason]) -> list[tuple[str, str, str]]:
    return [(quoted([each.column]), each.role, " ".join(each.evidence)) for each in reasons]


def joined(reasons: list[Reason]) -> ProposedRoles:
    """Return the roles that the reasons add up to."""
    parts: dict[str, Any] = {role: [each.column for each in reasons if role in each.roles] for role in PLURAL}
    for role in SINGULAR:
        parts[role] = next((each.column for each in reasons if role in each.roles), None)
    return ProposedRoles(**parts, reasons=tuple(reasons))
