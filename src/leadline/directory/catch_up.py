"""What webhooks missed: contacts that changed since the last look, asked for every few minutes."""

from __future__ import annotations

from leadline.connections.workspaces import Workspace
from leadline.directory import stored
from leadline.directory.learning import Learning
from leadline.intercom import searches
from leadline.intercom.contacts import LARGEST_PAGE, Contact
from leadline.store.database import Database
from leadline.store.queries import queries

OVERLAP = 900
"""Seconds that are looked at again: Intercom's search learns of a change minutes later, and not in order."""


class CatchUp:
    """Reads changes, the last first, back to the newest one that was known, and a little further."""

    def __init__(self, database: Database, learning: Learning) -> None:
        self._database = database
        self._learning = learning

    async def run(self, workspace: Workspace) -> int | None:
        """The number of contacts that were news; None where another process is at it. Raises what Client.call does."""
        async with self._database.if_alone(f"directory catch-up {workspace.workspace_id}") as alone:
            return await self._caught_up(workspace) if alone else None

    async def _caught_up(self, workspace: Workspace) -> int:
        workspace_id = workspace.workspace_id
        async with self._database.connection() as connection:
            state = await stored.state(connection, workspace_id)
        since, reached, news = max(0, state.caught_up_to - OVERLAP), state.caught_up_to, 0
        batch: list[Contact] = []
        async for contact in searches.updated_since(workspace.client.in_background(), since):
            reached = max(reached, contact.updated_at)
            batch.append(contact)
            if len(batch) == LARGEST_PAGE:
                news += await self._learn(workspace_id, batch)
                batch = []
        news += await self._learn(workspace_id, batch)
        async with self._database.connection() as connection:
            await queries.directory_caught_up(connection, workspace_id=workspace_id, at=state.now, reached=reached)
        return news

    async def _learn(self, workspace_id: str, batch: list[Contact]) -> int:
        if not batch:
            return 0
        async with self._database.connection() as connection:
            return await self._learning.learn(connection, workspace_id, batch)
