"""NiceGUI lets whoever knows a page's number speak for it on the websocket; here only the session that opened it may.

The permission tests forge such events.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any
from urllib.parse import parse_qs

import structlog
from nicegui import core
from nicegui.client import Client

from leadline.console.guard import SEAT

SPEAKING = ("handshake", "event", "javascript_response", "ack", "log")  # everything that names a page by its number
Handler = Callable[..., Awaitable[Any]]
log = structlog.get_logger(__name__)
_standing: set[Handler] = set()


def keep_pages_apart() -> None:
    """Stand in front of NiceGUI's handlers; once a process."""
    for name in (*SPEAKING, "connect"):
        handler = core.sio.handlers["/"][name]
        if handler not in _standing:
            guarded = _connecting(handler) if name == "connect" else _speaking(handler)
            _standing.add(guarded)
            core.sio.on(name, handler=guarded)


def _speaking(handler: Callable[..., Any]) -> Handler:
    """For messages about a page of the same session."""

    async def speak(sid: str, message: dict[str, Any]) -> Any:
        if not _is_own(core.sio.get_environ(sid), str(message.get("client_id", ""))):
            log.warning("foreign_page_refused")
            return False
        try:
            return await _done(handler(sid, message))
        except KeyError:  # a part of the page that is there no more, or never was
            log.warning("unknown_part_refused")
            return False

    return speak


def _connecting(handler: Callable[..., Any]) -> Handler:
    """A socket may name its page when it connects."""

    async def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> Any:
        named = parse_qs(environ.get("QUERY_STRING", "")).get("client_id", [""])[0]
        if named in Client.instances and not _is_own(environ, named):
            log.warning("foreign_page_refused")
            return False
        return await _done(handler(sid, environ, auth))

    return connect


def _is_own(environ: dict[str, Any], client_id: str) -> bool:
    client = Client.instances.get(client_id)
    return client is not None and _session(environ["asgi.scope"]) == _session(client.request.scope)


def _session(scope: Any) -> tuple[int, int]:
    """Of the seat that the guard put there; raises KeyError where there was no guard."""
    seat = scope[SEAT]
    return seat.operator_id, seat.session_id


async def _done(result: Any) -> Any:
    return await result if isawaitable(result) else result
