"""Leadline between a sandbox and no door: messages are kept and their lanes drained here, at any time a test says."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from leadline.channels import channel
from leadline.channels.exchange import Parsed
from leadline.connections.switchboard import Connected, add_channel, connect
from leadline.engine.arrival import Raw
from leadline.errors import Retry
from leadline.inbound.arrivals import Sorter
from leadline.model import Handle, Inbound, Move, Profile
from leadline.sandbox.providers import accounts
from tests.merging.conftest import House
from tests.merging.conftest import open_house as open_house

WORKSPACE = "sandbox"
RAW = Raw(channel_id=None, method="POST", url="/in/k", headers={}, body=b"{}")
PROVIDERS = {"sms": "twilio_sms", "whatsapp": "whatsapp_cloud", "telegram": "telegram"}


class Desk(House):
    """A house with channels, and customers who write on them."""

    channels: dict[str, Connected]
    numbers = itertools.count(1)

    async def connect_channels(self) -> None:
        store = self.leadline.channels
        settings = accounts("http://127.0.0.1:9", *PROVIDERS.values())
        self.channels = {}
        for name, key in PROVIDERS.items():
            row = await add_channel(store, WORKSPACE, channel(key), name, settings[key])
            self.channels[name] = connect(row)

    async def keep(
        self,
        *handles: str,
        channel: str = "sms",
        text: str = "Hello",
        name: str = "",
        former: Iterable[str] = (),
        attested: Iterable[str] = (),
        at: float | None = None,
    ) -> int:
        """A message is kept and not yet worked on; returns the last number there is, 0 where all were erased meanwhile.

        at: unix seconds when it arrived.
        """
        message = Inbound(
            provider_id=f"m{next(self.numbers)}",
            sender=handles[0].partition(":")[2],
            handles=tuple(map(Handle.parse, handles)),
            former=tuple(map(Handle.parse, former)),
            attested=tuple(map(Handle.parse, attested)),
            profile=Profile(name=name),
            text=text,
        )
        sorter = Sorter(self.leadline.switchboard)
        arrivals = await sorter.sort(self.channels[channel], Parsed(messages=(message,)))
        await self.leadline.keeper.keep(WORKSPACE, RAW, arrivals)
        [row] = await self.rows("select coalesce(max(arrival_id), 0) as id from arrival")
        if at is not None:
            await self.rows(
                "update arrival set arrived_at = to_timestamp(%s) where arrival_id = %s returning 1", at, row["id"]
            )
        return int(row["id"])

    async def move(self, now: Iterable[str], before: Iterable[str], channel: str = "whatsapp") -> None:
        """The provider's word that addresses have changed is kept and worked on."""
        handles, former = tuple(map(Handle.parse, now)), tuple(map(Handle.parse, before))
        move = Move(provider_id=f"move{next(self.numbers)}", handles=handles, former=former)
        arrivals = await Sorter(self.leadline.switchboard).sort(self.channels[channel], Parsed(moves=(move,)))
        await self.leadline.keeper.keep(WORKSPACE, RAW, arrivals)
        await self.drain()

    async def write(self, *handles: str, **fields: Any) -> str:
        """A message is kept and worked on; returns the contact it went to, or '' when it was parked."""
        number = await self.keep(*handles, **fields)
        await self.drain()
        rows = await self.rows("select contact_id from decision where arrival_id = %s", number)
        return str(rows[0]["contact_id"]) if rows else ""

    async def rows(self, question: str, *values: object) -> list[dict[str, Any]]:
        async with self.database.connection() as connection:
            return [row async for row in await connection.execute(question.encode(), values)]

    async def drain(self) -> None:
        """Every open lane, in any order, again and again until all are empty."""
        for _ in range(30):
            lanes = await self.rows("select lane from lane where ready order by lane")
            if not lanes:
                return
            for row in lanes:
                try:
                    await self.leadline.lanes.drain(WORKSPACE, row["lane"])
                except Retry as again:
                    if again.reason not in {"behind_another_lane", "lane_busy"}:
                        raise
        raise AssertionError("lanes do not come to rest")

    async def told(self, number: int = 0) -> tuple[list[str], bool]:
        """Reasons and doubt of a message's decision, by default the last one."""
        rows = await self.rows("select * from decision where %s in (0, arrival_id) order by arrival_id", number)
        row = rows[-1]
        document = row["document"]
        return [reason["code"] for reason in document["reasons"]], document.get("doubtful", False)

    async def threads(self, contact_id: str) -> list[list[str]]:
        """The texts of a contact's conversations in Intercom, oldest first."""
        query = {"field": "contact_ids", "operator": "=", "value": contact_id}
        listed = (await self.ok("POST", "/conversations/search", {"query": query}))["conversations"]
        found = []
        for item in sorted(listed, key=lambda one: int(one["id"])):
            full = await self.ok("GET", f"/conversations/{item['id']}?display_as=plaintext")
            parts = full["conversation_parts"]["conversation_parts"]
            found.append([full["source"]["body"], *(part["body"] for part in parts if part["body"])])
        return found

    async def calls(self) -> dict[str, int]:
        """Calls Intercom got since the last time this was asked."""
        routes = dict((await self.ok("GET", "/_sandbox/calls"))["routes"])
        await self.ok("DELETE", "/_sandbox/calls")
        return {name: count for name, count in routes.items() if "_sandbox" not in name}


OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def open_desk(open_house: Callable[..., AbstractAsyncContextManager[House]]) -> OpenDesk:
    """Opens a desk; keywords change Leadline's settings, `sandbox` the sandbox's."""

    @asynccontextmanager
    async def opened(**changes: Any) -> AsyncIterator[Desk]:
        async with open_house(**changes) as house:
            desk = Desk(house.leadline, house.http, house.url)
            await desk.connect_channels()
            await desk.calls()
            yield desk

    return opened


@pytest.fixture
async def desk(open_desk: OpenDesk) -> AsyncIterator[Desk]:
    async with open_desk() as desk:
        yield desk


__all__ = ["Desk", "OpenDesk"]
