"""Which measures the roles allow, run one after the other on the table counted once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from riskscope.engines.columns import as_frame
from riskscope.engines.tables import has_one_cell_each, one_cell_each, table_of
from riskscope.frequency import FrequencyTable
from riskscope.journeys.risk_by_group import risk_by_group
from riskscope.results import Result
from riskscope.risk.alpha_k_anonymity import alpha_k_anonymity
from riskscope.risk.beta_likeness import beta_likeness
from riskscope.risk.column_risk import column_risk
from riskscope.risk.delta_disclosure import delta_disclosure
from riskscope.risk.delta_presence import delta_presence
from riskscope.risk.individual_risk import individual_risk
from riskscope.risk.k_anonymity import k_anonymity
from riskscope.risk.k_map import k_map
from riskscope.risk.l_diversity import l_diversity
from riskscope.risk.log_linear import log_linear_risk
from riskscope.risk.population_uniqueness import population_uniqueness
from riskscope.risk.record_uniqueness import record_uniqueness
from riskscope.risk.reidentification import reidentification_risk
from riskscope.risk.separation import separation
from riskscope.risk.special_uniques import MOST_COLUMNS, special_uniques
from riskscope.risk.t_closeness import t_closeness
from riskscope.risk.uniqueness import uniqueness
from riskscope.roles import Roles
from riskscope.words import _

#: Cells times subsets up to which minimal sets of facts are searched.
_MOST_TRIED = 2**31
#: What trying one more set of columns costs beside its cells, in cells.
_COST_OF_A_SET = 2**16
#: Possible combinations up to which the log-linear model is fitted.
_MOST_POSSIBLE = 2**20

#: What a step says that it does, and what it gives.
Part = tuple[str, Callable[[], list[Result]]]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of a table beside its roles; see ``assess``."""

    k: int
    threshold: float
    missing: str
    register: Any
    population_size: int | None


def parts(data: Any, table: FrequencyTable, asked: Question) -> list[Part]:
    """Return the steps that the roles, and the question, allow, in the order of the report."""
    roles, classes, size = table.roles, table.classes(), asked.population_size
    found: list[Part] = [
        (_("class sizes"), lambda: _class_results(table, asked)),
        (_("each set of columns"), lambda: [column_risk(classes, k=asked.k), separation(classes)]),
    ]
    if has_one_cell_each(classes):
        people = data if table.persons is None else one_cell_each(classes)
        known = roles if table.persons is None else people.roles.replace(weight=None, household=None)
        if tried := _facts_tried(classes):
            special = partial(special_uniques, people, known, max_size=tried)
            found.append((_("the few facts that single out"), lambda: [special()]))
        if known.weight or known.household or size:
            found.append((_("the risk of each record"), lambda: [_individual(people, known, asked)]))
        if size:
            found.append((_("the population"), lambda: _population_results(people, known, size)))
        if roles.protected:
            found.append((_("who carries the risk"), lambda: _group_results(data, roles, asked)))
    if roles.sensitive and has_one_cell_each(table):
        found.append((_("sensitive columns"), lambda: _sensitive_results(data, table)))
    if asked.register is not None and has_one_cell_each(classes):
        found.append((_("the register"), lambda: _register_results(table, asked)))
    return found


def _class_results(table: FrequencyTable, asked: Question) -> list[Result]:
    classes = table.classes()
    found: list[Result] = [
        k_anonymity(classes, k=asked.k, missing=asked.missing),
        uniqueness(classes),
        reidentification_risk(classes, threshold=asked.threshold, missing=asked.missing),
    ]
    if table.n_people < table.n_records:
        found.append(k_anonymity(classes, k=asked.k, known_records="all"))
    return found


def _facts_tried(classes: FrequencyTable) -> int:
    """Return how many facts together can be tried in a few seconds: all, three, two, or none."""
    n_columns = len(classes.columns)
    if n_columns > MOST_COLUMNS:
        return 0
    for most in (n_columns, 3, 2):
        tried = sum(math.comb(n_columns, size) for size in range(most + 1))
        if (classes.n_cells + _COST_OF_A_SET) * tried <= _MOST_TRIED:
            return min(most, n_columns)
    return 0


def _individual(data: Any, roles: Roles, asked: Question) -> Result:
    size = None if roles.weight else asked.population_size
    return individual_risk(data, roles, threshold=asked.threshold, missing=asked.missing, population_size=size)


def _population_results(people: Any, roles: Roles, size: int) -> list[Result]:
    classes = table_of(people, roles)
    found: list[Result] = [
        population_uniqueness(classes, population_size=size),
        record_uniqueness(people, roles, population_size=size),
    ]
    if math.prod(level.n for level in classes.levels) <= _MOST_POSSIBLE:
        found.append(log_linear_risk(people, roles, population_size=size))
    return found


def _group_results(data: Any, roles: Roles, asked: Question) -> list[Result]:
    known = Roles(quasi_identifiers=roles.columns("quasi_identifiers", "protected"), person=roles.person)
    table = table_of(data, known, persons=True)
    return list(risk_by_group(table, roles, threshold=asked.threshold)) if has_one_cell_each(table) else []


def _sensitive_results(data: Any, table: FrequencyTable) -> list[Result]:
    """Return what can be learned of the sensitive columns; numbers are compared by their order."""
    frame = as_frame(data)
    distances = {
        each: "ordered" if frame[each].dtype.is_numeric() or frame[each].dtype.is_temporal() else "equal"
        for each in table.roles.sensitive
    }
    return [
        l_diversity(table),
        l_diversity(table, kind="entropy"),
        t_closeness(table, distance=distances),
        alpha_k_anonymity(table),
        beta_likeness(table),
        delta_disclosure(table),
    ]


def _register_results(table: FrequencyTable, asked: Question) -> list[Result]:
    classes = table.classes()
    people = table_of(asked.register, Roles(quasi_identifiers=table.quasi_identifiers))
    return [
        reidentification_risk(classes, attacker="journalist", register=people, threshold=asked.threshold),
        reidentification_risk(classes, attacker="marketer", register=people, threshold=asked.threshold),
        k_map(classes, register=people, k=asked.k),
        delta_presence(classes, register=people),
    ]
