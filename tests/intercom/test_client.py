"""Every outcome of a call has its own type, over real sockets, and the token is nowhere to be read."""

from __future__ import annotations

import asyncio
import socket
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from leadline.errors import LeadlineError, Park, Retry, SettingError, Waiting
from leadline.intercom import account
from leadline.intercom.client import Client
from leadline.intercom.outcomes import (
    Conflict,
    IntercomError,
    Merged,
    Misdirected,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Unauthorized,
    Unavailable,
)
from leadline.intercom.routes import path

from .conftest import TOKEN, Script, refusal

GATEWAY = b"<html><h1>502 Bad Gateway</h1></html>"

OUTCOMES: list[tuple[str, str, int, Any, type[LeadlineError], type[LeadlineError]]] = [
    ("GET", "/contacts/1", 400, refusal("parameter_invalid", "no"), IntercomError, Park),
    ("GET", "/contacts/1", 401, refusal("unauthorized", "Access Token Invalid"), Unauthorized, Waiting),
    ("GET", "/contacts/1", 403, refusal("api_plan_restricted", "Active subscription needed."), IntercomError, Park),
    ("GET", "/contacts/1", 404, refusal("not_found", "Contact Not Found"), NotFound, Park),
    ("GET", "/contacts/1", 404, {"type": "error", "message": "gone"}, NotFound, Park),
    ("POST", "/contacts", 409, refusal("conflict", "exists"), Conflict, Park),
    ("GET", "/contacts/1", 410, refusal("contact_merged", "merged"), Merged, Park),
    ("POST", "/contacts", 422, [], IntercomError, Park),
    ("POST", "/contacts", 413, GATEWAY, IntercomError, Park),
    ("POST", "/contacts", 429, refusal("rate_limit_exceeded", "Exceeded"), RateLimited, Retry),
    ("GET", "/contacts/1", 302, b"", Misdirected, Waiting),
    ("POST", "/contacts", 307, b"", Misdirected, Waiting),
    ("GET", "/contacts/1", 502, GATEWAY, Unavailable, Retry),
    ("POST", "/contacts/search", 500, refusal("server_error", "oops"), Unavailable, Retry),
    ("POST", "/contacts", 500, refusal("server_error", "oops"), OutcomeUnknown, Retry),
    ("POST", "/contacts", 503, GATEWAY, OutcomeUnknown, Retry),
    ("POST", "/contacts", 504, b"\xff\xfe", OutcomeUnknown, Retry),
    ("PUT", "/contacts/1", 408, refusal("request_timeout", "slow"), OutcomeUnknown, Retry),
    ("DELETE", "/contacts/1", 502, b"", OutcomeUnknown, Retry),
    ("GET", "/contacts/1", 200, GATEWAY, Unavailable, Retry),
    ("POST", "/contacts", 200, GATEWAY, OutcomeUnknown, Retry),
    ("POST", "/contacts", 200, b"[1]", OutcomeUnknown, Retry),
    ("GET", "/contacts/1", 200, b"[" * 100_000, Unavailable, Retry),
    ("GET", "/contacts/1", 200, b"", Unavailable, Retry),
    ("GET", "/contacts", 202, {}, Unavailable, Retry),
    ("POST", "/contacts/search", 200, b" ", Unavailable, Retry),
]


@pytest.mark.parametrize(("method", "route", "status", "answer", "kind", "base"), OUTCOMES)
async def test_answer_becomes_its_type(
    script: Script,
    client: Client,
    method: str,
    route: str,
    status: int,
    answer: Any,
    kind: type[LeadlineError],
    base: type[LeadlineError],
) -> None:
    script.will((status, answer))
    with pytest.raises(base) as caught:
        await client.call(method, route, body={"a": 1} if method != "GET" else None)
    assert type(caught.value) is kind
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert len(script.asked) == 1


async def test_refusal_carries_what_intercom_said(script: Script, client: Client) -> None:
    script.will((422, refusal("unprocessable_entity", "Merge is off", field="from")))
    with pytest.raises(IntercomError) as caught:
        await client.call("POST", "/contacts/merge", body={})
    error = caught.value
    assert (error.status, error.code, error.message) == (422, "unprocessable_entity", "Merge is off")
    assert (error.request_id, error.field, error.reason) == ("req-1", "from", "intercom_refused")
    assert "req-1" in str(error)
    assert "Merge is off" in str(error)


