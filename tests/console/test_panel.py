"""The panel in a real browser, beside the conversation, asked over HTTP as Intercom's Inbox asks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from leadline.demo import Demo
from tests.console.conftest import opened, photograph, tab
from tests.console.test_pages import part, write

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(90)]
PATIENCE = 15_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(server_url: str, chromium: object, fresh_pages: None) -> AsyncIterator[Demo]:
    async with opened(server_url, staged=True) as demo:
        yield demo


@pytest_asyncio.fixture(loop_scope="module")
async def page(demo: Demo, browser: Browser) -> AsyncIterator[Page]:
    async with tab(browser) as page:
        await page.goto(f"{demo.places.leadline}/inbox")
        yield page


async def test_the_home_says_who_writes_from_where_and_why(page: Page) -> None:
    await write(page, "+447700900123", "Can I change my booking?", "WhatsApp")
    await expect(part(page, "change my booking", "customer")).to_be_visible(timeout=PATIENCE)
    panel = page.get_by_test_id("canvas")
    await expect(panel).to_contain_text("WhatsApp", timeout=PATIENCE)
    await photograph(page, "panel_home")
