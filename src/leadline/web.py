"""Stop 1, the door: routes, limits, and nothing else.

`inbound/receive.py` and `outbound/notifications.py` do the work; `process.py` mounts it.
"""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

import psycopg
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from leadline.channels.exchange import Answer, Request
from leadline.connections.installing import Installing
from leadline.connections.switchboard import Connected, Switchboard
from leadline.door.installation import Installation
from leadline.door.webhooks import DOOR, METHODS, SECONDS, WORDS, Limits, Webhooks, read_body, refusal
from leadline.errors import LeadlineError
from leadline.inbound import Receive
from leadline.outbound import Notifications
from leadline.panel import Panel
from leadline.tracing import begun

_KEY = re.compile(r"[0-9A-Za-z_-]{16,64}")  # of a picture or a file: anything else needs no question to the database
log = structlog.get_logger(__name__)


class Behind(NamedTuple):
    """What stands behind the door: the desks, what monitoring asks, and the files that are fetched by address."""

    switchboard: Switchboard
    receive: Receive
    notifications: Notifications
    panel: Panel
    ready: Callable[[], Awaitable[dict[str, str]]]
    fill_gauges: Callable[[], Awaitable[None]]
    picture: Callable[[str], Awaitable[tuple[str, bytes] | None]]
    file: Callable[[str], Awaitable[str]]
    installing: Installing | None
    metrics_token: str


class Door:
    """The HTTP face."""

    def __init__(self, behind: Behind, limits: Limits) -> None:
        self._behind = behind
        self._limits = limits
        self.webhooks = Webhooks(behind.switchboard, self._admit, limits)
        self._installation = Installation(behind.installing)

    def routes(self) -> list[Route]:
        """All routes of the outside interface but the console's."""
        return [
            Route("/in/{key}", self.webhooks, methods=METHODS),
            Route("/status/{key}", self.webhooks, methods=METHODS),
            Route("/intercom/webhook", self.intercom, methods=["POST", "HEAD"]),
            Route("/intercom/inbox/initialize", self.initialize, methods=["POST"]),
            Route("/intercom/inbox/submit", self.submit, methods=["POST"]),
            *self._installation.routes(),
            Route("/avatars/{key}", self.avatar, methods=["GET"]),
            Route("/files/{key}", self.file, methods=["GET"]),
            Route("/healthz", self.healthz, methods=["GET"]),
            Route("/readyz", self.readyz, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    async def intercom(self, http: HttpRequest) -> Response:
        """Intercom's webhook; its HEAD only asks whether somebody is there."""
        if http.method == "HEAD":
            return PlainTextResponse("")
        with SECONDS.labels("intercom").time():
            return await self._guarded(
                "intercom",
                http,
                lambda body: self._behind.notifications.notified(body, dict(http.headers), http.scope["path"]),
            )

    async def initialize(self, http: HttpRequest) -> Response:
        """Intercom's Inbox opened a conversation beside which the panel stands."""
        return await self._panel_asked(http, self._behind.panel.initialize)

    async def submit(self, http: HttpRequest) -> Response:
        """A teammate pressed something in the panel."""
        return await self._panel_asked(http, self._behind.panel.submit)

    async def avatar(self, http: HttpRequest) -> Response:
        """A customer's picture, for anybody who knows its address; browsers get nothing that they could run."""
        key = http.path_params["key"]
        found = await self._behind.picture(key) if _KEY.fullmatch(key) else None
        if found is None:
            return PlainTextResponse("There is no such picture", 404)
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "public, max-age=31536000, immutable",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        return Response(found[1], headers=headers, media_type=found[0])

    async def file(self, http: HttpRequest) -> Response:
        """A customer opened the link to a teammate's file: it leads on to where the file is now."""
        key = http.path_params["key"]
        try:
            url = await self._behind.file(key) if _KEY.fullmatch(key) else ""
        except (LeadlineError, psycopg.Error) as error:
            log.warning("file_not_found", why=str(error) or type(error).__name__)
            return PlainTextResponse("This file cannot be reached at the moment. Try again in a minute.", 503)
        if not url:
            return PlainTextResponse("This file is not there any more.", 404)
        return RedirectResponse(url, 302, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})

    async def healthz(self, http: HttpRequest) -> Response:
        """The process is alive."""
        return PlainTextResponse("ok")

    async def readyz(self, http: HttpRequest) -> Response:
        """The process can do its work; says what is missing otherwise."""
        troubles = {name: trouble for name, trouble in (await self._behind.ready()).items() if trouble}
        return JSONResponse({"ready": not troubles, "troubles": troubles}, 503 if troubles else 200)

    async def metrics(self, http: HttpRequest) -> Response:
        """For Prometheus: what was counted, in all processes of this port, and what waits in the database."""
        if not self._may_measure(http):
            return PlainTextResponse(WORDS[403], 403)
        await self._behind.fill_gauges()
        return Response(generate_latest(_counted()), media_type=CONTENT_TYPE_LATEST)

    def _may_measure(self, http: HttpRequest) -> bool:
        wanted, given = self._behind.metrics_token, http.headers.get("authorization", "")
        return bool(wanted) and hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode())

    async def _panel_asked(
        self, http: HttpRequest, ask: Callable[[bytes, Mapping[str, str]], Awaitable[bytes]]
    ) -> Response:
        async def answer(body: bytes) -> Answer:
            return Answer(body=(await ask(body, http.headers)).decode(), content_type="application/json")

        with SECONDS.labels("panel").time():
            return await self._guarded("panel", http, answer)

    async def _admit(self, connected: Connected, wire: Request) -> Answer:
        """Handshake or webhook: verified, kept, answered after the commit."""
        answer = connected.adapter.handshake(wire, connected.settings)
        if answer is not None:
            return answer
        return await self._behind.receive.admit(connected, wire)

    async def _guarded(self, name: str, http: HttpRequest, admit: Callable[[bytes], Awaitable[Answer]]) -> Response:
        with begun(name, http.scope["headers"]):
            try:
                answer = await admit(await read_body(http.scope, http.receive, self._limits))
            except Exception as error:  # whatever it is, `refusal` answers and logs it
                return refusal(name, error, self._limits)
            log.debug("kept", channel=name)
        DOOR.labels(name, "kept").inc()
        return Response(answer.body, answer.status, media_type=answer.content_type)


def _counted() -> CollectorRegistry:
    """What this process counted; where several share a port, what all of them did."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
