"""What every request passes first: webhooks go straight on, an address that is refused again and again is answered
slower, and nothing odd ends in a traceback. Set up by `process.py`.
"""

from __future__ import annotations

import structlog
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadline.door.webhooks import NOT_NOW, Webhooks, client_of

TRUSTED = "leadline.trusted"
"""Set in the scope of a request whose key is right: its refusals are no guesses."""
REFUSALS = (401, 403, 404)  # to a guessed signature, token, key or address
log = structlog.get_logger(__name__)


class Gate:
    """Middleware around all routes, the console's too."""

    def __init__(self, app: ASGIApp, webhooks: Webhooks) -> None:
        self._app = app
        self._webhooks = webhooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one websocket of the console."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith(("/in/", "/status/")) and scope["method"] in ("POST", "GET", "HEAD"):
            await self._webhooks(scope, receive, send)
        else:
            await self._caught(scope, receive, send)

    async def _caught(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Where a route breaks, the answer has no details; the log has them."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            if message.get("status") in REFUSALS and TRUSTED not in scope:
                await self._webhooks.throttle.slow(client_of(scope))
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:  # a bug: the caller gets an answer, the log the trace
            log.exception("route_broke", path=scope["path"])
            if begun:
                raise  # the answer is cut off: the server closes the connection
            await PlainTextResponse(NOT_NOW, 503)(scope, receive, send)
