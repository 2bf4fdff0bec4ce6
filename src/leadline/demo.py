"""A whole town on one machine: sandbox, fakes of the providers, Leadline between them. Demo and tests open it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

import msgspec

from leadline.app import Leadline, open_leadline
from leadline.channels import channel
from leadline.channels.twilio import TwilioSettings
from leadline.channels.whatsapp import WhatsAppSettings
from leadline.sandbox.app import SandboxSettings, create, prepare
from leadline.sandbox.providers import Posted, Providers
from leadline.sandbox.providers import create as create_providers
from leadline.sandbox.seed import seed
from leadline.serving import address, bind, serving
from leadline.settings import Settings
from leadline.store.channels import ChannelRow
from leadline.store.database import Database
from leadline.switchboard import add_channel

TOKEN = "sandbox-token"  # noqa: S105
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105
HOST = "127.0.0.1"


class Places:
    """The three addresses of a town, bound before anything runs, so that each part can be told of the others."""

    def __init__(self, port: int) -> None:
        self.sockets: dict[str, socket.socket] = {
            "leadline": bind(HOST, port, or_any=True),
            "sandbox": bind(HOST, 0),
            "providers": bind(HOST, 0),
        }
        self.leadline, self.sandbox, self.providers = (address(listener) for listener in self.sockets.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self.sockets.values():
            listener.close()


class Demo:
    """An open town: Leadline, the fakes of its providers, and its two channels."""

    def __init__(
        self, leadline: Leadline, places: Places, providers: Providers, sms: ChannelRow, whatsapp: ChannelRow
    ) -> None:
        self.leadline = leadline
        self.places = places
        self.providers = providers
        self.sms = sms
        self.whatsapp = whatsapp

    async def writes(
        self, row: ChannelRow, sender: str, text: str, media: Sequence[tuple[str, bytes]] = (), name: str = ""
    ) -> Posted:
        """A customer writes: a real signed webhook goes through the door. `media` are (content type, content)."""
        if row.provider == self.sms.provider:
            url = f"{self.places.leadline}/in/{row.key}"
            return await self.providers.twilio.write(url, sender, text, media)
        details = {"name": name} if name else {}
        return await self.providers.whatsapp.write(sender.lstrip("+"), text, media, **details)


@asynccontextmanager
async def open_demo(database_url: str, sandbox_url: str, places: Places, **changes: Any) -> AsyncIterator[Demo]:
    """Everything but the door itself, which the caller serves with or without pages."""
    settings = town_settings(database_url, places, **changes)
    async with open_sandbox(sandbox_url, places), open_leadline(settings) as leadline:
        twilio, meta = provider_settings(places)
        providers = Providers(twilio=twilio, whatsapp=meta, pause=0.4)
        workspace_id = leadline.workspace.workspace_id
        sms = await add_channel(leadline.channels, workspace_id, channel("twilio_sms"), "SMS", twilio)
        whatsapp = await add_channel(leadline.channels, workspace_id, channel("whatsapp_cloud"), "WhatsApp", meta)
        providers.whatsapp.webhook_url = f"{places.leadline}/in/{whatsapp.key}"
        async with serving(create_providers(providers), places.sockets["providers"]):
            yield Demo(leadline, places, providers, sms, whatsapp)


def provider_settings(places: Places) -> tuple[TwilioSettings, WhatsAppSettings]:
    """Accounts at the fakes; their credentials are made up anew each time."""
    twilio = TwilioSettings(
        account_sid="AC" + secrets.token_hex(16),
        auth_token=secrets.token_hex(16),
        number="+14155550100",
        api_url=f"{places.providers}/twilio",
    )
    meta = WhatsAppSettings(
        phone_number_id="100000000000001",
        business_account_id="200000000000002",
        access_token=secrets.token_hex(16),
        app_secret=secrets.token_hex(16),
        verify_token=secrets.token_hex(8),
        display_number="+14155550199",
        api_url=f"{places.providers}/meta",
    )
    return twilio, meta


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
        async with serving(app, places.sockets["sandbox"]):
            yield
