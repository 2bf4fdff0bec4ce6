"""Every number of the first page leads to a list with as many things in it, and the list shows nothing else."""

from __future__ import annotations

import re

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.acceptance.town import until
from tests.browser import photograph
from tests.console.acting import park, signed_in
from tests.console.drawn import reader

pytestmark = pytest.mark.asyncio(loop_scope="session")
FAILED = """
    insert into outbound (workspace_id, outbound_id, conversation_id, part_id, piece, channel_id, message, author,
        state, reason, created_at)
    select 'sandbox', 'failed-' || n, 'c' || n, 'p', 0, channel_id, '{"to": "+353861112223", "text": "Hello again"}',
        'Maya', 'failed', 'window_closed', now() - n * interval '5 hours'
    from generate_series(1, 6) n, (select min(channel_id) as channel_id from channel) c"""
CLOSING = """
    with written as (
        update arrival set arrived_at = now() - interval '22 hours'
        where kind = 'message' and channel_id = (select channel_id from channel where provider = 'whatsapp_cloud')
        returning channel_id)
    update conversation set last_inbound_at = now() - interval '22 hours'
    where channel_id in (select channel_id from written)"""


async def execute(demo: Demo, statement: str) -> None:
    async with demo.leadline.database.connection() as connection:
        await connection.execute(statement.encode())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy(demo: Demo) -> Demo:
    """Four messages that arrived, one that is parked; replies that failed, one of them two days ago."""
    await demo.writes(demo.channels["twilio_sms"], "+353888888999", "Hi, my parcel has not arrived yet")
    await demo.writes(demo.channels["twilio_sms"], "+353888888999", "Are you there?")
    await demo.writes(demo.channels["whatsapp_cloud"], "+447700900123", "Can I change my booking?")
    await demo.writes(demo.channels["telegram"], "55501", "Do you ship to Galway?", name="Róisín Ní Dhomhnaill")
    await park(demo, "for a number that nobody connected")
    await execute(demo, FAILED)

    async def settled() -> bool:
        async with demo.leadline.database.connection() as connection:
            rows = await connection.execute(b"select count(*) as done from conversation where ended_at is null")
            return [row["done"] async for row in rows] == [3]

    await until(settled)
    await execute(demo, CLOSING)
    return demo


def number_of(words: str) -> int:
    return int(re.sub(r"\D", "", words))


async def test_every_number_leads_to_its_list(busy: Demo, browser: Browser) -> None:
    async with signed_in(busy, browser, Role.AGENT) as page:
        await page.goto("/console")
        await expect(page.get_by_test_id("parked")).to_contain_text("1")
        await expect(page.get_by_test_id("chart")).to_contain_text("5 in")
        await photograph(page, "today")
        links = await page.get_by_test_id("console").locator("a.ll-tile, .ll-legend a, [data-testid=failures] a").all()
        promised = {str(await link.get_attribute("href")): number_of(await link.inner_text()) for link in links}
        counted = {
            words: promised[address]
            for words, address in {
                "in": "/console/messages?last=24h",
                "undecided": "/console/messages?last=24h&outcome=undecided",
                "out": "/console/replies?last=24h",
                "failed": "/console/replies?last=24h&state=failed",
                "window": "/console/replies?last=24h&state=failed&reason=window_closed",
                "parked": "/console/waiting?state=parked",
            }.items()
        }
        assert counted == {"in": 5, "undecided": 1, "out": 4, "failed": 4, "window": 4, "parked": 1}
        assert sum(count for address, count in promised.items() if "outcome=" in address) == 5
    async with reader(busy, Role.AGENT) as read:
        for address, count in promised.items():
            assert len((await read(address)).found(".*row|doubt")) == count, address


async def test_windows_about_to_close_are_shown_until_somebody_answers(busy: Demo, browser: Browser) -> None:
    async with signed_in(busy, browser, Role.VIEWER) as page:
        await page.goto("/console")
        await expect(page.get_by_test_id("windows").get_by_test_id("row")).to_have_count(1)
        await expect(page.get_by_test_id("windows")).to_contain_text("900123")
        await page.get_by_role("link", name="Last 7 days").click()
        await expect(page.get_by_test_id("chart")).to_contain_text("6 out")
        await expect(page.get_by_test_id("failures")).to_contain_text("The provider's reply window is closed")
        await page.get_by_test_id("as-table").locator("summary").click()
        await expect(page.locator(".ll-counts tbody tr")).to_have_count(28)
        await execute(
            busy,
            "insert into outbound"
            " (workspace_id, outbound_id, conversation_id, part_id, piece, channel_id, message, state)"
            " select workspace_id, 'answer', conversation_id, 'p', 0, channel_id, '{}', 'sent' from conversation"
            " where sender like '%447700900123'",
        )
        await page.reload()
        await expect(page.get_by_test_id("windows")).to_contain_text("None closes within 4 hours")
        assert await page.locator("svg.ll-chart").get_attribute("aria-label") == (
            "5 messages came in and 7 went out, last 7 days. A table follows."
        )


async def test_the_page_is_there_while_a_long_count_goes_on(busy: Demo, browser: Browser) -> None:
    async with signed_in(busy, browser, Role.VIEWER) as page, busy.leadline.database.connection() as connection:
        async with connection.transaction():
            await connection.execute(b"lock table outbound in access exclusive mode")
            await page.goto("/console")
            await expect(page.get_by_test_id("needs")).to_contain_text("parked")
            await expect(page.get_by_text("Counting the messages of the last 24 hours")).to_be_visible()
            assert await page.get_by_test_id("failures").count() == 0, "what is not counted yet is not called none"
        await expect(page.get_by_test_id("chart")).to_contain_text("5 in")
        await expect(page.get_by_text("Counting the messages")).to_have_count(0)


@pytest.mark.long
async def test_very_many_groups_of_duplicates_are_counted_no_further_than_a_thousand(
    demo: Demo, browser: Browser
) -> None:
    await execute(
        demo,
        "insert into duplicate_group (workspace_id, group_id, contact_ids, survivor_id, tenths, gain, named)"
        " select 'sandbox', 'g' || n, array['g' || n, 'h' || n], 'g' || n, 90, 1, true from generate_series(1, 1200) n",
    )
    async with signed_in(demo, browser, Role.VIEWER) as page:
        await page.goto("/console")
        await expect(page.get_by_test_id("duplicates").locator(".ll-count")).to_have_text("1,000+")
        await execute(demo, "delete from duplicate_group where group_id > 'g12'")
        await expect(page.get_by_test_id("duplicates").locator(".ll-count")).to_have_text("224")
