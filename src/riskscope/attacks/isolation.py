"""Singling out: for whom does exactly one released record fit what an attacker knows?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from riskscope import display
from riskscope.attacks.attack import SINGLING_OUT, Attack, Numbers, chance_of, figures
from riskscope.attacks.knowledge import knowledge_of
from riskscope.attacks.matching import Matches, match
from riskscope.attacks.truth import Truth, truth_of
from riskscope.engines.columns import as_frame
from riskscope.results import hidden, measured
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from riskscope.hierarchy import Hierarchy

NO_TRUTH = N_("nobody said which record of the release is whose")
ALL_ALIKE = N_("every released record fits everybody, or none does")


@dataclass(frozen=True, kw_only=True)
class SinglingOut(Attack):
    """For how many people exactly one released record fits what an attacker knows of them, and is theirs.

    A success is a person for whom one record fits, and it is theirs (where somebody told which is whose). ``fitting``
    (n_records,) is in how many released records each person could be; exact, do not publish it.
    """

    question: ClassVar[str] = N_("Can somebody's record be singled out in the release?")
    source: ClassVar[str] = "Article 29 Working Party, Opinion 05/2014 (WP216), section 2.2: singling out"
    asks: ClassVar[str] = SINGLING_OUT

    n_released: int = measured(N_("released records"), "count")
    n_alone: int = measured(N_("people whom exactly one record fits"), "count")
    n_wrong: int = measured(N_("of these, people whose record it is not"), "count")
    n_none: int = measured(N_("people whom no record fits"), "count")
    least: int = measured(N_("fewest records that fit a person (of those whom one fits at all)"), "count")
    median: float = measured(N_("records that fit a person, median"))
    is_presumed: bool = hidden()
    said: tuple[str, ...] = hidden()
    fitting: Any = hidden()

    def sentences(self) -> list[str]:
        """Return how many are singled out by what knowledge, beside guessing, and what it does not say."""
        return [*self._found(), self.beside_guessing(), *self.said]

    def _found(self) -> list[str]:
        if not self.tried:
            return [
                _("No person could be attacked: no released record fits anybody by {known}.").format(known=self.known)
            ]
        if not self.succeeded:
            found = _("Of {tried} people attacked, nobody is singled out by somebody who knows {known}.")
            return [found.format(tried=display.count(self.tried), known=self.known) + self._wrong(), self._crowd()]
        found = ngettext(
            "Of {tried} people attacked, {n} is singled out by somebody who knows {known}: exactly one "
            "released record "
            "fits, and it is theirs.",
            "Of {tried} people attacked, {n} are singled out by somebody who knows {known}: exactly one "
            "released record "
            "fits, and it is theirs.",
            round(self.succeeded),
        ).format(tried=display.count(self.tried), n=display.count(self.succeeded), known=self.known)
        return [found + self._wrong(), self._crowd()]

    def _wrong(self) -> str:
        if not self.n_wrong:
            return ""
        return " " + ngettext(
            "For {n} more the one record that fits is somebody else's, and the attacker cannot tell.",
            "For {n} more the one record that fits is somebody else's, and the attacker cannot tell.",
            self.n_wrong,
        ).format(n=display.count(self.n_wrong))

    def _crowd(self) -> str:
        return _(
            "For half of the people attacked, the records that fit number {median} or fewer; for nobody fewer than "
            "{least}. Other knowledge, or a combination that nobody thought of, may fit fewer."
        ).format(median=display.number(self.median), least=display.count(self.least))


def singling_out(
    original: Any,
    released: Any,
    *,
    known: str | Iterable[str] | Mapping[str, str | float],
    truth: str | ArrayLike | Truth | None = None,
    holdout: Any = None,
    hierarchies: Mapping[str, Hierarchy] | None = None,
) -> SinglingOut:
    """For how many people does exactly one released record fit what an attacker knows, and is it theirs?

    A generalised value fits every original value under it; a suppressed one fits all. A value that is missing in the
    original is taken for unknown to the attacker.

    Parameters
    ----------
    original, released : pandas, Polars or PyArrow data frames
        The people as they are, and the table handed out.
    known : names of columns, or mapping
        What the attacker knows; a mapping says how exactly: ``"exact"``, a number (to within so much), ``"year"``,
        ``"month"``.
    truth : name of a column, positions (n_original,), or None
        Which released record is whose; see ``riskscope.attacks.truth.truth_of``. Never known to the attacker.
    holdout : data frame, optional
        People who are not in the release: for how many of them does one record fit all the same?
    hierarchies : mapping of column to Hierarchy, optional
        Where values were grouped by names.

    Returns
    -------
    SinglingOut
        ``succeeded``, ``rate`` with interval, ``verdict``, ``hit`` (n_original,), ``fitting`` (n_original,).

    Raises
    ------
    RoleError
        A column is missing in a table.

    References
    ----------
    Article 29 Working Party, Opinion 05/2014 on anonymisation techniques (WP216), section 2.2.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": ["F", "F", "M"], "age": [31, 38, 52]})
    >>> release = pd.DataFrame({"sex": ["F", "F", "M"], "age": ["30-39", "30-39", "50-59"]})
    >>> found = singling_out(people, release, known=["sex", "age"])
    >>> found.succeeded, found.least, found.hit.tolist()
    (1.0, 1, [0.0, 0.0, 1.0])
    """
    present = [name for name in as_frame(original).columns if name in set(as_frame(released).columns)]
    knowledge = knowledge_of(known, present)
    matches = match(original, released, knowledge, hierarchies)
    who = checked_truth(truth_of(original, released, truth), matches)
    alone = matches.n_fitting == 1
    theirs = _theirs(matches, who)
    hit = np.where(matches.n_fitting > 0, (alone & theirs).astype(float), np.nan)
    outside = None
    if holdout is not None:
        others = match(holdout, released, knowledge, hierarchies).n_fitting
        outside = (others == 1).astype(float)
    tried = np.isfinite(hit)
    guess = 1 / matches.n_released if matches.n_released else 0.0
    found = figures(hit, guess=guess, p_value=_p_value(hit, guess, matches, who), control=outside)
    if np.isnan(found["p_value"]) and found["tried"]:
        found["undefined"]["p_value"] = NO_TRUTH if who.rows is None else ALL_ALIKE
    fitting = matches.n_fitting[tried]
    return SinglingOut(
        n_records=matches.n_original,
        known=knowledge.words(),
        n_released=matches.n_released,
        n_alone=int(alone.sum()),
        n_wrong=int((alone & ~theirs).sum()),
        n_none=int((~tried).sum()),
        least=int(fitting.min()) if len(fitting) else 0,
        median=float(np.median(fitting)) if len(fitting) else float("nan"),
        is_presumed=who.rows is None or who.is_presumed,
        said=(who.said, matches.forms.sentence()),
        fitting=matches.n_fitting,
        **found,
    )


def _p_value(hit: Numbers, guess: float, matches: Matches, who: Truth) -> float:
    """Return the chance that guessing does as well: never small where no more people fall than guesses would hit.

    Where more do, their own records fit people more often than records dealt at random would.
    """
    tried = np.isfinite(hit)
    guesses = np.full(int(tried.sum()), guess)
    chance = p_of_fits(matches, who)
    if np.isnan(chance) or hit[tried].sum() > guesses.sum():
        return chance
    return max(chance, chance_of(float(hit[tried].sum()), guesses, guesses * (1 - guesses)))


def _theirs(matches: Matches, who: Truth) -> Any:
    """Return for whom their own record is among those that fit; all, where nobody can say."""
    if who.rows is None:
        return np.ones(matches.n_original, bool)
    released = who.rows >= 0
    return released & matches.fits(np.where(released, who.rows, 0)) if matches.n_released else released


def p_of_fits(matches: Matches, who: Truth) -> float:
    """Return the chance that people's own records fit them as often if records were dealt at random.

    A record dealt at random fits a person with the share of records that fit them (Poisson-binomial, mid-p).
    """
    if who.rows is None or not matches.n_released:
        return float("nan")
    chances: Numbers = matches.n_fitting[who.rows >= 0] / matches.n_released
    told = (chances > 0) & (chances < 1)
    if not told.any():
        return float("nan")
    fits = _theirs(matches, who)[who.rows >= 0][told]
    return chance_of(float(fits.sum()), chances[told], chances[told] * (1 - chances[told]))


def checked_truth(who: Truth, matches: Matches) -> Truth:
    """Return who is who; unknown where it was only presumed from the order and the records do not fit by it."""
    if not who.is_presumed or who.rows is None:
        return who
    chance = p_of_fits(matches, who)
    if np.isnan(chance) or chance <= 0.001:
        return who
    return Truth(
        None,
        _(
            "Record after record, the two tables fit each other no better than shuffled ones: the "
            "release is in another "
            "order, or does not tell of these people one by one. Give truth= if somebody can say whose "
            "record is whose; "
            "what fits is presumed to be theirs."
        ),
    )
