"""What is parked is tried again singly and all together, and given up, each by who may."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.console.acting import park, signed_in

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


async def test_parked_ones_are_dropped_narrowed_and_all_tried_again(demo: Demo, browser: Browser) -> None:
    for name in ("one", "two", "three"):
        await park(demo, name)
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/waiting?reason=nothing_such")
        rows = page.get_by_test_id("stuck-row")
        await expect(page.get_by_test_id("stuck")).to_contain_text("Nothing is parked")
        await expect(page.get_by_test_id("count")).to_contain_text("0 are shown here")
        await page.goto("/console/waiting")
        await expect(rows).to_have_count(3)
        await rows.filter(has_text="Message two").get_by_test_id("drop").click()
        await page.get_by_test_id("confirm").click()
        await expect(rows).to_have_count(2)
        await page.get_by_test_id("retry-all").click()
        await page.get_by_test_id("confirm").click()
        await expect(page.get_by_text("Trying 2 again")).to_be_visible()
        await expect(rows).to_have_count(0)


async def test_an_agent_tries_again_and_gives_nothing_up(demo: Demo, browser: Browser) -> None:
    await park(demo, "four")
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/waiting")
        row = page.get_by_test_id("stuck-row").filter(has_text="Message four")
        await expect(row.get_by_test_id("drop")).to_have_count(0)
        await row.get_by_test_id("retry").click()
        await expect(row).to_have_count(0)
