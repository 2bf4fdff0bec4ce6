"""Messages to customers are listed page by page, and found by how far they got, why not, and where."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.console.acting import signed_in
from tests.console.drawn import reader

pytestmark = pytest.mark.asyncio(loop_scope="session")
SENT = """
    insert into outbound (workspace_id, outbound_id, conversation_id, part_id, piece, channel_id, message, author,
        state, reason, created_at)
    select 'sandbox', 'o' || n, 'c' || n, 'p', 0, c.channel_id,
        jsonb_build_object('to', '+353861112223', 'text', 'Reply ' || n || ' <b>'), 'Maya',
        case when n % 10 = 0 then 'failed' else 'delivered' end, case when n % 10 = 0 then 'opted_out' else '' end,
        now() - n / 2 * interval '1 hour'
    from generate_series(1, 60) n, (select min(channel_id) as channel_id from channel) c"""


async def sixty_sent(demo: Demo) -> None:
    """Whatever the tests before left."""
    async with demo.leadline.database.connection() as connection:
        await connection.execute(b"delete from outbound")
        await connection.execute(SENT.encode())


FOUND = {
    "": ("Reply 1 <b>", 50),
    "state=failed": ("Reply 10 <b>", 6),
    "state=failed&reason=opted_out&last=24h": ("Reply 10 <b>", 4),
    "reason=nothing_such": ("", 0),
    "channel=999": ("", 0),
    "after=yesterday": ("Reply 1 <b>", 50),
}
"""What is asked for: the first reply, and how many are shown."""


async def test_replies_are_found(demo: Demo) -> None:
    await sixty_sent(demo)
    async with reader(demo, Role.VIEWER) as read:
        for query, (first, count) in FOUND.items():
            rows = [row.words for row in (await read(f"/console/replies?{query}")).found("reply-row")]
            assert len(rows) == count, query
            assert not rows or (first in rows[0] and "by Maya" in rows[0]), query
            if "failed" in query:
                assert "The customer opted out of messages on this channel" in rows[0]


async def test_the_next_page_goes_on_where_the_first_ended(demo: Demo, browser: Browser) -> None:
    await sixty_sent(demo)
    async with signed_in(demo, browser, Role.VIEWER) as page:
        await page.goto("/console/replies")
        rows = page.get_by_test_id("reply-row")
        await expect(rows).to_have_count(50)
        seen = {str(await row.get_attribute("data-row")) for row in await rows.all()}
        await page.get_by_role("link", name="Older").click()
        await expect(rows).to_have_count(10)
        seen |= {str(await row.get_attribute("data-row")) for row in await rows.all()}
        assert len(seen) == 60, "also where two have the same time"
        await page.get_by_role("link", name="Newest").click()
        await expect(rows).to_have_count(50)
