"""An application that is made when it is wanted: once, with its start and its end, and not for what others answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from leadline.serving import OnDemand, bind, serving


async def test_it_is_made_once_when_it_is_asked_for_and_ends_with_the_server() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        events.append("started")
        yield
        events.append("ended")

    async def page(request: Request) -> Response:
        return PlainTextResponse(request.url.path)

    async def make() -> Starlette:
        events.append("made")
        await asyncio.sleep(0.05)
        return Starlette(routes=[Route("/console", page)], lifespan=lifespan)

    app = Starlette(routes=[Route("/healthz", page)])
    app.router.default = console = OnDemand(("/console",), make, app.router.default)
    async with serving(app, bind("127.0.0.1", 0)) as place, aiohttp.ClientSession() as http:
        found = [await _got(http, place + path) for path in ("/healthz", "/wp-login.php")]
        assert (found, events) == ([(200, "/healthz"), (404, "Not Found")], [])
        found = await asyncio.gather(*(_got(http, f"{place}/console") for _ in range(5)))
        assert (found, events) == ([(200, "/console")] * 5, ["made", "started"])
    await console.close()
    assert events == ["made", "started", "ended"]


async def test_where_it_cannot_be_made_the_next_request_tries_again() -> None:
    tries: list[int] = []

    async def make() -> Starlette:
        tries.append(1)
        if len(tries) == 1:
            raise ImportError("no room")
        return Starlette()

    async def nothing(*_: object) -> None:
        raise AssertionError

    console = OnDemand(("/console",), make, nothing)
    app = Starlette()
    app.router.default = console
    async with serving(app, bind("127.0.0.1", 0)) as place, aiohttp.ClientSession() as http:
        statuses = [(await _got(http, f"{place}/console"))[0] for _ in range(2)]
    await console.close()
    assert statuses == [500, 404]


async def _got(http: aiohttp.ClientSession, url: str) -> tuple[int, str]:
    async with http.get(url) as answer:
        return answer.status, await answer.text()
