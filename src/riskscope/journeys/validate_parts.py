"""Which attacks a validation runs, on which columns, and on whom they fall."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.attacks.attack import Attack
from riskscope.attacks.conditions.predicates import predicate_singling_out
from riskscope.attacks.erased import erasure
from riskscope.attacks.hashes.tried import pseudonyms
from riskscope.attacks.inferring import BY_CLASS, BY_MODEL, HOW, Inference, inference
from riskscope.attacks.isolation import SinglingOut, singling_out
from riskscope.attacks.knowledge import EXACT, Knowledge
from riskscope.attacks.linking.links import Linkage, linkage
from riskscope.attacks.members.attack import membership
from riskscope.attacks.releases import composition
from riskscope.attacks.truth import UNKNOWN, Truth
from riskscope.checks import shown
from riskscope.engines.columns import as_frame
from riskscope.fairness.outcomes.audit import audit_outcome
from riskscope.hierarchy import Hierarchy
from riskscope.journeys.journey import Part, Progress
from riskscope.results import Result
from riskscope.roles import Roles
from riskscope.utility.distributions import compare_distributions
from riskscope.utility.losses import information_loss
from riskscope.utility.models import model_utility
from riskscope.words import N_, _

Rows = NDArray[np.int64]

#: What the two ways to link are called, by whom an attacker holds.
_ORIGINAL = {"exact": N_("the original, by fit"), "distance": N_("the original, by nearness")}
_REGISTER = {"exact": N_("the register, by fit"), "distance": N_("the register, by nearness")}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is attacked, by whom, and what is known for the audit alone."""

    original: Any = field(repr=False)
    released: Any = field(repr=False)
    roles: Roles
    knowledge: Knowledge
    truth: Truth
    released_roles: Roles
    register: Any = field(default=None, repr=False)
    register_rows: Rows | None = field(default=None, repr=False)
    holdout: Any = field(default=None, repr=False)
    erased: Any = field(default=None, repr=False)
    earlier: Sequence[Any] = field(default=(), repr=False)
    person: str | None = None
    hierarchies: Mapping[str, Hierarchy] = field(default_factory=dict, repr=False)
    target: str | None = None
    budget_seconds: float = 30.0
    rng: int = 0
    progress: Progress | None = field(default=None, repr=False)

    @property
    def known(self) -> dict[str, str | float]:
        """What the attacker knows, as the attacks take it."""
        return {column: self.knowledge.exactness.get(column, EXACT) for column in self.knowledge.columns}

    @property
    def rows(self) -> Rows | None:
        """Position in the release of each person's record, for the attacks; None where nobody can say."""
        return self.truth.rows

    def both(self, *roles: str) -> list[str]:
        """Return the columns of these roles that original and release have, and the attacker does not know."""
        present = set(as_frame(self.original).columns) & set(as_frame(self.released).columns)
        return [name for name in self.roles.columns(*roles) if name in present and name not in self.knowledge.columns]


def parts(setting: Setting) -> list[Part]:
    """Return the steps in the order of the report, each with what it says that it does."""
    found: list[Part] = []
    found += [
        (_("trying pseudonyms of {column}").format(column=shown(name)), _pseudonyms(setting, name))
        for name in setting.released_roles.identifiers
    ]
    found.append((_("singling out"), lambda: [_singled_out(setting)]))
    found.append((_("predicates that isolate"), lambda: [_predicates(setting)]))
    found.append((_("linking to the original"), lambda: _linked(setting, setting.original, setting.truth, _ORIGINAL)))
    if setting.register is not None:
        who = _who_in_register(setting)
        found.append((_("linking to the register"), lambda: _linked(setting, setting.register, who, _REGISTER)))
    for target in setting.both("sensitive"):
        found.append((_("inferring {column}").format(column=shown(target)), _inferred(setting, target)))
    if setting.holdout is not None:
        found.append((_("membership"), lambda: [_members(setting)]))
    if setting.earlier:
        found.append((_("holding releases against each other"), lambda: _composed(setting)))
    if setting.erased is not None:
        found.append((_("people who must not be in it"), lambda: [_erased(setting)]))
    found.append((_("what is lost"), lambda: _utility(setting)))
    return found


def by_group(results: Sequence[Result], setting: Setting) -> Iterator[Result]:
    """Yield who was hit: the success of attacks on single people, compared across the protected columns.

    Of the attacks that find a record the first that succeeds, and the guesses of each sensitive value by class.
    """
    finding: list[Attack] = []
    guessing: list[Attack] = []
    for each in results:
        if isinstance(each, SinglingOut) or (isinstance(each, Linkage) and each.about in _of_original()):
            finding.append(each)
        elif isinstance(each, Inference) and each.how == HOW[BY_CLASS]:
            guessing.append(each)
    for attack in [*[each for each in finding if each.succeeded][:1], *guessing]:
        attacked = np.flatnonzero(np.isfinite(attack.hit))
        if not len(attacked):
            continue
        for column in setting.roles.protected:
            groups = as_frame(setting.original)[column].to_arrow().take(attacked)
            found = audit_outcome(attack.hit[attacked], groups, n_permutations=199, rng=setting.rng)
            what = _("guessing {column}").format(column=shown(attack.target)) if isinstance(attack, Inference) else ""
            asks = _("Success of {attack}, by {column}").format(attack=what or _(attack.asks), column=shown(column))
            yield dataclasses.replace(found, columns=(column,), about=asks)


