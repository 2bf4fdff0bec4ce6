"""Head and body of an answer go in one write, and nothing waits for what does not come, with real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from leadline.serving import bind, serving
from leadline.serving.joined import Joined
from tests.serving.test_patience import Client, client

ASKED = b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: %s\r\n\r\n"


class Written(asyncio.Transport):
    """What would go to the socket, one item for every write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


@pytest.mark.parametrize(
    ("pieces", "writes"),
    [
        ([b"head", b"body"], [b"headbody"]),
        ([b"head", b""], [b"head"]),
        ([b"head", b"body", b"more", b"end"], [b"headbody", b"more", b"end"]),
        ([b"head"], [b"head"]),
        ([], []),
    ],
    ids=["whole", "without a body", "in pieces", "head alone", "nothing"],
)
@pytest.mark.parametrize("closes", [True, False], ids=["closed", "kept open"])
async def test_the_first_two_pieces_are_one_write(pieces: list[bytes], writes: list[bytes], closes: bool) -> None:
    socket = Written()
    joined = Joined(socket, asyncio.get_running_loop())
    for piece in pieces:
        joined.write(piece)
    if closes:
        joined.close()
    await asyncio.sleep(0)
    assert (socket.writes, joined.is_closing()) == (writes, closes)


async def test_a_connection_that_closed_meanwhile_is_left_alone() -> None:
    socket = Written()
    Joined(socket, asyncio.get_running_loop()).write(b"head")
    socket.close()
    await asyncio.sleep(0)
    assert socket.writes == []


class Slow:
    """An application whose body comes when the caller has its head."""

    def __init__(self) -> None:
        self.has_head = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != "/slow":
            await receive()
            answer = Response("Whole") if scope["path"] == "/whole" else Response(status_code=204)
            await answer(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await self.has_head.wait()
        await send({"type": "http.response.body", "body": b"body"})


@asynccontextmanager
async def asking(app: Slow) -> AsyncIterator[Client]:
    async def accepting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await app(scope, receive, send)

    listener = bind("127.0.0.1", 0)
    async with serving(accepting, listener):
        asked = await client(listener.getsockname())
        try:
            yield asked
        finally:
            asked.writer.close()


async def test_a_head_whose_body_takes_its_time_goes_ahead() -> None:
    app = Slow()
    async with asking(app) as asked:
        assert b" 200 " in await asked.asks(ASKED % (b"/slow", b"keep-alive"))
        app.has_head.set()
        assert await asked.reader.readexactly(4) == b"body"


async def test_whole_answers_heads_and_empty_ones_come_on_one_connection_and_it_closes_after_the_last() -> None:
    async with asking(Slow()) as asked:
        assert b" 200 " in await asked.asks(ASKED % (b"/whole", b"keep-alive"))
        assert await asked.reader.readexactly(5) == b"Whole"
        assert b"content-length: 5" in await asked.asks((ASKED % (b"/whole", b"keep-alive")).replace(b"GET", b"HEAD"))
        assert b" 204 " in await asked.asks(ASKED % (b"/empty", b"keep-alive"))
        careful = b"POST /whole HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
        assert b" 100 " in await asked.asks(careful)
        assert b" 200 " in await asked.asks(b"x")
        assert await asked.reader.readexactly(5) == b"Whole"
        asked.writer.write(ASKED % (b"/whole", b"close"))
        assert (await asked.ended()).endswith(b"\r\n\r\nWhole")


async def test_every_answer_is_joined_but_the_one_that_is_a_head_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[bytes] = []
    write = Joined.write

    def noted(joined: Joined, data: bytes) -> None:
        pieces.append(bytes(data))
        write(joined, data)

    monkeypatch.setattr(Joined, "write", noted)
    async with asking(Slow()) as asked:
        whole = ASKED % (b"/whole", b"keep-alive")
        assert b" 200 " in await asked.asks(whole.replace(b"GET", b"HEAD"))
        assert pieces == []
        assert b" 200 " in await asked.asks(whole)
        assert await asked.reader.readexactly(5) == b"Whole"
        assert (len(pieces), pieces[-1]) == (2, b"Whole")


async def test_an_answer_that_is_cut_off_sends_nothing_more() -> None:
    written = Written()
    joined = Joined(written, asyncio.get_running_loop())
    joined.write(b"head")
    joined.abort()
    await asyncio.sleep(0)
    assert (written.closed, written.writes) == (True, [])
