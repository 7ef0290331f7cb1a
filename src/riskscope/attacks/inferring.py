"""Inference: what a release tells of the value that a person would not want to be learned."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.attacks.attack import INFERENCE, Attack, Numbers, figures
from riskscope.attacks.knowledge import knowledge_of
from riskscope.attacks.matching import Matches, match
from riskscope.attacks.targets import Target, target_of
from riskscope.checks import check_choice, check_number, shown
from riskscope.engines.columns import as_frame
from riskscope.errors import RoleError
from riskscope.results import hidden, measured
from riskscope.words import N_, _

if TYPE_CHECKING:
    from riskscope.hierarchy import Hierarchy

#: Released values that are summed over the records that fit at a time.
BLOCK = 64

BY_CLASS, BY_MODEL = "class", "model"
HOW = {
    BY_CLASS: N_("the most frequent value among the released records that fit"),
    BY_MODEL: N_("a model (random forest)"),
}
NOTHING_TOLD = N_("the release tells no value of the column")


@dataclass(frozen=True, kw_only=True)
class Inference(Attack):
    """How often an attacker guesses a person's sensitive value right from the release.

    The baseline is one guess for everybody: the most frequent released value (of a number, the median). ``posterior``
    (n_records,) is the share of the records fitting a person that hold their true value (correct attribution
    probability); exact, do not publish it.
    """

    question: ClassVar[str] = N_("Can a sensitive value be inferred from the release?")
    source: ClassVar[str] = (
        "Article 29 Working Party, Opinion 05/2014 (WP216), section 2.2: inference; Elliot (2014) and "
        "Taub et al. "
        "(2018), doi:10.1007/978-3-319-99771-1_9: correct attribution probability"
    )
    asks: ClassVar[str] = INFERENCE

    target: str = measured(N_("column that is guessed"), "text")
    how: str = measured(N_("how it is guessed"), "word")
    attribution: float = measured(N_("correct attribution probability, mean"), "share")
    n_certain: int = measured(N_("people whose value every record that fits agrees on, rightly"), "count")
    tolerance: float = measured(N_("share of its size by which a number may be off"), "number")
    seed: str | None = measured(N_("seed"), "text", default=None)
    is_number: bool = hidden()
    posterior: Numbers = hidden()

    def sentences(self) -> list[str]:
        """Return how often the guess is right, beside one guess for all, and what a right guess means."""
        target = shown(self.target)
        if not self.tried:
            return [_("Nobody's {target} could be guessed: {reason}.").format(target=target, reason=_(NOTHING_TOLD))]
        said = [
            _(
                "Of 1,000 people in the file, {n} would have their {target} guessed right by somebody "
                "who knows {known} and "
                "guesses by {how}."
            ).format(n=display.count(round(1000 * self.rate)), target=target, known=self.known, how=_(self.how)),
            self.beside_guessing(),
        ]
        if np.isfinite(self.attribution):
            said.append(
                _(
                    "Among the released records that fit a person, {share} hold the true value on "
                    "average; for {n} people "
                    "all of them do, so that the value is known without finding the record."
                ).format(share=display.share(self.attribution), n=display.count(self.n_certain))
            )
        said.append(
            _(
                "A guess that is right for people outside the release, too, shows what holds of "
                "everybody alike, not what "
                "the release gave away of one; a value can be learned of a person without any record "
                "being theirs."
            )
        )
        return said

    def beside_guessing(self) -> str:
        """Return the sentence that sets the guess beside one guess for all, and beside what others tell."""
        if self.how != HOW[BY_MODEL] or not self.control_tried or not np.isfinite(self.risk_above_control):
            return super().beside_guessing()
        said = Attack.beside_guessing(dataclasses.replace(self, control_tried=0))
        return f"{said} " + _(
            "A model that learned from people who are not in the release gets {control}: so much it learns of anybody."
        ).format(control=display.share(self.control_rate))


def inference(
    original: Any,
    released: Any,
    *,
    known: str | Iterable[str] | Mapping[str, str | float],
    target: str,
    holdout: Any = None,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    how: str = BY_CLASS,
    tolerance: float = 0.05,
    rng: int | np.random.Generator = 0,
) -> Inference:
    """Guess a sensitive value of each person from the release, knowing other things about them.

    Parameters
    ----------
    original, released : pandas, Polars or PyArrow data frames
        The people as they are, and the table handed out.
    known : names of columns, or mapping
        What the attacker knows; see ``singling_out``.
    target : name of a column
        What is guessed. A generalised released value is right where it holds the true one under it; one that says
        nothing is no guess.
    holdout : data frame, optional
        People who are not in the release. By class, the control is the same attack on them; by model, a model that
        learned from them instead of from the release.
    hierarchies : mapping of column to Hierarchy, optional
        Where values were grouped by names.
    how : {"class", "model"}, default "class"
        Guess the value that most of the records that fit have, or by a model trained on the release.
    tolerance : number, default 0.05
        A guessed number of many values is right where it is off by at most so much of the true one's size.
    rng : int or numpy.random.Generator, default 0
        For the model.

    Returns
    -------
    Inference
        ``rate`` with interval, ``attribution``, ``verdict``, ``hit`` and ``posterior`` (n_original,).

    Raises
    ------
    RoleError
        A column is missing in a table, or the target is among the columns known.

    References
    ----------
    Elliot (2014), Final report on the disclosure risk associated with synthetic data; Taub, Elliot, Pampaka and Smith
    (2018), Differential correct attribution probability for synthetic data.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"K": list("xxyyy"), "T": [1, 0, 1, 1, 0]})
    >>> found = inference(people, people, known="K", target="T")
    >>> found.posterior.round(4).tolist(), found.hit.tolist()
    ([0.5, 0.5, 0.6667, 0.6667, 0.3333], [0.5, 0.5, 1.0, 1.0, 0.0])
    """
    check_choice(how, "how", HOW)
    check_number(tolerance, "tolerance", low=0)
    present = [name for name in as_frame(original).columns if name in set(as_frame(released).columns)]
    knowledge = knowledge_of(known, present)
    if target in knowledge.columns:
        raise RoleError(
            _("target is {column}, which the attacker knows; leave it out of known.").format(column=shown(target))
        )
    hierarchies = hierarchies or {}

    def attacked(people: Any, source: Any) -> tuple[Target, Numbers, Numbers]:
        goal = target_of(people, source, target, hierarchy=hierarchies.get(target), tolerance=tolerance)
        matches = match(people, source, knowledge, hierarchies)
        return goal, *(_by_class(matches, goal) if how == BY_CLASS else _by_model(matches, goal, rng))

    goal, hit, posterior = attacked(original, released)
    control = None
    if holdout is not None:
        control = attacked(holdout, released)[1] if how == BY_CLASS else attacked(original, holdout)[1]
    single = np.where(np.isfinite(hit), _one_guess_for_all(goal), np.nan)
    found = figures(hit, guess=np.nan_to_num(single), p_value=_chance(hit, single), control=control)
    if found["tried"] == 0:
        found["undefined"] |= dict.fromkeys(("rate", "p_value"), NOTHING_TOLD)
    seen = posterior[np.isfinite(posterior)]
    if not len(seen):
        found["undefined"]["attribution"] = N_("a model, or a number, is guessed by no share of records")
    return Inference(
        n_records=len(hit),
        known=knowledge.words(),
        target=target,
        how=HOW[how],
        attribution=float(seen.mean()) if len(seen) else float("nan"),
        n_certain=int(np.count_nonzero(seen == 1)),
        tolerance=tolerance,
        seed=str(rng) if how == BY_MODEL and not isinstance(rng, np.random.Generator) else None,
        is_number=goal.is_number,
        posterior=posterior,
        **found,
    )


def _by_class(matches: Matches, goal: Target) -> tuple[Numbers, Numbers]:
    """Return success and posterior of guessing by the records that fit; ties are shared."""
    known = goal.people >= 0
    if goal.is_number:
        there = (goal.records >= 0).astype(float)
        total, n = matches.sums(np.stack([np.nan_to_num(goal.released_numbers) * there, there], axis=1)).T
        with np.errstate(invalid="ignore", divide="ignore"):
            return goal.right(np.where(n > 0, total / n, np.nan)), np.full(len(known), np.nan)
    codes = np.unique(goal.records[goal.records >= 0])
    most, ties, right, true, everything = np.zeros((5, matches.n_original))
    truth = np.where(known, goal.people, 0)
    for low in range(0, len(codes), BLOCK):
        block = codes[low : low + BLOCK]
        counts = matches.sums((goal.records[:, None] == block[None, :]).astype(float))
        holds = goal.covers[block][:, truth].T
        everything += counts.sum(axis=1)
        true += (counts * holds).sum(axis=1)
        highest = counts.max(axis=1)
        ties[highest > most] = right[highest > most] = 0
        most = np.maximum(most, highest)
        at_top = (counts == most[:, None]) & (most[:, None] > 0)
        ties += at_top.sum(axis=1)
        right += (at_top & holds).sum(axis=1)
    attacked = known & (everything > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(attacked, right / ties, np.nan), np.where(attacked, true / everything, np.nan)


def _by_model(matches: Matches, goal: Target, rng: int | np.random.Generator) -> tuple[Numbers, Numbers]:
    """Return success of a model that learned from the released records; there is no posterior."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    seed = int(np.random.default_rng(rng).integers(2**31)) if not isinstance(rng, int) else rng
    known, told = goal.people >= 0, goal.records >= 0
    nothing = np.full(len(known), np.nan)
    if not told.any() or not known.any():
        return nothing, nothing
    people, records = _features(matches)
    settings: dict[str, Any] = {"n_estimators": 60, "min_samples_leaf": 2, "random_state": seed}
    if goal.is_number:
        forest = RandomForestRegressor(**settings).fit(records[told], goal.released_numbers[told])
        return goal.right(np.where(known, forest.predict(people), np.nan)), nothing
    guess: Callable[[Numbers], Any] = RandomForestClassifier(**settings).fit(records[told], goal.records[told]).predict
    right = goal.covers[guess(people), np.where(known, goal.people, 0)]
    return np.where(known, right.astype(float), np.nan), nothing


