"""Where there is no page, and where one broke: plain, in the reader's language, without a word of the error.

NiceGUI's own pages speak English and show what an exception says, which may be somebody's secret. `pages.py` puts these
in their place.
"""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from leadline.console.guard import SEAT
from leadline.console.language import _, chosen, speaking
from leadline.console.rights import Seat
from leadline.console.signin.forms import message

HOME = "/console"
UNKEPT = {"Cache-Control": "no-store"}
log = structlog.get_logger(__name__)


async def missing(request: Request, _why: Exception) -> Response:
    """For an address that no page has."""
    with speaking(_language(request)):
        words = _("The console has no page at this address. The link may be old, or a part of it may be missing.")
        return HTMLResponse(message(_("There is no such page"), words, (_("Today"), HOME)), 404, UNKEPT)


def broken(request: Request, why: Exception) -> Response:
    """For a page that could not be shown; what went wrong is in the log."""
    log.error("page_broke", path=request.url.path, exc_info=why)
    with speaking(_language(request)):
        words = _(
            "Leadline could not show this page. Nothing is lost. Try again in a minute; if it stays like this, the log "
            "says why."
        )
        return HTMLResponse(message(_("This page broke"), words, (_("Try again"), _here(request))), 500, UNKEPT)


def _language(request: Request) -> str:
    seat: Seat | None = request.scope.get(SEAT)
    return chosen(seat.language if seat else "", request.headers.get("accept-language", ""))


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
