"""What the tests share: the folder of published tables, the worked example T8, kinds of data frame, both paths."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

import riskscope as rs
from frames import KINDS, T8_POPULATION, T8_ROWS

# The same examples on every run; no clock decides. The fixture `path` sets constants that need no reset in between.
settings.register_profile(
    "riskscope",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("riskscope")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published tables and other tools' answers that may lie beside the checkout."""
    folder = Path(__file__).parents[1] / ".." / "shared"
    if not folder.is_dir():
        pytest.skip("the folder `shared` does not lie beside the checkout")
    return folder


@pytest.fixture
def t8() -> pd.DataFrame:
    """The test table of eight people."""
    return pd.DataFrame(T8_ROWS, columns=["sex", "age", "reg", "dis"])


@pytest.fixture
def t8_roles() -> rs.Roles:
    return rs.Roles(quasi_identifiers=["sex", "age", "reg"], sensitive=["dis"])


@pytest.fixture
def t8_register() -> pd.DataFrame:
    """A register in which the classes of T8 have 30, 12, 7 and 3 people."""
    rows = [key for key, n in T8_POPULATION.items() for _ in range(n)]
    return pd.DataFrame(rows, columns=["sex", "age", "reg"])


@pytest.fixture(params=["plain", "compiled"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path for few rows and, forced on few rows, the compiled one for many."""
    if request.param == "compiled":
        monkeypatch.setattr("riskscope.engines.encode.SMALL", 0)
        monkeypatch.setattr("riskscope.engines.memory.SMALL", 0)
        monkeypatch.setattr("riskscope.engines.lattice.SMALL_WORK", 0)
        monkeypatch.setattr("riskscope.risk.matching.MANY", 0)
    return request.param


@pytest.fixture(params=list(KINDS))
def frame_of(request: pytest.FixtureRequest) -> Callable[[dict[str, list[Any]]], Any]:
    """A maker of one kind of data frame from columns of Python values (None where missing)."""
    return KINDS[request.param]


#: The folder of published tables is nobody's to install.
_MAY_SKIP = ("beside the checkout", "empty parameter set")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """In the full run (`make test-full`) nothing may skip, except what needs the folder of published tables."""
    report = yield
    allowed = any(reason in str(report.longrepr) for reason in _MAY_SKIP)
    if os.environ.get("RISKSCOPE_REQUIRE_ALL") and report.skipped and not allowed:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, though RISKSCOPE_REQUIRE_ALL is set: {report.longrepr}"
    return report
