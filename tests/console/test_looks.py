"""Every page, light and dark, on a desk, a tablet and a phone: axe finds nothing serious, nothing sticks out.

The pictures are kept in test-results, for people to look at.
"""

from __future__ import annotations

import re

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from leadline.console.menu import PAGES
from leadline.console.rights import Role
from leadline.sandbox.seed import KNOWN_USER, LEAD_TWIN
from leadline.stage.town import Demo
from tests.browser import RESULTS
from tests.console.acting import park, signed_in
from tests.console.filled import duplicates_in

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]
WIDTHS = {1440: 900, 768: 1024, 390: 844}
EXAMPLES = {
    "/messages/{number}": "/console/messages/2",
    "/channels/{number}": "/console/channels/1",
    "/people/{contact}": f"/console/people/{KNOWN_USER}",
    "/people/{contact}/move": f"/console/people/{KNOWN_USER}/move?address=tel:%2B353888888999",
    "/people/{contact}/merge": f"/console/people/{LEAD_TWIN}/merge?with={KNOWN_USER}",
    "/duplicates/batches/{number}": "/console/duplicates/batches/1",
}
"""Where a page's address has a part that differs: an address with something to see."""
STICKS_OUT = """() => [...document.querySelectorAll('main *, header *')]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => `${e.tagName} ${e.className}: ${e.textContent.slice(0, 40)}`).slice(0, 5)"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lively(demo: Demo) -> Demo:
    """With something on every page."""
    await demo.writes(demo.channels["twilio_sms"], "+353888888999", "Hi, my parcel has not arrived yet")
    await demo.writes(demo.channels["whatsapp_cloud"], "+447700900123", "Can I change my booking?")
    await demo.writes(demo.channels["telegram"], "55501", "Do you ship to Galway?", name="Róisín Ní Dhomhnaill")
    await demo.writes(demo.channels["whatsapp_cloud"], "+447700900123", "I wrote yesterday")
    await park(demo, "for a number that nobody connected")
    await duplicates_in(demo)
    workspace_id, duplicates = demo.leadline.workspace.workspace_id, demo.leadline.duplicates
    found = (await duplicates.review.groups(workspace_id)).groups
    for one in (one for one in found if one.steps and len(one.members) == 2):
        await duplicates.merge(workspace_id, one.group_id, author="maya@example.com")
        break
    EXAMPLES["/duplicates/{contact}"] = f"/console/duplicates/{max(found, key=lambda one: len(one.members)).group_id}"
    return demo


async def axe(page: Page) -> list[str]:
    """What axe calls serious or critical."""
    found = (await Axe().run(page)).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
@pytest.mark.parametrize("name", [page.title for page in PAGES])
async def test_a_page_is_readable_for_everybody_everywhere(
    lively: Demo, browser: Browser, name: str, scheme: str
) -> None:
    one = next(page for page in PAGES if page.title == name)
    async with signed_in(lively, browser, Role.OWNER) as page:
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.goto(EXAMPLES.get(one.path, one.address))
        await expect(page.get_by_role("heading", level=1)).to_have_text(one.title)
        troubles = await axe(page)
        for width, height in WIDTHS.items():
            await page.set_viewport_size({"width": width, "height": height})
            RESULTS.mkdir(exist_ok=True)
            file = f"{re.sub(r'[^a-z0-9]+', '-', one.title.lower())}-{width}-{scheme}.png"
            await page.screenshot(path=RESULTS / file, full_page=True)
            troubles += [f"{width}: {each}" for each in await page.evaluate(STICKS_OUT)]
        troubles += await axe(page)
    assert troubles == []


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
async def test_the_form_to_sign_in_is_readable_too(demo: Demo, browser: Browser, scheme: str) -> None:
    async with signed_in(demo, browser, Role.OWNER) as page:
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.goto("/console/sign-in")
        assert await axe(page) == []
        for width, height in WIDTHS.items():
            await page.set_viewport_size({"width": width, "height": height})
            await page.screenshot(path=RESULTS / f"sign-in-{width}-{scheme}.png")
