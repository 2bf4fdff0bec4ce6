"""A worker in a process of its own, to be killed or frozen by tests: slow work that leaves a line in table `log`."""

from __future__ import annotations

import asyncio
import os

from psycopg import sql

from leadline.engine import holds
from leadline.engine.holds import surely_held
from leadline.engine.lanes import Arrival, Lanes, Limits
from leadline.engine.shared import Engine
from leadline.engine.worker import work
from leadline.store.database import Database
from tests.engine.working import count

SLOTS = 4
INSERT = sql.SQL("insert into {} values (%s, %s, %s)")


async def main(url: str, pause: float, gated: bool) -> None:
    """Each arrival: a line in `begun`, then the line that must not be written twice, and a while.

    gated: between the lines it waits until `working.open_gate` was called.
    """
    async with Database.open(url) as store:

        async def do(item: Arrival) -> str:
            await write(store, "begun", item)
            while gated and not await count(store, "select count(*) from gate"):  # noqa: ASYNC110 - another process's
                await asyncio.sleep(0.02)
            surely_held(0.0)
            await write(store, "log", item)
            await asyncio.sleep(pause)
            return "done"

        engine = Engine(store)
        await work(engine, Lanes(engine, do, Limits()), slots=SLOTS)


async def write(store: Database, table: str, item: Arrival) -> None:
    values = [item.lane, item.content["number"], os.getpid()]
    async with store.connection() as connection:
        await connection.execute(INSERT.format(sql.Identifier(table)), values)


def live(url: str, pause: float = 0.1, gated: bool = False, lease: float = holds.LEASE) -> None:
    vars(holds).update(LEASE=lease, RENEW=lease / 6, SAFETY=lease / 15)
    asyncio.run(main(url, pause, gated))
