"""Puts the pages beside Leadline's routes: `/console` for operators, `/inbox` for the demo. Called by the CLI."""

from __future__ import annotations

import asyncio
from typing import cast

import aiohttp
import psycopg
import structlog
from fastapi import FastAPI
from nicegui import app as pages_app
from nicegui import ui
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from leadline.app import Leadline
from leadline.console.drawing import box, header, mark, text
from leadline.console.guard import Guard, console_key
from leadline.console.operator_page import OperatorPage
from leadline.console.shown import Item
from leadline.stage.inbox_pane import InboxPane
from leadline.stage.panel_host import PanelHost
from leadline.stage.panel_pane import PanelPane
from leadline.stage.phone_pane import PhonePane
from leadline.stage.profile_pane import ProfilePane
from leadline.stage.scene import SandboxError, Stage
from leadline.stage.town import CLIENT_SECRET

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
EVERY = 0.7  # seconds between two looks at what changed
log = structlog.get_logger(__name__)


def with_pages(app: Starlette, leadline: Leadline, stage: Stage | None = None) -> Starlette:
    """The application with the pages behind its own routes; once a process, before it is served.

    Without a stage the pages ask for the key in `console_address`: they show customers' messages.
    """

    @ui.page("/console", title="Leadline console")
    async def console() -> None:
        header("Leadline", "Console", {"Demo": "/inbox"} if stage else {})
        await _live(OperatorPage(leadline))

    if stage is not None:
        _add_demo(stage)
    else:
        pages_app.add_middleware(Guard, key=console_key(leadline.settings.secret_key))
    app.router.routes += [_wrong_method(route) for route in app.routes if isinstance(route, Route)]
    # NiceGUI asks for FastAPI by name but uses only what Starlette has; the door's routes stay as they are.
    ui.run_with(cast("FastAPI", app), title="Leadline", tailwind=False, show_welcome_message=False, favicon="📨")
    return app


def _wrong_method(route: Route) -> Route:
    """Answers what `route` does not take: the pages, mounted behind it, would answer instead."""
    allowed = ", ".join(sorted(route.methods or ()))

    async def refuse(http: Request) -> Response:
        return PlainTextResponse("This address takes another method", 405, {"Allow": allowed})

    return Route(route.path, refuse, methods=METHODS)


def console_address(leadline: Leadline) -> str:
    """Where an operator opens the console. It carries the key: for the terminal, never for a log."""
    settings = leadline.settings
    return f"{settings.public_url.rstrip('/')}/console?key={console_key(settings.secret_key)}"


class DemoPage:
    """The panes of one browser tab."""

    def __init__(self, stage: Stage) -> None:
        self._looking = asyncio.Lock()
        with box("ll-desk", "main"):
            self._phone = PhonePane(stage, self._written)
            self._inbox = InboxPane(stage, self._opened, self.refresh)
            self._side = mark(box("ll-side"), tab="panel")
            with self._side:
                with box("ll-tabs"):
                    for name, label in (("panel", "Leadline app"), ("contact", "Contact")):
                        tab = box("ll-tab", "button", testid=f"tab-{name}", name=name)
                        tab.on("click", lambda name=name: mark(self._side, tab=name).update())
                        with tab:
                            text(label)
                self._panel = PanelPane(PanelHost(stage, stage.leadline_url, CLIENT_SECRET), self.refresh)
                self._profile = ProfilePane(stage)

    async def refresh(self) -> None:
        """Show what changed since the last time; one look at a time, so that an older never draws over a newer."""
        async with self._looking:
            await self._phone.refresh()
            await self._inbox.refresh()
            thread = self._inbox.thread
            contact_id = thread.contact_id if thread else ""
            await self._panel.refresh(thread.conversation_id if thread else "", contact_id)
            await self._profile.refresh(contact_id, self._inbox.item)

    def _written(self) -> None:
        self._inbox.follow(self._phone.channel_id, self._phone.sender)

    async def _opened(self, item: Item) -> None:
        self._phone.become(item.channel_id, item.sender)
        await self.refresh()


def _add_demo(stage: Stage) -> None:
    @ui.page("/inbox", title="Leadline demo")
    async def inbox() -> None:
        header("Leadline", "Demo: be the customer and the teammate", {"Console": "/console"})
        await _live(DemoPage(stage))


async def _live(page: DemoPage | OperatorPage) -> None:
    """Keep a page up to date for as long as it is open."""

    async def look() -> None:
        try:
            await page.refresh()
        except (aiohttp.ClientError, TimeoutError, psycopg.Error, SandboxError) as error:
            log.warning("page_not_refreshed", why=f"{type(error).__name__}: {error}")

    await look()
    ui.timer(EVERY, look)
