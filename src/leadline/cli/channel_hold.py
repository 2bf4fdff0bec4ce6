"""`leadline channel pause|resume|remove|restore`: what holds a channel back and lets it go on."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from leadline.cli.asking import confirm
from leadline.cli.channel import ChannelName, named
from leadline.cli.console import out
from leadline.cli.office import open_office
from leadline.connections import changing
from leadline.connections.pauses import Pauses
from leadline.identity.words import counted


def pause(channel: ChannelName) -> None:
    """Hold a channel back for a while.

    What customers write is kept, and what teammates answer waits, until `leadline channel resume`.
    """
    asyncio.run(_pause(channel))


def resume(channel: ChannelName) -> None:
    """Let a paused channel go on, with everything that waited."""
    asyncio.run(_resume(channel))


def remove(channel: ChannelName, yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False) -> None:
    """Take a channel out of service.

    Its messages and conversations stay. `leadline channel restore` puts it back.
    """
    asyncio.run(_remove(channel, yes))


def restore(channel: Annotated[str, typer.Argument(help="Name or number of a removed channel")]) -> None:
    """Put a removed channel back into service.

    Its webhook address and its credentials are the same as before.
    """
    asyncio.run(_restore(channel))


async def _pause(name: str) -> None:
    async with open_office() as office:
        channel_id, called = named(await office.channels.names(office.workspace_id), name)
        await Pauses(office.database, office.channels).pause(office.workspace_id, channel_id)
    out.print(f"{called} is paused. What comes is kept, and replies wait, until: leadline channel resume {channel_id}")


async def _resume(name: str) -> None:
    async with open_office() as office:
        channel_id, called = named(await office.channels.names(office.workspace_id), name)
        count = await Pauses(office.database, office.channels).resume(office.workspace_id, channel_id)
    out.print(
        f"{called} goes on. {counted(count, 'message')} that waited {'is' if count == 1 else 'are'} worked on now."
    )


async def _remove(name: str, yes: bool) -> None:
    async with open_office() as office:
        channel_id, called = named(await office.channels.names(office.workspace_id), name)
        if not yes:
            confirm(f"Take {called} out of service? Its provider's webhooks are refused from then on.")
        await Pauses(office.database, office.channels).remove(office.workspace_id, channel_id)
    out.print(f"{called} is out of service. Undo: leadline channel restore {channel_id}")


async def _restore(name: str) -> None:
    async with open_office() as office:
        channel_id, called = named(await office.channels.names(office.workspace_id, removed=True), name)
        await changing.restore(office.channels, office.workspace_id, channel_id, called)
    out.print(f"{called} is in service again.")
