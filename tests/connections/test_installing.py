"""A workspace is connected by a click in a browser; a customer writes, a teammate answers, nothing is restarted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest
from playwright.async_api import Browser, expect

from leadline.app import open_leadline
from leadline.connections.installing import link
from leadline.process import asgi
from leadline.sandbox.providers import create
from leadline.serving import serving
from leadline.stage.town import Places, open_sandbox, town_settings
from leadline.store.opened import vault_of
from tests.acceptance.conftest import HURRIED
from tests.acceptance.town import Town, until, vault_store
from tests.browser import browser as browser
from tests.browser import chromium as chromium
from tests.browser import tab
from tests.cli.test_cli import run
from tests.databases import Databases
from tests.nursery import command

pytestmark = pytest.mark.asyncio(loop_scope="session")
CLIENT_ID = "public-app"


@asynccontextmanager
async def town_without_workspace(databases: Databases, sandbox_databases: Databases) -> AsyncIterator[Town]:
    """Leadline serves, and no workspace is connected; the sandbox's app can be installed."""
    with databases.lent() as url, sandbox_databases.lent() as sandbox_url, Places(0) as places:
        settings = town_settings(
            url,
            places,
            **HURRIED,
            intercom_token="",
            intercom_client_id=CLIENT_ID,
            intercom_oauth_url=f"{places.sandbox}/oauth",
        )
        app = {"client_id": CLIENT_ID, "redirect_url": f"{places.leadline}/intercom/installed"}
        async with (
            aiohttp.ClientSession() as http,
            open_sandbox(sandbox_url, places, **app),
            open_leadline(settings) as leadline,
            serving(asgi(leadline, with_worker=True), places.sockets["leadline"]),
        ):
            town = Town(settings, places, http, vault_store(leadline))
            town.leadline = leadline
            yield town


async def install(town: Town, browser: Browser, answer: str = "Authorize access") -> str:
    """An admin opens a link and answers; returns the heading at the end."""
    address = link(vault_of(town.settings), town.settings.public_url, "ann")
    async with tab(browser) as page:
        await page.goto(address)
        await page.get_by_role("button", name=answer).click()
        await expect(page).to_have_title("Leadline")
        return await page.get_by_role("heading").inner_text()


async def test_connected_by_a_click_written_and_answered(
    databases: Databases, sandbox_databases: Databases, browser: Browser
) -> None:
    async with town_without_workspace(databases, sandbox_databases) as town:
        assert await install(town, browser, "Cancel") == "Not connected"
        assert town.leadline.connections.workspaces.ids == []
        assert await install(town, browser) == "Connected"
        assert town.leadline.connections.workspaces.ids == ["sandbox"]
        await town.connect()
        async with serving(create(town.providers), town.places.sockets["providers"]):
            assert await town.sms_in("+353861112223", "Hello", 1) == 200
            [conversation_id] = await until(town.threads)
            await town.teammate("reply", conversation_id, "Hi, how can I help?")

            async def on_the_phone() -> bool:
                return [each.text for each in town.providers.phones.received()] == ["Hi, how can I help?"]

            await until(on_the_phone)
        async with town.leadline.database.connection() as connection:
            rows = await connection.execute("select actor, source, act from audit where act like 'workspace%'")
            assert [tuple(row.values()) async for row in rows] == [("ann", "installed app", "workspace.connected")]


@pytest.mark.long
async def test_an_app_that_was_uninstalled_is_healed_by_installing_it_again(
    databases: Databases, sandbox_databases: Databases, browser: Browser
) -> None:
    async with town_without_workspace(databases, sandbox_databases) as town:
        await install(town, browser)
        await town.connect()
        await town.intercom("POST", "/_sandbox/token/revoke")
        assert await town.sms_in("+353861112224", "Are you there?", 2) == 200

        async def listed() -> bool:
            return "refused the access token" in (await run(town.settings, "workspace", "list"))[1]

        await until(listed)
        assert await install(town, browser) == "Connected"
        async with town.leadline.database.connection() as connection:
            rows = [row async for row in await connection.execute("select token from workspace")]
        assert len(rows) == 1

        async def arrived() -> bool:
            async with town.leadline.database.connection() as connection:
                rows = await connection.execute("select 1 from arrival where kind = 'message' and state = 'done'")
                return len([row async for row in rows]) == 1

        await until(arrived)


async def test_a_link_or_a_return_that_is_not_ours_connects_nothing(
    databases: Databases, sandbox_databases: Databases, browser: Browser
) -> None:
    async with town_without_workspace(databases, sandbox_databases) as town:
        base = town.places.leadline
        for path in ("/intercom/install", "/intercom/install?key=AAAA", "/intercom/installed?code=x&state=y"):
            async with town.http.get(base + path) as answer:
                assert (answer.status, "Ask for a new link" in await answer.text()) == (403, True)
        address = link(vault_of(town.settings), town.settings.public_url, "ann")
        async with town.http.get(address, allow_redirects=False) as answer:
            state = answer.headers["Location"].partition("state=")[2]
            assert "HttpOnly" in answer.headers["Set-Cookie"]
        async with (
            aiohttp.ClientSession() as stranger,
            stranger.get(f"{base}/intercom/installed?code=x&state={state}") as answer,
        ):
            assert (answer.status, "did not begin the installation" in await answer.text()) == (403, True)
        assert town.leadline.connections.workspaces.ids == []


async def test_serve_starts_without_a_workspace_and_says_how_to_connect_one(
    databases: Databases, sandbox_databases: Databases
) -> None:
    async with town_without_workspace(databases, sandbox_databases) as town:
        settings = msgspec.structs.replace(town.settings, port=0)
        with command(settings, "serve") as running:

            async def listens() -> bool:
                assert running.ended() is None, running.said()
                return "Listening on" in running.said()

            await until(listens)
            assert "No Intercom workspace is connected yet" in running.said()
            assert "/console/link/" in running.said()
        code, told = await run(settings, "workspace", "install")
        assert (code, f"{settings.public_url}/intercom/install?key=" in told) == (0, True), told
