"""What waits for a person: listed, counted, tried again or dropped. Called by the CLI, the console and `app.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from procrastinate import App

from leadline.engine.lanes import defer_lanes, lane_lock
from leadline.store.database import Database
from leadline.store.queries import queries


async def parked(database: Database, workspace_id: str, *, count: int = 100) -> list[dict[str, Any]]:
    """Everything parked, oldest first."""
    async with database.connection() as connection:
        return [row async for row in queries.parked(connection, workspace_id=workspace_id, count=count)]


async def postponed(database: Database, workspace_id: str, *, count: int = 100) -> list[dict[str, Any]]:
    """What waits for another try, with the reason of the last one."""
    async with database.connection() as connection:
        return [row async for row in queries.postponed(connection, workspace_id=workspace_id, count=count)]


async def backlog(database: Database, workspace_id: str) -> dict[str, int]:
    """How much is not done yet, by state: `waiting` and `parked`."""
    async with database.connection() as connection:
        return dict(await queries.backlog(connection, workspace_id=workspace_id))


async def retry(database: Database, jobs: App, workspace_id: str, arrival_ids: Sequence[int]) -> int:
    """Put parked arrivals back into their lanes, and try postponed ones now; returns how many."""
    async with database.connection() as connection:
        rows = queries.retry_parked(connection, workspace_id=workspace_id, arrival_ids=list(arrival_ids))
        lanes = [(row["workspace_id"], row["lane"]) async for row in rows]
        columns = {"workspaces": [w for w, _ in lanes], "lanes": [lane for _, lane in lanes]}
        opened = [(row["workspace_id"], row["lane"]) async for row in queries.open_lanes(connection, **columns)]
        await defer_lanes(jobs, opened, connection)
        await queries.wake(connection, locks=[lane_lock(*lane) for lane in lanes])
    return len(lanes)


async def drop(database: Database, workspace_id: str, arrival_ids: Sequence[int]) -> int:
    """Give parked arrivals up for good; their raw form stays. Returns how many."""
    async with database.connection() as connection:
        dropped: int = await queries.drop_parked(connection, workspace_id=workspace_id, arrival_ids=list(arrival_ids))
    return dropped
