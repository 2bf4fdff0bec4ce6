"""Who may see the operator page: whoever has the key that `leadline serve` prints. Pure ASGI, around NiceGUI's app."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

GUARDED = ("/console", "/_nicegui")  # everything else is the door's, or nothing
COOKIE = "leadline_console"
REFUSAL = "The console needs its key: open the address that `leadline serve` printed when it started.\n"


def console_key(secret_key: str) -> str:
    """The key of the console, the same after every start: 128 bits derived from LEADLINE_SECRET_KEY."""
    return hmac.new(secret_key.encode(), b"leadline console", hashlib.sha256).hexdigest()[:32]


class Guard:
    """Lets requests and WebSockets through that carry the key as a cookie; trades `?key=` for that cookie."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if self._fits(connection.cookies.get(COOKIE, "")):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._answer(connection)(scope, receive, send)

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