@pytest.mark.parametrize(
    ("message", "contact_id", "archived"),
    [
        (
            "A contact matching those details already exists with id=5da6f18e3d7cf967e4582d05",
            "5da6f18e3d7cf967e4582d05",
            False,
        ),
        ("An archived contact matching those details already exists with id=6762f0dd", "6762f0dd", True),
        ("A contact exists", None, False),
    ],
)
async def test_conflict_names_the_contact(
    script: Script, client: Client, message: str, contact_id: str | None, archived: bool
) -> None:
    script.will((409, refusal("conflict", message)))
    with pytest.raises(Conflict) as caught:
        await client.call("POST", "/contacts", body={})
    assert (caught.value.contact_id, caught.value.archived) == (contact_id, archived)


@pytest.mark.parametrize(
    ("status", "code", "link", "survivor"),
    [
        (410, "contact_merged", '</contacts/6762f0d0>; rel="canonical"', "6762f0d0"),
        (410, "contact_merged", '</x>; rel="next", <https://api.intercom.io/contacts/ab12>; rel=canonical', "ab12"),
        (404, "contact_merged", '</contacts/6762f0d0>; rel="canonical"', "6762f0d0"),
        (410, "contact_merged", "</contacts/../me>; rel=canonical", None),
        (410, "contact_merged", "", None),
    ],
)
async def test_merged_names_the_survivor(
    script: Script, client: Client, status: int, code: str, link: str, survivor: str | None
) -> None:
    script.will((status, refusal(code, "merged"), {"Link": link}))
    with pytest.raises(Merged) as caught:
        await client.call("GET", "/contacts/1")
    assert caught.value.canonical_id == survivor


async def test_sends_version_token_and_json(script: Script, client: Client) -> None:
    script.will((200, {"ok": True}))
    answer = await client.call("POST", "/contacts/search", body={"data": b"\x00\xff"}, params={"a": "b c"})
    asked = script.asked[0]
    assert answer == {"ok": True}
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["Intercom-Version"] == "2.16"
    assert asked.headers["Accept"] == asked.headers["Content-Type"] == "application/json"
    assert asked.body == {"data": "AP8="}
    assert asked.query == {"a": "b c"}


async def test_empty_success_is_an_empty_object(script: Script, client: Client) -> None:
    script.will((202, b""))
    assert await client.call("DELETE", "/contacts/1") == {}


async def test_redirect_does_not_carry_the_token_away(script: Script, client: Client) -> None:
    script.will((301, b"", {"Location": f"{script.url}/elsewhere"}))
    with pytest.raises(Misdirected, match="LEADLINE_INTERCOM_URL"):
        await client.call("GET", "/me")
    assert script.routes() == ["GET /me"]


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"X-RateLimit-Limit": "167", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "+7"}, 6.0, 8.1),
        ({"X-RateLimit-Limit": "167", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "-900"}, 1.0, 1.25),
        ({"X-RateLimit-Limit": "167", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "+90000"}, 120.0, 121.0),
        ({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "+1"}, 10.0, 11.0),
        ({}, 10.0, 11.0),
    ],
)
async def test_rate_limit_waits_for_the_next_window(
    script: Script, client: Client, headers: dict[str, str], least: float, most: float
) -> None:
    reset = headers.get("X-RateLimit-Reset")
    if reset:
        headers = {**headers, "X-RateLimit-Reset": str(int(time.time() + float(reset)))}
    script.will((429, refusal("rate_limit_exceeded", "Exceeded"), headers))
    with pytest.raises(RateLimited) as caught:
        await client.call("POST", "/contacts", body={})
    assert caught.value.delay is not None
    assert least <= caught.value.delay <= most


class Purse:
    """A budget that writes down how it was used."""

    def __init__(self) -> None:
        self.story: list[object] = []

    async def spend(self) -> None:
        self.story.append("spend")

    async def learn(self, limit: int, remaining: int, reset: float) -> None:
        self.story.append((limit, remaining, reset))


