"""Features and predictions, record by record, as counting and models take them; and the records of groups judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import quoted
from riskscope.engines.columns import arrow_columns
from riskscope.engines.encode import Coded
from riskscope.engines.memory import coded_columns
from riskscope.errors import FrameError, RoleError
from riskscope.fairness.disclosure import few
from riskscope.fairness.inputs import Grouping, framed, grouping_of, numbers_of, same_length
from riskscope.frequency import Levels
from riskscope.words import _

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Numbers of more distinct values are cut at their quantiles, into so many parts; for the model, finer.
_PARTS, _FINE_PARTS = 10, 64
#: Of a column of more categories, the commonest are kept and the others joined.
_MOST_CATEGORIES = 200


class Feature(NamedTuple):
    """A feature, record by record: ``cells`` (n,) for counting, ``values`` (n,) for a model, NaN where missing."""

    name: str
    cells: Whole
    n_cells: int
    values: Numbers
    is_category: bool


class Predicted(NamedTuple):
    """A column of predictions: ``numbers`` (n,), or else ``codes`` (n,) of ``n_classes`` classes."""

    numbers: Numbers
    codes: Whole
    n_classes: int

    @property
    def is_number(self) -> bool:
        """Whether the predictions are numbers."""
        return self.n_classes == 0

    def taken(self, rows: Whole) -> Predicted:
        """Return the predictions of some records."""
        return Predicted(self.numbers[rows], self.codes[rows], self.n_classes)

    def parts(self) -> list[Numbers]:
        """Return the numbers whose means are compared: the predictions, or one indicator a class."""
        if self.is_number:
            return [self.numbers]
        return [(self.codes == each).astype(np.float64) for each in range(self.n_classes)]


def features_of(features: Any, name: str = "features") -> tuple[list[Feature], tuple[str, ...]]:
    """Return the columns of a frame as features, and the names of those whose rarer categories are joined."""
    frame, names = framed(features, name)
    coded = coded_columns(frame, names)
    found = [_feature(each, column) for each, column in zip(names, coded, strict=True)]
    return [each for each, _is_joined in found], tuple(each.name for each, is_joined in found if is_joined)


def _feature(name: str, column: Coded) -> tuple[Feature, bool]:
    """Return a column as a feature, and whether categories were joined."""
    codes, levels = np.asarray(column.codes, np.int64), column.levels
    is_missing = (codes == 0) & levels.has_missing
    values = levels.values
    kind = values.dtype.kind
    if kind in "iufmM" and len(values) > _PARTS:
        if kind in "mM":
            values = values.astype(f"{'datetime64' if kind == 'M' else 'timedelta64'}[us]").astype(np.int64)
        own = values.astype(np.float64)[np.maximum(codes - levels.has_missing, 0)]
        own[is_missing] = np.nan
        cells, fine = (binned(own, n) for n in (_PARTS, _FINE_PARTS))
        return Feature(name, cells, int(cells.max(initial=0)) + 1, np.where(is_missing, np.nan, fine), False), False
    codes = _in_order(levels)[codes]  # models break ties by the code: it must not depend on the kind of frame
    people = np.bincount(codes, minlength=levels.n)
    n_cells, is_joined = levels.n, levels.n > _MOST_CATEGORIES
    if is_joined:
        kept = np.argsort(-people, kind="stable")[: _MOST_CATEGORIES - 1]
        places = np.full(levels.n, _MOST_CATEGORIES - 1)
        places[kept] = np.arange(len(kept))
        codes, n_cells = places[codes], _MOST_CATEGORIES
    return Feature(name, codes, n_cells, codes.astype(np.float64), True), is_joined


def _in_order(levels: Levels) -> Whole:
    """Return the rank of each code: missing first, then the values by their text."""
    names = [str(each) for each in levels.to_list()]
    base = int(levels.has_missing)
    order = [*range(base), *(base + at for at in sorted(range(len(names)), key=names.__getitem__))]
    ranks = np.empty(levels.n, np.int64)
    ranks[order] = np.arange(levels.n)
    return ranks


def binned(values: Numbers, n_parts: int) -> Whole:
    """Return numbers cut at their quantiles; missing ones are a part of their own, the last."""
    present = values[~np.isnan(values)]
    edges = np.unique(np.quantile(present, np.linspace(0, 1, n_parts + 1)[1:-1]))
    cells = np.searchsorted(edges, values, side="right")
    return np.asarray(np.where(np.isnan(values), len(edges) + 1, cells))


def predicted_of(values: Any, name: str) -> Predicted:
    """Return a column of predictions as numbers (also truth values), or as classes."""
    import pyarrow as pa

    frame, columns = framed(values, name)
    array = arrow_columns(frame, columns[:1])[0]
    types = pa.types
    if len(columns) == 1 and not (
        types.is_integer(array.type)
        or types.is_floating(array.type)
        or types.is_decimal(array.type)
        or types.is_boolean(array.type)
    ):
        column = coded_columns(frame, columns)[0]
        missing = np.flatnonzero((column.codes == 0) & column.levels.has_missing)
        if len(missing):
            raise FrameError(
                _(
                    "{name} is missing in {n} of {total} records, the first at row {row}. Leave those records out."
                ).format(name=name, n=len(missing), total=len(column.codes), row=int(missing[0]))
            )
        codes = np.asarray(column.codes, np.int64)
        return Predicted(np.zeros(len(codes)), codes, max(1, column.levels.n))
    numbers = numbers_of(values, name)
    return Predicted(numbers, np.zeros(len(numbers), np.int64), 0)


def matrix_of(features: Sequence[Feature], rows: Whole) -> tuple[Numbers, list[bool]]:
    """Return the features of some records as a model takes them, and which columns are categories."""
    taken = [each.values[rows] for each in features]
    return np.stack(taken, axis=1) if taken else np.empty((len(rows), 0)), [each.is_category for each in features]


@contextmanager
def one_thread() -> Iterator[None]:
    """Fit in one thread: models this small lose time to several."""
    import_module("sklearn.ensemble")  # only threads of libraries that are loaded by now are limited
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        yield


def boosted(kind: str, is_category: Sequence[bool], *, seed: int, balanced: bool = False) -> Any:
    """Return an unfitted model: few shallow boosted trees, categories as such, missing values as such."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    options = {
        "max_iter": 30,
        "max_leaf_nodes": 8,
        "learning_rate": 0.15,
        "early_stopping": False,
        "categorical_features": list(is_category),
        "random_state": seed,
    }
    if kind == "numbers":
        return HistGradientBoostingRegressor(**options)
    return HistGradientBoostingClassifier(class_weight="balanced" if balanced else None, **options)


