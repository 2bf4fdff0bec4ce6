"""Puts NiceGUI's pages beside Leadline's routes in one web application. Called by `leadline demo`."""

from __future__ import annotations

import aiohttp
from fastapi import FastAPI
from nicegui import ui
from starlette.applications import Starlette

from leadline.console.demo_view import DemoView
from leadline.console.inbox_page import InboxPage
from leadline.demo import Demo


def with_inbox(app: Starlette, demo: Demo, http: aiohttp.ClientSession) -> FastAPI:
    """Leadline's application with the demo page at /inbox; both lifespans run."""
    outer = FastAPI(lifespan=app.router.lifespan_context, openapi_url=None, docs_url=None, redoc_url=None)
    outer.router.routes.extend(app.routes)
    view = DemoView(demo, http)

    @ui.page("/inbox")
    async def inbox() -> None:
        await InboxPage(view).build()

    ui.run_with(outer, title="Leadline", show_welcome_message=False)
    return outer
