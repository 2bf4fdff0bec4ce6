"""The console of a running Leadline: who is not signed in sees the form; the door's routes stay the door's."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from leadline.connections.mailing import Mail
from leadline.console.rights import Role
from leadline.console.signin.operators import Operators
from leadline.stage.town import Demo
from tests.alerts.test_alerts import mailbox as mailbox
from tests.browser import tab
from tests.console.acting import email_of, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")
PASSWORD = "correct horse battery"


@pytest.mark.parametrize("path", ["/console", "/console/team", "/_nicegui_ws/socket.io/"])
async def test_without_a_session_nothing_is_shown(demo: Demo, path: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{demo.places.leadline}{path}", headers={"Cookie": "leadline_console=x"}) as answer,
    ):
        assert (answer.status, await answer.text()) == (401, "Sign in to the console first\n")


async def test_a_websocket_without_a_session_is_refused(demo: Demo) -> None:
    url = f"{demo.places.leadline}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await session.ws_connect(url, headers={"Origin": demo.places.leadline})
    assert refusal.value.status == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/in/x", 405),
        ("GET", "/intercom/webhook", 405),
        ("POST", "/healthz", 405),
        ("GET", "/.env", 404),
        ("PUT", "/console/sign-in", 405),
    ],
)
async def test_the_pages_do_not_answer_for_the_door(demo: Demo, method: str, path: str, status: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, f"{demo.places.leadline}{path}") as answer,
    ):
        assert (answer.status, "console" in await answer.text()) == (status, False)


async def test_the_doors_routes_need_no_session(demo: Demo) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{demo.places.leadline}/healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok")
        async with session.get(f"{demo.places.leadline}/inbox") as answer:
            assert answer.status == 404


async def test_the_first_owner_signs_in_invites_an_agent_and_takes_the_role_away_again(
    demo: Demo, browser: Browser
) -> None:
    async with tab(browser) as page, tab(browser) as other:
        operators = Operators(demo.leadline.database, demo.leadline.workspace.workspace_id, demo.places.leadline)
        await page.goto(await operators.first_link())
        await page.get_by_label("Your e-mail address").fill("ann@example.com")
        for field in ("New password", "Repeat the password"):
            await page.get_by_label(field).fill(PASSWORD)
        await page.get_by_role("button", name="Save and sign in").click()
        await expect(page.get_by_test_id("who")).to_have_text("ann@example.com")

        await page.get_by_role("link", name="Team").click()
        await page.get_by_test_id("invite-email").fill("bo@example.com")
        await page.get_by_test_id("invite").click()
        link = await page.get_by_test_id("link-address").text_content() or ""
        await other.goto(link)
        for field in ("New password", "Repeat the password"):
            await other.get_by_label(field).fill(PASSWORD)
        await other.keyboard.press("Enter")
        await expect(other.get_by_test_id("who")).to_have_text("bo@example.com")
        await expect(other.get_by_role("link", name="Team")).to_have_count(0)

        line = page.get_by_test_id("row").filter(has_text="bo@example.com")
        await line.get_by_test_id("make-owner").click()
        await page.get_by_test_id("confirm").click()
        await expect(line.get_by_test_id("make-agent")).to_be_visible()
        await other.goto(f"{demo.places.leadline}/console/team")
        await expect(other.get_by_test_id("team")).to_contain_text("ann@example.com")
        await line.get_by_test_id("revoke").click()
        await page.get_by_test_id("confirm").click()
        await expect(other.get_by_role("button", name="Sign in")).to_be_visible()


async def test_where_mail_is_set_up_an_invitation_is_mailed_and_else_it_is_shown(
    demo: Demo, browser: Browser, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, smtp = mailbox
    async with signed_in(demo, browser, Role.OWNER) as page:
        await page.goto("/console/team")
        for email, url, words in (
            ("cy@example.com", smtp, "cy@example.com got the link by mail"),
            ("di@example.com", "smtp://127.0.0.1:1", "The link could not be mailed: the mail server cannot be reached"),
        ):
            monkeypatch.setattr(demo.leadline, "mail", Mail(url, "leadline@example.com"))
            await page.get_by_test_id("invite-email").fill(email)
            await page.get_by_test_id("invite").click()
            await expect(page.get_by_test_id("link-words")).to_contain_text(words)
            await expect(page.get_by_test_id("link-address")).to_have_count(0 if url == smtp else 1)
    [mail] = box.mails
    assert (mail["To"], f"{demo.places.leadline}/console/link/" in mail.get_payload()) == ("cy@example.com", True)


async def test_a_forgotten_page_leads_to_the_form_and_back(demo: Demo, browser: Browser) -> None:
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/account")
        await expect(page.get_by_test_id("who")).to_have_text(email_of(Role.AGENT))
        await page.get_by_test_id("sign-out").click()
        await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        await page.goto("/console/account?x=1")
        assert page.url.endswith("/console/sign-in?next=%2Fconsole%2Faccount%3Fx%3D1")


async def test_keys_open_pages_and_a_list_of_keys(demo: Demo, browser: Browser) -> None:
    async with signed_in(demo, browser, Role.OWNER) as page:
        await page.goto("/console/account")
        await expect(page.get_by_test_id("who")).to_be_visible()
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_contain_text("Team")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.keyboard.type("gu")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Team")
        await page.keyboard.press("Tab")
        await expect(page.get_by_test_id("skip")).to_be_focused()
