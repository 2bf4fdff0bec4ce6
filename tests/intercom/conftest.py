"""A scripted Intercom over a real socket: it gives the answers a test lays out, and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from leadline.intercom.client import Client

from .workspace import Workspace, running

TOKEN = "dG9rOmE1b2-very-secret"


class Asked(NamedTuple):
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


class Script:
    """Answers in order; each is (status, JSON value or bytes) or (status, value, headers)."""

    def __init__(self) -> None:
        self.answers: list[tuple[Any, ...]] = []
        self.asked: list[Asked] = []
        self.url = ""

    def will(self, *answers: tuple[Any, ...]) -> None:
        self.answers.extend(answers)

    def routes(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        body = json.loads(raw) if raw else None
        self.asked.append(
            Asked(request.method, request.raw_path.partition("?")[0], request.query, request.headers, body)
        )
        if not self.answers:
            return web.Response(status=418, text=f"unexpected {request.method} {request.path}")
        status, value, *rest = self.answers.pop(0)
        headers = dict(rest[0]) if rest else {}
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        return web.Response(status=status, body=content, headers=headers)


def refusal(code: str, message: str, **more: str) -> dict[str, Any]:
    """Intercom's error body."""
    return {"type": "error.list", "request_id": "req-1", "errors": [{"code": code, "message": message, **more}]}


def contact(contact_id: str = "c1", role: str = "lead", **more: Any) -> dict[str, Any]:
    """A contact as the REST API gives it, with the nulls it has."""
    empty = {"external_id": None, "email": None, "phone": None, "name": None, "avatar": None, "last_seen_at": None}
    return {"type": "contact", "id": contact_id, "role": role, "updated_at": 1_700_000_000, **empty, **more}


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    """The scripted server; a test that leaves answers unused fails."""
    script = Script()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", script.handle)
    async with TestServer(app) as server:
        script.url = str(server.make_url("")).rstrip("/")
        yield script
    assert not script.answers, "the code asked less often than the test laid out"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def client(script: Script, session: aiohttp.ClientSession) -> Client:
    return Client(session, url=script.url, token=TOKEN, timeout=30)


@pytest.fixture
async def workspace(database_url: str) -> AsyncIterator[Workspace]:
    async with running(database_url) as workspace:
        yield workspace
