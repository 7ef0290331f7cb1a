"""``riskscope validate ORIGINAL RELEASED``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from riskscope.checks import check_columns, shown
from riskscope.cli.options import Command, file_options, option, read_file, role_options, roles_given, split
from riskscope.cli.screen import check_files, deliver, print_proposal, screen_of, shown_progress
from riskscope.errors import RiskscopeError
from riskscope.hierarchy import Hierarchy
from riskscope.words import N_, _

#: Argument of ``validate`` to its option.
_OPTIONS = {
    "known": "--known",
    "truth": "--truth",
    "register": "--register",
    "register_truth": "--register-truth",
    "holdout": "--holdout",
    "erased": "--erased",
    "earlier": "--earlier",
    "hierarchies": "--hierarchy",
    "target": "--target",
    "budget_seconds": "--budget",
    "rng": "--seed",
}
_FILE = click.Path(path_type=Path)


@click.command(
    cls=Command,
    help=N_(
        "Attack RELEASED with what somebody may know of the people in ORIGINAL.\n\n"
        "\b\n"
        "riskscope validate customers.csv release.csv\n"
        "riskscope validate customers.csv release.csv --known sex,birth_date=year,postcode\n"
        "riskscope validate customers.csv release.csv --register people.csv --html report.html"
    ),
)
@click.argument("original", type=_FILE)
@click.argument("released", type=_FILE)
@role_options
@option("--roles", "roles_file", type=_FILE, help=N_("Roles in a TOML file; options replace a role."))
@option(
    _OPTIONS["known"],
    "known",
    multiple=True,
    metavar="COLUMN[=HOW]",
    help=N_(
        "What the attacker knows (by commas, or repeated), and how exactly: a number (to within so "
        "much), year or "
        "month. Default: the quasi-identifiers."
    ),
)
@option(
    _OPTIONS["truth"], metavar="COLUMN", help=N_("Column of both files that tells whose record is whose; never known.")
)
@option(_OPTIONS["register"], "register", type=_FILE, help=N_("Another source that names people, with columns known."))
@option(
    _OPTIONS["register_truth"],
    "register_truth",
    metavar="COLUMN",
    help=N_("Column of ORIGINAL and of the register that tells who is who; never known."),
)
@option(_OPTIONS["holdout"], "holdout", type=_FILE, help=N_("People like these who are not in RELEASED."))
@option(_OPTIONS["erased"], "erased", type=_FILE, help=N_("People who must not be in RELEASED."))
@option(
    _OPTIONS["earlier"], type=_FILE, multiple=True, help=N_("An earlier release of the same people (needs --truth).")
)
@option(
    _OPTIONS["hierarchies"],
    "hierarchies",
    multiple=True,
    metavar="COLUMN=FILE",
    help=N_("Hierarchy of a column whose values were grouped by names, as ARX writes it."),
)
@option(
    _OPTIONS["target"],
    "target",
    metavar="COLUMN",
    help=N_("Column that somebody wants to learn in good faith (utility)."),
)
@option(
    _OPTIONS["budget_seconds"],
    "budget_seconds",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help=N_("Time for guessing at a column of pseudonyms, and for an attack by distance."),
)
@option(_OPTIONS["rng"], "rng", type=click.IntRange(min=0), default=0, show_default=True, help=N_("Seed."))
@file_options
def validate(original: Path, released: Path, **options: Any) -> None:
    """Validate a released file."""
    from riskscope.intake.option_names import options_written_as
    from riskscope.journeys.validate import validate as validate_data

    check_files({**options, "save_roles": None})
    screen = screen_of(stderr=options["json_file"] == "-")
    how = {key: options[key] or None for key in ("sep", "encoding", "decimal", "sheet")}
    with shown_progress(options["quiet"]) as progress, options_written_as(_OPTIONS):
        progress(_("reading {name}").format(name=original.name), 0, 1)
        table = read_file(original, missing=options["marks"], text=split(options["text"], []), **how)
        release = read_file(released, missing=options["marks"], text=split(options["text"], []), **how)
        columns = list(table.data.columns)
        roles = roles_given(options, columns)
        answer = validate_data(
            table.data,
            release.data,
            roles,
            known=_known(options["known"], columns),
            truth=options["truth"],
            register_truth=options["register_truth"],
            hierarchies=_hierarchies(options["hierarchies"], columns),
            earlier=[read_file(each, missing=options["marks"]).data for each in options["earlier"]],
            target=options["target"],
            budget_seconds=options["budget_seconds"],
            rng=options["rng"],
            name=release.name,
            notes=[*table.notes, *release.notes],
            progress=progress,
            **{
                name: read_file(options[name], missing=options["marks"]).data
                for name in ("register", "holdout", "erased")
                if options[name]
            },
        )
    deliver(answer, {**options, "save_roles": None}, screen)
    if roles is None and not options["quiet"]:
        print_proposal(screen, answer.roles)


def _known(given: tuple[str, ...], columns: list[str]) -> dict[str, str | float] | None:
    """Return for each column known how exactly, from COLUMN or COLUMN=HOW."""
    found: dict[str, str | float] = {}
    for each in split(given, columns):
        name, equals, how = (each, "", "") if each in columns else each.partition("=")
        check_columns([name], columns, _("column of {option}").format(option=_OPTIONS["known"]))
        try:
            found[name] = float(how) if equals else "exact"
        except ValueError:
            found[name] = how
    return found or None


def _hierarchies(given: tuple[str, ...], columns: list[str]) -> dict[str, Hierarchy]:
    """Return the hierarchy of each column, from COLUMN=FILE."""
    found = {}
    for each in given:
        name, equals, file = each.partition("=")
        if not equals:
            raise RiskscopeError(
                _("{option} is given {text}; write COLUMN=FILE.").format(
                    option=_OPTIONS["hierarchies"], text=shown(each)
                )
            )
        check_columns([name], columns, _("column of {option}").format(option=_OPTIONS["hierarchies"]))
        found[name] = Hierarchy.read_csv(file)
    return found
