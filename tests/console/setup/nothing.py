"""A Leadline that serves its console and knows no workspace yet, and what Intercom and a customer do to it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
from playwright.async_api import Page, expect

from leadline.app import open_leadline
from leadline.console.pages import with_pages
from leadline.console.signin.operators import Operators
from leadline.process import asgi
from leadline.sandbox.providers import Providers, create
from leadline.serving import serving
from leadline.stage.town import CLIENT_SECRET, Places, open_sandbox, town_settings
from tests.acceptance.conftest import HURRIED
from tests.acceptance.town import AUTH_TOKEN, Town, provider_accounts, vault_store
from tests.browser import no_pages
from tests.databases import Databases

PASSWORD = "correct horse battery"


@asynccontextmanager
async def town_from_nothing(
    databases: Databases, sandbox_databases: Databases, *, by_click: bool = False
) -> AsyncIterator[Town]:
    """No token, no client secret, no channel. by_click: with a public app, as an agency's installation has it."""
    with (
        databases.lent() as url,
        sandbox_databases.lent() as sandbox_url,
        Places(0) as places,
        no_pages(),
    ):
        changes: dict[str, Any] = {"intercom_token": "", "intercom_client_secret": ""}
        app = {}
        if by_click:
            changes |= {"intercom_client_id": "public-app", "intercom_client_secret": CLIENT_SECRET}
            changes |= {"intercom_oauth_url": f"{places.sandbox}/oauth"}
            app = {"client_id": "public-app", "redirect_url": f"{places.leadline}/intercom/installed"}
        settings = town_settings(url, places, **HURRIED, **changes)
        async with (
            aiohttp.ClientSession() as http,
            open_sandbox(sandbox_url, places, **app),
            open_leadline(settings) as leadline,
            serving(with_pages(asgi(leadline, with_worker=True), leadline), places.sockets["leadline"]),
        ):
            town = Town(settings, places, http, vault_store(leadline))
            town.leadline = leadline
            town.providers = Providers(provider_accounts(places), pause=0.02)
            async with serving(create(town.providers), places.sockets["providers"]):
                yield town


async def become_owner(town: Town, page: Page) -> None:
    """Open the link that the first start prints, and choose a password."""
    link = await Operators(town.leadline.database, town.leadline.home, town.settings.public_url).first_link()
    await page.goto(link)
    await page.get_by_label("Your e-mail address").fill("ann@example.com")
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_label("Repeat the password").fill(PASSWORD)
    await page.get_by_role("button", name="Save and sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Set-up")


async def connect_sms(town: Town, page: Page) -> None:
    """Fill in the form of the first channel; its provider is the stand-in."""
    await page.get_by_role("link", name="Twilio SMS").click()
    await page.get_by_test_id("field-account_sid").fill("AC" + "0" * 32)
    await page.get_by_test_id("field-auth_token").fill(AUTH_TOKEN)
    await page.get_by_text("More settings").click()
    await page.get_by_test_id("field-number").fill("+14155550100")
    await page.get_by_test_id("field-api_url").fill(f"{town.places.providers}/twilio_sms")
    await page.get_by_test_id("connect").click()
    await expect(page.get_by_text("accepts the credentials")).to_be_visible()
    workspace_id = town.leadline.workspace.workspace_id
    [town.sms] = await town.leadline.channels.listed(workspace_id)


async def press_test_request(town: Town) -> int:
    """What the Developer Hub sends when somebody presses Send a test request."""
    item = {"type": "ping", "message": "a test"}
    body = msgspec.json.encode({"app_id": "sandbox", "id": None, "topic": "ping", "data": {"item": item}})
    signature = "sha1=" + hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha1).hexdigest()
    return await _posted(town, "/intercom/webhook", body, {"X-Hub-Signature": signature})


async def open_panel(town: Town) -> int:
    """What the Inbox sends when a teammate looks at a conversation with the panel beside it."""
    body = msgspec.json.encode({"workspace_id": "sandbox", "admin": {"id": "1"}, "conversation": {"id": "1"}})
    signature = hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return await _posted(town, "/intercom/inbox/initialize", body, {"X-Body-Signature": signature})


async def _posted(town: Town, path: str, body: bytes, headers: dict[str, str]) -> int:
    async with town.http.post(town.places.leadline + path, data=body, headers=headers) as answer:
        return answer.status
