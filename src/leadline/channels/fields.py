"""What a provider asks for: the fields of an adapter's settings. The command line and the console ask for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast, get_args, get_type_hints
from urllib.parse import urlsplit

import msgspec

from leadline.channels.base import Channel
from leadline.errors import SettingError, meant

NO_OR_YES = ("false", "true")


def fields_for(adapter: Channel[Any], given: Iterable[str] = ()) -> dict[str, msgspec.inspect.Field]:
    """An adapter's settings by name; raises SettingError where a given name is none of them."""
    kind = cast("msgspec.inspect.StructType", msgspec.inspect.type_info(adapter.settings))
    fields = {field.name: field for field in kind.fields}
    if unknown := sorted(set(given) - set(fields)):
        raise SettingError(f"{adapter.title} has no setting '{unknown[0]}'. {meant(unknown[0], fields)}")
    return fields


def is_secret(kind: msgspec.inspect.Type) -> bool:
    """Whether a setting is asked for without echo."""
    return isinstance(kind, msgspec.inspect.Metadata) and bool((kind.extra or {}).get("secret"))


def is_own(kind: msgspec.inspect.Type) -> bool:
    """Whether a credential is made up by the operator."""
    return isinstance(kind, msgspec.inspect.Metadata) and bool((kind.extra or {}).get("own"))


def choices(kind: msgspec.inspect.Type) -> tuple[str, ...]:
    """The values among which a setting chooses; empty where anything may be typed."""
    if isinstance(kind, msgspec.inspect.Metadata):
        return choices(kind.type)
    if isinstance(kind, msgspec.inspect.BoolType):
        return NO_OR_YES
    return tuple(map(str, kind.values)) if isinstance(kind, msgspec.inspect.LiteralType) else ()


def description(adapter: Channel[Any], name: str) -> str:
    """What a setting means, as its adapter says."""
    hint = get_type_hints(adapter.settings, include_extras=True)[name]
    return next((meta.description or "" for meta in get_args(hint)[1:] if isinstance(meta, msgspec.Meta)), "")


def shaped(adapter: Channel[Any], field: msgspec.inspect.Field, value: str) -> str:
    """A value that looks like what the provider hands out; raises SettingError, never with a secret's value."""
    if field.name == "api_url" and value and not _is_address(value):
        raise SettingError(f"api_url must be a web address like https://api.example.com, not '{value}'.")
    pattern, words = adapter.settings.shapes.get(field.name, ("", ""))
    if value and pattern and not re.fullmatch(pattern, value):
        shown = "" if is_secret(field.type) else f", not '{value}'"
        raise SettingError(f"{field.name} must be {words}{shown}.")
    return value


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
