"""The command line: ``riskscope assess``, ``riskscope validate``, ``riskscope audit``, ``riskscope demo``."""

from __future__ import annotations

import os
import sys

import click

from riskscope._version import __version__
from riskscope.cli.assess import assess, demo
from riskscope.cli.audit import audit
from riskscope.cli.options import Group
from riskscope.cli.validate import validate
from riskscope.display import visible
from riskscope.errors import RiskscopeError
from riskscope.words import N_, _, language_wanted, use_language


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=N_(
        "Who could be recognised in a table, how surely, because of which columns.\n\n"
        "Nothing leaves this computer. Exit status: 0 done, 1 the data or the roles do not allow it, 2 wrong usage."
    ),
)
@click.version_option(__version__, prog_name="riskscope")
def cli() -> None:
    """Hold the commands."""


cli.add_command(assess)
cli.add_command(validate)
cli.add_command(audit)
cli.add_command(demo)


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
