"""An admin adds who is told, tests it, and sees what was found."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.acceptance.town import until
from tests.alerts.test_alerts import Receiver, receiving
from tests.console.acting import park, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_webhook_is_added_tested_told_and_removed(demo: Demo, browser: Browser, hooks: Receiver) -> None:
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/alerts")
        await expect(page.get_by_test_id("targets")).to_contain_text("Nobody is notified yet")
        await page.get_by_test_id("new-kind").select_option("webhook")
        await page.get_by_test_id("new-address").fill("nowhere")
        await page.get_by_test_id("add").click()
        await expect(page.get_by_text("Enter the whole address")).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        await page.get_by_test_id("new-address").fill(f"{hooks.place}/hook")
        await page.get_by_test_id("new-name").fill("Ours")
        await page.get_by_test_id("add").click()
        await expect(page.get_by_test_id("secret-value")).to_contain_text("whsec_")
        line = page.get_by_test_id("targets").get_by_test_id("row")
        await line.get_by_test_id("test").click()
        await until(lambda: _count(hooks, 1))
        assert hooks.words == [("test", "opened")]
        await park(demo, "told")
        workspace_id = demo.leadline.workspace.workspace_id
        await demo.leadline.alerts.round(workspace_id)
        await expect(page.get_by_test_id("alerts")).to_contain_text("1 message is parked")
        assert ("parked", "opened") in hooks.words
        await line.get_by_test_id("remove").click()
        await page.get_by_test_id("confirm").click()
        await expect(page.get_by_test_id("targets")).to_contain_text("Nobody is notified yet")


@pytest_asyncio.fixture(loop_scope="session")
async def hooks() -> AsyncIterator[Receiver]:
    """In the loop of the browser."""
    async with receiving() as receiver:
        yield receiver


async def _count(hooks: Receiver, count: int) -> bool:
    return len(hooks.got) >= count
