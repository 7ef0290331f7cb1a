"""Audits: a number, a score or a decision compared across protected groups."""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Public name to the module that defines it; imported when first used.
_WHERE = {
    "OutcomeAudit": "riskscope.fairness.outcome",
    "audit_outcome": "riskscope.fairness.outcome",
}

__all__ = ["OutcomeAudit", "audit_outcome"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'riskscope.fairness' has no attribute {name!r}")
    found = getattr(import_module(_WHERE[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
