"""Stop 2: raw bytes, what was read from them, and their lanes made ready, durable in one shared commit.

`inbound/receive.py` and `outbound/notifications.py` call `Keeper.keep`; it returns after the commit, so an answered
webhook is a kept one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import psycopg
import structlog

from leadline.engine.arrival import NewArrival, Raw, storable_arrival
from leadline.engine.bell import EVERYBODY, Bell
from leadline.engine.joining import Name, join
from leadline.store.database import Connection, Database
from leadline.store.queries import queries
from leadline.tracing import id_to_keep

BATCH = 256  # webhooks in one commit
BATCH_BYTES = 16_000_000  # of bodies in one commit; a statement may have 1 GB
_encode = msgspec.json.Encoder().encode
log = structlog.get_logger(__name__)


class _RawRow(msgspec.Struct):
    """A webhook as the statement `keep` reads it; bytes become base64."""

    workspace_id: str
    raw_id: str
    channel_id: int | None
    method: str
    url: str
    headers: Any
    body: bytes


class _ArrivalRow(msgspec.Struct):
    """What was read from it, likewise. also: None where the sender has one address only."""

    position: int
    workspace_id: str
    raw_id: str
    channel_id: int | None
    source: str
    dedupe: str
    kind: str
    lane: str
    piece_group: str
    content: msgspec.Raw
    reason: str
    explanation: str
    also: tuple[str, ...] | None


class _Parcel:
    def __init__(self, workspace_id: str, raw: Raw, arrivals: Sequence[NewArrival]) -> None:
        self.workspace_id = workspace_id
        self.raw = raw
        self.raw_id = str(id_to_keep())
        self.arrivals = [storable_arrival(arrival) for arrival in arrivals]
        self.kept: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def has_several_addresses(self) -> bool:
        """Whether anything in it names a second lane of its sender."""
        return any(map(_several, self.arrivals))

    @property
    def is_plain(self) -> bool:
        """Whether it is one arrival that can be worked on, in the one lane it names."""
        [first, *others] = self.arrivals
        return not (others or first.reason or _several(first))


class Keeper:
    """Group commit: everything that waits while one commit runs goes into the next one."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._line = database.line("keep_one")
        self._bell = bell
        self._waiting: list[_Parcel] = []
        self._flusher: asyncio.Task[None] | None = None
        self._commits = False
        self._was_alone = False

    async def keep(self, workspace_id: str, raw: Raw, arrivals: Sequence[NewArrival]) -> int:
        """Make it durable; returns how many arrivals were new. Raises psycopg.Error when nothing was kept.

        The raw form is kept for what it brought; of a webhook that brought nothing, or nothing new, nothing is.
        """
        if not arrivals:
            return 0
        parcel = _Parcel(workspace_id, raw, arrivals)
        self._waiting.append(parcel)
        if not self._commits:
            await self._begin()
        return await parcel.kept

    async def keep_in(self, connection: Connection, workspace_id: str, raw: Raw, arrivals: Sequence[NewArrival]) -> int:
        """As `keep`, within the caller's transaction, which must end at once: it holds the lanes until then."""
        [new] = await _put(connection, [_Parcel(workspace_id, raw, arrivals)], EVERYBODY)
        return new

    async def close(self) -> None:
        """Wait for the commits under way."""
        if self._flusher is not None:
            await self._flusher

    async def _begin(self) -> None:
        """Commit what waits, together with all that comes in this turn of the loop.

        Where the last webhook came alone none is waited for: this one's own task commits it, two turns earlier.
        """
        self._commits = True
        if not self._was_alone:
            self._flusher = asyncio.create_task(self._flush())
            return
        try:
            await self._commit_next()
        finally:
            self._commits = bool(self._waiting)
            if self._commits:
                self._flusher = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            while self._waiting:
                await self._commit_next()
        finally:
            self._commits = False

    async def _commit_next(self) -> None:
        batch = self._next()
        self._was_alone = len(batch) == 1
        try:
            await self._commit(batch)
        except Exception as error:  # each waiter gets it, or its own
            await self._again(batch, error)

    def _next(self) -> list[_Parcel]:
        count = size = 0
        for parcel in self._waiting[:BATCH]:
            size += len(parcel.raw.body)
            if count and size > BATCH_BYTES:
                break
            count += 1
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch

    async def _again(self, batch: list[_Parcel], error: Exception) -> None:
        """One parcel the database refuses must not take the others with it; a line that broke is opened once more.

        What was kept although its answer was lost meets its own key, and counts as kept.
        """
        log.warning("keep_batch_failed", size=len(batch), error=type(error).__name__)
        away = isinstance(error, psycopg.OperationalError)
        for parcels in [batch] if away or len(batch) == 1 else [[parcel] for parcel in batch]:
            try:
                await self._commit(parcels)
            except Exception as last:
                for parcel in parcels:
                    _fail(parcel, last)

    async def _commit(self, batch: list[_Parcel]) -> None:
        sender = self._bell.turn()
        if len(batch) == 1 and batch[0].is_plain:
            new = [await self._line.run("keep_one", **_values(batch[0]), sender=sender)]
        else:
            new = await self._stored(batch, sender)
        self._bell.ring(told=sender is not None)
        for parcel, count in zip(batch, new, strict=True):
            if not parcel.kept.done():
                parcel.kept.set_result(count)

    async def _stored(self, batch: list[_Parcel], sender: str | None) -> list[int]:
        connection = await self._line.connection()
        if any(parcel.has_several_addresses for parcel in batch):
            async with connection.transaction():
                return await _put(connection, batch, sender)
        return await _put(connection, batch, sender)


