"""The page of one's own account: who has a password chooses another one there; whoever has none is told why."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.console.signin.passwords import hashed
from leadline.stage.town import Demo
from leadline.store.queries import queries
from tests.console.acting import session_in, signed_in, signed_in_by

pytestmark = pytest.mark.asyncio(loop_scope="session")
PASSWORD = "a walnut tree in the yard"


async def test_another_password_is_chosen_with_the_present_one(demo: Demo, browser: Browser) -> None:
    token = await session_in(demo.leadline, "ida@example.com", {demo.leadline.workspace.workspace_id: Role.VIEWER})
    async with demo.leadline.database.connection() as connection:
        known = await queries.operator_by_email(connection, email="ida@example.com")
        key = {"operator_id": known["operator_id"], "password_hash": await hashed(PASSWORD)}
        await queries.set_password(connection, **key)
    async with signed_in_by(token, demo, browser) as page:
        await page.goto("/console/account")
        await expect(page.get_by_test_id("without-password")).to_have_count(0)
        await page.get_by_test_id("present-password").fill("a wrong one")
        await page.get_by_test_id("new-password").click()
        await expect(page.locator(".q-notification").first).to_be_visible()
        await page.get_by_test_id("present-password").fill(PASSWORD)
        await page.get_by_test_id("new-password").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Choose a password")


async def test_an_operator_without_a_password_reads_who_can_help(demo: Demo, browser: Browser) -> None:
    async with signed_in(demo, browser, Role.VIEWER) as page:
        await page.goto("/console/account")
        await expect(page.get_by_test_id("without-password")).to_contain_text("ask an owner for a link")
        await expect(page.get_by_test_id("present-password")).to_have_count(0)
