"""The acts that a filter leaves, newest first. The page shows them, the export writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadline.console.shell.dates import day
from leadline.store.database import Database
from leadline.store.queries import queries


class Wanted:
    """What the address asks for; what cannot be read as a date is left out."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {
            "actor": values.get("who", "").strip() or None,
            "act": values.get("act", "").strip() or None,
            "source": values.get("source", "").strip() or None,
            "about": values.get("about", "").strip() or None,
            "since": day(values.get("since", "")),
            "until": day(values.get("until", ""), after=1),
        }

    async def read(
        self, database: Database, workspace_id: str, *, before: int | None, count: int
    ) -> list[dict[str, Any]]:
        """So many acts before a number, which None leaves out."""
        async with database.connection() as connection:
            rows = queries.audit_found(
                connection, workspace_id=workspace_id, before=before, count=count, **self._values
            )
            return [row async for row in rows]
