"""The directory measured: import, fill, sizes, look-ups, a catch-up of 10,000 changes and the nightly comparison.

Run: `python -m benchmarks.directory.run [--contacts 1000000]`. The sandbox and Leadline run in processes of their own
on one PostgreSQL; the numbers are printed as a table, the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from multiprocessing import get_context
from typing import Any

import msgspec
import structlog

from benchmarks.identity.population import FIRST, LAST, irish, spelling
from benchmarks.identity.run import server
from leadline.app import Leadline, open_leadline
from leadline.directory import stored
from leadline.directory.keys import entry
from leadline.intercom import contacts
from leadline.sandbox.app import prepare
from leadline.sandbox.imports import import_contacts
from leadline.stage.town import Places, open_sandbox, town_settings
from leadline.store.database import Database, ensure_database

CONTACTS = 100_000
CHANGES = 10_000
COMPARED = 200_000
"""Contacts above which the nightly comparison is not measured: it is a second fill in which nothing is stored."""
LOOKUPS = 1_000
SEED = 20261127
YEAR = 365 * 86_400
WORKSPACE = "sandbox"


def people(count: int) -> Iterator[dict[str, Any]]:
    """Made contacts: most with a phone in one of ten spellings, half with an e-mail, three in four users."""
    dice, now = random.Random(SEED), int(time.time())
    for number in range(count):
        name = f"{dice.choice(FIRST)} {_family(dice)}"
        user = dice.random() < 0.75
        yield {
            "role": "user" if user else "lead",
            "external_id": f"crm-{number}" if user else None,
            "email": f"{name.replace(' ', '.').lower()}{number}@example.com" if dice.random() < 0.5 else None,
            "phone": spelling(dice, irish(dice)) if dice.random() < 0.8 else None,
            "name": name,
            "updated_at": now - YEAR + int(dice.random() * (YEAR - 10 * 86_400)),
        }


def _family(dice: random.Random) -> str:
    """One of some thousand family names, the commonest much commoner than the rest."""
    return dice.choice(LAST) + ("" if dice.random() < 0.3 else dice.choice("aeiou") + dice.choice("bcdfghklmnprstvz"))


def serve(url: str, places: Places, ready: Any, done: Any) -> None:
    """The sandbox, until it is told to stop."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

    async def run() -> None:
        async with open_sandbox(url, places, rate_limit=10_000_000, webhook_url=""):
            ready.set()
            await asyncio.to_thread(done.wait)

    asyncio.run(run())


class Measured:
    """The results so far: each printed when it is known."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}

    def tell(self, name: str, value: float, unit: str) -> None:
        self.values[f"{name} ({unit})"] = round(value, 4)
        print(f"{name:44}{value:14,.2f} {unit}", flush=True)

    async def timed(self, work: Awaitable[Any]) -> tuple[Any, float]:
        began = time.perf_counter()
        return await work, time.perf_counter() - began

    async def each(self, name: str, ask: Callable[[], Awaitable[Any]], count: int) -> None:
        """Median and 99th percentile of one call after the other."""
        times = sorted([(await self.timed(ask()))[1] for _ in range(count)])
        self.tell(f"{name}, median", times[count // 2] * 1000, "ms")
        self.tell(f"{name}, p99", times[count * 99 // 100] * 1000, "ms")


async def measure(leadline: Leadline, sandbox: Database, count: int, told: Measured) -> None:
    directory, workspace = leadline.directory, leadline.workspace
    walked, seconds = await told.timed(directory.walk(workspace))
    assert walked is not None
    assert walked.met >= count, "the people of the demo are there as well"
    told.tell("fill from the sandbox", count / seconds, "contacts/s")
    await sizes(leadline, count, told)
    await look_ups(leadline, told)
    await stored_alone(leadline, told)
    async with sandbox.connection() as connection:
        await connection.execute(
            "update contact set updated_at = extract(epoch from now())::bigint, phone = '+34' || (600000000 + number) "
            "from (select id as one, row_number() over (order by id) as number from contact limit %s) few "
            "where id = one",
            [CHANGES],
        )
    news, seconds = await told.timed(directory.catch_up.run(workspace))
    told.tell("catch-up of 10,000 changes", seconds, "s")
    told.tell("of them found", news or 0, "contacts")
    if count <= COMPARED:
        _, seconds = await told.timed(directory.walk(workspace))
        told.tell("comparison with nothing changed", count / seconds, "contacts/s")


async def stored_alone(leadline: Leadline, told: Measured) -> None:
    """Parsing and storing without the sandbox's share: one page, as other contacts each time."""
    page = await contacts.page(leadline.workspace.client)
    rounds, made = 40, time.perf_counter()
    async with leadline.database.connection() as connection:
        for number in range(rounds):
            entries = [entry(one, leadline.directory.filing) for one in page.contacts]
            renamed = [f"{number:02}{one.contact_id[2:]}" for one in entries]
            fresh = [
                msgspec.structs.replace(one, contact_id=contact_id)
                for one, contact_id in zip(entries, renamed, strict=True)
            ]
            await stored.learn(connection, WORKSPACE, fresh)
        seconds = time.perf_counter() - made
        await connection.rollback()
    told.tell("parsed and stored, one process", rounds * len(page.contacts) / seconds, "contacts/s")


