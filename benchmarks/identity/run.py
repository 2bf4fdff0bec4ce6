"""Identity measured: policies of Leadline and rules of others over the same labelled stream, in the same sandbox.

Run: `python -m benchmarks.identity.run [people] [policy …] [--single]`. Messages go through the real lanes, decisions,
client and sandbox over HTTP; every policy has databases of its own. All policies together write
results.svg. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import aiohttp
import psycopg
import structlog
from psycopg.types.json import Jsonb

from benchmarks.identity.mix import IN_A_ROW, build
from benchmarks.identity.peers import RULES, Peer
from benchmarks.identity.picture import draw
from benchmarks.identity.play import CountingClient, LeadlinePlay, PeerPlay, Play
from benchmarks.identity.population import DAY, YEARS, World
from benchmarks.identity.score import Ledger, by_scenario, routes, score, split_scenarios
from leadline.app import Leadline, open_leadline
from leadline.channels import channel
from leadline.connections.switchboard import Connected, add_channel, connect
from leadline.identity.policy import TIES
from leadline.sandbox.contacts import formatted_phone
from leadline.sandbox.providers import accounts
from leadline.sandbox.queries import queries as sandbox_queries
from leadline.stage.town import TOKEN, Places, open_sandbox, town_settings
from leadline.store.database import Database, ensure_database
from leadline.store.embedded import embedded

SEED = 20261124
PEOPLE = 120
WORKERS = 2
LAG = 300.0
PROVIDERS = {"sms": "twilio_sms", "whatsapp": "whatsapp_cloud", "telegram": "telegram"}
HERE = Path(__file__).parent
HEADINGS = (
    f"{'policy':18}{'wrong':>9}{'undeclared':>12}{'split':>9}{'doubt':>9}{'c/known':>9}{'c/new':>9}"
    f"{'unknowable':>12}{'waiting':>9}"
)


class Way(NamedTuple):
    """How Leadline may find a contact: with its directory, and with Intercom's search for `formatted_phone`."""

    directory: bool = False
    formatted: bool = True

    @property
    def name(self) -> str:
        return ("directory" if self.directory else "search") + ("" if self.formatted else "_plain")


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
async def opened(policy: str, server: str, world: World, way: Way | None = None) -> AsyncIterator[Play]:
    """The player of one policy, with empty databases and a sandbox of its own, whose webhooks nobody would hear."""
    way = way or Way()
    urls = [await ensure_database(server, f"{policy}_{kind}_{way.name}") for kind in ("leadline", "sandbox")]
    with Places(0) as places:
        tie = policy if policy in TIES else "latest_updated"
        settings = town_settings(urls[0], places, policy=tie, default_region="IE")
        async with (
            aiohttp.ClientSession() as http,
            open_sandbox(urls[1], places, search_lag=LAG, rate_limit=10_000_000, webhook_url=""),
            Database.open(urls[1]) as sandbox,
        ):
            client = CountingClient(http, url=places.sandbox, token=TOKEN, version="2.16")
            await client.call("PUT", "/_sandbox/control", body={"formatted_phone": way.formatted})
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
                if way.directory:
                    await ours.keep_directory()
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
                for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                    connection.execute(f"alter system set {setting} = off")
                connection.execute("select pg_reload_conf()")
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measured(policy: str, url: str, people: int, in_a_row: Sequence[int], way: Way) -> tuple[dict[str, float], str]:
    """The rates of one policy and the lines to print, in a process of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    began = time.perf_counter()
    ledger = asyncio.run(played(policy, url, build(SEED, people, in_a_row), way))
    rates = score(ledger)
    return rates, "\n".join([row(policy, rates, ledger), *details(ledger), f"    {time.perf_counter() - began:.0f} s"])


async def played(policy: str, url: str, world: World, way: Way) -> Ledger:
    async with opened(policy, url, world, way) as play:
        return await play.play()


def row(policy: str, rates: dict[str, float], ledger: Ledger) -> str:
    waiting = sum(not one.contact for one in ledger.landed)
    return (
        f"{policy:18}{rates['wrong_rate']:9.2%}{rates['undeclared_rate']:12.2%}{rates['split_rate']:9.2%}"
        f"{rates['doubt_rate']:9.2%}{rates['calls_per_known_message']:9.3f}{rates['calls_per_new_sender']:9.3f}"
        f"{rates['unknowable_wrong_rate']:12.2%}{waiting:9}"
    )


def details(ledger: Ledger) -> Iterator[str]:
    """Where the wrong messages and the split people come from, and what was called for known senders."""
    for name, (count, wrong, silent) in sorted(by_scenario(ledger).items()):
        if wrong:
            yield f"    {name}: {wrong} of {count} wrong, {silent} of them not declared"
    for name, people in sorted(Counter(split_scenarios(ledger)).items()):
        yield f"    {name}: {people} people split"
    for known, who in ((True, "known"), (False, "new")):
        messages = sum(one.known is known for one in ledger.landed)
        calls = ", ".join(f"{count} {route}" for route, count in routes(ledger, known=known).most_common())
        yield f"    {messages} messages of {who} senders: {calls}"


def main() -> None:
    """Measure the policies named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity.run")
    parser.add_argument("people", type=int, nargs="?", default=PEOPLE)
    parser.add_argument("policies", nargs="*", metavar="policy", help=f"of {', '.join([*TIES, *RULES])}; default: all")
    parser.add_argument("--single", action="store_true", help="everybody sends one message at a time, never several")
    parser.add_argument("--directory", action="store_true", help="Leadline keeps a directory of the contacts")
    parser.add_argument("--plain", action="store_true", help="Intercom cannot search formatted_phone")
    options = parser.parse_args()
    way = Way(directory=options.directory, formatted=not options.plain)
    policies, in_a_row = options.policies or [*TIES, *RULES], (1,) if options.single else IN_A_ROW
    world = build(SEED, options.people, in_a_row)
    messages = [event for event in world.events if event.kind == "message"]
    print(
        f"{world.people} people, {len(world.stored)} contacts on file, {len(messages)} messages "
        f"({sum(one.unknowable for one in messages)} unknowable) over {YEARS / DAY:.0f} days, seed {SEED}, "
        f"search lag {LAG:.0f} s, {way.name}\n{HEADINGS}",
        flush=True,
    )
    results = {}
    with server() as url, ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        work = partial(measured, url=url, people=options.people, in_a_row=in_a_row, way=way)
        for policy, (rates, lines) in zip(policies, pool.map(work, policies), strict=True):
            results[policy] = rates
            print(lines, flush=True)
    if not (options.policies or options.single or options.directory or options.plain):
        (HERE / "results.svg").write_text(draw(results), "utf-8")
    print(json.dumps(results))


if __name__ == "__main__":
    main()
