"""What an audit found for each inferred column and protected column, corrected for all that was asked at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from riskscope import display
from riskscope.checks import shown
from riskscope.fairness import testing
from riskscope.fairness.decisions.result import DecisionAudit
from riskscope.fairness.profiles.audit import ProfileAudit
from riskscope.fairness.scores.audit import ScoreAudit
from riskscope.journeys.journey import Line
from riskscope.results import Result
from riskscope.words import _

#: In this order findings are told.
_ORDER = (testing.DISPARITY, testing.CANNOT_TELL, testing.NO_LARGER)


class Claim(NamedTuple):
    """One figure in which groups are compared: its gap with interval, and p corrected within its audit."""

    what: str
    p_value: float
    gap: float
    low: float
    high: float
    margin: float


class Finding(NamedTuple):
    """What is known of one inferred column by one protected column.

    ``verdict`` is of all its figures together, ``figures`` those in which a disparity was found; ``is_small``: all of
    these are within the margin; ``p_value`` is the smallest, corrected for all audits made; ``size`` is the largest
    gap of a figure that has this verdict, in margins, so that shares and scores can be set in one order.
    """

    inferred: str
    protected: str
    verdict: str
    figures: tuple[str, ...]
    is_small: bool
    p_value: float
    size: float
    result: Result


class Audited(NamedTuple):
    """One audit made: of an inferred column by a protected column."""

    inferred: str
    protected: str
    result: Result


def findings(audits: Sequence[Audited]) -> list[Finding]:
    """Return a finding for each audit; p-values are corrected by Holm for being of several audits."""
    claims = [list(claims_of(each.result)) for each in audits]
    asked = [at for at, each in enumerate(claims) if each]
    corrected = dict(zip(asked, testing.over_families([[c.p_value for c in claims[at]] for at in asked]), strict=True))
    found = []
    for at, each in enumerate(audits):
        p_values = [float(p) for p in corrected.get(at, ())]
        verdicts = [
            testing.verdict(p, claim.low, claim.high, claim.margin)
            for p, claim in zip(p_values, claims[at], strict=True)
        ]
        clear = [c for c, verdict in zip(claims[at], verdicts, strict=True) if verdict == testing.DISPARITY]
        known = [p for p in p_values if not math.isnan(p)]
        found.append(
            Finding(
                inferred=each.inferred,
                protected=each.protected,
                verdict=_together(verdicts),
                figures=tuple(claim.what for claim in clear),
                is_small=bool(clear)
                and all(-claim.margin <= claim.low <= claim.high <= claim.margin for claim in clear),
                p_value=min(known, default=math.nan),
                size=_size(clear or claims[at]),
                result=each.result,
            )
        )
    return found


def _size(claims: Sequence[Claim]) -> float:
    """Return the largest gap, in margins; 0 where none is known."""
    gaps = [abs(each.gap) / each.margin if each.margin else math.inf for each in claims if abs(each.gap) > 0]
    return max(gaps, default=0.0)


def in_order(found: Sequence[Finding]) -> list[Finding]:
    """Return findings as they are told: disparities first, then what cannot be told; the largest gaps first in each."""
    return sorted(found, key=lambda each: (_ORDER.index(each.verdict), -each.size))


def _together(verdicts: Sequence[str]) -> str:
    """Return the verdict of several figures: a disparity in one is a disparity; alike only where all are."""
    if testing.DISPARITY in verdicts:
        return testing.DISPARITY
    is_alike = bool(verdicts) and all(each == testing.NO_LARGER for each in verdicts)
    return testing.NO_LARGER if is_alike else testing.CANNOT_TELL


def claims_of(result: Result) -> Iterator[Claim]:
    """Yield the figures in which an audit compares groups."""
    if isinstance(result, DecisionAudit):
        yield from _of_decisions(result)
    elif isinstance(result, ScoreAudit):
        yield from _of_scores(result)
    elif isinstance(result, ProfileAudit):
        high = result.tested.largest
        yield Claim(_("share of a segment"), result.p_value, result.gap, result.gap_low, high, result.margin)


def _of_decisions(audit: DecisionAudit) -> Iterator[Claim]:
    for test in audit.shown_tests.values():
        yield Claim(_(test.metric.label), test.p_corrected, test.gap.gap, test.gap.low, test.gap.high, audit.margin)


def _of_scores(audit: ScoreAudit) -> Iterator[Claim]:
    for each in audit.gaps:
        yield Claim(_(each.measure), each.p_holm, each.gap, each.low, each.high, each.margin)


def line_of(finding: Finding) -> Line:
    """Return the line of the answer for a finding."""
    meaning = [finding.result.sentences()[0]]
    if finding.figures:
        meaning.append(
            _("A disparity was found in: {figures} (p {p}, corrected for all that was asked).").format(
                figures=", ".join(finding.figures), p=display.chance(finding.p_value)
            )
        )
    if finding.is_small:
        meaning.append(_("It is small: smaller than the margin."))
    return Line(
        _("{inferred} by {protected}").format(inferred=shown(finding.inferred), protected=shown(finding.protected)),
        _(finding.verdict),
        " ".join(meaning),
        finding.verdict == testing.DISPARITY and not finding.is_small,
    )
