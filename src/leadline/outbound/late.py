"""Tells teammates when their reply has to wait, for a provider that is away, and tells them again when it is over.

The worker runs `keep_up`: it looks at what waits, whatever makes it wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from leadline.connections.workspaces import Workspaces
from leadline.conversations import Threads
from leadline.errors import LeadlineError
from leadline.outbound.notes import late, late_is_over
from leadline.store.database import Database
from leadline.store.queries import queries

LOOK = 15.0  # seconds between looks
Row = Mapping[str, Any]
log = structlog.get_logger(__name__)


class LateReplies:
    """Writes one note in a conversation whose reply waits longer than `after` seconds, and one when none waits."""

    def __init__(self, database: Database, workspaces: Workspaces, threads: Threads, *, after: float) -> None:
        self._database = database
        self._workspaces = workspaces
        self._threads = threads
        self._after = after

    async def keep_up(self) -> None:
        """Look now and then, until cancelled."""
        while self._after:
            for workspace in self._workspaces:
                try:
                    await self.look(workspace.workspace_id)
                except LeadlineError as error:  # Intercom is away, too: the next look tells
                    log.info("late_replies_not_told", workspace=workspace.workspace_id, why=str(error))
            await asyncio.sleep(min(LOOK, self._after))

    async def look(self, workspace_id: str) -> None:
        """Write the notes that are due, unless another process does. Raises as `Threads.note`."""
        if not any(await self._due(workspace_id)):
            return
        async with self._database.if_alone(f"late replies {workspace_id}") as alone:
            begun, over = await self._due(workspace_id) if alone else ([], [])
            for row in begun:
                await self._tell(
                    workspace_id, row, "late", late(row["text"], row["why"], row["since"]), row["arrival_id"]
                )
            for row in over:
                await self._tell(workspace_id, row, "late is over", late_is_over(all_sent=row["all_sent"]), None)

    async def _due(self, workspace_id: str) -> tuple[list[Row], list[Row]]:
        """Conversations of which is to be told that a reply is late, and that none waits any more."""
        async with self._database.connection() as connection:
            begun = queries.late_replies(connection, workspace_id=workspace_id, after=self._after)
            over = queries.no_longer_late(connection, workspace_id=workspace_id)
            return [row async for row in begun], [row async for row in over]

    async def _tell(self, workspace_id: str, row: Row, what: str, note: str, arrival_id: int | None) -> None:
        conversation_id = row["conversation_id"]
        await self._threads.note(workspace_id, conversation_id, f"{what}:{conversation_id}:{row['arrival_id']}", note)
        async with self._database.connection() as connection:
            await queries.told_late(
                connection, workspace_id=workspace_id, conversation_id=conversation_id, arrival_id=arrival_id
            )
