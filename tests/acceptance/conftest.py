"""Opens towns: everything real and on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import pytest

from leadline.app import open_leadline
from leadline.console.pages import with_pages
from leadline.engine import worker
from leadline.outbound import proactive
from leadline.process import asgi
from leadline.sandbox.providers import create
from leadline.serving import serving
from leadline.stage.town import Places, open_sandbox, town_settings
from tests.acceptance.town import Town, vault_store
from tests.databases import make_attributes

HURRIED = {"retry_base": 0.2, "intercom_timeout": 4.0, "intercom_settling": 0.5}
"""Settings with which what went wrong is tried again soon."""
Open = Callable[..., AbstractAsyncContextManager[Town]]


@pytest.fixture
def open_town(store_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Open:
    """A function that opens a town with Leadline in this process; keywords change its settings or the sandbox's.

    console: with its pages, which needs `fresh_pages`.
    """
    monkeypatch.setattr(proactive, "WAIT", 60.0)
    monkeypatch.setattr(worker, "LOOK", 1.0)

    @asynccontextmanager
    async def opened(
        *, sandbox: dict[str, Any] | None = None, console: bool = False, **changes: Any
    ) -> AsyncIterator[Town]:
        make_attributes(database_url)
        with Places(0) as places:
            settings = town_settings(store_url, places, **(HURRIED | changes))
            async with (
                aiohttp.ClientSession() as http,
                open_sandbox(database_url, places, **(sandbox or {})),
                open_leadline(settings) as leadline,
            ):
                town = await Town(settings, places, http, vault_store(leadline)).connect()
                town.leadline = leadline
                door = asgi(leadline, with_worker=True)
                if console:
                    door = with_pages(door, leadline)
                async with (
                    serving(create(town.providers), places.sockets["providers"]),
                    serving(door, places.sockets["leadline"]),
                ):
                    yield town

    return opened
