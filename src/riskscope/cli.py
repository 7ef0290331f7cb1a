"""The command line: ``riskscope assess FILE`` and ``riskscope demo``."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from riskscope._version import __version__
from riskscope.errors import RiskscopeError
from riskscope.roles import Roles
from riskscope.words import _

if TYPE_CHECKING:
    from rich.console import Console

    from riskscope.intake.proposal import ProposedRoles
    from riskscope.journeys.assess import Assessment

_ROLE_OPTIONS = {
    "identifiers": ("--identifier", "names people directly (name, e-mail, number)"),
    "quasi_identifiers": ("--quasi", "may be known from another source (age, sex, postcode)"),
    "sensitive": ("--sensitive", "must not be learned (health, income)"),
    "protected": ("--protected", "groups that must not be treated worse"),
    "inferred": ("--inferred", "made by a model (score, segment, decision)"),
}
_SINGLE_OPTIONS = {
    "outcome": "what really happened",
    "weight": "sampling weight",
    "household": "joins people who live together",
    "person": "joins several records of one person",
}


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="riskscope")
def cli() -> None:
    """Who could be recognised in a table, how surely, because of which columns.

    Nothing leaves this computer. Exit status: 0 done, 1 the data or the roles do not allow it, 2 wrong usage.
    """


def _role_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each role."""
    for role, meaning in reversed(_SINGLE_OPTIONS.items()):
        command = click.option(f"--{role}", metavar="COLUMN", help=f"Column: {meaning}.")(command)
    for role, (option, meaning) in reversed(_ROLE_OPTIONS.items()):
        command = click.option(
            option, role, multiple=True, metavar="COLUMNS", help=f"Columns, by commas or repeated: {meaning}."
        )(command)
    return command


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@_role_options
@click.option("--roles", "roles_file", type=click.Path(path_type=Path), help="Roles in a TOML file; options add to it.")
@click.option("--save-roles", type=click.Path(path_type=Path), help="Write the roles used to a TOML file.")
@click.option("-k", default=5, show_default=True, help="Class size below which people are badly hidden.")
@click.option("--threshold", default=0.2, show_default=True, help="Risk above which a person is at risk (0 to 1).")
@click.option(
    "--missing",
    type=click.Choice(["category", "wildcard", "sdcmicro"]),
    default="category",
    show_default=True,
    help="How a missing value matches: as a value of its own, as any value, or as sdcMicro counts.",
)
@click.option("--register", type=click.Path(path_type=Path), help="The population, in a file with the same columns.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the report to this file.")
@click.option("--json", "json_file", help="Write all figures to this file, or - for standard output.")
@click.option("--sep", help="Delimiter of the file. Default: found.")
@click.option("--encoding", help="Encoding of the file, such as cp1252. Default: found.")
@click.option("--decimal", help="Decimal mark of the file. Default: found.")
@click.option("--sheet", help="Sheet of a workbook.")
@click.option("--missing-mark", "marks", multiple=True, help='Text that means "missing" in the file, such as "?".')
@click.option("--as-text", "text", multiple=True, metavar="COLUMNS", help="Columns that stay text.")
@click.option("-q", "--quiet", is_flag=True, help="Print no table and no progress.")
def assess(file: Path, **options: Any) -> None:
    r"""Who could be re-identified in FILE, how surely, because of which columns.

    \b
    riskscope assess customers.csv
    riskscope assess customers.csv --quasi sex,birth_date,postcode --sensitive dietary_profile
    riskscope assess customers.csv --roles roles.toml --html report.html --json -
    """
    from riskscope.intake.read import read_table

    to_stdout = options["json_file"] == "-"
    screen = _screen(stderr=to_stdout)
    how = {key: options[key] or None for key in ("sep", "encoding", "decimal", "sheet")}
    with _progress(options["quiet"]) as progress:
        progress(_("reading {name}").format(name=file.name), 0, 1)
        table = read_table(file, missing=options["marks"], text=_split(options["text"], None), **how)
        register = None
        if options["register"]:
            register = read_table(options["register"], missing=options["marks"]).data
        roles = _roles_given(options, list(table.data.columns))
        answer = _assessed(table.data, roles, options, table.name, table.notes, register, progress)
    _deliver(answer, options, screen)
    if roles is None and not options["quiet"]:
        _print_confirmation(screen, file, answer.roles)


