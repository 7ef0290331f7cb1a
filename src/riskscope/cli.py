"""The command line: ``riskscope assess FILE`` and ``riskscope demo``."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from riskscope._version import __version__
from riskscope.checks import check_columns, check_names, quoted
from riskscope.display import visible
from riskscope.errors import RiskscopeError
from riskscope.roles import Roles
from riskscope.words import N_, _, language_wanted, use_language

if TYPE_CHECKING:
    from rich.console import Console

    from riskscope.intake.read import TableFile
    from riskscope.journeys.assess import Assessment

#: Role to its option and the help of it.
_ROLE_OPTIONS = {
    "identifiers": (
        "--identifier",
        N_("Columns (by commas, or repeated) that identify people directly: name, e-mail, number."),
    ),
    "quasi_identifiers": (
        "--quasi",
        N_("Columns (by commas, or repeated) that somebody may know of a person: age, sex, postcode."),
    ),
    "sensitive": (
        "--sensitive",
        N_("Columns (by commas, or repeated) that must not be learned of a person: health, income."),
    ),
    "protected": ("--protected", N_("Columns (by commas, or repeated) of groups that must not be treated worse.")),
    "inferred": ("--inferred", N_("Columns (by commas, or repeated) made by a model: score, segment, decision.")),
    "outcome": ("--outcome", N_("Column of what really happened.")),
    "weight": ("--weight", N_("Column of sampling weights.")),
    "household": ("--household", N_("Column that joins people who live together.")),
    "person": ("--person", N_("Column that joins several records of one person.")),
}
#: Argument of ``read_table`` to its option.
_READ_OPTIONS = {
    "sep": "--sep",
    "encoding": "--encoding",
    "decimal": "--decimal",
    "sheet": "--sheet",
    "missing": "--missing-mark",
    "text": "--as-text",
}
#: Roles beyond this many are counted on the screen, and not listed.
_MOST_REASONS = 40
_SINGLE = ("outcome", "weight", "household", "person")


class _Spoken:
    """Help that is looked up in the catalogue when it is shown, not when this file is imported."""

    _help: str | None = None

    @property
    def help(self) -> str | None:
        return _(self._help) if self._help else self._help

    @help.setter
    def help(self, text: str | None) -> None:
        self._help = text


class _Option(_Spoken, click.Option): ...


class _Command(_Spoken, click.Command): ...


class _Group(_Spoken, click.Group): ...


def _option(*names: str, **settings: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(*names, cls=_Option, **settings)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=N_(
        "Who could be recognised in a table, how surely, because of which columns.\n\n"
        "Nothing leaves this computer. Exit status: 0 done, 1 the data or the roles do not allow it, 2 wrong usage."
    ),
)
@click.version_option(__version__, prog_name="riskscope")
def cli() -> None:
    """Hold the commands."""


def _role_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each role."""
    for role, (option, meaning) in reversed(_ROLE_OPTIONS.items()):
        several = role not in _SINGLE
        command = _option(option, role, multiple=several, metavar="COLUMNS" if several else "COLUMN", help=meaning)(
            command
        )
    return command


