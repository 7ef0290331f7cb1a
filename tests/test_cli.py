from __future__ import annotations

import errno
import inspect
import json
import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import riskscope as rs
from riskscope import cli as command_line
from riskscope.cli.options import READ_OPTIONS
from riskscope.errors import RiskscopeError
from riskscope.roles import Roles

_TABLE = "sex,age,illness,email\n" + "".join(
    f"{'FM'[at % 2]},{30 + at % 3},{'ab'[at % 2]},p{at}@example.org\n" for at in range(12)
)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(_TABLE, encoding="utf-8")
    return path


def run(*words: str | Path, expect: int = 0) -> Result:
    """Run within this process; errors of riskscope's own come out as exceptions."""
    result = CliRunner().invoke(command_line.cli, [str(word) for word in words], env={"COLUMNS": "80"})
    assert result.exit_code == expect, result.output
    return result


def real(*words: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "riskscope.cli", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "utf-8", **environment},
    )


def test_the_answer_starts_with_direct_identifiers(people: Path) -> None:
    output = run("assess", people, "--quasi", "sex,age", "--sensitive", "illness").output
    assert output.index("direct") < output.index("smallest class")
    assert "'email' identifies people" in output
    assert all(len(line) <= 80 for line in output.splitlines())


def test_json_to_standard_output_is_pure_and_strict(people: Path, tmp_path: Path) -> None:
    done = real("assess", people, "--quasi", "sex", "--quasi", "age", "--json", "-", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert found["roles"]["quasi_identifiers"] == ["sex", "age"]
    assert "smallest class" in done.stderr


def test_json_and_report_are_written_for_their_owner_alone(people: Path, tmp_path: Path) -> None:
    files = [tmp_path / "out.json", tmp_path / "report.html", tmp_path / "roles.toml"]
    run("assess", people, "--quasi", "age", "--json", files[0], "--html", files[1], "--save-roles", files[2])
    assert json.loads(files[0].read_text(encoding="utf-8"))["table"] == "people.csv"
    if os.name == "posix":
        assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}


def test_quiet_prints_nothing_but_what_was_asked_for(people: Path) -> None:
    assert run("assess", people, "--quasi", "age", "--quiet").output == ""
    json.loads(run("assess", people, "--quasi", "age", "--quiet", "--json", "-").stdout)


def test_quiet_says_all_the_same_that_roles_are_proposed(people: Path) -> None:
    done = run("assess", people, "--quiet")
    assert done.stdout == ""
    assert done.stderr.startswith("riskscope: The roles are a proposal")


def test_saved_roles_say_which_direct_identifiers_they_lack(people: Path, tmp_path: Path) -> None:
    words = ("--quasi", "sex", "--save-roles", tmp_path / "roles.toml")
    output = " ".join(run("assess", people, *words).output.split())
    assert "give no part to 'email'; to name them direct identifiers, add: --identifier email" in output
    assert "give no part to" not in run("assess", people, *words, "--identifier", "email").output


@pytest.mark.parametrize(
    ("called", "on_path", "start"),
    [
        ("/somewhere/pytest", None, ["riskscope"]),
        (".venv/bin/riskscope", None, [".venv/bin/riskscope"]),
        ("/my env/bin/riskscope", None, ["/my env/bin/riskscope"]),
        ("/usr/bin/riskscope", "/usr/bin/riskscope", ["riskscope"]),
        (".venv/bin/riskscope", "/usr/bin/riskscope", [".venv/bin/riskscope"]),
    ],
)
def test_the_confirming_command_starts_as_the_program_was_called(
    people: Path, monkeypatch: pytest.MonkeyPatch, called: str, on_path: str | None, start: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [called])
    monkeypatch.setattr("shutil.which", lambda _name: on_path)
    last = run("assess", people).output.splitlines()[-1]
    assert shlex.split(last)[: len(start) + 1] == [*start, "assess"]


def test_called_by_python_it_says_so(people: Path) -> None:
    done = real("assess", people, folder=people.parent)
    assert shlex.split(done.stdout.splitlines()[-1])[:4] == [sys.executable, "-m", "riskscope.cli", "assess"]


def test_without_roles_it_proposes_says_so_and_gives_reasons(people: Path) -> None:
    output = run("assess", people).output
    assert "The roles are a proposal of riskscope's" in " ".join(output.split())
    assert "sex: quasi-identifier + protected." in output
    assert "Confirm with:" in output


