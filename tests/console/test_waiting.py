"""What is parked is tried again and given up singly, by reason and all together, each by who may."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.engine.stuck import BATCH
from leadline.stage.town import Demo
from tests.acceptance.town import until
from tests.browser import photograph
from tests.console.acting import email_of, park, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")
MANY = """
    insert into arrival (workspace_id, raw_id, channel_id, source, dedupe, kind, lane, content, state, reason,
        explanation)
    select 'sandbox', gen_random_uuid(), channel_id, 'test', reason || kind || n, kind, 'nobody:' || n,
        '{{"text": "One of many"}}', 'parked', reason, 'It could not be read.'
    from generate_series(1, {count}) n, (values ('{reason}', '{kind}')) v (reason, kind),
        (select min(channel_id) as channel_id from channel) c"""


async def parked(demo: Demo, count: int, reason: str, kind: str = "message") -> None:
    async with demo.leadline.database.connection() as connection:
        await connection.execute(MANY.format(count=count, reason=reason, kind=kind).encode())


async def states(demo: Demo) -> dict[str, int]:
    """How many of the many there are, by reason and state."""
    async with demo.leadline.database.connection() as connection:
        rows = await connection.execute(
            b"select reason || ' ' || state as what, count(*) from arrival where source = 'test' group by 1"
        )
        return {row["what"]: row["count"] async for row in rows}


async def test_an_admin_retries_and_drops_one_and_the_audit_knows(demo: Demo, browser: Browser) -> None:
    for name in ("first", "second"):
        await park(demo, name)
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/waiting")
        rows = page.get_by_test_id("stuck-row").filter(has_text=re.compile("Message (first|second|third)"))
        await expect(rows).to_have_count(2)
        await rows.filter(has_text="Message second").get_by_test_id("drop").click()
        await park(demo, "third")  # the question stays where it is while the page goes on
        await expect(rows).to_have_count(3)
        await page.get_by_test_id("confirm").click()
        await expect(rows).to_have_count(2)
        await rows.filter(has_text="Message first").get_by_test_id("retry").click()
        await until(lambda: did(demo, Role.ADMIN, "parked.retried"))
    assert await did(demo, Role.ADMIN, "parked.dropped")


async def test_an_agent_tries_again_and_gives_nothing_up_and_a_viewer_only_looks(demo: Demo, browser: Browser) -> None:
    await park(demo, "four")
    async with signed_in(demo, browser, Role.VIEWER) as page:
        await page.goto("/console/waiting")
        await expect(page.get_by_test_id("stuck-row").filter(has_text="Message four")).to_have_count(1)
        for press in ("retry", "drop", "retry-all", "drop-all"):
            await expect(page.get_by_test_id(press)).to_have_count(0)
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/waiting")
        row = page.get_by_test_id("stuck-row").filter(has_text="Message four")
        for press in ("drop", "drop-all"):
            await expect(page.get_by_test_id(press)).to_have_count(0)
        await row.get_by_test_id("retry").click()
        # Not that its row is gone: without a channel it may be parked again before the page looks.
        await until(lambda: did(demo, Role.AGENT, "parked.retried"))


async def did(demo: Demo, role: Role, act: str) -> bool:
    """Whether the audit says that this role's person did it in the console."""
    asked = "select from audit where actor = %s and act = %s and source = 'console'"
    async with demo.leadline.database.connection() as connection:
        return (await connection.execute(asked, [email_of(role), act])).rowcount > 0


async def test_many_of_one_reason_are_one_line_and_given_up_together_and_no_others(
    demo: Demo, browser: Browser
) -> None:
    await parked(demo, BATCH + 20, "unreadable")
    await parked(demo, 3, "unreadable", "notification")
    await parked(demo, 2, "too_long")
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/waiting")
        group = page.locator("[data-testid=group-row][data-row*=unreadable]")
        await expect(group).to_contain_text("523")
        await photograph(page, "waiting-groups")
        await group.get_by_test_id("drop-all").click()
        asked = page.locator(".ll-dialog")
        await expect(asked).to_contain_text(
            "Give 523 up for good?"
            " 520 customers' messages do not reach Intercom; 3 replies do not reach their customers."
        )
        await parked(demo, 1, "unreadable", "status")  # nobody was asked about this one
        await page.get_by_test_id("confirm").click()
        await expect(page.get_by_text("523 dropped")).to_be_visible()
        await expect(page.get_by_test_id("progress")).to_be_hidden()
    found = {what: count for what, count in (await states(demo)).items() if what.startswith(("unreadable", "too_long"))}
    assert found == {"unreadable dropped": 523, "unreadable parked": 1, "too_long parked": 2}


async def test_a_filter_leaves_some_and_all_of_these_are_tried_again(demo: Demo, browser: Browser) -> None:
    await parked(demo, 2, "media_rejected")
    await parked(demo, 1, "quota_exceeded")
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/waiting?reason=nothing_such")
        await expect(page.get_by_test_id("stuck")).to_contain_text("Nothing is parked")
        await page.goto("/console/waiting?reason=media_rejected")
        await expect(page.get_by_test_id("stuck-row")).to_have_count(2)
        await page.get_by_test_id("count").get_by_test_id("retry-all").click()
        await page.get_by_test_id("confirm").click()
        await expect(page.get_by_text("Trying 2 again")).to_be_visible()
    found = await states(demo)
    assert (found["quota_exceeded parked"], "media_rejected parked" in found) == (1, False)


@pytest.mark.long
async def test_pages_show_each_one_once_parked_ones_first(demo: Demo, browser: Browser) -> None:
    await parked(demo, 120, "expired")
    async with demo.leadline.database.connection() as connection:
        await connection.execute(
            b"update arrival set state = 'waiting' where reason = 'expired' and arrival_id % 2 = 0"
        )
    async with signed_in(demo, browser, Role.VIEWER) as page:
        await page.goto("/console/waiting?reason=expired")
        seen: list[str] = []
        for rows in (50, 50, 20):
            await expect(page.get_by_test_id("stuck-row")).to_have_count(rows)
            for row in await page.get_by_test_id("stuck-row").all():
                seen.append(f"{await row.locator('.ll-tag').inner_text()} {await row.get_attribute('data-row')}")
            if rows == 50:
                await page.get_by_role("link", name="Next page").click()
                await page.wait_for_url("**after=*")
        assert len(seen) == len(set(seen)) == 120
        assert [each.split()[0] for each in seen] == ["parked"] * 60 + ["waiting"] * 60
        await page.get_by_role("link", name="First page").click()
        await expect(page.get_by_test_id("stuck-row")).to_have_count(50)
