"""What the demo shows beside texts, by clicking: buttons, quotes, a form, a picture, the tour; on every screen."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import FilePayload, Page, expect

from leadline.stage.tour import STEPS
from leadline.stage.town import Demo
from tests.browser import photograph
from tests.stage.acting import TOO_WIDE, bubble, choose_channel, part, png, reply, write

pytestmark = pytest.mark.asyncio(loop_scope="session")
ANN, BEN = "+353861112222", "+353861113333"


async def test_the_root_leads_to_the_page(page: Page, demo: Demo) -> None:
    await page.goto(demo.places.leadline)
    assert page.url.endswith("/inbox")
    await expect(page.get_by_test_id("phone")).to_be_visible()


async def test_a_teammate_asks_with_buttons_and_the_customer_taps_one(page: Page) -> None:
    await write(page, ANN, "I would like the red one", "WhatsApp", name="Ann Lee")
    await expect(part(page, "the red one", "customer")).to_be_visible()
    await page.get_by_test_id("ask-with-buttons").click()
    await page.get_by_test_id("choices").fill("Small, Large")
    await reply(page, "Which size?")
    await expect(page.get_by_test_id("tap")).to_have_text(["Small", "Large"])
    await expect(part(page, "Which size?", "teammate").get_by_test_id("offered")).to_contain_text("Large")
    await photograph(page, "demo_buttons")
    await page.get_by_test_id("tap").filter(has_text="Large").click()
    await expect(part(page, "> You wrote: Which size?\nLarge", "customer")).to_be_visible()
    await expect(page.get_by_test_id("tap")).to_have_count(0)
    await expect(page.get_by_test_id("choices")).to_be_hidden()


@pytest.mark.long
async def test_both_sides_answer_one_message(page: Page) -> None:
    await write(page, ANN, "And what does it cost?", "WhatsApp", name="Ann Lee")
    asked = part(page, "And what does it cost?", "customer")
    await asked.get_by_test_id("quote-this").click()
    composer = page.get_by_test_id("composer")
    await expect(composer).to_have_value(re.compile("^> And what does it cost"))
    await composer.press("End")
    await composer.press("ControlOrMeta+End")
    await composer.press_sequentially("20 euro")
    await page.get_by_test_id("send-reply").click()
    answered = bubble(page, "20 euro")
    await expect(answered.get_by_test_id("quoted")).to_have_text("And what does it cost?")
    await expect(answered).not_to_contain_text(">")
    await answered.get_by_test_id("answer-this").click()
    await expect(page.get_by_test_id("answering")).to_contain_text("20 euro")
    await page.get_by_test_id("phone-text").fill("I take it")
    await page.get_by_test_id("phone-send").click()
    await expect(part(page, "> You wrote: 20 euro\nI take it", "customer")).to_be_visible()
    await photograph(page, "demo_quotes")


@pytest.mark.long
async def test_a_form_that_is_filled_in_reads_as_lines(page: Page) -> None:
    await choose_channel(page, "WhatsApp")
    await page.get_by_test_id("phone-number").fill(ANN)
    await page.get_by_test_id("open-form").click()
    await page.get_by_test_id("form-full_name").fill("Ann Lee")
    await page.get_by_test_id("form-address").fill("1 Quay Street, Galway")
    await page.get_by_test_id("form-date").fill("2026-12-01")
    await photograph(page, "demo_form")
    await page.get_by_test_id("form-send").click()
    lines = part(page, "[Form filled in]", "customer")
    await expect(lines).to_contain_text("full name: Ann Lee")
    await expect(lines).to_contain_text("address: 1 Quay Street, Galway")
    await choose_channel(page, "SMS")
    await expect(page.get_by_test_id("open-form")).to_be_hidden()


async def test_the_picture_button_opens_the_files_and_sends_one(page: Page) -> None:
    await choose_channel(page, "WhatsApp")
    await page.get_by_test_id("phone-number").fill(ANN)
    async with page.expect_file_chooser() as choosing:
        await page.get_by_test_id("pick-picture").click()
    chooser = await choosing.value
    await chooser.set_files(FilePayload(name="sofa.png", mimeType="image/png", buffer=png()))
    await expect(page.get_by_test_id("attached")).to_have_text("sofa.png")
    await page.get_by_test_id("phone-send").click()
    await expect(page.get_by_test_id("bubbles").locator("img")).to_be_visible()
    await expect(page.get_by_test_id("thread").locator("img")).to_be_visible()


async def both_have_written(page: Page) -> None:
    """Conversations of Ann and Ben, whichever tests came before in this process; Ben's is open."""
    for number, name in ((ANN, "Ann Lee"), (BEN, "Ben Ray")):
        await write(page, number, f"Hello from {name}", "WhatsApp", name=name)
        await expect(part(page, f"Hello from {name}", "customer").last).to_be_visible()


