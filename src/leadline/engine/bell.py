"""Waking workers: the one of this process at once, those of others by a NOTIFY. `keep.py` rings, `lanes.py` waits.

Where there was none for a while the NOTIFY goes with what is kept: a transaction of its own costs more than the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid

import psycopg
import structlog

from leadline.store.database import Database
from leadline.store.queries import queries

PAUSE = 0.05  # seconds between two notifications of one process: each takes a lock that the whole server shares
LATEST = 0.06  # seconds after one, when what was kept meanwhile is told although nothing was kept since the pause
EVERYBODY = ""  # the sender of what this process is to hear, too
log = structlog.get_logger(__name__)


class Bell:
    """Rung after a commit that made lanes ready; everybody who waits hears it, however often it was rung.

    Nobody relies on it: everybody who waits also looks from time to time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._name = uuid.uuid4().hex
        self._rung = asyncio.Event()
        self._told = -PAUSE
        self._untold = False
        self._telling: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None

    def turn(self) -> str | None:
        """The sender under whose name the next commit tells other processes; None where it is too early for that."""
        return self._name if time.monotonic() - self._told >= PAUSE else None

    def ring(self, *, told: bool) -> None:
        """Wake this process's worker now. told: the commit told others; else they hear within LATEST seconds."""
        self._rung.set()
        self._untold = not told
        if told:
            self._told = time.monotonic()
        elif self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

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
        """What no commit told."""
        while self._untold and (early := self._told + LATEST - time.monotonic()) > 0.0:  # noqa: ASYNC110 - for a time
            await asyncio.sleep(early)
        if not self._untold:
            return
        self._told, self._untold = time.monotonic(), False
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
