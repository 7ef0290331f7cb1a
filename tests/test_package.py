"""The package as a whole: what importing it loads, what a wheel holds, what it says of itself."""

import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import metadata
from pathlib import Path

import pytest

import riskscope as rs

ROOT = Path(__file__).parents[1]
HEAVY = ("numba", "matplotlib", "sklearn", "fairlearn", "scipy", "pandas", "pyarrow", "polars", "duckdb")


def run(*command, cwd=None, **options):
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, capture_output=True, text=True, check=True, timeout=300, **options
    )


def test_importing_riskscope_loads_nothing_heavy():
    listed = run("-c", "import riskscope, sys; print(*sys.modules)").stdout.split()
    assert not {name.partition(".")[0] for name in listed} & set(HEAVY)


def test_counting_a_small_table_does_not_load_the_compiler():
    code = """
import sys
import pandas as pd
import riskscope as rs
people = pd.DataFrame({"age": range(30_000), "sex": ["F", "M"] * 15_000})
assert rs.k_anonymity(people, ["age", "sex"]).k == 1
assert not {"numba", "matplotlib", "sklearn", "fairlearn"} & set(sys.modules)
"""
    run("-c", code)


def test_every_public_name_is_there_and_says_what_it_is():
    for name in rs.__all__:
        if name not in ("__version__", "datasets"):
            assert getattr(rs, name).__doc__, name
    assert set(rs.__all__) <= set(dir(rs))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'k_anonimity'"):
        _ = rs.k_anonimity


def test_the_core_dependencies_stay_few():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert len(project["dependencies"]) <= 14
    for extra in ("lab", "excel", "duckdb", "polars", "spark", "all"):
        assert extra in project["optional-dependencies"]


def test_the_constraints_name_versions_and_nothing_else():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("#") or line.count("==") == 1 for line in lines)
    assert not any("://" in line or "@" in line for line in lines)


@pytest.mark.slow
def test_a_wheel_runs_the_demo_outside_the_checkout(tmp_path):
    run("-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), cwd=ROOT)
    wheel = next(tmp_path.glob("*.whl"))
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        packed.extractall(tmp_path / "site")
    assert "riskscope/report/templates/report.html" in names
    assert "riskscope/py.typed" in names
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path / "site")!r})
import riskscope
assert riskscope.__file__.startswith({str(tmp_path)!r})
from riskscope.cli import cli
cli(["demo", "--html", "demo.html"])
"""
    shown = run("-c", code, cwd=tmp_path)
    assert "people alone" in shown.stdout
    assert (tmp_path / "demo.html").stat().st_size > 10_000


def test_the_version_is_one():
    assert rs.__version__ == metadata("riskscope")["Version"]