@cli.command(
    cls=_Command,
    help=N_(
        "Who could be re-identified in FILE, how surely, because of which columns.\n\n"
        "\b\n"
        "riskscope assess customers.csv\n"
        "riskscope assess customers.csv --quasi sex,birth_date,postcode --sensitive illness\n"
        "riskscope assess customers.csv --roles roles.toml --html report.html --json -"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@_role_options
@_option(
    "--roles", "roles_file", type=click.Path(path_type=Path), help=N_("Roles in a TOML file; options replace a role.")
)
@_option("--save-roles", type=click.Path(path_type=Path), help=N_("Write the roles used to a TOML file."))
@_option(
    "-k",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help=N_("Size of a class below which people are badly hidden."),
)
@_option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.2,
    show_default=True,
    help=N_("Risk above which a person is at risk."),
)
@_option(
    "--missing",
    type=click.Choice(["category", "wildcard", "sdcmicro"]),
    default="category",
    show_default=True,
    help=N_("How a missing value matches: as a value of its own, as any value, or as sdcMicro counts."),
)
@_option("--register", type=click.Path(path_type=Path), help=N_("The population, in a file with the same columns."))
@_option(
    "--population-size",
    type=click.IntRange(min=1),
    metavar="N",
    help=N_("How many people the table was drawn from, at random: estimates who is alone among them."),
)
@_option("--html", type=click.Path(path_type=Path), help=N_("Write the report to this file."))
@_option("--json", "json_file", metavar="PATH", help=N_("Write all figures to this file, or to standard output for -."))
@_option(_READ_OPTIONS["sep"], help=N_("Delimiter of the file. Default: found."))
@_option(_READ_OPTIONS["encoding"], help=N_("Encoding of the file, such as cp1252. Default: found."))
@_option(_READ_OPTIONS["decimal"], help=N_("Decimal mark of the file. Default: found."))
@_option(_READ_OPTIONS["sheet"], help=N_("Sheet of a workbook."))
@_option(
    _READ_OPTIONS["missing"],
    "marks",
    multiple=True,
    help=N_('Text that means "missing" in the file, such as "?".'),
)
@_option(_READ_OPTIONS["text"], "text", multiple=True, metavar="COLUMNS", help=N_("Columns that stay text."))
@_option("-q", "--quiet", is_flag=True, help=N_("Print no table and no progress."))
def assess(file: Path, **options: Any) -> None:
    """Assess a file."""
    screen = _screen(stderr=options["json_file"] == "-")
    how = {key: options[key] or None for key in ("sep", "encoding", "decimal", "sheet")}
    with _progress(options["quiet"]) as progress:
        progress(_("reading {name}").format(name=file.name), 0, 1)
        table = _read(file, missing=options["marks"], text=_split(options["text"], []), **how)
        register = None
        if options["register"]:
            register = _read(options["register"], missing=options["marks"]).data
        roles = _roles_given(options, list(table.data.columns))
        answer = _assessed(table.data, roles, options, table.name, table.notes, register, progress)
    _deliver(answer, options, screen)
    if answer.warning and options["quiet"]:
        click.echo(_("riskscope: {message}").format(message=answer.warning), err=True)
    if roles is None and not options["quiet"]:
        _print_proposal(screen, answer.roles)
        _print_confirmation(screen, click.get_current_context(), answer.roles)


def _read(file: Path, **how: Any) -> TableFile:
    """Read a file; what is said of it names the options of the command line."""
    from riskscope.intake.option_names import options_written_as
    from riskscope.intake.read import read_table

    with options_written_as(_READ_OPTIONS):
        return read_table(file, **how)


@cli.command(cls=_Command, help=N_("Assess the embedded customers of a made-up French retailer and write the report."))
@_option(
    "--html",
    type=click.Path(path_type=Path),
    default=Path("riskscope-demo.html"),
    show_default=True,
    help=N_("Write the report to this file."),
)
@_option("--next-step", metavar="COMMAND", help=N_("A command to name at the end, before that for your own file."))
def demo(html: Path, next_step: str | None) -> None:
    """Assess the embedded customers."""
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
    _say(screen, _("20,000 made-up customers of a French retailer; nobody in the table exists."))
    with _progress(False) as progress:
        customers, register = datasets.load_customers(), datasets.load_register()
        options = {"k": 5, "threshold": 0.2, "missing": "category", "population_size": len(register)}
        answer = _assessed(customers, roles, options, "customers", (), register, progress)
    _deliver(answer, {"html": html, "json_file": None, "quiet": False, "save_roles": None}, screen)
    yours = shlex.join([*_program(), "assess", "YOURFILE.csv"])
    said = _("Next: {command}, or your own table: {yours}") if next_step else _("Next, your own table: {yours}")
    _say(screen, said.format(command=next_step, yours=yours), soft_wrap=True)


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
        population_size=options["population_size"],
        name=name,
        notes=notes,
        progress=progress,
    )


def _deliver(answer: Assessment, options: dict[str, Any], screen: Console) -> None:
    """Print the answer and write the files asked for."""
    from riskscope.report.files import write_text

    if not options["quiet"]:
        _print_answer(screen, answer)
    if options["save_roles"]:
        write_text(options["save_roles"], Roles(**answer.roles.to_dict()).to_toml())
        _say_unsaved(screen, answer)
    if options["html"]:
        path = answer.to_html(options["html"])
        _say(screen, _("Report: {path}").format(path=path.resolve()), soft_wrap=True)
    if options["json_file"]:
        text = json.dumps(answer.to_dict(), indent=2, allow_nan=False) + "\n"
        if options["json_file"] == "-":
            click.echo(text, nl=False)
        else:
            write_text(options["json_file"], text)


def _say_unsaved(screen: Console, answer: Assessment) -> None:
    """Say which direct identifiers were found and have no part in the roles that were saved."""
    from riskscope.journeys.identifiers import DirectIdentifiers

    found = answer.get(DirectIdentifiers)
    unsaved = [name for name in found.columns if name not in answer.roles.columns()] if found else []
    if unsaved:
        options = shlex.join([word for name in unsaved for word in ("--identifier", name)])
        _say(
            screen,
            _("The roles saved give no part to {columns}; to name them direct identifiers, add: {options}").format(
                columns=quoted(unsaved), options=options
            ),
            soft_wrap=True,
        )


def _split(given: tuple[str, ...], columns: list[str]) -> list[str]:
    """Return the names that options give: a text that is a column as it stands is one, others split at commas."""
    names: list[str] = []
    for each in given:
        names += [each] if each in columns else [name.strip() for name in each.split(",") if name.strip()]
    return names


