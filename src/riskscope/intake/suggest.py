"""Roles proposed from the names and the values of the columns, with reasons, for a person to decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from riskscope.intake.column_facts import ColumnFacts, column_facts
from riskscope.intake.column_names import name_kinds, name_words
from riskscope.intake.patterns import pattern_hits
from riskscope.intake.proposal import ProposedRoles, Reason, joined
from riskscope.intake.rules import DescribedColumn, proposed_reason
from riskscope.words import _

#: Names of outcomes, the surest first; a table has one.
_OUTCOMES = (
    {"y", "ytrue", "label", "target", "outcome", "groundtruth", "classlabel", "labelvalue", "cible"},
    {
        "tworecid",
        "twoyearrecid",
        "recidivated",
        "churn",
        "churned",
        "resilie",
        "claimind",
        "promoted",
        "passbar",
    },
    {
        "defaultpayment",
        "defaulted",
        "defaut",
        "repaid",
        "paidontime",
        "paidback",
        "hired",
        "embauche",
        "admitted",
        "approve",
        "approved",
    },
    {"deny", "denied"},
)
_BODY_WORDS = {"height", "taille", "bmi", "imc", "stature", "lengte", "grosse"}


def suggest_roles(data: Any) -> ProposedRoles:
    """Propose which column plays which part, from names and values, with the reasons; nothing is decided.

    A direct identifier shows by a pattern or check digits that hold far above chance, by its name, or by a
    number or code that nearly every record has for itself. Quasi-identifiers, sensitive (GDPR art. 9 and 10,
    money), protected, inferred, weight, household, person and outcome columns show by their names in English
    and French (some Dutch and German), a few by their values. Every column gets a reason, also where no part
    is proposed. Names of people are recognised by the name of the column only. What stands inside free text
    is not found.

    Parameters
    ----------
    data : pandas, Polars or PyArrow table
        At most 20,000 different values of a column are read for patterns, the first in the file; the counts
        are over all records.

    Returns
    -------
    ProposedRoles
        Roles to use, edit (``replace``, ``to_code``) and save, with ``reasons``.

    Raises
    ------
    FrameError
        The data are no table in memory, or two columns have the same name.

    Notes
    -----
    Distinct ratio: Motwani & Xu (2007), "Efficient algorithms for masking and finding
    quasi-identifiers". Random digits pass Luhn's check one time in ten, the Dutch eleven test one in eleven,
    NIR and IBAN one in 97: nine values of ten must pass.

    Examples
    --------
    >>> import pandas as pd
    >>> names, diagnoses = ["Un", "Deux", "Trois"], ["a", "b", "a"]
    >>> data = pd.DataFrame({"nom": names, "sexe": ["F", "H", "F"], "diagnostic": diagnoses})
    >>> suggest_roles(data)
    ProposedRoles (a proposal to check; .reasons says why)
      identifiers: 'nom'
      quasi_identifiers: 'sexe'
      sensitive: 'diagnostic'
      protected: 'sexe'
      columns without a part: 0
    """
    return roles_of(described_columns(column_facts(data)))


def roles_of(columns: list[DescribedColumn]) -> ProposedRoles:
    """Return the roles that the columns suggest, each with its reason."""
    taken: set[str] = set()
    reasons = []
    for column in columns:
        reason = proposed_reason(column)
        roles, evidence = reason.roles, list(reason.evidence)
        single = [role for role in roles if role in ("household", "person")]
        doubled = [role for role in single if role in taken]
        if doubled:
            roles = tuple(role for role in roles if role not in doubled)
            evidence.append(_("Another column was proposed for this part first; a table has one."))
        taken.update(single)
        reasons.append(Reason(reason.column, roles, tuple(evidence), reason.is_free_text))
    return joined(reasons)


def described_columns(facts: list[ColumnFacts]) -> list[DescribedColumn]:
    """Return each column with what its name and its values say, and the table's one outcome and weight."""
    kinds = [name_kinds(each.name) for each in facts]
    keys = [tuple(kind.key for kind in each) for each in kinds]
    outcome = _best(facts, _outcome_rank)
    weight = _best([each for each, key in zip(facts, keys, strict=True) if "weight" in key[:1]], _weight_rank)
    words = {word for each in facts for word in name_words(each.name)}
    has_body = bool(words & _BODY_WORDS)
    return [
        DescribedColumn(
            each,
            kind,
            tuple(pattern_hits(each, key)),
            is_outcome=each.name == outcome,
            is_weight=each.name == weight,
            is_body=has_body and set(name_words(each.name)) <= {"weight", "poids", "gewicht"},
        )
        for each, kind, key in zip(facts, kinds, keys, strict=True)
    ]


def _best(facts: list[ColumnFacts], rank: Callable[[ColumnFacts], int | None]) -> str | None:
    ranked = [(place, position) for position, each in enumerate(facts) if (place := rank(each)) is not None]
    return facts[min(ranked)[1]].name if ranked else None


def _outcome_rank(facts: ColumnFacts) -> int | None:
    squeezed = "".join(word for word in name_words(facts.name) if not word.isdigit())
    if not 2 <= facts.n_distinct <= 10:
        return None
    return next((rank for rank, names in enumerate(_OUTCOMES) if squeezed in names), None)


def _weight_rank(facts: ColumnFacts) -> int | None:
    if not facts.is_number or not facts.lowest >= 0 or not facts.highest > 0:
        return None
    words = name_words(facts.name)
    if {"sampling", "sample", "survey", "final", "sondage", "fnlwgt"} & set(words):
        return 0
    return 2 if {"household", "hh", "menage"} & set(words) else 1