def confirming(output: str) -> list[list[str]]:
    return [shlex.split(line) for line in output.splitlines() if line.startswith("riskscope ")]


def test_the_confirming_command_works_as_printed(people: Path) -> None:
    first = run("assess", people, "-k", "3", "--as-text", "age", "--json", "-")
    [command] = confirming(first.stderr)
    again = run(*command[1:])
    before, after = json.loads(first.stdout), json.loads(again.stdout)
    assert before["roles"] == after["roles"]
    assert before["results"][1:] == after["results"][1:]
    assert (before["roles_proposed"], after["roles_proposed"]) == (True, False)


def test_the_confirming_command_keeps_how_the_file_was_read(tmp_path: Path) -> None:
    (tmp_path / "odd name's.txt").write_text("age|sex\n" + "1|?\n2|F\n1|M\n" * 4, encoding="utf-8")
    [command] = confirming(run("assess", tmp_path / "odd name's.txt", "--sep", "|", "--missing-mark", "?").output)
    assert command[-4:] == ["--sep", "|", "--missing-mark", "?"]
    run(*command[1:])


def test_columns_with_commas_and_blanks_are_confirmed_too(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        '"age, years", sex,"city\'s zip"\n' + "1,F,01000\n2,M,02000\n" * 6, encoding="utf-8"
    )
    [command] = confirming(run("assess", tmp_path / "t.csv", "--json", "-").stderr)
    found = json.loads(run(*command[1:], "--json", "-").stdout)
    assert "age, years" in found["roles"]["quasi_identifiers"]


def test_names_that_cannot_be_typed_are_confirmed_by_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text('"age\u202e","sex\n2"\n' + "1,F\n2,M\n" * 6, encoding="utf-8")
    output = run("assess", "t.csv").output
    assert "\u202e" not in output
    write, confirm = confirming(output)
    run(*write[1:])
    run(*confirm[1:])
    assert "age\u202e" in Roles.read("roles.toml").quasi_identifiers


def test_evil_names_drive_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        '"age\x1b[31m","[red]sex[/red]",":smile: zip"\n' + "1,F,3\n2,M,4\n" * 6, encoding="utf-8"
    )
    names = list(rs.read_table(tmp_path / "t.csv").data.columns)
    words = [word for name in names for word in ("--quasi", name)]
    output = run("assess", tmp_path / "t.csv", *words).output
    assert "\x1b" not in output
    assert r"\x1b[31m" in output
    assert "[red]sex[/red]" in output
    assert ":smile: zip" in output


def test_roles_file_and_options_together(people: Path, tmp_path: Path) -> None:
    Roles(quasi_identifiers=["age"], sensitive=["illness"]).save(tmp_path / "roles.toml")
    output = run("assess", people, "--roles", tmp_path / "roles.toml", "--quasi", "sex,age", "--json", "-").stdout
    assert json.loads(output)["roles"] == {"quasi_identifiers": ["sex", "age"], "sensitive": ["illness"]}


