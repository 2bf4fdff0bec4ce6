"""What is done is kept for a set time, then purged in small batches. The worker and `leadline retention` run it.

What waits or is parked is never purged, however old it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from leadline.connections.workspaces import Workspaces
from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries

BATCH = 500  # rows: some milliseconds, so that nobody waits for a purge
BREATH = 0.05  # seconds between batches
EVERY = 3600.0  # seconds between purges
log = structlog.get_logger(__name__)


class Kind(Struct, frozen=True):
    """One kind of record: the term it falls under, and what it holds, for people."""

    name: str
    term: str
    meaning: str


KINDS = (
    Kind("raw", "raw", "webhooks as they came, byte for byte"),
    Kind("messages", "messages", "messages, reports and notices that are done, with their decisions"),
    Kind("steps", "messages", "what was written to Intercom for them"),
    Kind("outbound", "messages", "messages that were sent, with their states"),
    Kind("api_sends", "messages", "names of requests by which other systems sent messages"),
    Kind("webhook_events", "raw", "events that other systems were told, and can be told again"),
    Kind("fetched", "raw", "files of messages that were dropped"),
    Kind("avatars", "files", "pictures of customers"),
    Kind("file_links", "files", "addresses of teammates' files"),
    Kind("audit", "audit", "who did what; see `leadline audit list`"),
    Kind("links", "history", "links that were superseded"),
    Kind("consents", "history", "wishes that were superseded"),
    Kind("corrections", "history", "corrections; an older one can no longer be undone"),
    Kind("imports", "history", "what imports found and linked; an older one can no longer be taken back"),
)
TERMS = {"raw": 30, "messages": 400, "files": 400, "history": 400, "audit": 400}


class Kept(Struct, frozen=True, kw_only=True):
    """How much there is of a kind, and for how many days it may be kept."""

    kind: str
    days: int
    rows: int
    oldest: datetime | None
    meaning: str


class Retention:
    """The purge of one installation."""

    def __init__(self, database: Database, days: Mapping[str, int]) -> None:
        """days: how long each term lasts; those of TERMS where one is not given."""
        self._database = database
        self._days = {**TERMS, **days}

    async def run(self, workspaces: Workspaces) -> None:
        """Purge now and every hour, until cancelled; one process at a time. The worker runs this."""
        while True:
            for workspace_id in workspaces.ids:
                async with self._database.alone(f"retention of {workspace_id}"):
                    purged = await self.purge(workspace_id)
                if any(purged.values()):
                    log.info("purged", **{kind: count for kind, count in purged.items() if count})
            await asyncio.sleep(EVERY)

    async def purge(self, workspace_id: str, *, now: float | None = None, breath: float = BREATH) -> dict[str, int]:
        """Everything that is older than it may be kept; returns how many rows of each kind.

        now: unix seconds; by the database's clock, which dated what is kept, where it is not given.
        """
        if now is None:
            async with self._database.connection() as connection:
                now = float((await queries.database_time(connection))["now"])
        return {kind.name: await self._purge(kind, workspace_id, now, breath) for kind in KINDS}

    async def _purge(self, kind: Kind, workspace_id: str, now: float, breath: float) -> int:
        before = datetime.fromtimestamp(now, UTC) - timedelta(days=self._days[kind.term])
        purge, total = getattr(queries, f"purge_{kind.name}"), 0
        while True:
            async with self._database.connection() as connection:
                await queries.allow_purge(connection)
                count = int(await purge(connection, workspace_id=workspace_id, before=before, batch=BATCH))
            total += count
            if count < BATCH:
                return total
            await asyncio.sleep(breath)

    async def kept(self, workspace_id: str) -> list[Kept]:
        """What there is of each kind."""
        async with self._database.connection() as connection:
            rows: dict[str, Any] = {
                row["kind"]: row async for row in queries.kept(connection, workspace_id=workspace_id)
            }
        return [
            Kept(
                kind=kind.name,
                days=self._days[kind.term],
                rows=rows[kind.name]["rows"],
                oldest=rows[kind.name]["oldest"],
                meaning=kind.meaning,
            )
            for kind in KINDS
        ]
