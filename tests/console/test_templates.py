"""A template from a person's page: chosen, filled in, looked at, sent once; whoever may not send sees no button."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.acceptance.town import until
from tests.console.acting import signed_in
from tests.console.test_people import writes

pytestmark = pytest.mark.asyncio(loop_scope="session")
PHONE = "+353888888999"
PICTURE = "https://files.example/spring.jpg"


async def test_a_template_is_filled_in_looked_at_and_sent(demo: Demo, browser: Browser) -> None:
    user = await writes(demo, "whatsapp_cloud", PHONE, f"tel:{PHONE}")
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto(f"/console/people/{user}")
        await page.get_by_test_id("send-template").click()
        await page.get_by_role("link", name="spring_sale").first.click()
        await expect(page.get_by_test_id("shown")).to_contain_text("[Picture: {{file:image}}]")
        await page.get_by_test_id("send").click()
        await expect(page.get_by_text("must be a public address")).to_have_count(0)
        await expect(page.get_by_text("Address of the picture (https://…) is missing")).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        for at, value in enumerate((PICTURE, "Aoife", "boilers", "TEN")):
            await page.get_by_test_id(f"variable-{at}").fill(value)
        await page.get_by_test_id("show").click()
        await expect(page.get_by_test_id("shown")).to_contain_text("Spring, Aoife!")
        await expect(page.get_by_test_id("shown")).to_contain_text("[Shop: https://shop.example/boilers]")
        await page.get_by_test_id("send").click()
        await expect(page.get_by_test_id("done")).to_contain_text("It is on its way.")

    async def sent() -> list[tuple[str, ...]]:
        return [one.media for one in demo.providers.phones.received() if "Spring, Aoife!" in one.text]

    assert await until(sent) == [(PICTURE,)]


async def test_an_operator_who_may_only_look_is_offered_no_template(demo: Demo, browser: Browser) -> None:
    user = await writes(demo, "whatsapp_cloud", PHONE, f"tel:{PHONE}")
    async with signed_in(demo, browser, Role.VIEWER) as page:
        await page.goto(f"/console/people/{user}")
        await expect(page.get_by_test_id("name")).to_be_visible()
        await expect(page.get_by_test_id("send-template")).to_have_count(0)
