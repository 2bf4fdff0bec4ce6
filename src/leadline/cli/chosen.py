"""`--workspace`: which workspace a command is about, where there are several. `lazy.py` gives it to every command."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Annotated, Any

import typer

from leadline.errors import SettingError

CHOSEN: ContextVar[str] = ContextVar("chosen", default="")
HELP = "Id or name of the workspace, where there is more than one"


def option() -> Any:
    """The option, which hands the command nothing: whoever opens the workspace asks `one_of`."""
    app = typer.Typer(add_completion=False)
    app.command()(_only)
    return typer.main.get_command(app).params[0]


def _choose(value: str) -> str:
    CHOSEN.set(value)
    return value


def _only(
    workspace: Annotated[str, typer.Option(callback=_choose, expose_value=False, help=HELP, show_default=False)] = "",
) -> None:
    """A command that has nothing but this option."""


def one_of(known: Sequence[tuple[str, str]]) -> str:
    """The id of the chosen workspace, or of the only one; raises SettingError that names them all.

    known: id and name of each.
    """
    wanted = CHOSEN.get()
    found = [each for each, name in known if wanted in ("", each, name)]
    if len(found) == 1:
        return found[0]
    if not known:
        raise SettingError("No Intercom workspace is connected yet. Connect one with `leadline workspace connect`")
    names = ", ".join(f"{name or each} ({each})" for each, name in known)
    if not wanted:
        raise SettingError(f"There are several workspaces. Choose one with --workspace: {names}")
    many = "More than one workspace is" if found else "No workspace is"
    raise SettingError(f"{many} called '{wanted}'. Known: {names}")