def _roles_given(options: dict[str, Any], columns: list[str]) -> Roles | None:
    """Return the roles of a file and of the options, or None where neither is given."""
    given: dict[str, Any] = {}
    for role, (option, _meaning) in _ROLE_OPTIONS.items():
        if not options[role]:
            continue
        names = check_names(options[role] if role in _SINGLE else _split(options[role], columns), option)
        check_columns(names, columns, _("column of {option}").format(option=option))
        given[role] = names[0] if role in _SINGLE else names
    if options["roles_file"]:
        return Roles.read(options["roles_file"]).replace(**given)
    return Roles(**given) if given else None


def _screen(*, stderr: bool) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def _say(screen: Console, text: str, *, style: str = "", soft_wrap: bool = False) -> None:
    """Print one sentence; control characters are shown, not sent."""
    from rich.text import Text

    screen.print(Text(visible(text), style=style), soft_wrap=soft_wrap)


def _print_answer(screen: Console, answer: Assessment) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from riskscope.journeys.answer import terms

    for note in answer.notes:
        _say(screen, note, style="dim")
    table = Table(box=box.HORIZONTALS, show_lines=True, pad_edge=False)
    table.add_column(Text(_("question")), max_width=14)
    table.add_column(Text(_("answer")), style="bold", max_width=16, overflow="fold")
    table.add_column(Text(_("what it means")), ratio=1, overflow="fold")
    for label, value, meaning, is_urgent in answer.lines():
        cells = [Text(visible(each)) for each in (label, value, meaning)]
        table.add_row(*cells, style="red" if is_urgent else "")
    _say(screen, _("Who could be recognised in {name}?").format(name=shlex.quote(answer.name)), style="bold")
    if answer.warning:
        _say(screen, answer.warning, style="bold yellow")
    _say(screen, answer.next_step(), style="bold")
    screen.print(table)
    _say(screen, terms(), style="dim")
    _say(screen, _("No figure proves anonymity; the report (--html) says what these figures do not cover."))


def _print_proposal(screen: Console, roles: Roles) -> None:
    """Print the roles proposed, each with the first of its reasons."""
    from riskscope.intake.proposal import ProposedRoles

    if not isinstance(roles, ProposedRoles):
        return
    _say(screen, _("The figures rest on these roles, which riskscope proposes; confirm or edit them:"), style="bold")
    with_part = [reason for reason in roles.reasons if reason.roles]
    for reason in with_part[:_MOST_REASONS]:
        _say(screen, f"  {reason.column}: {reason.role}. {reason.evidence[0]}")
    if len(with_part) > _MOST_REASONS:
        _say(screen, "  " + _("and {n} more").format(n=len(with_part) - _MOST_REASONS))


def _print_confirmation(screen: Console, context: click.Context, roles: Roles) -> None:
    """Print the command that confirms the roles, with the options that were given."""
    file = str(context.params["file"])
    start = [*_program(), "assess", f"./{file}" if file.startswith("-") else file]
    options = _options_given(context)
    named = [(role, name) for role in _ROLE_OPTIONS for name in roles.columns(role)]
    if len(named) <= _MOST_REASONS and all(name == visible(name) for _role, name in named):
        _say(screen, _("Confirm with:"), style="bold")
        commands = [[*start, *(word for role, name in named for word in (_ROLE_OPTIONS[role][0], name)), *options]]
    else:  # more names than a line should hold, or names that cannot be typed
        _say(screen, _("Write the roles to a file, edit it, and confirm with it:"), style="bold")
        saved = str(context.params["save_roles"] or "roles.toml")
        written = [] if context.params["save_roles"] else ["--save-roles", saved]
        commands = [[*start, *written, *options], [*start, "--roles", saved, *options]]
    for command in commands:
        _say(screen, shlex.join(command), soft_wrap=True)


def _program() -> list[str]:
    """Return how this program was called, to be pasted: by its path, by Python, or by its name alone."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    if spec is not None and spec.name == "riskscope.cli":
        return [sys.orig_argv[0], "-m", "riskscope.cli"]
    called = Path(sys.argv[0])
    on_path = shutil.which("riskscope")
    by_name = called.stem != "riskscope" or (on_path is not None and Path(on_path) == called)
    return ["riskscope"] if by_name else [sys.argv[0]]


def _options_given(context: click.Context) -> list[str]:
    """Return the options of the command line as they were given; there are no roles among them."""
    words: list[str] = []
    for parameter in context.command.params:
        if not isinstance(parameter, click.Option) or parameter.name is None:
            continue
        if context.get_parameter_source(parameter.name) is not ParameterSource.COMMANDLINE:
            continue
        value = context.params[parameter.name]
        if parameter.is_flag:
            words.append(parameter.opts[-1])
            continue
        for each in value if parameter.multiple else [value]:
            words += [parameter.opts[0], str(each)]
    return words


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
        yield lambda step, done, total: bar.update(task, description=visible(step), completed=done, total=total)


def main() -> None:
    """Run the command line; an error of riskscope's own is one clear message and exit status 1."""
    use_language(language_wanted(os.environ))
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot write a letter shows its number
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        cli(standalone_mode=True)
    except RiskscopeError as error:
        click.echo(_("riskscope: {message}").format(message=visible(str(error))), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
