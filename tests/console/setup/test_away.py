"""Leadline without its Intercom: after the token was taken out, what customers write is kept, every page opens, and the
set-up connects it again.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest
from playwright.async_api import Browser, expect

from leadline.app import open_leadline
from leadline.console.guard import COOKIE
from leadline.console.menu import PAGES
from leadline.console.pages import with_pages
from leadline.console.rights import Role
from leadline.console.signin.sessions import Sessions
from leadline.console.signin.tries import Visitor
from leadline.process import asgi
from leadline.sandbox.providers import create
from leadline.serving import serving
from leadline.stage.town import CLIENT_SECRET, TOKEN, Places, open_sandbox, town_settings
from leadline.store.queries import queries
from tests.acceptance.conftest import HURRIED
from tests.acceptance.town import Town, vault_store
from tests.browser import browser as browser
from tests.browser import chromium as chromium
from tests.browser import no_pages, tab
from tests.databases import Databases

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def town_whose_token_is_gone(
    databases: Databases, sandbox_databases: Databases
) -> AsyncIterator[tuple[Town, str]]:
    """It served its workspace, and was started again without the token; and the session of its owner."""
    with (
        databases.lent() as url,
        sandbox_databases.lent() as sandbox_url,
        Places(0) as places,
        no_pages(),
    ):
        settings = town_settings(url, places, **HURRIED)
        async with aiohttp.ClientSession() as http, open_sandbox(sandbox_url, places):
            async with open_leadline(settings) as leadline:
                town = await Town(settings, places, http, vault_store(leadline)).connect()
            without = msgspec.structs.replace(settings, intercom_token="", intercom_client_secret="")
            async with (
                open_leadline(without) as leadline,
                serving(create(town.providers), places.sockets["providers"]),
                serving(with_pages(asgi(leadline, with_worker=True), leadline), places.sockets["leadline"]),
            ):
                town.leadline = leadline
                yield town, await owner(town)


async def owner(town: Town) -> str:
    database = town.leadline.database
    async with database.connection() as connection:
        operator_id = (await queries.add_operator(connection, email="ann@example.com"))["operator_id"]
        await queries.give_seat(connection, workspace_id="sandbox", operator_id=operator_id, role=Role.OWNER.title)
    return await Sessions(database, "sandbox").begin(operator_id, Visitor("127.0.0.1", "Test"))


@pytest.mark.long
async def test_what_came_without_intercom_goes_on_once_it_is_connected(
    databases: Databases, sandbox_databases: Databases, browser: Browser
) -> None:
    async with (
        town_whose_token_is_gone(databases, sandbox_databases) as (town, token),
        tab(browser, town.places.leadline) as page,
    ):
        assert town.leadline.connections.workspaces.ids == []
        assert await town.sms_in("+353861112223", "Is anybody there?", 1) == 200
        await page.context.add_cookies([{"name": COOKIE, "value": token, "url": town.places.leadline}])
        for one in PAGES:
            answer = await page.goto(re.sub(r"\{\w+\}", "1", one.address))
            assert answer is not None
            assert answer.status == (404 if one.path == "/webhooks/{number}" else 200), one.title  # there is none yet
            await expect(page.get_by_role("heading", level=1)).to_have_text(one.title)
        await page.goto("/console/setup")
        await expect(page.get_by_test_id("arrived")).to_contain_text("waiting")
        await page.get_by_test_id("token").fill(TOKEN)
        await page.get_by_test_id("client-secret").fill(CLIENT_SECRET)
        await page.get_by_test_id("connect-intercom").click()
        await expect(page.get_by_test_id("connected")).to_be_visible()
        await expect(page.get_by_test_id("arrived")).to_contain_text("in Intercom")
        assert [texts[0] for texts in (await town.threads()).values()] == ["Is anybody there?"]


async def test_a_token_that_is_refused_is_told_and_another_one_heals(
    databases: Databases, sandbox_databases: Databases, browser: Browser
) -> None:
    async with (
        town_whose_token_is_gone(databases, sandbox_databases) as (town, token),
        tab(browser, town.places.leadline) as page,
    ):
        await page.context.add_cookies([{"name": COOKIE, "value": token, "url": town.places.leadline}])
        await page.goto("/console/setup")
        await page.get_by_test_id("token").fill(TOKEN)
        await page.get_by_test_id("client-secret").fill(CLIENT_SECRET)
        await page.get_by_test_id("connect-intercom").click()
        await expect(page.get_by_test_id("connected")).to_be_visible()
        await town.intercom("PUT", "/_sandbox/control", {"token": "another-token"})
        assert await town.sms_in("+353861112223", "Is anybody there?", 1) == 200
        await expect(page.get_by_test_id("refused")).to_contain_text("Intercom refused the access token")
        await page.get_by_test_id("token").fill("another-token")
        await page.get_by_test_id("connect-intercom").click()
        await expect(page.get_by_test_id("connected")).to_be_visible()
        await expect(page.get_by_test_id("arrived")).to_contain_text("in Intercom")


async def test_a_page_drawn_for_nobodys_workspace_is_the_set_up(
    databases: Databases, sandbox_databases: Databases
) -> None:
    """Until any workspace is known there is nothing else to see; a role below admin is told who can."""
    with databases.lent() as url, Places(0) as places, no_pages():
        settings = town_settings(url, places, intercom_token="", intercom_client_secret="")
        async with (
            open_leadline(settings) as leadline,
            serving(with_pages(asgi(leadline, with_worker=False), leadline), places.sockets["leadline"]),
        ):
            async with leadline.database.connection() as connection:
                operator_id = (await queries.add_operator(connection, email="vic@example.com"))["operator_id"]
                seat = {"workspace_id": leadline.home, "operator_id": operator_id}
                await queries.give_seat(connection, **seat, role=Role.VIEWER.title)
            session = await Sessions(leadline.database, leadline.home).begin(operator_id, Visitor("", ""))
            jar = aiohttp.CookieJar(unsafe=True)
            async with aiohttp.ClientSession(cookies={COOKIE: session}, cookie_jar=jar) as http:
                for path, status in (("/console", 403), ("/console/messages", 403), ("/console/account", 200)):
                    async with http.get(places.leadline + path) as answer:
                        assert (path, answer.status) == (path, status)
