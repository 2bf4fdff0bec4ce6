"""Connections that are silent, slow, too large or too many, with real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from leadline.serving import Limits, bind, serving

GOOD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


class Client(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def asks(self, request: bytes = GOOD) -> bytes:
        """The status line and headers of the answer."""
        self.writer.write(request)
        return await self.reader.readuntil(b"\r\n\r\n")

    async def ended(self) -> bytes:
        """What came until the server closed."""
        async with asyncio.timeout(20):
            return await self.reader.read()


@asynccontextmanager
async def door(limits: Limits) -> AsyncIterator[tuple[str, int]]:
    """A server with these limits, which answers and reads bodies."""

    async def answer(http: Request) -> Response:
        return PlainTextResponse(f"{len(await http.body())} bytes")

    listener = bind("127.0.0.1", 0)
    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    async with serving(app, listener, limits=limits):
        yield listener.getsockname()


async def client(place: tuple[str, int]) -> Client:
    return Client(*await asyncio.open_connection(*place))


@pytest.mark.parametrize(
    "begin",
    [b"", b"GET", b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"POST /in HTTP/1.1\r\nContent-Length: 9\r\n\r\n123"],
    ids=["silent", "half a line", "half the headers", "half the body"],
)
async def test_a_request_that_is_never_complete_is_ended(begin: bytes) -> None:
    async with door(Limits(seconds=0.3, body=0.3)) as place:
        slow = await client(place)
        slow.writer.write(begin)
        assert b" 408 " in await slow.ended()
        slow.writer.close()


async def test_a_byte_a_moment_does_not_help() -> None:
    async with door(Limits(seconds=0.5)) as place:
        slow = await client(place)

        async def drip() -> None:
            while not slow.writer.is_closing():
                slow.writer.write(b"x")
                await asyncio.sleep(0.05)

        slow.writer.write(b"GET / HTTP/1.1\r\nX: ")
        dripping = asyncio.create_task(drip())
        with suppress(ConnectionResetError):  # a byte that comes after the last look resets it, and the answer is lost
            assert b" 408 " in await slow.ended()
        slow.writer.close()
        await dripping


async def test_headers_have_a_budget_however_they_come() -> None:
    async with door(Limits(head=65_536)) as place:
        fits = await client(place)
        assert b" 200 " in await fits.asks(b"GET / HTTP/1.1\r\nX: " + b"x" * 60_000 + b"\r\n\r\n")
        fits.writer.close()
        at_once = await client(place)
        at_once.writer.write(b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * 70_000 + b"\r\n\r\n")
        assert b" 400 " in await at_once.ended()
        at_once.writer.close()
        endless = await client(place)
        taken = 0

        async def flood() -> None:
            nonlocal taken
            while taken < 50_000_000:
                endless.writer.write(b"y" * 10_000)
                await endless.writer.drain()
                taken += 10_000

        with pytest.raises(ConnectionError):
            await flood()
        assert taken < 20_000_000
        endless.writer.close()


async def test_a_body_is_not_part_of_the_budget_for_headers() -> None:
    async with door(Limits(head=1_000)) as place:
        large = await client(place)
        head = b"POST / HTTP/1.1\r\nContent-Length: 200000\r\n\r\n"
        assert b" 200 " in await large.asks(head + b"x" * 200_000)
        assert await large.reader.readexactly(len(b"200000 bytes")) == b"200000 bytes"
        large.writer.close()


async def test_the_silent_make_room_for_who_asks_and_the_log_says_so() -> None:
    with capture_logs() as lines:
        async with door(Limits(connections=20, seconds=60.0)) as place:
            silent = [await client(place) for _ in range(40)]
            asking = await client(place)
            assert b" 200 " in await asking.asks()
            others = [await client(place) for _ in range(30)]
            for other in others[-15:]:
                assert b" 200 " in await other.asks()
            for each in (*silent, asking, *others):
                each.writer.close()
    told = [line["too_many_connections"] for line in lines if line["event"] == "connections_ended"]
    assert told
    assert len(told) < 5, "one line for many"


async def test_an_answered_connection_goes_on() -> None:
    async with door(Limits(seconds=1.0)) as place:
        patient = await client(place)
        for _ in range(2):
            assert b" 200 " in await patient.asks()
            assert await patient.reader.readexactly(len(b"0 bytes")) == b"0 bytes"
            await asyncio.sleep(1.6)
        patient.writer.close()
