"""What waits for a person: listed, counted, tried again or dropped. Called by the CLI, the console and `app.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from leadline.store.database import Database
from leadline.store.queries import queries

WHAT = {
    "message": "Message",
    "notification": "Webhook from Intercom",
    "status": "Delivery report",
    "consent": "Opt-out or opt-in",
    "merge": "Merge",
    "move": "Change of number",
    "echo": "Message written in the provider's app",
    "opening": "Message",
    "begun": "Message",
    "unreadable": "Webhook that could not be read",
    "unlisted": "Unsigned message",
    "erasure": "Erasure of a deleted contact",
}
"""Kind of an arrival → what people call it."""


def kind(row: Mapping[str, Any]) -> str:
    """What an arrival is, in words: "Reply", "Delivery report"."""
    reply = row["kind"] == "notification" and row["teammate"]
    return "Reply" if reply else WHAT.get(row["kind"], row["kind"])


def title(row: Mapping[str, Any]) -> str:
    """The same with who wrote it: "Reply by Maya"."""
    return f"{kind(row)} by {row['teammate']}" if row["teammate"] else kind(row)


class Wanted(TypedDict, total=False):
    """Which of them: at most `count` (100), of this reason, of this channel, with numbers above `after`."""

    count: int
    reason: str | None
    channel_id: int | None
    after: int


async def parked(database: Database, workspace_id: str, **wanted: Unpack[Wanted]) -> list[dict[str, Any]]:
    """What is parked, oldest first: each with its channel, customer, text, teammate and conversation."""
    return await _stuck(database, workspace_id, "parked", wanted)


async def postponed(database: Database, workspace_id: str, **wanted: Unpack[Wanted]) -> list[dict[str, Any]]:
    """What waits for another try, with the reason of the last one."""
    return await _stuck(database, workspace_id, "waiting", wanted)


async def get(database: Database, workspace_id: str, arrival_id: int) -> dict[str, Any] | None:
    """Anything that arrived, by its number and whatever its state, with whose it is."""
    async with database.connection() as connection:
        key = {"workspace_id": workspace_id, "arrival_id": arrival_id}
        rows = queries.stuck(connection, **key, state=None, reason=None, channel_id=None, after=0, count=1)
        return next(iter([row async for row in rows]), None)


async def stuck_counts(database: Database, workspace_id: str) -> dict[str, int]:
    """How many are `parked`, and how many `waiting` for another try."""
    async with database.connection() as connection:
        return dict(await queries.stuck_counts(connection, workspace_id=workspace_id))


async def undecided(database: Database, workspace_id: str) -> int:
    """How many are parked and need a person: without those that go on once their channel is resumed."""
    counts = await stuck_counts(database, workspace_id)
    async with database.connection() as connection:
        set_aside = await queries.set_aside(connection, workspace_id=workspace_id)
    return int(counts["parked"] - set_aside["count"])


async def _stuck(database: Database, workspace_id: str, state: str, wanted: Wanted) -> list[dict[str, Any]]:
    chosen: Wanted = {"count": 100, "reason": None, "channel_id": None, "after": 0, **wanted}
    async with database.connection() as connection:
        rows = queries.stuck(connection, workspace_id=workspace_id, state=state, arrival_id=None, **chosen)
        return [row async for row in rows]


async def backlog(database: Database, workspace_id: str) -> dict[str, int]:
    """How much is not done yet, by state: `waiting` and `parked`."""
    async with database.connection() as connection:
        return dict(await queries.backlog(connection, workspace_id=workspace_id))


async def oldest_waiting(database: Database, workspace_id: str) -> dict[str, float]:
    """For how many seconds the oldest `message` of a customer and the oldest `reply` have waited; 0.0 for none."""
    async with database.connection() as connection:
        return dict(await queries.oldest_waiting(connection, workspace_id=workspace_id))


async def retry(
    database: Database,
    workspace_id: str,
    *,
    ids: Sequence[int] | None = None,
    reason: str | None = None,
    channel_id: int | None = None,
    many: bool = False,
) -> int:
    """Put parked arrivals back into their lanes: those named, or all of this reason, this channel, or all there are.

    Each is worked on before later ones of its sender. One that is named and only waits is tried at once. many: what
    arrives meanwhile goes first, as it does where none is named. Returns how many.
    """
    chosen = {"arrival_ids": None if ids is None else list(ids), "reason": reason, "channel_id": channel_id}
    async with database.connection() as connection:
        rows = queries.retry_arrivals(connection, workspace_id=workspace_id, **chosen)
        lanes = [row["lane"] async for row in rows]
        names = [*dict.fromkeys(lanes)]
        columns = {"workspaces": [workspace_id] * len(names), "ready": [True] * len(names)}
        await queries.open_lanes(connection, **columns, lanes=names)
        await queries.hurry_lanes(connection, workspace_id=workspace_id, lanes=names, priority=int(many or ids is None))
        await queries.ring(connection, sender="")
    return len(lanes)


async def drop(database: Database, workspace_id: str, arrival_ids: Sequence[int]) -> int:
    """Give parked arrivals up for good; their raw form stays. Returns how many."""
    async with database.connection() as connection:
        dropped: int = await queries.drop_parked(connection, workspace_id=workspace_id, arrival_ids=list(arrival_ids))
    return dropped
