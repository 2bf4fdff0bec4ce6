"""Calls to providers: answers come whole, or are known to be lost."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.test_utils import TestServer

from leadline.channels.base import Call
from leadline.provider_calls import LARGEST_ANSWER, ProviderCalls


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
