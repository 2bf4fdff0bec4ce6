"""A whole town on one machine: sandbox, fakes of the providers, Leadline between them. Demo and tests open it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

import msgspec

from leadline.app import Leadline, open_leadline
from leadline.channels import channel
from leadline.connections.switchboard import add_channel
from leadline.sandbox.app import SandboxSettings, create, prepare
from leadline.sandbox.providers import Posted, Providers, accounts
from leadline.sandbox.providers import create as create_providers
from leadline.sandbox.seed import seed
from leadline.serving import address, bind, serving
from leadline.settings import Settings
from leadline.store.channels import ChannelRow, ChannelStore
from leadline.store.database import Database

TOKEN = "sandbox-token"  # noqa: S105
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105
HOST = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  listens on all addresses of the machine, and is none itself
CHANNELS = {"twilio_sms": "SMS", "whatsapp_cloud": "WhatsApp", "telegram": "Telegram"}
"""The channels of the demo, and what its teammates call them."""


class Places:
    """The three addresses of a town, bound before anything runs, so that each part can be told of the others.

    host: where the page listens; the sandbox and the providers are for this machine only.
    """

    def __init__(self, port: int, host: str = HOST) -> None:
        self.sockets: dict[str, socket.socket] = {
            "leadline": bind(host, port, or_any=True),
            "sandbox": bind(HOST, 0),
            "providers": bind(HOST, 0),
        }
        self.leadline, self.sandbox, self.providers = (address(listener) for listener in self.sockets.values())
        if host in EVERYWHERE:
            self.leadline = f"http://{HOST}:{self.sockets['leadline'].getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self.sockets.values():
            listener.close()


class Demo:
    """An open town: Leadline, the fakes of its providers, and its channels by provider key."""

    def __init__(
        self, leadline: Leadline, places: Places, providers: Providers, channels: Mapping[str, ChannelRow]
    ) -> None:
        self.leadline = leadline
        self.places = places
        self.providers = providers
        self.channels = channels

    async def writes(
        self, row: ChannelRow, sender: str, text: str, media: Sequence[tuple[str, bytes]] = (), name: str = ""
    ) -> Posted:
        """A customer writes: a real signed webhook goes through the door. `media` are (content type, content)."""
        return await self.providers.fakes[row.provider].write(sender, text, media, name=name)


@asynccontextmanager
async def open_demo(database_url: str, sandbox_url: str, places: Places, **changes: Any) -> AsyncIterator[Demo]:
    """Everything but the door itself, which the caller serves with or without pages."""
    settings = town_settings(database_url, places, **changes)
    async with open_sandbox(sandbox_url, places), open_leadline(settings) as leadline:
        providers = Providers(accounts(places.providers, *CHANNELS), pause=0.4)
        channels = await connect_all(leadline.channels, leadline.workspace.workspace_id, places, providers)
        async with serving(create_providers(providers), places.sockets["providers"]):
            yield Demo(leadline, places, providers, channels)


async def connect_all(
    store: ChannelStore, workspace_id: str, places: Places, providers: Providers
) -> dict[str, ChannelRow]:
    """Connect a channel for every fake, and tell each fake where its webhooks go."""
    rows = {}
    for key, fake in providers.fakes.items():
        name = CHANNELS.get(key, channel(key).title)
        rows[key] = row = await add_channel(store, workspace_id, channel(key), name, fake.settings)
        fake.webhook_url, fake.status_url = f"{places.leadline}/in/{row.key}", f"{places.leadline}/status/{row.key}"
    return rows


def town_settings(database_url: str, places: Places, **changes: Any) -> Settings:
    """Leadline's settings in a town; everything is on this machine."""
    values: dict[str, Any] = {
        "database_url": database_url,
        "public_url": places.leadline,
        "secret_key": secrets.token_hex(16),
        "intercom_token": TOKEN,
        "intercom_client_secret": CLIENT_SECRET,
        "intercom_url": places.sandbox,
        "media_allow": HOST,
    }
    return Settings(**(values | changes))


@asynccontextmanager
async def open_sandbox(url: str, places: Places, **changes: Any) -> AsyncIterator[None]:
    """The sandbox with its people, serving."""
    settings = SandboxSettings(
        token=TOKEN,
        client_secret=CLIENT_SECRET,
        webhook_url=f"{places.leadline}/intercom/webhook",
        public_url=places.sandbox,
        retry_delay=2.0,
    )
    async with Database.open(url) as database:
        await prepare(database)
        await seed(database)
        app = create(database, msgspec.structs.replace(settings, **changes))
        async with serving(app, places.sockets["sandbox"], own_date=True):
            yield