def _features(matches: Matches) -> tuple[Numbers, Numbers]:
    """Return known and released values as the middles of their ranges on each axis; what says nothing is NaN."""
    people = np.empty((matches.n_original, len(matches.columns)))
    records = np.empty((matches.n_released, len(matches.columns)))
    for at, column in enumerate(matches.columns):
        size = max(column.spans.max(initial=0), column.sets.ranges.max(initial=0))
        spans = np.where(np.diff(column.spans, axis=1)[:, 0] >= size, np.nan, column.spans.mean(axis=1))
        middles = np.full(column.sets.n, np.nan)
        for place in range(column.sets.n):
            ranges = column.sets.ranges[column.sets.first[place] : column.sets.first[place + 1]]
            if len(ranges) and np.diff(ranges, axis=1).sum() < size:
                middles[place] = ranges.mean()
        people[:, at] = spans[matches.known[matches.person_of, at]]
        records[:, at] = middles[matches.said[matches.record_of, at]]
    return people, records


def _one_guess_for_all(goal: Target) -> Numbers:
    """Return for each person whether the one guess that suits most released records is right."""
    known, told = goal.people >= 0, goal.records >= 0
    if not told.any():
        return np.full(len(known), np.nan)
    if goal.is_number:
        return goal.right(np.full(len(known), np.median(goal.released_numbers[told])))
    counts = np.bincount(goal.records[told], minlength=len(goal.covers))
    tied = np.flatnonzero(counts == counts.max())
    right = goal.covers[tied][:, np.where(known, goal.people, 0)].mean(axis=0)
    return np.where(known, right, np.nan)


def _chance(hit: Numbers, single: Numbers) -> float:
    """Return the one-sided mid-p of the attack against one guess for all, person by person (sign test, else z)."""
    from scipy.special import ndtr
    from scipy.stats import binom

    difference = (hit - single)[np.isfinite(hit) & np.isfinite(single)]
    if not len(difference):
        return float("nan")
    if not difference.any():
        return 0.5
    if np.isin(difference, (-1, 0, 1)).all():
        better, n = int((difference > 0).sum()), int((difference != 0).sum())
        return float(binom.sf(better, n, 0.5) + binom.pmf(better, n, 0.5) / 2)
    spread = np.sqrt((difference**2).sum())
    return float(1 - ndtr(difference.sum() / spread))
