"""The answer to a validation: what to do next, and at most twelve lines, a number and what it means for a person."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from riskscope import display
from riskscope.attacks.attack import NO_BETTER, Attack
from riskscope.attacks.conditions.predicates import PredicateSinglingOut
from riskscope.attacks.erased import Erasure
from riskscope.attacks.hashes.tried import Pseudonyms
from riskscope.attacks.inferring import Inference
from riskscope.attacks.isolation import SinglingOut
from riskscope.attacks.linking.links import Linkage
from riskscope.attacks.releases import Composition
from riskscope.fairness.outcomes.audit import OutcomeAudit
from riskscope.journeys.identifiers import DirectIdentifiers
from riskscope.journeys.journey import Line, first_of
from riskscope.results import Result
from riskscope.utility.distributions import DistributionDistances
from riskscope.words import _

#: The answer has so many lines at most, and speaks of groups that are so far apart at least.
MOST = 12
LEAST_GAP = 0.01


def answer_lines(results: Sequence[Result]) -> Iterator[Line]:
    """Yield the lines: what names people, then each attack, then who was hit and what is lost."""
    lines = [*_named(results), *_attacked(results), *_inferred(results), *_rest(results)]
    yield from lines[:MOST]


def _named(results: Sequence[Result]) -> Iterator[Line]:
    names = first_of(results, DirectIdentifiers)
    if names is not None:
        said = " ".join(names.sentences()[:2])
        yield Line(_("direct identifiers left"), display.count(names.n_identifiers), said, bool(names.columns))
    tried = [each for each in results if isinstance(each, Pseudonyms)]
    worst = max(tried, key=lambda each: each.share_of_people, default=None)
    if worst is not None:
        label = _("pseudonyms undone ({column})").format(column=worst.about)
        yield Line(label, display.share(worst.share_of_people), worst.sentences()[0], worst.n_recovered > 0)


def _attacked(results: Sequence[Result]) -> Iterator[Line]:
    for attack in results:
        if isinstance(attack, SinglingOut):
            yield _line(_("singled out"), attack)
        elif isinstance(attack, PredicateSinglingOut):
            yield _line(_("predicates that isolate"), attack)
        elif isinstance(attack, Linkage):
            label = _("linked ({how})").format(how=attack.about)
            yield _line(label, attack)
        elif isinstance(attack, Erasure):
            value = display.count(attack.succeeded)
            yield Line(_("must not be in it, but may be"), value, attack.sentences()[0], attack.succeeded > 0)
        elif isinstance(attack, Composition):
            label = _("given away by several releases ({column})").format(column=attack.about)
            yield Line(label, display.count(attack.succeeded), attack.sentences()[0], attack.succeeded > 0)


def _inferred(results: Sequence[Result]) -> Iterator[Line]:
    """Yield for each sensitive column the guess that succeeds most."""
    best: dict[str, Inference] = {}
    for each in results:
        if not isinstance(each, Inference) or math.isnan(each.rate):
            continue
        if each.target not in best or each.rate > best[each.target].rate:
            best[each.target] = each
    for attack in best.values():
        yield _line(_("guessed right ({column})").format(column=attack.about), attack)


def _rest(results: Sequence[Result]) -> Iterator[Line]:
    groups = [each for each in results if isinstance(each, OutcomeAudit) and each.gap >= LEAST_GAP]
    worst = min(groups, key=lambda each: each.p_value, default=None)
    if worst is not None:
        said = f"{worst.about}. {worst.sentences()[0]}"
        yield Line(_("who is hit"), f"p = {display.chance(worst.p_value)}", said)
    lost = first_of(results, DistributionDistances)
    if lost is not None:
        value = display.share(lost.mean_distance) if math.isfinite(lost.mean_distance) else _("undefined")
        yield Line(_("how far the columns moved"), value, lost.sentences()[0])


def _line(label: str, attack: Attack) -> Line:
    value = display.share(attack.rate) if math.isfinite(attack.rate) else _("undefined")
    guessed = ""
    if math.isfinite(attack.baseline_rate):
        guessed = " " + _("Guessing: {share}; verdict: {verdict}.").format(
            share=display.share(attack.baseline_rate), verdict=_(attack.verdict)
        )
    return Line(label, value, attack.sentences()[0] + guessed, is_urgent(attack))


def is_urgent(attack: Attack) -> bool:
    """Tell whether an attack must be seen to first: it is better than guessing by more than one person in ten.

    Where nobody can say whose record is whose, what is expected counts as seen. One in ten is a mark for what is shown
    in red, not a limit of the law.
    """
    return attack.verdict != NO_BETTER and attack.rate - attack.baseline_rate > 0.1


def next_step(results: Sequence[Result]) -> str:
    """Return what to do next, in one sentence."""
    names = first_of(results, DirectIdentifiers)
    if any(isinstance(each, Pseudonyms) and each.n_recovered for each in results):
        return _(
            "Next: replace the pseudonyms by keyed ones (HMAC with a secret key), or drop them; guessing undoes these."
        )
    if names is not None and names.columns:
        return _("Next: take the direct identifiers out of the release; then validate it again.")
    attacks = [each for each in results if isinstance(each, Attack)]
    if any(isinstance(each, Erasure) and each.succeeded for each in attacks):
        return _("Next: look for the people who must not be in the release, and take them out.")
    urgent = [each for each in attacks if is_urgent(each)]
    known = [each for each in urgent if not isinstance(each, PredicateSinglingOut)]
    if known:
        worst = max(known, key=lambda each: each.rate - each.baseline_rate)
        return _(
            "Next: coarsen or drop what the attacker knows, since {attack} succeeds; then validate it again."
        ).format(attack=_(worst.asks))
    if urgent:
        return _(
            "Next: coarsen or drop exact columns that nobody needs: conditions read off the release "
            "alone isolate people."
        )
    return _(
        "Next: try what somebody else may know (known=, register=); an attack that fails here proves nothing else."
    )


def summary_of(results: Sequence[Result]) -> str:
    """Return the answer in two to four sentences."""
    kinds = (SinglingOut, Linkage, Inference)
    said = [each.sentences()[0] for each in (first_of(results, kind) for kind in kinds) if each is not None]
    return " ".join([*said, next_step(results)])


def terms() -> str:
    """Return what the words of the answer mean."""
    return _(
        "Singling out: exactly one released record fits what is known. Linking: a record is joined to "
        "the person it is of. "
        "Inference: a sensitive value is guessed right. Guessing: what somebody gets without the release."
    )


def limits() -> list[str]:
    """Return what no figure of a validation says."""
    return [
        _("No attack that fails proves a table anonymous: the law asks about all means reasonably likely to be used."),
        _(
            "The figures hold for what the attacker is taken to know, and for these attacks; another "
            "source, or a cleverer "
            "attack, may get more."
        ),
        _(
            "Singling out, linkability and inference are the questions of Opinion 05/2014 of the "
            "European data protection "
            "authorities; passing all three is no proof, and failing one calls for a closer look, not "
            "for a verdict."
        ),
        _("No success among n people attacked means, at 95 %, that up to about 3 in n may fall."),
        _(
            "Inference about everybody alike (smokers fall ill more often) is no leak of one person's "
            "record; the control shows it."
        ),
        _("Distances between records say nothing of anonymity by themselves."),
    ]
