"""A worker in a process of its own, to be killed or frozen by tests: slow work that leaves a line in table `log`."""

from __future__ import annotations

import asyncio

from leadline.engine.bell import Bell
from leadline.engine.lanes import Arrival, Lanes, Limits
from leadline.engine.ledger import Ledger
from leadline.engine.worker import work
from leadline.store.database import Database


async def main(url: str, pause: float) -> None:
    async with Database.open(url) as store:

        async def do(item: Arrival) -> None:
            item.check()
            async with store.connection() as connection:
                await connection.execute("insert into log values (%s, %s)", [item.lane, item.content["number"]])
            await asyncio.sleep(pause)

        bell = Bell(store)
        lanes = Lanes(Ledger(store.url), bell, do, Limits())
        await asyncio.wait_for(work(lanes, bell, store, slots=4), 60)


def live(url: str, pause: float = 0.1) -> None:
    asyncio.run(main(url, pause))
