"""The counted cells that every audit of decisions is made of: group, stratum, outcome, decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import check_columns, check_names, quoted
from riskscope.engines.columns import arrow_columns
from riskscope.engines.encode import Coded, encode
from riskscope.engines.memory import count_keys, in_threads, pack_rows, places_of
from riskscope.errors import CellLimitError, FrameError, RoleError
from riskscope.fairness.binary import NOT_KNOWN, binary
from riskscope.fairness.inputs import framed, level_labels, numbers_of, same_length
from riskscope.frequency import FrequencyTable, Levels, pack
from riskscope.words import _

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Groups times strata that are counted at most.
MOST_CELLS = 2**22


@dataclass(frozen=True, eq=False)
class GroupCounts:
    """How many people of each group and stratum have each outcome and decision.

    Exact, small groups included: for computing, not for publishing.

    Parameters
    ----------
    labels : names of the groups
        Several protected columns: their values joined by " · "; a missing value is "unknown".
    columns : names of the protected columns
    counts : int64 array (n_groups, n_strata, 3, 2)
        Outcome 0, 1 or not known; decision 0 or 1 (the positive one).
    parts : int64 array (n_groups, n_columns)
        Which value of each protected column makes the group.
    values : names of the values of each protected column
    strata, strata_columns : names of the strata, and the columns that they come from
        Without such columns all people are in one stratum.
    decision : (negative, positive) value of the decision
        The negative one is None where nobody has it and it is not known.
    has_outcome : bool
        Whether outcomes were handed over.
    weights, squares : float64 arrays (n_groups, n_strata, 3, 2), optional
        Sums of the weights, and of their squares.
    """

    labels: tuple[str, ...]
    columns: tuple[str, ...]
    counts: Whole
    parts: Whole
    values: tuple[tuple[str, ...], ...]
    strata: tuple[str, ...]
    strata_columns: tuple[str, ...]
    decision: tuple[Any, Any]
    has_outcome: bool
    weights: Numbers | None = None
    squares: Numbers | None = None

    @property
    def n_records(self) -> int:
        """Number of records counted."""
        return int(self.counts.sum())

    @property
    def n_without_outcome(self) -> int:
        """Number of records whose outcome is not known, where outcomes were handed over."""
        return int(self.counts[:, :, NOT_KNOWN].sum()) if self.has_outcome else 0

    def regrouped(self, columns: str | Sequence[str]) -> GroupCounts:
        """Return the counts over some of the protected columns, in the order asked for; no record is read again.

        Examples
        --------
        >>> import pandas as pd
        >>> people = pd.DataFrame({"sex": ["F", "F", "M"], "age": ["old", "young", "old"]})
        >>> both = counts_of(y_pred=[1, 0, 1], sensitive_features=people)
        >>> both.labels, both.regrouped("sex").labels
        (('F · old', 'F · young', 'M · old'), ('F', 'M'))
        """
        wanted = check_names(columns, "columns")
        if not wanted:
            raise RoleError(_("columns names no column; name protected columns that were counted."))
        check_columns(wanted, self.columns, "columns")
        places = [self.columns.index(name) for name in wanted]
        values = tuple(self.values[at] for at in places)
        parts, group = numbered([self.parts[:, at] for at in places], [len(each) for each in values], len(self.labels))

        return replace(
            self._gathered(group, len(parts)),
            labels=labels_of(parts, values),
            columns=wanted,
            parts=parts,
            values=values,
        )

    def joined(self, others: NDArray[np.bool_], into: int, label: str) -> GroupCounts:
        """Return the counts with some groups counted as people of the group number ``into``, named ``label``.

        Parameters
        ----------
        others : array of bool (n_groups,)
            The groups that no longer stand alone.

        Examples
        --------
        >>> counts = counts_of(y_pred=[1, 0, 1], sensitive_features=["F", "M", "X"])
        >>> some = counts.joined(np.array([False, False, True]), 1, "M and others")
        >>> some.labels, some.counts[:, 0, 2].tolist()
        (('F', 'M and others'), [[0, 1], [1, 1]])
        """
        kept = np.flatnonzero(~others)
        group = np.where(others, np.searchsorted(kept, into), np.cumsum(~others) - 1)
        labels = tuple(label if at == into else self.labels[at] for at in kept.tolist())
        return replace(self._gathered(group, len(kept)), labels=labels, parts=self.parts[kept])

    def with_known_outcome(self) -> GroupCounts:
        """Return the counts without the people whose outcome is not known."""

        def known(cells: NDArray[Any]) -> NDArray[Any]:
            left = cells.copy()
            left[:, :, NOT_KNOWN] = 0
            return left

        return self._changed(known)

    def _gathered(self, group: Whole, n_groups: int) -> GroupCounts:
        """Return the counts summed over the groups that become one; ``group`` (n_groups before,) tells which."""

        def summed(cells: NDArray[Any]) -> NDArray[Any]:
            sums = np.zeros((n_groups, *cells.shape[1:]), cells.dtype)
            np.add.at(sums, group, cells)
            return sums

        return self._changed(summed)

    def _changed(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> GroupCounts:
        """Return these with each of the arrays of people, weights and squares changed alike."""
        return replace(
            self,
            counts=change(self.counts),
            weights=None if self.weights is None else change(self.weights),
            squares=None if self.squares is None else change(self.squares),
        )


def counts_of(
    *,
    y_pred: Any,
    sensitive_features: Any,
    y_true: Any = None,
    control_features: Any = None,
    sample_weight: Any = None,
    pos_label: Any = None,
) -> GroupCounts:
    """Return the counts of arrays, series, lists or data frames with one value a record; each is read once.

    Examples
    --------
    >>> counts = counts_of(y_pred=[1, 1, 0], y_true=[1, 0, None], sensitive_features=["F", "F", "M"])
    >>> counts.labels, counts.counts[:, 0].tolist()
    (('F', 'M'), [[[0, 1], [0, 1], [0, 0]], [[0, 0], [0, 0], [1, 0]]])
    """
    given = {"sensitive_features": sensitive_features, "control_features": control_features}
    given |= {"y_true": y_true, "y_pred": y_pred}
    coded = coded_arrays(given, sample_weight)
    cells = cells_of(coded)
    return _assembled(
        cells.codes,
        [column.levels for column in coded.columns],
        cells.counts,
        cells.sums,
        protected=coded.names["sensitive_features"],
        strata=coded.names.get("control_features", []),
        names=("y_true" if y_true is not None else None, "y_pred"),
        pos_label=pos_label,
    )


def from_table(
    table: FrequencyTable,
    *,
    protected: str | Sequence[str],
    decision: str,
    outcome: str | None = None,
    strata: str | Sequence[str] = (),
    pos_label: Any = None,
) -> GroupCounts:
    """Return the counts of a table already counted over at least the named columns.

    Examples
    --------
    >>> import pandas as pd
    >>> from riskscope.engines.memory import count
    >>> table = count(pd.DataFrame({"sex": ["F", "F", "M"], "approved": [1, 0, 1]}), ["sex", "approved"])
    >>> from_table(table, protected="sex", decision="approved").counts[:, 0, 2].tolist()
    [[1, 1], [0, 1]]
    """
    groups, within = check_names(protected, "protected"), check_names(strata, "strata")
    if not groups:
        raise RoleError(_("protected names no column; name at least one."))
    wanted = (*groups, *within, *(() if outcome is None else (outcome,)), decision)
    doubled = sorted({name for name in wanted if wanted.count(name) > 1})
    if doubled:
        raise RoleError(
            _("{columns} would be counted in two parts; a column is protected, stratum, outcome or decision.").format(
                columns=quoted(doubled)
            )
        )
    kept = table.keep(wanted)
    return _assembled(
        kept.codes,
        kept.levels,
        kept.counts,
        None,
        protected=groups,
        strata=within,
        names=(outcome, decision),
        pos_label=pos_label,
    )


class CodedArrays(NamedTuple):
    """What was handed over, coded: the ``names`` of the columns of each argument, all ``columns``, the ``weights``."""

    names: dict[str, list[str]]
    columns: list[Coded]
    weights: Numbers | None


def coded_arrays(given: dict[str, Any], sample_weight: Any) -> CodedArrays:
    """Return the columns of what was handed over, each coded once, and the weights; None is left out.

    Examples
    --------
    >>> coded = coded_arrays({"sensitive_features": ["F", "F", "M"], "y_true": None, "y_pred": [1, 0, 1]}, None)
    >>> coded.names, len(coded.columns)
    ({'sensitive_features': ['sensitive_features'], 'y_pred': ['y_pred']}, 2)
    """
    columns = {name: _columns(values, name) for name, values in given.items() if values is not None}
    for name in ("y_true", "y_pred"):
        if len(columns.get(name, [()])) != 1:
            raise FrameError(
                _("{name} has {n} columns; hand over one array or series, one value a record.").format(
                    name=name, n=len(columns[name])
                )
            )
    weights = None if sample_weight is None else _weights(sample_weight)
    lengths = {name: len(pairs[0][1]) for name, pairs in columns.items()}
    same_length(**lengths, **({} if weights is None else {"sample_weight": len(weights)}))
    arrays = [pair for pairs in columns.values() for pair in pairs]
    coded = in_threads(lambda at: encode(arrays[at][1], arrays[at][0]), range(len(arrays)), n_rows=len(arrays[0][1]))
    names = {name: [column for column, _array in pairs] for name, pairs in columns.items()}
    return CodedArrays(names, coded, weights)


class Cells(NamedTuple):
    """Distinct cells: their ``codes`` (n_cells, n_columns), their ``counts``, sums of the weights and their squares."""

    codes: NDArray[Any]
    counts: Whole
    sums: tuple[Numbers, Numbers] | None


def cells_of(coded: CodedArrays) -> Cells:
    """Return the distinct combinations of values, counted."""
    keys, packing = pack_rows(coded.columns)
    cells, counts = count_keys(keys, packing.space)
    sums: tuple[Numbers, Numbers] | None = None
    if coded.weights is not None:
        places = places_of(keys, cells, packing.space)
        sums = _cell_sums(places, coded.weights, len(cells)), _cell_sums(places, coded.weights**2, len(cells))
    return Cells(packing.unpack(cells), counts, sums)


def _columns(values: Any, name: str) -> list[tuple[str, Any]]:
    """Return the columns of what was handed over, each as its name and an Arrow array."""
    frame, names = framed(values, name)
    return list(zip(names, arrow_columns(frame, names), strict=True))


def _weights(values: Any) -> Numbers:
    """Return one finite weight of at least 0 a record, or raise an error that counts what is none."""
    weights = numbers_of(values, "sample_weight")
    bad = np.flatnonzero(weights < 0)
    if len(bad):
        raise FrameError(
            _(
                "sample_weight is negative in {n} of {total} records, the first at row {row}; a weight says how many "
                "people a record stands for. Correct those weights, or leave the records out."
            ).format(n=len(bad), total=len(weights), row=int(bad[0]))
        )
    return weights


def _cell_sums(places: Whole, values: Numbers, n_cells: int) -> Numbers:
    return np.bincount(places, values, minlength=n_cells).astype(np.float64)


def _assembled(
    codes: NDArray[Any],
    levels: Sequence[Levels],
    counts: Whole,
    sums: tuple[Numbers, Numbers] | None,
    *,
    protected: Sequence[str],
    strata: Sequence[str],
    names: tuple[str | None, str],
    pos_label: Any,
) -> GroupCounts:
    """Return the counts from distinct cells: ``codes`` (n_cells, n_columns), decision last, outcome before it."""
    outcome_name, decision_name = names
    n_cells, n_groups = len(codes), len(protected)
    ranks, values = zip(*(in_order(codes[:, at], levels[at]) for at in range(n_groups + len(strata))), strict=True)
    sizes = [len(each) for each in values]
    parts, group = numbered(ranks[:n_groups], sizes[:n_groups], n_cells)
    if strata:
        within, stratum = numbered(ranks[n_groups:], sizes[n_groups:], n_cells)
        strata_labels = labels_of(within, values[n_groups:])
    else:
        stratum, strata_labels = np.zeros(n_cells, np.int64), (_("everybody"),)
    if len(parts) * len(strata_labels) > MOST_CELLS:
        raise CellLimitError(
            _("{groups} groups in {strata} strata are too many to count; coarsen or drop a column.").format(
                groups=len(parts), strata=len(strata_labels)
            )
        )
    decision = binary(levels[-1], decision_name, pos_label)
    decided = decision.sides[codes[:, -1]]
    _complain_of_missing(counts, decided == NOT_KNOWN, decision_name)
    known = np.full(n_cells, NOT_KNOWN)
    if outcome_name is not None:
        known = binary(levels[-2], outcome_name, pos_label).sides[codes[:, -2]]
    shape = (len(parts), len(strata_labels), 3, 2)
    place = np.ravel_multi_index((group, stratum, known, decided), shape) if n_cells else np.zeros(0, np.int64)

    def dense(cells: NDArray[Any]) -> NDArray[Any]:
        table = np.zeros(shape, cells.dtype)
        np.add.at(table.reshape(-1), place, cells)
        return table

    return GroupCounts(
        labels=labels_of(parts, values[:n_groups]),
        columns=tuple(protected),
        counts=dense(counts),
        parts=parts,
        values=values[:n_groups],
        strata=strata_labels,
        strata_columns=tuple(strata),
        decision=(decision.negative, decision.positive),
        has_outcome=outcome_name is not None,
        weights=None if sums is None else dense(sums[0]),
        squares=None if sums is None else dense(sums[1]),
    )


def _complain_of_missing(counts: Whole, missing: NDArray[np.bool_], name: str) -> None:
    if missing.any():
        raise FrameError(
            _(
                "{name} is missing in {n} of {total} records; an audit needs every decision. Leave those records out "
                "of all arguments, or decide what a missing value stands for and write it."
            ).format(name=name, n=int(counts[missing].sum()), total=int(counts.sum()))
        )


def in_order(codes: NDArray[Any], levels: Levels) -> tuple[Whole, tuple[str, ...]]:
    """Return the rank of each code, and the names in that order: text by the alphabet, a missing value last."""
    names, base = level_labels(levels), int(levels.has_missing)
    order = list(range(base, levels.n))
    if not levels.ordered and levels.values.dtype.kind == "O":
        order.sort(key=lambda code: names[code])
    order += range(base)
    ranks = np.empty(levels.n, np.int64)
    ranks[order] = np.arange(levels.n)
    return ranks[codes], tuple(names[code] for code in order)


def numbered(columns: Sequence[NDArray[Any]], sizes: Sequence[int], n: int) -> tuple[Whole, Whole]:
    """Return the distinct combinations (n_distinct, n_columns) in order, and the place of each row's among them."""
    keys, packing = pack(columns, [max(1, size) for size in sizes], n)
    distinct, place = np.unique(keys, return_inverse=True)
    return packing.unpack(distinct).astype(np.int64), place.astype(np.int64)


def labels_of(parts: Whole, values: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the name of each combination of values."""
    return tuple(" · ".join(values[at][code] for at, code in enumerate(group)) for group in parts.tolist())