def varying_in(matrix: Numbers) -> list[int]:
    """Return the columns of a matrix that hold more than one value."""
    return [at for at in range(matrix.shape[1]) if len(np.unique(matrix[:, at])) > 1]


def learned(
    matrix: Numbers, is_category: Sequence[bool], predicted: Predicted, varying: Sequence[int], *, seed: int
) -> Callable[[Numbers], Numbers]:
    """Return a function that repeats the predictions of some records for the features of others.

    Given (n, n_features), it gives (n, 1) numbers or the chances (n, n_classes): of a model that knows the ``varying``
    columns, or the mean where there is nothing to learn.
    """
    wanted = predicted.numbers if predicted.is_number else predicted.codes
    means = np.array([each.mean() for each in predicted.parts()])
    if not varying or len(np.unique(wanted)) < 2:
        return lambda others: np.tile(means, (len(others), 1))
    model = boosted("numbers" if predicted.is_number else "classes", [is_category[at] for at in varying], seed=seed)
    model.fit(matrix[:, varying], wanted)

    def told(others: Numbers) -> Numbers:
        found = np.zeros((len(others), len(means)))
        if predicted.is_number:
            found[:, 0] = model.predict(others[:, varying])
        else:
            found[:, model.classes_] = model.predict_proba(others[:, varying])
        return found

    return told


