"""Whether what comes can be kept: a row is written, not only read. `/readyz` and `leadline doctor` ask."""

from __future__ import annotations

import asyncio
import time

import psycopg

from leadline.store.database import Database
from leadline.store.queries import queries

HOLDS = 2.0  # seconds an answer holds: anybody may ask as often as they like


class Readiness:
    """Asks the database at most every HOLDS seconds, however many want to know."""

    def __init__(self, database: Database, workspace_id: str) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._asking = asyncio.Lock()
        self._found: tuple[float, dict[str, str]] = (-HOLDS, {})

    async def troubles(self) -> dict[str, str]:
        """What keeps webhooks from being kept, by part; empty texts where all is well."""
        async with self._asking:
            if time.monotonic() - self._found[0] > HOLDS:
                trouble = await self._trouble()
                self._found = (time.monotonic(), {"database": trouble})
        return self._found[1]

    async def _trouble(self) -> str:
        try:
            async with self._database.connection() as connection:
                await queries.beat(connection, workspace_id=self._workspace_id)
        except psycopg.OperationalError as error:
            return f"cannot be asked, or has no room: {type(error).__name__}"
        except psycopg.Error as error:
            return f"takes nothing: {type(error).__name__}"
        return ""
