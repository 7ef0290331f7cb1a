"""What a command prints: the answer, the roles proposed, the command that confirms them, progress."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from riskscope.cli.options import ROLE_OPTIONS
from riskscope.display import visible
from riskscope.roles import Roles
from riskscope.words import _

if TYPE_CHECKING:
    from rich.console import Console

    from riskscope.journeys.journey import Answer

#: Roles beyond this many are counted on the screen, and not listed.
MOST_REASONS = 40


def screen_of(*, stderr: bool) -> Console:
    """Return the screen to print on."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def say(screen: Console, text: str, *, style: str = "", soft_wrap: bool = False) -> None:
    """Print one sentence; control characters are shown, not sent."""
    from rich.text import Text

    screen.print(Text(visible(text), style=style), soft_wrap=soft_wrap)


def check_files(options: dict[str, Any]) -> None:
    """Raise an error where a file asked for cannot be written, before the work that it is to tell of."""
    from riskscope.report.files import check_writable

    for name in ("save_roles", "html", "json_file"):
        if options[name] and options[name] != "-":
            check_writable(options[name])


def deliver(answer: Answer, options: dict[str, Any], screen: Console) -> None:
    """Print the answer and write the files asked for."""
    from riskscope.report.files import write_text

    if not options["quiet"]:
        print_answer(screen, answer)
    if options["save_roles"]:
        write_text(options["save_roles"], Roles(**answer.roles.to_dict()).to_toml())
    if options["html"]:
        path = answer.to_html(options["html"])
        say(screen, _("Report: {path}").format(path=path.resolve()), soft_wrap=True)
    if options["json_file"]:
        text = json.dumps(answer.to_dict(), indent=2, allow_nan=False) + "\n"
        if options["json_file"] == "-":
            click.echo(text, nl=False)
        else:
            write_text(options["json_file"], text)


def print_answer(screen: Console, answer: Answer) -> None:
    """Print the notes, the answer and its lines."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    for note in answer.notes:
        say(screen, note, style="dim")
    table = Table(box=box.HORIZONTALS, show_lines=True, pad_edge=False)
    table.add_column(Text(_("question")), max_width=14)
    table.add_column(Text(_("answer")), style="bold", max_width=16, overflow="fold")
    table.add_column(Text(_("what it means")), ratio=1, overflow="fold")
    for label, value, meaning, is_urgent in answer.lines():
        cells = [Text(visible(each)) for each in (label, value, meaning)]
        table.add_row(*cells, style="red" if is_urgent else "")
    say(screen, answer.heading(), style="bold")
    if answer.warning:
        say(screen, answer.warning, style="bold yellow")
    say(screen, answer.next_step(), style="bold")
    screen.print(table)
    say(screen, answer.terms(), style="dim")
    more = _("{limit} The report (--html) says what else these figures do not cover.")
    say(screen, more.format(limit=answer.limits()[0]))


def print_proposal(screen: Console, roles: Roles) -> None:
    """Print the roles proposed, each with the first of its reasons."""
    from riskscope.intake.proposal import ProposedRoles

    if not isinstance(roles, ProposedRoles):
        return
    say(screen, _("The figures rest on these roles, which riskscope proposes; confirm or edit them:"), style="bold")
    with_part = [reason for reason in roles.reasons if reason.roles]
    for reason in with_part[:MOST_REASONS]:
        say(screen, f"  {reason.column}: {reason.role}. {reason.evidence[0]}")
    if len(with_part) > MOST_REASONS:
        say(screen, "  " + _("and {n} more").format(n=len(with_part) - MOST_REASONS))


def print_confirmation(screen: Console, context: click.Context, roles: Roles) -> None:
    """Print the command that confirms the roles, with the options that were given."""
    file = str(context.params["file"])
    start = [*program(), "assess", f"./{file}" if file.startswith("-") else file]
    options = options_given(context)
    named = [(role, name) for role in ROLE_OPTIONS for name in roles.columns(role)]
    if len(named) <= MOST_REASONS and all(name == visible(name) for _role, name in named):
        say(screen, _("Confirm with:"), style="bold")
        commands = [[*start, *(word for role, name in named for word in (ROLE_OPTIONS[role][0], name)), *options]]
    else:  # more names than a line should hold, or names that cannot be typed
        say(screen, _("Write the roles to a file, edit it, and confirm with it:"), style="bold")
        saved = str(context.params["save_roles"] or "roles.toml")
        written = [] if context.params["save_roles"] else ["--save-roles", saved]
        commands = [[*start, *written, *options], [*start, "--roles", saved, *options]]
    for command in commands:
        say(screen, shlex.join(command), soft_wrap=True)


def program() -> list[str]:
    """Return how this program was called, to be pasted: by its path, by Python, or by its name alone."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    if spec is not None and spec.name == "riskscope.cli.__main__":
        return [sys.orig_argv[0], "-m", "riskscope.cli"]
    called = Path(sys.argv[0])
    on_path = shutil.which("riskscope")
    by_name = called.stem != "riskscope" or (on_path is not None and Path(on_path) == called)
    return ["riskscope"] if by_name else [sys.argv[0]]


def options_given(context: click.Context) -> list[str]:
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
def shown_progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
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
