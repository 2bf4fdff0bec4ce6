"""What is parked or waits, in groups of the same cause; tried again or dropped many at a time. For the console."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from leadline.engine import parked
from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries

BATCH = 500  # arrivals in one transaction


class Group(Struct, frozen=True, kw_only=True):
    """Arrivals in the same state for the same reason on the same channel, up to a number.

    state: `parked` or `waiting`. newest: the highest number. kinds: how many of each kind.
    """

    state: str
    reason: str
    channel_id: int | None
    channel: str
    explanation: str
    since: datetime
    newest: int
    kinds: dict[str, int]

    @property
    def count(self) -> int:
        return sum(self.kinds.values())


async def groups(database: Database, workspace_id: str) -> list[Group]:
    """Parked ones first, the largest first."""
    found: dict[tuple[Any, ...], Group] = {}
    async with database.connection() as connection:
        async for row in queries.stuck_groups(connection, workspace_id=workspace_id):
            key = (row["state"], row["reason"], row["channel_id"])
            one = _group(row)
            found[key] = _together(found[key], one) if key in found else one
    return sorted(found.values(), key=lambda each: (each.state != "parked", -each.count, each.reason, each.newest))


def _group(row: dict[str, Any]) -> Group:
    names = [name for name in Group.__struct_fields__ if name != "kinds"]
    return Group(**{name: row[name] for name in names}, kinds={row["kind"]: row["count"]})


def _together(one: Group, other: Group) -> Group:
    return Group(
        state=one.state,
        reason=one.reason,
        channel_id=one.channel_id,
        channel=one.channel,
        explanation=max(one.explanation, other.explanation),
        since=min(one.since, other.since),
        newest=max(one.newest, other.newest),
        kinds=one.kinds | other.kinds,
    )


async def retry_all(database: Database, workspace_id: str, group: Group) -> AsyncIterator[int]:
    """Try all of them again; says after each batch how many that were."""
    async for batch in _batches(database, workspace_id, group):
        yield await parked.retry(database, workspace_id, ids=batch, many=True)


async def drop_all(database: Database, workspace_id: str, group: Group) -> AsyncIterator[int]:
    """Give all of them up that are parked; says after each batch how many that were."""
    async for batch in _batches(database, workspace_id, group):
        yield await parked.drop(database, workspace_id, batch)


async def _batches(database: Database, workspace_id: str, group: Group) -> AsyncIterator[list[int]]:
    after = 0
    while True:
        async with database.connection() as connection:
            key = {name: getattr(group, name) for name in ("state", "reason", "channel_id", "newest")}
            rows = queries.stuck_numbers(connection, workspace_id=workspace_id, **key, after=after, count=BATCH)
            batch = [row["arrival_id"] async for row in rows]
        if not batch:
            return
        yield batch
        after = batch[-1]
