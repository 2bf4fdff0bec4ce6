"""Settings of a workspace and of a channel are changed in the console, with their history, and a week is drawn."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.browser import photograph
from tests.console.acting import email_of, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def save(page: Page, name: str, value: str, *, chosen: bool = False) -> None:
    line = page.locator(f'[data-testid="setting"][data-row="{name}"]')
    field = line.get_by_test_id("value")
    await (field.select_option(value) if chosen else field.fill(value))
    await line.get_by_test_id("save").click()


async def test_an_admin_changes_settings_and_sees_who_did(demo: Demo, browser: Browser) -> None:
    workspace_id = demo.leadline.workspace.workspace_id
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/settings")
        await save(page, "policy", "prefer_user", chosen=True)
        history = page.get_by_test_id("history").get_by_test_id("row")
        await expect(history).to_have_count(1)
        await expect(history).to_contain_text("prefer user")
        await expect(history).to_contain_text(email_of(Role.ADMIN))
        assert demo.leadline.book.of(workspace_id).policy == "prefer_user"
        await save(page, "shared_limit", "0")
        await expect(page.get_by_text("Shared limit takes a whole number from 1 to 1000")).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        await save(page, "opening_hours", "mon-fri 9:00-12:30, 13:30-18:00")
        await expect(page.get_by_test_id("week")).to_be_visible()
        monday = page.get_by_role("img", name="Monday: 09:00-12:30, 13:30-18:00")
        await expect(monday.locator(".ll-open")).to_have_count(2)
        await photograph(page, "settings-week")
        line = page.locator('[data-testid="setting"][data-row="policy"]')
        await line.get_by_test_id("reset").click()
        await page.get_by_test_id("confirm").click()
        await expect(line).to_contain_text("default")
    assert demo.leadline.book.of(workspace_id).policy == "latest_updated"


async def test_a_channel_has_values_of_its_own(demo: Demo, browser: Browser) -> None:
    channel_id = demo.channels["twilio_sms"].channel_id
    workspace_id = demo.leadline.workspace.workspace_id
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto(f"/console/settings?channel={channel_id}")
        await expect(page.locator('[data-row="policy"]')).to_have_count(0)
        await save(page, "bot_replies", "on", chosen=True)
        await expect(page.locator('[data-row="bot_replies"]')).to_contain_text("set for this channel")
    book = demo.leadline.book
    assert (book.of(workspace_id, channel_id).bot_replies, book.of(workspace_id).bot_replies) == (True, False)


@pytest.mark.long
async def test_a_schedule_is_made_named_by_a_channel_and_removed(demo: Demo, browser: Browser) -> None:
    channel_id = demo.channels["twilio_sms"].channel_id
    workspace_id, book = demo.leadline.workspace.workspace_id, demo.leadline.book
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/settings")
        form = page.get_by_test_id("new-schedule")
        await form.get_by_test_id("name").fill("Shop")
        await form.get_by_test_id("hours").fill("mon-fri 9:00-17:00")
        await form.get_by_test_id("add").click()
        shop = page.locator('[data-testid="schedule"][data-row="Shop"]')
        await expect(shop).to_contain_text("mon-fri 09:00-17:00")
        await expect(shop).to_contain_text("nobody")
        await page.goto(f"/console/settings?channel={channel_id}")
        await save(page, "schedule", "Shop")
        await expect(page.locator('[data-testid="setting"][data-row="opening_hours"]')).to_contain_text(
            "from its schedule"
        )
        await page.goto("/console/settings")
        await shop.get_by_role("link", name="Shop").click()
        await expect(page.locator('[data-testid="setting"]')).to_have_count(5)
        await save(page, "opening_hours", "")
        await expect(page.get_by_text("A schedule needs opening hours.")).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        await save(page, "opening_hours", "sat 10:00-14:00")
        await expect(shop).to_contain_text("sat 10:00-14:00")
        await photograph(page, "settings-schedule")
        assert book.of(workspace_id, channel_id).opening_hours == "sat 10:00-14:00"
        await shop.get_by_test_id("remove").click()
        await page.get_by_test_id("confirm").click()
        await expect(page.get_by_text("Shop is the schedule of channel")).to_be_visible()
        await book.reset(workspace_id, "schedule", channel_id=channel_id)
        await page.goto("/console/settings")
        await shop.get_by_test_id("remove").click()
        await page.get_by_test_id("confirm").click()
        await expect(shop).to_have_count(0)
    assert book.schedules(workspace_id) == []