async def test_budget_is_asked_before_and_told_after_each_call(script: Script, session: aiohttp.ClientSession) -> None:
    purse = Purse()
    client = Client(session, url=script.url, token=TOKEN, budget=purse)
    window = {"X-RateLimit-Limit": "167", "X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "1700000010"}
    window |= {"Date": "Tue, 14 Nov 2023 22:13:20 GMT"}  # ten seconds before, by Intercom's clock
    ours = time.time()
    script.will((200, {"id": "1"}, window), (429, {}, {**window, "X-RateLimit-Remaining": "0"}), (401, {}))
    await client.call("GET", "/me")
    with pytest.raises(RateLimited):
        await client.call("GET", "/me")
    with pytest.raises(Unauthorized):
        await client.call("GET", "/me")
    resets = pytest.approx(ours + 10, abs=5)
    assert purse.story == ["spend", (167, 9, resets), "spend", (167, 0, resets), "spend"]


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def _reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    writer.transport.abort()


async def _half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id":')
    await writer.drain()
    writer.close()


async def _garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    await writer.drain()
    writer.close()


async def _silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@asynccontextmanager
async def _broken(handler: Handler) -> AsyncIterator[str]:
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.add(asyncio.current_task())  # type: ignore[arg-type]  # a handler always runs in a task
        with suppress(ConnectionError):
            await handler(reader, writer)
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.wait_for(asyncio.gather(*running), 60)


@pytest.mark.parametrize("handler", [_drop, _reset, _half, _garbage, _silence])
async def test_lost_answer_is_unknown_for_a_write_and_repeatable_for_a_read(handler: Handler) -> None:
    async with _broken(handler) as url, aiohttp.ClientSession() as session:
        client = Client(session, url=url, token=TOKEN, timeout=0.3)
        with pytest.raises(OutcomeUnknown) as write:
            await client.call("POST", "/conversations", body={"body": "x"})
        with pytest.raises(Unavailable):
            await client.call("POST", "/contacts/search", body={})
        with pytest.raises(Unavailable):
            await client.call("GET", "/contacts/5da6f18e3d7cf967e4582d05")
    assert write.value.reason == "intercom_outcome_unknown"
    assert TOKEN not in "".join(traceback.format_exception(write.value))


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "nothing.invalid"])
async def test_write_that_never_left_can_be_repeated(session: aiohttp.ClientSession, host: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = Client(session, url=f"http://{host.format(port=taken.getsockname()[1])}", token=TOKEN)
        with pytest.raises(Unavailable) as caught:
            await client.call("POST", "/contacts", body={})
    assert caught.value.reason == "intercom_unavailable"


async def test_wrong_address_waits_for_a_person(session: aiohttp.ClientSession) -> None:
    with pytest.raises(Misdirected, match="LEADLINE_INTERCOM_URL"):
        await Client(session, url="http://", token=TOKEN).call("GET", "/me")


@pytest.mark.parametrize("token", ["", "a b", "a\nX-Admin: 1", "tök"])
async def test_impossible_token_is_refused_at_once(session: aiohttp.ClientSession, token: str) -> None:
    with pytest.raises(SettingError, match="LEADLINE_INTERCOM_TOKEN") as caught:
        Client(session, url="https://api.intercom.io", token=token)
    assert not token or token not in str(caught.value)


async def test_log_has_route_and_no_secret(script: Script, client: Client) -> None:
    script.will((200, {"request_id": "req-7", "email": "a@b.c"}), (404, refusal("not_found", "no")))
    with capture_logs() as logs:
        await client.call("POST", "/contacts/5da6f18e3d7cf967e4582d05/tags", body={"id": "customer text"})
        with pytest.raises(NotFound):
            await client.call("GET", "/contacts/find_by_external_id/leadline")
    assert [(entry["method"], entry["route"], entry["status"], entry["request_id"]) for entry in logs] == [
        ("POST", "/contacts/{id}/tags", 200, "req-7"),
        ("GET", "/contacts/find_by_external_id/{id}", 404, "req-1"),
    ]
    assert logs[1]["outcome"] == "NotFound"
    assert all(isinstance(entry["ms"], int) for entry in logs)
    for word in (TOKEN, "customer text", "a@b.c"):
        assert word not in repr(logs)


@pytest.mark.parametrize("given", ["", " ", ".", ".."])
def test_path_refuses_what_leads_elsewhere(given: str) -> None:
    with pytest.raises(NotFound):
        path("/contacts/{}", given)


async def test_path_keeps_an_id_in_its_place(script: Script, client: Client) -> None:
    script.will((200, {"id": "1"}))
    await client.call("GET", path("/contacts/{}/archive", "a/../b?c#d e%2F"))
    assert script.routes() == ["GET /contacts/a%2F..%2Fb%3Fc%23d%20e%252F/archive"]


async def test_me_and_admins(script: Script, client: Client) -> None:
    script.will(
        (200, {"id": "7", "name": "Ann", "app": {"id_code": "abc123", "name": "Shop", "region": "EU"}}),
        (200, {"id": "7", "app": None}),
        (200, {"admins": [{"id": 5, "name": "Bo", "email": "b@x.y", "has_inbox_seat": True}, None, {"id": "6"}]}),
    )
    me = await account.me(client)
    assert (me.workspace_id, me.name, me.region, me.admin_id, me.admin_name) == ("abc123", "Shop", "EU", "7", "Ann")
    with pytest.raises(IntercomError, match="workspace"):
        await account.me(client)
    admins = await account.admins(client)
    assert [(admin.admin_id, admin.name, admin.has_inbox_seat) for admin in admins] == [
        ("5", "Bo", True),
        ("6", "", False),
    ]
