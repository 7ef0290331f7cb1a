"""``riskscope validate``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from riskscope import cli as command_line
from riskscope.errors import RiskscopeError, RoleError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    people = pd.DataFrame(
        {
            "id": np.arange(60),
            "sex": rng.choice(["F", "M"], 60),
            "age": rng.integers(20, 80, 60),
            "illness": rng.choice(["flu", "asthma"], 60),
        }
    )
    people.to_csv(tmp_path / "people.csv", index=False)
    tens = people["age"] // 20 * 20
    released = people.assign(age=[f"{low}-{low + 19}" for low in tens]).sample(frac=1, random_state=1)
    released.to_csv(tmp_path / "released.csv", index=False)
    people[["id", "sex", "age"]].rename(columns={"id": "number"}).to_csv(tmp_path / "register.csv", index=False)
    (tmp_path / "ages.csv").write_text("".join(f"{age};{age // 20}x;*\n" for age in range(20, 80)), encoding="utf-8")
    return tmp_path


def run(*words: str | Path, expect: int = 0) -> Result:
    """Run within this process; errors of riskscope's own come out as exceptions."""
    result = CliRunner().invoke(command_line.cli, ["validate", *map(str, words)], env={"COLUMNS": "80"})
    assert result.exit_code == expect, result.output
    return result


ROLES = ["--quasi", "sex,age", "--sensitive", "illness", "--protected", "sex"]


def test_it_attacks_and_answers(folder: Path) -> None:
    files = [folder / "people.csv", folder / "released.csv"]
    output = run(*files, *ROLES, "--truth", "id", "--budget", "2", "--html", folder / "r.html").output
    assert "Does the anonymisation of 'released.csv' hold?" in output
    assert "singled out" in output
    page = (folder / "r.html").read_text(encoding="utf-8")
    assert "Can the released records be linked to people?" in page


def test_json_holds_every_attack(folder: Path) -> None:
    words: list[str | Path] = [
        folder / "people.csv",
        folder / "released.csv",
        *ROLES,
        "--register",
        folder / "register.csv",
    ]
    output = run(*words, "--known", "sex,age=5", "--truth", "id", "--budget", "2", "--json", "-", "-q").stdout
    found = json.loads(output)
    by_name = {each["measure"]: each for each in found["results"]}
    assert by_name["SinglingOut"]["known"] == "'sex', 'age' to within 5"
    assert {"SinglingOut", "PredicateSinglingOut", "Linkage", "Inference"} <= set(by_name)


def test_groups_by_names_are_read_from_a_hierarchy(folder: Path) -> None:
    people = pd.read_csv(folder / "people.csv")
    people.assign(age=[f"{age // 20}x" for age in people["age"]]).to_csv(folder / "grouped.csv", index=False)
    words: list[str | Path] = [
        folder / "people.csv",
        folder / "grouped.csv",
        *ROLES,
        "--truth",
        "id",
        "--budget",
        "2",
        "--json",
        "-",
        "-q",
    ]
    lost = json.loads(run(*words).stdout)["results"]
    kept = json.loads(run(*words, "--hierarchy", f"age={folder / 'ages.csv'}").stdout)["results"]
    tried = [next(each["tried"] for each in found if each["measure"] == "SinglingOut") for found in (lost, kept)]
    assert tried == [0, 60]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--known", "agee"], "agee"),
        (["--known", "age=soon"], "'year', 'month' or a number"),
        (["--hierarchy", "age"], "COLUMN=FILE"),
        (["--truth", "sex"], "repeats"),
        (["--target", "nothing"], "nothing"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, words: list[str], said: str) -> None:
    given = ["validate", str(folder / "people.csv"), str(folder / "released.csv"), *ROLES, *words]
    result = CliRunner().invoke(command_line.cli, given)
    assert isinstance(result.exception, (RiskscopeError, RoleError))
    assert said in str(result.exception)


def test_help_has_examples() -> None:
    output = run("--help").output
    assert "riskscope validate customers.csv release.csv" in output
    assert "--register-truth" in output
