"""Somebody with several workspaces: the one of a page is named on top, stays the page's own, and another is chosen."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.browser import photograph
from tests.connections.test_roster import connect_other, other_workspace, until_connected
from tests.console.acting import park, session_in, signed_in, signed_in_by
from tests.console.test_looks import axe
from tests.databases import Databases

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.long
async def test_two_tabs_with_two_workspaces_do_not_get_in_each_others_way(
    demo: Demo, browser: Browser, sandbox_databases: Databases
) -> None:
    await park(demo, "of the first workspace")
    async with other_workspace(sandbox_databases, demo) as url:
        await connect_other(demo, url)
        await until_connected(demo, "sandbox", "other")
        token = await session_in(demo.leadline, "both@example.com", {"sandbox": Role.ADMIN, "other": Role.VIEWER})
        async with signed_in_by(token, demo, browser) as first:
            await first.goto("/console/waiting")
            assert first.url.endswith("/console/waiting?workspace=sandbox"), (
                "an address to keep, or to send to somebody"
            )
            second = await first.context.new_page()
            await second.goto("/console/waiting")
            await second.get_by_test_id("workspaces").locator("summary").click()
            assert await axe(second) == []
            await photograph(second, "workspaces")
            await second.get_by_role("link", name="Other", exact=True).click()
            await expect(second.get_by_test_id("workspace")).to_have_text("Other")
            await expect(second.get_by_test_id("stuck")).to_contain_text("Nothing is parked")
            await expect(first.get_by_test_id("stuck-row")).to_have_count(1)
            await first.get_by_role("link", name="Messages", exact=True).click()
            await expect(first.get_by_test_id("workspace")).to_have_text("Sandbox")
            await first.get_by_test_id("filter").click()
            await expect(first.get_by_test_id("workspace")).to_have_text("Sandbox")
            assert "workspace=sandbox" in first.url
            await first.keyboard.press("g")
            await first.keyboard.press("w")
            await first.get_by_test_id("retry").click()
            await expect(first.get_by_test_id("stuck-row")).to_have_count(0)
            await second.reload()
            await expect(second.get_by_test_id("workspace")).to_have_text("Other")


async def test_an_operator_with_one_workspace_sees_its_name_and_nothing_to_choose(demo: Demo, browser: Browser) -> None:
    async with signed_in(demo, browser, Role.OWNER) as page:
        await page.goto("/console")
        await expect(page.get_by_test_id("workspace")).to_have_text("Sandbox")
        await expect(page.get_by_test_id("workspaces")).to_have_count(0)
        assert page.url.endswith("/console")
