"""A sandbox behind uvicorn on a real socket, a client for it, and a receiver of its webhooks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
import uvicorn
from aiohttp import web
from aiohttp.test_utils import TestServer

from leadline.sandbox.app import SandboxSettings, create, prepare
from leadline.sandbox.seed import seed_admins
from leadline.store.database import Database

from .spec import Spec

TOKEN = "dG9rOnNhbmRib3g"
SECRET = "client-secret-of-the-app"
MAYA, TOM = "991267001", "991267002"


class Answer(NamedTuple):
    status: int
    body: Any
    headers: Any

    @property
    def code(self) -> str:
        return str(self.body["errors"][0]["code"])

    @property
    def message(self) -> str:
        return str(self.body["errors"][0]["message"])


class Api:
    """Calls the sandbox as an app would; every answer of 2.16 is checked against the description where there is one."""

    def __init__(self, session: aiohttp.ClientSession, database: Database, spec: Spec | None) -> None:
        self.session = session
        self.database = database
        self.spec = spec

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, path, json=body, headers=named) as response:
            raw = await response.read()
            content = json.loads(raw) if raw else None
            if self.spec and named.get("Intercom-Version", "2.16") == "2.16":
                self.spec.check(method, path.partition("?")[0], response.status, content)
            return Answer(response.status, content, response.headers)

    async def ok(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = await self.call(method, path, body, **headers)
        assert answer.status == 200, answer
        return answer.body

    async def contact(self, **fields: Any) -> Any:
        return await self.ok("POST", "/contacts", fields)

    async def conversation(self, contact: Any, body: str = "Hello", **fields: Any) -> str:
        start = {"from": {"type": contact["role"], "id": contact["id"]}, "body": body, **fields}
        return str((await self.ok("POST", "/conversations", start))["conversation_id"])

    async def reply(self, conversation: str, contact: Any, body: str = "More", **fields: Any) -> Any:
        said = {"message_type": "comment", "type": "user", "intercom_user_id": contact["id"], "body": body, **fields}
        return await self.ok("POST", f"/conversations/{conversation}/reply", said)

    async def search(self, query: Any, path: str = "/contacts/search", **more: Any) -> Any:
        return await self.ok("POST", path, {"query": query, **more})


Start = Callable[..., AbstractAsyncContextManager[Api]]


@pytest.fixture(scope="session")
def spec() -> Spec | None:
    file = Path(__file__).parents[3] / "shared" / "specs" / "intercom" / "intercom-2.16.yaml"
    return Spec(file) if file.exists() else None


@pytest.fixture
def start(database_url: str, spec: Spec | None) -> Start:
    """Starts a sandbox on this test's database; may be called again on the same one, as after a restart."""

    @asynccontextmanager
    async def running(**settings: Any) -> AsyncIterator[Api]:
        async with Database.open(database_url) as database:
            await prepare(database)
            await seed_admins(database)
            app = create(database, SandboxSettings(token=TOKEN, client_secret=SECRET, **settings))
            async with serving(app) as url, aiohttp.ClientSession(url) as session:
                session.headers["Authorization"] = f"Bearer {TOKEN}"
                yield Api(session, database, spec)

    return running


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="on", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), task
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def api(start: Start) -> AsyncIterator[Api]:
    async with start() as api:
        yield api


async def eventually(look: Callable[[], Awaitable[Any]], seconds: float = 60.0, **expected: Any) -> None:
    """Look until what is seen has these values."""
    async with asyncio.timeout(seconds):
        while not expected.items() <= (await look()).items():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


class Notice(NamedTuple):
    """A webhook as it arrived."""

    raw: bytes
    headers: Any
    at: float

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def topic(self) -> str:
        return str(self.body["topic"])

    @property
    def item(self) -> Any:
        return self.body["data"]["item"]


class Receiver:
    """Answers webhooks with `statuses` in turn, then 200; none while `answers` is not set."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.statuses: list[int] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        if request.method == "HEAD":
            return web.Response()
        raw = await request.read()
        self.notices.append(Notice(raw, request.headers, asyncio.get_running_loop().time()))
        await self.answers.wait()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def wait(self, count: int, topic: str | None = None, seconds: float = 60.0) -> list[Notice]:
        """The notices of a topic, once there are `count`."""
        async with asyncio.timeout(seconds):
            while len(found := [each for each in self.notices if topic in {None, each.topic}]) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return found


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/intercom/webhook", receiver.handle)
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("/intercom/webhook"))
        yield receiver


@pytest.fixture
async def listened(start: Start, receiver: Receiver) -> AsyncIterator[Api]:
    """A sandbox whose webhooks the receiver gets, with a short retry delay."""
    async with start(webhook_url=receiver.url, webhook_timeout=0.5, retry_delay=0.3) as api:
        yield api
