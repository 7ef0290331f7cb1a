"""Predicate singling out: conditions read off the release that are true of exactly one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.attacks.attack import CANNOT_TELL, NO_BETTER, SINGLING_OUT, Attack, figures
from riskscope.attacks.conditions.found import CLASS, KINDS, Predicate, ground_of, predicates_of
from riskscope.attacks.conditions.measures import chance_by_holdout, chance_when_dealt, isolation_chance
from riskscope.attacks.nearness import shared_columns
from riskscope.checks import check_whole, quoted
from riskscope.engines.columns import as_frame
from riskscope.intake.released_forms import REVERSED, UNKNOWN
from riskscope.results import hidden, measured, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from riskscope.hierarchy import Hierarchy

Numbers = NDArray[np.float64]

NOTHING_FOUND = N_("the release yields no predicate, or the original has no record")
BY_HOLDOUT, GREATEST = N_("share of a hold-out"), N_("greatest that any weight has")


@dataclass(frozen=True)
class PredicateKind:
    """Predicates of one kind: how many were tried, isolated somebody, would do so by chance; their mean weight.

    ``n_light`` are true of nobody in the hold-out, ``light_succeeded`` of them isolate; None without a hold-out.
    """

    kind: str
    tried: int
    succeeded: int
    expected: float
    weight: float
    n_light: int | None
    light_succeeded: int | None


@dataclass(frozen=True, kw_only=True)
class PredicateSinglingOut(Attack):
    """How many predicates read off the release are true of exactly one person of the original.

    What is tried are predicates, not people. ``hit`` (n_records,) is 1 for who is isolated by at least one predicate,
    else 0; exact, do not publish it.
    """

    question: ClassVar[str] = N_("Does the release lead to conditions that are true of exactly one person?")
    source: ClassVar[str] = "Cohen and Nissim (2020), doi:10.1073/pnas.1914598117"
    asks: ClassVar[str] = SINGLING_OUT
    counts: ClassVar[str] = N_("% of the predicates tried")

    tried: int = measured(N_("predicates tried"), "count")
    coverage: float = measured(N_("people whom a predicate could isolate"), "share")
    succeeded: float = measured(N_("predicates that isolate one person"))
    rate: float = measured(N_("share of predicates that isolate"), "share")
    rate_low: float = measured(N_("the same, lower end of the 95 % interval"), "share")
    rate_high: float = measured(N_("the same, upper end of the 95 % interval"), "share")
    baseline_tried: int = measured(N_("predicates of the same weights, chosen without the release"), "count")
    baseline_succeeded: float = measured(N_("of them, would isolate"))
    baseline_rate: float = measured(N_("share of them that would isolate"), "share")
    control_tried: int = measured(N_("predicates tried on people outside the release"), "count")
    control_succeeded: float = measured(N_("of them, isolate one of as many people"))
    control_rate: float = measured(N_("share that isolates outside the release"), "share")
    n_isolated: int = measured(N_("people isolated by at least one predicate"), "count")
    n_holdout: int = measured(N_("people in the hold-out"), "count")
    weighed: str = measured(N_("chance of a predicate taken from"), "word")
    seed: str | None = measured(N_("seed"), "text", default=None)
    kinds: tuple[PredicateKind, ...] = hidden()
    #: How the release writes the columns in which it has values that are not understood.
    not_understood: tuple[str, ...] = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each kind of predicate."""
        return {**super().to_dict(), "kinds": [plain(asdict(each)) for each in self.kinds]}

    def sentences(self) -> list[str]:
        """Return how many predicates isolate, beside chance, and why k-anonymity does not prevent it."""
        if not self.tried:
            return [_("No predicate was tried: {reason}.").format(reason=_(NOTHING_FOUND))]
        said = [
            _(
                "Of {tried} predicates (conditions on a record) read off the release alone, {n} are true of exactly "
                "one of {people} people; {isolated} people are isolated so. Predicates were tried, not people."
            ).format(
                tried=display.count(self.tried),
                n=display.count(self.succeeded),
                people=display.count(self.n_records),
                isolated=display.count(self.n_isolated),
            ),
            self.beside_guessing(),
            self._weights(),
        ]
        said += self.not_understood
        if any(each.kind == CLASS for each in self.kinds):
            said.append(
                _(
                    "A k-anonymous release may exceed 1/k here: a condition that is true of k people, and a random one "
                    "(a hash of the record) that is true of each with chance 1/k, are together true of exactly one of "
                    "them with a chance near 37 %, however large k is. k-anonymity bounds how well a known person is "
                    "found, not whether a condition on somebody unknown can be written down."
                )
            )
        return said

    def beside_guessing(self) -> str:
        """Return the sentence that sets the predicates beside others of the same weights."""
        if self.verdict == CANNOT_TELL:
            return super().beside_guessing()
        guessed, p = display.share(self.baseline_rate), display.chance(self.p_value)
        if self.verdict == NO_BETTER:
            return _(
                "That is no better than guessing: predicates chosen without the release would isolate {guessed} (p: "
                "{p}). Other predicates may do better."
            ).format(guessed=guessed, p=p)
        return _(
            "Predicates of the same weights chosen without the release would isolate {guessed} (p: {p}): the release "
            "leads to people."
        ).format(guessed=guessed, p=p)

    def _weights(self) -> str:
        if not self.n_holdout:
            return _(
                "Without a hold-out the weights of predicates are unknown, and each is granted the greatest chance "
                "that any weight has (37 %); a release that leads to people by light predicates may stay below it. "
                "Give a hold-out."
            )
        n_light = sum(each.n_light or 0 for each in self.kinds)
        return _(
            "Only light predicates, true of far fewer than one in {people} people, single out in the sense of the "
            "paper. Whatever a heavier one isolates by chance is in the figure of guessing; {light} predicates are "
            "true of nobody in the hold-out of {holdout}, and {isolating} of these isolate."
        ).format(
            people=display.count(self.n_records),
            light=display.count(n_light),
            holdout=display.count(self.n_holdout),
            isolating=display.count(sum(each.light_succeeded or 0 for each in self.kinds)),
        )

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the kinds of predicates."""
        header = [_("kind of predicate"), _("tried"), _("isolate"), _("by chance"), _("mean weight x people")]
        rows = [
            (
                _(each.kind),
                display.count(each.tried),
                display.count(each.succeeded),
                display.number(each.expected),
                display.number(each.weight * self.n_records),
            )
            for each in self.kinds
        ]
        return [(_("Predicates by kind"), header, rows)] if rows else []


def predicate_singling_out(
    original: Any,
    released: Any,
    *,
    columns: str | Iterable[str] | None = None,
    holdout: Any = None,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    n_predicates: int = 2000,
    rng: int | np.random.Generator = 0,
) -> PredicateSinglingOut:
    """Does the release lead to conditions (predicates) that are true of exactly one person?

    The attacker knows nobody, and has the release alone. A predicate that isolates a person singles them out: a
    condition by which they can be treated in their own way, without a name.

    Parameters
    ----------
    original, released : pandas, Polars or PyArrow data frames
        The people as they are, and the table handed out; generalised values are understood.
    columns : names of columns, optional
        What predicates may speak of. Default: all columns that the tables have in common. A hash speaks of all columns
        that the tables of people have in common.
    holdout : data frame, optional
        People of the same population who are not in the release: how heavy is each predicate?
    hierarchies : mapping of column to Hierarchy, optional
        Where values were grouped by names.
    n_predicates : int, default 2000
        How many to try; fewer where the release yields fewer.
    rng : int or numpy.random.Generator, default 0
        Draws the predicates.

    Returns
    -------
    PredicateSinglingOut
        ``tried`` predicates, ``succeeded``, ``verdict``, ``kinds``; ``hit`` (n_original,).

    Raises
    ------
    RoleError
        A column is missing in a table.

    Notes
    -----
    Three kinds: the description of a class of k released records, refined by a hash with weight 1/k (Cohen and
    Nissim's attack on k-anonymity); from the only extreme number on, of all records or of those under one more value;
    few values that occur together in one released record alone.

    A predicate of weight w chosen without the data isolates one of n people with chance n w (1 - w)^(n - 1). With a
    hold-out this chance is estimated without bias (``predicates_measures.chance_by_holdout``), and the verdict deals
    all people to original and hold-out at random, as predicates hang together. Without one, each predicate is granted
    the greatest chance that any weight has, at w = 1/n, and the test takes predicates for independent.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": range(20, 80), "income": [1000 + age**2 % 700 for age in range(60)]})
    >>> found = predicate_singling_out(people[::2], people[::2], holdout=people[1::2])
    >>> found.rate > 0.9, found.verdict
    (True, 'better than guessing')
    """
    check_whole(n_predicates, "n_predicates", low=1)
    generator = np.random.default_rng(rng)
    people = [original] if holdout is None else [original, holdout]
    names = shared_columns([original, released, *people[1:]], columns)
    n, n_pooled = len(as_frame(original)), sum(len(as_frame(each)) for each in people)
    ground = ground_of(people, released, names, hierarchies)
    predicates = predicates_of(ground, n_predicates, generator) if n else []
    fulfilling = [ground.fulfilling(each) for each in predicates]
    is_isolating = np.array([np.count_nonzero(rows < n) == 1 for rows in fulfilling], bool)
    n_outside = np.array([np.count_nonzero(rows >= n) for rows in fulfilling], np.int64)
    n_holdout = n_pooled - n
    if n_holdout:
        guess = chance_by_holdout(n_outside, n_holdout, n)
        weights = n_outside / n_holdout
        p_value = chance_when_dealt(fulfilling, n, n_pooled, generator) if predicates else None
    else:
        guess = np.full(len(predicates), float(isolation_chance(1 / max(1, n), n)))
        weights, p_value = np.full(len(predicates), np.nan), None
    fields = figures(
        is_isolating.astype(np.float64), guess=guess, p_value=p_value, control=guess if n_holdout else None
    )
    hit = np.zeros(n)
    for rows, isolates in zip(fulfilling, is_isolating, strict=True):
        if isolates:
            hit[rows[rows < n]] = 1.0
    if not predicates:
        names_undefined = ("rate", "rate_low", "rate_high", "baseline_rate", "p_value")
        fields["undefined"] |= dict.fromkeys(names_undefined, NOTHING_FOUND)
    fields |= {"hit": hit, "coverage": 1.0 if predicates else 0.0}
    return PredicateSinglingOut(
        n_records=n,
        known=_("the release alone; of {columns}").format(columns=quoted(names)),
        n_isolated=int(hit.sum()),
        n_holdout=n_holdout,
        weighed=BY_HOLDOUT if n_holdout else GREATEST,
        seed=str(rng) if isinstance(rng, (int, np.integer)) else None,
        kinds=_by_kind(predicates, is_isolating, guess, weights, n_outside if n_holdout else None),
        not_understood=tuple(each.sentence() for each in ground.columns if {UNKNOWN, REVERSED} & set(each.forms)),
        **fields,
    )


def _by_kind(
    predicates: Sequence[Predicate],
    is_isolating: NDArray[np.bool_],
    guess: Numbers,
    weights: Numbers,
    n_outside: NDArray[np.int64] | None,
) -> tuple[PredicateKind, ...]:
    found = []
    kinds = np.array([each.kind for each in predicates], object)
    for kind in KINDS:
        ours = kinds == kind
        if not ours.any():
            continue
        light = None if n_outside is None else ours & (n_outside == 0)
        found.append(
            PredicateKind(
                kind,
                int(ours.sum()),
                int(is_isolating[ours].sum()),
                float(guess[ours].sum()),
                float(weights[ours].mean()),
                None if light is None else int(light.sum()),
                None if light is None else int(is_isolating[light].sum()),
            )
        )
    return tuple(found)
