"""Puts the console's pages beside Leadline's routes. The CLI calls `with_pages`; the demo adds a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, cast

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
from leadline.console.drawing import header
from leadline.console.guard import Guard, console_key
from leadline.console.operator_page import OperatorPage
from leadline.errors import LeadlineError

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
EVERY = 0.7  # seconds between two looks at what changed
log = structlog.get_logger(__name__)


class Page(Protocol):
    """What a browser tab shows."""

    async def refresh(self) -> None:
        """Show what changed since the last time."""


def with_pages(app: Starlette, leadline: Leadline, *, beside: Mapping[str, str] | None = None) -> Starlette:
    """The application with the pages behind its own routes; once a process, before it is served.

    They ask for the key in `console_address`, because they show customers' messages. beside: titles and addresses of
    pages of a demo, which has no customers and asks for no key.
    """

    @ui.page("/console", title="Leadline console")
    async def console() -> None:
        header("Leadline", "Console", beside or {})
        await live(OperatorPage(leadline))

    if beside is None:
        settings = leadline.settings
        pages_app.add_middleware(Guard, key=console_key(settings.secret_key), public_url=settings.public_url)
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


async def live(page: Page) -> None:
    """Keep a page up to date for as long as it is open."""

    async def look() -> None:
        try:
            await page.refresh()
        except (LeadlineError, aiohttp.ClientError, TimeoutError, psycopg.Error) as error:
            log.warning("page_not_refreshed", why=f"{type(error).__name__}: {error}")

    await look()
    ui.timer(EVERY, look)
