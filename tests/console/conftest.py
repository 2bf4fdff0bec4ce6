"""The console of a whole demo, as `leadline serve` has it, and a browser for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from leadline.stage.town import Demo
from tests.browser import browser as browser
from tests.browser import chromium as chromium
from tests.browser import fresh_pages as fresh_pages
from tests.browser import opened
from tests.databases import Databases


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(databases: Databases, sandbox_databases: Databases, fresh_pages: None) -> AsyncIterator[Demo]:
    async with opened(databases, sandbox_databases, staged=False) as demo:
        yield demo
