"""Who may see the operator page: whoever has the key that `leadline serve` prints. Pure ASGI, around NiceGUI's app."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

GUARDED = ("/console", "/_nicegui")  # everything else is the door's, or nothing
COOKIE = "leadline_console"
FOREIGN = "Another page may not ask the console\n"
SAFE_METHODS = ("GET", "HEAD")
HEADERS = {
    # NiceGUI's pages run scripts of their own that stand in the page.
    b"content-security-policy": b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    b"style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; "
    b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    b"x-frame-options": b"DENY",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
REFUSAL = "The console needs its key: open the address that `leadline serve` printed when it started.\n"


def console_key(secret_key: str) -> str:
    """The key of the console, the same after every start: 128 bits derived from LEADLINE_SECRET_KEY."""
    return hmac.new(secret_key.encode(), b"leadline console", hashlib.sha256).hexdigest()[:32]


def console_address(public_url: str, secret_key: str) -> str:
    """Where an operator opens the console. It carries the key: for the terminal, never for a log."""
    return f"{public_url.rstrip('/')}/console?key={console_key(secret_key)}"


class Guard:
    """Lets requests and WebSockets through that carry the key as a cookie; trades `?key=` for that cookie.

    A browser sends the cookie also when a page of somebody else asks, so what such a page asks is refused.
    """

    def __init__(self, app: ASGIApp, key: str, public_url: str) -> None:
        self._app = app
        self._key = key
        self._origin = origin_of(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if self._is_foreign(connection):
            await self._refuse(PlainTextResponse(FOREIGN, 403), scope, receive, send)
        elif self._fits(connection.cookies.get(COOKIE, "")):
            await self._app(scope, receive, _closed(send))
        else:
            await self._refuse(self._answer(connection), scope, receive, send)

    async def _refuse(self, answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await answer(scope, receive, _closed(send))

    def _is_foreign(self, connection: HTTPConnection) -> bool:
        """Whether a page of another origin asks. On this machine the console is also opened by its address there."""
        asking = connection.headers.get("origin")
        if asking is None:
            # Browsers name the origin with every WebSocket and whenever something is sent.
            return connection.scope["type"] == "websocket" or connection.scope["method"] not in SAFE_METHODS
        host = connection.headers.get("host", "")
        here = {f"{scheme}://{host}" for scheme in ("http", "https")} if _is_loopback(host) else set()
        asked = origin_of(asking)
        return not asked or asked not in {self._origin, *here}

    def _fits(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._key.encode())

    def _answer(self, connection: HTTPConnection) -> Response:
        if not connection.url.path.startswith(GUARDED):
            return PlainTextResponse("There is nothing here\n", 404)
        if not self._fits(connection.query_params.get("key", "")):
            return PlainTextResponse(REFUSAL, 403)
        rest = urlencode([pair for pair in parse_qsl(connection.url.query) if pair[0] != "key"])
        answer = RedirectResponse(connection.url.path + (f"?{rest}" if rest else ""), 303)
        secure = connection.url.scheme == "https" or Headers(scope=connection.scope).get("x-forwarded-proto") == "https"
        answer.set_cookie(COOKIE, self._key, httponly=True, samesite="strict", secure=secure, path="/")
        return answer


def origin_of(url: str) -> str:
    """Scheme, host and port of an address; empty where it has none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


def _is_loopback(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname
    return name in ("127.0.0.1", "::1", "localhost")


def _closed(send: Send) -> Send:
    """Every answer with the headers that keep other pages out, and without those that would let them in."""

    async def headed(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [
                (name, value)
                for name, value in message.get("headers", [])
                if not name.lower().startswith(b"access-control-") and name.lower() not in HEADERS
            ]
            message = {**message, "headers": [*kept, *HEADERS.items()]}
        await send(message)

    return headed
