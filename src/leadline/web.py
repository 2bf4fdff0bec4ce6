"""Stop 1, the door: routes, limits, and nothing else.

`inbound/receive.py` and `outbound/notifications.py` do the work; `app.py` mounts it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

import psycopg
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from leadline.channels.base import Answer, Request
from leadline.connections.switchboard import Connected, Switchboard
from leadline.errors import LeadlineError, Refused, SettingError, Unreadable
from leadline.inbound import Receive
from leadline.outbound import Notifications
from leadline.panel import Panel

DOOR = Counter("leadline_door_requests_total", "Webhooks by channel and outcome", ["channel", "outcome"])
SECONDS = Histogram("leadline_door_seconds", "Seconds from a webhook's first byte to its answer", ["channel"])
BACKLOG = Gauge("leadline_messages", "Messages not done yet: waiting, or parked for a person", ["state"])
log = structlog.get_logger(__name__)


class TooLarge(Exception):
    """The body is larger than the limit."""


class Behind(NamedTuple):
    """What stands behind the door: the desks, what monitoring asks, and the files that are fetched by address."""

    switchboard: Switchboard
    receive: Receive
    notifications: Notifications
    panel: Panel
    ready: Callable[[], Awaitable[dict[str, str]]]
    backlog: Callable[[], Awaitable[dict[str, int]]]
    picture: Callable[[str], Awaitable[tuple[str, bytes] | None]]
    file: Callable[[str], Awaitable[str]]


class Limits(NamedTuple):
    """`public_url`: what providers call, whatever proxy stands between. A body's bytes and seconds."""

    public_url: str
    body: int
    seconds: float


class Door:
    """The HTTP face."""

    def __init__(self, behind: Behind, limits: Limits) -> None:
        self._behind = behind
        self._limits = limits

    def routes(self) -> list[Route]:
        """All routes of the outside interface but the console's."""
        return [
            Route("/in/{key}", self.channel, methods=["GET", "POST", "HEAD"]),
            Route("/status/{key}", self.channel, methods=["GET", "POST", "HEAD"]),
            Route("/intercom/webhook", self.intercom, methods=["POST", "HEAD"]),
            Route("/intercom/inbox/initialize", self.initialize, methods=["POST"]),
            Route("/intercom/inbox/submit", self.submit, methods=["POST"]),
            Route("/avatars/{key}", self.avatar, methods=["GET"]),
            Route("/files/{key}", self.file, methods=["GET"]),
            Route("/healthz", self.healthz, methods=["GET"]),
            Route("/readyz", self.readyz, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    async def channel(self, http: HttpRequest) -> Response:
        """A provider's webhook or status callback."""
        connected = await self._behind.switchboard.by_key(http.path_params["key"])
        if connected is None:
            return _refuse("none", "unknown_key", 404, "No channel has this address")
        name = connected.row.provider
        if http.method == "HEAD":
            return PlainTextResponse("")
        with SECONDS.labels(name).time():
            return await self._guarded(name, http, lambda body: self._admit(connected, self._wire(http, body)))

    async def intercom(self, http: HttpRequest) -> Response:
        """Intercom's webhook; its HEAD only asks whether somebody is there."""
        if http.method == "HEAD":
            return PlainTextResponse("")
        with SECONDS.labels("intercom").time():
            return await self._guarded(
                "intercom",
                http,
                lambda body: self._behind.notifications.notified(body, dict(http.headers), str(http.url.path)),
            )

    async def initialize(self, http: HttpRequest) -> Response:
        """Intercom's Inbox opened a conversation beside which the panel stands."""
        return await self._panel_asked(http, self._behind.panel.initialize)

    async def submit(self, http: HttpRequest) -> Response:
        """A teammate pressed something in the panel."""
        return await self._panel_asked(http, self._behind.panel.submit)

    async def avatar(self, http: HttpRequest) -> Response:
        """A customer's picture, for who knows its address; browsers get nothing they could run."""
        found = await self._behind.picture(http.path_params["key"])
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
        try:
            url = await self._behind.file(http.path_params["key"])
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
        """For Prometheus: what this process counted, and what the database holds for all of them."""
        BACKLOG.clear()
        for state, count in (await self._behind.backlog()).items():
            BACKLOG.labels(state).set(count)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

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
        try:
            answer = await admit(await self._body(http))
        except Refused as refused:
            return _refuse(name, "bad_signature", 403, str(refused))
        except Unreadable as error:
            return _refuse(name, "unreadable", 400, str(error))
        except TooLarge:
            return _refuse(name, "too_large", 413, f"More than {self._limits.body} bytes")
        except (TimeoutError, ClientDisconnect):
            return _refuse(name, "too_slow", 408, f"The body took more than {self._limits.seconds:g} seconds")
        except SettingError as error:
            return _refuse(name, "misconfigured", 503, str(error), tell=False)
        except (psycopg.Error, OSError) as error:
            return _refuse(name, "not_kept", 503, f"Nothing was kept: {type(error).__name__}", tell=False)
        DOOR.labels(name, "kept").inc()
        return Response(answer.body, answer.status, media_type=answer.content_type)

    async def _body(self, http: HttpRequest) -> bytes:
        """The raw body, within the limits of size and time."""
        if int(http.headers.get("content-length") or 0) > self._limits.body:
            raise TooLarge
        chunks: list[bytes] = []
        size = 0
        async with asyncio.timeout(self._limits.seconds):
            async for chunk in http.stream():
                size += len(chunk)
                if size > self._limits.body:
                    raise TooLarge
                chunks.append(chunk)
        return b"".join(chunks)

    def _wire(self, http: HttpRequest, body: bytes) -> Request:
        query = http.scope["query_string"].decode("latin-1")
        path = http.scope.get("raw_path", http.url.path.encode()).decode("latin-1").partition("?")[0]
        return Request(
            method=http.method,
            url=f"{self._limits.public_url}{path}" + (f"?{query}" if query else ""),
            headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in http.headers.raw},
            body=body,
            now=time.time(),
        )


def _refuse(name: str, outcome: str, status: int, why: str, *, tell: bool = True) -> Response:
    """Count and log a refusal; strangers are told no more than they need."""
    DOOR.labels(name, outcome).inc()
    log.warning("door_refused", channel=name, outcome=outcome, why=why)
    return PlainTextResponse(why if tell else "Not now", status)
