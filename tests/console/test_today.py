"""The first page: what is parked, with its buttons, and what came last, with its reasons."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.browser import photograph
from tests.console.acting import email_of, park, signed_in

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


async def test_an_admin_retries_and_drops_what_is_parked_and_the_audit_knows(demo: Demo, browser: Browser) -> None:
    await demo.writes(demo.channels["twilio_sms"], "+353888888999", "Hi, my parcel has not arrived yet")
    await park(demo, "first")
    await park(demo, "second")
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console")
        await expect(page.get_by_test_id("channels")).to_contain_text("+1 415-555-0100")
        told = page.get_by_test_id("message-row").filter(has_text="my parcel")
        await expect(told).to_contain_text("Only contact with this phone number")
        await expect(told).to_contain_text("This is the only contact with the sender's phone number")
        rows = page.get_by_test_id("stuck-row")
        await expect(rows).to_have_count(2)
        await photograph(page, "console")
        await rows.filter(has_text="Message second").get_by_test_id("drop").click()
        await park(demo, "third")  # the question stays where it is while the page goes on
        await expect(rows).to_have_count(3)
        await page.get_by_test_id("confirm").click()
        await expect(rows).to_have_count(2)
        await rows.filter(has_text="Message first").get_by_test_id("retry").click()
        await expect(rows).to_have_count(1)
        first = page.get_by_test_id("message-row").filter(has_text="Message first")
        await expect(first).to_contain_text("in Intercom")
    async with demo.leadline.database.connection() as connection:
        found = await connection.execute("select act, source from audit where actor = %s", [email_of(Role.ADMIN)])
        assert [(row["act"], row["source"]) async for row in found] == [
            ("parked.dropped", "console"),
            ("parked.retried", "console"),
        ]


async def test_who_may_only_look_has_no_buttons(demo: Demo, browser: Browser) -> None:
    await park(demo, "fourth")
    async with signed_in(demo, browser, Role.VIEWER) as page:
        await page.goto("/console")
        await expect(page.get_by_test_id("stuck-row").filter(has_text="Message fourth")).to_have_count(1)
        await expect(page.get_by_test_id("retry")).to_have_count(0)
        await expect(page.get_by_test_id("drop")).to_have_count(0)
