"""Linkage: whose is each released record, by exact fit or by nearness to people whom an attacker knows?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.attacks.attack import LINKABILITY, NOBODY, Attack, Numbers, figures
from riskscope.attacks.knowledge import Knowledge, knowledge_of
from riskscope.attacks.linking.distances import (
    Compared,
    Ranked,
    Whole,
    assigned,
    chance_of_fits,
    chance_of_ranks,
    compared,
    ranked,
)
from riskscope.attacks.truth import Truth, truth_of
from riskscope.checks import check_choice, check_number, shown
from riskscope.engines.columns import as_frame
from riskscope.errors import FrameError, RiskscopeError
from riskscope.results import hidden, measured
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from riskscope.attacks.matching import Matches
    from riskscope.hierarchy import Hierarchy

#: Called with what is done, how many records are done, and how many there are.
Progress = Callable[[str, int, int], None]

DISTANCE, BY_FIT = "distance", "exact"
#: People and records of an assignment of all at once: its time grows with the third power.
MOST_ASSIGNED = 5_000
#: Records attacked between two looks at the clock.
BATCH = 2_000

CONTROLS = ("control_rate", "risk_above_control", "risk_above_control_low", "risk_above_control_high")

NO_TRUTH = N_("nobody said which record of the release is whose")
NO_CLAIMS = N_("no record has one best candidate alone")
NO_RANKS = N_("candidates of an exact fit have no ranks")
NOT_IN_RELEASE = N_("a person outside the release has no record there to be found")


@dataclass(frozen=True, kw_only=True)
class Linkage(Attack):
    """For how many released records the right person is found among those whom an attacker knows.

    A success is a released person who is nearest of all to their record, or fits it; among several as near, one is
    guessed. ``hit`` and ``ranks`` (n_people,) are each person's success and their rank by nearness to their own
    record, NaN for people who were not attacked; exact, do not publish them.
    """

    question: ClassVar[str] = N_("Can the released records be linked to people?")
    source: ClassVar[str] = (
        "Gower (1971), doi:10.2307/2528823; Domingo-Ferrer and Torra (2003), doi:10.1023/A:1025603315450 (linkage by "
        "distance)"
    )
    asks: ClassVar[str] = LINKABILITY

    method: str = measured(N_("method"), "word")
    n_released: int = measured(N_("released records"), "count")
    n_left: int = measured(N_("released people not attacked before the time was up"), "count")
    n_claims: int = measured(N_("records with one best candidate alone"), "count")
    n_right: float = measured(N_("of these, the right person"), "count")
    precision: float = measured(N_("share of these claims that are right"), "share")
    median_rank: float = measured(N_("rank of the right person by nearness, median"))
    within_ten: float = measured(N_("right person among the ten nearest"), "share")
    is_one_to_one: bool = hidden(default=False)
    is_presumed: bool = hidden(default=False)
    said: tuple[str, ...] = hidden(default=())
    ranks: Numbers = hidden(default_factory=lambda: np.empty(0))
    #: What a later call goes on from: (3, n_people), see ``distances.Ranked``.
    traces: Numbers = hidden(default_factory=lambda: np.empty((3, 0)))

    def sentences(self) -> list[str]:
        """Return how many are found by what knowledge, how sure a claim is, and what it does not say."""
        if not self.tried:
            return [_("No released record could be linked: none is known to belong to anybody.")]
        return [self._found(), self._claims(), *self._nearness(), self.beside_guessing(), *self._left(), *self.said]

    def _found(self) -> str:
        if self.is_presumed:
            return _(
                "Of {tried} released records that somebody fits, {n} would be linked to the right person by guessing "
                "among those who fit, by somebody who knows {known}."
            ).format(tried=display.count(self.tried), n=display.count(self.succeeded), known=self.known)
        n = round(self.succeeded)
        how = {
            (DISTANCE, False): ngettext("is found by their nearest record", "are found by their nearest record", n),
            (DISTANCE, True): ngettext(
                "is found by giving each person one record, the nearest on the whole",
                "are found by giving each person one record, the nearest on the whole",
                n,
            ),
            (BY_FIT, False): ngettext(
                "is found among those who fit a record, one of whom is guessed",
                "are found among those who fit a record, one of whom is guessed",
                n,
            ),
        }[self.method, self.is_one_to_one]
        return _("Of {tried} released people, {n} {how}, by somebody who knows {known}.").format(
            tried=display.count(self.tried), n=display.count(n), how=how, known=self.known
        )

    def _claims(self) -> str:
        if not self.n_claims:
            return _("For no record there is one best candidate alone: whoever names somebody is guessing.")
        if np.isnan(self.precision):
            return ngettext(
                "{n} record has one candidate alone; whether it is the right person, nobody said.",
                "{n} records have one candidate alone; whether it is the right person, nobody said.",
                self.n_claims,
            ).format(n=display.count(self.n_claims))
        return ngettext(
            "For {n} record there is one best candidate alone, and it is the right person for {share}: so often is an "
            "attacker right who names that candidate.",
            "For {n} records there is one best candidate alone, and it is the right person for {share}: so often is an "
            "attacker right who names that candidate.",
            self.n_claims,
        ).format(n=display.count(self.n_claims), share=display.share(self.precision))

    def _nearness(self) -> list[str]:
        if np.isnan(self.median_rank):
            return []
        return [
            _(
                "Sorted by nearness to their own record, half of them stand at rank {rank} of {n} people or better; "
                "{share} are among the ten nearest."
            ).format(
                rank=display.number(self.median_rank),
                n=display.count(self.n_records),
                share=display.share(self.within_ten),
            )
        ]

    def _left(self) -> list[str]:
        if not self.n_left:
            return []
        return [
            _(
                "The time was up before {n} more were attacked; those attacked were drawn at random, so the rates hold "
                "for all within their intervals. Hand this result over as resume= to go on."
            ).format(n=display.count(self.n_left))
        ]


def linkage(
    people: Any,
    released: Any,
    *,
    known: str | Iterable[str] | Mapping[str, str | float],
    truth: str | Sequence[int] | None = None,
    method: str = DISTANCE,
    one_to_one: bool = False,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    weights: Mapping[str, float] | None = None,
    rng: int | np.random.Generator = 0,
    budget_seconds: float | None = None,
    progress: Progress | None = None,
    resume: Linkage | None = None,
) -> Linkage:
    """Whose is each released record? How often the right person is found among people whom an attacker knows.

    ``people`` may be the original table, a register of names, or an earlier release (linkage between two releases).
    An attack that finds few says little: other knowledge, or a better measure of nearness, may find more.

    Parameters
    ----------
    people : pandas, Polars or PyArrow data frame
        What the attacker holds, one person a row.
    released : pandas, Polars or PyArrow data frame
        The table handed out.
    known : names of columns, or mapping
        Columns of both tables that the attacker compares; a mapping says how exactly they are known of people:
        ``"exact"``, a number (to within so much), ``"year"``, ``"month"``.
    truth : name of a column, positions (n_people,), or None
        Which released record is whose; see ``riskscope.attacks.truth.truth_of``. Never known to the attacker.
    method : {"distance", "exact"}, default "distance"
        The candidates for a record are the people nearest to it, or all those who fit it.
    one_to_one : bool, default False
        Give each person one record at most, with the least distance on the whole. Up to 5,000 people and records.
    hierarchies : mapping of column to Hierarchy, optional
        Where values were grouped by names.
    weights : mapping of column to number, optional
        What the columns count in the distance. Default: each the same.
    rng : int or random generator, default 0
        The order in which people are attacked; breaks ties of an assignment.
    budget_seconds : number, optional
        Attack people drawn at random until the time is up.
    progress : callable, optional
        Called with a text, the number of records done, and the number of all.
    resume : Linkage, optional
        An earlier answer on the same tables that ran out of time: only the people left are attacked.

    Returns
    -------
    Linkage
        ``succeeded``, ``rate`` with interval, ``precision``, ``median_rank``, ``verdict``, ``hit`` (n_people,).

    Raises
    ------
    RoleError
        A column is missing in a table.
    RiskscopeError
        Nobody said who is who, and the method needs it; or there are too many people for an assignment.

    Notes
    -----
    Gower's distance (1971): the mean over columns, or weighted mean, of the difference of numbers and dates as a share
    of their range among people (1 at most), and 0 or 1 for names. A generalised cell is as far as the nearest value of
    people that it covers, from the least to the greatest; a set of names covers those from its first to its last. A
    value missing on either side costs 1: a suppressed cell costs everybody the same and changes no rank.

    "Better than guessing" rests on the rank of the right person and on how often they are nearest of all; of exact
    fits, on how often the right person fits beside the share of people who do. There is no control: a person outside
    the release has no record to be found. ``precision`` tells instead how often a claim is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [31, 34, 58, 60], "sex": ["F", "M", "F", "M"]})
    >>> released = pd.DataFrame({"age": [32, 33, "[55, 60[", 71], "sex": ["F", "M", "F", "*"]})
    >>> found = linkage(people, released, known=["age", "sex"])
    >>> found.succeeded, found.median_rank
    (4.0, 1.0)

    Two releases of the same people, each under pseudonyms of its own (``who`` is known to nobody outside):

    >>> first = pd.DataFrame({"who": [1, 2, 3], "year": [1961, 1975, 1990], "town": ["Ghent", "Lyon", "Lyon"]})
    >>> second = pd.DataFrame({"who": [3, 1, 2], "year": ["1990s", "1960s", "1970s"], "town": ["Lyon", "Ghent", "*"]})
    >>> linkage(first, second, known=["year", "town"], truth="who").rate
    1.0
    """
    check_choice(method, "method", [DISTANCE, BY_FIT])
    if budget_seconds is not None:
        check_number(budget_seconds, "budget_seconds", low=0)
    present = [name for name in as_frame(people).columns if name in set(as_frame(released).columns)]
    knowledge = knowledge_of(known, present)
    who = truth_of(people, released, truth)
    if method == BY_FIT:
        if one_to_one or weights or resume:
            raise RiskscopeError(
                _("one_to_one, weights and resume belong to method='distance'; leave them out of exact fits.")
            )
        return _by_fit(people, released, knowledge, who, hierarchies)
    if who.rows is None:
        raise RiskscopeError(
            _(
                "There are {n_people} people and {n_released} released records, and nobody said which record is whose; "
                "give truth= (a column of both tables, or positions), or take method='exact', which then tells what is "
                "expected."
            ).format(n_people=len(as_frame(people)), n_released=len(as_frame(released)))
        )
    data = compared(people, released, knowledge, hierarchies=hierarchies, weights=weights)
    draws = np.random.default_rng(rng)
    if one_to_one:
        _check_few(data)
    traces = _started(resume, data, knowledge, draws)
    order = draws.permutation(np.flatnonzero((who.rows >= 0) & np.isnan(traces[0])))
    _attack(data, order, who.rows, traces, budget_seconds, progress)
    return _linkage(data, knowledge, who, traces, draws, one_to_one=one_to_one)


def _check_few(data: Compared) -> None:
    n_people, n_records = data.n_people, data.records.shape[2]
    if max(n_people, n_records) > MOST_ASSIGNED:
        raise RiskscopeError(
            _(
                "one_to_one compares {n_people} people with {n_released} records at once; it takes {limit} of each at "
                "most. Leave it out, or link a part of the people."
            ).format(n_people=n_people, n_released=n_records, limit=MOST_ASSIGNED)
        )


def _started(resume: Linkage | None, data: Compared, knowledge: Knowledge, draws: np.random.Generator) -> Numbers:
    """Return what an earlier call has found, NaN for people who were not attacked yet."""
    if resume is None:
        return np.full((3, data.n_people), np.nan)
    if resume.traces.shape != (3, data.n_people) or resume.known != knowledge.words():
        raise FrameError(
            _(
                "resume is a linkage of {n} people by {known}; it must be of the same tables by the same columns. "
                "Leave it out to start anew."
            ).format(n=resume.n_records, known=resume.known)
        )
    return resume.traces.copy()


def _attack(
    data: Compared,
    order: Whole,
    rows: Whole,
    traces: Numbers,
    budget_seconds: float | None,
    progress: Progress | None,
) -> None:
    """Write into ``traces`` where the people of ``order`` stand, one after the other, until the time is up."""
    started = time.monotonic()
    for at in range(0, len(order), BATCH):
        if budget_seconds is not None and time.monotonic() - started >= budget_seconds:
            break
        batch = order[at : at + BATCH]
        traces[:, batch] = ranked(data, rows[batch], batch)
        if progress is not None:
            progress(_("Linking released records to people"), at + len(batch), len(order))


def _linkage(
    data: Compared, knowledge: Knowledge, who: Truth, traces: Numbers, draws: np.random.Generator, *, one_to_one: bool
) -> Linkage:
    rows = np.asarray(who.rows)
    done = draws.permutation(np.flatnonzero(np.isfinite(traces[0])))
    found, everybody = Ranked(*traces[:, done]), Ranked(*traces)
    hit = everybody.credit
    if one_to_one:
        hit = np.where(np.isnan(traces[0]), np.nan, assigned(data, rows, draws))
    p_value = chance_of_ranks(data, rows[done], found) if len(done) else None
    claims = found.nearest == 1
    fields = _fields(hit, 1 / max(1, data.n_people), p_value, rows)
    if not len(done):
        fields["undefined"] |= dict.fromkeys(("median_rank", "within_ten"), NOBODY)
    fields |= _claimed(int(claims.sum()), int((claims & (found.nearer == 0)).sum()), fields["undefined"])
    return Linkage(
        **fields,
        n_records=data.n_people,
        n_released=data.records.shape[2],
        known=knowledge.words(),
        method=DISTANCE,
        is_one_to_one=one_to_one,
        median_rank=float(np.median(found.rank)) if len(done) else float("nan"),
        within_ten=float((found.rank <= 10).mean()) if len(done) else float("nan"),
        said=(*([who.said] if who.is_presumed else []), *_unread(data)),
        ranks=everybody.rank,
        traces=traces,
    )


def _unread(data: Compared) -> list[str]:
    return [
        ngettext(
            "{n} released value of {column} is not understood, and counts as missing.",
            "{n} released values of {column} are not understood, and count as missing.",
            n,
        ).format(n=display.count(n), column=shown(name))
        for name, n in data.unread
    ]


def _fields(hit: Numbers, guess: float, p_value: float | None, rows: Whole) -> dict[str, Any]:
    """Return the fields that every attack has; the coverage is that of the released people."""
    fields = figures(hit, guess=guess, p_value=p_value)
    fields["undefined"] |= dict.fromkeys(CONTROLS, NOT_IN_RELEASE)
    n_people = int(np.count_nonzero(rows >= 0))
    fields["coverage"] = fields["tried"] / n_people if n_people else float("nan")
    fields["n_left"] = n_people - fields["tried"]
    return fields


def _claimed(n_claims: int, n_right: int, undefined: dict[str, str]) -> dict[str, Any]:
    if not n_claims:
        undefined["precision"] = NO_CLAIMS
    return {"n_claims": n_claims, "n_right": n_right, "precision": n_right / n_claims if n_claims else float("nan")}


def _by_fit(
    people: Any, released: Any, knowledge: Knowledge, who: Truth, hierarchies: Mapping[str, Hierarchy] | None
) -> Linkage:
    from riskscope.attacks.linking.crowds import people_fitting
    from riskscope.attacks.matching import match

    matches = match(people, released, knowledge, hierarchies)
    n_fitting = people_fitting(matches)
    fields = _expected(matches, n_fitting) if who.rows is None else _seen(matches, n_fitting, who.rows)
    fields["undefined"] |= dict.fromkeys(("median_rank", "within_ten"), NO_RANKS)
    says_more = who.rows is None or who.is_presumed
    return Linkage(
        **fields,
        n_records=matches.n_original,
        n_released=matches.n_released,
        known=knowledge.words(),
        method=BY_FIT,
        is_presumed=who.rows is None,
        median_rank=float("nan"),
        within_ten=float("nan"),
        said=(*([who.said] if says_more else []), matches.forms.sentence()),
        ranks=np.full(matches.n_original, np.nan),
        traces=np.full((3, matches.n_original), np.nan),
    )


def _seen(matches: Matches, n_fitting: Whole, rows: Whole) -> dict[str, Any]:
    """Return who is found among those who fit their record."""
    is_in, fits = rows >= 0, matches.fits(rows)
    crowd = np.where(is_in, n_fitting[rows], 0) if len(n_fitting) else np.zeros(len(rows), np.int64)
    hit = np.where(is_in, fits / np.maximum(crowd, 1), np.nan)
    attacked = np.zeros((matches.n_released, 1))
    attacked[rows[is_in]] = 1
    of_person = matches.sums(attacked)[:, 0]  # attacked records that fit each person
    p_value = chance_of_fits(int(fits.sum()), crowd[is_in], of_person) if is_in.any() else None
    claims = crowd == 1
    fields = _fields(hit, 1 / max(1, matches.n_original), p_value, rows)
    return fields | _claimed(int(claims.sum()), int((claims & fits).sum()), fields["undefined"])


def _expected(matches: Matches, n_fitting: Whole) -> dict[str, Any]:
    """Return how many records would be linked if each belonged to one of those who fit it, each as likely."""
    chance = np.divide(1.0, n_fitting, out=np.full(len(n_fitting), np.nan), where=n_fitting > 0)
    fields = figures(chance, guess=1 / max(1, matches.n_original), p_value=float("nan"))
    of_person = matches.sums(np.nan_to_num(chance[:, None]) ** 2)[:, 0]
    fields["hit"] = np.where(matches.n_fitting > 0, np.minimum(of_person, 1), np.nan)
    fields["n_left"] = 0
    fields["undefined"] |= dict.fromkeys(CONTROLS, NOT_IN_RELEASE)
    fields["undefined"] |= dict.fromkeys(("p_value", "n_right", "precision"), NO_TRUTH)
    return fields | {"n_claims": int((n_fitting == 1).sum()), "n_right": float("nan"), "precision": float("nan")}
