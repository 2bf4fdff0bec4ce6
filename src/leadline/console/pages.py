"""Puts the console's pages beside Leadline's routes. The CLI calls `with_pages`; the demo adds a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, cast

import structlog
from fastapi import FastAPI
from nicegui import app as pages_app
from nicegui import ui
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from leadline.app import Leadline
from leadline.console import dead_ends, look, people
from leadline.console.audit import export
from leadline.console.guard import Guard, Seated
from leadline.console.language import _, learn, speak
from leadline.console.menu import PAGES
from leadline.console.oidc.exchange import Exchange
from leadline.console.oidc.routes import SingleSignOn
from leadline.console.rights import Role, Seat, SeatNow
from leadline.console.setup import SETUP
from leadline.console.shell import House, Page, Visit, frame
from leadline.console.shell.checkup import Checkup, Examine
from leadline.console.shell.kept import Kept
from leadline.console.shell.sockets import keep_pages_apart
from leadline.console.signin.desk import SignIn
from leadline.console.signin.routes import Entrance
from leadline.console.signin.sessions import Sessions
from leadline.console.trouble import TROUBLE
from leadline.store.opened import vault_of

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
PATIENT = 20.0  # seconds within which a page must be drawn; on a busy machine one takes several
EVERY = 0.7  # seconds between two looks of a demo's page at what changed
log = structlog.get_logger(__name__)


class Drawn(Protocol):
    """What a browser tab of the demo shows."""

    async def refresh(self) -> None:
        """Show what changed since the last time."""


def with_pages(
    app: Starlette, leadline: Leadline, *, beside: Mapping[str, str] | None = None, examine: Examine | None = None
) -> Starlette:
    """The application with the pages behind its own routes; once a process, before it is served.

    People sign in to them, because they show customers' messages. beside: titles and addresses of pages of a demo,
    which has no customers: there everybody is the owner. examine: what `leadline doctor` does.
    """
    learn()
    public_url = leadline.settings.public_url
    sessions = Sessions(leadline.database, leadline.home)
    routes = look.routes()
    if beside is None:
        seat_now: SeatNow = sessions.seat
        pages_app.add_middleware(Guard, seat_now=sessions.seat, public_url=public_url)
        routes += Entrance(SignIn(leadline.database, sessions), sessions, public_url).routes()
        routes += _single_sign_on(leadline, sessions).routes(public_url)
    else:
        everybody = Seat(workspace_id=leadline.home, operator_id=0, email="demo", role=Role.OWNER)
        seat_now = _Everybody(everybody)
        pages_app.add_middleware(Seated, seat=everybody)
    pages_app.add_exception_handler(404, dead_ends.missing)
    pages_app.add_route("/console/audit/export", export(leadline.database), methods=["GET"])
    export_person = people.export(leadline.database, leadline.directory.find)
    pages_app.add_route("/console/people/{contact}/export", export_person, methods=["GET"])
    house = House(leadline, seat_now, Kept(), Checkup(examine) if examine else None)
    for page in PAGES:
        _open(page, house, dict(beside or {}))
    keep_pages_apart()
    app.router.routes += [
        *routes,
        *(_wrong_method(route) for route in [*app.routes, *routes] if isinstance(route, Route)),
    ]
    pages_app.config.quasar_config["loadingBar"] = {"skipHijack": True}  # it has no name to read out
    # NiceGUI asks for FastAPI by name but uses only what Starlette has; the door's routes stay as they are.
    ui.run_with(
        cast("FastAPI", app),
        title="Leadline",
        tailwind=False,
        show_welcome_message=False,
        favicon="📨",
        dark=None,
        language="en-US",
    )
    return app


def _single_sign_on(leadline: Leadline, sessions: Sessions) -> SingleSignOn:
    settings = leadline.settings
    exchange = Exchange(settings.public_url, settings.media_allowed)
    return SingleSignOn(leadline.database, vault_of(settings), sessions, exchange)


class _Everybody:
    """In a demo nobody is signed in, and nobody signed out."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    async def __call__(self, token: str, *, used: bool, workspace_id: str = "") -> Seat | None:
        return self._seat


def _open(page: Page, house: House, beside: dict[str, str]) -> None:
    """Give a page its address."""

    @ui.page(page.address, response_timeout=PATIENT)
    async def shown(request: Request) -> Response | None:
        visit = Visit(house, request)
        speak(visit.language)  # this task's, and of what keeps the page up to date
        if not (page.early or visit.knows_workspace):
            return RedirectResponse(SETUP.address, 303)
        ui.page_title(f"{_(page.title)} · Leadline")
        try:
            await frame.show(visit, page, PAGES, beside)
        except Exception as why:
            return dead_ends.broken(request, why)
        return None


def _wrong_method(route: Route) -> Route:
    """Answers what `route` does not take: the pages, mounted behind it, would answer instead."""
    allowed = ", ".join(sorted(route.methods or ()))

    async def refuse(http: Request) -> Response:
        return PlainTextResponse("This address takes another method", 405, {"Allow": allowed})

    return Route(route.path, refuse, methods=METHODS)


async def live(page: Drawn) -> None:
    """Keep a demo's page up to date for as long as it is open."""

    async def look_again() -> None:
        try:
            await page.refresh()
        except TROUBLE as error:
            log.warning("page_not_refreshed", why=f"{type(error).__name__}: {error}")

    await look_again()
    ui.timer(EVERY, look_again)
