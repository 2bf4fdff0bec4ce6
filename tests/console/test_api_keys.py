"""Keys of the API in the browser: made and shown once, given another token, revoked."""

from __future__ import annotations

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.console.acting import signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def status(demo: Demo, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{demo.places.leadline}/api/v1/channels", headers=headers) as answer,
    ):
        return answer.status


async def test_a_key_is_made_rotated_and_revoked_by_buttons(demo: Demo, browser: Browser) -> None:
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/api-keys")
        await page.get_by_test_id("key-name").fill("Web shop")
        await expect(page.get_by_test_id("scope-read")).to_be_checked()
        await expect(page.get_by_test_id("scope-merge")).not_to_be_checked()
        await page.get_by_test_id("scope-send").uncheck()
        await page.get_by_test_id("make-key").click()
        shown = page.get_by_test_id("token-itself")
        await expect(shown).to_contain_text("leadline_")
        first = await shown.text_content() or ""
        assert await status(demo, first) == 200

        line = page.get_by_test_id("row").filter(has_text="Web shop")
        await expect(line.locator("[data-label=Scopes]")).to_have_text("read")
        await line.get_by_test_id("rotate-key").click()
        await page.get_by_test_id("confirm").click()
        await expect(shown).not_to_have_text(first)
        second = await shown.text_content() or ""
        assert [await status(demo, token) for token in (first, second)] == [200, 200]

        await line.get_by_test_id("revoke-key").click()
        await page.get_by_test_id("confirm").click()
        await expect(line).to_contain_text("revoked")
        assert [await status(demo, token) for token in (first, second)] == [401, 401]
        await page.reload()
        await expect(page.get_by_test_id("api-keys")).to_contain_text("Web shop")
        await expect(page.get_by_text(second)).to_have_count(0)


async def test_only_admins_see_keys(demo: Demo, browser: Browser) -> None:
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/api-keys")
        await expect(page.get_by_test_id("make-key")).to_have_count(0)
        await expect(page.get_by_role("link", name="API keys")).to_have_count(0)
