"""Who a comparison of mitigations learns from and judges, in which groups these are shown, and what is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import check_number
from riskscope.engines.columns import arrow_columns
from riskscope.engines.encode import encode
from riskscope.errors import FrameError, RoleError
from riskscope.fairness.binary import NOT_KNOWN, binary
from riskscope.fairness.decisions.view import Joined
from riskscope.fairness.disclosure import better_joined, shown_groups
from riskscope.fairness.inputs import Grouping, framed, grouping_of, same_length
from riskscope.words import _

Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]

#: A column tells the groups where knowing it leaves out so few of the mistakes that guessing makes without it.
_MISTAKES_LEFT = 0.01


class Records(NamedTuple):
    """Who is learned from and who is judged: features as handed over, outcomes (0 or 1) and codes of groups."""

    people: tuple[Any, Any]
    outcomes: tuple[Whole, Whole]
    groups: tuple[Whole, Whole]
    labels: tuple[str, ...]
    columns: tuple[str, ...]


class Shown(NamedTuple):
    """Groups as they are shown: ``place`` (n_groups,) the number of each, their names, and which may be shown.

    ``methods`` are those whose figures by group are shown.
    """

    place: Whole
    labels: tuple[str, ...]
    may_show: Booleans
    joined: Joined | None
    methods: frozenset[str]

    def summed(self, counts: Whole) -> Whole:
        """Return counts (n_groups, ...) of groups, those shown as one added up."""
        found = np.zeros((len(self.labels), *counts.shape[1:]), np.int64)
        np.add.at(found, self.place, counts)
        return found


class Views(NamedTuple):
    """Groups as they are shown for decisions, and where these are set against outcomes: the same, or fewer."""

    decided: Shown
    against_outcome: Shown


class Figure(NamedTuple):
    """A number with its interval."""

    value: float
    low: float
    high: float


class Gap(NamedTuple):
    """The largest difference of a rate between two groups as they are shown: names of both, their rates and people."""

    value: float
    low: float
    high: float
    rate: str
    groups: tuple[str, str]
    rates: tuple[float, float]
    n_people: tuple[int, int]


class Change(NamedTuple):
    """By how much the difference of a rate between two groups (the first less the last) changes, with its interval."""

    value: float
    low: float
    high: float
    rate: str
    groups: tuple[str, str]
    before: float
    after: float

    @property
    def is_smaller(self) -> bool:
        """Whether the difference is smaller after, whichever group is ahead then."""
        return abs(self.after) < abs(self.before)

    @property
    def may_be_chance(self) -> bool:
        """Whether the interval holds no change at all."""
        return not (self.low > 0 or self.high < 0)


class Method(NamedTuple):
    """One way to decide, judged on held-out people; exact.

    ``reason`` says why there is nothing, else it is empty. Changes are against the estimator as it is; ``changes`` by
    the gap they belong to. ``redrawn`` is the share of people whose decision is another one when lots are drawn anew.
    ``moves`` (n_groups, 2) counts people who gain, and who lose, the positive decision. ``warned`` are the kinds of
    warnings while it was fitted.
    """

    name: str
    reason: str
    accuracy: Figure | None = None
    selection_gap: Gap | None = None
    odds_gap: Gap | None = None
    accuracy_change: Figure | None = None
    changes: dict[str, Change] | None = None
    redrawn: float = 0.0
    moves: NDArray[np.int64] | None = None
    warned: tuple[str, ...] = ()

    def gap(self, name: str) -> Gap | None:
        """Return a gap by its name, where there is one."""
        found: Gap | None = getattr(self, name)
        return found


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


def views_of(tables: Mapping[str, Whole], labels: tuple[str, ...], min_cell: int) -> Views:
    """Return which groups may be shown, or are counted with a larger one, so that no figure tells of few people.

    ``tables`` are the people judged by group, outcome, decision before and after (n_groups, 2, 2, 2), by method, the
    estimator as it is first. A group stands alone where no method leaves it few people with either decision (against
    outcomes: and either outcome).
    """
    n_groups = len(labels)
    after = {name: each.sum(axis=2) for name, each in tables.items()}
    sizes = next(iter(after.values())).sum(axis=(1, 2))
    alone = Shown(np.arange(n_groups), labels, np.ones(n_groups, bool), None, frozenset())
    decided = _told({name: each.sum(axis=1) for name, each in after.items()}, sizes, alone, min_cell)
    errors = {name: each.reshape(n_groups, -1) for name, each in after.items()}
    return Views(decided, _told(errors, sizes, decided, min_cell))


def _told(parts: Mapping[str, Whole], sizes: Whole, known: Shown, min_cell: int) -> Shown:
    """Return groups as they are shown with all methods, but for those that would leave fewer than two groups."""
    (first, kept), *others = parts.items()
    found = _joined(kept, sizes, known, min_cell)._replace(methods=frozenset({first}))
    for name, each in others:
        together = np.concatenate([kept, each], axis=1)
        tried = _joined(together, sizes, known, min_cell)
        if tried.may_show.sum() >= min(2, found.may_show.sum()):
            kept, found = together, tried._replace(methods=found.methods | {name})
    return found


def _joined(parts: Whole, sizes: Whole, known: Shown, min_cell: int) -> Shown:
    """Return groups as they are shown, from those known so far, parts (n_groups, n_parts) and people of all groups."""
    sizes, least = known.summed(sizes), known.summed(parts).min(axis=1)
    parts = np.stack([least, sizes - least], axis=1)  # the smallest part of any method, so that people count once
    too_few = better_joined(parts, min_cell, held=~known.may_show)
    if not too_few.any():
        return known._replace(may_show=known.may_show & shown_groups(parts, min_cell), joined=None)
    into = int(np.argmax(np.where(too_few, -1, sizes)))
    kept = np.flatnonzero(~too_few)
    place = np.where(too_few, np.searchsorted(kept, into), np.cumsum(~too_few) - 1)
    n_people, label = int(sizes[too_few].sum()), known.labels[into]
    has_others = known.joined is not None and label == known.joined.name != known.joined.into
    name = label if n_people < min_cell or has_others else _("{group} and others").format(group=label)
    names = tuple(name if at == into else known.labels[at] for at in kept.tolist())
    return Shown(place[known.place], names, np.ones(len(kept), bool), Joined(label, name, n_people), known.methods)


def telling_columns(features: Any, groups: Whole, protected: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of features that tell groups outright: they split the people as the groups do.

    A column does where it is the same throughout each group but not for all (a copy, a code, a column of 0 and 1 for
    one group), or where each of its values belongs to one group; a mistake in a hundred is let pass. One that is
    named as a protected column does too.
    """
    return tuple(name for name, values in _columns(features) if name in protected or _tells_groups(values, groups))


