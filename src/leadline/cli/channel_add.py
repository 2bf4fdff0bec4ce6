"""`leadline channel add|register|rotate`: a channel gets its address, and its provider is told."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
import typer

from leadline.channels import channel as channel_of
from leadline.channels.base import Channel
from leadline.cli.channel import ChannelName, find
from leadline.cli.channel_values import SET, either, missing, prompt, values_of
from leadline.cli.console import out, show_json
from leadline.cli.office import Office, open_office
from leadline.cli.options import AsJson
from leadline.connections.proving import prove, registered
from leadline.connections.switchboard import add_channel, typed_settings
from leadline.errors import SettingError
from leadline.model import Struct
from leadline.settings import require
from leadline.store.channels import ChannelRow, ChannelStore

ACCEPTED = "The provider accepts the credentials."


class Setup(Struct, frozen=True, kw_only=True):
    """A channel's addresses, what the provider said to its credentials and addresses, and what is left to be done."""

    channel_id: int
    name: str
    provider: str
    url: str
    status_url: str
    credentials: str
    registered: str
    steps: tuple[str, ...]


def add(
    provider: Annotated[str, typer.Argument(help="The provider, as `channel providers` lists it")],
    name: Annotated[str, typer.Option(help="What teammates call it")] = "",
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=SET)] = None,
    as_json: AsJson = False,
) -> None:
    """Connect a channel.

    Asks for the settings the provider needs, then prints the webhook address to register there. Optional settings
    are not asked for: give them with --set. `leadline channel settings <provider>` lists them.
    """
    adapter = channel_of(provider)
    values = values_of(adapter, settings or [])
    values |= prompt(adapter, missing(adapter, values))
    values |= either(adapter, values)
    _tell(asyncio.run(_add(adapter, name or adapter.title, values)), "{name} is connected as channel {id}.", as_json)


def register(channel: ChannelName, as_json: AsJson = False) -> None:
    """Tell the provider a channel's webhook address again.

    Use it after LEADLINE_PUBLIC_URL has changed, or when the provider has lost the address.
    """
    _tell(asyncio.run(_register(channel)), "", as_json)


def rotate(channel: ChannelName, as_json: AsJson = False) -> None:
    """Give a channel a new webhook address.

    The old address stops working at once.
    """
    words = "{name} has a new webhook address. Register it with the provider now."
    _tell(asyncio.run(_rotate(channel)), words, as_json)


async def _add(adapter: Channel[Any], name: str, values: dict[str, str]) -> Setup:
    typed = typed_settings(adapter, values)
    async with open_office() as office:
        require(office.settings, "public_url", "secret_key")
        await _require_new_name(office, name)
        row = await add_channel(office.channels, office.workspace_id, adapter, name, typed)
        return await _set_up(office, adapter, row, credentials=await _proved(office.channels, adapter, row))


async def _proved(store: ChannelStore, adapter: Channel[Any], row: ChannelRow) -> str:
    """Whether the provider accepts the credentials, in words; a channel with wrong ones can be changed."""
    proof = await prove(store, row)
    if proof.accepted or proof.trouble:
        return proof.trouble or ACCEPTED
    return f"{adapter.title} has no way to check credentials. Send a test message to check them."


async def _require_new_name(office: Office, name: str) -> None:
    for channel_id, known in (await office.channels.names(office.workspace_id)).items():
        if known == name:
            raise SettingError(
                f"Channel {channel_id} is called '{name}' already. Choose another --name; if it is the same "
                f"account with new credentials: `leadline channel change {channel_id}`."
            )


async def _register(name: str) -> Setup:
    async with open_office() as office:
        require(office.settings, "public_url")
        row = await find(office, name)
        return await _set_up(office, channel_of(row.provider), row)


async def _rotate(name: str) -> Setup:
    async with open_office() as office:
        require(office.settings, "public_url")
        row = await find(office, name)
        key = await office.channels.rotate(office.workspace_id, row.channel_id)
        return await _set_up(office, channel_of(row.provider), msgspec.structs.replace(row, key=key))


async def _set_up(office: Office, adapter: Channel[Any], row: ChannelRow, *, credentials: str = "") -> Setup:
    """Tell the provider the address where it can be told, and collect what is left for the operator."""
    base = office.settings.public_url.rstrip("/")
    places = {"url": f"{base}/in/{row.key}", "status_url": f"{base}/status/{row.key}"}
    return Setup(
        channel_id=row.channel_id,
        name=row.name,
        provider=row.provider,
        **places,
        credentials=credentials,
        registered=await registered(row, places["url"]),
        steps=tuple(step.format(**places) for step in adapter.setup),
    )


def _tell(setup: Setup, begin: str, as_json: bool) -> None:
    if as_json:
        show_json(setup)
        return
    first = (begin.format(name=setup.name, id=setup.channel_id), setup.credentials)
    lines = [*first, f"Webhook address: {setup.url}", setup.registered]
    lines += [f"{number}. {step}" for number, step in enumerate(setup.steps, 1)]
    for line in filter(None, lines):
        out.print(line)
