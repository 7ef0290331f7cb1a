"""What an audit of scores is made of: the records sorted once, by group and by score within it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import shown
from riskscope.engines.columns import arrow_columns, is_text
from riskscope.engines.encode import encode
from riskscope.errors import FrameError, RoleError
from riskscope.fairness.binary import NOT_KNOWN, binary
from riskscope.fairness.inputs import framed, grouping_of, numbers_of, same_length
from riskscope.words import _

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]


class Scored(NamedTuple):
    """Records in order of the group, and of the score within each group.

    ``score``, ``level``, ``weight``, ``outcome`` are (n,): ``level`` is the place of the score among ``values``, the
    distinct scores. ``starts`` (n_groups + 1,) tells where each group begins. ``outcome`` is 0 or 1 where
    ``is_binary``, else any number; NaN where it is not known, and None where it is not known of anybody.
    """

    score: Numbers
    level: Whole
    weight: Numbers
    outcome: Numbers | None
    starts: Whole
    values: Numbers
    labels: tuple[str, ...]
    columns: tuple[str, ...]
    is_binary: bool
    is_weighted: bool

    def of(self, group: int) -> slice:
        """Return where the records of a group are."""
        return slice(int(self.starts[group]), int(self.starts[group + 1]))

    @property
    def people(self) -> Whole:
        """How many records each group has (n_groups,)."""
        return np.diff(self.starts)

    @property
    def groups(self) -> Whole:
        """The group of each record (n,)."""
        return np.repeat(np.arange(len(self.labels)), self.people)

    @property
    def lies_within_one(self) -> bool:
        """Whether every score lies within 0 and 1, as a probability does."""
        return bool(len(self.values) and self.values[0] >= 0 and self.values[-1] <= 1)

    def people_with(self, outcome: int) -> Whole:
        """Return how many records of each group have a binary outcome (n_groups,)."""
        if self.outcome is None:
            return np.zeros(len(self.labels), np.int64)
        return np.bincount(self.groups, self.outcome == outcome, minlength=len(self.labels)).astype(np.int64)

    @property
    def is_known(self) -> Booleans:
        """Whether the outcome of a record is known (n,)."""
        known: Booleans = np.zeros(len(self.score), bool) if self.outcome is None else ~np.isnan(self.outcome)
        return known

    def only(self, kept: Booleans) -> Scored:
        """Return some of the records (n,), of the same groups."""
        if kept.all():
            return self
        people = np.bincount(self.groups[kept], minlength=len(self.labels))
        level = self.level[kept]
        is_there = np.bincount(level, minlength=len(self.values)) > 0
        return self._replace(
            score=self.score[kept],
            level=(np.cumsum(is_there) - 1)[level],
            weight=self.weight[kept],
            outcome=None if self.outcome is None else self.outcome[kept],
            starts=np.concatenate([[0], np.cumsum(people)]),
            values=self.values[is_there],
        )


def scored(y_pred: Any, sensitive_features: Any, y_true: Any, sample_weight: Any, pos_label: Any) -> Scored:
    """Return the records sorted, or raise an error that names the right audit."""
    score = _scores(y_pred)
    grouping = grouping_of(sensitive_features, "sensitive_features")
    given = {"y_pred": len(score), "sensitive_features": len(grouping.codes)}
    outcome, is_binary = (None, False) if y_true is None else _outcomes(y_true, pos_label)
    weight = None if sample_weight is None else _weights(sample_weight)
    for name, values in (("y_true", outcome), ("sample_weight", weight)):
        if values is not None:
            given[name] = len(values)
    same_length(**given)
    order = sorted(range(len(grouping.labels)), key=grouping.labels.__getitem__)  # whatever the order of the records
    labels = tuple(grouping.labels[at] for at in order)
    codes = np.argsort(np.array(order, np.int64))[grouping.codes]
    return arranged(score, codes, outcome, weight, labels, grouping.columns, is_binary=is_binary)


def arranged(
    score: Numbers,
    codes: Whole,
    outcome: Numbers | None,
    weight: Numbers | None,
    labels: tuple[str, ...],
    columns: tuple[str, ...],
    *,
    is_binary: bool,
) -> Scored:
    """Return records sorted by score, then by group: one sort, and one of small whole numbers."""
    order = np.argsort(score)
    in_order = score[order]
    new = np.ones(len(score), bool)
    new[1:] = in_order[1:] != in_order[:-1]
    level = np.cumsum(new) - 1
    group = codes[order].astype(np.uint16 if len(labels) < 2**16 else np.int64)
    by_group = np.argsort(group, kind="stable")
    order = order[by_group]
    return Scored(
        score=in_order[by_group],
        level=level[by_group],
        weight=np.ones(len(score)) if weight is None else weight[order],
        outcome=None if outcome is None else outcome[order],
        starts=np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(labels)))]),
        values=in_order[new],
        labels=labels,
        columns=columns,
        is_binary=is_binary,
        is_weighted=weight is not None,
    )


def _column(values: Any, name: str) -> Any:
    """Return the one column of what was handed over, as Arrow holds it."""
    frame, columns = framed(values, name)
    return arrow_columns(frame, columns)[0]


def _scores(values: Any) -> Numbers:
    """Return the scores, or say which audit takes what is none."""
    import pyarrow as pa

    kind = _column(values, "y_pred").type
    is_class = is_text(kind) or pa.types.is_dictionary(kind)
    if is_class:
        raise FrameError(
            _(
                "y_pred is {kind}; a score is a number. Audit segments and other classes without an order with "
                "audit_profiles."
            ).format(kind=str(kind))
        )
    numbers = numbers_of(values, "y_pred")
    if pa.types.is_boolean(kind) or (len(numbers) and bool(((numbers == 0) | (numbers == 1)).all())):
        raise FrameError(
            _("y_pred holds nothing but 0 and 1, or False and True: decisions. Audit them with audit_decisions.")
        )
    return numbers


def _outcomes(values: Any, pos_label: Any) -> tuple[Numbers, bool]:
    """Return the outcomes as numbers, NaN where not known, and whether they are one of two: 0 or 1."""
    import pyarrow.compute as pc

    column = _column(values, "y_true")
    if pos_label is None and not is_text(column.type):
        is_missing = pc.is_null(column, nan_is_null=True)
        numbers = numbers_of(_filled(column, is_missing), "y_true")
        unknown = np.asarray(is_missing.to_numpy(zero_copy_only=False), bool)
        told = numbers[~unknown]
        numbers = np.where(unknown, np.nan, numbers)
        is_binary = bool(((told == 0) | (told == 1)).all())
        if not is_binary:
            other = told[told != told[0]]
            if len(other) and bool((other == other[0]).all()) and bool((np.mod(told, 1) == 0).all()):
                raise RoleError(
                    _(
                        "y_true holds two distinct whole numbers other than 0 and 1. Name the positive one with "
                        "pos_label."
                    )
                )
        return numbers, is_binary
    coded = encode(column, "y_true")
    sides = binary(coded.levels, "y_true", pos_label).sides[coded.codes]
    return np.where(sides == NOT_KNOWN, np.nan, sides), True


def _filled(column: Any, is_missing: Any) -> Any:
    """Return a column of numbers with 0 where one is missing; any other column as it is."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_null(kind):
        return pa.array(np.zeros(len(column)))
    if (
        pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
    ):
        return pc.if_else(is_missing, pa.scalar(0).cast(kind), column)
    return column


def _weights(values: Any) -> Numbers:
    """Return the weights; each is at least 0, and some are above."""
    weights = numbers_of(values, "sample_weight")
    bad = np.flatnonzero(weights < 0)
    if len(bad):
        raise FrameError(
            _("sample_weight is negative in {n} records, the first at row {row}; weights are 0 or more.").format(
                n=len(bad), row=int(bad[0])
            )
        )
    if len(weights) and not weights.any():
        raise FrameError(_("sample_weight is 0 in every record; give some records a weight."))
    return weights


def place_of(label: str | None, labels: tuple[str, ...]) -> int | None:
    """Return the number of the group that the user named as reference."""
    if label is None:
        return None
    if str(label) not in labels:
        raise RoleError(
            _("reference is {label}; it must be the label of a group ({n} groups).").format(
                label=shown(str(label)), n=len(labels)
            )
        )
    return labels.index(str(label))
