"""Stop 2: raw bytes, what was read from them, and their lanes made ready, durable in one shared commit.

`inbound/receive.py` and `outbound/reply.py` call `Keeper.keep`; it returns after the commit, so an answered webhook
is a kept one.
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog

from leadline.engine.arrival import NewArrival, Raw, without_nul
from leadline.engine.bell import Bell
from leadline.engine.joining import Name, join
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

BATCH = 256
log = structlog.get_logger(__name__)


class _Parcel:
    def __init__(self, workspace_id: str, raw: Raw, arrivals: Sequence[NewArrival]) -> None:
        self.workspace_id = workspace_id
        self.raw = raw
        self.raw_id = new_id()
        self.arrivals = [without_nul(arrival) for arrival in arrivals]
        self.kept: asyncio.Future[int] = asyncio.get_running_loop().create_future()


class Keeper:
    """Group commit: everything that waits while one commit runs goes into the next one."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._database = database
        self._bell = bell
        self._waiting: list[_Parcel] = []
        self._flusher: asyncio.Task[None] | None = None

    async def keep(self, workspace_id: str, raw: Raw, arrivals: Sequence[NewArrival]) -> int:
        """Make it durable; returns how many arrivals were new. Raises psycopg.Error when nothing was kept."""
        parcel = _Parcel(workspace_id, raw, arrivals)
        self._waiting.append(parcel)
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush())
        return await asyncio.shield(parcel.kept)

    async def keep_in(self, connection: Connection, workspace_id: str, raw: Raw, arrivals: Sequence[NewArrival]) -> int:
        """As `keep`, within the caller's transaction, which must end at once: it holds the lanes until then."""
        fresh = await self._put(connection, [_Parcel(workspace_id, raw, arrivals)])
        await self._bell.ring_in(connection)
        return len(fresh)

    async def close(self) -> None:
        """Wait for the commits under way."""
        if self._flusher is not None:
            await self._flusher

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            try:
                await self._commit(batch)
            except Exception as error:
                await self._one_by_one(batch, error)

    async def _one_by_one(self, batch: list[_Parcel], error: Exception) -> None:
        """One parcel the database refuses must not take the others with it."""
        if len(batch) == 1:
            _fail(batch[0], error)
            return
        log.warning("keep_batch_failed", size=len(batch), error=type(error).__name__)
        for parcel in batch:
            try:
                await self._commit([parcel])
            except Exception as single:
                _fail(parcel, single)

    async def _commit(self, batch: list[_Parcel]) -> None:
        async with self._database.connection() as connection:
            fresh = await self._put(connection, batch)
        self._bell.ring()
        for parcel in batch:
            keys = {(parcel.workspace_id, a.source, a.dedupe) for a in parcel.arrivals} & fresh
            fresh -= keys  # a redelivery in the same commit is no news
            if not parcel.kept.done():
                parcel.kept.set_result(len(keys))

    async def _put(self, connection: Connection, batch: list[_Parcel]) -> set[tuple[str, str, str]]:
        kept, names = await join(connection, [(p.workspace_id, a) for p in batch for a in p.arrivals])
        # Lanes first: their row locks put the arrivals of one lane in commit order.
        await queries.open_lanes(connection, **_lane_columns(kept, names))
        await queries.keep_raw(connection, **_raw_columns(batch))
        raws = [p.raw_id for p in batch for _ in p.arrivals]
        rows = queries.keep_arrivals(connection, raws=raws, **_arrival_columns(kept))
        return {(row["workspace_id"], row["source"], row["dedupe"]) async for row in rows}


def _lane_columns(kept: Sequence[tuple[str, NewArrival]], names: set[Name]) -> dict[str, list[Any]]:
    ready = {(workspace, a.lane) for workspace, a in kept if not a.reason}
    lanes = [*(ready | names)]
    return {
        "workspaces": [workspace for workspace, _ in lanes],
        "lanes": [lane for _, lane in lanes],
        "ready": [lane in ready for lane in lanes],
    }


def _raw_columns(batch: list[_Parcel]) -> dict[str, list[Any]]:
    return {
        "workspaces": [p.workspace_id for p in batch],
        "ids": [p.raw_id for p in batch],
        "channels": [p.raw.channel_id for p in batch],
        "methods": [p.raw.method for p in batch],
        "urls": [p.raw.url for p in batch],
        "headers": [msgspec.json.encode(p.raw.headers).decode() for p in batch],
        "bodies": [p.raw.body for p in batch],
    }


def _arrival_columns(rows: Sequence[tuple[str, NewArrival]]) -> dict[str, list[Any]]:
    return {
        "workspaces": [workspace for workspace, _ in rows],
        "channels": [a.channel_id for _, a in rows],
        "sources": [a.source for _, a in rows],
        "dedupes": [a.dedupe for _, a in rows],
        "kinds": [a.kind for _, a in rows],
        "lanes": [a.lane for _, a in rows],
        "groups": [a.piece_group for _, a in rows],
        "contents": [a.content for _, a in rows],
        "states": ["parked" if a.reason else "waiting" for _, a in rows],
        "reasons": [a.reason for _, a in rows],
        "explanations": [a.explanation for _, a in rows],
        "also": [msgspec.json.encode(a.also).decode() for _, a in rows],
    }


def new_id() -> uuid.UUID:
    """A UUID of version 7: ordered by time, so that keys land at the end of their index."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    return uuid.UUID(int=(number & ~(0xF << 76) & ~(0x3 << 62)) | 0x7 << 76 | 0x2 << 62)


def _fail(parcel: _Parcel, error: Exception) -> None:
    if not parcel.kept.done():
        parcel.kept.set_exception(error)
        parcel.kept.exception()  # marks it as seen: the waiter may have gone away