def test_saved_roles_give_the_same_figures(people: Path, tmp_path: Path) -> None:
    file = tmp_path / "roles.toml"
    saved = json.loads(run("assess", people, "--save-roles", file, "--json", "-").stdout)
    again = json.loads(run("assess", people, "--roles", file, "--json", "-").stdout)
    assert saved["roles"] == again["roles"]
    assert saved["results"][1:] == again["results"][1:]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["assess", "none.csv"], "There is no file 'none.csv'"),
        (["assess", "people.csv", "--quasi", "agee"], "near: 'age'"),
        (["assess", "people.csv", "--quasi", "age", "--sensitive", "age"], "cannot be both"),
        (["assess", "peopel.csv"], "There is no file 'peopel.csv' (near: 'people.csv')"),
        (["assess", "none/people.csv"], "the folder 'none' does not exist"),
        (["assess", "people.csv", "--quasi", "agee"], "column of --quasi not found: 'agee'"),
        (["assess", "people.csv", "--quasi", "age,age"], "--quasi names 'age' more than once"),
        (["assess", "people.csv", "--weight", "w"], "column of --weight not found: 'w'"),
        (["assess", "people.csv", "--roles", "none.toml"], "There is no file 'none.toml'"),
        (["assess", "people.csv", "--quasi", "age", "--html", "none/report.html"], "the folder 'none' does not"),
        (["assess", "people.csv", "--quasi", "age", "--json", "none/out.json"], "cannot be written"),
        (["assess", "people.csv", "--quasi", "age", "--save-roles", "none/roles.toml"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_message(
    people: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.chdir(people.parent)
    result = CliRunner().invoke(command_line.cli, words)
    assert result.exit_code == 1
    assert isinstance(result.exception, RiskscopeError)
    assert message in str(result.exception)


@pytest.mark.parametrize("command", ["assess", "audit"])
@pytest.mark.parametrize("option", ["--html", "--json", "--save-roles"])
@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("none/it.out", "the folder 'none' does not exist"),
        ("folder", "'folder' cannot be written: Is a directory"),
        ("people.csv/it.out", "cannot be written: Not a directory"),
    ],
)
def test_where_nothing_can_be_written_no_work_starts(
    people: Path, monkeypatch: pytest.MonkeyPatch, command: str, option: str, target: str, message: str
) -> None:
    monkeypatch.chdir(people.parent)
    Path("folder").mkdir()
    reads: list[object] = []
    monkeypatch.setattr(sys.modules[f"riskscope.cli.{command}"], "read_file", lambda *given, **how: reads.append(given))
    result = CliRunner().invoke(command_line.cli, [command, "people.csv", option, target])
    assert isinstance(result.exception, RiskscopeError)
    assert message in str(result.exception)
    assert reads == []
    assert sorted(path.name for path in Path().iterdir()) == ["folder", "people.csv"]


def test_a_folder_that_may_not_be_written_to_is_told_before_the_work(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**how: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)  # a folder's mode stops no administrator
    result = CliRunner().invoke(command_line.cli, ["assess", str(people), "--html", str(tmp_path / "it.html")])
    assert "it.html' cannot be written: Permission denied. Name a file in a folder" in str(result.exception)
    assert result.output == ""


def test_what_is_written_to_standard_output_needs_no_folder(people: Path) -> None:
    assert run("assess", people, "--quasi", "sex", "--json", "-", "--quiet").stdout.startswith("{")


def test_the_demo_asks_first_where_its_report_can_be_written(tmp_path: Path) -> None:
    result = CliRunner().invoke(command_line.cli, ["demo", "--html", str(tmp_path / "none" / "demo.html")])
    assert "does not exist" in str(result.exception)
    assert result.output == ""


def test_exit_statuses_of_a_real_process(people: Path) -> None:
    missing = real("assess", "none.csv", folder=people.parent)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr.startswith("riskscope: There is no file")
    assert len(missing.stderr.splitlines()) == 1
    wrong = real("assess", people, "--no-such-option", folder=people.parent)
    assert wrong.returncode == 2
    assert "Traceback" not in wrong.stderr


@pytest.mark.parametrize(
    "words", [["-k", "0"], ["-k", "x"], ["--threshold", "2"], ["--missing", "guess"], ["--unknown"], []]
)
def test_wrong_usage_is_status_2(people: Path, words: list[str]) -> None:
    run("assess", *([people, *words] if words else []), expect=2)


def test_a_terminal_that_knows_ascii_only_gets_escapes(people: Path) -> None:
    done = real(
        *("assess", people, "--quasi", "age", "--sensitive", "illness"), folder=people.parent, PYTHONIOENCODING="ascii"
    )
    assert done.returncode == 0, done.stderr
    assert r"\u2113" in done.stdout


def test_help_names_every_option_in_words() -> None:
    output = run("assess", "--help").output
    assert "\b" not in output
    assert "\n  riskscope assess customers.csv\n" in output
    for parameter in command_line.assess.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert parameter.opts[0] in output


@pytest.mark.parametrize(
    ("content", "options", "python", "option"),
    [
        (_TABLE.replace("a,p0", "?,p0"), (), "name it with missing=", "name it with --missing-mark."),
        ('sex,pay\nF,"1,5"\nM,"2,5"\n', (), "decimal=','.", "--decimal ','."),
        (_TABLE.replace("a,p0", "a\x81,p0").encode("latin-1"), (), "encoding='cp1252'", "--encoding 'cp1252'"),
        (_TABLE, ("--as-text", "zip"), "text not found", "--as-text not found: 'zip'"),
        (_TABLE, ("--decimal", "x"), "decimal is", "--decimal is 'x'"),
        (_TABLE, ("--sheet", "x"), "sheet= has", "--sheet has no meaning"),
    ],
)
def test_what_is_said_of_a_file_names_the_options_of_who_reads_it(
    tmp_path: Path, content: str | bytes, options: tuple[str, ...], python: str, option: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    given = {{"--as-text": "text"}.get(name, name[2:]): value for name, value in zip(*[iter(options)] * 2, strict=True)}

    def said(read: Callable[[], tuple[str, ...]]) -> str:
        try:
            return " ".join(read())
        except RiskscopeError as error:
            return str(error)

    def typed() -> tuple[str, ...]:
        result = CliRunner().invoke(command_line.cli, ["assess", str(path), "--quasi", "sex", *options])
        if result.exception is not None:
            raise result.exception
        return (" ".join(result.output.split()),)

    on_the_command_line, in_python = said(typed), said(lambda: rs.read_table(path, **given).notes)  # type: ignore[arg-type]
    assert option in on_the_command_line
    assert python not in on_the_command_line.replace(option, "")
    assert python in in_python
    assert "--" not in in_python


def test_every_option_of_reading_is_an_option_of_the_command() -> None:
    options = {name for parameter in command_line.assess.params for name in parameter.opts}
    arguments = set(inspect.signature(rs.read_table).parameters) - {"path"}
    assert set(READ_OPTIONS) == arguments
    assert set(READ_OPTIONS.values()) <= options


def test_a_register_is_used(people: Path, tmp_path: Path) -> None:
    output = run("assess", people, "--quasi", "sex,age", "--register", people, "--json", "-").stdout
    assert "KMap" in [each["measure"] for each in json.loads(output)["results"]]


@pytest.mark.slow
def test_demo_writes_the_report_and_names_the_next_step(tmp_path: Path) -> None:
    done = real("demo", "--next-step", "make lab", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    [last] = done.stdout.rstrip().splitlines()[-1:]
    assert last == f"Next: make lab, or your own table: {sys.executable} -m riskscope.cli assess YOURFILE.csv"
    assert (tmp_path / "riskscope-demo.html").stat().st_size > 10_000


def test_an_audit_from_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "hired.csv"
    rows = [("F" if at % 2 else "M", "no" if at % 4 == 1 else "yes", at % 7, at % 3) for at in range(400)]
    path.write_text("sex,hired,score,level\n" + "\n".join(",".join(map(str, row)) for row in rows) + "\n")
    words = ["audit", path, "--decision", "hired", "--score", "score", "--protected", "sex", "--no-models"]
    done = run(*words, "--control", "level", "--html", tmp_path / "audit.html", "--json", tmp_path / "audit.json")
    assert "'hired'" in done.stdout
    assert "disparity found" in done.stdout
    assert "no proof of discrimination in law" in " ".join(done.stdout.split())
    told = json.loads((tmp_path / "audit.json").read_text())
    assert [each["measure"] for each in told["results"]] == ["DecisionAudit", "ScoreAudit", "ConditionalDisparity"]
    assert told["roles"] == {"protected": ["sex"], "inferred": ["hired", "score"]}
    assert "Does what" in (tmp_path / "audit.html").read_text()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--decision", "hird", "--protected", "sex"], "column of --decision not found: 'hird' (near: 'hired')"),
        (["--decision", "hired"], "No column is protected; give the role protected"),
        (["--decision", "hired", "--protected", "sex", "--pos-label", "yes"], "--pos-label needs COLUMN=VALUE"),
        (
            ["--decision", "hired", "--protected", "sex", "--pos-label", "hired=maybe"],
            "Type --pos-label hired=no or --pos-label hired=yes.",
        ),
        (["--decision", "hired", "--protected", "sex", "--pos-label", "sex=F"], "--pos-label names 'sex', which is"),
        (["--decision", "hired", "--protected", "sex", "--control", "hird"], "--control not found: 'hird'"),
        (
            ["--decision", "hired", "--protected", "sex", "--reference", "sex=X"],
            "--reference names no group of the protected column 'sex', which has 2 groups. Type --reference sex=GROUP",
        ),
        (["--score", "hired", "--protected", "sex"], "The score 'hired' is"),
    ],
)
def test_an_audit_that_cannot_be_says_what_to_do(tmp_path: Path, options: list[str], words: str) -> None:
    path = tmp_path / "hired.csv"
    path.write_text("sex,hired\n" + "F,yes\nM,no\n" * 20)
    result = CliRunner().invoke(command_line.cli, ["audit", str(path), *options])
    assert words in str(result.exception)
