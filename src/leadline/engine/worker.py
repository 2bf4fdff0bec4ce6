"""The worker: takes lanes that are due, up to its slots, and works on them side by side. `app.py` runs it."""

from __future__ import annotations

import asyncio
import time

import structlog

from leadline.engine.bell import Bell
from leadline.engine.holds import Hold
from leadline.engine.lanes import Lanes
from leadline.engine.leases import Next
from leadline.errors import Lost, Retry
from leadline.store.database import Database
from leadline.store.queries import queries

LOOK = 5.0  # seconds between looks for lanes that nobody rang for, and for workers that died
SHORTEST = 0.01  # seconds that are waited at least: it is not due a moment too early
AWAY = 1.0  # seconds before the database is asked again
GRACE = 10.0  # seconds that arrivals may go on when the worker is told to stop
log = structlog.get_logger(__name__)


async def work(lanes: Lanes, bell: Bell, database: Database, *, slots: int) -> None:
    """Work on lanes until cancelled, `slots` at a time. Then each finishes its arrival, within GRACE seconds."""
    await wake_waiting(database)
    shift = _Shift(lanes, bell, slots)
    listening = asyncio.create_task(bell.listen())
    try:
        await shift.serve()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await shift.leave()


async def wake_waiting(database: Database) -> None:
    """A restart is often the cure (a new token): whatever waits for another try is tried now."""
    async with database.connection() as connection:
        await queries.wake_lanes(connection)


class _Shift:
    def __init__(self, lanes: Lanes, bell: Bell, slots: int) -> None:
        self._lanes = lanes
        self._bell = bell
        self._slots = slots
        self._running: set[asyncio.Task[Retry | None]] = set()
        self._busy = False  # all slots were taken: there may be more to do
        self._leaving = False
        self._looked = -LOOK

    async def serve(self) -> None:
        while True:
            self._bell.clear()
            try:
                pause = await self._round()
            except Lost as lost:
                log.warning("no_lanes_taken", why=str(lost))
                pause = AWAY
            await self._bell.wait(pause)

    async def leave(self) -> None:
        """Give the lanes back; what takes too long is left to the next worker."""
        self._leaving = True
        if self._running:
            await asyncio.wait(self._running, timeout=GRACE)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _round(self) -> float:
        """Take what there are slots for; the seconds until the next look. What rings meanwhile makes it shorter."""
        slots = self._slots - len(self._running)
        (found, soon), _ = await asyncio.gather(self._lanes.take(slots), self._look())
        self._busy = len(found) == slots
        for hold, first in found:
            self._start(hold, first)
        return LOOK if soon is None else min(max(soon, SHORTEST), LOOK)

    async def _look(self) -> None:
        """Now and then, for lanes of workers that died."""
        if time.monotonic() - self._looked >= LOOK:
            self._looked = time.monotonic()
            await self._lanes.free_dead()

    def _start(self, hold: Hold, first: Next | None) -> None:
        task = asyncio.create_task(self._lanes.run(hold, first, lambda: not self._leaving))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Retry | None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("lane_broke", error=f"{type(error).__name__}: {error}")
        if self._busy:
            self._bell.ring_here()
