"""`leadline demo` as a process of its own, its page in a real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

PICTURES = Path(__file__).parents[2] / "test-results"
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync", "--disable-quic"]


@pytest.fixture(scope="module")
def browser_path() -> str:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("LEADLINE_REQUIRE_BROWSER") == "1":
            pytest.fail("No Chromium although LEADLINE_REQUIRE_BROWSER=1")
        pytest.skip("needs Chromium on the PATH to drive the page in a real browser")
    return path


@pytest.fixture
def demo(data_dir: Path) -> Iterator[str]:
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
        process.communicate(timeout=30)
        assert process.returncode == 0


@pytest.fixture
def page(browser_path: str, demo: str) -> Iterator[Page]:
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(demo)
        yield page
        browser.close()


def test_a_real_demo_shows_its_conversations_and_takes_a_message(page: Page) -> None:
    expect(page.get_by_text("Do you ship to Galway?").first).to_be_visible(timeout=15_000)
    page.get_by_test_id("phone-number").fill("+353871112223")
    page.get_by_test_id("phone-text").fill("Is <b>anybody</b> there?")
    page.get_by_test_id("phone-send").click()
    expect(page.get_by_text("Is <b>anybody</b> there?")).to_have_count(3, timeout=20_000)
    page.screenshot(path=PICTURES / "real_demo.png")
