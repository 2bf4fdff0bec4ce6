"""How many database connections a process holds, counted while it works, beside what the documentation says."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable
from pathlib import Path

import aiohttp
import msgspec
import psycopg
import pytest

from leadline.store.database import Database
from tests.acceptance.test_crashes import town_without_leadline
from tests.acceptance.town import Town, until
from tests.nursery import command

ROW = re.compile(r"\| `leadline ([^`]+)` \| (\d+): ")
TOLD = dict(ROW.findall((Path(__file__).parents[2] / "docs" / "operating.md").read_text()))
POOL = 3
MOMENTARY = 5
HELD = """
    select count(*) from pg_stat_activity
    where datname = current_database() and starts_with(application_name, 'leadline ')
        and split_part(application_name, ' ', 3) = %s
"""
MESSAGES = 120


async def held(connection: psycopg.AsyncConnection, pid: int) -> int:
    row = await (await connection.execute(HELD, [str(pid)])).fetchone()
    assert row is not None
    return int(row[0])


async def counted(store: Database, pid: int, work: Awaitable[None], rest: int) -> tuple[int, int]:
    """The most there were at a time while this went on, and how many there are once there are no more than `rest`."""
    most, doing = 0, asyncio.ensure_future(work)
    async with await psycopg.AsyncConnection.connect(store.url, autocommit=True) as connection:
        while not doing.done():
            most = max(most, await held(connection, pid))
            await asyncio.sleep(0.02)
        await doing

        async def few() -> int:
            return 0 if (now := await held(connection, pid)) > rest else now

        return most, await until(few)


async def burst(town: Town, store: Database, done: int) -> None:
    """Many senders write at once; until so many messages are in Intercom."""

    async def healthy() -> bool:
        with contextlib.suppress(aiohttp.ClientError):
            async with town.http.get(f"{town.places.leadline}/healthz") as answer:
                return answer.status == 200
        return False

    async def through() -> bool:
        async with store.connection() as connection:
            row = await (await connection.execute("select count(*) as n from arrival where state = 'done'")).fetchone()
        return bool(row and row["n"] >= done)

    await until(healthy)
    numbers = range(MESSAGES)
    answers = await asyncio.gather(*(town.sms_in(f"+35386{n % 40:07d}", f"message {n}", n) for n in numbers))
    assert set(answers) == {200}
    await until(through)


@pytest.mark.parametrize(
    "which", ["serve", *(pytest.param(each, marks=pytest.mark.long) for each in ("serve --no-with-worker", "worker"))]
)
async def test_a_process_holds_as_many_connections_as_the_documentation_says(
    store: Database, database_url: str, which: str
) -> None:
    own = int(TOLD[which])
    async with town_without_leadline(store, database_url) as town:
        settings = msgspec.structs.replace(town.settings, pool_size=POOL, concurrency=40)
        with contextlib.ExitStack() as stack:
            pid = stack.enter_context(command(settings, *which.split())).pid
            if which == "worker":
                stack.enter_context(command(settings, "serve", "--no-with-worker"))
            done = 0 if which == "serve --no-with-worker" else MESSAGES
            most, rest = await counted(store, pid, burst(town, store, done), POOL + own)
    assert 3 <= most <= POOL + own + MOMENTARY
    assert rest >= 3
