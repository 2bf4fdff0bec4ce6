"""Pages of several people, each in its own language: what is chosen is kept, and what comes later speaks it, too."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.console.acting import session_in, signed_in, signed_in_by, speaking_tab

pytestmark = pytest.mark.asyncio(loop_scope="session")
READ_IN_GERMAN = re.compile(r"^(Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag), \d{1,2}\. ")


async def spoken(page: Page) -> str:
    return str(await page.evaluate("document.documentElement.lang"))


@pytest.mark.long
async def test_a_choice_under_your_account_holds_in_every_browser_until_it_is_taken_back(
    demo: Demo, browser: Browser
) -> None:
    roles = {demo.leadline.workspace.workspace_id: Role.VIEWER}
    token = await session_in(demo.leadline, "noor@example.com", roles)
    async with signed_in_by(token, demo, browser) as page, signed_in(demo, browser, Role.VIEWER) as other:
        await page.goto("/console/account")
        await page.get_by_test_id("language").select_option("de")
        await page.get_by_test_id("use-language").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Konto")
        await expect(page).to_have_title("Ihr Konto · Leadline")
        async with signed_in_by(token, demo, browser) as elsewhere:
            await elsewhere.goto("/console")
            assert await spoken(elsewhere) == "de"
        await other.goto("/console/account")
        assert await spoken(other) == "en-US"
        await page.get_by_test_id("language").select_option("")
        await page.get_by_test_id("use-language").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


@pytest.mark.long
async def test_what_comes_later_speaks_the_language_of_its_page(demo: Demo, browser: Browser) -> None:
    async with speaking_tab(demo, browser, "de") as german, signed_in(demo, browser, Role.OWNER) as english:
        for page in (german, english):
            await page.goto("/console/messages")
            await expect(page.get_by_test_id("messages")).to_be_visible()
        await demo.writes(demo.channels["whatsapp_cloud"], "+447700900123", "Can I change my booking?")
        for page, words in ((german, "Nummer 1"), (english, "Number 1")):
            await expect(page.get_by_test_id("message-row")).to_contain_text(words)


async def test_a_press_asks_and_answers_in_the_language_of_its_page(demo: Demo, browser: Browser) -> None:
    async with speaking_tab(demo, browser, "de") as german, signed_in(demo, browser, Role.OWNER) as english:
        for page, asked, cancelled, told in (
            (german, "Was Kunden schreiben, wird aufbewahrt", "Abbrechen", "ist angehalten"),
            (english, "What customers write is kept", "Cancel", "is paused"),
        ):
            await page.goto(f"/console/channels/{demo.channels['telegram'].channel_id}")
            await page.get_by_test_id("pause").click()
            await expect(page.locator(".ll-dialog")).to_contain_text(asked)
            await expect(page.get_by_test_id("cancel")).to_have_text(cancelled)
            await page.get_by_test_id("confirm").click()
            await expect(page.get_by_text(told)).to_be_visible()
            await page.get_by_test_id("resume").click()
            await expect(page.get_by_test_id("pause")).to_be_visible()


async def test_the_list_of_keys_and_the_times_speak_it_too(demo: Demo, browser: Browser) -> None:
    async with speaking_tab(demo, browser, "de") as page:
        await page.goto("/console/account")
        await expect(page.get_by_test_id("sessions").locator("ll-time").first).to_have_attribute(
            "title", READ_IN_GERMAN
        )
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="Tasten")).to_contain_text("Diese Liste anzeigen oder schließen")
