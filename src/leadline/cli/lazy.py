"""Commands that are imported when they run. Until then `--help` and completion know them by name and one line."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

EVERYWHERE = {
    *("serve", "sandbox", "demo", "doctor", "channel_new", "channel_providers", "key"),
    *("init", "migrate", "backup", "restore"),
    *("workspace:connect", "workspace:install", "workspace:list_"),
}
"""Modules and commands that are about no workspace, or about all of them: they take no --workspace."""
KINDS = {
    "int": "whole number",
    "int range": "whole number",
    "float": "number",
    "float range": "number",
    "str": "text",
}
"""What typer calls the kinds of values, in the words of its own help and complaints, and of people."""
STANDING = {"serve", "worker"}  # they go on in `standing.py`, where the log is as the settings ask for
SERVING = STANDING | {"demo", "sandbox"}  # they work for others, not for whoever started them


class Deferred(TyperCommand):
    """A command that stands for `target` ("module:function" under `leadline.cli`) until somebody runs it."""

    def __init__(self, name: str, target: str, summary: str) -> None:
        super().__init__(name, help=summary, rich_markup_mode=None)
        self.target = target

    def loaded(self) -> TyperCommand:
        """The command itself, with its parameters; this imports its module."""
        module, _, function = self.target.partition(":")
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        app.command(self.name)(getattr(import_module(f"leadline.cli.{module}"), function))
        command = typer.main.get_command(app)
        assert isinstance(command, TyperCommand)
        for each in command.params:
            each.type.name = KINDS.get(each.type.name, each.type.name)
        if module not in EVERYWHERE and self.target not in EVERYWHERE:
            from leadline.cli.chosen import option  # what only lists commands needs none

            command.params.append(option())
        return command


class LazyGroup(TyperGroup):
    """A group that lists deferred commands without importing them, and imports the one that runs.

    default: the command that options, or nothing, after the group's name are for; empty where there is none.
    """

    default = ""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if self.default and args[:1] != ["--help"] and (not args or args[0].startswith("-")):
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Below the verbs, the options that the group's name takes without a verb."""
        super().format_options(ctx, formatter)
        if isinstance(usual := self.commands.get(self.default), Deferred):
            with formatter.section(f"Options without a command, and of `{self.default}`"):
                formatter.write_dl([one for each in usual.loaded().params if (one := each.get_help_record(ctx))])

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if not isinstance(command, Deferred):
            return name, command, rest
        if name not in STANDING:
            from leadline.cli.logs import configure_logs  # only what runs has something to log

            configure_logs("quiet")
        if name not in SERVING:
            from leadline.store.acting import at_the_keyboard

            at_the_keyboard()
        return name, command.loaded(), rest


def deferred(table: Mapping[str, tuple[str, str]]) -> dict[str, Deferred]:
    """The commands of a table: name → (target, one line of help)."""
    return {name: Deferred(name, target, summary) for name, (target, summary) in table.items()}
