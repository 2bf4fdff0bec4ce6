"""The sandbox as a test sees it: the client under test, the control endpoints, and the webhooks that arrived."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import uvicorn
from aiohttp import web
from aiohttp.test_utils import TestServer

from leadline.intercom.client import Client
from leadline.intercom.webhooks import Notification, parse, verify
from leadline.sandbox.app import SandboxSettings, create, prepare
from leadline.sandbox.seed import seed
from leadline.store.database import Database

TOKEN = "sandbox-token-1"
SECRET = "sandbox-client-secret-1"


class Workspace:
    """One sandbox over a real socket. Every webhook it sends is verified and parsed on arrival."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url
        self.client = Client(session, url=url, token=TOKEN, timeout=30)
        self.arrived: asyncio.Queue[Notification] = asyncio.Queue()

    async def control(self, method: str, path: str, body: object | None = None) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with self.session.request(method, f"{self.url}/_sandbox{path}", json=body, headers=headers) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def fault(self, **rule: object) -> None:
        await self.control("POST", "/faults", rule)

    async def teammate(self, action: str, **more: object) -> Any:
        return await self.control("POST", "/teammate", {"action": action, **more})

    async def calls(self) -> dict[str, int]:
        return dict((await self.control("GET", "/calls"))["routes"])

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.method == "POST":
            verify(body, request.headers.get("X-Hub-Signature"), SECRET)
            self.arrived.put_nowait(parse(body))
        return web.Response()

    async def told(self, topic: str) -> Notification:
        """The next webhook of this topic; others are passed over."""
        async with asyncio.timeout(60):
            while (notification := await self.arrived.get()).topic != topic:
                continue
        return notification


@asynccontextmanager
async def running(database_url: str) -> AsyncIterator[Workspace]:
    """A seeded sandbox on a free port, gone afterwards."""
    async with Database.open(database_url, max_size=5) as database, aiohttp.ClientSession() as session:
        await prepare(database)
        await seed(database)
        app = create(database, SandboxSettings(token=TOKEN, client_secret=SECRET))
        server = uvicorn.Server(
            uvicorn.Config(
                app, port=0, log_level="error", lifespan="on", date_header=False, timeout_graceful_shutdown=2
            )
        )
        task = asyncio.create_task(server.serve())
        while not server.started:
            assert not task.done(), task.exception()
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        workspace = Workspace(session, f"http://127.0.0.1:{port}")
        receiver = web.Application()
        receiver.router.add_route("*", "/hook", workspace.receive)
        async with TestServer(receiver) as hooks:
            await workspace.control("PUT", "/control", {"webhook_url": str(hooks.make_url("/hook"))})
            yield workspace
            server.should_exit = True
            await asyncio.wait_for(task, 60)
