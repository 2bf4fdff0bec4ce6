"""No explanation of another wing is English on a German page, and the longest of them fit on a phone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from leadline.cli.doctor import examine
from leadline.console.pages import with_pages
from leadline.process import asgi
from leadline.sandbox.seed import KNOWN_USER, LEAD_TWIN, NEWER_TWIN, OLDER_TWIN
from leadline.serving import serving
from leadline.stage.town import Demo, Places, open_demo
from tests.browser import photograph
from tests.console.acting import speaking_tab
from tests.console.explained import explained
from tests.console.test_looks import READ, STICKS_OUT, is_english
from tests.databases import Databases, make_attributes

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAGES = {
    "today": "/console",
    "messages": "/console/messages",
    "message": "/console/messages/1",
    "replies": "/console/replies",
    "waiting": "/console/waiting",
    "doubts": "/console/doubts",
    "person": f"/console/people/{OLDER_TWIN}",
    "merged": f"/console/people/{NEWER_TWIN}",
    "merging": f"/console/people/{KNOWN_USER}/merge?with={NEWER_TWIN}",
    "preview": f"/console/people/{LEAD_TWIN}/merge?with={KNOWN_USER}",
    "choosing": f"/console/people/{OLDER_TWIN}/merge",
    "duplicates": "/console/duplicates",
    "batches": "/console/duplicates/batches",
    "batch": "/console/duplicates/batches/1",
    "alerts": "/console/alerts",
    "audit": "/console/audit",
    "system": "/console/system",
}
LOOKED_AT = {"message", "waiting", "duplicates", "audit"}  # by `make test`; `make check` walks all of them
SENTENCE = re.compile(r"(?<=[.!?]) |; |: |, ")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(databases: Databases, sandbox_databases: Databases, fresh_pages: None) -> AsyncIterator[Demo]:
    """With the doctor, and with something of everything."""
    with databases.lent() as url, sandbox_databases.lent() as sandbox_url, Places(0) as places:
        make_attributes(sandbox_url)
        async with open_demo(url, sandbox_url, places) as demo:
            door = with_pages(
                asgi(demo.leadline, with_worker=True), demo.leadline, examine=lambda: examine(demo.leadline.settings)
            )
            async with serving(door, places.sockets["leadline"]):
                await explained(demo)
                yield demo


@pytest.mark.parametrize(
    "name", [each if each in LOOKED_AT else pytest.param(each, marks=pytest.mark.long) for each in PAGES]
)
async def test_nothing_is_explained_in_english_on_a_german_page(demo: Demo, browser: Browser, name: str) -> None:
    async with speaking_tab(demo, browser, "de") as page:
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.goto(PAGES[name])
        if name == "system":
            await page.get_by_test_id("check").click()
            await expect(page.get_by_test_id("findings").get_by_test_id("row")).not_to_have_count(0)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        read = await page.evaluate(READ)
        assert [text for text in read if is_english(text)] == []
        assert [text for text in read for part in SENTENCE.split(text) if is_english(part.rstrip("."))] == []
        for width, height in {390: 844, 768: 1024, 1440: 900}.items():
            await page.set_viewport_size({"width": width, "height": height})
            await photograph(page, f"explained-{name}-{width}-de", whole=True)
            assert await page.evaluate(STICKS_OUT) == []
