"""Takes the pictures of docs/pictures from a running demo, in a headless Chromium: `make pictures`.

Plays the customer and the teammate as the tests of this folder do, so the pictures show what the pages really show.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import Page, TimeoutError, ViewportSize, async_playwright, expect

from leadline.sandbox.seed import KNOWN_USER
from tests.browser import ARGUMENTS, CHROMIUM
from tests.stage.acting import bubble, part, reply, write

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
DESK: ViewportSize = {"width": 1440, "height": 900}
LEAD = "+353861234567"


@contextmanager
def demo() -> Iterator[str]:
    """A running demo with a database of its own; yields the address of its page."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"LEADLINE_DATA_DIR": folder, "LEADLINE_PORT": "0", "COLUMNS": "400"}
        program = [sys.executable, "-u", "-m", "leadline", "demo"]
        with subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                yield next(line.split()[1] for line in process.stdout if line.startswith("Open http"))
            finally:
                process.terminate()


async def take(page: Page, name: str) -> None:
    """The whole page."""
    await page.screenshot(path=FOLDER / f"{name}.png")


async def take_panel(page: Page, name: str) -> None:
    """The panel alone, as tall as what it shows."""
    content = await page.get_by_test_id("canvas").evaluate("e => e.scrollHeight")
    await page.set_viewport_size({"width": 1280, "height": min(1700, int(content) + 190)})
    await page.get_by_test_id("panel").screenshot(path=FOLDER / f"{name}.png")
    await page.set_viewport_size(DESK)


async def press(page: Page, component: str) -> None:
    await page.locator(f'[data-testid="canvas"] [data-component="{component}"]').click()


async def says(page: Page, words: str) -> None:
    await expect(page.get_by_test_id("canvas")).to_contain_text(words)


async def reload_until(page: Page, words: str) -> None:
    """Reload the panel until it says these words: the demo's host gives the app one second, as the Inbox does."""
    for _ in range(20):
        await page.get_by_test_id("panel-reload").click()
        try:
            await expect(page.get_by_test_id("canvas")).to_contain_text(words, timeout=3_000)
        except AssertionError:
            continue
        return
    raise TimeoutError(f"the panel never says {words}")


async def find(page: Page, typed: str) -> None:
    """Open the merge, and type whom to merge with."""
    await press(page, "merge")
    await page.locator('input[data-component="target"]').fill(typed)
    await press(page, "find")


async def play(page: Page) -> None:
    """One customer with two phones, from the first message to the undo."""
    await write(page, LEAD, "Hello, this is Aoife. I have a new number.", "WhatsApp", name="Aoife Byrne")
    await expect(part(page, "new number", "customer")).to_be_visible()
    await reply(page, "Thank you, Aoife. How can we help?")
    await expect(bubble(page, "How can we help", "read")).to_be_visible()
    await write(page, LEAD, "Has my parcel been sent?", "WhatsApp", name="Aoife Byrne")
    await expect(part(page, "my parcel", "customer")).to_be_visible()
    await reload_until(page, "read, just now")
    await says(page, "May be the same person")
    await take(page, "demo")
    await take_panel(page, "panel-suggestion")
    await find(page, KNOWN_USER)
    await says(page, "Check before you merge")
    await take_panel(page, "panel-preview")
    await press(page, "confirm")
    await says(page, "merged into Aoife Byrne")
    await reload_until(page, "Show what changed")
    await page.get_by_test_id("canvas-item").filter(has_text="Undo").first.click()
    await says(page, "Undo this?")
    await take_panel(page, "panel-undo")


async def play_two_leads(page: Page) -> None:
    """A lead that is another lead's second number."""
    await write(page, "+353861110000", "Who am I?")
    await says(page, "+353 86 111 0000")
    await find(page, "lead-2003")
    await says(page, "are both leads")
    await take_panel(page, "panel-ways")


async def main() -> None:
    with demo() as address:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = await browser.new_page(viewport=DESK, reduced_motion="reduce")
            await page.goto(address)
            await play(page)
            await play_two_leads(page)
            await browser.close()


if __name__ == "__main__":
    expect.set_options(timeout=60_000)
    asyncio.run(main())
