"""`/console/sign-in`, `/console/sign-out` and `/console/link/{token}`: what answers who is not signed in yet."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from leadline.console.guard import COOKIE, FOREIGN, PLAIN_HEADERS, SIGN_IN, Own, closed, signed_in
from leadline.console.language import LANGUAGES, _, chosen, speak
from leadline.console.signin import forms
from leadline.console.signin.desk import USED, NotLetIn, SignIn, Visitor
from leadline.console.signin.sessions import Sessions
from leadline.errors import SettingError

HOME = "/console"
LARGEST = 8192  # bytes of a form
_TOKEN = re.compile(r"[0-9A-Za-z_-]{43}")
_INSIDE = re.compile(r"/console(/[\w./-]*)?(\?[^\\\s]*)?")


class Entrance:
    """The forms in front of the console."""

    def __init__(self, desk: SignIn, sessions: Sessions, public_url: str) -> None:
        self._desk = desk
        self._sessions = sessions
        self._own = Own(public_url)

    def routes(self) -> list[Route]:
        """To stand before the guarded pages."""
        return [
            self._route(SIGN_IN, self.sign_in, "GET", "POST"),
            self._route("/console/sign-out", self.sign_out, "POST"),
            self._route("/console/link/{token}", self.link, "GET", "POST"),
        ]

    async def sign_in(self, request: Request) -> Response:
        """The form, and what is sent with it."""
        if request.method == "GET":
            picked = _speaking(request, request.query_params)
            return HTMLResponse(forms.sign_in(_inside(request.query_params.get("next", "")), picked))
        form = await _form(request)
        picked, wanted, email = _speaking(request, form), _inside(form.get("next", "")), form.get("email", "")
        try:
            token = await self._desk.sign_in(email, form.get("password", ""), _visitor(request, picked))
        except NotLetIn as error:
            return HTMLResponse(forms.sign_in(wanted, picked, email, str(error)), 403)
        return signed_in(RedirectResponse(wanted, 303), request, token)

    async def sign_out(self, request: Request) -> Response:
        """End the session, not only the cookie."""
        await self._sessions.end(request.cookies.get(COOKIE, ""))
        return signed_in(RedirectResponse(SIGN_IN, 303), request, "")

    async def link(self, request: Request) -> Response:
        """A one-time link: looking at it does not use it up, since mail scanners look."""
        token = request.path_params["token"]
        known = await self._desk.whose(token) if _TOKEN.fullmatch(token) else None
        form = request.query_params if request.method == "GET" else await _form(request)
        picked = _speaking(request, form)
        if known is None:
            return HTMLResponse(forms.message(_("This link is no good"), _(USED)), 404)
        if request.method == "GET":
            return HTMLResponse(forms.choose(token, known, picked))
        email, password = form.get("email", ""), form.get("password", "")
        try:
            if password != form.get("again", ""):
                raise SettingError(_("The two passwords differ."))
            session = await self._desk.choose(token, email, password, _visitor(request, picked))
        except SettingError as error:
            return HTMLResponse(forms.choose(token, known, picked, email, str(error)), 400)
        except NotLetIn as error:
            return HTMLResponse(forms.message(_("This link is no good"), str(error)), 404)
        return signed_in(RedirectResponse(HOME, 303), request, session)

    def _route(self, path: str, answer: Callable[[Request], Awaitable[Response]], *methods: str) -> Route:
        return Route(path, _Fenced(request_response(answer), self._own), methods=list(methods))


class _Fenced:
    """Only for forms of our own pages, and with the headers that keep all others out."""

    def __init__(self, app: ASGIApp, own: Own) -> None:
        self._app = app
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = PlainTextResponse(FOREIGN, 403) if self._own.is_foreign(HTTPConnection(scope)) else self._app
        await app(scope, receive, closed(send, PLAIN_HEADERS))


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form; nothing of one that is too large, or holds files."""
    if int(request.headers.get("content-length", LARGEST + 1)) > LARGEST:
        return {}
    async with request.form(max_files=0, max_fields=10) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _inside(wanted: str) -> str:
    """A page of the console, whatever was asked for."""
    return wanted if _INSIDE.fullmatch(wanted) else HOME


def _visitor(request: Request, picked: str) -> Visitor:
    client: Any = request.client
    return Visitor(client.host if client else "", request.headers.get("user-agent", ""), picked)


def _speaking(request: Request, values: Mapping[str, str]) -> str:
    """Answer in the language that was picked on the form, else in the browser's; returns what was picked."""
    picked = values.get("language", "")
    speak(chosen(picked, request.headers.get("accept-language", "")))
    return picked if picked in LANGUAGES else ""
