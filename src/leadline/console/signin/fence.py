"""What the pages in front of the console share: only our own forms may be sent, and nothing leads elsewhere."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from leadline.console.guard import COOKIE, FOREIGN, PLAIN_HEADERS, Own, closed, signed_in
from leadline.console.language import LANGUAGES, chosen, speak
from leadline.console.signin.sessions import Sessions
from leadline.console.signin.tries import Visitor

HOME = "/console"
LONGEST = 1000  # characters of the page that was asked for
_INSIDE = re.compile(r"/console(/[\w./-]*)?(\?[^\\\s]*)?")


def fenced(own: Own, path: str, answer: Callable[[Request], Awaitable[Response]], *methods: str) -> Route:
    """A route before the guarded pages."""
    return Route(path, _Fenced(request_response(answer), own), methods=list(methods))


class _Fenced:
    """Only for our own pages' forms, and with the headers that keep all others out."""

    def __init__(self, app: ASGIApp, own: Own) -> None:
        self._app = app
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = PlainTextResponse(FOREIGN, 403) if self._own.is_foreign(HTTPConnection(scope)) else self._app
        await app(scope, receive, closed(send, PLAIN_HEADERS))


async def let_in(request: Request, sessions: Sessions, token: str, wanted: str = HOME) -> Response:
    """With a new session, and on to the page that was asked for; the session that the browser had is over."""
    await sessions.end(request.cookies.get(COOKIE, ""))
    return signed_in(RedirectResponse(wanted, 303), request, token)


def inside(wanted: str) -> str:
    """A page of the console, whatever was asked for."""
    return wanted if len(wanted) <= LONGEST and _INSIDE.fullmatch(wanted) else HOME


def visitor(request: Request, picked: str) -> Visitor:
    """Who asks; `picked`, the language that they chose."""
    client: Any = request.client
    return Visitor(client.host if client else "", request.headers.get("user-agent", ""), picked)


def speaking(request: Request, values: Mapping[str, str]) -> str:
    """Answer in the language that was picked on the form, else in the browser's; returns what was picked."""
    picked = values.get("language", "")
    speak(chosen(picked, request.headers.get("accept-language", "")))
    return picked if picked in LANGUAGES else ""
