"""The counted cells that an audit of profiles is made of: true class, group, segment; and what is no profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.errors import CellLimitError, FrameError
from riskscope.fairness.counts import cells_of, coded_arrays, in_order, labels_of, numbered
from riskscope.frequency import Levels
from riskscope.words import _

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Cells that are counted at most.
MOST_CELLS = 2**22
#: Whole numbers with more distinct values are read as a score, not as numbers of segments.
MOST_NUMBERS = 50


@dataclass(frozen=True, eq=False)
class ProfileCounts:
    """How many people of each group are in each segment; exact, for computing, not for publishing.

    Parameters
    ----------
    groups, segments : labels
        A missing value is "unknown"; several protected columns are joined by " · ".
    columns : names of the protected columns
    cells : int64 array (n_truths, n_groups, n_segments)
        People by true class, group and segment; one true class where none was handed over.
    truths : labels of the true classes, empty without any
    truth_unknown : bool
        Whether the last true class is a missing value.
    weights, squares : float64 arrays (n_truths, n_groups, n_segments), optional
        Sums of the weights, and of their squares.
    """

    groups: tuple[str, ...]
    segments: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Whole
    truths: tuple[str, ...] = ()
    truth_unknown: bool = False
    weights: Numbers | None = None
    squares: Numbers | None = None

    @property
    def table(self) -> Whole:
        """People of each group in each segment (n_groups, n_segments)."""
        people: Whole = self.cells.sum(axis=0)
        return people

    @property
    def sums(self) -> tuple[Numbers, Numbers]:
        """Weights of each group in each segment, and their squares; where there are none, its people."""
        people = self.table.astype(np.float64)
        if self.weights is None or self.squares is None:
            return people, people
        return self.weights.sum(axis=0), self.squares.sum(axis=0)

    @property
    def n_without_truth(self) -> int:
        """Number of records whose true class is missing."""
        return int(self.cells[-1].sum()) if self.truth_unknown else 0


def profile_counts_of(
    *, y_pred: Any, sensitive_features: Any, y_true: Any = None, sample_weight: Any = None
) -> ProfileCounts:
    """Return the counts of arrays, series, lists or data frames with one value a record; each is read once.

    Examples
    --------
    >>> counts = profile_counts_of(y_pred=["golf", "golf", None], sensitive_features=["F", "M", "M"])
    >>> counts.groups, counts.segments, counts.table.tolist()
    (('F', 'M'), ('golf', 'unknown'), [[1, 0], [1, 1]])
    """
    given = {"sensitive_features": sensitive_features, "y_true": y_true, "y_pred": y_pred}
    coded = coded_arrays(given, sample_weight)
    levels = [column.levels for column in coded.columns]
    check_classes(levels[-1], "y_pred")
    if y_true is not None:
        check_classes(levels[-2], "y_true")
    cells = cells_of(coded)
    return _assembled(cells.codes, levels, cells.counts, cells.sums, columns=coded.names["sensitive_features"])


def _assembled(
    codes: NDArray[Any],
    levels: Sequence[Levels],
    counts: Whole,
    sums: tuple[Numbers, Numbers] | None,
    *,
    columns: Sequence[str],
) -> ProfileCounts:
    """Return the counts from distinct cells: ``codes`` (n_cells, n_columns), groups first, segment last."""
    ranks, values = zip(*(in_order(codes[:, at], each) for at, each in enumerate(levels)), strict=True)
    n, has_truth = len(columns), len(levels) > len(columns) + 1
    parts, group = numbered(ranks[:n], [len(each) for each in values[:n]], len(codes))
    truth = ranks[n] if has_truth else np.zeros(len(codes), np.int64)
    shape = (len(values[n]) if has_truth else 1, len(parts), len(values[-1]))
    if np.prod(shape, dtype=np.float64) > MOST_CELLS:
        raise CellLimitError(
            _("{groups} groups in {segments} segments are too many to count; coarsen or drop a column.").format(
                groups=shape[1], segments=shape[2]
            )
        )

    def dense(cells: NDArray[Any]) -> NDArray[Any]:
        table = np.zeros(shape, cells.dtype)
        np.add.at(table, (truth, group, ranks[-1]), cells)
        return table

    return ProfileCounts(
        groups=labels_of(parts, values[:n]),
        segments=values[-1],
        columns=tuple(columns),
        cells=dense(counts),
        truths=values[n] if has_truth else (),
        truth_unknown=has_truth and levels[n].has_missing,
        weights=None if sums is None else dense(sums[0]),
        squares=None if sums is None else dense(sums[1]),
    )


def check_classes(levels: Levels, name: str) -> None:
    """Raise an error where a column holds decisions or a score, and name the function for these.

    Examples
    --------
    >>> check_classes(Levels(2, False, lambda: np.array(["golf", "opera"], object)), "y_pred")
    """
    values = levels.to_list()
    if values and all(isinstance(value, bool) for value in values):
        raise FrameError(
            _(
                "{name} is true or false: a decision. Audit it with audit_decisions; a profile has named classes."
            ).format(name=name)
        )
    numbers = [value for value in values if isinstance(value, (int, float, Decimal))]
    if not numbers:
        return
    if all(value in (0, 1) for value in numbers):
        raise FrameError(
            _("{name} is 0 or 1: a decision. Audit it with audit_decisions, or name the two classes in text.").format(
                name=name
            )
        )
    if len(numbers) > MOST_NUMBERS or any(value % 1 != 0 for value in numbers):
        raise FrameError(
            _(
                "{name} is a number with {n} distinct values: a score, whose order counts. Audit it with audit_scores; "
                "numbers of segments, whole and at most {most} different, pass, and so does text."
            ).format(name=name, n=len(numbers), most=MOST_NUMBERS)
        )
