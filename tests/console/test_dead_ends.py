"""Where there is no page, and where one breaks: in the reader's language, and nothing of the error is shown."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from leadline.console.guard import COOKIE
from leadline.console.menu import PAGES
from leadline.console.rights import Role
from leadline.console.settings.page import SettingsPage
from leadline.stage.town import Demo
from tests.console.acting import session_in, session_of, speaking_tab
from tests.console.test_looks import axe

pytestmark = pytest.mark.asyncio(loop_scope="session")
SECRET = "password=hunter2 host=db.internal"


async def asked(demo: Demo, token: str, path: str) -> tuple[int, str]:
    """Status and content; also such an answer is kept by nobody and framed by nobody."""
    async with (
        aiohttp.ClientSession(headers={"Cookie": f"{COOKIE}={token}"}) as http,
        http.get(f"{demo.places.leadline}{path}") as answer,
    ):
        assert answer.status == 400 or answer.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        return answer.status, await answer.text()


async def test_an_address_without_a_page_says_so_and_leads_on(demo: Demo, browser: Browser) -> None:
    async with speaking_tab(demo, browser, "de") as page:
        answer = await page.goto("/console/nothing-here")
        assert answer is not None
        assert answer.status == 404
        await expect(page.get_by_role("heading", level=1)).to_have_text("Diese Seite gibt es nicht")
        assert await axe(page) == []
        await page.get_by_role("link", name="Heute").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Heute")


@pytest.mark.parametrize("path", ["/console/messages/999999", "/console/channels/999999", "/console/webhooks/999999"])
async def test_a_thing_that_is_not_there_is_not_found(demo: Demo, path: str) -> None:
    status, html = await asked(demo, await session_of(demo.leadline, Role.OWNER), path)
    assert (status, "missing" in html) == (404, True)


async def test_a_page_that_breaks_shows_nothing_of_the_error(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(page: SettingsPage) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(SettingsPage, "refresh", breaks)
    token = await session_in(demo.leadline, "de@example.com", {demo.leadline.workspace.workspace_id: Role.OWNER}, "de")
    status, html = await asked(demo, token, "/console/settings?channel=1")
    assert status == 500
    assert "Leadline konnte diese Seite nicht anzeigen" in html
    assert 'href="/console/settings?channel=1"' in html
    assert (await asked(demo, token, "/console/nothing-here"))[0] == 404
    assert not any(part in html for part in (SECRET, "RuntimeError", "hunter2"))


FIELDS = (
    "q",
    "channel",
    "state",
    "reason",
    "last",
    "since",
    "before",
    "after",
    "who",
    "address",
    "use",
    "with",
    "order",
)
WRONG = ("'\"><script>", "9" * 30, "-1", "{0}%s", "2026-13-45", "parked-9x", "٣", "|:/..")
STATUSES = {200, 404}  # a thing of this name is not there


@pytest.mark.long
async def test_no_page_breaks_over_what_somebody_wrote_into_its_address(demo: Demo) -> None:
    token = await session_of(demo.leadline, Role.OWNER)
    for page in PAGES:
        for value in WRONG:
            path = re.sub(r"{\w+}", quote(value, safe=""), page.address)
            query = urlencode(dict.fromkeys(FIELDS, value))
            status, html = await asked(demo, token, f"{path}?{query}")
            assert (status in STATUSES, "><script>" in html) == (True, False), (path, query, status)


@pytest.mark.parametrize("path", ["/console/messages?q=a%00b", "/console/people/%00", "/console/audit/export?who=%00"])
async def test_a_character_that_no_database_holds_is_refused(demo: Demo, path: str) -> None:
    status, said = await asked(demo, await session_of(demo.leadline, Role.OWNER), path)
    assert (status, said) == (400, "An address of the console holds no NUL character\n")
