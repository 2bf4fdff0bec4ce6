"""The demo page in a real browser: customer, inbox and reasons beside each other, live."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from leadline.sandbox.providers import Fault
from leadline.stage.pages import DemoPage
from leadline.stage.town import Demo
from tests.browser import photograph, tab
from tests.console.test_looks import axe
from tests.stage.acting import TOO_WIDE, bubble, choose_channel, part, png, reply, write

pytestmark = pytest.mark.asyncio(loop_scope="session")
KNOWN = "+353888888999"


async def test_a_message_appears_and_the_reply_reaches_the_phone_and_a_note_does_not(page: Page) -> None:
    await write(page, KNOWN, "Hi, my parcel has not arrived yet")
    await expect(part(page, "my parcel", "customer")).to_be_visible()
    await expect(bubble(page, "my parcel", "sent")).to_be_visible()
    await expect(page.get_by_test_id("contact-name")).to_have_text("Aoife Byrne")
    await expect(page.get_by_test_id("contact-role")).to_have_text("user")
    await expect(page.get_by_test_id("why")).to_contain_text("This is the only contact with the sender's phone number")
    await expect(page.get_by_test_id("links")).to_contain_text("+353 88 888 8999")
    await page.get_by_test_id("note-toggle").click()
    await reply(page, "Warehouse says Thursday")
    await expect(part(page, "Warehouse says Thursday", "note")).to_be_visible()
    await reply(page, "It arrives on Thursday")
    await expect(bubble(page, "It arrives on Thursday", "delivered")).to_be_visible()
    await expect(bubble(page, "Warehouse")).to_have_count(0)
    await photograph(page, "demo_sms")


async def test_html_of_a_customer_stays_text(page: Page) -> None:
    attack = "<img src=x onerror=\"document.title='owned'\"><b>bold</b> {{ 7*7 }}"
    await write(page, "+353861234567", attack)
    await expect(part(page, attack, "customer")).to_be_visible()
    await expect(bubble(page, attack)).to_be_visible()
    assert await page.title() == "Leadline demo"
    assert await page.locator("b").count() == 0


@pytest.mark.long
async def test_a_whatsapp_message_with_a_picture_shows_the_tie_and_is_read(page: Page) -> None:
    file = FilePayload(name="receipt.png", mimeType="image/png", buffer=png())
    await page.get_by_test_id("picture").locator("input[type=file]").set_input_files(file)
    await expect(page.get_by_test_id("attached")).to_have_text("receipt.png")
    await write(page, "+447700900123", "Can I change my booking?", "WhatsApp")
    await expect(part(page, "change my booking", "customer")).to_be_visible()
    await expect(page.get_by_test_id("thread").locator("img")).to_be_visible()
    await expect(page.get_by_test_id("bubbles").locator("img")).to_be_visible()
    await expect(page.get_by_test_id("reason")).to_have_text("Updated last of several")
    await expect(page.locator(".ll-choice")).to_have_count(3)
    await reply(page, "Of course. Which day suits you?")
    await expect(bubble(page, "Which day suits you?", "read")).to_be_visible()
    await photograph(page, "demo_whatsapp")


async def test_a_reply_that_failed_says_why_on_the_phone_and_in_the_thread(page: Page, demo: Demo) -> None:
    await write(page, "+353871112233", "Are you open today?", "WhatsApp", name="Orla Fahy")
    await expect(page.get_by_test_id("contact-name")).to_have_text("Orla Fahy")
    await expect(part(page, "open today", "customer")).to_be_visible()
    demo.providers.faults.plan("whatsapp_cloud", Fault(how="late", code=131047, message="Re-engagement message"))
    await reply(page, "Until six")
    await expect(bubble(page, "Until six", "failed")).to_contain_text("reply window")
    await expect(part(page, "did not reach the customer", "note")).to_be_visible()
    await photograph(page, "demo_failed")


@pytest.mark.long
async def test_another_conversation_is_marked_unread_and_opens_with_its_phone(page: Page, demo: Demo) -> None:
    await write(page, KNOWN, "One more question")
    await expect(part(page, "One more question", "customer")).to_be_visible()
    await demo.writes(demo.channels["whatsapp_cloud"], "353851110000", "Hello from elsewhere", name="Niamh Kelly")
    item = page.get_by_test_id("inbox-item").filter(has_text="Niamh Kelly")
    await expect(item).to_have_attribute("data-unread", "true")
    await expect(item).to_contain_text("WhatsApp")
    await expect(page.get_by_test_id("inbox-item").first).to_contain_text("Niamh Kelly")
    await photograph(page, "demo_unread")
    await item.click()
    await expect(part(page, "Hello from elsewhere", "customer")).to_be_visible()
    await expect(page.get_by_test_id("phone-number")).to_have_value("+353851110000")
    await expect(item).to_have_attribute("data-unread", "false")
    await expect(page.get_by_test_id("reason")).to_have_text("New lead")


@pytest.mark.long
async def test_enter_sends_and_shift_enter_makes_a_line(page: Page) -> None:
    await choose_channel(page, "SMS")
    await page.get_by_test_id("phone-number").fill("+353862223333")
    await page.get_by_test_id("phone-text").fill("By keyboard")
    await page.get_by_test_id("phone-text").press("Enter")
    await expect(part(page, "By keyboard", "customer")).to_be_visible()
    composer = page.get_by_test_id("composer")
    await composer.press_sequentially("First line")
    await composer.press("Shift+Enter")
    await composer.press_sequentially("second line")
    await composer.press("Enter")
    await expect(bubble(page, "second line", "delivered")).to_contain_text("First line\nsecond")
    await expect(composer).to_have_value("")
    await expect(bubble(page, "First line")).to_have_count(1)


async def test_nothing_scrolls_sideways(page: Page) -> None:
    await write(page, "+353879998877", "w" * 300 + " https://example.com/" + "a/" * 100)
    await expect(part(page, "wwww", "customer")).to_be_visible()
    for width in (1280, 1024):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert await page.evaluate(TOO_WIDE) == []
    await photograph(page, "demo_narrow")
    await page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.long
async def test_the_demo_links_to_the_operators_page(page: Page) -> None:
    await write(page, "+353863334444", "Seen by the operator too")
    await expect(part(page, "Seen by the operator too", "customer")).to_be_visible()
    await page.get_by_role("link", name="Console").click()
    await page.get_by_role("link", name="Messages", exact=True).click()
    row = page.get_by_test_id("message-row").filter(has_text="Seen by the operator too")
    await expect(row).to_contain_text("New lead")
    await page.go_back()
    await page.go_back()


async def test_in_the_dark_everything_can_be_read(demo: Demo, browser: Browser, page: Page) -> None:
    await write(page, KNOWN, "Is anybody there at night?")
    async with tab(browser) as night:
        await night.emulate_media(color_scheme="dark")
        await night.goto(f"{demo.places.leadline}/inbox")
        await night.get_by_test_id("inbox-item").filter(has_text="at night").click()
        await expect(part(night, "at night", "customer")).to_be_visible()
        assert await axe(night) == []


@pytest.mark.long
async def test_a_page_that_takes_long_on_a_busy_machine_is_shown_all_the_same(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh = DemoPage.refresh

    async def slow(page: DemoPage) -> None:
        await asyncio.sleep(4)  # NiceGUI gives up after three seconds unless it is told otherwise
        await refresh(page)

    monkeypatch.setattr(DemoPage, "refresh", slow)
    async with aiohttp.ClientSession() as http, http.get(f"{demo.places.leadline}/inbox") as answer:
        assert answer.status == 200
