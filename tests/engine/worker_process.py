"""A worker in a process of its own, to be killed by test_lanes.py: slow work that leaves a line in table `log`."""

from __future__ import annotations

import asyncio

from leadline.engine.jobs import open_jobs, work
from leadline.engine.lanes import Arrival, Lanes, Limits
from leadline.store.database import Database


async def main(url: str) -> None:
    async with Database.open(url) as store, open_jobs(store) as jobs:

        async def do(item: Arrival) -> None:
            async with store.connection() as connection:
                await connection.execute("insert into log values (%s, %s)", [item.lane, item.content["number"]])
            await asyncio.sleep(0.1)

        await asyncio.wait_for(work(jobs, Lanes(store, do, Limits()), store, concurrency=4), 60)


def live(url: str) -> None:
    asyncio.run(main(url))
