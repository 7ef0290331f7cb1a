"""Which column plays which part."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from riskscope.checks import check_columns, check_names, quoted, shown
from riskscope.errors import RoleError
from riskscope.words import N_, _

#: Roles that hold several columns, with the words for them.
PLURAL = {
    "identifiers": N_("direct identifiers"),
    "quasi_identifiers": N_("quasi-identifiers"),
    "sensitive": N_("sensitive"),
    "protected": N_("protected"),
    "inferred": N_("inferred"),
}
#: Roles that hold one column at most.
SINGULAR = {
    "outcome": N_("outcome"),
    "weight": N_("sampling weight"),
    "household": N_("household"),
    "person": N_("person"),
}
_WORDS = {**PLURAL, **SINGULAR}
#: Two roles that one column cannot play at once.
_EXCLUSIVE = (
    ("identifiers", "quasi_identifiers"),
    ("identifiers", "sensitive"),
    ("quasi_identifiers", "sensitive"),
    ("weight", "quasi_identifiers"),
    ("weight", "sensitive"),
)


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Which column of a table plays which part.

    Parameters
    ----------
    identifiers : names of columns
        Name a person by themselves (name, e-mail, national number). Must leave before any release.
    quasi_identifiers : names of columns
        What somebody may know from another source and match on (age, sex, postcode).
    sensitive : names of columns
        What a person would not want to be learned (health, income, GDPR art. 9 categories).
    protected : names of columns
        Groups that must not be treated worse (sex, age, origin). May also play another part.
    inferred : names of columns
        Made by a model: scores, decisions, profiles, segments.
    outcome : name of a column, optional
        What really happened, to hold a score or a decision against.
    weight : name of a column, optional
        Sampling weight: how many people of the population a record stands for.
    household : name of a column, optional
        Joins people who live together.
    person : name of a column, optional
        Joins several records of one person.

    Raises
    ------
    RoleError
        A column plays two parts that exclude each other, or is named twice.

    Examples
    --------
    >>> roles = Roles(quasi_identifiers=["age", "sex"], sensitive="diagnosis")
    >>> roles.quasi_identifiers
    ('age', 'sex')
    >>> roles.replace(sensitive=[]).sensitive
    ()
    """

    identifiers: Sequence[str] = ()
    quasi_identifiers: Sequence[str] = ()
    sensitive: Sequence[str] = ()
    protected: Sequence[str] = ()
    inferred: Sequence[str] = ()
    outcome: str | None = None
    weight: str | None = None
    household: str | None = None
    person: str | None = None

    def __post_init__(self) -> None:
        for role in PLURAL:
            object.__setattr__(self, role, check_names(getattr(self, role), role))
        for role in SINGULAR:
            value = getattr(self, role)
            if value is not None and not isinstance(value, str):
                raise RoleError(
                    _("{role} is {kind}; it must be the name of one column, or None.").format(
                        role=role, kind=type(value).__name__
                    )
                )
        for one, other in _EXCLUSIVE:
            both = sorted(set(self.columns(one)) & set(self.columns(other)))
            if both:
                raise RoleError(
                    _("{columns} cannot be both {one} and {other}; leave it in one of them.").format(
                        columns=quoted(both), one=_(_WORDS[one]), other=_(_WORDS[other])
                    )
                )

    def columns(self, *roles: str) -> tuple[str, ...]:
        """Return the columns of the roles named (of all roles when none is), each once, in order."""
        found: list[str] = []
        for role in roles or (*PLURAL, *SINGULAR):
            value = getattr(self, role)
            found.extend((value,) if isinstance(value, str) else (value or ()))
        return tuple(dict.fromkeys(found))

    def replace(self, **changes: Any) -> Roles:
        """Return roles with some parts changed.

        Examples
        --------
        >>> Roles(sensitive="income").replace(protected="sex").protected
        ('sex',)
        """
        parts = {field.name: getattr(self, field.name) for field in dataclasses.fields(Roles)}
        unknown = sorted(set(changes) - set(parts))
        if unknown:
            raise RoleError(
                _("There is no role {unknown}. The roles are {roles}.").format(
                    unknown=quoted(unknown), roles=", ".join(parts)
                )
            )
        return Roles(**{**parts, **changes})

    def check_present(self, present: Iterable[str]) -> None:
        """Raise a RoleError, with near names, where a role names a column that the data lacks."""
        known = list(present)
        for role in (*PLURAL, *SINGULAR):
            check_columns(self.columns(role), known, role)

    def to_dict(self) -> dict[str, Any]:
        """Return the roles that are given, as plain lists and names.

        Examples
        --------
        >>> Roles(sensitive="income").to_dict()
        {'sensitive': ['income']}
        """
        given: dict[str, Any] = {role: list(getattr(self, role)) for role in PLURAL if getattr(self, role)}
        given.update({role: getattr(self, role) for role in SINGULAR if getattr(self, role) is not None})
        return given

    def to_toml(self) -> str:
        """Return the roles as a TOML text that ``Roles.from_toml`` reads back.

        Examples
        --------
        >>> print(Roles(sensitive="income").to_toml())
        [roles]
        sensitive = [
            "income",
        ]
        """
        import tomli_w

        return tomli_w.dumps({"roles": self.to_dict()})

    def save(self, path: str | Path) -> None:
        """Write the roles to a TOML file."""
        Path(path).write_text(self.to_toml(), encoding="utf-8", newline="\n")

    @classmethod
    def from_toml(cls, text: str) -> Self:
        r"""Return the roles that a TOML text holds in its table ``[roles]``.

        Examples
        --------
        >>> Roles.from_toml('[roles]\nsensitive = ["income"]').sensitive
        ('income',)
        """
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise RoleError(
                _("The roles are not valid TOML: {reason}. Mend the file at that place.").format(reason=error)
            ) from None
        given = tables.get("roles")
        if not isinstance(given, dict):
            raise RoleError(_("The TOML has no table [roles]; put the roles under the heading [roles]."))
        known = [*PLURAL, *SINGULAR]
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise RoleError(
                _("There is no role {unknown}. The roles are {roles}.").format(
                    unknown=quoted(unknown), roles=", ".join(known)
                )
            )
        return cls(**given)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Return the roles that a TOML file holds, as ``save`` writes them."""
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise RoleError(
                _("There is no file {name}; give the path of the TOML file that holds the roles.").format(
                    name=shown(path.name)
                )
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or _("it is not UTF-8")
            raise RoleError(
                _("The roles file {name} cannot be read: {reason}. Give the path of a TOML file in UTF-8.").format(
                    name=shown(path.name), reason=reason
                )
            ) from None
        return cls.from_toml(text)


def as_roles(roles: Roles | Iterable[str] | None) -> Roles:
    """Return roles from roles, from a list of quasi-identifiers, or empty ones from None.

    Examples
    --------
    >>> as_roles(["age", "sex"]).quasi_identifiers
    ('age', 'sex')
    """
    if isinstance(roles, Roles):
        return roles
    if isinstance(roles, dict):
        raise RoleError(_("The roles are a dict; hand over Roles(quasi_identifiers=[…], sensitive=[…])."))
    return Roles(quasi_identifiers=check_names(roles, "quasi_identifiers"))
