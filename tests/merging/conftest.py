"""A sandbox and an opened Leadline, without doors or workers: what merging needs and no more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import pytest

from leadline.app import Leadline, open_leadline
from leadline.merging.desk import Merging
from leadline.model import Role
from leadline.people.links import Person, link
from leadline.settings import Settings
from leadline.stage.town import TOKEN, Places, open_sandbox, town_settings
from leadline.store.database import Database
from leadline.store.queries import queries
from tests.acceptance.conftest import HURRIED
from tests.databases import make_attributes

USER = {"role": "user", "external_id": "cust-1", "email": "ana@one.example", "name": "Ana Kelly"}
LEAD = {"role": "lead", "external_id": "leadline:telegram:7/77", "name": "anak", "phone": "+353861111111"}
WORKSPACE = "sandbox"
NO_DOOR = {"webhook_url": ""}
"""Nobody is there to be told by a webhook."""


class House:
    """What a test holds: Leadline, its merging, and the sandbox's API."""

    def __init__(self, leadline: Leadline, http: aiohttp.ClientSession, url: str) -> None:
        self.leadline = leadline
        self.http = http
        self.url = url

    @property
    def merging(self) -> Merging:
        return self.leadline.merging

    @property
    def database(self) -> Database:
        return self.leadline.database

    async def call(self, method: str, path: str, body: Any = None, version: str = "2.16") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {TOKEN}", "Intercom-Version": version}
        async with self.http.request(method, self.url + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = await self.call(method, path, body)
        assert status == 200, answer
        return answer

    async def contact(self, fields: dict[str, Any], **more: Any) -> str:
        return str((await self.ok("POST", "/contacts", fields | more))["id"])

    async def pair(self, **lead: Any) -> tuple[str, str]:
        """A lead with a handle, and a user that shares nothing with it."""
        from_id, into_id = await self.contact(LEAD, **lead), await self.contact(USER)
        await self.linked("telegram:7/77", from_id)
        return from_id, into_id

    async def linked(self, handle: str, contact_id: str, role: Role = Role.LEAD) -> None:
        person = Person(contact_id=contact_id, role=role)
        async with self.database.connection() as connection:
            await link(connection, WORKSPACE, [handle], person, evidence="new_lead", author="leadline")

    async def conversation(self, contact_id: str, handle: str, role: str = "lead", channel_id: int = 1) -> str:
        """A conversation of this contact, in Intercom and in Leadline."""
        start = {"from": {"type": role, "id": contact_id}, "body": "Hello"}
        key = str((await self.ok("POST", "/conversations", start))["conversation_id"])
        async with self.database.connection() as connection:
            await connection.execute(
                "insert into conversation (workspace_id, conversation_id, channel_id, handle, contact_id, sender)"
                " values (%s, %s, %s, %s, %s, %s)",
                [WORKSPACE, key, channel_id, handle, contact_id, handle],
            )
        return key

    async def owner(self, handle: str) -> str:
        async with self.database.connection() as connection:
            [row] = [row async for row in queries.links_of(connection, workspace_id=WORKSPACE, handles=[handle])]
        return str(row["contact_id"])

    async def rows(self, question: str) -> list[dict[str, Any]]:
        async with self.database.connection() as connection:
            return [row async for row in await connection.execute(question.encode())]

    async def run(self, statement: str) -> None:
        """A statement that answers no rows."""
        async with self.database.connection() as connection:
            await connection.execute(statement.encode())

    async def fault(self, **rule: Any) -> None:
        await self.ok("POST", "/_sandbox/faults", rule)

    async def held(self) -> bool:
        """Whether a call stands still now because of a fault with a delay."""
        return bool((await self.ok("GET", "/_sandbox/faults"))["held"])


Open = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def open_house(store_url: str, database_url: str) -> Open:
    """Opens a house; keywords change Leadline's settings, `sandbox` the sandbox's."""

    @asynccontextmanager
    async def opened(*, sandbox: dict[str, Any] | None = None, **changes: Any) -> AsyncIterator[House]:
        make_attributes(database_url)
        with Places(0) as places:
            settings: Settings = town_settings(store_url, places, **(HURRIED | changes))
            async with (
                aiohttp.ClientSession() as http,
                open_sandbox(database_url, places, **(NO_DOOR | (sandbox or {}))),
                open_leadline(settings) as leadline,
            ):
                yield House(leadline, http, places.sandbox)

    return opened


@pytest.fixture
async def house(open_house: Open) -> AsyncIterator[House]:
    async with open_house() as house:
        yield house
