"""How far each released record is from each person: Gower's distance, ranks, and what guessing would give."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.attacks.attack import Numbers, chance_of
from riskscope.attacks.knowledge import EXACT, MONTH, YEAR, Knowledge
from riskscope.checks import check_columns, check_number
from riskscope.engines.memory import in_threads, pack_rows, threads
from riskscope.hierarchy import text_of
from riskscope.intake.released import Distinct, Ranks, distinct_columns, read_released
from riskscope.intake.released_forms import is_suppressed, read_text
from riskscope.intake.released_scales import DAY, scale_of, span_of, span_of_unit

if TYPE_CHECKING:
    from riskscope.hierarchy import Hierarchy
    from riskscope.intake.released_scales import Scale, Span

Whole = NDArray[np.int64]

#: Up to so many pairs, NumPy alone is faster than loading the compiled kernel.
SMALL_WORK = 4_000_000
#: Pairs of a block: this many distances are held at a time.
BLOCK = 1_000_000
#: Records whose distances to everybody are all ranked, to know how far ranks spread by chance.
MOST_SAMPLED = 400
#: Of the 5 % for saying too much, the part for the ranks; the rest is for how many are nearest.
RANK_PART = 0.9

#: From this variance on, a number of fits is set beside the normal curve.
FEW = 9

_MISSING = (np.inf, -np.inf)
_ROUNDING = 16 * float(np.finfo(float).eps)
#: What a gap of one costs where any gap costs all: people have but one value.
STEEP = 1e300


class Column(NamedTuple):
    """One column: ends (2, n_codes) of what each code covers, what a gap costs, how exact, records not understood."""

    people: Numbers
    records: Numbers
    cost: float
    precision: float
    n_unread: int


@dataclass(frozen=True)
class Compared:
    """People and released records on the same axes.

    Attributes
    ----------
    people : (2, n_columns, n_distinct), lower and upper ends of what is known of each distinct person
    counts : (n_distinct,) how many people share these values
    place : (n_people,) which of the distinct ones each person is
    records : (2, n_columns, n_released)
    rules : (2, n_columns) what a gap of one costs, and what a column costs at most; the latter sum to 1
    tolerance : distances that differ by no more are equal: the numbers are no more exact
    unread : columns and how many records of each hold a value that is not understood, and is taken as missing
    """

    people: Numbers
    counts: Whole
    place: Whole
    records: Numbers
    rules: Numbers
    tolerance: float
    unread: tuple[tuple[str, int], ...]

    @property
    def n_people(self) -> int:
        """How many people there are to choose from."""
        return len(self.place)


class Ranked(NamedTuple):
    """For each record: people nearer than its own, as near (the own one too), nearest of all."""

    nearer: Numbers
    equal: Numbers
    nearest: Numbers

    @property
    def credit(self) -> Numbers:
        """Chance to choose the right person among the nearest."""
        return np.where(self.nearer == 0, 1 / self.equal, np.where(np.isnan(self.nearer), np.nan, 0.0))

    @property
    def rank(self) -> Numbers:
        """Rank of the right person, the middle one among people as near."""
        return self.nearer + (self.equal + 1) / 2


def compared(
    people: Any,
    released: Any,
    knowledge: Knowledge,
    *,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    weights: Mapping[str, float] | None = None,
) -> Compared:
    """Return people and released records as ranges on common axes, one a column."""
    names = knowledge.columns
    given = dict(weights or {})
    check_columns(list(given), names, "weights")
    shares = np.array([check_number(given.get(name, 1), "weights", low=0, low_open=True) for name in names], float)
    shares /= shares.sum()
    coded, ours = distinct_columns(people, names)
    theirs_coded, theirs = distinct_columns(released, names)
    keys = pack_rows(coded)[0]
    _distinct, first, place, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    ends = np.empty((2, len(names), len(first)))
    records = np.empty((2, len(names), len(theirs_coded[0].codes)))
    rules, tolerance, unread = np.empty((2, len(names))), 0.0, []
    for at, name in enumerate(names):
        hierarchy = (hierarchies or {}).get(name)
        column = read_column(name, ours[at], theirs[at], knowledge.exactness.get(name, EXACT), hierarchy)
        ends[:, at] = column.people[:, coded[at].codes[first]]
        records[:, at] = column.records[:, theirs_coded[at].codes]
        rules[:, at] = column.cost * shares[at], shares[at]
        tolerance += column.precision * shares[at]
        if column.n_unread:
            unread.append((name, column.n_unread))
    return Compared(ends, counts.astype(np.int64), place.ravel(), records, rules, tolerance, tuple(unread))


def read_column(
    name: str, ours: Distinct, theirs: Distinct, exactness: str | float, hierarchy: Hierarchy | None = None
) -> Column:
    """Return what each distinct value of people and of records covers on the axis of one column.

    Numbers and dates (in days) lie on a scale; a cell covers the values of people under it, from the least to the
    greatest, or its own ends where nobody is under it. Names lie side by side, in the order of the hierarchy.
    """
    if exactness != EXACT:  # an error where the column holds nothing that can be known in part
        read_released(name, ours, theirs, exactness=exactness)
    read = read_released(name, ours, theirs, hierarchy=hierarchy)
    scale = scale_of([value for value in ours.values if not _says_nothing(value)])
    exact = _ends_of(ours.values, scale, read.known)
    on = np.flatnonzero(np.isfinite(exact[0]))
    on = on[np.argsort(read.known[on, 0], kind="stable")]
    starts, stops, values = read.known[on, 0], read.known[on, 1], exact[:, on]
    records = np.empty((2, len(theirs.values)))
    for code, value in enumerate(theirs.values):
        ranges = read.ranges[read.first[code] : read.first[code + 1]]
        low = np.searchsorted(stops, ranges[:, 0], "right")
        high = np.searchsorted(starts, ranges[:, 1], "left")
        covers = low < high
        if _says_nothing(value):
            records[:, code] = _MISSING
        elif covers.any():
            records[:, code] = values[0, low[covers].min()], values[1, high[covers].max() - 1]
        else:
            records[:, code] = _written_ends(value, scale)
    width = float(values.max() - values.min()) if values.size else 0.0
    if scale is None:
        return Column(exact, records, 1.0, 0.0, _n_unread(records, theirs))
    precision = _ROUNDING * (1 + float(np.abs(values).max()) / width) if width else _ROUNDING
    people = exact if exactness == EXACT else _ends_of(ours.values, scale, read.known, exactness)
    return Column(people, records, 1 / width if width else STEEP, precision, _n_unread(records, theirs))


def _says_nothing(value: Any) -> bool:
    return value is None or is_suppressed(text_of(value).strip())


def _n_unread(records: Numbers, theirs: Distinct) -> int:
    says_something = [not _says_nothing(value) for value in theirs.values]
    return int(theirs.counts[np.isinf(records[0]) & np.array(says_something, bool)].sum())


def _ends_of(values: Sequence[Any], scale: Scale | None, ranks: Ranks, exactness: str | float = EXACT) -> Numbers:
    """Return (2, n) the ends of what is known by each value, as ranks of names; what is not on the scale is missing."""
    ends = np.empty((2, len(values)))
    for code, value in enumerate(values):
        if scale is None and not _says_nothing(value):
            ends[:, code] = ranks[code, 0], ranks[code, 1] - 1
            continue
        span = None if scale is None or _says_nothing(value) else span_of(value, scale)
        if scale is None or span is None:
            ends[:, code] = _MISSING
            continue
        if exactness in (YEAR, MONTH):
            span = span_of_unit(span[0][0], str(exactness))
        ends[:, code] = _numbers(span, scale)
        if not isinstance(exactness, str):
            ends[:, code] += -exactness, exactness
    return ends


def _written_ends(value: Any, scale: Scale | None) -> tuple[float, float]:
    """Return the ends of a released value that covers no value of people: those that are written."""
    if scale is None:
        return _MISSING
    span = span_of(value, scale)
    if span is None:
        reading = read_text(text_of(value).strip(), scale, shared_ends=True)
        span = None if reading is None else reading.span
    return _MISSING if span is None else _numbers(span, scale)


def _numbers(span: Span, scale: Scale) -> tuple[float, float]:
    """Return both ends of a span as numbers, or in days; a day before the end where a date is not of it any more."""
    (low, _before), (high, is_after) = span
    if scale.is_dates:
        low, high = low / DAY, high / DAY
        high = high if is_after else max(low, high - 1)
    if np.isinf(low) or np.isinf(high):  # nobody lies beyond
        low, high = (high, high) if np.isinf(low) else (low, low)
    return float(low), float(high)


def distances_to(data: Compared, records: Whole) -> Numbers:
    """Return the distance of each of some records to each distinct person, (n_records, n_distinct)."""
    found = np.zeros((len(records), len(data.counts)))
    for column in range(data.rules.shape[1]):
        lower, upper = data.records[:, column, records][:, :, None]
        starts, ends = data.people[:, column]
        gap = np.maximum(np.maximum(lower - ends, starts - upper), 0)
        found += np.minimum(gap * data.rules[0, column], data.rules[1, column])
    return found


def ranked(data: Compared, records: Whole, owners: Whole) -> Ranked:
    """Return where the owner of each record stands among all people, by nearness.

    Parameters
    ----------
    data : Compared
    records, owners : whole numbers (n,)
        Positions of released records, and of the people whose they are.
    """
    own = data.place[owners]
    if len(records) * len(data.counts) > SMALL_WORK:
        return _ranked_fast(data, records, own)
    answers = np.empty((3, len(records)))
    step = max(1, BLOCK // max(1, len(data.counts)))
    for start in range(0, len(records), step):
        part = slice(start, start + step)
        found = distances_to(data, records[part])
        true = found[np.arange(len(found)), own[part]][:, None]
        least = found.min(axis=1, keepdims=True)
        is_nearer = found < true - data.tolerance
        answers[0, part] = nearer = is_nearer @ data.counts
        answers[1, part] = equal = (~is_nearer & (found <= true + data.tolerance)) @ data.counts
        nearest = (found <= least + data.tolerance) @ data.counts
        answers[2, part] = np.where(nearer == 0, equal, nearest)
    return Ranked(*answers)


def _ranked_fast(data: Compared, records: Whole, own: Whole) -> Ranked:
    from riskscope.kernels.distances import rank_records

    answers = np.empty((3, len(records)))
    n_parts = 4 * threads()
    cuts = [len(records) * at // n_parts for at in range(n_parts + 1)]

    def work(part: slice) -> None:
        theirs = np.ascontiguousarray(data.records[:, :, records[part]])
        found = np.empty((3, theirs.shape[2]))
        rank_records(data.people, data.counts, theirs, own[part], data.rules, data.tolerance, found)
        answers[:, part] = found

    parts = [slice(low, high) for low, high in itertools.pairwise(cuts) if low < high]
    in_threads(work, parts, n_rows=len(records) * len(data.counts))
    return Ranked(*answers)


def chance_of_ranks(data: Compared, records: Whole, found: Ranked) -> float:
    """Return the chance that people are as near to records of others as they are found to be to their own.

    Two things are tested, and the smaller chance counts, raised for having tried twice: the mean rank of the right
    person, and how often they are among the nearest.

    Parameters
    ----------
    data : Compared
    records : whole numbers (n,)
        The attacked records, in random order.
    found : Ranked
        Where their owners stand.

    Notes
    -----
    Guessing gives the records to the people in random order. The ranks of a record then have the mean
    (n_people + 1) / 2, and the sum over records the variance of a linear statistic of a random permutation
    (Hoeffding 1951, doi:10.1214/aoms/1177729593): people who are near to every record spread it less than if each
    record drew for itself. The variance is that of all ranks of at most 400 records.
    """
    from scipy.special import ndtr

    n_people, n = data.n_people, len(records)
    shares = found.nearest / n_people
    by_count = chance_of(float((found.nearer == 0).sum()), shares, shares * (1 - shares))
    variance = _variance_of_ranks(data, records)
    excess = float(((n_people + 1) / 2 - found.rank).sum())
    if variance <= 1e-9 * n * n_people:  # everybody is as near as everybody else
        return 0.5
    by_rank = float(ndtr(-excess / np.sqrt(variance)))
    return min(1.0, by_rank / RANK_PART, by_count / (1 - RANK_PART))


def _variance_of_ranks(data: Compared, records: Whole) -> float:
    """Return the variance of the sum of the ranks where each record belongs to a person at random."""
    n_people, n, counts = data.n_people, len(records), data.counts
    if n_people < 2:
        return 0.0
    n_sampled = min(n, MOST_SAMPLED, max(20, 20 * BLOCK // n_people))
    totals, squares = np.zeros(len(counts)), 0.0
    for record in records[:n_sampled]:
        ranks = middle_ranks(distances_to(data, np.array([record]))[0], counts, data.tolerance) - (n_people + 1) / 2
        totals += ranks
        squares += float(counts @ ranks**2)
    means = totals / n_sampled
    within = squares - n_sampled * float(counts @ means**2)
    noise = within / ((n_sampled - 1) * (n_people - 1)) if n_sampled > 1 else 0.0
    between = max(0.0, float(counts @ means**2) / (n_people - 1) - noise * (1 / n_sampled - 1 / n))
    return noise * (n - 1) + n * max(0.0, 1 - n / n_people) * between


def chance_of_fits(n_fits: int, of_record: NDArray[Any], of_person: NDArray[Any]) -> float:
    """Return the chance that as many records fit if each belonged to somebody drawn at random.

    Parameters
    ----------
    n_fits : whole number
        Records that fit the person whose they are.
    of_record, of_person : whole numbers (n_records,), (n_people,)
        How many people each record fits, and how many of the records fit each person.

    Notes
    -----
    The number that fit is a linear statistic of a random permutation (Hoeffding 1951), as the sum of ranks is; where it
    varies little, records are taken for independent, which says "better than guessing" too seldom.
    """
    n, n_people = len(of_record), len(of_person)
    ours, theirs = np.asarray(of_record, float), np.asarray(of_person, float)
    shares, mean = ours / n_people, float(ours.sum()) / n_people  # mean: fits by chance
    within = float(ours.sum() - (ours**2).sum() / n_people - (theirs**2).sum() / n + mean**2 * n_people / n)
    between = float(((theirs - mean) ** 2).sum()) / n**2
    variance = (within + n * max(0.0, 1 - n / n_people) * between) / max(1, n_people - 1)
    if variance < FEW:
        return chance_of(n_fits, shares, shares * (1 - shares))
    return chance_of(n_fits, shares, np.full(n, variance / n), is_whole=False)


def middle_ranks(distances: Numbers, counts: Whole, tolerance: float) -> Numbers:
    """Return the rank of each distinct person by distance; people as near share the middle one.

    Examples
    --------
    >>> middle_ranks(np.array([0.5, 0.1, 0.5]), np.array([1, 1, 1]), 1e-12).tolist()
    [2.5, 1.0, 2.5]
    """
    order = np.argsort(distances, kind="stable")
    is_first = np.diff(distances[order], prepend=-np.inf) > tolerance
    group = np.cumsum(is_first) - 1
    sizes = np.bincount(group, weights=counts[order])
    middles = np.cumsum(sizes) - (sizes - 1) / 2
    ranks = np.empty(len(distances))
    ranks[order] = middles[group]
    return ranks


def assigned(data: Compared, rows: Whole, draws: np.random.Generator) -> Numbers:
    """Return the chance that the assignment of least total distance gives each person their own record.

    Each record goes to one person at most, and each person gets one at most. People who are alike, and records that
    are alike, could be exchanged without cost: they share their successes. Other ties are broken at random.

    Parameters
    ----------
    data : Compared
    rows : whole numbers (n_people,)
        The record of each person, -1 for none.
    draws : random generator
    """
    from scipy.optimize import linear_sum_assignment

    n_records = data.records.shape[2]
    flat = data.records.reshape(-1, n_records).T
    _kinds, kind, n_alike = np.unique(flat, axis=0, return_inverse=True, return_counts=True)
    kind = kind.ravel()
    people, records = draws.permutation(data.n_people), draws.permutation(n_records)
    chosen, whom = linear_sum_assignment(distances_to(data, records)[:, data.place[people]])
    pairs = np.zeros((len(n_alike), len(data.counts)))
    np.add.at(pairs, (kind[records[chosen]], data.place[people[whom]]), 1)
    pairs /= np.outer(n_alike, data.counts)
    return np.where(rows >= 0, pairs[kind[rows], data.place], np.nan)
