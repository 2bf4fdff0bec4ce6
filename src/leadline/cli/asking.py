"""Questions to whoever sits at the terminal. Where nobody does, the error names the option that would have answered.

They go to standard error: standard output is for what a command was asked for, which a script may read.
"""

from __future__ import annotations

import getpass
import warnings
from typing import NoReturn

import typer

from leadline.cli.terminal import complain, printable
from leadline.errors import SettingError


def confirm(question: str) -> None:
    """Ask yes or no; a no ends the command before it has changed anything. Raises SettingError where nobody answers."""
    try:
        agreed = typer.confirm(printable(question), err=True)
    except typer.Abort as stopped:
        _stopped(stopped, "--yes")
    if not agreed:
        complain("Nothing was changed.")
        raise typer.Exit(1)


def ask(
    question: str,
    option: str,
    *,
    hidden: bool = False,
    default: str | None = None,
    show_default: bool = False,
    again: bool = False,
) -> str:
    """What somebody types, as it is; raises SettingError naming the option where nobody answers.

    default: what Enter means; None where there must be an answer. hidden: without echo. again: asked for twice.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", getpass.GetPassWarning)  # a pipe echoes nothing
            typed = typer.prompt(
                printable(question),
                hide_input=hidden,
                default=default,
                show_default=show_default,
                confirmation_prompt=again,
                err=True,
            )
    except typer.Abort as stopped:
        _stopped(stopped, option)
    return str(typed)


def _stopped(stopped: typer.Abort, option: str) -> NoReturn:
    """Ctrl+C stays what it is; the end of the input means that nobody can answer."""
    if not isinstance(stopped.__context__, EOFError):
        raise stopped
    complain("")  # ends the line of the question
    raise SettingError(
        f"This question needs an answer, but nobody can type one here. Give the answer with the command: {option}"
    ) from None
