"""Who a comparison of mitigations learns from, and who it judges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import check_number
from riskscope.engines.columns import arrow_columns
from riskscope.engines.encode import encode
from riskscope.errors import FrameError, RoleError
from riskscope.fairness.binary import NOT_KNOWN, binary
from riskscope.fairness.inputs import Grouping, framed, grouping_of, same_length
from riskscope.words import _

Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]


class Records(NamedTuple):
    """Who is learned from and who is judged: features as handed over, outcomes (0 or 1) and codes of groups."""

    people: tuple[Any, Any]
    outcomes: tuple[Whole, Whole]
    groups: tuple[Whole, Whole]
    labels: tuple[str, ...]
    columns: tuple[str, ...]


def records_of(
    given: Sequence[tuple[Any, Any, Any]], pos_label: Any, test_size: float, draws: np.random.Generator
) -> Records:
    """Return the people to learn from and those held out, from two parts handed over, or one that is split."""
    kept = [part for part in given if any(each is not None for each in part)]
    if any(each is None for part in kept for each in part):
        raise RoleError(
            _("X_test, y_true_test and sensitive_features_test belong together; hand over all three or none.")
        )
    parts = [_part(*part, pos_label, ending) for part, ending in zip(kept, ("", "_test"), strict=False)]
    groups: Sequence[Whole]
    if len(parts) == 2:
        groups, labels = _aligned([part[2] for part in parts])
        people, outcomes = (parts[0][0], parts[1][0]), (parts[0][1], parts[1][1])
    else:
        check_number(test_size, "test_size", low=0.05, high=0.95)
        features, outcome, grouping = parts[0]
        (codes,), labels = _aligned([grouping])
        held_out = _split(2 * codes + outcome, test_size, draws)
        places = np.flatnonzero(~held_out), np.flatnonzero(held_out)
        people = _rows(features, places[0]), _rows(features, places[1])
        outcomes = outcome[places[0]], outcome[places[1]]
        groups = codes[places[0]], codes[places[1]]
    if len(np.unique(outcomes[0])) < 2 or not len(outcomes[1]):
        raise FrameError(
            _(
                "{n} people to learn from and {n_test} held out are too few: those to learn from must have both "
                "outcomes, and some must be held out. Hand over more records."
            ).format(n=len(outcomes[0]), n_test=len(outcomes[1]))
        )
    return Records(people, outcomes, (groups[0], groups[1]), labels, parts[0][2].columns)


def _part(X: Any, y_true: Any, sensitive_features: Any, pos_label: Any, ending: str) -> tuple[Any, Whole, Grouping]:
    """Return features with rows that can be taken, outcomes as 0 and 1, and the grouping."""
    name = f"y_true{ending}"
    frame, names = framed(y_true, name)
    if len(names) != 1:
        raise FrameError(
            _("{name} has {n} columns; hand over one array or series, one value a record.").format(
                name=name, n=len(names)
            )
        )
    coded = encode(arrow_columns(frame, names)[0], name)
    outcome = binary(coded.levels, name, pos_label).sides[coded.codes].astype(np.int64)
    grouping = grouping_of(sensitive_features, f"sensitive_features{ending}")
    features = X.to_pandas() if hasattr(X, "column_names") else X  # a PyArrow table: scikit-learn takes none
    features = features if hasattr(features, "shape") else np.asarray(features)
    same_length(
        **{f"X{ending}": features.shape[0], name: len(outcome), f"sensitive_features{ending}": len(grouping.codes)}
    )
    n_missing = int((outcome == NOT_KNOWN).sum())
    if n_missing:
        raise FrameError(
            _("{name} is missing in {n} of {total} records; leave those records out of all arguments.").format(
                name=name, n=n_missing, total=len(outcome)
            )
        )
    return features, outcome, grouping


def _aligned(groupings: Sequence[Grouping]) -> tuple[list[Whole], tuple[str, ...]]:
    """Return codes that stand for the same groups in each, and the labels of all, by the alphabet."""
    labels = sorted({label for each in groupings for label in each.labels})
    places = [np.array([labels.index(label) for label in each.labels], np.int64) for each in groupings]
    return [place[each.codes] for place, each in zip(places, groupings, strict=True)], tuple(labels)


def _split(stratum: Whole, test_size: float, draws: np.random.Generator) -> Booleans:
    """Tell who is held out: the same share of each stratum, to the nearest person."""
    held_out = np.zeros(len(stratum), bool)
    for each in np.unique(stratum):
        members = draws.permutation(np.flatnonzero(stratum == each))
        held_out[members[: int(np.floor(test_size * len(members) + 0.5))]] = True
    return held_out


def _rows(features: Any, places: Whole) -> Any:
    """Return some rows of a pandas or Polars frame, an array or a sparse matrix."""
    return features.iloc[places] if hasattr(features, "iloc") else features[places]
