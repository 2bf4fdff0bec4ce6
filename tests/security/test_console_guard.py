"""The console answers its own page only: no other origin, no frame, no WebSocket that another page opens."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from leadline.console.guard import COOKIE, HEADERS, Guard, origin_of
from leadline.console.rights import Role, Seat
from leadline.serving import address, bind, serving

TOKEN = "4f9d2c7be18a60353c1b9e7a5d40f682"
SEAT = Seat(workspace_id="ws", operator_id=1, email="ann@example.com", role=Role.VIEWER, session_id=1)
PUBLIC = "https://leadline.example.com"
OTHERS = [
    "https://evil.example",
    "https://leadline.example.com.evil.example",
    "http://leadline.example.com",
    "https://leadline.example.com:444",
    "null",
    "",
    "https://leadline.example.com@evil.example",
]


async def page(http: Request) -> Response:
    """As NiceGUI's socket does: whoever asks is told that it may read the answer."""
    reflected = {"Access-Control-Allow-Origin": http.headers.get("origin", "*")}
    return PlainTextResponse(
        "customers", headers=reflected | {"Access-Control-Allow-Credentials": "true", "X-Frame-Options": "ALLOW"}
    )


async def seat_now(token: str, *, used: bool, workspace_id: str = "") -> Seat | None:
    return SEAT if token == TOKEN else None


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("customers")
    await socket.close()


@pytest.fixture
async def console() -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    inner = Starlette(
        routes=[
            Route("/console", page, methods=["GET", "POST"]),
            WebSocketRoute("/_nicegui_ws/socket", talk),
        ]
    )
    listener = bind("127.0.0.1", 0)
    cookies = {COOKIE: TOKEN}
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        serving(Guard(inner, seat_now, PUBLIC), listener),
        aiohttp.ClientSession(cookies=cookies, cookie_jar=jar) as http,
    ):
        yield http, address(listener)


@pytest.mark.parametrize("origin", OTHERS)
async def test_another_page_gets_nothing_although_the_browser_sends_the_cookie(
    console: tuple[aiohttp.ClientSession, str], origin: str
) -> None:
    http, place = console
    for method in ("GET", "POST"):
        async with http.request(method, f"{place}/console", headers={"Origin": origin}) as answer:
            assert (answer.status, "customers" in await answer.text()) == (403, False)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await http.ws_connect(f"{place}/_nicegui_ws/socket", headers={"Origin": origin})


async def test_its_own_page_is_answered_by_public_address_and_on_this_machine(
    console: tuple[aiohttp.ClientSession, str],
) -> None:
    http, place = console
    for origin in (PUBLIC, "HTTPS://LEADLINE.example.com", place):
        async with http.post(f"{place}/console", headers={"Origin": origin}) as answer:
            assert await answer.text() == "customers"
        async with http.ws_connect(f"{place}/_nicegui_ws/socket", headers={"Origin": origin}) as socket:
            assert await socket.receive_str() == "customers"
    async with http.get(f"{place}/console") as answer:
        assert answer.status == 200, "an address that is typed has no origin"


async def test_what_names_no_origin_may_look_and_not_act(console: tuple[aiohttp.ClientSession, str]) -> None:
    http, place = console
    async with http.post(f"{place}/console") as answer:
        assert answer.status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await http.ws_connect(f"{place}/_nicegui_ws/socket")


async def test_every_answer_keeps_frames_and_other_origins_out(console: tuple[aiohttp.ClientSession, str]) -> None:
    http, place = console
    async with http.get(f"{place}/console") as answer:
        assert await answer.text() == "customers"
        for name, value in HEADERS.items():
            assert answer.headers.getall(name.decode()) == [value.decode()]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    async with aiohttp.ClientSession() as stranger, stranger.get(f"{place}/console") as answer:
        assert (answer.status, await answer.text()) == (401, "Sign in to the console first\n")
        assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("text", ["", "null", "about:blank", "https://", "javascript:alert(1)"])
def test_an_invalid_origin_is_ignored(text: str) -> None:
    assert origin_of(text) == ""
