"""Does this anonymisation hold? The attacks that the roles allow, on an original and its released table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from riskscope.attacks.isolation import checked_truth
from riskscope.attacks.knowledge import Knowledge, knowledge_of
from riskscope.attacks.matching import match
from riskscope.attacks.truth import Truth, truth_of
from riskscope.checks import check_columns, quoted, shown
from riskscope.engines.columns import as_frame
from riskscope.errors import FrameError, RoleError
from riskscope.intake.column_facts import column_facts
from riskscope.intake.suggest import described_columns, roles_of
from riskscope.journeys.attacks_together import attacks_together
from riskscope.journeys.identifiers import direct_identifiers
from riskscope.journeys.journey import Answer, Line, Progress, run_parts, tell
from riskscope.journeys.validate_lines import answer_lines, limits, next_step, summary_of, terms
from riskscope.journeys.validate_parts import Setting, by_group, parts
from riskscope.results import Result
from riskscope.roles import Roles, as_roles
from riskscope.words import N_, _

if TYPE_CHECKING:
    from riskscope.hierarchy import Hierarchy


@dataclass(frozen=True, repr=False)
class Validation(Answer):
    """What real attacks get out of a released table, beside guessing, and what is left of its use.

    Parameters
    ----------
    results, roles, name, notes, reasons : see ``Answer``
    """

    title: ClassVar[str] = N_("Validation of {name}")

    def heading(self) -> str:
        """Return the question."""
        return _("Does the anonymisation of {name} hold?").format(name=shown(self.name))

    def lines(self) -> list[Line]:
        """Return the answer in at most twelve lines, what names people first."""
        return list(answer_lines(self.results))

    def next_step(self) -> str:
        """Return what to do next, in one sentence; it is no verdict."""
        return next_step(self.results)

    def summary(self) -> str:
        """Return the answer in two to four plain sentences; ``lines`` has the figures."""
        return summary_of(self.results)

    def terms(self) -> str:
        """Return what the words of the answer mean."""
        return terms()

    def limits(self) -> list[str]:
        """Return what no figure of a validation says."""
        return limits()


def validate(
    original: Any,
    released: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    register: Any = None,
    holdout: Any = None,
    known: str | Iterable[str] | Mapping[str, str | float] | None = None,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    truth: str | ArrayLike | None = None,
    register_truth: str | ArrayLike | None = None,
    erased: Any = None,
    earlier: Sequence[Any] = (),
    target: str | None = None,
    budget_seconds: float = 30.0,
    rng: int = 0,
    name: str = "release",
    notes: Sequence[str] = (),
    progress: Progress | None = None,
) -> Validation:
    """Attack a released table with what somebody may know, and set each attack beside guessing.

    The attacks follow the three questions of the European opinion on anonymisation: singling out, linkability,
    inference; and what is left of pseudonyms. A generalised value (an interval, a code cut short, a group) fits every
    original value under it. No attack that fails proves that a table is anonymous.

    Parameters
    ----------
    original, released : pandas, Polars or PyArrow data frames
        The people as they are, and the table handed out.
    roles : Roles, or names of quasi-identifiers, optional
        Of the original. Default: those that ``suggest_roles`` proposes, and the answer says so.
    register : data frame, optional
        Another source that names people, with some of the columns known.
    holdout : data frame, optional
        People like those of the original who are not in the release: what the attacks learn of them, they learn of
        anybody. Needed for membership.
    known : names of columns, or mapping, optional
        What the attacker knows; a mapping says how exactly: ``"exact"``, a number (to within so much), ``"year"``,
        ``"month"``. Default: the quasi-identifiers that both tables have.
    hierarchies : mapping of column to Hierarchy, optional
        Where values were grouped by names.
    truth : name of a column, positions (n_original,), or None
        Which released record is whose: a column of both tables, or positions; never known to the attacker. None:
        the person column of the roles, else the order of the records where both tables have as many.
    register_truth : name of a column, positions (n_original,), or None
        Which person of the register is whose: a column of original and register, or for each original record its
        position in the register, -1 where it is not there.
    erased : data frame, optional
        People who must not be in the release.
    earlier : data frames, optional
        Earlier releases of the same people, to be held against this one; ``truth`` must name a column of them all.
    target : name of a column, optional
        What somebody wants to learn from the release in good faith: how much worse does a model get?
    budget_seconds : number, default 30
        Time for guessing at one column of pseudonyms, and for one attack by distance.
    rng : int, default 0
        Seed.
    name : str, default "release"
        What to call the release in the report.
    notes : sentences, optional
        To be shown with the answer.
    progress : function, optional
        Called before each step as ``progress(step, done, total)``.

    Returns
    -------
    Validation
        Iterates over its results; ``lines``, ``summary``, ``to_dict``, ``to_frame``, ``to_html``. Who was hit is in
        the attacks' ``hit``.

    Raises
    ------
    RoleError
        The roles do not fit the tables, or nothing that the attacker knows is in both.
    FrameError
        A table has no records.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": list("FFFMMM"), "age": [31, 36, 38, 52, 54, 57], "illness": list("abacca")})
    >>> release = people.assign(age=["30-39"] * 3 + ["50-59"] * 3)
    >>> answer = validate(people, release, Roles(quasi_identifiers=["sex", "age"], sensitive=["illness"]))
    >>> found = answer.results[2]
    >>> found.question, found.succeeded, found.least
    ("Can somebody's record be singled out in the release?", 0.0, 3)
    """
    for data, which in ((original, _("original")), (released, _("released"))):
        if len(as_frame(data)) == 0:
            raise FrameError(_("The {which} table has 0 rows; there is nobody to attack.").format(which=which))
    tell(progress, _("looking at the columns"), 0, 9)
    proposal = roles_of(described_columns(column_facts(original)))
    chosen: Roles = proposal if roles is None else as_roles(roles)
    chosen.check_present(as_frame(original).columns)
    knowledge = _knowledge(original, released, chosen, known)
    who = _truth(original, released, chosen, truth, knowledge, hierarchies)
    present = set(as_frame(released).columns)
    found = roles_of(described_columns(column_facts(released)))
    kept = Roles(identifiers=[each for each in chosen.identifiers if each in present])
    names = direct_identifiers(found, kept, len(as_frame(released)))
    column = truth if isinstance(truth, str) else None
    setting = Setting(
        original=original,
        released=released,
        roles=chosen,
        knowledge=knowledge,
        truth=who,
        released_roles=kept.replace(identifiers=[each for each in names.columns if each != column]),
        register=register,
        register_rows=_register_rows(original, register, register_truth),
        holdout=holdout,
        erased=erased,
        earlier=tuple(earlier),
        person=column or chosen.person,
        hierarchies=hierarchies or {},
        target=target,
        budget_seconds=budget_seconds,
        rng=rng,
        progress=progress,
    )
    _check(setting)
    planned = parts(setting)
    attacked = list(run_parts(planned, progress, done=1, after=1))
    together = attacks_together(attacked, len(as_frame(original)))
    results: list[Result] = [names, *([] if together is None else [together]), *attacked]
    tell(progress, _("who was hit"), len(planned) + 1, len(planned) + 2)
    results += by_group(results, setting)
    tell(progress, _("done"), len(planned) + 2, len(planned) + 2)
    return Validation(tuple(results), chosen, name, (*notes, *_said(setting)), proposal.reasons)


def _knowledge(original: Any, released: Any, roles: Roles, known: Any) -> Knowledge:
    """Return what the attacker knows: what was said, or the quasi-identifiers that both tables have."""
    columns = set(as_frame(released).columns)
    present = [each for each in as_frame(original).columns if each in columns]
    if known is not None:
        return knowledge_of(known, present)
    both = [each for each in roles.quasi_identifiers if each in columns]
    if not both:
        raise RoleError(
            _(
                "No quasi-identifier of the original is in the release, so nothing is known of anybody; "
                "name what the "
                "attacker knows with known=. Columns in both: {columns}."
            ).format(columns=quoted(present) or _("none"))
        )
    return knowledge_of(both, present)


def _truth(original: Any, released: Any, roles: Roles, truth: Any, knowledge: Knowledge, hierarchies: Any) -> Truth:
    """Return who is who; where it was only presumed, the records must fit better than shuffled ones."""
    both = set(as_frame(original).columns) & set(as_frame(released).columns)
    if truth is None and roles.person in both:
        truth = roles.person
    who = truth_of(original, released, truth)
    return checked_truth(who, match(original, released, knowledge, hierarchies)) if who.is_presumed else who


def _register_rows(original: Any, register: Any, truth: Any) -> Any:
    """Return for each original record the position of the person in the register, or None where nobody can say."""
    if register is None or truth is None:
        return None
    return truth_of(original, register, truth if isinstance(truth, str) else np.asarray(truth)).rows


def _check(setting: Setting) -> None:
    """Raise an error where something was handed over that no step could use."""
    if setting.earlier:
        if setting.person is None:
            raise RoleError(
                _(
                    "Earlier releases can be held against this one only if truth= names a column of all "
                    "that says who is who."
                )
            )
        for data in (*setting.earlier, setting.released):
            check_columns([setting.person, *setting.knowledge.columns], as_frame(data).columns, "earlier")
    if setting.target is not None:
        check_columns([setting.target], as_frame(setting.released).columns, "target")
    for data, name in ((setting.register, "register"), (setting.erased, "erased")):
        if data is not None and not set(setting.knowledge.columns) & set(as_frame(data).columns):
            if name == "erased" and set(setting.released_roles.identifiers) & set(as_frame(data).columns):
                continue
            raise RoleError(
                _("{name} has none of the columns that the attacker knows ({columns}); rename them to match.").format(
                    name=name, columns=quoted(setting.knowledge.columns)
                )
            )


def _said(setting: Setting) -> list[str]:
    """Return what was decided on the way."""
    said = [_("The attacker is taken to know {known}.").format(known=setting.knowledge.words()), setting.truth.said]
    lost = sorted(set(setting.roles.quasi_identifiers) - set(as_frame(setting.released).columns))
    if lost:
        said.append(_("Not in the release, so of no use to the attacker: {columns}.").format(columns=quoted(lost)))
    return said
