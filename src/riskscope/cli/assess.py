"""``riskscope assess FILE`` and ``riskscope demo``."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from riskscope.checks import quoted
from riskscope.cli.options import Command, file_options, option, read_file, role_options, roles_given, split
from riskscope.cli.screen import (
    check_files,
    deliver,
    print_confirmation,
    print_proposal,
    program,
    say,
    screen_of,
    shown_progress,
)
from riskscope.roles import Roles
from riskscope.words import N_, _

if TYPE_CHECKING:
    from rich.console import Console

    from riskscope.journeys.assess import Assessment


@click.command(
    cls=Command,
    help=N_(
        "Who could be re-identified in FILE, how surely, because of which columns.\n\n"
        "\b\n"
        "riskscope assess customers.csv\n"
        "riskscope assess customers.csv --quasi sex,birth_date,postcode --sensitive illness\n"
        "riskscope assess customers.csv --roles roles.toml --html report.html --json -"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@role_options
@option(
    "--roles", "roles_file", type=click.Path(path_type=Path), help=N_("Roles in a TOML file; options replace a role.")
)
@option("--save-roles", type=click.Path(path_type=Path), help=N_("Write the roles used to a TOML file."))
@option(
    "-k",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help=N_("Size of a class below which people are badly hidden."),
)
@option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.2,
    show_default=True,
    help=N_("Risk above which a person is at risk."),
)
@option(
    "--missing",
    type=click.Choice(["category", "wildcard", "sdcmicro"]),
    default="category",
    show_default=True,
    help=N_("How a missing value matches: as a value of its own, as any value, or as sdcMicro counts."),
)
@option("--register", type=click.Path(path_type=Path), help=N_("The population, in a file with the same columns."))
@option(
    "--population-size",
    type=click.IntRange(min=1),
    metavar="N",
    help=N_("How many people the table was drawn from, at random: estimates who is alone among them."),
)
@file_options
def assess(file: Path, **options: Any) -> None:
    """Assess a file."""
    check_files(options)
    screen = screen_of(stderr=options["json_file"] == "-")
    how = {key: options[key] or None for key in ("sep", "encoding", "decimal", "sheet")}
    with shown_progress(options["quiet"]) as progress:
        progress(_("reading {name}").format(name=file.name), 0, 1)
        table = read_file(file, missing=options["marks"], text=split(options["text"], []), **how)
        register = None
        if options["register"]:
            register = read_file(options["register"], missing=options["marks"]).data
        roles = roles_given(options, list(table.data.columns))
        answer = _assessed(table.data, roles, options, table.name, table.notes, register, progress)
    deliver(answer, options, screen)
    if options["save_roles"]:
        _say_unsaved(screen, answer)
    if answer.warning and options["quiet"]:
        click.echo(_("riskscope: {message}").format(message=answer.warning), err=True)
    if roles is None and not options["quiet"]:
        print_proposal(screen, answer.roles)
        print_confirmation(screen, click.get_current_context(), answer.roles)


@click.command(cls=Command, help=N_("Assess the embedded customers of a made-up French retailer and write the report."))
@option(
    "--html",
    type=click.Path(path_type=Path),
    default=Path("riskscope-demo.html"),
    show_default=True,
    help=N_("Write the report to this file."),
)
@option("--next-step", metavar="COMMAND", help=N_("A command to name at the end, before that for your own file."))
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
    files = {"html": html, "json_file": None, "save_roles": None}
    check_files(files)
    screen = screen_of(stderr=False)
    say(screen, _("20,000 made-up customers of a French retailer; nobody in the table exists."))
    with shown_progress(False) as progress:
        customers, register = datasets.load_customers(), datasets.load_register()
        options = {"k": 5, "threshold": 0.2, "missing": "category", "population_size": len(register)}
        answer = _assessed(customers, roles, options, "customers", (), register, progress)
    deliver(answer, {**files, "quiet": False}, screen)
    yours = shlex.join([*program(), "assess", "YOURFILE.csv"])
    said = _("Next: {command}, or your own table: {yours}") if next_step else _("Next, your own table: {yours}")
    say(screen, said.format(command=next_step, yours=yours), soft_wrap=True)


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


def _say_unsaved(screen: Console, answer: Assessment) -> None:
    """Say which direct identifiers were found and have no part in the roles that were saved."""
    from riskscope.journeys.identifiers import DirectIdentifiers

    found = answer.get(DirectIdentifiers)
    unsaved = [name for name in found.columns if name not in answer.roles.columns()] if found else []
    if unsaved:
        options = shlex.join([word for name in unsaved for word in ("--identifier", name)])
        say(
            screen,
            _("The roles saved give no part to {columns}; to name them direct identifiers, add: {options}").format(
                columns=quoted(unsaved), options=options
            ),
            soft_wrap=True,
        )
