"""Audits: a number, a score or a decision compared across protected groups."""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Public name to the module that defines it; imported when first used.
_WHERE = {
    "audit_outcome": "riskscope.fairness.outcome",
    "audit_decisions": "riskscope.fairness.decisions",
    "audit_scores": "riskscope.fairness.scores",
    "audit_profiles": "riskscope.fairness.profiles",
    "audit_intersections": "riskscope.fairness.intersections",
    "conditional_disparity": "riskscope.fairness.conditional",
    "sweep": "riskscope.fairness.thresholds",
    "consistency": "riskscope.fairness.individual",
    "flip_test": "riskscope.fairness.flips",
    "proxies": "riskscope.fairness.proxy_features",
    "disparity_carried": "riskscope.fairness.carried",
    "explain_score": "riskscope.fairness.explanation",
    "explain_profile": "riskscope.fairness.explanation",
    "compare_mitigations": "riskscope.fairness.mitigation",
    "unknown_bounds": "riskscope.fairness.unknown_groups",
    "OutcomeAudit": "riskscope.fairness.outcome",
    "DecisionAudit": "riskscope.fairness.decision_audit",
    "ScoreAudit": "riskscope.fairness.scores",
    "ProfileAudit": "riskscope.fairness.profiles",
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
