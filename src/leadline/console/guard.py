"""Who may see the console: whoever is signed in, from the console's own pages. Pure ASGI, around NiceGUI's app."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadline.console.language import _, chosen, marked, speaking
from leadline.console.rights import Seat, SeatNow

GUARDED = ("/console", "/_nicegui")  # everything else is the door's, or nothing
COOKIE = "leadline_console"
SEAT = "leadline.seat"  # where a request's scope carries who asks
SIGN_IN = "/console/sign-in"
FOREIGN = "Another page may not ask the console\n"
NO_TEXT = "An address of the console holds no NUL character\n"
SAFE_METHODS = ("GET", "HEAD")
# With no-referrer browsers would name no origin when a form is sent.
SHUT = {
    b"x-frame-options": b"DENY",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
HEADERS = {
    # NiceGUI's pages run scripts of their own that stand in the page, and compile templates while they run.
    b"content-security-policy": b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    b"style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; "
    b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    **SHUT,
}
PLAIN_HEADERS = {
    b"content-security-policy": b"default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    b"cache-control": b"no-store",
    **SHUT,
}
"""Of the pages that anybody may see: they run no script that stands in the page."""
REFUSAL = "Sign in to the console first\n"
NOT_YOURS = marked(
    "You have no access to the console of this workspace, or it is no longer connected. Yours is at /console"
)
WORKSPACE = "workspace"  # in a page's address
_ID = re.compile(r"[\w.-]{1,100}", re.ASCII)


class Guard:
    """Lets requests and WebSockets through that carry a session's cookie, and puts who asks into their scope.

    A browser sends the cookie also when a page of somebody else asks, so what such a page asks is refused.
    """

    def __init__(self, app: ASGIApp, seat_now: SeatNow, public_url: str) -> None:
        self._app = app
        self._seat_now = seat_now
        self._own = Own(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if self._own.is_foreign(connection):
            await self._refuse(PlainTextResponse(FOREIGN, 403), scope, receive, send)
        elif "\0" in scope["path"] or b"%00" in scope["query_string"]:  # no database holds it
            await self._refuse(PlainTextResponse(NO_TEXT, 400), scope, receive, send)
        elif not connection.url.path.startswith(GUARDED):
            await self._refuse(PlainTextResponse("There is nothing here\n", 404), scope, receive, send)
        elif seat := await self._seat(connection):
            await self._app({**scope, SEAT: seat}, receive, closed(send))
        else:
            await self._refuse(await self._not_let_in(connection), scope, receive, send)

    async def _seat(self, connection: HTTPConnection) -> Seat | None:
        """In the workspace that the address names, where it names one; else in the one of before."""
        used, wanted = connection.scope["type"] == "http", connection.query_params.get(WORKSPACE, "")
        if wanted and not _ID.fullmatch(wanted):
            return None
        return await self._seat_now(connection.cookies.get(COOKIE, ""), used=used, workspace_id=wanted)

    async def _not_let_in(self, connection: HTTPConnection) -> Response:
        if await self._seat_now(connection.cookies.get(COOKIE, ""), used=False):
            with speaking(chosen("", connection.headers.get("accept-language", ""))):
                return PlainTextResponse(f"{_(NOT_YOURS)}\n", 403)
        return _sign_in_first(connection)

    async def _refuse(self, answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await answer(scope, receive, closed(send))


class Own:
    """Knows the console's own pages from those of others, by the origin that browsers name."""

    def __init__(self, public_url: str) -> None:
        self._origin = origin_of(public_url)

    def is_foreign(self, connection: HTTPConnection) -> bool:
        """Whether a page of another origin asks. On this machine the console is also opened by its address there."""
        asking = connection.headers.get("origin")
        if asking is None:
            # Browsers name the origin with every WebSocket and whenever something is sent.
            return connection.scope["type"] == "websocket" or connection.scope["method"] not in SAFE_METHODS
        host = connection.headers.get("host", "")
        here = {f"{scheme}://{host}" for scheme in ("http", "https")} if _is_loopback(host) else set()
        asked = origin_of(asking)
        return not asked or asked not in {self._origin, *here}


class Seated:
    """In place of the guard in a demo, which has no customers: everybody sits in the same seat."""

    def __init__(self, app: ASGIApp, seat: Seat) -> None:
        self._app = app
        self._seat = seat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, SEAT: self._seat}, receive, send)


def signed_in(answer: Response, connection: HTTPConnection, token: str) -> Response:
    """Give the browser the session's token, or take it away: no script reads it, no other page's request carries it."""
    # Lax, not strict: a link in a mail leads to the page it names, and whatever acts must name its origin.
    secure = is_secure(connection)
    if token:
        answer.set_cookie(COOKIE, token, path="/", secure=secure, httponly=True, samesite="lax")
    else:
        answer.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="lax")
    return answer


def is_secure(connection: HTTPConnection) -> bool:
    """Whether the browser speaks https, to us or to the proxy in front."""
    return connection.url.scheme == "https" or Headers(scope=connection.scope).get("x-forwarded-proto") == "https"


def origin_of(url: str) -> str:
    """Scheme, host and port of an address; empty where it has none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


def closed(send: Send, headers: dict[bytes, bytes] = HEADERS) -> Send:
    """Every answer with the headers that keep other pages out, and without those that would let them in."""

    async def headed(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [
                (name, value)
                for name, value in message.get("headers", [])
                if not name.lower().startswith(b"access-control-") and name.lower() not in headers
            ]
            message = {**message, "headers": [*kept, *headers.items()]}
        await send(message)

    return headed


def _sign_in_first(connection: HTTPConnection) -> Response:
    """People are led to the form and back; what is no page gets a word."""
    wants_page = connection.scope["type"] == "http" and "text/html" in connection.headers.get("accept", "")
    if not wants_page or connection.scope["method"] != "GET" or not connection.url.path.startswith("/console"):
        return PlainTextResponse(REFUSAL, 401)
    wanted = connection.url.path + (f"?{connection.url.query}" if connection.url.query else "")
    return RedirectResponse(f"{SIGN_IN}?next={quote(wanted, safe='')}", 303)


def _is_loopback(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname
    return name in ("127.0.0.1", "::1", "localhost")
