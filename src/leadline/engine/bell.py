"""Waking workers: the one of this process at once, those of others by a NOTIFY. `keep.py` rings, `lanes.py` waits."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid

import psycopg
import structlog

from leadline.store.database import Connection, Database
from leadline.store.queries import queries

PAUSE = 0.05  # seconds between two notifications of one process: each takes a lock that the whole server shares
log = structlog.get_logger(__name__)


class Bell:
    """Rung after a commit that made lanes ready; everybody who waits hears it, however often it was rung.

    Nobody relies on it: everybody who waits also looks from time to time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._name = uuid.uuid4().hex
        self._rung = asyncio.Event()
        self._told = 0.0
        self._telling: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None

    def ring(self) -> None:
        """Wake this process's worker now, and those of others within PAUSE seconds."""
        self._rung.set()
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def ring_in(self, connection: Connection) -> None:
        """Wake all workers when the caller's transaction is committed."""
        await queries.ring(connection, sender="")

    def ring_here(self, seconds: float = 0.0) -> None:
        """Wake this process's worker in so many seconds, or earlier."""
        loop = asyncio.get_running_loop()
        if seconds <= 0.0:
            self._rung.set()
        elif self._alarm is None or self._alarm.when() > loop.time() + seconds:
            self._silence()
            self._alarm = loop.call_at(loop.time() + seconds, self._alarmed)

    def clear(self) -> None:
        """What rings from now on is heard. Called before lanes are looked for, so that nothing is missed."""
        self._rung.clear()

    async def wait(self, seconds: float) -> None:
        """Until it rings, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()

    async def listen(self) -> None:
        """Hear the bells of other processes, until cancelled."""
        async for sender in self._database.ear.hear("leadline_lanes"):
            if sender is not None and sender != self._name:
                self._rung.set()

    async def close(self) -> None:
        self._silence()
        if self._telling is not None:
            await self._telling

    async def _tell(self) -> None:
        await asyncio.sleep(max(0.0, self._told + PAUSE - time.monotonic()))
        self._told = time.monotonic()
        try:
            async with self._database.connection() as connection:
                await queries.ring(connection, sender=self._name)
        except psycopg.Error as error:
            log.warning("not_told", why=str(error).strip() or type(error).__name__)

    def _alarmed(self) -> None:
        self._alarm = None
        self._rung.set()

    def _silence(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
