"""The parts of an audit: each inferred column by each protected column, then what goes further."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from riskscope.checks import shown
from riskscope.display import MIN_CELL
from riskscope.fairness import testing
from riskscope.fairness.conditional.audit import conditional_disparity
from riskscope.fairness.counts import GroupCounts, counts_of
from riskscope.fairness.decisions.audit import audit_counts
from riskscope.fairness.explanation.audit import explain_profile
from riskscope.fairness.intersections.audit import intersections_of
from riskscope.fairness.profiles.audit import audit_profiles
from riskscope.fairness.proxy.carried import disparity_carried
from riskscope.fairness.proxy.features import proxies
from riskscope.fairness.scores.audit import audit_scores
from riskscope.fairness.unknown.audit import unknown_bounds
from riskscope.journeys.findings import Audited, Finding
from riskscope.journeys.inferred import Inferred
from riskscope.journeys.journey import Part
from riskscope.journeys.refusals import DECISION, PROFILE, SCORE
from riskscope.results import Result
from riskscope.words import _

if TYPE_CHECKING:
    import pyarrow as pa

#: Models see so many records at most.
MOST_MODELLED = 6_000


class Prepared(NamedTuple):
    """The columns of a table as an audit reads them; arrays and tables of Arrow, one row a record.

    ``outcome`` has two values (0, 1, missing) where ``outcome_is_binary``, else it is a number; ``features`` are the
    other columns, which a model could have used.
    """

    inferred: tuple[Inferred, ...]
    groups: pa.Table
    within: pa.Table | None
    outcome: pa.Array | None
    outcome_is_binary: bool
    weight: pa.Array | None
    features: pa.Table | None


class AuditQuestion(NamedTuple):
    """What is asked of a table beside its roles; see ``audit``."""

    margin: float
    min_group: int
    rng: int
    reference: dict[str, str]


#: What a step says that it does, and the audit that it makes.
AuditPart = tuple[str, Callable[[], Audited]]


def audits(table: Prepared, asked: AuditQuestion) -> Iterator[AuditPart]:
    """Yield the audit of each inferred column by each protected column; decisions are counted once for all of these."""
    for column in table.inferred:
        counted = _counted(table, column) if column.kind == DECISION else None
        for protected in table.groups.column_names:
            run = partial(_audited, table, asked, column, protected, counted)
            yield _("{inferred} by {protected}").format(inferred=column.name, protected=protected), run


def _counted(table: Prepared, column: Inferred) -> GroupCounts:
    return counts_of(
        y_pred=column.array,
        sensitive_features=table.groups,
        y_true=table.outcome if table.outcome_is_binary else None,
        sample_weight=table.weight,
        pos_label=1,
    )


def _audited(
    table: Prepared, asked: AuditQuestion, column: Inferred, protected: str, counted: GroupCounts | None
) -> Audited:
    groups = table.groups.select([protected])
    same: dict[str, Any] = {
        "reference": asked.reference.get(protected),
        "min_group": asked.min_group,
        "rng": asked.rng,
    }
    found: Result
    if counted is not None:
        favourable = int(column.favours_positive)
        found = audit_counts(counted.regrouped(protected), favourable_label=favourable, margin=asked.margin, **same)
    elif column.kind == SCORE:
        found = audit_scores(
            y_pred=column.array,
            sensitive_features=groups,
            y_true=table.outcome,
            sample_weight=table.weight,
            **same,
        )
    else:
        found = audit_profiles(
            y_pred=column.array, sensitive_features=groups, sample_weight=table.weight, margin=asked.margin, **same
        )
    return Audited(column.name, protected, _about(found, column.name, protected))


def further_parts(table: Prepared, asked: AuditQuestion, found: Sequence[Finding]) -> list[Part]:
    """Return what goes further than each pair of columns: strata, intersections, unknown groups, proxies, drivers.

    In the order of what was found, disparities first.
    """
    parts: list[Part] = []
    by_name = {column.name: column for column in table.inferred}
    columns = [by_name[name] for name in dict.fromkeys(each.inferred for each in found)]
    for column in columns:
        if column.kind == DECISION:
            parts += _of_decision(
                table, asked, column, [each.protected for each in found if each.inferred == column.name]
            )
    if table.features is None:
        return parts
    for protected in table.groups.column_names:
        step = _("what gives {column} away").format(column=protected)
        parts.append((step, partial(_proxies, table, asked, protected)))
    for column in columns:
        for each in found:
            if each.inferred == column.name and each.verdict == testing.DISPARITY:
                step = _("what carries the disparity of {column}").format(column=column.name)
                parts.append((step, partial(_carried, table, asked, column, each.protected)))
        parts.append((_("what drives {column}").format(column=column.name), partial(_drivers, table, asked, column)))
    return parts


def _of_decision(table: Prepared, asked: AuditQuestion, column: Inferred, order: Sequence[str]) -> list[Part]:
    """Return the further parts of a decision, by protected column in the order of what was found."""
    found: list[Part] = []
    for protected in order:
        groups = table.groups.select([protected])
        if table.within is not None:
            found.append((_("within strata"), partial(_conditional, table, asked, column, protected)))
        if _tells_of_many(column, groups):
            found.append((_("people whose group is unknown"), partial(_unknown, asked, column, groups)))
    if table.groups.num_columns > 1:
        found.append((_("intersections"), partial(_intersections, table, asked, column)))
    return found


def _tells_of_many(column: Inferred, groups: pa.Table) -> bool:
    """Tell whether people enough of unknown group have either decision: fewer are held back everywhere."""
    unknown = groups.column(0).is_null().to_numpy(zero_copy_only=False)
    decided = column.array.to_numpy(zero_copy_only=False)[unknown]
    return min(int((decided == 1).sum()), int((decided == 0).sum())) >= MIN_CELL


def _conditional(table: Prepared, asked: AuditQuestion, column: Inferred, protected: str) -> list[Result]:
    found = conditional_disparity(
        y_pred=column.array,
        sensitive_features=table.groups.select([protected]),
        control_features=table.within,
        sample_weight=table.weight,
        pos_label=1,
        favourable_label=int(column.favours_positive),
        reference=asked.reference.get(protected),
        margin=asked.margin,
        min_group=asked.min_group,
        rng=asked.rng,
    )
    return [_about(found, column.name, protected)]


def _unknown(asked: AuditQuestion, column: Inferred, groups: pa.Table) -> list[Result]:
    found = unknown_bounds(y_pred=column.array, sensitive_features=groups, pos_label=1, min_group=asked.min_group)
    return [_about(found, column.name, groups.column_names[0])]


def _intersections(table: Prepared, asked: AuditQuestion, column: Inferred) -> list[Result]:
    found = intersections_of(_counted(table, column), margin=asked.margin, min_group=asked.min_group, rng=asked.rng)
    return [_about(found, column.name, *table.groups.column_names)]


def _proxies(table: Prepared, asked: AuditQuestion, protected: str) -> list[Result]:
    found = proxies(
        features=table.features,
        sensitive_features=table.groups.select([protected]),
        n_splits=3,
        max_records=MOST_MODELLED,
        min_group=asked.min_group,
        rng=asked.rng,
    )
    return [replace(found, about=shown(protected))]


def _carried(table: Prepared, asked: AuditQuestion, column: Inferred, protected: str) -> list[Result]:
    found = disparity_carried(
        y_pred=_of_everybody(column),
        features=table.features,
        sensitive_features=table.groups.select([protected]),
        n_splits=3,
        max_records=MOST_MODELLED,
        min_group=asked.min_group,
        rng=asked.rng,
    )
    return [_about(found, column.name, protected)]


def _drivers(table: Prepared, asked: AuditQuestion, column: Inferred) -> list[Result]:
    found = explain_profile(
        y_pred=_of_everybody(column),
        features=table.features,
        sensitive_features=table.groups.select(table.groups.column_names[:1]),
        max_records=MOST_MODELLED // 2,
        rng=asked.rng,
    )
    return [replace(found, about=shown(column.name))]


def _of_everybody(column: Inferred) -> pa.Array:
    """Return an inferred column for a model, to which people without a profile are a class of their own."""
    import pyarrow as pa

    if column.kind != PROFILE or not column.array.null_count:
        return column.array
    values = column.array.dictionary_decode() if pa.types.is_dictionary(column.array.type) else column.array
    return values.fill_null(_("unknown (no value)"))


def _about(result: Result, inferred: str, *protected: str) -> Result:
    """Return the result with the columns that it speaks of."""
    columns = ", ".join(shown(each) for each in protected)
    return replace(result, about=_("{inferred} by {protected}").format(inferred=shown(inferred), protected=columns))
