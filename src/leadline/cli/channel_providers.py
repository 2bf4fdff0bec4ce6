"""`leadline channel providers|settings`: what Leadline can be connected to, and what each of them asks for."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from leadline.channels import CHANNELS
from leadline.channels import channel as channel_of
from leadline.channels.base import Channel
from leadline.channels.fields import description, fields_for, is_secret
from leadline.cli.console import Columns, Row, show
from leadline.cli.options import AsJson


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
