"""Probabilistic linkage of a release to what an attacker holds, though values are misspelt, moved or missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.attacks.attack import LINKABILITY, Attack
from riskscope.attacks.knowledge import knowledge_of
from riskscope.attacks.linking.blocking import Pairs, pairs_of
from riskscope.attacks.linking.comparable import Comparable, comparable
from riskscope.attacks.linking.fellegi_sunter import (
    LEVELS,
    MISSING,
    NO_PAIRS,
    NOTHING_COMPARED,
    Fit,
    compared,
    fit,
    opened,
    posterior_of,
    scored,
    strangers,
    weights_of,
)
from riskscope.attacks.linking.judged import NO_TRUTH, claims, judged, links, undecided
from riskscope.attacks.truth import truth_of
from riskscope.checks import check_choice, check_number, check_whole, shown
from riskscope.engines.columns import as_frame
from riskscope.errors import RoleError
from riskscope.results import hidden, measured, new_axes
from riskscope.words import N_, _

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

OWN, SPLINK = "own", "splink"
#: Fits that are none because there is nothing to compare: the attacker is left with guessing.
NOTHING_TO_LEARN = (NO_PAIRS, NOTHING_COMPARED)


@dataclass(frozen=True, kw_only=True)
class ProbabilisticLinkage(Attack):
    """Records linked by how much their agreements and disagreements speak for one person.

    A person is hit when their pair has the highest weight of all pairs of their released record; of several equal
    ones, one is guessed. ``pairs()`` gives every pair that was compared.
    """

    question: ClassVar[str] = N_("Whose is each released record, if values may be misspelt or missing?")
    source: ClassVar[str] = "Fellegi & Sunter (1969), doi:10.1080/01621459.1969.10501049"
    asks: ClassVar[str] = LINKABILITY
    pictures: ClassVar[tuple[str, ...]] = ("plot", "plot_weights")

    n_released: int = measured(N_("released records"), "count")
    n_compared: int = measured(N_("pairs compared"), "count")
    matches_expected: float = measured(N_("true pairs that the fit expects"))
    threshold: float = measured(N_("posterior from which a pair is claimed"), "share")
    n_claimed: int = measured(N_("pairs claimed"), "count")
    precision: float = measured(N_("claimed pairs that are right (precision)"), "share")
    precision_low: float = measured(N_("precision, lower end of the 95 % interval"), "share")
    precision_high: float = measured(N_("precision, upper end of the 95 % interval"), "share")
    recall: float = measured(N_("true pairs that are claimed (recall)"), "share")
    recall_low: float = measured(N_("recall, lower end of the 95 % interval"), "share")
    recall_high: float = measured(N_("recall, upper end of the 95 % interval"), "share")
    said: tuple[str, ...] = hidden(default=())
    columns: tuple[str, ...] = hidden(default=())
    fitted: Fit = hidden()
    compared_pairs: Pairs = hidden()
    pair_weights: Numbers = hidden()
    linked: NDArray[np.bool_] = hidden()

    def sentences(self) -> list[str]:
        """Return what it means, in plain sentences."""
        if not self.tried:
            reason = _(self.undefined.get("rate", NO_TRUTH))
            return [_("No linkage can be judged: {reason}.").format(reason=reason), *self.said]
        found = _(
            "Of {n} people who are in the release, somebody who knows {known} gets {share} right by taking, for each "
            "released record, the person whose values agree best, though they may be misspelt or missing."
        ).format(n=display.count(self.tried), known=self.known, share=display.share(self.rate))
        if self.n_claimed:
            claimed = _(
                "{n} pairs reach a posterior of {threshold}: {precision} of them are right, and they are {recall} of "
                "all true pairs."
            ).format(
                n=display.count(self.n_claimed),
                threshold=display.share(self.threshold),
                precision=display.share(self.precision),
                recall=display.share(self.recall),
            )
        else:
            claimed = _("No pair reaches a posterior of {threshold}: the attacker could not claim one.").format(
                threshold=display.share(self.threshold)
            )
        return [found, self.beside_guessing(), claimed, *self.said]

    def weights_frame(self) -> pd.DataFrame:
        """Return m, u and weight (log2 m/u, in bits) of each column and level of agreement that occurs."""
        import pandas as pd

        return pd.DataFrame(self._levels(), columns=["column", "level", "m", "u", "weight"])

    def pairs(self) -> pd.DataFrame:
        """Return every pair compared: positions in both tables, weight, posterior; tied to records, do not publish."""
        import pandas as pd

        return pd.DataFrame(
            {
                "person": self.compared_pairs.people,
                "released": self.compared_pairs.released,
                "weight": self.pair_weights,
                "posterior": posterior_of(self.pair_weights, self.fitted.prior),
                "linked": self.linked,
            }
        )

    def _levels(self) -> list[tuple[str, str, float, float, float]]:
        weights = weights_of(self.fitted.m, self.fitted.u)
        return [
            (column, LEVELS[level], self.fitted.m[at, level], self.fitted.u[at, level], weights[at, level])
            for at, column in enumerate(self.columns)
            for level in reversed(range(MISSING + 1, len(LEVELS)))
            if np.isfinite(self.fitted.m[at, level]) and np.isfinite(self.fitted.u[at, level])
        ]

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the table of the columns' weights."""
        rows = [
            (shown(column), _(level), display.share(m), display.share(u), display.number(weight))
            for column, level, m, u, weight in self._levels()
        ]
        if not rows:
            return []
        header = [_("column"), _("agreement"), _("one person (m)"), _("strangers (u)"), _("weight, bits")]
        return [(_("What each agreement weighs; agreement on a rare value weighs more"), header, rows)]

    def plot_weights(self, ax: Axes | None = None) -> Axes:
        """Draw what each agreement weighs: to the right it speaks for one person, to the left against."""
        rows = list(reversed(self._levels()))
        axes = new_axes(ax, (7.0, 1.4 + 0.24 * len(rows)))
        colours = ["#0072b2" if weight >= 0 else "#d55e00" for *_rest, weight in rows]
        bars = axes.barh(range(len(rows)), [weight for *_rest, weight in rows], color=colours)
        labels = [f"{shown(column, 24)} {_(level)}" for column, level, *_rest in rows]
        axes.set_yticks(range(len(rows)), labels, fontsize=8)
        axes.bar_label(bars, labels=[display.number(weight) for *_rest, weight in rows], fontsize=8, padding=2)
        axes.margins(x=0.12)
        axes.axvline(0, color="#1c2330", lw=0.8)
        axes.set_xlabel(_("weight, bits: one more doubles the odds for one person"))
        axes.set_title(_("What each agreement weighs"), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def probabilistic_linkage(
    people: Any,
    released: Any,
    *,
    known: str | Iterable[str] | Mapping[str, str | float],
    truth: str | Any = None,
    blocking: Iterable[Any] | None = None,
    threshold: float = 0.9,
    one_to_one: bool = False,
    engine: str = OWN,
    max_pairs: int = 20_000_000,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> ProbabilisticLinkage:
    """Whose is each released record, if values may be misspelt, moved or missing.

    An attacker holds a list of people and links the released records to it: each agreement speaks for one person by
    as much as it is rarer among strangers. How much is learnt from the two tables alone. What is not found by it may
    fall to somebody who knows more.

    Parameters
    ----------
    people : data frame
        What the attacker holds: the original, or a register.
    released : data frame
    known : names of columns, or mapping
        Columns of both tables that are compared; or for each ``"exact"``, a number (near within so much), ``"year"``
        or ``"month"`` of a date.
    truth : name of a column, whole numbers (n_people,), or None
        Whose each released record is; for judging only. See ``truth_of``.
    blocking : passes, optional
        Which pairs are compared: those that meet in at least one pass. A pass is a column (equal values), several
        columns in brackets (equal on all), or ``{column: window}`` (within so many distinct values in their order).
        Default: all pairs up to a million, else columns and couples of columns that make the fewest pairs.
    threshold : number from 0 to 1, default 0.9
        Posterior from which a pair is claimed, for precision and recall.
    one_to_one : bool, default False
        Link each record to one person at most, and each person to one record: the greatest sum of positive weights.
    engine : "own" or "splink"
        splink over DuckDB, on the same columns, levels and passes: ``pip install "riskscope[linkage]"``.
    max_pairs : int
        Largest number of pairs that the passes may make.
    rng : whole number or Generator
        Draws random pairs of strangers, and lots among ties.
    progress : callable (text, done, total), optional

    Returns
    -------
    ProbabilisticLinkage
        ``rate`` beside guessing among all people, ``precision`` and ``recall`` of the pairs claimed,
        ``weights_frame()``, and as arrays ``hit`` and ``pairs()``. A fit that fails leaves NaN, with the reason.

    Raises
    ------
    RoleError
        A column is not there, or cannot be compared.
    CellLimitError
        A pass makes more pairs than allowed; the message names it.
    MissingExtraError
        ``engine="splink"``, and splink is not installed.

    Notes
    -----
    Fellegi & Sunter (1969), JASA 64(328), 1183-1210; EM and frequency-based weights: Winkler (1988, 2000). Text is
    near at one edit (or swap) in four letters, dates and codes of digits at one, numbers within what is known, else
    a tenth of their standard deviation. A missing value weighs nothing. Columns are taken for independent: among people
    of one household they are not, so posteriors of their pairs are too high.

    Examples
    --------
    >>> import pandas as pd
    >>> names = ["anna", "bernard", "chloe", "dimitri", "estelle", "farid", "gaston", "helene"]
    >>> people = pd.DataFrame({"name": names, "born": range(1950, 1990, 5)})
    >>> released = pd.DataFrame({"name": ["bernrad", "anna", "helene", "farid"], "born": [1955, 1950, None, 1976]})
    >>> found = probabilistic_linkage(people, released, known=["name", "born"], truth=[1, 0, -1, -1, -1, 3, -1, 2])
    >>> found.tried, found.succeeded, found.n_compared
    (4, 4.0, 32)
    """
    knowledge = knowledge_of(known, [name for name in as_frame(people).columns if name in as_frame(released).columns])
    if isinstance(truth, str) and truth in knowledge.columns:
        raise RoleError(
            _("{column} is both truth and known; no attacker knows the truth: take it out of known.").format(
                column=shown(truth)
            )
        )
    check_number(threshold, "threshold", low=0, high=1)
    check_choice(engine, "engine", (OWN, SPLINK))
    check_whole(max_pairs, "max_pairs", low=1)
    who = truth_of(people, released, truth)
    draws = np.random.default_rng(rng)
    tell = progress or (lambda _text, _done, _total: None)
    tell(_("preparing the columns"), 0, 4)
    columns = comparable(people, released, knowledge)
    n_people, n_released = len(columns[0].people), len(columns[0].released)
    tell(_("choosing the pairs"), 1, 4)
    pairs = pairs_of(columns, blocking, max_pairs=max_pairs)
    tell(_("comparing {n} pairs").format(n=display.count(len(pairs.people))), 2, 4)
    pairs, weights, fitted = _weighed(columns, pairs, engine, draws)
    tell(_("judging the links"), 3, 4)
    posterior = posterior_of(weights, fitted.prior)  # NaN, and so never claimed, where the fit failed
    linked, n_linked = links(pairs, weights, n_released, one_to_one=one_to_one, rng=draws)
    claimed = (posterior >= threshold) & (linked | (not one_to_one))
    is_failed = bool(fitted.failure) and fitted.failure not in NOTHING_TO_LEARN
    if is_failed:
        answer = undecided(n_people, fitted.failure)
    else:
        answer = judged(pairs, linked, n_linked, who.rows, n_people, draws)
    told = claims(pairs, claimed, None if is_failed else who.rows)
    undefined = {**answer.pop("undefined"), **told.pop("undefined")}
    if fitted.failure:
        undefined["matches_expected"] = fitted.failure
    if is_failed:
        undefined |= dict.fromkeys((name for name, value in told.items() if name != "n_claimed"), fitted.failure)
    tell(_("done"), 4, 4)
    return ProbabilisticLinkage(
        **answer,
        **told,
        undefined=undefined,
        n_records=n_people,
        n_released=n_released,
        n_compared=len(pairs.people),
        matches_expected=fitted.prior * n_people * n_released,
        threshold=float(threshold),
        known=knowledge.words(),
        said=_words(pairs, n_people * n_released, who.said, one_to_one=one_to_one),
        columns=knowledge.columns,
        fitted=fitted,
        compared_pairs=pairs,
        pair_weights=weights,
        linked=linked,
        engine="memory" if engine == OWN else SPLINK,
    )


def _weighed(
    columns: Sequence[Comparable], pairs: Pairs, engine: str, rng: np.random.Generator
) -> tuple[Pairs, Numbers, Fit]:
    """Return the pairs compared, their weights, and what was learnt."""
    if engine == SPLINK:
        from riskscope.attacks.linking.splink_engine import linked_by_splink

        return linked_by_splink(columns, pairs, seed=int(rng.integers(1, 2**31)))
    patterns = compared(columns, pairs.people, pairs.released)
    distinct, counts = np.unique(patterns, return_counts=True)
    n_released = len(columns[0].released)
    n_all = len(columns[0].people) * n_released
    fitted = fit(opened(distinct, len(columns)), counts, strangers(columns, rng), n_all, n_released)
    return pairs, scored(columns, pairs, patterns, fitted), fitted


def _words(pairs: Pairs, n_all: int, said: str, *, one_to_one: bool) -> tuple[str, ...]:
    """Return what must be known to read the figures: the pairs, the assignment, the truth."""
    n = display.count(len(pairs.people))
    if all(each.columns for each in pairs.passes):
        passes = "; ".join(each.words() for each in pairs.passes)
        sentence = _(
            "{n} of {n_all} pairs were compared ({passes}); a pair that was not compared cannot be found, so the "
            "figures are a floor."
        ).format(n=n, n_all=display.count(n_all), passes=passes)
    else:
        sentence = _("All {n} pairs were compared.").format(n=n)
    alone = _("Each record was linked to one person at most, each person to one record.") if one_to_one else ""
    return tuple(each for each in (sentence, alone, said) if each)
