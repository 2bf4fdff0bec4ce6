"""Two addresses: the link by which an admin installs the app, and where Intercom sends them back. For `web.py`."""

from __future__ import annotations

import html

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from leadline.connections.installing import APPROVAL, Installing
from leadline.errors import LeadlineError

COOKIE = "leadline_install"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Leadline</title>'
    '<body style="font:16px/1.5 system-ui;max-width:36em;margin:15vh auto;padding:0 1em"><h1>{title}</h1><p>{text}</p>'
    '<p><a href="/console/setup">Go on in the console</a></p>'
)
NOT_SET_UP = "This installation has no public app. Set LEADLINE_INTERCOM_CLIENT_ID, or connect by an access token."
log = structlog.get_logger(__name__)


class Installation:
    """What a browser sees of it. installing: None where the installation has no public app."""

    def __init__(self, installing: Installing | None) -> None:
        self._installing = installing

    def routes(self) -> list[Route]:
        return [
            Route("/intercom/install", self.install, methods=["GET"]),
            Route("/intercom/installed", self.installed, methods=["GET"]),
        ]

    async def install(self, http: Request) -> Response:
        """The link: on to Intercom."""
        if self._installing is None:
            return _page("Not set up", NOT_SET_UP, 404)
        try:
            sent = self._installing.begin(http.query_params.get("key", ""))
        except LeadlineError as error:
            return _page("This link does not work", str(error), 403)
        response = RedirectResponse(sent.url, 302, HEADERS)
        response.set_cookie(
            COOKIE,
            sent.browser,
            max_age=int(APPROVAL),
            path="/intercom/installed",
            httponly=True,
            secure=sent.secure,
            samesite="lax",
        )
        return response

    async def installed(self, http: Request) -> Response:
        """Back from Intercom: the workspace is connected, or the person is told why not."""
        if self._installing is None:
            return _page("Not set up", NOT_SET_UP, 404)
        given = http.query_params
        try:
            me = await self._installing.finish(
                code=given.get("code", ""), state=given.get("state", ""), browser=http.cookies.get(COOKIE, "")
            )
        except LeadlineError as error:
            log.warning("not_installed", why=str(error))
            return _page("Not connected", str(error), 403)
        name = me.name or me.workspace_id
        response = _page("Connected", f"{name} is connected to Leadline. You can close this window.", 200)
        response.delete_cookie(COOKIE, path="/intercom/installed")
        return response


def _page(title: str, text: str, status: int) -> HTMLResponse:
    return HTMLResponse(PAGE.format(title=html.escape(title), text=html.escape(text)), status, HEADERS)
