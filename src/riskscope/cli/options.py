"""The options that commands share: roles, how a file is read; help that is looked up when it is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from riskscope.checks import check_columns, check_names
from riskscope.roles import Roles
from riskscope.words import N_, _

if TYPE_CHECKING:
    from riskscope.intake.read import TableFile

#: Role to its option and the help of it.
ROLE_OPTIONS = {
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
#: Puts an option to a command.
Adder = Callable[[Callable[..., Any]], Callable[..., Any]]
#: Argument of ``read_table`` to its option.
READ_OPTIONS = {
    "sep": "--sep",
    "encoding": "--encoding",
    "decimal": "--decimal",
    "sheet": "--sheet",
    "missing": "--missing-mark",
    "text": "--as-text",
}
SINGLE = ("outcome", "weight", "household", "person")


class _Spoken:
    """Help that is looked up in the catalogue when it is shown, not when this file is imported."""

    _help: str | None = None

    @property
    def help(self) -> str | None:
        return _(self._help) if self._help else self._help

    @help.setter
    def help(self, text: str | None) -> None:
        self._help = text


class Option(_Spoken, click.Option):
    """An option whose help is looked up when it is shown."""


class Command(_Spoken, click.Command):
    """A command whose help is looked up when it is shown."""


class Group(_Spoken, click.Group):
    """A group of commands whose help is looked up when it is shown."""


def option(*names: str, **settings: Any) -> Adder:
    """Return what adds an option to a command."""
    return click.option(*names, cls=Option, **settings)


_FILE_OPTIONS = (
    option("--html", type=click.Path(path_type=Path), help=N_("Write the report to this file.")),
    option(
        "--json", "json_file", metavar="PATH", help=N_("Write all figures to this file, or to standard output for -.")
    ),
    option(READ_OPTIONS["sep"], help=N_("Delimiter of the file. Default: found.")),
    option(READ_OPTIONS["encoding"], help=N_("Encoding of the file, such as cp1252. Default: found.")),
    option(READ_OPTIONS["decimal"], help=N_("Decimal mark of the file. Default: found.")),
    option(READ_OPTIONS["sheet"], help=N_("Sheet of a workbook.")),
    option(
        READ_OPTIONS["missing"],
        "marks",
        multiple=True,
        help=N_('Text that means "missing" in the file, such as "?".'),
    ),
    option(READ_OPTIONS["text"], "text", multiple=True, metavar="COLUMNS", help=N_("Columns that stay text.")),
    option("-q", "--quiet", is_flag=True, help=N_("Print no table and no progress.")),
)


def role_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each role."""
    for role, (name, meaning) in reversed(ROLE_OPTIONS.items()):
        several = role not in SINGLE
        metavar = "COLUMNS" if several else "COLUMN"
        command = option(name, role, multiple=several, metavar=metavar, help=meaning)(command)
    return command


def file_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add how the file is read, and where the answer goes."""
    for add in reversed(_FILE_OPTIONS):
        command = add(command)
    return command


def read_file(file: Path, **how: Any) -> TableFile:
    """Read a file; what is said of it names the options of the command line."""
    from riskscope.intake.option_names import options_written_as
    from riskscope.intake.read import read_table

    with options_written_as(READ_OPTIONS):
        return read_table(file, **how)


def split(given: tuple[str, ...], columns: list[str]) -> list[str]:
    """Return the names that options give: a text that is a column as it stands is one, others split at commas."""
    names: list[str] = []
    for each in given:
        names += [each] if each in columns else [name.strip() for name in each.split(",") if name.strip()]
    return names


def roles_given(options: dict[str, Any], columns: list[str]) -> Roles | None:
    """Return the roles of a file and of the options, or None where neither is given."""
    given: dict[str, Any] = {}
    for role, (option, _meaning) in ROLE_OPTIONS.items():
        if not options[role]:
            continue
        names = check_names(options[role] if role in SINGLE else split(options[role], columns), option)
        check_columns(names, columns, _("column of {option}").format(option=option))
        given[role] = names[0] if role in SINGLE else names
    if options["roles_file"]:
        return Roles.read(options["roles_file"]).replace(**given)
    return Roles(**given) if given else None
