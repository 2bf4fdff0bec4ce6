"""`/console/sign-in`, `/console/sign-out` and `/console/link/{token}`: what answers who is not signed in yet."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from leadline.console.guard import COOKIE, SIGN_IN, Own, signed_in
from leadline.console.language import _
from leadline.console.signin import forms
from leadline.console.signin.desk import USED, SignIn
from leadline.console.signin.fence import fenced, inside, let_in, speaking, visitor
from leadline.console.signin.sessions import Sessions
from leadline.console.signin.tries import NotLetIn
from leadline.errors import SettingError

LARGEST = 8192  # bytes of a form
_TOKEN = re.compile(r"[0-9A-Za-z_-]{43}")


class Entrance:
    """The forms in front of the console."""

    def __init__(self, desk: SignIn, sessions: Sessions, public_url: str) -> None:
        self._desk = desk
        self._sessions = sessions
        self._own = Own(public_url)

    def routes(self) -> list[Route]:
        """To stand before the guarded pages."""
        return [
            fenced(self._own, SIGN_IN, self.sign_in, "GET", "POST"),
            fenced(self._own, "/console/sign-out", self.sign_out, "POST"),
            fenced(self._own, "/console/link/{token}", self.link, "GET", "POST"),
        ]

    async def sign_in(self, request: Request) -> Response:
        """The form, and what is sent with it."""
        ways = await self._desk.ways()
        if request.method == "GET":
            picked = speaking(request, request.query_params)
            return HTMLResponse(forms.sign_in(inside(request.query_params.get("next", "")), ways, picked))
        form = await _form(request)
        picked, wanted, email = speaking(request, form), inside(form.get("next", "")), form.get("email", "")
        try:
            token = await self._desk.sign_in(email, form.get("password", ""), visitor(request, picked))
        except NotLetIn as error:
            return HTMLResponse(forms.sign_in(wanted, ways, picked, email, str(error)), 403)
        return await let_in(request, self._sessions, token, wanted)

    async def sign_out(self, request: Request) -> Response:
        """End the session, not only the cookie."""
        await self._sessions.end(request.cookies.get(COOKIE, ""))
        return signed_in(RedirectResponse(SIGN_IN, 303), request, "")

    async def link(self, request: Request) -> Response:
        """A one-time link: looking at it does not use it up, since mail scanners look."""
        token = request.path_params["token"]
        known = await self._desk.whose(token) if _TOKEN.fullmatch(token) else None
        form = request.query_params if request.method == "GET" else await _form(request)
        picked = speaking(request, form)
        if known is None:
            return HTMLResponse(forms.message(_("This link does not work"), _(USED)), 404)
        if request.method == "GET":
            return HTMLResponse(forms.choose(token, known, picked))
        email, password = form.get("email", ""), form.get("password", "")
        try:
            if password != form.get("again", ""):
                raise SettingError(_("The two passwords differ."))
            session = await self._desk.choose(token, email, password, visitor(request, picked))
        except SettingError as error:
            return HTMLResponse(forms.choose(token, known, picked, email, str(error)), 400)
        except NotLetIn as error:
            return HTMLResponse(forms.message(_("This link does not work"), str(error)), 404)
        return await let_in(request, self._sessions, session)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form; nothing of one that is too large, or holds files."""
    if int(request.headers.get("content-length", LARGEST + 1)) > LARGEST:
        return {}
    async with request.form(max_files=0, max_fields=10) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}
