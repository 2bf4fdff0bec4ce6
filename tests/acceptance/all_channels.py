"""A town in which every channel is connected, each to its provider's fake."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import psycopg
import pytest_asyncio
from psycopg.rows import dict_row

from leadline.app import open_leadline
from leadline.channels import channel
from leadline.process import asgi
from leadline.sandbox.providers import FAKES, Fake, Posted, Providers, accounts, create
from leadline.serving import serving
from leadline.stage.town import Places, connect_all, open_sandbox, town_settings
from leadline.store.channels import ChannelRow
from tests.acceptance.town import Town, until, vault_store
from tests.databases import Databases, make_attributes

KEYS = sorted(FAKES)
CAN = {key: channel(key).abilities(FAKES[key].open_account("http://localhost")) for key in KEYS}
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


class AllChannels(Town):
    """A town that has every channel."""

    rows: dict[str, ChannelRow]

    def fake(self, key: str) -> Fake[Any]:
        return self.providers.fakes[key]

    def customer(self, key: str, number: int) -> str:
        """Another one in each test of each channel: on phone channels one number would be one person."""
        return self.fake(key).customer(1 + KEYS.index(key) * 100 + number)

    async def stored(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Rows of Leadline's database."""
        async with await psycopg.AsyncConnection.connect(
            self.settings.database_url, autocommit=True, row_factory=dict_row
        ) as connection:
            found = await connection.execute(query.encode(), values)
            return await found.fetchall() if found.description else []

    async def arrived(self, text: str) -> dict[str, Any]:
        """Conversation and contact that a message with this text went to, once it is there."""

        async def there() -> list[dict[str, Any]]:
            return await self.stored(
                """
                select s.conversation_id, d.contact_id, d.code, a.handles from (
                    select *, content -> 'handles' as handles from arrival
                    where kind = 'message' and state = 'done' and content ->> 'text' = %s
                ) a
                join decision d using (workspace_id, arrival_id)
                join step s on s.workspace_id = a.workspace_id and s.owner = 'arrival:' || a.arrival_id
                """,
                text,
            )

        found: list[dict[str, Any]] = await until(there)
        return found[0]

    async def texts(self, conversation_id: str, kind: str = "comment") -> list[str]:
        """What stands in a conversation: what people wrote, or the notes."""
        full = await self.intercom("GET", f"/conversations/{conversation_id}?display_as=plaintext")
        parts = full["conversation_parts"]["conversation_parts"]
        notes = [part["body"] for part in parts if part["part_type"] == "note"]
        written = [part["body"] for part in parts if part["part_type"] != "note" and part["body"]]
        return notes if kind == "note" else [text.strip() for text in (full["source"]["body"], *written)]

    async def outbound(self, text: str) -> dict[str, Any]:
        rows = await self.stored("select * from outbound where message ->> 'text' = %s", text)
        return rows[0] if rows else {}

    async def again(self, posted: Posted, **changes: Any) -> int:
        """The same webhook once more, perhaps changed; returns the status answered."""
        changed = msgspec.structs.replace(posted, **changes)
        body, headers = changed.body or None, dict(changed.headers)
        async with self.http.request(changed.method, changed.url, data=body, headers=headers) as answer:
            return answer.status


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(databases: Databases, sandbox_databases: Databases) -> AsyncIterator[AllChannels]:
    """Sandbox, all fakes, Leadline with a channel at each."""
    with databases.lent() as url, sandbox_databases.lent() as sandbox_url:
        async with open_all(url, sandbox_url) as place:
            yield place


@asynccontextmanager
async def open_all(database_url: str, sandbox_url: str) -> AsyncIterator[AllChannels]:
    make_attributes(sandbox_url)
    with Places(0) as places:
        settings = town_settings(database_url, places, retry_base=0.2)
        async with (
            aiohttp.ClientSession() as http,
            open_sandbox(sandbox_url, places),
            open_leadline(settings) as leadline,
        ):
            place = AllChannels(settings, places, http, vault_store(leadline))
            place.leadline = leadline
            place.providers = Providers(accounts(places.providers), pause=0.02)
            place.rows = await connect_all(place.store, "sandbox", places, place.providers)
            async with (
                serving(create(place.providers), places.sockets["providers"]),
                serving(asgi(leadline, with_worker=True), places.sockets["leadline"]),
            ):
                yield place
