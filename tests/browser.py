"""Opens the demo with its pages, everything real and in this process, and a headless Chromium to use them.

The tests of the console and of the stage share it.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import pytest_asyncio
from nicegui.testing import general
from playwright.async_api import Browser, Error, Page, Request, ViewportSize, async_playwright, expect
from yarl import URL

from leadline.console.pages import with_pages
from leadline.process import asgi
from leadline.serving import serving
from leadline.stage.pages import with_stage
from leadline.stage.town import Demo, Places, open_demo
from tests.databases import Databases, make_attributes

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--process-per-site",
    "--disable-features=IsolateOrigins,site-per-process,SpareRendererForSitePerProcess",
]
# Milliseconds: what a page shows in one second takes many on a busy machine, and nothing waits that is there already.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
RESULTS = Path(__file__).parents[1] / "test-results"
KEEPS_PICTURES = os.environ.get("LEADLINE_TEST_PICTURES") == "1"  # as `make check` does: drawing them takes a while
DESK: ViewportSize = {"width": 1280, "height": 800}
_ports = [0]
_spare: dict[tuple[Browser, str | None], Page] = {}


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser, or a skip that says why."""
    if not CHROMIUM.exists():
        if os.environ.get("LEADLINE_REQUIRE_BROWSER") == "1":
            pytest.fail(f"{CHROMIUM} is missing although LEADLINE_REQUIRE_BROWSER=1")
        pytest.skip(f"needs a browser at {CHROMIUM}")
    return CHROMIUM


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    """One for all tests of a process: starting it costs more than most of them."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        await browser.close()


@contextmanager
def no_pages() -> Iterator[None]:
    """NiceGUI keeps its pages in globals: begin without any, and leave none.

    What it collects then would be found anyway: looking for it took a tenth of a second before and after each module.
    It also forgets the modules of the pages, of which other tests would then import a second copy.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(general, "gc", SimpleNamespace(collect=lambda: 0))
        patch.setattr(general, "sys", SimpleNamespace(modules={}))
        with general.nicegui_reset_globals():
            yield


@pytest.fixture(scope="module")
def fresh_pages() -> Iterator[None]:
    """Each module of tests starts without the pages of the one before it."""
    with no_pages():
        yield


@asynccontextmanager
async def opened(databases: Databases, sandbox_databases: Databases, *, staged: bool) -> AsyncIterator[Demo]:
    """A whole demo, its page served; without the stage as `leadline serve` has it.

    Where the one before it was, so that a browser has its scripts compiled already.
    """
    with databases.lent() as url, sandbox_databases.lent() as sandbox_url, Places(_ports[-1]) as places:
        _ports.append(URL(places.leadline).port or 0)
        make_attributes(sandbox_url)
        async with open_demo(url, sandbox_url, places) as demo:
            demo.providers.courier.pause = 0.1  # people want to see a message on its way, tests do not
            door = asgi(demo.leadline, with_worker=True)
            app = with_stage(door, demo) if staged else with_pages(door, demo.leadline)
            async with serving(app, places.sockets["leadline"]):
                yield demo


@asynccontextmanager
async def tab(browser: Browser, base_url: str | None = None) -> AsyncIterator[Page]:
    """A browser tab that may only talk to this machine; errors in it fail the test that closes it.

    It has what it needs to itself: cookies, storage, and no other tab beside it.
    """
    page = await _unused(browser, base_url)
    troubles: list[str] = []

    def failed(error: Error) -> None:
        troubles.append(str(error))

    def asked(request: Request) -> None:
        troubles.extend([request.url] if _is_foreign(request.url) else [])

    page.on("pageerror", failed)
    page.on("request", asked)
    yield page
    page.remove_listener("pageerror", failed)
    page.remove_listener("request", asked)
    await _kept(page, browser, base_url)
    assert troubles == [], troubles


async def _unused(browser: Browser, base_url: str | None) -> Page:
    """A tab that an earlier test had, as good as new; a new one where there is none of this address."""
    found = _spare.pop((browser, base_url), None)
    for page in _spare.values():
        await page.context.close()
    _spare.clear()
    if found is not None:
        return found
    context = await browser.new_context(viewport=DESK, reduced_motion="reduce", base_url=base_url)
    context.set_default_timeout(PATIENCE)
    return await context.new_page()


async def _kept(page: Page, browser: Browser, base_url: str | None) -> None:
    """Empty the tab for the next test: a new one costs a window, and one in a new context compiles all scripts anew.

    It shows a page of the same address meanwhile, because its process ends with the last one.
    """
    context = page.context
    for each in context.pages:
        if each is not page:
            await each.close()
    if page.is_closed() or not page.url.startswith("http"):
        await context.close()
        return
    await page.evaluate("localStorage.clear(), sessionStorage.clear()")
    await page.goto(str(URL(page.url).with_path("/healthz").with_query(None)))
    await page.mouse.move(0, 0)
    await page.set_viewport_size(DESK)
    await page.emulate_media(media="screen", color_scheme="light", reduced_motion="reduce")
    await context.clear_cookies()
    if displaced := _spare.pop((browser, base_url), None):
        await displaced.context.close()
    _spare[browser, base_url] = page


def _is_foreign(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


async def photograph(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep a picture of the page for people to look at. whole: also of what a window of this size does not show."""
    if KEEPS_PICTURES:
        RESULTS.mkdir(exist_ok=True)
        await page.screenshot(path=RESULTS / f"{name}.png", full_page=whole)


async def picture(page: Page, name: str) -> None:
    """Keep a picture of the panel alone, as tall as what it shows."""
    if not KEEPS_PICTURES:
        return
    RESULTS.mkdir(exist_ok=True)
    panel = page.get_by_test_id("panel")
    before = page.viewport_size or {"width": 1280, "height": 800}
    content = await page.get_by_test_id("canvas").evaluate("e => e.scrollHeight")
    await page.set_viewport_size({"width": 1280, "height": min(1700, int(content) + 190)})
    await panel.screenshot(path=RESULTS / f"{name}.png")
    await page.set_viewport_size({"width": before["width"], "height": before["height"]})
