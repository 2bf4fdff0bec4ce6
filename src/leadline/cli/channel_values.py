"""Values an operator gives for a channel's settings: typed, from a file, from a pipe, asked for, or made up here.

A credential on a command line can be read by everybody on the machine, so there is a way around it for each.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from leadline.channels.base import Channel
from leadline.channels.fields import description, fields_for, is_own, is_secret, shaped
from leadline.cli.asking import ask
from leadline.cli.terminal import complain
from leadline.errors import SettingError
from leadline.settings import weakness

SHORTEST = 6  # characters of any credential
OWN_LENGTH = 16  # characters of what an operator makes up
SET = "NAME=VALUE; of a credential better NAME=@file, or NAME=- to be asked"


def values_of(adapter: Channel[Any], given: Sequence[str]) -> dict[str, str]:
    """The `--set` options as settings; raises SettingError for an unknown name, a missing file, a weak secret."""
    pairs = dict(_pair(text) for text in given)
    fields = fields_for(adapter, pairs)
    return {name: _value(adapter, fields[name], text) for name, text in pairs.items()}


def prompt(adapter: Channel[Any], names: Sequence[str]) -> dict[str, str]:
    """Ask for settings, credentials without echo. What an operator may make up is made up where nothing is typed."""
    fields = fields_for(adapter)
    return {name: _asked(adapter, fields[name]) for name in names}


def either(adapter: Channel[Any], given: Mapping[str, str]) -> dict[str, str]:
    """Ask for one of the settings of every choice that is still open."""
    fields = fields_for(adapter)
    chosen: dict[str, str] = {}
    for names in adapter.settings.either:
        while not any({**given, **chosen}.get(name) for name in names):
            complain(f"One of these is needed: {', '.join(names)}. Press Enter to skip one.")
            for name in names:
                if typed := _asked(adapter, fields[name], optional=True):
                    chosen[name] = typed
                    break
    return chosen


def missing(adapter: Channel[Any], given: Mapping[str, str]) -> list[str]:
    """The settings a channel cannot do without, and that were not given."""
    return [name for name, field in fields_for(adapter).items() if field.required and name not in given]


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingError(f"--set takes NAME=VALUE, not '{text}'.")
    return name, value


def _value(adapter: Channel[Any], field: msgspec.inspect.Field, text: str) -> str:
    if not is_secret(field.type) or not text:
        return shaped(adapter, field, text)
    if text == "-":
        return _asked(adapter, field)
    if text.startswith("@"):
        return _checked(adapter, field, read_value(Path(text[1:])))
    complain(exposed(field.name))
    return _checked(adapter, field, text)


def _asked(adapter: Channel[Any], field: msgspec.inspect.Field, *, optional: bool = False) -> str:
    """The answer to one question, asked again until it can be right."""
    question = description(adapter, field.name) or field.name
    is_free = optional or is_own(field.type)
    hint = " (Enter: Leadline makes one)" if is_own(field.type) else ""
    while True:
        hidden = is_secret(field.type)
        option = f"--set {field.name}={'@file' if hidden else '…'}"
        given = ask(question + hint, option, hidden=hidden, default="" if is_free else None)
        if is_free and not given:
            return _made(field) if is_own(field.type) else ""
        try:
            return _checked(adapter, field, given.strip())
        except SettingError as error:
            complain(f"{error}")


def secret_of(file: str, question: str, option: str, *, optional: bool = False) -> str:
    """A credential out of the file that the option names, or asked for without echo; raises SettingError."""
    if file:
        return read_value(Path(file))
    return ask(question, f"{option} <file>", hidden=True, default="" if optional else None).strip()


def exposed(name: str) -> str:
    """A warning about a credential that was typed into the command."""
    return (
        f"Other users of this machine can read {name} in the list of processes. Next time give it as "
        f"--set {name}=@file, or as --set {name}=- to be asked for it."
    )


def _made(field: msgspec.inspect.Field) -> str:
    made = secrets.token_hex(16)
    complain(f"{field.name}: {made}  (made by Leadline; enter it at the provider, it is not shown again)")
    return made


def read_value(path: Path) -> str:
    """A secret from a file, without the end of its line; raises SettingError."""
    try:
        text = sys.stdin.read() if str(path) == "/dev/stdin" else path.read_text("utf-8")
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingError(f"{path} is not a text") from error
    return text.rstrip("\r\n")


def _checked(adapter: Channel[Any], field: msgspec.inspect.Field, value: str) -> str:
    shaped(adapter, field, value)
    if is_secret(field.type) and not is_own(field.type) and len(value) < SHORTEST:
        raise SettingError(f"{field.name} is too short to be a credential.")
    if is_own(field.type) and (weak := weakness(value, length=OWN_LENGTH)):
        raise SettingError(f"{field.name} {weak}. Make one with: openssl rand -hex 16")
    return value
