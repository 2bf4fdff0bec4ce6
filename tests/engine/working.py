"""What the engine's tests share: messages to keep, a worker in this process, waiting for something to happen."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from leadline.engine.arrival import NewArrival, Raw
from leadline.engine.bell import Bell
from leadline.engine.lanes import Arrival, Lanes, Limits
from leadline.engine.shared import Engine
from leadline.engine.worker import work
from leadline.store.database import Database

RAW = Raw(channel_id=1, method="POST", url="/in/k", headers={"content-type": "text/plain"}, body=b"\x00raw\xff")


def arrival(number: int, lane: str = "tel:+353888888999", **changes: str) -> NewArrival:
    values: dict[str, Any] = {"source": "channel:1", "dedupe": f"{lane}#{number}", "kind": "message", "lane": lane}
    return NewArrival(**(values | {"content": f'{{"number": {number}}}'} | changes), channel_id=1)


async def count(store: Database, question: str) -> int:
    async with store.connection() as connection:
        row = await (await connection.execute(question.encode())).fetchone()
    assert row is not None
    return int(next(iter(row.values())))


async def until(check: Callable[[], Awaitable[bool]], seconds: float = 100.0) -> None:
    """seconds: what a very busy machine needs, and more."""
    end = time.monotonic() + seconds
    while not await check():
        assert time.monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.02)


def opened(store: Database, bell: Bell) -> Engine:
    """An engine whose bell others have."""
    engine = Engine(store)
    engine.bell = bell
    return engine


@asynccontextmanager
async def working(
    store: Database,
    bell: Bell,
    do: Callable[[Arrival], Awaitable[None]],
    limits: Limits | None = None,
    slots: int = 8,
    engine: Engine | None = None,
) -> AsyncIterator[None]:
    async def told(item: Arrival) -> str:
        await do(item)
        return "done"

    engine = engine or opened(store, bell)
    lanes = Lanes(engine, told, limits or Limits(attempts=3, base=0.05))
    worker = asyncio.create_task(work(engine, lanes, slots=slots))
    try:
        yield
    finally:
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker
        await lanes.close()
        await engine.close()


async def logs(store: Database) -> None:
    """The tables that workers in processes of their own write to."""
    async with store.connection() as connection:
        for name in ("begun", "log"):
            await connection.execute(f"create table {name} (lane text, number int, process int)".encode())
        await connection.execute("create table gate (open boolean)")


async def open_gate(store: Database) -> None:
    """Workers that stand before the gate go on."""
    async with store.connection() as connection:
        await connection.execute("insert into gate values (true)")


async def settled(store: Database) -> bool:
    return await count(store, "select count(*) from arrival where state = 'waiting'") == 0
