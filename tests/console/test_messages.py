"""Messages are found by what people know of them, and one message's story is told with what can be done about it."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.acceptance.town import until
from tests.browser import photograph
from tests.console.acting import park, signed_in
from tests.console.drawn import reader

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def written() -> list[str]:
    return []


async def write(demo: Demo, written: list[str]) -> None:
    """Once for all tests of the module."""
    if not written:
        written.append("done")
        await demo.writes(demo.channels["twilio_sms"], "+353888888999", "Hi, my parcel has not arrived yet")
        await demo.writes(demo.channels["whatsapp_cloud"], "+447700900123", "Can I change my booking?")
        await demo.writes(demo.channels["telegram"], "55501", "Do you ship to Galway?", name="Róisín Ní Dhomhnaill")
        await park(demo, "lost")


FOUND = {
    "q=PARCEL": ["parcel"],
    "q=%2B353+88+888+8999": ["parcel"],
    "q=88+888-8999": ["parcel"],
    "q=r%C3%B3is%C3%ADn": ["Galway"],
    "q=wamid.lost": [],
    "q=lost": ["Message lost"],
    "state=parked": ["Message lost"],
    "code=unique_phone": ["parcel"],
    "since=2031-01-01": [],
    "before=2": ["parcel"],
    "q=%25&state=done": [],
    "q='%3B+drop+table+arrival": [],
}


async def test_messages_are_found(demo: Demo, written: list[str]) -> None:
    await write(demo, written)
    async with reader(demo, Role.VIEWER) as read:
        for query, wanted in FOUND.items():
            found = [row.words for row in (await read(f"/console/messages?{query}")).found("message-row")]
            assert len(found) == len(wanted), query
            assert all(any(words in row for row in found) for words in wanted), query


async def test_the_story_of_a_message_tells_who_else_it_could_have_been(
    demo: Demo, browser: Browser, written: list[str]
) -> None:
    await write(demo, written)
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/messages")
        await page.get_by_role("link", name="Can I change my booking?").click()
        await expect(page.get_by_test_id("reason")).to_have_text("Updated last of several")
        await expect(page.get_by_test_id("chosen")).to_contain_text("Not chosen")
        await expect(page.get_by_test_id("chosen")).to_contain_text("With policy prefer user")
        await expect(page.get_by_test_id("became")).to_contain_text("Opened")
        await page.get_by_text("As it came").click()
        await expect(page.get_by_test_id("came")).to_contain_text("messaging_product")
        await photograph(page, "message-story")
        await page.goto("/console/messages/999999")
        await expect(page.get_by_test_id("missing")).to_be_visible()


async def test_a_parked_message_is_tried_again_and_dropped_from_its_story(
    demo: Demo, browser: Browser, written: list[str]
) -> None:
    await write(demo, written)
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/messages?state=parked")
        await page.get_by_role("link", name="Message lost").click()
        await expect(page.get_by_test_id("state")).to_have_text("parked")
        await page.get_by_test_id("drop").click()
        await page.get_by_test_id("confirm").click()
        await expect(page.get_by_test_id("state")).to_have_text("dropped")
    async with signed_in(demo, browser, Role.VIEWER) as page:
        await page.goto("/console/messages")
        await page.get_by_role("link", name="parcel").click()
        await expect(page.get_by_text("As it came")).to_have_count(0)


async def test_a_known_sender_s_contact_is_named_and_phones_read_alike_on_every_page(
    demo: Demo, written: list[str]
) -> None:
    await write(demo, written)
    await demo.writes(demo.channels["twilio_sms"], "+353888888999", "And where is the invoice?")
    await demo.writes(demo.channels["telegram"], "55501", "And the colour?", name="Róisín Ní Dhomhnaill")
    await park(demo, "astray")
    async with reader(demo, Role.VIEWER) as read:

        async def named() -> bool:
            found = (await read("/console/messages?q=invoice")).found("message-row")
            return ["Known sender" in row.words and "Aoife Byrne" in row.words for row in found] == [True]

        async def spelt() -> bool:
            found = (await read("/console/messages?q=colour")).found("message-row")
            return [row.words.count("Róisín Ní Dhomhnaill") for row in found] == [2]

        async def alike() -> bool:
            pages = (("messages?q=astray", "message-row"), ("waiting", "stuck-row"))
            found = [each for page, row in pages for each in (await read(f"/console/{page}")).found(row)]
            return ["+353 86 111 2222" in each.words for each in found if "astray" in each.words] == [True, True]

        await until(named)
        await until(spelt)
        await until(alike)
