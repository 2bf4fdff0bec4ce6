"""One policy over the stream: Leadline as a worker runs it, or a peer's rule. `run.py` opens and scores them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.identity.peers import Peer
from benchmarks.identity.population import START, Event, World
from benchmarks.identity.score import Landed, Ledger
from leadline.app import Leadline
from leadline.channels.exchange import Parsed
from leadline.connections.switchboard import Connected
from leadline.engine.arrival import Raw
from leadline.errors import Retry
from leadline.inbound.arrivals import Sorter
from leadline.intercom import contacts
from leadline.intercom.client import Client
from leadline.model import Handle, Inbound, Profile
from leadline.store.database import Database

RAW = Raw(channel_id=None, method="POST", url="/in/k", headers={}, body=b"{}")
KEY = re.compile(r"/(\d+|[0-9a-f]{24})(?=/|$)")


class CountingClient(Client):
    """Leadline's own client, which also remembers its calls: method and route, every attempt of a call its own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.made: list[str] = []
        self.heard: Callable[[dict[str, Any]], Awaitable[None]] | None = None

    async def call(self, method: str, *arguments: Any, **options: Any) -> Any:
        self.made.append(f"{method} {KEY.sub('/{id}', str(arguments[0]))}")
        answer = await super().call(method, *arguments, **options)
        if self.heard and method != "GET" and answer.get("type") == "contact" and "role" in answer:
            await self.heard(answer)
        return answer


class Play:
    """One policy over one world: what both kinds of players share."""

    def __init__(self, world: World, client: CountingClient, sandbox: Database, ledger: Ledger) -> None:
        self.world, self.client, self.sandbox, self.ledger = world, client, sandbox, ledger
        self.seen: set[str] = set()
        self.clock = START

    async def play(self) -> Ledger:
        for event in self.world.events:
            await self.pass_time(event.at)
            if event.kind == "merge":
                await self.merge(event)
            elif event.kind == "given":
                await self.give(event)
            else:
                await self.message(event)
        return self.ledger

    async def pass_time(self, at: float) -> None:
        """Search sees what is older than the lag, by the stream's clock: what waits for it grows older."""
        if at > self.clock:
            async with self.sandbox.connection() as connection:
                await connection.execute(
                    "update contact_pending set at = at - make_interval(secs => %s) where at > '-infinity'",
                    [at - self.clock],
                )
            self.clock = at

    async def message(self, event: Event) -> None:
        before, known = len(self.client.made), any(handle in self.seen for handle in event.handles)
        contact, doubtful = await self.deliver(event)
        self.seen |= {*event.handles, *event.attested}
        self.ledger.put(
            Landed(
                person=event.person,
                contact=contact,
                doubtful=doubtful,
                known=known,
                calls=tuple(self.client.made[before:]),
                unknowable=event.unknowable,
                scenario=event.scenario,
            )
        )

    async def merge(self, event: Event) -> None:
        """A teammate merges the lead of this person's last message into the contact on file, in Intercom itself."""
        lead = next(one.contact for one in reversed(self.ledger.landed) if one.person == event.person)
        [user] = self.ledger.stored[event.person]
        if lead in {"", user}:
            return
        body = {"from": lead, "into": user, "skip_duplicate_validation": True}
        await self.client.call("POST", "/contacts/merge", body=body)
        self.ledger.merged[lead] = user
        if event.told:
            await self.told(user, lead)

    async def give(self, event: Event) -> None:
        """A teammate takes the phone off one stored contact and writes it on another."""
        [old], [new] = self.ledger.stored[event.person], self.ledger.stored[event.to]
        phone = (await self.client.call("GET", f"/contacts/{old}"))["phone"]
        await self.client.call("PUT", f"/contacts/{old}", body={"phone": None})
        await self.client.call("PUT", f"/contacts/{new}", body={"phone": phone})

    async def deliver(self, event: Event) -> tuple[str, bool]:
        raise NotImplementedError

    async def told(self, survivor: str, lead: str) -> None:
        """Intercom's webhook about a merge."""


class LeadlinePlay(Play):
    """Through Keeper, lanes, People and Threads, as a worker does it."""

    leadline: Leadline
    channels: dict[str, Connected]
    count = 0

    async def keep_directory(self) -> None:
        """Filled now, and from now on told of every contact that is written, as Intercom's webhooks would.

        The stream is two years long and played in minutes, so that no catch-up could be in time.
        """
        await self.leadline.directory.walk(self.leadline.workspace)
        self.leadline.directory.find.fresh = float("inf")
        self.client.heard = self._heard

    async def _heard(self, answer: dict[str, Any]) -> None:
        contact = contacts.read(answer)
        if contact is not None:
            await self.leadline.directory.heard("sandbox", contact)

    async def deliver(self, event: Event) -> tuple[str, bool]:
        self.count += 1
        message = Inbound(
            provider_id=f"m{self.count}",
            sender=event.sender,
            handles=tuple(map(Handle.parse, event.handles)),
            former=tuple(map(Handle.parse, event.former)),
            attested=tuple(map(Handle.parse, event.attested)),
            profile=Profile(name=event.name),
            text="Hello",
        )
        connected = self.channels[event.channel]
        arrivals = await Sorter(self.leadline.switchboard).sort(connected, Parsed(messages=(message,)))
        for _ in range(1 + event.repeats):
            await self.leadline.keeper.keep("sandbox", RAW, arrivals)
        return await self._decided(event, arrivals[0].dedupe)

    async def _decided(self, event: Event, dedupe: str) -> tuple[str, bool]:
        async with self.leadline.database.connection() as connection:
            rows = await connection.execute(
                "update arrival set arrived_at = to_timestamp(%s) where dedupe = %s returning arrival_id, lane",
                [event.at, dedupe],
            )
            [row] = [row async for row in rows]
        for _ in range(20):
            try:
                await self.leadline.lanes.drain("sandbox", row["lane"])
                break
            except Retry:
                await asyncio.sleep(0.2)
        async with self.leadline.database.connection() as connection:
            rows = await connection.execute("select document from decision where arrival_id = %s", [row["arrival_id"]])
            documents = [found["document"] async for found in rows]
        if not documents:
            return "", True
        return documents[0]["contact_id"], documents[0].get("doubtful", False)

    async def told(self, survivor: str, lead: str) -> None:
        await self.leadline.following.notified("sandbox", "contact.merged", survivor, None)


class PeerPlay(Play):
    """A peer's rule; a repeated delivery is left out, as all of them do."""

    peer: Peer

    async def deliver(self, event: Event) -> tuple[str, bool]:
        return await self.peer.message(event), False