def _of_original() -> set[str]:
    return {_(words) for words in _ORIGINAL.values()}


def _pseudonyms(setting: Setting, name: str) -> Any:
    def run() -> list[Result]:
        column = as_frame(setting.released)[name].to_arrow()
        found = pseudonyms(column, budget_seconds=setting.budget_seconds)
        return [] if found.form is None else [dataclasses.replace(found, about=shown(name))]

    return run


def _singled_out(setting: Setting) -> SinglingOut:
    return singling_out(
        setting.original,
        setting.released,
        known=setting.known,
        truth=setting.truth,
        holdout=setting.holdout,
        hierarchies=setting.hierarchies,
    )


def _predicates(setting: Setting) -> Result:
    return predicate_singling_out(setting.original, setting.released, holdout=setting.holdout, rng=setting.rng)


def _linked(setting: Setting, people: Any, truth: Truth, about: Mapping[str, str]) -> list[Result]:
    """Link by fit; and by distance where somebody can say who is who."""
    known = {name: how for name, how in setting.known.items() if name in as_frame(people).columns}
    if not known:
        return []
    how: dict[str, Any] = {"known": known, "truth": truth, "hierarchies": setting.hierarchies, "rng": setting.rng}
    found: list[Result] = [linkage(people, setting.released, method="exact", **how)]
    if truth.rows is not None:
        found.append(linkage(people, setting.released, method="distance", budget_seconds=setting.budget_seconds, **how))
    return [dataclasses.replace(each, about=_(words)) for each, words in zip(found, about.values(), strict=False)]


def _who_in_register(setting: Setting) -> Truth:
    """Return for each person of the register the position of their released record, where somebody can say."""
    if setting.register_rows is None or setting.rows is None:
        return Truth(None, _(UNKNOWN))
    rows = np.full(len(as_frame(setting.register)), -1)
    both = (setting.register_rows >= 0) & (setting.rows >= 0)
    rows[setting.register_rows[both]] = setting.rows[both]
    return Truth(rows, _("Which person of the register is whose record was handed over."))


def _inferred(setting: Setting, target: str) -> Any:
    def run() -> list[Result]:
        options: dict[str, Any] = {
            "known": setting.known,
            "target": target,
            "holdout": setting.holdout,
            "hierarchies": setting.hierarchies,
            "rng": setting.rng,
        }
        return [
            dataclasses.replace(inference(setting.original, setting.released, how=how, **options), about=about)
            for how, about in (
                (BY_CLASS, _("{column} by the records that fit").format(column=shown(target))),
                (BY_MODEL, _("{column} by a model").format(column=shown(target))),
            )
        ]

    return run


def _members(setting: Setting) -> Result:
    return membership(setting.original, setting.released, setting.holdout, rng=setting.rng)


def _composed(setting: Setting) -> list[Result]:
    found: list[Result] = []
    for sensitive in setting.both("sensitive"):
        found.append(
            dataclasses.replace(
                composition(
                    [*setting.earlier, setting.released],
                    known=setting.knowledge.columns,
                    sensitive=sensitive,
                    person=str(setting.person),
                ),
                about=shown(sensitive),
            )
        )
    return found


def _erased(setting: Setting) -> Result:
    columns = set(as_frame(setting.erased).columns)
    identifiers = [name for name in setting.released_roles.identifiers if name in columns]
    known = {name: how for name, how in setting.known.items() if name in columns}
    return erasure(
        setting.erased,
        setting.released,
        known=known or None,
        identifiers=identifiers,
        holdout=setting.holdout,
        hierarchies=setting.hierarchies,
    )


def _utility(setting: Setting) -> list[Result]:
    columns = list(setting.knowledge.columns)
    every = [*columns, *setting.both("sensitive", "inferred", "outcome")]
    found: list[Result] = [
        compare_distributions(setting.original, setting.released, columns=every, hierarchies=setting.hierarchies)
    ]
    rows = setting.rows
    if rows is not None:
        found.append(
            information_loss(
                setting.original, setting.released, columns=columns, truth=rows, hierarchies=setting.hierarchies
            )
        )
    if setting.target is not None:
        found.append(
            model_utility(
                setting.original,
                setting.released,
                target=setting.target,
                features=[name for name in every if name != setting.target],
                holdout=setting.holdout,
                truth=rows,
                hierarchies=setting.hierarchies,
                rng=setting.rng,
            )
        )
    return found
