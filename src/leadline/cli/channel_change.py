"""`leadline channel change`: new credentials for a channel that goes on as it is. A verb of `channel.py`'s group."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from leadline.channels import channel as channel_of
from leadline.channels.settings import secret_names
from leadline.cli.channel import ChannelName, find
from leadline.cli.channel_values import SET, prompt, values_of
from leadline.cli.console import say
from leadline.cli.office import open_office
from leadline.cli.options import AsJson
from leadline.connections import changing
from leadline.connections.proving import registered
from leadline.connections.switchboard import connect
from leadline.settings import require
from leadline.store.channels import ChannelRow


def change(
    channel: ChannelName,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help=f"{SET}. Without any the credentials are asked for"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Give a channel new credentials or settings.

    Its webhook address, its conversations and its waiting messages stay.
    """
    asyncio.run(_change(channel, settings or [], as_json))


async def _change(name: str, given: list[str], as_json: bool) -> None:
    async with open_office() as office:
        require(office.settings, "public_url")
        row = await find(office, name)
        changed = await changing.change(office.database, office.channels, row, _values(row, given))
        told = await registered(changed, f"{office.settings.public_url.rstrip('/')}/in/{row.key}")
    words = (
        f"{row.name} has the new settings; what waits for them is tried within seconds.",
        told,
        f"Check them: leadline channel test {row.channel_id}",
    )
    done = {"channel_id": row.channel_id, "name": row.name, "registered": told}
    say([*filter(None, words)], done, as_json=as_json)


def _values(row: ChannelRow, given: list[str]) -> dict[str, str]:
    """The given settings, or else every secret the channel has, asked for without echo."""
    adapter = channel_of(row.provider)
    if given:
        return values_of(adapter, given)
    return prompt(adapter, [name for name in secret_names(connect(row).settings) if row.settings.get(name)])
