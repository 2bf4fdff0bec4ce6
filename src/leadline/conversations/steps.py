"""Writes to Intercom made exactly once: begun on record, called, done on record. `threads.py` writes through these."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from leadline.errors import Retry
from leadline.intercom.client import OutcomeUnknown
from leadline.store.database import Database
from leadline.store.queries import queries

SETTLING = 5.0  # seconds an unanswered write may still take effect at Intercom before it is looked for

Act = Callable[[], Awaitable[tuple[str, str]]]
Find = Callable[[float, str], Awaitable[tuple[str, str] | None]]


class Steps:
    """Writes to Intercom that survive a crash between call and record.

    A step is begun (committed) before the call and done after it. One that was begun and not done has an unknown
    outcome: `find` looks for its effect, and only when there is none `act` is called again.
    """

    def __init__(self, database: Database, workspace_id: str, owner: str) -> None:
        self._database = database
        self._key = {"workspace_id": workspace_id, "owner": owner}

    async def take(
        self, step: int, kind: str, body: str, act: Act, find: Find, conversation_id: str = ""
    ) -> tuple[str, str]:
        """Make the write happen exactly once; returns its (conversation id, part id)."""
        row = await self._begin(step, kind, body, conversation_id)
        if row["done_at"] is not None:
            return row["conversation_id"], row["part_id"]
        found = await find(row["begun"], row["body"]) if row["again"] else None
        conversation_id, part_id = found or await self._settling(act)
        async with self._database.connection() as connection:
            await queries.finish_step(
                connection, **self._key, step=step, conversation_id=conversation_id, part_id=part_id
            )
        return conversation_id, part_id

    async def _settling(self, act: Act) -> tuple[str, str]:
        try:
            return await act()
        except OutcomeUnknown as unknown:
            raise Retry(unknown.reason, str(unknown), SETTLING) from unknown

    async def forget(self, step: int) -> None:
        """The write surely did not happen: it may be planned anew."""
        async with self._database.connection() as connection:
            await queries.forget_step(connection, **self._key, step=step)

    async def taken(self, step: int) -> Mapping[str, Any] | None:
        """The step as recorded, or None."""
        async with self._database.connection() as connection:
            row: Mapping[str, Any] | None = await queries.step(connection, **self._key, step=step)
        return row

    async def _begin(self, step: int, kind: str, body: str, conversation_id: str) -> dict[str, Any]:
        async with self._database.connection() as connection:
            fresh = await queries.begin_step(
                connection, **self._key, step=step, kind=kind, conversation_id=conversation_id, body=body
            )
            row: dict[str, Any] = await queries.step(connection, **self._key, step=step)
        return row | {"again": not fresh}
