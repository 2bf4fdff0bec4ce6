"""`leadline channel list|remove`, and finding a channel by what people call it: all that needs no provider."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from leadline.cli.console import Columns, out, show
from leadline.cli.office import Office, open_office
from leadline.errors import SettingError
from leadline.identity.words import phone
from leadline.store.channels import ChannelRow

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
ChannelName = Annotated[str, typer.Argument(help="Name or number, as `channel list` shows it")]

COLUMNS: Columns = {
    "Number": "channel_id",
    "Name": "name",
    "Provider": "provider",
    "Address": lambda row: phone(row["address"]),
}


def list_(as_json: AsJson = False) -> None:
    """List the channels."""
    asyncio.run(_list(as_json))


def remove(channel: ChannelName) -> None:
    """Take a channel out of service.

    Its messages and conversations stay.
    """
    asyncio.run(_remove(channel))


async def _list(as_json: bool) -> None:
    async with open_office() as office:
        rows = [
            {"channel_id": r.channel_id, "name": r.name, "provider": r.provider, "address": r.address}
            for r in await office.channels.listed(office.workspace_id)
        ]
    show(rows, COLUMNS, as_json=as_json, empty="There is no channel yet. Connect one with `leadline channel add`.")


async def _remove(name: str) -> None:
    async with open_office() as office:
        channel_id, called = _named(await office.channels.names(office.workspace_id), name)
        await office.channels.remove(office.workspace_id, channel_id)
    out.print(f"{called} is out of service.")


async def find(office: Office, name: str) -> ChannelRow:
    """The channel of that name or number; raises SettingError that names them all."""
    channel_id, _ = _named(await office.channels.names(office.workspace_id), name)
    row = await office.channels.by_id(office.workspace_id, channel_id)
    if row is None:
        raise SettingError(f"Channel {channel_id} does not exist any more")
    return row


def _named(names: dict[int, str], wanted: str) -> tuple[int, str]:
    found = [(channel_id, name) for channel_id, name in names.items() if wanted in (name, str(channel_id))]
    if len(found) != 1:
        known = ", ".join(f"{channel_id} ({name})" for channel_id, name in names.items()) or "none"
        many = "Several channels are" if found else "No channel is"
        raise SettingError(f"{many} called '{wanted}'. Channels: {known}")
    return found[0]
