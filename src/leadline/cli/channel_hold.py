"""`leadline channel pause|resume|remove|restore`: what holds a channel back and lets it go on."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from leadline.cli.asking import confirm
from leadline.cli.channel import ChannelName, channel_by_name
from leadline.cli.console import say
from leadline.cli.office import open_office
from leadline.cli.options import AsJson, Yes
from leadline.connections import changing
from leadline.connections.pauses import Pauses
from leadline.identity.words import counted


def pause(channel: ChannelName, as_json: AsJson = False) -> None:
    """Hold a channel back for a while.

    What customers write is kept, and what teammates answer waits, until `leadline channel resume`.
    """
    asyncio.run(_pause(channel, as_json))


def resume(channel: ChannelName, as_json: AsJson = False) -> None:
    """Let a paused channel go on, with everything that waited."""
    asyncio.run(_resume(channel, as_json))


def remove(channel: ChannelName, yes: Yes = False, as_json: AsJson = False) -> None:
    """Take a channel out of service.

    Its messages and conversations stay. `leadline channel restore` puts it back.
    """
    asyncio.run(_remove(channel, yes, as_json))


def restore(
    channel: Annotated[str, typer.Argument(help="Name or number of a removed channel")], as_json: AsJson = False
) -> None:
    """Put a removed channel back into service.

    Its webhook address and its credentials are the same as before.
    """
    asyncio.run(_restore(channel, as_json))


async def _pause(name: str, as_json: bool) -> None:
    async with open_office() as office:
        channel_id, called = channel_by_name(await office.channels.names(office.workspace_id), name)
        await Pauses(office.database, office.channels).pause(office.workspace_id, channel_id)
    words = f"{called} is paused. What comes is kept, and replies wait, until: leadline channel resume {channel_id}"
    say(words, _told(channel_id, called, "paused"), as_json=as_json)


async def _resume(name: str, as_json: bool) -> None:
    async with open_office() as office:
        channel_id, called = channel_by_name(await office.channels.names(office.workspace_id), name)
        count = await Pauses(office.database, office.channels).resume(office.workspace_id, channel_id)
    words = f"{called} goes on. {counted(count, 'message')} that waited {'is' if count == 1 else 'are'} worked on now."
    say(words, _told(channel_id, called, "in service") | {"messages": count}, as_json=as_json)


async def _remove(name: str, yes: bool, as_json: bool) -> None:
    async with open_office() as office:
        channel_id, called = channel_by_name(await office.channels.names(office.workspace_id), name)
        if not yes:
            confirm(f"Take {called} out of service? Its provider's webhooks are refused from then on.")
        await Pauses(office.database, office.channels).remove(office.workspace_id, channel_id)
    words = f"{called} is out of service. Undo: leadline channel restore {channel_id}"
    say(words, _told(channel_id, called, "removed"), as_json=as_json)


async def _restore(name: str, as_json: bool) -> None:
    async with open_office() as office:
        channel_id, called = channel_by_name(await office.channels.names(office.workspace_id, removed=True), name)
        await changing.restore(office.channels, office.workspace_id, channel_id, called)
    say(f"{called} is in service again.", _told(channel_id, called, "in service"), as_json=as_json)


def _told(channel_id: int, name: str, state: str) -> dict[str, Any]:
    """A channel and how it is now, as a script reads it."""
    return {"channel_id": channel_id, "name": name, "state": state}
