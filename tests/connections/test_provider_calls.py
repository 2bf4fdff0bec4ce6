"""Calls to providers: answers come whole, or are known to be lost."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from leadline.channels.exchange import Call
from leadline.connections.provider_calls import LARGEST_ANSWER, ProviderCalls, Unreachable


async def test_an_answer_in_many_pieces_comes_whole() -> None:
    async def slowly(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for piece in (b"one", b"two" * 100_000, b"x" * int(request.query.get("more", 0))):
            await answer.write(piece)
            await asyncio.sleep(0.01)
        return answer

    app = web.Application()
    app.router.add_get("/", slowly)
    calls = ProviderCalls(timeout=5.0)
    async with TestServer(app) as server:
        url = str(server.make_url("/"))
        assert (await calls.send(Call(method="GET", url=url))).body == b"one" + b"two" * 100_000
        assert len((await calls.send(Call(method="GET", url=f"{url}?more={LARGEST_ANSWER}"))).body) == LARGEST_ANSWER
    await calls.close()


async def test_without_a_connection_nothing_was_sent() -> None:
    """Refused, silent, or no address at all: the message may be tried again, and is no doubt."""
    calls = ProviderCalls(connect=0.2)
    with contextlib.ExitStack() as stack:
        silent, closed = (stack.enter_context(socket.socket()) for _ in range(2))
        for one in (silent, closed):
            one.bind(("127.0.0.1", 0))
        silent.listen(0)
        for _ in range(4):  # its queue is full: further connections get no answer
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(silent.getsockname())
        places = [f"http://127.0.0.1:{one.getsockname()[1]}/" for one in (silent, closed)]
        for url in (*places, "http://", "no address"):
            with pytest.raises(Unreachable):
                await calls.send(Call(method="POST", url=url))
    await calls.close()
