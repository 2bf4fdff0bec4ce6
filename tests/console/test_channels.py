"""A channel is connected by its form, proved, given a new address, removed by its name, and brought back."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.browser import photograph
from tests.console.acting import signed_in

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]
TOKEN = "1f7c93b0a4d25e886b1c0f9d7e3a5284"


async def test_a_channel_from_its_form_to_its_end_and_back(demo: Demo, browser: Browser) -> None:
    workspace_id = demo.leadline.workspace.workspace_id
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/channels")
        await page.get_by_role("link", name="Connect a channel").click()
        await page.get_by_role("link", name="Twilio SMS").click()
        await page.get_by_test_id("name").fill("Shop")
        await page.get_by_test_id("field-account_sid").fill("no account")
        await page.wait_for_timeout(3_000)  # what is typed stays while the page keeps itself up to date
        await page.get_by_test_id("field-auth_token").fill(TOKEN)
        await page.get_by_test_id("connect").click()
        await expect(page.get_by_text("account_sid must be")).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        await photograph(page, "channel-form")
        await page.get_by_test_id("field-account_sid").fill("AC" + "0123456789abcdef" * 2)
        await page.get_by_text("More settings").click()
        await page.get_by_test_id("field-number").fill("+14155550177")
        await page.get_by_test_id("field-api_url").fill("http://127.0.0.1:9")
        await page.get_by_test_id("connect").click()
        await expect(page.get_by_text("Saved, not proved")).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        await page.goto("/console/channels")
        line = page.get_by_test_id("channel").filter(has_text="Shop")
        before = await line.get_by_test_id("webhook").text_content()
        await line.get_by_test_id("rotate").click()
        await page.get_by_test_id("confirm").click()
        await expect(line.get_by_test_id("webhook")).not_to_have_text(before or "")
        await photograph(page, "channels")
        await line.get_by_text("Remove", exact=True).click()
        await line.get_by_test_id("typed-name").fill("shop")
        await line.get_by_test_id("remove").click()
        await expect(page.get_by_text("Type the name of the channel")).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        await line.get_by_test_id("typed-name").fill("Shop")
        await line.get_by_test_id("remove").click()
        await expect(line).to_have_count(0)
        await page.get_by_test_id("removed").get_by_test_id("restore").click()
        await expect(line).to_have_count(1)
        await page.get_by_test_id("channel").filter(has_text="Telegram").get_by_test_id("prove").click()
        await expect(page.get_by_text("accepts the credentials")).to_be_visible()
    rows = await demo.leadline.channels.listed(workspace_id)
    assert [row.settings["auth_token"] for row in rows if row.name == "Shop"] == [TOKEN]


async def test_who_may_only_look_sees_no_address(demo: Demo, browser: Browser) -> None:
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/channels")
        await expect(page.get_by_test_id("channel").filter(has_text="Telegram")).to_have_count(1)
        await expect(page.get_by_test_id("webhook")).to_have_count(0)
        assert "/in/" not in await page.content()
