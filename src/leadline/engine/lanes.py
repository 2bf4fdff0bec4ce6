"""Stop 3: one lane per sender, drained in order by at most one job. `jobs.py` runs `Lanes.drain` for every lane job."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg
import structlog
from procrastinate import App
from procrastinate.jobs import Job

from leadline.errors import Park, Retry, Waiting
from leadline.model import Struct
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

TASK = "drain_lane"
QUEUE = "lanes"
LONGEST_DELAY = 300.0
WAITING_DELAY = 10.0  # seconds between looks whether a person has removed the cause
log = structlog.get_logger(__name__)


class Arrival(Struct, frozen=True, kw_only=True):
    """One thing in a lane. `content` is the decoded JSON that was kept; `arrived_at` in unix seconds.

    others: lanes of the same sender's other addresses; nothing is done there meanwhile.
    """

    workspace_id: str
    arrival_id: int
    channel_id: int | None
    kind: str
    lane: str
    content: Any
    attempts: int
    arrived_at: float
    others: tuple[str, ...] = ()


Work = Callable[[Arrival], Awaitable[None]]


class Limits(Struct, frozen=True, kw_only=True):
    """How often a message is tried before it is parked, and the seconds before its second try."""

    attempts: int = 10
    base: float = 1.0


class Lanes:
    """Drains lanes. `work` does one arrival and may be repeated for it after a crash."""

    def __init__(self, database: Database, work: Work, limits: Limits) -> None:
        self._database = database
        self._work = work
        self._limits = limits
        self._locks = LaneLocks(database.url)

    async def drain(self, workspace_id: str, lane: str) -> None:
        """Work through the lane until it is empty, then close it. Raises Retry when it must go on later."""
        async with self._locks.hold(workspace_id, lane):
            while arrival := await self._next(workspace_id, lane):
                async with self._locks.hold_all(workspace_id, arrival.others):
                    await self._settle(arrival)

    async def close(self) -> None:
        await self._locks.close()

    async def _next(self, workspace_id: str, lane: str) -> Arrival | None:
        key = {"workspace_id": workspace_id, "lane": lane}
        async with self._database.connection() as connection:
            row = await queries.next_arrival(connection, **key)
            if row is None:
                await queries.lock_lane(connection, **key)
                if await queries.close_lane(connection, **key) is None:
                    row = await queries.next_arrival(connection, **key)
        if row and row["behind"]:
            raise Retry("behind_another_lane", "The sender wrote from another address before; that goes first", 1.0)
        return row and _arrival(row)

    async def _settle(self, arrival: Arrival) -> None:
        try:
            await self._work(arrival)
        except Park as park:
            await self._park(arrival, park.reason, str(park))
        except Retry as retry:
            await self._postpone(arrival, retry)
        except Exception as error:
            log.exception("arrival_failed", arrival=arrival.arrival_id, kind=arrival.kind)
            bug = Retry("internal_error", f"Leadline failed on it ({type(error).__name__}: {error}); see the log")
            await self._postpone(arrival, bug)
        else:
            await self._mark(arrival, "done", "", "")

    async def _park(self, arrival: Arrival, reason: str, explanation: str) -> None:
        log.warning("parked", arrival=arrival.arrival_id, kind=arrival.kind, reason=reason)
        await self._mark(arrival, "parked", reason, explanation)

    async def _mark(self, arrival: Arrival, state: str, reason: str, explanation: str) -> None:
        async with self._database.connection() as connection:
            await queries.settle(connection, **_key(arrival), state=state, reason=reason, explanation=explanation)

    async def _postpone(self, arrival: Arrival, retry: Retry) -> None:
        counted = not isinstance(retry, Waiting)
        if counted and arrival.attempts + 1 >= self._limits.attempts:
            await self._park(arrival, retry.reason, f"Given up after {arrival.attempts + 1} tries: {retry}")
            return
        delay = retry.delay if retry.delay is not None else self._pause(arrival, counted)
        log.info("postponed", arrival=arrival.arrival_id, reason=retry.reason, delay=round(delay, 1))
        async with self._database.connection() as connection:
            await queries.postpone(
                connection,
                **_key(arrival),
                counted=int(counted),
                reason=retry.reason,
                explanation=str(retry),
                delay=delay,
            )
        raise Retry(retry.reason, str(retry), delay)

    def _pause(self, arrival: Arrival, counted: bool) -> float:
        return backoff(arrival.attempts, self._limits.base) if counted else WAITING_DELAY


def backoff(attempts: int, base: float) -> float:
    """Seconds before the next try: doubling, at most LONGEST_DELAY, with jitter so that lanes do not march in step."""
    return min(base * 2.0 ** min(attempts, 20), LONGEST_DELAY) * random.uniform(0.75, 1.25)  # noqa: S311


class LaneLocks:
    """At most one process works in a lane, proven by the database and not by a clock.

    The locks belong to one connection of this process: a process that dies loses them at once, one that only hangs
    keeps them, however long ago its job was declared stalled.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._held: dict[tuple[str, str], asyncio.Task[Any] | None] = {}
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def hold(self, workspace_id: str, lane: str) -> AsyncIterator[None]:
        """Hold the lane; raises Retry when somebody else does."""
        key = (workspace_id, lane)
        if key in self._held:
            raise Retry("lane_busy", "Another job of this process works in the lane", 1.0)
        self._held[key] = asyncio.current_task()
        try:
            if not await self._ask("select pg_try_advisory_lock(%s)", key):
                raise Retry("lane_busy", "Another process works in the lane", 1.0)
            try:
                yield
            finally:
                await self._ask("select pg_advisory_unlock(%s)", key)
        finally:
            del self._held[key]

    @asynccontextmanager
    async def hold_all(self, workspace_id: str, lanes: Sequence[str]) -> AsyncIterator[None]:
        """Hold several lanes beside the one that is held already; raises Retry when somebody else has one of them."""
        async with AsyncExitStack() as stack:
            for lane in lanes:
                await stack.enter_async_context(self.hold(workspace_id, lane))
            yield

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _ask(self, question: str, key: tuple[str, str]) -> bool:
        async with self._turn:
            try:
                if self._connection is None:
                    self._connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
                row = await (await self._connection.execute(question.encode(), [_number(key)])).fetchone()
            except psycopg.OperationalError as error:
                await self._lost(key)
                raise Retry("database_unavailable", "The connection that holds the lanes broke") from error
        return bool(row and row[0])

    async def _lost(self, key: tuple[str, str]) -> None:
        """Without the connection no lane is held any more: stop whoever still believes so."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
        for other, task in self._held.items():
            if other != key and task is not None and task is not asyncio.current_task():
                task.cancel()


def _number(key: tuple[str, str]) -> int:
    digest = hashlib.blake2b("\x1f".join(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


async def defer_lanes(jobs: App, lanes: Sequence[tuple[str, str]], connection: Connection) -> None:
    """Defer one job for each (workspace, lane), in the caller's transaction."""
    wanted = [
        Job(
            id=None,
            queue=QUEUE,
            lock=lane_lock(workspace_id, lane),
            queueing_lock=None,
            task_name=TASK,
            task_kwargs={"workspace_id": workspace_id, "lane": lane},
        )
        for workspace_id, lane in lanes
    ]
    if wanted:
        await jobs.job_manager.batch_defer_jobs_async(wanted, connection=connection)


def lane_lock(workspace_id: str, lane: str) -> str:
    """The Procrastinate lock of a lane's jobs."""
    return f"{workspace_id}/{lane}"


def _key(arrival: Arrival) -> dict[str, Any]:
    return {"workspace_id": arrival.workspace_id, "arrival_id": arrival.arrival_id}


def _arrival(row: dict[str, Any]) -> Arrival:
    return Arrival(
        workspace_id=row["workspace_id"],
        arrival_id=row["arrival_id"],
        channel_id=row["channel_id"],
        kind=row["kind"],
        lane=row["lane"],
        content=row["content"],
        attempts=row["attempts"],
        arrived_at=row["arrived"],
        others=tuple(name for name in dict.fromkeys(row["others"]) if name != row["lane"]),
    )