def folds_of(groups: Whole, n_splits: int, rng: np.random.Generator) -> Whole:
    """Return the part of each record, every group dealt evenly."""
    folds = np.empty(len(groups), np.int64)
    order = rng.permutation(len(groups))
    order = order[np.argsort(groups[order], kind="stable")]
    folds[order] = np.arange(len(groups)) % n_splits
    return folds


class Judged(NamedTuple):
    """The records of the groups judged: their features, groups and predictions, each (n,).

    ``n_records`` are all that were given, ``n_hidden`` of them in groups too small; ``joined`` names the features
    whose rarer categories are joined; ``columns`` are the protected ones.
    """

    features: list[Feature]
    codes: Whole
    labels: list[str]
    people: Whole
    predicted: Predicted | None
    columns: tuple[str, ...]
    joined: tuple[str, ...]
    n_records: int
    n_hidden: int
    min_cell: int

    @property
    def is_withheld(self) -> bool:
        """Whether so few people are left out that sizes could give their number away."""
        return 0 < self.n_hidden < self.min_cell

    @property
    def too_small(self) -> str:
        """How many people are in the groups left out, as shown."""
        return few(self.min_cell) if self.is_withheld else display.count(self.n_hidden)

    def n_shown(self, group: int) -> str:
        """Return the size of a group as shown."""
        is_largest = self.is_withheld and group == int(self.people.argmax())
        return _("size not shown") if is_largest else display.count(int(self.people[group]))


def judged_of(features: Any, sensitive_features: Any, y_pred: Any = None, *, smallest: int, min_cell: int) -> Judged:
    """Return the records of the groups of at least so many people."""
    columns, joined = features_of(features)
    grouping = grouping_of(sensitive_features, "sensitive_features")
    _check_apart(columns, grouping)
    predicted = None if y_pred is None else predicted_of(y_pred, "y_pred")
    lengths = {"features": len(columns[0].cells), "sensitive_features": len(grouping.codes)}
    same_length(**lengths, **({} if predicted is None else {"y_pred": len(predicted.codes)}))
    people = np.bincount(grouping.codes, minlength=len(grouping.labels))
    large = np.flatnonzero(people >= smallest)
    numbers = np.full(len(grouping.labels), -1)
    numbers[large] = np.arange(len(large))
    codes = numbers[grouping.codes] if len(grouping.codes) else grouping.codes
    rows = np.flatnonzero(codes >= 0)
    return Judged(
        features=[each._replace(cells=each.cells[rows], values=each.values[rows]) for each in columns],
        codes=codes[rows],
        labels=[grouping.labels[int(at)] for at in large],
        people=people[large],
        predicted=None if predicted is None else predicted.taken(rows),
        columns=grouping.columns,
        joined=joined,
        n_records=len(codes),
        n_hidden=len(codes) - len(rows),
        min_cell=min_cell,
    )


def drawn_rows(codes: Whole, most: int, n_splits: int, rng: np.random.Generator) -> Whole:
    """Return the records that a model sees: all, or so many drawn, with somebody of every group for every part."""
    if len(codes) <= most:
        return np.arange(len(codes))
    rows = np.sort(rng.choice(len(codes), most, replace=False))
    present, people = np.unique(codes, return_counts=True)
    drawn = np.bincount(np.searchsorted(present, codes[rows]), minlength=len(present))
    for group in np.flatnonzero(drawn < np.minimum(n_splits, people)):
        own = np.flatnonzero(codes == present[group])
        rows = np.union1d(rows, rng.choice(own, min(n_splits, len(own)), replace=False))
    return rows


def _check_apart(features: Sequence[Feature], grouping: Grouping) -> None:
    both = [each.name for each in features if each.name in grouping.columns]
    if both:
        raise RoleError(
            _("{columns} stands among the features and is protected; leave it out of the features.").format(
                columns=quoted(both)
            )
        )
