"""The demo page in a real browser: a customer writes, a teammate answers, both see it without a reload."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect, sync_playwright

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


def test_customer_and_teammate_talk_without_a_reload(page: Page) -> None:
    part = page.get_by_test_id("part")
    expect(page.get_by_test_id("conversation")).to_have_count(3)
    page.screenshot(path=PICTURES / "1_four_messages.png")

    page.get_by_test_id("number").fill("+353871112223")
    page.get_by_test_id("customer-text").fill("Is <b>anybody</b> there?")
    page.get_by_test_id("customer-send").click()
    expect(page.get_by_test_id("conversation")).to_have_count(4, timeout=15_000)
    page.get_by_test_id("conversation").first.click()
    expect(part.first).to_have_text("Is <b>anybody</b> there?", timeout=15_000)
    expect(page.get_by_test_id("code")).to_have_text("new_lead")
    page.screenshot(path=PICTURES / "2_customer_wrote.png")

    page.get_by_test_id("note").click()
    page.get_by_test_id("teammate-text").fill("A new one, who takes it?")
    page.get_by_test_id("teammate-send").click()
    expect(part).to_have_count(2, timeout=15_000)
    page.get_by_test_id("note").click()
    page.get_by_test_id("teammate-text").fill("Yes, how can we help?")
    page.get_by_test_id("teammate-send").click()
    expect(part).to_have_count(3, timeout=15_000)
    expect(page.get_by_test_id("tick").last).to_contain_text("✓✓", timeout=20_000)
    phone = page.locator(".phone")
    expect(phone).to_contain_text("Yes, how can we help?")
    expect(phone).not_to_contain_text("who takes it?")
    page.screenshot(path=PICTURES / "3_teammate_answered.png")
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, "the page must not scroll sideways"


def test_a_customers_picture_stands_in_the_thread(page: Page) -> None:
    expect(page.get_by_test_id("conversation")).to_have_count(3)
    picture: FilePayload = {"name": "map.png", "mimeType": "image/png", "buffer": PNG}
    page.locator("input[type=file]").set_input_files(picture)
    page.get_by_test_id("customer-text").fill("Here is a picture")
    page.wait_for_timeout(800)
    page.get_by_test_id("customer-send").click()
    page.get_by_test_id("conversation").filter(has_text="Aoife Byrne").click()
    expect(page.get_by_test_id("image")).to_have_count(1, timeout=20_000)
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / "4_picture.png")


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0f00f"
    "0000040001015d3b1b0b0000000049454e44ae426082"
)
