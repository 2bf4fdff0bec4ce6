"""Identity measured: policies of Leadline and rules of others over the same labelled stream, in the same sandbox.

Run: `python -m benchmarks.identity.run [people] [policy …]`. Messages go through the real lanes, decisions, client and
sandbox over HTTP; every policy has databases of its own. Writes results.svg; the last line is one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import structlog
from psycopg.types.json import Jsonb

from benchmarks.identity.peers import RULES, Peer
from benchmarks.identity.picture import draw
from benchmarks.identity.population import DAY, START, YEARS, Event, World, build
from benchmarks.identity.score import Landed, Ledger, by_scenario, score, split_scenarios
from leadline.app import Leadline, open_leadline
from leadline.arrivals import Sorter
from leadline.channels import channel
from leadline.channels.base import Parsed
from leadline.demo import TOKEN, Places, open_sandbox, town_settings
from leadline.engine.keep import Raw
from leadline.errors import Retry
from leadline.identity.policy import TIES
from leadline.intercom.client import Client
from leadline.model import Handle, Inbound, Profile
from leadline.sandbox.contacts import formatted_phone
from leadline.sandbox.providers import accounts
from leadline.sandbox.queries import queries as sandbox_queries
from leadline.store.database import Database, embedded, ensure_database
from leadline.switchboard import Connected, add_channel, connect

SEED = 20261124
PEOPLE = 250
LAG = 300.0
PROVIDERS = {"sms": "twilio_sms", "whatsapp": "whatsapp_cloud", "telegram": "telegram"}
RAW = Raw(channel_id=None, method="POST", url="/in/k", headers={}, body=b"{}")
HERE = Path(__file__).parent


class CountingClient(Client):
    """Leadline's own client, which also counts its calls: all but those that tag a new conversation."""

    made = 0

    async def call(self, method: str, *arguments: Any, **options: Any) -> Any:
        self.made += not str(arguments[0]).endswith("/tags")
        return await super().call(method, *arguments, **options)


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
        before, known = self.client.made, any(handle in self.seen for handle in event.handles)
        contact, doubtful = await self.deliver(event)
        self.seen |= {*event.handles, *event.attested}
        self.ledger.put(
            Landed(
                person=event.person,
                contact=contact,
                doubtful=doubtful,
                known=known,
                calls=self.client.made - before,
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

    async def deliver(self, event: Event) -> tuple[str, bool]:
        raise NotImplementedError

    async def told(self, survivor: str, lead: str) -> None:
        """Intercom's webhook about a merge."""


class LeadlinePlay(Play):
    """Through Keeper, lanes, People and Threads, as a worker does it."""

    leadline: Leadline
    channels: dict[str, Connected]
    count = 0

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


async def stored(sandbox: Database, world: World) -> Ledger:
    """The contacts of the beginning, as Intercom has them."""
    ledger = Ledger(owners={}, stored={})
    now = int(time.time())
    async with sandbox.connection() as connection:
        await connection.execute("delete from contact")
        for number, one in enumerate(world.stored):
            key = f"{number:024x}"
            await sandbox_queries.insert_contact(
                connection,
                id=key,
                role=one.role,
                external_id=f"crm-{number}",
                email=None,
                phone=one.phone,
                formatted_phone=formatted_phone(one.phone),
                name=one.name,
                at=now - int(one.age * DAY),
                custom_attributes=Jsonb({}),
                fields=Jsonb({}),
            )
            ledger.owners[key] = one.owner
            ledger.stored.setdefault(one.owner, set()).add(key)
        await connection.execute("update contact_pending set at = at - interval '1 day' where at > '-infinity'")
    return ledger


@asynccontextmanager
async def opened(policy: str, server: str, world: World) -> AsyncIterator[Play]:
    """The players of one policy, with empty databases and a sandbox of their own."""
    urls = [await ensure_database(server, f"{policy}_{kind}") for kind in ("leadline", "sandbox")]
    with Places(0) as places:
        tie = policy if policy in TIES else "latest_updated"
        settings = town_settings(urls[0], places, policy=tie, default_region="IE")
        async with (
            aiohttp.ClientSession() as http,
            open_sandbox(urls[1], places, search_lag=LAG, rate_limit=10_000_000),
            Database.open(urls[1]) as sandbox,
        ):
            client = CountingClient(http, url=places.sandbox, token=TOKEN, version="2.16")
            ledger = await stored(sandbox, world)
            if policy not in TIES:
                play = PeerPlay(world, client, sandbox, ledger)
                play.peer = Peer(client, RULES[policy])
                yield play
                return
            async with open_leadline(settings) as leadline:
                leadline.workspace.client = client
                ours = LeadlinePlay(world, client, sandbox, ledger)
                ours.leadline, ours.channels = leadline, await channels(leadline)
                yield ours


async def channels(leadline: Leadline) -> dict[str, Connected]:
    settings = accounts("http://127.0.0.1:9", *PROVIDERS.values())
    rows = {
        name: await add_channel(leadline.channels, "sandbox", channel(key), name, settings[key])
        for name, key in PROVIDERS.items()
    }
    return {name: connect(row) for name, row in rows.items()}


@contextmanager
def server() -> Iterator[str]:
    """A PostgreSQL of the benchmark's own. What fsync guards against does not happen here."""
    folder = Path(tempfile.mkdtemp(prefix="leadline-bench-"))
    folder.chmod(0o755)
    try:
        with embedded(folder) as url:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("alter system set fsync = off")
                connection.execute("select pg_reload_conf()")
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def measure(policy: str, url: str, world: World) -> dict[str, float]:
    async with opened(policy, url, world) as play:
        ledger = await play.play()
    result = score(ledger)
    waiting = sum(not one.contact for one in ledger.landed)
    print(
        f"{policy:18}{result['wrong_rate']:9.2%}{result['wrong_undeclared_rate']:12.2%}{result['split_rate']:9.2%}"
        f"{result['doubt_rate']:9.2%}{result['calls_per_known_message']:9.3f}{result['calls_per_new_sender']:9.3f}"
        f"{result['unknowable_wrong_rate']:12.2%}{waiting:8}",
        flush=True,
    )
    for name, (count, wrong, silent) in sorted(by_scenario(ledger).items()):
        if wrong:
            print(f"    {name}: {wrong} of {count} wrong, {silent} of them not declared", flush=True)
    for name, people in sorted(Counter(split_scenarios(ledger)).items()):
        print(f"    {name}: {people} people split", flush=True)
    return result


def main() -> None:
    """Measure the policies named, or all of them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    policies = sys.argv[2:] or [*TIES, *RULES]
    world = build(SEED, people)
    messages = sum(event.kind == "message" for event in world.events)
    print(
        f"{world.people} people, {len(world.stored)} contacts on file, "
        f"{messages} messages over {YEARS / DAY:.0f} days, seed {SEED}, search lag {LAG:.0f} s\n"
        f"{'policy':18}{'wrong':>9}{'undeclared':>12}{'split':>9}{'doubt':>9}{'c/known':>9}{'c/new':>9}"
        f"{'unknowable':>12}{'waiting':>8}"
    )
    with server() as url:
        results = {policy: asyncio.run(measure(policy, url, world)) for policy in policies}
    (HERE / "results.svg").write_text(draw(results), "utf-8")
    print(json.dumps(results))


if __name__ == "__main__":
    main()
