"""The panel in a real browser, beside the conversation: leads are merged into users, and brought back."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.async_api import Locator, Page, TimeoutError, expect

from leadline.console.pages import EVERY
from leadline.intercom import contacts
from leadline.sandbox.seed import KNOWN_USER
from leadline.stage.scene import Stage
from leadline.stage.town import Demo
from tests.browser import photograph, picture
from tests.stage.acting import TOO_WIDE, bubble, part, reply, write

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def press(page: Page, name: str) -> None:
    """Press what has this component id."""
    await page.locator(f'[data-testid="canvas"] [data-component="{name}"]').click()


async def press_row(page: Page, words: str) -> None:
    """Press the row of a list that says these words."""
    await page.get_by_test_id("canvas-item").filter(has_text=words).first.click()


async def find(page: Page, typed: str) -> None:
    """Open the merge, and type whom to merge with."""
    await press(page, "merge")
    await (
        page.locator('[data-component="target"] input')
        .or_(page.locator('input[data-component="target"]'))
        .first.fill(typed)
    )
    await press(page, "find")


def canvas(page: Page) -> Locator:
    return page.get_by_test_id("canvas")


async def says(page: Page, words: str) -> None:
    """The panel shows these words; invisible joiners do not count."""
    await expect(canvas(page)).to_contain_text(words)


async def confirm(page: Page, *words: str) -> None:
    """Confirm, and ask again as long as it takes; `words` is any of what may then be told."""
    await press(page, "confirm")
    told = canvas(page).get_by_text(re.compile("|".join(map(re.escape, words)))).first
    again = page.locator('[data-component="again"]')
    for _ in range(100):
        await expect(told.or_(again).first).to_be_visible()
        if await told.is_visible():
            return
        with suppress(TimeoutError):  # the page may have looked for itself meanwhile
            await again.click(timeout=1_000)
    raise AssertionError(f"none of {words} in {await canvas(page).inner_text()}")


async def lands_on(page: Page, text: str, contact: str, conversations: int) -> None:
    """The next message is in the thread, its contact is this one, and so many conversations are in the list."""
    await expect(part(page, text, "customer")).to_be_visible()
    await expect(page.get_by_test_id("contact-name")).to_have_text(contact)
    await expect(page.get_by_test_id("inbox-item")).to_have_count(conversations)


async def slow_to_begin_conversations(demo: Demo) -> None:
    """The page looks several times before the next conversation is there; the old one is all it sees until then."""
    rule = {"method": "POST", "path": "/conversations", "when": "before", "delay": 3 * EVERY}
    await Stage(demo).ask("POST", "/_sandbox/faults", rule)


@pytest.mark.long
async def test_an_sms_lead_is_merged_by_id_and_brought_back(page: Page, demo: Demo) -> None:
    await write(page, "+353861234567", "Hello, it is Aoife from another phone")
    await expect(part(page, "another phone", "customer")).to_be_visible()
    await says(page, "Writes from+353 86 123 4567")
    await says(page, "No contact in Intercom is known to be this sender")
    await reply(page, "Hello Aoife, how can we help?")
    await expect(bubble(page, "how can we help", "delivered")).to_be_visible()
    await page.get_by_test_id("panel-reload").click()
    await says(page, "delivered, just now")
    await photograph(page, "panel_lead")
    await picture(page, "panel_home")
    await find(page, KNOWN_USER)
    await says(page, "Aoife Byrne")
    await says(page, "Intercom cannot undo this")
    await picture(page, "panel_preview")
    await confirm(page, "has been merged into Aoife Byrne", "into Aoife Byrne, by Maya Lindqvist")
    await picture(page, "panel_merged")
    await write(page, "+353861234567", "I have a question about my parcel")
    await lands_on(page, "about my parcel", "Aoife Byrne", 1)
    await page.get_by_test_id("panel-reload").click()
    await says(page, "by Maya Lindqvist")
    await says(page, "This sender already belongs to this contact")  # or it is drawn anew under the finger
    await press_row(page, "Undo")
    await says(page, "Intercom does not move them back")
    await picture(page, "panel_undo")
    await confirm(page, "Undone", "undone")
    await picture(page, "panel_undone")
    await slow_to_begin_conversations(demo)
    await write(page, "+353861234567", "Still there?")
    await lands_on(page, "Still there?", "+353861234567", 2)
    await expect(page.get_by_test_id("contact-role")).to_have_text("lead")


@pytest.mark.long
async def test_a_telegram_lead_without_shared_data_is_merged_by_e_mail(page: Page) -> None:
    await write(page, "5000000077", "Hi, this is my Telegram", "Telegram", name="Aoife on the phone")
    await expect(part(page, "my Telegram", "customer")).to_be_visible()
    await says(page, "Writes fromTelegram 5000000077")
    count = await page.get_by_test_id("inbox-item").count()
    await find(page, "aoife.byrne@example.com")
    await says(page, "They have different names")
    await picture(page, "panel_preview_telegram")
    await confirm(page, "has been merged into Aoife Byrne", "into Aoife Byrne, by Maya Lindqvist")
    await write(page, "5000000077", "And now?", "Telegram", name="Aoife on the phone")
    await lands_on(page, "And now?", "Aoife Byrne", count)
    await reply(page, "Now we know you")
    await expect(bubble(page, "Now we know you")).to_be_visible()


@pytest.mark.long
async def test_a_lead_is_merged_by_suggestion(page: Page, demo: Demo) -> None:
    """The customer tells an e-mail that a user has: the two are suggested to be one."""
    await write(page, "+353862224444", "My new number")
    await says(page, "Writes from+353 86 222 4444")
    count = await page.get_by_test_id("inbox-item").count()
    client = demo.leadline.workspace.client
    found = await demo.leadline.merging.find(demo.leadline.workspace.workspace_id, "+353862224444")
    await contacts.update(client, found[0].contact_id, email="liam.murphy@example.com")
    await page.get_by_test_id("panel-reload").click()
    await says(page, "May be the same person")
    await says(page, "same e-mail +9.5")
    await picture(page, "panel_suggestion")
    await press_row(page, "Liam Murphy")
    await says(page, "Check before you merge")
    await confirm(page, "has been merged into Liam Murphy", "into Liam Murphy, by Maya Lindqvist")
    await write(page, "+353862224444", "Did that work?")
    await lands_on(page, "Did that work?", "Liam Murphy", count)


@pytest.mark.long
async def test_the_panel_explains_several_hits_and_no_hit(page: Page) -> None:
    await write(page, "+353861110000", "Who am I?")
    await says(page, "Writes from+353 86 111 0000")
    await find(page, "nobody@example.com")
    await says(page, "No contact in Intercom has")
    await picture(page, "panel_nobody")
    await page.locator('input[data-component="target"]').fill("+44 7700 900123")
    await press(page, "find")
    await says(page, "3 contacts fit")
    await picture(page, "panel_several")
    await press_row(page, "Liam M.")
    await says(page, "are both leads")
    await picture(page, "panel_ways")
    await press(page, "way:reroute")
    await says(page, "You can undo this at any time")


async def test_the_panel_fits_narrow_and_wide_windows(page: Page) -> None:
    await write(page, "+353879990000", "w" * 200)
    await expect(part(page, "wwww", "customer")).to_be_visible()
    await says(page, "Writes from+353 87 999 0000")
    for width in (1024, 1280, 1680):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert await page.evaluate(TOO_WIDE) == []
    await expect(page.get_by_test_id("tab-panel")).to_be_hidden()
    await photograph(page, "panel_wide")
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.get_by_test_id("tab-contact").click()
    await expect(page.get_by_test_id("why")).to_be_visible()
    await expect(canvas(page)).to_be_hidden()
    await page.get_by_test_id("tab-panel").click()
