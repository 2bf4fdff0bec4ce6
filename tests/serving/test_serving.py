"""Servers that stop while somebody is still at their door."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from leadline.errors import SettingError
from leadline.serving import bind, serving

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
CLOSE = b"\x88\x80" + bytes(4)
MORE_THAN_FITS = 30_000_000


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("203.0.113.9", "203.0.113.9 is no address of this machine (Cannot assign requested address)."),
        ("no.such.host.invalid", "no.such.host.invalid is no address of this machine"),
    ],
)
def test_an_address_that_is_not_this_machines_is_told(host: str, told: str) -> None:
    with pytest.raises(SettingError, match=re.escape(told)):
        bind(host, 0)


def test_a_port_in_use_is_told_with_what_says_another() -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        with pytest.raises(SettingError, match=r"uses this port\. Stop that one, or set another --port"):
            bind("127.0.0.1", taken.getsockname()[1], setting="--port")


async def test_a_websocket_that_is_closing_does_not_keep_a_server_from_stopping() -> None:
    gone, ended = asyncio.Event(), asyncio.Event()

    async def flood(websocket: WebSocket) -> None:
        await websocket.accept()
        sending = asyncio.create_task(websocket.send_bytes(bytes(MORE_THAN_FITS)))
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass
        gone.set()
        await sending

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        ended.set()

    listener = bind("127.0.0.1", 0)
    app = Starlette(routes=[WebSocketRoute("/ws", flood)], lifespan=lifespan)
    async with asyncio.timeout(30):
        async with serving(app, listener):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(UPGRADE)
            assert b" 101 " in await reader.readline()
            writer.write(CLOSE)
            await gone.wait()
        writer.close()
    assert ended.is_set()


async def test_a_connection_is_kept_longer_than_proxies_keep_theirs() -> None:
    listener = bind("127.0.0.1", 0)
    async with serving(Starlette(), listener):
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        for pause in (7.0, 0.0):  # uvicorn's own patience ends after 5 seconds
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b" 404 " in await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(len(b"Not Found"))
            await asyncio.sleep(pause)
        writer.close()
