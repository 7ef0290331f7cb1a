"""The answer to an assessment: what to do next, and at most twelve lines, a number and what it means for a person."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.journeys.identifiers import DirectIdentifiers
from riskscope.journeys.journey import Line, first_of
from riskscope.journeys.risk_by_group import RiskByGroup
from riskscope.results import MISSING_WORDS, Result
from riskscope.risk.column_risk import ColumnRisk
from riskscope.risk.k_anonymity import KAnonymity
from riskscope.risk.l_diversity import LDiversity
from riskscope.risk.population_uniqueness import PopulationUniqueness
from riskscope.risk.reidentification import ReidentificationRisk
from riskscope.risk.special_uniques import SpecialUniques
from riskscope.risk.t_closeness import TCloseness
from riskscope.risk.uniqueness import Uniqueness
from riskscope.roles import Roles
from riskscope.words import _, ngettext


def answer_lines(results: Sequence[Result], roles: Roles) -> Iterator[Line]:
    """Yield the lines, direct identifiers first."""
    names = first_of(results, DirectIdentifiers)
    smallest = first_of(results, KAnonymity)
    risk = first_of(results, ReidentificationRisk)
    columns = first_of(results, ColumnRisk)
    special = first_of(results, SpecialUniques)
    population = first_of(results, PopulationUniqueness)
    groups = first_of(results, RiskByGroup)
    diversity = first_of(results, LDiversity)
    closeness = first_of(results, TCloseness)
    if names is not None:
        yield Line(
            _("direct identifiers"),
            display.count(names.n_identifiers),
            " ".join(names.sentences()[:2]),
            bool(names.columns),
        )
        if names.free_text:
            yield Line(_("free text"), _columns_in_words(len(names.free_text)), _free_text_sentence(names), True)
    if smallest is not None:
        counted = _("records") if smallest.known_records is None else _("persons")
        yield Line(counted, display.count(smallest.n_records), _known_sentence(roles))
        yield Line(_("smallest class (k)"), display.number(smallest.k), smallest_sentence(smallest))
        share = display.share(smallest.n_unique / smallest.n_records)
        yield Line(_("people alone"), f"{display.count(smallest.n_unique)} ({share})", _alone_sentence(smallest))
    if risk is not None:
        yield Line(_("people at risk"), display.share(risk.share_at_risk), _risk_sentence(risk))
    if columns is not None:
        yield Line(_("column that matters most"), _strongest(columns), columns.sentences()[0])
    if special is not None:
        few = sum(special.people_by_size.get(size, 0) for size in (1, 2, 3))
        yield Line(_("singled out by three facts or fewer"), display.count(few), special.sentences()[0])
    if population is not None:
        value = display.count(round(population.estimate)) if population.is_estimable else _("not estimable")
        yield Line(_("alone in the population (estimate)"), value, population.sentences()[0])
    if groups is not None:
        yield Line(_("who carries more risk"), _gap(groups), groups.sentences()[0])
    if diversity is not None:
        yield Line(_("least diverse class (ℓ)"), display.number(diversity.l), _diversity_sentence(diversity))
    if closeness is not None:
        yield Line(
            _("furthest class (t)"), display.number(closeness.t), _closeness_sentence(first_of(results, Uniqueness))
        )


def next_step(results: Sequence[Result]) -> str:
    """Return what to do before the table leaves, as far as these measures know."""
    names = first_of(results, DirectIdentifiers)
    smallest = first_of(results, KAnonymity)
    steps = []
    if names is not None and names.columns:
        steps.append(
            ngettext(
                "remove {n} column that names people", "remove {n} columns that name people", len(names.columns)
            ).format(n=display.count(len(names.columns)))
        )
    if names is not None and names.free_text:
        steps.append(
            ngettext("read {n} column of free text", "read {n} columns of free text", len(names.free_text)).format(
                n=display.count(len(names.free_text))
            )
        )
    if smallest is not None and smallest.n_unique:
        steps.append(_step_alone(smallest, first_of(results, ColumnRisk)))
    elif smallest is not None:
        steps += _steps_in_company(smallest, first_of(results, LDiversity))
    if not steps:
        return _(
            "Before it leaves: these measures name nothing more to do. They do not cover what others know beyond these "
            "columns, other releases about the same people, or columns without a part."
        )
    return _("Before it leaves: {steps}; then assess again.").format(steps="; ".join(steps))


def _step_alone(smallest: KAnonymity, columns: ColumnRisk | None) -> str:
    """Return what to do where people are alone."""
    alone = ngettext("{n} person of {total} is alone", "{n} of {total} people are alone", smallest.n_unique).format(
        n=display.count(smallest.n_unique), total=display.count(smallest.n_records)
    )
    if columns is None or columns.strongest is None:
        return _("{alone}: coarsen several columns together").format(alone=alone)
    return _("{alone}: coarsen {column} first (without it: {left} alone)").format(
        alone=alone, column=shown(columns.strongest), left=display.count(columns.without[columns.strongest])
    )


def _steps_in_company(smallest: KAnonymity, diversity: LDiversity | None) -> Iterator[str]:
    """Yield what to do where nobody is alone, and groups are small or alike."""
    if smallest.n_below:
        yield ngettext(
            "{n} person of {total} is in a group smaller than {k}: coarsen a quasi-identifier further",
            "{n} of {total} people are in groups smaller than {k}: coarsen a quasi-identifier further",
            smallest.n_below,
        ).format(
            n=display.count(smallest.n_below),
            total=display.count(smallest.n_records),
            k=display.count(smallest.threshold),
        )
    if diversity is not None and diversity.n_disclosed:
        yield ngettext(
            "the group of {n} person gives a sensitive value away: make that group larger, or the value coarser",
            "the groups of {n} people give a sensitive value away: make those groups larger, or the value coarser",
            diversity.n_disclosed,
        ).format(n=display.count(diversity.n_disclosed))


def terms() -> str:
    """Return what the words of the answer mean, in one line."""
    return _(
        "Quasi-identifier: a column that others may know of a person. Sensitive: one that nobody should learn. "
        "Class: the people who share one combination of quasi-identifiers."
    )


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


def _columns_in_words(n: int) -> str:
    return ngettext("{n} column", "{n} columns", n).format(n=display.count(n))


def _free_text_sentence(names: DirectIdentifiers) -> str:
    return ngettext(
        "{columns} may hold names and places, which counting does not see: read it before any release.",
        "{columns} may hold names and places, which counting does not see: read them before any release.",
        len(names.free_text),
    ).format(columns=quoted(names.free_text, most=6))


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
        "above {above} for {n} person of {total}; for the person most at risk the chance is {highest}.",
        "Somebody who knows these columns, and that a person is in the table, picks the right record with a chance "
        "above {above} for {n} people of {total}; for the person most at risk the chance is {highest}.",
        int(risk.n_at_risk),
    ).format(
        n=display.count(risk.n_at_risk),
        total=display.count(risk.n_records),
        above=_above(risk.threshold),
        highest=display.share(risk.highest),
    )


def _above(threshold: float) -> str:
    """Return the threshold, where it comes from, and the groups whose risk is above it."""
    percent = display.number(100 * threshold)
    if not 0 < threshold < 1:
        return _("{percent} % (the threshold)").format(percent=percent)
    return _("{percent} % (the threshold), that is in a group smaller than {size},").format(
        percent=percent, size=display.count(math.ceil(1 / threshold - 1e-9))
    )


def _strongest(columns: ColumnRisk) -> str:
    if columns.strongest is None:
        return _("none alone")
    return shown(columns.strongest)


def _gap(groups: RiskByGroup) -> str:
    """Return the mean risks of the groups at the ends, without their names."""
    if groups.n_judged < 2:
        return _("not compared")
    low, high = groups.groups[-1].mean_released, groups.groups[0].mean_released
    return _("mean risk from {low} to {high}").format(low=display.share(low), high=display.share(high))


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


def _closeness_sentence(crowd: Uniqueness | None) -> str:
    said = _(
        "How far the sensitive values of the most unusual class are from those of the table, from 0 (finding a "
        "person's class teaches nothing) to 1 (it teaches everything)."
    )
    if crowd is not None and 2 * crowd.n_unique > int(crowd.n_classes_of_size.sum()):
        return said + " " + _("Most classes here are of one person, so it says little.")
    return said + " " + _("Small classes stray far by chance.")


def limits(missing: str) -> list[str]:
    """Return what no figure of a report says, in sentences that stand in every report."""
    return [
        _("No figure proves anonymity: the law asks about all means reasonably likely to be used, on any data."),
        _("The figures hold for these quasi-identifiers, this reading of missing values, and this table."),
        _("How missing values were read: {missing}.").format(missing=_(MISSING_WORDS[missing])),
        _("k, ℓ and t say nothing about further knowledge of sensitive values, nor about several releases together."),
        _("Being alone in a sample is not being alone in the population; only a register or a model tells."),
    ]