def _columns(features: Any) -> Iterator[tuple[str, Any]]:
    """Yield the name and values of each feature, of a frame, an array or a sparse matrix."""
    n_columns = int(np.prod(features.shape[1:]))
    if hasattr(features, "columns"):
        rows = getattr(features, "iloc", features)
        yield from ((str(name), rows[:, at]) for at, name in enumerate(features.columns))
    else:
        by_column = features.tocsc() if hasattr(features, "tocsc") else np.asarray(features).reshape(-1, n_columns)
        for at in range(n_columns):
            values = by_column[:, [at]]
            yield f"X[:, {at}]", (values.toarray() if hasattr(values, "toarray") else values).reshape(-1)


def _tells_groups(values: Any, groups: Whole) -> bool:
    import pandas as pd

    try:
        codes = pd.factorize(np.asarray(values), use_na_sentinel=False)[0].astype(np.int64)
    except TypeError:  # cells that cannot be compared, lists for instance
        return False
    repeated = np.bincount(codes)[codes] > 1
    return _tells(groups, codes) or (2 * repeated.sum() > len(codes) and _tells(codes[repeated], groups[repeated]))


def _tells(known: Whole, asked: Whole) -> bool:
    """Tell whether who knows the one guesses the other nearly without mistakes (lambda of Goodman and Kruskal)."""
    pairs, n = np.unique(np.stack([known, asked]), axis=1, return_counts=True)
    most = np.zeros(int(known.max(initial=0)) + 1, np.int64)
    np.maximum.at(most, pairs[0], n)
    blindly = len(asked) - int(np.bincount(asked).max(initial=0))
    return bool(blindly and len(asked) - most.sum() <= _MISTAKES_LEFT * blindly)
