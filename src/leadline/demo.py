"""A whole town on one machine: sandbox, fakes of the providers, Leadline between them. Demo and tests open it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from leadline.sandbox.app import SandboxSettings, create, prepare
from leadline.sandbox.seed import seed
from leadline.serving import address, bind, serving
from leadline.settings import Settings
from leadline.store.database import Database

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

    def close(self) -> None:
        for listener in self.sockets.values():
            listener.close()


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