@pytest.mark.long
async def test_the_list_shows_the_last_message_and_a_note_does_not_last(page: Page) -> None:
    await both_have_written(page)
    await write(page, BEN, "First question", "WhatsApp", name="Ben Ray")
    await expect(part(page, "First question", "customer")).to_be_visible()
    item = page.get_by_test_id("inbox-item").filter(has_text="Ben Ray")
    await reply(page, "An answer to it")
    await expect(item).to_contain_text("You: An answer to it")
    await write(page, BEN, "Second question", "WhatsApp", name="Ben Ray")
    await expect(item).to_contain_text("Second question")
    await page.get_by_test_id("note-toggle").click()
    await reply(page, "Only for us")
    await expect(part(page, "Only for us", "note")).to_be_visible()
    await expect(page.get_by_test_id("send-reply")).to_have_text("Send reply")
    await page.get_by_test_id("note-toggle").click()
    await expect(page.get_by_test_id("send-reply")).to_have_text("Add note")
    await page.get_by_test_id("inbox-item").filter(has_text="Ann Lee").click()
    await expect(page.get_by_test_id("send-reply")).to_have_text("Send reply")


@pytest.mark.long
async def test_the_phone_is_that_of_the_open_conversation(page: Page, demo: Demo) -> None:
    await both_have_written(page)
    await page.get_by_test_id("inbox-item").filter(has_text="Ann Lee").click()
    await expect(page.get_by_test_id("phone-number")).to_have_value(ANN)
    await page.get_by_test_id("inbox-item").filter(has_text="Ben Ray").click()
    await expect(page.get_by_test_id("phone-number")).to_have_value(BEN)
    await page.goto(f"{demo.places.leadline}/inbox")
    first = page.get_by_test_id("inbox-item").first
    await expect(first).to_be_visible()
    number = ANN if "Ann Lee" in await first.inner_text() else BEN
    await expect(page.get_by_test_id("phone-number")).to_have_value(number)
    await expect(page.get_by_test_id("bubble").first).to_be_visible()


@pytest.mark.long
async def test_the_tour_shows_match_tie_new_lead_merge_and_undo(page: Page) -> None:
    await page.get_by_test_id("tour-start").click()
    names, roles = page.get_by_test_id("contact-name"), page.get_by_test_id("contact-role")
    await page.get_by_test_id("tab-contact").click()
    for number, (name, role) in enumerate(
        [
            ("Aoife Byrne", "user"),
            ("Liam M.", "lead"),
            ("+353861234567", "lead"),
            ("Aoife Byrne", "user"),
            ("+353861234567", "lead"),
        ]
    ):
        await expect(page.get_by_test_id("tour-step")).to_contain_text(f"Step {number + 1} of 5: {STEPS[number].title}")
        await expect(page.get_by_test_id("tour-words")).to_have_text(STEPS[number].words)
        if number < 4:
            await expect(names).to_have_text(name)
            await expect(roles).to_have_text(role)
            await photograph(page, f"demo_tour_{number + 1}")
            await page.get_by_test_id("tour-next").click()
    await write(page, "+353861234567", "Who am I now?", "WhatsApp")
    await expect(names).to_have_text("+353861234567")
    await expect(roles).to_have_text("lead")
    await page.get_by_test_id("tour-end").click()
    await expect(page.get_by_test_id("tour")).to_be_hidden()
    await page.get_by_test_id("tab-panel").click()


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_screen_shows_everything_and_nothing_scrolls_sideways(page: Page, scheme: str) -> None:
    await both_have_written(page)
    await page.get_by_test_id("tab-panel").click()
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for width, height in ((1440, 900), (768, 1024), (390, 844)):
        await page.set_viewport_size({"width": width, "height": height})
        for place in ("phone", "inbox", "side") if width < 1000 else ("",):
            if place:
                await page.get_by_test_id(f"place-{place}").click()
            shown = {"phone": "phone", "inbox": "inbox", "side": "panel", "": "inbox"}[place]
            await expect(page.get_by_test_id(shown)).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            assert await page.evaluate(TOO_WIDE) == []
            await photograph(page, f"demo_{width}_{scheme}{'_' if place else ''}{place}")
    await page.emulate_media(color_scheme="no-preference")
    await page.set_viewport_size({"width": 1280, "height": 800})
