"""What a customer and a teammate do on the demo's page, and where they look."""

from __future__ import annotations

import struct
import zlib

from playwright.async_api import Locator, Page

TOO_WIDE = """[...document.querySelectorAll('.ll-pane *')]
    .filter(e => e.getBoundingClientRect().right > e.closest('.ll-pane').getBoundingClientRect().right + 1)
    .map(e => `${e.className}: ${e.textContent.slice(0, 40)}`)"""


async def choose_channel(page: Page, name: str) -> None:
    await page.get_by_test_id("phone").locator(".q-select").click()
    await page.get_by_role("option").filter(has_text=name).click()


async def write(page: Page, sender: str, text: str, channel: str = "SMS", *, name: str = "") -> None:
    """Type as the customer; with a profile name where the channel has them."""
    await choose_channel(page, channel)
    if name:
        await page.get_by_test_id("customer-name").fill(name)
    await page.get_by_test_id("phone-number").fill(sender)
    await page.get_by_test_id("phone-text").fill(text)
    await page.get_by_test_id("phone-send").click()


async def reply(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("send-reply").click()


def bubble(page: Page, text: str, state: str = "") -> Locator:
    wanted = f'[data-testid="bubble"][data-state="{state}"]' if state else '[data-testid="bubble"]'
    return page.locator(wanted).filter(has_text=text)


def part(page: Page, text: str, kind: str) -> Locator:
    return page.locator(f'[data-testid="part"][data-kind="{kind}"]').filter(has_text=text)


def png(width: int = 64, height: int = 48) -> bytes:
    """A small picture."""
    rows = b"".join(b"\0" + bytes((40, 90 + y, 200)) * width for y in range(height))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