@cli.command()
@click.option("--html", type=click.Path(path_type=Path), default=Path("riskscope-demo.html"), show_default=True)
@click.option("--next-step", default="riskscope assess YOURFILE.csv", help="The command to name at the end.")
def demo(html: Path, next_step: str) -> None:
    """Assess the embedded customers of a made-up French retailer and write the report."""
    from riskscope import datasets

    roles = Roles(
        identifiers=["customer_hash", "given_name", "family_name", "email", "phone"],
        quasi_identifiers=["sex", "birth_date", "postcode", "occupation"],
        sensitive=["dietary_profile"],
        protected=["sex", "birth_country"],
        inferred=["segment", "credit_score", "instalment_approved"],
        outcome="paid_on_time",
        household="household_id",
    )
    screen = _screen(stderr=False)
    screen.print(_("20,000 made-up customers of a French retailer; nobody in the table exists."))
    with _progress(False) as progress:
        customers, register = datasets.load_customers(), datasets.load_register()
        options = {"k": 5, "threshold": 0.2, "missing": "category"}
        answer = _assessed(customers, roles, options, "customers", (), register, progress)
    _deliver(answer, {"html": html, "json_file": None, "quiet": False, "save_roles": None}, screen)
    screen.print(_("Next: {command}").format(command=next_step), markup=False, soft_wrap=True)


def _assessed(
    data: Any,
    roles: Roles | None,
    options: dict[str, Any],
    name: str,
    notes: tuple[str, ...],
    register: Any,
    progress: Callable[[str, int, int], None],
) -> Assessment:
    from riskscope.journeys.assess import assess as assess_data

    return assess_data(
        data,
        roles,
        k=options["k"],
        threshold=options["threshold"],
        missing=options["missing"],
        register=register,
        name=name,
        notes=notes,
        progress=progress,
    )


def _deliver(answer: Assessment, options: dict[str, Any], screen: Console) -> None:
    """Print the answer and write the files asked for."""
    if not options["quiet"]:
        _print_answer(screen, answer)
    if options["save_roles"]:
        Roles(**answer.roles.to_dict()).save(options["save_roles"])
    if options["html"]:
        path = answer.to_html(options["html"])
        screen.print(_("Report: {path}").format(path=path.resolve()), markup=False, highlight=False, soft_wrap=True)
    if options["json_file"]:
        text = json.dumps(answer.to_dict(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
        if options["json_file"] == "-":
            click.echo(text, nl=False)
        else:
            Path(options["json_file"]).write_text(text, encoding="utf-8")


def _split(given: tuple[str, ...], columns: list[str] | None) -> list[str]:
    """Return the names that options give: a text that is a column as it stands is one, others split at commas."""
    names: list[str] = []
    for each in given:
        whole = columns is not None and each in columns
        names += [each] if whole else [name.strip() for name in each.split(",") if name.strip()]
    return names


def _roles_given(options: dict[str, Any], columns: list[str]) -> Roles | None:
    """Return the roles of a file and of the options, or None where neither is given."""
    given: dict[str, Any] = {role: _split(options[role], columns) for role in _ROLE_OPTIONS if options[role]}
    given.update({role: options[role] for role in _SINGLE_OPTIONS if options[role]})
    if options["roles_file"]:
        return Roles.read(options["roles_file"]).replace(**given)
    return Roles(**given) if given else None


def _screen(*, stderr: bool) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def _print_answer(screen: Console, answer: Assessment) -> None:
    from rich.table import Table
    from rich.text import Text

    for note in answer.notes:
        screen.print(Text(_visible(note), style="dim"))
    table = Table(show_header=True, header_style="bold", expand=False)
    table.add_column(_visible(answer.name), no_wrap=False, min_width=12)
    table.add_column(_("value"), style="bold", no_wrap=False)
    table.add_column(_("what it means"), ratio=1)
    for label, value, meaning in answer.lines():
        table.add_row(Text(_visible(label)), Text(_visible(value)), Text(_visible(meaning)))
    screen.print(table)
    screen.print(_("No figure proves anonymity; the report says what these figures do not cover."))


def _print_confirmation(screen: Console, file: Path, roles: Roles) -> None:
    """Print the proposed roles with their reasons, and the command that confirms them."""
    from rich.text import Text

    proposal: ProposedRoles = roles  # type: ignore[assignment]
    screen.print(Text(_("Proposed roles, for you to confirm or edit:"), style="bold"))
    for reason in proposal.reasons:
        if reason.roles:
            line = f"  {_visible(reason.column)}: {_visible(reason.role)}. {_visible(' '.join(reason.evidence))}"
            screen.print(Text(line))
    command = ["riskscope", "assess", str(file)]
    for role, (option, _meaning) in _ROLE_OPTIONS.items():
        for name in roles.columns(role):
            command += [option, name]
    for role in _SINGLE_OPTIONS:
        for name in roles.columns(role):
            command += [f"--{role}", name]
    screen.print(Text(_("Confirm with:"), style="bold"))
    screen.print(Text(_visible(shlex.join(command))), soft_wrap=True)


def _visible(text: str) -> str:
    """Return text with control characters shown as escapes, so that no name drives the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that shows progress on standard error, where somebody sees it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda step, done, total: None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(_("starting"), total=None)
        yield lambda step, done, total: bar.update(task, description=_visible(step), completed=done, total=total)


def main() -> None:
    """Run the command line; an error of riskscope's own is one clear message and exit status 1."""
    try:
        cli(standalone_mode=True)
    except RiskscopeError as error:
        click.echo(_("riskscope: {message}").format(message=_visible(str(error))), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
