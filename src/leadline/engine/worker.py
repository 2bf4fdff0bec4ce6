"""The worker: takes lanes that are due, up to its slots, and works on them side by side. `process.py` runs it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import structlog

from leadline.engine.breaker import Trial
from leadline.engine.lanes import Lanes
from leadline.engine.shared import Engine
from leadline.errors import Lost, Retry
from leadline.store.database import Database
from leadline.store.queries import queries

LOOK = 5.0  # seconds between looks for lanes that nobody rang for, and for workers that died
TEND = 1.0  # seconds between looks while somebody is away
SHORTEST = 0.01  # seconds that are waited at least: it is not due a moment too early
AWAY = 1.0  # seconds before the database is asked again
GRACE = 10.0  # seconds that arrivals may go on when the worker is told to stop
log = structlog.get_logger(__name__)


async def work(engine: Engine, lanes: Lanes, *, slots: int) -> None:
    """Work on lanes until cancelled, `slots` at a time. Then each finishes its arrival, within GRACE seconds."""
    await wake_waiting(engine.database)
    shift = _Shift(engine, lanes, slots)
    listening = asyncio.create_task(engine.bell.listen())
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
        await queries.hurry_breakers(connection)


class _Shift:
    def __init__(self, engine: Engine, lanes: Lanes, slots: int) -> None:
        self._ledger = engine.ledger
        self._bell = engine.bell
        self._breakers = engine.breakers
        self._lanes = lanes
        self._slots = slots
        self._running: set[asyncio.Task[object]] = set()
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
        """Give the lanes back. The next worker continues work that takes too long."""
        self._leaving = True
        if self._running:
            await asyncio.wait(self._running, timeout=GRACE)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _round(self) -> float:
        """Take what there are slots for; the seconds until the next look. What rings meanwhile makes it shorter."""
        slots = max(0, self._slots - len(self._running))  # the try of a breaker runs beside them
        look = time.monotonic() - self._looked >= self._every
        (found, soon), _ = await asyncio.gather(self._lanes.take(slots, ever=look), self._look(due=look))
        self._busy = len(found) == slots
        for hold, first in found:
            self._start(self._lanes.run(hold, first, self._stays))
        return min(self._every, LOOK if soon is None else max(soon, SHORTEST))

    @property
    def _every(self) -> float:
        """Seconds between looks: who is away is looked after more often."""
        return min(TEND, LOOK) if self._breakers.any_open else LOOK

    async def _look(self, *, due: bool) -> None:
        """Now and then, for lanes of workers that died, and for those of whoever is away, or was."""
        if not due:
            return
        self._looked = time.monotonic()
        _, trials, more = await asyncio.gather(
            self._lanes.free_dead(), self._breakers.tend(self._ledger), self._breakers.release(self._ledger)
        )
        for trial in trials:
            self._start(self._try(trial))
        if more:
            self._looked = 0.0
            self._bell.ring_here(SHORTEST)

    async def _try(self, trial: Trial) -> None:
        """One message is worked on although somebody is away: when that goes well, all others follow."""
        workspace_id, name = trial.key
        away = False
        with self._breakers.trying(trial.key) as breaker:
            if trial.lane:
                try:
                    await self._lanes.drain(workspace_id, trial.lane, lambda: False)
                except Retry as retry:
                    away = retry.breaker == name
        if not trial.lane or (breaker.answered and not away):
            breaker.close()
            self._looked = 0.0
            self._bell.ring_here()

    def _stays(self) -> bool:
        return not self._leaving

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("lane_broke", error=f"{type(error).__name__}: {error}")
        if self._busy:
            self._bell.ring_here()
