"""What Leadline itself knows, read from its database for the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from leadline.console.shown import Choice, Why
from leadline.identity.verdict import explain
from leadline.model import Decision
from leadline.store.database import Database
from leadline.store.queries import queries

Row = Mapping[str, Any]


class Records:
    """Reads of one workspace."""

    def __init__(self, database: Database, workspace_id: str) -> None:
        self.database = database
        self.workspace_id = workspace_id

    async def recent(self, count: int = 50) -> list[Row]:
        """The last customer messages, newest first, each with its decision where there is one."""
        return await self.rows(queries.recent_messages, count=count)

    async def rows(self, query: Any, **values: Any) -> list[Row]:
        """What a query finds in this workspace."""
        async with self.database.connection() as connection:
            return [row async for row in query(connection, workspace_id=self.workspace_id, **values)]


def why_of(row: Row) -> Why:
    """A recorded decision in words."""
    decision = msgspec.convert(row["document"], Decision)
    choices = tuple(
        Choice(
            contact_id=one.contact_id,
            role=one.role,
            name=one.name,
            phone=one.phone,
            chosen=one.contact_id == row["contact_id"],
        )
        for one in decision.candidates
    )
    return Why(
        message=row["arrival_id"],
        code=row["code"],
        policy=decision.policy,
        doubtful=decision.doubtful,
        sentences=tuple(explain(decision)),
        choices=choices,
    )
