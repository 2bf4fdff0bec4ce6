"""`leadline channel providers|settings`: what Leadline can be connected to, and what each of them asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, cast, get_args, get_type_hints

import msgspec
import typer

from leadline.channels import CHANNELS
from leadline.channels import channel as channel_of
from leadline.channels.base import Channel
from leadline.cli.channel import AsJson
from leadline.cli.console import Columns, Row, show
from leadline.errors import SettingError, meant


def providers(as_json: AsJson = False) -> None:
    """List the providers, and what each can do."""
    rows = [declared(adapter) for _, adapter in sorted(CHANNELS.items())]
    show(rows, PROVIDERS, as_json=as_json, empty="None")


def _files(row: Row) -> str:
    ways = [way for way in ("in", "out") if row[f"media_{way}"]]
    return " and ".join(ways) or "no"


def _window(row: Row) -> str:
    return f"{row['window'] // 3600} hours" if row["window"] else "always"


PROVIDERS: Columns = {
    "Provider": "key",
    "Name": "title",
    "Files": _files,
    "Delivery reports": "statuses",
    "Templates": "templates",
    "Replies allowed": _window,
}
SETTINGS: Columns = {
    "Setting": "name",
    "Required": "required",
    "Secret": "secret",
    "Default": "default",
    "Meaning": "meaning",
}


def declared(adapter: Channel[Any]) -> dict[str, Any]:
    """A provider's capabilities as `channel providers --json` prints them."""
    fields = msgspec.structs.asdict(adapter.capabilities)
    return {"key": adapter.key, "title": adapter.title, **fields, "limits": dict(fields["limits"])}


def settings_(provider: Annotated[str, typer.Argument(help="Provider key")], as_json: AsJson = False) -> None:
    """List the settings of a provider.

    Shows which are required, which are optional and which are kept secret.
    """
    adapter = channel_of(provider)
    rows = [
        {
            "name": field.name,
            "required": field.required,
            "secret": is_secret(field.type),
            "default": None if field.required else field.default,
            "meaning": description(adapter, field.name),
        }
        for field in fields_for(adapter).values()
    ]
    show(rows, SETTINGS, as_json=as_json, empty="None")


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


def description(adapter: Channel[Any], name: str) -> str:
    """What a setting means, as its adapter says."""
    hint = get_type_hints(adapter.settings, include_extras=True)[name]
    return next((meta.description or "" for meta in get_args(hint)[1:] if isinstance(meta, msgspec.Meta)), "")
