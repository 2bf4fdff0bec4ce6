"""The Canvas Kit host of the demo page with an app of its own: every component, every action, every way to fail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from nicegui import ui
from playwright.async_api import Browser, Page, Route, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Address

from leadline.console.drawing import header
from leadline.intercom.canvas import Canvas, Text
from leadline.intercom.inbox_requests import verify
from leadline.sandbox.canvas_requests import BadAnswer, read_answer
from leadline.serving import address, bind, serving
from leadline.stage.canvas_values import Span, spans
from leadline.stage.panel_host import PanelHost
from leadline.stage.panel_pane import PanelPane
from leadline.stage.scene import Stage
from leadline.stage.town import CLIENT_SECRET, HOST
from tests.acceptance.town import until
from tests.browser import opened, photograph
from tests.databases import Databases
from tests.intercom.test_canvas import EVERYTHING
from tests.stage.acting import png


class EveryApp:
    """An app that shows every component, and remembers what it was sent."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.fails = False

    def routes(self) -> list[Address]:
        paths = ("/intercom/inbox/initialize", "/intercom/inbox/submit")
        return [Address(path, self.answer, methods=["POST"]) for path in paths]

    async def answer(self, http: Request) -> Response:
        body = await http.body()
        verify(body, http.headers.get("x-body-signature"), CLIENT_SECRET)
        self.requests.append(msgspec.json.decode(body))
        if self.fails:
            return Response("out of order", 500)
        pressed = Text(text=f"Pressed: {self.requests[-1].get('component_id', 'nothing')}")
        stored = {"turn": len(self.requests)}
        return Response(Canvas((pressed, *EVERYTHING), stored).encode(), media_type="application/json")


@pytest_asyncio.fixture(loop_scope="session")
async def app_and_page(
    databases: Databases, sandbox_databases: Databases, chromium: object, fresh_pages: None, browser: Browser
) -> AsyncIterator[tuple[EveryApp, Page]]:
    app, listener = EveryApp(), bind(HOST, 0)
    async with (
        opened(databases, sandbox_databases, staged=True) as demo,
        serving(Starlette(routes=app.routes()), listener),
    ):
        stage = Stage(demo)
        await demo.writes(demo.channels["twilio_sms"], "+353888888999", "Hello")
        item = (await until(stage.inbox))[0]
        contact_id = await stage.contact_of(item.conversation_id)

        @ui.page("/kit")
        async def kit() -> None:
            header("Canvas", "", {})

            async def changed() -> None:
                pass

            pane = PanelPane(PanelHost(stage, address(listener), CLIENT_SECRET), changed)
            await pane.refresh(item.conversation_id, contact_id)

        page = await browser.new_page(viewport={"width": 340, "height": 1100})

        async def picture(route: Route) -> None:
            await route.fulfill(body=png(), content_type="image/png")

        await page.route("https://example.com/**", picture)
        await page.goto(f"{demo.places.leadline}/kit")
        yield app, page
        await page.close()


@pytest.mark.long
@pytest.mark.asyncio(loop_scope="session")
async def test_every_component_is_drawn_and_what_is_typed_and_chosen_is_sent(
    app_and_page: tuple[EveryApp, Page],
) -> None:
    app, page = app_and_page
    shown = page.get_by_test_id("canvas")
    await expect(shown).to_contain_text("Pressed: nothing")
    assert app.requests[0]["context"]["location"] == "conversation"
    assert app.requests[0]["contact"]["name"] == "Aoife Byrne"
    await expect(page.get_by_role("link", name="a link")).to_have_attribute("target", "_blank")
    await expect(page.locator('[data-component="b2"]')).to_be_disabled()
    await expect(page.locator('a[data-component="y"]')).to_have_attribute("href", "https://example.com/help")
    await expect(page.get_by_test_id("canvas-table")).to_contain_text("Phone")
    await expect(shown.locator("img").first).to_be_visible()
    await photograph(page, "canvas_kit")

    await page.locator('input[data-component="i"]').fill("typed")
    await page.locator('textarea[data-component="ta"]').fill("two\nlines")
    await page.get_by_test_id("canvas-dropdown").click()
    await page.get_by_role("option", name="Option 2").click()
    await page.get_by_test_id("canvas-check").click()
    await page.locator('button[data-component="b"]').click()
    await expect(shown).to_contain_text("Pressed: b")
    sent = app.requests[-1]
    assert sent["input_values"] == {"i": "typed", "ta": "two\nlines", "d": "o2", "s": "o1", "c": []}
    assert sent["current_canvas"]["stored_data"] == {"turn": 1}
    assert sent["user"]["id"] == sent["contact"]["id"]

    await page.locator('[data-testid="canvas-choice"][data-component="o2"]').click()
    await expect(shown).to_contain_text("Pressed: s")
    assert app.requests[-1]["input_values"]["s"] == "o2"
    await page.locator('button[data-component="x"]').click()
    await expect(shown).to_contain_text("Pressed: x")

    app.fails = True
    await page.locator('button[data-component="b"]').click()
    await expect(page.get_by_test_id("panel-broken")).to_contain_text("did not answer properly")
    app.fails = False
    await page.get_by_test_id("panel-reload").click()
    await expect(shown).to_contain_text("Pressed: nothing")


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (500, b"broken", "answered 500"),
        (200, b"no json", "cannot be shown"),
        (200, b"{}", "missing required field `canvas`"),
        (200, b'{"canvas":{"content":{"components":[{"type":"sheet"}]}}}', "cannot be shown"),
        (200, b'{"canvas":{"content":{"components":[{"type":"button","id":"b","label":"x"}]}}}', "action"),
        (200, b'{"canvas":{"content":{"components":[]}}}', "needs a component"),
    ],
)
def test_what_the_inbox_cannot_show_is_told(status: int, body: bytes, why: str) -> None:
    with pytest.raises(BadAnswer, match=why):
        read_answer(status, body)


def test_only_links_and_bold_are_read_in_texts() -> None:
    text = "Hi **Aoife**, see [us](https://example.com) <b>now</b> [x](javascript:alert(1))"
    assert spans(text) == (
        Span("Hi "),
        Span("Aoife", bold=True),
        Span(", see "),
        Span("us", url="https://example.com"),
        Span(" <b>now</b> [x](javascript:alert(1))"),
    )
