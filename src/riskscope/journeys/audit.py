"""Does the profile or score discriminate? Every inferred column by every protected column, in one answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from riskscope.checks import check_columns, check_names, quoted, shown
from riskscope.engines.columns import arrow_columns, as_frame
from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.fairness import testing
from riskscope.fairness.conditional.words import ConditionalDisparity
from riskscope.fairness.proxy.carried import DisparityCarried
from riskscope.intake.column_facts import column_facts
from riskscope.intake.option_names import option_name
from riskscope.intake.proposal import ProposedRoles
from riskscope.intake.suggest import described_columns, roles_of
from riskscope.journeys.audit_parts import AuditQuestion, Prepared, audits, further_parts
from riskscope.journeys.findings import Audited, Finding, findings, in_order, line_of
from riskscope.journeys.inferred import by_column, read_groups, read_inferred, read_outcome
from riskscope.journeys.journey import Answer, Line, Progress, run_parts, tell
from riskscope.journeys.refusals import check_weight, checked_references
from riskscope.roles import Roles, as_roles
from riskscope.words import N_, _, ngettext

#: Lines of the answer; further findings stand in the evidence.
MOST_LINES = 12


@dataclass(frozen=True, repr=False)
class Audit(Answer):
    """Whether what is inferred about people differs between groups, how surely, and by way of which columns.

    Parameters
    ----------
    results, roles, name, notes, reasons : see ``Answer``
    findings : one for each inferred column and protected column, disparities first, the largest before others
    """

    title: ClassVar[str] = N_("Audit of {name}")

    findings: tuple[Finding, ...] = field(default=())

    def heading(self) -> str:
        """Return the question."""
        return _("Does what {name} says of people differ between groups?").format(name=shown(self.name))

    def lines(self) -> list[Line]:
        """Return the answer: a line for each inferred column and protected column, disparities first."""
        lines = [line_of(each) for each in self.findings[:MOST_LINES]]
        more = len(self.findings) - MOST_LINES
        if more > 0:
            lines[-1:] = [Line(_("and {n} more").format(n=more + 1), "", _("They stand in the evidence below."))]
        return lines

    def next_step(self) -> str:
        """Return what to do next: it is a question to ask, no verdict."""
        kinds = [each.verdict for each in self.findings]
        found, open_ones = kinds.count(testing.DISPARITY), kinds.count(testing.CANNOT_TELL)
        if found:
            said = ngettext(
                "Next: ask of the disparity found whether a legitimate aim explains it.",
                "Next: ask of each of the {n} disparities found whether a legitimate aim explains it.",
                found,
            ).format(n=found)
            return said + self._where_to_look()
        if open_ones:
            return _(
                "Next: gather more people, or accept a wider margin: for {n} of {total} comparisons the data cannot "
                "tell whether groups differ."
            ).format(n=open_ones, total=len(kinds))
        return _("Next: repeat the audit when the data or the model changes; no disparity beyond the margin was found.")

    def _where_to_look(self) -> str:
        """Return which parts of the evidence show where a disparity comes from."""
        if self.get(ConditionalDisparity) is not None:
            return " " + _("The comparisons within strata show what is left of it among people who are alike.")
        if self.get(DisparityCarried) is not None:
            return " " + _("The evidence shows which columns carry it.")
        return " " + _("Name what may justify it (control_features, --control) to compare people who are alike.")

    def summary(self) -> str:
        """Return the answer in a few plain sentences."""
        said = [" ".join(line[1:3]) for line in self.lines()[:3]]
        return " ".join([*said, self.limits()[0]])

    def terms(self) -> str:
        """Return what the words of the answer mean."""
        return _(
            "Disparity found: chance alone seldom makes such a difference (5 % at most over all comparisons). No "
            "disparity larger than the margin: the interval leaves room for negligible ones only. Cannot tell: neither."
        )

    def limits(self) -> list[str]:
        """Return what no figure of an audit says."""
        return [
            _("A disparity is no proof of discrimination in law, and its absence no proof of fair treatment."),
            _("Groups are compared as the table records them; people who are not in it are not seen."),
            _("An outcome that was itself measured or decided unfairly hides unfairness in error rates."),
            _("Rates that differ may have legitimate reasons; which ones count is for law and ethics to say."),
            _("Several definitions of fairness cannot hold at once where base rates differ (Chouldechova 2017)."),
        ]


def audit(
    data: Any,
    roles: Roles | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    control_features: Iterable[str] = (),
    pos_label: Mapping[str, Any] | None = None,
    favourable_label: Mapping[str, Any] | None = None,
    reference: Mapping[str, str] | None = None,
    margin: float = 0.05,
    min_group: int = 10,
    with_models: bool = True,
    rng: int = 0,
    name: str = "table",
    notes: Sequence[str] = (),
    progress: Progress | None = None,
) -> Audit:
    """Whether what is inferred about people (decisions, scores, profiles) differs between protected groups.

    Each inferred column is audited by its type: two values as decisions, numbers as scores, classes without an order
    as profiles; with the outcome where the roles name one. A disparity found is a question to ask, not a verdict.

    Parameters
    ----------
    data : pandas, Polars or PyArrow data frame
        One record a row.
    roles : Roles, optional
        ``inferred`` and ``protected`` columns, and ``outcome`` if it is known. Default: those that ``suggest_roles``
        proposes, and the answer says so.
    kinds : {column: "decision" | "score" | "profile"}, optional
        What an inferred column is, where its type does not tell (classes written as numbers).
    control_features : names of columns, optional
        What may justify a difference (legitimate factors): groups are also compared within their values.
    pos_label : {column: value}, optional
        Positive value of a decision or of the outcome. Not needed for 0 and 1, false and true, no and yes.
    favourable_label : {column: value}, optional
        Which decision is good for a person. Default: the positive one.
    reference : {protected column: group}, optional
        Group to compare the others with. Default: everybody else.
    margin : float, default 0.05
        Difference of shares (0 to 1) below which groups count as alike.
    min_group : int, default 10
        People that a group needs to be judged.
    with_models : bool, default True
        Also look for columns that give the protected ones away, and for what drives the inferred ones (slower).
    rng : int, default 0
        Seed of what is drawn.
    name : str, default "table"
        What to call the table.
    notes : sentences, optional
        To be shown with the answer.
    progress : function, optional
        Called before each step as ``progress(step, done, total)``.

    Returns
    -------
    Audit
        ``findings``, one for each inferred and protected column; iterates over its results; ``lines``, ``summary``,
        ``to_dict``, ``to_frame``, ``to_html``.

    Raises
    ------
    RoleError
        No inferred or no protected column is named or found, or what a value means must be said.
    FrameError
        A column cannot be audited as what it is.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": ["F", "M"] * 200, "hired": [0, 1, 1, 1] * 100})
    >>> answer = audit(people, Roles(protected=["sex"], inferred=["hired"]), with_models=False)
    >>> print(answer)
    Audit of 'table'
      'hired' by 'sex': disparity found
    """
    frame = as_frame(data)
    if len(frame) == 0:
        raise FrameError(_("The table has 0 rows; there is nobody to audit."))
    tell(progress, _("looking at the columns"), 0, 2)
    proposal = roles_of(described_columns(column_facts(data)))
    chosen: Roles = proposal if roles is None else as_roles(roles)
    chosen.check_present(frame.columns)
    _check_parts(chosen, proposal)
    within = check_names(control_features, option_name("control_features"))
    check_columns(within, frame.columns, option_name("control_features"))
    _check_apart(chosen, within)
    _check_arguments(rng, name)
    ways = _Ways(
        by_column(kinds, chosen.inferred, "kinds"),
        by_column(pos_label, chosen.columns("inferred", "outcome"), "pos_label"),
        by_column(favourable_label, chosen.inferred, "favourable_label"),
    )
    references = by_column(reference, chosen.protected, "reference")
    features = _features(frame.columns, chosen, proposal) if with_models else ()
    prepared, said = _prepared(data, chosen, within, ways, features)
    asked = AuditQuestion(margin, min_group, rng, checked_references(prepared.groups, references))
    planned = list(audits(prepared, asked))
    made: list[Audited] = []
    for done, (step, run) in enumerate(planned, start=1):
        tell(progress, step, done, 2 * len(planned))
        made.append(run())
    found = in_order(findings(made))
    later = further_parts(prepared, asked, found)
    further = list(run_parts(later, progress, done=len(planned)))
    total = len(planned) + len(later)
    tell(progress, _("done"), total, total)
    results = (*(each.result for each in found), *further)
    return Audit(results, chosen, name, (*notes, *said), proposal.reasons, tuple(found))


class _Ways(NamedTuple):
    """How columns are read, by their names."""

    kinds: dict[str, str]
    positive: dict[str, Any]
    favourable: dict[str, Any]


def _check_parts(roles: Roles, proposal: ProposedRoles) -> None:
    """Raise an error where there is nothing to audit, or nobody to compare."""
    for role, what in (("inferred", _("what a model inferred")), ("protected", _("the groups to compare"))):
        if roles.columns(role):
            continue
        near = proposal.columns(role)
        hint = _(" Their names and values suggest {columns}.").format(columns=quoted(near)) if near else ""
        raise RoleError(
            _("No column is {role}; give the role {role} to the columns that hold {what}.").format(role=role, what=what)
            + hint
        )
    for role in ("inferred", "outcome"):
        both = sorted(set(roles.columns(role)) & set(roles.protected))
        if both:
            raise RoleError(
                _("{columns} cannot be both {role} and protected in an audit; leave it in one of them.").format(
                    columns=quoted(both), role=role
                )
            )


def _check_apart(roles: Roles, within: Sequence[str]) -> None:
    """Raise an error where a column would be held against itself."""
    for other in ("protected", "inferred", "outcome"):
        both = sorted(set(within) & set(roles.columns(other)))
        if both:
            raise RoleError(
                _("{columns} cannot be both control and {role}: nothing could differ within it. Leave it out.").format(
                    columns=quoted(both), role=other
                )
            )
    if roles.outcome in roles.inferred:
        raise RoleError(
            _("{column} cannot be both outcome and inferred: it would be held against itself.").format(
                column=shown(str(roles.outcome))
            )
        )


def _check_arguments(rng: int, name: str) -> None:
    if isinstance(rng, bool) or not isinstance(rng, int) or rng < 0:
        raise RiskscopeError(
            _("rng is {kind}; it must be a whole number of at least 0.").format(kind=type(rng).__name__)
        )
    if not isinstance(name, str):
        raise RiskscopeError(_("name is {kind}; it must be a text.").format(kind=type(name).__name__))


def _features(columns: Sequence[str], roles: Roles, proposal: ProposedRoles) -> tuple[str, ...]:
    """Return the columns that a model could have used: all but those that name people or play another part."""
    away = {*roles.columns("identifiers", "protected", "inferred", "outcome", "weight", "household", "person")}
    away |= set(proposal.identifiers)
    return tuple(each for each in columns if each not in away)


def _prepared(
    data: Any, roles: Roles, within: tuple[str, ...], ways: _Ways, features: tuple[str, ...]
) -> tuple[Prepared, list[str]]:
    """Return the columns as the audit reads them, and what was decided on the way."""
    import pyarrow as pa

    groups, said = read_groups(data, roles.protected)
    strata = None
    if within:
        strata, more = read_groups(data, within)
        said += more
    outcome, is_binary = None, False
    if roles.outcome is not None:
        outcome, is_binary = read_outcome(data, roles.outcome, ways.positive.get(roles.outcome))
    inferred = tuple(
        read_inferred(
            data,
            name,
            kind=ways.kinds.get(name),
            positive=ways.positive.get(name),
            favourable=ways.favourable.get(name),
        )
        for name in roles.inferred
    )
    if roles.person is not None:
        said.append(
            _(
                "Records are compared, not persons: where {column} has several records of one person, intervals are "
                "too narrow and p-values too small."
            ).format(column=shown(roles.person))
        )
    weight = None
    if roles.weight is not None:
        weight = arrow_columns(data, [roles.weight])[0]
        check_weight(weight, roles.weight)
    prepared = Prepared(
        inferred=inferred,
        groups=groups,
        within=strata,
        outcome=outcome,
        outcome_is_binary=is_binary,
        weight=weight,
        features=pa.table(arrow_columns(data, features), names=list(features)) if features else None,
    )
    return prepared, said
