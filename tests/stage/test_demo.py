"""`leadline demo` as a process of its own, its page in a real browser."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser import photograph, tab

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def demo(chromium: object, data_dir: Path) -> Iterator[str]:
    """The address of a real `leadline demo`, which is stopped at the end."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LEADLINE_")}
    environ |= {"LEADLINE_DATA_DIR": str(data_dir), "LEADLINE_PORT": "0", "COLUMNS": "200"}
    # NiceGUI skips parts of its set-up when it believes that it runs inside pytest.
    environ.pop("PYTEST_CURRENT_TEST", None)
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "leadline", "demo"], env=environ, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Open http"):
                yield line.split()[1]
                break
        else:
            pytest.fail("".join(lines))
    finally:
        process.terminate()
        process.communicate(timeout=120)
        assert process.returncode == 0


@pytest.mark.long
async def test_a_real_demo_shows_its_conversations_and_takes_a_message(browser: Browser, demo: str) -> None:
    async with tab(browser) as page:
        await page.goto(demo)
        await expect(page.get_by_text("Do you ship to Galway?").first).to_be_visible()
        await page.get_by_test_id("phone-number").fill("+353871112223")
        await page.get_by_test_id("phone-text").fill("Is <b>anybody</b> there?")
        await page.get_by_test_id("phone-send").click()
        await expect(page.get_by_text("Is <b>anybody</b> there?")).to_have_count(3)
        await photograph(page, "real_demo")