async def sizes(leadline: Leadline, count: int, told: Measured) -> None:
    async with leadline.database.connection() as connection:
        rows = await connection.execute(
            "select pg_table_size('directory_entry') as rows, pg_indexes_size('directory_entry') as indexes"
        )
        [size] = [row async for row in rows]
    told.tell("rows", size["rows"] / count, "bytes/contact")
    told.tell("indexes", size["indexes"] / count, "bytes/contact")
    told.tell("together", (size["rows"] + size["indexes"]) / count, "bytes/contact")


async def look_ups(leadline: Leadline, told: Measured) -> None:
    find, dice = leadline.directory.find, random.Random(SEED + 1)
    async with leadline.database.connection() as connection:
        await connection.execute("analyze directory_entry")
        rows = await connection.execute("select keys, name from directory_entry tablesample system (10) limit 2000")
        known = [row async for row in rows]
    lines = [f"+{key}" for row in known for key in row["keys"] if key > 0] or ["+353850000000"]
    names = [row["name"].partition("/")[0] for row in known]
    await told.each(
        "find by line, known", lambda: find.sender(WORKSPACE, [dice.choice(lines)], {}, whatsapp=True), LOOKUPS
    )
    await told.each("find by line, unknown", lambda: find.sender(WORKSPACE, [irish(dice)], {}, whatsapp=True), LOOKUPS)
    await told.each("find by name alike", lambda: find.alike(WORKSPACE, dice.choice(names)), LOOKUPS)
    await told.each("find by beginnings", lambda: find.beginning(WORKSPACE, _beginnings(dice.choice(names))), LOOKUPS)


def _beginnings(name: str) -> str:
    return " ".join(word[:3] for word in name.split())


async def run(server_url: str, count: int) -> dict[str, float]:
    told = Measured()
    urls = [await ensure_database(server_url, name) for name in ("leadline", "sandbox")]
    async with Database.open(urls[1]) as sandbox:
        await prepare(sandbox)
        _, seconds = await told.timed(import_contacts(sandbox, people(count)))
        told.tell("sandbox import", count / seconds, "contacts/s")
        context = get_context("spawn")
        ready, done = context.Event(), context.Event()
        with Places(0) as places:
            process = context.Process(target=serve, args=(urls[1], places, ready, done), daemon=True)
            process.start()
            await asyncio.to_thread(ready.wait)
            async with open_leadline(town_settings(urls[0], places)) as leadline:
                await measure(leadline, sandbox, count, told)
            done.set()
            process.join(10)
    return told.values


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.directory.run")
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    count = parser.parse_args().contacts
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with server() as url:
        print(json.dumps(asyncio.run(run(url, count))))


if __name__ == "__main__":
    main()
