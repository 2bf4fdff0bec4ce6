"""Installing the app: the page on which an admin approves it, and its code exchanged for an access token.

Source: Intercom's OAuth pages, read November 2026. A code is good once and for ten minutes; every token stays
good until the app is uninstalled.
"""

from __future__ import annotations

import html
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from leadline.sandbox.workspace import Workspace

CODE = 600.0
PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Install</title><h1>Install in {workspace}?</h1>'
    '<form method="post" action="/oauth?{query}"><button name="answer" value="approve">Authorize access</button> '
    '<button name="answer" value="deny">Cancel</button></form>'
)


class Installs:
    """Codes that were given and not used."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._codes: dict[str, float] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/oauth", self.page, methods=["GET"]),
            Route("/oauth", self.answer, methods=["POST"]),
            Route("/auth/eagle/token", self.exchange, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """GET /oauth?client_id=&state=: asks the admin."""
        if request.query_params.get("client_id") != self._workspace.settings.client_id:
            return HTMLResponse("There is no such app.", 404)
        name = html.escape(self._workspace.settings.name)
        query = html.escape(urlencode(dict(request.query_params)))
        return HTMLResponse(PAGE.format(workspace=name, query=query))

    async def answer(self, request: Request) -> Response:
        """The admin's answer leads back to the app, with a code where it was yes."""
        approved = b"answer=approve" in await request.body()
        given: dict[str, str] = {"state": request.query_params.get("state", "")}
        if approved:
            code = secrets.token_urlsafe(18) + "="
            self._codes[code] = time.monotonic() + CODE
            given["code"] = code
        else:
            given["error"] = "access_denied"
        return RedirectResponse(f"{self._workspace.settings.redirect_url}?{urlencode(given)}", 302)

    async def exchange(self, request: Request) -> Response:
        """POST /auth/eagle/token, as a form or JSON; 401 `Unauthorized Code` for one that was used or never given."""
        fields = _fields(request.headers.get("Content-Type", ""), await request.body())
        settings = self._workspace.settings
        if (fields.get("client_id"), fields.get("client_secret")) != (settings.client_id, settings.client_secret):
            return Response("Unauthorized Client", 401)
        if self._codes.pop(str(fields.get("code")), 0.0) < time.monotonic():
            return Response("Unauthorized Code", 401)
        token = f"granted-{secrets.token_hex(12)}"
        await self._workspace.change({"granted": [*self._workspace.control.granted, token]})
        body = {"token_type": "Bearer", "token": token, "access_token": token}
        return Response(msgspec.json.encode(body), media_type="application/json")


def _fields(content_type: str, body: bytes) -> Mapping[str, Any]:
    if "json" in content_type:
        try:
            found = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return {}
        return found if isinstance(found, dict) else {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
