"""Utility: what a released table is still good for, and what was lost."""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Public name to the module that defines it; imported when first used.
_WHERE = {
    "compare_distributions": "riskscope.utility.distributions",
    "DistributionDistances": "riskscope.utility.distributions",
    "model_utility": "riskscope.utility.models",
    "ModelUtility": "riskscope.utility.models",
    "information_loss": "riskscope.utility.losses",
    "InformationLoss": "riskscope.utility.losses",
}

__all__ = [*_WHERE]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'riskscope.utility' has no attribute {name!r}")
    found = getattr(import_module(_WHERE[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
