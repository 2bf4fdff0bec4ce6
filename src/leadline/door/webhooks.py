"""The door's busy part: providers' webhooks, straight on ASGI, because what is spent here is spent for every message.

`web.py` leads `/in/{key}` and `/status/{key}` here; its other routes refuse with the same words.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import psycopg
import structlog
from prometheus_client import Counter, Histogram
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from leadline.channels.exchange import Answer, Request
from leadline.connections.switchboard import Connected, Switchboard
from leadline.door.throttle import Throttle, TooMany
from leadline.errors import Refused, SettingError, Unreadable
from leadline.tracing import begun

DOOR = Counter("leadline_door_requests_total", "Webhooks by channel and outcome", ["channel", "outcome"])
SECONDS = Histogram("leadline_door_seconds", "Seconds from a webhook's first byte to its answer", ["channel"])
METHODS = ("POST", "GET", "HEAD")
SAY_EVERY = 5.0  # seconds between two lines of the log about refusals of one kind
# Strangers are told no more than they need; the log has the rest.
WORDS = {
    400: "Unreadable",
    403: "Refused",
    404: "Unknown",
    405: "Wrong method",
    408: "Too slow",
    413: "Too large",
    429: "Too many",
}
NOT_NOW = "Not now"
_KEY = re.compile(r"/(?:in|status)/([0-9a-f]{32})")
Admit = Callable[[Connected, Request], Awaitable[Answer]]
log = structlog.get_logger(__name__)


class TooLarge(Exception):
    """The body is larger than the limit."""


class Gone(Exception):
    """Whoever sent the request went away before its end."""


class Unknown(Exception):
    """No channel has this address."""


class Limits(NamedTuple):
    """`public_url`: what providers call, whatever proxy stands between. A body's bytes and seconds."""

    public_url: str
    body: int
    seconds: float


class Webhooks:
    """Finds the channel by the key in the path, reads the body, and answers what `admit` says."""

    def __init__(self, switchboard: Switchboard, admit: Admit, limits: Limits) -> None:
        self._switchboard = switchboard
        self._admit = admit
        self._limits = limits
        self.throttle = Throttle()
        self._log = log.bind()  # a logger that is not bound is made anew for every line, told or not

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, answered whatever happens."""
        with begun("webhook", scope["headers"]):
            await self._answered(scope, receive, send)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, name, connected = time.perf_counter(), "none", None
        try:
            connected = await self._connected(scope["path"])
            name = connected.row.provider
            answer = await self._answer(connected, scope, receive)
        except Exception as error:  # whatever it is, `refusal` answers and logs it
            if isinstance(error, Unknown | Refused):
                await self.throttle.slow(client_of(scope), _mark(connected) if connected else "")
            await refusal(name, error, self._limits)(scope, receive, send)
        else:
            DOOR.labels(name, "kept").inc()
            self._log.debug("kept", channel=name)
            await _send(answer, send)
        SECONDS.labels(name).observe(time.perf_counter() - started)

    async def _connected(self, path: str) -> Connected:
        """What is no key needs no question to the database."""
        key = _KEY.fullmatch(path)
        connected = await self._switchboard.by_key(key[1]) if key else None
        if connected is None:
            raise Unknown
        return connected

    async def _answer(self, connected: Connected, scope: Scope, receive: Receive) -> Answer:
        if scope["method"] == "HEAD":
            return Answer()
        if connected.adapter.unsigned(connected.settings):
            self.throttle.unsigned(client_of(scope), _mark(connected))
        body = await read_body(scope, receive, self._limits)
        return await self._admit(connected, self._wire(scope, body))

    def _wire(self, scope: Scope, body: bytes) -> Request:
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        return Request(
            method=scope["method"],
            url=f"{self._limits.public_url}{path}?{query}" if query else self._limits.public_url + path,
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=body,
            now=time.time(),
            client=client_of(scope),
        )


def client_of(scope: Scope) -> str:
    """The sender's IP address; a proxy's word is taken where the proxy is trusted."""
    return str((scope.get("client") or ("",))[0])


def _mark(connected: Connected) -> str:
    """A channel among those of all workspaces."""
    return f"{connected.workspace_id}/{connected.channel_id}"


async def read_body(scope: Scope, receive: Receive, limits: Limits) -> bytes:
    """The raw body; raises TooLarge, TimeoutError, Gone."""
    if int(dict(scope["headers"]).get(b"content-length", 0)) > limits.body:
        raise TooLarge
    chunks: list[bytes] = []
    size = 0
    async with asyncio.timeout(limits.seconds):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > limits.body:
                raise TooLarge
            if not message.get("more_body"):
                return b"".join([*chunks, chunk]) if chunks else chunk
            chunks.append(chunk)


async def _send(answer: Answer, send: Send) -> None:
    body = answer.body.encode()
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", answer.content_type.encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


# -- what is refused --------------------------------------------------------------------------------------------------


def refusal(name: str, error: Exception, limits: Limits) -> Response:
    """Count and log why a request of channel `name` was refused; the answer has one word."""
    outcome, status, why = _told(error, limits)
    DOOR.labels(name, outcome).inc()
    if outcome == "broke":
        log.exception("door_broke", channel=name, exc_info=error)
    elif (more := _turn(name, outcome)) is not None:
        log.warning("door_refused", channel=name, outcome=outcome, why=why, **({"more": more} if more else {}))
    headers = {"Retry-After": str(math.ceil(error.seconds))} if isinstance(error, TooMany) else None
    return PlainTextResponse(WORDS.get(status, NOT_NOW), status, headers)


def _told(error: Exception, limits: Limits) -> tuple[str, int, str]:
    """Outcome, status, and what the operator reads."""
    match error:
        case Unknown():
            return "unknown_key", 404, "No channel has this address"
        case Refused():
            return "bad_signature", 403, str(error)
        case Unreadable():
            return "unreadable", 400, str(error)
        case TooMany():
            return "too_many", 429, str(error)
        case TooLarge():
            return "too_large", 413, f"More than {limits.body} bytes"
        case TimeoutError() | Gone():
            return "too_slow", 408, f"The body took more than {limits.seconds:g} seconds"
        case SettingError():
            return "misconfigured", 503, str(error)
        case psycopg.Error() | OSError():
            return "not_kept", 503, f"Nothing was kept: {type(error).__name__}"
    return "broke", 503, type(error).__name__


_said: dict[tuple[str, str], tuple[float, int]] = {}


def _turn(name: str, outcome: str) -> int | None:
    """How many lines of this kind were left out since the last one; None where this one is to be left out, too."""
    now = time.monotonic()
    at, left_out = _said.get((name, outcome), (-SAY_EVERY, 0))
    if now - at < SAY_EVERY:
        _said[name, outcome] = (at, left_out + 1)
        return None
    _said[name, outcome] = (now, 0)
    return left_out
