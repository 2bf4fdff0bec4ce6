"""The demo's page open in a browser, for the tests of one module."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Page

from leadline.stage.town import Demo
from tests.browser import browser as browser
from tests.browser import chromium as chromium
from tests.browser import fresh_pages as fresh_pages
from tests.browser import opened, tab
from tests.databases import Databases
from tests.panel.conftest import unhurried as unhurried


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(
    databases: Databases, sandbox_databases: Databases, chromium: object, fresh_pages: None
) -> AsyncIterator[Demo]:
    async with opened(databases, sandbox_databases, staged=True) as demo:
        yield demo


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(demo: Demo, browser: Browser) -> AsyncIterator[Page]:
    async with tab(browser) as page:
        await page.goto(f"{demo.places.leadline}/inbox")
        yield page
