"""Audits: a number, a score or a decision compared across protected groups."""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Public name to the module that defines it; imported when first used.
_WHERE = {
    "audit_outcome": "riskscope.fairness.outcomes.audit",
    "audit_decisions": "riskscope.fairness.decisions.audit",
    "audit_scores": "riskscope.fairness.scores.audit",
    "audit_profiles": "riskscope.fairness.profiles.audit",
    "audit_intersections": "riskscope.fairness.intersections.audit",
    "conditional_disparity": "riskscope.fairness.conditional.audit",
    "sweep": "riskscope.fairness.scores.thresholds",
    "consistency": "riskscope.fairness.individual.neighbours",
    "flip_test": "riskscope.fairness.individual.flips",
    "proxies": "riskscope.fairness.proxy.features",
    "disparity_carried": "riskscope.fairness.proxy.carried",
    "explain_score": "riskscope.fairness.explanation.audit",
    "explain_profile": "riskscope.fairness.explanation.audit",
    "compare_mitigations": "riskscope.fairness.mitigation.audit",
    "unknown_bounds": "riskscope.fairness.unknown.audit",
    "OutcomeAudit": "riskscope.fairness.outcomes.audit",
    "DecisionAudit": "riskscope.fairness.decisions.result",
    "ScoreAudit": "riskscope.fairness.scores.audit",
    "ProfileAudit": "riskscope.fairness.profiles.audit",
}

__all__ = [*_WHERE]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'riskscope.fairness' has no attribute {name!r}")
    found = getattr(import_module(_WHERE[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
