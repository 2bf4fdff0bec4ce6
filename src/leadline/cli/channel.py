"""`leadline channel list`, and finding a channel by what people call it: all that needs no provider."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from leadline.cli.console import Columns, show
from leadline.cli.office import Office, open_office
from leadline.cli.options import AsJson
from leadline.errors import SettingError, meant
from leadline.identity.words import phone
from leadline.store.channels import ChannelRow, ChannelStore

ChannelName = Annotated[str, typer.Argument(help="Name or number, as `channel list` shows it")]

COLUMNS: Columns = {
    "Number": "channel_id",
    "Name": "name",
    "Provider": "provider",
    "Address": lambda row: phone(row["address"]),
    "State": lambda row: "paused" if row["paused"] else "in service",
}


def list_(as_json: AsJson = False) -> None:
    """List the channels."""
    asyncio.run(_list(as_json))


async def _list(as_json: bool) -> None:
    async with open_office() as office:
        rows = [
            {
                "channel_id": r.channel_id,
                "name": r.name,
                "provider": r.provider,
                "address": r.address,
                "paused": r.is_paused,
            }
            for r in await office.channels.listed(office.workspace_id)
        ]
    show(rows, COLUMNS, as_json=as_json, empty="There is no channel yet. Connect one with `leadline channel add`.")


async def find(office: Office, name: str) -> ChannelRow:
    """The channel of that name or number; raises SettingError that names them all."""
    return await find_in(office.channels, office.workspace_id, name)


async def find_in(channels: ChannelStore, workspace_id: str, name: str) -> ChannelRow:
    """The same, where only the store of the channels is at hand."""
    channel_id, _ = channel_by_name(await channels.names(workspace_id), name)
    row = await channels.by_id(workspace_id, channel_id)
    if row is None:
        raise SettingError(f"Channel {channel_id} does not exist any more")
    return row


def channel_by_name(names: dict[int, str], wanted: str) -> tuple[int, str]:
    """Number and name of the one that is meant; raises SettingError that names them all."""
    found = [(channel_id, name) for channel_id, name in names.items() if wanted in (name, str(channel_id))]
    if len(found) != 1:
        if found:
            each = ", ".join(str(channel_id) for channel_id, _ in found)
            raise SettingError(f"Several channels are called '{wanted}'. Give the number of one: {each}")
        raise SettingError(f"No channel is called '{wanted}'. {meant(wanted, names.values())}")
    return found[0]
