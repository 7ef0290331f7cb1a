"""riskscope: who could be recognised in a table, how surely, because of which columns.

Names are imported when they are first used, so that ``import riskscope`` loads none of the heavy libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from riskscope._version import __version__ as __version__

#: Public name to the module that defines it; None stands for a module of its own.
_WHERE: dict[str, str | None] = {
    "Roles": "riskscope.roles",
    "Hierarchy": "riskscope.hierarchy",
    "FrequencyTable": "riskscope.frequency",
    "count": "riskscope.engines.memory",
    "k_anonymity": "riskscope.risk.k_anonymity",
    "uniqueness": "riskscope.risk.uniqueness",
    "class_sizes": "riskscope.risk.classes",
    "k_map": "riskscope.risk.k_map",
    "delta_presence": "riskscope.risk.delta_presence",
    "alpha_k_anonymity": "riskscope.risk.alpha_k_anonymity",
    "l_diversity": "riskscope.risk.l_diversity",
    "t_closeness": "riskscope.risk.t_closeness",
    "delta_disclosure": "riskscope.risk.delta_disclosure",
    "beta_likeness": "riskscope.risk.beta_likeness",
    "reidentification_risk": "riskscope.risk.reidentification",
    "individual_risk": "riskscope.risk.individual_risk",
    "log_linear_risk": "riskscope.risk.log_linear",
    "population_uniqueness": "riskscope.risk.population_uniqueness",
    "record_uniqueness": "riskscope.risk.record_uniqueness",
    "special_uniques": "riskscope.risk.special_uniques",
    "separation": "riskscope.risk.separation",
    "column_risk": "riskscope.risk.column_risk",
    "suggest_roles": "riskscope.intake.suggest",
    "safe_harbor": "riskscope.intake.safe_harbor",
    "read_table": "riskscope.intake.read",
    "assess": "riskscope.journeys.assess",
    "Assessment": "riskscope.journeys.assess",
    "validate": "riskscope.journeys.validate",
    "Validation": "riskscope.journeys.validate",
    "audit": "riskscope.journeys.audit",
    "Audit": "riskscope.journeys.audit",
    "risk_by_group": "riskscope.journeys.risk_by_group",
    "attacks": None,
    "fairness": None,
    "utility": None,
    "datasets": None,
}

__all__ = ["__version__", *_WHERE]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'riskscope' has no attribute {name!r}")
    where = _WHERE[name]
    found = import_module(f"riskscope.{name}") if where is None else getattr(import_module(where), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
