"""The operator's console as `leadline serve` has it: only with its key; parked messages with their buttons."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from leadline.console.guard import console_address
from leadline.sandbox.providers import WhatsAppFake
from leadline.sandbox.providers.whatsapp.webhooks import envelope, signed
from leadline.stage.town import Demo
from tests.browser import opened, photograph, tab
from tests.databases import Databases

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]
MESSAGE = {"from": "353861112222", "id": "wamid.other", "timestamp": "1790000000", "type": "text"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(databases: Databases, sandbox_databases: Databases, fresh_pages: None) -> AsyncIterator[Demo]:
    async with opened(databases, sandbox_databases, staged=False) as demo:
        yield demo


async def park(demo: Demo, name: str) -> None:
    """A message for a WhatsApp number nobody connected is kept and parked."""
    settings = demo.providers.of(WhatsAppFake).settings
    value = envelope(settings, {"messages": [MESSAGE | {"id": name, "text": {"body": f"Message {name}"}}]})
    value["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "999"
    headers, body = signed(settings, value)
    posted = await demo.providers.courier.post(demo.providers.of(WhatsAppFake).webhook_url, headers, body)
    assert posted.status == 200


@pytest.mark.parametrize("path", ["/console", "/console?key=wrong", "/console?key=%C3%A9", "/_nicegui_ws/socket.io/"])
async def test_without_the_key_nothing_is_shown(demo: Demo, path: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{demo.places.leadline}{path}", headers={"Cookie": "leadline_console=x"}) as answer,
    ):
        assert answer.status == 403
        assert "leadline serve" in await answer.text()


async def test_a_websocket_without_the_key_is_refused(demo: Demo) -> None:
    url = f"{demo.places.leadline}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await session.ws_connect(url)
    assert refusal.value.status == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "/in/x", 405), ("GET", "/intercom/webhook", 405), ("POST", "/healthz", 405), ("GET", "/.env", 404)],
)
async def test_the_pages_do_not_answer_for_the_door(demo: Demo, method: str, path: str, status: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, f"{demo.places.leadline}{path}") as answer,
    ):
        assert (answer.status, "console" in await answer.text()) == (status, False)


async def test_the_doors_routes_need_no_key(demo: Demo) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{demo.places.leadline}/healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok")
        async with session.get(f"{demo.places.leadline}/inbox") as answer:
            assert answer.status == 404


async def test_an_operator_retries_and_drops_what_is_parked(demo: Demo, browser: Browser) -> None:
    await demo.writes(demo.channels["twilio_sms"], "+353888888999", "Hi, my parcel has not arrived yet")
    await park(demo, "first")
    await park(demo, "second")
    async with tab(browser) as page:
        settings = demo.leadline.settings
        await page.goto(console_address(settings.public_url, settings.secret_key))
        assert page.url == f"{demo.places.leadline}/console"
        await expect(page.get_by_test_id("channels")).to_contain_text("+1 415-555-0100")
        told = page.get_by_test_id("message-row").filter(has_text="my parcel")
        await expect(told).to_contain_text("Only contact with this phone number")
        await expect(told).to_contain_text("This is the only contact with the sender's phone number")
        rows = page.get_by_test_id("stuck-row")
        await expect(rows).to_have_count(2)
        await photograph(page, "console")
        await rows.filter(has_text="Message second").get_by_test_id("drop").click()
        await park(demo, "third")  # the question stays where it is while the page goes on
        await expect(rows).to_have_count(3)
        await page.get_by_test_id("confirm-drop").click()
        await expect(rows).to_have_count(2)
        await rows.filter(has_text="Message first").get_by_test_id("retry").click()
        await expect(rows).to_have_count(1)
        first = page.get_by_test_id("message-row").filter(has_text="Message first")
        await expect(first).to_contain_text("in Intercom")
