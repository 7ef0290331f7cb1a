"""Special uniques: who can be singled out by few facts, and which columns and values do it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_choice, check_number, check_whole, shown
from riskscope.errors import CellLimitError, RoleError
from riskscope.frequency import Codes, FrequencyTable, Levels, pack
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.risk.individual_risk import counted
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]
Cells = NDArray[np.int64]
Sets = NDArray[np.int64]

SCORES = (N_("suda"), N_("ihsn"))
#: Sets of columns are bits of one signed number.
MOST_COLUMNS = 62
#: Sets of columns found, over all records, before the search gives up (some 24 bytes each).
MOST_SETS = 30_000_000
#: Up to so many cells times sets of columns, NumPy alone is faster than loading the compiled search.
FEW = 2_000_000
EMPTY = N_("the table has no records")
NO_SCORE = N_("no record has a score")
TOO_MANY = N_("the exponent of DIS-SUDA is not positive from 28 quasi-identifiers on")


@dataclass(frozen=True, kw_only=True)
class SpecialUniques(Result):
    """Who can be singled out by few facts, how strongly, and by which."""

    question: ClassVar[str] = N_("Who can be singled out by a few facts?")
    source: ClassVar[str] = (
        "Elliot, Manning and Ford (2002), doi:10.1142/S0218488502001600; "
        "Manning, Haglin and Keane (2008), doi:10.1007/s10618-007-0078-6"
    )

    n_columns: int = measured(N_("quasi-identifiers"), "count")
    max_size: int = measured(N_("most facts that were tried together"), "count")
    scoring: str = measured(N_("score"), "word")
    dis_fraction: float = measured(N_("sampling fraction assumed by DIS-SUDA"), "share")
    n_unique: int = measured(N_("people alone with all quasi-identifiers"), "count")
    n_singled_out: int = measured(N_("people singled out by the facts tried"), "count")
    n_special: int = measured(N_("of these, with fewer facts than there are quasi-identifiers"), "count")
    n_sets: int = measured(N_("minimal sets of facts that single somebody out"), "count")
    highest_score: float = measured(N_("highest SUDA score"), "number")
    highest_dis: float = measured(N_("highest DIS-SUDA score"), "share")
    #: Facts that suffice to the number of people who need no fewer.
    people_by_size: dict[int, int] = measured("", "hidden", repr=False)
    #: Size of a minimal set to the number of such sets.
    sets_by_size: dict[int, int] = measured("", "hidden", repr=False)
    #: Column to its share in the score of the whole table (they sum to more than 1: a set has several columns).
    contribution: dict[str, float] = measured("", "hidden", repr=False)
    #: Column to value to its share in what the column contributes, where ten people or more are singled out by it.
    by_value: dict[str, dict[str, float]] = measured("", "hidden", repr=False)
    #: Each record's SUDA score, its DIS-SUDA score (n_records,), and the share of each column in its score
    #: (n_records, n_columns), in the order of the records; of a counted table, in the order of its cells.
    score: Numbers = hidden()
    dis: Numbers = hidden()
    contributions: Numbers = hidden()
    #: The fewest facts that single each record out, 0 where none of those tried do (n_records,).
    smallest: NDArray[np.int8] = hidden()
    #: Column to the share of each of its codes in what it contributes; rare values included.
    by_code: dict[str, Numbers] = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with sizes of sets and the contributions of columns and of values that many share."""
        parts = ("people_by_size", "sets_by_size", "contribution", "by_value")
        return {**super().to_dict(), **{name: plain(getattr(self, name)) for name in parts}}

    def sentences(self) -> list[str]:
        """Return what a special unique is, how many there are, and which column matters most."""
        if not self.n_records:
            return [_("The table has no records, so nobody can be singled out.")]
        if not self.n_singled_out:
            return [
                ngettext(
                    "No {n} fact of these singles anybody out.",
                    "No {n} facts of these together single anybody out.",
                    self.max_size,
                ).format(n=self.max_size)
            ]
        few = sum(self.people_by_size.get(size, 0) for size in (1, 2, 3))
        said = [
            ngettext(
                "A special unique is somebody whom few facts set apart: {few} person of {total} ({share}) is singled "
                "out by three facts or fewer ({one} by one fact alone, {two} by two).",
                "A special unique is somebody whom few facts set apart: {few} of {total} people ({share}) are singled "
                "out by three facts or fewer, {one} of them by one fact alone and {two} by two.",
                few,
            ).format(
                few=display.count(few),
                total=display.count(self.n_records),
                share=display.share(few / self.n_records),
                one=display.count(self.people_by_size.get(1, 0)),
                two=display.count(self.people_by_size.get(2, 0)),
            )
        ]
        top = max(self.contribution, key=lambda name: self.contribution[name])
        if self.contribution[top] > 0:
            said.append(
                _("{column} contributes most: it takes part in {share} of the score; coarsen it first.").format(
                    column=shown(top), share=display.share(self.contribution[top])
                )
            )
        if self.max_size < self.n_columns:
            said.append(
                _("More than {n} facts together were not tried; the scores would be higher with them.").format(
                    n=self.max_size
                )
            )
        said.append(
            _(
                "To be singled out in this table is not yet to be recognised: somebody outside it may share the facts; "
                "the fewer facts it takes, the less likely that is."
            )
        )
        return said

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return people and sets by size, what each column contributes, and values that many people share."""
        sizes = [
            (display.count(size), display.count(n), display.count(self.sets_by_size[size]))
            for size, n in self.people_by_size.items()
        ]
        ranked = sorted(self.contribution, key=lambda name: -self.contribution[name])
        found: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = [
            (_("People by the fewest facts that single them out"), [_("facts"), _("people"), _("minimal sets")], sizes),
            (
                _("What each column contributes to the score of the table"),
                [_("column"), _("share")],
                [(name, display.share(self.contribution[name])) for name in ranked],
            ),
        ]
        rows = [
            (name, value, display.share(share))
            for name in ranked
            for value, share in itertools.islice(self.by_value[name].items(), 3)
        ]
        if rows:
            caption = _("Values that contribute most to their column (each rests on at least {n} people)")
            header = [_("column"), _("value"), _("share of the column")]
            found.append((caption.format(n=display.MIN_CELL), header, rows))
        return found

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how many people are singled out by one fact, by two, and so on."""
        axes = new_axes(ax)
        people = list(self.people_by_size.values())
        bars = axes.bar(range(len(people)), people, color="#1f5fa8")
        axes.set_xticks(range(len(people)), [display.count(size) for size in self.people_by_size])
        axes.bar_label(bars, labels=[display.count(n) for n in people], fontsize=8, padding=2)
        axes.set_ylim(0, 1.12 * max([*people, 1]))
        axes.yaxis.set_major_formatter(lambda value, _place: display.count(value))
        axes.set_xlabel(_("fewest facts that single the person out"))
        axes.set_ylabel(_("people"))
        axes.set_title(self.heading(), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def special_uniques(
    data: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    max_size: int | None = None,
    score: str = "suda",
    dis_fraction: float = 0.01,
    missing: str = "category",
) -> SpecialUniques:
    """Special uniques: the smallest sets of facts that single each person out, and scores made from them.

    A person who is alone by two facts is found by more people than one who is alone only by ten: few facts, and
    many such sets, make a high score. The scores compare people within a table; they are no probabilities.

    Parameters
    ----------
    data : data frame or FrequencyTable
        Records, or counts over at least the quasi-identifiers.
    roles : Roles or names of columns, optional
        Names the quasi-identifiers, 62 at most. Default: those of the table.
    max_size : int, optional
        Look for sets of at most so many columns. Default: all; beyond some 16 columns take 3 or 4, for each column
        more doubles the sets of a record, and the time grows with their square (18 columns: half a minute).
    score : {"suda", "ihsn"}, default "suda"
        How a set of k of the d columns scores: (d - k)!; or (2^(d - k) - 1) / C(d, k).
    dis_fraction : float, default 0.01
        Share of the population that the table samples (above 0, at most 1), for DIS-SUDA.
    missing : {"category", "sdcmicro"}, default "category"
        A missing value is a fact as any other; or it never helps to single its own record out, as in sdcMicro.

    Returns
    -------
    SpecialUniques
        ``n_singled_out`` and ``n_special`` (records), ``people_by_size``, ``contribution`` (0 to 1, by column);
        by record, in their order: ``score``, ``dis`` (n_records,), ``contributions`` (n_records, n_columns).

    Raises
    ------
    RoleError
        No quasi-identifier is named, or more than 62.
    CellLimitError
        There are more minimal sets than memory should hold; set ``max_size``.

    Notes
    -----
    A minimal sample unique of a record is a set S of columns with f_S = 1 and f_T > 1 for each T that lacks one
    column of S (in a table of one record, each column). The score of a record is the sum over its sets; a column
    contributes the part of the score whose sets hold it. DIS-SUDA, as in sdcMicro: 1 / (1 + P (1 - φ) / (φ A S^Q))
    with P the records in classes of exactly two, φ = ``dis_fraction``, Q = 1 + (8 - d) / 20, and A the sum of S^-Q
    over the records with S > 0; 0 where S = 0. sdcMicro adds constant columns up to d = 3, which changes the
    scores, and can give NaN where no two records are equal: there it is 1 here.
    Manning, Haglin and Keane (2008), doi:10.1007/s10618-007-0078-6; Elliot, Manning and Ford (2002),
    doi:10.1142/S0218488502001600. As in SUDA2 columns of many values come first, and what does not split is left out;
    but whole partitions are split at a time, and cells that agree on all that is left are made one.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [20, 20, 20, 60], "sex": ["F", "M", "M", "F"], "zip": [1, 1, 2, 2]})
    >>> found = special_uniques(people, ["age", "sex", "zip"])
    >>> found.n_special, found.people_by_size, found.score.tolist()
    (4, {1: 1, 2: 3, 3: 0}, [2.0, 1.0, 2.0, 3.0])
    """
    check_choice(score, "score", SCORES)
    check_choice(missing, "missing", ("category", "sdcmicro"))
    check_number(dis_fraction, "dis_fraction", low=0, high=1, low_open=True)
    table, cells = counted(data, roles)
    d, n = len(table.columns), table.n_records
    if d > MOST_COLUMNS:
        raise RoleError(
            _("{n} quasi-identifiers are named; at most {most} can be searched. Name fewer.").format(
                n=d, most=MOST_COLUMNS
            )
        )
    size = d if max_size is None else min(d, check_whole(max_size, "max_size", low=1))
    found = minimal_sample_uniques(table, size)
    if missing == "sdcmicro":
        found = _of_known_values(found, table)
    scores = scores_of(found, table, score)
    codes = table.codes[scores.cells]
    dis = dis_suda(scores.score, table.counts, d, dis_fraction)
    shares = np.divide(scores.parts, scores.score, out=np.zeros_like(scores.parts), where=scores.score > 0)
    rows = np.cumsum(table.counts) - table.counts  # of a counted table, records come in the order of its cells
    if cells is not None:
        rows[cells] = np.arange(n)
    rows = rows[scores.cells]
    people_by_size = np.bincount(scores.smallest, minlength=size + 1)[1:]
    total = float(scores.score.sum())
    undefined = {} if n else dict.fromkeys(("highest_score", "highest_dis"), EMPTY)
    if np.isnan(dis).any():
        undefined["highest_dis"] = TOO_MANY
    if total == 0:
        undefined["contribution"] = NO_SCORE
    by_code = [_by_code(table.levels[at].n, codes[:, at], scores.parts[at]) for at in range(d)]
    return SpecialUniques(
        n_records=n,
        n_columns=d,
        max_size=size,
        scoring=score,
        dis_fraction=dis_fraction,
        n_unique=int(np.count_nonzero(table.counts == 1)),
        n_singled_out=len(rows),
        n_special=int(people_by_size[: d - 1].sum()),
        n_sets=len(found.masks),
        highest_score=float(scores.score.max(initial=0)) if n else np.nan,
        highest_dis=float(dis.max(initial=0)) if n else np.nan,
        people_by_size=_by_size(people_by_size),
        sets_by_size=_by_size(np.bincount(np.bitwise_count(found.masks), minlength=size + 1)[1:]),
        contribution={
            name: float(part.sum()) / total if total else np.nan
            for name, part in zip(table.columns, scores.parts, strict=True)
        },
        by_value={
            name: values_to_show(table.levels[at], by_code[at], codes[scores.parts[at] > 0, at])
            for at, name in enumerate(table.columns)
        },
        score=_of_records(scores.score, rows, n),
        dis=_of_records(dis, rows, n),
        contributions=_of_records(shares.T, rows, n),
        smallest=_of_records(scores.smallest, rows, n),
        by_code=dict(zip(table.columns, by_code, strict=True)),
        missing=missing,
        engine=table.engine,
        undefined=undefined,
    )


class Found(NamedTuple):
    """Minimal sets, and the cell that each belongs to (n_sets,); bit b of a set is column ``order[b]``."""

    masks: Sets
    cells: Cells
    order: list[int]


class Scores(NamedTuple):
    """The cells singled out (n_singled_out,): their score, their smallest set, by column the score of its sets."""

    cells: Cells
    score: Numbers
    smallest: NDArray[np.int8]
    parts: Numbers  # (n_columns, n_singled_out)


def minimal_sample_uniques(table: FrequencyTable, max_size: int) -> Found:
    """Return the minimal sets of at most so many columns on which a cell of the table is one record alone."""
    d = len(table.columns)
    n_subsets = sum(math.comb(d, size) for size in range(1, max_size + 1))
    if n_subsets * (table.n_cells + 1_000) <= FEW or not table.n_cells:
        return _found_by_size(table, max_size)
    return _found_by_search(table, max_size)


def _found_by_size(table: FrequencyTable, max_size: int) -> Found:
    """Try all sets of one column, of two, and so on, as the definition has it."""
    d, n_cells = len(table.columns), table.n_cells
    numbers: dict[tuple[int, ...], Cells] = {(): np.zeros(n_cells, np.int64)}
    alone: dict[tuple[int, ...], NDArray[np.bool_]] = {(): np.zeros(n_cells, np.bool_)}
    masks, cells = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for size in range(1, max_size + 1):
        coarser, alone_by_less = numbers, alone
        numbers, alone = {}, {}
        for columns in itertools.combinations(range(d), size) if n_cells else ():
            keys = coarser[columns[:-1]] * table.levels[columns[-1]].n + table.codes[:, columns[-1]]
            numbers[columns] = np.unique(keys, return_inverse=True)[1]
            alone[columns] = np.bincount(numbers[columns], weights=table.counts)[numbers[columns]] == 1
            by_less = np.any([alone_by_less[less] for less in itertools.combinations(columns, size - 1)], axis=0)
            minimal = np.flatnonzero(alone[columns] & ~by_less)
            cells.append(minimal)
            masks.append(np.full(len(minimal), sum(1 << column for column in columns), np.int64))
    return Found(np.concatenate(masks), np.concatenate(cells), list(range(d)))


def _found_by_search(table: FrequencyTable, max_size: int) -> Found:
    """Search recursively, columns of many values first: theirs are the rare values."""
    from riskscope.kernels.special import search

    d, n_cells = len(table.columns), table.n_cells
    order = sorted(range(d), key=lambda at: table.levels[at].n)
    radix = table.levels[order[-1]].n
    keys, _packing = pack([table.codes[:, at] for at in order], [table.levels[at].n for at in order], n_cells)
    cells = np.argsort(keys, kind="stable")
    codes: Codes = np.empty((d, n_cells), np.uint16 if radix <= 2**16 else np.int32)
    ranks = np.zeros((d, n_cells), np.int32)
    is_new = np.zeros(n_cells, np.bool_)
    for bit, at in enumerate(order):
        codes[bit] = table.codes[cells, at]
        if bit:
            is_new[1:] |= codes[bit - 1, 1:] != codes[bit - 1, :-1]
            np.cumsum(is_new, out=ranks[bit])
    heads = np.full(n_cells, -1)
    found = search(codes, ranks, table.counts[cells] == 1, radix, max_size, MOST_SETS, heads)
    if found.shape[1] > MOST_SETS:
        raise CellLimitError(
            _(
                "There are more than {most} minimal sets of columns that single people out. Set max_size, to 3 or 4 "
                "say, or name fewer quasi-identifiers."
            ).format(most=display.count(MOST_SETS))
        )
    return Found(found[0], cells[found[1]], order)


def _of_known_values(found: Found, table: FrequencyTable) -> Found:
    """Leave out the sets that hold a column in which the record's value is missing."""
    unknown = np.zeros(table.n_cells, np.int64)
    for bit, at in enumerate(found.order):
        if table.levels[at].has_missing:
            unknown |= (table.codes[:, at] == 0).astype(np.int64) << bit
    known = found.masks & unknown[found.cells] == 0
    return Found(found.masks[known], found.cells[known], found.order)


def scores_of(found: Found, table: FrequencyTable, score: str) -> Scores:
    """Return what the sets of each cell that has any add up to."""
    d = len(table.columns)
    number = np.zeros(table.n_cells, np.int64)
    number[found.cells] = 1
    cells = np.flatnonzero(number)
    number[cells] = np.arange(len(cells))
    owners = number[found.cells]
    sizes = np.bitwise_count(found.masks)
    weights = set_scores(d, score)[sizes]
    smallest = np.full(len(cells), d, np.int8)
    np.minimum.at(smallest, owners, sizes.astype(np.int8))
    parts = np.empty((d, len(cells)))
    for bit, at in enumerate(found.order):
        parts[at] = np.bincount(owners, weights=weights * (found.masks >> bit & 1), minlength=len(cells))
    total = np.bincount(owners, weights=weights, minlength=len(cells)).astype(np.float64)
    return Scores(cells, total, smallest, parts)


def set_scores(d: int, score: str) -> Numbers:
    """Return what a set of 0, 1, ... d of d columns scores."""
    if score == "suda":
        return np.array([float(math.factorial(d - size)) for size in range(d + 1)])
    return np.array([(2.0 ** (d - size) - 1) / math.comb(d, size) for size in range(d + 1)])


def dis_suda(score: Numbers, counts: NDArray[np.int64], d: int, fraction: float) -> Numbers:
    """Return the DIS-SUDA score for each score; NaN above 0 where the exponent is not positive."""
    exponent = 1 + (8 - d) / 20
    dis = np.zeros(len(score))
    scored = score > 0
    if exponent <= 0:
        dis[scored] = np.nan
        return dis
    n_paired = 2 * np.count_nonzero(counts == 2)
    powers = score[scored] ** exponent
    dis[scored] = 1 / (1 + n_paired * (1 - fraction) / (fraction * (1 / powers).sum() * powers))
    return dis


def _by_code(n_codes: int, codes: Codes, part: Numbers) -> Numbers:
    """Return the share of each code of a column in what the column contributes; NaN where it contributes nothing."""
    sums = np.bincount(codes, weights=part, minlength=n_codes)
    total = sums.sum()
    shares: Numbers = sums / total if total else np.full(n_codes, np.nan)
    return shares


def values_to_show(levels: Levels, shares: Numbers, codes: Codes) -> dict[str, float]:
    """Return the share of each value in what its column contributes, where ten people or more are singled out by it.

    With fewer, the values of several columns put together could be those of one person. Where the people of the
    other values are fewer than ten, one more value is left out with them. ``codes`` has a code a person.
    """
    people = np.bincount(codes, minlength=levels.n)
    enough = people >= display.MIN_CELL
    if enough.any() and 0 < people[~enough].sum() < display.MIN_CELL:
        enough[np.argmin(np.where(enough, people, len(codes) + 1))] = False
    if not enough.any():
        return {}
    texts = [_("(missing)")] * levels.has_missing + [str(value) for value in levels.to_list()]
    found: dict[str, float] = {}
    for code in sorted(np.flatnonzero(enough), key=lambda code: -shares[code]):
        found[texts[code]] = found.get(texts[code], 0.0) + float(shares[code])
    return found


def _of_records(values: NDArray[Any], rows: Cells, n: int) -> NDArray[Any]:
    """Return values in the order of the records, 0 for those that are not singled out."""
    found = np.zeros((n, *values.shape[1:]), values.dtype)
    found[rows] = values
    return found


def _by_size(counts: NDArray[np.int64]) -> dict[int, int]:
    return {size: int(n) for size, n in enumerate(counts, start=1)}
