"""The answer to an assessment: at most eight lines, each a number and what it means for a person in the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.journeys.identifiers import DirectIdentifiers
from riskscope.results import MISSING_WORDS, Result
from riskscope.risk.column_risk import ColumnRisk
from riskscope.risk.k_anonymity import KAnonymity
from riskscope.risk.l_diversity import LDiversity
from riskscope.risk.reidentification import ReidentificationRisk
from riskscope.risk.t_closeness import TCloseness
from riskscope.roles import Roles
from riskscope.words import _, ngettext

_R = TypeVar("_R", bound=Result)


class Line(NamedTuple):
    """One line of the answer: a label, a value, what it means, and whether it must be seen to first."""

    label: str
    value: str
    meaning: str
    is_urgent: bool = False


def first_of(results: Iterable[Result], kind: type[_R]) -> _R | None:
    """Return the first result of a kind, or None."""
    return next((each for each in results if isinstance(each, kind)), None)


def answer_lines(results: Sequence[Result], roles: Roles) -> Iterator[Line]:
    """Yield the lines, direct identifiers first."""
    names = first_of(results, DirectIdentifiers)
    smallest = first_of(results, KAnonymity)
    risk = first_of(results, ReidentificationRisk)
    columns = first_of(results, ColumnRisk)
    diversity = first_of(results, LDiversity)
    closeness = first_of(results, TCloseness)
    if names is not None:
        yield Line(
            _("direct identifiers"),
            display.count(names.n_identifiers),
            " ".join(names.sentences()[:2]),
            bool(names.columns),
        )
    if smallest is not None:
        yield Line(_("records"), display.count(smallest.n_records), _known_sentence(roles))
        yield Line(_("smallest class (k)"), display.number(smallest.k), smallest_sentence(smallest))
        share = display.share(smallest.n_unique / smallest.n_records)
        yield Line(_("people alone"), f"{display.count(smallest.n_unique)} ({share})", _alone_sentence(smallest))
    if risk is not None:
        yield Line(_("people at risk"), display.share(risk.share_at_risk), _risk_sentence(risk))
    if columns is not None:
        yield Line(_("column that matters most"), _strongest(columns), columns.sentences()[0])
    if diversity is not None:
        yield Line(_("least diverse class (ℓ)"), display.number(diversity.l), _diversity_sentence(diversity))
    if closeness is not None:
        yield Line(_("furthest class (t)"), display.number(closeness.t), _closeness_sentence(closeness))


def answer_summary(results: Sequence[Result]) -> Iterator[str]:
    """Yield two to four sentences: direct identifiers, the smallest class, the strongest column, the limit."""
    names = first_of(results, DirectIdentifiers)
    smallest = first_of(results, KAnonymity)
    columns = first_of(results, ColumnRisk)
    if names is not None and names.columns:
        yield names.sentences()[0]
    if smallest is not None:
        yield smallest.sentences()[0] if smallest.n_unique else smallest_sentence(smallest)
    if columns is not None:
        yield columns.sentences()[0]
    yield _("No figure proves anonymity: the figures speak of these columns, in this table, and of nothing else.")


def _known_sentence(roles: Roles) -> str:
    n = len(roles.quasi_identifiers)
    return ngettext(
        "Assessed against somebody who knows {n} column about a person (quasi-identifier): {columns}.",
        "Assessed against somebody who knows {n} columns about a person (quasi-identifiers): {columns}.",
        n,
    ).format(n=display.count(n), columns=quoted(roles.quasi_identifiers, most=6))


def smallest_sentence(smallest: KAnonymity) -> str:
    """Return what k means for a person."""
    others = round(smallest.k) - 1
    if others < 1:
        return _(
            "The smallest group that shares one combination of these columns is one person, who hides in no crowd."
        )
    return ngettext(
        "Every person shares their combination of these columns with at least {n} other; "
        "what they all have in common is not hidden.",
        "Every person shares their combination of these columns with at least {n} others; "
        "what they all have in common is not hidden.",
        others,
    ).format(n=display.count(others))


def _alone_sentence(smallest: KAnonymity) -> str:
    if not smallest.n_unique:
        return _("Nobody in the table is the only one with their combination of these columns.")
    return ngettext(
        "{n} person of {total} shares their combination with nobody in the table: whoever knows these columns about "
        "them finds their record. Somebody outside the table may share it.",
        "{n} people of {total} share their combination with nobody in the table: whoever knows these columns about "
        "one of them finds that record. Somebody outside the table may share it.",
        smallest.n_unique,
    ).format(n=display.count(smallest.n_unique), total=display.count(smallest.n_records))


def _risk_sentence(risk: ReidentificationRisk) -> str:
    return ngettext(
        "Somebody who knows these columns, and that a person is in the table, picks the right record with a chance "
        "above {threshold} for {n} person of {total}; for the person most at risk the chance is {highest}.",
        "Somebody who knows these columns, and that a person is in the table, picks the right record with a chance "
        "above {threshold} for {n} people of {total}; for the person most at risk the chance is {highest}.",
        int(risk.n_at_risk),
    ).format(
        n=display.count(risk.n_at_risk),
        total=display.count(risk.n_records),
        threshold=display.share(risk.threshold),
        highest=display.share(risk.highest),
    )


def _strongest(columns: ColumnRisk) -> str:
    if columns.strongest is None:
        return _("none alone")
    return shown(columns.strongest)


def _diversity_sentence(diversity: LDiversity) -> str:
    if not diversity.n_disclosed:
        return _("In every class the sensitive values differ; they may still resemble each other.")
    return ngettext(
        "For {n} person of {total} ({share}), everybody in their class has the same value of a sensitive column: "
        "whoever finds the class learns it. A person alone in their class counts here too.",
        "For {n} people of {total} ({share}), everybody in their class has the same value of a sensitive column: "
        "whoever finds the class learns it. People alone in their class count here too.",
        diversity.n_disclosed,
    ).format(
        n=display.count(diversity.n_disclosed),
        total=display.count(diversity.n_records),
        share=display.share(diversity.share_disclosed),
    )


def _closeness_sentence(closeness: TCloseness) -> str:
    return _(
        "How far the sensitive values of the most unusual class are from those of the table: at 0, finding a person's "
        "class teaches nothing of them, at 1 as much as can be. Small classes stray far by chance."
    )


def limits(missing: str) -> list[str]:
    """Return what no figure of a report says, in sentences that stand in every report."""
    return [
        _("No figure proves anonymity: the law asks about all means reasonably likely to be used, on any data."),
        _("The figures hold for these quasi-identifiers, this reading of missing values, and this table."),
        _("How missing values were read: {missing}.").format(missing=_(MISSING_WORDS[missing])),
        _("k, ℓ and t say nothing about further knowledge of sensitive values, nor about several releases together."),
        _("Being alone in a sample is not being alone in the population; only a register or a model tells."),
    ]