async def _put(connection: Connection, batch: list[_Parcel], sender: str | None) -> list[int]:
    """How many arrivals of each parcel were new. A redelivery in the same commit is no news.

    sender: who tells other processes, see `Bell.turn`.
    """
    arrivals = [(parcel, arrival) for parcel in batch for arrival in parcel.arrivals]
    names: Collection[Name] = ()
    if any(parcel.has_several_addresses for parcel in batch):
        placed, names = await join(connection, [(parcel.workspace_id, arrival) for parcel, arrival in arrivals])
        arrivals = [(parcel, arrival) for (parcel, _), (_, arrival) in zip(arrivals, placed, strict=True)]
    result = await queries.keep(
        connection,
        arrivals=_encode([_arrival_row(number, *each) for number, each in enumerate(arrivals)]).decode(),
        raws=_encode([_raw_row(parcel) for parcel in batch]).decode(),
        names=_encode([{"workspace_id": workspace, "lane": lane} for workspace, lane in names]).decode(),
        sender=sender,
    )
    if result["added"] is None and result["fresh"]:
        return [len(parcel.arrivals) for parcel in batch]
    added = Counter(result["added"] or ())
    return [added[parcel.raw_id] for parcel in batch]


def _values(parcel: _Parcel) -> dict[str, str | bytes | None]:
    """A plain parcel as the statement `keep_one` reads it."""
    raw, arrival = parcel.raw, parcel.arrivals[0]
    return {
        "workspace_id": parcel.workspace_id,
        "raw_id": parcel.raw_id,
        "channel_id": _digits(arrival.channel_id),
        "source": arrival.source,
        "dedupe": arrival.dedupe,
        "kind": arrival.kind,
        "lane": arrival.lane,
        "piece_group": arrival.piece_group,
        "content": arrival.content,
        "raw_channel_id": _digits(raw.channel_id),
        "method": raw.method,
        "url": raw.url,
        "headers": _encode(raw.headers),
        "body": raw.body,
    }


def _digits(number: int | None) -> str | None:
    return None if number is None else str(number)


def _raw_row(parcel: _Parcel) -> _RawRow:
    raw = parcel.raw
    return _RawRow(parcel.workspace_id, parcel.raw_id, raw.channel_id, raw.method, raw.url, raw.headers, raw.body)


def _arrival_row(number: int, parcel: _Parcel, arrival: NewArrival) -> _ArrivalRow:
    return _ArrivalRow(
        number,
        parcel.workspace_id,
        parcel.raw_id,
        arrival.channel_id,
        arrival.source,
        arrival.dedupe,
        arrival.kind,
        arrival.lane,
        arrival.piece_group,
        msgspec.Raw(arrival.content.encode()),
        arrival.reason,
        arrival.explanation,
        arrival.also if _several(arrival) else None,
    )


def _several(arrival: NewArrival) -> bool:
    """Whether it names a second lane of its sender."""
    return any(name != arrival.lane for name in arrival.also)


def _fail(parcel: _Parcel, error: Exception) -> None:
    if not parcel.kept.done():
        parcel.kept.set_exception(error)
        parcel.kept.exception()  # marks it as seen: the waiter may have gone away
