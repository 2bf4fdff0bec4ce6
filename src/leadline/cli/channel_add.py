"""`leadline channel add|register|rotate`: a channel gets its address, and its provider is told."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
import typer

from leadline.channels import channel as channel_of
from leadline.channels.base import Channel
from leadline.cli.channel import ChannelName, find
from leadline.cli.channel_check import probe
from leadline.cli.channel_values import SET, asked, either, missing, values_of
from leadline.cli.console import out
from leadline.cli.office import Office, open_office
from leadline.connections.provider_calls import ProviderCalls, Unreachable
from leadline.connections.switchboard import add_channel, connect, typed_settings
from leadline.errors import ProviderTrouble, SettingError
from leadline.settings import require
from leadline.store.channels import ChannelRow


def add(
    provider: Annotated[str, typer.Argument(help="The provider, as `channel providers` lists it")],
    name: Annotated[str, typer.Option(help="What teammates call it")] = "",
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=SET)] = None,
) -> None:
    """Connect a channel.

    Asks for the settings the provider needs, then prints the webhook address to register there. Optional settings
    are not asked for: give them with --set. `leadline channel settings <provider>` lists them.
    """
    adapter = channel_of(provider)
    values = values_of(adapter, settings or [])
    values |= asked(adapter, missing(adapter, values))
    values |= either(adapter, values)
    asyncio.run(_add(adapter, name or adapter.title, values))


def register(channel: ChannelName) -> None:
    """Tell the provider a channel's webhook address again.

    Use it after LEADLINE_PUBLIC_URL has changed, or when the provider has lost the address.
    """
    asyncio.run(_register(channel))


def rotate(channel: ChannelName) -> None:
    """Give a channel a new webhook address.

    The old address stops working at once.
    """
    asyncio.run(_rotate(channel))


async def _add(adapter: Channel[Any], name: str, values: dict[str, str]) -> None:
    typed = typed_settings(adapter, values)
    async with open_office() as office:
        require(office.settings, "public_url", "secret_key")
        await _require_new_name(office, name)
        row = await add_channel(office.channels, office.workspace_id, adapter, name, typed)
        out.print(f"Channel {row.channel_id}, {row.name}, is connected.")
        await _prove(adapter, row)
        await _tell_setup(office, adapter, row)


async def _prove(adapter: Channel[Any], row: ChannelRow) -> None:
    """Say at once whether the provider accepts the credentials; a channel with wrong ones can be changed."""
    calls = ProviderCalls(timeout=10.0)
    try:
        trouble = await probe(calls, row)
    finally:
        await calls.close()
    if trouble:
        out.print(trouble)
    elif adapter.probe(connect(row).settings) is None:
        out.print(f"{adapter.title} has no way to check credentials. Send a test message to check them.")
    else:
        out.print("The provider accepts the credentials.")


async def _require_new_name(office: Office, name: str) -> None:
    for channel_id, known in (await office.channels.names(office.workspace_id)).items():
        if known == name:
            raise SettingError(
                f"Channel {channel_id} is called '{name}' already. Choose another --name; if it is the same "
                f"account with new credentials: `leadline channel change {channel_id}`."
            )


async def _register(name: str) -> None:
    async with open_office() as office:
        require(office.settings, "public_url")
        row = await find(office, name)
        await _tell_setup(office, channel_of(row.provider), row)


async def _rotate(name: str) -> None:
    async with open_office() as office:
        require(office.settings, "public_url")
        row = await find(office, name)
        key = await office.channels.rotate(office.workspace_id, row.channel_id)
        out.print(f"{row.name} has a new webhook address. Register it with the provider now.")
        await _tell_setup(office, channel_of(row.provider), msgspec.structs.replace(row, key=key))


async def _tell_setup(office: Office, adapter: Channel[Any], row: ChannelRow) -> None:
    base = office.settings.public_url.rstrip("/")
    places = {"url": f"{base}/in/{row.key}", "status_url": f"{base}/status/{row.key}"}
    out.print(f"Webhook address: {places['url']}")
    if told := await registered(row, places["url"]):
        out.print(told)
    for number, step in enumerate(adapter.setup, 1):
        out.print(f"{number}. {step.format(**places)}")


async def registered(row: ChannelRow, url: str) -> str:
    """What came of telling the provider the address; empty where that is left to the operator."""
    connected, calls = connect(row), ProviderCalls(timeout=10.0)
    try:
        return await calls.perform(connected.adapter.register(url, connected.settings))
    except (Unreachable, ProviderTrouble) as error:
        return f"{connected.adapter.title} could not be told the address: {error}"
    finally:
        await calls.close()
