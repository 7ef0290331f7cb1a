"""``riskscope audit FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from riskscope.checks import check_columns, check_names
from riskscope.cli.options import Command, file_options, option, read_file, role_options, roles_given, split
from riskscope.cli.screen import check_files, deliver, print_confirmation, print_proposal, screen_of, shown_progress
from riskscope.errors import RoleError
from riskscope.roles import Roles
from riskscope.words import N_, _

#: Argument of ``audit`` to its option; the kinds have an option each.
_OPTIONS = {
    "pos_label": "--pos-label",
    "favourable_label": "--favourable-label",
    "reference": "--reference",
    "control_features": "--control",
    "kinds": "--decision, --score, --profile",
}
#: Option to the kind of inferred column that it names.
_KINDS = {"--decision": "decision", "--score": "score", "--profile": "profile"}


@click.command(
    cls=Command,
    help=N_(
        "Whether what is inferred about people in FILE (decisions, scores, profiles) differs between groups.\n\n"
        "\b\n"
        "riskscope audit customers.csv --decision approved --outcome paid --protected sex,origin\n"
        "riskscope audit customers.csv --score credit_score --profile segment --protected sex\n"
        "riskscope audit customers.csv --decision approved --protected sex --control occupation --html report.html"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@option("--decision", multiple=True, metavar="COLUMNS", help=N_("Inferred columns of two values: yes or no."))
@option("--score", multiple=True, metavar="COLUMNS", help=N_("Inferred columns of numbers."))
@option("--profile", multiple=True, metavar="COLUMNS", help=N_("Inferred columns of classes without an order."))
@role_options
@option(
    "--roles", "roles_file", type=click.Path(path_type=Path), help=N_("Roles in a TOML file; options replace a role.")
)
@option(
    "--control",
    multiple=True,
    metavar="COLUMNS",
    help=N_("Columns that may justify a difference: groups are compared within their values, too."),
)
@option(
    "--pos-label",
    multiple=True,
    metavar="COLUMN=VALUE",
    help=N_("Positive value of a decision or an outcome, where it is not 1, true or yes."),
)
@option(
    "--favourable-label",
    multiple=True,
    metavar="COLUMN=VALUE",
    help=N_("Which decision is good for a person, where it is not the positive one."),
)
@option(
    "--reference", multiple=True, metavar="COLUMN=GROUP", help=N_("Group to compare with. Default: everybody else.")
)
@option(
    "--margin",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.05,
    show_default=True,
    help=N_("Difference of shares below which groups count as alike."),
)
@option(
    "--min-group",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help=N_("People that a group needs to be judged."),
)
@option(
    "--no-models", is_flag=True, help=N_("Leave out proxies and what drives the inferred columns, which take longest.")
)
@option("--save-roles", type=click.Path(path_type=Path), help=N_("Write the roles used to a TOML file."))
@file_options
def audit(file: Path, **options: Any) -> None:
    """Audit a file."""
    from riskscope.intake.option_names import options_written_as
    from riskscope.journeys.audit import audit as audit_data

    check_files(options)
    screen = screen_of(stderr=options["json_file"] == "-")
    how = {key: options[key] or None for key in ("sep", "encoding", "decimal", "sheet")}
    with shown_progress(options["quiet"]) as progress:
        progress(_("reading {name}").format(name=file.name), 0, 1)
        table = read_file(file, missing=options["marks"], text=split(options["text"], []), **how)
        columns = list(table.data.columns)
        kinds = _kinds_given(options, columns)
        roles = _with_inferred(roles_given(options, columns), kinds)
        with options_written_as(_OPTIONS):
            answer = audit_data(
                table.data,
                roles,
                kinds=kinds,
                control_features=split(options["control"], columns),
                pos_label=_pairs(options["pos_label"], _OPTIONS["pos_label"]),
                favourable_label=_pairs(options["favourable_label"], _OPTIONS["favourable_label"]),
                reference=_pairs(options["reference"], _OPTIONS["reference"]),
                margin=options["margin"],
                min_group=options["min_group"],
                with_models=not options["no_models"],
                name=table.name,
                notes=table.notes,
                progress=progress,
            )
    deliver(answer, options, screen)
    if roles is None and not options["quiet"]:
        print_proposal(screen, answer.roles)
        print_confirmation(screen, click.get_current_context(), answer.roles)


def _kinds_given(options: dict[str, Any], columns: list[str]) -> dict[str, str]:
    """Return the kind of each inferred column that an option names."""
    kinds: dict[str, str] = {}
    for name, kind in _KINDS.items():
        given = check_names(split(options[kind], columns), name)
        check_columns(given, columns, _("column of {option}").format(option=name))
        kinds |= dict.fromkeys(given, kind)
    return kinds


def _with_inferred(roles: Roles | None, kinds: dict[str, str]) -> Roles | None:
    """Return the roles with the inferred columns that options name by their kind."""
    if not kinds:
        return roles
    known = Roles() if roles is None else roles
    return known.replace(inferred=tuple(dict.fromkeys([*known.inferred, *kinds])))


def _pairs(given: tuple[str, ...], name: str) -> dict[str, str]:
    """Return column to value, from options written ``COLUMN=VALUE``."""
    pairs = {}
    for each in given:
        column, sign, value = each.rpartition("=")
        if not sign or not column:
            raise RoleError(_("{option} needs COLUMN=VALUE: a column, =, and a value of it.").format(option=name))
        pairs[column] = value
    return pairs
