"""From nothing to the first message in the browser: each step says what happened, and is done when it really is."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from leadline.stage.town import CLIENT_SECRET, TOKEN
from tests.acceptance.town import Town
from tests.browser import browser as browser
from tests.browser import chromium as chromium
from tests.browser import photograph, tab
from tests.console.setup.nothing import become_owner, connect_sms, open_panel, press_test_request, town_from_nothing
from tests.console.test_looks import STICKS_OUT, WIDTHS, axe
from tests.databases import Databases

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def look(page: Page, name: str) -> list[str]:
    """Pictures in every width; what axe finds and what sticks out."""
    troubles = []
    for width, height in WIDTHS.items():
        await page.set_viewport_size({"width": width, "height": height})
        await photograph(page, f"{name}-{width}", whole=True)
        troubles += [f"{width}: {each}" for each in await page.evaluate(STICKS_OUT)]
    troubles += await axe(page)
    await page.set_viewport_size({"width": 1280, "height": 800})
    return troubles


async def told(page: Page, words: str) -> None:
    """A word that stays until it is closed."""
    await expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    await page.get_by_role("button", name="Close").click()


async def refused(town: Town, page: Page) -> None:
    """What is wrong with a token is said in words of its own, and nothing is kept."""
    press, token = page.get_by_test_id("connect-intercom"), page.get_by_test_id("token")
    await press.click()
    await told(page, "Paste the access token first")
    await token.fill(TOKEN)
    await press.click()
    await told(page, "The token is good. The app's client secret is needed, too")
    await page.get_by_test_id("client-secret").fill(CLIENT_SECRET)
    for typed, words in (("two words", "This is no access token"), ("revoked", "does not know this token")):
        await token.fill(typed)
        await press.click()
        await told(page, words)
    lacking = {"method": "GET", "path": "/(tags|admins)", "status": 403, "code": "forbidden", "times": 2}
    await town.intercom("POST", "/_sandbox/faults", lacking)
    await token.fill(TOKEN)
    await press.click()
    await told(page, "its app lacks permissions: Read admins, Read tags")
    assert town.leadline.connections.workspaces.ids == []
    async with town.leadline.database.connection() as connection:
        rows = await connection.execute("select 1 from workspace")
        assert [row async for row in rows] == []


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_from_nothing_to_the_first_message(
    databases: Databases, sandbox_databases: Databases, browser: Browser, scheme: str
) -> None:
    async with town_from_nothing(databases, sandbox_databases) as town, tab(browser, town.places.leadline) as page:
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await become_owner(town, page)
        lines = page.get_by_role("navigation", name="Console").get_by_role("link")
        assert await lines.all_inner_texts() == ["Leadline", "Set-up", "Team"]
        await page.goto("/console/channels")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Set-up")
        assert await look(page, f"set-up-nothing-{scheme}") == []
        await refused(town, page)
        await page.get_by_test_id("token").fill(TOKEN)
        await page.get_by_test_id("connect-intercom").click()
        await expect(page.get_by_test_id("connected")).to_contain_text("Leadline is connected to")
        await expect(page.get_by_test_id("count")).to_have_text("1 of 4 done")
        await expect(page.get_by_test_id("workspace")).not_to_have_text("Intercom is not connected")
        await expect(page.get_by_test_id("webhook-arrived")).to_contain_text("not yet")
        assert await press_test_request(town) == 200
        await expect(page.get_by_test_id("webhook-arrived")).to_contain_text("done")
        assert await open_panel(town) == 200
        await expect(page.get_by_test_id("panel-opened")).to_contain_text("done")
        await page.get_by_test_id("prove-intercom").click()
        await expect(page.get_by_text("with every permission it needs")).to_be_visible()
        await page.goto("/console")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Today")
        await page.get_by_role("link", name="Set-up").click()
        await expect(page.get_by_test_id("count")).to_have_text("2 of 4 done")
        await page.goto("/console/setup?provider=whatsapp_cloud")
        assert await look(page, f"set-up-form-{scheme}") == []
        await page.get_by_role("link", name="Another provider").click()
        await connect_sms(town, page)
        await expect(page.get_by_test_id("set-up-channel")).to_contain_text("connected")
        await expect(page.get_by_test_id("waiting")).to_be_visible()
        assert await look(page, f"set-up-waiting-{scheme}") == []
        assert await town.sms_in("+353861112223", "Do you ship to Galway?", 1) == 200
        await expect(page.get_by_test_id("arrived")).to_contain_text("Do you ship to Galway?")
        await expect(page.get_by_test_id("step-message")).to_contain_text("in conversation")
        await expect(page.get_by_test_id("finished")).to_be_visible()
        assert await look(page, f"set-up-finished-{scheme}") == []
        await page.goto("/console")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Today")
        assert "Set-up" not in await lines.all_inner_texts()
        async with town.leadline.database.connection() as connection:
            rows = await connection.execute("select actor, source, act from audit where act = 'workspace.connected'")
            assert [tuple(row.values()) async for row in rows] == [
                ("ann@example.com", "console", "workspace.connected")
            ]
            rows = await connection.execute("select workspace_id, role from seat")
            assert [tuple(row.values()) async for row in rows] == [("sandbox", "owner")]


@pytest.mark.long
async def test_connected_by_a_click_written_and_answered_without_a_restart(
    databases: Databases, sandbox_databases: Databases, browser: Browser
) -> None:
    async with (
        town_from_nothing(databases, sandbox_databases, by_click=True) as town,
        tab(browser, town.places.leadline) as page,
    ):
        await become_owner(town, page)
        await page.get_by_test_id("connect-by-click").click()
        await page.get_by_role("button", name="Authorize access").click()
        await expect(page.get_by_role("heading", name="Connected")).to_be_visible()
        await page.get_by_role("link", name="Go on in the console").click()
        await expect(page.get_by_test_id("connected")).to_be_visible()
        await connect_sms(town, page)
        assert await town.sms_in("+353861112223", "Hello", 1) == 200
        await expect(page.get_by_test_id("arrived")).to_contain_text("in Intercom")
        [conversation_id] = await town.threads()
        await town.teammate("reply", conversation_id, "Hi, how can I help?")
        await expect(page.get_by_test_id("webhook-arrived")).to_contain_text("done")
        await expect(page.get_by_test_id("finished")).to_be_visible()
        await page.goto("/console/channels")
        await expect(page.get_by_test_id("channel").locator("ll-time")).to_have_count(2)
        assert [each.text for each in town.providers.phones.received()] == ["Hi, how can I help?"]
