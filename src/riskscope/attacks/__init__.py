"""Attacks: what somebody with other sources really gets out of a released table."""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Public name to the module that defines it; imported when first used.
_WHERE = {
    "singling_out": "riskscope.attacks.isolation",
    "predicate_singling_out": "riskscope.attacks.conditions.predicates",
    "linkage": "riskscope.attacks.linking.links",
    "probabilistic_linkage": "riskscope.attacks.linking.probabilistic",
    "interval_disclosure": "riskscope.attacks.linking.intervals_kept",
    "inference": "riskscope.attacks.inferring",
    "membership": "riskscope.attacks.members.attack",
    "composition": "riskscope.attacks.releases",
    "erasure": "riskscope.attacks.erased",
    "pseudonyms": "riskscope.attacks.hashes.tried",
    "Attack": "riskscope.attacks.attack",
}

__all__ = [*_WHERE]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'riskscope.attacks' has no attribute {name!r}")
    found = getattr(import_module(_WHERE[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
