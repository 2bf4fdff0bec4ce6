"""What the attacker is let loose on: a town with the door, the console and a port that must never be called."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psycopg
from psycopg.rows import dict_row

from leadline.channels.twilio.account import TwilioSettings
from leadline.console.pages import with_pages
from leadline.process import asgi
from leadline.sandbox.providers import TwilioFake
from leadline.serving import bind, serving
from leadline.serving.servers import address
from leadline.stage.town import Demo, Places, open_demo
from leadline.store.database import ensure_database
from leadline.store.embedded import embedded


class Target:
    """A running Leadline, what a stranger knows of it, and what tells afterwards whether something got in."""

    def __init__(self, demo: Demo, http: aiohttp.ClientSession, inner: str, called: list[object]) -> None:
        self.demo = demo
        self.http = http
        self.place = demo.places.leadline
        self.inner = inner
        self.called = called

    @property
    def sms(self) -> TwilioSettings:
        """What only the operator and the provider know; used to send what is signed rightly."""
        return self.demo.providers.of(TwilioFake).settings

    def address(self, key: str = "twilio_sms") -> str:
        """A channel's webhook address, as somebody who saw it once knows it."""
        return f"{self.place}/in/{self.demo.channels[key].key}"

    async def rows(self, question: str) -> list[dict[str, object]]:
        """What stands in the database."""
        url = self.demo.leadline.settings.database_url
        async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as connection:
            return await (await connection.execute(question.encode())).fetchall()

    async def count(self, table: str) -> int:
        """How many rows there are."""
        return len(await self.rows(f"select 1 from {table}"))  # noqa: S608 - names of this file

    async def raw(self, request: bytes, *, seconds: float = 15.0) -> bytes:
        """What a server answers to bytes that no HTTP client would send; empty where it only closes."""
        host, port = self.place.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(request)
            await writer.drain()
            async with asyncio.timeout(seconds):
                return await reader.read(200)
        except (ConnectionError, TimeoutError):
            return b""
        finally:
            writer.close()


@asynccontextmanager
async def opened() -> AsyncIterator[Target]:
    """A target of its own, with an empty database; everything ends with the block."""
    called: list[object] = []

    async def called_inside(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.append(writer.get_extra_info("peername"))
        writer.close()

    with tempfile.TemporaryDirectory(prefix="leadline-attack-") as folder, Places(0) as places:
        inside = await asyncio.start_server(called_inside, sock=bind("127.0.0.1", 0))
        with embedded(Path(folder)) as server:
            urls = [await ensure_database(server, name) for name in ("leadline", "sandbox")]
            async with (
                inside,
                open_demo(urls[0], urls[1], places, body_timeout=1.0, media_allow="") as demo,
                aiohttp.ClientSession() as http,
            ):
                app = with_pages(asgi(demo.leadline, with_worker=True), demo.leadline)
                async with serving(app, places.sockets["leadline"]):
                    yield Target(demo, http, address(inside.sockets[0]), called)
